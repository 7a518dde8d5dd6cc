//! Objectives as clocks, and the escalations that they and other facts set off.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::event::Event;
use super::state::{Run, StepState};
use crate::document::{Cause, MetBy, Objective, Playbook};

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
    /// That it was met stays a fact when the step that met it is taken back; that it holds
    /// does not.
    pub holds: bool,
}

/// What was recorded of each objective and each escalation, in the document's order.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    /// When the steps that meet it were done, whether that was recorded or not.
    pub reached: Vec<Option<DateTime<Utc>>>,
    pub met: Vec<Option<DateTime<Utc>>>,
    pub passed: Vec<bool>,
    pub escalated: Vec<bool>,
    pub stood_down: Vec<bool>,
}

impl Deadlines {
    pub(super) fn new(playbook: &Playbook) -> Self {
        let objectives = playbook.objectives.len();
        Self {
            reached: vec![None; objectives],
            met: vec![None; objectives],
            passed: vec![false; objectives],
            escalated: vec![false; playbook.escalations.len()],
            stood_down: vec![false; playbook.escalations.len()],
        }
    }
}

impl Run {
    /// Every objective with its deadline and how it stands. One that was done at its deadline
    /// is met in time, and nothing is that its deadline was recorded to have passed over: where
    /// the clock went back in between, the order of the entries counts.
    #[must_use]
    pub fn objectives(&self) -> Vec<ObjectiveClock> {
        let Some(started) = self.started_at() else { return Vec::new() };
        let clock = |(at, objective): (usize, &Objective)| {
            let deadline = started + delta(objective.within);
            let state = match (self.deadlines.met[at], self.deadlines.passed[at]) {
                (Some(met), passed) => ObjectiveState::Met { at: met, in_time: !passed && met <= deadline },
                (None, true) => ObjectiveState::Missed,
                (None, false) => ObjectiveState::Open,
            };
            let holds = matches!(state, ObjectiveState::Met { .. }) && self.meets(&objective.met_by);
            ObjectiveClock {
                id: objective.id.clone(),
                title: objective.title.clone(),
                deadline,
                state,
                holds,
            }
        };
        self.playbook.objectives.iter().enumerate().map(clock).collect()
    }

    /// A fact about deadlines that is due and not recorded yet. Asked for at every turn of
    /// the loop, and every second while an effect takes its time.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Event> {
        // A run that is taken back meets nothing more, and what it misses is no news.
        (self.closed.is_none() && self.back.is_none())
            .then(|| {
                let due = self.objective_due(now).or_else(|| self.escalation_due(now));
                due.or_else(|| self.stand_down_due(now))
            })
            .flatten()
    }

    /// What was done in time is told as met, also when the run comes to it after the deadline.
    /// What was done too late has its deadline passed first.
    fn objective_due(&self, now: DateTime<Utc>) -> Option<Event> {
        let started = self.started_at()?;
        self.playbook.objectives.iter().enumerate().find_map(|(at, objective)| {
            if self.deadlines.met[at].is_some() {
                return None;
            }
            let deadline = started + delta(objective.within);
            let (reached, passed) = (self.deadlines.reached[at], self.deadlines.passed[at]);
            match reached {
                Some(reached) if passed || reached <= deadline => {
                    Some(Event::ObjectiveMet { objective: objective.id.clone(), met_at: Some(reached) })
                }
                _ if !passed && reached.unwrap_or(now) > deadline => Some(Event::DeadlinePassed {
                    objective: objective.id.clone(),
                    within_seconds: objective.within.as_secs(),
                    passed_at: Some(deadline),
                }),
                _ => None,
            }
        })
    }

    /// Remembers when each objective came to be met by its steps, from the entry that said so of
    /// the last of them.
    pub(super) fn reach(&mut self, at: DateTime<Utc>) {
        for known in 0..self.playbook.objectives.len() {
            if self.deadlines.met[known].is_none() {
                let meets = self.meets(&self.playbook.objectives[known].met_by);
                let reached = &mut self.deadlines.reached[known];
                *reached = if meets { reached.or(Some(at)) } else { None };
            }
        }
    }

    fn meets(&self, met_by: &MetBy) -> bool {
        let done = |step: &String| self.index(step).is_some_and(|at| self.step_state(at) == StepState::Done);
        match met_by {
            MetBy::Any(steps) => steps.iter().any(done),
            MetBy::All(steps) => steps.iter().all(done),
        }
    }

    fn escalation_due(&self, now: DateTime<Utc>) -> Option<Event> {
        let escalations = self.playbook.escalations.iter().enumerate();
        let mut due = escalations
            .filter(|(at, escalation)| !self.deadlines.escalated[*at] && self.holds(&escalation.when));
        due.next().map(|(at, escalation)| Event::Escalated {
            escalation: at,
            to: escalation.to.clone(),
            message: self.words(&escalation.message, now),
        })
    }

    /// The alarm that was given for a missed objective is called off once that is met, where
    /// anybody has to hear of it.
    fn stand_down_due(&self, now: DateTime<Utc>) -> Option<Event> {
        let escalations = self.playbook.escalations.iter().enumerate();
        let mut over = escalations.filter_map(|(at, escalation)| {
            let stands = self.deadlines.escalated[at] && !self.deadlines.stood_down[at];
            let objective = self.met_after_all(&escalation.when).filter(|_| stands)?;
            let heard = !self.to_be_called_off(at).is_empty();
            heard.then_some((at, escalation, objective))
        });
        over.next().map(|(at, escalation, objective)| Event::StoodDown {
            escalation: at,
            to: escalation.to.clone(),
            message: match &escalation.met_late {
                Some(text) => self.words(text, now),
                None => format!("{}: {}, late", self.id(), objective.title),
            },
        })
    }

    /// The objective whose being missed set an escalation off, when it is met.
    fn met_after_all(&self, cause: &Cause) -> Option<&Objective> {
        let Cause::Missed(id) = cause else { return None };
        let known = self.playbook.objectives.iter().position(|known| known.id == *id)?;
        self.deadlines.met[known].and_then(|_| self.playbook.objectives.get(known))
    }

    fn holds(&self, cause: &Cause) -> bool {
        match cause {
            Cause::Missed(objective) => {
                let known = self.playbook.objectives.iter().position(|known| known.id == *objective);
                known.is_some_and(|at| self.deadlines.passed[at])
            }
            Cause::Failed(step) => {
                self.index(step).is_some_and(|at| self.step_state(at) == StepState::Failed)
            }
            Cause::Answered { step, value } => {
                match self.outputs(step).and_then(|outputs| outputs.get("answer")) {
                    Some(Value::String(answer)) => answer == value,
                    Some(Value::Array(answers)) => answers.iter().any(|answer| answer == value),
                    Some(Value::Bool(answer)) => value == if *answer { "yes" } else { "no" },
                    Some(Value::Number(answer)) => answer.to_string() == *value,
                    Some(_) => false,
                    None => false,
                }
            }
        }
    }
}

/// A duration of the document as the clock's library counts it; documents cannot say more
/// than a hundred years.
pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
