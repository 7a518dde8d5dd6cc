use serde_json::json;

use super::accessed::Accessed;
use super::credentials::Report;
use super::key::KeyUse;
use super::trail::{Found, Question, Trail};
use super::*;

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const QUESTION: Question<'_> = Question { key: KEY, account: "111122223333", action: "kms:Decrypt" };
const ALICE: &str = "arn:aws:iam::111122223333:user/Alice";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn told(text: &str) -> Option<DateTime<Utc>> {
    Some(at(text))
}

/// The example of "GetServiceLastAccessedDetails", with KMS in place of IAM.
fn details(kms: &Value) -> String {
    json!({
        "IsTruncated": false, "JobStatus": "COMPLETED",
        "JobCreationDate": "2018-10-24T19:47:31.466Z", "JobCompletionDate": "2018-10-24T19:47:35.241Z",
        "ServicesLastAccessed": [kms, { "ServiceName": "Amazon Simple Storage Service", "ServiceNamespace": "s3",
            "TotalAuthenticatedEntities": 0 }],
    })
    .to_string()
}

fn kms(more: &Value) -> Value {
    let mut kms = json!({ "ServiceName": "AWS Key Management Service", "ServiceNamespace": "kms", "TotalAuthenticatedEntities": 1 });
    kms.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    kms
}

fn accessed(text: &str, action: &str, via: Via) -> Vec<LastUse> {
    Accessed::read(text).unwrap().uses(action, "us-west-2", via)
}

/// "GetServiceLastAccessedDetails"; "Refine permissions in AWS using last accessed
/// information", "Tracking period": at least 400 days; "Attempts reported": all attempts.
#[test]
fn the_service_was_last_tried_then_whoever_refused() {
    let text = details(&kms(
        &json!({ "LastAuthenticated": "2018-10-24T19:11:00Z", "LastAuthenticatedRegion": "us-west-2",
            "LastAuthenticatedEntity": ALICE }),
    ));
    let [one] = accessed(&text, "kms:Decrypt", Via::Identity).try_into().unwrap();
    assert_eq!((one.at, one.confidence), (told("2018-10-24T19:11:00Z"), Confidence::Service));
    assert_eq!(one.tracked_since, told("2017-09-19T19:47:35.241Z"));
    assert_eq!(one.no_later_than(), told("2018-10-24T19:11:00Z"));
    assert!(one.words.contains("refused attempts too"), "{}", one.words);
}

/// "ServiceLastAccessed": the field is null where nobody tried within the tracking period.
#[test]
fn no_attempt_since_tracking_began_is_not_never() {
    let [one] = accessed(&details(&kms(&json!({}))), "kms:Decrypt", Via::Identity).try_into().unwrap();
    assert_eq!((one.at, one.no_later_than()), (None, told("2017-09-19T19:47:35.241Z")));
    assert!(
        one.words.contains("since 2017-09-19T19:47:35Z, when tracking began, which is not never"),
        "{}",
        one.words
    );
}

/// "Access allowed by other policy types is not included in your report", and "if a Region is not
/// listed, then that Region does not yet provide last accessed information".
#[test]
fn what_iam_does_not_count_bounds_nothing() {
    let text = details(&kms(&json!({})));
    assert_eq!(accessed(&text, "kms:Decrypt", Via::Elsewhere)[0].no_later_than(), None);
    let untracked = Accessed::read(&text).unwrap().uses("kms:Decrypt", "mx-central-1", Via::Identity);
    assert_eq!(untracked[0].no_later_than(), None);
    assert!(untracked[0].words.contains("mx-central-1"));
    let role = |region| role::last_use(None, None, told("2026-11-25T00:00:00Z"), region);
    assert_eq!(role("mx-central-1").no_later_than(), None);
    assert_eq!(role("us-west-2").no_later_than(), told("2025-10-21T00:00:00Z"));
}

/// "TrackedActionLastAccessed"; "action last accessed information is not available for any data
/// plane event".
#[test]
fn a_tracked_action_is_nearer_than_its_service() {
    let text = details(&kms(&json!({ "LastAuthenticated": "2018-10-24T19:11:00Z",
        "TrackedActionsLastAccessed": [
            { "ActionName": "PutKeyPolicy", "LastAccessedTime": "2018-10-01T00:00:00Z", "LastAccessedRegion": "us-west-2" },
            { "ActionName": "CreateAlias" }] })));
    let of = |action| accessed(&text, action, Via::Identity);
    assert_eq!(of("kms:PutKeyPolicy")[0].at, told("2018-10-01T00:00:00Z"));
    assert_eq!(of("kms:PutKeyPolicy")[0].confidence, Confidence::Action);
    assert_eq!((of("kms:CreateAlias")[0].at, of("kms:CreateAlias").len()), (None, 2));
    assert_eq!(of("kms:Decrypt").iter().map(|it| it.confidence).collect::<Vec<_>>(), [Confidence::Service]);
}

#[test]
fn a_report_that_is_none_and_a_service_that_is_not_listed_say_nothing() {
    let unlisted = details(&json!({ "ServiceName": "Amazon EC2", "ServiceNamespace": "ec2" }));
    let failed = json!({ "JobStatus": "FAILED", "JobCreationDate": "2018-10-24T19:47:31Z",
        "JobCompletionDate": "2018-10-24T19:47:35Z", "ServicesLastAccessed": [],
        "Error": { "Message": "the service is unavailable", "Code": "ServiceFailure" } });
    let working = json!({ "JobStatus": "IN_PROGRESS", "JobCreationDate": "2018-10-24T19:47:31Z" });
    for (text, words) in [
        (unlisted, "none of its identity policies allows KMS"),
        (failed.to_string(), "the service is unavailable"),
        (working.to_string(), "IN_PROGRESS"),
    ] {
        let [one] = accessed(&text, "kms:Decrypt", Via::Identity).try_into().unwrap();
        assert_eq!((one.at, one.tracked_since, one.no_later_than()), (None, None, None));
        assert!(one.words.contains(words), "{}", one.words);
    }
}

#[test]
fn a_page_that_breaks_off_before_kms_is_no_answer() {
    let mut page: Value = serde_json::from_str(&details(&kms(&json!({})))).unwrap();
    page["IsTruncated"] = json!(true);
    assert!(Accessed::read(&page.to_string()).is_ok(), "KMS is on it");
    page["ServicesLastAccessed"] = json!([]);
    assert!(Accessed::read(&page.to_string()).unwrap_err().to_string().contains("--max-items"));
    for text in ["", "[]", "{}", r#"{"JobStatus":"COMPLETED","JobStatus":"COMPLETED"}"#] {
        assert!(Accessed::read(text).is_err(), "{text}");
    }
}

const REPORT: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service
<root_account>,arn:aws:iam::111122223333:root,2014-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A
Alice,arn:aws:iam::111122223333:user/Alice,2020-01-01T00:00:00+00:00,true,2026-11-01T08:00:00+00:00,2020-01-01T00:00:00+00:00,N/A,true,true,2026-01-01T00:00:00+00:00,2026-11-20T09:00:00+00:00,us-west-2,kms,true,2025-01-01T00:00:00+00:00,N/A,N/A,N/A
bob,arn:aws:iam::111122223333:user/bob,2020-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,2026-03-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A
\"a,b\",arn:aws:iam::111122223333:user/ab,2020-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A
cam,arn:aws:iam::111122223333:user/cam,2020-01-01T00:00:00+00:00,true,no_information,2026-11-01T00:00:00+00:00,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A
";

/// "Generate credential reports for your AWS account": the columns, and what stands in them where
/// there is no date. Passwords are tracked since 2014-10-20, access keys since 2015-04-22
/// ("AccessKeyLastUsed").
#[test]
fn credentials_tell_their_last_use_and_no_word_is_taken_for_a_date() {
    let report = Report::read(REPORT).unwrap();
    let of = |name: &str| report.uses(&format!("arn:aws:iam::111122223333:{name}"));
    let seen = |name| of(name).iter().map(|it| (it.at, it.confidence)).collect::<Vec<_>>();
    assert_eq!(
        seen("user/Alice"),
        [
            (told("2026-11-01T08:00:00Z"), Confidence::Anything),
            (told("2026-11-20T09:00:00Z"), Confidence::Service)
        ]
    );
    assert!(
        of("user/Alice")[1]
            .words
            .starts_with("access key 1 last used 2026-11-20T09:00:00Z with kms in us-west-2")
    );
    for (name, since, words) in [
        ("user/bob", told("2026-03-01T00:00:00Z"), "not never"),
        ("user/cam", told("2014-10-20T00:00:00Z"), "not never"),
        ("user/ab", None, "neither a password nor an access key"),
        ("root", None, "neither a password nor an access key"),
    ] {
        let [one] = of(name).try_into().unwrap();
        assert_eq!((one.at, one.no_later_than()), (None, since), "{name}");
        assert!(one.words.contains(words), "{name}: {}", one.words);
    }
    assert_eq!(of("user/nobody"), []);
}

#[test]
fn a_table_without_arns_is_no_report() {
    assert_eq!(Report::read("").unwrap_err().0, 1);
    assert_eq!(Report::read("user,arn\nana\n").unwrap_err().0, 2);
    assert!(Report::read("user,arn\n").is_ok());
}

/// "GetKeyLastUsage": present, empty and created since, empty and created before.
#[test]
fn the_key_has_three_ways_of_not_being_used() {
    let used = json!({ "KeyLastUsage": { "Operation": "Decrypt", "Timestamp": 1_767_225_600.25 },
        "TrackingStartDate": "2025-09-01T00:00:00Z", "KeyCreationDate": "2020-01-01T00:00:00Z" });
    let tracked =
        json!({ "TrackingStartDate": "2025-09-01T00:00:00Z", "KeyCreationDate": "2020-01-01T00:00:00Z" });
    let young = json!({ "KeyLastUsage": {}, "TrackingStartDate": "2025-09-01T00:00:00Z", "KeyCreationDate": "2026-01-01T00:00:00Z" });
    for (answer, bound, words) in [
        (used, told("2026-01-01T00:00:00Z"), "Decrypt at 2026-01-01T00:00:00Z"),
        (tracked, told("2025-09-01T00:00:00Z"), "which is not never"),
        (young, told("2025-09-01T00:00:00Z"), "never since it was created at 2026-01-01"),
        (json!({}), None, "an unknown date"),
    ] {
        let key = KeyUse::read(&answer);
        assert_eq!(key.no_later_than(), bound);
        assert!(key.words().contains(words), "{}", key.words());
    }
}

/// "Decrypt" of "Logging AWS KMS API calls with AWS CloudTrail", with another caller each.
fn event(at: &str, identity: &Value, more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "userIdentity": identity, "eventTime": at, "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt", "awsRegion": "us-west-2", "sourceIPAddress": "192.0.2.0", "userAgent": "AWS Internal",
        "requestParameters": { "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "keyId": KEY }, "responseElements": null,
        "eventID": "e", "readOnly": true,
        "resources": [{ "accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": KEY }],
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
    });
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({ "EventName": "Decrypt", "CloudTrailEvent": record.to_string() })
}

fn trail(start: Option<&str>, events: &[Value]) -> Trail {
    let mut answer = json!({ "Events": events });
    if let Some(start) = start {
        answer["StartTime"] = json!(start);
    }
    let found: Found = serde_json::from_value(answer).unwrap();
    let mut trail = Trail::default();
    trail.add(&found, &QUESTION);
    trail
}

/// "CloudTrail userIdentity element": IAMUser, AssumedRole, Root, FederatedUser, AWSService and
/// AWSAccount, which names nobody.
#[test]
fn a_use_is_known_by_every_name_of_the_caller() {
    let session = "arn:aws:sts::111122223333:assumed-role/etl/nightly";
    let role = "arn:aws:iam::111122223333:role/jobs/etl";
    let root = "arn:aws:iam::111122223333:root";
    let federated = "arn:aws:sts::111122223333:federated-user/dave";
    let events = [
        event(
            "2026-11-01T00:00:00Z",
            &json!({ "type": "IAMUser", "arn": ALICE, "accountId": "111122223333" }),
            &json!({}),
        ),
        event(
            "2026-11-02T00:00:00Z",
            &json!({ "type": "AssumedRole", "arn": session, "accountId": "111122223333",
            "sessionContext": { "sessionIssuer": { "type": "Role", "arn": role } }, "invokedBy": "AWS Internal" }),
            &json!({}),
        ),
        event(
            "2026-11-03T00:00:00Z",
            &json!({ "type": "Root", "arn": root, "accountId": "111122223333" }),
            &json!({}),
        ),
        event(
            "2026-11-04T00:00:00Z",
            &json!({ "type": "FederatedUser", "arn": federated, "accountId": "111122223333",
            "sessionContext": { "sessionIssuer": { "type": "IAMUser", "arn": ALICE } } }),
            &json!({}),
        ),
        event(
            "2026-11-05T00:00:00Z",
            &json!({ "type": "AWSService", "invokedBy": "rds.amazonaws.com" }),
            &json!({}),
        ),
        event(
            "2026-11-06T00:00:00Z",
            &json!({ "type": "AWSAccount", "accountId": "444455556666",
            "principalId": "AROAEXAMPLE:x" }),
            &json!({}),
        ),
    ];
    let trail = trail(Some("2026-08-27T00:00:00Z"), &events);
    let last = |name: &str, or: Option<&str>| trail.use_of(name, or, "kms:Decrypt");
    for (name, day) in
        [(ALICE, 4), (session, 2), (role, 2), (root, 3), (federated, 4), ("rds.amazonaws.com", 5)]
    {
        let use_ = last(name, None);
        assert_eq!(
            (use_.at, use_.confidence),
            (told(&format!("2026-11-{day:02}T00:00:00Z")), Confidence::Exact),
            "{name}"
        );
    }
    assert!(last(role, None).words.contains("through AWS Internal"));
    let partner = last("arn:aws:iam::444455556666:role/partner", Some("account 444455556666"));
    assert_eq!(partner.at, told("2026-11-06T00:00:00Z"));
    assert!(partner.words.contains("by somebody of account 444455556666"), "{}", partner.words);
    let nobody = last("arn:aws:iam::111122223333:user/bob", None);
    assert_eq!(nobody.no_later_than(), told("2026-08-27T00:00:00Z"));
    assert!(
        nobody.words.contains("where the search of CloudTrail begins, which is not never"),
        "{}",
        nobody.words
    );
}

#[test]
fn what_was_refused_or_is_about_another_key_or_action_is_no_use() {
    let alice = json!({ "type": "IAMUser", "arn": ALICE, "accountId": "111122223333" });
    let other = json!([{ "ARN": "arn:aws:kms:us-west-2:111122223333:key/other" }]);
    let events = [
        event("2026-11-01T00:00:00Z", &alice, &json!({ "errorCode": "AccessDenied" })),
        event("2026-11-01T00:00:00Z", &alice, &json!({ "resources": other, "requestParameters": null })),
        event("2026-11-01T00:00:00Z", &alice, &json!({ "eventName": "Encrypt" })),
        event("2026-11-01T00:00:00Z", &alice, &json!({ "eventSource": "dynamodb.amazonaws.com" })),
    ];
    let alice = trail(Some("2026-08-27T00:00:00Z"), &events).use_of(ALICE, None, "kms:Decrypt");
    assert_eq!((alice.at, alice.no_later_than()), (None, told("2026-08-27T00:00:00Z")));
}

#[test]
fn a_search_that_may_not_be_whole_bounds_nothing() {
    let alice = json!({ "type": "IAMUser", "arn": ALICE, "accountId": "111122223333" });
    let seen = event("2026-11-01T00:00:00Z", &alice, &json!({}));
    let unread = json!({ "CloudTrailEvent": "{" });
    let of = |trail: &Trail, name: &str| trail.use_of(name, None, "kms:Decrypt");
    for trail in
        [trail(None, std::slice::from_ref(&seen)), trail(Some("2026-08-27T00:00:00Z"), &[seen, unread])]
    {
        assert_eq!(
            (of(&trail, ALICE).at, of(&trail, ALICE).no_later_than()),
            (told("2026-11-01T00:00:00Z"), None)
        );
        let bob = of(&trail, "bob");
        assert_eq!((bob.at, bob.tracked_since, bob.no_later_than()), (None, None, None));
        assert!(bob.words.contains("which may not be all"), "{}", bob.words);
    }
}

mod together;
