"""A disallowance has a number, and the issuer's own caseload may name its cost (Rulebook 8.4.4)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from grantcalc import Claim, Ledger, Month, Rejected, bill, requests
from grantcalc.billing import DisallowedCost
from grantcalc.ledger import adjust, assemble
from grantcalc.money import cents
from tests.worked import COSTS, terms
from tests.worlds import LONG_AGO, REPORT, Sub, billed, caseload, cost, day, disallowed, network, who

P, Q = who("P-1"), who("Q-1")
CAP = (
    '[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nscope = "participant"\nwindow = "budget_period"\n'
    'amounts = [{ tier = "alone", value = "6000.00 USD", @ }]\n'
)
OF = network(terms(COSTS + CAP), disallowances=(disallowed(20000, "2024-03", "costs"),))
RENT, CLOTHING = cost(P, 650000, "2024-03", reference="V-1"), cost(Q, 30000, "2024-03", reference="V-2")
OURS = DisallowedCost(number="D-1", published=LONG_AGO, participant=P)


def claim(*named: DisallowedCost, **rows: Any) -> Claim:
    return billed(caseload([P, Q], **{"costs": [RENT, CLOTHING], "disallowed": named, **rows}), OF, "2024-03")


class TestWorked:
    """6,500.00 of rent and 300.00 of clothing; 200.00 of the rent are disallowed, under a ceiling
    of 6,000.00."""

    @pytest.mark.parametrize(
        "named",
        [
            OURS,
            DisallowedCost(number="D-1", published=LONG_AGO, participant=None, reference="V-1"),
            DisallowedCost(number="D-1", published=LONG_AGO, participant=P, reference="V-1"),
        ],
        ids=["participant", "reference", "both"],
    )
    def test_the_cost_is_named(self, named: DisallowedCost) -> None:
        found = claim(named)
        assert cents(found.total) == 630000
        assert [(x.kind, x.line.participant, x.amount) for x in found.reductions] == [
            ("disallowance", P, -20000),
            ("ceiling", P, -30000),
        ]

    def test_no_cost_is_named(self) -> None:
        """The last line in the order of filling gives way."""
        assert cents(claim().total) == 610000

    def test_what_is_named_is_taken_first(self) -> None:
        """D-0 names no cost, and would take the last line: the 300.00 that D-1 names."""
        rows = (disallowed(30000, "2024-03", "costs", reference="D-0"), disallowed(30000, "2024-03", "costs"))
        load = caseload(
            [P, Q], costs=[RENT, CLOTHING], disallowed=[DisallowedCost(number="D-1", published=LONG_AGO, participant=Q)]
        )
        found = billed(load, evolve(OF, disallowances=rows), "2024-03")
        assert [(x.id, x.line.participant) for x in found.reductions][:2] == [("D-1", Q), ("D-0", P)]

    def test_it_takes_no_other_cost(self) -> None:
        """300.00 of clothing are named for 400.00: 100.00 find nothing, and are told."""
        of = evolve(OF, disallowances=(disallowed(40000, "2024-03", "costs"),))
        load = caseload(
            [P, Q], costs=[RENT, CLOTHING], disallowed=[DisallowedCost(number="D-1", published=LONG_AGO, participant=Q)]
        )
        found = billed(load, of, "2024-03")
        assert cents(found.total) == 600000
        assert [n.problem for n in found.notes if n.cause == "disallowance"] == [
            "100.00 of this disallowance has no billed cost to reduce"
        ]


class TestRows:
    """The key of a row is its number; a later one restates it."""

    def test_restated_and_taken_back(self) -> None:
        later = DisallowedCost(number="D-1", published=day("2024-05-01"), participant=Q)
        assert cents(claim(OURS, later).total) == 610000
        assert cents(claim(OURS, evolve(OURS, published=day("2024-05-01"), void=True)).total) == 610000
        assert cents(claim(OURS, OURS).total) == 630000

    def test_a_row_that_names_nothing(self) -> None:
        with pytest.raises(Rejected, match="this row names no cost"):
            claim(DisallowedCost(number="D-1", published=LONG_AGO))

    def test_a_participant_whom_nobody_registered(self) -> None:
        with pytest.raises(Rejected, match="no such participant is registered"):
            claim(DisallowedCost(number="D-1", published=LONG_AGO, participant=who("Z-1")))

    def test_a_number_that_no_disallowance_has(self) -> None:
        found = claim(evolve(OURS, number="D-9"))
        assert [n.problem for n in found.notes if n.cause == "reference"] == ["no disallowance has this number"]

    def test_it_does_not_go_up(self) -> None:
        """Of the counted claim each reduction is of a counted line."""
        assert {(x.line.participant, x.line.reference) for x in claim(OURS).counted().reductions} == {(None, "")}


class TestReporters:
    """With several reporters the claim of who names the cost takes it, and the request takes what
    is left."""

    @pytest.mark.parametrize(("named", "total"), [(True, 630000), (False, 610000)])
    def test_apart_and_together(self, named: bool, total: int) -> None:
        one, two = who("P-1", "A"), who("Q-1", "B")
        of = network(terms(COSTS + CAP), (Sub("S-1", reporters=("A", "B")),), disallowances=OF.disallowances)
        tied = [DisallowedCost(number="D-1", published=LONG_AGO, participant=one)] if named else []
        a = caseload([one], "A", costs=[evolve(RENT, participant=one)], disallowed=tied)
        b = caseload([two], "B", costs=[evolve(CLOTHING, participant=two)])
        for claims in ([billed([a, b], of, "2024-03")], [billed(a, of, "2024-03"), billed(b, of, "2024-03")]):
            assert cents(requests(assemble(claims), of)[0].amount) == total


class TestReason:
    """8.1: its reason is disallowance, between cost and ceiling."""

    def test_a_cost_is_named_later(self) -> None:
        ledger = Ledger().post(
            bill(caseload([P, Q], costs=[RENT, CLOTHING]), evolve(OF, disallowances=()), Month(2024, 3))
        )
        told = evolve(OF, disallowances=(disallowed(70000, "2024-03", "costs"),))
        load = caseload([P, Q], costs=[RENT, CLOTHING], disallowed=[OURS])
        before = ([caseload([P, Q], costs=[RENT, CLOTHING])], evolve(OF, disallowances=()))
        found = adjust(ledger, load, told, Month(2024, 3), REPORT, before=before)
        assert {(c.reason, c.amount) for c in found.changes} == {("disallowance", -70000), ("ceiling", 50000)}
        assert cents(found.claim.total) == 610000
