//! The record of a run: one JSON object a line, chained by digest.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::run::Event;
use crate::text::Digest;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub v: u32,
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// SHA-256 of the previous line's bytes without its newline; zeros for the first.
    pub prev: Digest,
    pub event: Event,
}
