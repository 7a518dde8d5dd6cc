//! The record told in the words of other tools, when it is sealed: a timeline for
//! Timesketch, and the events of CloudTrail as OCSF.
//!
//! Both are derived: from the journal, and from the events that it names. What cannot be
//! read is left out, counted and said; it is `verify` that judges the record.

mod collected;
mod sorter;
mod trails;

use super::writing::Writing;
use crate::cloudtrail::event::Event as Recorded;
use crate::cloudtrail::ocsf;
use crate::console::out;
use crate::error::Result;
use crate::evidence::Redaction;
use crate::journal::Draft;
use crate::report::{Report, counted, timeline};
use crate::run::Event;
use sorter::{Item, Sorter};

/// Entries stand before events of the same microsecond.
const ENTRY: char = '0';
const RECORDED: char = '1';

/// Writes `timeline.jsonl`, and `events.ocsf.jsonl` where events were collected, into the
/// record's data.
///
/// # Errors
/// When the disk does not take them.
pub(super) fn write(writing: &Writing, report: &Report) -> Result<()> {
    let mut sorter = Sorter::new(writing.folder.root())?;
    entries(writing, &mut sorter)?;
    let gaps = collected::gather(&writing.folder, report, &mut sorter)?;
    let more = trails::gather(&writing.folder, &writing.entries, &mut sorter)?;
    for gap in gaps.into_iter().chain(more) {
        out::talk(&gap);
    }
    let mut views = Views::begin(writing)?;
    sorter.in_order(|item| views.take(item))?;
    views.put_in_place()
}

/// The sealing itself is left out, as it is from the report.
fn entries(writing: &Writing, sorter: &mut Sorter) -> Result<()> {
    let sealed = |event: &Event| matches!(event, Event::Sealed { .. });
    for entry in writing.entries.iter().take_while(|entry| !sealed(&entry.event)) {
        for (nth, moment) in timeline::of_entry(entry).iter().enumerate() {
            let tie = format!("{ENTRY}{:020}.{nth:06}", entry.seq);
            let bytes = moment.line().into_bytes();
            sorter.push(Item { at: moment.at.timestamp_micros(), tie, bytes })?;
        }
    }
    Ok(())
}

/// The two files while they are written.
struct Views<'a> {
    writing: &'a Writing,
    timeline: Draft,
    /// Begun with the first event: where none was collected there is no such file.
    ocsf: Option<Draft>,
    /// The event that came last, with every file that holds it.
    last: Option<Held>,
}

/// An event that is told once, wherever it was found.
struct Held {
    key: (i64, String),
    event: Recorded,
    found_in: Vec<String>,
}

impl<'a> Views<'a> {
    fn begin(writing: &'a Writing) -> Result<Self> {
        let timeline = Draft::begin(&writing.folder.data().join("timeline.jsonl"))?;
        Ok(Self { writing, timeline, ocsf: None, last: None })
    }

    fn take(&mut self, item: Item) -> Result<()> {
        let Some(id) = item.tie.strip_prefix(RECORDED) else {
            self.tell_last()?;
            return append(&mut self.timeline, &item.bytes, self.writing.store.redaction());
        };
        let Some((file, event)) = collected::unpack(&item.bytes) else { return Ok(()) };
        let key = (item.at, id.to_owned());
        match &mut self.last {
            Some(last) if last.key == key => {
                if last.found_in.iter().all(|known| *known != file) {
                    last.found_in.push(file);
                }
                Ok(())
            }
            _ => {
                self.tell_last()?;
                self.last = Some(Held { key, event, found_in: vec![file] });
                Ok(())
            }
        }
    }

    fn tell_last(&mut self) -> Result<()> {
        let Some(held) = self.last.take() else { return Ok(()) };
        let found_in: Vec<&str> = held.found_in.iter().map(String::as_str).collect();
        let redaction = self.writing.store.redaction();
        if let Some(moment) = timeline::of_event(&held.event, &found_in) {
            append(&mut self.timeline, moment.line().as_bytes(), redaction)?;
        }
        if let Some(told) = ocsf::of(&held.event, &found_in) {
            if self.ocsf.is_none() {
                self.ocsf = Some(Draft::begin(&self.writing.folder.data().join("events.ocsf.jsonl"))?);
            }
            if let Some(ocsf) = &mut self.ocsf {
                append(ocsf, told.to_string().as_bytes(), redaction)?;
            }
        }
        Ok(())
    }

    fn put_in_place(mut self) -> Result<()> {
        self.tell_last()?;
        self.timeline.put_in_place()?;
        self.ocsf.map_or(Ok(()), Draft::put_in_place)
    }
}

fn append(draft: &mut Draft, line: &[u8], redaction: &Redaction) -> Result<()> {
    draft.append(&redaction.bytes(line))?;
    draft.append(b"\n")
}

/// What a person has to know about events that are in no view.
fn gap(file: &str, unreadable: u64) -> Option<String> {
    let lines = counted(unreadable, "line of it is", "lines of it are");
    (unreadable > 0).then(|| format!("{file}: {lines} no event with a time, and in no view"))
}
