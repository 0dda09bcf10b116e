"""The pre-scan: what a file is, and whether its package may be unpacked, before any of it is
parsed.

A workbook is a zip of XML parts (ECMA-376, part 2), and a zip says of itself what it likes. So
nothing that it declares is believed: what is unpacked is counted while it is unpacked, and refused
at the limit.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NoReturn

from attrs import evolve, field, frozen

from grantcalc.errors import Finding, Place, WorkbookRejected

RELATIONSHIPS = "_rels/.rels"
SOUND = "a workbook that a spreadsheet program opens and saves again"
SAFE = "a workbook saved by a spreadsheet program"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP, _ENTRY, _END = b"PK", b"PK\x01\x02", b"PK\x05\x06"
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError)
"""What the standard library raises at a broken directory of a zip: found by damaging files at
random."""


@frozen
class Limits:
    """The most that is read of one workbook. The defaults keep a refusal below 10 seconds and 500
    MB, and take a sheet of 100,000 lines by 12 columns; who trusts a larger workbook raises
    them."""

    packed: int = 2**27
    """Bytes of the file."""
    entries: int = 2_000
    """Parts of the package."""
    unpacked: int = 2**29
    """Bytes of all parts."""
    part: int = 2**28
    """Bytes of one part."""
    ratio: int = 200
    """How many times larger a part of more than a megabyte may be than what it is unpacked from."""
    depth: int = 100
    """Elements inside each other, and then some."""
    tags: int = 9_000_000
    """Tags that begin or end an element: a cell with a formula has six."""
    token: int = 2**20
    """Bytes of one tag, and characters of one text."""
    cells: int = 1_250_000
    """Cells that hold something."""
    characters: int = 2**26
    """Characters of all texts and formulas."""
    rows: int = 1_048_576
    columns: int = 16_384
    merged: int = 1_000_000
    """Cells that merges cover."""
    styles: int = 65_536
    piece: int = 2**16
    """Bytes that are unpacked at once, between which all that costs is checked."""
    findings: int = 100
    """Findings of one cause on one sheet; of further ones only the number."""


ISSUED = Limits(2**31, unpacked=2**33, part=2**32, tags=300_000_000, cells=30_000_000, characters=2**31)
"""For a document that grantcalc issued and somebody asks about: it may fill a sheet to its last
row."""


@frozen
class Report:
    """What is found in one workbook while it is read: errors, told together at the end, and
    warnings."""

    file: str
    limits: Limits
    errors: list[Finding] = field(factory=list)
    notes: list[Finding] = field(factory=list)
    counts: dict[tuple[str, str], int] = field(factory=dict)

    def refuse(self, cause: str, problem: str, expected: str, found: str = "", sheet: str = "") -> NoReturn:
        """Stop reading. What was found before is told too."""
        last = Place(self.file, sheet).finding(cause, problem, expected, found)
        raise WorkbookRejected((*self.errors, last))

    def add(self, sheet: str, ref: str, cause: str, problem: str, expected: str, found: str = "") -> None:
        """An error at a cell, for which the workbook is refused once it is read."""
        if self._told(sheet, cause):
            self.errors.append(Place(self.file, sheet, ref).finding(cause, problem, expected, found))

    def note(self, sheet: str, ref: str, cause: str, problem: str) -> None:
        """A warning: what a reader should know and nobody need mend."""
        if self._told(sheet, cause):
            self.notes.append(Place(self.file, sheet, ref).finding(cause, problem, severity="warning"))

    def _told(self, sheet: str, cause: str) -> bool:
        self.counts[sheet, cause] = count = self.counts.get((sheet, cause), 0) + 1
        return count <= self.limits.findings

    def finish(self) -> tuple[Finding, ...]:
        """The warnings; or, if there is an error, the refusal with all of them."""
        for findings in (self.errors, self.notes):
            for last in {(f.place.sheet, f.cause): f for f in findings}.values():
                more = self.counts[last.place.sheet, last.cause] - self.limits.findings
                if more > 0:
                    place = evolve(last.place, cell="")
                    findings.append(evolve(last, place=place, found=f"{more:,} more on this sheet"))
        if self.errors:
            raise WorkbookRejected((*self.errors, *self.notes))
        return tuple(self.notes)


@frozen
class Package:
    """The parts of a workbook by name, whatever the case of its letters; unpacked piece by piece,
    and checked."""

    data: bytes
    entries: Mapping[str, zipfile.ZipInfo]
    report: Report
    unpacked: list[int] = field(factory=list)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.entries

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a part. The workbook is refused when they are not there, not sound, or too
        many."""
        limits, refuse = self.report.limits, self.report.refuse
        info = self.entries.get(name.lower())
        if info is None:
            refuse("part_missing", "this workbook is broken: a part that it names is not there", SOUND)
        size = crc = 0
        for piece in self._inflated(info):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            if size > info.file_size:
                refuse("size", "this workbook is broken: a part is larger than it says", SOUND)
            yield piece
        self.unpacked.append(size)
        if sum(self.unpacked) > limits.unpacked:
            refuse("unpacked", "this workbook is too large unpacked", f"at most {limits.unpacked:,} bytes")
        if size != info.file_size or crc != info.CRC:
            refuse("checksum", "this workbook is broken: a part was changed or damaged", SOUND)

    def count(self, name: str, *marks: bytes) -> int:
        """How often some bytes stand in a part, about: counted without parsing it, a hundred times
        as fast."""
        return sum(sum(map(piece.count, marks)) for piece in self.unchecked(name))

    def unchecked(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, for a look ahead: what is wrong with it is told when it is read."""
        info = self.entries.get(name.lower())
        size = 0
        for piece in self._inflated(info) if info else ():
            size += len(piece)
            yield piece
            if info and size > info.file_size:
                break

    def _inflated(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        start, most = self._start(info), self.report.limits.piece
        packed = memoryview(self.data)[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            yield from (bytes(packed[at : at + most]) for at in range(0, len(packed), most))
            return
        inflate, at = zlib.decompressobj(-zlib.MAX_WBITS), 0
        try:
            while not inflate.eof and (inflate.unconsumed_tail or at < len(packed)):
                waiting = inflate.unconsumed_tail or packed[at : (at := at + most)]
                yield inflate.decompress(waiting, most)
            yield inflate.flush(most) if inflate.eof else b""
        except zlib.error:
            self.report.refuse("deflate", "this workbook is broken: a part cannot be unpacked", SOUND)

    def _start(self, info: zipfile.ZipInfo) -> int:
        """Where the bytes of a part begin, behind a header of their own that must name the same
        part."""
        at = info.header_offset
        header = self.data[at : at + 30]
        name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        if self.data[at + 30 : at + 30 + name] != _raw(info) or header[:4] != b"PK\x03\x04":
            self.report.refuse("header", "this workbook is broken: its package names a part in two ways", SOUND)
        return at + 30 + name + extra


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a part; some programs write it with backslashes."""
    return info.orig_filename.replace("\\", "/")


def _raw(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def scan(data: bytes, report: Report) -> Package:
    """The package of a workbook, after every check that needs no part parsed; else
    `WorkbookRejected`."""
    limits, refuse = report.limits, report.refuse
    if len(data) > limits.packed:
        refuse("packed", "this file is too large", f"at most {limits.packed:,} bytes", f"{len(data):,}")
    if data.startswith(_OLE):
        _refuse_ole(data, report)
    if not data.startswith(_ZIP):
        refuse("not_a_workbook", "this is not a workbook", "an .xlsx workbook")
    if _END not in data[-(2**16) - 22 :]:
        refuse("truncated", "this workbook is incomplete: its end is missing", "the whole file: copy or send it again")
    if (count := data.count(_ENTRY)) > limits.entries:
        refuse("entries", "this workbook has too many parts", f"at most {limits.entries:,}", f"{count:,}")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            infos = package.infolist()
    except _DAMAGE:
        refuse("directory", "this workbook is broken: its list of parts cannot be read", SOUND)
    _check_names(infos, report)
    _check_sizes(infos, report)
    entries = {_name(info).lower(): info for info in infos}
    if "mimetype" in entries and b"opendocument" in b"".join(Package(data, entries, report).pieces("mimetype"))[:200]:
        refuse("opendocument", "this is an OpenDocument file, which is not read", "an .xlsx workbook: save it as .xlsx")
    return Package(data, entries, report)


def _refuse_ole(data: bytes, report: Report) -> None:
    """What Office kept in files of its own kind: an encrypted workbook, or one of before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        expected = "a workbook without a password: open it, take the password off and save it"
        report.refuse("password", "this workbook is protected by a password", expected)
    if any(f"{name}\0".encode("utf-16-le") in data for name in ("Workbook", "Book")):
        expected = "an .xlsx workbook: open it and save it as Excel workbook (.xlsx)"
        report.refuse("xls", "this is a legacy .xls workbook, as before Excel 2007", expected)
    report.refuse("ole", "this is an old file of Office, and no workbook", "an .xlsx workbook")


def _check_names(infos: list[zipfile.ZipInfo], report: Report) -> None:
    seen = set[str]()
    for info in infos:
        name = _name(info)
        steps = name.removesuffix("/").split("/")
        if any(step in ("", ".", "..") for step in steps) or any(c < " " or c in ":\x7f" for c in name):
            report.refuse("unsafe_name", "a part of this workbook has an unsafe name", SAFE)
        if name.lower() in seen:
            report.refuse("name_twice", "two parts of this workbook have one name", SAFE)
        seen.add(name.lower())


def _check_sizes(infos: list[zipfile.ZipInfo], report: Report) -> None:
    limits, refuse = report.limits, report.refuse
    if any(info.flag_bits & 1 for info in infos):
        refuse("encrypted", "this workbook is packed with a password", "an .xlsx workbook without a password")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        refuse("compression", "this workbook is packed in a way that workbooks are not", SAFE)
    if (size := sum(info.file_size for info in infos)) > limits.unpacked:
        refuse("unpacked", "this workbook is too large unpacked", f"at most {limits.unpacked:,} bytes", f"{size:,}")
    if (size := max((info.file_size for info in infos), default=0)) > limits.part:
        refuse("part", "a part of this workbook is too large unpacked", f"at most {limits.part:,} bytes", f"{size:,}")
    for info in infos:
        if info.file_size > max(2**20, limits.ratio * info.compress_size):
            found = f"{info.file_size:,} from {info.compress_size:,}"
            refuse("ratio", "a part of this workbook is packed too tightly", f"at most {limits.ratio} times", found)
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            refuse("overlap", "two parts of this workbook are packed in the same bytes", SAFE)
        end = info.header_offset + 30 + info.compress_size
