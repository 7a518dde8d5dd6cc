//! The two encodings of an RSA public key: PKCS #1 (RFC 8017, appendix A.1.1) and
//! SubjectPublicKeyInfo (RFC 5280, section 4.1), which wraps the first.

/// `SEQUENCE { OID rsaEncryption, NULL }` (RFC 3279, section 2.3.1).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// The same key in the other of the two encodings; `None` where it is in neither.
pub(super) fn other_encoding(der: &[u8]) -> Option<Vec<u8>> {
    let (content, rest) = element(der, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    if let Some(key) = content.strip_prefix(&RSA_ENCRYPTION) {
        return element(key, BIT_STRING)?.0.strip_prefix(&[0]).map(<[u8]>::to_vec);
    }
    let bits = wrapped(BIT_STRING, &[&[0], der].concat());
    Some(wrapped(SEQUENCE, &[&RSA_ENCRYPTION, bits.as_slice()].concat()))
}

/// The content of the element that `der` begins with, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        0x80 | 0x85.. => return None,
    };
    rest.split_at_checked(length)
}

fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: &[u8] =
        length.get(length.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    let mut der = vec![tag];
    if content.len() >= 0x80 {
        der.push(0x80 | u8::try_from(length.len()).unwrap_or(u8::MAX));
    }
    der.extend(if content.is_empty() { &[0] } else { length });
    der.extend(content);
    der
}
