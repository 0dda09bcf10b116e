"""From days to lines: payees, phases, paid months and rates (Rulebook 2.5, 3.1, 4.2, 4.3, 5.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date

from attrs import define, field

from grantcalc.awards import Award
from grantcalc.billing.caseload import Cost, Count, Registration, service_months
from grantcalc.billing.counting import MonthView, Stretch, cut, proportional_of, whole_months
from grantcalc.billing.lines import Line
from grantcalc.billing.windows import Window, Windows
from grantcalc.eligibility import Participant
from grantcalc.errors import NotInForce
from grantcalc.known import Fact
from grantcalc.money import Rate, split
from grantcalc.periods import Interval, Month, month_of
from grantcalc.terms import ServiceRules
from grantcalc.terms.vocabulary import PROPORTIONAL

Priced = dict[tuple[int, int, int], int]


@define
class Person:
    """One participant under one award, as known: what earning lines needs to know beyond the days."""

    participant: Participant
    award: Award
    known: date
    through: int
    registration: Registration | None
    budget_periods: Windows
    borders: list[int]
    first_ever: int | None
    phases: list[tuple[int, str]]
    priced: Priced
    paid_months: dict[tuple[str, str], int] = field(factory=dict)
    last_period: Window | None = None

    def budget_period(self, day: int) -> str:
        """The budget period of a day of service; `NotInForce` outside every one."""
        last = self.last_period
        if last is None or not last.first <= day <= last.last:
            last = self.last_period = self.budget_periods.at(day, self.known, f"of award {self.award.fain}")
        return last.name

    def phase_at(self, day: int) -> str:
        return self.phases[bisect_right(self.phases, day, key=lambda start: start[0]) - 1][1]

    def rate(self, rules: ServiceRules, phase: str, service_day: int) -> Fact[Rate]:
        """The rate by day of service, of enrollment or of eligibility, as the terms say (Rulebook 2.5)."""
        by = rules.rate_by
        if by == "service_day":
            return rules.rate_steps(phase).at(service_day)
        if by == "enrolment_day":
            return rules.rate_steps(phase).at(self.first_ever or service_day)
        eligible = self.registration.eligible if self.registration else None
        if eligible is None:
            raise NotInForce("day of eligibility of a participant", date.fromordinal(service_day), self.known)
        return rules.rate_steps(phase).at(eligible.toordinal())

    def limit_reached(self, rules: ServiceRules, phase: str, day: int) -> str:
        """Why a further month of this phase is not paid, or nothing (Rulebook 4.3)."""
        limit = rules.month_limit(phase, day) if rules.months else None
        if limit is None or self.paid_months.get((rules.service.id, phase), 0) < limit.value:
            return ""
        return f"at most {limit.value} months of phase {phase} are paid"

    def count_paid(self, rules: ServiceRules, phase: str) -> None:
        if rules.months:
            key = (rules.service.id, phase)
            self.paid_months[key] = self.paid_months.get(key, 0) + 1

    def line(
        self, rules: ServiceRules, month: int, stretch: Stretch, phase: str, day: int, days: int, of: int, reason: str
    ) -> Line:
        """The line of so many days (or whole months) of one month; of quantity 0 where there is a reason not to pay."""
        rate = self.rate(rules, phase, day)
        if reason:
            days = 0
        priced, key = self.priced, (id(rate), days, of)
        amount = priced.get(key)
        if amount is None:
            amount = priced[key] = rate.value.extend(days, of)
        participant = self.participant
        return Line(
            participant.issuer,
            participant,
            self.award.fain,
            stretch.subaward,
            rules.service.id,
            rules.service.pool,
            phase,
            month_of(month),
            self.budget_period(day),
            days,
            of,
            rate,
            amount,
            1,
            date.fromordinal(day),
            "",
            "",
            reason,
            stretch.source,
        )


def earn(person: Person, rules: ServiceRules, views: list[MonthView]) -> Iterator[Line]:
    """The lines of one service for one participant, month by month, in order."""
    if rules.count in PROPORTIONAL:
        return _by_days(person, rules, views)
    return _by_whole_months(person, rules, views)


def _by_whole_months(person: Person, rules: ServiceRules, views: list[MonthView]) -> Iterator[Line]:
    """One payee a month, `first` or `last`; one phase: of the first enrolled day, of the last, or the better paid
    (3.1, 4.2)."""
    for view, count in whole_months(rules.count, views):
        if view.number > person.through:
            return
        stretches = count.stretches
        day = stretches[0].start
        payee = stretches[0] if rules.payee == "first" else stretches[-1]
        if len(stretches) == 1 or rules.phase_of_month == "first":
            phase = stretches[0].phase
        elif rules.phase_of_month == "last":
            phase = stretches[-1].phase
        else:
            phase = _better_paid(person, rules, [s.phase for s in stretches], day, count.quantity, count.of)
        reason = person.limit_reached(rules, phase, day)
        if not reason:
            person.count_paid(rules, phase)
        yield person.line(rules, view.number, payee, phase, day, count.quantity, count.of, reason)


def _better_paid(person: Person, rules: ServiceRules, phases: list[str], day: int, quantity: int, of: int) -> str:
    """The phase that pays more, judged after the limit of paid months; of equals the earlier in the month."""

    def pays(phase: str) -> int:
        if person.limit_reached(rules, phase, day):
            return 0
        return person.rate(rules, phase, day).value.extend(quantity, of)

    return max(dict.fromkeys(phases), key=pays)


def _by_days(person: Person, rules: ServiceRules, views: list[MonthView]) -> Iterator[Line]:
    """Each subaward, phase, rate and window has its own days; the month is counted once over all of them (3.1, 4.2,
    2.5, 7.3)."""
    borders = _rate_borders(rules, person)
    for view in views:
        if view.number > person.through:
            return
        of = proportional_of(rules.count, view)
        pieces = view.stretches
        inside = borders[bisect_right(borders, view.first) : bisect_right(borders, view.last)]
        if inside:
            pieces = cut(pieces, inside)
        elif len(pieces) == 1:  # what follows says the same of one piece, at more cost
            (s,) = pieces
            reason = person.limit_reached(rules, s.phase, view.first)
            if not reason:
                person.count_paid(rules, s.phase)
            yield person.line(rules, view.number, s, s.phase, s.start, s.end - s.start + 1, of, reason)
            continue
        groups: dict[tuple[str, str, int, int], list[Stretch]] = {}
        for s in pieces:
            key = (s.subaward, s.phase, bisect_right(person.borders, s.start), id(person.rate(rules, s.phase, s.start)))
            groups.setdefault(key, []).append(s)
        reasons = {s.phase: person.limit_reached(rules, s.phase, view.first) for s in pieces}
        for phase, reason in reasons.items():
            if not reason:
                person.count_paid(rules, phase)
        for (_, phase, _, _), parts in groups.items():
            days = sum(s.end - s.start + 1 for s in parts)
            yield person.line(rules, view.number, parts[0], phase, parts[0].start, days, of, reasons[phase])


def _rate_borders(rules: ServiceRules, person: Person) -> list[int]:
    """Days inside the span of billing on which a window begins or another rate comes into force."""
    rates = (
        [start for steps in rules.rates.values() for start in steps.starts] if rules.rate_by == "service_day" else []
    )
    return sorted({*person.borders, *rates})


def cost_lines(
    person: Person, rules: ServiceRules, cost: Cost, period: Interval, views: list[MonthView]
) -> Iterator[Line]:
    """Actual costs and credits: quantity 1 at the reported amount, split over its service months (Rulebook 5.3, 6)."""
    months = service_months(cost)
    parts = split(cost.amount, {str(month): 1 for month in months})
    for month in months:
        if month.number > person.through:
            continue
        day = _cost_day(cost, month, period, views)
        yield Line(
            person.participant.issuer,
            person.participant,
            person.award.fain,
            cost.subaward,
            rules.service.id,
            rules.service.pool,
            person.phase_at(day.toordinal()),
            month,
            person.budget_period(day.toordinal()),
            1,
            1,
            None,
            parts[str(month)],
            1,
            day,
            cost.category,
            cost.reference,
            "",
            cost.source,
        )


def _cost_day(cost: Cost, month: Month, period: Interval, views: list[MonthView]) -> date:
    """The day of service of a cost: the day paid when it lies in the service month, else the first enrolled day of that
    month, else the month's first day; never outside the subaward's period. (The rulebook leaves this open.)"""
    if Month.of(cost.paid) == month:
        day = cost.paid
    else:
        enrolled = next((v.stretches[0].start for v in views if v.number == month.number), None)
        day = date.fromordinal(enrolled) if enrolled else month.first
    return min(max(day, period.start), period.end or date.max)


def count_line(
    issuer: str, award: Award, rules: ServiceRules, count: Count, day: date, budget_period: str, phase: str
) -> Line:
    """A bare count that a site reports: quantity × rate, rounded once (Rulebook 5.1, 5.2)."""
    rate = rules.rate_steps(phase).at(day.toordinal())
    return Line(
        issuer,
        None,
        award.fain,
        count.subaward,
        rules.service.id,
        rules.service.pool,
        phase,
        count.month,
        budget_period,
        count.quantity,
        1,
        rate,
        rate.value.extend(count.quantity),
        day=day,
        source=count.source,
    )
