"""Checksums that come with what is sent (Amazon S3 user guide, "Checking object integrity"). moto believes them."""

import base64
import hashlib

from ..refusal import Refusal

HEADER = "x-amz-checksum-sha256"


def check(call):
    told = call.headers.get(HEADER)
    if told and told != base64.b64encode(hashlib.sha256(call.body or b"").digest()).decode():
        raise Refusal("BadDigest", "The SHA256 you specified did not match the calculated checksum.", 400)
