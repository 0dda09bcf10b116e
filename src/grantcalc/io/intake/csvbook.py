"""CSV in: a file, or a folder of files, as a workbook of which every cell is text. Read exactly, or
refused by line and column (RFC 4180)."""

from __future__ import annotations

import codecs
import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from attrs import define, evolve

from grantcalc.errors import Finding, Place, WorkbookRejected, refuse
from grantcalc.files import file_digest, pieces
from grantcalc.io.intake.cells import CellValue, SheetRows, WorkbookRead
from grantcalc.io.intake.csv_record import QUOTED, Broken, bare_fields, quoted_fields
from grantcalc.io.schemas import ALL_SHEETS, header_key
from grantcalc.xlsx.cell_values import Counter
from grantcalc.xlsx.scan import Limits, Report
from grantcalc.xlsx.sheets import letters

ENCODINGS = ("utf-8", "cp1252")
DELIMITERS: Mapping[str, str] = {",": "comma", ";": "semicolon", "\t": "tab"}

_LOG = logging.getLogger(__name__)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ASCII = re.compile("[\\x00-\\x7f]*")


def is_csv(path: Path) -> bool:
    """Whether a path is a CSV file, or a folder that holds some."""
    return any(path.glob("*.[cC][sS][vV]")) if path.is_dir() else path.suffix.lower() == ".csv"


def csv_digest(path: Path) -> str:
    """The SHA-256 of a CSV file's bytes; of a folder, of the names and digests of its CSV files."""
    if not path.is_dir():
        return file_digest(path)
    return _digest_of({file.name: file_digest(file) for file in _files(path)})


def _digest_of(digests: Mapping[str, str]) -> str:
    lines = (f"{name} {digest}\n" for name, digest in digests.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def open_csv(path: Path, encoding: str = "", name: str = "", limits: Limits | None = None) -> WorkbookRead:
    """A CSV file as a workbook of one sheet, a folder as one of a sheet for each CSV file in it,
    named by the file.

    `WorkbookRejected` for what is not CSV in UTF-8, or in UTF-16 with its mark, or in the encoding
    given, or is past a limit: those of a workbook hold, a row being at most as long as one text.
    `name` is what a file was called before.
    """
    limits, file = limits or Limits(), name or path.absolute().name
    names = {f"{file}/{f.name}": f for f in _files(path)} if path.is_dir() else {file: path}
    sheets: dict[str, SheetRows] = {}
    titles: dict[str, str] = {}
    digests: dict[str, str] = {}
    findings: list[Finding] = []
    report = Report(file, limits)
    if len(names) > limits.entries:
        report.refuse("entries", "this folder has too many CSV files", f"at most {limits.entries:,}", f"{len(names):,}")
    counter = Counter(report)
    for place, one in names.items():
        title = place.rpartition("/")[2]
        sheet = title[:-4]
        if header_key(sheet) in map(header_key, titles):
            problem = "another CSV file of this folder has the same name, but for its capitals or punctuation"
            findings.append(Place(place).finding("csv", problem, "one file for each sheet"))
        titles[sheet] = title
        reader = _CsvFile(one, place, encoding, counter)
        try:
            sheets[sheet] = reader.rows()
        except WorkbookRejected as refused:
            findings += refused.findings
            if any(f.cause in counter.counts for f in refused.findings):
                break  # there is too much of it, whatever the other files hold
        digests[title] = reader.digest.hexdigest()
    refuse(findings, WorkbookRejected)
    _LOG.debug("read %s (CSV files: %d, rows: %d)", file, len(sheets), sum(map(len, sheets.values())))
    digest = _digest_of(digests) if path.is_dir() else digests[file]
    beside = tuple(_beside(path)) if path.is_dir() else ()
    return WorkbookRead(file, digest, sheets, titles=titles, text=True, beside=beside)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.[cC][sS][vV]") if not file.is_dir())


def _beside(folder: Path) -> Iterator[tuple[str, str]]:
    """What stands in a folder of CSV files beside them and looks like one, by name, and why."""
    sheets = {header_key(layout.sheet): layout.sheet for layout in ALL_SHEETS}
    for path in sorted(folder.iterdir()):
        named = sheets.get(header_key(path.stem))
        if path.is_dir():
            if is_csv(path) or any(is_csv(inner) for inner in path.rglob("*") if inner.is_dir()):
                yield path.name, "this folder is not read, though it holds CSV files"
        elif named and path.suffix.lower() not in (".csv", ".toml"):
            yield path.name, f"this file is not read, though its name is {named}"


@define
class _Cursor:
    """A place in a text, as it is passed over."""

    line: int = 1
    column: int = 1

    def over(self, text: str) -> None:
        if below := text.count("\n"):
            self.line, self.column = self.line + below, 0
        self.column += len(text) - text.rfind("\n") - (not below)


class _CsvFile:
    """One CSV file, read row by row: no more of it is held than its cells, and one row."""

    def __init__(self, path: Path, file: str, encoding: str, counter: Counter) -> None:
        self.path, self.file, self.encoding, self.counter = path, file, encoding, counter
        self.limits = counter.report.limits
        self.digest = hashlib.sha256()

    def rows(self) -> SheetRows:
        """The rows that hold anything, each numbered by the line on which it begins; the first is
        the header."""
        rows: list[tuple[int, tuple[CellValue, ...]]] = []
        texts: dict[str, str] = {}  # each text is kept once
        names, uneven, count = list[str](), list[Finding](), 0
        for number, (line, fields) in enumerate(self._records(), 1):
            if number > self.limits.rows:
                raise self._refusal(line, 1, "this file has too many rows", f"at most {self.limits.rows:,}")
            if not any(fields):
                continue
            names = names or [letters(number) for number in range(1, len(fields) + 1)]
            if len(fields) != len(names):
                count += 1
                if count <= self.limits.findings:
                    uneven.append(self._uneven(line, len(names), len(fields)))
                continue
            cells = tuple(
                CellValue(f"{name}{line}", texts.setdefault(value, value))
                for name, value in zip(names, fields, strict=True)
                if value
            )
            self._count(cells)
            rows.append((line, cells))
        if count > len(uneven):
            uneven.append(evolve(uneven[-1], place=Place(self.file), found=f"{count - len(uneven):,} more such rows"))
        refuse(uneven, WorkbookRejected)
        return tuple(rows)

    def _uneven(self, line: int, wide: int, found: int) -> Finding:
        problem, expected = (
            "this row does not have as many fields as the first line",
            f"{wide} field{'s' * (wide != 1)}",
        )
        return Place(self.file, "", "", line).finding("csv", problem, expected, str(found))

    def _count(self, cells: tuple[CellValue, ...]) -> None:
        self.counter.add("cells", len(cells), self.limits.cells, "this has too many cells")
        size = sum(len(str(cell.value)) for cell in cells)
        self.counter.add("characters", size, self.limits.characters, "this has too much text")

    # --- records ---

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record, with the line on which it begins. It ends with the first line up to which
        the quotation marks are paired; whatever else is wrong with it is found in it."""
        delimiter, pending, begin, marks, size = "", list[str](), 1, 0, 0
        for line in self._lines():
            if not delimiter and (header := line.strip("\r\n")):
                delimiter = self._delimiter(header, begin)
            pending.append(line)
            marks, size = marks + line.count('"'), size + len(line)
            if size > self.limits.token:
                raise self._too_long(begin)
            if marks % 2 == 0:
                yield begin, self._fields("".join(pending), delimiter, begin)
                begin, pending, marks, size = begin + len(pending), [], 0, 0
        if pending:
            yield begin, self._fields("".join(pending), delimiter, begin)

    def _delimiter(self, header: str, line: int) -> str:
        """The one of comma, semicolon and tab that stands in the header line, outside of quotes."""
        bare = re.sub(QUOTED + "?", lambda m: "x" * len(m[0]), header)
        delimiters = sorted((bare.index(d), d) for d in DELIMITERS if d in bare)
        if len(delimiters) > 1:
            names = " and ".join(DELIMITERS[d] for _, d in delimiters)
            problem = f"the header line has {names}, and either may part it"
            raise self._refusal(line, delimiters[1][0] + 1, problem, "one of them")
        return delimiters[0][1] if delimiters else ","

    def _fields(self, record: str, delimiter: str, line: int) -> list[str]:
        record = record.removesuffix("\n").removesuffix("\r")
        try:
            fields = quoted_fields(record, delimiter) if '"' in record else bare_fields(record, delimiter)
        except Broken as broken:
            at = _Cursor(line)
            at.over(record[: broken.at])
            raise self._refusal(at.line, at.column, broken.problem, broken.expected) from None
        if len(fields) > self.limits.columns:
            raise self._refusal(line, 1, "this row has too many fields", f"at most {self.limits.columns:,}")
        return fields

    # --- text ---

    def _lines(self) -> Iterator[str]:
        """Each line of the text, with its line feed if it has one."""
        rest, number = "", 1
        for text in self._decoded():
            *lines, rest = (rest + text).split("\n")
            number += len(lines)
            yield from (f"{line}\n" for line in lines)
            if len(rest) > self.limits.token:
                raise self._too_long(number)
        if rest:
            yield rest

    def _decoded(self) -> Iterator[str]:
        """The text, piece by piece. What is not of the encoding is refused at its place."""
        data = self._pieces()
        first = next(data)
        mark = next((mark for mark in _MARKS if first.startswith(mark)), b"")
        codec = _MARKS.get(mark) or self.encoding or "utf-8"
        if codec == "cp1252":
            self._refuse_utf8()
        decoder, at = codecs.getincrementaldecoder(codec)(), _Cursor()
        self.digest.update(mark)
        for piece in chain([first[len(mark) :]], data):
            self.digest.update(piece)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as wrong:
                at.over(wrong.object[: wrong.start].decode(codec, "replace"))
                expected = "UTF-8, UTF-16 with its mark, or an encoding that the layout names"
                raise self._refusal(at.line, at.column, f"this is not {codec.upper()} text", expected) from None
            if (nul := text.find("\0")) >= 0:
                at.over(text[:nul])
                expected = "CSV in UTF-8, or in UTF-16 with its mark"
                raise self._refusal(at.line, at.column, "this is a NUL, which no text has", expected)
            at.over(text)
            yield text

    def _refuse_utf8(self) -> None:
        """Refuse what is UTF-8 throughout, though the layout says cp1252, at its first letter that
        tells."""
        decoder, at, told = codecs.getincrementaldecoder("utf-8")(), _Cursor(), False
        try:
            for piece in self._pieces():
                text = decoder.decode(piece, final=not piece)
                if not told:
                    plainly = _ASCII.match(text)[0]  # type: ignore[index]  # it matches nothing too
                    told = plainly != text
                    at.over(plainly)
        except UnicodeDecodeError:
            return
        if told:
            problem = "this is UTF-8 text, though the layout says cp1252"
            raise self._refusal(at.line, at.column, problem, "the encoding that it has")

    def _pieces(self) -> Iterator[bytes]:
        """The bytes of the file, and nothing at their end."""
        return chain(pieces(self.path, self.limits.packed, WorkbookRejected), [b""])

    def _too_long(self, line: int) -> WorkbookRejected:
        expected = f"at most {self.limits.token:,} characters, and each quotation mark closed"
        return self._refusal(line, 1, "this row is too long", expected)

    def _refusal(self, line: int, column: int, problem: str, expected: str) -> WorkbookRejected:
        return WorkbookRejected([Place(self.file, f"column {column}", "", line).finding("csv", problem, expected)])
