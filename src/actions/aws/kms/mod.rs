//! AWS KMS (AWS KMS API reference; developer guide, "Key states of AWS KMS keys").

mod alias;
mod create;
mod data_key;
mod deletion;
mod describe;
mod fence;
mod grants;
mod last_use;
mod lockout;
mod policy;
mod record;
mod sight;
mod switch;

pub(super) use alias::UpdateAlias;
pub(super) use create::CreateKey;
pub(super) use data_key::GenerateDataKey;
pub(super) use deletion::{CancelKeyDeletion, ScheduleKeyDeletion};
pub(super) use describe::{
    DescribeKey, arn, describe, every_form, forms_at_home, replicas_of_primary, state,
};
pub(super) use grants::{ListGrants, RevokeGrant, in_order, spare_own as spare_grantee};
pub(super) use last_use::GetKeyLastUsage;
pub(super) use lockout::spare_own;
pub(super) use policy::{FenceKey, PutKeyPolicy};
pub(super) use record::RecordState;
pub(super) use sight::{seen_aliases, seen_grants, seen_state, seen_use};
pub(super) use switch::{DisableKey, EnableKey};
