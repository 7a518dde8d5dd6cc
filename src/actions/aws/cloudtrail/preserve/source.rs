//! A trail as a source of evidence: its bucket, its Regions, and what it delivers there.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::Trail;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::BucketVersioningStatus;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::Field;
use super::coverage::Coverage;
use super::forecast::Forecast;
use super::hours::{self, Logging};
use super::key::Key;
use super::listing::folders;
use super::pass::Pass;
use super::place;
use super::window::{Kind, Window};
use crate::actions::aws::arn::{Arn, is_region};
use crate::actions::aws::order::Order;
use crate::actions::aws::s3;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::run::{Fault, FaultKind};

#[derive(Debug)]
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) s3: Client,
    /// `PREFIX/AWSLogs/ACCOUNT/`, or `PREFIX/AWSLogs/O-ID/ACCOUNT/` of an organization trail,
    /// with its slash.
    pub(super) base: String,
    pub(super) regions: Vec<String>,
    pub(super) versions: Versions,
    /// Digests come first: they say from where on log files are wanted.
    kinds: Vec<Kind>,
    /// Nothing where the trail does not validate its files: no digest is missing then.
    logging: Option<Logging>,
}

/// Whether a bucket keeps what was overwritten or deleted.
#[derive(Debug)]
pub(super) enum Versions {
    Kept,
    Never,
    /// It does not say, and why.
    Unknown(String),
}

/// Every trail that is seen or named.
pub(super) async fn all(order: &Order<'_>, key: &Key, coverage: &mut Coverage) -> Result<Vec<Source>, Stop> {
    let wanted = order.inputs().texts("trails")?;
    let trails = trails(order, coverage).await?;
    let mut sources = Vec::new();
    for trail in trails.iter().filter(|trail| wanted.is_empty() || wanted.iter().any(|it| is(trail, it))) {
        let (arn, name) = (trail.trail_arn().unwrap_or_default(), trail.name().unwrap_or_default());
        let logging = facts(order, trail, key, coverage).await?;
        let opened = open(order, trail, logging).await;
        let Some(source) = coverage.or_gap(&format!("trail {arn}"), opened)? else { continue };
        source.own_encryption(order, name, key, coverage).await?;
        sources.push(source);
    }
    for missing in wanted.iter().filter(|it| !trails.iter().any(|trail| is(trail, it))) {
        coverage.gap(format!("trail {missing}: it is not there, or not to be seen from here"));
    }
    if trails.is_empty() {
        coverage.gap("there is no trail: LookupEvents, which is not signed, is all there is".to_owned());
    }
    Ok(sources)
}

/// Each trail once: a shadow has the ARN of its trail. DescribeTrails tells those of this
/// Region and those of all Regions; a trail of another Region alone is known by ListTrails.
async fn trails(order: &Order<'_>, coverage: &mut Coverage) -> Result<Vec<Trail>, Stop> {
    let here = order.cloudtrail(None).await?;
    let said = order.heard(here.describe_trails().include_shadow_trails(true).send().await)?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    found.extend(said.trail_list.unwrap_or_default().into_iter().filter(|it| seen.insert(arn_of(it))));
    let mut pages = here.list_trails().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match order.heard(page) {
            Ok(page) => page,
            Err(Stop::Fault(fault)) => {
                coverage.gap(format!("trails of other Regions alone: {}", fault.message));
                break;
            }
            Err(stop) => return Err(stop),
        };
        for listed in page.trails() {
            let arn = listed.trail_arn().unwrap_or_default().to_owned();
            if seen.insert(arn.clone()) {
                let there = order.cloudtrail(listed.home_region()).await?;
                let said = order.heard(there.describe_trails().trail_name_list(&arn).send().await);
                let said = coverage.or_gap(&format!("trail {arn}"), said)?;
                found.extend(said.and_then(|said| said.trail_list).unwrap_or_default());
            }
        }
    }
    Ok(found)
}

fn arn_of(trail: &Trail) -> String {
    trail.trail_arn().unwrap_or_default().to_owned()
}

fn is(trail: &Trail, named: &str) -> bool {
    trail.trail_arn() == Some(named) || trail.name() == Some(named)
}

/// What the trail records and how it stands, into the coverage.
async fn facts(
    order: &Order<'_>,
    trail: &Trail,
    key: &Key,
    coverage: &mut Coverage,
) -> Result<Logging, Stop> {
    let arn = trail.trail_arn().unwrap_or_default();
    let home = order.cloudtrail(trail.home_region()).await?;
    let status = order.heard(home.get_trail_status().name(arn).send().await);
    let status = coverage.or_gap(&format!("status of {arn}"), status)?;
    let selectors = order.heard(home.get_event_selectors().trail_name(arn).send().await);
    let selectors = coverage.or_gap(&format!("selectors of {arn}"), selectors)?;
    coverage.trail(order, trail, key, status.as_ref(), selectors.as_ref());
    let time = |at: Option<&aws_smithy_types::DateTime>| DateTime::from_timestamp(at?.secs(), 0);
    Ok(Logging {
        started: status.as_ref().and_then(|it| time(it.start_logging_time())),
        stopped: status.as_ref().and_then(|it| time(it.stop_logging_time())),
    })
}

async fn open(order: &Order<'_>, trail: &Trail, logging: Logging) -> Result<Source, Stop> {
    let bucket = trail.s3_bucket_name().unwrap_or_default().to_owned();
    if place::of_object(&bucket, "key").is_err() || bucket.contains('/') {
        return Err(Fault::new(FaultKind::Rejected, format!("{bucket:?} is no bucket's name")).into());
    }
    let home = trail.home_region().unwrap_or_default().to_owned();
    let s3 = match s3::client_for(order, &bucket, None).await {
        // Without GetBucketLocation the bucket is looked for where the trail is.
        Err(Stop::Fault(_)) => order.s3(Some(&home)).await?,
        s3 => s3?,
    };
    let versions = versions(order, &s3, &bucket).await?;
    let base = base(order, trail, &s3, &bucket).await?;
    let regions = regions(order, trail, &s3, &bucket, &base).await?;
    let has_insights = trail.has_insight_selectors().unwrap_or_default();
    let validates = trail.log_file_validation_enabled().unwrap_or_default();
    let delivers = |kind: &Kind| match kind {
        // Also those from before validation was turned off.
        Kind::Digest | Kind::Log => true,
        Kind::Insight => has_insights,
    };
    let kinds = Kind::ALL.into_iter().filter(delivers).collect();
    let logging = validates.then_some(logging);
    Ok(Source { bucket, s3, base, regions, versions, kinds, logging })
}

/// Where the trail's files of this account lie. Those of an organization trail lie below the
/// organization's id, and the trail itself is the management account's (CloudTrail user
/// guide, "CloudTrail digest file structure").
async fn base(order: &Order<'_>, trail: &Trail, s3: &Client, bucket: &str) -> Result<String, Stop> {
    let own = Arn::parse(trail.trail_arn().unwrap_or_default()).map_or("", |arn| arn.account).to_owned();
    let prefix =
        trail.s3_key_prefix().filter(|it| !it.is_empty()).map_or_else(String::new, |it| format!("{it}/"));
    let above = format!("{prefix}AWSLogs/");
    if !trail.is_organization_trail().unwrap_or_default() {
        return Ok(format!("{above}{own}/"));
    }
    let said = order.heard(order.sts().await?.get_caller_identity().send().await)?;
    let account = said.account().map_or(own, str::to_owned);
    let found = folders(order, s3, bucket, &above).await?;
    Ok(match found.iter().find(|name| name.starts_with("o-")) {
        Some(organization) => format!("{above}{organization}/{account}/"),
        None => format!("{above}{account}/"),
    })
}

async fn versions(order: &Order<'_>, s3: &Client, bucket: &str) -> Result<Versions, Stop> {
    match order.heard(s3.get_bucket_versioning().bucket(bucket).send().await) {
        Ok(said) => Ok(match said.status() {
            // A bucket whose versioning was suspended still holds those from before.
            Some(BucketVersioningStatus::Enabled | BucketVersioningStatus::Suspended) => Versions::Kept,
            _ => Versions::Never,
        }),
        Err(Stop::Fault(fault)) => Ok(Versions::Unknown(fault.message)),
        Err(stop) => Err(stop),
    }
}

/// Of a trail of all Regions, those that it has delivered for; else its own.
async fn regions(
    order: &Order<'_>,
    trail: &Trail,
    s3: &Client,
    bucket: &str,
    base: &str,
) -> Result<Vec<String>, Stop> {
    let wanted = order.inputs().texts("regions")?;
    let home = trail.home_region().unwrap_or_default().to_owned();
    let mut found = BTreeSet::from([home]);
    if trail.is_multi_region_trail().unwrap_or_default() {
        for kind in [Kind::Log, Kind::Digest] {
            let below = format!("{base}{}/", kind.folder());
            match folders(order, s3, bucket, &below).await {
                Ok(names) => found.extend(names.into_iter().filter(|name| is_region(name))),
                // Told when the Region itself is listed.
                Err(Stop::Fault(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        found.extend(wanted.iter().filter(|it| is_region(it)).map(|it| (*it).to_owned()));
    }
    Ok(found.into_iter().filter(|name| wanted.is_empty() || wanted.contains(&name.as_str())).collect())
}

impl Source {
    /// Whether the bucket's own default is the key: whatever is put there without a key of its
    /// own lies under it.
    async fn own_encryption(
        &self,
        order: &Order<'_>,
        trail: &str,
        key: &Key,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        let bucket = &self.bucket;
        let rule = s3::default_encryption(order, &self.s3, bucket).await;
        match rule {
            Ok(rule) => {
                let named = s3::key_of_default(rule.as_ref());
                if key.is(named) {
                    coverage.at_risk(format!(
                        "trail {trail}: its bucket {bucket} encrypts by default with the key under incident ({named}): without the key, what lies under it cannot be read"
                    ));
                }
            }
            Err(Stop::Fault(fault)) => coverage.note(format!(
                "bucket {bucket}: whether it encrypts by default with the key under incident could not be read: {}",
                fault.message
            )),
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    /// Tells the forecast how many days there are to list.
    pub(super) fn plan(&self, window: Window, now: DateTime<Utc>, forecast: &mut Forecast) {
        for kind in &self.kinds {
            forecast.plan(*kind, window.days_of(*kind, now) * self.regions.len() as u64);
        }
    }

    pub(super) async fn collect(&self, field: &mut Field<'_, '_>, window: Window) -> Result<(), Stop> {
        match &self.versions {
            Versions::Kept => {}
            Versions::Never => field.coverage.note(format!(
                "bucket {}: it keeps no versions: what was overwritten or deleted in it is gone",
                self.bucket
            )),
            Versions::Unknown(why) => field.coverage.gap(format!(
                "bucket {}: whether it keeps versions could not be read, and only those that stand were taken: {why}",
                self.bucket
            )),
        }
        for region in &self.regions {
            let mut first_digest = None;
            for kind in &self.kinds {
                let deliveries = window.deliveries(*kind).back_to(first_digest);
                let planned = window.days_of(*kind, field.order.paper.now());
                let mut pass = Pass::new(self, *kind, region, deliveries, planned);
                pass.run(field).await?;
                if *kind == Kind::Digest {
                    first_digest = pass.times.iter().min().copied();
                    self.prove(field, &pass, window);
                }
            }
        }
        Ok(())
    }

    /// Tells the hours of the window that no digest covers, where all digests could be listed.
    fn prove(&self, field: &mut Field<'_, '_>, digests: &Pass<'_>, window: Window) {
        let Some(logging) = self.logging.filter(|_| digests.is_whole) else { return };
        let holes = hours::missing(&digests.times, window, logging, field.order.paper.now());
        field.coverage.without_digests(&self.bucket, &digests.folder, &holes);
    }
}

/// How a trail stands, in the words of the coverage.
pub(super) fn standing(
    status: Option<&aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput>,
) -> serde_json::Value {
    let Some(status) = status else { return serde_json::Value::Null };
    // A trail that was never stopped has no time at which it was.
    let when = |instant: Option<&aws_sdk_cloudtrail::primitives::DateTime>| instant.map(|_| when(instant));
    json!({
        "logging": status.is_logging(),
        "started_at": when(status.start_logging_time()),
        "stopped_at": when(status.stop_logging_time()),
        "latest_delivery_at": when(status.latest_delivery_time()),
        "latest_delivery_error": status.latest_delivery_error(),
        "latest_digest_at": when(status.latest_digest_delivery_time()),
        "latest_digest_error": status.latest_digest_delivery_error(),
    })
}
