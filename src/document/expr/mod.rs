//! Expressions and templates: minijinja, strict. Parsed when the document is checked,
//! evaluated when the run gets there.

mod bounds;
mod bridge;
mod evaluate;
mod lower;
mod path;
mod scope;
mod statements;
mod tree;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

pub use evaluate::{evaluate, render};
pub use lower::Flaw;
pub use scope::Scope;
pub use tree::{ELEMENT, Relation, Tree, Use};
pub use vocabulary::{FILTERS, FUNCTIONS, TESTS};

use super::value::{Expr, Text};
use crate::text::Span;

/// Gives the document's span for a range of a text's bytes.
pub type Place<'p> = &'p dyn Fn(Range<usize>) -> Span;

/// What a value with templates in it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Templated {
    /// `{{ expression }}` and nothing else: keeps the type of what it gives.
    Expr(Expr),
    /// Plain text, or text with templates in it.
    Text(Text),
}

/// Reads an expression; `place` tells where its parts stand.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(text: &str, place: Place<'_>) -> Result<Expr, Vec<Flaw>> {
    let (tree, uses) = lower::expression(text, place)?;
    Ok(Expr {
        text: text.into(),
        span: place(0..text.len()),
        names: names(&uses),
        uses: uses.into(),
        tree: Arc::new(tree),
    })
}

/// Reads a value that may hold templates; `place` tells where its parts stand.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_value(text: &str, place: Place<'_>) -> Result<Templated, Vec<Flaw>> {
    match lower::template(text, evaluate::syntax(), place)? {
        lower::Parsed::Whole(range) => read_inner(text, range, place).map(Templated::Expr),
        lower::Parsed::Plain => Ok(Templated::Text(plain(text, place(0..text.len())))),
        lower::Parsed::Mixed(uses) => Ok(Templated::Text(templated(text, place, uses.into()))),
    }
}

/// Reads a text that may hold templates, and stays a text whatever they give.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_text(text: &str, place: Place<'_>) -> Result<Text, Vec<Flaw>> {
    read_value(text, place).map(|value| match value {
        Templated::Text(text) => text,
        Templated::Expr(expr) => templated(text, place, expr.uses),
    })
}

/// A text without templates.
#[must_use]
pub fn plain(text: &str, span: Span) -> Text {
    Text { text: text.into(), span, names: Arc::default(), uses: Arc::default(), templated: false }
}

impl Expr {
    /// Reads an expression that stands in no document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Flaw>> {
        read(text, &|range| Span::new(range.start, range.end))
    }
}

impl Text {
    /// Reads a text that stands in no document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Flaw>> {
        read_text(text, &|range| Span::new(range.start, range.end))
    }
}

fn read_inner(text: &str, inner: Range<usize>, place: Place<'_>) -> Result<Expr, Vec<Flaw>> {
    let shifted = |range: Range<usize>| place(inner.start + range.start..inner.start + range.end);
    read(text.get(inner.clone()).unwrap_or_default(), &shifted).map_err(|flaws| {
        let shift =
            |flaw: Flaw| Flaw { range: inner.start + flaw.range.start..inner.start + flaw.range.end, ..flaw };
        flaws.into_iter().map(shift).collect()
    })
}

fn templated(text: &str, place: Place<'_>, uses: Arc<[Use]>) -> Text {
    Text { text: text.into(), span: place(0..text.len()), names: names(&uses), uses, templated: true }
}

/// Each name once, in the order in which they are looked up.
fn names(uses: &[Use]) -> Arc<[String]> {
    let mut names: Vec<String> = Vec::with_capacity(uses.len());
    for used in uses {
        if !names.iter().any(|name| name == used.name()) {
            names.push(used.name().to_owned());
        }
    }
    names.into()
}
