"""Forms to sign, in the request workbook and on the page: every box, one report for each award, and
still verified."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import assume, given
from openpyxl import load_workbook

from grantcalc import Ledger, Month, bill, read_award, read_caseload, requests, verify
from grantcalc.errors import NotInForce, Rejected, WorkbookRejected
from grantcalc.forms import sf425
from grantcalc.io.exchange.journal import as_ledger_input, to_lines
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.requests import assemble
from tests import sample_program as small
from tests.strategies import Scenario, scenarios
from tests.test_requests import known_on

MIDDLE = date(2011, 11, 30)
ENTRIES = {
    "account": "4711",
    "address": "1 Main Street, Springfield, VA 22150",
    "basis": "accrual",
    "payment": "partial",
    "report_type": "quarterly",
    "remarks": "Illustrative remarks.",
    "official": "R. Roe, Director",
}


def award(**changes: Any) -> small.Rows:
    """The award of two budget periods, two months and ten, with entries for its forms."""
    years: list[Mapping[str, Any]] = [
        {"fain": small.FAIN, "label": label, "start": start, "end": end, "amount": Decimal(amount)}
        for label, start, end, amount in (
            ("Year 1", small.FIRST, MIDDLE, "1000.00"),
            ("Year 2", date(2011, 12, 1), small.LAST, "1500.00"),
        )
    ]
    entries = [{"fain": small.FAIN, "entry": entry, "value": value} for entry, value in ENTRIES.items()]
    return {**small.AWARD, "Budget periods": years, "Books": [], "Form entries": entries, **changes}


@frozen
class Issued:
    """A folder of inputs and the request workbook that was issued from them."""

    folder: Path
    path: Path

    @property
    def sheets(self) -> Any:
        return load_workbook(self.path)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    folder = small.inputs(tmp_path_factory.mktemp("two"))
    (folder / "award.xlsx").unlink()
    small.write(folder, "award", award())
    network = read_award(folder / "award.xlsx")
    loads = [read_caseload(folder / f"caseload-{name}.xlsx") for name in ("a", "b")]
    ledger = Ledger().post(bill(loads, network, small.THROUGH).counted())
    (folder / "ledger.jsonl").write_text(to_lines(ledger), "utf-8", newline="\n")
    path = folder.parent / "two-request.xlsx"
    write_request(requests(ledger, network, source=as_ledger_input(ledger, "ledger.db")), path)
    return Issued(folder, path)


def column(sheet: Any, first: str) -> dict[str, Any]:
    """What stands beside each label of a sheet, above the table that begins with a header."""
    rows = [[cell.value for cell in row[:2]] for row in sheet.iter_rows()]
    return {str(a): b for a, b in rows if a}


class TestWorkbook:
    """The workbook has one SF-425 for an award of several budget periods, with formulas, and
    verifies as issued."""

    def test_it_is_as_issued(self, issued: Issued) -> None:
        verdict = verify(issued.path, issued.folder)
        assert (verdict.answer, verdict.differences) == ("as issued", ())

    def test_one_report_of_both_budget_periods(self, issued: Issued) -> None:
        sheet = issued.sheets["SF-425"]
        titles = [row[0].value for row in sheet.iter_rows() if str(row[0].value).startswith("SF-425,")]
        assert titles == [f"SF-425, Federal Financial Report: {small.FAIN}, Year 1, Year 2"]

    def test_the_boxes(self, issued: Issued) -> None:
        said = column(issued.sheets["SF-425"], "Line")
        assert said["6. Report type"] == "Quarterly"
        assert said["7. Basis of accounting"] == "Accrual"
        assert said["4a. UEI"] == "ABCDEFGH1JK2"
        assert said["12. Remarks"] == "Illustrative remarks."
        assert said["13a. Name and title of certifying official"] == "R. Roe, Director"
        assert said["13b. Signature of certifying official"] is None

    def test_a_blank_may_be_filled_in_and_nothing_else(self, issued: Issued, tmp_path: Path) -> None:
        """A written e-mail address is a note; a changed agency is a difference."""
        for label, answer in (("13d. E-mail address", "values agree"), ("1. Federal agency", "altered")):
            book = load_workbook(issued.path)
            cells = [row[1] for row in book["SF-425"].iter_rows() if str(row[0].value).startswith(label)]
            cells[0].value = "written by hand"
            book.save(path := tmp_path / "signed.xlsx")
            verdict = verify(path, issued.folder, values_only=True)
            assert (verdict.answer, *map(str, verdict.differences[1:])) == (answer,)


class TestSums:
    """Each line of a cumulative report is the sum of its budget periods, to the cent."""

    @given(scenarios())
    def test_the_award_is_the_sum_of_its_budget_periods(self, scenario: Scenario) -> None:
        try:
            claim = bill(scenario.caseloads, scenario.network, scenario.through, known_on(scenario))
            asked = requests(assemble([claim]), scenario.network)
        except NotInForce:
            assume(False)
        for award in {r.award for r in asked}:
            mine = [r for r in asked if r.award == award]
            report = sf425(mine)
            assert report.line("10e").amount == sum(r.cost.spent for r in mine)
            assert (report.line("10d").amount or 0) >= sum(r.authorized for r in mine)


@pytest.mark.parametrize(
    ("entry", "value", "problem"),
    [
        ("basis", "cash basis", "this box takes one of a few words"),
        ("advance_from", "1/2/2012", "this box takes a day"),
        ("remarks", "x" * 2001, "this text does not fit into the box"),
    ],
)
def test_an_entry_that_no_box_takes_is_refused(tmp_path: Path, entry: str, value: str, problem: str) -> None:
    rows = award(**{"Form entries": [{"fain": small.FAIN, "entry": entry, "value": value}]})
    small.write(tmp_path, "award", rows)
    with pytest.raises(WorkbookRejected, match=problem):
        read_award(tmp_path / "award.xlsx")


def test_a_made_entry_that_no_box_takes_is_refused(tmp_path: Path) -> None:
    small.inputs(tmp_path)
    network, load = small.network(tmp_path), read_caseload(tmp_path / "caseload-b.xlsx")
    (entry,) = network.form_entries
    for wrong in (evolve(entry, entry="nothing"), evolve(entry, value="maybe"), evolve(entry, award="90ZV0102")):
        with pytest.raises(Rejected):
            bill(load, evolve(network, form_entries=(wrong,)), Month(2011, 12))
