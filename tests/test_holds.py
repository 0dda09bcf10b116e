"""What a hold keeps from being requested, and a budget period that was closed out (Rulebook 9.4 and
9.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from grantcalc import Caseload, Ledger, Month, Network, Request, Unpostable, bill, from_json, requests, to_json
from grantcalc.amendments import with_amendments
from grantcalc.awards import Amendment, BooksFigure, Disallowance
from grantcalc.forms import sf270, sf425
from grantcalc.ledger import roll_up
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import Part
from grantcalc.ledger.requests import by_subaward
from grantcalc.money import Cents, cents
from tests.test_requests_worked import LONG_AGO, REPORT, YEAR, amount, asked, claim, cost, network, subaward

OF = network(subaward("S-1"), subaward("S-2"), subaward("S-3", "S-1"))
LATER, LAST = date(2025, 2, 1), date(2025, 3, 1)


def remembered(ledger: Ledger, of: Network = OF, *, told: bool = True) -> Ledger:
    """The ledger after its requests were made; untold, as an entry of format 1 was written: without
    subawards."""
    for r in requests(ledger, of):
        parts = by_subaward(r, ledger, of) if told else ()
        amount = cents(r.amount) - cents(r.to_be_returned)
        ledger = ledger.with_request(r.known, r.award, r.budget_period, Cents(amount), by_subaward=parts)
    return ledger


def read_again(found: Request) -> Request:
    """The request as JSON and back, but for its inputs, which are no files here."""
    again = from_json(to_json(evolve(found, inputs=())))
    assert isinstance(again, Request)
    return evolve(again, inputs=found.inputs)


def figures(found: Request) -> tuple[object, ...]:
    """What stands to date, what is on hold in cents, and what is asked."""
    return found.to_date.amount, found.on_hold, found.amount.amount


class TestHolds:
    """9.4: a hold stops what has not been requested yet: on hold = max(0, allowed − requested
    before) by subaward and budget period. It never claws back, and never raises a request."""

    @pytest.mark.parametrize("told", [True, False])
    def test_it_never_claws_back(self, told: bool) -> None:
        """160.00 were requested, 65.14 of them of S-1. A hold of S-1 asks nothing back, its release
        nothing again."""
        ledger = remembered(Ledger().post(claim(cost(3, "65.14"), cost(3, "94.86", "S-2"), of=OF)), told=told)
        held = ledger.hold("S-1", "a visit", REPORT)
        assert figures(asked(held, OF)) == (160, 0, 0)
        assert figures(asked(held.release("S-1", REPORT), OF)) == (160, 0, 0)

    @pytest.mark.parametrize("told", [True, False])
    def test_what_is_earned_later_is_on_hold(self, told: bool) -> None:
        """S-1 then earns 20.00 more, S-2 30.00: 30.00 are asked for, and the 20.00 when the hold is
        lifted."""
        rows = cost(3, "65.14"), cost(3, "94.86", "S-2")
        ledger = remembered(Ledger().post(claim(*rows, of=OF)), told=told).hold("S-1", "a visit", REPORT)
        ledger = ledger.post(claim(*rows, cost(4, "20.00"), cost(4, "30.00", "S-2"), of=OF))
        found = asked(ledger, OF)
        assert figures(found) == (210, 2_000, 30)
        assert by_subaward(found, ledger, OF) == (Part("S-1", 0, 2_000), Part("S-2", 3_000))
        assert roll_up(ledger, OF).on_hold == 2_000
        ledger = remembered(ledger, told=told)
        assert figures(asked(ledger, OF)) == (210, 2_000, 0)
        assert figures(asked(ledger.release("S-1", REPORT), OF)) == (210, 0, 20)

    def test_it_never_raises_a_request(self) -> None:
        """S-1 has a credit of 100.00, S-2 earned 500.00: 400.00 are allowed and asked for, with or
        without a hold."""
        ledger = Ledger().post(claim(cost(3, "-100.00"), cost(3, "500.00", "S-2"), of=OF))
        assert figures(asked(ledger.hold("S-1", "a visit", REPORT), OF)) == (400, 0, 400)

    def test_a_refund_counts(self) -> None:
        """100.00 of S-1 were requested, and 60.00 stand: the hold leaves the refund of 40.00 in the
        request."""
        ledger = remembered(Ledger().post(claim(cost(3, "100.00"), cost(3, "50.00", "S-2"), of=OF)))
        ledger = ledger.hold("S-1", "a visit", REPORT)
        less = ledger.post(claim(cost(3, "60.00"), cost(3, "50.00", "S-2"), of=OF))
        assert figures(asked(less, OF)) == (110, 0, -40)

    def test_held_money_fills_ceilings(self) -> None:
        """The award has 1,000.00: S-1's 800.00 of March are held, and of S-2's 500.00 of April
        200.00 stand."""
        ledger = Ledger().post(claim(cost(3, "800.00"), cost(4, "500.00", "S-2"), of=OF))
        assert figures(asked(ledger.hold("S-1", "a visit", REPORT), OF)) == (1_000, 80_000, 200)

    @pytest.mark.parametrize("told", [True, False])
    def test_a_hold_holds_all_below(self, told: bool) -> None:
        """S-3 is below S-1. What is requested while it is held is of S-2 alone."""
        ledger = Ledger().post(claim(cost(3, "60.00", "S-3"), cost(3, "40.00", "S-2"), of=OF))
        ledger = remembered(ledger.hold("S-1", "a visit", REPORT, OF), told=told)
        assert figures(asked(ledger, OF)) == (100, 6_000, 0)
        assert figures(asked(ledger.release("S-1", REPORT), OF)) == (100, 0, 60)

    def test_an_advance_was_requested_for_what_is_held_too(self) -> None:
        """100.00 were advanced before anything was earned. S-1 earns 60.00 and is held: nothing is
        asked back."""
        ledger = Ledger().post(claim(cost(8, "1.00", "S-2"), of=OF))
        ledger = ledger.with_request(REPORT, "A-1", "Half 1", Cents(10_000), "advance").hold(
            "S-1", "a visit", REPORT, OF
        )
        earned = ledger.post(claim(cost(3, "60.00"), cost(3, "40.00", "S-2"), cost(8, "1.00", "S-2"), of=OF))
        assert figures(asked(earned, OF)) == (100, 0, 0)
        more = ledger.post(claim(cost(3, "80.00"), cost(3, "40.00", "S-2"), cost(8, "1.00", "S-2"), of=OF))
        assert asked(more, OF).amount.amount == 20

    def test_an_advance_is_used_up_once(self) -> None:
        """50.00 were advanced. S-1 and S-2 earn 60.00 each, and both are held: of 120.00 there are
        70.00 on hold."""
        ledger = Ledger().post(claim(cost(8, "1.00", "S-2"), of=OF))
        ledger = ledger.with_request(REPORT, "A-1", "Half 1", Cents(5_000), "advance").hold("A-1", "a visit", REPORT)
        earned = ledger.post(claim(cost(3, "60.00"), cost(3, "60.00", "S-2"), cost(8, "1.00", "S-2"), of=OF))
        assert figures(asked(earned, OF)) == (120, 7_000, 0)

    def test_an_advance_is_the_federal_share_of_a_cost(self) -> None:
        """75.00 are advanced at a federal share of 0.75: they were requested for the 100.00 that
        S-1 earns and has on hold. Of 120.00, 20.00 are on hold. Of no federal share, a cent of
        advance is for one of cost."""
        for share, advance, dollars, found in (
            ("0.75", 7_500, 100, (100, 0, 0)),
            ("0.75", 7_500, 120, (120, 2_000, 0)),
            ("0", 7_500, 100, (100, 2_500, -75)),
        ):
            books = (
                BooksFigure(
                    award="A-1",
                    budget_period="Half 1",
                    name="federal_share",
                    value=Decimal(share),
                    effective=YEAR.start,
                    published=LONG_AGO,
                ),
            )
            of = evolve(OF, financials=books)
            ledger = (
                Ledger().with_request(REPORT, "A-1", "Half 1", Cents(advance), "advance").hold("S-1", "x", REPORT, of)
            )
            assert figures(asked(ledger.post(claim(cost(3, f"{dollars}.00"), of=of)), of)) == found

    def test_a_request_settles_an_advance(self) -> None:
        """100.00 are advanced, and 10.00 of indirect cost with the 100.00 of S-2 are then asked
        for; the 50.00 that S-1 earns later are on hold."""
        said = {"indirect_rate": "0.10", "indirect_base": "100.00"}
        of = evolve(
            OF,
            financials=tuple(
                BooksFigure(
                    award="A-1",
                    budget_period="Half 1",
                    name=k,
                    value=Decimal(v),
                    effective=YEAR.start,
                    published=LONG_AGO,
                )
                for k, v in said.items()
            ),
        )
        rows = cost(3, "100.00", "S-2")
        ledger = Ledger().with_request(REPORT, "A-1", "Half 1", Cents(10_000), "advance").post(claim(rows, of=of))
        ledger = ask(ledger, of).ledger.hold("S-1", "a visit", REPORT, of)
        assert figures(asked(ledger.post(claim(rows, cost(4, "50.00"), of=of)), of)) == (150, 5_000, 0)

    def test_an_advance_beside_what_was_earned(self) -> None:
        """60.00 of S-2 and 90.00 of estimated outlays are asked as an advance. S-1 then earns
        100.00 and is held: 10.00 are on hold, and the request asks for S-1 what the advance was
        for."""
        said = BooksFigure(
            award="A-1",
            budget_period="Half 1",
            name="outlays_estimated",
            value=Decimal("90.00"),
            effective=YEAR.start,
            published=LONG_AGO,
        )
        of = evolve(OF, financials=(said,))
        ledger = ask(Ledger().post(claim(cost(3, "60.00", "S-2"), of=of)), of, kind="advance").ledger
        assert ledger.requested("A-1", "Half 1") == 15_000
        ledger = ledger.post(claim(cost(3, "60.00", "S-2"), cost(4, "100.00"), of=of)).hold("S-1", "a visit", REPORT)
        found = asked(ledger, OF)
        assert figures(found) == (160, 1_000, 0)
        assert by_subaward(found, ledger, OF) == (Part("S-1", 9_000, 1_000),)

    def test_an_advance_after_a_request(self) -> None:
        """S-2's 60.00 are asked, then 100.00 are advanced, to the cent what S-1 earns and has on
        hold."""
        first = ask(Ledger().post(claim(cost(3, "60.00", "S-2"), of=OF)), OF).ledger
        ledger = first.with_request(REPORT, "A-1", "Half 1", Cents(10_000), "advance").hold(
            "S-1", "a visit", REPORT, OF
        )
        rows = cost(3, "60.00", "S-2"), cost(4, "100.00")
        assert figures(asked(ledger.post(claim(*rows, of=OF)), OF)) == (160, 0, 0)

    def test_money_returned_is_no_advance(self) -> None:
        """50.00 are returned before anything is earned; S-1's 60.00 are on hold."""
        ledger = Ledger().with_request(REPORT, "A-1", "Half 1", Cents(-5_000)).hold("A-1", "a visit", REPORT, OF)
        assert figures(asked(ledger.post(claim(cost(3, "60.00"), of=OF)), OF)) == (60, 6_000, 50)

    def test_a_refund_of_one_uncovers_nothing_of_another(self) -> None:
        """All is held; S-1 comes to 40.00 less, S-2 to 40.00 more."""
        ledger = remembered(Ledger().post(claim(cost(3, "100.00"), cost(3, "50.00", "S-2"), of=OF)))
        ledger = ledger.hold("A-1", "a visit", REPORT)
        less = ledger.post(claim(cost(3, "60.00"), cost(3, "90.00", "S-2"), of=OF))
        assert figures(asked(less, OF)) == (150, 4_000, -40)

    def test_all_of_a_subaward_is_taken_back(self) -> None:
        ledger = remembered(Ledger().post(claim(cost(3, "60.00"), cost(3, "40.00", "S-2"), of=OF)))
        none = ledger.post(claim(cost(3, "40.00", "S-2"), of=OF))
        assert by_subaward(asked(none, OF), none, OF) == (Part("S-1", -6_000),)

    def test_a_request_that_does_not_say(self) -> None:
        """It asked for what was allowed and not on hold when it was made, less what the one before
        it asked for."""
        ledger = Ledger().post(claim(cost(3, "60.00"), cost(3, "40.00", "S-2"), of=OF))
        ledger = ledger.hold("S-1", "a visit", REPORT).release("S-1", REPORT)
        ledger = remembered(ledger, told=False)
        ledger = remembered(ledger.post(claim(cost(3, "80.00"), cost(3, "70.00", "S-2"), of=OF)), told=False)
        assert figures(asked(ledger.hold("A-1", "a visit", REPORT), OF)) == (150, 0, 0)
        assert by_subaward(asked(ledger, OF), ledger, OF) == ()

    def test_a_cent_of_a_request_that_does_not_say(self) -> None:
        """A cent is taken back of S-1 while it is held; and a cent is asked of S-1 beside a credit
        of S-2."""
        ledger = remembered(Ledger().post(claim(cost(3, "60.00"), of=OF)), told=False).hold("S-1", "a visit", REPORT)
        less = remembered(ledger.post(claim(cost(3, "59.99"), of=OF)), told=False)
        assert by_subaward(asked(less, OF), less, OF) == ()
        more = Ledger().post(claim(cost(3, "0.01"), cost(3, "-0.50", "S-2"), of=OF))
        more = more.with_request(REPORT, "A-1", "Half 1", Cents(1))
        assert by_subaward(asked(more, OF), more, OF) == (Part("S-2", -50),)

    def test_indirect_cost_alone_is_no_advance(self) -> None:
        """50.00 of indirect cost are requested while all of S-1 is held; asked again, S-1's 60.00
        are still on hold."""
        said = {"indirect_rate": "0.10", "indirect_base": "500.00"}
        books = (
            BooksFigure(
                award="A-1", budget_period="Half 1", name=k, value=Decimal(v), effective=YEAR.start, published=LONG_AGO
            )
            for k, v in said.items()
        )
        of = evolve(OF, financials=tuple(books))
        ledger = Ledger().post(claim(cost(3, "60.00"), of=of)).hold("S-1", "a visit", REPORT)
        assert figures(asked(ledger, of)) == (60, 6_000, 50)
        assert figures(asked(ask(ledger, of).ledger, of)) == (60, 6_000, 0)

    def test_a_request_of_part_is_told_apart_in_proportion(self) -> None:
        """Of 60.00 and 40.00 a request that does not say asked for 50.00: 30.00 and 20.00."""
        ledger = Ledger().post(claim(cost(3, "60.00"), cost(3, "40.00", "S-2"), of=OF))
        ledger = ledger.with_request(REPORT, "A-1", "Half 1", Cents(5_000)).hold("S-1", "a visit", REPORT)
        assert by_subaward(asked(ledger, OF), ledger, OF) == (Part("S-1", 0, 3_000), Part("S-2", 2_000))

    def test_only_what_is_there_is_held(self) -> None:
        """The award workbook lists it, or something was posted there; any other number is
        refused."""
        ledger = Ledger().post(claim(cost(3, "60.00"), of=OF))
        for id in ("S-1", "A-1"):
            assert ledger.hold(id, "a visit", REPORT).holds == {id: "a visit"}
        assert ledger.hold("S-3", "a visit", REPORT, OF).holds == {"S-3": "a visit"}
        for id, of in (("S-3", None), ("S-9", OF), ("S-TYPO", None)):
            with pytest.raises(Unpostable, match="nothing was posted at a subaward of this number"):
                ledger.hold(id, "a visit", REPORT, of)


def lowered(of: Network, dollars: int) -> Network:
    """The same network after an amendment that leaves S-1 so much."""
    less = Amendment(
        of="S-1", budget_period="", reference="1", amount=Cents(dollars * 100), effective=YEAR.start, published=LATER
    )
    subawards = (evolve(s, amount=with_amendments(s.amount, [less])) if s.id == "S-1" else s for s in of.subawards)
    return evolve(of, subawards=tuple(subawards))


class TestClosedOut:
    """9.5: a budget period that was closed out asks for nothing again; a refund of it is to be
    returned, and nets against no other request (45 CFR 75.386, 2 CFR 200.345)."""

    NESTED = network(subaward("S-1", obligated=amount(50_000)), subaward("S-2", "S-1"), subaward("S-4"))

    def test_it_asks_for_nothing_again(self) -> None:
        """600.00 below S-1's 500.00: 500.00 are requested. A credit of 100.00 in the next period
        makes room for 100.00 of the first, which was closed out."""
        rows = cost(3, "600.00", "S-2")
        ledger = remembered(Ledger().post(claim(rows, of=self.NESTED)), self.NESTED)
        ledger = ledger.close_out("A-1", "Half 1", REPORT).post(claim(rows, cost(8, "-100.00", "S-2"), of=self.NESTED))
        first, second = requests(ledger, self.NESTED)
        assert (first.closed_out, second.closed_out) == (True, False)
        assert [x.amount for x in (first.to_date, first.amount, first.to_be_returned)] == [600, 0, 0]
        assert second.amount.amount == -100
        form = sf270(first).line("11i")
        assert (form.amount, form.formula, form.sums) == (0, "", "nothing: the budget period was closed out")
        assert read_again(first) == first

    def test_its_refund_is_to_be_returned(self) -> None:
        """An amendment leaves S-1 430.00 of the 500.00 that were requested. The next period asks
        for its 30.00."""
        rows = cost(3, "600.00", "S-2"), cost(8, "30.00", "S-4")
        ledger = Ledger().post(claim(rows[0], of=self.NESTED))
        ledger = remembered(ledger, self.NESTED).close_out("A-1", "Half 1", REPORT).post(claim(*rows, of=self.NESTED))
        of = lowered(self.NESTED, 430)
        first, second = requests(ledger, of, LATER)
        assert [first.amount.amount, first.to_be_returned.amount] == [0, 70]
        assert [second.amount.amount, second.to_be_returned.amount] == [30, 0]
        returned = ask(ledger, of, LATER).ledger
        assert [returned.requested("A-1", half) for half in ("Half 1", "Half 2")] == [43_000, 3_000]
        (note,) = [n for n in first.notes if n.cause == "to_be_returned"]
        assert note.problem == "70.00 of A-1, Half 1, is to be returned"
        assert "45 CFR 75.386, 2 CFR 200.345" in note.expected
        assert sf270(first).line("11i").amount == -7_000
        assert read_again(first) == first

    def test_what_is_taken_back_later_is_to_be_returned(self) -> None:
        """20.00 of the 100.00 that were requested are disallowed later: the change is refused, and
        20.00 are due back. A late cost of 30.00 instead is refused, and nothing is due. Once it is
        asked, nothing more is."""
        rows = cost(3, "100.00"), cost(8, "30.00")
        ledger = remembered(Ledger().post(claim(*rows, of=OF))).close_out("A-1", "Half 1", REPORT)
        no = Disallowance(
            subaward="S-1", service="costs", month=Month(2024, 3), amount=Cents(2_000), reference="D-1", published=LATER
        )
        passed = tuple(evolve(s, reported_by=("ONE",)) for s in OF.subawards)
        less = evolve(OF, subawards=passed, disallowances=(no,))
        load = Caseload(issuer="ONE", report_date=REPORT, costs=rows)
        taken = ledger.post(bill(load, less, Month(2024, 12), LATER))
        first, second = requests(taken, less)
        assert [x.amount for x in (first.to_date, first.amount, first.to_be_returned)] == [100, 0, 20]
        assert (first.refused, sf270(first).line("11i").amount) == (-2_000, -2_000)
        assert second.amount.amount == 0
        assert read_again(first) == first
        assert requests(remembered(taken, less), less)[0].to_be_returned.amount == 0
        more = requests(ledger.post(claim(*rows, cost(4, "30.00"), of=OF)), OF)[0]
        assert [x.amount for x in (more.to_date, more.amount, more.to_be_returned)] == [100, 0, 0]

    def test_what_is_taken_back_beyond_what_is_obligated(self) -> None:
        """1,500.00 are earned and 1,000.00 of them obligated and requested. 200.00 are disallowed
        after the closeout: 1,300.00 still earn the 1,000.00. Of 700.00 disallowed, 200.00 are to be
        returned."""
        rows = cost(3, "1500.00")
        passed = tuple(evolve(s, reported_by=("ONE",)) for s in OF.subawards)
        ledger = remembered(Ledger().post(claim(rows, of=OF))).close_out("A-1", "Half 1", REPORT)
        for dollars, due in ((200, 0), (700, 200)):
            no = Disallowance(
                subaward="S-1",
                service="costs",
                month=Month(2024, 3),
                amount=Cents(dollars * 100),
                reference="D-1",
                published=LATER,
            )
            less = evolve(OF, subawards=passed, disallowances=(no,))
            taken = ledger.post(
                bill(Caseload(issuer="ONE", report_date=REPORT, costs=(rows,)), less, Month(2024, 12), LATER)
            )
            assert asked(taken, less).to_be_returned.amount == due


class TestPayments:
    """9.7: what was received is recorded; line 10a of the SF-425 and what is not yet received
    follow from it."""

    def test_received_and_not_yet(self) -> None:
        """150.00 are requested and 100.00 received; then 10.00 are returned."""
        ledger = remembered(Ledger().post(claim(cost(3, "150.00"), of=OF)))
        assert (asked(ledger, OF).received, asked(ledger, OF).not_yet_received) == (None, None)
        ledger = ledger.with_payment(LATER, "A-1", "Half 1", Cents(10_000), LATER, "EFT 1")
        ledger = ledger.with_payment(LAST, "A-1", "Half 1", Cents(-1_000), LATER, "check 7")
        found = asked(ledger, OF)
        assert found.not_yet_received
        assert found.received == 9_000
        assert found.not_yet_received.amount == 60
        line = sf425(found).line("10a")
        assert (line.amount, line.sums) == (9_000, "payments recorded in the ledger")
        assert read_again(found) == found
        assert "Not yet received" in found._repr_html_()
        assert "Received" in ledger._repr_html_()

    def test_without_payments_the_books_say(self) -> None:
        ledger = Ledger().post(claim(cost(3, "150.00"), of=OF))
        books = (
            BooksFigure(
                award="A-1",
                budget_period="Half 1",
                name="cash_receipts",
                value=Decimal("25.00"),
                effective=YEAR.start,
                published=LONG_AGO,
            ),
        )
        line = sf425(asked(ledger, evolve(OF, financials=books))).line("10a")
        assert (line.amount, line.sums) == (2_500, "the Books sheet")

    def test_misuse(self) -> None:
        ledger = Ledger().post(claim(cost(3, "150.00"), of=OF))
        with pytest.raises(Unpostable, match="nothing was requested for this budget period"):
            ledger.with_payment(LATER, "A-1", "Half 1", Cents(1), LATER, "EFT 1")
        ledger = remembered(ledger).with_payment(LATER, "A-1", "Half 1", Cents(1), LATER, "EFT 1")
        with pytest.raises(Unpostable, match="a payment with this reference is recorded already"):
            ledger.with_payment(LAST, "A-1", "Half 1", Cents(2), LATER, "EFT 1")
        with pytest.raises(
            Unpostable, match="recorded on the day it was received, 2025-03-01, or later; found 2025-02-01"
        ):
            ledger.with_payment(LATER, "A-1", "Half 1", Cents(2), LAST, "EFT 2")
