//! Where an action puts what it finds while it works: durable as it goes.

use std::cell::Ref;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ledger::Ledger;
use super::ports::Said;
use crate::error::Result;
use crate::evidence::inbox::{Inbox, Says, entry_of};
use crate::evidence::{Shelf, Store};
use crate::run::{Actor, Artifact, Decided, Event, Place, Question, Run};

/// Lent by the engine for the length of one effect.
#[derive(Debug)]
pub struct Desk<'a> {
    ledger: &'a Ledger<'a>,
    place: &'a Place,
}

impl<'a> Desk<'a> {
    #[must_use]
    pub fn new(ledger: &'a Ledger<'a>, place: &'a Place) -> Self {
        Self { ledger, place }
    }

    /// Stores bytes in the record, redacted, below `artifacts/` under a name that tells
    /// what they are.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.ledger.store().store(Shelf::Artifacts, name, bytes)
    }

    /// Stores the body of a request or an answer, redacted, below `api/`.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.ledger.store().store(Shelf::Api, name, bytes)
    }

    /// The store itself, for artifacts that are written in pieces.
    #[must_use]
    pub fn artifacts(&self) -> &Store {
        self.ledger.store()
    }

    /// Makes it durable that part of a long action is done.
    ///
    /// # Errors
    /// When the journal does not take it: the action must stop.
    pub fn progress(&self, done: Value) -> Result<()> {
        self.ledger.record(Event::Progressed { place: self.place.clone(), done })
    }

    /// Tells the person who watches how far a long action is. Not recorded.
    pub fn show_progress(&self, done: u64, of: Option<u64>, unit: &str) {
        self.ledger.console().progress(self.place, done, of, unit);
    }

    /// Puts a question to whoever is there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub async fn ask(&self, question: &Question) -> Result<Said> {
        // The run is lent for as long as the question is shown, and grows while it stands.
        let asked = {
            let run = self.ledger.run();
            self.ledger.console().ask(self.place, question, &run, self.ledger.now())
        };
        asked.await
    }

    /// Records what the responder noted while a question stands.
    ///
    /// # Errors
    /// When the journal does not take it.
    pub fn note(&self, by: Actor, text: String) -> Result<()> {
        self.ledger.record(Event::Noted { by, text, observed_at: None })
    }

    /// Records what the responder said beside a question; gives why it was not taken.
    ///
    /// # Errors
    /// When the journal does not take it.
    pub fn put_down(&self, by: Actor, says: Says) -> Result<Option<String>> {
        let event = entry_of(says, by, &self.run(), self.artifacts(), self.now())?;
        match event {
            Ok(event) => self.ledger.record(event).map(|()| None),
            Err(why) => Ok(Some(why)),
        }
    }

    /// What others said and what was handed out to them; a dry run has none.
    #[must_use]
    pub fn inbox(&self) -> Option<&Inbox> {
        self.ledger.inbox()
    }

    /// Tells the person what came of a wish. Not recorded.
    pub fn tell(&self, text: &str) {
        self.ledger.console().tell(text);
    }

    /// Records a decision of a review.
    ///
    /// # Errors
    /// When the rules of the review stand against it, or the journal does not take it.
    pub fn decide(&self, decided: Decided) -> Result<()> {
        self.ledger.record(Event::Decided(Box::new(decided)))
    }

    /// Tells the person who watches until when the run waits. Not recorded.
    pub fn show_waiting(&self, until: DateTime<Utc>) {
        self.ledger.console().waiting(until, self.ledger.now(), &self.ledger.run());
    }

    /// The run as it stands. Do not hold it across an await.
    #[must_use]
    pub fn run(&self) -> Ref<'_, Run> {
        self.ledger.run()
    }

    #[must_use]
    pub fn place(&self) -> &Place {
        self.place
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ledger.now()
    }
}
