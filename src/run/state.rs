//! Where a run stands. Folded from events; nothing else changes it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::effect::Effect;
use super::event::{Event, Opened, Outcome, Place};
use crate::document::Playbook;

/// Where a step, or one element of it, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum StepState {
    #[default]
    Waiting,
    Asking,
    Running,
    /// An attempt without an end.
    InDoubt,
    Done,
    Failed,
    Skipped,
    /// It would run; nothing is known of what it would find.
    Foreseen,
    /// Whether it would run depends on a step that did not.
    Unknown,
    Undone,
}

/// What the run wants next.
#[derive(Debug)]
pub enum Next {
    /// A fact that follows from what is known: record it and ask again.
    Record(Event),
    Perform(Effect),
    /// Nothing to do before this instant.
    Wait(DateTime<Utc>),
    Done(Outcome),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectiveState {
    Open,
    Met { at: DateTime<Utc>, in_time: bool },
    Missed,
}

/// One objective against the clock.
#[derive(Clone, Debug)]
pub struct ObjectiveClock {
    pub id: String,
    pub title: String,
    pub deadline: DateTime<Utc>,
    pub state: ObjectiveState,
}

/// One run of one document.
#[derive(Clone, Debug)]
pub struct Run {
    playbook: Arc<Playbook>,
    opened: Option<(DateTime<Utc>, Opened)>,
}

impl Run {
    #[must_use]
    pub fn new(playbook: Arc<Playbook>) -> Self {
        Self { playbook, opened: None }
    }

    #[must_use]
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref().map(|(_, opened)| opened)
    }

    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.opened.as_ref().map(|(at, _)| *at)
    }

    /// The step at `index` of the playbook.
    #[must_use]
    pub fn step_state(&self, index: usize) -> StepState {
        let _ = index;
        StepState::Waiting
    }

    /// The index of the step that is next or under way; `None` when the run is over.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        None
    }

    #[must_use]
    pub fn place_state(&self, place: &Place) -> StepState {
        let _ = place;
        StepState::Waiting
    }

    /// The outputs of a step that is done.
    #[must_use]
    pub fn outputs(&self, step: &str) -> Option<&serde_json::Value> {
        let _ = step;
        None
    }

    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        None
    }

    #[must_use]
    pub fn objectives(&self) -> Vec<ObjectiveClock> {
        Vec::new()
    }
}
