//! The policy of a key: `GetKeyPolicy`, `PutKeyPolicy`, and the fence put into it.
//! The lockout safety check of KMS is never bypassed.

use aws_sdk_kms::Client;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::fence::{fence, same, without_fence};
use super::lockout;
use crate::actions::aws::before::{Looks, before};
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

/// A key has one policy, of this name.
const NAME: &str = "default";

pub(in crate::actions::aws) struct FenceKey;
pub(in crate::actions::aws) struct PutKeyPolicy;

impl Act for FenceKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let (allow, services) = gates(order)?;
            // What is wrong with them is said before anything is sent.
            fence(r#"{"Statement":[]}"#, &allow, &services)?;
            let kms = order.kms_of(key).await?;
            let found = policy(order, &kms, key).await?;
            let wanted = fence(&found, &allow, &services)?;
            replace(order, &kms, key, &found, &wanted).await
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let (allow, services) = gates(order)?;
            let found = policy(order, &order.kms_of(key).await?, key).await?;
            if !same(&found, &fence(&found, &allow, &services)?) {
                return Ok(Probed::did_not("GetKeyPolicy shows no such fence"));
            }
            let outputs = json!({ "policy_before": without_fence(&found)?, "policy": found });
            Ok(Probed::took_place(
                "GetKeyPolicy shows the fence; the policy before is the one behind it",
                outputs,
            ))
        })
    }
}

impl Act for PutKeyPolicy {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (key, wanted) = (order.key("key")?, order.inputs().text("policy")?);
            let kms = order.kms_of(key).await?;
            let found = policy(order, &kms, key).await?;
            stands(order, &found, wanted)?;
            replace(order, &kms, key, &found, wanted).await
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (key, wanted) = (order.key("key")?, order.inputs().text("policy")?);
            let found = policy(order, &order.kms_of(key).await?, key).await?;
            if same(&found, wanted) {
                return Ok(Probed::took_place("GetKeyPolicy shows this policy", json!({ "policy": found })));
            }
            Ok(Probed::did_not("GetKeyPolicy shows another policy"))
        })
    }
}

/// What somebody else put there since is not taken back with what the run put.
fn stands(order: &Order<'_>, found: &str, wanted: &str) -> Result<(), Fault> {
    match order.inputs().optional_text("instead_of")? {
        Some(replaced) if !same(found, replaced) && !same(found, wanted) => Err(Fault::new(
            FaultKind::Refused,
            "the policy of the key is not the one that was to be replaced: somebody has changed it since",
        )
        .hint("nothing was sent; CloudTrail tells who changed it, as PutKeyPolicy")
        .hint("merge the two by hand, with kms.put_key_policy or in the console, and go past this step")),
        _ => Ok(()),
    }
}

/// The policy of a key, byte for byte.
pub(super) async fn policy(order: &Order<'_>, kms: &Client, key: &str) -> Result<String, Stop> {
    let said = order.heard(kms.get_key_policy().key_id(key).policy_name(NAME).send().await)?;
    let nothing = || Fault::new(FaultKind::Rejected, "kms:GetKeyPolicy answered without a policy");
    Ok(said.policy.ok_or_else(nothing)?)
}

/// Puts a policy in the place of the one that was found.
async fn replace(
    order: &Order<'_>,
    kms: &Client,
    key: &str,
    found: &str,
    wanted: &str,
) -> Result<Value, Stop> {
    lockout::spare_own(order, key, wanted).await?;
    let before = before(order, "policy_before", found, Looks::done_if(same(found, wanted)))?;
    order.found_before(json!({ "policy": before }));
    order.keep("key-policy-before.json", before.as_str().unwrap_or_default().as_bytes())?;
    order.heard(kms.put_key_policy().key_id(key).policy_name(NAME).policy(wanted).send().await)?;
    Ok(json!({ "policy_before": before, "policy": wanted }))
}

fn gates<'a>(order: &Order<'a>) -> Result<(Vec<&'a str>, Vec<&'a str>), Fault> {
    Ok((order.inputs().texts("allow")?, order.inputs().texts("services")?))
}
