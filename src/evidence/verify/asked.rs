//! The time that was asked for when CloudTrail objects were collected, and until when their
//! digests had to be there by then.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::bagged::Files;
use crate::cloudtrail::digest::{ChainVerdict, OVERDUE, Window};
use crate::evidence::folder::Folder;
use crate::journal::Entry;
use crate::run::Event;

/// How a collecting step names its account of what is there.
const COVERAGE: &str = "-cloudtrail-coverage.json";
/// The same where a reader looks for it; of several collections, the last one's.
const LATEST: &str = "cloudtrail/coverage.json";
/// A longer account is not read, in bytes: it names a thousand objects of each fate at most.
const LONGEST: u64 = 16 << 20;

type Instant = DateTime<Utc>;

/// One collection, as its `coverage.json` tells it.
#[derive(Debug, Deserialize)]
struct Coverage {
    window: Told,
    #[serde(default)]
    trails: Vec<Trail>,
}

#[derive(Debug, Deserialize)]
struct Told {
    from: Instant,
    to: Instant,
}

#[derive(Debug, Deserialize)]
struct Trail {
    name: Option<String>,
    status: Option<Status>,
}

#[derive(Debug, Deserialize)]
struct Status {
    logging: Option<bool>,
    /// A time; records of earlier versions have an empty text where a trail was never stopped.
    stopped_at: Option<String>,
}

/// What all collections of a record together asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    from: Option<Instant>,
    to: Option<Instant>,
    /// The time before which every hour had to have its digest.
    due: Option<Instant>,
    pub notes: Vec<String>,
}

impl Asked {
    /// From the accounts that entries name; from the last one where none does.
    pub(super) fn of(folder: &Folder, files: &Files, entries: &[Entry]) -> Self {
        let mut asked = Self::default();
        for (path, at) in named(entries) {
            asked.take(folder, files, path, at);
        }
        if asked == Self::default()
            && let Some(last) = entries.last()
        {
            asked.take(folder, files, LATEST, last.at);
        }
        asked
    }

    fn take(&mut self, folder: &Folder, files: &Files, path: &str, at: Instant) {
        let size = files.get(&format!("bag/data/{path}")).map(|file| file.bytes);
        if size.is_none_or(|bytes| bytes > LONGEST) {
            return;
        }
        let told = fs::read(folder.data().join(path)).unwrap_or_default();
        let Ok(coverage) = serde_json::from_slice::<Coverage>(&told) else {
            let note = format!("{path} does not tell its window: digests missing at its ends are not told");
            return self.notes.push(note);
        };
        let Told { from, to } = coverage.window;
        self.from = Some(self.from.map_or(from, |known| known.min(from)));
        self.to = Some(self.to.map_or(to, |known| known.max(to)));
        let due = coverage
            .trails
            .iter()
            .filter_map(|trail| self.stopped(trail))
            .fold(to.min(at - OVERDUE), Ord::min);
        self.due = Some(self.due.map_or(due, |known| known.max(due)));
    }

    /// When a trail was stopped, by its own word: no digest is due after that.
    fn stopped(&mut self, trail: &Trail) -> Option<Instant> {
        let status = trail.status.as_ref().filter(|status| status.logging == Some(false))?;
        let at: Instant = status.stopped_at.as_deref()?.parse().ok()?;
        let name = trail.name.as_deref().unwrap_or("a trail");
        let note =
            format!("{name} had been stopped at {at} when it was collected: digests are due until then");
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        // The hour in which it was stopped has a digest of what was logged in it.
        at.checked_sub_signed(TimeDelta::hours(1))
    }

    pub(super) fn window(&self) -> Window {
        // A collection of the last two hours could have no digest yet.
        let until = self.due.filter(|due| self.from.is_none_or(|from| from < *due));
        Window { from: self.from.filter(|_| until.is_some()), until }
    }

    /// What is said of a chain that ends before the collection does, where that is no fault.
    pub(super) fn late(&self, chain: &ChainVerdict) -> Option<String> {
        let (to, due) = (self.to?, self.due?);
        let end = chain.span.until;
        (end >= due && end < to).then(|| {
            format!(
                "{}: its newest digest reaches to {end}, and {to} was asked for: later digests are late, not missing, since they were not due when it was collected; collect again to have them",
                chain.chain.told()
            )
        })
    }
}

fn named(entries: &[Entry]) -> impl Iterator<Item = (&str, Instant)> {
    entries.iter().flat_map(|entry| {
        let artifacts = match &entry.event {
            Event::Succeeded { evidence, .. } => evidence.artifacts.as_slice(),
            _ => &[],
        };
        let coverage = artifacts.iter().filter(|artifact| artifact.path.ends_with(COVERAGE));
        coverage.map(|artifact| (artifact.path.as_str(), entry.at))
    })
}
