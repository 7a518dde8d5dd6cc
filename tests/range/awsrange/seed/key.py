"""The customer key, with its policy and grants, and a second key that nothing happened to."""

import json
from dataclasses import dataclass
from datetime import timedelta

from moto.kms.models import kms_backends

from ..kms import grants, keys
from . import stores
from .people import RESPONDER, USE_OF_KEY

ALIAS = "alias/customer-pii-encryption-key"
OTHER_ALIAS = "alias/billing-reports"
EXTERNAL_ACCOUNT = "999988887777"
ADMINISTRATION = [
    "kms:CancelKeyDeletion", "kms:Create*", "kms:Delete*", "kms:Describe*", "kms:Disable*", "kms:Enable*",
    "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*", "kms:ScheduleKeyDeletion", "kms:TagResource",
    "kms:UntagResource", "kms:Update*",
]  # fmt: skip
REPLICA_REGION = "us-west-2"


@dataclass
class Keys:
    customer: object
    other: object


def make(account, staff):
    asked = account.options.get("key", {})
    customer = make_key(account, ALIAS, "Customer personal data at rest", 512, asked)
    customer.policy = json.dumps(policy_of_customer_key(account), indent=2)
    customer.key_rotation_status = customer.origin == "AWS_KMS"
    customer.rotation_period = 365
    tag(account, customer, {"data-classification": "restricted", "owner": "customer-platform", "cost-center": "4711"})
    for grant in wanted_grants(account, customer, staff)[: account.options.get("grants", 7)]:
        grants.add(customer, **grant)
    other = make_key(account, OTHER_ALIAS, "Billing reports", 300, {})
    tag(account, other, {"owner": "finance"})
    settle(account, customer, asked)
    return Keys(customer, other)


def make_key(account, alias, description, age, asked):
    backend = kms_backends[account.id][account.region]
    key = backend.create_key(
        None,
        "ENCRYPT_DECRYPT",
        "SYMMETRIC_DEFAULT",
        description,
        [],
        asked.get("multi_region", False),
        asked.get("origin", "AWS_KMS"),
    )
    key.creation_date = int((account.now() - timedelta(days=age)).timestamp())
    made = backend.create_alias(key.id, alias)
    made.created = made.updated = key.creation_date + 60
    return key


def settle(account, key, asked):
    """The state that the account's options ask for."""
    if asked.get("managed"):
        key.key_manager = "AWS"
    if asked.get("multi_region"):
        keys.replicate(key, REPLICA_REGION)
    state = asked.get("state", "Enabled")
    key.key_state, key.enabled = state, state == "Enabled"
    if state == "PendingDeletion":
        key.deletion_date = (account.now() + timedelta(days=30)).replace(tzinfo=None)


def tag(account, key, tags):
    backend = kms_backends[account.id][account.region]
    backend.tagger.tag_resource(key.id, [{"TagKey": name, "TagValue": value} for name, value in tags.items()])


def policy_of_customer_key(account):
    def arns(*names):
        return {"AWS": [f"arn:aws:iam::{account.id}:{name}" for name in names]}

    users = arns("role/customer-api", "role/etl-nightly", "user/ci-deploy")
    return {
        "Version": "2012-10-17",
        "Id": "customer-pii-key-policy",
        "Statement": [
            statement("EnableIAMUserPermissions", {"AWS": f"arn:aws:iam::{account.id}:root"}, "kms:*"),
            statement("AllowKeyAdministration", arns("role/security-admin", f"user/{RESPONDER}"), ADMINISTRATION),
            statement("AllowUseOfTheKey", users, USE_OF_KEY),
            {
                **statement(
                    "AllowAttachmentOfPersistentResources",
                    users,
                    ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                ),
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    }


def statement(sid, principal, action):
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}


def wanted_grants(account, key, staff):
    """Two that a thief made and five that services and jobs hold; then as many more of these as are asked for."""
    held = [*rogue_grants(account), *service_grants(account), job_grant(account, staff)]
    for number in range(max(0, account.options.get("grants", 7) - len(held))):
        held.append(volume_grant(account, f"i-{number:017x}", f"vol-{number:017x}", days=30))
    return held


def rogue_grants(account):
    when = account.now() - timedelta(hours=5)
    return [
        {
            "grantee": f"arn:aws:iam::{EXTERNAL_ACCOUNT}:root",
            "operations": ["Decrypt", "DescribeKey", "CreateGrant", "RetireGrant"],
            "name": "backup-sync",
            "created": when,
        },
        {
            "grantee": f"arn:aws:iam::{EXTERNAL_ACCOUNT}:role/data-sync",
            "operations": ["Decrypt", "ReEncryptFrom", "GenerateDataKey"],
            "created": when + timedelta(minutes=3),
        },
    ]


def service_grants(account):
    rds, dynamodb = f"rds.{account.region}.amazonaws.com", f"dynamodb.{account.region}.amazonaws.com"
    use = [
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "CreateGrant",
        "RetireGrant",
        "DescribeKey",
    ]
    table = {
        "EncryptionContextSubset": {"aws:dynamodb:tableName": stores.TABLE, "aws:dynamodb:subscriberId": account.id}
    }
    instance = {"EncryptionContextSubset": {"aws:rds:db-id": stores.DATABASE_ID}}
    return [
        {
            "grantee": rds,
            "retiring": rds,
            "operations": use,
            "constraints": instance,
            "created": account.now() - timedelta(days=400),
        },
        {
            "grantee": dynamodb,
            "retiring": dynamodb,
            "operations": use,
            "constraints": table,
            "created": account.now() - timedelta(days=380),
        },
        *(
            volume_grant(account, host, volume, days)
            for host, volume, days in zip(stores.HOSTS, stores.VOLUMES, (200, 40))
        ),
    ]


def volume_grant(account, host, volume, days):
    return {
        "grantee": f"arn:aws:sts::{account.id}:assumed-role/aws:ec2-infrastructure/{host}",
        "retiring": f"ec2.{account.region}.amazonaws.com",
        "operations": ["Decrypt"],
        "constraints": {"EncryptionContextSubset": {"aws:ebs:id": volume}},
        "created": account.now() - timedelta(days=days),
    }


def job_grant(account, staff):
    return {
        "grantee": staff.roles["etl-nightly"]["arn"],
        "retiring": staff.roles["security-admin"]["arn"],
        "operations": ["Decrypt", "GenerateDataKey"],
        "name": "etl-nightly-exports",
        "created": account.now() - timedelta(days=120),
    }


def described(key, alias):
    return {
        "id": key.id,
        "arn": key.arn,
        "alias": alias,
        "alias_arn": f"arn:aws:kms:{key.region}:{key.account_id}:{alias}",
        "state": key.key_state,
        "replica_arns": [one["Arn"] for one in key.multi_region_configuration["ReplicaKeys"]]
        if key.multi_region
        else [],
    }


def described_grants(key):
    return [
        {
            "id": grant.id,
            "name": grant.name,
            "grantee": grant.grantee_principal,
            "operations": grant.operations,
            "rogue": f"::{EXTERNAL_ACCOUNT}:" in grant.grantee_principal,
        }
        for grant in key.grants.values()
    ]
