"""The request of an award by figures: what stands under the ceilings above a claim, and what is
asked (Rulebook 9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from grantcalc import (
    Caseload,
    Claim,
    Interval,
    Ledger,
    Month,
    Network,
    NotInForce,
    Participant,
    Request,
    Unknown,
    Unpostable,
    bill,
    requests,
)
from grantcalc.awards import Award, BooksFigure, BudgetPeriod, Organization, Subaward
from grantcalc.billing import Cost, Party, Registration
from grantcalc.known import Fact, Series
from grantcalc.ledger import request
from grantcalc.ledger.entries import Posting
from grantcalc.ledger.requests import assemble
from grantcalc.money import Cents
from grantcalc.network import Area
from grantcalc.provenance import NOWHERE, Authority, Input, Origin, Source
from grantcalc.regions import REGIONS
from tests.worked import COSTS, terms

YEAR = Interval(date(2024, 1, 1), date(2024, 12, 31))
HALVES = (Interval(YEAR.start, date(2024, 6, 30)), Interval(date(2024, 7, 1), YEAR.end))
LONG_AGO, REPORT = date(2023, 12, 1), date(2025, 1, 10)
SAYS = Authority("a test")
OFFICE = '[services.office]\ntitle = "Office"\npool = "administration"\ncite = "m"\ncount = "actual_cost"\n'
CAP = (
    '[ceilings.cap]\ntitle = "Cap"\ncite = "m"\nwindow = "budget_period"\n'
    'amounts = [{ tier = "alone", value = "900.00 USD", @ }]\n'
)
SHARE = (
    '[shares.admin]\ntitle = "Share"\ncite = "m"\npool = "administration"\nof = "cap"\nbase = "claimed"\n'
    "at_most = [{ value = 0.40, @ }]\n"
)


def series(*facts: tuple[int, date, date]) -> Series[int]:
    """Cents by the day from which they hold and the day published."""
    return Series("amount", [Fact(Cents(n), start, told, SAYS) for n, start, told in facts])


def amount(cents: int) -> Series[int]:
    return series((cents, YEAR.start, LONG_AGO))


def award(fain: str = "A-1", text: str = OFFICE + COSTS, halves: tuple[Series[int], ...] = ()) -> Award:
    """An award of two halves of a year, each of 1,000.00 unless told otherwise."""
    amounts = halves or (amount(100_000), amount(100_000))
    periods = tuple(BudgetPeriod(f"Half {n}", *half) for n, half in enumerate(zip(HALVES, amounts, strict=True), 1))
    return Award(
        fain=fain,
        recipient="ONE",
        agency="HHS",
        listing="93.598",
        awarded=LONG_AGO,
        period=YEAR,
        terms=terms(text),
        budget_periods=periods,
    )


def subaward(id: str, parent: str = "A-1", obligated: Series[int] | None = None) -> Subaward:
    return Subaward(
        id=id,
        parent=parent,
        subrecipient="SUB",
        period=YEAR,
        amount=obligated or Series(f"amount of {id}"),
        source=NOWHERE,
        reported_by=("ONE", "TWO"),
    )


def network(*subawards: Subaward, of: tuple[Award, ...] = (award(),), **changes: Any) -> Network:
    """One award to PRIME; S-1 is a subaward of it, unless others are given."""
    issuers = Organization(id="ONE", name="Prime"), Organization(id="TWO", name="Two")
    organizations = *issuers, Organization(id="SUB", name="Sub", state="TX")
    found = Network(
        report_date=LONG_AGO,
        organizations=organizations,
        awards=of,
        subawards=subawards or (subaward("S-1"),),
        label="ILLUSTRATIVE",
    )
    return evolve(found, **changes)


def cost(month: int, dollars: str, subaward: str = "S-1", service: str = "costs", who: str = "") -> Cost:
    """A cost paid on the tenth of a month of 2024, of a participant or of the subaward as a
    whole."""
    day = date(2024, month, 10)
    person = Participant("ONE", who) if who else None
    return Cost(
        participant=person,
        subaward=subaward,
        service=service,
        category="",
        amount=Cents(int(Decimal(dollars) * 100)),
        paid=day,
        months=(Month.of(day),),
        reference=dollars,
        published=LONG_AGO,
    )


def claim(*costs: Cost, of: Network | None = None, issuer: str = "ONE", through: int = 12) -> Claim:
    people = tuple(Registration(p) for p in dict.fromkeys(c.participant for c in costs) if p)
    origin = Origin(file=f"{issuer}.xlsx", digest=f"digest of {issuer}", facts="facts")
    return bill(
        Caseload(issuer=issuer, report_date=REPORT, participants=people, costs=costs, origin=origin),
        of or network(),
        Month(2024, through),
    )


def posted(*costs: Cost, of: Network | None = None) -> Ledger:
    return Ledger().post(claim(*costs, of=of))


def asked(ledger: Ledger, of: Network | None = None, half: int = 1) -> Request:
    return request(ledger, of or network(), "A-1", f"Half {half}")


def above(found: Request) -> list[tuple[str, str, str, int]]:
    """What is held back: by which ceiling, where, when, and how many cents."""
    return [(x.name, x.line.subaward, str(x.line.month), x.amount) for x in found.reductions]


class TestRequest:
    """9.1: by award and budget period, what stands posted, less what was requested before."""

    def test_each_award_and_budget_period_in_order(self) -> None:
        of = network(subaward("S-2", "B-2"), subaward("S-1"), of=(award("B-2"), award("A-1")))
        rows = cost(8, "3.00"), cost(7, "2.00", "S-2"), cost(2, "1.00"), cost(9, "4.00")
        ledger = posted(*rows, of=of).with_request(REPORT, "A-1", "Half 2", Cents(500))
        found = requests(ledger, of)
        assert [(r.award, r.budget_period, r.to_date.amount, r.amount.amount) for r in found] == [
            ("A-1", "Half 1", Decimal("1.00"), Decimal("1.00")),
            ("A-1", "Half 2", Decimal("7.00"), Decimal("2.00")),
            ("B-2", "Half 2", Decimal("2.00"), Decimal("2.00")),
        ]
        assert [[(str(x.month), x.amount) for x in r.lines] for r in found] == [
            [("2024-02", 100)],
            [("2024-08", 300), ("2024-09", 400)],
            [("2024-07", 200)],
        ]
        assert [r.parties for r in found] == [(Party("S-1", "A-1", "Prime", "Sub", 6),)] * 2 + [
            (Party("S-2", "B-2", "Prime", "Sub", 6),)
        ]
        assert [{t.award for t in r.terms} for r in found] == [{"A-1"}, {"A-1"}, {"B-2"}]

    def test_what_it_says(self) -> None:
        found = asked(posted(cost(2, "1.00")))
        assert (found.recipient, found.label, found.awarded, found.authorized) == (
            "Prime",
            "ILLUSTRATIVE",
            LONG_AGO,
            100_000,
        )
        assert (found.known, found.through, found.requested_before, found.on_hold) == (REPORT, Month(2024, 12), 0, 0)
        assert [x.amount for x in (found.to_date, found.held_back, found.amount)] == [1, 0, 1]

    def test_known_is_the_later_day_of_ledger_and_award_workbook(self) -> None:
        """2.2: by default the latest report date of its inputs."""
        ledger = posted(cost(2, "1.00"))
        assert asked(ledger, network(report_date=date(2025, 1, 9))).known == REPORT
        assert asked(ledger, network(report_date=date(2025, 1, 11))).known == date(2025, 1, 11)
        assert request(ledger, network(), "A-1", "Half 1", date(2025, 2, 1)).known == date(2025, 2, 1)

    def test_known_never_goes_back(self) -> None:
        """8.2: what a ledger knows cannot be unknown; the ledger of an earlier day can be asked
        for."""
        late = Ledger().post(evolve(claim(cost(2, "1.00"), through=2), known=date(2024, 3, 1)))
        both = late.post(evolve(claim(cost(2, "1.00"), cost(3, "2.00"), through=3), known=date(2024, 4, 1)))
        with pytest.raises(Unpostable, match="the latest in the ledger, 2024-04-01; found 2024-03-31"):
            request(both, network(), "A-1", "Half 1", date(2024, 3, 31))
        then = request(both.as_of(date(2024, 3, 31)), network(), "A-1", "Half 1", date(2024, 3, 31))
        assert then.amount.amount == 1

    def test_a_ledger_in_which_nothing_is_posted(self) -> None:
        with pytest.raises(Unpostable, match="nothing is posted that could be requested"):
            request(Ledger(), network(), "A-1", "Half 1")

    def test_a_hold_on_a_subaward_that_is_not_there(self) -> None:
        """The award workbook of the request may no longer list it: whoever reads the request must
        hear of it."""
        other = network(subaward("S-1"), subaward("S-11"))
        held = posted(cost(2, "1.00")).hold("S-11", "a visit", REPORT, other)
        (note,) = [n for n in asked(held).notes if n.cause == "hold"]
        assert (note.severity, asked(held).on_hold) == ("warning", 0)
        assert note.problem == "a hold names a subaward that the award workbook does not list"
        right = posted(cost(2, "1.00")).hold("S-1", "a visit", REPORT)
        assert [n for n in asked(right).notes if n.cause == "hold"] == []
        assert asked(right).on_hold == 100

    def test_through_is_the_latest_month_of_the_claims(self) -> None:
        ledger = Ledger().post(claim(cost(2, "1.00"), through=3)).post(claim(cost(2, "1.00"), issuer="TWO", through=4))
        assert asked(ledger).through == Month(2024, 4)
        assert asked(ledger).to_date.amount == 2

    def test_a_refund_is_due(self) -> None:
        ledger = posted(cost(2, "1.00")).with_request(REPORT, "A-1", "Half 1", Cents(250))
        assert asked(ledger).amount.amount == Decimal("-1.50")

    def test_its_inputs_are_those_of_the_claims_or_the_ledger_itself(self) -> None:
        of = network(origin=Origin(file="award.xlsx", digest="digest of the award", facts="facts"))
        ledger = Ledger().post(claim(cost(2, "1.00"), of=of)).post(claim(cost(3, "1.00"), of=of, issuer="TWO"))
        whole = Input("award", "award.xlsx", "digest of the award", "facts", LONG_AGO)
        loads = [Input("caseload", f"{x}.xlsx", f"digest of {x}", "facts", REPORT) for x in ("ONE", "TWO")]
        rules = of.awards[0].terms
        terms = Input("terms", rules.file, rules.digest, rules.digest, rules.published)
        assert request(ledger, of, "A-1", "Half 1").inputs == (whole, *loads, terms)
        kept = Input("ledger", "books.jsonl", "digest", "facts", REPORT)
        assert request(ledger, of, "A-1", "Half 1", source=kept).inputs == (whole, kept, terms)
        assert requests(ledger, of, source=kept)[0].inputs == (whole, kept, terms)

    def test_a_budget_period_that_the_award_does_not_have(self) -> None:
        with pytest.raises(Unknown) as refused:
            request(posted(cost(2, "1.00")), network(), "A-1", "Third")
        assert (refused.value.kind, refused.value.length) == ("budget period", 5)

    def test_coverage_goes_by_the_last_day_of_the_budget_period(self) -> None:
        """10: judged on 30 June; or on the day of knowledge where that is earlier."""
        areas = tuple(
            Area(
                holder="A-1",
                place=r,
                serves=r.number != 3,
                effective=YEAR.start,
                published=YEAR.start,
                source=Source("award.xlsx", "Areas", 2),
            )
            for r in REGIONS
        )
        ledger = Ledger().post(evolve(claim(cost(2, "1.00"), through=2), known=date(2024, 3, 1)))
        country = evolve(award(), nationwide=True, source=Source("award.xlsx", "Awards", 2))
        of = network(of=(country,), areas=areas)
        for known, day in ((None, "2024-03-01"), (date(2024, 9, 1), "2024-06-30")):
            (note,) = request(ledger, of, "A-1", "Half 1", known).notes
            assert note.problem == f"on {day} Region 3 is served by nobody"

    def test_a_budget_period_that_is_open(self) -> None:
        """It has no last day: what is obligated latest holds, and coverage is judged on the day of
        knowledge."""
        later = series((100_000, YEAR.start, LONG_AGO), (50, date(2031, 1, 1), LONG_AGO))
        (half, _) = award().budget_periods
        open_end = evolve(
            award(), nationwide=True, budget_periods=(evolve(half, days=Interval(YEAR.start), amount=later),)
        )
        areas = (Area(holder="A-1", place=REGIONS[0], serves=True, effective=YEAR.start, published=YEAR.start),)
        of = network(of=(open_end,), areas=areas)
        found = asked(posted(cost(2, "1.00"), of=of), of)
        assert (found.authorized, above(found)) == (50, [("award A-1", "S-1", "2024-02", -50)])
        assert found.notes[0].problem.startswith("on 2025-01-10 Regions 2, 3")

    def test_the_books_are_those_of_the_day_of_knowledge(self) -> None:
        """15 percent of 2.00, known from March on."""
        said = tuple(
            BooksFigure(
                award="A-1",
                budget_period="Half 1",
                name=name,
                value=Decimal(value),
                effective=date(2024, 3, 1),
                published=date(2024, 3, 1),
            )
            for name, value in (("indirect_rate", "0.15"), ("indirect_base", "2.00"))
        )
        ledger = Ledger().post(evolve(claim(cost(2, "1.00"), through=2), known=date(2024, 2, 29)))
        of = network(financials=said)
        assert request(ledger, of, "A-1", "Half 1", date(2024, 3, 1)).amount.amount == Decimal("1.30")
        assert request(ledger, of, "A-1", "Half 1").amount.amount == 1


class TestCounted:
    """No participant is in a request: a ledger with participants and one without give the same."""

    def test_equal_lines_are_counted_together(self) -> None:
        rows = cost(2, "1.00", who="P-1"), cost(2, "2.00", who="P-2"), cost(2, "-0.50", who="P-1"), cost(3, "4.00")
        detailed = claim(*rows)
        one, other = asked(Ledger().post(detailed)), asked(Ledger().post(detailed.counted()))
        assert [(x.count, x.amount, str(x.reason or ""), x.participant) for x in one.lines] == [
            (2, 300, "", None),
            (1, -50, "credit", None),
            (1, 400, "", None),
        ]
        assert one.lines == other.lines

    def test_so_is_what_the_claims_hold_back(self) -> None:
        """Two participants with 950.00 and 960.00 under 900.00 each; then 1,000.00 of the award let
        200.00 less."""
        of = network(of=(award(text=OFFICE + COSTS + CAP, halves=(amount(160_000), amount(0))),))
        rows = cost(3, "960.00", who="P-2"), cost(2, "950.00", who="P-1"), cost(3, "970.00", who="P-3")
        detailed = claim(*rows, of=of)
        one, other = asked(Ledger().post(detailed), of), asked(Ledger().post(detailed.counted()), of)
        assert [
            (x.name, str(x.line.month), x.count, x.amount, x.line.count, x.line.amount) for x in one.reductions
        ] == [
            ("cap", "2024-02", 1, -5_000, 1, 95_000),
            ("cap", "2024-03", 2, -13_000, 2, 193_000),
            ("award A-1", "2024-03", 1, -110_000, 2, 193_000),
        ]
        assert one.reductions == other.reductions
        assert one.held_back.amount == -1_280
        assert one.to_date.amount == one.amount.amount == 1_600

    def test_what_two_claims_hold_back_is_in_order(self) -> None:
        """Of 950.00 each in April and in March 900.00 stand; and the subaward's 1,700.00 stand
        before that award's."""
        of = network(
            subaward("S-1", obligated=amount(170_000)),
            of=(award(text=OFFICE + COSTS + CAP, halves=(amount(1_000_000), amount(0))),),
        )
        rows = cost(4, "950.00", who="P-1"), cost(3, "950.00", who="P-2")
        assert above(asked(posted(*rows, of=of), of)) == [
            ("cap", "S-1", "2024-03", -5_000),
            ("cap", "S-1", "2024-04", -5_000),
            ("subaward S-1", "S-1", "2024-04", -10_000),
        ]

    def test_of_this_budget_period(self) -> None:
        of = network(of=(award(text=OFFICE + COSTS + CAP),))
        ledger = posted(cost(3, "950.00", who="P-1"), cost(8, "960.00", who="P-1"), of=of)
        assert above(asked(ledger, of)) == [("cap", "S-1", "2024-03", -5_000)]
        assert above(asked(ledger, of, half=2)) == [("cap", "S-1", "2024-08", -6_000)]


class TestAward:
    """7.1: the award's own amount, for each budget period by itself, in the order of filling
    (7.2)."""

    ROWS = (cost(5, "400.00"), cost(3, "300.00", service="office"), cost(3, "400.00"), cost(8, "900.00"))

    def test_by_month_and_then_direct_before_administration(self) -> None:
        """Of 400.00 and 300.00 in March and 400.00 in May 1,000.00 stand; July to December has its
        own."""
        found = asked(posted(*self.ROWS))
        assert above(found) == [("award A-1", "S-1", "2024-05", -10_000)]
        (limit,) = found.reductions
        assert (limit.window, limit.room, limit.authority, limit.line.amount) == ("Half 1", 100_000, SAYS, 40_000)
        of = network(of=(award(halves=(amount(50_000), amount(100_000))),))
        assert above(asked(posted(*self.ROWS, of=of), of)) == [
            ("award A-1", "S-1", "2024-03", -20_000),
            ("award A-1", "S-1", "2024-05", -40_000),
        ]
        assert above(asked(posted(*self.ROWS), half=2)) == []

    def test_to_the_cent(self) -> None:
        assert above(asked(posted(cost(3, "1000.00")))) == []
        assert above(asked(posted(cost(3, "1000.01")))) == [("award A-1", "S-1", "2024-03", -1)]

    def test_credits_first(self) -> None:
        assert above(asked(posted(cost(3, "1010.00"), cost(5, "-10.00")))) == []

    def test_the_amount_of_the_last_day_as_known(self) -> None:
        """7.4: an amendment that holds from June on holds; one of July does not, nor one that
        nobody knows yet."""
        half = series(
            (100_000, YEAR.start, LONG_AGO),
            (30_000, date(2024, 6, 30), date(2024, 7, 5)),
            (20_000, date(2024, 7, 1), date(2024, 7, 5)),
        )
        of = network(of=(award(halves=(half, amount(0))),))
        ledger = Ledger().post(evolve(claim(cost(3, "1000.00")), known=date(2024, 7, 4)))
        assert asked(ledger, of).authorized == 100_000
        later = request(ledger, of, "A-1", "Half 1", date(2024, 7, 5))
        assert (later.authorized, above(later)) == (30_000, [("award A-1", "S-1", "2024-03", -70_000)])
        assert [x.amount for x in (later.held_back, later.to_date)] == [-700, 300]
        (again,) = requests(ledger, of, date(2024, 7, 5))
        assert again == later

    def test_an_amount_that_nobody_knows_is_a_refusal(self) -> None:
        """2.4: where none holds, that is a refusal."""
        of = network(of=(award(halves=(series((1, YEAR.start, date(2026, 1, 1))), amount(0))),))
        with pytest.raises(NotInForce):
            asked(posted(cost(3, "1.00")), of)


class TestParents:
    """7.1: between the subaward and the award each parent holds all below it, the nearest first."""

    def tree(self, near: int, far: int) -> Network:
        """S-1 has S-2 below it, and that has S-3 and S-4."""
        return network(
            subaward("S-1", obligated=amount(far)),
            subaward("S-2", "S-1", amount(near)),
            subaward("S-3", "S-2"),
            subaward("S-4", "S-2"),
        )

    ROWS = (cost(3, "60.00", "S-3"), cost(4, "50.00", "S-4"), cost(5, "40.00", "S-2"), cost(6, "30.00", "S-1"))

    def test_the_nearest_first(self) -> None:
        """S-2 has 100.00: 60.00 of March and 40.00 of April, and nothing for its own May, for a
        parent's own lines are one of its children (9.2). S-1 has 110.00: these, and 10.00 of its
        own June."""
        of = self.tree(10_000, 11_000)
        found = asked(posted(*self.ROWS, of=of), of)
        assert above(found) == [
            ("subaward S-2", "S-4", "2024-04", -1_000),
            ("subaward S-2", "S-2", "2024-05", -4_000),
            ("subaward S-1", "S-1", "2024-06", -2_000),
        ]
        assert [(x.window, x.room, x.authority) for x in found.reductions] == [
            ("subaward period", 10_000, SAYS),
            ("subaward period", 10_000, SAYS),
            ("subaward period", 11_000, SAYS),
        ]

    def test_whatever_their_names_are(self) -> None:
        """The same with the names of near and far exchanged."""
        of = network(
            subaward("S-2", obligated=amount(11_000)),
            subaward("S-1", "S-2", amount(10_000)),
            subaward("S-3", "S-1"),
        )
        assert above(asked(posted(cost(3, "120.00", "S-3"), of=of), of)) == [("subaward S-1", "S-3", "2024-03", -2_000)]

    def test_before_the_award(self) -> None:
        """S-1 lets 90.00 and 110.00 of 200.00 stand; of those 200.00 the award would let
        1,000.00."""
        of = network(
            subaward("S-1", obligated=amount(90_000)),
            subaward("S-3", "S-1"),
            subaward("S-4"),
        )
        rows = cost(3, "950.00", "S-3"), cost(4, "150.00", "S-4")
        assert above(asked(posted(*rows, of=of), of)) == [
            ("subaward S-1", "S-3", "2024-03", -5_000),
            ("award A-1", "S-4", "2024-04", -5_000),
        ]

    def test_a_subaward_that_two_issuers_report(self) -> None:
        """Each claim of 60.00 fits the 100.00 of S-1, and another is held to them; together they
        are too much: 100.00 of 160.00 stand."""
        of = network(subaward("S-1", obligated=amount(10_000)))
        one, two = claim(cost(4, "60.00"), of=of), claim(cost(3, "110.00"), of=of, issuer="TWO")
        found = asked(assemble([one, two]), of)
        assert above(found) == [
            ("subaward S-1", "S-1", "2024-03", -1_000),
            ("subaward S-1", "S-1", "2024-04", -6_000),
        ]
        assert found.amount.amount == 100

    def test_over_all_budget_periods(self) -> None:
        """S-2 has 100.00 for the year: 60.00 in March, and of 50.00 in August 40.00. Each request
        shows its own."""
        of = self.tree(10_000, 100_000)
        ledger = posted(cost(3, "60.00", "S-3"), cost(8, "50.00", "S-4"), of=of)
        assert above(asked(ledger, of)) == []
        assert above(asked(ledger, of, half=2)) == [("subaward S-2", "S-4", "2024-08", -1_000)]

    def test_an_amount_as_known_on_the_last_day_of_its_period(self) -> None:
        """7.4: 50.00 from 31 December on; what is for the day after changes nothing, nor what
        nobody knows yet."""
        known = (100, date(2025, 1, 1), LONG_AGO), (5_000, YEAR.end, LONG_AGO), (10_000, YEAR.start, LONG_AGO)
        for obligated, expected in (
            (series(*known), [("subaward S-1", "S-3", "2024-03", -1_000)]),  # type: ignore[arg-type]
            (series((1, YEAR.start, date(2025, 1, 11))), []),
        ):
            of = network(subaward("S-1", obligated=obligated), subaward("S-3", "S-1"))
            assert above(asked(posted(cost(3, "60.00", "S-3"), of=of), of)) == expected

    def test_a_period_without_an_end(self) -> None:
        late = series((10_000, YEAR.start, LONG_AGO), (5_000, date(2031, 1, 1), LONG_AGO))
        of = network(evolve(subaward("S-1", obligated=late), period=Interval(YEAR.start)), subaward("S-3", "S-1"))
        assert above(asked(posted(cost(3, "60.00", "S-3"), of=of), of)) == [("subaward S-1", "S-3", "2024-03", -1_000)]


class TestSharesAgain:
    """7.5: a share on base claimed is tested again after the award, by subaward and budget period,
    on what stands of participants' lines."""

    def of(self, first: int, second: int = 100_000, **changes: Any) -> Network:
        text = OFFICE + COSTS + CAP + SHARE
        return network(
            subaward("S-1"), subaward("S-2"), of=(award(text=text, halves=(amount(first), amount(second))),), **changes
        )

    ROWS = (
        cost(3, "40.00", service="office", who="P-1"),
        cost(4, "60.00", who="P-1"),
        cost(3, "10.00", "S-2", "office", who="P-2"),
        cost(3, "90.00", "S-2", who="P-2"),
        cost(8, "99.00", service="office"),
    )

    def test_only_where_something_above_holds_back(self) -> None:
        """99.00 of administration in August go by no participant, and nothing above them is
        full."""
        of = self.of(100_000)
        assert above(asked(posted(*self.ROWS, of=of), of)) == []
        assert above(asked(posted(*self.ROWS, of=of), of, half=2)) == []

    def test_of_what_then_stands(self) -> None:
        """170.00 of 200.00 stand: 90.00, 10.00 and 40.00 of March, and of April's 60.00 there are
        30.00. Two thirds of those are 20.00 of administration at S-1; at S-2 10.00 stay."""
        of = self.of(17_000)
        found = asked(posted(*self.ROWS, of=of), of)
        assert above(found) == [("award A-1", "S-1", "2024-04", -3_000), ("admin", "S-1", "2024-03", -2_000)]
        assert [(x.window, x.room) for x in found.reductions] == [("Half 1", 17_000), ("Half 1", 2_000)]
        assert found.to_date.amount == 150

    def test_each_subaward_by_itself(self) -> None:
        """0.00 of the award stand; then nothing is left to be held back again."""
        of = self.of(0)
        assert [x[0] for x in above(asked(posted(*self.ROWS, of=of), of))] == ["award A-1"] * 4

    def test_after_a_parent_too(self) -> None:
        """S-1 as a parent holds back 30.00 of S-3's direct cost; two thirds of 30.00 are 20.00."""
        text = OFFICE + COSTS + CAP + SHARE
        of = network(subaward("S-1", obligated=amount(7_000)), subaward("S-3", "S-1"), of=(award(text=text),))
        rows = cost(3, "40.00", "S-3", "office", who="P-1"), cost(4, "60.00", "S-3", who="P-1")
        assert above(asked(posted(*rows, of=of), of)) == [
            ("subaward S-1", "S-3", "2024-04", -3_000),
            ("admin", "S-3", "2024-03", -2_000),
        ]


class TestHolds:
    """What stands of a subaward that is held, or of one above it that is, is not asked for."""

    OF = network(subaward("S-1"), subaward("S-3", "S-1"), subaward("S-4"))
    ROWS = (cost(3, "600.00", "S-3"), cost(4, "300.00", "S-4"), cost(5, "200.00"))

    @pytest.mark.parametrize(("held", "dollars"), [("S-3", 600), ("S-4", 300), ("S-1", 700), ("A-1", 1_000)])
    def test_what_is_on_hold(self, held: str, dollars: int) -> None:
        """1,100.00 are earned and 1,000.00 stand: of May's 200.00 there are 100.00."""
        found = asked(posted(*self.ROWS, of=self.OF).hold(held, "a visit", REPORT), self.OF)
        assert found.on_hold == dollars * 100
        assert [x.amount for x in (found.to_date, found.amount)] == [1_000, 1_000 - dollars]

    def test_of_this_budget_period(self) -> None:
        ledger = posted(*self.ROWS, cost(8, "50.00", "S-3"), of=self.OF).hold("S-3", "a visit", REPORT)
        assert [asked(ledger, self.OF, half).on_hold for half in (1, 2)] == [60_000, 5_000]


def test_claims_are_assembled_in_the_order_of_what_they_knew() -> None:
    early = evolve(claim(cost(3, "1.00"), issuer="TWO"), known=date(2025, 1, 9))
    late, same = claim(cost(3, "2.00"), issuer="TWO"), claim(cost(3, "4.00"), issuer="ONE")
    ledger = assemble([late, same, early])
    postings = [(e.act.issuers, e.posted.day) for e in ledger.entries if isinstance(e.act, Posting)]
    assert postings == [(("TWO",), 9), (("ONE",), 10), (("TWO",), 10)]
    assert ledger.total.amount == 6
    assert all(getattr(x, "participant", None) is None for x in ledger.allowed())
