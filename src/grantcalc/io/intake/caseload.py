"""The caseload workbook in: participants, letters, households, enrollments, costs, counts and what
else rules ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from grantcalc.billing.caseload import (
    ROWS,
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    DisallowedCost,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.eligibility import PSEUDONYM, Letter, Participant, may_be_a_date
from grantcalc.errors import Finding
from grantcalc.io import schemas
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import dated, document_of, with_origin
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.io.schemas import SheetSchema
from grantcalc.keys import KEYS, repeated
from grantcalc.provenance import Source
from grantcalc.xlsx.reader import warn

T = TypeVar("T")

_EMPTY: Mapping[type, tuple[str, ...]] = {Cost: ("category",), Count: ("phase",)}
"""Texts that a value must have and a cell may leave empty."""


def caseload_of_book(book: WorkbookRead) -> Caseload:
    """The caseload of a workbook already opened."""
    tables = SheetTables(book)
    return tables.whole(caseload_of(tables))


def caseload_of(tables: SheetTables) -> Caseload:
    """The caseload that the rows say that could be read; what is wrong is gathered in `tables`. A
    report date that could not be read is the last of all days, so that nothing is later."""
    book, document = tables.book, document_of(tables)
    issuer, reported = document.get("issuer", ""), document.get("report_date", date.max)
    if "," in issuer:
        tables.add(
            document,
            "issuer",
            "issuer",
            "an issuer must not contain a comma, because claims list issuers with commas",
            "a short id without a comma",
        )

    def of_listed(layout: SheetSchema) -> Iterator[TableRow]:
        for row in tables.rows(layout):
            if row.get("participant") is not None:
                wanted = "one of the Participants sheet"
                tables.refers(row, "participant", "no such participant is registered", wanted, schemas.PARTICIPANTS)
            yield row

    def made(kind: type[T], rows: Iterable[TableRow]) -> tuple[T, ...]:
        return tuple(row.make(kind, **facts(kind, row)) for row in rows if not row.bad)

    def made_of_days(kind: type[T], layout: SheetSchema) -> tuple[T, ...]:
        rows = dated(tables, of_listed(layout))
        return tuple(row.make(kind, days=days, **facts(kind, row)) for row, days in rows)

    def facts(kind: type, row: TableRow) -> dict[str, Any]:
        """What a row says by default: whose it is, when it was published, what an empty cell stands
        for."""
        who, said = row.get("participant"), {key: row.get(key, "") for key in _EMPTY.get(kind, ())}
        if kind is not Registration:
            said["published"] = row.get("published", reported)
        if kind not in (Count, SiteFigure):
            said["participant"] = Participant(issuer, who) if who else None
        return said

    values: dict[str, Any] = {
        "participants": made(Registration, tables.distinct(schemas.PARTICIPANTS)),
        "statuses": made(PersonStatus, of_listed(schemas.STATUSES_SHEET)),
        "letters": made_of_days(Letter, schemas.LETTERS_SHEET),
        "households": made_of_days(Household, schemas.HOUSEHOLDS),
        "enrollments": made_of_days(Enrollment, schemas.ENROLLMENT),
        "costs": made(Cost, _costs(tables, of_listed(schemas.COSTS))),
        "counts": made(Count, tables.rows(schemas.COUNTS)),
        "units": made(UnitsUsed, of_listed(schemas.UNITS)),
        "absences": made_of_days(Absence, schemas.ABSENCES),
        "figures": made(SiteFigure, tables.rows(schemas.FIGURES)),
        "characteristics": made(Characteristic, of_listed(schemas.CHARACTERISTICS)),
        "openings": made(OpeningBalance, of_listed(schemas.OPENINGS)),
        "elsewhere": made_of_days(EnrolledElsewhere, schemas.ELSEWHERE_SHEET),
        "disallowed": made(DisallowedCost, of_listed(schemas.DISALLOWED)),
    }
    for name, sheet in ROWS.items():  # what is only told, `bill` tells
        tables.findings.extend(f for f in repeated(values[name], KEYS[sheet]) if f.severity == "error")
    warn(_dated_codes(values["participants"], book.codes))
    source = document.source if tables.findings else Source(book.file, schemas.DOCUMENT.sheet)
    caseload = Caseload(issuer=issuer, report_date=reported, label=document.get("label", ""), source=source, **values)
    return with_origin(caseload, book)


def _dated_codes(participants: Iterable[Registration], codes: str) -> Iterator[Finding]:
    """A warning for each participant whose code may be a date of birth, unless the layout declares
    codes of this form: 0 stands for a digit, A for a letter."""
    form = "".join({"0": "[0-9]", "A": "[A-Za-z]"}.get(c, re.escape(c)) for c in codes)
    for row in participants:
        code = row.participant.pseudonym
        if may_be_a_date(code) and not re.fullmatch(form, code):
            problem = "this number may be a date of birth"
            expected = f'{PSEUDONYM}, or a layout that says codes = "{"0" * len(code)}"'
            yield row.source.finding("dated_code", problem, expected, code, column="participant", severity="warning")


def _costs(tables: SheetTables, rows: Iterable[TableRow]) -> Iterator[TableRow]:
    for row in rows:
        if not row.bad and row.get("amount") < 0 and not row.get("months"):
            problem = "a credit must name the service month of what it corrects"
            tables.add(row, "months", "credit", problem, "a month like 2012-09")
            tables.spoil(row)
        elif not row.bad:
            yield row
