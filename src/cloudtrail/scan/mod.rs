//! Finding the events that concern a key in the bytes of log files.
//!
//! Every record is bounded by the structure of the JSON around it, and each is searched
//! whole: a key may be named in its resources, in the parameters of a request, in a policy
//! within a string, in an encryption context. Nothing is passed over because it looks
//! unlikely.

mod event;
mod walk;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

pub use self::event::{Mark, event_id};
pub use self::walk::Origin;
use self::walk::{Step, Walk};
use super::escape::Scratch;
use super::form::Forms;

/// Bytes of the window to begin with: small enough to stay in the cache.
const WINDOW: usize = 256 << 10;

/// No event is longer that is told. CloudTrail's own limit is 256 KB, or 1 MB for enriched events
/// (CloudTrail user guide, "CloudTrail record contents"); within a LookupEvents answer one
/// is escaped, which can double it.
const LONGEST: usize = 4 << 20;

/// Longer events are searched piece by piece. The pieces overlap by this much, which is more
/// than any spelling of a name takes, whatever escapes are in it.
const OVERLAP: usize = 64 << 10;

/// How far the bounds of a piece are moved so that they are not within a name.
const NAME: usize = 4 << 10;

/// An event that names the key.
#[derive(Debug)]
pub struct Sighting<'a> {
    pub mark: Mark,
    pub origin: Origin,
    /// The original bytes, on one line: line breaks between tokens are spaces here.
    pub event: Cow<'a, [u8]>,
}

/// What of the bytes could not be taken for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where the event begins that is not whole, or else where it broke off, counted in
    /// inflated bytes.
    pub at: u64,
    pub kind: FlawKind,
    /// Whether what is there of it names the key.
    pub names_key: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// The end comes within an event or a list.
    Unfinished,
    /// The structure of JSON is broken: a line ends within a string, or a bracket closes
    /// what none opened.
    Broken,
    /// Bounded like an event, but no JSON.
    NotJson,
    /// Longer than 4 MiB, and it names the key. It was searched whole, and is not told.
    TooLong,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FlawKind::Unfinished => "it ends in the middle of JSON that begins",
            FlawKind::Broken => "it is broken JSON",
            FlawKind::NotJson => "there is no JSON, but something like an event",
            FlawKind::TooLong => "an event of more than 4 MiB begins, which is too long to be printed,",
        };
        write!(f, "{what} at byte {}", self.at)?;
        if self.names_key { f.write_str(", and it NAMES THE KEY") } else { Ok(()) }
    }
}

/// What comes out of a scan.
#[derive(Debug)]
pub enum Finding<'a> {
    Sighting(Sighting<'a>),
    Flaw(Flaw),
}

/// A window that moves over the bytes of one file after another. Its memory is bounded by
/// the longest event, a few times over.
#[derive(Debug)]
pub struct Scanner<'a> {
    lens: Lens<'a>,
    walk: Walk,
    window: Vec<u8>,
    /// How much of the window holds bytes.
    filled: usize,
    /// Inflated bytes that went by in front of the window.
    passed: u64,
    events: u64,
    long: Option<Long>,
}

/// An event that is longer than the window may grow, of which a part went by.
#[derive(Clone, Copy, Debug)]
struct Long {
    /// Where it begins, in inflated bytes.
    at: u64,
    names_key: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(forms: &'a Forms) -> Self {
        Self {
            lens: Lens { forms, scratch: Scratch::default() },
            walk: Walk::new(),
            window: vec![0; WINDOW],
            filled: 0,
            passed: 0,
            events: 0,
            long: None,
        }
    }

    /// Where the next bytes go. Never empty.
    pub fn room(&mut self) -> &mut [u8] {
        if self.filled == self.window.len() {
            // A record is longer than the window; `take` does not let it grow beyond bounds.
            self.window.resize(self.window.len() * 2, 0);
        }
        self.window.get_mut(self.filled..).unwrap_or_default()
    }

    /// Takes the first `count` bytes of the room.
    pub fn take(&mut self, count: usize, sink: &mut impl FnMut(Finding<'_>)) {
        self.filled = self.window.len().min(self.filled + count);
        self.look(sink);
        if let Some(start) = self.walk.begun().filter(|start| self.filled - start >= LONGEST) {
            self.pass_by(start);
        }
        self.slide();
    }

    /// Looks at what is there of an event that is too long, and lets most of it go.
    fn pass_by(&mut self, start: usize) {
        let piece = self.window.get(start..self.filled).unwrap_or_default();
        let seen = piece.get(..seam(piece, piece.len())).unwrap_or_default();
        let names_key = self.lens.names(seen, true);
        let at = self.passed + start as u64;
        let long = self.long.get_or_insert(Long { at, names_key });
        long.names_key |= names_key;
        self.walk.begin_later(start + seam(piece, piece.len().saturating_sub(OVERLAP)));
    }

    /// The file is over. Tells how many events were in it; the next one may come.
    pub fn end(&mut self, sink: &mut impl FnMut(Finding<'_>)) -> u64 {
        if self.walk.is_within() {
            let flaw = self.flaw(FlawKind::Unfinished, self.walk.begun(), self.filled);
            sink(Finding::Flaw(of_long(flaw, self.long.take())));
        }
        self.walk = Walk::new();
        self.filled = 0;
        self.passed = 0;
        self.window.truncate(WINDOW);
        self.window.shrink_to_fit();
        std::mem::take(&mut self.events)
    }

    fn look(&mut self, sink: &mut impl FnMut(Finding<'_>)) {
        let window = self.window.get(..self.filled).unwrap_or_default();
        loop {
            match self.walk.step(window) {
                Step::Record { start, end, escaped, origin } => {
                    let record = window.get(start..end).unwrap_or_default();
                    if let Some(long) = self.long.take() {
                        self.events += 1;
                        if long.names_key || self.lens.names(record, true) {
                            let kind = FlawKind::TooLong;
                            sink(Finding::Flaw(Flaw { at: long.at, kind, names_key: true }));
                        }
                        continue;
                    }
                    // A text among events is one only if it holds an object.
                    if record.starts_with(b"\"") && !record.starts_with(b"\"{") {
                        continue;
                    }
                    self.events += 1;
                    if self.lens.names(record, escaped) {
                        sink(finding(record, origin, self.passed + start as u64));
                    }
                }
                Step::Broken { start, at } => {
                    let flaw = self.lens.flaw(window, FlawKind::Broken, start, at, self.passed);
                    sink(Finding::Flaw(of_long(flaw, self.long.take())));
                }
                Step::Short => return,
            }
        }
    }

    fn flaw(&mut self, kind: FlawKind, start: Option<usize>, end: usize) -> Flaw {
        let window = self.window.get(..self.filled).unwrap_or_default();
        self.lens.flaw(window, kind, start, end, self.passed)
    }

    /// Moves the window on to the first byte that is still of use.
    fn slide(&mut self) {
        let by = self.walk.done_with();
        // Half a window at least, or more would be moved than looked at.
        if by * 2 >= self.filled {
            self.window.copy_within(by..self.filled, 0);
            self.walk.slide(by);
            self.filled -= by;
            self.passed += by as u64;
        }
    }
}

/// What is looked for, and what is needed for looking.
#[derive(Debug)]
struct Lens<'a> {
    forms: &'a Forms,
    scratch: Scratch,
}

impl Lens<'_> {
    fn names(&mut self, text: &[u8], escaped: bool) -> bool {
        self.forms.named_in(text) || (escaped && self.scratch.names(self.forms, text))
    }

    fn flaw(&mut self, window: &[u8], kind: FlawKind, start: Option<usize>, end: usize, passed: u64) -> Flaw {
        let from = start.unwrap_or(end);
        let rest = window.get(from..end).unwrap_or_default();
        Flaw { at: passed + from as u64, kind, names_key: self.names(rest, true) }
    }
}

/// The last place before `at` that is within no name, if there is one near: a piece that ended
/// within a name could take it for a shorter one.
fn seam(piece: &[u8], at: usize) -> usize {
    let before = at.saturating_sub(NAME);
    let near = piece.get(before..at).and_then(|near| memchr::memrchr3(b'"', b',', b' ', near));
    near.map_or(at, |found| before + found)
}

/// A flaw at the end of an event of which a part went by.
fn of_long(flaw: Flaw, long: Option<Long>) -> Flaw {
    match long {
        None => flaw,
        Some(long) => Flaw { at: long.at, names_key: flaw.names_key || long.names_key, ..flaw },
    }
}

fn finding(record: &[u8], origin: Origin, at: u64) -> Finding<'_> {
    match event::read(record) {
        Some((mark, event)) => Finding::Sighting(Sighting { mark, origin, event }),
        None => Finding::Flaw(Flaw { at, kind: FlawKind::NotJson, names_key: true }),
    }
}

/// Scans bytes that are there as a whole, and tells how many events they hold.
pub fn scan(bytes: &[u8], forms: &Forms, sink: &mut impl FnMut(Finding<'_>)) -> u64 {
    let mut scanner = Scanner::new(forms);
    let mut rest = bytes;
    while !rest.is_empty() {
        let room = scanner.room();
        let (now, later) = rest.split_at(room.len().min(rest.len()));
        room.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
        scanner.take(now.len(), sink);
        rest = later;
    }
    scanner.end(sink)
}
