"""S3 operations: encryption is settled here, the rest is moto's."""

import re

from moto.s3.models import get_canned_acl

from ..moto_door import pass_on
from ..refusal import Refusal
from . import encryption, integrity
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
    if call.operation in ("PutObject", "UploadPart"):
        integrity.check(call)
    if call.operation == "CompleteMultipartUpload":
        return completed(account, call, pass_on(account, call))
    if call.operation not in encryption.WRITES or call.bucket not in encryption.buckets_of(account):
        return pass_on(account, call)
    answer = pass_on(account, call, headers=encryption.chosen_headers(account, caller, call))
    encryption.mark_customer_key(account, call, answer)
    if call.operation == "CreateMultipartUpload":
        remember_lock(account, call, answer)
    return answer


def remember_lock(account, call, answer):
    found = re.search(rb"<UploadId>([^<]+)</UploadId>", answer.body or b"")
    if found:
        lock = call.headers.get("x-amz-object-lock-mode"), call.headers.get("x-amz-object-lock-retain-until-date")
        account.locks_of_uploads[found[1].decode()] = lock


def completed(account, call, answer):
    """moto leaves an object that came in parts without an ACL, and then fails when asked for it.

    It also forgets the lock that was asked for when the upload began, and that a SHA-256 of parts is one.
    """
    version = encryption.stored(account, call.bucket, call.key)
    mode, until = account.locks_of_uploads.pop(call.query.get("uploadId"), (None, None))
    if answer.status == 200 and version is not None and mode:
        version.lock_mode, version.lock_until = mode, until
    if answer.status == 200 and version is not None and version.checksum_algorithm == "SHA256":
        # S3 tells the number of parts behind it; moto does so for GET only.
        version.checksum_type, version.checksum_value = None, f"{version.checksum_value}-{version.checksum_parts}"
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
