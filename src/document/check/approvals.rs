//! Nothing is destroyed without somebody's yes, and no key without that of two.

use crate::document::action::Class;
use crate::document::draft::Draft;
use crate::text::Diagnostic;

const DELETION: &str = "kms.schedule_key_deletion";

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (step, marks) in draft.playbook.steps.iter().zip(&draft.steps) {
        let sound = !draft.broken.steps.contains(&step.id);
        // A faulty `approve` was told already.
        let approved = step.approve.is_some() || marks.approve.is_some();
        if sound && step.action.class() == Class::Destroy && !approved {
            let message = format!("`{}` destroys, and nobody has to approve it", step.id);
            let fault =
                Diagnostic::error("no-approval", marks.action, message).label("cannot be put right again");
            found.push(
                fault.help("add `approve: { by: ROLE }`, with `count: 2` where two people shall agree"),
            );
        }
        let by_two = step.approve.as_ref().is_none_or(|approve| approve.count >= 2);
        if sound && step.action.name() == DELETION && !by_two {
            let message = format!("`{}` deletes a key without a second approver", step.id);
            let fault = Diagnostic::error("hazard-one-approver", marks.action, message)
                .label("what is still encrypted under the key is lost for good");
            found.push(fault.help("let two people agree: `approve: { by: ROLE, count: 2 }`"));
        }
    }
}
