"""The CloudTrail operations that the range answers itself; moto keeps the trails."""

from moto.cloudtrail.models import cloudtrail_backends

from ..moto_door import pass_on
from ..refusal import Refusal
from ..times import stamp
from . import digest
from .delivery import times_of
from .lookup import lookup_events
from .signer import list_public_keys

USUAL_SELECTORS = [
    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
]


def perform(account, _caller, call, _touched):
    return OPERATIONS.get(call.operation, forward)(account, call)


def forward(account, call):
    return pass_on(account, call)


def delete_trail(account, call):
    arn = find(account, call.region, call.params.get("Name", "")).arn
    answer = pass_on(account, call)
    if answer.status == 200:
        digest.break_chain(account, arn)
    return answer


def find(account, region, name):
    """A trail by its name, in its home Region or wherever it is shadowed, or by its ARN."""
    for home, backend in cloudtrail_backends[account.id].items():
        for trail in backend.trails.values():
            if name == trail.arn or (name == trail.trail_name and (home == region or trail.is_multi_region)):
                return trail
    raise Refusal("TrailNotFoundException", f"Unknown trail: {name} for the user: {account.id}")


def get_trail_status(account, call):
    trail = find(account, call.region, call.params.get("Name", ""))
    known = times_of(account, trail)
    answer = {
        "IsLogging": trail.status.is_logging,
        "LatestNotificationAttemptTime": "",
        "LatestNotificationAttemptSucceeded": "",
    }
    for member, name in (
        ("LatestDeliveryTime", "delivery"),
        ("LatestDigestDeliveryTime", "digest"),
        ("StartLoggingTime", "started"),
        ("StopLoggingTime", "stopped"),
    ):
        if name in known:
            answer[member] = int(known[name].timestamp())
    for member, name in (
        ("LatestDeliveryAttemptTime", "delivery"),
        ("LatestDeliveryAttemptSucceeded", "delivery"),
        ("TimeLoggingStarted", "started"),
        ("TimeLoggingStopped", "stopped"),
    ):
        answer[member] = stamp(known[name]) if name in known else ""
    if "error" in known:
        answer["LatestDeliveryError"] = known["error"]
    if "digest_error" in known:
        answer["LatestDigestDeliveryError"] = known["digest_error"]
    return answer


def get_event_selectors(account, call):
    trail = find(account, call.region, call.params.get("TrailName", ""))
    answer = {"TrailARN": trail.arn}
    if trail.advanced_event_selectors:
        answer["AdvancedEventSelectors"] = trail.advanced_event_selectors
    else:
        answer["EventSelectors"] = trail.event_selectors or USUAL_SELECTORS
    return answer


def describe_trails(account, call):
    wanted = call.params.get("trailNameList") or []
    shadows = call.params.get("includeShadowTrails", True)
    told = []
    for home, backend in cloudtrail_backends[account.id].items():
        for trail in backend.trails.values():
            here = home == call.region
            if (here or (shadows and trail.is_multi_region)) and (
                not wanted or {trail.trail_name, trail.arn} & set(wanted)
            ):
                told.append(description(trail))
    return {"trailList": told}


def list_trails(account, _call):
    """All trails of the account, wherever they were made."""
    return {
        "Trails": [
            {"TrailARN": trail.arn, "Name": trail.trail_name, "HomeRegion": home}
            for home, backend in cloudtrail_backends[account.id].items()
            for trail in backend.trails.values()
        ]
    }


def get_trail(account, call):
    return {"Trail": description(find(account, call.region, call.params.get("Name", "")))}


def description(trail):
    told = trail.description(include_region=True)
    told["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)
    told["HasInsightSelectors"] = bool(trail.insight_selectors)
    return {name: value for name, value in told.items() if value is not None}


def put_event_selectors(account, call):
    trail = find(account, call.region, call.params.get("TrailName", ""))
    trail.event_selectors = call.params.get("EventSelectors") or []
    trail.advanced_event_selectors = call.params.get("AdvancedEventSelectors") or []
    return get_event_selectors(account, call)


def start_logging(account, call):
    trail = find(account, call.region, call.params.get("Name", ""))
    trail.start_logging()
    times_of(account, trail)["started"] = account.now()
    return {}


def stop_logging(account, call):
    trail = find(account, call.region, call.params.get("Name", ""))
    trail.stop_logging()
    digest.break_chain(account, trail.arn)
    times_of(account, trail)["stopped"] = account.now()
    return {}


def stopped_by(account, call):
    """The trail that a call has stopped: that call itself is still logged by it."""
    if (call.service, call.operation) != ("cloudtrail", "StopLogging"):
        return set()
    try:
        return {find(account, call.region, call.params.get("Name", "")).arn}
    except Refusal:
        return set()


OPERATIONS = {
    "DeleteTrail": delete_trail,
    "DescribeTrails": describe_trails,
    "GetEventSelectors": get_event_selectors,
    "GetTrail": get_trail,
    "GetTrailStatus": get_trail_status,
    "ListPublicKeys": list_public_keys,
    "ListTrails": list_trails,
    "LookupEvents": lookup_events,
    "PutEventSelectors": put_event_selectors,
    "StartLogging": start_logging,
    "StopLogging": stop_logging,
}
