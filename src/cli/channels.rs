//! What channels need of the environment, looked up once, when a run begins or goes on.

use std::collections::BTreeMap;

use super::environment;
use crate::document::{Playbook, Setting, variable};
use crate::evidence::SHORTEST_SECRET;

/// The shortest part of a URL that is kept out of the record by itself.
const SHORTEST_PATH: usize = 8;

/// Values by the names that references use.
pub(super) struct Values {
    /// For those who send.
    pub known: BTreeMap<String, String>,
    /// For the gate: what must not be written down.
    pub hidden: BTreeMap<String, String>,
}

/// The values of secret parameters, and of the variables that the document's channels name.
/// A variable that is not set is no error: its channel is told of as dead.
pub(super) fn values(playbook: &Playbook, secrets: BTreeMap<String, String>) -> Values {
    let mut values = Values { known: secrets.clone(), hidden: secrets };
    for (key, setting) in playbook.channels.iter().flat_map(|channel| &channel.settings) {
        let name = match setting {
            Setting::Environment { name, secret, .. } => {
                values.take(name, *secret);
                variable(name)
            }
            Setting::Parameter { name, .. } => name.clone(),
            Setting::Plain(_) => continue,
        };
        if matches!(*key, "url" | "endpoint") {
            values.hide_path(&name);
        }
    }
    values
}

impl Values {
    fn take(&mut self, name: &str, secret: bool) {
        let Some(value) = environment::variable(name) else { return };
        let fits = value.trim_end_matches(['\r', '\n']).chars().count() >= SHORTEST_SECRET;
        match (secret, fits) {
            (true, true) => {
                self.hidden.insert(variable(name), value.clone());
            }
            // Too short to be kept out of the record, and so too short to be used.
            (true, false) => return,
            (false, _) => {}
        }
        self.known.insert(variable(name), value);
    }

    /// What comes after the host is the secret of a webhook: an answer may repeat it alone.
    fn hide_path(&mut self, name: &str) {
        let Some(url) = self.hidden.get(name) else { return };
        let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        if let Some(path) = path.map(str::trim_end).filter(|path| path.len() >= SHORTEST_PATH) {
            self.hidden.insert(format!("{name} path"), path.to_owned());
        }
    }
}
