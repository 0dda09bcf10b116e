"""Input workbooks: what is right is read as it stands, and what is wrong is told at its cell, all
of it at once."""
# ruff: noqa: E501 (what is told stands here as it is told, on one line)

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from attrs import evolve, fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from grantcalc.billing.caseload import Caseload
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.intake.award import award_of_book
from grantcalc.io.intake.caseload import caseload_of_book
from grantcalc.io.intake.cells import CellValue, Misread, WorkbookRead, book_of_bytes, meaning, open_book
from grantcalc.io.intake.templates import write_input, write_template
from grantcalc.io.intake.unread import within
from grantcalc.io.schemas import AWARD_SHEETS, CASELOAD_SHEETS, COSTS, Column
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Source
from grantcalc.terms import award_terms, published_terms
from grantcalc.xlsx.formats import look
from tests import sample_program

Value = object
LAYOUTS = {layout.sheet: layout for layout in (*AWARD_SHEETS, *CASELOAD_SHEETS)}
SHIPPED = "one of " + ", ".join((*published_terms(), *award_terms())) + ", or a .toml file beside this workbook"
A_REGION = "a State or territory, or a region like Region 4"
A_CODE = "a code of your own like P-0417"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
LISTED = "this subaward is not under any award, expected a FAIN, or a subaward under one"


# --- workbooks, as they are read ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


@pytest.fixture(scope="module")
def award(folder: Path) -> WorkbookRead:
    return open_book(folder / "award.xlsx")


@pytest.fixture(scope="module")
def caseload(folder: Path) -> WorkbookRead:
    return open_book(folder / "caseload-a.xlsx")


def terms_file(name: str) -> bytes | None:
    return sample_program.TERMS.encode() if name == "small.toml" else None


def read(book: WorkbookRead) -> Network | Caseload:
    return award_of_book(book, terms_file) if "Awards" in book.sheets else caseload_of_book(book)


def findings(book: WorkbookRead) -> list[str]:
    """What is told of a workbook, line by line."""
    try:
        read(book)
    except WorkbookRejected as refused:
        return str(refused).splitlines()
    return []


def with_cells(book: WorkbookRead, cells: Mapping[str, Value | CellValue]) -> WorkbookRead:
    """A workbook with other values in some cells, by address (`Costs!E2`); None takes the cell
    away."""
    sheets = {name: {row: {c.ref: c for c in found} for row, found in rows} for name, rows in book.sheets.items()}
    for address, value in cells.items():
        sheet, _, ref = address.partition("!")
        row = int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        held = sheets.setdefault(sheet, {}).setdefault(row, {})
        held.pop(ref, None)
        if value is not None:
            held[ref] = value if isinstance(value, CellValue) else CellValue(ref, value)
    return evolve(book, sheets={name: _rows(rows) for name, rows in sheets.items()})


def _rows(rows: Mapping[int, Mapping[str, CellValue]]) -> tuple[tuple[int, tuple[CellValue, ...]], ...]:
    ordered = ((row, sorted(rows[row].values(), key=lambda c: (len(c.column), c.column))) for row in sorted(rows))
    return tuple((row, tuple(cells)) for row, cells in ordered if cells)


def without_sheet(book: WorkbookRead, *names: str) -> WorkbookRead:
    return evolve(book, sheets={name: rows for name, rows in book.sheets.items() if name not in names})


def renamed(book: WorkbookRead, old: str, new: str) -> WorkbookRead:
    return evolve(book, sheets={new if name == old else name: rows for name, rows in book.sheets.items()})


def told(place: str, problem: str, expected: str, found: str = "") -> str:
    return f"{place}: {problem}, expected {expected}" + (f"; found {found}" if found else "")


# --- a bad cell of each kind ---

A_DATE, A_MONTH = "a date like 2012-10-15", "a month like 2012-09"
MONTHS, A_SUM = "a month like 2012-09, or 2012-09 to 2012-11", "dollars and cents as a number, like 1234.50"
AS_TEXT = "the cell holds a number as text: turn it into a number"
WHOLE, CALCULATED = "a whole number, 0 or more", "a value: open, recalculate and save"

BAD_CELLS: Sequence[tuple[str, Value | CellValue, str, str, str]] = [
    # dates
    ("Enrollment!C2", "soon", "this is not a date", A_DATE, "text of 4 characters"),
    ("Enrollment!C2", "10/12/2011", "this is text that looks like a date", "a date, typed as 2012-10-15", "10/12/2011"),
    ("Enrollment!C2", "2011-02-30", "this is not a date", A_DATE, "2011-02-30"),
    ("Enrollment!C2", 40828, "this is a number that is not shown as a date", A_DATE, "40828, which may be 2011-10-12"),
    ("Enrollment!C2", "9\u200b Oct", "this is not a date", A_DATE, "text of 6 characters with U+200B (zero width space)"),
    ("Enrollment!C2", 40828.5, "this is not a date", A_DATE, "40828.5"),
    ("Enrollment!C2", True, "this is not a date", A_DATE, "TRUE"),
    ("Enrollment!C2", time(12, 30), "this is not a date", A_DATE, "12:30:00"),
    ("Enrollment!C2", timedelta(hours=30), "this is not a date", A_DATE, "1 day, 6:00:00"),
    ("Enrollment!C2", datetime(2011, 10, 12, 9, 30), "a date must not have a time of day", A_DATE, "2011-10-12 09:30:00"),
    # errors and formulas
    ("Enrollment!C2", "#REF!", "this cell shows an error", A_DATE, "#REF!"),
    ("Costs!E2", "#DIV/0!", "this cell shows an error", A_SUM, "#DIV/0!"),
    ("Costs!E2", CellValue("E2", None, "=1+1"), "this formula was never calculated", CALCULATED, "a formula"),
    # money
    ("Costs!E2", 84.155, "this amount hides a fraction of a cent", A_SUM, "84.155"),
    ("Costs!E2", 1e-9, "this amount hides a fraction of a cent", A_SUM, "0.000000001"),
    ("Costs!E2", 33.333333333333336, "this amount hides a fraction of a cent", A_SUM, "33.333333333"),
    ("Costs!E2", float("inf"), "this number is not finite", A_SUM, "infinity"),
    ("Costs!E2", float("-inf"), "this number is not finite", A_SUM, "infinity"),
    ("Costs!E2", 1e13, "this number is larger than a spreadsheet keeps to the cent", A_SUM, "10000000000000"),
    ("Costs!E2", "84.15", AS_TEXT, A_SUM, "text that looks like 84.15"),
    ("Costs!E2", "(1,084.15)", AS_TEXT, A_SUM, "text that looks like -1084.15"),
    ("Costs!E2", "$1,000", AS_TEXT, A_SUM, "text that looks like 1000"),
    ("Costs!E2", "84 dollars", "this is not an amount of money", A_SUM, "text of 10 characters"),
    ("Costs!E2", False, "this is not an amount of money", A_SUM, "FALSE"),
    ("Costs!E2", datetime(2012, 1, 2), "this is not an amount of money", A_SUM, "2012-01-02 00:00:00"),
    ("Budget periods!E2", -1, "an obligated amount cannot be negative", "0.00 or more", "-1.00"),
    ("Subawards!F2", -1, "an obligated amount cannot be negative", "0.00 or more", "-1.00"),
    ("Amendments!D2", -1, "an obligated amount cannot be negative", "0.00 or more", "-1.00"),
    # counts
    ("Counts!E2", -1, "a count of persons cannot be negative", WHOLE, "-1"),
    ("Counts!E2", 2.5, "a count must be whole", WHOLE, "2.5"),
    ("Counts!E2", "many", "this is not a count", WHOLE, "text of 4 characters"),
    ("Households!D2", -2, "a count of persons cannot be negative", WHOLE, "-2"),
    # months
    ("Counts!D2", "2011-13", "this is not a month", A_MONTH, "2011-13"),
    ("Counts!D2", 201111, "this is not a month", A_MONTH, "201111"),
    ("Costs!G3", "2011-12 to 2011-10", "these months do not run forward", MONTHS, "2011-12 to 2011-10"),
    ("Costs!G3", "2011-12 to 2041-12", "these months do not run forward", MONTHS, "2011-12 to 2041-12"),
    ("Costs!G3", "2011-12 to now", "this is not a month", MONTHS, "text of 3 characters"),
    ("Costs!G3", "2011-12 – 2012-01", "this is not a month", MONTHS, "text of 17 characters"),
    # words
    ("Participants!B2", "grown-up", "this is not a known age group", "one of adult, child", "text of 8 characters"),
    ("Participants!B2", 5, "this is not a known age group", "one of adult, child", "5"),
    ("Enrollment!E3", "perhaps", "this is neither yes nor no", "yes or no", "text of 7 characters"),
    # text
    ("Enrollment!B2", datetime(2011, 1, 2), "this is not text", "text", "2011-01-02 00:00:00"),
    ("Enrollment!B2", True, "this is not text", "text", "TRUE"),
    # pseudonyms
    ("Letters!A2", "Maria", "a pseudonym must not look like a name", A_CODE, "text of 5 characters"),
    ("Letters!A2", "Ng", "a pseudonym must not look like a name", A_CODE, "text of 2 characters"),
    ("Letters!A2", "López García 2", "a pseudonym must not look like a name", A_CODE, "text of 14 characters"),
    ("Letters!A2", "123-45-6789", "a pseudonym must not look like a Social Security number", A_CODE, "text of 11 characters"),
    ("Letters!A2", "P 123 45 6789", "a pseudonym must not look like a Social Security number", A_CODE, "text of 13 characters"),
    ("Letters!A2", 123456789, "a pseudonym must not look like a Social Security number", A_CODE, "text of 9 characters"),
    ("Letters!A2", "A123456789", "a pseudonym must not look like an A-number", A_CODE, "text of 10 characters"),
    ("Letters!A2", "a 123-456-789", "a pseudonym must not look like an A-number", A_CODE, "text of 13 characters"),
    ("Letters!A2", "p1@x.org", "a pseudonym must not look like an e-mail address", A_CODE, "text of 8 characters"),
    ("Letters!A2", "1985-03-14", "a pseudonym must not look like a date of birth", A_CODE, "text of 10 characters"),
    ("Letters!A2", "P-3/14/1985", "a pseudonym must not look like a date of birth", A_CODE, "text of 11 characters"),
    ("Letters!A2", "3/14/85", "a pseudonym must not look like a date of birth", A_CODE, "text of 7 characters"),
    ("Letters!A2", datetime(1985, 3, 14), "a pseudonym must not be a date of birth", A_CODE, "a date"),
    # shapes
    ("Awards!A2", "90ZV 0101", "this is not in the format of a FAIN", "2 to 30 capital letters, digits and hyphens, like 90ZV0101", "text of 9 characters"),
    ("Awards!D2", "93598", "this is not in the format of an Assistance Listing", "text like 93.598", "text of 5 characters"),
    ("Awards!D2", 93.598, "this is a number, where text is asked for", "text: format the cell as text, then type it again", "93.598"),
    ("Organizations!C2", "abcdefgh1jk2", "this UEI has small letters", "capital letters", "text of 12 characters"),
    ("Organizations!D3", 12345678, "this is not in the format of an EIN", "9 digits, like 12-3456789", "text of 8 characters"),
    # places and values
    ("Organizations!E3", "Texico", "this is not a known place", A_REGION, "text of 6 characters"),
    ("Organizations!E3", "Gorgia", "this is not a known place", A_REGION, "text of 6 characters; did you mean Georgia?"),
    ("Organizations!E3", "Region 6", "an organization works in a State, not in a region", "a State or territory", ""),
    ("Areas!B2", "Region 11", "this is not a known place", A_REGION, "text of 9 characters"),
    ("Terms!C2", True, "this is neither a number nor a word", "a number or a word", "TRUE"),
    ("Terms!C2", datetime(2011, 1, 2), "this is neither a number nor a word", "a number or a word", "2011-01-02 00:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "value", "problem", "expected", "found"),
    BAD_CELLS,
    ids=[f"{a} {str(v)[:24]}" for a, v, *_ in BAD_CELLS],
)
def test_a_bad_cell(
    award: WorkbookRead, caseload: WorkbookRead, address: str, value: Value, problem: str, expected: str, found: str
) -> None:
    """One line for one cause, at the cell, which says what was wrong, what was expected and what
    was found."""
    book = caseload if address.partition("!")[0] in caseload.sheets else award
    assert findings(with_cells(book, {address: value})) == [told(address, problem, expected, found)]


REQUIRED = [
    (layout.sheet, at, column.header, column.note)
    for layout in (*AWARD_SHEETS, *CASELOAD_SHEETS[1:8])
    if layout.sheet != "Statuses"  # of which the sample program has no rows; tests/test_who_is_served.py
    for at, column in enumerate(layout.columns)
    if column.required
]


@pytest.mark.parametrize(("sheet", "at", "header", "note"), REQUIRED, ids=[f"{s}: {h}" for s, _, h, _ in REQUIRED])
def test_an_empty_cell(
    award: WorkbookRead, caseload: WorkbookRead, sheet: str, at: int, header: str, note: str
) -> None:
    """A cell that must not be empty; one of spaces is empty too."""
    book = caseload if sheet in caseload.sheets and sheet != "Document" else award
    address = f"{sheet}!{'ABCDEFGHIJ'[at]}2"
    line = told(address, f"{header} must not be empty", within(note))
    assert re.fullmatch(r".*, expected (?!A |An |The |[A-Z][a-z]).+", line)  # a sentence has one capital letter
    assert findings(with_cells(book, {address: None})) == [line]
    assert findings(with_cells(book, {address: "  "})) == [line]


@pytest.mark.parametrize(
    "cells",
    [
        {"A6": "Total", "E6": 195.85},
        {"B6": "Grand total:", "E6": 195.85},
        {"E6": 195.85},
        {"E6": CellValue("E6", 195.85, "=SUM(E2:E5)")},
    ],
)
def test_a_row_of_totals_is_called_one(caseload: WorkbookRead, cells: Mapping[str, Value]) -> None:
    first = min(cells)
    assert findings(with_cells(caseload, {f"Costs!{ref}": value for ref, value in cells.items()})) == [
        told(f"Costs!{first}", "this looks like a row of totals", "rows of single entries: take the totals out")
    ]


def test_days_from_1904(caseload: WorkbookRead) -> None:
    """What date a number may be depends on the workbook."""
    book = evolve(with_cells(caseload, {"Enrollment!C2": 40828}), from_1904=True)
    assert findings(book)[0].endswith("found 40828, which may be 2015-10-13")


def test_all_at_once_in_the_order_of_the_document(caseload: WorkbookRead) -> None:
    bad = {"Costs!E3": "x", "Enrollment!C4": "x", "Costs!A2": "Maria", "Participants!B2": "x", "Counts!E2": -1}
    places = [line.partition(":")[0] for line in findings(with_cells(caseload, bad))]
    assert places == ["Participants!B2", "Enrollment!C4", "Costs!A2", "Costs!E3", "Counts!E2"]


# --- what is right, though it may look odd ---

GOOD_CELLS: Sequence[tuple[str, Value | CellValue, Callable[[Any], object], object]] = [
    ("Enrollment!C2", "2011-10-12", lambda c: c.enrollments[0].days.start, date(2011, 10, 12)),
    ("Enrollment!C2", datetime(2011, 10, 12), lambda c: c.enrollments[0].days.start, date(2011, 10, 12)),
    ("Costs!E2", CellValue("E2", 84.15, "=80+4.15"), lambda c: c.costs[0].amount, 8415),
    ("Costs!E2", 0.1 + 0.2, lambda c: c.costs[0].amount, 30),  # what a sum in a spreadsheet comes to
    ("Costs!E2", 1000.1 - 1000, lambda c: c.costs[0].amount, 10),
    ("Costs!E2", 1234567890123.45, lambda c: c.costs[0].amount, 123456789012345),
    ("Costs!E2", 84, lambda c: c.costs[0].amount, 8400),
    ("Counts!E2", 154.0, lambda c: c.counts[0].quantity, 154),
    ("Counts!E2", 3.0000000000000004, lambda c: c.counts[0].quantity, 3),
    ("Counts!D2", datetime(2011, 11, 1), lambda c: c.counts[0].month, Month(2011, 11)),  # as Excel makes of a typed month
    ("Costs!G3", "2011-11 to 2011-12", lambda c: c.costs[1].months, (Month(2011, 11), Month(2011, 12))),
    ("Participants!B2", "Child", lambda c: c.participants[0].age_group, "child"),
    ("Letters!B2", "Eligibility Letter", lambda c: c.letters[0].kind, "eligibility_letter"),
    ("Enrollment!E3", "YES", lambda c: c.enrollments[1].restored, True),
    ("Enrollment!E3", True, lambda c: c.enrollments[1].restored, True),
    ("Costs!H2", 118, lambda c: c.costs[0].reference, "118"),
    ("Costs!H2", 118.0, lambda c: c.costs[0].reference, "118"),
    ("Costs!H2", "  V 118 ", lambda c: c.costs[0].reference, "V 118"),
    ("Enrollment!D4", "9999-12-31", lambda c: c.enrollments[2].days.end, date.max),
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "value", "get", "expected"), GOOD_CELLS, ids=[f"{a} {str(v)[:24]}" for a, v, *_ in GOOD_CELLS]
)
def test_a_good_cell(
    caseload: WorkbookRead, address: str, value: Value, get: Callable[[Caseload], object], expected: object
) -> None:
    assert get(caseload_of_book(with_cells(caseload, {address: value}))) == expected


@pytest.mark.parametrize(
    "code", ["P-0417", "P0417", 417, 417.0, "A-123", "X1", "SUB-A/17", "200417", "J. 7", "2011-12-034"]
)
def test_a_pseudonym(code: object) -> None:
    """A code of the issuer's own, however short or long, which says nothing of the person."""
    column = next(c for c in LAYOUTS["Participants"].columns if c.kind == "pseudonym")
    assert meaning(CellValue("A2", code), column) == str(code).removesuffix(".0")


class TestCodesInNumberCells:
    """A code from a number cell is read as its cell shows it, or refused with the reason."""

    @pytest.mark.parametrize(
        ("value", "code", "read"),
        [(42, "00000", "00042"), (42, "General", "42"), (42, "0", "42"), (42.0, "000", "042"), (123456, "0000", "123456"),
         (999_999_999_999_999, "0", "999999999999999")],
    )  # fmt: skip
    def test_as_shown(self, value: float, code: str, read: str) -> None:
        for column in COSTS.columns:
            if column.key in ("participant", "subaward", "reference"):
                assert meaning(CellValue("A2", value, "", look(code)), column) == read

    @pytest.mark.parametrize(
        ("value", "code", "problem"),
        [
            (42, "#,##0", "the format of this cell shows something else than the number that it holds"),
            (42, "0.00", "the format of this cell shows something else than the number that it holds"),
            (42, '"P-"000', "the format of this cell shows something else than the number that it holds"),
            (10**15, "0", "this is a number of more than 15 digits, of which a spreadsheet keeps 15"),
            (1.234567890123456e18, "0", "this is a number of more than 15 digits, of which a spreadsheet keeps 15"),
            ("1.23457E+15", "@", "this number was abbreviated by a spreadsheet, so digits are lost"),
        ],
    )
    def test_refused(self, value: Value, code: str, problem: str) -> None:
        for column in COSTS.columns:
            if column.key in ("participant", "subaward", "reference"):
                with pytest.raises(Misread) as refused:
                    meaning(CellValue("A2", value, "", look(code)), column)
                assert refused.value.problem == problem
                assert "42" not in refused.value.found

    def test_a_workbook(self, tmp_path: Path) -> None:
        """42 shown as 00042 on one sheet and the text 00042 on another are one participant; 42 is a
        finding."""
        path = sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_B)
        for code, shown, causes in ((42, "00000", []), (42, "General", ["reference"])):
            book = openpyxl.load_workbook(path)
            book["Participants"]["A2"].value, book["Participants"]["A2"].number_format = code, shown
            book["Enrollment"]["A2"].value = "00042"
            book.save(tmp_path / "made.xlsx")
            try:
                (one,) = read_caseload(tmp_path / "made.xlsx").participants
            except WorkbookRejected as refused:
                assert [f.cause for f in refused.findings] == causes
            else:
                assert (one.participant.pseudonym, causes) == ("00042", [])


@pytest.mark.parametrize("value", [4, 6, 9, 10, 3, 7, "6", "06", "010", " 9 ", 6.0])
def test_a_bare_number_is_no_place(value: Value) -> None:
    """6 is Region 6, or California by its FIPS code: a finding, never a guess."""
    with pytest.raises(Misread) as refused:
        meaning(CellValue("B2", value), Column("place", "Place", "place", ""))
    assert refused.value.expected.startswith(f"Region {int(float(value))}")  # type: ignore[arg-type]  # numbers and text
    assert refused.value.expected.endswith(", in words: a bare number may be either")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Region 4", "4"),
        ("HHS Region IV", "4"),
        ("r4", "4"),
        ("R-10", "10"),
        ("Rhode Island", "RI"),
        ("tx", "TX"),
        (48, "TX"),
    ],
)
def test_a_place(text: object, code: str) -> None:
    place = meaning(CellValue("B2", text), Column("place", "Place", "place", ""))
    assert str(getattr(place, "code", getattr(place, "number", ""))) == code


# --- rows ---


def test_empty_rows_say_nothing(award: WorkbookRead, caseload: WorkbookRead) -> None:
    """Nor do cells of spaces, nor formulas that find nothing, as they are filled down below a
    table."""
    empty = {f"Costs!{column}90": CellValue(f"{column}90", "", '=IF(A1="","",A1)') for column in "ABCDEFGHI"}
    found = caseload_of_book(with_cells(caseload, {**empty, "Costs!B95": "   ", "Letters!D40": ""}))
    assert found == caseload_of_book(caseload)
    assert findings(with_cells(award, {"Areas!A50": " ", "Terms!C70": ""})) == []


def test_example_rows_say_nothing(award: WorkbookRead, caseload: WorkbookRead, tmp_path: Path) -> None:
    for kind, book in (("award", award), ("caseload", caseload)):
        write_template("award" if kind == "award" else "caseload", path := tmp_path / f"{kind}.xlsx")
        examples = {
            f"{sheet}!{cell.column}{80}": evolve(cell, ref=f"{cell.column}80")
            for sheet, rows in open_book(path).sheets.items()
            if sheet != "Instructions" and sheet in book.sheets
            for row, cells in rows
            if row == 2
            for cell in cells
        }
        assert len(examples) > 20
        plain = read(book)
        with_examples = read(with_cells(book, examples))
        assert with_examples == plain


def test_a_row_that_only_begins_like_an_example_is_read(caseload: WorkbookRead) -> None:
    """EXAMPLE is a word, not a beginning of one."""
    found = caseload_of_book(with_cells(caseload, {"Participants!A5": "EXAMPLES-1", "Participants!B5": "adult"}))
    assert found.participants[-1].participant.pseudonym == "EXAMPLES-1"


def test_what_stands_beside_a_table(caseload: WorkbookRead) -> None:
    line = told("Costs!K3", "this cell is outside the table", "nothing", "text of 12 characters")
    assert findings(with_cells(caseload, {"Costs!K3": "see my notes"})) == [line]


# --- headers and sheets ---


def test_headers_in_any_order(caseload: WorkbookRead) -> None:
    """And written as people write them, under a title."""
    rows = [(row, {c.column: c for c in cells}) for row, cells in caseload.sheets["Costs"]]
    turned = {"Costs!A1": "Our costs"}
    book = without_sheet(caseload, "Costs")
    for row, cells in rows:
        for old, new in zip("ABCDEFGHI", "IHGFEDCBA", strict=True):
            if old in cells:
                value = cells[old].value
                turned[f"Costs!{new}{row + 2}"] = str(value).upper() + " " if row == 1 else value  # type: ignore[assignment]
    found = caseload_of_book(with_cells(book, turned))
    assert found == caseload_of_book(caseload)
    assert [c.source.row for c in found.costs] == [4, 5, 6, 7]


HEADERS = ", ".join(c.header for c in LAYOUTS["Counts"].columns)


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (
            {"Counts!D1": "Mnth"},
            [told("Counts!D1", "this column is not known", f"one of {HEADERS}", "text of 4 characters; did you mean Month?")],
        ),
        ({"Counts!D1": None, "Counts!D2": None}, [told("Counts!A1", "there is no column Month", "a column headed Month")]),
        (
            {"Counts!M1": "Maria's notes", "Counts!M2": "anything"},
            [told("Counts!M1", "this column is not known", f"one of {HEADERS}, or a layout that ignores it", "text of 13 characters")],
        ),
        ({"Counts!M1": "Month"}, [told("Counts!M1", "this column appears twice", "one column Month", "Month in column D already")]),
        ({"Counts!M1": "month of service"}, [told("Counts!M1", "this column appears twice", "one column Month", "Month in column D already")]),
        (
            {f"Counts!{c}1": None for c in "ABCDEFGHI"},
            [told("Counts!A1", "this sheet has no row of headers", "Subaward, Service, Month, Count")],
        ),
    ],
    ids=["near miss", "missing", "unknown", "twice", "twice in other words", "none"],
)  # fmt: skip
def test_headers(caseload: WorkbookRead, cells: Mapping[str, Value], lines: Sequence[str]) -> None:
    """One finding at the header, none for each cell under it."""
    assert findings(with_cells(caseload, cells)) == lines


def test_rows_above_the_headers_are_not_lost_in_silence(caseload: WorkbookRead) -> None:
    """As after sorting a sheet, its header with it."""
    rows = caseload.sheets["Enrollment"]
    moved = {f"Enrollment!{c.column}9": evolve(c, ref=f"{c.column}9") for c in rows[0][1]}
    gone = {f"Enrollment!{c.ref}": None for c in rows[0][1]}
    line = told("Enrollment!A2", "there are rows above the headers", "all rows below them", "3 rows")
    assert findings(with_cells(caseload, {**gone, **moved})) == [line]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("Enrollment", "Enrolment", ["caseload-a.xlsx: sheet 7 is not read, though its name is nearly Enrollment, expected the name Enrollment, or quite another"]),
        ("Enrollment", "ENROLLMENT ", []),
        ("Document", "Doc", ["caseload-a.xlsx: there is no sheet Document, expected a sheet named Document"]),
        ("Participants", "People", ["caseload-a.xlsx: there is no sheet Participants, expected a sheet named Participants"]),
    ],
)  # fmt: skip
def test_names_of_sheets(caseload: WorkbookRead, old: str, new: str, lines: Sequence[str]) -> None:
    assert findings(renamed(caseload, old, new)) == lines


def test_a_copy_of_a_sheet_is_not_left_unread_in_silence(caseload: WorkbookRead) -> None:
    copied = evolve(caseload, sheets={**caseload.sheets, "Costs (2)": caseload.sheets["Costs"]})
    place = list(copied.sheets).index("Costs (2)") + 1
    assert findings(copied) == [
        f"caseload-a.xlsx: sheet {place} is not read, though its name is nearly Costs, expected the name Costs, or quite another"
    ]
    notes = {**caseload.sheets, "My notes": caseload.sheets["Costs"][:1]}
    assert findings(evolve(caseload, sheets=notes)) == [
        f"caseload-a.xlsx: sheet {place} is not read, though it has the headers of Costs, expected the name Costs, or a layout that names or ignores it"
    ]


@pytest.mark.slow
def test_missing_columns_are_told_and_nothing_else_breaks(award: WorkbookRead, caseload: WorkbookRead) -> None:
    """Whichever required column is missing, of whichever sheet."""
    for book, layouts in ((award, AWARD_SHEETS), (caseload, CASELOAD_SHEETS[1:7])):
        for layout in layouts:
            for at, column in enumerate(layout.columns):
                if column.required:
                    letters = "ABCDEFGHIJ"[at]
                    refs = [c.ref for _, cells in book.sheets[layout.sheet] for c in cells if c.column == letters]
                    taken = with_cells(book, {f"{layout.sheet}!{ref}": None for ref in refs})
                    wanted = f"a column headed {column.header}"
                    assert findings(taken) == [
                        told(f"{layout.sheet}!A1", f"there is no column {column.header}", wanted)
                    ]


# --- rows against rows ---


def row(sheet: str, number: int, values: Mapping[str, Value]) -> dict[str, Value]:
    """Cells of one row, by the keys of its columns."""
    letters = {c.key: "ABCDEFGHIJ"[at] for at, c in enumerate(LAYOUTS[sheet].columns)}
    return {f"{sheet}!{letters[key]}{number}": value for key, value in values.items()}


def again(rows: sample_program.Rows, sheet: str, at: int, number: int, **changes: Value) -> dict[str, Value]:
    """A row of the small workbooks once more, with changes."""
    values = {**rows[sheet][at], **changes}
    return row(sheet, number, {key: as_read(value) for key, value in values.items()})


def as_read(value: Value) -> Value:
    """A value as a reader gives it: a number as a float, a day as a midnight."""
    if type(value) is date:
        return datetime(value.year, value.month, value.day)
    return float(value) if isinstance(value, Decimal) else value


NO_ORGANIZATION = "no such organization is listed, expected one of the Organizations sheet"
NO_AWARD = "no such award is listed, expected a FAIN of the Awards sheet"
NO_HOLDER = "no such award or subaward is listed, expected a FAIN or a subaward number"
SAYS_ELSE = "another row of the same {} has the same Published and differs, expected a later Published, if this row restates the other"
SAME_AREA, SAME_AMENDMENT = (
    SAYS_ELSE.format(key)
    for key in ("award or subaward, place and effective day", "award or subaward, budget period and effective day")
)
AWARD_ROWS: Sequence[tuple[str, Mapping[str, Value], Sequence[str]]] = [
    ("an organization twice", again(sample_program.AWARD, "Organizations", 1, 9), ["Organizations!A9: this organization is listed twice, expected one row each"]),
    ("an award twice", again(sample_program.AWARD, "Awards", 0, 9), ["Awards!A9: this FAIN is listed twice, expected one row each"]),
    ("a subaward twice", again(sample_program.AWARD, "Subawards", 0, 9), ["Subawards!A9: this subaward is listed twice, expected one row each"]),
    ("a second row of Document", again(sample_program.AWARD, "Document", 0, 9), ["Document!A9: the Document sheet has a second row, expected one row"]),
    ("no recipient", row("Awards", 2, {"recipient": "PRYME"}), [f"Awards!B2: {NO_ORGANIZATION}"]),
    ("no subrecipient", row("Subawards", 3, {"subrecipient": "SUB-C"}), [f"Subawards!C3: {NO_ORGANIZATION}"]),
    ("no parent", row("Subawards", 3, {"parent": "90ZV0999"}), [f"Subawards!B3: {LISTED}"]),
    ("its own parent", row("Subawards", 3, {"parent": "S-B"}), [f"Subawards!B3: {LISTED}"]),
    ("parents in a ring", row("Subawards", 2, {"parent": "S-B"}) | row("Subawards", 3, {"parent": "S-A"}), [f"Subawards!B2: {LISTED}", f"Subawards!B3: {LISTED}"]),
    ("a number that is a FAIN", row("Subawards", 3, {"id": sample_program.FAIN}), ["Subawards!A3: this number is the FAIN of an award too, expected a unique number"]),
    ("outside the award, early", row("Subawards", 3, {"start": datetime(2011, 9, 30)}), ["Subawards!D3: the subaward's period must lie inside the award's, expected 2011-10-01 to 2012-09-30; found 2011-09-30"]),
    ("outside the award, late", row("Subawards", 3, {"end": datetime(2012, 10, 1)}), ["Subawards!E3: the subaward's period must lie inside the award's, expected 2011-10-01 to 2012-09-30; found 2012-10-01"]),
    ("end before start", row("Subawards", 3, {"end": datetime(2011, 9, 1)}), ["Subawards!E3: these days end before they start, expected 2011-10-01 or later; found 2011-09-01"]),
    ("an area of nobody", row("Areas", 2, {"holder": "S-9"}), [f"Areas!A2: {NO_HOLDER}"]),
    ("an area yes and no", again(sample_program.AWARD, "Areas", 0, 3, serves="no"), [f"Areas!E3: {SAME_AREA}"]),
    ("an amendment of nothing", row("Amendments", 2, {"of": "S-9"}), [f"Amendments!A2: {NO_HOLDER}"]),
    ("an amendment of no period", row("Amendments", 2, {"label": "Year 9"}), ["Amendments!B2: there is no such budget period, expected one of the award's own"]),
    ("a subaward's amendment of a period", row("Amendments", 2, {"of": "S-A"}), ["Amendments!B2: there is no such budget period, expected one of the award's own"]),
    ("two amendments of one day", again(sample_program.AWARD, "Amendments", 0, 3, amount=1), [f"Amendments!F3: {SAME_AMENDMENT}"]),
    ("terms of no award", row("Terms", 4, {"fain": "90ZV0999"}), [f"Terms!A4: {NO_AWARD}"]),
    ("a budget period of no award", row("Budget periods", 3, {"fain": "90ZV0999", "label": "Year 2", "start": datetime(2012, 1, 1), "end": datetime(2012, 9, 30), "amount": 1}), [f"Budget periods!A3: {NO_AWARD}"]),
    ("no budget period", {f"Budget periods!{c}2": None for c in "ABCDE"}, ["Awards!A2: this award has no budget period, expected one on the Budget periods sheet", "Amendments!B2: there is no such budget period, expected one of the award's own", "Books!B2: there is no such budget period, expected one of the award's own"]),
    ("a gap", row("Budget periods", 2, {"end": datetime(2012, 3, 31)}) | row("Budget periods", 3, {"fain": sample_program.FAIN, "label": "Year 2", "start": datetime(2012, 5, 1), "end": datetime(2012, 9, 30), "amount": 1}), ["Budget periods!C3: budget periods must follow one another without a gap, expected 2012-04-01; found 2012-05-01"]),
    ("an overlap and one name", again(sample_program.AWARD, "Budget periods", 0, 3), ["Budget periods!B3: this award has another budget period of this name, expected a unique name", "Budget periods!C3: budget periods must follow one another without a gap, expected 2012-10-01; found 2011-10-01"]),
    ("past the end", row("Budget periods", 2, {"end": datetime(2012, 10, 31)}), ["Budget periods!D2: a budget period must not end after the award, expected 2012-09-30 or before; found 2012-10-31"]),
    ("no terms", row("Awards", 2, {"terms": "nowhere.toml"}), [f"Awards!H2: there are no such terms, expected {SHIPPED}"]),
    ("an open term not filled", {f"Terms!{c}{r}": None for c in "ABCDEF" for r in (3, 4)}, ["Awards!H2: these terms leave rate.certified to the award, expected a row rate.certified on the Terms sheet"]),
    ("an unknown term", row("Terms", 3, {"term": "rate.care"}), ["Terms!B3: these terms leave no such term to the award, expected one of count, rate.certified; found text of 9 characters"]),
    ("a choice twice", again(sample_program.AWARD, "Terms", 0, 9, value="any_day", effective=date(2012, 1, 1)), ["Terms!B9: this term holds for the whole award, expected one row with it"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "lines"), [(c, n) for _, c, n in AWARD_ROWS], ids=[name for name, _, _ in AWARD_ROWS]
)
def test_rows_of_the_award_workbook(award: WorkbookRead, cells: Mapping[str, Value], lines: Sequence[str]) -> None:
    assert findings(with_cells(award, cells)) == lines


@pytest.mark.parametrize(
    ("term", "value", "problem"),
    [
        ("rate.certified", "500.00", "this is not an amount of money"),
        ("rate.certified", -1, "a rate cannot be below zero"),
        ("count", 5, "this is not a known count"),
        ("count", "sometimes", "this is not a known count"),
    ],
)
def test_a_wrong_value_of_a_term(award: WorkbookRead, term: str, value: Value, problem: str) -> None:
    number = next(n for n, row in enumerate(sample_program.AWARD["Terms"], 2) if row["term"] == term)
    (line,) = findings(with_cells(award, {f"Terms!C{number}": value}))
    assert line.startswith(f"Terms!C{number}: {problem}, expected ")


CASELOAD_ROWS: Sequence[tuple[str, Mapping[str, Value], Sequence[str]]] = [
    ("a participant twice", again(sample_program.CASELOAD_A, "Participants", 0, 9), ["Participants!A9: this participant is listed twice, expected one row each"]),
    ("no participant", row("Letters", 2, {"participant": "P-9999"}), ["Letters!A2: no such participant is registered, expected one of the Participants sheet"]),
    ("end before start", row("Enrollment", 4, {"end": datetime(2011, 10, 19)}), ["Enrollment!D4: these days end before they start, expected 2011-10-20 or later; found 2011-10-19"]),
    ("a letter that ends before its date", row("Letters", 2, {"end": datetime(2011, 1, 1)}), ["Letters!D2: these days end before they start, expected 2011-10-12 or later; found 2011-01-01"]),
    ("a credit without its month", row("Costs", 3, {"months": None}), ["Costs!G3: a credit must name the service month of what it corrects, expected a month like 2012-09"]),
    ("two counts of one key", again(sample_program.CASELOAD_A, "Counts", 0, 9, quantity=155), ["Counts!E9: another row of the same subaward, service, phase, month, unit and class has the same Published and differs, expected a later Published, if this row restates the other"]),
    ("an issuer with a comma", row("Document", 2, {"issuer": "Sub A, Inc."}), ["Document!A2: an issuer must not contain a comma, because claims list issuers with commas, expected a short id without a comma"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "lines"), [(c, n) for _, c, n in CASELOAD_ROWS], ids=[name for name, _, _ in CASELOAD_ROWS]
)
def test_rows_of_the_caseload_workbook(
    caseload: WorkbookRead, cells: Mapping[str, Value], lines: Sequence[str]
) -> None:
    assert findings(with_cells(caseload, cells)) == lines


@pytest.mark.parametrize(
    "cells",
    [
        {"Awards!E2": "x"},  # the award cannot be read, and subawards, areas and amendments refer to it
        {"Awards!A2": "no FAIN"},
        {"Organizations!D3": "x"},
        {"Subawards!D2": "x"},
        {"Budget periods!E2": "x"},
    ],
)
def test_one_cause_one_finding(award: WorkbookRead, cells: Mapping[str, Value]) -> None:
    """Rows that refer to a row with a bad cell are not blamed for it."""
    (address,) = cells
    assert [line.partition(":")[0] for line in findings(with_cells(award, cells))] == [address]


def test_a_participant_who_cannot_be_read_is_missed_by_no_other_row(caseload: WorkbookRead) -> None:
    assert len(findings(with_cells(caseload, {"Participants!A2": "Maria"}))) == 1


# --- terms beside the workbook ---


def test_a_terms_file_that_is_wrong(folder: Path, tmp_path: Path) -> None:
    """Told with its line and key; once, though two awards go by it."""
    shutil.copy(folder / "award.xlsx", tmp_path)
    workbook = openpyxl.load_workbook(tmp_path / "award.xlsx")
    for sheet, number in (("Awards", 3), ("Budget periods", 3)):
        for cell in [*workbook[sheet][2]]:
            workbook[sheet].cell(number, cell.column or 1).value = "90ZV0202" if cell.column == 1 else cell.value
    workbook.save(tmp_path / "award.xlsx")
    (tmp_path / "small.toml").write_text(sample_program.TERMS.replace('pool = "direct"', 'pool = "indirect"', 1))
    with pytest.raises(WorkbookRejected) as refused:
        read_award(tmp_path / "award.xlsx")
    line = 1 + sample_program.TERMS[: sample_program.TERMS.index('pool = "direct"')].count("\n")
    (told_once,) = str(refused.value).splitlines()
    assert told_once.startswith(f"small.toml:{line} services.expenses.pool: this is not a known pool, expected one of ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"format = x", "small.toml:1: this is not TOML, expected TOML 1.0"),
        (b'title = "\xff"', "small.toml:1: this is not UTF-8 text, expected UTF-8 text"),
        (None, f"Awards!H2: there are no such terms, expected {SHIPPED}"),
    ],
)
def test_a_terms_file_that_is_none(award: WorkbookRead, content: bytes | None, line: str) -> None:
    with pytest.raises(WorkbookRejected) as refused:
        award_of_book(award, lambda name: content)
    assert str(refused.value) == line


def test_a_terms_file_elsewhere_is_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(sample_program.TERMS)
    (inside := tmp_path / "inside").mkdir()
    workbook = openpyxl.load_workbook(folder / "award.xlsx")
    for name in ("../small.toml", str(tmp_path / "small.toml"), "..\\small.toml"):
        workbook["Awards"]["H2"] = name
        workbook.save(inside / "award.xlsx")
        with pytest.raises(WorkbookRejected, match="there are no such terms"):
            read_award(inside / "award.xlsx")


# --- files ---


def damaged(data: bytes, name: str, change: Callable[[bytes], bytes | None]) -> bytes:
    """A workbook of which one part was changed, or taken out."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w") as new:
        for part in old.namelist():
            content = change(old.read(part)) if part == name else old.read(part)
            if content is not None:
                new.writestr(part, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet2.xml"


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda data: b"", "not_a_workbook"),
        (lambda data: b"fain,recipient\n90ZV0101,PRIME\n", "not_a_workbook"),
        (lambda data: data[: len(data) // 2], "truncated"),
        (lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "ole"),
        (lambda data: damaged(data, "[Content_Types].xml", lambda _: None), "part_missing"),
        (lambda data: damaged(data, "xl/workbook.xml", lambda _: None), "part_missing"),
        (lambda data: damaged(data, SHEET, lambda xml: xml[:-40]), "xml"),
        (lambda data: damaged(data, SHEET, lambda xml: xml.replace(b' r="2"', b' r="two"')), "row_number"),
        (lambda data: damaged(data, "xl/styles.xml", lambda xml: xml.replace(b"<fills", b"<fill", 1)), "xml"),
        (lambda data: damaged(data, SHEET, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml), "dtd"),
        (lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x09", 1), "directory"),
    ],
    ids=["empty", "csv", "cut", "xls", "no types", "no workbook", "cut sheet", "row two", "styles", "entity", "zip"],
)  # fmt: skip
def test_a_file_that_is_no_workbook(folder: Path, make: Callable[[bytes], bytes], cause: str) -> None:
    """More of them in tests/hostile.py."""
    data = make((folder / "caseload-a.xlsx").read_bytes())
    with pytest.raises(WorkbookRejected) as refused:
        book_of_bytes(data, "caseload.xlsx")
    assert [(f.place.file, f.cause) for f in refused.value.findings] == [("caseload.xlsx", cause)]


@given(st.data())
def test_a_damaged_file_is_refused_or_read(data: st.DataObject) -> None:
    """Whatever bytes are lost, there is no other exception, and no warning."""
    content = bytearray(_caseload_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.sampled_from([0, 1, 30]))] = data.draw(st.binary(max_size=3))
    try:
        caseload_of_book(book_of_bytes(bytes(content), "caseload.xlsx"))
    except Rejected as refused:
        assert refused.findings


@cache
def _caseload_bytes() -> bytes:
    from grantcalc.xlsx.sheets import Block, Sheet, WorkbookDraft
    from grantcalc.xlsx.sheets import TableColumn as Printed
    from grantcalc.xlsx.writer import book_bytes

    rows = [("SUB-A", date(2012, 1, 15))]
    sheet = Sheet("Document", (Block((Printed("Issuer"), Printed("Report date", "date")), rows),))
    return book_bytes(WorkbookDraft("A caseload", (sheet,), date(2012, 1, 15)))


def test_what_openpyxl_alone_would_warn_of(folder: Path, tmp_path: Path) -> None:
    """A date far beyond the calendar is no date, and no error: a spreadsheet shows ####."""

    def change(xml: bytes) -> bytes:
        return xml.replace(b"<v>40828</v>", b"<v>99999999</v>", 1)

    content = (folder / "caseload-a.xlsx").read_bytes()
    sheet = f"xl/worksheets/sheet{list(book_of_bytes(content, '').sheets).index('Letters') + 1}.xml"
    book = book_of_bytes(damaged(content, sheet, change), "caseload.xlsx")
    assert findings(book) == [
        told("Letters!C2", "this number is no date or time, so that a spreadsheet shows ####", A_DATE, "99999999")
    ]


def test_one_workbook_with_both_sets_of_sheets(award: WorkbookRead, caseload: WorkbookRead) -> None:
    both = evolve(award, sheets={**award.sheets, **caseload.sheets})
    assert award_of_book(both, terms_file).awards == award_of_book(award, terms_file).awards
    assert evolve(caseload_of_book(both), label="") == evolve(caseload_of_book(caseload), label="")


# --- law 7, for inputs ---


def everything(value: Any) -> object:
    """A value with all its fields, also those that equality leaves out; but not the name of its
    file."""
    if isinstance(value, Source):
        return value.sheet, value.row
    if has(type(value)):
        names = (f.name for f in fields(type(value)) if f.name not in ("origin", "document"))
        return [(name, everything(getattr(value, name))) for name in names]
    if isinstance(value, tuple | list):
        return [everything(item) for item in value]
    return value


class TestLaw7:
    """Read what was written: the same values and sources. Write twice: the same bytes."""

    def test_the_values_and_sources_of_a_caseload(self, caseload: WorkbookRead) -> None:
        found = caseload_of_book(caseload)
        assert [p.participant.pseudonym for p in found.participants] == list(sample_program.PSEUDONYMS)
        assert [(c.amount, c.reference, c.source) for c in found.costs] == [
            (amount, reference, Source("caseload-a.xlsx", "Costs", number))
            for number, (amount, reference) in enumerate(
                zip((8415, -415, 10000, 1585), sample_program.REFERENCES, strict=True), 2
            )
        ]
        assert found.enrollments[2].days == Interval(date(2011, 10, 20), date(2011, 12, 7))
        assert found.enrollments[0].published == sample_program.REPORT
        assert found.counts[0].quantity == 154

    def test_saved_again_by_another_program_it_says_the_same(self, folder: Path, tmp_path: Path) -> None:
        readers: Mapping[str, Callable[[Path], Network | Caseload]] = {"award": read_award, "caseload-a": read_caseload}
        for name, reader in readers.items():
            openpyxl.load_workbook(folder / f"{name}.xlsx").save(tmp_path / f"{name}.xlsx")
            shutil.copy(folder / "small.toml", tmp_path)
            one, two = reader(folder / f"{name}.xlsx"), reader(tmp_path / f"{name}.xlsx")
            assert one == two
            assert everything(one) == everything(two)
            assert one.origin.facts == two.origin.facts
            assert one.origin.digest != two.origin.digest

    def test_the_same_bytes_twice(self, tmp_path: Path) -> None:
        for path in (tmp_path / "one.xlsx", tmp_path / "two.xlsx"):
            write_input("caseload", sample_program.CASELOAD_A, path)
        assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()

    @settings(max_examples=max(3, settings().max_examples // 10))
    @given(st.lists(TEXT, min_size=20, max_size=20))
    def test_any_text(self, tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
        """Whatever an organization is called: spaces around a name, and nothing else, are lost."""
        names = [text for text in texts if text.strip()]
        rows = [{"id": f"O{number}", "name": name} for number, name in enumerate(names)]
        organizations = [*rows, *sample_program.AWARD["Organizations"]]
        folder = tmp_path_factory.mktemp("text")
        path = sample_program.write(folder, "award", {**sample_program.AWARD, "Organizations": organizations})
        found = [o.name for o in read_award(path).organizations]
        assert found[: len(names)] == [name.strip() for name in names]


@pytest.mark.parametrize("kind", ["award", "caseload"])
def test_a_template_as_it_comes(tmp_path: Path, kind: str) -> None:
    """Nothing is filled in yet: that is what is told, and nothing of its example rows."""
    write_template("award" if kind == "award" else "caseload", path := tmp_path / f"{kind}.xlsx")
    empty = "Document: this sheet is not filled in yet, expected a row with issuer and report date, not marked EXAMPLE"
    no_award = "Awards: this sheet lists no award, expected one row each"
    assert findings(open_book(path)) == ([empty, no_award] if kind == "award" else [empty])


# --- nobody is named in a finding ---

ADDRESSES = [
    (kind, f"{layout.sheet}!{'ABCDEFGHIJ'[at]}{row}")
    for kind, layouts in (("award", AWARD_SHEETS), ("caseload", CASELOAD_SHEETS[:7]))
    for layout in layouts
    for at in range(len(layout.columns))
    for row in (1, 2, 3)
]


@given(
    st.sampled_from(ADDRESSES), st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=3, max_size=30)
)
def test_no_text_of_a_cell_is_ever_echoed(where: tuple[str, str], text: str) -> None:
    """Any text in any cell: it stands in no message, unless the message would hold it anyway."""
    kind, address = where
    book = _book(kind)
    said = findings(with_cells(book, {address: text}))
    other = findings(with_cells(book, {address: "zzzzz-" + "z" * len(text)}))
    words = " ".join([*other, *BAD_WORDS])
    assert text in words or not any(text in line for line in said), said


BAD_WORDS = [
    *(c.header + c.note + " ".join(c.choices) for layout in LAYOUTS.values() for c in layout.columns),
    *(f"text of {n} characters" for n in range(50)),
    "this is not a column; did you mean a formula that was never calculated",
]


@cache
def _book(kind: str) -> WorkbookRead:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        sample_program.inputs(Path(name))
        return open_book(Path(name) / ("award.xlsx" if kind == "award" else "caseload-a.xlsx"))
