//! What is known of a request besides who, what and on which: its context keys.

use std::collections::HashMap;

/// What keys are that nobody said anything of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beyond {
    /// They are not in the request.
    #[default]
    Absent,
    /// They may be in the request, with any value: discovery.
    Unknown,
}

/// Keys ignore case. A key without values is absent.
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: HashMap<String, Vec<String>>,
    beyond: Beyond,
    /// Keys that begin so are all known: those without a value are absent.
    closed: Vec<String>,
    /// What keys that are not known are known not to be.
    not: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    Known(&'a [String]),
    Absent,
    Unknown,
}

impl Context {
    #[must_use]
    pub fn new(beyond: Beyond) -> Self {
        Self { values: HashMap::new(), beyond, closed: Vec::new(), not: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, vec![value.into()]);
        self
    }

    /// Says that a key is not in the request.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.set(key, Vec::new());
        self
    }

    pub fn set(&mut self, key: &str, values: Vec<String>) {
        self.values.insert(key.to_ascii_lowercase(), values);
    }

    /// Says that every key with this beginning is known.
    pub fn close(&mut self, prefix: &str) {
        self.closed.push(prefix.to_ascii_lowercase());
    }

    /// Says of a key which value it does not have.
    #[must_use]
    pub fn but_not(mut self, key: &str, value: &str) -> Self {
        self.not.push((key.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The value that a key, in lower case, is known not to have.
    #[must_use]
    pub fn not(&self, key: &str) -> Option<&str> {
        self.not.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The key has to be in lower case.
    #[must_use]
    pub fn lookup(&self, key: &str) -> Lookup<'_> {
        match (self.values.get(key), self.beyond) {
            (Some(values), _) if values.is_empty() => Lookup::Absent,
            (Some(values), _) => Lookup::Known(values),
            (None, Beyond::Absent) => Lookup::Absent,
            (None, _) if self.closed.iter().any(|prefix| key.starts_with(prefix.as_str())) => Lookup::Absent,
            (None, Beyond::Unknown) => Lookup::Unknown,
        }
    }

    /// The keys below a prefix in lower case, such as `kms:encryptioncontext:`, without it.
    pub fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &[String])> {
        let pairs = self.values.iter().filter(|(_, values)| !values.is_empty());
        pairs.filter_map(move |(key, values)| Some((key.strip_prefix(prefix)?, values.as_slice())))
    }

    #[must_use]
    pub const fn beyond(&self) -> Beyond {
        self.beyond
    }
}
