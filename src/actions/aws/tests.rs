//! Every operation against recorded answers: what it promises, what it sends, what it keeps,
//! and what it makes of trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

mod credentials;

use super::connect::Reach;
use super::echo::{Answer, Echo, SECRET};
use super::guard::is_reading;
use super::recorded::{self, KEY};
use crate::actions::notebook::Notebook;
use crate::actions::{Actions, Finding, Probed};
use crate::document::action::{Probe, Spec, all};
use crate::engine::{Clock as _, SystemClock};
use crate::run::{Evidence, Fault, FaultKind, Request, Verdict};

fn request(spec: &Spec) -> Request {
    let input = recorded::input(spec.name).unwrap_or_else(|| panic!("no input recorded for {}", spec.name));
    Request { action: spec.name.to_owned(), class: spec.class, input }
}

/// All but those that read records on this machine, and nothing of AWS.
fn operations() -> impl Iterator<Item = &'static Spec> {
    const LOCAL: [&str; 3] = ["evidence.verify", "access.record", "access.sign_off"];
    all().filter(|spec| spec.name.contains('.') && !LOCAL.contains(&spec.name))
}

fn spec(name: &str) -> &'static Spec {
    operations().find(|spec| spec.name == name).expect("an operation")
}

fn actions(echo: &Echo, reach: Reach) -> Actions {
    Actions::new(echo.aws(reach), BTreeMap::new(), "evidence")
}

async fn perform(echo: &Echo, name: &str, timeout: Option<Duration>) -> Finding {
    let (actions, book) = (actions(echo, Reach::Everything), Notebook::default());
    actions.perform(&request(spec(name)), &book, None, timeout).await.expect("a finding")
}

async fn fault(echo: &Echo, name: &str) -> (Fault, Evidence) {
    match perform(echo, name, None).await {
        Finding::Failed { fault, evidence } => (fault, evidence),
        done @ Finding::Done { .. } => panic!("{name} should have failed: {done:?}"),
    }
}

/// Answers as recorded, but for one operation.
fn echo_but(operation: &'static str, answer: Answer) -> Echo {
    Echo::new(move |it, _| if it == operation { answer.clone() } else { recorded::answer(it) })
}

#[tokio::test]
async fn every_operation_gives_the_outputs_that_it_promises() {
    for spec in operations() {
        let echo = Echo::new(|operation, _| recorded::answer(operation));
        match perform(&echo, spec.name, None).await {
            Finding::Done { outputs, evidence } => {
                let mut given: Vec<_> = outputs.as_object().expect("a record").keys().cloned().collect();
                let mut promised: Vec<_> = spec.outputs.iter().map(|field| field.name.to_owned()).collect();
                given.sort();
                promised.sort();
                assert_eq!(given, promised, "{}", spec.name);
                assert!(!evidence.calls.is_empty(), "{}", spec.name);
                let silent = ["kms.create_key"];
                assert_eq!(
                    evidence.before.is_null(),
                    !spec.class.changes_the_world() || silent.contains(&spec.name),
                    "{}",
                    spec.name
                );
            }
            failed @ Finding::Failed { .. } => panic!("{}: {failed:?}", spec.name),
        }
    }
}

#[tokio::test]
async fn with_readings_only_nothing_that_changes_the_world_is_sent() {
    for spec in operations() {
        let echo = Echo::new(|operation, _| recorded::answer(operation));
        let (actions, book) = (actions(&echo, Reach::Readings), Notebook::default());
        let finding = actions.perform(&request(spec), &book, None, None).await.expect("a finding");
        for sent in echo.sent() {
            let (service, operation) = sent.split_once(':').expect("an operation");
            let reading = is_reading(service, operation)
                || ["HEAD ?", "GET ?versions", "GET ?encryption", "GET ?location"].contains(&operation);
            assert!(reading, "{} sent {sent}", spec.name);
        }
        match finding {
            Finding::Done { .. } => {
                // A bucket in which nothing lies under the key is re-encrypted without a write.
                assert!(!spec.class.changes_the_world() || spec.name == "s3.reencrypt", "{}", spec.name);
            }
            Finding::Failed { fault, evidence } => {
                assert_eq!(fault.kind, FaultKind::Refused, "{}: {fault:?}", spec.name);
                assert!(spec.class.changes_the_world(), "{}: {fault:?}", spec.name);
                assert!(evidence.calls.iter().all(|call| is_reading(&call.service, &call.operation)
                    || call.error.as_deref() == Some("not sent")));
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_holds_the_bodies_and_never_the_signature() {
    let echo = Echo::new(|operation, _| recorded::answer(operation));
    let (actions, book) = (actions(&echo, Reach::Everything), Notebook::default());
    for name in ["kms.disable_key", "iam.revoke_sessions", "s3.put_bucket_encryption"] {
        actions.perform(&request(spec(name)), &book, None, None).await.expect("a finding");
    }
    assert!(book.text("kms-DisableKey-request.json").contains(KEY));
    assert!(book.text("iam-PutRolePolicy-request.txt").contains("RoleName=etl"));
    assert!(book.text("s3-PutBucketEncryption-request.txt").contains("KMSMasterKeyID"));
    for (name, bytes) in book.stored.borrow().iter() {
        let text = String::from_utf8_lossy(bytes);
        for never in [SECRET, "Signature=", "AWS4-HMAC-SHA256", "uthorization"] {
            assert!(!text.contains(never), "{name} holds {never}");
        }
    }
}

#[tokio::test]
async fn each_try_of_the_sdk_is_a_call() {
    let echo = echo_but("kms:DisableKey", Answer::error(400, "ThrottlingException"));
    let (fault, evidence) = fault(&echo, "kms.disable_key").await;
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::Throttled, Some("ThrottlingException")));
    let tries: Vec<_> = evidence.calls.iter().filter(|call| call.operation == "DisableKey").collect();
    assert_eq!(tries.iter().map(|call| call.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(
        tries
            .iter()
            .all(|call| call.status == Some(400) && call.error.as_deref() == Some("ThrottlingException"))
    );
}

#[tokio::test]
async fn what_was_not_sent_is_told_from_what_was_lost() {
    let cases = [
        ("kms:DisableKey", Answer::Unreachable, FaultKind::Unreachable),
        ("kms:DisableKey", Answer::Broken, FaultKind::Lost),
        ("kms:DisableKey", Answer::error(500, "KMSInternalException"), FaultKind::Lost),
        ("kms:DisableKey", Answer::error(400, "AccessDeniedException"), FaultKind::Denied),
        ("kms:DisableKey", Answer::error(400, "KMSInvalidStateException"), FaultKind::Rejected),
        ("kms:DisableKey", Answer::error(400, "ExpiredTokenException"), FaultKind::Unauthenticated),
        ("kms:DisableKey", Answer::error(400, "UnrecognizedClientException"), FaultKind::Unauthenticated),
        ("kms:DescribeKey", Answer::xml("<html>"), FaultKind::Unreachable),
        // A reading that breaks off has changed nothing, whatever became of it.
        ("kms:DescribeKey", Answer::Broken, FaultKind::Unreachable),
        ("kms:DescribeKey", Answer::error(500, "KMSInternalException"), FaultKind::Rejected),
    ];
    for (operation, answer, kind) in cases {
        let said = format!("{operation} {answer:?}");
        let (fault, _) = fault(&echo_but(operation, answer), "kms.disable_key").await;
        assert_eq!(fault.kind, kind, "{said}: {fault:?}");
        assert!(!fault.hints.is_empty() || kind == FaultKind::Rejected, "{said}: {fault:?}");
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_in_doubt_and_the_sdk_does_not_send_it_again() {
    for answer in [Answer::Broken, Answer::error(500, "KMSInternalException")] {
        let echo = echo_but("kms:ScheduleKeyDeletion", answer);
        let (fault, evidence) = fault(&echo, "kms.schedule_key_deletion").await;
        assert_eq!(fault.kind, FaultKind::Lost, "{fault:?}");
        let tries = evidence.calls.iter().filter(|call| call.operation == "ScheduleKeyDeletion").count();
        assert_eq!(tries, 1);
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_does_not_say_that_nothing_was_done() {
    let (fault, _) = fault(&echo_but("kms:CreateKey", Answer::xml("<html>")), "kms.create_key").await;
    assert_eq!(fault.kind, FaultKind::Lost, "{fault:?}");
}

#[tokio::test]
async fn a_key_is_never_made_twice_by_the_sdk() {
    let echo = echo_but("kms:CreateKey", Answer::error(500, "KMSInternalException"));
    let (fault, _) = fault(&echo, "kms.create_key").await;
    assert_eq!(fault.kind, FaultKind::Lost);
    assert_eq!(echo.sent().iter().filter(|it| *it == "kms:CreateKey").count(), 1);
}

#[tokio::test]
async fn a_denial_names_the_permissions_and_a_wrong_clock_is_told() {
    let (denied, _) =
        fault(&echo_but("kms:DisableKey", Answer::error(400, "AccessDeniedException")), "kms.disable_key")
            .await;
    assert!(denied.hints.iter().any(|hint| hint.contains("kms:DisableKey")), "{denied:?}");
    // The recorded Date header lies far from this machine's clock.
    let (skewed, _) = fault(
        &echo_but("kms:DescribeKey", Answer::error(400, "InvalidSignatureException")),
        "kms.disable_key",
    )
    .await;
    assert!(
        skewed.hints.iter().any(|hint| hint.contains("clock"))
            || (SystemClock.now()
                - chrono::DateTime::parse_from_rfc3339("2026-11-22T03:10:00Z").expect("a time").to_utc())
            .num_seconds()
            .abs()
                < 60,
        "{skewed:?}"
    );
}

#[tokio::test]
async fn a_step_out_of_time_knows_whether_its_write_went_out() {
    let limit = Some(Duration::from_millis(60));
    let slow = perform(&echo_but("kms:DisableKey", Answer::Silence), "kms.disable_key", limit).await;
    assert!(matches!(slow, Finding::Failed { ref fault, .. } if fault.kind == FaultKind::Lost), "{slow:?}");
    let slow = perform(&echo_but("kms:DescribeKey", Answer::Silence), "kms.disable_key", limit).await;
    assert!(
        matches!(slow, Finding::Failed { ref fault, .. } if fault.kind == FaultKind::Unreachable),
        "{slow:?}"
    );
}

#[tokio::test]
async fn an_alias_is_refused_before_anything_is_sent() {
    let takes_no_alias = operations().filter(|spec| {
        let key = spec.input("key").or_else(|| spec.input("from"));
        key.is_some_and(|key| key.kind == crate::document::action::Kind::KeyId)
            && spec.name != "s3.put_bucket_encryption"
    });
    for spec in takes_no_alias {
        let field = if spec.input("key").is_some() { "key" } else { "from" };
        for alias in ["alias/pii", "arn:aws:kms:us-east-1:111122223333:alias/pii"] {
            let echo = Echo::new(|operation, _| recorded::answer(operation));
            let mut request = request(spec);
            request.input[field] = json!(alias);
            let (actions, book) = (actions(&echo, Reach::Everything), Notebook::default());
            let finding = actions.perform(&request, &book, None, None).await.expect("a finding");
            assert!(
                matches!(finding, Finding::Failed { ref fault, .. } if fault.kind == FaultKind::Refused),
                "{}",
                spec.name
            );
            assert_eq!(echo.sent(), Vec::<String>::new(), "{}", spec.name);
        }
    }
}

#[tokio::test]
async fn the_run_does_not_saw_at_its_own_branch() {
    let echo = Echo::new(|operation, _| match operation {
        "iam:ListAccessKeys" => Answer::xml(
            "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName>me</UserName><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>",
        ),
        "sts:GetCallerIdentity" => Answer::xml(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/etl/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        other => recorded::answer(other),
    });
    let own = json!({ "access_key": "AKIAIOSFODNN7EXAMPLE", "user": "me", "status": "Inactive" });
    for (name, input) in [("iam.update_access_key", own), ("iam.revoke_sessions", json!({ "role": "etl" }))] {
        let request = Request { input, ..request(spec(name)) };
        let finding = actions(&echo, Reach::Everything)
            .perform(&request, &Notebook::default(), None, None)
            .await
            .expect("a finding");
        assert!(
            matches!(finding, Finding::Failed { ref fault, .. } if fault.kind == FaultKind::Refused),
            "{finding:?}"
        );
    }
    assert!(!echo.sent().iter().any(|sent| sent == "iam:UpdateAccessKey" || sent == "iam:PutRolePolicy"));
}

#[tokio::test]
async fn every_write_that_can_be_asked_about_is_probed_by_reading() {
    for spec in operations().filter(|spec| matches!(spec.probe, Probe::Ask(_))) {
        let echo = Echo::new(|operation, _| match operation {
            "kms:ListKeys" => Answer::json(
                r#"{"Keys":[{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}],"Truncated":false}"#,
            ),
            other => recorded::answer(other),
        });
        let since = SystemClock.now() - chrono::TimeDelta::hours(1);
        let probed = actions(&echo, Reach::Readings)
            .ask(&request(spec), since, &Notebook::default())
            .await
            .expect("an answer");
        assert!(matches!(probed, Probed::Settled { .. }), "{}: {probed:?}", spec.name);
    }
}

#[tokio::test]
async fn a_probe_that_cannot_read_leaves_the_matter_open() {
    let echo = Echo::new(|_, _| Answer::error(400, "AccessDeniedException"));
    let probed = actions(&echo, Reach::Everything)
        .ask(&request(spec("kms.disable_key")), SystemClock.now(), &Notebook::default())
        .await;
    assert!(matches!(probed, Ok(Probed::Unsettled { .. })), "{probed:?}");
}

#[tokio::test]
async fn what_stood_there_before_a_policy_outlives_an_interrupted_attempt() {
    // An earlier attempt replaced the policy and was interrupted: AWS shows what is wanted.
    let echo = Echo::new(|operation, _| recorded::answer(operation));
    let before = r#"{"Statement":[]}"#;
    let (actions, book) = (actions(&echo, Reach::Everything), Notebook::default());
    let progress = json!({ "policy_before": before });
    let finding = actions
        .perform(&request(spec("kms.put_key_policy")), &book, Some(&progress), None)
        .await
        .expect("a finding");
    assert!(
        matches!(finding, Finding::Done { ref outputs, .. } if outputs["policy_before"] == before),
        "{finding:?}"
    );
    assert_eq!(book.progress.borrow().first(), Some(&progress));
}

#[tokio::test]
async fn a_key_that_an_interrupted_attempt_made_is_not_made_again() {
    let echo = Echo::new(|operation, _| recorded::answer(operation));
    let progress = json!({ "arn": KEY });
    let (actions, book) = (actions(&echo, Reach::Everything), Notebook::default());
    actions.perform(&request(spec("kms.create_key")), &book, Some(&progress), None).await.expect("a finding");
    assert_eq!(echo.sent(), ["kms:DescribeKey", "kms:EnableKeyRotation"]);
}

#[tokio::test]
async fn a_grant_that_is_gone_needs_no_revoking() {
    let echo = echo_but("kms:RevokeGrant", Answer::error(400, "NotFoundException"));
    let finding = perform(&echo, "kms.revoke_grant", None).await;
    assert!(matches!(finding, Finding::Done { ref outputs, .. } if outputs["grantee"] == ""), "{finding:?}");
    let missing = Echo::new(|operation, _| match operation {
        "kms:RevokeGrant" | "kms:DescribeKey" => Answer::error(400, "NotFoundException"),
        other => recorded::answer(other),
    });
    assert_eq!(fault(&missing, "kms.revoke_grant").await.0.kind, FaultKind::Rejected);
}

#[tokio::test]
async fn events_are_kept_byte_for_byte_once_and_in_order() {
    let echo = Echo::new(|operation, _| recorded::answer(operation));
    let (actions, book) = (actions(&echo, Reach::Everything), Notebook::default());
    actions.perform(&request(spec("cloudtrail.lookup_events")), &book, None, None).await.expect("a finding");
    let event = |id: &str, at: &str| {
        format!(
            r#"{{"eventID":"{id}","eventTime":"{at}","eventName":"Decrypt","userIdentity":{{"accountId":"111122223333"}}}}"#
        )
    };
    let expected = [event("a", "2026-11-22T03:00:00Z"), event("b", "2026-11-22T03:00:01Z")].join("\n") + "\n";
    assert_eq!(book.text("cloudtrail-events.jsonl"), expected);
}

#[tokio::test]
async fn probes_tell_done_from_not_done() {
    let disabled = Echo::new(|operation, _| match recorded::answer(operation) {
        Answer::Said(status, kind, body) => {
            Answer::Said(status, kind, body.replace(r#""KeyState":"Enabled""#, r#""KeyState":"Disabled""#))
        }
        other => other,
    });
    let enabled = Echo::new(|operation, _| recorded::answer(operation));
    let a_minute_ago = SystemClock.now() - chrono::TimeDelta::minutes(1);
    for (echo, verdict) in [(disabled, Verdict::TookPlace), (enabled, Verdict::DidNot)] {
        let probed = actions(&echo, Reach::Everything)
            .ask(&request(spec("kms.disable_key")), a_minute_ago, &Notebook::default())
            .await;
        assert!(matches!(probed, Ok(Probed::Settled { verdict: it, .. }) if it == verdict), "{probed:?}");
    }
}
