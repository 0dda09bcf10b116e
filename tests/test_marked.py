"""A marked copy of a user's workbook: a mark at every bad cell, the user's content kept, the
original untouched."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font

from grantcalc.cli import main
from grantcalc.errors import Finding, Place, WorkbookRejected, by_cause
from grantcalc.io.inputs import read_caseload
from grantcalc.io.intake.annotate import mark
from grantcalc.io.intake.cells import open_book
from grantcalc.xlsx.package import Unwritable
from grantcalc.xlsx.sheets import letters
from tests import sample_program
from tests.hostile import FIXTURES, Fixture


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def finding(cell: str, problem: str = "this is not an amount", sheet: str = "Costs", **more: str) -> Finding:
    return Place("book.xlsx", sheet, cell).finding(more.pop("cause", "money"), problem, "a number", "text", **more)  # type: ignore[arg-type]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A user's own workbook, with what a user puts into one."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Costs"
    sheet.append(["Amount", "Twice", "Said"])
    sheet.append([12.5, "=A2*2", "plain"])
    sheet["A2"].font, sheet["A2"].number_format = Font(bold=True, name="Courier New"), "0.000"
    sheet["C3"] = "=not a formula"
    sheet["C3"].data_type = "s"
    sheet["C4"] = CellRichText("half ", TextBlock(InlineFont(b=True), "bold"))
    sheet["A5"].comment = Comment("mine", "me")
    sheet.merge_cells("A7:B8")
    sheet["A7"] = "merged"
    workbook.create_sheet("It's a sheet")["B2"] = 1
    workbook.save(path := tmp_path / "book.xlsx")
    return path


def change(book: Path, how: Callable[[openpyxl.Workbook], None]) -> Path:
    workbook = openpyxl.load_workbook(book)
    how(workbook)
    workbook.save(book)
    return book


class TestTheCopy:
    """A comment and a color at each cell, a sheet of findings with links; the original is never
    touched."""

    def test_marks_and_links(self, book: Path, tmp_path: Path) -> None:
        before = book.read_bytes()
        found = [finding("A2"), finding("A2", "and another", cause="other"), finding("B8", severity="warning")]
        found += [finding("B2", sheet="It's a sheet"), finding("", sheet="Nowhere"), finding("3", "a row")]
        told = mark(found, book, out := tmp_path / "out.xlsx")
        assert (told.cells, told.lost) == (4, ())
        assert book.read_bytes() == before
        copy = openpyxl.load_workbook(out)
        assert copy.sheetnames == ["Findings", "Costs", "It's a sheet"]
        sheet = copy["Costs"]
        text = sheet["A2"].comment.text
        assert text.startswith("error: this is not an amount, expected a number; found text\nerror: and another")
        assert sheet["A2"].fill.fgColor.rgb[-6:] == "FFC7CE"
        assert sheet["A7"].fill.fgColor.rgb[-6:] == "FFEB9C"  # the corner of the merged area
        assert sheet["A3"].comment.text.startswith("error: a row")
        assert sheet["B2"].comment is None
        assert copy["It's a sheet"]["B2"].comment is not None
        listed = copy["Findings"]
        links = {row[0].value: row[0].hyperlink and row[0].hyperlink.location for row in listed.iter_rows(min_row=2)}
        assert links == {
            "Costs!A2": "'Costs'!A2",
            "Costs!B8": "'Costs'!A7",
            "It's a sheet!B2": "'It''s a sheet'!B2",
            "Nowhere": None,
            "Costs!3": "'Costs'!A3",
        }
        assert [bool(s.sheet_view.tabSelected) for s in copy.worksheets] == [True, False, False]

    def test_the_users_content_is_kept(self, book: Path, tmp_path: Path) -> None:
        mark([finding("A2"), finding("A5"), finding("C4")], book, out := tmp_path / "out.xlsx")
        sheet = openpyxl.load_workbook(out, rich_text=True)["Costs"]
        assert (sheet["A2"].value, sheet["A2"].number_format) == (12.5, "0.000")
        assert (sheet["A2"].font.name, sheet["A2"].font.b) == ("Courier New", True)
        assert (sheet["B2"].value, sheet["B2"].data_type) == ("=A2*2", "f")
        assert (sheet["C3"].value, sheet["C3"].data_type) == ("=not a formula", "s")
        assert isinstance(sheet["C4"].value, CellRichText)
        assert sheet["A5"].comment.text.startswith("mine\n\nerror: this is not an amount")
        assert sheet["A5"].comment.author == "me"
        assert [str(r) for r in sheet.merged_cells.ranges] == ["A7:B8"]

    def test_stored_values_are_kept(self, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
        """A previewer, which computes nothing, shows of the copy what it shows of the original."""
        original = sample_program.world(tmp_path_factory).documents["claim"]
        mark(
            [Place("claim.xlsx", "Lines", "Q3").finding("money", "this is wrong")],
            original,
            out := tmp_path / "o.xlsx",
        )
        before, after = (openpyxl.load_workbook(path, data_only=True) for path in (original, out))
        formulas = openpyxl.load_workbook(original)
        kept = [
            (before[sheet.title][cell.coordinate].value, after[sheet.title][cell.coordinate].value)
            for sheet in formulas.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]
        assert len(kept) > 40
        assert all(one is not None and one == other for one, other in kept)

    @pytest.mark.parametrize(
        ("kind", "value"), [("str", "a &lt; b"), ("b", "1"), ("e", "#DIV/0!"), ("n", "1.5E3"), ("d", "2012-01-02")]
    )
    def test_stored_values_of_each_type(self, book: Path, tmp_path: Path, kind: str, value: str) -> None:
        with ZipFile(book) as package, ZipFile(path := tmp_path / "typed.xlsx", "w") as typed:
            for name in package.namelist():
                text = package.read(name).decode()
                text = re.sub(r'(<c r="B2")>(<f>.*?</f>)<v */?>(</v>)?', rf'\1 t="{kind}">\2<v>{value}</v>', text)
                typed.writestr(name, text)
        mark([], path, out := tmp_path / "out.xlsx")
        with ZipFile(out) as package:
            sheet = package.read("xl/worksheets/sheet1.xml").decode()
        assert re.search(rf'<c r="B2" t="{kind}"><f>A2\*2</f><v>{value}</v></c>', sheet)

    def test_our_texts_are_texts(self, book: Path, tmp_path: Path) -> None:
        bad = Place("book.xlsx", "Costs", "A2").finding("c", '=HYPERLINK("http://x")', "+1\x08", "@SUM(1)")
        mark([bad], book, out := tmp_path / "out.xlsx")
        cells = openpyxl.load_workbook(out)["Findings"][2]
        assert {c.data_type for c in cells} == {"s"}
        assert [c.value for c in cells[2:5]] == ['=HYPERLINK("http://x")', "+1\ufffd", "@SUM(1)"]
        with ZipFile(out) as package:
            assert b"<f>" not in package.read("xl/grantcalc/worksheet1.xml")

    def test_the_same_bytes(self, book: Path, tmp_path: Path) -> None:
        for name in ("one.xlsx", "two.xlsx"):
            mark([finding("A2"), finding("A5")], book, tmp_path / name)
        assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()

    def test_marked_again(self, book: Path, tmp_path: Path) -> None:
        mark([finding("A2")], book, once := tmp_path / "once.xlsx")
        mark([evolved := finding("A2")], once, twice := tmp_path / "twice.xlsx")
        assert openpyxl.load_workbook(twice).sheetnames[:2] == ["Findings 2", "Findings"]
        assert evolved.place.file != once.name

    def test_what_others_would_drop_is_kept(self, book: Path, tmp_path: Path) -> None:
        with ZipFile(book) as old, ZipFile(rich := tmp_path / "rich.xlsx", "w") as new:
            for name in old.namelist():
                text = old.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    text = text.replace(b"</worksheet>", b'<extLst><ext uri="{x}"/></extLst></worksheet>')
                new.writestr(name, text)
            new.writestr("xl/vbaProject.bin", b"macro")
            new.writestr("xl/threadedComments/threadedComment1.xml", b"<x/>")
        told = mark([finding("A2")], rich, out := tmp_path / "out.xlsx")
        assert told.lost == ()
        with ZipFile(out) as package:
            assert package.read("xl/vbaProject.bin") == b"macro"
            assert b'</legacyDrawing><extLst><ext uri="{x}"/></extLst></worksheet>' in package.read(
                "xl/worksheets/sheet1.xml"
            ).replace(b"/><extLst>", b"></legacyDrawing><extLst>")

    def test_a_signature_is_no_longer_valid(self, book: Path, tmp_path: Path) -> None:
        with ZipFile(book, "a") as package:
            package.writestr("_xmlsignatures/sig1.xml", "<x/>")
        assert mark([finding("A2")], book, tmp_path / "out.xlsx").lost == ("valid digital signature",)

    def test_a_chart_is_carried(self, book: Path, tmp_path: Path) -> None:
        def add(workbook: openpyxl.Workbook) -> None:
            chart = BarChart()
            chart.add_data(Reference(workbook["Costs"], min_col=1, min_row=1, max_row=2))
            workbook["Costs"].add_chart(chart, "E2")  # type: ignore[call-arg]

        told = mark([finding("A2")], change(book, add), out := tmp_path / "out.xlsx")
        assert "charts" not in told.lost
        with ZipFile(out) as package:
            assert "xl/charts/chart1.xml" in package.namelist()


READABLE = [
    fixture for fixture in FIXTURES if not fixture.expected.startswith("refused") and not fixture.limits.tags < 1000
]


class TestOnlyTheMarksDiffer:
    """A marked copy differs from its original in the marks only: colors and comments of the cells
    with findings, and one sheet more."""

    @pytest.mark.parametrize("fixture", READABLE, ids=lambda f: f.name)
    def test_of_odd_workbooks(self, fixture: Fixture, tmp_path: Path) -> None:
        (source := tmp_path / "book.xlsx").write_bytes(fixture.make())
        self.check(source, tmp_path / "out.xlsx", ["A1", "B1", "C7", "AA3", "B2"])

    @given(
        st.dictionaries(
            st.tuples(st.integers(1, 9), st.integers(1, 30)),
            st.one_of(st.integers(-9, 99), st.text("ab <&\u00e9\n", max_size=5), st.just("=1+1"), st.booleans()),
            max_size=20,
        ),
        st.lists(st.tuples(st.integers(1, 12), st.integers(1, 30)), min_size=1, max_size=6),
        st.booleans(),
    )
    def test_of_any_workbook(
        self,
        cells: dict[tuple[int, int], object],
        marks: list[tuple[int, int]],
        strict: bool,
    ) -> None:
        workbook = openpyxl.Workbook()
        for (row, column), value in cells.items():
            cell = workbook.worksheets[0].cell(row, column)
            cell.value = value  # type: ignore[assignment]
            cell.font = Font(bold=column % 2 == 0)
        workbook.create_sheet("More")["B2"] = 1
        with TemporaryDirectory() as name:
            source = Path(name) / "book.xlsx"
            workbook.save(source)
            if strict:
                as_strict(source)
            self.check(source, Path(name) / "out.xlsx", [f"{letters(column)}{row}" for row, column in marks])

    def check(self, source: Path, target: Path, refs: list[str]) -> None:
        before = open_book(source)
        title = next(iter(before.sheets))
        told = mark([finding(ref, sheet=title) for ref in refs], source, target)
        after = open_book(target)
        assert told.lost == ()
        assert {name: rows for name, rows in after.sheets.items() if name in before.sheets} == before.sheets
        assert (after.merged.keys() - before.merged.keys(), after.hidden) == ({"Findings"}, before.hidden)
        looks = {cell.ref: cell.look for _, cells in before.sheets[title] for cell in cells}
        assert looks == {cell.ref: cell.look for _, cells in after.sheets[title] for cell in cells}
        with ZipFile(source) as old, ZipFile(target) as new:
            changed = {name for name in old.namelist() if name[-1] != "/" and old.read(name) != new.read(name)}
        parts = r"\[Content_Types\]|(?i:xl[/\\](_rels[/\\])?(workbook|styles|(worksheets|comments|drawings)[/\\].*)\.)"
        assert all(re.match(parts, name) for name in changed), changed

    def test_strict_and_merged_over(self, book: Path, tmp_path: Path) -> None:
        """A value under a merge, a text in several looks and a formula that came to nothing
        stay."""
        with ZipFile(book) as package:
            parts = {name: package.read(name).decode() for name in package.namelist()}
        name = "xl/worksheets/sheet1.xml"
        parts[name] = re.sub(r'<row r="8"[^>]*?(/>|>.*?</row>)', "", parts[name])
        row = '<row r="8"><c r="B8"><v>5</v></c></row></sheetData>'
        parts[name] = parts[name].replace("</sheetData>", row)
        parts[name] = re.sub(r"<f>A2\*2</f><v ?/?>(</v>)?", "<f>A2*2</f><v></v>", parts[name])
        with ZipFile(book, "w") as package:
            for name, text in parts.items():
                package.writestr(name, text)
        as_strict(book)
        self.check(book, out := tmp_path / "out.xlsx", ["A2", "B8", "C4"])
        assert {c.ref: c.value for _, cells in open_book(out).sheets["Costs"] for c in cells}["B8"] == 5


def as_strict(book: Path) -> None:
    """A workbook as Strict Open XML."""
    with ZipFile(book) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    for old, new in (
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    ):
        parts = {name: text.replace(old, new) for name, text in parts.items()}
    with ZipFile(book, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)


class TestRefusals:
    """The original is never touched, and what cannot be read safely is not copied."""

    @pytest.mark.parametrize("how", ["itself", "a link", "a hard link"])
    def test_the_source_itself(self, book: Path, tmp_path: Path, how: str) -> None:
        target = book if how == "itself" else tmp_path / "other.xlsx"
        if how == "a link":
            target.symlink_to(book)
        elif how == "a hard link":
            os.link(book, target)
        before = book.read_bytes()
        with pytest.raises(Unwritable, match="does not replace the workbook"):
            mark([finding("A2")], book, target)
        result = run("check", book, "--marked", target)
        assert result.exit_code == 2
        assert book.read_bytes() == before

    def test_another_ending(self, book: Path, tmp_path: Path) -> None:
        """A workbook with macros must not be named .xlsx, and one without must not be named
        .xlsm."""
        with pytest.raises(Unwritable, match=r"name it \.xlsx"):
            mark([finding("A2")], book, tmp_path / "out.xlsm")

    def test_what_cannot_be_marked(self, book: Path, tmp_path: Path) -> None:
        """A part that reading does not need, and that is broken, is a refusal and no traceback."""
        with ZipFile(book) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        with ZipFile(book, "w") as package:
            for name, text in parts.items():
                package.writestr(name, text[:-20] if "comment" in name and name.endswith(".xml") else text)
        with pytest.raises(WorkbookRejected, match="there is no marked copy: a part of this workbook"):
            mark([finding("A2")], book, tmp_path / "out.xlsx")
        assert not (tmp_path / "out.xlsx").exists()

    def test_what_cannot_be_read_safely(self, tmp_path: Path) -> None:
        (path := tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 no more")
        with pytest.raises(WorkbookRejected) as refused:
            mark([], path, tmp_path / "out.xlsx")
        assert refused.value.findings[-1].cause == "no_copy"
        result = run("check", path, "--marked", tmp_path / "out.xlsx")
        assert result.exit_code == 1
        assert "cannot be read safely, so that it has no marked copy" in result.stderr
        assert not (tmp_path / "out.xlsx").exists()


class TestCheck:
    """What is wrong, one message a cause, the worst first; and as a marked copy."""

    @pytest.fixture
    def bad(self, tmp_path: Path) -> Path:
        counts = [{"subaward": "S-A", "service": "meals", "month": "2011-11", "quantity": -n} for n in range(1, 46)]
        rows = {
            **sample_program.CASELOAD_A,
            "Counts": counts,
            "Costs": [{**sample_program.CASELOAD_A["Costs"][0], "months": "soon"}],
        }
        return sample_program.write(tmp_path, "caseload", rows)

    def test_grouped_by_cause(self, bad: Path) -> None:
        result = run("check", bad)
        assert result.exit_code == 1
        many, places, one = result.stdout.splitlines()
        assert many == "45 × a count of persons cannot be negative, expected a whole number, 0 or more"
        assert places.startswith("    Counts!E2 found -1; Counts!E3 found -2; ")
        assert places.endswith("; and 37 more")
        assert one.startswith("Costs!G2: ")
        assert len(json.loads(run("check", bad, "--json").stdout)["findings"]) == 46

    def test_the_copy_reads_as_the_original_does(self, bad: Path, tmp_path: Path) -> None:
        result = run("check", bad, "--marked", out := tmp_path / "out.xlsx")
        assert result.stderr == f"{out}: 46 marked cells\n"
        with pytest.raises(WorkbookRejected) as refused:
            read_caseload(out)
        assert len(refused.value.findings) == 46
        workbook = openpyxl.load_workbook(out)
        for row in range(2, 47):
            workbook["Counts"][f"E{row}"] = 5  # one count, told many times
        workbook["Costs"]["G2"] = None
        workbook.save(out)  # mended in the marked copy, which is then a caseload as any other
        assert read_caseload(out).counts

    def test_what_is_wrong_between_workbooks(self, tmp_path: Path) -> None:
        folder = sample_program.inputs(tmp_path / "in")
        books = folder / "award.xlsx", folder / "caseload-a.xlsx", folder / "caseload-b.xlsx"
        assert run("check", *books).output == ""
        (out := tmp_path / "marked").mkdir()
        rows = {**sample_program.CASELOAD_A, "Counts": [{**sample_program.CASELOAD_A["Counts"][0], "subaward": "S-X"}]}
        result = run("check", books[0], sample_program.write(folder, "caseload", rows), books[2], "--marked", out)
        assert result.stdout.startswith("Counts!A2: the award workbook lists no such subaward")
        assert [p.name for p in out.iterdir()] == ["caseload-marked.xlsx"]

    def test_several_with_findings_need_a_folder(self, bad: Path, tmp_path: Path) -> None:
        (other := tmp_path / "other.xlsx").write_bytes(bad.read_bytes())
        result = run("check", bad, other, "--marked", tmp_path / "out.xlsx")
        assert result.exit_code == 2
        assert "name a folder for their marked copies" in result.stderr


def test_at_most_one_finding_per_cause_and_cell() -> None:
    same = [finding("A2"), finding("A2", "said otherwise"), finding("A2", cause="other"), finding(""), finding("")]
    whole = finding("", "another column is missing")
    causes = by_cause([finding("A9", severity="warning"), *same, whole])
    assert [[str(f.place) for f in c.findings] for c in causes] == [
        ["Costs!A2", "Costs"],
        ["Costs!A2"],
        ["Costs"],
        ["Costs!A9"],
    ]
