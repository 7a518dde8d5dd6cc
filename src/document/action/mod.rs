//! The shape and the static facts of every action. Behaviour lives in `actions`.

mod access;
mod cloudtrail;
mod evidence;
mod iam;
mod kms;
mod native;
mod reach;
mod s3;
mod spec;

use std::time::Duration;

pub use native::{Answering, Ask, Assert, Gravity, Manual, Notify, Review, Shell, Signal, Wait};
pub use reach::{Aspect, Reach, looking_takes, reach};
pub use spec::{Class, Duty, Fence, Field, KeyState, KeyUse, Kind, Probe, Reversal, Spec};

use super::Expr;
use super::value::Input;
use crate::text::Span;

/// What one step does.
#[derive(Clone, Debug)]
pub enum Action {
    Manual(Manual),
    Ask(Ask),
    Review(Box<Review>),
    Shell(Shell),
    Notify(Box<Notify>),
    Wait(Box<Wait>),
    Assert(Assert),
    /// One of the operations that a responder needs; all that is known of it is its spec.
    Operation(Operation),
}

/// An operation of a service, with inputs that are still to be rendered.
#[derive(Clone, Debug)]
pub struct Operation {
    pub spec: &'static Spec,
    /// Where the operation's name stands.
    pub span: Span,
    pub inputs: Vec<(&'static Field, Input)>,
}

/// A reading action that is repeated until an expression over its `result` holds.
#[derive(Clone, Debug)]
pub struct Watch {
    pub action: Action,
    pub holds: Expr,
    pub every: Duration,
    pub at_most: Duration,
}

impl Action {
    #[must_use]
    pub fn spec(&self) -> &'static Spec {
        match self {
            Self::Manual(_) => &native::MANUAL,
            Self::Ask(_) => &native::ASK,
            Self::Review(_) => &native::REVIEW,
            Self::Shell(_) => &native::SHELL,
            Self::Notify(_) => &native::NOTIFY,
            Self::Wait(_) => &native::WAIT,
            Self::Assert(_) => &native::ASSERT,
            Self::Operation(operation) => operation.spec,
        }
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// What this action may do to the world; a shell step declares it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Shell(shell) => shell.class,
            _ => self.spec().class,
        }
    }
}

/// Every action there is, in the order in which the manual tells them.
pub fn all() -> impl Iterator<Item = &'static Spec> {
    native::SPECS.iter().copied().chain(
        [iam::SPECS, kms::SPECS, cloudtrail::SPECS, s3::SPECS, access::SPECS, evidence::SPECS]
            .into_iter()
            .flatten(),
    )
}

/// The operation of a service by its name, such as `kms.disable_key`.
#[must_use]
pub fn operation(name: &str) -> Option<&'static Spec> {
    name.contains('.').then(|| all().find(|spec| spec.name == name)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_named_once_and_reversed_by_one_that_exists() {
        let names: Vec<_> = all().map(|spec| spec.name).collect();
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name} twice");
        }
        for spec in all() {
            if let Reversal::By(name) = spec.reversal {
                assert!(names.contains(&name), "{} is reversed by {name}, which is not there", spec.name);
            }
            for key in spec.keys {
                assert!(spec.input(key.key).is_some(), "{} has no input {}", spec.name, key.key);
            }
            if spec.class.changes_the_world() && spec.name.contains('.') {
                assert!(!spec.permissions.is_empty(), "{} needs permissions", spec.name);
            }
        }
    }
}
