//! What sealing derives from the record for other tools: a timeline, OCSF, the page.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::Drill;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/k";

/// Of three events one is found twice, and two lines are none.
fn collected() -> (String, String) {
    let event = |id: &str, at: &str, name: &str| {
        json!({
            "eventVersion": "1.11", "eventID": id, "eventTime": at, "eventSource": "kms.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.66",
            "userAgent": "<script>alert(1)</script>", "requestID": "r-1",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ci-deploy", "userName": "ci-deploy"},
            "resources": [{"ARN": KEY, "type": "AWS::KMS::Key", "accountId": "111122223333"}],
            "requestParameters": {"keyId": KEY}, "eventCategory": "Management", "eventType": "AwsApiCall",
            "recipientAccountId": "111122223333",
        })
        .to_string()
    };
    let decrypt = event("e-2", "2026-01-02T00:00:02Z", "Decrypt");
    let first =
        [&*decrypt, "no event", &event("e-1", "2026-01-02T00:00:01Z", "DescribeKey"), r#"{"eventID":"e-9"}"#];
    let second = [&*event("e-3", "2026-01-02T00:00:03Z", "DisableKey"), &decrypt];
    (first.join("\n") + "\n", second.join("\n"))
}

fn sealed(with_events: bool) -> Drill {
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let id = drill.run_id();
    drill
        .playbook(["note", &id, "</p><script>alert(2)</script>", "--observed-at", "2026-01-02T00:00:02Z"])
        .exits(0);
    if with_events {
        let (first, second) = collected();
        for (name, text) in
            [("first-cloudtrail-events.jsonl", first), ("second-cloudtrail-events.jsonl", second)]
        {
            drill.file(name, &text);
            drill.playbook(["attach", &id, name]).exits(0);
        }
    }
    let sealed = drill.playbook(["seal", &id]);
    sealed.exits(0);
    if with_events {
        sealed.says("first-cloudtrail-events.jsonl: 2 lines of it are no event with a time, and in no view");
    }
    drill
}

fn lines(drill: &Drill, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(drill.record().join("bag/data").join(name)).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_timeline_tells_entries_and_events_in_order_of_time_and_each_event_once() {
    let drill = sealed(true);
    let lines = lines(&drill, "timeline.jsonl");
    let times: Vec<i64> = lines.iter().map(|line| line["timestamp"].as_i64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for line in &lines {
        for field in ["message", "datetime", "timestamp_desc"] {
            assert!(line[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {line}");
        }
        assert!(line["seq"].is_u64() || line["files"].is_array(), "a line tells where it is from: {line}");
    }
    let told: Vec<(&str, &str)> = lines
        .iter()
        .take(4)
        .map(|line| (line["timestamp_desc"].as_str().unwrap(), line["event_id"].as_str().unwrap_or("a note")))
        .collect();
    assert_eq!(
        told,
        [
            ("CloudTrail event time", "e-1"),
            ("Observed", "a note"),
            ("CloudTrail event time", "e-2"),
            ("CloudTrail event time", "e-3"),
        ]
    );
    assert_eq!(lines[2]["files"].as_array().unwrap().len(), 2, "it was found in both");
    assert_eq!(lines[2]["src_ip"], "203.0.113.66");
    let entries = lines.iter().filter(|line| line["timestamp_desc"] == "Recorded").count();
    assert_eq!(entries, drill.journal().len() - 1, "every entry but the seal");
}

#[test]
fn the_events_are_told_as_ocsf_that_its_schema_accepts() {
    let drill = sealed(true);
    let told = lines(&drill, "events.ocsf.jsonl");
    let ids: Vec<_> = told.iter().map(|event| event["metadata"]["uid"].as_str().unwrap()).collect();
    assert_eq!(ids, ["e-1", "e-2", "e-3"]);
    let schema: Value = serde_json::from_str(include_str!("fixtures/ocsf-1.5.0/schema.json")).unwrap();
    let mut class = schema["classes"]["6003"].clone();
    class["$defs"] = schema["$defs"].clone();
    let class = jsonschema::validator_for(&class).unwrap();
    for event in &told {
        let faults: Vec<String> = class.iter_errors(event).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?} in {event:#}");
    }
    assert_eq!(told[1]["metadata"]["labels"].as_array().unwrap().len(), 2);
    assert_eq!(told[2]["type_uid"], 600_303, "DisableKey updates");
}

#[test]
fn the_views_are_part_of_what_is_sealed() {
    let drill = sealed(true);
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
    let script = Command::new("sh").arg("verify.sh").current_dir(&record).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));
    let manifest = fs::read_to_string(record.join("bag/manifest-sha256.txt")).unwrap();
    for name in ["timeline.jsonl", "events.ocsf.jsonl", "report.html"] {
        assert!(manifest.contains(&format!("data/{name}\n")), "{name} is not in\n{manifest}");
        let path = record.join("bag/data").join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(7).says(name);
        fs::write(&path, &whole).unwrap();
    }
    let left: Vec<_> = fs::read_dir(&record).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[test]
fn a_run_without_events_has_a_timeline_and_no_ocsf() {
    let drill = sealed(false);
    assert!(!drill.record().join("bag/data/events.ocsf.jsonl").exists());
    assert!(lines(&drill, "timeline.jsonl").len() > 4);
}

#[test]
fn the_page_is_the_same_before_and_after_the_seal_and_obeys_no_note() {
    let drill = sealed(true);
    let page = fs::read_to_string(drill.record().join("bag/data/report.html")).unwrap();
    let id = drill.run_id();
    let again = drill.playbook(["report", &id, "--format", "html"]);
    assert_eq!(again.exits(0).stdout(), page);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(2)&lt;/script&gt;"));
}
