//! Steps that are named by the actions which write the record of a review: that they are
//! there, come before, and are approved by somebody where that is what they are named for. It
//! would be found out at the end of a long review otherwise.

use super::names;
use crate::document::action::Action;
use crate::document::draft::Draft;
use crate::document::value::Input;
use crate::text::{Diagnostic, Span};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (at, step) in draft.playbook.steps.iter().enumerate() {
        let Action::Operation(operation) = &step.action else { continue };
        for (field, input) in &operation.inputs {
            let Some((named, span)) = written(input) else { continue };
            match (operation.spec.name, field.name) {
                ("access.sign_off", "step") => {
                    found.extend(misnamed(draft, at, named, span).or_else(|| unapproved(draft, named, span)));
                }
                ("access.record", "edits_step") => found.extend(misnamed(draft, at, named, span)),
                _ => {}
            }
        }
    }
}

/// What comes from an expression is known in a run only.
fn written(input: &Input) -> Option<(&str, Span)> {
    match input {
        Input::Literal(value, span) => value.as_str().map(|named| (named, *span)),
        Input::Text(text) if !text.templated => Some((&*text.text, text.span)),
        _ => None,
    }
}

fn misnamed(draft: &Draft, at: usize, named: &str, span: Span) -> Option<Diagnostic> {
    match draft.playbook.step(named) {
        Some((place, _)) if place < at => None,
        Some(_) => {
            let message = format!("`{named}` does not run before this step");
            Some(Diagnostic::error("not-yet-known", span, message).help("name a step that comes earlier"))
        }
        None => names::unknown_step(draft, named, span),
    }
}

fn unapproved(draft: &Draft, named: &str, span: Span) -> Option<Diagnostic> {
    let (_, step) = draft.playbook.step(named)?;
    let sound = !draft.broken.steps.contains(&step.id);
    (sound && step.approve.is_none()).then(|| {
        let message = format!("nobody approves `{named}`, so that nobody would sign off");
        Diagnostic::error("no-approval", span, message)
            .help(format!("give `{named}` an `approve: {{ by: ROLE }}`, or name a step that has one"))
    })
}
