"""The sheets of the award workbook, the caseload workbook and the directory, column by column.

One declaration serves the templates, the reader and the documentation (docs/workbooks.md is checked
against it).
"""

from grantcalc.io.schemas.award import (
    AMENDMENTS,
    AREAS,
    AWARD_SHEETS,
    AWARDS,
    BOOKS,
    BUDGET_PERIODS,
    DISALLOWANCES,
    FORM_ENTRIES_SHEET,
    ORGANIZATIONS,
    SUBAWARDS,
    TERMS,
)
from grantcalc.io.schemas.caseload import (
    ABSENCES,
    CASELOAD_SHEETS,
    CHARACTERISTICS,
    COSTS,
    COUNTS,
    DISALLOWED,
    ELSEWHERE_SHEET,
    ENROLLMENT,
    FIGURES,
    HOUSEHOLDS,
    LETTERS_SHEET,
    OPENINGS,
    PARTICIPANTS,
    STATUSES_SHEET,
    UNITS,
)
from grantcalc.io.schemas.columns import DOCUMENT, EXAMPLE_MARK, Column, ColumnKind, SheetSchema, header_key
from grantcalc.io.schemas.directory import DIRECTORY, DIRECTORY_SHEETS, LIBRARY
from grantcalc.io.schemas.letters import LETTER_SHEETS
from grantcalc.io.schemas.outreach import OUTREACH_SHEETS
from grantcalc.io.schemas.record import RECORD_SHEETS

ALL_SHEETS = (
    *(*AWARD_SHEETS, *RECORD_SHEETS, *CASELOAD_SHEETS),
    *(*LETTER_SHEETS, *OUTREACH_SHEETS, *DIRECTORY_SHEETS),
)
"""Every sheet that some input workbook may have."""

__all__ = [
    "ABSENCES",
    "ALL_SHEETS",
    "AMENDMENTS",
    "AREAS",
    "AWARDS",
    "AWARD_SHEETS",
    "BOOKS",
    "BUDGET_PERIODS",
    "CASELOAD_SHEETS",
    "CHARACTERISTICS",
    "COSTS",
    "COUNTS",
    "DIRECTORY",
    "DIRECTORY_SHEETS",
    "DISALLOWANCES",
    "DISALLOWED",
    "DOCUMENT",
    "ELSEWHERE_SHEET",
    "ENROLLMENT",
    "EXAMPLE_MARK",
    "FIGURES",
    "FORM_ENTRIES_SHEET",
    "HOUSEHOLDS",
    "LETTERS_SHEET",
    "LETTER_SHEETS",
    "LIBRARY",
    "OPENINGS",
    "ORGANIZATIONS",
    "OUTREACH_SHEETS",
    "PARTICIPANTS",
    "RECORD_SHEETS",
    "STATUSES_SHEET",
    "SUBAWARDS",
    "TERMS",
    "UNITS",
    "Column",
    "ColumnKind",
    "SheetSchema",
    "header_key",
]
