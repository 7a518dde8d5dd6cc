//! Who calls (AWS STS API reference, `GetCallerIdentity`).

use serde_json::{Value, json};

use super::fault::clock_offset;
use super::operation::Act;
use super::order::Order;
use super::stop::Stop;
use crate::engine::Soon;

pub(super) struct GetCallerIdentity;

impl Act for GetCallerIdentity {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let said = order.heard(order.sts().await?.get_caller_identity().send().await)?;
            let offset = order.last_exchange().as_ref().and_then(clock_offset).unwrap_or_default();
            Ok(json!({
                "account": said.account().unwrap_or_default(),
                "arn": said.arn().unwrap_or_default(),
                "user_id": said.user_id().unwrap_or_default(),
                "region": order.region(),
                "clock_offset_seconds": offset,
            }))
        })
    }
}
