//! What lies in `sig/`: the signature over the tag manifest, the custody log and all that
//! it names, and whether the reader's own list has those who signed.

use std::fs;

use chrono::{DateTime, Utc};

use super::bagged::Files;
use super::{Signed, Trust, Verification, handed, stamped};
use crate::evidence::bag::{Info, TAG_MANIFEST};
use crate::evidence::folder::Folder;
use crate::evidence::seal::{ALLOWED_SIGNERS, SIGNATURE, label};
use crate::evidence::sshsig::AllowedSigner;

pub(super) fn check(
    folder: &Folder,
    files: &Files,
    info: Option<&Info>,
    trust: &Trust,
    found: &mut Verification,
) {
    let told = info.and_then(|info| info.get(label::SIGNER));
    let beside = [SIGNATURE, ALLOWED_SIGNERS].iter().any(|name| files.contains_key(&sig(name)));
    let mut signer = None;
    if told.is_some() || beside {
        found.signed = Signed::Broken;
        signer = sealer(folder, told, found);
    } else if info.is_some() {
        unsigned(trust, found);
    }
    let time = stamped::check(folder, files, trust, found);
    let log = handed::check(folder, files, trust, found);
    handed::strangers(files, log.as_ref(), found);
    admitted(trust, signer.as_ref(), time, found);
}

fn unsigned(trust: &Trust, found: &mut Verification) {
    found.notes.push("nobody signed this record: it shows damage, and not who may have made it".to_owned());
    if trust.signers.is_some() {
        found.flaw("signer", "", "nobody of the allowed signers signed it: nobody did");
    }
}

/// Gives whoever sealed, where that signature holds.
fn sealer(folder: &Folder, told: Option<&str>, found: &mut Verification) -> Option<AllowedSigner> {
    let signer = signer(folder, told, found)?;
    let armoured = read(folder, SIGNATURE, found)?;
    let message = fs::read(folder.bag().join(TAG_MANIFEST)).ok()?;
    if let Err(why) = signer.check(&armoured, &message) {
        found.flaw("signature", sig(SIGNATURE), why);
        return None;
    }
    found.signed = Signed::By { principal: signer.principal.clone(), fingerprint: signer.fingerprint() };
    Some(signer)
}

/// The signer in `allowed_signers`, when it is the one that the sealed bag names.
fn signer(folder: &Folder, told: Option<&str>, found: &mut Verification) -> Option<AllowedSigner> {
    let text = read(folder, ALLOWED_SIGNERS, found)?;
    let line = text.strip_suffix('\n').filter(|line| Some(*line) == told);
    let signer = line.and_then(AllowedSigner::parse);
    if signer.is_none() {
        let message = match told {
            Some(_) => "it is not the signer that bag-info.txt names",
            None => "bag-info.txt names no signer",
        };
        found.flaw("signer", sig(ALLOWED_SIGNERS), message);
    }
    signer
}

/// Asks the reader's own list. The sealer has to be in it at the time that a trusted
/// authority put under the signature, and now where none did, as `ssh-keygen` asks; those
/// who countersigned, now.
fn admitted(
    trust: &Trust,
    sealer: Option<&AllowedSigner>,
    time: Option<DateTime<Utc>>,
    found: &mut Verification,
) {
    let Some((list, now)) = &trust.signers else { return };
    let mut refusals = Vec::new();
    if let Some(signer) = sealer {
        refusals.extend(list.admit(signer, time.unwrap_or(*now)).err().map(|why| (sig(SIGNATURE), why)));
    }
    for (file, signer) in &found.countersigned {
        refusals.extend(list.admit(&signer.line, *now).err().map(|why| (file.clone(), why)));
    }
    for (path, why) in refusals {
        found.flaw("signer", path, why);
    }
}

pub(super) fn read(folder: &Folder, name: &str, found: &mut Verification) -> Option<String> {
    let text = fs::read_to_string(folder.sig().join(name));
    text.map_err(|error| found.flaw("signature", sig(name), format!("it cannot be read: {error}"))).ok()
}

pub(super) fn sig(name: &str) -> String {
    format!("sig/{name}")
}
