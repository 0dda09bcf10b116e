"""What the parts of a workbook's package carry, whatever a spreadsheet program shows of it: every
text, attribute and comment of an XML part as it stands, and whatever lies in the file between the
parts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Literal, TypeAlias
from xml.parsers import expat

from attrs import frozen

from grantcalc.xlsx.parts import unescaped
from grantcalc.xlsx.scan import SAFE, SOUND, Package

PartKind: TypeAlias = Literal["start", "text", "end", "comment"]

_HEADER, _END = 30, 22  # bytes of the header of a part, and of the end of a package without a comment
_DESCRIPTOR = 24  # bytes at most behind a part, which say again how long it is
_EXTRAS = {b"\x01\x00", b"UT", b"ux", b"\x20\xa2", b"up", b"\xfe\xca"}  # sizes, times, owners, room to grow, names


@frozen
class PackageContents:
    """One thing in a part: an element that begins or ends, with its attributes; a text in it; or a
    comment."""

    kind: PartKind
    element: str
    attributes: dict[str, str]
    text: str = ""


def contents_of(package: Package, part: str) -> Iterator[PackageContents]:
    """All that a part holds, in order, names without their namespaces. `WorkbookRejected` for what
    is no XML."""
    contents, words, inside = list[PackageContents](), list[str](), [""]
    parser, refuse = expat.ParserCreate(namespace_separator=" "), package.report.refuse

    def said() -> None:
        if words and (text := "".join(words)).strip():
            contents.append(PackageContents("text", inside[-1], {}, unescaped(text)))
        words.clear()

    def start(tag: str, attributes: dict[str, str]) -> None:
        said()
        inside.append(_local(tag))
        contents.append(
            PackageContents("start", inside[-1], {_local(key): unescaped(a) for key, a in attributes.items()})
        )

    def end(_: str) -> None:
        said()
        contents.append(PackageContents("end", inside.pop(), {}))

    def comment(text: str, more: str = "") -> None:
        contents.append(PackageContents("comment", inside[-1], {}, f"{text} {more}"))

    def doctype(*_: object) -> None:
        refuse("dtd", "a part of this workbook has a document type, as none may have", SAFE)

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words.append
    parser.CommentHandler = parser.ProcessingInstructionHandler = comment
    parser.StartDoctypeDeclHandler = doctype
    try:
        for piece in package.pieces(part):
            parser.Parse(piece)
            if len(inside) > package.report.limits.depth or sum(map(len, words)) > package.report.limits.token:
                refuse("token", "a part of this workbook has a text that is too long or too deep", SAFE)
            yield from contents
            contents.clear()
        parser.Parse(b"", True)
        yield from contents
    except (expat.ExpatError, LookupError):  # no XML, or in a character set that nobody knows
        refuse("xml", "this workbook is broken: a part is not sound XML", SOUND)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def part_digests(package: Package) -> dict[str, str]:
    """The SHA-256 of each part by its name. `WorkbookRejected` for a part that is not sound."""
    digests: dict[str, str] = {}
    for info in package.entries.values():
        seen = sha256()
        for piece in package.pieces(info.orig_filename):
            seen.update(piece)
        digests[info.orig_filename] = seen.hexdigest()
    return digests


def outside(package: Package) -> Iterator[str]:
    """What the file holds besides its parts: comments of the package, bytes before, between and
    behind the parts."""
    data = package.data
    with zipfile.ZipFile(BytesIO(data)) as file:
        infos, directory, comment = file.infolist(), file.start_dir, file.comment
    if comment or any(info.comment for info in infos):
        yield "the package has a comment"
    if any(tag not in _EXTRAS for info in infos for tag in _extras(info.extra)):
        yield "an entry of the package has a field that workbooks do not have"
    at = 0
    for info in (*sorted(infos, key=lambda info: info.header_offset), None):
        begins = info.header_offset if info else directory
        if begins - at > (_DESCRIPTOR if at else 0):
            yield "the package has bytes that belong to no part"
        if info:
            header = data[begins : begins + _HEADER]
            name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
            at = begins + _HEADER + name + extra + info.compress_size
            local = data[begins + _HEADER + name : begins + _HEADER + name + extra]
            if any(tag not in _EXTRAS for tag in _extras(local)):
                yield "an entry of the package has a field that workbooks do not have"
    if data.rfind(b"PK\x05\x06") + _END + len(comment) != len(data):
        yield "the package has bytes that belong to no part"


def _extras(extra: bytes) -> Iterator[bytes]:
    """The tag of each extra field of an entry; of what is none, what stands there."""
    while extra:
        yield extra[:2]
        extra = extra[4 + int.from_bytes(extra[2:4], "little") :]
