"""What a hold keeps from being requested: only what was not requested before (Rulebook 9.4). Cents
of program cost.

A request records what it asks for each subaward. An older entry that does not say is told apart by
what stood posted, and was not held, when it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from attrs import define, field

from grantcalc.ledger.entries import Change, Held, Part, Released, Requested, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import split
from grantcalc.network import Network


@define
class Before:
    """What was requested before of one budget period: for each subaward, in cost; and `ahead`, in
    federal cents, in advance of the cost of any, until a later request settles it."""

    of: Counter[str] = field(factory=Counter)
    ahead: int = 0

    def add(self, request: Requested, due: Mapping[str, int]) -> None:
        """Count one more request; `due` is what each subaward had allowed and not on hold, less
        what was requested."""
        told = bool(request.by_subaward or request.inputs)  # one of indirect cost alone names no subaward
        asked = {p.subaward: p.amount for p in request.by_subaward} if told else _told_apart(request.amount, due)
        self.of.update(asked)
        if request.kind == "advance" or not (told or asked):
            self.ahead += request.amount - sum(asked.values())
        elif told:  # it asked for what was earned, less the advance
            self.ahead = 0


def asked_of_subawards(
    ledger: Ledger,
    network: Network,
    award: str,
    budget_period: str,
    allowed: Mapping[str, int],
    share: Fraction | None,
) -> tuple[Part, ...]:
    """What is asked for each subaward now, and what is on hold: allowed less requested before,
    never below zero.

    `allowed` has what is allowed of each subaward's own service under every ceiling; `share` is the
    federal share, None for the whole. An advance that no request has settled yet was requested for
    what would be on hold, too. Nothing is on hold in a budget period that was closed out.
    """
    before = requested_before(ledger, network, award, budget_period)
    holds = set() if (award, budget_period) in ledger.closed_out else set(ledger.holds)
    ahead, parts = max(0, before.ahead), []
    if share:  # the cost of which the advance is the federal share
        ahead = -(-ahead * share.denominator // share.numerator)
    for subaward in sorted({*allowed, *before.of}):
        due = allowed.get(subaward, 0) - before.of[subaward]
        on_hold = max(0, due) if _is_held(holds, network, subaward) else 0
        covered = min(on_hold, ahead)
        ahead -= covered
        if due:
            parts.append(Part(subaward, due - on_hold + covered, on_hold - covered))
    return tuple(parts)


def requested_before(ledger: Ledger, network: Network, award: str, budget_period: str) -> Before:
    """What the requests of a budget period asked for so far."""
    before, stood, holds = Before(), Counter[str](), set[str]()
    for act in ledger.acts:
        if isinstance(act, Held):
            holds.add(act.subaward)
        elif isinstance(act, Released):
            holds.discard(act.subaward)
        elif isinstance(act, Change):
            line = line_of(act)
            if (line.award, line.budget_period) == (award, budget_period) and not act.refused:
                stood[line.subaward] += act.amount
        elif isinstance(act, Requested) and (act.award, act.budget_period) == (award, budget_period):
            due = {s: cents - before.of[s] for s, cents in stood.items()}
            before.add(act, {s: c for s, c in due.items() if c < 0 or not _is_held(holds, network, s)})
    return before


def _is_held(holds: set[str], network: Network, subaward: str) -> bool:
    """Whether a subaward, or one above it, is held."""
    above = network.ancestors(subaward) if holds and network.knows_subaward(subaward) else ()
    return not holds.isdisjoint((subaward, *above))


def _told_apart(amount: int, due: Mapping[str, int]) -> dict[str, int]:
    """What a request that does not say asked for each subaward: what was due, or its amount in
    proportion to that."""
    if sum(due.values()) == amount:
        return dict(due)
    weights = {s: abs(cents) for s, cents in due.items() if cents and (cents > 0) == (amount > 0)}
    return split(amount, weights) if weights else {}
