"""How a column of a user's own file is written: patterns of dates and of numbers, each as a layout
declares it.

Nothing is guessed here: a text that has none of the declared patterns stays a finding at its cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from attrs import field, frozen

from grantcalc.io.intake.cells import Doubt
from grantcalc.periods import Month
from grantcalc.provenance import Word

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_TOKENS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<short>[0-9]{2})",
    "MMMM": f"(?P<name>{'|'.join(MONTH_NAMES)})",
    "MMM": f"(?P<name>{'|'.join(name[:3] for name in MONTH_NAMES)}|Sept)\\.?",
    "MM": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{1,2})",
}
_TOKEN = re.compile("YYYY|YY|MMMM|MMM|MM|DD")
_ZONE = r"(?: ?(?:Z|UTC|[+-][0-9:]{2,6}))?"
_TIME = rf"(?:[ T]+[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?(?: ?[AP]\.?M\.?)?{_ZONE})?"
TIME = "time"
"""The word that lets a time of day follow a date; it is cut off."""

DIGITS = {
    "1234.56": (r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+", "", "."),
    "1,234.56": (r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+", ",", "."),
    "1234,56": (r"[0-9]+(?:,[0-9]+)?|,[0-9]+", "", ","),
    "1.234,56": (r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?|,[0-9]+", ".", ","),
    "1 234,56": (r"[0-9]{1,3}(?: [0-9]{3})+(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?|,[0-9]+", " ", ","),
}
"""How the digits of a number are parted: the digits, the separator of thousands, the decimal
sign."""
SIGNS = {
    "$": "currency signs",
    "(1.00)": "amounts in parentheses",
    "1.00-": "trailing minus signs",
    "1.00 CR": "credit marks",
    "75%": "percentages",
    "reversed": "signs reversed",
}
"""What else a number may have, and how a conversion of it is told."""


@frozen
class DatePattern:
    """How dates, or months, are written: YYYY or YY (2000 to 2099), MM, MMM (Jan) or MMMM
    (January), DD, and whatever is between them. `time` lets a time of day follow, which is cut
    off."""

    text: str
    time: bool
    expression: re.Pattern[str] = field(eq=False)

    @property
    def has_day(self) -> bool:
        return "D" in self.text

    def read(self, text: str) -> date | Month | None:
        """The day that a text says, or the month where the pattern has no day; None where it is
        written otherwise."""
        said = self.expression.fullmatch(" ".join(text.split()))
        if said is None:
            return None
        parts = said.groupdict()
        year = int(parts.get("year") or 2000 + int(parts.get("short") or 0))
        name = (parts.get("name") or "")[:3].title()
        month = int(parts.get("month") or 1 + [known[:3] for known in MONTH_NAMES].index(name))
        try:
            day = date(year, month, int(parts.get("day") or 1))
        except ValueError:  # there is no such day
            return None
        return day if self.has_day else Month.of(day)


@lru_cache(maxsize=256)
def date_pattern(text: str, *, time: bool) -> DatePattern | None:
    """The pattern that a layout declares; None where it does not say a year and a month exactly
    once."""
    parts = _TOKEN.findall(text)
    between = _TOKEN.split(text)
    once = [sum(part[0] == kind for part in parts) for kind in "YMD"]
    if once[:2] != [1, 1] or once[2] > 1 or any(re.search("[A-Za-z0-9]", part) for part in between):
        return None
    whole = "".join(re.escape(part) + _TOKENS.get(token, "") for part, token in zip(between, [*parts, ""], strict=True))
    if not any(between):  # without separators each part has all of its digits
        whole = whole.replace("{1,2}", "{2}")
    return DatePattern(text, time, re.compile(whole + (_TIME if time else ""), re.IGNORECASE))


@frozen
class ColumnPattern:
    """What a layout declares of one column: its date patterns, or the words of its numbers."""

    dates: tuple[DatePattern, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The declaration, as a finding repeats it."""
        time = (TIME,) if any(pattern.time for pattern in self.dates) else ()
        return " or ".join((*(pattern.text for pattern in self.dates), *self.numbers, *time))

    def read(self, value: object) -> tuple[object, tuple[str, ...]]:
        """What a cell holds, as our own columns would have it, and the kinds of what was converted.
        A `Doubt` for a text that is not written so."""
        if self.dates:
            return self._read_date(value)
        if isinstance(value, str) and value.strip():
            return self._read_number(" ".join(value.split()))
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and "reversed" in self.numbers:
            return -value, (SIGNS["reversed"],)
        return value, ()

    def _read_date(self, value: object) -> tuple[object, tuple[str, ...]]:
        if isinstance(value, datetime) and any(pattern.time for pattern in self.dates):
            cut = (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0)
            return value.date(), ("times of day cut",) * cut
        if not isinstance(value, str) or not value.strip():
            return value, ()
        said = {pattern.read(value): pattern for pattern in self.dates}
        said.pop(None, None)
        if len(said) > 1:
            return Doubt("pattern", "this date has two patterns of the layout, which say different days"), ()
        for meant, pattern in said.items():
            times = ("times of day cut",) if ":" in value and pattern.time else ()
            return (str(meant) if isinstance(meant, Month) else meant), (f"dates as {pattern.text}", *times)
        return self._doubt("date"), ()

    def _read_number(self, text: str) -> tuple[object, tuple[str, ...]]:
        parted, signs = [w for w in self.numbers if w in DIGITS] or ["1234.56"], {*self.numbers} - {*DIGITS}
        said = {_number(text, word, signs) for word in parted} - {None}
        if len({one[0] for one in said if one}) > 1:
            return Doubt("pattern", "this number has two patterns of the layout, which say different amounts"), ()
        one = min((one for one in said if one), default=None, key=lambda read: len(read[1]))
        return (one[0], one[1]) if one else (self._doubt("number"), ())

    def _doubt(self, what: str) -> Doubt:
        problem = f"this is not a {what} as the layout says that it is written ({self.words})"
        return Doubt("pattern", problem)


def _number(text: str, word: str, signs: Iterable[str]) -> tuple[Decimal, tuple[str, ...]] | None:
    """The number that a text says with digits parted as `word`, and what of it was converted."""
    digits, thousands, decimal = DIGITS[word]
    currency = r"(?P<{}>(?:US)?\$|USD)? ?" if "$" in signs else ""
    pattern = (
        (r"(?P<open>\()? ?" if "(1.00)" in signs else "")
        + currency.format("before")
        + "(?P<minus>-)? ?"
        + currency.format("within")
        + (r"(?P<inner>\()? ?" if "(1.00)" in signs else "")
        + f"(?P<digits>{digits})"
        + (r"(?P<percent> ?%)?" if "75%" in signs else "")
        + (r"(?P<trailing> ?-)?" if "1.00-" in signs else "")
        + (r"(?P<credit> ?CR| ?DR)?" if "1.00 CR" in signs else "")
        + (r" ?(?P<close>\))?" if "(1.00)" in signs else "")
        + (r" ?(?P<behind>USD|(?:US)?\$)?" if "$" in signs else "")
    )
    said = re.fullmatch(pattern, text, re.IGNORECASE)
    if said is None:
        return None
    parts = {name: part for name, part in said.groupdict().items() if part}
    opened, credited = bool(parts.get("open")) + bool(parts.get("inner")), parts.get("credit", "").strip().upper()
    negative = sum(("minus" in parts, "trailing" in parts, opened > 0, credited == "CR"))
    symbols = sum(name in parts for name in ("before", "within", "behind"))
    if opened != ("close" in parts) or negative > 1 or symbols > 1:
        return None
    number = Decimal(parts["digits"].replace(thousands or " ", "").replace(decimal, "."))
    number = number.scaleb(-2) if "percent" in parts else number
    number = -number if (negative > 0) != ("reversed" in signs) else number
    told = [
        (symbols > 0, SIGNS["$"]),
        (bool(thousands) and thousands in parts["digits"], "thousands separators"),
        (decimal == "," and "," in parts["digits"], "decimal commas"),
        (opened > 0, SIGNS["(1.00)"]),
        ("trailing" in parts, SIGNS["1.00-"]),
        (bool(credited), SIGNS["1.00 CR"]),
        ("percent" in parts, SIGNS["75%"]),
        ("reversed" in signs, SIGNS["reversed"]),
    ]
    return number, tuple(kind for converted, kind in told if converted)


def column_pattern(words: Sequence[str], kind: str) -> ColumnPattern | str:
    """The pattern of a column of this kind from the words of a layout; or what may be said, where
    they are wrong."""
    if kind in ("date", "month", "months"):
        time = TIME in words
        texts = [word for word in words if word != TIME]
        dates = [pattern for text in texts if (pattern := date_pattern(text, time=time))]
        wanted = "a date" if kind == "date" else "a month or a date"
        if len(dates) < len(texts) or not dates or (kind == "date" and not all(p.has_day for p in dates)):
            tokens = "YYYY or YY, MM, MMM or MMMM, and DD"
            return f"{wanted} of {tokens}, like MM/DD/YYYY; and {TIME} where a time of day follows"
        return ColumnPattern(dates=tuple(dates))
    if kind in ("money", "count", "number", "ratio", "value"):
        unknown = [word for word in words if word not in (*DIGITS, *SIGNS)]
        return Word(", ".join((*DIGITS, *SIGNS))) if unknown or not words else ColumnPattern(numbers=tuple(words))
    return ""
