"""UpdateObjectEncryption: puts one object version under another key, in place.

Errors are those of the S3 API reference for this operation.
"""

import re
from xml.etree import ElementTree

from ..call import Answer
from ..kms import keys
from ..refusal import Refusal
from . import encryption, words

KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:([0-9]{12}):key/.+")


def update_object_encryption(account, caller, call):
    if account.options.get("update_object_encryption", True) is False:
        raise Refusal("NotImplemented", "A header you provided implies functionality that is not implemented.", 501)
    arn, bucket_key = asked(call)
    if KEY_ARN.fullmatch(arn)[1] != account.id:
        raise Refusal("AccessDenied", words.FOREIGN_KEY, 403)
    version = source(account, call)
    place = keys.Place(account.id, call.region)
    key = encryption.in_s3_words(keys.find, place, arn, "GenerateDataKey")
    rekey(account, caller, call, version, key, bucket_key)
    version.encryption, version.kms_key_id, version.bucket_key_enabled = "aws:kms", key.arn, bucket_key or None
    return Answer(200)


def asked(call):
    root = parsed(call.body)
    wanted = child(root, "SSE-KMS")
    if wanted is None:
        raise invalid(words.NO_TYPE)
    arn = text(child(wanted, "KMSKeyArn"))
    if not arn:
        raise invalid(words.NO_ARN)
    if not KEY_ARN.fullmatch(arn):
        raise invalid(words.BAD_ARN)
    bucket_key = text(child(wanted, "BucketKeyEnabled")) or "false"
    if bucket_key not in ("true", "false"):
        raise invalid(words.BAD_BUCKET_KEY)
    return arn, bucket_key == "true"


def parsed(body):
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise Refusal(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        ) from None


def child(element, name):
    return next((one for one in element if one.tag.rpartition("}")[2] == name), None)


def text(element):
    return "" if element is None else (element.text or "").strip()


def source(account, call):
    """The object version, if it is one that this operation may change."""
    if call.bucket not in encryption.buckets_of(account):
        raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
    version_id = call.query.get("versionId")
    version = encryption.stored(account, call.bucket, call.key, version_id)
    if version is None:
        raise Refusal("NoSuchVersion" if version_id else "NoSuchKey", "The specified key does not exist.", 404)
    if getattr(version, "customer_key", False) or version.encryption == "aws:kms:dsse":
        raise invalid(words.OTHER_TYPE)
    if version.encryption not in ("aws:kms", "AES256"):
        raise invalid(words.UNENCRYPTED)
    if encryption.is_locked(account, version):
        raise Refusal("AccessDenied", words.LOCKED, 403)
    return version


def rekey(account, caller, call, version, key, bucket_key):
    """Opens the data key under the old key and seals it under the new one: both must be usable."""
    if version.encryption == "aws:kms":
        encryption.open_object(account, caller, call, version, call.bucket, call.key)
    encryption.use(account, caller, call, key, "GenerateDataKey", call.bucket, call.key, bucket_key)


def invalid(message):
    return Refusal("InvalidRequest", message, 400)
