//! Who used the key, as far as the collected events tell.

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
