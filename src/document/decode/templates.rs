//! Expressions and templates in scalars.

use super::findings::Findings;
use super::scalar;
use crate::document::expr::{self, Templated};
use crate::document::value::{Expr, Text};
use crate::document::yaml::Node;
use crate::text::Diagnostic;

/// A bare expression: `when`, `holds`, `that`, `for_each`.
pub(super) fn expression(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<Expr> {
    let Some(text) = node.text().filter(|_| !node.is_null()) else {
        findings.wrong_type(node, what, "an expression");
        return None;
    };
    if let Some(inner) = text.trim().strip_prefix("{{").and_then(|text| text.strip_suffix("}}")) {
        let message = format!("{what} is an expression: it stands without braces");
        findings
            .push(Diagnostic::error("braces", node.span, message).label(format!("write `{}`", inner.trim())));
        return None;
    }
    let document = findings.text;
    let read = expr::read(text, &|range| node.locate(document, range));
    read.map_err(|flaws| findings.flaws(node, flaws)).ok()
}

/// A text that may hold templates.
pub(super) fn template(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<Text> {
    let text = scalar::text(node, what, findings)?;
    let document = findings.text;
    let read = expr::read_text(&text, &|range| node.locate(document, range));
    read.map_err(|flaws| findings.flaws(node, flaws)).ok()
}

/// A value that may be an expression in braces, or a text with templates.
pub(super) fn value(node: &Node, text: &str, findings: &mut Findings<'_>) -> Option<Templated> {
    let document = findings.text;
    let read = expr::read_value(text, &|range| node.locate(document, range));
    read.map_err(|flaws| findings.flaws(node, flaws)).ok()
}
