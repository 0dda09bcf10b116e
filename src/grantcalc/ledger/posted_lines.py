"""The lines and reductions of an award as a ledger holds them: what a request sums (Rulebook
9.1)."""

from __future__ import annotations

from collections import defaultdict

from attrs import evolve

from grantcalc.billing.claims import counted_key, reading_order
from grantcalc.billing.lines import Line, Reduction
from grantcalc.ledger.ledger import PostedFigures


def counted_lines(posted: PostedFigures) -> list[tuple[Line, int, int]]:
    """What is posted of lines, counted together: a ledger with participants and one without give
    the same."""
    sums: dict[Line, tuple[int, int]] = {}
    for item, (n, amount) in posted.items():
        if isinstance(item, Line):
            key = counted_key(evolve(item, amount=amount))
            had = sums.get(key, (0, 0))
            sums[key] = (had[0] + n, had[1] + amount)
    return [(line, n, amount) for line, (n, amount) in sums.items()]


def posted_lines(posted: PostedFigures, award: str) -> tuple[list[Line], list[Reduction]]:
    """The lines of an award and what reduces them, counted together, in reading order; amounts in
    cents."""
    finished = {
        line: evolve(line, count=n, amount=amount) for line, n, amount in counted_lines(posted) if line.award == award
    }
    held: dict[Reduction, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item, (n, amount) in posted.items():
        if isinstance(item, Reduction) and item.line.award == award:
            key = evolve(item, line=finished[counted_key(item.line)], count=0, amount=0)
            held[key] = (held[key][0] + n, held[key][1] + amount)
    reductions = [evolve(reduction, count=n, amount=amount) for reduction, (n, amount) in held.items()]
    reductions.sort(key=lambda x: (reading_order(x.line), x.name, x.window, x.room))
    return sorted(finished.values(), key=reading_order), reductions
