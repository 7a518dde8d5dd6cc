//! `CopyObject` of an object onto itself, under another key. Metadata, content headers and
//! tags are copied by S3; storage class, redirect, lock and grants have to be said again.
//! The encryption context of the old ciphertext cannot be read, and is not carried over.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, Grant, Grantee, MetadataDirective, Permission, ServerSideEncryption,
    StorageClass, TaggingDirective,
};

use super::object::Version;
use super::rekey::{Became, Plan};
use crate::actions::aws::connect::ATTEMPTS;
use crate::actions::aws::fault;
use crate::actions::aws::percent::encoded_path;

/// What one CopyObject takes, in bytes (Amazon S3 API reference, `CopyObject`).
const LARGEST: u64 = 5 << 30;

pub(super) async fn copy(plan: &Plan, version: &Version, head: &HeadObjectOutput) -> Became {
    if let Some(why) = hindrance(version, head) {
        return Became::Left { why };
    }
    let (grants, lost) = match grants(&plan.s3, version).await {
        Ok(grants) => (grants, None),
        Err(why) => (Vec::new(), Some(format!("grants could not be read: {why}"))),
    };
    let algorithm = checksum(&plan.s3, version).await;
    let asked = granted(order(plan, version, head), &grants).set_checksum_algorithm(algorithm);
    let mut why = String::new();
    for _ in 0..ATTEMPTS {
        let error = match asked.clone().send().await {
            Ok(said) => {
                let request = said.request_id().unwrap_or_default().to_owned();
                return copied(version, request, said.version_id(), lost);
            }
            Err(error) => error,
        };
        why = format!("CopyObject: {}", fault::reason(&error));
        if !fault::leaves_doubt(&error) {
            break;
        }
        // A copy that was made is what the plain key means by now, and lies under the new key.
        match version.head_of_current(&plan.s3).await {
            Ok(head) if head.ssekms_key_id() == Some(&*plan.to) => {
                return copied(version, String::new(), head.version_id(), lost);
            }
            Ok(_) => {}
            Err(unread) => {
                why = format!("{why}; {unread}");
                break;
            }
        }
    }
    Became::Left { why }
}

fn copied(version: &Version, request: String, id: Option<&str>, lost: Option<String>) -> Became {
    Became::Copied { request, stays: !version.is(id), lost }
}

fn hindrance(version: &Version, head: &HeadObjectOutput) -> Option<String> {
    if !version.current {
        return Some("it is not the current version: a copy of it would become the newest".to_owned());
    }
    if version.size > LARGEST {
        return Some(
            "it is larger than the 5 GB that one CopyObject takes; copy it in parts, by hand".to_owned(),
        );
    }
    let archived = matches!(head.storage_class(), Some(StorageClass::Glacier | StorageClass::DeepArchive));
    let restored = head.restore().is_some_and(|restore| restore.contains("ongoing-request=\"false\""));
    (archived && !restored).then(|| "it is archived and has to be restored first".to_owned())
}

fn order(plan: &Plan, version: &Version, head: &HeadObjectOutput) -> CopyObjectFluentBuilder {
    let source = format!("{}/{}", encoded_path(&version.bucket), encoded_path(&version.key));
    let source = version.version_id().map_or_else(|| source.clone(), |id| format!("{source}?versionId={id}"));
    plan.s3
        .copy_object()
        .bucket(&version.bucket)
        .key(&version.key)
        .copy_source(source)
        // Neither the source nor what stands in its place may have changed meanwhile.
        .set_copy_source_if_match(head.e_tag().map(str::to_owned))
        .set_if_match(head.e_tag().map(str::to_owned))
        .metadata_directive(MetadataDirective::Copy)
        .tagging_directive(TaggingDirective::Copy)
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .ssekms_key_id(&*plan.to)
        .set_bucket_key_enabled(head.bucket_key_enabled())
        .set_storage_class(head.storage_class().cloned())
        .set_website_redirect_location(head.website_redirect_location().map(str::to_owned))
        .set_object_lock_mode(head.object_lock_mode().map(|mode| mode.as_str().into()))
        .set_object_lock_retain_until_date(head.object_lock_retain_until_date().copied())
        .set_object_lock_legal_hold_status(head.object_lock_legal_hold_status().cloned())
}

/// The algorithm of the checksum that the object carries, so that the copy carries one too.
async fn checksum(s3: &Client, version: &Version) -> Option<ChecksumAlgorithm> {
    let asked =
        s3.head_object().bucket(&version.bucket).key(&version.key).set_version_id(version.version_id());
    let head = asked.checksum_mode(ChecksumMode::Enabled).send().await.ok()?;
    let carried = [
        (head.checksum_sha256(), ChecksumAlgorithm::Sha256),
        (head.checksum_sha1(), ChecksumAlgorithm::Sha1),
        (head.checksum_crc64_nvme(), ChecksumAlgorithm::Crc64Nvme),
        (head.checksum_crc32_c(), ChecksumAlgorithm::Crc32C),
        (head.checksum_crc32(), ChecksumAlgorithm::Crc32),
    ];
    carried.into_iter().find_map(|(sum, algorithm)| sum.map(|_| algorithm))
}

/// The grants of an object, where it has any beside its owner's own, which a copy has
/// anyway. Where access control lists are switched off there are none.
async fn grants(s3: &Client, version: &Version) -> Result<Vec<Grant>, String> {
    let asked =
        s3.get_object_acl().bucket(&version.bucket).key(&version.key).set_version_id(version.version_id());
    let said = asked.send().await.map_err(|error| fault::reason(&error))?;
    let owner = said.owner().and_then(|owner| owner.id()).map(str::to_owned);
    let grants = said.grants.unwrap_or_default();
    let shared = grants.iter().any(|grant| grant.grantee().and_then(Grantee::id) != owner.as_deref());
    Ok(if shared { grants } else { Vec::new() })
}

/// Naming any grant leaves out the owner's, so that all of them are named.
fn granted(asked: CopyObjectFluentBuilder, grants: &[Grant]) -> CopyObjectFluentBuilder {
    let of = |wanted: Permission| {
        let grantees =
            grants.iter().filter(|grant| grant.permission() == Some(&wanted)).filter_map(Grant::grantee);
        let named: Vec<_> = grantees.filter_map(grantee).collect();
        (!named.is_empty()).then(|| named.join(", "))
    };
    asked
        .set_grant_full_control(of(Permission::FullControl))
        .set_grant_read(of(Permission::Read))
        .set_grant_read_acp(of(Permission::ReadAcp))
        .set_grant_write_acp(of(Permission::WriteAcp))
}

fn grantee(grantee: &Grantee) -> Option<String> {
    let named = |kind: &str, value: Option<&str>| value.map(|value| format!("{kind}=\"{value}\""));
    named("id", grantee.id())
        .or_else(|| named("uri", grantee.uri()))
        .or_else(|| named("emailAddress", grantee.email_address()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(current: bool, size: u64) -> Version {
        Version { bucket: "b".to_owned(), key: "k".to_owned(), id: "v1".to_owned(), size, current }
    }

    #[test]
    fn what_a_copy_cannot_bring_over_is_left_with_the_reason() {
        let plain = HeadObjectOutput::builder().build();
        assert_eq!(hindrance(&version(true, LARGEST), &plain), None);
        assert!(hindrance(&version(true, LARGEST + 1), &plain).is_some_and(|why| why.contains("5 GB")));
        assert!(
            hindrance(&version(false, 1), &plain).is_some_and(|why| why.contains("not the current version"))
        );
        let archived = HeadObjectOutput::builder().storage_class(StorageClass::Glacier);
        assert!(hindrance(&version(true, 1), &archived.clone().build()).is_some());
        assert!(
            hindrance(&version(true, 1), &archived.restore("ongoing-request=\"false\"").build()).is_none()
        );
    }

    #[test]
    fn a_copy_in_a_versioned_bucket_leaves_the_version_that_was_copied() {
        let stays = |version: &Version, id| {
            matches!(copied(version, String::new(), id, None), Became::Copied { stays: true, .. })
        };
        assert!(stays(&version(true, 1), Some("v2")));
        let unversioned = Version { id: "null".to_owned(), ..version(true, 1) };
        assert!(!stays(&unversioned, None));
        assert!(!stays(&unversioned, Some("null")));
    }
}
