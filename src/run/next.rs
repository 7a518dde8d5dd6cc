//! What a run wants next. Decides and changes nothing.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::approval::{COMMANDER, in_hand};
use super::context::{Told, needs_go};
use super::effect::{AnswerKind, Effect, Question, Request};
use super::event::{Event, Foresight, Outcome, Place};
use super::fault::{Fault, FaultKind};
use super::scope::Local;
use super::state::Run;
use super::track::{Stage, Track};
use crate::document::action::{Action, Answering, Ask, Assert, Manual};
use crate::document::{Approve, ForEach, Step};

/// What the run wants next.
#[derive(Debug)]
pub enum Next {
    /// A fact that follows from what is known: record it and ask again.
    Record(Event),
    Perform(Effect),
    /// Nothing to do before this instant, or before what is at work answers.
    Wait(DateTime<Utc>),
    /// Nothing to do before what is at work answers.
    Await,
    Done(Outcome),
}

/// How many elements a question about all of them shows.
const SHOWN_ELEMENTS: usize = 20;

impl Run {
    /// What the run wants, at this instant, while nothing is at work.
    #[must_use]
    pub fn next(&self, now: DateTime<Utc>) -> Next {
        self.next_beside(now, &[])
    }

    /// What the run wants, at this instant, beside the effects that are at work: those that
    /// were asked for and have not been answered yet, by their places.
    #[must_use]
    pub fn next_beside(&self, now: DateTime<Utc>, at_work: &[Place]) -> Next {
        if let Some(outcome) = self.outcome() {
            return Next::Done(outcome);
        }
        if let Some(back) = &self.back {
            return self.next_back(back, now, at_work);
        }
        if let Some(event) = self.due(now) {
            return Next::Record(event);
        }
        if let Some((by, reason)) = &self.abort {
            if !at_work.is_empty() {
                return Next::Await;
            }
            return Next::Record(Event::Closed {
                outcome: Outcome::Aborted,
                reason: reason.clone(),
                by: Some(by.clone()),
            });
        }
        match self.step_at(self.cursor) {
            Some((step, track)) => self.next_of_step(step, track, now, at_work),
            None => Next::Record(self.closing()),
        }
    }

    fn closing(&self) -> Event {
        let tracked = self.playbook.steps.iter().zip(&self.tracks);
        let failed = tracked.filter(|(_, track)| matches!(track.work.stage, Stage::Failed | Stage::Undone));
        let failed: Vec<_> = failed.map(|(step, _)| &*step.id).collect();
        let (outcome, reason) = match failed.as_slice() {
            [] => (Outcome::Completed, "every step is done or was skipped".to_owned()),
            failed => (Outcome::CompletedWithFailures, format!("failed: {}", failed.join(", "))),
        };
        Event::Closed { outcome, reason, by: None }
    }

    fn next_of_step(&self, step: &Step, track: &Track, now: DateTime<Utc>, at_work: &[Place]) -> Next {
        let place = Place::step(&*step.id);
        if at_work.contains(&place) {
            return Next::Await;
        }
        if self.jump.is_some_and(|target| self.cursor < target) {
            let reason = "passed over: an earlier step failed and sent the run on".to_owned();
            return Next::Record(Event::Skipped { place, reason, by: None });
        }
        if track.work.stage != Stage::Waiting {
            return self.next_of_work(step, place, Local::default(), now);
        }
        let fresh =
            track.work.attempts == 0 && track.items.is_none() && !track.cleared && track.approvals.is_empty();
        if fresh && let Some(next) = self.condition(step, &place, now) {
            return next;
        }
        match (&step.for_each, &track.items) {
            (Some(for_each), None) => self.listing(step, for_each, now),
            (Some(for_each), Some(items)) => self.next_of_items(step, track, (for_each, items), now, at_work),
            (None, _) => {
                self.gate(step, track, now).unwrap_or_else(|| self.start(step, place, Local::default(), now))
            }
        }
    }

    /// `when`: only an explicit true goes on, only an explicit false skips.
    fn condition(&self, step: &Step, place: &Place, now: DateTime<Utc>) -> Option<Next> {
        let when = step.when.as_ref()?;
        let place = place.clone();
        Some(Next::Record(match self.evaluate(when, Local::default(), now) {
            Told::Known(Value::Bool(true)) => return None,
            Told::Known(Value::Bool(false)) => {
                Event::Skipped { place, reason: format!("`{}` is false", when.text), by: None }
            }
            Told::Known(other) => {
                let message = format!("`when: {}` gave {other}, which is neither true nor false", when.text);
                failed(place, Fault::new(FaultKind::Undefined, message))
            }
            Told::Unknown(because) => Event::Unknowable { place, because },
            Told::Wrong(fault) => failed(place, fault),
        }))
    }

    /// Whether the condition of a step says that it is left out.
    #[must_use]
    pub fn is_left_out(&self, step: &Step, now: DateTime<Utc>) -> bool {
        let says = step.when.as_ref().map(|when| self.evaluate(when, Local::default(), now));
        matches!(says, Some(Told::Known(Value::Bool(false))))
    }

    fn listing(&self, step: &Step, for_each: &ForEach, now: DateTime<Utc>) -> Next {
        let place = Place::step(&*step.id);
        Next::Record(match self.evaluate(&for_each.list, Local::default(), now) {
            Told::Known(Value::Array(items)) => Event::Listed { step: step.id.to_string(), items },
            Told::Known(other) => {
                let message = format!("`for_each: {}` gave {other}, which is no list", for_each.list.text);
                failed(place, Fault::new(FaultKind::Undefined, message))
            }
            Told::Unknown(because) => Event::Unknowable { place, because },
            Told::Wrong(fault) => failed(place, fault),
        })
    }

    /// Approvals first, then the responder's go for what changes the world; before either, a
    /// look at how far it reaches. `None` when the gate is open.
    pub(super) fn gate(&self, step: &Step, track: &Track, now: DateTime<Utc>) -> Option<Next> {
        let asks = match &step.approve {
            _ if track.cleared || track.begun => return None,
            None if !needs_go(&step.action) => return None,
            asks => asks,
        };
        let place = Place::step(&*step.id);
        // What was asked about stays the same while people think, clocks in its texts included.
        let asked_at = track.wanted.as_ref().map_or(now, |wanted| wanted.asked_at);
        let request = match self.request_of_all(step, track, asked_at) {
            Ok(request) => request,
            Err(fault) => return Some(Next::Record(failed(place, fault))),
        };
        let question = match asks {
            Some(approve) => self.approval(approve, track, request, now)?,
            None => Question::Go { request },
        };
        if let Some(outdated) = self.outdated(&place, now) {
            return Some(outdated);
        }
        let look = self.measuring(step, track, asked_at);
        Some(Next::Perform(look.unwrap_or(Effect::Ask { place, question })))
    }

    /// The question for an approval; `None` when enough are in hand.
    pub(super) fn approval(
        &self,
        approve: &Approve,
        track: &Track,
        request: Request,
        now: DateTime<Utc>,
    ) -> Option<Question> {
        let hands = in_hand(approve, track, request.digest(), now);
        if hands.given.len() >= approve.count as usize {
            return None;
        }
        let role = approve.by.clone();
        let title = match self.playbook.role(&role) {
            Some(role) => role.title.clone(),
            None if role == COMMANDER => "whoever is in command".to_owned(),
            None => role.clone(),
        };
        let hands = (hands.of > 1 || !hands.expired.is_empty()).then_some(hands);
        Some(Question::Approval { request, role, title, from_answers: approve.from_answers, hands })
    }

    /// What the step is about to do; for several elements, the first of them and their number.
    fn request_of_all(&self, step: &Step, track: &Track, now: DateTime<Utc>) -> Result<Request, Fault> {
        let one = |item| match self.request(&step.action, Local { item, result: None }, now) {
            Told::Known(request) => Ok(request),
            Told::Unknown(_) => Ok(self.sketch(&step.action, Local { item, result: None }, now)),
            Told::Wrong(fault) => Err(fault),
        };
        let Some(items) = &track.items else { return one(None) };
        let shown = items.list.iter().take(SHOWN_ELEMENTS);
        let inputs = shown
            .map(|(item, _)| one(Some(item)).map(|request| request.input))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Request {
            action: step.action.name().to_owned(),
            class: step.action.class(),
            input: json!({ "for_each": inputs, "elements": items.list.len() }),
        })
    }

    /// A piece of work that is due, and whose gate is open.
    pub(super) fn start(&self, step: &Step, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Next {
        match &step.action {
            Action::Manual(manual) => self.manual(manual, place, local, now),
            Action::Ask(ask) => self.typed(ask, place, local, now),
            Action::Review(review) => self.reviewing(review, place, local, now),
            Action::Assert(assert) => Next::Record(self.assertion(assert, place, local, now)),
            Action::Wait(_) | Action::Shell(_) | Action::Notify(_) | Action::Operation(_) => {
                self.act(step, place, local, now)
            }
        }
    }

    pub(super) fn act(&self, step: &Step, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Next {
        let request = match self.request(&step.action, local, now) {
            Told::Known(request) => request,
            // That it would be done is certain; with what exactly is not.
            Told::Unknown(_) => {
                let would = Foresight::Do(self.sketch(&step.action, local, now));
                return Next::Record(Event::Foreseen { place, would });
            }
            Told::Wrong(fault) => return Next::Record(failed(place, fault)),
        };
        if let Some(next) = self.seeing(&place, &request, now) {
            return next;
        }
        let undo = step.undo.as_ref().and_then(|undo| match self.request(undo, local, now) {
            Told::Known(undo) => Some(undo),
            // It names what the step itself finds; rollback renders it from the record.
            Told::Unknown(_) | Told::Wrong(_) => None,
        });
        let work = self.work(&place);
        Next::Perform(Effect::Act {
            attempt: work.map_or(0, |work| work.attempts) + 1,
            since: work.and_then(|work| work.since).unwrap_or(now),
            progress: work.and_then(|work| work.progress.clone()),
            timeout: step.timeout,
            place,
            request,
            undo,
        })
    }

    fn manual(&self, manual: &Manual, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Next {
        match self.render(&manual.instructions, local, now) {
            Told::Known(instructions) => {
                let question = Question::Manual { instructions, attach: manual.attach.clone() };
                Next::Perform(Effect::Ask { place, question })
            }
            Told::Unknown(_) => {
                let instructions = self.sketched_words(&manual.instructions, local, now);
                let would = Foresight::Ask(Question::Manual { instructions, attach: manual.attach.clone() });
                Next::Record(Event::Foreseen { place, would })
            }
            Told::Wrong(fault) => Next::Record(failed(place, fault)),
        }
    }

    fn typed(&self, ask: &Ask, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Next {
        let question = self.render(&ask.question, local, now);
        let answer = match &ask.answering {
            Answering::Text => Told::Known(AnswerKind::Text),
            Answering::Number => Told::Known(AnswerKind::Number),
            Answering::Time => Told::Known(AnswerKind::Time),
            Answering::YesNo => Told::Known(AnswerKind::YesNo),
            Answering::Choice(choices) => texts(self.resolve(choices, local, now)).map(AnswerKind::Choice),
            Answering::Several(choices) => texts(self.resolve(choices, local, now)).map(AnswerKind::Several),
        };
        match (question, answer) {
            (Told::Known(question), Told::Known(answer)) => {
                Next::Perform(Effect::Ask { place, question: Question::Typed { question, answer } })
            }
            (Told::Wrong(fault), _) | (_, Told::Wrong(fault)) => Next::Record(failed(place, fault)),
            (Told::Unknown(_), _) | (_, Told::Unknown(_)) => {
                let question = self.sketched_words(&ask.question, local, now);
                let would = Foresight::Ask(Question::Typed { question, answer: AnswerKind::Text });
                Next::Record(Event::Foreseen { place, would })
            }
        }
    }

    fn assertion(&self, assert: &Assert, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Event {
        match self.evaluate(&assert.that, local, now) {
            Told::Known(Value::Bool(true)) => {
                Event::Succeeded { place, outputs: json!({}), evidence: super::traces::Evidence::default() }
            }
            Told::Known(Value::Bool(false)) => {
                let message = self.words(&assert.message, now);
                let hint = format!("`{}` is false", assert.that.text);
                failed(place, Fault::new(FaultKind::Unmet, message).hint(hint))
            }
            Told::Known(other) => {
                let message =
                    format!("`that: {}` gave {other}, which is neither true nor false", assert.that.text);
                failed(place, Fault::new(FaultKind::Undefined, message))
            }
            Told::Unknown(because) => Event::Unknowable { place, because },
            Told::Wrong(fault) => failed(place, fault),
        }
    }
}

pub(super) fn failed(place: Place, fault: Fault) -> Event {
    Event::Failed { place, fault, evidence: super::traces::Evidence::default() }
}

fn texts(told: Told<Value>) -> Told<Vec<String>> {
    match told {
        Told::Known(Value::Array(items)) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            texts.map_or_else(
                || Told::Wrong(Fault::new(FaultKind::Undefined, "the choices are not all texts")),
                Told::Known,
            )
        }
        Told::Known(other) => Told::Wrong(Fault::new(
            FaultKind::Undefined,
            format!("the choices gave {other}, which is no list"),
        )),
        Told::Unknown(because) => Told::Unknown(because),
        Told::Wrong(fault) => Told::Wrong(fault),
    }
}
