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

from grantcalc import html
from grantcalc.billing.acts import (
    NOTHING,
    Act,
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    Item,
    Posting,
    Released,
    Requested,
    chain,
    line_of,
)
from grantcalc.billing.claims import Claim, Party
from grantcalc.billing.lines import Reduction, how_many, sums_html
from grantcalc.billing.tallies import Tally, summed
from grantcalc.errors import GrantcalcError
from grantcalc.money import Money, dollars, money, plain
from grantcalc.periods import Month

T = TypeVar("T")
Figures = dict[Item, tuple[int, int]]
"""Items without figures, each with its number of lines and its cents."""


@define(eq=False)
class Unpostable(GrantcalcError):
    """What a ledger does not take, with the reason in a sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@define(frozen=True, slots=False)
class Ledger:
    """Entries in the order in which they were posted, chained by hash. The empty ledger is `Ledger()`.

    A subrecipient's ledger has participants in it, a recipient's the counted lines of claims that went up. `known`
    never goes back. Nothing here reads the clock: each day is given.
    """

    entries: tuple[Entry, ...] = field(default=(), repr=how_many)
    _tallies: dict[tuple[str, ...], Tally] = field(factory=dict, init=False, eq=False, repr=False)

    @property
    def head(self) -> str:
        """The hash over every entry so far. Published, it lets anyone check years later that none was changed."""
        return self.entries[-1].head if self.entries else NOTHING

    @property
    def known(self) -> date:
        """The day up to which this ledger knows: that of its latest entry."""
        return self.entries[-1].posted if self.entries else date.min

    def as_of(self, day: date) -> Ledger:
        """The ledger as it stood at the end of a day."""
        return evolve(self, entries=tuple(e for e in self.entries if e.posted <= day))

    # --- posting ---

    def post(self, claim: Claim, changes: Iterable[Change] = ()) -> Ledger:
        """A new ledger with what this claim adds to, or takes from, what was told before of its issuers.

        `changes` gives the difference by reason (`adjust`), and must sum to it. The day posted is the claim's `known`.
        A change of a budget period that was closed out is refused by name: it is recorded, and does not stand (8.3).
        `Unpostable` when `known` would go back (8.2). A claim that says nothing new gives the same ledger.
        """
        self._forward(claim.known)
        self._of_one_kind(claim)
        due, found = self.difference(claim), tuple(changes)
        if found and Tally.of(summed(found)).minus(Tally.of(due)):
            raise Unpostable("the changes by reason are not the difference between the claim and what was posted")
        found = tuple(self._allowed(change) for change in found or due)
        period = Month.of(claim.known)
        posting = Posting(claim.issuers, claim.through, period, len(found), claim.parties, claim.inputs)
        if (
            not found
            and (last := self.latest(claim.issuers))
            and evolve(posting, period=last.period) == evolve(last, changes=0)
        ):
            return self
        return self._with(claim.known, posting, *found)

    def _of_one_kind(self, claim: Claim) -> None:
        """A ledger holds participants or counts, of the same issuers never both."""
        told = map(line_of, self._told(claim.issuers).items)
        kinds = {line.participant is not None or line.day is not None for line in told}
        if claim.lines and kinds and claim.detailed not in kinds:
            has, wants = ("participants", "counts") if True in kinds else ("counts", "participants")
            raise Unpostable(f"this ledger holds the {has} of these issuers, and the claim has {wants}")

    def difference(self, claim: Claim) -> tuple[Change, ...]:
        """What a claim says otherwise than was told before, item by item: how many lines more or less, and cents."""
        found = Tally.of((*claim.lines, *claim.reductions)).minus(self._told(claim.issuers))
        return tuple(change for change in found if line_of(change).month <= claim.through)

    def latest(self, issuers: tuple[str, ...]) -> Posting | None:
        """The latest posting of exactly these issuers."""
        return next((p for p in reversed([*self._acts(Posting)]) if p.issuers == issuers), None)

    @cached_property
    def bases(self) -> tuple[tuple[date, Posting], ...]:
        """For each issuer's latest posting, once: the day posted, and what it rests on, in order of its issuers."""
        latest: dict[str, tuple[date, Posting]] = {}
        for e in self.entries:
            if isinstance(e.act, Posting):
                latest.update(dict.fromkeys(e.act.issuers, (e.posted, e.act)))
        return tuple(sorted({id(b): b for b in latest.values()}.values(), key=lambda b: b[1].issuers))

    def _allowed(self, change: Change) -> Change:
        line = line_of(change)
        if (line.award, line.budget_period) in self.closed_out:
            return evolve(change, refused=f"budget period {line.budget_period} of {line.award} was closed out")
        return change

    # --- what stands ---

    def _told(self, issuers: tuple[str, ...]) -> Tally:
        """All that was told of these issuers, standing or refused; summed once."""
        if issuers not in self._tallies:
            whose = set(issuers)
            mine = (c for c in self._acts(Change) if line_of(c).issuer in whose)
            self._tallies[issuers] = Tally.of(summed(mine))
        return self._tallies[issuers]

    @cached_property
    def _standing(self) -> Figures:
        return {c.item: (c.count, c.amount) for c in summed(c for c in self._acts(Change) if not c.refused)}

    def standing(self) -> Figures:
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
    ) -> Ledger:
        """A new ledger that remembers a request of so many cents; negative for a refund that was paid."""
        return self._with(on, Requested(award, budget_period, amount, kind))

    def requested(self, award: str, budget_period: str) -> int:
        """Cents requested so far of an award for a budget period, in advance or not."""
        asked = self._acts(Requested)
        return sum(r.amount for r in asked if (r.award, r.budget_period) == (award, budget_period))

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

    def hold(self, subaward: str, why: str, on: date) -> Ledger:
        """A new ledger in which what this subaward earned, and all below it, is not requested. `Unpostable` if it is
        held already."""
        if subaward in self.holds:
            raise Unpostable(f"subaward {subaward} is held already")
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
            if isinstance(e.act, Held):
                held[e.act.subaward] = e.act.why
            elif isinstance(e.act, Released):
                held.pop(e.act.subaward, None)
        return held

    def _acts(self, kind: type[T]) -> Iterator[T]:
        return (e.act for e in self.entries if isinstance(e.act, kind))

    def _forward(self, day: date) -> None:
        if day < self.known:
            raise Unpostable(f"known never goes back in one ledger: it stands at {self.known}; found {day}")

    def _with(self, day: date, *acts: Act) -> Ledger:
        self._forward(day)
        return evolve(self, entries=(*self.entries, *chain(self.head, len(self.entries) + 1, day, acts)))

    def _repr_html_(self) -> str:
        changes = [(e.posted, e.act) for e in self.entries if isinstance(e.act, Change)]
        days = sorted({day for day, _ in changes})
        counts, amounts = Counter(day for day, _ in changes), Counter[date]()
        earned, held = Counter[str](), Counter[str]()
        for day, change in changes:
            amounts[day] += change.amount
            by_subaward = held if isinstance(change.item, Reduction) else earned
            by_subaward[line_of(change).subaward] += change.amount

        def posting(day: date) -> tuple[html.Cell, ...]:
            return str(day), counts[day], dollars(amounts[day])

        def asked(r: tuple[date, Requested]) -> tuple[html.Cell, ...]:
            return str(r[0]), r[1].award, r[1].budget_period, dollars(r[1].amount)

        requested = [(e.posted, e.act) for e in self.entries if isinstance(e.act, Requested)]
        return html.page(
            f"Ledger, known to {self.known}" if self.entries else "Ledger, empty",
            sums_html(earned.items(), held.items(), self.parties),
            html.table("Posted, in US dollars", ("Day", "Entries", "Amount"), days, posting),
            html.table("Requested", ("Day", "Award", "Budget period", "Amount"), requested, asked),
        )


def describe(act: Act) -> str:
    """An act in a sentence, as a log prints it: no participant is in it."""
    if isinstance(act, Posting):
        return f"posted the claim of {', '.join(act.issuers)} through {act.through}: {act.changes} changes"
    if isinstance(act, Change):
        line = line_of(act)
        held = f", held back by {act.item.name}" if isinstance(act.item, Reduction) else ""
        why = f", because of {act.reason}" if act.reason else ""
        refused = f"; refused: {act.refused}" if act.refused else ""
        return (
            f"{line.subaward} {line.month} {line.service}{held}: {act.count:+d} × for {plain(act.amount)}{why}{refused}"
        )
    if isinstance(act, Requested):
        return f"requested {plain(act.amount)} of {act.award}, {act.budget_period}, as {act.kind}"
    if isinstance(act, ClosedOut):
        return f"closed out budget period {act.budget_period} of {act.award}"
    if isinstance(act, Closed):
        return f"closed posting period {act.month}"
    return f"held subaward {act.subaward}: {act.why}" if isinstance(act, Held) else f"released subaward {act.subaward}"
