//! A step: its action and everything about how it is done.

use super::findings::Findings;
use super::record::Record;
use super::{action, gate, names, scalar, templates, watch};
use crate::document::action::Action;
use crate::document::draft::StepMarks;
use crate::document::expr;
use crate::document::language::STEP;
use crate::document::playbook::{ForEach, Step};
use crate::document::yaml::Node;
use crate::text::Diagnostic;

/// Decodes a step. The flag says whether its action is the one that was written; where it
/// could not be read, an empty manual action stands in, so that the step's id is known.
pub(super) fn step(node: &Node, findings: &mut Findings<'_>) -> Option<(Step, StepMarks, bool)> {
    let id_node = node.get("id").filter(|id| !id.is_null());
    let anchor = id_node.map_or(node.span, |id| id.span);
    let record = Record::open(node, &STEP, anchor, findings)?;
    let id = record
        .get("id", findings)
        .and_then(|node| names::snake(node, "the id of a step", findings))
        .unwrap_or_default();
    let mut marks = StepMarks { action: anchor, ..StepMarks::default() };
    let shown = |key: &str, findings: &mut Findings<'_>| {
        record.get(key, findings).and_then(|node| scalar::shown(node, &format!("`{key}`"), findings))
    };
    let duration = |key: &str, findings: &mut Findings<'_>| {
        record.get(key, findings).and_then(|node| scalar::duration(node, &format!("`{key}`"), findings))
    };
    let action = record.get("do", findings).and_then(|node| action::action(node, "`do`", findings));
    if let Some(read) = &action {
        marks.action = read.name;
        marks.argv = read.argv;
    }
    let sound = action.is_some();
    let verify = record.get("verify", findings).and_then(|node| watch::verify(node, findings));
    marks.verify = record.entry("verify").map(|(key, _)| verify.as_ref().map_or(key.span, |(_, name)| *name));
    let undo = record.get("undo", findings).and_then(|node| action::action(node, "`undo`", findings));
    marks.undo = record.entry("undo").map(|(key, _)| undo.as_ref().map_or(key.span, |undo| undo.name));
    let owner = record.get("owner", findings);
    marks.owner = owner.map(|node| node.span);
    let step = Step {
        title: shown("title", findings).unwrap_or_else(|| names::in_words(&id)),
        id: id.into(),
        span: anchor,
        why: shown("why", findings),
        action: action.map_or_else(|| stand_in(anchor), |read| read.action),
        when: record.get("when", findings).and_then(|node| templates::expression(node, "`when`", findings)),
        approve: gate::approve(&record, &mut marks, findings),
        retry: gate::retry(&record, findings),
        timeout: duration("timeout", findings),
        on_failure: gate::on_failure(&record, &mut marks, findings),
        for_each: for_each(&record, findings),
        verify: verify.map(|(verify, _)| verify),
        undo: undo.map(|undo| undo.action),
        owner: owner.and_then(|node| names::snake(node, "a role", findings)),
        expected: duration("expected", findings),
    };
    Some((step, marks, sound))
}

fn stand_in(span: crate::text::Span) -> Action {
    Action::Manual(crate::document::action::Manual {
        instructions: expr::plain("", span),
        attach: Vec::new(),
    })
}

fn for_each(record: &Record<'_>, findings: &mut Findings<'_>) -> Option<ForEach> {
    let list = record.get("for_each", findings);
    if !record.has("for_each") {
        for key in ["at_once", "tolerate"] {
            if let Some((key, _)) = record.entry(key) {
                let message = format!("`{}` says how `for_each` goes on, and there is none", key.text);
                findings.push(
                    Diagnostic::error("for-each", key.span, message)
                        .help("add `for_each: LIST`, or leave this out"),
                );
            }
        }
    }
    let at_once =
        record.get("at_once", findings).and_then(|node| scalar::count(node, "`at_once`", 1, 1000, findings));
    let tolerate =
        record.get("tolerate", findings).and_then(|node| scalar::percent(node, "`tolerate`", findings));
    let list = templates::expression(list?, "`for_each`", findings)?;
    Some(ForEach { list, at_once: at_once.unwrap_or(1), tolerate: tolerate.unwrap_or(0) })
}
