//! The files below a folder. Links are not followed, and are told.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// What lies below a folder, by paths with forward slashes.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: BTreeSet<String>,
    pub oddities: Vec<(String, Oddity)>,
}

/// What cannot be part of a bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    Link,
    /// A socket, pipe or device.
    Special,
    /// A name that is not UTF-8; the path is an approximation.
    Name,
}

/// All files below `root`. A folder that is not there holds none.
///
/// # Errors
/// When a folder cannot be read.
pub fn walk(root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let failed = |error| Error::io("could not read the folder", &path, error);
        let entries = match fs::read_dir(&path) {
            Err(error) if folder.is_empty() && error.kind() == io::ErrorKind::NotFound => return Ok(tree),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let path = format!("{below}{}", name.to_string_lossy());
            let kind = entry.file_type().map_err(failed)?;
            match (name.to_str(), kind) {
                (None, _) => tree.oddities.push((path, Oddity::Name)),
                (_, kind) if kind.is_symlink() => tree.oddities.push((path, Oddity::Link)),
                (_, kind) if kind.is_dir() => folders.push(path),
                (_, kind) if kind.is_file() => drop(tree.files.insert(path)),
                _ => tree.oddities.push((path, Oddity::Special)),
            }
        }
    }
    Ok(tree)
}
