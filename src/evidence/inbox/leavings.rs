//! What lies among the messages and is none: whoever laid it was killed before it was whole, and
//! was told nothing. It is kept, since somebody wanted to say it, and the record tells so.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Inbox, Recorder, refused, take_up};
use crate::error::{Error, Result};
use crate::evidence::{Shelf, Store};
use crate::journal::sync_directory;
use crate::run::{Artifact, Run};

/// Takes up everything that lies there: messages, and what did not become one.
///
/// # Errors
/// As [`take_up`].
pub fn clear(inbox: &Inbox, recorder: &mut impl Recorder, now: DateTime<Utc>) -> Result<()> {
    if recorder.with_run(Run::is_sealed) {
        return Ok(());
    }
    while !inbox.lying()?.is_empty() {
        take_up(inbox, recorder, now)?;
    }
    for name in inbox.leavings()? {
        let path = inbox.folder.join(&name);
        let kept = copied(&path, &name, recorder.store())?;
        recorder.record(refused(&name, "whoever laid it did not come to its end", &kept.path))?;
        fs::remove_file(&path).map_err(|error| Error::io("could not take away", &path, error))?;
        sync_directory(&inbox.folder)?;
    }
    Ok(())
}

impl Inbox {
    /// Files that are no messages, half written or whole.
    fn leavings(&self) -> Result<Vec<String>> {
        let mut names = self.names()?;
        names.retain(|name| name.strip_suffix(".json").is_none());
        names.retain(|name| fs::symlink_metadata(self.folder.join(name)).is_ok_and(|found| found.is_file()));
        Ok(names)
    }
}

fn copied(path: &Path, name: &str, store: &Store) -> Result<Artifact> {
    let failed = |error| Error::io("could not read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut writer, mut piece) = (store.writer(Shelf::Artifacts, name)?, vec![0; 256 << 10]);
    loop {
        let read = file.read(&mut piece).map_err(failed)?;
        match piece.get(..read) {
            None | Some([]) => return writer.finish(),
            Some(bytes) => writer.write(bytes)?,
        }
    }
}
