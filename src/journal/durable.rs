//! What it takes for a file to survive a loss of power.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

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
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let written = File::create(beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(beside, path));
    if let Err(error) = written {
        let _ = fs::remove_file(beside);
        return Err(Error::io("could not write", path, error));
    }
    sync_directory(path.parent().unwrap_or(Path::new(".")))
}
