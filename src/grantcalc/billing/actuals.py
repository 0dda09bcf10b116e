"""What is paid as reported: actual costs and credits, and bare counts (Rulebook 5.1 to 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from grantcalc.awards import Award
from grantcalc.billing.caseload import Cost, Count
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.days import hours_of_day, parts_of
from grantcalc.billing.enrolled_person import EnrolledPerson
from grantcalc.billing.lines import Line
from grantcalc.billing.pricing import Pricer
from grantcalc.billing.reasons import Reason
from grantcalc.billing.windows import Windows
from grantcalc.money import split
from grantcalc.network import Network
from grantcalc.periods import Interval, Month, month_span
from grantcalc.terms import ServiceRules


def cost_lines(
    issuer: str,
    award: Award,
    rules: ServiceRules,
    cost: Cost,
    period: Interval,
    budget_periods: Windows,
    known: date,
    person: EnrolledPerson | None,
) -> Iterator[Line]:
    """Actual costs and credits: quantity 1 at the reported amount, split over its service months
    (Rulebook 5.3, 6). Without a participant no phase and no enrolled day is known."""
    months = cost.service_months
    parts = split(cost.amount, {str(month): 1 for month in months})
    for month in months:
        day = _cost_day(cost, month, period, person.spells if person else [])
        yield Line(
            issuer=issuer,
            participant=cost.participant,
            award=award.fain,
            subaward=cost.subaward,
            service=rules.service.id,
            pool=rules.service.pool,
            phase=person.phase_at(day.toordinal()) if person else "",
            month=month,
            budget_period=budget_periods.at(day.toordinal(), known, f"of award {award.fain}").name,
            quantity=1,
            divisor=1,
            rate=None,
            amount=parts[str(month)],
            count=1,
            day=day,
            category=cost.category,
            reference=cost.reference,
            reason=None,
            source=cost.source,
        )


def _cost_day(cost: Cost, month: Month, period: Interval, spells: list[EnrollmentSpell]) -> date:
    """The day of service of a cost: the day paid when it lies in the service month, else the first
    enrolled day of that month, else the month's first day; never outside the subaward's period.
    (Rulebook 5.3, choice.)"""
    if Month.of(cost.paid) == month:
        day = cost.paid
    else:
        first, last = month_span(month.number)
        enrolled = next((max(s.start, first) for s in spells if s.start <= last and s.end >= first), first)
        day = date.fromordinal(enrolled)
    return min(max(day, period.start), period.last)


def count_day(network: Network, count: Count) -> date:
    """The day of service of a bare count: the first day of its month inside the subaward's period
    (Rulebook 5.3)."""
    inside = network.subaward(count.subaward).period.clip(Interval(count.month.first, count.month.last))
    return inside.start if inside else count.month.first


def count_lines(
    issuer: str,
    award: Award,
    rules: ServiceRules,
    count: Count,
    day: date,
    budget_periods: Windows,
    pricer: Pricer,
    late: Reason | None,
) -> Iterator[Line]:
    """A bare count that a site reports: quantity × price, rounded once (Rulebook 5.1, 5.2); a line
    for each pool in which the price is given. Of whoever is counted no size of household, no day of
    arrival and no floor is known. `late` is why no more is paid, where more was claimed after the
    deadline."""
    phase = count.phase or (next(iter(award.terms.phases)) if len(award.terms.phases) == 1 else "")
    on = day.toordinal()
    of = hours_of_day(rules, on) if rules.count == "hour" else parts_of(rules, count.unit, on)
    price = pricer.price(rules, on, on, None, count.subaward, phase, (count.unit, count.rate_class))
    price, quantity, of = pricer.rounded(rules, price, count.quantity, of, on, first_month=False)
    for pool, part in pricer.carved(rules, price, on):
        yield Line(
            issuer=issuer,
            participant=None,
            award=award.fain,
            subaward=count.subaward,
            service=rules.service.id,
            pool=pool,
            phase=phase,
            month=count.month,
            budget_period=budget_periods.at(on, pricer.known, f"of award {award.fain}").name,
            quantity=quantity,
            divisor=of,
            rate=part,
            amount=part.value.extend(quantity, of),
            day=day,
            category=", ".join(word for word in (count.unit, count.rate_class) if word),
            reason=late,
            source=count.source,
        )
