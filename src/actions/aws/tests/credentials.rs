//! Credentials that AWS says have ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;

/// How each service says that a session has ended.
fn expired(operation: &str) -> Answer {
    let xml = |wrapped: &str| Answer::Said(403, "text/xml", wrapped.to_owned());
    match operation.split_once(':').unwrap_or_default() {
        ("s3", "HEAD ?") => Answer::Head(400, Vec::new()),
        ("s3", _) => xml("<Error><Code>ExpiredToken</Code><Message>it has expired</Message></Error>"),
        ("iam" | "sts", _) => {
            xml("<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code></Error></ErrorResponse>")
        }
        _ => Answer::error(400, "ExpiredTokenException"),
    }
}

#[tokio::test]
async fn whatever_aws_refuses_because_a_session_ended_is_sent_once_more_by_every_operation() {
    for spec in operations() {
        let times = Arc::new(Mutex::new(BTreeMap::new()));
        let counted = Arc::clone(&times);
        let echo = Echo::new(move |operation, request| {
            let body = request.body().bytes().unwrap_or_default().to_vec();
            let mut counted = counted.lock().expect("the requests");
            let times = counted.entry((request.uri().to_owned(), body)).or_insert(0);
            *times += 1;
            if *times == 1 { expired(operation) } else { recorded::answer(operation) }
        });
        let evidence = match perform(&echo, spec.name, None).await {
            Finding::Done { evidence, .. } => evidence,
            failed @ Finding::Failed { .. } => panic!("{}: {failed:#?}", spec.name),
        };
        let times = times.lock().expect("the requests");
        assert!(!times.is_empty() && times.values().all(|times| *times >= 2), "{}", spec.name);
        let refused = evidence.calls.iter().filter(|call| call.error.is_some());
        assert_eq!(refused.count(), times.len(), "{}: each is told", spec.name);
    }
}

#[tokio::test]
async fn credentials_that_are_refused_twice_are_all_that_there_are() {
    let echo = Echo::new(|operation, _| expired(operation));
    for (name, sent) in [("kms.describe_key", "kms:DescribeKey"), ("kms.create_key", "kms:CreateKey")] {
        let (fault, evidence) = fault(&echo, name).await;
        assert_eq!(fault.kind, FaultKind::Unauthenticated, "{fault:?}");
        assert!(fault.hints.iter().any(|hint| hint.contains("sign in again")), "{fault:?}");
        assert_eq!(evidence.calls.iter().map(|call| call.attempt).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(echo.sent().iter().filter(|it| *it == sent).count(), 2);
    }
}
