//! `playbook trail search`, as a responder uses it, on files that were made here and packed
//! by GNU gzip's format through Python's standard library.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::Drill;

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "alias/customer-pii";

fn event(second: u32, id: u32, key: &str) -> String {
    json!({
        "eventVersion": "1.11",
        "eventTime": format!("2026-11-21T03:00:{second:02}Z"),
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "requestParameters": {"keyId": key},
        "eventID": format!("{id:08x}-0000-4000-8000-000000000000"),
    })
    .to_string()
}

fn log(events: &[&str]) -> String {
    format!(r#"{{"Records":[{}]}}"#, events.join(","))
}

/// Packed by another program than the one under test.
fn gzip(text: &str) -> Vec<u8> {
    let program =
        "import gzip, sys; sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read(), mtime=0))";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap().stdout
}

fn packed(drill: &Drill, path: &str, text: &str) -> PathBuf {
    let path = drill.file(path, "");
    fs::write(&path, gzip(text)).unwrap();
    path
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn events_come_byte_for_byte_in_order_of_time_and_id() {
    let drill = Drill::new();
    let [first, second, third] = [event(1, 9, KEY), event(2, 1, ALIAS), event(2, 2, KEY)];
    let odd = third.replace(r#""keyId":"#, r#""keyId" :  "#).replace("1234abcd-", "\\u0031234abcd-");
    let other = event(1, 5, "alias/customer-pii-old");
    packed(&drill, "logs/b.json.gz", &log(&[&odd, &other, &first]));
    drill.file("logs/deep/er/a.json", &log(&[&second]));
    drill.file("logs/notes.txt", &log(&[&second]));
    let said = drill.playbook(["trail", "search", "logs", "--key", KEY, "--key", ALIAS]);
    said.exits(0).says("searched 4 events in 2 files: 3 name the key");
    assert_eq!(said.stdout(), [first, second, odd].map(|event| event + "\n").concat());
}

#[test]
fn an_event_of_a_log_and_of_lookup_events_is_told_once_with_both_sources() {
    let drill = Drill::new();
    let event = event(1, 1, KEY);
    // LookupEvents may give the members in another order.
    let mut members: Vec<_> =
        serde_json::from_str::<serde_json::Map<_, _>>(&event).unwrap().into_iter().collect();
    members.reverse();
    let looked_up = Value::Object(members.into_iter().collect()).to_string();
    drill.file("answer.json", &json!({"Events": [{"CloudTrailEvent": looked_up}]}).to_string());
    packed(&drill, "log.json.gz", &log(&[&event]));
    let said = drill.playbook([
        "trail",
        "search",
        "answer.json",
        "log.json.gz",
        "--key",
        KEY,
        "--sources",
        "sources.jsonl",
    ]);
    said.exits(0).says("1 names the key").says("1 is in more than one source");
    assert_eq!(said.stdout(), event + "\n");
    assert_eq!(
        lines(&drill.path().join("sources.jsonl")),
        [json!({
            "eventID": "00000001-0000-4000-8000-000000000000",
            "sources": [
                {"path": "log.json.gz", "as": "log file"},
                {"path": "answer.json", "as": "LookupEvents"},
            ],
        })]
    );
}

#[test]
fn sources_that_contradict_each_other_are_both_told() {
    let drill = Drill::new();
    let (one, forged) = (event(1, 1, KEY), event(1, 1, ALIAS));
    drill.file("one.json", &log(&[&one]));
    drill.file("forged.jsonl", &forged);
    let said = drill.playbook(["trail", "search", "forged.jsonl", "one.json", "--key", KEY, ALIAS]);
    said.exits(0).says("WARNING: 1 eventID").says("2 name the key");
    assert_eq!(said.stdout(), [one, forged].map(|event| event + "\n").concat());
}

#[test]
fn a_damaged_file_is_told_and_does_not_stop_the_rest() {
    let drill = Drill::new();
    let events: Vec<_> = (0..50).map(|number| event(number, number, KEY)).collect();
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    let whole = gzip(&log(&events));
    fs::write(drill.file("logs/truncated.json.gz", ""), &whole[..whole.len() - 12]).unwrap();
    let mut corrupt = whole.clone();
    let checksum = corrupt.len() - 8;
    corrupt[checksum] ^= 1;
    fs::write(drill.file("logs/corrupt.json.gz", ""), &corrupt).unwrap();
    drill.file("logs/cut.json", &log(&events)[..3000]);
    drill.file("logs/no.json.gz", "{}");
    drill.file("logs/whole.json", &log(&[&event(59, 59, KEY)]));
    let said = drill.playbook(["trail", "search", "logs", "--key", KEY]);
    said.exits(1)
        .says("logs/truncated.json.gz: truncated")
        .says("logs/corrupt.json.gz: corrupt")
        .says("50 events before that were searched")
        .says("logs/cut.json: it ends in the middle of JSON")
        .says("and it NAMES THE KEY")
        .says("logs/no.json.gz: not gzip")
        .says("4 paths could not be searched whole")
        .never_says("logs/whole.json:");
    assert_eq!(said.stdout().lines().count(), 51, "{said}");
}

#[test]
fn what_follows_a_gzip_stream_is_searched_and_told() {
    let drill = Drill::new();
    let [first, second] = [event(1, 1, KEY), event(2, 2, KEY)];
    let two = [gzip(&log(&[&first])), gzip(&log(&[&second]))].concat();
    fs::write(drill.file("two.json.gz", ""), &two).unwrap();
    let said = drill.playbook(["trail", "search", "two.json.gz", "--key", KEY]);
    said.exits(0).says("more follows the gzip stream");
    assert_eq!(said.stdout().lines().count(), 2);
    fs::write(drill.file("two.json.gz", ""), [two, b"rest".to_vec()].concat()).unwrap();
    let said = drill.playbook(["trail", "search", "two.json.gz", "--key", KEY]);
    said.exits(1).says("there is data after the end of the gzip stream");
    assert_eq!(said.stdout().lines().count(), 2);
}

#[test]
fn a_record_is_searched_where_its_events_are_and_digests_are_left_out() {
    let drill = Drill::new();
    let data = "INC-2026-001-X/bag/data";
    let bucket = format!("{data}/cloudtrail/s3/trail-logs/AWSLogs/111122223333");
    let [logged, looked_up, other] = [event(1, 1, KEY), event(2, 2, KEY), event(3, 3, KEY)];
    packed(&drill, &format!("{bucket}/CloudTrail/us-east-1/2026/11/21/a.json.gz"), &log(&[&logged]));
    drill.file(&format!("{bucket}/CloudTrail/us-east-1/2026/11/21/a.json.gz.meta.json"), &other);
    packed(&drill, &format!("{bucket}/CloudTrail-Digest/us-east-1/2026/11/21/d.json.gz"), &other);
    drill.file(&format!("{data}/artifacts/0007-cloudtrail-events.jsonl"), &(looked_up.clone() + "\n"));
    drill.file(&format!("{data}/artifacts/0008-other.json"), &other);
    drill.file(&format!("{data}/api/0007.json"), &other);
    drill.file(&format!("{data}/journal.jsonl"), &other);
    let expected = [logged, looked_up].map(|event| event + "\n").concat();
    for path in ["INC-2026-001-X", "INC-2026-001-X/bag", "."] {
        let said = drill.playbook(["trail", "search", path, "--key", KEY]);
        said.exits(0).says("2 events in 2 files");
        assert_eq!(said.stdout(), expected, "{path}");
    }
}

#[test]
fn with_aliases_alone_it_says_that_other_forms_are_missing() {
    let drill = Drill::new();
    drill.file("log.json", &log(&[&event(1, 1, KEY)]));
    drill
        .playbook(["trail", "search", "log.json", "--key", ALIAS])
        .exits(0)
        .says("0 name the key")
        .says("only aliases were looked for");
    drill.playbook(["trail", "search", "log.json", "--key", ALIAS, KEY]).exits(0).never_says("only aliases");
}

#[test]
fn wrong_usage_is_told_before_anything_is_read() {
    let drill = Drill::new();
    drill.file("log.json", "{}");
    let search = |args: &[&str]| drill.playbook([&["trail", "search"], args].concat());
    search(&["log.json", "--key", "customer-pii"]).exits(2).says("`customer-pii` is no form of a key");
    search(&["log.json"]).exits(2).says("--key");
    search(&["--key", KEY]).exits(2).says("there is no PATH");
    search(&["nowhere", "--key", KEY]).exits(1).says("nowhere");
    search(&["--key", KEY, "log.json"]).exits(0).says("in 1 file");
    search(&["playbooks", "--key", KEY]).exits(1).says("there are no CloudTrail logs");
}

#[test]
fn whoever_has_read_enough_ends_it_without_a_word() {
    let drill = Drill::new();
    let events: Vec<_> = (0..5000).map(|number| event(number % 60, number, KEY)).collect();
    drill.file("log.json", &log(&events.iter().map(String::as_str).collect::<Vec<_>>()));
    let mut command = drill.command(["trail", "search", "log.json", "--key", KEY]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_independent_program_finds_the_same_events_in_the_made_up_account() {
    let drill = Drill::new();
    let corpus = |command: &str, more: &[&str]| {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/corpus");
        let output = Command::new("python3")
            .arg(program)
            .args([command, "."])
            .args(more)
            .current_dir(drill.path())
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    corpus("make", &["6000"]);
    let expected = corpus("expect", &[]);
    assert!(expected.lines().count() > 300);
    let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY}");
    let forms = [&arn, "mrk-1234abcd12ab34cd56ef1234567890ab", "alias/customer-pii-encryption-key"];
    let said = drill.playbook([&["trail", "search", "AWSLogs", "--key"], &forms[..]].concat());
    said.exits(0).says("searched 6000 events in 3 files");
    let stdout = said.stdout();
    let found = stdout.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["eventID"].as_str().unwrap().to_owned() + "\n"
    });
    assert_eq!(found.collect::<String>(), expected);
}
