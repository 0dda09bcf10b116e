"""A claim that was edited after it was issued goes nowhere by accident: neither into a request nor
into a ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc.cli import main
from grantcalc.errors import Rejected
from grantcalc.io.inputs import read_claim, read_claims
from grantcalc.io.intake.cells import open_book
from grantcalc.io.issued.claim_check import EXPECTED, unknown_rates
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.money import Rate
from tests import sample_program
from tests.sample_program import World
from tests.tampering import part_of, rewritten, with_cell
from tests.test_format_1 import OLD

CHANGED = "this claim was changed after it was issued: its cells do not give the digest that it states"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return sample_program.world(tmp_path_factory)


def saved_again(path: Path, out: Path, change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> Path:
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(out)
    return out


def count(workbook: openpyxl.Workbook) -> None:
    workbook["Lines"]["L3"] = 40


def rate(workbook: openpyxl.Workbook) -> None:
    """A rate of 999, on every line that uses it and on the Rates sheet."""
    old = workbook["Rates"]["D3"].value
    for row in workbook["Lines"].iter_rows(min_col=15, max_col=15):
        if row[0].value == old:
            row[0].value = 999
    workbook["Rates"]["D3"] = 999


def a_note(workbook: openpyxl.Workbook) -> None:
    workbook["Sources"]["A13"] = "letters"


class TestAnEditedClaim:
    """What comes in as a claim is as it was issued, or was only saved again; else it is refused,
    with the cell if one tells it."""

    @pytest.mark.parametrize("name", ["claim", "detailed"])
    def test_saved_again(self, world: World, tmp_path: Path, name: str) -> None:
        path = world.documents[name]
        again = saved_again(path, tmp_path / path.name)
        assert read_claim(again) == read_claim(path)

    @pytest.mark.parametrize("change", [count, rate])
    def test_edited_by_a_program_that_does_not_compute(
        self, world: World, tmp_path: Path, change: Callable[[openpyxl.Workbook], None]
    ) -> None:
        """All stored values are lost, so that no cell tells it: the digest does."""
        lie = saved_again(world.documents["claim"], tmp_path / "claim.xlsx", change)
        for read in (read_claim, lambda path: read_claims([path])):
            with pytest.raises(Rejected) as refused:
                read(lie)
            assert [str(f) for f in refused.value.findings] == [f"claim.xlsx: {CHANGED}, expected {EXPECTED}"]

    def test_a_role_of_an_input(self, world: World, tmp_path: Path) -> None:
        """The cells that tell it are named."""
        lie = saved_again(world.documents["claim"], tmp_path / "claim.xlsx", a_note)
        with pytest.raises(Rejected, match=r"Sources!A13: this cell was changed after the claim was issued"):
            read_claim(lie)

    def test_a_count_and_its_amount(self, world: World, tmp_path: Path) -> None:
        """The amount does not follow from the count; and where that was changed too, the total does
        not."""
        one = with_cell(world.documents["claim"], tmp_path / "one.xlsx", "Lines", "L3", "<v>3</v>")
        with pytest.raises(Rejected, match=r"Lines!Q3: this amount does not follow from its line"):
            read_claim(one)
        amount = "<f>L3*ROUND(M3/N3*O3,2)</f><v>600.96</v>"
        two = with_cell(one, tmp_path / "two.xlsx", "Lines", "Q3", amount)
        with pytest.raises(Rejected, match=r"Lines!Q25: this total does not follow from its rows"):
            read_claim(two)
        total = re.compile(r'(<c r="Q25".*?<v>)([^<]*)', re.DOTALL)
        part = part_of(two, "Lines")

        def add(name: str, text: str) -> str:
            return total.sub(lambda m: f"{m[1]}{float(m[2]) + 200.32:.2f}", text) if name == part else text

        three = rewritten(two, tmp_path / "three.xlsx", add)
        with pytest.raises(Rejected) as refused:
            read_claim(three)
        assert {f.place.sheet for f in refused.value.findings} >= {"Summary", "Months"}
        assert {f.problem for f in refused.value.findings} == {"this cell was changed after the claim was issued"}

    def test_a_cell_that_was_added(self, world: World, tmp_path: Path) -> None:
        path = world.documents["claim"]
        part, cell = part_of(path, "Lines"), '<c r="Z3"><v>5</v></c></row><row r="4"'
        lie = rewritten(path, tmp_path / "c.xlsx", lambda n, t: t.replace('</row><row r="4"', cell) if n == part else t)
        assert read_claim(lie) == read_claim(path)  # it says nothing of the claim

    def test_without_its_digest(self, world: World, tmp_path: Path) -> None:
        digest = re.compile(">[0-9a-f]{64}<")
        lie = rewritten(
            world.documents["claim"],
            tmp_path / "c.xlsx",
            lambda n, t: digest.sub("><", t) if n == "docProps/custom.xml" else t,
        )
        with pytest.raises(Rejected, match=CHANGED):
            read_claim(lie)

    def test_of_another_version(self, tmp_path: Path) -> None:
        """A claim of 0.1.0 is read as it was issued; changed or saved again, it cannot be checked
        here."""
        assert read_claim(OLD / "claim.xlsx").lines
        again = saved_again(OLD / "claim.xlsx", tmp_path / "c.xlsx")
        with pytest.raises(Rejected, match="was saved again or changed after it was issued"):
            read_claim(again)

    def test_on_the_command_line(self, world: World, tmp_path: Path) -> None:
        """Nothing is requested or posted of it."""
        lie = saved_again(world.inputs / "claim-a.xlsx", tmp_path / "claim.xlsx", count)
        ledger, out = tmp_path / "l.db", tmp_path / "r.xlsx"
        award = world.inputs / "award.xlsx"
        for command in (["request", award, lie, "--out", out], ["post", ledger, lie]):
            run = CliRunner().invoke(main, [*map(str, command)])
            assert (run.exit_code, "this claim was changed after it was issued" in run.output) == (2, True), run.output
        assert not out.exists()
        again = saved_again(world.inputs / "claim-a.xlsx", tmp_path / "again.xlsx")
        run = CliRunner().invoke(main, ["post", str(ledger), str(again)])
        assert run.exit_code == 0


class TestRates:
    """The rates of a claim are those of its award, as known on the day of the claim; a request
    refuses others."""

    def test_a_rate_that_the_award_does_not_have(self, world: World, tmp_path: Path) -> None:
        """Also in a claim whose digest is right, as a forger prints it."""
        claim = read_claim(world.inputs / "claim-a.xlsx")
        line = claim.lines[0]
        assert line.rate
        rate = evolve(line.rate, value=Rate(Decimal(999)))
        amount = line.count * rate.value.extend(line.quantity, line.divisor)
        lie = evolve(claim, lines=(evolve(line, rate=rate, amount=amount), *claim.lines[1:]))
        write_claim(lie, path := tmp_path / "claim.xlsx")
        award, out = world.inputs / "award.xlsx", tmp_path / "r.xlsx"
        run = CliRunner().invoke(main, ["request", str(award), str(path), "--out", str(out)])
        row = next(c.ref for _, cells in open_book(path).sheets["Rates"] for c in cells if c.value == 999)
        assert (run.exit_code, out.exists()) == (2, False)
        assert f"Rates!{row}: the award has no such rate for this service" in run.output
        posted = ["post", str(ledger := tmp_path / "ledger.db"), str(path)]
        run = CliRunner().invoke(main, [*posted, "--award", str(award)])
        assert (run.exit_code, ledger.exists()) == (2, False)
        assert f"Rates!{row}: the award has no such rate for this service" in run.output
        true = ["post", str(ledger), str(world.inputs / "claim-a.xlsx"), "--award", str(award)]
        assert CliRunner().invoke(main, true).exit_code == 0
        mixed = ["post", str(ledger), str(award), str(world.inputs / "caseload-a.xlsx"), "--award", str(award)]
        assert "--award is for claims" in CliRunner().invoke(main, mixed).output
        assert not [*unknown_rates([claim], sample_program.network(world.inputs))]
