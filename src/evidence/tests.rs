//! Folders, artifacts and seals on a real disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::document::Species;
use crate::journal::Journal;
use crate::run::{Actor, Artifact, DocumentId, Event, Opened, Operator, Place, Program, Via};
use crate::text::Digest;

pub(super) fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-22T03:10:00Z").unwrap().to_utc()
}

const DOCUMENT: &[u8] = b"runbook: check-doors\ntitle: Check the doors\n";

/// A run that stored three artifacts and is over; its journal ends with the seal's entry.
pub(super) fn record(evidence: &Path) -> Folder {
    let folder = Folder::make(evidence, Species::Playbook, now(), "check-doors", DOCUMENT).unwrap();
    let store = Store::new(&folder, Rc::new(Redaction::default()));
    let mut journal = Journal::create(&folder.journal()).unwrap();
    let ana = || Actor { name: "ana".into(), via: Via::Terminal };
    let artifacts = vec![
        store.store(Shelf::Artifacts, "doors.txt", b"all closed\n").unwrap(),
        store.store(Shelf::Api, "answer.json", b"{\"SecretString\":\"open sesame\"}").unwrap(),
    ];
    let evidence = crate::run::Evidence { artifacts, ..Default::default() };
    let attached = store.store(Shelf::Artifacts, "door, 1 (of 2).jpg", &[0, 159, 146, 150]).unwrap();
    let events = [
        Event::Opened(Box::new(opened(&folder.id()))),
        Event::Succeeded {
            place: Place::step("look"),
            outputs: json!({"text": "a \"quoted\" ‹thing›"}),
            evidence,
        },
        Event::Attached { by: ana(), name: "door.jpg".into(), artifact: attached, place: None },
        Event::Sealed { by: ana(), program: None },
    ];
    for event in events {
        journal.append(now(), event).unwrap();
    }
    folder
}

fn opened(run: &str) -> Opened {
    Opened {
        run: run.to_owned(),
        document: DocumentId {
            name: "check-doors".into(),
            version: 1,
            digest: Digest::of(DOCUMENT),
            origin: "built in".into(),
        },
        params: BTreeMap::default(),
        severity: None,
        incident: None,
        operator: Operator { user: "ana".into(), name: None, role: None, attends: false },
        host: "desk".into(),
        program: Program { version: "0.1.0".into(), build_id: None },
        mode: "live".into(),
        follows: None,
    }
}

pub(super) fn sealing(folder: &Folder, signer: Signer) -> Sealing {
    Sealing { run: folder.id(), at: now(), principal: "ana@desk".into(), signer }
}

/// A key without a passphrase, as `ssh-keygen` makes it.
pub(super) fn key(folder: &Path, kind: &[&str]) -> PathBuf {
    let path = folder.join(format!("id_{}", kind.join("_")));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-N", "", "-C", "a comment", "-t"])
        .args(kind)
        .arg("-f")
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    path
}

/// What `verify.sh` says, and its exit code.
pub(super) fn script(folder: &Folder) -> (i32, String) {
    let output = Command::new("sh").arg(folder.verify_script()).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), said)
}

#[test]
fn a_record_is_named_by_the_next_free_number() {
    let evidence = TempDir::new().unwrap();
    let evidence = evidence.path().join("not/there/yet");
    let make = |species, name| Folder::make(&evidence, species, now(), name, DOCUMENT).unwrap().id();
    assert_eq!(make(Species::Playbook, "key-compromise"), "INC-2026-001-KEY-COMPROMISE");
    assert_eq!(make(Species::Playbook, "data-breach"), "INC-2026-002-DATA-BREACH");
    assert_eq!(make(Species::Runbook, "log-review"), "RUN-20261122-001-LOG-REVIEW");
    fs::create_dir(evidence.join("INC-2026-014-SOMETHING-ELSE")).unwrap();
    fs::write(evidence.join("README.md"), "not a run").unwrap();
    assert_eq!(make(Species::Playbook, "key-compromise"), "INC-2026-015-KEY-COMPROMISE");
    let next_year =
        Folder::make(&evidence, Species::Playbook, now() + TimeDelta::days(60), "x", DOCUMENT).unwrap();
    assert_eq!(next_year.id(), "INC-2027-001-X");
    assert_eq!(list(&evidence).unwrap().len(), 6);
    assert_eq!(fs::read(next_year.document()).unwrap(), DOCUMENT);
}

#[test]
fn two_terminals_never_take_the_same_number() {
    let evidence = TempDir::new().unwrap();
    let make = |name: &'static str| {
        let evidence = evidence.path().to_owned();
        move || {
            for _ in 0..10 {
                Folder::make(&evidence, Species::Playbook, now(), name, DOCUMENT).unwrap();
            }
        }
    };
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            scope.spawn(make(name));
        }
    });
    let numbers: Vec<String> =
        list(evidence.path()).unwrap().iter().map(|folder| folder.id()[9..12].to_owned()).collect();
    let expected: Vec<String> = (1..=40).map(|number| format!("{number:03}")).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn a_run_is_found_by_a_beginning_that_only_it_has() {
    let evidence = TempDir::new().unwrap();
    for name in ["key-compromise", "data-breach"] {
        Folder::make(evidence.path(), Species::Playbook, now(), name, DOCUMENT).unwrap();
    }
    let found = |beginning: &str| find(evidence.path(), beginning).map(|folder| folder.id());
    assert_eq!(found("INC-2026-001").unwrap(), "INC-2026-001-KEY-COMPROMISE");
    assert_eq!(found("inc-2026-002-data-breach/").unwrap(), "INC-2026-002-DATA-BREACH");
    let several = found("INC").unwrap_err();
    assert_eq!(several.hints, ["INC-2026-001-KEY-COMPROMISE", "INC-2026-002-DATA-BREACH"]);
    let near = found("INC-2026-001-KEY-COMPORMISE").unwrap_err();
    assert_eq!(near.hints, ["did you mean INC-2026-001-KEY-COMPROMISE?"]);
    for nothing in ["", "../..", "/", "*"] {
        assert!(found(nothing).is_err(), "{nothing}");
    }
    assert!(find(&evidence.path().join("nowhere"), "INC").unwrap_err().hints[0].contains("--evidence"));
}

#[test]
fn an_artifact_is_named_by_its_content_and_stored_once() {
    let evidence = TempDir::new().unwrap();
    let folder = Folder::make(evidence.path(), Species::Runbook, now(), "x", DOCUMENT).unwrap();
    let store = Store::new(&folder, Rc::new(Redaction::default()));
    let artifact = store.store(Shelf::Artifacts, "../weird näme.json", b"abc").unwrap();
    // FIPS 180-4 example: SHA-256 of "abc".
    assert_eq!(artifact.path, "artifacts/ba7816bf8f01-..-weird-n-me.json");
    assert_eq!(artifact.bytes, 3);
    assert_eq!(store.store(Shelf::Artifacts, "../weird näme.json", b"abc").unwrap(), artifact);
    assert_eq!(fs::read(folder.data().join(&artifact.path)).unwrap(), b"abc");
    let long = store.store(Shelf::Api, &format!("{}.json", "x".repeat(500)), b"").unwrap();
    assert!(long.path.len() < 130 && long.path.ends_with("x.json"));
    assert_eq!(fs::read_dir(folder.data().join("artifacts")).unwrap().count(), 1);
}

#[test]
fn another_content_under_the_same_short_name_gets_a_name_of_its_own() {
    let evidence = TempDir::new().unwrap();
    let folder = Folder::make(evidence.path(), Species::Runbook, now(), "x", DOCUMENT).unwrap();
    let store = Store::new(&folder, Rc::new(Redaction::default()));
    fs::create_dir(folder.data().join("artifacts")).unwrap();
    fs::write(folder.data().join("artifacts/ba7816bf8f01-a"), "torn by a crash").unwrap();
    let artifact = store.store(Shelf::Artifacts, "a", b"abc").unwrap();
    assert_eq!(artifact.path, format!("artifacts/{}-a", Digest::of(b"abc")));
    assert_eq!(store.store(Shelf::Artifacts, "a", b"abc").unwrap(), artifact);
    assert_eq!(fs::read(folder.data().join("artifacts/ba7816bf8f01-a")).unwrap(), b"torn by a crash");
}

#[test]
fn what_is_written_in_pieces_is_the_same_artifact() {
    let evidence = TempDir::new().unwrap();
    let folder = Folder::make(evidence.path(), Species::Runbook, now(), "x", DOCUMENT).unwrap();
    let redaction = Rc::new(Redaction::new(&[("canary".to_owned(), "hunter22".to_owned())].into()).unwrap());
    let store = Store::new(&folder, Rc::clone(&redaction));
    let whole = b"one\nsay hunter22\nthree\n".repeat(50_000);
    let pieces = |store: &Store| {
        let mut writer = store.writer(Shelf::Artifacts, "log").unwrap();
        whole.chunks(7_919).for_each(|piece| writer.write(piece).unwrap());
        writer.finish().unwrap()
    };
    let written = pieces(&store);
    assert_eq!(redaction.replaced(), 50_000);
    let kept = fs::read(folder.data().join(&written.path)).unwrap();
    assert_eq!((Digest::of(&kept), kept.len() as u64), (written.digest, written.bytes));
    assert!(!String::from_utf8(kept).unwrap().contains("hunter22"));
    assert_eq!(store.store(Shelf::Artifacts, "log", &whole).unwrap(), written);
    assert_eq!(pieces(&store), written);
    assert_eq!(pieces(&Store::in_memory(Rc::clone(&redaction))), written);
    drop(store.writer(Shelf::Artifacts, "given up").unwrap());
    assert_eq!(fs::read_dir(folder.data().join("artifacts")).unwrap().count(), 1);
}

#[test]
fn a_store_in_memory_leaves_nothing() {
    let redaction = Rc::new(Redaction::default());
    let artifact = Store::in_memory(redaction).store(Shelf::Api, "a", b"abc").unwrap();
    assert_eq!(
        artifact,
        Artifact { path: "api/ba7816bf8f01-a".into(), digest: Digest::of(b"abc"), bytes: 3 }
    );
}

#[test]
fn a_folder_that_nobody_may_write_to_is_told_with_what_to_do() {
    let evidence = TempDir::new().unwrap();
    let blocked = evidence.path().join("file");
    fs::write(&blocked, "").unwrap();
    let error = Folder::make(&blocked, Species::Runbook, now(), "x", DOCUMENT).unwrap_err();
    assert!(error.message.contains("evidence folder"), "{}", error.message);
}

#[test]
fn a_sealed_record_is_a_bag_that_standard_tools_accept() {
    let place = TempDir::new().unwrap();
    let folder = record(&place.path().join("evidence"));
    let sealed = seal(&folder, &sealing(&folder, Signer::Key(key(place.path(), &["ed25519"])))).unwrap();
    assert!(matches!(&sealed.signature, Signature::By { principal, .. } if principal == "ana@desk"));
    assert_eq!((sealed.files, sealed.redacted), (5, 1));
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        let sums = Command::new("sha256sum")
            .args(["-c", "--strict", manifest])
            .current_dir(folder.bag())
            .output()
            .unwrap();
        assert!(sums.status.success(), "{}", String::from_utf8_lossy(&sums.stdout));
    }
    let tags = fs::read(folder.bag().join("tagmanifest-sha256.txt")).unwrap();
    assert_eq!(sealed.tag_manifest, Digest::of(&tags));
    let (code, said) = script(&folder);
    assert_eq!((code, said.contains("FAULT")), (0, false), "{said}");
    assert!(said.contains("Good \"playbook-evidence\" signature for ana@desk"), "{said}");
    assert!(said.contains("journal: 4 entries"), "{said}");
    assert!(said.contains("the document and 3 artifacts"), "{said}");
}

#[test]
fn every_kind_of_key_signs() {
    let place = TempDir::new().unwrap();
    let kinds: [&[&str]; 5] = [
        &["ed25519"],
        &["ecdsa", "-b", "256"],
        &["ecdsa", "-b", "384"],
        &["ecdsa", "-b", "521"],
        &["rsa", "-b", "2048"],
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let folder = record(&place.path().join(format!("evidence{index}")));
        let path = key(place.path(), kind);
        // Without the file beside it, the public half is derived.
        if index == 1 {
            fs::remove_file(path.with_extension("pub")).unwrap();
        }
        let printed = Command::new("ssh-keygen").arg("-lf").arg(&path).output().unwrap();
        seal(&folder, &sealing(&folder, Signer::Key(path))).unwrap();
        let found = verify(folder.root()).unwrap();
        assert_eq!(found.flaws, [], "{kind:?}");
        let Signed::By { fingerprint, .. } = &found.signed else {
            panic!("{kind:?}: {:?}", found.signed);
        };
        assert!(String::from_utf8_lossy(&printed.stdout).contains(fingerprint.as_str()), "{fingerprint}");
        assert_eq!(script(&folder).0, 0);
    }
}

#[test]
fn a_key_that_does_not_sign_is_told_and_the_seal_can_be_put_on_again() {
    let place = TempDir::new().unwrap();
    let folder = record(&place.path().join("evidence"));
    let path = key(place.path(), &["ed25519"]);
    // The public half alone stands for a key that an agent has; no agent has this one.
    let public = place.path().join("only.pub");
    fs::rename(path.with_extension("pub"), &public).unwrap();
    let error = seal(&folder, &sealing(&folder, Signer::Key(public))).unwrap_err();
    assert!(error.message.contains("ssh-keygen did not sign"), "{}", error.message);
    let sealed = seal(&folder, &sealing(&folder, Signer::Key(path))).unwrap();
    assert!(matches!(sealed.signature, Signature::By { .. }), "a seal that failed can be put on again");
    assert_eq!(verify(folder.root()).unwrap().flaws, []);
}

/// The agent is told by a variable of the environment, so that a process of its own is
/// needed: this test binary again, below an agent.
#[test]
fn a_key_in_the_agent_signs() {
    let place = TempDir::new().unwrap();
    let path = key(place.path(), &["ed25519"]);
    let output = Command::new("ssh-agent")
        .args([
            "sh",
            "-c",
            r#"ssh-add -q "$1" && exec "$0" --exact evidence::tests::below_an_agent --ignored"#,
        ])
        .args([std::env::current_exe().unwrap(), path])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by a_key_in_the_agent_signs, below an agent"]
fn below_an_agent() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    let sealed = seal(&folder, &sealing(&folder, Signer::Agent)).unwrap();
    assert!(matches!(sealed.signature, Signature::By { .. }), "{sealed:?}");
    let found = verify(folder.root()).unwrap();
    assert_eq!(found.flaws, []);
    assert!(matches!(found.signed, Signed::By { .. }));
}

#[test]
fn without_a_key_the_record_says_that_nobody_signed() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    let sealed = seal(&folder, &sealing(&folder, Signer::None)).unwrap();
    assert!(matches!(sealed.signature, Signature::Unsigned { .. }));
    let found = verify(folder.root()).unwrap();
    assert_eq!((found.flaws.as_slice(), &found.signed), (&[][..], &Signed::Unsigned));
    assert!(found.notes[0].contains("nobody signed"));
    let (code, said) = script(&folder);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("NOBODY SIGNED THIS RECORD"));
}

#[test]
fn what_is_no_key_is_refused_before_anything_is_written() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    let wrong = place.path().join("notes.txt");
    fs::write(&wrong, "no key").unwrap();
    for path in [wrong, place.path().join("not-there")] {
        assert!(seal(&folder, &sealing(&folder, Signer::Key(path))).is_err());
        assert!(!folder.is_sealed() && !folder.sig().exists());
    }
}

#[test]
fn a_link_in_the_record_is_refused_by_name() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    std::os::unix::fs::symlink("/etc/hostname", folder.data().join("artifacts/link")).unwrap();
    let error = seal(&folder, &sealing(&folder, Signer::None)).unwrap_err();
    assert!(error.message.contains("artifacts/link is a symbolic link"), "{}", error.message);
}

#[test]
fn what_was_never_finished_is_not_sealed() {
    let place = TempDir::new().unwrap();
    let folder = record(place.path());
    fs::write(folder.data().join("artifacts/.0.part"), "half").unwrap();
    fs::write(folder.data().join("report.md.part"), "a file of another's").unwrap();
    seal(&folder, &sealing(&folder, Signer::None)).unwrap();
    let manifest = fs::read_to_string(folder.bag().join("manifest-sha256.txt")).unwrap();
    assert!(!manifest.contains(".0.part") && manifest.contains("data/report.md.part"));
    assert_eq!(verify(folder.root()).unwrap().flaws, []);
}
