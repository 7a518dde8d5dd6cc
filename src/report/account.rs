//! What became of a step, line by line, in the words that all formats share.

use super::model::{AttemptEnd, Report, StepAccount};
use super::{elapsed, words};
use crate::run::Tally;

pub(super) fn of(report: &Report, step: &StepAccount) -> Vec<String> {
    let skipped = step.skipped.iter().map(|skipped| {
        let by = skipped
            .by
            .as_ref()
            .map_or_else(|| "by its condition".to_owned(), |by| format!("by {}", words::actor(by)));
        format!("skipped{} {by}: {}", element(skipped.item), skipped.reason)
    });
    let attempts = step.attempts.iter().map(|attempt| {
        let at = elapsed(report.started_at, attempt.begun_at);
        format!(
            "attempt {}{} at {at} {} (entry {})",
            attempt.attempt,
            element(attempt.item),
            end(&attempt.end),
            attempt.seq
        )
    });
    let undoing = step.undoing.iter().map(|attempt| {
        let at = elapsed(report.started_at, attempt.begun_at);
        format!(
            "attempt {} to take it back{} at {at} {} (entry {})",
            attempt.attempt,
            element(attempt.item),
            end(&attempt.end),
            attempt.seq
        )
    });
    let verified =
        step.verified_after.map(|after| format!("its effect was read back {after:.1} s after the act"));
    let elements = step.elements.map(|tally| format!("elements: {}", tallied(tally)));
    elements.into_iter().chain(skipped).chain(attempts).chain(verified).chain(undoing).collect()
}

/// `17 done, 2 failed, 1 unknown of 24`.
#[must_use]
pub fn tallied(tally: Tally) -> String {
    let Tally { done, failed, unknown, skipped, undone, open } = tally;
    let counts = [
        (done, "done"),
        (failed, "failed"),
        (unknown, "unknown"),
        (skipped, "skipped"),
        (undone, "undone"),
        (open, "open"),
    ];
    let all: usize = counts.iter().map(|(count, _)| count).sum();
    let told = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    format!("{} of {all}", told.collect::<Vec<_>>().join(", "))
}

fn end(end: &AttemptEnd) -> String {
    match end {
        AttemptEnd::None => "has no recorded end".to_owned(),
        AttemptEnd::Succeeded => "succeeded".to_owned(),
        AttemptEnd::Failed(fault) => format!("failed: {}", fault.message),
        AttemptEnd::Settled { verdict, because } => {
            format!("settled, {}: {because}", words::verdict_word(*verdict))
        }
    }
}

fn element(item: Option<usize>) -> String {
    item.map_or_else(String::new, |item| format!(" of element {item}"))
}
