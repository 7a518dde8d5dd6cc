//! What is there, what is not, and why.

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, ReadWriteType, Trail};
use serde_json::{Value, json};

use super::hours::Hole;
use super::index::Counted;
use super::key::Key;
use super::listing::Listed;
use super::lookups::Events;
use super::source::standing;
use super::window::Window;
use crate::actions::aws::cloudtrail::selectors::records_kms;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::{show, when};
use crate::run::Artifact;
use crate::text::Digest;

/// So many objects of one fate are named; the rest is counted.
const NAMED: usize = 1000;
/// So many objects that could not be read are told one by one among the gaps.
const GAPS: u64 = 20;

#[derive(Debug, Default)]
pub(super) struct Coverage {
    gaps: Vec<String>,
    notes: Vec<String>,
    trails: Vec<Value>,
    prefixes: Vec<Value>,
    withheld: Named,
    deleted: Named,
    older: Named,
    unread: Named,
    under_the_key: Named,
    missing_digests: Named,
    /// Why the evidence source hangs on the key under incident.
    at_risk: Vec<String>,
    answered: bool,
}

/// The first of many, and how many there are.
#[derive(Debug, Default, serde::Serialize)]
struct Named {
    count: u64,
    objects: Vec<Value>,
}

impl Named {
    fn add(&mut self, object: Value) {
        self.count += 1;
        if self.objects.len() < NAMED {
            self.objects.push(object);
        }
    }
}

impl Coverage {
    pub(super) fn gap(&mut self, gap: String) {
        self.gaps.push(gap);
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What was read; a fault is a gap, and the rest goes on.
    pub(super) fn or_gap<T>(&mut self, what: &str, read: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Stop::Fault(fault)) => {
                self.gap(format!("{what}: {}", fault.message));
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    pub(super) fn trail(
        &mut self,
        order: &Order<'_>,
        trail: &Trail,
        incident: &Key,
        status: Option<&GetTrailStatusOutput>,
        selectors: Option<&GetEventSelectorsOutput>,
    ) {
        let name = trail.name().unwrap_or_default();
        let validation = trail.log_file_validation_enabled().unwrap_or_default();
        if !validation {
            self.note(format!(
                "trail {name}: log file validation is off, so that no digest proves its files"
            ));
        }
        if status.is_some_and(|it| !it.is_logging().unwrap_or_default()) {
            self.gap(format!("trail {name}: it is not logging"));
        }
        if let Some(error) = status.and_then(|it| it.latest_delivery_error()).filter(|it| !it.is_empty()) {
            self.gap(format!("trail {name}: its last delivery failed: {error}"));
        }
        if selectors.is_some_and(|it| !records_kms(it)) {
            self.gap(format!("trail {name}: its selectors leave KMS events out"));
        }
        let data = selectors.map(data_events);
        if data == Some(false) {
            self.note(format!("trail {name}: no data events: reads and writes of objects are not recorded"));
        }
        let key = trail.kms_key_id().unwrap_or_default();
        let own = incident.is(key);
        if own {
            self.at_risk(format!(
                "trail {name}: its files lie under the very key under incident ({key}): without the key CloudTrail delivers nothing more, and nothing of it can be read"
            ));
        }
        self.trails.push(json!({
            "name": name,
            "arn": trail.trail_arn(),
            "home_region": trail.home_region(),
            "multi_region": trail.is_multi_region_trail(),
            "organization": trail.is_organization_trail(),
            "bucket": trail.s3_bucket_name(),
            "prefix": trail.s3_key_prefix(),
            "validation": validation,
            "kms_key": key,
            "under_the_key": own,
            "global_service_events": trail.include_global_service_events(),
            "status": standing(status),
            "delivery_lag_seconds": status.and_then(|it| it.latest_delivery_time()).map(|at| order.paper.now().timestamp() - at.secs()),
            "latest_delivery_at": when(status.and_then(|it| it.latest_delivery_time())),
            "kms_events": selectors.map(records_kms),
            "data_events": data,
            "selectors": selectors.map(told),
        }));
    }

    /// The evidence source hangs on the key: told apart, and among the notes.
    pub(super) fn at_risk(&mut self, what: String) {
        self.note(what.clone());
        self.at_risk.push(what);
    }

    /// An object of a trail that S3 encrypts with the key under incident.
    pub(super) fn under_the_key(&mut self, bucket: &str, listed: &Listed, key: &str) {
        self.under_the_key.add(object(bucket, listed));
        if self.under_the_key.count == 1 {
            self.at_risk(format!(
                "s3://{bucket}/{}: S3 encrypts it with the key under incident ({key}): take what lies under the key before it is lost, and copy it under another",
                listed.key
            ));
        }
    }

    /// Hours of the window without a digest. While the trail did not log there is none, and
    /// that is no gap of the collection.
    pub(super) fn without_digests(&mut self, bucket: &str, folder: &str, holes: &[Hole]) {
        for Hole { span, told_by_trail } in holes {
            let mut hole = span.told();
            (hole["bucket"], hole["prefix"]) = (json!(bucket), json!(folder));
            hole["trail_was_off"] = json!(told_by_trail);
            self.missing_digests.add(hole);
            let (from, to) = (show(span.from), show(span.to));
            if *told_by_trail {
                self.note(format!(
                    "s3://{bucket}/{folder}: no digest from {from} to {to}: the trail was off"
                ));
            } else if self.missing_digests.count <= GAPS {
                self.gap(format!(
                    "s3://{bucket}/{folder}: no digest from {from} to {to}: nothing proves the files of that time"
                ));
            }
        }
    }

    /// Tells how many there are of what was not told one by one.
    pub(super) fn close(&mut self) {
        for (named, what) in [
            (&self.unread, "objects could not be read"),
            (&self.withheld, "objects were withheld"),
            (&self.missing_digests, "stretches have no digest"),
        ] {
            if let Some(more) = named.count.checked_sub(GAPS).filter(|more| *more > 0) {
                self.gaps.push(format!("{more} more {what}; the coverage names them"));
            }
        }
    }

    pub(super) fn at_risk_told(&self) -> &[String] {
        &self.at_risk
    }

    pub(super) fn prefix(&mut self, prefix: Value) {
        self.prefixes.push(prefix);
    }

    pub(super) fn deleted(&mut self, bucket: &str, listed: &Listed) {
        self.deleted.add(object(bucket, listed));
        if self.deleted.count == 1 {
            self.gap(format!(
                "s3://{bucket}/{}: it was deleted, and its bytes are those of an older version",
                listed.key
            ));
        }
    }

    pub(super) fn older(&mut self, bucket: &str, listed: &Listed) {
        self.older.add(object(bucket, listed));
    }

    pub(super) fn withheld(&mut self, bucket: &str, listed: &Listed, why: &str, seen: Option<(Digest, u64)>) {
        let mut object = object(bucket, listed);
        object["why"] = json!(why);
        if let Some((digest, bytes)) = seen {
            (object["sha256"], object["size"]) = (json!(digest), json!(bytes));
        }
        self.withheld.add(object);
        if self.withheld.count <= GAPS {
            self.gap(format!("s3://{bucket}/{:?} was withheld: {why}", listed.key));
        }
    }

    pub(super) fn unread(&mut self, bucket: &str, listed: &Listed, why: &str) {
        let mut object = object(bucket, listed);
        object["why"] = json!(why);
        self.unread.add(object);
        if self.unread.count <= GAPS {
            self.gap(format!("s3://{bucket}/{}: {why}", listed.key));
        }
    }

    pub(super) fn answered(&mut self, answered: bool) {
        self.answered = answered;
    }

    pub(super) fn has_nothing(&self) -> bool {
        !self.answered && !self.gaps.is_empty()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    pub(super) fn gaps(&self) -> &[String] {
        &self.gaps
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) fn told(&self, window: Window, counted: &Counted, index: &Artifact, events: &Events) -> Value {
        json!({
            "v": 1,
            "window": window.told(),
            "complete": self.is_complete(),
            "gaps": self.gaps,
            "notes": self.notes,
            "collected": counted,
            "index": index,
            "trails": self.trails,
            "prefixes": self.prefixes,
            "withheld": self.withheld,
            "deleted": self.deleted,
            "older_versions": self.older,
            "unread": self.unread,
            "missing_digests": self.missing_digests,
            "at_risk": self.at_risk,
            "under_the_key": self.under_the_key,
            "lookup_events": events.told,
            "not_collected": ["CloudTrail Lake", "accounts of an organization other than the caller's own"],
            "bucket_keys": "with S3 Bucket Keys one Decrypt stands for many reads: that there is no Decrypt event is no proof that nobody read",
        })
    }
}

fn object(bucket: &str, listed: &Listed) -> Value {
    json!({
        "bucket": bucket,
        "key": listed.key,
        "version_id": listed.version,
        "size": listed.size,
        "last_modified": listed.modified,
    })
}

fn data_events(selectors: &GetEventSelectorsOutput) -> bool {
    let advanced =
        selectors.advanced_event_selectors().iter().flat_map(AdvancedEventSelector::field_selectors);
    selectors.event_selectors().iter().any(|it| !it.data_resources().is_empty())
        || advanced
            .into_iter()
            .any(|it| it.field() == "eventCategory" && it.equals().iter().any(|value| value == "Data"))
}

fn told(selectors: &GetEventSelectorsOutput) -> Value {
    let basic = selectors.event_selectors().iter().map(|it| {
        json!({
            "read_write_type": it.read_write_type().map(ReadWriteType::as_str),
            "include_management_events": it.include_management_events(),
            "excluded": it.exclude_management_event_sources(),
            "data_resources": it.data_resources().iter().map(|it| json!({ "type": it.r#type(), "values": it.values() })).collect::<Vec<_>>(),
        })
    });
    let advanced = selectors.advanced_event_selectors().iter().map(|it| {
        let field = |it: &aws_sdk_cloudtrail::types::AdvancedFieldSelector| {
            json!({
                "field": it.field(), "equals": it.equals(), "not_equals": it.not_equals(),
                "starts_with": it.starts_with(), "not_starts_with": it.not_starts_with(),
                "ends_with": it.ends_with(), "not_ends_with": it.not_ends_with(),
            })
        };
        json!({ "name": it.name(), "fields": it.field_selectors().iter().map(field).collect::<Vec<_>>() })
    });
    json!({ "basic": basic.collect::<Vec<_>>(), "advanced": advanced.collect::<Vec<_>>() })
}
