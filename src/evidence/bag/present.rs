//! The files of a bag by name, in whichever Unicode normal form the file system has them.

use std::collections::{BTreeMap, HashMap};

use super::digests::Summed;
use super::path;
use super::version::Version;

/// The files that are there, by their paths below the bag.
pub(super) struct Present<'a> {
    files: &'a BTreeMap<String, Summed>,
    /// Those with other than ASCII characters, by their composed names.
    composed: HashMap<String, &'a str>,
    version: Version,
}

/// Which file an entry means.
pub(super) struct Meant<'a> {
    pub path: &'a str,
    pub file: &'a Summed,
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    AsListed,
    /// The names differ in their normal form: RFC 8493, section 6.1 ("Recommendations" on
    /// file names), asks to put up with it.
    Otherwise,
}

impl<'a> Present<'a> {
    pub(super) fn new(files: &'a BTreeMap<String, Summed>, version: Version) -> Self {
        let foreign = files.keys().filter(|path| !path.is_ascii());
        let composed = foreign.map(|path| (path::composed(path), path.as_str())).collect();
        Self { files, composed, version }
    }

    pub(super) fn meant(&self, listed: &str) -> Option<Meant<'a>> {
        if let Some((path, file)) = self.files.get_key_value(listed) {
            return Some(Meant { path, file, form: Form::AsListed });
        }
        if !path::encodes_percent(self.version) && listed.contains('%') {
            let decoded = path::decode_line_ends(listed);
            if let Some((path, file)) = self.files.get_key_value(&decoded) {
                return Some(Meant { path, file, form: Form::AsListed });
            }
        }
        if listed.is_ascii() {
            return None;
        }
        let path = *self.composed.get(&path::composed(listed))?;
        self.files.get(path).map(|file| Meant { path, file, form: Form::Otherwise })
    }

    /// Whether there is a folder of that name.
    pub(super) fn is_folder(&self, listed: &str) -> bool {
        let below = format!("{}/", listed.trim_end_matches('/'));
        self.files.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Pairs of files whose names differ in nothing but case or normal form.
    pub(super) fn twins(&self) -> Vec<(&'a str, &'a str)> {
        let mut folded: HashMap<String, &str> = HashMap::new();
        let fold = |path: &str| path::composed(path).to_lowercase();
        self.files
            .keys()
            .filter_map(|path| folded.insert(fold(path), path).map(|other| (other, path.as_str())))
            .collect()
    }

    /// Bytes and files of the payload, as Payload-Oxum tells them.
    pub(super) fn oxum(&self) -> String {
        let payload = self.files.iter().filter(|(path, _)| path.starts_with("data/"));
        let (bytes, files) =
            payload.fold((0, 0), |(bytes, files), (_, file)| (bytes + file.bytes, files + 1));
        format!("{bytes}.{files}")
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().map(String::as_str)
    }
}
