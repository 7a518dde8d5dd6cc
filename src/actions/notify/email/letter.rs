//! A letter (RFC 5322), as text in quoted-printable (RFC 2045, section 6.7): readable in the
//! record, and never a line that is too long.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::actions::notify::notice::{Notice, cut};
use crate::text::Digest;

/// The longest line of quoted-printable, without its end.
const LONGEST_LINE: usize = 76;
/// The longest encoded word (RFC 2047, section 2) holds so many bytes in base64.
const ENCODED_WORD: usize = 45;
const LONGEST_SUBJECT: usize = 200;
const LONGEST_MESSAGE: usize = 100_000;

pub(super) struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body, lines ended by CRLF.
    pub bytes: String,
}

impl Letter {
    /// # Errors
    /// When an address is none, or there is nobody to write to.
    pub(super) fn new(
        from: &str,
        to: &[&str],
        notice: &Notice<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, String> {
        let from = address(from)?;
        let to = to.iter().map(|to| address(to)).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err("its `to` names nobody".to_owned());
        }
        let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        // The same for each try, so that a letter that came twice is shown once.
        let id = Digest::of(
            format!("{}\n{}\n{}\n{}", notice.key, notice.event, notice.subject, notice.message).as_bytes(),
        );
        let thread = Digest::of(notice.key.as_bytes());
        let headers = [
            ("Date", now.to_rfc2822()),
            ("From", format!("<{from}>")),
            ("To", to.iter().map(|to| format!("<{to}>")).collect::<Vec<_>>().join(",\r\n ")),
            ("Subject", subject(notice)),
            ("Message-ID", format!("<{id}@{domain}>")),
            ("References", format!("<{thread}@{domain}>")),
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ("Content-Transfer-Encoding", "quoted-printable".to_owned()),
        ];
        let mut bytes = String::new();
        for (name, value) in headers {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
        bytes.push_str("\r\n");
        bytes.push_str(&quoted_printable(&body(notice)));
        Ok(Self { from, to, bytes })
    }

    /// With its dots doubled and its end marked (RFC 5321, section 4.5.2).
    pub(super) fn on_the_wire(&self) -> String {
        let mut wire = String::with_capacity(self.bytes.len() + 16);
        for line in self.bytes.split_inclusive("\r\n") {
            if line.starts_with('.') {
                wire.push('.');
            }
            wire.push_str(line);
        }
        if !wire.ends_with("\r\n") {
            wire.push_str("\r\n");
        }
        wire + ".\r\n"
    }
}

/// An address that is nothing else: no name, no comment, no line break.
fn address(text: &str) -> Result<String, String> {
    let parts = text.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"()\\".contains(&byte));
    if parts.is_some() && plain && text.len() <= 254 {
        return Ok(text.to_owned());
    }
    Err("an address of it is none; write it like oncall@example.com".to_owned())
}

/// As it is where mail can carry that, else in encoded words (RFC 2047).
fn subject(notice: &Notice<'_>) -> String {
    let what = if notice.event == "trigger" { String::new() } else { format!("[{}] ", notice.event) };
    let text = cut(&format!("{what}{}", notice.subject), LONGEST_SUBJECT);
    let plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && !text.contains("=?");
    if plain && text.len() <= 60 && text.trim() == text {
        return text;
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > ENCODED_WORD) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
    words.collect::<Vec<_>>().join("\r\n ")
}

fn body(notice: &Notice<'_>) -> String {
    format!("{}\n\n-- \n{} ({})\n", cut(&notice.message, LONGEST_MESSAGE), notice.key, notice.severity)
}

pub(super) fn quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 8);
    for line in text.trim_end_matches('\n').split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut width = 0;
        for (at, byte) in line.bytes().enumerate() {
            let last = at + 1 == line.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !last);
            let piece = if plain { 1 } else { 3 };
            // Room for the mark of a line that goes on, but on the last piece.
            if width + piece + usize::from(!last) > LONGEST_LINE {
                encoded.push_str("=\r\n");
                width = 0;
            }
            if plain {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "={byte:02X}");
            }
            width += piece;
        }
        encoded.push_str("\r\n");
    }
    encoded
}
