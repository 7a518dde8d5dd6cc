//! One run: where it stands at a moment.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::cli::record::Record;
use crate::cli::table;
use crate::journal;
use crate::report::escape::plain;
use crate::report::{ObjectiveVerdict, Report, RollbackAccount, Standing, elapsed, sentence, tallied};
use crate::run::{Delivery, Sight, StepState, Tally};
use crate::text::duration;

/// The run is not at its end, and no process goes on with it at this moment.
pub(super) const NOT_RUNNING: &str = "not running";

#[derive(Serialize)]
pub(super) struct Status {
    run: String,
    title: String,
    severity: Option<String>,
    state: &'static str,
    sealed: bool,
    reason: Option<String>,
    clock: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<PhaseNow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepNow>,
    steps: usize,
    in_command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback: Option<RollbackAccount>,
    deadlines: Vec<Deadline>,
    in_doubt: Vec<String>,
    /// What escalations owe or owed to channels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Delivery>,
    waiting_for: Vec<Waiting>,
    entries: usize,
    last_entry_at: DateTime<Utc>,
    #[serde(skip)]
    since_last: String,
    #[serde(skip)]
    over: bool,
}

#[derive(Serialize)]
struct PhaseNow {
    number: usize,
    of: usize,
    title: String,
}

#[derive(Serialize)]
struct StepNow {
    number: usize,
    id: String,
    title: String,
    action: &'static str,
    class: &'static str,
    state: &'static str,
    /// Of a `for_each` step.
    #[serde(skip_serializing_if = "Option::is_none")]
    elements: Option<Tally>,
}

#[derive(Serialize)]
struct Deadline {
    id: String,
    title: String,
    due_at: DateTime<Utc>,
    verdict: ObjectiveVerdict,
    /// Seconds until the deadline; below zero when it has passed. Of open ones only.
    left_seconds: Option<i64>,
    #[serde(skip)]
    words: String,
}

#[derive(Serialize)]
struct Waiting {
    place: String,
    question: String,
    since: DateTime<Utc>,
    /// How far a yes reaches, as it was looked at before the question.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reach: Vec<Sight>,
}

impl Status {
    /// `None` where the journal holds no run.
    pub fn at(record: &Record, now: DateTime<Utc>) -> Option<Self> {
        let report = record.report().ok()?;
        let over = matches!(report.standing, Standing::Closed(_));
        let at = if over { report.last_at } else { now };
        let (state, reason) = match &report.standing {
            // It waits for a person, stopped at a failure, or was killed: the entries say which.
            Standing::UnderWay if journal::is_free(&record.folder.journal()) => {
                (NOT_RUNNING, Some(format!("`playbook resume {}` goes on with it", record.folder.id())))
            }
            Standing::UnderWay => ("under way", None),
            Standing::Paused { reason, .. } => ("paused", Some(reason.clone())),
            closed @ Standing::Closed(ending) => (closed.word(), Some(ending.reason.clone())),
        };
        let current = if over { None } else { report.current };
        // The report ends before the seal, of which it is a part.
        let last_at = record.entries.last().map_or(report.last_at, |entry| entry.at);
        Some(Self {
            state,
            sealed: record.folder.is_sealed(),
            reason: reason.filter(|reason| !reason.is_empty()),
            clock: elapsed(report.started_at, ended(&report).unwrap_or(at)),
            phase: current.and_then(|index| phase(&report, index)),
            step: current.and_then(|index| step(&report, index)),
            steps: report.steps.len(),
            in_command: report
                .watches
                .last()
                .filter(|watch| watch.until.is_none())
                .map(|watch| watch.who.clone()),
            deadlines: deadlines(&report, at),
            rollback: report.rollback.clone(),
            in_doubt: in_doubt(record),
            messages: record.run.deliveries().to_vec(),
            waiting_for: if over { Vec::new() } else { waiting(&report, record, now) },
            entries: record.entries.len(),
            last_entry_at: last_at,
            since_last: duration::show((now - last_at).to_std().unwrap_or_default()),
            over,
            run: report.run,
            title: report.title,
            severity: report.severity,
        })
    }

    pub const fn is_over(&self) -> bool {
        self.over
    }

    pub const fn state(&self) -> &'static str {
        self.state
    }

    /// One line, so that a watched status is JSON lines.
    pub fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub fn text(&self) -> String {
        let severity = self.severity.as_ref().map(|severity| format!(" · {severity}")).unwrap_or_default();
        let sealed = if self.sealed { ", sealed" } else { "" };
        let head = format!("{}{severity} · {} · {}{sealed}", self.run, self.clock, self.state);
        let mut lines = vec![head, self.title.clone()];
        lines.extend(self.reason.as_ref().map(|reason| format!("{}: {reason}", self.state)));
        lines.extend(self.place());
        let mut text = lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        let rows = self.rows();
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&table::columns(&rows));
        }
        text
    }

    fn place(&self) -> Option<String> {
        let step = self.step.as_ref()?;
        let phase = self
            .phase
            .as_ref()
            .map(|phase| format!("Phase {} of {} · {} · ", phase.number, phase.of, phase.title));
        Some(format!("{}step {} of {}", phase.unwrap_or_default(), step.number, self.steps))
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |name: &str, value: String| vec![format!("  {name}"), value];
        let mut rows = Vec::new();
        rows.extend(self.step.as_ref().map(|step| {
            row(
                "now",
                format!("{} · {} ({}, {}): {}", step.id, step.title, step.action, step.class, step.state),
            )
        }));
        let elements = self.step.as_ref().and_then(|step| step.elements);
        rows.extend(elements.map(|tally| row("elements", tallied(tally))));
        rows.extend(
            self.waiting_for
                .iter()
                .map(|waiting| row("waiting for", format!("{}: {}", waiting.place, waiting.question))),
        );
        rows.extend(self.waiting_for.iter().filter(|waiting| !waiting.reach.is_empty()).map(|waiting| {
            let told: Vec<_> = waiting.reach.iter().map(Sight::brief).collect();
            row("reaching", told.join(" · "))
        }));
        rows.extend(self.in_doubt.iter().map(|place| row("in doubt", place.clone())));
        rows.extend(self.messages.iter().map(|message| row("message", message.words())));
        if let Some(rollback) = &self.rollback {
            let to = rollback.to.as_ref().map(|to| format!("to {to}, ")).unwrap_or_default();
            rows.push(row("rollback", format!("{to}by {}", rollback.by.name)));
            rows.extend(rollback.undone.iter().map(|place| row("taken back", place.clone())));
            rows.extend(rollback.stands.iter().map(|place| row("still stands", place.clone())));
        }
        rows.extend(self.deadlines.iter().map(|deadline| row(&deadline.id, deadline.words.clone())));
        rows.extend(self.in_command.as_ref().map(|who| row("in command", who.clone())));
        rows.push(row("last entry", format!("{} ago ({} in all)", self.since_last, self.entries)));
        rows
    }
}

fn ended(report: &Report) -> Option<DateTime<Utc>> {
    match &report.standing {
        Standing::Closed(ending) => Some(ending.at),
        _ => None,
    }
}

fn phase(report: &Report, index: usize) -> Option<PhaseNow> {
    let (at, phase) = report
        .phases
        .iter()
        .enumerate()
        .find(|(_, phase)| (phase.steps.0..phase.steps.1).contains(&index))?;
    Some(PhaseNow { number: at + 1, of: report.phases.len(), title: phase.title.clone() })
}

fn step(report: &Report, index: usize) -> Option<StepNow> {
    let step = report.steps.get(index)?;
    Some(StepNow {
        number: step.number,
        id: step.id.clone(),
        title: step.title.clone(),
        action: step.action,
        class: step.class.word(),
        state: step.state.word(),
        elements: step.elements,
    })
}

fn deadlines(report: &Report, at: DateTime<Utc>) -> Vec<Deadline> {
    let deadline = |objective: &crate::report::ObjectiveAccount| {
        let left =
            (objective.verdict == ObjectiveVerdict::Open).then(|| (objective.deadline - at).num_seconds());
        let clock = |seconds: i64| duration::clock(std::time::Duration::from_secs(seconds.unsigned_abs()));
        let words = match left {
            Some(left) if left >= 0 => format!("{} left", clock(left)),
            Some(left) => format!("{} past the deadline", clock(left)),
            None => report.verdict(objective),
        };
        Deadline {
            id: objective.id.clone(),
            title: objective.title.clone(),
            due_at: objective.deadline,
            verdict: objective.verdict,
            left_seconds: left,
            words,
        }
    };
    report.objectives.iter().map(deadline).collect()
}

/// Steps and elements that were attempted and have no end.
fn in_doubt(record: &Record) -> Vec<String> {
    let steps = record.run.playbook().steps.iter().enumerate();
    let mut places = Vec::new();
    for (index, step) in steps {
        if record.run.step_state(index) == StepState::InDoubt {
            places.push(step.id.to_string());
        }
        let items = record.run.items(&step.id).enumerate();
        places.extend(
            items
                .filter(|(_, (_, state))| *state == StepState::InDoubt)
                .map(|(item, _)| format!("{}[{item}]", step.id)),
        );
    }
    places
}

/// Questions without an answer, and approvals of which some are in hand.
fn waiting(report: &Report, record: &Record, now: DateTime<Utc>) -> Vec<Waiting> {
    let open = report.open.iter().filter_map(|index| report.exchanges.get(*index));
    let mut waiting: Vec<_> = open
        .map(|exchange| Waiting {
            place: exchange.place.to_string(),
            question: sentence(&exchange.question),
            since: exchange.asked_at,
            reach: record.run.reach_ahead(&exchange.place.step).to_vec(),
        })
        .collect();
    for step in record.run.wanting() {
        let (Some(wanted), Some((given, of))) = (record.run.wanted(step), record.run.approved(step, now))
        else {
            continue;
        };
        if given > 0 {
            waiting.retain(|other| other.place != step);
            let question =
                format!("{}: approve {}? ({given} of {of} in hand)", wanted.title, wanted.request.action);
            let reach = record.run.reach_ahead(step).to_vec();
            waiting.push(Waiting { place: step.to_owned(), question, since: wanted.asked_at, reach });
        }
    }
    waiting
}
