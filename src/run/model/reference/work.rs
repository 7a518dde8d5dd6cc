//! One piece of work of the reference: a step, or an element of one.

use super::super::tale::{About, Seen};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stand {
    Rest,
    Sent,
    Unsure,
    /// The world did not tell what became of it.
    Untold,
    /// Again at this second, which was so many seconds off.
    Later(i64, i64),
    /// Done as the world said, and to be read back since this second.
    Check(i64),
    Well,
    Bad,
    TakingBack,
    BackSent,
    BackUnsure,
    BackBad,
    TakenBack,
    Gone,
    Left,
}

#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) stand: Stand,
    pub(super) asked: Option<About>,
    pub(super) attempts: u32,
    pub(super) tries: u32,
    pub(super) backs: u32,
    /// The last reading of a verification: when, and what.
    pub(super) seen: Option<(i64, Seen)>,
    /// How far it reaches was looked at, and that stands for what is sent next.
    pub(super) looked: bool,
    /// When it was looked at, while nothing was sent since.
    pub(super) ahead: Option<i64>,
    /// Nothing that was looked at before stands for it any more.
    pub(super) stale: bool,
    /// It took place, and what it promised could not be read back.
    pub(super) unproven: bool,
    /// Its last failure was a denial.
    pub(super) denied: bool,
}

impl Work {
    pub(super) fn new() -> Self {
        Self {
            stand: Stand::Rest,
            asked: None,
            attempts: 0,
            tries: 0,
            backs: 0,
            seen: None,
            looked: false,
            ahead: None,
            stale: false,
            unproven: false,
            denied: false,
        }
    }

    pub(super) fn afresh(&mut self) {
        *self = Self {
            attempts: self.attempts,
            backs: self.backs,
            asked: self.asked,
            stale: true,
            ..Self::new()
        };
    }

    pub(super) fn is_another_world(&mut self) {
        (self.looked, self.ahead, self.stale) = (false, None, true);
    }

    pub(super) fn word(&self) -> &'static str {
        match (self.asked, self.stand) {
            (Some(About::Doubt), _) => "in doubt",
            (Some(About::Failure), _) => "failed",
            (Some(_), _) => "asking",
            (None, Stand::Rest) => "waiting",
            (None, Stand::Unsure | Stand::Untold | Stand::BackUnsure) => "in doubt",
            (None, Stand::Well) => "done",
            (None, Stand::Bad | Stand::BackBad) => "failed",
            (None, Stand::Gone) => "undone",
            (None, Stand::Left) => "skipped",
            (None, _) => "running",
        }
    }

    /// Whether the elements after this one may go on.
    pub(super) fn is_over(&self) -> bool {
        self.asked.is_none() && matches!(self.stand, Stand::Well | Stand::Bad | Stand::Gone | Stand::Left)
    }

    pub(super) fn went_wrong(&self) -> bool {
        matches!(self.stand, Stand::Bad | Stand::Gone)
    }

    pub(super) fn did_not(&mut self) {
        self.tries = self.tries.saturating_sub(1);
        self.is_another_world();
        self.stand = Stand::Rest;
    }

    /// What an interruption makes of work: what was sent is unsure, what stopped the run is tried
    /// again, and what took place is read back again.
    pub(super) fn interrupted(&mut self, now: i64, tried_again: bool) {
        self.asked = None;
        match self.stand {
            Stand::Sent | Stand::Untold => self.stand = Stand::Unsure,
            Stand::BackSent => self.stand = Stand::BackUnsure,
            Stand::BackBad => self.stand = Stand::TakingBack,
            Stand::Later(..) => self.is_another_world(),
            // A denial stands until a person says otherwise.
            Stand::Bad if self.denied => {}
            Stand::Bad if tried_again && self.unproven => {
                (self.stand, self.seen, self.unproven) = (Stand::Check(now), None, false);
            }
            Stand::Bad if tried_again => self.afresh(),
            _ => {}
        }
    }
}
