//! Times as a responder reads them.

use chrono::{DateTime, SecondsFormat, Utc};
use std::time::Duration;

use crate::text::duration;

/// The time since the start of the incident, `T+00:03:12`. Never negative: a clock that
/// jumped back reads as the start.
#[must_use]
pub fn since_start(started: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("T+{}", duration::clock((now - started).to_std().unwrap_or_default()))
}

/// What is left: `11:48`, `3h 12m`, `2d 4h`.
#[must_use]
pub fn left(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..3_600 => format!("{}:{:02}", all / 60, all % 60),
        3_600..86_400 => format!("{}h {:02}m", all / 3_600, all / 60 % 60),
        _ => format!("{}d {}h", all / 86_400, all / 3_600 % 24),
    }
}

/// How long something took: `0.4 s`, `12 s`, `3 min 05 s`, `1 h 20 min`.
#[must_use]
pub fn took(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..10 => format!("{}.{} s", all, duration.subsec_millis() / 100),
        10..60 => format!("{all} s"),
        60..3_600 => format!("{} min {:02} s", all / 60, all % 60),
        _ => format!("{} h {:02} min", all / 3_600, all / 60 % 60),
    }
}

/// A phase's window, `T+0 to T+15m`.
#[must_use]
pub fn window((from, to): (Duration, Duration)) -> String {
    let mark =
        |at: Duration| if at.is_zero() { "T+0".to_owned() } else { format!("T+{}", duration::show(at)) };
    format!("{} to {}", mark(from), mark(to))
}

/// An instant, in UTC, to the second.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_a_responder_reads_them() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(708)), "11:48");
        assert_eq!(left(seconds(5)), "0:05");
        assert_eq!(left(seconds(11_530)), "3h 12m");
        assert_eq!(left(seconds(187_200)), "2d 4h");
        assert_eq!(took(Duration::from_millis(449)), "0.4 s");
        assert_eq!(took(seconds(12)), "12 s");
        assert_eq!(took(seconds(185)), "3 min 05 s");
        assert_eq!(took(seconds(4_800)), "1 h 20 min");
        assert_eq!(window((seconds(0), seconds(900))), "T+0 to T+15m");
        assert_eq!(window((seconds(3_600), seconds(14_400))), "T+1h to T+4h");
    }

    #[test]
    fn a_clock_that_jumped_back_reads_as_the_start() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(since_start(start, at(1_192)), "T+00:03:12");
        assert_eq!(since_start(start, at(900)), "T+00:00:00");
    }
}
