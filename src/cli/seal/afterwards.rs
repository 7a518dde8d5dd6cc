//! What can still be done with a sealed record: its custody log grows, and the bag stays
//! as it is.

use super::super::{environment, waiting};
use super::Options;
use crate::actions;
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::Result;
use crate::evidence::{self, Asked, Folder, Question, Signer, Takeover};
use crate::report::escape;

pub(super) fn countersign(options: &Options, folder: &Folder) -> Result<()> {
    let signer = options.key.clone().map_or(Signer::Agent, Signer::Key);
    let takeover = Takeover { at: SystemClock.now(), principal: who(), signer };
    let made = evidence::countersign(folder, &takeover)?;
    out::talk(&format!(
        "{} countersigned by {} ({}): {}",
        folder.id(),
        made.principal,
        made.fingerprint,
        made.file
    ));
    Ok(())
}

/// Whatever goes wrong here, the record stays sealed and signed.
pub(super) fn stamp(url: &str, folder: &Folder) -> Result<()> {
    if evidence::is_stamped(folder)? {
        out::talk(&format!("{} has its time stamped already", folder.id()));
        return Ok(());
    }
    let again = format!(
        "{} is sealed all the same; `playbook seal {} --tsa URL` adds the time later",
        folder.id(),
        folder.id()
    );
    let question = Question::about(folder, actions::nonce()?)?;
    ask(url, &question, folder).map_err(|error| error.hint(again))
}

fn ask(url: &str, question: &Question, folder: &Folder) -> Result<()> {
    let answer = waiting::wait(actions::ask_the_time(url, question.bytes(), evidence::LONGEST_ANSWER))??;
    let asked = Asked { at: SystemClock.now(), who: who(), authority: url.to_owned() };
    let stamp = question.keep(folder, &answer, asked)?;
    let time = stamp.time.format("%Y-%m-%d %H:%M:%S UTC");
    out::talk(&format!("{}: signed before {time}, says {}", folder.id(), escape::plain(&stamp.authority)));
    Ok(())
}

/// Whoever is at the keyboard, by the name that signatures are made under.
fn who() -> String {
    let operator = environment::operator();
    operator.name.unwrap_or(operator.user)
}
