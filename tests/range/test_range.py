"""What the range promises, each promise asked for through boto3 over HTTP."""

import base64
import gzip
import hashlib
import http.client
import json
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError, ResponseStreamingError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from awsrange.verbs import open_listener

ONE_TRY = {"total_max_attempts": 1, "mode": "standard"}
SCRIPT = Path(__file__).with_name("range")


def setUpModule():
    global listener
    listener = open_listener(0)
    threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def tearDownModule():
    listener.shutdown()
    listener.server_close()


def control(method, path, told=None):
    request = urllib.request.Request(listener.url + path, json.dumps(told or {}).encode(), method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


class Here:
    """A fresh account, and clients that act in it."""

    def __init__(self, **options):
        self.told = control("POST", "/_range/accounts", {"lookup_rate": 0, **options})
        self.id = self.told["account"]
        self.key = self.told["key"]
        self.buckets = {bucket["purpose"]: bucket["name"] for bucket in self.told["buckets"]}

    def client(self, service, keys=None, token=None, **config):
        keys = keys or self.told
        return boto3.client(
            service,
            endpoint_url=listener.url,
            region_name=config.pop("region", "us-east-1"),
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
            aws_session_token=token,
            config=Config(retries=ONE_TRY, **config),
        )

    def of(self, user, number=0):
        return self.told["users"][user]["access_keys"][number]

    def assumed(self, role, service, session="night-shift"):
        made = self.client("sts").assume_role(RoleArn=self.told["roles"][role]["arn"], RoleSessionName=session)[
            "Credentials"
        ]
        keys = {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}
        return self.client(service, keys, made["SessionToken"])

    def calls(self, operation=None):
        return [
            call
            for call in control("GET", f"/_range/calls?account={self.id}")
            if operation in (None, call["operation"])
        ]

    def events(self, name):
        return [event for event in control("GET", f"/_range/events?account={self.id}") if event["eventName"] == name]

    def fault(self, **told):
        control("POST", "/_range/faults", {"account": self.id, **told})


class RangeTest(unittest.TestCase):
    def refused(self, code, act, *arguments, **named):
        with self.assertRaises(ClientError) as caught:
            act(*arguments, **named)
        self.assertEqual(caught.exception.response["Error"]["Code"], code, caught.exception)
        return caught.exception


class Accounts(RangeTest):
    def test_every_account_is_its_own(self):
        one, two = Here(), Here()
        self.assertNotEqual(one.id, two.id)
        for here in (one, two):
            self.assertEqual(
                here.client("sts").get_caller_identity()["Arn"], f"arn:aws:iam::{here.id}:user/on-call-responder"
            )
            self.assertEqual(
                here.client("kms").describe_key(KeyId=here.key["alias"])["KeyMetadata"]["Arn"], here.key["arn"]
            )
            self.assertIn(here.id, here.client("iam").get_user(UserName="ci-deploy")["User"]["Arn"])
            self.assertEqual(len(here.client("s3").list_buckets()["Buckets"]), 4)
            self.assertEqual(
                here.client("cloudtrail").describe_trails()["trailList"][0]["S3BucketName"], here.buckets["trail"]
            )

    def test_four_in_parallel(self):
        def work(_):
            here = Here()
            kms, s3 = here.client("kms"), here.client("s3")
            for number in range(15):
                s3.put_object(Bucket=here.buckets["uploads"], Key=f"k{number}", Body=b"x")
                self.assertEqual(kms.describe_key(KeyId=here.key["id"])["KeyMetadata"]["AWSAccountId"], here.id)
            kms.disable_key(KeyId=here.key["id"])
            return len(here.calls())

        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(work, range(4))), [31] * 4)

    def test_strangers_are_refused(self):
        here, nobody = Here(), {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "x"}
        self.refused("InvalidClientTokenId", here.client("sts", nobody).get_caller_identity)
        self.refused("UnrecognizedClientException", here.client("kms", nobody).list_keys)
        self.refused("InvalidAccessKeyId", here.client("s3", nobody).list_buckets)

    def test_assumed_roles(self):
        here = Here()
        told = here.assumed("incident-responder", "sts").get_caller_identity()
        self.assertEqual(told["Arn"], f"arn:aws:sts::{here.id}:assumed-role/incident-responder/night-shift")
        self.assertEqual(told["Account"], here.id)
        here.assumed("incident-responder", "kms").describe_key(KeyId=here.key["id"])
        self.assertTrue(here.calls("DescribeKey")[0]["principal_arn"].endswith("incident-responder/night-shift"))
        self.refused(
            "AccessDenied",
            here.client("sts").assume_role,
            RoleArn=f"arn:aws:iam::{here.id}:role/none",
            RoleSessionName="x1",
        )

    def test_inactive_keys_are_refused(self):
        here = Here()
        leaked = here.of("ci-deploy", 1)
        self.assertEqual(here.client("sts", leaked).get_caller_identity()["Account"], here.id)
        here.client("iam").update_access_key(
            UserName="ci-deploy", AccessKeyId=leaked["access_key_id"], Status="Inactive"
        )
        self.refused("InvalidClientTokenId", here.client("sts", leaked).get_caller_identity)
        last = here.calls("GetCallerIdentity")[-1]
        self.assertEqual(
            (last["status"], last["error_code"], last["principal_arn"]), (403, "InvalidClientTokenId", None)
        )
        listed = here.client("iam").list_access_keys(UserName="ci-deploy")["AccessKeyMetadata"]
        self.assertEqual({one["AccessKeyId"]: one["Status"] for one in listed}[leaked["access_key_id"]], "Inactive")

    def test_new_access_keys_work(self):
        here = Here()
        made = here.client("iam").create_access_key(UserName="former-contractor")["AccessKey"]
        keys = {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}
        self.assertTrue(here.client("sts", keys).get_caller_identity()["Arn"].endswith("user/former-contractor"))

    def test_options(self):
        self.assertEqual(Here(trail=False).client("cloudtrail").describe_trails()["trailList"], [])
        self.assertEqual(Here(attack=False, trail=False).events("Decrypt"), [])
        disabled = Here(key={"state": "Disabled"})
        self.assertEqual(
            disabled.client("kms").describe_key(KeyId=disabled.key["id"])["KeyMetadata"]["KeyState"], "Disabled"
        )
        external = Here(key={"origin": "EXTERNAL"})
        self.assertEqual(
            external.client("kms").describe_key(KeyId=external.key["id"])["KeyMetadata"]["Origin"], "EXTERNAL"
        )
        managed = Here(key={"managed": True})
        self.assertEqual(
            managed.client("kms").describe_key(KeyId=managed.key["id"])["KeyMetadata"]["KeyManager"], "AWS"
        )
        self.refused("AccessDeniedException", managed.client("kms").disable_key, KeyId=managed.key["id"])
        many = Here(key={"multi_region": True})
        told = many.client("kms").describe_key(KeyId=many.key["id"])["KeyMetadata"]["MultiRegionConfiguration"]
        self.assertEqual([one["Region"] for one in told["ReplicaKeys"]], ["us-west-2"])
        abroad = many.client("kms", region="us-west-2").describe_key(KeyId=many.key["id"])["KeyMetadata"]
        self.assertEqual(abroad["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA")
        self.assertEqual(
            many.client("kms").schedule_key_deletion(KeyId=many.key["id"])["KeyState"], "PendingReplicaDeletion"
        )

    def test_a_primary_key_is_replicated_once_into_a_region_and_its_replica_stands_for_itself(self):
        here = Here(key={"multi_region": True})
        kms, abroad = here.client("kms"), here.client("kms", region="eu-west-1")
        named = {"KeyId": here.key["arn"]}
        made = kms.replicate_key(ReplicaRegion="eu-west-1", **named)["ReplicaKeyMetadata"]
        self.assertEqual(made["Arn"], here.key["arn"].replace("us-east-1", "eu-west-1"))
        self.assertEqual(made["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA")
        family = kms.describe_key(**named)["KeyMetadata"]["MultiRegionConfiguration"]["ReplicaKeys"]
        self.assertEqual([one["Region"] for one in family], ["us-west-2", "eu-west-1"])
        self.assertEqual(abroad.list_aliases(KeyId=made["Arn"])["Aliases"], [])
        self.refused("AlreadyExistsException", kms.replicate_key, ReplicaRegion="eu-west-1", **named)
        self.refused("UnsupportedOperationException", abroad.replicate_key, KeyId=made["Arn"], ReplicaRegion="eu-west-2")
        kms.disable_key(**named)
        self.assertEqual(abroad.describe_key(KeyId=made["Arn"])["KeyMetadata"]["KeyState"], "Enabled")
        self.refused("DisabledException", kms.replicate_key, ReplicaRegion="eu-west-2", **named)
        abroad.generate_data_key(KeyId=made["Arn"], KeySpec="AES_256")
        single = Here()
        self.refused(
            "UnsupportedOperationException",
            single.client("kms").replicate_key,
            KeyId=single.key["id"],
            ReplicaRegion="eu-west-1",
        )

    def test_other_stores_lie_under_the_key(self):
        here = Here()
        arn = here.key["arn"]
        self.assertEqual(len(here.client("secretsmanager").list_secrets()["SecretList"]), 4)
        self.assertEqual(here.client("secretsmanager").describe_secret(SecretId="prod/customer-db")["KmsKeyId"], arn)
        self.assertEqual(here.client("rds").describe_db_instances()["DBInstances"][0]["KmsKeyId"], arn)
        self.assertEqual(
            here.client("dynamodb").describe_table(TableName=here.told["table"])["Table"]["SSEDescription"][
                "KMSMasterKeyArn"
            ],
            arn,
        )
        volumes = here.client("ec2").describe_volumes(VolumeIds=here.told["volumes"])["Volumes"]
        self.assertEqual(
            [(one["VolumeId"], one["KmsKeyId"]) for one in volumes], [(name, arn) for name in here.told["volumes"]]
        )
        self.assertEqual(here.client("ssm").describe_parameters()["Parameters"][0]["KeyId"], arn)


class KmsNames(RangeTest):
    def test_alias_is_refused_where_aws_refuses_it(self):
        here = Here()
        kms = here.client("kms")
        takes = {
            "disable_key": {}, "enable_key": {}, "schedule_key_deletion": {}, "cancel_key_deletion": {},
            "list_grants": {},
            "revoke_grant": {"GrantId": "0" * 64}, "put_key_policy": {"Policy": "{}"}, "get_key_policy": {},
            "enable_key_rotation": {},
            "get_key_rotation_status": {}, "rotate_key_on_demand": {}, "tag_resource": {"Tags": []},
            "get_key_last_usage": {},
            "retire_grant": {"GrantId": "0" * 64},
            "create_grant": {"GranteePrincipal": f"arn:aws:iam::{here.id}:root", "Operations": ["Decrypt"]},
        }  # fmt: skip
        for operation, more in takes.items():
            with self.subTest(operation):
                self.refused("NotFoundException", getattr(kms, operation), KeyId=here.key["alias"], **more)
                self.refused("InvalidArnException", getattr(kms, operation), KeyId=here.key["alias_arn"], **more)
        self.assertEqual(kms.describe_key(KeyId=here.key["alias_arn"])["KeyMetadata"]["KeyId"], here.key["id"])

    def test_unknown_keys(self):
        here = Here()
        kms = here.client("kms")
        self.refused("NotFoundException", kms.describe_key, KeyId="11111111-2222-3333-4444-555555555555")
        self.refused("NotFoundException", kms.describe_key, KeyId="nonsense")
        self.refused("NotFoundException", kms.describe_key, KeyId="alias/none")
        self.refused("NotFoundException", here.client("kms", region="eu-west-1").describe_key, KeyId=here.key["id"])


class KmsStates(RangeTest):
    def test_disabled(self):
        here = Here()
        kms, worker = here.client("kms"), here.assumed("customer-api", "kms")
        sealed = worker.encrypt(KeyId=here.key["alias"], Plaintext=b"hello")["CiphertextBlob"]
        kms.disable_key(KeyId=here.key["arn"])
        self.assertEqual(kms.describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"], "Disabled")
        self.refused("DisabledException", worker.decrypt, CiphertextBlob=sealed)
        self.refused("DisabledException", worker.generate_data_key, KeyId=here.key["id"], KeySpec="AES_256")
        self.refused(
            "DisabledException",
            kms.create_grant,
            KeyId=here.key["id"],
            GranteePrincipal=f"arn:aws:iam::{here.id}:root",
            Operations=["Decrypt"],
        )
        policy = kms.get_key_policy(KeyId=here.key["id"])["Policy"]
        kms.put_key_policy(KeyId=here.key["id"], Policy=policy)
        self.assertEqual(len(kms.list_grants(KeyId=here.key["id"])["Grants"]), 7)
        kms.revoke_grant(KeyId=here.key["id"], GrantId=here.told["grants"][0]["id"])
        kms.enable_key(KeyId=here.key["arn"])
        self.assertEqual(worker.decrypt(CiphertextBlob=sealed)["Plaintext"], b"hello")

    def test_deletion(self):
        here = Here()
        kms = here.client("kms")
        self.refused("ValidationException", kms.schedule_key_deletion, KeyId=here.key["id"], PendingWindowInDays=3)
        self.refused("KMSInvalidStateException", kms.cancel_key_deletion, KeyId=here.key["id"])
        told = kms.schedule_key_deletion(KeyId=here.key["id"], PendingWindowInDays=7)
        self.assertEqual((told["KeyId"], told["KeyState"]), (here.key["arn"], "PendingDeletion"))
        self.assertAlmostEqual(
            told["DeletionDate"], datetime.now(timezone.utc) + timedelta(days=7), delta=timedelta(minutes=1)
        )
        self.refused("KMSInvalidStateException", kms.enable_key, KeyId=here.key["id"])
        self.refused("KMSInvalidStateException", kms.disable_key, KeyId=here.key["id"])
        self.assertEqual(len(kms.list_grants(KeyId=here.key["id"])["Grants"]), 7)
        kms.cancel_key_deletion(KeyId=here.key["id"])
        self.assertEqual(kms.describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"], "Disabled")

    def test_new_key_takes_over(self):
        here = Here()
        kms = here.client("kms")
        made = kms.create_key(Description="new", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
        kms.tag_resource(KeyId=made["KeyId"], Tags=[{"TagKey": "c", "TagValue": "d"}])
        self.assertEqual({tag["TagKey"] for tag in kms.list_resource_tags(KeyId=made["Arn"])["Tags"]}, {"a", "c"})
        kms.update_alias(AliasName=here.key["alias"], TargetKeyId=made["KeyId"])
        self.assertEqual(kms.describe_key(KeyId=here.key["alias"])["KeyMetadata"]["Arn"], made["Arn"])
        self.assertEqual(
            [one["AliasName"] for one in kms.list_aliases(KeyId=made["KeyId"])["Aliases"]], [here.key["alias"]]
        )
        kms.enable_key_rotation(KeyId=made["KeyId"], RotationPeriodInDays=180)
        self.assertEqual(kms.get_key_rotation_status(KeyId=made["KeyId"])["RotationPeriodInDays"], 180)
        self.assertTrue(
            kms.generate_data_key_without_plaintext(KeyId=made["KeyId"], KeySpec="AES_256")["CiphertextBlob"]
        )
        old = here.assumed("customer-api", "kms").encrypt(KeyId=here.key["id"], Plaintext=b"x")["CiphertextBlob"]
        again = kms.re_encrypt(CiphertextBlob=old, DestinationKeyId=made["Arn"])
        self.assertEqual((again["SourceKeyId"], again["KeyId"]), (here.key["arn"], made["Arn"]))


class KmsPolicies(RangeTest):
    def fence(self, here):
        kms = here.client("kms")
        policy = json.loads(kms.get_key_policy(KeyId=here.key["id"])["Policy"])
        policy["Statement"].insert(
            0,
            {
                "Sid": "IncidentFence",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"],
                "Resource": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": here.told["roles"]["incident-responder"]["arn"]}},
            },
        )
        kms.put_key_policy(KeyId=here.key["id"], PolicyName="default", Policy=json.dumps(policy))

    def test_a_fence_fences(self):
        here = Here()
        worker, thief = here.assumed("customer-api", "kms"), here.client("kms", here.of("ci-deploy", 1))
        sealed = thief.encrypt(KeyId=here.key["id"], Plaintext=b"hello")["CiphertextBlob"]
        self.fence(here)
        self.refused("AccessDeniedException", worker.decrypt, CiphertextBlob=sealed)
        self.refused("AccessDeniedException", thief.decrypt, CiphertextBlob=sealed)
        rescuer = here.assumed("incident-responder", "kms")
        self.assertEqual(rescuer.decrypt(CiphertextBlob=sealed)["Plaintext"], b"hello")
        s3 = here.assumed("customer-api", "s3")
        self.refused("AccessDenied", s3.get_object, Bucket=here.buckets["uploads"], Key="uploads/id-document-0000.pdf")
        told = here.assumed("incident-responder", "s3").get_object(
            Bucket=here.buckets["uploads"], Key="uploads/id-document-0000.pdf"
        )
        self.assertTrue(told["Body"].read().startswith(b"%PDF"))

    def test_a_fence_may_let_services_through(self):
        here = Here()
        kms = here.client("kms")
        policy = json.loads(kms.get_key_policy(KeyId=here.key["id"])["Policy"])
        statement = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
        policy["Statement"].insert(
            0, {**statement, "Condition": {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
        )
        kms.put_key_policy(KeyId=here.key["id"], Policy=json.dumps(policy))
        here.assumed("customer-api", "s3").get_object(
            Bucket=here.buckets["uploads"], Key="uploads/id-document-0000.pdf"
        )
        worker = here.assumed("customer-api", "kms")
        sealed = worker.encrypt(KeyId=here.key["id"], Plaintext=b"x")["CiphertextBlob"]
        self.refused("AccessDeniedException", worker.decrypt, CiphertextBlob=sealed)

    def test_malformed_and_lockout(self):
        here = Here()
        kms = here.client("kms")
        self.refused("MalformedPolicyDocumentException", kms.put_key_policy, KeyId=here.key["id"], Policy="not json")
        other = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": here.told["roles"]["etl-nightly"]["arn"]},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
        refusal = self.refused(
            "MalformedPolicyDocumentException", kms.put_key_policy, KeyId=here.key["id"], Policy=json.dumps(other)
        )
        self.assertIn("will not allow you to update the key policy in the future", str(refusal))
        kms.put_key_policy(KeyId=here.key["id"], Policy=json.dumps(other), BypassPolicyLockoutSafetyCheck=True)
        self.refused("AccessDeniedException", kms.get_key_policy, KeyId=here.key["id"])

    def test_identity_denies_hold(self):
        here = Here()
        deny = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}},
                }
            ],
        }
        session = here.assumed("customer-api", "s3")
        session.list_objects_v2(Bucket=here.buckets["uploads"])
        here.client("iam").put_role_policy(
            RoleName="customer-api", PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(deny)
        )
        self.refused("AccessDenied", session.list_objects_v2, Bucket=here.buckets["uploads"])
        self.assertEqual(
            here.client("iam").get_role_policy(RoleName="customer-api", PolicyName="AWSRevokeOlderSessions")[
                "PolicyDocument"
            ],
            deny,
        )
        user = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
        here.client("iam").put_user_policy(UserName="ci-deploy", PolicyName="stop", PolicyDocument=json.dumps(user))
        self.refused("AccessDeniedException", here.client("kms", here.of("ci-deploy")).list_aliases)


class KmsGrants(RangeTest):
    def test_paging_and_revoking(self):
        here = Here(grants=120)
        kms = here.client("kms")
        first = kms.list_grants(KeyId=here.key["id"])
        self.assertEqual((len(first["Grants"]), first["Truncated"]), (50, True))
        kms.revoke_grant(KeyId=here.key["id"], GrantId=first["Grants"][3]["GrantId"])
        rest = kms.list_grants(KeyId=here.key["id"], Limit=100, Marker=first["NextMarker"])
        self.assertEqual((len(rest["Grants"]), rest["Truncated"]), (70, False))
        self.refused("InvalidGrantIdException", kms.revoke_grant, KeyId=here.key["id"], GrantId="ALL")
        self.refused("NotFoundException", kms.revoke_grant, KeyId=here.key["id"], GrantId="0" * 64)
        self.refused("InvalidMarkerException", kms.list_grants, KeyId=here.key["id"], Marker="zzz")

    def test_rogue_grants_and_new_ones(self):
        here = Here()
        kms = here.client("kms")
        grants = kms.list_grants(KeyId=here.key["arn"])["Grants"]
        self.assertEqual(sum("999988887777" in grant["GranteePrincipal"] for grant in grants), 2)
        self.assertEqual({grant["KeyId"] for grant in grants}, {here.key["arn"]})
        made = kms.create_grant(
            KeyId=here.key["id"],
            GranteePrincipal=here.told["users"]["former-contractor"]["arn"],
            Operations=["Decrypt", "Encrypt"],
        )
        friend = here.client("kms", here.of("former-contractor"))
        sealed = friend.encrypt(KeyId=here.key["id"], Plaintext=b"x")["CiphertextBlob"]
        self.assertEqual(friend.decrypt(CiphertextBlob=sealed)["Plaintext"], b"x")
        self.assertEqual(len(kms.list_grants(KeyId=here.key["id"], GrantId=made["GrantId"])["Grants"]), 1)

    def test_a_grant_with_a_name_is_made_once(self):
        here = Here()
        kms = here.client("kms")
        grant = {
            "KeyId": here.key["id"],
            "GranteePrincipal": here.told["users"]["former-contractor"]["arn"],
            "Operations": ["Decrypt"],
            "Constraints": {"EncryptionContextSubset": {"a": "b"}},
        }
        unnamed = {kms.create_grant(**grant)["GrantId"] for _ in range(2)}
        named = {kms.create_grant(**grant, Name="again")["GrantId"] for _ in range(2)}
        others = {kms.create_grant(**{**grant, "Operations": ["Encrypt"]}, Name="again")["GrantId"] for _ in range(2)}
        self.assertEqual([len(ids) for ids in (unnamed, named, others, unnamed | named | others)], [2, 1, 1, 4])


class KeyUsage(RangeTest):
    def test_last_usage(self):
        here = Here()
        kms = here.client("kms")
        before = kms.get_key_last_usage(KeyId=here.key["id"])
        self.assertEqual(before["KeyLastUsage"]["Operation"], "Decrypt")
        self.assertGreater(before["TrackingStartDate"], before["KeyCreationDate"])
        here.assumed("customer-api", "kms").generate_data_key(KeyId=here.key["id"], KeySpec="AES_256")
        after = kms.get_key_last_usage(KeyId=here.key["arn"])["KeyLastUsage"]
        self.assertEqual(after["Operation"], "GenerateDataKey")
        self.assertIn(after["CloudTrailEventId"], [event["eventID"] for event in here.events("GenerateDataKey")])
        self.assertNotIn("KeyLastUsage", kms.get_key_last_usage(KeyId=here.told["other_key"]["id"]))


class Trail(RangeTest):
    def test_events_of_calls(self):
        here = Here(attack=False)
        kms = here.client("kms")
        kms.disable_key(KeyId=here.key["id"])
        self.refused(
            "DisabledException",
            here.assumed("customer-api", "kms").generate_data_key,
            KeyId=here.key["alias"],
            KeySpec="AES_256",
        )
        event = here.events("DisableKey")[0]
        self.assertEqual(event["requestParameters"], {"keyId": here.key["id"]})
        self.assertEqual(event["responseElements"], {"keyId": here.key["arn"]})
        self.assertEqual(event["resources"], [{"accountId": here.id, "type": "AWS::KMS::Key", "ARN": here.key["arn"]}])
        self.assertEqual(
            (event["userIdentity"]["userName"], event["readOnly"], event["managementEvent"]),
            ("on-call-responder", False, True),
        )
        self.assertEqual(event["recipientAccountId"], here.id)
        failed = here.events("GenerateDataKey")[0]
        self.assertEqual((failed["errorCode"], failed["responseElements"]), ("DisabledException", None))
        self.assertEqual(failed["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "customer-api")
        here.client("iam").update_access_key(
            UserName="ci-deploy", AccessKeyId=here.of("ci-deploy", 1)["access_key_id"], Status="Inactive"
        )
        self.assertEqual(here.events("UpdateAccessKey")[0]["requestParameters"]["status"], "Inactive")
        here.client("s3").get_object(Bucket=here.buckets["public"], Key="static/robots.txt")
        self.assertEqual(here.events("GetObject"), [])

    def test_secrets_stay_out(self):
        here = Here(attack=False)
        here.assumed("customer-api", "kms").encrypt(KeyId=here.key["id"], Plaintext=b"canary")
        here.client("iam").create_access_key(UserName="former-contractor")
        text = json.dumps(here.events("Encrypt") + here.events("CreateAccessKey") + here.events("AssumeRole"))
        self.assertNotIn(base64.b64encode(b"canary").decode(), text)
        self.assertNotIn("ecretAccessKey", text)

    def test_s3_uses_of_the_key_are_events(self):
        here = Here(attack=False)
        s3 = here.assumed("customer-api", "s3")
        s3.put_object(Bucket=here.buckets["uploads"], Key="new", Body=b"x")
        s3.get_object(Bucket=here.buckets["uploads"], Key="new")
        for name in ("GenerateDataKey", "Decrypt"):
            event = here.events(name)[0]
            self.assertEqual(
                event["requestParameters"]["encryptionContext"],
                {"aws:s3:arn": f"arn:aws:s3:::{here.buckets['uploads']}/new"},
            )
            self.assertEqual(event["sourceIPAddress"], "AWS Internal")

    def test_lookup(self):
        here = Here()
        trail = here.client("cloudtrail")
        by_key = [{"AttributeKey": "ResourceName", "AttributeValue": here.key["arn"]}]
        first = trail.lookup_events(LookupAttributes=by_key)
        self.assertEqual(len(first["Events"]), 50)
        found, token = list(first["Events"]), first["NextToken"]
        while token:
            page = trail.lookup_events(LookupAttributes=by_key, NextToken=token)
            found, token = found + page["Events"], page.get("NextToken")
        self.assertEqual(len({event["EventId"] for event in found}), len(found))
        times = [event["EventTime"] for event in found]
        self.assertEqual(times, sorted(times, reverse=True))
        thief = [
            event
            for event in found
            if event.get("AccessKeyId") == here.told["users"]["ci-deploy"]["leaked_access_key_id"]
        ]
        self.assertGreaterEqual(len(thief), 60)
        sources = {json.loads(event["CloudTrailEvent"])["sourceIPAddress"] for event in thief}
        self.assertEqual(sources, {"203.0.113.66", "203.0.113.201", "AWS Internal"})
        by_id = trail.lookup_events(
            LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": here.key["id"]}]
        )["Events"]
        self.assertEqual([event["EventName"] for event in by_id], ["ListGrants"])
        hour = trail.lookup_events(StartTime=datetime.now(timezone.utc) - timedelta(minutes=90), MaxResults=5)["Events"]
        self.assertLessEqual(len(hour), 5)

    def test_lookup_limits(self):
        here = Here()
        trail = here.client("cloudtrail")
        one = {"AttributeKey": "EventName", "AttributeValue": "Decrypt"}
        self.refused("InvalidLookupAttributesException", trail.lookup_events, LookupAttributes=[one, one])
        self.refused("InvalidMaxResultsException", trail.lookup_events, MaxResults=51)
        now = datetime.now(timezone.utc)
        self.refused("InvalidTimeRangeException", trail.lookup_events, StartTime=now, EndTime=now - timedelta(hours=1))
        token = trail.lookup_events(LookupAttributes=[one], MaxResults=1)["NextToken"]
        self.refused("InvalidNextTokenException", trail.lookup_events, NextToken=token)
        slow = Here(lookup_rate=2).client("cloudtrail")
        slow.lookup_events()
        slow.lookup_events()
        self.refused("ThrottlingException", slow.lookup_events)
        time.sleep(0.6)
        slow.lookup_events()

    def test_trail_status_and_selectors(self):
        here = Here()
        trail = here.client("cloudtrail")
        status = trail.get_trail_status(Name="management-events")
        self.assertTrue(status["IsLogging"])
        self.assertLess(status["LatestDeliveryTime"], datetime.now(timezone.utc))
        self.assertIn("LatestDigestDeliveryTime", status)
        told = trail.describe_trails(trailNameList=["management-events"])["trailList"][0]
        self.assertTrue(told["IsMultiRegionTrail"] and told["LogFileValidationEnabled"])
        self.assertEqual(
            trail.get_event_selectors(TrailName=told["TrailARN"])["EventSelectors"][0]["ExcludeManagementEventSources"],
            [],
        )
        self.refused("TrailNotFoundException", trail.get_trail_status, Name="none-such")
        trail.put_event_selectors(
            TrailName="management-events",
            EventSelectors=[
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": True,
                    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                }
            ],
        )
        here.client("kms").list_keys()
        written = control("POST", "/_range/deliver", {"account": here.id})["delivered"]
        records = [record for key in written for record in self.records(here, key)]
        self.assertNotIn("kms.amazonaws.com", {record["eventSource"] for record in records})

    def test_no_delivery_where_there_is_no_logging(self):
        here = Here()
        here.client("cloudtrail").stop_logging(Name="management-events")
        here.client("kms").list_keys()
        written = control("POST", "/_range/deliver", {"account": here.id})["delivered"]
        names = [record["eventName"] for key in written for record in self.records(here, key)]
        self.assertIn("StopLogging", names)
        self.assertNotIn("ListKeys", names)

    def test_a_versioned_trail_bucket_keeps_what_was_deleted(self):
        here = Here()
        s3, bucket = here.client("s3"), here.buckets["trail"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        raw = []
        s3.meta.events.register("after-call.s3.GetBucketVersioning", lambda http_response, **_: raw.append(http_response))
        self.assertEqual(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
        self.assertIn(b"<VersioningConfiguration", raw[0].content)
        key = s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"]
        s3.delete_object(Bucket=bucket, Key=key)
        listed = s3.list_object_versions(Bucket=bucket, Prefix=key)
        self.assertEqual([one["VersionId"] for one in listed["Versions"]], ["null"])
        self.assertTrue(listed["DeleteMarkers"][0]["IsLatest"])

    def test_several_trails_deliver_into_their_own_buckets_each_for_its_regions(self):
        audit = {"name": "security-audit", "region": "eu-west-1", "prefix": "audit", "insights": True}
        whole = {"name": "everything", "multi_region": True, "organization": "o-exampleorgid"}
        here = Here(elsewhere=["eu-west-1", "ap-south-1"], trails=[audit, whole])
        folders = {}
        for trail in [here.told["trail"], *here.told["trails"]]:
            pages = here.client("s3").get_paginator("list_objects_v2").paginate(Bucket=trail["bucket"])
            keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
            folders[trail["name"]] = {key.rpartition("/")[0][:-11] for key in keys}
        base = f"AWSLogs/{here.id}"
        regions = ("us-east-1", "eu-west-1", "ap-south-1")
        both = [f"{kind}/{region}" for kind in ("CloudTrail", "CloudTrail-Digest") for region in regions]
        self.assertEqual(folders["management-events"], {f"{base}/{one}" for one in both})
        self.assertEqual(folders["everything"], {f"AWSLogs/o-exampleorgid/{here.id}/{one}" for one in both})
        self.assertEqual(
            folders["security-audit"],
            {
                f"audit/{base}/{kind}/eu-west-1"
                for kind in ("CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight")
            },
        )
        seen = here.client("cloudtrail").describe_trails()["trailList"]
        self.assertEqual({one["Name"] for one in seen}, {"management-events", "everything"})
        listed = here.client("cloudtrail").list_trails()["Trails"]
        self.assertEqual({one["Name"]: one["HomeRegion"] for one in listed}["security-audit"], "eu-west-1")
        here.client("cloudtrail").stop_logging(Name="everything")
        here.client("kms").list_keys()
        written = control("POST", "/_range/deliver", {"account": here.id})["delivered"]
        own = [key for key in written if key.startswith("AWSLogs/1")]
        self.assertTrue(own and len(own) < len(written))
        self.assertIn("ListKeys", {record["eventName"] for key in own for record in self.records(here, key)})

    def test_a_trail_under_the_disabled_key_goes_blind(self):
        here = Here(trail={"encrypted": True})
        here.client("kms").disable_key(KeyId=here.key["id"])
        self.assertEqual(control("POST", "/_range/deliver", {"account": here.id})["delivered"], [])
        self.assertEqual(
            here.client("cloudtrail").get_trail_status(Name="management-events")["LatestDeliveryError"],
            "KMS.DisabledException",
        )

    def records(self, here, key):
        body = here.client("s3").get_object(Bucket=here.buckets["trail"], Key=key)["Body"].read()
        return json.loads(gzip.decompress(body))["Records"]


class Digests(RangeTest):
    """Verified here from the user guide's words alone, with nothing of the range's."""

    def test_chain(self):
        here = Here()
        here.client("kms").disable_key(KeyId=here.key["id"])
        control("POST", "/_range/deliver", {"account": here.id})
        end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=5)
        last = control("POST", "/_range/digest", {"account": here.id, "end": end.isoformat()})["digests"][-1]
        s3, bucket = here.client("s3"), here.buckets["trail"]
        self.assertRegex(
            last,
            rf"^AWSLogs/{here.id}/CloudTrail-Digest/us-east-1/\d{{4}}/\d\d/\d\d/{here.id}_CloudTrail-Digest_us-east-1_management-events_us-east-1_\d{{8}}T\d{{6}}Z\.json\.gz$",
        )
        keys = self.public_keys(here)
        seen, logs, key, successor = 0, set(), last, None
        while key:
            stored = s3.get_object(Bucket=bucket, Key=key)
            body = gzip.decompress(stored["Body"].read())
            told = json.loads(body)
            self.verify(keys, told, body, bucket, key, stored["Metadata"])
            if successor:
                self.assertEqual(successor["previousDigestHashValue"], hashlib.sha256(body).hexdigest())
                self.assertEqual(successor["previousDigestSignature"], stored["Metadata"]["signature"])
                self.assertEqual(successor["digestStartTime"], told["digestEndTime"])
            for log in told["logFiles"]:
                self.assertEqual(
                    hashlib.sha256(
                        gzip.decompress(s3.get_object(Bucket=log["s3Bucket"], Key=log["s3Object"])["Body"].read())
                    ).hexdigest(),
                    log["hashValue"],
                )
                logs.add(log["s3Object"])
            seen, key, successor = seen + 1, told["previousDigestS3Object"], told
        self.assertEqual(seen, 25)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"AWSLogs/{here.id}/CloudTrail/")
        self.assertEqual(logs, {entry["Key"] for page in pages for entry in page["Contents"]})

    def public_keys(self, here):
        start = datetime.now(timezone.utc) - timedelta(hours=25)
        listed = here.client("cloudtrail").list_public_keys(StartTime=start, EndTime=datetime.now(timezone.utc))[
            "PublicKeyList"
        ]
        return {one["Fingerprint"]: one["Value"] for one in listed}

    def verify(self, keys, told, body, bucket, key, metadata):
        self.assertEqual((told["digestS3Bucket"], told["digestS3Object"]), (bucket, key))
        self.assertEqual(metadata["signature-algorithm"], "SHA256withRSA")
        der = keys[told["digestPublicKeyFingerprint"]]
        self.assertEqual(hashlib.md5(der).hexdigest(), told["digestPublicKeyFingerprint"])
        sha256, before = hashlib.sha256(body).hexdigest(), told["previousDigestSignature"] or "null"
        signed = f"{told['digestEndTime']}\n{bucket}/{key}\n{sha256}\n{before}"
        public = load_der_public_key(der)
        public.verify(bytes.fromhex(metadata["signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        with self.assertRaises(InvalidSignature):
            public.verify(
                bytes.fromhex(metadata["signature"]), signed.encode() + b" ", padding.PKCS1v15(), hashes.SHA256()
            )

    def test_a_stop_breaks_the_chain(self):
        here = Here()
        trail = here.client("cloudtrail")
        trail.stop_logging(Name="management-events")
        trail.start_logging(Name="management-events")
        last = control("POST", "/_range/digest", {"account": here.id})["digests"][-1]
        body = here.client("s3").get_object(Bucket=here.buckets["trail"], Key=last)["Body"].read()
        self.assertIsNone(json.loads(gzip.decompress(body))["previousDigestSignature"])


class S3(RangeTest):
    def test_seeded_objects_show_the_key(self):
        here = Here()
        s3 = here.client("s3")
        versions = s3.list_object_versions(Bucket=here.buckets["exports"])["Versions"]
        self.assertEqual(len({one["Key"] for one in versions}), 12)
        self.assertEqual(len(versions), 24)
        for one in versions:
            head = s3.head_object(Bucket=here.buckets["exports"], Key=one["Key"], VersionId=one["VersionId"])
            self.assertEqual((head["ServerSideEncryption"], head["SSEKMSKeyId"]), ("aws:kms", here.key["arn"]))
        self.assertIn("STANDARD_IA", {one["StorageClass"] for one in versions})
        rule = s3.get_bucket_encryption(Bucket=here.buckets["uploads"])["ServerSideEncryptionConfiguration"]["Rules"][0]
        self.assertEqual(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], here.key["alias"])
        self.assertEqual(
            s3.head_object(Bucket=here.buckets["public"], Key="static/logo.svg")["ServerSideEncryption"], "AES256"
        )

    def test_writes_take_the_buckets_default(self):
        here = Here()
        s3 = here.assumed("customer-api", "s3")
        s3.put_object(Bucket=here.buckets["uploads"], Key="new", Body=b"x")
        self.assertEqual(s3.head_object(Bucket=here.buckets["uploads"], Key="new")["SSEKMSKeyId"], here.key["arn"])
        self.assertEqual(s3.get_object(Bucket=here.buckets["uploads"], Key="new")["Body"].read(), b"x")

    def test_objects_under_a_disabled_key(self):
        here = Here()
        here.client("kms").disable_key(KeyId=here.key["id"])
        s3 = here.assumed("customer-api", "s3")
        where = {"Bucket": here.buckets["uploads"], "Key": "uploads/id-document-0000.pdf"}
        self.refused("KMS.DisabledException", s3.get_object, **where)
        self.refused("KMS.DisabledException", s3.put_object, **where, Body=b"x")
        self.refused(
            "KMS.DisabledException",
            here.client("s3").copy_object,
            **where,
            CopySource=where,
            ServerSideEncryption="AES256",
        )
        s3.head_object(**where)
        here.client("kms").schedule_key_deletion(KeyId=here.key["id"])
        self.refused("KMS.KMSInvalidStateException", s3.get_object, **where)

    def test_update_object_encryption(self):
        here = Here()
        s3, kms = here.assumed("incident-responder", "s3"), here.client("kms")
        fresh = kms.create_key()["KeyMetadata"]["Arn"]
        for one in s3.list_object_versions(Bucket=here.buckets["exports"])["Versions"]:
            where = {"Bucket": here.buckets["exports"], "Key": one["Key"], "VersionId": one["VersionId"]}
            before = s3.head_object(**where)
            s3.update_object_encryption(**where, ObjectEncryption={"SSEKMS": {"KMSKeyArn": fresh}})
            after = s3.head_object(**where)
            self.assertEqual(after["SSEKMSKeyId"], fresh)
            for kept in ("ETag", "LastModified", "Metadata", "ContentType", "ContentLength"):
                self.assertEqual(before[kept], after[kept])
        self.assertEqual(len(s3.list_object_versions(Bucket=here.buckets["exports"])["Versions"]), 24)
        kms.disable_key(KeyId=here.key["id"])
        s3.get_object(Bucket=here.buckets["exports"], Key="exports/eu/customers-00000.csv")

    def test_update_object_encryption_refuses(self):
        here = Here()
        s3 = here.assumed("incident-responder", "s3")
        where = {"Bucket": here.buckets["uploads"], "Key": "uploads/id-document-0000.pdf"}

        def update(arn, where=where):
            return s3.update_object_encryption(**where, ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn}})

        other = here.told["other_key"]
        self.refused("InvalidRequest", update, other["id"] + "-long-enough-to-pass-the-client")
        self.refused("InvalidRequest", update, other["alias_arn"])
        self.refused("AccessDenied", update, other["arn"].replace(here.id, "999988887777"))
        self.refused("NoSuchKey", update, other["arn"], {**where, "Key": "none"})
        customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
        try:
            s3.put_object(Bucket=here.buckets["public"], Key="own-key", Body=b"x", **customer)
        except Exception as error:  # botocore sends such keys over TLS only
            self.assertIn("https", str(error).lower())
        here.client("kms").disable_key(KeyId=here.key["id"])
        self.refused("KMS.DisabledException", update, other["arn"])
        self.refused(
            "NotImplemented",
            Here(update_object_encryption=False).client("s3").update_object_encryption,
            Bucket="b",
            Key="k",
            ObjectEncryption={"SSEKMS": {"KMSKeyArn": other["arn"]}},
        )

    def test_update_object_encryption_respects_locks(self):
        here = Here()
        s3 = here.assumed("incident-responder", "s3")
        bucket = f"locked-{here.id}"
        s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        s3.put_object(
            Bucket=bucket,
            Key="k",
            Body=b"x",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=datetime.now(timezone.utc) + timedelta(days=1),
        )
        self.refused(
            "AccessDenied",
            s3.update_object_encryption,
            Bucket=bucket,
            Key="k",
            ObjectEncryption={"SSEKMS": {"KMSKeyArn": here.key["arn"]}},
        )

    def test_objects_in_parts(self):
        here = Here()
        s3, bucket = here.assumed("incident-responder", "s3"), here.buckets["exports"]
        source = {"Bucket": bucket, "Key": "exports/eu/customers-00000.csv"}
        fresh = here.told["other_key"]["arn"]
        upload = s3.create_multipart_upload(
            Bucket=bucket, Key="parts", Metadata={"a": "b"}, ServerSideEncryption="aws:kms", SSEKMSKeyId=fresh
        )["UploadId"]
        where = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
        part = s3.upload_part_copy(**where, PartNumber=1, CopySource=source)["CopyPartResult"]["ETag"]
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"ETag": part, "PartNumber": 1}]})
        head = s3.head_object(Bucket=bucket, Key="parts")
        self.assertEqual((head["SSEKMSKeyId"], head["Metadata"]), (fresh, {"a": "b"}))
        self.assertEqual(s3.get_object_acl(Bucket=bucket, Key="parts")["Grants"][0]["Permission"], "FULL_CONTROL")

    def test_a_checksum_that_does_not_fit_is_refused(self):
        here = Here()
        s3, bucket = here.client("s3"), here.buckets["public"]
        wrong = base64.b64encode(hashlib.sha256(b"y").digest()).decode()
        self.refused("BadDigest", s3.put_object, Bucket=bucket, Key="k", Body=b"x", ChecksumSHA256=wrong)

    def test_a_locked_object_in_parts_has_its_lock_and_the_checksum_of_its_parts(self):
        here = Here(vault=True)
        s3, bucket = here.client("s3"), here.told["vault"]
        until = datetime.now(timezone.utc) + timedelta(days=1)
        upload = s3.create_multipart_upload(
            Bucket=bucket,
            Key="k",
            ChecksumAlgorithm="SHA256",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=until,
        )["UploadId"]
        parts, digests = [], b""
        for number, body in enumerate((b"x" * (5 << 20), b"y"), 1):
            where = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": number}
            etag = s3.upload_part(**where, Body=body, ChecksumAlgorithm="SHA256")["ETag"]
            parts.append({"ETag": etag, "PartNumber": number})
            digests += hashlib.sha256(body).digest()
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
        head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        whole = base64.b64encode(hashlib.sha256(digests).digest()).decode()
        self.assertEqual((head["ChecksumSHA256"], head["ObjectLockMode"]), (f"{whole}-2", "COMPLIANCE"))
        [stored] = control("GET", f"/_range/objects?account={here.id}&bucket={bucket}")
        self.assertEqual((stored["bytes"], stored["lock_mode"]), ((5 << 20) + 1, "COMPLIANCE"))

    def test_copy_keeps_what_it_should(self):
        here = Here()
        s3, bucket, key = (
            here.assumed("incident-responder", "s3"),
            here.buckets["exports"],
            "exports/eu/customers-00006.csv",
        )
        before = s3.head_object(Bucket=bucket, Key=key)
        tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        s3.copy_object(
            Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key, "VersionId": before["VersionId"]},
            ServerSideEncryption="aws:kms", SSEKMSKeyId=here.told["other_key"]["arn"],
        )  # fmt: skip
        after = s3.head_object(Bucket=bucket, Key=key)
        self.assertEqual(after["SSEKMSKeyId"], here.told["other_key"]["arn"])
        self.assertEqual((after["Metadata"], after["ContentType"]), (before["Metadata"], "text/csv"))
        self.assertEqual(s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"], tags)
        self.assertTrue(tags)


class IamTests(RangeTest):
    def test_simulation(self):
        here = Here()
        iam = here.client("iam")

        def decision(user, action, resource="*"):
            source = here.told["users"].get(user, here.told["roles"].get(user))["arn"]
            told = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=[action], ResourceArns=[resource])
            return told["EvaluationResults"][0]

        self.assertEqual(decision("on-call-responder", "kms:DisableKey", here.key["arn"])["EvalDecision"], "allowed")
        self.assertEqual(decision("ci-deploy", "iam:CreateUser")["EvalDecision"], "implicitDeny")
        self.assertEqual(decision("etl-nightly", "kms:GenerateDataKeyWithoutPlaintext")["EvalDecision"], "allowed")
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": "s3:PutObject",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                },
            ],
        }
        iam.put_user_policy(UserName="ci-deploy", PolicyName="more", PolicyDocument=json.dumps(document))
        self.assertEqual(decision("ci-deploy", "kms:Decrypt")["EvalDecision"], "explicitDeny")
        self.assertEqual(decision("ci-deploy", "s3:PutObject")["MissingContextValues"], ["aws:MultiFactorAuthPresent"])
        self.refused(
            "NoSuchEntity",
            iam.simulate_principal_policy,
            PolicySourceArn=f"arn:aws:iam::{here.id}:user/none",
            ActionNames=["kms:Decrypt"],
        )

    def test_reads(self):
        here = Here()
        iam = here.client("iam")
        leaked = here.told["users"]["ci-deploy"]["leaked_access_key_id"]
        self.assertEqual(iam.get_access_key_last_used(AccessKeyId=leaked)["AccessKeyLastUsed"]["ServiceName"], "kms")
        here.client("s3", here.of("ci-deploy", 1)).list_buckets()
        self.assertEqual(iam.get_access_key_last_used(AccessKeyId=leaked)["AccessKeyLastUsed"]["ServiceName"], "s3")
        told = iam.get_account_authorization_details()
        self.assertEqual(
            {user["UserName"] for user in told["UserDetailList"]},
            {"on-call-responder", "ci-deploy", "former-contractor"},
        )
        self.assertEqual(iam.list_user_policies(UserName="ci-deploy")["PolicyNames"], ["deploy"])


class LastAccessed(RangeTest):
    """Shapes as in botocore's model of the API, which refuses what is not in it."""

    def report(self, here, arn, iam=None, **asked):
        iam = iam or here.client("iam")
        job = iam.generate_service_last_accessed_details(Arn=arn, **asked)["JobId"]
        self.assertEqual(len(job), 36)
        first = iam.get_service_last_accessed_details(JobId=job)
        self.assertEqual((first["JobStatus"], first["ServicesLastAccessed"]), ("IN_PROGRESS", []))
        told = iam.get_service_last_accessed_details(JobId=job)
        self.assertEqual((told["JobStatus"], told["IsTruncated"]), ("COMPLETED", False))
        self.assertGreaterEqual(told["JobCompletionDate"], told["JobCreationDate"])
        return {service["ServiceNamespace"]: service for service in told["ServicesLastAccessed"]}

    def test_what_each_one_tried(self):
        here = Here()
        now = datetime.now(timezone.utc)
        roles, users = here.told["roles"], here.told["users"]
        used = self.report(here, roles["etl-nightly"]["arn"])
        self.assertLess(now - used["kms"]["LastAuthenticated"], timedelta(days=1))
        self.assertEqual(used["kms"]["LastAuthenticatedEntity"], roles["etl-nightly"]["arn"])
        self.assertEqual(used["kms"]["TotalAuthenticatedEntities"], 1)
        self.assertNotIn("ec2", used, "its policies do not allow it")
        long_ago = self.report(here, users["former-contractor"]["arn"])["kms"]["LastAuthenticated"]
        self.assertEqual((now - long_ago).days, 190)
        never = self.report(here, roles["security-admin"]["arn"])
        self.assertNotIn("LastAuthenticated", never["kms"])
        self.assertEqual(never["kms"]["TotalAuthenticatedEntities"], 0)
        self.assertNotIn("TrackedActionsLastAccessed", never["kms"])

    def test_refused_attempts_count_and_actions_are_told_where_they_are_tracked(self):
        here = Here(attack=False)
        kms = here.client("kms", here.of("former-contractor"))
        self.refused("AccessDeniedException", kms.put_key_policy, KeyId=here.key["id"], Policy="{}", PolicyName="default")
        arn = here.told["users"]["former-contractor"]["arn"]
        told = self.report(here, arn, Granularity="ACTION_LEVEL")["kms"]
        tracked = {action["ActionName"]: action for action in told["TrackedActionsLastAccessed"]}
        self.assertEqual(tracked["PutKeyPolicy"]["LastAccessedEntity"], arn)
        self.assertEqual(tracked["PutKeyPolicy"]["LastAccessedTime"], told["LastAuthenticated"])
        self.assertNotIn("LastAccessedTime", tracked["CreateAlias"])
        self.assertNotIn("Decrypt", tracked)

    def test_pages(self):
        here = Here()
        iam = here.client("iam")
        job = iam.generate_service_last_accessed_details(Arn=here.told["roles"]["security-admin"]["arn"])["JobId"]
        iam.get_service_last_accessed_details(JobId=job)
        names, marker, pages = [], {}, 0
        while True:
            page = iam.get_service_last_accessed_details(JobId=job, MaxItems=3, **marker)
            names += [service["ServiceNamespace"] for service in page["ServicesLastAccessed"]]
            pages += 1
            if not page["IsTruncated"]:
                break
            marker = {"Marker": page["Marker"]}
        self.assertEqual((len(names), pages), (len(set(names)), -(-len(names) // 3)))
        self.assertEqual(names, sorted(names))
        self.assertIn("kms", names)

    def test_refusals(self):
        here = Here()
        iam = here.client("iam")
        generate, get = iam.generate_service_last_accessed_details, iam.get_service_last_accessed_details
        self.refused("NoSuchEntity", generate, Arn=f"arn:aws:iam::{here.id}:user/none-of-that-name")
        self.refused("InvalidInput", generate, Arn="none-that-anybody-would-call-an-arn")
        self.refused("NoSuchEntity", get, JobId="0" * 36)
        job = generate(Arn=here.told["roles"]["etl-nightly"]["arn"])["JobId"]
        other = here.assumed("incident-responder", "iam")
        self.refused("NoSuchEntity", other.get_service_last_accessed_details, JobId=job)
        here.fault(kind="access_denied", service="iam", operation="GenerateServiceLastAccessedDetails")
        self.refused("AccessDenied", generate, Arn=here.told["roles"]["etl-nightly"]["arn"])

    def test_roles_and_credentials_tell_their_last_use(self):
        here = Here()
        iam = here.client("iam")
        roles = {role["RoleName"]: role for role in iam.get_account_authorization_details()["RoleDetailList"]}
        self.assertEqual(roles["customer-api"]["RoleLastUsed"]["Region"], "us-east-1")
        self.assertNotIn("LastUsedDate", roles["security-admin"].get("RoleLastUsed", {}))
        iam.generate_credential_report()
        told = iam.get_credential_report()
        self.assertEqual(told["ReportFormat"], "text/csv")
        names, *rows = [line.split(",") for line in told["Content"].decode().splitlines()]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
        self.assertEqual(rows["<root_account>"]["password_last_used"], "no_information")
        contractor = rows["former-contractor"]
        self.assertEqual(contractor["access_key_1_last_used_service"], "kms")
        self.assertEqual((contractor["password_last_used"], contractor["access_key_2_last_used_date"]), ("N/A", "N/A"))


class Faults(RangeTest):
    def test_throttling(self):
        here = Here()
        here.fault(kind="throttle", service="kms", operation="DescribeKey", skip=1, times=2)
        kms = here.client("kms")
        kms.describe_key(KeyId=here.key["id"])
        self.refused("ThrottlingException", kms.describe_key, KeyId=here.key["id"])
        self.refused("ThrottlingException", kms.describe_key, KeyId=here.key["id"])
        kms.describe_key(KeyId=here.key["id"])
        here.fault(kind="throttle", times=-1)
        self.refused("SlowDown", here.client("s3").list_buckets)
        self.refused("Throttling", here.client("iam").list_users)
        control("DELETE", f"/_range/faults?account={here.id}")
        here.client("iam").list_users()

    def test_sdk_retries_are_seen(self):
        here = Here()
        here.fault(kind="server_error", operation="DescribeKey")
        patient = boto3.client(
            "kms", endpoint_url=listener.url, region_name="us-east-1", aws_access_key_id=here.told["access_key_id"],
            aws_secret_access_key=here.told["secret_access_key"], 
            config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
        )  # fmt: skip
        patient.describe_key(KeyId=here.key["id"])
        calls = here.calls("DescribeKey")
        self.assertEqual([(call["attempt"], call["status"]) for call in calls], [(1, 500), (2, 200)])
        self.assertEqual(calls[0]["error_code"], "KMSInternalException")

    def test_errors(self):
        here = Here()
        kms = here.client("kms")
        here.fault(kind="access_denied", operation="DisableKey")
        self.refused("AccessDeniedException", kms.disable_key, KeyId=here.key["id"])
        self.assertEqual(here.events("DisableKey")[0]["errorCode"], "AccessDenied")
        here.fault(kind="expired_token", service="sts")
        self.refused("ExpiredToken", here.client("sts").get_caller_identity)
        here.fault(kind="server_error", operation="DisableKey", status=503, after_effect=True)
        self.refused("ServiceUnavailableException", kms.disable_key, KeyId=here.key["id"])
        self.assertEqual(kms.describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"], "Disabled")

    def test_timeouts_and_resets(self):
        here = Here()
        hasty = here.client("kms", read_timeout=0.4)
        here.fault(kind="timeout", operation="DisableKey", seconds=1, after_effect=True)
        with self.assertRaises(ReadTimeoutError):
            hasty.disable_key(KeyId=here.key["id"])
        self.assertEqual(here.client("kms").describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"], "Disabled")
        here.fault(kind="timeout", operation="EnableKey", seconds=1)
        with self.assertRaises(ReadTimeoutError):
            hasty.enable_key(KeyId=here.key["id"])
        self.assertEqual(here.client("kms").describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"], "Disabled")
        here.fault(kind="reset", operation="DescribeKey")
        with self.assertRaises(Exception) as caught:
            here.client("kms").describe_key(KeyId=here.key["id"])
        self.assertNotIsInstance(caught.exception, ClientError)
        self.assertIsInstance(caught.exception, (ConnectionClosedError, Exception))
        self.refused_control(400, "POST", "/_range/faults", {"account": here.id, "kind": "gremlin"})

    def test_bodies_that_are_cut_short_and_calls_that_name_something(self):
        here = Here()
        s3, bucket = here.client("s3"), here.buckets["trail"]
        s3.put_object(Bucket=bucket, Key="west/a", Body=b"0123456789")
        s3.put_object(Bucket=bucket, Key="east/a", Body=b"0123456789")
        here.fault(kind="short", operation="GetObject", naming="west/")
        here.fault(kind="clipped", operation="GetObject", naming="west/")
        here.fault(kind="access_denied", operation="ListObjectsV2", naming="west/", times=-1)
        self.assertEqual(s3.get_object(Bucket=bucket, Key="east/a")["Body"].read(), b"0123456789")
        answer = s3.get_object(Bucket=bucket, Key="west/a")
        self.assertEqual(answer["ContentLength"], 10)
        with self.assertRaises(ResponseStreamingError):
            answer["Body"].read()
        self.assertEqual(s3.get_object(Bucket=bucket, Key="west/a")["ContentLength"], 5)
        self.refused("AccessDenied", s3.list_objects_v2, Bucket=bucket, Prefix="west/")
        s3.list_objects_v2(Bucket=bucket, Prefix="east/")

    def test_a_stale_answer_is_the_one_before(self):
        here = Here()
        kms = here.client("kms")
        state = lambda: kms.describe_key(KeyId=here.key["id"])["KeyMetadata"]["KeyState"]  # noqa: E731
        self.assertEqual(state(), "Enabled")
        kms.disable_key(KeyId=here.key["id"])
        here.fault(kind="stale", operation="DescribeKey", times=2)
        self.assertEqual([state(), state(), state()], ["Enabled", "Enabled", "Disabled"])
        self.refused("NotFoundException", kms.get_key_policy, KeyId="0" * 8 + "-0000-0000-0000-" + "0" * 12)

    def refused_control(self, status, *asked):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            control(*asked)
        self.assertEqual(caught.exception.code, status)
        caught.exception.close()


class Records(RangeTest):
    def test_calls(self):
        here = Here()
        here.client("kms").list_grants(KeyId=here.key["id"], Limit=5)
        here.client("iam").list_access_keys(UserName="ci-deploy")
        here.client("s3").put_object(Bucket=here.buckets["public"], Key="a b", Body=b"xyz", StorageClass="STANDARD_IA")
        kms, iam, s3 = here.calls()
        self.assertEqual(
            (kms["service"], kms["operation"], kms["params"]),
            ("kms", "ListGrants", {"KeyId": here.key["id"], "Limit": 5}),
        )
        self.assertEqual((iam["service"], iam["params"]), ("iam", {"UserName": "ci-deploy"}))
        self.assertEqual(
            (s3["operation"], s3["params"]["bucket"], s3["params"]["key"]), ("PutObject", here.buckets["public"], "a b")
        )
        self.assertEqual(s3["params"]["headers"]["x-amz-storage-class"], "STANDARD_IA")
        self.assertEqual([call["seq"] for call in here.calls()], [1, 2, 3])
        self.assertEqual({call["status"] for call in here.calls()}, {200})
        control("DELETE", f"/_range/calls?account={here.id}")
        self.assertEqual(here.calls(), [])

    def test_headers_and_clock(self):
        here = Here(clock_offset_seconds=-7200)
        told = here.client("kms").describe_key(KeyId=here.key["id"])["ResponseMetadata"]
        self.assertEqual(told["RequestId"], here.calls()[0]["request_id"])
        date = datetime.strptime(told["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=timezone.utc)
        self.assertAlmostEqual(date, datetime.now(timezone.utc) - timedelta(hours=2), delta=timedelta(seconds=5))
        self.assertTrue(here.client("s3").list_buckets()["ResponseMetadata"]["RequestId"])

    def test_connections_are_kept_and_answers_are_quick(self):
        here = Here()
        kms = here.client("kms")
        kms.describe_key(KeyId=here.key["id"])
        raw = http.client.HTTPConnection("127.0.0.1", listener.server_address[1])
        for _ in range(2):
            raw.request("GET", "/_range/health")
            answer = raw.getresponse()
            self.assertEqual((answer.status, json.loads(answer.read())["status"], answer.version), (200, "ok", 11))
        raw.close()


class Verbs(unittest.TestCase):
    def test_run(self):
        code = (
            "import os, sys, urllib.request as u\n"
            "u.urlopen(os.environ['PLAYBOOK_RANGE'] + '/_range/health').read()\n"
            "sys.exit(1 if 'AWS_SESSION_TOKEN' in os.environ else 7)"
        )
        self.assertEqual(subprocess.call([str(SCRIPT), "run", "--", "python3", "-c", code]), 7)

    def test_serve_dies_with_its_parent(self):
        with TemporaryDirectory() as folder:
            ready = Path(folder) / "ready.json"
            parent = subprocess.Popen(["sleep", "60"])
            served = subprocess.Popen([str(SCRIPT), "serve", "--ready", str(ready), "--parent", str(parent.pid)])
            self.addCleanup(served.kill)
            until = time.monotonic() + 30
            while not ready.exists() and time.monotonic() < until:
                time.sleep(0.02)
            told = json.loads(ready.read_text())
            self.assertEqual(told["pid"], served.pid)
            self.assertTrue(told["url"].startswith("http://127.0.0.1:"))
            parent.kill()
            parent.wait()
            self.assertEqual(served.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
