//! What was kept of an object beside its bytes: `<key>.meta.json`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::place::Place;

/// The metadata of a collected object, as far as the chain needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Where the object lay when it was collected.
    pub place: Option<Place>,
    /// When S3 took it: the time of its delivery.
    pub last_modified: Option<DateTime<Utc>>,
    /// The signature of a digest, in hex.
    pub signature: Option<String>,
    pub signature_algorithm: Option<String>,
    /// When a backfill digest was made, which may be long after its hour.
    pub backfilled_at: Option<DateTime<Utc>>,
}

impl Metadata {
    /// Reads `{"bucket", "key", "last_modified", "metadata": {...}}`. What is not there, or
    /// not of its kind, is `None`.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let value: Map<String, Value> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let users = value.get("metadata").and_then(Value::as_object);
        let user = |name: &str| users.and_then(|users| user_defined(users, name));
        Ok(Self {
            place: text("bucket").zip(text("key")).map(|(bucket, key)| Place::new(bucket, key)),
            last_modified: text("last_modified").and_then(instant),
            signature: user("signature").map(str::to_owned),
            signature_algorithm: user("signature-algorithm").map(str::to_owned),
            backfilled_at: user("backfill-generation-timestamp").and_then(instant),
        })
    }
}

/// S3 keeps the names in lower case; the SDKs take the prefix of the header away.
fn user_defined<'a>(users: &'a Map<String, Value>, wanted: &str) -> Option<&'a str> {
    let plain = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("x-amz-meta-").map(str::to_owned).unwrap_or(name)
    };
    users.iter().find(|(name, _)| plain(name) == wanted).and_then(|(_, value)| value.as_str())
}

pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_found_with_and_without_the_prefix_of_its_header() {
        for name in ["signature", "x-amz-meta-signature", "X-Amz-Meta-Signature"] {
            let json = format!(r#"{{"bucket":"b","key":"k","metadata":{{"{name}":"00ff"}}}}"#);
            let metadata = Metadata::parse(json.as_bytes()).unwrap();
            assert_eq!(metadata.signature.as_deref(), Some("00ff"));
            assert_eq!(metadata.place, Some(Place::new("b", "k")));
        }
        assert_eq!(Metadata::parse(b"{\"metadata\":7}").unwrap(), Metadata::default());
        Metadata::parse(b"[]").unwrap_err();
    }
}
