//! The record of an access review: what was asked, what was found, what was decided, what was
//! changed, and what that proved.
//!
//! This is the one model behind every format. Written as JSON it loses nothing; the other
//! formats are renderings of it. Everything that is counted is counted here, once.

mod compile;
mod counts;
mod file;
mod finding;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compile::Sources;
pub use counts::{Counts, Edits, Population, Revocations, Verdicts};
pub use file::read;
pub use finding::{Decision, Finding, Planned, Proof, Route};
pub use words::{because, used};

/// What the JSON of this model calls itself.
pub const FORMAT: &str = "playbook-access-review/1";

/// What became of an edit that AWS took.
pub const MADE: &str = "made";

/// What a decision is called that nobody made.
pub const UNDECIDED: &str = "undecided";

/// The decision that has to be proven.
pub const REVOKE: &str = "revoke";

/// Why something is no record of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

/// The record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRecord {
    pub format: String,
    pub asked: Asked,
    /// Who signed off what stands here; nobody yet where it is empty.
    pub signed_off: Vec<SignOff>,
    pub counts: Counts,
    /// How the decisions were made; nothing where none were asked for.
    pub pace: Option<Pace>,
    /// What was not collected, and why.
    pub missing: Vec<String>,
    /// Everybody with an answer, the denied too.
    pub findings: Vec<Finding>,
    /// Everybody else, each with a reason.
    pub excluded: Vec<Excluded>,
    pub edits: Vec<Edit>,
    /// Who approved that the edits are made.
    pub edits_approved: Vec<SignOff>,
}

/// The question, and what it was asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The run's id.
    pub run: String,
    pub quarter: String,
    /// Such as `kms:Decrypt`.
    pub action: String,
    pub key: Key,
    /// GetKeyLastUsage, as it came.
    pub key_last_usage: Value,
    /// The same in words.
    pub key_last_used: String,
    /// RFC 3339; empty where nobody said.
    pub collected_at: String,
    /// Who decided, as AWS names them.
    pub reviewer: String,
    /// The findings that this was made from.
    pub findings: Source,
}

/// A key as it stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub arn: String,
    pub account: String,
    /// Nothing where DescribeKey was not collected.
    pub state: Option<String>,
    /// What is allowed waits until the key is enabled.
    pub dormant: bool,
}

/// A file of the run's record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub path: String,
    /// SHA-256, in hex.
    pub digest: String,
}

/// Somebody who was not asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    pub principal: String,
    pub reason: String,
}

/// A change of IAM or KMS, and what takes it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub words: String,
    pub undo_words: String,
    /// What else it takes away.
    pub also: Vec<String>,
    /// What became of it: [`MADE`], or why not.
    pub state: String,
    pub edit: Value,
    pub undo: Value,
}

/// How the decisions were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    pub seconds: u64,
    /// Too quick to be thought through.
    pub rushed: bool,
}

/// Somebody's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    pub by: String,
    /// As what, by the role's title; empty where the document names none.
    pub role: String,
    /// RFC 3339.
    pub at: String,
    /// By which way it reached the record.
    pub how: String,
    /// SHA-256 of the record that was looked at, as JSON; empty where it is about no record.
    pub of: String,
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::record as record_strategy;
