"""What shall go wrong, and when: told by a test, taken by the next call that fits."""

import fnmatch
import json
from dataclasses import asdict, dataclass

KINDS = ("throttle", "server_error", "timeout", "reset", "short", "clipped", "access_denied", "expired_token", "stale")


@dataclass
class Fault:
    kind: str
    service: str | None = None
    operation: str | None = None
    # A text that the call's parameters have to hold, such as a prefix of keys.
    naming: str | None = None
    times: int = 1
    skip: int = 0
    after_effect: bool = False
    status: int | None = None
    code: str | None = None
    seconds: float = 30.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")

    def fits(self, call):
        return (not self.service or self.service == call.service) and (
            not self.operation or fnmatch.fnmatchcase(call.operation, self.operation)
        ) and (not self.naming or self.naming in json.dumps(call.params))


class Faults:
    def __init__(self):
        self.waiting = []

    def add(self, fault):
        self.waiting.append(fault)

    def clear(self):
        self.waiting.clear()

    def take(self, call):
        """The fault that this call shall meet, if any. A fault that is used up is forgotten."""
        for fault in self.waiting:
            if not fault.fits(call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times > 0:
                fault.times -= 1
            if fault.times == 0:
                self.waiting.remove(fault)
            return fault
        return None

    def told(self):
        return [asdict(fault) for fault in self.waiting]
