"""Shares on base `claimed`, tested again in the request after a wider ceiling, by figures (Rulebook
7.5.1, 7.5.5)."""

from __future__ import annotations

import pytest

from grantcalc import Ledger, Month, Network, Participant, requests
from grantcalc.billing import Cost, Count, OpeningBalance
from grantcalc.ledger.entries import Part
from grantcalc.ledger.requests import by_subaward
from grantcalc.money import Cents, cents
from grantcalc.terms import Terms
from tests.test_rules_that_broke import ADMIN, SHARE, SHARED, A, P, Q, cap
from tests.worked import COSTS, care, terms
from tests.worlds import (
    FAIN,
    LONG_AGO,
    Period,
    Sub,
    allowed_of,
    asked,
    billed,
    books,
    caseload,
    cost,
    disallowed,
    enrolled,
    network,
)

HALVES = (Period("BP1", "2024-07-01", "2024-12-31"), Period("BP2", "2025-01-01", "2025-06-30", 40_000))


def claimed(window: str = "budget_period", scope: str = "participant", more: str = "") -> Terms:
    """Administration of at most 0.40 of what is claimed under a ceiling of 9,000.00."""
    return terms(more + COSTS + ADMIN + cap("9000.00", scope, window) + SHARE)


def rows(who: Participant | None = P, sub: str = "S-1", months: tuple[str, str] = ("2024-03", "2024-04")) -> list[Cost]:
    """200.00 of administration, and 300.00 of direct cost in the month after it."""
    first, second = months
    return [cost(who, 20_000, first, sub, "admin", "V-1"), cost(who, 30_000, second, sub, "costs", "V-2")]


def of_claimed(given: Terms, *subs: Sub, periods: tuple[Period, ...] = (Period(cents=40_000),)) -> Network:
    return network(given, subs or (Sub(),), periods)


class TestClaimedAgain:
    """It is tested again only for a subaward and budget period that something above reduced, only
    on the lines that it covers, and with the opening figures of that subaward and of windows with
    days in it."""

    def test_a_disallowance_of_several_reporters(self) -> None:
        """150.00 of 300.00 of direct cost are disallowed in the request: 100.00 of administration
        are allowed."""
        of = network(claimed(), (SHARED,), disallowances=(disallowed(15_000, "2024-04", "costs"),))
        costs = [cost(A, 20_000, "2024-03", "S-1", "admin", "V-1"), cost(A, 30_000, "2024-04", reference="V-2")]
        assert allowed_of(asked(billed(caseload([A], "A", costs=costs), of, "2024-04"), of)) == {"S-1": 25_000}

    @pytest.mark.parametrize("scope", ["participant", "subaward"])
    def test_what_it_covers(self, scope: str) -> None:
        """400.00 are obligated, so 200.00 of direct cost are allowed, and 133.33 of administration.
        A participant's share does not cover costs without a participant."""
        of = of_claimed(claimed(scope=scope))
        for who, allowed in ((P, 33_333), (None, 33_333 if scope == "subaward" else 40_000)):
            claim = billed(caseload([P], costs=rows(who)), of, "2024-04")
            assert allowed_of(asked(claim, of)) == {"S-1": allowed}

    def test_a_month_of_a_participant_and_a_count(self) -> None:
        """310.00 of a participant's month and 500.00 of costs; 400.00 of these are allowed, so
        266.67 of that. A count of two is of no participant."""
        given = claimed(more=care("any_day"))
        load = caseload([P], enrollments=[enrolled(P, "2024-03-01", "2024-03-31")], costs=[cost(P, 50_000, "2024-04")])
        of = of_claimed(given, periods=(Period(cents=71_000),))
        assert allowed_of(asked(billed(load, of, "2024-04"), of)) == {"S-1": 66_666}
        count = Count(
            subaward="S-1", service="care", phase="enrolled", month=Month(2024, 3), quantity=2, published=LONG_AGO
        )
        load = caseload([P], counts=[count], costs=[cost(P, 50_000, "2024-04")])
        of = of_claimed(given, periods=(Period(cents=102_000),))
        assert allowed_of(asked(billed(load, of, "2024-04"), of)) == {"S-1": 102_000}

    def test_what_nothing_reduced(self) -> None:
        """S-2 has its administration in the first budget period and its direct cost in the second,
        and a ceiling of the whole award. Of S-1 a cent is cut in the first: S-2 keeps its
        200.00."""
        first = Period("BP1", "2024-07-01", "2024-12-31", 50_000)
        second = Period("BP2", "2025-01-01", "2025-06-30")
        of = of_claimed(claimed("award"), Sub("S-1"), Sub("S-2"), periods=(first, second))
        costs = [*rows(Q, "S-2", ("2024-07", "2025-01")), cost(P, 30_001, "2024-08", reference="V-3")]
        load = caseload([P, Q], costs=costs)
        one, two = requests(Ledger().post(billed(load, of, "2025-01")), of)
        assert (allowed_of(one), allowed_of(two)) == ({"S-1": 30_000, "S-2": 20_000}, {"S-2": 30_000})

    @pytest.mark.parametrize(("sub", "allowed"), [("S-1", 40_000), ("S-2", 33_333)])
    def test_an_opening_figure_is_of_its_subaward(self, sub: str, allowed: int) -> None:
        """300.00 of direct cost were opened for P, at S-1."""
        opening = OpeningBalance(
            participant=P, award=FAIN, published=LONG_AGO, window="BP", pool="direct", amount=Cents(30_000)
        )
        costs = rows(Q, "S-2") if sub == "S-2" else rows()
        costs.append(cost(P, 1, "2024-02", reference="V-0"))
        load = caseload([P, Q], costs=costs, openings=[opening])
        of = of_claimed(claimed(), Sub("S-1"), Sub("S-2"), periods=(Period(cents=40_001),))
        assert sum(allowed_of(asked(billed(load, of, "2024-04"), of)).values()) == allowed + 1

    @pytest.mark.parametrize(("window", "allowed"), [("2024", 33_333), ("2025", 40_000)])
    def test_an_opening_figure_is_of_its_window(self, window: str, allowed: int) -> None:
        of = of_claimed(claimed("calendar_year"), periods=HALVES)
        opening = OpeningBalance(
            participant=P, award=FAIN, published=LONG_AGO, window=window, pool="direct", amount=Cents(30_000)
        )
        costs = [*rows(months=("2025-01", "2025-02")), cost(P, 100, "2024-08", reference="V-3")]
        load = caseload([P], costs=costs, openings=[opening])
        _, second = requests(Ledger().post(billed(load, of, "2025-02")), of)
        assert allowed_of(second) == {"S-1": allowed}

    def test_an_opening_figure_of_an_enrollment_year(self) -> None:
        """No window of a counted line is known: it counts in each budget period."""
        of = of_claimed(claimed("enrollment_year", more=care("any_day").replace("310.00", "0.00")))
        opening = OpeningBalance(
            participant=P,
            award=FAIN,
            published=LONG_AGO,
            window="enrollment year 1",
            pool="direct",
            amount=Cents(30_000),
        )
        stay = enrolled(P, "2024-03-01", "2024-04-30")
        load = caseload([P], enrollments=[stay], costs=rows(), openings=[opening])
        assert allowed_of(asked(billed(load, of, "2024-04"), of)) == {"S-1": 40_000}


def test_what_is_asked_of_each_subaward() -> None:
    """Less what the request cuts: 1,000.00 are obligated for 600.00 of S-1 and 600.00 of S-2
    later."""
    of = network(terms(COSTS), (Sub("S-1"), Sub("S-2")), (Period(cents=100_000),))
    costs = [cost(P, 60_000, "2024-03"), cost(P, 60_000, "2024-04", "S-2", reference="V-2")]
    ledger = Ledger().post(billed(caseload([P], costs=costs), of, "2024-04"))
    (found,) = requests(ledger, of)
    assert by_subaward(found, ledger, of) == (Part("S-1", 60_000), Part("S-2", 40_000))
    assert found.refused == 0


def test_income_makes_room_beside_a_federal_share() -> None:
    """9.2.1: 1,000.00 at 0.75 is the share of 1,333.34, and 50.00 of income come beside it."""
    figures = books("federal_share", "0.75"), books("program_income_deducted", "50.00")
    of = network(terms(COSTS), periods=(Period(cents=100_000),), financials=figures)
    found = asked(billed(caseload([P], costs=[cost(P, 140_000, "2024-03")]), of, "2024-03"), of)
    assert (cents(found.to_date), cents(found.amount)) == (138_334, 100_000)
