//! What the engine needs from outside, as traits.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::desk::Desk;
use crate::error::Result;
use crate::evidence::HandedIn;
use crate::journal::Entry;
use crate::run::{Actor, Answer, Effect, Event, Place, Question, Run, Survey};

/// A future that lives on this thread.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Tells the time.
pub trait Clock {
    fn now(&self) -> DateTime<Utc>;

    /// How long this process has been awake, by a clock that nobody sets and that stands
    /// while the machine sleeps. The moment it counts from has no meaning.
    fn awake(&self) -> Duration;
}

/// The only door to the world. Live, dry run, tabletop and replay stand behind it.
pub trait Executor {
    /// Performs one effect and says what happened. What went wrong in the world is an
    /// event; an `Err` means that the program itself cannot go on.
    fn perform<'a>(&'a self, effect: &'a Effect, desk: &'a Desk<'a>) -> Soon<'a, Result<Reply>>;

    /// Looks around before the first step. Whoever does not act has nothing to look for.
    fn survey<'a>(&'a self, desk: &'a Desk<'a>) -> Soon<'a, Result<Option<Survey>>> {
        let _ = desk;
        Box::pin(async { Ok(None) })
    }
}

/// What an executor makes of an effect.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one reply lives at a time")]
pub enum Reply {
    Event(Event),
    /// Nobody is there to answer: the run pauses and says what it is waiting for.
    Nobody {
        waiting_for: String,
    },
    /// The responder wants to pause at a question.
    Pause {
        reason: String,
    },
}

/// The person, or what stands in for one.
pub trait Console {
    /// Something was recorded; `run` is the run after it.
    fn entry(&self, entry: &Entry, run: &Run);

    /// Whether everything was told whose telling is the whole point, as of a plan.
    ///
    /// # Errors
    /// When it was not taken, such as by a full disk.
    fn was_told(&self) -> Result<()> {
        Ok(())
    }

    /// A long action got on.
    fn progress(&self, place: &Place, done: u64, of: Option<u64>, unit: &str);

    /// Puts a question and says what came of it. What is asked is shown as `run` stands now;
    /// the clock goes on while a person thinks. Let go of, the question is withdrawn.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn ask(
        &self,
        place: &Place,
        question: &Question,
        run: &Run,
        now: DateTime<Utc>,
    ) -> Soon<'_, Result<Said>>;

    /// Tells what came of something that a person wanted beside the question. Not recorded.
    fn tell(&self, _text: &str) {}

    /// Time passes while something else is waited for; called about every second.
    fn passing(&self, _now: DateTime<Utc>, _run: &Run) {}

    /// The run waits for a time; called about every second while it does.
    fn waiting(&self, until: DateTime<Utc>, now: DateTime<Utc>, run: &Run);
}

/// What came of a question.
#[derive(Debug)]
pub enum Said {
    /// An answer, with files that are still to be stored as attachments.
    Answer {
        answer: Answer,
        files: Vec<PathBuf>,
    },
    /// Items of a review are decided, or their decision is taken back; it is recorded and the
    /// table is put again.
    Decided {
        items: Vec<String>,
        decision: Option<String>,
        reason: Option<String>,
        by: Actor,
    },
    /// A note while the question stands; it is recorded and the question is put again.
    Note(String),
    /// The procedure was departed from; likewise.
    Departed(String),
    /// Command passes to somebody else; likewise.
    HandOver {
        to: String,
        reason: String,
    },
    /// Somebody on another machine is to sign the approval that is asked for: what is to be
    /// signed is made and told.
    Challenge,
    /// A signature from there.
    Signed(HandedIn),
    Pause(String),
    Nobody {
        waiting_for: String,
    },
}
