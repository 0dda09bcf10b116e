"""A layout file, as it is written and checked: which sheet and column of a user's is which of ours."""

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

from attrs import field, frozen

from grantcalc.errors import WorkbookRejected, refuse, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, Misread, WorkbookRead
from grantcalc.io.intake.csvbook import ENCODINGS
from grantcalc.io.intake.layout_parts import (
    CONDITIONS,
    JoinedSheet,
    MadeColumn,
    RowCondition,
    ValueMap,
    WideColumns,
    plain_name,
)
from grantcalc.io.intake.patterns import ColumnPattern, column_pattern
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import ALL_SHEETS, DOCUMENT, Column, SheetSchema, header_key
from grantcalc.provenance import Word
from grantcalc.terms.parsing import Parser
from grantcalc.terms.vocabulary import one_of
from grantcalc.toml import BYTES, decode_text, parse_toml


def key_of(name: str) -> str:
    """The key of a sheet or column in a layout file: Budget period is budget_period."""
    return "_".join(re.findall("[a-z0-9]+", name.lower()))


OTHERS = "others"
"""What `ignore` says of every column that a layout does not name."""
SHEETS: Mapping[str, SheetSchema] = {key_of(layout.sheet): layout for layout in ALL_SHEETS}


@frozen
class MappedTable:
    """What a layout says of one of our sheets: whose it is, and, by column key, the user's headers,
    the values, how the cells are written and what they mean. `only` says that no column is read
    that it does not name."""

    key: str
    layout: SheetSchema
    sheet: str
    headers: Mapping[str, str]
    ignored: tuple[str, ...]
    values: Mapping[str, object]
    made: Mapping[str, MadeColumn] = field(factory=dict)
    patterns: Mapping[str, ColumnPattern] = field(factory=dict)
    maps: Mapping[str, ValueMap] = field(factory=dict)
    leave_out: tuple[RowCondition, ...] = ()
    join: JoinedSheet | None = None
    wide: WideColumns | None = None
    only: bool = False


@frozen
class WorkbookLayout:
    """A layout file as read: its name, its text and the SHA-256 of its bytes, and what it says;
    `ignored` are the sheets and files that are not read, `codes` the form of participants' codes (0
    a digit, A a letter)."""

    file: str
    text: str
    digest: str
    encoding: str
    tables: tuple[MappedTable, ...]
    ignored: tuple[str, ...] = ()
    codes: str = ""

    def fits(self, book: WorkbookRead) -> bool:
        """Whether a workbook has a sheet that the layout names; one without any fits what has no
        Document sheet."""
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


_TABLE_KEYS = ("sheet", "columns", "values", "ignore", "written", "maps", "leave_out", "join", "wide")


def _table(told: Parser, key: str, table: Mapping[str, Any]) -> MappedTable:
    layout = SHEETS[key]
    _known(told, key, table, _TABLE_KEYS)
    columns = {key_of(c.header): c for c in layout.columns}
    said = {part: told.table(table.get(part, {}), f"{key}.{part}") for part in ("columns", "values", "written", "maps")}
    for part, entries in said.items():
        _known(told, f"{key}.{part}", entries, columns)
        said[part] = {name: entry for name, entry in entries.items() if name in columns}
    sheet = told.text(table, "sheet", key) if "sheet" in table else layout.sheet
    named, made = said["columns"], dict[str, MadeColumn]()
    for name in [name for name in named if isinstance(named[name], Mapping)]:
        made[columns[name].key] = _made(told, f"{key}.columns.{name}", columns[name], named[name])
    headers = {
        columns[name].key: told.text(named, name, f"{key}.columns") for name in named if columns[name].key not in made
    }
    only = table.get("ignore") == OTHERS
    ignored = () if only else _names(told, table, f"{key}.ignore", "headers", '["Phone", "Notes"]')
    counted = Counter(plain_name(header) for header in (*headers.values(), *ignored) if header)
    for name, column in columns.items():
        if column.key in headers and counted[plain_name(headers[column.key])] > 1:
            problem = "this header is named twice"
            told.add(f"{key}.columns.{name}", "header_twice", problem, "one column for each header")
    values, join, wide = {}, _join(told, key, table, columns), _wide(told, key, table, columns)
    elsewhere = {*headers, *made, *(join.headers if join else ()), *((wide.by, wide.holds) if wide else ())}
    for name, value in said["values"].items():
        at = f"{key}.values.{name}"
        values[columns[name].key] = _value(told, at, columns[name], value)
        if columns[name].key in elsewhere:
            told.add(at, "column_twice", "this column has a header too", "one header, or one value for every row")
    patterns = {columns[n].key: _pattern(told, f"{key}.written.{n}", columns[n], w) for n, w in said["written"].items()}
    maps = {columns[n].key: _map(told, f"{key}.maps.{n}", columns[n], m) for n, m in said["maps"].items()}
    conditions = _conditions(told, f"{key}.leave_out", table.get("leave_out", []))
    return MappedTable(key, layout, sheet, headers, ignored, values, made, patterns, maps, conditions, join, wide, only)


def _made(told: Parser, at: str, column: Column, said: Mapping[str, Any]) -> MadeColumn:
    """A column made of several: `join` with `by` between their texts, or `less`."""
    _known(told, at, said, ("join", "by", "less"))
    kind = "less" if "less" in said else "join"
    headers = said.get(kind)
    if not isinstance(headers, list) or not headers or not all(isinstance(h, str) and h.strip() for h in headers):
        told.add(f"{at}.{kind}", "made", "these must be headers", 'a list like ["Debit", "Credit"]', headers)
        headers = []
    if kind == "less" and column.kind not in ("money", "count"):
        told.add(f"{at}.less", "made", "only amounts and counts have a difference", "join")
    by = said.get("by", " ")
    if not isinstance(by, str) or (kind == "less" and "by" in said):
        told.add(f"{at}.by", "made", "this is the text between those that are joined", "text, with join", by)
        by = ""
    return MadeColumn(tuple(headers), by, kind == "less")


def _pattern(told: Parser, at: str, column: Column, said: Any) -> ColumnPattern:
    """How a column is written: one pattern, or a list of what may occur in it."""
    words = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    pattern = column_pattern([word for word in words if isinstance(word, str)], column.kind)
    if isinstance(pattern, ColumnPattern) and all(isinstance(word, str) for word in words):
        return pattern
    if not pattern:
        problem, wanted = "only dates, months and numbers are written in several ways", "a map, for other columns"
    else:
        problem, wanted = "this is no pattern of this column", f"of {pattern}"
    told.add(at, "pattern", problem, wanted)
    return ColumnPattern()


def _map(told: Parser, at: str, column: Column, said: Any) -> ValueMap:
    """What the texts of a column mean; an empty text makes the cell empty."""
    meanings: dict[str, object] = {}
    for text, meant in told.table(said, at).items():
        if plain_name(text) in meanings:
            told.add(at, "map", "a text is mapped twice: capitals and spaces do not matter", "one meaning for each")
        if meant != "":
            _value(told, at, column, meant)
        meanings[plain_name(text)] = meant
    return ValueMap(meanings)


def _conditions(told: Parser, at: str, said: Any) -> tuple[RowCondition, ...]:
    """Which rows are left out."""
    conditions = []
    for n, entry in enumerate(said if isinstance(said, list) else [said]):
        where = f"{at}[{n}]"
        table = told.table(entry, where)
        _known(told, where, table, ("column", *CONDITIONS))
        kinds = [kind for kind in CONDITIONS if kind in table]
        if len(kinds) != 1:
            told.add(where, "condition", "a row is left out for one reason", one_of(CONDITIONS))
            continue
        header, (kind,) = told.text(table, "column", where), kinds
        texts = table[kind] if isinstance(table[kind], list) else [table[kind]]
        right = texts == [True] if kind == "empty" else texts and all(isinstance(t, str) and t.strip() for t in texts)
        if not right:
            wanted = "true" if kind == "empty" else "text, or a list of texts"
            told.add(f"{where}.{kind}", "condition", "this is not what a cell may be compared with", wanted)
            continue
        names = () if kind == "empty" else tuple(plain_name(text) for text in texts)
        conditions.append(RowCondition(where, header, kind, names))
    return tuple(conditions)


def _join(told: Parser, key: str, table: Mapping[str, Any], columns: Mapping[str, Column]) -> JoinedSheet | None:
    """The sheet that continues each row."""
    if "join" not in table:
        return None
    at, said = f"{key}.join", told.table(table["join"], f"{key}.join")
    _known(told, at, said, ("sheet", "key", "columns"))
    keys = said.get("key")
    both = [one for one in (keys if isinstance(keys, list) else [keys, keys]) if isinstance(one, str) and one.strip()]
    if len(both) != 2:
        told.add(f"{at}.key", "join", "this must be the header of the key", "text, or the two headers", keys)
        both = ["", ""]
    named = told.table(said.get("columns", {}), f"{at}.columns")
    _known(told, f"{at}.columns", named, columns)
    headers = {columns[name].key: told.text(named, name, f"{at}.columns") for name in named if name in columns}
    if not headers:
        told.add(f"{at}.columns", "join", "a join must name the columns that it brings", 'like end = "Exit date"')
    return JoinedSheet(told.text(said, "sheet", at), both[0], both[1], headers)


def _wide(told: Parser, key: str, table: Mapping[str, Any], columns: Mapping[str, Column]) -> WideColumns | None:
    """The columns that are months or days."""
    if "wide" not in table:
        return None
    at, said = f"{key}.wide", told.table(table["wide"], f"{key}.wide")
    _known(told, at, said, ("headers", "by", "cells"))
    days = tuple(name for name, c in columns.items() if c.kind in ("date", "month", "months"))
    numbers = tuple(name for name, c in columns.items() if c.kind in ("money", "count"))
    if not days or not numbers:
        told.add(at, "wide", "this sheet has no column for a month or day and a number", "another sheet")
        return None
    by, holds = columns[told.word(said, "by", at, days)], columns[told.word(said, "cells", at, numbers)]
    return WideColumns(_pattern(told, f"{at}.headers", by, said.get("headers")), by.key, holds.key)


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


def the_sheet(book: WorkbookRead, wanted: str) -> str | None:
    """The one sheet of this name, or of a file of this name."""
    names = [n for n in book.sheets if wanted in (n, book.titles.get(n))]
    names = names or [
        n for n in book.sheets if plain_name(wanted) in (plain_name(n), plain_name(book.titles.get(n, n)))
    ]
    names = names or [n for n in book.sheets if header_key(n) == header_key(wanted) != ""]
    return names[0] if len(names) == 1 else None
