"""The caseload workbook in: participants, letters, households, enrollments, costs, counts and what else rules ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve

from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Cost,
    Count,
    Enrollment,
    Figure,
    Household,
    Opening,
    Registration,
    Units,
)
from grantcalc.eligibility import Letter, Participant
from grantcalc.io import layouts
from grantcalc.io.intake.cells import Book
from grantcalc.io.intake.dated import dated, document_of
from grantcalc.io.intake.tables import Row, Tables
from grantcalc.io.layouts import Layout
from grantcalc.provenance import Origin, Source, facts_digest


def caseload_of_book(book: Book) -> Caseload:
    """The caseload of a workbook already opened."""
    tables = Tables(book)
    document = document_of(tables)
    issuer, reported = document.get("issuer", ""), document.get("report_date", date.min)
    if "," in issuer:
        tables.add(
            document, "issuer", "issuer", "an issuer is listed between commas in claims", "a short id without any"
        )

    def who(row: Row) -> Participant:
        return Participant(issuer, row.get("participant"))

    def when(row: Row) -> date:
        published: date = row.get("published", reported)
        return published

    def of_listed(layout: Layout) -> Iterator[Row]:
        for row in tables.rows(layout):
            if row.get("participant") is not None:
                wanted = "one of the Participants sheet"
                tables.refers(row, "participant", "no such participant is registered", wanted, layouts.PARTICIPANTS)
            yield row

    participants = [
        Registration(who(row), row.get("age_group"), row.get("arrived"), row.get("eligible"), row.source)
        for row in tables.distinct(layouts.PARTICIPANTS)
        if not row.bad
    ]
    letters = [
        Letter(who(row), row.get("kind"), days, when(row), source=row.source)
        for row, days in dated(tables, of_listed(layouts.LETTERS_SHEET))
    ]
    households = [
        Household(who(row), days, row.get("family"), when(row), row.get("minors", 0), row.source)
        for row, days in dated(tables, of_listed(layouts.HOUSEHOLDS))
    ]
    enrollments = [
        Enrollment(
            who(row),
            row.get("subaward"),
            days,
            when(row),
            bool(row.get("restored")),
            row.get("service", ""),
            row.source,
        )
        for row, days in dated(tables, of_listed(layouts.ENROLLMENT))
    ]
    costs = [
        _cost(row, who(row) if row.get("participant") else None, when(row))
        for row in _costs(tables, of_listed(layouts.COSTS))
    ]
    counts = [
        Count(
            row.get("subaward"),
            row.get("service"),
            row.get("phase", ""),
            row.get("month"),
            row.get("quantity"),
            when(row),
            row.get("unit", ""),
            row.get("class", ""),
            row.source,
        )
        for row in _counts(tables)
    ]
    units = [
        Units(
            who(row),
            row.get("subaward"),
            row.get("service"),
            row.get("day"),
            row.get("quantity"),
            when(row),
            row.get("unit", ""),
            row.get("class", ""),
            row.source,
        )
        for row in of_listed(layouts.UNITS)
        if not row.bad
    ]
    absences = [
        Absence(who(row), row.get("kind"), days, when(row), row.get("hours", 0), row.source)
        for row, days in dated(tables, of_listed(layouts.ABSENCES))
    ]
    figures = [
        Figure(row.get("subaward"), row.get("figure"), row.get("value"), row.get("effective"), when(row), row.source)
        for row in tables.rows(layouts.FIGURES)
        if not row.bad
    ]
    openings = [
        Opening(
            who(row),
            row.get("fain"),
            when(row),
            row.get("window", ""),
            row.get("pool", ""),
            row.get("amount", 0),
            row.get("phase", ""),
            row.get("months", 0),
            row.source,
        )
        for row in of_listed(layouts.OPENINGS)
        if not row.bad
    ]
    tables.refuse()
    caseload = Caseload(
        issuer,
        reported,
        tuple(participants),
        tuple(letters),
        tuple(households),
        tuple(enrollments),
        tuple(costs),
        tuple(counts),
        tuple(units),
        tuple(absences),
        tuple(figures),
        tuple(openings),
        document.get("label", ""),
        Source(book.file, layouts.DOCUMENT.sheet),
    )
    return evolve(caseload, origin=Origin(book.file, book.digest, facts_digest(caseload), book.layout))


def _costs(tables: Tables, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if not row.bad and row.get("amount") < 0 and not row.get("months"):
            problem = "a credit must name the service month of what it corrects"
            tables.add(row, "months", "credit", problem, "a month like 2012-09")
        elif not row.bad:
            yield row


def _cost(row: Row, participant: Participant | None, published: date) -> Cost:
    return Cost(
        participant,
        row.get("subaward"),
        row.get("service"),
        row.get("category", ""),
        row.get("amount"),
        row.get("paid"),
        row.get("months", ()),
        row.get("reference", ""),
        published,
        row.source,
    )


def _counts(tables: Tables) -> Iterator[Row]:
    """Rows of the Counts sheet; two that are equal would be paid twice."""
    seen: set[tuple[object, ...]] = set()
    for row in tables.rows(layouts.COUNTS):
        said = tuple(sorted(row.values.items()))
        if said in seen and not row.bad:
            tables.add(row, "quantity", "equal_counts", "this row equals another count of the sheet", "one row each")
        elif not row.bad:
            seen.add(said)
            yield row
