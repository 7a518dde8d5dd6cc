"""A CloudTrail record, in the shape of the record contents reference."""

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree

from ..kms import usage
from ..kms.keys import CRYPTOGRAPHIC
from ..s3.operations import is_data_event
from ..times import stamp

READS = re.compile(
    r"(Get|List|Describe|Lookup|Head|Simulate|Batch|Search|Select|Generate(Credential|Service|Organizations))"
)
READ_ONLY_KMS = CRYPTOGRAPHIC | {"GenerateRandom"}
# Never in a record: "for security reasons, some fields are omitted from AWS KMS log entries", and likewise elsewhere.
OMITTED = {
    "Plaintext", "CiphertextBlob", "Message", "Mac", "Signature", "GrantTokens", "GrantToken", "EncryptedKeyMaterial",
    "ImportToken", "SecretString", "SecretBinary", "Password", "MasterUserPassword", "OldPassword", "NewPassword",
    "SecretAccessKey", "SessionToken", "Item", "Value",
}  # fmt: skip
SPELLED = {"AccessDeniedException": "AccessDenied", "UnauthorizedOperation": "Client.UnauthorizedOperation"}
GLOBAL_SERVICES = {"iam"}
DESTINATIONS = {"ReEncrypt": "destinationKeyId", "UpdateAlias": "targetKeyId", "CreateAlias": "targetKeyId"}


@dataclass
class Event:
    at: datetime
    number: int
    record: dict
    # What LookupEvents tells and filters by: (type, name) pairs.
    resources: list
    # The ARNs of the trails that were logging when it happened, and of those that delivered it.
    logged: set = field(default_factory=set)
    delivered: set = field(default_factory=set)

    @property
    def region(self):
        return self.record["awsRegion"]

    @property
    def is_management(self):
        return self.record["managementEvent"]


def record_of(account, caller, call, at, answer=None, touched=(), request_id=None, error=None, result=None):
    """The record of a call that passed through, or that the history tells of."""
    region = "us-east-1" if call.service in GLOBAL_SERVICES else call.region
    data = call.service == "s3" and is_data_event(call.operation)
    read_only = is_read_only(call)
    record = {
        "eventVersion": "1.11",
        "userIdentity": caller.user_identity(),
        "eventTime": stamp(at),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.user_agent,
    }
    if error:
        record["errorCode"] = SPELLED.get(error.code, error.code)
        record["errorMessage"] = error.message
    record["requestParameters"] = request_parameters(call)
    record["responseElements"] = None if error or read_only else response_elements(call, answer, touched, result)
    record["requestID"] = request_id or str(uuid.uuid4())
    record["eventID"] = str(uuid.uuid4())
    record["readOnly"] = read_only
    resources = resources_of(account, call, touched)
    if resources:
        record["resources"] = resources
    record.update(
        eventType="AwsApiCall",
        managementEvent=not data,
        recipientAccountId=account.id,
        eventCategory="Data" if data else "Management",
        tlsDetails={
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{call.service}.{call.region}.amazonaws.com",
        },
    )
    return record


def mark_internal(record):
    """Turns the record into one of a call that an AWS service made in the caller's name."""
    record["userIdentity"]["invokedBy"] = "AWS Internal"
    record["sourceIPAddress"] = record["userAgent"] = "AWS Internal"
    del record["tlsDetails"]


def is_read_only(call):
    if call.service == "kms" and call.operation in READ_ONLY_KMS:
        return True
    if call.service == "sts":
        return True
    return READS.match(call.operation) is not None


def request_parameters(call):
    if call.service == "s3":
        return s3_parameters(call)
    told = lowered({name: value for name, value in call.params.items() if name not in OMITTED})
    if call.service == "kms" and call.operation in ("Encrypt", "Decrypt"):
        told.setdefault("encryptionAlgorithm", "SYMMETRIC_DEFAULT")
    return told or None


def s3_parameters(call):
    told = {"bucketName": call.bucket, "key": call.key, "Host": f"s3.{call.region}.amazonaws.com", **call.query}
    for name, value in call.params.get("headers", {}).items():
        if name.startswith("x-amz-") and "checksum" not in name:
            told[name] = value
    return {name: value for name, value in told.items() if value is not None}


def response_elements(call, answer, touched, result):
    """Only writes have them; secrets are taken out."""
    if result is None and answer is not None and answer.body:
        result = parsed(call, answer)
    result = lowered({name: value for name, value in (result or {}).items() if name not in OMITTED})
    if call.service == "kms" and touched and not call.operation.endswith("Alias"):
        result.setdefault("keyId", touched[0])
    return result or None


def parsed(call, answer):
    try:
        if call.protocol == "json":
            return json.loads(answer.body) or {}
        if call.protocol == "query":
            return result_element(ElementTree.fromstring(answer.body)) or {}
    except (ValueError, ElementTree.ParseError):
        pass
    return {}


def result_element(root):
    found = next((child for child in root if child.tag.endswith("Result")), None)
    return None if found is None else dictionary(found)


def dictionary(element):
    children = list(element)
    if not children:
        return element.text
    names = [child.tag.rpartition("}")[2] for child in children]
    if set(names) == {"member"}:
        return [dictionary(child) for child in children]
    return {name: dictionary(child) for name, child in zip(names, children) if name not in OMITTED}


def lowered(value):
    """AWS writes the members of an event in lower camel case; the keys of an encryption context stay as they are."""
    if isinstance(value, dict):
        return {
            name[:1].lower() + name[1:]: inner if name in ("EncryptionContext", "Constraints") else lowered(inner)
            for name, inner in value.items()
            if name not in OMITTED
        }
    if isinstance(value, list):
        return [lowered(one) for one in value]
    return value


def resources_of(account, call, touched):
    if call.service == "kms":
        return [
            {
                "accountId": arn.split(":")[4],
                "type": "AWS::KMS::Alias" if ":alias/" in arn else "AWS::KMS::Key",
                "ARN": arn,
            }
            for arn in touched
        ]
    if call.service == "sts" and call.params.get("RoleArn"):
        return [
            {"accountId": call.params["RoleArn"].split(":")[4], "type": "AWS::IAM::Role", "ARN": call.params["RoleArn"]}
        ]
    if call.service == "s3" and call.bucket:
        told = [{"accountId": account.id, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{call.bucket}"}]
        if call.key:
            told.insert(0, {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{call.bucket}/{call.key}"})
        return told
    return []


NAMED_BY = {
    "UserName": "AWS::IAM::User",
    "RoleName": "AWS::IAM::Role",
    "GroupName": "AWS::IAM::Group",
    "PolicyName": "AWS::IAM::Policy",
    "PolicyArn": "AWS::IAM::Policy",
    "AccessKeyId": "AWS::IAM::AccessKey",
    "SecretId": "AWS::SecretsManager::Secret",
    "TrailName": "AWS::CloudTrail::Trail",
    "DBInstanceIdentifier": "AWS::RDS::DBInstance",
    "VolumeId": "AWS::EC2::Volume",
    "TableName": "AWS::DynamoDB::Table",
}


def lookup_resources(call, record):
    """The names under which LookupEvents finds the event: as they appear in it, and in no other form."""
    found = [
        (one["type"], one["ARN"].removeprefix("arn:aws:s3:::") if one["type"] == "AWS::S3::Bucket" else one["ARN"])
        for one in record.get("resources", [])
    ]
    if call.service == "kms":
        named = (call.params.get(name) for name in ("KeyId", "TargetKeyId", "DestinationKeyId"))
        found += [
            ("AWS::KMS::Key", name)
            for name in named
            if name and not name.startswith("alias/") and ":alias/" not in name
        ]
        aliases = (call.params.get(name) for name in ("AliasName", "KeyId"))
        found += [
            ("AWS::KMS::Alias", name) for name in aliases if name and (name.startswith("alias/") or ":alias/" in name)
        ]
    else:
        found += [
            (kind, call.params[name]) for name, kind in NAMED_BY.items() if isinstance(call.params.get(name), str)
        ]
    return list(dict.fromkeys(found))


def remember(account, call, record, at, touched, logged):
    """Keeps the event, and what it says of the use of keys."""
    event = Event(at, next(account.sequence), record, lookup_resources(call, record), logged)
    account.events.append(event)
    if call.service == "kms" and call.operation in CRYPTOGRAPHIC and "errorCode" not in record:
        for arn in touched:
            usage.note(account, arn, usage.Use(call.operation, at, record["eventID"], record["requestID"]))
    return event
