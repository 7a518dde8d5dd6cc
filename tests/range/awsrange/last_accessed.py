"""Service last accessed: jobs of IAM that tell when a user or role last tried to use each service.

What it tells is taken from the events of the account and, where these do not reach back so far, from the last use
of access keys.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta, timezone

from . import policy
from .callers import documents, iam_of
from .query import written
from .refusal import Refusal
from .times import stamp

# "IAM reports activity for at least the last 400 days."
TRACKED_FOR = timedelta(days=400)
GRANULARITIES = ("SERVICE_LEVEL", "ACTION_LEVEL")
# A job is at work when it is looked after for the first time.
LOOKS_BEFORE_THE_END = 1

SERVICES = {
    "cloudtrail": "AWS CloudTrail",
    "dynamodb": "Amazon DynamoDB",
    "ec2": "Amazon EC2",
    "glue": "AWS Glue",
    "iam": "AWS Identity and Access Management",
    "kms": "AWS Key Management Service",
    "lambda": "AWS Lambda",
    "rds": "Amazon RDS",
    "s3": "Amazon S3",
    "secretsmanager": "AWS Secrets Manager",
    "sns": "Amazon SNS",
    "ssm": "AWS Systems Manager",
    "sts": "AWS Security Token Service",
}
# Actions that manage a service; of data plane events IAM tells nothing.
TRACKED_ACTIONS = {
    "kms": ["CreateAlias", "CreateGrant", "DescribeKey", "GetKeyPolicy", "ListGrants", "PutKeyPolicy", "RevokeGrant"],
    "s3": ["CreateBucket", "ListAllMyBuckets", "PutBucketPolicy"],
}


@dataclass
class Job:
    arn: str
    granularity: str
    principal_id: str
    created: object
    looks: int = 0


def generate(account, caller, call):
    arn = call.params.get("Arn", "")
    granularity = call.params.get("Granularity", "SERVICE_LEVEL")
    if granularity not in GRANULARITIES:
        message = (
            f"1 validation error detected: Value '{granularity}' at 'granularity' failed to satisfy constraint: "
            "Member must satisfy enum value set: [SERVICE_LEVEL, ACTION_LEVEL]"
        )
        raise Refusal("ValidationError", message, 400)
    if not arn.startswith("arn:"):
        raise Refusal("InvalidInput", f"The ARN {arn} is not valid.", 400)
    holder_of(account, arn)
    job_id = str(uuid.uuid4())
    account.jobs[job_id] = Job(arn, granularity, caller.principal_id, account.now())
    return written(call, {"JobId": job_id})


def get(account, caller, call):
    job = account.jobs.get(call.params.get("JobId", ""))
    # "Only the principal that generates a report can view the report details."
    if job is None or job.principal_id != caller.principal_id:
        raise Refusal("NoSuchEntity", "The job was not found.", 404)
    job.looks += 1
    told = {"JobType": job.granularity, "JobCreationDate": stamp(job.created)}
    if job.looks <= LOOKS_BEFORE_THE_END:
        return written(call, {"JobStatus": "IN_PROGRESS", **told, "ServicesLastAccessed": [], "IsTruncated": False})
    services = services_of(account, job)
    start = place_of(call.params.get("Marker"))
    most = int(call.params.get("MaxItems", 100))
    page = services[start : start + most]
    more = len(services) > start + most
    told.update(JobStatus="COMPLETED", JobCompletionDate=stamp(job.created), ServicesLastAccessed=page, IsTruncated=more)
    if more:
        told["Marker"] = f"page-{start + most}"
    return written(call, told)


def place_of(marker):
    if marker is None:
        return 0
    name, _, number = marker.partition("-")
    if name != "page" or not number.isdigit():
        raise Refusal("ValidationError", "Invalid Marker.", 400)
    return int(number)


def holder_of(account, arn):
    """The documents of the identity policies of a user or role, and its access keys."""
    iam = iam_of(account.id)
    for user in iam.users.values():
        if user.arn == arn:
            holders = [user, *iam.get_groups_for_user(user.name)]
            return [text for holder in holders for text in documents(holder)], user.access_keys
    for holder in [*iam.roles.values(), *iam.groups.values(), *iam.managed_policies.values()]:
        if holder.arn == arn:
            return list(documents(holder)) if hasattr(holder, "managed_policies") else [], []
    raise Refusal("NoSuchEntity", f"ARN {arn} is not found.", 404)


def services_of(account, job):
    """Every service that the identity policies allow, by name; other policies do not count."""
    texts, keys = holder_of(account, job.arn)
    uses = uses_of(account, job.arn, keys)
    return [told(job, service, uses) for service in sorted(SERVICES) if allows(texts, service)]


def allows(texts, service):
    return any(
        statement["Effect"] == "Allow"
        and any(action == "*" or action.lower().startswith(f"{service}:") for action in policy.listed(statement.get("Action", [])))
        for text in texts
        for statement in policy.statements(text)
    )


def uses_of(account, arn, keys):
    """The last attempt at each service, and at each operation of it: (time, Region)."""
    since = account.now() - TRACKED_FOR
    last = {}

    def count(name, at, region):
        if at >= since and (name not in last or last[name][0] < at):
            last[name] = (at, region)

    for key in keys:
        if key.last_used:
            at = key.last_used.timestamp
            at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
            count(key.last_used.service, at, key.last_used.region)
    for event in account.events:
        identity = event.record["userIdentity"]
        issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
        if arn in (identity.get("arn"), issuer.get("arn")):
            service = event.record["eventSource"].removesuffix(".amazonaws.com")
            count(service, event.at, event.region)
            count(f"{service}:{event.record['eventName']}", event.at, event.region)
    return last


def last_use(account, arn):
    """The last attempt at anything: (time, Region)."""
    return max(uses_of(account, arn, []).values(), default=None)


def told(job, service, uses):
    entry = {"ServiceName": SERVICES[service], "ServiceNamespace": service}
    if service in uses:
        at, region = uses[service]
        entry.update(LastAuthenticated=stamp(at), LastAuthenticatedEntity=job.arn, LastAuthenticatedRegion=region)
    entry["TotalAuthenticatedEntities"] = 1 if service in uses else 0
    if job.granularity == "ACTION_LEVEL" and service in TRACKED_ACTIONS:
        entry["TrackedActionsLastAccessed"] = [
            tracked(job, action, uses.get(f"{service}:{action}")) for action in TRACKED_ACTIONS[service]
        ]
    return entry


def tracked(job, action, use):
    entry = {"ActionName": action}
    if use:
        entry.update(LastAccessedEntity=job.arn, LastAccessedTime=stamp(use[0]), LastAccessedRegion=use[1])
    return entry
