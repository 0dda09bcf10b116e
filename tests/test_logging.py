"""What the log says of a run, at debug and under the name `grantcalc`; and what it never says."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from grantcalc import Ledger, Rejected, bill, read_award, read_caseload, requests, write_claim, write_request
from grantcalc.io import Store
from tests import sample_program

CANARY = "Canary-77"


def with_canaries(value: Any) -> Any:
    """Rows in which every pseudonym and every document's reference is a canary, and so is the
    label."""
    if isinstance(value, dict):
        return {key: with_canaries(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_canaries(item) for item in value]
    if isinstance(value, str):
        return value.replace("P-77", CANARY).replace("V-55", CANARY).replace("ILLUSTRATIVE", f"ILLUSTRATIVE {CANARY}")
    return value


def run(folder: Path, rows: sample_program.Rows) -> None:
    """The one path, by files."""
    sample_program.write(folder, "award", sample_program.AWARD)
    award = read_award(folder / "award.xlsx")
    claim = bill(read_caseload(sample_program.write(folder, "caseload", rows)), award, sample_program.THROUGH)
    write_claim(claim, folder / "claim.xlsx", detail=True, lines=folder / "lines.csv")
    ledger = Ledger().post(claim)
    store = Store(folder / "ledger.sqlite", create=True)
    store.append(ledger.hold("S-A", f"{CANARY} says so", claim.known).entries, Ledger().head)
    write_request(requests(store.load(), award), folder / "request.xlsx")


class TestLog:
    """At debug, and at no other level, the log says which files are read and written, and what is
    billed."""

    def test_the_one_path(self, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
        with caplog.at_level(logging.DEBUG, "grantcalc"):
            run(tmp_path, sample_program.CASELOAD_A)
        assert {record.name.partition(".")[0] for record in caplog.records} == {"grantcalc"}
        assert {record.levelno for record in caplog.records} == {logging.DEBUG}
        told = [record.getMessage().partition(" (")[0] for record in caplog.records]
        assert told == [
            "wrote award.xlsx",
            "read award.xlsx",
            "read small.toml",
            "wrote caseload.xlsx",
            "read caseload.xlsx",
            "billed through 2011-12 as known on 2012-01-15",
            "wrote claim.xlsx",
            "wrote lines.csv",
            "wrote to the ledger ledger.sqlite",
            "read the ledger ledger.sqlite",
            "wrote request.xlsx",
        ]

    def test_silence_by_default(self, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        run(tmp_path, sample_program.CASELOAD_A)
        assert capfd.readouterr() == ("", "")


class TestNobodyIsNamed:
    """No pseudonym stands in the log, no text of a cell, and no folder."""

    def test_what_was_written(self, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
        (folder := tmp_path / CANARY).mkdir()
        with caplog.at_level(logging.DEBUG):
            run(folder, with_canaries(sample_program.CASELOAD_A))
        assert CANARY.encode() in (folder / "lines.csv").read_bytes()
        assert len(caplog.records) > 10
        assert CANARY not in caplog.text

    def test_what_was_refused(self, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
        rows = {
            **sample_program.CASELOAD_A,
            "Counts": [{"subaward": CANARY, "service": CANARY, "month": "2011-11", "quantity": 1}],
        }
        sample_program.write(tmp_path, "award", sample_program.AWARD)
        with caplog.at_level(logging.DEBUG), pytest.raises(Rejected):
            bill(
                read_caseload(sample_program.write(tmp_path, "caseload", rows)),
                read_award(tmp_path / "award.xlsx"),
                sample_program.THROUGH,
            )
        assert len(caplog.records) > 3
        assert CANARY not in caplog.text
