"""How the columns and rows of a user's own file are read by a layout: formats, maps, joins, wide
sheets, left out."""
# ruff: noqa: E501 (what is told stands here as it is told, on one line)

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.audit.verify import verify
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import bill
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.inputs import read_caseload, read_claim
from grantcalc.io.intake.caseload import caseload_of_book
from grantcalc.io.intake.cells import Doubt, WorkbookRead, open_book
from grantcalc.io.intake.csvbook import open_csv
from grantcalc.io.intake.guess import guess_layout
from grantcalc.io.intake.layout import book_by, layout_of_bytes
from grantcalc.io.intake.patterns import DIGITS, ColumnPattern, column_pattern
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.money import Cents
from grantcalc.periods import Month
from grantcalc.xlsx.reader import collect_warnings
from tests import sample_program

DOCUMENT = '[document.values]\nissuer = "SUB-A"\nreport_date = 2012-01-15\n'


def pattern(words: list[str], kind: str) -> ColumnPattern:
    declared = column_pattern(words, kind)
    assert isinstance(declared, ColumnPattern)
    return declared


class TestPatterns:
    """A column is read as the layout declares that it is written, and nothing else is."""

    @pytest.mark.parametrize(
        ("words", "text", "meant"),
        [
            (["MM/DD/YYYY"], "12/31/2011", date(2011, 12, 31)),
            (["MM/DD/YYYY"], "1/2/2012", date(2012, 1, 2)),
            (["DD.MM.YYYY"], "31.12.2011", date(2011, 12, 31)),
            (["DD/MM/YY"], "02/01/12", date(2012, 1, 2)),
            (["DD-MMM-YYYY"], "31-DEC-2011", date(2011, 12, 31)),
            (["MMMM DD, YYYY"], "December 31,  2011", date(2011, 12, 31)),
            (["YYYYMMDD"], "20111231", date(2011, 12, 31)),
            (["MM/DD/YYYY", "time"], "12/31/2011 11:59:59 PM", date(2011, 12, 31)),
            (["YYYY-MM-DD", "time"], "2011-12-31T23:59:59.999Z", date(2011, 12, 31)),
            (["YYYY-MM-DD", "time"], datetime(2011, 12, 31, 23, 59), date(2011, 12, 31)),
            (["MM/DD/YYYY", "YYYY-MM-DD"], "2011-12-31", date(2011, 12, 31)),
        ],
    )
    def test_a_date(self, words: list[str], text: object, meant: date) -> None:
        assert pattern(words, "date").read(text)[0] == meant

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (["MM/DD/YYYY"], "31/12/2011"),
            (["MM/DD/YYYY"], "12-31-2011"),
            (["MM/DD/YYYY"], "2011-12-31"),
            (["MM/DD/YYYY"], "12/31/2011 10:00"),
            (["DD.MM.YYYY"], "30.02.2012"),
            (["YYYYMMDD"], "2011123"),
            (["MM/DD/YYYY", "DD/MM/YYYY"], "02/01/2012"),
        ],
    )
    def test_another_date_is_a_doubt(self, words: list[str], text: str) -> None:
        """Two patterns that say different days of one text, too."""
        assert isinstance(pattern(words, "date").read(text)[0], Doubt)

    @pytest.mark.parametrize(
        ("words", "text", "meant", "kinds"),
        [
            (["$", "1,234.56"], "$1,200.00", "1200.00", {"currency signs", "thousands separators"}),
            (["$", "1,234.56"], "75", "75", set()),
            (["$", "(1.00)"], "($12.50)", "-12.50", {"currency signs", "amounts in parentheses"}),
            (["$", "(1.00)"], "$(12.50)", "-12.50", {"currency signs", "amounts in parentheses"}),
            (["1.00-"], "12.50-", "-12.50", {"trailing minus signs"}),
            (["1.00 CR"], "12.50 CR", "-12.50", {"credit marks"}),
            (["1.00 CR"], "12.50 DR", "12.50", {"credit marks"}),
            (["75%"], "7.5 %", "0.075", {"percentages"}),
            (["1.234,56"], "1.234,50", "1234.50", {"thousands separators", "decimal commas"}),
            (["1 234,56"], "1\N{NO-BREAK SPACE}234,5", "1234.5", {"thousands separators", "decimal commas"}),
            (["1234,56"], "-1234,56", "-1234.56", {"decimal commas"}),
            (["reversed"], "-84.15", "84.15", {"signs reversed"}),
            (["reversed", "(1.00)"], "(84.15)", "84.15", {"signs reversed", "amounts in parentheses"}),
        ],
    )
    def test_a_number(self, words: list[str], text: str, meant: str, kinds: set[str]) -> None:
        value, converted = pattern(words, "money").read(text)
        assert (str(value), {*converted}) == (meant, kinds)

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (["1,234.56"], "1,23.00"),
            (["1,234.56"], "1.234,56"),
            (["1,234.56"], "$1.00"),
            (["1.234,56"], "1,234.56"),
            (["(1.00)"], "(1.00"),
            (["(1.00)"], "1.00)"),
            (["(1.00)"], "(-1.00)"),
            (["$"], "$1.00 USD"),
            (["$"], "€1.00"),
            (["1.00-"], "-1.00-"),
            (["1,234.56", "1.234,56"], "1,234"),
        ],
    )
    def test_another_number_is_a_doubt(self, words: list[str], text: str) -> None:
        assert isinstance(pattern(words, "money").read(text)[0], Doubt)

    @given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(sorted(DIGITS)), st.booleans())
    def test_what_is_written_is_read(self, amount: Decimal, word: str, parenthesized: bool) -> None:
        """Whatever the amount, its own text in any of the notations is that amount, to the cent."""
        text = (
            f"{abs(amount):,.2f}"
            if "," in word.removesuffix(",56") or "." in word[:-3] or " " in word
            else f"{abs(amount):.2f}"
        )
        thousands, decimal = DIGITS[word][1:]
        text = "".join({",": thousands, ".": decimal}.get(sign, sign) for sign in text)
        text = (f"({text})" if parenthesized else f"-{text}") if amount < 0 else text
        assert pattern([word, "(1.00)"], "money").read(text)[0] == amount

    @given(st.text(max_size=20), st.sampled_from([["MM/DD/YYYY", "time"], ["DD MMM YY"]]))
    def test_any_text_is_a_date_or_a_doubt(self, text: str, words: list[str]) -> None:
        value = pattern(words, "date").read(text)[0]
        assert isinstance(value, date | Doubt) or not text.strip()


# --- tables ---


def books(folder: Path, **files: str) -> WorkbookRead:
    """CSV files by their names, as a workbook."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return open_csv(folder)


def read(book: WorkbookRead, layout: str) -> Caseload:
    return caseload_of_book(book_by(book, layout_of_bytes((DOCUMENT + layout).encode(), "layout.toml")))


def told(call: Callable[[], object]) -> list[str]:
    with pytest.raises(WorkbookRejected) as refused:
        call()
    return [str(finding) for finding in refused.value.findings]


GL = """\
Posting Date,Account,Payee,Debit,Credit,Journal,Line,Batch
12/02/2011,5300 Food,Store,"$1,084.15",,JE7,1,9
12/09/2011,5300 food,Store,,$4.15,JE8,2,9
12/09/2011,5200 Shelter,Rent,100.00,,JE8,3,9
12/31/2011,Total 5300,,"$1,080.00",,,,
12/31/2011,Grand total,,"$1,180.00",,,,
"""
GL_LAYOUT = """\
[costs]
sheet = "GL"
ignore = "others"
[costs.columns]
paid_on = "Posting Date"
category = "Account"
amount = { less = ["Debit", "Credit"] }
reference = { join = ["Journal", "Line"], by = "-" }
months = { join = ["Posting Date"] }
[costs.values]
subaward = "S-A"
service = "expenses"
[costs.written]
paid_on = "MM/DD/YYYY"
service_month = "MM/DD/YYYY"
amount = ["$", "1,234.56"]
[costs.maps.category]
"5300 Food" = "food"
"5200 Shelter" = "rent"
[[costs.leave_out]]
column = "Account"
begins = ["Total", "Grand total"]
""".replace("months = {", "service_month = {")


class TestALedger:
    """A general ledger is costs: pairs of columns, a map of accounts, subtotals left out."""

    def test_it_is_read(self, tmp_path: Path) -> None:
        costs = read(books(tmp_path, GL=GL), GL_LAYOUT).costs
        assert [(c.paid, c.category, c.amount, c.reference) for c in costs] == [
            (date(2011, 12, 2), "food", Cents(108_415), "JE7-1"),
            (date(2011, 12, 9), "food", Cents(-415), "JE8-2"),
            (date(2011, 12, 9), "rent", Cents(10_000), "JE8-3"),
        ]
        assert {c.months for c in costs} == {(Month(2011, 12),)}

    def test_what_is_told(self, tmp_path: Path) -> None:
        """Once by kind and count; rows left out by their sum too. The claim's Sources have the
        counts."""
        with collect_warnings() as noted:
            caseload = read(books(tmp_path, GL=GL), GL_LAYOUT)
        kinds = ("cells made of several columns: 6", "currency signs: 2", "dates as MM/DD/YYYY: 6")
        more = ("thousands separators: 1", "values mapped: 3")
        assert [str(f) for f in noted] == [
            *(f"{tmp_path.name}: {kind} (layout.toml)" for kind in (*kinds, *more)),
            "layout.toml:23 costs.leave_out[0]: 2 rows of the sheet left out, with a total of 2,260.00",
        ]
        (_, layout) = caseload.origin.inputs("caseload", caseload.report_date)
        converted = "; ".join((*kinds, "rows left out: 2", *more))
        assert caseload.origin.remarks == (f"converted: {converted}",)
        assert layout.role == f"layout, converted: {converted}"

    @pytest.mark.parametrize(
        ("old", "new", "line"),
        [
            (
                "12/02/2011",
                "2011-12-02",
                "GL.csv!A2: this is not a date as the layout says that it is written (MM/DD/YYYY)",
            ),
            ("5200 Shelter,Rent", "5400 Travel,Rent", "GL.csv!B4: the layout does not map this"),
            ('"$1,084.15"', '"$1,08.15"', "GL.csv!D2: this is not a number as the layout says"),
            ("$4.15", "€4.15", "GL.csv!E3: this is not a number as the layout says"),
        ],
    )
    def test_a_cell_keeps_its_place(self, tmp_path: Path, old: str, new: str, line: str) -> None:
        """A finding names the cell of the user's own file, also in a pair of columns; nothing is
        guessed."""
        assert old in GL
        lines = told(lambda: read(books(tmp_path, GL=GL.replace(old, new, 1)), GL_LAYOUT))
        assert any(each.startswith(line) for each in lines), lines

    def test_what_is_above_the_headers_is_told(self, tmp_path: Path) -> None:
        """A report's own heading, of several cells, is none of the table."""
        heading = "Trial Company,Detail,,,,,,\nFrom,10/01/2011,To,12/31/2011,,,,\n"
        caseload = read(books(tmp_path, GL=heading + GL), GL_LAYOUT)
        assert len(caseload.costs) == 3
        assert "rows above the headers: 2" in caseload.origin.remarks[0]

    def test_the_same_from_a_workbook(self, tmp_path: Path) -> None:
        """Where numbers and dates are numbers and dates, they need no pattern."""
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert sheet is not None
        sheet.title = "GL"
        rows = [line.split(",") for line in GL.replace('"$1,084.15"', "1084.15").replace('"', "").splitlines()]
        for row in rows[:4]:
            sheet.append(row)
        days = (datetime(2011, 12, 2), datetime(2011, 12, 9), datetime(2011, 12, 9))
        for at in (2, 3, 4):
            sheet[f"A{at}"] = days[at - 2]
            for column in "DE":
                said = sheet[f"{column}{at}"].value
                sheet[f"{column}{at}"] = float(str(said).removeprefix("$")) if said else None
        workbook.save(tmp_path / "gl.xlsx")
        assert read(open_book(tmp_path / "gl.xlsx"), GL_LAYOUT).costs == read(books(tmp_path, GL=GL), GL_LAYOUT).costs


ENTRIES = "EnrollmentID,PersonalID,EntryDate,ProjectID\n11,P-7731,2011-10-12 00:00:00,7\n12,P-7732,2011-10-20 08:30:00,7\n13,P-7733,2011-10-21 08:30:00,8\n"
EXITS = "ExitID,EnrollmentID,ExitDate,Destination\n1,12,2011-12-07 17:00:00,3\n2,13,2011-12-08 00:00:00,3\n"
PEOPLE = "PersonalID,Adult\nP-7731,TRUE\nP-7732,\nP-7733,X\n"
PAIR_LAYOUT = """\
[participants]
sheet = "Client"
columns = { participant = "PersonalID", age_group = "Adult" }
[participants.maps.age_group]
TRUE = "adult"
X = "adult"
"-" = "child"
[enrollment]
sheet = "Enrollment"
ignore = "others"
columns = { participant = "PersonalID", start = "EntryDate", subaward = "ProjectID" }
written = { start = ["YYYY-MM-DD", "time"], end = ["YYYY-MM-DD", "time"] }
maps = { subaward = { 7 = "S-A" } }
leave_out = [{ column = "ProjectID", is_not = "7" }]
[enrollment.join]
sheet = "Exit"
key = "EnrollmentID"
columns = { end = "ExitDate" }
"""


class TestAPair:
    """Two files are joined by a key: entries and exits."""

    def test_it_is_read(self, tmp_path: Path) -> None:
        book = books(tmp_path, Enrollment=ENTRIES, Exit=EXITS, Client=PEOPLE.replace("7732,", "7732,-"))
        caseload = read(book, PAIR_LAYOUT)
        assert [(p.participant.pseudonym, p.age_group) for p in caseload.participants] == [
            ("P-7731", "adult"),
            ("P-7732", "child"),
            ("P-7733", "adult"),
        ]
        assert [(e.participant.pseudonym, e.days.start, e.days.end, e.subaward) for e in caseload.enrollments] == [
            ("P-7731", date(2011, 10, 12), None, "S-A"),
            ("P-7732", date(2011, 10, 20), date(2011, 12, 7), "S-A"),
        ]
        for kind in ("rows joined: 1", "rows of a joined sheet not used: 1", "rows left out: 1"):
            assert kind in caseload.origin.remarks[0]

    def test_a_cell_of_the_other_file_keeps_its_place(self, tmp_path: Path) -> None:
        book = books(
            tmp_path,
            Enrollment=ENTRIES,
            Exit=EXITS.replace("2011-12-07 17", "soon 17"),
            Client=PEOPLE.replace("7732,", "7732,-"),
        )
        (line,) = told(lambda: read(book, PAIR_LAYOUT))
        assert line.startswith("Exit.csv!C2: this is not a date as the layout says")

    def test_days_that_end_too_early_are_told_at_the_exit(self, tmp_path: Path) -> None:
        book = books(
            tmp_path,
            Enrollment=ENTRIES,
            Exit=EXITS.replace("2011-12-07", "2011-09-07"),
            Client=PEOPLE.replace("7732,", "7732,-"),
        )
        (line,) = told(lambda: read(book, PAIR_LAYOUT))
        assert line.startswith("Exit.csv!C2: these days end before they start")

    def test_two_rows_of_one_key(self, tmp_path: Path) -> None:
        book = books(tmp_path, Enrollment=ENTRIES, Exit=EXITS + "3,12,2011-12-09,3\n", Client=PEOPLE)
        assert told(lambda: read(book, PAIR_LAYOUT)) == [
            "Exit.csv!B4: another row of this sheet has the same key, expected one row for each key"
        ]


WIDE = "Site,Program,Oct 2011,Nov 2011,Remarks\nNorth,Meals,12,,x\nSouth,Meals,3,4,\n"
WIDE_LAYOUT = """\
[counts]
sheet = "Tally"
columns = { subaward = "Site", service = "Program" }
ignore = ["Remarks"]
maps = { subaward = { North = "S-A", South = "S-B" } }
wide = { headers = "MMM YYYY", by = "month", cells = "count" }
"""


class TestAWideSheet:
    """A column a month or a day: each cell is a row."""

    def test_it_is_read(self, tmp_path: Path) -> None:
        caseload = read(books(tmp_path, Tally=WIDE), WIDE_LAYOUT)
        assert [(c.subaward, c.service, c.month, c.quantity) for c in caseload.counts] == [
            ("S-A", "meals", Month(2011, 10), 12),
            ("S-B", "meals", Month(2011, 10), 3),
            ("S-B", "meals", Month(2011, 11), 4),
        ]
        assert "cells of months or days as rows: 3" in caseload.origin.remarks[0]

    def test_a_cell_keeps_its_place(self, tmp_path: Path) -> None:
        (line,) = told(lambda: read(books(tmp_path, Tally=WIDE.replace("3,4", "3,four")), WIDE_LAYOUT))
        assert line.startswith("Tally.csv!D3: this is not a count")


BANK = """\
Date,Description,Amount,Balance,Check Number
12/02/2011,STORE 12,"-1,084.15","9,000.00",101
12/13/2011,STORE,-4.00,"8,996.00",102
12/14/2011,REFUND,"4.15","9,000.15",
"""
CASES = "Client ID,Adult?,Intake,Exit,Site\nP-1,Yes,1/2/2012,,North\nP-2,No,1/25/2012,1/29/2012,South\n"


class TestGuessOfForeignFiles:
    """A general ledger, a pair of exports, a case-management export and a bank's CSV are drafted
    for what they are."""

    def draft(self, folder: Path, **files: str) -> list[str]:
        books(folder, **files)
        lines = guess_layout(folder).splitlines()
        layout_of_bytes("\n".join(lines).encode(), "draft.toml")
        return [line.removeprefix("# ").partition("  #")[0] for line in lines]

    def test_a_general_ledger(self, tmp_path: Path) -> None:
        """It is costs, and not counts: its pair of columns, its totals, its map, its patterns."""
        lines = self.draft(tmp_path, GL=GL)
        wanted = """[costs]|paid_on = "Posting Date"|category = "Account"|amount = { less = ["Debit", "Credit"] }
paid_on = "MM/DD/YYYY"|amount = ["1,234.56", "$"]|[costs.maps.category]|"5200 Shelter" = "…"
leave_out = [{ column = "Account", begins = ["Total", "Grand total"] }]
## How sure this is: of 4 columns that must be there, certain 0, guessed 2, missing 2.
## Row 3 is read as: paid_on 2011-12-09, category text of 9 characters, amount less 4.15"""
        assert {*wanted.replace("\n", "|").split("|")} <= {*lines}

    def test_a_pair(self, tmp_path: Path) -> None:
        lines = self.draft(tmp_path, Enrollment=ENTRIES, Exit=EXITS, Client=PEOPLE)
        assert 'join = { sheet = "Exit.csv", key = "EnrollmentID", columns = { end = "ExitDate" } }' in lines
        assert 'start = ["YYYY-MM-DD", "time"]' in lines
        assert {"[enrollment]", "[participants]", '"TRUE" = "…"'} <= {*lines}

    def test_a_bank(self, tmp_path: Path) -> None:
        """Payments are negative at a bank."""
        lines = self.draft(tmp_path, bank=BANK)
        assert {"[costs]", 'paid_on = "Date"', 'amount = "Amount"', 'amount = ["1,234.56", "reversed"]'} <= {*lines}

    def test_a_case_management_export(self, tmp_path: Path) -> None:
        """One sheet is enrollments and participants."""
        lines = self.draft(tmp_path, cases=CASES)
        wanted = '[enrollment]|start = "Intake"|subaward = "Site"|[participants]|age_group = "Adult?"|"No" = "…"'
        assert {*wanted.split("|"), 'start = "MM/DD/YYYY"'} <= {*lines}

    def test_dates_that_could_be_either_are_told(self, tmp_path: Path) -> None:
        books(tmp_path, cases=CASES.replace("1/25/2012,1/29/2012", "1/5/2012,1/9/2012"))
        assert '# start = "MM/DD/YYYY"  # or DD/MM/YYYY: every cell below could be either' in guess_layout(tmp_path)

    def test_a_wide_sheet(self, tmp_path: Path) -> None:
        lines = self.draft(tmp_path, Counts=WIDE.replace("Remarks", "Dec 2011"))
        assert 'wide = { headers = "MMM YYYY", by = "month", cells = "count" }' in lines


WRONG = [
    ("a pattern of no date", 'paid_on = "MM/DD/YYYY"', 'paid_on = "month first"', "costs.written.paid_on: this is no pattern of this column, expected of a date of YYYY or YY"),
    ("a pattern of no number", '["$", "1,234.56"]', '["€"]', "costs.written.amount: this is no pattern of this column, expected of 1234.56"),
    ("a pattern of text", '["$", "1,234.56"]', '["$"]\nreference = "X"', "costs.written.reference: only dates, months and numbers are written in several ways"),
    ("a map to what the column cannot hold", '"5300 Food" = "food"', '"5300 Food" = true', "costs.maps.category: this is not text"),
    ("a map that says a text twice", '"5300 Food" = "food"', '"5300 Food" = "food"\n"5300 FOOD" = "rent"', "costs.maps.category: a text is mapped twice"),
    ("a difference of texts", '{ join = ["Journal", "Line"], by = "-" }', '{ less = ["Journal", "Line"] }', "costs.columns.reference.less: only amounts and counts have a difference"),
    ("no parts", '{ less = ["Debit", "Credit"] }', "{ less = 5 }", "costs.columns.amount.less: these must be headers"),
    ("a part that is not there", '"Credit"', '"Credits"', "costs.columns.amount: the sheet has no such column"),
    ("two reasons", 'begins = ["Total", "Grand total"]', 'begins = "Total"\nis = "x"', "costs.leave_out[0]: a row is left out for one reason"),
    ("no text to compare with", 'begins = ["Total", "Grand total"]', "begins = 5", "costs.leave_out[0].begins: this is not what a cell may be compared with"),
    ("a condition on no column", 'column = "Account"\nbegins', 'column = "Akkount"\nbegins', "costs.leave_out[0].column: the sheet has no such column"),
    ("a join without columns", 'ignore = "others"', 'ignore = "others"\njoin = { sheet = "GL", key = 5 }', "costs.join.key: this must be the header of the key"),
    ("a wide sheet of nothing", 'ignore = "others"', 'ignore = "others"\nwide = { by = "paid_on", cells = "amount" }', "costs.wide.headers: this is no pattern of this column"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_layout_that_is_wrong(tmp_path: Path, old: str, new: str, line: str) -> None:
    """Told at its line, at its key."""
    assert GL_LAYOUT.count(old) == 1
    lines = told(lambda: read(books(tmp_path, GL=GL), GL_LAYOUT.replace(old, new)))
    assert re.fullmatch(rf"layout\.toml:\d+ {re.escape(line)}.*", lines[0]), lines


def test_a_claim_by_such_a_layout_is_verified(tmp_path: Path) -> None:
    """The layout is an input found by its digest, so that a claim regenerates; its Sources say what
    was converted."""
    sample_program.inputs(folder := tmp_path / "in")
    (gl := folder / "GL.csv").write_text(GL, "utf-8")
    (folder / "GL.csv.layout.toml").write_text(DOCUMENT + GL_LAYOUT, "utf-8")
    claim = bill(read_caseload(gl), sample_program.network(folder), sample_program.THROUGH)
    write_claim(claim, out := tmp_path / "claim.xlsx")
    assert claim.total.amount == Decimal("1180.00")
    (role,) = (i.role for i in read_claim(out).inputs if i.role.startswith("layout"))
    assert role.startswith("layout, converted: cells made of several columns: 6; currency signs: 2")
    gl.rename(folder / "renamed.csv")
    (folder / "GL.csv.layout.toml").rename(folder / "renamed.toml")
    assert verify(out, folder)
    (folder / "renamed.toml").unlink()
    with pytest.raises(Rejected, match="1 input of role layout could not be found by digest"):
        verify(out, folder)
