//! Whether the clock went as time did.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::ports::Clock;
use crate::run::{Deviation, Event};
use crate::text::duration;

/// How far a clock may step back behind the last entry before it is worth one; network time
/// nudges less.
const TOLERATED_STEP_BACK: TimeDelta = TimeDelta::seconds(1);

/// How far it may part from the time that the process was awake. Network time that is found
/// after the start steps by seconds at most where a machine was not off for long.
const TOLERATED_GAP: TimeDelta = TimeDelta::seconds(10);

/// One look at both clocks: the one that people read, and the one that nobody sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub now: DateTime<Utc>,
    awake: Duration,
}

impl Pace {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), awake: clock.awake() }
    }

    /// The entry that is due where the clock jumped since an earlier look. What lies before
    /// this process is known by the last entry alone: a clock that went forward there went
    /// as far as time did, for all that anybody knows.
    pub(super) fn jump_since(self, earlier: Self, last_entry: Option<DateTime<Utc>>) -> Option<Event> {
        let awake = TimeDelta::from_std(self.awake.saturating_sub(earlier.awake)).unwrap_or(TimeDelta::MAX);
        let gap = (self.now - earlier.now).checked_sub(&awake).unwrap_or(TimeDelta::MIN);
        if gap > TOLERATED_GAP {
            return Some(jumped(self.forward(earlier, awake, gap)));
        }
        let last = last_entry.filter(|last| self.now < *last - TOLERATED_STEP_BACK);
        if last.is_none() && gap >= -TOLERATED_GAP {
            return None;
        }
        let now = self.now;
        let from = last.or(earlier.now.checked_add_signed(awake)).unwrap_or(now);
        Some(jumped(format!(
            "the clock of this machine went back from {from} to {now}; order is by sequence"
        )))
    }

    fn forward(self, earlier: Self, awake: TimeDelta, gap: TimeDelta) -> String {
        let show = |length: TimeDelta| {
            let seconds = Duration::from_secs(length.num_seconds().unsigned_abs());
            duration::show(seconds)
        };
        format!(
            "the clock of this machine went from {} to {} while the program was awake for {}: it slept, or the clock was set, for {}",
            earlier.now,
            self.now,
            show(awake),
            show(gap)
        )
    }
}

fn jumped(detail: String) -> Event {
    Event::Deviated { what: Deviation::ClockJumped, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(wall: i64, awake: u64) -> Pace {
        let zero: DateTime<Utc> = "2026-11-22T03:10:00Z".parse().unwrap();
        Pace { now: zero + TimeDelta::seconds(wall), awake: Duration::from_secs(awake) }
    }

    fn detail(jump: Option<Event>) -> Option<String> {
        jump.map(|event| match event {
            Event::Deviated { what: Deviation::ClockJumped, detail } => detail,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_clock_that_goes_as_time_does_is_not_worth_an_entry() {
        for (wall, awake) in [(0, 0), (1, 1), (86_400, 86_400), (70, 61), (55, 64)] {
            let jump = look(wall, awake).jump_since(look(0, 0), None);
            assert_eq!(detail(jump), None, "{wall} {awake}");
        }
    }

    #[test]
    fn a_machine_that_slept_is_told_with_how_long_it_slept_and_was_awake() {
        let told = detail(look(10_805, 5).jump_since(look(0, 0), Some(look(0, 0).now))).unwrap();
        assert!(told.contains("awake for 5s"), "{told}");
        assert!(told.contains("for 3h"), "{told}");
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_whether_or_not_an_entry_lies_ahead_of_it() {
        let behind_the_last_entry = look(100, 3).jump_since(look(100, 3), Some(look(200, 0).now));
        assert!(detail(behind_the_last_entry).unwrap().contains("went back"));
        let while_a_question_stood = look(3_600, 7_200).jump_since(look(0, 0), Some(look(0, 0).now));
        assert!(detail(while_a_question_stood).unwrap().contains("went back"));
    }

    #[test]
    fn a_clock_at_the_end_of_time_is_no_end_of_the_program() {
        let last = Pace { now: DateTime::<Utc>::MAX_UTC, awake: Duration::MAX };
        let first = Pace { now: DateTime::<Utc>::MIN_UTC, awake: Duration::ZERO };
        let _ = (last.jump_since(first, None), first.jump_since(last, None));
    }
}
