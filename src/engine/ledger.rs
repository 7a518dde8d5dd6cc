//! The record of a run while it grows: the journal, the artifacts, and the run folded from
//! them.

use std::cell::{Cell, Ref, RefCell};

use chrono::{DateTime, Utc};

use super::pace::Pace;
use super::ports::{Clock, Console};
use crate::error::{Error, Result};
use crate::evidence::Store;
use crate::journal::{Entry, Journal};
use crate::run::{Event, Run};

/// One run, open for writing.
pub struct Ledger<'a> {
    journal: RefCell<Journal>,
    store: Store,
    run: RefCell<Run>,
    console: &'a dyn Console,
    clock: &'a dyn Clock,
    /// When the clocks were looked at last.
    pace: Cell<Pace>,
}

impl std::fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("run", &self.run.borrow().id()).finish_non_exhaustive()
    }
}

impl<'a> Ledger<'a> {
    #[must_use]
    pub fn new(
        journal: Journal,
        store: Store,
        run: Run,
        console: &'a dyn Console,
        clock: &'a dyn Clock,
    ) -> Self {
        let pace = Cell::new(Pace::of(clock));
        Self { journal: RefCell::new(journal), store, run: RefCell::new(run), console, clock, pace }
    }

    /// Appends an event durably, and tells the console. The run has it when this returns.
    ///
    /// # Errors
    /// When the event cannot follow what was, or could not be made durable. The run must
    /// stop before its next effect then.
    pub fn record(&self, event: Event) -> Result<()> {
        let now = self.look_at_the_clock()?;
        self.append(now, event)
    }

    /// The time, after an entry where the clock jumped since it was looked at last.
    fn look_at_the_clock(&self) -> Result<DateTime<Utc>> {
        let pace = Pace::of(self.clock);
        let last_entry = self.run.borrow().last_at();
        if let Some(jump) = pace.jump_since(self.pace.replace(pace), last_entry) {
            self.append(pace.now, jump)?;
        }
        Ok(pace.now)
    }

    /// Redacted first, so that the run remembers what the journal says, and nothing else.
    fn append(&self, now: DateTime<Utc>, event: Event) -> Result<()> {
        let event = self.store.redaction().event(event)?;
        let applied = self.run.borrow_mut().apply(now, &event);
        applied.map_err(|illegal| {
            Error::failure(format!("the run cannot go on: {illegal}"))
                .hint("nothing was recorded of it; please report this with the record's journal")
        })?;
        let entry = self.journal.borrow_mut().append(now, event)?;
        self.show(&entry);
        Ok(())
    }

    fn show(&self, entry: &Entry) {
        self.console.entry(entry, &self.run.borrow());
    }

    /// Records what has come due while something else took its time, and that the clock
    /// jumped meanwhile.
    ///
    /// # Errors
    /// As [`Ledger::record`].
    pub fn tick(&self) -> Result<()> {
        self.look_at_the_clock()?;
        loop {
            let due = self.run.borrow().due(self.clock.now());
            match due {
                Some(event) => self.record(event)?,
                None => return Ok(()),
            }
        }
    }

    /// The run as it stands. Do not hold it while something is recorded.
    #[must_use]
    pub fn run(&self) -> Ref<'_, Run> {
        self.run.borrow()
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    #[must_use]
    pub fn console(&self) -> &'a dyn Console {
        self.console
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
