"""What a ledger says of itself: what is allowed, requested and received, what is closed and
held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import TypeVar

from attrs import define, field

from grantcalc.billing.claims import OpeningSum
from grantcalc.billing.lines import how_many
from grantcalc.billing.parties import Party
from grantcalc.display import Displayed
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.differences import Tally, summed
from grantcalc.ledger.entries import (
    Approved,
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    Item,
    LedgerEvent,
    Posting,
    Received,
    Released,
    Requested,
    line_of,
)
from grantcalc.ledger.voiding import voided
from grantcalc.money import Money, money
from grantcalc.periods import Month

T = TypeVar("T")
PostedFigures = dict[Item, tuple[int, int]]
"""Items without figures, each with its number of lines and its cents."""
Scope = tuple[tuple[str, ...], tuple[str, ...]]
"""Issuers, and awards; no awards are all."""


@define(frozen=True, slots=False)
class PostedEntries(Displayed):
    """Entries in the order in which they were posted, and all that follows from them."""

    entries: tuple[Entry, ...] = field(default=(), repr=how_many)
    _tallies: dict[Scope, Tally] = field(factory=dict, init=False, eq=False, repr=False)

    @property
    def head(self) -> str:
        """The hash over every entry so far. Published, it lets anyone check years later that none
        was changed."""
        return self.entries[-1].head if self.entries else NOTHING

    @property
    def known(self) -> date:
        """The day up to which this ledger knows: the day posted of its latest entry."""
        return self.entries[-1].posted if self.entries else date.min

    @property
    def acts(self) -> Iterator[LedgerEvent]:
        """What was done, in order, without what was voided."""
        return (e.act for e in self.in_effect)

    @property
    def in_effect(self) -> tuple[Entry, ...]:
        """The entries in order, without those that were voided."""
        return tuple(e for e in self.entries if e.no not in self._voided)

    def _acts(self, kind: type[T]) -> Iterator[T]:
        """The acts of a kind, without those that were voided."""
        return (e.act for e in self.in_effect if isinstance(e.act, kind))

    @cached_property
    def _voided(self) -> frozenset[int]:
        return voided(self.entries)

    def latest(self, issuers: tuple[str, ...], awards: tuple[str, ...] = ()) -> Posting | None:
        """The latest posting of exactly these issuers, under any of these awards or, without them,
        any award."""
        return next((p for _, p in self._posted_of(issuers, awards) if p.issuers == issuers), None)

    def last(self, issuer: str, awards: tuple[str, ...] = ()) -> tuple[date, Posting] | None:
        """The latest posting that tells of this issuer under any of these awards, and the day of
        its knowledge."""
        return next(self._posted_of((issuer,), awards), None)

    def _posted_of(self, issuers: tuple[str, ...], awards: tuple[str, ...]) -> Iterator[tuple[date, Posting]]:
        """The postings that tell of any of these issuers and awards, each with its day of
        knowledge, the last first."""
        for e in reversed(self._postings):
            if isinstance(e.act, Posting) and e.act.overlaps(issuers, awards):
                yield e.act.known or e.posted, e.act

    @cached_property
    def _postings(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if isinstance(e.act, Posting) and e.no not in self._voided)

    @cached_property
    def bases(self) -> tuple[tuple[date, Posting], ...]:
        """The latest posting of each issuer and award, once: its day of knowledge, and what it
        rests on, in order of its issuers."""
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

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The parties of each subaward, as last said."""
        known = {p.subaward: p for posting in self._acts(Posting) for p in posting.parties}
        return tuple(known[s] for s in sorted(known))

    def _told(self, issuers: tuple[str, ...], awards: tuple[str, ...]) -> Tally:
        """All that was told of these issuers under these awards, or any; standing or refused;
        summed once."""
        if (issuers, awards) not in self._tallies:
            whose, under = set(issuers), set(awards)
            lines = ((c, line_of(c)) for c in self._acts(Change))
            mine = (c for c, line in lines if line.issuer in whose and (not under or line.award in under))
            self._tallies[issuers, awards] = Tally.of(summed(mine))
        return self._tallies[issuers, awards]

    @cached_property
    def _allowed_figures(self) -> PostedFigures:
        return _figures(c for c in self._acts(Change) if not c.refused)

    def allowed(self) -> PostedFigures:
        """What is posted and allowed: each item, its number of lines and its cents; nothing that is
        zero again."""
        return dict(self._allowed_figures)

    def told(self) -> PostedFigures:
        """What was posted, whether it is allowed or was refused, as `allowed` gives it."""
        return _figures(self._acts(Change))

    @cached_property
    def refused(self) -> tuple[Change, ...]:
        """What was posted, shown and not allowed, with the name of what forbids it."""
        return tuple(c for c in self._acts(Change) if c.refused)

    @property
    def total(self) -> Money:
        """Σ of everything that is allowed."""
        return money(sum(amount for _, amount in self._allowed_figures.values()))

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

    @cached_property
    def payments(self) -> tuple[Received, ...]:
        """The payments recorded, in order."""
        return tuple(self._acts(Received))

    def received(self, award: str, budget_period: str) -> int | None:
        """Cents received so far of an award for a budget period; None where the ledger records no
        payment of it."""
        payments = [p.amount for p in self.payments if (p.award, p.budget_period) == (award, budget_period)]
        return sum(payments) if payments else None

    @cached_property
    def approvals(self) -> tuple[Approved, ...]:
        """Who prepared, reviewed and approved which document, in order."""
        return tuple(self._acts(Approved))

    @cached_property
    def closed(self) -> Month | None:
        """The last posting period that is closed, if any is."""
        return max((c.month for c in self._acts(Closed)), default=None)

    @cached_property
    def closed_out(self) -> frozenset[tuple[str, str]]:
        """The budget periods that were closed out, each with its award."""
        return frozenset((c.award, c.budget_period) for c in self._acts(ClosedOut))

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


def _figures(changes: Iterable[Change]) -> PostedFigures:
    return {c.item: (c.count, c.amount) for c in summed(changes)}
