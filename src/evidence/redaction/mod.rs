//! The one gate before disk and screen: what is secret is replaced, and counted.
//!
//! Two kinds of secrets are known. The values of `secret` parameters become
//! `‹secret:NAME›`, in whichever spelling they turn up (see `spellings`). What looks like a
//! secret becomes `‹redacted:KIND›`: private keys, AWS session tokens, bearer tokens, AWS
//! secret keys beside their access key id (see `shapes`), and the values of fields whose
//! name says so (see `fields`).
//!
//! What is packed with gzip is looked into, wherever it begins (see `sieve`), and so is gzip
//! in base64 within a text (see `compressed`).
//!
//! Every search is linear in the text. Replacing is idempotent: a marker is no secret.
//!
//! What is not found: a secret that was encrypted, compressed by other means than gzip (zip,
//! xz, zstd), escaped in JSON more than twice, wrapped over several lines in an encoding, split by the program that printed
//! it, or packed in more than 64 KiB of base64 that arrive in pieces.

mod base64;
mod compressed;
mod fields;
mod found;
mod mark;
mod member;
mod rolling;
mod shapes;
mod sieve;
mod spellings;
mod streaming;
mod tree;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::run::Event;
use mark::{Mark, Name};
use spellings::Spelling;

pub use found::Found;
pub(super) use mark::Markers;
pub use streaming::{Detecting, Streaming};

/// The shortest secret that can be looked for. Below it, replacing would tear holes into
/// texts that have nothing to do with the secret.
pub const SHORTEST_SECRET: usize = 4;

/// Knows the secrets of one run.
#[derive(Default)]
pub struct Redaction {
    secrets: Vec<Secret>,
    replaced: Cell<u64>,
}

/// Says how many secrets are known, and none of them.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redaction({} secrets, {} replaced)", self.secrets.len(), self.replaced())
    }
}

struct Secret {
    name: String,
    /// Without the line end that a value from a file has.
    value: String,
    spellings: Vec<Spelling>,
}

impl Redaction {
    /// A gate that knows the values of `secret` parameters, by the parameters' names. Known
    /// shapes are always replaced.
    ///
    /// # Errors
    /// When a secret is shorter than [`SHORTEST_SECRET`] characters.
    pub fn new(secrets: &BTreeMap<String, String>) -> Result<Self> {
        let secrets = secrets.iter().map(|(name, value)| Secret::new(name, value)).collect::<Result<_>>()?;
        Ok(Self { secrets, replaced: Cell::new(0) })
    }

    /// How many secrets were replaced so far.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.replaced.get()
    }

    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned()),
            ),
        }
    }

    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let marks = self.marks(bytes);
        if marks.is_empty() {
            return Cow::Borrowed(bytes);
        }
        self.count(marks.len() as u64);
        Cow::Owned(mark::replace(bytes, 0..bytes.len(), &marks))
    }

    /// Every text in a value, keys too. A field whose name says that it is secret loses its
    /// text. A reference to a secret parameter, `{"$secret": "name"}`, stays.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        tree::redact(self, value)
    }

    /// Every text in an event.
    ///
    /// # Errors
    /// When a secret is a word that the record itself is made of, such as `step`: replacing
    /// it would leave no event.
    pub fn event(&self, event: Event) -> Result<Event> {
        let unfit = |error| {
            Error::refused("a secret cannot be told from the words of the record itself")
                .caused_by(error)
                .hint("choose a longer secret: one that is no plain English word")
        };
        let value = serde_json::to_value(&event).map_err(unfit)?;
        let clear = self.value(&value);
        if clear == value { Ok(event) } else { serde_json::from_value(clear).map_err(unfit) }
    }

    /// What is secret in these bytes, in order and apart from each other.
    fn marks(&self, bytes: &[u8]) -> Vec<Mark<'_>> {
        let mut marks = self.unpacked_marks(bytes);
        compressed::find(bytes, |inflated| !self.unpacked_marks(inflated).is_empty(), &mut marks);
        mark::apart(marks)
    }

    /// The same without what is packed.
    fn unpacked_marks(&self, bytes: &[u8]) -> Vec<Mark<'_>> {
        let mut marks = Vec::new();
        for secret in &self.secrets {
            for spelling in &secret.spellings {
                marks.extend(spelling.find(bytes).map(|at| Mark::new(at, Name::Secret(&secret.name))));
            }
        }
        shapes::find(bytes, &mut marks);
        fields::find(bytes, &mut marks);
        marks
    }

    /// The secret that is exactly this text.
    fn named(&self, text: &str) -> Option<&str> {
        self.secrets.iter().find(|secret| secret.value == text).map(|secret| secret.name.as_str())
    }

    fn count(&self, replaced: u64) {
        self.replaced.set(self.replaced.get() + replaced);
    }

    /// The longest spelling of any secret, in bytes.
    fn reach(&self) -> usize {
        self.secrets.iter().flat_map(|secret| &secret.spellings).map(Spelling::len).max().unwrap_or(0)
    }
}

impl Secret {
    fn new(name: &str, value: &str) -> Result<Self> {
        let value = value.trim_end_matches(['\r', '\n']);
        if value.chars().count() < SHORTEST_SECRET {
            return Err(Error::refused(format!(
                "the secret `{name}` has fewer than {SHORTEST_SECRET} characters"
            ))
            .hint("a secret that short cannot be kept out of the record without tearing holes into it"));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned(), spellings: spellings::of(value) })
    }
}

#[cfg(test)]
mod tests;
