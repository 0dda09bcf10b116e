"""Releases one after the other: a reader has both, and what differs between them tells of whoever came in between.

Two readings of an earlier and a later release of the same rows and columns:

* *cumulative*: whoever was counted then is counted now, so no count goes down. What was withheld stays withheld. Then
  the growth is a table of its own: known where both releases show a count, and else bound by nothing but its own sums.
  The earlier counts and the growth do not bound each other, so that the bounds of each are found alone, and those of a
  later count are the sum of both. And since this holds from one release to the next, it holds for any number of them.
* *restated*: the same persons counted again, some counts corrected. What either withholds the other withholds too. The
  two do not bound each other, and the bounds of the difference are those of the one less those of the other.

So every bound is exact; the tests compare with one linear program over all releases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grantcalc.disclosure.audits import audit, finding, place, reader_bounds
from grantcalc.disclosure.bounds import fitted
from grantcalc.disclosure.suppression import THRESHOLD, suppress
from grantcalc.disclosure.tables import Release, Shape, Table
from grantcalc.errors import Finding, refuse

Counts = list[int | None]
Ranges = list[tuple[int, int]]
"""The least and the most that each cell can be."""


def suppress_again(table: Table, before: Release, threshold: int = THRESHOLD, *, cumulative: bool = True) -> Release:
    """What may be published of a table after an earlier release: `suppress`, what was withheld before, and besides
    whatever would tell of the difference.

    `Rejected` where withholding does not help, as when a count that was shown has become small.
    """
    earlier = _earlier(before, table.shape)
    if cumulative and earlier is not None:
        refuse(_fewer(Release(table.title, table.shape, threshold, table.values), earlier))
    also = dict.fromkeys(cell for cell, n in zip(table.shape.cells, earlier or (), strict=False) if n is None)
    while True:
        release = suppress(table, threshold, also)
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
    plain = tuple(_fewer(after, earlier)) if cumulative else ()
    return plain or tuple(_shown_once(after, earlier, cumulative)) or tuple(_together(after, earlier, cumulative))


def _earlier(before: Release, shape: Shape) -> Counts | None:
    """The earlier counts in the shape of the later release: 0 where a row is new; None where the shapes do not fit."""
    gone = [path for path in before.shape.paths if path not in set(shape.paths)]
    divided = [path for path in before.shape.leaves if path in shape.children]
    if gone or divided or set(before.shape.columns) != set(shape.columns):
        return None
    known = before.shape.place
    return [before.counts[known[cell]] if cell in known else 0 for cell in shape.cells]


def _fewer(after: Release, earlier: Counts) -> Iterator[Finding]:
    """Counts that went down, where everybody counted then is counted now; one that was withheld counted somebody."""
    for cell, then, now in zip(after.shape.cells, earlier, after.counts, strict=True):
        if now is not None and now < (1 if then is None else then):
            yield finding(after, cell, "fewer", "this count went down", "a count that only grows")


def _shown_once(after: Release, earlier: Counts, cumulative: bool) -> Iterator[Finding]:
    """Counts that only one of the releases shows. Where counts grow, the later may withhold what was shown."""
    for cell, then, now in zip(after.shape.cells, earlier, after.counts, strict=True):
        if then and now is None and not cumulative:
            yield finding(after, cell, "shown_before", "this withheld count was shown before", "a count shown again")
        elif now and then is None:
            yield finding(after, cell, "shown_now", "this count was withheld before", "a count withheld again")


def _together(after: Release, earlier: Counts, cumulative: bool) -> Iterator[Finding]:
    """What the two releases and their difference tell of one another."""
    cells, later, threshold = after.shape.cells, after.counts, after.threshold
    grown: Counts = [None if a is None or b is None else b - a for a, b in zip(earlier, later, strict=True)]
    then, other = _ranges(after.shape, earlier), _ranges(after.shape, grown if cumulative else later)
    if then is None or other is None:
        yield finding(after, cells[0], "contradiction", "no counts fit these two releases", "two that agree")
        return
    if cumulative:
        more, now = other, [(a + c, b + d) for (a, b), (c, d) in zip(then, other, strict=True)]
    else:
        more, now = [(c - b, d - a) for (a, b), (c, d) in zip(then, other, strict=True)], other
    for counts, ranges, when in ((earlier, then, "then"), (later, now, "now")):
        for cell, n, (low, high) in zip(cells, counts, ranges, strict=True):
            if n is None and high - low < threshold:
                problem = f"both releases together reveal this count, withheld {when}, too closely"
                yield finding(after, cell, "narrow", problem, f"bounds {threshold} apart", f"{low} to {high}")
    for cell, (low, high) in zip(cells, more, strict=True):
        near = 0 if low <= 0 <= high else min(abs(low), abs(high))
        if high - low < threshold and (low, high) != (0, 0) and near < threshold:
            problem = "the difference from the earlier release reveals a small count"
            found = str(low) if low == high else f"{low} to {high}"
            yield finding(after, cell, "difference", problem, f"none, or {threshold} and more", found)


def _ranges(shape: Shape, counts: Sequence[int | None]) -> Ranges | None:
    """What each cell can be where some are known and no other is negative; None where nothing fits."""
    found = fitted(shape, counts, reader_bounds(counts))
    if found is None:
        return None
    return [(found.least(at), found.most(at)) if n is None else (n, n) for at, n in enumerate(counts)]
