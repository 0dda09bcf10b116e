"""What one cell of a workbook holds: text, a number, a day, yes or no, an error; or nothing that is
sure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from grantcalc.errors import shown
from grantcalc.xlsx.formats import PLAIN, Look, Moment, moment
from grantcalc.xlsx.parts import unescaped
from grantcalc.xlsx.scan import Report

ERRORS = "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED!".split()

TOO_MUCH = "this workbook has too much text"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,17}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3}|\.[0-9]{6})?)?Z?")


@frozen
class CellValue:
    """One cell that holds something: its reference (B3), its stored value, and its formula if it
    has one.

    A value is text, a bool, an int or float, a datetime, time or timedelta; None where a formula
    was never calculated; or a `Doubt`. `look` is what its format makes of a number.
    """

    ref: str
    value: object
    formula: str = ""
    look: Look = field(default=PLAIN, eq=False, repr=False)

    @property
    def column(self) -> str:
        return self.ref.rstrip("0123456789")


@frozen
class MovedCell(CellValue):
    """A cell that is read in another column than that in which it is: `ref` is where it is in the
    file, with the title of its sheet before it where that is another one (`Exit.csv!C9`)."""

    under: str = ""

    @property
    def column(self) -> str:
        return self.under


@frozen
class Doubt:
    """What says nothing for sure, and why: it has no meaning in any column."""

    cause: str
    problem: str
    found: str = ""

    def __str__(self) -> str:
        return self.found or self.problem


def number(text: str) -> int | float | Doubt:
    """A number as it is stored. Spreadsheets keep 15 digits, and a float gives back every number of
    that many."""
    if text.isdecimal() and text.isascii() and len(text) < 18:
        return int(text)
    text = text.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    if len(text) < 1200 and _NUMBER.fullmatch(text):  # no float has more digits
        return float(text)
    return Doubt("no_number", "this cell should hold a number, and does not", shown(text))


@frozen
class Counter:
    """How much was read of what is limited for a workbook as a whole."""

    report: Report
    counts: dict[str, int] = field(factory=lambda: dict.fromkeys(("cells", "characters", "merged"), 0))

    def add(self, what: str, number: int, most: int, problem: str) -> None:
        """Count on, and refuse the workbook past the limit."""
        self.counts[what] += number
        if self.counts[what] > most:
            self.report.refuse(what, problem, f"at most {most:,}")


@frozen
class Contents:
    """The contents of the cells of one workbook, from what all its sheets share: texts, what the
    styles look like, and whether days are counted from 1904."""

    strings: Sequence[str]
    looks: Mapping[str | None, Look]
    from_1904: bool
    counter: Counter
    days: dict[tuple[str, str], object] = field(factory=dict)
    texts: dict[str, str] = field(factory=dict)
    """Each text that stands in cells themselves, as it stands there and as it reads."""

    def value(self, kind: str, text: str, style: Look) -> object:
        """What a cell of this kind (its `t`) holds, by the text of its value."""
        if kind == "n":
            return self._day(text, style.kind) if style.kind else number(text)
        if kind == "s":
            index = int(text) if _WHOLE.fullmatch(text) else -1
            known = 0 <= index < len(self.strings)
            return self.strings[index] if known else Doubt("no_text", "the text of this cell is not in the workbook")
        if kind == "str":
            return self.once(text)
        if kind == "e":
            return text if text in ERRORS else Doubt("error_cell", "this cell shows an error")
        if kind == "b":
            return _BOOLEANS[text.strip()] if text.strip() in _BOOLEANS else _unknown()
        return _written_day(text) if kind == "d" else _unknown()

    def once(self, text: str) -> str:
        """A text, kept and counted once, however often it is read."""
        known = self.texts.get(text)
        if known is None:
            known = self.texts[text] = unescaped(text)
            self.counter.add("characters", len(text), self.counter.report.limits.characters, TOO_MUCH)
        return known

    def _day(self, text: str, kind: str) -> object:
        if (text, kind) not in self.days:
            self.days[text, kind] = _day(number(text), kind, self.from_1904)
        return self.days[text, kind]


_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


def _unknown() -> Doubt:
    return Doubt("unknown_content", "this cell holds something that no spreadsheet writes")


def _written_day(text: str) -> datetime | Doubt:
    """A day as Strict workbooks may write it."""
    try:
        return datetime.fromisoformat(text.removesuffix("Z")) if _DAY.fullmatch(text) else _unknown()
    except ValueError:
        return _unknown()


def _day(value: float | Doubt, kind: str, from_1904: bool) -> Moment | str | Doubt:
    if not isinstance(value, int | float):
        return value
    try:
        day = moment(value, kind, from_1904)
    except OverflowError:
        return Doubt("no_day", "this number is no date or time, so that a spreadsheet shows ####", str(value))
    return day or Doubt("early_day", "this day is before 1900-03-01, where spreadsheets do not agree", str(value))
