//! Replies of a mail server (RFC 5321, section 4.2).

use super::Refusal;

/// A code and what stands behind it, line by line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
}

/// One line of a reply: its code, whether another follows, its text.
///
/// # Errors
/// When it is no line of a reply.
pub(super) fn line(text: &str) -> Result<(u16, bool, &str), Refusal> {
    let strange = || Refusal::ForNow("the server answers in no language of mail".to_owned());
    let (code, rest) = text.split_at_checked(3).ok_or_else(strange)?;
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| is_code && (200..600).contains(code)).ok_or_else(strange)?;
    match rest.as_bytes().first() {
        None => Ok((code, false, "")),
        Some(b' ') => Ok((code, false, rest.get(1..).unwrap_or_default())),
        Some(b'-') => Ok((code, true, rest.get(1..).unwrap_or_default())),
        Some(_) => Err(strange()),
    }
}

impl Reply {
    /// The reply if it is the one that was hoped for.
    ///
    /// # Errors
    /// When it is another: for now below 500, for good from there on.
    pub(super) fn expect(self, wanted: u16, command: &str) -> Result<Self, Refusal> {
        if self.code == wanted { Ok(self) } else { Err(self.refusal(command)) }
    }

    pub(super) fn refusal(&self, command: &str) -> Refusal {
        let why = format!("{command} was answered with {} {}", self.code, self.words());
        if self.code < 500 { Refusal::ForNow(why) } else { Refusal::ForGood(why) }
    }

    /// In one line, which may be long.
    pub(super) fn words(&self) -> String {
        let text = self.lines.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ");
        text.chars().filter(|c| !c.is_control()).collect()
    }

    /// The words behind a keyword of EHLO (RFC 5321, section 4.1.1.1), where it is there.
    pub(super) fn extension(&self, keyword: &str) -> Option<Vec<String>> {
        self.lines.iter().skip(1).find_map(|line| {
            let mut words = line.split_whitespace().map(str::to_ascii_uppercase);
            (words.next()? == keyword).then(|| words.collect())
        })
    }
}
