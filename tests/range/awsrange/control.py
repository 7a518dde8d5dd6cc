"""What a test tells the range: everything under `/_range/`."""

import json
from dataclasses import fields
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from . import times
from .account import Accounts
from .call import Answer, read_call
from .faults import Fault
from .gate import Gate
from .s3 import objects
from .seed.account import furnish
from .trail import delivery, digest


class Told(Exception):
    """A control request that cannot be served, with its HTTP status."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status, self.message = status, message


class Range:
    def __init__(self):
        self.accounts = Accounts()
        self.gate = Gate(self.accounts)

    def answer(self, method, target, headers, body, source_ip):
        if target.startswith("/_range/"):
            return self.control(method, target, body)
        try:
            call = read_call(method, target, headers, body, source_ip)
        except ValueError as error:
            return written(400, {"message": f"not an AWS request: {error}"})
        return self.gate.answer(call)

    def control(self, method, target, body):
        split = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        act = getattr(self, f"{method.lower()}_{split.path.removeprefix('/_range/').strip('/')}", None)
        if act is None:
            return written(404, {"message": f"{method} {split.path} is not known"})
        try:
            options = json.loads(body or b"{}")
            return written(200, act({**query, **options}))
        except Told as told:
            return written(told.status, {"message": told.message})
        except (ValueError, TypeError) as error:
            return written(400, {"message": str(error)})

    def account(self, told):
        account = self.accounts.by_id.get(str(told.get("account", "")))
        if account is None:
            raise Told(404, f"no account {told.get('account')!r}")
        return account

    def get_health(self, _told):
        return {"status": "ok", "accounts": len(self.accounts.by_id)}

    def create_account(self, options):
        account = self.accounts.open(options)
        return furnish(account, self.accounts)

    def post_accounts(self, options):
        return self.create_account(options)

    def get_accounts(self, told):
        if "account" in told:
            return self.account(told).described
        return [account.described for account in self.accounts.by_id.values()]

    def get_calls(self, told):
        return self.account(told).calls

    def delete_calls(self, told):
        self.account(told).calls.clear()
        return {}

    def get_events(self, told):
        return [event.record for event in self.account(told).events]

    def get_objects(self, told):
        """Every version in a bucket, as it is stored."""
        account = self.account(told)
        return objects.stored_versions(account, told["bucket"])

    def get_faults(self, told):
        return self.account(told).faults.told()

    def post_faults(self, told):
        known = {field.name for field in fields(Fault)}
        unknown = set(told) - known - {"account"}
        if unknown:
            raise Told(400, f"a fault has no {', '.join(sorted(unknown))}")
        self.account(told).faults.add(Fault(**{name: value for name, value in told.items() if name != "account"}))
        return {}

    def delete_faults(self, told):
        self.account(told).faults.clear()
        return {}

    def post_clock(self, told):
        account = self.account(told)
        account.clock_offset = timedelta(seconds=told["offset_seconds"])
        return {"now": times.stamp(account.now())}

    def post_lookups(self, told):
        """Sets how many LookupEvents a second are allowed; 0 switches the limit off."""
        self.account(told).lookup_rate = told["rate"]
        return {}

    def post_deliver(self, told):
        account = self.account(told)
        with account.lock:
            return {"delivered": [file.key for file in delivery.deliver(account)]}

    def post_digest(self, told):
        account = self.account(told)
        with account.lock:
            end = times.parse(told["end"]) if "end" in told else account.now().replace(microsecond=0)
            start = times.parse(told["start"]) if "start" in told else start_of_digest(account, end)
            if start >= end:
                raise Told(400, "start must be before end")
            return {"digests": digest.digest(account, start, end)}


def start_of_digest(account, end):
    """Where the last digest ended; an hour back where there is none."""
    ends = [link.end for link in account.chains.values()]
    return max(ends) if ends and max(ends) < end else end - digest.HOUR


def written(status, told):
    return Answer(status, [("Content-Type", "application/json")], json.dumps(told).encode())
