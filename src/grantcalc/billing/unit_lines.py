"""Lines of hours and units, day by day (Rulebook 3, policies `hour` and `unit`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from grantcalc.billing.caseload import UnitsUsed
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.days import hours_of_day, hours_paid, units_paid
from grantcalc.billing.enrolled_person import EnrolledPerson
from grantcalc.billing.lines import Line
from grantcalc.billing.person_earnings import EarnedQuantity, LineKey, PersonEarnings
from grantcalc.billing.pricing import UnitKind
from grantcalc.billing.reasons import Reason
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


def unit_lines(
    earnings: PersonEarnings,
    rules: ServiceRules,
    stretches: list[EnrollmentSpell],
    enrolled: list[EnrollmentSpell],
    fresh: set[int],
) -> Iterator[Line]:
    """Hours and units of each day on which the participant was enrolled at the subaward. On other days they are on a
    line of quantity 0 with its reason; what screening refuses has its own lines."""
    person = earnings.person
    elsewhere: dict[tuple[int, str, str], EnrollmentSpell] = {}
    groups: dict[UnitKey, list[EarnedQuantity]] = defaultdict(list)
    for (day, subaward), rows in sorted(_by_day(person, rules).items()):
        month = month_number(day)
        if month > person.through:
            break
        at = _at(stretches, day, subaward)
        if at:
            for key, earned in _of_day(earnings, rules, day, at._replace(source=rows[0].source), rows):
                groups[key].append(earned)
        elif not _at(enrolled, day, subaward):
            here = EnrollmentSpell(day, day, subaward, person.phase_at(day), source=rows[0].source)
            elsewhere.setdefault((month, subaward, here.phase), here)
    for month, of_month in groupby(groups.items(), key=lambda group: group[0].month):
        lines = [*_of_month(earnings, rules, dict(of_month), fresh=month in fresh)]
        earnings.take_month(rules, lines)
        yield from lines
    for (month, _, _), here in elsewhere.items():
        yield earnings.line(rules, EarnedQuantity(month, here.start, here, 0, 1), Reason("not_enrolled"), None)


def _by_day(person: EnrolledPerson, rules: ServiceRules) -> dict[tuple[int, str], list[UnitsUsed]]:
    """The rows of a service by day and subaward, to the last day known."""
    by_day: dict[tuple[int, str], list[UnitsUsed]] = defaultdict(list)
    for row in person.units:
        if row.service == rules.service.id and row.day.toordinal() <= person.last_day:
            by_day[row.day.toordinal(), row.subaward].append(row)
    return by_day


def _of_day(
    earnings: PersonEarnings, rules: ServiceRules, day: int, at: EnrollmentSpell, rows: list[UnitsUsed]
) -> Iterator[tuple[UnitKey, EarnedQuantity]]:
    """What is paid of the hours or units of one day at one subaward, kind by kind."""
    had: dict[UnitKind, int] = defaultdict(int)
    for row in rows:
        had[row.unit, row.rate_class] += row.quantity
    had = {kind: quantity for kind, quantity in had.items() if quantity}

    def price(kind: UnitKind) -> Fact[Rate]:
        return earnings.price(rules, at, day, kind)

    def worth(unit: str, rate_class: str) -> Fraction:
        return Fraction(price((unit, rate_class)).value.value)

    paid, of = units_paid, 1
    if rules.count == "hour":
        paid, of = hours_paid, hours_of_day(rules, day)
    for kind, quantity in paid(rules, had, worth, day).items():
        key = UnitKey(month_number(day), earnings.key(rules, at, day, price(kind)), kind, of)
        yield key, EarnedQuantity(key.month, day, at, quantity, of, kind)


def _of_month(
    earnings: PersonEarnings, rules: ServiceRules, groups: Mapping[UnitKey, list[EarnedQuantity]], *, fresh: bool
) -> Iterator[Line]:
    """The lines of one month; a quantity of 0 is beyond the most of a day."""
    first_days: dict[str, int] = {}
    for day, phase in sorted((e.day, e.spell.phase) for found in groups.values() for e in found if e.quantity):
        first_days.setdefault(phase, day)
    reasons = {phase: earnings.limit_reached(rules, phase, day) for phase, day in first_days.items()}
    for found in groups.values():
        earned = found[0]._replace(quantity=sum(e.quantity for e in found))
        reason = reasons[earned.spell.phase] if earned.quantity else Reason("over_daily_most")
        yield from earnings.lines(rules, earned, reason, fresh=fresh)


def _at(stretches: list[EnrollmentSpell], day: int, subaward: str) -> EnrollmentSpell | None:
    return next((s for s in stretches if s.start <= day <= s.end and s.subaward == subaward), None)
