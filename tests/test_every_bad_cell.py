"""Every bad cell at once: in one run, in `check` and `bill` alike, whatever else is wrong
(docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from grantcalc.cli.audit import findings_of
from grantcalc.errors import Finding, Rejected
from grantcalc.io.inputs import read_workbooks
from tests import sample_program
from tests.sample_program import AWARD, CASELOAD_A, CASELOAD_B, FAIN, FIRST, LAST

pytestmark = pytest.mark.slow  # together more than half a minute, and the same on each Python

Rows = dict[str, list[dict[str, Any]]]

_DAY, _PUBLISHED = date(2011, 12, 5), date(2012, 1, 10)
_TERMS = [
    {"fain": FAIN, "term": term, "value": value, "effective": FIRST, "published": FIRST, "source": "Letter"}
    for term, value in (("rate.lessons", Decimal("5.00")), ("rate.visits", Decimal("6.00")))
]
_SERVICES = """
[services.lessons]
title = "Lessons"
pool = "direct"
cite = "manual"
count = "unit"
rates = [{ open = "rate.lessons", cite = "manual" }]
[services.visits]
title = "Visits"
pool = "direct"
cite = "manual"
count = "any_day"
rates = [{ open = "rate.visits", cite = "manual" }]
"""
_COST = {"participant": "P-7731", "subaward": "S-A", "service": "expenses", "category": "food", "paid": _DAY}
_STAY = {"participant": "P-1", "subaward": "S-A", "start": date(2012, 8, 1), "end": date(2012, 8, 9)}
_NEW: Mapping[str, Mapping[str, list[dict[str, Any]]]] = {
    "award": {
        "Organizations": [{"id": "SUB-C", "name": "Subrecipient C", "state": "TX"}],
        "Subawards": [
            {"id": id, "parent": FAIN, "subrecipient": "SUB-C", "start": FIRST, "end": LAST} for id in ("S-C", "S-D")
        ],
        "Terms": _TERMS,
        "Amendments": [
            {"of": "S-A", "reference": "2", "amount": Decimal("2100.00"), "effective": date(2012, 1, 1)},
            {"of": FAIN, "label": "Year 1", "reference": "3", "amount": Decimal("2800.00"), "effective": _DAY},
        ],
        "Books": [
            {
                "fain": FAIN,
                "label": "Year 1",
                "figure": "indirect_rate",
                "value": Decimal("0.1"),
                "effective": LAST,
                "published": date(2013, 1, 2),
            }
        ],
    },
    "caseload": {
        "Participants": [{"participant": f"P-{n}", "age_group": "adult"} for n in (1, 2, 3)],
        "Enrollment": [{**_STAY, "start": date(2012, 8, n), "end": date(2012, 8, n)} for n in (1, 3, 5, 7)],
        "Costs": [{**_COST, "amount": Decimal(n), "reference": f"V-{n}"} for n in (1, 2, 3, 4, 5, 6, 7)],
        "Counts": [{"subaward": "S-A", "service": "visits", "month": f"2011-{n}", "quantity": n} for n in (10, 11, 12)],
        "Units": [
            {"participant": "P-7731", "subaward": "S-A", "service": "lessons", "day": date(2011, 12, n), "quantity": n}
            for n in (1, 2)
        ],
        "Absences": [{"participant": "P-7731", "kind": "other", "start": _DAY, "end": _DAY}],
        "Figures": [{"subaward": "S-A", "name": "occupancy", "value": Decimal("0.5"), "effective": FIRST}],
        "Openings": [
            {"participant": f"P-{n}", "award": FAIN, "window": "Year 1", "pool": "direct", "amount": Decimal(n)}
            for n in (1, 2, 3)
        ],
        "Statuses": [{"participant": "P-1", "status": "us_citizen", "effective": FIRST}],
        "Disallowed costs": [{"number": "D-1", "participant": "P-1", "published": _PUBLISHED}],
    },
}
"""Rows beside those of the sample program, so that each fault has a row of its own."""


@frozen
class Fault:
    """One cell changed: of which workbook and sheet, in which row, and what the error says of
    it."""

    workbook: str
    sheet: str
    row: int
    cells: tuple[tuple[str, Any], ...]
    told: str


def _fault(workbook: str, sheet: str, row: int, told: str, /, **cells: Any) -> Fault:
    return Fault(workbook, sheet, row, tuple(cells.items()), told)


FAULTS = (
    _fault("award", "Organizations", 3, "an organization works in a State", state="Region 6"),
    _fault("award", "Awards", 0, "is not in the format of an Assistance Listing", listing="93-598"),
    _fault("award", "Budget periods", 0, "an obligated amount cannot be negative", amount=Decimal(-1)),
    _fault("award", "Subawards", 3, "no such organization is listed", subrecipient="SUB-Z"),
    _fault("award", "Subawards", 2, "must lie inside the award's", end=date(2013, 1, 1)),
    _fault("award", "Amendments", 0, "there is no such budget period", label="Year 9"),
    _fault("award", "Amendments", 1, "no such award or subaward is listed", of="S-Z"),
    _fault("award", "Amendments", 2, "this is not", amount="much"),
    _fault("award", "Areas", 0, "not a known place", place="Atlantis"),
    _fault("award", "Terms", 0, "not a known count", value="by_guess"),
    _fault("award", "Terms", 2, "these terms leave no such term", term="rate.unheard"),
    _fault("award", "Terms", 3, "Value must not be empty", value=None),
    _fault("award", "Disallowances", 0, "no terms have this service", service="swimming"),
    _fault("award", "Books", 0, "not an amount of dollars and whole cents", value=Decimal("1.001")),
    _fault("award", "Books", 1, "this ratio is too large", value=Decimal(15)),
    _fault("caseload", "Document", 0, "Report date must not be empty", report_date=None),
    _fault("caseload", "Participants", 2, "age group", age_group="old"),
    _fault("caseload", "Letters", 0, "not a known letter", kind="postcard"),
    _fault("caseload", "Letters", 1, "no such participant is registered", participant="P-404"),
    _fault("caseload", "Households", 0, "cannot be negative", family=-2),
    _fault("caseload", "Enrollment", 3, "the award workbook lists no such subaward", subaward="S-9"),
    _fault("caseload", "Enrollment", 4, "the issuer does not report for this subaward", subaward="S-B"),
    _fault("caseload", "Enrollment", 5, "these days end before they start", end=date(2012, 7, 1)),
    _fault("caseload", "Enrollment", 6, "pays for no such service by enrollment", service="sailing"),
    _fault("caseload", "Costs", 4, "the award workbook lists no such subaward", subaward="S-A1"),
    _fault("caseload", "Costs", 5, "another row has this reference", reference="V-7", amount=Decimal(9)),
    _fault("caseload", "Costs", 6, "this is not", amount="some"),
    _fault("caseload", "Costs", 7, "this is not a category of the service", category="travel"),
    _fault("caseload", "Costs", 8, "a credit must name the service month", amount=Decimal(-3)),
    _fault("caseload", "Costs", 9, "the terms have no such service", service="bread"),
    _fault("caseload", "Counts", 1, "outside the subaward's period", month="2010-01"),
    _fault("caseload", "Counts", 2, "cannot be negative", quantity=-2),
    _fault("caseload", "Counts", 3, "the terms have no such service", service="teaching"),
    _fault("caseload", "Units", 0, "not a service counted by hours or units", service="visits"),
    _fault("caseload", "Units", 1, "the day lies outside the subaward's period", day=date(2010, 1, 1)),
    _fault("caseload", "Absences", 0, "not a known kind", kind="holiday"),
    _fault("caseload", "Figures", 0, "this share is more than the whole", value=Decimal(50)),
    _fault("caseload", "Openings", 0, "the award workbook lists no such award", award="90XX0000"),
    _fault("caseload", "Openings", 1, "an amount used must name its pool", pool=None),
    _fault("caseload", "Openings", 2, "no such participant is registered", participant="P-404"),
    _fault("caseload", "Disallowed costs", 0, "this row names no cost", participant=None),
)
MISSING = Fault("award", "Terms", 4, (), "these terms leave rate.visits to the award")
"""A row that is taken out: the last of the Terms sheet."""


def rows(kind: str, base: sample_program.Rows, faults: Collection[Fault]) -> Rows:
    """The rows of a workbook with these faults in it."""
    found = {sheet: [dict(row) for row in table] for sheet, table in base.items()}
    for sheet, more in _NEW[kind].items():
        found.setdefault(sheet, []).extend(dict(row) for row in more)
    for fault in faults:
        if fault.workbook == kind:
            found[fault.sheet][fault.row].update(fault.cells)
    if kind == "award" and MISSING in faults:
        del found["Terms"][MISSING.row]
    return found


def written(folder: Path, faults: Collection[Fault]) -> list[Path]:
    """The award workbook and two caseloads, with these faults in them."""
    folder.mkdir(exist_ok=True)
    paths = [
        sample_program.write(folder, "award", rows("award", AWARD, faults)),
        sample_program.write(folder, "caseload", rows("caseload", CASELOAD_A, faults), "caseload-a.xlsx"),
        sample_program.write(folder, "caseload", CASELOAD_B, "caseload-b.xlsx"),
    ]
    (folder / "small.toml").write_text(sample_program.TERMS + _SERVICES, "utf-8", newline="\n")
    return paths


def errors(findings: Collection[Finding]) -> set[tuple[str, str]]:
    return {(f"{f.place.file} {f.place}", f.problem) for f in findings if f.severity == "error"}


def checked(folder: Path, faults: Collection[Fault]) -> set[tuple[str, str]]:
    """The errors that `check` tells, which are those with which the workbooks are refused."""
    paths = written(folder, faults)
    found = errors(findings_of(paths)[0])
    if faults:
        try:
            read_workbooks(paths)
        except Rejected as refused:
            assert errors(refused.findings) == found
    return found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Fault, set[tuple[str, str]]]:
    """What is told of each fault by itself."""
    return {fault: checked(tmp_path_factory.mktemp("alone"), [fault]) for fault in (*FAULTS, MISSING)}


class TestEveryBadCellAtOnce:
    """Any of these faults together are told in one run, each as it is told alone: none hides
    another, and none leads to a second message elsewhere."""

    def test_nothing_is_wrong_without_them(self, tmp_path: Path) -> None:
        assert checked(tmp_path, []) == set()

    def test_each_is_told_once(self, alone: Mapping[Fault, set[tuple[str, str]]]) -> None:
        for fault, told in alone.items():
            assert len(told) == 1, (fault, told)
            assert fault.told in next(iter(told))[1], (fault, told)

    def test_all_of_them(self, tmp_path: Path, alone: Mapping[Fault, set[tuple[str, str]]]) -> None:
        assert checked(tmp_path, (*FAULTS, MISSING)) == set().union(*alone.values())

    @given(faults=st.sets(st.sampled_from((*FAULTS, MISSING)), min_size=2))
    def test_any_of_them(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        alone: Mapping[Fault, set[tuple[str, str]]],
        faults: set[Fault],
    ) -> None:
        told = checked(tmp_path_factory.mktemp("some"), faults)
        assert told == set().union(*(alone[fault] for fault in faults))


class TestWhatDependsOnABadCell:
    """What depends on a bad cell is not told beside it."""

    @pytest.mark.parametrize(
        ("fault", "place"),
        [
            (_fault("award", "Subawards", 0, "must not be empty", id=None), "award.xlsx Subawards!A2"),
            (_fault("award", "Subawards", 0, "not a date", start="soon"), "award.xlsx Subawards!D2"),
            (_fault("award", "Awards", 0, "not a date", start="soon"), "award.xlsx Awards!F2"),
            (_fault("award", "Awards", 0, "there are no such terms", terms="lost.toml"), "award.xlsx Awards!H2"),
            (_fault("award", "Subawards", 0, "no such organization", subrecipient="SUB-Z"), "award.xlsx Subawards!C2"),
            (_fault("award", "Subawards", 0, "not under any award", parent="S-Z"), "award.xlsx Subawards!B2"),
            (_fault("award", "Budget periods", 0, "not a date", end="late"), "award.xlsx Budget periods!D2"),
            (_fault("award", "Terms", 0, "must not be empty", value=None), "award.xlsx Terms!C2"),
            (_fault("award", "Disallowances", 0, "empty", reference=None), "award.xlsx Disallowances!E2"),
            (_fault("caseload", "Document", 0, "empty", issuer=None), "caseload-a.xlsx Document!A2"),
            (
                _fault("caseload", "Participants", 0, "a pseudonym must not", participant="123-45-6789"),
                "caseload-a.xlsx Participants!A2",
            ),
        ],
    )
    def test_one_message(self, tmp_path: Path, fault: Fault, place: str) -> None:
        ((at, problem),) = checked(tmp_path, [fault])
        assert (at, fault.told in problem) == (place, True), problem

    def test_the_rest_of_the_row_is_checked(self, tmp_path: Path) -> None:
        fault = _fault("caseload", "Costs", 4, "", amount="some", subaward="S-9", participant="P-404")
        assert {at for at, _ in checked(tmp_path, [fault])} == {f"caseload-a.xlsx Costs!{c}6" for c in "ABE"}

    def test_a_file_that_cannot_be_opened(self, tmp_path: Path) -> None:
        """The others are checked, each by itself."""
        fault = next(f for f in FAULTS if f.told.startswith("another row has this reference"))
        paths = written(tmp_path, [fault])
        paths[0].write_bytes(b"no workbook")
        assert [at.split()[0] for at, _ in sorted(errors(findings_of(paths)[0]))] == ["award.xlsx", "caseload-a.xlsx"]
