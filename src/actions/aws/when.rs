//! Instants of the SDK as RFC 3339 in UTC, as outputs and the record hold them.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use chrono::Utc;

/// RFC 3339, to the fraction that AWS gives; empty where there is none.
pub(super) fn when(instant: Option<&DateTime>) -> String {
    instant.and_then(|instant| instant.fmt(Format::DateTime).ok()).unwrap_or_default()
}

/// An instant of ours for the SDK, to the second.
pub(super) fn instant(at: chrono::DateTime<Utc>) -> DateTime {
    DateTime::from_secs(at.timestamp())
}

/// RFC 3339 to the second.
pub(super) fn show(at: chrono::DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
