//! What a check of the chain found.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use super::name::ChainId;
use super::place::Place;

/// The time for which every hour must have its digest. An end that is not given is where the
/// digests at hand end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// Whether events between these times are of interest. Unknown times are.
    pub(super) fn touches(&self, oldest: Option<DateTime<Utc>>, newest: Option<DateTime<Utc>>) -> bool {
        let over = self.from.zip(newest).is_some_and(|(from, newest)| newest < from);
        let not_yet = self.until.zip(oldest).is_some_and(|(until, oldest)| oldest > until);
        !over && !not_yet
    }
}

/// Everything that is known about a trove of digests and log files.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub chains: Vec<ChainVerdict>,
    pub digests: Vec<DigestVerdict>,
    pub logs: Vec<LogVerdict>,
    pub faults: Vec<Fault>,
    /// What the reader should know, and what is no fault.
    pub notes: Vec<String>,
}

impl Verdict {
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One chain as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainVerdict {
    #[serde(flatten)]
    pub chain: ChainId,
    /// Of the digests at hand.
    #[serde(flatten)]
    pub span: Span,
    pub digests: usize,
    /// When logging or its validation was stopped: CloudTrail itself began a new chain after.
    pub stopped: Vec<Span>,
}

/// A digest that is there, or should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DigestVerdict {
    #[serde(flatten)]
    pub place: Place,
    pub state: DigestState,
    pub faults: Vec<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestState {
    Valid,
    Invalid,
    Missing,
}

/// A log file that is there, or should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogVerdict {
    #[serde(flatten)]
    pub place: Place,
    pub state: LogState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogState {
    /// The very bytes that CloudTrail delivered.
    Valid,
    Changed,
    Missing,
    Damaged,
    TrailingData,
    /// No digest lists it, and one should.
    Unlisted,
    /// As listed, by a digest that does not hold itself.
    Unproven,
    /// Before the first digest at hand, or after the last one.
    Uncovered,
    /// Listed, without an event in the window, and not there.
    NotAsked,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Span {
    /// Whole hours, a part of one counted as one.
    #[must_use]
    pub fn hours(&self) -> i64 {
        let hours = (self.until - self.from + TimeDelta::hours(1) - TimeDelta::seconds(1)).num_hours();
        hours.max(1)
    }

    #[must_use]
    pub fn told(&self) -> String {
        let hours = match self.hours() {
            1 => "1 hour".to_owned(),
            hours => format!("{hours} hours"),
        };
        format!("from {} to {} ({hours})", told(self.from), told(self.until))
    }
}

pub(super) fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub code: Code,
    /// The object that it is about, there or missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The time for which something is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    pub message: String,
}

/// What is wrong, in a word that does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// There are log files, and not one digest for them.
    NoDigests,
    DigestDamaged,
    DigestTrailingData,
    DigestMalformed,
    DigestMoved,
    DigestUnsigned,
    DigestSignature,
    DigestAlgorithm,
    DigestKeyUnknown,
    DigestKeyExpired,
    /// A digest that another one names is not there: it was deleted, or not collected.
    DigestMissing,
    /// Hours without a digest, where no other digest names one.
    HoursMissing,
    DigestPreviousHash,
    DigestPreviousSignature,
    DigestOrder,
    LogChanged,
    LogMissing,
    LogDamaged,
    LogTrailingData,
    LogUnlisted,
}

impl Code {
    /// As it is written in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoDigests => "no-digests",
            Self::DigestDamaged => "digest-damaged",
            Self::DigestTrailingData => "digest-trailing-data",
            Self::DigestMalformed => "digest-malformed",
            Self::DigestMoved => "digest-moved",
            Self::DigestUnsigned => "digest-unsigned",
            Self::DigestSignature => "digest-signature",
            Self::DigestAlgorithm => "digest-algorithm",
            Self::DigestKeyUnknown => "digest-key-unknown",
            Self::DigestKeyExpired => "digest-key-expired",
            Self::DigestMissing => "digest-missing",
            Self::HoursMissing => "hours-missing",
            Self::DigestPreviousHash => "digest-previous-hash",
            Self::DigestPreviousSignature => "digest-previous-signature",
            Self::DigestOrder => "digest-order",
            Self::LogChanged => "log-changed",
            Self::LogMissing => "log-missing",
            Self::LogDamaged => "log-damaged",
            Self::LogTrailingData => "log-trailing-data",
            Self::LogUnlisted => "log-unlisted",
        }
    }
}
