"""IAM: moto keeps users, roles and policies. Simulation is the range's own."""

from . import credential_report, last_accessed, policy
from .callers import documents, iam_of, user_caller
from .moto_door import pass_on
from .query import written
from .refusal import Refusal
from .times import naive


class Iam:
    def __init__(self, accounts):
        self.accounts = accounts

    def perform(self, account, caller, call, _touched):
        if call.operation == "SimulatePrincipalPolicy":
            return simulate_principal_policy(account, call)
        if call.operation == "GenerateServiceLastAccessedDetails":
            return last_accessed.generate(account, caller, call)
        if call.operation == "GetServiceLastAccessedDetails":
            return last_accessed.get(account, caller, call)
        if call.operation in ("GetAccountAuthorizationDetails", "GetRole"):
            note_uses_of_roles(account)
        if call.operation == "CreateAccessKey" and not call.params.get("UserName") and caller.kind != "IAMUser":
            raise Refusal("ValidationError", "Must specify userName when calling with non-User credentials", 400)
        answer = pass_on(account, call)
        if call.operation == "CreateAccessKey" and answer.status == 200:
            self.learn_keys(account)
        if call.operation == "GetCredentialReport" and answer.status == 200:
            return credential_report.report(account, call)
        return answer

    def learn_keys(self, account):
        for user in iam_of(account.id).users.values():
            for key in user.access_keys:
                self.accounts.learn_key(key.access_key_id, account)


def note_uses_of_roles(account):
    """RoleLastUsed, by what was recorded of each role's sessions."""
    for role in iam_of(account.id).roles.values():
        use = last_accessed.last_use(account, role.arn)
        if use:
            role.last_used, role.last_used_region = naive(use[0]), use[1]


def simulate_principal_policy(account, call):
    """What the identity policies of a user or role say about actions, without performing any.

    Resource policies take part only where the request brings one; boundaries and service
    control policies are not modelled.
    """
    holders, caller = principal(account, call.params.get("PolicySourceArn", ""))
    texts = [text for holder in holders for text in documents(holder)]
    texts += call.params.get("PolicyInputList") or []
    context = {}
    for entry in call.params.get("ContextEntries") or []:
        values = entry.get("ContextKeyValues") or []
        context[entry["ContextKeyName"]] = values[0] if len(values) == 1 else values
    if caller:
        context.setdefault("aws:username", caller.name)
    actions = call.params.get("ActionNames") or []
    resources = call.params.get("ResourceArns") or ["*"]
    results = [evaluated(texts, action, resource, context) for action in actions for resource in resources]
    return written(call, {"EvaluationResults": results, "IsTruncated": False})


def principal(account, arn):
    iam = iam_of(account.id)
    for user in iam.users.values():
        if user.arn == arn:
            return [user, *iam.get_groups_for_user(user.name)], user_caller(user, "")
    for holder in [*iam.roles.values(), *iam.groups.values()]:
        if holder.arn == arn:
            return [holder], None
    raise Refusal("NoSuchEntity", f"The principal {arn} does not exist.", 404)


def evaluated(texts, action, resource, context):
    if ":" not in action:
        raise Refusal("InvalidInput", f"Invalid Action Name: {action}", 400)
    verdict, by = policy.decide(texts, action, resource, context)
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": verdict,
        "MatchedStatements": [
            {"SourcePolicyId": statement.get("Sid", "statement"), "SourcePolicyType": "IAM Policy"} for statement in by
        ],
        "MissingContextValues": sorted(missing(texts, action, resource, context)),
    }


def missing(texts, action, resource, context):
    """The condition keys that statements about this action ask for, and that nobody gave."""
    given = {name.lower() for name in context}
    return {
        key
        for text in texts
        for statement in policy.statements(text)
        if policy.covers_action(statement, action) and policy.covers_resource(statement, resource)
        for key in policy.condition_keys(statement)
        if key.lower() not in given
    }
