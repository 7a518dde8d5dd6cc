//! A run as a pure state machine: what was, and so what is next. No I/O, no clock, no
//! randomness; the only failure is an event that cannot follow what was.

mod apply;
mod approval;
mod back;
mod canonical;
mod context;
mod deadline;
mod effect;
mod event;
mod fault;
mod items;
mod messages;
mod next;
mod notice;
mod own;
mod people;
mod radius;
mod reverse;
mod review;
mod scope;
mod state;
mod survey;
mod traces;
mod track;
mod way;
mod work;

pub use crate::document::action::Aspect;
pub use apply::Illegal;
pub use approval::{COMMANDER, Wanted, same_person};
pub use back::Rollback;
pub use deadline::{ObjectiveClock, ObjectiveState};
pub use effect::{AnswerKind, Effect, Hands, Question, Request};
pub use event::{
    Actor, Answer, Choice, Decided, Deviation, DocumentId, Event, Foresight, Opened, Operator, Outcome,
    Place, Program, Sent, Signature, Verdict, Via, Whence,
};
pub use fault::{Fault, FaultKind};
pub use items::Tally;
pub use messages::{Delivery, DeliveryState};
pub use next::Next;
pub use notice::described;
pub use own::sent_to_kms;
pub use radius::{Seen, Sight};
pub use reverse::is_taken_back_from_the_record;
pub use review::{Decision, Earlier, MOST_AT_ONCE, Objection, Sheet, Since, asks_why, ground};
pub use state::{Run, StepState};
pub use survey::{Caller, Check, Standing, Subject, Survey};
pub use traces::{Artifact, Call, Evidence};
pub use way::WayBack;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
