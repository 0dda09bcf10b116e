"""A letter log in."""

from __future__ import annotations

from datetime import date

from grantcalc.eligibility import Participant
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import document_of, with_origin
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.io.schemas import DOCUMENT
from grantcalc.io.schemas.letters import LETTER_LOG, PEOPLE
from grantcalc.letter_checks import check_log
from grantcalc.letters import LetterEvent, Log, PersonServed
from grantcalc.provenance import Source

_NAMED_IN = ((LETTER_LOG, "letter"), (PEOPLE, "family"))
"""The cause of a finding about a row that refers to another row of a sheet."""


def log_of_book(book: WorkbookRead) -> Log:
    """The log of a workbook already opened."""
    tables = SheetTables(book)
    return tables.whole(log_of_tables(tables))


def log_of_tables(tables: SheetTables) -> Log:
    """The log that the rows say that could be read; what is wrong is gathered in `tables`."""
    book, document = tables.book, document_of(tables)
    issuer, reported = document.get("issuer", ""), document.get("report_date", date.max)

    def who(row: TableRow, key: str = "participant") -> Participant | None:
        return Participant(issuer, row.get(key)) if row.get(key) else None

    events, people = [], []
    for row in tables.rows(LETTER_LOG):
        for key in ("participant", "kind") if row.get("event") == "issued" else ():
            if row.get(key) is None and not row.bad:
                tables.add(row, key, "empty", "a row that issues a letter must say this", "a value")
                tables.spoil(row)
        if not row.bad:
            events.append(row.make(LetterEvent, published=row.get("published", reported), participant=who(row)))
    for row in tables.distinct(PEOPLE):
        if not row.bad:
            people.append(row.make(PersonServed, participant=who(row), family_of=who(row, "family_of")))
    source = document.source if tables.findings else Source(book.file, DOCUMENT.sheet)
    log = Log(
        report_date=reported,
        events=tuple(events),
        people=tuple(people),
        label=document.get("label", ""),
        issuer=issuer,
        source=source,
    )
    unread = {cause for layout, cause in _NAMED_IN if tables.incomplete(layout)}  # it may be in a row not read
    told = [f for f in check_log(log) if f.cause not in unread]
    if any(f.severity == "error" for f in told):
        tables.findings += told
    return with_origin(log, book)
