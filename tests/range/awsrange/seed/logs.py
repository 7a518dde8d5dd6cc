"""The account's trail: all Regions, log file validation, KMS events included."""

from datetime import timedelta

from moto.cloudtrail.models import cloudtrail_backends

from .buckets import log_bucket

NAME = "management-events"


def start(account, key):
    """`{"trail": {"encrypted": true}}` puts the trail itself under the customer key."""
    asked = account.options.get("trail", True)
    encrypted = isinstance(asked, dict) and asked.get("encrypted", False)
    backend = cloudtrail_backends[account.id][account.region]
    trail = backend.create_trail(
        NAME, log_bucket(account), None, None, True, True, True, False, None, None, key.arn if encrypted else None, []
    )
    trail.start_logging()
    account.trail_times["started"] = account.now() - timedelta(days=500)
    return {"name": NAME, "arn": trail.arn, "bucket": trail.bucket_name, "home_region": account.region}
