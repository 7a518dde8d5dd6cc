//! How far a write reaches, told before anybody says yes, against the range.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill, Terminal};

/// A key that is disabled with a lead's approval.
fn disabling(account: &Account) -> Drill {
    let drill = Drill::on(account);
    let key = account.fact("/key/arn");
    drill.document(
        "contain",
        &format!(
            r#"
roles:
  lead: {{ title: Security Lead }}
phases:
  - id: only
    title: Contain
    window: 0m..15m
    steps:
      - id: off
        title: Disable the key
        approve: {{ by: lead }}
        do: {{ kms.disable_key: {{ key: "{key}" }} }}
"#
        ),
    );
    drill
}

/// What the record says of one aspect.
fn seen(drill: &Drill, of: &str) -> Value {
    let measured = drill.events("measured");
    assert_eq!(measured.len(), 1, "{measured:#?}");
    let radius = measured[0]["radius"].as_array().expect("sights").clone();
    radius.into_iter().find(|sight| sight["of"] == of).expect("it was looked at")["seen"].clone()
}

fn grants(account: &Account) -> u64 {
    let code = "kms = boto3.client('kms')\nprint(json.dumps(len(kms.list_grants(KeyId=os.environ['KEY'])['Grants'])))";
    account.boto(code, &[("KEY", &account.fact("/key/arn"))]).as_u64().expect("a number")
}

#[test]
fn the_card_tells_what_hangs_on_the_key_before_the_question() {
    let account = Account::fresh();
    let drill = disabling(&account);
    let told = format!("{} grants", grants(&account));
    let mut terminal = Terminal::start(&drill, &["run", "contain"]);
    terminal.sees("WRITE").sees("state").sees("Enabled").sees("aliases");
    terminal.sees("alias/customer-pii-encryption-key").sees("grants").sees(&told).sees("last used");
    terminal.sees("›").types("a").sees("›").types("Sam Lead");
    terminal.exits(0);
    let kinds: Vec<_> = drill
        .journal()
        .iter()
        .filter_map(|entry| entry["event"].as_object()?.keys().next().cloned())
        .filter(|kind| ["measured", "asked", "attempted"].contains(&kind.as_str()))
        .collect();
    assert_eq!(kinds, ["measured", "asked", "attempted"]);
    assert_eq!(seen(&drill, "grants"), json!({ "known": told }));
    // The calls are in the record, and their bodies are what it is verified with.
    let calls = drill.events("measured")[0]["evidence"]["calls"].as_array().expect("calls").clone();
    assert!(calls.iter().any(|call| call["operation"] == "ListGrants"), "{calls:#?}");
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn whoever_approves_from_elsewhere_reads_it_in_the_status_and_the_report() {
    let account = Account::fresh();
    let drill = disabling(&account);
    drill.playbook(["run", "contain", "--non-interactive"]).exits(5).says("Enabled");
    let told = format!("{} grants", grants(&account));
    drill.playbook(["status", &drill.run_id()]).exits(0).says("reaching").says(&told);
    let json = drill.playbook(["status", &drill.run_id(), "--json"]).json();
    let reach = json["waiting_for"][0]["reach"].as_array().expect("the reach").clone();
    assert!(reach.contains(&json!({ "of": "state", "seen": { "known": "Enabled" } })), "{reach:#?}");
    // Coming back to the question looks no second time.
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(5);
    assert_eq!(drill.events("measured").len(), 1);
}

#[test]
fn what_may_not_be_read_is_told_as_unknown_and_holds_nothing_up() {
    let account = Account::fresh();
    let drill = disabling(&account);
    account.inject(json!({
        "service": "kms", "operation": "ListGrants", "kind": "access_denied", "times": -1
    }));
    let mut terminal = Terminal::start(&drill, &["run", "contain"]);
    terminal.sees("Enabled").sees("grants").sees("unknown").sees("›").types("a").sees("›").types("Sam Lead");
    terminal.exits(0);
    let why = seen(&drill, "grants")["unknown"].as_str().expect("a reason").to_owned();
    assert!(why.contains("AccessDenied"), "{why}");
    assert_eq!(seen(&drill, "state"), json!({ "known": "Enabled" }));
}

#[test]
fn an_answer_that_does_not_come_holds_the_question_up_for_three_seconds_at_most() {
    let account = Account::fresh();
    let drill = disabling(&account);
    account.inject(
        json!({ "service": "kms", "operation": "GetKeyLastUsage", "kind": "timeout", "seconds": 20, "times": -1 }),
    );
    let began = Instant::now();
    drill.playbook(["run", "contain", "--non-interactive"]).exits(5);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(seen(&drill, "last_use")["unknown"].is_string());
    assert_eq!(seen(&drill, "state"), json!({ "known": "Enabled" }));
}

#[test]
fn a_dry_run_looks_only_where_it_may_read() {
    let account = Account::fresh();
    let drill = disabling(&account);
    drill.playbook(["run", "contain", "--dry-run"]).exits(0);
    assert_eq!(account.operations(), Vec::<String>::new());
    drill.playbook(["run", "contain", "--dry-run=live-reads"]).exits(0);
    assert!(account.operations().contains(&"kms:ListGrants".to_owned()), "{:?}", account.operations());
    assert!(!account.operations().contains(&"kms:DisableKey".to_owned()));
}

/// The kinds of events about writes, in order.
fn told(drill: &Drill) -> Vec<String> {
    let kinds =
        drill.journal().into_iter().filter_map(|entry| entry["event"].as_object()?.keys().next().cloned());
    kinds.filter(|kind| ["measured", "attempted", "settled", "failed"].contains(&kind.as_str())).collect()
}

#[test]
fn where_nobody_is_asked_the_reach_is_in_the_record_before_the_write_all_the_same() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    drill.runbook("off", &format!("- id: off\n  do: {{ kms.disable_key: {{ key: \"{key}\" }} }}"));
    let hanging = format!("{} grants", grants(&account));
    drill.playbook(["run", "off", "--non-interactive"]).exits(0).says(&hanging);
    assert_eq!(told(&drill), ["measured", "attempted"]);
    assert_eq!(seen(&drill, "grants"), json!({ "known": hanging }));
    assert_eq!(seen(&drill, "state"), json!({ "known": "Enabled" }));
    assert!(seen(&drill, "last_use")["known"].is_string());
    let operations = account.operations();
    let at = |name: &str| operations.iter().position(|sent| sent == name).expect(name);
    assert!(at("kms:ListGrants") < at("kms:DisableKey"));
}

#[test]
fn a_look_that_is_denied_holds_no_containment_up_and_is_told_as_unknown() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    for (operation, kind) in
        [("ListGrants", "access_denied"), ("ListAliases", "throttle"), ("GetKeyLastUsage", "access_denied")]
    {
        account.inject(json!({ "service": "kms", "operation": operation, "kind": kind, "times": -1 }));
    }
    drill.runbook("off", &format!("- id: off\n  do: {{ kms.disable_key: {{ key: \"{key}\" }} }}"));
    drill.playbook(["run", "off", "--non-interactive"]).exits(0).says("unknown");
    assert!(account.operations().contains(&"kms:DisableKey".to_owned()));
    for aspect in ["grants", "aliases", "last_use"] {
        assert!(seen(&drill, aspect)["unknown"].is_string(), "{aspect}");
    }
}

#[test]
fn elements_that_mean_different_targets_are_each_looked_at_before_they_are_changed() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let (one, other) = (account.fact("/key/arn"), second_key(&account));
    drill.runbook(
        "off",
        &format!(
            "- id: off\n  for_each: \"['{one}', '{other}']\"\n  do: {{ kms.disable_key: {{ key: \"{{{{ item }}}}\" }} }}"
        ),
    );
    drill.playbook(["run", "off", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill), ["measured", "attempted", "measured", "attempted"]);
    let places: Vec<_> =
        drill.events("measured").iter().map(|event| event["place"]["item"].clone()).collect();
    assert_eq!(places, [json!(0), json!(1)]);
    let asked = drill.events("measured")[1]["evidence"]["calls"].as_array().expect("calls").len();
    assert!(asked >= 4, "{asked} calls");
}

fn second_key(account: &Account) -> String {
    let code = "kms = boto3.client('kms')\nprint(json.dumps(kms.create_key()['KeyMetadata']['Arn']))";
    account.boto(code, &[]).as_str().expect("an ARN").to_owned()
}

#[test]
fn what_did_not_take_place_is_looked_at_afresh_before_it_is_sent_again() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    // The request is lost before it takes effect, and the world says so.
    account.inject(
        json!({ "service": "kms", "operation": "DisableKey", "kind": "reset", "times": 1, "after_effect": false }),
    );
    drill.runbook("off", &format!("- id: off\n  do: {{ kms.disable_key: {{ key: \"{key}\" }} }}"));
    drill.playbook(["run", "off", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill), ["measured", "attempted", "failed", "settled", "measured", "attempted"]);
    assert_eq!(drill.events("settled")[0]["verdict"], "did_not");
}

#[test]
fn a_rollback_tells_the_reach_of_what_it_takes_back() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    drill.runbook("off", &format!("- id: off\n  do: {{ kms.disable_key: {{ key: \"{key}\" }} }}"));
    drill.playbook(["run", "off", "--non-interactive"]).exits(0);
    drill.playbook(["rollback", &drill.run_id(), "--non-interactive"]).exits(0);
    let states: Vec<_> =
        drill.events("measured").iter().map(|event| event["radius"][0]["seen"]["known"].clone()).collect();
    assert_eq!(states, [json!("Enabled"), json!("Disabled")]);
}

#[test]
fn access_keys_roles_and_buckets_are_looked_at_as_what_they_are() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let code = "iam = boto3.client('iam')\niam.create_user(UserName='victim')\nprint(json.dumps(iam.create_access_key(UserName='victim')['AccessKey']['AccessKeyId']))";
    let access_key = account.boto(code, &[]).as_str().expect("an id").to_owned();
    let code = "iam = boto3.client('iam')\nbuckets = boto3.client('s3').list_buckets()['Buckets']\niam.create_role(RoleName='abused', AssumeRolePolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': []}))\nprint(json.dumps(buckets[0]['Name']))";
    let bucket = account.boto(code, &[]).as_str().expect("a name").to_owned();
    let key = account.fact("/key/arn");
    drill.document(
        "three",
        &format!(
            r#"
roles:
  lead: {{ title: Security Lead }}
params:
  abused: {{ type: string }}
phases:
  - id: only
    title: Contain
    steps:
      - {{ id: user, approve: {{ by: lead, from_answers: true }}, do: {{ iam.update_access_key: {{ access_key: "{{{{ params.abused }}}}", status: Inactive }} }} }}
      - {{ id: role, approve: {{ by: lead, from_answers: true }}, do: {{ iam.revoke_sessions: {{ role: abused }} }} }}
      - {{ id: bucket, approve: {{ by: lead, from_answers: true }}, do: {{ s3.put_bucket_encryption: {{ bucket: {bucket}, key: "{key}" }} }} }}
"#
        ),
    );
    drill.file("answers.yaml", "user: approve\nrole: approve\nbucket: approve\n");
    let abused = format!("abused={access_key}");
    drill
        .playbook(["run", "three", "--non-interactive", "--answers", "answers.yaml", "-p", &abused])
        .exits(0);
    let radii: Vec<_> = drill.events("measured").iter().map(|event| event["radius"].clone()).collect();
    let never = "never, as far as AWS keeps count";
    assert_eq!(
        radii[0],
        json!([{ "of": "last_use", "seen": { "known": format!("{never}, by user victim") } }])
    );
    assert_eq!(radii[1][1], json!({ "of": "policies", "seen": { "known": "no attached policies" } }));
    assert_eq!(radii[1][0]["seen"], json!({ "known": never }));
    assert!(radii[2][0]["seen"]["known"].is_string(), "{radii:#?}");
}
