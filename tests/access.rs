//! `playbook access`: requests against given policies, and who can use a key.

use serde_json::{Value, json};

use crate::support::{Account, Drill};

pub const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn line(id: &str, effect: &str) -> String {
    json!({
        "id": id,
        "request": {"principal": "arn:aws:iam::111122223333:user/ana", "action": "kms:Decrypt", "resource": KEY},
        "resource_policy": {"Statement": {"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"}},
    })
    .to_string()
}

#[test]
fn every_line_is_answered_by_a_line() {
    let drill = Drill::new();
    drill.file("requests.jsonl", &format!("{}\n\n{}\n", line("a", "Allow"), line("b", "Deny")));
    let said = drill.playbook(["access", "simulate", "requests.jsonl"]);
    said.exits(0);
    let answers: Vec<Value> = said.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["id"], &answers[0]["verdict"]), (&json!("a"), &json!("Allowed")));
    assert_eq!((&answers[1]["id"], &answers[1]["verdict"]), (&json!("b"), &json!("ExplicitDeny")));
    assert_eq!(answers[1]["because"][0]["statement"], "statement 1");
    let names: Vec<_> = answers[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "verdict", "conditions", "because"]);
}

#[test]
fn a_broken_line_is_named_and_the_others_are_answered() {
    let drill = Drill::new();
    drill.file("requests.jsonl", &format!("{}\n{{\"id\": 1\n{}", line("a", "Allow"), line("c", "Allow")));
    let said = drill.playbook(["access", "simulate", "requests.jsonl"]);
    said.exits(1).says("requests.jsonl:2:").says("1 line could not be answered");
    assert_eq!(said.stdout().lines().count(), 2);
}

#[test]
fn requests_come_from_standard_input_too() {
    let drill = Drill::new();
    let file = drill.file("requests.jsonl", &line("a", "Allow"));
    let mut command = drill.command(["access", "simulate", "-"]);
    let output = command.stdin(std::fs::File::open(file).unwrap()).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"verdict\":\"Allowed\""));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    Drill::new().playbook(["access", "simulate", "gone.jsonl"]).exits(1).says("gone.jsonl").says("hint");
}

/// The default key policy, one role that is named, a partner, a service and somebody gone.
fn key_policy() -> Value {
    let to = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Enable IAM User Permissions", "Effect": "Allow",
         "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        to(json!({"AWS": ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:role/partner"]})),
        to(json!({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})),
        to(json!({"Service": "backup.amazonaws.com"})),
    ]});
    json!({"PolicyName": "default", "Policy": document.to_string()})
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
}

fn user(name: &str, policy: Option<Value>) -> Value {
    let policies: Vec<_> =
        policy.into_iter().map(|document| json!({"PolicyName": "own", "PolicyDocument": document})).collect();
    json!({"UserName": name, "UserId": format!("AIDA{name}"), "Arn": format!("arn:aws:iam::111122223333:user/{name}"),
           "Path": "/", "UserPolicyList": policies, "GroupList": [], "AttachedManagedPolicies": []})
}

fn details(truncated: bool) -> Value {
    json!({
        "UserDetailList": [
            user("ana", Some(allow("kms:*", "*"))),
            user("bob", Some(allow("s3:*", "*"))),
            user("eve", Some(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/app"))),
            user("kim", None),
        ],
        "GroupDetailList": [],
        "RoleDetailList": [{"RoleName": "app", "RoleId": "AROAAPP", "Arn": "arn:aws:iam::111122223333:role/app", "Path": "/",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"AWS": "111122223333", "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "RolePolicyList": [], "AttachedManagedPolicies": [],
            "RoleLastUsed": {"LastUsedDate": "2026-06-01T00:00:00Z", "Region": "eu-west-1"}}],
        "Policies": [],
        "IsTruncated": truncated,
    })
}

pub fn collected() -> Drill {
    let drill = Drill::new();
    drill.file("data/authorization-details.json", &details(false).to_string());
    drill.file("data/key-policy.json", &key_policy().to_string());
    drill.file(
        "data/describe-key.json",
        &json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Disabled", "KeySpec": "SYMMETRIC_DEFAULT"}})
            .to_string(),
    );
    drill.file(
        "data/grants.json",
        &json!({"Grants": [{"KeyId": KEY, "GrantId": "g1", "Operations": ["Decrypt"],
        "GranteePrincipal": "arn:aws:iam::111122223333:user/bob",
        "Constraints": {"EncryptionContextSubset": {"team": "hr"}}}], "Truncated": false})
        .to_string(),
    );
    drill.file("data/scps.json", "[]");
    drill.file("data/rcps.json", "[]");
    drill
}

fn who_can(drill: &Drill, key: &str, more: &[&str]) -> crate::support::Said {
    drill.playbook([&["access", "who-can", "kms:Decrypt", "--key", key, "--data", "data"], more].concat())
}

fn verdict_of(review: &Value, name: &str) -> String {
    let found = review["principals"].as_array().unwrap().iter().find(|one| one["principal"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {review:#}"))["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn everybody_gets_an_answer_and_the_population_adds_up() {
    let drill = collected();
    let said = who_can(&drill, KEY, &["--json"]);
    said.exits(0);
    let review = said.json();
    for (name, verdict) in [
        ("arn:aws:iam::111122223333:root", "Allowed"),
        ("arn:aws:iam::111122223333:user/ana", "Allowed"),
        ("arn:aws:iam::111122223333:user/bob", "AllowedIf"),
        ("arn:aws:iam::111122223333:user/eve", "ImplicitDeny"),
        ("arn:aws:iam::111122223333:user/kim", "ImplicitDeny"),
        ("arn:aws:iam::111122223333:role/app", "Allowed"),
        ("backup.amazonaws.com", "Allowed"),
        ("arn:aws:iam::444455556666:role/partner", "Unknown"),
    ] {
        assert_eq!(verdict_of(&review, name), verdict, "{name}");
    }
    assert_eq!(review["population"], json!({"total": 9, "reviewed": 7, "excluded": 1, "unknown": 1}));
    assert_eq!(review["excluded"][0]["principal"], "AIDACKCEVSQ6C2EXAMPLE");
    assert_eq!(review["key"]["dormant"], true);
}

#[test]
fn a_person_reads_how_and_who_gets_there_by_a_role() {
    let drill = collected();
    who_can(&drill, "1234abcd-12ab-34cd-56ef-1234567890ab", &[])
        .exits(0)
        .says("the key is dormant: Disabled")
        .says("if kms:EncryptionContext:team is `hr`")
        .says("allow identity policies: own, statement 1")
        .says("could give it to itself: kms:PutKeyPolicy, kms:CreateGrant")
        .says("can be assumed by arn:aws:iam::111122223333:user/eve (Allowed)")
        .says("can be assumed by ec2.amazonaws.com (Allowed)")
        .says("role last used 2026-06-01T00:00:00Z")
        .says("an orphan")
        .says("9 principals: 7 reviewed (4 allowed, 1 allowed if, 2 denied), 1 excluded, 1 unknown")
        .never_says("user/kim");
}

#[test]
fn what_is_missing_is_told_and_makes_verdicts_unknown_where_it_matters() {
    let drill = collected();
    std::fs::remove_file(drill.path().join("data/grants.json")).unwrap();
    let said = who_can(&drill, KEY, &["--json"]);
    said.exits(0).says("grants.json is not there");
    let review = said.json();
    assert_eq!(verdict_of(&review, "arn:aws:iam::111122223333:user/kim"), "Unknown");
    assert_eq!(verdict_of(&review, "arn:aws:iam::111122223333:user/ana"), "Allowed");
    std::fs::remove_file(drill.path().join("data/scps.json")).unwrap();
    let review = who_can(&drill, KEY, &["--json"]).json();
    assert_eq!(verdict_of(&review, "arn:aws:iam::111122223333:user/ana"), "Unknown");
    assert_eq!(verdict_of(&review, "backup.amazonaws.com"), "Allowed");
}

#[test]
fn an_interrupted_or_broken_collection_fails() {
    let drill = collected();
    drill.file("data/authorization-details.json", &details(true).to_string());
    who_can(&drill, KEY, &[]).exits(1).says("break off").says("hint");
    std::fs::remove_file(drill.path().join("data/authorization-details.json")).unwrap();
    who_can(&drill, KEY, &[]).exits(1).says("authorization-details.json is not there");
    drill.file("data/authorization-details-1.json", &details(true).to_string());
    drill.file("data/authorization-details-3.json", &details(false).to_string());
    who_can(&drill, KEY, &[]).exits(1).says("break off");
    drill.file("data/authorization-details-2.json", "{\"UserDetailList\": [{\"UserName\": ");
    who_can(&drill, KEY, &[]).exits(1).says("authorization-details-2.json:1:");
    let drill = collected();
    drill.file("data/grants.json", "[}");
    who_can(&drill, KEY, &[]).exits(1).says("grants.json:1:2");
    who_can(&drill, "0000abcd-12ab-34cd-56ef-1234567890ab", &[]).exits(1).says("is about");
}

#[test]
fn only_single_actions_of_kms_are_asked_for() {
    let drill = collected();
    for action in ["Decrypt", "kms:*", "s3:GetObject", "kms:"] {
        drill
            .playbook(["access", "who-can", action, "--key", KEY, "--data", "data"])
            .exits(2)
            .says("kms:Decrypt");
    }
}

#[test]
fn without_a_folder_aws_has_to_be_reachable() {
    let drill = Drill::new();
    drill.playbook(["access", "who-can", "kms:Decrypt", "--key", KEY]).exits(1).says("--region");
}

/// Expectations are those of the account's makers: who is in the key policy, who holds grants.
#[test]
fn aws_is_asked_where_no_folder_is_given() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/alias");
    let said = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", &key, "--json"]);
    said.exits(0);
    let review = said.json();
    for (name, verdict) in [
        (account.fact("/users/ci-deploy/arn"), "Allowed"),
        (account.fact("/users/former-contractor/arn"), "Allowed"),
        (format!("arn:aws:iam::{}:role/etl-nightly", account.id()), "Allowed"),
        ("rds.us-east-1.amazonaws.com".to_owned(), "AllowedIf"),
        ("arn:aws:iam::999988887777:role/data-sync".to_owned(), "Unknown"),
    ] {
        assert_eq!(verdict_of(&review, &name), verdict, "{name}");
    }
    assert_eq!(review["key"]["arn"], account.fact("/key/arn"));
    assert_eq!(review["missing"], json!([]));
    let writes = account.operations().into_iter().filter(|name| {
        // IAM writes its reports for itself.
        !["Describe", "Get", "List", "GenerateCredentialReport", "GenerateServiceLastAccessedDetails"]
            .iter()
            .any(|reading| name.split(':').nth(1).is_some_and(|name| name.starts_with(reading)))
    });
    assert_eq!(writes.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_page_that_does_not_come_ends_the_collection() {
    let account = Account::fresh();
    account.inject(json!({ "service": "iam", "operation": "GetAccountAuthorizationDetails",
        "kind": "access_denied", "times": -1 }));
    let drill = Drill::on(&account);
    let key = account.fact("/key/alias");
    drill
        .playbook(["access", "who-can", "kms:Decrypt", "--key", &key])
        .exits(1)
        .says("GetAccountAuthorizationDetails");
}
