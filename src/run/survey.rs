//! What a look around before step one found: who acts, how far the clock is off, what AWS
//! says about permissions, whether there is room, and what can be reached.

use serde::{Deserialize, Serialize};

use super::traces::Evidence;

/// A look around. It tells; what a step needs and does not get, that step is refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// The identity that AWS reports; absent where it could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// AWS' clock less this machine's, in seconds, by the Date header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_seconds: Option<i64>,
    pub checks: Vec<Check>,
    #[serde(default, skip_serializing_if = "Evidence::is_empty")]
    pub evidence: Evidence,
}

/// Who calls, as `GetCallerIdentity` says, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub region: String,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub of: Subject,
    pub standing: Standing,
    /// In a sentence.
    pub says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Identity,
    Clock,
    Permissions,
    Room,
    Reach,
}

impl Subject {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Clock => "clock",
            Self::Permissions => "permissions",
            Self::Room => "room",
            Self::Reach => "reach",
        }
    }
}

/// How something stands, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Good,
    /// It could not be found out, which is no reason to stop.
    Unknown,
    Warning,
    /// Nothing can be done before it is mended.
    Broken,
}

impl Survey {
    pub fn note(&mut self, of: Subject, standing: Standing, says: impl Into<String>) {
        self.checks.push(Check { of, standing, says: says.into() });
    }

    /// What has to be mended before anything can be done.
    #[must_use]
    pub fn broken(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.standing == Standing::Broken)
    }
}
