"""The request against an oracle written from the rulebook alone (Rulebook 7.1, 8.4 and 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import filterfalse
from typing import Any, TypeVar

from attrs import evolve, frozen
from hypothesis import assume, given
from hypothesis import strategies as st

from grantcalc.awards import BooksFigure, Disallowance
from grantcalc.billing.caseload import Cost
from grantcalc.billing.claims import Claim, bill, network_inputs
from grantcalc.billing.lines import Line, Reduction
from grantcalc.errors import NotInForce
from grantcalc.forms import sf270, sf425
from grantcalc.known import Fact, Series
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, requests
from grantcalc.money import Cents, cents
from grantcalc.network import Network
from grantcalc.periods import Month
from tests.oracle_requests import Asked, Key, Memory, oracle_requests
from tests.strategies import LONG_AGO, RECORD, Scenario, scenarios
from tests.worked import COSTS, terms
from tests.worlds import FAIN, Period, Sub, books, caseload, cost, network, who

T = TypeVar("T")

FIGURES: tuple[dict[str, str], ...] = (
    *({}, {}, {"federal_share": "0.75"}, {"federal_share": "0.333"}, {"federal_share": "0"}),
    *({"indirect_rate": "0.15", "indirect_base": "333.33"}, {"outlays_estimated": "90.00"}),
    *({"program_income_deducted": "50.01"}, {"recipient_share": "77.77"}, {"match": "0.5"}),
    {"federal_share": "0.75", "indirect_rate": "0.1", "indirect_base": "100.05", "outlays_estimated": "10.00"},
    {"indirect_rate": "0.1", "indirect_base": "5000.00", "program_income_deducted": "20.00", "recipient_share": "1.00"},
)


def with_books(network: Network, said: dict[str, str], obligated: int) -> Network:
    """The same network: each budget period has so many cents, and the recipient's books say this of
    it."""
    series = Series("obligated", [Fact(Cents(obligated), LONG_AGO, LONG_AGO, RECORD)])
    awards = tuple(
        evolve(a, budget_periods=tuple(evolve(p, amount=series) for p in a.budget_periods)) for a in network.awards
    )
    figures = tuple(
        BooksFigure(
            award=a.fain, budget_period=p.label, name=name, value=Decimal(value), effective=LONG_AGO, published=LONG_AGO
        )
        for a in awards
        for p in a.budget_periods
        for name, value in said.items()
    )
    return evolve(network, awards=awards, financials=figures)


def allowed(found: Request) -> dict[tuple[str, str, str, str, Month], int]:
    """What is allowed by issuer, subaward, service, pool and month."""
    sums: Counter[tuple[str, str, str, str, Month]] = Counter()
    for line in found.lines:
        sums[line.issuer, line.subaward, line.service, line.pool, line.month] += line.amount
    for held in found.reductions:
        line = held.line
        sums[line.issuer, line.subaward, line.service, line.pool, line.month] += held.amount
    return dict(sums)


def agree(found: Sequence[Request], wanted: dict[Key, Asked]) -> None:
    """Each request is the oracle's: what is allowed, on hold and asked, and every line of the
    form."""
    assert [(r.award, r.budget_period) for r in found] == sorted(wanted)
    for r in found:
        asked = wanted[r.award, r.budget_period]
        assert allowed(r) == dict(asked.allowed)
        assert r.on_hold == sum(asked.on_hold.values())
        form = {line.line: line.amount for line in sf270(r).lines}
        assert form == asked.form
        assert form["11e"] == asked.form["11c"] + asked.form["11d"]
        assert form["11g"] == asked.form["11e"] - asked.form["11f"]
        assert sf425(r).line("10e").amount == asked.spent
        assert cents(r.to_be_returned) == asked.to_be_returned
        assert cents(r.amount) == (0 if r.closed_out else asked.form["11i"])


def claims_of(scenario: Scenario) -> list[Claim] | None:
    """Each caseload billed apart, or None where something is not in force."""
    known = scenario.known or max(scenario.network.report_date, *(c.report_date for c in scenario.caseloads))
    try:
        return [bill(c, scenario.network, scenario.through, known) for c in scenario.caseloads]
    except NotInForce:
        return None


class TestAnyProgram:
    """By award and budget period: federal share of Σ posted, less holds, less what was requested
    before (9.1)."""

    @given(
        scenarios(disallowing=True),
        st.sampled_from(FIGURES),
        st.sampled_from([10**8, 0, 1, 5_000, 60_000]),
        st.booleans(),
    )
    def test_of_what_is_claimed(self, scenario: Scenario, said: dict[str, str], obligated: int, counted: bool) -> None:
        network = with_books(scenario.network, said, obligated)
        claims = claims_of(evolve(scenario, network=network))
        assume(claims)
        ledger = Ledger()
        for claim in claims or []:
            ledger = ledger.post(claim.counted() if counted else claim)
        agree(requests(ledger, network), oracle_requests(claims or [], network, ledger.known))


SERVICES = COSTS + COSTS.replace("costs", "admin", 1).replace("direct", "administration")
CAP = (
    '[ceilings.{id}]\ntitle = "Cap"\ncite = "m"\nscope = "{id}"\nwindow = "{window}"\n'
    'amounts = [{{ tier = "alone", value = "{dollars}.00 USD", @ }}]\n'
)
SHARE = (
    '[shares.of_{id}]\ntitle = "Share"\ncite = "m"\npool = "administration"\nof = "{id}"\nbase = "{base}"\n'
    "at_most = [{{ value = {value}, @ }}]\n"
)
PERIODS = (
    (Period("BP1", "2024-01-01", "2024-12-31"),),
    (Period("BP1", "2024-01-01", "2024-02-29"), Period("BP2", "2024-03-01", "2024-12-31")),
)
ISSUERS = ("SITE", "A", "B")
PLACES = ("S-1", "S-2", "S-3", FAIN)
MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")
DOLLARS = (500, 100, 900, 333, 1_000, -300, -1_000, 1, 50)
DAYS = tuple(date(2026, 1, 10) + timedelta(days=10 * n) for n in range(4))


@frozen
class Step:
    """What comes in between two requests: an advance; costs, and who bills then; then holds begun
    or lifted, and a budget period that is closed out; and whether a request is made."""

    advance: int
    costs: tuple[Cost, ...]
    bills: tuple[str, ...]
    holds: tuple[str, ...]
    closes: str
    asks: bool


@frozen(repr=False)
class History:
    """A network, and what happens under its award step by step."""

    network: Network
    steps: tuple[Step, ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # else hypothesis prints every field of every value
        printer.text(str(self))

    def __str__(self) -> str:
        (award,) = self.network.awards
        rows = [f"{part}: {award.terms.document.get(part)}" for part in ("ceilings", "shares")]
        rows += [f"{p.label}: {p.amount.facts[0].value}" for p in award.budget_periods]
        for s in self.network.subawards:
            facts = [(f.value, str(f.published)) for f in s.amount.facts]
            rows.append(f"{s.id} under {s.parent} by {s.reported_by}: {facts}")
        rows += [f"{f.budget_period} {f.name} {f.value}" for f in self.network.financials]
        for d in self.network.disallowances:
            rows.append(f"{d.reference}: {d.amount} of {d.subaward} {d.service} {d.month} published {d.published}")
        for step in self.steps:
            for c in step.costs:
                whose = c.participant.issuer if c.participant else f"site of {c.reference}"
                rows.append(f"  {whose} {c.subaward} {c.service} {c.amount} {c.months[0]}")
            rows.append(f"  advance {step.advance}, bills {step.bills}, holds {step.holds}")
            rows.append(f"  closes {step.closes!r}, asks {step.asks}")
        return "\n".join(["", *rows])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Costs and credits at three subawards, nested or not, and at the award itself, under tight
    amounts."""

    def one(*choices: T) -> T:
        return draw(st.sampled_from(choices))

    text = SERVICES
    for id in ("participant", "subaward"):
        if one(False, True):
            window = one("budget_period", "calendar_year", "award")
            text += CAP.format(id=id, window=window, dollars=one(500, 1_000, 5_000))
            if base := one("", "claimed", "authorized"):
                text += SHARE.format(id=id, base=base, value=one("0.40", "0.50", "0.10", "1.00"))
    reporters = {id: one(("A",), ("A", "B"), ("B",), ("SITE",)) for id in PLACES[:3]}
    subs = [Sub(id, None, one(FAIN, *PLACES[:n]), reporters[id]) for n, id in enumerate(PLACES[:3])]
    periods = tuple(evolve(p, cents=one(10**7, 1_000_00, 600_00, 0)) for p in one(*PERIODS))
    said = {p.label: one(*FIGURES) for p in periods}
    given = network(
        terms(text),
        subs,
        periods,
        financials=tuple(books(name, value, label) for label in said for name, value in said[label].items()),
        disallowances=tuple(draw(_disallowances())),
    )
    given = evolve(given, subawards=tuple(evolve(s, amount=draw(_amounts())) for s in given.subawards))
    reporting = [(issuer, id) for id, issuers in [*reporters.items(), (FAIN, ("SITE",))] for issuer in issuers]
    steps = []
    for n in range(one(1, 2, 3)):
        costs = []
        for number in range(draw(st.integers(1 if n == 0 else 0, 7))):
            issuer, id = one(*reporting)
            person = who("P-1", issuer) if one(True, False) else None
            reference = f"{issuer} {n} {number}"
            service = one("costs", "costs", "admin")
            costs.append(cost(person, 100 * one(*DOLLARS), one(*MONTHS), id, service, reference, DAYS[n]))
        bills = ISSUERS if n == 0 or one(True, False) else one(*[(i,) for i in ISSUERS])
        holds = draw(st.lists(st.sampled_from(PLACES), max_size=2, unique=True))
        advance = one(0, 0, 400_00, 30_00)
        steps.append(Step(advance, tuple(costs), bills, tuple(holds), one("", "", "", "BP1"), one(True, True, False)))
    return History(given, tuple(steps))


@st.composite
def _amounts(draw: st.DrawFn) -> Series[int]:
    """What is obligated for a subaward: nothing, or an amount that may change when it is billed for
    the second time."""
    amounts = draw(st.sampled_from([(), (), (100_000,), (50_000,), (0,)]))
    changes = draw(st.booleans())
    facts: list[Fact[int]] = [Fact(Cents(cents), LONG_AGO, LONG_AGO, RECORD) for cents in amounts]
    if facts and changes:
        facts.append(Fact(Cents(draw(st.sampled_from([20_000, 0, 90_000]))), LONG_AGO, DAYS[1], RECORD))
    return Series("amount", facts)


@st.composite
def _disallowances(draw: st.DrawFn) -> list[Disallowance]:
    """Up to two, each known at one of the steps; some taken back in part."""
    found = []
    for n in range(draw(st.integers(0, 2))):
        place, service = draw(st.sampled_from(PLACES)), draw(st.sampled_from(("costs", "admin")))
        month, cents = Month.parse(draw(st.sampled_from(MONTHS))), draw(st.sampled_from((10_000, 1, 70_000)))
        row = Disallowance(
            subaward=place,
            service=service,
            month=month,
            amount=Cents(cents),
            reference=f"D-{n}",
            published=draw(st.sampled_from(DAYS[:3])),
        )
        found.append(row)
        if draw(st.booleans()):
            found.append(evolve(row, amount=Cents(-(cents // 2) - 1), published=DAYS[2]))
    return found


def as_posted(claim: Claim, before: Claim | None, closed_out: set[Key]) -> Claim:
    """What stands of a claim: of a budget period that was closed out, what stood before (8.3)."""

    def frozen_in(item: Line | Reduction) -> bool:
        line = line_of(item)
        return (line.award, line.budget_period) in closed_out

    return evolve(
        claim,
        lines=(*filterfalse(frozen_in, claim.lines), *filter(frozen_in, before.lines if before else ())),
        reductions=(
            *filterfalse(frozen_in, claim.reductions),
            *filter(frozen_in, before.reductions if before else ()),
        ),
    )


class TestAnyHistory:
    """A hold stops what has not been requested yet; a budget period that was closed out makes no
    further request; what is disallowed or limited at a subaward of several reporters is taken once
    (9.4, 9.5, 7.1.6)."""

    @given(histories())
    def test_step_by_step(self, history: History) -> None:
        of, ledger, memory = history.network, Ledger(), Memory()
        costs: list[tuple[str, Cost]] = []
        latest, posted = dict[str, Claim](), dict[str, Claim]()

        def compare(known: date) -> dict[Key, Asked]:
            wanted = oracle_requests([*posted.values()], of, known, memory, [*latest.values()])
            agree(requests(ledger, of, known), wanted)
            return wanted

        for step, known in zip(history.steps, DAYS, strict=False):
            costs += [(c.reference.split()[0], c) for c in step.costs]
            if step.advance:
                inputs = tuple(network_inputs(of))  # as every request has that `ask` enters
                ledger = ledger.with_request(known, FAIN, "BP1", Cents(step.advance), "advance", inputs=inputs)
                memory.before[FAIN, "BP1"] += step.advance
                memory.advanced[FAIN, "BP1"] += step.advance
            for issuer in step.bills:
                own = [c for i, c in costs if i == issuer]
                load = caseload([who("P-1", issuer)], issuer, known, costs=own)
                latest[issuer] = bill(load, of, Month(2024, 4), known)
                posted[issuer] = as_posted(latest[issuer], posted.get(issuer), memory.closed_out)
                ledger = ledger.post(latest[issuer])
            wanted = compare(known)
            if step.asks:
                ledger = ask(ledger, of, known).ledger
                memory.remember(wanted)
                assert not any(asked.form["11i"] for asked in compare(known).values())
            for id in step.holds:
                held = id in memory.held
                ledger = ledger.release(id, known) if held else ledger.hold(id, "a visit", known, of)
                memory.held ^= {id}
            period = (FAIN, step.closes)
            if period in wanted and wanted[period].allowed and period not in memory.closed_out:
                ledger = ledger.close_out(*period, known)
                memory.closed_out.add(period)
            compare(known)
