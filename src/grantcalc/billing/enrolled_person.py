"""A participant under one award, as known: facts alone, and the enrolled days that they tell
(Rulebook 2.1, 3, 4.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from attrs import frozen

from grantcalc.awards import Award
from grantcalc.billing.caseload import (
    Absence,
    Characteristic,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    UnitsUsed,
)
from grantcalc.billing.characteristics import of_participant
from grantcalc.billing.counting import EnrollmentSpell
from grantcalc.billing.deadlines import ToldRows
from grantcalc.billing.elsewhere import ELSEWHERE, EnrolledElsewhere
from grantcalc.billing.facts import AwardFacts
from grantcalc.billing.pricing import PersonHistory
from grantcalc.billing.rate_days import rate_day
from grantcalc.billing.statuses import StatusSpan, status_spans
from grantcalc.billing.windows import Calendar, Windows
from grantcalc.eligibility import Letter, Participant, phase_starts
from grantcalc.network import Network
from grantcalc.periods import Interval, union
from grantcalc.terms import Rules, ServiceRules


@frozen
class EnrolledPerson:
    """One participant under one award, as known. Nothing here changes while lines are earned.

    `through` is the number of the last month billed and `last_day` the last day known. `borders`
    are the first days of budget periods and of windows of ceilings. `months_used` are the months of
    each phase paid before, in a caseload kept apart (Rulebook 7.8). `told` is every row of hours
    and units, where claims have a deadline.
    """

    participant: Participant
    award: Award
    known: date
    through: int
    last_day: int
    registration: Registration | None
    budget_periods: Windows
    borders: list[int]
    first_ever: int | None
    phases: list[tuple[int, str]]
    statuses: list[StatusSpan]
    history: PersonHistory
    units: list[UnitsUsed]
    absences: list[Absence]
    spells: list[EnrollmentSpell]
    by_service: Mapping[str, list[EnrollmentSpell]]
    months_used: Mapping[str, int]
    told: ToldRows

    def spells_of(self, rules: ServiceRules) -> list[EnrollmentSpell]:
        """The enrolled days of a service: its own where enrollments name services, else all."""
        return self.by_service.get(rules.service.id, self.spells)

    def phase_at(self, day: int) -> str:
        """The phase of a day (Rulebook 4.1)."""
        return self.phases[bisect_right(self.phases, day, key=lambda start: start[0]) - 1][1]

    def rate_day(self, rules: ServiceRules, day: int) -> int:
        """The day by which the rate of a day of service goes (Rulebook 2.5)."""
        return rate_day(rules, self.registration, self.first_ever, day, self.known)


def person_of(
    participant: Participant, facts: AwardFacts, network: Network, rules: Rules, calendar: Calendar, through: int
) -> EnrolledPerson:
    """A participant under an award, as known, ready to earn to the end of a month."""
    case, last_day = facts.people[participant], rules.known.toordinal()
    phases = phase_starts(case.of(Letter), calendar.award.terms.phases, rules.known)
    enrollments = [*case.of(Enrollment), *map(_elsewhere, case.of(EnrolledElsewhere))]
    periods = _Periods(network, calendar.award)
    spells = _spells_of(enrollments, phases, periods, last_day)
    first_ever = spells[0].start if spells else None
    budget = calendar.windows("budget_period")
    borders = {*budget.starts}.union(*(calendar.windows(c.window, first_ever).starts for c in rules.ceilings))
    return EnrolledPerson(
        participant,
        calendar.award,
        rules.known,
        through,
        last_day,
        facts.registered.get(participant),
        budget,
        sorted(borders),
        first_ever,
        phases,
        status_spans(case.of(PersonStatus)),
        PersonHistory.of(case.of(Household), of_participant(case.of(Characteristic), rules.known)),
        case.of(UnitsUsed),
        case.of(Absence),
        spells,
        _by_service(enrollments, rules, phases, periods, last_day),
        _months_used(case.of(OpeningBalance)),
        facts.told,
    )


def _elsewhere(row: EnrolledElsewhere) -> Enrollment:
    """Days in a caseload kept apart, as days enrolled nowhere here."""
    return Enrollment(
        participant=row.participant, subaward=ELSEWHERE, days=row.days, published=row.published, source=row.source
    )


@frozen
class _Periods:
    """The days of each subaward of a network; elsewhere, those of the award."""

    network: Network
    award: Award

    def of(self, subaward: str) -> Interval:
        return self.award.period if subaward == ELSEWHERE else self.network.subaward(subaward).period


def _months_used(openings: list[OpeningBalance]) -> dict[str, int]:
    """Months paid before, of each phase (Rulebook 7.8); they count for every service."""
    used: dict[str, int] = {}
    for opening in openings:
        used[opening.phase] = used.get(opening.phase, 0) + opening.months
    return used


def _by_service(
    enrollments: list[Enrollment], rules: Rules, phases: list[tuple[int, str]], periods: _Periods, last_day: int
) -> dict[str, list[EnrollmentSpell]]:
    """The days of each service, where enrollments name services; nothing where they all go for
    every service."""
    if not any(row.service for row in enrollments):
        return {}
    return {
        s.service.id: _spells_of([r for r in enrollments if r.service in ("", s.service.id)], phases, periods, last_day)
        for s in rules.services
    }


def _spells_of(
    enrollments: list[Enrollment], phases: list[tuple[int, str]], periods: _Periods, last_day: int
) -> list[EnrollmentSpell]:
    """Enrolled days, each once: inside the subaward's period, to the last day known, cut where the
    phase changes (2.1, 3). A day that several rows tell is told by the one published first."""
    by_subaward: dict[str, list[tuple[date, int, int, Enrollment]]] = defaultdict(list)
    for row in enrollments:
        days, period = row.days, periods.of(row.subaward)
        start = max(days.start, period.start).toordinal()
        end = min(days.last.toordinal(), period.last.toordinal(), last_day)
        if start <= end:
            by_subaward[row.subaward].append((row.published, start, end, row))
    spells: list[EnrollmentSpell] = []
    for subaward, spans in by_subaward.items():
        spans.sort(key=lambda s: (*s[:3], not s[3].restored, s[3].source))
        told: list[tuple[int, int]] = []
        for _, start, end, row in spans:
            for a, b in _gaps(told, start, end):
                spells.extend(_by_phase(a, b, subaward, phases, row, restored=row.restored and a == start))
            told = union([*told, (start, end)])
    return sorted(spells)


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
