//! The order of things: where a failure goes on, what is never reached, phases in time.

use super::conditions::{Blind, truth, variables, worlds};
use super::names;
use crate::document::action::Action;
use crate::document::draft::Draft;
use crate::document::value::Expr;
use crate::document::{OnFailure, Step};
use crate::text::{Diagnostic, Severity, duration};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    gotos(draft, found);
    windows(draft, found);
    for step in &draft.playbook.steps {
        if let Some(when) = step.when.as_ref().filter(|when| never(draft, when) && !faulty(when, found)) {
            let message = format!("`{}` is never reached: its `when` is false whatever is chosen", step.id);
            let fault = Diagnostic::error("unreachable", when.span, message);
            found.push(fault.help("correct the condition, or take the step out"));
        }
    }
    for index in passed_over(draft) {
        let (Some(step), Some(by)) = (draft.playbook.steps.get(index.0), draft.playbook.steps.get(index.1))
        else {
            continue;
        };
        let message =
            format!("`{}` is never reached: `{}` always fails and goes on behind it", step.id, by.id);
        found.push(Diagnostic::error("unreachable", step.span, message).also(by.span, "always fails"));
    }
}

/// Whether a condition is false in every world.
pub(super) fn never(draft: &Draft, when: &Expr) -> bool {
    let variables = variables(draft, [&*when.tree]);
    worlds(&variables).iter().all(|world| truth(&when.tree, world, &Blind) == Some(false))
}

/// Whether something was found in the condition that explains why it never holds.
fn faulty(when: &Expr, found: &[Diagnostic]) -> bool {
    let within = |found: &Diagnostic| (when.span.start..when.span.end).contains(&found.span.start);
    found.iter().any(|found| found.severity == Severity::Error && within(found))
}

fn gotos(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (index, (step, marks)) in draft.playbook.steps.iter().zip(&draft.steps).enumerate() {
        let (OnFailure::Goto(target), Some(span)) = (&step.on_failure, marks.goto) else { continue };
        match draft.playbook.step(target) {
            None => found.extend(names::unknown_step(draft, target, span)),
            Some((to, earlier)) if to <= index => {
                let message = format!("`goto {target}` leads back: a run only goes forward");
                let fault =
                    Diagnostic::error("goto-backwards", span, message).also(earlier.span, "stands before");
                found.push(fault.help("to try again, use `retry`; to clean up, go on at a later step"));
            }
            Some(_) => {}
        }
    }
}

/// Steps that an assertion which never holds jumps over, each with that assertion.
fn passed_over(draft: &Draft) -> Vec<(usize, usize)> {
    let steps = &draft.playbook.steps;
    let target = |step: &Step| match &step.on_failure {
        OnFailure::Goto(to) => draft.playbook.step(to).map(|(to, _)| to),
        OnFailure::Stop | OnFailure::Continue => None,
    };
    let fails = |step: &Step| matches!(&step.action, Action::Assert(assert) if step.when.is_none() && never(draft, &assert.that));
    let mut passed = Vec::new();
    for (from, step) in steps.iter().enumerate().filter(|(_, step)| fails(step)) {
        let Some(to) = target(step) else { continue };
        // Another way in leads over it.
        let entries =
            steps.iter().take(from).filter_map(target).filter(|entry| (from + 1..to).contains(entry)).min();
        passed.extend((from + 1..entries.unwrap_or(to)).map(|over| (over, from)));
    }
    passed
}

/// Phases follow one another in time as they do in the document.
fn windows(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let phases = draft.playbook.phases.iter().zip(&draft.windows);
    let timed = phases.filter_map(|(phase, span)| Some((phase, phase.window?, (*span)?)));
    let timed: Vec<_> = timed.collect();
    for pair in timed.windows(2) {
        let [(before, (start, end), first), (after, (next_start, next_end), span)] = pair else { continue };
        if next_start < start || next_end < end {
            let message = format!(
                "the window of `{}` lies before that of `{}`, which comes first",
                after.id, before.id
            );
            let fault = Diagnostic::error("window-order", *span, message)
                .also(*first, format!("`{}` begins and ends here", before.id));
            found.push(
                fault.help("phases run in the order of the document: swap them, or correct the windows"),
            );
        } else if next_start < end {
            let message = format!(
                "the window of `{}` begins {} before that of `{}` ends",
                after.id,
                duration::show(end.saturating_sub(*next_start)),
                before.id
            );
            let fault = Diagnostic::warning("window-overlap", *span, message)
                .also(*first, format!("`{}`", before.id));
            found.push(fault.help("phases run one after another: let this one begin where that one ends"));
        }
    }
}
