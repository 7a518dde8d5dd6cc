//! The decisions of a review, as folded from its events.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{Decision, Sheet, ground, id_of};

/// A decision that took less, on average, was hardly thought through.
const THOUGHT: u64 = 4;

/// So many decisions have to be made one by one before their pace says anything.
const ENOUGH: usize = 5;

#[derive(Clone, Debug, Default)]
pub(in crate::run) struct Decisions {
    pub(in crate::run) sheet: Sheet,
    made: BTreeMap<String, Decision>,
}

impl Decisions {
    /// A table that is put again has the same items; what was decided stands.
    pub(in crate::run) fn put(&mut self, sheet: &Sheet) {
        self.sheet = sheet.clone();
    }

    pub(in crate::run) fn decide(&mut self, id: &str, decision: Decision) {
        self.made.insert(id.to_owned(), decision);
    }

    pub(in crate::run) fn withdraw(&mut self, id: &str) {
        self.made.remove(id);
    }

    pub(in crate::run) fn made(&self) -> impl Iterator<Item = (&str, &Decision)> {
        self.made.iter().map(|(id, decision)| (id.as_str(), decision))
    }

    /// The first item that is neither decided nor the reviewer.
    pub(in crate::run) fn open(&self) -> Option<&str> {
        let open = |item: &&Value| {
            !self.sheet.is_oneself(item) && id_of(item).is_some_and(|id| !self.made.contains_key(id))
        };
        self.sheet.items.iter().find(open).and_then(id_of)
    }

    /// What the step found: one decision an item. Of the reviewer's own item nobody decided,
    /// and it says so.
    pub(in crate::run) fn outputs(&self) -> Value {
        let decisions: Vec<_> = self.sheet.items.iter().map(|item| self.decided(item)).collect();
        let seconds: u64 = self.made.values().map(|decision| decision.seconds).sum();
        json!({ "decisions": decisions, "seconds": seconds, "rushed": self.is_rushed() })
    }

    fn decided(&self, item: &Value) -> Value {
        let id = id_of(item).unwrap_or_default();
        let made = self.made.get(id);
        let mut decided = json!({
            "id": id,
            "decision": made.map_or("undecided", |made| &made.decision),
            "reason": made.map_or("the reviewer does not decide on themselves", |made| &made.reason),
            "by": made.map_or("", |made| &made.by),
            "at": made.map(|made| made.at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default(),
            "seconds": made.map_or(0, |made| made.seconds),
            "together": made.map_or(0, |made| made.together),
            "statements": null,
        });
        decided.as_object_mut().into_iter().for_each(|decided| decided.extend(ground(item)));
        decided
    }

    fn is_rushed(&self) -> bool {
        let alone: Vec<_> =
            self.made.values().filter(|made| made.together == 1).map(|made| made.seconds).collect();
        alone.len() >= ENOUGH && alone.iter().sum::<u64>() < THOUGHT * alone.len() as u64
    }
}
