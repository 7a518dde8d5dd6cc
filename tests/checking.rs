//! `check`, `new`, `list`, `show`, `schema`: what an author works with.

use crate::support::Drill;

#[test]
fn the_built_in_documents_pass_their_own_checks() {
    let drill = Drill::new();
    drill.playbook(["check", "key-compromise"]).exits(0).says("nothing is wrong");
    drill.playbook(["list"]).exits(0).says("key-compromise").says("built in");
    drill.playbook(["show", "key-compromise"]).exits(0).says("Immediate response");
    drill.playbook(["show", "key-compromise", "--format", "mermaid"]).exits(0).says("flowchart");
}

#[test]
fn all_faults_are_told_at_once_and_point_at_the_text() {
    let drill = Drill::new();
    drill.runbook(
        "faults",
        r#"
- id: one
  do: { kms.disabel_key: { key: "{{ steps.later.arn }}" } }
- id: later
  wehn: "true"
  do: { kms.describe_key: { key: "{{ params.nothing }}" } }
"#,
    );
    let said = drill.playbook(["check", "faults"]);
    said.exits(3)
        .says("unknown-action")
        .says("did you mean `kms.disable_key`?")
        .says("runbooks/faults.yaml:")
        .says("wehn")
        .says("nothing");
    let json = drill.playbook(["check", "faults", "--json"]);
    json.exits(3);
    let told = json.json();
    assert!(told.as_array().unwrap().len() >= 3, "{told:#}");
    assert!(told[0]["line"].as_u64().unwrap() > 1);
}

#[test]
fn the_deadly_order_is_refused() {
    let drill = Drill::new();
    drill.document(
        "deadly",
        r#"
roles:
  lead: { title: Security Lead }
params:
  key: { type: kms_key }
  new_key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: pin_new
        do: { kms.describe_key: { key: "{{ params.new_key }}" } }
      - id: disable_key
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
      - id: reencrypt_s3
        do: { s3.reencrypt: { bucket: exports, from: "{{ steps.pin.arn }}", to: "{{ steps.pin_new.arn }}" } }
        undo: { s3.reencrypt: { bucket: exports, from: "{{ steps.pin_new.arn }}", to: "{{ steps.pin.arn }}" } }
"#,
    );
    drill
        .playbook(["check", "deadly"])
        .exits(3)
        .says("hazard-key-disabled")
        .says("disabled here")
        .says("fence the key, enable it behind the fence");
    drill
        .playbook(["run", "deadly", "-p", "key=alias/a", "-p", "new_key=alias/b", "--non-interactive"])
        .exits(3);
}

#[test]
fn a_new_runbook_passes_its_checks_and_runs() {
    let drill = Drill::new();
    drill.playbook(["new", "my-first", "--runbook"]).exits(0);
    drill.playbook(["check", "my-first"]).exits(0).says("nothing is wrong");
    drill.playbook(["new", "my-first", "--runbook"]).exits(2).says("is there already");
    drill.playbook(["new", "my-own", "--from", "key-compromise"]).exits(0);
    drill.playbook(["check", "my-own"]).exits(0);
}

#[test]
fn the_schema_is_json_and_knows_the_actions() {
    let drill = Drill::new();
    let schema = drill.playbook(["schema"]);
    schema.exits(0);
    assert!(schema.json().is_object());
    schema.says("kms.describe_key");
    drill.playbook(["completions", "bash"]).exits(0).says("playbook");
    drill.playbook(["man"]).exits(0).says("playbook");
}
