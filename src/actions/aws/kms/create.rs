//! `CreateKey`. Sent once, never repeated by the SDK: each repetition would make a key.
//! A tag that follows from the run and the step alone tells later whether it was made.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, Tag};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::describe::{arn, describe, state};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};
use crate::text::Digest;

/// The tag that a new key is known by.
const TAG: &str = "playbook:attempt";
/// In some cases it takes several minutes until a change is seen everywhere in KMS (AWS KMS
/// developer guide, "AWS KMS eventual consistency"). Until then a key that nobody lists may be
/// there all the same, and another attempt would make a second one.
const LISTED_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How many keys are asked for their tags at once.
const AT_ONCE: usize = 16;

pub(in crate::actions::aws) struct CreateKey;

impl Act for CreateKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let rotation = order.inputs().flag("rotation")?;
            let kms = order.kms(None).await?;
            let made = match order.progress.and_then(|progress| progress["arn"].as_str()) {
                // An earlier attempt had made it and came no further.
                Some(arn) => describe(order, &kms, arn).await?,
                None => create(order, &kms).await?,
            };
            order.paper.progress(json!({ "arn": arn(&made) }))?;
            if rotation {
                order.heard(kms.enable_key_rotation().key_id(made.key_id()).send().await)?;
            }
            Ok(json!({ "id": made.key_id(), "arn": arn(&made), "state": state(&made) }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, since: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let kms = order.kms(None).await?;
            let search = find(order, &kms).await?;
            let young = order.paper.now() - since < LISTED_WITHIN;
            match (search.found, search.unread) {
                (Some(key), _) => settle(order, &kms, &key).await,
                (None, 0) if young => Ok(Probed::Unknown {
                    because: "no key has the tag of this attempt yet, and KMS may list a new key only \
                              after some minutes: ask again then"
                        .to_owned(),
                    seen: Value::Null,
                }),
                (None, 0) => Ok(Probed::did_not("no key has the tag of this attempt")),
                (None, unread) => Ok(Probed::Unknown {
                    because: format!(
                        "no key that could be read has the tag of this attempt; {unread} could not be read"
                    ),
                    seen: json!({ "unread": unread }),
                }),
            }
        })
    }
}

async fn create(order: &Order<'_>, kms: &Client) -> Result<aws_sdk_kms::types::KeyMetadata, Stop> {
    let inputs = order.inputs();
    let mut asked = kms
        .create_key()
        .description(inputs.text("description")?)
        .multi_region(inputs.flag("multi_region")?)
        .set_policy(inputs.optional_text("policy")?.map(str::to_owned))
        .set_key_spec(inputs.optional_text("spec")?.map(KeySpec::from))
        .set_key_usage(inputs.optional_text("usage")?.map(KeyUsageType::from));
    for tag in tags(order)? {
        asked = asked.tags(tag);
    }
    let said = order.heard(asked.send().await)?;
    let nothing = || Fault::new(FaultKind::Lost, "kms:CreateKey answered without the key");
    Ok(said.key_metadata.ok_or_else(nothing)?)
}

fn tags(order: &Order<'_>) -> Result<Vec<Tag>, Fault> {
    let wrong = || order.inputs().fault("tags", "should be a record of texts");
    let tag =
        |name: &str, value: &str| Tag::builder().tag_key(name).tag_value(value).build().map_err(|_| wrong());
    let mut tags = vec![tag(TAG, &token(order))?];
    if let Some(given) = order.inputs().get("tags") {
        for (name, value) in given.as_object().ok_or_else(wrong)? {
            tags.push(tag(name, value.as_str().ok_or_else(wrong)?)?);
        }
    }
    Ok(tags)
}

/// The same for every attempt at this step of this run, and for nothing else.
fn token(order: &Order<'_>) -> String {
    let text = format!("{}/{}/{}", order.paper.place(), order.request.action, order.request.input);
    let mut token = Digest::of(text.as_bytes()).to_string();
    token.truncate(32);
    token
}

struct Search {
    found: Option<String>,
    unread: usize,
}

/// Looks through the tags of every key of the Region. KMS has no search by tag.
async fn find(order: &Order<'_>, kms: &Client) -> Result<Search, Stop> {
    order.expect_many_calls();
    let token = token(order);
    let mut pages = kms.list_keys().into_paginator().send();
    let mut search = Search { found: None, unread: 0 };
    let mut asked = JoinSet::new();
    while let Some(page) = pages.next().await {
        for key in order.heard(page)?.keys.unwrap_or_default() {
            if asked.len() >= AT_ONCE
                && let Some(said) = asked.join_next().await
            {
                search.take(said.unwrap_or(Err(())));
            }
            let (kms, token) = (kms.clone(), token.clone());
            asked.spawn(async move { bears(&kms, key.key_id.unwrap_or_default(), &token).await });
        }
    }
    while let Some(said) = asked.join_next().await {
        search.take(said.unwrap_or(Err(())));
    }
    Ok(search)
}

impl Search {
    fn take(&mut self, said: Result<Option<String>, ()>) {
        match said {
            Ok(Some(key)) => self.found = Some(key),
            Ok(None) => {}
            Err(()) => self.unread += 1,
        }
    }
}

/// The key, if it bears the token. Its tags are few: one page (50) holds them all.
async fn bears(kms: &Client, key: String, token: &str) -> Result<Option<String>, ()> {
    let said = kms.list_resource_tags().key_id(&key).send().await.map_err(drop)?;
    let bears = said.tags().iter().any(|tag| tag.tag_key() == TAG && tag.tag_value() == token);
    Ok(bears.then_some(key))
}

async fn settle(order: &Order<'_>, kms: &Client, key: &str) -> Result<Probed, Stop> {
    let made = describe(order, kms, key).await?;
    let outputs = json!({ "id": made.key_id(), "arn": arn(&made), "state": state(&made) });
    if order.inputs().flag("rotation")? {
        let said = order.heard(kms.get_key_rotation_status().key_id(key).send().await)?;
        if !said.key_rotation_enabled() {
            return Ok(Probed::Unknown {
                because: format!("{} was made, and its rotation was not turned on", arn(&made)),
                seen: outputs,
            });
        }
    }
    Ok(Probed::took_place("a key with the tag of this attempt is there", outputs))
}
