//! Approvals from other machines: what is handed out to be signed, and what comes back.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::{APPROVALS, Challenge, Terms};
use super::inbox::{Inbox, SignedWord};
use super::sshsig::signed_by;
use crate::error::{Error, Result};
use crate::run::{Run, Wanted};

/// How long a challenge may be handed back, where the step's approvals do not expire sooner.
const ORDINARY: TimeDelta = TimeDelta::hours(1);

/// What is handed in is no longer than this: 256 KiB.
const LONGEST: u64 = 256 << 10;

/// How `ssh-keygen -Y sign` begins a signature, and ends it.
pub const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
pub const END: &str = "-----END SSH SIGNATURE-----";

/// A new challenge for the approval that a step waits for, kept so that its signature alone is
/// enough when it comes back.
///
/// # Errors
/// When the machine gives no random numbers, or the disk does not take it.
pub fn hand_out(
    run: &Run,
    step: &str,
    wanted: &Wanted,
    inbox: &Inbox,
    now: DateTime<Utc>,
) -> Result<Challenge> {
    let terms = terms(run, step, wanted).ok_or_else(|| Error::failure("the run was not opened"))?;
    let challenge = Challenge::new(terms, now + holds(run, step))?;
    inbox.keep_challenge(&challenge.nonce, &challenge.text)?;
    Ok(challenge)
}

/// For how long a challenge of a step may be handed back from when it was printed.
#[must_use]
pub fn holds(run: &Run, step: &str) -> TimeDelta {
    let declared = run.playbook().step(step).and_then(|(_, step)| step.approve.as_ref()?.expires);
    declared.and_then(|holds| TimeDelta::from_std(holds).ok()).map_or(ORDINARY, |holds| holds.min(ORDINARY))
}

fn terms<'a>(run: &'a Run, step: &'a str, wanted: &'a Wanted) -> Option<Terms<'a>> {
    let document = &run.opened()?.document;
    Some(Terms { run: run.id(), document, step, request: &wanted.request, role: &wanted.role })
}

/// A signature as somebody hands it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedIn {
    signature: String,
    /// What it may be over, as far as that came with it.
    challenges: Vec<String>,
}

impl HandedIn {
    /// Reads a text with a signature in it, and perhaps the challenge before it, whatever blanks
    /// a mail or a terminal put around their lines. `None` where there is no signature.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace("\r\n", "\n");
        let (before, rest) = text.split_once(BEGIN)?;
        let (body, _) = rest.split_once(END)?;
        let lines: Vec<_> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let signature = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
        let pasted = before.find("playbook approval ").and_then(|at| before.get(at..));
        let challenges = pasted.map(|text| text.trim_end().to_owned() + "\n").into_iter().collect();
        Some(Self { signature, challenges })
    }

    /// The same in a file, `-` for standard input; the challenge may lie beside it, under its
    /// name without `.sig`.
    ///
    /// # Errors
    /// When it cannot be read, or holds no signature.
    pub fn read(file: &Path) -> Result<Self> {
        let text = text(file)?;
        let mut handed = Self::parse(&text).ok_or_else(|| {
            Error::usage(format!("{} holds no SSH signature", file.display()))
                .hint("it is what `ssh-keygen -Y sign` writes: from BEGIN SSH SIGNATURE to END SSH SIGNATURE")
        })?;
        let beside = file.to_str().and_then(|path| path.strip_suffix(".sig"));
        handed.challenges.extend(beside.and_then(|path| self::text(Path::new(path)).ok()));
        Ok(handed)
    }

    /// The signature with the challenge that it is over: one that came with it, or one that was
    /// handed out from the record's folder.
    ///
    /// # Errors
    /// Says why it is no approval of the step.
    pub fn over(
        self,
        (run, step, wanted): (&Run, &str, &Wanted),
        name: Option<&str>,
        inbox: &Inbox,
        now: DateTime<Utc>,
    ) -> std::result::Result<SignedWord, String> {
        let terms = terms(run, step, wanted).ok_or("the run was not opened")?;
        let signers = run.signers(&wanted.role).unwrap_or_default();
        let mut why = None;
        for challenge in self.challenges.into_iter().chain(inbox.challenges()) {
            let parsed = Challenge::parse(&challenge, terms);
            match parsed.and_then(|parsed| parsed.signed_by(&self.signature, signers, name, now)) {
                Ok(_) => {
                    let principal = name.map(str::to_owned);
                    return Ok(SignedWord { challenge, signature: self.signature, principal });
                }
                // It is over this one, and so over no other.
                Err(wrong) if signed_by(&self.signature, challenge.as_bytes(), APPROVALS).is_ok() => {
                    why = Some(wrong);
                    break;
                }
                Err(wrong) => why = why.or(Some(wrong)),
            }
        }
        let why = why.unwrap_or_else(|| {
            "its challenge was not found: put challenge.txt beside challenge.txt.sig".to_owned()
        });
        Err(format!("the signature does not count: {why}"))
    }
}

fn text(file: &Path) -> Result<String> {
    let failed = |error| Error::io("could not read the signature in", file, error);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)).map_err(failed)?;
    }
    Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_found_whatever_stands_around_its_lines() {
        let plain = format!("{BEGIN}\nU1NI\nU0lH\n{END}\n");
        let handed = HandedIn::parse(&plain).expect("a signature");
        assert_eq!((handed.signature.as_str(), handed.challenges.len()), (plain.as_str(), 0));
        let mailed = format!(
            "> hello\n\nplaybook approval 1\nrun: R\n \r\n{BEGIN}  \r\n  U1NI\t\r\n\r\nU0lH \r\n{END} \r\nbye"
        );
        let handed = HandedIn::parse(&mailed).expect("a signature");
        assert_eq!(
            (handed.signature, handed.challenges),
            (plain, vec!["playbook approval 1\nrun: R\n".to_owned()])
        );
        for none in ["", BEGIN, END, "U1NI"] {
            assert_eq!(HandedIn::parse(none), None, "{none}");
        }
    }
}
