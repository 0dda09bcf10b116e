"""What a ledger holds, as a person reads it: an act in a sentence, and what a claim added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Reduction
from grantcalc.ledger.entries import (
    Approved,
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
    line_of,
)
from grantcalc.money import plain


def describe(act: LedgerEvent) -> str:
    """An act in a sentence, as a log prints it: no participant is in it."""
    match act:
        case Posting():
            said = f"posted the claim of {', '.join(act.issuers)} through {act.through}: {act.changes} changes"
        case Change():
            said = _changed(act)
        case Requested():
            said = f"requested {plain(act.amount)} of {act.award}, {act.budget_period}, as {act.kind}"
        case Received():
            said = f"received {plain(act.amount)} of {act.award}, {act.budget_period}, on {act.received}"
        case ClosedOut():
            said = f"closed out budget period {act.budget_period} of {act.award}"
        case Closed():
            said = f"closed posting period {act.month}"
        case Held():
            said = f"held subaward {act.subaward}: {act.why}"
        case Released():
            said = f"released subaward {act.subaward}"
        case Approved():
            said = f"{act.step} by {act.by}: {act.document}, sha256 {act.digest}"
        case _:
            said = f"voided entry {act.entry}: {act.why}"
    return said


def _changed(change: Change) -> str:
    line = line_of(change)
    held = f", held back by {change.item.name}" if isinstance(change.item, Reduction) else ""
    why = f", because of {change.reason}" if change.reason else ""
    refused = f"; refused: {change.refused}" if change.refused else ""
    what = f"{line.subaward} {line.month} {line.service}{held}"
    return f"{what}: {change.count:+d} × for {plain(change.amount)}{why}{refused}"


def describe_posting(claim: Claim, entries: Iterable[Entry]) -> tuple[str, ...]:
    """What the entries added by a claim come to, and what of it was refused."""
    changes = [e.act for e in entries if isinstance(e.act, Change)]
    said = f"{', '.join(claim.issuers)} through {claim.through}, known {claim.known}:"
    if not changes:
        return (f"{said} nothing new, nothing posted",)
    total = sum(c.amount for c in changes if not c.refused)
    count = f"{len(changes):,} change{'' if len(changes) == 1 else 's'}"
    return f"{said} {count}, {plain(total)}", *describe_refused(entries)


def describe_refused(entries: Iterable[Entry]) -> tuple[str, ...]:
    """What was posted and is not allowed, summed by what forbids it."""
    refused = Counter[str]()
    for e in entries:
        if isinstance(e.act, Change) and e.act.refused:
            refused[e.act.refused] += e.act.amount
    return tuple(f"refused, {why}: {plain(amount)}" for why, amount in sorted(refused.items()))
