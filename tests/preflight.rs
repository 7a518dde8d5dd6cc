//! The look around before step one, through the binary and against the range.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill};

const PIN: &str = "- id: pin\n  do: { kms.describe_key: { key: alias/customer-pii-encryption-key } }";

fn drill(account: &Account) -> Drill {
    let drill = Drill::on(account);
    drill.runbook("pin", PIN);
    drill
}

fn check(drill: &Drill, of: &str) -> Value {
    let surveys = drill.events("surveyed");
    assert_eq!(surveys.len(), 1, "{surveys:#?}");
    let checks = surveys[0]["checks"].as_array().expect("checks").clone();
    checks.into_iter().find(|check| check["of"] == of).unwrap_or(Value::Null)
}

#[test]
fn the_second_entry_tells_who_acts_how_far_the_clock_is_off_and_how_much_room_there_is() {
    let account = Account::fresh();
    let drill = drill(&account);
    drill.playbook(["run", "pin", "--non-interactive"]).exits(0).says("on-call-responder");
    let journal = drill.journal();
    let survey = &journal[1]["event"]["surveyed"];
    assert_eq!(survey["caller"]["arn"], account.fact("/caller_arn"));
    assert_eq!(survey["caller"]["account"], account.id());
    assert!(survey["clock_offset_seconds"].as_i64().unwrap().abs() <= 1, "{survey:#}");
    assert_eq!(check(&drill, "room")["standing"], "good");
    assert!(!check(&drill, "permissions").is_null());
    // What was asked is in the record like any other call.
    let calls = survey["evidence"]["calls"].as_array().unwrap();
    assert!(calls.iter().any(|call| call["operation"] == "SimulatePrincipalPolicy"), "{calls:#?}");
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
}

#[test]
fn a_document_without_aws_is_not_held_up_and_has_no_such_entry() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    drill.runbook("plain", "- id: one\n  do: { shell: { argv: [\"true\"], class: read } }");
    drill.playbook(["run", "plain", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("surveyed"), Vec::<Value>::new());
    assert_eq!(account.operations(), Vec::<String>::new());
}

#[test]
fn a_clock_that_is_off_is_told_and_the_run_goes_on() {
    for (offset, side) in [(120, "behind"), (-120, "ahead of")] {
        let account = Account::with(json!({ "clock_offset_seconds": offset }));
        let drill = drill(&account);
        drill.playbook(["run", "pin", "--non-interactive"]).exits(0).says(&format!("s {side} AWS'"));
        assert_eq!(check(&drill, "clock")["standing"], "warning");
    }
}

#[test]
fn a_clock_that_breaks_every_signature_ends_the_run_before_it_begins_and_it_can_be_resumed() {
    let account = Account::with(json!({ "clock_offset_seconds": 3600 }));
    let drill = drill(&account);
    // The range checks no signatures; this is what AWS says to a skewed one.
    account.inject(json!({
        "service": "sts", "operation": "GetCallerIdentity", "kind": "access_denied",
        "code": "SignatureDoesNotMatch", "status": 403, "times": -1
    }));
    drill
        .playbook(["run", "pin", "--non-interactive"])
        .exits(6)
        .says("set the clock")
        .says("playbook resume");
    assert_eq!(drill.events("attempted"), Vec::<Value>::new());
    // Once the clock is set, it goes on.
    account.forget_faults();
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
}

#[test]
fn that_iam_may_not_be_asked_is_unknown_and_stops_nothing() {
    let account = Account::fresh();
    let drill = drill(&account);
    account
        .inject(json!({ "service": "iam", "operation": "Simulate*", "kind": "access_denied", "times": -1 }));
    drill.playbook(["run", "pin", "--non-interactive"]).exits(0).says("is not known");
    assert_eq!(check(&drill, "permissions")["standing"], "unknown");
}

#[test]
fn silence_holds_the_run_up_for_seconds_and_no_longer() {
    let account = Account::fresh();
    let drill = drill(&account);
    account.inject(json!({
        "service": "sts", "operation": "GetCallerIdentity", "kind": "timeout", "seconds": 40, "times": -1
    }));
    let began = Instant::now();
    drill.playbook(["run", "pin", "--non-interactive"]).exits(0);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(check(&drill, "identity")["standing"], "warning");
}
