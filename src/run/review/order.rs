//! What a reviewer sees first: what is new and what changed, the riskiest of it before the
//! rest.

use std::collections::HashMap;

use serde_json::Value;

use super::{Sheet, id_of};

/// How an item stands to the last review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    New,
    /// What its answer rests on is no longer the same.
    Changed,
    Unchanged,
}

impl Since {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::New => "new since the last review",
            Self::Changed => "changed since the last review",
            Self::Unchanged => "unchanged since the last review",
        }
    }
}

impl Sheet {
    /// The ids of all items, in the order in which they are looked at.
    #[must_use]
    pub fn in_order(&self) -> Vec<&str> {
        self.sorted().into_iter().filter_map(id_of).collect()
    }

    /// The same without the reviewer's own item.
    #[must_use]
    pub fn to_decide(&self) -> Vec<&str> {
        self.sorted().into_iter().filter(|item| !self.is_oneself(item)).filter_map(id_of).collect()
    }

    fn sorted(&self) -> Vec<&Value> {
        let last: HashMap<_, _> = self.last.iter().filter_map(|last| Some((id_of(last)?, last))).collect();
        let since = |item: &Value| match id_of(item).and_then(|id| last.get(id)) {
            None => Since::New,
            Some(last) if last.get("statements") == item.get("statements") => Since::Unchanged,
            Some(_) => Since::Changed,
        };
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_cached_key(|item| (since(item), risk(item)));
        items
    }

    #[must_use]
    pub fn since(&self, id: &str) -> Since {
        match self.earlier(id) {
            None => Since::New,
            Some(earlier) if earlier.still_stands => Since::Unchanged,
            Some(_) => Since::Changed,
        }
    }

    /// What the last review had and this one has not.
    pub fn gone(&self) -> impl Iterator<Item = &str> {
        self.last.iter().filter_map(id_of).filter(|id| self.item(id).is_none())
    }

    /// Everything but the reviewer's own item.
    #[must_use]
    pub fn is_to_be_decided(&self, id: &str) -> bool {
        self.item(id).is_some_and(|item| !self.is_oneself(item))
    }
}

fn risk(item: &Value) -> u8 {
    match item.get("risk").and_then(Value::as_str) {
        Some("high") => 0,
        Some("medium") => 1,
        _ => 2,
    }
}
