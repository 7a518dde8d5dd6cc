//! Walking over JSON by its structure alone: where each value begins and ends that is a
//! record, in whatever pieces the bytes come.
//!
//! Quotes and brackets are all that counts. Whether a record is JSON in every detail is
//! found out by whoever takes it; whether its bounds are right is decided here.

use memchr::memchr3;

/// What the records are listed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `{"Records": [...]}`, as CloudTrail delivers a log file.
    LogFile,
    /// `{"Events": [...]}`, as LookupEvents answers.
    LookupEvents,
    /// Values one after another, as JSON lines, or a plain array.
    Lines,
}

/// How far the walk came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A whole record. `escaped` where escapes in it may spell a part of a name.
    Record { start: usize, end: usize, escaped: bool, origin: Origin },
    /// A string holds a newline, or a bracket closes what none opened. The walk starts
    /// anew behind it; `start` is where the record began that is lost.
    Broken { start: Option<usize>, at: usize },
    /// There are no more bytes.
    Short,
}

/// No value is a record: what stands beside the list in its object.
const NONE: u32 = u32::MAX;

/// How many bytes before the current one tell the name of the list that it opens.
const LOOK_BACK: usize = 64;

/// Positions are in the window of bytes that is shown at each step.
#[derive(Debug)]
pub(super) struct Walk {
    at: usize,
    start: Option<usize>,
    depth: u32,
    /// Values at this depth are records.
    level: u32,
    origin: Origin,
    within_string: bool,
    escaped: bool,
    /// Nothing was opened since the structure broke: more that closes is no news.
    lost: bool,
}

impl Walk {
    pub(super) const fn new() -> Self {
        Self {
            at: 0,
            start: None,
            depth: 0,
            level: 0,
            origin: Origin::Lines,
            within_string: false,
            escaped: false,
            lost: false,
        }
    }

    /// Whether something was opened that is not closed yet.
    pub(super) const fn is_within(&self) -> bool {
        self.depth > 0 || self.within_string
    }

    /// Where the record begins that is not whole yet.
    pub(super) const fn begun(&self) -> Option<usize> {
        self.start
    }

    /// Takes what is left of a record for its beginning: what was in front of it was seen.
    pub(super) fn begin_later(&mut self, start: usize) {
        self.start = self.start.map(|_| start);
    }

    /// How many bytes at the beginning of the window are of no more use.
    pub(super) fn done_with(&self) -> usize {
        self.start.unwrap_or(self.at).min(self.at.saturating_sub(LOOK_BACK))
    }

    /// The window lost this many bytes at its beginning.
    pub(super) fn slide(&mut self, by: usize) {
        self.at -= by;
        self.start = self.start.map(|start| start - by);
    }

    pub(super) fn step(&mut self, window: &[u8]) -> Step {
        loop {
            let came = if self.within_string { self.string(window) } else { self.between(window) };
            if let Some(step) = came {
                return step;
            }
        }
    }

    /// To the end of the string.
    fn string(&mut self, window: &[u8]) -> Option<Step> {
        let rest = window.get(self.at..).unwrap_or_default();
        let Some(offset) = memchr3(b'"', b'\\', b'\n', rest) else {
            self.at = window.len();
            return Some(Step::Short);
        };
        self.at += offset;
        match (rest.get(offset), rest.get(offset + 1)) {
            (Some(b'"'), _) => {
                self.at += 1;
                self.within_string = false;
                (self.depth == self.level).then(|| self.record()).flatten()
            }
            (Some(b'\\'), Some(next)) => {
                self.escaped |= matches!(next, b'u' | b'/' | b'\\');
                self.at += 2;
                None
            }
            (Some(b'\\'), None) => Some(Step::Short),
            _ => Some(self.broken()),
        }
    }

    /// To the next quote or bracket, and past it.
    fn between(&mut self, window: &[u8]) -> Option<Step> {
        let rest = window.get(self.at..).unwrap_or_default();
        let Some(offset) = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        else {
            self.at = window.len();
            return Some(Step::Short);
        };
        self.at += offset;
        match rest.get(offset) {
            Some(b'"') => {
                self.begin();
                self.within_string = true;
            }
            Some(b'{') => {
                self.begin();
                self.depth = self.depth.saturating_add(1);
            }
            Some(b'[') => self.open_list(window),
            // What opened with a brace does not close with a bracket.
            Some(b']') if self.depth == self.level.saturating_add(1) && self.start.is_some() => {
                return Some(self.broken());
            }
            _ if self.depth > 0 => return self.close(),
            _ if !self.lost => return Some(self.broken()),
            _ => {}
        }
        self.at += 1;
        None
    }

    /// A value begins. It is a record if it stands where records stand.
    const fn begin(&mut self) {
        if self.depth == self.level && self.start.is_none() {
            self.start = Some(self.at);
            self.escaped = false;
            self.lost = false;
        }
    }

    fn open_list(&mut self, window: &[u8]) {
        if self.depth == self.level && self.start.is_none() {
            // A list where a record could be: its elements are records.
            self.level = self.level.saturating_add(1);
        } else if self.depth == 1
            && matches!(self.level, 0 | NONE)
            && let Some(origin) = listed(window.get(..self.at).unwrap_or_default())
        {
            self.origin = origin;
            self.level = 2;
            self.start = None;
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn close(&mut self) -> Option<Step> {
        self.at += 1;
        self.depth -= 1;
        let record = if self.depth == self.level { self.record() } else { None };
        if self.depth == 0 {
            self.level = 0;
            self.origin = Origin::Lines;
        } else if self.depth < self.level && self.level != NONE {
            let beside = self.origin != Origin::Lines && self.depth == 1;
            self.level = if beside { NONE } else { self.depth };
        }
        record
    }

    /// The record that ends here.
    fn record(&mut self) -> Option<Step> {
        let start = self.start.take()?;
        Some(Step::Record { start, end: self.at, escaped: self.escaped, origin: self.origin })
    }

    fn broken(&mut self) -> Step {
        let step = Step::Broken { start: self.start, at: self.at };
        *self = Self { at: self.at + 1, lost: true, ..Self::new() };
        step
    }
}

/// The list that opens behind `"Records":` or `"Events":`.
fn listed(before: &[u8]) -> Option<Origin> {
    let name = before.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    if name.ends_with(b"\"Records\"") {
        Some(Origin::LogFile)
    } else if name.ends_with(b"\"Events\"") {
        Some(Origin::LookupEvents)
    } else {
        None
    }
}
