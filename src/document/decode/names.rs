//! Names that authors give: kebab-case for documents, snake_case for what expressions name.

use super::findings::Findings;
use super::scalar;
use crate::document::yaml::{Key, Node};
use crate::text::{Diagnostic, Span};

/// A name that expressions may use.
pub(super) fn snake(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    let text = scalar::text(node, what, findings)?;
    check_snake(&text, node.span, what, findings).then_some(text)
}

/// The key of a map of named things.
pub(super) fn snake_key(key: &Key, what: &str, findings: &mut Findings<'_>) -> bool {
    check_snake(&key.text, key.span, what, findings)
}

fn check_snake(text: &str, span: Span, what: &str, findings: &mut Findings<'_>) -> bool {
    let fits = is_word(text, '_');
    if !fits {
        let message = format!(
            "{what} has to be in snake_case: lower-case letters, digits and `_`, beginning with a letter"
        );
        let fault = Diagnostic::error("name", span, message);
        findings.push(match respelled(text, '_') {
            Some(better) => fault.label(format!("write `{better}`")),
            None => fault,
        });
    }
    fits
}

/// The name of a document.
pub(super) fn kebab(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    let text = scalar::text(node, what, findings)?;
    if is_word(&text, '-') {
        return Some(text);
    }
    let message = format!(
        "{what} has to be in kebab-case: lower-case letters, digits and `-`, beginning with a letter"
    );
    let fault = Diagnostic::error("name", node.span, message);
    findings.push(match respelled(&text, '-') {
        Some(better) => fault.label(format!("write `{better}`")),
        None => fault,
    });
    None
}

fn is_word(text: &str, joint: char) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

fn respelled(text: &str, joint: char) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let respelled: String =
        lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { joint }).collect();
    is_word(&respelled, joint).then_some(respelled)
}

/// A name as words: `disable_key` is `Disable key`.
pub(super) fn in_words(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
