"""A line and a limit, and what they say of themselves (Rulebook 5.4 and 7.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve

from grantcalc import Line, Money, Month, Participant, Reduction
from grantcalc.billing.claims import counted_key, reading_order
from grantcalc.billing.lines import REDUCTION_KINDS, Draft
from grantcalc.billing.reasons import CREDIT, Reason
from grantcalc.known import Fact
from grantcalc.ledger.differences import Tally
from grantcalc.money import USD, Rate
from grantcalc.provenance import NOWHERE, Authority, Source

RATE = Fact(Rate.of("600"), date(2011, 10, 1), date(2011, 9, 1), Authority("FOA", "illustrative"))
CITED = "rate 600.00 in force from 2011-10-01, published 2011-09-01: FOA (illustrative)"
LINE = Line(
    issuer="SUB-A",
    participant=Participant("SUB-A", "P-1"),
    award="90ZV0101",
    subaward="S-1",
    service="care",
    pool="administration",
    phase="certified",
    month=Month(2012, 1),
    budget_period="Year 1",
    quantity=22,
    divisor=31,
    rate=RATE,
    amount=42581,
    day=date(2012, 1, 10),
)
SAID = Reason("absent", (2,))
COST = evolve(LINE, rate=None, quantity=1, divisor=1, amount=12345)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LINE, f"ROUND(22/31 × 600.00, 2) = 425.81 (Rulebook 5.1); {CITED}"),
        (
            evolve(LINE, count=3, amount=127743),
            f"3 × ROUND(22/31 × 600.00, 2) = 3 × 425.81 = 1,277.43 (Rulebook 5.1); {CITED}",
        ),
        (
            evolve(LINE, count=2, amount=85162),
            f"2 × ROUND(22/31 × 600.00, 2) = 2 × 425.81 = 851.62 (Rulebook 5.1); {CITED}",
        ),
        (
            evolve(LINE, quantity=2, divisor=1, amount=120000),
            f"ROUND(2 × 600.00, 2) = 1,200.00 (Rulebook 5.1); {CITED}",
        ),
        (
            evolve(LINE, reason=Reason("absent", (2,))),
            f"ROUND(22/31 × 600.00, 2) = 425.81 (Rulebook 5.1); {CITED}; 2 days of absence not paid",
        ),
        (
            evolve(LINE, quantity=0, amount=0, reason=Reason("month_limit", (2, "waiting"))),
            f"0 of 1 × 600.00 = 0.00, because at most 2 months of phase waiting are paid; {CITED}",
        ),
        (
            evolve(LINE, quantity=0, amount=0, rate=None, reason=Reason("not_enrolled")),
            "0.00, because not enrolled on the day (Rulebook 3.2)",
        ),
        (COST, "1 actual cost reported for 2012-01: 123.45 (Rulebook 5.3)"),
        (evolve(COST, count=2), "2 actual costs reported for 2012-01: 123.45 (Rulebook 5.3)"),
        (evolve(COST, amount=-1), "1 credit reported for 2012-01: -0.01 (Rulebook 5.3)"),
        (evolve(COST, amount=-100), "1 credit reported for 2012-01: -1.00 (Rulebook 5.3)"),
        (evolve(COST, amount=0), "1 actual cost reported for 2012-01: 0.00 (Rulebook 5.3)"),
        (evolve(COST, amount=-100, reason=CREDIT), "1 credit reported for 2012-01: -1.00 (Rulebook 5.3)"),
    ],
)
def test_why_this_amount(line: Line, said: str) -> None:
    """5.4: its explanation is a view of what it keeps, so it cannot drift from the number."""
    assert line.explain() == said


def test_why_this_much_is_held_back() -> None:
    limit = Reduction(
        kind="ceiling", id="per_capita", window="Year 1", room=600000, authority=Authority("FOA"), line=LINE, amount=-50
    )
    assert limit.explain() == "0.50 held back by per_capita, Year 1, which allows 6,000.00: FOA (Rulebook 7)"
    assert (limit.count, limit.money) == (1, Money("-0.50", USD))
    disallowed = evolve(limit, kind="disallowance", id="D-1", window="2012-01", authority=Authority("disallowance D-1"))
    assert disallowed.explain() == "0.50 of 2012-01 disallowed: disallowance D-1 (Rulebook 8.4)"


def test_a_reduction_is_what_its_kind_says_whatever_its_id() -> None:
    limit = Reduction(
        kind="ceiling",
        id="disallowance of the State",
        window="Year 1",
        room=600000,
        authority=Authority("FOA"),
        line=LINE,
        amount=-50,
    )
    assert limit.explain().startswith("0.50 held back by disallowance of the State, Year 1, which allows 6,000.00")
    names = [evolve(limit, kind=kind, id="7").name for kind in REDUCTION_KINDS]
    assert names == ["7", "7", "capacity of 7", "subaward 7", "award 7", "disallowance 7"]


def test_a_share_and_a_ceiling_that_differ_in_nothing_else_are_one() -> None:
    """Format 1 did not tell them apart, so what was posted of a share in format 1 is not posted
    again."""
    limit = Reduction(
        kind="ceiling", id="admin", window="Year 1", room=600000, authority=Authority("FOA"), line=LINE, amount=-50
    )
    assert evolve(limit, kind="share") == limit
    assert evolve(limit, kind="subaward") != limit
    assert Tally.of([evolve(limit, kind="share")]).minus(Tally.of([limit])) == ()
    assert Tally.of([evolve(limit, kind="award")]).minus(Tally.of([limit])) != ()


def test_a_line_is_made_open_and_frozen_whole() -> None:
    draft = Draft(*(getattr(LINE, a.name) for a in Line.__attrs_attrs__))
    line = draft.frozen()
    assert line is draft
    assert line == LINE
    with pytest.raises(AttributeError):
        line.amount = 1  # type: ignore[misc]


def test_what_a_line_has_where_nothing_is_said() -> None:
    assert (LINE.count, LINE.category, LINE.reference, LINE.reason, LINE.source) == (1, "", "", None, NOWHERE)
    assert LINE.money == Money(Decimal("425.81"), USD)


def test_where_a_line_was_read_is_no_part_of_it() -> None:
    assert evolve(LINE, source=Source("caseload.xlsx", "Enrollment", 3)) == LINE


class TestCountedKey:
    """5.1: equal lines are counted together, without participants, days of service or row
    addresses."""

    def test_what_is_left_out(self) -> None:
        line = evolve(LINE, source=Source("caseload.xlsx", "Enrollment", 3), reference="V-1", count=2)
        key = counted_key(line)
        assert key == evolve(LINE, participant=None, count=0, amount=0, day=None)
        assert key.source == Source("caseload.xlsx", "Enrollment")

    def test_credits_are_kept_apart_from_costs(self) -> None:
        assert [counted_key(evolve(COST, amount=n)).reason for n in (-1, 0, 1)] == [CREDIT, None, None]
        assert counted_key(evolve(COST, amount=-1, reason=SAID)).reason == SAID


EARLIER: list[dict[str, Any]] = [
    {"award": "90ZV0100"},
    {"subaward": "S-0"},
    {"issuer": "SUB"},
    {"month": Month(2011, 12)},
    {"budget_period": "Year 0"},
    {"service": "a"},
    {"phase": "a"},
    {"category": ""},
    {"divisor": 30},
    {"quantity": 23},
    {"rate": None},
    {"rate": evolve(RATE, value=Rate.of("599"))},
    {"rate": evolve(RATE, effective=date(2011, 9, 1))},
    {"rate": evolve(RATE, published=date(2011, 8, 1))},
    {"rate": evolve(RATE, authority=Authority("ANNOUNCEMENT"))},
    {"reason": None},
    {"reason": Reason("absent", (1,))},
    {"participant": Participant("SUB-A", "P-0")},
    {"day": date(2012, 1, 9)},
    {"day": None},
    {"reference": ""},
    {"amount": 42580},
]


@pytest.mark.parametrize("change", EARLIER, ids=str)
def test_the_order_in_which_a_person_reads(change: dict[str, Any]) -> None:
    """Award, subaward, month, service, phase; more days before fewer; then the rate, the reason and
    whom it is of."""
    line = evolve(LINE, category="food", reason=SAID, reference="V-1")
    assert reading_order(evolve(line, **change)) < reading_order(line)


def test_what_comes_first_in_that_order() -> None:
    """An earlier field outweighs every later one."""
    line = evolve(LINE, category="food", reason=SAID, reference="V-1")
    later = {
        "award": "90ZV0102",
        "subaward": "S-2",
        "issuer": "SUB-B",
        "month": Month(2012, 2),
        "budget_period": "Year 2",
        "service": "zeal",
        "phase": "z",
        "category": "z",
        "divisor": 32,
        "quantity": 21,
        "rate": evolve(RATE, value=Rate.of("601")),
        "reason": Reason("stated", ("z",)),
    }
    earlier = {name: value for change in reversed(EARLIER) for name, value in change.items()}
    names = list(later)
    for one, other in pairwise(names):
        mixed = evolve(line, **{one: later[one], other: earlier[other]})
        assert reading_order(mixed) > reading_order(line)


def test_counted_lines_have_no_order_by_person() -> None:
    line = evolve(LINE, participant=None)
    assert reading_order(evolve(line, day=date(2012, 1, 9), amount=1)) == reading_order(line)
