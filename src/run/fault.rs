//! Why a step failed: data in the journal, not an error of the program.

use serde::{Deserialize, Serialize};

/// A step failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// The error code of the service, or the exit code of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An expression or template could not be evaluated.
    Undefined,
    /// An assertion does not hold, or a verification never came true.
    Unmet,
    /// The world said no, and nothing was changed.
    Rejected,
    /// Not allowed.
    Denied,
    /// No credentials, or none that are valid.
    Unauthenticated,
    /// Asked to slow down, beyond what retries could mend.
    Throttled,
    /// Nothing was reached; nothing was sent.
    Unreachable,
    /// Sent, and no answer: it may have taken place.
    Lost,
    /// A program ended with a code that does not mean success.
    Exit,
    /// A safety rule refused before anything was sent.
    Refused,
    /// An approval was denied.
    NotApproved,
    /// The operator stopped waiting; it may have taken place.
    Abandoned,
    /// Fewer `for_each` elements succeeded than the step tolerates.
    Elements,
}

impl FaultKind {
    /// Whether the attempt may have changed the world all the same.
    #[must_use]
    pub const fn leaves_doubt(self) -> bool {
        matches!(self, Self::Lost | Self::Abandoned)
    }

    /// Whether a reading that failed this way may succeed a little later.
    #[must_use]
    pub const fn comes_and_goes(self) -> bool {
        matches!(self, Self::Throttled | Self::Unreachable | Self::Lost | Self::Exit | Self::Rejected)
    }

    /// Whether trying again may mend it. What a rule or a person refused stays refused,
    /// and what the document says wrongly stays wrong.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Undefined | Self::Refused | Self::NotApproved | Self::Elements)
    }
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), code: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
