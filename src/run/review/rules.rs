//! What a decision has to hold to, so that a review is more than a row of yeses.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Sheet, id_of};

/// The most items that are let be as they are at once.
pub const MOST_AT_ONCE: usize = 10;

/// Access that was not used for so long needs a reason to stay.
const UNUSED: TimeDelta = TimeDelta::days(90);

/// Why a decision is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// There is no such item.
    NoSuchItem(String),
    /// There is no such decision.
    NoSuchDecision(String),
    /// The item is the reviewer.
    Oneself(String),
    /// It stays, and its risk or its disuse asks why.
    NeedsReason(String),
    /// It stays, and has to be looked at by itself.
    OnItsOwn(String),
    /// More than may be let be at once.
    TooMany(usize),
}

impl std::fmt::Display for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchItem(id) => write!(f, "there is no item {id} in this review"),
            Self::NoSuchDecision(decision) => write!(f, "`{decision}` is no decision of this review"),
            Self::Oneself(id) => write!(f, "{id} is the reviewer: nobody decides on themselves"),
            Self::NeedsReason(id) => {
                write!(f, "{id} is of high risk or was not used for 90 days: letting it be needs a reason")
            }
            Self::OnItsOwn(id) => {
                write!(f, "{id} is of high risk or was not used for 90 days: it is decided on by itself")
            }
            Self::TooMany(many) => {
                write!(f, "{many} at once are too many: at most {MOST_AT_ONCE} are let be together")
            }
        }
    }
}

impl Sheet {
    /// Whether items may be decided so, together.
    ///
    /// # Errors
    /// Says what stands against it.
    pub fn permits(
        &self,
        ids: &[&str],
        decision: &str,
        reason: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), Objection> {
        if !self.decisions.iter().any(|known| known == decision) {
            return Err(Objection::NoSuchDecision(decision.to_owned()));
        }
        let stays = self.decisions.first().is_some_and(|first| first == decision);
        for id in ids {
            let item = self.item(id).ok_or_else(|| Objection::NoSuchItem((*id).to_owned()))?;
            if self.is_oneself(item) {
                return Err(Objection::Oneself((*id).to_owned()));
            }
            if stays && asks_why(item, at) {
                if ids.len() > 1 {
                    return Err(Objection::OnItsOwn((*id).to_owned()));
                }
                if reason.is_none_or(|reason| reason.trim().is_empty()) {
                    return Err(Objection::NeedsReason((*id).to_owned()));
                }
            }
        }
        if stays && ids.len() > MOST_AT_ONCE { Err(Objection::TooMany(ids.len())) } else { Ok(()) }
    }

    /// A session's ARN names the role behind it.
    #[must_use]
    pub fn is_oneself(&self, item: &Value) -> bool {
        let (Some(id), Some(reviewer)) = (id_of(item), self.reviewer.as_deref()) else { return false };
        id == reviewer || session_role(reviewer).is_some_and(|role| is_role(id, role))
    }
}

/// Account and name of the role of `arn:aws:sts::123:assumed-role/name/session`.
fn session_role(arn: &str) -> Option<(&str, &str)> {
    let (before, rest) = arn.split_once(":assumed-role/")?;
    Some((before.rsplit(':').next()?, rest.split('/').next()?))
}

fn is_role(id: &str, (account, name): (&str, &str)) -> bool {
    id.split_once(":role/").is_some_and(|(before, path)| {
        before.rsplit(':').next() == Some(account) && path.rsplit('/').next() == Some(name)
    })
}

/// High risk, or no use for longer than [`UNUSED`]. An item may say in `no_use_after` after
/// when no use can have been, where that is known; otherwise `last_used` is the time of the last
/// use. What is empty is not known, and nobody is taken for unused who is not known to be.
#[must_use]
pub fn asks_why(item: &Value, at: DateTime<Utc>) -> bool {
    let text = |field: &str| item.get(field).and_then(Value::as_str);
    let last = text("no_use_after").or_else(|| text("last_used"));
    let last = last.and_then(|last| DateTime::parse_from_rfc3339(last).ok());
    text("risk") == Some("high") || last.is_some_and(|last| at - last.to_utc() > UNUSED)
}
