//! The person in the made-up world, who looks at it before answering.

use playbook::engine::Said;
use playbook::run::{Actor, Answer, AnswerKind, Choice, Place, Question, Request, Run, Sheet, Via};
use serde_json::{Value, json};

use super::world::{Seen, takes_back, words};

impl Seen {
    pub(super) fn reply(&self, place: &Place, question: &Question) -> Answer {
        let asked = self.world.asked.get() + 1;
        self.world.asked.set(asked);
        let (choice, value) = match question {
            Question::Typed { answer, .. } => (Choice::Yes, typed(answer)),
            Question::AfterFailure { .. } if place.step.starts_with("given_up") => {
                (Choice::Skip, Value::Null)
            }
            Question::AfterFailure { .. } => (Choice::Again, Value::Null),
            Question::CannotUndo { .. } => (Choice::Skip, Value::Null),
            Question::InDoubt { request, .. } => (self.looked(place, request), Value::Null),
            _ => (Choice::Yes, Value::Null),
        };
        let name = if asked.is_multiple_of(2) { "Kim" } else { "Sam" };
        let by = Actor { name: name.to_owned(), via: Via::Terminal };
        Answer { choice, value, reason: Some("because".to_owned()), attachments: Vec::new(), by }
    }

    /// The person looks at the world before answering: whether what was put there stands, or
    /// whether what was to be taken back is gone.
    fn looked(&self, place: &Place, request: &Request) -> Choice {
        let (verb, what) = words(request);
        match (takes_back(&verb), self.world.stands(&what)) {
            (true, false) => Choice::Done,
            (true, true) | (false, false) => Choice::Again,
            (false, true) if place.step.starts_with("regretted") => Choice::Undo,
            (false, true) => Choice::Done,
        }
    }
}

/// The first item that is not decided on.
pub(super) fn decision(place: &Place, sheet: &Sheet, run: &Run) -> Option<Said> {
    let made: Vec<_> = run.decisions(place).map(|(id, _)| id.to_owned()).collect();
    let ids = sheet.items.iter().filter_map(|item| item["id"].as_str());
    let open = ids.into_iter().find(|id| !made.iter().any(|made| made == id))?;
    let decision = if open == "b" { "revoke" } else { "keep" };
    let by = Actor { name: "Kim".to_owned(), via: Via::Terminal };
    let (decision, reason) = (Some(decision.to_owned()), Some("because".to_owned()));
    Some(Said::Decided { items: vec![open.to_owned()], decision, reason, by })
}

fn typed(answer: &AnswerKind) -> Value {
    match answer {
        AnswerKind::Choice(choices) => json!(choices.first()),
        AnswerKind::Several(choices) => json!(choices),
        AnswerKind::YesNo => json!(true),
        AnswerKind::Number => json!(3),
        AnswerKind::Time => json!("2026-11-22T03:10:00Z"),
        AnswerKind::Text => json!("leak"),
    }
}
