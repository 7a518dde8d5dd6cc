//! What others have to say while somebody writes the record: messages as files beside the
//! bag, laid whole or not at all.
//!
//! ```text
//! RUN/inbox/20261122T031200.123456Z-4711.json   a message
//!           20261122T031200.123456Z-4711.data   the file that comes with it
//!           *.part                              being written
//!           challenges/NONCE                    what approvals are signed over
//!           refused/                            what could not so much as be read
//! ```
//!
//! Whoever holds the lock of the record takes them up: each becomes an entry that is durable
//! before the message goes away. A crash between the two leaves a message that was recorded;
//! the record knows its name, and it is not recorded twice. A message is foreign input. One
//! that cannot be taken is an entry as well, and is kept.

mod admission;
mod leavings;
mod message;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

pub(crate) use self::admission::event as entry_of;
use self::admission::{Admission, Attachment, admit};
pub use self::leavings::clear;
pub use self::message::{Message, Says, Sender, SignedWord};
use super::{Folder, Shelf, Store};
use crate::error::{Error, Result};
use crate::journal::{Draft, sync_directory, write_durably};
use crate::run::{Actor, Artifact, Deviation, Event, Run, Via};
use crate::text::{Digest, Digesting};

/// A message longer than this is none: 256 KiB.
const LONGEST: u64 = 256 << 10;

/// How many messages are taken up in one go: a flood of them must not keep the run.
const AT_ONCE: usize = 32;

/// The folder of messages of one run.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
}

/// Whoever holds the record open for writing.
pub trait Recorder {
    fn with_run<T>(&self, look: impl FnOnce(&Run) -> T) -> T;

    fn store(&self) -> &Store;

    /// # Errors
    /// When the event is not durable.
    fn record(&mut self, event: Event) -> Result<()>;
}

impl Inbox {
    #[must_use]
    pub fn of(folder: &Folder) -> Self {
        Self { folder: folder.inbox() }
    }

    /// Lays a message, durable when this returns, and gives its name.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn lay(&self, message: &Message, at: DateTime<Utc>) -> Result<String> {
        make_folder(&self.folder)?;
        let name = Self::name(at);
        write_durably(&self.place(&name, "json"), message.line().as_bytes())?;
        Ok(name)
    }

    /// Lays a message with a file beside it.
    ///
    /// # Errors
    /// When the disk does not take it, or the file cannot be read.
    pub fn lay_with(
        &self,
        file: &mut impl io::Read,
        says: impl FnOnce(Digest) -> Message,
        at: DateTime<Utc>,
    ) -> Result<String> {
        make_folder(&self.folder)?;
        let path = self.place(&Self::name(at), "data");
        let mut draft = Draft::begin(&path)?;
        let (mut digesting, mut piece) = (Digesting::default(), vec![0; 256 << 10]);
        loop {
            let read = file.read(&mut piece).map_err(|error| Error::io("could not copy to", &path, error))?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            digesting.update(bytes);
            draft.append(bytes)?;
        }
        draft.put_in_place()?;
        self.lay(&says(digesting.finish()), at)
    }

    fn name(at: DateTime<Utc>) -> String {
        format!("{}-{}", at.format("%Y%m%dT%H%M%S%.6fZ"), std::process::id())
    }

    /// Whether a message still lies there.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.place(name, "json").exists()
    }

    /// Keeps a challenge, so that its signature alone is enough when it comes back.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn keep_challenge(&self, nonce: &str, text: &str) -> Result<()> {
        let folder = self.folder.join("challenges");
        make_folder(&self.folder)?;
        make_folder(&folder)?;
        write_durably(&folder.join(nonce), text.as_bytes())
    }

    /// The challenges that were kept, in no order.
    #[must_use]
    pub fn challenges(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("challenges")).into_iter().flatten().flatten();
        files.filter_map(|file| String::from_utf8(read(&file.path()).ok()?.ok()?).ok()).collect()
    }

    /// Takes a message back that nobody has taken up.
    pub fn withdraw(&self, name: &str) {
        let _ = fs::remove_file(self.place(name, "json"));
        let _ = fs::remove_file(self.place(name, "data"));
        let _ = fs::remove_dir(&self.folder);
    }

    /// Takes the folder away: a sealed record has no place for it.
    ///
    /// # Errors
    /// When something is left in it that is no message, and no record's.
    pub fn close(&self) -> Result<()> {
        let gone = |result: io::Result<()>| {
            match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::io("could not take away", &self.folder, error)
                .hint("what lies in it could not be read, or came when the record was closed, and is no part of it: move it elsewhere, then seal again")),
            Ok(()) => Ok(()),
        }
        };
        gone(fs::remove_dir_all(self.folder.join("challenges")))?;
        gone(fs::remove_dir(&self.folder))
    }

    fn place(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// The files that may be messages, the oldest first.
    fn lying(&self) -> Result<Vec<String>> {
        let names = self.names()?.into_iter();
        let mut names: Vec<_> =
            names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
        names.truncate(AT_ONCE);
        Ok(names)
    }

    /// What lies in the folder, by name. A folder that is not there holds nothing.
    fn names(&self) -> Result<Vec<String>> {
        let failed = |error| Error::io("could not read the messages in", &self.folder, error);
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn forget(&self, name: &str) -> Result<()> {
        // The file first: a message whose file is gone is one that was heard.
        let _ = fs::remove_file(self.place(name, "data"));
        let path = self.place(name, "json");
        fs::remove_file(&path).map_err(|error| Error::io("could not take away", &path, error))?;
        sync_directory(&self.folder)
    }

    /// What cannot be read is put aside as it is.
    fn put_aside(&self, name: &str) -> Result<String> {
        let refused = self.folder.join("refused");
        make_folder(&refused)?;
        let from = self.place(name, "json");
        fs::rename(&from, refused.join(format!("{name}.json")))
            .map_err(|error| Error::io("could not put aside", &from, error))?;
        sync_directory(&self.folder)?;
        Ok(format!("inbox/refused/{name}.json"))
    }
}

/// Records what lies there. Nothing of it can stop a run; only the disk can.
///
/// # Errors
/// When the disk fails, or the record does not take an entry.
pub fn take_up(inbox: &Inbox, recorder: &mut impl Recorder, now: DateTime<Utc>) -> Result<()> {
    for name in inbox.lying()? {
        if recorder.with_run(Run::is_sealed) {
            return Ok(());
        }
        match read(&inbox.place(&name, "json"))? {
            Ok(bytes) => take(inbox, &name, &bytes, recorder, now)?,
            Err(why) => {
                let place = inbox.put_aside(&name)?;
                recorder.record(refused(&name, &why, &place))?;
            }
        }
    }
    Ok(())
}

fn take(
    inbox: &Inbox,
    name: &str,
    bytes: &[u8],
    recorder: &mut impl Recorder,
    now: DateTime<Utc>,
) -> Result<()> {
    let store = recorder.store().clone();
    match recorder.with_run(|run| admit(bytes, name, run, &store, now))? {
        Admission::Event(event) => recorder.record(*event)?,
        Admission::Heard => {}
        Admission::Attach(attachment) => match attach(inbox, name, &attachment, &store)? {
            Ok(events) => events.into_iter().try_for_each(|event| recorder.record(event))?,
            Err(why) => refuse(name, &why, bytes, recorder)?,
        },
        Admission::Refused(why) => refuse(name, &why, bytes, recorder)?,
    }
    inbox.forget(name)
}

fn refuse(name: &str, why: &str, bytes: &[u8], recorder: &mut impl Recorder) -> Result<()> {
    let kept = recorder.store().store(Shelf::Artifacts, "refused-message.json", bytes)?;
    recorder.record(refused(name, why, &kept.path))
}

/// The file beside a message as an artifact, and the entries that name it; or why there is
/// none.
fn attach(
    inbox: &Inbox,
    name: &str,
    attachment: &Attachment,
    store: &Store,
) -> Result<Result<Vec<Event>, String>> {
    let path = inbox.place(name, "data");
    let failed = |error| Error::io("could not read", &path, error);
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Ok(Err("its file does not lie beside it".to_owned()));
    }
    let mut file = File::open(&path).map_err(failed)?;
    let (mut writer, mut digesting) =
        (store.writer(Shelf::Artifacts, &attachment.name)?, Digesting::default());
    let mut piece = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut piece).map_err(failed)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        digesting.update(bytes);
        writer.write(bytes)?;
    }
    let artifact = writer.finish()?;
    if digesting.finish() != attachment.digest {
        return Ok(Err(format!(
            "the file beside it is not the one that it names, and is kept as {}",
            artifact.path
        )));
    }
    Ok(Ok(attached(attachment, artifact)))
}

/// When it was seen is told by a note, before the entry that names the message: where a
/// crash comes between the two, the attachment is made anew.
fn attached(attachment: &Attachment, artifact: Artifact) -> Vec<Event> {
    let Attachment { by, name, observed_at, .. } = attachment;
    let note = observed_at.map(|at| Event::Noted {
        by: Actor { via: Via::Terminal, ..by.clone() },
        text: format!("{} was seen or made before it was attached", artifact.path),
        observed_at: Some(at),
    });
    let named = Event::Attached { by: by.clone(), name: name.clone(), artifact, place: None };
    note.into_iter().chain([named]).collect()
}

fn refused(name: &str, why: &str, kept: &str) -> Event {
    let name = name.chars().filter(|letter| !letter.is_control()).take(200).collect::<String>();
    let detail = format!("message {name}: {why}; kept as {kept}");
    Event::Deviated { what: Deviation::MessageRefused, detail }
}

/// The bytes of a message, or why there are none to be read.
fn read(path: &Path) -> Result<Result<Vec<u8>, String>> {
    let found = fs::symlink_metadata(path).map_err(|error| Error::io("could not read", path, error))?;
    if !found.is_file() {
        return Ok(Err("it is no file".to_owned()));
    }
    if found.len() > LONGEST {
        return Ok(Err(format!("it has {} bytes, and a message has {LONGEST} at most", found.len())));
    }
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Ok(bytes)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Ok(Err("it may not be read".to_owned()))
        }
        Err(error) => Err(Error::io("could not read", path, error)),
    }
}

fn make_folder(path: &Path) -> Result<()> {
    match fs::create_dir(path) {
        Ok(()) => sync_directory(path.parent().unwrap_or(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::io("could not make the folder", path, error)),
    }
}

#[cfg(test)]
mod tests;
