//! What happened, in five lines.

use super::elapsed;
use super::model::{ObjectiveVerdict, Report, Standing};
use super::reply::Reply;
use super::words::{actor, counted, instant, outcome};
use crate::run::StepState;

/// Who ran what, how it ended, how grave it is, what was sent, what was met.
pub(super) fn in_five_lines(report: &Report) -> [String; 5] {
    [beginning(report), ending(report), severity(report), calls(report), objectives(report)]
}

fn beginning(report: &Report) -> String {
    let first = report.watches.first().map(|watch| watch.who.as_str()).unwrap_or_default();
    let follows = report.follows.as_ref().map(|run| format!(", following up {run}")).unwrap_or_default();
    format!(
        "{first} ran {} version {} ({}) on {}{follows}, beginning {}.",
        report.document.name,
        report.document.version,
        report.mode,
        report.host,
        instant(report.started_at)
    )
}

fn ending(report: &Report) -> String {
    let states = steps_by_state(report);
    let last = elapsed(report.started_at, report.last_at);
    match &report.standing {
        Standing::UnderWay => {
            format!("It is not over; the last entry was recorded at {last}. Steps: {states}.")
        }
        Standing::Paused { reason, at, .. } => {
            format!("It was paused at {}: {reason}. Steps: {states}.", elapsed(report.started_at, *at))
        }
        Standing::Closed(ending) => {
            let by = ending.by.as_ref().map(|by| format!(" by {}", actor(by))).unwrap_or_default();
            let reason =
                if ending.reason.is_empty() { String::new() } else { format!(" ({})", ending.reason) };
            let at = elapsed(report.started_at, ending.at);
            format!("It ended at {at}, {}{by}{reason}. Steps: {states}.", outcome(ending.outcome))
        }
    }
}

/// `35 done, 2 skipped, 1 failed of 38`.
fn steps_by_state(report: &Report) -> String {
    const ORDER: [StepState; 10] = [
        StepState::Done,
        StepState::Skipped,
        StepState::Failed,
        StepState::InDoubt,
        StepState::Undone,
        StepState::Running,
        StepState::Asking,
        StepState::Foreseen,
        StepState::Unknown,
        StepState::Waiting,
    ];
    let count = |state| report.steps.iter().filter(|step| step.state == state).count();
    let counts = ORDER.iter().map(|&state| (count(state), state)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counts.map(|(count, state)| format!("{count} {}", state.word())).collect();
    format!("{} of {}", parts.join(", "), report.steps.len())
}

fn severity(report: &Report) -> String {
    match (&report.severity, &report.severity_means) {
        (Some(level), Some(meaning)) => format!("Severity {level}: {meaning}"),
        (Some(level), None) => format!("Severity {level}."),
        _ => "The document classifies no severity.".to_owned(),
    }
}

fn calls(report: &Report) -> String {
    let accepted = report.calls.iter().filter(|call| call.changes && call.accepted()).count();
    let count = |reply| report.calls.iter().filter(|call| call.reply == reply).count();
    let absent = match count(Reply::NotThere) {
        0 => String::new(),
        absent => format!("{absent} asked for what is not there, "),
    };
    format!(
        "{} sent to AWS: {accepted} changed something, {absent}{} refused, {} without an answer.",
        counted(report.calls.len(), "request was", "requests were"),
        count(Reply::Refused),
        count(Reply::None)
    )
}

fn objectives(report: &Report) -> String {
    if report.objectives.is_empty() {
        return "The document sets no objectives.".to_owned();
    }
    let met =
        report.objectives.iter().filter(|objective| objective.verdict == ObjectiveVerdict::InTime).count();
    let others = report.objectives.iter().filter(|objective| objective.verdict != ObjectiveVerdict::InTime);
    let others: Vec<String> =
        others.map(|objective| format!("{} {}", objective.id, objective_word(objective.verdict))).collect();
    let tail = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
    format!("Objectives: {met} of {} met in time{tail}.", report.objectives.len())
}

const fn objective_word(verdict: ObjectiveVerdict) -> &'static str {
    match verdict {
        ObjectiveVerdict::Open => "open",
        ObjectiveVerdict::InTime => "in time",
        ObjectiveVerdict::Late => "late",
        ObjectiveVerdict::Missed => "missed",
    }
}
