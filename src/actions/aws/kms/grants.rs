//! Grants: every one of a key, and the end of one (`ListGrants`, `RevokeGrant`).

use std::collections::{BTreeMap, HashMap};

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{GrantConstraints, GrantListEntry};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::actions::aws::arn::Arn;
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::own::{own, refused};
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;

pub(in crate::actions::aws) struct ListGrants;
pub(in crate::actions::aws) struct RevokeGrant;

impl Act for ListGrants {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let grants = grants(order, &order.kms_of(key).await?, key).await?;
            Ok(json!({ "count": grants.len(), "grants": grants }))
        })
    }
}

impl Act for RevokeGrant {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (key, id) = (order.key("key")?, order.inputs().text("grant")?);
            let kms = order.kms_of(key).await?;
            let found = grant(order, &kms, key, id).await?;
            order.found_before(found.clone().unwrap_or_else(|| json!({ "id": id, "there": false })));
            let grantee = found.as_ref().and_then(|grant| grant["grantee"].as_str()).unwrap_or_default();
            spare_own(order, id, grantee).await?;
            let grantee = before(order, "grantee", grantee, Looks::done_if(found.is_none()))?;
            let revoked = kms.revoke_grant().key_id(key).grant_id(id).send().await;
            // A grant that is not there needs no revoking; an earlier, lost attempt may have done it.
            let gone = revoked.as_ref().is_err_and(|error| {
                error
                    .as_service_error()
                    .is_some_and(|said| said.is_not_found_exception() || said.is_invalid_grant_id_exception())
            });
            let gone = gone && key_is_there(&kms, key).await;
            if !gone {
                order.heard(revoked)?;
            }
            Ok(json!({ "grant": id, "grantee": grantee }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (key, id) = (order.key("key")?, order.inputs().text("grant")?);
            Ok(match grant(order, &order.kms_of(key).await?, key, id).await? {
                Some(_) => Probed::did_not("ListGrants still lists the grant"),
                None => Probed::took_place("ListGrants no longer lists the grant", json!({ "grant": id })),
            })
        })
    }
}

/// Nobody saws at the branch that the run sits on: what the grant allows would be gone. Whoever
/// is no principal, such as a service, is not the run.
pub(in crate::actions::aws) async fn spare_own(
    order: &Order<'_>,
    grant: &str,
    grantee: &str,
) -> Result<(), Stop> {
    if Arn::parse(grantee).is_none() || !own(order).await?.is(grantee) {
        return Ok(());
    }
    Err(refused(format!(
        "the grant {grant} is to {grantee}, who this run works as; without it the run may end"
    )))
}

/// `NotFoundException` is also the answer for a key that is not there, which is another matter.
async fn key_is_there(kms: &Client, key: &str) -> bool {
    kms.describe_key().key_id(key).send().await.is_ok()
}

/// Every grant of a key, all pages.
pub(super) async fn grants(order: &Order<'_>, kms: &Client, key: &str) -> Result<Vec<Value>, Stop> {
    let mut pages = kms.list_grants().key_id(key).into_paginator().send();
    let mut grants = Vec::new();
    while let Some(page) = pages.next().await {
        let page = order.heard(page)?;
        grants.extend(page.grants().iter().map(facts));
        order.paper.show_progress(grants.len() as u64, None, "grants");
    }
    Ok(grants)
}

async fn grant(order: &Order<'_>, kms: &Client, key: &str, id: &str) -> Result<Option<Value>, Stop> {
    let said = kms.list_grants().key_id(key).grant_id(id).send().await;
    let said = match said {
        Err(error)
            if error.as_service_error().is_some_and(
                aws_sdk_kms::operation::list_grants::ListGrantsError::is_invalid_grant_id_exception,
            ) =>
        {
            return Ok(None);
        }
        said => order.heard(said)?,
    };
    Ok(said.grants().iter().find(|grant| grant.grant_id() == Some(id)).map(facts))
}

fn facts(grant: &GrantListEntry) -> Value {
    let operations: Vec<_> =
        grant.operations().iter().map(aws_sdk_kms::types::GrantOperation::as_str).collect();
    json!({
        "id": grant.grant_id().unwrap_or_default(),
        "name": grant.name().unwrap_or_default(),
        "grantee": grant.grantee_principal().or(grant.grantee_service_principal()).unwrap_or_default(),
        "retiring": grant.retiring_principal().or(grant.retiring_service_principal()).unwrap_or_default(),
        "issuer": grant.issuing_account().unwrap_or_default(),
        "operations": operations,
        "created_at": when(grant.creation_date()),
        "constraints": grant.constraints().map_or_else(|| json!({}), constraints),
    })
}

fn constraints(of: &GrantConstraints) -> Value {
    let mut constraints = Map::new();
    if let Some(equals) = of.encryption_context_equals() {
        constraints.insert("encryption_context_equals".to_owned(), in_order(equals));
    }
    if let Some(subset) = of.encryption_context_subset() {
        constraints.insert("encryption_context_subset".to_owned(), in_order(subset));
    }
    if let Some(source) = of.source_arn() {
        constraints.insert("source_arn".to_owned(), json!(source));
    }
    Value::Object(constraints)
}

/// Pairs of an encryption context. The SDK gives them in another order each time, and what was collected twice shall be the
/// same twice.
pub(in crate::actions::aws) fn in_order(pairs: &HashMap<String, String>) -> Value {
    json!(pairs.iter().collect::<BTreeMap<_, _>>())
}
