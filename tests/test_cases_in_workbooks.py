"""Every worked case goes through a claim workbook and back: what gates refuse and prices that are
made included."""

from __future__ import annotations

from pathlib import Path

import pytest

from grantcalc.cases import Case, worked_cases
from grantcalc.io.exchange.documents import from_json, to_json
from grantcalc.io.inputs import read_claim
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.terms import published_terms

CASES = [pytest.param(case, id=f"{id}: {case.title}") for id in published_terms() for case in worked_cases(id).cases]


@pytest.mark.parametrize("case", CASES)
def test_the_claim_comes_back_the_same(case: Case, tmp_path: Path) -> None:
    """Law 7: read what was written: the same values."""
    claim = case.claim()
    write_claim(claim, tmp_path / "claim.xlsx")
    write_claim(claim, tmp_path / "detail.xlsx", detail=True)
    assert read_claim(tmp_path / "claim.xlsx") == claim.counted()
    assert read_claim(tmp_path / "detail.xlsx") == claim
    assert from_json(to_json(claim)) == claim
    assert from_json(to_json(claim.counted())) == claim.counted()
