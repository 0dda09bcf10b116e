"""What both input workbooks have: the Document sheet, rows with days, and facts with two dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from attrs import evolve

from grantcalc.billing.caseload import Caseload
from grantcalc.eligibility import contact_in, may_be_a_name
from grantcalc.io import schemas
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.keys import KEYS, REPEATED, disagrees
from grantcalc.letters import Log
from grantcalc.network import Network
from grantcalc.outreach.directory import Directory
from grantcalc.periods import Interval
from grantcalc.provenance import Origin, Source, facts_digest
from grantcalc.xlsx.reader import warn

T = TypeVar("T", Caseload, Directory, Log, Network)


def with_origin(value: T, book: WorkbookRead) -> T:
    """The facts of a workbook, with the file that they were read from."""
    origin = Origin(
        file=book.file,
        digest=book.digest,
        facts=facts_digest(value),
        layout=book.layout,
        remarks=book.remarks,
    )
    return evolve(value, origin=origin)


def document_of(tables: SheetTables) -> TableRow:
    """The one row of the Document sheet."""
    rows = list(tables.rows(schemas.DOCUMENT))
    if not rows and not tables.findings:
        source = Source(tables.book.file, schemas.DOCUMENT.sheet)
        expected = "a row with issuer and report date, not marked EXAMPLE"
        tables.findings.append(source.finding("document", "this sheet is not filled in yet", expected))
    for extra in rows[1:]:
        tables.add(extra, "issuer", "document", "the Document sheet has a second row", "one row")
    for key in ("issuer", "label"):
        _screen(tables, rows[0] if rows else None, key)
    return rows[0] if rows else TableRow(Source(tables.book.file), {})


def _screen(tables: SheetTables, row: TableRow | None, key: str) -> None:
    """What identifies a person in a text that stands on every page made from the workbook."""
    text = row.get(key, "") if row else ""
    if row and (what := contact_in(text)):
        expected = "nothing that identifies a person: it stands on every page"
        tables.add(row, key, "personal", f"this has what looks like {what}", expected, text)
    elif row and may_be_a_name(text):
        problem = "this may be the name of a person, and stands on every page made from this workbook"
        warn([evolve(row.finding(key, "personal", problem, found=text), severity="warning")])


def dated(
    tables: SheetTables, rows: Iterable[TableRow], needed: Iterable[str] = ()
) -> Iterator[tuple[TableRow, Interval]]:
    """Rows with an interval of days; one that ends before it starts is a finding. A row with a bad
    cell is left out, unless `needed` names the columns that must be there and all of them are."""
    needed = tuple(needed)
    for row in rows:
        start, end = row.get("start"), row.get("end")
        if start and end and end < start:
            tables.add(row, "end", "order", "these days end before they start", f"{start} or later", end)
            tables.spoil(row)
        elif start and (not row.bad or (needed and all(row.get(key) is not None for key in needed))):
            yield row, Interval(start, end)


def unlike(tables: SheetTables, row: TableRow, seen: dict[object, object], sheet: str, key: tuple[object, ...]) -> bool:
    """Whether a row is the first of its key and day of publication. One that says the same again
    counts once, which is told; one that says something else is a finding: the order of rows would
    decide (Rulebook 2.3, 2.6).

    `key` is that of the sheet, and the day of publication; what a row says is the rest of it.
    """
    said = {name: value for name, value in row.values.items() if name != "published"}
    if key not in seen:
        seen[key] = said
        return not row.bad
    if seen[key] == said:
        warn([evolve(row.finding("published", "repeated", REPEATED, "one row each"), severity="warning")])
        return False
    tables.add(row, "published", "same_dates", *disagrees(KEYS[sheet]))
    return not row.bad
