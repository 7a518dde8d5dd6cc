//! Pattern lists of OpenSSH (`ssh_config(5)`, PATTERNS): commas between, `*` for any
//! characters, `?` for one, `!` before a pattern that must not match.

/// Whether a list takes a text: one pattern does, and no negated one.
pub(super) fn matches(list: &str, text: &str) -> bool {
    let mut taken = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(refused) if one(refused.as_bytes(), text.as_bytes()) => return false,
            None if one(pattern.as_bytes(), text.as_bytes()) => taken = true,
            _ => {}
        }
    }
    taken
}

/// Goes back to the last star when what follows it does not fit, so that the time is
/// bounded by the product of both lengths.
fn one(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(wanted), Some(there)) if *wanted == b'?' || wanted == there => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) if from < text.len() => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    /// Expectations from `ssh_config(5)`, PATTERNS.
    #[test]
    fn lists_match_as_openssh_says() {
        for (list, text) in [
            ("*", "ana"),
            ("ana@desk", "ana@desk"),
            ("*@example.com", "ana@example.com"),
            ("192.168.0.?", "192.168.0.5"),
            ("!bob,*", "ana"),
            ("x,a*a", "ana"),
            ("a*b*c", "aXbXbXc"),
        ] {
            assert!(matches(list, text), "{list} takes {text}");
        }
        for (list, text) in [
            ("", "ana"),
            ("Ana", "ana"),
            ("!ana,*", "ana"),
            ("*,!ana", "ana"),
            ("!bob", "ana"),
            ("a?a?", "ana"),
            ("an", "ana"),
            ("*b", "ana"),
        ] {
            assert!(!matches(list, text), "{list} refuses {text}");
        }
    }
}
