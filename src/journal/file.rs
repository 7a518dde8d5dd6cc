//! A journal's file, open for appending and locked for as long as this lives.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::durable::sync_directory;
use super::lock;
use super::medium::Medium;
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

    pub(super) fn reading(&self) -> &File {
        &self.0
    }

    /// Cuts the file to its first `length` bytes, durably.
    pub(super) fn cut(&self, length: u64, path: &Path) -> Result<()> {
        self.0
            .set_len(length)
            .and_then(|()| self.0.sync_all())
            .map_err(|error| Error::io("could not cut the torn last line off", path, error))
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

fn appending() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    options
}
