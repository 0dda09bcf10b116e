"""Claims and requests as workbooks: read back as they were written, the same bytes each time,
nobody named in what goes up, and every formula worth what is stored beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import ironcalc
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import REDUCTION_KINDS
from grantcalc.billing.reasons import CODES, Reason
from grantcalc.cases import worked_cases
from grantcalc.errors import NotInForce, Place, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload, read_claim
from grantcalc.io.intake.cells import CellValue, WorkbookRead, book_of_bytes, open_book
from grantcalc.io.issued.claimbook import claim_book, write_claim
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.requests import assemble, requests
from grantcalc.money import dollars
from grantcalc.periods import Month
from grantcalc.terms import published_terms
from grantcalc.terms.vocabulary import one_of
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.sheets import Formula
from grantcalc.xlsx.writer import book_bytes
from tests import sample_program
from tests.strategies import Scenario, scenarios
from tests.test_sheets import libreoffice

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "tvap-fy2012"
FEW = settings(max_examples=max(8, settings().max_examples // 4))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> sample_program.World:
    return sample_program.world(tmp_path_factory)


@pytest.fixture(scope="module")
def folder(world: sample_program.World) -> Path:
    return world.inputs


@pytest.fixture(scope="module")
def files(world: sample_program.World) -> Mapping[str, Path]:
    return world.documents


@pytest.fixture(scope="module")
def claim(folder: Path) -> Claim:
    return sample_program.claim(folder)


@pytest.fixture(scope="module")
def book(files: Mapping[str, Path]) -> WorkbookRead:
    return open_book(files["claim"])


def again(claim: Claim) -> Claim:
    """The claim, written and read."""
    return claim_of_book(book_of_bytes(book_bytes(claim_book(claim)), "claim.xlsx"))


@cache
def every_programme() -> Claim:
    """The worked cases of every program that ships, as if they were one claim."""
    claims = [case.claim() for id in published_terms() for case in worked_cases(id).cases]
    parties = {p.subaward: p for claim in claims for p in claim.parties}
    return Claim(
        through=max(claim.through for claim in claims),
        known=max(claim.known for claim in claims),
        lines=tuple(line for claim in claims for line in claim.lines),
        reductions=tuple(limit for claim in claims for limit in claim.reductions),
        parties=tuple(parties[id] for id in sorted(parties)),
        issuers=claims[0].issuers,
    )


class TestLaw7:
    """Read what was written: the same values and sources. Write twice: the same bytes."""

    @FEW
    @given(scenarios(), st.booleans())
    def test_claims(self, scenario: Scenario, detail: bool) -> None:
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, scenario.known)
        except NotInForce:
            return
        claim = claim if detail and claim.detailed else claim.counted()
        assert again(claim) == claim

    def test_sources(self, claim: Claim, files: Mapping[str, Path]) -> None:
        found = read_claim(files["detailed"])
        assert found == claim
        assert [line.source for line in found.lines] == [line.source for line in claim.lines]
        assert {line.source.sheet for line in found.lines} == {"Enrollment", "Costs", "Counts"}
        assert min(line.source.row for line in found.lines) > 1

    def test_without_detail_the_source_is_the_claim(self, claim: Claim, files: Mapping[str, Path]) -> None:
        found = read_claim(files["claim"])
        assert found == claim.counted()
        assert {str(line.source) for line in found.lines} == {"claim.xlsx Lines"}

    @pytest.mark.parametrize("detail", [False, True])
    def test_every_programme(self, detail: bool) -> None:
        claim = every_programme() if detail else every_programme().counted()
        assert len({line.service for line in claim.lines}) > 12
        assert [line for line in claim.lines if line.reason and not line.quantity]
        assert again(claim) == claim

    def test_claims_read_make_the_same_request(self, folder: Path, claim: Claim, files: Mapping[str, Path]) -> None:
        network = sample_program.network(folder)
        claims = (claim, read_claim(files["claim"]), read_claim(files["detailed"]))
        first, second, third = (requests(assemble([c]), network) for c in claims)
        assert first == second == third

    def test_the_same_bytes_in_another_zone_and_hash_seed(self, world: sample_program.World, tmp_path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from tests import sample_program\n"
            "from grantcalc.ledger.requests import assemble, requests\n"
            "from grantcalc.io.issued.claimbook import write_claim\n"
            "from grantcalc.io.issued.requestbook import write_request\n"
            "folder, out = map(Path, sys.argv[1:])\n"
            "claim = sample_program.claim(folder)\n"
            "write_claim(claim, out / 'claim.xlsx')\n"
            "write_claim(claim, out / 'detailed.xlsx', detail=True)\n"
            "write_request(requests(assemble([claim]), sample_program.network(folder)), out / 'request.xlsx')\n"
        )
        strange = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        command = [sys.executable, "-c", script, str(world.inputs), str(tmp_path)]
        subprocess.run(command, check=True, env={**os.environ, **strange}, cwd=tmp_path)
        claim, network = sample_program.claim(world.inputs), sample_program.network(world.inputs)
        write_request(requests(assemble([claim]), network), request := tmp_path / "here.xlsx")
        assert (tmp_path / "request.xlsx").read_bytes() == request.read_bytes()
        for name in ("claim", "detailed"):
            assert (tmp_path / f"{name}.xlsx").read_bytes() == world.documents[name].read_bytes(), name


# --- what goes up ---


def parts(path: Path) -> Iterator[tuple[str, bytes]]:
    with ZipFile(path) as package:
        for name in package.namelist():
            yield name, package.read(name)


def test_nobody_is_named_in_what_goes_up(files: Mapping[str, Path]) -> None:
    """No pseudonym, no reference of a document, no row of a caseload, in any part of the file."""
    secrets = [
        *sample_program.PSEUDONYMS,
        *sample_program.REFERENCES,
        "Q-1",
        *(f"{s}!" for s in ("Enrollment", "Costs", "Counts")),
    ]
    for path in (files["claim"], files["request"]):
        for name, content in parts(path):
            assert [s for s in secrets if s.encode() in content] == [], (path.name, name)


def test_the_detailed_claim_names_them(files: Mapping[str, Path]) -> None:
    """The search above can find what it looks for."""
    text = b"".join(content for _, content in parts(files["detailed"]))
    assert all(s.encode() in text for s in (*sample_program.PSEUDONYMS, *sample_program.REFERENCES, "Enrollment!2"))


# --- formulas ---


def miscalculated(path: Path) -> list[tuple[str, object, object]]:
    """Formulas of which another program finds another value, to the cent, than is stored; and how
    many there are."""
    model = ironcalc.load_from_xlsx(str(path))
    model.evaluate()
    wrong: list[tuple[str, object, object]] = []
    for sheet, (name, rows) in enumerate(open_book(path).sheets.items()):
        for row, cells in rows:
            for cell in cells:
                if cell.formula:
                    found = model.get_cell_value(sheet, row, column_number(cell.column))
                    if not isinstance(found, float) or round(Decimal(repr(found)), 2) != Decimal(repr(cell.value)):
                        wrong.append((f"{name}!{cell.ref}", found, cell.value))
    return wrong


class TestLaw9:
    """Amount, explanation and workbook formula agree."""

    @pytest.mark.parametrize("name", ["claim", "detailed", "request"])
    def test_every_formula(self, files: Mapping[str, Path], name: str) -> None:
        assert miscalculated(files[name]) == []
        assert (
            sum(bool(c.formula) for rows in open_book(files[name]).sheets.values() for _, cells in rows for c in cells)
            > 40
        )

    def test_every_programme(self, tmp_path: Path) -> None:
        write_claim(every_programme(), path := tmp_path / "claim.xlsx")
        assert miscalculated(path) == []

    @FEW
    @given(scenarios(), st.sampled_from(["claim", "detailed", "request"]))
    def test_generated(self, tmp_path_factory: pytest.TempPathFactory, scenario: Scenario, kind: str) -> None:
        path = tmp_path_factory.getbasetemp() / "generated.xlsx"
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, scenario.known)
        except NotInForce:
            return
        if kind == "request" and claim.lines:
            write_request(requests(assemble([claim]), scenario.network), path)
        else:
            write_claim(claim, path, detail=kind == "detailed")
        assert miscalculated(path) == []

    @pytest.mark.slow
    def test_libreoffice_on_the_examples(self, tmp_path: Path) -> None:
        """Forced to calculate, LibreOffice finds every formula worth what is stored beside it."""
        network = read_award(EXAMPLE / "award.xlsx")
        claim = bill(read_caseload(EXAMPLE / "caseload-SUB-D.xlsx"), network, Month(2012, 9))
        for folder in ("claim", "request"):
            (tmp_path / folder).mkdir()
        write_claim(claim, tmp_path / "claim" / "book.xlsx", detail=True)
        write_request(requests(assemble([claim]), network), tmp_path / "request" / "book.xlsx")
        for folder in ("claim", "request"):
            compared = 0
            for name, rows in open_book(tmp_path / folder / "book.xlsx").sheets.items():
                shown = libreoffice(tmp_path / folder, name)
                for row, cells in rows:
                    for cell in cells:
                        if cell.formula:
                            compared += 1
                            found = Decimal(shown[row - 1][column_number(cell.column) - 1])
                            assert round(found, 2) == round(Decimal(repr(cell.value)), 2), f"{name}!{cell.ref}"
            assert compared > 150

    def test_a_wrong_formula_would_be_found(self, claim: Claim, tmp_path: Path) -> None:
        book = claim_book(claim)
        lines = book.sheets[1].blocks[0]
        total = [Formula(c.text, dollars(1)) if isinstance(c, Formula) else c for c in lines.total or ()]
        sheet = evolve(book.sheets[1], blocks=(evolve(lines, total=total),))
        path = tmp_path / "claim.xlsx"
        path.write_bytes(book_bytes(evolve(book, sheets=(book.sheets[0], sheet, *book.sheets[2:]))))
        assert [cell for cell, _, _ in miscalculated(path)] == [f"Lines!Q{len(claim.lines) + 3}"]

    def test_explanations_end_in_the_amount(self, claim: Claim) -> None:
        for line in (*claim.lines, *claim.counted().lines):
            amount = f"{Decimal(line.amount) / 100:,.2f}"
            assert any(f"{sign} {amount}" in line.explain() for sign in "=:"), line.explain()


# --- what a claim that was changed says ---


def changed(book: WorkbookRead, sheet: str, ref: str, value: object) -> WorkbookRead:
    """A workbook with another value in one cell, and no formula there."""
    rows = tuple(
        (row, tuple(CellValue(c.ref, value) if c.ref == ref else c for c in cells)) for row, cells in book.sheets[sheet]
    )
    assert rows != book.sheets[sheet]
    return evolve(book, sheets={**book.sheets, sheet: rows})


_NO_CODE = f"this is not the code of a reason and its figures, expected {one_of(CODES)}"
_NO_KIND = f"there is no such kind of reduction, expected {one_of(REDUCTION_KINDS)}"
WRONG = [
    ("Lines", "Q3", 400.65, "Lines!Q3: this amount does not follow from its line, expected 400.64; found 400.65"),
    ("Lines", "Q3", "much", "Lines!Q3: this is not a number, expected a number; found text of 4 characters"),
    ("Lines", "Q3", 400.645, "Lines!Q3: this amount is not in whole cents, expected whole cents; found 400.645"),
    ("Lines", "Q3", float("inf"), "Lines!Q3: this is not a number, expected a number; found inf"),
    ("Lines", "O3", 310.51, "Lines!O3: this is not the rate of the Rates sheet, expected 310.50; found 310.51"),
    ("Lines", "N3", 0, "Lines!N3: a quantity must be divided by 1 or more, expected 1 or more; found 0"),
    ("Lines", "L3", 2.5, "Lines!L3: this is not a whole number, expected a whole number; found 2.5"),
    ("Lines", "L3", True, "Lines!L3: this is not a whole number, expected a whole number; found TRUE"),
    ("Lines", "G3", "May", "Lines!G3: this is not a month, expected a month like 2012-09; found text of 3 characters"),
    ("Lines", "C3", "S-C", "Lines!C3: the summary has no such subaward, expected one of its own; found nothing"),
    ("Lines", "A4", 7, "Lines!A4: a line before this one is missing, expected 2; found 7"),
    ("Lines", "Q25", 1.5, "Lines!Q25: this total does not follow from its rows, expected 2100.79; found 1.5"),
    ("Held back", "A3", 99, "Held back!A3: there is no such line, expected 1 to 22; found 99"),
    ("Lines", "S9", "month_limit; months=1", f"Lines!S9: {_NO_CODE}; found nothing"),
    ("Held back", "N3", "cap", f"Held back!N3: {_NO_KIND}; found text of 3 characters"),
    ("Held back", "L3", 60.72, "Held back!L3: a ceiling holds back a negative amount, expected 0 or less; found 60.72"),
    ("Rates", "D2", "x", "Rates!D2: this is not a number, expected a number; found text of 1 character"),
    ("Rates", "E2", 5, "Rates!E2: this is not a date, expected a date; found 5"),
    ("Summary", "B9", "soon", "Summary: there is no As known on, expected a date"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "ref", "value", "finding"), WRONG, ids=[f"{s}!{r}" for s, r, _, _ in WRONG])
def test_a_changed_cell_is_found(book: WorkbookRead, sheet: str, ref: str, value: object, finding: str) -> None:
    with pytest.raises(WorkbookRejected) as refused:
        claim_of_book(changed(book, sheet, ref, value))
    assert finding in str(refused.value).splitlines()


def test_no_sentence_is_read(book: WorkbookRead) -> None:
    """A reason is read by its code, a reduction by its kind and id, whatever the words beside them
    say."""
    read = claim_of_book(book)
    assert read.lines[6].reason == Reason("month_limit", (1, "waiting"))
    assert claim_of_book(changed(book, "Lines", "R9", "credit")) == read
    said = changed(changed(book, "Held back", "H3", "disallowance of the State"), "Held back", "H4", "subaward S-A")
    assert claim_of_book(said).reductions == read.reductions
    shared = claim_of_book(changed(book, "Held back", "N3", "disallowance")).reductions[0]
    assert (shared.kind, shared.id) == ("disallowance", "person")


def test_a_rate_that_is_not_there(book: WorkbookRead) -> None:
    place, expected = "Lines!P3: the Rates sheet has no such rate", "one of the Rates sheet"
    assert (
        findings(changed(book, "Lines", "P3", "R9"))[0] == f"{place}, expected {expected}; found text of 2 characters"
    )


def without(book: WorkbookRead, sheet: str, *numbers: int) -> WorkbookRead:
    """A workbook without some rows."""
    rows = tuple(row for row in book.sheets[sheet] if row[0] not in numbers)
    return evolve(book, sheets={**book.sheets, sheet: rows})


def findings(book: WorkbookRead) -> Sequence[str]:
    with pytest.raises(WorkbookRejected) as refused:
        claim_of_book(book)
    return str(refused.value).splitlines()


def test_a_row_that_was_taken_out_is_missed(book: WorkbookRead) -> None:
    """Otherwise everything below would be lost in silence."""
    assert "Lines: the rows break off before their total, expected a row of totals" in findings(
        without(book, "Lines", 9)
    )
    total = "Lines!Q25: this total does not follow from its rows, expected 2100.55; found 2100.79"
    assert findings(without(book, "Lines", 24)) == [total]


def test_all_findings_come_at_once(book: WorkbookRead) -> None:
    for sheet, ref, value in (("Lines", "G3", "x"), ("Rates", "E2", 1), ("Terms", "D2", "y")):
        book = changed(book, sheet, ref, value)
    places = [line.partition(":")[0] for line in findings(book)]
    assert places == ["Lines!G3", "Rates!E2", "Terms!D2"]


def test_a_request_is_no_claim(files: Mapping[str, Path]) -> None:
    with pytest.raises(WorkbookRejected, match="this is a request, expected a claim"):
        read_claim(files["request"])


def test_an_award_workbook_is_no_claim(folder: Path) -> None:
    with pytest.raises(WorkbookRejected) as refused:
        read_claim(folder / "award.xlsx")
    finding = Place("award.xlsx").finding("kind", "this is an award workbook", "a claim")
    assert refused.value == WorkbookRejected((finding,))


def test_a_claim_that_lost_its_stored_values_is_the_same_claim(claim: Claim, book: WorkbookRead) -> None:
    """Saved by a program that does not compute: the amounts follow from the lines all the same."""
    sheets = {
        name: tuple(
            (row, tuple(CellValue(c.ref, None, c.formula) if c.formula else c for c in cells)) for row, cells in rows
        )
        for name, rows in book.sheets.items()
    }
    assert claim_of_book(evolve(book, sheets=sheets)) == claim.counted()
