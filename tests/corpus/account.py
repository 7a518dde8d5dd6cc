#!/usr/bin/env python3
"""Writes the folder that `playbook access who-can --data` reads, for an account of any size.

    tests/corpus/account.py FOLDER PRINCIPALS [KEYS]

With KEYS, that many more keys lie under `keys/`: most leave everything to IAM, some name
roles or a service, and some look at who calls. The same numbers always give the same bytes. One principal in fifty may use the key, most
policies are about something else, as in real accounts; documents are percent-encoded, as
IAM returns them.
"""

import json
import random
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SERVICES = ["s3", "ec2", "dynamodb", "sqs", "sns", "lambda", "logs", "cloudwatch", "rds", "ecr"]


def document(*statements):
    return quote(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def ordinary(chance):
    service = chance.choice(SERVICES)
    return {
        "Sid": f"Use{service.title()}",
        "Effect": "Allow",
        "Action": [f"{service}:{verb}*" for verb in chance.sample(["Get", "List", "Put", "Describe", "Create"], 3)],
        "Resource": [f"arn:aws:{service}:*:{ACCOUNT}:thing-{chance.randrange(1000)}/*"],
    }


def of_key(chance):
    condition = {"StringEquals": {"kms:ViaService": f"{chance.choice(SERVICES)}.eu-west-1.amazonaws.com"}}
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}
    return statement | ({"Condition": condition} if chance.random() < 0.5 else {})


def entity(chance, kind, number):
    name = f"{kind.lower()}-{number:06}"
    statements = [ordinary(chance) for _ in range(chance.randrange(1, 4))]
    if chance.random() < 0.02:
        statements.append(of_key(chance))
    managed = chance.sample(range(40), chance.randrange(0, 3))
    return name, {
        "Path": "/",
        f"{kind}Name": name,
        f"{kind}Id": f"{'AIDA' if kind == 'User' else 'AROA'}{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/{name}",
        "CreateDate": "2024-01-01T00:00:00+00:00",
        f"{kind}PolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
        "AttachedManagedPolicies": [{"PolicyName": f"m{n}", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/m{n}"} for n in managed],
        "Tags": [{"Key": "team", "Value": chance.choice(["red", "blue"])}],
    }


def key_policy(chance, roles):
    """The default statement, and in two of three policies another one."""
    root = {"Sid": "Enable IAM User Permissions", "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    names = [role["Arn"] for role in chance.sample(roles, min(5, len(roles)))]
    use = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
    others = [
        [],
        [use | {"Sid": "Use", "Principal": {"AWS": names}}],
        [use | {"Sid": "Service", "Principal": {"Service": "backup.amazonaws.com"}}],
        [use | {"Sid": "Team", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}],
        [use | {"Sid": "Except", "Effect": "Deny", "Principal": "*",
                "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/role-00001*"}}}],
        [],
    ]
    return {"Version": "2012-10-17", "Statement": [root, *chance.choice(others)]}


def write_keys(folder, count, roles):
    chance = random.Random(20260102)
    for _ in range(count):
        name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{name}"
        grants = [{"KeyId": arn, "GrantId": f"g{n}", "Operations": ["Decrypt"], "GranteePrincipal": role["Arn"]}
                  for n, role in enumerate(chance.sample(roles, min(3, len(roles))))]
        place = folder / "keys" / name
        (place / "last-used").mkdir(parents=True, exist_ok=True)
        write = lambda file, value: (place / file).write_text(json.dumps(value, indent=1))
        write("key-policy.json", {"PolicyName": "default", "Policy": json.dumps(key_policy(chance, roles))})
        write("describe-key.json", {"KeyMetadata": {"Arn": arn, "KeyId": name, "KeyState": "Enabled"}})
        write("grants.json", {"Grants": grants, "Truncated": False})
        write("last-used/key.json", {"KeyId": name, "KeyLastUsage": {}, "TrackingStartDate": "2026-01-01T00:00:00Z"})


def main(folder, count, keys=0):
    chance = random.Random(20260101)
    folder.mkdir(parents=True, exist_ok=True)
    users, roles = [], []
    for number in range(count):
        if number % 2:
            _, user = entity(chance, "User", number)
            users.append(user | {"GroupList": [f"group-{chance.randrange(10)}"]})
        else:
            _, role = entity(chance, "Role", number)
            trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            roles.append(role | {"AssumeRolePolicyDocument": document(trust)})
    details = {
        "UserDetailList": users,
        "GroupDetailList": [
            {"GroupName": f"group-{n}", "GroupPolicyList": [{"PolicyName": "own", "PolicyDocument": document(ordinary(chance))}], "AttachedManagedPolicies": []}
            for n in range(10)
        ],
        "RoleDetailList": roles,
        "Policies": [
            {"PolicyName": f"m{n}", "Arn": f"arn:aws:iam::{ACCOUNT}:policy/m{n}", "DefaultVersionId": "v1",
             "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*[ordinary(chance) for _ in range(8)])}]}
            for n in range(40)
        ],
        "IsTruncated": False,
    }
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM User Permissions", "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}]}
    grants = [{"KeyId": KEY, "GrantId": f"g{n}", "Operations": ["Decrypt"], "GranteePrincipal": roles[n]["Arn"]} for n in range(min(20, len(roles)))]
    write = lambda name, value: (folder / name).write_text(json.dumps(value, indent=1))
    write("authorization-details.json", details)
    write("key-policy.json", {"PolicyName": "default", "Policy": json.dumps(policy)})
    write("describe-key.json", {"KeyMetadata": {"Arn": KEY, "KeyId": KEY.rsplit("/")[-1], "KeyState": "Enabled"}})
    write("grants.json", {"Grants": grants, "Truncated": False})
    write("scps.json", [])
    write("rcps.json", [])
    write_keys(folder, keys, roles)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
