"""Lines of hours and units, day by day (Rulebook 3, policies `hour` and `unit`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from grantcalc.billing.caseload import UnitsUsed
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.days import banded, hours_of_day, hours_paid, parts_of, units_paid
from grantcalc.billing.deadlines import in_time
from grantcalc.billing.enrolled_person import EnrolledPerson
from grantcalc.billing.lines import Line
from grantcalc.billing.pricing import UnitKind
from grantcalc.billing.reasons import Reason
from grantcalc.billing.service_earnings import LineKey, ServiceEarnings
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import month_number
from grantcalc.terms import ServiceRules


class UnitKey(NamedTuple):
    """What the hours or units of one line have in common."""

    month: int
    line: LineKey
    kind: UnitKind
    of: int


Paid = tuple[int, int, EnrollmentSpell]
"""The hours or units of one day, that day, and the spell in which it lies."""


def unit_lines(
    earnings: ServiceEarnings,
    spells: list[EnrollmentSpell],
    enrolled: list[EnrollmentSpell],
    fresh: set[int],
) -> Iterator[Line]:
    """Hours and units of each day on which the participant was enrolled at the subaward. On other
    days they are on a line of quantity 0 with its reason, and so is what was claimed late; what
    screening refuses has its own lines."""
    person, rules = earnings.person, earnings.rules
    nothing: dict[tuple[int, str, str, Reason], EnrollmentSpell] = {}
    groups: dict[UnitKey, list[Paid]] = defaultdict(list)
    for (day, subaward), rows in sorted(_by_day(person, rules).items()):
        month = month_number(day)
        if month > person.through:
            break
        at = _at(spells, day, subaward)
        if at:
            at = at._replace(source=rows[0].source)
            had, unpaid = _had(person, rules, day, rows)
            for key, quantity in _of_day(earnings, day, at, had):
                groups[key].append((quantity, day, at))
            for reason in unpaid:
                nothing.setdefault((month, subaward, at.phase, reason), at._replace(start=day, end=day))
        elif not _at(enrolled, day, subaward):
            here = EnrollmentSpell(day, day, subaward, person.phase_at(day), source=rows[0].source)
            nothing.setdefault((month, subaward, here.phase, Reason("not_enrolled")), here)
    for month, of_month in groupby(groups.items(), key=lambda group: group[0].month):
        lines = [*_of_month(earnings, dict(of_month), fresh=month in fresh)]
        earnings.take_month(lines)
        yield from lines
    for (*_, reason), here in nothing.items():
        yield earnings.line((here.start, here.end, here), 0, 1, reason, None)


def _by_day(person: EnrolledPerson, rules: ServiceRules) -> dict[tuple[int, str], list[UnitsUsed]]:
    """The rows of a service by day and subaward, to the last day known."""
    by_day: dict[tuple[int, str], list[UnitsUsed]] = defaultdict(list)
    for row in person.units:
        if row.service == rules.service.id and row.day.toordinal() <= person.last_day:
            by_day[row.day.toordinal(), row.subaward].append(row)
    return by_day


def _had(
    person: EnrolledPerson, rules: ServiceRules, day: int, rows: list[UnitsUsed]
) -> tuple[dict[UnitKind, int], list[Reason]]:
    """The hours or units of one day that count, kind by kind; and why others do not: claimed late,
    or too few for a band."""
    had: dict[UnitKind, int] = defaultdict(int)
    reasons: list[Reason] = []
    for row in rows:
        paid, late = in_time(row, person.participant.issuer, day, rules, person.told)
        had[row.unit, row.rate_class] += paid
        reasons += [late] if late else []
    had = {kind: quantity for kind, quantity in had.items() if quantity}
    units = banded(rules, had, day)
    if len({rate_class for _, rate_class in units}) < len({rate_class for _, rate_class in had}):
        reasons.append(Reason("too_few_hours"))
    return units, reasons


def _of_day(
    earnings: ServiceEarnings, day: int, at: EnrollmentSpell, had: Mapping[UnitKind, int]
) -> Iterator[tuple[UnitKey, int]]:
    """What is paid of the hours or units of one day at one subaward, kind by kind."""
    rules = earnings.rules

    def price(kind: UnitKind) -> Fact[Rate]:
        return earnings.price(at, day, kind)

    def worth(unit: str, rate_class: str) -> Fraction:
        return Fraction(price((unit, rate_class)).value.value) / parts_of(rules, unit, day)

    paid = hours_paid if rules.count == "hour" else units_paid
    for kind, quantity in paid(rules, had, worth, day).items():
        of = hours_of_day(rules, day) if rules.count == "hour" else parts_of(rules, kind[0], day)
        yield UnitKey(month_number(day), earnings.key(at, day, price(kind)), kind, of), quantity


def _of_month(earnings: ServiceEarnings, groups: Mapping[UnitKey, list[Paid]], *, fresh: bool) -> Iterator[Line]:
    """The lines of one month; a quantity of 0 is beyond the most of a day."""
    first_days: dict[str, int] = {}
    for day, phase in sorted((day, at.phase) for pieces in groups.values() for q, day, at in pieces if q):
        first_days.setdefault(phase, day)
    reasons = {phase: earnings.limit_reached(phase, day) for phase, day in first_days.items()}
    for key, pieces in groups.items():
        quantity, (_, day, at) = sum(q for q, _, _ in pieces), pieces[0]
        reason = reasons[at.phase] if quantity else Reason("over_daily_most")
        yield from earnings.lines((day, day, at), quantity, key.of, reason, kind=key.kind, fresh=fresh)


def _at(spells: list[EnrollmentSpell], day: int, subaward: str) -> EnrollmentSpell | None:
    return next((s for s in spells if s.start <= day <= s.end and s.subaward == subaward), None)
