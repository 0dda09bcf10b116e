"""Reading: what is sound is read as others read it, and what is hidden is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel

from grantcalc.cli import main
from grantcalc.errors import Place, WorkbookRejected
from grantcalc.io.inputs import read_caseload, read_workbooks
from grantcalc.io.intake.cells import open_book
from grantcalc.xlsx.formats import look, moment
from grantcalc.xlsx.formulas import moved
from grantcalc.xlsx.reader import collect_warnings
from grantcalc.xlsx.scan import Limits
from grantcalc.xlsx.sheets import letters
from tests import sample_program


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


def saved(path: Path, target: Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    """A workbook as another program saves it, with a change."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(target)
    return target


class TestAsOthersRead:
    """A sound workbook says to us what it says to others."""

    @pytest.mark.parametrize("name", ["award", "caseload-a", "claim", "detailed", "request"])
    def test_every_cell_of_a_workbook(self, world: sample_program.World, name: str) -> None:
        path = world.documents.get(name, world.inputs / f"{name}.xlsx")
        book = open_book(path)
        formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        assert list(book.sheets) == formulas.sheetnames
        for sheet, rows in book.sheets.items():
            ours = {cell.ref: (cell.formula, cell.value) for _, cells in rows for cell in cells}
            theirs = {
                cell.coordinate: (cell.value if cell.data_type == "f" else "", values[sheet][cell.coordinate].value)
                for row in formulas[sheet].iter_rows()
                for cell in row
                if cell.value is not None
            }
            assert ours == theirs

    @given(
        st.sampled_from(
            (
                "A1",
                "$A$1",
                "A$1",
                "$B7",
                "A1:B2",
                "A:A",
                "$A:C",
                "1:1",
                "$1:3",
                "LOG10(A1)",
                "'A1 B2'!C3",
                "T1.x",
                "SUM(A1,B2)",
            )
        ),
        st.sampled_from(('"A1"&', "-", "(1+2)*", "IF(B2>1,C3,D4)+")),
        st.integers(0, 40),
        st.integers(0, 30),
    )
    def test_shared_formulas(self, reference: str, before: str, down: int, right: int) -> None:
        formula = before + reference
        target = letters(1 + right) + str(1 + down)
        assert f"={moved(formula, down, right)}" == Translator(f"={formula}", "A1").translate_formula(target)

    def test_shared_formulas_that_leave_the_sheet(self) -> None:
        assert moved("A1+B2+$A1+A$1", -1, -1) == "#REF!+A1+#REF!+#REF!"

    @given(st.floats(61, 100_000).map(lambda x: round(x, 6)))
    def test_days(self, serial: float) -> None:
        assert moment(serial, "date", False) == from_excel(serial)

    def test_days_from_1904_are_1462_earlier(self) -> None:
        assert moment(0, "date", True) == datetime(1904, 1, 1) == moment(1462, "date", False)
        assert moment(1.5, "duration", True) == timedelta(days=1, hours=12)

    @pytest.mark.parametrize("code", openpyxl.styles.numbers.BUILTIN_FORMATS.values())
    def test_which_formats_are_dates(self, code: str) -> None:
        assert bool(look(code).kind) == is_date_format(code)
        assert not any(look(code).hides[:2])


@pytest.mark.parametrize(
    ("code", "kind", "hides"),
    [
        ("", "", (False, False, False)),
        ("@", "", (False, False, False)),
        (";;;", "", (True, True, True)),
        (";;;@", "", (True, True, False)),
        ("0.00;;0", "", (False, True, False)),
        ("**;**;**", "", (True, True, False)),
        ('"100.00"', "", (True, True, False)),
        ("[Red]0;[Blue]-0", "", (False, False, False)),
        ('[<0]"none";0', "", (True, True, False)),
        ("[$-409]d\\-mmm\\-yy;@", "date", (False, False, False)),
        ('"day "0', "", (False, False, False)),
        ("[mm]:ss", "duration", (False, False, False)),
        ("h:mm AM/PM", "time", (False, False, False)),
        ("m/d/yy h:mm", "date", (False, False, False)),
        ("General", "", (False, False, False)),
        ("#,##0.00_);[Red](#,##0.00)", "", (False, False, False)),
        # years of an era, Buddhist years, and formats in Thai letters
        ("e", "date", (False, False, False)),
        ("gg", "date", (False, False, False)),
        ("[$-D07041E]bbbb", "date", (False, False, False)),
        ("ว/ด/ปปปป", "date", (False, False, False)),
        ("ช:นน:ทท", "time", (False, False, False)),
        ("[ช]:นน", "duration", (False, False, False)),
        ("t#,##0.00", "", (False, False, False)),
        ("0.00E+00", "", (False, False, False)),
    ],
)
def test_what_a_format_does(code: str, kind: str, hides: tuple[bool, bool, bool]) -> None:
    assert (look(code).kind, look(code).hides) == (kind, hides)


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        *[(code, "") for code in ("#,##0.00", "$#,##0.00", "[$$-409]0", '"$"0', "[$USD] 0", '0 "US$"', "[$-409]d-mmm")],
        *[(code, "") for code in ('0 "persons"', '0 "Maria"', "General", "0%")],
        *[(code, "€") for code in ("[$€-407] #,##0.00", '#,##0.00\\ "€"', "#,##0.00 €")],
        *[(code, "CAD") for code in ("[$CAD] #,##0.00", '"CAD "0', "[$$-1009]#,##0.00")],
        *[('"C$"0', "C$"), ("[$kr-414] 0", "kr"), ("£0;-£0", "£"), ("[$Maria Lopez-409] 0", "another currency")],
    ],
)
def test_which_currency_a_format_shows(code: str, currency: str) -> None:
    assert look(code).currency == currency


@pytest.mark.parametrize(
    ("code", "digits"),
    [("", 0), ("General", 0), ("@", 0), ("0", 0), ("#", 0), ("00000", 5), ("[Red]000", 3), ("##00", 2), ("000;-000", 3),
     ("#,##0", None), ("0.00", None), ("000-000", None), ('"P-"0000', None), ("0%", None), ("0.00E+00", None),
     ('[<9]"few";0', None), ("yyyy", None)],
)  # fmt: skip
def test_how_many_digits_a_format_shows(code: str, digits: int | None) -> None:
    assert look(code).digits == digits


# --- what is not seen is told ---


def hide(workbook: openpyxl.Workbook) -> None:
    costs = workbook["Costs"]
    costs.row_dimensions[3].hidden = True
    costs.column_dimensions["H"].hidden = True
    costs["E4"].number_format = ";;;"


def hide_first_line(workbook: openpyxl.Workbook) -> None:
    workbook["Lines"].row_dimensions[4].hidden = True


HIDDEN = {"hidden_row": "Costs!A3", "hidden_column": "Costs!H1", "hidden_value": "Costs!E4"}


def test_what_is_hidden_in_an_input_is_read_and_told(world: sample_program.World, tmp_path: Path) -> None:
    path = saved(world.inputs / "caseload-a.xlsx", tmp_path / "caseload-a.xlsx", hide)
    with collect_warnings() as notes:
        _, (found,) = read_workbooks([world.inputs / "award.xlsx", path])
    assert found.costs == read_caseload(world.inputs / "caseload-a.xlsx").costs
    assert {n.cause: str(n.place) for n in notes} == HIDDEN
    assert {n.severity for n in notes} == {"warning"}


@pytest.mark.parametrize(
    "command",
    [
        ("bill", "AWARD", "CASELOAD", "--through", "2011-12", "--out", "OUT"),
        ("bill", "AWARD", "CASELOAD", "--through", "2011-12", "--known", "2001-01-01", "--out", "OUT"),
        ("check", "AWARD", "CASELOAD"),
        ("what-if", "AWARD", "CASELOAD", "--through", "2011-12", "--set", "rate.certified=550.00"),
        ("post", "LEDGER", "AWARD", "CASELOAD", "--through", "2011-12"),
        ("check-award", "AWARD", "CASELOAD", "--through", "2011-12"),
        ("grantee-report", "CASELOAD", "--period", "2012"),
        ("layout", "guess", "CASELOAD"),
    ],
)
def test_each_command_tells_it(world: sample_program.World, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Also where nothing comes of it, once, and with the name of the file."""
    path = saved(world.inputs / "caseload-a.xlsx", tmp_path / "caseload-a.xlsx", hide)
    words = {
        "AWARD": world.inputs / "award.xlsx",
        "CASELOAD": path,
        "OUT": tmp_path / "o.xlsx",
        "LEDGER": tmp_path / "l",
    }
    result = CliRunner().invoke(main, [str(words.get(word, word)) for word in command])
    told = re.findall(r"^ *warning: (Costs!\w+): ", result.output, re.MULTILINE)
    assert sorted(told) == sorted(HIDDEN.values()), result.output
    assert "caseload-a.xlsx:" in result.stderr or command[0] == "check"


def test_a_claim_tells_it_too(world: sample_program.World, tmp_path: Path) -> None:
    path = saved(world.documents["claim"], tmp_path / "claim.xlsx", hide_first_line)
    words = "request", world.inputs / "award.xlsx", path, "--out", tmp_path / "r.xlsx"
    result = CliRunner().invoke(main, [*map(str, words)])
    assert "warning: Lines!A4: this row is hidden, and is read as the others" in result.stderr


def test_our_own_workbooks_hide_nothing_that_is_read(world: sample_program.World) -> None:
    with collect_warnings() as notes:
        read_workbooks([world.inputs / "award.xlsx", world.inputs / "caseload-a.xlsx"])
    assert notes == []
    assert open_book(world.documents["claim"]).notes == ()


def test_merged_cells_in_a_table(world: sample_program.World, tmp_path: Path) -> None:
    """Of merged cells only the first holds anything, though all of them look filled in."""
    path = saved(world.inputs / "caseload-a.xlsx", tmp_path / "c.xlsx", lambda w: w["Costs"].merge_cells("H2:H3"))
    with pytest.raises(WorkbookRejected) as refused:
        read_caseload(path)
    assert (
        str(refused.value)
        == "Costs!H2: cells of this table are merged, expected a cell for each row and column; found H2 to H3"
    )


def test_a_merged_title_above_a_table_is_none_of_its_cells(world: sample_program.World, tmp_path: Path) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["Costs"].insert_rows(1)
        workbook["Costs"]["A1"] = "Costs of the month"
        workbook["Costs"].merge_cells("A1:D1")

    path = saved(world.inputs / "caseload-a.xlsx", tmp_path / "c.xlsx", change)
    assert read_caseload(path).costs == read_caseload(world.inputs / "caseload-a.xlsx").costs


# --- limits ---


def test_limits_can_be_raised_and_lowered(world: sample_program.World) -> None:
    path = world.inputs / "award.xlsx"
    assert open_book(path, Limits(cells=10**9)).sheets == open_book(path).sheets
    with pytest.raises(WorkbookRejected) as refused:
        open_book(path, Limits(cells=20))
    (finding,) = refused.value.findings
    assert (finding.place, finding.cause, finding.expected) == (Place("award.xlsx"), "cells", "at most 20")


def test_a_finding_of_a_value_that_was_read_nowhere() -> None:
    assert str(Place().finding("cause", "this is wrong", "that", "5")) == "this is wrong, expected that; found 5"


def test_findings_of_one_cause_are_told_up_to_a_limit(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in range(1, 151):
        workbook.worksheets[0].append([row])
        workbook.worksheets[0].row_dimensions[row].hidden = True
    workbook.save(path := tmp_path / "hidden.xlsx")
    notes = open_book(path).notes
    assert [n.place.cell for n in notes] == [*(f"A{row}" for row in range(1, 101)), ""]
    assert notes[-1].found == "50 more on this sheet"
