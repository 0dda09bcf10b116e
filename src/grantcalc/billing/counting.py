"""Counting a month (Rulebook 3): one function per policy, in the order of the rulebook's table.

Inside, a day is its ordinal. A *spell* is a run of enrolled days at one subaward in one phase; the
spells of a participant are disjoint and in order, all subawards together. A *count* is quantity ÷
of: 22 of 31 days, 1 of 1 month.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from attrs import define

from grantcalc.periods import add_months, anniversary_index, month_number, month_span
from grantcalc.provenance import NOWHERE, Source


class EnrollmentSpell(NamedTuple):
    """Enrolled days from `start` to `end` (ordinals, both included) at one subaward, in one
    phase."""

    start: int
    end: int
    subaward: str
    phase: str
    restored: bool = False
    source: Source = NOWHERE
    published: int = 0


MonthSpan = tuple[int, int, EnrollmentSpell]
"""First and last day (ordinals) of what one month has of a spell."""


@define
class EnrolledMonth:
    """One calendar month of one participant: its enrolled days, and what a policy must know of the
    time before: `before` is the last enrolled day before the month, if there is one."""

    number: int
    first: int
    last: int
    pieces: list[MonthSpan]
    before: int | None
    first_ever: int

    @property
    def start(self) -> int:
        """The first enrolled day of the month."""
        return self.pieces[0][0]

    @property
    def day_before(self) -> bool:
        """Whether the participant was enrolled on the day before the month."""
        return self.before == self.first - 1

    @property
    def fresh(self) -> bool:
        """Whether this is the month of application or follows a break: any day not enrolled since
        the last that was."""
        return self.before != self.start - 1

    @property
    def length(self) -> int:
        """L, the days of the month."""
        return self.last - self.first + 1

    @property
    def enrolled(self) -> int:
        """d, the days of the month on which the participant was enrolled, all subawards
        together."""
        return sum([end - start + 1 for start, end, _ in self.pieces])


class MonthCount(NamedTuple):
    """quantity ÷ of, and the pieces that it counts: they give its payee, its phase and its day of
    service."""

    quantity: int
    of: int
    pieces: list[MonthSpan]


PERIODS = {"month": (1, 0), "quarter": (3, 0), "year": (12, 0), "federal_fiscal_year": (12, 9)}
"""Of each period how many months it has, and with which month of the year one begins (0:
January)."""


def period_span(number: int, period: str) -> tuple[int, int]:
    """The ordinals of the first and last day of the period that holds the month with this
    number."""
    length, begins = PERIODS[period]
    first = number - (number - begins) % length
    return month_span(first)[0], month_span(first + length - 1)[1]


def months(
    spells: list[EnrollmentSpell], first_ever: int | None = None, period: str = "month"
) -> Iterator[EnrolledMonth]:
    """The calendar months that the spells touch, in order; the first day ever enrolled may lie
    before them. Where the terms count quarters or years, those: each belongs to the calendar month
    of its first enrolled day."""
    view: EnrolledMonth | None = None
    end: int | None = None
    for spell in spells:
        start = spell.start
        while start <= spell.end:
            if view is None or start > view.last:
                if view is not None:
                    yield view
                number = month_number(start)
                first, last = period_span(number, period)
                view = EnrolledMonth(number, first, last, [], end, first_ever or spells[0].start)
            end = min(spell.end, view.last)
            view.pieces.append((start, end, spell))
            start = view.last + 1
    if view is not None:
        yield view


def any_day(month: EnrolledMonth) -> list[MonthCount]:
    """1 if d ≥ 1."""
    return [MonthCount(1, 1, month.pieces)]


def first_day(month: EnrolledMonth) -> list[MonthCount]:
    """1 if enrolled on its first day, served or not."""
    return [MonthCount(1, 1, month.pieces)] if month.start == month.first else []


def following_month(month: EnrolledMonth) -> list[MonthCount]:
    """1 if enrolled on its first day and on the day before."""
    whole = month.start == month.first and month.day_before
    return [MonthCount(1, 1, month.pieces)] if whole else []


def following_month_or_restored(month: EnrolledMonth) -> list[MonthCount]:
    """The same, where the terms give a restored enrollment `from_start`."""
    _, _, spell = month.pieces[0]
    restored = spell.restored and month.start == spell.start
    return following_month(month) or (from_start(month) if restored else [])


def from_start(month: EnrolledMonth) -> list[MonthCount]:
    """First month of an application, or after a break: (L − start + 1) ÷ L, whatever follows; then
    1 while d ≥ 1.

    A month whose first enrolled day is not its first day always follows a break; any other is
    whole. (7 USC 2017(c)(2)(B): "following any period in which such household was not
    participating".)
    """
    start = month.start
    if start == month.first:
        return [MonthCount(1, 1, month.pieces)]
    return [MonthCount(month.last - start + 1, month.length, month.pieces)]


def from_start_thirty(month: EnrolledMonth) -> list[MonthCount]:
    """The same over a month of 30 days, the 31st taken as the 30th: (31 − start) ÷ 30 (7 CFR
    273.10(a)(1)(ii)(A))."""
    if month.start == month.first:
        return from_start(month)
    return [MonthCount(31 - min(month.start - month.first + 1, 30), 30, month.pieces)]


def mid_month(month: EnrolledMonth) -> list[MonthCount]:
    """1 if enrolled on both the 15th and the 16th."""
    wanted = {month.first + 14, month.first + 15}
    present = {day for day in wanted if any(start <= day <= end for start, end, _ in month.pieces)}
    return [MonthCount(1, 1, month.pieces)] if present == wanted else []


def anniversaries(views: Iterable[EnrolledMonth], each: int = 1) -> Iterator[tuple[EnrolledMonth, MonthCount]]:
    """Months run from the first day ever enrolled under the award; each one touched counts 1, in
    the calendar month of its first enrolled day, which may hold two. Each is measured from that
    first day, clamped to the month's end; its days are its own, in both calendar months."""
    enrolled: dict[int, tuple[EnrolledMonth, MonthCount]] = {}
    for month in views:
        anchor = date.fromordinal(month.first_ever)
        for start, end, spell in month.pieces:
            for k in range(_anniversary_month(anchor, start) // each, _anniversary_month(anchor, end) // each + 1):
                begin, after = add_months(anchor, each * k).toordinal(), add_months(anchor, each * (k + 1)).toordinal()
                _, count = enrolled.setdefault(k, (month, MonthCount(1, 1, [])))
                count.pieces.append((max(start, begin), min(end, after - 1), spell))
    yield from enrolled.values()


def _anniversary_month(anchor: date, ordinal: int) -> int:
    return anniversary_index(anchor, date.fromordinal(ordinal))


def once(month: EnrolledMonth) -> list[MonthCount]:
    """1 in the month of first enrollment under the award, never again."""
    return [MonthCount(1, 1, month.pieces)] if month.first <= month.first_ever <= month.last else []


WHOLE_MONTH_POLICIES: dict[str, Callable[[EnrolledMonth], list[MonthCount]]] = {
    "any_day": any_day,
    "first_day": first_day,
    "following_month": following_month,
    "following_month_or_restored": following_month_or_restored,
    "from_start": from_start,
    "from_start_thirty": from_start_thirty,
    "mid_month": mid_month,
    "once": once,
}


def whole_months(
    policy: str, views: Iterable[EnrolledMonth], each: int = 1
) -> Iterator[tuple[EnrolledMonth, MonthCount]]:
    """The counts of a whole-month policy, month by month, or period by period; anniversaries are of
    `each` so many months."""
    if policy == "anniversary":
        yield from anniversaries(views, each)
        return
    rule = WHOLE_MONTH_POLICIES[policy]
    for view in views:
        for count in rule(view):
            yield view, count


def proportional_of(policy: str, month: EnrolledMonth) -> int:
    """The divisor of a proportional policy, under which each part counts its own days ÷ of
    (Rulebook 3.1).

    `actual_days`: d ÷ L, so a part is own ÷ L. `thirty_days`: 1 if d = L, else min(d, 30) ÷ 30, so
    a part is own ÷ L in a whole month and own ÷ 30 otherwise (d of 31 is then a whole month, so min
    never cuts a part).
    """
    if policy == "thirty_days" and month.enrolled < month.length:
        return 30
    return month.length


def cut(spells: list[EnrollmentSpell], borders: Iterable[int]) -> list[EnrollmentSpell]:
    """The spells, cut so that none crosses a border (a border is the first day of what follows)."""
    parts, days = [], sorted({*borders})
    for spell in spells:
        rest = spell
        for border in days[bisect_right(days, spell.start) : bisect_right(days, spell.end)]:
            parts.append(rest._replace(end=border - 1))
            rest = rest._replace(start=border)
        parts.append(rest)
    return parts
