//! Amazon S3 (Amazon S3 API reference and user guide).

mod bucket;
mod copy;
mod encryption;
mod inventory;
mod object;
mod reencrypt;
mod rekey;
mod sight;
mod tally;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use bucket::{client_for, default_encryption, key as key_of_default};
pub(super) use encryption::PutBucketEncryption;
pub(super) use inventory::Inventory;
pub(super) use reencrypt::Reencrypt;
pub(super) use sight::seen_encryption;
