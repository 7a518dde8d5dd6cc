//! The access review against the range: who can, the edits, and the proof.

use serde_json::{Value, json};

use crate::support::{Account, Drill, Terminal};

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

pub fn revoking(drill: &Drill, principals: &[String]) {
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

/// Whoever approves reads the words: they have to be those of the edit.
#[test]
fn an_edit_is_told_to_whoever_approves_in_words_that_are_its_own() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    revoking(&drill, &[account.fact("/users/former-contractor/arn")]);
    let document = drill.path().join("runbooks/revoke.yaml");
    let text = std::fs::read_to_string(&document).unwrap();
    let text =
        text.replace("runbook: revoke\n", "runbook: revoke\nroles: { commander: Incident Commander }\n");
    let told = |words: &str| {
        let edit = "do: { access.apply: { edit: \"{{ item.edit }}\" } }";
        let with_words = format!(
            "approve: {{ by: commander }}\n        do: {{ access.apply: {{ words: \"{words}\", also: \"{{{{ item.also }}}}\", edit: \"{{{{ item.edit }}}}\" }} }}"
        );
        std::fs::write(&document, text.replace(edit, &with_words)).unwrap();
        let key = format!("key={}", account.fact("/key/arn"));
        let mut terminal = Terminal::start(&drill, &["run", "revoke", "-p", &key]);
        terminal
            .sees("words delete the inline policy")
            .sees("[a]pprove")
            .sees("›")
            .types("a")
            .sees("Approved by")
            .types("");
        terminal
    };
    let mut terminal = told("delete the inline policy of somebody else");
    terminal.sees("tells of another edit").sees("›").types("x").types("enough");
    assert!(!account.operations().contains(&"iam:DeleteUserPolicy".to_owned()));
    drop(terminal);
    told("{{ item.words }}").exits(0);
    assert!(account.operations().contains(&"iam:DeleteUserPolicy".to_owned()));
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

/// The runbook itself: everybody is decided on, some are revoked, a second person approves the
/// edits, and each verdict flips.
#[test]
fn the_quarterly_review_ends_with_proof() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/alias");
    let can = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", &key, "--json"]).json();
    let revoked = [
        account.fact("/users/former-contractor/arn"),
        "arn:aws:iam::999988887777:role/data-sync".to_owned(),
        "arn:aws:iam::999988887777:root".to_owned(),
    ];
    let own = account.fact("/caller_arn");
    let mut answers = String::from("review:\n  answer:\n");
    for principal in can["principals"].as_array().unwrap() {
        let name = principal["principal"].as_str().unwrap();
        if principal["verdict"].as_str().unwrap().ends_with("Deny") || name == own {
            continue;
        }
        let decision = if revoked.iter().any(|one| one == name) { "revoke" } else { "keep" };
        answers += &format!("    \"{name}\": {{ decision: {decision}, reason: asked its owner }}\n");
    }
    answers += "sign_off: done\ndeliver: done\nnext: done\n";
    drill.file("answers.yaml", &answers);
    let review = ["run", "quarterly-access-review", "-p", &format!("key={key}"), "-p", "quarter=2026-Q4"]
        .map(str::to_owned);
    let unattended = ["--non-interactive", "--answers", "answers.yaml"].map(str::to_owned);
    drill.playbook(review.iter().chain(&unattended)).exits(5).says("apply");
    assert!(
        !account.operations().iter().any(|sent| sent == "iam:DeleteUserPolicy"),
        "before anybody approved"
    );
    let run = drill.run_id();
    drill.playbook(["approve", &run, "apply", "--as", "Lee Lead"]).exits(0);
    let resume = ["resume", &run].map(str::to_owned);
    drill.playbook(resume.iter().chain(&unattended)).exits(5).says("sign_off");
    drill.playbook(["approve", &run, "sign_off", "--as", "Lee Lead"]).exits(0);
    drill.playbook(resume.iter().chain(&unattended)).exits(0);
    let proof = outputs(&drill, "prove");
    assert_eq!(
        (proof["proven"].as_array().unwrap().len(), &proof["not_proven"]),
        (3, &json!([])),
        "{proof:#}"
    );
    let kept = drill.events("decided").iter().filter(|event| event["decision"] == "keep").count();
    assert!(kept > 3, "the others stay, each for a reason");

    // The next review begins with what this one decided, as it stands in the sealed record.
    drill.playbook(["seal", &run]).exits(0);
    let next = ["run", "quarterly-access-review", "-p", &format!("key={key}"), "-p", "quarter=2027-Q1", "-p"];
    let next: Vec<_> = next.into_iter().map(str::to_owned).chain([format!("last={run}")]).collect();
    let next: Vec<_> = next.iter().map(String::as_str).collect();
    let mut terminal = Terminal::start(&drill, &next);
    terminal.sees(&format!("{kept} to decide: {kept} unchanged since the last review"));
    terminal.sees("Gone since the last review").sees(&revoked[1]);
    terminal
        .sees("unchanged since the last review")
        .sees("last time")
        .sees("asked its owner")
        .sees("›")
        .types("q");
    terminal.exits(5);
}

/// Between the edits and the proof, the edits are taken back.
pub fn giving_back(drill: &Drill) {
    let document = drill.path().join("runbooks/revoke.yaml");
    let text = std::fs::read_to_string(&document).unwrap();
    let again = text.replace(
        "      - id: prove\n",
        "      - id: again\n        for_each: steps.plan.edits\n        do: { access.apply: { edit: \"{{ item.undo }}\" } }\n      - id: prove\n",
    );
    std::fs::write(&document, again).unwrap();
}

/// Somebody gives the access back before it is proven: the review says so.
#[test]
fn a_revocation_that_did_not_take_effect_is_told_as_not_proven() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let contractor = account.fact("/users/former-contractor/arn");
    revoking(&drill, std::slice::from_ref(&contractor));
    giving_back(&drill);
    let key = format!("key={}", account.fact("/key/arn"));
    drill.playbook(["run", "revoke", "-p", &key, "--non-interactive"]).exits(4).says("did not take effect");
    let doubt = outputs(&drill, "prove")["not_proven"].clone();
    assert_eq!(doubt[0]["principal"], contractor);
    assert_eq!(doubt[0]["verdict"], "Allowed");
}
