//! `notify` as a step: every medium against a server on loopback, and what a dead channel
//! does to a run, which is nothing.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Drill;
use crate::support::letterbox::{Answer, Letterbox, closed_port};
use crate::support::mailbox::{self, Mailbox, Tls};

/// A document whose channels are those given, and whose steps tell `to` and go on.
fn document(drill: &Drill, channels: &str, to: &str) {
    drill.document(
        "tell",
        &format!(
            "roles: {{ lead: {{ title: Lead, notify: [chat] }} }}
channels:
{channels}
phases:
  - id: only
    steps:
      - id: tell
        do: {{ notify: {{ to: {to}, message: \"Key <a> & b is out, {{{{ run.id }}}}\\n.dot\" }} }}
      - id: contain
        do: {{ shell: {{ argv: [touch, contained], class: write }} }}
        undo: {{ shell: {{ argv: [rm, contained], class: write }} }}
"
        ),
    );
}

const CHAT: &str = "  chat: { slack: { url: env(CHAT_URL) } }";

/// The outputs of the step that tells.
fn told(drill: &Drill) -> Value {
    let done = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "tell");
    done.expect("the step is done")["outputs"].clone()
}

fn channel(drill: &Drill, name: &str) -> Value {
    let outputs = told(drill);
    let found = outputs["channels"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no {name} in {outputs}"))
}

#[test]
fn slack_is_told_without_markup_and_its_url_is_nowhere_in_the_record() {
    let chat =
        Letterbox::answering(vec![Answer::Status(200, "", "ok, https: /services/T0CANARY/B0/secretpath")]);
    let url = chat.url("/services/T0CANARY/B0/secretpath");
    let drill = Drill::new().with_env("CHAT_URL", &url);
    document(&drill, CHAT, "[lead]");
    let said = drill.playbook(["run", "tell", "--non-interactive"]);
    said.exits(0).never_says("T0CANARY");
    let posted = chat.posted();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].line, "POST /services/T0CANARY/B0/secretpath HTTP/1.1");
    assert_eq!(posted[0].header("content-type"), Some("application/json"));
    let text = posted[0].json()["text"].as_str().unwrap().to_owned();
    // Slack, "Formatting text for app surfaces": &, < and > are written as entities.
    assert!(text.ends_with(&format!("Key &lt;a&gt; &amp; b is out, {}\n.dot", drill.run_id())), "{text}");
    assert_eq!(told(&drill)["delivered"], json!(["chat"]));
    assert_eq!(told(&drill)["failed"], json!([]));
    drill.keeps_nowhere("T0CANARY");
    let call = &drill.events("succeeded")[0]["evidence"]["calls"][0];
    assert_eq!((call["service"].as_str(), call["status"].as_u64()), (Some("slack"), Some(200)));
    assert!(call["request"]["path"].as_str().unwrap().starts_with("api/"), "{call}");
}

#[test]
fn pagerduty_gets_one_alert_that_later_steps_acknowledge_and_resolve() {
    let pager = Letterbox::answering(vec![Answer::Status(202, "", r#"{"status":"success"}"#)]);
    let drill = Drill::new().with_env("PD_KEY", "0123456789abcdef0123456789abcdef");
    let step = |event: &str| {
        format!(
            "- {{ id: {event}_it, do: {{ notify: {{ to: pager, event: {event}, severity: error, about: \"key {{{{ run.id }}}}\", message: x }} }} }}"
        )
    };
    let steps: String =
        ["trigger", "acknowledge", "resolve"].map(|event| format!("      {}\n", step(event))).concat();
    drill.document(
        "page",
        &format!(
            "channels: {{ pager: {{ pagerduty: {{ routing_key: env(PD_KEY), endpoint: \"{}\" }} }} }}\nphases:\n  - id: only\n    steps:\n{steps}",
            pager.url("/v2/enqueue")
        ),
    );
    drill.playbook(["run", "page", "--non-interactive"]).exits(0);
    let events: Vec<Value> = pager.posted().iter().map(crate::support::letterbox::Posted::json).collect();
    let actions: Vec<_> = events.iter().map(|event| event["event_action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["trigger", "acknowledge", "resolve"]);
    let key = format!("{0}/key {0}", drill.run_id());
    assert!(events.iter().all(|event| event["dedup_key"] == key.as_str()), "{events:?}");
    assert!(events.iter().all(|event| event["routing_key"] == "0123456789abcdef0123456789abcdef"));
    // Events API v2: a trigger needs summary, source, and one of four severities.
    let payload = &events[0]["payload"];
    assert_eq!((&payload["summary"], &payload["severity"]), (&json!("x"), &json!("error")));
    assert_eq!(payload["source"], drill.run_id().as_str());
    assert!(events[1].get("payload").is_none() && events[2].get("payload").is_none());
    drill.keeps_nowhere("0123456789abcdef0123456789abcdef");
}

#[test]
fn a_webhook_is_signed_so_that_openssl_agrees() {
    let hook = Letterbox::answering(vec![Answer::Status(204, "", "")]);
    let drill = Drill::new().with_env("HOOK", &hook.url("/incidents")).with_env("HOOK_KEY", "hush-hush-key");
    document(
        &drill,
        "  chat: { webhook: { url: env(HOOK), signing_key: env(HOOK_KEY), signature_header: X-Hub-Signature-256 } }",
        "chat",
    );
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    let posted = hook.posted().remove(0);
    let body = drill.file("body", &posted.body);
    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", "hush-hush-key", "-r"])
        .arg(body)
        .output()
        .expect("openssl");
    let hex = String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap().to_owned();
    assert_eq!(posted.header("x-hub-signature-256"), Some(format!("sha256={hex}").as_str()));
    assert_eq!(posted.json()["run"], drill.run_id().as_str());
    drill.keeps_nowhere("hush-hush-key");
}

#[test]
fn too_many_requests_are_tried_again_when_the_channel_said_so_and_each_try_is_an_entry() {
    let chat = Letterbox::answering(vec![
        Answer::Status(429, "Retry-After: 2\r\n", "rate_limited"),
        Answer::Status(200, "", "ok"),
    ]);
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/hook"));
    document(&drill, CHAT, "chat");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    let posted = chat.posted();
    assert_eq!(posted.len(), 2);
    assert!(posted[1].at - posted[0].at >= Duration::from_secs(2));
    let tries: Vec<_> =
        drill.events("progressed").iter().map(|event| event["done"]["chat"].clone()).collect();
    assert_eq!(tries[0]["delivered"], false);
    assert_eq!(tries[0]["detail"], "HTTP status 429: rate_limited");
    assert_eq!((&tries[1]["delivered"], &tries[1]["attempts"]), (&json!(true), &json!(2)));
}

#[test]
fn dead_channels_are_told_of_and_the_step_that_contains_is_done_all_the_same() {
    let broken = Letterbox::answering(vec![Answer::Status(500, "", "boom")]);
    let gone = Letterbox::answering(vec![Answer::Status(404, "", "no_service")]);
    let elsewhere = Letterbox::answering(vec![Answer::Status(302, "Location: http://127.0.0.1:1/\r\n", "")]);
    let hasty = Letterbox::answering(vec![Answer::HangUp]);
    let drill = Drill::new()
        .with_env("CHAT_URL", &format!("http://127.0.0.1:{}/refused", closed_port()))
        .with_env("BROKEN", &broken.url("/broken"))
        .with_env("GONE", &gone.url("/gone"))
        .with_env("ELSEWHERE", &elsewhere.url("/elsewhere"))
        .with_env("HASTY", &hasty.url("/hasty"))
        .with_env("NOWHERE", "https://nobody.invalid/hook")
        .with_env("CLEAR", "http://192.0.2.1/in-the-clear");
    let channels = ["broken", "gone", "elsewhere", "hasty", "nowhere", "clear", "unset"];
    let declare =
        |name: &&str| ["\n  ", name, ": { webhook: { url: env(", &name.to_uppercase(), ") } }"].concat();
    let declared: String = channels.iter().map(declare).collect();
    document(&drill, &format!("{CHAT}{declared}"), &format!("[lead, {}]", channels.join(", ")));
    let before = std::time::Instant::now();
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert!(before.elapsed() < Duration::from_secs(40), "patience is bounded: {:?}", before.elapsed());
    assert!(drill.path().join("contained").exists());
    assert_eq!(told(&drill)["delivered"], json!([]));
    let detail = |name: &str| channel(&drill, name)["detail"].as_str().unwrap().to_owned();
    assert_eq!(detail("broken"), "HTTP status 500: boom");
    assert_eq!(broken.posted().len(), 3);
    assert_eq!(detail("gone"), "HTTP status 404: no_service");
    assert_eq!(gone.posted().len(), 1, "what will never be taken is not sent again");
    assert!(detail("elsewhere").contains("redirect"));
    assert!(detail("clear").contains("https://"));
    assert!(detail("unset").contains("UNSET is not set"), "{}", detail("unset"));
    assert_eq!(channel(&drill, "chat")["attempts"], 3);
    assert_eq!(channel(&drill, "hasty")["attempts"], 3);
    assert_eq!(channel(&drill, "nowhere")["attempts"], 3);
}

#[test]
fn a_channel_that_never_answers_costs_no_more_than_the_step_may_take() {
    let silent = Letterbox::answering(vec![Answer::Silence]);
    let drill = Drill::new().with_env("CHAT_URL", &silent.url("/hook"));
    drill.document(
        "tell",
        "channels: { chat: { slack: { url: env(CHAT_URL) } } }\nphases:\n  - id: only\n    steps:\n      - { id: tell, timeout: 2s, do: { notify: { to: chat, message: x } } }\n",
    );
    let before = std::time::Instant::now();
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert!(before.elapsed() < Duration::from_secs(8));
    assert_eq!(told(&drill)["failed"], json!(["chat"]));
}

const MAIL: &str = "  chat: { email: { server: env(MAIL), from: playbook@example.com, to: [oncall@example.com, lead@example.com], username: env(MAIL_USER), password: env(MAIL_PASSWORD) } }";

fn mailing(server: String, folder: &std::path::Path) -> Drill {
    Drill::new()
        .with_env("MAIL", &server)
        .with_env("MAIL_USER", "robin@example.com")
        .with_env("MAIL_PASSWORD", "canary-of-the-mail")
        .with_env("SSL_CERT_FILE", &mailbox::root(folder).display().to_string())
}

/// Subject and text of a letter, as Python's `email` reads them.
fn read_by_python(letter: &str) -> (String, String) {
    let program = "import sys, email, email.policy, json
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert not message.defects, message.defects
print(json.dumps([message['subject'], message.get_content(), message['to'], message['message-id']]))";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3");
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), letter.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let read: Value = serde_json::from_slice(&output.stdout).expect("what Python read");
    assert_eq!(read[2], "oncall@example.com, lead@example.com");
    (read[0].as_str().unwrap().to_owned(), read[1].as_str().unwrap().replace("\r\n", "\n"))
}

#[test]
fn mail_goes_out_under_starttls_and_the_password_only_there() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Mailbox::open(Tls::Offered, folder.path(), vec![]);
    let drill = mailing(format!("smtp://localhost:{}", mail.port), folder.path());
    document(&drill, MAIL, "chat");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill)["delivered"], json!(["chat"]), "{}", told(&drill));
    let said = mail.said();
    let at = |what: &str| {
        said.iter().position(|line| line.starts_with(what)).unwrap_or_else(|| panic!("{what} in {said:?}"))
    };
    assert!(at("STARTTLS") < at("<TLS>") && at("<TLS>") < at("AUTH PLAIN"));
    assert!(at("AUTH PLAIN") < at("MAIL FROM:<playbook@example.com>"));
    assert!(said.contains(&"RCPT TO:<lead@example.com>".to_owned()));
    // RFC 5321, 4.5.2: a line that begins with a dot gets another one.
    assert!(said.contains(&"..dot".to_owned()), "{said:?}");
    let (subject, text) = read_by_python(&mail.letter());
    assert_eq!(subject, format!("{}: A drill", drill.run_id()));
    assert!(text.starts_with(&format!("Key <a> & b is out, {}\n.dot\n", drill.run_id())), "{text}");
    drill.keeps_nowhere("canary-of-the-mail");
    // \0robin@example.com\0canary-of-the-mail in base64, as RFC 4616 has it.
    drill.keeps_nowhere("AHJvYmluQGV4YW1wbGUuY29tAGNhbmFyeS1vZi10aGUtbWFpbA==");
}

#[test]
fn mail_goes_out_under_tls_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Mailbox::open(Tls::Implicit, folder.path(), vec![("RCPT TO:<lead", "550 no such box")]);
    let drill = mailing(format!("smtps://127.0.0.1:{}", mail.port), folder.path());
    document(&drill, MAIL, "chat");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill)["delivered"], json!(["chat"]), "{}", told(&drill));
    assert_eq!(channel(&drill, "chat")["but"], "not by lead@example.com: no such box");
}

#[test]
fn a_server_that_nobody_vouches_for_gets_no_mail_and_no_password() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mail = Mailbox::open(Tls::Implicit, folder.path(), vec![]);
    let _other = Mailbox::open(Tls::Implicit, other.path(), vec![]);
    let drill = mailing(format!("smtps://127.0.0.1:{}", mail.port), other.path());
    document(&drill, MAIL, "chat");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill)["failed"], json!(["chat"]));
    assert!(channel(&drill, "chat")["detail"].as_str().unwrap().starts_with("no TLS"), "{}", told(&drill));
    assert_eq!(mail.said(), Vec::<String>::new());
}

#[test]
fn a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for (reply, tries) in [("451 greylisted", 3), ("550 go away", 1)] {
        let mail = Mailbox::open(Tls::None, folder.path(), vec![("MAIL FROM", reply)]);
        let drill = mailing(format!("smtp://127.0.0.1:{}", mail.port), folder.path());
        document(&drill, MAIL, "chat");
        drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
        let chat = channel(&drill, "chat");
        assert_eq!(chat["attempts"], tries, "{chat}");
        assert!(chat["detail"].as_str().unwrap().contains(reply), "{chat}");
        drill.keeps_nowhere("canary-of-the-mail");
    }
}

#[test]
fn a_dry_run_tells_nobody() {
    let chat = Letterbox::taking();
    let drill = Drill::new().with_env("CHAT_URL", &chat.url("/services/T0CANARY/B0/secretpath"));
    document(&drill, CHAT, "[lead]");
    drill.playbook(["run", "tell", "--dry-run"]).exits(0).says("notify").never_says("T0CANARY");
    drill.playbook(["run", "tell", "--dry-run=live-reads"]).exits(0);
    assert_eq!(chat.posted().len(), 0);
}

/// The signature of a request, computed from its own headers as the IAM user guide tells it
/// ("Create a signed AWS API request"), by Python's `hmac`.
const SIGV4: &str = r#"
import sys, json, hmac, hashlib
post, secret = json.load(sys.stdin), "sns-secret-of-the-test"
headers = dict(post["headers"])
scope = headers["authorization"].split("Credential=")[1].split(",")[0].split("/", 1)[1]
names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
canonical = "\n".join(["POST", "/", ""] + [f"{name}:{headers[name].strip()}" for name in names.split(";")]
    + ["", names, hashlib.sha256(post["body"].encode()).hexdigest()])
text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
key = ("AWS4" + secret).encode()
for part in scope.split("/"):
    key = hmac.new(key, part.encode(), hashlib.sha256).digest()
print(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), end="")
"#;

#[test]
fn a_topic_is_told_with_a_request_whose_signature_python_agrees_with() {
    let sns =
        Letterbox::answering(vec![Answer::Status(200, "x-amzn-RequestId: abc\r\n", "<PublishResponse/>")]);
    let drill = Drill::new()
        .with_env("AWS_ENDPOINT_URL", sns.url("").trim_end_matches('/'))
        .with_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with_env("AWS_SECRET_ACCESS_KEY", "sns-secret-of-the-test")
        .with_env("AWS_REGION", "us-east-1");
    document(&drill, "  chat: { sns: { topic: arn:aws:sns:eu-west-1:111122223333:alarms } }", "chat");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    assert_eq!(told(&drill)["delivered"], json!(["chat"]), "{}", told(&drill));
    // Before step one AWS is asked who calls.
    let published = |post: &crate::support::letterbox::Posted| post.body.starts_with("Action=Publish");
    let posted = sns.posted().into_iter().find(published).expect("a message");
    assert!(posted.body.starts_with("Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aalarms&Subject="));
    assert!(posted.body.contains("&Message=Key%20%3Ca%3E%20%26%20b%20is%20out%2C%20"), "{}", posted.body);
    let authorization = posted.header("authorization").unwrap().to_owned();
    assert!(authorization.contains("/eu-west-1/sns/aws4_request"), "the topic's Region: {authorization}");
    let mut child = Command::new("python3")
        .args(["-c", SIGV4])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3");
    let request = json!({ "headers": posted.headers, "body": posted.body });
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), request.to_string().as_bytes()).unwrap();
    let signature = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(authorization.ends_with(&format!("Signature={signature}")), "{authorization}\n{signature}");
    drill.keeps_nowhere("sns-secret-of-the-test");
}

/// One channel, which is told by the only step.
fn chat(drill: &Drill) {
    drill.document(
        "told",
        "channels: { chat: { slack: { url: env(CHAT_URL) } } }
phases:
  - id: only
    steps:
      - { id: tell, do: { notify: { to: [chat], message: Hello } } }
",
    );
}

/// What the look around said of reach.
fn reach(drill: &Drill) -> (Value, String) {
    let surveyed = drill.events("surveyed").remove(0);
    let checks = surveyed["checks"].as_array().expect("checks").clone();
    let reach = checks.into_iter().find(|check| check["of"] == "reach").expect("reach");
    (reach["standing"].clone(), reach["says"].as_str().expect("words").to_owned())
}

#[test]
fn behind_a_proxy_a_channel_is_looked_for_on_the_way_that_the_message_takes() {
    let proxy = Letterbox::answering(vec![Answer::Status(200, "", "ok")]);
    let target = format!("http://127.0.0.1:{}", closed_port());
    let drill = Drill::new()
        .with_env("CHAT_URL", &format!("{target}/services/T0CANARY"))
        .with_env("HTTP_PROXY", &proxy.url(""));
    chat(&drill);
    drill.playbook(["run", "told", "--non-interactive"]).exits(0);
    assert_eq!(reach(&drill), (json!("good"), "all channels (1) take connections".to_owned()));
    let lines: Vec<_> = proxy.posted().iter().map(|posted| posted.line.clone()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with(&format!("HEAD {target}/ ")), "no secret of the URL is in it: {lines:?}");
    assert!(lines[1].starts_with(&format!("POST {target}/services/T0CANARY ")), "{lines:?}");
    // The same channel without the proxy is dead.
    let drill = Drill::new().with_env("CHAT_URL", &target).with_env("HTTP_PROXY", &proxy.url(""));
    let drill = drill.with_env("NO_PROXY", "127.0.0.1");
    chat(&drill);
    drill.playbook(["run", "told", "--non-interactive"]);
    assert_eq!(reach(&drill).0, "warning");
    assert_eq!(proxy.posted().len(), 2, "nothing went through the proxy");
}

#[test]
fn a_proxy_that_does_not_get_through_is_a_warning_before_step_one() {
    let proxy = Letterbox::answering(vec![Answer::Status(502, "", "")]);
    let drill = Drill::new()
        .with_env("CHAT_URL", "https://hooks.example.invalid/services/T0CANARY")
        .with_env("HTTPS_PROXY", &proxy.url(""));
    chat(&drill);
    drill.playbook(["run", "told", "--non-interactive"]).never_says("T0CANARY");
    let (standing, says) = reach(&drill);
    assert_eq!(standing, "warning");
    assert!(says.contains("hooks.example.invalid takes no connection"), "{says}");
    let first = proxy.posted()[0].line.clone();
    assert!(first.starts_with("CONNECT hooks.example.invalid:443 "), "{first}");
    assert!(proxy.posted().iter().all(|posted| !posted.line.contains("T0CANARY")));
}
