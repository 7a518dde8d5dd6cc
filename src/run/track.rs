//! Where one step stands, as folded from its events.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::approval::{Given, Wanted};
use super::effect::{Question, Request};
use super::fault::Fault;
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
    /// Failed, and to be tried again at this instant.
    Backoff(DateTime<Utc>),
    /// Done as far as the world said; to be read back since this instant.
    Acted(DateTime<Utc>),
    Done,
    /// Failed for good, or until a person decides.
    Failed,
    /// The operator wants an attempt in doubt taken back.
    Undoing,
    /// It was taken back; the entry that says so is still to be made.
    TakenBack,
    Undone,
    Skipped,
    Foreseen,
    Unknown,
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
    Go,
    Approval,
    AfterFailure,
    InDoubt,
}

impl From<&Question> for Asking {
    fn from(question: &Question) -> Self {
        match question {
            Question::Manual { .. } => Self::Manual,
            Question::Typed { .. } => Self::Typed,
            Question::Go { .. } => Self::Go,
            Question::Approval { .. } => Self::Approval,
            Question::AfterFailure { .. } => Self::AfterFailure,
            Question::InDoubt { .. } => Self::InDoubt,
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
    pub request: Option<Request>,
    pub undo: Option<Request>,
    pub progress: Option<Value>,
    pub outputs: Option<Value>,
    pub observed: Option<Observation>,
    pub fault: Option<Fault>,
}

impl Work {
    /// Ready to be tried afresh.
    pub(super) fn restart(&mut self) {
        self.stage = Stage::Waiting;
        self.tries = 0;
        self.since = None;
        self.observed = None;
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
            Stage::Attempting | Stage::Backoff(_) | Stage::Acted(_) | Stage::Undoing | Stage::TakenBack => {
                StepState::Running
            }
            Stage::InDoubt | Stage::Probed => StepState::InDoubt,
            Stage::Done => StepState::Done,
            Stage::Failed => StepState::Failed,
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
    pub failed: usize,
}

impl Track {
    /// Whether the run has left this step behind.
    pub(super) fn is_behind(&self) -> bool {
        self.work.asking.is_none() && (self.work.stage.is_settled() || self.passed)
    }

    pub(super) fn state(&self) -> StepState {
        let under_way = |items: &Items| items.list.get(items.cursor).map(|(_, work)| work.state());
        match (self.work.state(), self.items.as_ref().and_then(under_way)) {
            (
                StepState::Waiting,
                Some(state @ (StepState::Asking | StepState::Running | StepState::InDoubt)),
            ) => state,
            (StepState::Waiting, Some(_)) => StepState::Running,
            (state, _) => state,
        }
    }
}
