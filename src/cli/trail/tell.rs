//! Telling what was found: each event once, in order, and which files told of it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::files::Log;
use super::haul::{Haul, Texts};
use super::place::Place;
use crate::cloudtrail::scan::{Mark, Origin, event_id};
use crate::console::out::Lines;
use crate::error::{Error, Result};

/// Different events under one id and time that are compared; more are all told.
const MOST_VERSIONS: usize = 4;

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub events: u64,
    /// Events of which more than one source told the same.
    pub repeated: u64,
    /// Ids under which sources tell different things: each is told.
    pub contested: u64,
}

/// One event, and how many places tell of it.
struct Version {
    text: Vec<u8>,
    count: u64,
    /// The places themselves, where their sources are wanted.
    places: Vec<Place>,
}

/// What lies under one time and id: one event, unless sources contradict.
#[derive(Default)]
struct Alike {
    mark: Option<Mark>,
    versions: Vec<Version>,
    /// Versions that there were, also beyond those that are held.
    count: u64,
}

/// Writes all events, and beside them, where wanted, their sources.
///
/// # Errors
/// When stdout, the file of sources or the temporary file fails.
pub(super) fn tell(haul: Haul, logs: &[Log], sources: Option<&Path>) -> Result<Told> {
    let (mut places, texts) = haul.in_order()?;
    let sources = sources.map(Sources::create).transpose()?;
    let mut teller = Teller { texts, lines: Some(Lines::begin()), sources, logs, told: Told::default() };
    let mut alike = Alike::default();
    while let Some(place) = places.next()?
        && teller.is_heard()
    {
        if alike.mark != Some(place.mark) {
            teller.tell(std::mem::take(&mut alike))?;
            alike.mark = Some(place.mark);
        }
        teller.compare(&mut alike, place)?;
    }
    teller.tell(alike)?;
    teller.end()
}

struct Teller<'a> {
    texts: Texts,
    /// Absent once the reader has read enough.
    lines: Option<Lines>,
    sources: Option<Sources>,
    logs: &'a [Log],
    told: Told,
}

impl Teller<'_> {
    const fn is_heard(&self) -> bool {
        self.lines.is_some() || self.sources.is_some()
    }

    /// Adds a place to the version that it tells. What is beyond the bound is told at once.
    fn compare(&mut self, alike: &mut Alike, place: Place) -> Result<()> {
        let mut text = Vec::new();
        self.texts.read(&place, &mut text)?;
        let wanted = self.sources.is_some();
        if let Some(known) = alike.versions.iter_mut().find(|known| is_same(&known.text, &text)) {
            known.count += 1;
            known.places.extend(wanted.then_some(place));
            return Ok(());
        }
        alike.count += 1;
        let version = Version { text, count: 1, places: wanted.then_some(place).into_iter().collect() };
        if alike.versions.len() < MOST_VERSIONS {
            alike.versions.push(version);
            return Ok(());
        }
        self.put(&version)
    }

    fn tell(&mut self, alike: Alike) -> Result<()> {
        self.told.contested += u64::from(alike.count > 1);
        alike.versions.iter().try_for_each(|version| self.put(version))
    }

    fn put(&mut self, version: &Version) -> Result<()> {
        self.told.events += 1;
        self.told.repeated += u64::from(version.count > 1);
        if let Some(lines) = &mut self.lines
            && lines.write(&version.text)? == ControlFlow::Break(())
        {
            self.lines = None;
        }
        match &mut self.sources {
            Some(sources) => sources.put(version, self.logs),
            None => Ok(()),
        }
    }

    fn end(self) -> Result<Told> {
        if let Some(lines) = self.lines {
            lines.end()?;
        }
        if let Some(sources) = self.sources {
            sources.end()?;
        }
        Ok(self.told)
    }
}

/// The same bytes, or the same JSON: LookupEvents and log files need not agree on the order
/// of members.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
    one == other || read(one).zip(read(other)).is_some_and(|(one, other)| one == other)
}

/// The file that `--sources` names: for each event that was told one line, in their order.
struct Sources {
    path: PathBuf,
    to: BufWriter<File>,
}

impl Sources {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| Error::io("could not write", path, error))?;
        Ok(Self { path: path.to_owned(), to: BufWriter::new(file) })
    }

    fn put(&mut self, version: &Version, logs: &[Log]) -> Result<()> {
        let source = |place: &Place| {
            let log = usize::try_from(place.file).ok().and_then(|number| logs.get(number));
            json!({
                "path": log.map(|log| log.path.display().to_string()),
                "as": match place.origin {
                    Origin::LogFile => "log file",
                    Origin::LookupEvents => "LookupEvents",
                    Origin::Lines => "lines",
                },
            })
        };
        let sources: Vec<_> = version.places.iter().map(source).collect();
        let line = json!({ "eventID": event_id(&version.text), "sources": sources });
        writeln!(self.to, "{line}").map_err(|error| self.failed(error))
    }

    fn end(mut self) -> Result<()> {
        self.to.flush().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io("could not write", &self.path, error)
    }
}
