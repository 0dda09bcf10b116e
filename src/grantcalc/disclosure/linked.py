"""Tables that count the same persons in several ways, by age and by service: the rows are the same,
and their totals.

A total is shown in all of the tables or in none. Then a count is moved within its table, as
`audits` moves it; if that moves a total, each other table must have counts that fit the total as
moved. What is found so is possible, and a count that is not found free enough is a finding: the
check may withhold too much and never too little. The insider is taken to know the marks of every
table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from grantcalc.disclosure.audits import (
    Need,
    audit,
    finding,
    insider_bounds,
    insider_need,
    reader_bounds,
    reader_need,
    small_cells,
)
from grantcalc.disclosure.bounds import Bounds, Up, fitted, marked, network
from grantcalc.disclosure.suppression import THRESHOLD, suppress
from grantcalc.disclosure.tables import TOTAL, NotATable, Release, Shape, Table, TableCell
from grantcalc.errors import Finding, refuse

_DIFFER = "tables of the same persons have the same rows and the same totals of them"


def suppress_linked(tables: Sequence[Table], threshold: int = THRESHOLD) -> tuple[Release, ...]:
    """What may be published of several tables of the same persons, so that together they tell no
    more than each.

    `NotATable` unless the rows and their totals are the same. `Rejected` where withholding does not
    help.
    """
    _check_rows([table.shape for table in tables])
    if len({tuple(table.values[at] for at in _totals(table.shape)) for table in tables}) != 1:
        raise NotATable(_DIFFER)
    also: list[dict[TableCell, None]] = [{} for _ in tables]
    while True:
        releases = tuple(suppress(table, threshold, more) for table, more in zip(tables, also, strict=True))
        findings = audit_linked(releases)
        before = [len(more) for more in also]
        if findings:
            _withhold_more(releases, also)
        if before == [len(more) for more in also]:
            refuse(findings)
            return releases


def _withhold_more(releases: Sequence[Release], also: Sequence[dict[TableCell, None]]) -> None:
    """Withhold each total that one table withholds; then the whole of their rows; then all that is
    no zero."""
    totals = {cell for release in releases for cell, n in _cells(release) if n is None and cell.column == TOTAL}
    rows = {cell.path for cell in totals}
    shown = [[cell for cell, n in _cells(release) if n] for release in releases]
    of_totals = [[cell for cell in cells if cell in totals] for cells in shown]
    of_rows = [[cell for cell in cells if cell.path in rows] for cells in shown]
    chosen = next((some for some in (of_totals, of_rows, shown) if any(some)), shown)
    for known, cells in zip(also, chosen, strict=True):
        known.update(dict.fromkeys(cells))


def _cells(release: Release) -> Iterator[tuple[TableCell, int | None]]:
    return zip(release.shape.cells, release.counts, strict=True)


def _check_rows(shapes: Sequence[Shape]) -> None:
    if len({frozenset(shape.leaves) for shape in shapes}) != 1 or len({shape.paths for shape in shapes}) != 1:
        raise NotATable(_DIFFER)


def _totals(shape: Shape) -> list[int]:
    return [at for at, cell in enumerate(shape.cells) if cell.column == TOTAL]


def audit_linked(releases: Sequence[Release]) -> tuple[Finding, ...]:
    """Whatever releases of tables of the same persons tell a reader together; the `audit` of each
    alone first.

    `NotATable` unless the rows are the same.
    """
    _check_rows([release.shape for release in releases])
    alone = tuple(finding for release in releases for finding in audit(release))
    return alone or tuple(_shown_once(releases)) or tuple(_together(releases)) or tuple(_insider(releases))


def _shown_once(releases: Sequence[Release]) -> Iterator[Finding]:
    for release in releases:
        for at, *shown in zip(_totals(release.shape), *map(_known_totals, releases), strict=True):
            if release.counts[at] is None and any(n is not None for n in shown):
                cell, problem = release.shape.cells[at], "another table shows this withheld total"
                yield finding(release, cell, "shown_elsewhere", problem, "a total that all withhold, or none")


def _known_totals(release: Release) -> list[int | None]:
    return [release.counts[at] for at in _totals(release.shape)]


def _together(releases: Sequence[Release]) -> Iterator[Finding]:
    linked = _linked(releases)
    if linked is None:
        yield finding(
            releases[0], releases[0].shape.cells[0], "contradiction", "these fit no counts", "the same totals"
        )
        return
    for number, release in enumerate(releases):
        small = small_cells(release)
        for at, (cell, n) in enumerate(_cells(release)):
            if n is None and not linked.free(number, at, reader_need(small[at], release.threshold)):
                problem = "the tables together tell this withheld count too closely"
                yield finding(release, cell, "narrow", problem, f"bounds {release.threshold} apart")


def _insider(releases: Sequence[Release]) -> Iterator[Finding]:
    """What the tables together tell one who knows which counts are small, where their publisher has
    the counts. Where nothing but zeros is shown, the marks alone tell it."""
    kept = [{why.cell: why.count for why in release.withheld} for release in releases]
    every = [
        [known.get(cell) if n is None else n for cell, n in _cells(release)]
        for known, release in zip(kept, releases, strict=True)
    ]
    values = [[n for n in counts if n is not None] for counts in every]
    if [len(counts) for counts in values] != [len(counts) for counts in every]:
        return
    if not any(n for release in releases for n in release.counts):
        return
    small = [small_cells(release) for release in releases]
    bounds = [insider_bounds(r.counts, few, r.threshold) for r, few in zip(releases, small, strict=True)]
    linked = _Linked(tuple(releases), values, bounds)
    for number, release in enumerate(releases):
        _, marks = marked(release.shape, values[number], bounds[number])
        for at, (cell, n) in enumerate(_cells(release)):
            if n is None and not linked.free(number, at, insider_need(marks, at, small[number][at], release.threshold)):
                problem = "the tables together tell one who knows which counts are small too much of this one"
                yield finding(release, cell, "narrow", problem, "what the marks alone tell")


def _linked(releases: Sequence[Release]) -> _Linked | None:
    """The releases with some counts that fit all of them: those that were withheld, where the
    reasons hold them."""
    every, totals = list[list[int]](), dict[int, int]()
    for release in releases:
        kept = {why.cell: why.count for why in release.withheld}
        counts = [kept.get(cell) if n is None else n for cell, n in _cells(release)]
        for at, k in enumerate(_totals(release.shape)):
            counts[k] = totals.get(at, counts[k])
        network = fitted(release.shape, counts, reader_bounds(release.counts))
        if network is None:
            return None
        totals = {at: network.values[k] for at, k in enumerate(_totals(release.shape))}
        every.append(network.values)
    return _Linked(tuple(releases), every, [reader_bounds(release.counts) for release in releases])


@frozen
class _Linked:
    """Releases, some counts of each that fit what all of them show, and the bounds that somebody
    knows."""

    releases: tuple[Release, ...]
    values: list[list[int]]
    bounds: list[Bounds]

    def free(self, number: int, at: int, need: Need) -> bool:
        """Whether a count is found to move as it must."""
        value = self.values[number][at]
        if need.low is not None and need.high is not None:
            down, up = value - need.low, max(need.high, need.low + need.width) - value
            return self.reach(number, at, -1, down) >= down and self.reach(number, at, 1, up) >= up
        up = self.reach(number, at, 1, need.width)
        return up >= need.width or up + self.reach(number, at, -1, need.width - up) >= need.width

    def reach(self, number: int, at: int, up: Up, far: int) -> int:
        """How far a count is found to move, at most so far: with every total as it is, or with
        those that must move."""
        release, values = self.releases[number], self.values[number]
        hidden = [k for k, n in enumerate(release.counts) if n is None]
        totals = set(_totals(release.shape))
        low, high = self.bounds[number]
        still = network(release.shape, values, (list(low), list(high)), [k for k in hidden if k not in totals])
        done = still.move(at, up, far) if at not in totals and far > 0 else 0
        if done >= far:
            return done
        moved = network(release.shape, values, (list(low), list(high)), hidden)
        more = moved.move(at, up, far)
        others = [k for k in range(len(self.releases)) if k != number]
        return more if more > done and all(self.fits(k, number, moved.values) for k in others) else done

    def fits(self, other: int, number: int, values: Sequence[int]) -> bool:
        """Whether another table has counts that fit the totals of this one as moved."""
        release = self.releases[other]
        counts = list(release.counts)
        for theirs, ours in zip(_totals(release.shape), _totals(self.releases[number].shape), strict=True):
            counts[theirs] = values[ours]
        return fitted(release.shape, counts, self.bounds[other]) is not None
