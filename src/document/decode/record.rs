//! A map with known keys.

use super::findings::Findings;
use crate::document::language::Noun;
use crate::document::yaml::{Key, Node};
use crate::text::{Diagnostic, Span};

/// A map whose keys are those of a noun; what is not was told.
pub(super) struct Record<'n> {
    node: &'n Node,
    noun: &'static Noun,
}

impl<'n> Record<'n> {
    /// Opens a map, telling unknown and missing keys. `anchor` is where a missing key is
    /// missed: the name of the thing, if it has one.
    pub fn open(
        node: &'n Node,
        noun: &'static Noun,
        anchor: Span,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let Some(entries) = node.entries() else {
            findings.wrong_type(node, noun.name, &expectation(noun));
            return None;
        };
        for (key, _) in entries {
            if noun.key(&key.text).is_none() {
                findings.push(unknown(key, noun));
            }
        }
        for key in noun.keys.iter().filter(|key| key.required) {
            if node.get(key.name).is_none() {
                let message = format!("{} needs the key `{}`", noun.name, key.name);
                findings.push(
                    Diagnostic::error("missing-key", anchor, message)
                        .help(format!("`{}`: {}", key.name, key.about)),
                );
            }
        }
        Some(Self { node, noun })
    }

    /// The value of a key; a key without a value was told.
    pub fn get(&self, name: &str, findings: &mut Findings<'_>) -> Option<&'n Node> {
        debug_assert!(self.noun.key(name).is_some(), "{name} is no key of {}", self.noun.name);
        let (key, node) = self.entry(name)?;
        if !node.is_null() {
            return Some(node);
        }
        let about = self.noun.key(name).map_or("", |key| key.about);
        let fault = Diagnostic::error("wrong-type", key.span, format!("`{name}` has no value"));
        findings.push(fault.help(format!("`{name}`: {about}; leave the key out if there is nothing to say")));
        None
    }

    /// A key with its value, null or not.
    pub fn entry(&self, name: &str) -> Option<(&'n Key, &'n Node)> {
        let entries = self.node.entries()?;
        entries.iter().find(|(key, _)| key.text == name).map(|(key, node)| (key, node))
    }

    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }
}

fn unknown(key: &Key, noun: &Noun) -> Diagnostic {
    let names: Vec<&str> = noun.keys.iter().map(|key| key.name).collect();
    let message = format!("{} has no key `{}`", noun.name, key.text);
    let fault = Diagnostic::error("unknown-key", key.span, message).suggest(&key.text, &names);
    match fault.label {
        Some(_) => fault,
        None => fault.help(format!("it has {}", names.join(", "))),
    }
}

fn expectation(noun: &Noun) -> String {
    let required = noun.keys.iter().filter(|key| key.required);
    let keys: Vec<String> = required.chain(noun.keys).take(3).map(|key| format!("`{}`", key.name)).collect();
    let mut shown: Vec<String> = Vec::new();
    for key in keys {
        if !shown.contains(&key) {
            shown.push(key);
        }
    }
    format!("a map with keys such as {}", shown.join(", "))
}
