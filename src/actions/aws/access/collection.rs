//! Everything that was collected about one key, as files in the forms that AWS returns.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{account, key, organisation, usage};
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
