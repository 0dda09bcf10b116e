"""What is wrong between caseloads and the award workbook, row by row; nothing where billing may
begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from grantcalc.awards import RATIOS, wrong_figure
from grantcalc.billing.caseload import (
    ROWS,
    Caseload,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.characteristics import check_characteristic
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.billing.in_memory import check_rows
from grantcalc.billing.issuers import two_of_one_issuer
from grantcalc.billing.windows import Calendar
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding
from grantcalc.keys import KEYS, published, repeated
from grantcalc.letter_checks import check_log, family_with_letters
from grantcalc.lookalikes import likeness, look_alike, unseen_marks
from grantcalc.network import Network, check_network
from grantcalc.periods import Interval
from grantcalc.provenance import NOWHERE, Source, Word
from grantcalc.terms import Terms
from grantcalc.terms.vocabulary import ACTUAL_COST, BY_UNITS, one_of

NO_SUBAWARD = "the award workbook lists no such subaward"
NO_REPORTER = "the issuer does not report for this subaward"
OF_SITES = ("figures", "characteristics")
"""Rows that any caseload may report of a site, and that therefore have their keys over all
caseloads."""
REPORTERS = "an issuer named under Reported by on the Subawards sheet, or the subrecipient where that is empty"


def default_known(network: Network, caseloads: Iterable[Caseload]) -> date:
    """The latest report date of what is billed: as known on that day, unless another is given
    (Rulebook 2.2)."""
    return max([network.report_date, *(caseload.latest for caseload in caseloads)])


def check_caseloads(caseloads: Iterable[Caseload], network: Network, known: date | None = None) -> Iterator[Finding]:
    """What is wrong between caseloads and the award workbook, row by row; nothing where billing may
    begin.

    `known` is by default the latest report date of both.
    """
    caseloads = tuple(caseloads)
    known = known or default_known(network, caseloads)
    yield from check_network(network)
    yield from check_issuers(((caseload.issuer, caseload.source) for caseload in caseloads), network)
    enrolled: dict[tuple[str, Participant], list[Enrollment]] = defaultdict(list)
    yield from two_of_one_issuer(caseloads)
    for caseload in caseloads:
        yield from check_rows(caseload)
        yield from _check_reporter(caseload, network)
        codes = ((r.participant.pseudonym, r.source, "participant") for r in caseload.participants)
        yield from look_alike(codes, "participant")
        yield from _check_people(caseload)
        served: list[Enrollment | Cost | Count | UnitsUsed] = [
            *caseload.enrollments,
            *caseload.costs,
            *caseload.counts,
            *caseload.units,
        ]
        awards = {s: network.award_of(s) for s in {row.subaward for row in served} if network.knows_subaward(s)}
        for row in served:
            if row.subaward not in awards:
                yield row.source.finding("subaward", NO_SUBAWARD, "a subaward number or FAIN", column="subaward")
            elif isinstance(row, Enrollment):
                if row.service:
                    yield from _check_named(row, awards[row.subaward].terms)
            else:
                yield from _check_service(row, awards[row.subaward].terms)
                yield from _check_months(row, network)
        for figure in caseload.figures:
            if not network.knows_subaward(figure.subaward):
                yield figure.source.finding("subaward", NO_SUBAWARD, "a subaward number or FAIN", column="subaward")
            else:
                yield from _check_figure(figure, network.award_of(figure.subaward).terms)
        yield from _check_about(caseload, network)
        current = caseload.as_known(known)
        yield from _check_ages(current)
        yield from _check_logs(caseload, network, known)
        yield from _overlapping(current.households)
        for stay in current.enrollments:
            if stay.subaward in awards:
                enrolled[awards[stay.subaward].fain, stay.participant].append(stay)
    yield from repeated_rows(caseloads, known, network)
    for books in network.financials:
        if books.published <= known and (wrong := wrong_figure(books.name, books.value)):
            yield NOWHERE.finding("ratio" if books.name in RATIOS else "amount", *wrong, books.value)
    for key in sorted(key for key, rows in enrolled.items() if len(rows) > 1):
        yield from _two_places(enrolled[key], network)
    yield from _check_elsewhere((row for c in caseloads for row in c.as_known(known).elsewhere), network, enrolled)


def _check_people(caseload: Caseload) -> Iterator[Finding]:
    """Every row about a participant is about one who is registered."""
    registered = {r.participant for r in caseload.participants}
    for name in ROWS:
        if name not in ("participants", "counts", "figures"):
            for row in getattr(caseload, name):
                if row.participant is not None and row.participant not in registered:
                    problem, expected = "no such participant is registered", "one of the Participants sheet"
                    yield row.source.finding("participant", problem, expected, column="participant")


def _check_about(caseload: Caseload, network: Network) -> Iterator[Finding]:
    """What the award workbook must know of characteristics, openings and disallowed costs."""
    for said in caseload.characteristics:
        yield from check_characteristic(said, network)
    for opening in caseload.openings:
        yield from _check_opening(opening, network)
    yield from _check_disallowed(caseload, network)


def repeated_rows(caseloads: Sequence[Caseload], known: date, network: Network | None = None) -> Iterator[Finding]:
    """Rows with the same key, sheet by sheet; figures of all caseloads together, since a site has
    one of a name from a day on, whoever reports it (Rulebook 2.6)."""
    sheets: list[tuple[Iterable[Any], str]] = [
        (getattr(caseload, name), sheet)
        for caseload in caseloads
        for name, sheet in ROWS.items()
        if name not in OF_SITES and not (name == "letters" and caseload.logs)
    ]
    sheets += [([row for caseload in caseloads for row in getattr(caseload, name)], ROWS[name]) for name in OF_SITES]
    if network is not None:
        sheets += [
            (network.amendments, "Amendments"),
            (network.areas, "Areas"),
            (network.disallowances, "Disallowances"),
        ]
    for caseload in caseloads:
        yield from _but_for_zeros(caseload)
    for rows, sheet in sheets:
        yield from repeated((row for row in rows if published(row) <= known), KEYS[sheet])


def _but_for_zeros(caseload: Caseload) -> Iterator[Finding]:
    """00042 and 42 are one participant, of whom a spreadsheet took the zeros away."""
    seen: dict[str, str] = {}
    for row in caseload.participants:
        code = row.participant.pseudonym
        if code.isdecimal() and seen.setdefault(code.lstrip("0"), code) != code:
            problem = "another participant's code is the same number with different leading zeros"
            yield row.source.finding("zeros", problem, "one code for each participant", column="participant")


def check_issuers(issuers: Iterable[tuple[str, Source]], network: Network) -> Iterator[Finding]:
    """No issuer looks like another one, or like an organization of the award workbook (Rulebook
    5.5)."""
    organizations = {likeness(o.id): o.id for o in network.organizations}
    issuers = tuple(issuers)
    yield from look_alike(((issuer, source, "issuer") for issuer, source in issuers), "issuer")
    for issuer, source in issuers:
        if organizations.get(likeness(issuer), issuer) != issuer and not unseen_marks(issuer):
            problem = "this issuer resembles an organization of the award workbook but is spelled differently"
            yield source.finding("look_alike", problem, "the spelling of the Organizations sheet")


def _check_reporter(caseload: Caseload, network: Network) -> Iterator[Finding]:
    """The issuer reports for each subaward of its caseload, told at the first row of each (Rulebook
    5.5)."""
    rows: list[Enrollment | Cost | Count | UnitsUsed] = [*caseload.enrollments, *caseload.costs]
    rows += [*caseload.counts, *caseload.units]
    listed = {organization.id for organization in network.organizations}
    for row in {row.subaward: row for row in reversed(rows)}.values():
        reporters = network.reporters(row.subaward) if network.knows_subaward(row.subaward) else ()
        named = caseload.issuer and reporters and listed.issuperset(reporters)  # else that has a finding of its own
        if named and caseload.issuer not in reporters:
            yield row.source.finding("reporter", NO_REPORTER, REPORTERS, column="subaward")


def _check_service(row: Cost | Count | UnitsUsed, terms: Terms) -> Iterator[Finding]:
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
        problem = f"the terms have no such service, or it is not {kind}"
        yield row.source.finding("service", problem, one_of(wanted), column="service")
        return
    service = terms.service(row.service)
    if isinstance(row, Cost) and service.categories and row.category not in service.categories:
        problem = "this is not a category of the service"
        yield row.source.finding("category", problem, one_of(service.categories), column="category")
    if isinstance(row, Count):
        phases = terms.phases if any(not key.phase for key in service.rates) else {key.phase for key in service.rates}
        if row.phase not in (*terms.phases, ""):
            yield row.source.finding("phase", "the terms have no such phase", one_of(terms.phases), column="phase")
        elif not row.phase and phases is not terms.phases:
            problem = "the rates of this service depend on the phase"
            yield row.source.finding("phase", problem, one_of(phases), column="phase")
        if terms.asks_of_participants(service):
            problem = "the price of this service goes by a characteristic of each participant, and a count names none"
            yield row.source.finding("service", problem, "enrollment, hours or units of participants", column="service")


def _check_opening(row: OpeningBalance, network: Network) -> Iterator[Finding]:
    """What was used before counts against a window and pool, or a phase, that the award has
    (Rulebook 7.8)."""
    award = next((a for a in network.awards if a.fain == row.award), None)
    if award is None:
        problem = "the award workbook lists no such award"
        yield row.source.finding("award", problem, "a FAIN of the Awards sheet", column="award")
        return
    if row.amount:
        kinds = sorted({c.choices["window"].value for c in award.terms.ceilings})
        windows = [w for kind in kinds for w in Calendar(award).windows(kind, award.period.start.toordinal()).windows]
        if row.window not in {w.name for w in windows}:
            problem = "no ceiling of the award has such a window"
            expected = f"a window as claims name it, such as {windows[0].name}" if windows else "none"
            yield row.source.finding("window", problem, expected, column="window", severity="warning")
        if not row.pool:
            problem = "an amount used must name its pool"
            yield row.source.finding("pool", problem, "direct or administration", column="pool")
    if row.months and row.phase not in award.terms.phases:
        yield row.source.finding("phase", "the terms have no such phase", one_of(award.terms.phases), column="phase")


def _check_elsewhere(
    rows: Iterable[EnrolledElsewhere],
    network: Network,
    enrolled: Mapping[tuple[str, Participant], Sequence[Enrollment]],
) -> Iterator[Finding]:
    """Days in a caseload kept apart are under an award that the award workbook lists, and are none
    of those enrolled here (Rulebook 7.9)."""
    listed = {award.fain for award in network.awards}
    for row in rows:
        if any(stay.days.clip(row.days) for stay in enrolled.get((row.award, row.participant), ())):
            problem = "this participant is enrolled here on one of these days"
            yield row.source.finding("two_subawards", problem, "one subaward a day", column="start")
        if row.award not in listed:
            problem = "the award workbook lists no such award"
            yield row.source.finding("award", problem, "a FAIN of the Awards sheet", column="award")


def _check_disallowed(caseload: Caseload, network: Network) -> Iterator[Finding]:
    """A cost that is named for a disallowance: of a number that the award workbook has (Rulebook
    8.4.4)."""
    numbers = {d.reference for d in network.disallowances}
    for row in caseload.disallowed:
        if row.participant is None and not row.reference:
            problem, expected = "this row names no cost", "a participant, a document reference, or both"
            yield row.source.finding("empty", problem, expected, column="participant")
        if row.number not in numbers:
            problem, expected = "no disallowance has this number", "a reference of the Disallowances sheet"
            yield row.source.finding("reference", problem, expected, column="number", severity="warning")


def _check_figure(row: SiteFigure, terms: Terms) -> Iterator[Finding]:
    """A figure that terms compare with a share is one: occupancy is 0.95, or 95%, and not 95."""
    tests = [p for service in terms.services for p in service.provisions if p.word("when") == row.name]
    share = row.name == "occupancy" or any(0 < Fraction(p.word("at_least") or 0) <= 1 for p in tests)
    if row.value < 0:
        yield row.source.finding("range", "a figure cannot be negative", "0 or more", row.value, column="value")
    elif share and row.value > 1:
        problem, expected = "this share is more than the whole", "a number from 0 to 1; ninety percent is 0.9 or 90%"
        yield row.source.finding("range", problem, expected, row.value, column="value")


def _check_named(row: Enrollment, terms: Terms) -> Iterator[Finding]:
    wanted = [s.id for s in terms.services if s.offered and s.choices["count"].value != ACTUAL_COST]
    if row.service not in wanted:
        problem = "the award pays for no such service by enrollment"
        yield row.source.finding("service", problem, one_of(wanted), column="service")


def _check_months(row: Cost | Count | UnitsUsed, network: Network) -> Iterator[Finding]:
    period = network.subaward(row.subaward).period
    if isinstance(row, UnitsUsed):
        if not (period.start <= row.day <= period.last):
            problem = "the day lies outside the subaward's period"
            yield row.source.finding("outside_period", problem, str(period), row.day, column="day")
        return
    if isinstance(row, Cost):
        months, column = row.service_months, "months" if row.months else "paid"
    else:
        months, column = (row.month,), "month"
    for month in months:
        if period.clip(Interval(month.first, month.last)) is None:
            problem = "the service month lies outside the subaward's period"
            yield row.source.finding("outside_period", problem, str(period), Word(str(month)), column=column)


def _check_ages(caseload: Caseload) -> Iterator[Finding]:
    """An adult has a certification letter, and a child an eligibility letter or an interim
    assistance letter (22 USC 7105(b)(1)). A child who came of age may have an adult's letter, so
    that this is a warning."""
    ages = {r.participant: r.age_group for r in caseload.participants}
    for letter in caseload.letters:
        of = "adult" if letter.kind == "certification_letter" else "child"
        if ages.get(letter.participant, of) != of:
            person = "a child with an adult's letter" if of == "adult" else "an adult with a child's letter"
            problem = f"this is {person}, by the age group at registration"
            expected = "the age group at registration, and the letter as issued"
            yield letter.source.finding("age_group", problem, expected, severity="warning", column="kind")


def _check_logs(caseload: Caseload, network: Network, known: date) -> Iterator[Finding]:
    """What is to be told of the letter logs, under the announcement of the latest award."""
    if network.awards:
        announced = max(award.awarded for award in network.awards)
        for log in caseload.logs:
            yield from check_log(log, announced, known)
            yield from family_with_letters(log, known)


def _overlapping(rows: Iterable[Household]) -> Iterator[Finding]:
    """Two households of a participant on one day: how many persons they were would be a guess
    (Rulebook 5.2)."""
    latest: dict[Participant, date] = {}
    for row in sorted(rows, key=lambda row: row.days.start):
        if latest.get(row.participant, date.min) >= row.days.start:
            problem = "two rows of this participant's household cover the same day"
            expected = "one row for each day; restate the earlier one with its last day"
            yield row.source.finding("overlap", problem, expected, row.days.start, column="start")
        latest[row.participant] = max(latest.get(row.participant, date.min), row.days.last)


def _two_places(rows: list[Enrollment], network: Network) -> Iterator[Finding]:
    """One day at two subawards is a finding, never two payments (Rulebook 3.1)."""
    spans = []
    for row in rows:
        if inside := row.days.clip(network.subaward(row.subaward).period):
            spans.append((inside.start, inside.last, row))
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
