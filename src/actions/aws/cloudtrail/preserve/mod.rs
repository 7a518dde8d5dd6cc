//! CloudTrail's evidence as it lies in the trails' buckets: log files and digests, byte for
//! byte with their metadata, the public keys, and an account of what is missing.
//!
//! An object that is in the record already, by size, ETag and version, is not fetched again.
//! So an interrupted collection goes on where it was, and a second one takes what is new.

mod coverage;
mod download;
mod forecast;
mod hours;
mod index;
mod key;
mod keys;
mod listing;
mod lookups;
mod pass;
mod place;
mod source;
mod window;

use serde_json::{Value, json};

use self::coverage::Coverage;
use self::index::Index;
use self::key::Key;
use self::window::Window;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct Preserve;

impl Act for Preserve {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let window = Window::of(order)?;
            // A resumed attempt looks at the same window.
            order.paper.progress(window.kept())?;
            order.expect_many_calls();
            let mut coverage = Coverage::default();
            let key = Key::of(order, &mut coverage).await?;
            let sources = source::all(order, &key, &mut coverage).await?;
            let mut index = Index::new(order, window)?;
            for source in &sources {
                source.plan(window, order.paper.now(), &mut index.forecast);
            }
            for source in &sources {
                source
                    .collect(
                        &mut Field { order, key: &key, index: &mut index, coverage: &mut coverage },
                        window,
                    )
                    .await?;
            }
            keys::preserve(order, window, &sources, &mut coverage).await?;
            let events = lookups::collect(order, window, &key, &sources, &mut coverage).await?;
            if coverage.has_nothing() && index.is_empty() {
                return Err(nothing(&coverage).into());
            }
            coverage.close();
            told(order, window, &key, index, events, &coverage)
        })
    }
}

/// What every part of the work in the buckets needs.
struct Field<'a, 'o> {
    order: &'a Order<'o>,
    key: &'a Key,
    index: &'a mut Index<'o>,
    coverage: &'a mut Coverage,
}

fn nothing(coverage: &Coverage) -> Fault {
    let why = coverage.gaps().join("; ");
    Fault::new(FaultKind::Denied, format!("nothing at all could be collected: {why}")).hint(
        "the caller needs s3:ListBucket and s3:GetObject on the trail's bucket, or cloudtrail:LookupEvents",
    )
}

fn told(
    order: &Order<'_>,
    window: Window,
    key: &Key,
    index: Index<'_>,
    events: lookups::Events,
    coverage: &Coverage,
) -> Result<Value, Stop> {
    let counted = index.counted();
    let index = order.keep_sheet(index.into_sheet())?;
    let told =
        serde_json::to_vec_pretty(&coverage.told(window, &counted, &index, &events)).unwrap_or_default();
    let artifact = order.keep("cloudtrail-coverage.json", &told)?;
    // Where a reader looks for it; the artifact is what the entry names.
    let clear = order.paper.store_of_raw().redaction().bytes(&told).into_owned();
    order.paper.store_of_raw().put("cloudtrail/coverage.json", &clear)?;
    Ok(json!({
        "objects": counted.logs,
        "digests": counted.digests,
        "insights": counted.insights,
        "fetched": counted.fetched,
        "bytes": counted.bytes,
        "events": events.count,
        "lookup": events.path,
        "forms": key.forms,
        "users": events.users,
        "from": crate::actions::aws::when::show(window.from),
        "to": crate::actions::aws::when::show(window.to),
        "coverage": artifact.path,
        "index": index.path,
        "gaps": coverage.gaps(),
        "notes": coverage.notes(),
        "at_risk": coverage.at_risk_told(),
        "complete": coverage.is_complete(),
    }))
}
