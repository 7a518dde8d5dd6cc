//! What a run of a document may need of IAM: derived from its steps, with what they verify
//! and how they are undone, and from nothing else.

mod known;
mod policy;
mod resource;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::policy::{LARGEST, Policy, policies};
pub use self::resource::Only;
use super::action::{Action, Class, Duty, Operation, Wait, looking_takes, operation};
use super::{Channel, Medium, Playbook, Setting};

/// One IAM action on some resources, and what wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// As IAM writes it: `kms:DisableKey`.
    pub action: &'static str,
    /// ARNs and patterns of them, or `*`, as the element `Resource` takes them.
    pub resources: Vec<String>,
    pub only: Only,
    pub duty: Duty,
    pub for_what: ForWhat,
}

/// What wants a permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForWhat {
    /// The look around before step one.
    Preflight,
    Step(String),
    /// The reading that a `wait` repeats.
    Waiting(String),
    Verifying(String),
    /// Telling people on this channel.
    Telling(String),
    /// The look at how far a step reaches, or its undo, before it is sent.
    Looking(String),
    /// Needed only where the step is taken back.
    Undoing(String),
}

impl std::fmt::Display for ForWhat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Preflight => f.write_str("the look around before step one"),
            Self::Step(step) => write!(f, "step {step}"),
            Self::Waiting(step) => write!(f, "waiting in step {step}"),
            Self::Verifying(step) => write!(f, "verifying step {step}"),
            Self::Telling(channel) => write!(f, "telling people on {channel}"),
            Self::Looking(step) => write!(f, "looking how far step {step} reaches"),
            Self::Undoing(step) => write!(f, "undoing step {step}"),
        }
    }
}

/// From a step to what it wants a permission for.
type Wanting = fn(String) -> ForWhat;

/// Everything that a run may need, in the order of the steps. `params` are the parameters
/// that are known; what they do not tell stays as wide as the service allows.
#[must_use]
pub fn needs(playbook: &Playbook, params: &BTreeMap<String, Value>) -> Vec<Need> {
    let mut needs = Vec::new();
    for step in &playbook.steps {
        let id = step.id.to_string();
        let mut take = |action: &Action, for_what: Wanting| {
            if let Some((operation, for_what)) = sent(action, for_what) {
                let known = known::Known { playbook, params };
                let needed = operation.spec.permissions.iter().copied();
                needs.extend(of(operation, &known, needed, &for_what(id.clone())));
                let looked = looking_takes(operation.spec.name);
                needs.extend(of(operation, &known, looked, &ForWhat::Looking(id.clone())));
            }
        };
        take(&step.action, ForWhat::Step);
        if let Some(verify) = &step.verify {
            take(&verify.action, ForWhat::Verifying);
        }
        if let Some(undo) = &step.undo {
            take(undo, ForWhat::Undoing);
        }
    }
    needs.extend(playbook.channels.iter().filter_map(telling));
    if !needs.is_empty() {
        needs.splice(0..0, preflight());
    }
    needs
}

/// A topic of SNS is told with the identity of the run; whichever responder it has.
fn telling(channel: &Channel) -> Option<Need> {
    let topic = channel.settings.iter().find(|(key, _)| *key == "topic").map(|(_, setting)| setting);
    let resources = match topic.filter(|_| channel.medium == Medium::Sns)? {
        Setting::Plain(topics) => topics.clone(),
        Setting::Environment { .. } | Setting::Parameter { .. } => vec!["*".to_owned()],
    };
    let for_what = ForWhat::Telling(channel.name.clone());
    Some(Need { action: "sns:Publish", resources, only: Only::Always, duty: Duty::Read, for_what })
}

/// The operation that an action sends; a `wait` sends what it polls.
fn sent(action: &Action, for_what: Wanting) -> Option<(&Operation, Wanting)> {
    match action {
        Action::Operation(operation) => Some((operation, for_what)),
        Action::Wait(wait) => match &**wait {
            Wait::Until(watch) => sent(&watch.action, ForWhat::Waiting),
            Wait::For(_) | Wait::Time(_) => None,
        },
        Action::Manual(_)
        | Action::Ask(_)
        | Action::Review(_)
        | Action::Shell(_)
        | Action::Notify(_)
        | Action::Assert(_) => None,
    }
}

fn of(
    operation: &Operation,
    known: &known::Known<'_>,
    actions: impl Iterator<Item = &'static str>,
    for_what: &ForWhat,
) -> Vec<Need> {
    let need = |action: &'static str| Need {
        action,
        resources: resource::of(action, operation, known),
        only: Only::of(action, operation.spec.name),
        duty: duty(action, operation),
        for_what: for_what.clone(),
    };
    actions.map(need).collect()
}

/// What a writing action reads before and after belongs to those who read: nobody has to
/// hold a permission to change things in order to look.
fn duty(action: &str, operation: &Operation) -> Duty {
    let looks = operation.spec.class != Class::Read && resource::only_looks(action);
    if looks { Duty::Read } else { operation.spec.duty }
}

/// `GetCallerIdentity` needs no permission (STS API reference), and `GetRole` finds the path
/// of the caller's role, which a session's ARN does not show.
fn preflight() -> Vec<Need> {
    let simulation = operation("iam.simulate_principal_policy").into_iter().flat_map(|spec| spec.permissions);
    let need = |action: &&'static str| Need {
        action,
        resources: resource::anywhere(action),
        only: Only::Always,
        duty: Duty::Read,
        for_what: ForWhat::Preflight,
    };
    simulation.map(need).collect()
}
