//! Putting a question until it is answered, and storing what comes with the answer.

use std::io::Read as _;

use super::offline;
use crate::actions::{is_at_work, still_at_work};
use crate::engine::{Desk, Reply, Said};
use crate::error::{Error, Result};
use crate::evidence::Shelf;
use crate::evidence::inbox::Says;
use crate::run::{Actor, Answer, Artifact, Choice, Decided, Event, Place, Question, Via};

/// An attachment is read in pieces of 256 KiB: it may be larger than the memory.
const PIECE: usize = 256 << 10;

/// Asks whoever is there. Notes are recorded while the question stands.
///
/// # Errors
/// When the terminal is gone, or the record does not take what was answered.
pub(super) async fn put(place: &Place, question: &Question, desk: &Desk<'_>) -> Result<Reply> {
    loop {
        let put_at = desk.now();
        if let Question::InDoubt { request, .. } = question
            && let Some(why) = still_at_work(request, desk)
        {
            desk.tell(&format!("{place}: {why}."));
        }
        match desk.ask(question).await? {
            Said::Answer { answer, .. } if refusal(question, &answer, desk).is_some() => {
                let why = refusal(question, &answer, desk).unwrap_or_default();
                return Ok(Reply::Nobody {
                    waiting_for: format!("step {place}: an approval that counts; {why}"),
                });
            }
            Said::Answer { answer, .. } if repeats(question, &answer, desk) => {
                desk.tell("Nothing was sent.");
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
            Said::Departed(text) => said(desk, Says::Departed { text, observed_at: None })?,
            Said::HandOver { to, reason } => said(desk, Says::HandOver { to, reason })?,
            Said::Challenge => offline::hand_out(place, desk)?,
            Said::Signed(handed) => {
                if let Some(approved) = offline::take_in(place, handed, desk)? {
                    return Ok(Reply::Event(approved));
                }
            }
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

/// Whether an attempt would be made again, or taken back, while its program is still at work.
fn repeats(question: &Question, answer: &Answer, desk: &Desk<'_>) -> bool {
    match question {
        Question::InDoubt { request, .. } if matches!(answer.choice, Choice::Again | Choice::Undo) => {
            is_at_work(request, desk)
        }
        _ => false,
    }
}

fn attach(file: &std::path::Path, desk: &Desk<'_>) -> Result<Artifact> {
    let name =
        file.file_name().map_or_else(|| "attachment".into(), |name| name.to_string_lossy().into_owned());
    let failed = |error| Error::io("cannot read the attachment", file, error);
    let mut from = std::fs::File::open(file).map_err(failed)?;
    let mut writer = desk.artifacts().writer(Shelf::Artifacts, &name)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).map_err(failed)?;
        match piece.get(..read) {
            None | Some([]) => return writer.finish(),
            Some(bytes) => writer.write(bytes)?,
        }
    }
}

/// Records it, or tells why it was not taken; the question stands either way.
fn said(desk: &Desk<'_>, says: Says) -> Result<()> {
    if let Some(why) = desk.put_down(operator(desk), says)? {
        desk.tell(&format!("{why}; nothing was recorded."));
    }
    Ok(())
}

pub(super) fn operator(desk: &Desk<'_>) -> Actor {
    let run = desk.run();
    let name = run
        .operator()
        .map_or_else(String::new, |operator| operator.name.clone().unwrap_or_else(|| operator.user.clone()));
    Actor { name, via: Via::Terminal }
}
