"""A local AWS account: moto underneath, and in front of it what moto lacks.

A request comes in through `listener`, is read into a `call`, and goes through the `gate`:
who calls (`callers`), is a fault due (`faults`), may they (`policy`), then the operation
itself (`kms`, `s3`, `trail`, `iam`, `sts`, or `moto_door` for the rest), and what happened
is written down twice: as a call that a test can read, and as a CloudTrail event.
`control` answers everything under `/_range/`; `seed` furnishes a new account.
"""

import os

# moto reads these when it is first loaded. It would answer from the account that the second
# one names, whoever calls, and it would add headers for browsers, which no client here is.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
os.environ.pop("MOTO_ACCOUNT_ID", None)
