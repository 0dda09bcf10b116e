"""The ledger and the request: posting, the ceilings above the subaward, and claims billed apart."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from grantcalc.amendments import with_amendments
from grantcalc.awards import Amendment
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim, bill
from grantcalc.eligibility import Participant
from grantcalc.errors import NotInForce, Unknown
from grantcalc.known import Fact, Series
from grantcalc.ledger.ledger import Ledger, Unpostable
from grantcalc.ledger.requests import Request, assemble, request, requests
from grantcalc.ledger.rollup import roll_up
from grantcalc.money import Cents, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Authority
from tests import test_adjustments as adjustments
from tests.strategies import Scenario, scenarios


def known_on(scenario: Scenario) -> date:
    return scenario.known or max(scenario.network.report_date, *(c.report_date for c in scenario.caseloads))


def with_award_amount(network: Network, cents: int) -> Network:
    """The same network, each budget period of each award holding so many cents, known long ago."""
    says = Authority("a test")
    awards = tuple(
        evolve(
            award,
            budget_periods=tuple(
                evolve(p, amount=Series("amount", [Fact(Cents(cents), date(2000, 1, 1), date(2000, 1, 1), says)]))
                for p in award.budget_periods
            ),
        )
        for award in network.awards
    )
    return evolve(network, awards=awards)


def billed(scenario: Scenario, network: Network) -> list[Claim] | None:
    """Every caseload billed apart, or None where something is not in force."""
    known = known_on(scenario)
    try:
        return [bill(c, network, scenario.through, known) for c in scenario.caseloads]
    except NotInForce:
        return None


def issued_by(issuer: str, load: Caseload) -> Caseload:
    """The same rows of another issuer."""
    changed: dict[str, Any] = {
        kind: tuple(evolve(r, participant=Participant(issuer, r.participant.pseudonym)) for r in getattr(load, kind))
        for kind in ("participants", "letters", "enrollments", "costs")
    }
    return evolve(load, issuer=issuer, **changed)


def by_place(asked: Request) -> Counter[tuple[str, str, str, Month]]:
    """What stands, by issuer, subaward, pool and month."""
    sums: Counter[tuple[str, str, str, Month]] = Counter()
    for line in asked.lines:
        sums[line.issuer, line.subaward, line.pool, line.month] += line.amount
    for limit in asked.reductions:
        line = limit.line
        sums[line.issuer, line.subaward, line.pool, line.month] += limit.amount
    return sums


def limited(network: Network) -> set[str]:
    """The subawards that have an amount, a capacity or a ceiling of their own."""
    found = {s.id for s in network.subawards if s.amount}
    for award in network.awards:
        seats = any(p.kind == "capacity" for service in award.terms.services for p in service.provisions)
        if seats or any(ceiling.choices["scope"].value == "subaward" for ceiling in award.terms.ceilings):
            found |= {award.fain, *(s.id for s in network.subawards if network.award_of(s.id) == award)}
    return found


def subtrees(network: Network) -> dict[str, set[str]]:
    """Each subaward, with those below it."""
    ids = [s.id for s in network.subawards]
    return {id: {other for other in ids if id in (other, *network.ancestors(other))} for id in ids}


def end_of(network: Network, subaward: str) -> date:
    """The last day of its period."""
    return network.subaward(subaward).period.last


class TestLaw10:
    """Claims billed apart and assembled equal the caseloads billed together, where nobody moved."""

    @given(scenarios(), st.sampled_from([0, 1, 5_000, 60_000, 10**8]))
    def test_together_and_apart(self, scenario: Scenario, cents: int) -> None:
        # a subaward that two issuers share can only be judged where both are
        used = [
            {r.subaward for rows in (c.enrollments, c.costs, c.counts, c.units) for r in rows}
            for c in scenario.caseloads
        ]
        obligated = limited(scenario.network)
        assume(sum(len(u & obligated) for u in used) == len(set().union(*used) & obligated))
        network = with_award_amount(scenario.network, cents)
        apart = billed(scenario, network)
        assume(apart is not None)
        together = bill(scenario.caseloads, network, scenario.through, known_on(scenario))
        one, other = requests(assemble([together]), network), requests(assemble(apart or []), network)
        assert [r.amount for r in one] == [r.amount for r in other]
        assert [by_place(r) for r in one] == [by_place(r) for r in other]


class TestLaw5And6OfTheRequest:
    """Each parent = Σ children; the request follows 9.1 to the cent. No ceiling is exceeded."""

    @given(scenarios(), st.sampled_from([0, 1, 5_000, 60_000]), st.integers(0, 90_000))
    def test_request(self, scenario: Scenario, cents: int, before: int) -> None:
        network = with_award_amount(scenario.network, cents)
        claims = billed(scenario, network)
        assume(claims)
        ledger = assemble(claims or [])
        for asked in requests(ledger, network):
            allowed = sum(x.amount for x in asked.lines) + sum(x.amount for x in asked.reductions)
            assert allowed <= cents
            assert allowed == sum(by_place(asked).values())
            assert asked.amount.amount * 100 == allowed
            for id, below in subtrees(network).items():
                paid = sum(sums for (_, place, _, _), sums in by_place(asked).items() if place in below)
                amount = network.subaward(id).amount.find(end_of(network, id), asked.known)
                assert amount is None or len(network.awards[0].budget_periods) > 1 or paid <= amount.value
            later = ledger.with_request(asked.known, asked.award, asked.budget_period, Cents(before))
            again = request(later, network, asked.award, asked.budget_period)
            assert again.amount.amount * 100 == allowed - before


class TestLaw3:
    """Posting the same knowledge again posts nothing; posted + adjustments = billed afresh."""

    @given(scenarios(), st.integers(0, 3))
    def test_posting(self, scenario: Scenario, months: int) -> None:
        claims = billed(scenario, scenario.network)
        assume(claims)
        for claim in claims or []:
            first = Ledger().post(claim)
            assert first.post(claim).entries == first.entries
            assert first.total == claim.total
            known = max(claim.known, claim.through.plus(months).last)
            try:
                later = bill(
                    [c for c in scenario.caseloads if c.issuer in claim.issuers],
                    scenario.network,
                    scenario.through.plus(months),
                    known,
                )
            except NotInForce:
                continue
            both = first.post(later)
            assert both.total == later.total
            assert both.entries[: len(first.entries)] == first.entries
            assert dict(both.allowed()) == dict(Ledger().post(later).allowed())

    def test_known_never_goes_back(self) -> None:
        """`known` never goes back for one issuer and award; what is known of others does not matter
        (8.2)."""
        later = Claim(
            through=Month(2012, 9), known=date(2012, 10, 15), lines=(), reductions=(), parties=(), issuers=("A",)
        )
        ledger = Ledger().with_request(date(2012, 11, 1), "90ZV0101", "Year 1", Cents(0)).post(later)
        assert ledger.known == date(2012, 11, 1)
        with pytest.raises(Unpostable, match="the known date cannot go back: A was posted as known on 2012-10-15"):
            ledger.post(evolve(later, known=date(2012, 10, 14)))


class TestTheSubawardsAbove:
    """Ceilings: …; subaward; each award upward. (Rulebook 7.1)"""

    @staticmethod
    def billed_both(own: int) -> tuple[Ledger, Network]:
        """480.00 stand at S-1, which may pay so many cents in all, and 480.00 at S-2 below it,
        which has no amount."""
        first = adjustments.network(amount=own)
        more = evolve(first.subawards[0], id="S-2", parent="S-1", amount=Series("amount"), reported_by=("SUB-B",))
        network = evolve(first, subawards=(*first.subawards, more))
        rows = adjustments.caseload()
        other = evolve(
            rows,
            enrollments=tuple(evolve(e, subaward="S-2") for e in rows.enrollments),
            costs=tuple(evolve(c, subaward="S-2") for c in rows.costs),
        )
        ledger = Ledger()
        for load in (rows, issued_by("SUB-B", other)):
            ledger = ledger.post(bill(load, network, adjustments.DECEMBER, adjustments.FIRST))
        return ledger, network

    def test_what_a_subaward_may_pay_is_for_its_own_service_and_all_below_it(self) -> None:
        ledger, network = self.billed_both(70_000)
        (asked,) = requests(ledger, network)
        assert (asked.to_date, asked.held_back) == (money(70_000), money(-26_000))
        assert {x.name for x in asked.reductions} == {"subaward S-1"}

    def test_an_amount_known_after_the_last_claim_holds_in_the_request(self) -> None:
        """Every computation takes `known`, by default the latest report date of its inputs (2.2):
        lowered below what was paid, it gives a refund due; raised, it lets through what the request
        held back."""
        ledger, network = self.billed_both(96_000)
        ledger = ledger.with_request(adjustments.FIRST, adjustments.FAIN, "Y1", Cents(96_000))
        for cents, due in ((50_000, -46_000), (95_000, -1_000), (100_000, 0)):
            changed = Amendment(
                of="S-1",
                budget_period="",
                reference="1",
                amount=Cents(cents),
                effective=adjustments.YEAR.start,
                published=adjustments.LATER,
            )
            amended = evolve(network.subawards[0], amount=with_amendments(network.subawards[0].amount, [changed]))
            later = evolve(network, report_date=adjustments.LATER, subawards=(amended, *network.subawards[1:]))
            (asked,) = requests(ledger, later)
            assert (asked.known, asked.amount) == (adjustments.LATER, money(due))
            assert roll_up(ledger, later).allowed == asked.to_date.amount * 100
            (then,) = requests(ledger, later, adjustments.FIRST)
            assert then.amount.amount == 0


def test_a_budget_period_that_is_not_there_is_refused() -> None:
    network = Network(report_date=date(2012, 10, 15), organizations=(), awards=())
    with pytest.raises(Unknown, match="not a known award"):
        request(Ledger(), network, "90ZV0101", "Year 1")
