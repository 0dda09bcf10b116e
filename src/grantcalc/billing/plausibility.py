"""What can hardly be right: days after the report date, months after the award, costs too large for
one participant.

Each is told as a warning, at its cell; an error only where nothing can be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from operator import attrgetter

from grantcalc.awards import Award
from grantcalc.billing.caseload import Caseload, Cost, Enrollment
from grantcalc.errors import Finding
from grantcalc.keys import published
from grantcalc.money import dollars
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Word

DAYS: Mapping[str, tuple[str, ...]] = {
    "participants": ("arrived", "eligible"),
    "statuses": ("effective", "published"),
    "letters": ("days.start", "published"),
    "households": ("days.start", "published"),
    "enrollments": ("days.start", "published"),
    "costs": ("paid", "published"),
    "counts": ("month.first", "published"),
    "units": ("day", "published"),
    "absences": ("days.start", "published"),
    "figures": ("published",),
    "characteristics": ("published",),
    "openings": ("published",),
    "elsewhere": ("days.start", "published"),
    "disallowed": ("published",),
}
"""The days that rows of a caseload tell: none of them can lie after its report date."""
_COLUMNS = {"days.start": "start", "month.first": "month"}

LARGE = 5_000_000
"""Cents: a cost of one participant above this is told, where the terms set no ceiling. Our own
choice, of no source."""


def implausible(
    caseloads: Iterable[Caseload], network: Network, through: Month | None, known: date
) -> Iterator[Finding]:
    """What can hardly be right in caseloads under an award workbook, billed through a month (None:
    not billed) as known on a day."""
    used: dict[str, Award] = {}
    for load in caseloads:
        yield from _late_days(load, network, known)
        served = (load.enrollments, load.costs, load.counts, load.units)
        places = {row.subaward for rows in served for row in rows if network.knows_subaward(row.subaward)}
        awards = {id: network.award_of(id) for id in places}
        used |= {award.fain: award for award in awards.values()}
        days = [published(row) for rows in served for row in rows]
        if days and min(days) > known:
            problem = f"no row of this caseload was known on {known}, so nothing is billed"
            expected = f"a known date of {min(days)} or later"
            yield load.source.finding("nothing_known", problem, expected, severity="warning")
        for cost in load.costs:
            if cost.participant is not None and cost.subaward in awards:
                yield from _large(cost, awards[cost.subaward])
        for row in load.units:
            by_hour = row.subaward in awards and row.service in _hourly(awards[row.subaward])
            if by_hour and row.quantity > 24 and row.published <= known:
                problem = "a day has only 24 hours"
                yield row.source.finding("hours", problem, "24 at most", column="quantity")
    if through is not None:
        yield from _beyond(used.values(), through)


def _late_days(load: Caseload, network: Network, known: date) -> Iterator[Finding]:
    """Days after the report date. What stood in the cell is not repeated: a claim's notes go up,
    and are of no one.

    A row that is not known yet refuses nothing (law 4).
    """
    expected = f"{load.report_date} or before"
    for name, fields in DAYS.items():
        if name in ("statuses", "letters") and load.logs:
            continue  # a letter log has a report date of its own
        for field in fields:
            get, column = attrgetter(field), _COLUMNS.get(field, field)
            late = (row for row in getattr(load, name) if (day := get(row)) is not None and day > load.report_date)
            for row in late:
                never = name == "enrollments" and field == "days.start" and _after_period(row, network)
                if never and row.published <= known:
                    problem = "this enrollment begins after the report date and after the subaward's period"
                    yield row.source.finding("later", problem, expected, column=column)
                else:
                    problem = "this day is after the report date"
                    yield row.source.finding("later", problem, expected, column=column, severity="warning")


def _after_period(row: Enrollment, network: Network) -> bool:
    known = network.knows_subaward(row.subaward)
    return known and row.days.start > network.subaward(row.subaward).period.last


def _large(cost: Cost, award: Award) -> Iterator[Finding]:
    """A cost of one participant above every ceiling of a participant, or above what any is likely
    to be."""
    amounts = [
        fact.value
        for ceiling in award.terms.ceilings
        if ceiling.choices["scope"].value == "participant"
        for series in ceiling.amounts.values()
        for fact in series.facts
    ]
    most = max(amounts, default=LARGE)
    if cost.amount > most:
        problem = "this is a large cost for one participant"
        expected = f"{dollars(most)} at most, which is {'the highest ceiling' if amounts else 'usual'}"
        yield cost.source.finding("large_cost", problem, expected, column="amount", severity="warning")


def _hourly(award: Award) -> set[str]:
    return {s.id for s in award.terms.services if s.choices["count"].value == "hour"}


def _beyond(awards: Iterable[Award], through: Month) -> Iterator[Finding]:
    """A last month of service after the end of every award, or before the first of them begins."""
    ordered = sorted(awards, key=lambda award: award.period.last)
    if not ordered:
        return
    last, first = ordered[-1], min(ordered, key=lambda award: award.period.start)
    if through.first > last.period.last:
        problem, expected = "service is billed through a month after the award's end", str(last.period)
        yield last.source.finding("through", problem, expected, Word(str(through)), column="end", severity="warning")
    elif through.last < first.period.start:
        problem, expected = "service is billed through a month before the award's start", str(first.period)
        yield first.source.finding("through", problem, expected, Word(str(through)), column="start", severity="warning")
