//! Base64 (RFC 4648, both alphabets), read as far as it goes.

/// What the digits of a text say, up to the first byte that is none. Line ends in between do
/// not matter.
pub(super) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in encoded.iter().filter(|byte| !b"\r\n".contains(byte)) {
        let Some(digit) = digit(*byte) else { break };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push((bits >> held & 0xff) as u8);
        }
    }
    decoded
}

const fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

pub(super) const fn is_digit(byte: u8) -> bool {
    digit(byte).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_rfc_4648_writes_them() {
        for (encoded, text) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9v\r\nYmFy", "foobar"),
            ("Zm9v!Zm9v", "foo"),
        ] {
            assert_eq!(decode(encoded.as_bytes()), text.as_bytes());
        }
        assert_eq!(decode(b"-_-_"), decode(b"+/+/"));
    }
}
