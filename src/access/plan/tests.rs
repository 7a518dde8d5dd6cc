use std::collections::BTreeMap;
use std::convert::Infallible;

use serde_json::{Value, json};

use super::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const APP: &str = "arn:aws:iam::111122223333:role/app";
const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";

#[derive(Default)]
struct Folder(BTreeMap<String, Value>);

impl Files for Folder {
    type Error = Infallible;

    fn text(&self, name: &str) -> Result<Option<String>, Infallible> {
        Ok(self.0.get(name).map(Value::to_string))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, Infallible> {
        let inside = |name: &String| Some(name.strip_prefix(folder)?.strip_prefix('/')?.to_owned());
        Ok(self.0.keys().filter_map(inside).collect())
    }
}

fn allow(action: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": KEY })
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn admin() -> Value {
    json!({ "RoleName": "admin", "RoleId": "AROAADMIN", "Arn": ADMIN, "AttachedManagedPolicies": [],
        "RolePolicyList": [{ "PolicyName": "admin", "PolicyDocument": document(&[allow("kms:*")]) }] })
}

fn delegating() -> Value {
    json!({ "Sid": "EnableIAM", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
        "Action": "kms:*", "Resource": "*" })
}

/// An account with an administrator, and with whatever else a test brings.
fn folder(users: Value, roles: &[Value], more: &Value, key_policy: &[Value], grants: Value) -> Folder {
    let mut folder = Folder::default();
    let roles: Vec<_> = roles.iter().cloned().chain([admin()]).collect();
    let mut page = json!({ "UserDetailList": users, "RoleDetailList": roles, "IsTruncated": false });
    page.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    folder.0.insert("authorization-details.json".into(), page);
    folder.0.insert("key-policy.json".into(), json!({ "Policy": document(key_policy).to_string() }));
    folder
        .0
        .insert("describe-key.json".into(), json!({ "KeyMetadata": { "Arn": KEY, "KeyState": "Enabled" } }));
    folder.0.insert("grants.json".into(), json!({ "Grants": grants, "Truncated": false }));
    folder.0.insert("scps.json".into(), json!([]));
    folder.0.insert("rcps.json".into(), json!([]));
    folder
}

fn planned(folder: &Folder, principals: &[&str]) -> Plan {
    let principals: Vec<_> = principals.iter().map(|one| (*one).to_owned()).collect();
    plan(folder, KEY, "kms:Decrypt", &principals).expect("a plan")
}

fn ana(inline: &[Value], more: Value) -> Value {
    let inline: Vec<_> = inline
        .iter()
        .enumerate()
        .map(|(at, document)| json!({ "PolicyName": format!("own-{at}"), "PolicyDocument": document }))
        .collect();
    let mut user = json!({ "UserName": "ana", "UserId": "AIDAANA", "Arn": ANA, "UserPolicyList": inline });
    user.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!([user])
}

#[test]
fn an_inline_policy_about_nothing_else_is_deleted() {
    let users = ana(&[document(&[allow("kms:Decrypt")])], json!({}));
    let plan = planned(&folder(users, &[], &json!({}), &[delegating()], json!([])), &[ANA]);
    assert_eq!(
        plan.edits,
        [Edit::PutInline {
            principal: ANA.into(),
            name: "own-0".into(),
            document: None,
            before: Some(document(&[allow("kms:Decrypt")])),
            also: vec![],
        }]
    );
    assert_eq!((plan.outcomes[0].before, plan.outcomes[0].after), (Verdict::Allowed, Verdict::ImplicitDeny));
    assert!(plan.outcomes[0].flips());
    assert_eq!(plan.refusal, None);
}

#[test]
fn an_inline_policy_keeps_its_other_statements_and_says_what_goes_with_the_one() {
    let other = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
    let users = ana(&[document(&[allow("kms:*"), other.clone()])], json!({}));
    let plan = planned(&folder(users, &[], &json!({}), &[delegating()], json!([])), &[ANA]);
    let [Edit::PutInline { document: Some(document), also, .. }] = &plan.edits[..] else {
        panic!("{:?}", plan.edits)
    };
    assert_eq!(document["Statement"], json!([other]));
    assert_eq!(also, &[format!("kms:* on {KEY}")]);
    assert!(plan.outcomes[0].flips());
}

#[test]
fn a_document_in_percent_encoding_is_read_too() {
    let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22kms%3ADecrypt%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    let users = ana(&[json!(encoded)], json!({}));
    let plan = planned(&folder(users, &[], &json!({}), &[delegating()], json!([])), &[ANA]);
    assert!(plan.outcomes[0].flips());
    assert_eq!(plan.edits.len(), 1);
}

#[test]
fn a_shared_policy_is_detached_and_one_of_its_own_gets_a_new_version() {
    let other = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
    for (count, own) in [(1, true), (2, false)] {
        let arn = "arn:aws:iam::111122223333:policy/data";
        let versions = json!([{ "VersionId": "v3", "IsDefaultVersion": true,
            "Document": document(&[allow("kms:Decrypt"), other.clone()]) }]);
        let policies = json!({ "Policies": [{ "PolicyName": "data", "Arn": arn, "AttachmentCount": count,
            "PolicyVersionList": versions }] });
        let users =
            ana(&[], json!({ "AttachedManagedPolicies": [{ "PolicyName": "data", "PolicyArn": arn }] }));
        let plan = planned(&folder(users, &[], &policies, &[delegating()], json!([])), &[ANA]);
        match &plan.edits[..] {
            [Edit::PutVersion { document, .. }] if own => assert_eq!(document["Statement"], json!([other])),
            [Edit::DetachPolicy { policy, also, .. }] if !own => {
                assert_eq!(policy, arn);
                assert_eq!(also, &["s3:GetObject on *"]);
            }
            edits => panic!("{edits:?}"),
        }
        assert!(plan.outcomes[0].flips());
    }
}

#[test]
fn a_group_is_left_and_stays_as_it_is_for_the_others() {
    let groups = json!({ "GroupDetailList": [{ "GroupName": "readers", "AttachedManagedPolicies": [],
        "GroupPolicyList": [{ "PolicyName": "read", "PolicyDocument": document(&[allow("kms:Decrypt")]) }] }] });
    let users = ana(&[], json!({ "GroupList": ["readers"] }));
    let plan = planned(&folder(users, &[], &groups, &[delegating()], json!([])), &[ANA]);
    assert_eq!(plan.edits, [Edit::LeaveGroup { user: ANA.into(), group: "readers".into(), also: vec![] }]);
    assert!(plan.outcomes[0].flips());
}

#[test]
fn names_go_out_of_the_key_policy_in_one_edit_and_grants_are_revoked() {
    let use_of_key = json!({ "Sid": "Use", "Effect": "Allow", "Principal": { "AWS": [ANA, APP, ADMIN] },
        "Action": "kms:Decrypt", "Resource": "*" });
    let app = json!({ "RoleName": "app", "RoleId": "AROAAPP", "Arn": APP });
    let grants = json!([{ "KeyId": KEY, "GrantId": "g1", "GranteePrincipal": APP, "Operations": ["Decrypt"] },
        { "KeyId": KEY, "GrantId": "g2", "GranteePrincipal": ADMIN, "Operations": ["Decrypt"] }]);
    let folder = folder(ana(&[], json!({})), &[app], &json!({}), &[delegating(), use_of_key], grants);
    let plan = planned(&folder, &[ANA, APP]);
    let [Edit::PutKeyPolicy { document: after, before, .. }, Edit::RevokeGrant { grant, .. }] =
        &plan.edits[..]
    else {
        panic!("{:?}", plan.edits)
    };
    assert_eq!(after["Statement"][1]["Principal"]["AWS"], json!([ADMIN]));
    assert_eq!(before["Statement"][1]["Principal"]["AWS"], json!([ANA, APP, ADMIN]));
    assert_eq!(grant, "g1");
    assert!(plan.outcomes.iter().all(Outcome::flips));
}

#[test]
fn what_names_everybody_is_left_to_a_person() {
    let everybody = json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" });
    let users = ana(&[], json!({}));
    let plan = planned(&folder(users, &[], &json!({}), &[delegating(), everybody], json!([])), &[ANA]);
    assert!(plan.edits.is_empty());
    assert!(!plan.outcomes[0].flips());
    assert!(plan.outcomes[0].obstacles[0].starts_with("still: allow resource policy"), "{:?}", plan.outcomes);
}

#[test]
fn a_key_is_not_left_without_an_administrator() {
    let plan = planned(&folder(json!([]), &[], &json!({}), &[delegating()], json!([])), &[ADMIN]);
    assert!(plan.refusal.is_some_and(|why| why.contains("kms:PutKeyPolicy")));
}

#[test]
fn the_undo_of_an_edit_leads_back() {
    let edit = Edit::PutKeyPolicy { key: KEY.into(), document: json!(1), before: json!(2), also: vec![] };
    assert_eq!(edit.undo().undo(), edit);
    let detach = Edit::DetachPolicy { principal: ANA.into(), policy: "p".into(), also: vec![] };
    assert_eq!(detach.undo(), Edit::AttachPolicy { principal: ANA.into(), policy: "p".into() });
    assert_eq!(detach.undo().undo(), detach);
}
