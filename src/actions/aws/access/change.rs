//! One edit, sent.

use std::collections::HashMap;

use aws_sdk_iam::Client;
use aws_sdk_kms::types::{GrantConstraints, GrantOperation};
use serde_json::Value;

use super::holder::{Holder, bare};
use super::standing::id_of;
use super::version::put_version;
use crate::access::plan::Edit;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

pub(super) async fn change(order: &Order<'_>, edit: &Edit) -> Result<(), Stop> {
    let iam = order.iam().await?;
    match edit {
        Edit::DetachPolicy { principal, policy, .. } => detach(order, &iam, principal, policy).await,
        Edit::AttachPolicy { principal, policy } => attach(order, &iam, principal, policy).await,
        Edit::PutInline { principal, name, document: Some(document), .. } => {
            put(order, &iam, principal, name, &document.to_string()).await
        }
        Edit::PutInline { principal, name, document: None, .. } => delete(order, &iam, principal, name).await,
        Edit::LeaveGroup { user, group, .. } => {
            let sent = iam.remove_user_from_group().user_name(bare(user)).group_name(group).send().await;
            order.heard(sent).map(drop)
        }
        Edit::JoinGroup { user, group } => {
            let sent = iam.add_user_to_group().user_name(bare(user)).group_name(group).send().await;
            order.heard(sent).map(drop)
        }
        Edit::PutVersion { policy, document, .. } => put_version(order, &iam, policy, document).await,
        Edit::RevokeGrant { key, grant, before } => {
            let kms = order.kms_of(key).await?;
            let Some(grant) = id_of(order, key, grant, before).await? else { return Ok(()) };
            order.heard(kms.revoke_grant().key_id(key).grant_id(grant).send().await).map(drop)
        }
        Edit::CreateGrant { key, grant } => create_grant(order, key, grant).await,
        Edit::PutKeyPolicy { key, document, .. } => {
            let kms = order.kms_of(key).await?;
            order.heard(kms.put_key_policy().key_id(key).policy(document.to_string()).send().await).map(drop)
        }
    }
}

async fn detach(order: &Order<'_>, iam: &Client, principal: &str, policy: &str) -> Result<(), Stop> {
    let name = bare(principal);
    match Holder::of(principal)? {
        Holder::User => {
            order.heard(iam.detach_user_policy().user_name(name).policy_arn(policy).send().await).map(drop)
        }
        Holder::Role => {
            order.heard(iam.detach_role_policy().role_name(name).policy_arn(policy).send().await).map(drop)
        }
    }
}

async fn attach(order: &Order<'_>, iam: &Client, principal: &str, policy: &str) -> Result<(), Stop> {
    let name = bare(principal);
    match Holder::of(principal)? {
        Holder::User => {
            order.heard(iam.attach_user_policy().user_name(name).policy_arn(policy).send().await).map(drop)
        }
        Holder::Role => {
            order.heard(iam.attach_role_policy().role_name(name).policy_arn(policy).send().await).map(drop)
        }
    }
}

async fn put(
    order: &Order<'_>,
    iam: &Client,
    principal: &str,
    policy: &str,
    document: &str,
) -> Result<(), Stop> {
    let name = bare(principal);
    match Holder::of(principal)? {
        Holder::User => {
            let put = iam.put_user_policy().user_name(name).policy_name(policy).policy_document(document);
            order.heard(put.send().await).map(drop)
        }
        Holder::Role => {
            let put = iam.put_role_policy().role_name(name).policy_name(policy).policy_document(document);
            order.heard(put.send().await).map(drop)
        }
    }
}

async fn delete(order: &Order<'_>, iam: &Client, principal: &str, policy: &str) -> Result<(), Stop> {
    let name = bare(principal);
    match Holder::of(principal)? {
        Holder::User => {
            order.heard(iam.delete_user_policy().user_name(name).policy_name(policy).send().await).map(drop)
        }
        Holder::Role => {
            order.heard(iam.delete_role_policy().role_name(name).policy_name(policy).send().await).map(drop)
        }
    }
}

/// A grant with what the revoked one gave; its id and its token are new. A service that holds
/// a grant is named by itself, and so is the resource for which it works (CreateGrant).
async fn create_grant(order: &Order<'_>, key: &str, grant: &Value) -> Result<(), Stop> {
    let kms = order.kms_of(key).await?;
    let text = |field: &str| grant.get(field).and_then(Value::as_str).map(str::to_owned);
    let operations = grant.get("Operations").and_then(Value::as_array);
    let operations = operations.into_iter().flatten().filter_map(Value::as_str).map(GrantOperation::from);
    let sent = kms
        .create_grant()
        .key_id(key)
        .set_grantee_principal(text("GranteePrincipal"))
        .set_grantee_service_principal(text("GranteeServicePrincipal"))
        .set_retiring_principal(text("RetiringPrincipal"))
        .set_retiring_service_principal(text("RetiringServicePrincipal"))
        .set_name(text("Name").filter(|name| !name.is_empty()))
        .set_operations(Some(operations.collect()))
        .set_constraints(grant.get("Constraints").and_then(constraints));
    order.heard(sent.send().await).map(drop)
}

fn constraints(of: &Value) -> Option<GrantConstraints> {
    let pairs = |field: &str| -> Option<HashMap<String, String>> {
        let pairs = of.get(field)?.as_object()?;
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        pairs.iter().map(text).collect()
    };
    let (equals, subset) = (pairs("EncryptionContextEquals"), pairs("EncryptionContextSubset"));
    let source = of.get("SourceArn").and_then(Value::as_str).map(str::to_owned);
    (equals.is_some() || subset.is_some() || source.is_some()).then(|| {
        GrantConstraints::builder()
            .set_encryption_context_equals(equals)
            .set_encryption_context_subset(subset)
            .set_source_arn(source)
            .build()
    })
}
