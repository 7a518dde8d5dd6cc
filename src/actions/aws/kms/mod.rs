//! AWS KMS (AWS KMS API reference; developer guide, "Key states of AWS KMS keys").

mod describe;
mod switch;

pub(super) use describe::DescribeKey;
pub(super) use switch::DisableKey;
