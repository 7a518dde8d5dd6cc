//! One member of gzip (RFC 1952) on its way through the gate.

use std::io::Write as _;
use std::mem;

use flate2::write::{GzDecoder, GzEncoder};
use flate2::{Compression, GzBuilder};

use super::found::Found;
use super::sieve::{Purpose, Sieve};

/// A member that is longer than this, in bytes, is not held to its end: it is packed anew as
/// it passes, and its comment says so, whether it holds a secret or not.
const LONGEST_HELD: usize = 32 << 20;
/// A bomb inflates to more than its limit, and to more than this times what it has.
const WIDEST: u64 = 200;

/// What tells that a member is not as it came, where every tool shows it.
const COMMENT: &str = "‹redacted:gzip›";

pub(super) struct Member {
    decoder: GzDecoder<Vec<u8>>,
    inner: Box<Sieve>,
    /// None where nobody wants what comes out.
    packer: Option<GzEncoder<Vec<u8>>>,
    /// As it came, while it is held.
    raw: Option<Vec<u8>>,
    state: State,
    taken: u64,
    inflated: u64,
    largest: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Going,
    Over,
    Damaged,
    TooMuch,
}

/// What came of a member. Its bytes, or what stands for them.
pub(super) enum Ending {
    /// It held no secret: these are its own bytes.
    Clean(Vec<u8>),
    /// It was packed anew.
    Packed(Vec<u8>, Found),
    /// It is none, or is cut off; as it came.
    Damaged(Vec<u8>, Found),
    /// It inflates without end; packed anew up to there.
    TooMuch(Vec<u8>, Found),
}

impl Member {
    /// One that may inflate to `largest` bytes, or to [`WIDEST`] times its own if that is more.
    pub(super) fn new(inner: Sieve, purpose: Purpose, largest: u64) -> Self {
        let pack = || GzBuilder::new().comment(COMMENT).write(Vec::new(), Compression::default());
        Self {
            decoder: GzDecoder::new(Vec::new()),
            inner: Box::new(inner),
            packer: (purpose == Purpose::Replace).then(pack),
            raw: Some(Vec::new()),
            state: State::Going,
            taken: 0,
            inflated: 0,
            largest,
        }
    }

    /// Takes bytes up to the member's end, and tells how many those were.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while taken < bytes.len() && self.state == State::Going {
            match self.decoder.write(&bytes[taken..]) {
                Ok(0) => self.state = State::Over,
                Ok(more) => {
                    taken += more;
                    self.taken += more as u64;
                    self.sift();
                }
                Err(_) => self.state = State::Damaged,
            }
        }
        if let Some(raw) = &mut self.raw {
            raw.extend_from_slice(&bytes[..taken]);
        }
        let packed = self.packer.as_ref().map_or(0, |packer| packer.get_ref().len());
        if self.raw.as_ref().is_some_and(|raw| raw.len().max(packed) > LONGEST_HELD) {
            self.raw = None;
        }
        taken
    }

    pub(super) fn is_over(&self) -> bool {
        self.state != State::Going
    }

    /// What can be given before the end: nothing while it is held.
    pub(super) fn certain(&mut self) -> Vec<u8> {
        match (&self.raw, &mut self.packer) {
            (None, Some(packer)) => mem::take(packer.get_mut()),
            _ => Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Ending {
        // What is still in the decoder comes out, whether the member is whole or not.
        let whole = self.decoder.try_finish().is_ok();
        self.sift();
        let mut clear = Vec::new();
        self.inner.finish(&mut clear);
        self.pack(&clear);
        let found = self.inner.found();
        let packed = self.packer.and_then(|packer| packer.finish().ok()).unwrap_or_default();
        match (self.state, self.raw) {
            (State::TooMuch, _) => Ending::TooMuch(packed, found),
            (State::Going | State::Over, Some(raw)) if whole && found.all() == 0 => Ending::Clean(raw),
            (State::Going | State::Over, _) if whole => Ending::Packed(packed, found),
            (_, Some(raw)) => Ending::Damaged(raw, found),
            (_, None) => Ending::Packed(packed, found),
        }
    }

    /// Passes on what was inflated since.
    fn sift(&mut self) {
        let inflated = mem::take(self.decoder.get_mut());
        self.inflated += inflated.len() as u64;
        if self.inflated > self.largest.max(self.taken.saturating_mul(WIDEST)) {
            self.state = State::TooMuch;
            return;
        }
        let mut clear = Vec::new();
        self.inner.push(&inflated, &mut clear);
        self.pack(&clear);
    }

    fn pack(&mut self, clear: &[u8]) {
        if let Some(packer) = &mut self.packer {
            // It writes into memory, which takes everything.
            let _ = packer.write_all(clear);
        }
    }
}
