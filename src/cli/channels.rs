//! What channels need of the environment, looked up once, when a run begins or goes on.

use std::collections::BTreeMap;

use super::environment;
use crate::document::{Playbook, Setting, variable};
use crate::evidence::SHORTEST_SECRET;

/// The shortest path, or name before a host, that is kept out of the record by itself.
const SHORTEST_PATH: usize = 8;
/// The shortest segment or value of a query that is: what is shorter is a word of the service.
const SHORTEST_PIECE: usize = 16;

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
            values.hide_parts(&name);
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

    /// What comes after the host is the secret of a webhook, and so is who is named before it:
    /// an answer may repeat either alone, or a piece of it.
    fn hide_parts(&mut self, name: &str) {
        let Some(url) = self.hidden.get(name).map(|url| url.trim_end().to_owned()) else { return };
        let Some((_, rest)) = url.split_once("://") else { return };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let user = authority.rsplit_once('@').map(|(user, _)| user).unwrap_or_default();
        let named = user.split(':').chain([user, path]).filter(|part| part.len() >= SHORTEST_PATH);
        let pieces = path.split(['/', '?', '&', '=']).filter(|piece| piece.len() >= SHORTEST_PIECE);
        for (at, part) in named.chain(pieces).enumerate() {
            self.hidden.insert(format!("{name} part {}", at + 1), part.to_owned());
        }
    }
}
