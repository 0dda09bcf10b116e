"""The fields of a line, each declared once, for JSON, the Lines sheet and its CSV file, data frames
and the ledger.

In the order of the sheet. A new field of `Line` is declared here, and is then written and read
everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import frozen

FieldKind = Literal["text", "month", "count", "rate", "money", "reason", "participant", "day", "source"]

ALWAYS: object = object()


@frozen
class Field:
    """One field: its name (of the attribute, the JSON key and the column of a data frame), its
    header on the Lines sheet, its kind, and a note on it.

    `empty` is its value where it says nothing, which JSON leaves out (`ALWAYS`: it always says
    something). `detail`: only a document with participants has it. `key_1` and `header_1` are what
    0.1.0 called it, where that is another name.
    """

    name: str
    header: str
    kind: FieldKind
    note: str = ""
    empty: object = ALWAYS
    detail: bool = False
    key_1: str = ""
    header_1: str = ""


FIELDS = (
    Field("award", "Award", "text", "FAIN."),
    Field("subaward", "Subaward", "text", "Subaward number; the FAIN for the recipient's own service."),
    Field("issuer", "Issuer", "text", "The organization that keeps the caseload."),
    Field("budget_period", "Budget period", "text", "Of the award; by day of service."),
    Field("month", "Month", "month", "Service month."),
    Field("service", "Service", "text", "As the terms name it."),
    Field("pool", "Pool", "text", "direct or administration."),
    Field("phase", "Phase", "text", "Of eligibility, by letters."),
    Field("category", "Category", "text", "Of an actual cost.", ""),
    Field("count", "Count", "count", "How many equal lines are counted together.", 1, key_1="n"),
    Field(
        *("quantity", "Quantity", "count", "Of each line: days of service, or 1 of 1 month, or units."),
        key_1="days",
        header_1="Days",
    ),
    Field("divisor", "Divisor", "count", "Days of the month, or 1.", key_1="of", header_1="Of"),
    Field("rate", "Rate", "rate", "Dollars for a whole month, or for a unit.", None),
    Field(
        "amount", "Amount", "money", "Count × ROUND(Quantity ÷ Divisor × Rate, 2); for actual costs, what was reported."
    ),
    Field("reason", "Reason", "reason", "Why a quantity is 0; or that these are credits.", None),
    Field(
        *("participant", "Participant", "participant"),
        "The issuer's pseudonym. This workbook stays with the subrecipient.",
        empty=None,
        detail=True,
    ),
    Field("day", "Day", "day", "Day of service.", None, detail=True),
    Field("reference", "Reference", "text", "Of the issuer's document.", "", detail=True),
    Field("source", "Source", "source", "Row of the caseload workbook.", detail=True),
)
LINE_FIGURES = ("count", "amount")
"""What is summed when equal lines are counted together."""
UNCOUNTED: Mapping[str, Any] = {f.name: f.empty for f in FIELDS if f.detail and f.name != "source"}
"""What equal lines need not have in common, as a counted line has it."""


def fields_but(*names: str) -> tuple[Field, ...]:
    """The fields, in order, without some."""
    return tuple(f for f in FIELDS if f.name not in names)
