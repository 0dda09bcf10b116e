"""Input workbooks out: empty ones to fill in, and filled ones (the examples), by the same declaration that reads
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from grantcalc.declared import checked
from grantcalc.errors import Unknown
from grantcalc.io import schemas
from grantcalc.io.schemas import EXAMPLE_MARK, SheetSchema
from grantcalc.io.schemas.letters import LETTER_SHEETS
from grantcalc.io.schemas.outreach import OUTREACH_SHEETS
from grantcalc.io.schemas.record import RECORD_SHEETS
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, ValueKind, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

RowsBySheet = Sequence[Mapping[str, WrittenValue]]
Kinds = Literal["award", "caseload", "directory"]

BookKind = Literal["award", "caseload", "letters", "outreach", "directory"]
TEMPLATES: Mapping[BookKind, tuple[SheetSchema, ...]] = {
    "award": (*schemas.AWARD_SHEETS, *RECORD_SHEETS),
    "caseload": schemas.CASELOAD_SHEETS,
    "letters": LETTER_SHEETS,
    "outreach": OUTREACH_SHEETS,
    "directory": schemas.DIRECTORY_SHEETS,
}
BESIDES = (*RECORD_SHEETS, schemas.ELSEWHERE_SHEET)
"""Sheets that stand in a template, and in a filled workbook only where they hold a row."""
_KINDS: Mapping[str, ValueKind] = {
    "date": "date",
    "money": "money",
    "count": "count",
    "month": "month",
    "months": "month",
}
_CREATED = date(2012, 10, 15)  # a template says nothing of a day; this is the one of its example rows
_BLANK = 200  # rows below the examples with the formats of their columns

_HOW = {
    "award": """\
The recipient's workbook: organizations, awards, subawards and areas, and what the program's terms leave to the award.
Fill in one row for each thing. Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.
Only start dates are stored. A later amount is a row of Amendments; a later rate is another row of Terms.
Published is the day on which a fact could first be known. Nothing is computed from a fact before that day.""",
    "caseload": """\
A subrecipient's workbook, which stays with the subrecipient. It is cumulative: keep every earlier row.
A row that was wrong stays: add one with the same key, the right value and a later Published. Void takes a row back.
Know participants by a code of your own that means nothing elsewhere: no name, date of birth, SSN, A-number or e-mail.
Fill in one row for each thing. Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.
Dates are dates (2012-10-15), months are text (2012-09), amounts are dollars and cents.""",
    "letters": """\
A log of Certification, Eligibility and Interim Assistance Letters. It is cumulative: add a row for each event.
Know participants by a code of your own that means nothing elsewhere: no name, date of birth, SSN, A-number or e-mail.
Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.""",
    "outreach": """\
What regional partners report of the four objectives, their local networks, and the coalitions of the campaign.
Organizations are known by a short id of your own. Fill in one row for each thing; any sheet may be left out.
Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.""",
    "directory": """\
Organizations and individuals who serve, and the library of materials. No one who is served is listed here.
Fill in one row for each entry and day on which it was verified; a later row of the same entry replaces the earlier.
Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.
Dates are dates (2012-10-15). Where a cell holds several words, semicolons stand between them.""",
}


@checked
def write_template(kind: BookKind, path: str | Path) -> str:
    """A workbook to fill in: instructions, headers with notes, drop-downs, an example row marked as such. Gives its
    digest."""
    return write_input(kind, {}, path, example=True)


def write_input(
    kind: BookKind,
    rows: Mapping[str, RowsBySheet],
    path: str | Path,
    *,
    created: date = _CREATED,
    title: str = "",
    example: bool = False,
) -> str:
    """An input workbook holding `rows`, by sheet name and column key. `Unknown` for a sheet or a key that it has
    not."""
    known = {layout.sheet for layout in TEMPLATES[kind]}
    for sheet in rows:
        if sheet not in known:
            raise Unknown("sheet", "one of " + ", ".join(sorted(known)), length=len(sheet))
    name = title or f"grantcalc {kind} workbook"
    written = [layout for layout in TEMPLATES[kind] if layout not in BESIDES or example or rows.get(layout.sheet)]
    sheets = [_instructions(kind, name, written)]
    sheets += [_sheet(layout, rows.get(layout.sheet, ()), example) for layout in written]
    private = bool(rows) and kind in ("caseload", "letters")  # they name participants
    return write_book(WorkbookDraft(name, tuple(sheets), created), Path(path), private=private)


def _instructions(kind: str, title: str, written: Sequence[SheetSchema]) -> Sheet:
    about = Block(heading=title, text=tuple(_HOW[kind].split("\n")))
    guide = Block(
        (
            TableColumn("Sheet", width=18),
            TableColumn("Column", width=20),
            TableColumn("What to fill in", "wrap", width=80),
            TableColumn("Needed"),
        ),
        [
            (layout.sheet, column.header, column.note, "yes" if column.required else "may be empty")
            for layout in written
            for column in layout.columns
        ],
        heading="The sheets and their columns",
    )
    return Sheet("Instructions", (about, guide), landscape=True)


def _sheet(layout: SheetSchema, rows: RowsBySheet, example: bool) -> Sheet:
    keys = {c.key for c in layout.columns}
    for row in rows:
        for key in row:
            if key not in keys:
                raise Unknown("column", "one of " + ", ".join(sorted(keys)), length=len(key))
    columns = tuple(
        TableColumn(
            c.header,
            _KINDS.get(c.kind, "text"),
            c.note + ("" if c.required else " (may be empty)"),
            choices=c.choices,
        )
        for c in layout.columns
    )
    cells = [tuple(row.get(c.key) for c in layout.columns) for row in rows]
    if example:
        cells.append(tuple(_example(c, first=not i) for i, c in enumerate(layout.columns)))
    blank = _BLANK if example and layout is not schemas.DOCUMENT else 0
    return Sheet(layout.sheet, (Block(columns, cells, blank_rows=blank),), landscape=True, freeze=True)


def _example(column: schemas.Column, *, first: bool) -> WrittenValue:
    text = str(column.example)
    if first:
        return f"{EXAMPLE_MARK} {text}".strip()
    if not text:
        return None
    if column.kind == "date":
        return date.fromisoformat(text)
    if column.kind in ("money", "count") or (column.kind == "value" and text[0].isdigit()):
        return Decimal(text)
    return text
