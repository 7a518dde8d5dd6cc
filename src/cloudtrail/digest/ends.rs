//! Before the first digest and after the last one: what must have been there, and which log
//! files lie where no digest reaches.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::chain::{Chain, gone};
use super::judge::Case;
use super::logs::Unlisted;
use super::name::{ChainId, LogName};
use super::verdict::{Code, LogState, LogVerdict, Span, Window, told};

/// A digest is delivered after its hour; once as much time again has gone by, it is missing.
pub const OVERDUE: TimeDelta = TimeDelta::hours(2);

type Instant = DateTime<Utc>;

/// Account and Region: the log files that a chain there is about.
type Area<'a> = (Option<&'a str>, &'a str, &'a str);

/// From when to when digests are known to have been due, by what there is beside them.
#[derive(Clone, Copy, Default)]
struct Due {
    from: Option<Instant>,
    until: Option<Instant>,
}

impl Due {
    fn seen(&mut self, from: Instant, until: Instant) {
        self.from = Some(self.from.map_or(from, |known| known.min(from)));
        self.until = Some(self.until.map_or(until, |known| known.max(until)));
    }
}

pub(super) fn check(case: &mut Case<'_>, chains: &[Chain<'_>], unlisted: &[Unlisted<'_>], window: Window) {
    if chains.is_empty() && !unlisted.is_empty() {
        let message = format!("{} log files, and no digest that could prove one of them", unlisted.len());
        case.fault(Code::NoDigests, None, None, message);
        for log in unlisted {
            state(case, log, LogState::Unlisted);
        }
        return;
    }
    let regular: Vec<&Chain<'_>> = chains.iter().filter(|chain| !chain.id.backfill).collect();
    let reach = reach(&regular);
    let mut strays: BTreeMap<Area<'_>, Due> = BTreeMap::new();
    for (area, at) in unlisted.iter().filter_map(|log| stray(log, &reach)) {
        strays.entry(area).or_default().seen(at, at);
    }
    let siblings = siblings(&regular);
    for chain in &regular {
        let area = area(&chain.id);
        let due = due(&siblings, chain, strays.get(&area), reach.get(&area));
        first(case, chain, due.from, window);
        last(case, chain, due.until, window);
    }
    let uncovered = unlisted.iter().filter(|log| verdict(case, log, &reach) == LogState::Uncovered).count();
    if uncovered > 0 {
        case.note(format!(
            "{uncovered} log files lie where no digest at hand reaches, such as after the newest one: nothing proves them yet"
        ));
    }
}

fn area(id: &ChainId) -> Area<'_> {
    (id.organization.as_deref(), &id.account, &id.region)
}

fn area_of(name: &LogName) -> Area<'_> {
    (name.organization.as_deref(), &name.account, &name.region)
}

/// From the first to the last digest of each area.
fn reach<'a>(chains: &[&'a Chain<'_>]) -> HashMap<Area<'a>, Span> {
    let mut reach: HashMap<Area<'a>, Span> = HashMap::new();
    for chain in chains {
        let (Some(first), Some(last)) = (chain.links.first(), chain.links.last()) else { continue };
        let span = reach.entry(area(&chain.id)).or_insert(Span { from: first.start, until: last.end });
        span.from = span.from.min(first.start);
        span.until = span.until.max(last.end);
    }
    reach
}

/// An unlisted log file outside of what the digests of its area reach.
fn stray<'b>(log: &'b Unlisted<'_>, reach: &HashMap<Area<'_>, Span>) -> Option<(Area<'b>, Instant)> {
    let name = log.name.as_ref()?;
    let (span, at) = (reach.get(&area_of(name))?, log.at?);
    let outside = at < span.from || at >= span.until;
    (outside && name.folder == LOGS).then_some((area_of(name), at))
}

/// What digests are about. Insights and network activity have folders of their own.
const LOGS: &str = "CloudTrail";

type Trail<'a> = (Option<&'a str>, &'a str, &'a str, &'a str);

fn trail(id: &ChainId) -> Trail<'_> {
    (id.organization.as_deref(), &id.account, &id.trail, &id.home_region)
}

/// The same trail in all its Regions: each of them has a digest every hour.
fn siblings<'a>(chains: &[&'a Chain<'_>]) -> HashMap<Trail<'a>, Due> {
    let mut siblings: HashMap<Trail<'a>, Due> = HashMap::new();
    for chain in chains {
        if let (Some(first), Some(last)) = (chain.links.first(), chain.links.last()) {
            siblings.entry(trail(&chain.id)).or_default().seen(first.start, last.end);
        }
    }
    siblings
}

/// Log files outside count for the chains that reach farthest: they may be another trail's.
fn due(
    siblings: &HashMap<Trail<'_>, Due>,
    chain: &Chain<'_>,
    strays: Option<&Due>,
    reach: Option<&Span>,
) -> Due {
    let mut due = siblings.get(&trail(&chain.id)).copied().unwrap_or_default();
    let late = |at: Option<Instant>| at.and_then(|at| at.checked_sub_signed(OVERDUE));
    let (first, last) = (chain.links.first().map(|link| link.start), chain.links.last().map(|link| link.end));
    due.from = due.from.filter(|from| late(first).is_some_and(|late| *from <= late));
    due.until = due.until.filter(|until| last.is_some_and(|last| last <= *until - OVERDUE));
    let (Some(strays), Some(reach)) = (strays, reach) else { return due };
    if first == Some(reach.from) {
        let before = strays.from.filter(|from| *from < reach.from);
        due.from = due.from.into_iter().chain(before).min();
    }
    if last == Some(reach.until) {
        let after = strays.until.filter(|until| *until >= reach.until + OVERDUE);
        due.until = due.until.into_iter().chain(after).max();
    }
    due
}

fn first(case: &mut Case<'_>, chain: &Chain<'_>, due: Option<Instant>, window: Window) {
    let Some((first, previous)) = chain.before_the_first() else { return };
    let from = due.into_iter().chain(window.from).min().filter(|from| *from < first.start);
    match (from, previous) {
        (None, _) => {}
        (Some(from), _) if first.begins(&case.proven) => {
            let message = format!(
                "{}: the chain began at {}; nothing proves log files from {} until then",
                chain.id.told(),
                told(first.start),
                told(from)
            );
            case.note(message);
        }
        (Some(from), Some(previous)) if case.at(&previous.place).is_none() => {
            let hole = Span { from, until: first.start };
            case.missing(&previous.place, hole, gone(first, hole));
        }
        (Some(from), _) => {
            let hole = Span { from, until: first.start };
            chain.no_digests(hole, "digests were deleted, or not collected", case);
        }
    }
}

fn last(case: &mut Case<'_>, chain: &Chain<'_>, due: Option<Instant>, window: Window) {
    let Some(last) = chain.links.last() else { return };
    if let Some(until) = due.into_iter().chain(window.until).max().filter(|until| *until > last.end) {
        let hole = Span { from: last.end, until };
        let why =
            "the newest digests were deleted, not delivered yet or not collected, or logging was stopped";
        chain.no_digests(hole, why, case);
    }
}

/// What an unlisted log file is worth, now that the ends are known.
fn verdict(case: &mut Case<'_>, log: &Unlisted<'_>, reach: &HashMap<Area<'_>, Span>) -> LogState {
    let foreign = log.name.as_ref().is_some_and(|name| name.folder != LOGS);
    let span = log.name.as_ref().and_then(|name| reach.get(&area_of(name)));
    let outside = span
        .zip(log.at)
        .is_some_and(|(span, at)| at < span.from || (at >= span.until && at < span.until + OVERDUE));
    if foreign || outside {
        return state(case, log, LogState::Uncovered);
    }
    let message = match span {
        None => "no digest here is of its account and Region: nothing proves it",
        Some(span) if log.at.is_some_and(|at| at >= span.until) => {
            "no digest lists it, and those of its hour are missing: nothing proves it"
        }
        Some(_) => "no digest lists it: CloudTrail did not deliver it, or logging was not validated then",
    };
    case.fault(Code::LogUnlisted, Some(log.place.clone()), None, message);
    state(case, log, LogState::Unlisted)
}

fn state(case: &mut Case<'_>, log: &Unlisted<'_>, state: LogState) -> LogState {
    case.verdict.logs.push(LogVerdict { place: log.place.clone(), state });
    state
}
