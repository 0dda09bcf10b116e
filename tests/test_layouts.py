"""A user's own workbook: headers in other words, a layout file, CSV; and the same facts whichever
way they come in."""
# ruff: noqa: E501 (what is told stands here as it is told, on one line)

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.audit.explain import explain_cell
from grantcalc.audit.verify import verify
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import bill
from grantcalc.cli import main
from grantcalc.errors import Rejected, TermsRejected, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload, read_claim, read_workbooks
from grantcalc.io.intake.award import award_of_book
from grantcalc.io.intake.caseload import caseload_of_book
from grantcalc.io.intake.cells import CellValue, WorkbookRead, open_book
from grantcalc.io.intake.csvbook import open_csv
from grantcalc.io.intake.guess import guess_layout
from grantcalc.io.intake.layout import SHEETS, book_by, layout_of_bytes, open_layout
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.schemas import AWARD_SHEETS, CASELOAD_SHEETS, SheetSchema, header_key
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input
from grantcalc.terms import read_terms
from tests import sample_program

ALL = (*AWARD_SHEETS, *CASELOAD_SHEETS[1:])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def findings(read: object) -> list[str]:
    """What is told, line by line, by a refusal of this call."""
    assert callable(read)
    with pytest.raises(WorkbookRejected) as refused:
        read()
    return str(refused.value).splitlines()


def terms_file(name: str) -> bytes | None:
    return sample_program.TERMS.encode() if name == "small.toml" else None


def read(book: WorkbookRead) -> Network | Caseload:
    return award_of_book(book, terms_file) if "Awards" in book.sheets else caseload_of_book(book)


@cache
def _book(name: str) -> WorkbookRead:
    with TemporaryDirectory() as folder:
        sample_program.inputs(Path(folder))
        return open_book(Path(folder) / f"{name}.xlsx")


# --- names ---


class TestHeadersAreFoundByName:
    """Headers are found by name, in any order, with synonyms."""

    @pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.sheet)
    def test_no_name_means_two_columns(self, layout: SheetSchema) -> None:
        names = [{header_key(name) for name in (c.header, *c.synonyms)} for c in layout.columns]
        assert sum(map(len, names)) == len(set[str]().union(*names))
        assert "" not in layout.named

    @given(st.data())
    def test_any_order_and_any_of_its_names(self, data: st.DataObject) -> None:
        """Whichever column stands where, under whichever name, written however people write it: the
        same is read."""
        name = data.draw(st.sampled_from(["award", "caseload-a"]))
        book = _book(name)
        layout = data.draw(
            st.sampled_from([s for s in ALL if s.sheet in book.sheets and len(book.sheets[s.sheet]) > 1])
        )
        order = data.draw(st.permutations(range(len(layout.columns))))
        spelled = [data.draw(_spellings((c.header, *c.synonyms))) for c in layout.columns]
        turned = [(number, _turned(cells, order, spelled)) for number, cells in book.sheets[layout.sheet]]
        other = evolve(book, sheets={**book.sheets, layout.sheet: tuple(turned)})
        assert read(other) == _read(name)

    def test_two_sheets_of_one_name_are_told(self) -> None:
        """As names are compared: only one of them would be read."""
        book = _book("caseload-a")
        twice = evolve(book, sheets={**book.sheets, "COSTS!": book.sheets["Costs"]})
        place = list(twice.sheets).index("COSTS!") + 1
        assert findings(lambda: caseload_of_book(twice)) == [
            f"caseload-a.xlsx: sheet {place} is not read: another sheet has the name Costs, expected one sheet of this name"
        ]


@cache
def _read(name: str) -> Network | Caseload:
    return read(_book(name))


def _spellings(names: Sequence[str]) -> st.SearchStrategy[str]:
    dressed = st.sampled_from(
        [str.upper, str.lower, str.title, str.strip, lambda s: s.replace(" ", "_"), lambda s: f" {s}: "]
    )
    return st.builds(lambda name, dress: str(dress(name)), st.sampled_from(names), dressed)


def _turned(cells: Sequence[CellValue], order: Sequence[int], spelled: Sequence[str]) -> tuple[CellValue, ...]:
    """A row with its columns in another order; the header row, the first, in other words."""
    found = []
    for cell in cells:
        at = "ABCDEFGHIJ".index(cell.column)
        ref = f"{'ABCDEFGHIJ'[order[at]]}{cell.ref[1:]}"
        found.append(CellValue(ref, spelled[at] if cell.ref[1:] == "1" else cell.value))
    return tuple(sorted(found, key=lambda c: c.column))


class TestCapitalsDoNotMatter:
    """Case does not matter for closed vocabularies, on every sheet alike: words of a list, and
    words of the terms."""

    @pytest.mark.parametrize("written", [str.upper, str.title, lambda word: f" {word.replace('_', ' ').capitalize()} "])
    @pytest.mark.parametrize("name", ["award", "caseload-a"])
    def test_the_same_is_read(self, name: str, written: Callable[[str], str]) -> None:
        book, changed = _book(name), 0
        sheets = dict(book.sheets)
        for layout in (s for s in ALL if sheets.get(s.sheet)):
            (header, *rows) = sheets[layout.sheet]
            kinds = {cell.column: layout.named[header_key(str(cell.value))].kind for cell in header[1]}
            turned = []
            for number, cells in rows:
                words = [c.column for c in cells if kinds[c.column] in ("word", "term", "yes_no")]
                words += [c.column for c in cells if kinds[c.column] == "value" and isinstance(c.value, str)]
                changed += len(words)
                told = (CellValue(c.ref, written(str(c.value))) if c.column in words else c for c in cells)
                turned.append((number, tuple(told)))
            sheets[layout.sheet] = (header, *turned)
        assert changed > 6
        assert read(evolve(book, sheets=sheets)) == _read(name)

    def test_terms_are_found_by_their_id_in_capitals(self) -> None:
        """The id of published terms is a word of a list too; the name of a file is not."""
        book = _book("award")
        (header, (number, cells)) = book.sheets["Awards"]
        cells = tuple(CellValue(c.ref, "TVAP-2018") if c.value == "small.toml" else c for c in cells)
        told = findings(
            lambda: award_of_book(evolve(book, sheets={**book.sheets, "Awards": (header, (number, cells))}), terms_file)
        )
        assert told
        assert not any("there are no such terms" in line for line in told)

    def test_terms_have_small_letters(self) -> None:
        for old, new in (
            ('"rent"', '"Rent"'),
            ("[services.care]", "[services.Care]"),
            ('"rate.certified"', '"rate.Certified"'),
        ):
            with pytest.raises(TermsRejected, match="a word that workbooks name must be in small letters"):
                read_terms(sample_program.TERMS.replace(old, new), "small.toml")


# --- a layout file ---

OWN = """\
# Our client system's export, as grantcalc reads it.
[document.values]
issuer = "SUB-A"
report_date = 2012-01-15
label = "ILLUSTRATIVE"

[participants]
sheet = "People"
columns = { participant = "Client ID", age_group = "Adult/child" }
ignore = ["Phone"]

[enrollment]
sheet = "Stays"

[enrollment.columns]
participant = "Client ID"
start = "Intake"
end = "Exit"

[enrollment.values]
subaward = "S-A"
"""


def own_workbook(path: Path) -> Path:
    """A workbook as a client system may export it: its own sheets and columns, a title, a column of
    its own."""
    workbook = openpyxl.Workbook()
    people = workbook.active
    assert people is not None
    people.title = "People"
    for row in (
        ["Our people"],
        [],
        ["Phone", "Client ID", "Adult/child"],
        ["555-01", "P-7731", "adult"],
        [None, "P-7732", "child"],
    ):
        people.append(row)
    stays = workbook.create_sheet("Stays")
    stays.append(["Exit", "Intake", "Client ID"])
    stays.append([None, date(2011, 10, 12), "P-7731"])
    stays.append([date(2011, 12, 7), date(2011, 10, 20), "P-7732"])
    workbook.save(path)
    return path


OURS: sample_program.Rows = {
    "Document": [{"issuer": "SUB-A", "report_date": date(2012, 1, 15), "label": "ILLUSTRATIVE"}],
    "Participants": [
        {"participant": "P-7731", "age_group": "adult"},
        {"participant": "P-7732", "age_group": "child"},
    ],
    "Enrollment": [
        {"participant": "P-7731", "subaward": "S-A", "start": date(2011, 10, 12)},
        {"participant": "P-7732", "subaward": "S-A", "start": date(2011, 10, 20), "end": date(2011, 12, 7)},
    ],
}


def by(text: str, book: WorkbookRead) -> WorkbookRead:
    return book_by(book, layout_of_bytes(text.encode(), "layout.toml"))


class TestLayout:
    """A layout.toml maps a user's own sheets and columns."""

    def test_it_reads_what_ours_would_say(self, tmp_path: Path) -> None:
        own = own_workbook(tmp_path / "export.xlsx")
        (tmp_path / "layout.toml").write_text(OWN)
        found = read_caseload(own, layout=tmp_path / "layout.toml")
        ours = read_caseload(sample_program.write(tmp_path, "caseload", OURS))
        assert found == ours
        assert found.origin.facts == ours.origin.facts
        assert found.origin.layout == ("layout.toml", open_layout(tmp_path / "layout.toml").digest)

    def test_a_cell_keeps_its_place(self, tmp_path: Path) -> None:
        """A finding names the sheet and the cell of the user's own file."""
        own = own_workbook(tmp_path / "export.xlsx")
        workbook = openpyxl.load_workbook(own)
        workbook["Stays"]["B3"], workbook["People"]["C5"], workbook["Stays"]["D3"] = "soon", "grown-up", "see notes"
        workbook.save(own)
        assert findings(lambda: caseload_of_book(by(OWN, open_book(own)))) == [
            "People!C5: this is not a known age group, expected one of adult, child; found text of 8 characters",
            "Stays!B3: this is not a date, expected a date like 2012-10-15; found text of 4 characters",
            "Stays!D3: this cell is outside the table, expected nothing; found text of 9 characters",
        ]
        sources = caseload_of_book(by(OWN, open_book(own_workbook(own)))).enrollments
        assert [(e.source.sheet, e.source.row) for e in sources] == [("Stays", 2), ("Stays", 3)]

    def test_a_value_that_refers_to_nothing_is_told_at_each_row(self, tmp_path: Path, inputs: Path) -> None:
        own = by(OWN.replace("S-A", "S-9"), open_book(own_workbook(tmp_path / "export.xlsx")))
        with pytest.raises(Rejected) as refused:
            bill(caseload_of_book(own), sample_program.network(inputs), sample_program.THROUGH)
        assert [str(f.place) for f in refused.value.findings] == ["Stays!2", "Stays!3"]

    def test_one_sheet_may_be_two_of_ours(self, tmp_path: Path) -> None:
        """Where each of its rows is a row of both."""
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert sheet is not None
        for row in (
            ["Code", "Group", "Intake", "Exit"],
            ["P-7731", "adult", "2011-10-12", None],
            ["P-7732", "child", "2011-10-20", "2011-12-07"],
        ):
            sheet.append(row)
        workbook.save(tmp_path / "flat.xlsx")
        text = (
            OWN.partition("[participants]")[0]
            + """
[participants]
sheet = "Sheet"
columns = { participant = "Code", age_group = "Group" }
ignore = ["Intake", "Exit"]
[enrollment]
sheet = "Sheet"
columns = { participant = "Code", start = "Intake", end = "Exit" }
values = { subaward = "S-A" }
ignore = ["Group"]
"""
        )
        found = caseload_of_book(by(text, open_book(tmp_path / "flat.xlsx")))
        assert found == read_caseload(sample_program.write(tmp_path, "caseload", OURS))

    def test_one_beside_the_workbook_is_found_by_itself(self, tmp_path: Path) -> None:
        own = own_workbook(tmp_path / "export.xlsx")
        with pytest.raises(WorkbookRejected, match="there is no sheet Document"):
            read_caseload(own)
        (tmp_path / "export.xlsx.layout.toml").write_text(OWN)
        assert read_caseload(own) == read_caseload(sample_program.write(tmp_path, "caseload", OURS))

    def test_any_workbook_of_ours_by_its_own_guess(self, inputs: Path) -> None:
        """A layout that names everything as it is changes nothing."""
        for name in ("award", "caseload-a", "caseload-b"):
            guessed = guess_layout(inputs / f"{name}.xlsx")
            assert read(by(guessed, _book(name))) == _read(name)


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(OWN.splitlines(), 1) if text in line)


KEYS = ", ".join(sorted(["codes", "encoding", "ignore", *SHEETS]))
COLUMNS = "end, participant, published, restored, service, start, subaward, void"
WRONG: Sequence[tuple[str, str, str, str]] = [
    ("an unknown key", "[enrollment]", "[enrolment]", f":{line_of('[enrollment]')} enrolment: there is no such key in a layout, expected one of {KEYS}; found text of 9 characters; did you mean enrollment?"),
    ("an unknown column", "start = ", "begin = ", f":{line_of('start =')} enrollment.columns.begin: there is no such key in a layout, expected one of {COLUMNS}; found text of 5 characters"),
    ("an unknown part", "ignore", "leave", f":{line_of('ignore')} participants.leave: there is no such key in a layout, expected one of columns, ignore, join, leave_out, maps, sheet, values, wide, written; found text of 5 characters; did you mean leave_out?"),
    ("no such sheet", '"Stays"', '"Visits"', f":{line_of('Stays')} enrollment.sheet: the workbook has no such sheet, expected the name of one of its 2 sheets; found text of 6 characters"),
    ("no such column", '"Intake"', '"Entry"', f":{line_of('Intake')} enrollment.columns.start: the sheet has no such column, expected a header of row 1; found text of 5 characters"),
    ("nothing to ignore", '"Phone"', '"Fax"', f":{line_of('ignore')} participants.ignore: the sheet has no such column, expected a header of row 3; found text of 3 characters"),
    ("a header twice", '"Exit"', '"intake"', f":{line_of('Intake')} enrollment.columns.start: this header is named twice, expected one column for each header"),
    ("a header and a value", "subaward =", "end = 2012-01-01\nsubaward =", f":{line_of('subaward =')} enrollment.values.end: this column has a header too, expected one header, or one value for every row"),
    ("a header that is no text", '"Exit"', "5", f":{line_of('Exit')} enrollment.columns.end: end must be text, expected text; found 5"),
    ("a wrong value", "2012-01-15", '"soon"', f":{line_of('2012-01-15')} document.values.report_date: this is not a date, expected a date like 2012-10-15; found text of 4 characters"),
    ("a list as a value", "2012-01-15", "[]", f":{line_of('2012-01-15')} document.values.report_date: this must be what a cell of the column may hold, expected text, a number or a date"),
    ("a value that is no number", "2012-01-15", "nan", f":{line_of('2012-01-15')} document.values.report_date: this must be what a cell of the column may hold, expected text, a number or a date"),
    ("no value", "report_date = 2012-01-15", "", ":2 document.values: Report date must be given here, where no sheet gives it, expected a value"),
    ("no TOML", "[participants]", "[participants", f":{line_of('[participants]')}: this is not TOML, expected TOML 1.0"),
    ("an unknown encoding", "# Our", 'encoding = "ebcdic"\n# Our', ":1 encoding: this is not a known encoding, expected one of cp1252, utf-8; found text of 6 characters"),
    ("no table", "[enrollment.values]\nsubaward", "values", f":{line_of('[enrollment.values]')} enrollment.columns.values: there is no such key in a layout, expected one of {COLUMNS}; found text of 6 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_layout_that_is_wrong(tmp_path: Path, old: str, new: str, line: str) -> None:
    """Told at its line, at its key."""
    book = open_book(own_workbook(tmp_path / "export.xlsx"))
    assert OWN.count(old) >= 1
    told = findings(lambda: by(OWN.replace(old, new, 1), book))
    assert told[:1] == [f"layout.toml{line}".replace("toml:1 :", "toml:1:")]


def test_a_layout_in_another_encoding() -> None:
    told = findings(lambda: layout_of_bytes('[document.values]\nissuer = "Ä"'.encode("cp1252"), "layout.toml"))
    assert told == ["layout.toml:2: this is not UTF-8 text, expected UTF-8 text"]


def test_what_a_layout_may_not_hide(tmp_path: Path) -> None:
    """A header that stands twice, a value for a column that is there, another sheet of the name."""
    own = own_workbook(tmp_path / "export.xlsx")
    workbook = openpyxl.load_workbook(own)
    workbook["Stays"]["D1"] = "INTAKE "
    workbook.save(own)
    line = OWN.splitlines().index('start = "Intake"') + 1
    assert findings(lambda: by(OWN, open_book(own))) == [
        f"layout.toml:{line} enrollment.columns.start: the sheet has several columns of this header, expected one; found B1 and D1"
    ]
    workbook["Stays"]["D1"] = "Subaward"
    workbook.save(own)
    assert findings(lambda: caseload_of_book(by(OWN, open_book(own)))) == [
        "Stays!D1: the layout gives one value for this column, expected no value of Subaward there, or no such column"
    ]
    workbook["Stays"]["D1"] = None
    workbook.create_sheet("ENROLLMENT")["A1"] = "x"
    workbook.save(own)
    line = OWN.splitlines().index('sheet = "Stays"') + 1
    assert findings(lambda: by(OWN, open_book(own))) == [
        f"layout.toml:{line} enrollment.sheet: another sheet of the workbook is named Enrollment, and would not be read, expected another name there"
    ]


@given(st.text(max_size=60), st.integers(0, len(OWN)))
def test_any_text_in_a_layout_is_read_or_refused(text: str, at: int) -> None:
    """Whatever is written into a layout, there is no other exception."""
    try:
        layout_of_bytes((OWN[:at] + text + OWN[at:]).encode("utf-8", "surrogatepass"), "layout.toml")
    except WorkbookRejected as refused:
        assert refused.findings


# --- guessing one ---


class TestGuess:
    """`grantcalc layout guess FILE` drafts one."""

    def test_what_it_drafts(self, tmp_path: Path) -> None:
        result = run("layout", "guess", own_workbook(tmp_path / "export.xlsx"))
        assert result.exit_code == 0
        assert '# age_group = "Adult/child"  # perhaps: often called so, but not always the same' in result.stdout
        assert "issuer" in result.stdout
        layout_of_bytes(result.stdout.encode(), "draft.toml")

    def test_by_name_synonym_likeness_and_kind(self, tmp_path: Path) -> None:
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert sheet is not None
        sheet.title = "Enrollment"
        sheet.append(["Pseudonym", "Subaward", "Begun", "Servise", "Shoe size"])
        sheet.append(["P-1", "S-A", datetime(2011, 10, 12), "care", "large"])
        workbook.create_sheet("Diary").append(["dear diary"])
        workbook.save(tmp_path / "x.xlsx")
        assert guess_layout(tmp_path / "x.xlsx").splitlines() == [
            "## A draft. Lines behind one # are guesses: take it away where they are right.",
            "",
            "[enrollment]",
            'sheet = "Enrollment"',
            "## None of our columns is like these; a column that is not read must be named:",
            '# ignore = ["Shoe size"]',
            '# ignore = "others"  # or every column that is not named here',
            "",
            "[enrollment.columns]",
            'participant = "Pseudonym"',
            'subaward = "Subaward"',
            '# start = "Begun"  # perhaps: each cell below is a date; or is it end or published?',
            '# service = "Servise"  # likely: the headers are nearly the same',
            "",
            "## How sure this is: of 3 columns that must be there, certain 2, guessed 1, missing 0.",
            "## Row 2 is read as: participant text of 3 characters, subaward text of 3 characters, start 2011-10-12, service text of 4 characters",
            "",
            '## Sheet "Diary": no sheet of ours is like it. It is not read.',
            "",
            "## No sheet says whose workbook this is, and as of which day it is complete: say it here.",
            "# [document.values]",
            '# issuer = "SUB-A"',
            "# report_date = 2012-10-15",
        ]

    @given(
        st.lists(st.lists(st.text(max_size=8) | st.dates() | st.integers(-5, 5), max_size=5), max_size=4),
        st.text(max_size=9),
    )
    def test_any_draft_reads_back(self, rows: list[list[object]], title: str) -> None:
        """Whatever stands in a workbook, its draft is a layout."""
        cells = tuple(
            (n, tuple(CellValue(f"{'ABCDE'[at]}{n}", value) for at, value in enumerate(row)))
            for n, row in enumerate(rows, 1)
            if row
        )
        layout_of_bytes(
            _guess(WorkbookRead("x.xlsx", "", {title: cells, "Costs": cells})).encode("utf-8"), "draft.toml"
        )


def _guess(book: WorkbookRead) -> str:
    from unittest.mock import patch

    with patch("grantcalc.io.intake.guess.opened", lambda *_: book):
        return guess_layout(Path("x.xlsx"))


# --- CSV ---


def csv_folder(
    folder: Path, rows: sample_program.Rows, layouts: Sequence[SheetSchema], delimiter: str = ",", codec: str = "utf-8"
) -> Path:
    """The rows of an input workbook as a folder of CSV files, as a spreadsheet program exports
    them."""
    folder.mkdir()
    for layout in layouts:
        out = StringIO()
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(c.header for c in layout.columns)
        writer.writerows([row.get(c.key) for c in layout.columns] for row in rows.get(layout.sheet, ()))
        (folder / f"{layout.sheet}.csv").write_bytes(out.getvalue().encode(codec))
    return folder


def book_of(folder: Path, data: bytes, encoding: str = "") -> WorkbookRead:
    (folder / "Costs.csv").write_bytes(data)
    return open_csv(folder / "Costs.csv", encoding)


def table(book: WorkbookRead) -> list[list[object]]:
    return [[c.value for c in cells] for rows in book.sheets.values() for _, cells in rows]


class TestCsv:
    """CSV is read too: right, or a finding with line and column."""

    @pytest.mark.parametrize(("delimiter", "codec"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")])
    def test_the_same_facts_as_the_workbook(self, tmp_path: Path, inputs: Path, delimiter: str, codec: str) -> None:
        loads = csv_folder(tmp_path / "caseload", sample_program.CASELOAD_A, CASELOAD_SHEETS, delimiter, codec)
        found, ours = read_caseload(loads), read_caseload(inputs / "caseload-a.xlsx")
        assert found == ours
        assert found.origin.facts == ours.origin.facts
        award = csv_folder(tmp_path / "award", sample_program.AWARD, AWARD_SHEETS, delimiter, codec)
        shutil.copy(inputs / "small.toml", award)
        assert read_award(award) == read_award(inputs / "award.xlsx")

    @given(
        st.lists(st.integers(-(10**15) + 1, 10**15 - 1), max_size=4),
        st.sampled_from(["{}{:d}.{:02d}", "{}{:d}.{:02d}0"]),
    )
    def test_money_to_the_cent(self, amounts: list[int], form: str) -> None:
        """Every amount that a workbook can hold, from its text, with no float between."""
        texts = [form.format("-" if a < 0 else "", *divmod(abs(a), 100)) for a in amounts]
        rows = [
            {**sample_program.CASELOAD_A["Costs"][1], "amount": t, "reference": str(n)} for n, t in enumerate(texts)
        ]
        with TemporaryDirectory() as name:
            folder = csv_folder(Path(name) / "c", {**sample_program.CASELOAD_A, "Costs": rows}, CASELOAD_SHEETS)
            assert [c.amount for c in read_caseload(folder).costs] == amounts

    @pytest.mark.parametrize(
        "text",
        [
            "1,234.50",
            "$84.15",
            "84,15",
            "1e2",
            "+5",
            ".50",
            "84.",
            "007",
            "84.15 ",
            " 84.15",
            "٣",
            "1 000",
            "=80+4",
            "(84.15)",
            "84.15-",
        ],
    )
    def test_money_of_one_form_only(self, tmp_path: Path, text: str) -> None:
        rows = [{**sample_program.CASELOAD_A["Costs"][0], "amount": text}]
        folder = csv_folder(tmp_path / "c", {**sample_program.CASELOAD_A, "Costs": rows}, CASELOAD_SHEETS)
        if text.strip() == "84.15":
            assert read_caseload(folder).costs[0].amount == 8415
        else:
            (line,) = findings(lambda: read_caseload(folder))
            problem = "this is not an amount of money"
            if "looks like" in line:
                problem = "this number has a sign or a separator that is not read in text"
            assert line.startswith(f"Costs.csv!E2: {problem}, expected dollars and cents")

    @pytest.mark.parametrize(
        ("sheet", "key", "text", "problem"),
        [
            ("Costs", "amount", "84.155", "Costs.csv!E2: this amount hides a fraction of a cent"),
            (
                "Costs",
                "amount",
                "10000000000000",
                "Costs.csv!E2: this number is larger than a spreadsheet keeps to the cent",
            ),
            ("Costs", "paid", "12/2/2011", "Costs.csv!F2: this is not a date"),
            ("Costs", "paid", "2011-12-02 00:00", "Costs.csv!F2: this is not a date"),
            ("Counts", "quantity", "1.5", "Counts.csv!E2: a count must be whole"),
            ("Counts", "quantity", "-1", "Counts.csv!E2: a count of persons cannot be negative"),
            ("Counts", "month", "2011-11-01", "Counts.csv!D2: this is not a month"),
            ("Participants", "participant", "Maria", "Participants.csv!A2: a pseudonym must not look like a name"),
        ],
    )
    def test_a_bad_cell(self, tmp_path: Path, sheet: str, key: str, text: str, problem: str) -> None:
        rows = {**sample_program.CASELOAD_A, sheet: [{**sample_program.CASELOAD_A[sheet][0], key: text}]}
        if sheet == "Participants":
            rows |= dict.fromkeys(("Letters", "Households", "Enrollment", "Costs"), ())
        folder = csv_folder(tmp_path / "c", rows, CASELOAD_SHEETS)
        (line,) = findings(lambda: read_caseload(folder))
        assert line.startswith(problem)

    RIGHT: Sequence[tuple[str, bytes, list[list[object]]]] = [
        ("lines", b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("Windows lines and no last one", b"a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("a mark", b"\xef\xbb\xbfa,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("UTF-16", "a\tb\né\t2".encode("utf-16"), [["a", "b"], ["é", "2"]]),
        ("UTF-16, the other", b"\xfe\xff" + "a;b\né;2".encode("utf-16-be"), [["a", "b"], ["é", "2"]]),
        ("quotes", b'a;b\n"x;""1""\r\ny";2', [["a", "b"], ['x;"1"\ny', "2"]]),
        ("a delimiter in a quoted header", b'"a, b";c\n1;2', [["a, b", "c"], ["1", "2"]]),
        ("empty rows", b"\n\na,b\n\n,\n1,\n,,,,\n", [["a", "b"], ["1"]]),
        ("one column", b"a\nx\n", [["a"], ["x"]]),
        ("nothing", b"", []),
        ("what a spreadsheet would compute", b"a,b\n=1+1,@x\n'3,-x\n+1,\"=HYPERLINK(\"\"x\"\")\"", [["a", "b"], ["=1+1", "@x"], ["'3", "-x"], ["+1", '=HYPERLINK("x")']]),
    ]  # fmt: skip

    @pytest.mark.parametrize(("data", "expected"), [r[1:] for r in RIGHT], ids=[r[0] for r in RIGHT])
    def test_what_is_right(self, tmp_path: Path, data: bytes, expected: list[list[object]]) -> None:
        assert table(book_of(tmp_path, data)) == expected

    WRONG: Sequence[tuple[str, bytes, str, str]] = [
        ("not UTF-8", b"a,b\nx,\xe9", "", ":2 column 3: this is not UTF-8 text, expected UTF-8, UTF-16 with its mark, or an encoding that the layout names"),
        ("not cp1252", b"a,b\nx,\x81", "cp1252", ":2 column 3: this is not CP1252 text, expected UTF-8, UTF-16 with its mark, or an encoding that the layout names"),
        ("UTF-8 after all", "a,b\nx,é".encode(), "cp1252", ":2 column 3: this is UTF-8 text, though the layout says cp1252, expected the encoding that it has"),
        ("half a character", "a,b".encode("utf-16")[:-1], "", ":1 column 3: this is not UTF-16-LE text, expected UTF-8, UTF-16 with its mark, or an encoding that the layout names"),
        ("UTF-16 without its mark", "a,b".encode("utf-16-le"), "", ":1 column 2: this is a NUL, which no text has, expected CSV in UTF-8, or in UTF-16 with its mark"),
        ("a NUL", b"a,b\n1,\x00", "", ":2 column 3: this is a NUL, which no text has, expected CSV in UTF-8, or in UTF-16 with its mark"),
        ("two delimiters", b"a,b;c\n", "", ":1 column 4: the header line has comma and semicolon, and either may part it, expected one of them"),
        ("a bare return", b"a,b\n1,2\r3,4", "", ":2 column 4: there is a carriage return without a line feed, expected lines that end with a line feed, or with both"),
        ("a bare return in quotes", b'a,b\n"1\r2",3', "", ":2 column 3: there is a carriage return without a line feed, expected lines that end with a line feed, or with both"),
        ("a bare return after quotes", b'a,b\n"1",3\r"4",5', "", ":2 column 6: there is a carriage return without a line feed, expected lines that end with a line feed, or with both"),
        ("no closing quote", b'a,b\n1,"x\n2,3\n', "", ":2 column 3: this quotation mark is never closed, expected one more at the end of the field"),
        ("text after a quote", b'a,b\n"1"2,3', "", ":2 column 4: there is text after a closing quotation mark, expected the next field, or the next row"),
        ("a quote inside", b'a,b\n1,5" pipe', "", ":2 column 4: there is a quotation mark in an unquoted field, expected the field in quotes"),
        ("a short row", b'a,b\n"x\ny",2\n1\n', "", ":4: this row does not have as many fields as the first line, expected 2 fields; found 1"),
        ("a long row", b"a,b\n1,2,3\n", "", ":2: this row does not have as many fields as the first line, expected 2 fields; found 3"),
    ]  # fmt: skip

    @pytest.mark.parametrize(("data", "encoding", "line"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
    def test_what_is_wrong(self, tmp_path: Path, data: bytes, encoding: str, line: str) -> None:
        assert findings(lambda: book_of(tmp_path, data, encoding)) == [f"Costs.csv{line}"]

    def test_an_encoding_that_the_layout_names(self, tmp_path: Path) -> None:
        (tmp_path / "Counts.csv").write_bytes(
            "Subaward,Service,Month,Count,Größe\nS-A,meals,2011-11,154,x\n".encode("cp1252")
        )
        (tmp_path / "Counts.csv.layout.toml").write_text(
            'encoding = "cp1252"\n[document]\nvalues = { issuer = "SUB-A", report_date = 2012-01-15 }\n[counts]\nignore = ["Größe"]\n',
            "utf-8",
        )
        found = read_caseload(tmp_path / "Counts.csv")
        assert [(c.quantity, c.source.sheet, c.source.row) for c in found.counts] == [(154, "Counts.csv", 2)]

    @given(
        st.lists(
            st.lists(
                st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=6),
                min_size=2,
                max_size=2,
            ),
            max_size=5,
        ),
        st.sampled_from(",;\t"),
    )
    def test_any_text_that_another_program_writes(self, rows: list[list[str]], delimiter: str) -> None:
        """What Python's own writer wrote is read as it was."""
        out = StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([["a", "b"], *rows])
        with TemporaryDirectory() as name:
            book = book_of(Path(name), out.getvalue().encode())
        assert table(book)[1:] == [[v for v in row if v] for row in rows if any(row)]

    @given(st.binary(max_size=40), st.sampled_from(["", "cp1252"]))
    def test_any_bytes_are_read_or_refused(self, data: bytes, encoding: str) -> None:
        with TemporaryDirectory() as name:
            try:
                book_of(Path(name), b"a,b\n" + data, encoding)
            except WorkbookRejected as refused:
                assert all(f.place.line for f in refused.findings)

    def test_two_files_of_one_name(self, tmp_path: Path) -> None:
        folder = csv_folder(tmp_path / "c", sample_program.CASELOAD_A, CASELOAD_SHEETS)
        (folder / "costs!.csv").write_text("a\n")
        (line,) = findings(lambda: read_caseload(folder))
        assert line.startswith("c/costs!.csv: another CSV file of this folder has the same name")

    def test_a_folder_without_any(self, tmp_path: Path) -> None:
        assert findings(lambda: read_caseload(tmp_path)) == [
            f"{tmp_path.name}: this folder holds no CSV file, expected one or more"
        ]


# --- once ---


class TestImportTwiceEqualsImportOnce:
    """Import twice equals import once."""

    def test_read_twice(self, inputs: Path) -> None:
        for name in ("caseload-a", "caseload-b"):
            assert read_caseload(inputs / f"{name}.xlsx") == read_caseload(inputs / f"{name}.xlsx")
        assert read_award(inputs / "award.xlsx") == read_award(inputs / "award.xlsx")

    def test_given_twice_or_as_a_copy(self, tmp_path: Path, inputs: Path) -> None:
        """The same path, a copy under another name, and one that another program saved, in any
        order."""
        folder = shutil.copytree(inputs, tmp_path / "in")
        shutil.copy(folder / "caseload-a.xlsx", folder / "copy.xlsx")
        shutil.copy(folder / "award.xlsx", folder / "zz-award.xlsx")
        openpyxl.load_workbook(folder / "caseload-a.xlsx").save(folder / "saved.xlsx")
        once = [folder / f"{name}.xlsx" for name in ("award", "caseload-a", "caseload-b")]
        more = [folder / f"{name}.xlsx" for name in ("copy", "saved", "zz-award")]
        network, loads = read_workbooks(once)
        for paths in ([*once, *more], [*more, *once[::-1]]):
            found, twice = read_workbooks(paths)
            assert (found, twice) == (network, loads)
            assert [c.origin for c in twice] == [c.origin for c in loads]
        doubled = [*loads, *(evolve(c, origin=evolve(c.origin, file="zz.xlsx")) for c in loads)]
        claims = [bill(given_loads, network, sample_program.THROUGH) for given_loads in (loads, doubled)]
        assert claims[0] == claims[1]

    def test_billed_twice(self, inputs: Path) -> None:
        """Never doubles money."""
        network, load = sample_program.network(inputs), read_caseload(inputs / "caseload-a.xlsx")
        again = evolve(load, origin=evolve(load.origin, file="zz.xlsx"))
        once = bill(load, network, sample_program.THROUGH)
        assert once.total.amount > 0
        assert bill([load, load], network, sample_program.THROUGH) == once
        assert bill([again, load], network, sample_program.THROUGH) == once

    def test_two_of_one_issuer_that_differ_are_refused(self, inputs: Path) -> None:
        load = read_caseload(inputs / "caseload-a.xlsx")
        newer = evolve(load, report_date=date(2012, 2, 1))
        with pytest.raises(Rejected, match="two caseloads have the same issuer"):
            bill([load, newer], sample_program.network(inputs), Month(2011, 12))


# --- verify ---


@pytest.fixture
def own(tmp_path: Path, inputs: Path) -> Path:
    """A folder with the award, an export, and its layout under a name of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("award.xlsx", "small.toml"):
        shutil.copy(inputs / name, folder)
    own_workbook(folder / "export.xlsx")
    (folder / "layout.toml").write_text(OWN)
    return folder


class TestALayoutIsAnInput:
    """A layout that a workbook was read by is an input of the claim, and verify finds it by its
    digest."""

    def claim(self, own: Path, *options: object) -> Path:
        out = own.parent / "claim.xlsx"
        result = run("bill", own / "award.xlsx", own / "export.xlsx", "--through", "2011-12", "--out", out, *options)
        assert result.exit_code == 0, result.output
        return out

    def test_verified_whatever_the_files_are_called(self, own: Path) -> None:
        out = self.claim(own, "--layout", own / "layout.toml")
        stated = {i.role: i.file for i in read_claim(out).inputs}
        assert stated == {
            "award": "award.xlsx",
            "caseload": "export.xlsx",
            "layout": "layout.toml",
            "terms": "small.toml",
        }
        assert verify(out, own)
        for old, new in (("export.xlsx", "e.xlsx"), ("layout.toml", "l.toml"), ("small.toml", "t.toml")):
            (own / old).rename(own / new)
        assert verify(out, own)
        lines = explain_cell(out, "Lines!Q2", own)
        assert lines
        again = openpyxl.load_workbook(own / "e.xlsx")
        again.properties.title = "saved again"
        again.save(own / "e.xlsx")  # found by its facts
        verdict = verify(out, own)
        assert verdict
        assert verdict.notes == ("an input of role caseload was saved again: its file differs, its facts do not",)

    def test_one_beside_the_workbook(self, own: Path) -> None:
        (own / "layout.toml").rename(own / "export.xlsx.layout.toml")
        assert verify(self.claim(own), own)

    def test_a_layout_that_changed_is_missed(self, own: Path) -> None:
        out = self.claim(own, "--layout", own / "layout.toml")
        (own / "layout.toml").write_text(OWN.replace("Intake", "Exit"))
        with pytest.raises(Rejected) as refused:
            verify(out, own)
        assert [f.problem for f in refused.value.findings] == ["1 input of role layout could not be found by digest"]

    def test_one_that_fits_nothing(self, own: Path) -> None:
        (own / "other.toml").write_text('[counts]\nsheet = "Tallies"\n')
        out = own.parent / "claim.xlsx"
        arguments = ("bill", own / "award.xlsx", own / "export.xlsx", "--through", "2011-12", "--out", out)
        result = run(*arguments, "--layout", own / "layout.toml", "--layout", own / "other.toml")
        assert (result.exit_code, result.stdout) == (
            2,
            "other.toml: this layout fits none of the workbooks, expected a sheet of one of them in it\n",
        )
        (own / "other.toml").write_text(OWN + "# the same, and more\n")
        result = run(*arguments, "--layout", own / "layout.toml", "--layout", own / "other.toml")
        assert result.stdout == "export.xlsx: more than one of the layouts fits this workbook, expected one; found 2\n"

    def test_a_claim_from_csv(self, tmp_path: Path, inputs: Path) -> None:
        """A folder of CSV, and a single file by a layout, found by their digests under other
        names."""
        folder = tmp_path / "in"
        award = csv_folder(tmp_path / "prime", sample_program.AWARD, AWARD_SHEETS)
        folder.mkdir()
        award.rename(folder / "prime")
        shutil.copy(inputs / "small.toml", folder / "prime")
        loads = csv_folder(folder / "caseload", sample_program.CASELOAD_A, CASELOAD_SHEETS)
        (folder / "Counts.csv").write_text("Subaward,Service,Month,Count\nS-B,meals,2011-11,20\n")
        (folder / "Counts.csv.layout.toml").write_text(
            '[document.values]\nissuer = "SUB-B"\nreport_date = 2012-01-15\n[counts]\n'
        )
        network, found = read_workbooks([folder / "prime", loads, folder / "Counts.csv"])
        claim = bill(found, network, sample_program.THROUGH)
        write_claim(claim, out := tmp_path / "claim.xlsx")
        assert verify(out, folder)
        (folder / "Counts.csv").rename(folder / "renamed.csv")
        (folder / "Counts.csv.layout.toml").rename(folder / "renamed.toml")
        (folder / "caseload").rename(folder / "elsewhere")
        assert verify(out, folder)
        assert {i.role for i in claim.inputs} == {"award", "caseload", "layout", "terms"}
        assert all(isinstance(i, Input) for i in claim.inputs)
