"""An account of the range: its clock, its credentials, and what is remembered of its calls."""

import itertools
import threading
import time
from datetime import timedelta

from . import times
from .faults import Faults
from .refusal import Refusal


class Account:
    def __init__(self, account_id, options):
        self.id = account_id
        self.region = "us-east-1"
        self.options = options
        self.clock_offset = timedelta(seconds=options.get("clock_offset_seconds", 0))
        self.lock = threading.RLock()
        self.sequence = itertools.count(1)
        self.calls = []
        self.events = []
        self.faults = Faults()
        # What each reading was answered last, for those that are to be answered so once more.
        self.answered = {}
        self.sessions = {}
        self.usage = {}
        # What IAM reports on demand, by the number of the job.
        self.jobs = {}
        self.bucket_key_uses = set()
        self.chains = {}
        self.log_files = []
        self.trail_times = {}
        # The organization's id by the ARN of its trail.
        self.organizations = {}
        self.lookups = {}
        # Mode and end of the lock by the id of an upload in parts.
        self.locks_of_uploads = {}
        self.lookup_rate = options.get("lookup_rate", 2)
        # What the seed furnishes on first use of a service, because loading that service is slow.
        self.furnishings = {}
        self.described = {}

    def now(self):
        return times.now() + self.clock_offset

    def furnish(self, service):
        """Seeds a rarely used service when it is first asked for."""
        with self.lock:
            fill = self.furnishings.pop(service, None)
            if fill:
                fill()

    def count_lookup(self, region):
        """LookupEvents allows two requests a second, by account and Region."""
        if not self.lookup_rate:
            return
        left, since = self.lookups.get(region, (self.lookup_rate, time.monotonic()))
        moment = time.monotonic()
        left = min(self.lookup_rate, left + (moment - since) * self.lookup_rate)
        self.lookups[region] = (max(left - 1, 0) if left >= 1 else left, moment)
        if left < 1:
            raise Refusal("ThrottlingException", "Rate exceeded")


class Accounts:
    """All accounts, found by their number or by an access key."""

    FIRST = 111122223333

    def __init__(self):
        self.by_id = {}
        self.by_key = {}
        self.numbers = itertools.count(self.FIRST, 1_000_003)
        self.lock = threading.Lock()

    def open(self, options):
        with self.lock:
            account = Account(f"{next(self.numbers):012d}", options)
            self.by_id[account.id] = account
            return account

    def learn_key(self, access_key_id, account):
        self.by_key[access_key_id] = account

    def of_key(self, access_key_id):
        return self.by_key.get(access_key_id)
