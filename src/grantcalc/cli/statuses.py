"""The exit statuses of `grantcalc`, the one table that the README and the tests read."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Status(IntEnum):
    """How a command ended. 70 and 74 are those of sysexits.h, 130 and 141 those of a shell (128 + the signal)."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """A number with its meaning."""
        self = int.__new__(cls, value)
        self._value_ = value
        self.meaning = meaning
        return self

    DONE = 0, "done"
    UNTRUE = 1, "a document does not tell the truth, or a check found an error"
    REFUSED = 2, "refused"
    FAULT = 70, "a fault of grantcalc itself"
    UNPRINTED = 74, "the words could not be printed"
    INTERRUPTED = 130, "interrupted"
    CLOSED_PIPE = 141, "the reader closed the pipe before all words were printed"
