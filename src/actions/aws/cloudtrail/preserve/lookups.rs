//! LookupEvents for every form of the key, in every Region: at once, and unsigned.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::LookupAttributeKey;
use serde_json::{Value, json};

use super::coverage::Coverage;
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
    /// For the coverage.
    pub(super) told: Value,
}

pub(super) async fn collect(
    order: &Order<'_>,
    window: Window,
    sources: &[Source],
    coverage: &mut Coverage,
) -> Result<Events, Stop> {
    let forms: BTreeSet<&str> =
        order.inputs().texts("forms")?.into_iter().filter(|it| !it.is_empty()).collect();
    if forms.is_empty() {
        let told = json!({ "asked": false, "why": "no form of a key was given" });
        return Ok(Events { count: 0, users: Vec::new(), told });
    }
    let from = window.from.max(order.paper.now() - REACH);
    if from > window.from {
        coverage.gap(format!("LookupEvents: it reaches back 90 days, to {}, and no further", show(from)));
    }
    let regions = regions(order, &forms, sources).await?;
    let (mut haul, mut answered) = (Haul::default(), Vec::new());
    for region in regions.iter().filter(|_| from < window.to) {
        let asked = in_region(order, region, &forms, (from, window.to), &mut haul).await;
        answered.extend(coverage.or_gap(&format!("LookupEvents in {region}"), asked)?.map(|()| region));
    }
    coverage.answered(!answered.is_empty());
    let events = order.keep("cloudtrail-events.jsonl", &haul.lines())?;
    let told = json!({
        "asked": true, "signed": false, "from": show(from), "to": show(window.to), "regions": answered,
        "attribute": "ResourceName", "forms": forms, "events": haul.events.len(), "artifact": events.path,
        "limits": "management events of the last 90 days, where the name stands among an event's resources; two requests a second",
    });
    Ok(Events { count: haul.events.len() as u64, users: haul.users(), told })
}

async fn in_region(
    order: &Order<'_>,
    region: &str,
    forms: &BTreeSet<&str>,
    window: (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>),
    haul: &mut Haul,
) -> Result<(), Stop> {
    let cloudtrail = order.cloudtrail(Some(region)).await?;
    for form in forms {
        lookup::collect(order, &cloudtrail, (LookupAttributeKey::ResourceName, form), window, haul).await?;
    }
    Ok(())
}

/// Where the trails deliver from, where the key is, or where the caller is.
async fn regions(
    order: &Order<'_>,
    forms: &BTreeSet<&str>,
    sources: &[Source],
) -> Result<BTreeSet<String>, Stop> {
    let wanted = order.inputs().texts("regions")?;
    if !wanted.is_empty() {
        return Ok(wanted.into_iter().map(str::to_owned).collect());
    }
    let mut regions: BTreeSet<String> = sources.iter().flat_map(|source| source.regions.clone()).collect();
    let named = forms.iter().filter_map(|form| Arn::parse(form)).map(|arn| arn.region.to_owned());
    regions.extend(named.filter(|region| is_region(region)));
    if regions.is_empty() {
        regions.extend(order.config(None).await?.region().map(ToString::to_string));
    }
    Ok(regions)
}
