//! Access keys of users: `ListAccessKeys`, `GetAccessKeyLastUsed`, `UpdateAccessKey`.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::own::refused;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct ListAccessKeys;
pub(in crate::actions::aws) struct UpdateAccessKey;

impl Act for ListAccessKeys {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let user = order.inputs().text("user")?;
            let iam = order.iam().await?;
            let mut keys = Vec::new();
            for key in keys_of(order, &iam, user).await? {
                keys.push(with_last_use(order, &iam, &key).await?);
            }
            Ok(json!({ "access_keys": keys }))
        })
    }
}

impl Act for UpdateAccessKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (id, wanted) = (order.inputs().text("access_key")?, status(order)?);
            let iam = order.iam().await?;
            let user = owner(order, &iam, id).await?;
            let found =
                keys_of(order, &iam, &user).await?.into_iter().find(|key| key.access_key_id() == Some(id));
            let found = found.ok_or_else(|| {
                Fault::new(FaultKind::Rejected, format!("user {user} has no access key {id}"))
                    .code("NoSuchEntity")
            })?;
            let status = word(found.status());
            order.found_before(json!({ "user": user, "access_key": id, "status": status }));
            if wanted == StatusType::Inactive {
                spare_own(order, id)?;
            }
            let looks = Looks::done_if(status == wanted.as_str());
            let before = before(order, "status_before", status, looks)?;
            order.heard(
                iam.update_access_key().user_name(&user).access_key_id(id).status(wanted).send().await,
            )?;
            Ok(json!({ "user": user, "status_before": before }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (id, wanted) = (order.inputs().text("access_key")?, status(order)?);
            let iam = order.iam().await?;
            let user = owner(order, &iam, id).await?;
            let keys = keys_of(order, &iam, &user).await?;
            let now = keys.iter().find(|key| key.access_key_id() == Some(id)).map(|key| word(key.status()));
            Ok(match now {
                Some(now) if now == wanted.as_str() => {
                    Probed::took_place(format!("ListAccessKeys says {now}"), json!({ "user": user }))
                }
                Some(now) => Probed::did_not(format!("ListAccessKeys says {now}")),
                None => Probed::Unknown {
                    because: format!("user {user} has no access key {id}"),
                    seen: json!(user),
                },
            })
        })
    }
}

/// Nobody saws at the branch that the run sits on: the key that signs its requests stays.
fn spare_own(order: &Order<'_>, id: &str) -> Result<(), Stop> {
    let own = order.last_exchange().and_then(|exchange| exchange.signed_by);
    if own.as_deref().is_some_and(|own| own != id) {
        return Ok(());
    }
    let why = match own {
        Some(_) => "the access key that this run works with; deactivating it would end the run",
        None => "perhaps the access key that this run works with: nobody can tell",
    };
    Err(refused(format!("{id} is {why}")))
}

fn status(order: &Order<'_>) -> Result<StatusType, Fault> {
    match order.inputs().text("status")? {
        "Active" => Ok(StatusType::Active),
        "Inactive" => Ok(StatusType::Inactive),
        other => Err(order.inputs().fault("status", &format!("`{other}` is neither Active nor Inactive"))),
    }
}

/// The user that the request names, or whose key it is.
async fn owner(order: &Order<'_>, iam: &Client, id: &str) -> Result<String, Stop> {
    if let Some(user) = order.inputs().optional_text("user")?.filter(|user| !user.is_empty()) {
        return Ok(user.to_owned());
    }
    let said = order.heard(iam.get_access_key_last_used().access_key_id(id).send().await)?;
    let nobody = || Fault::new(FaultKind::Rejected, format!("IAM knows no user with the access key {id}"));
    Ok(said.user_name.filter(|user| !user.is_empty()).ok_or_else(|| {
        nobody().hint(
            "keys that begin with ASIA are of a session: revoke the role's sessions with iam.revoke_sessions",
        )
    })?)
}

async fn keys_of(order: &Order<'_>, iam: &Client, user: &str) -> Result<Vec<AccessKeyMetadata>, Stop> {
    let mut pages = iam.list_access_keys().user_name(user).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(order.heard(page)?.access_key_metadata);
    }
    Ok(keys)
}

async fn with_last_use(order: &Order<'_>, iam: &Client, key: &AccessKeyMetadata) -> Result<Value, Stop> {
    let id = key.access_key_id().unwrap_or_default();
    let said = order.heard(iam.get_access_key_last_used().access_key_id(id).send().await)?;
    let last = said.access_key_last_used();
    // IAM writes N/A where it knows of no use.
    let known = |text: Option<&str>| text.filter(|text| *text != "N/A").unwrap_or_default().to_owned();
    Ok(json!({
        "id": id,
        "status": word(key.status()),
        "created_at": when(key.create_date()),
        "last_used_at": when(last.and_then(|it| it.last_used_date())),
        "last_used_service": known(last.map(aws_sdk_iam::types::AccessKeyLastUsed::service_name)),
        "last_used_region": known(last.map(aws_sdk_iam::types::AccessKeyLastUsed::region)),
    }))
}

fn word(status: Option<&StatusType>) -> String {
    status.map_or("", |status| status.as_str()).to_owned()
}
