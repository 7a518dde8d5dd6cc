//! The loop between a run and the world. Starting and resuming are the same call.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::at_work::AtWork;
use super::interrupt::Interrupts;
use super::ledger::Ledger;
use super::outbox::{Outbox, took};
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

/// How often what comes due is looked for while effects take their time.
const TICK: Duration = Duration::from_secs(1);

/// Runs until the run is over or cannot go on.
///
/// # Errors
/// When the record cannot be written or the terminal is gone. What was recorded stands.
pub async fn drive(ledger: &Ledger<'_>, executor: &dyn Executor, interrupts: &Interrupts) -> Result<Ending> {
    let mut outbox = Outbox::default();
    let ending = go(ledger, executor, interrupts, &mut outbox).await?;
    match ending {
        Ending::Closed(_) => outbox.at_the_end(ledger, executor, interrupts).await?,
        _ => outbox.at_a_pause(ledger, interrupts).await?,
    }
    Ok(ending)
}

async fn go<'a>(
    ledger: &'a Ledger<'_>,
    executor: &'a dyn Executor,
    interrupts: &Interrupts,
    outbox: &mut Outbox<'a>,
) -> Result<Ending> {
    let mut at_work = AtWork::default();
    loop {
        ledger.look_around()?;
        // What somebody answered elsewhere meanwhile is asked no more.
        at_work.withdraw(|place| !ledger.run().is_asking(place));
        outbox.post(ledger, executor);
        let next = ledger.run().next_beside(ledger.now(), at_work.places());
        let interrupted = interrupts.times() > 0;
        let ended = match next {
            Next::Record(event) => {
                ledger.record(event)?;
                None
            }
            Next::Done(outcome) => return Ok(Ending::Closed(outcome)),
            _ if interrupted && at_work.is_empty() => {
                Some(Ending::Paused { reason: "interrupted".to_owned() })
            }
            // Durable before the act.
            Next::Perform(effect) if !interrupted => {
                if let Some(intent) = effect.intent() {
                    ledger.record(intent)?;
                }
                at_work.begin(ledger, executor, effect);
                None
            }
            Next::Wait(until) if !interrupted => {
                turn(ledger, &mut at_work, outbox, Some(until), interrupts).await?
            }
            Next::Perform(_) | Next::Wait(_) | Next::Await => {
                turn(ledger, &mut at_work, outbox, None, interrupts).await?
            }
        };
        if let Some(ending) = ended {
            record_pause(ledger, &ending)?;
            return Ok(ending);
        }
    }
}

/// Waits for an answer, an instant or an interrupt, whichever comes first. `None` when the
/// run goes on.
async fn turn(
    ledger: &Ledger<'_>,
    at_work: &mut AtWork<'_>,
    outbox: &mut Outbox<'_>,
    until: Option<DateTime<Utc>>,
    interrupts: &Interrupts,
) -> Result<Option<Ending>> {
    let told = interrupts.times();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.reset();
    loop {
        let left = match until.map(|until| (until - ledger.now()).to_std().unwrap_or_default()) {
            Some(Duration::ZERO) => return Ok(None),
            left => left,
        };
        if let (Some(until), true) = (until, at_work.is_empty()) {
            ledger.console().waiting(until, ledger.now(), &ledger.run());
        }
        tokio::select! {
            biased;
            (effect, reply) = at_work.answer(), if !at_work.is_empty() => return answered(ledger, &effect, reply?),
            (_, reply) = outbox.answer(), if !outbox.is_empty() => {
                took(ledger, reply?)?;
                return Ok(None);
            }
            () = interrupts.reached(told + 1) => return interrupt(ledger, at_work, interrupts.times()),
            () = tokio::time::sleep(left.unwrap_or(TICK)), if left.is_some_and(|left| left < TICK) => {}
            // The run is asked again: the clock may have been set meanwhile, and a question that
            // somebody answered elsewhere is taken off the screen.
            _ = ticks.tick() => {
                ledger.tick()?;
                at_work.withdraw(|place| !ledger.run().is_asking(place));
                return Ok(None);
            }
        }
    }
}

/// What came of an effect. `None` when the run goes on.
fn answered(ledger: &Ledger<'_>, effect: &Effect, reply: Reply) -> Result<Option<Ending>> {
    Ok(match reply {
        Reply::Event(event) => {
            ledger.record(event)?;
            None
        }
        Reply::Pause { reason } => Some(Ending::Paused { reason }),
        Reply::Nobody { waiting_for } => Some(unanswered(effect, waiting_for)),
    })
}

/// The first interrupt leaves what may be left at any moment, and lets everything else come
/// to its end, which is told: that may be far off. The second abandons it: each of them may have
/// taken place.
fn interrupt(ledger: &Ledger<'_>, at_work: &mut AtWork<'_>, times: u32) -> Result<Option<Ending>> {
    at_work.leave_what_is_idle();
    if times == 1 && !at_work.is_empty() {
        let places: Vec<_> = at_work.places().iter().map(ToString::to_string).collect();
        ledger.console().tell(&format!(
            "the run pauses once {} has ended; Ctrl-C again stops waiting for that",
            places.join(", ")
        ));
    }
    if times > 1 {
        for place in at_work.abandon() {
            let fault = Fault::new(FaultKind::Abandoned, "the operator stopped waiting for the answer");
            ledger.record(Event::Failed { place, fault, evidence: Evidence::default() })?;
        }
    }
    Ok(None)
}

fn unanswered(effect: &Effect, waiting_for: String) -> Ending {
    match effect {
        Effect::Ask { place, question: Question::AfterFailure { kind, message, .. } } => {
            Ending::Stopped { step: place.to_string(), kind: *kind, message: message.clone() }
        }
        _ => Ending::Unanswered { waiting_for },
    }
}

/// A pause that somebody wanted is an entry. A question that stands open is one already.
fn record_pause(ledger: &Ledger<'_>, ending: &Ending) -> Result<()> {
    match ending {
        Ending::Paused { reason } => ledger.record(Event::Paused { by: None, reason: reason.clone() }),
        _ => Ok(()),
    }
}
