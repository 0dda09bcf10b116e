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
from grantcalc.billing.windows import Calendar
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Finding
from grantcalc.lookalikes import likeness, look_alike, unseen
from grantcalc.network import Network, check_network
from grantcalc.periods import Interval
from grantcalc.provenance import Source, Word
from grantcalc.terms import Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, BY_UNITS, one_of

NO_SUBAWARD = "the award workbook lists no such subaward"
NO_REPORTER = "the issuer does not report for this subaward"
REPORTERS = "an issuer named under Reported by on the Subawards sheet, or the subrecipient where that is empty"


def default_known(network: Network, caseloads: Iterable[Caseload]) -> date:
    """The latest report date of what is billed: as known on that day, unless another is given (Rulebook 2.2)."""
    return max([network.report_date, *(caseload.latest for caseload in caseloads)])


def check(caseloads: Iterable[Caseload], network: Network, known: date | None = None) -> Iterator[Finding]:
    """What is wrong between caseloads and the award workbook, row by row; nothing where billing may begin.

    `known` is by default the latest report date of both.
    """
    caseloads = tuple(caseloads)
    known = known or default_known(network, caseloads)
    yield from check_network(network)
    yield from check_issuers(((caseload.issuer, caseload.source) for caseload in caseloads), network)
    enrolled: dict[tuple[str, Participant], list[Enrollment]] = defaultdict(list)
    yield from two_of_one_issuer(caseloads)
    for caseload in caseloads:
        yield from _check_reporter(caseload, network)
        codes = ((r.participant.pseudonym, r.source, "participant") for r in caseload.participants)
        yield from look_alike(codes, "participant")
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
                    "participant",
                    "no such participant is registered",
                    "one of the Participants sheet",
                    column="participant",
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
                yield row.source.finding("subaward", NO_SUBAWARD, "a subaward number or FAIN", column="subaward")
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
        for figure in caseload.figures:
            if not network.knows_subaward(figure.subaward):
                yield figure.source.finding("subaward", NO_SUBAWARD, "a subaward number or FAIN", column="subaward")
        for opening in caseload.openings:
            yield from _check_opening(opening, network)
        yield from _equal_costs(cost for cost in caseload.costs if cost.published <= known)
    yield from _two_figures(caseloads, known)
    for key in sorted(key for key, rows in enrolled.items() if len(rows) > 1):
        yield from _two_places(enrolled[key], network)


def check_issuers(issuers: Iterable[tuple[str, Source]], network: Network) -> Iterator[Finding]:
    """No issuer looks like another one, or like an organization of the award workbook (Rulebook 5.5)."""
    organizations = {likeness(o.id): o.id for o in network.organizations}
    issuers = tuple(issuers)
    yield from look_alike(((issuer, source, "issuer") for issuer, source in issuers), "issuer")
    for issuer, source in issuers:
        if organizations.get(likeness(issuer), issuer) != issuer and not unseen(issuer):
            problem = "this issuer looks like an organization of the award workbook and is written otherwise"
            yield source.finding("look_alike", problem, "the organization as the Organizations sheet writes it")


def _check_reporter(caseload: Caseload, network: Network) -> Iterator[Finding]:
    """The issuer reports for each subaward of its caseload, told at the first row of each (Rulebook 5.5)."""
    rows: list[Enrollment | Cost | Count | Units] = [*caseload.enrollments, *caseload.costs]
    rows += [*caseload.counts, *caseload.units]
    for row in {row.subaward: row for row in reversed(rows)}.values():
        if network.knows_subaward(row.subaward) and caseload.issuer not in network.reporters(row.subaward):
            yield row.source.finding("reporter", NO_REPORTER, REPORTERS, column="subaward")


def _check_service(row: Cost | Count | Units, terms: Terms) -> Iterator[Finding]:
    """A service must be paid by what the row reports, in a category and a phase of the terms."""
    policies = {s.id: s.choices["count"].value for s in terms.services if s.offered}
    if isinstance(row, Cost):
        kind, wanted = "a service paid at actual cost", [id for id, policy in policies.items() if policy == ACTUAL_COST]
    elif isinstance(row, Count):
        kind, wanted = "a service paid by count", [id for id, policy in policies.items() if policy != ACTUAL_COST]
    else:
        kind, wanted = (
            "a service counted by hours or units",
            [id for id, policy in policies.items() if policy in BY_UNITS],
        )
    if row.service not in wanted:
        problem = f"the terms know no such service, or it is not {kind}"
        yield row.source.finding("service", problem, one_of(wanted), column="service")
        return
    service = terms.service(row.service)
    if isinstance(row, Cost) and service.categories and row.category not in service.categories:
        problem = "this is not a category of the service"
        yield row.source.finding("category", problem, one_of(service.categories), column="category")
    if isinstance(row, Count):
        phases = terms.phases if any(not key.phase for key in service.rates) else {key.phase for key in service.rates}
        if row.phase not in (*terms.phases, ""):
            yield row.source.finding("phase", "the terms know no such phase", one_of(terms.phases), column="phase")
        elif not row.phase and phases is not terms.phases:
            problem = "the rates of this service tell phases apart"
            yield row.source.finding("phase", problem, one_of(phases), column="phase")


def _check_opening(row: Opening, network: Network) -> Iterator[Finding]:
    """What was used before counts against a window and pool, or a phase, that the award has (Rulebook 7.8)."""
    award = next((a for a in network.awards if a.fain == row.award), None)
    if award is None:
        problem = "the award workbook lists no such award"
        yield row.source.finding("award", problem, "a FAIN of the Awards sheet", column="fain")
        return
    if row.amount:
        kinds = sorted({c.choices["window"].value for c in award.terms.ceilings})
        windows = [w for kind in kinds for w in Calendar(award).windows(kind, award.period.start.toordinal()).windows]
        if row.window not in {w.name for w in windows}:
            problem = "no ceiling of the award has such a window"
            expected = f"a window as claims name it, such as {windows[0].name}" if windows else "none"
            yield row.source.finding("window", problem, expected, column="window", severity="warning")
        if not row.pool:
            problem = "an amount used stands in a pool"
            yield row.source.finding("pool", problem, "direct or administration", column="pool")
    if row.months and row.phase not in award.terms.phases:
        yield row.source.finding("phase", "the terms know no such phase", one_of(award.terms.phases), column="phase")


def _check_named(row: Enrollment, terms: Terms) -> Iterator[Finding]:
    wanted = [s.id for s in terms.services if s.offered and s.choices["count"].value != ACTUAL_COST]
    if row.service not in wanted:
        problem = "the award pays for no such service by enrollment"
        yield row.source.finding("service", problem, one_of(wanted), column="service")


def _check_months(row: Cost | Count | Units, network: Network) -> Iterator[Finding]:
    period = network.subaward(row.subaward).period
    if isinstance(row, Units):
        if not (period.start <= row.day <= (period.end or date.max)):
            problem = "the day lies outside the subaward's period"
            yield row.source.finding("outside_period", problem, str(period), row.day, column="day")
        return
    if isinstance(row, Cost):
        months, column = service_months(row), "months" if row.months else "paid"
    else:
        months, column = (row.month,), "month"
    for month in months:
        if period.clip(Interval(month.first, month.last)) is None:
            problem = "the service month lies outside the subaward's period"
            yield row.source.finding("outside_period", problem, str(period), Word(str(month)), column=column)


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
                "same_dates",
                "two figures of this site and name have the same two dates",
                "different dates",
                row.value,
                column="value",
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
                    column="start",
                )
                break
