//! Addresses, waits and signatures, against what their specifications say.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};

use super::address::{Settings, guarded_url};
use super::reach::{self, Reach};
use super::{Means, everybody, post, webhook};
use crate::actions::aws::{Aws, Options};
use crate::actions::notebook::Notebook;
use crate::document::action::Class;
use crate::run::Request;

#[test]
fn messages_go_over_tls_or_to_this_machine() {
    for fine in
        ["https://hooks.example.com/a", "http://127.0.0.1:80/x", "http://localhost/", "http://[::1]:9/x"]
    {
        assert!(guarded_url("url", fine).is_ok(), "{fine}");
    }
    for foul in [
        "http://example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/",
        "https://",
        "https://a b",
        "hooks.example.com",
        "",
    ] {
        let why = guarded_url("url", foul).expect_err(foul);
        assert!(foul.is_empty() || !why.contains("example"), "the URL may be a secret: {why}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    // RFC 9110, section 10.2.3, and its example of a date.
    let now = DateTime::parse_from_rfc3339("1999-12-31T23:59:29Z").unwrap().to_utc();
    assert_eq!(post::wait("120", now), Some(Duration::from_mins(2)));
    assert_eq!(post::wait("Fri, 31 Dec 1999 23:59:59 GMT", now), Some(Duration::from_secs(30)));
    assert_eq!(post::wait("Fri, 31 Dec 1999 23:59:00 GMT", now), None);
    assert_eq!(post::wait("soon", now), None);
    assert_eq!(post::wait("99999999999", now), Some(Duration::from_hours(1)), "nobody waits for ever");
}

#[test]
fn the_signature_is_that_of_rfc_4231() {
    // Test case 2.
    let signature = webhook::signature(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

fn request(channel: Value) -> Request {
    let input = json!({
        "to": ["x"], "subject": "Schlüssel\nweg", "message": "m", "event": "trigger", "severity": "info",
        "about": "a", "run": "RUN", "document": "d", "key": "RUN/a", "channels": [channel],
    });
    Request { action: "notify".to_owned(), class: Class::Write, input }
}

#[tokio::test]
async fn a_topic_that_is_none_and_a_medium_that_is_none_are_told_of() {
    let (values, aws, book) = (BTreeMap::new(), Aws::live(Options::default()), Notebook::default());
    let means = Means { values: &values, aws: &aws, paper: &book };
    for (channel, word) in [
        (json!({ "name": "c", "medium": "sns", "topic": ["arn:aws:s3:::x"] }), "no ARN of an SNS topic"),
        (json!({ "name": "c", "medium": "pigeon" }), "`pigeon`"),
        (json!({ "name": "c", "medium": "slack", "url": { "$secret": "env:HOOK" } }), "HOOK is not set"),
        (json!({ "name": "c", "medium": "slack", "url": { "$secret": "hook" } }), "-p hook=@FILE"),
    ] {
        let request = request(channel);
        let (told, evidence) = everybody(&request, means, None, None).await;
        let told = told.expect("outputs");
        assert_eq!(told["failed"], json!(["c"]));
        assert!(told["channels"][0]["detail"].as_str().unwrap().contains(word), "{told}");
        assert!(evidence.calls.is_empty(), "nothing was sent");
    }
    assert_eq!(book.progress.borrow().len(), 4);
}

#[tokio::test]
async fn whether_a_channel_can_be_used_is_found_out_without_sending() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let values = BTreeMap::from([
        ("env:HOOK".to_owned(), url),
        ("env:SHUT".to_owned(), "http://127.0.0.1:1/".to_owned()),
    ]);
    let reach = async |name: &str| {
        let channel = json!({ "name": "c", "medium": "webhook", "url": { "$secret": name } });
        reach::reach(Settings { channel: &channel, values: &values }).await
    };
    assert_eq!(reach("env:HOOK").await, Reach::Open);
    assert!(matches!(reach("env:SHUT").await, Reach::Closed { .. }));
    assert!(matches!(reach("env:NONE").await, Reach::Unset { why } if why.contains("NONE is not set")));
}
