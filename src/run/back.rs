//! Taking a run back: what was done is undone, the newest first, from what was recorded.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::approval::approve_of;
use super::effect::{Effect, Question, Request};
use super::event::{Actor, Event, Outcome, Place, Verdict};
use super::next::Next;
use super::state::Run;
use super::traces::Evidence;
use super::track::{Stage, Track, Undo, Work};
use super::way::WayBack;
use super::work::{after_failure, ask_about_doubt, doubt};
use crate::document::Step;
use crate::document::action::{Class, Probe, operation};

/// How many places a sentence names.
const NAMED: usize = 20;

/// A rollback that began.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub by: Actor,
    pub to: Option<String>,
    /// What is to be taken back, the newest first.
    pub order: Vec<Place>,
    /// The first place that may still have something to do.
    pub cursor: usize,
    /// A person ended the rollback here, and why.
    pub stopped: Option<String>,
}

/// Where a rollback stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    pub by: Actor,
    /// The step that it goes back to, and includes; the first where absent.
    pub to: Option<String>,
    pub undone: Vec<Place>,
    /// What was done, and stands.
    pub stands: Vec<Place>,
}

impl Run {
    /// Where the last rollback stands; `None` where there was none.
    #[must_use]
    pub fn rollback(&self) -> Option<Rollback> {
        let back = self.back.as_ref()?;
        let (undone, stands) = self.undone_and_standing();
        Some(Rollback { by: back.by.clone(), to: back.to.clone(), undone, stands })
    }

    /// Whether what is under way at a place is its undo.
    #[must_use]
    pub fn is_being_undone(&self, place: &Place) -> bool {
        self.work(place).is_some_and(|work| matches!(work.stage, Stage::Undo(_)))
    }

    /// Everything that stands in the world, or may, from a step on: the newest first.
    pub(super) fn acts_since(&self, from: usize) -> Vec<Place> {
        let mut acts: Vec<_> =
            self.works().filter(|(at, _, work)| *at >= from && self.may_stand(*at, work)).collect();
        acts.sort_by_key(|(_, _, work)| std::cmp::Reverse(work.ordinal));
        acts.into_iter().map(|(_, place, _)| place).collect()
    }

    fn works(&self) -> impl Iterator<Item = (usize, Place, &Work)> {
        let tracks = self.playbook.steps.iter().zip(&self.tracks).enumerate();
        tracks.flat_map(|(at, (step, track))| {
            let own = (at, Place::step(&*step.id), &track.work);
            let items = track.items.iter().flat_map(|items| items.list.iter().enumerate());
            let items = items.map(move |(item, (_, work))| {
                (at, Place { step: step.id.to_string(), item: Some(item) }, work)
            });
            std::iter::once(own).chain(items)
        })
    }

    fn may_stand(&self, at: usize, work: &Work) -> bool {
        let changes = self
            .playbook
            .steps
            .get(at)
            .is_some_and(|step| step.action.class().changes_the_world() || step.undo.is_some());
        changes && (work.took || in_doubt(work))
    }

    fn undone_and_standing(&self) -> (Vec<Place>, Vec<Place>) {
        let (mut undone, mut stands) = (Vec::new(), Vec::new());
        for (at, place, work) in self.works() {
            let of_elements =
                place.item.is_none() && self.tracks.get(at).is_some_and(|track| track.items.is_some());
            if work.stage == Stage::Undone && !of_elements {
                undone.push(place);
            } else if self.may_stand(at, work) {
                stands.push(place);
            }
        }
        (undone, stands)
    }

    /// The next thing to take back; one after the other, since what came later may rest on
    /// what came before.
    pub(super) fn next_back(&self, back: &Back, now: DateTime<Utc>, at_work: &[Place]) -> Next {
        if !at_work.is_empty() {
            return Next::Await;
        }
        let place = back.order.get(back.cursor).filter(|_| back.stopped.is_none());
        let Some(place) = place else { return Next::Record(self.closing_back(back)) };
        let found = self.index(&place.step).and_then(|at| self.step_at(at)).zip(self.work(place));
        let Some(((step, track), work)) = found else { return Next::Record(self.closing_back(back)) };
        let place = place.clone();
        match &work.stage {
            Stage::Undo(undo) => self.next_of_undo(step, work, place, *undo, now),
            Stage::Attempting | Stage::InDoubt => doubt(step, work, place),
            Stage::Probed => ask_about_doubt(work, place),
            _ => self.take_back(step, track, place, now),
        }
    }

    fn closing_back(&self, back: &Back) -> Event {
        let (undone, stands) = self.undone_and_standing();
        let of_these = |place: &Place| back.order.contains(place);
        let outcome = if back.stopped.is_some() || stands.iter().any(of_these) {
            Outcome::RolledBackInPart
        } else {
            Outcome::RolledBack
        };
        let stopped = back.stopped.iter().map(|why| format!("; ended there: {why}"));
        let reason = format!("taken back: {}; still standing: {}", named(&undone), named(&stands));
        let reason = std::iter::once(reason).chain(stopped).collect();
        Event::Closed { outcome, reason, by: Some(back.by.clone()) }
    }

    fn take_back(&self, step: &Step, track: &Track, place: Place, now: DateTime<Utc>) -> Next {
        match self.way_back(&place, now) {
            Some(WayBack::By(request)) => self.back_by(step, track, place, request, now),
            Some(WayBack::ByHand { instructions, attach }) => {
                Next::Perform(Effect::Ask { place, question: Question::Manual { instructions, attach } })
            }
            Some(WayBack::Never { action, why, hints }) => {
                Next::Perform(Effect::Ask { place, question: Question::CannotUndo { action, why, hints } })
            }
            Some(WayBack::Nothing { why }) => Next::Record(Event::Skipped { place, reason: why, by: None }),
            Some(WayBack::FindOut) | None => Next::Wait(now),
        }
    }

    /// The look at how far it reaches, then whoever has to agree, then the undo.
    fn back_by(
        &self,
        step: &Step,
        track: &Track,
        place: Place,
        request: Request,
        now: DateTime<Utc>,
    ) -> Next {
        if let Some(next) = self.seeing(&place, &request, now) {
            return next;
        }
        match self.gate_back(step, track, &place, &request, now) {
            Some(question) => Next::Perform(Effect::Ask { place: Place::step(&*step.id), question }),
            None => self.undo(step, place, request, now),
        }
    }

    fn undo(&self, step: &Step, place: Place, request: Request, now: DateTime<Utc>) -> Next {
        if let Some(next) = self.seeing(&place, &request, now) {
            return next;
        }
        let work = self.work(&place);
        let begun = work.filter(|work| matches!(work.stage, Stage::Undo(_)));
        Next::Perform(Effect::Undo {
            attempt: work.map_or(0, |work| work.undo_attempts) + 1,
            progress: begun.and_then(|work| work.progress.clone()),
            timeout: step.timeout,
            place,
            request,
        })
    }

    /// Who had to agree to the step has to agree to its undo; what destroys needs people's word
    /// in any case, and everything else the responder's go.
    fn gate_back(
        &self,
        step: &Step,
        track: &Track,
        place: &Place,
        undo: &Request,
        now: DateTime<Utc>,
    ) -> Option<Question> {
        let asked_at = track.wanted.as_ref().map_or(now, |wanted| wanted.asked_at);
        let about = || self.undo_of_all(track, place, undo, asked_at);
        match approve_of(step, undo) {
            None if undo.class == Class::Read || track.cleared => None,
            None => Some(Question::Go { request: about() }),
            // What was approved for all of its elements stays so while they are undone.
            Some(_) if track.cleared || track.begun => None,
            Some(approve) => self.approval(&approve, track, about(), now),
        }
    }

    /// What is about to be undone; for several elements, the first of them and their number.
    fn undo_of_all(&self, track: &Track, place: &Place, undo: &Request, now: DateTime<Utc>) -> Request {
        let Some(items) = track.items.as_ref().filter(|_| place.item.is_some()) else { return undo.clone() };
        let standing = items.list.iter().enumerate().filter(|(_, (_, work))| work.took && !work.left);
        let standing: Vec<_> =
            standing.map(|(item, _)| Place { item: Some(item), ..place.clone() }).collect();
        let inputs = standing.iter().rev().take(NAMED).filter_map(|place| match self.way_back(place, now) {
            Some(WayBack::By(request)) => Some(request.input),
            _ => None,
        });
        let inputs: Vec<_> = inputs.collect();
        Request {
            action: undo.action.clone(),
            class: undo.class,
            input: json!({ "for_each": inputs, "elements": standing.len() }),
        }
    }

    /// What comes after an undo was wanted: the act, its probe, its end.
    pub(super) fn next_of_undo(
        &self,
        step: &Step,
        work: &Work,
        place: Place,
        undo: Undo,
        now: DateTime<Utc>,
    ) -> Next {
        let request = work.undo.clone();
        match (undo, request) {
            (Undo::Taken, _) => Next::Record(Event::Undone { place }),
            (Undo::Failed, _) => after_failure(work, place),
            (Undo::Due, request) => match request.or_else(|| self.request_back(&place, now)) {
                Some(request) => self.undo(step, place, request, now),
                None => ask_about_doubt(work, place),
            },
            (Undo::Acted, Some(request)) => self.probe_undo(work, place, request),
            (Undo::Announced | Undo::InDoubt, Some(request)) => match probe_of(&request) {
                Probe::Repeat => Next::Record(Event::Settled {
                    place,
                    verdict: Verdict::DidNot,
                    because: "taking it back twice has the effect of taking it back once".to_owned(),
                    outputs: Value::Null,
                    evidence: Evidence::default(),
                }),
                Probe::Again(because) => Next::Record(Event::Settled {
                    place,
                    verdict: Verdict::DidNot,
                    because: because.to_owned(),
                    outputs: Value::Null,
                    evidence: Evidence::default(),
                }),
                Probe::Ask(_) => self.probe_undo(work, place, request),
                Probe::Operator => ask_about_undo(work, place, request),
            },
            (Undo::Probed, Some(request)) => ask_about_undo(work, place, request),
            (_, None) => ask_about_doubt(work, place),
        }
    }

    fn probe_undo(&self, work: &Work, place: Place, request: Request) -> Next {
        let since = work.undo_since.or(self.last).unwrap_or_default();
        Next::Perform(Effect::Probe { place, request, since })
    }
}

/// An undo that was attempted and of whose end nobody knows.
fn ask_about_undo(work: &Work, place: Place, request: Request) -> Next {
    let attempted_at = work.undo_since.unwrap_or_default();
    Next::Perform(Effect::Ask { place, question: Question::InDoubt { request, attempted_at, undo: None } })
}

/// Attempted, and nobody knows whether it took place; or an undo of it has begun.
pub(super) fn in_doubt(work: &Work) -> bool {
    matches!(work.stage, Stage::Attempting | Stage::InDoubt | Stage::Probed | Stage::Undo(_))
}

/// How the fate of an undo is found out; a program's only by a person.
pub(super) fn probe_of(request: &Request) -> Probe {
    operation(&request.action).map_or(Probe::Operator, |spec| spec.probe)
}

fn named(places: &[Place]) -> String {
    if places.is_empty() {
        return "nothing".to_owned();
    }
    let mut names: Vec<_> = places.iter().take(NAMED).map(Place::to_string).collect();
    names.extend(places.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("{more} more")));
    names.join(", ")
}
