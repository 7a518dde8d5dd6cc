"""One AWS request, read into what it asks for, and the answer to it."""

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from .s3.operations import operation_name

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
JSON_SERVICES = {"kms", "cloudtrail", "secretsmanager", "ssm", "dynamodb", "logs", "events", "organizations", "sso"}
QUERY_SERVICES = {"iam", "sts", "rds", "ec2", "cloudformation", "sns", "sqs", "autoscaling"}


@dataclass
class Answer:
    status: int
    headers: list = field(default_factory=list)
    body: bytes = b""
    # "before": the connection ends without a byte; "within": in the middle of the answer; "short": in good order,
    # before all that was announced has come.
    cut: str | None = None
    # What went wrong, for the records; None for a success.
    error: object = None

    @property
    def reason(self):
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"

    def header(self, name):
        return next((value for had, value in self.headers if had.lower() == name.lower()), None)


@dataclass
class Call:
    method: str
    target: str
    headers: dict
    body: bytes
    source_ip: str
    service: str
    region: str
    operation: str
    access_key_id: str | None
    params: dict
    query: dict
    bucket: str | None = None
    key: str | None = None

    @property
    def protocol(self):
        if self.service == "s3":
            return "s3"
        return "query" if self.service in QUERY_SERVICES else "json"

    @property
    def user_agent(self):
        return self.headers.get("user-agent", "")

    @property
    def attempt(self):
        """Which attempt the SDK says that this is, counted from 1; None when it does not say."""
        found = re.search(r"attempt=(\d+)", self.headers.get("amz-sdk-request", ""))
        return int(found[1]) if found else None


def read_call(method, target, headers, body, source_ip):
    headers = {name.lower(): value for name, value in headers.items()}
    split = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
    access_key_id, region, service = credential(headers, query)
    call = Call(method, target, headers, body, source_ip, service, region, "", access_key_id, {}, query)
    if "x-amz-target" in headers:
        call.operation = headers["x-amz-target"].rpartition(".")[2]
        call.params = json.loads(body or b"{}")
    elif service in QUERY_SERVICES:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True)) or dict(query)
        call.operation = fields.pop("Action", "")
        fields.pop("Version", None)
        call.params = nest(fields)
    elif service == "s3":
        read_s3(call, split.path)
    return call


def credential(headers, query):
    found = CREDENTIAL.search(headers.get("authorization", "")) or CREDENTIAL.search(
        "Credential=" + query.get("X-Amz-Credential", "")
    )
    if found:
        return found[1], found[2], found[3].lower()
    return None, "us-east-1", "s3"


def read_s3(call, path):
    bucket, _, key = unquote(path.lstrip("/")).partition("/")
    call.bucket, call.key = bucket or None, key or None
    call.operation = operation_name(call.method, call.bucket, call.key, call.query, call.headers)
    call.params = s3_params(call)


def s3_params(call):
    """What a test wants to see of an S3 request; bodies of objects are told by their length."""
    told = {"bucket": call.bucket, "key": call.key, "versionId": call.query.get("versionId"), "query": call.query}
    told["headers"] = {
        name: value
        for name, value in call.headers.items()
        if name.startswith("x-amz-")
        and not name.startswith(("x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-user-agent"))
        or name in ("if-match", "if-none-match", "range", "content-type", "content-md5", "expect")
    }
    if call.operation in ("PutObject", "UploadPart"):
        told["body_length"] = len(call.body)
    elif call.body:
        told["body"] = call.body.decode("utf-8", "replace")
    return {name: value for name, value in told.items() if value not in (None, {})}


def nest(fields):
    """`Tags.member.1.Key=a` becomes `{"Tags": [{"Key": "a"}]}`."""
    tree = {}
    for name, value in fields.items():
        parts = [part for part in name.split(".") if part not in ("member", "entry")]
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
        branch[parts[-1]] = value
    return listed(tree)


def listed(tree):
    if not isinstance(tree, dict):
        return tree
    if tree and all(name.isdigit() for name in tree):
        return [listed(tree[name]) for name in sorted(tree, key=int)]
    return {name: listed(value) for name, value in tree.items()}
