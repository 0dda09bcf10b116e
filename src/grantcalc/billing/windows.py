"""Windows: the days over which a ceiling is measured (Rulebook 7.3)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from itertools import pairwise

from attrs import define, field, frozen

from grantcalc.awards import Award
from grantcalc.errors import NotInForce
from grantcalc.periods import Interval, add_months, federal_fiscal_year

OPEN_END = date(9000, 1, 1)
"""The last day used for an award without an end: years follow it, so that the year that holds it
has an end too."""
MOST_YEARS = 59
"""Enrollment years of one person: an award without an end would otherwise have thousands of
them."""


@frozen
class Window:
    """Days over which a ceiling is measured: ordinals of its first and last day, and its name."""

    name: str
    first: int
    last: int


@frozen
class Windows:
    """Windows of one kind, one after another."""

    kind: str
    windows: tuple[Window, ...]
    starts: list[int] = field(init=False, eq=False, repr=False)

    @starts.default
    def _starts(self) -> list[int]:
        return [w.first for w in self.windows]

    def at(self, ordinal: int, known: date, what: str = "") -> Window:
        """The window that holds a day; `NotInForce` for a day that is in none."""
        index = bisect_right(self.starts, ordinal) - 1
        if index >= 0:
            window = self.windows[index]
            if ordinal <= window.last:
                return window
        raise NotInForce(f"{self.kind} {what}".strip(), date.fromordinal(ordinal), known)


@define
class Calendar:
    """The windows of one award, made once; only `enrollment_year` differs between participants."""

    award: Award
    _made: dict[str, Windows] = field(factory=dict)

    def windows(self, kind: str, first_enrolled: int | None = None) -> Windows:
        """The windows of one kind that cover the award's period; `enrollment_year` runs from the
        first enrolled day."""
        if kind == "enrollment_year":
            return Windows(kind, _enrollment_years(first_enrolled, _last_day(self.award.period)))
        if kind not in self._made:
            self._made[kind] = Windows(kind, _windows(kind, self.award))
        return self._made[kind]


def _last_day(days: Interval) -> date:
    return min(days.last, OPEN_END)


def _windows(kind: str, award: Award) -> tuple[Window, ...]:
    start, end = award.period.start, _last_day(award.period)
    if kind == "award":
        return (Window("award", start.toordinal(), end.toordinal()),)
    if kind == "budget_period":
        return tuple(
            Window(p.label, p.days.start.toordinal(), _last_day(p.days).toordinal()) for p in award.budget_periods
        )
    if kind == "federal_fiscal_year":
        years = range(federal_fiscal_year(start), federal_fiscal_year(end) + 1)
        return tuple(Window(f"FFY {y}", date(y - 1, 10, 1).toordinal(), date(y, 9, 30).toordinal()) for y in years)
    years = range(start.year, end.year + 1)
    return tuple(Window(str(y), date(y, 1, 1).toordinal(), date(y, 12, 31).toordinal()) for y in years)


def _enrollment_years(first_enrolled: int | None, end: date) -> tuple[Window, ...]:
    """12 months from first enrollment, and again, each counted from that first day."""
    windows: list[Window] = []
    if first_enrolled is not None:
        anchor = date.fromordinal(first_enrolled)
        starts = [anchor]
        while starts[-1] <= end and len(starts) <= MOST_YEARS:
            starts.append(add_months(anchor, 12 * len(starts)))
        windows = [
            Window(f"enrollment year {k}", a.toordinal(), b.toordinal() - 1)
            for k, (a, b) in enumerate(pairwise(starts), 1)
        ]
    return tuple(windows)
