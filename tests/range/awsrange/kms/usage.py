"""GetKeyLastUsage: the last successful cryptographic use of a key, by what was recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

# KMS began to keep last uses at one date for all; keys older than that have it as their start.
TRACKED_FOR = timedelta(days=120)


@dataclass
class Use:
    operation: str
    at: datetime
    event_id: str
    request_id: str


def note(account, key_arn, use):
    had = account.usage.get(key_arn)
    if had is None or had.at <= use.at:
        account.usage[key_arn] = use


def told(account, key):
    created = datetime.fromtimestamp(key.creation_date, timezone.utc)
    answer = {
        "KeyId": key.arn,
        "KeyCreationDate": int(created.timestamp()),
        "TrackingStartDate": int(max(created, account.now() - TRACKED_FOR).timestamp()),
    }
    use = account.usage.get(key.arn)
    if use:
        answer["KeyLastUsage"] = {
            "Operation": use.operation,
            "Timestamp": int(use.at.timestamp()),
            "CloudTrailEventId": use.event_id,
            "KmsRequestId": use.request_id,
        }
    return answer
