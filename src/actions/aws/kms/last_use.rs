//! `GetKeyLastUsage`: the last successful use of a key, and since when KMS keeps count.

use aws_sdk_kms::operation::get_key_last_usage::GetKeyLastUsageOutput;
use serde_json::{Value, json};

use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;

pub(in crate::actions::aws) struct GetKeyLastUsage;

impl Act for GetKeyLastUsage {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            Ok(facts(&order.heard(kms.get_key_last_usage().key_id(key).send().await)?))
        })
    }
}

pub(super) fn facts(said: &GetKeyLastUsageOutput) -> Value {
    let last = said.key_last_usage();
    json!({
        "at": when(last.and_then(|it| it.timestamp())),
        "operation": last.and_then(|it| it.operation()).map_or("", |it| it.as_str()),
        "event_id": last.and_then(|it| it.cloud_trail_event_id()).unwrap_or_default(),
        "request_id": last.and_then(|it| it.kms_request_id()).unwrap_or_default(),
        "tracking_since": when(said.tracking_start_date()),
    })
}
