"""The way of a call: identified, perhaps struck by a fault, permitted, performed, written down."""

import json
import secrets
import sys
import time
import traceback
import uuid
from email.utils import format_datetime

from . import callers, outage, policy, times
from .call import Answer
from .iam import Iam
from .kms import perform as perform_kms
from .moto_door import pass_on
from .refusal import Refusal, render
from .s3.operations import is_data_event, permission
from .s3.perform import perform as perform_s3
from .sts import Sts
from .trail import event as trail_event
from .trail import perform as perform_trail
from .trail import stopped_by
from .trail.delivery import logging_trails


class Gate:
    def __init__(self, accounts):
        self.accounts = accounts
        self.desks = {
            "kms": perform_kms,
            "s3": perform_s3,
            "cloudtrail": perform_trail,
            "iam": Iam(accounts).perform,
            "sts": Sts(accounts).perform,
        }

    def answer(self, call):
        """Never without an answer: a fault of the range itself is told as AWS tells its own, and on stderr."""
        request_id = new_request_id(call)
        try:
            return self.passed(call, request_id)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            refusal = Refusal("InternalFailure", f"The range failed: {error!r}", 500)
            return finished(call, None, render(call, refusal, request_id), request_id)

    def passed(self, call, request_id):
        account = self.accounts.of_key(call.access_key_id)
        if account is None:
            return finished(call, None, render(call, stranger(call), request_id), request_id)
        with account.lock:
            entry = noted(account, call, request_id)
        try:
            caller = callers.identify(account, call)
        except Refusal as refusal:
            entry.update(status=refusal.status, error_code=refusal.code)
            return finished(call, account, render(call, refusal, request_id), request_id)
        entry["principal_arn"] = caller.arn
        with account.lock:
            fault = account.faults.take(call)
        answer = (
            self.struck(account, caller, call, request_id, fault)
            if fault
            else self.served(account, caller, call, request_id)
        )
        entry.update(
            status=None if answer.cut else answer.status,
            error_code=answer.error.code if answer.error else error_code(answer),
        )
        if fault:
            entry["fault"] = fault.kind
        return finished(call, account, answer, request_id)

    def served(self, account, caller, call, request_id):
        """Performs the call and records its event. Calls of one account happen one after the other."""
        account.furnish(call.service)
        with account.lock:
            touched = []
            try:
                check_identity_denies(account, caller, call)
                answer = self.performed(account, caller, call, touched)
            except Refusal as refusal:
                answer = render(call, refusal, request_id)
            record(account, caller, call, answer, touched, request_id)
            if reads(call):
                account.answered[question(call)] = (answer.status, list(answer.headers), answer.body, answer.error)
            return answer

    def performed(self, account, caller, call, touched):
        desk = self.desks.get(call.service)
        result = desk(account, caller, call, touched) if desk else pass_on(account, call)
        if isinstance(result, dict):
            return Answer(
                200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(result).encode() if result else b"{}"
            )
        return result

    def struck(self, account, caller, call, request_id, fault):
        """A call that meets a fault. It takes place only where the fault comes after the effect."""
        answer = self.served(account, caller, call, request_id) if fault.after_effect else None
        refusal = outage.refusal_of(fault, call, caller)
        if refusal:
            broken = render(call, refusal, request_id)
            if fault.kind == "access_denied" and not fault.after_effect:
                with account.lock:
                    record(account, caller, call, broken, [], request_id)
            return broken
        if fault.kind == "stale":
            with account.lock:
                earlier = account.answered.get(question(call))
            if earlier:
                status, headers, body, error = earlier
                return Answer(status, list(headers), body, error=error)
            return self.served(account, caller, call, request_id)
        if fault.kind in ("short", "clipped"):
            answer = answer or self.served(account, caller, call, request_id)
            return outage.curtailed(answer, fault.kind)
        if fault.kind == "timeout":
            time.sleep(fault.seconds)
            return answer or Answer(500, cut="before")
        answer = answer or Answer(200, [("Content-Type", "application/x-amz-json-1.1")], b'{"KeyMetadata":{"AWSAcc')
        answer.cut = "within"
        return answer


def reads(call):
    """A reading whose answer may be behind the writes before it. Objects in S3 never are."""
    return call.operation.startswith(("Describe", "Get", "List")) and not (call.service == "s3" and call.key)


def question(call):
    return (call.service, call.region, call.operation, call.bucket, json.dumps(call.params, sort_keys=True))


def stranger(call):
    if call.access_key_id is None and call.protocol == "s3":
        return Refusal("AccessDenied", "Access Denied", 403)
    if call.access_key_id is None:
        return Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    return callers.unknown_key(call)


def check_identity_denies(account, caller, call):
    """An explicit deny in an identity policy holds for every service; nothing forbids asking who one is."""
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return
    action = permission(call.operation) if call.service == "s3" else f"{call.service}:{call.operation}"
    context = caller.context(call.source_ip, account.now())
    verdict, _ = policy.decide(callers.identity_policies(caller), action, resource(account, call), context)
    if verdict == policy.DENIED:
        message = (
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource(account, call)} "
            "with an explicit deny in an identity-based policy"
        )
        code, status = ("AccessDeniedException", 400) if call.protocol == "json" else ("AccessDenied", 403)
        raise Refusal(code, message, status)


def resource(account, call):
    """The ARN that an identity policy would name, where the request shows it; else a star."""
    if call.service == "s3" and call.bucket:
        return f"arn:aws:s3:::{call.bucket}" + (f"/{call.key}" if call.key else "")
    if call.service == "kms":
        named = call.params.get("KeyId", "*")
        return (
            named
            if named.startswith(("arn:", "alias/", "*"))
            else f"arn:aws:kms:{call.region}:{account.id}:key/{named}"
        )
    if call.service in ("iam", "sts"):
        for name, kind in (("UserName", "user"), ("RoleName", "role")):
            if name in call.params:
                return f"arn:aws:iam::{account.id}:{kind}/{call.params[name]}"
        return call.params.get("RoleArn") or call.params.get("PolicyArn") or "*"
    return "*"


def record(account, caller, call, answer, touched, request_id):
    if call.service == "s3" and is_data_event(call.operation) and not account.options.get("s3_data_events"):
        return
    error = answer.error
    if error is None and answer.status >= 400:
        error = Refusal(error_code(answer) or "InternalFailure", "")
    at = account.now()
    told = trail_event.record_of(account, caller, call, at, answer, touched, request_id, error)
    logged = logging_trails(account) | stopped_by(account, call)
    trail_event.remember(account, call, told, at, touched, logged)


def error_code(answer):
    """The code of an error that moto wrote."""
    if answer.status < 400:
        return None
    text = answer.body.decode("utf-8", "replace")
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except ValueError:
            return None
        return str(told.get("__type") or told.get("code") or "").rpartition("#")[2] or None
    _, _, rest = text.partition("<Code>")
    return rest.partition("</Code>")[0] or str(answer.status)


def noted(account, call, request_id):
    """The call as a test reads it, entered on arrival, so that order is the order of arrival."""
    entry = {
        "seq": len(account.calls) + 1,
        "at": times.now().isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "service": call.service,
        "operation": call.operation,
        "params": call.params,
        "region": call.region,
        "principal_arn": None,
        "access_key_id": call.access_key_id,
        "status": None,
        "error_code": None,
        "request_id": request_id,
        "user_agent": call.user_agent,
        "attempt": call.attempt,
    }
    account.calls.append(entry)
    return entry


def new_request_id(call):
    return secrets.token_hex(8).upper() if call.protocol == "s3" else str(uuid.uuid4())


def finished(call, account, answer, request_id):
    now = account.now() if account else times.now()
    answer.headers.append(("Date", format_datetime(now, usegmt=True)))
    if call.protocol == "s3":
        answer.headers += [("x-amz-request-id", request_id), ("x-amz-id-2", "range"), ("Server", "AmazonS3")]
    else:
        answer.headers.append(("x-amzn-RequestId", request_id))
    if b"{request_id}" in answer.body:
        answer.body = answer.body.replace(b"{request_id}", request_id.encode())
    return answer
