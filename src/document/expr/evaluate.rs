//! Evaluating expressions and rendering texts, strictly: an undefined name stops, and what
//! comes out is data that nothing renders again.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};

use super::bridge;
use super::scope::{Scope, look_up, part};
use super::tree::Tree;
use super::vocabulary::NO_FILTERS;
use crate::document::value::{Expr, Input, Text};

/// How many steps one evaluation may take; a document that needs more does what a program
/// should do in a `shell` step.
const FUEL: u64 = 100_000;

/// Evaluates an expression to data.
///
/// # Errors
/// Says what is undefined, or what went wrong.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, String> {
    let wrong = |message: String| format!("`{}`: {message}", expr.text);
    if let Some(used) = expr.tree.as_name().filter(|used| !used.tested)
        && let Some(value) = look_up(scope, used.name())
    {
        return Ok(value.clone());
    }
    if let Tree::Literal(value) = &*expr.tree {
        return Ok(value.clone());
    }
    let part = part(scope, &expr.uses).map_err(wrong)?;
    let compiled = environment().compile_expression_owned(&*expr.text).map_err(|error| wrong(say(&error)))?;
    let value = compiled.eval(bridge::to_inner(&part)).map_err(|error| wrong(say(&error)))?;
    bridge::to_json(&value).map_err(wrong)
}

/// Renders a text.
///
/// # Errors
/// Says what is undefined, or what went wrong.
pub fn render(text: &Text, scope: &dyn Scope) -> Result<String, String> {
    if !text.templated {
        return Ok(text.text.to_string());
    }
    let part = part(scope, &text.uses)?;
    environment().render_str(&text.text, bridge::to_inner(&part)).map_err(|error| say(&error))
}

impl Input {
    /// The value of the input.
    ///
    /// # Errors
    /// Says what is undefined, or what went wrong.
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Value, String> {
        match self {
            Self::Literal(value, _) => Ok(value.clone()),
            Self::Expr(expr) => evaluate(expr, scope),
            Self::Text(text) => render(text, scope).map(Value::String),
            Self::List(items, _) => items.iter().map(|item| item.resolve(scope)).collect(),
            Self::Record(fields, _) => {
                let fields = fields.iter().map(|(name, value)| Ok((name.clone(), value.resolve(scope)?)));
                fields.collect::<Result<Map<_, _>, String>>().map(Value::Object)
            }
        }
    }
}

/// The one environment: no loader, no functions but those of the vocabulary.
fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_syntax(syntax());
        for filter in NO_FILTERS {
            environment.remove_filter(filter);
        }
        environment.remove_global("debug");
        environment.remove_global("namespace");
        environment
    })
}

/// A text keeps its last line break, byte for byte; a tag on a line of its own leaves none.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .unwrap_or_default()
}

fn say(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
