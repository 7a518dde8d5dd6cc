"""Who makes a call: an IAM user or an assumed role, known by an access key."""

import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from moto.iam.models import iam_backends

from .refusal import Refusal
from .times import compact, stamp

ALPHABET = string.ascii_uppercase + "234567"


@dataclass
class Caller:
    account_id: str
    kind: str
    name: str
    arn: str
    principal_id: str
    access_key_id: str
    role_arn: str | None = None
    role_id: str | None = None
    role_name: str | None = None
    issued_at: datetime | None = None

    @property
    def principal_arn(self):
        """What `aws:PrincipalArn` is: the role, not the session."""
        return self.role_arn or self.arn

    @property
    def root(self):
        return f"arn:aws:iam::{self.account_id}:root"

    @property
    def names(self):
        """The ARNs by which a policy's Principal may name the caller."""
        return {self.arn, self.principal_arn}

    def user_identity(self):
        """The `userIdentity` of a CloudTrail event."""
        told = {
            "type": self.kind,
            "principalId": self.principal_id,
            "arn": self.arn,
            "accountId": self.account_id,
            "accessKeyId": self.access_key_id,
        }
        if self.kind == "IAMUser":
            told["userName"] = self.name
        if self.role_arn:
            told["sessionContext"] = {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": self.role_id,
                    "arn": self.role_arn,
                    "accountId": self.account_id,
                    "userName": self.role_name,
                },
                "attributes": {"creationDate": stamp(self.issued_at), "mfaAuthenticated": "false"},
            }
        return told

    def context(self, source_ip, now):
        """The condition keys that every request of this caller carries."""
        keys = {
            "aws:PrincipalArn": self.principal_arn,
            "aws:PrincipalAccount": self.account_id,
            "aws:PrincipalType": "User" if self.kind == "IAMUser" else "AssumedRole",
            "aws:userid": self.principal_id,
            "aws:SourceIp": source_ip,
            "aws:CurrentTime": stamp(now),
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            "kms:CallerAccount": self.account_id,
        }
        if self.kind == "IAMUser":
            keys["aws:username"] = self.name
        if self.issued_at:
            keys["aws:TokenIssueTime"] = stamp(self.issued_at)
        return keys


@dataclass
class Session:
    caller: Caller
    secret_access_key: str
    token: str
    expires: datetime


def new_access_key_id(prefix):
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(16))


def new_secret():
    return secrets.token_urlsafe(30)


def iam_of(account_id):
    return iam_backends[account_id]["aws"]


def user_caller(user, access_key_id):
    return Caller(user.account_id, "IAMUser", user.name, user.arn, user.id, access_key_id)


def role_caller(role, session_name, access_key_id, issued_at):
    account_id = role.arn.split(":")[4]
    return Caller(
        account_id,
        "AssumedRole",
        session_name,
        f"arn:aws:sts::{account_id}:assumed-role/{role.name}/{session_name}",
        f"{role.id}:{session_name}",
        access_key_id,
        role.arn,
        role.id,
        role.name,
        issued_at,
    )


def identify(account, call):
    """The caller behind the access key; refuses keys that AWS would refuse."""
    check_clock(account, call)
    session = account.sessions.get(call.access_key_id)
    if session:
        check_session(account, call, session)
        return session.caller
    for user in iam_of(account.id).users.values():
        for key in user.access_keys:
            if key.access_key_id == call.access_key_id:
                if key.status != "Active":
                    raise unknown_key(call)
                return user_caller(user, key.access_key_id)
    raise unknown_key(call)


def check_clock(account, call):
    """Where the account is strict: a request whose time stamp is too far from AWS' clock is refused, as each service
    says it (IAM user guide, "Elements of an AWS API request signature"; S3 API reference, "Error responses")."""
    stamped = call.headers.get("x-amz-date")
    if not account.options.get("strict_clock") or not stamped:
        return
    signed = datetime.strptime(stamped, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    apart = signed - account.now()
    tolerated = timedelta(minutes=15 if call.protocol == "s3" else 5)
    if abs(apart) <= tolerated:
        return
    if call.protocol == "s3":
        raise Refusal(
            "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403
        )
    side = "is now earlier than" if apart < timedelta() else "is still later than"
    edge = compact(account.now() - tolerated if apart < timedelta() else account.now() + tolerated)
    said = "Signature expired" if apart < timedelta() else "Signature not yet current"
    code, status = ("InvalidSignatureException", 400) if call.protocol == "json" else ("SignatureDoesNotMatch", 403)
    raise Refusal(code, f"{said}: {stamped} {side} {edge} ({compact(account.now())} +/- 5 min.)", status)


def check_session(account, call, session):
    token = call.headers.get("x-amz-security-token") or call.query.get("X-Amz-Security-Token")
    if token != session.token:
        raise unknown_key(call)
    if session.expires <= account.now():
        raise expired(call)


def unknown_key(call):
    if call.protocol == "s3":
        return Refusal("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    code = "UnrecognizedClientException" if call.protocol == "json" else "InvalidClientTokenId"
    return Refusal(
        code, "The security token included in the request is invalid.", 403 if call.protocol == "query" else 400
    )


def expired(call):
    if call.protocol == "s3":
        return Refusal("ExpiredToken", "The provided token has expired.", 400)
    code = "ExpiredTokenException" if call.protocol == "json" else "ExpiredToken"
    return Refusal(
        code, "The security token included in the request is expired", 403 if call.protocol == "query" else 400
    )


def open_session(account, caller, seconds):
    """Temporary credentials for a caller, remembered by their account."""
    session = Session(caller, new_secret(), secrets.token_urlsafe(120), account.now() + timedelta(seconds=seconds))
    account.sessions[caller.access_key_id] = session
    return session


def identity_policies(caller):
    """The documents of the caller's identity policies: inline, attached, and of the user's groups."""
    iam = iam_of(caller.account_id)
    if caller.role_arn:
        holders = [role for role in iam.roles.values() if role.arn == caller.role_arn]
    else:
        user = iam.users.get(caller.name)
        holders = [user, *iam.get_groups_for_user(caller.name)] if user else []
    return [text for holder in holders for text in documents(holder)]


def documents(holder):
    yield from holder.policies.values()
    for policy in holder.managed_policies.values():
        yield next(version.document for version in policy.versions if version.is_default)
