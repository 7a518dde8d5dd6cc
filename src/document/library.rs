//! Where documents are found: named folders, then `./playbooks` and `./runbooks`, then
//! those built into the program.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::built_in::DOCUMENTS;
use super::yaml::MAX_BYTES;
use super::{Playbook, load};
use crate::error::{Error, Kind, Result};
use crate::text::{Diagnostic, Source, Span, nearest};

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
    /// Why its text cannot be read, where it cannot; `source` then holds as much as can be shown.
    pub unread: Option<Diagnostic>,
}

impl Found {
    /// What it says, where nothing is wrong, and everything that is.
    #[must_use]
    pub fn load(&self) -> (Option<Playbook>, Vec<Diagnostic>) {
        match &self.unread {
            Some(why) => (None, vec![why.clone()]),
            None => load(&self.source, Some(&self.name)),
        }
    }
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

    /// Every document by its name: of several with one name, the one that would run. One that
    /// cannot be read hides none of the others.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn list(&self) -> Result<Vec<Found>> {
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        for folder in &self.folders {
            for path in documents(folder)? {
                if let std::collections::btree_map::Entry::Vacant(e) = found.entry(stem(&path)) {
                    let found = if is_special(&path) { Err(not_a_file()) } else { bytes(&path) };
                    e.insert(found.map_or_else(|error| lost(&path, &error), |bytes| told(&path, bytes)));
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
    let origin = BUILT_IN.to_owned();
    Some(Found { name: (*name).to_owned(), source, origin, differs: false, unread: None })
}

/// The document at a path that was named.
fn read(path: &Path) -> Result<Found> {
    let failed = |error| {
        let mut wrong = Error::io("cannot read the document", path, error);
        wrong.kind = Kind::Usage;
        wrong
    };
    bytes(path).map(|bytes| told(path, bytes)).map_err(failed)
}

/// Reads a file no further than a document may be long.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn told(path: &Path, bytes: Vec<u8>) -> Found {
    if bytes.len() > MAX_BYTES {
        let message =
            format!("the document is longer than {} MiB, the most that one may be", MAX_BYTES >> 20);
        let why = Diagnostic::error("too-large", Span::new(0, 0), message);
        return unread(
            path,
            String::new(),
            why.help("keep data in files of their own, and name them in parameters"),
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let name = stem(path);
            let differs = DOCUMENTS.iter().any(|(known, built_in)| *known == name && *built_in != text);
            let origin = path.display().to_string();
            Found { name, source: Source::new(origin.as_str(), text), origin, differs, unread: None }
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let span = Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
            let why = Diagnostic::error("not-text", span, "the document is not UTF-8");
            unread(path, text, why.label("this cannot be read").help("save it as UTF-8"))
        }
    }
}

/// A document of a folder that the system does not hand out.
fn lost(path: &Path, error: &io::Error) -> Found {
    let why =
        Diagnostic::error("unreadable", Span::new(0, 0), format!("the document cannot be read: {error}"));
    unread(path, String::new(), why.help("mend it, or move it out of the folder of documents"))
}

fn unread(path: &Path, text: String, why: Diagnostic) -> Found {
    let (name, origin) = (stem(path), path.display().to_string());
    let differs = DOCUMENTS.iter().any(|(known, _)| *known == name);
    Found { name, source: Source::new(origin.as_str(), text), origin, differs, unread: Some(why) }
}

/// Whether opening it could wait for ever: a pipe has no end before somebody writes to it.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir())
}

fn not_a_file() -> io::Error {
    io::Error::other("it is no file")
}

/// The YAML files of a folder; none where there is no such folder. Hidden ones are what editors
/// and foreign file systems leave beside a document (`.#name.yaml`, `._name.yaml`).
fn documents(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::io("cannot look through", folder, error);
    let mut paths = Vec::new();
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(failed)?.path();
                let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
                if !hidden && path.extension().is_some_and(|ending| ending == "yaml") {
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
