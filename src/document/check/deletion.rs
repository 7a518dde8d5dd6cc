//! No key is deleted before somebody looked who still wants it.

use super::identity;
use crate::document::Step;
use crate::document::action::{Action, Operation};
use crate::document::draft::Draft;
use crate::text::Diagnostic;

const DELETION: &str = "kms.schedule_key_deletion";
const LOOK: &str = "cloudtrail.late_uses";

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let sound = |step: &Step| !draft.broken.steps.contains(&step.id);
    for (at, (step, marks)) in draft.playbook.steps.iter().zip(&draft.steps).enumerate() {
        let Some(key) = key_of(draft, step, DELETION).filter(|_| sound(step)) else { continue };
        // A key that the document itself made was in nobody's hands before.
        let looked = key.starts_with("made by ")
            || draft.playbook.steps.iter().take(at).any(|earlier| {
                !sound(earlier) || key_of(draft, earlier, LOOK).is_some_and(|looked| looked == key)
            });
        if !looked {
            let message = format!("`{}` deletes a key, and nobody looked who still wants it", step.id);
            let fault = Diagnostic::error("hazard-key-wanted", marks.action, message)
                .label("whoever tried to use the disabled key loses what lies under it");
            found.push(fault.help(format!(
                "put a step `{LOOK}` for the same key before it, and an `assert` that its `count` is 0"
            )));
        }
    }
}

/// The key that a step of this kind works on.
fn key_of(draft: &Draft, step: &Step, action: &str) -> Option<String> {
    let Action::Operation(Operation { spec, inputs, .. }) = &step.action else { return None };
    let (_, input) = inputs.iter().find(|(field, _)| field.name == "key")?;
    (spec.name == action).then(|| identity::of_key(draft, step, input))
}
