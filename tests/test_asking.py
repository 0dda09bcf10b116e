"""A request made twice, and what a later entry takes back (Rulebook 8.7 and 9.6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from grantcalc import Ledger, Month, Unpostable, requests
from grantcalc.awards import BooksFigure
from grantcalc.billing import Cost
from grantcalc.billing.claims import network_inputs
from grantcalc.io import from_lines, to_lines
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import Change, Part, Posting, Requested, Voided
from grantcalc.ledger.ledger import describe
from grantcalc.money import Cents
from grantcalc.provenance import Input, Origin
from tests.test_requests_worked import LONG_AGO, REPORT, YEAR, claim, cost, network, subaward

OF = network(subaward("S-1"), subaward("S-2"))
SAME = evolve(OF, origin=Origin(file="award.xlsx", digest="a" * 64, facts="b" * 64))
LATER = date(2025, 2, 1)
ROWS = cost(3, "60.00"), cost(8, "40.00", "S-2")
POSTED = Ledger().post(evolve(claim(*ROWS, of=OF), inputs=()))


def source(ledger: Ledger) -> Input:
    return Input("ledger", "ledger.db", ledger.head, ledger.head, ledger.known)


class TestTwice:
    """9.6: the same head and the same inputs give the same request, and nothing is appended. Of the
    same amounts from other inputs it says that the request exists. Other amounts are a new
    request."""

    def test_the_same(self) -> None:
        first = ask(POSTED, SAME, source_of=source)
        assert [r.amount.amount for r in first.requests] == [60, 40]
        again = ask(first.ledger, SAME, source_of=source)
        assert again == first
        assert again.ledger is first.ledger
        assert {i.facts for r in again.requests for i in r.inputs if i.role == "ledger"} == {POSTED.head}

    def test_the_same_after_another(self) -> None:
        """A request, a late cost of 5.00, and a request of it: made again, it is the second."""
        first = ask(POSTED, SAME)
        more = ask(first.ledger.post(evolve(claim(*ROWS, cost(4, "5.00"), of=OF), inputs=())), SAME)
        assert [r.amount.amount for r in more.requests] == [5, 0]
        assert ask(more.ledger, SAME) == more

    def test_the_same_amounts_from_other_inputs(self) -> None:
        first = ask(POSTED, SAME)
        other = evolve(SAME, origin=Origin(file="award.xlsx", digest="c" * 64, facts="d" * 64))
        (last, count) = first.ledger.entries[-1].no, len(first.ledger.entries)
        with pytest.raises(Unpostable, match=f"this request exists: entries {last - 1} to {last} of 2025-01-10"):
            ask(first.ledger, other)
        assert len(first.ledger.entries) == count

    def test_one_request_from_other_inputs(self) -> None:
        first = ask(Ledger().post(evolve(claim(ROWS[0], of=OF), inputs=())), SAME)
        with pytest.raises(Unpostable, match="this request exists: entry 3 of 2025-01-10, made from other inputs"):
            ask(first.ledger, evolve(SAME, origin=Origin(file="award.xlsx", digest="c" * 64, facts="d" * 64)))

    def test_as_known_on_the_same_day(self) -> None:
        """The day may be given. Of an earlier day than the ledger knows nothing is asked."""
        first = ask(POSTED, SAME, LATER)
        assert ask(first.ledger, SAME, LATER) == first
        same_day = ask(POSTED, SAME, REPORT)
        assert ask(same_day.ledger, SAME, REPORT) == same_day
        with pytest.raises(Unpostable, match="the latest in the ledger, 2025-02-01; found 2025-01-09"):
            ask(first.ledger, SAME, date(2025, 1, 9))

    @pytest.mark.parametrize(("day", "rows"), [(LATER, ROWS), (REPORT, ROWS[1:])])
    def test_the_second_of_two(self, day: date, rows: tuple[Cost, ...]) -> None:
        """After a request the books tell of 10.00 of estimated outlays in the second half. It is
        asked on another day, or on the same day of the same budget period; made again, it is the
        second request."""
        first = ask(Ledger().post(evolve(claim(*rows, of=OF), inputs=())), SAME)
        said = BooksFigure(
            award="A-1",
            budget_period="Half 2",
            name="outlays_estimated",
            value=Decimal("10.00"),
            effective=YEAR.start,
            published=LONG_AGO,
        )
        of = evolve(SAME, financials=(said,), report_date=day)
        second = ask(first.ledger, of)
        assert [r.amount.amount for r in second.requests][-1] == 10
        assert len(second.ledger.entries) == len(first.ledger.entries) + 1
        assert ask(second.ledger, of) == second

    def test_the_second_of_two_days(self) -> None:
        """The first half is asked one day, S-2 of the second half is held, and its 10.00 of
        estimated outlays are asked another day: the two were not asked together."""
        said = BooksFigure(
            award="A-1",
            budget_period="Half 2",
            name="outlays_estimated",
            value=Decimal("10.00"),
            effective=YEAR.start,
            published=LONG_AGO,
        )
        of = evolve(SAME, financials=(said,), report_date=LATER)
        second = ask(ask(POSTED.hold("S-2", "a visit", REPORT), SAME).ledger, of)
        assert [e.act.amount for e in second.ledger.entries if isinstance(e.act, Requested)] == [6_000, 1_000]
        assert ask(second.ledger, of) == second

    def test_what_an_entry_says(self) -> None:
        """Its kind, and the award workbook and terms that it was made from."""
        found = ask(POSTED, SAME).ledger.entries[-1].act
        assert isinstance(found, Requested)
        assert (found.kind, found.inputs) == ("reimbursement", tuple(sorted(network_inputs(SAME))))
        (*_, advance) = ask(POSTED, SAME, kind="advance").ledger.entries
        assert isinstance(advance.act, Requested)
        assert advance.act.kind == "advance"
        assert ask(POSTED, SAME, kind="reimbursement") == ask(POSTED, SAME)

    def test_what_an_advance_paid_is_recorded(self) -> None:
        """60.00 were advanced and are then earned: nothing is asked, and the entry says of which
        subaward it is."""
        advanced = POSTED.with_request(
            REPORT, "A-1", "Half 1", Cents(6_000), "advance", inputs=(*network_inputs(SAME),)
        )
        found = [e.act for e in ask(advanced, SAME).ledger.entries[len(advanced.entries) :]]
        assert [(a.amount, a.by_subaward) for a in found if isinstance(a, Requested)] == [
            (0, (Part("S-1", 6_000),)),
            (4_000, (Part("S-2", 4_000),)),
        ]

    def test_other_amounts(self) -> None:
        """The books now say that 10.00 of program income come off: a refund of 10.00 is due, as a
        new request."""
        first = ask(POSTED, SAME)
        income = BooksFigure(
            award="A-1",
            budget_period="Half 1",
            name="program_income_deducted",
            value=Decimal("10.00"),
            effective=YEAR.start,
            published=LONG_AGO,
        )
        found = ask(first.ledger, evolve(SAME, financials=(income,)))
        assert [r.amount.amount for r in found.requests] == [-10, 0]
        assert [e.act.amount for e in found.ledger.entries if isinstance(e.act, Requested)] == [6_000, 4_000, -1_000]

    def test_what_asks_for_nothing_is_not_recorded(self) -> None:
        assert ask(Ledger(), SAME).requests == ()
        held = POSTED.hold("A-1", "a visit", REPORT)
        assert ask(held, SAME).ledger is held


class TestVoiding:
    """8.7: a later entry voids what was entered by mistake, as long as nothing rests on it. Both
    stay visible."""

    def test_a_hold_and_a_release(self) -> None:
        held = POSTED.hold("S-1", "a typo", REPORT)
        no = held.entries[-1].no
        free = held.void(no, "S-2 was meant", LATER)
        assert (free.holds, len(free.entries)) == ({}, no + 1)
        assert describe(free.entries[-1].act) == f"voided entry {no}: S-2 was meant"
        assert from_lines(to_lines(free).encode()) == free
        released = held.release("S-1", REPORT)
        with pytest.raises(Unpostable, match=f"entry {no + 1} depends on entry {no}: void it first"):
            released.void(no, "x", LATER)
        assert released.void(no + 1, "x", LATER).holds == {"S-1": "a typo"}
        assert free.hold("S-1", "again", LATER).holds == {"S-1": "again"}

    def test_the_newest_posting(self) -> None:
        """Its changes are taken back in the open period; what is known and the last month go back
        with it."""
        later = evolve(claim(cost(3, "70.00"), of=OF), known=LATER, through=Month(2025, 1), inputs=())
        twice = POSTED.post(later)
        no = next(e.no for e in reversed(twice.entries) if isinstance(e.act, Posting))
        back = twice.void(no, "the wrong file", date(2025, 3, 5))
        assert back.allowed() == POSTED.allowed()
        assert back.bases == POSTED.bases
        found = [e.act for e in back.entries[len(twice.entries) :]]
        assert [type(a) for a in found] == [Voided, Change, Change, Change]
        assert from_lines(to_lines(back).encode()) == back
        again = back.post(evolve(claim(*ROWS, of=OF), inputs=()))
        assert again is back  # it says what stood before, and that is what stands
        with pytest.raises(Unpostable, match=f"entry {no} was voided before"):
            back.void(no, "x", date(2025, 3, 5))
        assert back.void(1, "all of it", date(2025, 3, 5)).allowed() == {}

    def test_what_is_not_the_newest(self) -> None:
        twice = POSTED.post(evolve(claim(cost(3, "70.00"), of=OF), known=LATER))
        with pytest.raises(Unpostable, match="entry 4 depends on entry 1: void it first"):
            twice.void(1, "x", LATER)
        other = POSTED.post(claim(cost(3, "1.00"), of=OF, issuer="TWO"))
        assert other.void(1, "x", LATER).total.amount == 1

    def test_a_posting_of_a_budget_period_that_was_closed_out(self) -> None:
        out = POSTED.close_out("A-1", "Half 1", REPORT)
        with pytest.raises(Unpostable, match="entry 4 depends on entry 1"):
            out.void(1, "x", LATER)
        assert out.void(4, "too early", LATER).void(1, "x", LATER).total.amount == 0

    def test_a_closing(self) -> None:
        closed = POSTED.close(Month(2024, 12), REPORT)
        assert closed.void(4, "2024-11 was meant", REPORT).closed is None
        with pytest.raises(Unpostable, match="entry 5 depends on entry 4"):
            closed.post(claim(cost(3, "1.00"), of=OF, issuer="TWO")).void(4, "x", LATER)

    def test_a_closeout(self) -> None:
        """Until a change is refused by it, or a request is made of the budget period."""
        out = POSTED.close_out("A-1", "Half 1", REPORT)
        assert out.void(4, "Half 2 was meant", REPORT).closed_out == frozenset()
        refused = out.post(claim(cost(3, "70.00"), ROWS[1], of=OF))
        with pytest.raises(Unpostable, match="depends on entry 4"):
            refused.void(4, "x", LATER)
        back = refused.void(5, "x", LATER)
        assert back.void(4, "x", LATER).closed_out == frozenset()

    def test_a_request(self) -> None:
        """A submitted one is corrected by the next."""
        first = ask(POSTED, OF).ledger
        with pytest.raises(Unpostable, match="entry 4 is a request: the next request corrects it"):
            first.void(4, "x", LATER)
        back = first.void(4, "printed, never sent", LATER, never_submitted=True)
        assert [r.amount.amount for r in requests(back, OF)] == [60, 0]
        paid = first.with_payment(LATER, "A-1", "Half 1", Cents(6_000), LATER, "EFT 1")
        with pytest.raises(Unpostable, match="entry 6 depends on entry 4"):
            paid.void(4, "x", LATER, never_submitted=True)
        assert paid.void(6, "another award's", LATER).received("A-1", "Half 1") is None

    @pytest.mark.parametrize(
        ("no", "said"),
        [
            (0, "there is no entry 0: the ledger has 5"),
            (6, "there is no entry 6: the ledger has 5"),
            (2, "entry 2 is a change: void the posting that it belongs to"),
            (5, "entry 5 voids another: enter again what it voided"),
            (4, "entry 4 was voided before"),
        ],
    )
    def test_what_cannot_be_voided(self, no: int, said: str) -> None:
        ledger = POSTED.hold("S-1", "x", REPORT).void(4, "x", REPORT)
        with pytest.raises(Unpostable, match=said):
            ledger.void(no, "x", REPORT)


class TestWhatRests:
    """8.7: an entry that a later entry depends on cannot be voided before it; what concerns another
    subaward, issuer, award or budget period does not depend on it."""

    def rests(self, ledger: Ledger, no: int, on: int, *, never: bool = False) -> None:
        with pytest.raises(Unpostable, match=f"entry {no} depends on entry {on}: void it first"):
            ledger.void(on, "x", LATER, never_submitted=never)

    def test_on_a_hold(self) -> None:
        both = POSTED.hold("S-1", "x", REPORT).hold("S-2", "x", REPORT)
        assert both.void(4, "x", LATER).holds == {"S-2": "x"}
        again = both.release("S-1", REPORT).hold("S-1", "y", REPORT)
        self.rests(again, 7, 6)
        assert again.void(7, "x", LATER).void(6, "x", LATER).holds == {"S-1": "x", "S-2": "x"}

    def test_on_a_closing(self) -> None:
        """A posting, a request or a later closing; a hold may be entered in any period."""
        closed = POSTED.close(Month(2024, 11), REPORT)
        self.rests(ask(closed, OF).ledger, 5, 4)
        self.rests(closed.close(Month(2024, 12), REPORT), 5, 4)
        assert closed.hold("S-1", "x", REPORT).void(4, "x", LATER).closed is None

    def test_on_a_closeout(self) -> None:
        """A request of the budget period, and a change in it, and no other."""
        out = POSTED.close_out("A-1", "Half 1", REPORT)
        asked = ask(out, OF).ledger
        self.rests(asked.with_request(LATER, "A-1", "Half 1", Cents(1)), 6, 4)
        assert asked.void(4, "x", LATER).closed_out == frozenset()
        more = out.post(claim(ROWS[0], cost(8, "45.00", "S-2"), of=OF))
        assert more.void(4, "x", LATER).closed_out == frozenset()

    def test_on_a_request(self) -> None:
        """The next request of the budget period; a request or a payment of another has nothing to
        do with it."""
        first = ask(POSTED, OF).ledger  # 4 of the first half, 5 of the second
        paid = first.with_payment(LATER, "A-1", "Half 2", Cents(4_000), LATER, "EFT 1")
        back = paid.void(4, "x", LATER, never_submitted=True)
        assert (back.requested("A-1", "Half 1"), back.requested("A-1", "Half 2")) == (0, 4_000)
        self.rests(paid, 6, 5, never=True)
        self.rests(first.with_request(LATER, "A-1", "Half 1", Cents(1)), 6, 4, never=True)

    def test_on_a_posting(self) -> None:
        """A later posting that was voided is no matter, nor is the closeout of a budget period that
        did not change."""
        twice = POSTED.post(evolve(claim(cost(3, "70.00"), of=OF), known=LATER))
        back = twice.void(4, "x", LATER)
        assert back.void(1, "x", LATER).allowed() == {}
        first = Ledger().post(evolve(claim(ROWS[0], of=OF), inputs=()))
        more = first.post(evolve(claim(*ROWS, of=OF), known=LATER))
        out = more.close_out("A-1", "Half 1", LATER)
        assert out.void(3, "x", LATER).total.amount == 60
        self.rests(more.close_out("A-1", "Half 2", LATER), 5, 3)
        again = back.close_out("A-1", "Half 1", LATER)  # back to the first posting, whose changes it closes
        self.rests(again, len(again.entries), 1)

    def test_on_a_payment_nothing_does(self) -> None:
        paid = ask(POSTED, OF).ledger.with_payment(LATER, "A-1", "Half 1", Cents(6_000), LATER, "EFT 1")
        more = paid.with_payment(LATER, "A-1", "Half 1", Cents(-1_000), LATER, "check 7")
        assert more.void(6, "x", LATER).received("A-1", "Half 1") == -1_000
