//! The ways in which a known secret can be spelled in a text: as it is, escaped for JSON,
//! XML, YAML, a shell or Rust, percent-encoded, in base64 (within a larger text too), in hex,
//! in UTF-16.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use memchr::memmem::Finder;

/// Parts of a secret that are shorter than this are too much like anything else.
const SHORTEST_PART: usize = 8;
/// Lines of a secret of several lines that are looked for on their own.
const SHORTEST_LINE: usize = 16;

/// One spelling, ready to be looked for.
pub(super) struct Spelling(Finder<'static>);

impl Spelling {
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.find_iter(bytes).map(|start| start..start + self.len())
    }

    pub(super) fn len(&self) -> usize {
        self.0.needle().len()
    }
}

/// All spellings of a secret, each once.
pub(super) fn of(secret: &str) -> Vec<Spelling> {
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    let lines = secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE && *line != secret);
    for text in std::iter::once(secret).chain(lines) {
        let wide = [u16::to_le_bytes, u16::to_be_bytes].map(|order| wide(text, order));
        let mut spelled = escaped(text);
        spelled.extend(percent(text));
        for part in base64_parts(text.as_bytes()) {
            spelled.extend(percent(&part));
            spelled.push(part.replace('/', "\\/"));
            spelled.push(part);
        }
        let members = json_forms(text);
        let nested = members.iter().map(|text| json(text));
        spelled.extend(nested.chain(members.iter().cloned()));
        // JSON in base64, once or within JSON, as Kubernetes, container registries and tokens
        // have it, by those who escape no more than they must, all but ASCII, or what Go does.
        for members in [json(text), ascii(text), go(text)] {
            let nested = json(&members);
            spelled.extend([members, nested].iter().flat_map(|text| base64_parts(text.as_bytes())));
        }
        // What PowerShell takes as an encoded command.
        spelled.extend(wide.iter().flat_map(|text| base64_parts(text)));
        spelled.extend([hex(text, false), hex(text, true)]);
        all.extend(spelled.into_iter().map(String::into_bytes));
        all.extend(wide);
    }
    all.iter().map(|spelling| Spelling(Finder::new(spelling).into_owned())).collect()
}

/// UTF-16, in either order of bytes.
fn wide(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// A text in JSON, with more escapes.
fn json_with(text: &str, escape: fn(char) -> Option<String>) -> String {
    json(text).chars().map(|c| escape(c).unwrap_or_else(|| c.to_string())).collect()
}

/// As Python's json.
fn ascii(text: &str) -> String {
    json_with(text, |c| (!c.is_ascii()).then(|| utf16(c, false)))
}

/// As Go's encoding/json.
fn go(text: &str) -> String {
    json_with(text, |c| matches!(c, '<' | '>' | '&').then(|| utf16(c, false)))
}

/// A text in JSON, as different writers of it escape more than they have to.
fn json_forms(text: &str) -> BTreeSet<String> {
    let each = |escape| json_with(text, escape);
    BTreeSet::from([
        each(|c| (c == '/').then(|| "\\/".to_owned())),
        each(|c| (!c.is_ascii()).then(|| utf16(c, true))),
        // PHP escapes both.
        each(|c| (!c.is_ascii()).then(|| utf16(c, false)).or((c == '/').then(|| "\\/".to_owned()))),
        // Java's Gson.
        each(|c| matches!(c, '<' | '>' | '&' | '=' | '\'').then(|| utf16(c, false))),
        json(text),
        ascii(text),
        go(text),
    ])
}

fn escaped(text: &str) -> Vec<String> {
    let debug = format!("{text:?}");
    vec![
        text.to_owned(),
        debug[1..debug.len() - 1].to_owned(),
        xml(text, "&quot;", "&apos;"),
        xml(text, "&#34;", "&#39;"),
        xml(text, "&quot;", "&#x27;"),
        xml(text, "&quot;", "'"),
        xml(text, "\"", "'"),
        text.replace('\'', "''"),
        text.replace('\'', r"'\''"),
        text.replace('\'', r#"'"'"'"#),
    ]
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn utf16(c: char, capitals: bool) -> String {
    let mut units = [0; 2];
    c.encode_utf16(&mut units)
        .iter()
        .map(|unit| if capitals { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") })
        .collect()
}

fn xml(text: &str, quote: &str, apostrophe: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', quote).replace('\'', apostrophe)
}

/// Percent-encoding differs in what it leaves alone (RFC 3986, `encodeURIComponent`, HTML
/// forms, `encodeURI` for paths) and in the case of its digits.
fn percent(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for left in ["-_.~", "-_.~!*'()", "*-._", "-_.~/"] {
        for capitals in [true, false] {
            let encoded = percent_leaving(text, left, capitals);
            all.push(encoded.replace("%20", "+"));
            all.push(encoded);
        }
    }
    all
}

fn percent_leaving(text: &str, left: &str, capitals: bool) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        let written = match (c.is_ascii_alphanumeric() || left.contains(c), capitals) {
            (true, _) => write!(encoded, "{c}"),
            (_, true) => write!(encoded, "%{byte:02X}"),
            (_, false) => write!(encoded, "%{byte:02x}"),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
    }
    encoded
}

fn hex(text: &str, capitals: bool) -> String {
    text.bytes().map(|byte| if capitals { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
}

/// The secret in base64 (RFC 4648, both alphabets): on its own, and as it looks inside the
/// encoding of a larger text, where it can begin at three places of a group of three bytes;
/// the digits that it shares with its neighbours are left out.
fn base64_parts(bytes: &[u8]) -> Vec<String> {
    let mut parts = Vec::new();
    for alphabet in ["+/", "-_"] {
        let whole = base64(bytes, alphabet);
        let unpadded = whole.trim_end_matches('=').to_owned();
        parts.extend([whole, unpadded].into_iter().filter(|part| part.len() >= SHORTEST_PART));
        for offset in 0..3 {
            let mut shifted = vec![0; offset];
            shifted.extend_from_slice(bytes);
            let encoded = base64(&shifted, alphabet);
            let (from, to) = ((offset * 8).div_ceil(6), shifted.len() * 8 / 6);
            parts.extend(encoded.get(from..to).filter(|part| part.len() >= SHORTEST_PART).map(str::to_owned));
        }
    }
    parts
}

fn base64(bytes: &[u8], last_two: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(last_two.chars()).collect();
    let mut encoded = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - group.len()));
        for digit in 0..4 {
            encoded.push(if digit <= group.len() { alphabet[bits >> (18 - 6 * digit) & 63] } else { '=' });
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, encoded) in vectors {
            assert_eq!(base64(text.as_bytes(), "+/"), encoded);
        }
    }

    #[test]
    fn escapes_beyond_the_basic_plane_are_pairs() {
        // RFC 8259, section 7: the G clef is "\uD834\uDD1E".
        assert_eq!(utf16('\u{1D11E}', true), "\\uD834\\uDD1E");
    }
}
