//! What a reviewer sees first: what is new and what changed, the riskiest of it before the
//! rest.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::Value;

use super::extent::{Extent, is_same_ground};
use super::{Sheet, id_of};

/// How an item stands to the last review, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    New,
    /// It may more than it might, as far as it says.
    Widened,
    /// What its answer rests on is no longer the same.
    Changed,
    /// It may less than it might.
    Narrowed,
    Unchanged,
}

impl Since {
    pub const ALL: [Self; 5] = [Self::New, Self::Widened, Self::Changed, Self::Narrowed, Self::Unchanged];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Widened => "widened",
            Self::Changed => "changed",
            Self::Narrowed => "narrowed",
            Self::Unchanged => "unchanged",
        }
    }

    fn between(last: Option<&Value>, item: &Value) -> Self {
        let Some(last) = last else { return Self::New };
        if is_same_ground(last, item) {
            return Self::Unchanged;
        }
        match Extent::of(item).zip(Extent::of(last)).and_then(|(now, then)| now.partial_cmp(&then)) {
            Some(Ordering::Greater) => Self::Widened,
            Some(Ordering::Less) => Self::Narrowed,
            _ => Self::Changed,
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
        let since = |item: &Value| Since::between(id_of(item).and_then(|id| last.get(id)).copied(), item);
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_cached_key(|item| (since(item), risk(item)));
        items
    }

    #[must_use]
    pub fn since(&self, id: &str) -> Since {
        let last = self.last.iter().find(|last| id_of(last) == Some(id));
        self.item(id).map_or(Since::New, |item| Since::between(last, item))
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
