//! What all sources together say.

use super::*;

/// What is collected, about one user whose access rests on its identity policies.
fn uses(usage: &Usage, via: Via) -> Uses {
    let subject =
        Subject { name: ALICE, kind: "user", foreign: None, unique_id: Some("AIDAALICE"), role: None, via };
    usage.of(&subject, "kms:Decrypt", "us-west-2", usage.as_of())
}

fn with(accessed: &Value, key: &Value, report: &str, trail: Option<Trail>) -> Usage {
    Usage {
        key: Some(KeyUse::read(key)),
        credentials: Some(Report::read(report).unwrap()),
        trail,
        accessed: [("AIDAALICE".to_owned(), Accessed::read(&accessed.to_string()).unwrap())].into(),
    }
}

fn report(day: &str) -> Value {
    json!({ "JobStatus": "COMPLETED", "JobCompletionDate": "2026-11-25T00:00:00Z", "ServicesLastAccessed": [
        kms(&if day.is_empty() { json!({}) } else { json!({ "LastAuthenticated": day }) })] })
}

fn used_at(day: &str) -> Value {
    json!({ "KeyLastUsage": { "Operation": "Decrypt", "Timestamp": day }, "TrackingStartDate": "2025-09-01T00:00:00Z" })
}

/// Every use of the key is a use of the service, and every use of the service one of a credential:
/// what a wider source did not see did not happen.
#[test]
fn the_nearest_source_tells_the_time_and_each_one_bounds_it() {
    let alice = json!({ "type": "IAMUser", "arn": ALICE, "accountId": "111122223333" });
    let seen = |day: &str| trail(Some("2026-08-27T00:00:00Z"), &[event(day, &alice, &json!({}))]);
    let blind = || Some(trail(Some("2026-08-27T00:00:00Z"), &[]));
    let (yesterday, fresh) = ("2026-11-24T00:00:00Z", used_at("2026-11-24T12:00:00Z"));
    for (what, usage, last, bound) in [
        (
            "CloudTrail saw it, and IAM has not heard of it",
            with(&report("2026-11-20T00:00:00Z"), &fresh, REPORT, Some(seen(yesterday))),
            yesterday,
            yesterday,
        ),
        (
            "CloudTrail saw none: what the service saw was another key",
            with(&report(yesterday), &fresh, REPORT, blind()),
            "",
            "2026-08-27T00:00:00Z",
        ),
        (
            "nobody searched CloudTrail, and the access key was at KMS after IAM's report",
            with(&report("2026-11-10T00:00:00Z"), &fresh, REPORT, None),
            "2026-11-20T09:00:00Z",
            "2026-11-20T09:00:00Z",
        ),
        (
            "nobody at all used the key since",
            with(&report(yesterday), &used_at("2026-05-01T00:00:00Z"), REPORT, None),
            "",
            "2026-05-01T00:00:00Z",
        ),
        (
            "the service saw nothing, the credentials were at something else",
            with(&report(""), &fresh, &REPORT.replace(",kms,", ",s3,"), None),
            "",
            "2025-10-21T00:00:00Z",
        ),
        (
            "the credentials were at nothing for longer than the service looks back",
            with(&report(""), &fresh, "user,arn\n", None),
            "",
            "2025-10-21T00:00:00Z",
        ),
    ] {
        let uses = uses(&usage, Via::Identity);
        assert_eq!((uses.last_used().as_str(), uses.bound().as_str()), (last, bound), "{what}: {uses:#?}");
    }
}

#[test]
fn where_no_source_is_whole_nobody_is_unused() {
    let mut usage = with(&report(""), &json!({}), "user,arn\n", Some(trail(None, &[])));
    assert_eq!(uses(&usage, Via::Elsewhere).bound(), "");
    usage.accessed.clear();
    let none = uses(&usage, Via::Identity);
    assert_eq!((none.bound().as_str(), none.last_used().as_str(), none.all.len()), ("", "", 1));
    usage.accessed.insert("AROAOTHER".to_owned(), Accessed::read(&report("").to_string()).unwrap());
    assert!(uses(&usage, Via::Identity).all.iter().any(|it| it.words.contains("was not collected")));
}

/// `GetKeyLastUsage` is about cryptographic operations.
#[test]
fn that_a_key_was_not_used_says_nothing_of_its_management() {
    let usage = with(&report("2026-11-24T00:00:00Z"), &used_at("2026-05-01T00:00:00Z"), "user,arn\n", None);
    let subject = Subject {
        name: ALICE,
        kind: "user",
        foreign: None,
        unique_id: Some("AIDAALICE"),
        role: None,
        via: Via::Identity,
    };
    let of = |action| usage.of(&subject, action, "us-west-2", usage.as_of()).bound();
    assert_eq!(of("kms:PutKeyPolicy"), "2026-11-24T00:00:00Z");
    assert_eq!(of("kms:decrypt"), "2026-05-01T00:00:00Z");
}
