"""Lines and their reductions: what is left of each line, and the order in which a limit is filled
(Rulebook 7.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from attrs import define, field

from grantcalc.billing.lines import Line, Reducer, Reduction
from grantcalc.provenance import Authority


@define
class ReducedLines:
    """Lines, and what is allowed of each, in cents; the only state of the ceilings, and local to
    one bill."""

    lines: list[Line]
    allowed: list[int] = field(init=False)
    reductions: list[Reduction] = field(factory=list)

    @allowed.default
    def _whole(self) -> list[int]:
        return [line.amount for line in self.lines]

    def reduce(self, index: int, amount: int, by: Reducer, window: str, room: int, authority: Authority) -> None:
        self.allowed[index] -= amount
        kind, id = by
        line = self.lines[index]
        self.reductions.append(
            Reduction(kind=kind, id=id, window=window, room=room, authority=authority, line=line, amount=-amount)
        )


def filling_order(reduced: ReducedLines, indexes: Iterable[int]) -> list[int]:
    """Credits first; then service month; then pool, direct before administration; then participant,
    service, service day, subaward, amount, document reference, in code-point order (Rulebook
    7.2)."""
    lines = reduced.lines

    def key(index: int) -> tuple[object, ...]:
        line = lines[index]
        person = (line.participant.issuer, line.participant.pseudonym) if line.participant else (line.issuer, "")
        return (
            line.amount >= 0,
            line.month.number,
            line.pool != "direct",
            person,
            line.service,
            line.day or date.min,
            line.subaward,
            line.amount,
            line.reference,
            line.phase,
            index,
        )

    return sorted(indexes, key=key)


def fill(
    reduced: ReducedLines,
    indexes: Iterable[int],
    room_of: Callable[[Line], int],
    by: Reducer,
    window: str,
    authority: Authority,
    used: int = 0,
) -> set[int]:
    """Fill a ceiling in order; what crosses it is held back, the line that crosses in part. Gives
    the lines it touched. `used` was used before, in a caseload kept apart, and fills first
    (7.8)."""
    touched: set[int] = set()
    for index in filling_order(reduced, indexes):
        amount = reduced.allowed[index]
        if amount > 0:
            room = max(room_of(reduced.lines[index]), 0)  # a ceiling is never below zero
            kept = min(amount, max(room - used, 0))
            if kept < amount:
                reduced.reduce(index, amount - kept, by, window, room, authority)
                touched.add(index)
            used += kept
        else:
            used += amount
    return touched
