//! One line of a journal.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::run::Event;
use crate::text::Digest;

/// The version of the line format that this program writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub v: u32,
    /// Counts from one; the number of the line.
    pub seq: u64,
    /// When the entry was written: UTC, whole microseconds.
    #[serde(with = "microseconds")]
    pub at: DateTime<Utc>,
    /// SHA-256 of the previous line's bytes without its newline; zeros for the first.
    pub prev: Digest,
    pub event: Event,
}

impl Entry {
    /// How every line of this entry begins, to the byte: what comes before the event.
    pub(super) fn head(&self) -> String {
        let at = microseconds::show(&self.at);
        format!(r#"{{"v":{},"seq":{},"at":"{at}","prev":"{}","event":"#, self.v, self.seq, self.prev)
    }
}

/// RFC 3339 in UTC with six digits after the point, always: one instant has one spelling.
mod microseconds {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn show(at: &DateTime<Utc>) -> String {
        at.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&show(at))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| at.to_utc())
            .ok()
            .filter(|at| show(at) == text)
            .ok_or_else(|| D::Error::custom("`at` is not a time in UTC with microseconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Actor, Via};

    #[test]
    fn a_line_is_spelled_as_the_contract_says() {
        let entry = Entry {
            v: VERSION,
            seq: 7,
            at: DateTime::parse_from_rfc3339("2026-11-22T03:10:00.123456Z").unwrap().to_utc(),
            prev: Digest::ZERO,
            event: Event::Sealed { by: Actor { name: "ana".into(), via: Via::Terminal }, program: None },
        };
        let zeros = "0".repeat(64);
        let line = format!(
            r#"{{"v":1,"seq":7,"at":"2026-11-22T03:10:00.123456Z","prev":"{zeros}","event":{{"sealed":{{"by":{{"name":"ana","via":"terminal"}}}}}}}}"#
        );
        assert_eq!(serde_json::to_string(&entry).unwrap(), line);
        assert!(line.starts_with(&entry.head()));
        assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry);
    }

    #[test]
    fn an_instant_has_one_spelling() {
        let line = |at: &str| {
            let zeros = "0".repeat(64);
            let event = r#"{"sealed":{"by":{"name":"a","via":"terminal"}}}"#;
            format!(r#"{{"v":1,"seq":1,"at":"{at}","prev":"{zeros}","event":{event}}}"#)
        };
        assert!(serde_json::from_str::<Entry>(&line("2026-11-22T03:10:00.000000Z")).is_ok());
        for at in [
            "2026-11-22T03:10:00Z",
            "2026-11-22T03:10:00.000000+00:00",
            "2026-11-22T03:10:00.0000001Z",
            "now",
        ] {
            assert!(serde_json::from_str::<Entry>(&line(at)).is_err(), "{at}");
        }
    }
}
