//! Dates in conditions: the W3C profile of ISO 8601, or seconds since 1970.

use chrono::{DateTime, NaiveDate};

/// Nanoseconds since 1970, UTC. Four digits alone are a year.
#[must_use]
pub fn moment(text: &str) -> Option<i128> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() != 4 {
        return text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * 1_000_000_000);
    }
    if let Some((date, time)) = text.split_once(['T', 't']) {
        let (clock, zone) = time.split_at_checked(time.find(['Z', 'z', '+', '-'])?)?;
        let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
        let whole = format!("{date}T{clock}{seconds}{zone}");
        let instant = DateTime::parse_from_rfc3339(&whole).ok()?;
        return Some(
            i128::from(instant.timestamp()) * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos()),
        );
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let date = NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok()?;
    Some(i128::from(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp()) * 1_000_000_000)
}
