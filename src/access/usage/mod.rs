//! When somebody last used a key, by every source that tells something of it. Each says what
//! it saw, when, how near that is to the question, and since when it looks: that nothing is
//! recorded is not that nothing happened.
//!
//! | module | source | page of AWS |
//! |---|---|---|
//! | [`trail`] | Decrypt events of CloudTrail: the exact action on the exact key | "CloudTrail userIdentity element"; "Logging AWS KMS API calls with AWS CloudTrail" |
//! | [`accessed`] | service last accessed: any use of KMS, refused attempts too | "Refine permissions in AWS using last accessed information"; `GetServiceLastAccessedDetails` |
//! | [`credentials`] | the credential report: passwords and access keys | "Generate credential reports for your AWS account" |
//! | [`role`] | `RoleLastUsed`: any service, any Region | `RoleLastUsed` |
//! | [`key`] | `GetKeyLastUsage`: nobody used the key after that | `GetKeyLastUsage` |

pub mod accessed;
pub mod credentials;
mod csv;
mod join;
pub mod key;
pub mod region;
pub mod role;
pub mod trail;
mod uses;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::text::is_cryptographic;

pub use join::{Subject, Usage, Via};
pub use uses::Uses;

/// Who tells of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    CloudTrail,
    ServiceLastAccessed,
    CredentialReport,
    RoleLastUsed,
}

impl Source {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CloudTrail => "CloudTrail",
            Self::ServiceLastAccessed => "service last accessed",
            Self::CredentialReport => "credential report",
            Self::RoleLastUsed => "RoleLastUsed",
        }
    }
}

/// How near what was seen is to the question, the nearest last. Whatever uses the key is
/// seen by the wider ones too, so that each of them bounds the last use from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Anything at all, in any service.
    Anything,
    /// The service, whatever key and action.
    Service,
    /// The action, whatever key.
    Action,
    /// The action on the very key.
    Exact,
}

impl Confidence {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Anything => "anything at all, in any service",
            Self::Service => "the service, whatever key and action",
            Self::Action => "the action, whatever key",
            Self::Exact => "the exact action on the exact key",
        }
    }
}

/// What one source says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    pub source: Source,
    pub confidence: Confidence,
    /// When; nothing where nothing is recorded, or where the source says nothing.
    pub at: Option<DateTime<Utc>>,
    /// Service, Region or operation, as far as the source says.
    pub what: String,
    /// Since when the source looks, where that is known.
    pub tracked_since: Option<DateTime<Utc>>,
    /// Whether a later use could not have escaped it.
    pub sees_all: Sight,
    /// The whole of it in a sentence.
    pub words: String,
}

/// Whether a source would have seen every use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Whole,
    Partial,
}

impl LastUse {
    /// After this the source saw no use of the key, and would have seen one.
    #[must_use]
    pub fn no_later_than(&self) -> Option<DateTime<Utc>> {
        match self.sees_all {
            Sight::Whole => self.at.or(self.tracked_since),
            Sight::Partial => None,
        }
    }
}

/// An instant as outputs and words hold it: RFC 3339 in UTC, to the second.
#[must_use]
pub fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An instant as AWS returns it: RFC 3339, or seconds since 1970 where the API's own JSON is
/// kept. Nothing for whatever else stands there, such as `N/A`.
#[must_use]
pub fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => parsed(text),
        Value::Number(seconds) => {
            let seconds = seconds.as_f64().filter(|seconds| seconds.abs() < 1e11)?;
            #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
            DateTime::from_timestamp(seconds.floor() as i64, 0)
        }
        _ => None,
    }
}

pub(super) fn parsed(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// The name of an action without its service: `Decrypt` of `kms:Decrypt`.
pub(super) fn operation(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, name)| name)
}

/// Whether an action uses a key, and does not manage it. IAM keeps last accessed information
/// of actions for service management only ("Refine permissions in AWS using last accessed
/// information", "Action last accessed information").
#[must_use]
pub fn is_use(action: &str) -> bool {
    is_cryptographic(operation(action))
}

#[cfg(test)]
mod tests;
