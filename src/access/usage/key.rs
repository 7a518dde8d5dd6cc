//! `GetKeyLastUsage` (AWS KMS API reference): the last successful cryptographic operation with
//! a key, whoever made it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{instant, shown};

/// The last use of the key by anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyUse {
    pub at: Option<DateTime<Utc>>,
    pub operation: String,
    pub tracked_since: Option<DateTime<Utc>>,
    created: Option<DateTime<Utc>>,
}

impl KeyUse {
    /// Reads the answer. What is not there, or has another form than AWS says, is not known.
    #[must_use]
    pub fn read(answer: &Value) -> Self {
        let last = answer.get("KeyLastUsage");
        let time = |of: Option<&Value>, name: &str| of?.get(name).and_then(instant);
        let operation = last.and_then(|last| last.get("Operation")).and_then(Value::as_str);
        Self {
            at: time(last, "Timestamp"),
            operation: operation.unwrap_or_default().to_owned(),
            tracked_since: time(Some(answer), "TrackingStartDate"),
            created: time(Some(answer), "KeyCreationDate"),
        }
    }

    /// Nobody used the key after that. An empty answer says only that nothing was recorded
    /// since tracking began.
    #[must_use]
    pub fn no_later_than(&self) -> Option<DateTime<Utc>> {
        self.at.or(self.tracked_since)
    }

    /// "If `KeyLastUsage` is empty and `KeyCreationDate` is on or after `TrackingStartDate`, the
    /// key has not been used since it was created."
    fn never_since(&self) -> Option<DateTime<Utc>> {
        self.created.filter(|created| self.tracked_since.is_some_and(|since| *created >= since))
    }

    #[must_use]
    pub fn words(&self) -> String {
        let since = self.tracked_since.map_or_else(|| "an unknown date".to_owned(), shown);
        match (self.at, self.never_since()) {
            (Some(at), _) => {
                format!(
                    "{} at {}, and nobody used it after that (GetKeyLastUsage, tracked since {since})",
                    self.operation,
                    shown(at)
                )
            }
            (None, Some(created)) => {
                format!("never since it was created at {} (GetKeyLastUsage)", shown(created))
            }
            (None, None) => {
                format!(
                    "none recorded since {since}, when tracking began, which is not never (GetKeyLastUsage)"
                )
            }
        }
    }
}
