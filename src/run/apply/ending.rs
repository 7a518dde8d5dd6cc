//! How a piece of work ends: skipped, done, failed, and what the document says to that.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Legal, illegal};
use crate::document::OnFailure;
use crate::document::action::Action;
use crate::run::event::Place;
use crate::run::fault::{Fault, FaultKind};
use crate::run::state::Run;
use crate::run::track::{Stage, Undo};
use crate::run::work::pause;

impl Run {
    /// Only what has not begun can be skipped: what was sent must not be forgotten.
    pub(super) fn skip(&mut self, place: &Place) -> Legal {
        let work = self.at(place)?;
        match work.stage {
            Stage::Waiting => work.settle(Stage::Skipped),
            _ => illegal(format!("`{place}` is skipped after it began")),
        }
    }

    pub(super) fn succeed(&mut self, at: DateTime<Utc>, place: &Place, outputs: &Value) -> Legal {
        let of_itself = self.ends_of_itself(place);
        let work = self.at(place)?;
        match work.stage {
            Stage::Undo(Undo::Announced) => work.undo_succeeded(),
            Stage::Waiting if of_itself => {
                work.asking = None;
                work.stage = Stage::Done;
                self.find(place, outputs.clone())
            }
            Stage::Attempting => self.take_place(at, place, outputs.clone()),
            _ => illegal(format!("`{place}` succeeded and was not attempted")),
        }
    }

    /// An assertion, and a step all of whose elements are settled, were never attempted.
    fn ends_of_itself(&self, place: &Place) -> bool {
        let step = self.index(&place.step).and_then(|index| self.step_at(index));
        step.is_some_and(|(step, track)| {
            matches!(step.action, Action::Assert(_)) || (place.item.is_none() && track.items.is_some())
        })
    }

    /// It is done; where the document wants a proof, that is still to be read.
    pub(super) fn take_place(&mut self, at: DateTime<Utc>, place: &Place, outputs: Value) -> Legal {
        let proved = self.index(&place.step).is_some_and(|index| self.playbook.steps[index].verify.is_none());
        let work = self.at(place)?;
        work.progress = None;
        work.observed = None;
        work.took = true;
        work.outputs = Some(outputs.clone());
        work.stage = if proved { Stage::Done } else { Stage::Acted(at) };
        self.find(place, outputs)
    }

    /// What a step found is in scope from here on; what an element found waits for its step.
    pub(super) fn find(&mut self, place: &Place, outputs: Value) -> Legal {
        if place.item.is_some() {
            self.at(place)?.outputs = Some(outputs);
        } else if let Value::Object(found) = &mut self.found {
            found.insert(place.step.clone(), outputs);
        }
        Ok(())
    }

    pub(super) fn fail(&mut self, at: DateTime<Utc>, place: &Place, fault: &Fault) -> Legal {
        let index = self.index(&place.step);
        let Some((step, _)) = index.and_then(|index| self.step_at(index)) else {
            return illegal(format!("there is no step `{}` in the document", place.step));
        };
        let (retry, changes, on_failure) =
            (step.retry, step.action.class().changes_the_world(), step.on_failure.clone());
        let work = self.at(place)?;
        let sent = work.stage == Stage::Attempting;
        if fault.kind == FaultKind::Abandoned && !sent && work.stage != Stage::Undo(Undo::Announced) {
            // Whoever turns away from a question leaves everything as it was.
            work.asking = None;
            return Ok(());
        }
        match work.stage {
            Stage::Undo(Undo::Announced) => return work.undo_failed(fault),
            Stage::Waiting | Stage::Attempting | Stage::Backoff(..) | Stage::Acted(_) => {}
            _ => return illegal(format!("`{place}` failed and was not under way")),
        }
        let again = fault.kind.may_pass() && sent && work.tries < retry.attempts;
        let stage = if fault.kind.leaves_doubt() && changes && sent {
            Stage::InDoubt
        } else if fault.kind == FaultKind::Abandoned {
            Stage::Waiting
        } else if again {
            Stage::Backoff(at, pause(retry, work.tries))
        } else {
            Stage::Failed
        };
        work.unproven = matches!(work.stage, Stage::Acted(_));
        work.stage = stage;
        work.fault = Some(fault.clone());
        work.asking = None;
        let failed = work.stage == Stage::Failed;
        if let (None, Value::Object(found)) = (place.item, &mut self.found) {
            found.remove(&place.step);
        }
        if failed {
            self.decide_failure(place, &on_failure);
        }
        Ok(())
    }

    /// An element that failed, or was taken back, counts for its step.
    pub(super) fn count_failure(&mut self, place: &Place) {
        let track = self.index(&place.step).and_then(|index| self.tracks.get_mut(index));
        if let (Some(_), Some(items)) = (place.item, track.and_then(|track| track.items.as_mut())) {
            items.failed += 1;
        }
    }

    /// What the document says about a failure; with `stop` a person decides.
    fn decide_failure(&mut self, place: &Place, on_failure: &OnFailure) {
        let Some(index) = self.index(&place.step) else { return };
        if place.item.is_some() {
            self.count_failure(place);
            return;
        }
        let jump = match on_failure {
            OnFailure::Stop => return,
            OnFailure::Continue => None,
            OnFailure::Goto(target) => self.index(target),
        };
        self.tracks[index].passed = true;
        self.jump = jump.or(self.jump);
    }
}
