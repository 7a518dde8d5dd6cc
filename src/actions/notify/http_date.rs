//! Dates of HTTP headers, in all three forms that a recipient has to understand (RFC 9110,
//! section 5.6.7).

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};

/// The instant that a date names; `None` where it is none.
pub(super) fn parse(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    imf_fixdate(text).or_else(|| rfc_850(text, now)).or_else(|| asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`: a year that seems to lie more than 50 years ahead is the
/// last one in the past with the same two digits.
fn rfc_850(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (_, date) = text.split_once(", ")?;
    let (day_and_month, rest) = date.split_at_checked(7)?;
    let (digits, time) = rest.split_at_checked(2)?;
    let digits: i32 = digits.parse().ok().filter(|digits| (0..100).contains(digits))?;
    let year = now.year() - now.year().rem_euclid(100) + digits;
    let year = if year > now.year() + 50 { year - 100 } else { year };
    let whole = format!("{day_and_month}{year}{time}");
    NaiveDateTime::parse_from_str(&whole, "%d-%b-%Y %H:%M:%S GMT").ok().map(|at| at.and_utc())
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, "%a %b %e %H:%M:%S %Y").ok().map(|at| at.and_utc())
}
