"""The account's trails: the usual one for all Regions with validation and KMS events, and those that are asked for."""

import json
from datetime import timedelta

from moto.cloudtrail.models import cloudtrail_backends

from ..trail.delivery import base, put, times_of
from .buckets import log_bucket, make

NAME = "management-events"
LOGGED_FOR_HOURS = 24
INSIGHT_AGO = timedelta(hours=3)


def start(account, key):
    """`{"trail": {"encrypted": true}}` puts the trail itself under the customer key."""
    asked = account.options.get("trail", True)
    return begin(account, key, {"name": NAME, "bucket": log_bucket(account), **(asked if asked is not True else {})})


def start_another(account, key, asked):
    """A further trail, into a bucket of its own in its own Region."""
    name = asked["name"]
    bucket = make(account, f"{name}-{account.id}", "none", None, region=asked.get("region"))
    return begin(account, key, {"multi_region": False, "bucket": bucket.name, **asked})


def begin(account, key, asked):
    """A trail that began with the history. Where an organization is named, it is the organization's."""
    home = asked.get("region", account.region)
    organization = asked.get("organization")
    trail = cloudtrail_backends[account.id][home].create_trail(
        asked["name"],
        asked["bucket"],
        asked.get("prefix"),
        None,
        True,
        asked.get("multi_region", True),
        True,
        organization is not None,
        None,
        None,
        key.arn if asked.get("encrypted") else None,
        [],
    )
    trail.start_logging()
    hour = account.now().replace(minute=0, second=0, microsecond=0)
    times_of(account, trail)["started"] = hour - timedelta(hours=LOGGED_FOR_HOURS)
    if organization:
        account.organizations[trail.arn] = organization
    if asked.get("insights"):
        insight(account, trail)
    return {"name": trail.trail_name, "arn": trail.arn, "bucket": trail.bucket_name, "home_region": home}


def insight(account, trail):
    """One file of Insights events, which lie in a folder of their own."""
    trail.insight_selectors = [{"InsightType": "ApiCallRateInsight"}]
    at = (account.now() - INSIGHT_AGO).replace(microsecond=0)
    home = trail.region_name
    name = f"{account.id}_CloudTrail-Insight_{home}_{at:%Y%m%dT%H%MZ}_a1b2c3d4e5f6g7h8.json.gz"
    event = {
        "eventVersion": "1.09",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "awsRegion": home,
        "eventID": "5c6b3a2e-0000-4000-8000-000000000001",
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": account.id,
        "insightDetails": {"state": "Start", "eventSource": "kms.amazonaws.com", "eventName": "Decrypt"},
        "eventCategory": "Insight",
    }
    body = json.dumps({"Records": [event]}, separators=(",", ":")).encode()
    put(account, trail, f"{base(account, trail)}CloudTrail-Insight/{home}/{at:%Y/%m/%d}/{name}", body, at)
