//! What `cloudtrail.*` steps of the document found about the key, as a file of the collection:
//! of each principal the last event that is a use, as CloudTrail wrote it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{BufRead as _, BufReader, Read as _};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::collection::Collection;
use crate::access::review::{Key, Review};
use crate::access::usage::shown;
use crate::access::usage::trail::{ANYBODY, Event, Found, Question, Told, account};
use crate::actions::aws::arn::Arn;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::run::Fault;

/// The input with the outputs of the steps.
const INPUT: &str = "trail";
/// LookupEvents reaches back this far.
const REACH: TimeDelta = TimeDelta::days(90);
/// An event is 256 KB long at most (Quotas in AWS CloudTrail); a longer line is none.
const LONGEST: u64 = 1 << 20;

/// Reads what the steps found. What is not there is missing.
///
/// # Errors
/// When an input is not what such a step gives, or the record cannot be read.
pub(super) fn collect(
    order: &Order<'_>,
    key: &Key,
    action: &str,
    review: &Review,
    collection: &mut Collection,
) -> Result<(), Stop> {
    let question = Question { key: &key.arn, account: &key.account, action };
    let names = names(review, &key.account);
    for (at, step) in steps(order).into_iter().enumerate() {
        let name = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        let name = format!("last-used/lookup-events{name}.json");
        let search = Search::read(order, step)?;
        let Some(haul) = search.haul(order, &question, &names)? else {
            collection.unread.push(format!("{name}: {} is not in this record", search.path));
            continue;
        };
        let limits = search.limits(&question, haul.unreadable);
        collection
            .unread
            .extend(limits.iter().map(|why| format!("{name}: {why}; that it tells of no use says nothing")));
        let found = search.found(haul, limits.is_empty());
        collection.files.insert(name, serde_json::to_string(&found).unwrap_or_default());
    }
    Ok(())
}

/// The outputs of every step that searched. One that did not is nothing, or an empty name.
fn steps<'a>(order: &Order<'a>) -> Vec<&'a Value> {
    let is_searched = |step: &&Value| !step.is_null() && step.get("lookup") != Some(&Value::from(""));
    match order.inputs().get(INPUT) {
        None => Vec::new(),
        Some(Value::Array(steps)) => steps.iter().filter(is_searched).collect(),
        Some(step) => Some(step).filter(is_searched).into_iter().collect(),
    }
}

/// What is missing where no step searched.
pub(super) fn unsearched(order: &Order<'_>, action: &str) -> Option<String> {
    let none = steps(order).is_empty();
    none.then(|| format!("last-used/lookup-events.json: CloudTrail was not searched for uses ({action})"))
}

/// By which names those of the population may be known to CloudTrail.
fn names(review: &Review, own: &str) -> HashSet<String> {
    let people = review.findings.iter().map(|finding| &finding.person);
    let foreign = people.clone().filter_map(|person| person.caller.account.as_deref());
    let foreign = foreign.filter(|number| *number != own).map(account);
    people.map(|person| person.name.clone()).chain(foreign).chain([ANYBODY.to_owned()]).collect()
}

/// What a step says of its search.
struct Search<'a> {
    path: &'a str,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    gaps: usize,
    region: Option<&'a str>,
    resources: Option<&'a Vec<Value>>,
}

impl<'a> Search<'a> {
    /// The outputs of `cloudtrail.lookup_events`, or of `cloudtrail.preserve`.
    fn read(order: &Order<'_>, step: &'a Value) -> Result<Self, Fault> {
        let text = |name: &str| step.get(name).and_then(Value::as_str);
        let path = text("lookup").or_else(|| text("events")).filter(|path| is_artifact(path));
        let path = path.ok_or_else(|| {
            order.inputs().fault(INPUT, "names no artifact with events").hint(
                "give the outputs of a `cloudtrail.lookup_events` or `cloudtrail.preserve` step: `{{ steps.NAME }}`",
            )
        })?;
        let time = |name: &str| {
            text(name).and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map(|at| at.to_utc())
        };
        let list = |name: &str| step.get(name).and_then(Value::as_array);
        Ok(Self {
            path,
            from: time("from"),
            to: time("to"),
            gaps: list("gaps").map_or(0, Vec::len),
            region: text("region"),
            resources: list("resources").or_else(|| list("forms")),
        })
    }

    /// Why its events may not be all.
    fn limits(&self, question: &Question<'_>, unreadable: usize) -> Vec<String> {
        let region = Arn::parse(question.key).map_or("", |arn| arn.region);
        let is_named = |names: &Vec<Value>| names.iter().any(|name| name.as_str() == Some(question.key));
        let elsewhere = self.region.filter(|searched| *searched != region);
        let limits = [
            (self.from.is_none() || self.to.is_none()).then(|| "its window is not told".to_owned()),
            (self.gaps > 0).then(|| format!("the search has {} gaps", self.gaps)),
            elsewhere.map(|searched| format!("{searched} was searched, and the key is in {region}")),
            self.resources
                .filter(|names| !is_named(names))
                .map(|_| "the ARN of the key was not searched for".to_owned()),
            (unreadable > 0).then(|| format!("{unreadable} events cannot be read")),
        ];
        limits.into_iter().flatten().collect()
    }

    /// The last use by each of the names; nothing where the artifact is not here.
    fn haul(
        &self,
        order: &Order<'_>,
        question: &Question<'_>,
        names: &HashSet<String>,
    ) -> Result<Option<Haul>, Stop> {
        let Some(file) = order.paper.store_of_raw().held(self.path)? else { return Ok(None) };
        let mut lines = BufReader::new(file);
        let mut haul = Haul::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut lines).take(LONGEST).read_until(b'\n', &mut line);
            let read = read.map_err(|error| {
                crate::error::Error::failure(format!("could not read {}", self.path)).caused_by(error)
            })?;
            if read == 0 {
                return Ok(Some(haul));
            }
            haul.take(&line, question, names);
        }
    }

    fn found(&self, haul: Haul, whole: bool) -> Found {
        let from = self.from.zip(self.to).map(|(from, to)| from.max(to - REACH)).filter(|_| whole);
        let texts: BTreeSet<_> = haul.last.into_values().collect();
        let told = |(_, text): (DateTime<Utc>, String)| Told { cloud_trail_event: Some(text) };
        Found {
            start_time: from.map(|from| shown(from).into()),
            end_time: self.to.map(|to| shown(to).into()),
            events: texts.into_iter().map(told).collect(),
            next_token: None,
        }
    }
}

/// A file of the shelf of artifacts, and nothing beside it.
fn is_artifact(path: &str) -> bool {
    let name = path.strip_prefix("artifacts/");
    name.is_some_and(|name| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']))
}

/// The last event of each name, with its text.
#[derive(Default)]
struct Haul {
    last: BTreeMap<String, (DateTime<Utc>, String)>,
    unreadable: usize,
}

impl Haul {
    fn take(&mut self, line: &[u8], question: &Question<'_>, names: &HashSet<String>) {
        let Ok(text) = std::str::from_utf8(line).map(str::trim) else {
            self.unreadable += 1;
            return;
        };
        if text.is_empty() {
            return;
        }
        match question.of(text) {
            Event::Other => {}
            Event::Unreadable => self.unreadable += 1,
            Event::Use(sighting) => {
                let known = |name: &String| names.contains(name) || name.ends_with(".amazonaws.com");
                for name in sighting.callers.iter().filter(|name| known(name)) {
                    if self.last.get(name).is_none_or(|(at, _)| *at < sighting.at) {
                        self.last.insert(name.clone(), (sighting.at, text.to_owned()));
                    }
                }
            }
        }
    }
}
