//! An artifact that arrives in pieces.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::redaction::{Redaction, Streaming};
use super::store::{Shelf, make_shelf, named, settle};
use crate::error::{Error, Result};
use crate::journal::sync_directory;
use crate::run::Artifact;
use crate::text::Digesting;

/// Takes the pieces of one artifact. Dropped without [`finish`](Self::finish), it leaves
/// nothing behind.
#[derive(Debug)]
pub struct StoreWriter {
    shelf: Shelf,
    name: String,
    redacting: Streaming,
    digesting: Digesting,
    bytes: u64,
    part: Option<Part>,
}

/// The file that grows until the digest, and so the name, is known.
#[derive(Debug)]
struct Part {
    data: PathBuf,
    path: PathBuf,
    file: File,
    kept: bool,
}

impl StoreWriter {
    pub(super) fn new(
        data: Option<&Path>,
        redaction: Rc<Redaction>,
        shelf: Shelf,
        name: &str,
    ) -> Result<Self> {
        let part = data.map(|data| Part::begin(data, shelf)).transpose()?;
        let redacting = Streaming::new(redaction);
        Ok(Self { shelf, name: name.to_owned(), redacting, digesting: Digesting::default(), bytes: 0, part })
    }

    /// Takes the next piece; pieces may end anywhere.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        let clear = self.redacting.push(piece);
        self.keep(&clear)
    }

    /// Makes the artifact durable under its name.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn finish(mut self) -> Result<Artifact> {
        let clear = self.redacting.finish();
        self.keep(&clear)?;
        let artifact =
            named(self.shelf, &self.name, std::mem::take(&mut self.digesting).finish(), self.bytes);
        match self.part.take() {
            None => Ok(artifact),
            Some(part) => part.settle(self.shelf, &self.name, artifact),
        }
    }

    fn keep(&mut self, clear: &[u8]) -> Result<()> {
        self.digesting.update(clear);
        self.bytes += clear.len() as u64;
        match &mut self.part {
            None => Ok(()),
            Some(Part { file, path, .. }) => {
                file.write_all(clear).map_err(|error| Error::io("could not write", path, error))
            }
        }
    }
}

impl Part {
    fn begin(data: &Path, shelf: Shelf) -> Result<Self> {
        make_shelf(data, shelf)?;
        let mut number = 0_u64;
        loop {
            let path = data.join(shelf.folder()).join(format!(".{number}.part"));
            match File::create_new(&path) {
                Ok(file) => return Ok(Self { data: data.to_owned(), path, file, kept: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Error::io("could not write", &path, error)),
            }
        }
    }

    fn settle(mut self, shelf: Shelf, name: &str, artifact: Artifact) -> Result<Artifact> {
        let (artifact, taken) = settle(&self.data, shelf, name, artifact)?;
        if taken {
            return Ok(artifact);
        }
        let target = self.data.join(&artifact.path);
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &target))
            .map_err(|error| Error::io("could not write", &target, error))?;
        self.kept = true;
        sync_directory(target.parent().unwrap_or(&self.data))?;
        Ok(artifact)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}
