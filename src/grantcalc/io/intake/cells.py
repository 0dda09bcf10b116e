"""Cells in: what a cell means in its column. Nothing is guessed, nothing lost in silence."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from grantcalc.eligibility import PSEUDONYM, looks_like
from grantcalc.errors import Inexact, Unknown, shown, shown_date
from grantcalc.io.schemas import Column
from grantcalc.lookalikes import named_marks
from grantcalc.money import Cents, whole_cents
from grantcalc.periods import Month, parse_date
from grantcalc.regions import place_of
from grantcalc.xlsx.cell_values import ERRORS, CellValue, Doubt
from grantcalc.xlsx.reader import WorkbookRead, book_of_bytes, open_book
from grantcalc.xlsx.worksheets import SheetRows

__all__ = ["CellValue", "Doubt", "Misread", "SheetRows", "WorkbookRead", "book_of_bytes", "meaning", "open_book"]


KEPT = 10**15
"""Spreadsheets keep 15 digits of a number: from here on the last ones may be lost."""
MOST_MONTHS = 120
"""The months that one cell may name as "2012-01 to 2012-12": longer than any award, and a typing
error beyond."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST, _AFTER = 18_264, 73_051
"""Numbers of days that may be dates: from 1950 to 2099."""
_AS_NUMBER = re.compile(
    r"(?P<minus>[-(]?) ?\$? ?(?P<whole>[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,13})(?P<part>\.[0-9]{1,9})?\)?"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z_ -]*")
_ABBREVIATED = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,3}")


class Misread(Exception):
    """A cell that does not hold what its column asks for: what is wrong, expected and found."""

    def __init__(self, cause: str, problem: str, expected: str, found: str) -> None:
        super().__init__(problem)
        self.cause, self.problem, self.expected, self.found = cause, problem, expected, found


def meaning(cell: CellValue, column: Column) -> object:
    """What a cell means in its column; `Misread` when it means nothing there. Empty text is
    None."""
    value = cell.value
    if isinstance(value, Doubt):
        raise Misread(value.cause, value.problem, _a(column), value.found)
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
    if column.kind in ("text", "term", "pseudonym") and isinstance(value, str | int | float):
        value = _as_shown(cell, value)
    if column.kind in ("money", "value", "number", "ratio") and cell.look.currency:
        problem = "this amount is shown in another currency than US dollars"
        raise Misread("currency", problem, "US dollars, in a format that says so", cell.look.currency)
    return _KINDS[column.kind](value, column)


def _as_shown(cell: CellValue, value: str | float) -> object:
    """A number where a code is asked for, as its cell shows it (42 as 00042). `Misread` where
    digits were lost, or where the cell shows something else."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        return value
    expected = "text: format the cell as text, then type it again"
    if isinstance(value, str):
        if _ABBREVIATED.fullmatch(value):
            problem = "this number was abbreviated by a spreadsheet, so digits are lost"
            raise Misread("digits_lost", problem, expected, shown(value))
        return value
    if abs(value) >= KEPT:
        problem = "this is a number of more than 15 digits, of which a spreadsheet keeps 15"
        raise Misread("digits_lost", problem, expected, f"a number of {len(f'{abs(value):.0f}')} digits")
    if cell.look.digits is None:
        problem = "the format of this cell shows something else than the number that it holds"
        raise Misread("shown_otherwise", problem, expected, "a formatted number")
    return f"{int(value):0{cell.look.digits}d}"


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
        "number": "a number, or a percentage like 75%",
        "ratio": "a number, a percentage like 75%, or a fraction like 1/2.2",
    }.get(column.kind, "text")


def _wrong(value: object, column: Column, problem: str, cause: str = "") -> Misread:
    return Misread(cause or column.kind, problem, _a(column), _echo(value, column))


def _echo(value: object, column: Column) -> str:
    """What was found, as a finding may tell it: a date where one is asked for, and by name each
    mark that nobody sees."""
    found = shown(value)
    if isinstance(value, str):
        found = shown_date(value) if column.kind in ("date", "month", "months") else found
        marks = named_marks(value.strip())
        found += f" with {marks}" if marks else ""
    return found


def _text(value: object, column: Column) -> str:
    if isinstance(value, bool | date | time | timedelta):
        raise _wrong(value, column, "this is not text")
    if isinstance(value, float):
        if not value.is_integer():  # 93.600 would have lost its zeros already
            expected = "text: format the cell as text, then type it again"
            problem = "this is a number, where text is asked for"
            raise Misread(column.kind, problem, expected, str(_number(value)))
        value = int(value)
    return str(value)


def _pseudonym(value: object, column: Column) -> str:
    if isinstance(value, date):
        raise Misread("pseudonym", "a pseudonym must not be a date of birth", PSEUDONYM, "a date")
    text = _text(value, column)
    if what := looks_like(text):
        raise Misread("pseudonym", f"a pseudonym must not look like {what}", PSEUDONYM, shown(text))
    return text


def _folded(text: str) -> str:
    """A word as vocabularies have it: Case management is case_management."""
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def _word(value: object, column: Column) -> str:
    text = _folded(str(value))
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
            if shown_date(value) == value and not _ISO.fullmatch(value):
                expected = "a date, typed as 2012-10-15"
                raise Misread("date_as_text", "this is text that looks like a date", expected, value) from None
    if type(value) is int and _FIRST <= value < _AFTER:
        raise _wrong(value, column, "this is a number that is not shown as a date", "serial")
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
        if not 0 < last.number - first.number < MOST_MONTHS:
            raise Misread("months", "these months do not run forward", _a(column), f"{first} to {last}")
        return tuple(first.plus(k) for k in range(last.number - first.number + 1))
    return (_month(value, column),)


def _number(value: object) -> object:
    if isinstance(value, float):
        return Decimal(int(value) if value.is_integer() and abs(value) < 1e15 else repr(value))
    return value


def _exact(value: object, column: Column, problem: str) -> Decimal:
    """The exact decimal of a number cell. Spreadsheets keep 15 digits of a number: what a float has
    beyond those, or beyond the ninth decimal, is the noise of a formula's arithmetic (0.1 + 0.2),
    which nobody typed."""
    if isinstance(value, str) and (match := _AS_NUMBER.fullmatch(value)):
        number = ("-" if match["minus"] else "") + match["whole"].replace(",", "") + (match["part"] or "")
        told = "the cell holds a number as text: turn it into a number"
        raise Misread("number_as_text", told, _a(column), f"text that looks like {number}")
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


def _money(value: object, column: Column) -> Cents:
    number = _exact(value, column, "this is not an amount of money")
    try:
        return Cents(whole_cents(number))
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


def _place(value: object, _: Column) -> object:
    text = str(_number(value))
    try:
        return place_of(text)
    except Unknown as unknown:
        hint = f"; did you mean {unknown.nearest}?" if unknown.nearest else ""
        raise Misread("place", "this is not a known place", unknown.expected, shown(text) + hint) from None


_PERCENT = re.compile(r"([0-9]{1,9}(\.[0-9]{1,9})?) ?%")
_FRACTION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?/ ?([0-9]{1,9}(?:\.[0-9]{1,9})?)")


def _any_number(value: object, column: Column) -> Decimal:
    """A number; text like 75% is 0.75."""
    percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return Decimal(percent[1]).scaleb(-2) if percent else _exact(value, column, "this is not a number")


def _ratio(value: object, column: Column) -> Decimal | Fraction:
    """A number; text like 1/2.2 is that fraction, of which no decimal need be exact."""
    parts = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        return _any_number(value, column)
    if not Decimal(parts[2]):
        raise Misread("ratio", "this fraction divides by zero", _a(column), "a fraction")
    return Fraction(Decimal(parts[1])) / Fraction(Decimal(parts[2]))


def _value(value: object, column: Column) -> object:
    if isinstance(value, str):
        return _folded(value) if _WORDS.fullmatch(value) else value
    return _exact(value, column, "this is neither a number nor a word")


_KINDS = {
    "text": _text,
    "pseudonym": _pseudonym,
    "word": _word,
    "term": lambda value, column: _folded(_text(value, column)),
    "yes_no": _yes_no,
    "date": _date,
    "month": _month,
    "months": _months,
    "money": _money,
    "count": _count,
    "place": _place,
    "value": _value,
    "number": _any_number,
    "ratio": _ratio,
}
