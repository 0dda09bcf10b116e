"""Incrementally funded awards: continuations, supplements, extensions and carry-over are amendments
with two dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from grantcalc.billing.claims import bill
from grantcalc.errors import GrantcalcError, WorkbookRejected
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.written_inputs import write_inputs
from grantcalc.network import Network
from grantcalc.periods import Month
from tests import sample_program
from tests.sample_program import AWARD, FAIN, FIRST

HALF = date(2012, 3, 31)
NOTICE = date(2012, 3, 1)
"""The day on which a continuation is published."""


def rows(*amendments: dict[str, Any], **sheets: list[dict[str, Any]]) -> sample_program.Rows:
    """The sample award with these amendments of its own, and one budget period to the end of
    March."""
    period = {**AWARD["Budget periods"][0], "end": HALF}
    made = [{"of": FAIN, "reference": "2", "effective": FIRST, "published": NOTICE, **row} for row in amendments]
    kept = [row for row in AWARD["Amendments"] if row["of"] != FAIN]
    return {**AWARD, "Budget periods": [period], "Amendments": [*kept, *made], "Books": [], **sheets}


def read(folder: Path, content: sample_program.Rows) -> Network:
    return read_award(sample_program.write(folder, "award", content))


def told(folder: Path, content: sample_program.Rows) -> list[str]:
    with pytest.raises(WorkbookRejected) as refused:
        read(folder, content)
    return [str(finding) for finding in refused.value.findings]


NEXT = {"fain": FAIN, "label": "Year 2", "start": date(2012, 4, 1), "end": date(2012, 9, 30), "published": NOTICE}


class TestABudgetPeriodNeedNotEndWithTheAward:
    """A budget period need not end with the award; later ones follow, and are known from their
    publication."""

    def test_it_is_read_and_billed(self, tmp_path: Path) -> None:
        network = read(tmp_path, rows())
        sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A, "caseload-a.xlsx")
        load = read_caseload(tmp_path / "caseload-a.xlsx")
        assert bill(load, network, Month(2011, 12)).lines
        with pytest.raises(GrantcalcError, match="of award 90ZV0101 is in force"):  # no funds are obligated for April
            bill(evolve(load, report_date=date(2012, 5, 1)), network, Month(2012, 4))

    def test_a_continuation_follows(self, tmp_path: Path) -> None:
        periods = [{**AWARD["Budget periods"][0], "end": HALF}, {**NEXT, "amount": Decimal("800.00")}]
        (award,) = read(tmp_path, {**rows(), "Budget periods": periods}).awards
        assert [p.label for p in award.budget_periods] == ["Year 1", "Year 2"]
        later = award.budget_periods[1]
        assert later.amount.find(later.days.last, date(2012, 2, 28)) is None
        assert later.obligated(NOTICE).value == 80_000

    def test_it_must_not_end_after_the_award(self, tmp_path: Path) -> None:
        late = [{**AWARD["Budget periods"][0], "end": date(2012, 10, 1)}]
        (line,) = told(tmp_path, {**rows(), "Budget periods": late})
        assert "a budget period must not end after the award" in line


class TestExtensions:
    """A new end date has two dates: before its publication the old end holds."""

    EXTENDED = (
        {"label": "", "end": date(2012, 12, 31), "kind": "extension"},
        {"label": "Year 1", "end": date(2012, 12, 31), "kind": "extension"},
    )

    def test_known_from_its_publication(self, tmp_path: Path) -> None:
        network = read(tmp_path, rows(*self.EXTENDED))
        for known, award_end, period_end in (
            (date(2012, 2, 29), date(2012, 9, 30), HALF),
            (NOTICE, date(2012, 12, 31), date(2012, 12, 31)),
        ):
            (award,) = network.as_known(known).awards
            assert (award.period.end, award.budget_periods[0].days.end) == (award_end, period_end)

    def test_billing_goes_by_it(self, tmp_path: Path) -> None:
        published = date(2012, 5, 2)
        network = read(tmp_path, rows(*({**row, "published": published} for row in self.EXTENDED)))
        sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A, "caseload-a.xlsx")
        load = evolve(read_caseload(tmp_path / "caseload-a.xlsx"), report_date=date(2012, 5, 1))
        assert bill(load, network, Month(2012, 4), known=published).lines
        with pytest.raises(GrantcalcError, match="of award 90ZV0101 is in force"):
            bill(load, network, Month(2012, 4), known=date(2012, 5, 1))

    def test_a_later_budget_period_may_begin_after_it(self, tmp_path: Path) -> None:
        later = {**NEXT, "label": "Year 2", "start": date(2012, 7, 1), "amount": Decimal(1)}
        periods = [{**AWARD["Budget periods"][0], "end": HALF}, later]
        extension = {"label": "Year 1", "end": date(2012, 6, 30), "kind": "extension"}
        assert read(tmp_path, {**rows(extension), "Budget periods": periods}).awards

    def test_an_amendment_changes_something(self, tmp_path: Path) -> None:
        (line,) = told(tmp_path, rows({"label": "Year 1", "kind": "supplement"}))
        assert "an amendment changes a total or an end" in line

    def test_written_inputs_say_it_again(self, tmp_path: Path) -> None:
        network = read(tmp_path, rows(*self.EXTENDED))
        (folder := tmp_path / "again").mkdir()
        (folder / "small.toml").write_text(sample_program.TERMS, "utf-8")
        sample_program.write(tmp_path, "caseload", sample_program.CASELOAD_A, "caseload-a.xlsx")
        again, _ = write_inputs(folder, network, read_caseload(tmp_path / "caseload-a.xlsx"))
        assert again.amendments == network.amendments


class TestCarryOver:
    """A carry-over lowers the earlier period by what it adds to the later, so that the sum is
    unchanged."""

    def periods(self) -> list[dict[str, Any]]:
        first = {**AWARD["Budget periods"][0], "end": HALF, "amount": Decimal("1000.00")}
        return [first, {**NEXT, "amount": Decimal("800.00")}]

    def carried(self, earlier: str, later: str, effective: date = HALF) -> sample_program.Rows:
        known = {"published": date(2012, 5, 1), "kind": "Carry-over"}
        pair = (
            {"label": "Year 1", "amount": Decimal(earlier), "effective": effective, **known},
            {"label": "Year 2", "amount": Decimal(later), "effective": date(2012, 4, 1), **known},
        )
        return {**rows(*pair), "Budget periods": self.periods()}

    def test_the_sum_is_unchanged(self, tmp_path: Path) -> None:
        (award,) = read(tmp_path, self.carried("700.00", "1100.00")).awards
        for known, amounts in ((NOTICE, [100_000, 80_000]), (date(2012, 5, 1), [70_000, 110_000])):
            assert [p.obligated(known).value for p in award.budget_periods] == amounts
            assert sum(amounts) == 180_000

    def test_another_sum_is_a_finding(self, tmp_path: Path) -> None:
        (line,) = told(tmp_path, self.carried("700.00", "1100.01"))
        assert "this carry-over changes the sum of the budget periods by 0.01" in line

    def test_after_the_last_day_it_would_change_nothing(self, tmp_path: Path) -> None:
        (line,) = told(tmp_path, self.carried("700.00", "1100.00", date(2012, 4, 1)))
        assert (
            "this carry-over holds only after the last day of the budget period, expected 2012-03-31 or before" in line
        )


def test_some_regions_alone_are_nobody_s_fault(tmp_path: Path) -> None:
    """Coverage is judged only over a network that says it covers the country, once, in one line."""
    day = date(2011, 12, 31)
    assert read(tmp_path, dict(AWARD)).coverage(day, day) == ()
    country = {**AWARD, "Awards": [{**AWARD["Awards"][0], "nationwide": "yes"}]}
    (finding,) = read(tmp_path, country).coverage(date(2011, 12, 31), date(2012, 1, 15))
    assert finding.problem.startswith("on 2011-12-31 Regions 1, 2, 3, ")
    assert finding.problem.endswith(" are served by nobody")
