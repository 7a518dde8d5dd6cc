//! The state of a key before anybody touches it: policy, grants, aliases, tags, rotation,
//! last use.

use aws_sdk_kms::Client;
use serde_json::{Map, Value, json};

use super::describe::{aliases, describe};
use super::grants::grants;
use super::last_use;
use super::policy::policy;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;

pub(in crate::actions::aws) struct RecordState;

impl Act for RecordState {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            // A key that cannot even be described has no state to record: that is a fault.
            let found = describe(order, &kms, key).await?;
            let mut unread = Unread::default();
            let policy = unread.or_default("policy", policy(order, &kms, key).await)?;
            let grants = unread.or_default("grants", grants(order, &kms, key).await)?;
            let arn = found.arn().unwrap_or(key);
            let aliases = unread.or_default("aliases", aliases(order, &kms, arn).await)?;
            let tags = unread.or_default("tags", tags(order, &kms, key).await)?;
            let rotation = unread.or_default("rotation", rotation(order, &kms, key).await)?;
            let last = unread.or_default("last use", last_used(order, &kms, key).await)?;
            let names: Vec<_> = aliases.iter().filter_map(|alias| alias.alias_name()).collect();
            let last = |field: &str| last.get(field).and_then(Value::as_str).unwrap_or_default();
            let state = json!({
                "policy": policy,
                "grants": grants,
                "aliases": names,
                "tags": tags,
                "rotation": rotation,
                "last_used_at": last("at"),
                "last_used_for": last("operation"),
                "tracking_since": last("tracking_since"),
                "unread": unread.0,
            });
            order.keep("key-policy.json", policy.as_bytes())?;
            order.keep("key-state.json", &serde_json::to_vec_pretty(&state).unwrap_or_default())?;
            Ok(state)
        })
    }
}

/// What could not be read, and why. Evidence with a gap that is named is worth more than
/// none; only a record that cannot be written ends it.
#[derive(Default)]
struct Unread(Vec<String>);

impl Unread {
    fn or_default<T: Default>(&mut self, what: &str, read: Result<T, Stop>) -> Result<T, Stop> {
        match read {
            Err(Stop::Fault(fault)) => {
                self.0.push(format!("{what}: {}", fault.message));
                Ok(T::default())
            }
            read => read,
        }
    }
}

async fn tags(order: &Order<'_>, kms: &Client, key: &str) -> Result<Map<String, Value>, Stop> {
    let mut pages = kms.list_resource_tags().key_id(key).into_paginator().send();
    let mut tags = Map::new();
    while let Some(page) = pages.next().await {
        let page = order.heard(page)?;
        tags.extend(page.tags().iter().map(|tag| (tag.tag_key().to_owned(), json!(tag.tag_value()))));
    }
    Ok(tags)
}

async fn rotation(order: &Order<'_>, kms: &Client, key: &str) -> Result<bool, Stop> {
    let said = kms.get_key_rotation_status().key_id(key).send().await;
    // Asymmetric, HMAC and imported keys, and those of custom stores, never rotate by themselves.
    if said.as_ref().is_err_and(|error| {
        error.as_service_error().is_some_and(aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusError::is_unsupported_operation_exception)
    }) {
        return Ok(false);
    }
    Ok(order.heard(said)?.key_rotation_enabled())
}

async fn last_used(order: &Order<'_>, kms: &Client, key: &str) -> Result<Value, Stop> {
    Ok(last_use::facts(&order.heard(kms.get_key_last_usage().key_id(key).send().await)?))
}
