//! `DescribeTrails`, with the status and the selectors of each trail, and the key that its
//! bucket encrypts with.

use aws_sdk_cloudtrail::types::Trail;
use serde_json::{Value, json};

use super::selectors::records_kms;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::s3;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;

pub(in crate::actions::aws) struct DescribeTrails;

impl Act for DescribeTrails {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let cloudtrail = order.cloudtrail(None).await?;
            let said = order.heard(cloudtrail.describe_trails().include_shadow_trails(true).send().await)?;
            let (mut trails, mut unread) = (Vec::new(), Vec::new());
            for trail in said.trail_list() {
                trails.push(facts(order, trail, &mut unread).await?);
            }
            let logging = trails.iter().any(|trail| trail["logging"] == true && trail["kms_events"] == true);
            Ok(json!({ "trails": trails, "logging": logging, "unread": unread }))
        })
    }
}

/// A trail lives in its home Region, also where it shows up as a shadow elsewhere. What
/// cannot be read of it counts as not recorded, and is named in `unread`.
async fn facts(order: &Order<'_>, trail: &Trail, unread: &mut Vec<String>) -> Result<Value, Stop> {
    let arn = trail.trail_arn().or(trail.name()).unwrap_or_default();
    let home = order.cloudtrail(trail.home_region()).await?;
    let status = order.heard(home.get_trail_status().name(arn).send().await);
    let status = noted(status, &format!("status of {arn}"), unread)?;
    let selectors = order.heard(home.get_event_selectors().trail_name(arn).send().await);
    let selectors = noted(selectors, &format!("selectors of {arn}"), unread)?;
    let bucket = trail.s3_bucket_name().unwrap_or_default();
    let default = noted(default_key(order, bucket).await, &format!("encryption of bucket {bucket}"), unread)?;
    Ok(json!({
        "name": trail.name().unwrap_or_default(),
        "arn": arn,
        "bucket": bucket,
        "prefix": trail.s3_key_prefix().unwrap_or_default(),
        "multi_region": trail.is_multi_region_trail().unwrap_or_default(),
        "logging": status.as_ref().is_some_and(|it| it.is_logging().unwrap_or_default()),
        "validation": trail.log_file_validation_enabled().unwrap_or_default(),
        "kms_key": trail.kms_key_id().unwrap_or_default(),
        "bucket_kms_key": default.unwrap_or_default(),
        "kms_events": selectors.as_ref().is_some_and(records_kms),
        "latest_delivery_at": when(status.as_ref().and_then(|it| it.latest_delivery_time())),
    }))
}

/// The key that a bucket encrypts with by default; empty where it is none of KMS'.
async fn default_key(order: &Order<'_>, bucket: &str) -> Result<String, Stop> {
    let client = s3::client_for(order, bucket, None).await?;
    let rule = s3::default_encryption(order, &client, bucket).await?;
    Ok(s3::key_of_default(rule.as_ref()).to_owned())
}

fn noted<T>(read: Result<T, Stop>, what: &str, unread: &mut Vec<String>) -> Result<Option<T>, Stop> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Stop::Fault(fault)) => {
            unread.push(format!("{what}: {}", fault.message));
            Ok(None)
        }
        Err(stop) => Err(stop),
    }
}
