//! What a person's answer changes, and what settles a doubt.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Legal, illegal};
use crate::document::action::operation;
use crate::run::effect::Request;
use crate::run::event::{Answer, Choice, Place, Verdict};
use crate::run::fault::{Fault, FaultKind};
use crate::run::state::Run;
use crate::run::track::{Asking, Stage, Track};

impl Run {
    pub(super) fn answer(&mut self, at: DateTime<Utc>, place: &Place, answer: &Answer) -> Legal {
        let undoing = matches!(self.at(place)?.stage, Stage::Undo(_));
        let decided = matches!(answer.choice, Choice::Again | Choice::Done);
        if self.back.is_some() || (undoing && decided) {
            self.answer_back(at, place, answer)
        } else {
            self.answer_forward(at, place, answer)
        }
    }

    pub(super) fn answer_forward(&mut self, at: DateTime<Utc>, place: &Place, answer: &Answer) -> Legal {
        let ordinal = self.entries;
        let Some(asking) = self.at(place)?.asking.take() else {
            return illegal(format!("`{place}` is answered and was not asked"));
        };
        let work = self.at(place)?;
        match (answer.choice, asking) {
            (Choice::Abort, _) => {
                self.abort = Some((answer.by.clone(), answer.reason.clone().unwrap_or_default()));
                Ok(())
            }
            (Choice::Skip, Asking::AfterFailure) => {
                // What could not be taken back has failed all the more.
                if matches!(work.stage, Stage::Undo(_)) {
                    work.stage = Stage::Failed;
                }
                self.pass(place)
            }
            (Choice::Skip, asking) if asking != Asking::InDoubt => work.settle(Stage::Skipped),
            (Choice::Yes, Asking::Manual) => {
                let attachments: Vec<_> = answer.attachments.iter().map(|artifact| &artifact.path).collect();
                let outputs =
                    json!({ "note": answer.reason.clone().unwrap_or_default(), "attachments": attachments });
                work.ordinal = ordinal;
                self.take_place(at, place, outputs)
            }
            (Choice::Yes, Asking::Typed) => self.take_place(at, place, json!({ "answer": answer.value })),
            (Choice::Yes, Asking::Review) => self.end_review(at, place),
            (Choice::Yes, Asking::Go) => self.track_mut(place)?.clear(),
            (Choice::Yes, Asking::Approval) => self.approve(at, place, &answer.by),
            (Choice::Deny, Asking::Approval) => {
                self.track_mut(place)?.forget_approvals();
                let reason = answer.reason.clone().unwrap_or_default();
                let fault = Fault::new(
                    FaultKind::NotApproved,
                    format!("{} denied the approval: {reason}", answer.by.name),
                );
                self.fail(at, place, &fault)
            }
            (Choice::Again, Asking::AfterFailure) => {
                self.again(place);
                Ok(())
            }
            (Choice::Again, Asking::InDoubt) => self.settle(at, place, Verdict::DidNot, &Value::Null),
            (Choice::Done, Asking::InDoubt) => self.settle(at, place, Verdict::TookPlace, &Value::Null),
            (Choice::Undo, Asking::InDoubt) if work.can_be_taken_back() => {
                work.take_back();
                Ok(())
            }
            (choice, asking) => {
                work.asking = Some(asking);
                illegal(format!("{choice:?} is no answer to {asking:?} at `{place}`"))
            }
        }
    }

    /// The run goes on past a failure; a step goes on past that of an element.
    fn pass(&mut self, place: &Place) -> Legal {
        match place.item {
            Some(_) => self.count_failure(place),
            None => self.track_mut(place)?.passed = true,
        }
        Ok(())
    }

    /// A failed step is tried afresh, and with it those of its elements that failed.
    fn again(&mut self, place: &Place) {
        let Some(track) = self.index(&place.step).and_then(|index| self.tracks.get_mut(index)) else {
            return;
        };
        track.work.restart();
        track.forget_approvals();
        track.cleared = false;
        if let Some(items) = &mut track.items {
            for (_, work) in &mut items.list {
                if work.went_wrong() {
                    work.restart();
                } else if work.look.is_ahead() {
                    // It was looked at, and never began before the others failed.
                    work.look_afresh();
                }
            }
            items.recount();
        }
    }

    pub(super) fn settle(
        &mut self,
        at: DateTime<Utc>,
        place: &Place,
        verdict: Verdict,
        outputs: &Value,
    ) -> Legal {
        let work = self.at(place)?;
        if !matches!(work.stage, Stage::InDoubt | Stage::Probed) {
            return illegal(format!("`{place}` is not in doubt"));
        }
        match verdict {
            Verdict::DidNot => {
                work.tries = work.tries.saturating_sub(1);
                work.look_afresh();
                work.settle(Stage::Waiting)
            }
            Verdict::TookPlace => {
                let outputs = completed(outputs, work.request.as_ref(), work.progress.as_ref());
                work.stage = Stage::Attempting;
                self.succeed(at, place, &outputs)
            }
        }
    }
}

/// What the world still told of the outputs, and what the attempt itself had made durable of
/// them before it wrote: what stood there before is to be had from nowhere else.
fn completed(told: &Value, request: Option<&Request>, progress: Option<&Value>) -> Value {
    let mut outputs = told.as_object().cloned().unwrap_or_default();
    let spec = request.and_then(|request| operation(&request.action));
    let durable = progress.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in durable.filter(|(name, _)| spec.is_some_and(|spec| spec.output(name).is_some())) {
        outputs.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Value::Object(outputs)
}

impl Track {
    pub(super) fn clear(&mut self) -> Legal {
        self.cleared = true;
        Ok(())
    }
}
