//! Everything that lies under a key: default encryption of buckets, and every version of
//! every object. A listing does not tell keys, so that each version is asked for its own.

use aws_sdk_s3::Client;
use serde_json::{Value, json};

use super::bucket::{self, KeyNames};
use super::object::Version;
use super::tally::Unread;
use super::walk::walk;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::paper::Sheet;
use crate::engine::Soon;

/// How often whoever watches is told: once for so many versions.
const SHOWN: u64 = 100;

pub(in crate::actions::aws) struct Inventory;

impl Act for Inventory {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let inputs = order.inputs();
            let names = KeyNames::new(order.key("key")?, &inputs.texts("aliases")?);
            let wanted: Vec<_> =
                inputs.texts("buckets")?.into_iter().map(|name| (name.to_owned(), None)).collect();
            let buckets = if wanted.is_empty() { bucket::every_bucket(order).await? } else { wanted };
            order.expect_many_calls();
            let mut survey = Survey::new(order.paper.sheet("s3-objects.jsonl")?);
            for (name, region) in &buckets {
                look_into(order, name, region.as_deref(), &names, &mut survey).await?;
            }
            survey.told(order)
        })
    }
}

async fn look_into(
    order: &Order<'_>,
    bucket: &str,
    region: Option<&str>,
    names: &KeyNames,
    survey: &mut Survey<'_>,
) -> Result<(), Stop> {
    let s3 = match bucket::client_for(order, bucket, region).await {
        Err(Stop::Fault(fault)) => {
            survey.unread.bucket(bucket, &fault.message);
            return Ok(());
        }
        s3 => s3?,
    };
    let default = match bucket::default_encryption(order, &s3, bucket).await {
        Err(Stop::Fault(fault)) => {
            survey.unread.bucket(bucket, &format!("default encryption: {}", fault.message));
            None
        }
        default => default?,
    };
    let mut found = Found {
        default: names.include(bucket::key(default.as_ref())),
        bucket_key: default
            .as_ref()
            .and_then(aws_sdk_s3::types::ServerSideEncryptionRule::bucket_key_enabled)
            .unwrap_or_default(),
        ..Found::default()
    };
    match count(order, &s3, bucket, names, survey, &mut found).await {
        Err(Stop::Fault(fault)) => survey.unread.bucket(bucket, &format!("objects: {}", fault.message)),
        counted => counted?,
    }
    survey.take(bucket, &found);
    Ok(())
}

/// What lies under the key in one bucket.
#[derive(Debug, Default)]
struct Found {
    default: bool,
    bucket_key: bool,
    objects: u64,
    bytes: u64,
}

async fn count(
    order: &Order<'_>,
    s3: &Client,
    bucket: &str,
    names: &KeyNames,
    survey: &mut Survey<'_>,
    found: &mut Found,
) -> Result<(), Stop> {
    let work = |version: Version| {
        let s3 = s3.clone();
        async move {
            let head = version.head(&s3).await;
            (version, head)
        }
    };
    walk(order, s3, bucket, work, |(version, head)| {
        survey.seen += 1;
        if survey.seen.is_multiple_of(SHOWN) {
            order.paper.show_progress(survey.seen, None, "object versions");
        }
        let head = match head {
            Ok(head) => head,
            Err(why) => return survey.skip(&version, &why),
        };
        let key = head.ssekms_key_id().unwrap_or_default();
        if !names.include(key) {
            return Ok(());
        }
        found.objects += 1;
        found.bytes += version.size;
        found.bucket_key |= head.bucket_key_enabled().unwrap_or_default();
        let mut line = version.line();
        line.insert("kms_key".to_owned(), json!(key));
        line.insert(
            "encryption".to_owned(),
            json!(head.server_side_encryption().map_or("", |it| it.as_str())),
        );
        survey.write(&Value::Object(line))
    })
    .await
}

/// The whole account, as it is being gone through.
struct Survey<'a> {
    list: Box<dyn Sheet + 'a>,
    seen: u64,
    buckets: Vec<Value>,
    names: Vec<String>,
    defaults: Vec<String>,
    objects: u64,
    bytes: u64,
    unread: Unread,
}

impl<'a> Survey<'a> {
    fn new(list: Box<dyn Sheet + 'a>) -> Self {
        Self {
            list,
            seen: 0,
            buckets: Vec::new(),
            names: Vec::new(),
            defaults: Vec::new(),
            objects: 0,
            bytes: 0,
            unread: Unread::default(),
        }
    }

    fn write(&mut self, line: &Value) -> Result<(), Stop> {
        Ok(self.list.write(format!("{line}\n").as_bytes())?)
    }

    /// An object that could not be read may lie under the key: it is in the list as such.
    fn skip(&mut self, version: &Version, why: &str) -> Result<(), Stop> {
        self.unread.object(version, why);
        let mut line = version.line();
        line.insert("unread".to_owned(), json!(why));
        self.write(&Value::Object(line))
    }

    fn take(&mut self, bucket: &str, found: &Found) {
        if !found.default && found.objects == 0 {
            return;
        }
        self.objects += found.objects;
        self.bytes += found.bytes;
        self.names.push(bucket.to_owned());
        if found.default {
            self.defaults.push(bucket.to_owned());
        }
        self.buckets.push(json!({
            "bucket": bucket,
            "default": found.default,
            "bucket_key": found.bucket_key,
            "objects": found.objects,
            "bytes": found.bytes,
        }));
    }

    fn told(self, order: &Order<'_>) -> Result<Value, Stop> {
        let list = order.keep_sheet(self.list)?;
        Ok(json!({
            "buckets": self.buckets,
            "names": self.names,
            "defaults": self.defaults,
            "objects": self.objects,
            "bytes": self.bytes,
            "list": list.path,
            "unread": self.unread.told(),
        }))
    }
}
