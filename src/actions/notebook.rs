//! A desk for tests: what is put on it stays in memory.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::paper::{Paper, Sheet};
use crate::engine::{Clock as _, SystemClock};
use crate::error::Result;
use crate::evidence::{Redaction, Store};
use crate::run::Artifact;
use crate::text::Digest;

pub(crate) struct Notebook {
    raw: Store,
    pub(crate) stored: RefCell<Vec<(String, Vec<u8>)>>,
    pub(crate) progress: RefCell<Vec<Value>>,
}

impl Default for Notebook {
    fn default() -> Self {
        let raw = Store::in_memory(Rc::new(Redaction::default()));
        Self { raw, stored: RefCell::default(), progress: RefCell::default() }
    }
}

impl Notebook {
    pub(crate) fn text(&self, name: &str) -> String {
        let stored = self.stored.borrow();
        let bytes = stored.iter().find(|(stored, _)| stored == name).map(|(_, bytes)| bytes.clone());
        String::from_utf8(bytes.unwrap_or_else(|| panic!("nothing is stored as {name}"))).expect("text")
    }
}

impl Paper for Notebook {
    fn store(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.stored.borrow_mut().push((name.to_owned(), bytes.to_vec()));
        Ok(Artifact {
            path: format!("artifacts/{name}"),
            digest: Digest::of(bytes),
            bytes: bytes.len() as u64,
        })
    }

    fn store_api(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.store(name, bytes)
    }

    fn sheet<'a>(&'a self, name: &'a str) -> Result<Box<dyn Sheet + 'a>> {
        Ok(Box::new(Loose { book: self, name, bytes: Vec::new() }))
    }

    fn store_of_raw(&self) -> &Store {
        &self.raw
    }

    fn progress(&self, done: Value) -> Result<()> {
        self.progress.borrow_mut().push(done);
        Ok(())
    }

    fn show_progress(&self, _: u64, _: Option<u64>, _: &str) {}

    fn now(&self) -> DateTime<Utc> {
        SystemClock.now()
    }

    fn sent_here(&self, _: &str) -> bool {
        false
    }

    fn place(&self) -> String {
        "INC-2026-001-TEST/step".to_owned()
    }
}

struct Loose<'a> {
    book: &'a Notebook,
    name: &'a str,
    bytes: Vec<u8>,
}

impl Sheet for Loose<'_> {
    fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Artifact> {
        self.book.store(self.name, &self.bytes)
    }
}
