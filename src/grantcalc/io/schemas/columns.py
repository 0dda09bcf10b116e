"""A sheet of an input workbook, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked
against it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from attrs import frozen

ColumnKind = Literal[
    "text",
    "pseudonym",
    "word",
    "term",
    "date",
    "month",
    "months",
    "money",
    "count",
    "place",
    "value",
    "number",
    "ratio",
    "yes_no",
]


def header_key(text: str) -> str:
    """A name as names are compared: capitals, spaces and punctuation do not matter."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@frozen
class Column:
    """One column: how it is headed, what a cell holds, whether it may be empty, and a note for the
    person who fills it. `synonyms` are other headers that mean the same in the field, and never
    nearly the same."""

    key: str
    header: str
    kind: ColumnKind
    note: str
    required: bool = True
    choices: tuple[str, ...] = ()
    example: object = ""
    shape: str = ""
    synonyms: tuple[str, ...] = ()


@frozen
class SheetSchema:
    """One sheet of an input workbook; `required` says whether the workbook must have it."""

    sheet: str
    note: str
    columns: tuple[Column, ...]
    required: bool = False

    @property
    def named(self) -> Mapping[str, Column]:
        """The columns by every name that heads them, as names are compared."""
        return {header_key(name): column for column in self.columns for name in (*column.synonyms, column.header)}


AWARD_NUMBER = ("Federal Award Identification Number", "Federal award number", "Award number", "Grant number")
SUBAWARD_NUMBER = ("Subaward number", "Subaward no.", "Subaward ID")
CODE = ("Participant code", "Participant pseudonym", "Pseudonym")
FIRST_DAY = ("Start", "Start date", "From", "First day")
LAST_DAY = ("End", "End date", "To", "Last day")
EFFECTIVE = ("Effective date", "Effective from")
PUBLISHED = ("Date published", "Publication date", "Published on")


def published_column(default: str) -> Column:
    """The column for the day on which a row could first be known, and what an empty cell stands
    for."""
    note = f"The day on which this could first be known. Empty: {default}."
    return Column("published", "Published", "date", note, False, synonyms=PUBLISHED)


VOID = Column(
    "void", "Void", "yes_no", "yes takes the row with the same key back, from Published on.", False, ("yes", "no")
)

DOCUMENT = SheetSchema(
    "Document",
    "One row that says what this workbook is and as of which day.",
    (
        Column("issuer", "Issuer", "text", "The organization that keeps this workbook.", example="SUB-A"),
        Column("report_date", "Report date", "date", "As of which day the workbook is complete.", example="2012-10-15"),
        Column(
            "label",
            "Label",
            "text",
            "Printed on every page made from it, such as ILLUSTRATIVE.",
            False,
            example="ILLUSTRATIVE",
        ),
    ),
    required=True,
)

EXAMPLE_MARK = "EXAMPLE"
"""A row whose first cell begins with this word is an example and is not read."""
