"""IAM policy documents: do they allow, deny, or say nothing?

Modelled: Effect, Action and NotAction, Resource and NotResource, Principal, and conditions
over strings, ARNs, booleans, dates, addresses and null. Not modelled: policy variables,
permissions boundaries, service control policies, session policies.
"""

import ipaddress
import json
import re
from datetime import datetime, timezone
from functools import lru_cache

ALLOWED, DENIED, SILENT = "allowed", "explicitDeny", "implicitDeny"


@lru_cache(maxsize=4096)
def statements(text):
    """The statements of a document. Raises ValueError where it is not one."""
    document = json.loads(text)
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValueError("no Statement")
    return tuple(listed(document["Statement"]))


def decide(texts, action, resource, context, caller=None):
    """The verdict of several documents together: one deny beats every allow."""
    verdict, by = SILENT, []
    for text in texts:
        for statement in statements(text):
            if not applies(statement, action, resource, context, caller):
                continue
            if statement.get("Effect") == "Deny":
                return DENIED, [statement]
            verdict = ALLOWED
            by.append(statement)
    return verdict, by


def applies(statement, action, resource, context, caller=None):
    return (
        covers_action(statement, action)
        and covers_resource(statement, resource)
        and (caller is None or covers_principal(statement, caller))
        and holds(statement.get("Condition", {}), context)
    )


def covers_action(statement, action):
    if "NotAction" in statement:
        return not any(like(pattern.lower(), action.lower()) for pattern in listed(statement["NotAction"]))
    return any(like(pattern.lower(), action.lower()) for pattern in listed(statement.get("Action", [])))


def covers_resource(statement, resource):
    if "NotResource" in statement:
        return not any(like(pattern, resource) for pattern in listed(statement["NotResource"]))
    return any(like(pattern, resource) for pattern in listed(statement.get("Resource", "*")))


def covers_principal(statement, caller):
    if "NotPrincipal" in statement:
        return not names_caller(statement["NotPrincipal"], caller)
    return names_caller(statement.get("Principal", {}), caller)


def names_caller(principal, caller):
    """Whether a Principal names this caller: by itself, by its role, or by its whole account."""
    if principal == "*":
        return True
    named = listed(principal.get("AWS", []))
    return any(one in caller.names or one in ("*", caller.account_id, caller.root) for one in named)


def names_directly(statement, caller):
    """Whether a statement names the caller itself, so that no IAM policy has to agree."""
    principal = statement.get("Principal", {})
    if principal == "*":
        return True
    return any(one in caller.names or one == "*" for one in listed(principal.get("AWS", [])))


def listed(value):
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=8192)
def pattern_of(text):
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text), re.DOTALL)


def like(pattern, value):
    return pattern == value or pattern_of(pattern).fullmatch(value) is not None


# Conditions.


def holds(conditions, context):
    """Every operator and every key of it must hold."""
    lowered = {name.lower(): value for name, value in context.items()}
    return all(
        holds_for_key(
            operator,
            [str(one) if not isinstance(one, bool) else str(one).lower() for one in listed(wanted)],
            lowered.get(key.lower()),
        )
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def holds_for_key(operator, wanted, had):
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return (had is None) == (wanted[0].lower() == "true")
    negated, test = OPERATORS[name]
    if had is None:
        # A missing key satisfies the negated operators, and `ForAllValues`; nothing else.
        return optional or negated or quantifier == "ForAllValues"
    values = [value if isinstance(value, str) else str(value).lower() for value in listed(had)]
    matched = [any(test(one, value) for one in wanted) for value in values]
    if quantifier == "ForAllValues":
        return all(one != negated for one in matched)
    if quantifier == "ForAnyValue":
        return any(one != negated for one in matched)
    return any(matched) != negated


def equal(wanted, value):
    return wanted == value


def equal_ignoring_case(wanted, value):
    return wanted.lower() == value.lower()


def arn_like(wanted, value):
    """ARNs match part by part; only the last of the six may itself hold colons."""
    wanted_parts, parts = wanted.split(":", 5), value.split(":", 5)
    return len(wanted_parts) == len(parts) and all(like(one, other) for one, other in zip(wanted_parts, parts))


def within(wanted, value):
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def moment(text):
    if text.isdigit():
        return datetime.fromtimestamp(int(text), timezone.utc)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


OPERATORS = {
    "StringEquals": (False, equal),
    "StringNotEquals": (True, equal),
    "StringEqualsIgnoreCase": (False, equal_ignoring_case),
    "StringNotEqualsIgnoreCase": (True, equal_ignoring_case),
    "StringLike": (False, like),
    "StringNotLike": (True, like),
    "ArnEquals": (False, arn_like),
    "ArnLike": (False, arn_like),
    "ArnNotEquals": (True, arn_like),
    "ArnNotLike": (True, arn_like),
    "Bool": (False, equal_ignoring_case),
    "IpAddress": (False, within),
    "NotIpAddress": (True, within),
    "NumericEquals": (False, lambda wanted, value: float(value) == float(wanted)),
    "NumericNotEquals": (True, lambda wanted, value: float(value) == float(wanted)),
    "NumericLessThan": (False, lambda wanted, value: float(value) < float(wanted)),
    "NumericLessThanEquals": (False, lambda wanted, value: float(value) <= float(wanted)),
    "NumericGreaterThan": (False, lambda wanted, value: float(value) > float(wanted)),
    "NumericGreaterThanEquals": (False, lambda wanted, value: float(value) >= float(wanted)),
    "DateEquals": (False, lambda wanted, value: moment(value) == moment(wanted)),
    "DateLessThan": (False, lambda wanted, value: moment(value) < moment(wanted)),
    "DateLessThanEquals": (False, lambda wanted, value: moment(value) <= moment(wanted)),
    "DateGreaterThan": (False, lambda wanted, value: moment(value) > moment(wanted)),
    "DateGreaterThanEquals": (False, lambda wanted, value: moment(value) >= moment(wanted)),
}


def condition_keys(statement):
    return {key for keys in statement.get("Condition", {}).values() for key in keys}


def complaint(text):
    """Why AWS would call the document malformed; None where it would not."""
    try:
        found = statements(text)
    except (ValueError, TypeError):
        return "The policy is not a well-formed JSON policy document."
    for statement in found:
        if not isinstance(statement, dict):
            return "A statement is not an object."
        if statement.get("Effect") not in ("Allow", "Deny"):
            return "A statement has no valid Effect."
        if not ("Action" in statement) ^ ("NotAction" in statement):
            return "A statement needs either Action or NotAction."
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return "Policy contains a statement with no principal."
        if "Resource" not in statement and "NotResource" not in statement:
            return "Policy contains a statement with no resource."
        for operator in statement.get("Condition", {}):
            name = operator.rpartition(":")[2].removesuffix("IfExists")
            if name != "Null" and name not in OPERATORS:
                return f"Invalid condition operator: {operator}"
    return None
