//! A journal's file, open for appending and locked for as long as this lives.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::Path;

use super::durable::sync_directory;
use super::lock;
use super::medium::{Medium, Reopened};
use crate::error::{Error, Result};

pub(super) struct JournalFile(File);

impl JournalFile {
    /// Makes the file; it must not exist. The lock is held and the directory is synced.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = appending().create_new(true).open(path).map_err(|error| {
            let exists = error.kind() == io::ErrorKind::AlreadyExists;
            let failure = Error::io("could not make the journal", path, error);
            if exists {
                failure.hint("this run was already started; `playbook resume` goes on with it")
            } else {
                failure
            }
        })?;
        lock::take(&file, path)?;
        if let Some(folder) = path.parent() {
            sync_directory(folder)?;
        }
        Ok(Self(file))
    }

    /// Opens the file and takes the lock before anything is read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file =
            appending().open(path).map_err(|error| Error::io("could not open the journal", path, error))?;
        lock::take(&file, path)?;
        Ok(Self(file))
    }
}

impl Medium for JournalFile {
    /// One `write(2)` unless the kernel takes less than the line. What follows a short write
    /// is only there to learn why: a full disk says so the second time.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.write_all(line)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

impl Reopened for JournalFile {
    fn contents(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&self.0))
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length).and_then(|()| self.0.sync_all())
    }
}

fn appending() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    options
}
