//! A secret's place in a text, and what stands there afterwards.

use std::ops::Range;

use memchr::memmem;

/// How every marker begins: what a count of them looks for.
const SECRET: &str = "‹secret:";
const REDACTED: &str = "‹redacted:";

/// How the character `‹` begins in UTF-8; no value that begins with it is replaced again.
pub(super) const OPENING: &[u8] = "‹".as_bytes();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// The value of this parameter.
    Secret(&'a str),
    /// Something of this kind.
    Shape(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    pub at: Range<usize>,
    pub name: Name<'a>,
}

impl<'a> Mark<'a> {
    pub(super) fn new(at: Range<usize>, name: Name<'a>) -> Self {
        Self { at, name }
    }
}

impl Name<'_> {
    pub(super) fn marker(self) -> String {
        match self {
            Self::Secret(name) => format!("{SECRET}{name}›"),
            Self::Shape(kind) => format!("{REDACTED}{kind}›"),
        }
    }
}

/// Counts the markers in bytes that arrive in pieces: so many secrets were replaced in them.
#[derive(Clone, Debug, Default)]
pub(in crate::evidence) struct Markers {
    /// The last bytes of what came before, fewer than a marker's beginning has.
    tail: Vec<u8>,
    count: u64,
}

impl Markers {
    pub(in crate::evidence) fn take(&mut self, piece: &[u8]) {
        let mut border = std::mem::take(&mut self.tail);
        let before = border.len();
        border.extend_from_slice(&piece[..piece.len().min(BEHIND)]);
        let across = beginnings(&border).filter(|at| at.start < before && before < at.end).count();
        self.count += (across + beginnings(piece).count()) as u64;
        self.tail = match piece.len().checked_sub(BEHIND) {
            Some(from) => piece[from..].to_vec(),
            None => border[border.len().saturating_sub(BEHIND)..].to_vec(),
        };
    }

    pub(in crate::evidence) fn count(&self) -> u64 {
        self.count
    }
}

/// One byte less than the longer of the two ways in which a marker begins.
const BEHIND: usize = REDACTED.len() - 1;

/// Where markers begin. One search for the character that no program prints by chance is
/// faster than the arithmetic of the digest that runs beside it.
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    memmem::find_iter(bytes, OPENING).filter_map(|start| {
        let rest = &bytes[start..];
        let begun = [SECRET, REDACTED].into_iter().find(|marker| rest.starts_with(marker.as_bytes()))?;
        Some(start..start + begun.len())
    })
}

/// Joins marks that overlap. A parameter's name says more than a kind.
pub(super) fn apart(mut marks: Vec<Mark<'_>>) -> Vec<Mark<'_>> {
    marks.sort_by_key(|mark| (mark.at.start, mark.at.end));
    let mut apart: Vec<Mark<'_>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match apart.last_mut().filter(|last| mark.at.start < last.at.end) {
            Some(last) => {
                last.at.end = last.at.end.max(mark.at.end);
                if let (Name::Shape(_), Name::Secret(_)) = (last.name, mark.name) {
                    last.name = mark.name;
                }
            }
            None => apart.push(mark),
        }
    }
    apart
}

/// The bytes of `range` with markers for the marks that begin in it.
pub(super) fn replace(bytes: &[u8], range: Range<usize>, marks: &[Mark<'_>]) -> Vec<u8> {
    let mut clear = Vec::with_capacity(range.len());
    let mut from = range.start;
    for mark in marks.iter().filter(|mark| mark.at.end > range.start && mark.at.start < range.end) {
        clear.extend_from_slice(&bytes[from..mark.at.start.max(from)]);
        clear.extend_from_slice(mark.name.marker().as_bytes());
        from = mark.at.end;
    }
    clear.extend_from_slice(&bytes[from.min(range.end)..range.end]);
    clear
}
