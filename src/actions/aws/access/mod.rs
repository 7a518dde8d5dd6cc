//! Who can do what with a key, asked of AWS: everything is collected as AWS returns it, and
//! answered by `access`.

mod accessed;
mod account;
mod apply;
mod blank;
mod change;
mod collection;
mod grant;
mod holder;
mod key;
mod organisation;
mod plan;
mod prove;
mod spare;
mod standing;
mod trail;
mod usage;
mod uses;
mod version;
mod who_can;

pub(in crate::actions::aws) use apply::Apply;
pub use collection::Collection;
pub(in crate::actions::aws) use plan::PlanRevocations;
pub(in crate::actions::aws) use prove::Prove;
pub(in crate::actions::aws) use who_can::WhoCan;

use super::Aws;
use super::order::Order;
use super::stop::Stop;
use crate::document::action::{Spec, operation};
use crate::error::{Error, Result};
use crate::run::{Fault, FaultKind, Request};

/// The action that collects; its permissions are those of a collection.
const NAME: &str = "access.who_can";

impl Aws {
    /// Collects everything that decides who can do something with a key, and when they last
    /// did as far as IAM says, and keeps nothing of it on the disk.
    ///
    /// # Errors
    /// When the account or the key cannot be read. What else cannot be read is missing, and
    /// is said to be.
    pub async fn collect_access(&self, key: &str, action: &str) -> Result<Collection> {
        let request = request(key, action);
        let blank = blank::Blank::default();
        let order = Order::new(self, &request, spec()?, &blank, None, None);
        let collected = async {
            let mut collection = collection::collect(&order, key).await?;
            uses::collect(&order, key, action, &mut collection).await?;
            Ok(collection)
        };
        collected.await.map_err(stopped)
    }

    /// The same for several keys of one account, which is collected once: what is about the
    /// account, and what is about each key.
    ///
    /// # Errors
    /// Likewise.
    pub async fn collect_access_of(
        &self,
        keys: &[String],
        action: &str,
    ) -> Result<(Collection, Vec<Collection>)> {
        let request = request(keys.first().map_or("", String::as_str), action);
        let blank = blank::Blank::default();
        let order = Order::new(self, &request, spec()?, &blank, None, None);
        collection::collect_several(&order, keys, action).await.map_err(stopped)
    }
}

fn request(key: &str, action: &str) -> Request {
    Request {
        action: NAME.to_owned(),
        class: crate::document::action::Class::Read,
        input: serde_json::json!({ "key": key, "action": action }),
    }
}

fn spec() -> Result<&'static Spec> {
    operation(NAME).ok_or_else(|| Error::failure(format!("there is no action {NAME}")))
}

fn stopped(stop: Stop) -> Error {
    match stop {
        Stop::Error(error) => *error,
        Stop::Fault(fault) => unread(&fault),
    }
}

fn unread(fault: &Fault) -> Error {
    let error = match fault.kind {
        FaultKind::Refused => Error::new(crate::error::Kind::Refused, fault.message.clone()),
        _ => Error::failure(fault.message.clone()),
    };
    fault.hints.iter().fold(error, |error, hint| error.hint(hint.clone()))
}
