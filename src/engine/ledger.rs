//! The record of a run while it grows: the journal, the artifacts, and the run folded from
//! them.

use std::cell::{Cell, Ref, RefCell};

use chrono::{DateTime, SubsecRound as _, Utc};

use super::pace::Pace;
use super::ports::{Clock, Console};
use crate::error::{Error, Result};
use crate::evidence::Store;
use crate::evidence::inbox::{self, Inbox, Recorder};
use crate::journal::{Entry, Journal};
use crate::run::{Event, Run};

/// How often a run looks, between steps, for what others have to say.
const BETWEEN_LOOKS: chrono::TimeDelta = chrono::TimeDelta::seconds(1);

/// One run, open for writing.
pub struct Ledger<'a> {
    journal: RefCell<Journal>,
    store: Store,
    run: RefCell<Run>,
    console: &'a dyn Console,
    clock: &'a dyn Clock,
    /// When the clocks were looked at last.
    pace: Cell<Pace>,
    /// Where others lay what they have to say; a dry run has none.
    inbox: Option<Inbox>,
    looked: Cell<Option<DateTime<Utc>>>,
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
        Self {
            journal: RefCell::new(journal),
            store,
            run: RefCell::new(run),
            console,
            clock,
            pace: Cell::new(Pace::of(clock)),
            inbox: None,
            looked: Cell::default(),
        }
    }

    /// Takes up what others say, beside the record.
    #[must_use]
    pub fn listening(mut self, inbox: Option<Inbox>) -> Self {
        self.inbox = inbox;
        self
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

    /// Redacted first, and by the journal's microseconds, so that the run remembers what the
    /// journal says, and nothing else.
    fn append(&self, now: DateTime<Utc>, event: Event) -> Result<()> {
        let now = now.trunc_subsecs(6);
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

    /// Records what has come due, what others said, and that the clock jumped, while something
    /// else took its time.
    ///
    /// # Errors
    /// As [`Ledger::record`].
    pub fn tick(&self) -> Result<()> {
        self.look_at_the_clock()?;
        let now = self.clock.now();
        self.looked.set(Some(now));
        while let Some(event) = self.due(now) {
            self.record(event)?;
        }
        if let Some(inbox) = &self.inbox {
            inbox::take_up(inbox, &mut &*self, now)?;
        }
        self.console.passing(now, &self.run.borrow());
        Ok(())
    }

    fn due(&self, now: DateTime<Utc>) -> Option<Event> {
        self.run.borrow().due(now)
    }

    /// The same between two steps, at most once a second: many steps take no time.
    ///
    /// # Errors
    /// As [`Ledger::record`].
    pub fn look_around(&self) -> Result<()> {
        let now = self.clock.now();
        let lately = |at: DateTime<Utc>| at <= now && now < at + BETWEEN_LOOKS;
        if self.looked.get().is_some_and(lately) || self.run.borrow().opened().is_none() {
            return Ok(());
        }
        self.tick()
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

    /// Where others lay what they have to say; a dry run has none.
    #[must_use]
    pub fn inbox(&self) -> Option<&Inbox> {
        self.inbox.as_ref()
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

impl Recorder for &Ledger<'_> {
    fn with_run<T>(&self, look: impl FnOnce(&Run) -> T) -> T {
        look(&self.run.borrow())
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn record(&mut self, event: Event) -> Result<()> {
        Ledger::record(self, event)
    }
}
