//! `playbook rollback`: what a run has done is taken back, the newest first.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill};

const STEPS: &str = r#"
- id: one
  do: { shell: { argv: [sh, -c, "echo do-one >> log"], class: write } }
  undo: { shell: { argv: [sh, -c, "echo undo-one >> log"], class: write } }
- id: each
  for_each: '["a", "b"]'
  do: { shell: { argv: [sh, -c, 'echo do-$0 >> log', "{{ item }}"], class: write } }
  undo: { shell: { argv: [sh, -c, 'echo undo-$0 >> log', "{{ item }}"], class: write } }
- id: two
  do: { shell: { argv: [sh, -c, "echo do-two >> log; echo found"], class: write } }
  undo: { shell: { argv: [sh, -c, 'echo undo-$0 >> log', "{{ steps.two.stdout | trim }}"], class: write } }
"#;

const LAST: &str = r#"
- id: mail
  do: { shell: { argv: [sh, -c, "echo do-mail >> log"], class: write } }
  verify: { do: { shell: { argv: ["true"], class: read } }, holds: result.code == 0 }
"#;

fn log(drill: &Drill) -> Vec<String> {
    let text = std::fs::read_to_string(drill.path().join("log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn after(drill: &Drill, steps: &str) -> String {
    drill.runbook("work", steps);
    drill.playbook(["run", "work", "--non-interactive"]).exits(0);
    drill.run_id()
}

#[test]
fn what_was_done_is_undone_the_newest_first_also_when_the_run_is_over() {
    let drill = Drill::new();
    let id = after(&drill, STEPS);
    let said = drill.playbook(["rollback", &id, "--reason", "false alarm", "--non-interactive"]);
    said.exits(0).says("is rolled back");
    // `found` is what the step itself told: its undo is rendered from the record.
    assert_eq!(log(&drill)[4..], ["undo-found", "undo-b", "undo-a", "undo-one"]);
    assert_eq!(drill.events("turned_back")[0]["reason"], "false alarm");
    assert_eq!(drill.events("undoing").len(), 4);
    let status = drill.playbook(["status", &id, "--json"]).exits(0).json();
    assert_eq!(status["state"], "rolled back");
    assert_eq!(status["rollback"]["undone"], json!(["one", "each[0]", "each[1]", "two"]));
    assert_eq!(status["rollback"]["stands"], json!([]));
    let report = drill.playbook(["report", &id, "--format", "json"]).exits(0).json();
    let states: Vec<_> =
        report["steps"].as_array().unwrap().iter().map(|step| step["state"].clone()).collect();
    assert_eq!(states, ["undone", "undone", "undone"]);
    drill.playbook(["report", &id]).exits(0).says("to take it back").says("rolled back");
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(0).says("nothing that");
    assert_eq!(log(&drill).len(), 8, "what was undone is not undone again");
}

#[test]
fn a_dry_run_tells_the_plan_and_touches_nothing() {
    let drill = Drill::new();
    let id = after(&drill, &format!("{STEPS}{LAST}"));
    let (entries, files) = (drill.journal(), drill.files());
    let said = drill.playbook(["rollback", &id, "--dry-run"]);
    said.exits(0).says("CANNOT UNDO").says(">> log found").says("nothing was recorded");
    let plan = said.stdout();
    let at = |text: &str| plan.find(text).unwrap_or_else(|| panic!("no {text} in {plan}"));
    assert!(at("mail") < at("two") && at("two") < at("each[1]") && at("each[1]") < at("each[0]"));
    assert_eq!((drill.journal(), drill.files(), log(&drill).len()), (entries, files, 5));
    let to = drill.playbook(["rollback", &id, "two", "--dry-run"]);
    to.exits(0).says(">> log found").never_says("undo-one");
    drill.playbook(["rollback", &id, "twoo", "--dry-run"]).exits(2).says("did you mean `two`?");
}

#[test]
fn it_stops_at_what_cannot_be_undone_and_goes_past_it_for_a_reason() {
    let drill = Drill::new();
    let id = after(&drill, &format!("{STEPS}{LAST}"));
    let said = drill.playbook(["rollback", &id, "--non-interactive"]);
    said.exits(5).says("mail").says("cannot be taken back").says("give the step an `undo`");
    assert_eq!(log(&drill).len(), 5, "nothing that came before it was undone");
    drill.playbook(["status", &id]).exits(0).says("rollback").says("still stands");
    drill.file("answers.yaml", "mail: skip\n");
    drill
        .playbook(["rollback", &id, "--answers", "answers.yaml", "--non-interactive"])
        .exits(2)
        .says("reason");
    drill.file("answers.yaml", "mail: { answer: skip, reason: it was read by now }\n");
    // A rollback that waits goes on with `resume` as well.
    let said = drill.playbook(["resume", &id, "--answers", "answers.yaml", "--non-interactive"]);
    said.exits(4).says("rolled back in part");
    assert_eq!(log(&drill)[5..], ["undo-found", "undo-b", "undo-a", "undo-one"]);
    let answers = drill.events("answered");
    let past = answers.iter().find(|event| event["answer"]["choice"] == "skip").expect("it is recorded");
    assert_eq!(past["answer"]["reason"], "it was read by now");
    let report = drill.playbook(["report", &id, "--format", "json"]).exits(0).json();
    let left = report["residuals"].as_array().unwrap();
    assert!(left.iter().any(|left| left["what"] == "standing" && left["concerns"] == "mail"), "{left:?}");
}

#[test]
fn a_rollback_to_a_step_includes_it_and_goes_no_further() {
    let drill = Drill::new();
    let id = after(&drill, STEPS);
    drill.playbook(["rollback", &id, "each", "--non-interactive"]).exits(0);
    assert_eq!(log(&drill)[4..], ["undo-found", "undo-b", "undo-a"]);
    let status = drill.playbook(["status", &id, "--json"]).exits(0).json();
    assert_eq!(status["rollback"]["stands"], json!(["one"]));
    drill.playbook(["resume", &id, "--non-interactive"]).exits(2).says("is over");
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(0);
    assert_eq!(log(&drill)[7..], ["undo-one"]);
}

#[test]
fn a_run_that_is_paused_can_be_rolled_back_and_does_not_go_forward_again() {
    let drill = Drill::new();
    drill.runbook(
        "work",
        &format!("{STEPS}\n- id: ask\n  do: {{ ask: {{ question: On?, type: boolean }} }}\n"),
    );
    drill.playbook(["run", "work", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(0);
    assert_eq!(log(&drill)[4..], ["undo-found", "undo-b", "undo-a", "undo-one"]);
    drill.playbook(["resume", &id, "--non-interactive"]).exits(2).says("is over");
}

#[test]
fn a_sealed_run_is_not_rolled_back() {
    let drill = Drill::new();
    let id = after(&drill, STEPS);
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(6).says("sealed").says("a run of its own");
    assert_eq!(log(&drill).len(), 4);
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn killed_in_the_middle_the_undo_under_way_is_in_doubt_and_the_rest_goes_on() {
    let drill = Drill::new();
    let slow = STEPS.replace(
        "'echo undo-$0 >> log', \"{{ item }}\"",
        "'echo undo-$0 >> log; [ $0 = a ] && sleep 60; true', \"{{ item }}\"",
    );
    let id = after(&drill, &slow);
    let mut child = drill
        .command(["rollback", &id, "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    until("the undo of the first element begins", || log(&drill).contains(&"undo-a".to_owned()));
    child.kill().unwrap();
    child.wait().unwrap();
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(5).says("each[0]").says("take place");
    drill.playbook(["status", &id]).exits(0).says("in doubt");
    drill.file("answers.yaml", "each: [done, done]\n");
    drill.playbook(["rollback", &id, "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    assert_eq!(log(&drill)[4..], ["undo-found", "undo-b", "undo-a", "undo-one"], "each once");
    assert_eq!(drill.events("turned_back").len(), 1, "it is the same rollback");
}

#[test]
fn an_undo_that_fails_stops_the_rollback_and_is_tried_again() {
    let drill = Drill::new();
    let id = after(
        &drill,
        "- id: one\n  do: { shell: { argv: [touch, there], class: write } }\n  undo: { shell: { argv: [rm, there], class: write } }\n",
    );
    std::fs::remove_file(drill.path().join("there")).unwrap();
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(4).says("No such file");
    drill.file("there", "");
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(0);
    assert!(!drill.path().join("there").exists());
}

fn contained(drill: &Drill, account: &Account) -> String {
    let key = account.fact("/key/arn");
    let recovery = format!("arn:aws:iam::{}:role/recovery", account.id());
    after(
        drill,
        &format!(
            r#"
- id: before
  do: {{ kms.record_state: {{ key: "{key}" }} }}
- id: fence
  do: {{ kms.fence_key: {{ key: "{key}", allow: ["{recovery}"] }} }}
- id: revoke
  do: {{ kms.revoke_grant: {{ key: "{key}", grant: "{{{{ steps.before.grants[0].id }}}}" }} }}
- id: off
  do: {{ kms.disable_key: {{ key: "{key}" }} }}
"#
        ),
    )
}

fn state_of(account: &Account) -> Value {
    let drill = Drill::on(account);
    let key = account.fact("/key/arn");
    drill.runbook(
        "look",
        &format!("- id: key\n  do: {{ kms.describe_key: {{ key: \"{key}\" }} }}\n- id: rest\n  do: {{ kms.record_state: {{ key: \"{key}\" }} }}\n"),
    );
    drill.playbook(["run", "look", "--non-interactive"]).exits(0);
    let found: Vec<_> = drill.events("succeeded").into_iter().map(|event| event["outputs"].clone()).collect();
    json!({ "state": found[0]["state"], "policy": found[1]["policy"], "grants": found[1]["grants"].as_array().unwrap().len() })
}

#[test]
fn a_key_gets_its_state_and_its_policy_back_and_a_grant_is_said_to_be_gone() {
    let account = Account::fresh();
    let before = state_of(&account);
    let drill = Drill::on(&account);
    let id = contained(&drill, &account);
    assert_eq!(state_of(&account)["state"], "Disabled");
    let plan = drill.playbook(["rollback", &id, "--dry-run"]);
    plan.exits(0).says("kms.enable_key").says("kms.put_key_policy").says("under another id");
    let said = drill.playbook(["rollback", &id, "--non-interactive"]);
    said.exits(5).says("revoke").says("under another id");
    assert_eq!(state_of(&account)["state"], "Enabled", "the newest is undone, then it stops");
    drill.file("answers.yaml", "revoke: { answer: skip, reason: the attacker made it }\n");
    drill
        .playbook(["rollback", &id, "--answers", "answers.yaml", "--non-interactive"])
        .exits(4)
        .says("in part");
    let after = state_of(&account);
    assert_eq!(after["state"], before["state"]);
    assert_eq!(after["policy"], before["policy"], "the policy as it was, byte for byte");
    assert_eq!(after["grants"], json!(before["grants"].as_u64().unwrap() - 1));
    let undone: Vec<_> = drill.events("undone").iter().map(|event| event["place"]["step"].clone()).collect();
    assert_eq!(undone, ["off", "fence"]);
    let read_back: Vec<_> = drill.events("settled").iter().map(|event| event["verdict"].clone()).collect();
    assert_eq!(read_back, ["took_place", "took_place"], "each undo was read back from the world");
}

#[test]
fn sessions_that_were_revoked_before_the_run_do_not_work_again_after_its_rollback() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let earlier = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-01-01T00:00:00Z" } } }] });
    let code = "boto3.client('iam').put_role_policy(RoleName='etl-nightly', PolicyName='AWSRevokeOlderSessions', PolicyDocument=os.environ['EARLIER'])\nprint('0')";
    account.boto(code, &[("EARLIER", &earlier.to_string())]);
    let undo = "iam.delete_role_policy: { role: etl-nightly, policy_name: AWSRevokeOlderSessions }";
    let id = after(
        &drill,
        &format!(
            "- id: revoke\n  do: {{ iam.revoke_sessions: {{ role: etl-nightly }} }}\n  undo: {{ {undo} }}\n"
        ),
    );
    let found = drill.events("succeeded").remove(0)["outputs"]["revoked_before"].clone();
    assert_eq!(found, "2026-01-01T00:00:00Z");
    drill.playbook(["rollback", &id, "--dry-run"]).exits(0).says("CANNOT UNDO").says("earlier revocation");
    drill.playbook(["rollback", &id, "--non-interactive"]).exits(5).says("its sessions would work again");
    assert!(!account.operations().contains(&"iam:DeleteRolePolicy".to_owned()), "it was sent");
}

#[test]
fn what_somebody_else_changed_since_is_not_taken_back_with_it() {
    let account = Account::fresh();
    let (key, other) = (account.fact("/key/arn"), account.fact("/other_key/arn"));
    let drill = Drill::on(&account);
    let recovery = format!("arn:aws:iam::{}:role/recovery", account.id());
    let steps = format!(
        "- id: fence\n  do: {{ kms.fence_key: {{ key: \"{key}\", allow: [\"{recovery}\"] }} }}\n- id: move\n  do: {{ kms.update_alias: {{ alias: alias/customer-pii-encryption-key, key: \"{other}\" }} }}\n"
    );
    let id = after(&drill, &steps);
    let boto = |code: &str| account.boto(code, &[("KEY", &key), ("OTHER", &other)]);
    // A third key for the alias, and one more statement in the policy.
    let third = boto(
        "kms = boto3.client('kms')
third = kms.create_key()['KeyMetadata']['Arn']
kms.update_alias(AliasName='alias/customer-pii-encryption-key', TargetKeyId=third)
policy = json.loads(kms.get_key_policy(KeyId=os.environ['KEY'])['Policy'])
policy['Statement'].append({'Sid': 'Later', 'Effect': 'Deny', 'Principal': '*', 'Action': 'kms:Decrypt', 'Resource': '*'})
kms.put_key_policy(KeyId=os.environ['KEY'], Policy=json.dumps(policy))
print(json.dumps(third))",
    );
    let sent = account.calls().len();
    let rollback = ["rollback", &id, "--non-interactive"];
    drill.playbook(rollback).exits(6).says("somebody has moved it since").says("UpdateAlias");
    drill.file("answers.yaml", "move: { answer: skip, reason: it shall stay }\n");
    let said = drill.playbook([&rollback[..], &["--answers", "answers.yaml"]].concat());
    said.exits(6).says("somebody has changed it since").says("PutKeyPolicy");
    let writes = account.operations().split_off(sent);
    assert!(!writes.iter().any(|it| it == "kms:UpdateAlias" || it == "kms:PutKeyPolicy"), "{writes:?}");
    let stands = boto(
        "kms = boto3.client('kms')\nprint(json.dumps(kms.describe_key(KeyId='alias/customer-pii-encryption-key')['KeyMetadata']['Arn']))",
    );
    assert_eq!(stands, third);
}
