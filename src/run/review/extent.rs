//! How much an item may do, as far as it says so: what widened asks for another look than what
//! narrowed.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Fields of an item that its answer rests on. They are kept with the decision, so that
/// another review sees what has changed since.
const GROUND: &[&str] = &["statements", "verdict", "conditions", "grants_itself"];

/// What a decision on an item rests on: those fields of it that are there.
#[must_use]
pub fn ground(item: &Value) -> Map<String, Value> {
    let there = |name: &&str| item.get(name).map(|value| ((*name).to_owned(), value.clone()));
    GROUND.iter().filter_map(there).collect()
}

/// Whether one rests on what the other rests on, in whatever order it is listed. What an
/// earlier review did not keep says nothing.
pub(super) fn is_same_ground(earlier: &Value, now: &Value) -> bool {
    let same = |name: &&str| match (earlier.get(name), now.get(name)) {
        (None, _) => true,
        (Some(Value::Array(then)), Some(Value::Array(now))) => unordered(then) == unordered(now),
        (then, now) => then == now,
    };
    earlier.get("statements").is_some() == now.get("statements").is_some() && GROUND.iter().all(same)
}

/// Compared, the one that may do more is the greater.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extent<'a> {
    conditions: BTreeSet<&'a str>,
    grants_itself: BTreeSet<&'a str>,
}

impl<'a> Extent<'a> {
    /// Nothing where the item does not say what it may, or is not sure.
    pub(super) fn of(item: &'a Value) -> Option<Self> {
        match item.get("verdict")?.as_str()? {
            "Allowed" | "AllowedIf" => Some(Self {
                conditions: texts(item.get("conditions")),
                grants_itself: texts(item.get("grants_itself")),
            }),
            _ => None,
        }
    }
}

/// Each condition less is more, and so is each way more to give more to itself.
impl PartialOrd for Extent<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let looser = inclusion(&other.conditions, &self.conditions)?;
        let stronger = inclusion(&self.grants_itself, &other.grants_itself)?;
        match (looser, stronger) {
            (Ordering::Equal, order) | (order, Ordering::Equal) => Some(order),
            (one, another) => (one == another).then_some(one),
        }
    }
}

fn inclusion(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> Option<Ordering> {
    match (one.is_subset(other), other.is_subset(one)) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (false, false) => None,
    }
}

fn unordered(list: &[Value]) -> BTreeSet<String> {
    list.iter().map(Value::to_string).collect()
}

fn texts(list: Option<&Value>) -> BTreeSet<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
