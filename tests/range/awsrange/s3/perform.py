"""S3 operations: encryption is settled here, the rest is moto's."""

from moto.s3.models import get_canned_acl

from ..moto_door import pass_on
from ..refusal import Refusal
from . import encryption
from .update import update_object_encryption


def perform(account, caller, call, _touched):
    if call.operation == "UpdateObjectEncryption":
        return update_object_encryption(account, caller, call)
    if call.operation in ("CopyObject", "UploadPartCopy"):
        bucket, name, version_id = encryption.copy_source(call)
        encryption.open_object(
            account, caller, call, encryption.stored(account, bucket, name, version_id), bucket, name
        )
    if call.operation == "CopyObject":
        check_changes_something(call)
    if call.operation == "GetObject":
        version = encryption.stored(account, call.bucket, call.key, call.query.get("versionId"))
        encryption.open_object(account, caller, call, version, call.bucket, call.key)
    if call.operation == "GetBucketVersioning":
        return well_named(pass_on(account, call))
    if call.operation == "CompleteMultipartUpload":
        return completed(account, call, pass_on(account, call))
    if call.operation not in encryption.WRITES or call.bucket not in encryption.buckets_of(account):
        return pass_on(account, call)
    answer = pass_on(account, call, headers=encryption.chosen_headers(account, caller, call))
    encryption.mark_customer_key(account, call, answer)
    return answer


def well_named(answer):
    """moto names the root of the answer otherwise than the Amazon S3 API reference, and strict readers refuse it."""
    answer.body = answer.body.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")
    return answer


def completed(account, call, answer):
    """moto leaves an object that came in parts without an ACL, and then fails when asked for it."""
    version = encryption.stored(account, call.bucket, call.key)
    if answer.status == 200 and version is not None and version.acl is None:
        version.acl = get_canned_acl("private")
    return answer


CHANGES = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)


def check_changes_something(call):
    """A copy of an object onto itself has to change something. moto would take the bucket's default as a change."""
    bucket, name, version_id = encryption.copy_source(call)
    same = (bucket, name) == (call.bucket, call.key) and version_id is None
    replaces = call.headers.get("x-amz-metadata-directive", "").upper() == "REPLACE"
    if same and not replaces and not any(header in call.headers for header in CHANGES):
        raise Refusal(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, "
            "storage class, website redirect location or encryption attributes.",
            400,
        )
