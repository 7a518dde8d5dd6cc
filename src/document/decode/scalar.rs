//! Single values. A text is what was written, whatever else the characters might mean:
//! `yes`, `007` and `1.10` stay themselves where a text is expected.

use std::time::Duration;

use super::findings::Findings;
use crate::document::yaml::{Content, Node};
use crate::text::{Diagnostic, duration};

/// A text as it was written.
pub(super) fn text(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    if let Some(text) = node.text().filter(|_| !node.is_null()) {
        Some(text.to_owned())
    } else {
        findings.wrong_type(node, what, "a text");
        None
    }
}

/// A text that is shown as it is: templates in it would be shown too.
pub(super) fn shown(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    let text = text(node, what, findings)?;
    if let Some(start) = text.find("{{") {
        let end = text[start..].find("}}").map_or(text.len(), |end| start + end + 2);
        let place = node.locate(findings.text, start..end);
        let message = format!("{what} is shown as it is: this template is not filled in");
        findings.push(
            Diagnostic::warning("not-rendered", place, message)
                .help("say it in `instructions` or `message`, where templates work"),
        );
    }
    Some(text.trim_end().to_owned())
}

pub(super) fn duration(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<Duration> {
    let text = text(node, what, findings)?;
    let read = duration::parse(&text).map_err(|message| findings.invalid("duration", node.span, message));
    read.ok()
}

pub(super) fn window(node: &Node, findings: &mut Findings<'_>) -> Option<(Duration, Duration)> {
    let text = text(node, "`window`", findings)?;
    let read =
        duration::parse_window(&text).map_err(|message| findings.invalid("window", node.span, message));
    read.ok()
}

/// A whole number from `least` to `most`.
pub(super) fn integer(
    node: &Node,
    what: &str,
    least: i64,
    most: i64,
    findings: &mut Findings<'_>,
) -> Option<i64> {
    let Some(number) = node.to_value().as_i64() else {
        findings.wrong_type(node, what, &format!("a whole number from {least} to {most}"));
        return None;
    };
    if (least..=most).contains(&number) {
        return Some(number);
    }
    findings.invalid("out-of-range", node.span, format!("{what} has to be from {least} to {most}"));
    None
}

/// [`integer`], for what is counted from nought.
pub(super) fn count(
    node: &Node,
    what: &str,
    least: u32,
    most: u32,
    findings: &mut Findings<'_>,
) -> Option<u32> {
    integer(node, what, i64::from(least), i64::from(most), findings)
        .and_then(|number| u32::try_from(number).ok())
}

pub(super) fn boolean(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<bool> {
    let value = node.to_value().as_bool();
    if value.is_none() {
        findings.wrong_type(node, what, "true or false");
    }
    value
}

/// `10%`, as ten.
pub(super) fn percent(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<u8> {
    let text = node.text().unwrap_or_default();
    let number = text
        .strip_suffix('%')
        .and_then(|digits| digits.trim().parse::<u8>().ok())
        .filter(|&number| number <= 100);
    if number.is_none() {
        findings.wrong_type(node, what, "a percentage, such as 10%");
    }
    number
}

/// `{ met_by: any(a, b) }` ends at its comma: YAML takes it for the next entry.
pub(super) fn cut_at_comma(text: &str, fault: Diagnostic) -> Diagnostic {
    if text.contains('(') && !text.contains(')') {
        return fault.help("inside of { } a comma ends the value: put quotes around it");
    }
    fault
}

/// One of a few words.
pub(super) fn one_of(
    node: &Node,
    what: &str,
    words: &[&'static str],
    findings: &mut Findings<'_>,
) -> Option<&'static str> {
    let text = text(node, what, findings)?;
    let word = words.iter().find(|word| **word == text).copied();
    if word.is_none() {
        let message = format!("{what} is one of {}, not `{text}`", words.join(", "));
        findings.push(Diagnostic::error("choice", node.span, message).suggest(&text, words));
    }
    word
}

/// The items of a list.
pub(super) fn list<'n>(node: &'n Node, what: &str, findings: &mut Findings<'_>) -> Option<&'n [Node]> {
    if let Content::List(items) = &node.content {
        Some(items)
    } else {
        findings.wrong_type(node, what, "a list");
        None
    }
}

/// The items of a list, or one item that stands for a list of one.
pub(super) fn one_or_more(node: &Node) -> &[Node] {
    match &node.content {
        Content::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// A list of texts that are shown as they are.
pub(super) fn texts(node: &Node, what: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let items = list(node, what, findings).unwrap_or_default();
    let entry = format!("an entry of {what}");
    items.iter().filter_map(|item| shown(item, &entry, findings)).collect()
}
