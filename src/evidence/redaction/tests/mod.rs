use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod packed;

use crate::run::{Evidence, Place};

/// No secret: the example of the AWS documentation.
const AWS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const AWS_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CANARY: &str = "c4n\"ary/<&>+\u{e9}'= 2%\\";

fn knowing(secrets: &[(&str, &str)]) -> Redaction {
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Redaction::new(&secrets.collect::<BTreeMap<_, _>>()).unwrap()
}

/// What another program prints; the tests need Python, as the range does.
fn python(script: &str, input: &str) -> String {
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_parameter_is_replaced_by_its_name() {
    let redaction = knowing(&[("token", "hunter22"), ("db", "s3cr3t")]);
    assert_eq!(redaction.text("say hunter22, then s3cr3t."), "say ‹secret:token›, then ‹secret:db›.");
    assert_eq!(redaction.replaced(), 2);
    assert!(matches!(redaction.text("nothing to hide"), Cow::Borrowed(_)));
    assert_eq!(redaction.replaced(), 2);
}

#[test]
fn what_is_printed_of_the_gate_tells_no_secret() {
    let redaction = Rc::new(knowing(&[("token", "hunter22")]));
    let mut streaming = Streaming::new(Rc::clone(&redaction));
    streaming.push(b"hunter22");
    assert!(!format!("{redaction:?} {streaming:?}").contains("hunter22"));
}

#[test]
fn a_secret_that_is_too_short_is_refused_and_the_value_is_not_told() {
    for short in ["", "abc", "ééé", "abc\n"] {
        let error = Redaction::new(&[("pin".to_owned(), short.to_owned())].into()).err().unwrap();
        assert_eq!(error.kind, crate::error::Kind::Refused);
        assert!(error.message.contains("`pin`") && (short.is_empty() || !error.message.contains(short)));
    }
}

/// The spellings are those of another program's libraries, not of ours.
#[test]
fn a_canary_is_found_in_whatever_way_others_spell_it() {
    const SPELLINGS: &str = r"
import sys, json, base64, html, shlex, urllib.parse
from xml.sax.saxutils import escape, quoteattr
s = sys.stdin.buffer.read().decode()
b = s.encode()
q = urllib.parse
out = [s, json.dumps(s), json.dumps(s, ensure_ascii=False), json.dumps(json.dumps(s, ensure_ascii=False), ensure_ascii=False),
  q.quote(s), q.quote(s, safe=''), q.quote_plus(s), q.urlencode({'a': s}), q.quote(s, safe='').lower() if s.islower() else '',
  html.escape(s), escape(s), quoteattr(s), shlex.quote(s), b.hex(), b.hex().upper(), json.dumps(s).replace('/', '\\/')]
for p in [b'', b'x', b'xy', b'user:', b'{\'a\': 1, ']:
  for t in [b'', b'z', b'zz']:
    e = base64.b64encode(p + b + t).decode()
    out += [e, base64.urlsafe_b64encode(p + b + t).decode(), q.quote(e, safe=''), e.rstrip('=')]
print(json.dumps(out))
";
    for secret in [CANARY, "correct horse battery staple", AWS_SECRET] {
        let spellings: Vec<String> = serde_json::from_str(&python(SPELLINGS, secret)).unwrap();
        assert!(spellings.len() > 60);
        let redaction = knowing(&[("canary", secret)]);
        for spelling in spellings.iter().filter(|spelling| !spelling.is_empty()) {
            let clear = redaction.text(spelling);
            assert!(clear.contains("‹secret:canary›"), "{spelling} became {clear}");
        }
    }
}

#[test]
fn a_canary_in_a_value_is_found_in_texts_keys_and_numbers() {
    let redaction = knowing(&[("pin", "483920"), ("canary", CANARY)]);
    let value = json!({
        "list": ["a", CANARY, {"deep": format!("x{CANARY}y")}],
        CANARY: 1,
        "pin": 483_920,
        "other": 483_921,
        "reference": {"$secret": "canary"},
    });
    let clear = redaction.value(&value);
    assert_eq!(
        clear,
        json!({
            "list": ["a", "‹secret:canary›", {"deep": "x‹secret:canary›y"}],
            "‹secret:canary›": 1,
            "pin": "‹secret:pin›",
            "other": 483_921,
            "reference": {"$secret": "canary"},
        })
    );
    assert_eq!(redaction.replaced(), 4);
}

#[test]
fn known_shapes_are_replaced() {
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nAAAA\n-----END OPENSSH PRIVATE KEY-----";
    let session = format!("IQoJb3JpZ2luX2VjE{}", "Zm9v/+".repeat(40));
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let cases = [
        (format!("key:\n{pem}\nend"), "key:\n‹redacted:private key›\nend".to_owned()),
        (
            serde_json::to_string(&json!({ "key": pem })).unwrap(),
            r#"{"key":"‹redacted:private key›"}"#.to_owned(),
        ),
        (
            format!("{{\"AccessKeyId\": \"{AWS_KEY_ID}\", \"SecretAccessKey\": \"{AWS_SECRET}\"}}"),
            format!(
                "{{\"AccessKeyId\": \"{AWS_KEY_ID}\", \"SecretAccessKey\": \"‹redacted:AWS secret key›\"}}"
            ),
        ),
        (
            format!("<AccessKeyId>{AWS_KEY_ID}</AccessKeyId><SecretAccessKey>{AWS_SECRET}</SecretAccessKey>"),
            format!(
                "<AccessKeyId>{AWS_KEY_ID}</AccessKeyId><SecretAccessKey>‹redacted:AWS secret key›</SecretAccessKey>"
            ),
        ),
        (
            format!("Access key ID,Secret access key\n{AWS_KEY_ID},{AWS_SECRET}\n"),
            format!("Access key ID,Secret access key\n{AWS_KEY_ID},‹redacted:AWS secret key›\n"),
        ),
        (format!("found {session} there"), "found ‹redacted:session token› there".to_owned()),
        (
            "curl -H 'Authorization: Bearer abcdef0123456789' https://x".to_owned(),
            "curl -H 'Authorization: ‹redacted:authorization›' https://x".to_owned(),
        ),
        ("sent Bearer abcdef0123456789.".to_owned(), "sent Bearer ‹redacted:bearer token›".to_owned()),
        (format!("jwt {jwt}!"), "jwt ‹redacted:web token›!".to_owned()),
        ("psql password=hunter2 host=db".to_owned(), "psql password=‹redacted:password› host=db".to_owned()),
        (
            "mysql --password hunter2 -h db".to_owned(),
            "mysql --password ‹redacted:password› -h db".to_owned(),
        ),
        ("DB_PASSWORD='hunter 2'\n".to_owned(), "DB_PASSWORD='‹redacted:password›'\n".to_owned()),
        (
            "db:\n  password: hunter2\n  user: a\n".to_owned(),
            "db:\n  password: ‹redacted:password›\n  user: a\n".to_owned(),
        ),
        (
            r#"{"detail":"{\"password\":\"hun\\\"ter\",\"a\":1}"}"#.to_owned(),
            r#"{"detail":"{\"password\":\"‹redacted:password›\",\"a\":1}"}"#.to_owned(),
        ),
        (
            "postgres://app:hunter2@db:5432/x".to_owned(),
            "postgres://app:‹redacted:password›@db:5432/x".to_owned(),
        ),
        (
            r#"{"Plaintext":"VGVzdA==","KeyId":"k"}"#.to_owned(),
            r#"{"Plaintext":"‹redacted:plaintext›","KeyId":"k"}"#.to_owned(),
        ),
    ];
    for (text, expected) in cases {
        let redaction = Redaction::default();
        let clear = redaction.text(&text).into_owned();
        assert_eq!(clear, expected);
        assert_eq!(redaction.replaced(), 1, "{text}");
        assert_eq!(redaction.text(&clear), clear, "a second pass finds nothing");
    }
}

#[test]
fn a_private_key_in_base64_is_a_private_key_and_a_certificate_is_not() {
    let encoded = python(
        "import base64,sys; print(base64.b64encode(b'-----BEGIN RSA PRIVATE KEY-----\\nMIIE').decode()); \
         print(base64.b64encode(b'-----BEGIN CERTIFICATE-----\\nMIIE').decode())",
        "",
    );
    let (key, certificate) = encoded.trim().split_once('\n').unwrap();
    assert_eq!(Redaction::default().text(key), "‹redacted:private key›");
    assert_eq!(Redaction::default().text(certificate), certificate);
}

#[test]
fn ordinary_evidence_stays_as_it_is() {
    let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let evidence = [
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-password-AbCdEf".to_owned(),
        format!("{AWS_KEY_ID} {sha1} {sha256}"),
        format!("{AWS_KEY_ID} https://s3.amazonaws.com/bucket/Some/Long/Path/to/An/Object-with.a.name1"),
        r#"{"CiphertextBlob":"AQICAHhHNGa0FZ1AoqeUxcWB+S7iz0x/yL9CLLm1234567890abcdEFGHijkl==","KeyId":"k"}"#.to_owned(),
        r#"{"NextToken":"AAIAARqEm3","GrantTokens":["AQpAM2RhZTk1"],"ContinuationToken":"abc"}"#.to_owned(),
        r#"{"AllowUsersToChangePassword":true,"MinimumPasswordLength":14,"PasswordLastUsed":"2026-11-22T03:10:00Z"}"#.to_owned(),
        r#"{"eventName":"ChangePassword","password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#.to_owned(),
        r#"{"Action":["iam:ChangePassword","secretsmanager:GetSecretValue","kms:Decrypt"]}"#.to_owned(),
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n-----BEGIN CERTIFICATE-----\nMIIB\n".to_owned(),
        "Change the password: everybody who had access must do it.".to_owned(),
        "the bearer of this letter".to_owned(),
        "PWD=/home/ana\nHOME=/home/ana".to_owned(),
        "params.password == \"x\"".to_owned(),
        "password: {{ params.password }}".to_owned(),
        "http://localhost:8080/a@b".to_owned(),
        "\u{feff}T+00:03:12 ‹steps.pin.arn› · done".to_owned(),
    ];
    let redaction = knowing(&[("canary", CANARY)]);
    for text in evidence {
        assert_eq!(redaction.text(&text), text);
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            assert_eq!(redaction.value(&value), value);
        }
    }
    assert_eq!(redaction.replaced(), 0);
}

#[test]
fn an_argument_after_its_flag_is_replaced() {
    let redaction = Redaction::default();
    let argv = json!({"argv": ["mysql", "--password", "hunter2", "--host", "db"]});
    let clear = json!({"argv": ["mysql", "--password", "‹redacted:password›", "--host", "db"]});
    assert_eq!(redaction.value(&argv), clear);
}

#[test]
fn an_event_keeps_its_form() {
    let redaction = knowing(&[("canary", "hunter22")]);
    let event = |text: &str| Event::Succeeded {
        place: Place::step("a"),
        outputs: json!({ "stdout": text }),
        evidence: Evidence::default(),
    };
    assert_eq!(redaction.event(event("hunter22")).unwrap(), event("‹secret:canary›"));
    assert_eq!(redaction.event(event("nothing")).unwrap(), event("nothing"));
    let unfit = knowing(&[("bad", "succeeded")]);
    assert_eq!(unfit.event(event("x")).unwrap_err().kind, crate::error::Kind::Refused);
}

#[test]
fn what_arrives_in_pieces_is_redacted_as_if_it_came_at_once() {
    let pem_body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n".repeat(40);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem_body}-----END PRIVATE KEY-----\n");
    let mut text = String::new();
    for number in 0..3_000 {
        text.push_str(&format!("line {number} of ordinary output from a long program\n"));
        match number % 97 {
            3 => text.push_str(&pem),
            17 => text.push_str(&format!("{CANARY} and {AWS_KEY_ID}\n\n{AWS_SECRET}\n")),
            _ => {}
        }
    }
    text.push_str(&"without any line end ".repeat(15_000));
    let whole = knowing(&[("canary", CANARY)]);
    let expected = whole.text(&text).into_owned();
    assert!(!expected.contains(AWS_SECRET) && !expected.contains("QUJDREVG"));
    for piece in [1_000, 4_096, 65_537, 1 << 20] {
        let redaction = Rc::new(knowing(&[("canary", CANARY)]));
        let mut streaming = Streaming::new(Rc::clone(&redaction));
        let mut clear = Vec::new();
        for piece in text.as_bytes().chunks(piece) {
            clear.extend(streaming.push(piece));
        }
        clear.extend(streaming.finish());
        assert!(clear == expected.as_bytes(), "in pieces of {piece}");
        assert_eq!(redaction.replaced(), whole.replaced());
    }
}

#[test]
fn a_line_that_never_ends_does_not_fill_the_memory() {
    let redaction = Rc::new(Redaction::default());
    let mut streaming = Streaming::new(Rc::clone(&redaction));
    let begun = streaming.push(b"password=");
    let mut given = begun.len();
    for _ in 0..5 {
        given += streaming.push(&vec![b'x'; 1 << 20]).len();
    }
    assert!(streaming.push(b"x\nnext").is_empty());
    let rest = streaming.finish();
    assert!(given < 1 << 10, "all of it was the password: {given}");
    assert_eq!(rest, b"\nnext");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_text_makes_it_stumble_and_no_second_pass_finds_more(
        parts in prop::collection::vec(prop_oneof![
            "\\PC{0,12}",
            Just("password".to_owned()), Just("=".to_owned()), Just(": ".to_owned()), Just("\"".to_owned()),
            Just("\\\"".to_owned()), Just("<SecretAccessKey>".to_owned()), Just("</".to_owned()), Just("--".to_owned()),
            Just("-----BEGIN PRIVATE KEY-----".to_owned()), Just("-----END".to_owned()), Just(AWS_KEY_ID.to_owned()),
            Just(AWS_SECRET.to_owned()), Just("Bearer ".to_owned()), Just("eyJ".to_owned()), Just("://a:".to_owned()),
            Just("hunter22".to_owned()), Just("\n".to_owned()),
        ], 0..16)
    ) {
        let redaction = knowing(&[("canary", "hunter22")]);
        let text = parts.concat();
        let clear = redaction.text(&text).into_owned();
        prop_assert!(!clear.contains("hunter22"));
    }
}
