//! What a report tells, whatever it is written as.
//!
//! Times are UTC. `seq` is the number of the journal entry that a fact was taken from,
//! so that a reader can look it up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::collection::Collection;
use super::key_use::KeyUse;
use super::milestone::Milestone;
use super::reply::Reply;
use crate::document::Species;
use crate::document::action::Class;
use crate::run::{
    Actor, Answer, DocumentId, Fault, Operator, Outcome, Place, Program, Question, StepState, Tally, Verdict,
};

type Instant = DateTime<Utc>;

/// The whole record of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub run: String,
    pub document: DocumentId,
    pub kind: Species,
    pub title: String,
    pub summary: String,
    pub mode: String,
    pub severity: Option<String>,
    /// What the document says that the severity means.
    pub severity_means: Option<String>,
    pub incident: Option<String>,
    pub follows: Option<String>,
    pub params: BTreeMap<String, Value>,
    pub operator: Operator,
    pub host: String,
    pub program: Program,
    /// T+0.
    pub started_at: Instant,
    /// When the last entry was recorded.
    pub last_at: Instant,
    pub entries: usize,
    pub standing: Standing,
    /// What was taken back, and what was not; absent where nobody wanted it.
    pub rollback: Option<RollbackAccount>,
    pub watches: Vec<Watch>,
    pub identities: Vec<Identity>,
    pub objectives: Vec<ObjectiveAccount>,
    /// In order of time; what was not reached comes last.
    pub milestones: Vec<Milestone>,
    pub phases: Vec<PhaseAccount>,
    pub steps: Vec<StepAccount>,
    /// The index of the step that is next or under way.
    pub current: Option<usize>,
    pub calls: Vec<CallMade>,
    /// Who used the key, one for each collection of events.
    pub key_use: Vec<KeyUse>,
    /// What was collected of CloudTrail, and what was not.
    pub collections: Vec<Collection>,
    pub exchanges: Vec<Exchange>,
    /// Which of them stand open: each place waits for one answer, however often it was asked.
    #[serde(skip)]
    pub open: Vec<usize>,
    pub notes: Vec<Note>,
    pub attachments: Vec<Attached>,
    pub deviations: Vec<Departure>,
    pub escalations: Vec<Escalated>,
    pub residuals: Vec<Residual>,
    pub artifacts: Vec<Artifact>,
}

/// Whether the run is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Standing {
    UnderWay,
    Paused { at: Instant, reason: String, by: Option<Actor> },
    Closed(Ending),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ending {
    pub at: Instant,
    pub outcome: Outcome,
    pub reason: String,
    pub by: Option<Actor>,
}

/// A stretch of time in which one person was in command.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Watch {
    pub from: Instant,
    /// Absent while it lasts.
    pub until: Option<Instant>,
    pub who: String,
    /// How command came to this person.
    pub how: String,
}

/// Who AWS says the caller is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Identity {
    pub seq: u64,
    pub at: Instant,
    pub account: String,
    pub arn: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectiveAccount {
    pub id: String,
    pub title: String,
    pub within_seconds: u64,
    pub deadline: Instant,
    /// Absent where it was not met, or not yet.
    pub met_at: Option<Instant>,
    pub verdict: ObjectiveVerdict,
    /// It was met, and what met it was taken back.
    pub no_longer_holds: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveVerdict {
    /// Neither met nor missed.
    Open,
    InTime,
    Late,
    /// The time has passed and it was never met.
    Missed,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseAccount {
    pub id: String,
    pub title: String,
    /// From T+0, in seconds.
    pub window_seconds: Option<(u64, u64)>,
    pub begun_at: Option<Instant>,
    pub last_at: Option<Instant>,
    /// Indices of its steps: from, and the one after the last.
    pub steps: (usize, usize),
}

#[derive(Clone, Debug, Serialize)]
pub struct StepAccount {
    /// Counted from one.
    pub number: usize,
    pub id: String,
    pub title: String,
    pub phase: String,
    pub action: &'static str,
    pub class: Class,
    #[serde(serialize_with = "super::words::serialize_state")]
    pub state: StepState,
    pub begun_at: Option<Instant>,
    /// The last time something was recorded of it.
    pub last_at: Option<Instant>,
    /// Of a `for_each` step.
    pub items: Option<usize>,
    /// How many of them stand where.
    pub elements: Option<Tally>,
    pub attempts: Vec<Attempt>,
    /// The attempts to take it back.
    pub undoing: Vec<Attempt>,
    pub skipped: Vec<Skipped>,
    /// Seconds after the act at which its effect was read back.
    pub verified_after: Option<f64>,
    /// Whether the record holds what would take it back.
    pub can_be_undone: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skipped {
    pub seq: u64,
    pub item: Option<usize>,
    pub reason: String,
    /// Absent where the document's own condition skipped it.
    pub by: Option<Actor>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempt {
    pub seq: u64,
    pub item: Option<usize>,
    pub attempt: u32,
    pub class: Class,
    pub begun_at: Instant,
    pub ended_at: Option<Instant>,
    pub end: AttemptEnd,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd {
    /// No end is recorded: nobody knows whether it took place.
    None,
    Succeeded,
    Failed(Fault),
    Settled {
        verdict: Verdict,
        because: String,
    },
}

/// One request that went to AWS.
#[derive(Clone, Debug, Serialize)]
pub struct CallMade {
    pub seq: u64,
    pub place: Place,
    pub call: crate::run::Call,
    /// Whether the operation belongs to those that change something.
    pub changes: bool,
    /// Who was in command when it was sent.
    pub person: String,
    /// Who agreed to the step before it ran.
    pub agreed: Vec<Agreement>,
    /// What AWS answered, in one word.
    pub reply: Reply,
}

impl CallMade {
    /// Whether AWS says that it was done.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.reply == Reply::Accepted
    }

    /// Whether no answer came, so that it may have taken place.
    #[must_use]
    pub fn unanswered(&self) -> bool {
        self.reply == Reply::None
    }
}

/// A yes to a step that wanted one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    pub at: Instant,
    pub by: Actor,
    /// The title of the role whose approval it was; absent for a plain go.
    pub role: Option<String>,
}

/// A question and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    pub seq: u64,
    pub place: Place,
    pub asked_at: Instant,
    pub question: Question,
    pub answered_at: Option<Instant>,
    pub answer: Option<Answer>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    pub seq: u64,
    pub recorded_at: Instant,
    /// Where the fact is older than its record.
    pub observed_at: Option<Instant>,
    pub by: Actor,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attached {
    pub seq: u64,
    pub recorded_at: Instant,
    pub by: Actor,
    pub name: String,
    pub place: Option<Place>,
    pub artifact: crate::run::Artifact,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Departure {
    pub seq: u64,
    pub at: Instant,
    pub what: crate::run::Deviation,
    pub detail: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Escalated {
    pub seq: u64,
    pub at: Instant,
    pub to: Vec<String>,
    pub message: String,
    /// Which escalation of the document it is.
    #[serde(skip)]
    pub escalation: usize,
    /// What came of it on each channel of these roles; empty where they have none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<crate::run::Delivery>,
}

impl Escalated {
    /// The message, and what came of it.
    #[must_use]
    pub fn words(&self) -> String {
        if self.channels.is_empty() {
            return self.message.clone();
        }
        let told: Vec<_> = self.channels.iter().map(crate::run::Delivery::words).collect();
        format!("{} ({})", self.message, told.join("; "))
    }
}

/// A run that is taken back, or was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollbackAccount {
    pub by: Actor,
    /// The step that it went back to, and included; the first where absent.
    pub to: Option<String>,
    pub undone: Vec<String>,
    /// What was done and stands.
    pub stands: Vec<String>,
}

/// Something that the run leaves behind for somebody to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Residual {
    pub what: Left,
    /// A step, an element of one, or an objective.
    pub concerns: String,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// The run itself.
    NotOver,
    InDoubt,
    Failed,
    ElementFailed,
    Denied,
    SkippedByPerson,
    NotReached,
    NotVerified,
    ObjectiveNotMet,
    /// Of CloudTrail.
    NotCollected,
    NotRead,
    /// A message, on a channel.
    NotTold,
    Unanswered,
    /// A rollback left it.
    Standing,
}

/// A file of the record and the entry that first names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Artifact {
    pub seq: u64,
    pub concerns: Option<Place>,
    #[serde(flatten)]
    pub file: crate::run::Artifact,
}
