"""What the cells of a document say: which two of them say the same, and how much of it may be
repeated."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime, time
from decimal import Decimal

from grantcalc.errors import shown
from grantcalc.io.intake.cells import CellValue
from grantcalc.io.issued.summary import LINES
from grantcalc.xlsx.reader import WorkbookRead

_PRIVATE = ("Participant", "Reference", "Source")


def cells_of(book: WorkbookRead) -> Iterator[tuple[str, CellValue]]:
    """Every cell that holds something, by its address, like `Lines!Q3`."""
    for name, rows in book.sheets.items():
        for _, cells in rows:
            for cell in cells:
                yield f"{name}!{cell.ref}", cell


def words_of(book: WorkbookRead) -> set[object]:
    """The texts of a true workbook, which may be echoed; but not who a participant is, nor a row or
    a reference."""
    rows = book.sheets.get(LINES, ())
    headers = {cell.column: cell.value for _, cells in rows for cell in cells if cell.value in _PRIVATE}
    return {
        cell.value
        for name, rows in book.sheets.items()
        for _, cells in rows
        for cell in cells
        if isinstance(cell.value, str) and not (name == LINES and cell.column in headers)
    }


def same(actual: CellValue | None, expected: CellValue | None) -> bool:
    """Whether two cells say the same: by formula, blanks and dollar signs aside, and by value."""
    if actual is None or expected is None:
        return actual is expected
    if actual.formula != expected.formula and _formula(actual) != _formula(expected):
        return False
    if expected.formula and isinstance(actual.value, int | float) and isinstance(expected.value, int | float):
        return round(Decimal(repr(actual.value)), 6) == round(Decimal(repr(expected.value)), 6)  # others sum floats
    return comparable(actual.value) == comparable(expected.value)


def follows(actual: CellValue | None, expected: CellValue | None) -> bool:
    """Whether a cell has the right formula and only its value differs: it may follow from another
    cell."""
    return (
        actual is not None
        and expected is not None
        and bool(expected.formula)
        and _formula(actual) == _formula(expected)
    )


def _formula(cell: CellValue) -> str:
    return re.sub(r"[\s$]", "", cell.formula).lstrip("=").upper()


def comparable(value: object) -> object:
    """A value of which two are equal when they say the same: TRUE is not 1, and midnight is no time
    of day."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Decimal(repr(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return ("boolean", value) if isinstance(value, bool) else value


def said(cell: CellValue | None, words: Collection[object]) -> str:
    """What a cell says, as far as it may be echoed: numbers, dates, and the words of the true
    workbook."""
    if cell is None:
        return "nothing"
    value = cell.value if isinstance(cell.value, bool) else comparable(cell.value)
    text = f"{value:f}" if isinstance(value, Decimal) else str(value) if value in words else shown(value)
    formula = re.sub(r'"[^"]*"', '"…"', cell.formula.lstrip("="))
    return f"{text} (={formula})" if formula else text
