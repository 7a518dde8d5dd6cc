//! Times in `allowed_signers` (`ssh-keygen(1)`, ALLOWED SIGNERS): `YYYYMMDD`,
//! `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` behind for UTC, else in the time zone of
//! the machine.

use chrono::{DateTime, Local, NaiveDateTime, TimeZone as _, Utc};

pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let (digits, utc) = match text.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let whole = format!("{digits:0<14}");
    let told = NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%S").ok()?;
    if utc { Some(told.and_utc()) } else { Local.from_local_datetime(&told).earliest().map(|at| at.to_utc()) }
}

/// The same in UTC.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.format("%Y%m%d%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_are_those_of_the_manual_page() {
        let at = |text: &str| parse(text).map(|at| at.to_rfc3339());
        assert_eq!(at("20261122Z").as_deref(), Some("2026-11-22T00:00:00+00:00"));
        assert_eq!(at("202611220310Z").as_deref(), Some("2026-11-22T03:10:00+00:00"));
        assert_eq!(at("20261122031059Z").as_deref(), Some("2026-11-22T03:10:59+00:00"));
        assert!(at("20261122").is_some());
        for wrong in ["", "Z", "2026112", "20261322Z", "2026-11-22", "202611220310599Z"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
