"""Digest files: each names the log files of its time, their hashes, and the digest before it.

As in "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file
integrity validation" of the CloudTrail user guide.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import times
from . import signer
from .delivery import Undeliverable, prefix, put, trail_of

HOUR = timedelta(hours=1)


@dataclass
class Link:
    """The end of a Region's chain, to which the next digest is bound."""

    bucket: str
    key: str
    sha256: str
    signature: str
    end: datetime


def digest_hours(account, start, end):
    """A digest for every hour between, and one for the rest of the last one. Returns their keys."""
    keys = []
    while start < end:
        keys += digest(account, start, min(start + HOUR, end))
        start += HOUR
    return keys


def digest(account, start, end):
    """Writes a digest for every Region that has log files or a chain, and for the trail's own."""
    trail = trail_of(account)
    if trail is None or not trail.log_validation:
        return []
    regions = {trail.region_name, *account.chains, *(file.region for file in account.log_files)}
    try:
        return [write(account, trail, region, start, end) for region in sorted(regions)]
    except Undeliverable as reason:
        account.trail_times["digest_error"] = str(reason)
        return []


def write(account, trail, region, start, end):
    files = [
        file for file in account.log_files if file.region == region and not file.digested and file.delivered_at < end
    ]
    key = digest_key(account, trail, region, end)
    before = account.chains.get(region)
    content = contents(account, trail, region, start, end, key, files, before)
    body = json.dumps(content, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    to_sign = "\n".join([stamp(end), f"{trail.bucket_name}/{key}", sha256, before.signature if before else "null"])
    signature = signer.sign(region, to_sign)
    metadata = {"x-amz-meta-signature": signature, "x-amz-meta-signature-algorithm": signer.ALGORITHM}
    put(account, trail, key, body, end, metadata)
    for file in files:
        file.digested = True
    account.chains[region] = Link(trail.bucket_name, key, sha256, signature, end)
    account.trail_times["digest"] = end
    account.trail_times.pop("digest_error", None)
    return key


def digest_key(account, trail, region, end):
    name = (
        f"{account.id}_CloudTrail-Digest_{region}_{trail.trail_name}_{trail.region_name}_{times.compact(end)}.json.gz"
    )
    return f"{prefix(trail)}AWSLogs/{account.id}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/{name}"


def contents(account, trail, region, start, end, key, files, before):
    return {
        "awsAccountId": account.id,
        "digestStartTime": stamp(start),
        "digestEndTime": stamp(end),
        "digestS3Bucket": trail.bucket_name,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": signer.fingerprint(region),
        "digestSignatureAlgorithm": signer.ALGORITHM,
        "newestEventTime": stamp(max((file.newest for file in files), default=None)),
        "oldestEventTime": stamp(min((file.oldest for file in files), default=None)),
        "previousDigestS3Bucket": before.bucket if before else None,
        "previousDigestS3Object": before.key if before else None,
        "previousDigestHashValue": before.sha256 if before else None,
        "previousDigestHashAlgorithm": "SHA-256" if before else None,
        "previousDigestSignature": before.signature if before else None,
        "logFiles": [
            {
                "s3Bucket": file.bucket,
                "s3Object": file.key,
                "hashValue": file.sha256,
                "hashAlgorithm": "SHA-256",
                "newestEventTime": stamp(file.newest),
                "oldestEventTime": stamp(file.oldest),
            }
            for file in sorted(files, key=lambda one: one.delivered_at)
        ],
    }


def stamp(moment):
    return times.stamp(moment) if moment else None


def break_chain(account):
    """Where logging stopped, the next digest starts a new chain: it names no digest before it."""
    account.chains.clear()
