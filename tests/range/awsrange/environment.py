"""The virtual environment that the range runs in. Standard library only."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

RANGE = Path(__file__).resolve().parent.parent
HOME = RANGE.parent.parent / ".range"
REQUIREMENTS = RANGE / "requirements.txt"
OLDEST_PYTHON = (3, 10)


def enter(script, arguments):
    """Returns when this process runs inside the environment; otherwise makes it and re-executes there."""
    if arguments[:1] in ([], ["--help"], ["-h"]):
        return
    home = environment()
    if Path(sys.prefix).resolve() == home.resolve():
        return
    make(home)
    python = str(home / "bin" / "python")
    os.execv(python, [python, os.path.abspath(script), *arguments])


def environment():
    """Where the environment for these requirements and this Python lies."""
    stamp = hashlib.sha256(REQUIREMENTS.read_bytes())
    stamp.update(repr(sys.version_info[:2]).encode())
    return HOME / f"venv-{stamp.hexdigest()[:16]}"


def make(home):
    """Makes the environment once. Two processes at the same moment wait for each other."""
    import fcntl

    if is_whole(home):
        return
    check_python()
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / ".gitignore").write_text("*\n")
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_whole(home):
            build(home)


def is_whole(home):
    return (home / "whole").exists()


def build(home):
    print(f"range: making its Python environment in {home}, once; this takes about half a minute", file=sys.stderr)
    shutil.rmtree(home, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(home)])
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([str(home / "bin" / "python"), *install, "-r", str(REQUIREMENTS)])
    # Written last: an environment without it was interrupted, and is made again.
    (home / "whole").write_text("")


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(
            f"range: this command failed:\n  {' '.join(command)}\n{done.stdout}\n"
            "range: it needs the Python package index (or the mirror that pip is configured for) once."
        )


def check_python():
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"range: Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is {sys.version.split()[0]}"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "range: this Python comes without the `venv` and `ensurepip` modules.\n"
            "  Debian, Ubuntu:  apt-get install python3-venv\n"
            "  elsewhere:       install a Python that carries them, and put it first on PATH"
        )
