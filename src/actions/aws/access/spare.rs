//! Edits that a run does not make, because they are about the access of who it works as.

use crate::access::plan::Edit;
use crate::actions::aws::kms;
use crate::actions::aws::order::Order;
use crate::actions::aws::own::{Own, own};
use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

/// Nobody saws at the branch that the run sits on, and nobody decides on their own access:
/// neither to take it nor to give it.
pub(super) async fn spare_own(order: &Order<'_>, edit: &Edit) -> Result<(), Stop> {
    match edit {
        Edit::DetachPolicy { principal, .. }
        | Edit::AttachPolicy { principal, .. }
        | Edit::PutInline { principal, .. } => spare(&own(order).await?, principal),
        Edit::LeaveGroup { user, .. } | Edit::JoinGroup { user, .. } => spare(&own(order).await?, user),
        Edit::PutVersion { policy, .. } => {
            let own = own(order).await?;
            if holds(order, &own, policy).await? { Err(refused(&own, policy)) } else { Ok(()) }
        }
        Edit::RevokeGrant { grant, before, .. } => {
            let grantee = before.get("GranteePrincipal").and_then(|grantee| grantee.as_str());
            kms::spare_grantee(order, grant, grantee.unwrap_or_default()).await
        }
        Edit::PutKeyPolicy { key, document, .. } => kms::spare_own(order, key, &document.to_string()).await,
        Edit::CreateGrant { .. } => Ok(()),
    }
}

fn spare(own: &Own, principal: &str) -> Result<(), Stop> {
    if own.is(principal) { Err(refused(own, principal)) } else { Ok(()) }
}

fn refused(own: &Own, what: &str) -> Stop {
    let who = if own.is(what) {
        "who this run works as".to_owned()
    } else {
        format!("a policy of {}, who this run works as", own.arn)
    };
    let why = format!("{what} is {who}; nobody decides on their own access");
    let fault = Fault::new(FaultKind::Refused, why);
    fault.hint("let another person with other credentials do this edit").into()
}

/// Whether a managed policy is one of the run's own: attached to its user or role, or to a
/// group of its user, or their boundary (IAM API reference, `ListEntitiesForPolicy`).
async fn holds(order: &Order<'_>, own: &Own, policy: &str) -> Result<bool, Stop> {
    let iam = order.iam().await?;
    let mut groups = Vec::new();
    let mut pages = iam.list_entities_for_policy().policy_arn(policy).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = order.heard(page)?;
        let role = page.policy_roles().iter().filter_map(|role| role.role_name());
        let user = page.policy_users().iter().filter_map(|user| user.user_name());
        if role.into_iter().any(|role| own.is_role(role)) || user.into_iter().any(|user| own.is_user(user)) {
            return Ok(true);
        }
        groups.extend(page.policy_groups().iter().filter_map(|group| group.group_name.clone()));
    }
    let Some(user) = own.user().filter(|_| !groups.is_empty()) else { return Ok(false) };
    let mut pages = iam.list_groups_for_user().user_name(user).into_paginator().send();
    while let Some(page) = pages.next().await {
        if order.heard(page)?.groups().iter().any(|group| groups.iter().any(|it| it == group.group_name())) {
            return Ok(true);
        }
    }
    Ok(false)
}
