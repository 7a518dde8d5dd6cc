//! `escalations`: who is told when something goes wrong. And `traces`, a list like it.

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar, templates};
use crate::document::expr;
use crate::document::language::{ESCALATION, TRACE};
use crate::document::playbook::{Cause, Escalation, Trace};
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Span};

/// The escalations, and where each one's roles stand.
pub(super) fn escalations(
    document: &Record<'_>,
    findings: &mut Findings<'_>,
) -> (Vec<Escalation>, Vec<Vec<Span>>) {
    let Some(node) = document.get("escalations", findings) else { return Default::default() };
    let items = scalar::list(node, "`escalations`", findings).unwrap_or_default();
    items.iter().filter_map(|item| escalation(item, findings)).unzip()
}

fn escalation(node: &Node, findings: &mut Findings<'_>) -> Option<(Escalation, Vec<Span>)> {
    let record = Record::open(node, &ESCALATION, node.span, findings)?;
    let message =
        record.get("message", findings).and_then(|node| templates::template(node, "`message`", findings));
    let to = record.get("to", findings).map(scalar::one_or_more).unwrap_or_default();
    let told = to.iter().filter_map(|node| Some((names::snake(node, "a role", findings)?, node.span)));
    let (to, told) = told.unzip();
    let when = record.get("when", findings)?;
    let cause = cause(when, findings)?;
    let message = message.unwrap_or_else(|| expr::plain("", node.span));
    let met_late =
        record.get("met_late", findings).and_then(|node| templates::template(node, "`met_late`", findings));
    Some((Escalation { span: when.span, when: cause, to, message, met_late }, told))
}

/// `missed(objective)`, `failed(step)`, `answered(step, value)`.
fn cause(node: &Node, findings: &mut Findings<'_>) -> Option<Cause> {
    let text = scalar::text(node, "`when`", findings)?;
    let cause = text.trim().strip_suffix(')').and_then(|text| text.split_once('(')).and_then(
        |(word, inside)| match (word.trim(), inside.split_once(',')) {
            ("missed", None) => Some(Cause::Missed(inside.trim().to_owned())),
            ("failed", None) => Some(Cause::Failed(inside.trim().to_owned())),
            ("answered", Some((step, value))) => Some(Cause::Answered {
                step: step.trim().to_owned(),
                value: unquoted(value.trim()).to_owned(),
            }),
            _ => None,
        },
    );
    if cause.is_none() {
        let message = format!("`{text}` sets off no escalation");
        let fault = Diagnostic::error("cause", node.span, message);
        let fault = fault.help("write missed(objective), failed(step) or answered(step, value)");
        findings.push(scalar::cut_at_comma(&text, fault));
    }
    cause
}

fn unquoted(text: &str) -> &str {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

pub(super) fn traces(document: &Record<'_>, findings: &mut Findings<'_>) -> Vec<Trace> {
    let Some(node) = document.get("traces", findings) else { return Vec::new() };
    let items = scalar::list(node, "`traces`", findings).unwrap_or_default();
    items.iter().filter_map(|item| trace(item, findings)).collect()
}

fn trace(node: &Node, findings: &mut Findings<'_>) -> Option<Trace> {
    let record = Record::open(node, &TRACE, node.span, findings)?;
    let mut text = |key: &str| {
        record.get(key, findings).and_then(|node| scalar::shown(node, &format!("`{key}`"), findings))
    };
    let (source, relationship, description) = (text("source"), text("relationship"), text("description"));
    Some(Trace { source: source?, relationship: relationship?, description: description? })
}
