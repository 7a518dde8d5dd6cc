//! What an act leaves behind beside its outputs: files, calls to AWS, the state before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::Digest;

/// A file in the record, named by what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Path below the record's `data/`, with forward slashes.
    pub path: String,
    pub digest: Digest,
    pub bytes: u64,
}

/// What an act left behind beside its outputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// One for each request that went to AWS, retries included, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// What stood there before a write.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
}

impl Evidence {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.artifacts.is_empty() && self.calls.is_empty() && self.before.is_null()
    }
}

/// One request to AWS as it went over the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub service: String,
    pub operation: String,
    pub region: String,
    /// Which try of the SDK's this was, from one.
    pub attempt: u32,
    pub sent_at: DateTime<Utc>,
    pub seconds: f64,
    /// HTTP status; absent where no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The service's error code where it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The server's Date header as it stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_date: Option<String>,
    /// The redacted bodies, where they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Artifact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Artifact>,
}
