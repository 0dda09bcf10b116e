"""What the award workbook says besides what is obligated: disallowances, figures of the books,
entries of forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from grantcalc.awards import RATIOS, Award, BooksFigure, Disallowance, FormEntry, wrong_entry, wrong_figure
from grantcalc.io import schemas
from grantcalc.io.intake.document import unlike
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.keys import KEYS, repeated
from grantcalc.terms.vocabulary import one_of


def disallowances(tables: SheetTables, reported: date, awards: Iterable[Award]) -> Iterator[Disallowance]:
    """The Disallowances sheet. What takes back more than was disallowed is a finding."""
    services = {s.id for a in awards for s in a.terms.services}
    left: Counter[tuple[object, ...]] = Counter()
    values: list[Disallowance] = []
    for row in sorted(tables.rows(schemas.DISALLOWANCES), key=lambda r: r.get("published", reported)):
        problem, expected = "no such award or subaward is listed", "a FAIN or a subaward number"
        tables.refers(row, "subaward", problem, expected, schemas.AWARDS, schemas.SUBAWARDS)
        if services and row.get("service") is not None and row.get("service") not in services:
            tables.add(row, "service", "service", "no terms have this service", one_of(sorted(services)))
        what = row.get("subaward"), row.get("service"), row.get("month"), row.get("reference")
        published = row.get("published", reported)
        if not row.bad:
            left[what] += row.get("amount")
            if left[what] < 0:
                expected = "at most what was disallowed under this reference before"
                tables.add(row, "amount", "taken_back", "this takes back more than was disallowed", expected)
            else:
                values.append(row.make(Disallowance, published=published))
    tables.findings.extend(repeated(values, KEYS["Disallowances"]))
    yield from values


def financials(tables: SheetTables, reported: date, periods: Mapping[str, set[str]]) -> Iterator[BooksFigure]:
    """The Books sheet: amounts in whole cents, ratios in their range, and only one way of sharing a
    cost."""
    seen: dict[object, object] = {}
    names: dict[tuple[str, str], set[str]] = {}
    for row in tables.rows(schemas.BOOKS):
        fain, label, name = row.get("fain"), row.get("label"), row.get("figure")
        listed = tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS)
        if listed and fain in periods and label is not None and label not in periods[fain]:
            tables.add(row, "label", "reference", "there is no such budget period", "one of the award's own")
        if name is not None and row.get("value") is not None:
            _check_value(tables, row, name)
        dates = row.get("effective"), row.get("published", reported)
        if not row.bad and unlike(tables, row, seen, schemas.BOOKS.sheet, (fain, label, name, *dates)):
            used = names.setdefault((fain, label), set())
            used.add(name)
            for one, other in (("federal_share", "match"), ("program_income_deducted", "program_income_added")):
                if name in (one, other) and {one, other} <= used:
                    problem = f"a budget period has {one} or {other}, not both"
                    tables.add(row, "figure", "alternative", problem, "one of the two")
            yield BooksFigure(
                award=fain,
                budget_period=label,
                name=name,
                value=row.get("value"),
                effective=row.get("effective"),
                published=row.get("published", reported),
                source=row.source,
            )


def _check_value(tables: SheetTables, row: TableRow, name: str) -> None:
    value = row.get("value")
    if wrong := wrong_figure(name, value):
        tables.add(row, "value", "ratio" if name in RATIOS else "amount", *wrong, value)
        tables.spoil(row)


def form_entries(tables: SheetTables, reported: date) -> Iterator[FormEntry]:
    """The Form entries sheet: words and days where a box takes those, else any text."""
    seen: dict[object, object] = {}
    for row in tables.rows(schemas.FORM_ENTRIES_SHEET):
        fain, entry, value, published = (
            row.get("fain"),
            row.get("entry"),
            row.get("value"),
            row.get("published", reported),
        )
        tables.refers(row, "fain", "no such award is listed", "a FAIN of the Awards sheet", schemas.AWARDS)
        if entry is not None and value is not None and (wrong := wrong_entry(entry, value)):
            tables.add(row, "value", "entry", *wrong, value)
        if not row.bad and unlike(tables, row, seen, schemas.FORM_ENTRIES_SHEET.sheet, (fain, entry, published)):
            yield FormEntry(award=fain, entry=entry, value=value, published=published)
