//! A validated document: what may happen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::action::{Action, Watch};
use super::channel::{Channel, Recipient};
use super::param::Param;
use super::value::{Expr, Text};
use crate::text::{Digest, Source, Span};

/// Whether a document answers an incident or is routine work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Species {
    /// `playbook: NAME`.
    Playbook,
    /// `runbook: NAME`.
    Runbook,
}

/// One document that passed every check.
#[derive(Clone, Debug)]
pub struct Playbook {
    pub source: Source,
    pub digest: Digest,
    pub species: Species,
    pub name: String,
    pub title: String,
    pub version: u32,
    pub owner: String,
    pub summary: String,
    /// How often routine work is due, in words.
    pub frequency: Option<String>,
    /// How long the whole takes.
    pub expected: Option<Duration>,
    /// What has to be there before it starts.
    pub prerequisites: Vec<String>,
    /// What must be true at the end.
    pub success: Vec<String>,
    pub triggers: Vec<String>,
    pub severity: Option<Severities>,
    pub roles: Vec<Role>,
    pub channels: Vec<Channel>,
    pub params: Vec<Param>,
    pub objectives: Vec<Objective>,
    pub escalations: Vec<Escalation>,
    pub references: Vec<String>,
    pub traces: Vec<Trace>,
    pub phases: Vec<Phase>,
    /// All steps of all phases, in order; phases hold ranges of it.
    pub steps: Vec<Step>,
    /// Where each step stands in `steps`.
    pub(super) index: HashMap<Arc<str>, usize>,
}

impl Playbook {
    #[must_use]
    pub fn step(&self, id: &str) -> Option<(usize, &Step)> {
        let index = *self.index.get(id)?;
        self.steps.get(index).map(|step| (index, step))
    }

    /// The phase that holds the step at `index`, with the phase's own index.
    #[must_use]
    pub fn phase_of(&self, index: usize) -> Option<(usize, &Phase)> {
        let at = self.phases.partition_point(|phase| phase.steps.end <= index);
        self.phases.get(at).filter(|phase| phase.steps.contains(&index)).map(|phase| (at, phase))
    }

    #[must_use]
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// The channels behind names of roles and channels, each once, in their order.
    pub fn channels_of<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a Channel> {
        let mut channels: Vec<&Channel> = Vec::new();
        for name in names {
            let of_role = self.role(name).into_iter().flat_map(|role| &role.notify);
            let named = of_role.map(|recipient| recipient.name.as_str()).chain([name]);
            for channel in named.filter_map(|name| self.channel(name)) {
                if !channels.iter().any(|known| known.name == channel.name) {
                    channels.push(channel);
                }
            }
        }
        channels
    }

    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

#[derive(Clone, Debug)]
pub struct Severities {
    pub default: String,
    /// Name and meaning, as ordered in the document: the gravest first.
    pub levels: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Role {
    pub id: String,
    pub span: Span,
    pub title: String,
    pub staffed_by: Option<String>,
    /// The channels on which it is told of escalations.
    pub notify: Vec<Recipient>,
    /// Whose signatures count as approvals; where it is told, nothing else does.
    pub allowed_signers: Option<Signers>,
}

/// Lines of `allowed_signers` (`ssh-keygen(1)`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signers {
    /// In a file, by its path from the document's folder.
    File(String),
    Lines(Vec<String>),
}

/// A deadline, counted from the start of the incident. It escalates and kills nothing.
#[derive(Clone, Debug)]
pub struct Objective {
    pub id: String,
    pub title: String,
    pub within: Duration,
    pub met_by: MetBy,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetBy {
    Any(Vec<String>),
    All(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Escalation {
    /// Where its cause stands.
    pub span: Span,
    pub when: Cause,
    /// Role ids.
    pub to: Vec<String>,
    pub message: Text,
    /// What everybody is told when the objective that was missed is met after all. Without it
    /// only alerts that stay open until somebody closes them are closed.
    pub met_late: Option<Text>,
}

/// What sets off an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Missed(String),
    Failed(String),
    Answered { step: String, value: String },
}

/// As the document writes it.
impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missed(objective) => write!(f, "missed({objective})"),
            Self::Failed(step) => write!(f, "failed({step})"),
            Self::Answered { step, value } => write!(f, "answered({step}, {value})"),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Trace {
    pub source: String,
    pub relationship: String,
    pub description: String,
}

#[derive(Clone, Debug)]
pub struct Phase {
    pub id: String,
    /// Where the id stands.
    pub span: Span,
    pub title: String,
    /// From the start of the incident; shown and measured, never enforced.
    pub window: Option<(Duration, Duration)>,
    /// Indices into [`Playbook::steps`].
    pub steps: std::ops::Range<usize>,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub id: Arc<str>,
    /// Where the id stands, for diagnostics.
    pub span: Span,
    pub title: String,
    pub why: Option<String>,
    pub action: Action,
    pub when: Option<Expr>,
    pub approve: Option<Approve>,
    pub retry: Retry,
    /// Of one attempt.
    pub timeout: Option<Duration>,
    pub on_failure: OnFailure,
    pub for_each: Option<ForEach>,
    pub verify: Option<Watch>,
    pub undo: Option<Action>,
    pub owner: Option<String>,
    pub expected: Option<Duration>,
}

/// Who has to agree before the step runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// A role id.
    pub by: String,
    pub count: u32,
    pub expires: Option<Duration>,
    /// Whether an answers file may give the approval.
    pub from_answers: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often the step is tried in all; at least one.
    pub attempts: u32,
    /// Before the second attempt; doubled before each further one.
    pub backoff: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 1, backoff: Duration::ZERO }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    #[default]
    Stop,
    Continue,
    /// On to a later step; those between are passed over.
    Goto(String),
}

#[derive(Clone, Debug)]
pub struct ForEach {
    pub list: Expr,
    /// How many elements at once.
    pub at_once: u32,
    /// How many elements may fail, in percent, before the step fails.
    pub tolerate: u8,
}
