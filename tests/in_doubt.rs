//! Every action that changes AWS, each with its answer lost: once before the call took
//! effect, and once after. What became of it is found out from AWS, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use playbook::document::action::{self, Class, Probe};
use serde_json::{Value, json};

use crate::access_edits;
use crate::support::{Account, Drill};

/// One action, and the call to AWS whose answer is lost.
struct Case {
    action: &'static str,
    /// Service and operation.
    write: (&'static str, &'static str),
    /// How the account is set up.
    options: Value,
    /// A step before, as `action` and inputs.
    first: Option<(&'static str, Value)>,
    input: fn(&Account) -> Value,
}

impl Case {
    fn new(action: &'static str, write: (&'static str, &'static str), input: fn(&Account) -> Value) -> Self {
        Self { action, write, options: json!({}), first: None, input }
    }

    fn with(mut self, options: Value) -> Self {
        self.options = options;
        self
    }
}

fn key(account: &Account) -> String {
    account.fact("/key/arn")
}

fn bucket(account: &Account) -> String {
    format!("customer-exports-{}", account.id())
}

fn grant(account: &Account) -> String {
    let grants = account.facts["grants"].as_array().expect("grants");
    let rogue = grants.iter().find(|grant| grant["rogue"] == true).expect("a rogue grant");
    rogue["id"].as_str().or_else(|| rogue["grant_id"].as_str()).expect("its id").to_owned()
}

fn policy(account: &Account) -> String {
    let root = format!("arn:aws:iam::{}:root", account.id());
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Clean", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}]})
    .to_string()
}

fn cases() -> Vec<Case> {
    let create = Case::new(
        "kms.create_key",
        ("kms", "CreateKey"),
        |_| json!({ "description": "clean", "rotation": false }),
    );
    let mut cancel =
        Case::new("kms.cancel_key_deletion", ("kms", "CancelKeyDeletion"), |it| json!({ "key": key(it) }));
    cancel.first = Some(("kms.schedule_key_deletion", json!({ "days": 30 })));
    let mut delete = Case::new(
        "iam.delete_role_policy",
        ("iam", "DeleteRolePolicy"),
        |_| json!({ "role": "etl-nightly", "policy_name": "AWSRevokeOlderSessions" }),
    );
    delete.first = Some(("iam.revoke_sessions", json!({ "role": "etl-nightly" })));
    let edits = access_edits::KINDS.iter().map(|kind| Case::new("access.apply", kind.write, kind.input));
    let others = vec![
        Case::new("kms.disable_key", ("kms", "DisableKey"), |it| json!({ "key": key(it) })),
        Case::new("kms.enable_key", ("kms", "EnableKey"), |it| json!({ "key": key(it) }))
            .with(json!({ "key": { "state": "Disabled" } })),
        Case::new(
            "kms.fence_key",
            ("kms", "PutKeyPolicy"),
            |it| json!({ "key": key(it), "allow": [it.fact("/caller_arn")] }),
        ),
        Case::new(
            "kms.put_key_policy",
            ("kms", "PutKeyPolicy"),
            |it| json!({ "key": key(it), "policy": policy(it) }),
        ),
        Case::new(
            "kms.revoke_grant",
            ("kms", "RevokeGrant"),
            |it| json!({ "key": key(it), "grant": grant(it) }),
        ),
        create,
        Case::new(
            "kms.update_alias",
            ("kms", "UpdateAlias"),
            |it| json!({ "alias": "alias/billing-reports", "key": key(it) }),
        ),
        Case::new(
            "kms.schedule_key_deletion",
            ("kms", "ScheduleKeyDeletion"),
            |it| json!({ "key": key(it), "days": 30 }),
        )
        .with(json!({ "key": { "state": "Disabled" } })),
        cancel,
        Case::new(
            "iam.update_access_key",
            ("iam", "UpdateAccessKey"),
            |_| json!({ "access_key": "{{ params.leaked }}", "status": "Inactive" }),
        ),
        Case::new("iam.revoke_sessions", ("iam", "PutRolePolicy"), |_| json!({ "role": "etl-nightly" })),
        delete,
        Case::new(
            "s3.put_bucket_encryption",
            ("s3", "PutBucketEncryption"),
            |it| json!({ "bucket": format!("public-assets-{}", it.id()), "key": key(it) }),
        ),
    ];
    others.into_iter().chain(edits).collect()
}

const DELETION: &str = "kms.schedule_key_deletion";

fn destroys(action: &str) -> bool {
    action::operation(action).is_some_and(|spec| spec.class == Class::Destroy)
}

/// What comes before any deletion.
fn disabled_and_unwanted(account: &Account) -> String {
    let key = json!({ "key": key(account) });
    format!(
        "- id: off\n  do: {{ kms.disable_key: {key} }}\n- id: late\n  do: {{ cloudtrail.late_uses: {key} }}\n"
    )
}

/// Steps as YAML, whose flow style takes JSON as it is.
fn steps(case: &Case, account: &Account) -> String {
    let step = |id: &str, action: &str, input: Value| {
        let approve = match action {
            DELETION => "  approve: { by: one, count: 2, from_answers: true }\n",
            _ if destroys(action) => "  approve: { by: one, from_answers: true }\n",
            _ => "",
        };
        let mut input = input;
        if action == DELETION {
            input["evidence"] = json!("{{ params.incident }}");
        }
        let act = format!("- id: {id}\n{approve}  do: {{ {action}: {input} }}\n");
        if action == DELETION { disabled_and_unwanted(account) + &act } else { act }
    };
    let first = case.first.as_ref().map(|(action, input)| {
        let mut input = input.clone();
        if action.starts_with("kms.") {
            input["key"] = json!(key(account));
        }
        step("first", action, input)
    });
    first.unwrap_or_default() + &step("act", case.action, (case.input)(account))
}

fn try_out(case: &Case) {
    let account = Account::with(case.options.clone());
    let drill = Drill::on(&account);
    let approved = format!(
        "params:\n  leaked: {{ type: string }}\n  incident: {{ type: string }}\nroles:\n  one: {{ title: Somebody }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{}",
        steps(case, &account).lines().map(|line| ["      ", line, "\n"].concat()).collect::<String>()
    );
    drill.document("doubt", &approved);
    let (service, operation) = case.write;
    for after_effect in [false, true] {
        account.inject(json!({
            "service": service, "operation": operation, "kind": "reset", "times": 1,
            "after_effect": after_effect
        }));
    }
    let approval = |id: &str, action: &str| match action {
        // A key that nobody lists may be there all the same for some minutes: a person decides.
        "kms.create_key" => format!("{id}: {{ answer: again, reason: I looked }}\n"),
        action if destroys(action) => format!("{id}: approve\n"),
        _ => String::new(),
    };
    let first = case.first.as_ref().map(|(action, _)| approval("first", action));
    drill.file("answers.yaml", &(first.unwrap_or_default() + &approval("act", case.action)));
    let answers = drill.path().join("answers.yaml");
    let answers = if std::fs::metadata(&answers).is_ok_and(|file| file.len() > 0) {
        vec!["--answers", "answers.yaml"]
    } else {
        Vec::new()
    };
    let leaked = format!("leaked={}", account.fact("/users/ci-deploy/leaked_access_key_id"));
    let incident = format!("incident={}", drill.closed_incident(&key(&account)));
    let run = ["run", "doubt", "-p", &leaked, "-p", &incident, "--non-interactive"];
    let said = drill.playbook(run.iter().chain(&answers));
    let steps = case.first.iter().map(|(action, _)| ("first", *action)).chain([("act", case.action)]);
    match steps.into_iter().find(|(_, action)| *action == DELETION) {
        Some((step, _)) => {
            said.exits(5);
            drill.seconded(&drill.run_id(), step, &account.fact("/key/id"), &answers).exits(0);
        }
        None => {
            said.exits(0);
        }
    }
    let of_the_step = |kind: &str| -> Vec<Value> {
        drill.events(kind).into_iter().filter(|event| event["place"]["step"] == "act").collect()
    };
    let settled = of_the_step("settled");
    let verdicts: Vec<_> = settled.iter().map(|event| event["verdict"].clone()).collect();
    let open = of_the_step("unsettled");
    if case.action == "kms.create_key" {
        assert_eq!((open.len(), verdicts), (1, vec![json!("took_place")]), "{settled:#?} {open:#?}");
        assert!(open[0]["because"].as_str().is_some_and(|why| why.contains("some minutes")), "{open:#?}");
    } else {
        assert_eq!(verdicts, ["did_not", "took_place"], "{}: {settled:#?} {open:#?}", case.action);
    }
    let attempts = of_the_step("attempted").len();
    assert_eq!(attempts, 2, "{}: sent again only after AWS said that it was not done", case.action);
    let sent = account.calls().iter().filter(|call| call["operation"] == operation).count();
    let before = usize::from(case.first.is_some() && operation == "PutRolePolicy");
    assert_eq!(sent, before + 2, "{}", case.action);
}

#[test]
fn an_attempt_whose_answer_was_lost_is_settled_by_asking_aws_for_every_action_that_changes_it() {
    let cases = cases();
    let failed: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> =
            cases.iter().map(|case| (case.action, case.write, scope.spawn(move || try_out(case)))).collect();
        let failed =
            running.into_iter().filter_map(|(action, write, run)| run.join().err().map(|_| (action, write)));
        failed.collect()
    });
    assert!(failed.is_empty(), "{failed:?}: see above");
}

#[test]
fn no_action_that_changes_aws_is_left_out_of_that_test() {
    let cases = cases();
    for spec in action::all().filter(|spec| spec.class != Class::Read) {
        match spec.probe {
            Probe::Ask(_) => {
                assert!(cases.iter().any(|case| case.action == spec.name), "{} is not tried out", spec.name);
            }
            // Re-encryption goes over the objects again and does only the rest.
            Probe::Repeat => assert_eq!(spec.name, "s3.reencrypt"),
            // A message that comes twice does less harm than one that never comes.
            Probe::Again(_) => assert_eq!(spec.name, "notify"),
            // What a program did only a person can say.
            Probe::Operator => assert_eq!(spec.name, "shell"),
        }
    }
}

#[test]
fn what_stood_there_before_is_known_even_though_the_answer_was_lost() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let input = json!({ "alias": "alias/billing-reports", "key": key(&account) });
    drill.runbook(
        "alias",
        &format!(
            "- id: move\n  do: {{ kms.update_alias: {input} }}\n- id: told\n  do: {{ assert: {{ that: steps.move.key_before != \"\", message: lost }} }}"
        ),
    );
    account.inject(json!({
        "service": "kms", "operation": "UpdateAlias", "kind": "reset", "times": 1, "after_effect": true
    }));
    drill.playbook(["run", "alias", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("settled")[0]["verdict"], "took_place");
}

#[test]
fn objects_whose_answer_was_lost_are_not_left_behind() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let bucket = bucket(&account);
    let old = key(&account);
    drill.runbook(
        "move",
        &format!(
            "- id: new\n  do: {{ kms.create_key: {{ description: clean }} }}\n- id: move\n  do: {{ s3.reencrypt: {{ bucket: {bucket}, from: \"{old}\", to: \"{{{{ steps.new.arn }}}}\" }} }}\n- id: rest\n  do: {{ s3.inventory: {{ key: \"{old}\", buckets: [{bucket}] }} }}\n- id: none\n  do: {{ assert: {{ that: steps.rest.objects == 0, message: some are left }} }}"
        ),
    );
    account.inject(json!({
        "service": "s3", "operation": "UpdateObjectEncryption", "kind": "reset", "times": 2, "after_effect": true
    }));
    drill.playbook(["run", "move", "--non-interactive"]).exits(0);
}

/// Copies, where S3 does not change keys in place: some whose answer is lost after they were
/// made, and one before.
#[test]
fn copies_whose_answer_was_lost_are_made_once() {
    let account = Account::with(json!({ "update_object_encryption": false }));
    let drill = Drill::on(&account);
    let (bucket, old) = (bucket(&account), key(&account));
    drill.runbook(
        "move",
        &format!(
            "- id: new\n  do: {{ kms.create_key: {{ description: clean }} }}\n- id: move\n  do: {{ s3.reencrypt: {{ bucket: {bucket}, from: \"{old}\", to: \"{{{{ steps.new.arn }}}}\" }} }}"
        ),
    );
    let versions = |account: &Account| -> BTreeMap<String, usize> {
        let mut versions = BTreeMap::new();
        for object in account.objects(&bucket) {
            *versions.entry(object["key"].as_str().expect("a key").to_owned()).or_default() += 1;
        }
        versions
    };
    let before = versions(&account);
    for (after_effect, times) in [(true, 2), (false, 1)] {
        account.inject(json!({
            "service": "s3", "operation": "CopyObject", "kind": "reset", "times": times,
            "after_effect": after_effect
        }));
    }
    drill.playbook(["run", "move", "--non-interactive"]).exits(0);
    let moved = drill.events("succeeded").pop().expect("an end")["outputs"].clone();
    assert_eq!(moved["copied"], before.len(), "{moved}");
    for (key, count) in versions(&account) {
        assert_eq!(count, before[&key] + 1, "{key}: one copy, and no second one");
    }
    every_repeat_was_asked_for(&account, "CopyObject");
}

#[test]
fn objects_are_changed_in_place_again_only_when_they_say_that_they_were_not() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let (bucket, old) = (bucket(&account), key(&account));
    drill.runbook(
        "move",
        &format!(
            "- id: new\n  do: {{ kms.create_key: {{ description: clean }} }}\n- id: move\n  do: {{ s3.reencrypt: {{ bucket: {bucket}, from: \"{old}\", to: \"{{{{ steps.new.arn }}}}\" }} }}"
        ),
    );
    for after_effect in [true, false] {
        account.inject(json!({
            "service": "s3", "operation": "UpdateObjectEncryption", "kind": "server_error", "times": 3,
            "after_effect": after_effect
        }));
    }
    drill.playbook(["run", "move", "--non-interactive"]).exits(0);
    let moved = drill.events("succeeded").pop().expect("an end")["outputs"].clone();
    assert_eq!(moved["left"], 0, "{moved}");
    every_repeat_was_asked_for(&account, "UpdateObjectEncryption");
}

/// Between two requests of an operation about one version lies one that asks how it stands.
fn every_repeat_was_asked_for(account: &Account, operation: &str) {
    let mut sent = BTreeSet::new();
    let mut lost = 0;
    for call in account.calls() {
        let of = call["params"]["key"].to_string();
        if call["operation"] == "HeadObject" {
            sent.retain(|(key, _)| *key != of);
        } else if call["operation"] == operation {
            lost += usize::from(!call["fault"].is_null());
            let version = call["params"]["versionId"].to_string();
            assert!(sent.insert((of.clone(), version)), "{of} was sent again unasked");
        }
    }
    assert!(lost > 0, "faults were met");
}
