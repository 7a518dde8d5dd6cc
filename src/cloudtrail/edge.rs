//! Where a name ends: the character beside it, however that is written.
//!
//! What stands beside a name may be an escape of JSON (`\n`, `\/`, `\u002f`) or of a URL
//! (`%2F`), whose last letter must not be taken for a letter of a longer name, and which
//! may well be a character that makes the name longer.

use super::form::Kind;

/// Whether neither side of `start..end` goes on with the name.
pub(super) fn ends(kind: Kind, text: &[u8], start: usize, end: usize) -> bool {
    !before(text, start).is_some_and(|byte| kind.goes_on_before(byte))
        && !after(text, end).is_some_and(|byte| kind.goes_on_after(byte))
}

impl Kind {
    const fn goes_on_before(self, byte: u8) -> bool {
        match self {
            Self::Id => byte.is_ascii_alphanumeric(),
            // Not `/`: that stands in front of a name in a path or a URL.
            Self::Alias => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        }
    }

    const fn goes_on_after(self, byte: u8) -> bool {
        match self {
            Self::Id => byte.is_ascii_alphanumeric(),
            Self::Alias => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'),
        }
    }
}

/// The character in front of `at`, with any escape taken for what it spells. Characters
/// outside of ASCII are `None`: they end a name.
fn before(text: &[u8], at: usize) -> Option<u8> {
    let back = |by: usize| at.checked_sub(by).and_then(|at| text.get(at)).copied();
    let last = back(1)?;
    if !last.is_ascii_alphanumeric() {
        return Some(last);
    }
    if back(2) == Some(b'\\') && b"bfnrt".contains(&last) {
        return Some(b' ');
    }
    if let Some(byte) = at.checked_sub(3).and_then(|at| percent(text, at)) {
        return Some(byte);
    }
    match at.checked_sub(6).and_then(|at| unicode(text, at)) {
        Some(unit) => u8::try_from(unit).ok(),
        None => Some(last),
    }
}

/// The character at `at`, likewise. Any number of backslashes may stand before it, for a
/// string that holds JSON is escaped once more.
fn after(text: &[u8], at: usize) -> Option<u8> {
    let first = *text.get(at)?;
    if first == b'%' {
        return percent(text, at).or(Some(first));
    }
    if first != b'\\' {
        return Some(first);
    }
    let run = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    match text.get(at + run) {
        Some(b'/') => Some(b'/'),
        Some(b'u') => unicode(text, at + run - 1).and_then(|unit| u8::try_from(unit).ok()),
        _ => Some(first),
    }
}

/// The byte that `%XX` at `at` spells (RFC 3986, section 2.1).
pub(super) fn percent(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at..at.checked_add(3)?)? {
        [b'%', high, low] => u8::try_from(hex(&[*high, *low])?).ok(),
        _ => None,
    }
}

/// The UTF-16 code unit that `\uXXXX` at `at` spells (RFC 8259, section 7).
pub(super) fn unicode(text: &[u8], at: usize) -> Option<u16> {
    match text.get(at..at.checked_add(6)?)? {
        [b'\\', b'u', digits @ ..] => hex(digits),
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |number, digit| {
        let digit = u16::try_from(char::from(*digit).to_digit(16)?).ok()?;
        Some(number << 4 | digit)
    })
}
