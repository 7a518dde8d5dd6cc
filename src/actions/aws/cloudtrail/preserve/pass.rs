//! The walk through one kind of a trail's files in one Region, day by day.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Field;
use super::download::{self, Became, UnderWay};
use super::listing::{Listed, Pages, Standing};
use super::place;
use super::source::{Source, Versions};
use super::window::{Kind, Window, delivered};
use crate::actions::aws::stop::Stop;
use crate::run::FaultKind;

const AT_ONCE: usize = 8;

/// One kind of file in one Region.
pub(super) struct Pass<'a> {
    source: &'a Source,
    kind: Kind,
    pub(super) folder: String,
    window: Window,
    /// Days that the forecast still counts on.
    planned: u64,
    under_way: VecDeque<UnderWay>,
    /// When the digests were delivered, one an hour. Other kinds have too many to be kept.
    pub(super) times: Vec<DateTime<Utc>>,
    /// Whether every day could be listed.
    pub(super) is_whole: bool,
    seen: u64,
    unread: u64,
}

impl<'a> Pass<'a> {
    pub(super) fn new(source: &'a Source, kind: Kind, region: &str, window: Window, planned: u64) -> Self {
        let folder = format!("{}{}/{region}/", source.base, kind.folder());
        let (under_way, times) = (VecDeque::new(), Vec::new());
        Self { source, kind, folder, window, planned, under_way, times, is_whole: true, seen: 0, unread: 0 }
    }

    pub(super) async fn run(&mut self, field: &mut Field<'_, '_>) -> Result<(), Stop> {
        for day in self.window.days(field.order.paper.now()) {
            let prefix = format!("{}{}/", self.folder, day.format("%Y/%m/%d"));
            match self.day(field, prefix.clone()).await {
                Ok(()) => {}
                Err(Stop::Fault(fault)) => {
                    self.is_whole = false;
                    let denied = fault.kind == FaultKind::Denied;
                    let below = if denied { &self.folder } else { &prefix };
                    field.coverage.gap(format!("s3://{}/{below}: {}", self.source.bucket, fault.message));
                    if denied {
                        break;
                    }
                    field.index.forecast.pass_over(self.kind, 1);
                }
                Err(stop) => return Err(stop),
            }
            self.planned = self.planned.saturating_sub(1);
        }
        field.index.forecast.pass_over(self.kind, self.planned);
        while !self.under_way.is_empty() {
            self.finish(field).await?;
        }
        field.coverage.prefix(json!({
            "bucket": self.source.bucket,
            "prefix": self.folder,
            "window": self.window.told(),
            "listed": self.seen,
            "listed_whole": self.is_whole,
            "unread": self.unread,
        }));
        Ok(())
    }

    async fn day(&mut self, field: &mut Field<'_, '_>, prefix: String) -> Result<(), Stop> {
        let Source { bucket, s3, versions, .. } = self.source;
        let mut pages = Pages::new(bucket, prefix, matches!(versions, Versions::Kept));
        while let Some(page) = pages.next(field.order, s3).await? {
            let wanted: Vec<_> = page.into_iter().filter(|it| self.wants(it)).collect();
            let objects = wanted.iter().filter(|it| it.standing != Standing::Deleted).count();
            field.index.forecast.found(self.kind, objects as u64);
            if pages.is_over() {
                field.index.forecast.listed_a_day(self.kind);
            }
            for listed in wanted {
                self.take(field, listed).await?;
            }
        }
        Ok(())
    }

    /// A name without a time lies in the day's folder, and that is enough.
    fn wants(&mut self, listed: &Listed) -> bool {
        let at = delivered(&listed.key);
        let wants = at.is_none_or(|at| self.window.holds(at));
        if wants && self.kind == Kind::Digest && listed.standing == Standing::Current {
            self.times.extend(at);
        }
        self.seen += u64::from(wants);
        wants
    }

    async fn take(&mut self, field: &mut Field<'_, '_>, listed: Listed) -> Result<(), Stop> {
        let bucket = &self.source.bucket;
        match listed.standing {
            Standing::Deleted => {
                field.coverage.deleted(bucket, &listed);
                return Ok(());
            }
            Standing::Older => field.coverage.older(bucket, &listed),
            Standing::Current => {}
        }
        let path = match self.path(&listed) {
            Ok(path) => path,
            Err(why) => {
                field.coverage.withheld(bucket, &listed, why, None);
                return Ok(());
            }
        };
        if let Some(artifact) = download::in_the_record(field.order, &listed, &path)? {
            return field.index.add(self.kind, &listed, &artifact, false);
        }
        if self.under_way.len() >= AT_ONCE {
            self.finish(field).await?;
        }
        self.under_way.push_back(download::begin(field.order, &self.source.s3, bucket, listed, path)?);
        Ok(())
    }

    fn path(&self, listed: &Listed) -> Result<String, &'static str> {
        match (listed.standing, &listed.version) {
            (Standing::Older, Some(version)) => place::of_version(&self.source.bucket, &listed.key, version),
            _ => place::of_object(&self.source.bucket, &listed.key),
        }
    }

    async fn finish(&mut self, field: &mut Field<'_, '_>) -> Result<(), Stop> {
        let Some(mut under_way) = self.under_way.pop_front() else { return Ok(()) };
        let bucket = &self.source.bucket;
        let became = download::finish(field.order, bucket, &mut under_way).await?;
        let listed = &under_way.listed;
        match became {
            Became::Kept { artifact, under } => {
                if let Some(key) = under.filter(|key| field.key.is(key)) {
                    field.coverage.under_the_key(bucket, listed, &key);
                }
                field.index.add(self.kind, listed, &artifact, true)?;
            }
            Became::Withheld { why, digest, bytes } => {
                field.coverage.withheld(bucket, listed, &why, Some((digest, bytes)));
            }
            Became::Failed(why) => {
                self.unread += 1;
                field.coverage.unread(bucket, listed, &why);
            }
        }
        Ok(())
    }
}
