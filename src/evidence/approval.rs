//! An approval from another machine: a challenge that says what is approved, and an SSH
//! signature over it (`ssh-keygen -Y sign -n playbook-approval`).
//!
//! ```text
//! playbook approval 1
//! run: INC-2026-014-KEY-COMPROMISE
//! document: key-compromise 3 sha256:…
//! step: disable_key
//! action: kms.disable_key (write)
//! request: sha256:…
//! role: commander
//! expires: 2026-11-22T03:40:00Z
//! nonce: …
//! input: {"key":"arn:aws:kms:…"}
//! ```
//!
//! The digest is that of the canonical request ([`Request::canonical`]); its input stands
//! below, so that whoever signs sees it. Everything but the expiry and the nonce is known to
//! the run, which writes the text anew and compares: nothing in it is believed.

use chrono::{DateTime, SecondsFormat, Utc};
use ssh_key::HashAlg;

use super::sshsig::{self, AllowedSigner, AllowedSigners};
use crate::error::{Error, Result};
use crate::run::{DocumentId, Request};

/// What signatures over challenges are for; a signature for anything else is none.
pub const APPROVALS: &str = "playbook-approval";

/// A challenge longer than this is none: 64 KiB.
pub const LONGEST: usize = 64 << 10;

/// A longer input is told by its digest alone: 16 KiB.
const SHOWN_INPUT: usize = 16 << 10;

/// What an approval is for.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub run: &'a str,
    pub document: &'a DocumentId,
    pub step: &'a str,
    pub request: &'a Request,
    /// The role's id.
    pub role: &'a str,
}

/// The text to be signed.
#[derive(Clone, Debug)]
pub struct Challenge {
    pub text: String,
    /// It may be handed back until then.
    pub expires: DateTime<Utc>,
    /// In hex.
    pub nonce: String,
}

/// Whose signature it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// As the list of allowed signers has it.
    pub name: String,
    /// As `ssh-keygen -l` prints it.
    pub key: String,
}

impl Challenge {
    /// A new one, unlike any other.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn new(terms: Terms<'_>, expires: DateTime<Utc>) -> Result<Self> {
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random)
            .map_err(|_| Error::failure("this machine gives no random numbers for the challenge"))?;
        let nonce = format!("{:032x}", u128::from_be_bytes(random));
        Ok(Self::of(terms, expires, nonce))
    }

    fn of(terms: Terms<'_>, expires: DateTime<Utc>, nonce: String) -> Self {
        let Terms { run, document, step, request, role } = terms;
        let DocumentId { name, version, digest, .. } = document;
        let (action, class) = (&request.action, request.class.word());
        let (request, until) = (request.digest(), expires.to_rfc3339_opts(SecondsFormat::Secs, true));
        let input = input(terms.request);
        let text = format!(
            "playbook approval 1\nrun: {run}\ndocument: {name} {version} sha256:{digest}\nstep: {step}\n\
             action: {action} ({class})\nrequest: sha256:{request}\nrole: {role}\nexpires: {until}\n\
             nonce: {nonce}\ninput: {input}\n"
        );
        Self { text, expires, nonce }
    }

    /// Reads a challenge that was handed back.
    ///
    /// # Errors
    /// Says what in it is not what is to be approved.
    pub fn parse(text: &str, terms: Terms<'_>) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("it is too long for a challenge".to_owned());
        }
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let expires = field("expires").and_then(|told| DateTime::parse_from_rfc3339(told).ok());
        let expires = expires.ok_or("it does not say when it expires")?.to_utc();
        let nonce = field("nonce").ok_or("it has no nonce")?;
        if nonce.len() != 32 || !nonce.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("its nonce is none".to_owned());
        }
        let written = Self::of(terms, expires, nonce.to_owned());
        if written.text == text { Ok(written) } else { Err(difference(text, &written.text)) }
    }

    /// Who signed it, among those who may.
    ///
    /// # Errors
    /// Says why nobody did who may.
    pub fn signed_by(
        &self,
        signature: &str,
        signers: &[String],
        name: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<Approver, String> {
        let key = sshsig::signed_by(signature, self.text.as_bytes(), APPROVALS)?;
        let list = AllowedSigners::parse(&signers.join("\n"))?;
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let principal = name
            .map(str::to_owned)
            .or_else(|| list.name_of(&key))
            .ok_or_else(|| format!("{fingerprint} has no name of its own among the allowed signers"))?;
        let signer = AllowedSigner { principal, key };
        list.admit_for(APPROVALS, &signer, at)?;
        Ok(Approver { name: signer.principal, key: fingerprint })
    }
}

fn input(request: &Request) -> String {
    let canonical = Request { action: String::new(), ..request.clone() }.canonical();
    // What stands behind `"input":`, without the brace of the whole.
    let whole = canonical.split_once("\"input\":").map_or("", |(_, rest)| rest);
    match whole.strip_suffix('}').unwrap_or(whole) {
        long if long.len() > SHOWN_INPUT => format!("({} bytes, told by the digest alone)", long.len()),
        input => input.to_owned(),
    }
}

/// The first line that is another than it should be.
fn difference(told: &str, right: &str) -> String {
    let lines = told.lines().map(Some).chain(std::iter::repeat(None)).zip(right.lines());
    for (told, right) in lines {
        if told != Some(right) {
            let told = told.unwrap_or("nothing");
            return format!("it says `{}` where the run has `{}`", short(told), short(right));
        }
    }
    "it goes on after its end".to_owned()
}

fn short(line: &str) -> String {
    line.chars().filter(|letter| !letter.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::action::Class;
    use crate::text::Digest;
    use serde_json::json;

    fn document() -> DocumentId {
        DocumentId { name: "leak".into(), version: 3, digest: Digest::ZERO, origin: "leak.yaml".into() }
    }

    fn request(key: &str) -> Request {
        Request { action: "kms.disable_key".into(), class: Class::Write, input: json!({ "key": key }) }
    }

    fn terms<'a>(document: &'a DocumentId, request: &'a Request) -> Terms<'a> {
        Terms { run: "INC-2026-001-LEAK", document, step: "disable_key", request, role: "commander" }
    }

    #[test]
    fn a_challenge_says_what_is_approved_and_is_read_back() {
        let (document, request) = (document(), request("alias/pii"));
        let expires = "2026-11-22T03:40:00Z".parse().unwrap();
        let made = Challenge::new(terms(&document, &request), expires).unwrap();
        assert!(made.text.contains("\nexpires: 2026-11-22T03:40:00Z\n"));
        assert!(made.text.ends_with("\ninput: {\"key\":\"alias/pii\"}\n"), "{}", made.text);
        let read = Challenge::parse(&made.text, terms(&document, &request)).unwrap();
        assert_eq!((read.text, read.expires, read.nonce), (made.text, expires, made.nonce));
    }

    #[test]
    fn a_challenge_for_anything_else_is_refused_and_the_line_is_told() {
        let (document, request, other) = (document(), request("alias/pii"), request("alias/other"));
        let expires = "2026-11-22T03:40:00Z".parse().unwrap();
        let made = Challenge::new(terms(&document, &request), expires).unwrap();
        let read = |text: &str| Challenge::parse(text, terms(&document, &request)).unwrap_err();
        let of_other = Challenge::parse(&made.text, terms(&document, &other)).unwrap_err();
        assert!(of_other.contains("request: sha256:"), "{of_other}");
        for (from, to, says) in [
            ("INC-2026-001", "INC-2026-002", "it says `run: INC-2026-002"),
            ("step: disable_key", "step: delete_key", "step: delete_key"),
            ("role: commander", "role: approver", "role: approver"),
            ("expires: 2026-11-22T03:40:00Z", "expires: soon", "when it expires"),
            ("expires: 2026-11-22T03:40:00Z", "expires: 2026-11-22T04:40:00+01:00", "expires: "),
            ("nonce: ", "nonce: x", "nonce"),
        ] {
            let why = read(&made.text.replace(from, to));
            assert!(why.contains(says), "{why}");
        }
        assert!(read(&format!("{}more\n", made.text)).contains("after its end"));
        assert!(read("").contains("expires"));
    }
}
