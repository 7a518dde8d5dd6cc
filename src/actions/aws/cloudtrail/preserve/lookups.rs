//! LookupEvents for every form of the key, in every Region: at once, and unsigned.

use std::collections::{BTreeSet, VecDeque};

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::LookupAttributeKey;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::coverage::Coverage;
use super::key::Key;
use super::source::Source;
use super::window::Window;
use crate::actions::aws::arn::{Arn, is_region};
use crate::actions::aws::cloudtrail::lookup::{self, Haul, REACH};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::show;
use crate::cloudtrail::users::User;

/// What LookupEvents gave.
pub(super) struct Events {
    pub(super) count: u64,
    pub(super) users: Vec<User>,
    /// The artifact that holds them; empty where LookupEvents was not asked.
    pub(super) path: String,
    /// For the coverage.
    pub(super) told: Value,
}

pub(super) async fn collect(
    order: &Order<'_>,
    window: Window,
    key: &Key,
    sources: &[Source],
    coverage: &mut Coverage,
) -> Result<Events, Stop> {
    if key.forms.is_empty() {
        let told = json!({ "asked": false, "why": "no form of a key was given" });
        return Ok(Events { count: 0, users: Vec::new(), path: String::new(), told });
    }
    let from = window.from.max(order.paper.now() - REACH);
    if from > window.from {
        coverage.gap(format!("LookupEvents: it reaches back 90 days, to {}, and no further", show(from)));
    }
    let regions = if from < window.to { regions(order, key, sources).await? } else { BTreeSet::new() };
    let mut haul = Haul::default();
    let answered = in_turn(order, regions, key, (from, window.to), &mut haul, coverage).await?;
    coverage.answered(!answered.is_empty());
    let events = order.keep("cloudtrail-events.jsonl", &haul.lines())?;
    let told = json!({
        "asked": true, "signed": false, "from": show(from), "to": show(window.to), "regions": answered,
        "attribute": "ResourceName", "forms": key.forms, "events": haul.events.len(), "artifact": events.path,
        "limits": "management events of the last 90 days, where the name stands among an event's resources; two requests a second in each Region",
    });
    Ok(Events { count: haul.events.len() as u64, users: haul.users(), path: events.path, told })
}

/// Page by page, one Region after another: while one has to wait, the next is asked. Gives the
/// Regions that answered to the end.
async fn in_turn(
    order: &Order<'_>,
    regions: BTreeSet<String>,
    key: &Key,
    window: (DateTime<Utc>, DateTime<Utc>),
    haul: &mut Haul,
    coverage: &mut Coverage,
) -> Result<BTreeSet<String>, Stop> {
    let (mut waiting, mut answered) = (VecDeque::new(), BTreeSet::new());
    for region in regions {
        let client = order.cloudtrail(Some(&region)).await;
        let client = coverage.or_gap(&format!("LookupEvents in {region}"), client)?;
        waiting.extend(client.map(|client| Asking {
            region,
            client,
            forms: key.forms.iter().map(String::as_str).collect(),
            token: None,
        }));
    }
    while let Some(mut asking) = waiting.pop_front() {
        match asking.page(order, window, haul).await {
            Ok(()) if asking.forms.is_empty() => drop(answered.insert(asking.region)),
            Ok(()) => waiting.push_back(asking),
            failed => drop(coverage.or_gap(&format!("LookupEvents in {}", asking.region), failed)?),
        }
    }
    Ok(answered)
}

/// How far the questions to one Region are.
struct Asking<'a> {
    region: String,
    client: Client,
    /// The one that is asked for stands in front.
    forms: VecDeque<&'a str>,
    token: Option<String>,
}

impl Asking<'_> {
    async fn page(
        &mut self,
        order: &Order<'_>,
        window: (DateTime<Utc>, DateTime<Utc>),
        haul: &mut Haul,
    ) -> Result<(), Stop> {
        let Some(form) = self.forms.front() else { return Ok(()) };
        let query = (LookupAttributeKey::ResourceName, *form);
        self.token = lookup::page(order, &self.client, query, window, self.token.take(), haul).await?;
        if self.token.is_none() {
            self.forms.pop_front();
        }
        Ok(())
    }
}

/// Where the trails deliver from, where the key is, or where the caller is.
async fn regions(order: &Order<'_>, key: &Key, sources: &[Source]) -> Result<BTreeSet<String>, Stop> {
    let wanted = order.inputs().texts("regions")?;
    if !wanted.is_empty() {
        return Ok(wanted.into_iter().map(str::to_owned).collect());
    }
    let mut regions: BTreeSet<String> = sources.iter().flat_map(|source| source.regions.clone()).collect();
    let named = key.forms.iter().filter_map(|form| Arn::parse(form)).map(|arn| arn.region.to_owned());
    regions.extend(named.filter(|region| is_region(region)));
    if regions.is_empty() {
        regions.extend(order.config(None).await?.region().map(ToString::to_string));
    }
    Ok(regions)
}
