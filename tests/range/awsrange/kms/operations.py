"""The KMS operations that the range answers itself. Those that it does not name go on to moto."""

import json
import re
from datetime import timedelta

from moto.kms.models import kms_backends

from .. import times
from ..moto_door import pass_on
from ..refusal import Refusal
from . import access, crypto, grants, keys, usage

ALIAS_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def perform(account, caller, call, touched):
    """Answers with a dict, or with moto's own answer. `touched` collects the ARNs that the event shall name."""
    request = Request(account, caller, call, touched)
    if call.operation in WITHOUT_KEY:
        return WITHOUT_KEY[call.operation](request)
    if call.operation in ("Decrypt", "ReEncrypt"):
        named = "KeyId" if call.operation == "Decrypt" else "SourceKeyId"
        key = crypto.source_key(request.place, call.params, named)
    elif "KeyId" in call.params or call.operation in WITH_KEY:
        key = keys.find(request.place, call.params.get("KeyId"), call.operation)
    else:
        return pass_on(account, call)
    request.touch(key)
    if call.operation == "ReEncrypt":
        return crypto.re_encrypt(request.place, key, caller, call.params, request.context())
    access.check(key, caller, request.action, request.context())
    keys.check_state(key, call.operation)
    if call.operation in WITH_KEY:
        return WITH_KEY[call.operation](request, key) or {}
    return pass_on(account, call, body=json.dumps({**call.params, "KeyId": key.id}).encode())


class Request:
    def __init__(self, account, caller, call, touched):
        self.account, self.caller, self.params, self.touched = account, caller, call.params, touched
        self.call = call
        self.action = f"kms:{call.operation}"
        self.place = keys.Place(account.id, call.region)

    def touch(self, key):
        if key.arn not in self.touched:
            self.touched.append(key.arn)

    def context(self):
        """The condition keys of a KMS request."""
        told = self.caller.context(self.call.source_ip, self.account.now())
        told["kms:GrantIsForAWSResource"] = "false"
        for name, value in (self.params.get("EncryptionContext") or {}).items():
            told[f"kms:EncryptionContext:{name}"] = value
        if self.params.get("GranteePrincipal"):
            told["kms:GranteePrincipal"] = self.params["GranteePrincipal"]
        return told

    def target(self, name):
        key = keys.find(self.place, self.params.get(name), self.call.operation)
        self.touch(key)
        access.check(key, self.caller, self.action, self.context())
        keys.check_state(key, self.call.operation)
        return key


# State.


def describe_key(_request, key):
    return {"KeyMetadata": keys.describe(key)}


def disable_key(_request, key):
    key.enabled, key.key_state = False, "Disabled"


def enable_key(_request, key):
    key.enabled, key.key_state = True, "Enabled"


def schedule_key_deletion(request, key):
    days = request.params.get("PendingWindowInDays", 30)
    if not 7 <= days <= 30:
        raise Refusal(
            "ValidationException",
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
            "Member must have value between 7 and 30, inclusive",
        )
    key.enabled, key.pending_window = False, days
    key.deletion_date = times.naive(request.account.now() + timedelta(days=days))
    key.key_state = "PendingReplicaDeletion" if keys.replicas(key) else "PendingDeletion"
    answer = {"KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days}
    if key.key_state == "PendingDeletion":
        answer["DeletionDate"] = int((request.account.now() + timedelta(days=days)).timestamp())
    return answer


def cancel_key_deletion(_request, key):
    key.key_state, key.deletion_date = "Disabled", None
    return {"KeyId": key.arn}


def delete_imported_key_material(_request, key):
    if key.origin != "EXTERNAL":
        raise Refusal(
            "UnsupportedOperationException", f"{key.arn} origin is {key.origin} which is not valid for this operation."
        )
    key.enabled, key.key_state = False, "PendingImport"
    return {"KeyId": key.arn}


def get_key_last_usage(request, key):
    return usage.told(request.account, key)


# Making keys.


def policy_to_begin_with(request):
    text = request.params.get("Policy")
    if text:
        access.check_well_formed(text)
        if not request.params.get("BypassPolicyLockoutSafetyCheck"):
            access.check_not_locked_out(text, request.caller, request.context(), "*")
    return text


def create_key(request):
    params = request.params
    text = policy_to_begin_with(request)
    key = request.place.backend.create_key(
        text,
        params.get("KeyUsage") or "ENCRYPT_DECRYPT",
        params.get("KeySpec") or params.get("CustomerMasterKeySpec"),
        params.get("Description"),
        params.get("Tags"),
        params.get("MultiRegion") or False,
        params.get("Origin") or "AWS_KMS",
    )
    if key.origin == "EXTERNAL":
        key.enabled, key.key_state = False, "PendingImport"
    request.touch(key)
    return {"KeyMetadata": keys.describe(key)}


def replicate_key(request, key):
    params = request.params
    text = policy_to_begin_with(request)
    replica = keys.replicate(key, params["ReplicaRegion"])
    replica.creation_date = int(request.account.now().timestamp())
    replica.description = params.get("Description") or ""
    replica.policy = text or replica.generate_default_policy()
    tags = params.get("Tags") or []
    kms_backends[request.account.id][replica.region].tagger.tag_resource(replica.id, tags)
    request.touch(replica)
    return {"ReplicaKeyMetadata": keys.describe(replica), "ReplicaPolicy": replica.policy, "ReplicaTags": tags}


def update_key_description(request, key):
    key.description = request.params.get("Description", "")


def list_keys(request):
    page, following = grants.paged(
        request.place.backend.keys.values(),
        request.params,
        lambda key: [key.creation_date, key.id],
        most=1000,
        usual=100,
    )
    return {"Keys": [{"KeyId": key.id, "KeyArn": key.arn} for key in page], **following}


# Policy.


def get_key_policy(request, key):
    check_policy_name(request)
    return {"Policy": key.policy, "PolicyName": "default"}


def put_key_policy(request, key):
    check_policy_name(request)
    text = request.params.get("Policy") or ""
    access.check_well_formed(text)
    if not request.params.get("BypassPolicyLockoutSafetyCheck"):
        access.check_not_locked_out(text, request.caller, request.context(), key.arn)
    key.policy = text


def list_key_policies(_request, _key):
    return {"PolicyNames": ["default"], "Truncated": False}


def check_policy_name(request):
    if request.params.get("PolicyName", "default") != "default":
        raise Refusal("NotFoundException", "No such policy exists")


# Aliases.


def list_aliases(request):
    backend = request.place.backend
    if request.params.get("KeyId"):
        chosen = [keys.find(request.place, request.params["KeyId"], "ListAliases")]
    else:
        chosen = backend.keys.values()
    entries = [alias_entry(alias) for key in chosen for alias in key.aliases.values()]
    page, following = grants.paged(entries, request.params, lambda entry: entry["AliasName"], most=100, usual=50)
    return {"Aliases": page, **following}


def alias_entry(alias):
    entry = {"AliasName": alias.alias_name, "AliasArn": alias.alias_arn, "TargetKeyId": alias.target_key_id}
    if hasattr(alias, "created"):
        entry.update(CreationDate=alias.created, LastUpdatedDate=alias.updated)
    return entry


def create_alias(request):
    name = request.params.get("AliasName", "")
    check_alias_name(name)
    key = request.target("TargetKeyId")
    if request.place.backend.alias_exists(name):
        raise Refusal("AlreadyExistsException", f"An alias with the name {alias_arn(request, name)} already exists")
    alias = request.place.backend.create_alias(key.id, name)
    alias.created = alias.updated = int(request.account.now().timestamp())
    request.touched.append(alias.alias_arn)
    return {}


def update_alias(request):
    name = request.params.get("AliasName", "")
    check_alias_name(name)
    former = owner_of(request, name)
    key = request.target("TargetKeyId")
    if former.key_usage != key.key_usage or former.key_spec != key.key_spec:
        raise Refusal(
            "ValidationException",
            f"Alias {alias_arn(request, name)} cannot be changed from {former.key_spec} to {key.key_spec}",
        )
    access.check(former, request.caller, request.action, request.context())
    alias = request.place.backend.update_alias(key.id, name)
    alias.updated = int(request.account.now().timestamp())
    request.touched.append(alias.alias_arn)
    return {}


def delete_alias(request):
    name = request.params.get("AliasName", "")
    check_alias_name(name)
    request.touch(owner_of(request, name))
    request.touched.append(alias_arn(request, name))
    request.place.backend.delete_alias(name)
    return {}


def owner_of(request, name):
    for key in request.place.backend.keys.values():
        if name in key.aliases:
            return key
    raise Refusal("NotFoundException", f"Alias {alias_arn(request, name)} is not found.")


def alias_arn(request, name):
    return f"arn:aws:kms:{request.place.region}:{request.place.account_id}:{name}"


def check_alias_name(name):
    if not ALIAS_NAME.fullmatch(name):
        raise Refusal(
            "ValidationException" if not name.startswith("alias/") else "InvalidAliasNameException",
            f"Invalid alias name: {name}",
        )
    if name.startswith("alias/aws/"):
        raise Refusal("NotAuthorizedException", "")


# Grants.


def create_grant(request, key):
    return grants.create(key, request.params, request.account)


def list_grants(request, key):
    return grants.list_of(key, request.params)


def revoke_grant(request, key):
    grants.revoke(key, request.params)


def retire_grant(request):
    if request.params.get("GrantToken"):
        key, grant = grants.of_token(request.place, request.params["GrantToken"])
    else:
        key = keys.find(request.place, request.params.get("KeyId"), "RetireGrant")
        grant = grants.of_id(key, request.params.get("GrantId"))
    request.touch(key)
    del key.grants[grant.id]
    return {}


def list_retirable_grants(request):
    return grants.retirable(request.place, request.params)


# Rotation.


def enable_key_rotation(request, key):
    check_rotatable(key)
    key.key_rotation_status = True
    key.rotation_period = request.params.get("RotationPeriodInDays", 365)


def disable_key_rotation(_request, key):
    key.key_rotation_status = False


def get_key_rotation_status(_request, key):
    answer = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        period = getattr(key, "rotation_period", 365)
        answer["RotationPeriodInDays"] = period
        answer["NextRotationDate"] = int(key.creation_date) + period * 86400
    return answer


def rotate_key_on_demand(request, key):
    check_rotatable(key)
    key.rotations.append(
        {"KeyId": key.arn, "RotationDate": int(request.account.now().timestamp()), "RotationType": "ON_DEMAND"}
    )
    return {"KeyId": key.arn}


def check_rotatable(key):
    if key.origin != "AWS_KMS" or key.key_spec != "SYMMETRIC_DEFAULT":
        raise Refusal("UnsupportedOperationException", f"{key.arn} cannot be rotated.")


def list_key_rotations(request, key):
    page, following = grants.paged(key.rotations, request.params, lambda one: one["RotationDate"], most=1000, usual=100)
    return {"Rotations": page, **following}


# Tags.


def tag_resource(request, key):
    request.place.backend.tagger.tag_resource(key.id, request.params.get("Tags") or [])


def untag_resource(request, key):
    request.place.backend.tagger.untag_resource_using_names(key.id, request.params.get("TagKeys") or [])


def list_resource_tags(request, key):
    tags = request.place.backend.list_resource_tags(key.id)["Tags"]
    page, following = grants.paged(tags, request.params, lambda tag: tag["TagKey"], most=50, usual=50)
    return {"Tags": page, **following}


def cryptographic(act):
    return lambda request, key: act(request.place, key, request.params)


WITHOUT_KEY = {
    "CreateAlias": create_alias,
    "CreateKey": create_key,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
    "ListKeys": list_keys,
    "ListRetirableGrants": list_retirable_grants,
    "RetireGrant": retire_grant,
    "UpdateAlias": update_alias,
}
WITH_KEY = {
    "CancelKeyDeletion": cancel_key_deletion,
    "CreateGrant": create_grant,
    "Decrypt": cryptographic(crypto.decrypt),
    "DeleteImportedKeyMaterial": delete_imported_key_material,
    "DescribeKey": describe_key,
    "DisableKey": disable_key,
    "DisableKeyRotation": disable_key_rotation,
    "EnableKey": enable_key,
    "EnableKeyRotation": enable_key_rotation,
    "Encrypt": cryptographic(crypto.encrypt),
    "GenerateDataKey": cryptographic(crypto.generate_data_key),
    "GenerateDataKeyWithoutPlaintext": cryptographic(crypto.generate_data_key_without_plaintext),
    "GetKeyLastUsage": get_key_last_usage,
    "GetKeyPolicy": get_key_policy,
    "GetKeyRotationStatus": get_key_rotation_status,
    "ListGrants": list_grants,
    "ListKeyPolicies": list_key_policies,
    "ListKeyRotations": list_key_rotations,
    "ListResourceTags": list_resource_tags,
    "PutKeyPolicy": put_key_policy,
    "ReplicateKey": replicate_key,
    "RevokeGrant": revoke_grant,
    "RotateKeyOnDemand": rotate_key_on_demand,
    "ScheduleKeyDeletion": schedule_key_deletion,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateKeyDescription": update_key_description,
}
