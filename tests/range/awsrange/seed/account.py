"""Furnishes an account, and describes it to whoever asked for it."""

from ..trail import delivery, digest
from ..trail.delivery import logging_trails
from . import attack, buckets, key, logs, people, stores


def furnish(account, accounts):
    options = account.options
    staff = people.hire(account)
    for access_key_id in staff.access_key_ids:
        accounts.learn_key(access_key_id, account)
    keys = key.make(account, staff)
    volumes = stores.plan(account, keys.customer)
    held = buckets.fill(account, keys.customer)
    trail = logs.start(account, keys.customer) if options.get("trail", True) else None
    more = [logs.start_another(account, keys.customer, asked) for asked in options.get("trails", [])]
    if options.get("attack", True):
        attack.tell(account, staff, keys, held)
    if (trail or more) and options.get("delivered", True):
        deliver_history(account)
    account.described = {
        "account": account.id,
        "region": account.region,
        "access_key_id": staff.responder.access_key_id,
        "secret_access_key": staff.responder.secret_access_key,
        "caller_arn": f"arn:aws:iam::{account.id}:user/{people.RESPONDER}",
        "key": key.described(keys.customer, key.ALIAS),
        "other_key": key.described(keys.other, key.OTHER_ALIAS),
        "grants": key.described_grants(keys.customer),
        "external_account": key.EXTERNAL_ACCOUNT,
        "users": staff.users,
        "roles": staff.roles,
        "buckets": held,
        "trail": trail,
        "trails": more,
        "vault": buckets.vault_bucket(account) if options.get("vault") else None,
        **volumes,
    }
    return account.described


def deliver_history(account):
    """The last day's log files and hourly digests, as they lie in the bucket of an account that was running."""
    now = account.now().replace(microsecond=0)
    hour = now.replace(minute=0, second=0)
    with account.lock:
        if logging_trails(account):
            delivery.deliver(account)
            digest.digest_hours(account, hour - logs.LOGGED_FOR_HOURS * digest.HOUR, hour)
