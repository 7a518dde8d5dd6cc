//! What a dry run foresees, as a plan: the three answers, and what they come to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::line::{Line, Tone, fitted};
use super::out;
use super::theme::paint;
use super::words::text::{count, listed, one_line};
use super::words::{card, clock, value};
use crate::document::action::{self, Class};
use crate::document::{MetBy, Playbook};
use crate::engine::{Console, Said, Soon};
use crate::error::{Error, Result};
use crate::journal::Entry;
use crate::run::{Event, Foresight, Place, Question, Request, Run, StepState, Via};

/// The widest step id that other lines make room for.
const ID_ROOM: usize = 26;

/// How much of what was read a line of the plan tells.
const FACTS: usize = 100;

/// The console of a dry run.
#[derive(Debug, Default)]
pub struct Plan {
    sums: RefCell<Sums>,
    /// Why a line of it was not taken: a plan with a hole is none.
    lost: RefCell<Option<Error>>,
}

/// What the plan comes to.
#[derive(Debug, Default)]
struct Sums {
    /// The phase whose heading stands above the last line.
    phase: Option<usize>,
    /// Approvals by the title of the role.
    approvals: BTreeMap<String, u32>,
    /// Calls that change AWS, elements counted one by one.
    changes: u32,
}

impl Plan {
    fn say(&self, line: &Line) {
        if let Err(error) = out::data(&paint(line)) {
            self.lost.borrow_mut().get_or_insert(error);
        }
    }

    fn heading(&self, entry: &Entry, run: &Run) {
        let Some((at, phase)) = place_of(&entry.event).and_then(|place| {
            let (index, _) = run.playbook().step(&place.step)?;
            run.playbook().phase_of(index)
        }) else {
            return;
        };
        if self.sums.borrow_mut().phase.replace(at) != Some(at) {
            let window =
                phase.window.map(|window| format!(" · {}", clock::window(window))).unwrap_or_default();
            let heading = format!("Phase {} · {}{window}", at + 1, one_line(&phase.title));
            self.say(&Line::of(Tone::Strong, heading));
        }
    }

    fn count(&self, event: &Event) {
        let mut sums = self.sums.borrow_mut();
        match event {
            Event::Foreseen { would: Foresight::Ask(Question::Approval { title, .. }), .. } => {
                *sums.approvals.entry(title.clone()).or_default() += 1;
            }
            Event::Foreseen { would: Foresight::Do(request), .. }
                if request.class.changes_the_world() && request.action.contains('.') =>
            {
                sums.changes += 1;
            }
            _ => {}
        }
    }

    fn opening(&self, run: &Run) {
        let severity = run.severity().map(|severity| format!(", severity {severity}")).unwrap_or_default();
        let playbook = run.playbook();
        let sent = match run.opened().map(|opened| opened.mode.as_str()) {
            Some("dry run with live reads") => "only reads are sent, nothing is written",
            _ => "nothing is sent, nothing is written",
        };
        let of = format!("          {} v{}{severity}", playbook.name, playbook.version);
        self.say(&Line::of(Tone::Strong, "PLAN").and(Tone::Plain, format!("  {sent}{of}")));
    }

    fn closing(&self, run: &Run) {
        let sums = self.sums.borrow();
        let steps = run.playbook().steps.len();
        let of = |state: StepState| (0..steps).filter(|&step| run.step_state(step) == state).count();
        let asked =
            (0..steps).filter(|&step| run.step_state(step) == StepState::Foreseen && asks(run, step)).count();
        let parts = [
            (of(StepState::Foreseen) - asked, "would do"),
            (asked, "would ask"),
            (of(StepState::Done), "known"),
            (of(StepState::Skipped), "would skip"),
            (of(StepState::Failed), "would fail"),
            (of(StepState::Unknown), "unknown"),
            (of(StepState::Waiting), "not reached"),
        ];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let changes = count(u64::from(sums.changes), "call changes", "calls change");
        self.say(&Line::plain(format!(
            "{}: {}. {changes} AWS.",
            count(steps as u64, "step", "steps"),
            parts.join(", ")
        )));
        let approvals: Vec<_> =
            sums.approvals.iter().map(|(role, number)| format!("{role} {number}")).collect();
        let approvals = if approvals.is_empty() { "none".to_owned() } else { approvals.join(", ") };
        self.say(&Line::plain(format!("Approvals needed: {approvals}. {}", objectives(run))));
    }
}

impl Console for Plan {
    fn entry(&self, entry: &Entry, run: &Run) {
        match &entry.event {
            Event::Opened(_) => self.opening(run),
            Event::Closed { .. } => self.closing(run),
            event => {
                self.count(event);
                if let Some(line) = foretold(event, run) {
                    self.heading(entry, run);
                    self.say(&line);
                }
            }
        }
    }

    fn was_told(&self) -> Result<()> {
        self.lost.take().map_or(Ok(()), Err)
    }

    fn progress(&self, _: &Place, _: u64, _: Option<u64>, _: &str) {}

    fn ask(&self, place: &Place, _: &Question, _: &Run, _: DateTime<Utc>) -> Soon<'_, Result<Said>> {
        let waiting_for = place.to_string();
        Box::pin(async { Ok(Said::Nobody { waiting_for }) })
    }

    fn waiting(&self, _: DateTime<Utc>, _: DateTime<Utc>, _: &Run) {}
}

/// The line of the plan that an event makes; what stands between the steps of a real run
/// makes none.
fn foretold(event: &Event, run: &Run) -> Option<Line> {
    match event {
        Event::Foreseen { would: Foresight::Ask(Question::Approval { .. }), .. } => None,
        Event::Foreseen { place, would: Foresight::Do(request) } => {
            Some(line(run, place, Tone::Good, "would do", &deed(request, place, run)))
        }
        Event::Foreseen { place, would: Foresight::Ask(_) } => {
            Some(line(run, place, Tone::Plain, "would ask", &asked(place, run)))
        }
        Event::Skipped { place, reason, .. } => {
            Some(line(run, place, Tone::Quiet, "would skip", &one_line(reason)))
        }
        Event::Unknowable { place, because } => {
            let because: Vec<_> = because.iter().map(|step| one_line(step)).collect();
            let because = format!("depends on {}, which did not run", listed(&because, "and"));
            Some(line(run, place, Tone::Warning, "unknown", &because))
        }
        Event::Succeeded { place, outputs, .. } => {
            Some(line(run, place, Tone::Good, "known", &fitted(&value::facts(outputs).join(", "), FACTS)))
        }
        Event::Answered { place, answer } if answer.by.via != Via::Document => {
            Some(line(run, place, Tone::Plain, "answered", &value::shown(&answer.value)))
        }
        Event::Failed { place, fault, .. } => {
            Some(line(run, place, Tone::Danger, "would fail", &one_line(&fault.message)))
        }
        _ => None,
    }
}

fn line(run: &Run, place: &Place, tone: Tone, verdict: &str, rest: &str) -> Line {
    let widest = run.playbook().steps.iter().map(|step| step.id.len()).max().unwrap_or_default().min(ID_ROOM);
    Line::of(tone, format!("  {verdict:<10} "))
        .and(Tone::Strong, format!("{:<widest$}", place.to_string()))
        .and(Tone::Plain, format!("  {rest}"))
}

/// `kms:DisableKey  key/79c5…  needs approval`.
fn deed(request: &Request, place: &Place, run: &Run) -> String {
    let mut parts = vec![operation(request)];
    parts.extend(card::target(request).map(|target| value::brief(&target)));
    let step = run.playbook().step(&place.step).map(|(_, step)| step);
    if let Some(approve) = step.and_then(|step| step.approve.as_ref()) {
        let role = run.playbook().role(&approve.by).map_or(approve.by.as_str(), |role| role.title.as_str());
        parts.push(format!("needs approval: {}", one_line(role)));
    }
    if request.class == Class::Destroy {
        parts.push("DESTROYS".to_owned());
    }
    parts.join("  ")
}

/// The first of the operation's permissions is the call by which people know it; a program
/// is known by its command line.
fn operation(request: &Request) -> String {
    if let Some(words) = request.input.get("argv").and_then(|argv| argv.as_array()) {
        let words: Vec<_> =
            words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), one_line)).collect();
        return fitted(&format!("{}: {}", request.action, words.join(" ")), FACTS);
    }
    let permission = action::operation(&request.action).and_then(|spec| spec.permissions.first());
    permission.map_or_else(|| request.action.clone(), |permission| (*permission).to_owned())
}

/// Who would be asked for what, in the words of the step's title.
fn asked(place: &Place, run: &Run) -> String {
    let Some((_, step)) = run.playbook().step(&place.step) else { return String::new() };
    let title = one_line(&step.title);
    match step.owner.as_ref().and_then(|owner| run.playbook().role(owner)) {
        Some(role) => format!("{}: {title}", one_line(&role.title)),
        None => title,
    }
}

fn asks(run: &Run, step: usize) -> bool {
    let step = run.playbook().steps.get(step);
    step.is_some_and(|step| matches!(step.action.name(), "manual" | "ask"))
}

/// Whether each objective can still be met by a step that would run or might.
fn objectives(run: &Run) -> String {
    let playbook = run.playbook();
    let lost: Vec<_> =
        playbook.objectives.iter().filter(|objective| !reachable(&objective.met_by, playbook, run)).collect();
    let number = playbook.objectives.len();
    match (number, lost.as_slice()) {
        (0, _) => "No objectives.".to_owned(),
        (_, []) => format!("Objectives: {number}, all can be met."),
        (_, lost) => {
            let lost: Vec<_> = lost.iter().map(|objective| objective.id.as_str()).collect();
            format!("Objectives: {number}; cannot be met: {}.", lost.join(", "))
        }
    }
}

fn reachable(met_by: &MetBy, playbook: &Playbook, run: &Run) -> bool {
    let open = |id: &String| {
        let state = playbook.step(id).map(|(index, _)| run.step_state(index));
        matches!(state, Some(StepState::Foreseen | StepState::Unknown | StepState::Done))
    };
    match met_by {
        MetBy::Any(steps) => steps.iter().any(open),
        MetBy::All(steps) => steps.iter().all(open),
    }
}

fn place_of(event: &Event) -> Option<&Place> {
    match event {
        Event::Foreseen { place, .. }
        | Event::Skipped { place, .. }
        | Event::Unknowable { place, .. }
        | Event::Succeeded { place, .. }
        | Event::Failed { place, .. }
        | Event::Answered { place, .. } => Some(place),
        _ => None,
    }
}
