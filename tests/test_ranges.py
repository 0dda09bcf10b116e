"""Figures that cannot be: a percentage typed without its sign, a share above the whole, an amount
below zero."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from grantcalc.awards import BooksFigure
from grantcalc.billing.caseload import SiteFigure
from grantcalc.billing.claims import bill
from grantcalc.billing.records import structure, unstructure
from grantcalc.compliance.check import check_awards
from grantcalc.compliance.record import AwardRecord, ComplianceRecord
from grantcalc.errors import Rejected, WorkbookRejected
from grantcalc.io.inputs import read_award, read_record
from grantcalc.io.intake.cells import CellValue, Misread, meaning
from grantcalc.io.schemas import Column
from grantcalc.ledger.federal import Books
from grantcalc.periods import Month
from tests import sample_program
from tests.test_compliance import award_of, network_of
from tests.worked import KNOWN, case

FIRST = date(2024, 1, 1)


def reads(folder: Path, name: str, value: object) -> Decimal | Fraction:
    row = {
        "fain": sample_program.FAIN,
        "label": "Year 1",
        "figure": name,
        "value": value,
        "effective": sample_program.FIRST,
    }
    sample_program.write(folder, "award", {**sample_program.AWARD, "Books": [row]})
    return read_award(folder / "award.xlsx").financials[0].value


class TestBooks:
    """A federal share is a part of the whole; a match and a rate are not held to 1, but 15 for 0.15
    is an error."""

    @pytest.mark.parametrize(
        ("name", "value", "read"),
        [
            ("federal_share", "75%", Decimal("0.75")),
            ("federal_share", 1, Decimal(1)),
            ("federal_share", "1/2.2", Fraction(5, 11)),
            ("match", 3, Decimal(3)),
            ("match", "1/2.2", Fraction(5, 11)),
            ("match", "50 %", Decimal("0.5")),
            ("match", 9, Decimal(9)),
            ("indirect_rate", Decimal("1.12"), Decimal("1.12")),
            ("indirect_rate", "15%", Decimal("0.15")),
            ("indirect_rate", 3, Decimal(3)),
        ],
    )
    def test_what_can_be(self, name: str, value: object, read: object, tmp_path: Path) -> None:
        assert reads(tmp_path, name, value) == read

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("federal_share", 75),
            ("federal_share", Decimal("1.01")),
            ("federal_share", "3/2"),
            ("match", 50),
            ("match", 10),
            ("match", -1),
            ("indirect_rate", 15),
            ("indirect_rate", Decimal("3.01")),
            ("cash_receipts", "1/2"),
            ("cash_receipts", Decimal("1.005")),
            ("cash_receipts", -1),
        ],
    )
    def test_what_cannot_be(self, name: str, value: object, tmp_path: Path) -> None:
        """On the sheet, and in memory."""
        with pytest.raises(WorkbookRejected) as refused:
            reads(tmp_path, name, value)
        assert [f.place.cell for f in refused.value.findings] == ["D2"]
        exact = Fraction(value) if isinstance(value, str) else Decimal(str(value))
        found = case("[services.care]\ntitle = 't'\npool = 'direct'\ncite = 'm'\ncount = 'actual_cost'\n", "")
        said = BooksFigure(
            award="CASE-1", budget_period="budget period", name=name, value=exact, effective=FIRST, published=FIRST
        )
        with pytest.raises(Rejected):
            bill(found.caseload, evolve(found.network, financials=(said,)), Month(2024, 1), KNOWN)

    @pytest.mark.parametrize("text", ["1/0", "1/2/3", "%", "-5%", "1:2", "half"])
    def test_what_is_no_ratio(self, text: str) -> None:
        with pytest.raises(Misread):
            meaning(CellValue("D2", text), Column("value", "Value", "ratio", ""))

    def test_a_fraction_stays_exact(self) -> None:
        """1/2.2 of 110.00 is 50.00, and in JSON it is 5/11."""
        said = BooksFigure(
            award="A", budget_period="Y", name="match", value=Fraction(5, 11), effective=FIRST, published=FIRST
        )
        assert Books((said,)).ratio("match") == Fraction(5, 11)
        assert unstructure(said)["value"] == "5/11"
        assert structure(unstructure(said), BooksFigure) == said
        whole = evolve(said, value=Decimal("0.75"))
        assert structure(unstructure(whole), BooksFigure) == whole


OCCUPIED = """
[services.bed]
title = "Bed"
pool = "direct"
cite = "m"
count = "day"
rates = [{ value = "1.00 USD", @ }]
absence = [
    { kind = "other", unit = "day", per = "stay", beyond = "cut", when = "filled", at_least = 0.9, value = 9, @ },
]
"""


class TestSiteFigures:
    """A figure that the terms compare with a share has the range of a share; none is below zero."""

    @pytest.mark.parametrize(
        ("name", "value", "wrong"),
        [
            ("filled", "0.95", False),
            ("filled", "1", False),
            ("filled", "95", True),
            ("filled", "1.01", True),
            ("filled", "-0.1", True),
            ("occupancy", "50", True),
            ("occupancy", "0.50", False),
            ("daily_cost", "50", False),
            ("daily_cost", "-50", True),
        ],
    )
    def test_ranges(self, name: str, value: str, wrong: bool) -> None:
        found = case(OCCUPIED, "")
        load = evolve(
            found.caseload,
            figures=(SiteFigure(subaward="S-1", name=name, value=Decimal(value), effective=FIRST, published=FIRST),),
        )
        refused = list(_refused(load, found.network))
        assert refused == ["range"] * wrong


def _refused(load: Any, network: Any) -> Iterator[str]:
    try:
        bill(load, network, Month(2024, 1), KNOWN)
    except Rejected as refused:
        yield from (f.cause for f in refused.findings)


class TestDeMinimis:
    """2 CFR 200.414(f): 15 percent for an award from 2024-10-01, 10 percent before."""

    @pytest.mark.parametrize(
        ("awarded", "rate", "result"),
        [
            (date(2024, 9, 30), "0.10", "pass"),
            (date(2024, 9, 30), "0.15", "finding"),
            (date(2024, 10, 1), "0.15", "pass"),
            (date(2024, 10, 1), "0.16", "finding"),
        ],
    )
    def test_the_rate_of_the_books(self, awarded: date, rate: str, result: str) -> None:
        """What the books charge is held to the limit as what the record says is."""
        award = award_of(awarded)
        own = AwardRecord(fain=award.fain, indirect="de_minimis", indirect_rate=Fraction(1, 10))
        said = BooksFigure(
            award=award.fain,
            budget_period="Y1",
            name="indirect_rate",
            value=Decimal(rate),
            effective=award.period.start,
            published=award.awarded,
        )
        order = check_awards(evolve(network_of(award), financials=(said,)), ComplianceRecord((own,)))
        assert [o.result for o in order.outcomes if o.test == "indirect"] == ["pass", result]
        negotiated = evolve(own, indirect="negotiated")
        order = check_awards(evolve(network_of(award), financials=(said,)), ComplianceRecord((negotiated,)))
        assert [o.result for o in order.outcomes if o.test == "indirect"] == ["not tested"]

    def test_the_record(self, tmp_path: Path) -> None:
        """A negotiated rate of 1.12 can be, and 15 cannot."""
        for rate, wrong in ((Decimal("1.12"), False), ("15%", False), (15, True)):
            row = {"fain": sample_program.FAIN, "indirect": "negotiated", "indirect_rate": rate}
            sample_program.write(tmp_path, "award", {**sample_program.AWARD, "Award record": [row]})
            if wrong:
                with pytest.raises(WorkbookRejected):
                    read_record(tmp_path / "award.xlsx", sample_program.network(tmp_path))
            else:
                read_record(tmp_path / "award.xlsx", sample_program.network(tmp_path))
