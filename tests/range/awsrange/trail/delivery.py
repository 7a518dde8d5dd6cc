"""Log files: the events of a trail, put into its bucket as CloudTrail puts them."""

import gzip
import hashlib
import json
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.cloudtrail.models import cloudtrail_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from .. import times

# CloudTrail delivers a log file about every five minutes, about five minutes after the call.
BETWEEN_FILES = timedelta(minutes=5)
LAG = timedelta(minutes=5)
UNIQUE = string.ascii_letters + string.digits


@dataclass
class LogFile:
    trail: str
    region: str
    bucket: str
    key: str
    sha256: str
    oldest: datetime
    newest: datetime
    delivered_at: datetime
    digested: bool = False


class Undeliverable(Exception):
    """Why CloudTrail could not write into the bucket, in the words of GetTrailStatus."""


def trails_of(account):
    """Every trail of the account, in whichever Region it was made."""
    return [trail for backend in cloudtrail_backends[account.id].values() for trail in backend.trails.values()]


def logging_trails(account):
    """The ARNs of the trails that are logging now."""
    return {trail.arn for trail in trails_of(account) if trail.status.is_logging}


def times_of(account, trail):
    """When the trail started, delivered and failed, as GetTrailStatus tells it."""
    return account.trail_times.setdefault(trail.arn, {})


def deliver(account):
    """Delivers what was not delivered yet for every trail, and returns the log files that were written."""
    return [file for trail in trails_of(account) for file in deliver_for(account, trail)]


def deliver_for(account, trail):
    pending = [event for event in account.events if is_due(trail, event)]
    known, written = times_of(account, trail), []
    try:
        for (region, at), events in grouped(account, pending).items():
            written.append(write(account, trail, region, at, events))
    except Undeliverable as reason:
        known["error"] = str(reason)
        return written
    known.pop("error", None)
    if written:
        known["delivery"] = max(file.delivered_at for file in written)
    return written


def is_due(trail, event):
    """Whether the trail was logging then, covers the event's Region, and did not deliver the event yet."""
    covered = trail.is_multi_region or trail.region_name == event.region
    return covered and trail.arn in event.logged and trail.arn not in event.delivered and selected(trail, event)


def selected(trail, event):
    """Whether the trail's event selectors take the event."""
    for selector in trail.event_selectors or [{}]:
        if not event.is_management:
            if selector.get("DataResources"):
                return True
            continue
        if selector.get("IncludeManagementEvents", True) and (
            event.record["eventSource"] not in (selector.get("ExcludeManagementEventSources") or [])
        ):
            return True
    return False


def grouped(account, events):
    """By Region and by the moment at which the file lands, which is never in the future."""
    groups = {}
    now = account.now()
    for event in sorted(events, key=lambda one: (one.at, one.number)):
        since = timedelta(seconds=event.at.timestamp() % BETWEEN_FILES.total_seconds())
        lands = event.at.replace(microsecond=0) - since + BETWEEN_FILES + LAG
        groups.setdefault((event.region, min(lands, now).replace(microsecond=0)), []).append(event)
    return groups


def write(account, trail, region, at, events):
    body = json.dumps({"Records": [event.record for event in events]}, separators=(",", ":")).encode()
    unique = "".join(secrets.choice(UNIQUE) for _ in range(16))
    folder = f"{base(account, trail)}CloudTrail/{region}/{at:%Y/%m/%d}"
    key = f"{folder}/{account.id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"
    put(account, trail, key, body, at)
    for event in events:
        event.delivered.add(trail.arn)
    file = LogFile(trail.arn, region, trail.bucket_name, key, hashlib.sha256(body).hexdigest(), events[0].at, events[-1].at, at)
    account.log_files.append(file)
    return file


def base(account, trail):
    """Where a trail's files lie in its bucket: those of an organization trail below the organization's id."""
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    organization = account.organizations.get(trail.arn)
    return f"{prefix}AWSLogs/{organization}/{account.id}/" if organization else f"{prefix}AWSLogs/{account.id}/"


def put(account, trail, key, body, at, metadata=None):
    """Writes one object as CloudTrail does: gzipped, and under the trail's key if it has one."""
    backend = s3_backends[account.id]["aws"]
    if trail.bucket_name not in backend.buckets:
        raise Undeliverable("NoSuchBucket")
    encryption = {"encryption": "AES256"}
    if trail.kms_key_id:
        encryption = {"encryption": "aws:kms", "kms_key_id": usable_key(account, trail)}
    stored = backend.put_object(
        trail.bucket_name, key, gzip.compress(body, mtime=0), disable_notification=True, **encryption
    )
    stored.last_modified = times.naive(at)
    stored.set_metadata({"Content-Type": "application/json", "Content-Encoding": "gzip", **(metadata or {})})


def usable_key(account, trail):
    backend = kms_backends[account.id][trail.region_name]
    key = backend.keys.get(backend.any_id_to_key_id(trail.kms_key_id))
    if key is None or key.key_state != "Enabled":
        raise Undeliverable("KMS.DisabledException")
    return key.arn
