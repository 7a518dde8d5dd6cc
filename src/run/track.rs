//! Where one step stands, as folded from its events.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::approval::{Given, Wanted};
use super::effect::{Question, Request};
use super::fault::Fault;
use super::radius::Look;
use super::review::Decisions;
use super::state::StepState;

/// Where one piece of work stands: a step, or one element of a `for_each` step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Stage {
    #[default]
    Waiting,
    /// Announced, and no end recorded.
    Attempting,
    /// An attempt without an end, found when the journal was opened, or an answer that
    /// never came.
    InDoubt,
    /// The world was asked about the attempt, and did not tell.
    Probed,
    /// Failed, and to be tried again so long after this instant.
    Backoff(DateTime<Utc>, TimeDelta),
    /// Done as far as the world said; to be read back since this instant.
    Acted(DateTime<Utc>),
    Done,
    /// Failed for good, or until a person decides.
    Failed,
    /// It is being taken back.
    Undo(Undo),
    Undone,
    Skipped,
    Foreseen,
    Unknown,
}

/// Where the taking back of one piece of work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// Wanted, and not begun.
    Due,
    /// Announced, and no end recorded.
    Announced,
    /// Announced, and nobody knows whether it took place.
    InDoubt,
    /// The world was asked about it, and did not tell.
    Probed,
    /// Done as far as the world said; to be read back.
    Acted,
    /// It was taken back; the entry that says so is still to be made.
    Taken,
    Failed,
}

impl Stage {
    /// Whether nothing more will happen here, unless a person says so.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Foreseen | Self::Unknown)
    }
}

/// Which question is open, and so what an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    Manual,
    Typed,
    Review,
    Go,
    Approval,
    AfterFailure,
    InDoubt,
    CannotUndo,
}

impl From<&Question> for Asking {
    fn from(question: &Question) -> Self {
        match question {
            Question::Manual { .. } => Self::Manual,
            Question::Typed { .. } => Self::Typed,
            Question::Review(_) => Self::Review,
            Question::Go { .. } => Self::Go,
            Question::Approval { .. } => Self::Approval,
            Question::AfterFailure { .. } => Self::AfterFailure,
            Question::InDoubt { .. } => Self::InDoubt,
            Question::CannotUndo { .. } => Self::CannotUndo,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub stage: Stage,
    pub asking: Option<Asking>,
    /// Attempts in all.
    pub attempts: u32,
    /// Attempts since the start, or since a person said "again".
    pub tries: u32,
    /// When the first of those attempts was announced.
    pub since: Option<DateTime<Utc>>,
    /// When the last of them was.
    pub tried_at: Option<DateTime<Utc>>,
    pub request: Option<Request>,
    pub undo: Option<Request>,
    /// When its undo was announced last.
    pub undo_since: Option<DateTime<Utc>>,
    pub undo_attempts: u32,
    /// It was done, and was not taken back since.
    pub took: bool,
    /// A person said that a rollback shall leave it.
    pub left: bool,
    /// The number of the entry that announced it last: what came later is undone earlier.
    pub ordinal: u64,
    /// How far it reaches, as it was looked at before it was asked about or sent.
    pub look: Look,
    pub progress: Option<Value>,
    pub outputs: Option<Value>,
    /// What was decided in a review.
    pub decisions: Option<Decisions>,
    pub observed: Option<Observation>,
    pub fault: Option<Fault>,
    /// It took place, and what it promised could not be read back.
    pub unproven: bool,
}

impl Work {
    /// Ready to be tried afresh.
    pub(super) fn restart(&mut self) {
        self.stage = Stage::Waiting;
        self.look_afresh();
        self.tries = 0;
        self.since = None;
        self.observed = None;
        self.unproven = false;
    }

    /// It is to be taken back, from what the world is like now.
    pub(super) fn take_back(&mut self) {
        self.stage = Stage::Undo(Undo::Due);
        self.look_afresh();
    }

    /// Whether a person who is asked about the attempt may have it taken back.
    pub(super) fn can_be_taken_back(&self) -> bool {
        matches!(self.stage, Stage::InDoubt | Stage::Probed) && self.undo.is_some()
    }

    /// Whether it failed, or was taken back, which is no success either.
    pub(super) fn went_wrong(&self) -> bool {
        matches!(self.stage, Stage::Failed | Stage::Undone)
    }

    pub(super) fn state(&self) -> StepState {
        match self.asking {
            // What is asked about is where the work stands.
            Some(Asking::InDoubt) => return StepState::InDoubt,
            Some(Asking::AfterFailure) => return StepState::Failed,
            Some(_) => return StepState::Asking,
            None => {}
        }
        match self.stage {
            Stage::Waiting => StepState::Waiting,
            Stage::InDoubt | Stage::Probed | Stage::Undo(Undo::InDoubt | Undo::Probed) => StepState::InDoubt,
            Stage::Attempting | Stage::Backoff(..) | Stage::Acted(_) => StepState::Running,
            Stage::Done => StepState::Done,
            Stage::Failed | Stage::Undo(Undo::Failed) => StepState::Failed,
            Stage::Undo(_) => StepState::Running,
            Stage::Undone => StepState::Undone,
            Stage::Skipped => StepState::Skipped,
            Stage::Foreseen => StepState::Foreseen,
            Stage::Unknown => StepState::Unknown,
        }
    }
}

/// The last reading of a `verify` or a `wait`.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub at: DateTime<Utc>,
    pub outputs: Value,
    pub fault: Option<Fault>,
}

/// A step with its gate and its elements.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub work: Work,
    /// The approval that was asked for last.
    pub wanted: Option<Wanted>,
    /// Approvals that were given, in order.
    pub approvals: Vec<Given>,
    /// Something of it was begun: an approval that expires afterwards did its work.
    pub begun: bool,
    /// The responder let it go, or an executor that may not act foresaw the question.
    pub cleared: bool,
    /// A failure was decided on: the run goes past it.
    pub passed: bool,
    pub items: Option<Items>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub list: Vec<(Value, Work)>,
    /// The first element that may still have something to do.
    pub cursor: usize,
    /// All elements from this one on were never touched.
    pub reach: usize,
    pub failed: usize,
}

impl Items {
    /// After elements were restarted: how many are failed still, and where to go on.
    pub(super) fn recount(&mut self) {
        self.cursor = 0;
        self.failed = self.list.iter().filter(|(_, work)| work.went_wrong()).count();
    }
}

impl Track {
    /// Whether the run has left this step behind.
    pub(super) fn is_behind(&self) -> bool {
        self.work.asking.is_none() && (self.work.stage.is_settled() || self.passed)
    }

    pub(super) fn state(&self) -> StepState {
        match (self.work.state(), &self.items) {
            (StepState::Waiting, Some(items)) => items.state(),
            (state, _) => state,
        }
    }
}

impl Items {
    /// The most pressing state among those that were begun.
    fn state(&self) -> StepState {
        let begun = self.list.iter().take(self.reach).skip(self.cursor).map(|(_, work)| work.state());
        let mut state = StepState::Running;
        for found in begun {
            match found {
                StepState::Asking => return StepState::Asking,
                StepState::InDoubt => state = StepState::InDoubt,
                _ => {}
            }
        }
        state
    }
}
