//! `LookupEvents`: management events of the last 90 days, one attribute a query, all pages.
//! It answers within seconds and is not signed: evidence for the first minutes.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey as Key};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::patience::{is_throttled, patiently};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::{instant, show};
use crate::cloudtrail::event::Event;
use crate::cloudtrail::users::{User, Users};
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

/// A page holds this many at most (CloudTrail API reference, `LookupEvents`).
const PAGE: i32 = 50;
/// LookupEvents reaches back this far.
pub(super) const REACH: TimeDelta = TimeDelta::days(90);
/// Events are held in memory until they can be put in order: 256 MiB of them at most,
/// which is well over a hundred thousand.
const MOST: usize = 256 << 20;
/// How long to wait when CloudTrail asks to slow down beyond what the SDK's tries could mend.
const BACKOFF: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(16)];

pub(in crate::actions::aws) struct LookupEvents;

impl Act for LookupEvents {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let inputs = order.inputs();
            let to = order.paper.now();
            let lookback = TimeDelta::from_std(inputs.duration("lookback")?).unwrap_or(REACH);
            let from = to - lookback.min(REACH);
            let cloudtrail = order.cloudtrail(inputs.optional_text("region")?).await?;
            order.expect_many_calls();
            let mut haul = Haul::default();
            for (key, value) in queries(order)? {
                if let Err(stop) = collect(order, &cloudtrail, (key, value), (from, to), &mut haul).await {
                    // What was found until then is evidence all the same.
                    order.keep("cloudtrail-events-partial.jsonl", &haul.lines())?;
                    return Err(stop);
                }
            }
            let lines = haul.lines();
            let artifact = order.keep("cloudtrail-events.jsonl", &lines)?;
            Ok(json!({
                "count": haul.events.len(),
                "events": artifact.path,
                "from": show(from),
                "to": show(to),
                "region": cloudtrail.config().region().map_or("", |region| region.as_ref()),
                "resources": inputs.texts("resources")?,
                "users": haul.users(),
            }))
        })
    }
}

/// One query for each name: LookupEvents takes one attribute at a time.
fn queries<'a>(order: &Order<'a>) -> Result<Vec<(Key, &'a str)>, Fault> {
    let inputs = order.inputs();
    let mut queries = Vec::new();
    for (input, key) in
        [("resources", Key::ResourceName), ("users", Key::Username), ("access_keys", Key::AccessKeyId)]
    {
        let mut seen = HashSet::new();
        let values =
            inputs.texts(input)?.into_iter().filter(|value| !value.is_empty() && seen.insert(*value));
        queries.extend(values.map(|value| (key.clone(), value)));
    }
    if queries.is_empty() {
        return Err(
            inputs.fault("resources", "there is nothing to look for: no resource, user or access key")
        );
    }
    Ok(queries)
}

/// Takes every page of one query.
pub(super) async fn collect(
    order: &Order<'_>,
    cloudtrail: &Client,
    (key, value): (Key, &str),
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    haul: &mut Haul,
) -> Result<(), Stop> {
    let mut token = None;
    loop {
        token = page(order, cloudtrail, (key.clone(), value), (from, to), token, haul).await?;
        if token.is_none() {
            return Ok(());
        }
    }
}

/// Takes one page, in its turn, and gives the token of the next.
pub(super) async fn page(
    order: &Order<'_>,
    cloudtrail: &Client,
    (key, value): (Key, &str),
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    token: Option<String>,
    haul: &mut Haul,
) -> Result<Option<String>, Stop> {
    let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
    let attribute = attribute.map_err(|error| order.inputs().fault("resources", &error.to_string()))?;
    let asked = cloudtrail
        .lookup_events()
        .lookup_attributes(attribute)
        .start_time(instant(from))
        // To the second, and the one that has begun is still part of it.
        .end_time(instant(to + TimeDelta::seconds(1)))
        .max_results(PAGE)
        .set_next_token(token);
    let region = cloudtrail.config().region().map_or("", |region| region.as_ref());
    let page = patiently(&BACKOFF, is_throttled, || async {
        order.lookup_pace().turn(region).await;
        order.heard(asked.clone().send().await)
    });
    let page = page.await?;
    haul.take(&page)?;
    order.paper.show_progress(haul.events.len() as u64, None, "events");
    Ok(page.next_token.filter(|token| !token.is_empty()))
}

/// Distinct events, each with its text as CloudTrail gave it.
#[derive(Default)]
pub(super) struct Haul {
    ids: HashSet<String>,
    /// Time in nanoseconds, id and text.
    pub(super) events: Vec<(i128, String, String)>,
    bytes: usize,
}

impl Haul {
    fn take(&mut self, page: &LookupEventsOutput) -> Result<(), Fault> {
        for event in page.events() {
            let (Some(id), Some(text)) = (event.event_id(), event.cloud_trail_event()) else { continue };
            if !self.ids.insert(id.to_owned()) {
                continue;
            }
            let at = event.event_time().map_or(0, aws_smithy_types::DateTime::as_nanos);
            self.bytes += text.len();
            self.events.push((at, id.to_owned(), one_line(text)));
        }
        if self.bytes > MOST {
            let fault = Fault::new(
                FaultKind::Rejected,
                "more than 256 MiB of events; what was found until then is kept",
            );
            return Err(fault.hint("look back less far, or search the trail's bucket instead"));
        }
        Ok(())
    }

    /// Each event's text as CloudTrail gave it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(|(_, _, text)| text.as_str())
    }

    /// Oldest first; ids decide between events of one second, so that two runs agree.
    pub(super) fn lines(&mut self) -> Vec<u8> {
        self.events.sort_unstable();
        let mut lines = Vec::with_capacity(self.bytes + self.events.len());
        for (_, _, text) in &self.events {
            lines.extend_from_slice(text.as_bytes());
            lines.push(b'\n');
        }
        lines
    }

    pub(super) fn users(&self) -> Vec<User> {
        let mut users = Users::default();
        for (_, _, text) in &self.events {
            match Event::read(text.as_bytes()) {
                Some(event) => users.take(&event),
                None => users.take_unreadable(),
            }
        }
        users.most_calls_first()
    }
}

/// CloudTrail gives each event on one line. Should one come otherwise, it is set anew, for
/// a line must hold one event.
fn one_line(text: &str) -> String {
    if !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    serde_json::from_str::<Value>(text)
        .map_or_else(|_| json!({ "unreadable": text }).to_string(), |event| event.to_string())
}
