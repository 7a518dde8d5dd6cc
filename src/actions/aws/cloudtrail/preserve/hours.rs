//! Hours without a digest. While a trail logs with validation, each of its Regions has one
//! every hour, also where nothing happened (CloudTrail user guide, "Validating CloudTrail
//! log file integrity").

use chrono::{DateTime, TimeDelta, Utc};

use super::window::Window;

const HOUR: TimeDelta = TimeDelta::hours(1);
/// Digests do not end on the second; a hole is longer than this.
const SLACK: TimeDelta = TimeDelta::minutes(5);
/// A digest is there this long after its hour.
const LATE: TimeDelta = TimeDelta::hours(1);

/// When a trail last began to log, and last stopped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Logging {
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) stopped: Option<DateTime<Utc>>,
}

/// A stretch without a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    pub(super) span: Window,
    /// Whether the trail says itself that it did not log then.
    pub(super) told_by_trail: bool,
}

/// The stretches of the window that no digest covers, by the times at which digests end.
pub(super) fn missing(
    ends: &[DateTime<Utc>],
    window: Window,
    logging: Logging,
    now: DateTime<Utc>,
) -> Vec<Hole> {
    // The hour that is under way has no digest yet, and that before it may not.
    let until = window.to.min(now - HOUR - LATE);
    let mut ends = ends.to_vec();
    ends.sort_unstable();
    let (mut holes, mut reached) = (Vec::new(), window.from);
    for end in ends {
        let begins = end - HOUR;
        if begins > reached + SLACK {
            holes.push(Window { from: reached, to: begins });
        }
        reached = reached.max(end);
    }
    if until > reached + SLACK {
        holes.push(Window { from: reached, to: until });
    }
    let inside = holes.into_iter().filter(|hole| hole.from < window.to);
    inside.map(|span| Hole { span, told_by_trail: logging.explains(span) }).collect()
}

impl Logging {
    /// Whether the trail was off for all of the span: the digests of the hours in which it was
    /// stopped and started again cover only a part of them.
    fn explains(self, span: Window) -> bool {
        let begins = self.started.is_some_and(|started| started + HOUR + SLACK >= span.to);
        let was_off = self.stopped.is_none_or(|stopped| stopped - HOUR - SLACK <= span.from);
        let is_off = self.stopped.is_some_and(|stopped| {
            stopped > self.started.unwrap_or_default() && stopped - HOUR - SLACK <= span.from
        });
        (begins && was_off) || is_off
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("2026-11-21T{hour}:00Z")).unwrap().to_utc()
    }

    fn holes(ends: &[&str], logging: Logging) -> Vec<(String, String, bool)> {
        let window = Window { from: at("03:00"), to: at("09:00") };
        let ends: Vec<_> = ends.iter().map(|end| at(end)).collect();
        let told = |time: DateTime<Utc>| time.format("%H:%M").to_string();
        missing(&ends, window, logging, at("10:10"))
            .into_iter()
            .map(|hole| (told(hole.span.from), told(hole.span.to), hole.told_by_trail))
            .collect()
    }

    #[test]
    fn a_digest_for_every_hour_leaves_none_out() {
        assert!(
            holes(&["04:01", "05:01", "06:01", "07:01", "08:01", "09:01"], Logging::default()).is_empty()
        );
        assert!(
            holes(&["07:00", "03:00", "05:00", "04:00", "09:00", "06:00", "08:00"], Logging::default())
                .is_empty()
        );
    }

    #[test]
    fn holes_at_both_ends_and_between_are_told() {
        let told = holes(&["05:00", "07:00"], Logging::default());
        let hole = |from: &str, to: &str| (from.to_owned(), to.to_owned(), false);
        assert_eq!(told, [hole("03:00", "04:00"), hole("05:00", "06:00"), hole("07:00", "08:10")]);
        assert_eq!(holes(&[], Logging::default()), [hole("03:00", "08:10")]);
    }

    #[test]
    fn a_trail_that_did_not_log_says_so() {
        let began = Logging { started: Some(at("05:20")), stopped: None };
        assert_eq!(
            holes(&["07:00", "08:00", "09:00"], began),
            [("03:00".to_owned(), "06:00".to_owned(), true)]
        );
        let ended = Logging { started: Some(at("01:00")), stopped: Some(at("05:20")) };
        assert_eq!(holes(&["04:00", "05:00"], ended), [("05:00".to_owned(), "08:10".to_owned(), true)]);
        let again = Logging { started: Some(at("06:10")), stopped: Some(at("05:20")) };
        let told = holes(&["05:00", "08:00", "09:00"], again);
        assert_eq!(
            told,
            [("03:00".to_owned(), "04:00".to_owned(), false), ("05:00".to_owned(), "07:00".to_owned(), true)]
        );
    }
}
