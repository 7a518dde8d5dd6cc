//! What the events of a rollback change: the same whether a whole run is taken back or one
//! attempt that was in doubt.

use chrono::{DateTime, Utc};

use super::{Legal, illegal};
use crate::document::action::Probe;
use crate::run::back::{Back, in_doubt, probe_of};
use crate::run::effect::Request;
use crate::run::event::{Actor, Answer, Choice, Place, Verdict};
use crate::run::fault::{Fault, FaultKind};
use crate::run::state::Run;
use crate::run::track::{Asking, Stage, Track, Undo, Work};

impl Run {
    /// From here on the run asks for undos, and for nothing else. A run that was over is
    /// under way again.
    pub(super) fn turn_back(&mut self, by: &Actor, to: Option<&String>) -> Legal {
        let from = match to.map(|step| (step, self.index(step))) {
            Some((step, None)) => return illegal(format!("there is no step `{step}` in the document")),
            Some((_, Some(index))) => index,
            None => 0,
        };
        self.closed = None;
        self.abort = None;
        self.tracks.iter_mut().for_each(Track::ask_anew);
        let order = self.acts_since(from);
        self.back = Some(Back { by: by.clone(), to: to.cloned(), order, cursor: 0, stopped: None });
        Ok(())
    }

    /// The intent to take something back.
    pub(super) fn begin_undo(
        &mut self,
        at: DateTime<Utc>,
        place: &Place,
        attempt: u32,
        request: &Request,
    ) -> Legal {
        let turned = self.back.is_some();
        self.track_mut(place)?.begun = true;
        let work = self.at(place)?;
        if work.stage != Stage::Undo(Undo::Due) && !(turned && work.took) {
            return illegal(format!("`{place}` is to be taken back and was not done"));
        }
        if !matches!(work.stage, Stage::Undo(_)) {
            work.progress = None;
        }
        work.look.pass();
        work.undo = Some(request.clone());
        work.undo_since = Some(at);
        work.undo_attempts = attempt;
        work.settle(Stage::Undo(Undo::Announced))
    }

    pub(super) fn end_undo(&mut self, place: &Place) -> Legal {
        let turned = self.back.is_some();
        let work = self.at(place)?;
        if work.stage != Stage::Undo(Undo::Taken) {
            return illegal(format!("`{place}` is said to be undone and was not taken back"));
        }
        work.took = false;
        work.progress = None;
        work.settle(Stage::Undone)?;
        if !turned {
            work.fault = Some(Fault::new(FaultKind::Abandoned, "the step was taken back"));
            self.count_failure(place);
            return Ok(());
        }
        let track = self.track_mut(place)?;
        if place.item.is_some() && !track.stands() {
            track.work.stage = Stage::Undone;
        }
        Ok(())
    }

    /// What the document does not need: it changed nothing.
    pub(super) fn skip_undo(&mut self, place: &Place) -> Legal {
        self.at(place)?.took = false;
        Ok(())
    }

    pub(super) fn answer_back(&mut self, at: DateTime<Utc>, place: &Place, answer: &Answer) -> Legal {
        let work = self.at(place)?;
        let Some(asking) = work.asking.take() else {
            return illegal(format!("`{place}` is answered and was not asked"));
        };
        let undoing = matches!(work.stage, Stage::Undo(_));
        match (answer.choice, asking) {
            (Choice::Abort, _) => {
                if let Some(back) = &mut self.back {
                    back.stopped = Some(answer.reason.clone().unwrap_or_default());
                }
                Ok(())
            }
            (Choice::Yes, Asking::Go) => self.track_mut(place)?.clear(),
            (Choice::Yes, Asking::Approval) => self.approve(at, place, &answer.by),
            (Choice::Yes, Asking::Manual) => work.settle(Stage::Undo(Undo::Taken)),
            (Choice::Skip, Asking::Go | Asking::Approval) | (Choice::Deny, Asking::Approval) => {
                self.track_mut(place)?.leave();
                Ok(())
            }
            (Choice::Skip, Asking::Manual | Asking::AfterFailure | Asking::CannotUndo) => {
                work.left = true;
                Ok(())
            }
            (Choice::Again, Asking::AfterFailure) => {
                work.take_back();
                Ok(())
            }
            (Choice::Done, Asking::InDoubt) if undoing => work.settle(Stage::Undo(Undo::Taken)),
            (Choice::Again, Asking::InDoubt) if undoing => {
                work.take_back();
                Ok(())
            }
            (Choice::Done | Choice::Again | Choice::Undo, Asking::InDoubt) => {
                work.asking = Some(asking);
                self.answer_forward(at, place, answer)
            }
            (choice, asking) => {
                work.asking = Some(asking);
                illegal(format!("{choice:?} is no answer to {asking:?} at `{place}`"))
            }
        }
    }

    /// Moves past what needs no more of a rollback.
    pub(super) fn advance_back(&mut self) {
        let Some(mut back) = self.back.take() else { return };
        while back.order.get(back.cursor).and_then(|place| self.work(place)).is_some_and(Work::is_behind_back)
        {
            back.cursor += 1;
        }
        self.back = Some(back);
    }
}

impl Track {
    /// Whoever agreed to the step has not agreed to its undo.
    fn ask_anew(&mut self) {
        self.forget_approvals();
        self.cleared = false;
        self.work.ask_anew();
        self.items.iter_mut().flat_map(|items| &mut items.list).for_each(|(_, work)| work.ask_anew());
    }

    /// What is known to stand is left; what is in doubt is still found out.
    fn leave(&mut self) {
        let items = self.items.iter_mut().flat_map(|items| &mut items.list).map(|(_, work)| work);
        std::iter::once(&mut self.work).chain(items).for_each(|work| work.left |= work.took);
    }

    /// Whether something of it stands, or may.
    fn stands(&self) -> bool {
        let items = self.items.iter().flat_map(|items| &items.list).map(|(_, work)| work);
        std::iter::once(&self.work).chain(items).any(|work| work.took || in_doubt(work))
    }
}

impl Work {
    fn ask_anew(&mut self) {
        self.asking = None;
        self.left = false;
        self.look_afresh();
    }

    fn is_behind_back(&self) -> bool {
        self.asking.is_none() && (self.left || !(self.took || in_doubt(self)))
    }

    /// The undo did what it was asked. Where the world can tell, it is asked.
    pub(super) fn undo_succeeded(&mut self) -> Legal {
        let tells = self.undo.as_ref().is_some_and(|undo| matches!(probe_of(undo), Probe::Ask(_)));
        self.settle(Stage::Undo(if tells { Undo::Acted } else { Undo::Taken }))
    }

    pub(super) fn undo_failed(&mut self, fault: &Fault) -> Legal {
        self.fault = Some(fault.clone());
        self.asking = None;
        self.settle(Stage::Undo(if fault.kind.leaves_doubt() { Undo::InDoubt } else { Undo::Failed }))
    }

    pub(super) fn undo_settled(&mut self, undo: Undo, verdict: Verdict, because: &str) -> Legal {
        match (undo, verdict) {
            (_, Verdict::TookPlace) => self.settle(Stage::Undo(Undo::Taken)),
            (Undo::Acted, Verdict::DidNot) => {
                let message = format!("it was taken back, and the world does not show it: {because}");
                self.undo_failed(&Fault::new(FaultKind::Unmet, message))
            }
            (_, Verdict::DidNot) => {
                self.take_back();
                Ok(())
            }
        }
    }

    pub(super) fn undo_unsettled(&mut self, undo: Undo) -> Legal {
        self.settle(Stage::Undo(if undo == Undo::Acted { Undo::Taken } else { Undo::Probed }))
    }
}
