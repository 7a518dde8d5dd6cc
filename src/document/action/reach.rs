//! What tells how far a write reaches, before it is sent: for each action the input that names
//! its target, what can be looked at of that, and the IAM permissions that looking takes.

use serde::{Deserialize, Serialize};

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    State,
    Aliases,
    Grants,
    LastUse,
    Policies,
    Encryption,
}

/// Where an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The input that names the target.
    pub target: &'static str,
    pub aspects: &'static [Aspect],
}

/// `None` for what AWS can tell nothing about beforehand, and for what only reads.
#[must_use]
pub fn reach(action: &str) -> Option<Reach> {
    use Aspect::{Aliases, Encryption, Grants, LastUse, Policies, State};
    let (target, aspects): (_, &[Aspect]) = match action {
        "kms.disable_key"
        | "kms.enable_key"
        | "kms.fence_key"
        | "kms.put_key_policy"
        | "kms.revoke_grant"
        | "kms.schedule_key_deletion"
        | "kms.cancel_key_deletion" => ("key", &[State, Aliases, Grants, LastUse]),
        "kms.update_alias" => ("alias", &[State]),
        "iam.update_access_key" => ("access_key", &[LastUse]),
        "iam.revoke_sessions" | "iam.delete_role_policy" => ("role", &[LastUse, Policies]),
        "s3.put_bucket_encryption" | "s3.reencrypt" => ("bucket", &[Encryption]),
        _ => return None,
    };
    Some(Reach { target, aspects })
}

/// The IAM actions that the look before an action takes (Service Authorization Reference).
pub fn looking_takes(action: &str) -> impl Iterator<Item = &'static str> {
    let aspects = reach(action).map_or(&[][..], |reach| reach.aspects);
    let target = reach(action).map_or("", |reach| reach.target);
    aspects.iter().flat_map(move |aspect| aspect.permissions(target)).copied()
}

impl Aspect {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Aliases => "aliases",
            Self::Grants => "grants",
            Self::LastUse => "last used",
            Self::Policies => "policies",
            Self::Encryption => "encryption",
        }
    }

    fn permissions(self, target: &str) -> &'static [&'static str] {
        match (self, target) {
            (Self::State, _) => &["kms:DescribeKey"],
            (Self::Aliases, _) => &["kms:ListAliases"],
            (Self::Grants, _) => &["kms:ListGrants"],
            (Self::LastUse, "access_key") => &["iam:GetAccessKeyLastUsed"],
            (Self::LastUse, "role") => &["iam:GetRole"],
            (Self::LastUse, _) => &["kms:GetKeyLastUsage"],
            (Self::Policies, _) => &["iam:ListAttachedRolePolicies"],
            (Self::Encryption, _) => &["s3:GetBucketLocation", "s3:GetEncryptionConfiguration"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::action::all;

    #[test]
    fn every_write_to_a_key_a_user_a_role_or_a_bucket_that_stands_already_is_looked_at() {
        // A key that is still to be made hangs on nothing, and the edits of an access review
        // compare what they are about to change with what was reviewed by themselves.
        let unseen = ["kms.create_key", "access.apply"];
        for spec in all().filter(|spec| spec.class.changes_the_world() && spec.name.contains('.')) {
            let found = reach(spec.name);
            assert_eq!(found.is_none(), unseen.contains(&spec.name), "{}", spec.name);
            let Some(Reach { target, aspects }) = found else { continue };
            assert!(spec.input(target).is_some() && !aspects.is_empty(), "{}", spec.name);
            assert!(looking_takes(spec.name).count() >= aspects.len(), "{}", spec.name);
        }
    }
}
