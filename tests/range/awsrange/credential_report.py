"""The credential report, in the columns of the IAM user guide: the root first, then every user."""

import base64

from .callers import iam_of
from .query import written
from .times import stamp

COLUMNS = [
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
]  # fmt: skip
NO_CERTIFICATES = ["false", "N/A", "false", "N/A"]


def report(account, call):
    users = iam_of(account.id).users.values()
    rows = [COLUMNS, root(account, min(user.create_date for user in users))]
    rows += [row(user) for user in users]
    text = "\n".join(",".join(one) for one in rows)
    content = base64.b64encode(text.encode()).decode()
    return written(call, {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": stamp(account.now())})


def root(account, since):
    arn = f"arn:aws:iam::{account.id}:root"
    first = ["<root_account>", arn, moment(since), "not_supported", "no_information", "not_supported", "not_supported"]
    return [*first, "true", *access_key(None), *access_key(None), *NO_CERTIFICATES]


def row(user):
    has = user.password is not None
    password = ["true", used(user.password_last_used), moment(user.create_date), "N/A"] if has else ["false", "N/A", "N/A", "N/A"]
    keys = [*user.access_keys, None, None]
    first = [user.name, user.arn, moment(user.create_date), *password, "true" if user.mfa_devices else "false"]
    return [*first, *access_key(keys[0]), *access_key(keys[1]), *NO_CERTIFICATES]


def access_key(key):
    if key is None:
        return ["false", "N/A", "N/A", "N/A", "N/A"]
    last = key.last_used
    told = [moment(last.timestamp), last.region, last.service] if last else ["N/A", "N/A", "N/A"]
    return ["true" if key.status == "Active" else "false", moment(key.create_date), *told]


def used(at):
    return moment(at) if at else "no_information"


def moment(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
