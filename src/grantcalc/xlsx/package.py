"""The package: a workbook's file as parts in a zip, the same bytes each time, saved whole or not at
all.

A workbook is a zip of XML parts (ECMA-376, part 2). What makes two of them differ although they say
the same is the clock (zip times, properties) and the habits of an XML library; what makes one of
them lie is that it was half written. All of that ends here.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from xml.etree.ElementTree import canonicalize
from zipfile import ZIP_DEFLATED, ZipFile

from attrs import define, frozen

from grantcalc.effects import forget, record
from grantcalc.errors import GrantcalcError, Place
from grantcalc.files import printable

if TYPE_CHECKING:
    from openpyxl import Workbook

CUSTOM, APP, TYPES, STYLES = "docProps/custom.xml", "docProps/app.xml", "[Content_Types].xml", "xl/styles.xml"
DIGEST = "grantcalc.parts"
_LOG = logging.getLogger(__name__)
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006"
_APP = f'<Properties xmlns="{_PROPERTIES}/extended-properties"><Application>grantcalc</Application></Properties>'
_CUSTOM = (
    f'<Properties xmlns="{_PROPERTIES}/custom-properties" xmlns:vt="{_PROPERTIES}/docPropsVTypes">'
    f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" name="{DIGEST}" pid="2">'
    "<vt:lpwstr>%s</vt:lpwstr></property></Properties>"
)
_LARGEST = 2**31 - 2**20  # bytes of one part: above it a zip needs extensions that Excel refuses


@define(eq=False)
class Unwritable(GrantcalcError):
    """A workbook cannot hold this, or would not show it as it is. Nothing was written."""

    place: Place
    problem: str
    found: str = ""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place != Place() else ""
        return f"{place}{self.problem}" + (f"; found {self.found}" if self.found else "")


# --- the parts ---


def shell(workbook: Workbook) -> dict[str, bytes]:
    """The parts that openpyxl writes for a workbook, in canonical XML, without its version."""
    from openpyxl.writer.excel import ExcelWriter

    with BytesIO() as stream, ZipFile(stream, "w") as package:
        ExcelWriter(workbook, package).write_data()
        parts = {name: package.read(name) for name in package.namelist()}
    parts[APP] = _APP.encode()
    return {name: _canonical(parts[name].decode()) for name in sorted(parts) if name != CUSTOM}


def _canonical(xml: str) -> bytes:
    return _DECLARATION + canonicalize(xml).encode()


def pack(parts: Mapping[str, Iterable[bytes]], target: BinaryIO) -> str:
    """Zip the parts, each streamed, into `target`; their digest is stored in a last part, and
    returned."""
    order = sorted(parts, key=lambda name: (name != TYPES, not name.startswith("_rels/"), name))
    level = 2  # a fifth larger than by the usual 6, in a sixth of the time
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=level) as package:
        digest = digest_of({name: _add(package, name, parts[name]) for name in order})
        _add(package, CUSTOM, [_canonical(_CUSTOM % digest)])
        for info in package.infolist():
            info.create_system = 3  # wherever it is made; the times are 1980-01-01, as nobody asks for others
    return digest


def _add(package: ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    seen, size = sha256(), 0
    with package.open(name, "w") as part:
        for chunk in chunks:
            size += len(chunk)
            if size > _LARGEST:
                raise Unwritable(Place(), "a sheet has at most two gigabytes", f"more in {name}")
            seen.update(chunk)
            part.write(chunk)
    return seen.hexdigest()


def parts_digest(file: Path | BinaryIO) -> str:
    """The digest of a package's parts, as `pack` stored it if nothing was changed since.

    It is what `sha256sum` says of the list that `sha256sum` prints for the unpacked parts, in the
    order of their names, all but docProps/custom.xml, where the digest itself stands.
    """
    with ZipFile(file) as package:
        return digest_of({name: _seen(package, name) for name in package.namelist() if name != CUSTOM})


def _seen(package: ZipFile, name: str) -> str:
    with package.open(name) as part:
        seen = sha256()
        while chunk := part.read(2**16):
            seen.update(chunk)
    return seen.hexdigest()


def digest_of(digests: Mapping[str, str]) -> str:
    """One digest of the digests of parts, by their names."""
    return sha256("".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()).hexdigest()


# --- the file ---


@frozen
class _Placed:
    """A file that was put in place as `name`, and the draft under which the one that it replaced is
    kept."""

    name: str
    target: Path
    kept: Path | None

    def take_away(self) -> None:
        if self.kept:
            os.replace(self.kept, self.target)
            self.drop()  # where both names are of one file still, replacing does nothing
        else:
            os.unlink(self.target)
        forget(self.name)
        _settle(self.target.parent)

    def drop(self) -> None:
        if self.kept:
            with suppress(OSError):
                os.unlink(self.kept)


_TOGETHER: ContextVar[list[_Placed] | None] = ContextVar("together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """The files that are saved meanwhile stay all or none, and each outlasts a power cut before the
    next is written.

    Where what is done meanwhile fails, each is taken away again, and what it replaced is put back.
    Until then a file that is replaced is kept beside the new one, as a draft.
    """
    placed: list[_Placed] = []
    token = _TOGETHER.set(placed)
    try:
        yield
    except BaseException:
        for one in reversed(placed):
            with suppress(OSError):  # what went wrong first is what is told, with the files that stay
                one.take_away()
        raise
    finally:
        _TOGETHER.reset(token)
    for one in placed:
        one.drop()


def save(path: Path, write: Callable[[BinaryIO], str], *, private: bool = False) -> str:
    """Have `write` fill a new file beside `path`, then put it there: the old one or the new, no
    third.

    A file that was there keeps its permissions, and a link keeps pointing; a new one has those that
    the umask leaves, or where it is `private` is readable by its owner alone. Returns what `write`
    returns. Where the system fails, that OSError comes through, the old file is as it was, and
    nothing is left beside it; only of a killed process a `.grantcalc-….draft` may stay.
    `Unwritable` for a path where something else than a file is.
    """
    if not printable(path.name):
        raise Unwritable(Place(), "the name of this file has characters that cannot be printed: name another")
    target = Path(os.path.realpath(path))
    mode, draft, placed = _mode(target), _draft_beside(target), _TOGETHER.get()
    # what replaces a private file is never readable by others, not even while it is written
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(draft, flags, (0o600 if private else 0o666) if mode is None else mode)
    try:
        with os.fdopen(handle, "wb") as file:
            answer = write(file)
            file.flush()
            if mode is not None:
                os.chmod(draft, mode)
            os.fsync(file.fileno())
        if placed is not None:
            placed.append(_Placed(str(path), target, None if mode is None else _keep(target)))
        os.replace(draft, target)
        record(str(path))
    except BaseException:
        with suppress(OSError):  # what went wrong first is what is told
            os.unlink(draft)
        raise
    with nullcontext() if placed is not None else suppress(OSError):  # alone it is in its place already, and whole
        _settle(target.parent)
    _LOG.debug("wrote %s", path.name)
    return answer


def _draft_beside(target: Path) -> Path:
    return target.with_name(f".grantcalc-{secrets.token_hex(8)}.draft")  # short, whatever the target's name


def _keep(target: Path) -> Path:
    """Another name of a file that is about to be replaced."""
    kept = _draft_beside(target)
    try:
        os.link(target, kept)
    except OSError:  # of a file system without links
        os.rename(target, kept)
    return kept


def _mode(target: Path) -> int | None:
    """The permissions of the file that is there, or None."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        return None
    except OSError as failed:
        if failed.errno != errno.ELOOP:
            raise
        raise Unwritable(Place(target.name), "this link leads back to itself") from None
    if not stat.S_ISREG(status.st_mode):
        raise Unwritable(Place(target.name), "something other than a file is there")
    return stat.S_IMODE(status.st_mode)


def _settle(folder: Path) -> None:
    """Make the folder's new entry outlast a power cut, where the system lets a folder be opened and
    settled."""
    if hasattr(os, "O_DIRECTORY"):
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:  # one may be allowed to write into a folder and not to open it
            return
        try:
            os.fsync(handle)
        except OSError as failed:
            if failed.errno not in (errno.EINVAL, errno.ENOTSUP):  # some systems settle no folder
                raise
        finally:
            os.close(handle)
