use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::evidence::tests::{key, record, script, sealing};
use crate::evidence::{Signer, seal};

mod handover;
mod mutation;
mod time;
mod window;

fn sealed(signed: bool) -> (TempDir, Folder) {
    let place = TempDir::new().unwrap();
    let folder = record(&place.path().join("evidence"));
    let signer = if signed { Signer::Key(key(place.path(), &["ed25519"])) } else { Signer::None };
    seal(&folder, &sealing(&folder, signer)).unwrap();
    (place, folder)
}

fn contents(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let files = bag::walk(folder.root()).unwrap().files;
    files.into_iter().map(|path| (path.clone(), fs::read(folder.root().join(path)).unwrap())).collect()
}

fn codes(folder: &Folder) -> Vec<&'static str> {
    verify(folder.root()).unwrap().flaws.iter().map(|flaw| flaw.code).collect()
}

#[test]
fn a_sealed_record_holds_and_says_what_was_checked() {
    let (_place, folder) = sealed(true);
    let found = verify(folder.root()).unwrap();
    assert_eq!(found.flaws, []);
    assert_eq!(found.run.as_deref(), Some(folder.id().as_str()));
    assert_eq!((found.entries, found.artifacts, found.files, found.redacted), (4, 3, 5, 1));
    assert!(matches!(&found.signed, Signed::By { principal, .. } if principal == "ana@desk"));
    assert_eq!(verify(&folder.bag()).unwrap().flaws, [], "the bag is enough to find the record");
}

/// One bit of each byte, another one from byte to byte.
fn flip_every_byte_of(folder: &Folder, wanted: fn(&str) -> bool) {
    for (path, bytes) in contents(folder).into_iter().filter(|(path, _)| wanted(path)) {
        // The script is covered by one digest; some of its bytes stand for all.
        for at in (0..bytes.len()).step_by(if path == "verify.sh" { 997 } else { 1 }) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(folder.root().join(&path), &flipped).unwrap();
            assert!(!codes(folder).is_empty(), "{path} byte {at}");
        }
        fs::write(folder.root().join(&path), &bytes).unwrap();
    }
    assert_eq!(codes(folder), [""; 0]);
}

#[test]
fn every_flipped_byte_is_found() {
    let (_place, folder) = sealed(true);
    flip_every_byte_of(&folder, |_| true);
}

/// Where no signature covers them, the tag files have to cover each other, and the payload.
#[test]
fn every_flipped_byte_of_an_unsigned_bag_is_found() {
    let (_place, folder) = sealed(false);
    flip_every_byte_of(&folder, |_| true);
}

/// In digits and names alone lies the danger that a changed case says the same.
#[test]
fn every_changed_case_in_tag_files_and_signatures_is_found() {
    let (_place, folder) = sealed(true);
    let ours = |path: &String| !path.starts_with("bag/data/") && path != "verify.sh";
    for (path, bytes) in contents(&folder).into_iter().filter(|(path, _)| ours(path)) {
        for at in (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphabetic()) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x20;
            fs::write(folder.root().join(&path), &flipped).unwrap();
            assert!(!codes(&folder).is_empty(), "{path} byte {at}");
        }
        fs::write(folder.root().join(&path), &bytes).unwrap();
    }
}

/// Each change on its own; `verify` and the script reach the same verdict.
#[test]
fn files_that_are_removed_renamed_truncated_or_added_are_found_by_both() {
    for signed in [true, false] {
        let (_place, folder) = sealed(signed);
        let both_object = |what: String| {
            assert!(!codes(&folder).is_empty(), "{what}");
            if folder.verify_script().exists() {
                let (code, said) = script(&folder);
                assert_eq!(code, 7, "{what}: {said}");
                assert!(said.contains("FAULT"));
            }
        };
        for (path, bytes) in contents(&folder) {
            let at = folder.root().join(&path);
            fs::remove_file(&at).unwrap();
            both_object(format!("{path} removed"));
            fs::write(at.with_file_name("other"), &bytes).unwrap();
            both_object(format!("{path} renamed"));
            fs::write(&at, &bytes).unwrap();
            both_object(format!("{path} added under another name"));
            fs::remove_file(at.with_file_name("other")).unwrap();
            fs::write(&at, &bytes[..bytes.len() - 1]).unwrap();
            both_object(format!("{path} truncated"));
            fs::write(&at, [&bytes[..], b"\n"].concat()).unwrap();
            both_object(format!("{path} lengthened"));
            fs::write(&at, &bytes).unwrap();
        }
        assert_eq!(codes(&folder), [""; 0]);
        assert_eq!(script(&folder).0, 0);
    }
}

#[test]
fn the_script_finds_flipped_bytes_in_every_file() {
    let (_place, folder) = sealed(true);
    for (path, bytes) in contents(&folder).into_iter().filter(|(path, _)| path != "verify.sh") {
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            fs::write(folder.root().join(&path), &flipped).unwrap();
            let (code, said) = script(&folder);
            assert_eq!(code, 7, "{path} byte {at}: {said}");
        }
        fs::write(folder.root().join(&path), &bytes).unwrap();
    }
}

#[test]
fn a_link_in_place_of_a_file_is_found_by_both() {
    let (place, folder) = sealed(true);
    let elsewhere = place.path().join("elsewhere");
    fs::rename(folder.document(), &elsewhere).unwrap();
    symlink(&elsewhere, folder.document()).unwrap();
    assert!(codes(&folder).contains(&"link"));
    let (code, said) = script(&folder);
    assert_eq!(code, 7);
    assert!(said.contains("no regular file: bag/data/document.yaml"), "{said}");
}

/// Whoever can write a record can make the manifests fit again, but not the signature; and
/// without a signature the journal still tells what does not fit.
#[test]
fn a_forger_who_mends_the_manifests_is_found() {
    let (_place, folder) = sealed(true);
    let text = fs::read_to_string(folder.journal()).unwrap();
    fs::write(folder.journal(), text.replace("door.jpg", "gate.jpg")).unwrap();
    fs::write(folder.document(), "runbook: another\n").unwrap();
    let keep = TempDir::new().unwrap();
    for file in ["allowed_signers", "tagmanifest-sha256.txt.sig", "custody.jsonl"] {
        fs::copy(folder.sig().join(file), keep.path().join(file)).unwrap();
    }
    seal(&folder, &sealing(&folder, Signer::None)).unwrap();
    assert_eq!(codes(&folder), ["journal", "document"]);
    let (code, said) = script(&folder);
    assert_eq!((code, said.matches("FAULT").count()), (7, 2), "{said}");

    fs::create_dir(folder.sig()).unwrap();
    for file in ["allowed_signers", "tagmanifest-sha256.txt.sig", "custody.jsonl"] {
        fs::copy(keep.path().join(file), folder.sig().join(file)).unwrap();
    }
    assert_eq!(codes(&folder), ["journal", "document", "signer"]);
    assert_eq!(verify(folder.root()).unwrap().signed, Signed::Broken);
}

#[test]
fn a_signature_by_another_key_or_for_another_purpose_is_none() {
    let (place, folder) = sealed(true);
    let signature = folder.sig().join("tagmanifest-sha256.txt.sig");
    let manifest = folder.bag().join("tagmanifest-sha256.txt");
    let other = key(place.path(), &["ecdsa"]);
    let own = place.path().join("id_ed25519");
    for (key, namespace, said) in [(&other, "playbook-evidence", "another key"), (&own, "file", "for `file`")]
    {
        let mut command = std::process::Command::new("ssh-keygen");
        command
            .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
            .arg(key)
            .stdin(fs::File::open(&manifest).unwrap());
        fs::write(&signature, command.output().unwrap().stdout).unwrap();
        let found = verify(folder.root()).unwrap();
        assert_eq!(found.flaws.len(), 1);
        assert!(found.flaws[0].message.contains(said), "{:?}", found.flaws);
        assert_eq!(found.signed, Signed::Broken);
        assert_eq!(script(&folder).0, 7);
    }
}

#[test]
fn a_record_that_is_not_sealed_is_checked_as_far_as_it_goes() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    assert_eq!(codes(&folder), ["not-sealed"]);
    let artifact =
        bag::walk(folder.root()).unwrap().files.into_iter().find(|path| path.ends_with("doors.txt")).unwrap();
    fs::write(folder.root().join(&artifact), "all open!!\n").unwrap();
    let mut journal = fs::read(folder.journal()).unwrap();
    journal.extend(b"{\"v\":1");
    fs::write(folder.journal(), journal).unwrap();
    assert_eq!(codes(&folder), ["not-sealed", "journal", "artifact"]);
    fs::remove_file(folder.root().join(&artifact)).unwrap();
    assert_eq!(codes(&folder), ["not-sealed", "journal", "missing"]);
}

#[test]
fn every_fault_is_told_and_not_only_the_first() {
    let (_place, folder) = sealed(true);
    fs::remove_file(folder.document()).unwrap();
    fs::write(folder.data().join("extra"), "x").unwrap();
    fs::write(folder.bag().join("bagit.txt"), "BagIt-Version: 0.97\n").unwrap();
    fs::write(folder.root().join("sig/allowed_signers"), "mallory ssh-ed25519 AAAA\n").unwrap();
    let found = verify(folder.root()).unwrap();
    let said: Vec<(&str, &str)> = found.flaws.iter().map(|flaw| (flaw.code, flaw.path.as_str())).collect();
    for expected in [
        ("declaration", "bag/bagit.txt"),
        ("changed", "bag/bagit.txt"),
        ("missing", "bag/data/document.yaml"),
        ("unlisted", "bag/data/extra"),
        ("bag-info", "bag/bag-info.txt"),
        ("signer", "sig/allowed_signers"),
    ] {
        assert!(said.contains(&expected), "{expected:?} in {said:?}");
    }
}

#[test]
fn what_is_no_record_is_an_error_that_says_what_to_name() {
    let place = TempDir::new().unwrap();
    for path in [place.path().to_owned(), place.path().join("nowhere"), "/etc/hostname".into()] {
        assert!(!verify(&path).unwrap_err().hints.is_empty());
    }
}

/// Whatever is done to whole lines of the journal, and to files that change places.
#[test]
fn lines_and_files_that_change_places_are_found_by_both() {
    let (_place, folder) = sealed(true);
    let journal = fs::read_to_string(folder.journal()).unwrap();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let (mut dropped, mut doubled, mut reordered) = (lines.clone(), lines.clone(), lines.clone());
        dropped.remove(at);
        doubled.insert(at, lines[at]);
        reordered.swap(at, (at + 1) % lines.len());
        for changed in [dropped, doubled, reordered] {
            fs::write(folder.journal(), changed.concat()).unwrap();
            let codes = codes(&folder);
            assert!(codes.contains(&"changed") && codes.contains(&"journal"), "line {at}: {codes:?}");
            assert_eq!(script(&folder).0, 7, "line {at}");
        }
    }
    fs::write(folder.journal(), &journal).unwrap();
    let files: Vec<(String, Vec<u8>)> = contents(&folder).into_iter().collect();
    for pair in files.windows(2).filter(|pair| pair.iter().all(|(path, _)| path != "verify.sh")) {
        let [(one, of_one), (other, of_other)] = pair else { continue };
        fs::write(folder.root().join(one), of_other).unwrap();
        fs::write(folder.root().join(other), of_one).unwrap();
        assert!(!codes(&folder).is_empty(), "{one} and {other}");
        assert_eq!(script(&folder).0, 7, "{one} and {other}");
        fs::write(folder.root().join(one), of_one).unwrap();
        fs::write(folder.root().join(other), of_other).unwrap();
    }
    assert_eq!(codes(&folder), [""; 0]);
}
