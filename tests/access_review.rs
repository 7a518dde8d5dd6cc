//! The access review against the range: who can, the edits, and the proof.

use serde_json::{Value, json};

use crate::support::{Account, Drill};

const REVOKE: &str = r#"
phases:
  - id: review
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: can
        do: { access.who_can: { key: "{{ steps.pin.arn }}" } }
      - id: plan
        do:
          access.plan:
            key: "{{ steps.pin.arn }}"
            revoke: "{{ params.revoke }}"
      - id: apply
        for_each: steps.plan.edits
        do: { access.apply: { edit: "{{ item.edit }}" } }
        undo: { access.apply: { edit: "{{ item.undo }}" } }
      - id: prove
        do:
          access.prove:
            key: "{{ steps.pin.arn }}"
            revoked: "{{ params.revoke }}"
      - id: proven
        do: { assert: { that: "steps.prove.not_proven | length == 0", message: A revocation did not take effect } }
"#;

fn revoking(drill: &Drill, principals: &[String]) {
    let list = principals.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ");
    let phases = REVOKE.replace("\"{{ params.revoke }}\"", &format!("[{list}]"));
    let head = "runbook: revoke\nparams:\n  key: { type: kms_key }\n";
    drill.file("runbooks/revoke.yaml", &format!("{head}{phases}"));
}

fn outputs(drill: &Drill, step: &str) -> Value {
    let found = drill
        .events("succeeded")
        .into_iter()
        .find(|event| event["place"]["step"] == step && event["place"]["item"].is_null());
    found.unwrap_or_else(|| panic!("{step} did not succeed"))["outputs"].clone()
}

#[test]
fn each_way_to_the_key_is_taken_away_exactly_and_proven() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let revoked = [
        account.fact("/users/former-contractor/arn"),
        format!("arn:aws:iam::{}:role/etl-nightly", account.id()),
        "arn:aws:iam::999988887777:role/data-sync".to_owned(),
    ];
    revoking(&drill, &revoked);
    let key = format!("key={}", account.fact("/key/arn"));
    drill.playbook(["run", "revoke", "-p", &key, "--non-interactive"]).exits(0);
    let before = outputs(&drill, "can");
    let verdict = |principal: &str| {
        let items = before["items"].as_array().unwrap();
        items.iter().find(|item| item["id"] == principal).map(|item| item["verdict"].clone())
    };
    assert_eq!(verdict(&revoked[0]), Some(json!("Allowed")));
    let plan = outputs(&drill, "plan");
    assert_eq!((&plan["would_hold"], &plan["would_not"]), (&json!(3), &json!(0)), "{plan:#}");
    let proof = outputs(&drill, "prove");
    assert_eq!(proof["proven"].as_array().unwrap().len(), 3);
    let writes: Vec<_> = account.operations();
    for wanted in ["iam:DeleteUserPolicy", "kms:RevokeGrant", "kms:PutKeyPolicy"] {
        assert!(writes.iter().any(|sent| sent == wanted), "{wanted} is not among {writes:?}");
    }
    let after = drill
        .playbook(["access", "who-can", "kms:Decrypt", "--key", &account.fact("/key/arn"), "--json"])
        .json();
    let still = |name: &str| {
        let found = after["principals"].as_array().unwrap().iter().find(|one| one["principal"] == name);
        found.is_some_and(|one| !one["verdict"].as_str().unwrap().ends_with("Deny"))
    };
    for principal in &revoked {
        assert!(!still(principal), "{principal} may still decrypt");
    }
    assert!(still(&account.fact("/users/ci-deploy/arn")));
}

#[test]
fn an_edit_whose_ground_has_moved_is_refused() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let edit = json!({ "edit": "put_key_policy", "key": account.fact("/key/arn"),
        "document": { "Version": "2012-10-17", "Statement": [] },
        "before": { "Version": "2012-10-17", "Statement": [{ "Sid": "another" }] }, "also": [] });
    drill.file("edit.json", &edit.to_string());
    let document = format!(
        "runbook: edit\nphases:\n  - id: one\n    steps:\n      - id: apply\n        do: {{ access.apply: {{ edit: {edit} }} }}\n"
    );
    drill.file("runbooks/edit.yaml", &document);
    drill.playbook(["run", "edit", "--non-interactive"]).says("changed it since it was planned");
    assert!(!account.operations().contains(&"kms:PutKeyPolicy".to_owned()));
}
