"""Standard output and error of the command, on which a failure is told apart from a failure of the
disk."""

from __future__ import annotations

import os
import sys
from errno import EPIPE
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from attrs import define

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@define(eq=False)
class Unprinted(Exception):
    """Words could not be printed. It is not an OSError, so that nobody takes it for a failure to
    write a file."""

    reason: OSError

    @property
    def closed_pipe(self) -> bool:
        """Whether whoever read the words went away."""
        return self.reason.errno == EPIPE

    def __str__(self) -> str:
        return self.reason.strerror or "the system failed"


class _Outlet(FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as failed:
            raise Unprinted(failed) from None


def watch_streams() -> None:
    """Have printing raise `Unprinted` in this process where the system fails, and print what the
    encoding of a terminal lacks as an escape. A stream that is closed stays as it is: nothing is
    printed there."""
    sys.stdout, sys.stderr = _watched(sys.stdout), _watched(sys.stderr)


def _watched(stream: TextIO) -> TextIO:
    if stream is None:  # so it is after `>&-`
        return stream
    outlet = BufferedWriter(_Outlet(stream.fileno(), "wb", closefd=False))
    return TextIOWrapper(outlet, stream.encoding, "backslashreplace", line_buffering=stream.isatty())


def drop_unprinted() -> None:
    """Let nothing that could not be printed be tried again when the interpreter ends: it would fail
    again, loudly."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except Unprinted:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
