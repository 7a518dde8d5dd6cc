//! The character encoding of tag files (RFC 8493, sections 2.1.1 and 2.3), and their lines.

/// What `Tag-File-Character-Encoding` may name here. The RFC allows whatever IANA has
/// registered and recommends UTF-8; these are what bags are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    /// Big endian, unless a byte order mark says otherwise (RFC 2781, section 4.3).
    Utf16,
    Utf16Le,
}

impl Encoding {
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Self::Utf8,
            "US-ASCII" | "ASCII" => Self::Ascii,
            "ISO-8859-1" | "ISO_8859-1" | "LATIN1" => Self::Latin1,
            "UTF-16" | "UTF-16BE" => Self::Utf16,
            "UTF-16LE" => Self::Utf16Le,
            _ => return None,
        })
    }

    /// The text, without the byte order mark that UTF-16 may have. `None` for bytes that are
    /// none in this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Ascii => bytes.is_ascii().then(|| bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 | Self::Utf16Le => self.decode_units(bytes),
        }
    }

    fn decode_units(self, bytes: &[u8]) -> Option<String> {
        let (bytes, little) = match bytes {
            [0xFE, 0xFF, rest @ ..] => (rest, false),
            [0xFF, 0xFE, rest @ ..] => (rest, true),
            bytes => (bytes, self == Self::Utf16Le),
        };
        let unit = |pair: &[u8]| match pair {
            [a, b] if little => Some(u16::from_le_bytes([*a, *b])),
            [a, b] => Some(u16::from_be_bytes([*a, *b])),
            _ => None,
        };
        let units = bytes.chunks(2).map(unit).collect::<Option<Vec<u16>>>()?;
        String::from_utf16(&units).ok()
    }
}

/// The lines of a tag file: each ends with LF, CR or CRLF, the last one perhaps with nothing
/// (RFC 8493, section 2.3).
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let crlf = after.strip_prefix("\r\n");
        rest = crlf.or_else(|| after.strip_prefix(['\r', '\n'])).unwrap_or_default();
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_lf_cr_or_crlf() {
        assert_eq!(lines("a\nb\rc\r\n\r\nd").collect::<Vec<_>>(), ["a", "b", "c", "", "d"]);
        assert_eq!(lines("a\n").collect::<Vec<_>>(), ["a"]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn texts_are_read_in_the_encoding_that_the_bag_declares() {
        let big = [0xFE, 0xFF, 0x00, 0xE9];
        let little = [0xFF, 0xFE, 0xE9, 0x00];
        for (name, bytes) in [
            ("utf-8", &[0xC3, 0xA9][..]),
            ("ISO-8859-1", &[0xE9]),
            ("UTF-16", &big),
            ("UTF-16", &little),
            ("UTF-16BE", &big[2..]),
            ("UTF-16LE", &little[2..]),
        ] {
            assert_eq!(Encoding::named(name).unwrap().decode(bytes).as_deref(), Some("é"), "{name}");
        }
        assert_eq!(Encoding::Utf8.decode(&[0xE9]), None);
        assert_eq!(Encoding::Ascii.decode(&[0xE9]), None);
        assert_eq!(Encoding::Utf16.decode(&[0]), None);
        assert_eq!(Encoding::Utf16.decode(&[0xD8, 0x00]), None);
        assert_eq!(Encoding::named("KOI8-R"), None);
    }
}
