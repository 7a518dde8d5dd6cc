//! Which keys a record is about, by what its own run asked KMS; records on a real disk.

use std::fs;

use serde_json::json;

use super::*;
use crate::evidence::tests::{now, record, sealing};
use crate::evidence::{Signer, seal};
use crate::run::{Evidence, Request};

const OLD: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const NEW: &str = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";

fn entries(events: Vec<Event>) -> Vec<Entry> {
    let digest = crate::text::Digest::of(b"");
    let numbered = (1..).zip(events);
    numbered.map(|(seq, event)| Entry { v: 1, seq, at: now(), prev: digest, event }).collect()
}

/// An action with what it was asked and what it gave.
fn did(step: &str, action: &str, key: &str, outputs: Value) -> [Event; 2] {
    let place = Place::step(step);
    let request = Request {
        action: action.to_owned(),
        class: crate::document::action::Class::Read,
        input: json!({ "key": key }),
    };
    [
        Event::Attempted { place: place.clone(), attempt: 1, request, undo: None },
        Event::Succeeded { place, outputs, evidence: Evidence::default() },
    ]
}

fn opened() -> Event {
    let folder = tempfile::tempdir().unwrap();
    let folder = record(folder.path());
    let reading = examine(&folder.journal()).unwrap();
    let Event::Opened(mut opened) = reading.entries[0].event.clone() else { panic!("not opened") };
    opened.params.insert("key".to_owned(), json!("alias/pii"));
    Event::Opened(opened)
}

fn proof(events: Vec<Event>) -> Proof {
    Proof::of("INC-2026-001".to_owned(), Verification::default(), &entries(events))
}

#[test]
fn a_record_is_about_the_key_that_its_parameter_named_and_not_about_one_that_it_only_made() {
    let pin = did("pin", "kms.describe_key", "alias/pii", json!({ "arn": OLD, "id": "1234abcd" }));
    let new = did("look", "kms.describe_key", NEW, json!({ "arn": NEW, "id": "0987dcba" }));
    let proof = proof([opened()].into_iter().chain(pin).chain(new).collect());
    assert!(proof.is_about(OLD) && proof.is_about("1234abcd"));
    assert!(!proof.is_about(NEW) && !proof.is_about("0987dcba") && !proof.is_about("alias/pii"));
}

#[test]
fn the_last_use_is_that_which_was_read_last_of_this_key() {
    let pin = did("pin", "kms.describe_key", "alias/pii", json!({ "arn": OLD, "id": "1234abcd" }));
    let read = |step, key, at| did(step, "kms.get_key_last_usage", key, json!({ "at": at }));
    let events = [opened()]
        .into_iter()
        .chain(pin)
        .chain(read("a", OLD, "2026-11-21T21:10:00Z"))
        .chain(read("b", OLD, "2026-11-22T01:00:00Z"))
        .chain(read("c", NEW, "2026-11-22T02:00:00Z"));
    assert_eq!(proof(events.collect()).last_used_at.as_deref(), Some("2026-11-22T01:00:00Z"));
    assert_eq!(proof(vec![opened()]).last_used_at, None);
}

#[test]
fn a_record_holds_when_it_is_sealed_and_not_when_a_byte_of_it_is_changed() {
    let evidence = tempfile::tempdir().unwrap();
    let folder = record(evidence.path());
    let id = folder.id();
    assert!(!prove(evidence.path(), &id).unwrap().holds(), "its last entry may say so, and no seal is there");
    seal(&folder, &sealing(&folder, Signer::None)).unwrap();
    for named in [id.as_str(), &id[..8], folder.root().to_str().unwrap()] {
        let proof = prove(evidence.path(), named).unwrap();
        assert!(proof.holds() && !proof.is_signed(), "{named}: {:?}", proof.verification.flaws);
        assert_eq!(proof.record, id);
        assert!(proof.sealed_at.is_some());
    }
    fs::write(folder.document(), "runbook: another\n").unwrap();
    assert!(!prove(evidence.path(), &id).unwrap().holds());
    assert!(prove(evidence.path(), "INC-1999").is_err());
    assert!(prove(evidence.path(), "/no/such/folder").is_err());
}
