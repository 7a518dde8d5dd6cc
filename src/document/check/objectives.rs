//! Objectives and escalations: that they speak of steps that can meet them, or set them off.

use std::time::Duration;

use super::{names, order};
use crate::document::action::Action;
use crate::document::draft::Draft;
use crate::document::{Cause, Escalation, MetBy, Objective};
use crate::text::{Diagnostic, Span, duration};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (objective, span) in draft.playbook.objectives.iter().zip(&draft.met_by) {
        let (MetBy::Any(steps) | MetBy::All(steps)) = &objective.met_by;
        let before = found.len();
        for step in steps {
            let place = within(draft, *span, step);
            found.extend(names::unknown_step(draft, step, place));
        }
        if found.len() == before && !steps.is_empty() {
            found.extend(unmeetable(draft, objective, *span).or_else(|| late(draft, objective, *span)));
        }
    }
    for escalation in &draft.playbook.escalations {
        found.extend(cause(draft, &escalation.when, escalation.span));
        found.extend(never_met_late(escalation));
    }
}

/// Only what was missed can be met late.
fn never_met_late(escalation: &Escalation) -> Option<Diagnostic> {
    let said = escalation.met_late.as_ref()?;
    let cause = &escalation.when;
    (!matches!(cause, Cause::Missed(_))).then(|| {
        let message = format!("`{cause}` is no objective, and is never met late");
        let fault = Diagnostic::error("met-late", said.span, message);
        fault.help("leave `met_late` out, or let the escalation be set off by missed(objective)")
    })
}

/// Where a step's id stands in a `met_by` or a cause.
pub(super) fn within(draft: &Draft, span: Span, word: &str) -> Span {
    let text = draft.playbook.source.slice(span);
    let bytes = text.as_bytes();
    let is_part = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let whole = |at: &usize| !is_part(at.checked_sub(1)) && !is_part(Some(at + word.len()));
    let found = text.match_indices(word).map(|(at, _)| at).find(whole);
    found.map_or(span, |at| Span::new(span.start + at, span.start + at + word.len()))
}

/// No step that could meet it is ever reached.
fn unmeetable(draft: &Draft, objective: &Objective, span: Span) -> Option<Diagnostic> {
    let never = |id: &String| {
        let when = draft.playbook.step(id).and_then(|(_, step)| step.when.as_ref());
        when.is_some_and(|when| order::never(draft, when))
    };
    let unmeetable = match &objective.met_by {
        MetBy::Any(steps) => steps.iter().all(never),
        MetBy::All(steps) => steps.iter().any(never),
    };
    unmeetable.then(|| {
        let message = format!(
            "nothing can meet the objective `{}`: the steps it names are never reached",
            objective.id
        );
        Diagnostic::error("unmeetable", span, message)
    })
}

/// The phase of the step that would meet it begins after its deadline.
fn late(draft: &Draft, objective: &Objective, span: Span) -> Option<Diagnostic> {
    let begins = |id: &String| {
        let (index, _) = draft.playbook.step(id)?;
        let (_, phase) = draft.playbook.phase_of(index)?;
        Some((phase.window?.0, phase.id.as_str()))
    };
    let (begin, phase): (Duration, &str) = match &objective.met_by {
        MetBy::Any(steps) => steps.iter().map(begins).collect::<Option<Vec<_>>>()?.into_iter().min()?,
        MetBy::All(steps) => steps.iter().filter_map(begins).max()?,
    };
    (begin >= objective.within).then(|| {
        let message = format!(
            "the objective `{}` is due after {}, and `{phase}`, whose steps meet it, begins after {}",
            objective.id,
            duration::show(objective.within),
            duration::show(begin),
        );
        Diagnostic::warning("objective-late", span, message)
            .help("let an earlier phase meet it, or give it more time")
    })
}

fn cause(draft: &Draft, cause: &Cause, span: Span) -> Option<Diagnostic> {
    let playbook = &draft.playbook;
    match cause {
        Cause::Missed(id) => {
            if draft.broken.all_objectives || playbook.objectives.iter().any(|objective| objective.id == *id)
            {
                return None;
            }
            let fault = Diagnostic::error(
                "unknown-objective",
                within(draft, span, id),
                format!("there is no objective `{id}`"),
            );
            Some(fault.suggest(id, playbook.objectives.iter().map(|objective| &objective.id)))
        }
        Cause::Failed(id) => names::unknown_step(draft, id, within(draft, span, id)),
        Cause::Answered { step: id, .. } => {
            let place = within(draft, span, id);
            if draft.broken.steps.contains(id.as_str()) {
                return None;
            }
            match playbook.step(id) {
                None => names::unknown_step(draft, id, place),
                Some((_, step)) if matches!(step.action, Action::Ask(_)) => None,
                Some((_, step)) => {
                    let message = format!("`{id}` asks nothing, so that nothing is ever answered");
                    Some(Diagnostic::error("not-a-question", place, message).also(step.span, "no `ask`"))
                }
            }
        }
    }
}
