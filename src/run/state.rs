//! Where a run stands. Folded from events; nothing else changes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::deadline::Deadlines;
use super::effect::Request;
use super::event::{Opened, Operator, Outcome, Place};
use super::messages::Delivery;
use super::people::People;
use super::survey::Survey;
use super::track::{Track, Work};
use crate::document::{Playbook, Step};

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

impl StepState {
    /// The word for people and for JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asking => "asking",
            Self::Running => "running",
            Self::InDoubt => "in doubt",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Foreseen => "would do",
            Self::Unknown => "unknown",
            Self::Undone => "undone",
        }
    }
}

/// One run of one document.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) playbook: Arc<Playbook>,
    pub(super) opened: Option<(DateTime<Utc>, Opened)>,
    pub(super) operator: Option<Operator>,
    pub(super) tracks: Vec<Track>,
    /// Outputs of finished steps, by step: what `steps` stands for in expressions.
    pub(super) found: Value,
    /// What `params` stands for.
    pub(super) params: Value,
    /// What `roles` stands for.
    pub(super) roles: Value,
    /// The first step that the run has not left behind.
    pub(super) cursor: usize,
    /// A failed step sent the run on to this one.
    pub(super) jump: Option<usize>,
    pub(super) deadlines: Deadlines,
    /// What escalations owe to channels.
    pub(super) messages: Vec<Delivery>,
    pub(super) people: People,
    /// The run is being taken back, or was.
    pub(super) back: Option<super::back::Back>,
    /// How many entries there are.
    pub(super) entries: u64,
    pub(super) abort: Option<(super::event::Actor, String)>,
    pub(super) closed: Option<(DateTime<Utc>, Outcome)>,
    pub(super) sealed: bool,
    pub(super) last: Option<DateTime<Utc>>,
    /// The ids of requests with which the run itself touched keys.
    pub(super) own: BTreeSet<String>,
    /// The latest look around.
    pub(super) survey: Option<Survey>,
}

impl Run {
    #[must_use]
    pub fn new(playbook: Arc<Playbook>) -> Self {
        Self {
            opened: None,
            operator: None,
            tracks: vec![Track::default(); playbook.steps.len()],
            cursor: 0,
            jump: None,
            found: json!({}),
            params: json!({}),
            roles: playbook
                .roles
                .iter()
                .map(|role| (role.id.clone(), Value::from(role.title.as_str())))
                .collect(),
            deadlines: Deadlines::new(&playbook),
            messages: Vec::new(),
            people: People::default(),
            back: None,
            entries: 0,
            abort: None,
            closed: None,
            sealed: false,
            last: None,
            own: BTreeSet::new(),
            survey: None,
            playbook,
        }
    }

    #[must_use]
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref().map(|(_, opened)| opened)
    }

    /// What the latest look around found.
    #[must_use]
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_ref()
    }

    /// The run's id; empty before it is opened.
    #[must_use]
    pub fn id(&self) -> &str {
        self.opened().map_or("", |opened| opened.run.as_str())
    }

    /// When the run was opened: the zero of the T+ clock.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.opened.as_ref().map(|(at, _)| *at)
    }

    /// The time of the last entry.
    #[must_use]
    pub fn last_at(&self) -> Option<DateTime<Utc>> {
        self.last
    }

    /// Who runs it now: who opened it, or who resumed it last.
    #[must_use]
    pub fn operator(&self) -> Option<&Operator> {
        self.operator.as_ref()
    }

    #[must_use]
    pub fn severity(&self) -> Option<&str> {
        self.opened()?.severity.as_deref()
    }

    /// Where the step at `index` of the playbook stands.
    #[must_use]
    pub fn step_state(&self, index: usize) -> StepState {
        self.tracks.get(index).map_or(StepState::Waiting, Track::state)
    }

    /// The index of the step that is next or under way; `None` when all are behind.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        if let Some(back) = &self.back {
            return back.order.get(back.cursor).and_then(|place| self.index(&place.step));
        }
        (self.cursor < self.tracks.len()).then_some(self.cursor)
    }

    #[must_use]
    pub fn place_state(&self, place: &Place) -> StepState {
        match (self.work(place), place.item) {
            (Some(_), None) => {
                self.index(&place.step).map_or(StepState::Waiting, |index| self.step_state(index))
            }
            (Some(work), Some(_)) => work.state(),
            (None, _) => StepState::Waiting,
        }
    }

    /// Whether a question stands there.
    #[must_use]
    pub fn is_asking(&self, place: &Place) -> bool {
        self.work(place).is_some_and(|work| work.asking.is_some())
    }

    /// What a finished step found.
    #[must_use]
    pub fn outputs(&self, step: &str) -> Option<&Value> {
        self.found.get(step)
    }

    /// What a step was asked to do, and did; `None` where it did not, or was taken back since.
    #[must_use]
    pub fn done(&self, step: &str) -> Option<&Request> {
        let work = &self.track(step)?.work;
        work.request.as_ref().filter(|_| work.took)
    }

    /// Why a step failed last.
    #[must_use]
    pub fn fault(&self, step: &str) -> Option<&super::fault::Fault> {
        self.track(step)?.work.fault.as_ref()
    }

    /// The elements of a `for_each` step with their states.
    pub fn items(&self, step: &str) -> impl Iterator<Item = (&Value, StepState)> {
        let items = self.track(step).and_then(|track| track.items.as_ref());
        items.into_iter().flat_map(|items| items.list.iter().map(|(value, work)| (value, work.state())))
    }

    /// How many elements of a `for_each` step stand where; `None` where it has no list, or
    /// not yet.
    #[must_use]
    pub fn tally(&self, step: &str) -> Option<super::items::Tally> {
        self.track(step)?.items.as_ref().map(super::track::Items::tally)
    }

    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.closed.map(|(_, outcome)| outcome)
    }

    #[must_use]
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.closed.map(|(at, _)| at)
    }

    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    pub(super) fn index(&self, step: &str) -> Option<usize> {
        self.playbook.step(step).map(|(index, _)| index)
    }

    pub(super) fn step_at(&self, index: usize) -> Option<(&Step, &Track)> {
        self.playbook.steps.get(index).zip(self.tracks.get(index))
    }

    pub(super) fn track(&self, step: &str) -> Option<&Track> {
        self.tracks.get(self.index(step)?)
    }

    /// What an attempt that has no end yet had reached, as it recorded it.
    #[must_use]
    pub fn reached(&self, place: &Place) -> Option<&Value> {
        self.work(place)?.progress.as_ref()
    }

    pub(super) fn work(&self, place: &Place) -> Option<&Work> {
        let track = self.track(&place.step)?;
        match place.item {
            None => Some(&track.work),
            Some(item) => track.items.as_ref()?.list.get(item).map(|(_, work)| work),
        }
    }
}
