//! From the entries of a journal to the [`Report`].

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::agreement::Conversation;
use super::collection::Collection;
use super::key_use::KeyUse;
use super::model::{
    Artifact, Attached, Attempt, AttemptEnd, CallMade, Departure, Ending, Escalated, Identity, Note, Report,
    Residual, Skipped, Standing, StepAccount, Watch,
};
use super::reply::{Reply, reads};
use super::words::person;
use super::{milestone, moment, residual, sheet};
use crate::document::action::Class;
use crate::journal::Entry;
use crate::run::{Answer, Choice, Event, Evidence, Opened, Place, Question, Request, Run, Verdict};

impl Report {
    /// The report of a run, from its entries and from the run that they fold to.
    ///
    /// `None` where the entries do not begin with the opening of a run. What follows the
    /// sealing is left out, and so is the sealing itself: the report is part of what is
    /// sealed, and reads the same before and after.
    #[must_use]
    pub fn of(run: &Run, entries: &[Entry]) -> Option<Self> {
        let sealed = entries.iter().position(|entry| matches!(entry.event, Event::Sealed { .. }));
        let entries = entries.get(..sealed.unwrap_or(entries.len()))?;
        let (first, rest) = entries.split_first()?;
        let Event::Opened(opened) = &first.event else { return None };
        let mut telling = Telling::begin(run, first.at, opened);
        for entry in rest {
            telling.tell(entry);
        }
        for escalated in &mut telling.report.escalations {
            let sent = run.deliveries().iter().filter(|sent| sent.escalation == escalated.escalation);
            escalated.channels = sent.cloned().collect();
        }
        Some(telling.end(entries.len()))
    }
}

/// The report while it is being told, with what has to be remembered between entries.
struct Telling {
    report: Report,
    conversation: Conversation,
    steps: HashMap<String, usize>,
    /// What steps say that they left behind.
    left: Vec<Residual>,
}

impl Telling {
    fn begin(run: &Run, at: DateTime<Utc>, opened: &Opened) -> Self {
        let steps = run.playbook().steps.iter().enumerate();
        let steps = steps.map(|(index, step)| (step.id.to_string(), index)).collect();
        let report = sheet::blank(run, at, opened);
        Self { report, conversation: Conversation::default(), steps, left: Vec::new() }
    }

    fn tell(&mut self, entry: &Entry) {
        let (seq, at) = (entry.seq, entry.at);
        self.report.last_at = at;
        if let Some(step) = moment::place(&entry.event).and_then(|place| self.step(place)) {
            step.begun_at.get_or_insert(at);
            step.last_at = Some(at);
        }
        match &entry.event {
            Event::Attempted { place, attempt, request, undo } => {
                let tried = begun(seq, at, place, *attempt, request);
                if let Some(step) = self.step(place) {
                    step.can_be_undone |= undo.is_some();
                    step.attempts.push(tried);
                }
            }
            Event::Undoing { place, attempt, request } => {
                let tried = begun(seq, at, place, *attempt, request);
                self.step(place).into_iter().for_each(|step| step.undoing.push(tried.clone()));
            }
            Event::Succeeded { place, outputs, evidence } => {
                self.evidence(seq, place, evidence);
                self.identity(seq, at, place, outputs);
                self.left.extend(residual::told(place, outputs));
                self.report.key_use.extend(KeyUse::of(seq, place, outputs));
                self.report.collections.extend(Collection::of(seq, place, outputs));
                self.attempt_ended(at, place, AttemptEnd::Succeeded);
            }
            Event::Failed { place, fault, evidence } => {
                self.evidence(seq, place, evidence);
                self.attempt_ended(at, place, AttemptEnd::Failed(fault.clone()));
            }
            Event::Observed { place, evidence, .. }
            | Event::Measured { place, evidence, .. }
            | Event::Unsettled { place, evidence, .. } => {
                self.evidence(seq, place, evidence);
            }
            Event::Settled { place, verdict, because, evidence, .. } => {
                self.evidence(seq, place, evidence);
                let end = AttemptEnd::Settled { verdict: *verdict, because: because.clone() };
                self.attempt_ended(at, place, end);
            }
            Event::Asked { place, question } => self.conversation.asked(seq, at, place, question),
            Event::Answered { place, answer } => self.answered(seq, at, place, answer),
            event => self.tell_of_people(seq, at, event),
        }
    }

    fn tell_of_people(&mut self, seq: u64, at: DateTime<Utc>, event: &Event) {
        let report = &mut self.report;
        match event {
            Event::Resumed { operator, .. } => {
                report.standing = Standing::UnderWay;
                self.command(at, person(operator), "resumed the run".to_owned());
            }
            Event::HandedOver { to, reason, .. } => {
                self.command(at, to.name.clone(), format!("took over: {reason}"));
            }
            Event::TurnedBack { by, to, .. } => {
                report.standing = Standing::UnderWay;
                self.conversation.turned_back();
                let to = to.as_ref().map_or_else(|| "the beginning".to_owned(), Clone::clone);
                self.command(at, by.name.clone(), format!("rolls the run back to {to}"));
            }
            Event::Paused { by, reason } => {
                report.standing = Standing::Paused { at, reason: reason.clone(), by: by.clone() };
                self.relieved(at);
            }
            Event::Closed { outcome, reason, by } => {
                let ending = Ending { at, outcome: *outcome, reason: reason.clone(), by: by.clone() };
                report.standing = Standing::Closed(ending);
                self.relieved(at);
            }
            Event::Noted { by, text, observed_at } => report.notes.push(Note {
                seq,
                recorded_at: at,
                observed_at: *observed_at,
                by: by.clone(),
                text: text.clone(),
            }),
            Event::Departed { by, text, observed_at } => report.notes.push(Note {
                seq,
                recorded_at: at,
                observed_at: *observed_at,
                by: by.clone(),
                text: format!("departed from the procedure: {text}"),
            }),
            Event::Attached { by, name, artifact, place } => {
                report.attachments.push(Attached {
                    seq,
                    recorded_at: at,
                    by: by.clone(),
                    name: name.clone(),
                    place: place.clone(),
                    artifact: artifact.clone(),
                });
                self.artifact(seq, place.as_ref(), artifact);
            }
            Event::Deviated { what, detail } => {
                report.deviations.push(Departure { seq, at, what: *what, detail: detail.clone() });
            }
            Event::Escalated { escalation, to, message } => {
                let (to, message, channels) = (to.clone(), message.clone(), Vec::new());
                report.escalations.push(Escalated {
                    seq,
                    at,
                    to,
                    message,
                    escalation: *escalation,
                    channels,
                });
            }
            Event::Notified { evidence, .. } => {
                let bodies = evidence.calls.iter().flat_map(|call| call.request.iter().chain(&call.response));
                bodies.for_each(|artifact| self.artifact(seq, None, artifact));
            }
            event => self.tell_of_steps(seq, at, event),
        }
    }

    fn tell_of_steps(&mut self, seq: u64, at: DateTime<Utc>, event: &Event) {
        match event {
            Event::Skipped { place, reason, by } => {
                if let Some(step) = self.step(place) {
                    step.skipped.push(Skipped {
                        seq,
                        item: place.item,
                        reason: reason.clone(),
                        by: by.clone(),
                    });
                }
            }
            Event::Listed { step, items } => {
                if let Some(step) = self.step(&Place::step(step.as_str())) {
                    step.items = Some(items.len());
                }
            }
            Event::Verified { place } => {
                if let Some(step) = self.step(place) {
                    let acted = step.attempts.iter().rev().find_map(|attempt| attempt.ended_at);
                    step.verified_after = acted.map(|acted| seconds(at - acted));
                }
            }
            // The objectives come from the run itself, and the rest tells nothing beyond
            // what the step's own state says.
            _ => {}
        }
    }

    fn end(mut self, entries: usize) -> Report {
        self.report.entries = entries;
        self.report.open = self.conversation.open();
        self.report.exchanges = self.conversation.exchanges;
        for phase in &mut self.report.phases {
            let steps = self.report.steps.get(phase.steps.0..phase.steps.1).unwrap_or_default();
            phase.begun_at = steps.iter().filter_map(|step| step.begun_at).min();
            phase.last_at = steps.iter().filter_map(|step| step.last_at).max();
        }
        self.report.milestones = milestone::of(&self.report);
        self.report.residuals = residual::of(&self.report, &self.left);
        self.report
    }

    fn step(&mut self, place: &Place) -> Option<&mut StepAccount> {
        let index = *self.steps.get(&place.step)?;
        self.report.steps.get_mut(index)
    }

    fn attempt_ended(&mut self, at: DateTime<Utc>, place: &Place, end: AttemptEnd) {
        let item = place.item;
        // An end belongs to what was announced last: the act, or its undo.
        let attempts = self.step(place).map(|step| step.attempts.iter_mut().chain(&mut step.undoing));
        let last = attempts
            .and_then(|all| all.filter(|attempt| attempt.item == item).max_by_key(|attempt| attempt.seq));
        if let Some(attempt) = last {
            attempt.ended_at = Some(at);
            attempt.end = end;
        }
    }

    fn evidence(&mut self, seq: u64, place: &Place, evidence: &Evidence) {
        let class = self.class_at(place);
        let agreed = self.conversation.agreements(place);
        for call in &evidence.calls {
            let person = self.in_command(call.sent_at);
            let changes = class.changes_the_world() && !reads(&call.operation);
            self.report.calls.push(CallMade {
                seq,
                place: place.clone(),
                reply: Reply::of(call),
                call: call.clone(),
                changes,
                person,
                agreed: agreed.clone(),
            });
        }
        let bodies = evidence.calls.iter().flat_map(|call| call.request.iter().chain(&call.response));
        for artifact in evidence.artifacts.iter().chain(bodies) {
            self.artifact(seq, Some(place), artifact);
        }
    }

    /// The class of the action that was last attempted here; a reading announces nothing.
    fn class_at(&mut self, place: &Place) -> Class {
        let item = place.item;
        self.step(place)
            .and_then(|step| step.attempts.iter().rev().find(|attempt| attempt.item == item))
            .map_or(Class::Read, |attempt| attempt.class)
    }

    fn answered(&mut self, seq: u64, at: DateTime<Utc>, place: &Place, answer: &Answer) {
        let asked = self.conversation.answered(at, place, answer);
        if let (Some(Question::InDoubt { .. }), Some(verdict)) = (asked, word_of_the_operator(answer.choice))
        {
            let because = format!("{} said so", answer.by.name);
            self.attempt_ended(at, place, AttemptEnd::Settled { verdict, because });
        }
        for artifact in &answer.attachments {
            self.artifact(seq, Some(place), artifact);
        }
    }

    fn artifact(&mut self, seq: u64, place: Option<&Place>, file: &crate::run::Artifact) {
        if self.report.artifacts.iter().all(|known| known.file.path != file.path) {
            self.report.artifacts.push(Artifact { seq, concerns: place.cloned(), file: file.clone() });
        }
    }

    /// What the caller's own identity was, where the step asked AWS for it.
    fn identity(&mut self, seq: u64, at: DateTime<Utc>, place: &Place, outputs: &Value) {
        if self.step(place).is_none_or(|step| step.action != "sts.get_caller_identity") {
            return;
        }
        let text = |name: &str| outputs.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(account), Some(arn)) = (text("account"), text("arn")) {
            self.report.identities.push(Identity { seq, at, account, arn });
        }
    }

    fn command(&mut self, at: DateTime<Utc>, who: String, how: String) {
        self.relieved(at);
        self.report.watches.push(Watch { from: at, until: None, who, how });
    }

    fn relieved(&mut self, at: DateTime<Utc>) {
        if let Some(watch) = self.report.watches.last_mut() {
            watch.until.get_or_insert(at);
        }
    }

    fn in_command(&self, at: DateTime<Utc>) -> String {
        let begun = self.report.watches.iter().rev().find(|watch| watch.from <= at);
        begun.or(self.report.watches.first()).map(|watch| watch.who.clone()).unwrap_or_default()
    }
}

/// An attempt that has no end yet.
fn begun(seq: u64, at: DateTime<Utc>, place: &Place, attempt: u32, request: &Request) -> Attempt {
    Attempt {
        seq,
        item: place.item,
        attempt,
        class: request.class,
        begun_at: at,
        ended_at: None,
        end: AttemptEnd::None,
    }
}

/// What an answer to a question of doubt says about the attempt.
const fn word_of_the_operator(choice: Choice) -> Option<Verdict> {
    match choice {
        Choice::Done => Some(Verdict::TookPlace),
        Choice::Again => Some(Verdict::DidNot),
        _ => None,
    }
}

/// Seconds with their fraction, as far as the journal's microseconds tell.
pub(super) fn seconds(between: TimeDelta) -> f64 {
    between.num_milliseconds() as f64 / 1_000.0
}
