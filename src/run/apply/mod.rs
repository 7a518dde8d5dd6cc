//! How events change a run. The one transition table: what is not in it cannot follow.

mod answers;
mod back;
mod decided;
mod ending;
mod interrupted;

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

use self::interrupted::{interrupt, interrupt_back};
use super::effect::Question;
use super::event::{Event, Foresight, Place};
use super::items::is_behind;
use super::radius::Sight;
use super::state::Run;
use super::track::{Asking, Items, Observation, Stage, Track, Undo, Work};

/// An event that cannot follow what was: the journal is not one of this document, or not
/// one of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Illegal {
    pub message: String,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Illegal {}

pub(super) type Legal<T = ()> = Result<T, Illegal>;

pub(super) fn illegal<T>(message: impl Into<String>) -> Legal<T> {
    Err(Illegal { message: message.into() })
}

pub(super) fn no_such_step<T>(place: &Place) -> Legal<T> {
    illegal(format!("there is no step `{}` in the document", place.step))
}

impl Run {
    /// Remembers an event that happened at `at`.
    ///
    /// # Errors
    /// When the event cannot follow what was; the run is unchanged then.
    pub fn apply(&mut self, at: DateTime<Utc>, event: &Event) -> Legal {
        self.admit(event)?;
        self.change(at, event)?;
        self.reach(at);
        self.people.hear(event);
        self.remember_calls(event);
        self.last = Some(at);
        self.entries += 1;
        self.advance();
        Ok(())
    }

    /// The first entry opens the run, once; after the last only late facts follow.
    fn admit(&self, event: &Event) -> Legal {
        match event {
            Event::Opened(_) if self.opened.is_some() => illegal("the run is opened a second time"),
            Event::Opened(_) => Ok(()),
            _ if self.opened.is_none() => illegal("the first entry does not open the run"),
            _ if self.sealed => illegal("an entry follows the seal"),
            Event::Noted { .. }
            | Event::Attached { .. }
            | Event::Departed { .. }
            | Event::Deviated { .. }
            | Event::TurnedBack { .. }
            | Event::Sealed { .. } => Ok(()),
            // The last try comes after the end.
            Event::Notified { .. } => Ok(()),
            _ if self.closed.is_some() => illegal("the run goes on after it was closed"),
            _ => Ok(()),
        }
    }

    fn change(&mut self, at: DateTime<Utc>, event: &Event) -> Legal {
        match event {
            Event::Opened(opened) => {
                self.operator = Some(opened.operator.clone());
                self.params =
                    opened.params.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                self.opened = Some((at, (**opened).clone()));
                Ok(())
            }
            Event::Resumed { operator, .. } => {
                self.operator = Some(operator.clone());
                match &self.back {
                    Some(_) => self.tracks.iter_mut().for_each(interrupt_back),
                    None => self.tracks.iter_mut().for_each(|track| interrupt(track, at)),
                }
                self.owe_again(at);
                Ok(())
            }
            Event::TurnedBack { by, to, .. } => self.turn_back(by, to.as_ref()),
            Event::Surveyed(survey) => {
                // What a look around found that let nothing begin is not what the run goes on by.
                if survey.broken().is_none() || self.survey.is_none() {
                    self.survey = Some((**survey).clone());
                }
                Ok(())
            }
            Event::Listed { step, items } => self.list(step, items),
            Event::ObjectiveMet { objective, met_at } => {
                let known = self.objective(objective)?;
                self.deadlines.met[known] = Some(met_at.unwrap_or(at));
                Ok(())
            }
            Event::DeadlinePassed { objective, .. } => {
                let known = self.objective(objective)?;
                self.deadlines.passed[known] = true;
                Ok(())
            }
            Event::Escalated { escalation, to, message } => {
                match self.deadlines.escalated.get_mut(*escalation) {
                    Some(fired) => {
                        *fired = true;
                        self.owe(at, *escalation, to, message);
                        Ok(())
                    }
                    None => illegal(format!("there is no escalation {escalation} in the document")),
                }
            }
            Event::StoodDown { escalation, to, message } => self.stand_down(at, *escalation, to, message),
            Event::Notified { escalation, channel, attempt, sent, .. } => {
                self.notified(at, *escalation, channel, *attempt, sent)
            }
            Event::Closed { outcome, .. } => {
                self.closed = Some((at, *outcome));
                Ok(())
            }
            Event::Sealed { .. } => {
                self.sealed = true;
                Ok(())
            }
            Event::Noted { .. }
            | Event::Attached { .. }
            | Event::Departed { .. }
            | Event::Deviated { .. }
            | Event::Staffed { .. }
            | Event::HandedOver { .. }
            | Event::Paused { .. } => Ok(()),
            event => self.change_work(at, event),
        }
    }

    fn change_work(&mut self, at: DateTime<Utc>, event: &Event) -> Legal {
        match event {
            Event::Skipped { place, .. } if self.back.is_some() => self.skip_undo(place),
            Event::Skipped { place, .. } => self.skip(place),
            Event::Attempted { place, attempt, request, undo } => {
                let track = self.track_mut(place)?;
                track.begin();
                track.work.look.pass();
                let ordinal = self.entries;
                let work = self.at(place)?;
                work.ordinal = ordinal;
                work.look.pass();
                work.attempt(at, *attempt, request.clone(), undo.clone())
            }
            Event::Undoing { place, attempt, request } => self.begin_undo(at, place, *attempt, request),
            Event::Progressed { place, done } => {
                self.at(place)?.progress = Some(done.clone());
                Ok(())
            }
            Event::Succeeded { place, outputs, .. } => self.succeed(at, place, outputs),
            Event::Failed { place, fault, .. } => self.fail(at, place, fault),
            Event::Observed { place, outputs, fault, .. } => {
                self.at(place)?.observed =
                    Some(Observation { at, outputs: outputs.clone(), fault: fault.clone() });
                Ok(())
            }
            Event::Verified { place } => {
                let work = self.at(place)?;
                match work.stage {
                    Stage::Acted(_) => {
                        work.stage = Stage::Done;
                        // A failed proof had taken them away.
                        let outputs = work.outputs.clone().unwrap_or(Value::Null);
                        self.find(place, outputs)
                    }
                    _ => illegal(format!("`{place}` is verified and was not done")),
                }
            }
            Event::Measured { place, radius, .. } => self.measure(at, place, radius),
            Event::Outdated { place, .. } => self.outdate(place),
            Event::Asked { place, question } => {
                if let Question::Approval { request, role, title, .. } = question {
                    self.track_mut(place)?.want(at, request, role, title);
                }
                let work = self.at(place)?;
                work.asking = Some(Asking::from(question));
                if let Question::Review(sheet) = question {
                    work.decisions.get_or_insert_default().put(sheet);
                }
                Ok(())
            }
            Event::Decided(decided) => self.decide(at, &decided.place, decided),
            Event::Answered { place, answer } => self.answer(at, place, answer),
            Event::Settled { place, verdict, outputs, because, .. } => {
                let work = self.at(place)?;
                match work.stage {
                    Stage::Undo(undo) => work.undo_settled(undo, *verdict, because),
                    _ => self.settle(at, place, *verdict, outputs),
                }
            }
            Event::Unsettled { place, .. } => {
                let work = self.at(place)?;
                match work.stage {
                    Stage::Undo(undo) => work.undo_unsettled(undo),
                    Stage::InDoubt => work.settle(Stage::Probed),
                    _ => illegal(format!("`{place}` is not in doubt")),
                }
            }
            Event::Undone { place } => self.end_undo(place),
            Event::Foreseen { place, would } => self.foresee(place, would),
            Event::Unknowable { place, .. } => self.at(place)?.settle(Stage::Unknown),
            _ => Ok(()),
        }
    }

    /// What is looked at is what is about to be asked about or sent, once.
    fn measure(&mut self, at: DateTime<Utc>, place: &Place, radius: &[Sight]) -> Legal {
        let turned = self.back.is_some();
        let looked = self.is_looked_at(place);
        let work = self.at(place)?;
        let ahead = match work.stage {
            Stage::Waiting | Stage::Backoff(..) | Stage::Undo(Undo::Due) => true,
            _ => turned && work.took,
        };
        if looked || !ahead || work.asking.is_some() {
            return illegal(format!("the reach of `{place}` is looked at out of turn"));
        }
        self.track_mut(place)?.see(at, place.item, radius);
        Ok(())
    }

    /// A go that nothing was sent on was one for what was seen then. An approval is about the
    /// request, and stays.
    fn outdate(&mut self, place: &Place) -> Legal {
        let work = self.at(place)?;
        if !work.look.is_ahead() || work.asking.is_some() {
            return illegal(format!("the look at `{place}` is outdated and nothing hangs on it"));
        }
        work.look_afresh();
        let track = self.track_mut(place)?;
        track.cleared &= track.begun;
        Ok(())
    }

    fn foresee(&mut self, place: &Place, would: &Foresight) -> Legal {
        match would {
            Foresight::Ask(Question::Approval { .. } | Question::Go { .. }) => {
                self.at(place)?.asking = None;
                self.track_mut(place)?.clear()
            }
            Foresight::Ask(_) | Foresight::Do(_) => {
                let work = self.at(place)?;
                work.asking = None;
                work.settle(Stage::Foreseen)
            }
        }
    }

    fn list(&mut self, step: &str, items: &[Value]) -> Legal {
        let place = Place::step(step);
        let track = self.track_mut(&place)?;
        if track.items.is_some() {
            return illegal(format!("`{step}` is listed a second time"));
        }
        let list = items.iter().map(|item| (item.clone(), Work::default())).collect();
        track.items = Some(Items { list, ..Items::default() });
        Ok(())
    }

    fn objective(&self, id: &str) -> Legal<usize> {
        match self.playbook.objectives.iter().position(|objective| objective.id == id) {
            Some(at) => Ok(at),
            None => illegal(format!("there is no objective `{id}` in the document")),
        }
    }

    fn track_mut(&mut self, place: &Place) -> Legal<&mut Track> {
        match self.index(&place.step) {
            Some(index) => Ok(&mut self.tracks[index]),
            None => no_such_step(place),
        }
    }

    fn at(&mut self, place: &Place) -> Legal<&mut Work> {
        let track = self.track_mut(place)?;
        match (place.item, track.items.as_mut()) {
            (None, _) => Ok(&mut track.work),
            (Some(item), Some(items)) if item < items.list.len() => {
                items.reach = items.reach.max(item + 1);
                Ok(&mut items.list[item].1)
            }
            _ => illegal(format!("`{place}` is not in the list of its step")),
        }
    }

    /// Moves past what is settled, so that deciding what is next never looks back.
    fn advance(&mut self) {
        self.advance_back();
        if let Some(items) = self.tracks.get_mut(self.cursor).and_then(|track| track.items.as_mut()) {
            while items.list.get(items.cursor).is_some_and(|(_, work)| is_behind(work)) {
                items.cursor += 1;
            }
        }
        while self.tracks.get(self.cursor).is_some_and(Track::is_behind) {
            self.cursor += 1;
        }
        if self.jump.is_some_and(|target| self.cursor >= target) {
            self.jump = None;
        }
    }
}

impl Work {
    fn settle(&mut self, stage: Stage) -> Legal {
        self.stage = stage;
        Ok(())
    }

    fn attempt(
        &mut self,
        at: DateTime<Utc>,
        attempt: u32,
        request: super::effect::Request,
        undo: Option<super::effect::Request>,
    ) -> Legal {
        if !matches!(self.stage, Stage::Waiting | Stage::Backoff(..)) {
            return illegal("an attempt begins where none is due");
        }
        self.attempts = attempt;
        self.tries += 1;
        self.since.get_or_insert(at);
        self.tried_at = Some(at);
        self.request = Some(request);
        self.undo = undo;
        self.settle(Stage::Attempting)
    }
}
