"""A sheet of an input workbook, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked against it).
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Kind = Literal[
    "text", "pseudonym", "word", "date", "month", "months", "money", "count", "place", "value", "number", "yes_no"
]


@frozen
class Column:
    """One column: how it is headed, what a cell holds, whether it may be empty, and a note for the person who fills
    it."""

    key: str
    header: str
    kind: Kind
    note: str
    required: bool = True
    choices: tuple[str, ...] = ()
    example: object = ""
    shape: str = ""


@frozen
class Layout:
    """One sheet of an input workbook; `required` says whether the workbook must have it."""

    sheet: str
    note: str
    columns: tuple[Column, ...]
    required: bool = False


def published(default: str) -> Column:
    """The column for the day on which a row could first be known, and what an empty cell stands for."""
    return Column(
        "published", "Published", "date", f"The day on which this could first be known. Empty: {default}.", False
    )


DOCUMENT = Layout(
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
