//! What a run asks for. An executor answers each with an [`Event`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{Event, Place};
use super::fault::FaultKind;
use super::review::Sheet;
use crate::document::action::{Aspect, Class};

/// An action with its inputs rendered: all that an executor needs to know.
///
/// A parameter of type `secret` stands in `input` as `{"$secret": "name"}`; its value is
/// put in by `actions` at the last moment and never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// `shell`, `kms.disable_key`, ...
    pub action: String,
    pub class: Class,
    pub input: Value,
}

/// Something that only the outside can answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Do it. Answered by `Succeeded` or `Failed`, with any number of `Progressed` before.
    Act {
        place: Place,
        attempt: u32,
        request: Request,
        undo: Option<Request>,
        timeout: Option<Duration>,
        /// What an earlier, interrupted attempt had reached.
        progress: Option<Value>,
        /// When the first attempt was announced, this one where it is the first.
        since: DateTime<Utc>,
    },
    /// Take back what was done. Answered as `Act` is.
    Undo {
        place: Place,
        attempt: u32,
        request: Request,
        timeout: Option<Duration>,
        /// What an earlier, interrupted attempt had reached.
        progress: Option<Value>,
    },
    /// Read, for `wait` or `verify`. Answered by `Observed`.
    Read { place: Place, request: Request, timeout: Option<Duration> },
    /// Find out whether an attempt in doubt took place. Answered by `Settled` or
    /// `Unsettled`.
    Probe { place: Place, request: Request, since: DateTime<Utc> },
    /// Look how far a write would reach, before anybody is asked about it and before it is
    /// sent. Answered by `Measured`.
    Measure { place: Place, request: Request, aspects: &'static [Aspect] },
    /// Send what an escalation has to tell over one channel, beside everything else.
    /// Answered by `Notified`. Announced by `Escalated`; `place` is no step.
    Tell { place: Place, escalation: usize, channel: String, attempt: u32, request: Request },
    /// Ask a person. Answered by `Answered`.
    Ask { place: Place, question: Question },
}

impl Effect {
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Act { place, .. }
            | Self::Undo { place, .. }
            | Self::Read { place, .. }
            | Self::Probe { place, .. }
            | Self::Measure { place, .. }
            | Self::Tell { place, .. }
            | Self::Ask { place, .. } => place,
        }
    }

    /// Whether it can be left at any moment without a trace in the world.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Act { request, .. } => request.action == "wait",
            Self::Read { .. } | Self::Probe { .. } | Self::Measure { .. } | Self::Ask { .. } => true,
            Self::Tell { .. } | Self::Undo { .. } => false,
        }
    }

    /// The entry that has to be durable before the effect is performed. Readings change
    /// nothing, so that there is nothing to announce.
    #[must_use]
    pub fn intent(&self) -> Option<Event> {
        match self {
            Self::Act { place, attempt, request, undo, .. } => Some(Event::Attempted {
                place: place.clone(),
                attempt: *attempt,
                request: request.clone(),
                undo: undo.clone(),
            }),
            Self::Undo { place, attempt, request, .. } => {
                Some(Event::Undoing { place: place.clone(), attempt: *attempt, request: request.clone() })
            }
            Self::Ask { place, question } => {
                Some(Event::Asked { place: place.clone(), question: question.clone() })
            }
            Self::Read { .. } | Self::Probe { .. } | Self::Measure { .. } | Self::Tell { .. } => None,
        }
    }
}

/// A question to a person. All texts are rendered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Manual work. Choices: yes (done), skip, abort.
    Manual { instructions: String, attach: Vec<String> },
    /// A typed question. Choices: yes (with the value), skip, abort.
    Typed { question: String, answer: AnswerKind },
    /// A table to decide on, item by item. Choices: yes (everything is decided), skip, abort;
    /// before it, any number of decisions.
    Review(Box<Sheet>),
    /// An action that changes the world is about to be taken and needs nobody's approval.
    /// Choices: yes, skip, abort. Where nobody attends, the document's silence is a yes.
    Go { request: Request },
    /// The document wants a role's approval. Choices: yes, deny, skip, abort.
    Approval {
        request: Request,
        role: String,
        title: String,
        from_answers: bool,
        /// Where more than one is needed, or an approval has expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hands: Option<Hands>,
    },
    /// A step failed and the document says stop. Choices: again, skip, abort.
    AfterFailure { kind: FaultKind, message: String, hints: Vec<String> },
    /// Nobody knows whether an attempt took place. Choices: done, again, undo, abort.
    InDoubt { request: Request, attempted_at: DateTime<Utc>, undo: Option<Request> },
    /// A rollback has come to what cannot be taken back. Choices: skip (it stays, and the
    /// rollback goes past it), abort (the rollback ends here).
    CannotUndo { action: String, why: String, hints: Vec<String> },
}

/// The approvals in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hands {
    /// How many are needed.
    pub of: u32,
    /// Who gave one that counts.
    pub given: Vec<String>,
    /// Whose approval holds no longer.
    pub expired: Vec<String>,
}

/// The type of a typed answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    Text,
    Number,
    Time,
    YesNo,
    Choice(Vec<String>),
    Several(Vec<String>),
}
