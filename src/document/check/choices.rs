//! Choices: what is compared with a choice has to be one of them.

use serde_json::Value;

use super::{objectives, shape, uses};
use crate::document::action::{Action, Answering};
use crate::document::draft::Draft;
use crate::document::expr::{Relation, Tree, Use};
use crate::document::value::{Expr, Input};
use crate::document::{Cause, ParamKind};
use crate::text::{Diagnostic, Span};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for step in &draft.playbook.steps {
        uses::exprs(step, &mut |expr| {
            expr.tree.visit(&mut |part| {
                comparison(part, &mut |used, text| found.extend(one(draft, expr, used, text)));
            });
        });
    }
    for escalation in &draft.playbook.escalations {
        if let Cause::Answered { step, value } = &escalation.when
            && let Some(known) = answers(draft, step)
            && !known.contains(value)
        {
            let message = format!("`{step}` is never answered with `{value}`");
            let place = objectives::within(draft, escalation.span, value);
            found.push(not_a_choice(Diagnostic::error("unknown-choice", place, message), value, &known));
        }
    }
}

/// Calls `look` with each name and each text that it is compared with.
fn comparison<'t>(part: &'t Tree, look: &mut dyn FnMut(&'t Use, &'t str)) {
    let Tree::Compare { relation, left, right } = part else { return };
    match (relation, &**left, &**right) {
        (Relation::Equal | Relation::Unequal, Tree::Name(used), Tree::Literal(Value::String(text)))
        // With `in`, one of several answers.
        | (
            Relation::Equal | Relation::Unequal | Relation::In | Relation::NotIn,
            Tree::Literal(Value::String(text)),
            Tree::Name(used),
        ) => look(used, text),
        (Relation::In | Relation::NotIn, Tree::Name(used), Tree::List(items)) => {
            let texts = items.iter().filter_map(|item| item.as_literal()?.as_str());
            texts.for_each(|text| look(used, text));
        }
        (Relation::In | Relation::NotIn, Tree::Name(used), Tree::Literal(Value::Array(items))) => {
            items.iter().filter_map(Value::as_str).for_each(|text| look(used, text));
        }
        _ => {}
    }
}

fn one(draft: &Draft, expr: &Expr, used: &Use, text: &str) -> Option<Diagnostic> {
    let known = of(draft, used).filter(|known| !known.iter().any(|choice| choice == text))?;
    let message = format!("`{}` is never `{text}`", used.path);
    let place = literal(draft, expr, text).unwrap_or(used.span);
    Some(not_a_choice(Diagnostic::error("unknown-choice", place, message), text, &known))
}

/// Where a text stands in an expression, if it stands there once.
fn literal(draft: &Draft, expr: &Expr, text: &str) -> Option<Span> {
    let written = draft.playbook.source.slice(expr.span);
    let mut places = ['\'', '"'].into_iter().flat_map(|quote| {
        let quoted = format!("{quote}{text}{quote}");
        written.match_indices(&quoted).map(|(at, _)| at + 1).collect::<Vec<_>>()
    });
    let at = expr.span.start + places.next()?;
    places.next().is_none().then(|| Span::new(at, at + text.len()))
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
