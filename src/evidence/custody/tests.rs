use std::fs;

use tempfile::TempDir;

use super::*;
use crate::evidence::folder::Folder;
use crate::evidence::tests::now;

fn addition(who: &str, what: Deed) -> Addition {
    Addition {
        at: now(),
        who: who.to_owned(),
        files: [("sig/a".to_owned(), Digest::of(b"abc"))].into(),
        what,
    }
}

fn three_lines() -> (TempDir, Folder) {
    let place = TempDir::new().unwrap();
    let folder = Folder::new(place.path().join("record"));
    fs::create_dir(folder.root()).unwrap();
    append(&folder, addition("ana", Deed::Sealed)).unwrap();
    append(&folder, addition("bo \"}\n", Deed::Countersigned { key: "ssh-ed25519 AAAA".into() })).unwrap();
    append(&folder, addition("cy", Deed::Timestamped { authority: "http://a".into(), time: now() })).unwrap();
    (place, folder)
}

#[test]
fn each_line_names_the_one_before_and_its_own_digest() {
    let (_place, folder) = three_lines();
    let text = fs::read_to_string(folder.sig().join(CUSTODY)).unwrap();
    let mut prev = "0".repeat(64);
    for line in text.lines() {
        let told: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(told["prev"], prev.as_str());
        let own = format!(",\"digest\":\"{}\"}}", Digest::of(&line.as_bytes()[..line.len() - 77]));
        assert!(line.ends_with(&own), "{line}");
        prev = Digest::of(line.as_bytes()).to_string();
    }
    let log = Log::read(&folder).unwrap().unwrap();
    assert_eq!((log.damage.as_slice(), log.lines().count()), (&[][..], 3));
    let (before, last) = log.with_what_came_before().last().unwrap();
    assert_eq!((String::from_utf8_lossy(before).lines().count(), last.seq), (2, 3));
}

#[test]
fn every_flipped_byte_and_every_line_dropped_doubled_or_moved_is_told() {
    let (_place, folder) = three_lines();
    let text = fs::read_to_string(folder.sig().join(CUSTODY)).unwrap();
    for at in 0..text.len() {
        for bit in [1, 0x20] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(!Log::parse(changed).damage.is_empty(), "byte {at}");
        }
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for order in [&[1, 2][..], &[0, 2], &[0, 0, 1, 2], &[1, 0, 2], &[0, 2, 1]] {
        let changed: String = order.iter().map(|index| lines[*index]).collect();
        assert!(!Log::parse(changed).damage.is_empty(), "{order:?}");
    }
    assert!(!Log::parse(text[..text.len() - 1].to_owned()).damage.is_empty());
}

#[test]
fn a_damaged_log_takes_no_line() {
    let (_place, folder) = three_lines();
    fs::write(folder.sig().join(CUSTODY), "{}\n").unwrap();
    let error = append(&folder, addition("dee", Deed::Sealed)).unwrap_err();
    assert!(error.message.contains("line 1"), "{}", error.message);
}
