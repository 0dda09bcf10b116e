"""What leaves a hand is looked through for identifiers, row addresses, and whatever is hidden or
stored in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from grantcalc.cli import main
from grantcalc.disclosure import publish_letters
from grantcalc.disclosure.exports import check_export
from grantcalc.disclosure.identifiers import check_book, told_by_header, told_by_text
from grantcalc.errors import Finding, Rejected, WorkbookRejected
from grantcalc.io.inputs import read_caseload
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.letter_report import write_letters
from grantcalc.io.issued.outreachbook import write_coalitions, write_grantee_report
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.requests import assemble, requests
from grantcalc.letter_years import letters_by_year
from grantcalc.letters import Log
from grantcalc.outreach.assistance import quarterly
from grantcalc.outreach.coalitions import register
from grantcalc.outreach.objectives import Quarter
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft
from tests import leaks, sample_program

Change = Callable[[Any], None]


def workbook(path: Path, *changes: Change) -> Path:
    """A harmless workbook, and what was done to it."""
    book = openpyxl.Workbook()
    book.active.title = "Counts"  # type: ignore[union-attr]
    for row in (("Subaward", "Month", "Count"), ("S-A", "2012-09", 14), ("S-B1", "2012-09", 22)):
        book["Counts"].append(row)
    for change in changes:
        change(book)
    book.save(path)
    return path


def put(ref: str, value: object) -> Change:
    def change(book: Any) -> None:
        book["Counts"][ref] = value

    return change


def hide(book: Any) -> None:
    book.create_sheet("Old").sheet_state = "veryHidden"
    book["Counts"].row_dimensions[3].hidden = True
    book["Counts"].column_dimensions["B"].hidden = True
    book["Counts"].column_dimensions["F"].width = 0


def name(text: str, hidden: bool = False) -> Change:
    def change(book: Any) -> None:
        book.defined_names["Kept"] = DefinedName("Kept", attr_text=text, hidden=hidden)

    return change


def made_by(book: Any) -> None:
    book.properties.creator, book.properties.title = "Maria Lopez", "For maria@example.org"
    book.properties.lastModifiedBy = "M. Lopez"


def comment(book: Any) -> None:
    book["Counts"]["A2"].comment = Comment("call back", "Maria Lopez")


def footer(book: Any) -> None:
    book["Counts"].oddFooter.left.text = "maria@example.org"


def told(path: Path) -> set[tuple[str, str]]:
    return {(str(found.place), found.cause) for found in check_export(path)}


class TestAnyWorkbook:
    def test_a_harmless_one_may_go(self, tmp_path: Path) -> None:
        assert check_export(workbook(tmp_path / "a.xlsx")) == ()

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (put("A4", "000-00-0000"), {("Counts!A4", "ssn")}),
            (put("A4", "call maria@example.org"), {("Counts!A4", "email")}),
            (put("A4", "file A123 456 789"), {("Counts!A4", "a_number")}),
            (put("A4", "123456789"), {("Counts!A4", "ssn")}),
            (put("A4", "1990-02-14"), {("Counts!A4", "birth")}),
            (put("A4", "caseload.xlsx Costs!12"), {("Counts!A4", "row")}),
            (put("A4", "see 'Old costs'!B12"), {("Counts!A4", "row")}),
            (put("A1", "Participant"), {("Counts!A2", "participant")}),
            (put("B1", "Date of birth"), {("Counts!B2", "birth")}),
            (put("A1", "First name"), {("Counts!A2", "name")}),
            (hide, {("Old", "hidden"), ("Counts!3", "hidden"), ("Counts", "hidden")}),
            (name("'Counts'!$A$1"), set()),
            (name("'Counts'!$A$1", hidden=True), {("a defined name", "hidden")}),
            (name("'[1]Other'!$A$1"), {("a defined name", "stored")}),
            (name('"maria@example.org"'), {("a defined name", "email")}),
            (
                made_by,
                {
                    ("property creator", "property"),
                    ("property lastModifiedBy", "property"),
                    ("property title", "email"),
                },
            ),
            (footer, {("Counts!oddFooter", "email")}),
        ],
    )
    def test_what_it_tells(self, change: Change, expected: set[tuple[str, str]], tmp_path: Path) -> None:
        assert told(workbook(tmp_path / "a.xlsx", change)) == expected

    def test_comments(self, tmp_path: Path) -> None:
        assert ("xl/comments/comment1.xml", "comment") in told(workbook(tmp_path / "a.xlsx", comment))

    def test_nothing_found_is_repeated(self, tmp_path: Path) -> None:
        found = check_export(workbook(tmp_path / "a.xlsx", put("A4", "maria@example.org"), made_by, comment, hide))
        assert found
        assert not any(secret in str(f) for f in found for secret in ("maria", "Maria", "Lopez"))

    def test_a_text_that_no_cell_shows(self, tmp_path: Path) -> None:
        """A value was deleted from its cell and stayed among the stored texts; the other one is
        shown."""
        path = workbook(tmp_path / "a.xlsx", put("A4", "kept"))
        changed(path, "xl/worksheets/sheet1.xml", ' t="inlineStr"><is><t>kept</t></is>', ' t="s"><v>0</v>')
        with zipfile.ZipFile(path, "a") as package:
            package.writestr("xl/sharedStrings.xml", "<sst><si><t>kept</t></si><si><t>000-00-0000</t></si></sst>")
        assert told(path) == {("a.xlsx", "stored"), ("stored texts", "ssn")}

    def test_a_value_stored_behind_a_formula(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", put("A4", "=IF(1,2,3)"))
        changed(path, "xl/worksheets/sheet1.xml", '<c r="A4"><f>', '<c r="A4" t="str"><f>')
        changed(path, "xl/worksheets/sheet1.xml", "</f><v />", "</f><v>000-00-0000</v>")
        assert told(path) == {("Counts!A4", "ssn")}

    @pytest.mark.parametrize(
        ("part", "cause"),
        [
            ("xl/externalLinks/externalLink1.xml", "stored"),
            ("xl/pivotCache/pivotCacheRecords1.xml", "stored"),
            ("xl/connections.xml", "stored"),
            ("xl/embeddings/oleObject1.bin", "embedded"),
            ("customXml/item1.xml", "embedded"),
            ("xl/vbaProject.bin", "embedded"),
            ("xl/persons/person.xml", "property"),
        ],
    )
    def test_parts_that_nobody_sees(self, part: str, cause: str, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx")
        with zipfile.ZipFile(path, "a") as package:
            package.writestr(part, "<a/>")
        assert told(path) == {(part, cause)}

    def test_known_pseudonyms(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", put("A4", "of P-0417 and others"), put("A5", "P-0418"))
        assert [f.cause for f in check_export(path, ("P-0417", "P-0418"))] == ["pseudonym", "pseudonym"]

    @pytest.mark.parametrize("data", [b"", b"PK", b"\xd0\xcf\x11\xe0"])
    def test_no_workbook(self, data: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(data)
        with pytest.raises(WorkbookRejected):
            check_export(tmp_path / "a.xlsx")

    def test_a_zip_that_is_no_workbook(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
            package.writestr("a.txt", "a")
        with pytest.raises(WorkbookRejected):
            check_export(tmp_path / "a.xlsx")


class TestSmuggled:
    """A pseudonym, or a person's name, passes in no part of a package, and nothing of it is
    repeated."""

    def test_a_harmless_workbook_may_go(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(leaks.harmless())
        assert check_export(tmp_path / "a.xlsx", (leaks.SECRET,)) == ()

    @pytest.mark.parametrize(("place", "data"), [pytest.param(*x, id=x[0][:50]) for x in leaks.workbooks()])
    def test_it_does_not_pass(self, place: str, data: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(data)
        try:
            found = check_export(tmp_path / "a.xlsx", (leaks.SECRET,))
        except WorkbookRejected as refused:
            found = refused.findings
        assert any(f.severity == "error" for f in found), place
        assert not any(secret in repr(f) for f in found for secret in (leaks.SECRET, "Maria")), place

    def test_the_name_of_the_file_goes_too(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "of P-0417.xlsx")
        assert [(f.place.sheet, f.cause) for f in check_export(path, ("P-0417",))] == [
            ("name of the file", "pseudonym")
        ]

    def test_a_number_may_be_a_pseudonym(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", put("A4", 20417), put("A5", 123456789), put("A6", 14))
        found = [(f.place.cell, f.cause, f.severity) for f in check_export(path, ("20417", "14"))]
        assert found == [("A4", "pseudonym", "warning"), ("A5", "ssn", "warning")]

    def test_settings_of_a_printer_are_a_warning(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx")
        with zipfile.ZipFile(path, "a") as package:
            package.writestr("xl/printerSettings/printerSettings1.bin", b"\0\1")
        assert [(f.cause, f.severity) for f in check_export(path)] == [("stored", "warning")]

    def test_what_only_looks_like_an_identifier(self, tmp_path: Path) -> None:
        """Whole columns, column A of a sheet's end, and a format of text."""
        path = workbook(tmp_path / "a.xlsx", put("B4", "=SUM(A1:A1048576)"), put("B5", "=T[Count]*1"))
        changed(path, "xl/worksheets/sheet1.xml", "</worksheet>", '<ignoredErrors sqref="A1:A1048576 A9"/></worksheet>')
        changed(path, "xl/styles.xml", "<fonts", '<numFmts><numFmt formatCode="_(@_)"/></numFmts><fonts')
        assert check_export(path, ("A1", "1")) == ()


def changed(path: Path, part: str, old: str, new: str) -> None:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = parts[part].decode()
    assert old in text
    parts[part] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as package:
        for each, data in parts.items():
            package.writestr(each, data)


class TestRules:
    @pytest.mark.parametrize(
        "text",
        [
            "S-01",
            "90ZV0101",
            "12-3456789",
            "YNDUZMUZF8H8",
            "2012-09",
            "as known on 2012-10-15",
            "1-888-3737-888",
            "A-12",
        ],
    )
    def test_what_is_nobody(self, text: str) -> None:
        assert told_by_text(text) == ()

    @pytest.mark.parametrize("header", ["Subaward", "Region", "Name", "Amount", "Participants served", "Source", ""])
    def test_columns_of_nobody(self, header: str) -> None:
        assert told_by_header(header) is None

    @pytest.mark.parametrize(
        "header", ["Client ID", "participant", "SSN", "A-Number", "D.O.B.", "Phone", "E-mail", "Row"]
    )
    def test_columns_of_somebody(self, header: str) -> None:
        found = told_by_header(header)
        assert found is not None or header == "D.O.B."


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


class TestBeforeItIsWritten:
    """Exports between hands are checked before they are written."""

    def test_what_goes_up_may_go(self, documents: sample_program.World) -> None:
        for kind in ("claim", "request"):
            assert (
                check_export(documents.documents[kind], (*sample_program.PSEUDONYMS, *sample_program.REFERENCES)) == ()
            )

    def test_what_stays_may_not(self, documents: sample_program.World) -> None:
        assert {f.cause for f in check_export(documents.documents["detailed"])} == {"participant", "row"}

    @pytest.mark.parametrize(
        ("label", "cause"), [("ask maria@example.org", "email"), ("P-7731 too", "pseudonym"), ("Costs!B3", "row")]
    )
    def test_a_claim_that_tells_is_not_written(
        self, label: str, cause: str, documents: sample_program.World, tmp_path: Path
    ) -> None:
        claim = evolve(sample_program.claim(documents.inputs), label=label)
        with pytest.raises(Rejected) as refused:
            write_claim(claim, tmp_path / "claim.xlsx")
        assert [f.cause for f in refused.value.findings] == [cause]
        assert not (tmp_path / "claim.xlsx").exists()
        write_claim(claim, tmp_path / "claim.xlsx", detail=True)

    def test_no_report_that_tells_is_written(self, documents: sample_program.World, tmp_path: Path) -> None:
        """Requests, reports of grantees, letters, performance and coalitions, as claims are."""
        label, out = "ask maria@example.org", tmp_path / "out.xlsx"
        asked = requests(assemble([sample_program.claim(documents.inputs)]), sample_program.network(documents.inputs))
        report = quarterly([read_caseload(documents.inputs / "caseload-a.xlsx")], Quarter.parse("2011-Q4"))
        writers: tuple[Callable[[], object], ...] = (
            lambda: write_request([evolve(r, label=label) for r in asked], out),
            lambda: write_grantee_report(evolve(report, label=label), out),
            lambda: write_letters(Log(report_date=date(2012, 1, 1), label=label), out),
            lambda: write_coalitions(register((), (), None, date(2012, 1, 1), label), out),
        )
        for write in writers:
            with pytest.raises(Rejected) as refused:
                write()
            assert {f.cause for f in refused.value.findings} == {"email"}
            assert not out.exists()

    def test_hidden_sheets_and_columns_of_persons(self) -> None:
        block = Block((TableColumn("Participant"), TableColumn("Count", "count")), [("P-1", 1)])
        book = WorkbookDraft(
            "T",
            (Sheet("Seen", (Block((TableColumn("A"),), [("x",)]),)), Sheet("Kept", (block,), hidden=True)),
            date(2012, 1, 1),
        )
        assert [(str(f.place), f.cause) for f in check_book(book)] == [("Kept", "hidden"), ("Kept!A2", "participant")]
        assert isinstance(check_book(book)[0], Finding)


class TestForThePublic:
    """A claim holds no identifier, and its figures may single out a person to whoever knows
    them."""

    def causes(self, *rows: tuple[object, ...], tmp_path: Path) -> set[tuple[str, str, str]]:
        def add(book: Any) -> None:
            for row in rows:
                book.create_sheet("Lines").append(row) if "Lines" not in book else book["Lines"].append(row)

        path = workbook(tmp_path / "a.xlsx", add)
        assert not check_export(path)
        found = check_export(path, public=True)
        assert {f.severity for f in found} <= {"warning"}
        return {(f.cause, f.place.sheet, f.place.cell) for f in found}

    def test_counts_of_many_persons(self, tmp_path: Path) -> None:
        rows = ("Month", "Count", "Quantity", "Divisor"), ("2012-09", 14, 1, 1), ("2012-09", 0, 30, 30)
        assert self.causes(*rows, tmp_path=tmp_path) == set()

    def test_counts_from_1_to_10(self, tmp_path: Path) -> None:
        rows = ("Month", "Count"), ("2012-09", 11), ("2012-10", 10), ("2012-11", 1)
        assert self.causes(*rows, tmp_path=tmp_path) == {("few", "Lines", "B3")}

    @pytest.mark.parametrize("header", [("Quantity", "Divisor"), ("Days", "Of")])
    def test_parts_of_a_month(self, header: tuple[str, str], tmp_path: Path) -> None:
        rows = ("Count", *header), (40, 31, 31), (50, 11, 31), (60, 20, 31)
        assert self.causes(*rows, tmp_path=tmp_path) == {("part_month", "Lines", "")}

    def test_a_price_times_persons(self, tmp_path: Path) -> None:
        """2,200.00 a person: 6,600.00 is three persons, also above the price; 24,200.00 is
        eleven."""
        rows = ("Amount", "Rate"), (24200, 2200), (6600, 2200)
        assert self.causes(*rows, tmp_path=tmp_path) == {("multiple", "Lines", "A3")}

    def test_a_claim(self, documents: sample_program.World) -> None:
        """A claim without detail goes to the recipient, and is not to be published."""
        path = documents.documents["claim"]
        assert not check_export(path)
        assert {"few", "part_month"} <= {f.cause for f in check_export(path, public=True)}


class TestCommand:
    def run(self, *words: object) -> tuple[int, str]:
        found = CliRunner().invoke(main, ["check-export", *map(str, words)], catch_exceptions=False)
        return found.exit_code, found.stdout

    def test_silent_when_it_may_go(self, tmp_path: Path) -> None:
        assert self.run(workbook(tmp_path / "a.xlsx")) == (0, "")

    def test_findings_and_status(self, tmp_path: Path) -> None:
        bad = workbook(tmp_path / "a.xlsx", put("A4", "maria@example.org"))
        assert self.run(bad) == (
            1,
            (
                "Counts!A4: this looks like an e-mail address, expected nothing that identifies a person; "
                "found text of 17 characters\n"
            ),
        )
        status, said = self.run(bad, "--json")
        assert status == 1
        assert "email" in json.dumps(json.loads(said))

    def test_a_warning_alone_leaves_0(self, tmp_path: Path) -> None:
        status, said = self.run(workbook(tmp_path / "a.xlsx", put("A4", "1990-02-14")))
        assert (status, said.startswith("warning: ")) == (0, True)

    def test_for_the_public(self, tmp_path: Path) -> None:
        few = workbook(tmp_path / "a.xlsx", put("C3", 3))
        assert self.run(few) == self.run(few, "--for", "recipient") == (0, "")
        status, said = self.run(few, "--for", "public")
        assert (status, said.startswith("warning: Counts!C3: counts from 1 to 10 are in this column")) == (
            0,
            True,
        ), said

    @pytest.mark.parametrize("reader", ["coalition", "hotline", "public"])
    def test_who_bills_alone_may_see_small_figures(self, reader: str, tmp_path: Path) -> None:
        few = workbook(tmp_path / "a.xlsx", put("C3", 3))
        assert self.run(few, "--for", "subrecipient") == (0, "")
        assert "counts from 1 to 10 are in this column" in self.run(few, "--for", reader)[1]

    def test_a_report_that_says_not_to_publish_it(self, tmp_path: Path) -> None:
        out = tmp_path / "report.xlsx"
        log = Log(report_date=date(2012, 1, 1))
        write_letters(log, out)
        assert self.run(out) == (0, "")
        status, said = self.run(out, "--for", "public")
        assert (status, "this report says not to publish it" in said) == (1, True)
        write_letters(log, out, withholding=publish_letters(letters_by_year(log)))
        assert self.run(out, "--for", "public") == (0, "")

    def test_no_workbook(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_text("no")
        assert self.run(tmp_path / "a.xlsx")[0] == 2
