//! One edit, sent.

use aws_sdk_iam::Client;

use super::grant::create_grant;
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
