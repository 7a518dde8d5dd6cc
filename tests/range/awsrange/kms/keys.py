"""Finding a key by what a request calls it, and whether its state permits the operation.

States follow "Key states of AWS KMS keys" in the KMS developer guide.
"""

import copy
import re
import uuid
from dataclasses import dataclass

import moto.kms.models as moto_kms
from moto.kms.models import kms_backends
from moto.kms.utils import RESERVED_ALIASES

from ..refusal import Refusal

KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
KEY_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):(\d{12}):key/(.+)")
ALIAS_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):(\d{12}):(alias/.+)")

CRYPTOGRAPHIC = {
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
}
ALIAS_ACCEPTED = CRYPTOGRAPHIC | {"DescribeKey", "GetPublicKey"}
NEEDS_ENABLED = CRYPTOGRAPHIC | {
    "CreateGrant",
    "GetPublicKey",
    "EnableKeyRotation",
    "DisableKeyRotation",
    # "The request was rejected because the specified KMS key is not enabled" (API reference, ReplicateKey, Errors).
    "ReplicateKey",
    "RotateKeyOnDemand",
}
NEEDS_NOT_PENDING = {
    "CreateAlias",
    "DisableKey",
    "EnableKey",
    "GetKeyRotationStatus",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
}
NOT_ON_AWS_MANAGED = {
    "CancelKeyDeletion",
    "CreateGrant",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "PutKeyPolicy",
    "ReplicateKey",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
}

make_private_key = moto_kms.generate_private_key


def make_private_key_if_asymmetric(key_spec):
    """moto makes an RSA key for symmetric keys too, which costs a tenth of a second each and is never used."""
    if key_spec == "SYMMETRIC_DEFAULT" or key_spec.startswith("HMAC"):
        return None
    return make_private_key(key_spec)


def make_key_id(multi_region=False):
    """The number of a multi-Region key has no dashes after its prefix."""
    return f"mrk-{uuid.uuid4().hex}" if multi_region else str(uuid.uuid4())


moto_kms.generate_private_key = make_private_key_if_asymmetric
moto_kms.generate_key_id = make_key_id


@dataclass
class Place:
    """Where a KMS request looks: one Region of one account."""

    account_id: str
    region: str

    @property
    def backend(self):
        return kms_backends[self.account_id][self.region]


def find(place, name, operation):
    """The key that a request means. Most operations take no alias, in either form."""
    if not name:
        raise Refusal(
            "ValidationException",
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        )
    if name.startswith("arn:"):
        return find_by_arn(place, name, operation)
    if name.startswith("alias/"):
        if operation not in ALIAS_ACCEPTED:
            raise Refusal("NotFoundException", f"Invalid keyId {name}")
        return find_by_alias(place, name)
    if not KEY_ID.fullmatch(name.lower()):
        raise Refusal("NotFoundException", f"Invalid keyId {name}")
    return find_by_id(place, name.lower())


def find_by_arn(place, arn, operation):
    alias = ALIAS_ARN.fullmatch(arn)
    if alias and operation not in ALIAS_ACCEPTED:
        raise Refusal("InvalidArnException", "Key Aliases are not supported for this operation.")
    found = alias or KEY_ARN.fullmatch(arn)
    if not found:
        raise Refusal("InvalidArnException", f"Invalid arn {arn}")
    region, account_id, rest = found.groups()
    if region != place.region:
        raise Refusal("NotFoundException", f"Invalid arn {region}")
    if account_id != place.account_id:
        raise Refusal(
            "AccessDeniedException",
            f"The caller is not authorized to perform: kms:{operation} on the resource associated with this ciphertext "
            "because the resource does not exist in this Region, no resource-based policies allow access, "
            "or a resource-based policy explicitly denies access",
        )
    return find_by_alias(place, rest) if alias else find_by_id(place, rest)


def find_by_alias(place, alias):
    known = place.backend.get_key_id_from_alias(alias)
    if known is None:
        raise Refusal("NotFoundException", f"Alias arn:aws:kms:{place.region}:{place.account_id}:{alias} is not found.")
    key = place.backend.keys[known]
    if alias in RESERVED_ALIASES:
        key.key_manager = "AWS"
        key.description = (
            f"Default key that protects my {alias.removeprefix('alias/aws/')} data when no other key is defined"
        )
    return key


def find_by_id(place, key_id):
    key = place.backend.keys.get(key_id)
    if key is None:
        arn = f"arn:aws:kms:{place.region}:{place.account_id}:key/{key_id}"
        raise Refusal("NotFoundException", f"Key '{arn}' does not exist")
    return key


def check_state(key, operation):
    if key.key_manager == "AWS" and operation in NOT_ON_AWS_MANAGED:
        raise Refusal(
            "AccessDeniedException",
            f"The request is not authorized to perform: kms:{operation} on resource: {key.arn}, "
            "which is an AWS managed key",
        )
    pending = key.key_state in ("PendingDeletion", "PendingReplicaDeletion")
    if pending and operation in NEEDS_ENABLED | NEEDS_NOT_PENDING:
        raise Refusal("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_state == "PendingImport" and operation in NEEDS_ENABLED | {"EnableKey", "DisableKey"}:
        raise Refusal("KMSInvalidStateException", f"{key.arn} is pending import.")
    if key.key_state == "Disabled" and operation in NEEDS_ENABLED:
        raise Refusal("DisabledException", f"{key.arn} is disabled.")
    if operation == "CancelKeyDeletion" and not pending:
        raise Refusal("KMSInvalidStateException", f"{key.arn} is not pending deletion.")


def describe(key):
    """`KeyMetadata`, without the members that AWS leaves out."""
    told = {name: value for name, value in key.to_dict()["KeyMetadata"].items() if value is not None}
    if told.get("SigningAlgorithms") == []:
        del told["SigningAlgorithms"]
    if key.origin == "EXTERNAL" and key.key_state != "PendingImport":
        told["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    if key.multi_region:
        primary = key.multi_region_configuration["PrimaryKey"]["Arn"]
        kind = "PRIMARY" if primary == key.arn else "REPLICA"
        told["MultiRegionConfiguration"] = {**key.multi_region_configuration, "MultiRegionKeyType": kind}
    if key.key_state == "PendingReplicaDeletion":
        told["PendingDeletionWindowInDays"] = key.pending_window
    return told


def replicate(key, region):
    """A replica shares the key's material and number; state, policy, grants, aliases and tags are its own."""
    if not key.multi_region or key.multi_region_configuration["PrimaryKey"]["Arn"] != key.arn:
        raise Refusal("UnsupportedOperationException", f"{key.arn} is not a multi-Region primary key.")
    backend = kms_backends[key.account_id][region]
    if key.id in backend.keys:
        raise Refusal("AlreadyExistsException", f"Multi-Region key {key.id} already exists in {region}.")
    replica = copy.copy(key)
    replica.region = region
    replica.arn = key.arn.replace(f":{key.region}:", f":{region}:")
    replica.grants, replica.aliases, replica.rotations = {}, {}, []
    key.multi_region_configuration["ReplicaKeys"].append({"Arn": replica.arn, "Region": region})
    backend.keys[replica.id] = replica
    return replica


def replicas(key):
    if not key.multi_region:
        return []
    return [one for one in key.multi_region_configuration["ReplicaKeys"] if one["Arn"] != key.arn]
