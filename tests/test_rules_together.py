"""Rules that seldom meet in any program, met often: capacity with what is disallowed, floors with
paid months."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from grantcalc.awards import Disallowance
from grantcalc.billing.caseload import Count
from grantcalc.eligibility import Letter
from grantcalc.periods import Month
from tests.strategies import LONG_AGO, Scenario
from tests.test_laws import follows_the_rulebook
from tests.worked import CARE, COSTS, PHASED, PHASES, terms
from tests.worlds import REPORT, Sub, caseload, cost, days, disallowed, enrolled, figure, network, who

T = TypeVar("T")
MONTHS = ("2024-03", "2024-04")
CAP = (
    '[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nscope = "{scope}"\nwindow = "budget_period"\n'
    'amounts = [{{ tier = "alone", value = "{dollars} USD", @ }}]\n'
)
LIMITS = (("participant", "500.00"), ("subaward", "700.00"))
SEATS = 'capacity = [{{ figure = "maximum_enrollment", value = {share}, @ }}]\n'
FLOOR = 'floor = [{{ only = "{only}", value = "{dollars} USD", @ }}]\n'
PAID = "months = [{{ phase = 'certified', value = {most}, @ }}, {{ phase = 'waiting', value = {least}, @ }}]\n"
CARVE = 'carve = [{ pool = "direct", value = "200.00 USD", @ }]\n'


@st.composite
def full_houses(draw: st.DrawFn) -> Scenario:
    """More persons than seats in two months, as participants and as bare counts, with parts that
    are disallowed."""

    def one(*choices: T) -> T:
        return draw(st.sampled_from(choices))

    count = one("any_day", "actual_days", "day")
    text = f'{CARE}count = "{count}"\n' + 'rates = [{ value = "400.00 USD", @ }]\n'
    text += SEATS.format(share=one("1.00", "0.50")) + one("", CARVE)
    caps = (CAP.format(scope=scope, dollars=dollars) for scope, dollars in LIMITS)
    text += COSTS + one("", *caps)
    people = [who(f"P-{n}") for n in range(one(1, 2, 3, 5))]
    stays, counts, costs = [], [], []
    for n, person in enumerate(people):
        first, last = one("2024-03-01", "2024-03-10", "2024-03-31"), one("2024-03-31", "2024-04-15", "2024-04-30")
        stays.append(enrolled(person, first, last, one("S-1", "S-1", "S-2")))
        if cents := one(0, 100_00, -50_00, 450_00):
            costs.append(cost(person, cents, one(*MONTHS), reference=f"V-{n}"))
    for month in MONTHS:
        if number := one(0, 1, 3):
            counts.append(
                Count(
                    subaward="S-1",
                    service="care",
                    phase="enrolled",
                    month=Month.parse(month),
                    quantity=number,
                    published=LONG_AGO,
                )
            )
    sites = [figure("maximum_enrollment", one("1", "2", "3", "2.5"), id) for id in ("S-1", "S-2")]
    load = caseload(people, enrollments=stays, counts=counts, costs=costs, figures=sites)
    amount = one(None, 900_00)
    of = network(terms(text), (Sub("S-1", amount), Sub("S-2")), disallowances=tuple(draw(some_disallowed())))
    return Scenario((load,), of, Month.parse(MONTHS[-1]), REPORT)


@st.composite
def some_disallowed(draw: st.DrawFn) -> list[Disallowance]:
    """One to three, of a cent, of one person, of more than everybody; some are taken back in
    part."""
    found = []
    for n in range(draw(st.integers(1, 3))):
        cents = draw(st.sampled_from((400_00, 1, 399_99, 500_00, 10**7)))
        service = draw(st.sampled_from(("care", "care", "costs")))
        row = disallowed(cents, draw(st.sampled_from(MONTHS)), service, reference=f"D-{n}")
        found.append(row)
        if draw(st.booleans()):
            found.append(disallowed(-1 - cents // 2, str(row.month), row.service, reference=row.reference))
    return found


@st.composite
def short_stays(draw: st.DrawFn) -> Scenario:
    """Parts of months that fall below a floor, in phases of which few months are paid."""

    def one(*choices: T) -> T:
        return draw(st.sampled_from(choices))

    count = one("from_start", "actual_days", "any_day", "thirty_days", "day", "anniversary", "first_day")
    text = f'{PHASES}{CARE}count = "{count}"\nphase_of_month = "{one("first", "last", "better_paid")}"\n{PHASED}'
    text += FLOOR.format(only=one("first_month", "every_month"), dollars=one("300.00", "30.00", "310.00", "700.00"))
    text += PAID.format(most=one(1, 2, 3), least=one(1, 2)) + one("", CARVE)
    person = who("P-1")
    borders = sorted(draw(st.lists(st.integers(1, 150), min_size=2, max_size=6, unique=True)))
    every = [date(2024, 1, 1) + timedelta(days=n) for n in borders]
    stays = [
        enrolled(person, str(first), str(last), one("S-1", "S-2"))
        for first, last in zip(every[::2], every[1::2], strict=False)
    ]
    certified = days(one("2024-01-20", "2024-02-10", "2024-03-01"), one(None, "2024-04-02"))
    letters = [Letter(participant=person, kind="certification_letter", days=certified, published=LONG_AGO)][: one(0, 1)]
    load = caseload([person], enrollments=stays, letters=letters)
    of = network(terms(text), (Sub("S-1"), Sub("S-2")))
    return Scenario((load,), of, Month(2024, 6), REPORT)


class TestCapacityAndDisallowances:
    """A disallowance (8.4) reduces its line before capacity does, and capacity recoups only what is
    then allowed (5.2.1); then the ceilings (7.1)."""

    @given(full_houses())
    def test_line_by_line(self, scenario: Scenario) -> None:
        follows_the_rulebook(scenario)


class TestFloorsAndPaidMonths:
    """A month that a floor (5.2) reduces to nothing has the quantity 0 and uses no paid month
    (4.3.1)."""

    @given(short_stays())
    def test_line_by_line(self, scenario: Scenario) -> None:
        follows_the_rulebook(scenario)
