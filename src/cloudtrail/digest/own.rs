//! What is wrong with a digest by itself, and against what its successor says of it.

use std::collections::HashMap;

use super::file::{DigestFile, Previous};
use super::judge::Case;
use super::keys::PublicKeys;
use super::reading::{Broken, Proof, Reading, signed};
use super::verdict::Code;

/// Looks at every digest alone, and then at what those that are proven say of others.
pub(super) fn check(case: &mut Case<'_>, keys: &PublicKeys) {
    let readings = case.readings;
    let successors = successors(case);
    let after = |index: usize| successors.get(&index).map(Vec::as_slice).unwrap_or_default();
    let mut by_copy = 0_usize;
    for (index, reading) in readings.iter().enumerate() {
        match (&reading.content, reading.at_home()) {
            (Err(broken), _) => case.digest(index, code(broken), broken.to_string()),
            (Ok(file), None) => case.digest(index, Code::DigestMoved, moved(reading, file)),
            (Ok(_), Some(file)) => {
                by_copy += usize::from(signature(case, index, file, after(index), keys));
            }
        }
    }
    for (index, file) in readings.iter().map(Reading::at_home).enumerate() {
        if let Some(file) = file {
            agreement(case, index, file, after(index));
        }
    }
    if by_copy > 0 {
        case.note(format!(
            "{by_copy} digests have no signature of their own here, and hold by the copy in their successor"
        ));
    }
}

type Successors<'a> = HashMap<usize, Vec<(usize, &'a Previous)>>;

/// Who names a digest as the one before it. One does, unless something is wrong.
fn successors<'a>(case: &Case<'a>) -> Successors<'a> {
    let mut successors = Successors::new();
    for (after, reading) in case.readings.iter().enumerate() {
        let previous = reading.at_home().and_then(|file| file.previous.as_ref());
        if let Some((before, previous)) =
            previous.and_then(|previous| Some((case.at(&previous.place)?, previous)))
        {
            successors.entry(before).or_default().push((after, previous));
        }
    }
    successors
}

fn code(broken: &Broken) -> Code {
    match broken {
        Broken::Damaged(_) => Code::DigestDamaged,
        Broken::TrailingData => Code::DigestTrailingData,
        Broken::Malformed(_) => Code::DigestMalformed,
    }
}

fn moved(reading: &Reading, file: &DigestFile) -> String {
    match &reading.metadata.place {
        Some(place) if file.place == reading.place => {
            format!("it was moved or copied: its metadata are those of {place}")
        }
        _ => format!("it was moved or copied: it was delivered as {}", file.place),
    }
}

/// Whether CloudTrail signed it. True where only the successor's copy says so.
fn signature(
    case: &mut Case<'_>,
    index: usize,
    file: &DigestFile,
    after: &[(usize, &Previous)],
    keys: &PublicKeys,
) -> bool {
    let Some(reading) = case.readings.get(index) else { return false };
    let holds = reading.proof == Proof::Holds;
    let may = matches!(reading.proof, Proof::Unsigned | Proof::Fails);
    // A signature that holds proves the digest, whatever became of the place of its copy.
    let copy = may && after.iter().any(|(_, previous)| signed(file, &previous.signature, keys));
    if let Some(proven) = case.proven.get_mut(index) {
        *proven = holds || copy;
    }
    match unproven(reading.proof, file, copy) {
        Some((code, message)) => case.digest(index, code, message),
        None => return copy,
    }
    false
}

fn unproven(proof: Proof, file: &DigestFile, copy: bool) -> Option<(Code, String)> {
    let told = match proof {
        Proof::Holds | Proof::Moot => return None,
        Proof::Unsigned if copy => return None,
        Proof::Unsigned => (
            Code::DigestUnsigned,
            "no signature was kept with it, and no digest after it has a copy".to_owned(),
        ),
        Proof::Fails if copy => (
            Code::DigestSignature,
            "the signature in its metadata is not the one that it was delivered with; the copy in its successor holds"
                .to_owned(),
        ),
        Proof::Fails => (
            Code::DigestSignature,
            "the signature does not hold: the digest, or its signature, is not what CloudTrail wrote".to_owned(),
        ),
        Proof::UnknownKey => (
            Code::DigestKeyUnknown,
            format!(
                "the public key with the fingerprint {} is not among those given; each Region has its own",
                file.fingerprint
            ),
        ),
        Proof::ExpiredKey => (
            Code::DigestKeyExpired,
            format!("the public key with the fingerprint {} was not in use when it was made", file.fingerprint),
        ),
        Proof::UnknownAlgorithm => (
            Code::DigestAlgorithm,
            format!("it is signed with {}, and CloudTrail uses SHA256withRSA", file.algorithm),
        ),
    };
    Some(told)
}

/// Its bytes and its signature are those that its successor names. What a successor says that
/// is not proven itself is worth nothing, and its own fault.
fn agreement(case: &mut Case<'_>, index: usize, file: &DigestFile, after: &[(usize, &Previous)]) {
    let Some(reading) = case.readings.get(index) else { return };
    for (after, previous) in after {
        let successor = case.readings.get(*after).filter(|_| case.proven(*after));
        let Some(successor) = successor.map(|after| &after.place) else { continue };
        if previous.sha256 != file.sha256 {
            let message = format!(
                "its SHA-256 is {}, and its successor {successor} names {}",
                file.sha256, previous.sha256
            );
            case.digest(index, Code::DigestPreviousHash, message);
        }
        let own = reading.metadata.signature.as_ref();
        if own.is_some_and(|own| !own.eq_ignore_ascii_case(&previous.signature)) {
            let message =
                format!("its signature is not the one of which its successor {successor} has a copy");
            case.digest(index, Code::DigestPreviousSignature, message);
        }
    }
}
