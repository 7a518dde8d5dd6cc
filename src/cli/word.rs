//! Somebody's word on its way into a record: at once where nobody writes it, else through
//! the inbox of whoever does.

use std::fs::File;
use std::time::Duration;

use super::again::Again;
use super::places::Places;
use super::waiting::wait;
use super::writing::{self, Writing};
use super::{environment, writing::sealed};
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::inbox::{self, Inbox, Message, Says, Sender};
use crate::evidence::{self, Folder};
use crate::journal;
use crate::run::{Actor, Deviation, Event, Via, Whence};
use crate::text::Digest;

/// How long a command waits until its message was taken up, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);

/// What became of a word.
pub(super) struct Said {
    folder: Folder,
    /// The message that nobody has taken up yet.
    lies: Option<String>,
}

impl Said {
    pub fn tell(&self, done: &str) {
        let id = self.folder.id();
        match &self.lies {
            None => out::talk(&format!("{done} in {id}")),
            Some(name) => out::talk(&format!(
                "not recorded yet: {id} is being written and has not taken it up.\n\
                 It lies ready as inbox/{name}.json; whoever writes the record takes it up, now or later."
            )),
        }
    }
}

/// Says something for a record, in the name that is given or the operator's.
///
/// # Errors
/// When there is no such run, when the record is sealed, and when the word is refused.
pub(super) fn say(places: &Places, run: &str, name: Option<&str>, says: Says) -> Result<Said> {
    let message = spoken(name, says)?;
    let folder = evidence::find(places.evidence(), run)?;
    match Writing::of(folder.clone()) {
        Ok(writing) => record(writing, message),
        Err(_) if journal::is_held(&folder.journal()) => lay(folder, &message),
        Err(error) => Err(error),
    }
}

/// The same in the operator's name, with the run's secrets taken out that are given again.
/// Whoever writes the record knows them already.
///
/// # Errors
/// As [`say`].
pub(super) fn say_taught(places: &Places, run: &str, secrets: &Again, says: Says) -> Result<Said> {
    let message = spoken(None, says)?;
    let folder = evidence::find(places.evidence(), run)?;
    match Writing::of(folder.clone()) {
        Ok(writing) => record(secrets.teach(writing)?, message),
        Err(_) if journal::is_held(&folder.journal()) => lay(folder, &message),
        Err(error) => Err(error),
    }
}

/// The message that the words make. It is held to the same rules whether it is recorded at
/// once or laid into an inbox: whoever says something has a name.
fn spoken(name: Option<&str>, says: Says) -> Result<Message> {
    Message::new(SystemClock.now(), sender(name), says)
        .sound()
        .map_err(|why| Error::usage(format!("this cannot be recorded: {why}")))
}

fn record(mut writing: Writing, message: Message) -> Result<Said> {
    writing.refuse_sealed()?;
    let Sender { name, user, host } = message.sender;
    let by = Actor { name, via: Via::Elsewhere(Box::new(Whence { user, host, message: None })) };
    let event = inbox::entry_of(message.says, by, &writing.run, &writing.store, SystemClock.now())?;
    writing.record(event.map_err(refused)?)?;
    Ok(Said { folder: writing.folder, lies: None })
}

/// Lays a file with its message beside a record that somebody writes; nothing where nobody
/// does.
///
/// # Errors
/// As [`say`].
pub(super) fn send_with(
    places: &Places,
    run: &str,
    file: &mut File,
    says: impl FnOnce(Digest) -> Says,
) -> Result<Option<Said>> {
    let folder = evidence::find(places.evidence(), run)?;
    if folder.is_sealed() || !journal::is_held(&folder.journal()) {
        return Ok(None);
    }
    let now = SystemClock.now();
    let message = |digest| Message::new(now, sender(None), says(digest));
    let laid = Inbox::of(&folder).lay_with(file, message, now)?;
    heard(folder, laid).map(Some)
}

fn lay(folder: Folder, message: &Message) -> Result<Said> {
    if folder.is_sealed() {
        return Err(sealed(&folder));
    }
    let laid = Inbox::of(&folder).lay(message, message.sent_at)?;
    heard(folder, laid)
}

fn sender(name: Option<&str>) -> Sender {
    Sender { name: called(name), user: environment::operator().user, host: environment::host() }
}

/// Waits until the message was recorded.
fn heard(folder: Folder, laid: String) -> Result<Said> {
    let inbox = Inbox::of(&folder);
    let taken = wait(taken_up(&folder, &inbox, &laid))??;
    if !taken && folder.is_sealed() {
        inbox.withdraw(&laid);
        return Err(sealed(&folder));
    }
    if !taken {
        return Ok(Said { folder, lies: Some(laid) });
    }
    match refusal(&folder, &laid)? {
        Some(why) => Err(refused(why)),
        None => Ok(Said { folder, lies: None }),
    }
}

/// Waits until the message is gone. Where whoever wrote the record has ended, it is taken up
/// here.
async fn taken_up(folder: &Folder, inbox: &Inbox, laid: &str) -> Result<bool> {
    let mut waited = Duration::ZERO;
    while inbox.holds(laid) && waited < PATIENCE && !folder.is_sealed() {
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
        if inbox.holds(laid) && !journal::is_held(&folder.journal()) {
            // Another writer may be faster; then it is heard there.
            drop(Writing::of(folder.clone()));
        }
    }
    Ok(!inbox.holds(laid))
}

/// Why the message was refused, as the record says.
fn refusal(folder: &Folder, laid: &str) -> Result<Option<String>> {
    let begins = format!("message {laid}: ");
    let entries = journal::read(&folder.journal())?.entries;
    Ok(entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Deviated { what: Deviation::MessageRefused, detail } => {
            detail.strip_prefix(&begins).map(str::to_owned)
        }
        _ => None,
    }))
}

fn refused(why: String) -> Error {
    Error::refused(why)
}

fn called(name: Option<&str>) -> String {
    name.map_or_else(|| writing::actor().name, |name| name.trim().to_owned())
}
