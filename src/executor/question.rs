//! Putting a question until it is answered, and storing what comes with the answer.

use crate::engine::{Desk, Reply, Said};
use crate::error::{Error, Result};
use crate::run::{Actor, Answer, Artifact, Choice, Decided, Event, Place, Question, Via};

/// Asks whoever is there. Notes are recorded while the question stands.
///
/// # Errors
/// When the terminal is gone, or the record does not take what was answered.
pub(super) async fn put(place: &Place, question: &Question, desk: &Desk<'_>) -> Result<Reply> {
    loop {
        let put_at = desk.now();
        match desk.ask(question).await? {
            Said::Answer { answer, .. } if refusal(question, &answer, desk).is_some() => {
                let why = refusal(question, &answer, desk).unwrap_or_default();
                return Ok(Reply::Nobody {
                    waiting_for: format!("step {place}: an approval that counts; {why}"),
                });
            }
            Said::Answer { mut answer, files } => {
                for file in files {
                    answer.attachments.push(attach(&file, desk)?);
                }
                return Ok(Reply::Event(Event::Answered { place: place.clone(), answer }));
            }
            Said::Decided { items, decision, reason, by } => {
                let seconds = (desk.now() - put_at).num_seconds().max(0).unsigned_abs();
                let decided = Decided { place: place.clone(), items, decision, reason, by, seconds };
                desk.decide(decided)?;
            }
            Said::Note(text) => desk.note(operator(desk), text)?,
            Said::Pause(reason) => return Ok(Reply::Pause { reason }),
            Said::Nobody { waiting_for } => return Ok(Reply::Nobody { waiting_for }),
        }
    }
}

/// Why an approval that was given does not count. It is not taken, so that it cannot be given
/// for ever.
fn refusal(question: &Question, answer: &Answer, desk: &Desk<'_>) -> Option<String> {
    match (question, answer.choice) {
        (Question::Approval { role, .. }, Choice::Yes) => desk.run().weigh(role, &answer.by).err(),
        _ => None,
    }
}

fn attach(file: &std::path::Path, desk: &Desk<'_>) -> Result<Artifact> {
    let name =
        file.file_name().map_or_else(|| "attachment".into(), |name| name.to_string_lossy().into_owned());
    let bytes = std::fs::read(file).map_err(|error| Error::io("cannot read the attachment", file, error))?;
    desk.store(&name, &bytes)
}

fn operator(desk: &Desk<'_>) -> Actor {
    let run = desk.run();
    let name = run
        .operator()
        .map_or_else(String::new, |operator| operator.name.clone().unwrap_or_else(|| operator.user.clone()));
    Actor { name, via: Via::Terminal }
}
