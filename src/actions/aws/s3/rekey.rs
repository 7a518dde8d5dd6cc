//! One version of an object from one key to another: in place where S3 can do that, else
//! by copying the object onto itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::update_object_encryption::{
    UpdateObjectEncryptionError, UpdateObjectEncryptionOutput,
};
use aws_sdk_s3::types::{ObjectEncryption, ObjectLockMode, ServerSideEncryption, SsekmsEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use super::bucket::KeyNames;
use super::copy;
use super::object::Version;
use crate::actions::aws::connect::ATTEMPTS;
use crate::actions::aws::fault;

/// What to do with every version, shared by those under way.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) s3: Client,
    pub(super) from: KeyNames,
    /// The full ARN.
    pub(super) to: Arc<str>,
    pub(super) now: DateTime,
    /// Whether S3 has said that it does not change keys in place here.
    pub(super) copies: Arc<AtomicBool>,
}

/// What became of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// It lies under some other key, or none: not ours to touch.
    Elsewhere,
    Already,
    Updated {
        request: String,
    },
    Copied {
        request: String,
        /// The version that was copied stays beside the copy, under the old key.
        stays: bool,
        /// What could not be carried over.
        lost: Option<String>,
    },
    Left {
        why: String,
    },
}

pub(super) async fn rekey(plan: &Plan, version: &Version) -> Became {
    let head = match version.head(&plan.s3).await {
        Ok(head) => head,
        Err(why) => return Became::Left { why: format!("it is not known what it lies under: {why}") },
    };
    let key = head.ssekms_key_id().unwrap_or_default();
    if key == &*plan.to {
        return Became::Already;
    }
    if !plan.from.include(key) {
        return Became::Elsewhere;
    }
    if let Some(why) = hindrance(&head, plan.now) {
        return Became::Left { why };
    }
    if !plan.copies.load(Ordering::Relaxed)
        && let Some(became) = in_place(plan, version, &head).await
    {
        return became;
    }
    copy::copy(plan, version, &head).await
}

/// What S3 would refuse whichever way (`UpdateObjectEncryption`).
fn hindrance(head: &HeadObjectOutput, now: DateTime) -> Option<String> {
    if head.server_side_encryption() == Some(&ServerSideEncryption::AwsKmsDsse) {
        return Some(
            "it has two layers of encryption (DSSE-KMS), which cannot be changed in place".to_owned(),
        );
    }
    let locked = head.object_lock_mode() == Some(&ObjectLockMode::Compliance);
    let until = head.object_lock_retain_until_date().filter(|until| locked && **until > now);
    until.map(|until| format!("it is locked in compliance mode until {until}"))
}

/// `None` where S3 does not do this here at all.
async fn in_place(plan: &Plan, version: &Version, head: &HeadObjectOutput) -> Option<Became> {
    let kms =
        SsekmsEncryption::builder().kms_key_arn(&*plan.to).set_bucket_key_enabled(head.bucket_key_enabled());
    let asked = plan.s3.update_object_encryption().bucket(&version.bucket).key(&version.key);
    let asked = asked
        .set_version_id(version.version_id())
        .object_encryption(ObjectEncryption::Ssekms(kms.build().ok()?));
    for left in (0..ATTEMPTS).rev() {
        match asked.clone().send().await {
            Ok(said) => return Some(Became::Updated { request: request(&said) }),
            Err(error) if is_unsupported(&error) => {
                plan.copies.store(true, Ordering::Relaxed);
                return None;
            }
            Err(error) => {
                if let Some(became) = after_all(plan, version, &error, left).await {
                    return Some(became);
                }
            }
        }
    }
    None
}

fn request(said: &UpdateObjectEncryptionOutput) -> String {
    said.request_id().unwrap_or_default().to_owned()
}

fn is_unsupported(error: &SdkError<UpdateObjectEncryptionError, HttpResponse>) -> bool {
    let SdkError::ServiceError(context) = error else { return false };
    let status = context.raw().status().as_u16();
    let code = context.err().code().unwrap_or_default();
    matches!(code, "NotImplemented" | "MethodNotAllowed" | "UnsupportedOperation")
        || matches!(status, 405 | 501)
}

/// Where no answer came, the object itself says what was done. `None` where it says that nothing
/// was, and there are tries left.
async fn after_all(
    plan: &Plan,
    version: &Version,
    error: &SdkError<UpdateObjectEncryptionError, HttpResponse>,
    left: u32,
) -> Option<Became> {
    let why = format!("UpdateObjectEncryption: {}", fault::reason(error));
    if !fault::leaves_doubt(error) {
        return Some(Became::Left { why });
    }
    match version.head(&plan.s3).await {
        Ok(head) if head.ssekms_key_id() == Some(&*plan.to) => {
            Some(Became::Updated { request: String::new() })
        }
        Ok(_) if left > 0 => None,
        _ => Some(Became::Left { why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_changed_is_known_before_it_is_tried() {
        let now = DateTime::from_secs(1_000);
        let locked = |mode, until| {
            HeadObjectOutput::builder()
                .object_lock_mode(mode)
                .object_lock_retain_until_date(DateTime::from_secs(until))
                .build()
        };
        assert!(hindrance(&locked(ObjectLockMode::Compliance, 2_000), now).is_some());
        assert!(hindrance(&locked(ObjectLockMode::Compliance, 500), now).is_none());
        assert!(hindrance(&locked(ObjectLockMode::Governance, 2_000), now).is_none());
        let dsse =
            HeadObjectOutput::builder().server_side_encryption(ServerSideEncryption::AwsKmsDsse).build();
        assert!(hindrance(&dsse, now).is_some());
    }
}
