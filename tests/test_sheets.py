"""Writing workbooks: what a book says is what every reader finds, the same bytes each time, or no
file."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import ironcalc
import openpyxl
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from grantcalc.errors import Place
from grantcalc.xlsx.package import Unwritable, parts_digest
from grantcalc.xlsx.rows import formula_xml, number_xml, text_xml
from grantcalc.xlsx.sheets import (
    Block,
    Chart,
    Formula,
    Sheet,
    TableColumn,
    WorkbookDraft,
    WrittenValue,
    letters,
    link_target,
    row_positions,
)
from grantcalc.xlsx.writer import book_bytes, write_book
from tests.requirements import require

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2012, 10, 15)
NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "a\tb",
    "two\nlines",
    " spaces ",
    "<&>\"'",
    "a\x08b",
    "\r",
    "_x0041_",
    "_x",
    "é✓𝔘",
]


def cents(text: str) -> Decimal:
    return Decimal(text)


def sample() -> WorkbookDraft:
    """Lines, their sums by region, a form to fill in, and texts that others stumble over."""
    columns = (
        TableColumn("Region"),
        TableColumn("Month", "month"),
        TableColumn("Days", "count"),
        TableColumn("Rate", "rate", note="Dollars for a whole month."),
        TableColumn("Persons", "count"),
        TableColumn("Amount", "money"),
        TableColumn("Known", "date"),
        TableColumn("Reason", "wrap"),
        TableColumn("Authority", "link"),
    )
    figures = [
        ("Region 1", "2012-09", 17, "513.333333", 3, "872.67"),
        ("Region 2", "2012-09", 30, "200", 1, "200.00"),
        ("Region 1", "2012-10", -4, "513.333333", 2, "-136.88"),
    ]
    rows: list[Sequence[WrittenValue]] = [
        (
            region,
            month,
            days,
            Decimal(rate),
            persons,
            Formula("ROUND({Days}/30*{Rate},2)*{Persons}", cents(amount)),
            DAY,
            "A long reason that does not fit into one line of its column, and therefore takes another one." * 2,
            "https://www.ecfr.gov/current/title-45" if days > 0 else "Summary!B4",
        )
        for region, month, days, rate, persons, amount in figures
    ]
    total: list[WrittenValue] = ["Total", *[None] * 4, Formula("SUM({Amount:})", cents("935.79")), None, None, None]
    text = ("Every amount is a live formula.",)
    lines = Sheet(
        "Lines",
        (Block(columns, rows, "Lines", text, total, table="LinesTable"),),
        landscape=True,
        freeze=True,
    )
    (at,) = row_positions(lines)
    sums = [
        (region, Formula(f"SUMIFS({at.column('Amount')},{at.column('Region')},{{Region}})", cents(amount)))
        for region, amount in (("Region 1", "735.79"), ("Region 2", "200.00"))
    ]
    cover: tuple[Sequence[WrittenValue], ...] = (
        ("Recipient", "An organization"),
        ("Report date", DAY),
        ("Requested", Formula(at.cell("Amount", at.total), cents("935.79"))),
        ("Word", Formula(f'IF({at.cell("Amount", at.total)}>0,"to be paid","nothing due")', "to be paid")),
        ("Certified by", None),
    )
    by_region = Block((TableColumn("Region"), TableColumn("Amount", "money")), sums, "By region")
    chart = Chart("By region", 'Bars & a "line"', ("Amount",), (), "Region", "US dollars")
    summary = Sheet(
        "Summary", (Block((TableColumn(""), TableColumn("")), cover, "Request", ("Cover.",)), by_region), chart=chart
    )
    choices = tuple(f"Region {number}, office and all of its states" for number in range(1, 11))
    form = Block(
        (
            TableColumn("Participant", note="A pseudonym, never a name."),
            TableColumn("Region", choices=choices),
            TableColumn("Service", choices=("Housing", "Medical"), note="As the terms name it."),
            TableColumn("From", "date"),
            TableColumn("Paid", "money"),
        ),
        [("EXAMPLE", choices[0], "Housing", DAY, cents("12.00"))],
        blank_rows=5,
    )
    texts = Block((TableColumn("Text"), TableColumn("Length", "count")), [(text, len(text)) for text in NASTY])
    return WorkbookDraft(
        "Request, R&D",
        (summary, lines, Sheet("To fill in", (form,)), Sheet("Texts", (texts,))),
        DAY,
        {"Requested": at.cell("Amount", at.total)},
    )


def one(kind: Any, *values: Any, **more: Any) -> WorkbookDraft:
    """A book of one sheet and one column."""
    return WorkbookDraft(
        "t",
        (Sheet("Lines", (Block((TableColumn("Value", kind),), [(value,) for value in values], **more),)),),
        DAY,
    )


def opened(data: bytes, **how: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(data), **how)


def seen(data: bytes, sheet: str = "Lines") -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def formulas(data: bytes) -> Iterator[tuple[int, int, int, Any]]:
    """Sheet, row, column and stored value of each formula."""
    live, stored = opened(data), opened(data, data_only=True)
    for number, sheet in enumerate(live.worksheets):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield (
                        number,
                        cell.row or 0,
                        cell.column or 0,
                        stored.worksheets[number][cell.coordinate].value,
                    )


def read(text: str) -> str:
    """A text as the standard has it read (ECMA-376, part 1, 22.9.2.19); openpyxl leaves that to
    others."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


SAMPLE = sample()
BYTES = book_bytes(SAMPLE)


class TestReadersFindWhatTheBookSays:
    """What is written is read back equal: values, formulas, and the values stored beside them."""

    def test_openpyxl_finds_values_and_formulas(self) -> None:
        sheet = opened(BYTES)["Lines"]
        (at,) = row_positions(SAMPLE.sheets[1])
        assert [cell.value for cell in sheet[at.header]] == [c.header for c in SAMPLE.sheets[1].blocks[0].columns]
        assert [cell.value for cell in sheet[at.first]][:7] == [
            "Region 1",
            "2012-09",
            17,
            513.333333,
            3,
            "=ROUND(C4/30*D4,2)*E4",
            datetime(2012, 10, 15),
        ]
        assert sheet.cell(at.total, 6).value == "=SUM($F$4:$F$6)"
        assert opened(BYTES)["Summary"]["B11"].value == "=SUMIFS(Lines!$F$4:$F$6,Lines!$A$4:$A$6,A11)"

    def test_calamine_finds_the_stored_values(self) -> None:
        assert [row[5] for row in seen(BYTES)[3:7]] == [872.67, 200, -136.88, 935.79]
        assert [row[1] for row in seen(BYTES, "Summary")[3:6]] == [DAY, 935.79, "to be paid"]

    def test_no_text_becomes_a_formula_and_none_is_changed(self) -> None:
        rows = list(opened(BYTES)["Texts"].iter_rows(min_row=2))
        assert [read(str(row[0].value)) for row in rows] == NASTY
        assert {row[0].data_type for row in rows} == {"s"}
        assert [row[0] for row in seen(BYTES, "Texts")[1:]] == NASTY

    @given(st.lists(st.text(max_size=40) | st.from_regex("(_x00[0-9A-F]{2}_?)+"), min_size=1, max_size=8))
    def test_any_text_survives(self, texts: list[str]) -> None:
        sheet = opened(book_bytes(one("text", *texts)))["Lines"]
        assert [read(str(cell.value or "")) for (cell,) in sheet.iter_rows(min_row=2)] == texts

    def test_a_lone_surrogate_and_a_noncharacter_do_not_spoil_the_file(self) -> None:
        (cell,) = opened(book_bytes(one("text", "\ud800\uffff")))["Lines"][2]
        assert read(str(cell.value)) == "\ud800\uffff"

    @given(st.lists(st.decimals(-(10**12), 10**12, places=2), min_size=1, max_size=8))
    def test_any_amount_survives_to_the_cent(self, amounts: list[Decimal]) -> None:
        found = [row[0] for row in seen(book_bytes(one("money", *amounts)))[1:]]
        assert [Decimal(repr(x)).quantize(Decimal("0.01")) for x in found] == amounts

    def test_what_is_stored_is_the_exact_decimal_text(self) -> None:
        with ZipFile(BytesIO(book_bytes(one("rate", Decimal("0.1"), Decimal("1E+3"), 7, Decimal("-0.00"))))) as z:
            part = z.read("xl/worksheets/sheet1.xml").decode()
        assert re.findall("<v>(.*?)</v>", part) == ["0.1", "1000", "7", "0"]

    def test_a_mixed_column_shows_each_value_as_what_it_is(self) -> None:
        sheet = opened(book_bytes(one("text", DAY, 1234, Decimal("0.333333"), "0012")))["Lines"]
        formats = [cell.number_format for (cell,) in sheet.iter_rows(min_row=2)]
        assert formats == ["yyyy-mm-dd", "#,##0", "#,##0.00####", "@"]

    def test_a_word_of_a_closed_vocabulary_is_its_text(self) -> None:
        class Word(StrEnum):
            ONCE = "once"

        assert seen(book_bytes(one("text", Word.ONCE)))[1] == ["once"]

    def test_a_title_of_31_characters(self) -> None:
        title = "It's a sheet of thirty units 🙂x"
        assert len(title) == 31  # but the face counts twice for a spreadsheet
        with pytest.raises(Unwritable):
            Sheet(title, ())
        title = title[:-1]
        sheet = Sheet(title, (Block((TableColumn("Value"),), [("x",)]),))
        assert opened(book_bytes(WorkbookDraft("t", (sheet,), DAY))).sheetnames == [title]

    def test_names_and_links_lead_to_their_cells(self) -> None:
        book = opened(BYTES)
        assert book.defined_names["Requested"].attr_text == "Lines!$F$7"
        links = [cell.hyperlink for (cell,) in book["Lines"].iter_rows(min_row=4, max_row=6, min_col=9, max_col=9)]
        assert [(link.target, link.location) for link in links if link] == [
            ("https://www.ecfr.gov/current/title-45", None),
            ("https://www.ecfr.gov/current/title-45", None),
            (None, "Summary!B4"),
        ]

    @pytest.mark.parametrize("text", ["javascript:alert(1)", "file:///etc/passwd", "45 CFR 400.211", "https://", "A1"])
    def test_other_texts_lead_nowhere(self, text: str) -> None:
        assert link_target(text) == ""
        cell = opened(book_bytes(one("link", text)))["Lines"]["A2"]
        assert (cell.value, cell.hyperlink, cell.font.u) == (text, None, None)


class TestRecalculation:
    """Every spreadsheet program computes from the formulas what stands beside them, to the cent."""

    def test_ironcalc(self, tmp_path: Path) -> None:
        write_book(SAMPLE, path := tmp_path / "book.xlsx")
        model = ironcalc.load_from_xlsx(str(path))
        model.evaluate()
        cells = list(formulas(BYTES))
        assert len(cells) == 8
        for sheet, row, column, value in cells:
            found = model.get_cell_value(sheet, row, column)
            assert (round(found, 2) if isinstance(found, float) else found) == value, (sheet, row, column)

    def test_libreoffice(self, tmp_path: Path) -> None:
        """It is forced to calculate, as the wrong value shows; otherwise it trusts what is
        stored."""
        wrong = Sheet("Wrong", (Block((TableColumn("Value", "money"),), [(Formula("1+1", cents("3.00")),)]),))
        write_book(evolve(SAMPLE, sheets=(*SAMPLE.sheets, wrong)), tmp_path / "book.xlsx")
        assert libreoffice(tmp_path, "Wrong") == [["Value"], ["2"]]
        assert [row[5] for row in libreoffice(tmp_path, "Lines")[3:]] == [
            "872.67",
            "200",
            "-136.88",
            "935.79",
        ]
        assert [row[1] for row in libreoffice(tmp_path, "Summary")[4:6]] == ["935.79", "to be paid"]
        assert [row[1] for row in libreoffice(tmp_path, "Summary")[10:]] == ["735.79", "200"]
        texts = [row[0] for row in libreoffice(tmp_path, "Texts")[1:]]
        assert texts == NASTY


def libreoffice(folder: Path, sheet: str) -> list[list[str]]:
    """A sheet of book.xlsx in `folder` as LibreOffice shows it, everything calculated anew."""
    if not (folder / f"book-{sheet}.csv").exists():
        profile = folder / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(
            '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
            '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
            '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>'
        )
        command = [
            require("libreoffice"),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
        ]
        every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
        run = [*command, "--convert-to", every_sheet, "--outdir", str(folder), str(folder / "book.xlsx")]
        subprocess.run(run, check=True, capture_output=True, timeout=120)
    with (folder / f"book-{sheet}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


class TestSameBytes:
    """The same input twice gives the same file, byte for byte, also in another time zone and hash
    seed."""

    # Of the sample, on any Python, with lxml and without; it changes with the look, or with the
    # sample.
    DIGEST = "35f135ae65a2793e24ed9d3fb4fdad700bacebda1f1f516c66c2bf05d1b95a22"

    def test_twice_in_one_process(self) -> None:
        assert book_bytes(sample()) == BYTES

    @pytest.mark.parametrize(
        ("zone", "seed", "language"),
        [("Pacific/Kiritimati", "1", "C"), ("America/Los_Angeles", "4711", "tr_TR.UTF-8")],
    )
    def test_elsewhere(self, zone: str, seed: str, language: str) -> None:
        """In each place that this machine knows; and as if lxml were not there, in one of them."""
        code = (
            "import contextlib, hashlib, locale\n"
            "with contextlib.suppress(locale.Error): locale.setlocale(locale.LC_ALL, '')\n"
            "from tests.test_sheets import BYTES; print(hashlib.sha256(BYTES).hexdigest())"
        )
        env = {
            **os.environ,
            "TZ": zone,
            "PYTHONHASHSEED": seed,
            "LC_ALL": language,
            "OPENPYXL_LXML": str(language == "C"),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == sha256(BYTES).hexdigest()

    def test_the_parts_are_those_of_every_machine(self) -> None:
        assert parts_digest(BytesIO(BYTES)) == self.DIGEST

    def test_nothing_in_the_package_comes_from_the_clock(self) -> None:
        with ZipFile(BytesIO(BYTES)) as package:
            assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert package.namelist()[0] == "[Content_Types].xml"
            core = package.read("docProps/core.xml").decode()
        assert re.findall(r">(\d{4}-\d\d-\d\dT[^<]*)<", core) == ["2012-10-15T00:00:00Z"] * 2

    def test_the_digest_stands_in_the_file_and_can_be_recomputed(self, tmp_path: Path) -> None:
        digest = write_book(SAMPLE, path := tmp_path / "book.xlsx")
        assert opened(path.read_bytes()).custom_doc_props["grantcalc.parts"].value == digest  # type: ignore[attr-defined]
        with ZipFile(path) as package:
            names = sorted(set(package.namelist()) - {"docProps/custom.xml"})
            listed = "".join(f"{sha256(package.read(name)).hexdigest()}  {name}\n" for name in names)
        assert digest == sha256(listed.encode()).hexdigest() == parts_digest(path)

    def test_another_cent_is_another_digest(self) -> None:
        one_cent, two = (parts_digest(BytesIO(book_bytes(one("money", cents(x))))) for x in ("0.01", "0.02"))
        assert one_cent != two


class TestWholeOrNotAtAll:
    """The old file or the new one, never a third thing."""

    def test_rows_that_break_off_leave_the_old_file(self, tmp_path: Path) -> None:
        (path := tmp_path / "book.xlsx").write_bytes(b"old")
        with pytest.raises(ZeroDivisionError):
            write_book(evolve(SAMPLE, sheets=(Sheet("Lines", (Block((TableColumn("A"),), Breaking(1000)),)),)), path)
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("book.xlsx", b"old")]

    def test_permissions_and_links_are_kept(self, tmp_path: Path) -> None:
        (path := tmp_path / "book.xlsx").write_bytes(b"old")
        path.chmod(0o640)
        (link := tmp_path / "link.xlsx").symlink_to(path)
        write_book(SAMPLE, link)
        assert path.read_bytes() == BYTES
        assert path.stat().st_mode & 0o777 == 0o640
        assert link.is_symlink()


@frozen
class Breaking:
    """Rows that announce as many as they should, and break off in the middle when they are
    written."""

    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Sequence[WrittenValue]]:
        yield from ((f"row {number}",) for number in range(self.length - 1))
        raise ZeroDivisionError


@frozen
class Announced:
    """Rows of another number than announced."""

    announced: int
    rows: Sequence[Sequence[WrittenValue]]

    def __len__(self) -> int:
        return self.announced

    def __iter__(self) -> Iterator[Sequence[WrittenValue]]:
        return iter(self.rows)


class TestRefusals:
    """What a workbook cannot hold, or would not show as it is, is refused at its cell."""

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("money", 0.5),
            ("rate", 0.5),
            ("text", 0.5),
            ("count", True),
            ("money", 100),
            ("date", datetime(2012, 10, 15)),
            ("date", 41197),
            ("money", DAY),
            ("month", DAY),
            ("money", Formula("1+1", 2.0)),  # type: ignore[arg-type]
            ("money", Formula("1+1", 2)),
            ("text", ["a"]),
        ],
    )
    def test_a_value_that_the_column_does_not_take(self, kind: str, value: object) -> None:
        with pytest.raises(TypeError, match=f"^Lines!A2: a {kind} column takes "):
            book_bytes(one(kind, value))

    @pytest.mark.parametrize(
        ("kind", "value", "problem"),
        [
            ("money", Decimal("1.005"), "more decimals than the 2 that are shown here"),
            ("rate", Decimal("0.3333333"), "more decimals than the 6 that are shown here"),
            ("count", Decimal("1.5"), "more decimals than the 0 that are shown here"),
            ("money", Decimal("NaN"), "not a finite number"),
            ("money", Decimal("-Infinity"), "not a finite number"),
            ("rate", Decimal("sNaN1"), "not a finite number"),
            (
                "money",
                Decimal("12345678901234.56"),
                "more than the 15 significant digits that spreadsheets keep",
            ),
            ("date", date(1900, 2, 28), "a day before 1900-03-01, where spreadsheets do not agree"),
            ("text", "x" * 32_768, "more than the 32,767 characters that a cell holds"),
            ("text", "𝔘" * 16_384, "more than the 32,767 characters that a cell holds"),
            ("money", Formula("HYPERLINK(1)", "x"), "a formula has no equals sign, and calls only SUM"),
            ("money", Formula("1+1", Decimal("1.005")), "more decimals than the 2 that are shown here"),
            (
                "money",
                Formula("{Rate}*2", Decimal(2)),
                "a formula names a column that its block does not have",
            ),
        ],
    )
    def test_a_value_that_no_cell_shows(self, kind: str, value: object, problem: str) -> None:
        with pytest.raises(Unwritable) as refusal:
            book_bytes(one(kind, value))
        assert refusal.value.place == Place(sheet="Lines", cell="A2")
        assert refusal.value.problem.startswith(problem)

    @pytest.mark.parametrize("text", ["=1+1", "[1]Other!A1", "cmd|' /C calc'!A0", "NOW()", "1+\n1", "sum(A1)"])
    def test_a_formula_that_reaches_out(self, text: str) -> None:
        with pytest.raises(Unwritable):
            formula_xml(text, row_positions(SAMPLE.sheets[1])[0], {})

    def test_a_formula_longer_than_a_cell_takes(self) -> None:
        with pytest.raises(
            Unwritable, match="more than the 8,192 characters of a formula; found text of 8001 characters"
        ):
            formula_xml("1" * 8001, row_positions(SAMPLE.sheets[1])[0], {})

    def test_a_sheet_too_large_for_its_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("grantcalc.xlsx.package._LARGEST", 100_000)
        with pytest.raises(Unwritable, match=r"at most two gigabytes; found more in xl/worksheets/sheet1\.xml"):
            book_bytes(one("text", *["x" * 1000] * 1000))

    def test_words_in_quotes_are_no_calls(self) -> None:
        text = "IF('NOW(1)'!A1>0,\"NOW(1)\",1)"
        assert formula_xml(text, row_positions(SAMPLE.sheets[1])[0], {}) == text.replace(">", "&gt;")

    def test_numbers_within_the_limits(self) -> None:
        assert number_xml(Decimal("9999999999999.99"), 2) == "9999999999999.99"
        assert number_xml(Decimal("2.500000000"), 2) == "2.5"
        assert number_xml(10**20, 0) == "1" + "0" * 20
        assert text_xml("x" * 32_767) == "x" * 32_767

    def test_a_row_of_another_width(self) -> None:
        with pytest.raises(Unwritable, match=r"^Lines!A2: a row of 2 cells under 1 columns$"):
            book_bytes(WorkbookDraft("t", (Sheet("Lines", (Block((TableColumn("A"),), [("a", "b")]),)),), DAY))

    @pytest.mark.parametrize("announced", [1, 3])
    def test_another_number_of_rows_than_announced(self, announced: int) -> None:
        book = WorkbookDraft(
            "t", (Sheet("Lines", (Block((TableColumn("A"),), Announced(announced, [("a",), ("b",)])),)),), DAY
        )
        with pytest.raises(Unwritable, match=f"2 rows came where {announced} were announced"):
            book_bytes(book)

    def test_more_rows_than_a_sheet_holds(self) -> None:
        columns = (TableColumn("A"),)
        full = Sheet("Lines", (Block(columns, Announced(1_048_575, ())),))
        assert row_positions(full)[0].last == 1_048_576
        with pytest.raises(Unwritable, match=r"^Lines: more than 1,048,576 rows"):
            row_positions(Sheet("Lines", (Block(columns, Announced(1_048_576, ())),)))

    @pytest.mark.parametrize("title", ["", "x" * 32, "a/b", "a:b", "[a]", "a?", "'a", "a'", " a", "a\n"])
    def test_a_title_that_no_sheet_has(self, title: str) -> None:
        with pytest.raises(Unwritable):
            Sheet(title, ())

    def test_books_that_no_program_opens(self) -> None:
        lines = Sheet("Lines", (Block((TableColumn("Amount"),), table="Amounts"),))
        for sheets, names in [
            ((lines, Sheet("LINES", ())), {}),
            ((evolve(lines, hidden=True),), {}),
            ((lines, evolve(lines, title="Others")), {}),
            ((lines,), {"amounts": "Lines!$A$1"}),
            ((lines,), {"FY12": "Lines!$A$1"}),
        ]:
            with pytest.raises(Unwritable):
                WorkbookDraft("t", sheets, DAY, names)
        with pytest.raises(Unwritable):
            WorkbookDraft("a\nb", (lines,), DAY)
        for columns in [(TableColumn("A"), TableColumn("a")), (TableColumn("A"), TableColumn(""))]:
            with pytest.raises(Unwritable):
                Block(columns, table="Amounts")
        with pytest.raises(Unwritable):
            TableColumn("A", note="x" * 256)


class TestLayout:
    """Where a block stands is known before it is written."""

    @given(st.lists(st.tuples(*[st.integers(0, 3)] * 3, *[st.booleans()] * 3), min_size=1, max_size=4))
    def test_each_row_stands_where_the_layout_says(self, shapes: list[tuple[int, int, int, bool, bool, bool]]) -> None:
        blocks = [
            Block(
                (TableColumn(f"H{n}" if headed else ""),),
                [(f"row {n}.{row}",) for row in range(rows)],
                f"heading {n}" if heading else "",
                tuple(f"text {n}" for _ in range(texts)),
                (f"total {n}",) if total else None,
                blank_rows=blank,
            )
            for n, (rows, texts, blank, headed, heading, total) in enumerate(shapes)
        ]
        sheet = Sheet("Lines", tuple(blocks))
        found = [None] + [
            row[0].value for row in opened(book_bytes(WorkbookDraft("t", (sheet,), DAY)))["Lines"].iter_rows()
        ]
        for n, (block, at) in enumerate(zip(blocks, row_positions(sheet), strict=True)):
            above = [block.heading] * bool(block.heading) + list(block.text)
            assert found[at.top : at.top + len(above)] == above
            assert not at.header or found[at.header] == f"H{n}"
            assert bool(at.header) is block.headed
            assert found[at.first : at.first + len(block.rows)] == [f"row {n}.{row}" for row in range(len(block.rows))]
            assert found[at.first + len(block.rows) : at.last + 1] == [None] * max(
                block.blank_rows, 1 - len(block.rows)
            )
            assert not at.total or found[at.total] == f"total {n}"
            assert bool(at.total) is (block.total is not None)

    def test_references(self) -> None:
        (at,) = row_positions(SAMPLE.sheets[1])
        assert (at.header, at.first, at.last, at.total) == (3, 4, 6, 7)
        assert at.cell("Amount", at.total) == at.cell(6, 7) == "Lines!$F$7"
        assert at.column("Amount") == "Lines!$F$4:$F$6"
        assert evolve(at, sheet="FY2012").cell(1, 1) == "'FY2012'!$A$1"
        assert evolve(at, sheet="It's").cell(1, 1) == "'It''s'!$A$1"
        assert [letters(n) for n in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


class TestReferences:
    """A formula refers to columns and rows by name, and they become addresses as it is written."""

    COLUMNS = (TableColumn("Rate no."), TableColumn("Amount", "count"))
    ONE = Block(COLUMNS, [("R1", 1), ("R2", 2), ("R3", 3)], heading="One", total=("Total", 6), name="One")
    OTHER = Block(COLUMNS, [("R1", 4)], name="Other block")

    def formula(self, text: str) -> str:
        """The formula of a cell in the second row of another sheet."""
        mine = Block((*self.COLUMNS, TableColumn("Sum", "count")), [("R1", 1, None), ("R2", 2, Formula(text, 0))])
        sheets = Sheet("Sums", (mine,)), Sheet("Lines of 2012", (self.ONE, self.OTHER))
        return str(opened(book_bytes(WorkbookDraft("t", sheets, DAY)))["Sums"]["C3"].value)

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("{Amount}", "B3"),
            ("{Rate no.}", "A3"),
            ("{Amount:}", "$B$2:$B$3"),
            ("{Amount$}:{Amount}", "B$2:B3"),
            ("{Amount#1}", "$B$2"),
            ("{One.Amount:}", "'Lines of 2012'!$B$3:$B$5"),
            ("{One.Amount#3}", "'Lines of 2012'!$B$5"),
            ("{One.Amount#2:3}", "'Lines of 2012'!$B$4:$B$5"),
            ("{One.Amount#total}", "'Lines of 2012'!$B$6"),
            ("{Other block.Rate no.#1}", "'Lines of 2012'!$A$9"),
        ],
    )
    def test_each_way(self, text: str, address: str) -> None:
        assert self.formula(f"SUM({text})") == f"=SUM({address})"

    @pytest.mark.parametrize(
        "text", ["{None}", "{None.Amount:}", "{One.None:}", "{One.Amount}", "{One.Amount$}", "{Amount#x}", "{#1}", "{}"]
    )
    def test_what_is_not_there_is_refused(self, text: str) -> None:
        with pytest.raises(Unwritable, match="a column that its block does not have") as refusal:
            self.formula(text)
        assert refusal.value.place == Place(sheet="Sums", cell="C3")

    def test_a_name_of_the_workbook_is_a_reference_too(self) -> None:
        book = WorkbookDraft("t", (Sheet("Lines", (self.ONE,)),), DAY, {"Whole": "{One.Amount#total}"})
        assert opened(book_bytes(book)).defined_names["Whole"].attr_text == "Lines!$B$6"

    def test_two_blocks_of_one_name(self) -> None:
        with pytest.raises(Unwritable, match="have the same name"):
            WorkbookDraft("t", (Sheet("Lines", (self.ONE, evolve(self.OTHER, name="One"))),), DAY)


class TestDocument:
    """It looks like a document: one prints it, reads it, and fills it in."""

    def test_lines_are_a_table_that_stays_in_view_and_fits_the_page(self) -> None:
        sheet = opened(BYTES)["Lines"]
        assert sheet.freeze_panes == "A4"
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.print_area == "'Lines'!$A$1:$I$7"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
            "landscape",
            1,
            0,
        )
        assert sheet.dimensions == "A1:I7"
        assert sheet.tables["LinesTable"].ref == "A3:I6"
        assert [column.name for column in sheet.tables["LinesTable"].tableColumns][:2] == ["Region", "Month"]
        footer = sheet.oddFooter
        assert footer
        assert (footer.left.text, footer.right.text) == ("Request, R&&D", "Lines, page &P of &N")

    def test_amounts_and_dates_have_their_formats_and_totals_are_bold(self) -> None:
        sheet = opened(BYTES)["Lines"]
        assert sheet["F4"].number_format == sheet["F7"].number_format == "#,##0.00_);(#,##0.00)"
        assert sheet["G4"].number_format == "yyyy-mm-dd"
        assert [sheet[cell].font.b for cell in ("A1", "A3", "A4", "A7", "F7")] == [
            True,
            True,
            False,
            True,
            True,
        ]
        assert sheet["H4"].alignment.wrap_text
        assert (sheet.row_dimensions[4].height or 0) > 30

    def test_a_chart_shows_the_cells_and_has_their_values(self) -> None:
        with ZipFile(BytesIO(BYTES)) as package:
            chart, drawing = (package.read(f"xl/{name}1.xml").decode() for name in ("charts/chart", "drawings/drawing"))
        assert re.findall("<f>(.*?)</f>", chart) == ["Summary!$B$10", "Summary!$A$11:$A$12", "Summary!$B$11:$B$12"]
        assert re.findall("<v>(.*?)</v>", chart) == ["Amount", "Region 1", "Region 2", "735.79", "200"]
        assert re.findall("<a:t>(.*?)</a:t>", chart) == ["By region", "Region", "US dollars"]
        assert "descr='Bars &amp; a \"line\"'" in drawing
        sheet = opened(BYTES)["Summary"]
        assert (sheet.print_area, sheet.page_setup.fitToHeight) == ("'Summary'!$A$1:$G$34", 1)
        to = re.search(r"<(?:\w+:)?to><(?:\w+:)?col>(\d+)<.*?row>(\d+)<", drawing)
        assert to is not None
        assert (int(to[1]), int(to[2])) == (7, 33)  # the first column and row, from 0, that the chart does not reach

    def test_it_can_be_read_aloud(self) -> None:
        assert opened(BYTES).properties.language == "en-US"
        with ZipFile(BytesIO(BYTES)) as package:
            assert '<x14:table altText="Lines">' in package.read("xl/tables/table1.xml").decode()

    def test_many_columns_are_printed_on_larger_paper_and_a_block_may_begin_a_page(self) -> None:
        blocks = tuple(
            Block((TableColumn("A", width=n), TableColumn("B", width=n)), new_page=n == 101) for n in (100, 101)
        )
        wide, narrow = Sheet("Wide", blocks), Sheet("Narrow", blocks[:1])
        book = opened(book_bytes(WorkbookDraft("t", (wide, narrow), DAY)))
        assert [sheet.page_setup.paperSize for sheet in book.worksheets] == [3, 1]
        assert [[b.id for b in sheet.row_breaks.brk] for sheet in book.worksheets] == [[3], []]

    def test_columns_are_as_wide_as_their_content(self) -> None:
        amounts = Block(
            (TableColumn("A", "money"), TableColumn("B", width=7), TableColumn("C")),
            [(Decimal(10**12), "x" * 9, "y" * 30)],
        )
        widths = opened(book_bytes(WorkbookDraft("t", (Sheet("Lines", (amounts,)),), DAY)))["Lines"].column_dimensions
        assert widths["A"].width >= len("1,000,000,000,000.00")
        assert widths["B"].width == 7
        assert 30 <= widths["C"].width <= 34

    def test_a_form_has_choices_notes_and_empty_rows_in_their_formats(self) -> None:
        book = opened(BYTES)
        sheet = book["To fill in"]
        rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
        assert rules["A1"].prompt == rules["A2:A7"].prompt == "A pseudonym, never a name."
        assert (rules["B2:B7"].type, rules["B2:B7"].formula1) == ("list", "Lists!$A$2:$A$11")
        assert (rules["C2:C7"].formula1, rules["C2:C7"].prompt) == (
            '"Housing,Medical"',
            "As the terms name it.",
        )
        assert rules["B2:B7"].showErrorMessage
        assert [cell.value for cell in book["Lists"]["A"]][:2] == [
            "List 1",
            "Region 1, office and all of its states",
        ]
        assert book["Lists"].sheet_state == "hidden"
        assert [cell.number_format for cell in sheet[7]] == [
            "@",
            "@",
            "@",
            "yyyy-mm-dd",
            "#,##0.00_);(#,##0.00)",
        ]

    def test_a_list_that_no_rule_could_hold_stands_on_its_own_sheet(self) -> None:
        block = Block((TableColumn("A", choices=("one, two", "three")),), [("three",)])
        sheet = opened(book_bytes(WorkbookDraft("t", (Sheet("Lines", (block,)),), DAY)))["Lines"]
        assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ["Lists!$A$2:$A$3"]

    def test_paragraphs_run_across_and_each_part_is_well_formed(self) -> None:
        assert [str(cells) for cells in opened(BYTES)["Lines"].merged_cells.ranges] == ["A2:G2"]
        with ZipFile(BytesIO(BYTES)) as package:
            for name in package.namelist():
                ET.fromstring(package.read(name))
