"""The command as a real process: `grantcalc(...)` is `python -m grantcalc ...`. A fault of its own
fails the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from grantcalc.cli.statuses import Status

ROOT = Path(__file__).resolve().parent.parent
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
MODULE = (sys.executable, "-m", "grantcalc")


def ended(status: int) -> Status:
    """How a process ended; a fault of grantcalc itself fails the test."""
    assert status != Status.FAULT, "grantcalc itself failed"
    return Status(status)


def grantcalc(
    *arguments: object, out: int | IO[bytes] = subprocess.PIPE, **variables: str
) -> tuple[Status, bytes, str]:
    """How the command ends, and what it prints on both channels; `out` takes its standard output
    instead."""
    command = [*MODULE, *map(str, arguments)]
    done = subprocess.run(command, env={**ENV, **variables}, stdout=out, stderr=subprocess.PIPE, check=False)
    return ended(done.returncode), done.stdout or b"", done.stderr.decode()
