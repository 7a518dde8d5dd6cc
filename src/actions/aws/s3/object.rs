//! One version of an object, and what S3 says of it.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::types::ObjectVersion;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::{Map, Value, json};

use crate::actions::aws::fault;

/// The id of the version that a bucket without versioning keeps.
const NULL: &str = "null";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) id: String,
    /// In bytes.
    pub(super) size: u64,
    pub(super) current: bool,
}

impl Version {
    /// A listed version; `encoded` tells that its key is percent-encoded.
    pub(super) fn of(bucket: &str, listed: &ObjectVersion, encoded: bool) -> Self {
        let key = listed.key().unwrap_or_default();
        Self {
            bucket: bucket.to_owned(),
            key: if encoded { decoded(key) } else { key.to_owned() },
            id: listed.version_id().unwrap_or(NULL).to_owned(),
            size: u64::try_from(listed.size().unwrap_or_default()).unwrap_or_default(),
            current: listed.is_latest().unwrap_or_default(),
        }
    }

    /// The id for a request: a current null version is what the plain key means, also where
    /// there is no versioning at all.
    pub(super) fn version_id(&self) -> Option<String> {
        (!(self.current && self.id == NULL)).then(|| self.id.clone())
    }

    /// Whether another version id means this very version.
    pub(super) fn is(&self, id: Option<&str>) -> bool {
        id.unwrap_or(NULL) == self.id
    }

    pub(super) async fn head(&self, s3: &Client) -> Result<HeadObjectOutput, String> {
        let asked = s3.head_object().bucket(&self.bucket).key(&self.key).set_version_id(self.version_id());
        asked.send().await.map_err(|error| unreadable(&error))
    }

    /// What the plain key means now, which may be another version.
    pub(super) async fn head_of_current(&self, s3: &Client) -> Result<HeadObjectOutput, String> {
        let asked = s3.head_object().bucket(&self.bucket).key(&self.key);
        asked.send().await.map_err(|error| unreadable(&error))
    }

    /// The version as a line of a list, to which more is added.
    pub(super) fn line(&self) -> Map<String, Value> {
        let line = json!({
            "bucket": self.bucket,
            "key": self.key,
            "version": self.id,
            "current": self.current,
            "bytes": self.size,
        });
        if let Value::Object(fields) = line { fields } else { Map::new() }
    }
}

/// An answer to HEAD has no body, so that the status is all there is to tell.
fn unreadable(error: &SdkError<HeadObjectError, HttpResponse>) -> String {
    match error {
        SdkError::ServiceError(context) if context.raw().status().as_u16() == 400 => {
            "HeadObject says bad request: it may lie under a key of the customer's own (SSE-C)".to_owned()
        }
        error => format!("HeadObject: {}", fault::reason(error)),
    }
}

/// Keys as S3 encodes them in a listing: percent signs, and a plus for a space.
pub(super) fn decoded(key: &str) -> String {
    crate::actions::aws::percent::decoded(&key.replace('+', " "))
}
