"""What lies in a bucket, told to a test without S3's own operations."""

import hashlib

from .encryption import buckets_of


def stored_versions(account, bucket):
    held = buckets_of(account)[bucket]
    return [
        {
            "key": name,
            "version_id": version.version_id,
            "bytes": len(version.value),
            "sha256": hashlib.sha256(version.value).hexdigest(),
            "lock_mode": version.lock_mode,
            "lock_until": version.lock_until,
        }
        for name in held.keys
        for version in held.keys.getlist(name)
        if hasattr(version, "value")
    ]
