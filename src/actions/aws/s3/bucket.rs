//! Buckets: which there are, where they are, and what they encrypt with by default.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::ServerSideEncryptionRule;
use serde_json::{Value, json};

use crate::actions::aws::arn::Arn;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

/// As many buckets as a page holds at most (`ListBuckets`).
const PAGE: i32 = 1_000;

/// The names of every bucket of the account, each with its Region where S3 says it.
pub(super) async fn every_bucket(order: &Order<'_>) -> Result<Vec<(String, Option<String>)>, Stop> {
    let mut pages = order.s3_of_any_region().await?.list_buckets().max_buckets(PAGE).into_paginator().send();
    let mut buckets = Vec::new();
    while let Some(page) = pages.next().await {
        let page = order.heard(page)?.buckets.unwrap_or_default();
        buckets.extend(page.into_iter().filter_map(|bucket| Some((bucket.name?, bucket.bucket_region))));
    }
    Ok(buckets)
}

/// A client in the Region of a bucket.
pub(in crate::actions::aws) async fn client_for(
    order: &Order<'_>,
    bucket: &str,
    region: Option<&str>,
) -> Result<Client, Stop> {
    if let Some(region) = region {
        return order.s3(Some(region)).await;
    }
    let said =
        order.heard(order.s3_of_any_region().await?.get_bucket_location().bucket(bucket).send().await)?;
    let region = match said.location_constraint().map_or("", |it| it.as_str()) {
        // The oldest Region has no name here, and the second oldest one of its own.
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    };
    order.s3(Some(region)).await
}

/// The default encryption of a bucket; `None` where it has none.
pub(in crate::actions::aws) async fn default_encryption(
    order: &Order<'_>,
    s3: &Client,
    bucket: &str,
) -> Result<Option<ServerSideEncryptionRule>, Stop> {
    use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
    let said = s3.get_bucket_encryption().bucket(bucket).send().await;
    let none = said.as_ref().err().and_then(|error| error.as_service_error()).and_then(|error| error.code());
    if none == Some("ServerSideEncryptionConfigurationNotFoundError") {
        return Ok(None);
    }
    let said = order.heard(said)?;
    let rules = said.server_side_encryption_configuration.map(|it| it.rules).unwrap_or_default();
    Ok(rules.into_iter().next())
}

/// Default encryption as outputs and evidence tell it; empty texts where there is none.
pub(super) fn told(rule: Option<&ServerSideEncryptionRule>) -> Value {
    let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
    json!({
        "algorithm": default.map_or("", |it| it.sse_algorithm().as_str()),
        "key": key(rule),
        "bucket_key": rule.and_then(aws_sdk_s3::types::ServerSideEncryptionRule::bucket_key_enabled).unwrap_or_default(),
    })
}

/// The key that default encryption names: id, ARN, alias name or alias ARN.
pub(in crate::actions::aws) fn key(rule: Option<&ServerSideEncryptionRule>) -> &str {
    let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
    default.and_then(|it| it.kms_master_key_id()).unwrap_or_default()
}

/// The names that S3 may know a key by.
#[derive(Clone, Debug)]
pub(super) struct KeyNames {
    key: String,
    aliases: Vec<String>,
}

impl KeyNames {
    pub(super) fn new(key: &str, aliases: &[&str]) -> Self {
        Self { key: key.to_owned(), aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect() }
    }

    /// Whether `named` is the key: by ARN, by bare id, or by one of the aliases.
    pub(super) fn include(&self, named: &str) -> bool {
        if named.is_empty() {
            return false;
        }
        let own = Arn::parse(&self.key);
        let other = Arn::parse(named);
        let same_place = match (own, other) {
            (Some(own), Some(other)) => own.account == other.account && own.region == other.region,
            _ => true,
        };
        let alias = other.map_or(named, |arn| arn.resource);
        named == self.key
            || (same_place && bare(named) == bare(&self.key))
            || self.aliases.iter().any(|known| known == named || (same_place && known == alias))
    }
}

fn bare(key: &str) -> &str {
    Arn::parse(key).and_then(|arn| arn.resource.strip_prefix("key/")).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_under_each_of_its_names_and_no_other() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
        let names = KeyNames::new(arn, &["alias/pii"]);
        for name in [arn, "1234abcd", "alias/pii", "arn:aws:kms:eu-west-1:111122223333:alias/pii"] {
            assert!(names.include(name), "{name}");
        }
        for name in [
            "",
            "1234abc",
            "alias/pi",
            "arn:aws:kms:eu-west-1:999988887777:alias/pii",
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
        ] {
            assert!(!names.include(name), "{name}");
        }
    }
}
