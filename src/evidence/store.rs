//! Artifacts: files of the record, named by what they hold.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::folder::Folder;
use super::raw::{self, RawPart};
use super::redaction::{Detecting, Redaction, Streaming};
use super::room::room;
use super::store_writer::StoreWriter;
use crate::error::{Error, Result};
use crate::journal::{sync_directory, write_durably};
use crate::run::Artifact;
use crate::text::{Digest, Digesting};

/// Where artifacts are kept. What comes in is redacted first; the digest is that of what is
/// kept. When a method returns, the artifact is durable.
#[derive(Clone, Debug)]
pub struct Store {
    /// The record's `data/`; none for a run that leaves no files.
    data: Option<PathBuf>,
    redaction: Rc<Redaction>,
}

/// The folder below `data/` that an artifact belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Outputs and attachments.
    Artifacts,
    /// Bodies of requests and responses.
    Api,
}

impl Shelf {
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Artifacts => "artifacts",
            Self::Api => "api",
        }
    }
}

impl Store {
    #[must_use]
    pub fn new(folder: &Folder, redaction: Rc<Redaction>) -> Self {
        Self { data: Some(folder.data()), redaction }
    }

    /// A store that keeps nothing: artifacts get their names and digests, and are gone.
    #[must_use]
    pub fn in_memory(redaction: Rc<Redaction>) -> Self {
        Self { data: None, redaction }
    }

    /// Bytes that can still be written; nothing where nothing is kept, or nobody tells.
    #[must_use]
    pub fn room(&self) -> Option<u64> {
        room(self.data.as_deref()?)
    }

    #[must_use]
    pub fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// Stores bytes under a name that tells what they are. The same content under the same
    /// name is stored once.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn store(&self, shelf: Shelf, name: &str, bytes: &[u8]) -> Result<Artifact> {
        let bytes = self.cleared(bytes);
        // Files are called by what people and buckets call them, and that can be anything.
        let name = &*self.redaction.text(name);
        let artifact = named(shelf, name, Digest::of(&bytes), bytes.len() as u64);
        let Some(data) = &self.data else { return Ok(artifact) };
        make_shelf(data, shelf)?;
        let (artifact, taken) = settle(data, shelf, name, artifact)?;
        if !taken {
            write_durably(&data.join(&artifact.path), &bytes)?;
        }
        Ok(artifact)
    }

    /// Bytes as they would be stored. What is cut, or read as a text although it may be none,
    /// has to pass here before: half a secret is not recognised, and is half a secret.
    #[must_use]
    pub fn cleared(&self, bytes: &[u8]) -> Vec<u8> {
        let mut redacting = Streaming::new(Rc::clone(&self.redaction));
        [redacting.push(bytes), redacting.finish()].concat()
    }

    /// Stores what arrives in pieces, without holding it in memory.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn writer(&self, shelf: Shelf, name: &str) -> Result<StoreWriter> {
        let name = self.redaction.text(name);
        StoreWriter::new(self.data.as_deref(), Rc::clone(&self.redaction), shelf, &name)
    }

    /// Begins a raw object at its own path below `data/`, byte-exact and unredacted: see
    /// [`Store::detecting`].
    ///
    /// # Errors
    /// When the path leads elsewhere, or the disk does not take it.
    pub fn raw(&self, path: &str) -> Result<RawPart> {
        RawPart::begin(self.data.as_deref(), path)
    }

    /// Writes a small file at its own path, in place of one that may be there. What is
    /// written must have passed the [`Redaction`] or a [`Detecting`].
    ///
    /// # Errors
    /// When the path leads elsewhere, or the disk does not take it.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<Artifact> {
        raw::put(self.data.as_deref(), path, bytes)
    }

    /// What lies at a path of its own already.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn held(&self, path: &str) -> Result<Option<File>> {
        raw::held(self.data.as_deref(), path)
    }

    /// The artifacts on a shelf whose names end so: their paths below `data/` and their sizes
    /// in bytes, in order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn shelved(&self, shelf: Shelf, end: &str) -> Result<Vec<(String, u64)>> {
        let Some(data) = &self.data else { return Ok(Vec::new()) };
        let folder = data.join(shelf.folder());
        let read = || -> io::Result<Vec<(String, u64)>> {
            let mut found = Vec::new();
            for file in fs::read_dir(&folder)? {
                let file = file?;
                let name = file.file_name().to_string_lossy().into_owned();
                if name.ends_with(end) {
                    found.push((format!("{}/{name}", shelf.folder()), file.metadata()?.len()));
                }
            }
            found.sort();
            Ok(found)
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            found => found.map_err(|error| Error::io("could not read the folder", &folder, error)),
        }
    }

    /// Tells whether bytes hold a secret of the run, before they are kept as they are.
    #[must_use]
    pub fn detecting(&self) -> Detecting {
        Detecting::new(&self.redaction)
    }
}

/// How an artifact is called: the first twelve digits of its digest and a name that any
/// file system and any shell takes as it is.
pub(super) fn named(shelf: Shelf, name: &str, digest: Digest, bytes: u64) -> Artifact {
    let short = &digest.to_string()[..12];
    Artifact { path: format!("{}/{short}-{}", shelf.folder(), safe(name)), digest, bytes }
}

fn safe(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = name.chars().map(kept).collect();
    // The end of a name tells its type, so that a long one loses its beginning.
    let name = &name[name.len().saturating_sub(100)..];
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// Where an artifact goes, and whether it is there already. Two contents whose digests begin
/// alike are told apart by the whole digest.
pub(super) fn settle(data: &Path, shelf: Shelf, name: &str, artifact: Artifact) -> Result<(Artifact, bool)> {
    match digest_of(&data.join(&artifact.path))? {
        None => Ok((artifact, false)),
        Some(digest) if digest == artifact.digest => Ok((artifact, true)),
        Some(_) => {
            let path = format!("{}/{}-{}", shelf.folder(), artifact.digest, safe(name));
            let there = digest_of(&data.join(&path))? == Some(artifact.digest);
            Ok((Artifact { path, ..artifact }, there))
        }
    }
}

fn digest_of(path: &Path) -> Result<Option<Digest>> {
    let read = File::open(path).and_then(|mut file| {
        let mut digesting = Digesting::default();
        io::copy(&mut file, &mut digesting)?;
        Ok(digesting.finish())
    });
    match read {
        Ok(digest) => Ok(Some(digest)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("could not read the artifact", path, error)),
    }
}

pub(super) fn make_shelf(data: &Path, shelf: Shelf) -> Result<()> {
    match fs::create_dir(data.join(shelf.folder())) {
        Ok(()) => sync_directory(data),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::io("could not make the folder", &data.join(shelf.folder()), error)),
    }
}
