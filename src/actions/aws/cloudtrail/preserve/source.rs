//! A trail as a source of evidence: its bucket, its Regions, and the walk through them.

use std::collections::{BTreeSet, VecDeque};

use aws_sdk_cloudtrail::types::Trail;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::BucketVersioningStatus;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::coverage::Coverage;
use super::download::{self, Became, UnderWay};
use super::index::Index;
use super::listing::{Listed, Pages, Standing, folders};
use super::place;
use super::window::{Kind, Window, delivered};
use crate::actions::aws::arn::{Arn, is_region};
use crate::actions::aws::order::Order;
use crate::actions::aws::s3;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::run::{Fault, FaultKind};

const AT_ONCE: usize = 8;

#[derive(Debug)]
pub(super) struct Source {
    bucket: String,
    s3: Client,
    /// `PREFIX/AWSLogs/ACCOUNT/`, with its slash.
    base: String,
    pub(super) regions: Vec<String>,
    versions: Versions,
}

/// Whether a bucket keeps what was overwritten or deleted.
#[derive(Debug)]
enum Versions {
    Kept,
    Never,
    /// It does not say, and why.
    Unknown(String),
}

/// Every trail that is seen or named, each once: a shadow has the ARN of its trail.
pub(super) async fn all(order: &Order<'_>, coverage: &mut Coverage) -> Result<Vec<Source>, Stop> {
    let wanted = order.inputs().texts("trails")?;
    let cloudtrail = order.cloudtrail(None).await?;
    let said = order.heard(cloudtrail.describe_trails().include_shadow_trails(true).send().await)?;
    let (mut sources, mut seen) = (Vec::new(), BTreeSet::new());
    for trail in said.trail_list() {
        let (arn, name) = (trail.trail_arn().unwrap_or_default(), trail.name().unwrap_or_default());
        let meant = wanted.is_empty() || wanted.contains(&arn) || wanted.contains(&name);
        if meant && seen.insert(arn) {
            facts(order, trail, coverage).await?;
            sources.extend(coverage.or_gap(&format!("trail {arn}"), open(order, trail).await)?);
        }
    }
    for missing in wanted.iter().filter(|it| !said.trail_list().iter().any(|trail| is(trail, it))) {
        coverage.gap(format!("trail {missing}: it is not there, or not to be seen from here"));
    }
    if said.trail_list().is_empty() {
        coverage.gap("there is no trail: LookupEvents, which is not signed, is all there is".to_owned());
    }
    Ok(sources)
}

fn is(trail: &Trail, named: &str) -> bool {
    trail.trail_arn() == Some(named) || trail.name() == Some(named)
}

/// What the trail records and how it stands, into the coverage.
async fn facts(order: &Order<'_>, trail: &Trail, coverage: &mut Coverage) -> Result<(), Stop> {
    let arn = trail.trail_arn().unwrap_or_default();
    let home = order.cloudtrail(trail.home_region()).await?;
    let status = order.heard(home.get_trail_status().name(arn).send().await);
    let status = coverage.or_gap(&format!("status of {arn}"), status)?;
    let selectors = order.heard(home.get_event_selectors().trail_name(arn).send().await);
    let selectors = coverage.or_gap(&format!("selectors of {arn}"), selectors)?;
    coverage.trail(order, trail, status.as_ref(), selectors.as_ref());
    Ok(())
}

async fn open(order: &Order<'_>, trail: &Trail) -> Result<Source, Stop> {
    let arn = trail.trail_arn().unwrap_or_default();
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
    let account = Arn::parse(arn).map_or("", |arn| arn.account);
    let prefix =
        trail.s3_key_prefix().filter(|it| !it.is_empty()).map_or_else(String::new, |it| format!("{it}/"));
    let mut base = format!("{prefix}AWSLogs/{account}/");
    if trail.is_organization_trail().unwrap_or_default() {
        let found = folders(order, &s3, &bucket, &format!("{prefix}AWSLogs/")).await?;
        if let Some(organization) = found.iter().find(|name| name.starts_with("o-")) {
            base = format!("{prefix}AWSLogs/{organization}/{account}/");
        }
    }
    let regions = regions(order, trail, &s3, &bucket, &base).await?;
    Ok(Source { bucket, s3, base, regions, versions })
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
    pub(super) async fn collect(
        &self,
        order: &Order<'_>,
        window: Window,
        index: &mut Index<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        match &self.versions {
            Versions::Kept => {}
            Versions::Never => coverage.note(format!(
                "bucket {}: it keeps no versions: what was overwritten or deleted in it is gone",
                self.bucket
            )),
            Versions::Unknown(why) => coverage.gap(format!(
                "bucket {}: whether it keeps versions could not be read, and only those that stand were taken: {why}",
                self.bucket
            )),
        }
        for region in &self.regions {
            let mut digests = Pass::new(self, Kind::Digest, region, window.deliveries(Kind::Digest));
            digests.run(order, index, coverage).await?;
            let logs = window.deliveries(Kind::Log).back_to(digests.first);
            Pass::new(self, Kind::Log, region, logs).run(order, index, coverage).await?;
        }
        Ok(())
    }

    fn path(&self, listed: &Listed) -> Result<String, &'static str> {
        match (listed.standing, &listed.version) {
            (Standing::Older, Some(version)) => place::of_version(&self.bucket, &listed.key, version),
            _ => place::of_object(&self.bucket, &listed.key),
        }
    }
}

/// One kind of file in one Region.
struct Pass<'a> {
    source: &'a Source,
    kind: Kind,
    folder: String,
    window: Window,
    under_way: VecDeque<UnderWay>,
    /// When the first file of it was delivered.
    first: Option<DateTime<Utc>>,
    seen: u64,
}

impl<'a> Pass<'a> {
    fn new(source: &'a Source, kind: Kind, region: &str, window: Window) -> Self {
        let folder = format!("{}{}/{region}/", source.base, kind.folder());
        Self { source, kind, folder, window, under_way: VecDeque::new(), first: None, seen: 0 }
    }

    async fn run(
        &mut self,
        order: &Order<'_>,
        index: &mut Index<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        for day in self.window.days(order.paper.now()) {
            let prefix = format!("{}{}/", self.folder, day.format("%Y/%m/%d"));
            match self.day(order, prefix.clone(), index, coverage).await {
                Err(Stop::Fault(fault)) => {
                    let denied = fault.kind == FaultKind::Denied;
                    let below = if denied { &self.folder } else { &prefix };
                    coverage.gap(format!("s3://{}/{below}: {}", self.source.bucket, fault.message));
                    if denied {
                        break;
                    }
                }
                done => done?,
            }
        }
        while !self.under_way.is_empty() {
            self.finish(order, index, coverage).await?;
        }
        coverage.prefix(json!({
            "bucket": self.source.bucket,
            "prefix": self.folder,
            "window": self.window.told(),
            "listed": self.seen,
        }));
        Ok(())
    }

    async fn day(
        &mut self,
        order: &Order<'_>,
        prefix: String,
        index: &mut Index<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        let Source { bucket, s3, versions, .. } = self.source;
        let mut pages = Pages::new(bucket, prefix, matches!(versions, Versions::Kept));
        while let Some(page) = pages.next(order, s3).await? {
            let wanted: Vec<_> = page.into_iter().filter(|it| self.wants(it)).collect();
            index.expect(wanted.iter().filter(|it| it.standing != Standing::Deleted).count() as u64);
            for listed in wanted {
                self.take(order, listed, index, coverage).await?;
            }
        }
        Ok(())
    }

    /// A name without a time lies in the day's folder, and that is enough.
    fn wants(&mut self, listed: &Listed) -> bool {
        let at = delivered(&listed.key);
        let wants = at.is_none_or(|at| self.window.holds(at));
        if wants && at.is_some() {
            self.first = self.first.min(at).or(at);
        }
        self.seen += u64::from(wants);
        wants
    }

    async fn take(
        &mut self,
        order: &Order<'_>,
        listed: Listed,
        index: &mut Index<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        let bucket = &self.source.bucket;
        match listed.standing {
            Standing::Deleted => {
                coverage.deleted(bucket, &listed);
                return Ok(());
            }
            Standing::Older => coverage.older(bucket, &listed),
            Standing::Current => {}
        }
        let path = match self.source.path(&listed) {
            Ok(path) => path,
            Err(why) => {
                coverage.withheld(bucket, &listed, why, None);
                return Ok(());
            }
        };
        if let Some(artifact) = download::in_the_record(order, &listed, &path)? {
            return index.add(self.kind, &listed, &artifact, false);
        }
        if self.under_way.len() >= AT_ONCE {
            self.finish(order, index, coverage).await?;
        }
        self.under_way.push_back(download::begin(order, &self.source.s3, bucket, listed, path)?);
        Ok(())
    }

    async fn finish(
        &mut self,
        order: &Order<'_>,
        index: &mut Index<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), Stop> {
        let Some(mut under_way) = self.under_way.pop_front() else { return Ok(()) };
        let bucket = &self.source.bucket;
        let became = download::finish(order, bucket, &mut under_way).await?;
        let listed = &under_way.listed;
        match became {
            Became::Kept(artifact) => index.add(self.kind, listed, &artifact, true)?,
            Became::Withheld { why, digest, bytes } => {
                coverage.withheld(bucket, listed, &why, Some((digest, bytes)));
            }
            Became::Failed(why) => coverage.unread(bucket, listed, &why),
        }
        Ok(())
    }
}

/// How a trail stands, in the words of the coverage.
pub(super) fn standing(
    status: Option<&aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput>,
) -> serde_json::Value {
    let Some(status) = status else { return serde_json::Value::Null };
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
