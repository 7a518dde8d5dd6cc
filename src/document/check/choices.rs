//! Choices: what is compared with a choice has to be one of them.

use serde_json::Value;

use super::{shape, uses};
use crate::document::action::{Action, Answering};
use crate::document::draft::Draft;
use crate::document::expr::{Relation, Tree, Use};
use crate::document::value::Input;
use crate::document::{Cause, ParamKind};
use crate::text::Diagnostic;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for step in &draft.playbook.steps {
        uses::trees(step, &mut |tree| {
            tree.visit(&mut |part| comparison(draft, part, found));
        });
    }
    for escalation in &draft.playbook.escalations {
        if let Cause::Answered { step, value } = &escalation.when
            && let Some(known) = answers(draft, step)
            && !known.contains(value)
        {
            let message = format!("`{step}` is never answered with `{value}`");
            found.push(not_a_choice(
                Diagnostic::error("unknown-choice", escalation.span, message),
                value,
                &known,
            ));
        }
    }
}

fn comparison(draft: &Draft, part: &Tree, found: &mut Vec<Diagnostic>) {
    let Tree::Compare { relation, left, right } = part else { return };
    match (relation, &**left, &**right) {
        (Relation::Equal | Relation::Unequal, Tree::Name(used), Tree::Literal(Value::String(text)))
        | (Relation::Equal | Relation::Unequal, Tree::Literal(Value::String(text)), Tree::Name(used)) => {
            one(draft, used, text, found);
        }
        (Relation::In | Relation::NotIn, Tree::Name(used), Tree::List(items)) => {
            for item in items {
                if let Tree::Literal(Value::String(text)) = item {
                    one(draft, used, text, found);
                }
            }
        }
        (Relation::In | Relation::NotIn, Tree::Name(used), Tree::Literal(Value::Array(items))) => {
            items.iter().filter_map(Value::as_str).for_each(|text| one(draft, used, text, found));
        }
        // One of several answers.
        (Relation::In | Relation::NotIn, Tree::Literal(Value::String(text)), Tree::Name(used)) => {
            one(draft, used, text, found);
        }
        _ => {}
    }
}

fn one(draft: &Draft, used: &Use, text: &str, found: &mut Vec<Diagnostic>) {
    let Some(known) = of(draft, used) else { return };
    if !known.iter().any(|choice| choice == text) {
        let message = format!("`{}` is never `{text}`", used.path);
        found.push(not_a_choice(Diagnostic::error("unknown-choice", used.span, message), text, &known));
    }
}

fn not_a_choice(fault: Diagnostic, text: &str, known: &[String]) -> Diagnostic {
    fault.suggest(text, known).help(format!("it is one of {}", known.join(", ")))
}

/// The texts that a name can stand for, where they are known.
pub(super) fn of(draft: &Draft, used: &Use) -> Option<Vec<String>> {
    let playbook = &draft.playbook;
    let parts: Vec<&str> = used.path.split('.').collect();
    match parts.as_slice() {
        ["params", name] => match &playbook.param(name)?.kind {
            ParamKind::Choice(choices) => Some(choices.clone()),
            _ => None,
        },
        ["run", "severity"] => {
            let severity = playbook.severity.as_ref()?;
            Some(severity.levels.iter().map(|(level, _)| level.clone()).collect())
        }
        ["steps", id, "answer"] => answers(draft, id),
        _ => None,
    }
}

/// The answers to a question whose choices are written out.
fn answers(draft: &Draft, id: &str) -> Option<Vec<String>> {
    let (_, step) = shape::sound_step(draft, id)?;
    let Action::Ask(ask) = &step.action else { return None };
    let (Answering::Choice(Input::List(items, _)) | Answering::Several(Input::List(items, _))) =
        &ask.answering
    else {
        return None;
    };
    let literal = |item: &Input| match item {
        Input::Literal(Value::String(text), _) => Some(text.clone()),
        _ => None,
    };
    items.iter().map(literal).collect()
}
