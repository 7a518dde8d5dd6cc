//! The record of an access review: what was asked, what was found, what was decided, what was
//! changed, and what that proved.
//!
//! This is the one model behind every format. Written as JSON it loses nothing; the other
//! formats are renderings of it. Everything that is counted is counted here, once.

mod compile;
mod counts;
mod file;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::evaluate::Verdict;

pub use compile::Sources;
pub use counts::{Counts, Edits, Population, Revocations, Verdicts};
pub use file::read;
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

/// Somebody, what they may, and everything that came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub principal: String,
    #[serde(default)]
    pub kind: String,
    /// Why it belongs to the population.
    #[serde(default)]
    pub origin: String,
    #[serde(with = "by_word")]
    pub verdict: Verdict,
    #[serde(default)]
    pub conditions: Vec<String>,
    /// The statements that decided, as the evaluator tells them.
    #[serde(default)]
    pub because: Vec<Value>,
    #[serde(default)]
    pub could_give_it_to_itself: Vec<String>,
    #[serde(default)]
    pub assumed_by: Vec<Route>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub risk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What the last review decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_decision: Option<Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Planned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What else the findings say, its uses among it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Finding {
    #[must_use]
    pub fn is_denied(&self) -> bool {
        super::plan::is_denied(self.verdict)
    }

    /// When it was last used, in words: the best known instant, the one after which nothing
    /// was seen, and what each source says. Empty where nobody knows.
    #[must_use]
    pub fn last_used(&self) -> Vec<String> {
        let known = |name: &&str| self.more.get(*name).filter(|value| !words::is_empty(value));
        let at = ["last_used", "role_last_used"].iter().find_map(known).map(used);
        let bound = known(&"no_use_after").map(|bound| format!("no use after {}", used(bound)));
        let sources = known(&"last_uses").and_then(Value::as_array).into_iter().flatten().map(used);
        at.into_iter().chain(bound).chain(sources).collect()
    }

    /// What was decided; nothing where it is denied, and nobody had to decide.
    #[must_use]
    pub fn decided(&self) -> Option<&str> {
        match &self.decision {
            Some(decision) => Some(&decision.decision),
            None => (!self.is_denied()).then_some(UNDECIDED),
        }
    }

    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.decided() == Some(REVOKE)
    }
}

/// Who gets there by assuming a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub by: String,
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub conditions: Vec<String>,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub decision: String,
    pub reason: String,
    pub by: String,
    /// RFC 3339; empty where nobody decided.
    pub at: String,
    /// How long it took.
    pub seconds: Option<u64>,
    /// How many were decided at once, itself counted.
    pub together: Option<u64>,
}

/// What a plan says of a revocation before anything is edited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The verdict with the edits made.
    pub after: String,
    pub would_hold: bool,
    /// What stands in the way; a person has to decide.
    pub obstacles: Vec<String>,
}

/// What AWS said after the edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The verdict has become a denial.
    pub proven: bool,
    pub verdict: String,
    /// What still allows it.
    pub because: Vec<String>,
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

/// Verdicts by the words that the evaluator has for them.
mod by_word {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::access::evaluate::Verdict;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(verdict.word())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Verdict, D::Error> {
        let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Verdict::ALL
            .into_iter()
            .find(|verdict| verdict.word() == word)
            .ok_or_else(|| de::Error::custom(format!("`{word}` is no verdict")))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::record as record_strategy;
