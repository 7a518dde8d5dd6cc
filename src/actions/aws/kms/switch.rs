//! `DisableKey` and `EnableKey`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::describe::{arn, describe, state};
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct DisableKey;
pub(in crate::actions::aws) struct EnableKey;

impl Act for DisableKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            let outputs = found(order, &kms, key, "Disabled").await?;
            order.heard(kms.disable_key().key_id(key).send().await)?;
            Ok(outputs)
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(switched(order, "Disabled"))
    }
}

impl Act for EnableKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            let outputs = found(order, &kms, key, "Enabled").await?;
            order.heard(kms.enable_key().key_id(key).send().await)?;
            Ok(outputs)
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(switched(order, "Enabled"))
    }
}

async fn found(order: &Order<'_>, kms: &aws_sdk_kms::Client, key: &str, wanted: &str) -> Result<Value, Stop> {
    let found = describe(order, kms, key).await?;
    order.found_before(json!({ "arn": arn(&found), "state": state(&found) }));
    if found.key_manager().is_some_and(|it| it.as_str() == "AWS") {
        let why = format!("{} is managed by AWS, which lets nobody enable or disable it", arn(&found));
        return Err(Fault::new(FaultKind::Refused, why).hint("contain what it protects instead").into());
    }
    let before = before(order, "state_before", state(&found), Looks::done_if(state(&found) == wanted))?;
    Ok(json!({ "arn": arn(&found), "state_before": before }))
}

/// Whether the key is in the state that the attempt was to bring it into.
async fn switched(order: &Order<'_>, wanted: &str) -> Result<Probed, Stop> {
    let key = order.key("key")?;
    let found = describe(order, &order.kms_of(key).await?, key).await?;
    let says = format!("DescribeKey says {}", state(&found));
    if state(&found) == wanted {
        return Ok(Probed::took_place(says, json!({ "arn": arn(&found) })));
    }
    Ok(Probed::did_not(says))
}
