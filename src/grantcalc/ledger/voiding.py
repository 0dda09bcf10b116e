"""What a later entry may take back: what was entered by mistake, as long as nothing rests on it
(Rulebook 8.7).

A voided entry stays in the ledger and counts no more. What a posting changed is taken back by
changes that follow the entry that voids it, in the posting period that is open then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from grantcalc.ledger.entries import (
    Change,
    Closed,
    ClosedOut,
    Entry,
    Held,
    LedgerEvent,
    Posting,
    Received,
    Released,
    Requested,
    Unpostable,
    Voided,
    line_of,
)


def voided(entries: Sequence[Entry]) -> frozenset[int]:
    """The numbers of the entries that count no more."""
    return frozenset(e.act.entry for e in entries if isinstance(e.act, Voided))


def voiding(entries: Sequence[Entry], no: int, why: str, *, never_submitted: bool) -> tuple[LedgerEvent, ...]:
    """The acts that void an entry. `Unpostable`, with what to do, where there is no such entry or
    something rests on it."""
    if not 1 <= no <= len(entries):
        raise Unpostable(f"there is no entry {no}: the ledger has {len(entries)}")
    gone, act = voided(entries), entries[no - 1].act
    if no in gone:
        raise Unpostable(f"entry {no} was voided before")
    later = [e for e in _live(entries) if e.no > no]
    if isinstance(act, Change):
        raise Unpostable(f"entry {no} is a change: void the posting that it belongs to")
    if isinstance(act, Voided):
        raise Unpostable(f"entry {no} voids another: enter again what it voided")
    if isinstance(act, Requested) and not never_submitted:
        raise Unpostable(f"entry {no} is a request: the next request corrects it, unless it was never submitted")
    resting = next(_resting_on(act, later), None)
    if resting:
        raise Unpostable(f"entry {resting.no} depends on entry {no}: void it first")
    if not isinstance(act, Posting):
        return (Voided(no, why),)
    changes = [e.act for e in entries[no : no + act.changes] if isinstance(e.act, Change)]
    return Voided(no, why, len(changes)), *(evolve(c, count=-c.count, amount=-c.amount) for c in changes)


def _live(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries that count: without those that were voided, their changes, and what took those
    back."""
    gone, skipped = voided(entries), 0
    for e in entries:
        if skipped:
            skipped -= 1
        elif isinstance(e.act, Posting | Voided) and (e.no in gone or isinstance(e.act, Voided)):
            skipped = e.act.changes
        elif e.no not in gone:
            yield e


def _resting_on(act: LedgerEvent, later: Sequence[Entry]) -> Iterator[Entry]:
    """The later entries that would say something else without this one."""
    for e in later:
        other = e.act
        if isinstance(act, Held | Released):
            rests = isinstance(other, Held | Released) and other.subaward == act.subaward
        elif isinstance(act, Posting):
            rests = isinstance(other, Posting) and other.overlaps(act.issuers, act.covers)
            rests = rests or (isinstance(other, ClosedOut) and _changed(later[: act.changes], other))
        elif isinstance(act, Closed):
            rests = isinstance(other, Posting | Requested | Closed)
        elif isinstance(act, ClosedOut):
            rests = isinstance(other, Change | Requested) and _period_of(other) == (act.award, act.budget_period)
        elif isinstance(act, Requested):
            rests = isinstance(other, Requested | Received) and _period_of(other) == (act.award, act.budget_period)
        else:
            rests = False
        if rests:
            yield e


def _changed(changes: Sequence[Entry], out: ClosedOut) -> bool:
    """Whether any of these changes is of a budget period that was closed out."""
    items = (e.act for e in changes if isinstance(e.act, Change))
    return any(_period_of(change) == (out.award, out.budget_period) for change in items)


def _period_of(act: Change | Requested | Received) -> tuple[str, str]:
    """The award and the budget period that an act is of."""
    of = line_of(act) if isinstance(act, Change) else act
    return of.award, of.budget_period
