//! Whether what a file gives answers the question that is put.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answers::Given;
use crate::console::words::reply;
use crate::console::words::text::{listed, one_line};
use crate::run::{AnswerKind, Choice, Question};

/// What a file has to say to a question.
#[derive(Debug, PartialEq)]
pub enum Fit {
    Answer {
        choice: Choice,
        value: Value,
    },
    /// It says something about the step, and not about this question.
    Nothing,
    /// It would approve, and the document does not let a file approve.
    NotFromAFile {
        title: String,
    },
}

/// Takes from a file the answer to a question.
///
/// # Errors
/// Says what would be an answer, where the file means this question and answers wrongly.
pub fn fit(given: &Given, question: &Question, now: DateTime<Utc>) -> Result<Fit, String> {
    match question {
        Question::Manual { .. } => meant(given.answer.as_ref(), &MANUAL, &[]),
        Question::Go { .. } => meant(given.answer.as_ref(), &GO, &[]),
        Question::Approval { from_answers, title, .. } => {
            let fit = meant(given.answer.as_ref(), &APPROVAL, &given.approval.iter().collect::<Vec<_>>())?;
            let decides = matches!(fit, Fit::Answer { choice: Choice::Yes | Choice::Deny, .. });
            Ok(if decides && !from_answers { Fit::NotFromAFile { title: title.clone() } } else { fit })
        }
        Question::AfterFailure { .. } => {
            meant(given.answer.as_ref(), &FAILURE, &given.after_failure.iter().collect::<Vec<_>>())
        }
        Question::InDoubt { undo, .. } => doubt(given, undo.is_some()),
        Question::CannotUndo { .. } => left_standing(given),
        Question::Review(_) => meant(given.answer.as_ref(), &REVIEW, &[]),
        Question::Typed { answer, .. } => typed(given, answer, now),
    }
}

type Words = [(&'static str, Choice)];

const MANUAL: [(&str, Choice); 3] = [("done", Choice::Yes), ("skip", Choice::Skip), ("abort", Choice::Abort)];
const REVIEW: [(&str, Choice); 2] = [("skip", Choice::Skip), ("abort", Choice::Abort)];
const GO: [(&str, Choice); 4] =
    [("run", Choice::Yes), ("yes", Choice::Yes), ("skip", Choice::Skip), ("abort", Choice::Abort)];
const APPROVAL: [(&str, Choice); 4] =
    [("approve", Choice::Yes), ("deny", Choice::Deny), ("skip", Choice::Skip), ("abort", Choice::Abort)];
const FAILURE: [(&str, Choice); 3] =
    [("again", Choice::Again), ("skip", Choice::Skip), ("abort", Choice::Abort)];
const STANDING: [(&str, Choice); 2] = [("skip", Choice::Skip), ("abort", Choice::Abort)];
const DOUBT: [(&str, Choice); 4] =
    [("done", Choice::Done), ("again", Choice::Again), ("undo", Choice::Undo), ("abort", Choice::Abort)];

/// The choice that a word means here. What was written for this question alone has to be
/// one; the general answer may have been meant for another question of the step.
fn meant(general: Option<&Value>, words: &Words, own: &[&Value]) -> Result<Fit, String> {
    if let Some(own) = own.first() {
        return find(own, words).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| (*word).to_owned()).collect();
            format!(
                "`{}` is no answer here: {}",
                one_line(own.as_str().unwrap_or_default()),
                listed(&words, "or")
            )
        });
    }
    Ok(general.and_then(|word| find(word, words)).unwrap_or(Fit::Nothing))
}

fn find(word: &Value, words: &Words) -> Option<Fit> {
    let text = if *word == Value::Bool(true) { "yes" } else { word.as_str()? };
    let (_, choice) = words.iter().find(|(known, _)| *known == text)?;
    Some(Fit::Answer { choice: *choice, value: Value::Null })
}

/// What cannot be taken back is gone past for a reason, and not otherwise.
fn left_standing(given: &Given) -> Result<Fit, String> {
    match meant(given.answer.as_ref(), &STANDING, &[])? {
        Fit::Answer { .. } if given.reason.is_none() => {
            Err("what cannot be taken back is left standing for a reason: { answer: skip, reason: ... }"
                .to_owned())
        }
        fit => Ok(fit),
    }
}

/// Manual work is never in doubt, so that `done` means that the attempt took place.
fn doubt(given: &Given, can_undo: bool) -> Result<Fit, String> {
    let fit = meant(given.answer.as_ref(), &DOUBT, &given.in_doubt.iter().collect::<Vec<_>>())?;
    if !can_undo && matches!(fit, Fit::Answer { choice: Choice::Undo, .. }) {
        return Err("there is nothing ready that would undo it: done, again or abort".to_owned());
    }
    Ok(fit)
}

/// The value, else `skip` or `abort` with a reason.
fn typed(given: &Given, kind: &AnswerKind, now: DateTime<Utc>) -> Result<Fit, String> {
    let Some(value) = &given.answer else { return Ok(Fit::Nothing) };
    match reply::written(kind, value, now) {
        Ok(value) => Ok(Fit::Answer { choice: Choice::Yes, value }),
        Err(why_not) => match value.as_str() {
            Some("skip" | "abort") if given.reason.is_none() => {
                Err(format!("{} needs a reason", value.as_str().unwrap_or_default()))
            }
            Some("skip") => Ok(Fit::Answer { choice: Choice::Skip, value: Value::Null }),
            Some("abort") => Ok(Fit::Answer { choice: Choice::Abort, value: Value::Null }),
            _ => Err(why_not),
        },
    }
}
