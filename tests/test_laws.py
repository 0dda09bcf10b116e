"""The laws of rulebook 11 on generated programs and caseloads; each class is headed by the sentence
it proves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import localcontext
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grantcalc.billing.caseload import ROWS, Caseload, Cost, Enrollment, UnitsUsed
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import Line, Reduction
from grantcalc.eligibility import Participant
from grantcalc.errors import NotInForce
from grantcalc.keys import KEYS
from grantcalc.known import Fact, Series
from grantcalc.ledger.requests import Request, assemble, requests
from grantcalc.money import Cents, Rate, cents, split
from grantcalc.network import Network
from grantcalc.terms import Terms
from grantcalc.terms.values import RateKey
from tests.oracle import Bill, OracleLine, oracle
from tests.oracle_provisions import in_force, to_the_cent
from tests.strategies import LATE, LONG_AGO, RATES, RECORD, Pick, Scenario, caseload, figures, scenarios, with_reporters

MORE = settings(max_examples=4 * settings().max_examples)
"""For the comparison with the oracle, in which everything meets."""

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


def billed(scenario: Scenario) -> Claim:
    return bill(scenario.caseloads, scenario.network, scenario.through, scenario.known)


def billed_or_refused(scenario: Scenario) -> Claim | None:
    """The claim, or None where something does not hold on a day that is asked for."""
    try:
        return billed(scenario)
    except NotInForce:
        return None


def expected(scenario: Scenario) -> Bill | None:
    """What the oracle finds."""
    try:
        return oracle(scenario.caseloads, scenario.network, scenario.through, scenario.known)
    except NotInForce:
        return None


def known_on(scenario: Scenario) -> date:
    """By default the latest report date of the inputs (Rulebook 2.2)."""
    return scenario.known or max([scenario.network.report_date, *(c.report_date for c in scenario.caseloads)])


def _with_rows(load: Caseload, rows: dict[str, Any]) -> Caseload:
    return evolve(load, **rows)


def with_terms(network: Network, change: Callable[[Terms], Terms]) -> Network:
    return evolve(network, awards=tuple(evolve(award, terms=change(award.terms)) for award in network.awards))


# ---- lines and holds, as plain values ------------------------------------------------------------------


def plain(line: Line) -> OracleLine:
    """A line of a claim as the oracle writes it."""
    assert line.day is not None
    rate = line.rate if line.quantity or not line.reason else None
    return OracleLine(
        line.issuer,
        line.participant,
        line.award,
        line.subaward,
        line.service,
        line.pool,
        line.phase,
        line.month,
        line.budget_period,
        line.day,
        Fraction(line.count * line.quantity, line.divisor),
        Fraction(rate.value.value) if rate else None,
        (rate.effective, rate.published) if rate and ";" not in rate.authority.citation else None,
        line.amount,
        line.reference,
        bool(line.reason) and not line.quantity,
    )


def held_by(limits: Iterable[Reduction]) -> Counter[tuple[str, str, OracleLine]]:
    """What each ceiling and window holds back of each line, in cents."""
    held: Counter[tuple[str, str, OracleLine]] = Counter()
    for limit in limits:
        held[limit.name, limit.window, plain(limit.line)] -= limit.amount
    return held


def told(found: Counter[H], wanted: Counter[H]) -> str:
    """How two multisets differ, for the reader of a failure."""
    only = [("only the claim has", found - wanted), ("only the oracle has", wanted - found)]
    return "\n".join(f"{which} {n} × {one}" for which, some in only for one, n in some.items())


def same(found: Counter[H], wanted: Counter[H]) -> None:
    assert found == wanted, told(found, wanted)


def follows_the_rulebook(scenario: Scenario) -> None:
    """The claim is refused where the oracle refuses; else it has the oracle's lines, and what it
    holds back of each."""
    claim, bill = billed_or_refused(scenario), expected(scenario)
    assert (claim is None) == (bill is None)
    if claim and bill:
        same(Counter(map(plain, claim.lines)), Counter(bill.lines))
        wanted: Counter[tuple[str, str, OracleLine]] = Counter()
        for hold in bill.holds:
            wanted[hold.ceiling, hold.window, hold.line] += hold.amount
        same(held_by(claim.reductions), wanted)
        assert cents(claim.total) == bill.total


class TestTheRulebook:
    """A claim is what the rulebook says, line by line: its lines, and what each ceiling takes of
    them."""

    @MORE
    @given(scenarios(disallowing=True))
    def test_lines_and_holds(self, scenario: Scenario) -> None:
        """Quantities, days of service, phases, payees, prices, amounts, and what is not paid (2 to
        6); each ceiling in its order, window by window, line by line (7)."""
        follows_the_rulebook(scenario)


class TestNothingInForce:
    """Where none holds, that is a refusal which names what was asked for, on which day and as known
    when (2.4)."""

    @given(scenarios(patchy=True))
    def test_refused_exactly_where_the_rulebook_refuses(self, scenario: Scenario) -> None:
        bill = expected(scenario)
        try:
            claim = billed(scenario)
        except NotInForce as refusal:
            assert bill is None
            assert refusal.what
            assert refusal.known == known_on(scenario)
            assert str(refusal.day) in str(refusal)
        else:
            assert bill is not None
            same(Counter(map(plain, claim.lines)), Counter(bill.lines))

    @given(scenarios())
    def test_no_rate_at_all(self, scenario: Scenario) -> None:
        """Before its rates are published no count is paid, and none is paid zero."""
        claim = billed_or_refused(scenario)
        assume(claim and any(line.rate for line in claim.lines))

        def later(rates: Series[Rate]) -> Series[Rate]:
            return evolve(rates, facts=[evolve(fact, published=date.max) for fact in rates.facts])

        def without(terms: Terms) -> Terms:
            services = (
                evolve(service, rates={key: later(rates) for key, rates in service.rates.items()})
                for service in terms.services
            )
            return evolve(terms, services=tuple(services))

        with pytest.raises(NotInForce):
            billed(evolve(scenario, network=with_terms(scenario.network, without)))


class TestKnown:
    """Days after `known` are not billed. Every computation takes `known`, by default the latest
    report date."""

    @given(scenarios())
    def test_no_line_after_known(self, scenario: Scenario) -> None:
        if claim := billed_or_refused(scenario):
            assert claim.known == known_on(scenario)
            assert all(line.day is not None and line.day <= claim.known for line in claim.lines)
            assert all(line.month <= scenario.through for line in claim.lines)


class TestExactPrices:
    """The price: each step exact (5.2), whatever the thread's decimal context."""

    @given(scenarios(), st.integers(1, 12))
    def test_any_context(self, scenario: Scenario, digits: int) -> None:
        claim = billed_or_refused(scenario)
        with localcontext() as context:
            context.prec = digits
            again = billed_or_refused(scenario)
        assert again == claim


# ---- Law 1 --------------------------------------------------------------------------------------------


Member = Participant | tuple[str, int]
"""A participant, or the n-th bare count of an issuer, or, below zero, a cost of a site."""


def joined(scenario: Scenario) -> list[set[Member]]:
    """Participants and what sites report in groups, so that no two groups share a subaward that is
    limited."""
    network = scenario.network
    capped = {s.id for s in network.subawards if s.amount}
    for award in network.awards:
        seats = any(p.kind == "capacity" for service in award.terms.services for p in service.provisions)
        if seats or any(ceiling.choices["scope"].value == "subaward" for ceiling in award.terms.ceilings):
            capped |= {award.fain, *(s.id for s in network.subawards if network.award_of(s.id) == award)}
    places: dict[Member, set[str]] = {}
    for load in scenario.caseloads:
        places |= {registration.participant: set() for registration in load.participants}
        rows: list[Enrollment | Cost | UnitsUsed] = [*load.enrollments, *load.costs, *load.units]
        for row in rows:
            if row.participant:
                places[row.participant] |= {row.subaward} & capped
        for n, cost in enumerate(load.costs):
            if cost.participant is None:
                places[load.issuer, -1 - n] = {cost.subaward} & capped
        places |= {(load.issuer, n): {load.counts[n].subaward} & capped for n in firsts(load)}
    groups: list[tuple[set[Member], set[str]]] = []
    for member, at in places.items():
        meeting = [group for group in groups if group[1] & at]
        groups = [group for group in groups if not group[1] & at]
        groups.append(({member}.union(*(m for m, _ in meeting)), at.union(*(p for _, p in meeting))))
    return [members for members, _ in groups]


def firsts(load: Caseload) -> list[int]:
    """Of each bare count the place of the first row with its key: rows of one key restate one
    another (2.6)."""
    of = [KEYS["Counts"].of(count) for count in load.counts]
    return [of.index(key) for key in of]


def only(load: Caseload, members: set[Member]) -> Caseload:
    """The rows of some participants, and some of the bare counts."""
    return evolve(
        load,
        participants=tuple(row for row in load.participants if row.participant in members),
        statuses=tuple(row for row in load.statuses if row.participant in members),
        letters=tuple(row for row in load.letters if row.participant in members),
        households=tuple(row for row in load.households if row.participant in members),
        enrollments=tuple(row for row in load.enrollments if row.participant in members),
        units=tuple(row for row in load.units if row.participant in members),
        absences=tuple(row for row in load.absences if row.participant in members),
        characteristics=tuple(row for row in load.characteristics if row.participant in {None, *members}),
        openings=tuple(row for row in load.openings if row.participant in members),
        costs=tuple(row for n, row in enumerate(load.costs) if {row.participant, (load.issuer, -1 - n)} & members),
        counts=tuple(count for n, count in zip(firsts(load), load.counts, strict=True) if (load.issuer, n) in members),
    )


class TestLaw1:
    """Billing is additive over any partition of the lines that shares no ceiling, counter or
    participant."""

    @given(scenarios(), st.integers(1, 3))
    def test_parts_make_the_whole(self, scenario: Scenario, hands: int) -> None:
        groups = joined(scenario)
        parts: list[set[Member]] = [set().union(*groups[hand::hands]) for hand in range(hands)]
        apart = [
            evolve(scenario, caseloads=tuple(only(load, part) for load in scenario.caseloads), known=known_on(scenario))
            for part in parts
        ]
        whole, claims = billed_or_refused(scenario), [billed_or_refused(part) for part in apart]
        assert (whole is None) == any(claim is None for claim in claims)
        if whole:
            pieces = [claim for claim in claims if claim]
            same(Counter(plain(x) for c in pieces for x in c.lines), Counter(map(plain, whole.lines)))
            same(held_by(x for c in pieces for x in c.reductions), held_by(whole.reductions))
            assert sum(cents(claim.total) for claim in pieces) == cents(whole.total)

    @given(scenarios())
    def test_awards_share_nothing(self, scenario: Scenario) -> None:
        """An award of which nothing is reported changes no claim."""
        whole = billed_or_refused(scenario)
        assume(whole)
        assert whole is not None
        for award in scenario.network.awards:
            mine = {s.id for s in scenario.network.subawards if scenario.network.award_of(s.id) == award} | {award.fain}
            alone = evolve(
                scenario,
                known=known_on(scenario),
                caseloads=tuple(
                    evolve(
                        load,
                        enrollments=tuple(row for row in load.enrollments if row.subaward in mine),
                        costs=tuple(row for row in load.costs if row.subaward in mine),
                        units=tuple(row for row in load.units if row.subaward in mine),
                        counts=tuple(row for row in load.counts if row.subaward in mine),
                    )
                    for load in scenario.caseloads
                ),
            )
            claim = billed(alone)
            assert claim.lines == tuple(line for line in whole.lines if line.award == award.fain)
            assert claim.reductions == tuple(limit for limit in whole.reductions if limit.line.award == award.fain)


# ---- Law 2 --------------------------------------------------------------------------------------------


class TestLaw2:
    """Order of input rows changes nothing but source addresses."""

    @given(scenarios(), st.randoms(use_true_random=False))
    def test_any_order(self, scenario: Scenario, random: st.DrawFn) -> None:
        def mixed(rows: Sequence[T]) -> tuple[T, ...]:
            return tuple(random.sample(rows, len(rows)))  # type: ignore[attr-defined]

        loads = [
            _with_rows(load, {kind: mixed(getattr(load, kind)) for kind in ROWS}) for load in mixed(scenario.caseloads)
        ]
        network = evolve(
            scenario.network,
            organizations=mixed(scenario.network.organizations),
            awards=mixed(scenario.network.awards),
            subawards=tuple(
                evolve(s, amount=Series(s.amount.what, mixed(s.amount.facts)))
                for s in mixed(scenario.network.subawards)
            ),
        )
        again = evolve(scenario, caseloads=tuple(loads), network=network)
        assert billed_or_refused(again) == billed_or_refused(scenario)


# ---- Law 4 --------------------------------------------------------------------------------------------

DAYS = st.dates(date(2024, 1, 1), date(2024, 2, 20))


@st.composite
def histories(draw: st.DrawFn) -> Series[int]:
    """Facts of which no two have the same two dates."""
    pairs = draw(st.lists(st.tuples(DAYS, DAYS), max_size=8, unique=True))
    return Series("rate", [Fact(n, effective, published, RECORD) for n, (effective, published) in enumerate(pairs)])


def _after(pick: Pick, known: date) -> date:
    return date.fromordinal(known.toordinal() + pick.number(1, 40))


def _later(pick: Pick, series: Series[T], known: date, values: Sequence[T]) -> Series[T]:
    """With a fact that nobody could know on `known`, effective on any day."""
    effective = pick.one((LONG_AGO, date(2024, 1, 1), date(2024, 3, 16), known))
    return series.with_facts([Fact(pick.one(values), effective, _after(pick, known), RECORD)])


def _restated(pick: Pick, terms: Terms, known: date) -> Terms:
    """Terms whose every value changes after `known`; some phases and tiers get a value of their own
    only then."""
    rates = [Rate.of(rate) for rate in RATES]
    services = []
    for service in terms.services:
        if service.choices["count"].value == "actual_cost":
            services.append(service)
            continue
        prices = dict(service.rates)
        limits = dict(service.months)
        for phase in terms.phases:
            key = RateKey(phase, words=("",) * len(terms.dimensions))
            prices[key] = _later(pick, prices.get(key, Series("rate")), known, rates)
            limits[phase] = _later(pick, limits.get(phase, Series("months")), known, (1, 12))
        provisions = tuple(
            evolve(p, values=_later(pick, p.values, known, [Rate.of(0), Rate.of(1)])) for p in service.provisions
        )
        services.append(evolve(service, rates=prices, months=limits, provisions=provisions))
    ceilings = [
        evolve(
            ceiling,
            amounts={
                tier: _later(pick, ceiling.amounts.get(tier, Series("amount")), known, (1, 10**7))
                for tier in ("alone", "with_family")
            },
        )
        for ceiling in terms.ceilings
    ]
    shares = [evolve(s, at_most=_later(pick, s.at_most, known, (Fraction(0), Fraction(9, 10)))) for s in terms.shares]
    return evolve(terms, services=tuple(services), ceilings=tuple(ceilings), shares=tuple(shares))


def _grown(pick: Pick, load: Caseload, network: Network, known: date) -> Caseload:
    """With rows of each kind that were published after `known`, at subawards for which the issuer
    reports."""
    more = caseload(pick, load.issuer, network)
    here = {s.id for s in network.subawards if load.issuer in network.reporters(s.id)}
    held = {registration.participant for registration in load.participants}
    numbered = [evolve(cost, reference=f"late {n}") for n, cost in enumerate(more.costs)]

    def late(rows: Iterable[T]) -> Iterator[T]:
        rows = (row for row in rows if getattr(row, "subaward", None) in {None, "", *here})
        return (evolve(row, published=_after(pick, known)) for row in rows)  # type: ignore[misc]

    rows: dict[str, tuple[Any, ...]] = {
        kind: (*getattr(load, kind), *(x for x in late(getattr(more, kind)) if x.participant in held))
        for kind in ("statuses", "letters", "households", "enrollments", "units", "absences", "openings")
    }
    rows["costs"] = (*load.costs, *(x for x in late(numbered) if x.participant in {None, *held}))
    rows["counts"] = (*load.counts, *late(more.counts))
    rows["figures"] = (*load.figures, *late(figures(pick, network)))
    rows["characteristics"] = (
        *load.characteristics,
        *(x for x in late(more.characteristics) if x.participant in {None, *held}),
    )
    return _with_rows(load, rows)


@st.composite
def restated(draw: st.DrawFn) -> tuple[Scenario, Scenario]:
    """A scenario, and the same with much that was published after `known`."""
    now = draw(scenarios())
    known = known_on(now)
    assume(known < LATE)
    pick = Pick(draw)
    network = with_terms(now.network, lambda terms: _restated(pick, terms, known))
    subawards = [evolve(s, amount=_later(pick, s.amount, known, [Cents(0), Cents(10**8)])) for s in network.subawards]
    network = evolve(network, subawards=tuple(subawards))
    loads = tuple(_grown(pick, load, network, known) for load in now.caseloads)
    network = with_reporters(network, loads)  # who reports later may report now
    reported_by = {s.id: s.reported_by for s in network.subawards}
    subawards = [evolve(s, reported_by=reported_by[s.id]) for s in now.network.subawards]
    before = evolve(now, known=known, network=evolve(now.network, subawards=tuple(subawards)))
    return before, evolve(now, known=known, network=network, caseloads=loads)


class TestLaw4:
    """A look-up never sees a later publication, and a rate look-up no later effective date."""

    @given(histories(), DAYS, DAYS)
    def test_look_up(self, series: Series[int], day: date, known: date) -> None:
        """Of the facts then known, the latest effective; of two with the same date, the later
        published (2.3)."""
        fact = in_force(series.facts, day, known)
        assert series.find(day, known) == fact
        if fact is None:
            with pytest.raises(NotInForce) as refusal:
                series.at(day, known)
            assert refusal.value == NotInForce("rate", day, known)
        else:
            assert series.at(day, known) == fact
            assert fact.effective <= day
            assert fact.published <= known

    @given(histories(), DAYS, DAYS)
    def test_later_publications_change_no_look_up(self, series: Series[int], day: date, known: date) -> None:
        seen = Series(series.what, [fact for fact in series.facts if fact.published <= known])
        assert series.find(day, known) == seen.find(day, known)
        assert series.as_known(known).find(day.toordinal()) == seen.find(day, known)

    @given(restated())
    def test_later_publications_change_no_claim(self, both: tuple[Scenario, Scenario]) -> None:
        """New rates, limits, ceilings, shares and amounts, and new rows of each kind, published
        after `known`."""
        now, later = map(billed_or_refused, both)
        assert (later and (later.lines, later.reductions)) == (now and (now.lines, now.reductions))


# ---- Law 5 --------------------------------------------------------------------------------------------

SHARES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 40), min_size=1, max_size=6)


class TestLaw5:
    """Split parts sum to the whole; each parent = Σ children, up the network and across regions."""

    @given(st.integers(-(10**7), 10**7), SHARES)
    def test_split(self, total: int, shares: dict[str, int]) -> None:
        """Exact shares, each cut to whole cents, the cents left over to the largest remainders,
        ties to the earlier."""
        assume(any(shares.values()))
        parts = split(total, shares)
        assert sum(parts.values()) == total
        assert split(-total, shares) == {id: -part for id, part in parts.items()}
        exact = {id: abs(total) * Fraction(share, sum(shares.values())) for id, share in shares.items()}
        wanted = {id: int(part) for id, part in exact.items()}
        while sum(wanted.values()) < abs(total):  # one cent to who is shortest of the exact share
            shortest = min(
                sorted(wanted), key=lambda id: (wanted[id] - exact[id] if wanted[id] <= exact[id] else 1, id)
            )
            wanted[shortest] += 1
        assert {id: abs(part) for id, part in parts.items()} == wanted

    @given(scenarios())
    def test_each_part_of_the_network(self, scenario: Scenario) -> None:
        """What stands at each subaward sums to each subrecipient's, each region's and the whole."""
        if claim := billed_or_refused(scenario):
            network = scenario.network
            allowed: Counter[str] = Counter()
            for line in claim.lines:
                allowed[line.subaward] += line.amount
            for limit in claim.reductions:
                allowed[limit.line.subaward] += limit.amount
            assert sum(allowed.values()) == cents(claim.total)
            assert set(allowed) == {party.subaward for party in claim.parties}
            regions: Counter[int] = Counter()
            for party in claim.parties:
                found = network.region_of(party.subaward)
                assert found is not None and party.region == found.number
                regions[party.region] += allowed[party.subaward]
            assert sum(regions.values()) == cents(claim.total)


# ---- Law 6 --------------------------------------------------------------------------------------------


def reduced(claim: Claim) -> dict[Line, int]:
    """What of each line stands after all ceilings; equal lines together."""
    allowed: Counter[Line] = Counter()
    for line in claim.lines:
        allowed[line] += line.amount
    for limit in claim.reductions:
        allowed[limit.line] += limit.amount
    return allowed


class TestLaw6:
    """No ceiling is exceeded. Raising one lowers nothing in sum that it lets through; what it
    displaces is named."""

    @given(scenarios())
    def test_a_subaward_pays_no_more_than_its_amount(self, scenario: Scenario) -> None:
        """Of a subaward with others below it, or with several reporters, the request says so
        (7.1.1, 7.1.6)."""
        parents = {subaward.parent for subaward in scenario.network.subawards}
        if claim := billed_or_refused(scenario):
            allowed: Counter[str] = Counter()
            for line, amount in reduced(claim).items():
                allowed[line.subaward] += amount
            asked: Counter[str] = Counter()
            for request in requests(assemble([claim]), scenario.network):
                asked.update(_asked(request)[-1])
            for subaward in (s for s in scenario.network.subawards if s.id not in parents and s.amount):
                assert subaward.period.end is not None
                most = in_force(subaward.amount.facts, subaward.period.end, claim.known)
                for sums in [asked] if len(subaward.reported_by) > 1 else [allowed, asked]:
                    assert sums[subaward.id] <= (most.value if most else 0)

    @given(scenarios())
    def test_a_participant_gets_no_more_than_the_highest_tier(self, scenario: Scenario) -> None:
        """Coarser than the oracle, and independent of it: in no window more than any amount that
        was ever known."""
        if claim := billed_or_refused(scenario):
            for award in scenario.network.awards:
                for ceiling in (c for c in award.terms.ceilings if c.choices["scope"].value == "participant"):
                    highest = max(f.value for series in ceiling.amounts.values() for f in series.facts)
                    windows: Counter[tuple[Participant, str]] = Counter()
                    elsewhere: Counter[Participant] = Counter()
                    kind = ceiling.choices["window"].value
                    for line, allowed in reduced(claim).items():
                        if line.award == award.fain and line.participant:
                            windows[line.participant, _window(kind, line)] += allowed
                            if kind == "enrollment_year" and allowed < 0:  # a credit makes room on other days
                                elsewhere[line.participant] -= allowed
                    assert all(allowed <= max(0, highest) + elsewhere[who] for (who, _), allowed in windows.items())

    @given(scenarios())
    def test_a_share_of_what_is_claimed(self, scenario: Scenario) -> None:
        """administration ≤ share ÷ (1 − share) × direct, on what stands at last (7.5)."""
        if claim := billed_or_refused(scenario):
            allowed = reduced(claim)
            for award in scenario.network.awards:
                ceilings = {ceiling.id: ceiling.choices for ceiling in award.terms.ceilings}
                for share in award.terms.shares:
                    kind = ceilings[share.of]["window"].value
                    if ceilings[share.of]["scope"].value == "subaward":
                        continue
                    if share.choices["base"].value != "claimed" or kind == "enrollment_year":
                        continue
                    pools: dict[tuple[Participant, str], Counter[bool]] = {}
                    for line, amount in allowed.items():
                        if line.award == award.fain and line.participant:
                            key = (line.participant, _window(kind, line))
                            pools.setdefault(key, Counter())[line.pool == share.pool] += amount
                    highest = max(share.at_most.facts, key=lambda fact: fact.value).value
                    for pool in pools.values():
                        assert pool[True] <= max(Fraction(0), highest / (1 - highest) * pool[False])

    @given(scenarios(), st.integers(1, 200_000))
    def test_raising_a_subaward(self, scenario: Scenario, more: int) -> None:
        subawards = tuple(
            evolve(s, amount=Series(s.amount.what, [evolve(f, value=Cents(f.value + more)) for f in s.amount.facts]))
            for s in scenario.network.subawards
        )
        before = billed_or_refused(scenario)
        after = billed_or_refused(evolve(scenario, network=evolve(scenario.network, subawards=subawards)))
        assert (before is None) == (after is None)
        if before and after:
            assert after.lines == before.lines
            assert cents(after.total) >= cents(before.total)

    @given(scenarios(), st.integers(1, 200_000))
    def test_raising_a_participants_ceiling(self, scenario: Scenario, more: int) -> None:
        """Of one ceiling without a share, so that nothing stands before it; later ceilings may hold
        back more."""
        first = with_terms(scenario.network, lambda terms: evolve(terms, ceilings=terms.ceilings[:1], shares=()))
        scenario = evolve(scenario, network=first)

        def raised(terms: Terms) -> Terms:
            ceilings = [
                evolve(
                    ceiling,
                    amounts={
                        tier: Series(series.what, [evolve(f, value=f.value + more) for f in series.facts])
                        for tier, series in ceiling.amounts.items()
                    },
                )
                for ceiling in terms.ceilings
            ]
            return evolve(terms, ceilings=tuple(ceilings))

        before = billed_or_refused(scenario)
        after = billed_or_refused(evolve(scenario, network=with_terms(scenario.network, raised)))
        assert (before is None) == (after is None)
        if before and after:
            assert after.lines == before.lines
            held = [sum(-x.amount for x in claim.reductions if x.name == "yearly") for claim in (before, after)]
            assert held[1] <= held[0]

    @given(scenarios())
    def test_what_is_held_back_is_named(self, scenario: Scenario) -> None:
        """A ceiling adds a negative line that names it and the line it limits. It changes no line
        (7.1, 7.7)."""
        if claim := billed_or_refused(scenario):
            lines = set(claim.lines)
            assert all(limit.amount < 0 and limit.line in lines and limit.name for limit in claim.reductions)
            assert all(min(0, line.amount) <= allowed for line, allowed in reduced(claim).items())
            assert cents(claim.earned) == sum(line.amount for line in claim.lines)
            assert cents(claim.held_back) == sum(limit.amount for limit in claim.reductions)
            assert claim.total == claim.earned + claim.held_back
            free = with_terms(scenario.network, _unlimited)
            subawards = tuple(evolve(s, amount=Series(s.amount.what)) for s in free.subawards)
            unlimited = billed(evolve(scenario, network=evolve(free, subawards=subawards)))
            assert Counter(map(plain, unlimited.lines)).keys() >= {x for x in map(plain, lines) if x.price is None}
            assert unlimited.reductions == ()


def _unlimited(terms: Terms) -> Terms:
    """Without ceilings, shares and capacity."""
    services = (
        evolve(service, provisions=tuple(p for p in service.provisions if p.kind != "capacity"))
        for service in terms.services
    )
    return evolve(terms, services=tuple(services), ceilings=(), shares=())


def _window(kind: str, line: Line) -> str:
    """What tells the windows of a line apart; of enrollment years, each day alone."""
    assert line.day is not None
    if kind == "budget_period":
        return line.budget_period
    if kind == "federal_fiscal_year":
        return str(line.day.year + (line.day.month >= 10))
    if kind == "calendar_year":
        return str(line.day.year)
    return str(line.day) if kind == "enrollment_year" else "award"


# ---- Law 9 --------------------------------------------------------------------------------------------

PRICED = re.compile(r"^(?:(\d+) × )?ROUND\((\d+)(?:/(\d+))? × ([\d.]+), 2\) = .*?([\d,]+\.\d\d) \(Rulebook 5\.1\)")
UNPAID = re.compile(
    r"^0(?: of 1 × [\d.]+ = 0\.00, because|\.00, because) "
    r"(?:at most \d+ months|enrolled \d+ days after|before the day of|beyond \d+ months|made known more|claimed more"
    r"|\d+ days? of absence|not enrolled on|fewer hours|more than the terms pay|the share of the month is"
    r"|[\d,.]+ is under|participants with the status)"
)
REPORTED = re.compile(r"^\d+ (?:actual cost|credit)s? reported for \d{4}-\d\d: (-?[\d,]+\.\d\d) \(Rulebook 5\.3\)")
HELD = re.compile(r"^([\d,]+\.\d\d) held back by (.*), which allows")


def _cents(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def explained(line: Line) -> int:
    """The amount in cents, worked out anew from the text of the explanation."""
    text = line.explain()
    if line.reason and not line.quantity:
        assert UNPAID.match(text), text
        return 0
    if line.rate is None:
        found = REPORTED.match(text)
        assert found, text
        return _cents(found[1])
    found = PRICED.match(text)
    assert found, text
    n, days, of, rate, said = found.groups()
    each = to_the_cent(100 * Fraction(int(days), int(of or 1)) * Fraction(rate))
    assert int(n or 1) * each == _cents(said)
    return int(n or 1) * each


class TestLaw9:
    """Amount, explanation and workbook formula agree."""

    @given(scenarios())
    def test_each_line_explains_its_amount(self, scenario: Scenario) -> None:
        if claim := billed_or_refused(scenario):
            for lines, limits in ((claim.lines, claim.reductions), (claim.counted().lines, claim.counted().reductions)):
                assert all(explained(line) == line.amount for line in lines)
                for limit in limits:
                    found = HELD.match(limit.explain())
                    assert found and -_cents(found[1]) == limit.amount
                    assert found[2] == f"{limit.name}, {limit.window}"

    @given(scenarios())
    def test_counted_lines(self, scenario: Scenario) -> None:
        """Equal lines are shown as n × ROUND(share × rate, 2): rounding precedes counting (5.1)."""
        if claim := billed_or_refused(scenario):
            counted = claim.counted()
            assert counted.total == claim.total
            assert counted.earned == claim.earned
            assert counted.held_back == claim.held_back
            assert all(line.participant is None for line in counted.lines)
            assert all(limit.line.participant is None for limit in counted.reductions)
            assert sum(line.count for line in counted.lines) == len(claim.lines)
            assert all(
                line.amount == line.count * line.rate.value.extend(line.quantity, line.divisor)
                for line in counted.lines
                if line.rate
            )
            same(_grouped(counted.lines), _grouped(claim.lines))

    @given(scenarios())
    def test_counted_limits(self, scenario: Scenario) -> None:
        """What goes up names each ceiling, and no participant."""
        if claim := billed_or_refused(scenario):
            sums: list[Counter[tuple[object, ...]]] = []
            for limits in (claim.reductions, claim.counted().reductions):
                held: Counter[tuple[object, ...]] = Counter()
                for x in limits:
                    held[x.name, x.window, x.line.subaward, x.line.service, x.line.phase, x.line.month] += x.amount
                sums.append(held)
            same(sums[1], sums[0])


def _grouped(lines: Iterable[Line]) -> Counter[tuple[object, ...]]:
    """Cents and numbers of lines by everything but the participant, the day and the document."""
    sums: Counter[tuple[object, ...]] = Counter()
    for x in lines:
        unpaid = x.reason if x.rate else ""
        key = (x.issuer, x.award, x.subaward, x.service, x.pool, x.phase, x.month, x.budget_period, x.rate, unpaid)
        sums["amount", *key, Fraction(x.quantity, x.divisor)] += x.amount
        sums["lines", *key, Fraction(x.quantity, x.divisor)] += x.count
    return sums


# ---- Law 10 -------------------------------------------------------------------------------------------


def _without_capacity(terms: Terms) -> Terms:
    """Capacity counts the persons of one claim (7.1.7)."""
    services = (
        evolve(service, provisions=tuple(p for p in service.provisions if p.kind != "capacity"))
        for service in terms.services
    )
    return evolve(terms, services=tuple(services))


class TestLaw10:
    """Claims billed apart and assembled equal the caseloads billed together, where nobody moved."""

    @given(scenarios(disallowing=True, issuers=2))
    def test_issuers_apart_at_one_subaward(self, scenario: Scenario) -> None:
        of = with_terms(scenario.network, _without_capacity)
        together = evolve(scenario, network=of, known=known_on(scenario))
        claims = [billed_or_refused(evolve(together, caseloads=(load,))) for load in together.caseloads]
        whole = billed_or_refused(together)
        assert (whole is None) == any(claim is None for claim in claims)
        if whole:
            apart = requests(assemble(claim for claim in claims if claim), of)
            assert [_asked(x) for x in requests(assemble([whole]), of)] == [_asked(x) for x in apart]


def _asked(request: Request) -> tuple[str, str, int, dict[str, int]]:
    """What is requested for a budget period, and what stands at each subaward."""
    sums: Counter[str] = Counter()
    for line in request.lines:
        sums[line.subaward] += line.amount
    for held in request.reductions:
        sums[held.line.subaward] += held.amount
    return request.award, request.budget_period, cents(request.amount), {**sums}
