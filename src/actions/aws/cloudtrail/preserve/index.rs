//! The index: one line an object, with the digest that binds it to the entry of the journal.

use serde_json::{Value, json};

use super::forecast::Forecast;
use super::listing::{Listed, Standing};
use super::window::{Kind, Window};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::paper::Sheet;
use crate::run::Artifact;

/// How often progress is made durable: once for so many objects.
const RECORDED: u64 = 256;
const SHOWN: u64 = 8;

pub(super) struct Index<'a> {
    order: &'a Order<'a>,
    window: Window,
    sheet: Box<dyn Sheet + 'a>,
    counted: Counted,
    pub(super) forecast: Forecast,
}

/// What is in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Counted {
    pub(super) logs: u64,
    pub(super) digests: u64,
    pub(super) insights: u64,
    pub(super) older_versions: u64,
    pub(super) fetched: u64,
    pub(super) bytes: u64,
}

impl Counted {
    fn all(&self) -> u64 {
        self.logs + self.digests + self.insights + self.older_versions
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(order: &'a Order<'a>, window: Window) -> Result<Self, Stop> {
        let sheet = order.paper.sheet("cloudtrail-index.jsonl")?;
        Ok(Self { order, window, sheet, counted: Counted::default(), forecast: Forecast::default() })
    }

    pub(super) fn add(
        &mut self,
        kind: Kind,
        listed: &Listed,
        artifact: &Artifact,
        fetched: bool,
    ) -> Result<(), Stop> {
        let line = json!({
            "path": artifact.path,
            "size": artifact.bytes,
            "sha256": artifact.digest,
            "etag": listed.etag,
            "version_id": listed.version,
            "last_modified": listed.modified,
        });
        self.sheet.write(format!("{line}\n").as_bytes())?;
        let counted = &mut self.counted;
        match (kind, listed.standing) {
            (_, Standing::Older | Standing::Deleted) => counted.older_versions += 1,
            (Kind::Digest, Standing::Current) => counted.digests += 1,
            (Kind::Log, Standing::Current) => counted.logs += 1,
            (Kind::Insight, Standing::Current) => counted.insights += 1,
        }
        counted.bytes += artifact.bytes;
        counted.fetched += u64::from(fetched);
        self.report(fetched)
    }

    fn report(&self, fetched: bool) -> Result<(), Stop> {
        let (done, total) = (self.counted.all(), self.forecast.total());
        if done.is_multiple_of(SHOWN) || total == Some(done) {
            self.order.paper.show_progress(done, total.map(|total| total.max(done)), "objects");
        }
        if fetched && self.counted.fetched.is_multiple_of(RECORDED) {
            self.order.paper.progress(self.reached())?;
        }
        Ok(())
    }

    fn reached(&self) -> Value {
        let mut reached = self.window.kept();
        reached["collected"] = json!(self.counted);
        reached
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counted.all() == 0
    }

    pub(super) fn counted(&self) -> Counted {
        self.counted
    }

    pub(super) fn into_sheet(self) -> Box<dyn Sheet + 'a> {
        self.sheet
    }
}
