//! What happened. The journal holds these and nothing else.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::effect::{Question, Request};
use super::fault::Fault;
use super::radius::Sight;
use super::survey::Survey;
use super::traces::{Artifact, Evidence};
use crate::text::Digest;

/// One fact of a run. Externally tagged, snake_case: `{"succeeded": {...}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first entry: which document, with what, by whom, where.
    Opened(Box<Opened>),
    /// What a look around found, before the first step of a turn at the run.
    Surveyed(Box<Survey>),
    /// The run goes on after a pause, a crash or a hand-over. Attempts that have no end
    /// are in doubt from here on.
    Resumed { operator: Operator, host: String, program: Program },
    /// A step, or one element of it, does not run.
    Skipped { place: Place, reason: String, by: Option<Actor> },
    /// The list of a `for_each` step, as it was when the step began.
    Listed { step: String, items: Vec<Value> },
    /// The intent to act: durable before the act.
    Attempted { place: Place, attempt: u32, request: Request, undo: Option<Request> },
    /// Part of a long action is done; `done` is what a resumed attempt starts from.
    Progressed { place: Place, done: Value },
    /// The action did what it was asked.
    Succeeded {
        place: Place,
        outputs: Value,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// The action did not.
    Failed {
        place: Place,
        fault: Fault,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// A reading for `wait`, `verify` or a probe; whether it satisfies is for the run to decide.
    Observed {
        place: Place,
        outputs: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<Fault>,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// What the step promised was read back from the world.
    Verified { place: Place },
    /// How far a write would reach, as it was looked at before the question about it, or
    /// before it was sent.
    Measured {
        place: Place,
        radius: Vec<Sight>,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// What was looked at so long ago says too little of the world now: it is looked at afresh
    /// before anybody is asked about it, and before it is sent. A responder's go that came
    /// after so long was one for what stood there then, and he is asked again.
    Outdated { place: Place, seen_at: DateTime<Utc> },
    /// A question is put to a person.
    Asked { place: Place, question: Question },
    /// And the answer.
    Answered { place: Place, answer: Answer },
    /// Items of a review are decided, or their decision is taken back.
    Decided(Box<Decided>),
    /// An attempt in doubt is in doubt no longer.
    /// `outputs` are what the world still told of it.
    Settled {
        place: Place,
        verdict: Verdict,
        because: String,
        #[serde(default, skip_serializing_if = "Value::is_null")]
        outputs: Value,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// The world was asked about an attempt in doubt, and did not tell.
    Unsettled {
        place: Place,
        because: String,
        /// What was read of it, for the person who decides.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        seen: Value,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// A rollback begins: from here on what was done is taken back, the newest first, down to
    /// and including the step `to`; to the beginning where that is absent.
    TurnedBack {
        by: Actor,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The intent to take something back: durable before the act.
    Undoing { place: Place, attempt: u32, request: Request },
    /// What was done was taken back.
    Undone { place: Place },
    /// What an executor that may not act says it would do. Its outputs are unknown.
    Foreseen { place: Place, would: Foresight },
    /// The step needs what an earlier step would have told.
    Unknowable { place: Place, because: Vec<String> },
    /// An objective was met.
    ObjectiveMet {
        objective: String,
        /// When the last step that it took was done. The entry is later, where the run died
        /// in between.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        met_at: Option<DateTime<Utc>>,
    },
    /// The time of an objective has passed and it is not met, or was met too late.
    DeadlinePassed {
        objective: String,
        within_seconds: u64,
        /// When it passed. The entry is later, where nothing ran at that time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passed_at: Option<DateTime<Utc>>,
    },
    /// An escalation is due: who is to be told what.
    Escalated { escalation: usize, to: Vec<String>, message: String },
    /// What an escalation was about is over: the objective that was missed is met after all.
    /// Who was told of it is told so.
    StoodDown { escalation: usize, to: Vec<String>, message: String },
    /// An escalation was sent over a channel, or could not be: each try is an entry.
    Notified {
        escalation: usize,
        channel: String,
        attempt: u32,
        sent: Sent,
        #[serde(default, skip_serializing_if = "Evidence::is_empty")]
        evidence: Evidence,
    },
    /// Who may sign approvals for a role: lines of `allowed_signers`, by value, so that the
    /// record stands alone.
    Staffed { role: String, signers: Vec<String> },
    /// A late fact from a person.
    Noted { by: Actor, text: String, observed_at: Option<DateTime<Utc>> },
    /// A file from a person.
    Attached { by: Actor, name: String, artifact: Artifact, place: Option<Place> },
    /// A person departed from the procedure, and says so.
    Departed { by: Actor, text: String, observed_at: Option<DateTime<Utc>> },
    /// Something departed from the procedure: a torn journal line was cut off, the clock
    /// jumped, the document on disk differs from the pinned one.
    Deviated { what: Deviation, detail: String },
    /// Command passes to somebody else.
    HandedOver { from: Actor, to: Actor, reason: String },
    /// The responder stopped the run for now.
    Paused { by: Option<Actor>, reason: String },
    /// The run is over.
    Closed { outcome: Outcome, reason: String, by: Option<Actor> },
    /// The record was sealed: nothing but verification follows.
    Sealed {
        by: Actor,
        /// SHA-256 of the program that sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        program: Option<Digest>,
    },
}

/// The environment of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub run: String,
    pub document: DocumentId,
    pub params: BTreeMap<String, Value>,
    pub severity: Option<String>,
    pub incident: Option<String>,
    pub operator: Operator,
    pub host: String,
    pub program: Program,
    /// `live`, `dry run`, `dry run with live reads`: told, never asked about.
    pub mode: String,
    /// The run that this one follows up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentId {
    pub name: String,
    pub version: u32,
    pub digest: Digest,
    /// Where it came from: a path, or `built in`.
    pub origin: String,
}

/// Who runs the program, as the operating system says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    pub user: String,
    /// The name that the operator gave, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role that the operator took; the commander's where none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Sits at the terminal, and is asked before every write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attends: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    pub version: String,
    /// What the linker put into it, in hex: a digest of the program's content.
    pub build_id: Option<String>,
}

/// A step, or one element of a `for_each` step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
}

impl Place {
    pub fn step(id: impl Into<String>) -> Self {
        Self { step: id.into(), item: None }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.item {
            Some(item) => write!(f, "{}[{item}]", self.step),
            None => f.write_str(&self.step),
        }
    }
}

/// Who said or did something, and by which way it reached the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub name: String,
    pub via: Via,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Terminal,
    /// An answers file, by its name.
    Answers(String),
    /// Another terminal than the one that ran: it laid a message beside the record, or wrote
    /// the entry itself while nothing ran.
    Elsewhere(Box<Whence>),
    /// A signature over a challenge; both are attached to the answer.
    Signed(Box<Signature>),
    /// Nobody was asked, because the document asks for nobody.
    Document,
}

/// Where a message came from, as it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whence {
    /// The account.
    pub user: String,
    pub host: String,
    /// The message's own name; none where the entry was written at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What an approval was signed with, and over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The key's fingerprint, as `ssh-keygen -l` prints it.
    pub key: String,
    /// SHA-256 of the challenge.
    pub challenge: Digest,
}

/// A decision on items of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    pub place: Place,
    /// Their ids; several where they were decided together.
    pub items: Vec<String>,
    /// Nothing where an earlier decision is taken back.
    pub decision: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub by: Actor,
    /// How long it took, from when the item was shown.
    pub seconds: u64,
}

/// What a person answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub choice: Choice,
    /// The typed value of an `ask`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Files that came with the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Artifact>,
    pub by: Actor,
}

/// The choices that questions offer; each question offers some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Run the step, or: the manual work is done, or: the value is the answer.
    Yes,
    /// An approval is refused.
    Deny,
    Skip,
    Abort,
    /// After a failure, or in doubt: try again.
    Again,
    /// In doubt: it took place.
    Done,
    /// In doubt: take it back.
    Undo,
}

/// What came of a message that was sent over a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    Delivered {
        detail: String,
        /// Who of several did not get it, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        but: Option<String>,
    },
    /// Not taken now; the channel may have said after how many seconds to come again.
    Later {
        why: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_seconds: Option<u64>,
    },
    /// Not taken, and not to be tried again as it is.
    Never { why: String },
    /// An executor that may not send says that it would have.
    Foreseen,
}

/// How an attempt in doubt turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    TookPlace,
    DidNot,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Foresight {
    Do(Request),
    Ask(Question),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    TornEntry,
    ClockJumped,
    DocumentChanged,
    ProgramChanged,
    /// A message from elsewhere was no word that could be taken.
    MessageRefused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step is done or was skipped.
    Completed,
    /// It went to the end, and steps failed on the way.
    CompletedWithFailures,
    /// A person gave it up.
    Aborted,
    /// An approval was denied, or a safety rule refused.
    Refused,
    /// What was done was taken back, as far as it was asked.
    RolledBack,
    /// It was taken back, and a person left something standing.
    RolledBackInPart,
}
