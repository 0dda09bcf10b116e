"""Files that a user gives: read in pieces, and never more than a limit. What is no file is refused,
not waited for."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from grantcalc.errors import Place, Rejected

_PIECE = 2**20
"""Bytes read at a time, so that a file that is too large is given up early."""
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and what stands for bytes that are not UTF-8."""


def printable(name: str) -> bool:
    """Whether a file's name can be told and kept: it has no control characters, and its bytes are
    UTF-8."""
    return not _UNPRINTABLE.search(name)


def pieces(path: Path, most: int | None = None, kind: type[Rejected] = Rejected) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time. `kind` with one finding for what is no file, and
    for a file of more than `most` bytes, of which nothing is read; OSError where the system does
    not let it be read.

    A pipe or a device is no file: a document is read more than once, and a pipe may never end. The
    name of a file with a limit is told and kept, so it must be printable.
    """
    if most is not None and not printable(path.name):
        problem = "the name of this file has characters that cannot be printed"
        raise kind([Place().finding("file_name", problem, "another name")])
    with open(path, "rb", opener=_opened) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise kind([Place(path.name).finding("no_file", "this is a pipe or a device", "a file")])
        size = status.st_size
        while most is None or size <= most:
            piece = file.read(_PIECE)
            if not piece:
                return
            yield piece
            size = max(size, file.tell())  # it may grow meanwhile
        expected = f"at most {most:,} bytes"
        raise kind([Place(path.name).finding("packed", "this file is too large", expected, f"{size:,}")])


def read_file(path: Path, most: int, kind: type[Rejected] = Rejected) -> bytes:
    """The whole of a file of at most `most` bytes; refused as `pieces` does."""
    content = BytesIO()
    for piece in pieces(path, most, kind):
        content.write(piece)
    return content.getvalue()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file of any size, at no cost of memory."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def _opened(path: str, flags: int) -> int:
    """Opens a file, and does not wait for somebody who writes to a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
