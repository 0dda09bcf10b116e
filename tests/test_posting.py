"""What a ledger takes and remembers: each claim as the difference to what was told before (Rulebook
8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import get_args

import pytest
from attrs import evolve

from grantcalc import Claim, Ledger, Line, Month, Unpostable
from grantcalc.billing import Party
from grantcalc.billing.lines import Reduction
from grantcalc.billing.reasons import CREDIT
from grantcalc.io import from_lines, to_lines
from grantcalc.ledger.differences import Tally
from grantcalc.ledger.entries import (
    Approved,
    Change,
    ChangeReason,
    Closed,
    ClosedOut,
    Held,
    LedgerEvent,
    Part,
    Posting,
    Received,
    Released,
    Requested,
    Voided,
)
from grantcalc.ledger.ledger import describe
from grantcalc.money import Cents
from grantcalc.provenance import Authority, Input
from tests.test_requests_worked import CAP, REPORT, amount, award, claim, cost, network, subaward
from tests.worked import COSTS

EARLY, DAY_BEFORE, LATER = date(2024, 12, 31), date(2025, 1, 9), date(2025, 2, 1)
OF = network(subaward("S-1", obligated=amount(10_000)), subaward("S-2"))
ONE = claim(cost(3, "70.00", who="P-1"), cost(3, "20.00", who="P-2"), of=OF)
TWO = claim(cost(3, "5.00", "S-2"), of=OF, issuer="TWO")


def on(day: date, told: Claim) -> Claim:
    """The same claim, known on another day."""
    return evolve(told, known=day)


def changes(ledger: Ledger, since: Ledger | None = None) -> list[tuple[str, str, int, int]]:
    """What was posted since: subaward, or the ceiling that holds back; document reference; lines
    and cents."""
    found = [e.act for e in ledger.entries[len(since.entries) if since else 0 :] if isinstance(e.act, Change)]
    return [
        (c.item.name, c.item.line.reference, c.count, c.amount)
        if isinstance(c.item, Reduction)
        else (c.item.subaward, c.item.reference, c.count, c.amount)
        for c in found
    ]


class TestDifference:
    """8.2: posted + adjustments = billed afresh; posting the same claim again posts nothing."""

    def test_line_by_line(self) -> None:
        """100.00 of 70.00, 20.00 and 25.00 stand. Then 70.00 become 60.00, 20.00 are gone, and
        nothing is held back."""
        one = evolve(OF, subawards=tuple(evolve(s, reported_by=ONE.issuers) for s in OF.subawards))
        first = Ledger().post(claim(cost(3, "70.00"), cost(3, "20.00"), cost(4, "25.00"), of=one))
        assert changes(first) == [
            ("S-1", "20.00", 1, 2_000),
            ("S-1", "70.00", 1, 7_000),
            ("S-1", "25.00", 1, 2_500),
            ("subaward S-1", "25.00", 1, -1_500),
        ]
        later = first.post(claim(evolve(cost(3, "60.00"), reference="70.00"), cost(4, "25.00"), of=one))
        assert changes(later, first) == [
            ("S-1", "70.00", 0, -1_000),
            ("S-1", "20.00", -1, -2_000),
            ("subaward S-1", "25.00", -1, 1_500),
        ]
        assert [x.total.amount for x in (first, later)] == [100, 85]

    def test_of_counted_lines(self) -> None:
        """Two costs are one line of n = 2; a third makes it one more."""
        first = Ledger().post(claim(cost(3, "70.00"), cost(3, "20.00")).counted())
        later = first.post(claim(cost(3, "70.00"), cost(3, "20.00"), cost(3, "1.00")).counted())
        assert changes(later) == [("S-1", "", 2, 9_000), ("S-1", "", 1, 100)]

    def test_only_of_its_issuers_and_up_to_its_month(self) -> None:
        both = Ledger().post(ONE).post(TWO)
        less = claim(cost(3, "70.00", who="P-1"), of=OF)
        assert changes(both.post(less), both) == [("S-1", "20.00", -1, -2_000)]
        assert both.difference(evolve(less, through=Month(2024, 2), lines=())) == ()

    def test_the_same_claim_again_posts_nothing(self) -> None:
        both = Ledger().post(ONE).post(TWO)
        assert both.post(ONE) is both
        assert both.post(TWO) is both
        assert len(both.post(evolve(ONE, through=Month(2025, 1))).entries) == len(both.entries) + 1

    def test_differences_item_by_item(self) -> None:
        one, two = ONE.lines
        had, has = Tally.of([Change(one, 1, 2), Change(two, 1, 1)]), Tally.of([Change(one, 1, 5), Change(two, 1, 1)])
        assert has.minus(had) == (Change(one, 0, 3),)
        assert Tally.of([Change(two, 1, 1)]).minus(Tally.of([Change(one, 1, 2)])) == (
            Change(two, 1, 1),
            Change(one, -1, -2),
        )


class TestOrder:
    """8.2: `known` never goes back in one ledger; a closed posting period takes nothing more."""

    def test_known_never_goes_back(self) -> None:
        """Not even where there is nothing new."""
        ledger = Ledger().post(ONE)
        with pytest.raises(Unpostable, match=r"ONE was posted as known on 2025-01-10; found 2025-01-09$"):
            ledger.post(on(DAY_BEFORE, ONE))

    def test_of_one_issuer_and_award_and_no_other(self) -> None:
        """A claim known on the 9th is posted after that of another issuer, known on the 10th: on
        the ledger's day."""
        ledger = Ledger().post(ONE).post(on(DAY_BEFORE, TWO))
        assert [e.posted for e in ledger.entries] == [REPORT] * len(ledger.entries)
        assert [(str(known), p.issuers) for known, p in ledger.bases] == [
            ("2025-01-10", ("ONE",)),
            ("2025-01-09", ("TWO",)),
        ]
        assert ledger.total.amount == 95
        with pytest.raises(Unpostable, match=r"TWO was posted as known on 2025-01-09; found 2025-01-08$"):
            ledger.post(on(date(2025, 1, 8), TWO))
        assert ledger.post(on(DAY_BEFORE, TWO)) is ledger

    def test_two_awards_of_one_issuer(self) -> None:
        """What is posted under one award says nothing of another: both stand, and each has a day of
        knowledge."""
        other = network(subaward("S-9", "B-1"), of=(award("B-1"),))
        ledger = Ledger().post(ONE).post(on(DAY_BEFORE, claim(cost(3, "5.00", "S-9"), of=other)))
        assert ledger.total.amount == 95
        assert [(str(known), *p.covers) for known, p in ledger.bases] == [
            ("2025-01-10", "A-1"),
            ("2025-01-09", "B-1"),
        ]
        both = network(subaward("S-1"), subaward("S-9", "B-1"), of=(award(), award("B-1")))
        assert ledger.post(claim(cost(3, "1.00"), of=both)).total.amount == 1

    def test_the_day_posted_is_another_day(self) -> None:
        """It is the ledger's latest, or one that is given; never before the claim is known, and it
        never goes back."""
        ledger = Ledger().post(evolve(ONE, inputs=()), on=LATER)
        (posting, *_) = (e.act for e in ledger.entries if isinstance(e.act, Posting))
        assert (posting.known, posting.period, ledger.known) == (REPORT, Month(2025, 2), LATER)
        assert from_lines(to_lines(ledger).encode()) == ledger
        assert ledger.post(TWO).known == LATER
        with pytest.raises(Unpostable, match="known on 2025-01-10 cannot be posted before that day; found 2025-01-09"):
            Ledger().post(ONE, on=DAY_BEFORE)
        refused: list[Callable[[], Ledger]] = [
            lambda: ledger.post(TWO, on=REPORT),
            lambda: ledger.with_request(REPORT, "A-1", "Half 1", Cents(1)),
            lambda: ledger.hold("S-1", "a visit", REPORT),
        ]
        for act in refused:
            with pytest.raises(
                Unpostable, match=r"cannot be earlier than the latest in the ledger, 2025-02-01; found 2025-01-10"
            ):
                act()

    def test_a_claim_reaches_as_far_as_the_last(self) -> None:
        """8.2. A cap of 900.00 on one participant: 500.00 of January and 600.00 of March are
        posted, 900.00 stand. A late 300.00 of January, billed through January, would stand beside
        what March had: it is refused."""
        of = network(of=(award(text=COSTS + CAP),))
        rows = cost(1, "500.00", who="P-1"), cost(3, "600.00", who="P-1")
        ledger = Ledger().post(claim(*rows, of=of, through=3))
        assert ledger.total.amount == 900
        late = claim(*rows, cost(1, "300.00", who="P-1"), of=of, through=1)
        with pytest.raises(
            Unpostable, match=r"ONE was posted through 2024-03.*bill through 2024-03 or later; found 2024-01$"
        ):
            ledger.post(late)
        with pytest.raises(Unpostable, match="bill through 2024-03 or later"):
            ledger.post(late.counted())
        assert ledger.post(claim(*rows, cost(1, "300.00", who="P-1"), of=of, through=3)).total.amount == 900
        assert ledger.post(claim(cost(1, "5.00", "S-1"), of=of, through=1, issuer="TWO")).total.amount == 905

    def test_a_claim_stands_in_the_month_of_its_day(self) -> None:
        ledger = Ledger().close(Month(2024, 11), EARLY).post(ONE).post(on(LATER, TWO))
        assert [e.act.period for e in ledger.entries if isinstance(e.act, Posting)] == [Month(2025, 1), Month(2025, 2)]

    def test_a_period_is_closed_after_its_last_day_and_once(self) -> None:
        ledger = Ledger().close(Month(2024, 12), date(2025, 1, 1))
        assert ledger.close(Month(2025, 1), LATER).closed == Month(2025, 1)
        with pytest.raises(Unpostable, match="closed after its last day, 2024-12-31; found 2024-12-31"):
            Ledger().close(Month(2024, 12), EARLY)
        with pytest.raises(Unpostable, match="posting periods to 2024-12 are closed; found 2024-12"):
            ledger.close(Month(2024, 12), LATER)

    def test_a_budget_period_is_closed_out_if_anything_was_posted_of_it(self) -> None:
        ledger = Ledger().post(claim(cost(3, "70.00"), cost(8, "20.00")))
        assert ledger.close_out("A-1", "Half 2", LATER).closed_out == {("A-1", "Half 2")}
        with pytest.raises(Unpostable, match="nothing was posted for this budget period"):
            Ledger().post(claim(cost(3, "70.00"))).close_out("A-1", "Half 2", LATER)


class TestWhoseItIs:
    """A ledger holds participants or counts of an issuer, never both; and remembers who stands
    behind each subaward."""

    def test_participants_and_counts_of_different_issuers(self) -> None:
        ledger = Ledger().post(ONE)
        assert ledger.post(TWO.counted()).total.amount == 95
        with pytest.raises(Unpostable, match=r"holds the participants of these issuers, and the claim has counts$"):
            ledger.post(ONE.counted())
        with pytest.raises(Unpostable, match=r"holds the counts of these issuers, and the claim has participants$"):
            Ledger().post(ONE.counted()).post(ONE)

    def test_the_latest_posting_of_each_issuer(self) -> None:
        ledger = Ledger().post(TWO).post(ONE).post(on(LATER, evolve(TWO, through=Month(2025, 1))))
        assert [(str(day), p.issuers, str(p.through)) for day, p in ledger.bases] == [
            ("2025-01-10", ("ONE",), "2024-12"),
            ("2025-02-01", ("TWO",), "2025-01"),
        ]
        found = ledger.latest(("TWO",))
        assert found
        assert str(found.through) == "2025-01"
        assert ledger.latest(("NIL",)) is None

    def test_parties_in_order_as_last_said(self) -> None:
        renamed = evolve(ONE, parties=(Party("S-1", "A-1", "Prime", "Another", 6),))
        ledger = Ledger().post(TWO).post(ONE).post(renamed)
        assert [(p.subaward, p.subrecipient) for p in ledger.parties] == [("S-1", "Another"), ("S-2", "Sub")]


LINE = evolve(ONE.lines[0], count=0, amount=0)
POSTING = Posting(
    issuers=("ONE", "TWO"), through=Month(2024, 3), period=Month(2024, 4), changes=2, parties=(), inputs=()
)
LIMIT = Reduction(
    kind="ceiling", id="cap", window="2024", room=5, authority=Authority("a test"), line=LINE, amount=0, count=0
)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (POSTING, "posted the claim of ONE, TWO through 2024-03: 2 changes"),
        (Change(LINE, 1, 700), "S-1 2024-03 costs: +1 × for 7.00"),
        (Change(LINE, 0, -5, "rate"), "S-1 2024-03 costs: +0 × for -0.05, because of rate"),
        (Change(LIMIT, -1, 5, "", "so it is"), "S-1 2024-03 costs, held back by cap: -1 × for 0.05; refused: so it is"),
        (
            Requested(award="A-1", budget_period="Half 1", amount=700, kind="advance"),
            "requested 7.00 of A-1, Half 1, as advance",
        ),
        (ClosedOut("A-1", "Half 1"), "closed out budget period Half 1 of A-1"),
        (Closed(Month(2024, 3)), "closed posting period 2024-03"),
        (Held("S-1", "a visit"), "held subaward S-1: a visit"),
        (Released("S-1"), "released subaward S-1"),
        (Received("A-1", "Half 1", 700, LATER, "EFT 1"), "received 7.00 of A-1, Half 1, on 2025-02-01"),
        (Voided(7, "a mistake", 2), "voided entry 7: a mistake"),
        (
            Approved("reviewed", "Controller", "a.xlsx", "ab" * 32),
            f"reviewed by Controller: a.xlsx, sha256 {'ab' * 32}",
        ),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, get_args(LedgerEvent)) else "",
)
def test_an_act_in_a_sentence(act: LedgerEvent, said: str) -> None:
    assert describe(act) == said


def test_the_text_of_an_entry() -> None:
    """One line of JSON as people write, with nothing that a line does not have: no participant, no
    day, no reason."""
    ledger = Ledger().post(claim(cost(3, "70.00")).counted()).hold("S-1", "visité", REPORT)
    (_, change, held) = ledger.entries
    assert held.text == (
        '{"grantcalc":"entry","format":2,"no":3,"posted":"2025-01-10","act":"held","subaward":"S-1","why":"visité"}'
    )
    assert change.text == (
        '{"grantcalc":"entry","format":2,"no":2,"posted":"2025-01-10","act":"change","line":{"award":"A-1",'
        '"subaward":"S-1","issuer":"ONE","budget_period":"Half 1","month":"2024-03","service":"costs","pool":"direct",'
        '"phase":"","quantity":1,"divisor":1},"count":1,"amount":"70.00"}'
    )


@pytest.mark.parametrize("reason", get_args(ChangeReason))
def test_a_change_is_read_as_it_was_written(reason: ChangeReason) -> None:
    """With its reason, its line's reason, and what refused it."""
    line: Line = evolve(LINE, reason=CREDIT)
    read = Input("caseload", "one.xlsx", "a" * 64, "b" * 64, REPORT)
    told = evolve(ONE, lines=(evolve(line, count=1, amount=7),), reductions=(), inputs=(read,))
    ledger = Ledger().post(told, [Change(line, 1, 7, reason)])
    shut = ledger.close_out("A-1", "Half 1", LATER).post(on(LATER, evolve(ONE, inputs=(read,))))
    assert shut.refused
    assert from_lines(to_lines(shut).encode()) == shut


def test_a_request_and_a_payment_are_read_as_they_were_written() -> None:
    """With what was asked of each subaward, what was on hold, and from which inputs."""
    read = Input("award", "award.xlsx", "a" * 64, "b" * 64, REPORT)
    parts = (Part("S-1", 700), Part("S-2", -200, 50))
    ledger = (
        Ledger()
        .post(evolve(ONE, inputs=()))
        .with_request(REPORT, "A-1", "Half 1", Cents(500), "advance", parts, (read,))
    )
    ledger = ledger.with_payment(LATER, "A-1", "Half 1", Cents(500), REPORT, "EFT 1")
    assert from_lines(to_lines(ledger).encode()) == ledger
    assert ledger.entries[-2].text.endswith(
        '"act":"requested","award":"A-1","budget_period":"Half 1","amount":"5.00","kind":"advance","by_subaward":['
        '{"subaward":"S-1","amount":"7.00"},{"subaward":"S-2","amount":"-2.00","on_hold":"0.50"}],"inputs":[{"role":"award"'
        f',"file":"award.xlsx","digest":"{"a" * 64}","facts":"{"b" * 64}","report_date":"2025-01-10"}}]}}'
    )
    assert ledger.entries[-1].text.endswith(
        '"act":"received","award":"A-1","budget_period":"Half 1","amount":"5.00","received":"2025-01-10",'
        '"reference":"EFT 1"}'
    )
