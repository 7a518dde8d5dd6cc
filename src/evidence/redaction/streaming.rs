//! Redaction of what arrives in pieces, and of what is packed in it.

use std::fmt;
use std::rc::Rc;

use super::Redaction;
use super::found::Found;
use super::sieve::Sieve;

/// Takes pieces and gives redacted bytes back, always somewhat behind, so that nothing
/// secret that spans two pieces slips through.
pub struct Streaming {
    redaction: Rc<Redaction>,
    sieve: Sieve,
    counted: u64,
}

/// Nothing of what is held back.
impl fmt::Debug for Streaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Streaming({} replaced)", self.counted)
    }
}

impl Streaming {
    #[must_use]
    pub fn new(redaction: Rc<Redaction>) -> Self {
        Self { sieve: Sieve::replacing(&redaction), redaction, counted: 0 }
    }

    /// Takes a piece; gives what is certain by now.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut clear = Vec::new();
        self.sieve.push(piece, &mut clear);
        self.count();
        clear
    }

    /// Gives the rest.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut clear = Vec::new();
        self.sieve.finish(&mut clear);
        self.count();
        clear
    }

    fn count(&mut self) {
        let found = self.sieve.found().all();
        self.redaction.count(found - self.counted);
        self.counted = found;
    }
}

/// Only looks: for bytes that are kept as they are or not at all. What is packed in them
/// with gzip is looked at too, and memory does not grow with them.
pub struct Detecting(Sieve);

/// Nothing of what is held.
impl fmt::Debug for Detecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detecting({:?})", self.0.found())
    }
}

impl Detecting {
    #[must_use]
    pub fn new(redaction: &Rc<Redaction>) -> Self {
        Self(Sieve::looking(redaction))
    }

    /// Takes the next piece; pieces may end anywhere.
    pub fn push(&mut self, piece: &[u8]) {
        let mut clear = Vec::new();
        self.0.push(piece, &mut clear);
    }

    /// What was found in all of it.
    #[must_use]
    pub fn finish(mut self) -> Found {
        let mut clear = Vec::new();
        self.0.finish(&mut clear);
        self.0.found()
    }
}
