//! Versions of a managed policy, of which it keeps five (IAM and AWS STS quotas).

use aws_sdk_iam::Client;
use serde_json::Value;

use crate::actions::aws::order::Order;
use crate::actions::aws::percent::decoded;
use crate::actions::aws::stop::Stop;

/// Makes the document the default version. A version that says the same already becomes the
/// default again: what takes an edit back needs no room for a sixth version.
pub(super) async fn put_version(
    order: &Order<'_>,
    iam: &Client,
    policy: &str,
    document: &Value,
) -> Result<(), Stop> {
    if let Some(version) = saying(order, iam, policy, document).await? {
        let again = iam.set_default_policy_version().policy_arn(policy).version_id(version);
        return order.heard(again.send().await).map(drop);
    }
    // A sixth version is refused by IAM, and deletes none of the five there are.
    let version = iam.create_policy_version().policy_arn(policy).set_as_default(true);
    order.heard(version.policy_document(document.to_string()).send().await).map(drop)
}

/// The version that says so already, if there is one.
async fn saying(
    order: &Order<'_>,
    iam: &Client,
    policy: &str,
    document: &Value,
) -> Result<Option<String>, Stop> {
    let mut pages = iam.list_policy_versions().policy_arn(policy).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        ids.extend(order.heard(page)?.versions().iter().filter_map(|version| version.version_id.clone()));
    }
    for id in ids {
        let asked = iam.get_policy_version().policy_arn(policy).version_id(&id).send().await;
        let said = order.heard(asked)?;
        let text = said.policy_version().and_then(|version| version.document()).unwrap_or_default();
        if serde_json::from_str::<Value>(&decoded(text)).is_ok_and(|found| found == *document) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
