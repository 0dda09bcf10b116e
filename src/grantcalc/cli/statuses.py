"""The exit statuses of `grantcalc`: one table, which the README repeats."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """How a command ended. 70 and 74 are those of sysexits.h, 130 and 141 those of a shell (128 +
    the signal)."""

    DONE = 0
    UNTRUE = 1
    REFUSED = 2
    FAULT = 70
    UNPRINTED = 74
    INTERRUPTED = 130
    CLOSED_PIPE = 141


MEANINGS = {
    Status.DONE: "done",
    Status.UNTRUE: "a document does not match its inputs, or a check found an error",
    Status.REFUSED: "refused",
    Status.FAULT: "a fault of grantcalc itself",
    Status.UNPRINTED: "the output could not be printed",
    Status.INTERRUPTED: "interrupted",
    Status.CLOSED_PIPE: "the reader closed the pipe before all output was printed",
}
