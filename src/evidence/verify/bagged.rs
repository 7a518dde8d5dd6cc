//! The bag: its tag files, its manifests, and whether they list what is there.

use std::collections::BTreeMap;
use std::fs;

use super::Verification;
use crate::evidence::bag::{
    Algorithm, BAG_INFO, BAGIT, Checksum, DECLARATION, Info, MANIFEST, Manifest, Measured, Oddity,
    TAG_MANIFEST, Tree,
};
use crate::evidence::folder::Folder;
use crate::evidence::seal::label;
use crate::text::Digest;

/// All files of the record by their paths below its folder.
pub(super) type Files = BTreeMap<String, Measured>;

/// Gives what the bag says of itself, when it says anything.
pub(super) fn check(folder: &Folder, tree: &Tree, files: &Files, found: &mut Verification) -> Option<Info> {
    for (path, oddity) in &tree.oddities {
        found.flaw(
            "link",
            path,
            match oddity {
                Oddity::Link => "a symbolic link is no file of the record",
                Oddity::Special => "it is no regular file",
                Oddity::Name => "its name is not UTF-8",
            },
        );
    }
    let payload = files.iter().filter(|(path, _)| path.starts_with("bag/data/"));
    (found.files, found.bytes, found.redacted) = payload
        .fold((0, 0, 0), |(count, bytes, redacted), (_, file)| {
            (count + 1, bytes + file.bytes, redacted + file.redacted)
        });
    if !files.contains_key(&bagged(TAG_MANIFEST)) && !files.contains_key(&bagged(MANIFEST)) {
        found.flaw("not-sealed", "", "the record is not sealed: what follows holds for this moment only");
        return None;
    }
    declaration(folder, files, found);
    manifest(folder, TAG_MANIFEST, files, found, |path| !path.starts_with("data/") && path != TAG_MANIFEST);
    manifest(folder, MANIFEST, files, found, |path| path.starts_with("data/"));
    outside(files, found);
    info(folder, files, found)
}

fn declaration(folder: &Folder, files: &Files, found: &mut Verification) {
    match text(folder, BAGIT, files, found) {
        Some(text) if text != DECLARATION => {
            found.flaw("declaration", bagged(BAGIT), "it does not declare a BagIt 1.0 bag in UTF-8");
        }
        _ => {}
    }
}

/// Compares a manifest with the files that it is about.
fn manifest(folder: &Folder, name: &str, files: &Files, found: &mut Verification, about: fn(&str) -> bool) {
    let Some(text) = text(folder, name, files, found) else { return };
    let (manifest, wrong) = Manifest::parse(Algorithm::Sha256, &text);
    for wrong in wrong {
        found.flaw("manifest", bagged(name), wrong);
    }
    for (path, digest) in &manifest.files {
        match files.get(&bagged(path)) {
            _ if !about(path) => found.flaw("manifest", bagged(name), format!("{path} has no place in it")),
            None => found.flaw("missing", bagged(path), format!("{name} lists it, and it is not there")),
            Some(file) if Checksum::from(file.digest) != *digest => {
                found.flaw("changed", bagged(path), difference(digest, file.digest));
            }
            Some(_) => {}
        }
    }
    let there = files.keys().filter_map(|path| path.strip_prefix("bag/")).filter(|path| about(path));
    for path in there.filter(|path| !manifest.files.contains_key(*path)) {
        found.flaw("unlisted", bagged(path), format!("it is there, and {name} does not list it"));
    }
}

pub(super) fn difference(listed: &Checksum, there: Digest) -> String {
    format!("its digest is {there}, and {listed} was sealed")
}

/// Beside the bag lie the script and what is in `sig/`, which is checked with the signature.
fn outside(files: &Files, found: &mut Verification) {
    let known = |path: &str| path == "verify.sh" || path.starts_with("bag/") || path.starts_with("sig/");
    // What lies in the inbox of an open record is no part of it yet.
    let open = !files.contains_key(&bagged(BAG_INFO));
    let laid = |path: &str| open && path.starts_with("inbox/");
    for path in files.keys().filter(|path| !known(path) && !laid(path)) {
        found.flaw("unlisted", path, "it is there, and nothing in the record knows of it");
    }
}

fn info(folder: &Folder, files: &Files, found: &mut Verification) -> Option<Info> {
    let info = Info::parse(&text(folder, BAG_INFO, files, found)?);
    let counted = [
        (label::OXUM, format!("{}.{}", found.bytes, found.files)),
        (label::REDACTED, found.redacted.to_string()),
        (
            label::SCRIPT,
            files.get("verify.sh").map_or_else(|| "missing".to_owned(), |file| file.digest.to_string()),
        ),
    ];
    for (label, there) in counted {
        match info.get(label) {
            Some(said) if said == there => {}
            Some(said) => {
                found.flaw("bag-info", bagged(BAG_INFO), format!("{label} says {said}, and it is {there}"));
            }
            None => found.flaw("bag-info", bagged(BAG_INFO), format!("{label} is not told")),
        }
    }
    Some(info)
}

/// A tag file's text; that it is not there, or no text, is a flaw.
fn text(folder: &Folder, name: &str, files: &Files, found: &mut Verification) -> Option<String> {
    if !files.contains_key(&bagged(name)) {
        found.flaw("missing", bagged(name), "the bag is not whole without it");
        return None;
    }
    let text = fs::read_to_string(folder.bag().join(name));
    text.map_err(|error| found.flaw("unreadable", bagged(name), error.to_string())).ok()
}

fn bagged(path: &str) -> String {
    format!("bag/{path}")
}
