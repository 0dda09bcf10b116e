"""Months, intervals of days, and years of several kinds. The one place that imports pendulum.

Dates are plain calendar dates (`datetime.date`, Rulebook 2.1). Inside, a month is a number (12 ×
year + month − 1) and a day is its ordinal, since date arithmetic is what billing does most.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Self

import pendulum
from attrs import field, frozen

from grantcalc.errors import Inexact, shown_date

__all__ = ["Interval", "Month"]

FOREVER = date.max
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_date(value: date) -> date:
    """`value` as a plain date. TypeError for a datetime (it has a time of day) or anything that is
    not a date."""
    if type(value) is date:
        return value
    if type(value) is pendulum.Date:
        return date(value.year, value.month, value.day)
    raise TypeError(f"a day must be a datetime.date, not {type(value).__name__}")


def parse_date(text: str) -> date:
    """The date of `2012-10-15`; anything else is `Inexact`."""
    try:
        if not _DATE.fullmatch(text):  # fromisoformat takes weeks too
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Inexact("a date must be written like 2012-10-15", shown_date(text)) from None


def add_months(anchor: date, months: int) -> date:
    """The day `months` after `anchor`, clamped to the month's end; always count from the anchor,
    never step by step."""
    moved = pendulum.date(anchor.year, anchor.month, anchor.day).add(months=months)
    return date(moved.year, moved.month, moved.day)


@lru_cache(maxsize=4096)
def month_number(ordinal: int) -> int:
    """The number of the month that holds the day with this ordinal."""
    day = date.fromordinal(ordinal)
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=4096)
def date_of(ordinal: int) -> date:
    """The day with this ordinal; days are few and their uses many, so each is made once."""
    return date.fromordinal(ordinal)


@lru_cache(maxsize=4096)
def month_span(number: int) -> tuple[int, int]:
    """The ordinals of the first and last day of the month with this number."""
    year, month = divmod(number, 12)
    first = date(year, month + 1, 1).toordinal()
    return first, first + calendar.monthrange(year, month + 1)[1] - 1


@frozen(order=True)
class Month:
    """A calendar month. `Month(2012, 9)`; its text is `2012-09`. ValueError for a month outside 1
    to 12."""

    year: int
    month: int = field()
    number: int = field(init=False, repr=False, eq=False, order=False)

    @month.validator
    def _in_range(self, attribute: object, value: int) -> None:
        if not (1 <= value <= 12 and 1 <= self.year <= 9998):
            raise ValueError("a month is 1 to 12, in a year from 1 to 9998")

    @number.default
    def _count(self) -> int:
        return self.year * 12 + self.month - 1

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that holds `day`."""
        return month_of(day.year * 12 + day.month - 1)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month of `2012-09`; anything else is `Inexact`."""
        try:
            if len(text) != 7 or text[4] != "-" or not (text[:4] + text[5:]).isdecimal():
                raise ValueError
            return cls(int(text[:4]), int(text[5:]))
        except ValueError:
            raise Inexact("a month must be written like 2012-09", shown_date(text)) from None

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date.fromordinal(month_span(self.number)[1])

    @property
    def days(self) -> int:
        """L of the rulebook: the days of the month."""
        first, last = month_span(self.number)
        return last - first + 1

    def plus(self, months: int) -> Month:
        return month_of(self.number + months)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@lru_cache(maxsize=4096)
def month_of(number: int) -> Month:
    """The month with this number (12 × year + month − 1)."""
    return Month(number // 12, number % 12 + 1)


@frozen(order=True)
class Interval:
    """Days from `start` to `end`, both included (Rulebook 2.1); an open end is None. ValueError
    when it ends before it starts."""

    start: date = field(converter=as_date)
    end: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.end is not None and as_date(self.end) < self.start:
            raise ValueError("an interval must not end before it starts")

    @property
    def last(self) -> date:
        """The last day; of an open end, the last day that there is."""
        return self.end or FOREVER

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.last

    def clip(self, other: Interval) -> Self | None:
        """The days common to both, or None."""
        start = max(self.start, other.start)
        end = min(self.last, other.last)
        return type(self)(start, None if end == FOREVER else end) if start <= end else None

    def __str__(self) -> str:
        return f"{self.start} to {self.end or 'open'}"


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Inclusive spans of ordinals, merged where they touch or overlap, so that each day stands
    once, in order."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def federal_fiscal_year(day: date) -> int:
    """The federal fiscal year that holds `day`: from 1 October, named for the year in which it ends
    (Rulebook 7.3)."""
    return day.year + 1 if day.month >= 10 else day.year


def anniversary_index(anchor: date, day: date) -> int:
    """How many whole months lie between `anchor` and `day` (0 for the first); day ≥ anchor."""
    index = (day.year - anchor.year) * 12 + day.month - anchor.month
    return index - 1 if add_months(anchor, index) > day else index
