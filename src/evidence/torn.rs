//! The last line of a journal that a crash tore: kept as an artifact before it is cut off,
//! and told of by an entry after that. A process that dies between these leaves the artifact
//! behind, and the next one tells of it.

use super::store::{Shelf, Store};
use crate::error::Result;
use crate::journal::{Entry, Opened};
use crate::run::{Artifact, Deviation, Event};

/// What such an artifact is called, behind the beginning of its digest.
const NAME: &str = "torn-entry";

/// Keeps the bytes: what [`Journal::open`](crate::journal::Journal::open) wants done before
/// it cuts them off.
///
/// # Errors
/// When the disk does not take them.
pub fn keep(store: &Store, bytes: &[u8]) -> Result<()> {
    kept(store, bytes).map(drop)
}

fn kept(store: &Store, bytes: &[u8]) -> Result<Artifact> {
    store.store(Shelf::Artifacts, NAME, bytes)
}

/// The entries that are still to be made: of the line that was just cut off, and of any that
/// was kept by a process that died before it could tell.
///
/// # Errors
/// When the disk cannot be read.
pub fn untold(store: &Store, opened: &Opened) -> Result<Vec<Event>> {
    let now = opened.torn.as_deref().map(|bytes| kept(store, bytes)).transpose()?;
    let now = now.map(|artifact| (artifact.path, artifact.bytes));
    let before = store.shelved(Shelf::Artifacts, NAME)?.into_iter();
    let before = before.filter(|(path, _)| {
        now.as_ref().is_none_or(|(told, _)| told != path) && !is_told(&opened.entries, path)
    });
    Ok(now.iter().cloned().chain(before).map(|(path, bytes)| deviation(&path, bytes)).collect())
}

fn is_told(entries: &[Entry], path: &str) -> bool {
    entries.iter().any(|entry| match &entry.event {
        Event::Deviated { what: Deviation::TornEntry, detail } => detail.contains(path),
        _ => false,
    })
}

fn deviation(path: &str, bytes: u64) -> Event {
    let detail = format!("the last {bytes} bytes of the journal were no whole line; kept as {path}");
    Event::Deviated { what: Deviation::TornEntry, detail }
}
