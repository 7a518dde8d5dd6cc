//! What changes the world shows that it did, or can be taken back.

use crate::document::action::{Action, Reversal};
use crate::document::draft::Draft;
use crate::text::Diagnostic;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (step, marks) in draft.playbook.steps.iter().zip(&draft.steps) {
        let writes = step.action.class().changes_the_world()
            // Its outputs say who was told: there is nothing else to read back.
            && !matches!(step.action, Action::Notify(_))
            && !draft.broken.steps.contains(&step.id);
        // A faulty one of either was told already.
        let covered =
            step.verify.is_some() || step.undo.is_some() || marks.verify.is_some() || marks.undo.is_some();
        if writes && !covered {
            let message =
                format!("`{}` changes the world, and neither proves it nor can be taken back", step.id);
            let warning = Diagnostic::warning("unverified-write", marks.action, message);
            found.push(match step.action.spec().reversal {
                Reversal::By(name) => warning.help(format!("add `verify`, or `undo` with {name}")),
                Reversal::Never(why) => {
                    warning.help(format!("add `verify`; it has no undo of its own: {why}"))
                }
                Reversal::Nothing => warning.help("add `verify: { do: ..., holds: ... }`, or `undo`"),
            });
        }
        // A write of a read makes no sense the other way round either.
        if let (Some(undo), Some(span)) = (&step.undo, marks.undo)
            && !step.action.class().changes_the_world()
            && undo.class().changes_the_world()
            && !draft.broken.steps.contains(&step.id)
        {
            let message = format!("`{}` changes nothing that could be taken back", step.id);
            found.push(Diagnostic::warning("undo-of-nothing", span, message).help("leave `undo` out"));
        }
    }
}
