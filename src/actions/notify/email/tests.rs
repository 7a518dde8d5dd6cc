//! Letters and replies against the RFCs that tell their form.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::letter::{Letter, quoted_printable};
use super::reply;
use super::server::{Security, Server};
use super::{Refusal, letter};
use crate::actions::notify::notice::Notice;

fn notice<'a>(subject: &str, message: &str) -> Notice<'a> {
    Notice {
        run: "INC-2026-001-X",
        document: "x",
        subject: subject.to_owned(),
        message: message.to_owned(),
        event: "trigger",
        severity: "critical",
        key: "INC-2026-001-X/incident".to_owned(),
        channels: &[],
    }
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_575_600, 0).unwrap()
}

fn letter(subject: &str, message: &str) -> Letter {
    letter::Letter::new("a@example.com", &["b@example.com"], &notice(subject, message), at()).unwrap()
}

#[test]
fn a_letter_has_what_a_letter_needs_and_the_same_name_each_time() {
    let bytes = letter("x", "y").bytes;
    // RFC 5322, 3.3 and 3.6: the date, who it is from, and a message id.
    assert!(
        bytes.starts_with("Date: Wed, 25 Nov 2026 03:00:00 +0000\r\nFrom: <a@example.com>\r\n"),
        "{bytes}"
    );
    let id = |letter: &str| letter.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
    assert_eq!(id(&bytes), id(&letter("x", "y").bytes));
    assert_ne!(id(&bytes), id(&letter("x", "z").bytes));
}

#[test]
fn nothing_that_is_told_becomes_a_header_or_a_command() {
    for evil in [
        "x\r\nBcc: all@example.com",
        "x\nBcc: y",
        "x\r\n\r\nbody",
        "=?utf-8?B?eA==?=",
        "é".repeat(300).as_str(),
    ] {
        let bytes = letter(evil, "m").bytes;
        let head = bytes.split("\r\n\r\n").next().unwrap();
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        let usual = [
            "Date",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "References",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert_eq!(names, usual, "{evil:?}");
    }
    for evil in ["a@b\r\nRCPT TO:<c@d>", "a@b>", "@b", "a@", "a b@c", "é@c", ""] {
        assert!(Letter::new(evil, &["b@example.com"], &notice("x", "y"), at()).is_err(), "{evil:?}");
        assert!(Letter::new("a@example.com", &[evil], &notice("x", "y"), at()).is_err(), "{evil:?}");
    }
    assert!(Letter::new("a@example.com", &[], &notice("x", "y"), at()).is_err());
}

#[test]
fn the_end_of_a_letter_is_a_lonely_dot_and_no_other_line_is_one() {
    let wire = letter("x", "a\n.\n..b\n. c").on_the_wire();
    assert!(wire.contains("\r\n..\r\n...b\r\n.. c\r\n"), "{wire}");
    assert!(wire.ends_with("\r\n.\r\n"));
    assert_eq!(wire.matches("\r\n.\r\n").count(), 1);
}

#[test]
fn quoted_printable_is_as_rfc_2045_has_it() {
    assert_eq!(quoted_printable("a=b é\t\nx "), "a=3Db =C3=A9=09\r\nx=20\r\n");
    assert_eq!(quoted_printable(&"x".repeat(76)), format!("{}\r\n", "x".repeat(76)));
    assert_eq!(quoted_printable(&"x".repeat(77)), format!("{}=\r\nxx\r\n", "x".repeat(75)));
}

#[test]
fn a_server_is_talked_to_under_tls_unless_it_is_this_machine() {
    let server = |text: &str| Server::parse(text).map(|it| (it.host, it.port, it.security));
    let is = |host: &str, port, security| Ok((host.to_owned(), port, security));
    assert_eq!(server("smtps://mail.example.com"), is("mail.example.com", 465, Security::Implicit));
    assert_eq!(server("smtp://mail.example.com:25/"), is("mail.example.com", 25, Security::Demanded));
    assert_eq!(server("smtp://127.0.0.1"), is("127.0.0.1", 587, Security::Offered));
    assert_eq!(server("smtp://[::1]:2525"), is("::1", 2525, Security::Offered));
    // A name that only begins like this machine is another machine.
    assert_eq!(server("smtp://localhost.example.com").unwrap().2, Security::Demanded);
    assert_eq!(server("smtp://127.0.0.1.example.com").unwrap().2, Security::Demanded);
    for none in [
        "mail.example.com",
        "http://x",
        "smtp://",
        "smtp://a:b",
        "smtp://u@h",
        "smtp://h:99999",
        "smtp://a b",
    ] {
        assert!(server(none).is_err(), "{none}");
    }
}

#[test]
fn replies_are_those_of_rfc_5321_and_nothing_else() {
    assert_eq!(reply::line("250-SIZE 1000"), Ok((250, true, "SIZE 1000")));
    assert_eq!(reply::line("250 ok"), Ok((250, false, "ok")));
    assert_eq!(reply::line("354"), Ok((354, false, "")));
    for none in ["", "25", "abc x", "250x", "999 x", "100 x", "+50 x", "2é0 x"] {
        assert!(matches!(reply::line(none), Err(Refusal::ForNow(_))), "{none:?}");
    }
    let reply = |code| reply::Reply { code, lines: vec!["no".to_owned()] };
    assert!(matches!(reply(450).expect(250, "MAIL"), Err(Refusal::ForNow(_))));
    assert!(matches!(reply(550).expect(250, "MAIL"), Err(Refusal::ForGood(_))));
}

proptest! {
    /// Lines of at most 76 bytes of printable ASCII, ended by CRLF, whatever goes in
    /// (RFC 2045, 6.7), and what goes in comes out again.
    #[test]
    fn whatever_is_said_fits_the_wire(text in "\\PC{0,300}|[ -~\\t\\n]{0,300}") {
        let encoded = quoted_printable(&text);
        for line in encoded.split_terminator("\r\n") {
            prop_assert!(line.len() <= 76);
            prop_assert!(line.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)));
            prop_assert!(!line.ends_with([' ', '\t']));
        }
        let back = decoded(&encoded);
        prop_assert_eq!(back.trim_end_matches('\n'), text.trim_end_matches('\n'));
    }

    #[test]
    fn no_line_of_a_server_is_too_strange(line in "\\PC{0,40}|[0-9]{3}[- ]\\PC{0,20}") {
        let _ = reply::line(&line);
    }
}

/// Quoted-printable read as RFC 2045, 6.7, says.
fn decoded(encoded: &str) -> String {
    let joined = encoded.replace("=\r\n", "").replace("\r\n", "\n");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let [first, tail @ ..] = rest {
        if *first == b'=' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}
