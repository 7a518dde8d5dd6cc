//! Digests that are missing at the ends of what a collection asked for. The chain is made by
//! `tests/trail/chain.py`, which shares no code with the program: eight hours from one and a
//! half minutes past midnight.

use std::process::Command;
use std::rc::Rc;

use super::*;
use crate::evidence::{Redaction, Shelf, Store};
use crate::journal::Journal;
use crate::run::{Actor, Event, Evidence, Place, Via};

fn at(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-11-20T{time}Z")).unwrap().to_utc()
}

/// A sealed record of one collection, whose last entries were made at that time.
fn collected(coverage: &serde_json::Value, when: DateTime<Utc>, spoil: fn(&Folder)) -> (TempDir, Folder) {
    let place = TempDir::new().unwrap();
    let folder = record(&place.path().join("evidence"));
    let made = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trail/chain.py"))
        .arg(folder.data())
        .status();
    assert!(made.unwrap().success());
    spoil(&folder);
    let store = Store::new(&folder, Rc::new(Redaction::default()));
    let told = coverage.to_string();
    let artifacts =
        vec![store.store(Shelf::Artifacts, "collect-cloudtrail-coverage.json", told.as_bytes()).unwrap()];
    let mut events = crate::journal::read(&folder.journal()).unwrap().entries;
    events.pop();
    fs::remove_file(folder.journal()).unwrap();
    let mut journal = Journal::create(&folder.journal()).unwrap();
    for entry in events {
        journal.append(entry.at, entry.event).unwrap();
    }
    let evidence = Evidence { artifacts, ..Evidence::default() };
    let outputs = serde_json::json!({});
    journal.append(when, Event::Succeeded { place: Place::step("collect"), outputs, evidence }).unwrap();
    let by = Actor { name: "ana".into(), via: Via::Terminal };
    journal.append(when, Event::Sealed { by, program: None }).unwrap();
    drop(journal);
    seal(&folder, &sealing(&folder, Signer::None)).unwrap();
    (place, folder)
}

fn window(from: &str, to: &str) -> serde_json::Value {
    serde_json::json!({ "v": 1, "window": { "from": at(from), "to": at(to) } })
}

/// The codes of all flaws, and the notes in one text.
fn told(coverage: &serde_json::Value, when: &str, spoil: fn(&Folder)) -> (Vec<&'static str>, String) {
    let (_place, folder) = collected(coverage, at(when), spoil);
    let found = verify(folder.root()).unwrap();
    (found.flaws.iter().map(|flaw| flaw.code).collect(), found.notes.join("\n"))
}

fn nothing(_: &Folder) {}

/// The newest digest and the log files that only it lists.
fn without_the_newest(folder: &Folder) {
    let early = ["T0700", "T0701"];
    let newest = |path: &&String| {
        path.contains("T080131Z")
            || (path.contains("CloudTrail_us-east-1_20261120T07")
                && !early.iter().any(|time| path.contains(time)))
    };
    let files = bag::walk(folder.root()).unwrap().files;
    let mut gone = 0;
    for path in files.iter().filter(|path| path.contains("/cloudtrail/s3/")).filter(newest) {
        fs::remove_file(folder.root().join(path)).unwrap();
        gone += 1;
    }
    assert!(gone >= 2, "{files:#?}");
}

#[test]
fn a_collection_whose_digests_cover_its_window_holds() {
    let (codes, notes) = told(&window("00:30:00", "07:30:00"), "12:00:00", nothing);
    assert_eq!((codes, notes.contains("late")), (vec![], false), "{notes}");
}

#[test]
fn the_newest_digest_that_was_due_is_missing_and_one_that_was_not_is_late() {
    let asked = window("00:30:00", "07:30:00");
    assert_eq!(told(&asked, "12:00:00", without_the_newest).0, ["hours-missing"]);
    let (codes, notes) = told(&asked, "08:10:00", without_the_newest);
    assert_eq!(codes, [""; 0]);
    assert!(notes.contains("late, not missing"), "{notes}");
    // Of what is still later, nothing can be said yet, and nothing is a fault.
    let (codes, notes) = told(&window("00:30:00", "09:00:00"), "09:00:00", nothing);
    assert!(codes.is_empty() && notes.contains("late, not missing"), "{codes:?} {notes}");
}

#[test]
fn hours_before_the_first_digest_are_missing_where_digests_went_before_it() {
    let first = |folder: &Folder| {
        for path in bag::walk(folder.root()).unwrap().files {
            if path.contains("/s3/") && (path.contains("20261120T00") || path.contains("20261120T0101")) {
                fs::remove_file(folder.root().join(path)).unwrap();
            }
        }
    };
    let (codes, _) = told(&window("00:30:00", "07:30:00"), "12:00:00", first);
    assert!(codes.contains(&"digest-missing"), "{codes:?}");
    // It began with the trail: that is a note, and no fault.
    let day_before = serde_json::json!({ "window": { "from": at("00:00:00") - chrono::TimeDelta::days(1), "to": at("07:30:00") } });
    let (codes, notes) = told(&day_before, "12:00:00", nothing);
    assert!(codes.is_empty() && notes.contains("the chain began at"), "{codes:?} {notes}");
}

#[test]
fn a_trail_that_says_itself_that_it_was_stopped_owes_no_digest_after_that() {
    let mut asked = window("00:30:00", "12:00:00");
    assert_eq!(told(&asked, "15:00:00", nothing).0, ["hours-missing"]);
    asked["trails"] =
        serde_json::json!([{ "name": "main", "status": { "logging": false, "stopped_at": at("08:40:00") } }]);
    let (codes, notes) = told(&asked, "15:00:00", nothing);
    assert!(codes.is_empty() && notes.contains("main had been stopped at"), "{codes:?} {notes}");
    asked["trails"][0]["status"]["stopped_at"] = serde_json::json!(at("10:40:00"));
    assert_eq!(told(&asked, "15:00:00", nothing).0, ["hours-missing"], "it had logged two hours more");
}

#[test]
fn a_trail_that_was_never_stopped_owes_every_digest() {
    // GetTrailStatus tells no StopLoggingTime then, which was once recorded as an empty text.
    for stopped_at in [serde_json::Value::Null, "".into()] {
        let mut asked = window("00:30:00", "12:00:00");
        asked["trails"] =
            serde_json::json!([{ "name": "main", "status": { "logging": true, "stopped_at": stopped_at } }]);
        let (codes, notes) = told(&asked, "15:00:00", nothing);
        assert_eq!(codes, ["hours-missing"], "{notes}");
    }
}

#[test]
fn an_account_that_nobody_can_read_is_said_and_hides_nothing_else() {
    let (codes, notes) = told(&serde_json::json!({ "window": "always" }), "12:00:00", nothing);
    assert!(codes.is_empty() && notes.contains("does not tell its window"), "{codes:?} {notes}");
}
