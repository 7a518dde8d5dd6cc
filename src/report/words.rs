//! The words that all formats share.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::model::{CallMade, Left, ObjectiveAccount, ObjectiveVerdict, Report, Standing};
use super::reply::Reply;
use crate::run::{
    Actor, Answer, AnswerKind, Call, Choice, Deviation, Operator, Outcome, Question, StepState, Via,
};
use crate::text::duration;

/// An instant as a person reads it, to the second and in UTC.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(super) fn serialize_state<S: serde::Serializer>(
    state: &StepState,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&state.word().replace(' ', "_"))
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::CompletedWithFailures => "completed with failures",
        Outcome::Aborted => "aborted",
        Outcome::Refused => "refused",
        Outcome::RolledBack => "rolled back",
        Outcome::RolledBackInPart => "rolled back in part",
    }
}

impl Standing {
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Paused { .. } => "paused",
            Self::Closed(ending) => outcome(ending.outcome),
        }
    }
}

pub(super) const fn left(left: Left) -> &'static str {
    match left {
        Left::NotOver => "not over",
        Left::InDoubt => "in doubt",
        Left::Failed => "failed",
        Left::ElementFailed => "element failed",
        Left::Denied => "denied",
        Left::SkippedByPerson => "skipped",
        Left::NotReached => "not reached",
        Left::NotVerified => "not read back",
        Left::ObjectiveNotMet => "not met",
        Left::NotCollected => "not collected",
        Left::NotRead => "not read",
        Left::NotTold => "not told",
        Left::Unanswered => "no answer",
        Left::Standing => "still stands",
    }
}

pub(super) const fn deviation(deviation: Deviation) -> &'static str {
    match deviation {
        Deviation::TornEntry => "torn entry",
        Deviation::ClockJumped => "clock jumped",
        Deviation::DocumentChanged => "document changed",
        Deviation::ProgramChanged => "program changed",
        Deviation::MessageRefused => "message refused",
    }
}

pub(super) const fn choice(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "yes",
        Choice::Deny => "deny",
        Choice::Skip => "skip",
        Choice::Abort => "abort",
        Choice::Again => "again",
        Choice::Done => "done",
        Choice::Undo => "undo",
    }
}

/// The person, and by which way the word reached the record where it was not a terminal.
pub(super) fn actor(actor: &Actor) -> String {
    match &actor.via {
        Via::Terminal => actor.name.clone(),
        Via::Answers(file) => format!("{} (from {file})", actor.name),
        Via::Document => format!("{} (as the document says)", actor.name),
        Via::Elsewhere(whence) => format!("{} (from {}@{})", actor.name, whence.user, whence.host),
        Via::Signed(signature) => format!("{} (signed with {})", actor.name, signature.key),
    }
}

pub(super) fn person(operator: &Operator) -> String {
    match &operator.name {
        Some(name) if *name != operator.user => format!("{name} ({})", operator.user),
        _ => operator.user.clone(),
    }
}

pub(super) fn operation(call: &Call) -> String {
    format!("{}:{}", call.service, call.operation)
}

/// What AWS answered, how long it took, and which try it was.
pub(super) fn result(made: &CallMade) -> String {
    let call = &made.call;
    let status = call.status.map(|status| status.to_string()).unwrap_or_default();
    let said = call.error.as_ref().unwrap_or(&status);
    let result = match made.reply {
        Reply::Accepted => status.clone(),
        Reply::NotThere => format!("not there: {said}"),
        Reply::Refused => format!("refused: {said}"),
        Reply::None => "no answer".to_owned(),
    };
    let again = if call.attempt > 1 { format!(", try {}", call.attempt) } else { String::new() };
    format!("{result}, {:.2} s{again}", call.seconds)
}

/// Who agreed to a call, as what and when.
pub(super) fn agreed(report: &Report, made: &CallMade) -> String {
    let one = |yes: &super::model::Agreement| {
        let role = yes.role.as_ref().map_or_else(String::new, |role| format!(" as {role}"));
        format!("{}{role} at {}", actor(&yes.by), super::elapsed(report.started_at, yes.at))
    };
    if made.agreed.is_empty() {
        return "nobody was asked".to_owned();
    }
    made.agreed.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What a question asks, in one sentence.
#[must_use]
pub fn sentence(question: &Question) -> String {
    match question {
        Question::Manual { instructions, .. } => first_line(instructions),
        Question::Typed { question, answer } => format!("{question}{}", choices(answer)),
        Question::Review(sheet) => format!("{} ({} to decide)", sheet.question, sheet.items.len()),
        Question::Go { request } => format!("Run {}?", request.action),
        Question::Approval { request, title, .. } => format!("{title}: approve {}?", request.action),
        Question::CannotUndo { action, why, .. } => {
            format!("{action} cannot be taken back ({why}). Go past it?")
        }
        Question::AfterFailure { message, .. } => format!("It failed: {message}. What now?"),
        Question::InDoubt { request, attempted_at, .. } => {
            format!("Did {} take place? It was attempted at {}.", request.action, instant(*attempted_at))
        }
    }
}

/// Instructions may fill a page; the whole of them stands in the pinned document, and in
/// the report as JSON.
fn first_line(instructions: &str) -> String {
    let (first, more) = instructions.trim().split_once('\n').unwrap_or((instructions.trim(), ""));
    if more.is_empty() { first.to_owned() } else { format!("{} …", first.trim_end()) }
}

fn choices(answer: &AnswerKind) -> String {
    match answer {
        AnswerKind::Choice(of) | AnswerKind::Several(of) => format!(" ({})", of.join(", ")),
        _ => String::new(),
    }
}

/// An answer: the value that was typed, or the choice, with its reason.
pub(super) fn answer(question: &Question, answer: &Answer) -> String {
    let said = match (&answer.value, question, answer.choice) {
        (Value::Null, Question::Manual { .. }, Choice::Yes) => "done".to_owned(),
        (Value::Null, Question::Approval { .. }, Choice::Yes) => "approved".to_owned(),
        (Value::Null, Question::Approval { .. }, Choice::Deny) => "denied".to_owned(),
        (Value::Null, _, other) => choice(other).to_owned(),
        (Value::String(text), ..) => text.clone(),
        (value, ..) => value.to_string(),
    };
    match &answer.reason {
        Some(reason) if !reason.is_empty() => format!("{said}: {reason}"),
        _ => said,
    }
}

impl Report {
    /// How an objective stands against its deadline, in words.
    #[must_use]
    pub fn verdict(&self, objective: &ObjectiveAccount) -> String {
        verdict(self, objective)
    }
}

pub(super) fn verdict(report: &Report, objective: &ObjectiveAccount) -> String {
    let within = duration::show(std::time::Duration::from_secs(objective.within_seconds));
    let spare =
        |at: DateTime<Utc>| duration::clock((objective.deadline - at).abs().to_std().unwrap_or_default());
    let undone = if objective.no_longer_holds { "; NO LONGER HOLDS, it was taken back" } else { "" };
    match (objective.verdict, objective.met_at) {
        (ObjectiveVerdict::InTime, Some(at)) => {
            format!("{} of {within}, {} to spare{undone}", super::elapsed(report.started_at, at), spare(at))
        }
        (ObjectiveVerdict::Late, Some(at)) => {
            format!("{} of {within}, {} late{undone}", super::elapsed(report.started_at, at), spare(at))
        }
        (ObjectiveVerdict::Missed, _) => format!("missed: not met within {within}"),
        _ => format!("open: due within {within}"),
    }
}

/// `1 file`, `2 files`.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let word = if count == N::from(1) { one } else { many };
    format!("{count} {word}")
}

/// How anybody can check the record without this program's word for it.
pub(super) const HOW_TO_VERIFY: [&str; 3] = [
    "Once sealed, the folder holds `verify.sh`, which needs sha256sum, ssh-keygen and openssl only.",
    "`playbook verify FOLDER` checks the same, and the chain of the journal, and names every fault.",
    "`playbook report RUN` renders this report again from the journal: the bytes are the same.",
];

pub(super) const fn verdict_word(verdict: crate::run::Verdict) -> &'static str {
    match verdict {
        crate::run::Verdict::TookPlace => "it took place",
        crate::run::Verdict::DidNot => "it did not take place",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_instructions_is_told_by_its_first_line() {
        assert_eq!(first_line("1. Call.\n2. Write.\n"), "1. Call. …");
        assert_eq!(first_line("\nCall.\n"), "Call.");
    }
}
