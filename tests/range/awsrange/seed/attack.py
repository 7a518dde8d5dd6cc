"""The last day of the account as CloudTrail saw it: ordinary work, and a leaked access key at work."""

from dataclasses import dataclass
from datetime import timedelta

from ..call import Call
from ..callers import Caller
from ..refusal import Refusal
from ..trail import event as trail_event
from ..trail.delivery import logging_trails
from .key import ALIAS, EXTERNAL_ACCOUNT

JAVA = "aws-sdk-java/2.29.6 md/io#sync ua/2.1 os/Linux#6.1.112 lang/java#21.0.5"
GLUE = "Boto3/1.35.60 md/Botocore#1.35.60 ua/2.0 os/linux#5.10.227 lang/python#3.10.15"
PIPELINE = "aws-cli/2.19.1 md/awscrt#0.22.0 ua/2.0 os/linux#6.8.0-1017-azure"
ODD_SCRIPT = "python-requests/2.19.1"
ODD_CLI = "aws-cli/1.18.69 Python/3.8.2 Linux/5.4.0-kali botocore/1.16.19"

FIRST_MISUSE = timedelta(hours=6)
SECOND_BURST = timedelta(hours=2, minutes=40)


@dataclass
class Actor:
    """Someone at a place, with a program."""

    caller: Caller
    source: str
    agent: str


class Story:
    def __init__(self, account, keys):
        self.account, self.key, self.other_key, self.told = account, keys.customer, keys.other, []

    def event(self, ago, actor, service, operation, params=None, keys=(), error=None, result=None, region=None):
        """Adds an event to the story. `ago` is how long before now it happened."""
        account, at, arns = self.account, self.account.now() - ago, [key.arn for key in keys]
        call = Call(
            method="POST",
            target="/",
            headers={"user-agent": actor.agent},
            body=b"",
            source_ip=actor.source,
            service=service,
            region=region or account.region,
            operation=operation,
            access_key_id=actor.caller.access_key_id,
            params=params or {},
            query={},
        )
        record = trail_event.record_of(account, actor.caller, call, at, touched=arns, error=error, result=result)
        self.told.append((at, call, record, arns))
        return record

    def use(self, ago, actor, operation, context):
        """A direct use of the customer key."""
        params = {"EncryptionContext": context}
        if operation != "Decrypt":
            params.update(KeyId=self.key.arn, KeySpec="AES_256")
        return self.event(ago, actor, "kms", operation, params, [self.key])

    def use_through_s3(self, ago, actor, operation, bucket, name):
        record = self.use(ago, actor, operation, {"aws:s3:arn": f"arn:aws:s3:::{bucket}/{name}"})
        trail_event.mark_internal(record)

    def denied(self, ago, actor, service, operation, params, keys=()):
        on = f" on resource: {keys[0].arn}" if keys else ""
        message = (
            f"User: {actor.caller.arn} is not authorized to perform: {service}:{operation}{on} "
            f"because no identity-based policy allows the {service}:{operation} action"
        )
        self.event(ago, actor, service, operation, params, keys, error=Refusal("AccessDenied", message))

    def remember(self):
        logged = logging_trails(self.account)
        for at, call, record, arns in sorted(self.told, key=lambda entry: entry[0]):
            trail_event.remember(self.account, call, record, at, arns, logged)


def tell(account, staff, keys, buckets):
    story = Story(account, keys)
    exports = buckets[0]["name"]
    nightly_export(story, staff, exports)
    customer_traffic(story, staff)
    pipeline(story, staff)
    theft(story, staff, exports)
    for region in account.options.get("elsewhere", []):
        abroad(story, staff, region)
    story.remember()


def abroad(story, staff, region):
    """Another Region: the pipeline counts machines every hour, and the thief asks whether the key is there, too."""
    deployer = Actor(
        staff.user("ci-deploy", staff.users["ci-deploy"]["pipeline_access_key_id"]), "198.51.100.7", PIPELINE
    )
    for hours in range(1, 24):
        story.event(timedelta(hours=hours), deployer, "ec2", "DescribeInstances", region=region)
    leaked = staff.user("ci-deploy", staff.users["ci-deploy"]["leaked_access_key_id"])
    refusal = Refusal("NotFoundException", f"Key 'arn:aws:kms:{region}:{story.account.id}:key/{story.key.id}' does not exist")
    thief = Actor(leaked, "203.0.113.66", ODD_CLI)
    story.event(FIRST_MISUSE, thief, "kms", "DescribeKey", {"KeyId": story.key.id}, error=refusal, region=region)


def nightly_export(story, staff, bucket):
    start = timedelta(hours=20)
    job = staff.role("etl-nightly", "GlueJobRunnerSession", "ASIAETLNIGHTLY000001", story.account.now() - start)
    worker = Actor(job, "10.20.9.40", GLUE)
    story.use(start, worker, "GenerateDataKey", {"purpose": "export-manifest"})
    for number in range(12):
        ago, name = start - timedelta(minutes=2 * number + 1), f"exports/eu/customers-{number:05d}.csv"
        story.use_through_s3(ago, worker, "GenerateDataKey", bucket, name)
        story.use_through_s3(ago - timedelta(seconds=41), worker, "Decrypt", bucket, name)


def customer_traffic(story, staff):
    since = timedelta(hours=23, minutes=30)
    task = staff.role("customer-api", "ecs-task-7f3a", "ASIACUSTOMERAPI00001", story.account.now() - since)
    server = Actor(task, "10.20.4.17", JAVA)
    for number in range(46):
        operation = "GenerateDataKey" if number % 6 == 5 else "Decrypt"
        story.use(since - timedelta(minutes=30 * number), server, operation, profile(number))


def profile(number):
    """The encryption context under which the customer API keeps a customer's profile."""
    return {"purpose": "customer-profile", "tenant": f"tenant-{number % 9:03d}"}


def pipeline(story, staff):
    deployer = Actor(
        staff.user("ci-deploy", staff.users["ci-deploy"]["pipeline_access_key_id"]), "198.51.100.7", PIPELINE
    )
    for hours in (22, 17, 11):
        story.event(timedelta(hours=hours), deployer, "sts", "GetCallerIdentity")
        ago = timedelta(hours=hours, seconds=-9)
        story.event(ago, deployer, "kms", "DescribeKey", {"KeyId": story.key.arn}, [story.key])


def theft(story, staff, bucket):
    """Looks around, reads customer data in two bursts, and lets another account in."""
    leaked = staff.user("ci-deploy", staff.users["ci-deploy"]["leaked_access_key_id"])
    at_home = Actor(leaked, "203.0.113.66", ODD_CLI)
    look_around(story, at_home)
    script = Actor(leaked, "203.0.113.66", ODD_SCRIPT)
    for number in range(30):
        story.use(FIRST_MISUSE - timedelta(minutes=12, seconds=2 * number), script, "Decrypt", profile(number))
    story.denied(
        FIRST_MISUSE - timedelta(minutes=20),
        at_home,
        "kms",
        "Decrypt",
        {"KeyId": story.other_key.arn},
        [story.other_key],
    )
    story.denied(FIRST_MISUSE - timedelta(minutes=22), at_home, "iam", "CreateUser", {"UserName": "backup-svc"})
    let_in(story, at_home)
    elsewhere = Actor(leaked, "203.0.113.201", ODD_CLI)
    for number in range(35):
        story.use(SECOND_BURST - timedelta(seconds=3 * number), elsewhere, "Decrypt", profile(number))
    for number in range(10):
        name = f"exports/apac/customers-{3 * (number % 4) + 2:05d}.csv"
        story.use_through_s3(SECOND_BURST - timedelta(minutes=4, seconds=number), elsewhere, "Decrypt", bucket, name)


def look_around(story, thief):
    story.event(FIRST_MISUSE, thief, "sts", "GetCallerIdentity")
    story.event(FIRST_MISUSE - timedelta(minutes=1), thief, "s3", "ListBuckets")
    story.event(FIRST_MISUSE - timedelta(minutes=3), thief, "kms", "ListAliases")
    story.event(FIRST_MISUSE - timedelta(minutes=4), thief, "kms", "DescribeKey", {"KeyId": ALIAS}, [story.key])
    story.event(FIRST_MISUSE - timedelta(minutes=5), thief, "kms", "ListGrants", {"KeyId": story.key.id}, [story.key])


def let_in(story, thief):
    """The grants that are still there when the incident is found, as they were made."""
    key = story.key
    for grant in key.grants.values():
        if f"::{EXTERNAL_ACCOUNT}:" in grant.grantee_principal:
            params = {"KeyId": key.arn, "GranteePrincipal": grant.grantee_principal, "Operations": grant.operations}
            if grant.name:
                params["Name"] = grant.name
            ago = story.account.now() - grant.created
            story.event(ago, thief, "kms", "CreateGrant", params, [key], result={"GrantId": grant.id, "KeyId": key.arn})
