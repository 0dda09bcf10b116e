"""Input workbooks that say less, or something else, than they seem to: they are read rightly, or
refused with the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from grantcalc.billing.claims import bill
from grantcalc.billing.comparison import what_if
from grantcalc.errors import Unknown, WorkbookRejected, shown_date, shown_key
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.intake import guess
from grantcalc.io.intake.cells import CellValue, WorkbookRead, open_book
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.schemas import CASELOAD_SHEETS, header_key
from grantcalc.lookalikes import named_marks
from grantcalc.xlsx.sheets import letters
from tests import sample_program
from tests.test_sheets import BYTES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


def edited(source: Path, target: Path, change: Callable[[str, str], str]) -> Path:
    """A copy of a workbook in which the text of each part is changed; `change` gets the name and
    the text of a part."""
    with ZipFile(source) as package, ZipFile(target, "w", ZIP_DEFLATED) as copy:
        for name in package.namelist():
            copy.writestr(name, change(name, package.read(name).decode()))
    return target


def part_of(path: Path, title: str) -> str:
    """The name of the part of a sheet of a workbook that grantcalc wrote."""
    with ZipFile(path) as package:
        titles = re.findall(r'<sheet [^>]*?name="([^"]*)"', package.read("xl/workbook.xml").decode())
    return f"xl/worksheets/sheet{titles.index(title) + 1}.xml"


def refusal(path: Path) -> str:
    with pytest.raises(WorkbookRejected) as refused:
        read_caseload(path)
    return str(refused.value)


# --- formulas whose stored values are out of date ---

STALE = (
    "the stored value of this formula is out of date, as the workbook says, expected a recalculated value: open the "
    "workbook in a spreadsheet program, recalculate and save; found a formula"
)


class TestStoredValuesDeclaredOutOfDate:
    """A formula that billing needs is refused where the workbook declares its stored values out of
    date."""

    def changed(self, folder: Path, target: Path, said: str, ref: str = "E2") -> Path:
        source = folder / "caseload-a.xlsx"
        part = part_of(source, "Costs")

        def change(name: str, text: str) -> str:
            if name == "xl/workbook.xml":
                return re.sub(r"<calcPr[^>]*>", f"<calcPr {said}>", text)
            formula = r"\1<f>42+42.15</f>\2"
            return re.sub(rf'(<c r="{ref}"[^>]*>)(<v>)', formula, text) if name == part else text

        return edited(source, target, change)

    @pytest.mark.parametrize("said", ['fullCalcOnLoad="1"', 'fullCalcOnLoad="true"', 'calcCompleted="0"'])
    def test_a_needed_formula(self, folder: Path, tmp_path: Path, said: str) -> None:
        assert refusal(self.changed(folder, tmp_path / "c.xlsx", said)) == f"Costs!E2: {STALE}"

    @pytest.mark.parametrize("said", ["", 'fullCalcOnLoad="0"', 'calcCompleted="1"', 'calcMode="manual"'])
    def test_stored_values_that_are_current(self, folder: Path, tmp_path: Path, said: str) -> None:
        path = self.changed(folder, tmp_path / "c.xlsx", said)
        assert read_caseload(path).costs == read_caseload(folder / "caseload-a.xlsx").costs

    def test_without_formulas_the_flag_says_nothing(self, folder: Path, tmp_path: Path) -> None:
        path = self.changed(folder, tmp_path / "c.xlsx", 'fullCalcOnLoad="1"', "no cell")
        assert read_caseload(path).costs == read_caseload(folder / "caseload-a.xlsx").costs

    def test_our_own_documents_do_not_write_the_flag(self) -> None:
        with ZipFile(BytesIO(BYTES)) as package:
            (said,) = re.findall(rb"<calcPr[^>]*>", package.read("xl/workbook.xml"))
        assert b"fullCalcOnLoad" not in said


# --- sheets and files that look like input and are not read ---


def with_sheet(folder: Path, target: Path, title: str, rows: int = 9) -> Path:
    """The caseload with a copy of its Costs sheet under another name."""
    workbook = openpyxl.load_workbook(folder / "caseload-a.xlsx")
    copy = workbook.create_sheet(title)
    for row in [*workbook["Costs"].iter_rows(values_only=True)][:rows]:
        copy.append(row)
    workbook.save(target)
    return target


def csv_folder(folder: Path, target: Path) -> Path:
    """The caseload as a folder of CSV files."""
    target.mkdir()
    for name, rows in open_book(folder / "caseload-a.xlsx").sheets.items():
        if header_key(name) in {header_key(layout.sheet) for layout in CASELOAD_SHEETS} and rows:
            columns = [c.column for c in rows[0][1]]
            lines = [{c.column: c.value for c in cells} for _, cells in rows]
            texts = [[str(line.get(x, "")).removesuffix(" 00:00:00") for x in columns] for line in lines]
            (target / f"{name}.csv").write_text("".join(",".join(f'"{t}"' for t in line) + "\n" for line in texts))
    return target


class TestWhatIsNotRead:
    """Whatever has our headers or our name and is not read is an error, unless a layout ignores
    it."""

    @pytest.mark.parametrize("title", ["Costs Q2", "More costs", "Spring"])
    def test_a_sheet_under_another_name(self, folder: Path, tmp_path: Path, title: str) -> None:
        said = refusal(path := with_sheet(folder, tmp_path / "c.xlsx", title))
        number = len(open_book(path).sheets)
        assert said == (
            f"c.xlsx: sheet {number} is not read, though it has the headers of Costs, expected the name Costs, or a "
            "layout that names or ignores it"
        )

    def test_a_sheet_of_which_headers_are_missing_but_not_the_name(self, folder: Path, tmp_path: Path) -> None:
        workbook = openpyxl.load_workbook(folder / "caseload-a.xlsx")
        workbook.create_sheet("Costs Q2").append(["Subaward", "Amount"])
        workbook.create_sheet("Pivot").append(["Subaward", "Sum"])
        workbook.save(path := tmp_path / "c.xlsx")
        assert refusal(path).count("is not read") == 1

    def test_a_layout_ignores_it_and_sources_show_that(self, folder: Path, tmp_path: Path) -> None:
        path = with_sheet(folder, tmp_path / "c.xlsx", "Costs Q2")
        (layout := tmp_path / "l.toml").write_text('ignore = ["Costs Q2"]\n')
        caseload = read_caseload(path, layout)
        assert caseload.costs == read_caseload(folder / "caseload-a.xlsx").costs
        claim = bill(caseload, read_award(folder / "award.xlsx"), sample_program.THROUGH)
        write_claim(claim, out := tmp_path / "claim.xlsx")
        cells = [cell.value for _, cells in open_book(out).sheets["Sources"] for cell in cells]
        assert cells[cells.index("layout, not read: Costs Q2") + 1] == "l.toml"

    def test_a_layout_that_ignores_what_is_not_there(self, folder: Path, tmp_path: Path) -> None:
        (layout := tmp_path / "l.toml").write_text('ignore = ["Costs Q2"]\n')
        with pytest.raises(WorkbookRejected, match="the workbook has no such sheet or file"):
            read_caseload(folder / "caseload-a.xlsx", layout)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("Costs.txt", "Costs.txt: this file is not read, though its name is Costs"),
            ("Counts.tsv", "Counts.tsv: this file is not read, though its name is Counts"),
            ("May/Costs.csv", "May: this folder is not read, though it holds CSV files"),
            ("Old/May/Costs.csv", "Old: this folder is not read, though it holds CSV files"),
        ],
    )
    def test_files_beside_csv(self, folder: Path, tmp_path: Path, name: str, said: str) -> None:
        found = csv_folder(folder, tmp_path / "csv")
        caseload = read_caseload(found)
        assert caseload.costs == read_caseload(folder / "caseload-a.xlsx").costs
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).write_text((found / "Costs.csv").read_text())
        expected = ", expected CSV files named for their sheets, or a layout that ignores it"
        assert refusal(found) == said + expected
        (layout := tmp_path / "l.toml").write_text(f'ignore = ["{name.split("/", maxsplit=1)[0]}"]\n')
        assert read_caseload(found, layout) == caseload

    def test_an_empty_csv_file(self, folder: Path, tmp_path: Path) -> None:
        found = csv_folder(folder, tmp_path / "csv")
        (found / "Costs.csv").write_bytes(b"")
        assert refusal(found) == (
            "Costs.csv: this file is empty, expected a line of headers, or a layout that ignores the file"
        )
        (layout := tmp_path / "l.toml").write_text('ignore = ["Costs.csv"]\n')
        assert read_caseload(found, layout).costs == ()


# --- amounts in other currencies ---


@pytest.mark.parametrize(
    ("code", "found"), [("[$€-407] #,##0.00", "€"), ("[$CAD] #,##0.00", "CAD"), ('0.00 "GBP"', "GBP")]
)
def test_an_amount_shown_in_another_currency(folder: Path, tmp_path: Path, code: str, found: str) -> None:
    """An amount that its cell shows in euros is not billed as dollars."""
    workbook = openpyxl.load_workbook(folder / "caseload-a.xlsx")
    workbook["Costs"]["E2"].number_format = code
    workbook.save(path := tmp_path / "c.xlsx")
    assert refusal(path) == (
        "Costs!E2: this amount is shown in another currency than US dollars, expected US dollars, in a format that "
        f"says so; found {found}"
    )


# --- a draft of a layout ---


class Row(tuple[CellValue, ...]):
    """The cells of a row, which count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[CellValue]:
        Row.times += 1
        return super().__iter__()


def test_a_draft_goes_through_each_row_as_often_however_many_columns_there_are() -> None:
    """Otherwise a sheet of twice the columns would take four times as long."""
    counted = []
    for columns in (10, 40):
        names = [letters(number) for number in range(1, columns + 1)]
        rows = tuple((row, Row(CellValue(f"{name}{row}", f"x {name}") for name in names)) for row in range(1, 5))
        Row.times = 0
        guess._best("Own", WorkbookRead("own.xlsx", "", {"Own": rows}), set())
        counted.append(Row.times)
    assert counted[0] == counted[1] > 0


# --- files that are odd and can be read ---


class TestOddWorkbooks:
    """What a user cannot act on is no reason to refuse a workbook, if what is there can be read."""

    def test_a_whole_column_merged(self, folder: Path, tmp_path: Path) -> None:
        """Beside a table it says nothing; in a table it is refused with sheet and range."""
        source, part = folder / "caseload-a.xlsx", part_of(folder / "caseload-a.xlsx", "Costs")

        def merged(area: str) -> Path:
            merge = f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'
            change = lambda name, text: text.replace("</sheetData>", merge) if name == part else text  # noqa: E731
            return edited(source, tmp_path / "c.xlsx", change)

        assert read_caseload(merged("X1:X1048576")).costs == read_caseload(source).costs
        assert refusal(merged("H1:H1048576")).splitlines()[0] == (
            "Costs!H1: cells of this table are merged, expected a cell for each row and column; found H1 to H1048576"
        )

    def test_a_date_that_a_spreadsheet_shows_as_marks(self, folder: Path, tmp_path: Path) -> None:
        """#### is no #VALUE!: the number is there, and is no date."""
        part = part_of(folder / "caseload-a.xlsx", "Costs")

        def change(name: str, text: str) -> str:
            return re.sub(r'(<c r="F2"[^>]*>)<v>[^<]*', r"\1<v>-5", text) if name == part else text

        path = edited(folder / "caseload-a.xlsx", tmp_path / "c.xlsx", change)
        assert refusal(path) == (
            "Costs!F2: this number is no date or time, so that a spreadsheet shows ####, expected a date like "
            "2012-10-15; found -5"
        )


# --- what is told of what was found ---


@pytest.mark.parametrize(
    ("text", "date", "key"),
    [
        ("12/31/2023", "12/31/2023", ""),
        ("2012-13", "2012-13", ""),
        ("2012-13-01", "2012-13-01", ""),
        ("123-45-6789", "text of 11 characters", ""),
        ("Maria Lopez", "text of 11 characters", ""),
        ("rate.certifed", "text of 13 characters", "rate.certifed"),
        ("S-2", "text of 3 characters", "S-2"),
        ("90ZV0101", "text of 8 characters", "90ZV0101"),
        ("A123456789", "text of 10 characters", ""),
        ("maria.lopez@example.org", "text of 23 characters", ""),
    ],
)
def test_dates_keys_and_numbers_of_awards_are_told_as_they_are(text: str, date: str, key: str) -> None:
    """What may identify a person is told by its length alone."""
    assert (shown_date(text), shown_key(text)) == (date, key)


def test_a_key_of_terms_is_told(folder: Path) -> None:
    with pytest.raises(Unknown, match=r"; found rate\.certifed$"):
        what_if(
            read_caseload(folder / "caseload-a.xlsx"),
            read_award(folder / "award.xlsx"),
            sample_program.THROUGH,
            {"rate.certifed": "1.00"},
        )


def test_a_mark_that_nobody_sees_is_named() -> None:
    assert named_marks("SUB-A\u200b") == "U+200B (zero width space)"
    assert named_marks(" SUB-A") == "a space at its start or end"
    assert named_marks("SUB-A") == ""
