use std::cell::RefCell;
use std::fs;
use std::io;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::*;
use crate::error::Kind;
use crate::run::{Actor, Deviation, Event, Evidence, Place, Via};

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-22T03:10:00.123456789Z").unwrap().to_utc()
}

fn note(text: &str) -> Event {
    let by = Actor { name: "ana".into(), via: Via::Terminal };
    Event::Noted { by, text: text.into(), observed_at: None }
}

fn three() -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.jsonl");
    let mut journal = Journal::create(&path).unwrap();
    for text in ["one", "two", "thrée"] {
        journal.append(now(), note(text)).unwrap();
    }
    (folder, path)
}

fn failure(path: &std::path::Path) -> String {
    let error = read(path).unwrap_err();
    assert_eq!(error.kind, Kind::Failure);
    assert!(!error.hints.is_empty());
    let opening = Journal::open(path, |_| Ok(())).expect_err("opening is no milder than reading");
    assert_eq!(opening.message, error.message);
    error.message
}

#[test]
fn the_chain_is_what_sha256_says_of_the_lines() {
    let (_folder, path) = three();
    let bytes = fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = bytes.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 3);
    let mut prev = "0".repeat(64);
    for (index, line) in lines.iter().enumerate() {
        let entry: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(entry["prev"], prev);
        assert_eq!(entry["seq"], index + 1);
        assert_eq!(entry["v"], 1);
        assert_eq!(entry["at"], "2026-11-22T03:10:00.123456Z");
        prev = Sha256::digest(line).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    }
}

#[test]
fn a_journal_goes_on_where_it_was_left() {
    let (_folder, path) = three();
    let (mut journal, opened) = Journal::open(&path, |_| Ok(())).unwrap();
    assert_eq!(opened.entries.len(), 3);
    assert_eq!(opened.torn, None);
    let fourth = journal.append(now(), note("four")).unwrap();
    assert_eq!(fourth.seq, 4);
    let reading = read(&path).unwrap();
    assert_eq!(reading.entries[..3], opened.entries);
    assert_eq!(reading.entries[3], fourth);
    assert_eq!(reading.length, fs::metadata(&path).unwrap().len());
}

#[test]
fn a_clock_that_goes_back_is_recorded_as_it_is() {
    let (_folder, path) = three();
    let (mut journal, _) = Journal::open(&path, |_| Ok(())).unwrap();
    journal.append(now() - TimeDelta::hours(2), note("earlier")).unwrap();
    drop(journal);
    let entries = Journal::open(&path, |_| Ok(())).unwrap().1.entries;
    assert!(entries[3].at < entries[2].at);
}

#[test]
fn a_journal_is_never_made_twice() {
    let (_folder, path) = three();
    let before = fs::read(&path).unwrap();
    let error = Journal::create(&path).err().unwrap();
    assert!(error.hints.iter().any(|hint| hint.contains("resume")), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_empty_journal_opens_and_a_missing_one_does_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.jsonl");
    assert!(Journal::open(&path, |_| Ok(())).is_err());
    assert!(!path.exists());
    drop(Journal::create(&path).unwrap());
    assert_eq!(Journal::open(&path, |_| Ok(())).unwrap().1.entries, []);
}

#[test]
fn a_torn_last_line_of_every_length_is_cut_off_and_kept() {
    let (_folder, path) = three();
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last + 1..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let reading = read(&path).unwrap();
        assert_eq!((reading.entries.len(), reading.torn.as_deref()), (2, Some(&whole[last..length])));
        assert_eq!(fs::read(&path).unwrap().len(), length, "reading changes nothing");

        let (mut journal, opened) = Journal::open(&path, |_| Ok(())).unwrap();
        assert_eq!(opened.entries.len(), 2);
        assert_eq!(opened.torn.as_deref(), Some(&whole[last..length]));
        assert_eq!(fs::read(&path).unwrap(), &whole[..last]);
        let torn = Event::Deviated { what: Deviation::TornEntry, detail: "artifacts/torn".into() };
        assert_eq!(journal.append(now(), torn).unwrap().seq, 3);
        drop(journal);
        assert_eq!(read(&path).unwrap().entries.len(), 3);
    }
}

#[test]
fn a_torn_line_that_cannot_be_kept_is_not_cut_off() {
    let (_folder, path) = three();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"{\"v\":1,\"seq\":4");
    fs::write(&path, &bytes).unwrap();
    let full = Journal::open(&path, |_| Err(crate::error::Error::failure("the disk is full")));
    assert_eq!(full.err().unwrap().message, "the disk is full");
    assert_eq!(fs::read(&path).unwrap(), bytes, "the next process finds it");
}

#[test]
fn a_torn_tail_of_zeros_is_a_torn_tail() {
    let (_folder, path) = three();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([0; 4096]);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(Journal::open(&path, |_| Ok(())).unwrap().1.torn, Some(vec![0; 4096]));
}

#[test]
fn every_flipped_bit_is_found() {
    let (_folder, path) = three();
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for at in 0..last {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let found = reader::gather(&bytes[..]).unwrap();
            assert!(!found.damage.is_empty(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn lines_that_were_dropped_doubled_or_moved_are_named() {
    let (_folder, path) = three();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (order, line) in [
        (vec![1, 2], 1),
        (vec![0, 2], 2),
        (vec![0, 0, 1, 2], 2),
        (vec![0, 1, 1, 2], 3),
        (vec![0, 2, 1], 2),
        (vec![1, 0, 2], 1),
    ] {
        fs::write(&path, order.iter().map(|&index| lines[index]).collect::<String>()).unwrap();
        let message = failure(&path);
        assert!(message.contains(&format!("line {line} of the journal")), "{order:?}: {message}");
    }
}

#[test]
fn a_whole_last_line_that_is_wrong_is_damage_and_not_torn() {
    let (_folder, path) = three();
    let text = fs::read_to_string(&path).unwrap();
    for wrong in ["\n", "{}\n", "nonsense\n", "\0\0\0\n", "{\"v\":1,\"seq\":4\n"] {
        fs::write(&path, format!("{text}{wrong}")).unwrap();
        assert!(failure(&path).contains("line 4 of the journal"));
        assert!(fs::read_to_string(&path).unwrap().ends_with(wrong), "nothing is cut off");
    }
}

#[test]
fn a_later_version_is_not_called_damage_to_be_mended() {
    let (_folder, path) = three();
    let chain = read(&path).unwrap().chain;
    let text = fs::read_to_string(&path).unwrap();
    let line = format!(r#"{{"v":2,"seq":4,"prev":"{}","told":"differently"}}"#, chain.prev());
    fs::write(&path, format!("{text}{line}\n")).unwrap();
    assert!(failure(&path).contains("its version is 2"));
}

#[test]
fn all_damage_is_told_when_all_is_asked_for() {
    let (_folder, path) = three();
    let text = fs::read_to_string(&path).unwrap().replace("one", "own").replace("thrée", "three");
    fs::write(&path, format!("{text}x\ny")).unwrap();
    let reading = examine(&path).unwrap();
    assert_eq!(reading.damage.iter().map(|damage| damage.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(reading.torn.as_deref(), Some(&b"y"[..]));
}

#[test]
fn garbage_without_end_is_given_up() {
    let garbage = "x\n".repeat(1_000_000);
    let reading = reader::gather(garbage.as_bytes()).unwrap();
    assert_eq!(reading.damage.len(), 1_000);
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.jsonl");
    let mut journal = Journal::create(&path).unwrap();
    journal.append(now(), note("one")).unwrap();
    let error = Journal::open(&path, |_| Ok(())).err().unwrap();
    assert!(error.message.contains(&format!("number {}", std::process::id())), "{}", error.message);
    assert!(error.hints.iter().any(|hint| hint.contains("playbook status")));
    assert_eq!(read(&path).unwrap().entries.len(), 1);
    drop(journal);
    assert!(Journal::open(&path, |_| Ok(())).is_ok());
}

#[derive(Clone, Default)]
struct Failing {
    lines: Rc<RefCell<Vec<u8>>>,
    calls: Rc<RefCell<u32>>,
    at_write: Option<u32>,
    at_sync: Option<u32>,
}

impl Medium for Failing {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        *self.calls.borrow_mut() += 1;
        if self.at_write == Some(*self.calls.borrow()) {
            self.lines.borrow_mut().extend_from_slice(&line[..line.len() / 2]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.lines.borrow_mut().extend_from_slice(line);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.at_sync == Some(*self.calls.borrow()) { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }
}

#[test]
fn after_a_write_or_a_sync_that_failed_nothing_more_is_written() {
    for medium in [
        Failing { at_write: Some(2), ..Failing::default() },
        Failing { at_sync: Some(2), ..Failing::default() },
    ] {
        let mut journal = Journal::on(medium.clone());
        journal.append(now(), note("one")).unwrap();
        let failed = journal.append(now(), note("two")).unwrap_err();
        assert!(failed.hints.iter().any(|hint| hint.contains("resume")));
        let refused = journal.append(now(), note("three")).unwrap_err();
        assert!(refused.message.contains("failed before"));
        assert_eq!(*medium.calls.borrow(), 2, "the disk is not asked again");
    }
}

#[test]
fn a_full_disk_is_called_by_its_name() {
    let mut journal = Journal::on(Failing { at_write: Some(1), ..Failing::default() });
    let error = journal.append(now(), note("one")).unwrap_err();
    assert!(error.hints[0].contains("make room"), "{:?}", error.hints);
}

#[test]
fn an_entry_that_would_not_read_back_is_not_written() {
    let medium = Failing::default();
    let mut journal = Journal::on(medium.clone());
    let place = Place::step("a");
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let evidence = Evidence::default();
    assert!(journal.append(now(), Event::Succeeded { place, outputs: deep, evidence }).is_err());
    assert_eq!(*medium.calls.borrow(), 0);
    assert_eq!(journal.append(now(), note("and it goes on")).unwrap().seq, 1);
}

#[test]
fn a_line_that_is_too_long_is_refused_before_it_is_written() {
    let medium = Failing::default();
    let mut journal = Journal::on(medium.clone());
    journal.longest_line = 1_000;
    let error = journal.append(now(), note(&"x".repeat(1_000))).unwrap_err();
    assert!(error.hints[0].contains("artifact"));
    assert!(medium.lines.borrow().is_empty());
}

#[test]
fn a_journal_in_memory_numbers_and_chains() {
    let mut journal = Journal::in_memory();
    let first = journal.append(now(), note("one")).unwrap();
    let second = journal.append(now(), note("two")).unwrap();
    assert_eq!((first.seq, second.seq), (1, 2));
    let line = serde_json::to_vec(&first).unwrap();
    assert_eq!(second.prev, crate::text::Digest::of(&line));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_is_appended_is_what_is_read(outputs in prop::collection::vec((values(), ".*", any::<i32>()), 1..8)) {
        let medium = Failing::default();
        let mut journal = Journal::on(medium.clone());
        let mut appended = Vec::new();
        for (outputs, step, seconds) in outputs {
            let event = Event::Succeeded { place: Place::step(step), outputs, evidence: Evidence::default() };
            appended.push(journal.append(now() + TimeDelta::seconds(seconds.into()), event).unwrap());
        }
        let reading = reader::gather(&medium.lines.borrow()[..]).unwrap();
        prop_assert_eq!(reading.damage, vec![]);
        prop_assert_eq!(reading.entries, appended);
    }
}
