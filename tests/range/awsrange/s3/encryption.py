"""Which key an S3 request uses, and whether KMS lets S3 use it for this caller.

S3 calls KMS in the caller's name: those calls are events of their own, and they fail when the
key is disabled, pending deletion, or fenced.
"""

import copy
from urllib.parse import parse_qs, unquote, urlsplit

from moto.s3.models import s3_backends

from ..kms import access, keys
from ..refusal import Refusal
from ..times import stamp
from ..trail import event as trail_event
from ..trail.delivery import logging_trails

ALGORITHM = "x-amz-server-side-encryption"
KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"
CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
WRITES = {"PutObject", "CopyObject", "CreateMultipartUpload"}


def buckets_of(account):
    return s3_backends[account.id]["aws"].buckets


def stored(account, bucket, key, version_id=None):
    """An object version as moto keeps it; None where there is none, or a delete marker."""
    held = buckets_of(account).get(bucket)
    versions = held.keys.getlist(key, []) if held else []
    for version in reversed(versions):
        if version_id in (None, version.version_id):
            return version if hasattr(version, "encryption") else None
    return None


def copy_source(call):
    source = urlsplit(call.headers["x-amz-copy-source"])
    bucket, _, key = unquote(source.path).lstrip("/").partition("/")
    return bucket, key, parse_qs(source.query).get("versionId", [None])[0]


def chosen_headers(account, caller, call):
    """The request's headers with its encryption spelt out: a write without any takes the bucket's."""
    if CUSTOMER_KEY in call.headers:
        return call.headers
    headers = dict(call.headers)
    algorithm, key_id = headers.get(ALGORITHM), headers.get(KEY_ID)
    if algorithm is None:
        algorithm, key_id, bucket_key = bucket_default(account, call.bucket)
        headers[ALGORITHM] = algorithm
        if bucket_key:
            headers.setdefault(BUCKET_KEY, "true")
    if algorithm.startswith("aws:kms"):
        place = keys.Place(account.id, call.region)
        key = in_s3_words(keys.find, place, key_id or "alias/aws/s3", "GenerateDataKey")
        use(account, caller, call, key, "GenerateDataKey", call.bucket, call.key, headers.get(BUCKET_KEY) == "true")
        headers[KEY_ID] = key.arn
    return headers


def bucket_default(account, bucket):
    """Algorithm, key and bucket key of a bucket. S3 encrypts with its own keys where nothing is set."""
    held = buckets_of(account).get(bucket)
    rule = (held.encryption or {}).get("Rule") if held else None
    if not rule:
        return "AES256", None, False
    usual = rule["ApplyServerSideEncryptionByDefault"]
    return (
        usual["SSEAlgorithm"],
        usual.get("KMSMasterKeyID"),
        str(rule.get("BucketKeyEnabled", False)).lower() == "true",
    )


def open_object(account, caller, call, version, bucket, name):
    """Reading an object under a key is a Decrypt under that key."""
    if version is not None and (version.encryption or "").startswith("aws:kms") and version.kms_key_id:
        place = keys.Place(account.id, version.kms_key_id.split(":")[3])
        key = in_s3_words(keys.find, place, version.kms_key_id, "Decrypt")
        use(account, caller, call, key, "Decrypt", bucket, name, str(version.bucket_key_enabled).lower() == "true")


def use(account, caller, call, key, operation, bucket, name, bucket_key):
    """One use of a key by S3: permitted or refused, and an event either way."""
    params = {
        "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{bucket}" if bucket_key else f"arn:aws:s3:::{bucket}/{name}"}
    }
    if operation == "GenerateDataKey":
        params.update(keySpec="AES_256", keyId=key.arn)
    refusal = None
    try:
        access.check(key, caller, f"kms:{operation}", context(account, caller, call, params))
        keys.check_state(key, operation)
    except Refusal as refused:
        refusal = refused
    if not bucket_key or refusal or first_through_bucket_key(account, bucket, key, operation, caller):
        record(account, caller, call, key, operation, params, refusal)
    if refusal:
        raise translated(refusal)


def context(account, caller, call, params):
    told = caller.context(call.source_ip, account.now())
    told["kms:ViaService"] = f"s3.{call.region}.amazonaws.com"
    told["kms:GrantIsForAWSResource"] = "false"
    told["aws:ViaAWSService"] = "true"
    for name, value in params["encryptionContext"].items():
        told[f"kms:EncryptionContext:{name}"] = value
    return told


def first_through_bucket_key(account, bucket, key, operation, caller):
    """With a bucket key, S3 asks KMS once and then no more for a while: most uses leave no event."""
    seen = (bucket, key.arn, operation, caller.principal_arn)
    if seen in account.bucket_key_uses:
        return False
    account.bucket_key_uses.add(seen)
    return True


def record(account, caller, call, key, operation, params, refusal):
    inner = copy.copy(call)
    inner.service, inner.operation, inner.params = (
        "kms",
        operation,
        {name[:1].upper() + name[1:]: value for name, value in params.items()},
    )
    at = account.now()
    told = trail_event.record_of(account, caller, inner, at, touched=[key.arn], error=refusal)
    trail_event.mark_internal(told)
    told["requestParameters"] = params
    trail_event.remember(account, inner, told, at, [key.arn], logging_trails(account))


def in_s3_words(find, place, name, operation):
    try:
        return find(place, name, operation)
    except Refusal as refusal:
        raise translated(refusal) from None


def translated(refusal):
    """S3 tells an error of KMS under a code of its own."""
    if refusal.code == "AccessDeniedException":
        return Refusal("AccessDenied", refusal.message, 403)
    return Refusal(f"KMS.{refusal.code}", refusal.message, 400)


def mark_customer_key(account, call, answer):
    """moto does not keep that an object came with a key of the customer's own."""
    if CUSTOMER_KEY in call.headers and answer.status == 200:
        version = stored(account, call.bucket, call.key)
        if version is not None:
            version.encryption, version.kms_key_id, version.customer_key = None, None, True


def is_locked(account, version):
    """Whether a legal hold, or retention in either mode, protects the version now."""
    until = version.lock_until or "" if version.lock_mode else ""
    return version.lock_legal_status == "ON" or until > stamp(account.now())
