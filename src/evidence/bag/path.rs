//! Paths in manifests and fetch files: how they are spelled, and which are refused.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::version::Version;

/// LF, CR and `%` are percent-encoded in paths, and nothing else is (RFC 8493, 2.1.3).
pub(super) fn encode(path: &str) -> String {
    path.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}

/// The path that a 1.0 manifest spells; `None` where a percent sign stands for anything but
/// LF, CR or itself. The digits are hex in either case (RFC 3986, section 2.1).
pub(super) fn decode(listed: &str) -> Option<String> {
    let mut parts = listed.split('%');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let plain = match part.get(..2)?.to_ascii_uppercase().as_str() {
            "0A" => '\n',
            "0D" => '\r',
            "25" => '%',
            _ => return None,
        };
        path.push(plain);
        path.push_str(part.get(2..)?);
    }
    Some(path)
}

/// Line ends, as the last drafts before 1.0 encoded them; `%` stood for itself.
pub(super) fn decode_line_ends(listed: &str) -> String {
    ["%0A", "%0a"]
        .into_iter()
        .fold(listed.to_owned(), |path, code| path.replace(code, "\n"))
        .replace("%0D", "\r")
        .replace("%0d", "\r")
}

/// Whether a path names something below the folder that it starts from, and in one way only.
#[must_use]
pub fn stays_below(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(plain) && !path.contains('\0')
}

/// Why a path in a bag of another's is not looked at, whatever lies there (RFC 8493,
/// section 5.1): it would leave the bag on some system, or can be read in two ways.
pub(super) fn refusal(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    let climbs = path.split(['/', '\\']).any(|part| part == "..");
    Some(match path {
        "" => "is empty",
        _ if path.contains('\0') => "holds a NUL",
        _ if climbs => "climbs out of a folder with `..`",
        _ if path.starts_with('/') => "is absolute",
        _ if path.starts_with('~') => "begins in a home directory",
        _ if path.starts_with('\\') => "is absolute on Windows",
        _ if drive => "names a Windows drive",
        _ if path.starts_with('%') && path[1..].contains('%') => "begins with a variable of Windows",
        _ if !stays_below(path) => "has an empty part or a `.` in it",
        _ => return None,
    })
}

/// The normal form in which names are compared (Unicode Standard Annex 15, NFC).
pub(super) fn composed(path: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(path).into_owned()
}

/// Whether a version spells percent signs in paths as `%25`.
pub(super) fn encodes_percent(version: Version) -> bool {
    version >= Version::V1_0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_as_rfc_8493_says() {
        for (path, line) in [
            ("data/a b", "data/a b"),
            ("data/100%", "data/100%25"),
            ("data/a\r\nb", "data/a%0D%0Ab"),
            ("data/%0A", "data/%250A"),
        ] {
            assert_eq!(encode(path), line);
            assert_eq!(decode(line).as_deref(), Some(path));
        }
        assert_eq!(decode("data/a%0a%0d").as_deref(), Some("data/a\n\r"));
        for line in ["data/100%", "data/%7Ea", "data/%2", "data/%é"] {
            assert_eq!(decode(line), None, "{line}");
        }
        assert_eq!(decode_line_ends("data/%7Ea%0Ab%0d%25"), "data/%7Ea\nb\r%25");
    }

    #[test]
    fn paths_that_leave_the_bag_anywhere_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../a",
            "data/../../a",
            "data/..",
            "..\\a",
            "data/..\\..\\a",
            "~/a",
            "~root/a",
            "C:\\Windows\\a",
            "c:a",
            "\\\\?\\UNC\\server\\a",
            "%HomeDrive%\\a",
            "data//a",
            "data/./a",
            "data/",
            "data/a\0b",
        ] {
            assert!(refusal(path).is_some(), "{path:?}");
        }
        for path in ["data/a", "data/..a", "data/a..b/c", "data/~a", "data/%a%", "data/a:b", "data/a\\b", "é"]
        {
            assert_eq!(refusal(path), None, "{path:?}");
        }
    }
}
