//! What the sealed record of another run proves: that it is whole, and which keys it is
//! about.

mod decided;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::folder::{Folder, find};
use super::verify::{Signed, Verification, verify};
use crate::error::Result;
use crate::journal::{Entry, examine};
use crate::run::{Event, Opened, Place, sent_to_kms};

/// A record that was checked just now, and what its entries say.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The run, as the record's folder is called.
    pub record: String,
    pub verification: Verification,
    /// When the seal was put on, as its entry says; `None` where none was.
    pub sealed_at: Option<DateTime<Utc>>,
    pub opened: Option<Opened>,
    /// The keys that the run was opened about, as KMS resolved them: ARNs and ids.
    pub keys: BTreeSet<String>,
    /// The last use of such a key as the run read it last; empty where it knew of none.
    pub last_used_at: Option<String>,
    /// What its reviews decided, an item each.
    pub decisions: Vec<Value>,
    /// Ids of the requests that it sent to KMS; readings are not among them.
    pub sent: BTreeSet<String>,
}

/// Checks the record that is named by its id in `evidence`, by a beginning of it that is like
/// no other's, or by the path of its folder, which has a `/` in it. Blocks for as long as
/// reading all of it takes.
///
/// # Errors
/// When there is no such record, or it cannot be read. What is wrong with it is no error.
pub fn prove(evidence: &Path, named: &str) -> Result<Proof> {
    let folder = if named.contains('/') { Folder::new(named) } else { find(evidence, named)? };
    let verification = verify(folder.root())?;
    // What has no journal was found to be no record by the check already.
    let journal = Some(folder.journal()).filter(|journal| journal.exists());
    let entries = journal.map(|journal| examine(&journal)).transpose()?.map(|reading| reading.entries);
    let entries = entries.unwrap_or_default();
    Ok(Proof::of(folder.id(), verification, &entries))
}

impl Proof {
    fn of(record: String, verification: Verification, entries: &[Entry]) -> Self {
        let opened = entries.iter().find_map(|entry| match &entry.event {
            Event::Opened(opened) => Some((**opened).clone()),
            _ => None,
        });
        let sealed_at = entries.last().filter(|entry| matches!(entry.event, Event::Sealed { .. }));
        let keys = opened.as_ref().map(|opened| keys(opened, entries)).unwrap_or_default();
        let last_used_at = last_use(&keys, entries);
        Self {
            record,
            verification,
            sealed_at: sealed_at.map(|entry| entry.at),
            opened,
            keys,
            last_used_at,
            decisions: decided::decisions(entries),
            sent: entries.iter().flat_map(|entry| sent_to_kms(&entry.event)).map(str::to_owned).collect(),
        }
    }

    /// Whether it is the record of a run, sealed, and nothing is wrong with it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verification.holds() && self.sealed_at.is_some()
    }

    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(self.verification.signed, Signed::By { .. })
    }

    /// Whether the run was opened about this key. A key that it only made, or moved data to,
    /// is another one.
    #[must_use]
    pub fn is_about(&self, key: &str) -> bool {
        self.keys.contains(key)
    }
}

/// What KMS said of the keys that the parameters name.
fn keys(opened: &Opened, entries: &[Entry]) -> BTreeSet<String> {
    let named: Vec<&Value> = opened.params.values().filter(|value| value.is_string()).collect();
    let asked = |input: &Value| input.get("key").is_some_and(|key| named.contains(&key));
    outputs_of("kms.describe_key", asked, entries)
        .flat_map(|outputs| [outputs.get("arn"), outputs.get("id")])
        .filter_map(|name| Some(name?.as_str()?.to_owned()))
        .collect()
}

fn last_use(keys: &BTreeSet<String>, entries: &[Entry]) -> Option<String> {
    let asked =
        |input: &Value| input.get("key").and_then(Value::as_str).is_some_and(|key| keys.contains(key));
    let last = outputs_of("kms.get_key_last_usage", asked, entries).last()?;
    Some(last.get("at")?.as_str()?.to_owned())
}

/// What an action gave, each time that it was asked this way and succeeded.
fn outputs_of<'a>(
    action: &'a str,
    asked: impl Fn(&Value) -> bool + 'a,
    entries: &'a [Entry],
) -> impl Iterator<Item = &'a Value> {
    let mut under_way: BTreeMap<String, bool> = BTreeMap::new();
    let named = |place: &Place| place.to_string();
    entries.iter().filter_map(move |entry| match &entry.event {
        Event::Attempted { place, request, .. } => {
            under_way.insert(named(place), request.action == action && asked(&request.input));
            None
        }
        Event::Succeeded { place, outputs, .. } => {
            under_way.remove(&named(place)).unwrap_or_default().then_some(outputs)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
