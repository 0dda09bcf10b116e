"""Releases one after the other: a reader has both, and what differs between them tells of whoever came in between.

Two readings of an earlier and a later release of the same rows and columns:

* *cumulative*: whoever was counted then is counted now. No count goes down; what is known of the one bounds the other.
* *restated*: the same persons counted again, some counts corrected. What either shows is known of both.

Either way the difference of the two is a table of its own, in which nothing small may be reckoned. The bounds of the
three are drawn by their sums, and carried to one another, until nothing changes. That is what a careful reader does;
one linear programme over all three might find more, and the tests look whether it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grantcalc.disclosure.attacker import FAR, Bounds, fitted
from grantcalc.disclosure.audits import audit, finding, place
from grantcalc.disclosure.tables import Cell, Release, Shape, Table
from grantcalc.disclosure.withholding import THRESHOLD, withhold
from grantcalc.errors import Finding, refuse

Counts = list[int | None]
_ROUNDS = 100  # far more than releases of one table take; bounds that never come to rest belong to none


def withhold_again(table: Table, before: Release, threshold: int = THRESHOLD, *, cumulative: bool = True) -> Release:
    """What may be published of a table after an earlier release: `withhold`, and besides whatever would tell of the
    difference.

    `Rejected` where withholding does not help, as when a count that was shown has become small.
    """
    also: dict[Cell, None] = {}
    earlier = _earlier(before, table.shape)
    if cumulative and earlier is not None:
        refuse(_fewer(Release(table.title, table.shape, threshold, table.values), earlier))
    if not cumulative:
        also |= dict.fromkeys(w.cell for w in before.withheld if w.cell in table.shape.place)
    while True:
        release = withhold(table, threshold, also)
        findings = audit_releases(before, release, cumulative=cumulative)
        places = {found.place for found in findings}
        told = [cell for cell in release.shape.cells if place(release, cell) in places]
        shown = [c for c, n in zip(release.shape.cells, release.counts, strict=True) if n and c not in also]
        beside = [c for c in shown if any(c.path == t.path or c.column == t.column for t in told)]
        more = [c for c in shown if c in told] or beside
        if not more:
            refuse(findings)
            return release
        also |= dict.fromkeys(more)


def audit_releases(before: Release, after: Release, *, cumulative: bool = True) -> tuple[Finding, ...]:
    """Whatever the two releases tell together and neither alone, as findings on the later; and the `audit` of that one.

    The rows of the earlier must be rows of the later, and none may have been divided since: else that is the finding,
    since nothing could be compared. A row that the earlier does not have counted nobody then.
    """
    alone = audit(after)
    if alone:
        return alone
    earlier = _earlier(before, after.shape)
    if earlier is None:
        expected = "the rows and columns of the earlier release, none of them divided since"
        return (finding(after, after.shape.cells[0], "shape", "these rows cannot be compared", expected),)
    plain = tuple(_fewer(after, earlier) if cumulative else _shown_once(after, earlier))
    return plain or tuple(_together(after, earlier, 0 if cumulative else -FAR))


def _earlier(before: Release, shape: Shape) -> Counts | None:
    """The earlier counts in the shape of the later release: 0 where a row is new; None where the shapes do not fit."""
    gone = [path for path in before.shape.paths if path not in set(shape.paths)]
    divided = [path for path in before.shape.leaves if path in shape.children]
    if gone or divided or set(before.shape.columns) != set(shape.columns):
        return None
    known = before.shape.place
    return [before.counts[known[cell]] if cell in known else 0 for cell in shape.cells]


def _fewer(after: Release, earlier: Counts) -> Iterator[Finding]:
    """Counts that went down, where everybody counted then is counted now."""
    for cell, then, now in zip(after.shape.cells, earlier, after.counts, strict=True):
        if then is not None and now is not None and now < then:
            yield finding(after, cell, "fewer", "this count went down", "a count that only grows")


def _shown_once(after: Release, earlier: Counts) -> Iterator[Finding]:
    """Counts that only one of the releases shows, where both count the same persons."""
    for cell, then, now in zip(after.shape.cells, earlier, after.counts, strict=True):
        if then and now is None:
            yield finding(after, cell, "shown_before", "this withheld count was shown before", "a count shown again")
        elif now and then is None:
            yield finding(after, cell, "shown_now", "this count was withheld before", "a count withheld again")


def _together(after: Release, earlier: Counts, least: int) -> Iterator[Finding]:
    """What the two releases and their difference, of `least` at least in each cell, tell of one another."""
    cells, later, threshold = after.shape.cells, after.counts, after.threshold
    then, now, more = _known(earlier), _known(later), ([least] * len(cells), [FAR] * len(cells))
    tables, shape, changed = (then, now, more), after.shape, True
    for _ in range(_ROUNDS):
        changed = _carried(*tables) | _drawn(shape, then) | _drawn(shape, now) | _drawn(shape, more)
        if not changed or any(low > high for bounds in tables for low, high in zip(*bounds, strict=True)):
            break
    if changed:
        yield finding(after, cells[0], "contradiction", "these two releases fit no counts", "two that agree")
        return
    for counts, bounds, when in ((earlier, then, "then"), (later, now, "now")):
        for cell, n, low, high in zip(cells, counts, *bounds, strict=True):
            if n is None and high - low < threshold:
                problem = f"both releases tell this count, withheld {when}, too closely"
                yield finding(after, cell, "narrow", problem, f"bounds {threshold} apart", f"{low} to {high}")
    for cell, low, high in zip(cells, *more, strict=True):
        near = 0 if low <= 0 <= high else min(abs(low), abs(high))
        if high - low < threshold and (low, high) != (0, 0) and near < threshold:
            problem = "the difference from the earlier release tells of few"
            found = str(low) if low == high else f"{low} to {high}"
            yield finding(after, cell, "difference", problem, f"none, or {threshold} and more", found)


def _known(counts: Sequence[int | None]) -> Bounds:
    return [n or 0 for n in counts], [FAR if n is None else n for n in counts]


def _carried(then: Bounds, now: Bounds, more: Bounds) -> bool:
    """Draw the bounds of each of the three by those of the others, as now = then + more; whether any changed."""
    changed = False
    for at in range(len(then[0])):
        (a, b), (c, d), (e, f) = ((bounds[0][at], bounds[1][at]) for bounds in (then, now, more))
        drawn = (
            (then, max(a, _far(c - f)), min(b, _far(d - e))),
            (now, max(c, _far(a + e)), min(d, _far(b + f))),
            (more, max(e, _far(c - b)), min(f, _far(d - a))),
        )
        for bounds, low, high in drawn:
            changed |= (low, high) != (bounds[0][at], bounds[1][at])
            bounds[0][at], bounds[1][at] = low, high
    return changed


def _drawn(shape: Shape, bounds: Bounds) -> bool:
    """Draw bounds as closely as the sums draw them; whether any changed. Where nothing fits, some cross each other."""
    low, high = bounds
    counts = [a if a == b else None for a, b in zip(low, high, strict=True)]
    found = fitted(shape, counts, (list(low), list(high)))
    if found is None:
        low[0], high[0] = 1, 0
        return True
    changed = False
    for at, n in enumerate(counts):
        if n is None:
            least, most = _far(found.least(at)), _far(found.most(at))
            changed |= (least, most) != (low[at], high[at])
            low[at], high[at] = least, most
    return changed


def _far(bound: int) -> int:
    """A bound, or no bound at all: what lies half as far as `FAR` comes from there."""
    return FAR if bound > FAR // 2 else -FAR if bound < -FAR // 2 else bound
