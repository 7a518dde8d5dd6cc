"""Whether the key's policy, the caller's IAM policies and the grants let a call through.

An explicit deny in the key policy beats IAM and grants. A statement that names the caller
is enough; one that names the account hands the question to IAM; a grant is enough for the
operations that it lists.
"""

from .. import policy
from ..callers import identity_policies
from ..refusal import Refusal


def check(key, caller, action, context):
    if key.key_manager == "AWS":
        return
    operation = action.removeprefix("kms:")
    verdict, by = policy.decide([key.policy], action, key.arn, context, caller)
    if verdict == policy.DENIED:
        raise denied(caller, action, key, "with an explicit deny in a resource-based policy")
    identity, _ = policy.decide(identity_policies(caller), action, key.arn, context)
    if identity == policy.DENIED:
        raise denied(caller, action, key, "with an explicit deny in an identity-based policy")
    if verdict == policy.ALLOWED and any(policy.names_directly(statement, caller) for statement in by):
        return
    if granted(key, caller, operation):
        return
    if verdict == identity == policy.ALLOWED:
        return
    missing = "identity-based" if verdict == policy.ALLOWED else "resource-based"
    raise denied(caller, action, key, f"because no {missing} policy allows the {action} action")


def granted(key, caller, operation):
    return any(
        grant.grantee_principal in caller.names and operation in grant.operations for grant in key.grants.values()
    )


def denied(caller, action, key, why):
    return Refusal(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {key.arn} {why}",
    )


def check_not_locked_out(text, caller, context, key_arn):
    """PutKeyPolicy refuses a policy after which its caller could not put another."""
    verdict, _ = policy.decide([text], "kms:PutKeyPolicy", key_arn, context, caller)
    if verdict != policy.ALLOWED:
        raise Refusal(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )


def check_well_formed(text):
    complaint = policy.complaint(text)
    if complaint:
        raise Refusal("MalformedPolicyDocumentException", complaint)
    if len(text.encode()) > 32768:
        raise Refusal("LimitExceededException", "The key policy is longer than 32 kilobytes.")
