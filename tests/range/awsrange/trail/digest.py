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
from .delivery import Undeliverable, base, put, times_of, trails_of

HOUR = timedelta(hours=1)


@dataclass
class Link:
    """The end of a chain of a trail in a Region, to which the next digest is bound."""

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
    """Writes the digests of every trail for the time."""
    return [key for trail in trails_of(account) for key in digest_for(account, trail, start, end)]


def digest_for(account, trail, start, end):
    """A digest for every Region of the trail that has log files or a chain, and for the trail's own."""
    if not trail.log_validation:
        return []
    chained = {region for arn, region in account.chains if arn == trail.arn}
    regions = {trail.region_name, *chained, *(file.region for file in account.log_files if file.trail == trail.arn)}
    try:
        return [write(account, trail, region, start, end) for region in sorted(regions)]
    except Undeliverable as reason:
        times_of(account, trail)["digest_error"] = str(reason)
        return []


def write(account, trail, region, start, end):
    files = [
        file
        for file in account.log_files
        if (file.trail, file.region) == (trail.arn, region) and not file.digested and file.delivered_at < end
    ]
    key = digest_key(account, trail, region, end)
    before = account.chains.get((trail.arn, region))
    content = contents(account, trail, region, start, end, key, files, before)
    body = json.dumps(content, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    to_sign = "\n".join([stamp(end), f"{trail.bucket_name}/{key}", sha256, before.signature if before else "null"])
    signature = signer.sign(region, to_sign)
    metadata = {"x-amz-meta-signature": signature, "x-amz-meta-signature-algorithm": signer.ALGORITHM}
    put(account, trail, key, body, end, metadata)
    for file in files:
        file.digested = True
    account.chains[trail.arn, region] = Link(trail.bucket_name, key, sha256, signature, end)
    times_of(account, trail)["digest"] = end
    times_of(account, trail).pop("digest_error", None)
    return key


def digest_key(account, trail, region, end):
    name = (
        f"{account.id}_CloudTrail-Digest_{region}_{trail.trail_name}_{trail.region_name}_{times.compact(end)}.json.gz"
    )
    return f"{base(account, trail)}CloudTrail-Digest/{region}/{end:%Y/%m/%d}/{name}"


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


def break_chain(account, arn):
    """Where logging stopped, the next digest starts a new chain: it names no digest before it."""
    for chained in [chained for chained in account.chains if chained[0] == arn]:
        del account.chains[chained]
