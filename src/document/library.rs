//! Where documents are found: named folders, then `./playbooks` and `./runbooks`, then
//! those built into the program.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::built_in::DOCUMENTS;
use super::yaml::MAX_BYTES;
use crate::error::{Error, Kind, Result};
use crate::text::{Source, nearest};

/// How the origin of a built-in document is told.
const BUILT_IN: &str = "built in";

/// The folders that are looked through, in order.
#[derive(Clone, Debug)]
pub struct Library {
    folders: Vec<PathBuf>,
}

/// A document that was found, not yet read for what it says.
#[derive(Clone, Debug)]
pub struct Found {
    /// The stem of the file's name.
    pub name: String,
    pub source: Source,
    /// The path, or `built in`.
    pub origin: String,
    /// Whether a built-in document of the same name has another text.
    pub differs: bool,
}

impl Library {
    /// Looks in these folders first.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>) -> Self {
        let usual = ["playbooks", "runbooks"].map(PathBuf::from);
        Self { folders: folders.into_iter().chain(usual).collect() }
    }

    /// The document of that name, or at that path.
    ///
    /// # Errors
    /// When there is none, with the nearest name; when it cannot be read or is too large.
    pub fn find(&self, wanted: &str) -> Result<Found> {
        let path = Path::new(wanted);
        if wanted.contains('/') || path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            return read(path);
        }
        for folder in &self.folders {
            let path = folder.join(format!("{wanted}.yaml"));
            if path.is_file() {
                return read(&path);
            }
        }
        built_in(wanted).ok_or_else(|| self.missing(wanted))
    }

    /// Every document by its name: of several with one name, the one that would run.
    ///
    /// # Errors
    /// When a folder or a document cannot be read.
    pub fn list(&self) -> Result<Vec<Found>> {
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        for folder in &self.folders {
            for path in documents(folder)? {
                if let std::collections::btree_map::Entry::Vacant(e) = found.entry(stem(&path)) {
                    e.insert(read(&path)?);
                }
            }
        }
        for (name, _) in DOCUMENTS {
            if let (false, Some(document)) = (found.contains_key(*name), built_in(name)) {
                found.insert((*name).to_owned(), document);
            }
        }
        Ok(found.into_values().collect())
    }

    fn missing(&self, wanted: &str) -> Error {
        let known: Vec<_> = self.list().unwrap_or_default().into_iter().map(|found| found.name).collect();
        let error = Error::usage(format!("there is no document `{wanted}`"));
        match nearest(wanted, &known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`playbook list` tells which there are; a path works as well"),
        }
    }
}

fn built_in(name: &str) -> Option<Found> {
    let (name, text) = DOCUMENTS.iter().find(|(known, _)| *known == name)?;
    let source = Source::new(format!("{BUILT_IN}: {name}.yaml"), *text);
    Some(Found { name: (*name).to_owned(), source, origin: BUILT_IN.to_owned(), differs: false })
}

/// Reads a file no further than a document may be long.
fn read(path: &Path) -> Result<Found> {
    let failed = |error: std::io::Error| {
        let mut wrong = Error::io("cannot read the document", path, error);
        wrong.kind = Kind::Usage;
        wrong
    };
    let file = fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        let message = format!(
            "{} is longer than {} MiB, the most that a document may be",
            path.display(),
            MAX_BYTES >> 20
        );
        return Err(Error::new(Kind::Document, message)
            .hint("keep data in files of their own, and name them in parameters"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::new(Kind::Document, format!("{} is not UTF-8: byte {at} cannot be read", path.display()))
            .hint("save it as UTF-8")
    })?;
    let name = stem(path);
    let differs = DOCUMENTS.iter().any(|(known, built_in)| *known == name && *built_in != text);
    let origin = path.display().to_string();
    Ok(Found { name, source: Source::new(origin.as_str(), text), origin, differs })
}

/// The YAML files of a folder; none where there is no such folder.
fn documents(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::io("cannot look through", folder, error);
    let mut paths = Vec::new();
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(failed)?.path();
                if path.extension().is_some_and(|ending| ending == "yaml") {
                    paths.push(path);
                }
            }
        }
    }
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
