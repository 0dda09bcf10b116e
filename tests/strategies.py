"""Whole programs and caseloads for property tests: any policy × payee × phase × window × tier ×
base, tight ceilings.

A `Scenario` is what one call of `bill` takes. Programs are written as TOML and read, as a user's
are. What billing would refuse (a day at two subawards, a cost outside the period, equal costs) is
not drawn; all else is meant to be.

Every choice is an index into a sequence whose simplest value stands first, so that an example
shrinks to a page; and the strategies of indexes are made once, since making them costs more than
drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from attrs import evolve, fields, frozen
from hypothesis import strategies as st

from grantcalc.awards import Award, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing.caseload import (
    ROWS,
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.eligibility import Letter, Participant
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month, add_months
from grantcalc.provenance import Authority
from grantcalc.terms import Service, Terms, read_terms
from tests.oracle import SAME

T = TypeVar("T")

RECORD = Authority("a record of the test")
LONG_AGO, LATE = date(2020, 1, 1), date(2027, 1, 1)
ONE_DAY = timedelta(days=1)

COUNTED = (
    *("actual_days", "any_day", "first_day", "following_month", "from_start", "from_start_thirty", "mid_month"),
    *("anniversary", "once", "thirty_days", "actual_days"),
    *("day", "hour", "unit"),
)
BY_PERIOD = ("any_day", "first_day", "from_start", "anniversary")
RATE_BY = ("service_day", "service_day", "service_day", "enrollment_day", "arrival_day", "eligibility_day")
LETTERS = ("certification_letter", "eligibility_letter", "interim_assistance_letter")
PHASES = ("certified", "interim", "pre_certification")
WINDOWS = ("budget_period", "federal_fiscal_year", "calendar_year", "enrollment_year", "award")
RATES = ("600.00", "500.00", "550.00", "0.2375", "8.94125", "333.33", "71.53", "0.125", "0.00", "1000.00")
SCOPES = ("participant", "participant", "subaward")
CAPS = (1000, 100, 500, 2000, 3000, 6000)
SHARES = ("0.40", "0.50", "0.25", "0.60", "0.333", "0.10", "0.00", "0.95")
ISSUERS = ("ISSUER1", "ISSUER2")
AMOUNTS = (10_000, 1, 5, 33_333, 100_001, 250_000, 66_667)
CREDITS = (-1, -7, -20_000, -100_001)
OBLIGATED = (50_000, 0, 10_000, 123_457, 400_000)
UNITS = ("meal", "snack")
CLASSES = ("", "tier_1", "tier_2")
FIGURES = {
    "daily_cost": ("80.00", "500", "0.5", "333.33", "0"),
    "other_sources": ("15.00", "0", "90", "0.125"),
    "occupancy": ("0.95", "0.90", "0.89", "0"),
    "maximum_enrollment": ("1", "2", "0", "3", "1.5"),
}


NUMBERS = {
    "income": ("200.00", "0", "1200", "33.333"),
    "disregard": ("20", "0", "500.01"),
}
DIMENSIONS = """
[dimensions.quality]
of = 'site'
words = ['star', 'plain']
[dimensions.age]
of = 'participant'
words = ['infant', 'older']
[dimensions.place]
of = 'state'
words = ['near', 'far']
states = { TX = 'far', GA = 'far' }
other = 'near'
"""
WORDS = {"quality": ("star", "plain"), "age": ("infant", "older"), "place": ("near", "far")}


@frozen(repr=False)
class Scenario:
    """What one call of `bill` takes. Its text is the whole example on a page, for the reader of a
    failure."""

    caseloads: tuple[Caseload, ...]
    network: Network
    through: Month
    known: date | None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # else hypothesis prints every field of every value
        printer.text(str(self))

    def __str__(self) -> str:
        rows = [f"through {self.through}, known {self.known}"]
        for award in self.network.awards:
            rows.append(
                f"award {award.fain}: {award.period}, " + ", ".join(f"{p.label} {p.days}" for p in award.budget_periods)
            )
            for part in ("phases", "services", "ceilings", "shares"):
                rows += [f"{part} {id}: {_brief(found)}" for id, found in award.terms.document.get(part, {}).items()]
        rows += [f"{s.id} under {s.parent}: {s.period}; {_facts(s.amount)}" for s in self.network.subawards]
        rows += [
            f"disallowed {d.reference}: {d.amount} of {d.subaward} {d.service} {d.month} published {d.published}"
            for d in self.network.disallowances
        ]
        for load in self.caseloads:
            rows.append(f"caseload of {load.issuer}, reported {load.report_date}")
            for row in (row for kind in ROWS for row in getattr(load, kind)):
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


@cache
def _index(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


@lru_cache(maxsize=256)
def _days(first: date, last: date) -> tuple[date, ...]:
    """Each day, and once more those where rules turn: the span's borders, month ends, the 15th and
    16th."""
    every = tuple(first + n * ONE_DAY for n in range((last - first).days + 1))
    turning = [d for d in every if d in (first, last) or d.day in (1, 15, 16) or (d + ONE_DAY).day == 1]
    return (*turning, *turning, *every)


@frozen
class Pick:
    """Choices, each the first of its kind where an example is simplest; `patchy` leaves days on
    which nothing holds."""

    draw: st.DrawFn
    patchy: bool = False

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


# ---- programs ---------------------------------------------------------------------------------------


def dated(
    pick: Pick, span: Interval, values: Sequence[T], changes: int = 2, *, gap: bool = False
) -> list[tuple[T, date, date]]:
    """A value long in force, and changes of it: in mid-month, known ahead, known late, two from one
    day on.

    With `gap`, even the first may come into force, or be known, only in the course of the span.
    """
    first = (pick.day(span), pick.published(span)) if gap and pick.rarely(2) else (LONG_AGO, LONG_AGO)
    facts = [(pick.one(values), *first)]
    for _ in range(pick.number(0, changes)):
        value, effective, published = pick.one(values), pick.day(span), pick.published(span)
        if all((effective, published) != fact[1:] for fact in facts):
            facts.append((value, effective, published))
    return facts


def rows(facts: Sequence[tuple[Any, date, date]], extra: str = "", unit: str = "") -> list[str]:
    """Dated values as entries of a TOML list."""
    quoted = f"'{{}} {unit}'" if unit else "{}"
    return [
        f"{{ {extra}value = {quoted.format(value)}, effective = {effective}, published = {published}, cite = 'c' }}"
        for value, effective, published in facts
    ]


def listed(key: str, items: Sequence[str]) -> str:
    return f"{key} = [\n" + "".join(f"    {item},\n" for item in items) + "]\n" if items else ""


def absences(pick: Pick, facts: list[tuple[Any, date, date]]) -> list[str]:
    """One or two provisions for absences: paid to a limit of days or hours, of a stay or a year,
    cut or all or none."""
    found: list[str] = []
    for kind in pick.some(("hospital", "other", "any"), 2):
        unit = pick.one(("day", "hour", "percent"))
        per = pick.one(("stay", "month", "calendar_year", "federal_fiscal_year")) if unit != "percent" else "month"
        extra = f"kind = '{kind}', unit = '{unit}', per = '{per}', "
        extra += f"beyond = '{pick.one(('cut', 'cliff'))}', "
        if pick.rarely(3):
            extra += f"when = 'occupancy', at_least = {pick.one(('0.90', '0.5'))}, "
        more = pick.number(0, 2)
        found += rows([((v + more) * {"hour": 24, "percent": 7, "day": 1}[unit], e, p) for v, e, p in facts], extra)
    return found


def maxima(pick: Pick, span: Interval) -> list[str]:
    """Daily maxima of units: some together, in one or two options, or for every option."""
    found: list[str] = []
    for option in pick.one((("",), ("1", "2"), ("1", "2"), ("", "1", "2"))):
        for of in pick.one(((UNITS,), (UNITS[:1], UNITS[1:]), (UNITS[1:],), (UNITS, UNITS[1:]))):
            extra = f"option = {option}, " if option else ""
            extra += f"of = [{', '.join(repr(unit) for unit in of)}], "
            found += rows(dated(pick, span, (1, 2, 0, 3), 1, gap=True), extra)
    return found


def served(pick: Pick, span: Interval) -> list[str]:
    """For how many days people of some statuses are served."""
    found = []
    for status in pick.some(STATUSES, 2):
        found += rows(dated(pick, span, (0, 0, 10, 42), 1, gap=True), f"status = '{status}', ")
    return found


STATUSES = ("us_citizen", "unscreened", "other")
PROVIDED = (
    "served_days",
    "eligible_months",
    "enroll_within",
    "look_back",
    "claim_within",
    "capacity",
    "lesser_of",
    "deduct",
    "multiplier",
    "slope",
    "uplift",
    "rounding",
    "share_decimals",
    "floor",
    "carve",
)
ROUNDED = (
    "of = 'price', only = 'every_month'",
    "of = 'amount', only = 'every_month'",
    "of = 'amount', only = 'first_month'",
)
ROUNDINGS = ("down", "nearest", "up")
SHARED = ("actual_days", "thirty_days", "from_start", "from_start_thirty")
OF_POLICY = {"day": ("absence", "absence"), "hour": ("daily_cap", "hours_of_day"), "unit": ("units_a_day", "parts")}


def provisions(pick: Pick, count: str, span: Interval, *, free: bool) -> str:
    """Some provisions of a service, each perhaps not there yet, and perhaps changing; of one that
    is free of limits by the month perhaps instalments."""
    text = ""
    if free and pick.rarely(2):
        extra = f"every = '{pick.one(('month', 'quarter'))}', {pick.one(('', 'due = 15, ', 'due = 28, '))}"
        text = listed("instalments", rows(dated(pick, span, (3, 1, 7), 1, gap=True), extra))
    own: tuple[str, ...] = OF_POLICY.get(count, ())
    own = () if count == "day" and pick.rarely() else own  # a stay may pay no absence at all
    if count == "hour" and pick.rarely(3):
        own = ("bands",)
    for kind in dict.fromkeys((*own, *pick.some(PROVIDED, pick.one((0, 1, 2, 3))))):

        def entries(values: Sequence[Any], extra: str = "", unit: str = "", kind: str = kind) -> list[str]:
            return rows(dated(pick, span, values, 1, gap=kind not in ("absence", "hours_of_day")), extra, unit)

        of = pick.one(("arrived", "eligible")) if kind in ("eligible_months", "enroll_within") else ""
        if kind == "absence":
            found = absences(pick, dated(pick, span, (2, 1, 3, 10), 1))
        elif kind == "units_a_day":
            found = maxima(pick, span)
        elif kind == "bands":
            found = entries((1, 2), "unit = 'meal', ") + entries((3, 4), "unit = 'snack', then = 'hour', ")
        elif kind == "parts":
            found = entries((4, 3), f"of = '{pick.one(UNITS)}', ") if pick.rarely(2) else []
        elif kind == "served_days":
            found = served(pick, span)
        elif kind == "eligible_months":
            found = entries((2, 1, 4, 0), f"since = '{of}', by = '{pick.one(('calendar_months', 'actual_date'))}', ")
        elif kind == "enroll_within":
            found = entries((31, 10, 0), f"of = '{of}', ")
        elif kind == "capacity" and free:
            found = []
        elif kind == "capacity":
            found = entries(("1.00", "0.50", "0.95"), "figure = 'maximum_enrollment', ")
        elif kind in ("lesser_of", "deduct"):
            whose = pick.one(
                (
                    "figure = 'daily_cost', ",
                    "figure = 'daily_cost', less = ['other_sources'], whose = 'site', ",
                    "figure = 'income', less = ['disregard'], whose = 'participant', ",
                )
            )
            found = entries(("1.00", "0.50"), whose)
        elif kind == "multiplier":
            of = pick.one((*WORDS, "class"))
            found = entries(("1.17", "0.5", "0"), f"of = '{of}', is = '{pick.one(WORDS.get(of, CLASSES[1:]))}', ")
        elif kind == "slope":
            found = entries(("70.00", "0.333"), f"above = {pick.number(1, 3)}, ", "USD")
        elif kind == "uplift":
            on = pick.one(("", "on = 'cost', ", "on = 'price', "))
            found = entries(("0.50", "0.1"), f"per = '{pick.one(('minor', 'family', 'household'))}', {on}")
        elif kind == "rounding":
            of, how = pick.one(ROUNDED), pick.one(ROUNDINGS)
            found = entries(("1.00", "0.05", "0.001"), f"{of}, how = '{how}', ", "USD")
        elif kind == "share_decimals":
            found = entries((4, 1, 0), f"how = '{pick.one(ROUNDINGS)}', ") if count in SHARED else []
        elif kind == "floor":
            on = pick.one(("", "on = 'exact', "))
            found = entries(
                ("10.00", "300.00", "0.01"), f"{on}only = '{pick.one(('every_month', 'first_month'))}', ", "USD"
            )
        elif kind == "carve" and (free or "of = 'amount'" in text):
            found = []  # an amount that is rounded as a whole, or paid in instalments, is not divided
        elif kind == "carve":
            found = entries(
                ("100.00", "0.10", "1000.00"), f"pool = '{pick.one(('direct', 'administration'))}', ", "USD"
            )
        else:
            found = entries(
                {"look_back": (3, 0, 40), "claim_within": (60, 0, 10), "daily_cap": (8, 3), "hours_of_day": (8, 7)}[
                    kind
                ]
            )
        text += listed(kind, found)
    return text


def service(pick: Pick, id: str, pool: str, phases: Sequence[str], span: Interval) -> str:
    """A service paid by count: rates for all, and some by phase, unit, class or size; perhaps a
    limit of paid months; perhaps provisions."""
    count = pick.one(COUNTED)
    text = f"[services.{id}]\ntitle = 'x'\npool = '{pool}'\ncite = 'c'\ncount = '{count}'\n"
    text += f"payee = '{pick.one(('first', 'last'))}'\n"
    text += f"restored = '{pick.one(('following_month', 'from_start'))}'\n"
    text += f"phase_of_month = '{pick.one(('first', 'last', 'better_paid', 'better_paid'))}'\n"
    text += f"rate_by = '{pick.one(RATE_BY)}'\n"
    free = count in BY_PERIOD and pick.rarely(2)
    if free:
        fiscal = () if count == "anniversary" else ("federal_fiscal_year",)
        text += f"period = '{pick.one(('month', 'quarter', 'year', *fiscal))}'\n"
    rates, limits = rows(dated(pick, span, RATES, gap=pick.patchy), unit="USD"), []
    for phase in phases:
        if pick.rarely(2):
            rates += rows(dated(pick, span, RATES, gap=True), f"phase = '{phase}', ", "USD")
        if pick.rarely(3) and not free:
            limits += rows(dated(pick, span, (1, 2, 3, 4), 1, gap=True), f"phase = '{phase}', ")
    if count in ("hour", "unit"):
        for unit in UNITS:
            rates += rows(dated(pick, span, RATES, 1, gap=True), f"unit = '{unit}', ", "USD")
        rates += rows(dated(pick, span, RATES, 1, gap=True), "unit = 'meal', class = 'tier_2', ", "USD")
    for key in pick.some(
        ("size = 1, ", "size = 2, ", "size = 3, ", "class = 'tier_1', ", "class = 'tier_1', size = 2, "), 2
    ):
        rates += rows(dated(pick, span, RATES, 1, gap=True), key, "USD")
    for name in pick.some([*WORDS], 2) if pick.rarely(3) else ():
        also = pick.one(("", "", "size = 2, ", "phase = 'certified', " if "certified" in phases else ""))
        rates += rows(dated(pick, span, RATES, 1, gap=True), f"{name} = '{pick.one(WORDS[name])}', {also}", "USD")
    return text + listed("rates", rates) + listed("months", limits) + provisions(pick, count, span, free=free)


def ceiling(pick: Pick, id: str, span: Interval) -> str:
    """A participant's ceiling, alone or with a higher tier for family."""
    text = f"[ceilings.{id}]\ntitle = 'x'\ncite = 'c'\nwindow = '{pick.one(WINDOWS)}'\n"
    text += f"family = '{pick.one(('on_any_day', 'on_service_date'))}'\n"
    text += f"amount_on = '{pick.one(('window_end', 'window_end', 'award_date'))}'\n"
    text += f"scope = '{pick.one(SCOPES) if text.find('enrollment_year') < 0 else 'participant'}'\n"
    alone = dated(pick, span, CAPS, 1, gap=pick.patchy)
    amounts = rows(alone, "tier = 'alone', ", "USD").copy()
    if pick.rarely(2):
        more = pick.one((1500, 1, 100))
        amounts += rows(
            [(cap + more, effective, known) for cap, effective, known in alone], "tier = 'with_family', ", "USD"
        )
    return text + listed("amounts", [a.replace(" USD", ".00 USD") for a in amounts])


def share(pick: Pick, id: str, of: str, pool: str, base: str, span: Interval) -> str:
    """A pool held to a share of a ceiling, or of what is claimed under it."""
    text = f"[shares.{id}]\ntitle = 'x'\ncite = 'c'\npool = '{pool}'\nof = '{of}'\nbase = '{base}'\n"
    return text + listed("at_most", rows(dated(pick, span, SHARES, 1, gap=pick.patchy)))


def program(pick: Pick, span: Interval) -> Terms:
    """Terms from the whole space of policies, windows, tiers and bases."""
    text = "format = 1\nid = 'drawn'\ntitle = 'x'\nstatus = 'illustrative'\n"
    text += f"effective = {LONG_AGO}\npublished = {LONG_AGO}\n"
    text += "[cite]\nc = 'the test'\n"
    phases = pick.one((("enrolled",), PHASES, PHASES))
    if phases == PHASES:
        text += "[phases]\ncertified = ['certification_letter', 'eligibility_letter']\n"
        text += "interim = ['interim_assistance_letter']\npre_certification = []\n"
    text += DIMENSIONS
    text += service(pick, "care", "administration", phases, span)
    if pick.rarely(2):
        text += service(pick, "stay", pick.one(("direct", "administration")), phases, span)
    for id, pool in (("expenses", "direct"), ("filing", "administration")):
        text += f"[services.{id}]\ntitle = 'x'\npool = '{pool}'\ncite = 'c'\ncount = 'actual_cost'\n"
        text += listed("served_days", served(pick, span)) if pick.rarely(2) else ""
    held = pick.one(((), ("yearly",), ("yearly",), ("yearly", "whole")))
    for id in held:
        text += ceiling(pick, id, span)
    pool = pick.one(("administration", "administration", "direct"))  # one: shares of both pools may exclude each other
    for id in held:
        if base := pick.one(("", "authorized", "claimed", "claimed")):
            text += share(pick, f"share_{id}", id, pool, base, span)
    return read_terms(text, "drawn.toml")


# ---- awards -------------------------------------------------------------------------------------------


def award(pick: Pick, fain: str, number: int) -> tuple[Award, list[Subaward]]:
    """An award of one or two budget periods; one to three subawards, one of them perhaps under
    another."""
    start = pick.one((date(2023, 10, 1), date(2024, 1, 1), date(2023, 11, 16), date(2024, 2, 29), date(2024, 8, 16)))
    span = Interval(start, add_months(start, pick.number(3, 14)) - ONE_DAY)
    cut = pick.day(span)
    halves = [span]
    if pick.rarely(2) and cut > start:
        halves = [Interval(start, cut - ONE_DAY), Interval(cut, span.end)]
    plenty = Series("budget", [Fact(Cents(10**9), LONG_AGO, LONG_AGO, RECORD)])
    periods = tuple(BudgetPeriod(f"BP{n}", half, plenty) for n, half in enumerate(halves, 1))
    found = Award(
        fain=fain,
        recipient="ISSUER1",
        agency="HHS",
        listing="93.598",
        awarded=LONG_AGO,
        period=span,
        terms=program(pick, span),
        budget_periods=periods,
    )
    subawards: list[Subaward] = []
    for n in range(1, pick.number(1, 3) + 1):
        parent = subawards[0].id if n > 1 and pick.rarely(3) else fain
        period = span
        if pick.rarely():
            first, last = sorted([pick.day(span), pick.day(span)])
            period = Interval(first, last)
        facts = []
        if pick.rarely(3):
            facts = [Fact(Cents(v), e, p, RECORD) for v, e, p in dated(pick, span, OBLIGATED)]
        id = f"S-{number}{n}"
        subawards.append(
            Subaward(
                id=id,
                parent=parent,
                subrecipient=f"ORG{n}",
                period=period,
                amount=Series(f"amount of {id}", facts),
                reported_by=ISSUERS,
            )
        )
    return found, subawards


def network(pick: Pick) -> Network:
    """One award, sometimes two, with what is passed through."""
    made = [award(pick, f"90ZV010{n}", n) for n in range(1, pick.one((1, 1, 1, 1, 2)) + 1)]
    states = {"ISSUER1": "VA", "ISSUER2": "VA", "ORG1": "TX", "ORG2": "GA", "ORG3": "IL"}
    organizations = tuple(Organization(id=id, name="one of the test", state=state) for id, state in states.items())
    subawards = tuple(subaward for _, passed in made for subaward in passed)
    return Network(
        report_date=LONG_AGO, organizations=organizations, awards=tuple(found for found, _ in made), subawards=subawards
    )


# ---- caseloads ----------------------------------------------------------------------------------------


def places(given: Network, award: Award, issuer: str = ISSUERS[0]) -> list[Subaward]:
    """The subawards of an award, and for the recipient its own service under it."""
    found = [subaward for subaward in given.subawards if given.award_of(subaward.id) == award]
    return [*found, *found, *([given.subaward(award.fain)] if issuer == award.recipient else [])]


def counted(award: Award) -> list[Service]:
    """The services that are not paid at actual cost."""
    return [service for service in award.terms.services if service.choices["count"].value != "actual_cost"]


def bare_services(award: Award) -> list[Service]:
    """Those of which a site may report a bare count: no price goes by a characteristic of each
    participant."""
    return [service for service in counted(award) if not award.terms.asks_of_participants(service)]


def policies(given: Network) -> set[str]:
    """The counting policies of all awards."""
    return {service.choices["count"].value for award in given.awards for service in award.terms.services}


def enrollments(pick: Pick, who: Participant, given: Network, award: Award) -> list[Enrollment]:
    """Stretches at one subaward after another: moves in mid-month, gaps, equal and overlapping
    rows, an open end."""
    span = award.period
    ids = [*(place.id for place in places(given, award, who.issuer)), ""]
    named = [service.id for service in counted(award)]
    borders = sorted({pick.day(span, 20) for _ in range(pick.one((2, 2, 3, 4)))})
    found: list[Enrollment] = []
    for index, (first, following) in enumerate(pairwise(borders)):
        if not (id := pick.one(ids)):
            continue
        last = None if index == len(borders) - 2 and pick.rarely(3) else following - ONE_DAY
        row = Enrollment(
            participant=who,
            subaward=id,
            days=Interval(first, last),
            published=pick.published(span),
            restored=pick.rarely(),
            service=pick.one(("", "", *named)),
        )
        found.append(row)
        if pick.rarely():  # some of these days again, known at another time
            some = Interval(first, pick.day(Interval(first, following - ONE_DAY)))
            found.append(evolve(row, days=some, published=pick.published(span)))
    return found


def cost(pick: Pick, who: Participant | None, place: Subaward, reference: str) -> Cost:
    """A cost or a credit, for the month of the day paid, for another, or for several."""
    amount = pick.one(CREDITS) if pick.rarely(5) else pick.one(AMOUNTS) + pick.number(0, 50)
    named = pick.some(months(place.period), pick.one((0, 1, 2, 3)) or (amount < 0))
    paid = pick.day(place.period, 40 if named else 0)
    service, category = pick.one(("expenses", "expenses", "filing")), pick.one(("food", "shelter"))
    published = pick.published(place.period)
    return Cost(
        participant=who,
        subaward=place.id,
        service=service,
        category=category,
        amount=Cents(amount),
        paid=paid,
        months=tuple(named),
        reference=reference,
        published=published,
    )


def count(pick: Pick, given: Network, award: Award, issuer: str) -> Count:
    """A bare count of a site."""
    place, service = pick.one(places(given, award, issuer)), pick.one(bare_services(award))
    phases = list(award.terms.phases)
    month, published = pick.one(months(place.period)), pick.published(place.period)
    unit, rate_class = "", ""
    if service.choices["count"].value in ("hour", "unit"):
        unit, rate_class = pick.one(("", *UNITS)), pick.one(CLASSES)
    return Count(
        subaward=place.id,
        service=service.id,
        phase=pick.one(phases),
        month=month,
        quantity=pick.number(0, 200),
        published=published,
        unit=unit,
        rate_class=rate_class,
    )


def reported(pick: Pick, service: Service, given: Network, stays: Sequence[Enrollment]) -> list[UnitsUsed]:
    """Hours or units of some days of the subaward's period, mostly of the stay."""
    found: list[UnitsUsed] = []
    for row in stays:
        period = given.subaward(row.subaward).period
        span = row.days.clip(period) or period
        span = period if pick.rarely(6) else Interval(span.start, span.end or end(period))
        for _ in range(pick.number(0, 4)):
            day, unit, rate_class = pick.day(span), pick.one(("", *UNITS, *UNITS)), pick.one(CLASSES)
            n = pick.one((1, 2, 3, 10, 0))
            if service.choices["count"].value == "hour":
                unit, rate_class = pick.one(("", "hour")), pick.one(("", "", "tier_1"))
            units = UnitsUsed(
                participant=row.participant,
                subaward=row.subaward,
                service=service.id,
                day=day,
                quantity=n,
                published=pick.published(period),
                unit=unit,
                rate_class=rate_class,
            )
            found.append(units)
    return found


def absence(pick: Pick, who: Participant, span: Interval) -> Absence:
    """Some days away, of so many hours or of whole days; perhaps not back yet."""
    first = pick.day(span)
    last = first + pick.one((0, 1, 2, 3, 5, 12, 40)) * ONE_DAY
    hours = pick.one((0, 24 * ((last - first).days + 1), 1 + 24 * (last - first).days, 24))
    away = Interval(first, None if pick.rarely() else last)
    return Absence(
        participant=who, kind=pick.one(("hospital", "other")), days=away, published=pick.published(span), hours=hours
    )


def figures(pick: Pick, given: Network) -> tuple[SiteFigure, ...]:
    """The figures that terms ask for, of every site, from long ago; where patchy, from some day
    on."""
    text = str([award.terms.document for award in given.awards])
    found: list[SiteFigure] = []
    for award in given.awards:
        for id in dict.fromkeys(place.id for place in places(given, award)):
            for name in (name for name in FIGURES if name in text):
                facts = dated(pick, award.period, FIGURES[name], 1, gap=pick.patchy)
                found += [
                    SiteFigure(subaward=id, name=name, value=Decimal(value), effective=effective, published=known)
                    for value, effective, known in facts
                ]
    return tuple(found)


def words_of_sites(pick: Pick, given: Network) -> list[Characteristic]:
    """The quality of every site, from long ago; where patchy, from some day on."""
    found: list[Characteristic] = []
    for award in given.awards:
        for id in dict.fromkeys(place.id for place in places(given, award)):
            found += [
                Characteristic(characteristic="quality", subaward=id, word=word, effective=effective, published=known)
                for word, effective, known in dated(pick, award.period, WORDS["quality"], 1, gap=pick.patchy)
            ]
    return found


def characteristics(pick: Pick, who: Participant, given: Network) -> list[Characteristic]:
    """The age group and the numbers of a participant, from long ago; where patchy, from some day
    on. Numbers are only of terms that ask for them."""
    text = str([award.terms.document for award in given.awards])
    span, found = given.awards[0].period, list[Characteristic]()
    for name in ("age", *(name for name in NUMBERS if f"'{name}'" in text)):
        values = WORDS["age"] if name == "age" else NUMBERS[name]
        for value, effective, known in dated(pick, span, values, 1, gap=pick.patchy):
            word, number = (value, None) if name == "age" else ("", Decimal(value))
            found.append(
                Characteristic(
                    characteristic=name,
                    participant=who,
                    word=word,
                    number=number,
                    effective=effective,
                    published=known,
                )
            )
    return found


def opening(pick: Pick, who: Participant, award: Award) -> OpeningBalance:
    """What was used elsewhere: of a pool in a window, or of the paid months of a phase."""
    known = pick.published(award.period)
    if pick.rarely(3):
        return OpeningBalance(
            participant=who,
            award=award.fain,
            published=known,
            phase=pick.one(list(award.terms.phases)),
            months=pick.number(1, 3),
        )
    year = pick.day(award.period).year
    window = pick.one(("BP1", "award", f"{year}", f"FFY {year}", "enrollment year 1", "BP2"))
    return OpeningBalance(
        participant=who,
        award=award.fain,
        published=known,
        window=window,
        pool=pick.one(("direct", "administration")),
        amount=Cents(pick.one((10_000, 1, 77_777))),
    )


def again(pick: Pick, row: Any) -> Any:
    """A row told again: the same, taken back, or restated."""
    later = row.published + pick.one((0, 1, 20, 200)) * ONE_DAY
    changes: dict[str, Any] = {"published": later}
    if later > row.published:
        if pick.rarely(3):
            changes["void"] = True
        elif hasattr(row, "days"):
            last = row.days.start + pick.one((0, 3, 30)) * ONE_DAY  # no longer than before: nobody is at two places
            changes["days"] = Interval(row.days.start, min(last, row.days.end or last))
        elif hasattr(row, "quantity"):
            changes["quantity"] = pick.one((0, 1, 5))
    return evolve(row, **changes)


def consistent(rows: Iterable[Any], same: Callable[[Any], object]) -> list[Any]:
    """The rows without those that contradict an earlier one published on the same day."""
    first: dict[object, Any] = {}
    return [row for row in rows if first.setdefault((same(row), row.published), row) == row]


def apart(rows: Iterable[Household]) -> list[Household]:
    """The rows of households without those that overlap an earlier one of another first day."""
    kept: list[Household] = []
    for row in rows:
        others = [x for x in kept if x.participant == row.participant and x.days.start != row.days.start]
        if not any(row.days.clip(other.days) for other in others):
            kept.append(row)
    return kept


def caseload(pick: Pick, issuer: str, given: Network) -> Caseload:
    """One issuer's caseload of one to three participants."""
    held: defaultdict[str, list[Any]] = defaultdict(list)
    span = given.awards[0].period
    counting = policies(given)
    for n in range(1, pick.one((1, 1, 2, 3)) + 1):
        who = Participant(issuer, f"P{n}")
        arrived = pick.one((LONG_AGO, pick.day(span)))
        held["participants"].append(Registration(who, pick.one(("adult", "child")), arrived, pick.day(span)))
        for award in given.awards:
            stays = enrollments(pick, who, given, award)
            held["enrollments"] += stays
            for service in counted(award):
                if service.choices["count"].value in ("hour", "unit"):
                    held["units"] += reported(pick, service, given, stays)
            for number in range(pick.number(0, 4)):
                held["costs"].append(cost(pick, who, pick.one(places(given, award, issuer)), f"R{number}"))
            if award.terms.ceilings and pick.rarely():
                held["openings"].append(opening(pick, who, award))
        for _ in range(pick.number(0, 3)):
            day = pick.one((LONG_AGO, pick.day(span)))
            held["statuses"].append(
                PersonStatus(participant=who, status=pick.one(STATUSES), effective=day, published=pick.published(span))
            )
        for _ in range(pick.number(0, 2)):
            held["letters"].append(
                Letter(participant=who, kind=pick.one(LETTERS), days=pick.days(span), published=pick.published(span))
            )
        for _ in range(pick.number(0, 2)):
            family = pick.one((1, 3, 0))
            minors = pick.number(0, family)
            held["households"].append(
                Household(
                    participant=who, days=pick.days(span), family=family, published=pick.published(span), minors=minors
                )
            )
        if "day" in counting:
            held["absences"] += [absence(pick, who, span) for _ in range(pick.number(0, 3))]
    seen = set()
    countable = [award for award in given.awards if bare_services(award)]
    for _ in range(pick.one((0, 0, 1, 2)) if countable else 0):
        award = pick.one(countable)
        bare = count(pick, given, award, issuer)
        if (key := (bare.subaward, bare.service, bare.phase, bare.month, bare.unit, bare.rate_class)) not in seen:
            held["counts"].append(bare)
        seen.add(key)
        if pick.rarely():
            held["costs"].append(cost(pick, None, pick.one(places(given, award, issuer)), f"SITE{len(seen)}"))
    report = pick.day(span, 60) if pick.rarely() else LATE
    held["enrollments"] = [  # one that begins after the report and after the subaward is refused
        row
        for row in held["enrollments"]
        if row.days.start <= max(report, given.subaward(row.subaward).period.end or report)
    ]
    for kind in SAME:
        held[kind] += [again(pick, row) for row in held[kind] if pick.rarely(6)]
        held[kind] = consistent(held[kind], SAME[kind])
    held["households"] = apart(held["households"])
    held["characteristics"] = [
        row for registered in held["participants"] for row in characteristics(pick, registered.participant, given)
    ]
    rows: dict[str, Any] = {kind: tuple(held[kind]) for kind in ROWS}
    return Caseload(issuer=issuer, report_date=report, **rows)


def disallowances(pick: Pick, given: Network) -> tuple[Disallowance, ...]:
    """Parts of what was billed of a subaward, service and month that are not allowed; some taken
    back in part."""
    found: list[Disallowance] = []
    for number in range(pick.number(0, 3)):
        award = pick.one(given.awards)
        place, service = pick.one(places(given, award)), pick.one(award.terms.services)
        month, published = pick.one(months(place.period)), pick.published(award.period)
        row = Disallowance(
            subaward=place.id,
            service=service.id,
            month=month,
            amount=Cents(pick.one((10_000, 1, 55_555, 10**7))),
            reference=f"D{number}",
            published=published,
        )
        found.append(row)
        if pick.rarely():
            found.append(evolve(row, amount=Cents(-pick.one((1, 10_000))), published=pick.published(award.period)))
    return tuple(found)


@st.composite
def scenarios(
    draw: st.DrawFn, *, patchy: bool = False, disallowing: bool = False, issuers: int | None = None
) -> Scenario:
    """A program, its network, one or two caseloads, and how far and as known when they are billed.

    Where it is `patchy`, some rate, ceiling or share may not hold on a day that is asked for; where
    it is `disallowing`, the award workbook may say what is not allowed. `issuers` is how many
    caseloads there are.
    """
    pick = Pick(draw, patchy)
    given = network(pick)
    if disallowing:
        given = evolve(given, disallowances=disallowances(pick, given))
    span = given.awards[0].period
    sites, words = figures(pick, given), tuple(words_of_sites(pick, given))
    many = issuers or pick.one((1, 1, 2))
    loads = tuple(evolve(caseload(pick, f"ISSUER{n}", given), figures=sites) for n in range(1, many + 1))
    loads = tuple(evolve(load, characteristics=(*load.characteristics, *words)) for load in loads)
    through = pick.one(months(span)) if pick.rarely(3) else months(span)[-1]
    known = pick.day(span, 60) if pick.rarely(3) else pick.one((None, LATE))
    return Scenario(loads, with_reporters(given, loads), through, known)


def with_reporters(given: Network, loads: Iterable[Caseload]) -> Network:
    """For each subaward the issuers that report for it, and the first where none does: one or
    several."""
    by_subaward: dict[str, set[str]] = {}
    for load in loads:
        rows: list[Enrollment | Cost | Count | UnitsUsed] = [*load.enrollments, *load.costs, *load.counts, *load.units]
        for row in rows:
            by_subaward.setdefault(row.subaward, set()).add(load.issuer)
    passed = (evolve(s, reported_by=tuple(sorted(by_subaward.get(s.id, ISSUERS[:1])))) for s in given.subawards)
    return evolve(given, subawards=tuple(passed))
