//! Inline policies of roles: `GetRolePolicy`, `DeleteRolePolicy`.

use aws_sdk_iam::Client;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::sessions::NAME as REVOCATION;
use crate::actions::aws::arn::Arn;
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::own::{own, refused};
use crate::actions::aws::percent::decoded;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::Fault;

pub(in crate::actions::aws) struct DeleteRolePolicy;

impl Act for DeleteRolePolicy {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (role, name) = (role(order)?, order.inputs().text("policy_name")?);
            spare_own(order, role, name).await?;
            let iam = order.iam().await?;
            let Some(found) = document(order, &iam, role, name).await? else {
                order.found_before(json!({ "role": role, "policy_name": name, "there": false }));
                return Ok(json!({ "document_before": before(order, "document_before", "", Looks::Done)? }));
            };
            order.found_before(json!({ "role": role, "policy_name": name, "document": found }));
            order.keep("role-policy-before.json", found.as_bytes())?;
            let before = before(order, "document_before", found, Looks::Undone)?;
            order.heard(iam.delete_role_policy().role_name(role).policy_name(name).send().await)?;
            Ok(json!({ "document_before": before }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (role, name) = (role(order)?, order.inputs().text("policy_name")?);
            Ok(match document(order, &order.iam().await?, role, name).await? {
                Some(_) => Probed::did_not("GetRolePolicy still finds it"),
                None => Probed::took_place("GetRolePolicy finds it no more", json!({})),
            })
        })
    }
}

/// Nobody saws at the branch that the run sits on: what the policy allows would be gone. The
/// end of older sessions only denies, and may go.
async fn spare_own(order: &Order<'_>, role: &str, name: &str) -> Result<(), Stop> {
    if name == REVOCATION || !own(order).await?.is_role(role) {
        return Ok(());
    }
    Err(refused(format!(
        "this run works with a session of {role}; without its policy {name} the run may end"
    )))
}

/// The bare name of the role that the request names by name, ARN or session ARN.
pub(super) fn role<'a>(order: &Order<'a>) -> Result<&'a str, Fault> {
    let role = order.inputs().text("role")?;
    Ok(Arn::parse(role).and_then(|arn| arn.session_role().or_else(|| arn.name())).unwrap_or(role))
}

/// An inline policy as JSON text; `None` where the role has none of that name.
pub(super) async fn document(
    order: &Order<'_>,
    iam: &Client,
    role: &str,
    name: &str,
) -> Result<Option<String>, Stop> {
    let said = iam.get_role_policy().role_name(role).policy_name(name).send().await;
    if said.as_ref().is_err_and(|error| {
        error.as_service_error().is_some_and(
            aws_sdk_iam::operation::get_role_policy::GetRolePolicyError::is_no_such_entity_exception,
        )
    }) {
        return Ok(None);
    }
    // IAM gives documents percent-encoded.
    Ok(Some(decoded(order.heard(said)?.policy_document())))
}
