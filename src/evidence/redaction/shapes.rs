//! Secrets that are known by what they look like.

use std::ops::Range;

use memchr::memmem;

use super::base64;
use super::mark::{Mark, Name};

/// A private key in text form ends within so many bytes.
const LONGEST_KEY: usize = 60 << 10;
/// How far from an access key id its secret may stand, in bytes.
const NEIGHBOURHOOD: usize = 256;
/// The length of an AWS secret access key.
const SECRET_KEY: usize = 40;

pub(super) fn find(bytes: &[u8], marks: &mut Vec<Mark<'_>>) {
    let mut add = |kind: &'static str, at: Range<usize>| marks.push(Mark::new(at, Name::Shape(kind)));
    private_keys(bytes, &mut add);
    encoded_private_keys(bytes, &mut add);
    session_tokens(bytes, &mut add);
    bearer_tokens(bytes, &mut add);
    web_tokens(bytes, &mut add);
    secret_keys(bytes, &mut add);
    addresses(bytes, &mut add);
}

/// `-----BEGIN RSA PRIVATE KEY-----` to the matching end (RFC 7468 and its older kin), also
/// where its line ends and spaces are escaped.
fn private_keys(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    let mut from = 0;
    while let Some(start) = find_from(bytes, from, b"-----BEGIN") {
        from = start + 10;
        let label = &bytes[from..bytes.len().min(from + 64)];
        let Some(length) = memmem::find(label, b"-----") else { continue };
        let label = &label[..length];
        if memmem::find(label, b"PRIVATE").is_none() || memmem::find(label, b"KEY").is_none() {
            continue;
        }
        let end = end_of_key(bytes, from + length + 5);
        add("private key", start..end);
        from = end;
    }
}

/// Behind the end line; without one, behind the last byte that can belong to a key.
fn end_of_key(bytes: &[u8], body: usize) -> usize {
    let within = &bytes[body..bytes.len().min(body + LONGEST_KEY)];
    let ended = memmem::find(within, b"-----END").and_then(|end| {
        memmem::find(&within[end + 8..within.len().min(end + 80)], b"-----")
            .map(|dashes| body + end + 8 + dashes + 5)
    });
    let of_a_key = |byte: &u8| is_base64(*byte) || byte.is_ascii_whitespace() || b"=\\-:,%".contains(byte);
    ended.unwrap_or_else(|| body + within.iter().take_while(|byte| of_a_key(byte)).count())
}

/// The same in base64, as Kubernetes secrets and user data hold it.
fn encoded_private_keys(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    // The base64 of `-----BEGIN`, up to its last whole digit; certificates begin so as well.
    let mut from = 0;
    while let Some(start) = find_from(bytes, from, b"LS0tLS1CRUdJTi") {
        let length = bytes[start..].iter().take_while(|byte| is_base64(**byte) || **byte == b'=').count();
        from = start + length;
        let label = base64::decode(&bytes[start..from.min(start + 64)]);
        if memmem::find(&label, b"PRIVATE KEY").is_some() {
            add("private key", start..from);
        }
    }
}

/// AWS session tokens begin alike, because what they hold does.
fn session_tokens(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    for beginning in ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FQoDYXdz"] {
        let mut from = 0;
        while let Some(start) = find_from(bytes, from, beginning.as_bytes()) {
            let of_a_token = |byte: &u8| is_base64(*byte) || b"=%\\-_".contains(byte);
            let length = bytes[start..].iter().take_while(|byte| of_a_token(byte)).count();
            from = start + length;
            if length >= 64 {
                add("session token", start..from);
            }
        }
    }
}

/// `Bearer` and what follows it (RFC 6750), where it is no English sentence.
fn bearer_tokens(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    for at in memmem::find_iter(bytes, b"earer ") {
        let capital = at.checked_sub(1).and_then(|before| bytes.get(before));
        if !capital.is_some_and(|byte| matches!(byte, b'b' | b'B')) {
            continue;
        }
        let start = at + 6;
        let of_a_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
        let token = take(bytes, start, of_a_token);
        if token.len() >= 32 || (token.len() >= 8 && bytes[token.clone()].iter().any(u8::is_ascii_digit)) {
            add("bearer token", token);
        }
    }
}

/// JSON web tokens (RFC 7519): three parts, of which the first two are objects.
fn web_tokens(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    let of_a_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let mut from = 0;
    while let Some(start) = find_from(bytes, from, b"eyJ") {
        let header = take(bytes, start, of_a_part);
        from = header.end;
        if start.checked_sub(1).is_some_and(|before| of_a_part(&bytes[before])) || header.len() < 8 {
            continue;
        }
        let claims = take(bytes, header.end + 1, of_a_part);
        let signature = take(bytes, claims.end + 1, of_a_part);
        let dotted = bytes.get(header.end) == Some(&b'.') && bytes.get(claims.end) == Some(&b'.');
        if dotted && bytes[claims.clone()].starts_with(b"eyJ") && signature.len() >= 8 {
            add("web token", start..signature.end);
            from = signature.end;
        }
    }
}

/// Forty characters of base64 near an access key id. Alone they could be anything.
fn secret_keys(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    let mut searched = 0;
    for at in memmem::find_iter(bytes, b"IA").filter_map(|at| at.checked_sub(2)) {
        if !is_access_key_id(bytes, at) {
            continue;
        }
        let from = at.saturating_sub(NEIGHBOURHOOD).max(searched);
        searched = bytes.len().min(at + 20 + NEIGHBOURHOOD);
        let mut next = from;
        while next < searched {
            let word = take(bytes, next, |byte| is_base64(*byte));
            next = word.end + 1;
            if word.len() == SECRET_KEY && is_secret_key(bytes, &word) {
                add("AWS secret key", word);
            }
        }
    }
}

/// `AKIA` or `ASIA` and sixteen capitals or digits (IAM user guide, IAM identifiers).
fn is_access_key_id(bytes: &[u8], at: usize) -> bool {
    let Some(id) = bytes.get(at..at + 20) else { return false };
    let apart = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    (id.starts_with(b"AKIA") || id.starts_with(b"ASIA"))
        && id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && apart(bytes.get(at + 20))
        && apart(at.checked_sub(1).and_then(|before| bytes.get(before)))
}

/// Mixed enough to be random, and no part of a longer name. A commit's digest is not.
fn is_secret_key(bytes: &[u8], at: &Range<usize>) -> bool {
    let word = &bytes[at.clone()];
    let joined = |byte: Option<&u8>| byte.is_some_and(|byte| b"-_.".contains(byte));
    word.iter().any(u8::is_ascii_uppercase)
        && word.iter().any(u8::is_ascii_lowercase)
        && word.iter().any(u8::is_ascii_digit)
        && !joined(bytes.get(at.end))
        && bytes.get(at.end) != Some(&b'=')
        && !at
            .start
            .checked_sub(1)
            .is_some_and(|before| joined(bytes.get(before)) || is_base64(bytes[before]))
}

/// The password in `scheme://user:password@host` (RFC 3986, section 3.2.1).
fn addresses(bytes: &[u8], add: &mut impl FnMut(&'static str, Range<usize>)) {
    for at in memmem::find_iter(bytes, b"://") {
        let of_a_user = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&()*+,;=".contains(byte);
        let within = &bytes[..bytes.len().min(at + 512)];
        let user = take(within, at + 3, of_a_user);
        let password = take(within, user.end + 1, |byte| of_a_user(byte) || *byte == b':');
        let told = within.get(user.end) == Some(&b':') && within.get(password.end) == Some(&b'@');
        if told && !password.is_empty() {
            add("password", password);
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

fn take(bytes: &[u8], start: usize, belongs: impl Fn(&u8) -> bool) -> Range<usize> {
    let start = start.min(bytes.len());
    start..start + bytes[start..].iter().take_while(|byte| belongs(byte)).count()
}

fn find_from(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    memmem::find(bytes.get(from..)?, what).map(|at| from + at)
}
