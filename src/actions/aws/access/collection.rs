//! Everything that was collected about one key, as files in the forms that AWS returns.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{account, key, organisation, usage, uses};
use crate::access::review::Files;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::error::Error;

/// Files by name, and why others are not there.
#[derive(Debug, Default)]
pub struct Collection {
    pub(super) files: BTreeMap<String, String>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

impl Files for Collection {
    type Error = Error;

    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.files.get(name).cloned())
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, Error> {
        let inside = |name: &String| Some(name.strip_prefix(folder)?.strip_prefix('/')?.to_owned());
        Ok(self.files.keys().filter_map(inside).collect())
    }
}

impl Collection {
    pub(super) fn add(&mut self, name: &str, value: &Value) {
        self.files.insert(name.to_owned(), value.to_string());
    }

    /// What cannot be read is missing, and nobody takes it for nothing; only a record that
    /// cannot be written ends the collection.
    pub(super) fn add_if_read(&mut self, name: &str, read: Result<Value, Stop>) -> Result<(), Stop> {
        match read {
            Ok(value) => self.add(name, &value),
            Err(Stop::Fault(fault)) => self.unread.push(format!("{name}: {}", fault.message)),
            Err(stop) => return Err(stop),
        }
        Ok(())
    }
}

/// The files that are about a key; all others are about its account.
const OF_KEY: &[&str] =
    &["describe-key.json", "key-policy.json", "grants.json", "aliases.json", "last-used/key.json"];
const SEARCHES: &str = "last-used/lookup-events";

impl Collection {
    /// Takes over what there is of an account, for a while.
    pub(super) fn borrow(&mut self, account: &mut Self) {
        self.files.append(&mut account.files);
    }

    /// Gives back what is of the account, and what was added to it.
    pub(super) fn give_back(&mut self, account: &mut Self) {
        let of_key = |name: &str| OF_KEY.contains(&name) || name.starts_with(SEARCHES);
        let (own, others) = std::mem::take(&mut self.files).into_iter().partition(|(name, _)| of_key(name));
        (self.files, account.files) = (own, others);
    }
}

/// Collects one account and several of its keys: the account, once, and each key.
pub(super) async fn collect_several(
    order: &Order<'_>,
    keys: &[String],
    action: &str,
) -> Result<(Collection, Vec<Collection>), Stop> {
    let (mut account, mut several) = (Collection::default(), Vec::new());
    for named in keys {
        let mut own = Collection::default();
        let key = key::collect(order, named, &mut own).await?;
        if several.is_empty() {
            account::collect(order, &mut account).await?;
            usage::collect(order, &mut account).await?;
            organisation::collect(order, &key.account, &mut account).await?;
        }
        own.borrow(&mut account);
        uses::collect(order, named, action, &mut own).await?;
        own.give_back(&mut account);
        several.push(own);
    }
    Ok((account, several))
}

/// Collects. The account and the key have to be readable; everything else may be missing.
pub(super) async fn collect(order: &Order<'_>, named: &str) -> Result<Collection, Stop> {
    let mut collection = Collection::default();
    let key = key::collect(order, named, &mut collection).await?;
    account::collect(order, &mut collection).await?;
    usage::collect(order, &mut collection).await?;
    organisation::collect(order, &key.account, &mut collection).await?;
    Ok(collection)
}

/// An object of those fields that are there, as AWS leaves out the others.
pub(super) fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}
