"""CloudTrail: events from the calls that pass through, their look-up, and their signed delivery."""

from .operations import perform, stopped_by  # noqa: F401
