"""Moments, all in UTC, and the two ways in which AWS writes them."""

from datetime import datetime, timezone


def now():
    return datetime.now(timezone.utc)


def stamp(moment):
    """`2026-11-22T09:05:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(moment):
    """`20261122T090500Z`."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


def parse(text):
    """Reads an ISO 8601 text or a number of seconds since 1970."""
    if isinstance(text, (int, float)):
        return datetime.fromtimestamp(text, timezone.utc)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def naive(moment):
    """moto keeps its moments without a zone."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
