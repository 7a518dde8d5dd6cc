"""Grants: who may use a key without its policy saying so."""

import base64
import json
import re
import secrets

from moto.kms.models import Grant

from ..refusal import Refusal
from ..times import now

GRANT_ID = re.compile(r"[0-9a-f]{64}")
PRINCIPAL = re.compile(
    r"arn:aws:(iam::\d{12}:(root|(user|role|group)/.+)|sts::\d{12}:(assumed-role|federated-user)/.+)"
)
OPERATIONS = {
    "CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey",
    "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac",
}  # fmt: skip
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


def add(key, grantee, operations, name=None, retiring=None, constraints=None, created=None, by_account=None):
    grant = Grant(key.id, name, grantee, operations, constraints, retiring)
    grant.id = secrets.token_hex(32)
    grant.token = base64.b64encode(secrets.token_bytes(144)).decode()
    grant.created = created or now()
    grant.issuing_account = f"arn:aws:iam::{by_account or key.account_id}:root"
    grant.number = max((one.number for one in key.grants.values()), default=0) + 1
    key.grants[grant.id] = grant
    return grant


def create(key, params, account):
    operations = params.get("Operations") or []
    unknown = [one for one in operations if one not in OPERATIONS]
    if not operations or unknown:
        raise Refusal(
            "ValidationException",
            f"1 validation error detected: Value '{operations}' at 'operations' failed to satisfy constraint",
        )
    grantee = params.get("GranteePrincipal") or ""
    if not PRINCIPAL.fullmatch(grantee) and not SERVICE.fullmatch(grantee):
        raise Refusal("InvalidArnException", f"Invalid principal: {grantee}")
    if params.get("DryRun"):
        raise Refusal("DryRunOperationException", "The request would have succeeded, but DryRun was specified.")
    name = params.get("Name")
    # Under a name the same grant is made once; without one, each time.
    wanted = [params.get(field) for field in ("RetiringPrincipal", "Constraints")]
    for known in key.grants.values() if name else ():
        if (known.name, known.grantee_principal, known.operations) == (name, grantee, operations) and [
            known.retiring_principal or None,
            known.constraints or None,
        ] == wanted:
            return {"GrantId": known.id, "GrantToken": known.token}
    grant = add(
        key,
        grantee,
        operations,
        name,
        params.get("RetiringPrincipal"),
        params.get("Constraints"),
        account.now(),
        account.id,
    )
    return {"GrantId": grant.id, "GrantToken": grant.token}


def told(key, grant):
    entry = {
        "KeyId": key.arn,
        "GrantId": grant.id,
        "Name": grant.name,
        "CreationDate": int(grant.created.timestamp()),
        "GranteePrincipal": grant.grantee_principal,
        "RetiringPrincipal": grant.retiring_principal,
        "IssuingAccount": grant.issuing_account,
        "Operations": grant.operations,
        "Constraints": grant.constraints,
    }
    return {name: value for name, value in entry.items() if value}


def list_of(key, params):
    if params.get("GrantId"):
        check_id(params["GrantId"])
    chosen = [
        grant
        for grant in key.grants.values()
        if params.get("GrantId") in (None, grant.id)
        and params.get("GranteePrincipal") in (None, grant.grantee_principal)
    ]
    page, following = paged(chosen, params, lambda grant: grant.number, most=100, usual=50)
    return {"Grants": [told(key, grant) for grant in page], **following}


def retirable(place, params):
    wanted = params.get("RetiringPrincipal")
    found = [
        (key, grant)
        for key in place.backend.keys.values()
        for grant in key.grants.values()
        if grant.retiring_principal == wanted
    ]
    page, following = paged(found, params, lambda pair: [pair[0].id, pair[1].number], most=100, usual=50)
    return {"Grants": [told(key, grant) for key, grant in page], **following}


def revoke(key, params):
    grant = of_id(key, params.get("GrantId"))
    if params.get("DryRun"):
        raise Refusal("DryRunOperationException", "The request would have succeeded, but DryRun was specified.")
    del key.grants[grant.id]


def of_id(key, grant_id):
    check_id(grant_id)
    if grant_id not in key.grants:
        raise Refusal("NotFoundException", f"Grant ID {grant_id} not found")
    return key.grants[grant_id]


def check_id(grant_id):
    if not GRANT_ID.fullmatch(grant_id or ""):
        raise Refusal("InvalidGrantIdException", f"The grant ID {grant_id} is not valid.")


def of_token(place, token):
    for key in place.backend.keys.values():
        for grant in key.grants.values():
            if grant.token == token:
                return key, grant
    raise Refusal("InvalidGrantTokenException", "The grant token is not valid.")


# Paging, for every list that KMS gives. A marker holds the place after which to go on, not a
# count, so that a grant revoked between two pages does not hide another.


def paged(entries, params, place_of, most, usual):
    limit = params.get("Limit") or usual
    if not 1 <= limit <= most:
        raise Refusal(
            "ValidationException",
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {most}",
        )
    entries = sorted(entries, key=place_of)
    if params.get("Marker"):
        after = read_marker(params["Marker"])
        entries = [entry for entry in entries if place_of(entry) > after]
    if len(entries) <= limit:
        return entries, {"Truncated": False}
    return entries[:limit], {"Truncated": True, "NextMarker": marker(place_of(entries[limit - 1]))}


def marker(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_marker(text):
    try:
        return json.loads(base64.urlsafe_b64decode(text))
    except ValueError:
        raise Refusal("InvalidMarkerException", "The marker is not valid.") from None
