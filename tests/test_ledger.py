"""The ledger's own rules, and its JSON Lines: any edit, removal or reordering is detected and
named."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from attrs import evolve

from grantcalc import Ledger, Month, Network, Rejected, Unpostable, bill
from grantcalc.io import from_lines, to_lines
from grantcalc.io.exchange.journal import broken
from grantcalc.ledger import request, roll_up
from grantcalc.ledger.chain import NOTHING, entry_text, head_of
from grantcalc.ledger.entries import Change, Posting
from grantcalc.ledger.ledger import describe
from grantcalc.money import Cents, Money
from tests.test_adjustments import COSTS, DECEMBER, FAIN, FIRST, LATER, ONE, caseload, network

DEEP = os.environ.get("GRANTCALC_PROFILE") == "deep"
CLAIM = bill(caseload(), network(), DECEMBER, FIRST)
MORE = bill(caseload(evolve(COSTS[0], reference="V-3", published=LATER), on=LATER), network(), DECEMBER, LATER)


def long() -> Ledger:
    """Twenty entries of every kind."""
    ledger = Ledger().post(CLAIM).with_request(FIRST, FAIN, "Y1", Cents(48_000)).close(Month(2011, 12), FIRST)
    ledger = ledger.hold("S-1", "a visit", FIRST).post(MORE).release("S-1", LATER)
    ledger = ledger.close_out(FAIN, "Y1", LATER)
    return ledger.hold(FAIN, "late report", LATER).release(FAIN, LATER)


def test_nothing_is_posted_twice() -> None:
    """Posting the same claim again posts nothing."""
    once = Ledger().post(CLAIM)
    assert once.post(CLAIM) is once
    assert [type(e.act) for e in once.entries] == [Posting, *[Change] * 5]


def test_values_are_immutable() -> None:
    """Posting gives a new ledger; the old one is untouched."""
    once = Ledger().post(CLAIM)
    head, entries = once.head, once.entries
    assert once.post(MORE) != once
    assert (once.head, once.entries) == (head, entries)


def test_a_ledger_as_of_an_earlier_day_is_what_it_was() -> None:
    once = Ledger().post(CLAIM)
    later = once.post(MORE).close(Month(2012, 2), LATER)
    assert later.as_of(FIRST) == once
    assert later.as_of(date(2012, 3, 9)) == once
    assert later.as_of(date(2011, 1, 1)) == Ledger()


def test_participants_and_counts_are_not_mixed() -> None:
    once = Ledger().post(CLAIM)
    with pytest.raises(Unpostable, match="holds the participants of these issuers, and the claim has counts"):
        once.post(MORE.counted())
    with pytest.raises(Unpostable, match="holds the counts of these issuers, and the claim has participants"):
        Ledger().post(CLAIM.counted()).post(MORE)


class TestPeriods:
    """A closed posting period takes nothing more: an adjustment stands in the open one and points
    at its service month. Reopening does not exist. (Rulebook 8.2)"""

    def test_an_adjustment_stands_in_the_open_one(self) -> None:
        once = Ledger().post(CLAIM)
        closed = once.close(Month(2012, 1), date(2012, 2, 1)).close(Month(2012, 2), LATER)
        posting = next(e.act for e in reversed(closed.post(MORE).entries) if isinstance(e.act, Posting))
        assert posting.period == Month(2012, 3)
        ahead = once.close(Month(2012, 2), LATER)
        posting = next(e.act for e in reversed(ahead.post(MORE).entries) if isinstance(e.act, Posting))
        assert posting.period == Month(2012, 3)
        changes = [e.act for e in ahead.post(MORE).entries[8:] if isinstance(e.act, Change)]
        assert {c.item.month for c in changes if hasattr(c.item, "month")} == {Month(2011, 11), DECEMBER}

    def test_a_claim_known_in_a_closed_month_stands_in_the_next(self) -> None:
        closed = Ledger().close(Month(2011, 12), date(2012, 1, 5)).close(Month(2012, 1), date(2012, 2, 1))
        later = evolve(CLAIM, known=date(2012, 2, 1))
        assert closed.post(later).latest(("SUB-A",)).period == Month(2012, 2)  # type: ignore[union-attr]

    def test_it_does_not_open_again(self) -> None:
        closed = Ledger().close(Month(2011, 12), FIRST)
        assert closed.closed == Month(2011, 12)
        with pytest.raises(Unpostable, match="posting periods to 2011-12 are closed; found 2011-11"):
            closed.close(Month(2011, 11), FIRST)
        with pytest.raises(Unpostable, match="closed after its last day, 2012-01-31; found 2012-01-10"):
            closed.close(Month(2012, 1), FIRST)


class TestCloseout:
    """If the budget period of its service month is closed out, an adjustment is refused by name and
    shown. (8.3)"""

    def test_it_is_shown_and_does_not_stand(self) -> None:
        once = Ledger().post(CLAIM).close_out(FAIN, "Y1", FIRST)
        later = once.post(MORE)
        assert later.total == once.total
        assert {c.refused for c in later.refused} == {f"budget period Y1 of {FAIN} was closed out"}
        assert sum(c.amount for c in later.refused) == MORE.total.amount * 100 - CLAIM.total.amount * 100
        assert later.post(MORE) is later
        assert "refused: budget period" in describe(later.entries[-1].act)

    def test_once(self) -> None:
        with pytest.raises(Unpostable, match="closed out before"):
            Ledger().post(CLAIM).close_out(FAIN, "Y1", FIRST).close_out(FAIN, "Y1", FIRST)
        with pytest.raises(Unpostable, match="nothing was posted for this"):
            Ledger().post(CLAIM).close_out(FAIN, "Y2", FIRST)


class TestHolds:
    """Holds on a subaward: computed, shown, not requested."""

    def test_not_requested_until_released(self) -> None:
        held = Ledger().post(CLAIM).hold("S-1", "a visit", FIRST)
        asked = request(held, network(), FAIN, "Y1")
        assert (asked.to_date.amount, asked.on_hold, asked.amount.amount) == (Decimal(480), 48_000, Decimal(0))
        assert roll_up(held, network()).on_hold == 48_000
        assert request(held.release("S-1", FIRST), network(), FAIN, "Y1").amount.amount == 480

    def test_misuse(self) -> None:
        held = Ledger().hold("S-1", "a visit", FIRST, network())
        with pytest.raises(Unpostable, match="held already"):
            held.hold("S-1", "again", FIRST)
        with pytest.raises(Unpostable, match="not held"):
            held.release("S-2", FIRST)

    def test_a_hold_holds_all_below(self) -> None:
        held = Ledger().post(CLAIM).hold(FAIN, "the whole award", FIRST)
        assert request(held, network(), FAIN, "Y1").amount.amount == 0


def test_true_up() -> None:
    """31,000 planned, 25,591 served at 2,200: 11,899,800.00 back (8.5). What was advanced is what
    was requested."""
    ledger = Ledger().post(CLAIM).with_request(FIRST, FAIN, "Y1", Cents(6_820_000_000), "advance")
    claim = evolve(CLAIM.lines[0], amount=5_630_020_000)
    ledger = (
        Ledger()
        .post(evolve(CLAIM, lines=(claim,), reductions=()))
        .with_request(FIRST, FAIN, "Y1", Cents(6_820_000_000), "advance")
    )
    rich = network(amount=10**10)
    awards = tuple(
        evolve(a, budget_periods=tuple(evolve(p, amount=rich.subawards[0].amount) for p in a.budget_periods))
        for a in rich.awards
    )
    assert f"{request(ledger, evolve(rich, awards=awards), FAIN, 'Y1').amount.amount:,}" == "-11,899,800.00"


class TestRollUp:
    """Each parent = Σ children, up the network and across regions. (Rulebook 11, law 5)"""

    def test_the_parents(self) -> None:
        found = roll_up(Ledger().post(CLAIM), network())
        assert [(n.level, n.allowed) for n in (found, *found.children)] == [("all", 48_000), ("agency", 48_000)]
        assert found.find("S-1").allowed == 48_000  # type: ignore[union-attr]
        assert roll_up(Ledger().post(CLAIM).post(MORE), network(), FIRST) == found
        assert roll_up(Ledger().post(CLAIM), network(), by="region").children[0].name == "no State given"


def world() -> tuple[Ledger, Network]:
    return long(), network()


class TestJournal:
    def test_there_and_back(self) -> None:
        ledger = long()
        text = to_lines(ledger)
        assert from_lines(text.encode(), "l.jsonl") == ledger
        assert to_lines(from_lines(text.encode())) == text
        assert from_lines(b"") == Ledger()

    def test_the_chain_is_what_the_page_says(self) -> None:
        """The SHA-256 of the head before it, a line feed, and the line without its last key."""
        head = NOTHING
        for line in to_lines(long()).splitlines():
            text, said = line[:-1].rsplit(',"head":', 1)
            head = head_of(head, text + "}")
            assert said == f'"{head}"'

    @pytest.mark.slow
    def test_every_byte_matters(self) -> None:
        """Tampering with every byte of an export is detected; in the default profile with every
        29th."""
        whole = to_lines(long()).encode()
        assert whole.count(b"\n") >= 18
        for at in range(0, len(whole), 1 if DEEP else 29):
            changed = bytearray(whole)
            changed[at] ^= 1
            with pytest.raises(Rejected):
                from_lines(bytes(changed), "l.jsonl")

    def test_one_random_byte_in_each_entry(self) -> None:
        """One random byte in each entry of 1,000; in the default profile in every 250th."""
        random = Random(5)
        ledger = Ledger()
        for n in range(500):
            ledger = ledger.hold("S-1", f"visit {n}", FIRST, network()).release("S-1", FIRST)
        lines = to_lines(ledger).encode().splitlines(keepends=True)
        for index in range(0, 1000, 1 if DEEP else 250):
            line = bytearray(lines[index])
            line[random.randrange(len(line))] ^= 1 << random.randrange(7)
            with pytest.raises(Rejected) as refusal:
                from_lines(b"".join((*lines[:index], bytes(line), *lines[index + 1 :])), "l.jsonl")
            assert {f.place.line for f in refusal.value.findings} <= {index + 1, index + 2, index + 3}

    def test_a_ledger_of_format_1_as_it_was_first_written(self) -> None:
        """Entries made before requests named subawards and inputs, and before payments and voids,
        keep their bytes."""
        line = (
            '{"issuer":"SUB-A","award":"90ZV0101","subaward":"S-1","service":"care","pool":"administration",'
            '"phase":"waiting","month":"2011-12","budget_period":"Y1","days":1,"of":1}'
        )
        party = '{"subaward":"S-1","award":"90ZV0101","recipient":"Prime","subrecipient":"Sub","region":null}'
        until = '"through":"2011-12","period":"2012-01","changes":1'
        acts = (
            f'"posting","issuers":["SUB-A"],{until},"parties":[{party}],"inputs":[]',
            f'"change","line":{line},"n":1,"amount":"80.00"',
            '"requested","award":"90ZV0101","budget_period":"Y1","amount":"80.00"',
            '"requested","award":"90ZV0101","budget_period":"Y1","amount":"1.00","kind":"advance"',
            '"closed","month":"2011-12"',
            '"held","subaward":"S-1","why":"a visit"',
            '"released","subaward":"S-1"',
            '"closed_out","award":"90ZV0101","budget_period":"Y1"',
        )
        written, head = "", NOTHING
        for no, act in enumerate(acts, 1):
            text = f'{{"grantcalc":"entry","format":1,"no":{no},"posted":"2012-01-10","act":{act}}}'
            head = head_of(head, text)
            written += f'{text[:-1]},"head":"{head}"}}\n'
        ledger = from_lines(written.encode())
        assert to_lines(ledger) == written
        assert (ledger.head, ledger.requested(FAIN, "Y1")) == (head, 8_100)
        assert ledger.total.amount == 80
        assert request(ledger, network(), FAIN, "Y1").to_be_returned.amount == 1

    def test_what_was_done_is_named(self) -> None:
        ledger = long()
        e = ledger.entries
        said = {
            "edited": (*e[:3], evolve(e[3], text=entry_text(4, date(2012, 1, 11), e[3].act)), *e[4:]),
            "removed": (*e[:3], *e[4:]),
            "moved": (*e[:3], e[4], e[3], *e[5:]),
            "doubled": (*e[:4], e[3], *e[4:]),
            "cut off in a posting": e[:4],
            "without its first": e[1:],
        }
        found = {what: [str(f) for f in broken(Ledger(entries), "l")] for what, entries in said.items()}
        assert found["edited"][0].startswith("l:4: entry 4 was changed, or the one before it")
        assert found["removed"][0] == "l:4: entry 4 is missing here, expected every entry, in order; found entry 5"
        assert found["moved"][0].startswith("l:4: entry 4 is missing here")
        assert found["doubled"][0].startswith("l:5: entry 5 is missing here")
        assert found["cut off in a posting"] == [
            "l:4: the last posting lacks 2 of its changes, expected a posting and its changes"
        ]
        assert found["without its first"][0].startswith("l:1: entry 1 is missing here")
        assert broken(ledger) == ()

    def test_a_published_head_tells_what_was_cut_off(self) -> None:
        ledger = long()
        short = to_lines(Ledger(ledger.entries[:-1])).encode()
        assert from_lines(short, "l", ledger.entries[3].head).head == ledger.entries[-2].head
        with pytest.raises(Rejected, match="does not hold the entry with the head that was published"):
            from_lines(short, "l", ledger.head)

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"\xff\n", "this line is not UTF-8"),
            (b"{}", "the file does not end with a line feed"),
            (b"[]\n", "this is not a document"),
            (b"\n", "this is not JSON"),
        ],
    )
    def test_what_is_no_ledger_says_so(self, data: bytes, problem: str) -> None:
        with pytest.raises(Rejected) as refusal:
            from_lines(data, "l.jsonl")
        assert problem in str(refusal.value)

    def test_the_log_names_no_participant(self) -> None:
        for ledger in (long(), Ledger().post(CLAIM.counted())):
            for entry in ledger.entries:
                assert ONE.pseudonym not in describe(entry.act)


@pytest.mark.parametrize("amount", [500, True, Decimal("5.00")], ids=str)
def test_a_bare_number_is_no_amount(amount: Any) -> None:
    """A request and a payment take Money, or Cents: an int does not say which it counts."""
    ledger = Ledger().post(CLAIM).with_request(FIRST, FAIN, "Y1", Money("5.00", "USD"))
    assert ledger == Ledger().post(CLAIM).with_request(FIRST, FAIN, "Y1", Cents(500))
    with pytest.raises(TypeError, match="an amount must be"):
        ledger.with_request(FIRST, FAIN, "Y1", amount)
    with pytest.raises(TypeError, match="an amount must be"):
        ledger.with_payment(FIRST, FAIN, "Y1", amount, FIRST, "EFT 1")
