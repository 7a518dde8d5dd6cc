//! The elements of a `for_each` step: which of them may begin, and what they come to.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::effect::{Effect, Request};
use super::event::{Event, Foresight, Place};
use super::fault::{Fault, FaultKind};
use super::next::{Next, failed};
use super::scope::Local;
use super::state::Run;
use super::track::{Items, Stage, Track, Work};
use crate::document::{ForEach, Step};

/// How many elements of a step stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    pub done: usize,
    pub failed: usize,
    /// Attempted, and nobody knows with what result.
    pub unknown: usize,
    pub skipped: usize,
    /// What was done and taken back.
    pub undone: usize,
    /// Not begun, or not at its end.
    pub open: usize,
}

impl Items {
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (_, work) in &self.list {
            let counted = match work.stage {
                Stage::Done => &mut tally.done,
                Stage::Failed => &mut tally.failed,
                Stage::Skipped => &mut tally.skipped,
                Stage::Undone => &mut tally.undone,
                Stage::InDoubt | Stage::Probed | Stage::Foreseen | Stage::Unknown => &mut tally.unknown,
                _ => &mut tally.open,
            };
            *counted += 1;
        }
        tally
    }

    /// Whether more of them failed than the step tolerates.
    fn too_many_failed(&self, for_each: &ForEach) -> bool {
        self.failed * 100 > self.list.len() * usize::from(for_each.tolerate)
    }
}

/// What a look over the elements that were begun came to.
#[derive(Default)]
struct Begun {
    /// Begun, and neither settled nor failed; each takes one of the places of `at_once`.
    open: usize,
    /// The first element that has to begin again.
    again: Option<usize>,
    /// All elements from this one on were never touched, and none of them is at work.
    fresh: usize,
    /// The first question that one of them has for a person.
    question: Option<Effect>,
    /// The first instant at which one of them has something to do.
    until: Option<DateTime<Utc>>,
}

impl Run {
    /// What is next among the elements, beside those whose effect is at work.
    ///
    /// An element that was begun keeps its place among `at_once` until it is settled, also
    /// while it is in doubt: one after the other stays one after the other. A question to a
    /// person stands alone, so it waits until nothing is at work.
    pub(super) fn next_of_items(
        &self,
        step: &Step,
        track: &Track,
        (for_each, items): (&ForEach, &Items),
        now: DateTime<Utc>,
        at_work: &[Place],
    ) -> Next {
        let mut begun = Begun::default();
        if let Some(next) = self.go_on(step, items, now, at_work, &mut begun) {
            return next;
        }
        let spent = items.too_many_failed(for_each);
        if !spent && begun.open < for_each.at_once as usize {
            match self.begin(step, track, items, now, &begun) {
                Some(Next::Perform(question @ Effect::Ask { .. })) => {
                    begun.question.get_or_insert(question);
                }
                Some(next) => return next,
                None => {}
            }
        }
        match (begun.question, begun.until) {
            (Some(question), _) if at_work.is_empty() => Next::Perform(question),
            (None, Some(until)) => Next::Wait(until),
            _ if !at_work.is_empty() => Next::Await,
            _ if spent => Next::Record(failed(Place::step(&*step.id), elements_failed(items))),
            _ => Next::Record(summary(step, items)),
        }
    }

    /// What the elements that were begun want next; none of them waits for another.
    fn go_on(
        &self,
        step: &Step,
        items: &Items,
        now: DateTime<Utc>,
        at_work: &[Place],
        begun: &mut Begun,
    ) -> Option<Next> {
        let busy: HashSet<_> =
            at_work.iter().filter(|place| *place.step == *step.id).filter_map(|place| place.item).collect();
        // What is looked at before it begins is at work, and nothing is recorded of it yet.
        begun.fresh = busy.iter().map(|at| at + 1).max().unwrap_or_default().max(items.reach);
        let reached = items.list.iter().enumerate().take(begun.fresh).skip(items.cursor);
        for (at, (item, work)) in reached {
            if busy.contains(&at) {
                if work.asking.is_some() {
                    return Some(Next::Await);
                }
                begun.open += 1;
            } else if work.stage == Stage::Waiting {
                begun.again = begun.again.or(Some(at));
            } else if !is_behind(work) {
                begun.open += 1;
                let place = Place { step: step.id.to_string(), item: Some(at) };
                match self.next_of_work(step, place, Local { item: Some(item), result: None }, now) {
                    Next::Perform(question @ Effect::Ask { .. }) => {
                        begun.question.get_or_insert(question);
                    }
                    Next::Wait(until) => {
                        begun.until = Some(begun.until.map_or(until, |other| other.min(until)));
                    }
                    next => return Some(next),
                }
            }
        }
        None
    }

    /// The next element that has not begun, once the step's gate is open. `None` where all
    /// have.
    fn begin(
        &self,
        step: &Step,
        track: &Track,
        items: &Items,
        now: DateTime<Utc>,
        begun: &Begun,
    ) -> Option<Next> {
        let at = begun.again.unwrap_or_else(|| begun.fresh.max(items.cursor));
        let (item, _) = items.list.get(at)?;
        if let Some(gate) = self.gate(step, track, now) {
            return Some(gate);
        }
        let place = Place { step: step.id.to_string(), item: Some(at) };
        Some(self.start(step, place, Local { item: Some(item), result: None }, now))
    }
}

/// Whether nothing more happens to an element by itself.
pub(super) fn is_behind(work: &Work) -> bool {
    work.asking.is_none() && (work.stage.is_settled() || work.went_wrong())
}

/// All elements are settled: the step is as they are.
fn summary(step: &Step, items: &Items) -> Event {
    let place = Place::step(&*step.id);
    let works = || items.list.iter().map(|(_, work)| work);
    if works().any(|work| work.stage == Stage::Foreseen) {
        let input = json!({ "elements": items.list.len() });
        let request = Request { action: step.action.name().to_owned(), class: step.action.class(), input };
        return Event::Foreseen { place, would: Foresight::Do(request) };
    }
    if works().any(|work| work.stage == Stage::Unknown) {
        return Event::Unknowable { place, because: vec![step.id.to_string()] };
    }
    let results: Vec<_> = works().map(|work| work.outputs.clone().unwrap_or(Value::Null)).collect();
    let Tally { done, failed, unknown, .. } = items.tally();
    let outputs = json!({ "results": results, "done": done, "failed": failed, "unknown": unknown });
    Event::Succeeded { place, outputs, evidence: super::traces::Evidence::default() }
}

fn elements_failed(items: &Items) -> Fault {
    let tally = items.tally();
    let message = format!("{} of {} elements failed", items.failed, items.list.len());
    let rest = format!("{} done, {} failed, {} not begun", tally.done, tally.failed, tally.open);
    let first = items.list.iter().enumerate().find_map(|(at, (_, work))| {
        let fault = work.fault.as_ref().filter(|_| work.went_wrong())?;
        Some(format!("element {at}: {}", fault.message))
    });
    let fault = Fault::new(FaultKind::Elements, message).hint(rest);
    match first {
        Some(first) => fault.hint(first),
        None => fault,
    }
}
