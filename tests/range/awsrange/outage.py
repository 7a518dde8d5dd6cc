"""How a fault looks from outside, in the words of the service that is called."""

from .callers import expired
from .refusal import Refusal

THROTTLES = {
    "json": ("ThrottlingException", "Rate exceeded", 400),
    "query": ("Throttling", "Rate exceeded", 400),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
}
BREAKDOWNS = {
    "json": ("InternalFailure", "The request processing has failed because of an unknown error.", 500),
    "query": ("InternalFailure", "The request processing has failed because of an unknown error.", 500),
    "s3": ("InternalError", "We encountered an internal error. Please try again.", 500),
}
UNAVAILABLE = {"json": "ServiceUnavailableException", "query": "ServiceUnavailable", "s3": "ServiceUnavailable"}


def refusal_of(fault, call, caller):
    """The error that a fault answers with; None for those that answer with silence."""
    if fault.kind == "throttle":
        code, message, status = THROTTLES[call.protocol]
    elif fault.kind == "server_error":
        code, message, status = breakdown(fault, call)
    elif fault.kind == "access_denied":
        code, message, status = denial(call, caller)
    elif fault.kind == "expired_token":
        refusal = expired(call)
        code, message, status = refusal.code, refusal.message, refusal.status
    else:
        return None
    return Refusal(fault.code or code, message, fault.status or status)


def breakdown(fault, call):
    code, message, status = BREAKDOWNS[call.protocol]
    if call.service == "kms" and fault.status in (None, 500):
        code = "KMSInternalException"
    if fault.status == 503:
        code = UNAVAILABLE[call.protocol]
    return code, message, status


def denial(call, caller):
    """AccessDenied in the service's own spelling, with the message that AWS gives."""
    action = f"{call.service}:{call.operation}"
    message = (
        f"User: {caller.arn} is not authorized to perform: {action} because no identity-based policy allows the action"
    )
    if call.protocol == "json":
        return "AccessDeniedException", message, 400
    return "AccessDenied", message, 403


def curtailed(answer, kind):
    """An answer without the second half of its body: `short` announces the whole, `clipped` only what comes."""
    whole = answer.body
    answer.body = whole[: len(whole) // 2]
    if kind == "short":
        answer.headers.append(("Content-Length", str(len(whole))))
        answer.cut = "short"
    return answer
