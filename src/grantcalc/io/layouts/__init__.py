"""The sheets of the award workbook, the caseload workbook and the directory, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked against it).
"""

from grantcalc.io.layouts.award import (
    AMENDMENTS,
    AREAS,
    AWARD_SHEETS,
    AWARDS,
    BUDGET_PERIODS,
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
from grantcalc.io.layouts.columns import DOCUMENT, EXAMPLE_MARK, Column, Kind, Layout
from grantcalc.io.layouts.directory import DIRECTORY, DIRECTORY_SHEETS, LIBRARY

__all__ = [
    "ABSENCES",
    "AMENDMENTS",
    "AREAS",
    "AWARDS",
    "AWARD_SHEETS",
    "BUDGET_PERIODS",
    "CASELOAD_SHEETS",
    "COSTS",
    "COUNTS",
    "DIRECTORY",
    "DIRECTORY_SHEETS",
    "DOCUMENT",
    "ENROLLMENT",
    "EXAMPLE_MARK",
    "FIGURES",
    "HOUSEHOLDS",
    "LETTERS_SHEET",
    "LIBRARY",
    "OPENINGS",
    "ORGANIZATIONS",
    "PARTICIPANTS",
    "SUBAWARDS",
    "TERMS",
    "UNITS",
    "Column",
    "Kind",
    "Layout",
]
