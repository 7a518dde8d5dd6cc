//! What comes after the first attempt: retries, reading back, doubt, failure.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::context::Told;
use super::deadline::delta;
use super::effect::{Effect, Question, Request};
use super::event::{Event, Place, Verdict};
use super::fault::{Fault, FaultKind};
use super::next::{Next, failed};
use super::scope::Local;
use super::state::Run;
use super::traces::Evidence;
use super::track::{Stage, Work};
use crate::document::action::{Action, Class, Probe, Wait, Watch};
use crate::document::{Retry, Step};
use crate::text::duration;

impl Run {
    pub(super) fn next_of_work(
        &self,
        step: &Step,
        place: Place,
        local: Local<'_>,
        now: DateTime<Utc>,
    ) -> Next {
        let Some(work) = self.work(&place) else { return Next::Wait(now) };
        match &work.stage {
            // A clock that went back behind the failure does not make the wait longer.
            Stage::Backoff(since, off) if (*since..*since + *off).contains(&now) => Next::Wait(*since + *off),
            Stage::Backoff(..) => self.act(step, place, local, now),
            Stage::Attempting => self.under_way(step, work, place, local, now),
            Stage::InDoubt => doubt(step, work, place),
            Stage::Probed => ask_about_doubt(work, place),
            Stage::Acted(at) => match &step.verify {
                Some(verify) => {
                    self.watch(verify, work, *at, place, local, now, |place, _| Event::Verified { place })
                }
                None => Next::Record(Event::Verified { place }),
            },
            Stage::Failed | Stage::Undone => after_failure(work, place),
            Stage::Undo(undo) => self.next_of_undo(step, work, place, *undo, now),
            // Settled: the cursor is past it, and nobody asks.
            Stage::Waiting | Stage::Done | Stage::Skipped | Stage::Foreseen | Stage::Unknown => {
                Next::Wait(now)
            }
        }
    }

    /// Announced and not ended: only a `wait` that polls is in this state while the
    /// program lives. Anything else would be in doubt.
    fn under_way(
        &self,
        step: &Step,
        work: &Work,
        place: Place,
        local: Local<'_>,
        now: DateTime<Utc>,
    ) -> Next {
        let since = work.since.unwrap_or(now);
        match &step.action {
            Action::Wait(wait) => match &**wait {
                Wait::Until(watch) => self.watch(watch, work, since, place, local, now, |place, result| {
                    let waited = (now - since).to_std().unwrap_or_default();
                    let outputs = json!({ "waited": duration::show(waited), "result": result });
                    Event::Succeeded { place, outputs, evidence: Evidence::default() }
                }),
                Wait::For(_) | Wait::Time(_) => self.act(step, place, local, now),
            },
            _ => doubt(step, work, place),
        }
    }

    /// Reads every so often until the expression holds, at most so long.
    #[allow(clippy::too_many_arguments)]
    fn watch(
        &self,
        watch: &Watch,
        work: &Work,
        since: DateTime<Utc>,
        place: Place,
        local: Local<'_>,
        now: DateTime<Utc>,
        held: impl FnOnce(Place, Value) -> Event,
    ) -> Next {
        let Some(seen) = &work.observed else { return self.read(watch, place, local, now) };
        let fault = match &seen.fault {
            Some(fault) => Some(fault.clone()),
            None => match self.evaluate(&watch.holds, Local { result: Some(&seen.outputs), ..local }, now) {
                Told::Known(Value::Bool(true)) => return Next::Record(held(place, seen.outputs.clone())),
                Told::Known(Value::Bool(false)) => None,
                Told::Known(other) => {
                    let message = format!(
                        "`holds: {}` gave {other}, which is neither true nor false",
                        watch.holds.text
                    );
                    return Next::Record(failed(place, Fault::new(FaultKind::Undefined, message)));
                }
                Told::Unknown(because) => return Next::Record(Event::Unknowable { place, because }),
                Told::Wrong(fault) => return Next::Record(failed(place, fault)),
            },
        };
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.kind.comes_and_goes()) {
            return Next::Record(failed(place, fault.clone()));
        }
        // What was read before a crash, a pause or a long sleep says nothing of the world at
        // the end of the time, so that the last reading is one taken then.
        let end = since + delta(watch.at_most);
        if seen.at >= end {
            return Next::Record(failed(place, unmet(watch, &seen.outputs, fault)));
        }
        let again = end.min(seen.at + delta(watch.every));
        if (seen.at..again).contains(&now) { Next::Wait(again) } else { self.read(watch, place, local, now) }
    }

    fn read(&self, watch: &Watch, place: Place, local: Local<'_>, now: DateTime<Utc>) -> Next {
        match self.request(&watch.action, local, now) {
            Told::Known(request) => Next::Perform(Effect::Read { place, request, timeout: None }),
            Told::Unknown(because) => Next::Record(Event::Unknowable { place, because }),
            Told::Wrong(fault) => Next::Record(failed(place, fault)),
        }
    }
}

/// How long to pause after so many tries: twice as long after each.
pub(super) fn pause(retry: Retry, tries: u32) -> TimeDelta {
    let doublings = tries.saturating_sub(1).min(16);
    delta(retry.backoff * 2_u32.pow(doublings))
}

fn unmet(watch: &Watch, seen: &Value, fault: Option<Fault>) -> Fault {
    let at_most = duration::show(watch.at_most);
    let message = match &fault {
        Some(fault) => {
            format!("`{}` could not be read within {at_most}: {}", watch.holds.text, fault.message)
        }
        None => format!("`{}` did not come true within {at_most}", watch.holds.text),
    };
    let last: String = seen.to_string().chars().take(400).collect();
    let unmet = Fault::new(FaultKind::Unmet, message);
    if fault.is_none() { unmet.hint(format!("last reading: {last}")) } else { unmet }
}

/// What is known of the action decides how its fate is found out.
pub(super) fn doubt(step: &Step, work: &Work, place: Place) -> Next {
    let settled = |because: &str| {
        Next::Record(Event::Settled {
            place: place.clone(),
            verdict: Verdict::DidNot,
            because: because.to_owned(),
            outputs: Value::Null,
            evidence: Evidence::default(),
        })
    };
    match (step.action.class(), step.action.spec().probe, &work.request) {
        (Class::Read, _, _) => settled("it only reads, and is read again"),
        (_, Probe::Repeat, _) => settled("doing it twice has the effect of doing it once"),
        (_, Probe::Again(because), _) => settled(because),
        (_, Probe::Ask(_), Some(request)) => Next::Perform(Effect::Probe {
            place: place.clone(),
            request: request.clone(),
            since: work.tried_at.unwrap_or_default(),
        }),
        (_, Probe::Ask(_) | Probe::Operator, _) => ask_about_doubt(work, place),
    }
}

pub(super) fn ask_about_doubt(work: &Work, place: Place) -> Next {
    let request = work.request.clone().unwrap_or(Request {
        action: String::new(),
        class: Class::Write,
        input: Value::Null,
    });
    let question = Question::InDoubt {
        request,
        attempted_at: work.tried_at.unwrap_or_default(),
        undo: work.undo.clone(),
    };
    Next::Perform(Effect::Ask { place, question })
}

pub(super) fn after_failure(work: &Work, place: Place) -> Next {
    let (kind, message, hints) = match &work.fault {
        Some(fault) => (fault.kind, fault.message.clone(), fault.hints.clone()),
        None => (FaultKind::Abandoned, "the step did not end".to_owned(), Vec::new()),
    };
    Next::Perform(Effect::Ask { place, question: Question::AfterFailure { kind, message, hints } })
}
