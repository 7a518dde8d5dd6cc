//! Which key an input means: two inputs that name the same key have the same identity.

use crate::document::Step;
use crate::document::action::{Action, Operation};
use crate::document::draft::Draft;
use crate::document::expr::{Tree, Use};
use crate::document::value::Input;

/// How far a pin is followed to what it pins. Steps only look back, so that this ends
/// anyway; a long chain of pins is no procedure.
const MAX_PINS: usize = 64;

/// The key that an input of a step means, in one spelling.
pub(super) fn of_key(draft: &Draft, step: &Step, input: &Input) -> String {
    of_input(draft, step, input, 0)
}

fn of_input(draft: &Draft, step: &Step, input: &Input, depth: usize) -> String {
    match input {
        Input::Literal(value, _) => format!("literal {value}"),
        Input::Expr(expr) => match &*expr.tree {
            Tree::Name(used) => of_name(draft, step, used, depth),
            tree => tree.canonical(),
        },
        Input::Text(text) => format!("text {}", text.text),
        Input::List(..) | Input::Record(..) => format!("value of {}", step.id),
    }
}

fn of_name(draft: &Draft, step: &Step, used: &Use, depth: usize) -> String {
    let parts: Vec<&str> = used.path.split('.').collect();
    match parts.as_slice() {
        ["item", rest @ ..] => match &step.for_each {
            Some(each) => format!("each of {} {}", each.list.tree.canonical(), rest.join(".")),
            None => used.path.clone(),
        },
        ["steps", id, output] => {
            let earlier = draft.playbook.step(id).map(|(_, earlier)| earlier);
            let pinned = earlier
                .filter(|_| depth < MAX_PINS)
                .and_then(|earlier| pinned(draft, earlier, output, depth));
            pinned.unwrap_or_else(|| used.path.clone())
        }
        _ => used.path.clone(),
    }
}

/// What a step's output says about which key it worked on.
fn pinned(draft: &Draft, earlier: &Step, output: &str, depth: usize) -> Option<String> {
    let Action::Operation(Operation { spec, inputs, .. }) = &earlier.action else { return None };
    if earlier.for_each.is_some() || !matches!(output, "arn" | "id") {
        return None;
    }
    match spec.name {
        "kms.create_key" => Some(format!("made by {}", earlier.id)),
        name if name.starts_with("kms.") => {
            let (_, key) = inputs.iter().find(|(field, _)| field.name == "key")?;
            Some(of_input(draft, earlier, key, depth + 1))
        }
        _ => None,
    }
}
