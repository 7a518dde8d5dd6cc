//! Messages on their way, beside everything else: no step waits for them.

use std::time::Duration;

use super::at_work::AtWork;
use super::interrupt::Interrupts;
use super::ledger::Ledger;
use super::ports::{Executor, Reply};
use crate::error::Result;
use crate::run::{Effect, Event};

/// How long the end of a run waits for messages that are on their way, and for a last try
/// of those that are not.
const AT_THE_END: Duration = Duration::from_secs(15);

/// The messages of escalations that are at work.
#[derive(Default)]
pub(super) struct Outbox<'a> {
    going: AtWork<'a>,
}

impl<'a> Outbox<'a> {
    /// Begins to send whatever is due.
    pub fn post(&mut self, ledger: &'a Ledger<'_>, executor: &'a dyn Executor) {
        loop {
            let due = ledger.run().message_due(ledger.now(), self.going.places());
            let Some(message) = due else { return };
            self.going.begin(ledger, executor, message);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.going.is_empty()
    }

    /// What came of a message first; never anything when none is on its way.
    pub async fn answer(&mut self) -> (Effect, Result<Reply>) {
        self.going.answer().await
    }

    /// The end of a turn at a run: what is on its way gets a little time.
    ///
    /// # Errors
    /// When the record does not take what came of it.
    pub async fn at_a_pause(&mut self, ledger: &Ledger<'_>, interrupts: &Interrupts) -> Result<()> {
        let patience = Patience::at(interrupts);
        while !self.is_empty() && self.settled_one(ledger, interrupts, &patience).await? {}
        Ok(())
    }

    /// The run is over: what is still owed is tried once more, all at once; and so is what was
    /// on its way and was not taken.
    ///
    /// # Errors
    /// When the record does not take what came of it.
    pub async fn at_the_end(
        &mut self,
        ledger: &'a Ledger<'_>,
        executor: &'a dyn Executor,
        interrupts: &Interrupts,
    ) -> Result<()> {
        let patience = Patience::at(interrupts);
        let mut tried = Vec::new();
        loop {
            let owed = ledger.run().message_owed(&[self.going.places(), &tried].concat());
            if let Some(message) = owed {
                tried.push(message.place().clone());
                self.going.begin(ledger, executor, message);
            } else if self.is_empty() || !self.settled_one(ledger, interrupts, &patience).await? {
                return Ok(());
            }
        }
    }

    /// Records what came of one message; whether one came back before the patience was over.
    async fn settled_one(
        &mut self,
        ledger: &Ledger<'_>,
        interrupts: &Interrupts,
        patience: &Patience,
    ) -> Result<bool> {
        tokio::select! {
            biased;
            (_, reply) = self.answer() => took(ledger, reply?).map(|()| true),
            () = interrupts.reached(patience.interrupts) => Ok(false),
            () = tokio::time::sleep_until(patience.until) => Ok(false),
        }
    }
}

/// How long the end of a turn waits: to an instant, or to one more interrupt.
struct Patience {
    until: tokio::time::Instant,
    interrupts: u32,
}

impl Patience {
    fn at(interrupts: &Interrupts) -> Self {
        let until = tokio::time::Instant::now() + AT_THE_END;
        Self { until, interrupts: interrupts.times().max(1) + 1 }
    }
}

/// Records what came of a message. An executor has no other reply to one.
pub(super) fn took(ledger: &Ledger<'_>, reply: Reply) -> Result<()> {
    match reply {
        Reply::Event(event @ Event::Notified { .. }) => ledger.record(event),
        Reply::Event(_) | Reply::Nobody { .. } | Reply::Pause { .. } => Ok(()),
    }
}
