"""Users and roles: those who respond, those who work, and those who should no longer be there."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from moto.iam.models import AccessKeyLastUsed

from ..callers import iam_of, new_access_key_id, role_caller, user_caller
from ..times import naive

RESPONDER = "on-call-responder"
OPERATIONS_OF_RESPONSE = [
    "cloudtrail:*", "dynamodb:*", "ec2:*", "iam:*", "kms:*", "rds:*", "s3:*", "secretsmanager:*", "ssm:*", "sts:*",
]  # fmt: skip
USE_OF_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


@dataclass
class Staff:
    account: object
    users: dict = field(default_factory=dict)
    roles: dict = field(default_factory=dict)
    responder: object = None
    access_key_ids: list = field(default_factory=list)

    def user(self, name, access_key_id):
        return user_caller(iam_of(self.account.id).users[name], access_key_id)

    def role(self, name, session, access_key_id, issued_at):
        role = next(one for one in iam_of(self.account.id).roles.values() if one.name == name)
        return role_caller(role, session, access_key_id, issued_at)


def hire(account):
    staff = Staff(account)
    response = policy("IncidentResponse", account, allow(OPERATIONS_OF_RESPONSE))
    add_role(staff, "security-admin", trust(account), [response])
    add_role(staff, "incident-responder", trust(account), [response])
    add_role(staff, "customer-api", trust(account, "ecs-tasks.amazonaws.com"), inline={"customer-data": data_access()})
    add_role(
        staff, "etl-nightly", trust(account, "glue.amazonaws.com"), inline={"exports": data_access("kms:CreateGrant")}
    )

    responder = add_user(staff, RESPONDER, [response], keys=[("Active", 90, None)])
    staff.responder = responder.access_keys[0]
    # The pipeline's key number two was committed to a public repository; its policy allows more than it needs.
    deploy = data_access("kms:CreateGrant", "kms:ListAliases", "kms:ListGrants", "s3:ListAllMyBuckets")
    add_user(staff, "ci-deploy", inline={"deploy": deploy}, keys=[("Active", 210, 0), ("Active", 45, 0)])
    add_user(staff, "former-contractor", inline={"reports": data_access()}, keys=[("Active", 400, 190)])
    ours = staff.users["ci-deploy"]["access_keys"]
    staff.users["ci-deploy"].update(
        pipeline_access_key_id=ours[0]["access_key_id"], leaked_access_key_id=ours[1]["access_key_id"]
    )
    return staff


def add_user(staff, name, policies=(), inline=None, keys=()):
    account = staff.account
    iam = iam_of(account.id)
    user = iam.create_user(account.region, name, "/", [{"Key": "team", "Value": "platform"}])
    user.id = new_access_key_id("AIDA")
    user.create_date = ago(account, 420)
    for attached in policies:
        attached.attach_to(user)
    user.policies.update(inline or {})
    for status, age, unused_for in keys:
        add_access_key(account, iam, name, status, age, unused_for)
    staff.users[name] = {
        "arn": user.arn,
        "id": user.id,
        "access_keys": [
            {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key, "status": key.status}
            for key in user.access_keys
        ],
    }
    staff.access_key_ids += [key.access_key_id for key in user.access_keys]
    return user


def add_access_key(account, iam, name, status, age, unused_for):
    key = iam.create_access_key(name, status=status)
    key.create_date = ago(account, age)
    if unused_for is not None:
        key.last_used = AccessKeyLastUsed(ago(account, unused_for, hours=3), "kms", account.region)


def add_role(staff, name, trusted, policies=(), inline=None):
    account = staff.account
    role = iam_of(account.id).create_role(name, json.dumps(trusted), "/", None, f"The {name} role", [], "3600")
    role.create_date = ago(account, 420)
    for attached in policies:
        attached.attach_to(role)
    role.policies.update(inline or {})
    staff.roles[name] = {"arn": role.arn, "id": role.id, "name": name}


def ago(account, days, hours=0):
    return naive(account.now() - timedelta(days=days, hours=hours))


def policy(name, account, document):
    return iam_of(account.id).create_policy(f"{name} of the range", "/", json.dumps(document), name, [])


def allow(actions):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Allow", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    }


def data_access(*more):
    reads = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket", "secretsmanager:GetSecretValue"]
    return json.dumps(allow([*USE_OF_KEY, *reads, *more]))


def trust(account, service=None):
    """Every role may be assumed from within the account, as the operators' break-glass procedure needs."""
    principal = {"AWS": f"arn:aws:iam::{account.id}:root"}
    if service:
        principal["Service"] = service
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
