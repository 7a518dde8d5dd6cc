//! A bag of anybody's, checked where it lies.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::digests::{Summed, Summing, measure};
use super::findings::{Findings, Remark};
use super::judgement::judge;
use super::tags::{Tags, is_read};
use super::version::Version;
use super::walk::{Oddity, walk};
use crate::error::{Error, Result};

/// A larger tag file is not read: it would list ten million files.
const LARGEST_TAG_FILE: u64 = 1 << 30;

/// What a check of a bag found. It is valid when there are no faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    pub version: Option<Version>,
    pub faults: Vec<Remark>,
    pub warnings: Vec<Remark>,
    /// Of the payload.
    pub files: u64,
    pub bytes: u64,
}

/// Checks the bag whose folder is `root`. Nothing is fetched, nothing is written, and
/// nothing outside of the folder is read.
///
/// # Errors
/// When the disk refuses. What is wrong with the bag is no error.
pub fn validate(root: &Path) -> Result<Validation> {
    let mut findings = Findings::default();
    let mut tree = walk(root)?;
    for (path, oddity) in std::mem::take(&mut tree.oddities) {
        match oddity {
            Oddity::Link if leads_to_a_file_of(root, &path) => {
                findings.warn("link", &path, "it is a symbolic link to another file of the bag");
                tree.files.insert(path);
            }
            Oddity::Link => findings.fault("link", path, "a symbolic link that leads to no file of the bag"),
            Oddity::Special => findings.fault("link", path, "it is no regular file"),
            Oddity::Name => findings.fault("link", path, "its name is not UTF-8"),
        }
    }
    if !root.join("data").symlink_metadata().is_ok_and(|data| data.is_dir()) {
        findings.fault("missing", "data", "there is no payload directory");
    }
    let tags = Tags::read(&tag_files(root, tree.files.iter(), &mut findings)?, &mut findings);
    let mut found = Validation::default();
    if let Some(tags) = tags {
        let algorithms = tags.algorithms();
        let paths: Vec<&str> = tree.files.iter().map(String::as_str).collect();
        let summed = measure(root, &paths, || Summing::new(&algorithms), |_| Ok(()))?;
        let files: BTreeMap<String, Summed> = tree.files.iter().cloned().zip(summed).collect();
        judge(&tags, &files, &mut findings);
        let payload = files.iter().filter(|(path, _)| path.starts_with("data/"));
        (found.bytes, found.files) = payload.fold((0, 0), |(b, n), (_, file)| (b + file.bytes, n + 1));
        found.version = Some(tags.declaration.version);
    }
    Ok(Validation { faults: findings.faults, warnings: findings.warnings, ..found })
}

fn leads_to_a_file_of(root: &Path, path: &str) -> bool {
    let ends = |path: &Path| path.canonicalize().ok();
    match (ends(root), ends(&root.join(path))) {
        (Some(root), Some(target)) => target.starts_with(root) && target.is_file(),
        _ => false,
    }
}

fn tag_files<'a>(
    root: &Path,
    paths: impl Iterator<Item = &'a String>,
    findings: &mut Findings,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for name in paths.filter(|name| is_read(name)) {
        let path = root.join(name);
        match contents(&path).map_err(|error| Error::io("could not read", &path, error))? {
            Some(bytes) => drop(files.insert(name.clone(), bytes)),
            None => findings.fault("unreadable", name, "it is larger than a gigabyte"),
        }
    }
    Ok(files)
}

fn contents(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if fs::metadata(path)?.len() > LARGEST_TAG_FILE {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_TAG_FILE + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST_TAG_FILE).then_some(bytes))
}
