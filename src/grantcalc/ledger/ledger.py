"""The ledger: what was posted and what was requested, in order, never changed (Rulebook 8).

A ledger is a value: posting gives a new one. What is posted is the difference between a claim and
what was told before of its issuers, so that posting the same claim again posts nothing, and posted
+ adjustments = billed afresh, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from attrs import define, evolve

from grantcalc.billing.claims import Claim
from grantcalc.billing.parties import awards_of
from grantcalc.ledger.chain import chain
from grantcalc.ledger.differences import Tally, summed
from grantcalc.ledger.entries import (
    ApprovalStep,
    Approved,
    Change,
    Closed,
    ClosedOut,
    Held,
    LedgerEvent,
    Part,
    Posting,
    Received,
    Released,
    Requested,
    Unpostable,
    line_of,
)
from grantcalc.ledger.log import describe
from grantcalc.ledger.posted import PostedEntries, PostedFigures
from grantcalc.ledger.voiding import voiding
from grantcalc.money import AnyMoney, Cents, as_cents
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input


@define(frozen=True, slots=False)
class Ledger(PostedEntries):
    """Entries in the order in which they were posted, chained by hash. The empty ledger is
    `Ledger()`.

    A subrecipient's ledger has participants in it, a recipient's the counted lines of claims that
    went up. The day posted never goes back, and neither does what is known of an issuer and an
    award. Nothing here reads the clock: each day is given.
    """

    def as_of(self, day: date) -> Ledger:
        """The ledger as it stood at the end of a day."""
        return evolve(self, entries=tuple(e for e in self.entries if e.posted <= day))

    # --- posting ---

    def post(self, claim: Claim, changes: Iterable[Change] = (), on: date | None = None) -> Ledger:
        """A new ledger with what this claim adds to, or takes from, what was told before of its
        issuers and awards.

        `changes` gives the difference by reason (`adjust`), and must sum to it. `on` is the day
        posted, by default the ledger's latest, or the claim's `known` where that is later. A change
        of a budget period that was closed out is refused by name: it is recorded, and not allowed
        (8.3). `Unpostable` for a claim that is known earlier than what was posted of its issuers,
        or reaches less far (8.2). A claim that says nothing new gives the same ledger.
        """
        day = on or max(self.known, claim.known)
        self._forward(day)
        if day < claim.known:
            raise Unpostable(f"a claim known on {claim.known} cannot be posted before that day; found {day}")
        self.check_reach(claim)
        self._of_one_kind(claim)
        due, changed = self.difference(claim), tuple(changes)
        if changed and Tally.of(summed(changed)).minus(Tally.of(due)):
            raise Unpostable("the changes by reason are not the difference between the claim and what was posted")
        changed = tuple(self._allowed(change) for change in changed or due)
        known = claim.known if claim.known != day else None
        awards = claim.awards if claim.awards != awards_of(claim.parties) else ()
        posting = Posting(
            issuers=claim.issuers,
            through=claim.through,
            period=Month.of(day),
            changes=len(changed),
            parties=claim.parties,
            inputs=claim.inputs,
            known=known,
            awards=awards,
            openings=claim.openings,
        )
        if not changed and (last := self.latest(claim.issuers, claim.awards)):
            same = evolve(last, changes=0, period=posting.period, known=known, awards=awards)
            if posting == same:
                return self
        return self._with(day, posting, *changed)

    def check_reach(self, claim: Claim) -> None:
        """`Unpostable` for a claim that is known earlier, or reaches less far, than what was posted
        of one of its issuers under an award that it covers (8.2)."""
        posted = [*self._posted_of(claim.issuers, claim.awards)]
        if not posted:
            return

        def whose(of: Posting) -> str:
            return ", ".join(i for i in of.issuers if i in claim.issuers)

        known, newest = max(posted, key=lambda p: p[0])
        if claim.known < known:
            problem = f"the known date cannot go back: {whose(newest)} was posted as known on {known}"
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
        """What a claim says otherwise than was told before, item by item: how many lines more or
        less, and cents."""
        tally = Tally.of((*claim.lines, *claim.reductions)).minus(self._told(claim.issuers, claim.awards))
        return tuple(change for change in tally if line_of(change).month <= claim.through)

    def _allowed(self, change: Change) -> Change:
        line = line_of(change)
        if (line.award, line.budget_period) in self.closed_out:
            return evolve(change, refused=f"budget period {line.budget_period} of {line.award} was closed out")
        return change

    # --- requests, periods and holds ---

    def with_request(
        self,
        on: date,
        award: str,
        budget_period: str,
        amount: AnyMoney | Cents,
        kind: Literal["reimbursement", "advance"] = "reimbursement",
        by_subaward: tuple[Part, ...] = (),
        inputs: tuple[Input, ...] = (),
    ) -> Ledger:
        """A new ledger that remembers a request of an amount, negative for a refund; `by_subaward`
        is what the request asked for each (`requests.by_subaward`), and `inputs` are what it was
        made from beside the ledger."""
        return self._with(
            on,
            Requested(
                award=award,
                budget_period=budget_period,
                amount=int(as_cents(amount)),
                kind=kind,
                by_subaward=by_subaward,
                inputs=inputs,
            ),
        )

    def with_payment(
        self, on: date, award: str, budget_period: str, amount: AnyMoney | Cents, received: date, reference: str
    ) -> Ledger:
        """A new ledger that records money received; negative for money returned to the agency.
        `Unpostable` where nothing was requested of the budget period, for a reference that is
        recorded already, and for a day after the day posted."""
        if not any((r.award, r.budget_period) == (award, budget_period) for r in self._acts(Requested)):
            raise Unpostable("nothing was requested for this budget period")
        if any((p.award, p.budget_period, p.reference) == (award, budget_period, reference) for p in self.payments):
            raise Unpostable("a payment with this reference is recorded already")
        if on < received:
            raise Unpostable(f"a payment is recorded on the day it was received, {received}, or later; found {on}")
        return self._with(on, Received(award, budget_period, int(as_cents(amount)), received, reference))

    def void(self, no: int, why: str, on: date, *, never_submitted: bool = False) -> Ledger:
        """A new ledger in which an entry counts no more: a hold, a release, an issuer's newest
        posting, a closing or closeout on which nothing rests yet, a payment, or a request that was
        `never_submitted` (8.7). `Unpostable` for any other, with what to do."""
        return self._with(on, *voiding(self.entries, no, why, never_submitted=never_submitted))

    def close(self, month: Month, on: date) -> Ledger:
        """A new ledger in which this posting period, and every earlier one, takes nothing more
        (8.2).

        `Unpostable` for a month that is closed already or not over yet. There is no way to open it
        again.
        """
        if self.closed and month <= self.closed:
            raise Unpostable(f"posting periods to {self.closed} are closed; found {month}")
        if on <= month.last:
            raise Unpostable(f"a posting period is closed after its last day, {month.last}; found {on}")
        return self._with(on, Closed(month))

    def close_out(self, award: str, budget_period: str, on: date) -> Ledger:
        """A new ledger in which nothing of this budget period changes any more (8.3). `Unpostable`
        if it is so already, or nothing was ever posted of it."""
        if not any((x.award, x.budget_period) == (award, budget_period) for x in map(line_of, self._acts(Change))):
            raise Unpostable("nothing was posted for this budget period")
        if (award, budget_period) in self.closed_out:
            raise Unpostable(f"budget period {budget_period} of {award} was closed out before")
        return self._with(on, ClosedOut(award, budget_period))

    def hold(self, subaward: str, why: str, on: date, network: Network | None = None) -> Ledger:
        """A new ledger in which what this subaward earned, and all below it, is not requested from
        now on.

        `Unpostable` if it is held already, and for a subaward (or award) that `network` does not
        list and of which nothing was posted.
        """
        if subaward in self.holds:
            raise Unpostable(f"subaward {subaward} is held already")
        posted = any(subaward in (p.subaward, p.award) for p in self.parties)
        if not (posted or (network and network.knows_subaward(subaward))):
            problem = "nothing was posted at a subaward of this number"
            raise Unpostable(f"{problem}; give the award workbook to hold one of which nothing was posted yet")
        return self._with(on, Held(subaward, why))

    def approve(self, document: str, digest: str, step: ApprovalStep, by: str, on: date) -> Ledger:
        """A new ledger that records who prepared, reviewed or approved a document, named by its
        file and its digest.

        No document changes by it. `Unpostable` where that is recorded already, or where nobody is
        named.
        """
        if not by.strip():
            raise Unpostable("an approval names who gave it")
        if any((a.step, a.by, a.digest) == (step, by, digest) for a in self.approvals):
            raise Unpostable(f"this document is recorded as {step} by the same person already")
        return self._with(on, Approved(step, by, document, digest))

    def release(self, subaward: str, on: date) -> Ledger:
        """A new ledger in which a hold is lifted. `Unpostable` where there is none."""
        if subaward not in self.holds:
            raise Unpostable(f"subaward {subaward} is not held")
        return self._with(on, Released(subaward))

    def _forward(self, day: date) -> None:
        if day < self.known:
            raise Unpostable(
                f"the day posted cannot be earlier than the latest in the ledger, {self.known}; found {day}"
            )

    def _with(self, day: date, *acts: LedgerEvent) -> Ledger:
        self._forward(day)
        return evolve(self, entries=(*self.entries, *chain(self.head, len(self.entries) + 1, day, acts)))


__all__ = ["Ledger", "PostedFigures", "Unpostable", "describe"]
