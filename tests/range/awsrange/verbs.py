"""What `range` can be told to do."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import environment


def main(arguments):
    chosen = parser().parse_args(arguments)
    return chosen.perform(chosen)


def parser():
    top = argparse.ArgumentParser(prog="range", description="A local AWS account to test against.")
    verbs = top.add_subparsers(metavar="VERB", required=True)

    setup = verbs.add_parser("setup", help="make the Python environment, and nothing else")
    setup.set_defaults(perform=perform_setup)

    serve = verbs.add_parser("serve", help="serve on 127.0.0.1 until told to stop")
    serve.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    serve.add_argument("--ready", metavar="FILE", help='write {"url": ..., "pid": ...} here when ready')
    serve.add_argument("--parent", metavar="PID", type=int, help="stop when this process has died")
    serve.set_defaults(perform=perform_serve)

    run = verbs.add_parser("run", help="serve, seed one account, run COMMAND against it, take everything down")
    run.add_argument(
        "--profile-env", action="store_true", help="give COMMAND an AWS profile instead of keys in its environment"
    )
    run.add_argument("--options", metavar="JSON", default="{}", help="options of the seeded account")
    run.add_argument("command", nargs="+", metavar="COMMAND")
    run.set_defaults(perform=perform_run)

    test = verbs.add_parser("test", help="run the tests of the range itself")
    test.add_argument("names", nargs="*", help="only these, as unittest names them")
    test.set_defaults(perform=perform_test)
    return top


def perform_setup(_chosen):
    print(environment.environment())
    return 0


def perform_serve(chosen):
    listener = open_listener(chosen.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_soon(listener))
    if chosen.parent:
        threading.Thread(target=stop_after, args=(listener, chosen.parent), daemon=True).start()
    announce(chosen.ready, {"url": listener.url, "pid": os.getpid()})
    listener.serve_forever(poll_interval=0.1)
    return 0


def open_listener(port):
    """Binds, and loads what every request needs, so that whoever sees it ready gets fast answers."""
    from .control import Range
    from .listener import Listener

    return Listener(("127.0.0.1", port), Range())


def stop_soon(listener):
    # shutdown() waits for the loop that this signal interrupted, so it must run beside it.
    threading.Thread(target=listener.shutdown, daemon=True).start()


def stop_after(listener, parent):
    while is_alive(parent):
        time.sleep(0.5)
    listener.shutdown()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not is_zombie(pid)


def is_zombie(pid):
    """A parent that died but was not yet waited for counts as dead. Only Linux tells."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def announce(file, told):
    line = json.dumps(told)
    if not file:
        print(line, flush=True)
        return
    path = Path(file)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(line + "\n")
    os.replace(partial, path)


def perform_run(chosen):
    listener = open_listener(0)
    threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    account = listener.range.create_account(json.loads(chosen.options))
    with tempfile.TemporaryDirectory(prefix="range-") as scratch:
        told = environment_of(listener.url, account)
        if chosen.profile_env:
            told.update(profile_of(account, Path(scratch)))
        code = supervise(chosen.command, told)
    listener.shutdown()
    return code


def environment_of(url, account):
    told = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    told.update(
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID=account["access_key_id"],
        AWS_SECRET_ACCESS_KEY=account["secret_access_key"],
        AWS_REGION=account["region"],
        AWS_DEFAULT_REGION=account["region"],
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        PLAYBOOK_RANGE=url,
        PLAYBOOK_RANGE_ACCOUNT=account["account"],
    )
    return told


def profile_of(account, folder):
    """A profile for the operator, and one for the role that the operator may assume."""
    config, credentials = folder / "config", folder / "credentials"
    config.write_text(
        f"[profile on-call]\nregion = {account['region']}\n\n"
        f"[profile incident-responder]\nregion = {account['region']}\nsource_profile = on-call\n"
        f"role_arn = {account['roles']['incident-responder']['arn']}\nrole_session_name = on-call\n"
    )
    credentials.write_text(
        f"[on-call]\naws_access_key_id = {account['access_key_id']}\n"
        f"aws_secret_access_key = {account['secret_access_key']}\n"
    )
    return {
        "AWS_PROFILE": "on-call",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
    }


def supervise(command, told):
    """Runs the command, hands signals on to it, and returns its exit code as a shell would."""
    told = {name: value for name, value in told.items() if value is not None}
    try:
        child = subprocess.Popen(command, env=told)
    except OSError as error:
        print(f"range: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    code = child.wait()
    return code if code >= 0 else 128 - code


def perform_test(chosen):
    python = [sys.executable, "-m", "unittest"]
    named = chosen.names or ["test_range"]
    told = {**os.environ, "PYTHONPATH": str(environment.RANGE), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.call([*python, *named], cwd=environment.RANGE, env=told)
