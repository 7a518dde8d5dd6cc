//! The custody log: its chain, the files that its lines name, and the counter-signatures.

use std::fs;

use ssh_key::PublicKey;

use super::bagged::Files;
use super::signed::sig;
use super::{Signed, Signer, Trust, Verification};
use crate::evidence::bag::TAG_MANIFEST;
use crate::evidence::countersign;
use crate::evidence::custody::{CUSTODY, Deed, Line, Log};
use crate::evidence::folder::Folder;
use crate::evidence::seal::{ALLOWED_SIGNERS, SIGNATURE};
use crate::evidence::sshsig::AllowedSigner;

/// Gives the log, where there is one.
pub(super) fn check(folder: &Folder, files: &Files, trust: &Trust, found: &mut Verification) -> Option<Log> {
    let log = match Log::read(folder) {
        Ok(Some(log)) => log,
        Ok(None) => {
            if files.contains_key(&sig(SIGNATURE)) {
                found.flaw(
                    "missing",
                    sig(CUSTODY),
                    "the signature came with a custody log, and it is not there",
                );
            }
            return None;
        }
        Err(error) => {
            found.flaw("unreadable", sig(CUSTODY), error.to_string());
            return None;
        }
    };
    for damage in &log.damage {
        found.flaw("custody", sig(CUSTODY), damage.as_str());
    }
    found.custody = log.lines().cloned().collect();
    beginning(&log, found);
    for (before, line) in log.with_what_came_before() {
        named(line, files, found);
        if let Deed::Countersigned { key } = &line.what {
            countersigned(folder, before, line, key, found);
        }
    }
    if trust.signers.is_none() && !found.countersigned.is_empty() {
        found.notes.push("the keys of those who countersigned are the ones that the record names".to_owned());
    }
    Some(log)
}

/// The first line says who sealed, and no other does.
fn beginning(log: &Log, found: &mut Verification) {
    let mut lines = log.lines();
    let first = lines.next();
    if !first.is_some_and(|line| line.what == Deed::Sealed) {
        found.flaw("custody", sig(CUSTODY), "it does not begin with the seal");
    }
    if lines.any(|line| line.what == Deed::Sealed) {
        found.flaw("custody", sig(CUSTODY), "it says more than once that the record was sealed");
    }
    let needed = format!("bag/{TAG_MANIFEST}");
    if let Some(first) = first {
        if !first.files.contains_key(&needed) {
            found.flaw("custody", sig(CUSTODY), "its first line does not name what was sealed");
        }
        if let Signed::By { principal, .. } = &found.signed
            && *principal != first.who
        {
            let message = format!("it says that {} sealed, and {principal} signed", first.who);
            found.flaw("custody", sig(CUSTODY), message);
        }
    }
}

/// The files that a line names are there, as they were.
fn named(line: &Line, files: &Files, found: &mut Verification) {
    for (path, digest) in &line.files {
        match files.get(path) {
            None => found.flaw("missing", path, format!("line {} of the custody log names it", line.seq)),
            // That the seal itself is broken was told already, with the reason.
            Some(_) if line.what == Deed::Sealed && found.signed == Signed::Broken => {}
            Some(file) if file.digest != *digest => {
                let message = format!("line {} of the custody log names it with another digest", line.seq);
                found.flaw("custody", path, message);
            }
            Some(_) => {}
        }
    }
}

fn countersigned(folder: &Folder, before: &[u8], line: &Line, key: &str, found: &mut Verification) {
    let mut names = line.files.keys().filter_map(|path| path.strip_prefix("sig/"));
    let (Some(name), None) = (names.next(), names.next()) else {
        found.flaw("custody", sig(CUSTODY), format!("line {} names not one counter-signature", line.seq));
        return;
    };
    let path = sig(name);
    let Ok(public) = PublicKey::from_openssh(key) else {
        found.flaw("custody", sig(CUSTODY), format!("line {} has no key that can be read", line.seq));
        return;
    };
    let signer = AllowedSigner { principal: line.who.clone(), key: public };
    // A line leads to no file outside of the folder.
    let plain = !name.contains(['/', '\\', '\0']) && name.starts_with("countersign-");
    let armoured = fs::read_to_string(folder.sig().join(name)).ok().filter(|_| plain);
    let checked = match (armoured, countersign::message(folder, before)) {
        (Some(armoured), Ok(message)) => signer.check(&armoured, &message),
        _ => Err("it cannot be read".to_owned()),
    };
    match checked {
        Ok(()) => found.countersigned.push((path, Signer::of(&signer))),
        Err(why) => found.flaw("countersignature", path, why),
    }
}

/// Nothing lies in `sig/` that neither the seal nor the log knows of.
pub(super) fn strangers(files: &Files, log: Option<&Log>, found: &mut Verification) {
    let known = |path: &str| {
        [SIGNATURE, ALLOWED_SIGNERS, CUSTODY].iter().any(|name| path == sig(name))
            || log.is_some_and(|log| log.lines().any(|line| line.files.contains_key(path)))
    };
    for path in files.keys().filter(|path| path.starts_with("sig/") && !known(path)) {
        found.flaw("unlisted", path, "it is there, and nothing in the record knows of it");
    }
}
