//! Who used the key, as far as the collected events tell.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::model::Report;
use crate::cloudtrail::users::User;
use crate::run::Place;

/// What one collection of events told of the users of the key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyUse {
    pub seq: u64,
    pub place: Place,
    /// The window that was looked at, RFC 3339.
    pub from: String,
    pub to: String,
    pub events: u64,
    /// The artifact that holds the events.
    pub artifact: Option<String>,
    /// Most calls first.
    pub users: Vec<User>,
}

impl KeyUse {
    /// What a step told, where it tells of users at all.
    pub(super) fn of(seq: u64, place: &Place, outputs: &Value) -> Option<Self> {
        let users = outputs.get("users")?.as_array().filter(|users| tells_of_users(users))?;
        let text = |name: &str| outputs.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            seq,
            place: place.clone(),
            from: text("from")?,
            to: text("to")?,
            events: outputs.get("count").and_then(Value::as_u64)?,
            artifact: text("events"),
            users: users.iter().filter_map(|user| serde_json::from_value(user.clone()).ok()).collect(),
        })
    }

    /// Whether the other looked at all of this window, and found no less.
    fn lies_within(&self, other: &Self) -> bool {
        other.from <= self.from && other.to >= self.to && other.events >= self.events
    }
}

fn tells_of_users(users: &[Value]) -> bool {
    users.iter().all(|user| user.get("who").is_some() && user.get("calls").is_some())
}

impl Report {
    /// The collections that no later one repeats: an event that was found twice would be
    /// counted twice.
    pub(super) fn widest_key_use(&self) -> impl Iterator<Item = &KeyUse> {
        let repeated = |(at, one): (usize, &KeyUse)| {
            let later = self.key_use.get(at + 1..).unwrap_or_default();
            let earlier = self.key_use.get(..at).unwrap_or_default();
            later.iter().any(|other| one.lies_within(other))
                || earlier.iter().any(|other| one.lies_within(other) && !other.lies_within(one))
        };
        self.key_use.iter().enumerate().filter(move |all| !repeated(*all)).map(|(_, one)| one)
    }
}

/// The window of a collection and what was found in it.
pub(super) fn collection(of: &KeyUse) -> String {
    let lies = of.artifact.as_ref().map(|path| format!(", in {path}")).unwrap_or_default();
    let events = super::counted(of.events, "event names the key", "events name the key");
    format!("{events} from {} to {} (step {}{lies}).", of.from, of.to, of.place)
}

/// So many users are told of; all of them stand in the report as JSON.
pub(super) const USERS: usize = 100;

/// `and 7 more callers, in report.json`, where the list was cut.
pub(super) fn further_users(of: &KeyUse) -> Option<String> {
    let more = of.users.len().checked_sub(USERS).filter(|more| *more > 0)?;
    Some(format!("And {}, in report.json.", super::counted(more, "more caller", "more callers")))
}

/// `Decrypt 75, ListGrants 1`: the most first.
pub(super) fn counts(counts: &BTreeMap<String, u64>) -> String {
    let mut all: Vec<_> = counts.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    abridged(all.iter().map(|(name, count)| format!("{name} {count}")))
}

/// How many calls failed, and with what.
pub(super) fn failed(user: &User) -> String {
    match user.errors {
        0 => "0".to_owned(),
        errors => format!("{errors}: {}", counts(&user.error_codes)),
    }
}

/// So many values of one user are told of.
pub(super) const LISTED: usize = 12;

/// The first twelve, and how many more there are.
pub(super) fn abridged(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let shown = all.get(..LISTED).unwrap_or(&all).join(", ");
    match all.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
