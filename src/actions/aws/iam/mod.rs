//! AWS IAM (IAM API reference; IAM user guide, "Revoke IAM role temporary security
//! credentials").

mod access_keys;
mod role_policy;
mod sessions;
mod sight;
mod simulate;

pub(super) use access_keys::{ListAccessKeys, UpdateAccessKey};
pub(super) use role_policy::DeleteRolePolicy;
pub(super) use sessions::RevokeSessions;
pub(super) use sight::{seen_key_use, seen_policies, seen_role_use};
pub(super) use simulate::{SimulatePrincipalPolicy, simulate, source};
