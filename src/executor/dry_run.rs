//! The executor that may not act. It tells what it would do, and never that it was done.

use serde_json::Value;

use super::question;
use crate::actions::{Actions, Finding};
use crate::document::action::Class;
use crate::engine::{Desk, Executor, Reply, Soon};
use crate::error::Result;
use crate::run::{
    Actor, Answer, Choice, Effect, Event, Evidence, Foresight, Place, Question, Request, Sent, Via,
};

/// A dry run: either blind, with no client to act with, or with eyes that can only read.
#[derive(Debug)]
pub struct DryRun {
    eyes: Option<Actions>,
}

impl DryRun {
    /// Sends nothing. There is no client in it that could.
    #[must_use]
    pub fn blind() -> Self {
        Self { eyes: None }
    }

    /// Reads, through a connector that refuses everything that is not a read.
    #[must_use]
    pub fn with_live_reads(eyes: Actions) -> Self {
        Self { eyes: Some(eyes) }
    }

    async fn answer(&self, effect: &Effect, desk: &Desk<'_>) -> Result<Reply> {
        Ok(match effect {
            Effect::Ask { place, question } => return foresee(place, question, desk).await,
            Effect::Act { place, request, timeout, .. } => {
                let event = match self.eyes_for(request) {
                    Some(eyes) => match eyes.act(request, desk, None, *timeout).await? {
                        Finding::Done { outputs, evidence } => {
                            Event::Succeeded { place: place.clone(), outputs, evidence }
                        }
                        Finding::Failed { fault, evidence } => {
                            Event::Failed { place: place.clone(), fault, evidence }
                        }
                    },
                    None => would_do(place, request),
                };
                Reply::Event(event)
            }
            Effect::Tell { escalation, channel, attempt, .. } => Reply::Event(Event::Notified {
                escalation: *escalation,
                channel: channel.clone(),
                attempt: *attempt,
                sent: Sent::Foreseen,
                evidence: Evidence::default(),
            }),
            // Nothing was done that could be read back or be in doubt.
            Effect::Undo { place, request, .. }
            | Effect::Read { place, request, .. }
            | Effect::Probe { place, request, .. } => Reply::Event(would_do(place, request)),
        })
    }

    /// A program on this machine is never run: that it only reads is somebody's word, and
    /// no connector stands below it.
    fn eyes_for(&self, request: &Request) -> Option<&Actions> {
        let seen = request.class == Class::Read && request.action.contains('.');
        self.eyes.as_ref().filter(|_| seen)
    }
}

fn would_do(place: &Place, request: &Request) -> Event {
    Event::Foreseen { place: place.clone(), would: Foresight::Do(request.clone()) }
}

/// Questions about facts may be answered from a file, so that the plan knows more.
/// Approvals are never given, and what needs none is let through as in a real run.
async fn foresee(place: &Place, asked: &Question, desk: &Desk<'_>) -> Result<Reply> {
    let would_ask =
        || Reply::Event(Event::Foreseen { place: place.clone(), would: Foresight::Ask(asked.clone()) });
    match asked {
        Question::Go { .. } => {
            let by = Actor { name: "dry run".to_owned(), via: Via::Document };
            let answer =
                Answer { choice: Choice::Yes, value: Value::Null, reason: None, attachments: Vec::new(), by };
            Ok(Reply::Event(Event::Answered { place: place.clone(), answer }))
        }
        Question::Manual { .. } | Question::Typed { .. } => {
            Ok(match question::put(place, asked, desk).await? {
                Reply::Nobody { .. } => would_ask(),
                reply => reply,
            })
        }
        Question::Approval { .. } | Question::Review(_) => Ok(would_ask()),
        Question::AfterFailure { .. } | Question::InDoubt { .. } | Question::CannotUndo { .. } => {
            question::put(place, asked, desk).await
        }
    }
}

impl Executor for DryRun {
    fn perform<'a>(&'a self, effect: &'a Effect, desk: &'a Desk<'a>) -> Soon<'a, Result<Reply>> {
        Box::pin(self.answer(effect, desk))
    }
}
