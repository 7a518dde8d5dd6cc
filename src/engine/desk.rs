//! Where an action puts what it finds while it works: durable as it goes.

use std::cell::Ref;

use serde_json::Value;

use crate::error::Result;
use crate::run::{Artifact, Run};

/// Lent by the engine for the length of one effect.
pub struct Desk<'a> {
    _of: &'a (),
}

impl Desk<'_> {
    /// Stores bytes in the record, redacted, below `artifacts/` under a name that tells
    /// what they are.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        let _ = (name, bytes);
        unimplemented!()
    }

    /// Stores the body of a request or an answer, redacted, below `api/`.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        let _ = (name, bytes);
        unimplemented!()
    }

    /// Makes it durable that part of a long action is done.
    ///
    /// # Errors
    /// When the journal does not take it: the action must stop.
    pub fn progress(&self, done: Value) -> Result<()> {
        let _ = done;
        unimplemented!()
    }

    /// Tells the person who watches how far a long action is. Not recorded.
    pub fn show_progress(&self, done: u64, of: Option<u64>, unit: &str) {
        let _ = (done, of, unit);
    }

    /// The run as it stands.
    #[must_use]
    pub fn run(&self) -> Ref<'_, Run> {
        unimplemented!()
    }

    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        unimplemented!()
    }
}
