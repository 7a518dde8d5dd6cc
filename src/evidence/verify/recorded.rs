//! The journal, and what it says of the other files.

use super::Verification;
use super::bagged::Files;
use super::{approved, named};
use crate::error::Result;
use crate::evidence::bag::Info;
use crate::evidence::folder::Folder;
use crate::evidence::seal::label;
use crate::journal::{Entry, Reading, examine};
use crate::run::{Artifact, Event, Opened};

const JOURNAL: &str = "bag/data/journal.jsonl";
const DOCUMENT: &str = "bag/data/document.yaml";

/// Gives the entries that could be read.
pub(super) fn check(
    folder: &Folder,
    files: &Files,
    info: Option<&Info>,
    found: &mut Verification,
) -> Result<Vec<Entry>> {
    if !files.contains_key(JOURNAL) {
        found.flaw("missing", JOURNAL, "there is no journal, and so no record");
        return Ok(Vec::new());
    }
    let reading = examine(&folder.journal())?;
    lines(&reading, found);
    match reading.entries.first().map(|entry| (entry.seq, &entry.event)) {
        Some((1, Event::Opened(opened))) => self::opened(opened, files, info, found),
        _ => found.flaw("journal", JOURNAL, "it does not begin with the opening of a run"),
    }
    for entry in &reading.entries {
        for artifact in named::artifacts(&entry.event) {
            found.artifacts += 1;
            self::artifact(entry, artifact, files, found);
        }
    }
    approved::check(folder, &reading.entries, found);
    // A damaged last line was told already.
    let whole = reading.damage.last().is_none_or(|damage| damage.line + 1 < reading.chain.next_seq());
    if info.is_some() && whole {
        ending(&reading.entries, found);
    }
    Ok(reading.entries)
}

fn lines(reading: &Reading, found: &mut Verification) {
    found.entries = reading.entries.len() as u64;
    for damage in &reading.damage {
        found.flaw("journal", JOURNAL, format!("line {}: {}", damage.line, damage.what));
    }
    if let Some(torn) = &reading.torn {
        let message =
            format!("its last {} bytes are no whole line: torn by a crash, or being written", torn.len());
        found.flaw("journal", JOURNAL, message);
    }
}

fn opened(opened: &Opened, files: &Files, info: Option<&Info>, found: &mut Verification) {
    found.run = Some(opened.run.clone());
    match files.get(DOCUMENT) {
        None => found.flaw("missing", DOCUMENT, "the text of the document that was run is not there"),
        Some(file) if file.digest != opened.document.digest => {
            let pinned = opened.document.digest;
            let message = format!("its digest is {}, and the run was opened with {pinned}", file.digest);
            found.flaw("document", DOCUMENT, message);
        }
        Some(_) => {}
    }
    match info.map(|info| info.get(label::RUN)) {
        Some(Some(said)) if said == opened.run => {}
        Some(said) => {
            let said = said.unwrap_or("nobody");
            let message = format!("it names {said}, and the journal is that of {}", opened.run);
            found.flaw("bag-info", "bag/bag-info.txt", message);
        }
        None => {}
    }
}

fn artifact(entry: &Entry, artifact: &Artifact, files: &Files, found: &mut Verification) {
    let path = format!("bag/data/{}", artifact.path);
    let named =
        format!("entry {} names it with digest {} and {} bytes", entry.seq, artifact.digest, artifact.bytes);
    match files.get(&path) {
        None => found.flaw("missing", path, format!("{named}, and it is not there")),
        Some(file) if (file.digest, file.bytes) != (artifact.digest, artifact.bytes) => {
            let message = format!("{named}; there are {} bytes with digest {}", file.bytes, file.digest);
            found.flaw("artifact", path, message);
        }
        Some(_) => {}
    }
}

/// A sealed record ends with the entry that says so, and has one of them.
fn ending(entries: &[Entry], found: &mut Verification) {
    let sealed = |entry: &&Entry| matches!(entry.event, Event::Sealed { .. });
    if !entries.last().is_some_and(|last| sealed(&last)) {
        found.flaw("journal", JOURNAL, "its last entry does not say that the record was sealed");
    }
    for entry in entries.iter().rev().skip(1).filter(sealed) {
        found.flaw("journal", JOURNAL, format!("entry {} sealed the record, and others follow", entry.seq));
    }
}
