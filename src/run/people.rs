//! Who is in command, who may sign, and what was heard already.

use std::collections::{BTreeMap, BTreeSet};

use super::approval::COMMANDER;
use super::event::{Actor, Event, Operator, Via};
use super::state::Run;
use crate::text::Digest;

/// What a run remembers of people.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    pub in_command: Option<String>,
    /// Lines of `allowed_signers`, by role.
    pub signers: BTreeMap<String, Vec<String>>,
    /// Messages that were recorded: a crash may leave one lying that was.
    pub heard: BTreeSet<String>,
    /// Challenges whose signatures were taken: each counts once.
    pub spent: BTreeSet<Digest>,
}

impl People {
    /// Remembers what an event says of people.
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Opened(opened) => self.command(&opened.operator),
            Event::Resumed { operator, .. } => self.command(operator),
            Event::HandedOver { to, .. } => self.in_command = Some(to.name.clone()),
            Event::Staffed { role, signers } => drop(self.signers.insert(role.clone(), signers.clone())),
            _ => {}
        }
        if let Some(Actor { via: Via::Elsewhere(whence), .. }) = said_by(event) {
            self.heard.extend(whence.message.clone());
        }
    }

    /// Whoever takes the keyboard takes command, unless he says that he holds another role.
    fn command(&mut self, operator: &Operator) {
        if operator.role.as_deref().unwrap_or(COMMANDER) == COMMANDER {
            self.in_command = Some(operator.name.clone().unwrap_or_else(|| operator.user.clone()));
        }
    }
}

/// Whose words an event records.
fn said_by(event: &Event) -> Option<&Actor> {
    match event {
        Event::Noted { by, .. } | Event::Attached { by, .. } | Event::Departed { by, .. } => Some(by),
        Event::HandedOver { from, .. } => Some(from),
        Event::Answered { answer, .. } => Some(&answer.by),
        _ => None,
    }
}

impl Run {
    /// Who is in command.
    #[must_use]
    pub fn in_command(&self) -> Option<&str> {
        self.people.in_command.as_deref()
    }

    /// Who may sign for a role, as it was when the run began: lines of `allowed_signers`.
    #[must_use]
    pub fn signers(&self, role: &str) -> Option<&[String]> {
        self.people.signers.get(role).map(Vec::as_slice)
    }

    /// Whether a message from elsewhere was recorded already.
    #[must_use]
    pub fn has_heard(&self, message: &str) -> bool {
        self.people.heard.contains(message)
    }

    /// Whether a signature over this challenge was taken already.
    #[must_use]
    pub fn is_spent(&self, challenge: Digest) -> bool {
        self.people.spent.contains(&challenge)
    }
}
