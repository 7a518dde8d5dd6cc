//! The decisions of a run's reviews, as their entries say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::journal::Entry;
use crate::run::{Decided, Event, Question, Sheet, ground};

/// One decision an item, in the order of their ids: maps with `id`, `decision`, `reason`, `by`,
/// `at` and what it rested on, as the input `last` of another review takes them.
pub(super) fn decisions(entries: &[Entry]) -> Vec<Value> {
    let mut reviews = Reviews::default();
    for entry in entries {
        match &entry.event {
            Event::Asked { question: Question::Review(sheet), .. } => reviews.put(sheet),
            Event::Decided(decided) => reviews.decide(entry.at, decided),
            _ => {}
        }
    }
    reviews.made.into_values().collect()
}

#[derive(Default)]
struct Reviews {
    /// What the answer on each item rested on.
    grounds: BTreeMap<String, Map<String, Value>>,
    made: BTreeMap<String, Value>,
}

impl Reviews {
    fn put(&mut self, sheet: &Sheet) {
        for item in &sheet.items {
            if let Some(id) = item.get("id").and_then(Value::as_str) {
                self.grounds.insert(id.to_owned(), ground(item));
            }
        }
    }

    fn decide(&mut self, at: DateTime<Utc>, decided: &Decided) {
        for id in &decided.items {
            let Some(decision) = &decided.decision else {
                self.made.remove(id);
                continue;
            };
            let mut made = json!({
                "id": id,
                "decision": decision,
                "reason": decided.reason.as_deref().unwrap_or_default(),
                "by": decided.by.name,
                "at": at.to_rfc3339(),
                "statements": null,
            });
            if let (Some(made), Some(ground)) = (made.as_object_mut(), self.grounds.get(id)) {
                made.extend(ground.clone());
            }
            self.made.insert(id.clone(), made);
        }
    }
}
