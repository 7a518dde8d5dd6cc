//! Who had a sealed record in hand, and what was done to it since: `sig/custody.jsonl`,
//! outside of the bag, which is closed.
//!
//! ```text
//! {"v":1,"seq":1,"at":"…","prev":"000…","who":"ana","files":{"sig/…":"…"},"what":"sealed","digest":"…"}
//! ```
//!
//! - `prev` is the SHA-256 of the previous line's bytes without its newline, sixty-four
//!   zeros for the first; `digest` that of the line's own bytes before `,"digest"`.
//! - `files` are the files that came with the line, by their paths below the record, with
//!   their digests. Together the lines name every file in `sig/` but this one and no other.
//! - The first line says who sealed. A counter-signature is over the tag manifest, the
//!   sealer's signature and all lines before its own, one after another, so that whoever
//!   takes over signs for everything that was handed over.
//!
//! Lines after the last counter-signature can be taken away, or made up, by whoever can
//! write to the folder, as can the whole log of a record that nobody signed.

mod log;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use log::{Log, append, digests};

use crate::text::Digest;

/// The log's file in `sig/`.
pub(super) const CUSTODY: &str = "custody.jsonl";
/// The same, below the record's folder.
pub const PATH: &str = "sig/custody.jsonl";

const VERSION: u32 = 1;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    v: u32,
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub prev: Digest,
    pub who: String,
    pub files: BTreeMap<String, Digest>,
    pub what: Deed,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    Sealed,
    /// Somebody took the record over, and signed for it with this key.
    Countersigned {
        key: String,
    },
    /// An authority put a time under the sealer's signature (RFC 3161).
    Timestamped {
        authority: String,
        /// As the token says it.
        time: DateTime<Utc>,
    },
    /// Every file lies in a bucket, each under a lock.
    Uploaded {
        /// `s3://bucket/prefix`
        to: String,
        mode: String,
        until: DateTime<Utc>,
        /// Version ids by the files' paths.
        versions: BTreeMap<String, String>,
    },
}

/// What is to be added to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    pub at: DateTime<Utc>,
    pub who: String,
    pub files: BTreeMap<String, Digest>,
    pub what: Deed,
}

#[cfg(test)]
mod tests;
