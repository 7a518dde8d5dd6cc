//! The custody log as it lies on disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;

use super::{Addition, CUSTODY, Line, VERSION};
use crate::error::{Error, Result};
use crate::evidence::folder::Folder;
use crate::journal::write_durably;
use crate::text::Digest;

/// The longest log that is read: 256 MiB. A line names at most every file of a record.
const LIMIT: u64 = 256 << 20;

/// The lines of a log, as far as they are lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    text: String,
    /// Each line with where it begins in the text.
    lines: Vec<(usize, Line)>,
    /// What is wrong, with the number of the line.
    pub damage: Vec<String>,
}

impl Log {
    /// The log of a record; `None` where none was begun.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(folder: &Folder) -> io::Result<Option<Self>> {
        let path = folder.sig().join(CUSTODY);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(about) if about.len() > LIMIT => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => {}
        }
        Ok(Some(Self::parse(fs::read_to_string(&path)?)))
    }

    /// Reads lines in their one spelling; says what is wrong with each that is otherwise.
    #[must_use]
    pub fn parse(text: String) -> Self {
        let (mut lines, mut damage) = (Vec::new(), Vec::new());
        let (mut prev, mut begin) = (Digest::ZERO, 0);
        for (seq, whole) in (1_u64..).zip(text.split_inclusive('\n')) {
            match parse_line(whole) {
                Err(why) => damage.push(format!("line {seq}: {why}")),
                Ok(line) => {
                    if line.seq != seq {
                        damage.push(format!("line {seq}: its number is {}", line.seq));
                    }
                    if line.prev != prev {
                        damage.push(format!("line {seq}: it does not name the line before it"));
                    }
                    lines.push((begin, line));
                }
            }
            prev = Digest::of(whole.trim_end_matches('\n').as_bytes());
            begin += whole.len();
        }
        Self { text, lines, damage }
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().map(|(_, line)| line)
    }

    /// Each line with the bytes before it.
    pub fn with_what_came_before(&self) -> impl Iterator<Item = (&[u8], &Line)> {
        self.lines.iter().map(|(begin, line)| (self.text.as_bytes().get(..*begin).unwrap_or_default(), line))
    }

    /// All bytes so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn with(&self, addition: Addition) -> String {
        let last = self.text.lines().last();
        let Addition { at, who, files, what } = addition;
        let line = Line {
            v: VERSION,
            seq: self.lines.len() as u64 + 1,
            at,
            prev: last.map_or(Digest::ZERO, |last| Digest::of(last.as_bytes())),
            who,
            files,
            what,
        };
        format!("{}{}\n", self.text, spelled(&line))
    }
}

/// Adds a line; it is durable when this returns.
///
/// # Errors
/// When the log is damaged, or the disk does not take the line.
pub fn append(folder: &Folder, addition: Addition) -> Result<()> {
    let sig = folder.sig();
    let path = sig.join(CUSTODY);
    fs::create_dir_all(&sig).map_err(|error| Error::io("could not make", &sig, error))?;
    // Two who take over at once would otherwise write over each other's line.
    let lock = File::open(&sig).map_err(|error| Error::io("could not open", &sig, error))?;
    let _ = lock.lock();
    let log =
        Log::read(folder).map_err(|error| Error::io("could not read", &path, error))?.unwrap_or_default();
    if let Some(damage) = log.damage.first() {
        return Err(Error::failure(format!("{} is damaged: {damage}", path.display()))
            .hint("`playbook verify` tells everything that is wrong with the record"));
    }
    write_durably(&path, log.with(addition).as_bytes())
}

/// The digests of files of the record, by their paths below it.
///
/// # Errors
/// When one of them cannot be read.
pub fn digests(folder: &Folder, paths: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, Digest>> {
    let digest = |path: String| {
        let at = folder.root().join(&path);
        let bytes = fs::read(&at).map_err(|error| Error::io("could not read", &at, error))?;
        Ok((path, Digest::of(&bytes)))
    };
    paths.into_iter().map(digest).collect()
}

fn parse_line(whole: &str) -> Result<Line, &'static str> {
    let text = whole.strip_suffix('\n').ok_or("it has no end")?;
    let (body, _) = text.rsplit_once(",\"digest\":\"").ok_or("it is no line of a custody log")?;
    let line: Line =
        serde_json::from_str(&format!("{body}}}")).map_err(|_| "it is no line of a custody log")?;
    if line.v != VERSION {
        return Err("it has a version that is not known here");
    }
    // One line has one spelling, so that every changed byte is seen.
    if spelled(&line) == text { Ok(line) } else { Err("it is not spelled as it was written, or was changed") }
}

fn spelled(line: &Line) -> String {
    let json = serde_json::to_string(line).unwrap_or_default();
    let body = json.strip_suffix('}').unwrap_or_default();
    format!("{body},\"digest\":\"{}\"}}", Digest::of(body.as_bytes()))
}
