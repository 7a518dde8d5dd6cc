//! Counter-signatures: whoever takes a sealed record over signs for it.
//!
//! `sig/countersign-N-PRINCIPAL.sig` is over the tag manifest, the sealer's signature and
//! every line that the custody log had until then, one after another: for what was handed
//! over, who sealed it, and whose hands it went through.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::bag::{self, TAG_MANIFEST};
use super::custody::{self, Addition, Deed, Log};
use super::folder::Folder;
use super::seal::{SIGNATURE, principal};
use super::signer::Signer;
use super::sshsig::AllowedSigner;
use super::verify::verify;
use crate::error::{Error, Kind, Result};
use crate::journal::write_durably;

/// Who takes a record over.
#[derive(Clone, Debug)]
pub struct Takeover {
    pub at: DateTime<Utc>,
    pub principal: String,
    pub signer: Signer,
}

/// A counter-signature was put into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countersigned {
    pub principal: String,
    pub fingerprint: String,
    /// Below the record's folder.
    pub file: String,
}

/// Signs for a sealed record, after checking that it holds: nobody signs for what is broken.
///
/// # Errors
/// When it is not sealed, not signed, or does not hold; when there is no key, or it does
/// not sign; when the disk refuses.
pub fn countersign(folder: &Folder, takeover: &Takeover) -> Result<Countersigned> {
    ready(folder)?;
    let key = takeover.signer.key()?.map_err(|why| {
        Error::failure(format!("nobody can countersign: {why}"))
            .hint("name an SSH key with --key FILE, or add one to the agent")
    })?;
    let signer = AllowedSigner { principal: principal(&takeover.principal), key: key.public.clone() };
    let log = Log::read(folder).map_err(|error| Error::io("could not read", &folder.sig(), error))?;
    let log = log.unwrap_or_default();
    let message = message(folder, log.bytes())?;
    let number = 1 + log.lines().filter(|line| matches!(line.what, Deed::Countersigned { .. })).count();
    clear(folder, number)?;
    let scratch = folder.sig().join("countersign.part");
    fs::write(&scratch, &message).map_err(|error| Error::io("could not write", &scratch, error))?;
    let armoured = key.sign(&scratch, &folder.sig());
    let _ = fs::remove_file(&scratch);
    let armoured = armoured?;
    signer.check(&armoured, &message).map_err(|why| {
        Error::failure(format!("the signature that was just made does not hold: {why}"))
            .hint("the public key beside the private one may belong to another key")
    })?;
    let name = format!("countersign-{number}-{}.sig", signer.principal);
    write_durably(&folder.sig().join(&name), armoured.as_bytes())?;
    let file = format!("sig/{name}");
    let files = custody::digests(folder, [file.clone()])?;
    let (who, what) = (signer.principal.clone(), Deed::Countersigned { key: signer.bare_key() });
    custody::append(folder, Addition { at: takeover.at, who, files, what })?;
    let fingerprint = signer.fingerprint();
    Ok(Countersigned { principal: signer.principal, fingerprint, file })
}

fn ready(folder: &Folder) -> Result<()> {
    if !folder.is_signed() {
        return Err(Error::refused(format!(
            "{} is not signed, so that there is nothing to countersign",
            folder.id()
        ))
        .hint("a counter-signature is under the signature of whoever sealed the record"));
    }
    match verify(folder.root())?.flaws.first() {
        None => Ok(()),
        Some(flaw) => Err(Error::new(
            Kind::Unverified,
            format!(
                "{} does not hold, and was not countersigned: {} {}",
                folder.id(),
                flaw.path,
                flaw.message
            ),
        )
        .hint("`playbook verify` tells everything that is wrong with it")),
    }
}

/// What a counter-signature is over.
///
/// # Errors
/// When the tag manifest or the sealer's signature cannot be read.
pub(super) fn message(folder: &Folder, before: &[u8]) -> Result<Vec<u8>> {
    let read = |path: &Path| fs::read(path).map_err(|error| Error::io("could not read", path, error));
    let mut message = read(&folder.bag().join(TAG_MANIFEST))?;
    message.extend(read(&folder.sig().join(SIGNATURE))?);
    message.extend(before);
    Ok(message)
}

/// Takes away a counter-signature of this number that no line of the log names: a crash
/// came between the two.
fn clear(folder: &Folder, number: usize) -> Result<()> {
    let begins = format!("countersign-{number}-");
    for name in bag::walk(&folder.sig())?.files.iter().filter(|name| name.starts_with(&begins)) {
        let path = folder.sig().join(name);
        fs::remove_file(&path).map_err(|error| Error::io("could not remove", &path, error))?;
    }
    Ok(())
}
