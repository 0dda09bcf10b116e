"""Claims and requests made again as files: the same ones, or the amounts that another version
changes, and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grantcalc.audit.regenerate import regenerate
from grantcalc.audit.verify import verify
from grantcalc.cli import main
from grantcalc.errors import Rejected
from grantcalc.io.inputs import read_claim
from grantcalc.io.issued import claimbook
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.xlsx.package import Unwritable, parts_digest
from tests import sample_program
from tests.sample_program import World

pytestmark = pytest.mark.slow  # together more than half a minute, and the same on each Python


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return sample_program.world(tmp_path_factory)


@pytest.mark.parametrize("name", ["claim", "detailed", "request"])
def test_the_same_file(world: World, tmp_path: Path, name: str) -> None:
    """From the manifest and the inputs, the same file byte for byte."""
    found = regenerate(world.documents[name], world.inputs, out := tmp_path / "again.xlsx")
    assert out.read_bytes() == world.documents[name].read_bytes()
    assert (found.same_bytes, found.same_parts, found.changes, found.terms, found.notes) == (True, True, (), (), ())
    assert found.digest == parts_digest(out)
    lines = ["the same file, byte for byte", "changed amounts: none", f"parts sha256 {found.digest}"]
    assert list(found.lines()) == lines


def other_terms(world: World, folder: Path, old: str, new: str) -> Path:
    shutil.copytree(world.inputs, folder)
    text = (folder / "small.toml").read_text("utf-8")
    assert old in text
    (folder / "small.toml").write_text(text.replace(old, new), "utf-8", newline="\n")
    return folder


def test_another_version_of_the_terms(world: World, tmp_path: Path) -> None:
    """Which amounts would change, and why: by pencil, 154 meals at 0.25 instead of 0.2375."""
    folder = other_terms(world, tmp_path / "in", "0.2375 USD", "0.25 USD")
    found = regenerate(world.documents["claim"], folder, out := tmp_path / "again.xlsx")
    assert not found.same_parts
    assert out.exists()
    cite = "(ILLUSTRATIVE: Manual, section 4)"
    assert found.terms == (f"90ZV0101 meals, rate from 2011-10-01: 0.2375 USD -> 0.25 USD {cite}",)
    told = {c.line: c for c in found.changes}
    count = told["S-A 2011-11 meals direct SUB-A Year 1"]
    assert (count.before, count.after, count.reasons) == (3658, 3850, (f"rate 0.2375 -> 0.25 {cite}",))
    held = told.pop("S-A 2011-12 care administration certified SUB-A Year 1")  # the ceiling takes the rest
    assert held.reasons == ("held back by person 285.59 -> 285.65",)
    assert {c.reasons for c in told.values()} == {count.reasons}
    assert str(held).startswith("S-A 2011-12 care administration certified SUB-A Year 1: 381.07 -> 381.01, because ")
    assert "the terms file of the folder is another version than that stated" in found.notes


def test_a_ceiling_of_another_version_of_the_terms(world: World, tmp_path: Path) -> None:
    folder = other_terms(world, tmp_path / "in", "900.00 USD", "800.00 USD")
    found = regenerate(world.documents["claim"], folder, tmp_path / "again.xlsx")
    (change,) = found.changes
    assert (change.before, change.after) == (38_107, 28_107)
    assert change.reasons == ("held back by person 285.59 -> 385.59",)


def test_another_version_of_grantcalc(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(claimbook, "version_here", lambda: "0.0.1")
        write_claim(sample_program.claim(world.inputs), path := tmp_path / "claim.xlsx")
    found = regenerate(path, world.inputs, tmp_path / "again.xlsx")
    assert (found.same_parts, found.changes, found.terms) == (False, (), ())
    assert (tmp_path / "again.xlsx").read_bytes() == world.documents["claim"].read_bytes()


def test_saved_again_since(world: World, tmp_path: Path) -> None:
    import openpyxl

    openpyxl.load_workbook(world.documents["claim"]).save(path := tmp_path / "claim.xlsx")
    found = regenerate(path, world.inputs, tmp_path / "again.xlsx")
    assert (found.same_parts, found.same_bytes) == (True, False)
    assert (tmp_path / "again.xlsx").read_bytes() == world.documents["claim"].read_bytes()


def test_refusals(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.inputs, folder := tmp_path / "in")
    shutil.copy(world.documents["claim"], path := tmp_path / "claim.xlsx")
    before = path.read_bytes()
    (tmp_path / "hard.xlsx").hardlink_to(path)
    for target in (path, tmp_path / "hard.xlsx", folder / "award.xlsx"):
        with pytest.raises(Unwritable, match="left as they are"):
            regenerate(path, folder, target)
    assert path.read_bytes() == before
    (folder / "caseload-a.xlsx").unlink()
    with pytest.raises(Rejected, match="1 input of role caseload"):
        regenerate(path, folder, tmp_path / "again.xlsx")
    assert not (tmp_path / "again.xlsx").exists()


def test_the_command(world: World, tmp_path: Path) -> None:
    words = ["regenerate", str(world.documents["claim"]), "--inputs", str(world.inputs), "-o"]
    result = CliRunner().invoke(main, [*words, str(tmp_path / "again.xlsx")])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == ["the same file, byte for byte", "changed amounts: none"]
    result = CliRunner().invoke(main, [*words, str(tmp_path / "again.xlsx"), "--json"])
    assert '"same_bytes": true' in result.stdout


class TestRowsThatVanished:
    """What `bill` warns of stands on the Notes sheet, also rows that are missing from a newer
    caseload; the older one is an input."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A, "a-before.xlsx")
        sample_program.write(tmp_path, "caseload", {**sample_program.CASELOAD_A, "Counts": ()})
        return tmp_path

    def billed(self, folder: Path, *options: str) -> Path:
        names = (str(folder / "award.xlsx"), str(folder / "caseload.xlsx"), "--previous", str(folder / "a-before.xlsx"))
        out = folder / "claim.xlsx"
        result = CliRunner().invoke(main, ["bill", *names, "--through", "2011-12", "--out", str(out), *options])
        assert result.exit_code == 0
        assert "Counts!2: this row of the previous caseload is not in the new one" in result.output
        return out

    @pytest.mark.parametrize("detail", [(), ("--detail",)], ids=("counted", "detailed"))
    def test_they_are_notes_and_made_again(self, folder: Path, detail: tuple[str, ...]) -> None:
        out = self.billed(folder, *detail)
        claim = read_claim(out)
        notes = [(n.place.file, n.place.sheet, n.place.cell) for n in claim.notes if n.cause == "vanished"]
        assert notes == [("a-before.xlsx", "Counts", "2" if detail else "")]
        roles = [(i.role, i.file) for i in claim.inputs if i.role != "terms"]
        assert roles == [("award", "award.xlsx"), ("caseload", "caseload.xlsx"), ("previous", "a-before.xlsx")]
        assert verify(out, folder)
        assert regenerate(out, folder, folder / "again.xlsx").same_bytes

    def test_the_older_caseload_is_needed(self, folder: Path, tmp_path: Path) -> None:
        out = self.billed(folder)
        (folder / "a-before.xlsx").unlink()
        with pytest.raises(Rejected, match="1 input of role previous could not be found by digest"):
            verify(out, folder)
