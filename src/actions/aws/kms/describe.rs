//! `DescribeKey`: a key in any form, resolved once.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{AliasListEntry, KeyMetadata, MultiRegionKeyType};
use serde_json::{Value, json};

use crate::actions::aws::arn::Arn;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct DescribeKey;

impl Act for DescribeKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let name = order.inputs().text("key")?;
            let kms = order.kms_of(name).await?;
            let key = describe(order, &kms, name).await?;
            let aliases = aliases(order, &kms, key.arn().unwrap_or(key.key_id())).await?;
            Ok(facts(&key, &aliases))
        })
    }
}

/// Every text by which an event may name a key that is given by any of them, aliases of its
/// replicas included; and what could not be read of these.
pub(in crate::actions::aws) async fn every_form(
    order: &Order<'_>,
    name: &str,
) -> Result<(Vec<String>, Vec<String>), Stop> {
    let kms = order.kms_of(name).await?;
    let key = describe(order, &kms, name).await?;
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for arn in key.arn().into_iter().chain(replicas(&key)) {
        match aliases(order, &order.kms_of(arn).await?, arn).await {
            Ok(aliases) => found.extend(aliases),
            Err(Stop::Fault(fault)) => unread.push(format!("aliases of {arn}: {}", fault.message)),
            Err(stop) => return Err(stop),
        }
    }
    Ok((forms(&key, &found), unread))
}

/// Every text by which an event of its own Region may name a key, and why its aliases could
/// not be read where they could not.
pub(in crate::actions::aws) async fn forms_at_home(
    order: &Order<'_>,
    kms: &Client,
    key: &KeyMetadata,
) -> Result<(Vec<String>, Option<String>), Stop> {
    let (aliases, unread) = match aliases(order, kms, arn(key)).await {
        Ok(aliases) => (aliases, None),
        Err(Stop::Fault(fault)) => (Vec::new(), Some(format!("aliases of {}: {}", arn(key), fault.message))),
        Err(stop) => return Err(stop),
    };
    let abroad = replicas(key);
    let at_home = forms(key, &aliases).into_iter().filter(|form| !abroad.contains(&form.as_str()));
    Ok((at_home.collect(), unread))
}

/// ARNs of the replicas of a multi-Region primary key; none for any other key.
pub(in crate::actions::aws) fn replicas_of_primary(key: &KeyMetadata) -> Vec<&str> {
    let family = key.multi_region_configuration();
    let is_primary =
        family.and_then(|family| family.multi_region_key_type()) == Some(&MultiRegionKeyType::Primary);
    if is_primary { replicas(key) } else { Vec::new() }
}

/// The state of a key. Takes aliases too.
pub(in crate::actions::aws) async fn describe(
    order: &Order<'_>,
    kms: &Client,
    key: &str,
) -> Result<KeyMetadata, Stop> {
    let said = order.heard(kms.describe_key().key_id(key).send().await)?;
    let nothing = || Fault::new(FaultKind::Rejected, "kms:DescribeKey answered without the key");
    Ok(said.key_metadata.ok_or_else(nothing)?)
}

/// Every alias of a key, all pages.
pub(super) async fn aliases(order: &Order<'_>, kms: &Client, key: &str) -> Result<Vec<AliasListEntry>, Stop> {
    let mut pages = kms.list_aliases().key_id(key).into_paginator().send();
    let mut aliases = Vec::new();
    while let Some(page) = pages.next().await {
        aliases.extend(order.heard(page)?.aliases.unwrap_or_default());
    }
    Ok(aliases)
}

/// The word of KMS for the state of a key.
pub(in crate::actions::aws) fn state(key: &KeyMetadata) -> &str {
    key.key_state().map_or("", |state| state.as_str())
}

pub(in crate::actions::aws) fn arn(key: &KeyMetadata) -> &str {
    key.arn().unwrap_or(key.key_id())
}

fn facts(key: &KeyMetadata, aliases: &[AliasListEntry]) -> Value {
    let names: Vec<_> = aliases.iter().filter_map(AliasListEntry::alias_name).collect();
    let region = key.arn().and_then(Arn::parse).map_or("", |arn| arn.region);
    json!({
        "id": key.key_id(),
        "arn": arn(key),
        "account": key.aws_account_id().unwrap_or_default(),
        "region": region,
        "state": state(key),
        "manager": key.key_manager().map_or("", |it| it.as_str()),
        "origin": key.origin().map_or("", |it| it.as_str()),
        "spec": key.key_spec().map_or("", |it| it.as_str()),
        "usage": key.key_usage().map_or("", |it| it.as_str()),
        "multi_region": key.multi_region().unwrap_or_default(),
        "replicas": replicas(key),
        "description": key.description().unwrap_or_default(),
        "created_at": when(key.creation_date()),
        "deletion_at": when(key.deletion_date()),
        "aliases": names,
        "forms": forms(key, aliases),
    })
}

/// ARNs of the related keys of a multi-Region key in other Regions, the primary included.
fn replicas(key: &KeyMetadata) -> Vec<&str> {
    let Some(family) = key.multi_region_configuration() else { return Vec::new() };
    let primary = family.primary_key().into_iter();
    let arns = primary.chain(family.replica_keys()).filter_map(|it| it.arn());
    arns.filter(|arn| Some(*arn) != key.arn()).collect()
}

/// Every text by which an event may name the key: bare id, ARN, alias names, alias ARNs,
/// and the ARNs of its replicas, which share its `mrk-` id. Aliases of replicas belong to
/// their own Regions, and are found by describing the replica there.
fn forms(key: &KeyMetadata, aliases: &[AliasListEntry]) -> Vec<String> {
    let mut forms: Vec<&str> = vec![key.key_id()];
    forms.extend(key.arn());
    forms.extend(aliases.iter().filter_map(AliasListEntry::alias_name));
    forms.extend(aliases.iter().filter_map(AliasListEntry::alias_arn));
    forms.extend(replicas(key));
    let mut once: Vec<String> = Vec::new();
    for form in forms {
        if !once.iter().any(|known| known == form) {
            once.push(form.to_owned());
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::{MultiRegionConfiguration, MultiRegionKey};

    use super::*;

    fn arn_in(region: &str) -> String {
        format!("arn:aws:kms:{region}:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab")
    }

    #[test]
    fn the_forms_of_a_key_are_its_id_arns_aliases_and_replicas() {
        let member = |region: &str| MultiRegionKey::builder().arn(arn_in(region)).region(region).build();
        let family = MultiRegionConfiguration::builder()
            .primary_key(member("us-east-1"))
            .replica_keys(member("eu-west-1"))
            .build();
        let key = KeyMetadata::builder()
            .key_id("mrk-1234abcd12ab34cd56ef1234567890ab")
            .arn(arn_in("us-east-1"))
            .multi_region_configuration(family)
            .build()
            .expect("a key");
        let alias = AliasListEntry::builder()
            .alias_name("alias/pii")
            .alias_arn("arn:aws:kms:us-east-1:111122223333:alias/pii")
            .build();
        assert!(replicas_of_primary(&key).is_empty(), "what KMS does not call the primary is none");
        let expected = [
            "mrk-1234abcd12ab34cd56ef1234567890ab".to_owned(),
            arn_in("us-east-1"),
            "alias/pii".to_owned(),
            "arn:aws:kms:us-east-1:111122223333:alias/pii".to_owned(),
            arn_in("eu-west-1"),
        ];
        assert_eq!(forms(&key, &[alias]), expected);
    }
}
