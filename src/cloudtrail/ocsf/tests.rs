//! Each mapped event against the schema of its class, trimmed from OCSF 1.5.0; what the
//! fields must hold against the framework's own mapping of AWS CloudTrail.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{VERSION, of};
use crate::cloudtrail::event::Event;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../tests/fixtures/ocsf-1.5.0/schema.json")).unwrap()
});

static CLASSES: LazyLock<Vec<(u64, Validator)>> = LazyLock::new(|| {
    let classes = SCHEMA["classes"].as_object().unwrap();
    let validator = |(uid, class): (&String, &Value)| {
        let mut class = class.clone();
        class["$defs"] = SCHEMA["$defs"].clone();
        (uid.parse().unwrap(), jsonschema::validator_for(&class).unwrap())
    };
    classes.iter().map(validator).collect()
});

/// The event as it is mapped, which is what its class allows.
fn mapped(event: &Value) -> Value {
    let event = Event::read(event.to_string().as_bytes()).unwrap();
    let told = of(&event, &["artifacts/a-cloudtrail-events.jsonl"]).unwrap();
    check(&told);
    told
}

#[track_caller]
fn check(told: &Value) {
    let uid = told["class_uid"].as_u64().unwrap();
    let (_, class) = CLASSES.iter().find(|(known, _)| *known == uid).unwrap();
    let faults: Vec<String> =
        class.iter_errors(told).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{told:#}");
    assert_eq!(told["type_uid"].as_u64().unwrap(), uid * 100 + told["activity_id"].as_u64().unwrap());
}

fn event(source: &str, name: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:i-1",
            "arn": "arn:aws:sts::111122223333:assumed-role/etl/i-1",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/etl", "userName": "etl"},
                "attributes": {"creationDate": "2026-11-22T01:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": "2026-11-22T03:10:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Boto3/1.34",
        "requestParameters": parameters,
        "responseElements": null,
        "requestID": "5b2f0000-0000-0000-0000-000000000001",
        "eventID": "5b2f0000-0000-0000-0000-000000000002",
        "readOnly": true,
        "resources": [{"accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": "arn:aws:kms:us-east-1:111122223333:key/k"}],
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "444455556666",
        "eventCategory": "Management",
    })
}

fn kms(name: &str) -> Value {
    event("kms.amazonaws.com", name, json!({"keyId": "alias/customer"}))
}

fn iam(name: &str, parameters: Value) -> Value {
    event("iam.amazonaws.com", name, parameters)
}

#[test]
fn an_api_activity_tells_who_did_what_to_what_from_where() {
    let told = mapped(&kms("DescribeKey"));
    assert_eq!(
        (&told["class_uid"], &told["category_uid"], &told["activity_id"]),
        (&json!(6003), &json!(6), &json!(2))
    );
    // 2026-11-22T03:10:00Z, by `date -u -d ... +%s`, in milliseconds.
    assert_eq!(told["time"], json!(1_795_317_000_000_u64));
    assert_eq!(told["metadata"]["version"], VERSION);
    assert_eq!(told["metadata"]["uid"], "5b2f0000-0000-0000-0000-000000000002");
    assert_eq!(told["metadata"]["original_time"], "2026-11-22T03:10:00Z");
    assert_eq!(told["metadata"]["log_name"], "artifacts/a-cloudtrail-events.jsonl");
    assert_eq!(told["actor"]["user"]["uid"], "arn:aws:sts::111122223333:assumed-role/etl/i-1");
    assert_eq!(told["actor"]["user"]["name"], "i-1");
    assert_eq!(told["actor"]["user"]["uid_alt"], "AROAEXAMPLE:i-1");
    assert_eq!(told["actor"]["user"]["account"]["uid"], "111122223333");
    assert_eq!(told["actor"]["user"]["credential_uid"], "ASIAEXAMPLE");
    assert_eq!(
        told["actor"]["session"],
        json!({
            "uid": "ASIAEXAMPLE", "issuer": "arn:aws:iam::111122223333:role/etl",
            // 2026-11-22T01:00:00Z
            "created_time": 1_795_309_200_000_u64, "is_mfa": false,
        })
    );
    assert_eq!(told["api"]["operation"], "DescribeKey");
    assert_eq!(told["api"]["service"]["name"], "kms.amazonaws.com");
    assert_eq!(told["api"]["request"]["uid"], "5b2f0000-0000-0000-0000-000000000001");
    assert_eq!(told["api"]["request"]["data"], json!({"keyId": "alias/customer"}));
    assert_eq!(told["cloud"]["account"]["uid"], "444455556666");
    assert_eq!((&told["cloud"]["provider"], &told["cloud"]["region"]), (&json!("AWS"), &json!("us-east-1")));
    assert_eq!(told["src_endpoint"], json!({"ip": "203.0.113.7"}));
    assert_eq!(told["http_request"]["user_agent"], "Boto3/1.34");
    assert_eq!(told["resources"][0]["uid"], "arn:aws:kms:us-east-1:111122223333:key/k");
    assert_eq!(told["resources"][0]["owner"]["account"]["uid"], "111122223333");
    assert_eq!((&told["status_id"], &told["status"]), (&json!(1), &json!("Success")));
    assert_eq!(told["unmapped"], json!({"readOnly": true, "managementEvent": true}));
}

#[test]
fn decrypting_is_neither_reading_nor_changing_a_resource_and_keeps_its_name() {
    let told = mapped(&kms("Decrypt"));
    assert_eq!((&told["activity_id"], &told["activity_name"]), (&json!(99), &json!("Decrypt")));
    assert_eq!((&told["type_uid"], &told["type_name"]), (&json!(600_399), &json!("API Activity: Other")));
}

#[test]
fn a_refused_call_is_a_failure_with_its_code() {
    let mut refused = kms("Decrypt");
    refused["errorCode"] = json!("AccessDenied");
    refused["errorMessage"] = json!("User is not authorized");
    let told = mapped(&refused);
    assert_eq!((&told["status_id"], &told["status_code"]), (&json!(2), &json!("AccessDenied")));
    assert_eq!(told["status_detail"], "User is not authorized");
    assert_eq!(
        told["api"]["response"],
        json!({"error": "AccessDenied", "error_message": "User is not authorized"})
    );
}

#[test]
fn a_service_that_calls_has_a_name_and_no_address() {
    let mut called = kms("Decrypt");
    called["userIdentity"] = json!({"type": "AWSService", "invokedBy": "s3.amazonaws.com"});
    called["sourceIPAddress"] = json!("s3.amazonaws.com");
    let told = mapped(&called);
    assert_eq!(told["src_endpoint"], json!({"domain": "s3.amazonaws.com", "svc_name": "s3.amazonaws.com"}));
    assert_eq!(told["actor"]["app_name"], "s3.amazonaws.com");
    assert_eq!(told["actor"]["user"]["type_id"], 3);
    called["sourceIPAddress"] = json!("AWS Internal");
    assert_eq!(mapped(&called)["src_endpoint"], json!({"name": "AWS Internal"}));
    called["sourceIPAddress"] = json!("2001:db8::7");
    assert_eq!(mapped(&called)["src_endpoint"], json!({"ip": "2001:db8::7"}));
}

#[test]
fn a_session_that_begins_is_an_authentication() {
    let role = json!({"roleArn": "arn:aws:iam::111122223333:role/path/recovery", "roleSessionName": "x"});
    let told = mapped(&event("sts.amazonaws.com", "AssumeRole", role.clone()));
    assert_eq!((&told["class_uid"], &told["type_uid"]), (&json!(3002), &json!(300_201)));
    assert_eq!(told["user"]["uid"], "arn:aws:iam::111122223333:role/path/recovery");
    assert_eq!(told["user"]["name"], "recovery");
    assert_eq!(told["service"]["name"], "sts.amazonaws.com");
    assert_eq!(told["is_mfa"], false);
    assert_eq!(mapped(&event("sts.amazonaws.com", "AssumeRoleWithSAML", role))["auth_protocol_id"], 5);
    assert_eq!(mapped(&event("sts.amazonaws.com", "GetCallerIdentity", Value::Null))["class_uid"], 6003);

    let mut console = event("signin.amazonaws.com", "ConsoleLogin", Value::Null);
    console["userIdentity"] =
        json!({"type": "Root", "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:root"});
    console["responseElements"] = json!({"ConsoleLogin": "Failure"});
    console["additionalEventData"] = json!({"MFAUsed": "Yes"});
    let told = mapped(&console);
    assert_eq!((&told["class_uid"], &told["status"]), (&json!(3002), &json!("Failure")));
    assert_eq!((&told["is_mfa"], &told["user"]["name"]), (&json!(true), &json!("root")));
    assert_eq!(
        (&told["user"]["type_id"], &told["unmapped"]["additionalEventData"]["MFAUsed"]),
        (&json!(2), &json!("Yes"))
    );
}

#[test]
fn changes_of_people_groups_and_policies_have_classes_of_their_own() {
    for (name, parameters, type_uid) in [
        ("CreateUser", json!({"userName": "eve"}), 300_101),
        ("DeleteRole", json!({"roleName": "etl"}), 300_106),
        ("PutRolePolicy", json!({"roleName": "etl", "policyName": "p", "policyDocument": "{}"}), 300_107),
        (
            "DetachUserPolicy",
            json!({"userName": "eve", "policyArn": "arn:aws:iam::aws:policy/Admin"}),
            300_108,
        ),
        ("CreateAccessKey", json!({"userName": "eve"}), 300_199),
        ("CreatePolicy", json!({"policyName": "p"}), 300_401),
        ("CreatePolicyVersion", json!({"policyArn": "arn:aws:iam::111122223333:policy/p"}), 300_403),
        ("AddUserToGroup", json!({"userName": "eve", "groupName": "admins"}), 300_603),
        (
            "AttachGroupPolicy",
            json!({"groupName": "admins", "policyArn": "arn:aws:iam::aws:policy/Admin"}),
            300_601,
        ),
        // An unnamed user, and a call that only looks, stay what every call is.
        ("CreateUser", Value::Null, 600_301),
        ("GetUser", json!({"userName": "eve"}), 600_302),
    ] {
        let told = mapped(&iam(name, parameters));
        assert_eq!(told["type_uid"], json!(type_uid), "{name}");
    }
    let told =
        mapped(&iam("PutRolePolicy", json!({"roleName": "etl", "policyName": "p", "policyDocument": "{}"})));
    assert_eq!((&told["user"]["name"], &told["policies"][0]["name"]), (&json!("etl"), &json!("p")));
    assert_eq!(told["unmapped"]["resources"][0]["type"], "AWS::KMS::Key", "nothing is lost");
}

#[test]
fn a_grant_gives_privileges_to_its_grantee() {
    let grant = json!({"keyId": "k", "granteePrincipal": "arn:aws:iam::999988887777:root", "operations": ["Decrypt", "CreateGrant"]});
    let told = mapped(&event("kms.amazonaws.com", "CreateGrant", grant));
    assert_eq!(told["type_uid"], 300_501);
    assert_eq!(told["user"]["uid"], "arn:aws:iam::999988887777:root");
    assert_eq!(told["privileges"], json!(["Decrypt", "CreateGrant"]));
    assert_eq!(mapped(&kms("CreateGrant"))["class_uid"], 6003, "refused before anything was told");
}

#[test]
fn an_event_without_a_time_cannot_be_told_and_one_with_nothing_else_can() {
    let read = |text: &str| Event::read(text.as_bytes()).unwrap();
    assert!(of(&read(r#"{"eventName":"Decrypt"}"#), &[]).is_none());
    assert!(of(&read(r#"{"eventTime":"yesterday"}"#), &[]).is_none());
    mapped(&json!({"eventTime": "2026-11-22T03:10:00Z"}));
    check(&of(&read(r#"{"eventTime":"2026-11-22T03:10:00Z"}"#), &[]).unwrap());
}

/// Values as foreign as JSON allows.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("arn:aws:iam::1:role/")),
        Just(json!("::::")),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("(arn|ARN|userName|type|roleArn|attributes)", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Any field may hold anything: what comes out is what the class allows all the same.
    #[test]
    fn whatever_a_field_holds_what_is_told_fits_the_schema(
        source in prop::sample::select(vec!["iam.amazonaws.com", "sts.amazonaws.com", "kms.amazonaws.com", "x"]),
        name in prop::sample::select(vec![
            "CreateUser", "CreateAccessKey", "AssumeRole", "CreateGrant", "CreatePolicy", "AddUserToGroup", "Decrypt",
        ]),
        fields in prop::collection::vec((0_usize..18, anything()), 0..6),
    ) {
        let mut odd = event(source, name, json!({"userName": "eve"}));
        let names: Vec<String> = odd.as_object().unwrap().keys().cloned().collect();
        for (at, value) in fields {
            if names[at] != "eventTime" {
                odd[&names[at]] = value;
            }
        }
        mapped(&odd);
    }
}
