"""The rows of one award, as known: of each participant, and of subawards as a whole; and the days that they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

from attrs import define, field

from grantcalc.billing.actuals import cost_order
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    UnitsUsed,
)
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.earning import EnrolledPerson
from grantcalc.billing.pricing import HouseholdHistory, Pricer
from grantcalc.billing.statuses import status_spans
from grantcalc.billing.windows import Calendar
from grantcalc.eligibility import Letter, Participant, phase_starts
from grantcalc.known import Fact, Series, Steps
from grantcalc.network import Network
from grantcalc.periods import union
from grantcalc.provenance import Authority
from grantcalc.terms import Rules

CaseRow = Enrollment | PersonStatus | Letter | Household | Cost | UnitsUsed | Absence | OpeningBalance
T = TypeVar("T", bound=CaseRow)


@define
class CaseFacts:
    """What is known of one participant under one award: rows of every kind, and of most kinds none."""

    rows: list[CaseRow] = field(factory=list)

    def of(self, kind: type[T]) -> list[T]:
        """The rows of one kind, in order."""
        return [row for row in self.rows if isinstance(row, kind)]

    def used(self) -> dict[tuple[str, str], int]:
        """Cents used before, by window and pool (Rulebook 7.8)."""
        used: dict[tuple[str, str], int] = {}
        for x in self.of(OpeningBalance):
            if x.amount:
                used[x.window, x.pool] = used.get((x.window, x.pool), 0) + x.amount
        return used


@define
class AwardFacts:
    """What is known under one award: of each participant, and of subawards as a whole."""

    people: dict[Participant, CaseFacts] = field(factory=lambda: defaultdict(CaseFacts))
    registered: dict[Participant, Registration] = field(factory=dict)
    counts: list[tuple[str, Count]] = field(factory=list)
    costs: list[tuple[str, Cost]] = field(factory=list)
    figures: dict[tuple[str, str], Steps[Decimal]] = field(factory=dict)


def subawards_used(loads: tuple[Caseload, ...]) -> set[str]:
    """The subawards of which caseloads as known tell anything."""
    return {row.subaward for c in loads for rows in (c.enrollments, c.costs, c.counts, c.units) for row in rows}


def gather_facts(loads: tuple[Caseload, ...], fain: str, mine: set[str], known: date) -> AwardFacts:
    """The rows of one award, of caseloads as known: enrollments, costs and units say who is served under it, and the
    other rows follow."""
    facts = AwardFacts()
    for load in loads:
        _served(facts, load, mine)
        facts.registered.update((r.participant, r) for r in load.participants)
        for kind in ("statuses", "letters", "households", "absences", "openings"):
            for row in getattr(load, kind):
                if getattr(row, "award", fain) == fain and row.participant in facts.people:
                    facts.people[row.participant].rows.append(row)
        facts.counts += [(load.issuer, c) for c in load.counts if c.subaward in mine]
    facts.counts.sort(
        key=lambda x: (x[0], x[1].subaward, x[1].month, x[1].service, x[1].phase, x[1].unit, x[1].quantity)
    )
    facts.costs.sort(key=lambda x: (x[0], x[1].service, cost_order(x[1])))
    facts.figures = _figures(loads, mine, known)
    return facts


def _served(facts: AwardFacts, load: Caseload, mine: set[str]) -> None:
    for enrollment in load.enrollments:
        if enrollment.subaward in mine:
            facts.people[enrollment.participant].rows.append(enrollment)
    for units in load.units:
        if units.subaward in mine:
            facts.people[units.participant].rows.append(units)
    for cost in load.costs:
        if cost.subaward in mine:
            if cost.participant is None:
                facts.costs.append((load.issuer, cost))
            else:
                facts.people[cost.participant].rows.append(cost)


def _figures(loads: tuple[Caseload, ...], mine: set[str], known: date) -> dict[tuple[str, str], Steps[Decimal]]:
    """The figures of each site, as known."""
    series: dict[tuple[str, str], list[Fact[Decimal]]] = defaultdict(list)
    for load in loads:
        for figure in load.figures:
            if figure.subaward in mine:
                stated = Authority(f"{figure.name} reported by {load.issuer}")
                fact = Fact(figure.value, figure.effective, figure.published, stated, figure.source)
                series[figure.subaward, figure.name].append(fact)
    return {
        (subaward, name): Series(f"figure {name} of subaward {subaward}", found).as_known(known)
        for (subaward, name), found in series.items()
    }


def person_of(
    participant: Participant,
    found: CaseFacts,
    registration: Registration | None,
    network: Network,
    rules: Rules,
    calendar: Calendar,
    through: int,
    last_day: int,
    pricer: Pricer,
) -> tuple[EnrolledPerson, list[EnrollmentSpell]]:
    """A participant under an award, ready to earn, and the enrolled days."""
    phases = phase_starts(found.of(Letter), calendar.award.terms.phases, rules.known)
    enrollments = found.of(Enrollment)
    stretches = _stretches(enrollments, phases, network, last_day)
    first_ever = stretches[0].start if stretches else None
    budget = calendar.windows("budget_period")
    borders = {*budget.starts}.union(*(calendar.windows(c.window, first_ever).starts for c in rules.ceilings))
    person = EnrolledPerson(
        participant,
        calendar.award,
        rules.known,
        through,
        last_day,
        registration,
        budget,
        sorted(borders),
        first_ever,
        phases,
        pricer,
        status_spans(found.of(PersonStatus)),
        HouseholdHistory.of(found.of(Household)),
        found.of(UnitsUsed),
        found.of(Absence),
        _by_service(enrollments, rules, phases, network, last_day),
    )
    for opening in found.of(OpeningBalance):
        for service in rules.services:
            key = (service.service.id, opening.phase)
            person.paid_months[key] = person.paid_months.get(key, 0) + opening.months
    return person, stretches


def _by_service(
    enrollments: list[Enrollment], rules: Rules, phases: list[tuple[int, str]], network: Network, last_day: int
) -> dict[str, list[EnrollmentSpell]]:
    """The days of each service, where enrollments name services; nothing where they all go for every service."""
    if not any(row.service for row in enrollments):
        return {}
    return {
        s.service.id: _stretches([r for r in enrollments if r.service in ("", s.service.id)], phases, network, last_day)
        for s in rules.services
    }


def _stretches(
    enrollments: list[Enrollment], phases: list[tuple[int, str]], network: Network, last_day: int
) -> list[EnrollmentSpell]:
    """Enrolled days, each once: inside the subaward's period, to the last day known, cut where the phase changes (2.1,
    3). A day that several rows tell is told by the one published first."""
    by_subaward: dict[str, list[tuple[date, int, int, Enrollment]]] = defaultdict(list)
    for row in enrollments:
        days, period = row.days, network.subaward(row.subaward).period
        start = max(days.start, period.start).toordinal()
        end = min((days.end or date.max).toordinal(), (period.end or date.max).toordinal(), last_day)
        if start <= end:
            by_subaward[row.subaward].append((row.published, start, end, row))
    stretches: list[EnrollmentSpell] = []
    for subaward, spans in by_subaward.items():
        spans.sort(key=lambda s: (*s[:3], not s[3].restored, s[3].source))
        told: list[tuple[int, int]] = []
        for _, start, end, row in spans:
            for a, b in _gaps(told, start, end):
                stretches.extend(_by_phase(a, b, subaward, phases, row, restored=row.restored and a == start))
            told = union([*told, (start, end)])
    return sorted(stretches)


def _gaps(told: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The days from start to end that are not told yet."""
    for a, b in told:
        if a <= end and b >= start:
            if start < a:
                yield start, a - 1
            start = b + 1
    if start <= end:
        yield start, end


def _by_phase(
    start: int, end: int, subaward: str, phases: list[tuple[int, str]], row: Enrollment, *, restored: bool
) -> Iterator[EnrollmentSpell]:
    for index, (begins, phase) in enumerate(phases):
        until = phases[index + 1][0] - 1 if index + 1 < len(phases) else end
        first, last = max(start, begins), min(end, until)
        if first <= last:
            yield EnrollmentSpell(
                first, last, subaward, phase, restored and begins <= start, row.source, row.published.toordinal()
            )
