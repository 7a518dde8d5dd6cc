//! `key-compromise` from end to end against the range: the order and the arguments of
//! every call to AWS, as the range recorded them.

use serde_json::{Value, json};

use crate::support::{Account, Drill, Said};

const ANSWERS: &str = include_str!("fixtures/key-compromise-answers.yaml");

fn responder(account: &Account) -> Drill {
    let drill = Drill::on(account);
    drill.file("answers.yaml", ANSWERS);
    drill
}

fn run(drill: &Drill, account: &Account, containment: &str) -> Said {
    let key = format!("key={}", account.fact("/key/alias"));
    let role = format!("recovery_role={}", account.fact("/caller_arn"));
    let leaked = format!("access_keys={}", account.fact("/users/ci-deploy/leaked_access_key_id"));
    let containment = format!("containment={containment}");
    drill.playbook([
        "run",
        "key-compromise",
        "--severity",
        "critical",
        "-p",
        &key,
        "-p",
        &role,
        "-p",
        &leaked,
        "-p",
        &containment,
        "-p",
        "role=etl-nightly",
        "--answers",
        "answers.yaml",
        "--non-interactive",
    ])
}

fn account() -> Account {
    Account::with(json!({ "lookup_rate": 1000 }))
}

/// The writes that AWS saw, in order, each told by what matters of its arguments.
fn writes(account: &Account) -> Vec<String> {
    let reads = ["Get", "List", "Describe", "Head", "Lookup", "Simulate", "GenerateDataKeyWithoutPlaintext"];
    let changes = |call: &Value| {
        let operation = call["operation"].as_str().unwrap();
        !reads.iter().any(|read| operation.starts_with(read))
    };
    account.calls().iter().filter(|call| changes(call)).map(|call| told(call, account)).collect()
}

fn told(call: &Value, account: &Account) -> String {
    let params = &call["params"];
    let old = account.fact("/key/arn");
    let key = |name: &str| match params[name].as_str() {
        Some(arn) if arn == old || old.ends_with(arn) => "old".to_owned(),
        Some(_) => "new".to_owned(),
        None => "-".to_owned(),
    };
    let text = |name: &str| params[name].as_str().unwrap_or("-").to_owned();
    match call["operation"].as_str().unwrap() {
        "UpdateAlias" => format!("UpdateAlias {} {}", text("AliasName"), key("TargetKeyId")),
        "UpdateAccessKey" => format!("UpdateAccessKey {} {}", text("AccessKeyId"), text("Status")),
        "PutRolePolicy" => format!("PutRolePolicy {} {}", text("RoleName"), text("PolicyName")),
        "PutBucketEncryption" => format!("PutBucketEncryption {}", text("bucket")),
        "UpdateObjectEncryption" => format!("UpdateObjectEncryption {}", text("bucket")),
        operation if params.get("KeyId").is_some() => format!("{operation} {}", key("KeyId")),
        operation => operation.to_owned(),
    }
}

fn at(writes: &[String], wanted: &str) -> usize {
    writes.iter().position(|write| write == wanted).unwrap_or_else(|| panic!("no {wanted} in {writes:#?}"))
}

#[test]
fn a_disabled_key_is_fenced_before_it_is_enabled_and_the_data_moved_before_it_is_disabled_again() {
    let account = account();
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(0);
    let writes = writes(&account);
    let exports = format!("customer-exports-{}", account.id());
    let uploads = format!("customer-uploads-{}", account.id());
    let leaked = account.fact("/users/ci-deploy/leaked_access_key_id");
    let rogue =
        account.facts["grants"].as_array().unwrap().iter().filter(|grant| grant["rogue"] == true).count();

    assert_eq!(writes[0], "DisableKey old", "containment is the first change");
    assert_eq!(writes[1], format!("UpdateAccessKey {leaked} Inactive"));
    assert_eq!(writes[2], "PutRolePolicy etl-nightly AWSRevokeOlderSessions");
    assert_eq!(writes[3..3 + rogue], vec!["RevokeGrant old".to_owned(); rogue][..]);
    let order = [
        "CreateKey",
        "UpdateAlias alias/customer-pii-encryption-key new",
        "PutKeyPolicy old",
        "EnableKey old",
        &format!("UpdateObjectEncryption {exports}"),
        &format!("UpdateObjectEncryption {uploads}"),
    ];
    let places: Vec<_> = order.iter().map(|write| at(&writes, write)).collect();
    assert!(places.is_sorted(), "{order:?} happen at {places:?} in {writes:#?}");
    // The buckets are written at once, in whichever order.
    for bucket in [&exports, &uploads] {
        let written = at(&writes, &format!("PutBucketEncryption {bucket}"));
        assert!(places[1] < written && written < places[2], "{bucket} at {written} in {writes:#?}");
    }
    let disabled: Vec<_> =
        writes.iter().enumerate().filter(|(_, write)| *write == "DisableKey old").map(|(at, _)| at).collect();
    let last_moved = writes.iter().rposition(|write| write.starts_with("UpdateObjectEncryption")).unwrap();
    assert_eq!(disabled.len(), 2);
    assert!(last_moved < disabled[1], "the old key is disabled again after the last object was moved");
    assert_eq!(writes.iter().filter(|write| write.starts_with("UpdateObjectEncryption")).count(), 24 + 8);
}

/// What the answers of the follow-up do not say is said by a second person.
const DELETION_ANSWERS: &str = include_str!("fixtures/delete-compromised-key-answers.yaml");

/// The follow-up of a run, as far as it comes with one approver.
fn follow_up(drill: &Drill, account: &Account, incident: &str) -> Said {
    drill.file("deletion.yaml", DELETION_ANSWERS);
    let (key, record) = (format!("key={}", account.fact("/key/id")), format!("incident={incident}"));
    let params = ["-p", &key, "-p", &record, "--follows", incident];
    let answers = ["--answers", "deletion.yaml", "--non-interactive"];
    drill.playbook(["run", "delete-compromised-key"].iter().chain(&params).chain(&answers))
}

/// The record of the follow-up, beside that of the incident.
fn later(drill: &Drill) -> String {
    let records = std::fs::read_dir(drill.path().join("evidence")).unwrap();
    let mut ids = records.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    ids.find(|id| id.contains("DELETE")).expect("a follow-up")
}

#[test]
fn the_key_is_deleted_by_two_people_in_a_run_that_follows_the_sealed_one_and_never_before() {
    let account = account();
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(0);
    let incident = drill.run_id();
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), "not in the incident");
    follow_up(&drill, &account, &incident).exits(4).says("not sealed");
    std::fs::remove_dir_all(drill.path().join("evidence").join(later(&drill))).unwrap();

    drill.playbook(["seal", &incident]).exits(0);
    follow_up(&drill, &account, &incident).exits(5).says("1 of 2 in hand");
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()), "one is not enough");
    let more = ["--answers", "deletion.yaml"];
    drill.seconded(&later(&drill), "schedule_deletion", &account.fact("/key/id"), &more).exits(0);
    let calls = account.calls();
    let deletion = calls.iter().find(|call| call["operation"] == "ScheduleKeyDeletion").expect("a deletion");
    assert_eq!(deletion["params"]["KeyId"], account.fact("/key/arn"));
    assert_eq!(deletion["params"]["PendingWindowInDays"], 30);
    let journal = drill.path().join("evidence").join(later(&drill)).join("bag/data/journal.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap();
    let entries: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries[0]["event"]["opened"]["follows"], incident);
    let checked = entries.iter().find(|entry| entry["event"]["succeeded"]["place"]["step"] == "incident");
    let checked = &checked.expect("the record is checked")["event"]["succeeded"]["outputs"];
    assert_eq!((&checked["holds"], &checked["document"]), (&json!(true), &json!("key-compromise")));
    assert_eq!(checked["faults"], json!([]));
    assert!(checked["keys"].as_array().unwrap().contains(&json!(account.fact("/key/arn"))), "{checked}");
}

#[test]
fn every_call_names_the_pinned_key_and_none_an_alias() {
    let account = account();
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(0);
    let arn = account.fact("/key/arn");
    for call in account.calls() {
        let Some(key) = call["params"]["KeyId"].as_str() else { continue };
        let is_new = !arn.ends_with(key.rsplit('/').next().unwrap());
        assert!(
            key == arn || is_new || call["operation"] == "DescribeKey",
            "{} names the key as {key}",
            call["operation"]
        );
    }
    let first = account.calls().into_iter().find(|call| call["operation"] == "DescribeKey").unwrap();
    assert_eq!(first["params"]["KeyId"], account.fact("/key/alias"), "the alias is resolved once");
}

#[test]
fn a_fence_is_the_original_policy_behind_one_deny() {
    let account = account();
    let drill = responder(&account);
    let before = policy(&drill, &account);
    run(&drill, &account, "fence").exits(0);
    let calls = account.calls();
    let fence = calls.iter().find(|call| call["operation"] == "PutKeyPolicy").expect("a fence");
    let fenced: Value = serde_json::from_str(fence["params"]["Policy"].as_str().unwrap()).unwrap();
    let statements = fenced["Statement"].as_array().unwrap();
    assert_eq!(statements[0]["Effect"], "Deny");
    assert_eq!(statements[1..], before["Statement"].as_array().unwrap()[..], "statement for statement");
    assert!(fence["params"].get("BypassPolicyLockoutSafetyCheck").is_none_or(|bypass| bypass == false));
    let first_change = writes(&account).into_iter().next().unwrap();
    assert_eq!(first_change, "PutKeyPolicy old");
}

/// The key policy as the range holds it, read with the aws command line's own words.
fn policy(drill: &Drill, account: &Account) -> Value {
    drill.document(
        "read-policy",
        r#"
params:
  key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: state
        do: { kms.record_state: { key: "{{ steps.pin.arn }}" } }
"#,
    );
    let key = format!("key={}", account.fact("/key/id"));
    drill.playbook(["run", "read-policy", "-p", &key, "--non-interactive", "--evidence", "before"]).exits(0);
    let record = std::fs::read_dir(drill.path().join("before")).unwrap().next().unwrap().unwrap().path();
    let journal = std::fs::read_to_string(record.join("bag/data/journal.jsonl")).unwrap();
    let entries = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let outputs: Vec<_> = entries
        .filter_map(|entry| entry["event"]["succeeded"]["outputs"]["policy"].as_str().map(str::to_owned))
        .collect();
    serde_json::from_str(&outputs[0]).unwrap()
}

#[test]
fn every_write_is_recorded_with_what_stood_there_before_and_what_aws_answered() {
    let account = account();
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(0);
    let succeeded = drill.events("succeeded");
    let disabled = succeeded.iter().find(|event| event["place"]["step"] == "disable_key").unwrap();
    assert!(!disabled["evidence"]["before"].is_null(), "{disabled:#}");
    let calls = disabled["evidence"]["calls"].as_array().unwrap();
    let write = calls.iter().find(|call| call["operation"] == "DisableKey").unwrap();
    assert_eq!(write["status"], 200);
    assert_eq!(write["region"], "us-east-1");
    assert!(write["server_date"].as_str().unwrap().ends_with("GMT"));
    let seen = account.calls().into_iter().find(|call| call["operation"] == "DisableKey").unwrap();
    assert_eq!(write["request_id"], seen["request_id"], "the request id is the one that AWS logged");
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
}

#[test]
fn where_s3_cannot_rekey_in_place_objects_are_copied_and_old_versions_are_told() {
    let account = Account::with(json!({ "lookup_rate": 1000, "update_object_encryption": false }));
    let drill = responder(&account);
    // Old versions cannot be copied in place, so that the run says what is left and stops.
    run(&drill, &account, "disable").exits(4).says("left");
    let operations = account.operations();
    assert!(operations.contains(&"s3:CopyObject".to_owned()));
    assert!(
        !operations.contains(&"kms:ScheduleKeyDeletion".to_owned()),
        "nothing is deleted while data is left"
    );
}

#[test]
fn an_aws_managed_key_is_refused_before_anything_is_changed() {
    let account = Account::with(json!({ "lookup_rate": 1000, "key": { "managed": true } }));
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(4).says("AWS manages this key");
    assert_eq!(writes(&account), Vec::<String>::new());
}

#[test]
fn a_run_that_is_killed_in_the_middle_goes_on_without_a_second_disable() {
    let account = account();
    let drill = responder(&account);
    // The answer to DisableKey never comes, though the key is disabled.
    account.inject(json!({
        "service": "kms", "operation": "DisableKey", "kind": "timeout", "seconds": 60, "after_effect": true, "times": 1
    }));
    let key = format!("key={}", account.fact("/key/alias"));
    let role = format!("recovery_role={}", account.fact("/caller_arn"));
    let mut child = drill
        .command([
            "run",
            "key-compromise",
            "-p",
            &key,
            "-p",
            &role,
            "--answers",
            "answers.yaml",
            "--non-interactive",
        ])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let patience = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !account.operations().contains(&"kms:DisableKey".to_owned()) {
        assert!(std::time::Instant::now() < patience, "DisableKey is sent");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drill.playbook(["resume", "INC", "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    let settled = &drill.events("settled")[0];
    assert_eq!(settled["place"]["step"], "disable_key");
    assert_eq!(settled["verdict"], "took_place");
    let before_enable = account.operations().into_iter().take_while(|operation| operation != "kms:EnableKey");
    assert_eq!(before_enable.filter(|operation| operation == "kms:DisableKey").count(), 1);
}

#[test]
fn a_whole_incident_can_be_planned_backwards_without_a_word_to_aws() {
    let account = account();
    let drill = responder(&account);
    run(&drill, &account, "disable").exits(0);
    let sent = account.calls().len();
    let said = drill.playbook(["rollback", &drill.run_id(), "--dry-run"]);
    let plan = said.exits(0).stdout();
    let order = [
        "s3.reencrypt",
        "kms.update_alias",
        "CANNOT UNDO  new_key",
        "CANNOT UNDO  revoke_grants[0]",
        "iam.delete_role_policy",
        "iam.update_access_key",
        "kms.enable_key",
    ];
    // The last place of each: the way back ends where the incident began.
    let places: Vec<_> =
        order.iter().map(|told| plan.rfind(told).unwrap_or_else(|| panic!("no {told} in {plan}"))).collect();
    assert!(places.is_sorted(), "{order:?} stand at {places:?} in {plan}");
    assert_eq!(account.calls().len(), sent);
}
