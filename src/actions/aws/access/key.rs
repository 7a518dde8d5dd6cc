//! The key: `DescribeKey`, `GetKeyPolicy`, `ListGrants`, `ListAliases`, `GetKeyLastUsage`.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{GrantConstraints, GrantListEntry, GrantOperation, KeyMetadata};
use serde_json::{Value, json};

use super::collection::{Collection, object};
use crate::actions::aws::arn::Arn;
use crate::actions::aws::kms::in_order;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::run::{Fault, FaultKind};

/// Which key it is, and whose.
pub(super) struct Found {
    pub account: String,
}

pub(super) async fn collect(
    order: &Order<'_>,
    named: &str,
    collection: &mut Collection,
) -> Result<Found, Stop> {
    let kms = order.kms_of(named).await?;
    let said = order.heard(kms.describe_key().key_id(named).send().await)?;
    let described = said.key_metadata().filter(|key| key.arn().is_some());
    let described = described
        .ok_or_else(|| Fault::new(FaultKind::Rejected, format!("DescribeKey tells no ARN of {named}")))?;
    let arn = described.arn().unwrap_or_default().to_owned();
    collection.add("describe-key.json", &json!({ "KeyMetadata": metadata(described) }));
    collection.add_if_read("key-policy.json", policy(order, &kms, &arn).await)?;
    collection.add_if_read("grants.json", grants(order, &kms, &arn).await)?;
    collection.add_if_read("aliases.json", aliases(order, &kms, &arn).await)?;
    collection.add_if_read("last-used/key.json", last_usage(order, &kms, &arn).await)?;
    let account = Arn::parse(&arn).map(|arn| arn.account.to_owned());
    Ok(Found { account: account.unwrap_or_default() })
}

fn metadata(key: &KeyMetadata) -> Value {
    object([
        ("AWSAccountId", key.aws_account_id().map(Value::from)),
        ("KeyId", Some(key.key_id().into())),
        ("Arn", key.arn().map(Value::from)),
        ("CreationDate", key.creation_date().map(|at| when(Some(at)).into())),
        ("Enabled", Some(key.enabled().into())),
        ("Description", key.description().map(Value::from)),
        ("KeyUsage", key.key_usage().map(|usage| usage.as_str().into())),
        ("KeyState", key.key_state().map(|state| state.as_str().into())),
        ("DeletionDate", key.deletion_date().map(|at| when(Some(at)).into())),
        ("Origin", key.origin().map(|origin| origin.as_str().into())),
        ("KeyManager", key.key_manager().map(|manager| manager.as_str().into())),
        ("KeySpec", key.key_spec().map(|spec| spec.as_str().into())),
        ("MultiRegion", key.multi_region().map(Value::from)),
    ])
}

async fn policy(order: &Order<'_>, kms: &Client, arn: &str) -> Result<Value, Stop> {
    let said = order.heard(kms.get_key_policy().key_id(arn).send().await)?;
    Ok(object([
        ("Policy", said.policy().map(Value::from)),
        ("PolicyName", said.policy_name().map(Value::from)),
    ]))
}

/// All pages, as one answer.
async fn grants(order: &Order<'_>, kms: &Client, arn: &str) -> Result<Value, Stop> {
    Ok(json!({ "Grants": raw_grants(order, kms, arn).await?, "Truncated": false }))
}

/// Every grant, in the form of ListGrants.
pub(super) async fn raw_grants(order: &Order<'_>, kms: &Client, arn: &str) -> Result<Vec<Value>, Stop> {
    let mut pages = kms.list_grants().key_id(arn).into_paginator().send();
    let mut grants = Vec::new();
    while let Some(page) = pages.next().await {
        grants.extend(order.heard(page)?.grants().iter().map(grant));
        order.paper.show_progress(grants.len() as u64, None, "grants");
    }
    Ok(grants)
}

fn grant(grant: &GrantListEntry) -> Value {
    let operations: Vec<_> = grant.operations().iter().map(GrantOperation::as_str).collect();
    object([
        ("KeyId", grant.key_id().map(Value::from)),
        ("GrantId", grant.grant_id().map(Value::from)),
        ("Name", grant.name().map(Value::from)),
        ("CreationDate", grant.creation_date().map(|at| when(Some(at)).into())),
        ("GranteePrincipal", grant.grantee_principal().map(Value::from)),
        ("GranteeServicePrincipal", grant.grantee_service_principal().map(Value::from)),
        ("RetiringPrincipal", grant.retiring_principal().map(Value::from)),
        ("RetiringServicePrincipal", grant.retiring_service_principal().map(Value::from)),
        ("IssuingAccount", grant.issuing_account().map(Value::from)),
        ("Operations", Some(operations.into())),
        ("Constraints", grant.constraints().map(constraints)),
    ])
}

fn constraints(of: &GrantConstraints) -> Value {
    object([
        ("EncryptionContextSubset", of.encryption_context_subset().map(in_order)),
        ("EncryptionContextEquals", of.encryption_context_equals().map(in_order)),
        ("SourceArn", of.source_arn().map(Value::from)),
    ])
}

async fn aliases(order: &Order<'_>, kms: &Client, arn: &str) -> Result<Value, Stop> {
    let mut pages = kms.list_aliases().key_id(arn).into_paginator().send();
    let mut aliases = Vec::new();
    while let Some(page) = pages.next().await {
        let page = order.heard(page)?;
        aliases.extend(page.aliases().iter().map(|alias| {
            object([
                ("AliasName", alias.alias_name().map(Value::from)),
                ("AliasArn", alias.alias_arn().map(Value::from)),
                ("TargetKeyId", alias.target_key_id().map(Value::from)),
            ])
        }));
    }
    Ok(json!({ "Aliases": aliases, "Truncated": false }))
}

async fn last_usage(order: &Order<'_>, kms: &Client, arn: &str) -> Result<Value, Stop> {
    let said = order.heard(kms.get_key_last_usage().key_id(arn).send().await)?;
    let last = said.key_last_usage().map(|last| {
        object([
            ("Operation", last.operation().map(|operation| operation.as_str().into())),
            ("Timestamp", last.timestamp().map(|at| when(Some(at)).into())),
            ("CloudTrailEventId", last.cloud_trail_event_id().map(Value::from)),
            ("KmsRequestId", last.kms_request_id().map(Value::from)),
        ])
    });
    Ok(object([
        ("KeyId", said.key_id().map(Value::from)),
        ("KeyLastUsage", last),
        ("KeyCreationDate", said.key_creation_date().map(|at| when(Some(at)).into())),
        ("TrackingStartDate", said.tracking_start_date().map(|at| when(Some(at)).into())),
    ]))
}
