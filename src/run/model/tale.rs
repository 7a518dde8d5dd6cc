//! What the run and its model are compared by: events and wishes in a few words.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::run::{Choice, Effect, Event, FaultKind, Next, Outcome, Place, Question, Verdict};

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Manual,
    Typed,
    Go,
    Approval,
    Failure,
    Doubt,
}

/// What a reading says about `holds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Holds,
    Not,
    Fault(FaultKind),
}

/// Which of the two requests of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    There,
    Back,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tale {
    Resumed,
    Skipped(Place),
    Listed(String, usize),
    Attempted(Place, u32, Way),
    Succeeded(Place),
    Failed(Place, FaultKind),
    Observed(Place, Seen),
    Verified(Place),
    Measured(Place),
    Outdated(Place),
    Asked(Place, About),
    /// The choice, who made it, and the value where one was asked for.
    Answered(Place, Choice, String, bool),
    Settled(Place, Verdict),
    Unsettled(Place),
    Undone(Place),
    Met,
    Missed,
    Escalated(usize),
    Closed(Outcome),
    /// It changes nothing.
    Noted,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    Tell(Tale),
    Act(Place, u32, Way),
    Read(Place),
    Probe(Place),
    Measure(Place),
    Ask(Place, About),
    /// Until this second.
    Rest(i64),
    /// Until something that is at work answers.
    Await,
    Over(Outcome),
}

impl Tale {
    pub(super) fn of(event: &Event) -> Self {
        match event {
            Event::Resumed { .. } => Self::Resumed,
            Event::Skipped { place, .. } => Self::Skipped(place.clone()),
            Event::Listed { step, items } => Self::Listed(step.clone(), items.len()),
            Event::Attempted { place, attempt, .. } => Self::Attempted(place.clone(), *attempt, Way::There),
            Event::Undoing { place, attempt, .. } => Self::Attempted(place.clone(), *attempt, Way::Back),
            Event::Succeeded { place, .. } => Self::Succeeded(place.clone()),
            Event::Failed { place, fault, .. } => Self::Failed(place.clone(), fault.kind),
            Event::Observed { place, outputs, fault, .. } => {
                let seen = match fault {
                    Some(fault) => Seen::Fault(fault.kind),
                    None if *outputs == json!({ "code": 0 }) => Seen::Holds,
                    None => Seen::Not,
                };
                Self::Observed(place.clone(), seen)
            }
            Event::Verified { place } => Self::Verified(place.clone()),
            Event::Measured { place, .. } => Self::Measured(place.clone()),
            Event::Outdated { place, .. } => Self::Outdated(place.clone()),
            Event::Asked { place, question } => Self::Asked(place.clone(), about(question)),
            Event::Answered { place, answer } => {
                let yes = answer.value == json!(true);
                Self::Answered(place.clone(), answer.choice, answer.by.name.clone(), yes)
            }
            Event::Settled { place, verdict, .. } => Self::Settled(place.clone(), *verdict),
            Event::Unsettled { place, .. } => Self::Unsettled(place.clone()),
            Event::Undone { place } => Self::Undone(place.clone()),
            Event::ObjectiveMet { .. } => Self::Met,
            Event::DeadlinePassed { .. } => Self::Missed,
            Event::Escalated { escalation, .. } => Self::Escalated(*escalation),
            Event::Closed { outcome, .. } => Self::Closed(*outcome),
            _ => Self::Noted,
        }
    }
}

impl Wish {
    pub(super) fn of(next: &Next, second: impl Fn(DateTime<Utc>) -> i64) -> Self {
        match next {
            Next::Record(event) => Self::Tell(Tale::of(event)),
            Next::Perform(Effect::Act { place, attempt, .. }) => {
                Self::Act(place.clone(), *attempt, Way::There)
            }
            Next::Perform(Effect::Undo { place, attempt, .. }) => {
                Self::Act(place.clone(), *attempt, Way::Back)
            }
            Next::Perform(Effect::Read { place, .. }) => Self::Read(place.clone()),
            Next::Perform(Effect::Probe { place, .. }) => Self::Probe(place.clone()),
            Next::Perform(Effect::Ask { place, question }) => Self::Ask(place.clone(), about(question)),
            Next::Perform(Effect::Measure { place, .. }) => Self::Measure(place.clone()),
            // Messages go out beside what the run wants next.
            Next::Perform(Effect::Tell { .. }) => unreachable!("a message is never next"),
            Next::Wait(until) => Self::Rest(second(*until)),
            Next::Await => Self::Await,
            Next::Done(outcome) => Self::Over(*outcome),
        }
    }
}

fn about(question: &Question) -> About {
    match question {
        Question::Manual { .. } => About::Manual,
        Question::Typed { .. } => About::Typed,
        Question::Review(_) => panic!("nothing is reviewed here"),
        Question::Go { .. } => About::Go,
        Question::Approval { .. } => About::Approval,
        Question::AfterFailure { .. } => About::Failure,
        Question::InDoubt { .. } => About::Doubt,
        Question::CannotUndo { .. } => panic!("nothing is rolled back here"),
    }
}
