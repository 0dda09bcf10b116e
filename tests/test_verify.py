"""Verification of claims and requests, made from real workbooks and changed in every way that a
hand can change one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import ironcalc
import openpyxl
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

import grantcalc
from grantcalc.audit.regenerate import regenerate
from grantcalc.audit.run import run_of
from grantcalc.audit.verify import RESAVED, Difference, Verdict, compare_cells, verify
from grantcalc.billing.claims import bill
from grantcalc.errors import NotInForce, Rejected
from grantcalc.io.inputs import read_award, read_caseload, read_claim
from grantcalc.io.intake.award import award_of_book
from grantcalc.io.intake.cells import CellValue, open_book
from grantcalc.io.intake.templates import write_input
from grantcalc.io.issued import claimbook
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.provenance import Input
from grantcalc.terms import load_terms, read_terms
from grantcalc.terms.changing import change_terms
from grantcalc.terms.reading import earlier_terms
from tests import sample_program
from tests.requirements import require
from tests.sample_program import World
from tests.tampering import (
    CHANGES,
    DOCUMENTS,
    WAYS,
    applies,
    cells,
    changed,
    dependents,
    part_of,
    read_once,
    rewritten,
    with_cell,
)

pytestmark = pytest.mark.slow  # together more than half a minute, and the same on each Python

LOST = "the formulas have lost their stored values: the file was saved by a program that does not compute"
TRUE = Verdict((), (), ())


def resaved(*notes: str) -> Verdict:
    """The verdict on a file that was saved again, with these notes besides."""
    return Verdict((), (), (*notes, RESAVED), "re-saved")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with read_once():
        yield sample_program.world(tmp_path_factory)


def saved_again(path: Path, out: Path, change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> Path:
    """A copy saved by openpyxl, which keeps no stored values."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(out)
    return out


def converted(paths: Iterable[Path], out: Path, kind: str = "xlsx") -> Path:
    """A folder of copies saved by LibreOffice."""
    out.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    command = [require("libreoffice"), profile, "--headless", "--convert-to", kind, "--outdir", str(out)]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=120)
    return out


# --- the truth ---


class TestTheTruth:
    """A workbook that tells the truth is silent, whatever became of its inputs' names."""

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_at_once(self, world: World, name: str) -> None:
        verdict = verify(world.documents[name], world.inputs)
        assert verdict == TRUE
        assert verdict
        assert verdict.as_json()["true"] is True

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_with_inputs_under_other_names_in_a_crowded_folder(self, world: World, tmp_path: Path, name: str) -> None:
        for number, path in enumerate(sorted(world.inputs.iterdir())):
            (folder := tmp_path / f"{number}").mkdir()
            shutil.copy(path, folder / f"renamed {number}")
        (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
        (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0")
        (tmp_path / "~$claim.xlsx").write_bytes(b"")
        (tmp_path / "terms.toml").write_text("format = 2")
        shutil.copy(world.documents["claim"], tmp_path / "a claim.xlsx")
        assert verify(world.documents[name], tmp_path) == TRUE

    def test_with_inputs_saved_again(self, world: World, tmp_path: Path) -> None:
        """Their files differ, their facts do not: that is told, and it is no lie."""
        for path in world.inputs.iterdir():
            saved_again(path, tmp_path / path.name) if path.suffix == ".xlsx" else shutil.copy(path, tmp_path)
        notes = {
            role: f"an input of role {role} was saved again: its file differs, its facts do not"
            for role in ("award", "caseload", "claim")
        }
        found = verify(world.documents["claim"], tmp_path)
        assert found == Verdict((), (), (notes["award"], notes["caseload"], notes["caseload"]))
        found = verify(world.documents["request"], tmp_path)
        assert found == Verdict((), (), (notes["award"], notes["claim"], notes["claim"]))

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_saved_again_by_openpyxl(self, world: World, tmp_path: Path, name: str) -> None:
        path = saved_again(world.documents[name], tmp_path / "again.xlsx")
        assert verify(path, world.inputs) == resaved(LOST)

    def test_saved_again_by_libreoffice(self, world: World, tmp_path: Path) -> None:
        """It computes and stores anew, writes every cell its own way, and nothing has changed: that
        is one note. So it is by way of an OpenDocument file, and by way of openpyxl, which loses
        the stored values on the way."""
        out = converted(world.documents.values(), tmp_path)
        sheets = converted(world.documents.values(), tmp_path / "ods", "ods")
        back = converted(sheets.glob("*.ods"), tmp_path / "back")
        for name in DOCUMENTS:
            for folder in (out, back):
                assert verify(folder / f"{name}.xlsx", world.inputs) == resaved()
            again = saved_again(out / f"{name}.xlsx", tmp_path / "by openpyxl.xlsx")
            assert verify(again, world.inputs) == resaved(LOST)

    def test_made_by_another_version(self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as earlier:
            earlier.setattr(claimbook, "version_here", lambda: "0.0.1")
            write_claim(sample_program.claim(world.inputs), path := tmp_path / "claim.xlsx")
        here = claimbook.version_here()
        note = (
            f"made by grantcalc 0.0.1, and this is {here} with format 2: install that version to check the file, or "
            "compare its values alone with --values-only"
        )
        verdict = verify(path, world.inputs)
        assert verdict == Verdict((), (), (note,), "not checked here")
        assert not verdict
        note = f"made by another version of grantcalc than this one, which is {here}"
        verdict = verify(path, world.inputs, values_only=True)
        assert verdict == Verdict((), (), (note,), "values agree")
        assert verdict

    def test_another_version_is_no_way_around(self, world: World, tmp_path: Path) -> None:
        """A version cell that names another version, and a digest that was emptied, do not make a
        file true."""
        path = world.documents["claim"]
        row = next(c.ref for s, c in cells(path) if (s, c.value) == ("Sources", "grantcalc"))[1:]
        text = "<is><t>0.0.9</t></is>"
        other = with_cell(path, tmp_path / "other.xlsx", "Sources", f"B{row}", text, ' t="inlineStr"')
        assert [d.cell for d in verify(other, world.inputs).differences] == [f"Sources!B{row}"]
        digest = re.compile(">[0-9a-f]{64}<")
        emptied = rewritten(
            other, tmp_path / "lie.xlsx", lambda n, t: digest.sub("><", t) if n == "docProps/custom.xml" else t
        )
        verdict = verify(emptied, world.inputs)
        assert (bool(verdict), verdict.answer) == (False, "not checked here")
        assert "made by grantcalc 0.0.9" in verdict.notes[0]


class TestSigned:
    """What a person types in the cells to sign is told, and is no difference; a formula there is
    one."""

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_on_the_cover(self, world: World, tmp_path: Path, name: str) -> None:
        def sign(workbook: openpyxl.Workbook) -> None:
            cover = workbook["Summary"]
            for form in (sheet for sheet in workbook.worksheets if sheet.title.startswith("SF-")):
                row = next(c.row for c in form["A"] if c.value == "13e. Date submitted")
                form.cell(row, 2).value = date(2012, 2, 2)
            typed: tuple[Any, ...] = "/s/ Maria", "Maria, director", date(2012, 2, 1)
            for row, value in zip(lines_to_sign(cover), typed, strict=True):
                cover.cell(row, 2).value = value

        path = saved_again(world.documents[name], tmp_path / "signed.xlsx", sign)
        rows = lines_to_sign(openpyxl.load_workbook(path)["Summary"])
        notes = [
            f"Summary!B{row} ({what}) is a cell to sign, and was filled in"
            for row, what in zip(rows, ("Signature", "Name and title", "Date signed"), strict=True)
        ]
        for form in openpyxl.load_workbook(path).worksheets:
            if form.title.startswith("SF-"):
                row = next(c.row for c in form["A"] if c.value == "13e. Date submitted")
                notes.append(f"{form.title}!B{row} (13e. Date submitted) is a cell to sign, and was filled in")
        assert verify(path, world.inputs) == resaved(*notes, LOST)

    @pytest.mark.parametrize(("column", "value"), [(2, "=1+1"), (3, 5)])
    def test_what_is_no_signature(self, world: World, tmp_path: Path, column: int, value: str | int) -> None:
        def sign(workbook: openpyxl.Workbook) -> None:
            cover = workbook["Summary"]
            cover.cell(lines_to_sign(cover)[0], column).value = value

        path = saved_again(world.documents["claim"], tmp_path / "signed.xlsx", sign)
        verdict = verify(path, world.inputs)
        row = lines_to_sign(openpyxl.load_workbook(path)["Summary"])[0]
        assert [d.cell for d in verdict.differences] == [f"Summary!{'ABC'[column - 1]}{row}"]

    def test_a_signed_claim_is_still_a_claim(self, world: World, tmp_path: Path) -> None:
        path = world.documents["claim"]
        row = lines_to_sign(openpyxl.load_workbook(path)["Summary"])[0]
        typed = f'<c r="B{row}" t="inlineStr"><is><t>/s/ Maria</t></is></c>'
        part, cell = part_of(path, "Summary"), re.compile(rf'(<c r="A{row}".*?</c>)(<c r="B{row}"[^>]*/>)?', re.DOTALL)
        signed = rewritten(path, tmp_path / "claim.xlsx", lambda n, t: cell.sub(rf"\1{typed}", t) if n == part else t)
        assert f"Summary!B{row} (Signature) is a cell to sign, and was filled in" in verify(signed, world.inputs).notes
        assert read_claim(signed) == read_claim(path)


def lines_to_sign(cover: Any) -> list[int]:
    labels = "Signature", "Name and title", "Date signed"
    return [row for row in range(1, cover.max_row + 1) if cover.cell(row, 1).value in labels]


EARLIER = Path(grantcalc.__file__).parent / "programs" / "earlier"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of inputs, and the claim made from them."""
    folder = tmp_path_factory.mktemp("shipped")
    rows: sample_program.Rows = {
        **sample_program.AWARD,
        "Awards": [{**sample_program.AWARD["Awards"][0], "terms": "matching-grant"}],
        "Terms": (),
        "Disallowances": (),
    }
    write_input("award", rows, folder / "award.xlsx")
    counts: list[dict[str, Any]] = [{"subaward": "S-B", "service": "resettlement", "month": "2011-11", "quantity": 1}]
    write_input("caseload", {**sample_program.CASELOAD_B, "Enrollment": (), "Counts": counts}, folder / "counts.xlsx")
    claim = bill(read_caseload(folder / "counts.xlsx"), read_award(folder / "award.xlsx"), sample_program.THROUGH)
    write_claim(claim, path := folder.parent / "shipped.xlsx")
    return folder, path


class TestTermsThatShip:
    """An award under terms that ship with grantcalc names them as an input: which version it was
    computed with."""

    def test_they_are_named_with_their_digest(self, shipped: tuple[Path, Path]) -> None:
        folder, path = shipped
        terms = load_terms("matching-grant")
        named = Input("terms", "matching-grant.toml", terms.digest, terms.digest, terms.published)
        assert named in read_claim(path).inputs
        assert [x.amount for x in read_claim(path).lines] == [220_000]
        assert verify(path, folder) == TRUE
        assert regenerate(path, folder, folder.parent / "again.xlsx").same_bytes

    def test_each_cell_of_theirs(self, shipped: tuple[Path, Path], tmp_path: Path) -> None:
        folder, path = shipped
        row = next(c.ref[1:] for s, c in cells(path) if (s, c.value) == ("Sources", "matching-grant.toml"))
        for column, text in (("A", "claim"), ("B", "ssi.toml"), ("D", "0" * 64), ("E", "Maria")):
            inside = f"<is><t>{text}</t></is>"
            lie = with_cell(path, tmp_path / f"{column}.xlsx", "Sources", f"{column}{row}", inside, ' t="inlineStr"')
            verdict = verify(lie, folder)
            assert ([d.cell for d in verdict.differences], verdict.notes) == ([f"Sources!{column}{row}"], ())

    def test_of_an_earlier_version_that_is_kept(self, tmp_path: Path) -> None:
        """Terms that shipped with 0.1.0 are found by their digest: what they priced and today's
        refuse is verified."""
        program, folder = "reception-and-placement", tmp_path / "inputs"
        folder.mkdir()
        award = {**sample_program.AWARD["Awards"][0], "terms": program}
        rows: sample_program.Rows = {**sample_program.AWARD, "Awards": [award], "Terms": (), "Disallowances": ()}
        write_input("award", rows, folder / "award.xlsx")
        counts = [{"subaward": "S-B", "service": "per_capita_grant", "month": "2011-11", "quantity": 1}]
        load = {**sample_program.CASELOAD_B, "Enrollment": (), "Counts": counts}
        write_input("caseload", load, folder / "counts.xlsx")
        kept = EARLIER / f"{program}-0.1.0.toml"
        earlier = read_terms(kept.read_text("utf-8"), f"{program}.toml")
        network, caseload = read_award(folder / "award.xlsx"), read_caseload(folder / "counts.xlsx")
        with pytest.raises(NotInForce):
            bill(caseload, network, sample_program.THROUGH)
        network = award_of_book(open_book(folder / "award.xlsx"), lambda name: kept.read_bytes())
        write_claim(bill(caseload, network, sample_program.THROUGH), path := tmp_path / "c.xlsx")
        assert verify(path, folder) == TRUE
        assert (earlier_terms(earlier.digest), earlier_terms("1" * 64)) == (kept, None)

    @pytest.mark.parametrize("file", sorted(EARLIER.glob("*.toml")), ids=lambda file: file.stem)
    def test_every_earlier_version_is_still_read(self, file: Path) -> None:
        """And differs from what ships today."""
        terms = read_terms(file.read_text("utf-8"), f"{file.stem.rpartition('-')[0]}.toml")
        assert terms.digest != load_terms(terms.id).digest

    def test_of_another_version(
        self, shipped: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With another version of grantcalc its terms may be others too: that is told, and what
        changes by it."""
        folder, path = shipped
        terms = load_terms("matching-grant")
        shutil.copytree(folder, earlier := tmp_path / "earlier")
        network = read_award(folder / "award.xlsx")
        other = evolve(
            change_terms(network.awards[0].terms, {"services.resettlement.rates": "2100.00 USD"}), digest="1" * 64
        )
        network = evolve(network, awards=(evolve(network.awards[0], terms=other),))
        with monkeypatch.context() as before:
            before.setattr(claimbook, "version_here", lambda: "0.0.1")
            write_claim(
                bill(read_caseload(folder / "counts.xlsx"), network, sample_program.THROUGH),
                path := tmp_path / "c.xlsx",
            )
        assert verify(path, earlier).answer == "not checked here"
        verdict = verify(path, earlier, values_only=True)
        assert verdict.notes == (
            "the terms matching-grant.toml that ship with grantcalc are another version than stated",
            f"made by another version of grantcalc than this one, which is {claimbook.version_here()}",
        )
        assert not [d for d in verdict.differences if d.cell.startswith("Sources!")]
        assert "Lines!O3" in {d.cell for d in verdict.differences}
        found = regenerate(path, earlier, tmp_path / "again.xlsx")
        assert [(c.before, c.after) for c in found.changes] == [(210_000, 220_000)]
        assert [c.reasons[0].partition(" (")[0] for c in found.changes] == ["rate 2100 -> 2200"]
        assert terms.digest in {i.digest for i in read_claim(tmp_path / "again.xlsx").inputs}


# --- lies ---


@st.composite
def lies(draw: st.DrawFn) -> tuple[str, int, int, str]:
    """A document, a sheet of it and a cell by its number (of so many as there are), and how that is
    changed."""
    numbers = draw(st.integers(0, 99)), draw(st.integers(0, 10**6))
    return draw(st.sampled_from(DOCUMENTS)), *numbers, draw(st.sampled_from(WAYS))


class TestLaw8:
    """Change any one figure of an issued workbook: verification names that cell; figures that
    follow from it are listed as its consequences, and no other."""

    @pytest.mark.slow
    @given(lies())
    @example(("claim", 0, 0, "a text"))  # the title, which says what the document is, to which month and when
    @example(("request", 0, 2, "another number"))
    @example(("detailed", 0, 0, "nothing"))
    @example(("ledger", 1, 9, "a format that shows nothing"))
    def test_any_cell(
        self, world: World, tmp_path_factory: pytest.TempPathFactory, lie: tuple[str, int, int, str]
    ) -> None:
        name, place, index, how = lie
        path = world.documents[name]
        sheets = list(dict.fromkeys(sheet for sheet, cell in cells(path) if applies(how, cell)))
        open_to_it = [(s, cell) for s, cell in cells(path) if s == sheets[place % len(sheets)] and applies(how, cell)]
        sheet, cell = open_to_it[index % len(open_to_it)]
        out = tmp_path_factory.mktemp("lie") / "lie.xlsx"
        verdict = verify(changed(path, out, sheet, cell, how), world.inputs)
        assert [d.cell for d in verdict.differences] == [f"{sheet}!{cell.ref}"]
        assert set(verdict.consequences) == (dependents(path, f"{sheet}!{cell.ref}") if how in CHANGES else set())
        assert verdict.notes == ()
        assert not verdict

    def test_cells_throughout(self, world: World) -> None:
        """Every third cell there is, without the detour over a file."""
        book = open_book(world.documents["claim"])
        for sheet, rows in book.sheets.items():
            for at, (row, found) in enumerate(rows):
                for cell in found[at % 3 :: 3]:
                    other = evolve(cell, value=cell.value + 1 if isinstance(cell.value, int | float) else 5)
                    line = row, tuple(other if c is cell else c for c in found)
                    lie = evolve(book, sheets={**book.sheets, sheet: (*rows[:at], line, *rows[at + 1 :])})
                    verdict = compare_cells(lie, book)
                    assert [d.cell for d in verdict.differences] == [f"{sheet}!{cell.ref}"]

    @pytest.mark.parametrize(
        ("name", "ref"),
        [
            ("claim", "A12"),
            ("claim", "B13"),
            ("claim", "D13"),
            ("claim", "E13"),
            ("request", "B12"),
            ("request", "D11"),
        ],
    )
    def test_what_the_document_says_of_its_inputs(self, world: World, tmp_path: Path, name: str, ref: str) -> None:
        """By role, file and digest the inputs are found; one of them changed does not hide them."""
        cell = next(c for s, c in cells(world.documents[name]) if (s, c.ref) == ("Sources", ref))
        lie = changed(world.documents[name], tmp_path / "lie.xlsx", "Sources", cell, "a text")
        verdict = verify(lie, world.inputs)
        assert [d.cell for d in verdict.differences] == [f"Sources!{ref}"]
        assert verdict.consequences == verdict.notes == ()

    def test_a_changed_name_of_an_input_that_was_renamed_too(self, world: World, tmp_path: Path) -> None:
        """What cannot be known is told."""
        (folder := tmp_path / "in").mkdir()
        for number, path in enumerate(sorted(world.inputs.iterdir())):
            shutil.copy(path, folder / f"{number}")
        path, text = world.documents["claim"], "<is><t>caseload-c.xlsx</t></is>"
        lie = with_cell(path, tmp_path / "lie.xlsx", "Sources", "B14", text, ' t="inlineStr"')
        note = "the names and digests of inputs on the Sources sheet could not be checked"
        verdict = verify(lie, folder)
        assert [d.cell for d in verdict.differences] == ["the property grantcalc.parts"]
        assert verdict.notes == (note,)

    def test_two_lies_of_which_one_follows_from_the_other(self, world: World, tmp_path: Path) -> None:
        """A changed count and the total that was changed to suit it: the total is a consequence."""
        one = with_cell(world.documents["claim"], tmp_path / "one.xlsx", "Lines", "L3", "<v>3</v>")
        formula = "<f>SUM(Q3:Q24)</f><v>2301.11</v>"
        two = with_cell(one, tmp_path / "two.xlsx", "Lines", "Q25", formula)
        verdict = verify(two, world.inputs)
        assert verdict.differences == (Difference("Lines!L3", "3", "2"),)
        assert {"Lines!Q3", "Lines!Q25", "Summary!B14"} < {*verdict.consequences}

    def test_two_lies_that_do_not_follow(self, world: World, tmp_path: Path) -> None:
        one = with_cell(world.documents["claim"], tmp_path / "one.xlsx", "Lines", "L3", "<v>3</v>")
        two = with_cell(one, tmp_path / "two.xlsx", "Held back", "L3", "<v>-60.73</v>")
        assert [d.cell for d in verify(two, world.inputs).differences] == ["Held back!L3", "Lines!L3"]


class TestWhatWasAddedOrTakenAway:
    """A row taken out, a cell or a sheet put in, a sheet hidden: each is named."""

    def test_a_row(self, world: World, tmp_path: Path) -> None:
        path = world.documents["claim"]
        part = part_of(path, "Lines")
        pattern = re.compile(r'<row r="9".*?</row>', re.DOTALL)
        out = rewritten(path, tmp_path / "lie.xlsx", lambda n, text: pattern.sub("", text) if n == part else text)
        verdict = verify(out, world.inputs)
        row = {f"Lines!{c.ref}" for s, c in cells(path) if s == "Lines" and c.ref.lstrip(c.column) == "9"}
        assert {d.cell for d in verdict.differences if d.says == "nothing"} == row
        assert all(d.cell.removeprefix("Lines, row ").endswith("9") for d in verdict.differences)
        assert "Lines!Q25" in verdict.consequences

    def test_a_row_by_a_spreadsheet_program(self, world: World, tmp_path: Path) -> None:
        """It moves up all rows below, and what formulas read, and computes anew: that is one lie,
        and what follows."""
        path = world.documents["claim"]
        model = ironcalc.load_from_xlsx(str(path))
        model.delete_rows(1, 5, 1)
        model.evaluate()
        model.save_to_xlsx(str(out := tmp_path / "lie.xlsx"))
        verdict = verify(out, world.inputs)
        row = "3, 90ZV0101, S-A, 6, SUB-A, Year 1, 2011-10, expenses, direct, certified, rent, 1, 33.34"
        taken = Difference("Lines, row 5", "nothing: it was taken out", row)
        assert [d for d in verdict.differences if d.cell != "the property grantcalc.parts"] == [taken]
        before = dependents(path, "Lines!Q5") | dependents(path, "Lines!C5") | dependents(path, "Lines!D5")
        assert {ref.replace("Lines!Q25", "Lines!Q24") for ref in before} <= {*verdict.consequences}
        assert {ref for ref in verdict.consequences if ref.startswith("Lines!")} == {"Lines!Q24"}

    def test_rows_put_in_by_a_spreadsheet_program(self, world: World, tmp_path: Path) -> None:
        """Empty ones say nothing; what was typed into them is a lie for itself."""
        model = ironcalc.load_from_xlsx(str(world.documents["claim"]))
        model.insert_rows(1, 5, 2)
        model.evaluate()
        model.save_to_xlsx(str(out := tmp_path / "moved.xlsx"))
        verdict = verify(out, world.inputs)
        assert verdict.answer == "altered"
        assert [d.cell for d in verdict.differences] == ["the property grantcalc.parts", "Lines, rows 5 to 6"]
        model.set_user_input(1, 6, 17, "500")
        model.evaluate()
        model.save_to_xlsx(str(out := tmp_path / "lie.xlsx"))
        verdict = verify(out, world.inputs)
        assert verdict.differences[0] == Difference("Lines!Q6", "500", "nothing")
        assert {"Lines!Q27", "Summary!B14"} <= {*verdict.consequences}

    def test_a_cell_beside_the_table(self, world: World, tmp_path: Path) -> None:
        path = world.documents["claim"]
        part, cell = part_of(path, "Lines"), '<c r="Z3"><v>5</v></c></row><row r="4"'
        out = rewritten(
            path, tmp_path / "lie.xlsx", lambda n, t: t.replace('</row><row r="4"', cell) if n == part else t
        )
        verdict = verify(out, world.inputs)
        assert verdict == Verdict((Difference("Lines!Z3", "5", "nothing"),), (), (), "altered")

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_a_hidden_sheet(self, world: World, tmp_path: Path, state: str) -> None:
        def hide(name: str, text: str) -> str:
            return re.sub(r'(<sheet [^>]*name="Held back"[^>]*state=")visible', rf"\1{state}", text)

        out = rewritten(world.documents["claim"], tmp_path / "lie.xlsx", hide)
        verdict = verify(out, world.inputs)
        assert verdict == Verdict((Difference("Held back", "hidden", "shown"),), (), (), "altered")

    def test_an_added_sheet_and_a_hidden_one(self, world: World, tmp_path: Path) -> None:
        def change(workbook: openpyxl.Workbook) -> None:
            workbook.create_sheet("More")["B2"] = "Maria"
            workbook["Rates"].sheet_state = "hidden"

        verdict = verify(saved_again(world.documents["claim"], tmp_path / "lie.xlsx", change), world.inputs)
        said = Difference("More!B2", "text of 5 characters", "nothing"), Difference("Rates", "hidden", "shown")
        assert verdict.differences[:2] == said
        assert {d.cell for d in verdict.differences[2:]} == {"the workbook"}  # the sheet itself, and its order
        assert verdict.notes == (LOST,)


class TestSavedAgain:
    """A file saved again by openpyxl has lost its stored values: that is one note about the file,
    not a thousand."""

    @pytest.mark.parametrize(
        ("ref", "value", "says", "should_say"),
        [
            ("L3", 9, "9", "2"),
            ("Q3", 400.64, "400.64", "400.64 (=L3*ROUND(M3/N3*O3,2))"),
            ("Q3", '=IF(1,"Maria")', '400.64 (=IF(1,"…"))', "400.64 (=L3*ROUND(M3/N3*O3,2))"),
            ("G3", "2011-11", "2011-11", "2011-10"),
            ("Z9", datetime(2011, 1, 2, 12), "2011-01-02 12:00:00", "nothing"),
            ("L4", True, "TRUE", "1"),
        ],
    )
    def test_and_one_cell_changed(
        self, world: World, tmp_path: Path, ref: str, value: str | float | datetime, says: str, should_say: str
    ) -> None:
        def change(workbook: openpyxl.Workbook) -> None:
            workbook["Lines"][ref] = value

        verdict = verify(saved_again(world.documents["claim"], tmp_path / "lie.xlsx", change), world.inputs)
        assert verdict.differences == (Difference(f"Lines!{ref}", says, should_say),)
        assert verdict.notes == (LOST,)
        assert set(verdict.consequences) == dependents(world.documents["claim"], f"Lines!{ref}")


class TestWhatIsEchoed:
    """Numbers, dates and words of the true workbook are echoed; never who a participant is, nor
    other text."""

    @pytest.mark.parametrize(
        ("ref", "says", "should_say"),
        [
            ("T3", "text of 5 characters", "text of 6 characters"),  # the participant
            ("W3", "text of 5 characters", "text of 28 characters"),  # the row of the caseload
            ("H3", "text of 5 characters", "care"),
        ],
    )
    def test_of_a_detailed_claim(self, world: World, tmp_path: Path, ref: str, says: str, should_say: str) -> None:
        path, text = world.documents["detailed"], "<is><t>Maria</t></is>"
        lie = with_cell(path, tmp_path / "lie.xlsx", "Lines", ref, text, ' t="inlineStr"')
        assert verify(lie, world.inputs).differences == (Difference(f"Lines!{ref}", says, should_say),)


# --- refused ---


def test_a_missing_input(world: World, tmp_path: Path) -> None:
    for name in ("award.xlsx", "small.toml", "caseload-a.xlsx"):
        shutil.copy(world.inputs / name, tmp_path)
    folder, wanted = tmp_path.name, "every file that the Sources sheet names"
    with pytest.raises(Rejected) as refused:
        verify(world.documents["claim"], tmp_path)
    one = f"{folder}: 1 input of role caseload could not be found by digest, expected {wanted}"
    assert str(refused.value) == one
    (tmp_path / "caseload-a.xlsx").unlink()
    (tmp_path / "small.toml").unlink()
    with pytest.raises(Rejected) as refused:
        verify(world.documents["claim"], tmp_path)
    assert str(refused.value).splitlines() == [
        f"{folder}: 2 inputs of role caseload could not be found by digest, expected {wanted}",
        f"{folder}: 1 input of role terms could not be found by digest, expected {wanted}",
    ]


def test_an_input_that_says_other_facts_is_another(world: World, tmp_path: Path) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["Enrollment"]["C2"] = datetime(2011, 10, 13)

    shutil.copytree(world.inputs, folder := tmp_path / "in")
    saved_again(world.inputs / "caseload-a.xlsx", folder / "caseload-a.xlsx", change)
    with pytest.raises(Rejected, match="1 input of role caseload could not be found by digest"):
        verify(world.documents["claim"], folder)


@pytest.mark.parametrize("name", ["award.xlsx", "caseload-a.xlsx"])
def test_no_document(world: World, name: str) -> None:
    with pytest.raises(Rejected) as refused:
        verify(world.inputs / name, world.inputs)
    expected = "a claim, request, statement or roster made by grantcalc"
    assert str(refused.value) == f"{name}: this is no document that can be made again, expected {expected}"


def test_no_workbook(world: World, tmp_path: Path) -> None:
    (path := tmp_path / "claim.xlsx").write_bytes(BytesIO(b"nothing").getvalue())
    with pytest.raises(Rejected, match=r"claim\.xlsx: this is not a workbook, expected an \.xlsx workbook"):
        verify(path, world.inputs)


@pytest.mark.parametrize(
    ("sheet", "label", "value"),
    [
        ("Summary", "Service through", "2011-10"),
        ("Sources", "Service through", "2011-10"),
        ("Summary", "As known on", datetime(2011, 11, 1)),  # as a workbook has it
        ("Sources", "As known on", datetime(2011, 11, 1)),
        ("Sources", "Command", "request"),
        ("Summary", "Claim to 2011-12, as known on 2012-01-15", "Claim to 2011-10, as known on 2011-11-01"),
    ],
)
def test_one_changed_cell_does_not_hide_which_run_it_was(world: World, sheet: str, label: str, value: object) -> None:
    """The month, the day and the command stand in three places; the title confirms what two of them
    say."""
    book = open_book(world.documents["claim"])
    at = next(cells for _, cells in book.sheets[sheet] if cells[0].value == label)[-1].ref
    rows = tuple(
        (n, tuple(CellValue(c.ref, value) if c.ref == at else c for c in cells)) for n, cells in book.sheets[sheet]
    )
    assert rows != book.sheets[sheet]
    found, true = run_of(evolve(book, sheets={**book.sheets, sheet: rows})), run_of(book)
    assert (found.command, found.through, found.known) == (true.command, true.through, true.known)
    assert (str(true.through), str(true.known)) == ("2011-12", "2012-01-15")
