//! `playbook permissions` against what a run really sends: the range writes down every call,
//! and the evaluator of the access review decides it against the policies that are printed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Account, Drill, Said};

const ANSWERS: &str = include_str!("fixtures/key-compromise-answers.yaml");

fn policies(said: &Said) -> Vec<Value> {
    said.json()["policies"].as_array().expect("policies").clone()
}

/// Every run that the evaluator is asked about: both ways to contain, and S3 without
/// re-keying in place.
fn runs() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "lookup_rate": 1000 }), "disable"),
        (json!({ "lookup_rate": 1000 }), "fence"),
        (json!({ "lookup_rate": 1000, "update_object_encryption": false }), "disable"),
    ]
}

fn run(account: &Account, containment: &str) -> Drill {
    let drill = Drill::on(account);
    drill.file("answers.yaml", ANSWERS);
    let leaked = account.fact("/users/ci-deploy/leaked_access_key_id");
    let params = [
        format!("key={}", account.fact("/key/alias")),
        format!("recovery_role={}", account.fact("/caller_arn")),
        format!("access_keys={leaked}"),
        format!("containment={containment}"),
        "role=etl-nightly".to_owned(),
    ];
    let params = params.iter().flat_map(|param| ["-p", param.as_str()]);
    let head = ["run", "key-compromise"].into_iter();
    drill.playbook(head.chain(params).chain(["--answers", "answers.yaml", "--non-interactive"]));
    drill
}

/// The IAM action of a call, by the Service Authorization Reference: for S3 the names differ
/// from the operation's, for the other services of these runs they do not.
fn action(call: &Value) -> Option<String> {
    let (service, operation) = (call["service"].as_str().unwrap(), call["operation"].as_str().unwrap());
    let version = call["params"].get("versionId").is_some();
    let name = match (service, operation) {
        // "No permissions are required to perform this operation" (STS API reference).
        ("sts", "GetCallerIdentity") => return None,
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "PutBucketEncryption") => "PutEncryptionConfiguration",
        ("s3", "ListObjectVersions") => "ListBucketVersions",
        ("s3", "ListObjectsV2" | "ListObjects") => "ListBucket",
        ("s3", "HeadObject" | "GetObject") if version => "GetObjectVersion",
        ("s3", "HeadObject") => "GetObject",
        ("s3", "GetObjectAcl") if version => "GetObjectVersionAcl",
        ("s3", "CopyObject") => "PutObject",
        (_, operation) => operation,
    };
    Some(format!("{service}:{name}"))
}

/// The ARN that the call acts on, as IAM sees it.
fn resource(call: &Value, account: &Account) -> String {
    let params = &call["params"];
    let text = |name: &str| params[name].as_str();
    match call["service"].as_str().unwrap() {
        "s3" => match (text("bucket").or(text("Bucket")), text("key").or(text("Key"))) {
            (Some(bucket), Some(key)) => format!("arn:aws:s3:::{bucket}/{key}"),
            (Some(bucket), None) => format!("arn:aws:s3:::{bucket}"),
            _ => "*".to_owned(),
        },
        "kms" => match text("KeyId").or(text("TargetKeyId")) {
            Some(key) if key.starts_with("arn:") && key.contains(":key/") => key.to_owned(),
            // An alias is resolved before IAM is asked.
            Some(key) if key.contains("alias/") => account.fact("/key/arn"),
            Some(id) => format!("arn:aws:kms:us-east-1:{}:key/{id}", account.id()),
            None => "*".to_owned(),
        },
        "iam" => match (text("UserName"), text("RoleName"), text("PolicySourceArn")) {
            (Some(user), ..) => format!("arn:aws:iam::{}:user/{user}", account.id()),
            (_, Some(role), _) => format!("arn:aws:iam::{}:role/{role}", account.id()),
            (.., Some(arn)) => arn.to_owned(),
            _ => format!("arn:aws:iam::{}:user/ci-deploy", account.id()),
        },
        "cloudtrail" => match text("Name").or(text("TrailName")) {
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            Some(name) => format!("arn:aws:cloudtrail:us-east-1:{}:trail/{name}", account.id()),
            None => "*".to_owned(),
        },
        _ => "*".to_owned(),
    }
}

fn request(call: &Value, action: &str, account: &Account, policies: &[Value]) -> Value {
    let resource = resource(call, account);
    let mut line = json!({
        "id": format!("{action} on {resource}"),
        "request": {
            "principal": format!("arn:aws:iam::{}:role/responder", account.id()),
            "action": action,
            "resource": resource,
            "context": { "aws:MultiFactorAuthPresent": "true" },
        },
        "identity_policies": policies.iter().map(|policy| &policy["policy"]).collect::<Vec<_>>(),
    });
    if action.starts_with("kms:") && resource.starts_with("arn:") {
        let root = format!("arn:aws:iam::{}:root", account.id());
        line["resource_policy"] = json!({ "Statement": {
            "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" } });
    }
    line
}

fn written(drill: &Drill, lines: &BTreeSet<String>) -> PathBuf {
    drill.file("requests.jsonl", &(lines.iter().cloned().collect::<Vec<_>>().join("\n") + "\n"))
}

/// The calls of one run, decided against the policies that are printed for it: the IAM actions
/// that were used, and what was not allowed.
fn decided(options: &Value, containment: &str) -> (BTreeSet<String>, Vec<String>) {
    let account = Account::with(options.clone());
    let drill = run(&account, containment);
    let params = format!("key={}", account.fact("/key/alias"));
    let said = drill.playbook(["permissions", "key-compromise", "-p", &params, "--json"]);
    said.exits(0);
    let (policies, calls) = (policies(&said), account.calls());
    // Nobody was asked for most of the writes: what they reach was read all the same.
    assert!(drill.events("measured").len() > 6, "{:#?}", drill.events("measured"));
    assert!(calls.len() > 60, "{} calls", calls.len());
    let (mut used, mut lines) = (BTreeSet::new(), BTreeSet::new());
    for call in &calls {
        let Some(action) = action(call) else { continue };
        lines.insert(request(call, &action, &account, &policies).to_string());
        used.insert(action);
    }
    let file = written(&drill, &lines);
    let answers = drill.playbook(["access".as_ref(), "simulate".as_ref(), file.as_os_str()]);
    answers.exits(0);
    let answers = answers.stdout();
    let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let refused = answers.filter(|answer| answer["verdict"] != "Allowed");
    (used, refused.map(|answer| format!("{containment}: {} {}", answer["id"], answer["verdict"])).collect())
}

#[test]
fn every_call_of_a_whole_run_is_allowed_by_what_is_printed_and_nothing_is_printed_without_a_reason() {
    let runs = runs();
    let decided: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = runs
            .iter()
            .map(|(options, containment)| scope.spawn(move || decided(options, containment)))
            .collect();
        running.into_iter().map(|run| run.join().expect("a run")).collect()
    });
    let refused: Vec<_> = decided.iter().flat_map(|(_, refused)| refused).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    explained(&decided.into_iter().flat_map(|(used, _)| used).collect());
}

/// What no run used has to be wanted for what these runs did not do: take a step back, look
/// for an attempt whose answer was lost, or copy what S3 needs the caller's key permissions for.
fn explained(used: &BTreeSet<String>) {
    let said = Drill::new().playbook(["permissions", "key-compromise", "--json"]);
    let policies = policies(&said);
    let unused: Vec<_> = policies
        .iter()
        .flat_map(|policy| policy["because"].as_object().unwrap())
        .filter(|(action, _)| !used.contains(*action))
        .collect();
    let known: &[(&str, &str)] = &[
        ("iam:DeleteRolePolicy", "undo of the revocation"),
        ("kms:ListKeys", "probe of CreateKey"),
        ("kms:TagResource", "CreateKey with tags asks for it besides"),
        ("kms:Decrypt", "S3 asks KMS in the caller's name"),
        ("kms:Encrypt", "S3 asks KMS in the caller's name"),
        ("kms:ReEncryptFrom", "S3 asks KMS in the caller's name"),
        ("kms:ReEncryptTo", "S3 asks KMS in the caller's name"),
        ("kms:GenerateDataKey", "S3 asks KMS in the caller's name"),
        ("s3:GetObjectTagging", "CopyObject copies tags"),
        ("s3:GetObjectVersionTagging", "CopyObject copies tags"),
        ("s3:PutObjectTagging", "CopyObject copies tags"),
        ("s3:PutObjectAcl", "CopyObject of an object that others may read"),
        ("iam:GetRole", "the path of the role, where the caller is one"),
        ("kms:GetKeyRotationStatus", "probe of CreateKey"),
    ];
    for (action, because) in unused {
        assert!(!because.as_array().unwrap().is_empty(), "{action} is printed without a reason");
        assert!(known.iter().any(|(name, _)| name == action), "{action} is never used: {because}");
    }
}

#[test]
fn without_the_policy_of_a_duty_its_calls_are_denied() {
    let drill = Drill::new();
    let said = drill.playbook(["permissions", "key-compromise", "--duty", "read", "--json"]);
    let read = policies(&said);
    assert_eq!(read.len(), 1);
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for (action, allowed) in
        [("kms:DescribeKey", true), ("kms:DisableKey", false), ("kms:PutKeyPolicy", false)]
    {
        let line = json!({
            "id": action,
            "request": { "principal": "arn:aws:iam::111122223333:role/r", "action": action, "resource": key, "context": {} },
            "identity_policies": [read[0]["policy"]],
            "resource_policy": { "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" },
                                                "Action": "kms:*", "Resource": "*" } },
        });
        drill.file("one.jsonl", &format!("{line}\n"));
        let answer = drill.playbook(["access", "simulate", "one.jsonl"]).json();
        assert_eq!(answer["verdict"] == "Allowed", allowed, "{action}: {answer}");
    }
}

#[test]
fn a_deletion_wants_a_second_factor() {
    let drill = Drill::new();
    let said = drill.playbook(["permissions", "delete-compromised-key", "--duty", "destroy", "--json"]);
    let destroy = policies(&said);
    for (mfa, verdict) in [("true", "Allowed"), ("false", "ImplicitDeny")] {
        let line = json!({
            "id": "delete",
            "request": {
                "principal": "arn:aws:iam::111122223333:role/r", "action": "kms:ScheduleKeyDeletion",
                "resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "context": { "aws:MultiFactorAuthPresent": mfa },
            },
            "identity_policies": [destroy[0]["policy"]],
            "resource_policy": { "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" },
                                                "Action": "kms:*", "Resource": "*" } },
        });
        drill.file("one.jsonl", &format!("{line}\n"));
        assert_eq!(drill.playbook(["access", "simulate", "one.jsonl"]).json()["verdict"], verdict);
    }
}

#[test]
fn a_person_is_told_what_wants_each_action() {
    let drill = Drill::new();
    let said = drill.playbook(["permissions", "key-compromise", "--duty", "contain"]);
    said.exits(0)
        .says("CONTAIN: PlaybookKeyCompromiseContain")
        .says("kms:DisableKey")
        .says("step disable_key");
    drill.playbook(["permissions", "key-compromise", "-p", "kye=x"]).exits(2).says("did you mean `key`?");
}
