//! What stands where a value is expected: literals, templates, expressions.

use std::sync::Arc;

use serde_json::Value;

use super::expr::{Tree, Use};
use crate::text::Span;

/// An expression, not yet evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// The text between the braces, or the whole text of `when`, `holds`, `that`, `for_each`.
    pub text: Arc<str>,
    pub span: Span,
    /// Dotted names that the expression looks up: `params.key`, `steps.pin.arn`.
    pub names: Arc<[String]>,
    /// Each place where a name is looked up.
    pub uses: Arc<[Use]>,
    pub tree: Arc<Tree>,
}

/// A text that may hold templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub text: Arc<str>,
    pub span: Span,
    /// Empty for plain text.
    pub names: Arc<[String]>,
    /// Each place where a name is looked up.
    pub uses: Arc<[Use]>,
    pub templated: bool,
}

/// The value of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A literal scalar.
    Literal(Value, Span),
    /// `"{{ expression }}"` and nothing else: keeps the type of what it evaluates to.
    Expr(Expr),
    /// Text with templates in it: always a text.
    Text(Text),
    List(Vec<Input>, Span),
    Record(Vec<(String, Input)>, Span),
}

impl Input {
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Literal(_, span) | Self::List(_, span) | Self::Record(_, span) => *span,
            Self::Expr(expr) => expr.span,
            Self::Text(text) => text.span,
        }
    }

    /// Calls `look` with every name that the input looks up, and where.
    pub fn names<'a>(&'a self, look: &mut dyn FnMut(&'a str, Span)) {
        self.uses(&mut |used| look(used.name(), used.span));
    }

    /// Calls `look` with every place where the input looks up a name.
    pub fn uses<'a>(&'a self, look: &mut dyn FnMut(&'a Use)) {
        match self {
            Self::Literal(..) => {}
            Self::Expr(expr) => expr.uses.iter().for_each(look),
            Self::Text(text) => text.uses.iter().for_each(look),
            Self::List(items, _) => items.iter().for_each(|item| item.uses(look)),
            Self::Record(fields, _) => fields.iter().for_each(|(_, value)| value.uses(look)),
        }
    }
}
