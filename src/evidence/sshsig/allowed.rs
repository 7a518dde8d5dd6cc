//! An `allowed_signers` file of the reader's own (`ssh-keygen(1)`, ALLOWED SIGNERS):
//! patterns of principals, options, a key, a comment.

use std::collections::HashSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey};

use super::{AllowedSigner, NAMESPACE, pattern, time};
use crate::error::{Error, Result};
use crate::evidence::given;

/// A file larger than this is none: 16 MiB.
const LIMIT: u64 = 16 << 20;

/// Who may sign, as the reader of a record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSigners {
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    principals: String,
    options: Options,
    key: KeyData,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    namespaces: Option<String>,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    authority: bool,
}

impl AllowedSigners {
    /// # Errors
    /// When the file cannot be read, and when a line of it is none: a list that is half
    /// understood would refuse a signer who is in it.
    pub fn read(path: &Path) -> Result<Self> {
        let text = given::text("could not read the allowed signers in", path, LIMIT)?;
        Self::parse(&text).map_err(|why| {
            Error::usage(format!("{}, {why}", path.display()))
                .hint("a line is a principal, options and a public key, as in ssh-keygen(1), ALLOWED SIGNERS")
        })
    }

    /// # Errors
    /// Says which line is none, and why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_matches([' ', '\t', '\r']);
            if !line.is_empty() && !line.starts_with('#') {
                lines.push(Line::parse(line).map_err(|why| format!("line {}: {why}", index + 1))?);
            }
        }
        Ok(Self { lines })
    }

    /// Whether a signer may sign records at a time.
    ///
    /// # Errors
    /// Says why not.
    pub fn admit(&self, signer: &AllowedSigner, at: DateTime<Utc>) -> Result<(), String> {
        self.admit_for(NAMESPACE, signer, at)
    }

    /// Whether a signer may sign for a purpose at a time.
    ///
    /// # Errors
    /// Says why not.
    pub fn admit_for(
        &self,
        namespace: &str,
        signer: &AllowedSigner,
        at: DateTime<Utc>,
    ) -> Result<(), String> {
        let of_key: Vec<&Line> =
            self.lines.iter().filter(|line| line.key == *signer.key.key_data()).collect();
        let refusals = of_key.iter().map(|line| line.refuses(namespace, &signer.principal, at));
        let mut said = None;
        for refusal in refusals {
            match refusal {
                None => return Ok(()),
                Some(why) => said = said.or(Some(why)),
            }
        }
        Err(said.unwrap_or_else(|| self.stranger(signer)))
    }

    /// The name that the list has for a key, where it is one name and no pattern.
    #[must_use]
    pub fn name_of(&self, key: &PublicKey) -> Option<String> {
        self.lines.iter().find(|line| line.key == *key.key_data())?.name()
    }

    /// How many different people could sign for a purpose, at a time or later: each has a key
    /// of his own and a name of his own.
    #[must_use]
    pub fn able(&self, namespace: &str, at: DateTime<Utc>) -> usize {
        let able: Vec<&Line> = self.lines.iter().filter(|line| line.may_sign(namespace, at)).collect();
        let keys: HashSet<_> = able.iter().map(|line| line.fingerprint()).collect();
        let names: HashSet<_> =
            able.iter().map(|line| line.name().unwrap_or_else(|| line.fingerprint())).collect();
        keys.len().min(names.len())
    }

    /// Whether a line of it stands for whoever has a certificate.
    #[must_use]
    pub fn has_authorities(&self) -> bool {
        self.lines.iter().any(|line| line.options.authority)
    }

    /// A line of such a list with its times in UTC: in a record they mean the same wherever it
    /// is read, and not the time zone of whoever reads it.
    #[must_use]
    pub fn in_utc(line: &str) -> String {
        Line::in_utc(line).unwrap_or_else(|| line.to_owned())
    }

    fn stranger(&self, signer: &AllowedSigner) -> String {
        let who =
            format!("{} with {} is not among the allowed signers", signer.principal, signer.fingerprint());
        let named = self.lines.iter().filter(|line| pattern::matches(&line.principals, &signer.principal));
        let authority = self.lines.iter().any(|line| line.options.authority);
        match (named.count(), authority) {
            (_, true) => format!("{who}; certificate authorities in the list are not supported here"),
            (0, _) => who,
            _ => format!("{who}: the list has another key under that name"),
        }
    }
}

impl Line {
    fn parse(line: &str) -> Result<Self, String> {
        let (principals, rest) = word(line).ok_or("it has no principal")?;
        let (options, key) = if let Ok(key) = PublicKey::from_openssh(rest) {
            (Options::default(), Ok(key))
        } else {
            let (options, rest) = word(rest).ok_or("it has no key")?;
            (Options::parse(options)?, PublicKey::from_openssh(rest))
        };
        let key = key.map_err(|error| format!("its key cannot be read: {error}"))?;
        let principals = unquoted(principals).ok_or("its quotes do not match")?;
        Ok(Self { principals, options, key: key.key_data().clone() })
    }

    /// `None` where it has no options with times, or is none.
    fn in_utc(line: &str) -> Option<String> {
        let (principals, rest) = word(line)?;
        let (options, key) = word(rest).filter(|_| PublicKey::from_openssh(rest).is_err())?;
        let told = |option: &str| {
            let (name, value) = option.split_once('=').filter(|(name, _)| is_time(name))?;
            Some(format!("{name}=\"{}\"", time::written(time::parse(&unquoted(value)?)?)))
        };
        let options: Vec<_> =
            split(options).map(|option| told(option).unwrap_or_else(|| option.to_owned())).collect();
        Some(format!("{principals} {} {key}", options.join(",")))
    }

    /// Where it is one name and no pattern.
    fn name(&self) -> Option<String> {
        (!self.principals.contains(['*', '?', '!', ','])).then(|| self.principals.clone())
    }

    fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    fn may_sign(&self, namespace: &str, at: DateTime<Utc>) -> bool {
        let Options { namespaces, before, authority, .. } = &self.options;
        let fits = namespaces.as_ref().is_none_or(|list| pattern::matches(list, namespace));
        !authority && fits && before.is_none_or(|before| at <= before)
    }

    /// Why this line, which has the signer's key, does not admit it.
    fn refuses(&self, namespace: &str, principal: &str, at: DateTime<Utc>) -> Option<String> {
        let Options { namespaces, after, before, authority } = &self.options;
        if *authority {
            return Some(
                "the list has the key as a certificate authority, which is not supported here".to_owned(),
            );
        }
        if !pattern::matches(&self.principals, principal) {
            return Some(format!("the list has the key under `{}`, not under {principal}", self.principals));
        }
        if namespaces.as_ref().is_some_and(|list| !pattern::matches(list, namespace)) {
            return Some(format!("the list has {principal} for other purposes than {namespace}"));
        }
        // Both ends belong to the time in which a key is good, as ssh-keygen takes them.
        if after.is_some_and(|after| at < after) {
            return Some(format!("the list has {principal} for later times only"));
        }
        before
            .is_some_and(|before| at > before)
            .then(|| format!("the list has {principal} for earlier times only"))
    }
}

impl Options {
    fn parse(text: &str) -> Result<Self, String> {
        let mut options = Self::default();
        for option in split(text) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value = || unquoted(value).filter(|value| !value.is_empty());
            let moment = || value().and_then(|value| time::parse(&value)).ok_or("a time in it is none");
            match name.to_ascii_lowercase().as_str() {
                "cert-authority" => options.authority = true,
                "namespaces" => options.namespaces = Some(value().ok_or("its namespaces are empty")?),
                "valid-after" => options.after = Some(moment()?),
                "valid-before" => options.before = Some(moment()?),
                other => return Err(format!("`{other}` is no option")),
            }
        }
        match (options.after, options.before) {
            (Some(after), Some(before)) if before <= after => {
                Err("valid-before is not later than valid-after".to_owned())
            }
            _ => Ok(options),
        }
    }
}

fn is_time(option: &str) -> bool {
    ["valid-after", "valid-before"].iter().any(|name| option.eq_ignore_ascii_case(name))
}

/// The first word, to the next blank that stands in no quotes, and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && (c == ' ' || c == '\t')
    })?;
    let (word, rest) = text.split_at(end);
    Some((word, rest.trim_start_matches([' ', '\t'])))
}

/// Options are parted by commas that stand in no quotes.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && c == ','
    })
}

/// A value within its quotes, or as it is where it has none.
fn unquoted(text: &str) -> Option<String> {
    match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').filter(|inner| !inner.contains('"')).map(str::to_owned),
        None => (!text.contains('"')).then(|| text.to_owned()),
    }
}
