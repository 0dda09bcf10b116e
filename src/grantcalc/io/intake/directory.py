"""The directory workbook in: entries and the library, with every bad cell as a finding at its
address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

from grantcalc.errors import Inexact, Unknown
from grantcalc.io import schemas
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.document import document_of, with_origin
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.outreach.directory import SERVICES, Directory, DirectoryEntry, Hours, Resource, folded_text
from grantcalc.regions import Region, place_of

T = TypeVar("T")


def directory_of_book(book: WorkbookRead) -> Directory:
    """The directory of a workbook already opened."""
    tables = SheetTables(book)
    document = document_of(tables)
    entries = [value for row in tables.rows(schemas.DIRECTORY) for value in _entry(tables, row)]
    library = [value for row in tables.distinct(schemas.LIBRARY) for value in _resource(tables, row)]
    _not_twice(tables, entries)
    tables.refuse()
    directory = Directory(
        document.get("report_date", date.min), tuple(entries), tuple(library), document.get("label", "")
    )
    return with_origin(directory, book)


def _entry(tables: SheetTables, row: TableRow) -> Iterator[DirectoryEntry]:
    services = _each(tables, row, "services", _service, "one of " + ", ".join(SERVICES))
    serves = _each(tables, row, "serves", place_of, "a State or territory, or a region like Region 4")
    languages = _each(tables, row, "languages", str, "")
    hours = _hours(tables, row)
    state, verified, ends = row.get("state"), row.get("verified"), row.get("ends")
    if isinstance(state, Region):
        tables.add(row, "state", "place", "this is a region", "the State or territory of the city")
    elif verified and ends and ends < verified:
        tables.add(row, "ends", "order", "this entry ends before it was verified", f"{verified} or later", ends)
    elif not row.bad and hours is not None:
        said = {"services": services, "serves": serves, "languages": languages, "hours": hours}
        yield row.make(DirectoryEntry, **said)


def _resource(tables: SheetTables, row: TableRow) -> Iterator[Resource]:
    topics = _each(tables, row, "topics", _service, "one of " + ", ".join(SERVICES))
    languages = _each(tables, row, "languages", str, "")
    if not row.bad:
        yield row.make(Resource, topics=topics, languages=languages)


def _each(tables: SheetTables, row: TableRow, key: str, read: Callable[[str], T], expected: str) -> tuple[T, ...]:
    """Each of the parts between semicolons; one that means nothing is a finding."""
    values: list[T] = []
    for part in filter(None, map(str.strip, row.get(key, "").split(";"))):
        try:
            values.append(read(part))
        except Unknown as unknown:
            hint = f"; did you mean {unknown.nearest}?" if unknown.nearest else ""
            wanted = unknown.expected if unknown.kind == "place" else expected
            tables.add(row, key, "word", f"this is not a known {unknown.kind}", wanted + hint, part)
            row.bad = True
    return tuple(dict.fromkeys(values))


def _service(text: str) -> str:
    word = folded_text(text).replace(" ", "_")
    if word not in SERVICES:
        raise Unknown("service", "one of those listed", length=len(text))
    return word


def _hours(tables: SheetTables, row: TableRow) -> Hours | None:
    try:
        return Hours.parse(row.get("hours", ""))
    except Inexact as wrong:
        tables.add(
            row, "hours", "hours", wrong.what, "24/7, or like Mon-Fri 09:00-17:00; Sat 10:00-14:00", row.get("hours")
        )
        return None


def _not_twice(tables: SheetTables, entries: list[DirectoryEntry]) -> None:
    """Two rows of an entry that were verified on one day have no order: a finding."""
    seen: set[tuple[str, date]] = set()
    for entry in entries:
        if (entry.id, entry.verified) in seen:
            expected = "different days: one row replaces the other"
            tables.findings.append(
                entry.source.finding("same_dates", "this entry was verified twice on one day", expected)
            )
        seen.add((entry.id, entry.verified))
