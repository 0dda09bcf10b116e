"""The command: exit status 0 done, 1 a document does not match its inputs, 2 refused and nothing
written."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from grantcalc.audit.verify import verify
from grantcalc.cli import main
from grantcalc.io.exchange.documents import from_json
from grantcalc.io.inputs import read_caseload, read_claim
from grantcalc.io.intake.templates import write_input
from grantcalc.io.schemas import AWARD_SHEETS, CASELOAD_SHEETS
from grantcalc.money import dollars
from tests import sample_program


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a traceback is never an answer
    return result


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


@pytest.fixture(scope="module")
def books(inputs: Path) -> tuple[Path, ...]:
    return tuple(inputs / f"{name}.xlsx" for name in ("award", "caseload-a", "caseload-b"))


@pytest.fixture(scope="module")
def claim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).documents["claim"]


def with_rows(folder: Path, changes: Mapping[str, Sequence[Mapping[str, Any]]], name: str = "caseload.xlsx") -> Path:
    """Caseload A with other rows on some sheets."""
    return sample_program.write(folder, "caseload", {**sample_program.CASELOAD_A, **changes}, name)


BAD: sample_program.Rows = {
    "Participants": [*sample_program.CASELOAD_A["Participants"], {"participant": "Maria Lopez", "age_group": "adult"}],
    "Counts": [{"subaward": "S-A", "service": "meals", "month": "2011-11", "quantity": -1}],
}
FINDINGS = """\
Participants!A5: a pseudonym must not look like a name, expected a code of your own like P-0417; found text of 11 characters
Counts!E2: a count of persons cannot be negative, expected a whole number, 0 or more; found -1
""".splitlines()  # noqa: E501


class TestBill:
    """A claim from an award workbook and caseloads."""

    def test_a_claim(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        result = run("bill", *books, "--through", "2011-12", "--out", out := tmp_path / "claim.xlsx")
        assert result.exit_code == 0
        said, digest = result.stdout.splitlines()
        assert said == f"{out}: 29 lines, earned 2,100.79, held back 285.59, claimed 1,815.20 USD"
        assert digest.startswith("parts sha256 ")
        assert "served by nobody" not in result.stderr  # the awards do not say that they cover the country
        assert out.read_bytes() == claim.read_bytes()

    def test_a_full_disk_is_a_sentence(
        self, books: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        result = run("bill", *books, "--through", "2011-12", "--out", tmp_path / "claim.xlsx")
        assert result.exit_code == 2
        assert result.stderr.endswith("No space left on device; nothing was written.\n")
        assert list(tmp_path.iterdir()) == []

    def test_in_any_order_and_with_detail(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        out = tmp_path / "claim.xlsx"
        result = run("bill", *books[::-1], "--through", "2011-12", "--detail", "--out", out)
        assert result.exit_code == 0
        assert read_claim(out).detailed
        assert verify(out, books[0].parent)

    def test_json(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        out = tmp_path / "claim.xlsx"
        result = run("bill", *books, "--through", "2011-12", "--out", out, "--json")
        assert from_json(result.stdout) == read_claim(out)
        assert not any(secret in result.stdout for secret in (*sample_program.PSEUDONYMS, *sample_program.REFERENCES))

    def test_as_known_earlier(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        """Before the second rate was published the first holds; and days after that are not
        billed."""
        early, out = published_early(tmp_path), tmp_path / "claim.xlsx"
        result = run("bill", books[0], early, "--through", "2011-12", "--known", "2011-11-14", "--out", out)
        assert result.exit_code == 0
        found = read_claim(out)
        assert found.known == date(2011, 11, 14)
        assert {str(line.rate.value) for line in found.lines if line.rate} == {"310.50", "200.00", "0.2375"}
        assert max(str(line.month) for line in found.lines if line.rate) == "2011-11"

    def test_one_workbook_with_both_sets_of_sheets(self, inputs: Path, tmp_path: Path) -> None:
        both = one_workbook(inputs, tmp_path / "both.xlsx")
        result = run("bill", both, "--through", "2011-12", "--out", out := tmp_path / "claim.xlsx")
        assert result.exit_code == 0
        assert verify(out, tmp_path)
        assert sorted(i.role for i in read_claim(out).inputs) == ["award", "caseload", "terms"]

    def test_rows_that_vanished_are_named(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        newer = with_rows(tmp_path, {"Costs": sample_program.CASELOAD_A["Costs"][1:], "Letters": ()})
        out = tmp_path / "claim.xlsx"
        result = run("bill", books[0], newer, "--through", "2011-12", "--previous", books[1], "--out", out)
        assert result.exit_code == 0
        gone = "this row of the previous caseload is not in the new one"
        told = result.stderr.splitlines()
        (at,) = [n for n, line in enumerate(told) if line.startswith(f"warning: 3 × {gone}, expected")]
        assert told[at + 1] == "    Costs!2; Letters!2; Letters!3"


def published_early(folder: Path) -> Path:
    """Caseload A, as if every row had been known before anything began."""
    known = {"published": date(2011, 9, 1)}
    rows = {
        sheet: found if sheet in ("Document", "Participants") else [{**known, **row} for row in found]
        for sheet, found in sample_program.CASELOAD_A.items()
    }
    return sample_program.write(folder, "caseload", rows, "early.xlsx")


def one_workbook(inputs: Path, path: Path) -> Path:
    """The award workbook and caseload A in one, saved by openpyxl."""
    shutil.copy(inputs / "small.toml", path.parent)
    workbook = openpyxl.load_workbook(inputs / "award.xlsx")
    for sheet in openpyxl.load_workbook(inputs / "caseload-a.xlsx").worksheets:
        if sheet.title not in workbook.sheetnames:
            copy = workbook.create_sheet(sheet.title)
            for row in sheet.iter_rows(values_only=True):
                copy.append(row)
    workbook["Document"]["A2"] = "SUB-A"
    workbook.save(path)
    return path


class TestNothingIsWritten:
    """Findings come all at once, with status 2."""

    def test_on_findings(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        bad, out = with_rows(tmp_path, BAD), tmp_path / "claim.xlsx"
        result = run("bill", books[0], bad, "--through", "2011-12", "--out", out)
        assert result.exit_code == 2
        assert result.stdout.splitlines() == FINDINGS
        assert result.stderr == "2 findings; nothing was written.\n"
        assert not out.exists()

    def test_on_findings_in_several_files(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        bad, out = with_rows(tmp_path, BAD), tmp_path / "claim.xlsx"
        worse = tmp_path / "worse.xlsx"
        worse.write_text("no workbook")
        out.write_text("an older claim")
        result = run("bill", *books, bad, worse, "--through", "2011-12", "--out", out)
        assert result.exit_code == 2
        assert result.stdout.splitlines() == [
            "caseload.xlsx:",
            *FINDINGS,
            "Document!A2: two caseloads have the same issuer, expected one caseload of each issuer",
            "worse.xlsx:",
            "worse.xlsx: this is not a workbook, expected an .xlsx workbook",
        ]
        assert out.read_text() == "an older claim"

    def test_on_findings_as_json(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        bad, out = with_rows(tmp_path, BAD), tmp_path / "claim.xlsx"
        result = run("bill", books[0], bad, "--through", "2011-12", "--out", out, "--json")
        assert result.exit_code == 2
        found = from_json(result.stdout)
        assert isinstance(found, tuple)
        assert [str(f) for f in found] == FINDINGS
        assert not out.exists()

    def test_where_caseload_and_award_disagree(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        counts = [{"subaward": "S-9", "service": "meals", "month": "2011-11", "quantity": 1}]
        bad = with_rows(tmp_path, {"Counts": counts})
        result = run("bill", books[0], bad, "--through", "2011-12", "--out", tmp_path / "claim.xlsx")
        assert result.exit_code == 2
        assert "Counts!A2: the award workbook lists no such subaward" in result.stdout

    def test_where_nothing_was_in_force(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        early, out = published_early(tmp_path), tmp_path / "claim.xlsx"
        arguments = ("bill", books[0], early, "--through", "2011-12", "--known", "2011-09-29", "--out", out)
        result = run(*arguments)
        assert (result.exit_code, out.exists()) == (2, False)
        assert "in force on 2011-10-01 as known on 2011-09-29; nothing was written." in result.stderr
        refusal = json.loads(run(*arguments, "--json").stdout)
        assert refusal["grantcalc"] == "refusal"

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (("award", "award"), "award.xlsx, award.xlsx: there is no caseload workbook, expected one or more"),
            (("caseload-a",), "caseload-a.xlsx: there must be one award workbook, expected one; found 0"),
            (("award",), "award.xlsx: there is no caseload workbook, expected one or more"),
        ],
    )  # fmt: skip
    def test_where_a_workbook_is_missing(
        self, inputs: Path, tmp_path: Path, names: Sequence[str], message: str
    ) -> None:
        paths = [inputs / f"{name}.xlsx" for name in names]
        result = run("bill", *paths, "--through", "2011-12", "--out", tmp_path / "claim.xlsx")
        assert (result.exit_code, result.stdout) == (2, f"{message}\n")

    def test_where_a_claim_is_taken_for_a_caseload(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        result = run("bill", books[0], claim, "--through", "2011-12", "--out", tmp_path / "other.xlsx")
        kinds = "an award workbook, a caseload workbook or a letter log"
        expected = f"claim.xlsx: this is a claim, expected {kinds}\n"
        assert (result.exit_code, result.stdout) == (2, expected)

    @pytest.mark.parametrize("through", ["2011-13", "12/2011", "2011-12-01"])
    def test_for_a_month_that_is_none(self, books: tuple[Path, ...], tmp_path: Path, through: str) -> None:
        result = run("bill", *books, "--through", through, "--out", tmp_path / "claim.xlsx")
        assert result.exit_code == 2
        assert "a month must be written like 2012-09" in result.stderr

    def test_over_an_input(self, books: tuple[Path, ...]) -> None:
        before = books[1].read_bytes()
        for out in (books[1], books[1].parent / ".." / books[1].parent.name / books[1].name):
            result = run("bill", *books, "--through", "2011-12", "--out", out)
            assert result.exit_code == 2
            assert "--out names one of the inputs; it was left as it is" in result.stderr
        result = run("bill", *books[::2], "--through", "2011-12", "--previous", books[1], "--out", books[1])
        assert result.exit_code == 2
        assert books[1].read_bytes() == before

    def test_in_a_folder_that_is_not_there(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        result = run("bill", *books, "--through", "2011-12", "--out", tmp_path / "no" / "claim.xlsx")
        assert result.exit_code == 2
        assert "there is no folder" in result.stderr

    def test_of_a_file_that_is_not_there(self, books: tuple[Path, ...], tmp_path: Path) -> None:
        result = run("bill", books[0], tmp_path / "no.xlsx", "--through", "2011-12", "--out", tmp_path / "claim.xlsx")
        assert result.exit_code == 2
        assert "does not exist" in result.stderr


class TestRequest:
    """Claims assembled."""

    def test_a_request(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        result = run("request", books[0], claim, "--out", out := tmp_path / "request.xlsx")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[:2] == [
            "90ZV0101 Year 1: authorized 2,750.00, earned 2,100.79, held back 285.59, requested 1,815.20 USD",
            f"{out}: total requested 1,815.20 USD",
        ]

    def test_the_same_claim_twice_is_one(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        run("request", books[0], claim, "--out", one := tmp_path / "one.xlsx")
        run("request", books[0], claim, claim, "--out", two := tmp_path / "two.xlsx")
        assert one.read_bytes() == two.read_bytes()

    def test_json(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        result = run("request", books[0], claim, "--out", tmp_path / "request.xlsx", "--json")
        (found,) = json.loads(result.stdout)
        assert found["totals"]["requested"] == "1815.20"

    def test_refusals(self, books: tuple[Path, ...], claim: Path, tmp_path: Path) -> None:
        out = tmp_path / "request.xlsx"
        result = run("request", books[0], books[1], "--out", out)
        assert (result.exit_code, out.exists()) == (2, False)
        assert result.stdout.startswith("caseload-a.xlsx: this is a caseload workbook, expected a claim")
        result = run("request", claim, claim, "--out", out)
        assert (result.exit_code, out.exists()) == (2, False)
        assert "this is a claim, expected an award workbook" in result.stdout
        result = run("request", books[0], claim, "--out", claim)
        assert result.exit_code == 2
        assert "--out names one of the inputs" in result.stderr


class TestVerify:
    """Silent when it matches its inputs; else each cell that does not."""

    def test_the_truth(self, claim: Path, inputs: Path) -> None:
        result = run("verify", claim, "--inputs", inputs)
        assert (result.exit_code, result.output) == (0, "")
        result = run("verify", claim, "--inputs", inputs, "--json")
        assert json.loads(result.stdout) == {
            "grantcalc": "verdict",
            "format": 1,
            "true": True,
            "answer": "as issued",
            "differences": [],
            "consequences": [],
            "notes": [],
        }

    def test_a_lie(self, claim: Path, inputs: Path, tmp_path: Path) -> None:
        workbook = openpyxl.load_workbook(claim)
        workbook["Held back"]["L3"] = -1
        workbook.save(lie := tmp_path / "lie.xlsx")
        result = run("verify", lie, "--inputs", inputs)
        assert result.exit_code == 1
        first, second = result.stdout.splitlines()
        assert first == "Held back!L3: says -1, should say -224.87"
        assert second.startswith("consequences of these: Held back!L5, Held back!B9, Months!C3, Months!D3, Months!E3, ")
        assert ", Summary!B15, Summary!B16, " in second
        assert result.stderr.startswith("note: the formulas have lost their stored values")
        result = run("verify", lie, "--inputs", inputs, "--json")
        assert result.exit_code == 1
        told = json.loads(result.stdout)
        assert told["differences"] == [{"cell": "Held back!L3", "says": "-1", "should_say": "-224.87"}]
        assert told["true"] is False

    def test_without_its_inputs(self, claim: Path, tmp_path: Path) -> None:
        result = run("verify", claim, "--inputs", tmp_path)
        assert result.exit_code == 2
        assert "1 input of role award could not be found by digest" in result.stdout
        assert run("verify", claim, "--inputs", tmp_path / "no").exit_code == 2


class TestExplain:
    """Why a cell holds what it holds."""

    def test_a_line(self, claim: Path, inputs: Path) -> None:
        result = run("explain", claim, "Lines!Q3")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[0] == "Lines!Q3 says 400.64."
        told = json.loads(run("explain", claim, "Lines!Q3", "--inputs", inputs, "--json").stdout)
        assert told["explanation"][:-1] == result.stdout.splitlines()
        assert told["explanation"][-1].startswith("It depends on: caseload-a.xlsx Enrollment!2; ")

    def test_no_cell(self, claim: Path) -> None:
        result = run("explain", claim, "Lines!Z99")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.endswith("; nothing was written.\n")
        assert json.loads(run("explain", claim, "Lines!Z99", "--json").stdout)["grantcalc"] == "refusal"


class TestTemplate:
    """A workbook to fill in, by its name."""

    @pytest.mark.parametrize("name", ["award.xlsx", "Caseload SUB-A.xlsx"])
    def test_written_once(self, tmp_path: Path, name: str) -> None:
        result = run("template", path := tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, f"{path}: fill it in, then run grantcalc bill.\n")
        before = path.read_bytes()
        result = run("template", path)
        assert result.exit_code == 2
        assert "is there already; it was left as it is" in result.stderr
        assert path.read_bytes() == before

    def test_json(self, tmp_path: Path) -> None:
        told = json.loads(run("template", tmp_path / "award.xlsx", "--json").stdout)
        assert told["written"] == str(tmp_path / "award.xlsx")

    def test_of_another_name(self, tmp_path: Path) -> None:
        result = run("template", tmp_path / "book.xlsx")
        assert result.exit_code == 2
        assert "name the workbook for its kind: award.xlsx or caseload.xlsx or letters.xlsx" in result.stderr
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_whole_path_from_templates(tmp_path: Path) -> None:
    """Two templates filled in by hand, billed, requested, verified: the sums by pencil."""
    for kind in ("award", "caseload"):
        assert run("template", tmp_path / f"{kind}.xlsx").exit_code == 0
    (tmp_path / "small.toml").write_text(sample_program.TERMS)
    fill(tmp_path / "award.xlsx", {**sample_program.AWARD, "Areas": ()})
    enrolled = [{"participant": "P-1", "subaward": "S-A", "start": date(2011, 10, 12), "end": date(2011, 10, 31)}]
    rows: sample_program.Rows = {
        "Document": [{"issuer": "SUB-A", "report_date": date(2012, 1, 15)}],
        "Participants": [{"participant": "P-1", "age_group": "adult"}],
        "Enrollment": enrolled,
    }
    fill(tmp_path / "caseload.xlsx", rows)
    write_input("caseload", rows, written := tmp_path / "written.xlsx")
    assert read_caseload(tmp_path / "caseload.xlsx") == read_caseload(written)
    (out := tmp_path / "out").mkdir()
    books = (tmp_path / "award.xlsx", tmp_path / "caseload.xlsx")
    assert run("bill", *books, "--through", "2011-12", "--out", out / "claim.xlsx").exit_code == 0
    assert run("request", books[0], out / "claim.xlsx", "--out", out / "request.xlsx").exit_code == 0
    assert run("verify", out / "claim.xlsx", "--inputs", tmp_path).output == ""
    assert run("verify", out / "request.xlsx", "--inputs", tmp_path).output == ""
    amounts = {line.service: dollars(line.amount) for line in read_claim(out / "claim.xlsx").lines}
    assert amounts == {"care": Decimal("129.03"), "meals": Decimal("0.24")}  # 20/31 × 200.00, and 0.2375


def fill(path: Path, rows: sample_program.Rows) -> None:
    """Type rows into a template, over its example row, as a person does."""
    workbook = openpyxl.load_workbook(path)
    keys = template_keys(path)
    for sheet, found in rows.items():
        for number, row in enumerate(found, 2):
            for at, key in enumerate(keys[sheet], 1):
                workbook[sheet].cell(number, at).value = row.get(key)
    workbook.save(path)


def template_keys(path: Path) -> Mapping[str, Sequence[str]]:
    layouts = AWARD_SHEETS if "award" in path.name else CASELOAD_SHEETS
    return {layout.sheet: [c.key for c in layout.columns] for layout in layouts}


def test_a_template_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["template", str(tmp_path / "nowhere" / "award.xlsx")])
    assert done.exit_code == 2
    assert "there is no folder" in done.output
