"""The cryptographic operations, on moto's keys."""

import base64
import os

from moto.kms.utils import _deserialize_ciphertext_blob as read_ciphertext

from ..refusal import Refusal
from . import access, keys

ALGORITHM = "SYMMETRIC_DEFAULT"


def blob(params, name):
    return base64.b64decode(params.get(name) or "")


def text(data):
    return base64.b64encode(data).decode()


def encrypt(place, key, params):
    sealed, arn = guarded(
        place.backend.encrypt, key.id, blob(params, "Plaintext"), params.get("EncryptionContext") or {}
    )
    return {"CiphertextBlob": text(sealed), "KeyId": arn, "EncryptionAlgorithm": ALGORITHM}


def decrypt(place, key, params):
    plain, arn = guarded(place.backend.decrypt, blob(params, "CiphertextBlob"), params.get("EncryptionContext") or {})
    return {"Plaintext": text(plain), "KeyId": arn, "EncryptionAlgorithm": ALGORITHM}


def source_key(place, params, name="KeyId"):
    """The key that a ciphertext names; a request that names another one is refused."""
    try:
        key_id = read_ciphertext(blob(params, "CiphertextBlob")).key_id
    except Exception:
        raise Refusal("InvalidCiphertextException", "") from None
    key = place.backend.keys.get(key_id)
    if key is None:
        raise Refusal(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
            "or you are not allowed to access.",
        )
    if params.get(name) and keys.find(place, params[name], "Decrypt") is not key:
        raise Refusal(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    return key


def generate_data_key(place, key, params):
    size = params.get("NumberOfBytes") or {"AES_128": 16, "AES_256": 32}.get(params.get("KeySpec"))
    if not size or bool(params.get("NumberOfBytes")) == bool(params.get("KeySpec")) or not 1 <= size <= 1024:
        raise Refusal("ValidationException", "Please specify either number of bytes or key spec.")
    plain = os.urandom(size)
    sealed, arn = place.backend.encrypt(key.id, plain, params.get("EncryptionContext") or {})
    return {"CiphertextBlob": text(sealed), "Plaintext": text(plain), "KeyId": arn}


def generate_data_key_without_plaintext(place, key, params):
    made = generate_data_key(place, key, params)
    del made["Plaintext"]
    return made


def re_encrypt(place, source, caller, params, context):
    """The caller needs both keys: decryption under the old one, encryption under the new one."""
    destination = keys.find(place, params.get("DestinationKeyId"), "ReEncrypt")
    for key, action in ((source, "kms:ReEncryptFrom"), (destination, "kms:ReEncryptTo")):
        access.check(key, caller, action, context)
        keys.check_state(key, "ReEncrypt")
    sealed, source_arn, arn = guarded(
        place.backend.re_encrypt,
        blob(params, "CiphertextBlob"),
        params.get("SourceEncryptionContext") or {},
        destination.id,
        params.get("DestinationEncryptionContext") or {},
    )
    return {
        "CiphertextBlob": text(sealed),
        "SourceKeyId": source_arn,
        "KeyId": arn,
        "SourceEncryptionAlgorithm": ALGORITHM,
        "DestinationEncryptionAlgorithm": ALGORITHM,
    }


def guarded(act, *arguments):
    """moto raises errors that carry their own rendering; here they become ours."""
    try:
        return act(*arguments)
    except Exception as error:
        code = getattr(error, "error_type", None)
        if code is None:
            raise
        raise Refusal(code, str(getattr(error, "message", "") or "")) from None
