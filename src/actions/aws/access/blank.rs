//! Paper for questions that leave no record.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::actions::paper::{Paper, Sheet};
use crate::engine::{Clock as _, SystemClock};
use crate::error::Result;
use crate::evidence::{Redaction, Shelf, Store};
use crate::run::Artifact;

pub(super) struct Blank(Store);

impl Default for Blank {
    fn default() -> Self {
        Self(Store::in_memory(Rc::new(Redaction::default())))
    }
}

impl Paper for Blank {
    fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.0.store(Shelf::Artifacts, name, bytes)
    }

    fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.0.store(Shelf::Api, name, bytes)
    }

    fn sheet<'a>(&'a self, name: &'a str) -> Result<Box<dyn Sheet + 'a>> {
        Ok(Box::new(self.0.writer(Shelf::Artifacts, name)?))
    }

    fn store_of_raw(&self) -> &Store {
        &self.0
    }

    fn progress(&self, _done: Value) -> Result<()> {
        Ok(())
    }

    fn show_progress(&self, _done: u64, _of: Option<u64>, _unit: &str) {}

    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }

    fn sent_here(&self, _: &str) -> bool {
        false
    }

    fn place(&self) -> String {
        "access".to_owned()
    }
}
