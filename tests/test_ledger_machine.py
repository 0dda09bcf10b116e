"""Any history of which `known` only grows, against a model of what was last billed (Rulebook 11, laws 3, 5 and 6).

The model remembers, of each issuer, the claim that was posted last, and what was requested; nothing else. After every
step the ledger must say the same.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from grantcalc import (
    Amendment,
    Award,
    BudgetPeriod,
    Caseload,
    Claim,
    Cost,
    Enrollment,
    Fact,
    Household,
    Interval,
    Ledger,
    Letter,
    Month,
    Network,
    Organization,
    Participant,
    Registration,
    Rejected,
    Series,
    Store,
    Subaward,
    Total,
    adjust,
    from_lines,
    read_terms,
    requests,
    roll_up,
    to_lines,
)
from grantcalc.awards import Disallowance
from grantcalc.billing.acts import Item, bare, line_of
from grantcalc.network import with_amendments
from tests.test_adjustments import FAIN, SAYS, TERMS, YEAR

DEEP = os.environ.get("GRANTCALC_PROFILE") == "deep"
START = date(2011, 12, 5)
ISSUERS = {"SUB-A": "S-1", "SUB-B": "S-2", "SUB-C": "S-3"}
PEOPLE = [Participant(issuer, f"P-{n}") for issuer in ISSUERS for n in (1, 2)]
AMOUNTS = st.sampled_from([0, 1, 9_999, 20_000, 40_000, 100_000])
people, issuers = st.sampled_from(PEOPLE), st.sampled_from([*ISSUERS])
back, paid = st.integers(0, 60), st.sampled_from([1, 5_000, 33_333, -1, -7_000])
NEWS = st.one_of(
    st.tuples(st.just("letter"), people, back),
    st.tuples(st.just("household"), people, back),
    st.tuples(st.just("cost_or_credit"), people, back, paid),
    st.tuples(st.just("enrol"), people, back, st.integers(0, 90)),
    st.tuples(st.just("rate"), st.integers(50, 150), back),
)
"""What comes in between two claims: a rule and what it is told."""


def series(cents: int) -> Series[int]:
    return Series("amount", [Fact(cents, YEAR.start, date(2011, 9, 30), SAYS)])


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.known, self.ledger, self.stored = START, Ledger(), Ledger()
        self.rates: list[str] = []
        self.amendments: list[Amendment] = []
        self.disallowed: list[Disallowance] = []
        self.rows: list[Enrollment | Letter | Household | Cost] = []
        self.posted: dict[str, Claim] = {}  # the model
        self.asked = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize(amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), served=st.sets(people))
    def award(self, amounts: tuple[int, int, int], served: set[Participant]) -> None:
        self.amounts = amounts
        for who in sorted(served):  # from before the first month is billed to the end
            self.rows.append(Enrollment(who, ISSUERS[who.issuer], Interval(date(2011, 11, 15)), START))

    # --- the facts, each known from the day on which it comes ---

    @property
    def network(self) -> Network:
        terms = read_terms(TERMS.replace("RATE", "\n".join(self.rates)), "case.toml")
        period, one, two = (series(cents) for cents in self.amounts)
        period = with_amendments(period, (a for a in self.amendments if a.of == FAIN))
        award = Award(FAIN, "PRIME", "HHS/ACF", "93.598", YEAR.start, YEAR, terms, (BudgetPeriod("Y1", YEAR, period),))
        subawards = (
            Subaward("S-1", FAIN, "SUB-A", YEAR, with_amendments(one, (a for a in self.amendments if a.of == "S-1"))),
            Subaward("S-2", FAIN, "SUB-B", YEAR, with_amendments(two, (a for a in self.amendments if a.of == "S-2"))),
            Subaward("S-3", "S-1", "SUB-C", YEAR, Series("amount")),  # below the first, without a ceiling of its own
        )
        organizations = tuple(Organization(id, id, state="TX") for id in ("PRIME", *ISSUERS))
        return Network(date(2011, 9, 30), organizations, (award,), subawards, disallowances=tuple(self.disallowed))

    def caseload(self, issuer: str) -> Caseload:
        mine = [r for r in self.rows if r.participant and r.participant.issuer == issuer]
        return Caseload(
            issuer,
            self.known,
            tuple(Registration(p) for p in PEOPLE if p.issuer == issuer),
            tuple(r for r in mine if isinstance(r, Letter)),
            tuple(r for r in mine if isinstance(r, Household)),
            tuple(r for r in mine if isinstance(r, Enrollment)),
            tuple(r for r in mine if isinstance(r, Cost)),
        )

    @rule(days=st.integers(1, 40))
    @precondition(lambda self: self.known < date(2012, 8, 1))
    def time_passes(self, days: int) -> None:
        self.known += timedelta(days=days)

    @rule(who=people, ago=back, days=st.integers(0, 90))
    def enrol(self, who: Participant, ago: int, days: int) -> None:
        start = max(YEAR.start, self.known - timedelta(days=ago))
        self.rows.append(
            Enrollment(who, ISSUERS[who.issuer], Interval(start, start + timedelta(days=days)), self.known)
        )

    @rule(who=people, ago=back)
    def letter(self, who: Participant, ago: int) -> None:
        day = self.known - timedelta(days=ago)
        self.rows.append(Letter(who, "certification_letter", Interval(day), self.known))

    @rule(who=people, ago=back)
    def household(self, who: Participant, ago: int) -> None:
        self.rows.append(Household(who, Interval(self.known - timedelta(days=ago)), 1, self.known))

    @rule(who=people, ago=back, cents=paid)
    def cost_or_credit(self, who: Participant, ago: int, cents: int) -> None:
        paid = max(YEAR.start, self.known - timedelta(days=ago))
        reference = f"V-{len(self.rows)}"
        self.rows.append(Cost(who, ISSUERS[who.issuer], "expenses", "food", cents, paid, (), reference, self.known))

    @rule(dollars=st.integers(50, 150), ago=back)
    def rate(self, dollars: int, ago: int) -> None:
        effective = max(YEAR.start, self.known - timedelta(days=ago))
        said = f"effective = {effective}, published = {self.known}"
        if not any(said in r for r in self.rates):
            self.rates.append(f'{{ phase = "certified", value = "{dollars}.00 USD", {said}, cite = "manual" }},')

    @rule(of=st.sampled_from([FAIN, "S-1", "S-2"]), cents=AMOUNTS)
    def raise_or_lower_a_ceiling(self, of: str, cents: int) -> None:
        self.amendments = [a for a in self.amendments if (a.of, a.published) != (of, self.known)]
        label = "Y1" if of == FAIN else ""
        number = str(len(self.amendments) + 1)
        self.amendments.append(Amendment(of, label, number, cents, YEAR.start + timedelta(1), self.known))

    @rule(issuer=issuers, ago=back, cents=st.sampled_from([100, 9_999, 50_000]))
    def disallow(self, issuer: str, ago: int, cents: int) -> None:
        month = Month.of(self.known - timedelta(days=ago))
        reference = f"D-{len(self.disallowed)}"
        self.disallowed.append(Disallowance(ISSUERS[issuer], "care", month, cents, reference, self.known))

    @rule()
    @precondition(lambda self: sum(d.amount for d in self.disallowed) > 0)
    def reverse(self) -> None:
        last = next(d for d in reversed(self.disallowed) if d.amount > 0)
        if not any(d.reference == last.reference and d.amount < 0 for d in self.disallowed):
            self.disallowed.append(evolve(last, amount=-last.amount, published=self.known))

    # --- what is done with them ---

    @rule(issuer=issuers, detailed=st.booleans())
    def one_bills(self, issuer: str, detailed: bool) -> None:
        self.bill_and_post(issuer, detailed)

    def bill_and_post(self, issuer: str, detailed: bool) -> None:
        through = Month.of(self.known)
        try:
            found = adjust(self.ledger, self.caseload(issuer), self.network, through, self.known)
        except Rejected:  # a day enrolled twice, say: nothing is posted
            return
        after = self.ledger.post(found.claim, found.changes if detailed else ())
        assert after.total == self.ledger.total + found.total
        self.ledger = after
        self.posted[issuer] = found.claim

    @rule(days=st.integers(1, 31), news=st.lists(NEWS, min_size=1, max_size=3), detailed=st.booleans())
    @precondition(lambda self: self.known < date(2012, 8, 1))
    def everyone_bills(self, days: int, news: list[tuple[Any, ...]], detailed: bool) -> None:
        """What came since the last time, of several kinds at once, and then every claim."""
        self.known += timedelta(days=days)
        for what, *of in news:
            getattr(self, what)(*of)
        for issuer in ISSUERS:
            self.bill_and_post(issuer, detailed)

    @rule()
    def post_again(self) -> None:
        """Posting the same claim again posts nothing."""
        for claim in self.posted.values():
            if claim.known == self.known:
                assert self.ledger.post(claim) is self.ledger

    @rule()
    def close(self) -> None:
        month = Month.of(self.known).plus(-1)
        if self.ledger.closed is None or self.ledger.closed < month:
            self.ledger = self.ledger.close(month, self.known)

    @rule(issuer=issuers)
    def hold_or_release(self, issuer: str) -> None:
        subaward = ISSUERS[issuer]
        if subaward in self.ledger.holds:
            self.ledger = self.ledger.release(subaward, self.known)
        else:
            self.ledger = self.ledger.hold(subaward, "a visit", self.known)

    @rule()
    def ask(self) -> None:
        for asked in requests(self.ledger, self.network, self.known):
            cents = int(asked.amount.amount * 100)
            self.ledger = self.ledger.with_request(self.known, FAIN, "Y1", cents)
            self.asked += cents

    @rule()
    def restart_from_disk(self) -> None:
        store = Store(Path(self.folder.name) / "ledger.db", create=True)
        store.append(self.ledger.entries[len(self.stored.entries) :], self.stored.head)
        self.ledger = self.stored = store.load()
        assert from_lines(to_lines(self.ledger).encode()) == self.ledger

    # --- the laws ---

    @invariant()
    def posted_and_adjustments_are_billed_afresh(self) -> None:
        """Law 3: posted + adjustments = billed afresh, for any history of which `known` only grows."""
        items: list[Item] = []
        for claim in self.posted.values():
            items += [*claim.lines, *claim.reductions]
        billed: dict[Item, tuple[int, int]] = {}
        for item in items:
            n, cents = billed.get(bare(item), (0, 0))
            billed[bare(item)] = n + item.count, cents + item.amount
        assert self.ledger.standing() == {i: f for i, f in billed.items() if f != (0, 0)}

    @invariant()
    def each_parent_is_the_sum_of_its_children(self) -> None:
        """Law 5: each parent = Σ children, up the network and across regions; the request follows 9.1 to the cent."""
        network = self.network
        asked = requests(self.ledger, network, self.known)
        stands = sum(int(r.to_date.amount * 100) for r in asked)
        for found in (roll_up(self.ledger, network, self.known), roll_up(self.ledger, network, self.known, "region")):
            assert found.stands == stands
            _sums(found)
        for r in asked:
            assert r.requested_before == self.asked
            assert int(r.amount.amount * 100) == stands - r.on_hold - self.asked
            assert self.ledger.holds or not r.on_hold

    @invariant()
    def no_ceiling_is_exceeded(self) -> None:
        """Law 6: no ceiling is exceeded."""
        network = self.network
        by_person: Counter[Participant | None] = Counter()
        for item, (_, cents) in self.ledger.standing().items():
            by_person[line_of(item).participant] += cents
        assert all(cents <= 45_000 for cents in by_person.values())
        stands: Counter[str] = Counter()
        for r in requests(self.ledger, network, self.known):
            assert r.to_date.amount * 100 <= r.authorized
            items: list[Item] = [*r.lines, *r.reductions]
            for item in items:
                stands[line_of(item).subaward] += item.amount
                stands["S-1"] += item.amount if line_of(item).subaward == "S-3" else 0
        for s in network.subawards:
            if s.amount:
                assert stands[s.id] <= s.amount.at(YEAR.end or YEAR.start, self.known).value


def _sums(node: Total) -> None:
    for key in ("earned", "held_back", "on_hold"):
        assert not node.children or getattr(node, key) == sum(getattr(c, key) for c in node.children)
    for child in node.children:
        _sums(child)


# Many short histories find more than few long ones: so many in `make deep`, a few in the other profiles.
Histories.TestCase.settings = settings(
    settings.default, max_examples=500 if DEEP else 10, stateful_step_count=50 if DEEP else 25
)
TestHistories = pytest.mark.slow(Histories.TestCase)
