//! A manifest as it stands in a bag of any version (RFC 8493, section 2.1.3): one checksum
//! and one path a line.

use std::collections::HashMap;

use super::algorithm::{Algorithm, Checksum};
use super::encoding::lines;
use super::findings::Findings;
use super::path;
use super::version::Version;

/// A manifest's name in parts: `manifest-md5.txt`, `tagmanifest-sha256.txt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Payload,
    Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub name: String,
    pub about: About,
    pub algorithm: Algorithm,
    pub entries: Vec<Listed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Decoded in 1.0; before, as it is spelled.
    pub path: String,
    pub checksum: Checksum,
}

/// What a file of this name lists, and the name of the algorithm; `None` for no manifest.
#[must_use]
pub fn kind(name: &str) -> Option<(About, &str)> {
    let stem = name.strip_suffix(".txt")?;
    let tags = stem.strip_prefix("tagmanifest-").map(|algorithm| (About::Tags, algorithm));
    let found = tags.or_else(|| stem.strip_prefix("manifest-").map(|algorithm| (About::Payload, algorithm)));
    found.filter(|(_, algorithm)| !algorithm.contains('/'))
}

#[must_use]
pub fn is_payload_manifest(name: &str) -> bool {
    matches!(kind(name), Some((About::Payload, _)))
}

impl Listing {
    pub(super) fn read(
        name: &str,
        (about, algorithm): (About, Algorithm),
        text: &str,
        version: Version,
        findings: &mut Findings,
    ) -> Self {
        let mut reader = Reader { name, about, algorithm, version, findings, seen: HashMap::new() };
        let mut entries = Vec::new();
        for (index, line) in lines(text).enumerate() {
            entries.extend(reader.line(index + 1, line));
        }
        Self { name: name.to_owned(), about, algorithm, entries }
    }
}

struct Reader<'a> {
    name: &'a str,
    about: About,
    algorithm: Algorithm,
    version: Version,
    findings: &'a mut Findings,
    seen: HashMap<String, Checksum>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) -> Option<Listed> {
        if line.trim().is_empty() || line.starts_with('#') {
            self.odd(number, "it is empty or a comment");
            return None;
        }
        let Some((checksum, path)) = split(line) else {
            self.wrong(number, "it has a checksum or a path, and not both");
            return None;
        };
        let Some(checksum) = Checksum::parse(checksum, self.algorithm) else {
            self.wrong(number, &format!("`{checksum}` is no {} in hex", self.algorithm.name()));
            return None;
        };
        let path = self.path(number, path)?;
        self.once(number, &path, &checksum).then_some(Listed { path, checksum })
    }

    fn path(&mut self, number: usize, listed: &str) -> Option<String> {
        let mut listed = listed;
        if let Some(rest) = listed.strip_prefix('*') {
            self.odd(number, "there is an asterisk before the path, as md5sum writes it");
            listed = rest;
        }
        if let Some(rest) = listed.strip_prefix("./") {
            self.findings.warn("manifest", self.name, format!("line {number}: the path begins with `./`"));
            listed = rest;
        }
        let path =
            if path::encodes_percent(self.version) { path::decode(listed) } else { Some(listed.to_owned()) };
        let Some(path) = path else {
            self.wrong(number, &format!("a percent sign in {listed} stands neither for CR, LF nor itself"));
            return None;
        };
        match path::refusal(&path).or_else(|| self.misplaced(&path)) {
            None => Some(path),
            Some(why) => {
                self.findings.fault("path", self.name, format!("line {number}: {path} {why}"));
                None
            }
        }
    }

    fn misplaced(&self, path: &str) -> Option<&'static str> {
        match (self.about, path.starts_with("data/")) {
            (About::Payload, false) => Some("is not in data/"),
            (About::Tags, true) => Some("is in data/, and this is about tag files"),
            _ => None,
        }
    }

    /// Each path once; before 1.0 it could be twice with the same checksum.
    fn once(&mut self, number: usize, path: &str, checksum: &Checksum) -> bool {
        match self.seen.get(path) {
            None => {
                self.seen.insert(path.to_owned(), checksum.clone());
                return true;
            }
            Some(first) if first == checksum => self.odd(number, &format!("{path} is listed twice")),
            Some(_) => self.wrong(number, &format!("{path} is listed twice, with two checksums")),
        }
        false
    }

    fn wrong(&mut self, number: usize, what: &str) {
        self.findings.fault("manifest", self.name, format!("line {number}: {what}"));
    }

    fn odd(&mut self, number: usize, what: &str) {
        self.findings.since_1_0(self.version, "manifest", self.name, format!("line {number}: {what}"));
    }
}

/// The first word and the rest, with spaces and tabs between them.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.split_once([' ', '\t'])?;
    let rest = rest.trim_start_matches([' ', '\t']);
    (!word.is_empty() && !rest.is_empty()).then_some((word, rest))
}
