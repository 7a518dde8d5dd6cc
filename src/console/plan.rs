//! What a dry run foresees, as a plan: the three answers, and what they come to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::line::{Line, Tone};
use super::out;
use super::theme::paint;
use super::words::text::{count, one_line};
use super::words::{clock, tell};
use crate::document::{MetBy, Playbook};
use crate::engine::{Console, Said};
use crate::error::Result;
use crate::journal::Entry;
use crate::run::{Event, Foresight, Place, Question, Run, StepState};

/// Lines of a plan are data: they go to stdout, and are not cut.
const COLUMNS: usize = usize::MAX;

/// The console of a dry run.
#[derive(Debug, Default)]
pub struct Plan {
    sums: RefCell<Sums>,
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
        // The plan is complete in the program's mind; a closed pipe must not end it.
        let _ = out::data(&paint(line));
    }

    fn heading(&self, entry: &Entry, run: &Run) {
        let Some((at, phase)) = place_of(&entry.event).and_then(|place| {
            let (index, _) = run.playbook().step(&place.step)?;
            run.playbook().phase_of(index)
        }) else {
            return;
        };
        if self.sums.borrow_mut().phase.replace(at) != Some(at) {
            let window = phase.window.map(|window| format!(" · {}", clock::window(window))).unwrap_or_default();
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
        let asked = (0..steps).filter(|&step| run.step_state(step) == StepState::Foreseen && asks(run, step)).count();
        let parts = [
            (of(StepState::Foreseen) - asked, "would do"),
            (asked, "would ask"),
            (of(StepState::Done), "known"),
            (of(StepState::Skipped), "would skip"),
            (of(StepState::Failed), "would fail"),
            (of(StepState::Unknown), "unknown"),
            (of(StepState::Waiting), "not reached"),
        ];
        let parts: Vec<_> =
            parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
        let changes = count(u64::from(sums.changes), "call changes", "calls change");
        self.say(&Line::plain(format!("{}: {}. {changes} AWS.", count(steps as u64, "step", "steps"), parts.join(", "))));
        let approvals: Vec<_> = sums.approvals.iter().map(|(role, number)| format!("{role} {number}")).collect();
        let approvals = if approvals.is_empty() { "none".to_owned() } else { approvals.join(", ") };
        self.say(&Line::plain(format!("Approvals needed: {approvals}. {}", objectives(run))));
    }
}

impl Console for Plan {
    fn entry(&self, entry: &Entry, run: &Run) {
        match &entry.event {
            Event::Opened(_) => self.opening(run),
            Event::Closed { .. } => self.closing(run),
            // What stands between the lines of the plan in a real run.
            Event::Asked { .. } | Event::Attempted { .. } | Event::Listed { .. } | Event::Paused { .. } => {}
            Event::ObjectiveMet { .. } | Event::DeadlinePassed { .. } | Event::Escalated { .. } => {}
            event => {
                self.heading(entry, run);
                self.count(event);
                for line in tell::lines(entry, run, None, COLUMNS) {
                    self.say(&line);
                }
            }
        }
    }

    fn progress(&self, _: &Place, _: u64, _: Option<u64>, _: &str) {}

    fn ask(&self, place: &Place, _: &Question, _: &Run, _: DateTime<Utc>) -> Result<Said> {
        Ok(Said::Nobody { waiting_for: place.to_string() })
    }

    fn waiting(&self, _: DateTime<Utc>, _: DateTime<Utc>, _: &Run) {}
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
