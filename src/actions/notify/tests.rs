//! Addresses, waits and signatures, against what their specifications say.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};

use super::address::{Settings, guarded_url};
use super::reach::{self, Reach};
use super::{Means, everybody, http_date, post, webhook};
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
fn dates_are_read_in_all_three_forms_that_http_has() {
    // RFC 9110, section 5.6.7, and its examples.
    let now = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let then = now("1994-11-06T08:49:37Z");
    for text in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(http_date::parse(text, now("1994-11-06T08:00:00Z")), Some(then), "{text}");
        assert_eq!(post::wait(text, now("1994-11-06T08:49:07Z")), Some(Duration::from_secs(30)), "{text}");
    }
    // Two digits of a year that would lie more than 50 years ahead are of the past.
    let year = |digits: &str, at: &str| {
        let text = format!("Sunday, 06-Nov-{digits} 08:49:37 GMT");
        http_date::parse(&text, now(at)).map(|at| at.to_rfc3339()[..4].to_owned())
    };
    let of_2026 = "2026-11-25T00:00:00Z";
    for (digits, wanted) in [("26", "2026"), ("76", "2076"), ("77", "1977"), ("94", "1994"), ("00", "2000")] {
        assert_eq!(year(digits, of_2026).as_deref(), Some(wanted), "{digits}");
    }
    for none in ["", "-1", "Sunday, 31-Feb-26 08:49:37 GMT", "Sunday, 06-Nov-é4 08:49:37 GMT", "Sun Nov  6"]
    {
        assert_eq!(http_date::parse(none, then), None, "{none:?}");
    }
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
