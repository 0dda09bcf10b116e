"""A layout file in: which sheet and column of a user's workbook is which of ours. It renames, it computes nothing."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from grantcalc.errors import Place, WorkbookRejected, refuse, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, Misread, SheetRows, WorkbookRead, open_book, worth
from grantcalc.io.intake.csvbook import ENCODINGS, is_csv, open_csv
from grantcalc.io.schemas import ALL_SHEETS, DOCUMENT, Column, SheetSchema, header_key
from grantcalc.provenance import Word
from grantcalc.terms.parsing import Parser
from grantcalc.terms.vocabulary import one_of
from grantcalc.toml import BYTES, decode_text, parse_toml

BESIDE = ".layout.toml"
"""What follows the name of a workbook in the name of the layout that is found beside it."""


def key_of(name: str) -> str:
    """The key of a sheet or column in a layout file: Budget period is budget_period."""
    return "_".join(re.findall("[a-z0-9]+", name.lower()))


SHEETS: Mapping[str, SheetSchema] = {key_of(layout.sheet): layout for layout in ALL_SHEETS}


@frozen
class MappedTable:
    """What a layout says of one of our sheets: whose it is, and, by column key, the user's headers and the values."""

    key: str
    layout: SheetSchema
    sheet: str
    headers: Mapping[str, str]
    ignored: tuple[str, ...]
    values: Mapping[str, object]


@frozen
class WorkbookLayout:
    """A layout file as read: its name, its text and the SHA-256 of its bytes, and what it says."""

    file: str
    text: str
    digest: str
    encoding: str
    tables: tuple[MappedTable, ...]

    def fits(self, book: WorkbookRead) -> bool:
        """Whether a workbook has a sheet that the layout names; one without any fits what has no Document sheet."""
        sheets = [t for t in self.tables if not _stands_alone(t)]
        if sheets:
            return any(_the_sheet(book, t.sheet) is not None for t in sheets)
        return all(header_key(name) != header_key(DOCUMENT.sheet) for name in book.sheets)


# --- opening what is read by a layout ---


def input_book(path: Path, layouts: Iterable[WorkbookLayout] = ()) -> WorkbookRead:
    """An input workbook, a CSV file or a folder of them, by the one of these layouts that fits it, or else by the one
    beside it. `WorkbookRejected` where two fit."""
    given, beside = tuple(layouts), layout_beside(path)
    book = opened(path, next((each.encoding for each in (*given, *beside) if each.encoding), ""))
    fitting = [layout for layout in given if layout.fits(book)]
    if len(fitting) > 1:
        problem = "more than one of the layouts fits this workbook"
        raise WorkbookRejected([Place(book.file).finding("layout", problem, "one", str(len(fitting)))])
    for layout in fitting or beside:
        book = book_by(book, layout)
    return book


def book_by_layout(path: str | Path, layout: str | Path | None) -> WorkbookRead:
    """An input workbook by the layout of a file, whether it fits or not; without one, by the one beside it."""
    path = Path(path)
    if layout is None:
        return input_book(path)
    read = open_layout(Path(layout))
    return book_by(opened(path, read.encoding), read)


def opened(path: Path, encoding: str = "") -> WorkbookRead:
    """An input workbook, a CSV file in this encoding, or a folder of them, as it stands."""
    if is_csv(path):
        return open_csv(path, encoding)
    if path.is_dir():
        raise WorkbookRejected([Place(path.name).finding("package", "this folder holds no CSV file", "one or more")])
    return open_book(path)


def layout_beside(path: Path) -> tuple[WorkbookLayout, ...]:
    """The layout in the folder of a workbook that is named for it: `caseload.xlsx.layout.toml`; or none."""
    beside = Path(f"{path.absolute()}{BESIDE}")
    return (open_layout(beside),) if beside.is_file() else ()


def open_layout(path: Path) -> WorkbookLayout:
    """A layout file. `WorkbookRejected` with every wrong key at once, each with its line."""
    return layout_of_bytes(read_file(path, BYTES, WorkbookRejected), path.name)


def layout_of_bytes(data: bytes, file: str) -> WorkbookLayout:
    """The same from the bytes of a file with this name."""
    text = decode_text(data, file, WorkbookRejected)
    document = parse_toml(text, file, WorkbookRejected)
    told = Parser(file, text, [])
    keys = [key for key in document if key != "encoding"]
    _known(told, "", keys, ["encoding", *SHEETS])
    encoding = told.word(document, "encoding", "", ENCODINGS) if "encoding" in document else ""
    tables = tuple(_table(told, key, told.table(document[key], key)) for key in keys if key in SHEETS)
    refuse(told.findings, WorkbookRejected)
    return WorkbookLayout(file, text, hashlib.sha256(data).hexdigest(), encoding, tables)


# --- what a layout may say ---


def _known(told: Parser, path: str, keys: Iterable[str], words: Iterable[str]) -> None:
    wanted = list(words)
    for key in (k for k in keys if k not in wanted):
        near = difflib.get_close_matches(key[:40], wanted, n=1, cutoff=0.7)
        found = Word(f"{shown(key)}; did you mean {near[0]}?") if near else key
        told.add(f"{path}.{key}".lstrip("."), "unknown_key", "there is no such key in a layout", one_of(wanted), found)


def _table(told: Parser, key: str, table: Mapping[str, Any]) -> MappedTable:
    layout = SHEETS[key]
    _known(told, key, table, ["sheet", "columns", "values", "ignore"])
    columns = {key_of(c.header): c for c in layout.columns}
    said = {part: told.table(table.get(part, {}), f"{key}.{part}") for part in ("columns", "values")}
    for part, entries in said.items():
        _known(told, f"{key}.{part}", entries, columns)
    sheet = told.text(table, "sheet", key) if "sheet" in table else layout.sheet
    headers = {
        columns[name].key: told.text(said["columns"], name, f"{key}.columns")
        for name in said["columns"]
        if name in columns
    }
    ignored = table.get("ignore", [])
    if not isinstance(ignored, list) or not all(isinstance(header, str) for header in ignored):
        told.add(f"{key}.ignore", "ignore", "these must be headers", 'a list like ["Phone", "Notes"]', ignored)
        ignored = []
    counted = Counter(_name(header) for header in (*headers.values(), *ignored) if header)
    for name, column in columns.items():
        if column.key in headers and counted[_name(headers[column.key])] > 1:
            problem = "this header is named twice"
            told.add(f"{key}.columns.{name}", "header_twice", problem, "one column for each header")
    values = {}
    for name in said["values"]:
        if name in columns:
            at = f"{key}.values.{name}"
            values[columns[name].key] = _value(told, at, columns[name], said["values"][name])
            if columns[name].key in headers:
                told.add(at, "column_twice", "this column has a header too", "one header, or one value for every row")
    return MappedTable(key, layout, sheet, headers, tuple(ignored), values)


def _value(told: Parser, at: str, column: Column, value: Any) -> object:
    """What a value means in its column: that of a cell that holds it."""
    whole = isinstance(value, str | int | date) or (isinstance(value, Decimal) and value.is_finite())
    if not whole or value == "":
        told.add(at, "value", "this must be what a cell of the column may hold", "text, a number or a date")
        return None
    try:
        return worth(CellValue("", value), column)
    except Misread as wrong:
        told.add(at, wrong.cause, wrong.problem, wrong.expected, Word(wrong.found) if wrong.found else None)
        return None


# --- reading a workbook by it ---


def book_by(book: WorkbookRead, layout: WorkbookLayout) -> WorkbookRead:
    """The workbook with our names for its sheets and columns; each cell keeps its place, and each sheet its title.

    `WorkbookRejected` for a sheet or column that the layout names and the workbook has not, at its line of the layout.
    """
    told = Parser(layout.file, layout.text, [])
    found: dict[str, list[tuple[MappedTable, SheetRows]]] = {}
    values: dict[str, Mapping[str, object]] = {}
    for table in layout.tables:
        theirs = _the_sheet(book, table.sheet)
        if theirs is not None:
            found.setdefault(theirs, []).append((table, _renamed(told, table, book.sheets[theirs])))
            values[table.layout.sheet] = table.values
        elif _stands_alone(table):
            values[table.layout.sheet] = table.values
            for column in (c for c in table.layout.columns if c.required and c.key not in table.values):
                problem, wanted = f"{column.header} must be given here, where no sheet gives it", "a value"
                told.add(f"{table.key}.values", "no_value", problem, wanted)
        else:
            count = len(book.sheets)
            wanted = "the name of its sheet" if count == 1 else f"the name of one of its {count} sheets"
            told.add(f"{table.key}.sheet", "no_sheet", "the workbook has no such sheet", wanted, table.sheet)
    sheets: dict[str, SheetRows] = {}
    titles: dict[str, str] = {}
    for name, rows in book.sheets.items():
        for table, renamed in found.get(name, ()):
            sheets[table.layout.sheet], titles[table.layout.sheet] = renamed, book.titles.get(name, name)
            ours = header_key(table.layout.sheet)
            if any(header_key(other) == ours and other not in found for other in book.sheets):
                problem = f"another sheet of the workbook is named {table.layout.sheet}, and would not be read"
                told.add(f"{table.key}.sheet", "sheet_name", problem, "another name there")
        if name not in found:
            sheets[name], titles[name] = rows, book.titles.get(name, name)
    refuse(told.findings, WorkbookRejected)
    return evolve(book, sheets=sheets, titles=titles, values=values, layout=(layout.file, layout.digest))


def _stands_alone(table: MappedTable) -> bool:
    """Whether a table needs no sheet: the Document, whose one row can be given by values alone."""
    named = table.headers or table.ignored or table.sheet != table.layout.sheet
    return table.layout is DOCUMENT and bool(table.values) and not named


def _name(text: str) -> str:
    """A user's own name, as two of them are compared: only capitals and spaces do not matter."""
    return " ".join(text.split()).casefold()


def _the_sheet(book: WorkbookRead, wanted: str) -> str | None:
    """The one sheet of this name, or of a file of this name."""
    names = [n for n in book.sheets if wanted in (n, book.titles.get(n))]
    names = names or [n for n in book.sheets if _name(wanted) in (_name(n), _name(book.titles.get(n, n)))]
    names = names or [n for n in book.sheets if header_key(n) == header_key(wanted) != ""]
    return names[0] if len(names) == 1 else None


def _renamed(told: Parser, table: MappedTable, rows: SheetRows) -> SheetRows:
    """The rows of a sheet with our headers in place of the user's, and without the columns that are ignored."""
    ours = {_name(table.headers[c.key]): c for c in table.layout.columns if c.key in table.headers}
    ignored = {_name(header) for header in table.ignored}
    named = [*ours, *ignored]
    if not named:
        return rows

    def columns(cells: Sequence[CellValue]) -> dict[str, list[str]]:
        """The letters of the columns that these cells head, by their names."""
        heads: dict[str, list[str]] = {}
        for cell in cells:
            heads.setdefault(_name(str(cell.value)), []).append(cell.column)
        return heads

    number, heads = 0, dict[str, list[str]]()
    for at, cells in rows:
        if len((here := columns(cells)).keys() & set(named)) > len(heads.keys() & set(named)):
            number, heads = at, here
            if heads.keys() >= set(named):
                break
    for name in named:
        letters = heads.get(name, [])
        key = f"columns.{key_of(ours[name].header)}" if name in ours else "ignore"
        if not letters:
            told.add(
                f"{table.key}.{key}", "no_column", "the sheet has no such column", f"a header of row {number}", name
            )
        elif len(letters) > 1:
            problem, where = (
                "the sheet has several columns of this header",
                " and ".join(f"{x}{number}" for x in letters),
            )
            told.add(f"{table.key}.{key}", "column_twice", problem, "one", Word(where))
    gone = {letters for name in ignored for letters in heads.get(name, ())}

    def kept(row: int, cells: tuple[CellValue, ...]) -> tuple[CellValue, ...]:
        if row < number or not (gone or row == number):
            return cells
        cells = tuple(c for c in cells if c.column not in gone)
        if row > number:
            return cells
        heading = ((cell, ours.get(_name(str(cell.value)))) for cell in cells)
        return tuple(CellValue(cell.ref, column.header) if column else cell for cell, column in heading)

    return tuple((row, left) for row, cells in rows if (left := kept(row, cells)))
