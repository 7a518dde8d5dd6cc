//! Text from a file that a person names.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::error::{Error, Result};

/// Reads a file no further than `longest` bytes: a device may have no end.
///
/// # Errors
/// When it cannot be read, is longer, or is no text; `doing` says what it is read for.
pub fn text(doing: &str, file: &Path, longest: u64) -> Result<String> {
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(longest + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 <= longest => Ok(text),
        Ok(_) => Err(Error::usage(format!(
            "{doing} {}: it has more than {} KiB, which is the most",
            file.display(),
            longest >> 10
        ))),
        Err(error) => {
            let kind = error.kind();
            let failed = Error::io(doing, file, error);
            Err(match kind {
                ErrorKind::InvalidData => failed.hint("save it as UTF-8"),
                ErrorKind::IsADirectory => failed.hint("name a file, not a folder"),
                _ => failed,
            })
        }
    }
}
