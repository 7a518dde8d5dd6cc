//! The forms in which an event can name a key, and finding them in text.
//!
//! A key has an ARN, a bare id (the same in every region where it begins with `mrk-`), and
//! any number of aliases, each with a name and an ARN (AWS KMS developer guide, "Key
//! identifiers"). An ARN is found by what is its own: the id, or the name of the alias. So
//! every form finds the event that spells it otherwise, in whatever region and account.

use std::fmt;

use memchr::memmem::Finder;

use super::edge::{ends, percent};

/// Why a text is no form of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoForm(String);

impl fmt::Display for NoForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no form of a key: give a key id, a key ARN, an alias name (alias/NAME) or an alias ARN",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for NoForm {}

/// Which characters would make a longer name of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters and digits, on both sides.
    Id,
    /// Letters, digits, `-` and `_`, and behind it `/` too, for names have levels.
    Alias,
}

/// One spelling that is looked for.
#[derive(Clone, Debug)]
struct Form {
    kind: Kind,
    text: Vec<u8>,
    /// Where the core begins in the text, and the core: the longest part without a `/`,
    /// which may be written `%2F`.
    at: usize,
    core: Finder<'static>,
}

/// All forms of one key that were given.
#[derive(Clone, Debug)]
pub struct Forms(Vec<Form>);

impl Forms {
    /// Reads forms as a person gives them.
    ///
    /// # Errors
    /// When one of them is no form of a key.
    pub fn new<'a>(given: impl IntoIterator<Item = &'a str>) -> Result<Self, NoForm> {
        let mut forms: Vec<Form> = Vec::new();
        for text in given {
            let form = Form::read(text.trim()).ok_or_else(|| NoForm(text.to_owned()))?;
            if !forms.iter().any(|known| known.text == form.text) {
                forms.push(form);
            }
        }
        Ok(Self(forms))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether none of them is an id or the ARN of a key: most events name keys by these.
    pub fn are_aliases_only(&self) -> bool {
        self.0.iter().all(|form| form.kind == Kind::Alias)
    }

    /// Whether the text names the key. Escapes of JSON that spell a part of the name are for
    /// whoever calls to take out; see [`super::escape`].
    pub(super) fn named_in(&self, text: &[u8]) -> bool {
        self.0.iter().any(|form| form.is_in(text))
    }
}

impl Form {
    fn read(given: &str) -> Option<Self> {
        let name = match given.strip_prefix("arn:") {
            Some(rest) => resource(rest)?,
            None => given,
        };
        if let Some(rest) = name.strip_prefix("alias/") {
            return is_alias(rest).then(|| Self::new(Kind::Alias, name.to_owned()));
        }
        // Ids are written in lower case, wherever they come from.
        let id = name.strip_prefix("key/").unwrap_or(name).to_ascii_lowercase();
        is_id(&id).then(|| Self::new(Kind::Id, id))
    }

    fn new(kind: Kind, text: String) -> Self {
        let core = text.split('/').fold("", |best, part| if part.len() >= best.len() { part } else { best });
        let at = text.rfind(core).unwrap_or_default();
        let core = Finder::new(core).into_owned();
        Self { kind, at, core, text: text.into_bytes() }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        self.core.find_iter(text).any(|found| self.is_at(text, found))
    }

    /// Whether the form lies around this place of its core, and is no part of a longer name.
    fn is_at(&self, text: &[u8], found: usize) -> bool {
        let (before, from_core) = self.text.split_at_checked(self.at).unwrap_or_default();
        let start = back(text, found, before);
        let end = forth(text, found, from_core);
        start.zip(end).is_some_and(|(start, end)| ends(self.kind, text, start, end))
    }
}

/// Where `wanted` begins, if it ends at `end`.
fn back(text: &[u8], end: usize, wanted: &[u8]) -> Option<usize> {
    wanted.iter().rev().try_fold(end, |end, want| {
        let one = end.checked_sub(1)?;
        if text.get(one) == Some(want) {
            return Some(one);
        }
        let three = end.checked_sub(3)?;
        (*want == b'/' && percent(text, three) == Some(b'/')).then_some(three)
    })
}

/// Where `wanted` ends, if it begins at `start`.
fn forth(text: &[u8], start: usize, wanted: &[u8]) -> Option<usize> {
    wanted.iter().try_fold(start, |at, want| {
        if text.get(at) == Some(want) {
            return Some(at + 1);
        }
        (*want == b'/' && percent(text, at) == Some(b'/')).then_some(at + 3)
    })
}

/// `key/...` or `alias/...` of `PARTITION:kms:REGION:ACCOUNT:RESOURCE`.
fn resource(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(5, ':');
    let (_partition, service) = (parts.next()?, parts.next()?);
    let (_region, _account) = (parts.next()?, parts.next()?);
    let resource = parts.next()?;
    (service == "kms" && (resource.starts_with("key/") || resource.starts_with("alias/"))).then_some(resource)
}

/// AWS KMS API reference, `CreateAlias`: 1 to 256 characters with `alias/`.
fn is_alias(name: &str) -> bool {
    (1..=250).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
}

/// A UUID, or `mrk-` and 32 hexadecimal digits (AWS KMS developer guide, "Multi-Region keys").
fn is_id(id: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = id.strip_prefix("mrk-") {
        return digits.len() == 32 && is_hex(digits);
    }
    let lengths: Vec<_> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.split('-').all(is_hex)
}
