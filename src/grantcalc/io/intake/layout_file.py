"""A layout file: which sheet and column of a user's workbook is which of ours, as it is written and checked."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen

from grantcalc.errors import WorkbookRejected, refuse, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, Misread, WorkbookRead
from grantcalc.io.intake.csvbook import ENCODINGS
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import ALL_SHEETS, DOCUMENT, Column, SheetSchema, header_key
from grantcalc.provenance import Word
from grantcalc.terms.parsing import Parser
from grantcalc.terms.vocabulary import one_of
from grantcalc.toml import BYTES, decode_text, parse_toml


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
    """A layout file as read: its name, its text and the SHA-256 of its bytes, and what it says; `ignored` are the
    sheets and files that are not read, `codes` the form of participants' codes (0 a digit, A a letter)."""

    file: str
    text: str
    digest: str
    encoding: str
    tables: tuple[MappedTable, ...]
    ignored: tuple[str, ...] = ()
    codes: str = ""

    def fits(self, book: WorkbookRead) -> bool:
        """Whether a workbook has a sheet that the layout names; one without any fits what has no Document sheet."""
        sheets = [t for t in self.tables if not stands_alone(t)]
        if sheets:
            return any(the_sheet(book, t.sheet) is not None for t in sheets)
        return all(header_key(name) != header_key(DOCUMENT.sheet) for name in book.sheets)


def open_layout(path: Path) -> WorkbookLayout:
    """A layout file. `WorkbookRejected` with every wrong key at once, each with its line."""
    return layout_of_bytes(read_file(path, BYTES, WorkbookRejected), path.name)


def layout_of_bytes(data: bytes, file: str) -> WorkbookLayout:
    """The same from the bytes of a file with this name."""
    text = decode_text(data, file, WorkbookRejected)
    document = parse_toml(text, file, WorkbookRejected)
    told = Parser(file, text, [])
    keys = [key for key in document if key not in ("codes", "encoding", "ignore")]
    _known(told, "", keys, ["codes", "encoding", "ignore", *SHEETS])
    encoding = told.word(document, "encoding", "", ENCODINGS) if "encoding" in document else ""
    tables = tuple(_table(told, key, told.table(document[key], key)) for key in keys if key in SHEETS)
    ignored = _names(told, document, "ignore", "names of sheets or files", '["Notes", "Costs Q2"]')
    codes = told.text(document, "codes", "") if "codes" in document else ""
    refuse(told.findings, WorkbookRejected)
    return WorkbookLayout(file, text, hashlib.sha256(data).hexdigest(), encoding, tables, ignored, codes)


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
    ignored = _names(told, table, f"{key}.ignore", "headers", '["Phone", "Notes"]')
    counted = Counter(plain_name(header) for header in (*headers.values(), *ignored) if header)
    for name, column in columns.items():
        if column.key in headers and counted[plain_name(headers[column.key])] > 1:
            problem = "this header is named twice"
            told.add(f"{key}.columns.{name}", "header_twice", problem, "one column for each header")
    values = {}
    for name in said["values"]:
        if name in columns:
            at = f"{key}.values.{name}"
            values[columns[name].key] = _value(told, at, columns[name], said["values"][name])
            if columns[name].key in headers:
                told.add(at, "column_twice", "this column has a header too", "one header, or one value for every row")
    return MappedTable(key, layout, sheet, headers, ignored, values)


def _names(told: Parser, table: Mapping[str, Any], at: str, what: str, example: str) -> tuple[str, ...]:
    """The names under the key `ignore`."""
    ignored = table.get("ignore", [])
    if not isinstance(ignored, list) or not all(isinstance(name, str) for name in ignored):
        told.add(at, "ignore", f"these must be {what}", f"a list like {example}", ignored)
        return ()
    return tuple(ignored)


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


# --- whose sheet is meant ---


def stands_alone(table: MappedTable) -> bool:
    """Whether a table needs no sheet: the Document, whose one row can be given by values alone."""
    named = table.headers or table.ignored or table.sheet != table.layout.sheet
    return table.layout is DOCUMENT and bool(table.values) and not named


def plain_name(text: str) -> str:
    """A user's own name, as two of them are compared: only capitals and spaces do not matter."""
    return " ".join(text.split()).casefold()


def the_sheet(book: WorkbookRead, wanted: str) -> str | None:
    """The one sheet of this name, or of a file of this name."""
    names = [n for n in book.sheets if wanted in (n, book.titles.get(n))]
    names = names or [
        n for n in book.sheets if plain_name(wanted) in (plain_name(n), plain_name(book.titles.get(n, n)))
    ]
    names = names or [n for n in book.sheets if header_key(n) == header_key(wanted) != ""]
    return names[0] if len(names) == 1 else None
