//! `UpdateAlias`: new encryptions go to another key; ciphertexts stay where they are.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::describe::describe;
use crate::actions::aws::arn::Arn;
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct UpdateAlias;

impl Act for UpdateAlias {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (alias, key) = (alias(order)?, order.key("key")?);
            let kms = order.kms_of(key).await?;
            let found = describe(order, &kms, alias).await?;
            order.found_before(json!({ "alias": alias, "key": found.key_id() }));
            stands(order, found.key_id(), key)?;
            let looks = Looks::done_if(found.key_id() == bare(key));
            let before = before(order, "key_before", found.key_id(), looks)?;
            order.heard(kms.update_alias().alias_name(alias).target_key_id(key).send().await)?;
            Ok(json!({ "alias": alias, "key_before": before }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (alias, key) = (alias(order)?, order.key("key")?);
            let found = describe(order, &order.kms_of(key).await?, alias).await?;
            let says = format!("{alias} points at {}", found.key_id());
            if bare(key) == found.key_id() {
                return Ok(Probed::took_place(says, json!({ "alias": alias })));
            }
            Ok(Probed::did_not(says))
        })
    }
}

/// Where somebody else pointed it since, it stays.
fn stands(order: &Order<'_>, found: &str, wanted: &str) -> Result<(), Fault> {
    let left = order.inputs().optional_text("instead_of")?;
    match left {
        Some(left) if found != bare(left) && found != bare(wanted) => Err(Fault::new(
            FaultKind::Refused,
            format!("the alias points at {found}, and not at {}: somebody has moved it since", bare(left)),
        )
        .hint("nothing was sent; CloudTrail tells who moved it, as UpdateAlias")
        .hint("ask them where it shall point, and go past this step")),
        _ => Ok(()),
    }
}

fn alias<'a>(order: &Order<'a>) -> Result<&'a str, Fault> {
    let alias = order.inputs().text("alias")?;
    let refused = |why: &str| {
        Err(Fault::new(FaultKind::Refused, format!("kms.update_alias: {why}: {alias}"))
            .hint("nothing was sent"))
    };
    match alias.strip_prefix("alias/") {
        Some(name) if name.starts_with("aws/") => refused("aliases of AWS cannot be moved"),
        Some(name) if !name.is_empty() => Ok(alias),
        _ => refused("an alias is written alias/NAME"),
    }
}

/// The id at the end of a key ARN; a bare id as it is.
fn bare(key: &str) -> &str {
    Arn::parse(key).and_then(|arn| arn.resource.strip_prefix("key/")).unwrap_or(key)
}
