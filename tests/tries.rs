//! Tries at a channel: what an answer means, what is tried again, and what is known of a
//! message when the answer is cut short.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Drill;
use crate::support::letterbox::{Answer, Letterbox, closed_port};
use crate::support::mailbox::{HANGS_UP, KEEPS_SILENT, Mailbox, Tls};

const CHAT: &str = "chat: { slack: { url: env(CHAT_URL) } }";

/// A runbook whose only step tells one channel.
fn document(drill: &Drill, channel: &str, more: &str) {
    drill.document(
        "tell",
        &format!(
            "channels: {{ {channel} }}\nphases:\n  - id: only\n    steps:\n      - {{ id: tell, {more} do: {{ notify: {{ to: chat, message: The key is out }} }} }}\n"
        ),
    );
}

/// What is known of the channel after the step.
fn told(drill: &Drill) -> Value {
    drill.events("succeeded").remove(0)["outputs"]["channels"][0].clone()
}

#[test]
fn a_message_that_was_taken_is_not_sent_again_because_the_answers_body_never_ends() {
    let chat = Letterbox::answering(vec![Answer::Stalls(200, "o")]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    document(&drill, CHAT, "");
    let before = Instant::now();
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert!(before.elapsed() < Duration::from_secs(9), "{:?}", before.elapsed());
    assert_eq!(told(&drill)["delivered"], true, "{}", told(&drill));
    assert_eq!(chat.posted().len(), 1, "nobody is told twice");
    assert_eq!(drill.events("succeeded")[0]["evidence"]["calls"][0]["status"], 200);
}

#[test]
fn a_refusal_is_known_by_its_status_even_where_its_body_never_ends() {
    let chat = Letterbox::answering(vec![Answer::Stalls(404, "no_ser")]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    document(&drill, CHAT, "");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill)["detail"], "HTTP status 404: no_ser");
    assert_eq!(chat.posted().len(), 1);
}

#[test]
fn a_channel_that_was_tried_and_did_not_answer_in_the_time_of_the_step_is_not_told_as_untried() {
    let chat = Letterbox::answering(vec![Answer::Silence]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    document(&drill, CHAT, "timeout: 2s,");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    let chat = told(&drill);
    assert_eq!((&chat["delivered"], &chat["attempts"]), (&json!(false), &json!(1)), "{chat}");
    let detail = chat["detail"].as_str().unwrap();
    assert!(detail.contains("may have been delivered"), "{detail}");
}

/// What SNS answers: first this, then that it took the message.
fn published_after(status: u16, refusal: &'static str) -> (Value, usize) {
    let taken = Answer::Status(200, "x-amzn-RequestId: abc\r\n", "<PublishResponse/>");
    let sns = Letterbox::answering(vec![Answer::Status(status, "", refusal), taken]);
    let drill = Drill::new()
        .with_env("AWS_ENDPOINT_URL", sns.url("").trim_end_matches('/'))
        .with_env("AWS_ENDPOINT_URL_STS", &format!("http://127.0.0.1:{}", closed_port()))
        .with_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with_env("AWS_SECRET_ACCESS_KEY", "x")
        .with_env("AWS_REGION", "us-east-1");
    document(&drill, "chat: { sns: { topic: arn:aws:sns:eu-west-1:111122223333:alarms } }", "");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    (told(&drill), sns.posted().len())
}

macro_rules! refusal {
    ($code:literal, $message:literal) => {
        concat!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>",
            $code,
            "</Code><Message>",
            $message,
            "</Message></Error><RequestId>abc</RequestId></ErrorResponse>"
        )
    };
}

#[test]
fn a_topic_that_asks_to_slow_down_with_status_400_is_told_again() {
    // Amazon SNS API reference, "Publish" (`KMSThrottling`) and "Common Error Types"
    // (`ThrottlingException`), all of them with HTTP status 400; AWS knowledge centre, "How do
    // I troubleshoot ThrottlingException or Rate exceeded errors in Amazon SNS?"
    for refusal in [
        refusal!("KMSThrottling", "Rate exceeded"),
        refusal!("ThrottlingException", "Rate exceeded"),
        refusal!("Throttling", "Rate exceeded"),
    ] {
        let (told, sent) = published_after(400, refusal);
        assert_eq!((&told["delivered"], sent), (&json!(true), 2), "{refusal}: {told}");
    }
}

#[test]
fn a_topic_that_finds_the_clock_wrong_is_told_again_by_the_clock_of_then() {
    // Amazon SNS API reference, "Common Error Types" (`RequestExpired`); IAM user guide,
    // "Troubleshoot AWS Signature Version 4", for the words beside `SignatureDoesNotMatch`.
    for (status, refusal) in [
        (400, refusal!("RequestExpired", "Request has expired")),
        (403, refusal!("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2 (3 - 15 min.)")),
        (403, refusal!("SignatureDoesNotMatch", "Signature not yet current: 3 is still later than 2")),
    ] {
        let (told, sent) = published_after(status, refusal);
        assert_eq!((&told["delivered"], sent), (&json!(true), 2), "{refusal}: {told}");
    }
}

#[test]
fn a_topic_that_refuses_for_good_is_told_once() {
    for (status, refusal) in [
        (403, refusal!("AuthorizationError", "no")),
        (404, refusal!("NotFound", "Topic does not exist")),
        (400, refusal!("KMSDisabled", "the key is disabled")),
        (403, refusal!("SignatureDoesNotMatch", "Check your AWS Secret Access Key and signing method.")),
    ] {
        let (told, sent) = published_after(status, refusal);
        assert_eq!((&told["delivered"], sent), (&json!(false), 1), "{refusal}: {told}");
    }
}

const MAIL: &str = "chat: { email: { server: env(MAIL), from: playbook@example.com, to: [oncall@example.com, lead@example.com] } }";

fn mailing(replies: Vec<(&'static str, &'static str)>) -> (Drill, Mailbox) {
    let drill = Drill::new();
    let mail = Mailbox::open(Tls::None, drill.path(), replies);
    let drill = drill.with_env("MAIL", &format!("smtp://127.0.0.1:{}", mail.port));
    (drill, mail)
}

fn letters(mail: &Mailbox) -> usize {
    mail.said().iter().filter(|line| *line == "DATA").count()
}

#[test]
fn whoever_of_several_did_not_get_the_mail_is_told_of_and_the_others_get_it_once() {
    let (drill, mail) = mailing(vec![("RCPT TO:<lead", "450 greylisted")]);
    document(&drill, MAIL, "");
    let said = drill.playbook(["run", "tell", "--non-interactive"]);
    said.exits(0).says("not by lead@example.com: greylisted");
    assert_eq!(letters(&mail), 1, "{:?}", mail.said());
    assert_eq!(told(&drill)["delivered"], true);
    let id = drill.run_id();
    drill.playbook(["report", &id]).exits(0).says("not by lead@example.com: greylisted");
}

#[test]
fn an_escalation_that_not_everybody_got_is_shown_so() {
    let (drill, mail) = mailing(vec![("RCPT TO:<lead", "450 greylisted")]);
    drill.document(
        "alarm",
        &format!(
            "roles: {{ lead: {{ title: Lead, notify: chat }} }}
channels: {{ {MAIL} }}
escalations: [{{ when: failed(look), to: lead, message: The look failed }}]
phases:
  - id: only
    steps:
      - {{ id: look, on_failure: continue, do: {{ shell: {{ argv: [\"false\"], class: read }} }} }}
      - {{ id: pause, do: {{ wait: {{ for: 2s }} }} }}
"
        ),
    );
    let said = drill.playbook(["run", "alarm", "--non-interactive"]);
    said.exits(4).says("not by lead@example.com: greylisted");
    assert_eq!(letters(&mail), 1, "{:?}", mail.said());
    let id = drill.run_id();
    drill.playbook(["status", &id]).exits(0).says("chat delivered, not by lead@example.com: greylisted");
    let report = drill.playbook(["report", &id, "--format", "json"]);
    let report = report.exits(0).json();
    assert_eq!(report["escalations"][0]["channels"][0]["but"], "not by lead@example.com: greylisted");
    let left = report["residuals"].as_array().unwrap().iter().find(|left| left["what"] == "not_told");
    assert_eq!(left.expect("it is left")["concerns"], "escalation to lead", "{report:#}");
}

#[test]
fn a_mail_whose_receipt_was_lost_is_told_as_one_that_may_have_been_delivered() {
    for (replies, may_have) in [
        (vec![(".", HANGS_UP)], true),
        (vec![(".", KEEPS_SILENT)], true),
        // Before the letter goes out there is no doubt.
        (vec![("DATA", HANGS_UP)], false),
        (vec![(".", "451 later")], false),
    ] {
        let (drill, _mail) = mailing(replies.clone());
        document(&drill, MAIL, "timeout: 31s,");
        drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
        let first = drill.events("progressed").remove(0)["done"]["chat"].clone();
        let detail = first["detail"].as_str().unwrap();
        assert_eq!(detail.contains("may have been delivered"), may_have, "{replies:?}: {detail}");
    }
}

#[test]
fn the_tries_of_a_channel_are_counted_on_after_a_kill() {
    let chat = Letterbox::answering(vec![
        Answer::Status(503, "", ""),
        Answer::Silence,
        Answer::Status(503, "", ""),
        Answer::Status(200, "", "ok"),
    ]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    document(&drill, CHAT, "");
    let mut child = drill
        .command(["run", "tell", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let patience = Instant::now() + Duration::from_secs(20);
    while chat.posted().len() < 2 {
        assert!(Instant::now() < patience, "the second try");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(0);
    assert_eq!(chat.posted().len(), 4);
    let tries: Vec<_> =
        drill.events("progressed").iter().map(|it| it["done"]["chat"]["attempts"].clone()).collect();
    // The try that the kill cut off left no entry.
    assert_eq!(tries, [json!(1), json!(2), json!(3)]);
    assert_eq!(told(&drill)["attempts"], 3);
}
