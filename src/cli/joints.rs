//! Shims for what other branches bring. On merge: delete this file, and in `src/cli`
//! replace `super::joints::` and `crate::cli::joints::` by `crate::`
//! (`joints::environment` by `super::environment`).
#![allow(dead_code, missing_debug_implementations, clippy::unimplemented, clippy::todo)]

pub mod document {
    use std::path::PathBuf;

    pub use crate::document::*;
    use crate::error::Result;
    use crate::text::{Diagnostic, Source};

    pub struct Library;

    pub struct Found {
        pub name: String,
        pub source: Source,
        pub origin: String,
        pub differs: bool,
    }

    impl Library {
        pub fn new(_folders: Vec<PathBuf>) -> Self {
            Self
        }
        pub fn find(&self, _name: &str) -> Result<Found> {
            unimplemented!()
        }
        pub fn list(&self) -> Result<Vec<Found>> {
            unimplemented!()
        }
    }

    pub fn load(_source: Source, _stem: &str) -> (Option<Playbook>, Vec<Diagnostic>) {
        unimplemented!()
    }

    pub fn schema() -> serde_json::Value {
        unimplemented!()
    }
}

pub mod journal {
    use std::path::Path;

    use chrono::{DateTime, Utc};

    use crate::error::Result;
    pub use crate::journal::Entry;
    use crate::run::Event;

    pub struct Reading {
        pub entries: Vec<Entry>,
        pub torn: Option<Vec<u8>>,
    }

    pub fn read(_path: &Path) -> Result<Reading> {
        unimplemented!()
    }

    pub struct Journal;

    pub struct Opened {
        pub entries: Vec<Entry>,
        pub torn: Option<Vec<u8>>,
    }

    impl Journal {
        pub fn open(_path: &Path) -> Result<(Self, Opened)> {
            unimplemented!()
        }
        pub fn append(&mut self, _at: DateTime<Utc>, _event: Event) -> Result<Entry> {
            unimplemented!()
        }
    }

    pub fn write_durably(_path: &Path, _bytes: &[u8]) -> Result<()> {
        unimplemented!()
    }
}

pub mod evidence {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::rc::Rc;

    use crate::error::Result;
    use crate::run::{Artifact, Event};

    #[derive(Clone)]
    pub struct Folder(PathBuf);

    impl Folder {
        pub fn new(root: impl Into<PathBuf>) -> Self {
            Self(root.into())
        }
        pub fn id(&self) -> String {
            unimplemented!()
        }
        pub fn root(&self) -> &Path {
            &self.0
        }
        pub fn data(&self) -> PathBuf {
            self.0.join("bag/data")
        }
        pub fn journal(&self) -> PathBuf {
            self.data().join("journal.jsonl")
        }
        pub fn document(&self) -> PathBuf {
            self.data().join("document.yaml")
        }
        pub fn is_sealed(&self) -> bool {
            false
        }
    }

    pub fn list(_evidence: &Path) -> Result<Vec<Folder>> {
        unimplemented!()
    }

    pub fn find(_evidence: &Path, _beginning: &str) -> Result<Folder> {
        unimplemented!()
    }

    pub struct Redaction;

    impl Redaction {
        pub fn new(_secrets: &BTreeMap<String, String>) -> Result<Self> {
            Ok(Self)
        }
        pub fn event(&self, event: Event) -> Result<Event> {
            Ok(event)
        }
    }

    #[derive(Clone, Copy)]
    pub enum Shelf {
        Artifacts,
    }

    pub struct Store;

    impl Store {
        pub fn new(_folder: &Folder, _redaction: Rc<Redaction>) -> Self {
            Self
        }
        pub fn redaction(&self) -> &Redaction {
            unimplemented!()
        }
        pub fn store(&self, _shelf: Shelf, _name: &str, _bytes: &[u8]) -> Result<Artifact> {
            unimplemented!()
        }
        pub fn writer(&self, _shelf: Shelf, _name: &str) -> Result<StoreWriter> {
            unimplemented!()
        }
    }

    pub struct StoreWriter;

    impl StoreWriter {
        pub fn write(&mut self, _piece: &[u8]) -> Result<()> {
            unimplemented!()
        }
        pub fn finish(self) -> Result<Artifact> {
            unimplemented!()
        }
    }

    /// Who signed, where somebody did.
    pub struct Seal {
        pub signed_by: Option<String>,
    }

    pub fn seal(_folder: &Folder, _key: Option<&Path>) -> Result<Seal> {
        unimplemented!()
    }

    #[derive(serde::Serialize)]
    pub struct Flaw {
        pub what: String,
    }

    pub struct Verification {
        pub faults: Vec<Flaw>,
    }

    pub fn verify(_path: &Path) -> Result<Verification> {
        unimplemented!()
    }
}

pub mod console {
    pub mod out {
        use crate::error::{Error, Result};

        pub fn data(_text: &str) -> Result<()> {
            unimplemented!()
        }
        pub fn talk(_text: &str) {
            unimplemented!()
        }
        pub fn error(_error: &Error) {
            unimplemented!()
        }
    }
}

pub mod engine {
    use chrono::{DateTime, Utc};

    pub use crate::engine::Clock;

    pub struct SystemClock;

    impl Clock for SystemClock {
        fn now(&self) -> DateTime<Utc> {
            unimplemented!()
        }
    }
}

pub mod environment {
    use crate::run::Operator;

    pub fn operator() -> Operator {
        unimplemented!()
    }
}
