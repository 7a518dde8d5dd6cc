//! The contents of a digest file, by "CloudTrail digest file structure".

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::metadata::instant;
use super::place::Place;
use crate::text::Digest;

/// The only hash that digests use.
const SHA_256: &str = "SHA-256";

/// One digest file, inflated and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFile {
    pub account: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// Where CloudTrail put it.
    pub place: Place,
    pub fingerprint: String,
    pub algorithm: String,
    /// None in a starting digest: logging with validation began with it.
    pub previous: Option<Previous>,
    pub logs: Vec<Listed>,
    /// Of the inflated bytes.
    pub sha256: Digest,
    /// The end as it is spelt, which is what was signed.
    end_text: String,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    pub place: Place,
    pub sha256: Digest,
    /// In hex.
    pub signature: String,
}

/// A log file that a digest lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub place: Place,
    /// Of the inflated bytes.
    pub sha256: Digest,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
}

impl DigestFile {
    /// Reads the inflated bytes of a digest file.
    ///
    /// # Errors
    /// What about them is not as CloudTrail writes it.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let wire: Wire = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let (start, end) = (time("digestStartTime", &wire.start)?, time("digestEndTime", &wire.end)?);
        if start > end {
            return Err("it ends before it starts".to_owned());
        }
        Ok(Self {
            account: wire.account,
            start,
            end,
            place: Place::new(wire.bucket, wire.object),
            fingerprint: wire.fingerprint.to_ascii_lowercase(),
            algorithm: wire.algorithm,
            previous: previous(
                wire.previous_bucket,
                wire.previous_object,
                wire.previous_hash,
                wire.previous_algorithm,
                wire.previous_signature,
            )?,
            logs: wire.logs.into_iter().map(listed).collect::<Result<_, _>>()?,
            sha256: Digest::of(json),
            end_text: wire.end,
        })
    }

    /// What CloudTrail signed ("Custom implementations", recreating the data signing string).
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        let Place { bucket, key } = &self.place;
        let previous = self.previous.as_ref().map_or("null", |previous| &previous.signature);
        format!("{}\n{bucket}/{key}\n{}\n{previous}", self.end_text, self.sha256)
    }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "awsAccountId")]
    account: String,
    #[serde(rename = "digestStartTime")]
    start: String,
    #[serde(rename = "digestEndTime")]
    end: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    object: String,
    #[serde(rename = "digestPublicKeyFingerprint")]
    fingerprint: String,
    #[serde(rename = "digestSignatureAlgorithm")]
    algorithm: String,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<String>,
    #[serde(rename = "previousDigestHashValue")]
    previous_hash: Option<String>,
    #[serde(rename = "previousDigestHashAlgorithm")]
    previous_algorithm: Option<String>,
    #[serde(rename = "previousDigestSignature")]
    previous_signature: Option<String>,
    #[serde(rename = "logFiles")]
    logs: Vec<WireLog>,
}

#[derive(Deserialize)]
struct WireLog {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3Object")]
    object: String,
    #[serde(rename = "hashValue")]
    hash: String,
    #[serde(rename = "hashAlgorithm")]
    algorithm: String,
    #[serde(rename = "newestEventTime")]
    newest: Option<String>,
    #[serde(rename = "oldestEventTime")]
    oldest: Option<String>,
}

/// All of it is there, or none of it.
fn previous(
    bucket: Option<String>,
    object: Option<String>,
    hash: Option<String>,
    algorithm: Option<String>,
    signature: Option<String>,
) -> Result<Option<Previous>, String> {
    match (bucket, object, hash, algorithm, signature) {
        (None, None, None, None, None) => Ok(None),
        (Some(bucket), Some(object), Some(hash), Some(algorithm), Some(signature)) => Ok(Some(Previous {
            sha256: sha256("previousDigestHashValue", &hash, &algorithm)?,
            place: Place::new(bucket, object),
            signature,
        })),
        _ => Err("it names the digest before it only in part".to_owned()),
    }
}

fn listed(log: WireLog) -> Result<Listed, String> {
    Ok(Listed {
        sha256: sha256("hashValue", &log.hash, &log.algorithm)?,
        place: Place::new(log.bucket, log.object),
        oldest: log.oldest.as_deref().and_then(instant),
        newest: log.newest.as_deref().and_then(instant),
    })
}

fn sha256(field: &str, hex: &str, algorithm: &str) -> Result<Digest, String> {
    if algorithm != SHA_256 {
        return Err(format!("{field} is made with {algorithm}, and CloudTrail uses {SHA_256}"));
    }
    Digest::parse(hex).ok_or_else(|| format!("{field} is no SHA-256 in hex"))
}

fn time(field: &str, text: &str) -> Result<DateTime<Utc>, String> {
    instant(text).ok_or_else(|| format!("{field} is no time"))
}
