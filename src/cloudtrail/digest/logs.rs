//! Log files against the digests that list them.

use chrono::{DateTime, Utc};

use super::file::Listed;
use super::judge::{Case, Delivered};
use super::name::LogName;
use super::place::Place;
use super::reading::{Broken, LogReading, Reading};
use super::verdict::{Code, LogState, LogVerdict, Window};
use crate::text::Digest;

/// A log file that no digest at hand lists.
pub(super) struct Unlisted<'a> {
    pub place: &'a Place,
    pub name: Option<LogName>,
    /// When it was delivered; by its name, where nothing better is known.
    pub at: Option<DateTime<Utc>>,
}

/// A line of a digest.
struct Listing<'a> {
    listed: &'a Listed,
    digest: usize,
}

/// Gives a verdict on every log file that a digest lists, there or not; the others are for
/// the ends of the chains to tell.
pub(super) fn check<'a>(
    case: &mut Case<'_>,
    logs: &'a [LogReading],
    window: Window,
    delivered: Delivered<'_>,
) -> Vec<Unlisted<'a>> {
    let listings = listings(case.readings);
    let mut unlisted = Vec::new();
    for log in logs {
        match lines(&listings, &log.place) {
            [] => unlisted.push(Unlisted::new(&log.place, delivered)),
            lines => there(case, log, lines),
        }
    }
    for lines in listings.chunk_by(|a, b| a.listed.place == b.listed.place) {
        absent(case, logs, lines, window);
    }
    unlisted
}

/// What all digests list that lie where they belong, by the places of the log files.
fn listings(readings: &[Reading]) -> Vec<Listing<'_>> {
    let mut listings = Vec::new();
    for (digest, reading) in readings.iter().enumerate() {
        let logs = reading.at_home().map(|file| file.logs.as_slice()).unwrap_or_default();
        listings.extend(logs.iter().map(|listed| Listing { listed, digest }));
    }
    listings.sort_unstable_by(|a, b| (&a.listed.place, a.digest).cmp(&(&b.listed.place, b.digest)));
    listings
}

fn lines<'a, 'b>(listings: &'b [Listing<'a>], place: &Place) -> &'b [Listing<'a>] {
    let from = listings.partition_point(|line| line.listed.place < *place);
    let rest = listings.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|line| line.listed.place == *place).count();
    rest.get(..count).unwrap_or_default()
}

fn there(case: &mut Case<'_>, log: &LogReading, lines: &[Listing<'_>]) {
    let (state, fault) = match &log.sha256 {
        Err(Broken::TrailingData) => (
            LogState::TrailingData,
            Some((Code::LogTrailingData, "there is data after the end of the gzip stream".to_owned())),
        ),
        Err(broken) => (LogState::Damaged, Some((Code::LogDamaged, broken.to_string()))),
        Ok(sha256) => match lines.iter().find(|line| line.listed.sha256 != *sha256) {
            Some(line) => (LogState::Changed, Some((Code::LogChanged, changed(case, *sha256, line)))),
            None if lines.iter().any(|line| case.proven(line.digest)) => (LogState::Valid, None),
            None => (LogState::Unproven, None),
        },
    };
    if let Some((code, message)) = fault {
        case.fault(code, Some(log.place.clone()), None, message);
    }
    case.verdict.logs.push(LogVerdict { place: log.place.clone(), state });
}

fn changed(case: &Case<'_>, sha256: Digest, line: &Listing<'_>) -> String {
    let digest = case.readings.get(line.digest).map(|reading| reading.place.to_string()).unwrap_or_default();
    format!("its SHA-256 is {sha256}, and {digest} lists {}", line.listed.sha256)
}

fn absent(case: &mut Case<'_>, logs: &[LogReading], lines: &[Listing<'_>], window: Window) {
    let Some(Listing { listed, digest }) = lines.first() else { return };
    if logs.binary_search_by(|log| log.place.cmp(&listed.place)).is_ok() {
        return;
    }
    let asked = window.touches(listed.oldest, listed.newest);
    if asked {
        let by = case.readings.get(*digest).map(|reading| reading.place.to_string()).unwrap_or_default();
        let message = format!("{by} lists it, and it is not there: deleted, or not collected");
        case.fault(Code::LogMissing, Some(listed.place.clone()), None, message);
    }
    let state = if asked { LogState::Missing } else { LogState::NotAsked };
    case.verdict.logs.push(LogVerdict { place: listed.place.clone(), state });
}

impl<'a> Unlisted<'a> {
    fn new(place: &'a Place, delivered: Delivered<'_>) -> Self {
        let name = LogName::parse(&place.key);
        let at = delivered(place).or(name.as_ref().and_then(|name| name.at));
        Self { place, name, at }
    }
}
