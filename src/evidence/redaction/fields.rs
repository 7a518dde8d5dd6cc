//! Secrets that are known by the name of their field: `"SecretAccessKey": "…"` in JSON (also
//! escaped within a string), `password: …` in YAML, `PASSWORD=…`, `--password …`,
//! `<SecretAccessKey>…</SecretAccessKey>`, `Authorization: …`.

use std::ops::Range;

use memchr::{memchr3_iter, memmem};

use super::mark::{Mark, Name, OPENING};

/// Longer names are not looked at.
const LONGEST_NAME: usize = 64;
/// So many spaces may align a name and its value.
const MOST_SPACES: usize = 40;
/// A longer value in YAML or XML is no password.
const LONGEST_VALUE: usize = 8 << 10;

/// How the names of secret fields end, without `_`, `-`, `.` and case, and what they hold.
const ENDINGS: [(&str, &str); 15] = [
    ("secretaccesskey", "AWS secret key"),
    ("secretkey", "secret key"),
    ("sessiontoken", "session token"),
    ("securitytoken", "session token"),
    ("accesstoken", "token"),
    ("refreshtoken", "token"),
    ("authtoken", "token"),
    ("apikey", "API key"),
    ("clientsecret", "client secret"),
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("secretstring", "secret"),
    ("secretbinary", "secret"),
    ("privatekeyplaintext", "private key"),
];

/// Names that are secret only as they stand: the answers of KMS to Decrypt and
/// GenerateDataKey call the key `Plaintext`; a header; a presigned URL.
const NAMES: [(&str, &str); 4] = [
    ("plaintext", "plaintext"),
    ("authorization", "authorization"),
    ("proxyauthorization", "authorization"),
    ("xamzsignature", "signature"),
];

/// What a field of this name holds, when it is secret.
pub(super) fn kind_of(name: &[u8]) -> Option<&'static str> {
    let plain: Vec<u8> =
        name.iter().filter(|byte| !b"_-.".contains(byte)).map(u8::to_ascii_lowercase).collect();
    let exact = NAMES.iter().find(|(whole, _)| plain == whole.as_bytes());
    exact
        .or_else(|| ENDINGS.iter().find(|(ending, _)| plain.ends_with(ending.as_bytes())))
        .map(|(_, kind)| *kind)
}

/// Whether a secret field's value is one, and not a word that says there is none.
pub(super) fn is_worth(value: &[u8]) -> bool {
    const EMPTY: [&str; 11] = [
        "",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "yes",
        "no",
        "undefined",
        "hidden_due_to_security_reasons",
        "<redacted>",
    ];
    !value.starts_with(OPENING)
        && !value.starts_with(b"{{")
        && !value.iter().all(|byte| *byte == b'*')
        && !EMPTY.iter().any(|empty| value.eq_ignore_ascii_case(empty.as_bytes()))
}

pub(super) fn find(bytes: &[u8], marks: &mut Vec<Mark<'_>>) {
    let mut add = |kind, at: Option<Range<usize>>| {
        let at = at?;
        let end = at.end;
        if is_worth(&bytes[at.clone()]) {
            marks.push(Mark::new(at, Name::Shape(kind)));
        }
        Some(end)
    };
    // What lies within a value that was found is not looked at again: `password=password=…`.
    let mut seen = 0;
    for at in memchr3_iter(b'=', b':', b'>', bytes) {
        if at < seen {
            continue;
        }
        let Some((kind, quoted)) = name_before(bytes, at) else { continue };
        let value = match bytes[at] {
            b'=' => assigned(bytes, at + 1),
            b'>' => element(bytes, at),
            _ if quoted => member(bytes, at + 1),
            _ if kind == "authorization" => header(bytes, at + 1),
            _ => mapping(bytes, at + 1),
        };
        seen = add(kind, value).unwrap_or(seen);
    }
    for at in memmem::find_iter(bytes, b"--") {
        let name = name_from(bytes, at + 2);
        if let (Some(kind), Some(b' ' | b'\t')) = (kind_of(&bytes[name.clone()]), bytes.get(name.end)) {
            let value = assigned(bytes, name.end);
            add(kind, value.filter(|value| !bytes[value.clone()].starts_with(b"-")));
        }
    }
}

/// What the field before a separator holds, when it is secret, and whether its name stands
/// in quotes.
fn name_before(bytes: &[u8], separator: usize) -> Option<(&'static str, bool)> {
    let mut end = separator;
    let spaces = bytes[..end].iter().rev().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count();
    end -= spaces;
    let quotes = bytes[..end].iter().rev().take(8).take_while(|byte| b"\"'\\".contains(byte)).count();
    end -= quotes;
    let length = bytes[..end].iter().rev().take(LONGEST_NAME).take_while(|byte| is_of_a_name(**byte)).count();
    // The dashes of an option are no part of its name, and neither is a list's.
    kind_of(&bytes[end - length..end]).map(|kind| (kind, quotes > 0))
}

fn name_from(bytes: &[u8], start: usize) -> Range<usize> {
    start..start + bytes[start..].iter().take(LONGEST_NAME).take_while(|byte| is_of_a_name(**byte)).count()
}

/// `name=value`, `name = "value"`, `name => value`; no comparison.
fn assigned(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let at = match bytes.get(at)? {
        b'=' => return None,
        b'>' => at + 1,
        _ => at,
    };
    let start = skip_spaces(bytes, at);
    quoted(bytes, start).or_else(|| Some(until(bytes, start, |byte| is_end(*byte) || b"&<>)".contains(byte))))
}

/// `"name": "value"`; numbers and what is nested are not texts.
fn member(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    quoted(bytes, skip_spaces(bytes, at))
}

/// `name: value` where the value is one word and nothing follows it: else it is a sentence.
fn mapping(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = skip_spaces(bytes, at);
    if let Some(value) = quoted(bytes, start) {
        return Some(value);
    }
    let word = until(within(bytes, start), start, |byte| is_end(*byte) || b",}".contains(byte));
    let rest = skip_spaces(bytes, word.end);
    let alone = bytes.get(rest).is_none_or(|byte| b"\r\n,}\"'\\#".contains(byte));
    (alone && !bytes[word.clone()].starts_with(b"{") && !bytes[word.clone()].starts_with(b"["))
        .then_some(word)
}

/// `Name: value` to the end of the line, as HTTP has it.
fn header(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = skip_spaces(bytes, at);
    quoted(bytes, start).or_else(|| Some(until(bytes, start, |byte| b"\r\n\"'\\".contains(byte))))
}

/// `<Name>value</Name>`, with or without a namespace before the name.
fn element(bytes: &[u8], close: usize) -> Option<Range<usize>> {
    let length =
        bytes[..close].iter().rev().take(LONGEST_NAME).take_while(|byte| is_of_a_name(**byte)).count();
    let opened = (close - length).checked_sub(1).and_then(|before| bytes.get(before));
    let value = until(within(bytes, close + 1), close + 1, |byte| *byte == b'<');
    (matches!(opened, Some(b'<' | b':')) && bytes.get(value.end) == Some(&b'<')).then_some(value)
}

/// What stands between the quote at `at` and the next one like it. A quote inside a JSON
/// string that is itself inside a JSON string has a backslash before it, or three.
fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let slashes = bytes[at..].iter().take(7).take_while(|byte| **byte == b'\\').count();
    let quote = *bytes.get(at + slashes).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let start = at + slashes + 1;
    let mut run = 0;
    for (offset, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'\\' => run += 1,
            byte if *byte == quote && closes(slashes, run) => {
                return Some(start..start + offset - run.min(slashes));
            }
            _ => run = 0,
        }
    }
    None
}

/// Whether a quote with so many backslashes before it closes one that was opened with
/// `opened` of them: what is left after the closing ones escapes itself in pairs. A quote
/// with fewer closes the text around.
fn closes(opened: usize, run: usize) -> bool {
    run < opened || (run - opened).is_multiple_of(2 * (opened + 1))
}

fn within(bytes: &[u8], start: usize) -> &[u8] {
    &bytes[..bytes.len().min(start.saturating_add(LONGEST_VALUE))]
}

fn until(bytes: &[u8], start: usize, ends: impl Fn(&u8) -> bool) -> Range<usize> {
    start..start + bytes[start..].iter().take_while(|byte| !ends(byte)).count()
}

fn skip_spaces(bytes: &[u8], at: usize) -> usize {
    let at = at.min(bytes.len());
    at + bytes[at..].iter().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_end(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"'\\".contains(&byte)
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}
