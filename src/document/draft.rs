//! A decoded document that may still be wrong, with the places that only checks need.

use std::collections::HashSet;
use std::sync::Arc;

use super::Playbook;
use crate::text::Span;

/// What was decoded, as far as it could be. Parts that could not be decoded are named in
/// `broken`, so that one fault does not call forth others.
#[derive(Debug)]
pub(super) struct Draft {
    pub playbook: Playbook,
    /// One for each step.
    pub steps: Vec<StepMarks>,
    /// Where each phase's window stands.
    pub windows: Vec<Option<Span>>,
    /// Where each objective's `met_by` stands.
    pub met_by: Vec<Span>,
    /// Where each role of each escalation stands.
    pub told: Vec<Vec<Span>>,
    pub broken: Broken,
}

/// Where the parts of a step stand.
#[derive(Clone, Debug, Default)]
pub(super) struct StepMarks {
    /// The action's name.
    pub action: Span,
    pub approve: Option<Span>,
    pub owner: Option<Span>,
    pub goto: Option<Span>,
    /// The name of the action that takes the step back, or the key where that is faulty.
    pub undo: Option<Span>,
    /// The name of the action of `verify`, or the key where that is faulty.
    pub verify: Option<Span>,
    /// `argv` of a shell action.
    pub argv: Option<Span>,
}

/// Names that are there, but of which nothing else is known.
#[derive(Debug, Default)]
pub(super) struct Broken {
    pub steps: HashSet<Arc<str>>,
    pub params: HashSet<String>,
    pub channels: HashSet<String>,
    /// Whether the list of params, roles, channels, objectives or steps could not be read at all.
    pub all_params: bool,
    pub all_roles: bool,
    pub all_channels: bool,
    pub all_objectives: bool,
    pub all_steps: bool,
}
