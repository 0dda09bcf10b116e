"""Sheets beyond the small program's, written, read and billed: without one of the columns the
amount is another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grantcalc.billing.claims import bill
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.intake.templates import write_input
from grantcalc.money import cents
from grantcalc.periods import Month
from tests.sample_program import AWARD, FAIN, FIRST, REPORT

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def entry(values: str) -> str:
    return f"{{ {values}, effective = 2011-10-01, published = 2011-09-30, cite = 'c' }}"


TERMS = f"""
format = 1
id = "small"
title = "ILLUSTRATIVE: one service of each kind"
status = "illustrative"
effective = 2011-10-01
published = 2011-09-30
[cite]
c = "ILLUSTRATIVE: Manual"
[services.bed]
title = "Bed day: the lesser of 40.00 and the daily cost, half more for each minor"
pool = "direct"
cite = "c"
count = "day"
rates = [{entry("value = '40.00 USD'")}]
lesser_of = [{entry("figure = 'daily_cost', value = 1.00")}]
uplift = [{entry("per = 'minor', value = 0.50")}]
absence = [{entry("kind = 'other', unit = 'hour', per = 'stay', beyond = 'cliff', value = 48")}]
[services.meal]
title = "Meals"
pool = "direct"
cite = "c"
count = "unit"
rates = [{entry("value = '1.00 USD'")}, {entry("unit = 'lunch', value = '3.00 USD'")},
    {entry("unit = 'lunch', class = 'tier_1', value = '5.00 USD'")}]
[services.rent]
title = "Rent"
pool = "administration"
cite = "c"
count = "actual_cost"
[services.month]
title = "Month"
pool = "administration"
cite = "c"
count = "any_day"
rates = [{entry("value = '100.00 USD'")}]
months = [{entry("value = 1")}]
[ceilings.person]
title = "Ceiling"
cite = "c"
window = "award"
amounts = [{entry("tier = 'alone', value = '130.00 USD'")}]
[shares.part]
title = "Part"
cite = "c"
pool = "administration"
of = "person"
base = "authorized"
at_most = [{entry("value = 0.80")}]
"""
P, S = {"participant": "P-1"}, {"subaward": "S-A"}
STAY = {**P, **S, "start": FIRST, "end": date(2011, 10, 10)}
COST = {**S, "name": "daily_cost", "value": Decimal("10.00"), "effective": FIRST}
BED = [{**STAY, "service": "bed"}]
MONTH = [{**STAY, "service": "month"}]
OCTOBER = {**S, "service": "meal", "month": "2011-10", "quantity": 6, "unit": "lunch", "rate_class": "tier_1"}
LUNCH = {**P, **S, "service": "meal", "day": FIRST, "quantity": 2, "unit": "lunch", "rate_class": "tier_1"}
AWAY = {**P, "kind": "other", "start": date(2011, 10, 2), "end": date(2011, 10, 4), "hours": 48}
HOME = {**P, "start": FIRST, "family": 1, "minors": 1}
USED = {**P, "award": FAIN, "window": "award", "pool": "administration", "amount": Decimal("90.00")}
MONTHS = {**P, "award": FAIN, "phase": "enrolled", "months": 1}
RENT = {**P, **S, "service": "rent", "amount": Decimal("200.00"), "paid": FIRST}


def total(folder: Path, rows: Rows) -> int:
    """Cents that stand of October: an award and a caseload are written as workbooks, read and
    billed."""
    folder.mkdir()
    (folder / "small.toml").write_text(TERMS, "utf-8", newline="\n")
    write_input("award", {k: v for k, v in AWARD.items() if k not in ("Terms", "Disallowances")}, folder / "award.xlsx")
    document: list[dict[str, Any]] = [{"issuer": "SUB-A", "report_date": REPORT}]
    people: list[dict[str, Any]] = [{"participant": "P-1", "age_group": "adult"}]
    write_input("caseload", {"Document": document, "Participants": people, **rows}, folder / "caseload.xlsx")
    caseload = read_caseload(folder / "caseload.xlsx")
    return cents(bill(caseload, read_award(folder / "award.xlsx"), Month(2011, 10)).total)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "sheet", "change", "with_it", "changed"),
    [
        ({"Enrollment": BED, "Figures": [COST]}, "Figures", {"value": Decimal("9.00")}, 10000, 9000),
        ({"Enrollment": BED, "Figures": [COST]}, "Enrollment", {"service": "month"}, 10000, 10000),
        ({"Enrollment": BED, "Figures": [COST], "Absences": [AWAY]}, "Absences", {"hours": 49}, 10000, 7000),
        ({"Enrollment": BED, "Figures": [COST], "Absences": [AWAY]}, "Absences", {"kind": "hospital"}, 10000, 7000),
        ({"Enrollment": BED, "Figures": [COST], "Households": [HOME]}, "Households", {"minors": 0}, 13000, 10000),
        ({"Enrollment": [STAY], "Figures": [COST]}, "Enrollment", {"service": "meal"}, 13000, 0),
        ({"Enrollment": [{**STAY, "service": "meal"}], "Units": [LUNCH]}, "Units", {"rate_class": None}, 1000, 600),
        ({"Enrollment": [{**STAY, "service": "meal"}], "Units": [LUNCH]}, "Units", {"unit": None}, 1000, 200),
        ({"Enrollment": [{**STAY, "service": "meal"}], "Units": [LUNCH]}, "Units", {"quantity": 3}, 1000, 1500),
        ({"Counts": [OCTOBER]}, "Counts", {"rate_class": None}, 3000, 1800),
        ({"Counts": [OCTOBER]}, "Counts", {"unit": None}, 3000, 600),
        ({"Enrollment": MONTH, "Openings": [USED]}, "Openings", {"amount": Decimal("80.00")}, 1400, 2400),
        ({"Enrollment": MONTH, "Openings": [USED]}, "Openings", {"pool": "direct"}, 1400, 4000),
        ({"Enrollment": MONTH, "Openings": [USED]}, "Openings", {"window": "FFY 2012"}, 1400, 10000),
        ({"Enrollment": MONTH, "Openings": [MONTHS]}, "Openings", {"phase": "enrolled", "months": None}, 0, 10000),
        ({"Costs": [RENT]}, "Costs", {"participant": None}, 10400, 20000),
    ],
)
def test_each_column_counts(
    tmp_path: Path, rows: Rows, sheet: str, change: Mapping[str, Any], with_it: int, changed: int
) -> None:
    """The amounts are worked by hand; a column that nobody reads would leave both the same, or
    wrong."""
    others = {**rows, sheet: [{**row, **change} for row in rows[sheet]]}
    assert total(tmp_path / "one", rows) == with_it
    assert total(tmp_path / "other", others) == changed
