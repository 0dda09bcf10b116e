"""Releases one after the other: a reader has all of them, and what differs tells of whoever came in between.

Two readings of an earlier and a later release of the same rows and columns:

* *cumulative*: whoever was counted then is counted now, so no count goes down. The growth is a table of its own, whose
  small counts are withheld first; what was withheld stays withheld. The earlier counts and the growth do not bound each
  other, so that the bounds of each are found alone, and those of a later count are the sum of both. And since this
  holds from one release to the next, it holds for any number of them.
* *restated*: the same persons counted again, some counts corrected. What either withholds the other withholds too. The
  two do not bound each other, and the bounds of the difference are those of the one less those of the other. Each is
  compared with every earlier one.

So every bound of a reader is exact; the tests compare with one linear program over all releases. The insider of a
series is taken to know every earlier count too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from grantcalc.disclosure.audits import Need, audit, finding, insider_need, narrow, place, reader_bounds, reader_need
from grantcalc.disclosure.bounds import UNBOUNDED, Bounds, FlowNetwork, fitted, marked, network
from grantcalc.disclosure.suppression import (
    THRESHOLD,
    Guard,
    check_threshold,
    guards_of,
    released,
    small_counts,
    suppress,
    withhold,
)
from grantcalc.disclosure.tables import Path, Release, Shape, Table, TableCell, Why
from grantcalc.errors import Finding, Place, refuse

Counts = list[int | None]
Ranges = list[tuple[int, int]]
"""The least and the most that each cell can be."""


def suppress_again(table: Table, before: Release, threshold: int = THRESHOLD, *, cumulative: bool = True) -> Release:
    """What may be published of a table after an earlier release, and after those before that one.

    The largest threshold of them all applies. `Rejected` where withholding does not help, as when a count that was
    shown has become small, or a count went down that should only grow.
    """
    check_threshold(threshold)
    threshold = max(threshold, *(release.threshold for release in (*before.earlier, before)))
    again = _grown if cumulative else _restated
    release = evolve(again(table, before, threshold), earlier=(*before.earlier, before))
    refuse(audit_releases(before, release, cumulative=cumulative))
    return release


def _grown(table: Table, before: Release, threshold: int) -> Release:
    """The growth as a table first, then the counts: one pattern for both."""
    every = Release(title=table.title, shape=table.shape, threshold=threshold, counts=table.values)
    shown = _in_shape(before, before.counts, table.shape)
    if shown is None:
        refuse(_incomparable(before, every))
        return every
    refuse(_fewer(every, before))
    then = _then(before, table)
    if then is None:
        refuse([finding(every, table.shape.cells[0], "fewer", "counts went down", "counts that only grow")])
        return every
    growth = [now - at_first for now, at_first in zip(table.values, then, strict=True)]
    reasons: dict[int, Why] = {at: "earlier" for at, n in enumerate(shown) if n is None}
    reasons |= {at: "growth" for at, n in enumerate(growth) if shown[at] is not None and 0 < n < threshold}
    reasons |= small_counts(table, threshold)
    guards = [*_growth_guards(table, then, shown, threshold), *guards_of(table, threshold)]
    return released(table, threshold, withhold(table.shape, reasons, guards), reasons)


def _growth_guards(table: Table, then: Sequence[int], shown: Counts, threshold: int) -> list[Guard]:
    """The insider and the reader of what came since the earlier release; both know what that one showed."""
    shape, now = table.shape, table.values
    growth = [b - a for a, b in zip(then, now, strict=True)]
    insider, marks = marked(shape, growth, growth_bounds(then, now, threshold))

    def reader(at: int) -> Need:
        known = shown[at] is not None
        return (
            reader_need(True, threshold) if known and 0 < growth[at] < threshold else Need(threshold, growth=not known)
        )

    return [
        Guard(insider, lambda at: growth_need(marks, at, now[at], threshold)),
        Guard(network(shape, growth, reader_bounds(now), ()), reader),
    ]


def growth_need(marks: FlowNetwork, at: int, now: int, threshold: int) -> Need:
    """What the insider of a series must not be able to exclude of a growth: nothing of one that makes a large count."""
    low, high = marks.low[at], marks.high[at]
    few = 0 < now < threshold or 0 < high < threshold
    return insider_need(marks, at, True, threshold) if few and low < high else Need(0)


def growth_bounds(then: Sequence[int], now: Sequence[int], threshold: int) -> Bounds:
    """What the insider of a series knows of each growth before any sum. He knows every earlier count, and which counts
    and which growths are none, small or more."""
    low, high = [], []
    for first, last in zip(then, now, strict=True):
        least, most = _kind(last - first, threshold)
        small, large = _kind(last, threshold)
        low.append(max(least, small - first))
        high.append(min(most, large - first) if large < UNBOUNDED else most)
    return low, high


def _kind(n: int, threshold: int) -> tuple[int, int]:
    return (0, 0) if n == 0 else (1, threshold - 1) if n < threshold else (threshold, UNBOUNDED)


def _restated(table: Table, before: Release, threshold: int) -> Release:
    """The counts alone, and what was withheld before; then, of what was not shown before, whatever tells of few."""
    cells = table.shape.cells
    earlier = _in_shape(before, before.counts, table.shape)
    if earlier is None:
        every = Release(title=table.title, shape=table.shape, threshold=threshold, counts=table.values)
        refuse(_incomparable(before, every))
        return every
    also = dict.fromkeys(cell for cell, n in zip(cells, earlier, strict=True) if n is None)
    free = [cell for cell, n in zip(cells, earlier, strict=True) if n == 0]
    while True:
        release = suppress(table, threshold, also)
        places = {network.place for network in audit_releases(before, release, cumulative=False)}
        told = [cell for cell in cells if place(release, cell) in places]
        shown = [cell for cell in free if release.count(cell.path, cell.column) and cell not in also]
        beside = [c for c in shown if any(c.path == t.path or c.column == t.column for t in told)]
        more = [c for c in shown if c in told] or beside
        if not more:
            return release
        also |= dict.fromkeys(more)


def audit_releases(before: Release, after: Release, *, cumulative: bool = True) -> tuple[Finding, ...]:
    """Whatever the two releases tell together and neither alone, as findings on the later; and the `audit` of that one.

    The releases before the earlier one (`before.earlier`) are compared too. The rows of the earlier must be rows of the
    later, and none may have been divided since: else that is the finding, since nothing could be compared. A row that
    the earlier does not have counted nobody then.
    """
    earlier = _in_shape(before, before.counts, after.shape)
    if earlier is None:
        return _incomparable(before, after)
    alone = audit(after)
    if alone:
        return alone
    if after.threshold < max(release.threshold for release in (*before.earlier, before)):
        problem, expected = (
            "the threshold is lower than that of an earlier release",
            "the same threshold or a larger one",
        )
        return (finding(after, after.shape.cells[0], "threshold", problem, expected, str(after.threshold)),)
    plain = tuple(_fewer(after, before)) if cumulative else ()
    pair = plain or tuple(_shown_once(after, earlier, cumulative)) or tuple(_together(before, after, cumulative))
    return pair or tuple(difference for older in before.earlier for difference in _since(older, after))


def _strange(before: Release, shape: Shape) -> list[Path]:
    """The earlier rows that a later shape does not have, or divides."""
    rows = set(shape.paths)
    divided = [path for path in before.shape.leaves if path in shape.children]
    return [path for path in before.shape.paths if path not in rows] + divided


def _incomparable(before: Release, after: Release) -> tuple[Finding, ...]:
    """A finding for each earlier row that the later release does not have or divides; or for the columns."""
    expected = "the rows and columns of the earlier release, none of them divided since"
    places = [Place(after.title, " / ".join(path)) for path in _strange(before, after.shape)]
    problem = "this row cannot be compared" if places else "the columns cannot be compared"
    return tuple(place.finding("shape", problem, expected) for place in places or [Place(after.title)])


def _in_shape(before: Release, counts: Sequence[int | None], shape: Shape) -> Counts | None:
    """Earlier counts in the shape of the later release: 0 where a row is new; None where the shapes do not fit."""
    if _strange(before, shape) or set(before.shape.columns) != set(shape.columns):
        return None
    known = before.shape.place
    return [counts[known[cell]] if cell in known else 0 for cell in shape.cells]


def _true(release: Release) -> Counts:
    """Every count of a release that its publisher knows: those that are shown, and those that its reasons hold."""
    kept = {why.cell: why.count for why in release.withheld}
    return [kept.get(cell) if n is None else n for cell, n in zip(release.shape.cells, release.counts, strict=True)]


def _then(before: Release, table: Table) -> list[int] | None:
    """Every earlier count in the shape of a table; where they were not kept, some that fit. None where none do."""
    counts = _in_shape(before, _true(before), table.shape)
    if counts is None:
        return None
    known = [n for n in counts if n is not None]
    if len(known) == len(counts):
        return known
    finding = fitted(table.shape, counts, ([0] * len(counts), list(table.values)))
    return None if finding is None else finding.values


def _fewer(after: Release, before: Release) -> Iterator[Finding]:
    """Counts that went down, where everybody counted then is counted now; one that was withheld counted somebody."""
    earlier = _in_shape(before, _true(before), after.shape) or []
    for cell, then, now in zip(after.shape.cells, earlier, _true(after), strict=True):
        if now is not None and now < (1 if then is None else then):
            yield finding(after, cell, "fewer", "this count went down", "a count that only grows")


def _shown_once(after: Release, earlier: Counts, cumulative: bool) -> Iterator[Finding]:
    """Counts that only one of the releases shows. Where counts grow, the later may withhold what was shown."""
    for cell, then, now in zip(after.shape.cells, earlier, after.counts, strict=True):
        if then and now is None and not cumulative:
            yield finding(after, cell, "shown_before", "this withheld count was shown before", "a count shown again")
        elif now and then is None:
            yield finding(after, cell, "shown_now", "this count was withheld before", "a count withheld again")


def _together(before: Release, after: Release, cumulative: bool) -> Iterator[Finding]:
    """What the two releases and their difference tell of one another."""
    cells, later, threshold = after.shape.cells, after.counts, after.threshold
    earlier = _in_shape(before, before.counts, after.shape) or []
    grown: Counts = [None if a is None or b is None else b - a for a, b in zip(earlier, later, strict=True)]
    then, other = _ranges(after.shape, earlier), _ranges(after.shape, grown if cumulative else later)
    if then is None or other is None:
        yield finding(after, cells[0], "contradiction", "no counts fit these two releases", "two that agree")
        return
    if cumulative:
        more, now = other, [(a + c, b + d) for (a, b), (c, d) in zip(then, other, strict=True)]
    else:
        more, now = [(c - b, d - a) for (a, b), (c, d) in zip(then, other, strict=True)], other
    small = {why.cell for why in after.withheld if why.why == "primary"}
    for counts, ranges, width, when in ((earlier, then, before.threshold, "then"), (later, now, threshold, "now")):
        for cell, n, (low, high) in zip(cells, counts, ranges, strict=True):
            few = when == "now" and cell in small
            if n is None and (high - low < width or (few and (low > 0 or high < width))):
                problem = f"both releases together reveal this count, withheld {when}, too closely"
                yield finding(after, cell, "narrow", problem, f"bounds {width} apart", f"{low} to {high}")
    few_more = {why.cell for why in after.withheld if why.why == "growth"}
    for cell, (low, high) in zip(cells, more, strict=True):
        if _tells(low, high, threshold) or (cell in few_more and cumulative and low > 0):
            yield _difference(after, cell, low, high)
    if cumulative:
        yield from _insider(before, after)


def _tells(low: int, high: int, threshold: int) -> bool:
    near = 0 if low <= 0 <= high else min(abs(low), abs(high))
    return high - low < threshold and (low, high) != (0, 0) and near < threshold


def _difference(after: Release, cell: TableCell, low: int, high: int) -> Finding:
    problem = "the difference from the earlier release reveals a small count"
    found = str(low) if low == high else f"{low} to {high}"
    return finding(after, cell, "difference", problem, f"none, or {after.threshold} and more", found)


def _since(older: Release, after: Release) -> Iterator[Finding]:
    """The difference from a release before the last, whose counts and those of this one do not bound each other."""
    earlier = _in_shape(older, older.counts, after.shape)
    then = None if earlier is None else _ranges(after.shape, earlier)
    now = _ranges(after.shape, after.counts)
    if then is None or now is None:
        yield from _incomparable(older, after)
        return
    for cell, (a, b), (c, d) in zip(after.shape.cells, then, now, strict=True):
        if _tells(c - b, d - a, after.threshold):
            yield _difference(after, cell, c - b, d - a)


def _insider(before: Release, after: Release) -> Iterator[Finding]:
    """What the later release tells an insider who knows every earlier count, where the counts withheld are at hand."""
    then, now = _in_shape(before, _true(before), after.shape) or [], _true(after)
    first, last = [n for n in then if n is not None], [n for n in now if n is not None]
    if len(first) < len(then) or len(last) < len(now):
        return
    threshold = after.threshold
    growth = [b - a for a, b in zip(first, last, strict=True)]
    known: Counts = [None if n is None else more for n, more in zip(after.counts, growth, strict=True)]
    _, marks = marked(after.shape, growth, growth_bounds(first, last, threshold))
    network = fitted(after.shape, known, growth_bounds(first, last, threshold))
    if network is not None:
        who = "one who knows the earlier counts and which are small"
        yield from narrow(after, network, lambda at: growth_need(marks, at, last[at], threshold), who)


def _ranges(shape: Shape, counts: Sequence[int | None]) -> Ranges | None:
    """What each cell can be where some are known and no other is negative; None where nothing fits."""
    network = fitted(shape, counts, reader_bounds(counts))
    if network is None:
        return None
    return [(network.least(at), network.most(at)) if n is None else (n, n) for at, n in enumerate(counts)]
