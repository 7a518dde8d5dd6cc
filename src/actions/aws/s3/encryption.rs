//! `PutBucketEncryption`: what is written from now on lies under another key.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::bucket;
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::Fault;

pub(in crate::actions::aws) struct PutBucketEncryption;

impl Act for PutBucketEncryption {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (name, key) = (order.inputs().text("bucket")?, key(order)?);
            let s3 = bucket::client_for(order, name, None).await?;
            let found = bucket::default_encryption(order, &s3, name).await?;
            let told = bucket::told(found.as_ref());
            order.found_before(json!({ "bucket": name, "encryption": told }));
            let looks = Looks::done_if(bucket::key(found.as_ref()) == key);
            let before = before(order, "before", told, looks)?;
            put(order, &s3, name, rule(found.as_ref(), key, order)?).await?;
            Ok(json!({ "before": before }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (name, wanted) = (order.inputs().text("bucket")?, key(order)?);
            let s3 = bucket::client_for(order, name, None).await?;
            let found = bucket::default_encryption(order, &s3, name).await?;
            let says = format!("GetBucketEncryption names the key `{}`", bucket::key(found.as_ref()));
            if bucket::key(found.as_ref()) == wanted {
                return Ok(Probed::took_place(says, json!({})));
            }
            Ok(Probed::did_not(says))
        })
    }
}

/// Any name of a key that S3 takes: putting back what stood there before may need an alias.
fn key<'a>(order: &Order<'a>) -> Result<&'a str, Fault> {
    let key = order.inputs().text("key")?;
    if key.is_empty() {
        return Err(order.inputs().fault("key", "is empty"));
    }
    Ok(key)
}

/// The rule as it was, with another key: bucket keys and blocked types stay.
fn rule(
    before: Option<&ServerSideEncryptionRule>,
    key: &str,
    order: &Order<'_>,
) -> Result<ServerSideEncryptionRule, Fault> {
    // The two-layer kind stays what it was.
    let kms = |it: &&ServerSideEncryption| {
        matches!(it, ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
    };
    let default = before.and_then(|rule| rule.apply_server_side_encryption_by_default());
    let algorithm = default
        .map(aws_sdk_s3::types::ServerSideEncryptionByDefault::sse_algorithm)
        .filter(kms)
        .unwrap_or(&ServerSideEncryption::AwsKms);
    let default =
        ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm.clone()).kms_master_key_id(key);
    let default = default.build().map_err(|error| order.inputs().fault("key", &error.to_string()))?;
    Ok(ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .set_bucket_key_enabled(
            before.and_then(aws_sdk_s3::types::ServerSideEncryptionRule::bucket_key_enabled),
        )
        .set_blocked_encryption_types(before.and_then(|rule| rule.blocked_encryption_types()).cloned())
        .build())
}

async fn put(order: &Order<'_>, s3: &Client, name: &str, rule: ServerSideEncryptionRule) -> Result<(), Stop> {
    let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build();
    let configuration = configuration.map_err(|error| order.inputs().fault("bucket", &error.to_string()))?;
    let asked = s3.put_bucket_encryption().bucket(name).server_side_encryption_configuration(configuration);
    order.heard(asked.send().await)?;
    Ok(())
}
