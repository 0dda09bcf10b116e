"""A letter log in."""

from __future__ import annotations

from datetime import date

from attrs import evolve

from grantcalc.eligibility import Participant
from grantcalc.errors import WorkbookRejected, refuse
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import document_of
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.io.schemas import DOCUMENT
from grantcalc.io.schemas.letters import LETTER_LOG, PEOPLE
from grantcalc.letters import LetterEvent, Log, PersonServed, check_log
from grantcalc.provenance import Origin, Source, facts_digest


def log_of_book(book: WorkbookRead) -> Log:
    """The log of a workbook already opened."""
    tables = SheetTables(book)
    document = document_of(tables)
    issuer, reported = document.get("issuer", ""), document.get("report_date", date.min)

    def who(row: TableRow, key: str = "participant") -> Participant | None:
        return Participant(issuer, row.get(key)) if row.get(key) else None

    events, people = [], []
    for row in tables.rows(LETTER_LOG):
        for key in ("participant", "kind") if row.get("event") == "issued" else ():
            if row.get(key) is None and not row.bad:
                tables.add(row, key, "empty", "a row that issues a letter must say this", "a value")
                row.bad = True
        if not row.bad:
            events.append(row.make(LetterEvent, published=row.get("published", reported), participant=who(row)))
    for row in tables.distinct(PEOPLE):
        if not row.bad:
            people.append(row.make(PersonServed, participant=who(row), family_of=who(row, "family_of")))
    tables.refuse()
    source = Source(book.file, DOCUMENT.sheet)
    log = Log(reported, tuple(events), tuple(people), document.get("label", ""), issuer, source)
    refuse(check_log(log), WorkbookRejected)
    return evolve(log, origin=Origin(book.file, book.digest, facts_digest(log), book.layout, book.ignored))
