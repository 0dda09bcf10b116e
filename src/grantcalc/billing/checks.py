"""What is wrong between caseloads and the award workbook, row by row; nothing where billing may begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Cost,
    Count,
    Enrollment,
    Household,
    Opening,
    Units,
    service_months,
    two_of_one_issuer,
)
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Finding
from grantcalc.network import Network
from grantcalc.periods import Interval
from grantcalc.provenance import Word
from grantcalc.terms import Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, one_of


def check(caseloads: Iterable[Caseload], network: Network, known: date) -> Iterator[Finding]:
    """What is wrong between caseloads and the award workbook, row by row; nothing where billing may begin."""
    caseloads = tuple(caseloads)
    enrolled: dict[tuple[str, Participant], list[Enrollment]] = defaultdict(list)
    yield from two_of_one_issuer(caseloads)
    for caseload in caseloads:
        registered = {r.participant for r in caseload.participants}
        people: list[Letter | Household | Enrollment | Cost | Units | Absence | Opening] = [
            *caseload.letters,
            *caseload.households,
            *caseload.enrollments,
            *caseload.costs,
            *caseload.units,
            *caseload.absences,
            *caseload.openings,
        ]
        for person in people:
            if person.participant is not None and person.participant not in registered:
                yield person.source.finding(
                    "participant", "no such participant is registered", "one of the Participants sheet"
                )
        served: list[Enrollment | Cost | Count | Units] = [
            *caseload.enrollments,
            *caseload.costs,
            *caseload.counts,
            *caseload.units,
        ]
        awards = {s: network.award_of(s) for s in {row.subaward for row in served} if network.knows_subaward(s)}
        for row in served:
            if row.subaward not in awards:
                yield row.source.finding(
                    "subaward", "the award workbook lists no such subaward", "a subaward number or FAIN"
                )
                continue
            award = awards[row.subaward]
            if isinstance(row, Enrollment):
                if row.service:
                    yield from _check_named(row, award.terms)
                if row.published <= known:
                    enrolled[award.fain, row.participant].append(row)
            else:
                yield from _check_service(row, award.terms)
                yield from _check_months(row, network)
        yield from _equal_costs(cost for cost in caseload.costs if cost.published <= known)
    yield from _two_figures(caseloads, known)
    for key in sorted(key for key, rows in enrolled.items() if len(rows) > 1):
        yield from _two_places(enrolled[key], network)


def _check_service(row: Cost | Count | Units, terms: Terms) -> Iterator[Finding]:
    ids = {s.id: s for s in terms.services}
    paid = [s for s in terms.services if s.offered]
    wanted = [s.id for s in paid if (s.choices["count"].value == ACTUAL_COST) is isinstance(row, Cost)]
    if row.service not in wanted:
        kind = "a service paid at actual cost" if isinstance(row, Cost) else "a service paid by count"
        yield row.source.finding("service", f"the terms know no such service, or it is not {kind}", one_of(wanted))
    elif isinstance(row, Cost) and ids[row.service].categories and row.category not in ids[row.service].categories:
        yield row.source.finding(
            "category", "this is not a category of the service", one_of(ids[row.service].categories)
        )
    if isinstance(row, Count) and row.phase not in (*terms.phases, ""):
        yield row.source.finding("phase", "the terms know no such phase", one_of(terms.phases))


def _check_named(row: Enrollment, terms: Terms) -> Iterator[Finding]:
    wanted = [s.id for s in terms.services if s.offered and s.choices["count"].value != ACTUAL_COST]
    if row.service not in wanted:
        yield row.source.finding("service", "the award pays for no such service by enrollment", one_of(wanted))


def _check_months(row: Cost | Count | Units, network: Network) -> Iterator[Finding]:
    period = network.subaward(row.subaward).period
    if isinstance(row, Cost):
        months = service_months(row)
    else:
        months = (row.month,) if isinstance(row, Count) else ()
    if isinstance(row, Units) and not (period.start <= row.day <= (period.end or date.max)):
        yield row.source.finding("outside_period", "the day lies outside the subaward's period", str(period), row.day)
    for month in months:
        if period.clip(Interval(month.first, month.last)) is None:
            yield row.source.finding(
                "outside_period", "the service month lies outside the subaward's period", str(period), Word(str(month))
            )


def _equal_costs(costs: Iterable[Cost]) -> Iterator[Finding]:
    """Equal rows without distinct references are a finding (Rulebook 5.3)."""
    seen: set[Cost] = set()
    for cost in costs:
        if cost in seen:
            yield cost.source.finding(
                "equal_costs",
                "this row equals another cost of the sheet",
                "a document reference of its own if both are real",
            )
        seen.add(cost)


def _two_figures(caseloads: Iterable[Caseload], known: date) -> Iterator[Finding]:
    """A site has one figure of a name from a day on, whoever reports it, as known."""
    seen: dict[tuple[str, str, date, date], Decimal] = {}
    for row in (row for caseload in caseloads for row in caseload.figures):
        key = (row.subaward, row.name, row.effective, row.published)
        if row.published <= known and seen.setdefault(key, row.value) != row.value:
            yield row.source.finding(
                "same_dates", "two figures of this site and name have the same two dates", "different dates", row.value
            )


def _two_places(rows: list[Enrollment], network: Network) -> Iterator[Finding]:
    """One day at two subawards is a finding, never two payments (Rulebook 3.1)."""
    spans = []
    for row in rows:
        if inside := row.days.clip(network.subaward(row.subaward).period):
            spans.append((inside.start, inside.end or date.max, row))
    spans.sort(key=lambda s: (s[0], s[1], s[2].subaward))
    for index, (start, _, row) in enumerate(spans):
        for _, other_end, other in spans[:index]:
            if other.subaward != row.subaward and other_end >= start:
                yield row.source.finding(
                    "two_subawards",
                    "this participant is enrolled at two subawards on one day",
                    "one subaward a day",
                    start,
                )
                break
