"""CSV in: a file, or a folder of files, as a workbook of which every cell is text. Read exactly, or refused by line
and column (RFC 4180)."""

from __future__ import annotations

import codecs
import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from grantcalc.errors import Finding, Place, WorkbookRejected, refuse
from grantcalc.io.intake.cells import Book, Cell, Rows
from grantcalc.io.layouts import plain
from grantcalc.io.workbook.sheets import letters

ENCODINGS = ("utf-8", "cp1252")
DELIMITERS: Mapping[str, str] = {",": "comma", ";": "semicolon", "\t": "tab"}

_LOG = logging.getLogger(__name__)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_QUOTED = '"((?:[^"]++|"")*+)"'
_WIDEST, _LONGEST = 16_384, 1_048_576  # as many columns and rows as a sheet has


def is_csv(path: Path) -> bool:
    """Whether a path is a CSV file, or a folder that holds some."""
    return any(path.glob("*.[cC][sS][vV]")) if path.is_dir() else path.suffix.lower() == ".csv"


def csv_digest(path: Path) -> str:
    """The SHA-256 of a CSV file's bytes; of a folder, of the names and digests of its CSV files."""
    if not path.is_dir():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f"{file.name} {csv_digest(file)}\n" for file in _files(path)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def open_csv(path: Path, encoding: str = "", name: str = "") -> Book:
    """A CSV file as a workbook of one sheet, a folder as one of a sheet for each CSV file in it, named by the file.

    `WorkbookRejected` for what is not CSV in UTF-8, or in UTF-16 with its mark, or in the encoding given. `name` is
    what a file was called before.
    """
    file = name or path.name
    names = {f"{path.name}/{f.name}": f for f in _files(path)} if path.is_dir() else {file: path}
    sheets: dict[str, Rows] = {}
    titles: dict[str, str] = {}
    findings: list[Finding] = []
    for place, one in names.items():
        title = place.rpartition("/")[2]
        sheet = title[:-4]
        if plain(sheet) in map(plain, titles):
            problem = "another CSV file of this folder has the same name, but for its capitals or punctuation"
            findings.append(Finding(Place(place), "csv", problem, "one file for each sheet"))
        titles[sheet] = title
        try:
            sheets[sheet] = _Reader(one.read_bytes(), place, encoding).rows()
        except WorkbookRejected as refused:
            findings += refused.findings
    refuse(findings, WorkbookRejected)
    _LOG.debug("read %s (CSV files: %d, rows: %d)", file, len(sheets), sum(map(len, sheets.values())))
    return Book(file, csv_digest(path), sheets, titles=titles, text=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.[cC][sS][vV]"))


@frozen
class _Broken(Exception):
    """Where the text stops being CSV, as an offset into it, and why."""

    at: int
    problem: str
    expected: str


class _Reader:
    """One CSV file."""

    def __init__(self, data: bytes, file: str, encoding: str) -> None:
        self.file, self.text = file, ""
        self.text = self._decoded(data, encoding)

    def rows(self) -> Rows:
        """The rows that hold anything, each numbered by the line on which it begins; the first is the header."""
        try:
            records = [(line, fields) for line, fields in self._records(self._delimiter()) if any(fields)]
        except _Broken as broken:
            raise self._refusal(broken.at, broken.problem, broken.expected) from None
        wide = len(records[0][1]) if records else 0
        if wide > _WIDEST or len(records) > _LONGEST:
            raise self._refusal(0, "this is more than a sheet holds", f"{_LONGEST:,} rows of {_WIDEST:,} columns")
        problem, expected = "this row has not as many fields as the first line", f"{wide} field{'s' * (wide != 1)}"
        ragged = [
            Finding(Place(self.file, "", "", line), "csv", problem, expected, str(len(fields)))
            for line, fields in records
            if len(fields) != wide
        ]
        refuse(ragged, WorkbookRejected)
        names = [letters(number) for number in range(1, wide + 1)]
        return tuple(
            (line, tuple(Cell(f"{n}{line}", value) for n, value in zip(names, fields, strict=True) if value))
            for line, fields in records
        )

    def _decoded(self, data: bytes, encoding: str) -> str:
        mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
        codec = _MARKS.get(mark) or encoding or "utf-8"
        body = data[len(mark) :]
        try:
            text = body.decode(codec)
        except UnicodeDecodeError as wrong:
            self.text = body[: wrong.start].decode(codec, "replace")
            problem = f"this is not {codec.upper()} text"
            expected = "UTF-8, UTF-16 with its mark, or an encoding that the layout names"
            raise self._refusal(len(self.text), problem, expected) from None
        self.text = text
        if codec == "cp1252" and not text.isascii() and _is_utf8(body):
            first = next(i for i, c in enumerate(text) if not c.isascii())
            raise self._refusal(first, "this is UTF-8 text, though the layout says cp1252", "the encoding that it has")
        if (at := text.find("\0")) >= 0:
            raise self._refusal(at, "this is a NUL, which no text has", "CSV in UTF-8, or in UTF-16 with its mark")
        return text

    def _delimiter(self) -> str:
        """The one of comma, semicolon and tab that stands in the header line, outside of quotes."""
        begin = len(self.text) - len(self.text.lstrip("\r\n"))
        header = self.text[begin:].partition("\n")[0]
        bare = re.sub(_QUOTED + "?", lambda m: "x" * len(m[0]), header)
        found = sorted((bare.index(d), d) for d in DELIMITERS if d in bare)
        if len(found) > 1:
            names = " and ".join(DELIMITERS[d] for _, d in found)
            raise _Broken(begin + found[1][0], f"the header line has {names}, and either may part it", "one of them")
        return found[0][1] if found else ","

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Each record, with the line on which it begins."""
        text, at, line = self.text, 0, 1
        field = re.compile(f'{_QUOTED}|([^"{delimiter}\r\n]*+)')
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            bare = text[at:end].removesuffix("\r")
            if '"' in bare:
                fields, end = self._quoted(at, field, delimiter)
            elif "\r" in bare:
                raise _bare_return(at + bare.index("\r"))
            else:
                fields = bare.split(delimiter)
            yield line, fields
            line += text.count("\n", at, end + 1)
            at = end + 1

    def _quoted(self, at: int, field: re.Pattern[str], delimiter: str) -> tuple[list[str], int]:
        """The fields of a record that has quotes, and where it ends."""
        text, fields = self.text, list[str]()
        while True:
            match = field.match(text, at)
            assert match  # a field may be empty
            if match[1] is None and text[at : at + 1] == '"':
                raise _Broken(at, "this quotation mark is never closed", "one more at the end of the field")
            value = match[2] if match[1] is None else match[1].replace('""', '"').replace("\r\n", "\n")
            if "\r" in value:
                raise _bare_return(re.compile("\r(?!\n)").search(text, at).start())  # type: ignore[union-attr]
            fields.append(value)
            at = match.end()
            follows = text[at : at + 1]
            if follows == delimiter:
                at += 1
            elif follows in ("", "\n") or text.startswith("\r\n", at):
                return fields, text.find("\n", at) if follows else at
            elif follows == "\r":
                raise _bare_return(at)
            elif match[1] is None:
                raise _Broken(at, "a quotation mark stands inside a field without quotes", "the field in quotes")
            else:
                raise _Broken(at, "text stands after a closing quotation mark", "the next field, or the next row")

    def _refusal(self, at: int, problem: str, expected: str) -> WorkbookRejected:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return WorkbookRejected([Finding(Place(self.file, f"column {column}", "", line), "csv", problem, expected)])


def _bare_return(at: int) -> _Broken:
    return _Broken(at, "a carriage return stands without a line feed", "lines that end with a line feed, or with both")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
