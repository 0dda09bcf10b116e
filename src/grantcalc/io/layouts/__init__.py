"""The sheets of the award workbook and of the caseload workbook, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked against it).
"""

from grantcalc.io.layouts.award import (
    AMENDMENTS,
    AREAS,
    AWARD_SHEETS,
    AWARDS,
    BOOKS,
    BUDGET_PERIODS,
    DISALLOWANCES,
    ORGANIZATIONS,
    SUBAWARDS,
    TERMS,
)
from grantcalc.io.layouts.caseload import (
    ABSENCES,
    CASELOAD_SHEETS,
    COSTS,
    COUNTS,
    ENROLLMENT,
    FIGURES,
    HOUSEHOLDS,
    LETTERS_SHEET,
    OPENINGS,
    PARTICIPANTS,
    UNITS,
)
from grantcalc.io.layouts.columns import DOCUMENT, EXAMPLE_MARK, Column, Kind, Layout, plain

__all__ = [
    "ABSENCES",
    "AMENDMENTS",
    "AREAS",
    "AWARDS",
    "AWARD_SHEETS",
    "BOOKS",
    "BUDGET_PERIODS",
    "CASELOAD_SHEETS",
    "COSTS",
    "COUNTS",
    "DISALLOWANCES",
    "DOCUMENT",
    "ENROLLMENT",
    "EXAMPLE_MARK",
    "FIGURES",
    "HOUSEHOLDS",
    "LETTERS_SHEET",
    "OPENINGS",
    "ORGANIZATIONS",
    "PARTICIPANTS",
    "SUBAWARDS",
    "TERMS",
    "UNITS",
    "Column",
    "Kind",
    "Layout",
    "plain",
]
