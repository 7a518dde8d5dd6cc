//! How things stand with an edit: as before it, as after it, or neither.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_role_policy::GetRolePolicyError;
use aws_sdk_iam::operation::get_user_policy::GetUserPolicyError;
use serde_json::Value;

use super::grant::gives_the_same;
use super::holder::{Holder, bare};
use super::key::raw_grants;
use crate::access::plan::Edit;
use crate::actions::aws::order::Order;
use crate::actions::aws::percent::decoded;
use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Before,
    After,
    Neither,
}

impl Standing {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Before => "as planned from",
            Self::After => "done already",
            Self::Neither => "changed since",
        }
    }

    const fn after_if(after: bool) -> Self {
        if after { Self::After } else { Self::Before }
    }

    fn of(found: Option<&Value>, before: Option<&Value>, after: Option<&Value>) -> Self {
        if found == after {
            Self::After
        } else if found == before {
            Self::Before
        } else {
            Self::Neither
        }
    }
}

pub(super) async fn standing(order: &Order<'_>, edit: &Edit) -> Result<Standing, Stop> {
    Ok(match edit {
        Edit::DetachPolicy { principal, policy, .. } => {
            Standing::after_if(!attached(order, principal).await?.contains(policy))
        }
        Edit::AttachPolicy { principal, policy } => {
            Standing::after_if(attached(order, principal).await?.contains(policy))
        }
        Edit::PutInline { principal, name, document, before, .. } => {
            let found = inline(order, principal, name).await?;
            Standing::of(found.as_ref(), before.as_ref(), document.as_ref())
        }
        Edit::LeaveGroup { user, group, .. } => {
            Standing::after_if(!groups(order, user).await?.contains(group))
        }
        Edit::JoinGroup { user, group } => Standing::after_if(groups(order, user).await?.contains(group)),
        Edit::PutVersion { policy, document, before, .. } => {
            let found = Some(default_version(order, policy).await?);
            Standing::of(found.as_ref(), Some(before), Some(document))
        }
        Edit::RevokeGrant { key, grant, before } => {
            Standing::after_if(id_of(order, key, grant, before).await?.is_none())
        }
        Edit::CreateGrant { key, grant } => {
            let grants = raw_grants(order, &order.kms_of(key).await?, key).await?;
            Standing::after_if(grants.iter().any(|found| gives_the_same(found, grant)))
        }
        Edit::PutKeyPolicy { key, document, before, .. } => {
            let kms = order.kms_of(key).await?;
            let said = order.heard(kms.get_key_policy().key_id(key).send().await)?;
            let found = json_of(said.policy().unwrap_or_default(), "the key policy")?;
            Standing::of(Some(&found), Some(before), Some(document))
        }
    })
}

/// The id of the grant that is to be revoked, if it is there.
pub(super) async fn id_of(
    order: &Order<'_>,
    key: &str,
    grant: &str,
    before: &Value,
) -> Result<Option<String>, Stop> {
    let grants = raw_grants(order, &order.kms_of(key).await?, key).await?;
    let id = |found: &Value| found.get("GrantId").and_then(Value::as_str).map(str::to_owned);
    let meant = |found: &&Value| match grant {
        "" => gives_the_same(found, before),
        grant => id(found).as_deref() == Some(grant),
    };
    Ok(grants.iter().find(meant).and_then(id))
}

async fn attached(order: &Order<'_>, principal: &str) -> Result<Vec<String>, Stop> {
    let iam = order.iam().await?;
    let name = bare(principal);
    let mut arns = Vec::new();
    match Holder::of(principal)? {
        Holder::User => {
            let mut pages = iam.list_attached_user_policies().user_name(name).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = order.heard(page)?;
                arns.extend(page.attached_policies().iter().filter_map(|policy| policy.policy_arn.clone()));
            }
        }
        Holder::Role => {
            let mut pages = iam.list_attached_role_policies().role_name(name).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = order.heard(page)?;
                arns.extend(page.attached_policies().iter().filter_map(|policy| policy.policy_arn.clone()));
            }
        }
    }
    Ok(arns)
}

async fn groups(order: &Order<'_>, user: &str) -> Result<Vec<String>, Stop> {
    let iam = order.iam().await?;
    let mut pages = iam.list_groups_for_user().user_name(bare(user)).into_paginator().send();
    let mut groups = Vec::new();
    while let Some(page) = pages.next().await {
        groups.extend(order.heard(page)?.groups().iter().map(|group| group.group_name().to_owned()));
    }
    Ok(groups)
}

/// An inline policy, or nothing where there is none of that name.
async fn inline(order: &Order<'_>, principal: &str, name: &str) -> Result<Option<Value>, Stop> {
    let iam = order.iam().await?;
    let holder = bare(principal);
    let text = match Holder::of(principal)? {
        Holder::User => {
            let said = iam.get_user_policy().user_name(holder).policy_name(name).send().await;
            let none = said.as_ref().is_err_and(|error| {
                error.as_service_error().is_some_and(GetUserPolicyError::is_no_such_entity_exception)
            });
            if none {
                return Ok(None);
            }
            order.heard(said)?.policy_document
        }
        Holder::Role => {
            let said = iam.get_role_policy().role_name(holder).policy_name(name).send().await;
            let none = said.as_ref().is_err_and(|error| {
                error.as_service_error().is_some_and(GetRolePolicyError::is_no_such_entity_exception)
            });
            if none {
                return Ok(None);
            }
            order.heard(said)?.policy_document
        }
    };
    json_of(&decoded(&text), name).map(Some)
}

async fn default_version(order: &Order<'_>, policy: &str) -> Result<Value, Stop> {
    let iam: Client = order.iam().await?;
    let said = order.heard(iam.get_policy().policy_arn(policy).send().await)?;
    let version = said.policy().and_then(|policy| policy.default_version_id()).unwrap_or_default();
    let said = order.heard(iam.get_policy_version().policy_arn(policy).version_id(version).send().await)?;
    let document = said.policy_version().and_then(|version| version.document()).unwrap_or_default();
    json_of(&decoded(document), policy)
}

fn json_of(text: &str, what: &str) -> Result<Value, Stop> {
    serde_json::from_str(text)
        .map_err(|error| Fault::new(FaultKind::Rejected, format!("{what} is no JSON: {error}")).into())
}
