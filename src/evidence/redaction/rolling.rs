//! Redaction of text that arrives in pieces.

use std::rc::Rc;

use super::Redaction;
use super::found::Found;
use super::mark::{Mark, replace};

/// No shape is longer than this: private keys, the longest, end before.
const HOLD: usize = 64 << 10;
/// What a secret is recognised by can stand this far before it.
const CONTEXT: usize = 1 << 10;
/// Of something secret that does not end within this, the rest of the line is dropped.
const PATIENCE: usize = 2 << 20;

/// Takes pieces and gives redacted bytes back, always somewhat behind, so that nothing
/// secret that spans two pieces slips through.
pub(super) struct Rolling {
    redaction: Rc<Redaction>,
    buffer: Vec<u8>,
    /// So many bytes of the buffer were given out already and are kept as context.
    done: usize,
    /// The buffer is looked at when it has grown to this.
    enough: usize,
    /// The rest of this line belongs to a secret that was replaced already.
    dropping: bool,
    found: Found,
}

impl Rolling {
    pub(super) fn new(redaction: Rc<Redaction>) -> Self {
        let enough = Self::batch(&redaction);
        Self { redaction, buffer: Vec::new(), done: 0, enough, dropping: false, found: Found::default() }
    }

    fn batch(redaction: &Redaction) -> usize {
        4 * (HOLD + redaction.reach())
    }

    pub(super) fn found(&self) -> Found {
        self.found
    }

    /// Takes a piece; gives what is certain by now.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.buffer.extend_from_slice(self.wanted(piece));
        self.dropping &= !piece.contains(&b'\n');
        if self.buffer.len() < self.enough {
            return Vec::new();
        }
        let redaction = Rc::clone(&self.redaction);
        let marks = redaction.marks(&self.buffer);
        let cut = self.cut(&marks);
        let clear = if cut > self.done {
            self.give(cut, &marks)
        } else if self.buffer.len() < PATIENCE {
            self.enough = self.buffer.len() * 2;
            return Vec::new();
        } else {
            self.dropping = marks.last().is_some_and(|mark| mark.at.end == self.buffer.len());
            self.give(self.buffer.len(), &marks)
        };
        self.enough = self.buffer.len() + Self::batch(&redaction);
        clear
    }

    fn wanted<'a>(&self, piece: &'a [u8]) -> &'a [u8] {
        match (self.dropping, memchr::memchr(b'\n', piece)) {
            (false, _) => piece,
            (true, Some(newline)) => &piece[newline..],
            (true, None) => &[],
        }
    }

    /// Gives the rest.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let redaction = Rc::clone(&self.redaction);
        let marks = redaction.marks(&self.buffer);
        let rest = self.give(self.buffer.len(), &marks);
        self.enough = self.buffer.len() + Self::batch(&redaction);
        rest
    }

    /// Where nothing that follows can change what is secret before: after a line, and in
    /// no secret.
    fn cut(&self, marks: &[Mark<'_>]) -> usize {
        let limit = self.buffer.len().saturating_sub(HOLD + self.redaction.reach());
        let line = memchr::memrchr(b'\n', &self.buffer[..limit]).map_or(limit, |newline| newline + 1);
        let cut = if line > self.done { line } else { limit };
        marks.iter().find(|mark| mark.at.start < cut && cut < mark.at.end).map_or(cut, |mark| mark.at.start)
    }

    fn give(&mut self, cut: usize, marks: &[Mark<'_>]) -> Vec<u8> {
        let range = self.done..cut;
        let inside = |mark: &&Mark<'_>| mark.at.end > range.start && mark.at.start < range.end;
        marks.iter().filter(inside).for_each(|mark| self.found.add(mark));
        let clear = replace(&self.buffer, range, marks);
        let context = cut.saturating_sub(CONTEXT);
        self.buffer.drain(..context);
        self.done = cut - context;
        clear
    }
}
