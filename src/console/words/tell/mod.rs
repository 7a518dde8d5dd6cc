//! What an entry of the journal says to a person who watches.

mod layout;
mod survey;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::super::line::{Line, Tone};
use super::text::{count, one_line};
use super::{clock, put, value};
use crate::document::Playbook;
use crate::document::action::Action;
use crate::journal::Entry;
use crate::run::{
    Actor, Answer, Choice, Decided, Deviation, Event, Fault, Foresight, ObjectiveState, Outcome, Place,
    Question, Request, Run, Sent, Verdict, Via,
};
use crate::text::duration;

/// The lines of an entry; none where it says nothing to a person. `took` is the time since
/// the attempt began.
#[must_use]
pub fn lines(entry: &Entry, run: &Run, took: Option<Duration>, columns: usize) -> Vec<Line> {
    let telling = Telling { playbook: run.playbook(), columns };
    match &entry.event {
        Event::Opened(opened) => telling.opened(opened),
        Event::Listed { step, items } => {
            vec![telling.step(
                Tone::Quiet,
                "each",
                &Place::step(step),
                &count(items.len() as u64, "element", "elements"),
            )]
        }
        // What an undo found matters less than that it was done, which the next entry says.
        Event::Succeeded { place, .. } if run.is_being_undone(place) => Vec::new(),
        Event::Succeeded { place, outputs, .. } => vec![telling.done(place, outputs, took)],
        Event::Failed { place, fault, .. } => telling.failed(place, fault),
        Event::Answered { place, answer } => telling.answered(place, answer).into_iter().collect(),
        Event::Decided(decided) => vec![telling.decided(decided)],
        Event::Foreseen { place, would } => vec![telling.foreseen(place, would)],
        Event::ObjectiveMet { .. }
        | Event::DeadlinePassed { .. }
        | Event::Escalated { .. }
        | Event::StoodDown { .. }
        | Event::Notified { .. } => telling.clocks(&entry.event, run, entry.at),
        event => telling.short(event),
    }
}

/// The line that says what is under way, for the time that it takes.
#[must_use]
pub fn under_way(place: &Place, attempt: u32, request: &Request, playbook: &Playbook) -> Line {
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let telling = Telling { playbook, columns: usize::MAX };
    telling.step(Tone::Plain, "running", place, &format!("{}{again}", request.action))
}

/// The same while it is taken back.
#[must_use]
pub fn taking_back(place: &Place, attempt: u32, request: &Request, playbook: &Playbook) -> Line {
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let telling = Telling { playbook, columns: usize::MAX };
    telling.step(Tone::Warning, "undoing", place, &format!("{}{again}", request.action))
}

struct Telling<'a> {
    playbook: &'a Playbook,
    columns: usize,
}

impl Telling<'_> {
    fn opened(&self, opened: &crate::run::Opened) -> Vec<Line> {
        let severity = opened.severity.iter().map(|severity| format!(" · severity {}", one_line(severity)));
        let first =
            Line::of(Tone::Strong, one_line(&opened.run)).and(Tone::Plain, severity.collect::<String>());
        let title = format!("{}, version {}", one_line(&self.playbook.title), opened.document.version);
        let operator = opened.operator.name.as_ref().unwrap_or(&opened.operator.user);
        let by = format!("by {}@{}", one_line(operator), one_line(&opened.host));
        let parts = [title, by, opened.mode.clone()];
        let rest = super::text::joined(&parts, " · ", self.columns).into_iter().map(Line::plain);
        std::iter::once(first).chain(rest).collect()
    }

    fn done(&self, place: &Place, outputs: &Value, took: Option<Duration>) -> Line {
        let took = took.map(clock::took).unwrap_or_default();
        let lead = self.lead(Tone::Good, "done", place).and(Tone::Plain, format!("{took:>7}  "));
        let facts = value::fitting(&value::facts(outputs), self.columns.saturating_sub(lead.width()));
        lead.and(Tone::Plain, facts)
    }

    fn failed(&self, place: &Place, fault: &Fault) -> Vec<Line> {
        let code = fault.code.as_ref().map(|code| format!("{}: ", one_line(code))).unwrap_or_default();
        let mut lines =
            self.long(Tone::Danger, "FAILED", place, &format!("{code}{}", one_line(&fault.message)));
        lines.extend(fault.hints.iter().flat_map(|hint| self.under(&format!("hint: {}", one_line(hint)))));
        lines
    }

    /// A step that nobody was asked about says nothing: the act itself follows.
    fn decided(&self, decided: &Decided) -> Line {
        let items = match decided.items.as_slice() {
            [one] => one_line(one),
            several => count(several.len() as u64, "item", "items"),
        };
        let words = decided.decision.as_deref().unwrap_or("taken back");
        self.step(Tone::Quiet, "decided", &decided.place, &format!("{}: {items}", one_line(words)))
    }

    fn answered(&self, place: &Place, answer: &Answer) -> Vec<Line> {
        if answer.by.via == Via::Document {
            return Vec::new();
        }
        let said = match answer.choice {
            Choice::Yes if !answer.value.is_null() => value::shown(&answer.value),
            Choice::Yes => self.agreed(place).to_owned(),
            Choice::Deny => "denied".to_owned(),
            Choice::Skip => "skip".to_owned(),
            Choice::Abort => "abort".to_owned(),
            Choice::Again => "again".to_owned(),
            Choice::Done => "it took place".to_owned(),
            Choice::Undo => "undo".to_owned(),
        };
        let reason =
            answer.reason.as_ref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
        let files = match answer.attachments.len() {
            0 => String::new(),
            files => format!(", {}", count(files as u64, "file", "files")),
        };
        self.long(Tone::Plain, "answer", place, &format!("{said}{reason}{files}, by {}", actor(&answer.by)))
    }

    /// What a yes without a value means here.
    fn agreed(&self, place: &Place) -> &'static str {
        match self.playbook.step(&place.step).map(|(_, step)| step) {
            Some(step) if matches!(step.action, Action::Manual(_)) => "done",
            Some(step) if step.approve.is_some() => "approved",
            _ => "yes",
        }
    }

    fn foreseen(&self, place: &Place, would: &Foresight) -> Line {
        match would {
            Foresight::Do(request) => {
                let target =
                    super::card::target(request).map(|target| format!("  {}", value::brief(&target)));
                let action = format!("{}{}", request.action, target.unwrap_or_default());
                self.step(Tone::Good, "would do", place, &action)
            }
            Foresight::Ask(question) => self.step(Tone::Plain, "would ask", place, &put::brief(question)),
        }
    }

    fn clocks(&self, event: &Event, run: &Run, at: DateTime<Utc>) -> Vec<Line> {
        let title = |id: &str| {
            let objective = self.playbook.objectives.iter().find(|objective| objective.id == id);
            objective.map_or_else(|| id.to_owned(), |objective| one_line(&objective.title))
        };
        match event {
            Event::ObjectiveMet { objective, met_at } => {
                let at = met_at.unwrap_or(at);
                let clock =
                    run.started_at().map(|started| format!(" at {}", clock::since_start(started, at)));
                let (tone, late) = if is_late(run, objective) {
                    (Tone::Warning, ", after its deadline")
                } else {
                    (Tone::Good, "")
                };
                let said = format!("{objective}{}{late}: {}", clock.unwrap_or_default(), title(objective));
                self.wide(tone, "MET", &said)
            }
            Event::DeadlinePassed { objective, within_seconds, passed_at } => {
                let within = duration::show(Duration::from_secs(*within_seconds));
                self.wide(
                    Tone::Danger,
                    "MISSED",
                    &format!(
                        "{objective}: not within {within}: {}{}",
                        title(objective),
                        late(*passed_at, at)
                    ),
                )
            }
            Event::Notified { channel, attempt, sent, .. } => self.notified(channel, *attempt, sent),
            Event::Escalated { to, message, .. } => {
                self.wide(Tone::Warning, "ESCALATE", &format!("to {}: {}", self.roles(to), one_line(message)))
            }
            Event::StoodDown { to, message, .. } => {
                self.wide(Tone::Good, "called off", &format!("to {}: {}", self.roles(to), one_line(message)))
            }
            _ => Vec::new(),
        }
    }

    /// Who is told, by their titles.
    fn roles(&self, ids: &[String]) -> String {
        let role =
            |id: &String| self.playbook.role(id).map_or_else(|| id.clone(), |role| one_line(&role.title));
        ids.iter().map(role).collect::<Vec<_>>().join(", ")
    }

    /// What came of a message over a channel.
    fn notified(&self, channel: &str, attempt: u32, sent: &Sent) -> Vec<Line> {
        let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
        let (tone, word, why) = match sent {
            Sent::Delivered { but: None, .. } => (Tone::Good, "told", String::new()),
            Sent::Delivered { but: Some(but), .. } => (Tone::Warning, "told", format!(", {}", one_line(but))),
            Sent::Later { why, .. } => (Tone::Warning, "not yet", format!(": {}", one_line(why))),
            Sent::Never { why } => (Tone::Danger, "not told", format!(": {}", one_line(why))),
            Sent::Foreseen => (Tone::Quiet, "would tell", String::new()),
        };
        self.wide(tone, word, &format!("{}{again}{why}", one_line(channel)))
    }

    /// Entries that need a line and no more.
    fn short(&self, event: &Event) -> Vec<Line> {
        match event {
            Event::Resumed { operator, host, .. } => {
                let who = operator.name.as_ref().unwrap_or(&operator.user);
                self.wide(Tone::Strong, "resumed", &format!("by {}@{}", one_line(who), one_line(host)))
            }
            Event::Surveyed(survey) => self.surveyed(survey),
            Event::Skipped { place, reason, by } => {
                let by = by.as_ref().map(|by| format!(", by {}", actor(by))).unwrap_or_default();
                self.long(Tone::Quiet, "skip", place, &format!("{}{by}", one_line(reason)))
            }
            Event::Measured { radius, .. } if radius.is_empty() => Vec::new(),
            Event::Measured { place, radius, .. } => {
                let told: Vec<_> = radius.iter().map(|sight| one_line(&sight.brief())).collect();
                self.long(Tone::Quiet, "reach", place, &told.join(" · "))
            }
            Event::Outdated { place, seen_at } => {
                let said = format!(
                    "what was seen at {} is too old to go by: it is looked at afresh",
                    clock::instant(*seen_at)
                );
                self.long(Tone::Warning, "outdated", place, &said)
            }
            Event::Verified { place } => {
                vec![self.step(Tone::Good, "verified", place, "read back from the world")]
            }
            Event::Unsettled { place, because, .. } => {
                self.long(Tone::Warning, "in doubt", place, &one_line(because))
            }
            Event::Undone { place } => vec![self.step(Tone::Warning, "undone", place, "it was taken back")],
            Event::Settled { place, verdict, because, .. } => {
                let verdict = match verdict {
                    Verdict::TookPlace => "it took place",
                    Verdict::DidNot => "it did not take place",
                };
                self.long(Tone::Warning, "settled", place, &format!("{verdict}: {}", one_line(because)))
            }
            Event::Unknowable { place, because } => {
                let steps = because.iter().map(|step| one_line(step)).collect::<Vec<_>>();
                let because = format!("depends on {}, which did not run", super::text::listed(&steps, "and"));
                vec![self.step(Tone::Warning, "unknown", place, &because)]
            }
            event => self.people(event),
        }
    }

    fn people(&self, event: &Event) -> Vec<Line> {
        match event {
            Event::Noted { by, text, .. } => {
                self.wide(Tone::Plain, "note", &format!("{}: {}", actor(by), one_line(text)))
            }
            Event::Departed { by, text, .. } => {
                self.wide(Tone::Warning, "DEVIATION", &format!("{}: {}", actor(by), one_line(text)))
            }
            Event::Attached { by, name, artifact, .. } => self.wide(
                Tone::Plain,
                "attached",
                &format!("{} → {}, by {}", one_line(name), one_line(&artifact.path), actor(by)),
            ),
            Event::Deviated { what, detail } => {
                self.wide(Tone::Warning, "DEVIATION", &format!("{}: {}", deviation(*what), one_line(detail)))
            }
            Event::HandedOver { from, to, reason } => self.wide(
                Tone::Strong,
                "command",
                &format!("from {} to {}: {}", actor(from), actor(to), one_line(reason)),
            ),
            Event::Paused { reason, .. } => self.wide(Tone::Warning, "paused", &one_line(reason)),
            Event::Closed { outcome, reason, .. } => {
                let (tone, word) = ending(*outcome);
                let reason =
                    if reason.is_empty() { String::new() } else { format!(": {}", one_line(reason)) };
                self.wide(tone, "closed", &format!("{word}{reason}"))
            }
            Event::TurnedBack { by, to, reason } => {
                let to = to.as_ref().map_or_else(|| "to the beginning".to_owned(), |to| format!("to {to}"));
                let reason =
                    reason.as_ref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
                self.wide(Tone::Warning, "rollback", &format!("{to}, by {}{reason}", actor(by)))
            }
            Event::Sealed { by, .. } => self.wide(Tone::Strong, "sealed", &format!("by {}", actor(by))),
            _ => Vec::new(),
        }
    }
}

fn actor(actor: &Actor) -> String {
    match &actor.via {
        Via::Answers(file) => format!("{} through {}", one_line(&actor.name), one_line(file)),
        Via::Elsewhere(whence) => {
            format!("{} ({}@{})", one_line(&actor.name), one_line(&whence.user), one_line(&whence.host))
        }
        Via::Signed(signature) => {
            format!("{}, signed with {}", one_line(&actor.name), one_line(&signature.key))
        }
        Via::Terminal | Via::Document => one_line(&actor.name),
    }
}

fn is_late(run: &Run, objective: &str) -> bool {
    let clocks = run.objectives();
    let known = clocks.iter().find(|clock| clock.id == objective);
    known.is_some_and(|clock| matches!(clock.state, ObjectiveState::Met { in_time: false, .. }))
}

/// That a time passed before it was recorded, because nothing ran then.
fn late(passed_at: Option<DateTime<Utc>>, recorded: DateTime<Utc>) -> String {
    let at = passed_at.filter(|at| recorded - *at > TimeDelta::seconds(10));
    at.map_or_else(String::new, |at| format!("; it passed at {}, while nothing ran", clock::instant(at)))
}

const fn deviation(what: Deviation) -> &'static str {
    match what {
        Deviation::TornEntry => "a torn line of the journal was cut off and kept",
        Deviation::ClockJumped => "the clock jumped",
        Deviation::DocumentChanged => {
            "the document on disk has changed; the run goes on with the pinned text"
        }
        Deviation::ProgramChanged => "this is another version of the program",
        Deviation::MessageRefused => "a message from elsewhere was refused",
    }
}

const fn ending(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Completed => (Tone::Good, "completed"),
        Outcome::CompletedWithFailures => (Tone::Danger, "went to the end, with FAILED steps"),
        Outcome::Aborted => (Tone::Danger, "ABORTED"),
        Outcome::Refused => (Tone::Danger, "REFUSED"),
        Outcome::RolledBack => (Tone::Good, "rolled back"),
        Outcome::RolledBackInPart => (Tone::Danger, "rolled back IN PART"),
    }
}

/// What a question waits for, for the one who has to bring the answer.
#[must_use]
pub fn waiting_for(place: &Place, question: &Question) -> String {
    format!("step {place}: {}", put::brief(question))
}

#[cfg(test)]
mod tests;
