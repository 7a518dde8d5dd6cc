//! Raw objects: files of somebody else's, byte for byte, at the path that they have there.
//!
//! Nothing is replaced in them, because a signature covers every byte: an object that holds
//! a secret of the run is not kept at all. [`Detecting`](super::Detecting) tells which do.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::journal::{sync_directory, write_durably};
use crate::run::Artifact;
use crate::text::{Digest, Digesting};

/// The longest path below `data/` and the longest name in it, in bytes: what common file
/// systems take, with room for what is written beside.
const LONGEST_PATH: usize = 1500;
const LONGEST_NAME: usize = 230;
/// What stands beside an object: its metadata, and the file that grows.
const BESIDE: [&str; 2] = [".meta.json", ".part"];

/// Why a path from the world is no path below `data/`; nothing where it is one.
#[must_use]
pub fn unfit(path: &str) -> Option<&'static str> {
    if path.len() > LONGEST_PATH {
        return Some("its key is too long for a path");
    }
    if path.chars().any(char::is_control) || path.contains('\\') {
        return Some("its key holds characters that have no place in a path");
    }
    path.split('/').find_map(|name| match name {
        "" => Some("its key has an empty segment, or is absolute"),
        "." | ".." => Some("its key leads out of its folder"),
        name if name.len() > LONGEST_NAME => Some("a segment of its key is too long for a file's name"),
        name if BESIDE.iter().any(|end| name.ends_with(end)) => {
            Some("its key is like the name of what is kept beside an object")
        }
        _ => None,
    })
}

/// A raw object that arrives in pieces. Dropped without [`settle`](Self::settle), it leaves
/// nothing behind; what a crash leaves is overwritten by the next attempt.
#[derive(Debug)]
pub struct RawPart {
    path: String,
    digesting: Digesting,
    bytes: u64,
    /// None for a run that leaves no files.
    part: Option<Growing>,
}

#[derive(Debug)]
struct Growing {
    data: PathBuf,
    path: PathBuf,
    file: File,
    kept: bool,
}

impl RawPart {
    pub(super) fn begin(data: Option<&Path>, path: &str) -> Result<Self> {
        fit(path)?;
        let part = data.map(|data| Growing::begin(data, path)).transpose()?;
        Ok(Self { path: path.to_owned(), digesting: Digesting::default(), bytes: 0, part })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.digesting.update(piece);
        self.bytes += piece.len() as u64;
        let Some(Growing { file, path, .. }) = &mut self.part else { return Ok(()) };
        file.write_all(piece).map_err(|error| Error::io("could not write", path, error))
    }

    /// Forgets what arrived: it comes again from the beginning.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn restart(&mut self) -> Result<()> {
        (self.digesting, self.bytes) = (Digesting::default(), 0);
        let Some(Growing { file, path, .. }) = &mut self.part else { return Ok(()) };
        let emptied = file.set_len(0).and_then(|()| file.rewind());
        emptied.map_err(|error| Error::io("could not write", path, error))
    }

    /// How much arrived so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What arrived, to be looked at before it is kept; none where no file is written.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn reader(&self) -> Result<Option<File>> {
        let Some(Growing { path, .. }) = &self.part else { return Ok(None) };
        File::open(path).map(Some).map_err(|error| Error::io("could not read", path, error))
    }

    /// Lets it go, and tells what its digest would have been.
    #[must_use]
    pub fn give_up(self) -> Digest {
        self.digesting.finish()
    }

    /// Makes it durable at its path.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn settle(mut self) -> Result<Artifact> {
        let digest = std::mem::take(&mut self.digesting).finish();
        if let Some(part) = self.part.take() {
            part.settle(&self.path)?;
        }
        Ok(Artifact { path: self.path, digest, bytes: self.bytes })
    }
}

impl Growing {
    fn begin(data: &Path, path: &str) -> Result<Self> {
        let mut beside = data.join(path).into_os_string();
        make_folders(data, path)?;
        beside.push(".part");
        let path = PathBuf::from(beside);
        let file = File::create(&path).map_err(|error| Error::io("could not write", &path, error))?;
        Ok(Self { data: data.to_owned(), path, file, kept: false })
    }

    fn settle(mut self, path: &str) -> Result<()> {
        let target = self.data.join(path);
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &target))
            .map_err(|error| Error::io("could not write", &target, error))?;
        self.kept = true;
        sync_directory(target.parent().unwrap_or(&self.data))
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a small file whole at its path, in place of one that may be there.
pub(super) fn put(data: Option<&Path>, path: &str, bytes: &[u8]) -> Result<Artifact> {
    if let Some(data) = data {
        fit(path.strip_suffix(".meta.json").unwrap_or(path))?;
        make_folders(data, path)?;
        write_durably(&data.join(path), bytes)?;
    }
    Ok(Artifact { path: path.to_owned(), digest: Digest::of(bytes), bytes: bytes.len() as u64 })
}

/// What is there at a path; none where nothing is.
pub(super) fn held(data: Option<&Path>, path: &str) -> Result<Option<File>> {
    let Some(data) = data else { return Ok(None) };
    match File::open(data.join(path)) {
        Ok(file) => Ok(Some(file)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Error::io("could not read", &data.join(path), error)),
    }
}

fn fit(path: &str) -> Result<()> {
    match unfit(path) {
        None => Ok(()),
        Some(why) => Err(Error::refused(format!("{path:?} is no place in the record: {why}"))),
    }
}

/// Each folder on the way, and the names of all of them, are durable.
fn make_folders(data: &Path, path: &str) -> Result<()> {
    let mut folder = data.to_owned();
    let names: Vec<&str> = path.split('/').collect();
    for name in names.iter().take(names.len().saturating_sub(1)) {
        let parent = folder.clone();
        folder.push(name);
        match fs::create_dir(&folder) {
            Ok(()) => sync_directory(&parent)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("could not make the folder", &folder, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_no_path_below_the_record_is_refused() {
        for bad in [
            "../x",
            "a/../b",
            "/etc/passwd",
            "a//b",
            "a/",
            "",
            ".",
            "a\0b",
            "a\\b",
            "a/b.part",
            "k.meta.json",
        ] {
            assert!(unfit(bad).is_some(), "{bad:?}");
            assert!(RawPart::begin(None, bad).is_err(), "{bad:?}");
        }
        assert!(unfit(&"n".repeat(231)).is_some());
        assert!(unfit(&"n/".repeat(900)).is_some());
        assert_eq!(unfit("cloudtrail/s3/b/AWSLogs/1/CloudTrail/eu-west-1/2026/11/22/a..b.json.gz"), None);
    }

    #[test]
    fn an_object_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = RawPart::begin(Some(folder.path()), "a/b/c").unwrap();
        part.write(b"ab").unwrap();
        assert!(!folder.path().join("a/b/c").exists());
        drop(part);
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 0);
        let mut part = RawPart::begin(Some(folder.path()), "a/b/c").unwrap();
        part.write(b"ab").unwrap();
        part.write(b"c").unwrap();
        let artifact = part.settle().unwrap();
        assert_eq!((artifact.digest, artifact.bytes), (Digest::of(b"abc"), 3));
        assert_eq!(fs::read(folder.path().join("a/b/c")).unwrap(), b"abc");
    }
}
