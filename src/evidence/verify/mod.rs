//! Checks a record offline and tells everything that is wrong with it, not only the first.
//!
//! The checks, in the order in which their findings come: the bag and its manifests, files
//! that nobody listed, links, the journal's chain and numbers, the pinned document, the
//! artifacts that entries name, signed approvals, the seal, the signature, the time under it, the custody log
//! with its counter-signatures, and the CloudTrail digest chain of what was collected. A
//! record that is not sealed is checked as far as it goes; that it is not sealed is a finding.
//!
//! Any single change is found, whether the record is signed or not. Of an unsigned record a
//! forger can make every digest fit: the manifests to files that no entry names, and the
//! manifests and every line of the journal to anything else. Nothing in the record can show
//! that; a signature does, and so does a copy of the tag manifest that was kept elsewhere.

mod approved;
mod asked;
mod bagged;
mod collected;
mod handed;
mod named;
mod plain;
mod recorded;
mod signed;
mod stamped;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::bag::{self, Measuring};
use super::custody::Line;
use super::folder::Folder;
use super::sshsig::{AllowedSigner, AllowedSigners};
use super::stamp::{Authorities, Stamp};
use crate::error::{Error, Result};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Short and stable, for machines: `changed`, `missing`, `unlisted`, `journal`, ...
    pub code: &'static str,
    /// Below the record's folder, with forward slashes; empty for the record as a whole.
    pub path: String,
    pub message: String,
}

/// Whom the reader trusts, told another way than by the record itself.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Who may sign, and the time for which that is asked where no trusted authority says one.
    pub signers: Option<(AllowedSigners, DateTime<Utc>)>,
    /// Whose word on the time counts.
    pub authorities: Option<Authorities>,
}

/// Somebody whose signature holds. That the name belongs to the key is for the reader to
/// know: from a list of allowed signers, or by a fingerprint that came another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    pub principal: String,
    pub fingerprint: String,
    line: AllowedSigner,
}

impl Signer {
    fn of(signer: &AllowedSigner) -> Self {
        let (principal, fingerprint) = (signer.principal.clone(), signer.fingerprint());
        Self { principal, fingerprint, line: signer.clone() }
    }
}

/// Whose signature is under the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    By {
        principal: String,
        fingerprint: String,
    },
    /// Nobody signed: the record shows damage, but not who made it.
    #[default]
    Unsigned,
    /// There is a signature, or should be, and it does not hold; see the flaws.
    Broken,
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The record of a run.
    #[default]
    Record,
    /// A bag of anybody's, without a journal.
    PlainBag,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub subject: Subject,
    /// The run, as the record calls it.
    pub run: Option<String>,
    pub flaws: Vec<Flaw>,
    pub signed: Signed,
    /// Counter-signatures that hold, by their files, in order.
    pub countersigned: Vec<(String, Signer)>,
    /// The time under the sealer's signature, where a token says one that holds.
    pub stamp: Option<Stamp>,
    /// Whose hands the record went through, as its log says.
    pub custody: Vec<Line>,
    /// What the reader should know, and what is no flaw.
    pub notes: Vec<String>,
    /// How much was checked.
    pub files: u64,
    pub bytes: u64,
    pub entries: u64,
    pub artifacts: u64,
    /// How many markers of replaced secrets the record holds.
    pub redacted: u64,
}

impl Verification {
    /// Whether nothing is wrong. An unsigned record can hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.flaws.is_empty()
    }

    fn flaw(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.flaws.push(Flaw { code, path: path.into(), message: message.into() });
    }
}

/// Checks the record at `path`: the folder of a run, or the bag in it. Any other bag is
/// checked as what it is.
///
/// # Errors
/// When there is no record there, or it cannot be read. What is wrong with it is no error.
pub fn verify(path: &Path) -> Result<Verification> {
    verify_against(path, &Trust::default())
}

/// Checks the record at `path`, and whether those signed whom the reader trusts.
///
/// # Errors
/// As [`verify`].
pub fn verify_against(path: &Path, trust: &Trust) -> Result<Verification> {
    let path = &path.canonicalize().map_err(|error| Error::io("could not read", path, error))?;
    if plain::is_at(path) {
        return plain::check(path);
    }
    let folder = Folder::new(record_at(path)?);
    let tree = bag::walk(folder.root())?;
    let paths: Vec<&str> = tree.files.iter().map(String::as_str).collect();
    let measured = bag::measure(folder.root(), &paths, Measuring::default, |_| Ok(()))?;
    let files = tree.files.iter().cloned().zip(measured).collect();

    let mut found = Verification::default();
    let info = bagged::check(&folder, &tree, &files, &mut found);
    let entries = recorded::check(&folder, &files, info.as_ref(), &mut found)?;
    signed::check(&folder, &files, info.as_ref(), trust, &mut found);
    collected::check(&folder, &files, &entries, &mut found)?;
    Ok(found)
}

fn record_at(path: &Path) -> Result<PathBuf> {
    let none = || {
        Error::failure(format!("{} is no record of a run, and no bag", path.display()))
            .hint("name the folder of a run, such as evidence/INC-2026-001-KEY-COMPROMISE")
    };
    match fs::metadata(path.join("bag")) {
        Ok(bag) if bag.is_dir() => return Ok(path.to_owned()),
        // What may not be looked at is not thereby no record.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(Error::io("could not read", path, error));
        }
        _ => {}
    }
    let inside_bag = path.ends_with("bag") && path.join("data").is_dir();
    path.parent().filter(|_| inside_bag).map(Path::to_owned).ok_or_else(none)
}

#[cfg(test)]
mod tests;
