"""Whole programmes and caseloads for property tests: any policy × payee × phase × window × tier × base, tight ceilings.

A `Scenario` is what one call of `bill` takes. Programmes are written as TOML and read, as a user's are. What billing
would refuse (a day at two subawards, a cost outside the period, equal costs) is not drawn; all else is meant to be.

Every choice is an index into a sequence whose simplest value stands first, so that an example shrinks to a page; and
the strategies of indexes are made once, since making them costs more than drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from attrs import evolve, fields, frozen
from hypothesis import strategies as st

from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import Caseload, Cost, Count, Enrollment, Household, Registration
from grantcalc.eligibility import Letter, Participant
from grantcalc.known import Fact, Series
from grantcalc.network import Network
from grantcalc.periods import Interval, Month, add_months
from grantcalc.provenance import Authority
from grantcalc.terms import Terms, read_terms

T = TypeVar("T")

RECORD = Authority("a record of the test")
LONG_AGO, LATE = date(2020, 1, 1), date(2027, 1, 1)
ONE_DAY = timedelta(days=1)

COUNTED = (
    *("actual_days", "any_day", "first_day", "following_month", "from_start", "mid_month"),
    *("anniversary", "once", "thirty_days", "actual_days"),
)
LETTERS = ("certification_letter", "eligibility_letter", "interim_assistance_letter")
PHASES = ("certified", "interim", "pre_certification")
WINDOWS = ("budget_period", "federal_fiscal_year", "calendar_year", "enrolment_year", "award")
RATES = ("600.00", "500.00", "550.00", "0.2375", "8.94125", "333.33", "71.53", "0.125", "0.00", "1000.00")
CAPS = (1000, 100, 500, 2000, 3000, 6000)
SHARES = ("0.40", "0.50", "0.25", "0.60", "0.333", "0.10", "0.00", "0.95")
AMOUNTS = (10_000, 1, 5, 33_333, 100_001, 250_000, 66_667)
CREDITS = (-1, -7, -20_000, -100_001)
OBLIGATED = (50_000, 0, 10_000, 123_457, 400_000)


@frozen(repr=False)
class Scenario:
    """What one call of `bill` takes. Its text is the whole example on a page, for the reader of a failure."""

    caseloads: tuple[Caseload, ...]
    network: Network
    through: Month
    known: date | None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # else hypothesis prints every field of every value
        printer.text(str(self))

    def __str__(self) -> str:
        rows = [f"through {self.through}, known {self.known}"]
        for award in self.network.awards:
            rows.append(f"award {award.fain}: {award.period}, " + ", ".join(f"{p.label} {p.days}" for p in award.budget_periods))
            for part in ("phases", "services", "ceilings", "shares"):
                rows += [f"{part} {id}: {_brief(found)}" for id, found in award.terms.document.get(part, {}).items()]
        rows += [f"{s.id} under {s.parent}: {s.period}; {_facts(s.amount)}" for s in self.network.subawards]
        for load in self.caseloads:
            rows.append(f"caseload of {load.issuer}, reported {load.report_date}")
            for row in (*load.participants, *load.letters, *load.households, *load.enrollments, *load.costs, *load.counts):
                values = [getattr(row, a.name) for a in fields(type(row)) if a.name != "source"]
                rows.append(f"  {type(row).__name__}: {', '.join(map(_brief, values))}")
        return "\n".join(rows)


def _facts(series: Series[int]) -> str:
    return ", ".join(f"{f.value} effective {f.effective} published {f.published}" for f in series.facts) or "no facts"


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} {_brief(v)}" for k, v in value.items() if k not in ("title", "cite")) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_brief, value)) + "]"
    return value.pseudonym if isinstance(value, Participant) else str(value)


# ---- choosing -----------------------------------------------------------------------------------------


@lru_cache(maxsize=None)
def _index(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


@lru_cache(maxsize=256)
def _days(first: date, last: date) -> tuple[date, ...]:
    """Each day, and once more those where rules turn: the span's borders, month ends, the 15th and 16th."""
    every = tuple(first + n * ONE_DAY for n in range((last - first).days + 1))
    turning = [d for d in every if d in (first, last) or d.day in (1, 15, 16) or (d + ONE_DAY).day == 1]
    return (*turning, *turning, *every)


@frozen
class Pick:
    """Choices, each the first of its kind where an example is simplest."""

    draw: st.DrawFn

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.draw(_index(len(choices)))] if len(choices) > 1 else choices[0]

    def number(self, least: int, most: int) -> int:
        return least + self.draw(_index(most - least + 1))

    def rarely(self, of: int = 4) -> bool:
        return self.number(0, of - 1) == of - 1

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """Up to so many different ones, in order."""
        chosen = {self.number(0, len(choices) - 1) for _ in range(most)}
        return [choices[index] for index in sorted(chosen)]

    def day(self, span: Interval, over: int = 0) -> date:
        """A day of a span, or up to `over` days after it."""
        return self.one(_days(span.start, end(span) + over * ONE_DAY))

    def days(self, span: Interval) -> Interval:
        """Some days of a span, perhaps with an open end."""
        first, last = sorted([self.day(span), self.day(span)])
        return Interval(first, None if self.rarely(3) else last)

    def published(self, span: Interval) -> date:
        """When it was known: mostly from the beginning, sometimes late."""
        return self.day(span, 90) if self.rarely(5) else LONG_AGO


def end(span: Interval) -> date:
    assert span.end is not None
    return span.end


def months(span: Interval) -> list[Month]:
    """The months that a span touches."""
    found = [Month.of(span.start)]
    while found[-1].last < end(span):
        found.append(found[-1].plus(1))
    return found


# ---- programmes ---------------------------------------------------------------------------------------


def dated(pick: Pick, span: Interval, values: Sequence[T], changes: int = 2) -> list[tuple[T, date, date]]:
    """A value long in force, and changes of it: in mid-month, known ahead, known late, two from one day on."""
    facts = [(pick.one(values), LONG_AGO, LONG_AGO)]
    for _ in range(pick.number(0, changes)):
        value, effective, published = pick.one(values), pick.day(span), pick.published(span)
        if all((effective, published) != fact[1:] for fact in facts):
            facts.append((value, effective, published))
    return facts


def rows(facts: Sequence[tuple[Any, date, date]], extra: str = "", unit: str = "") -> list[str]:
    """Dated values as entries of a TOML list."""
    quoted = [(f"'{value} {unit}'" if unit else value, *dates) for value, *dates in facts]
    return [f"{{ {extra}value = {v}, effective = {e}, published = {p}, cite = 'c' }}" for v, e, p in quoted]


def listed(key: str, items: Sequence[str]) -> str:
    return f"{key} = [\n" + "".join(f"    {item},\n" for item in items) + "]\n" if items else ""


def service(pick: Pick, id: str, pool: str, phases: Sequence[str], span: Interval) -> str:
    """A service paid by count, with rates for all phases or for one, and perhaps a limit of paid months."""
    text = f"[services.{id}]\ntitle = 'x'\npool = '{pool}'\ncite = 'c'\ncount = '{pick.one(COUNTED)}'\n"
    text += f"payee = '{pick.one(('first', 'last'))}'\n"
    text += f"phase_of_month = '{pick.one(('first', 'last', 'better_paid', 'better_paid'))}'\n"
    text += f"rate_by = '{pick.one(('service_day', 'service_day', 'service_day', 'enrolment_day', 'eligibility_day'))}'\n"
    rates, limits = rows(dated(pick, span, RATES), unit="USD"), []
    for phase in phases:
        if pick.rarely(2):
            rates += rows(dated(pick, span, RATES), f"phase = '{phase}', ", "USD")
        if pick.rarely(3):
            limits += rows(dated(pick, span, (1, 2, 3, 4), 1), f"phase = '{phase}', ")
    return text + listed("rates", rates) + listed("months", limits)


def ceiling(pick: Pick, id: str, span: Interval) -> str:
    """A participant's ceiling, alone or with a higher tier for family."""
    text = f"[ceilings.{id}]\ntitle = 'x'\ncite = 'c'\nwindow = '{pick.one(WINDOWS)}'\n"
    text += f"family = '{pick.one(('on_any_day', 'on_service_date'))}'\n"
    alone = dated(pick, span, CAPS, 1)
    amounts = rows(alone, "tier = 'alone', ", "USD").copy()
    if pick.rarely(2):
        more = pick.one((1500, 1, 100))
        amounts += rows([(cap + more, *dates) for cap, *dates in alone], "tier = 'with_family', ", "USD")
    return text + listed("amounts", [a.replace(" USD", ".00 USD") for a in amounts])


def share(pick: Pick, id: str, of: str, base: str, span: Interval) -> str:
    """A pool held to a share of a ceiling, or of what is claimed under it."""
    pool = pick.one(("administration", "administration", "direct"))
    text = f"[shares.{id}]\ntitle = 'x'\ncite = 'c'\npool = '{pool}'\nof = '{of}'\nbase = '{base}'\n"
    return text + listed("at_most", rows(dated(pick, span, SHARES, 1)))


def programme(pick: Pick, span: Interval) -> Terms:
    """Terms from the whole space of policies, windows, tiers and bases."""
    text = f"format = 1\nid = 'drawn'\ntitle = 'x'\nstatus = 'illustrative'\neffective = {LONG_AGO}\npublished = {LONG_AGO}\n"
    text += "[cite]\nc = 'the test'\n"
    phases = pick.one((("enrolled",), PHASES, PHASES))
    if phases == PHASES:
        text += "[phases]\ncertified = ['certification_letter', 'eligibility_letter']\n"
        text += "interim = ['interim_assistance_letter']\npre_certification = []\n"
    text += service(pick, "care", "administration", phases, span)
    if pick.rarely(2):
        text += service(pick, "stay", pick.one(("direct", "administration")), phases, span)
    for id, pool in (("expenses", "direct"), ("filing", "administration")):
        text += f"[services.{id}]\ntitle = 'x'\npool = '{pool}'\ncite = 'c'\ncount = 'actual_cost'\n"
    held = pick.one(((), ("yearly",), ("yearly",), ("yearly", "whole")))
    for id in held:
        text += ceiling(pick, id, span)
    for id in held:
        if base := pick.one(("", "authorized", "claimed", "claimed")):
            text += share(pick, f"share_{id}", id, base, span)
    return read_terms(text, "drawn.toml")


# ---- awards -------------------------------------------------------------------------------------------


def network(pick: Pick) -> Network:
    """One award of one or two budget periods; one to three subawards, one of them perhaps under another."""
    start = pick.one((date(2023, 10, 1), date(2024, 1, 1), date(2023, 11, 16), date(2024, 2, 29)))
    span = Interval(start, add_months(start, pick.number(3, 14)) - ONE_DAY)
    cut = pick.day(span)
    halves = [span]
    if pick.rarely(2) and cut > start:
        halves = [Interval(start, cut - ONE_DAY), Interval(cut, span.end)]
    plenty = Series("budget", [Fact(10**9, LONG_AGO, LONG_AGO, RECORD)])
    periods = tuple(BudgetPeriod(f"BP{n}", half, plenty) for n, half in enumerate(halves, 1))
    award = Award("90ZV0101", "PRIME", "HHS", "93.598", LONG_AGO, span, programme(pick, span), periods)
    subawards = []
    for n in range(1, pick.number(1, 3) + 1):
        parent = "S-1" if n > 1 and pick.rarely(3) else award.fain
        period = span
        if pick.rarely(4):
            first, last = sorted([pick.day(span), pick.day(span)])
            period = Interval(first, last)
        facts = []
        if pick.rarely(3):
            facts = [Fact(v, e, p, RECORD) for v, e, p in dated(pick, span, OBLIGATED)]
        subawards.append(Subaward(f"S-{n}", parent, f"ORG{n}", period, Series(f"amount of S-{n}", facts)))
    organizations = [Organization("PRIME", "Prime", state="VA")]
    organizations += [Organization(f"ORG{n}", "Sub", state=("TX", "GA", "IL")[n - 1]) for n in range(1, len(subawards) + 1)]
    return Network(LONG_AGO, tuple(organizations), (award,), tuple(subawards))


# ---- caseloads ----------------------------------------------------------------------------------------


def enrollments(pick: Pick, who: Participant, given: Network) -> list[Enrollment]:
    """Stretches at one subaward after another: moves in mid-month, gaps, equal and overlapping rows, an open end."""
    span = given.awards[0].period
    ids = [subaward.id for subaward in given.subawards]
    places = [*ids, *ids, given.awards[0].fain, ""]
    borders = sorted({pick.day(span, 20) for _ in range(pick.one((2, 2, 3, 4)))})
    found: list[Enrollment] = []
    for index, (first, following) in enumerate(zip(borders, borders[1:], strict=False)):
        if not (place := pick.one(places)):
            continue
        last = None if index == len(borders) - 2 and pick.rarely(3) else following - ONE_DAY
        row = Enrollment(who, place, Interval(first, last), pick.published(span), pick.rarely())
        found.append(row)
        if pick.rarely():  # some of these days again, known at another time
            found.append(evolve(row, days=Interval(first, pick.one(_days(first, following - ONE_DAY))), published=pick.published(span)))
    return found


def cost(pick: Pick, who: Participant, given: Network, number: int) -> Cost:
    """A cost or a credit, for the month of the day paid, for another, or for several."""
    subaward = pick.one(given.subawards)
    within = months(subaward.period)
    amount = pick.one(CREDITS) if pick.rarely(5) else pick.one(AMOUNTS) + pick.number(0, 50)
    named = pick.some(within, pick.one((0, 1, 2, 3)) or (amount < 0))
    paid = pick.day(subaward.period, 40 if named else 0)
    service = pick.one(("expenses", "expenses", "filing"))
    return Cost(who, subaward.id, service, "food", amount, paid, tuple(named), f"R{number}", pick.published(subaward.period))


def count(pick: Pick, given: Network) -> Count:
    """A bare count of a site."""
    terms, subaward = given.awards[0].terms, pick.one(given.subawards)
    counted = [s.id for s in terms.services if s.choices["count"].value != "actual_cost"]
    month, published = pick.one(months(subaward.period)), pick.published(subaward.period)
    return Count(subaward.id, pick.one(counted), pick.one(list(terms.phases)), month, pick.number(0, 200), published)


def caseload(pick: Pick, issuer: str, given: Network) -> Caseload:
    """One issuer's caseload of one to three participants."""
    span = given.awards[0].period
    held: dict[str, list[Any]] = {key: [] for key in ("participants", "letters", "households", "enrollments", "costs", "counts")}
    for n in range(1, pick.one((1, 1, 2, 3)) + 1):
        who = Participant(issuer, f"P{n}")
        held["participants"].append(Registration(who, pick.one(("adult", "child")), None, pick.day(span)))
        held["enrollments"] += enrollments(pick, who, given)
        held["letters"] += [
            Letter(who, pick.one(LETTERS), pick.days(span), pick.published(span)) for _ in range(pick.number(0, 2))
        ]
        held["households"] += [
            Household(who, pick.days(span), pick.one((1, 3, 0)), pick.published(span)) for _ in range(pick.number(0, 2))
        ]
        held["costs"] += [cost(pick, who, given, number) for number in range(pick.number(0, 4))]
    seen = set()
    for _ in range(pick.one((0, 0, 1, 2))):
        bare = count(pick, given)
        if (key := (bare.subaward, bare.service, bare.phase, bare.month)) not in seen:
            held["counts"].append(bare)
        seen.add(key)
    report = pick.day(span, 60) if pick.rarely() else LATE
    return Caseload(issuer, report, **{key: tuple(found) for key, found in held.items()})


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A programme, its network, one or two caseloads, and how far and as known when they are billed."""
    pick = Pick(draw)
    given = network(pick)
    span = given.awards[0].period
    loads = tuple(caseload(pick, f"ISSUER{n}", given) for n in range(1, pick.one((1, 1, 2)) + 1))
    through = pick.one(months(span)) if pick.rarely(3) else months(span)[-1]
    known = pick.day(span, 60) if pick.rarely(3) else pick.one((None, LATE))
    return Scenario(loads, given, through, known)
