//! A run as a pure state machine: what was, and so what is next. No I/O, no clock, no
//! randomness; the only failure is an event that cannot follow what was.

mod effect;
mod event;
mod state;

pub use effect::{AnswerKind, Effect, Question, Request};
pub use event::{
    Actor, Answer, Artifact, Call, Choice, Deviation, DocumentId, Event, Evidence, Fault, FaultKind, Foresight,
    Opened, Operator, Outcome, Place, Program, Verdict, Via,
};
pub use state::{Next, ObjectiveClock, ObjectiveState, Run, StepState};
