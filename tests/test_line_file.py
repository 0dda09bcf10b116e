"""Lines as CSV beside a workbook: no text is a formula, every amount is exact, and the workbook
answers for it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.audit.verify import verify
from grantcalc.billing.claims import Claim
from grantcalc.cli import main
from grantcalc.io.intake.cells import open_book
from grantcalc.io.issued.claimbook import claim_book, write_claim
from grantcalc.io.issued.linefile import stated, write_lines
from grantcalc.io.issued.linesheet import _MOST, lines_sheet
from grantcalc.money import dollars
from grantcalc.xlsx.package import Unwritable
from grantcalc.xlsx.sheets import row_positions
from grantcalc.xlsx.writer import write_book
from tests import sample_program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


@pytest.fixture(scope="module")
def claim(folder: Path) -> Claim:
    return sample_program.claim(folder)


def rows(data: bytes) -> list[Mapping[str, str]]:
    return list(csv.DictReader(StringIO(data.decode(), newline="")))


def written(claim: Claim) -> bytes:
    write_lines(claim.lines, claim.parties, claim.detailed, "lines.csv", target := BytesIO())
    return target.getvalue()


class TestTheFile:
    """UTF-8, RFC 4180, exact decimals, and no text that a spreadsheet program would compute."""

    def test_each_line_is_there_with_its_exact_amount(self, claim: Claim) -> None:
        found = rows(written(claim))
        assert [Decimal(row["Amount"]) for row in found] == [dollars(line.amount) for line in claim.lines]
        assert [row["Participant"] for row in found] == [
            line.participant.pseudonym if line.participant else "" for line in claim.lines
        ]
        assert {row["Rate"] for row in found} == {"", "310.5", "200.00", "333.33", "0.2375"}

    def test_counts_name_nobody(self, claim: Claim) -> None:
        text = written(claim.counted()).decode()
        assert not [
            name for name in (*sample_program.PSEUDONYMS, *sample_program.REFERENCES, "Enrollment!") if name in text
        ]

    def test_lines_end_as_the_standard_has_it(self, claim: Claim) -> None:
        data = written(claim)
        assert data.endswith(b"\r\n")
        assert data.count(b"\r\n") == data.count(b"\n") == len(claim.lines) + 1

    @given(st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", '"', ",", ""]), st.text(max_size=20))
    def test_no_text_becomes_a_formula_and_none_is_lost(self, claim: Claim, first: str, rest: str) -> None:
        text = (first + rest).encode("utf-8", "ignore").decode()
        target = BytesIO()
        write_lines([evolve(claim.lines[0], category=text)], (), False, "lines.csv", target)
        (row,) = rows(target.getvalue())
        assert row["Category"][:1] not in ("=", "+", "-", "@", "\t", "\r", "\n") or not row["Category"]
        assert row["Category"].removeprefix("'") == text

    def test_the_digest_is_that_of_the_file(self, claim: Claim, tmp_path: Path) -> None:
        write_claim(claim, tmp_path / "claim.xlsx", detail=True, lines=tmp_path / "lines.csv")
        file = stated(open_book(tmp_path / "claim.xlsx"))
        assert file
        assert (file.name, file.detailed) == ("lines.csv", True)
        assert (
            file.digest
            == sha256((tmp_path / "lines.csv").read_bytes()).hexdigest()
            == sha256(written(claim)).hexdigest()
        )

    def test_the_workbook_beside_it_names_nobody(self, claim: Claim, tmp_path: Path) -> None:
        write_claim(claim, tmp_path / "claim.xlsx", detail=True, lines=tmp_path / "lines.csv")
        book = open_book(tmp_path / "claim.xlsx")
        assert "Participant" not in {cell.value for _, cells in book.sheets["Lines"] for cell in cells}


class TestTooManyLines:
    """More lines than a sheet holds are refused, with a pointer to the CSV detail."""

    def test_refused(self, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("grantcalc.io.issued.linesheet._MOST", len(claim.lines))
        lines_sheet(claim.lines, claim.parties, True)
        with pytest.raises(
            Unwritable, match=r"^Lines: more than the 29 lines of a sheet; .*--lines FILE\.csv .*; found 30"
        ):
            lines_sheet((*claim.lines, claim.lines[0]), claim.parties, True)

    def test_what_a_sheet_holds_is_full_then(self, claim: Claim) -> None:
        (at,) = row_positions(lines_sheet(claim.lines, claim.parties, True))
        assert at.total - len(claim.lines) + _MOST == 1_048_576

    def test_counts_of_them_are_written(self, claim: Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The detail goes to the file; only the counts must fit."""
        monkeypatch.setattr("grantcalc.io.issued.linesheet._MOST", len(claim.counted().lines))
        with pytest.raises(Unwritable):
            write_claim(claim, tmp_path / "claim.xlsx", detail=True)
        assert not [*tmp_path.iterdir()]
        write_claim(claim, tmp_path / "claim.xlsx", detail=True, lines=tmp_path / "lines.csv")
        assert len(rows((tmp_path / "lines.csv").read_bytes())) == len(claim.lines)

    def test_neither_file_without_the_other(
        self, claim: Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("grantcalc.io.issued.linesheet._MOST", 1)
        with pytest.raises(Unwritable):
            write_claim(claim, tmp_path / "claim.xlsx", lines=tmp_path / "lines.csv")
        assert not [*tmp_path.iterdir()]


class TestVerified:
    """verify checks the file where it lies beside the workbook or among the inputs."""

    @pytest.mark.parametrize("detail", [False, True])
    def test_true(self, claim: Claim, folder: Path, tmp_path: Path, detail: bool) -> None:
        write_claim(claim, out := tmp_path / "claim.xlsx", detail=detail, lines=tmp_path / "lines.csv")
        verdict = verify(out, folder)
        assert verdict
        assert verdict.notes == ()

    def test_another_cent_in_the_file(self, claim: Claim, folder: Path, tmp_path: Path) -> None:
        write_claim(claim, out := tmp_path / "claim.xlsx", lines=(lines := tmp_path / "lines.csv"))
        true = sha256(lines.read_bytes()).hexdigest()
        lines.write_bytes(lines.read_bytes().replace(b"400.64", b"400.65"))
        false = sha256(lines.read_bytes()).hexdigest()
        (lie,) = verify(out, folder).differences
        assert str(lie) == f"the lines file: says SHA-256 {false}, should say SHA-256 {true}"

    def test_a_file_that_is_not_there(self, claim: Claim, folder: Path, tmp_path: Path) -> None:
        write_claim(claim, out := tmp_path / "claim.xlsx", lines=(lines := tmp_path / "lines.csv"))
        lines.unlink()
        verdict = verify(out, folder)
        assert verdict
        assert verdict.notes == (
            "the lines file is neither beside the workbook nor among the inputs, and was not checked",
        )

    def test_a_file_among_the_inputs_whatever_its_name(self, claim: Claim, tmp_path: Path) -> None:
        inputs = sample_program.inputs(tmp_path / "inputs")
        (tmp_path / "out").mkdir()
        write_claim(claim, out := tmp_path / "out" / "claim.xlsx", lines=(lines := tmp_path / "out" / "lines.csv"))
        lines.rename(inputs / "other.csv")
        assert verify(out, inputs).notes == ()

    def test_a_digest_in_the_manifest_that_is_not_the_files(self, claim: Claim, folder: Path, tmp_path: Path) -> None:
        file = write_lines(claim.counted().lines, claim.parties, False, "lines.csv")
        book = claim_book(claim.counted(), evolve(file, digest="0" * 64))
        write_book(book, out := tmp_path / "claim.xlsx")
        lie, *others = verify(out, folder).differences
        assert [other.cell for other in others] == ["the property grantcalc.parts"]  # which was made over that cell
        assert lie.cell.startswith("Sources!B")
        assert lie.should_say == f"{file.digest}"


class TestCommand:
    def run(self, *words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        return result.exit_code, result.output

    def test_bill_and_request(self, folder: Path, tmp_path: Path) -> None:
        inputs = [str(folder / name) for name in ("award.xlsx", "caseload-a.xlsx", "caseload-b.xlsx")]
        claim, lines, more = (str(tmp_path / name) for name in ("claim.xlsx", "lines.csv", "more.csv"))
        code, _ = self.run("bill", *inputs, "--through", "2011-12", "--out", claim, "--detail", "--lines", lines)
        assert code == 0
        assert "P-7731" in Path(lines).read_text("utf-8")
        code, _ = self.run("request", inputs[0], claim, "--out", str(tmp_path / "request.xlsx"), "--lines", more)
        assert code == 0
        assert "P-7731" not in Path(more).read_text("utf-8")
        assert stated(open_book(tmp_path / "request.xlsx"))

    def test_the_file_is_no_input_and_not_the_workbook(self, folder: Path, tmp_path: Path) -> None:
        inputs = [str(folder / name) for name in ("award.xlsx", "caseload-a.xlsx")]
        out = str(tmp_path / "claim.xlsx")
        for lines, problem in [(inputs[1], "--lines names one of the inputs"), (out, "name the same file")]:
            code, output = self.run("bill", *inputs, "--through", "2011-12", "--out", out, "--lines", lines)
            assert code == 2
            assert problem in output
