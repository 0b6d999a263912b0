"""The command line in a process of its own, as a shell would start it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import simulator

ROOT = Path(simulator.__file__).parents[1]


@dataclass
class Done:
    """How a command ended and what it printed."""

    returncode: int
    out: str
    err: str


def in_a_process(*arguments: object, stdin: str = "") -> Done:
    command = [sys.executable, "-W", "error", "-m", "simulator", *(str(one) for one in arguments)]
    done = subprocess.run(command, input=stdin.encode(), capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert b"Traceback" not in done.stderr + done.stdout
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
