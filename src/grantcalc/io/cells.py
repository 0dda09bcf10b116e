"""Cells in: what a workbook holds, cell by cell, and what a cell means. Nothing is guessed, nothing lost in silence."""

from __future__ import annotations

import hashlib
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from attrs import evolve, field, frozen

from grantcalc.errors import Finding, Inexact, Place, Unknown, WorkbookRejected, shown
from grantcalc.io.layouts import Column
from grantcalc.money import whole_cents
from grantcalc.periods import Month, parse_date
from grantcalc.regions import jurisdiction, region

ERRORS = "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED!".split()

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Rows = tuple[tuple[int, tuple["Cell", ...]], ...]

# What a zip, an XML parser and openpyxl raise when they are given a damaged file: found by damaging files at random.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
)


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
    """A workbook as read: the file's name, its SHA-256, and the rows of each sheet that hold anything.

    Where a sheet is called otherwise here than in the file, `titles` has the file's name for it. `text` says that all
    cells are text, as in CSV. A layout that the workbook is read by gives its file and digest (`layout`), and by sheet
    and column key the `values` that hold for every row.
    """

    file: str
    digest: str
    sheets: Mapping[str, Rows]
    properties: Mapping[str, str] = field(factory=dict)
    hidden: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(factory=dict)
    text: bool = False
    layout: tuple[str, str] = ("", "")
    values: Mapping[str, Mapping[str, object]] = field(factory=dict)


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells what it will not write again: nothing is written here
            sheets, properties, hidden = _read(data)
    except _DAMAGE:
        _refuse(file, "this workbook is broken", "a workbook that a spreadsheet program opens and saves again")
    return Book(file, hashlib.sha256(data).hexdigest(), sheets, properties, hidden)


def _refuse(file: str, problem: str, expected: str) -> NoReturn:
    raise WorkbookRejected((Finding(Place(file), "package", problem, expected),))


def _read(data: bytes) -> tuple[dict[str, Rows], dict[str, str], tuple[str, ...]]:
    """The sheets with their formulas and stored values, the custom properties, and which sheets are hidden."""
    import openpyxl  # here, since importing it costs more than all the rest

    formulas = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False)
    sheets = {sheet.title: _rows(sheet) for sheet in formulas.worksheets}
    if any(cell.formula for rows in sheets.values() for _, cells in rows for cell in cells):
        values = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: _with_values(sheets[sheet.title], sheet) for sheet in values.worksheets}
        values.close()
    custom = formulas.custom_doc_props.props  # type: ignore[attr-defined]  # newer than the stubs
    properties = {p.name: str(p.value) for p in custom}
    hidden = tuple(name for name in formulas.sheetnames if formulas[name].sheet_state != "visible")
    formulas.close()
    return sheets, properties, hidden


def _rows(sheet: Any) -> Rows:
    """The rows of a sheet that hold anything; of a formula its text, and not yet its value."""
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    rows = []
    for row in sheet.iter_rows():
        cells = [
            Cell(
                f"{c.column_letter}{c.row}",
                None if c.data_type == "f" else c.value,
                str(getattr(c.value, "text", c.value)) if c.data_type == "f" else "",  # an array formula is an object
            )
            for c in row
            if c.value is not None
        ]
        if cells:
            rows.append((int(cells[0].ref.lstrip(_LETTERS)), tuple(cells)))
    return tuple(rows)


def _with_values(rows: Rows, sheet: Any) -> Rows:
    """The same rows, each formula with its stored value; None where it was never calculated."""
    if not any(cell.formula for _, cells in rows for cell in cells):
        return rows
    sheet.reset_dimensions()
    stored = {
        f"{c.column_letter}{c.row}": "" if c.value is None else c.value
        for row in sheet.iter_rows()
        for c in row
        if c.value is not None or c.data_type == "str"  # calculated, and found to be empty
    }
    return tuple((n, tuple(evolve(c, value=stored.get(c.ref)) if c.formula else c for c in cells)) for n, cells in rows)


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
        "number": "a number",
    }.get(column.kind, "text")


def _wrong(value: object, column: Column, problem: str, cause: str = "") -> Misread:
    return Misread(cause or column.kind, problem, _a(column), shown(value))


def _text(value: object, column: Column) -> str:
    if isinstance(value, bool | date | time | timedelta):
        raise _wrong(value, column, "this is not text")
    if isinstance(value, float):
        if not value.is_integer():  # 93.600 would have lost its zeros already
            raise _wrong(_number(value), column, "this is a number, where text is asked for")
        value = int(value)
    return str(value)


_NOT_A_PSEUDONYM = (
    (r"\S@\S", "an e-mail address"),
    (r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)|^\d{9}$", "a Social Security number"),
    (r"^[Aa][-# ]*\d([- ]?\d){6,8}$", "an A-number"),
    (r"(?<!\d)((19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d)(?!\d)", "a date of birth"),
    (r"^(\d{1,2}[-/.]\d{1,2}[-/.]\d\d|(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01]))$", "a date of birth"),
    (r"^(?!.*\d).*?[^\W\d_]{2}|[^\W\d_]{2}[,.]? +[^\W\d_]{2}", "a name"),
)


def _pseudonym(value: object, column: Column) -> str:
    expected = "a code of your own like P-0417"
    if isinstance(value, date):
        raise Misread("pseudonym", "a pseudonym must not be a date of birth", expected, "a date")
    text = _text(value, column)
    for pattern, what in _NOT_A_PSEUDONYM:
        if re.search(pattern, text, re.DOTALL):
            raise Misread("pseudonym", f"a pseudonym must not look like {what}", expected, shown(text))
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
            raise _wrong(value, column, "a date must not have a time of day")
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
    if isinstance(value, float):
        return Decimal(int(value) if value.is_integer() and abs(value) < 1e15 else repr(value))
    return value


def _exact(value: object, column: Column, problem: str) -> Decimal:
    """The exact decimal of a number cell. Spreadsheets keep 15 digits of a number: what a float has beyond those, or
    beyond the ninth decimal, is the noise of a formula's arithmetic (0.1 + 0.2), which nobody typed."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _wrong(value, column, problem)
    if not -(10**13) < value < 10**13:
        raise _wrong(_number(value), column, "this number is larger than a spreadsheet keeps to the cent")
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) or value.is_integer():
        return Decimal(int(value))
    decimals = min(9, 15 - len(str(int(abs(value)))))
    return Decimal(f"{value:.{decimals}f}".rstrip("0").rstrip(".")) or Decimal(0)


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


_REGION = re.compile(r"(?i)(hhs )?region\b|(hhs )?r(egion)?[ -]?\d")


def _place(value: object, column: Column) -> object:
    text = str(value)
    try:
        return region(text) if _REGION.match(text) else jurisdiction(text)
    except Unknown as unknown:
        hint = f"; did you mean {unknown.nearest}?" if unknown.nearest else ""
        raise Misread("place", "this is not a known place", _a(column), shown(text) + hint) from None


def _any_number(value: object, column: Column) -> object:
    return _exact(value, column, "this is not a number")


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
    "number": _any_number,
}
