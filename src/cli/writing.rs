//! The record of a run opened for a late entry. The lock is held until this is dropped.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::environment;
use super::places::Places;
use super::record::folded;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::inbox::{self, Inbox, Recorder};
use crate::evidence::{self, Folder, Redaction, Store, torn};
use crate::journal::Entry;
use crate::journal::Journal;
use crate::run::{Actor, Event, Run, Via};

pub(super) struct Writing {
    pub folder: Folder,
    pub entries: Vec<Entry>,
    pub run: Run,
    pub store: Store,
    pub journal: Journal,
}

impl Writing {
    /// # Errors
    /// When there is no such run, when it is going on in another terminal, and when its
    /// record cannot be read.
    pub fn open(places: &Places, name: &str) -> Result<Self> {
        Self::of(evidence::find(places.evidence(), name)?)
    }

    /// # Errors
    /// As [`Writing::open`].
    pub fn of(folder: Folder) -> Result<Self> {
        // Before anything is opened: opening a journal may cut a torn line off.
        if folder.is_sealed() {
            return Err(sealed(&folder));
        }
        // The values of secret parameters are known to the run's own process only, and to
        // whom they are given again; known shapes are taken out here as everywhere.
        let store = Store::new(&folder, Rc::new(Redaction::new(&BTreeMap::new())?));
        let (journal, opened) = Journal::open(&folder.journal(), |bytes| torn::keep(&store, bytes))?;
        let run = folded(&folder, &opened.entries)?;
        let untold = torn::untold(&store, &opened)?;
        let mut writing = Self { folder, entries: opened.entries, run, store, journal };
        for event in untold {
            writing.record(event)?;
        }
        // What others said while nobody was there to hear it.
        inbox::take_up(&Inbox::of(&writing.folder), &mut writing, SystemClock.now())?;
        Ok(writing)
    }

    /// Appends an event that is durable when this returns.
    ///
    /// # Errors
    /// When it cannot follow what was, or the disk does not take it.
    pub fn record(&mut self, event: Event) -> Result<()> {
        let now = SystemClock.now();
        let event = self.store.redaction().event(event)?;
        self.run
            .apply(now, &event)
            .map_err(|illegal| Error::refused(format!("{illegal}; nothing was recorded")))?;
        self.entries.push(self.journal.append(now, event)?);
        Ok(())
    }

    /// # Errors
    /// When the record was sealed: a sealed record does not change.
    pub fn refuse_sealed(&self) -> Result<()> {
        unsealed(&self.folder, &self.run)
    }
}

/// # Errors
/// When the record was sealed.
pub(super) fn unsealed(folder: &Folder, run: &Run) -> Result<()> {
    if folder.is_sealed() || run.is_sealed() { Err(sealed(folder)) } else { Ok(()) }
}

pub(super) fn sealed(folder: &Folder) -> Error {
    Error::refused(format!("{} is sealed, and a sealed record does not change", folder.id()))
        .hint("record what is new in a run of its own that names this one")
}

impl Recorder for Writing {
    fn with_run<T>(&self, look: impl FnOnce(&Run) -> T) -> T {
        look(&self.run)
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn record(&mut self, event: Event) -> Result<()> {
        Writing::record(self, event)
    }
}

/// Whoever is at this keyboard.
pub(super) fn actor() -> Actor {
    let operator = environment::operator();
    Actor { name: operator.name.unwrap_or(operator.user), via: Via::Terminal }
}
