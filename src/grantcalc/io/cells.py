"""Cells in: what a workbook holds, cell by cell, and what a cell means. Nothing is guessed and nothing is lost in silence."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError

from attrs import field, frozen

from grantcalc.errors import Finding, Inexact, Place, Unknown, WorkbookRejected, shown
from grantcalc.io.layouts import Column
from grantcalc.money import whole_cents
from grantcalc.periods import Month, parse_date
from grantcalc.regions import jurisdiction, region

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA")


@frozen
class Cell:
    """One cell that holds something: its reference (B3), its stored value, and its formula if it has one."""

    ref: str
    value: object
    formula: str = ""

    @property
    def column(self) -> str:
        return self.ref.rstrip("0123456789")


@frozen
class Book:
    """A workbook as read: the file's name, its SHA-256, and the rows of each sheet that hold anything."""

    file: str
    digest: str
    sheets: Mapping[str, tuple[tuple[int, tuple[Cell, ...]], ...]]
    properties: Mapping[str, str] = field(factory=dict)
    hidden: tuple[str, ...] = ()


def open_book(path: Path) -> Book:
    """Read a workbook whole. `WorkbookRejected` for what is no workbook, is password-protected, or is broken."""
    return book_of_bytes(path.read_bytes(), path.name)


def book_of_bytes(data: bytes, file: str) -> Book:
    """The same from the bytes of a file with this name."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        _refuse(
            file,
            "this is an old or password-protected workbook",
            "an .xlsx workbook without a password: save it as .xlsx",
        )
    if not zipfile.is_zipfile(BytesIO(data)):
        _refuse(file, "this is not a workbook", "an .xlsx workbook")
    import openpyxl  # here, since importing it costs more than all the rest

    try:
        formulas = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False)
        values = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheets = {}
        for name in formulas.sheetnames:
            shown_sheet, stored_sheet = formulas[name], values[name]
            if hasattr(shown_sheet, "reset_dimensions"):
                shown_sheet.reset_dimensions()
                stored_sheet.reset_dimensions()
                sheets[name] = tuple(_rows(shown_sheet.iter_rows(), stored_sheet.iter_rows()))
        custom = formulas.custom_doc_props.props  # type: ignore[attr-defined]  # newer than the stubs
        properties = {p.name: str(p.value) for p in custom}
        hidden = tuple(name for name in formulas.sheetnames if formulas[name].sheet_state != "visible")
        formulas.close()
        values.close()
    except (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, EOFError):
        _refuse(file, "this workbook is broken", "a workbook that a spreadsheet program opens and saves again")
    return Book(file, hashlib.sha256(data).hexdigest(), sheets, properties, hidden)


def _refuse(file: str, problem: str, expected: str) -> NoReturn:
    raise WorkbookRejected((Finding(Place(file), "package", problem, expected),))


def _rows(formula_rows: Iterator[Any], value_rows: Iterator[Any]) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    for formula_row, value_row in zip(formula_rows, value_rows, strict=True):
        cells = []
        number = 0
        for f, v in zip(formula_row, value_row, strict=True):
            if f.value is None and v.value is None:
                continue
            number = f.row
            text = str(f.value) if f.data_type == "f" else ""
            cells.append(Cell(f"{f.column_letter}{f.row}", v.value, text))
        if cells:
            yield number, tuple(cells)


class Misread(Exception):
    """A cell that does not hold what its column asks for: what is wrong, what was expected, what was found."""

    def __init__(self, cause: str, problem: str, expected: str, found: str) -> None:
        super().__init__(problem)
        self.cause, self.problem, self.expected, self.found = cause, problem, expected, found


def meaning(cell: Cell, column: Column) -> object:
    """What a cell means in its column; `Misread` when it means nothing there. Empty text is None."""
    value = cell.value
    if cell.formula and value is None:
        raise Misread(
            "not_calculated", "this formula was never calculated", "a value: open, recalculate and save", "a formula"
        )
    if isinstance(value, str):
        value = value.strip()
        if value in ERRORS:
            raise Misread("error_cell", "this cell shows an error", _a(column), value)
        if value == "":
            return None
    if isinstance(value, float) and not (-1e300 < value < 1e300):
        raise Misread("infinite", "this number is not finite", _a(column), "infinity")
    return _KINDS[column.kind](value, column)


def _a(column: Column) -> str:
    return {
        "date": "a date like 2012-10-15",
        "month": "a month like 2012-09",
        "months": "a month like 2012-09, or 2012-09 to 2012-11",
        "money": "dollars and cents as a number, like 1234.50",
        "count": "a whole number, 0 or more",
        "word": "one of " + ", ".join(column.choices),
        "yes_no": "yes or no",
        "place": "a State or territory, or a region like Region 4",
        "value": "a number or a word",
    }.get(column.kind, "text")


def _wrong(value: object, column: Column, problem: str, cause: str = "") -> Misread:
    return Misread(cause or column.kind, problem, _a(column), shown(value))


def _text(value: object, column: Column) -> str:
    if isinstance(value, bool | datetime | date | time):
        raise _wrong(value, column, "this is not text")
    if isinstance(value, float):
        if not value.is_integer():
            raise _wrong(Decimal(repr(value)), column, "this is not text")
        value = int(value)
    return str(value)


_NOT_A_PSEUDONYM = (
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    (re.compile(r"\d{3}-?\d{2}-?\d{4}"), "a Social Security number"),
    (re.compile(r"[Aa][- ]?\d{7,9}"), "an A-number"),
    (re.compile(r"(19|20)\d{2}[-/.]?\d{1,2}[-/.]?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})"), "a date of birth"),
    (re.compile(r"[^\d]*[^\W\d_]{2,}[^\d]*"), "a name"),
)


def _pseudonym(value: object, column: Column) -> str:
    if isinstance(value, datetime | date):
        raise Misread(
            "pseudonym", "a pseudonym must not be a date of birth", "a code of your own like P-0417", "a date"
        )
    text = _text(value, column)
    for pattern, what in _NOT_A_PSEUDONYM:
        if pattern.fullmatch(text):
            raise Misread(
                "pseudonym", f"a pseudonym must not look like {what}", "a code of your own like P-0417", shown(text)
            )
    return text


def _word(value: object, column: Column) -> str:
    text = str(value).strip().lower().replace(" ", "_").replace("-", "_")
    if text not in column.choices:
        raise _wrong(value, column, f"this is not a known {column.header.lower()}")
    return text


def _yes_no(value: object, column: Column) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("yes", "no"):
        raise _wrong(value, column, "this is neither yes nor no")
    return text == "yes"


def _date(value: object, column: Column) -> date:
    if isinstance(value, datetime):
        if value.time() != time(0):
            raise _wrong(value.isoformat(" "), column, "a date must not have a time of day")
        return value.date()
    if type(value) is date:
        return value
    if isinstance(value, str):
        try:
            return parse_date(value)
        except Inexact:
            pass
    raise _wrong(_number(value), column, "this is not a date")


def _month(value: object, column: Column) -> Month:
    if isinstance(value, datetime | date):
        return Month.of(_date(value, column))
    if isinstance(value, str):
        try:
            return Month.parse(value)
        except Inexact:
            pass
    raise _wrong(_number(value), column, "this is not a month")


def _months(value: object, column: Column) -> tuple[Month, ...]:
    if isinstance(value, str) and " to " in value:
        first, last = (_month(part.strip(), column) for part in value.split(" to ", 1))
        if not 0 < last.number - first.number < 120:
            raise Misread("months", "these months do not run forward", _a(column), f"{first} to {last}")
        return tuple(first.plus(k) for k in range(last.number - first.number + 1))
    return (_month(value, column),)


def _number(value: object) -> object:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _exact(value: object, column: Column, problem: str) -> Decimal:
    """The exact decimal of a number cell: readers give floats, whose shortest text is what was typed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(value, column, problem)
    return Decimal(repr(value))


def _money(value: object, column: Column) -> int:
    number = _exact(value, column, "this is not an amount of money")
    try:
        return whole_cents(number)
    except Inexact:
        raise Misread(
            "fraction_of_a_cent", "this amount hides a fraction of a cent", _a(column), f"{number:f}"
        ) from None


def _count(value: object, column: Column) -> int:
    number = _exact(value, column, "this is not a count")
    if number < 0:
        raise Misread("count", "a count of persons cannot be negative", _a(column), f"{number:f}")
    if number != number.to_integral_value():
        raise Misread("count", "a count must be whole", _a(column), f"{number:f}")
    return int(number)


def _place(value: object, column: Column) -> object:
    text = str(value)
    try:
        return (
            region(text)
            if text.lower().startswith(("region", "r")) and any(c.isdigit() for c in text)
            else jurisdiction(text)
        )
    except Unknown as unknown:
        hint = f"; did you mean {unknown.nearest}?" if unknown.nearest else ""
        raise Misread("place", "this is not a known place", _a(column), shown(text) + hint) from None


def _value(value: object, column: Column) -> object:
    if isinstance(value, str):
        return value
    return _exact(value, column, "this is neither a number nor a word")


_KINDS = {
    "text": _text,
    "pseudonym": _pseudonym,
    "word": _word,
    "yes_no": _yes_no,
    "date": _date,
    "month": _month,
    "months": _months,
    "money": _money,
    "count": _count,
    "place": _place,
    "value": _value,
}
