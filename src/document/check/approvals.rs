//! Nothing is destroyed without somebody's yes.

use crate::document::action::Class;
use crate::document::draft::Draft;
use crate::text::Diagnostic;

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
    }
}
