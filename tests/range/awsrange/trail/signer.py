"""The RSA key with which digests are signed, and ListPublicKeys.

The key material is the DER of PKCS#1, its fingerprint the MD5 of that, as CloudTrail's are.
"""

import base64
import hashlib
from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .. import times
from ..refusal import Refusal

ALGORITHM = "SHA256withRSA"
VALID_FOR = timedelta(days=30)


@cache
def private_key(_region):
    """CloudTrail has a key pair for each Region."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_der(region):
    return private_key(region).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def fingerprint(region):
    return hashlib.md5(public_der(region), usedforsecurity=False).hexdigest()


def sign(region, text):
    return private_key(region).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()


def list_public_keys(account, call):
    now = account.now()
    start = times.parse(call.params.get("StartTime", (now - timedelta(days=1)).timestamp()))
    end = times.parse(call.params.get("EndTime", now.timestamp()))
    if start > end:
        raise Refusal("InvalidTimeRangeException", "The start time must be before the end time.")
    valid_from, valid_to = validity(now)
    if end < valid_from or start > valid_to:
        return {"PublicKeyList": []}
    return {
        "PublicKeyList": [
            {
                "Value": base64.b64encode(public_der(call.region)).decode(),
                "ValidityStartTime": int(valid_from.timestamp()),
                "ValidityEndTime": int(valid_to.timestamp()),
                "Fingerprint": fingerprint(call.region),
            }
        ]
    }


def validity(now):
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - VALID_FOR, midnight + VALID_FOR
