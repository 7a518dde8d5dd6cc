"""LookupEvents: one attribute, 50 a page, newest first, two requests a second."""

import base64
import hashlib
import json

from .. import times
from ..refusal import Refusal

ATTRIBUTES = {
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
}


def lookup_events(account, call):
    account.count_lookup(call.region)
    params = call.params
    wanted = attribute(params.get("LookupAttributes") or [])
    most = params.get("MaxResults", 50)
    if not isinstance(most, int) or not 1 <= most <= 50:
        raise Refusal("InvalidMaxResultsException", "A valid maximum number of results must be specified: 1 to 50.")
    start, end = moment(params, "StartTime"), moment(params, "EndTime")
    if start and end and start > end:
        raise Refusal("InvalidTimeRangeException", "The start time must be before the end time.")
    if params.get("EventCategory"):
        return insights(params["EventCategory"])
    question = fingerprint(params, call.region)
    before = place_of(params.get("NextToken"), question)
    found = [
        event
        for event in account.events
        if event.is_management
        and event.region == call.region
        and (start is None or event.at >= start)
        and (end is None or event.at <= end)
        and (before is None or place(event) < before)
        and fits(event, wanted)
    ]
    found.sort(key=place, reverse=True)
    page = found[:most]
    answer = {"Events": [told(event) for event in page]}
    if len(found) > most:
        answer["NextToken"] = token(place(page[-1]), question)
    return answer


def insights(category):
    if category != "insight":
        raise Refusal("InvalidEventCategoryException", f"Event category {category} is not valid.")
    return {"Events": []}


def attribute(attributes):
    if len(attributes) > 1:
        raise Refusal("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    for one in attributes:
        if one.get("AttributeKey") not in ATTRIBUTES or not one.get("AttributeValue"):
            raise Refusal("InvalidLookupAttributesException", "The lookup attribute is not valid.")
        return one["AttributeKey"], one["AttributeValue"]
    return None


def moment(params, name):
    return times.parse(params[name]) if params.get(name) is not None else None


def fits(event, wanted):
    if wanted is None:
        return True
    name, value = wanted
    record = event.record
    if name == "ResourceName":
        return any(value == had for _, had in event.resources)
    if name == "ResourceType":
        return any(value == had for had, _ in event.resources)
    return (
        value
        == {
            "EventId": record["eventID"],
            "EventName": record["eventName"],
            "ReadOnly": str(record["readOnly"]).lower(),
            "Username": user_name(record),
            "EventSource": record["eventSource"],
            "AccessKeyId": record["userIdentity"].get("accessKeyId"),
        }[name]
    )


def user_name(record):
    identity = record["userIdentity"]
    return identity.get("userName") or identity.get("principalId", "").rpartition(":")[2]


def told(event):
    record = event.record
    entry = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId"),
        "EventTime": int(event.at.timestamp()),
        "EventSource": record["eventSource"],
        "Username": user_name(record),
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in event.resources],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }
    return {name: value for name, value in entry.items() if value is not None}


# A token holds the place of the last event that was told, and which question it belongs to:
# events that happen between two pages, as the look-ups themselves do, shift nothing.


def place(event):
    return event.at.timestamp(), event.number


def fingerprint(params, region):
    asked = {name: value for name, value in params.items() if name not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps([asked, region], sort_keys=True).encode()).hexdigest()[:16]


def token(last, question):
    return base64.b64encode(json.dumps([*last, question]).encode()).decode()


def place_of(text, question):
    if text is None:
        return None
    try:
        at, number, asked = json.loads(base64.b64decode(text))
    except ValueError:
        asked = None
    if asked != question:
        raise Refusal("InvalidNextTokenException", "The next token is not valid, or was given for another request.")
    return at, number
