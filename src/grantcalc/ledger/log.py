"""What a ledger holds, as a person reads it: an act in a sentence, and sums as a notebook shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from grantcalc import html
from grantcalc.billing.claims import Party
from grantcalc.billing.lines import Reduction, sums_html
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
    line_of,
)
from grantcalc.money import dollars, plain


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


def as_html(title: str, entries: Sequence[Entry], parties: Iterable[Party]) -> str:
    """What was posted by subaward and by day, and what was requested and received."""
    changes = [(e.posted, e.act) for e in entries if isinstance(e.act, Change)]
    days = sorted({day for day, _ in changes})
    counts, amounts = Counter(day for day, _ in changes), Counter[date]()
    earned, held = Counter[str](), Counter[str]()
    for day, change in changes:
        amounts[day] += change.amount
        by_subaward = held if isinstance(change.item, Reduction) else earned
        by_subaward[line_of(change).subaward] += change.amount

    def posting(day: date) -> tuple[html.Cell, ...]:
        return str(day), counts[day], dollars(amounts[day])

    def of_period(r: tuple[date, Requested | Received]) -> tuple[html.Cell, ...]:
        return str(r[0]), r[1].award, r[1].budget_period, dollars(r[1].amount)

    requested = [(e.posted, e.act) for e in entries if isinstance(e.act, Requested)]
    received = [(e.act.received, e.act) for e in entries if isinstance(e.act, Received)]
    columns = ("Day", "Award", "Budget period", "Amount")
    return html.page(
        title,
        sums_html(earned.items(), held.items(), tuple(parties)),
        html.table("Posted, in US dollars", ("Day", "Entries", "Amount"), days, posting),
        html.table("Requested", columns, requested, of_period),
        *([html.table("Received", columns, received, of_period)] if received else []),
    )
