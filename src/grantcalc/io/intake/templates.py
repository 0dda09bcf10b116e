"""Input workbooks out: empty ones to fill in, and filled ones (the examples), by the same
declaration that reads them."""

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
from grantcalc.terms import Open, Terms, award_terms, load_terms, published_terms
from grantcalc.terms.vocabulary import one_of
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
_ASKED = tuple(s for s in schemas.AWARD_SHEETS if s not in (schemas.AREAS, schemas.DISALLOWANCES, schemas.BOOKS))
"""The sheets of an award workbook for one program; the others may be added later."""
_FILLED = {
    "rate": "dollars for a whole month, or for a unit",
    "amount": "dollars",
    "share": "a share from 0 to 1, like 0.40",
    "months": "a whole number of months",
}
_CREATED = date(2012, 10, 15)  # a template says nothing of a day; this is the one of its example rows
_BLANK = 200  # rows below the examples with the formats of their columns

_HOW = {
    "award": """\
The recipient's workbook: organizations, awards, subawards and areas, and what the program's terms leave to the award.
Fill in one row for each thing. Rows whose first cell begins with EXAMPLE are not read: type over them or leave them.
Only start dates are stored. A later amount is a row of Amendments; a later rate is another row of Terms.
Published is the day on which a fact could first be known. Nothing is computed from a fact before that day.""",
    "program": """\
The recipient's workbook for one program. Fill in the columns marked *, in one row for each thing.
Other columns may be empty; an empty cell then means what its note says, such as the days of the award.
Terms has one row for each term that the program leaves to the award: fill in its value. The award's Source covers all.
Then run grantcalc check award.xlsx, which lists each cell that is missing, or with --marked writes a marked copy.""",
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
def write_template(kind: BookKind, path: str | Path, program: str = "") -> str:
    """A workbook to fill in: instructions, headers with notes (a * marks those that are needed),
    drop-downs, an example row marked as such. Gives its digest.

    An award workbook for one program, the id of published terms, asks for what those terms leave to
    the award: a row for each. `Unknown` for another id, or another kind of workbook.
    """
    if not program:
        return write_input(kind, {}, path, example=True)
    if kind != "award" or program not in (*published_terms(), *award_terms()):
        raise Unknown("program", one_of((*published_terms(), *award_terms())), length=len(program))
    terms = load_terms(program)
    sheets = [_instructions("award", f"Award workbook for {program}", _ASKED, terms)]
    rows: Mapping[str, RowsBySheet] = {
        "Awards": [{"terms": program}],
        "Budget periods": [{"label": "Year 1"}],
        "Terms": [{"term": left.key} for left in terms.opens if not left.optional],
    }
    sheets += [_sheet(layout, rows.get(layout.sheet, ()), example=False, empty=_BLANK) for layout in _ASKED]
    return write_book(WorkbookDraft(f"grantcalc award workbook, {program}", tuple(sheets), _CREATED), Path(path))


def write_input(
    kind: BookKind,
    rows: Mapping[str, RowsBySheet],
    path: str | Path,
    *,
    created: date = _CREATED,
    title: str = "",
    example: bool = False,
) -> str:
    """An input workbook holding `rows`, by sheet name and column key. `Unknown` for a sheet or a
    key that it has not."""
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


def _instructions(kind: str, title: str, written: Sequence[SheetSchema], terms: Terms | None = None) -> Sheet:
    how = _HOW["program" if terms else kind]
    about = Block(heading=title, text=tuple(how.split("\n")))
    asked = (_terms_asked(terms),) if terms else ()
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
    return Sheet("Instructions", (about, *asked, guide), landscape=True)


def _terms_asked(terms: Terms) -> Block:
    """What a program leaves to the award, and what may be said of each."""
    columns = (
        TableColumn("Term", width=28),
        TableColumn("What to fill in", "wrap", width=80),
        TableColumn("Needed"),
    )
    rows = [(o.key, _asked(o), "may be left out" if o.optional else "yes") for o in terms.opens]
    return Block(columns, rows, heading="The terms that the program leaves to the award")


def _asked(left: Open) -> str:
    """What fills an open term in."""
    if left.kind == "choice":
        return "one of " + ", ".join(left.options)
    return _FILLED.get(left.kind, "a number")


def _sheet(layout: SheetSchema, rows: RowsBySheet, example: bool, empty: int = 0) -> Sheet:
    keys = {c.key for c in layout.columns}
    for row in rows:
        for key in row:
            if key not in keys:
                raise Unknown("column", "one of " + ", ".join(sorted(keys)), length=len(key))
    to_fill_in = example or empty
    columns = tuple(
        TableColumn(
            f"{c.header}\N{NO-BREAK SPACE}*" if c.required and to_fill_in else c.header,
            _KINDS.get(c.kind, "text"),
            c.note + ("" if c.required else " (may be empty)"),
            width=_width(c, rows, example=example) if to_fill_in else None,
            choices=c.choices,
        )
        for c in layout.columns
    )
    cells = [tuple(row.get(c.key) for c in layout.columns) for row in rows]
    if example:
        cells.append(tuple(_example(c, first=not i) for i, c in enumerate(layout.columns)))
    blank = _BLANK if (example or empty) and layout is not schemas.DOCUMENT else int(bool(empty))
    return Sheet(layout.sheet, (Block(columns, cells, blank_rows=blank),), landscape=True, freeze=True)


def _width(column: schemas.Column, rows: RowsBySheet, *, example: bool) -> int:
    """Wide enough that no header breaks inside a word, and for the first rows and the choices."""
    words = [word for word in column.header.split() if word]
    texts = [str(row.get(column.key) or "") for row in rows]
    texts += [*column.choices, f"{EXAMPLE_MARK} {column.example}" if example else ""]
    return max(14, 4 + max(len(word) for word in words) * 5 // 4, min(48, 3 + max(map(len, texts))))


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
