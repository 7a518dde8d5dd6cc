//! Secrets of a run, given again to a command that comes later.
//!
//! The record holds no secret, and no fingerprint of one either: whoever has the record could
//! try passwords against a fingerprint at leisure. A later command therefore knows what
//! secrets look like, and the values of those that are given to it again.

use std::rc::Rc;

use clap::Args;

use super::params;
use super::writing::Writing;
use crate::console::out;
use crate::error::Result;
use crate::evidence::{Redaction, Store};

/// Values that are taken out of what is added to a record.
#[derive(Args, Debug)]
pub(super) struct Again {
    /// A parameter of type `secret`, as it was given to the run, so that its value is taken
    /// out of what is recorded now; KEY=@FILE takes the value from a file
    #[arg(short = 'p', long = "param", value_name = "KEY=VALUE")]
    params: Vec<String>,
}

impl Again {
    /// Whatever is recorded from here on passes a gate that knows these values. Secrets of
    /// the run that were not given are named aloud.
    ///
    /// # Errors
    /// When the document has no such secret, or its value cannot be read.
    pub fn teach(&self, writing: Writing) -> Result<Writing> {
        let playbook = writing.run.playbook();
        let known = params::given_secrets(playbook, &self.params)?;
        let all = params::secrets_of(playbook).map(|param| param.name.as_str());
        let unknown: Vec<&str> = all.filter(|name| !known.contains_key(*name)).collect();
        if !unknown.is_empty() {
            out::talk(&warning(&writing.folder.id(), &unknown));
        }
        let store = Store::new(&writing.folder, Rc::new(Redaction::new(&known)?));
        Ok(Writing { store, ..writing })
    }
}

fn warning(id: &str, unknown: &[&str]) -> String {
    let names = unknown.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let given = unknown.iter().map(|name| format!("-p {name}=@FILE")).collect::<Vec<_>>().join(" ");
    format!(
        "WARNING: {id} had secrets that this command does not know: {names}. Their values are NOT taken\n\
         out of what is recorded now, only secrets of known shapes are. To have them taken out, give\n\
         them again: {given}"
    )
}
