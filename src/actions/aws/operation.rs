//! The behaviour of an operation, and the one table from its name to it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::order::Order;
use super::stop::Stop;
use super::{access, cloudtrail, iam, kms, s3, sts};
use crate::engine::Soon;
use crate::run::Verdict;

/// What an operation does. Its shape and its facts stand in `document::action`.
pub(crate) trait Act: Sync {
    /// Does it. The value has exactly the outputs that the spec declares.
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>>;

    /// Finds out whether an attempt since then took place, by reading.
    fn probe<'a>(&'a self, order: &'a Order<'a>, since: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        let _ = (order, since);
        Box::pin(async {
            Ok(Probed::Unknown { because: "nothing in AWS tells".to_owned(), seen: Value::Null })
        })
    }
}

/// How long it usually takes until a change is seen by every reading: "less than a few seconds"
/// (AWS KMS developer guide, "AWS KMS eventual consistency"). IAM and the settings of buckets are
/// no sooner consistent (IAM user guide, "Troubleshoot IAM"; Amazon S3 user guide, "Amazon S3
/// data consistency model").
const SETTLING: Duration = Duration::from_secs(5);

/// Asks the world about an attempt since then. What is not seen so soon after it is looked for
/// once more before it is told as not done, and sent again.
pub(crate) async fn probe(
    behaviour: &dyn Act,
    order: &Order<'_>,
    since: DateTime<Utc>,
) -> Result<Probed, Stop> {
    let probed = behaviour.probe(order, since).await?;
    let age = (order.paper.now() - since).to_std().unwrap_or_default();
    match SETTLING.checked_sub(age) {
        Some(rest) if !probed.took_place_already() => {
            tokio::time::sleep(rest).await;
            behaviour.probe(order, since).await
        }
        _ => Ok(probed),
    }
}

/// What the world says about an attempt in doubt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Probed {
    Known {
        verdict: Verdict,
        because: String,
        /// What the world still tells of the outputs.
        outputs: Value,
    },
    /// The world does not tell; `seen` is what was read.
    Unknown { because: String, seen: Value },
}

impl Probed {
    pub(super) fn took_place(because: impl Into<String>, outputs: Value) -> Self {
        Self::Known { verdict: Verdict::TookPlace, because: because.into(), outputs }
    }

    fn took_place_already(&self) -> bool {
        matches!(self, Self::Known { verdict: Verdict::TookPlace, .. })
    }

    pub(super) fn did_not(because: impl Into<String>) -> Self {
        Self::Known { verdict: Verdict::DidNot, because: because.into(), outputs: Value::Null }
    }
}

/// From the name in a request to its behaviour.
pub(crate) fn behaviour(action: &str) -> Option<&'static dyn Act> {
    Some(match action {
        "sts.get_caller_identity" => &sts::GetCallerIdentity,
        "iam.simulate_principal_policy" => &iam::SimulatePrincipalPolicy,
        "iam.list_access_keys" => &iam::ListAccessKeys,
        "iam.update_access_key" => &iam::UpdateAccessKey,
        "iam.revoke_sessions" => &iam::RevokeSessions,
        "iam.delete_role_policy" => &iam::DeleteRolePolicy,
        "access.who_can" => &access::WhoCan,
        "access.plan" => &access::PlanRevocations,
        "access.apply" => &access::Apply,
        "access.prove" => &access::Prove,
        "cloudtrail.describe_trails" => &cloudtrail::DescribeTrails,
        "cloudtrail.late_uses" => &cloudtrail::LateUses,
        "cloudtrail.lookup_events" => &cloudtrail::LookupEvents,
        "cloudtrail.preserve" => &cloudtrail::Preserve,
        "s3.inventory" => &s3::Inventory,
        "s3.put_bucket_encryption" => &s3::PutBucketEncryption,
        "s3.reencrypt" => &s3::Reencrypt,
        "kms.describe_key" => &kms::DescribeKey,
        "kms.record_state" => &kms::RecordState,
        "kms.list_grants" => &kms::ListGrants,
        "kms.get_key_last_usage" => &kms::GetKeyLastUsage,
        "kms.disable_key" => &kms::DisableKey,
        "kms.enable_key" => &kms::EnableKey,
        "kms.fence_key" => &kms::FenceKey,
        "kms.put_key_policy" => &kms::PutKeyPolicy,
        "kms.revoke_grant" => &kms::RevokeGrant,
        "kms.create_key" => &kms::CreateKey,
        "kms.update_alias" => &kms::UpdateAlias,
        "kms.generate_data_key" => &kms::GenerateDataKey,
        "kms.schedule_key_deletion" => &kms::ScheduleKeyDeletion,
        "kms.cancel_key_deletion" => &kms::CancelKeyDeletion,
        _ => return None,
    })
}
