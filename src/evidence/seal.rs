//! Sealing: what lies in `bag/data/` becomes a BagIt bag, and the operator signs it.
//!
//! The caller has appended the `sealed` entry and put the report into `data/` before. Every
//! step can be done again: a seal that was interrupted is put on once more.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::bag::{
    self, Algorithm, BAG_INFO, BAGIT, Info, MANIFEST, Manifest, Measured, Measuring, Oddity, TAG_MANIFEST,
};
use super::custody::{self, Addition, CUSTODY, Deed};
use super::folder::Folder;
use super::signer::{Signer, SigningKey};
use super::sshsig::AllowedSigner;
use crate::error::{Error, Result};
use crate::journal::{sync_directory, write_durably};
use crate::text::Digest;

/// The script that checks a record with standard tools.
pub(super) const VERIFY_SCRIPT: &str = include_str!("verify.sh");

/// The signature's file in `sig/`.
pub(super) const SIGNATURE: &str = "tagmanifest-sha256.txt.sig";
pub(super) const ALLOWED_SIGNERS: &str = "allowed_signers";

/// Labels of `bag-info.txt` that are read again when the record is verified.
pub(super) mod label {
    pub const OXUM: &str = "Payload-Oxum";
    pub const RUN: &str = "External-Identifier";
    pub const REDACTED: &str = "Secrets-Redacted";
    pub const SIGNER: &str = "Allowed-Signer";
    pub const SCRIPT: &str = "Verify-Script-SHA256";
}

/// What a seal says beside the record itself.
#[derive(Clone, Debug)]
pub struct Sealing {
    pub run: String,
    pub at: DateTime<Utc>,
    /// The name under which the key is listed in `allowed_signers`.
    pub principal: String,
    pub signer: Signer,
}

/// A seal was put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The digest of the tag manifest: it stands for the whole record.
    pub tag_manifest: Digest,
    pub files: u64,
    pub bytes: u64,
    /// How many markers of replaced secrets the record holds.
    pub redacted: u64,
    pub signature: Signature,
}

/// Whether the record is signed. An unsigned record shows that nothing broke by accident,
/// and nothing more: whoever can write it can seal it again. Say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    By { principal: String, fingerprint: String },
    Unsigned { why: String },
}

/// Seals a record.
///
/// # Errors
/// When the disk refuses, when something lies in the record that no bag can hold, and when
/// the key that the operator named does not sign.
pub fn seal(folder: &Folder, sealing: &Sealing) -> Result<Sealed> {
    let key = sealing.signer.key()?;
    fs::create_dir_all(folder.sig()).map_err(|error| Error::io("could not make", &folder.sig(), error))?;
    clear(folder)?;
    let payload = payload(folder)?;
    let (tag_manifest, signature) = match key {
        Err(why) => (tag(folder, sealing, &payload, None)?, Signature::Unsigned { why }),
        Ok(key) => signed(folder, sealing, &payload, &key)?,
    };
    if matches!(signature, Signature::Unsigned { .. }) {
        fs::remove_dir_all(folder.sig())
            .map_err(|error| Error::io("could not remove", &folder.sig(), error))?;
    }
    put_script(folder)?;
    let Payload { files, bytes, redacted, .. } = payload;
    Ok(Sealed { tag_manifest, files, bytes, redacted, signature })
}

/// Puts the script into a record, also into one that lost it: what it has to be is sealed.
///
/// # Errors
/// When the disk refuses.
pub fn put_script(folder: &Folder) -> Result<()> {
    write_durably(&folder.verify_script(), VERIFY_SCRIPT.as_bytes())?;
    fs::set_permissions(folder.verify_script(), fs::Permissions::from_mode(0o755))
        .map_err(|error| Error::io("could not make executable", &folder.verify_script(), error))?;
    sync_directory(folder.root())
}

/// Takes away what an earlier, interrupted seal left, and files that were never finished:
/// no entry names those.
fn clear(folder: &Folder) -> Result<()> {
    let tags = [TAG_MANIFEST, MANIFEST, BAG_INFO, BAGIT].map(|name| folder.bag().join(name));
    let signatures = [SIGNATURE, ALLOWED_SIGNERS, CUSTODY].map(|name| folder.sig().join(name));
    let parts = bag::walk(folder.root())?.files.into_iter().filter(|path| is_unfinished(path));
    for path in tags.into_iter().chain(signatures).chain(parts.map(|path| folder.root().join(path))) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("could not remove", &path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A temporary file of this program's: `NAME.part`, or `.7.part` in a folder of artifacts.
/// No object of a trail is kept under such a name.
fn is_unfinished(path: &str) -> bool {
    let shelves = ["bag/data/artifacts/", "bag/data/api/", "bag/data/cloudtrail/"];
    let beside = [
        "bag/bagit.txt",
        "bag/bag-info.txt",
        "bag/manifest-sha256.txt",
        "bag/tagmanifest-sha256.txt",
        "verify.sh",
    ];
    path.strip_suffix(".part").is_some_and(|stem| {
        shelves.iter().any(|shelf| stem.starts_with(shelf))
            || beside.contains(&stem)
            || stem.starts_with("sig/")
    })
}

struct Payload {
    manifest: Manifest,
    files: u64,
    bytes: u64,
    redacted: u64,
}

/// Measures every file of the payload and makes it durable.
fn payload(folder: &Folder) -> Result<Payload> {
    let tree = bag::walk(&folder.data())?;
    if let Some((path, oddity)) = tree.oddities.first() {
        return Err(unfit(&folder.data().join(path), *oddity));
    }
    let paths: Vec<&str> = tree.files.iter().map(String::as_str).collect();
    let measured = bag::measure(&folder.data(), &paths, Measuring::default, File::sync_all)?;
    let sum = |of: fn(&Measured) -> u64| measured.iter().map(of).sum();
    let listed = paths.iter().zip(&measured).map(|(path, file)| (format!("data/{path}"), file.digest.into()));
    Ok(Payload {
        manifest: Manifest { algorithm: Algorithm::Sha256, files: listed.collect() },
        files: measured.len() as u64,
        bytes: sum(|file| file.bytes),
        redacted: sum(|file| file.redacted),
    })
}

fn unfit(path: &Path, oddity: Oddity) -> Error {
    let what = match oddity {
        Oddity::Link => "is a symbolic link",
        Oddity::Special => "is no regular file",
        Oddity::Name => "has a name that is not UTF-8",
    };
    Error::failure(format!("{} {what}, which no bag can hold", path.display()))
        .hint("put the file itself there, under a plain name, or take it out; then seal again")
}

/// Writes the tag files; the tag manifest comes last.
fn tag(folder: &Folder, sealing: &Sealing, payload: &Payload, signer: Option<&str>) -> Result<Digest> {
    let info = info(sealing, payload, signer);
    let written = bag::tag(&folder.bag(), std::slice::from_ref(&payload.manifest), &info)?;
    Ok(Digest::of(written.concat().as_bytes()))
}

fn info(sealing: &Sealing, payload: &Payload, signer: Option<&str>) -> Info {
    let mut info = Info::default();
    info.add("Bagging-Date", sealing.at.format("%Y-%m-%d"));
    info.add(label::RUN, &sealing.run);
    info.add(label::OXUM, format!("{}.{}", payload.bytes, payload.files));
    info.add("Bag-Software-Agent", concat!("playbook ", env!("CARGO_PKG_VERSION")));
    info.add(label::REDACTED, payload.redacted);
    info.add(label::SCRIPT, Digest::of(VERIFY_SCRIPT.as_bytes()));
    // The signer is named in what is signed, so that a signature cannot be taken away or
    // put under another name unseen.
    if let Some(line) = signer {
        info.add(label::SIGNER, line);
    }
    info
}

fn signed(
    folder: &Folder,
    sealing: &Sealing,
    payload: &Payload,
    key: &SigningKey,
) -> Result<(Digest, Signature)> {
    let signer = AllowedSigner { principal: principal(&sealing.principal), key: key.public.clone() };
    let line = signer.line().ok_or_else(|| Error::failure("the key's public half cannot be written down"))?;
    let digest = tag(folder, sealing, payload, Some(&line))?;
    match sign(folder, key, &signer, &line) {
        Ok(signature) => {
            custody::append(folder, first(folder, sealing, &signer.principal)?)?;
            Ok((digest, signature))
        }
        // Nobody asked for the agent's key by name, so that its refusal leaves a record that
        // says that it is unsigned.
        Err(error) if sealing.signer == Signer::Agent => {
            clear(folder)?;
            Ok((tag(folder, sealing, payload, None)?, Signature::Unsigned { why: error.message }))
        }
        Err(error) => Err(error),
    }
}

fn sign(folder: &Folder, key: &SigningKey, signer: &AllowedSigner, line: &str) -> Result<Signature> {
    let manifest = folder.bag().join(TAG_MANIFEST);
    let armoured = key.sign(&manifest, &folder.sig())?;
    let message = fs::read(&manifest).map_err(|error| Error::io("could not read", &manifest, error))?;
    signer.check(&armoured, &message).map_err(|why| {
        Error::failure(format!("the signature that was just made does not hold: {why}"))
            .hint("the public key beside the private one may belong to another key")
    })?;
    write_durably(&folder.sig().join(SIGNATURE), armoured.as_bytes())?;
    write_durably(&folder.sig().join(ALLOWED_SIGNERS), format!("{line}\n").as_bytes())?;
    Ok(Signature::By { principal: signer.principal.clone(), fingerprint: signer.fingerprint() })
}

/// The custody log's first line: who sealed, and what came of it.
fn first(folder: &Folder, sealing: &Sealing, who: &str) -> Result<Addition> {
    let paths = [format!("bag/{TAG_MANIFEST}"), format!("sig/{SIGNATURE}"), format!("sig/{ALLOWED_SIGNERS}")];
    let files = custody::digests(folder, paths)?;
    Ok(Addition { at: sealing.at, who: who.to_owned(), files, what: Deed::Sealed })
}

/// A name as `allowed_signers` takes it: no blanks, no lists, no patterns.
pub(super) fn principal(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._@+-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    if name.is_empty() || name.starts_with('-') { format!("operator{name}") } else { name }
}
