//! Every version of a bucket's objects from one key to another. Each says under which key
//! it lies, so that a pass that was interrupted is simply made again and does the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::bucket::{self, KeyNames};
use super::object::Version;
use super::rekey::{Became, Plan, rekey};
use super::walk::walk;
use crate::actions::aws::arn::Arn;
use crate::actions::aws::kms;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::instant;
use crate::actions::paper::Sheet;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

/// How often progress is made durable and shown: once for so many versions.
const RECORDED: u64 = 1_000;
const SHOWN: u64 = 50;

pub(in crate::actions::aws) struct Reencrypt;

impl Act for Reencrypt {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let name = order.inputs().text("bucket")?;
            let (from, to) = (order.key("from")?, target(order)?);
            for key in [from, to] {
                enabled(order, key).await?;
            }
            let s3 = bucket::client_for(order, name, None).await?;
            let default = bucket::default_encryption(order, &s3, name).await?;
            order.found_before(json!({ "bucket": name, "encryption": bucket::told(default.as_ref()) }));
            order.expect_many_calls();
            let plan = Plan {
                s3: s3.clone(),
                from: KeyNames::new(from, &[]),
                to: Arc::from(to),
                now: instant(order.paper.now()),
                copies: Arc::new(AtomicBool::new(false)),
            };
            let mut pass = Pass::new(order, order.paper.sheet("s3-reencryption.jsonl")?);
            let work = |version: Version| {
                let plan = plan.clone();
                async move {
                    let became = rekey(&plan, &version).await;
                    (version, became)
                }
            };
            walk(order, &s3, name, work, |(version, became)| pass.take(&version, &became)).await?;
            pass.told()
        })
    }
}

/// Decrypt, ReEncrypt and GenerateDataKey fail on a key that is not enabled (AWS KMS developer
/// guide, "Key states of AWS KMS keys"): said once, and not for every object. A key that may
/// not be described is left to S3 to judge.
async fn enabled(order: &Order<'_>, key: &str) -> Result<(), Stop> {
    let kms = order.kms_of(key).await?;
    let found = match kms::describe(order, &kms, key).await {
        Ok(found) => found,
        Err(Stop::Fault(_)) => return Ok(()),
        Err(stop) => return Err(stop),
    };
    let state = kms::state(&found);
    if state == "Enabled" {
        return Ok(());
    }
    let why = format!("the key {key} is {state}: nothing can be brought from or to it");
    Err(Fault::new(FaultKind::Refused, why)
        .hint("nothing was changed; put a fence around the key with kms.fence_key, then enable it behind the fence")
        .into())
}

/// S3 takes the full ARN of a key and nothing else here (`UpdateObjectEncryption`).
fn target<'a>(order: &Order<'a>) -> Result<&'a str, Stop> {
    let to = order.key("to")?;
    let full = Arn::parse(to).is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/"));
    let refused = |why: &str| {
        Fault::new(FaultKind::Refused, format!("s3.reencrypt: {why}: {to}")).hint("nothing was sent")
    };
    if !full {
        return Err(refused("`to` has to be the full ARN of a key").into());
    }
    if order.inputs().text("from")? == to {
        return Err(refused("`from` and `to` are the same key").into());
    }
    Ok(to)
}

struct Pass<'a> {
    order: &'a Order<'a>,
    list: Box<dyn Sheet + 'a>,
    seen: u64,
    updated: u64,
    copied: u64,
    already: u64,
    left: u64,
    /// How many were left for each reason, for whoever looks at the progress.
    reasons: BTreeMap<String, u64>,
}

impl<'a> Pass<'a> {
    fn new(order: &'a Order<'a>, list: Box<dyn Sheet + 'a>) -> Self {
        Self { order, list, seen: 0, updated: 0, copied: 0, already: 0, left: 0, reasons: BTreeMap::new() }
    }

    fn take(&mut self, version: &Version, became: &Became) -> Result<(), Stop> {
        self.seen += 1;
        match became {
            Became::Elsewhere => {}
            Became::Already => {
                self.already += 1;
                self.write(version, "already", &json!({}))?;
            }
            Became::Updated { request } => {
                self.updated += 1;
                self.write(version, "updated", &json!({ "request": request }))?;
            }
            Became::Copied { request, stays, lost } => {
                self.copied += 1;
                self.write(version, "copied", &json!({ "request": request, "not_carried": lost }))?;
                if *stays {
                    self.leave(version, "it stays as a version before its copy")?;
                }
            }
            Became::Left { why } => self.leave(version, why)?,
        }
        self.report()
    }

    fn leave(&mut self, version: &Version, why: &str) -> Result<(), Stop> {
        self.left += 1;
        *self.reasons.entry(why.to_owned()).or_default() += 1;
        self.write(version, "left", &json!({ "why": why }))
    }

    fn write(&mut self, version: &Version, became: &str, more: &Value) -> Result<(), Stop> {
        let mut line = version.line();
        line.insert("became".to_owned(), json!(became));
        let more = more.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        line.extend(more.map(|(name, value)| (name.clone(), value.clone())));
        Ok(self.list.write(format!("{}\n", Value::Object(line)).as_bytes())?)
    }

    fn report(&self) -> Result<(), Stop> {
        if self.seen.is_multiple_of(SHOWN) {
            self.order.paper.show_progress(self.seen, None, "object versions");
        }
        if self.seen.is_multiple_of(RECORDED) {
            self.order.paper.progress(json!({
                "seen": self.seen,
                "updated": self.updated,
                "copied": self.copied,
                "already": self.already,
                "left": self.left,
            }))?;
        }
        Ok(())
    }

    fn told(self) -> Result<Value, Stop> {
        let list = self.order.keep_sheet(self.list)?;
        Ok(json!({
            "updated": self.updated,
            "copied": self.copied,
            "already": self.already,
            "left": self.left,
            "list": list.path,
        }))
    }
}
