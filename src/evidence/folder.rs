//! Where everything lies in the record of one run, and where the records of all runs lie.
//!
//! During a run the files are in `bag/data/` from the start, so that sealing only adds tag
//! files beside them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::run_id::RunId;
use crate::document::Species;
use crate::error::{Error, NEW_RECORDS, Result};
use crate::journal::sync_directory;
use crate::text::nearest;

/// The folder of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A folder that is there already, or is about to be.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes the folder of a new run in `evidence`, under the next free number, with the
    /// document's text in it. Only its owner may enter it. All of it is durable.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn make(
        evidence: &Path,
        species: Species,
        at: DateTime<Utc>,
        name: &str,
        document: &[u8],
    ) -> Result<Self> {
        fs::create_dir_all(evidence).map_err(|error| {
            Error::io("could not make the evidence folder", evidence, error).hint(NEW_RECORDS)
        })?;
        let folder = Self::claim(evidence, species, at, name)?;
        let fill = || {
            fs::create_dir(folder.bag())?;
            fs::create_dir(folder.data())?;
            let mut file = File::create_new(folder.document())?;
            file.write_all(document)?;
            file.sync_all()
        };
        fill().map_err(|error| folder.give_up(error))?;
        for directory in [&folder.data(), &folder.bag(), &folder.root, evidence] {
            sync_directory(directory)?;
        }
        Ok(folder)
    }

    /// Takes a record away that could not be begun, so that nobody takes it for one.
    fn give_up(&self, error: io::Error) -> Error {
        let _ = fs::remove_dir_all(&self.root);
        Error::failure(format!("could not make the record {}", self.root.display()))
            .caused_by(error)
            .hint("nothing was run; make room, or choose another folder with --evidence DIR, and start again")
    }

    /// Takes a record away whose journal could not be begun, so that nobody takes it for one.
    /// One that has an entry stays.
    pub fn withdraw(&self) {
        if fs::metadata(self.journal()).is_ok_and(|journal| journal.len() > 0) {
            return;
        }
        let _ = fs::remove_dir_all(&self.root);
    }

    /// Takes the next free number. The evidence folder is locked for that moment, because
    /// two terminals that open runs of different documents would not collide by name; where
    /// it cannot be locked, two runs of one document still cannot share a folder.
    fn claim(evidence: &Path, species: Species, at: DateTime<Utc>, name: &str) -> Result<Self> {
        let failed = |error| Error::io("could not make a new record in", evidence, error).hint(NEW_RECORDS);
        let lock = File::open(evidence).map_err(failed)?;
        let _ = lock.lock();
        let first = RunId::new(species, at, 1, name);
        let last = ids(evidence)?.into_iter().filter(|id| id.counts_with(&first)).map(|id| id.number()).max();
        let mut number = last.unwrap_or(0);
        loop {
            number = number.checked_add(1).ok_or_else(|| failed(io::ErrorKind::StorageFull.into()))?;
            let root = evidence.join(RunId::new(species, at, number, name).to_string());
            match DirBuilder::new().mode(0o700).create(&root) {
                Ok(()) => return Ok(Self { root }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The run's id: the folder's own name.
    #[must_use]
    pub fn id(&self) -> String {
        self.root.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    #[must_use]
    pub fn bag(&self) -> PathBuf {
        self.root.join("bag")
    }

    /// What the bag holds; artifacts are named by their path below it.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.root.join("bag/data")
    }

    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.root.join("bag/data/journal.jsonl")
    }

    /// The pinned text of the document.
    #[must_use]
    pub fn document(&self) -> PathBuf {
        self.root.join("bag/data/document.yaml")
    }

    #[must_use]
    pub fn sig(&self) -> PathBuf {
        self.root.join("sig")
    }

    #[must_use]
    pub fn verify_script(&self) -> PathBuf {
        self.root.join("verify.sh")
    }

    /// Where others lay what they have to say while somebody writes the record. It is no part
    /// of the record, and gone once that is sealed.
    #[must_use]
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }

    /// Every file of the record, by its path below the folder, in order.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn files(&self) -> Result<Vec<String>> {
        Ok(super::bag::walk(&self.root)?.files.into_iter().collect())
    }

    /// Whether a seal was put on it, all of it: the custody log and the script come last, and
    /// until one of them is there `seal` can be done again. [`super::verify`] says whether
    /// the seal holds.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        let last = self.verify_script().exists() || self.sig().join("custody.jsonl").exists();
        last && self.bag().join("tagmanifest-sha256.txt").exists()
    }

    /// Whether somebody signed the seal; [`super::verify`] says whether the signature holds.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.sig().join("tagmanifest-sha256.txt.sig").exists()
    }
}

/// All runs whose records lie in `evidence`, in order of their ids. A folder that is not
/// there holds none.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(evidence: &Path) -> Result<Vec<Folder>> {
    Ok(ids(evidence)?.into_iter().map(|id| Folder::new(evidence.join(id.to_string()))).collect())
}

/// The run that a person means: by its id, or by a beginning of it that is like no other's.
///
/// # Errors
/// When there is none, with the nearest; when there are several, with all of them.
pub fn find(evidence: &Path, beginning: &str) -> Result<Folder> {
    let names: Vec<String> = ids(evidence)?.iter().map(ToString::to_string).collect();
    let wanted = beginning.trim_end_matches('/').to_ascii_uppercase();
    let meant: Vec<&String> = match names.iter().find(|name| **name == wanted) {
        Some(exact) => vec![exact],
        None => names.iter().filter(|name| !wanted.is_empty() && name.starts_with(&wanted)).collect(),
    };
    match meant.as_slice() {
        [one] => Ok(Folder::new(evidence.join(one))),
        [] => Err(unknown(evidence, beginning, &names)),
        several => {
            let error = Error::usage(format!("`{beginning}` could be any of {} runs", several.len()));
            Err(several.iter().take(20).fold(error, |error, name| error.hint(name.as_str())))
        }
    }
}

fn unknown(evidence: &Path, wanted: &str, names: &[String]) -> Error {
    let error = Error::usage(format!("there is no run `{wanted}` in {}", evidence.display()));
    match (nearest(&wanted.to_ascii_uppercase(), names), names.last()) {
        (Some(near), _) => error.hint(format!("did you mean {near}?")),
        (None, Some(last)) => error.hint(format!("there are {}, the last is {last}", names.len())),
        (None, None) => {
            error.hint("no run was recorded there; say where with --evidence DIR or PLAYBOOK_EVIDENCE")
        }
    }
}

fn ids(evidence: &Path) -> Result<Vec<RunId>> {
    let failed = |error| Error::io("could not read the evidence folder", evidence, error);
    let folders = match fs::read_dir(evidence) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        folders => folders.map_err(failed)?,
    };
    let mut ids = Vec::new();
    for folder in folders {
        ids.extend(folder.map_err(failed)?.file_name().to_str().and_then(RunId::parse));
    }
    ids.sort();
    Ok(ids)
}
