"""Any history of which `known` only grows for each issuer, against a model (Rulebook 11, laws 3, 5
and 6).

The model remembers, of each issuer, what was billed last and as known when, and what was requested
and received; nothing else. After every step the ledger must say the same, and the requests must be
those of the oracle.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from grantcalc import Caseload, Interval, Ledger, Month, Network, Participant, Rejected, Unpostable, adjust, requests
from grantcalc.amendments import with_amendments
from grantcalc.awards import Amendment, Award, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing import Cost, Enrollment, Household, Registration
from grantcalc.billing.claims import Claim, network_inputs
from grantcalc.billing.lines import Reduction
from grantcalc.eligibility import Letter
from grantcalc.io import Store, from_lines, to_lines
from grantcalc.known import Fact, Series
from grantcalc.ledger import Total, roll_up
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import (
    Change,
    ClosedOut,
    Held,
    Item,
    Posting,
    Received,
    Released,
    Requested,
    bare,
    line_of,
)
from grantcalc.ledger.requests import Request
from grantcalc.money import Cents
from grantcalc.money import cents as cents_of
from grantcalc.provenance import NOWHERE, Input
from grantcalc.terms import read_terms
from tests.oracle_requests import Memory, oracle_requests
from tests.requirements import required
from tests.test_adjustments import FAIN, SAYS, TERMS, YEAR
from tests.test_oracle_requests import agree, as_posted

DEEP = os.environ.get("GRANTCALC_PROFILE") == "deep"
START = date(2011, 12, 5)
ISSUERS = {"SUB-A": "S-1", "SUB-B": "S-2", "SUB-C": "S-3"}
PEOPLE = [Participant(issuer, f"P-{n}") for issuer in ISSUERS for n in (1, 2)]
AMOUNTS = st.sampled_from([0, 1, 9_999, 20_000, 40_000, 100_000])
PERIODS = {"Y1": Interval(YEAR.start, date(2012, 2, 29)), "Y2": Interval(date(2012, 3, 1), YEAR.end)}
people, issuers = st.sampled_from(PEOPLE), st.sampled_from([*ISSUERS])
back, paid = st.integers(0, 60), st.sampled_from([1, 5_000, 33_333, -1, -7_000, -60_000])
NEWS = st.one_of(
    st.tuples(st.just("letter"), people, back),
    st.tuples(st.just("household"), people, back),
    st.tuples(st.just("cost_or_credit"), people, back, paid, st.booleans()),
    st.tuples(st.just("enroll"), people, back, st.integers(0, 90)),
    st.tuples(st.just("rate"), st.integers(50, 150), back),
)
"""What comes in between two claims: a rule and what it is told."""


def series(cents: int | None) -> Series[int]:
    return Series("amount", [] if cents is None else [Fact(Cents(cents), YEAR.start, date(2011, 9, 30), SAYS)])


@frozen
class Billed:
    """What the model remembers of an issuer: as known when, through which month, and the claim of
    its own items."""

    known: date
    through: Month
    claim: Claim

    @property
    def items(self) -> tuple[Item, ...]:
        return *self.claim.lines, *self.claim.reductions

    @classmethod
    def of(cls, claim: Claim, issuer: str) -> Billed:
        """An issuer's part of a claim; items have no sources, which no ledger keeps."""
        lines = (evolve(x, source=NOWHERE) for x in claim.lines if x.issuer == issuer)
        reductions = (without_sources(x) for x in claim.reductions if x.line.issuer == issuer)
        return cls(claim.known, claim.through, evolve(claim, lines=tuple(lines), reductions=tuple(reductions)))


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.where = str(Path(self.folder.name) / "ledger.db")
        self.known, self.ledger, self.stored = START, Ledger(), Ledger()
        self.rates: list[str] = []
        self.amendments: list[Amendment] = []
        self.disallowed: list[Disallowance] = []
        self.rows: list[Enrollment | Letter | Household | Cost] = []
        # the model
        self.posted: dict[str, Billed] = {}
        self.before: dict[int, dict[str, Billed | None]] = {}  # by the entry of each posting
        self.asked: Counter[str] = Counter()
        self.asked_of: Counter[tuple[str, str]] = Counter()
        self.received: Counter[str] = Counter()
        self.closed_out: dict[str, dict[str, Billed]] = {}  # by budget period, what stood when it was closed out
        self.asked_last: tuple[tuple[Input, ...], date] | None = None

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize(
        amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS | st.none()),
        served=st.sets(people),
        reporters=st.sampled_from([("SUB-B",), ("SUB-A", "SUB-B"), ("SUB-A", "SUB-B", "SUB-C")]),
    )
    def award(
        self, amounts: tuple[int, int, int, int | None], served: set[Participant], reporters: tuple[str, ...]
    ) -> None:
        self.amounts, self.reporters = amounts, reporters  # those of S-2
        for who in sorted(served):  # from before the first month is billed to the end
            self.rows.append(
                Enrollment(
                    participant=who, subaward=ISSUERS[who.issuer], days=Interval(date(2011, 11, 15)), published=START
                )
            )

    # --- the facts, each known from the day on which it comes ---

    @property
    def network(self) -> Network:
        terms = read_terms(TERMS.replace("RATE", "\n".join(self.rates)), "case.toml")
        period, one, two, below = (series(cents) for cents in self.amounts)
        period = with_amendments(period, (a for a in self.amendments if a.of == FAIN))
        periods = tuple(BudgetPeriod(label, days, period) for label, days in PERIODS.items())
        award = Award(
            fain=FAIN,
            recipient="PRIME",
            agency="HHS/ACF",
            listing="93.598",
            awarded=YEAR.start,
            period=YEAR,
            terms=terms,
            budget_periods=periods,
        )
        subawards = (
            Subaward(
                id="S-1",
                parent=FAIN,
                subrecipient="SUB-A",
                period=YEAR,
                amount=with_amendments(one, (a for a in self.amendments if a.of == "S-1")),
            ),
            evolve(
                Subaward(
                    id="S-2",
                    parent=FAIN,
                    subrecipient="SUB-B",
                    period=YEAR,
                    amount=with_amendments(two, (a for a in self.amendments if a.of == "S-2")),
                ),
                reported_by=self.reporters,
            ),
            Subaward(
                id="S-3", parent="S-1", subrecipient="SUB-C", period=YEAR, amount=below
            ),  # below the first, perhaps without an amount of its own
        )
        organizations = tuple(Organization(id=id, name=id, state="TX") for id in ("PRIME", *ISSUERS))
        return Network(
            report_date=date(2011, 9, 30),
            organizations=organizations,
            awards=(award,),
            subawards=subawards,
            disallowances=tuple(self.disallowed),
        )

    def caseload(self, issuer: str) -> Caseload:
        mine = [r for r in self.rows if r.participant and r.participant.issuer == issuer]
        return Caseload(
            issuer=issuer,
            report_date=self.known,
            participants=tuple(Registration(p) for p in PEOPLE if p.issuer == issuer),
            letters=tuple(r for r in mine if isinstance(r, Letter)),
            households=tuple(r for r in mine if isinstance(r, Household)),
            enrollments=tuple(r for r in mine if isinstance(r, Enrollment)),
            costs=tuple(r for r in mine if isinstance(r, Cost)),
        )

    @rule(days=st.integers(1, 40))
    @precondition(lambda self: self.known < date(2012, 8, 1))
    def time_passes(self, days: int) -> None:
        self.known += timedelta(days=days)

    @rule(who=people, ago=back, days=st.integers(0, 90))
    def enroll(self, who: Participant, ago: int, days: int) -> None:
        start = max(YEAR.start, self.known - timedelta(days=ago))
        self.rows.append(
            Enrollment(
                participant=who,
                subaward=ISSUERS[who.issuer],
                days=Interval(start, start + timedelta(days=days)),
                published=self.known,
            )
        )

    @rule(who=people, ago=back)
    def letter(self, who: Participant, ago: int) -> None:
        day = self.known - timedelta(days=ago)
        self.rows.append(Letter(participant=who, kind="certification_letter", days=Interval(day), published=self.known))

    @rule(who=people, ago=back)
    def household(self, who: Participant, ago: int) -> None:
        self.rows.append(
            Household(participant=who, days=Interval(self.known - timedelta(days=ago)), family=1, published=self.known)
        )

    @rule(who=people, ago=back, cents=paid, elsewhere=st.booleans())
    def cost_or_credit(self, who: Participant, ago: int, cents: int, elsewhere: bool) -> None:
        """At the subaward of the participant's issuer, or at the one of several reporters."""
        paid = max(YEAR.start, self.known - timedelta(days=ago))
        months = (Month.of(paid),) if cents < 0 else ()
        place = "S-2" if elsewhere and who.issuer in self.reporters else ISSUERS[who.issuer]
        reference = f"V-{len(self.rows)}"
        self.rows.append(
            Cost(
                participant=who,
                subaward=place,
                service="expenses",
                category="food",
                amount=Cents(cents),
                paid=paid,
                months=months,
                reference=reference,
                published=self.known,
            )
        )

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
        self.amendments.append(
            Amendment(
                of=of,
                budget_period=label,
                reference=number,
                amount=Cents(cents),
                effective=YEAR.start + timedelta(1),
                published=self.known,
            )
        )

    @rule(issuer=issuers, ago=back, cents=st.sampled_from([100, 9_999, 50_000]))
    def disallow(self, issuer: str, ago: int, cents: int) -> None:
        month = Month.of(self.known - timedelta(days=ago))
        reference = f"D-{len(self.disallowed)}"
        self.disallowed.append(
            Disallowance(
                subaward=ISSUERS[issuer],
                service="care",
                month=month,
                amount=Cents(cents),
                reference=reference,
                published=self.known,
            )
        )

    @rule()
    @precondition(lambda self: sum(d.amount for d in self.disallowed) > 0)
    def reverse(self) -> None:
        last = next(d for d in reversed(self.disallowed) if d.amount > 0)
        if not any(d.reference == last.reference and d.amount < 0 for d in self.disallowed):
            self.disallowed.append(evolve(last, amount=Cents(-last.amount), published=self.known))

    # --- what is done with them ---

    @rule(issuer=issuers, detailed=st.booleans())
    def one_bills(self, issuer: str, detailed: bool) -> None:
        self.bill_and_post([issuer], detailed)

    @rule(which=st.sets(issuers, min_size=2), detailed=st.booleans())
    def several_bill_together(self, which: set[str], detailed: bool) -> None:
        self.bill_and_post(sorted(which), detailed)

    @rule(issuer=issuers, months=st.integers(1, 3))
    def one_bills_through_an_earlier_month(self, issuer: str, months: int) -> None:
        """It is refused where a later month of the issuer was posted (8.2)."""
        self.bill_and_post([issuer], detailed=True, through=Month.of(self.known).plus(-months))

    @rule(issuer=issuers, ago=st.integers(1, 40))
    def one_bills_as_known_earlier(self, issuer: str, ago: int) -> None:
        """It is refused where more is known of this issuer; what is known of others does not matter
        (8.2)."""
        known = max(START, self.known - timedelta(days=ago))
        self.bill_and_post([issuer], detailed=True, through=Month.of(known), known=known)

    def bill_and_post(
        self, who: list[str], detailed: bool, through: Month | None = None, known: date | None = None
    ) -> None:
        through, known = through or Month.of(self.known), known or self.known
        loads = [self.caseload(issuer) for issuer in who]
        last = [self.posted[issuer] for issuer in who if issuer in self.posted]
        try:
            found = adjust(self.ledger, loads, self.network, through, known)
        except Rejected:  # a day enrolled twice, say: nothing is posted
            return
        except Unpostable:
            assert any(x.known > known or x.through > through for x in last)
            return
        assert all(x.known <= known and x.through <= through for x in last)
        after = self.ledger.post(found.claim, found.changes if detailed else ())
        changes = [e.act for e in after.entries[len(self.ledger.entries) :] if isinstance(e.act, Change)]
        reduced = sum(c.amount for c in changes if not c.refused)
        assert cents_of(after.total) == cents_of(self.ledger.total) + reduced
        assert cents_of(found.total) == sum(c.amount for c in changes)
        if after is not self.ledger:
            self.before[len(self.ledger.entries) + 1] = {issuer: self.posted.get(issuer) for issuer in who}
            self.ledger = after
            self.posted |= {issuer: Billed.of(found.claim, issuer) for issuer in who}

    @rule(days=st.integers(1, 31), news=st.lists(NEWS, min_size=1, max_size=3), detailed=st.booleans())
    @precondition(lambda self: self.known < date(2012, 8, 1))
    def everyone_bills(self, days: int, news: list[tuple[Any, ...]], detailed: bool) -> None:
        """What came since the last time, of several kinds at once, and then every claim."""
        self.known += timedelta(days=days)
        for what, *of in news:
            getattr(self, what)(*of)
        for issuer in ISSUERS:
            self.bill_and_post([issuer], detailed)

    @rule(issuer=issuers)
    def post_again(self, issuer: str) -> None:
        """Posting the same claim again posts nothing."""
        self.bill_and_post([issuer], detailed=True)
        before = self.ledger
        self.bill_and_post([issuer], detailed=True)
        assert self.ledger is before

    @rule()
    def close(self) -> None:
        month = Month.of(self.known).plus(-1)
        if self.ledger.closed is None or self.ledger.closed < month:
            self.ledger = self.ledger.close(month, self.known)

    @rule(label=st.sampled_from([*PERIODS]))
    @precondition(lambda self: self.known > date(2012, 3, 15))
    def close_out(self, label: str) -> None:
        changed = any(line_of(e.act).budget_period == label for e in self.ledger.entries if isinstance(e.act, Change))
        if changed and (FAIN, label) not in self.ledger.closed_out:
            self.ledger = self.ledger.close_out(FAIN, label, self.known)
            self.closed_out[label] = dict(self.posted)

    @rule(id=st.sampled_from([*ISSUERS.values(), FAIN]))
    def hold_or_release(self, id: str) -> None:
        if id in self.ledger.holds:
            self.ledger = self.ledger.release(id, self.known)
        else:
            self.ledger = self.ledger.hold(id, "a visit", self.known, self.network)

    @rule()
    def ask(self) -> None:
        """What is asked is remembered; asked again, it is the same, and nothing is appended. The
        same amounts from other inputs, or as known on another day, are refused (9.6)."""
        network = self.network
        try:
            found = ask(self.ledger, network, self.known)
        except Unpostable:
            assert isinstance(self.ledger.entries[-1].act, Requested)
            assert self.asked_last != ((*network_inputs(network),), self.known)
            return
        assert ask(found.ledger, network, self.known) == found
        self.asked_last = (*network_inputs(network),), self.known
        if found.ledger is not self.ledger and len(found.ledger.entries) > len(self.ledger.entries):
            for r in found.requests:
                self.asked[r.budget_period] += cents_of(r.amount) - cents_of(r.to_be_returned)
                for subaward, allowed in allowed_of(r).items():
                    on_hold = self.on_hold(r, subaward, allowed)
                    self.asked_of[r.budget_period, subaward] = allowed - on_hold
        self.ledger = found.ledger

    @rule(label=st.sampled_from([*PERIODS]), cents=st.sampled_from([1, 5_000, -2_500]))
    def pay(self, label: str, cents: int) -> None:
        if (FAIN, label) in self.ledger.requested_periods:
            reference = f"EFT {len(self.ledger.entries)}"
            self.ledger = self.ledger.with_payment(self.known, FAIN, label, Cents(cents), self.known, reference)
            self.received[label] += cents

    @rule(back=st.integers(0, 12), never=st.booleans())
    @precondition(lambda self: self.ledger.entries)
    def void(self, back: int, never: bool) -> None:
        """A voided entry counts no more; what something rests on is refused, and nothing
        changes."""
        no = max(1, len(self.ledger.entries) - back)
        act = self.ledger.entries[no - 1].act
        try:
            after = self.ledger.void(no, "a mistake", self.known, never_submitted=never)
        except Unpostable:
            return
        self.ledger = after
        if isinstance(act, Posting):
            for issuer, had in self.before[no].items():
                self.posted.pop(issuer)
                self.posted |= {issuer: had} if had else {}
        elif isinstance(act, Requested):
            assert never
            self.asked[act.budget_period] -= act.amount
            for part in act.by_subaward:
                self.asked_of[act.budget_period, part.subaward] -= part.amount
        elif isinstance(act, Received):
            self.received[act.budget_period] -= act.amount
        elif isinstance(act, ClosedOut):
            del self.closed_out[act.budget_period]
        elif isinstance(act, Held | Released):
            assert (act.subaward in after.holds) is isinstance(act, Released)

    @rule()
    def restart_from_disk(self) -> None:
        store = Store(self.where, create=True)
        store.append(self.ledger.entries[len(self.stored.entries) :], self.stored.head)
        self.ledger = self.stored = store.load()
        assert from_lines(to_lines(self.ledger).encode()) == self.ledger

    def on_hold(self, r: Request, subaward: str, allowed: int) -> int:
        """9.4: max(0, allowed − requested before), of a subaward that is held or below one that
        is."""
        above = {subaward, FAIN, *(["S-1"] if subaward == "S-3" else [])}
        held = not r.closed_out and not above.isdisjoint(self.ledger.holds)
        return max(0, allowed - self.asked_of[r.budget_period, subaward]) if held else 0

    # --- the laws ---

    @invariant()
    def posted_and_adjustments_are_billed_afresh(self) -> None:
        """Law 3: posted + adjustments = billed afresh, for any history of which `known` only grows
        for each issuer. What was refused, since its budget period was closed out, is told too."""
        billed: dict[Item, tuple[int, int]] = {}
        for last in self.posted.values():
            for item in last.items:
                n, cents = billed.get(bare(item), (0, 0))
                billed[bare(item)] = n + item.count, cents + item.amount
        told = self.ledger.allowed()
        for c in self.ledger.refused:
            n, cents = told.get(c.item, (0, 0))
            told[c.item] = n + c.count, cents + c.amount
        assert {i: f for i, f in told.items() if f != (0, 0)} == {i: f for i, f in billed.items() if f != (0, 0)}

    @invariant()
    def each_parent_is_the_sum_of_its_children(self) -> None:
        """Law 5: each parent = Σ children, up the network and across regions; the request follows
        9.1 to the cent."""
        if not self.ledger.bases:
            return
        network = self.network
        asked = requests(self.ledger, network, self.known)
        allowed = sum(cents_of(r.to_date) for r in asked)
        for found in (roll_up(self.ledger, network, self.known), roll_up(self.ledger, network, self.known, "region")):
            assert found.allowed == allowed
            _sums(found)
        for r in asked:
            label, due = r.budget_period, cents_of(r.to_date) - r.on_hold - self.asked[r.budget_period]
            assert r.requested_before == self.asked[label]
            assert (r.received or 0) == self.received[label]
            assert cents_of(r.amount) == (0 if r.closed_out else due)
            assert r.closed_out or not cents_of(r.to_be_returned)

    @invariant()
    def requests_follow_the_rulebook(self) -> None:
        """What is allowed, on hold, asked and to be returned is what the oracle of requests finds
        (Rulebook 9)."""
        if not self.ledger.bases:
            return
        memory = Memory(
            Counter({(FAIN, label): cents for label, cents in self.asked.items()}),
            cost=Counter({(FAIN, *of): cents for of, cents in self.asked_of.items()}),
            held={*self.ledger.holds},
            closed_out={(FAIN, label) for label in self.closed_out},
        )
        claims = {issuer: billed.claim for issuer, billed in self.posted.items()}
        reduced = [self.reduced(issuer, claim) for issuer, claim in claims.items()]
        network = self.network
        found = requests(self.ledger, network, self.known)
        agree(found, oracle_requests(reduced, network, self.known, memory, [*claims.values()]))

    def reduced(self, issuer: str, claim: Claim) -> Claim:
        """What stands of a claim: of each budget period that was closed out, what stood then
        (8.3)."""
        for label, stood in self.closed_out.items():
            before = stood[issuer].claim if issuer in stood else None
            claim = as_posted(claim, before, {(FAIN, label)})
        return claim

    @invariant()
    def a_hold_stops_what_was_not_requested(self) -> None:
        """9.4: it never claws back, and never raises a request. What was requested is never above
        what is allowed, unless a refund is due."""
        if not self.ledger.bases:
            return
        for r in requests(self.ledger, self.network, self.known):
            allowed = allowed_of(r)
            before = {s: self.asked_of[r.budget_period, s] for s in ISSUERS.values()}  # of all, also where none stands
            assert r.on_hold == sum(self.on_hold(r, s, cents) for s, cents in allowed.items())
            refunds = sum(min(0, allowed[s] - cents) for s, cents in before.items())
            due = cents_of(r.to_date) - r.requested_before
            assert r.closed_out or refunds <= cents_of(r.amount) <= due
            assert r.requested_before <= cents_of(r.to_date) or r.closed_out or cents_of(r.amount) < 0

    @invariant()
    def no_ceiling_is_exceeded(self) -> None:
        """Law 6: no ceiling is exceeded."""
        network = self.network
        by_person: Counter[tuple[Participant | None, str]] = Counter()
        for item, (_, cents) in self.ledger.allowed().items():
            by_person[line_of(item).participant, line_of(item).budget_period] += cents
        family = {(r.participant, p) for r in self.rows for p, days in PERIODS.items() if has_family(r, days)}
        assert all(cents <= (45_000 if of in family else 35_000) for of, cents in by_person.items())
        if not self.ledger.bases:
            return
        allowed: Counter[str] = Counter()
        for r in requests(self.ledger, network, self.known):
            assert r.to_date.amount * 100 <= r.authorized
            items: list[Item] = [*r.lines, *r.reductions]
            for item in items:
                allowed[line_of(item).subaward] += item.amount
                allowed["S-1"] += item.amount if line_of(item).subaward == "S-3" else 0
        for s in network.subawards:
            if s.amount:
                assert allowed[s.id] <= s.amount.at(YEAR.end or YEAR.start, self.known).value


def without_sources(reduction: Reduction) -> Reduction:
    """A reduction of a line without its source, which no ledger keeps."""
    return evolve(reduction, line=evolve(reduction.line, source=NOWHERE))


def has_family(row: object, days: Interval) -> bool:
    """Whether a row tells of family in the household on some of these days."""
    return isinstance(row, Household) and row.days.clip(days) is not None


def allowed_of(r: Request) -> Counter[str]:
    """What stands of each subaward's own service, under every ceiling."""
    allowed: Counter[str] = Counter()
    items: list[Item] = [*r.lines, *r.reductions]
    for item in items:
        allowed[line_of(item).subaward] += item.amount
    return allowed


def _sums(node: Total) -> None:
    for key in ("earned", "held_back", "on_hold"):
        assert not node.children or getattr(node, key) == sum(getattr(c, key) for c in node.children)
    for child in node.children:
        _sums(child)


# Many short histories find more than few long ones: so many in `make deep`, a few in the other
# profiles.
Histories.TestCase.settings = settings(
    settings.default, max_examples=500 if DEEP else 10, stateful_step_count=50 if DEEP else 25
)
TestHistories = pytest.mark.slow(Histories.TestCase)


class OnPostgreSQL(Histories):
    """The same histories, kept in a database of their own."""

    def __init__(self) -> None:
        self.server = make_url(required("postgresql"))
        super().__init__()
        self.name = f"grantcalc_{secrets.token_hex(8)}"
        self.run(f"CREATE DATABASE {self.name}")
        self.where = self.server.set(database=self.name).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        engine = create_engine(self.server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def teardown(self) -> None:
        super().teardown()
        self.run(f"DROP DATABASE {self.name} WITH (FORCE)")


OnPostgreSQL.TestCase.settings = Histories.TestCase.settings
TestOnPostgreSQL = pytest.mark.slow(OnPostgreSQL.TestCase)
