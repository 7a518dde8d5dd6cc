//! What is secret about a channel stays with the channel, whatever goes wrong there: servers
//! that say it back, that redirect to it, that hang up, and servers that are not there.

use crate::support::Drill;
use crate::support::letterbox::{Answer, Letterbox, closed_port};
use crate::support::mailbox::{HANGS_UP, Mailbox, Tls};

/// The parts of a Slack URL that let anybody post, the routing key of PagerDuty, the user in
/// the URL of a webhook, the key that it is signed with, and a password.
const PATH: &str = "T0CANARY/B0CANARY/xkq7Hq2zV9kXw41pLrT";
const ROUTING: &str = "c0ffee7Hq2zV9kXw41pLrTc0ffee7Hq2";
const USER: &str = "canary-user-7Hq2zV9kXw41";
const SIGNING: &str = "canary-sign-7Hq2zV9kXw41";
const PASSWORD: &str = "canary-pass-7Hq2zV9kXw41";
const SECRET_KEY: &str = "canary+aws/7Hq2zV9kXw41pLrT7Hq2zV9kXw41p";

/// Everything of them that must be nowhere; the password also as RFC 4616 spells it, behind
/// `\0robin\0`, and by itself in base64 (RFC 4648), both computed by Python.
const NOWHERE: [&str; 7] = [
    "xkq7Hq2zV9kXw41pLrT",
    ROUTING,
    USER,
    SIGNING,
    PASSWORD,
    "AHJvYmluAGNhbmFyeS1wYXNzLTdIcTJ6VjlrWHc0MQ==",
    SECRET_KEY,
];

/// All five media, once told by a step and once by an escalation.
fn document(drill: &Drill, pager: &str) {
    drill.document(
        "hush",
        &format!(
            "roles: {{ lead: {{ title: Lead, notify: [chat, pager, hook, topic, mail] }} }}
channels:
  chat: {{ slack: {{ url: env(CHAT_URL) }} }}
  pager: {{ pagerduty: {{ routing_key: env(PD_KEY), endpoint: \"{pager}\" }} }}
  hook: {{ webhook: {{ url: env(HOOK_URL), signing_key: env(HOOK_KEY) }} }}
  topic: {{ sns: {{ topic: arn:aws:sns:eu-west-1:111122223333:alarms }} }}
  mail: {{ email: {{ server: env(MAIL), from: a@example.com, to: [b@example.com], username: env(MAIL_USER), password: env(MAIL_PASSWORD) }} }}
escalations: [{{ when: failed(look), to: lead, message: The look failed }}]
phases:
  - id: only
    steps:
      - {{ id: look, on_failure: continue, do: {{ shell: {{ argv: [\"false\"], class: read }} }} }}
      - {{ id: tell, timeout: 9s, do: {{ notify: {{ to: lead, message: The key is out }} }} }}
"
        ),
    );
}

/// Runs it, asks for everything that can be shown of it, and looks everywhere.
fn keeps_quiet(chat: &str, pager: &str, hook: &str, aws: &str, mail: &str) {
    let drill = Drill::new()
        .with_env("CHAT_URL", chat)
        .with_env("PD_KEY", ROUTING)
        .with_env("HOOK_URL", hook)
        .with_env("HOOK_KEY", SIGNING)
        .with_env("MAIL", mail)
        .with_env("MAIL_USER", "robin")
        .with_env("MAIL_PASSWORD", PASSWORD)
        .with_env("AWS_ENDPOINT_URL", aws)
        .with_env("AWS_ENDPOINT_URL_STS", &format!("http://127.0.0.1:{}", closed_port()))
        .with_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with_env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .with_env("AWS_REGION", "us-east-1");
    document(&drill, pager);
    let mut said = vec![drill.playbook(["run", "hush", "--non-interactive"])];
    said[0].exits(4);
    let id = drill.run_id();
    said.push(drill.playbook(["status", &id]));
    for format in ["text", "markdown", "html", "json"] {
        said.push(drill.playbook(["report", &id, "--format", format]));
    }
    assert_eq!(drill.events("succeeded").len(), 1, "the step that tells");
    assert!(drill.events("notified").len() >= 5, "five channels were tried");
    for secret in NOWHERE {
        for said in &said {
            said.never_says(secret);
        }
        drill.keeps_nowhere(secret);
    }
}

/// With one server behind every channel but the mail.
fn keeps_quiet_before(server: &Letterbox, mail: &Mailbox) {
    keeps_quiet(
        &server.url(&format!("/services/{PATH}")),
        &server.url("/v2/enqueue"),
        &server.url(&format!("/hook?token={USER}")),
        server.url("").trim_end_matches('/'),
        &format!("smtp://127.0.0.1:{}", mail.port),
    );
}

#[test]
fn servers_that_say_back_what_they_were_told_are_not_quoted_with_it() {
    let echo = "no: T0CANARY/B0CANARY/xkq7Hq2zV9kXw41pLrT canary-user-7Hq2zV9kXw41 c0ffee7Hq2zV9kXw41pLrTc0ffee7Hq2 canary-sign-7Hq2zV9kXw41";
    for status in [200, 400, 403, 500] {
        let server = Letterbox::answering(vec![Answer::Status(status, "", echo)]);
        let folder = tempfile::tempdir().unwrap();
        let replies =
            vec![("AUTH", "535 no: AHJvYmluAGNhbmFyeS1wYXNzLTdIcTJ6VjlrWHc0MQ== canary-pass-7Hq2zV9kXw41")];
        let mail = Mailbox::open(Tls::None, folder.path(), replies);
        keeps_quiet_before(&server, &mail);
    }
}

#[test]
fn an_answer_that_is_cut_in_the_middle_of_a_secret_tells_no_half_of_it() {
    // What is told of an answer has 200 characters.
    let long = concat!(
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 ",
        "c0ffee7Hq2zV9kXw41pLrTc0ffee7Hq2 and more of it that nobody is told of"
    );
    let server = Letterbox::answering(vec![Answer::Status(400, "", long)]);
    let drill = Drill::new().with_env("PD_KEY", ROUTING);
    drill.document(
        "page",
        &format!(
            "channels: {{ pager: {{ pagerduty: {{ routing_key: env(PD_KEY), endpoint: \"{}\" }} }} }}\nphases:\n  - id: only\n    steps:\n      - {{ id: tell, do: {{ notify: {{ to: pager, message: x }} }} }}\n",
            server.url("/v2")
        ),
    );
    drill.playbook(["run", "page", "--non-interactive"]).exits(0).never_says("c0ffee");
    drill.keeps_nowhere("c0ffee");
}

#[test]
fn redirects_hang_ups_and_half_answers_tell_nothing() {
    let to = "Location: http://127.0.0.1/services/T0CANARY/B0CANARY/xkq7Hq2zV9kXw41pLrT\r\n";
    for answer in
        [Answer::Status(302, to, ""), Answer::HangUp, Answer::Stalls(500, "B0CANARY/xkq7Hq2zV9kXw41pLrT")]
    {
        let server = Letterbox::answering(vec![answer]);
        let folder = tempfile::tempdir().unwrap();
        let mail = Mailbox::open(Tls::None, folder.path(), vec![("AUTH", HANGS_UP)]);
        keeps_quiet_before(&server, &mail);
    }
}

#[test]
fn channels_that_are_not_there_are_told_of_by_their_host_and_nothing_else() {
    let nobody = format!("127.0.0.1:{}", closed_port());
    for (chat, hook) in [
        (format!("http://{nobody}/services/{PATH}"), format!("https://{USER}:{SIGNING}@{nobody}/hook")),
        (
            format!("https://{nobody}/services/{PATH}"),
            format!("https://{USER}:{SIGNING}@nobody.invalid/hook"),
        ),
        (format!("https://nobody.invalid/services/{PATH}"), format!("https://{USER}@{nobody}")),
        // None of these is a URL that may be sent to.
        (format!("hooks.slack.com/services/{PATH}"), format!("http://{USER}:{SIGNING}@127.0.0.1/hook")),
        (format!("https://hooks.slack.com:{PATH}/x"), format!("https://{USER}:{SIGNING}@[/hook")),
        (format!("https://127.0.0.1:1/{PATH} x"), format!("ftp://{USER}:{SIGNING}@{nobody}")),
    ] {
        let nowhere = format!("http://{nobody}");
        keeps_quiet(&chat, &format!("{nowhere}/v2"), &hook, &nowhere, &format!("smtp://{nobody}"));
    }
}
