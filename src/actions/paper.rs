//! What an action needs of the desk it works at. Behaviours see no more than this, so that
//! they can be tried without an engine.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::engine::Desk;
use crate::error::Result;
use crate::evidence::{Shelf, Store, StoreWriter};
use crate::run::{Actor, Artifact, StepState};

pub(crate) trait Paper {
    /// Stores bytes as an artifact.
    fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact>;
    /// Stores the body of a request or an answer.
    fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact>;
    /// Begins an artifact that arrives in pieces.
    fn sheet<'a>(&'a self, name: &'a str) -> Result<Box<dyn Sheet + 'a>>;
    /// The store itself, for raw objects at paths of their own.
    fn store_of_raw(&self) -> &Store;
    /// Makes durable how far a long action is.
    fn progress(&self, done: Value) -> Result<()>;
    /// Tells whoever watches.
    fn show_progress(&self, done: u64, of: Option<u64>, unit: &str);
    fn now(&self) -> DateTime<Utc>;
    /// Whether the run itself sent a request to KMS, or one whose record it verified, by the id
    /// of that request.
    fn sent_here(&self, request_id: &str) -> bool;
    /// The run and the step under way, in one text: the same when the run is resumed.
    fn place(&self) -> String;
    /// The same, with when the run began: no other run on this machine has it.
    fn mark(&self) -> String {
        self.place()
    }
    /// What the run remembers of one of its steps; nothing where it has none of that name, or
    /// there is no run.
    fn step(&self, _step: &str) -> Option<StepFacts> {
        None
    }
}

/// What a run remembers of a step, beside what it found.
pub(crate) struct StepFacts {
    /// Whose approvals count, and since when; the earliest first.
    pub approvals: Vec<(Actor, DateTime<Utc>)>,
    /// As what they approved: the role's title.
    pub role: String,
    /// The elements of a `for_each`, and what became of each.
    pub elements: Vec<(Value, StepState)>,
}

/// An artifact that arrives in pieces. Dropped unfinished, it leaves nothing behind.
pub(crate) trait Sheet {
    fn write(&mut self, piece: &[u8]) -> Result<()>;
    fn finish(self: Box<Self>) -> Result<Artifact>;
}

impl Paper for Desk<'_> {
    fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        Desk::store(self, name, bytes)
    }

    fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        Desk::store_api(self, name, bytes)
    }

    fn sheet<'a>(&'a self, name: &'a str) -> Result<Box<dyn Sheet + 'a>> {
        Ok(Box::new(self.artifacts().writer(Shelf::Artifacts, name)?))
    }

    fn store_of_raw(&self) -> &Store {
        self.artifacts()
    }

    fn progress(&self, done: Value) -> Result<()> {
        Desk::progress(self, done)
    }

    fn show_progress(&self, done: u64, of: Option<u64>, unit: &str) {
        Desk::show_progress(self, done, of, unit);
    }

    fn now(&self) -> DateTime<Utc> {
        Desk::now(self)
    }

    fn sent_here(&self, request_id: &str) -> bool {
        self.run().sent(request_id)
    }

    fn place(&self) -> String {
        let run = self.run();
        let id = run.opened().map_or("", |opened| opened.run.as_str());
        format!("{id}/{}", Desk::place(self))
    }

    fn mark(&self) -> String {
        let began = self.run().started_at().unwrap_or_default();
        format!("{}@{}", Paper::place(self), began.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    fn step(&self, step: &str) -> Option<StepFacts> {
        let run = self.run();
        let playbook = run.playbook();
        let approve = playbook.step(step)?.1.approve.as_ref();
        let role =
            approve.map(|approve| playbook.role(&approve.by).map_or(&*approve.by, |role| &*role.title));
        Some(StepFacts {
            approvals: run.approvals(step).into_iter().map(|(by, at)| (by.clone(), at)).collect(),
            role: role.unwrap_or_default().to_owned(),
            elements: run.items(step).map(|(element, state)| (element.clone(), state)).collect(),
        })
    }
}

impl Sheet for StoreWriter {
    fn write(&mut self, piece: &[u8]) -> Result<()> {
        Self::write(self, piece)
    }

    fn finish(self: Box<Self>) -> Result<Artifact> {
        Self::finish(*self)
    }
}
