"""Documents are put in place, then the entry is appended, then it is said: a failure loses or
doubles no request."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from grantcalc.cli import main
from grantcalc.cli.statuses import Status
from grantcalc.io import Store
from grantcalc.ledger.entries import Requested
from tests import sample_program
from tests.interrupted import AMOUNT, requested
from tests.processes import ENV, ROOT, grantcalc

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    """A folder with an award, a caseload and the ledger to which it was posted."""
    award = sample_program.write(tmp_path, "award", sample_program.AWARD)
    caseload = sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A)
    run("post", tmp_path / "ledger.db", award, caseload, "--through", "2011-12")
    return tmp_path


@pytest.mark.slow
class TestEachEffect:
    """Whatever effect of `post`, `close` or `request` fails, or is the last before a kill: the sum
    asked for is right, and the next run finishes or repeats the same request to the byte."""

    @pytest.mark.parametrize("how", ["failing", "killed"])
    def test_in_turn(self, tmp_path: Path, how: str) -> None:
        command = [sys.executable, "-m", "tests.interrupted", str(tmp_path), how]
        done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        counts = {name: int(count) for name, _, count in (line.partition(": ") for line in done.stdout.splitlines())}
        assert {*counts} == {"post", "close", "request", "request over old files"}
        assert min(counts["post"], counts["close"]) >= 7
        assert counts["request"] >= 20
        assert counts["request over old files"] >= 30


@pytest.mark.slow
class TestSequences:
    """Over any sequence of runs, each interrupted or not, the sum asked for is right."""

    def test_of_several_interrupted_runs(self, tmp_path: Path) -> None:
        """Few in CI, and many in `make deep`; a failure tells the steps, and the seed and number
        repeat it."""
        count = max(2, settings().max_examples // 12)
        command = [sys.executable, "-m", "tests.interrupted", str(tmp_path), "sequences", "14", str(count)]
        done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == count
        assert any(not line.startswith("0:") for line in done.stdout.splitlines())


class TestTheLedgerRemembersTheDocument:
    """A document that no entry records is named; one that the ledger records is not."""

    def test_verified_against_the_ledger(self, posted: Path, tmp_path: Path) -> None:
        ledger, out, inputs = posted / "ledger.db", posted / "request.xlsx", posted / "inputs"
        inputs.mkdir()
        for name in ("award.xlsx", "small.toml"):
            (inputs / name).write_bytes((posted / name).read_bytes())
        run("ledger", "export", ledger, inputs / "ledger.jsonl")
        before = ledger.read_bytes()
        run("request", posted / "award.xlsx", "--ledger", ledger, "--out", out)
        verify = ("verify", out, "--inputs", inputs, "--ledger", ledger)
        assert run(*verify).output == ""
        run("ledger", "hold", ledger, "S-A", "--why", "a visit")
        assert run(*verify).output == ""
        ledger.write_bytes(before)  # as a kill leaves it, or a backup that is older than the request
        said = "the ledger ledger.db: says no entry of this request, should say a request of 1,714.72 for "
        assert said in run(*verify, status=1).output
        other = posted / "other.db"
        run("post", other, posted / "award.xlsx", posted / "caseload.xlsx", "--through", "2011-11")
        assert said.replace("ledger.db", "other.db") in run(*verify[:-1], other, status=1).output
        told = run("request", posted / "award.xlsx", "--ledger", ledger, "--out", out).stderr
        assert "request.xlsx: no entry of the ledger records this request of 1,714.72 for " in told
        assert run(*verify).output == ""
        assert requested(Store(ledger).load()) == AMOUNT

    def test_a_request_of_claims_is_recorded_nowhere(self, posted: Path) -> None:
        claim, out = posted / "claim.xlsx", posted / "request.xlsx"
        run("bill", posted / "award.xlsx", posted / "caseload.xlsx", "--through", "2011-12", "--out", claim)
        run("request", posted / "award.xlsx", claim, "--out", out)
        assert run("verify", out, "--inputs", posted, "--ledger", posted / "ledger.db").output == ""

    def test_another_file_in_its_place_is_replaced_without_a_word(self, posted: Path) -> None:
        (posted / "request.xlsx").write_bytes(b"no workbook")
        ask = ("request", posted / "award.xlsx", "--ledger", posted / "ledger.db", "--out", posted / "request.xlsx")
        assert "request.xlsx" not in run(*ask).stderr


class TestWhatIsInTheWay:
    """What cannot be written takes back what was, and no entry is appended."""

    @pytest.mark.parametrize("page", ["/dev/full", "a pipe"])
    def test_a_page_that_cannot_be_written(self, posted: Path, page: str) -> None:
        if page == "a pipe":
            os.mkfifo(page := str(posted / "forms.html"))
        before = sorted(p.name for p in posted.iterdir())
        ask = ("request", posted / "award.xlsx", "--ledger", posted / "ledger.db", "--out", posted / "request.xlsx")
        status, _, told = grantcalc(*ask, "--page", page)
        assert status == Status.REFUSED
        assert told.endswith("something other than a file is there; nothing was written.\n")
        assert sorted(p.name for p in posted.iterdir()) == before
        assert not [e for e in Store(posted / "ledger.db").load().entries if isinstance(e.act, Requested)]

    def test_a_refusal_touches_no_document(self, posted: Path) -> None:
        (out := posted / "request.xlsx").write_bytes(b"before")
        was = out.stat().st_ino
        ask = ("request", posted / "award.xlsx", "--ledger", posted / "ledger.db", "--out", out)
        run(*ask, "--known", "9999-12-31", status=2)
        assert (out.read_bytes(), out.stat().st_ino) == (b"before", was)

    def test_a_ledger_that_another_command_changes(self, posted: Path) -> None:
        """Whoever comes second waits, and then is told to try again; what is only read is read
        meanwhile."""
        ledger = posted / "ledger.db"
        with Store(ledger).turn() as turn:
            assert Store(ledger).load() == turn.ledger
            with (
                sqlite3.connect(ledger, timeout=0, isolation_level=None) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute("BEGIN IMMEDIATE")
            other.close()

    def test_one_after_the_other(self, posted: Path) -> None:
        """A request that is made while another is made waits for it, and is the same request."""
        ask = ("request", posted / "award.xlsx", "--ledger", posted / "ledger.db", "--out")
        told: list[Status] = []
        hands = [
            threading.Thread(target=lambda n=n: told.append(grantcalc(*ask, posted / f"{n}.xlsx")[0])) for n in range(3)
        ]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert told == [Status.DONE] * 3
        assert requested(Store(posted / "ledger.db").load()) == AMOUNT
        assert len({(posted / f"{n}.xlsx").read_bytes() for n in range(3)}) == 1
