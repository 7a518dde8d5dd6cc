//! What stands before and after an attempt: approval, retry, and where to go on.

use std::time::Duration;

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar};
use crate::document::draft::StepMarks;
use crate::document::language::{APPROVE, GOTO, RETRY};
use crate::document::playbook::{Approve, OnFailure, Retry};
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Span};

pub(super) fn approve(
    step: &Record<'_>,
    marks: &mut StepMarks,
    findings: &mut Findings<'_>,
) -> Option<Approve> {
    let node = step.get("approve", findings)?;
    marks.approve = Some(node.span);
    // The short form: `approve: commander`.
    if node.text().is_some() {
        let by = names::snake(node, "a role", findings)?;
        return Some(Approve { by, count: 1, expires: None, from_answers: false });
    }
    let record = Record::open(node, &APPROVE, node.span, findings)?;
    let count =
        record.get("count", findings).and_then(|node| scalar::count(node, "`count`", 1, 20, findings));
    let expires =
        record.get("expires", findings).and_then(|node| scalar::duration(node, "`expires`", findings));
    let from_answers = record
        .get("from_answers", findings)
        .and_then(|node| scalar::boolean(node, "`from_answers`", findings));
    let by = record.get("by", findings)?;
    marks.approve = Some(by.span);
    let by = names::snake(by, "a role", findings)?;
    Some(Approve { by, count: count.unwrap_or(1), expires, from_answers: from_answers.unwrap_or(false) })
}

pub(super) fn retry(step: &Record<'_>, findings: &mut Findings<'_>) -> Retry {
    let node = step.get("retry", findings);
    let Some(record) = node.and_then(|node| Record::open(node, &RETRY, node.span, findings)) else {
        return Retry::default();
    };
    let attempts =
        record.get("attempts", findings).and_then(|node| scalar::count(node, "`attempts`", 1, 100, findings));
    let backoff =
        record.get("backoff", findings).and_then(|node| scalar::duration(node, "`backoff`", findings));
    Retry { attempts: attempts.unwrap_or(1), backoff: backoff.unwrap_or(Duration::from_secs(1)) }
}

/// `stop`, `continue`, `goto STEP`, or `{ goto: STEP }`.
pub(super) fn on_failure(step: &Record<'_>, marks: &mut StepMarks, findings: &mut Findings<'_>) -> OnFailure {
    let Some(node) = step.get("on_failure", findings) else { return OnFailure::Stop };
    let target = match node.text() {
        Some("stop") => return OnFailure::Stop,
        Some("continue") => return OnFailure::Continue,
        Some(text) => {
            if let Some(step) = text.strip_prefix("goto ") {
                let start = text.len() - step.trim_start().len();
                Some((step.trim().to_owned(), node.locate(findings.text, start..text.trim_end().len())))
            } else {
                neither(node, text, findings);
                None
            }
        }
        None => mapped(node, findings),
    };
    let Some((target, span)) = target else { return OnFailure::Stop };
    marks.goto = Some(span);
    OnFailure::Goto(target)
}

fn mapped(node: &Node, findings: &mut Findings<'_>) -> Option<(String, Span)> {
    let record = Record::open(node, &GOTO, node.span, findings)?;
    let target = record.get("goto", findings)?;
    Some((names::snake(target, "the id of a step", findings)?, target.span))
}

fn neither(node: &Node, text: &str, findings: &mut Findings<'_>) {
    let fault = Diagnostic::error("choice", node.span, format!("`on_failure` cannot be `{text}`"));
    let fault = fault.suggest(text, ["stop", "continue"]);
    findings.push(fault.help("write stop, continue or `goto STEP`, where STEP comes later"));
}
