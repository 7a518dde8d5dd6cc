//! The signature over the tag manifest.

use std::fs;

use super::bagged::Files;
use super::{Signed, Verification};
use crate::evidence::bag::{Info, TAG_MANIFEST};
use crate::evidence::folder::Folder;
use crate::evidence::seal::{ALLOWED_SIGNERS, SIGNATURE, label};
use crate::evidence::sshsig::{AllowedSigner, Checked};

pub(super) fn check(folder: &Folder, files: &Files, info: Option<&Info>, found: &mut Verification) {
    let told = info.and_then(|info| info.get(label::SIGNER));
    let beside = files.keys().any(|path| path.starts_with("sig/"));
    if told.is_none() && !beside {
        if info.is_some() {
            found
                .notes
                .push("nobody signed this record: it shows damage, and not who may have made it".to_owned());
        }
        return;
    }
    found.signed = Signed::Broken;
    let Some(signer) = signer(folder, told, found) else { return };
    let Some(armoured) = read(folder, SIGNATURE, found) else { return };
    let Ok(message) = fs::read(folder.bag().join(TAG_MANIFEST)) else { return };
    let (principal, fingerprint) = (signer.principal.clone(), signer.fingerprint());
    match signer.check(&armoured, &message) {
        Err(why) => found.flaw("signature", sig(SIGNATURE), why),
        Ok(Checked::Holds) => found.signed = Signed::By { principal, fingerprint },
        Ok(Checked::NotHere) => {
            found.notes.push(format!(
                "signatures of {} keys are not checked here; `sh verify.sh` does it, with ssh-keygen",
                signer.key.algorithm()
            ));
            found.signed = Signed::Unchecked { principal, fingerprint };
        }
    }
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

fn read(folder: &Folder, name: &str, found: &mut Verification) -> Option<String> {
    let text = fs::read_to_string(folder.sig().join(name));
    text.map_err(|error| found.flaw("signature", sig(name), format!("it cannot be read: {error}"))).ok()
}

fn sig(name: &str) -> String {
    format!("sig/{name}")
}
