//! A review: a table whose items are decided one by one, each decision an entry.

mod decisions;
mod extent;
mod order;
mod rules;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use decisions::Decisions;
pub use extent::ground;
pub use order::Since;
pub use rules::{MOST_AT_ONCE, Objection, asks_why};

use super::context::Told;
use super::effect::{Effect, Question};
use super::event::{Foresight, Place};
use super::fault::{Fault, FaultKind};
use super::next::{Next, failed};
use super::scope::Local;
use super::state::Run;
use crate::document::action::Review;
use crate::run::Event;

/// What is put to a reviewer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub question: String,
    /// Maps, each with an `id` of its own.
    pub items: Vec<Value>,
    /// The one that changes nothing first.
    pub decisions: Vec<String>,
    /// Decisions of an earlier review: maps with `id`, `decision`, `reason`, and what they
    /// rested on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last: Vec<Value>,
    /// The id of whoever decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
}

impl Sheet {
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Value> {
        self.items.iter().find(|item| id_of(item) == Some(id))
    }

    /// The earlier decision on an item; a proposal, as long as its answer rests on the same
    /// statements.
    #[must_use]
    pub fn earlier(&self, id: &str) -> Option<Earlier<'_>> {
        let earlier = self.last.iter().find(|earlier| id_of(earlier) == Some(id))?;
        Some(Earlier {
            decision: earlier.get("decision")?.as_str()?,
            reason: earlier.get("reason").and_then(Value::as_str).unwrap_or_default(),
            still_stands: self.since(id) == Since::Unchanged,
        })
    }

    /// The earlier decision, while nothing that it rested on has changed.
    #[must_use]
    pub fn proposal(&self, id: &str) -> Option<Earlier<'_>> {
        self.earlier(id).filter(|earlier| earlier.still_stands)
    }
}

/// What was decided the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier<'a> {
    pub decision: &'a str,
    pub reason: &'a str,
    /// Nothing that the answer rests on has changed since.
    pub still_stands: bool,
}

/// One decision, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub decision: String,
    pub reason: String,
    pub by: String,
    pub at: DateTime<Utc>,
    pub seconds: u64,
    /// How many were decided together with it, itself counted.
    pub together: usize,
}

pub(super) fn id_of(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

impl Run {
    /// The decisions on the items of a review so far, by the items' ids.
    pub fn decisions(&self, place: &Place) -> impl Iterator<Item = (&str, &Decision)> {
        self.work(place).and_then(|work| work.decisions.as_ref()).into_iter().flat_map(Decisions::made)
    }

    pub(super) fn reviewing(
        &self,
        review: &Review,
        place: Place,
        local: Local<'_>,
        now: DateTime<Utc>,
    ) -> Next {
        match self.sheet(review, local, now) {
            Told::Known(sheet) => {
                Next::Perform(Effect::Ask { place, question: Question::Review(Box::new(sheet)) })
            }
            Told::Unknown(_) => {
                let question = self.sketched_words(&review.question, local, now);
                let sheet = Sheet { question, decisions: review.decisions.clone(), ..Sheet::default() };
                let would = Foresight::Ask(Question::Review(Box::new(sheet)));
                Next::Record(Event::Foreseen { place, would })
            }
            Told::Wrong(fault) => Next::Record(failed(place, fault)),
        }
    }

    fn sheet(&self, review: &Review, local: Local<'_>, now: DateTime<Utc>) -> Told<Sheet> {
        let question = self.render(&review.question, local, now);
        let items = self.resolve(&review.items, local, now).then(|items| named(items, &review.named_by));
        let last = match &review.last {
            Some(last) => self.resolve(last, local, now).then(|last| listed("last", "id", last)),
            None => Told::Known(Vec::new()),
        };
        let reviewer = match &review.reviewer {
            Some(reviewer) => self.resolve(reviewer, local, now).map(|id| id.as_str().map(str::to_owned)),
            None => Told::Known(None),
        };
        question.and(items).and(last.and(reviewer)).map(|((question, items), (last, reviewer))| Sheet {
            question,
            items,
            decisions: review.decisions.clone(),
            last,
            reviewer,
        })
    }
}

/// Items whose names stand in another field than `id` are given one.
fn named(mut items: Value, by: &str) -> Told<Vec<Value>> {
    for item in items.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if by != "id" {
            let name = item.get(by).cloned().unwrap_or_default();
            item.insert("id".to_owned(), name);
        }
    }
    listed("items", by, items)
}

/// A list of maps, no two with the same `id`.
fn listed(what: &str, by: &str, value: Value) -> Told<Vec<Value>> {
    let wrong = |why: String| Told::Wrong(Fault::new(FaultKind::Undefined, format!("`{what}` {why}")));
    let Value::Array(items) = value else { return wrong("is no list".to_owned()) };
    let mut seen = std::collections::BTreeSet::new();
    for item in &items {
        match id_of(item) {
            None => return wrong(format!("has an item whose `{by}` is no text: {item}")),
            Some(id) if !seen.insert(id) => return wrong(format!("has two items with the {by} {id}")),
            Some(_) => {}
        }
    }
    Told::Known(items)
}

#[cfg(test)]
mod tests;
