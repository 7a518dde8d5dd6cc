//! A bag that holds no journal: somebody's, and no record of a run.

use std::path::Path;

use super::{Flaw, Subject, Verification};
use crate::error::Result;
use crate::evidence::bag::{self, Remark};

/// Whether `path` is a bag, or was one before somebody took its declaration away, and holds
/// no journal. The bag of a record whose journal is gone lies beside the record's script or
/// signature and is still judged as a record.
pub(super) fn is_at(path: &Path) -> bool {
    let listed = || std::fs::read_dir(path).is_ok_and(|files| files.flatten().any(|file| is_manifest(&file)));
    let looks_like_one = path.join("bagit.txt").exists() || (path.join("data").is_dir() && listed());
    let of_a_record = path.ends_with("bag")
        && path
            .parent()
            .is_some_and(|record| record.join("verify.sh").exists() || record.join("sig").exists());
    looks_like_one && !of_a_record && !path.join("data/journal.jsonl").exists()
}

fn is_manifest(file: &std::fs::DirEntry) -> bool {
    file.file_name().to_str().is_some_and(bag::is_payload_manifest)
}

pub(super) fn check(path: &Path) -> Result<Verification> {
    let found = bag::validate(path)?;
    let version =
        found.version.map_or_else(|| "of no known version".to_owned(), |version| version.to_string());
    let mut notes = vec![format!(
        "this is a plain bag (BagIt {version}), and no record of a run: it shows damage, and nothing else"
    )];
    notes.extend(found.warnings.into_iter().map(|Remark { path, message, .. }| match path.as_str() {
        "" => message,
        path => format!("{path}: {message}"),
    }));
    let flaw = |Remark { code, path, message }| Flaw { code, path, message };
    Ok(Verification {
        subject: Subject::PlainBag,
        flaws: found.faults.into_iter().map(flaw).collect(),
        notes,
        files: found.files,
        bytes: found.bytes,
        ..Verification::default()
    })
}
