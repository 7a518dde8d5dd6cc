//! What hangs on an access key or a role, in words, before it is changed.

use super::role_policy::role;
use crate::actions::aws::look::{counted, used};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;

/// `GetAccessKeyLastUsed`. IAM writes N/A where it knows of no use.
pub(in crate::actions::aws) async fn seen_key_use(order: &Order<'_>) -> Result<String, Stop> {
    let id = order.inputs().text("access_key")?;
    let said = order.heard(order.iam().await?.get_access_key_last_used().access_key_id(id).send().await)?;
    let last = said.access_key_last_used();
    let service = last.map_or("", |it| it.service_name());
    let service = if service == "N/A" { "" } else { service };
    let at = when(last.and_then(|it| it.last_used_date()));
    Ok(format!("{}, by user {}", used(&at, service), said.user_name().unwrap_or("unknown")))
}

/// `GetRole`: its `RoleLastUsed` covers the last 400 days (IAM API reference, "RoleLastUsed").
pub(in crate::actions::aws) async fn seen_role_use(order: &Order<'_>) -> Result<String, Stop> {
    let said = order.heard(order.iam().await?.get_role().role_name(role(order)?).send().await)?;
    let last = said.role().and_then(|role| role.role_last_used());
    let at = when(last.and_then(|it| it.last_used_date()));
    let region = last.and_then(|it| it.region()).unwrap_or_default();
    Ok(if region.is_empty() { used(&at, "") } else { format!("{} in {region}", used(&at, "")) })
}

pub(in crate::actions::aws) async fn seen_policies(order: &Order<'_>) -> Result<String, Stop> {
    let asked = order.iam().await?.list_attached_role_policies().role_name(role(order)?).send().await;
    let said = order.heard(asked)?;
    let number = said.attached_policies().len();
    Ok(counted(number, "attached policy", "attached policies", said.is_truncated()))
}
