"""Asking: the requests of a ledger, and the ledger that remembers them (Rulebook 9.6).

A request made twice is the same request: it is found again, with the same bytes, and nothing is
appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

from attrs import evolve, frozen

from grantcalc.billing.claims import network_inputs
from grantcalc.declared import checked
from grantcalc.ledger.entries import Approved, LedgerEvent, Requested, RequestKind, Unpostable
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, by_subaward, requests
from grantcalc.money import Cents, cents
from grantcalc.network import Network
from grantcalc.provenance import Input

SourceOf: TypeAlias = Callable[[Ledger], Input | None]


@frozen
class Asked:
    """Requests, and the ledger with an entry for each that asks for anything."""

    requests: tuple[Request, ...]
    ledger: Ledger


@checked
def ask(
    ledger: Ledger,
    network: Network,
    known: date | None = None,
    kind: RequestKind = "reimbursement",
    source_of: SourceOf = lambda ledger: None,
) -> Asked:
    """The requests of a ledger as known, and the ledger that remembers them.

    `source_of` gives the ledger as an input, where it is kept. Where the ledger's last entries are
    these very requests, made from the same inputs as known on the same day, they are given again
    and the ledger is as it was. `Unpostable` where they are the same amounts made otherwise: such a
    request exists. Refused like `request`.
    """
    for start in _starts(ledger):
        before = Ledger(ledger.entries[:start])
        if known and known < before.known:
            continue
        asked = _ask(before, network, known, kind, source_of)
        new = asked.ledger.entries[start:]
        old = ledger.entries[start : start + len(new)]
        if new and new == old:
            return evolve(asked, ledger=ledger)
        if new and [_amounts(e.act) for e in new] == [_amounts(e.act) for e in old]:
            which = f"entry {old[0].no}" if len(old) == 1 else f"entries {old[0].no} to {old[-1].no}"
            problem = f"this request exists: {which} of {old[0].posted}"
            raise Unpostable(f"{problem}, made from other inputs or as known on another day")
    return _ask(ledger, network, known, kind, source_of)


def _ask(ledger: Ledger, network: Network, known: date | None, kind: RequestKind, source_of: SourceOf) -> Asked:
    asked = requests(ledger, network, known, source_of(ledger), kind) if ledger.bases else ()
    inputs, after = tuple(sorted({*network_inputs(network)})), ledger
    for r in asked:
        amount = cents(r.amount) - cents(r.to_be_returned)
        parts = () if r.closed_out and not amount else tuple(p for p in by_subaward(r, ledger, network) if p.amount)
        if amount or parts:
            after = after.with_request(r.known, r.award, r.budget_period, Cents(amount), kind, parts, inputs)
    return Asked(asked, after)


def _starts(ledger: Ledger) -> Iterator[int]:
    """Where the requests at the end of a ledger may have begun, the latest first: requests made
    together are of one day, in order of award and budget period."""
    entries = ledger.entries
    for at in range(len(entries) - 1, -1, -1):
        act = entries[at].act
        if isinstance(act, Approved):  # of a document, which changes nothing that is asked
            continue
        if not isinstance(act, Requested):
            return
        before = entries[at - 1].act if at else None
        same_day = at and entries[at - 1].posted == entries[at].posted
        if not (same_day and isinstance(before, Requested) and _of(before) < _of(act)):
            yield at


def _of(act: Requested) -> tuple[str, str]:
    return act.award, act.budget_period


def _amounts(act: LedgerEvent) -> tuple[object, ...]:
    """What a request asks, whatever it was made from."""
    return (*_of(act), act.amount, act.kind) if isinstance(act, Requested) else ()
