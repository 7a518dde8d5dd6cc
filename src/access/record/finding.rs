//! Everybody with an answer, and what was said of them since.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::words::{is_empty, used};
use super::{REVOKE, UNDECIDED};
use crate::access::evaluate::Verdict;
use crate::access::plan::is_denied;

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
        is_denied(self.verdict)
    }

    /// When it was last used, in words: the best known instant, the one after which nothing
    /// was seen, and what each source says. Empty where nobody knows.
    #[must_use]
    pub fn last_used(&self) -> Vec<String> {
        let known = |name: &&str| self.more.get(*name).filter(|value| !is_empty(value));
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
