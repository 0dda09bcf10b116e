"""What a subrecipient reports: participants by pseudonym, letters, households, enrollments, costs and bare counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from attrs import field, frozen

from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Finding
from grantcalc.money import Money, cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import NOWHERE, Origin, Source, Word
from grantcalc.terms import Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, one_of


def _cents(amount: Money | int) -> int:
    return amount if type(amount) is int else cents(amount)  # type: ignore[arg-type]  # cents() refuses all else


@frozen
class Registration:
    """A participant as registered by the issuer: adult or child, and the days from which rates or windows may go."""

    participant: Participant
    age_group: Literal["adult", "child"] = "adult"
    arrived: date | None = None
    eligible: date | None = None
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class Household:
    """Days on which eligible family lived in the participant's household, and how many persons."""

    participant: Participant
    days: Interval
    family: int
    published: date
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class Enrollment:
    """Days on which a participant is enrolled at a subaward (or, by a FAIN, with the recipient itself)."""

    participant: Participant
    subaward: str
    days: Interval
    published: date
    restored: bool = False
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class Cost:
    """An actual cost of a participant, or a credit when negative: cents (or Money), for one service month or several.

    Without a service month it belongs to the month of the day paid (Rulebook 5.3).
    """

    participant: Participant
    subaward: str
    service: str
    category: str
    amount: int = field(converter=_cents)
    paid: date = field()
    months: tuple[Month, ...] = ()
    reference: str = ""
    published: date = date.min
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class Count:
    """A bare count that a site reports for a service month: units or persons, without participants."""

    subaward: str
    service: str
    phase: str
    month: Month
    quantity: int
    published: date
    source: Source = field(default=NOWHERE, eq=False)


@frozen
class Caseload:
    """One issuer's cumulative caseload, as of its report date. A newer one replaces the older."""

    issuer: str
    report_date: date
    participants: tuple[Registration, ...] = ()
    letters: tuple[Letter, ...] = ()
    households: tuple[Household, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    costs: tuple[Cost, ...] = ()
    counts: tuple[Count, ...] = ()
    label: str = ""
    source: Source = field(default=NOWHERE, eq=False)
    origin: Origin = field(default=Origin(), eq=False)

    def vanished(self, previous: Caseload) -> tuple[Finding, ...]:
        """A warning for every row of the previous caseload that this one no longer holds: caseloads are cumulative."""
        gone: list[Finding] = []
        for sheet in ("participants", "letters", "households", "enrollments", "costs", "counts"):
            held = list(getattr(self, sheet))
            for row in getattr(previous, sheet):
                if row in held:
                    held.remove(row)
                else:
                    gone.append(
                        row.source.finding(
                            "vanished",
                            "this row of the previous caseload is not in the new one",
                            "every earlier row, since caseloads are cumulative",
                            severity="warning",
                        )
                    )
        return tuple(gone)


def check(caseloads: Iterable[Caseload], network: Network, known: date) -> Iterator[Finding]:
    """What is wrong between caseloads and the award workbook, row by row; nothing where billing may begin."""
    enrolled: dict[tuple[str, Participant], list[Enrollment]] = defaultdict(list)
    issuers: set[str] = set()
    for caseload in caseloads:
        if caseload.issuer in issuers:
            yield caseload.source.finding("issuer", "two caseloads have the same issuer", "one caseload of each issuer")
        issuers.add(caseload.issuer)
        registered = {r.participant for r in caseload.participants}
        people: list[Letter | Household | Enrollment | Cost] = [
            *caseload.letters,
            *caseload.households,
            *caseload.enrollments,
            *caseload.costs,
        ]
        for person in people:
            if person.participant not in registered:
                yield person.source.finding(
                    "participant", "no such participant is registered", "one of the Participants sheet"
                )
        served: list[Enrollment | Cost | Count] = [*caseload.enrollments, *caseload.costs, *caseload.counts]
        for row in served:
            if not network.knows_subaward(row.subaward):
                yield row.source.finding(
                    "subaward", "the award workbook lists no such subaward", "a subaward number or FAIN"
                )
                continue
            award = network.award_of(row.subaward)
            if isinstance(row, Enrollment):
                if row.published <= known:
                    enrolled[award.fain, row.participant].append(row)
            else:
                yield from _check_service(row, award.terms)
                yield from _check_months(row, network)
        yield from _equal_costs(caseload.costs)
    for _, rows in sorted(enrolled.items()):
        yield from _two_places(rows, network)


def _check_service(row: Cost | Count, terms: Terms) -> Iterator[Finding]:
    ids = {s.id: s for s in terms.services}
    wanted = [s.id for s in terms.services if (s.choices["count"].value == ACTUAL_COST) is isinstance(row, Cost)]
    if row.service not in wanted:
        kind = "a service paid at actual cost" if isinstance(row, Cost) else "a service paid by count"
        yield row.source.finding("service", f"the terms know no such service, or it is not {kind}", one_of(wanted))
    elif isinstance(row, Cost) and ids[row.service].categories and row.category not in ids[row.service].categories:
        yield row.source.finding(
            "category", "this is not a category of the service", one_of(ids[row.service].categories)
        )
    if isinstance(row, Count) and row.phase not in (*terms.phases, ""):
        yield row.source.finding("phase", "the terms know no such phase", one_of(terms.phases))


def _check_months(row: Cost | Count, network: Network) -> Iterator[Finding]:
    period = network.subaward(row.subaward).period
    months = service_months(row) if isinstance(row, Cost) else (row.month,)
    for month in months:
        if period.clip(Interval(month.first, month.last)) is None:
            yield row.source.finding(
                "outside_period", "the service month lies outside the subaward's period", str(period), Word(str(month))
            )


def service_months(cost: Cost) -> tuple[Month, ...]:
    """The service months of a cost: those that its row names, else that of the day paid (Rulebook 5.3)."""
    return cost.months or (Month.of(cost.paid),)


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


def _two_places(rows: list[Enrollment], network: Network) -> Iterator[Finding]:
    """One day at two subawards is a finding, never two payments (Rulebook 3.1)."""
    if len({row.subaward for row in rows}) == 1:
        return
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
