//! One event of CloudTrail, read leniently (CloudTrail user guide, "CloudTrail record
//! contents for management, data, and network activity events").

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One event. Nothing is required of it but that it is a JSON object: a field that is not
/// there, or is of another type than AWS says, reads as absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Event(Value);

impl Event {
    /// `None` where the bytes are no JSON object.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object).map(Self)
    }

    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }

    /// What stands at the end of a way through objects; `null` counts as absent.
    #[must_use]
    pub fn field(&self, way: &[&str]) -> Option<&Value> {
        let found = way.iter().try_fold(&self.0, |value, name| value.get(*name))?;
        (!found.is_null()).then_some(found)
    }

    /// A text that is there and not empty.
    #[must_use]
    pub fn text(&self, way: &[&str]) -> Option<&str> {
        self.field(way)?.as_str().filter(|text| !text.is_empty())
    }

    /// Lives on when an event is told twice, by LookupEvents and by a log file.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text(&["eventID"])
    }

    /// The operation, such as `Decrypt`; empty where it is not told.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(&["eventName"]).unwrap_or_default()
    }

    /// The service, such as `kms.amazonaws.com`; empty where it is not told.
    #[must_use]
    pub fn source(&self) -> &str {
        self.text(&["eventSource"]).unwrap_or_default()
    }

    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        instant(self.text(&["eventTime"])?)
    }

    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.text(&["errorCode"])
    }

    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.text(&["sourceIPAddress"])
    }

    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.text(&["awsRegion"])
    }

    /// A principal's ARN; for calls without one the service, the account or the id that called.
    #[must_use]
    pub fn who(&self) -> &str {
        const TOLD: [&str; 5] = ["arn", "invokedBy", "accountId", "principalId", "userName"];
        TOLD.iter().find_map(|field| self.text(&["userIdentity", field])).unwrap_or("unknown")
    }

    /// Who did what, from where, and whether it was refused.
    #[must_use]
    pub fn sentence(&self) -> String {
        let service = self.source().split('.').next().unwrap_or_default();
        let name = if self.name().is_empty() { "an event without a name" } else { self.name() };
        let address = self.address().unwrap_or("an address that is not told");
        let error = self.error().map(|error| format!(", failed with {error}")).unwrap_or_default();
        format!("{service}:{name} by {} from {address}{error}", self.who())
    }
}

/// An instant as AWS writes it, RFC 3339.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_no_object_is_no_event_and_whatever_is_odd_reads_as_absent() {
        for bytes in [&b"[]"[..], b"null", b"\"x\"", b"{", b"\xff", b""] {
            assert!(Event::read(bytes).is_none());
        }
        let odd =
            Event::read(br#"{"eventTime":7,"eventName":[],"userIdentity":"x","errorCode":null}"#).unwrap();
        assert_eq!((odd.time(), odd.name(), odd.who(), odd.error()), (None, "", "unknown", None));
        assert_eq!(odd.sentence(), ":an event without a name by unknown from an address that is not told");
    }

    #[test]
    fn a_nest_without_end_is_no_event() {
        let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        assert!(Event::read(format!(r#"{{"a":{deep}}}"#).as_bytes()).is_none());
    }
}
