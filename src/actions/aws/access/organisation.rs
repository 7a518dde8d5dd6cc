//! The guardrails of the organisation, level by level from the root to the account
//! (AWS Organizations user guide, "SCP evaluation"; API reference, `ListParents`,
//! `ListPoliciesForTarget`). Only the management account and delegated administrators may
//! read them; for everybody else they are missing.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::describe_organization::DescribeOrganizationError;
use aws_sdk_organizations::types::PolicyType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value;

use super::collection::Collection;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

/// An organisation is five units deep at most (Quotas for AWS Organizations); this leaves
/// room, and ends whatever goes round in circles.
const DEEPEST: usize = 20;

pub(super) async fn collect(
    order: &Order<'_>,
    account: &str,
    collection: &mut Collection,
) -> Result<(), Stop> {
    let organizations = order.organizations().await?;
    let said = organizations.describe_organization().send().await;
    let none = |error: &SdkError<DescribeOrganizationError, HttpResponse>| {
        error
            .as_service_error()
            .is_some_and(DescribeOrganizationError::is_aws_organizations_not_in_use_exception)
    };
    if said.as_ref().is_err_and(none) {
        for name in ["scps.json", "rcps.json"] {
            collection.add(name, &Value::Array(Vec::new()));
        }
        return Ok(());
    }
    let read = match order.heard(said) {
        Ok(said) => {
            let management = said.organization().and_then(|organization| organization.master_account_id());
            levels(order, &organizations, account, management == Some(account)).await
        }
        Err(stop) => Err(stop),
    };
    match read {
        Ok((scps, rcps)) => {
            collection.add("scps.json", &scps);
            collection.add("rcps.json", &rcps);
        }
        Err(Stop::Fault(fault)) => {
            collection.unread.push(format!("scps.json, rcps.json: {}", fault.message));
        }
        Err(stop) => return Err(stop),
    }
    Ok(())
}

/// Guardrails do not restrict the management account.
async fn levels(
    order: &Order<'_>,
    organizations: &Client,
    account: &str,
    is_management: bool,
) -> Result<(Value, Value), Stop> {
    if is_management {
        return Ok((Value::Array(Vec::new()), Value::Array(Vec::new())));
    }
    let path = path(order, organizations, account).await?;
    let mut levels = [Vec::new(), Vec::new()];
    for target in &path {
        for (kind, levels) in
            [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy].into_iter().zip(&mut levels)
        {
            levels.push(Value::Array(policies(order, organizations, target, kind).await?));
        }
    }
    let [scps, rcps] = levels;
    Ok((as_levels(scps), as_levels(rcps)))
}

/// Where a kind of policy is not switched on, no level has any, and nothing is restricted.
fn as_levels(levels: Vec<Value>) -> Value {
    let any = levels.iter().any(|level| level.as_array().is_some_and(|level| !level.is_empty()));
    Value::Array(if any { levels } else { Vec::new() })
}

/// The root, the units, the account.
async fn path(order: &Order<'_>, organizations: &Client, account: &str) -> Result<Vec<String>, Stop> {
    let mut path = vec![account.to_owned()];
    while let Some(child) = path.last() {
        let said = order.heard(organizations.list_parents().child_id(child).send().await)?;
        let parent = said.parents().first().and_then(|parent| parent.id());
        let Some(parent) = parent else { break };
        path.push(parent.to_owned());
        if parent.starts_with("r-") {
            break;
        }
        if path.len() > DEEPEST {
            let fault = Fault::new(FaultKind::Rejected, "the organisation's tree has no root");
            return Err(fault.into());
        }
    }
    path.reverse();
    Ok(path)
}

async fn policies(
    order: &Order<'_>,
    organizations: &Client,
    target: &str,
    kind: PolicyType,
) -> Result<Vec<Value>, Stop> {
    let mut policies = Vec::new();
    let mut pages =
        organizations.list_policies_for_target().target_id(target).filter(kind).into_paginator().send();
    while let Some(page) = pages.next().await {
        for policy in order.heard(page)?.policies() {
            let id = policy.id().unwrap_or_default();
            let said = order.heard(organizations.describe_policy().policy_id(id).send().await)?;
            let content = said.policy().and_then(|policy| policy.content()).unwrap_or_default();
            let unread =
                |_| Fault::new(FaultKind::Rejected, format!("the content of policy {id} is no JSON"));
            policies.push(serde_json::from_str(content).map_err(unread)?);
        }
    }
    Ok(policies)
}
