//! The digests of one account, Region and trail in their order, and what is between them.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::file::{DigestFile, Previous};
use super::judge::Case;
use super::name::{ChainId, DigestName};
use super::place::Place;
use super::reading::Reading;
use super::verdict::{ChainVerdict, Code, Span, told};

/// How long a digest covers.
pub(super) const HOUR: TimeDelta = TimeDelta::hours(1);

pub(super) struct Chain<'a> {
    pub id: ChainId,
    pub links: Vec<Link<'a>>,
}

/// A digest in its place. One that is broken, or not what lay there, has no contents, and its
/// time is that of its name.
pub(super) struct Link<'a> {
    pub index: usize,
    pub place: &'a Place,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub file: Option<&'a DigestFile>,
}

/// All chains, by their names, each in order of time.
pub(super) fn all(readings: &[Reading]) -> Vec<Chain<'_>> {
    let named = readings.iter().filter_map(Reading::at_home).filter_map(|file| file.previous.as_ref());
    let named: HashSet<&Place> = named.map(|previous| &previous.place).collect();
    let mut chains: BTreeMap<ChainId, Vec<Link<'_>>> = BTreeMap::new();
    for (index, reading) in readings.iter().enumerate() {
        // A copy under another name is no part of a chain, unless it took another's place.
        let part = reading.content.is_err() || reading.at_home().is_some() || named.contains(&reading.place);
        if let Some((id, link)) = link(index, reading).filter(|_| part) {
            chains.entry(id).or_default().push(link);
        }
    }
    let sorted = chains.into_iter().map(|(id, mut links)| {
        links.sort_by_key(|link| (link.end, link.start, link.index));
        Chain { id, links }
    });
    sorted.collect()
}

fn link(index: usize, reading: &Reading) -> Option<(ChainId, Link<'_>)> {
    let place = &reading.place;
    match (DigestName::parse(&place.key), reading.at_home()) {
        (Some(name), Some(file)) => {
            Some((name.chain, Link { index, place, start: file.start, end: file.end, file: Some(file) }))
        }
        (Some(name), None) => {
            let start = name.end.checked_sub_signed(HOUR)?;
            Some((name.chain, Link { index, place, start, end: name.end, file: None }))
        }
        (None, Some(file)) => {
            Some((nameless(file), Link { index, place, start: file.start, end: file.end, file: Some(file) }))
        }
        (None, None) => None,
    }
}

/// For a digest that says itself that it has this name, which is none that we know.
fn nameless(file: &DigestFile) -> ChainId {
    ChainId {
        organization: None,
        account: file.account.clone(),
        region: "?".to_owned(),
        trail: "?".to_owned(),
        home_region: "?".to_owned(),
        backfill: false,
    }
}

impl Link<'_> {
    fn previous(&self) -> Option<&Previous> {
        self.file?.previous.as_ref()
    }

    /// CloudTrail itself says that nothing came before.
    pub fn begins(&self, proven: &[bool]) -> bool {
        let proven = proven.get(self.index).copied().unwrap_or_default();
        proven && self.file.is_some_and(|file| file.previous.is_none())
    }
}

impl Chain<'_> {
    /// Looks between each digest and the next.
    pub fn check(&self, case: &mut Case<'_>) {
        for pair in self.links.windows(2) {
            if let [before, after] = pair {
                self.between(before, after, case);
            }
        }
        for span in self.stopped(&case.proven) {
            case.note(format!(
                "{}: logging or its validation was stopped {}: CloudTrail itself began a new chain then. Compare the beginning with the StopLogging event: digests deleted just before it would not be missed",
                self.id.told(),
                span.told()
            ));
        }
    }

    fn between(&self, before: &Link<'_>, after: &Link<'_>, case: &mut Case<'_>) {
        let hole = Span { from: before.end, until: after.start };
        match after.previous() {
            Some(previous) if previous.place == *before.place => self.time(before, after, case),
            Some(previous) if case.at(&previous.place).is_some() => {
                let message = format!(
                    "it names {} as the digest before it, and {} lies between them",
                    previous.place, before.place
                );
                case.digest(after.index, Code::DigestOrder, message);
            }
            Some(previous) => case.missing(&previous.place, hole, gone(after, hole)),
            None if after.begins(&case.proven) => {}
            None => self.time(before, after, case),
        }
    }

    /// Each digest begins where the one before it ended. Backfill digests come as they may.
    fn time(&self, before: &Link<'_>, after: &Link<'_>, case: &mut Case<'_>) {
        if self.id.backfill {
            return;
        }
        let hole = Span { from: before.end, until: after.start };
        if hole.from < hole.until {
            self.no_digests(hole, "digests were deleted, or not collected", case);
        } else if hole.from > hole.until && after.file.is_some() && before.file.is_some() {
            let message = format!("it begins before {} ends", before.place);
            case.digest(after.index, Code::DigestOrder, message);
        }
    }

    /// Hours for which there should be digests, and no digest names one.
    pub fn no_digests(&self, span: Span, why: &str, case: &mut Case<'_>) {
        let message = format!("{}: no digest {}: {why}", self.id.told(), span.told());
        case.fault(Code::HoursMissing, None, Some(span), message);
    }

    /// The digest that the first one names, and that is not there.
    pub fn before_the_first(&self) -> Option<(&Link<'_>, Option<&Previous>)> {
        self.links.first().map(|first| (first, first.previous()))
    }

    fn stopped(&self, proven: &[bool]) -> Vec<Span> {
        let pairs = self.links.windows(2).filter_map(|pair| match pair {
            [before, after] if after.begins(proven) && before.end < after.start && !self.id.backfill => {
                Some(Span { from: before.end, until: after.start })
            }
            _ => None,
        });
        pairs.collect()
    }

    pub fn verdict(&self, proven: &[bool]) -> Option<ChainVerdict> {
        let (first, last) = (self.links.first()?, self.links.last()?);
        Some(ChainVerdict {
            chain: self.id.clone(),
            span: Span { from: first.start, until: last.end },
            digests: self.links.len(),
            stopped: self.stopped(proven),
        })
    }
}

/// The digest before this one is not there; how many are gone is for the clock to tell.
pub(super) fn gone(after: &Link<'_>, hole: Span) -> String {
    let named = format!("{} names it as the digest before it, and it is not there", after.place);
    if hole.from >= hole.until {
        return format!("{named}: deleted, or not collected");
    }
    let others = match hole.hours() {
        1 => String::new(),
        hours => format!(", nor are {} more before it", hours - 1),
    };
    format!("{named}{others}: deleted, or not collected; missing {}", told_span(hole))
}

fn told_span(span: Span) -> String {
    format!("{} to {}", told(span.from), told(span.until))
}
