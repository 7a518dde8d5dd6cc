"""STS: who am I, and becoming someone else."""

import json
from urllib.parse import unquote

from . import policy
from .callers import iam_of, new_access_key_id, open_session, role_caller
from .moto_door import pass_on
from .query import written
from .refusal import Refusal
from .times import stamp


class Sts:
    def __init__(self, accounts):
        self.accounts = accounts

    def perform(self, account, caller, call, _touched):
        act = {
            "GetCallerIdentity": self.get_caller_identity,
            "AssumeRole": self.assume_role,
            "GetSessionToken": self.get_session_token,
        }.get(call.operation)
        return act(account, caller, call) if act else pass_on(account, call)

    def get_caller_identity(self, _account, caller, call):
        return written(call, {"Arn": caller.arn, "UserId": caller.principal_id, "Account": caller.account_id})

    def assume_role(self, account, caller, call):
        arn = call.params.get("RoleArn", "")
        name = call.params.get("RoleSessionName", "")
        seconds = int(call.params.get("DurationSeconds", 3600))
        if not name or not 900 <= seconds <= 43200:
            raise Refusal(
                "ValidationError", "1 validation error detected: roleSessionName or durationSeconds is not valid", 400
            )
        owner = self.accounts.by_id.get(arn.split(":")[4] if arn.count(":") >= 5 else "")
        role = next((one for one in iam_of(owner.id).roles.values() if one.arn == arn), None) if owner else None
        if role is None or not trusts(role, caller):
            raise Refusal(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                403,
            )
        assumed = role_caller(role, name, new_access_key_id("ASIA"), account.now())
        session = self.remember(owner, assumed, seconds)
        told = {
            "AssumedRoleUser": {"AssumedRoleId": assumed.principal_id, "Arn": assumed.arn},
            "Credentials": credentials(session),
        }
        return written(call, told)

    def get_session_token(self, account, caller, call):
        seconds = int(call.params.get("DurationSeconds", 43200))
        again = type(caller)(**{**vars(caller), "access_key_id": new_access_key_id("ASIA"), "issued_at": account.now()})
        return written(call, {"Credentials": credentials(self.remember(account, again, seconds))})

    def remember(self, account, caller, seconds):
        session = open_session(account, caller, seconds)
        self.accounts.learn_key(caller.access_key_id, account)
        return session


def trusts(role, caller):
    """Whether the role's trust policy names the caller, or the caller's account."""
    document = role.assume_role_policy_document
    text = document if isinstance(document, str) else json.dumps(document)
    if text.startswith("%7B"):
        text = unquote(text)
    verdict, _ = policy.decide([text], "sts:AssumeRole", "*", {"aws:PrincipalArn": caller.principal_arn}, caller)
    return verdict == policy.ALLOWED


def credentials(session):
    return {
        "AccessKeyId": session.caller.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.token,
        "Expiration": stamp(session.expires),
    }
