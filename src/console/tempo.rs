//! How fast a long action gets on, and what is left of it at that rate: what the bar at a
//! terminal shows, as words.

use std::cell::RefCell;
use std::time::Duration;

use indicatif::ProgressBar;

use super::words::clock;
use super::words::text::grouped;
use crate::run::Place;

/// A rate over less time than this says nothing.
const SETTLED: Duration = Duration::from_secs(1);

/// Measured by a bar that is not drawn.
#[derive(Debug)]
pub(super) struct Tempo(RefCell<(Option<Place>, ProgressBar)>);

impl Default for Tempo {
    fn default() -> Self {
        Self(RefCell::new((None, ProgressBar::hidden())))
    }
}

impl Tempo {
    pub(super) fn see(&self, place: &Place, done: u64, of: Option<u64>) {
        let mut now = self.0.borrow_mut();
        if now.0.as_ref() != Some(place) {
            *now = (Some(place.clone()), ProgressBar::hidden());
        }
        if let Some(of) = of {
            now.1.set_length(of);
        }
        now.1.set_position(done);
    }

    /// ` · 120 a second · 3:05 left`, or nothing while there is nothing to tell.
    pub(super) fn told(&self, done: u64, of: Option<u64>) -> String {
        let now = self.0.borrow();
        if now.1.elapsed() < SETTLED {
            return String::new();
        }
        words(now.1.per_sec(), of.map(|of| of.saturating_sub(done)))
    }
}

fn words(rate: f64, left: Option<u64>) -> String {
    if !rate.is_finite() || rate < 0.5 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "finite and positive; a rate beyond u64 is cut"
    )]
    let whole = rate.round() as u64;
    let rate = format!(" · {} a second", grouped(whole));
    match left.and_then(|left| left.checked_div(whole)) {
        Some(seconds) => format!("{rate} · {} left", clock::left(Duration::from_secs(seconds))),
        None => rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_and_what_is_left_are_told_once_they_are_known() {
        assert_eq!(words(0.0, Some(5)), "");
        assert_eq!(words(f64::NAN, None), "");
        assert_eq!(words(1200.4, None), " · 1,200 a second");
        let left = clock::left(Duration::from_secs(90));
        assert_eq!(words(100.0, Some(9_000)), format!(" · 100 a second · {left} left"));
    }

    #[test]
    fn an_action_that_begins_has_no_rate_of_the_one_before() {
        let tempo = Tempo::default();
        tempo.see(&Place::step("first"), 1_000_000, Some(2_000_000));
        tempo.see(&Place::step("second"), 0, None);
        assert_eq!(tempo.told(0, None), "");
    }
}
