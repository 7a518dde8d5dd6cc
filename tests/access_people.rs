//! Who belongs to the population of a key in special places, and what is known of them.

use serde_json::{Value, json};

use crate::support::Drill;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OURS: &str = "111122223333";
const THEIRS: &str = "444455556666";
const ANYBODY: &str = "* (anybody in any other account)";

fn role(name: &str, path: &str, policy: Option<Value>) -> Value {
    let policies: Vec<_> =
        policy.into_iter().map(|it| json!({"PolicyName": "own", "PolicyDocument": it})).collect();
    json!({"RoleName": name, "RoleId": format!("AROA{name}"), "Arn": format!("arn:aws:iam::{OURS}:role{path}{name}"),
           "RolePolicyList": policies, "AttachedManagedPolicies": []})
}

fn everything(effect: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": "*", "Resource": "*"}]})
}

/// A key with this policy, and an account of two roles.
fn drill(statements: &Value) -> Drill {
    let drill = Drill::new();
    let roles = json!([
        role("app", "/service/", Some(everything("Allow"))),
        role("AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/", None),
    ]);
    drill.file(
        "data/authorization-details.json",
        &json!({"UserDetailList": [], "RoleDetailList": roles}).to_string(),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    drill.file("data/key-policy.json", &json!({"Policy": policy.to_string()}).to_string());
    drill.file(
        "data/describe-key.json",
        &json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}).to_string(),
    );
    for (name, text) in [("grants", r#"{"Grants": []}"#), ("scps", "[]"), ("rcps", "[]")] {
        drill.file(&format!("data/{name}.json"), text);
    }
    drill
}

fn to(principal: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*", "Condition": condition})
}

#[track_caller]
fn found(drill: &Drill, name: &str) -> Value {
    let said = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", KEY, "--data", "data", "--json"]);
    let review = said.exits(0).json();
    let found = review["principals"].as_array().unwrap().iter().find(|one| one["principal"] == name).cloned();
    found.unwrap_or_else(|| panic!("{name} is not in {review:#}"))
}

/// "kms:CallerAccount", and the policies of AWS managed keys: `*` means those of one account.
#[test]
fn anybody_is_of_another_account_and_of_no_certain_one() {
    let of = |accounts: &Value| json!({"StringEquals": {"kms:CallerAccount": accounts}});
    let ours = drill(&json!([to("*", &of(&json!(OURS)))]));
    assert_eq!(found(&ours, ANYBODY)["verdict"], "ImplicitDeny");
    assert_eq!(found(&ours, &format!("arn:aws:iam::{OURS}:role/service/app"))["verdict"], "Allowed");
    for accounts in [json!(THEIRS), json!([OURS, THEIRS])] {
        let theirs = found(&drill(&json!([to("*", &of(&accounts))])), ANYBODY);
        assert_eq!(theirs["verdict"], "Unknown", "{theirs:#}");
        assert!(theirs["because"].to_string().contains("key policy"), "{theirs:#}");
    }
    let all = json!([to("*", &json!({})), {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OURS}}}]);
    assert_eq!(found(&drill(&all), ANYBODY)["verdict"], "ExplicitDeny");
}

/// "Service control policies", "Resource control policies (RCPs)": neither restricts
/// service-linked roles, whose sessions do not show the path by which they are known.
#[test]
fn sessions_of_service_linked_roles_are_not_restricted() {
    let session = format!("arn:aws:sts::{OURS}:assumed-role/AWSServiceRoleForX/run");
    let drill = drill(&json!([to(&session, &json!({}))]));
    drill.file("data/scps.json", &json!([[everything("Deny")]]).to_string());
    let one = found(&drill, &session);
    assert_eq!(one["verdict"], "Allowed", "{one:#}");
    assert!(one["origin"].as_str().unwrap().contains("upper bound"), "{one:#}");
    let app = format!("arn:aws:iam::{OURS}:role/service/app");
    assert_eq!(found(&drill, &app)["verdict"], "ExplicitDeny");
}

/// "Policy evaluation for requests within a single account": whoever opened the session of a
/// federated user has policies that may deny.
#[test]
fn a_federated_user_is_unknown_for_its_policies_are() {
    let federated = format!("arn:aws:sts::{OURS}:federated-user/guest");
    let one = found(&drill(&json!([to(&federated, &json!({}))])), &federated);
    assert_eq!(one["verdict"], "Unknown", "{one:#}");
}

/// "Resource control policies in AWS KMS": they do not apply to AWS managed keys.
#[test]
fn keys_that_aws_manages_know_no_resource_control_policies() {
    let app = format!("arn:aws:iam::{OURS}:role/service/app");
    for (manager, verdict) in [("CUSTOMER", "ExplicitDeny"), ("AWS", "Allowed")] {
        let drill = drill(&json!([to(&app, &json!({}))]));
        let deny = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]});
        drill.file("data/rcps.json", &json!([[deny]]).to_string());
        let metadata = json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled", "KeyManager": manager}});
        drill.file("data/describe-key.json", &metadata.to_string());
        assert_eq!(found(&drill, &app)["verdict"], verdict);
    }
}

/// "Allowing users in other accounts to use a KMS key": to manage it is not among what works.
#[test]
fn nobody_of_another_account_gives_the_key_to_itself_by_its_policy() {
    let partner = format!("arn:aws:iam::{THEIRS}:role/partner");
    let one = found(&drill(&json!([to(&partner, &json!({}))])), &partner);
    assert_eq!(one["could_give_it_to_itself"], json!(["kms:CreateGrant"]), "{one:#}");
}
