//! The events of CloudTrail that the record holds, on their way into the views.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};

use super::sorter::{Item, Sorter};
use super::{RECORDED, gap};
use crate::cloudtrail::event::Event;
use crate::error::Result;
use crate::evidence::Folder;
use crate::report::Report;

/// CloudTrail cuts an event at 256 KiB (CloudTrail user guide, "CloudTrail record
/// contents"); what is longer than this is none.
const LONGEST: u64 = 4 << 20;

/// Hands every event of every collection to the sorter, and returns what could not be read.
pub(super) fn gather(folder: &Folder, report: &Report, sorter: &mut Sorter) -> Result<Vec<String>> {
    let mut gaps = Vec::new();
    for artifact in &report.artifacts {
        let path = &artifact.file.path;
        if !holds_events(path) {
            continue;
        }
        match File::open(folder.data().join(path)) {
            Ok(file) => gaps.extend(gap(path, lines(path, BufReader::new(file), sorter)?)),
            Err(error) => gaps.push(format!("{path}: {error}; its events are in no view")),
        }
    }
    Ok(gaps)
}

/// The names that collecting steps give to their artifacts.
fn holds_events(path: &str) -> bool {
    path.ends_with("-cloudtrail-events.jsonl") || path.ends_with("-cloudtrail-events-partial.jsonl")
}

/// How many lines are no event, or one without a time.
fn lines(path: &str, mut lines: impl BufRead, sorter: &mut Sorter) -> Result<u64> {
    let (mut line, mut unreadable) = (Vec::new(), 0);
    loop {
        match next(&mut lines, &mut line) {
            Ok(true) => {}
            Ok(false) => return Ok(unreadable),
            // The rest of a file that the disk no longer gives is one gap.
            Err(_) => return Ok(unreadable + 1),
        }
        match item(path, &line) {
            Some(item) => sorter.push(item)?,
            None => unreadable += 1,
        }
    }
}

/// The next line without its newline, empty where it is too long to be an event; whether
/// there was one.
fn next(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if lines.by_ref().take(LONGEST).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() as u64 == LONGEST {
        lines.skip_until(b'\n')?;
        line.clear();
    }
    Ok(true)
}

/// An event and the file that holds it. Events without an id are never taken for one another.
pub(super) fn item(path: &str, line: &[u8]) -> Option<Item> {
    let event = Event::read(line)?;
    let at = event.time()?.timestamp_micros();
    let id = event.id().map_or_else(|| crate::text::Digest::of(line).to_string(), str::to_owned);
    let bytes = [path.as_bytes(), b"\n", line].concat();
    Some(Item { at, tie: format!("{RECORDED}{id}"), bytes })
}

pub(super) fn unpack(bytes: &[u8]) -> Option<(String, Event)> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    let (path, line) = bytes.split_at_checked(at)?;
    Some((String::from_utf8_lossy(path).into_owned(), Event::read(line.get(1..)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_is_whole() {
        let long = vec![b'x'; usize::try_from(LONGEST).unwrap() + 5];
        let text = [b"first\n", &long[..], b"\nlast"].concat();
        let mut reader = BufReader::new(&text[..]);
        let mut line = Vec::new();
        let mut told = Vec::new();
        while next(&mut reader, &mut line).unwrap() {
            told.push(String::from_utf8(line.clone()).unwrap());
        }
        assert_eq!(told, ["first", "", "last"]);
    }

    #[test]
    fn an_event_survives_the_way_through_the_sorter() {
        let line = br#"{"eventTime":"2026-11-22T03:10:00Z","eventID":"e-1"}"#;
        let packed = item("artifacts/a", line).unwrap();
        assert_eq!(packed.tie, "1e-1");
        let (path, event) = unpack(&packed.bytes).unwrap();
        assert_eq!((&*path, event.id()), ("artifacts/a", Some("e-1")));
        assert!(item("a", b"{}").is_none() && item("a", b"no event").is_none());
    }
}
