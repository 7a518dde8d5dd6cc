//! The chain of digests and numbers that holds a journal's lines in their order.

use serde::Deserialize;

use super::entry::{Entry, VERSION};
use crate::text::Digest;

/// Where the next line has to attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    prev: Digest,
    seq: u64,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Counts from one.
    pub line: u64,
    pub what: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self { prev: Digest::ZERO, seq: 1 }
    }
}

impl Chain {
    /// The digest that the next entry names as its predecessor.
    #[must_use]
    pub fn prev(&self) -> Digest {
        self.prev
    }

    /// The number of the next entry.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.seq
    }

    /// Takes the next line, without its newline, and goes on behind it whether it fits or
    /// not, so that one damaged line is told once.
    ///
    /// # Errors
    /// Says what is wrong with the line, or with the one before it.
    pub fn follow(&mut self, line: &[u8]) -> Result<Entry, Damage> {
        let entry = self.examine(line).map_err(|what| Damage { line: self.seq, what });
        self.advance(line);
        entry
    }

    /// Goes on behind a line that is known to fit.
    pub(super) fn advance(&mut self, line: &[u8]) {
        *self = Self { prev: Digest::of(line), seq: self.seq + 1 };
    }

    fn examine(&self, line: &[u8]) -> Result<Entry, String> {
        let entry: Entry = serde_json::from_slice(line).map_err(|error| unreadable(line, &error))?;
        if entry.v != VERSION {
            return Err(version(entry.v));
        }
        if entry.seq != self.seq {
            return Err(format!("its number is {}, and {} comes here", entry.seq, self.seq));
        }
        if entry.prev != self.prev {
            return Err(format!(
                "it names {} as the digest of the line before it, which is {}: one of the two was changed",
                entry.prev, self.prev
            ));
        }
        if !line.starts_with(entry.head().as_bytes()) || !line.ends_with(b"}") {
            return Err("it is not spelled as this program writes entries".to_owned());
        }
        Ok(entry)
    }
}

fn unreadable(line: &[u8], error: &serde_json::Error) -> String {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    match serde_json::from_slice::<Versioned>(line) {
        Ok(Versioned { v }) if v != VERSION => version(v),
        _ if line.is_empty() => "it is empty".to_owned(),
        // The position that serde_json gives is within the line; its line number is always 1.
        _ => format!("it is no entry: {}", error.to_string().replace(" at line 1 column ", " at byte ")),
    }
}

fn version(v: u32) -> String {
    format!("its version is {v}, and this program reads version {VERSION}; use the program that wrote it")
}
