//! The answer, and the statements that decided it.

use std::fmt;
use std::sync::Arc;

use crate::access::policy::Effect;
use crate::text::Position;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Allowed,
    AllowedIf,
    Unknown,
    ImplicitDeny,
    ExplicitDeny,
}

impl Verdict {
    pub const ALL: [Self; 5] =
        [Self::Allowed, Self::AllowedIf, Self::Unknown, Self::ImplicitDeny, Self::ExplicitDeny];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::AllowedIf => "AllowedIf",
            Self::Unknown => "Unknown",
            Self::ImplicitDeny => "ImplicitDeny",
            Self::ExplicitDeny => "ExplicitDeny",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Identity,
    Resource,
    Boundary,
    Session,
    /// The level, counted from the root, which is one.
    ServiceControl(usize),
    ResourceControl(usize),
    Grant,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity policies"),
            Self::Resource => f.write_str("resource policy"),
            Self::Boundary => f.write_str("permissions boundary"),
            Self::Session => f.write_str("session policies"),
            Self::ServiceControl(level) => write!(f, "service control policies, level {level}"),
            Self::ResourceControl(level) => write!(f, "resource control policies, level {level}"),
            Self::Grant => f.write_str("grants"),
        }
    }
}

/// A statement, or a grant, that had a part in the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    pub layer: Layer,
    pub policy: Arc<str>,
    pub statement: Arc<str>,
    pub effect: Effect,
    /// In the document, or in the file that holds it; grants have none.
    pub position: Option<Position>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Statement(Cited),
    /// The layer had to allow, and does not.
    Silent {
        layer: Layer,
        says: String,
    },
    /// Something is missing or broken.
    Missing(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub verdict: Verdict,
    /// All of these have to hold.
    pub conditions: Vec<String>,
    pub because: Vec<Reason>,
}
