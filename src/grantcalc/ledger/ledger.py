"""The ledger: what was posted and what was requested, in order, never changed (Rulebook 8).

A ledger is a value: posting gives a new one. What is posted is the difference between a claim and what was told before
of its issuers, so that posting the same claim again posts nothing, and posted + adjustments = billed afresh, always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Literal, TypeVar

from attrs import define, evolve, field

from grantcalc.billing.claims import Claim, OpeningSum, Party, awards_of
from grantcalc.billing.lines import how_many
from grantcalc.display import Displayed
from grantcalc.ledger.differences import Tally, summed
from grantcalc.ledger.entries import (
    NOTHING,
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    Item,
    LedgerEvent,
    Part,
    Posting,
    Received,
    Released,
    Requested,
    Unpostable,
    chain,
    line_of,
)
from grantcalc.ledger.log import describe
from grantcalc.ledger.voiding import voided, voiding
from grantcalc.money import Money, money
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input

T = TypeVar("T")
PostedFigures = dict[Item, tuple[int, int]]
"""Items without figures, each with its number of lines and its cents."""
Scope = tuple[tuple[str, ...], tuple[str, ...]]
"""Issuers, and awards; no awards are all."""


@define(frozen=True, slots=False)
class Ledger(Displayed):
    """Entries in the order in which they were posted, chained by hash. The empty ledger is `Ledger()`.

    A subrecipient's ledger has participants in it, a recipient's the counted lines of claims that went up. The day
    posted never goes back, and neither does what is known of an issuer and an award. Nothing here reads the clock: each
    day is given.
    """

    entries: tuple[Entry, ...] = field(default=(), repr=how_many)
    _tallies: dict[Scope, Tally] = field(factory=dict, init=False, eq=False, repr=False)

    @property
    def head(self) -> str:
        """The hash over every entry so far. Published, it lets anyone check years later that none was changed."""
        return self.entries[-1].head if self.entries else NOTHING

    @property
    def known(self) -> date:
        """The day up to which this ledger knows: the day posted of its latest entry."""
        return self.entries[-1].posted if self.entries else date.min

    def as_of(self, day: date) -> Ledger:
        """The ledger as it stood at the end of a day."""
        return evolve(self, entries=tuple(e for e in self.entries if e.posted <= day))

    # --- posting ---

    def post(self, claim: Claim, changes: Iterable[Change] = (), on: date | None = None) -> Ledger:
        """A new ledger with what this claim adds to, or takes from, what was told before of its issuers and awards.

        `changes` gives the difference by reason (`adjust`), and must sum to it. `on` is the day posted, by default the
        ledger's latest, or the claim's `known` where that is later. A change of a budget period that was closed out is
        refused by name: it is recorded, and does not stand (8.3). `Unpostable` for a claim that is known earlier than
        what was posted of its issuers, or reaches less far (8.2). A claim that says nothing new gives the same ledger.
        """
        day = on or max(self.known, claim.known)
        self._forward(day)
        if day < claim.known:
            raise Unpostable(f"a claim known on {claim.known} cannot be posted before that day; found {day}")
        self.check_reach(claim)
        self._of_one_kind(claim)
        due, found = self.difference(claim), tuple(changes)
        if found and Tally.of(summed(found)).minus(Tally.of(due)):
            raise Unpostable("the changes by reason are not the difference between the claim and what was posted")
        found = tuple(self._allowed(change) for change in found or due)
        known = claim.known if claim.known != day else None
        awards = claim.awards if claim.awards != awards_of(claim.parties) else ()
        posting = Posting(
            claim.issuers,
            claim.through,
            Month.of(day),
            len(found),
            claim.parties,
            claim.inputs,
            known,
            awards,
            claim.openings,
        )
        if not found and (last := self.latest(claim.issuers, claim.awards)):
            same = evolve(last, changes=0, period=posting.period, known=known, awards=awards)
            if posting == same:
                return self
        return self._with(day, posting, *found)

    def check_reach(self, claim: Claim) -> None:
        """`Unpostable` for a claim that is known earlier, or reaches less far, than what was posted of one of its
        issuers under an award that it covers (8.2)."""
        posted = [*self._posted_of(claim.issuers, claim.awards)]
        if not posted:
            return

        def whose(of: Posting) -> str:
            return ", ".join(i for i in of.issuers if i in claim.issuers)

        known, newest = max(posted, key=lambda p: p[0])
        if claim.known < known:
            problem = f"known never goes back: {whose(newest)} was posted as known on {known}"
            raise Unpostable(f"{problem}; found {claim.known}")
        _, longest = max(posted, key=lambda p: p[1].through)
        if claim.through < longest.through:
            problem = f"{whose(longest)} was posted through {longest.through}, and this claim ends earlier"
            raise Unpostable(f"{problem}: bill through {longest.through} or later; found {claim.through}")

    def _of_one_kind(self, claim: Claim) -> None:
        """A ledger holds participants or counts, of the same issuers never both."""
        told = map(line_of, self._told(claim.issuers, claim.awards).items)
        kinds = {line.participant is not None or line.day is not None for line in told}
        if claim.lines and kinds and claim.detailed not in kinds:
            has, wants = ("participants", "counts") if True in kinds else ("counts", "participants")
            raise Unpostable(f"this ledger holds the {has} of these issuers, and the claim has {wants}")

    def difference(self, claim: Claim) -> tuple[Change, ...]:
        """What a claim says otherwise than was told before, item by item: how many lines more or less, and cents."""
        found = Tally.of((*claim.lines, *claim.reductions)).minus(self._told(claim.issuers, claim.awards))
        return tuple(change for change in found if line_of(change).month <= claim.through)

    def latest(self, issuers: tuple[str, ...], awards: tuple[str, ...] = ()) -> Posting | None:
        """The latest posting of exactly these issuers, under any of these awards or, without them, any award."""
        return next((p for _, p in self._posted_of(issuers, awards) if p.issuers == issuers), None)

    def last(self, issuer: str, awards: tuple[str, ...] = ()) -> tuple[date, Posting] | None:
        """The latest posting that tells of this issuer under any of these awards, and the day of its knowledge."""
        return next(self._posted_of((issuer,), awards), None)

    def _posted_of(self, issuers: tuple[str, ...], awards: tuple[str, ...]) -> Iterator[tuple[date, Posting]]:
        """The postings that tell of any of these issuers and awards, each with its day of knowledge, the last first."""
        for e in reversed(self._postings):
            if isinstance(e.act, Posting) and e.act.overlaps(issuers, awards):
                yield e.act.known or e.posted, e.act

    @cached_property
    def _postings(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if isinstance(e.act, Posting) and e.no not in self._voided)

    @cached_property
    def _voided(self) -> frozenset[int]:
        return voided(self.entries)

    @cached_property
    def bases(self) -> tuple[tuple[date, Posting], ...]:
        """The latest posting of each issuer and award, once: its day of knowledge, and what it rests on, in order of
        its issuers."""
        latest: dict[tuple[str, str], tuple[date, Posting]] = {}
        for e in self._postings:
            posting = e.act
            if isinstance(posting, Posting):
                for key in [k for k in latest if not posting.covers and k[0] in posting.issuers]:
                    del latest[key]
                base = posting.known or e.posted, posting
                latest |= {(i, award): base for i in posting.issuers for award in posting.covers or ("",)}
        return tuple(sorted({id(b[1]): b for b in latest.values()}.values(), key=lambda b: b[1].issuers))

    @cached_property
    def openings(self) -> tuple[OpeningSum, ...]:
        """The opening figures of each issuer's latest posting (Rulebook 7.8.1)."""
        latest: dict[str, tuple[OpeningSum, ...]] = {}
        for posting in self._acts(Posting):
            for issuer in posting.issuers:
                latest[issuer] = tuple(o for o in posting.openings if o.issuer == issuer)
        return tuple(sorted(o for openings in latest.values() for o in openings))

    def _allowed(self, change: Change) -> Change:
        line = line_of(change)
        if (line.award, line.budget_period) in self.closed_out:
            return evolve(change, refused=f"budget period {line.budget_period} of {line.award} was closed out")
        return change

    # --- what stands ---

    def _told(self, issuers: tuple[str, ...], awards: tuple[str, ...]) -> Tally:
        """All that was told of these issuers under these awards, or any; standing or refused; summed once."""
        if (issuers, awards) not in self._tallies:
            whose, under = set(issuers), set(awards)
            lines = ((c, line_of(c)) for c in self._acts(Change))
            mine = (c for c, line in lines if line.issuer in whose and (not under or line.award in under))
            self._tallies[issuers, awards] = Tally.of(summed(mine))
        return self._tallies[issuers, awards]

    @cached_property
    def _standing(self) -> PostedFigures:
        return {c.item: (c.count, c.amount) for c in summed(c for c in self._acts(Change) if not c.refused)}

    def standing(self) -> PostedFigures:
        """What stands posted: each item with its number of lines and its cents; nothing that came back to zero."""
        return dict(self._standing)

    @cached_property
    def refused(self) -> tuple[Change, ...]:
        """What was posted, shown and does not stand, with the name of what forbids it."""
        return tuple(c for c in self._acts(Change) if c.refused)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """Who stands behind each subaward, as last said."""
        known = {p.subaward: p for posting in self._acts(Posting) for p in posting.parties}
        return tuple(known[s] for s in sorted(known))

    @property
    def total(self) -> Money:
        """Σ of everything that stands."""
        return money(sum(amount for _, amount in self._standing.values()))

    # --- requests, periods and holds ---

    def with_request(
        self,
        on: date,
        award: str,
        budget_period: str,
        amount: int,
        kind: Literal["reimbursement", "advance"] = "reimbursement",
        by_subaward: tuple[Part, ...] = (),
        inputs: tuple[Input, ...] = (),
    ) -> Ledger:
        """A new ledger that remembers a request of so many cents, negative for a refund; `by_subaward` is what the
        request asked for each (`requests.by_subaward`), and `inputs` are what it was made from beside the ledger."""
        return self._with(on, Requested(award, budget_period, amount, kind, by_subaward, inputs))

    def requested(self, award: str, budget_period: str) -> int:
        """Cents requested so far of an award for a budget period, in advance or not."""
        asked = self._acts(Requested)
        return sum(r.amount for r in asked if (r.award, r.budget_period) == (award, budget_period))

    @property
    def requested_periods(self) -> frozenset[tuple[str, str]]:
        """The budget periods, each with its award, of which a net amount was requested."""
        asked = Counter[tuple[str, str]]()
        for r in self._acts(Requested):
            asked[r.award, r.budget_period] += r.amount
        return frozenset(period for period, amount in asked.items() if amount)

    def with_payment(
        self, on: date, award: str, budget_period: str, amount: int, received: date, reference: str
    ) -> Ledger:
        """A new ledger that records money received, in cents; negative for money returned to the agency. `Unpostable`
        where nothing was requested of the budget period, for a reference that is recorded already, and for a day after
        the day posted."""
        if not any((r.award, r.budget_period) == (award, budget_period) for r in self._acts(Requested)):
            raise Unpostable("nothing was ever requested of this budget period")
        if any((p.award, p.budget_period, p.reference) == (award, budget_period, reference) for p in self.payments):
            raise Unpostable("a payment with this reference is recorded already")
        if on < received:
            raise Unpostable(f"a payment is recorded on the day it was received, {received}, or later; found {on}")
        return self._with(on, Received(award, budget_period, amount, received, reference))

    @cached_property
    def payments(self) -> tuple[Received, ...]:
        """The payments recorded, in order."""
        return tuple(self._acts(Received))

    def received(self, award: str, budget_period: str) -> int | None:
        """Cents received so far of an award for a budget period; None where the ledger records no payment of it."""
        found = [p.amount for p in self.payments if (p.award, p.budget_period) == (award, budget_period)]
        return sum(found) if found else None

    def void(self, no: int, why: str, on: date, *, never_submitted: bool = False) -> Ledger:
        """A new ledger in which an entry counts no more: a hold, a release, an issuer's newest posting, a closing or
        closeout on which nothing rests yet, a payment, or a request that was `never_submitted` (8.7). `Unpostable` for
        any other, with what to do."""
        return self._with(on, *voiding(self.entries, no, why, never_submitted=never_submitted))

    def close(self, month: Month, on: date) -> Ledger:
        """A new ledger in which this posting period, and every earlier one, takes nothing more (8.2).

        `Unpostable` for a month that is closed already or not over yet. There is no way to open it again.
        """
        if self.closed and month <= self.closed:
            raise Unpostable(f"posting periods to {self.closed} are closed; found {month}")
        if on <= month.last:
            raise Unpostable(f"a posting period is closed after its last day, {month.last}; found {on}")
        return self._with(on, Closed(month))

    @cached_property
    def closed(self) -> Month | None:
        """The last posting period that is closed, if any is."""
        return max((c.month for c in self._acts(Closed)), default=None)

    def close_out(self, award: str, budget_period: str, on: date) -> Ledger:
        """A new ledger in which nothing of this budget period changes any more (8.3). `Unpostable` if it is so already,
        or nothing was ever posted of it."""
        if not any((x.award, x.budget_period) == (award, budget_period) for x in map(line_of, self._acts(Change))):
            raise Unpostable("nothing was ever posted of this budget period")
        if (award, budget_period) in self.closed_out:
            raise Unpostable(f"budget period {budget_period} of {award} was closed out before")
        return self._with(on, ClosedOut(award, budget_period))

    @cached_property
    def closed_out(self) -> frozenset[tuple[str, str]]:
        """The budget periods that were closed out, each with its award."""
        return frozenset((c.award, c.budget_period) for c in self._acts(ClosedOut))

    def hold(self, subaward: str, why: str, on: date, network: Network | None = None) -> Ledger:
        """A new ledger in which what this subaward earned, and all below it, is not requested from now on.

        `Unpostable` if it is held already, and for a subaward (or award) that `network` does not list and of which
        nothing was posted.
        """
        if subaward in self.holds:
            raise Unpostable(f"subaward {subaward} is held already")
        posted = any(subaward in (p.subaward, p.award) for p in self.parties)
        if not (posted or (network and network.knows_subaward(subaward))):
            problem = "nothing was posted at a subaward of this number"
            raise Unpostable(f"{problem}; give the award workbook to hold one of which nothing was posted yet")
        return self._with(on, Held(subaward, why))

    def release(self, subaward: str, on: date) -> Ledger:
        """A new ledger in which a hold is lifted. `Unpostable` where there is none."""
        if subaward not in self.holds:
            raise Unpostable(f"subaward {subaward} is not held")
        return self._with(on, Released(subaward))

    @cached_property
    def holds(self) -> dict[str, str]:
        """The subawards that are held, each with the reason."""
        held: dict[str, str] = {}
        for e in self.entries:
            if isinstance(e.act, Held) and e.no not in self._voided:
                held[e.act.subaward] = e.act.why
            elif isinstance(e.act, Released) and e.no not in self._voided:
                held.pop(e.act.subaward, None)
        return held

    @property
    def in_effect(self) -> tuple[Entry, ...]:
        """The entries in order, without those that were voided."""
        return tuple(e for e in self.entries if e.no not in self._voided)

    @property
    def acts(self) -> Iterator[LedgerEvent]:
        """What was done, in order, without what was voided."""
        return (e.act for e in self.in_effect)

    def _acts(self, kind: type[T]) -> Iterator[T]:
        """The acts of a kind, without those that were voided."""
        return (e.act for e in self.in_effect if isinstance(e.act, kind))

    def _forward(self, day: date) -> None:
        if day < self.known:
            raise Unpostable(f"a day posted never goes back in one ledger: it stands at {self.known}; found {day}")

    def _with(self, day: date, *acts: LedgerEvent) -> Ledger:
        self._forward(day)
        return evolve(self, entries=(*self.entries, *chain(self.head, len(self.entries) + 1, day, acts)))


__all__ = ["Ledger", "PostedFigures", "Unpostable", "describe"]
