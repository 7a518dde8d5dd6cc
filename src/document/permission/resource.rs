//! On what an IAM action acts, and under which condition it is wanted (Service Authorization
//! Reference: "Actions, resources, and condition keys" for AWS KMS, Amazon S3, AWS IAM and
//! AWS CloudTrail).

use serde_json::{Value, json};

use super::known::Known;
use crate::document::action::Operation;
use crate::text::arn::Arn;

/// The condition under which a permission is wanted, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Only {
    Always,
    /// What destroys wants a second factor.
    WithMfa,
    /// The lockout check of KMS is never bypassed.
    WithLockoutCheck,
    /// S3 asks KMS in the caller's name; the caller need not be able to ask by itself.
    ThroughS3,
}

impl Only {
    pub(super) fn of(action: &str, operation: &str) -> Self {
        match action {
            "kms:ScheduleKeyDeletion" => Self::WithMfa,
            "kms:PutKeyPolicy" | "kms:CreateKey" => Self::WithLockoutCheck,
            "kms:Decrypt"
            | "kms:Encrypt"
            | "kms:GenerateDataKey"
            | "kms:ReEncryptFrom"
            | "kms:ReEncryptTo"
                if !operation.starts_with("kms.") =>
            {
                Self::ThroughS3
            }
            _ => Self::Always,
        }
    }

    /// The element `Condition`.
    #[must_use]
    pub fn condition(self) -> Option<Value> {
        Some(match self {
            Self::Always => return None,
            Self::WithMfa => json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
            Self::WithLockoutCheck => {
                json!({ "BoolIfExists": { "kms:BypassPolicyLockoutSafetyCheck": "false" } })
            }
            Self::ThroughS3 => json!({ "StringLike": { "kms:ViaService": "s3.*.amazonaws.com" } }),
        })
    }
}

/// Whether an action tells facts and no data, so that it belongs to those who only read.
pub(super) fn only_looks(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let data = name.starts_with("GetObject");
    !data && ["Get", "List", "Describe", "Lookup"].iter().any(|verb| name.starts_with(verb))
}

/// What an action acts on.
enum Kind {
    /// Nothing that a policy could name.
    Everything,
    Key,
    /// The alias, the key that it points at and the one that it shall point at.
    AliasAndKeys,
    Trail,
    Bucket,
    Object,
    User,
    Role,
    Group,
    ManagedPolicy,
    Principal,
}

fn kind(action: &str) -> Kind {
    match action {
        "kms:UpdateAlias" => Kind::AliasAndKeys,
        "kms:CreateKey" | "kms:ListKeys" | "kms:ListAliases" | "s3:ListAllMyBuckets" => Kind::Everything,
        "cloudtrail:GetTrailStatus" | "cloudtrail:GetEventSelectors" => Kind::Trail,
        "iam:SimulatePrincipalPolicy" => Kind::Principal,
        "s3:UpdateObjectEncryption" => Kind::Object,
        _ if action.starts_with("s3:GetObject") || action.starts_with("s3:PutObject") => Kind::Object,
        _ if action.starts_with("s3:") => Kind::Bucket,
        _ if action.starts_with("kms:") => Kind::Key,
        "iam:GetPolicy"
        | "iam:GetPolicyVersion"
        | "iam:ListPolicyVersions"
        | "iam:ListEntitiesForPolicy"
        | "iam:CreatePolicyVersion"
        | "iam:SetDefaultPolicyVersion" => Kind::ManagedPolicy,
        "iam:AddUserToGroup" | "iam:RemoveUserFromGroup" => Kind::Group,
        _ if action.starts_with("iam:") && action.contains("Role") => Kind::Role,
        _ if action.starts_with("iam:") && (action.contains("User") || action.contains("AccessKey")) => {
            Kind::User
        }
        _ => Kind::Everything,
    }
}

/// The resources of an action wherever they are.
pub(super) fn anywhere(action: &str) -> Vec<String> {
    let pattern = |pattern: &str| vec![pattern.to_owned()];
    match kind(action) {
        Kind::Everything => pattern("*"),
        Kind::Key => pattern("arn:aws:kms:*:*:key/*"),
        Kind::AliasAndKeys => vec!["arn:aws:kms:*:*:alias/*".to_owned(), "arn:aws:kms:*:*:key/*".to_owned()],
        Kind::Trail => pattern("arn:aws:cloudtrail:*:*:trail/*"),
        Kind::Bucket => pattern("arn:aws:s3:::*"),
        Kind::Object => pattern("arn:aws:s3:::*/*"),
        Kind::User => pattern("arn:aws:iam::*:user/*"),
        Kind::Role => pattern("arn:aws:iam::*:role/*"),
        Kind::Group => pattern("arn:aws:iam::*:group/*"),
        Kind::ManagedPolicy => pattern("arn:aws:iam::*:policy/*"),
        Kind::Principal => vec!["arn:aws:iam::*:role/*".to_owned(), "arn:aws:iam::*:user/*".to_owned()],
    }
}

/// The resources of an action in one operation, narrowed where its inputs are known.
pub(super) fn of(action: &str, operation: &Operation, known: &Known<'_>) -> Vec<String> {
    let narrowed = match kind(action) {
        // The alias leaves a key that only the world names.
        Kind::Key if operation.spec.input("alias").is_some() => None,
        Kind::Key => {
            let key = key(&known.text(operation, key_input(action, operation)).unwrap_or_default());
            if only_looks(action) { key.map(wherever_it_is_replicated) } else { key }
        }
        Kind::AliasAndKeys => alias(&known.text(operation, "alias").unwrap_or_default()),
        Kind::Bucket => bucket(known.text(operation, "bucket"), ""),
        Kind::Object => bucket(known.text(operation, "bucket"), "/*"),
        Kind::User => named("user", known.text(operation, "user")),
        Kind::Role => named("role", known.text(operation, "role")),
        Kind::Principal => principal(known.text(operation, "principal")),
        Kind::Everything | Kind::Trail | Kind::Group | Kind::ManagedPolicy => None,
    };
    narrowed.unwrap_or_else(|| anywhere(action))
}

/// The input that holds the key which an action acts on.
fn key_input(action: &str, operation: &Operation) -> &'static str {
    match action {
        _ if operation.spec.input("from").is_none() => "key",
        "kms:Decrypt" | "kms:ReEncryptFrom" => "from",
        _ => "to",
    }
}

/// An alias can be moved, and IAM does not take one for the key behind it: only an ARN or an
/// id narrows (AWS KMS developer guide, "Specifying KMS keys in IAM policy statements").
fn key(key: &str) -> Option<Vec<String>> {
    if key.starts_with("arn:") {
        return key.contains(":key/").then(|| vec![key.to_owned()]);
    }
    let id = !key.is_empty() && !key.contains('/');
    id.then(|| vec![format!("arn:aws:kms:*:*:key/{key}")])
}

/// Who looks at a multi-Region key looks at its replicas, too. They have its number, and
/// other ARNs only by their Regions (AWS KMS developer guide, "How multi-Region keys work").
fn wherever_it_is_replicated(keys: Vec<String>) -> Vec<String> {
    let in_any_region = |key: String| match Arn::parse(&key) {
        Some(Arn { partition, service, account, resource, .. }) if resource.starts_with("key/mrk-") => {
            format!("arn:{partition}:{service}:*:{account}:{resource}")
        }
        _ => key,
    };
    keys.into_iter().map(in_any_region).collect()
}

fn alias(alias: &str) -> Option<Vec<String>> {
    let alias = alias.strip_prefix("alias/").filter(|alias| !alias.is_empty())?;
    Some(vec![format!("arn:aws:kms:*:*:alias/{alias}"), "arn:aws:kms:*:*:key/*".to_owned()])
}

fn bucket(bucket: Option<String>, below: &str) -> Option<Vec<String>> {
    bucket
        .filter(|bucket| !bucket.contains(['/', ':']))
        .map(|bucket| vec![format!("arn:aws:s3:::{bucket}{below}")])
}

/// Names are unique in an account whatever their path, which a name does not tell.
fn named(kind: &str, name: Option<String>) -> Option<Vec<String>> {
    let name = name?;
    if name.starts_with("arn:") {
        return name.contains(&format!(":{kind}/")).then(|| vec![name]);
    }
    (!name.contains(['/', ':']))
        .then(|| vec![format!("arn:aws:iam::*:{kind}/{name}"), format!("arn:aws:iam::*:{kind}/*/{name}")])
}

/// IAM simulates for users, groups and roles; a session's ARN is none of them.
fn principal(arn: Option<String>) -> Option<Vec<String>> {
    arn.filter(|arn| arn.contains(":iam:")).map(|arn| vec![arn])
}
