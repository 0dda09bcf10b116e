"""Workbooks in: the award workbook and the caseload workbook, as values, or every finding at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve

from grantcalc.awards import Amendment, Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Household, Registration
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Rejected, TermsRejected, Unknown, WorkbookRejected, refuse
from grantcalc.io import layouts
from grantcalc.io.cells import Book, open_book
from grantcalc.io.tables import Row, Tables
from grantcalc.known import Fact, Series
from grantcalc.network import Area, Network, with_amendments
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority, Origin, Source, facts_digest
from grantcalc.terms import Filling, Terms, fill_terms, load_terms, published_terms, read_terms

_TERMS_FILE = re.compile(r"[\w.-]+\.toml")


def read_award(path: str | Path) -> Network:
    """The award workbook: organizations, awards with their terms, amendments, subawards and areas.

    `WorkbookRejected` with every bad cell at once; a terms file beside the workbook is read too.
    """
    path = Path(path)
    return award_of_book(open_book(path), beside(path))


def read_caseload(path: str | Path) -> Caseload:
    """One issuer's caseload workbook. `WorkbookRejected` with every bad cell at once."""
    return caseload_of_book(open_book(Path(path)))


TermsFile = Callable[[str], bytes | None]
"""Gives the bytes of a terms file by its name, or None."""


def beside(workbook: Path) -> TermsFile:
    """Terms files in the folder of a workbook; a name with any path in it is none."""

    def read(name: str) -> bytes | None:
        path = workbook.parent / name
        return path.read_bytes() if _TERMS_FILE.fullmatch(name) and path.is_file() else None

    return read


def award_of_book(book: Book, terms_file: TermsFile) -> Network:
    """The network of a workbook already opened."""
    tables = Tables(book)
    document = _document(tables)
    organizations = tuple(_organizations(tables))
    fillings = _fillings(tables)
    amendments = tuple(_amendments(tables, document))
    awards = tuple(_awards(tables, terms_file, organizations, fillings, amendments))
    subawards = tuple(_subawards(tables, organizations, awards, amendments))
    areas = tuple(_areas(tables, document))
    network = Network(
        document.get("report_date") or date.min,
        organizations,
        awards,
        subawards,
        amendments,
        areas,
        document.get("label") or "",
    )
    _check_references(tables, network)
    refuse(tables.findings, WorkbookRejected)
    return evolve(network, origin=Origin(book.file, book.digest, facts_digest(network)))


def caseload_of_book(book: Book) -> Caseload:
    """The caseload of a workbook already opened."""
    tables = Tables(book)
    document = _document(tables)
    issuer = document.get("issuer") or ""
    reported = document.get("report_date") or date.min

    def who(row: Row) -> Participant:
        return Participant(issuer, row.get("participant") or "")

    def when(row: Row) -> date:
        return row.get("published") or reported

    participants: list[Registration] = []
    seen: set[str] = set()
    for row in tables.rows(layouts.PARTICIPANTS):
        if row.get("participant") in seen and not row.bad:
            tables.findings.append(
                row.finding("participant", "participant_twice", "this participant is listed twice", "one row each")
            )
        seen.add(row.get("participant"))
        participants.append(
            Registration(who(row), row.get("age_group") or "adult", row.get("arrived"), row.get("eligible"), row.source)
        )
    letters = [
        Letter(who(row), row.get("kind"), days, when(row), row.source)
        for row, days in _dated(tables, layouts.LETTERS_SHEET)
    ]
    households = [
        Household(who(row), days, row.get("family") or 0, when(row), row.source)
        for row, days in _dated(tables, layouts.HOUSEHOLDS)
    ]
    enrollments = [
        Enrollment(who(row), row.get("subaward"), days, when(row), bool(row.get("restored")), row.source)
        for row, days in _dated(tables, layouts.ENROLLMENT)
    ]
    costs = tuple(_costs(tables, issuer, reported))
    counts = [
        Count(
            row.get("subaward"),
            row.get("service"),
            row.get("phase") or "",
            row.get("month"),
            row.get("quantity"),
            when(row),
            row.source,
        )
        for row in tables.rows(layouts.COUNTS)
        if not row.bad
    ]
    refuse(tables.findings, WorkbookRejected)
    caseload = Caseload(
        issuer,
        reported,
        tuple(participants),
        tuple(letters),
        tuple(households),
        tuple(enrollments),
        costs,
        tuple(counts),
        document.get("label") or "",
        Source(book.file, layouts.DOCUMENT.sheet),
    )
    return evolve(caseload, origin=Origin(book.file, book.digest, facts_digest(caseload)))


def is_award_book(book: Book) -> bool:
    return Tables(book).has(layouts.AWARDS)


def is_caseload_book(book: Book) -> bool:
    return any(Tables(book).has(sheet) for sheet in (layouts.ENROLLMENT, layouts.COUNTS, layouts.COSTS))


def _document(tables: Tables) -> Row:
    rows = list(tables.rows(layouts.DOCUMENT))
    if not rows:
        if tables.has(layouts.DOCUMENT):
            source = Source(tables.book.file, layouts.DOCUMENT.sheet)
            tables.findings.append(
                source.finding("document", "the Document sheet is empty", "one row with issuer and report date")
            )
        return Row(Source(tables.book.file), {}, {})
    for extra in rows[1:]:
        tables.findings.append(extra.finding("issuer", "document", "the Document sheet has a second row", "one row"))
    return rows[0]


def _dated(
    tables: Tables, layout: layouts.Layout, first: str = "start", last: str = "end"
) -> Iterator[tuple[Row, Interval]]:
    """Rows with an interval of days; one that ends before it starts is a finding."""
    for row in tables.rows(layout):
        start, end = row.get(first), row.get(last)
        if start and end and end < start:
            tables.findings.append(
                row.finding(last, "order", "these days end before they start", f"{start} or later", end)
            )
        elif start and not row.bad:
            yield row, Interval(start, end)


def _costs(tables: Tables, issuer: str, reported: date) -> Iterator[Cost]:
    for row in tables.rows(layouts.COSTS):
        months: tuple[Month, ...] = row.get("months") or ()
        if (row.get("amount") or 0) < 0 and not months and not row.bad:
            tables.findings.append(
                row.finding(
                    "months",
                    "credit",
                    "a credit must name the service month of what it corrects",
                    "a month like 2012-09",
                )
            )
        elif not row.bad:
            yield Cost(
                Participant(issuer, row.get("participant")),
                row.get("subaward"),
                row.get("service"),
                row.get("category") or "",
                row.get("amount"),
                row.get("paid"),
                months,
                row.get("reference") or "",
                row.get("published") or reported,
                row.source,
            )


def _organizations(tables: Tables) -> Iterator[Organization]:
    for row in _distinct(tables, layouts.ORGANIZATIONS, "id"):
        state = row.get("state")
        if state is not None and not hasattr(state, "code"):
            tables.findings.append(
                row.finding(
                    "state", "state", "an organization works in a State, not in a region", "a State or territory"
                )
            )
            state = None
        yield Organization(
            row.get("id"),
            row.get("name") or "",
            row.get("uei") or "",
            row.get("ein") or "",
            state.code if state else "",
            row.source,
        )


def _distinct(tables: Tables, layout: layouts.Layout, key: str) -> Iterator[Row]:
    seen: set[object] = set()
    for row in tables.rows(layout):
        if row.get(key) in seen and not row.bad:
            tables.findings.append(row.finding(key, "twice", "this row stands twice", "one row each"))
        seen.add(row.get(key))
        if not row.bad:
            yield row


def _fillings(tables: Tables) -> dict[str, list[Filling]]:
    found: dict[str, list[Filling]] = defaultdict(list)
    for row in tables.rows(layouts.TERMS):
        if not row.bad:
            found[row.get("fain")].append(
                Filling(
                    row.get("term"),
                    row.get("value"),
                    row.get("effective"),
                    row.get("published"),
                    Authority(row.get("source")),
                    row.source,
                )
            )
    return found


def _amendments(tables: Tables, document: Row) -> Iterator[Amendment]:
    for row in tables.rows(layouts.AMENDMENTS):
        if not row.bad:
            yield Amendment(
                row.get("of"),
                row.get("label") or "",
                row.get("reference"),
                row.get("amount"),
                row.get("effective"),
                row.get("published") or document.get("report_date") or date.max,
                row.source,
            )


def _awards(
    tables: Tables,
    terms_file: TermsFile,
    organizations: tuple[Organization, ...],
    fillings: dict[str, list[Filling]],
    amendments: tuple[Amendment, ...],
) -> Iterator[Award]:
    known = {o.id for o in organizations}
    periods: dict[str, list[tuple[Row, Interval]]] = defaultdict(list)
    for row, days in _dated(tables, layouts.BUDGET_PERIODS):
        periods[row.get("fain")].append((row, days))
    for row, days in _dated_distinct(tables, layouts.AWARDS, "fain"):
        fain = row.get("fain")
        if row.get("recipient") not in known:
            tables.findings.append(
                row.finding(
                    "recipient", "organization", "no such organization is listed", "one of the Organizations sheet"
                )
            )
        terms = _terms(tables, row, terms_file, fillings.get(fain, []))
        budget = tuple(_budget_period(r, d, row.get("awarded"), fain, amendments) for r, d in periods.get(fain, []))
        _check_budget_periods(tables, row, days, periods.get(fain, []))
        if terms is not None:
            yield Award(
                fain,
                row.get("recipient"),
                row.get("agency"),
                row.get("listing"),
                row.get("awarded"),
                days,
                terms,
                tuple(sorted(budget, key=lambda b: b.days.start)),
                row.source,
            )


def _dated_distinct(tables: Tables, layout: layouts.Layout, key: str) -> Iterator[tuple[Row, Interval]]:
    seen: set[object] = set()
    for row, days in _dated(tables, layout):
        if row.get(key) in seen and not row.bad:
            tables.findings.append(row.finding(key, "twice", "this row stands twice", "one row each"))
        else:
            seen.add(row.get(key))
            yield row, days


def _budget_period(
    row: Row, days: Interval, awarded: date, fain: str, amendments: tuple[Amendment, ...]
) -> BudgetPeriod:
    label = row.get("label")
    obligated = Fact(
        row.get("amount"), days.start, row.get("published") or awarded, Authority(f"Award {fain}, {label}"), row.source
    )
    amended = [a for a in amendments if a.of == fain and a.budget_period == label]
    return BudgetPeriod(
        label, days, with_amendments(Series(f"amount of {fain}, {label}", [obligated]), amended), row.source
    )


def _check_budget_periods(tables: Tables, award: Row, period: Interval, found: list[tuple[Row, Interval]]) -> None:
    """Budget periods must follow one another through the whole period of performance."""
    spans = sorted((d.start, d.end or date.max, row) for row, d in found) if found else []
    if not spans:
        tables.findings.append(
            award.finding("fain", "budget_period", "this award has no budget period", "one on the Budget periods sheet")
        )
        return
    expected = period.start
    for start, end, row in spans:
        if start != expected:
            tables.findings.append(
                row.finding(
                    "start",
                    "budget_period",
                    "budget periods must follow one another without a gap",
                    str(expected),
                    start,
                )
            )
        expected = date.fromordinal(end.toordinal() + 1)
    last = spans[-1]
    if period.end and last[1] != period.end:
        tables.findings.append(
            last[2].finding(
                "end", "budget_period", "the last budget period must end with the award", str(period.end), last[1]
            )
        )


def _terms(tables: Tables, row: Row, terms_file: TermsFile, fillings: list[Filling]) -> Terms | None:
    name = row.get("terms")
    try:
        if name in published_terms():
            terms = load_terms(name)
        elif (content := terms_file(name)) is not None:
            terms = read_terms(content.decode("utf-8", errors="replace"), name)
            terms = evolve(terms, origin=terms.digest)
        else:
            wanted = "one of " + ", ".join(published_terms()) + ", or a .toml file beside this workbook"
            tables.findings.append(row.finding("terms", "terms", "there are no such terms", wanted))
            return None
        filled = fill_terms(terms, fillings)
    except TermsRejected as wrong:
        tables.findings.extend(wrong.findings)
        return None
    for needed in filled.opens:
        if not needed.optional:
            tables.findings.append(
                row.finding(
                    "terms",
                    "open_term",
                    f"these terms leave {needed.key} to the award",
                    f"a row {needed.key} on the Terms sheet",
                )
            )
    return filled


def _subawards(
    tables: Tables,
    organizations: tuple[Organization, ...],
    awards: tuple[Award, ...],
    amendments: tuple[Amendment, ...],
) -> Iterator[Subaward]:
    known = {o.id for o in organizations}
    for row, days in _dated_distinct(tables, layouts.SUBAWARDS, "id"):
        id = row.get("id")
        if row.get("subrecipient") not in known:
            tables.findings.append(
                row.finding(
                    "subrecipient", "organization", "no such organization is listed", "one of the Organizations sheet"
                )
            )
        amount: Series[int] = Series(f"amount of subaward {id}")
        if row.get("amount") is not None:
            published = row.get("published") or days.start
            amount = amount.with_facts(
                [Fact(row.get("amount"), days.start, published, Authority(f"Subaward {id}"), row.source)]
            )
        amount = with_amendments(amount, (a for a in amendments if a.of == id))
        yield Subaward(id, row.get("parent"), row.get("subrecipient"), days, amount, row.source)


def _areas(tables: Tables, document: Row) -> Iterator[Area]:
    for row in tables.rows(layouts.AREAS):
        if not row.bad:
            published = row.get("published") or document.get("report_date") or date.max
            yield Area(
                row.get("holder"), row.get("place"), row.get("serves"), row.get("effective"), published, row.source
            )


def _check_references(tables: Tables, network: Network) -> None:
    """Rows that name an award, a subaward or a budget period that the workbook does not list."""
    fains: dict[str, Any] = {a.fain: a for a in network.awards}
    ids = {*fains, *(s.id for s in network.subawards)}
    for subaward in network.subawards:
        try:
            network.ancestors(subaward.id)
        except Unknown:
            tables.findings.append(
                subaward.source.finding(
                    "parent", "this subaward stands under no award", "a FAIN, or a subaward under one"
                )
            )
            continue
        award = network.award_of(subaward.id)
        if award.period.clip(subaward.period) != subaward.period:
            tables.findings.append(
                subaward.source.finding(
                    "outside_award",
                    "the subaward's period must lie inside the award's",
                    str(award.period),
                    str(subaward.period),
                )
            )
    rows: list[Area | Amendment] = [*network.areas, *network.amendments]
    for row in rows:
        holder = row.holder if isinstance(row, Area) else row.of
        if holder not in ids:
            tables.findings.append(
                row.source.finding("holder", "no such award or subaward is listed", "a FAIN or a subaward number")
            )
        elif isinstance(row, Amendment) and holder in fains:
            labels = [b.label for b in fains[holder].budget_periods]
            if row.budget_period not in labels:
                tables.findings.append(
                    row.source.finding("budget_period", "this award has no such budget period", "one of its own")
                )


__all__ = [
    "Rejected",
    "award_of_book",
    "caseload_of_book",
    "is_award_book",
    "is_caseload_book",
    "read_award",
    "read_caseload",
]
