//! Percent-encoding (RFC 3986, section 2.1).

use std::fmt::Write as _;

/// The text with its escapes undone; what is no escape stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|hex| byte == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let escaped = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = escaped.and_then(|_| tail.get(2..)).unwrap_or(tail);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with everything escaped but unreserved characters and slashes.
pub(super) fn encoded_path(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_other_text_stays() {
        assert_eq!(decoded("%7B%22Version%22%3A%222012-10-17%22%7D"), r#"{"Version":"2012-10-17"}"#);
        assert_eq!(decoded(r#"{"a":"100%"}"#), r#"{"a":"100%"}"#);
        assert_eq!(decoded("%C3%A9%zz%4%+1"), "é%zz%4%+1");
    }

    #[test]
    fn what_is_encoded_reads_back() {
        let key = "exports/2026 11/a+b%é?versionId=x&y.csv";
        assert_eq!(encoded_path(key), "exports/2026%2011/a%2Bb%25%C3%A9%3FversionId%3Dx%26y.csv");
        assert_eq!(decoded(&encoded_path(key)), key);
    }
}
