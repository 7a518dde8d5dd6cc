//! What it takes for a file to survive a loss of power.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Makes durable which names a directory holds. File systems that cannot sync a directory
/// answer `EINVAL`; they keep names in order by other means, or not at all.
///
/// # Errors
/// When the directory cannot be opened or the disk fails.
pub fn sync_directory(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match File::open(path).and_then(|directory| directory.sync_all()) {
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => {
            Err(Error::io("could not sync the folder", path, error))
        }
        _ => Ok(()),
    }
}

/// Puts a file in place whole, or not at all: a temporary file beside it, synced, renamed,
/// and the directory synced. An existing file is replaced.
///
/// # Errors
/// When the disk does not take it; nothing is left behind then.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut draft = Draft::begin(path)?;
    draft.append(bytes)?;
    draft.put_in_place()
}

/// A file that is written piece by piece and stands in its place whole, or not at all. One
/// that is dropped before it was put in place leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
    placed: bool,
}

impl Draft {
    /// # Errors
    /// When the temporary file beside the place cannot be made.
    pub fn begin(path: &Path) -> Result<Self> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside).map_err(|error| Error::io("could not write", path, error))?;
        Ok(Self { path: path.to_owned(), beside, file: BufWriter::new(file), placed: false })
    }

    /// # Errors
    /// When the disk does not take it.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::io("could not write", &self.path, error))
    }

    /// # Errors
    /// When the disk does not take it; nothing is left behind then.
    pub fn put_in_place(mut self) -> Result<()> {
        let placed = self
            .file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.beside, &self.path));
        placed.map_err(|error| Error::io("could not write", &self.path, error))?;
        self.placed = true;
        sync_directory(self.path.parent().unwrap_or(Path::new(".")))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.beside);
        }
    }
}
