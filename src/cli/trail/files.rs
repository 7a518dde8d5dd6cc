//! Which files are searched: those that are named, and in a folder those that look like
//! logs. A record of a run is known by its bag, and searched where CloudTrail events are.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// One file to search.
#[derive(Debug)]
pub(super) struct Log {
    pub path: PathBuf,
    /// Bytes on disk: the largest are begun first.
    pub size: u64,
}

/// What there is to search, and folders that could not be looked into.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub logs: Vec<Log>,
    pub closed: Vec<Error>,
}

/// The log files below a folder, in the order of their names.
#[derive(Debug)]
pub(in crate::cli) struct Logs {
    pub files: Vec<PathBuf>,
    /// Folders that could not be looked into.
    pub closed: Vec<Error>,
}

impl Logs {
    pub fn below(folder: &Path) -> Self {
        let mut found = Found::default();
        found.walk(folder, &is_log);
        Self { files: found.logs.into_iter().map(|log| log.path).collect(), closed: found.closed }
    }
}

/// All files below the paths, in their order, folders in the order of their names.
///
/// # Errors
/// When one of the paths is not there.
pub(super) fn find(paths: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for path in paths {
        let facts = fs::metadata(path).map_err(|error| Error::io("could not read", path, error))?;
        if facts.is_dir() {
            found.enter(path);
        } else {
            // Whoever names a file wants it searched, whatever it is called.
            found.logs.push(Log { path: path.clone(), size: facts.len() });
        }
    }
    Ok(found)
}

impl Found {
    fn enter(&mut self, folder: &Path) {
        match data(folder) {
            Some(data) => {
                self.walk(&data.join("cloudtrail"), &is_log);
                self.walk(&data.join("artifacts"), &is_lookup);
            }
            None => self.walk(folder, &is_log),
        }
    }

    /// Folders are entered unless they are links, which could lead around in a circle.
    fn walk(&mut self, folder: &Path, wanted: &dyn Fn(&str) -> bool) {
        let Some(entries) = self.entries(folder) else { return };
        for entry in entries {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_folder && name != "CloudTrail-Digest" {
                if data(&path).is_some() { self.enter(&path) } else { self.walk(&path, wanted) }
            } else if !is_folder && wanted(&name) {
                // What a link leads to counts; a link to nowhere is told when it is opened.
                let facts = fs::metadata(&path);
                if facts.as_ref().map_or(true, fs::Metadata::is_file) {
                    self.logs.push(Log { path, size: facts.map_or(0, |facts| facts.len()) });
                }
            }
        }
    }

    /// By name. A folder that is not there holds nothing: a record may lack either.
    fn entries(&mut self, folder: &Path) -> Option<Vec<DirEntry>> {
        let read = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(mut entries) => {
                entries.sort_by_key(DirEntry::file_name);
                Some(entries)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                self.closed.push(Error::io("could not look into", folder, error));
                None
            }
        }
    }
}

/// Where the data is, of the record of a run or of its bag alone.
fn data(folder: &Path) -> Option<PathBuf> {
    let inner = folder.join("bag/data");
    let own = folder.join("data");
    if inner.is_dir() {
        Some(inner)
    } else if own.join("journal.jsonl").is_file() {
        Some(own)
    } else {
        None
    }
}

fn is_log(name: &str) -> bool {
    const BESIDE: [&str; 2] = ["public-keys.json", "coverage.json"];
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    let is_json = [".json", ".jsonl", ".ndjson"].iter().any(|end| plain.ends_with(end));
    let is_beside = plain.ends_with(".meta.json") || BESIDE.contains(&plain);
    is_json && !is_beside && !name.contains("_CloudTrail-Digest_")
}

/// Answers of LookupEvents among the outputs of steps.
fn is_lookup(name: &str) -> bool {
    name.contains("cloudtrail-events") && name.contains(".jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_known_by_their_names() {
        let log = "111122223333_CloudTrail_us-east-1_20261121T0305Z_abcdefghijklmnop.json.gz";
        for name in [log, "events.json", "events.jsonl", "events.jsonl.gz", "events.ndjson"] {
            assert!(is_log(name), "{name}");
        }
        let digest = "111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20261121T030530Z.json.gz";
        let meta = [log, ".meta.json"].concat();
        for name in [digest, &meta, "public-keys.json", "coverage.json", "report.md", "a.gz"] {
            assert!(!is_log(name), "{name}");
        }
        assert!(is_lookup("0012-cloudtrail-events.jsonl") && is_lookup("cloudtrail-events-partial.jsonl"));
        assert!(!is_lookup("0012-users.json"));
    }
}
