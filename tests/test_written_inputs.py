"""Facts made in memory, written as input workbooks: what is billed from them is verified and
explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from grantcalc import Caseload, Month, Network, bill, read_caseload, verify, write_claim
from grantcalc.cli import main
from grantcalc.errors import Rejected
from grantcalc.io import write_inputs
from grantcalc.provenance import NOWHERE, Origin
from tests import sample_program

Small = tuple[Network, list[Caseload], Path]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The sample program as values, and its terms file."""
    folder = sample_program.inputs(tmp_path_factory.mktemp("small") / "inputs")
    loads = [read_caseload(folder / f"caseload-{name}.xlsx") for name in "ab"]
    network = evolve(sample_program.network(folder), origin=Origin())
    return network, [evolve(load, origin=Origin(), source=NOWHERE) for load in loads], folder / "small.toml"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    return result.exit_code, result.output


class TestWritten:
    """A claim of values in memory can be verified: its facts are written as workbooks, and found by
    digest."""

    def test_verify_and_explain_find_them(self, small: Small, tmp_path: Path) -> None:
        network, loads, terms = small
        (folder := tmp_path / "facts").mkdir()
        (folder / terms.name).write_bytes(terms.read_bytes())
        again = write_inputs(folder, network, loads)
        claim = bill(again[1], again[0], sample_program.THROUGH)
        assert claim.total == bill(loads, network, sample_program.THROUGH).total
        write_claim(claim, out := tmp_path / "claim.xlsx")
        assert verify(out, folder)
        assert run("verify", out, "--inputs", folder) == (0, "")
        status, told = run("explain", out, "Lines!Q3", "--inputs", folder)
        assert (status, "caseload-SUB-A.xlsx Enrollment!" in told) == (0, True), told

    def test_the_same_facts(self, small: Small, tmp_path: Path) -> None:
        network, loads, terms = small
        (tmp_path / terms.name).write_bytes(terms.read_bytes())
        read, again = write_inputs(tmp_path, network, loads)
        assert again == loads
        assert read == network
        names = {path.name for path in tmp_path.iterdir()} - {terms.name}
        assert names == {"award.xlsx", "caseload-SUB-A.xlsx", "caseload-SUB-B.xlsx"}

    def test_terms_that_are_not_there(self, small: Small, tmp_path: Path) -> None:
        network, loads, terms = small
        with pytest.raises(Rejected, match=r"small\.toml: the terms file of an award is not in this folder"):
            write_inputs(tmp_path, network, loads)
        (tmp_path / terms.name).write_bytes(terms.read_bytes() + b"\n# another version\n")
        with pytest.raises(Rejected, match="the terms file of an award is not in this folder"):
            write_inputs(tmp_path, network, loads)
        assert [path.name for path in tmp_path.iterdir()] == [terms.name]

    def test_a_file_in_the_way(self, small: Small, tmp_path: Path) -> None:
        network, loads, terms = small
        (tmp_path / terms.name).write_bytes(terms.read_bytes())
        (tmp_path / "award.xlsx").write_text("mine")
        with pytest.raises(Rejected, match=r"award\.xlsx: this file is there already"):
            write_inputs(tmp_path, network, loads)
        assert (tmp_path / "award.xlsx").read_text() == "mine"

    def test_what_a_workbook_cannot_say(self, small: Small, tmp_path: Path) -> None:
        """A cost of months that do not follow one another: refused, and nothing is left in the
        folder."""
        network, (load, other), terms = small
        (tmp_path / terms.name).write_bytes(terms.read_bytes())
        cost = evolve(load.costs[2], months=(Month(2011, 10), Month(2011, 12)))
        with pytest.raises(Rejected, match="Costs: a row of this sheet cannot say what the value says"):
            write_inputs(tmp_path, network, [evolve(load, costs=(cost,)), other])
        assert [path.name for path in tmp_path.iterdir()] == [terms.name]

    def test_a_claim_of_values_alone_is_not_verified(self, small: Small, tmp_path: Path) -> None:
        network, loads, _ = small
        write_claim(bill(loads, network, sample_program.THROUGH), out := tmp_path / "claim.xlsx")
        with pytest.raises(Rejected, match="an input was a value in memory, and no file holds it"):
            verify(out, tmp_path)
