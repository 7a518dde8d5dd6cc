//! The record of a run as a reader sees it: no lock is taken.

use std::fs;
use std::sync::Arc;

use super::places::Places;
use crate::document;
use crate::document::Playbook;
use crate::error::{Error, Kind, Result};
use crate::evidence::{self, Folder};
use crate::journal;
use crate::journal::Entry;
use crate::report::Report;
use crate::run::{DocumentId, Event, Run};
use crate::text::Source;

pub(super) struct Record {
    pub folder: Folder,
    pub entries: Vec<Entry>,
    pub run: Run,
}

impl Record {
    /// The run that is named by its id or by a beginning of it.
    ///
    /// # Errors
    /// When there is none or several, and when its record cannot be read.
    pub fn open(places: &Places, name: &str) -> Result<Self> {
        Self::read(evidence::find(places.evidence(), name)?)
    }

    pub fn read(folder: Folder) -> Result<Self> {
        let entries = journal::read(&folder.journal())?.entries;
        let run = folded(&folder, &entries)?;
        Ok(Self { folder, entries, run })
    }

    /// # Errors
    /// When the journal does not begin with the opening of a run.
    pub fn report(&self) -> Result<Report> {
        Report::of(&self.run, &self.entries).ok_or_else(|| empty(&self.folder))
    }
}

/// The run that the entries fold to, over the pinned text of its document.
pub(super) fn folded(folder: &Folder, entries: &[Entry]) -> Result<Run> {
    let Some(Event::Opened(opened)) = entries.first().map(|entry| &entry.event) else {
        return Err(empty(folder));
    };
    let mut run = Run::new(Arc::new(pinned(folder, &opened.document)?));
    for entry in entries {
        run.apply(entry.at, &entry.event).map_err(|illegal| {
            Error::failure(format!(
                "entry {} of {} cannot follow what was: {illegal}",
                entry.seq,
                folder.id()
            ))
            .hint("`playbook verify` says whether the record was changed after it was written")
        })?;
    }
    Ok(run)
}

fn empty(folder: &Folder) -> Error {
    Error::failure(format!("the journal of {} holds no run", folder.id()))
        .hint("it is about to begin, or the program died before its first entry; then nothing was done, and the folder may be removed")
}

/// The document as it was when the run began.
fn pinned(folder: &Folder, id: &DocumentId) -> Result<Playbook> {
    let path = folder.document();
    let text = fs::read_to_string(&path).map_err(|error| Error::io("could not read", &path, error))?;
    if crate::text::Digest::of(text.as_bytes()) != id.digest {
        return Err(Error::failure(format!(
            "{} is not the text that the run was opened with",
            path.display()
        ))
        .hint("`playbook verify` names everything that was changed"));
    }
    let source = Source::new(path.display().to_string(), text);
    let (playbook, diagnostics) = document::load(&source, Some(&id.name));
    playbook.ok_or_else(|| {
        let first = diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        Error::new(Kind::Document, format!("the pinned document of {} has errors: {first}", folder.id()))
            .hint("it was accepted by the version of the program that the first entry names; read the record with that one")
    })
}
