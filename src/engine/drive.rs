//! The loop between a run and the world. Starting and resuming are the same call.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::desk::Desk;
use super::interrupt::Interrupts;
use super::ledger::Ledger;
use super::ports::{Executor, Reply};
use crate::error::Result;
use crate::run::{Effect, Event, Evidence, Fault, FaultKind, Next, Outcome, Question};

/// How a turn at a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run is over.
    Closed(Outcome),
    /// Somebody wanted it to pause.
    Paused { reason: String },
    /// It needs an answer, and nobody is there to give it.
    Unanswered { waiting_for: String },
    /// A step failed, and nobody is there to decide what now.
    Stopped { step: String, kind: FaultKind, message: String },
}

/// How often what comes due is looked for while an effect takes its time.
const TICK: Duration = Duration::from_secs(1);

/// Runs until the run is over or cannot go on.
///
/// # Errors
/// When the record cannot be written or the terminal is gone. What was recorded stands.
pub async fn drive(ledger: &Ledger<'_>, executor: &dyn Executor, interrupts: &Interrupts) -> Result<Ending> {
    loop {
        ledger.look_around()?;
        let next = ledger.run().next(ledger.now());
        let ended = match next {
            Next::Record(event) => {
                ledger.record(event)?;
                None
            }
            Next::Done(outcome) => return Ok(Ending::Closed(outcome)),
            _ if interrupts.times() > 0 => Some(interrupted()),
            Next::Wait(until) => wait(ledger, until, interrupts).await?,
            Next::Perform(effect) => perform(ledger, executor, &effect, interrupts).await?,
        };
        if let Some(ending) = ended {
            record_pause(ledger, &ending)?;
            return Ok(ending);
        }
    }
}

/// The intent, the act, and what came of it. `None` when the run goes on.
async fn perform(
    ledger: &Ledger<'_>,
    executor: &dyn Executor,
    effect: &Effect,
    interrupts: &Interrupts,
) -> Result<Option<Ending>> {
    if let Some(intent) = effect.intent() {
        ledger.record(intent)?;
    }
    let desk = Desk::new(ledger, effect.place());
    let mut reply = executor.perform(effect, &desk);
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
    // What may be left at any moment is left at once; anything else is finished first.
    let patience = if effect.is_idle() { 1 } else { 2 };
    let reply = loop {
        tokio::select! {
            biased;
            reply = &mut reply => break reply?,
            () = interrupts.reached(patience) => break abandoned(effect),
            _ = ticks.tick() => ledger.tick()?,
        }
        // Somebody answered elsewhere: the question is taken off the screen.
        if matches!(effect, Effect::Ask { place, .. } if !ledger.run().is_asking(place)) {
            return Ok(None);
        }
    };
    Ok(match reply {
        Reply::Event(event) => {
            ledger.record(event)?;
            None
        }
        Reply::Pause { reason } => Some(Ending::Paused { reason }),
        Reply::Nobody { waiting_for } => Some(unanswered(effect, waiting_for)),
    })
}

fn abandoned(effect: &Effect) -> Reply {
    if effect.is_idle() {
        let reason = match effect {
            Effect::Ask { place, .. } => format!("interrupted at the question of step {place}"),
            _ => "interrupted while waiting".to_owned(),
        };
        return Reply::Pause { reason };
    }
    let fault = Fault::new(FaultKind::Abandoned, "the operator stopped waiting for the answer");
    let place = effect.place().clone();
    Reply::Event(Event::Failed { place, fault, evidence: Evidence::default() })
}

fn unanswered(effect: &Effect, waiting_for: String) -> Ending {
    match effect {
        Effect::Ask { place, question: Question::AfterFailure { kind, message, .. } } => {
            Ending::Stopped { step: place.to_string(), kind: *kind, message: message.clone() }
        }
        _ => Ending::Unanswered { waiting_for },
    }
}

async fn wait(ledger: &Ledger<'_>, until: DateTime<Utc>, interrupts: &Interrupts) -> Result<Option<Ending>> {
    loop {
        let now = ledger.now();
        let Some(left) = (until - now).to_std().ok().filter(|left| !left.is_zero()) else { return Ok(None) };
        ledger.console().waiting(until, now, &ledger.run());
        tokio::select! {
            biased;
            () = interrupts.reached(1) => return Ok(Some(interrupted())),
            () = tokio::time::sleep(left.min(TICK)) => ledger.tick()?,
        }
    }
}

fn interrupted() -> Ending {
    Ending::Paused { reason: "interrupted".to_owned() }
}

/// A pause that somebody wanted is an entry. A question that stands open is one already.
fn record_pause(ledger: &Ledger<'_>, ending: &Ending) -> Result<()> {
    match ending {
        Ending::Paused { reason } => ledger.record(Event::Paused { by: None, reason: reason.clone() }),
        _ => Ok(()),
    }
}
