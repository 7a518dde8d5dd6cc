//! The one who writes a journal.

use std::fmt;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound as _, Utc};

use super::chain::Chain;
use super::entry::{Entry, VERSION};
use super::file::JournalFile;
use super::lines::MAX_LINE;
use super::medium::{Medium, Nowhere, Reopened};
use super::reader::{Reading, damaged, gather};
use crate::error::{Error, Result};
use crate::run::Event;

/// A journal open for writing. On disk it holds the lock until it is dropped.
pub struct Journal {
    medium: Box<dyn Medium>,
    /// Names the journal in messages.
    path: PathBuf,
    chain: Chain,
    /// The line being written; kept for its room.
    line: Vec<u8>,
    poisoned: bool,
    /// In bytes.
    pub(super) longest_line: usize,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, chain, poisoned, .. } = self;
        f.debug_struct("Journal")
            .field("path", path)
            .field("chain", chain)
            .field("poisoned", poisoned)
            .finish_non_exhaustive()
    }
}

/// What lay in a journal when it was opened.
#[derive(Debug)]
pub struct Opened {
    pub entries: Vec<Entry>,
    /// The torn last line, which was kept elsewhere and is no longer in the file: to be
    /// noted as a deviation.
    pub torn: Option<Vec<u8>>,
}

impl Journal {
    /// Makes a journal on disk.
    ///
    /// # Errors
    /// When there is one already, when the disk refuses, or when it cannot be locked.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self::with(Box::new(JournalFile::create(path)?), path.to_owned(), Chain::default()))
    }

    /// Opens a journal to go on with it: takes the lock, checks every line, cuts a torn
    /// last line off. Before that its bytes are handed to `keep`: a process that dies in
    /// between leaves them where they are, and the next one finds them.
    ///
    /// # Errors
    /// When another process writes it, when it cannot be locked or read, when a line is
    /// damaged, and when the torn line could not be kept.
    pub fn open(path: &Path, keep: impl FnOnce(&[u8]) -> Result<()>) -> Result<(Self, Opened)> {
        Self::reopen(JournalFile::open(path)?, path, keep)
    }

    /// The same on a medium of the caller's; `path` names it in messages.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn reopen(
        mut medium: impl Reopened + 'static,
        path: &Path,
        keep: impl FnOnce(&[u8]) -> Result<()>,
    ) -> Result<(Self, Opened)> {
        let gathered = medium.contents().and_then(|bytes| gather(BufReader::with_capacity(256 << 10, bytes)));
        let Reading { entries, torn, damage, length, chain } =
            gathered.map_err(|error| Error::io("could not read the journal", path, error))?;
        if let Some(damage) = damage.first() {
            return Err(damaged(damage, path));
        }
        if let Some(torn) = &torn {
            keep(torn)?;
            medium
                .cut(length)
                .map_err(|error| Error::io("could not cut the torn last line off", path, error))?;
        } else if !entries.is_empty() {
            // Whoever was killed may have written a line and not synced it: nothing may rely on
            // what a loss of power would still take away.
            medium.sync().map_err(|error| Error::io("could not make the journal durable", path, error))?;
        }
        Ok((Self::with(Box::new(medium), path.to_owned(), chain), Opened { entries, torn }))
    }

    /// A journal that is nowhere: entries are numbered, chained and forgotten.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::on(Nowhere)
    }

    /// A new journal on a medium of the caller's.
    pub fn on(medium: impl Medium + 'static) -> Self {
        Self::with(Box::new(medium), PathBuf::from("(not on disk)"), Chain::default())
    }

    fn with(medium: Box<dyn Medium>, path: PathBuf, chain: Chain) -> Self {
        Self { medium, path, chain, line: Vec::new(), poisoned: false, longest_line: MAX_LINE }
    }

    /// Appends an event and returns when it is durable. Times are cut to microseconds.
    ///
    /// # Errors
    /// When the event cannot be written as a line that reads back (nothing is written
    /// then), and when the medium fails; the journal takes no entry after that.
    pub fn append(&mut self, at: DateTime<Utc>, event: Event) -> Result<Entry> {
        if self.poisoned {
            return Err(self.refusal());
        }
        let prev = self.chain.prev();
        let entry = Entry { v: VERSION, seq: self.chain.next_seq(), at: at.trunc_subsecs(6), prev, event };
        let entry = self.spell(&entry)?;
        self.put()?;
        self.chain.advance(self.line.strip_suffix(b"\n").unwrap_or(&self.line));
        Ok(entry)
    }

    /// Writes the entry into `line` and reads it back, because an entry that cannot be read
    /// (a number that is not finite, values nested deeper than a reader goes) would make
    /// the whole record unreadable.
    fn spell(&mut self, entry: &Entry) -> Result<Entry> {
        self.line.clear();
        let unfit = |error: serde_json::Error| {
            Error::failure(format!("entry {} cannot be recorded: {error}", entry.seq)).hint(
                "what was recorded so far is safe; this is a fault of the program or of an action's output",
            )
        };
        serde_json::to_writer(&mut self.line, entry).map_err(unfit)?;
        if self.line.len() > self.longest_line {
            return Err(Error::failure(format!(
                "entry {} is longer than {} bytes",
                entry.seq, self.longest_line
            ))
            .hint("store what is large as an artifact; what was recorded so far is safe"));
        }
        let read = serde_json::from_slice(&self.line).map_err(unfit)?;
        self.line.push(b'\n');
        Ok(read)
    }

    fn put(&mut self) -> Result<()> {
        let done = self.medium.write(&self.line).and_then(|()| self.medium.sync());
        done.map_err(|error| {
            self.poisoned = true;
            Error::io("could not record in the journal", &self.path, error)
                .hint("the run stops before anything else is done; `playbook resume` reads what the disk really holds")
        })
    }

    fn refusal(&self) -> Error {
        Error::failure(format!(
            "the journal {} failed before and takes no further entry",
            self.path.display()
        ))
        .hint("mend the disk, then `playbook resume`: it reads what the disk really holds")
    }
}
