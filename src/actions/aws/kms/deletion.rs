//! `ScheduleKeyDeletion` and `CancelKeyDeletion`.

use aws_sdk_kms::types::KeyMetadata;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::describe::{arn, describe, state};
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct ScheduleKeyDeletion;
pub(in crate::actions::aws) struct CancelKeyDeletion;

impl Act for ScheduleKeyDeletion {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (key, days) = (order.key("key")?, days(order)?);
            let kms = order.kms_of(key).await?;
            let found = describe(order, &kms, key).await?;
            order.found_before(json!({ "arn": arn(&found), "state": state(&found) }));
            let before = before(order, "state_before", state(&found), Looks::done_if(is_pending(&found)))?;
            // KMS refuses what is scheduled already; that it is, was an earlier attempt's work.
            if is_pending(&found) && before != state(&found) {
                return Ok(json!({ "deletion_at": when(found.deletion_date()), "state_before": before }));
            }
            let asked = kms.schedule_key_deletion().key_id(key).pending_window_in_days(days);
            let said = order.heard(asked.send().await)?;
            Ok(json!({ "deletion_at": when(said.deletion_date()), "state_before": before }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let found = describe(order, &order.kms_of(key).await?, key).await?;
            let says = format!("DescribeKey says {}", state(&found));
            if is_pending(&found) {
                return Ok(Probed::took_place(says, json!({ "deletion_at": when(found.deletion_date()) })));
            }
            Ok(Probed::did_not(says))
        })
    }
}

impl Act for CancelKeyDeletion {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            let found = describe(order, &kms, key).await?;
            let deletion_at = when(found.deletion_date());
            order.found_before(
                json!({ "arn": arn(&found), "state": state(&found), "deletion_at": deletion_at }),
            );
            let outputs = json!({ "arn": arn(&found) });
            // KMS refuses to cancel what is not scheduled; an earlier attempt had cancelled it.
            if order.progress.is_some() && !is_pending(&found) {
                return Ok(outputs);
            }
            order.paper.progress(outputs.clone())?;
            order.heard(kms.cancel_key_deletion().key_id(key).send().await)?;
            Ok(outputs)
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let found = describe(order, &order.kms_of(key).await?, key).await?;
            let says = format!("DescribeKey says {}", state(&found));
            if is_pending(&found) {
                return Ok(Probed::did_not(says));
            }
            Ok(Probed::took_place(says, json!({ "arn": arn(&found) })))
        })
    }
}

fn is_pending(key: &KeyMetadata) -> bool {
    matches!(state(key), "PendingDeletion" | "PendingReplicaDeletion")
}

/// The waiting period; KMS takes 7 to 30 days (`ScheduleKeyDeletion`).
fn days(order: &Order<'_>) -> Result<i32, Fault> {
    let days = order.inputs().integer("days")?;
    i32::try_from(days).ok().filter(|days| (7..=30).contains(days)).ok_or_else(|| {
        Fault::new(FaultKind::Refused, format!("kms.schedule_key_deletion: {days} days; KMS takes 7 to 30"))
            .hint("nothing was sent")
    })
}
