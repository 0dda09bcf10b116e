"""Rules that an independent computation once found broken, each by the figures that are right.

A class is headed by its rule, with its number in the rulebook.
"""

from __future__ import annotations

import decimal
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve

from grantcalc import (
    Caseload,
    GrantcalcError,
    Ledger,
    Month,
    Network,
    NotInForce,
    adjust,
    bill,
    from_json,
    read_claim,
    requests,
    to_json,
    write_claim,
)
from grantcalc.billing import Count, Enrollment, Household, OpeningBalance, Registration, UnitsUsed
from grantcalc.forms import sf270, sf425
from grantcalc.io import from_lines, to_lines
from grantcalc.ledger import assemble
from grantcalc.money import Cents, cents, plain
from grantcalc.terms import Filling, Terms, fill_terms, load_terms
from tests.worked import COSTS, terms
from tests.worlds import (
    FAIN,
    LONG_AGO,
    RECORD,
    Period,
    Sub,
    absent,
    allowed_of,
    asked,
    billed,
    books,
    caseload,
    cost,
    day,
    days,
    disallowed,
    enrolled,
    figure,
    network,
    who,
)

P, Q = who("P-1"), who("Q-1")
A, B = who("P-1", "A"), who("Q-1", "B")
SHARED = Sub("S-1", reporters=("A", "B"))
ADMIN = '[services.admin]\ntitle = "Administration"\npool = "administration"\ncite = "m"\ncount = "actual_cost"\n'


def service(count: str, more: str) -> Terms:
    """Terms of one direct service."""
    return terms(f'[services.care]\ntitle = "Care"\npool = "direct"\ncite = "m"\ncount = "{count}"\n{more}')


def cap(dollars: str, scope: str = "participant", window: str = "budget_period") -> str:
    """A ceiling of so much."""
    return (
        f'[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nscope = "{scope}"\nwindow = "{window}"\n'
        f'amounts = [{{ tier = "alone", value = "{dollars} USD", @ }}]\n'
    )


SHARE = (
    '[shares.admin]\ntitle = "Share"\ncite = "m"\npool = "administration"\nof = "cap"\nbase = "claimed"\n'
    "at_most = [{ value = 0.40, @ }]\n"
)


class TestCapacityAfterDisallowance:
    """5.2, 8.4: what is disallowed reduces its line first; capacity recoups what then stands, and
    nothing twice."""

    OF = service(
        "first_day",
        'rates = [{ value = "400.00 USD", @ }]\ncapacity = [{ figure = "maximum_enrollment", value = 1.00, @ }]\n',
    )
    PEOPLE = (who("P-1"), who("P-2"), who("P-3"))

    def test_a_participant_beyond_capacity_who_was_disallowed(self) -> None:
        load = caseload(
            self.PEOPLE,
            enrollments=[enrolled(p, "2024-03-01", "2024-03-31") for p in self.PEOPLE],
            figures=[figure("maximum_enrollment", "2")],
        )
        of = network(self.OF, disallowances=(disallowed(40000, "2024-03", "care"),))
        assert cents(billed(load, network(self.OF), "2024-03").total) == 80000
        assert cents(billed(load, of, "2024-03").total) == 80000

    def test_in_part(self) -> None:
        """Of the 400.00 of P-3, 100.00 are disallowed and 300.00 recouped."""
        load = caseload(
            self.PEOPLE,
            enrollments=[enrolled(p, "2024-03-01", "2024-03-31") for p in self.PEOPLE],
            figures=[figure("maximum_enrollment", "2")],
        )
        claim = billed(load, network(self.OF, disallowances=(disallowed(10000, "2024-03", "care"),)), "2024-03")
        assert [(x.name, x.room, x.amount) for x in claim.reductions] == [
            ("disallowance D-1", 0, -10000),
            ("capacity of 2", 0, -30000),
        ]

    def test_a_bare_count(self) -> None:
        """5 × 400.00 less 500.00 is 1,500.00; three seats let 1,200.00 stand; of 1,000.00 they take
        nothing."""
        counts = [Count(subaward="S-1", service="care", phase="", month=Month(2024, 3), quantity=5, published=LONG_AGO)]
        load = caseload([], counts=counts, figures=[figure("maximum_enrollment", "3")])
        for taken, total in ((50000, 120000), (100000, 100000)):
            of = network(self.OF, disallowances=(disallowed(taken, "2024-03", "care"),))
            assert cents(billed(load, of, "2024-03").total) == total

    def test_two_capacities(self) -> None:
        """The second takes only what the first lets stand."""
        two = service(
            "first_day",
            'rates = [{ value = "400.00 USD", @ }]\ncapacity = [{ figure = "maximum_enrollment", value = 1.00, @ }, '
            '{ figure = "occupancy", value = 1.00, @ }]\n',
        )
        load = caseload(
            self.PEOPLE,
            enrollments=[enrolled(p, "2024-03-01", "2024-03-31") for p in self.PEOPLE],
            figures=[figure("maximum_enrollment", "2"), figure("occupancy", "1")],
        )
        assert cents(billed(load, network(two), "2024-03").total) == 40000


class TestCapacityOfSeveralReporters:
    """7.1.7: capacity counts the persons of one claim, and the claim notes that others report for
    the subaward too."""

    def test_apart_and_together(self) -> None:
        """One seat and two participants: apart each has it, and both claims say so; together the
        second is recouped."""
        of = network(TestCapacityAfterDisallowance.OF, (SHARED,))
        one, two = (
            caseload(
                [p],
                p.issuer,
                enrollments=[enrolled(p, "2024-03-01", "2024-03-31")],
                figures=[figure("maximum_enrollment", "1")],
            )
            for p in (A, B)
        )
        claims = [billed(load, of, "2024-03") for load in (one, two)]
        assert [cents(claim.total) for claim in claims] == [40000, 40000]
        for claim in claims:
            assert [(n.found, n.severity) for n in claim.notes if n.cause == "capacity"] == [("S-1", "warning")]
        together = billed([one, evolve(two, figures=())], of, "2024-03")
        assert cents(together.total) == 40000
        assert "capacity" not in {note.cause for note in together.notes}

    def test_one_reporter(self) -> None:
        of = network(TestCapacityAfterDisallowance.OF, (Sub("S-1", reporters=("A",)),))
        stay = [enrolled(A, "2024-03-01", "2024-03-31")]
        load = caseload([A], "A", enrollments=stay, figures=[figure("maximum_enrollment", "1")])
        assert "capacity" not in {note.cause for note in billed(load, of, "2024-03").notes}


class TestPaidMonthsUnderAFloor:
    """4.3, 5.2: a month that a floor leaves at quantity 0 uses up no paid month."""

    def test_a_month_under_the_floor(self) -> None:
        """28 to 31 January come to 3.87, under 10.00; February is the first paid month, March one
        too many."""
        of = terms(
            '[phases]\nonly = []\n[services.aid]\ntitle = "Aid"\npool = "direct"\ncite = "m"\ncount = "from_start"\n'
            'rates = [{ value = "30.00 USD", @ }]\nmonths = [{ phase = "only", value = 1, @ }]\n'
            'floor = [{ only = "first_month", value = "10.00 USD", @ }]\n'
        )
        claim = billed(caseload([P], enrollments=[enrolled(P, "2024-01-28", "2024-03-31")]), network(of), "2024-03")
        assert [x.amount for x in claim.lines] == [0, 3000, 0]

    def test_days_under_the_floor(self) -> None:
        """4 of 31 days of 310.00 are 40.00, under 50.00; the paid month is February."""
        of = terms(
            '[phases]\nonly = []\n[services.aid]\ntitle = "Aid"\npool = "direct"\ncite = "m"\ncount = "actual_days"\n'
            'rates = [{ value = "310.00 USD", @ }]\nmonths = [{ phase = "only", value = 1, @ }]\n'
            'floor = [{ only = "first_month", value = "50.00 USD", @ }]\n'
        )
        claim = billed(caseload([P], enrollments=[enrolled(P, "2024-01-28", "2024-03-31")]), network(of), "2024-03")
        assert [x.amount for x in claim.lines] == [0, 31000, 0]

    def test_units_under_the_floor(self) -> None:
        """3 meals of 2.00 are under 10.00; those of February are paid, and those of March are a
        month too many."""
        of = terms(
            '[phases]\nonly = []\n[services.meals]\ntitle = "Meals"\npool = "direct"\ncite = "m"\ncount = "unit"\n'
            'rates = [{ value = "2.00 USD", @ }]\nmonths = [{ phase = "only", value = 1, @ }]\n'
            'floor = [{ only = "every_month", value = "10.00 USD", @ }]\n'
        )
        meals = [
            UnitsUsed(
                participant=P, subaward="S-1", service="meals", day=date(2024, m, 5), quantity=n, published=LONG_AGO
            )
            for m, n in ((1, 3), (2, 6), (3, 7))
        ]
        load = caseload([P], enrollments=[enrolled(P, "2024-01-01", "2024-03-31")], units=meals)
        assert [x.amount for x in billed(load, network(of), "2024-03").lines] == [0, 1200, 0]


class TestObligatedIncludesIndirectCost:
    """7.1, 9.2, law 6: what is obligated limits the federal share, indirect cost included."""

    def test_indirect_cost_beyond_what_is_obligated(self) -> None:
        of = network(
            terms(COSTS),
            periods=(Period(cents=100000),),
            financials=(books("indirect_rate", "0.15"), books("indirect_base", "1000.00")),
        )
        found = asked(billed(caseload([P], costs=[cost(P, 100000, "2024-03")]), of, "2024-03"), of)
        assert cents(found.amount) == 100000
        assert found.cost.indirect == 0
        assert found.cost.outlays == 100000

    def test_a_federal_share_of_what_cost_more_than_is_obligated(self) -> None:
        """0.75 of 1,333.34 is 1,000.00, all of it obligated."""
        of = network(terms(COSTS), periods=(Period(cents=100000),), financials=(books("federal_share", "0.75"),))
        found = asked(billed(caseload([P], costs=[cost(P, 133334, "2024-03")]), of, "2024-03"), of)
        assert cents(found.amount) == 100000

    @pytest.mark.parametrize(
        ("said", "spent", "lines", "indirect", "estimated"),
        [
            ({}, 100001, 100000, 0, 0),
            ({"indirect_rate": "0.1", "indirect_base": "500.00"}, 90000, 90000, 5000, 0),
            ({"indirect_rate": "0.1", "indirect_base": "500.00"}, 97000, 97000, 3000, 0),
            ({"indirect_rate": "0.1", "indirect_base": "500.00"}, 100001, 100000, 0, 0),
            (
                {"indirect_rate": "0.1", "indirect_base": "500.00", "outlays_estimated": "90.00"},
                90000,
                90000,
                5000,
                5000,
            ),
            ({"outlays_estimated": "90.00"}, 100001, 100000, 0, 0),
            ({"recipient_share": "500.00"}, 100000, 100000, 0, 0),  # a match beside the grant uses no room
            ({"program_income_deducted": "50.00"}, 106000, 105000, 0, 0),  # income deducted makes room
            ({"federal_share": "0.75"}, 133335, 133334, 0, 0),
            ({"federal_share": "0.75", "indirect_rate": "0.1", "indirect_base": "500.00"}, 130000, 130000, 3334, 0),
            ({"federal_share": "1"}, 100001, 100000, 0, 0),
            ({"federal_share": "0"}, 900000, 900000, 0, 0),
        ],
        ids=str,
    )
    def test_what_is_cut(self, said: dict[str, str], spent: int, lines: int, indirect: int, estimated: int) -> None:
        """Estimates first, then indirect cost, then lines; the forms add up, and what is cut is
        named."""
        figures = tuple(books(name, value) for name, value in said.items())
        of = network(terms(COSTS), periods=(Period(cents=100000),), financials=figures)
        found = asked(billed(caseload([P], costs=[cost(P, spent, "2024-03")]), of, "2024-03"), of)
        assert (cents(found.to_date), found.cost.indirect, found.cost.estimated) == (lines, indirect, estimated)
        assert found.cost.federal <= 100000
        form, report = sf270(found), sf425(found)
        line = {x.line: x.amount or 0 for x in (*form.lines, *report.lines)}
        assert line["11g"] == found.cost.federal
        assert line["10e"] == found.cost.spent <= 100000
        at = {x.line: x.amount or 0 for x in form.lines}
        assert (at["11e"], at["11g"]) == (at["11c"] + at["11d"], at["11e"] - at["11f"])
        cut = {n.problem.partition(" is not")[0] for n in found.notes if n.cause == "obligated"}
        whole = 5000 if "indirect_rate" in said else 0
        assert cut == {
            *([f"{plain(whole - indirect)} of indirect cost"] if whole > indirect else []),
            *([f"{plain(9000 - estimated)} of estimated outlays"] if "outlays_estimated" in said else []),
        }

    def test_what_is_on_hold_uses_room(self) -> None:
        """900.00 at S-1 are on hold; 200.00 at S-2 and 50.00 of indirect cost find 100.00 of
        room."""
        figures = (books("indirect_rate", "0.1"), books("indirect_base", "500.00"))
        of = network(terms(COSTS), (Sub("S-1"), Sub("S-2")), (Period(cents=100000),), financials=figures)
        load = caseload([P, Q], costs=[cost(P, 90000, "2024-03"), cost(Q, 20000, "2024-04", "S-2")])
        (found,) = requests(Ledger().post(billed(load, of, "2024-04")).hold("S-1", "a visit", day("2026-01-01")), of)
        assert (cents(found.to_date), found.on_hold, cents(found.amount)) == (100000, 90000, 10000)


class TestTwoIssuersAtOneSubaward:
    """Law 10: claims billed apart and assembled equal the caseloads billed together (7.1, 8.4)."""

    OF = terms(COSTS + cap("500.00", "subaward", "award"))

    @staticmethod
    def asked_of(of: Network, costs: tuple[int, int]) -> tuple[int, int]:
        """What is requested of two caseloads billed together, and of each billed by itself."""
        one = caseload([A], "A", costs=[cost(A, costs[0], "2024-03")])
        two = caseload([B], "B", costs=[cost(B, costs[1], "2024-03", reference="V-2")])
        together = assemble([billed([one, two], of, "2024-03")])
        apart = assemble([billed(one, of, "2024-03"), billed(two, of, "2024-03")])
        return cents(requests(together, of)[0].amount), cents(requests(apart, of)[0].amount)

    @pytest.mark.parametrize("taken", [0, 10000])
    def test_a_ceiling_by_the_terms(self, taken: int) -> None:
        """Apart, 400.00 and 400.00 under a ceiling of 500.00 were paid 800.00."""
        of = network(self.OF, (SHARED,), disallowances=(disallowed(taken, "2024-03", "costs"),) if taken else ())
        assert self.asked_of(of, (40000, 40000)) == (50000, 50000)

    def test_a_disallowance(self) -> None:
        """100.00 are taken once, of 200.00 and 200.00."""
        of = network(self.OF, (SHARED,), disallowances=(disallowed(10000, "2024-03", "costs"),))
        assert self.asked_of(of, (20000, 20000)) == (30000, 30000)

    def test_the_amount_of_the_subaward(self) -> None:
        of = network(terms(COSTS), (Sub("S-1", 45000, reporters=("A", "B")),))
        assert self.asked_of(of, (40000, 40000)) == (45000, 45000)

    def test_a_share(self) -> None:
        """Administration is at most 0.40 ÷ 0.60 of 300.00 of direct cost, whoever reports which:
        200.00."""
        of = network(terms(COSTS + ADMIN + cap("9000.00", "subaward", "award") + SHARE), (SHARED,))
        one = caseload([A], "A", costs=[cost(A, 40000, "2024-03", service="admin")])
        two = caseload([B], "B", costs=[cost(B, 30000, "2024-03", reference="V-2")])
        for claims in ([billed([one, two], of, "2024-03")], [billed(one, of, "2024-03"), billed(two, of, "2024-03")]):
            assert cents(requests(assemble(claims), of)[0].amount) == 50000

    def test_who_judges(self) -> None:
        """With one reporter the claim says what is held back, with several the request alone."""
        for sub, total in ((Sub("S-1", reporters=("A",)), 50000), (SHARED, 60000)):
            of = network(self.OF, (sub,))
            claims = [billed(caseload([A], "A", costs=[cost(A, 60000, "2024-03")]), of, "2024-03")]
            assert cents(claims[0].total) == total
            (found,) = requests(assemble(claims), of)
            assert cents(found.amount) == 50000
            assert [(x.kind, x.id, x.amount) for x in found.reductions] == [("ceiling", "cap", -10000)]

    def test_a_disallowance_that_finds_nothing(self) -> None:
        of = network(self.OF, (SHARED,), disallowances=(disallowed(70000, "2024-03", "costs"),))
        claim = billed(caseload([A], "A", costs=[cost(A, 60000, "2024-03")]), of, "2024-03")
        assert "disallowance" not in {n.cause for n in claim.notes}
        assert "disallowance" in {n.cause for n in asked(claim, of).notes}

    def test_an_award_that_begins_within_a_month(self) -> None:
        """A counted line stands in the window of its budget period."""
        of = network(self.OF, (SHARED,), (Period("BP", "2024-03-15", "2024-12-31"),))
        load = caseload([A], "A", costs=[evolve(cost(A, 60000, "2024-03"), paid=day("2024-03-20"))])
        assert cents(asked(billed(load, of, "2024-03"), of).amount) == 50000


class TestClaimedAgain:
    """7.5, 7.8: a share on base claimed is tested again for what a wider ceiling touched alone,
    with its openings."""

    OF = terms(COSTS + ADMIN + cap("9000.00") + SHARE)

    @pytest.mark.parametrize("over", [0, 1])
    def test_one_cent_over_elsewhere(self, over: int) -> None:
        """The opening of 3,000.00 of direct cost lets 1,000.00 of administration stand; a cent too
        much is at S-2."""
        of = network(self.OF, (Sub("S-1"), Sub("S-2")), (Period(cents=150000),))
        load = caseload(
            [P, Q],
            costs=[cost(P, 100000, "2024-03", service="admin"), cost(Q, 50000 + over, "2024-04", "S-2")],
            openings=[
                OpeningBalance(
                    participant=P, award=FAIN, published=LONG_AGO, window="BP", pool="direct", amount=Cents(300000)
                )
            ],
        )
        found = asked(billed(load, of, "2024-04"), of)
        assert allowed_of(found) == {"S-1": 100000, "S-2": 50000}

    @pytest.mark.parametrize("over", [0, 1])
    def test_a_cost_without_a_participant(self, over: int) -> None:
        """A participant's ceiling and its shares do not reach it, in the claim or the request."""
        of = network(self.OF, (Sub("S-1"), Sub("S-2")), (Period(cents=150000),))
        costs = [cost(None, 100000, "2024-03", service="admin"), cost(Q, 50000 + over, "2024-04", "S-2")]
        found = asked(billed(caseload([Q], costs=costs), of, "2024-04"), of)
        assert allowed_of(found) == {"S-1": 100000, "S-2": 50000}

    @pytest.mark.parametrize("counted", [False, True])
    def test_what_is_touched_knows_its_openings(self, counted: bool) -> None:
        """1,000.00 of administration and 100.00 of direct cost at S-1; the award is 50.00 short.
        With the opening of 3,000.00 of direct cost, 0.40 ÷ 0.60 × 3,050.00 = 2,033.33 of
        administration may stand."""
        of = network(self.OF, (Sub("S-1"),), (Period(cents=105000),))
        load = caseload(
            [P],
            costs=[cost(P, 100000, "2024-03", service="admin"), cost(P, 10000, "2024-04", reference="V-2")],
            openings=[
                OpeningBalance(
                    participant=P, award=FAIN, published=LONG_AGO, window="BP", pool="direct", amount=Cents(300000)
                )
            ],
        )
        claim = billed(load, of, "2024-04")
        found = asked(claim.counted() if counted else claim, of)
        assert allowed_of(found) == {"S-1": 105000}

    def test_openings_travel(self, tmp_path: Path) -> None:
        """With a claim, its workbook and a ledger, as sums without participants; the latest of each
        issuer hold."""
        of = network(self.OF, (Sub("S-1"),), (Period(cents=105000),))
        rows = [
            OpeningBalance(participant=p, award=FAIN, published=LONG_AGO, window="BP", pool="direct", amount=Cents(n))
            for p, n in ((P, 300000), (Q, 5))
        ]
        costs = [cost(P, 100, "2024-03"), cost(Q, 100, "2024-03")]
        claim = billed(caseload([P, Q], costs=costs, openings=rows), of, "2024-04").counted()
        assert [(x.issuer, x.subaward, x.window, x.pool, x.amount) for x in claim.openings] == [
            ("SITE", "S-1", "BP", "direct", 300005)
        ]
        assert from_json(to_json(claim)) == claim
        write_claim(claim, path := tmp_path / "claim.xlsx")
        assert read_claim(path).openings == claim.openings
        ledger = Ledger().post(claim)
        assert from_lines(to_lines(ledger).encode()).openings == ledger.openings == claim.openings
        less = billed(caseload([P, Q], costs=costs, openings=rows[1:]), of, "2024-04").counted()
        assert [x.amount for x in ledger.post(less).openings] == [5]

    def test_what_it_does_not_reach(self) -> None:
        """A bare count and a cost of the site stand beside a participant's share; what is over is
        theirs alone."""
        of = terms(
            COSTS
            + ADMIN
            + '[services.meals]\ntitle = "Meals"\npool = "administration"\ncite = "m"\ncount = "any_day"\n'
            'rates = [{ value = "10.00 USD", @ }]\n' + cap("9000.00") + SHARE
        )
        given = network(of, (Sub("S-1"),), (Period(cents=80000),))
        costs = [cost(None, 30000, "2024-03", service="admin"), cost(Q, 10001, "2024-04")]
        meals = [
            Count(subaward="S-1", service="meals", phase="", month=Month(2024, 3), quantity=40, published=LONG_AGO)
        ]
        found = asked(billed(caseload([Q], costs=costs, counts=meals), given, "2024-04"), given)
        assert [(x.name, x.amount) for x in found.reductions] == [("award 90ZV0001", -1)]


class TestExactPrices:
    """5.2: each step of a price is exact, whatever the thread's decimal context."""

    def test_figures_of_a_site(self) -> None:
        of = service(
            "day",
            'rates = [{ value = "1000000.00 USD", @ }]\n'
            'lesser_of = [{ figure = "daily_cost", less = ["other_sources"], value = 1.00, @ }]\n',
        )
        load = caseload(
            [P],
            enrollments=[enrolled(P, "2024-03-01", "2024-03-31")],
            figures=[figure("daily_cost", "12345.67"), figure("other_sources", "0.01")],
        )
        assert sum(x.amount for x in billed(load, network(of), "2024-03").lines) == 38271546

    def test_figures_of_a_site_in_another_context(self) -> None:
        with decimal.localcontext() as context:
            context.prec = 6
            self.test_figures_of_a_site()

    def test_a_price_of_many_digits(self) -> None:
        of = service(
            "day",
            'rates = [{ value = "123456789012.123456789 USD", @ }]\n'
            'uplift = [{ per = "family", value = 0.123456789, @ }]\n',
        )
        load = caseload(
            [P],
            enrollments=[enrolled(P, "2024-03-01", "2024-03-31")],
            households=[Household(participant=P, days=days("2024-01-01", None), family=1, published=LONG_AGO)],
        )
        (line,) = billed(load, network(of), "2024-03").lines
        assert line.rate and Fraction(line.rate.value.value) == Fraction("123456789012.123456789") * Fraction(
            "1.123456789"
        )
        assert line.amount == 429964940067813


class TestBreak:
    """3, 5.2: a month follows a break when the day before its first enrolled day was not
    enrolled."""

    OF = fill_terms(
        load_terms("snap-first-month"),
        [
            Filling(
                term="rate.allotment",
                value=Decimal("30.00"),
                effective=date(2010, 1, 1),
                published=date(2010, 1, 1),
                authority=RECORD,
            )
        ],
    )

    @pytest.mark.parametrize("end", ["2024-01-30", "2024-01-31"])
    def test_reapplied_on_27_february(self, end: str) -> None:
        """3 of 29 days of 30.00 are 3.10, under the floor of a first month, whenever the break
        began."""
        rows = [enrolled(P, "2024-01-01", end), enrolled(P, "2024-02-27", "2024-03-31")]
        claim = billed(caseload([P], enrollments=rows), network(self.OF, awarded=date(2010, 1, 1)), "2024-03")
        assert [x.amount for x in claim.lines] == [3000, 0, 3000]

    @pytest.mark.parametrize(
        ("count", "amounts"),
        [("from_start", [3000, 0, 3000]), ("actual_days", [3000, 0, 3000]), ("day", [93000, 0, 93000])],
    )
    def test_a_break_of_one_day(self, count: str, amounts: list[int]) -> None:
        """1 February is the break, and 2 February begins anew; the floor is of any first month."""
        least = "850.00" if count == "day" else "30.00"
        of = service(
            count,
            f'rates = [{{ value = "30.00 USD", @ }}]\nfloor = [{{ only = "first_month", value = "{least} USD", @ }}]\n',
        )
        rows = [enrolled(P, "2024-01-01", "2024-01-31"), enrolled(P, "2024-02-02", "2024-03-31")]
        claim = billed(caseload([P], enrollments=rows), network(of), "2024-03")
        assert [x.amount for x in claim.lines] == amounts

    def test_no_break_at_a_month_of_which_the_first_day_follows(self) -> None:
        """A gap inside February does not make February or March a first month."""
        of = service(
            "day", 'rates = [{ value = "1.00 USD", @ }]\nfloor = [{ only = "first_month", value = "30.00 USD", @ }]\n'
        )
        rows = [enrolled(P, "2024-01-01", "2024-02-03"), enrolled(P, "2024-02-28", "2024-03-02")]
        claim = billed(caseload([P], enrollments=rows), network(of), "2024-03")
        assert [x.amount for x in claim.lines] == [3100, 500, 200]


class TestEqualCombinations:
    """5.2: of combinations of units that pay the same, the one with the most of the best paid
    holds."""

    def test_across_options(self) -> None:
        """Two snacks of 1.00, or one meal of 2.00: the meal."""
        of = service(
            "unit",
            'rates = [{ unit = "meal", value = "2.00 USD", @ }, { unit = "snack", value = "1.00 USD", @ }]\n'
            'units_a_day = [{ option = 1, of = ["meal"], value = 0, @ }, { option = 1, of = ["snack"], value = 2, @ },'
            ' { option = 2, of = ["meal"], value = 1, @ }, { option = 2, of = ["snack"], value = 0, @ }]\n',
        )
        load = caseload(
            [P],
            enrollments=[enrolled(P, "2024-03-01", "2024-03-31")],
            units=[
                UnitsUsed(
                    participant=P,
                    subaward="S-1",
                    service="care",
                    day=day("2024-03-05"),
                    quantity=n,
                    published=LONG_AGO,
                    unit=u,
                )
                for u, n in (("meal", 1), ("snack", 2))
            ],
        )
        claim = billed(load, network(of), "2024-03")
        assert {x.category: x.amount for x in claim.lines} == {"meal": 200, "snack": 0}

    def test_of_the_best_price(self) -> None:
        """Two suppers, or a lunch and two snacks, come to 4.00; the suppers are two of the best
        paid."""
        of = service(
            "unit",
            'rates = [{ unit = "lunch", value = "2.00 USD", @ }, { unit = "supper", value = "2.00 USD", @ }, '
            '{ unit = "snack", value = "1.00 USD", @ }]\n'
            'units_a_day = [{ option = 1, of = ["lunch"], value = 1, @ }, { option = 1, of = ["snack"], value = 2, @ },'
            ' { option = 1, of = ["supper"], value = 0, @ }, { option = 2, of = ["supper"], value = 2, @ },'
            ' { option = 2, of = ["lunch", "snack"], value = 0, @ }]\n',
        )
        load = caseload(
            [P],
            enrollments=[enrolled(P, "2024-03-01", "2024-03-31")],
            units=[
                UnitsUsed(
                    participant=P,
                    subaward="S-1",
                    service="care",
                    day=day("2024-03-05"),
                    quantity=2,
                    published=LONG_AGO,
                    unit=u,
                )
                for u in ("lunch", "supper", "snack")
            ],
        )
        claim = billed(load, network(of), "2024-03")
        assert {x.category: x.amount for x in claim.lines} == {"supper": 400, "lunch": 0, "snack": 0}


class TestOneLineOfAMonth:
    """3.2, 5.1: days of absence are remarked on the line of their month; a second line of quantity
    0 there is not."""

    @pytest.mark.parametrize(
        "more",
        [
            'absence = [{ kind = "other", unit = "day", per = "stay", beyond = "cut", value = 0, @ }]\n',
            "",
        ],
        ids=["with a provision", "without"],
    )
    def test_two_days_away(self, more: str) -> None:
        of = service("day", f'rates = [{{ value = "10.00 USD", @ }}]\n{more}')
        load = caseload(
            [P],
            enrollments=[enrolled(P, "2024-03-01", "2024-03-31")],
            absences=[absent(P, "2024-03-30", "2024-03-31")],
        )
        claim = billed(load, network(of), "2024-03")
        expected = [(29, 29000, "2 days of absence not paid")]
        assert [(x.quantity, x.amount, str(x.reason)) for x in claim.lines] == expected


class TestReasonsOfTheLatestFacts:
    """8.1: the old facts of an adjustment are the latest of each issuer, however its claims were
    posted."""

    def test_posted_together_and_then_alone(self) -> None:
        one, two = A, B
        of = network(terms(COSTS), (SHARED,))
        costs = [
            cost(one, 10000, "2024-01", reference="V-1"),
            cost(one, 5000, "2024-01", reference="V-2", published=day("2024-02-20")),
            cost(one, 7000, "2024-02", reference="V-3"),
        ]
        first, second = day("2024-02-01"), day("2024-03-01")
        loads = [
            caseload([one], "A", first, costs=costs[:1]),
            caseload([two], "B", first, costs=[cost(two, 100, "2024-01")]),
        ]
        ledger = Ledger().post(bill(loads, of, Month(2024, 1), first))
        load = caseload([one], "A", second, costs=costs)
        found = adjust(ledger, load, of, Month(2024, 2), second)
        ledger = ledger.post(found.claim, found.changes)
        assert adjust(ledger, load, of, Month(2024, 2), second).changes == ()
        late = cost(one, 900, "2024-02", reference="V-4", published=day("2024-04-10"))
        load = caseload([one], "A", day("2024-05-01"), costs=[*costs, late])
        found = adjust(ledger, load, of, Month(2024, 2), day("2024-05-01"))
        assert [(c.reason, c.amount) for c in found.changes] == [("cost", 900)]


class TestAbsence:
    """3.2: an absence that touches an enrollment counts all its days to `known`; one without an
    enrolled day, none."""

    OF = service(
        "day",
        'rates = [{ value = "10.00 USD", @ }]\n'
        'absence = [{ kind = "other", unit = "day", per = "stay", beyond = "cliff", value = 10, @ }]\n',
    )

    @pytest.mark.parametrize("end", ["2025-12-31", None], ids=str)
    def test_without_an_end(self, end: str | None) -> None:
        """31 days of May are paid; of June none, since the absence is longer than 10 days."""
        load = caseload(
            [P], enrollments=[enrolled(P, "2024-05-01", "2024-06-07")], absences=[absent(P, "2024-06-01", end)]
        )
        assert cents(billed(load, network(self.OF), "2024-06").total) == 31000

    @pytest.mark.parametrize(
        ("also", "total"),
        [
            ([], 31000),
            ([enrolled(P, "2024-02-08", "2024-02-08")], 29000),  # 8 February, and 1 and 2 May, are the 8th to 10th day
            ([enrolled(P, "2024-02-09", "2024-02-09")], 32000),
        ],
        ids=("none enrolled", "one enrolled", "the day after"),
    )
    def test_without_an_enrolled_day(self, also: list[Enrollment], total: int) -> None:
        """Of 10 days in a year, 8 days of February use up none unless one of them is enrolled."""
        load = caseload(
            [P],
            enrollments=[*also, enrolled(P, "2024-05-01", "2024-05-31")],
            absences=[absent(P, "2024-02-01", "2024-02-08"), absent(P, "2024-05-01", "2024-05-05")],
        )
        of = service(
            "day",
            'rates = [{ value = "10.00 USD", @ }]\n'
            'absence = [{ kind = "other", unit = "day", per = "calendar_year", beyond = "cut", value = 10, @ }]\n',
        )
        assert cents(billed(load, network(of), "2024-05").total) == total


class TestNestedCredit:
    """7.1: a subaward's amount holds its own service and all below it, credits first."""

    @pytest.mark.parametrize(
        ("own", "below", "total"),
        [
            (150000, -100000, 50000),  # together as much as the amount
            (150001, -100000, 50000),
            (149999, -100000, 49999),
            (20000, -100000, -80000),
            (60000, 30000, 50000),
            (60000, 0, 50000),
        ],
    )
    def test_what_the_child_nets_to_makes_room(self, own: int, below: int, total: int) -> None:
        of = network(terms(COSTS), (Sub("S-1", 50000), Sub("S-2", parent="S-1")))
        costs = [cost(P, own, "2024-03"), *([cost(Q, below, "2024-03", "S-2")] if below else [])]
        found = asked(billed(caseload([P, Q], costs=costs), of, "2024-03"), of)
        assert cents(found.to_date) == total

    def test_three_levels(self) -> None:
        """S-3 is held to its own 100.00; its credit elsewhere does not help; S-1 holds all to
        500.00."""
        of = network(terms(COSTS), (Sub("S-1", 50000), Sub("S-2", 40000, "S-1"), Sub("S-3", 10000, "S-2")))
        costs = [
            cost(P, 150000, "2024-03", "S-1", reference="V-1"),
            cost(P, 90000, "2024-03", "S-2", reference="V-2"),
            cost(P, 60000, "2024-03", "S-3", reference="V-3"),
            cost(P, -30000, "2024-03", "S-2", reference="V-4"),
        ]
        found = asked(billed(caseload([P], costs=costs), of, "2024-03"), of)
        # the order of 7.2 goes by subaward: S-1 first; credits make room at each level
        assert allowed_of(found) == {"S-1": 80000, "S-2": -30000, "S-3": 0}


class TestReachOfAClaim:
    """8.2, law 6: a claim that is posted reaches at least to the last month posted for its issuer
    and award."""

    def test_through_an_earlier_month(self) -> None:
        of = network(terms(COSTS + cap("6000.00")))
        costs = [cost(P, 300000, "2024-01", reference="V-1"), cost(P, 400000, "2024-03", reference="V-2")]
        first = caseload([P], report=day("2024-04-01"), costs=costs)
        ledger = Ledger().post(bill(first, of, Month(2024, 3), day("2024-04-01")))
        assert cents(ledger.total) == 600000
        late = cost(P, 150000, "2024-01", reference="V-3", published=day("2024-04-20"))
        second = caseload([P], report=day("2024-05-01"), costs=[*costs, late])

        def adjusted(through: Month) -> Ledger:
            found = adjust(ledger, second, of, through, day("2024-05-01"))
            return ledger.post(found.claim, found.changes)

        with pytest.raises(GrantcalcError, match="2024-03"):
            adjusted(Month(2024, 1))
        assert cents(adjusted(Month(2024, 3)).total) == 600000


class TestHoldOfARefund:
    """9.1: a hold never raises a request."""

    def test_a_subaward_that_owes(self) -> None:
        of = network(terms(COSTS), (Sub("S-1"), Sub("S-2")))
        costs = [cost(P, -10000, "2024-03"), cost(Q, 50000, "2024-03", "S-2")]
        load = caseload([P, Q], report=day("2024-05-01"), costs=costs)
        ledger = Ledger().post(bill(load, of, Month(2024, 3), day("2024-05-01")))
        assert cents(requests(ledger, of)[0].amount) == 40000
        held = ledger.hold("S-1", "a visit", day("2024-05-02"))
        assert cents(requests(held, of)[0].amount) == 40000


class TestRatesThatEnded:
    """2.4: where no rate is in force, that is a refusal: a published rate is not paid beyond the
    year it is for."""

    @staticmethod
    def of(program: str, load: Caseload, first: str, through: str) -> None:
        """Bill two years of a program under the terms that ship."""
        of = network(load_terms(program), periods=(Period("BP", first, "2027-09-30"),), awarded=date(2025, 7, 1))
        of = evolve(of, subawards=())
        billed(load, of, through, day("2026-11-30"))

    def test_a_free_lunch_of_the_next_school_year(self) -> None:
        """The rate is that of school year 2025-26."""
        lunch = UnitsUsed(
            participant=P,
            subaward=FAIN,
            service="lunches",
            day=day("2026-09-01"),
            quantity=1,
            published=day("2025-10-01"),
            unit="free_lunch",
            rate_class="contiguous",
        )
        stay = [enrolled(P, "2025-07-01", sub=FAIN)]
        load = caseload([P], report=day("2026-11-30"), enrollments=stay, units=[lunch])
        with pytest.raises(NotInForce):
            self.of("school-meals", load, "2025-07-01", "2026-09")

    @pytest.mark.parametrize("program", ["matching-grant", "reception-and-placement"])
    def test_arrived_after_the_last_year_published(self, program: str) -> None:
        arrived = Registration(P, "adult", day("2026-01-05"), day("2026-01-05"))
        load = caseload([], report=day("2026-11-30"), enrollments=[enrolled(P, "2026-01-10", sub=FAIN)])
        with pytest.raises(NotInForce):
            self.of(program, evolve(load, participants=(arrived,)), "2025-10-01", "2026-09")


class TestCacfpIncrease:
    """2.3: a rate holds from the day that its publication names: the increase is of 1 July 2025 to
    30 June 2026."""

    @pytest.mark.parametrize(("month", "amount"), [("2024-09", None), ("2025-09", 2156)])
    def test_seven_children_on_22_days(self, month: str, amount: int | None) -> None:
        of = network(load_terms("cacfp-homes"), periods=(Period("BP", "2024-07-01", "2026-06-30"),))
        of = evolve(of, subawards=())
        counts = [
            Count(
                subaward=FAIN,
                service="increase",
                phase="",
                month=Month.parse(month),
                quantity=154,
                published=day("2024-07-01"),
                unit="child_day",
            )
        ]
        load = caseload([], report=day("2026-07-01"), counts=counts)
        if amount is None:
            with pytest.raises(NotInForce):
                billed(load, of, month)
        else:
            assert cents(billed(load, of, month).total) == amount


class TestSnapWholeDollars:
    """7 CFR 273.10(a)(1)(iii): a first month is rounded down to a whole dollar, and then tested
    against 10.00."""

    @pytest.mark.parametrize(
        ("allotment", "start", "amount"),
        [
            ("291.00", "2024-08-20", 11200),
            ("291.00", "2024-08-31", 0),
            ("309.90", "2024-08-31", 0),
        ],
    )
    def test_applied_late_in_august(self, allotment: str, start: str, amount: int) -> None:
        said = Filling(
            term="rate.allotment",
            value=Decimal(allotment),
            effective=date(2010, 1, 1),
            published=date(2010, 1, 1),
            authority=RECORD,
        )
        of = network(fill_terms(load_terms("snap-first-month"), [said]), awarded=date(2010, 1, 1))
        claim = billed(caseload([P], enrollments=[enrolled(P, start, "2024-08-31")]), of, "2024-08")
        assert cents(claim.total) == amount


class TestClosedOut:
    """8.3: a budget period that was closed out asks for nothing more."""

    def test_a_credit_of_the_next_period(self) -> None:
        """It makes room under the parent's amount, and the period that is closed out does not take
        it."""
        periods = (Period("BP1", "2024-01-01", "2024-06-30"), Period("BP2", "2024-07-01", "2024-12-31"))
        of = network(terms(COSTS), (Sub("S-1", 50000), Sub("S-2", parent="S-1")), periods)
        costs = [cost(P, 60000, "2024-03", "S-2")]
        load = caseload([P], report=day("2024-07-05"), costs=costs)
        ledger = Ledger().post(bill(load, of, Month(2024, 6), day("2024-07-05")))
        first = next(x for x in requests(ledger, of) if x.budget_period == "BP1")
        assert cents(first.amount) == 50000
        ledger = ledger.with_request(day("2024-07-06"), FAIN, "BP1", Cents(50000)).close_out(
            FAIN, "BP1", day("2024-07-31")
        )
        costs.append(cost(P, -10000, "2024-08", "S-2", reference="V-2"))
        load = caseload([P], report=day("2024-09-05"), costs=costs)
        ledger = ledger.post(bill(load, of, Month(2024, 8), day("2024-09-05")))
        assert sum(cents(x.amount) for x in requests(ledger, of) if x.budget_period == "BP1") == 0
