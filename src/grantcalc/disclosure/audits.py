"""What a release lets a reader infer, from the release alone: the check that stands between a table
and its readers.

Two readers are thought of, and a release must hold against both.

* **The reader** knows every count shown, every sum, and that counts are whole and not negative. Of each withheld count
  he finds the least and the greatest that it can be. These must lie at least `threshold` apart; and of a small count
  they must take in all from 0 to `threshold`, so that he cannot say that it is small, nor that there is anybody.
* **The insider** knows besides which counts are withheld because they are small. Those are from 1 to threshold - 1,
  and any other withheld count is the threshold or more. What is *shown* must tell him nothing of a small count: its
  bounds must be from 1 to threshold - 1, and those of other withheld counts threshold - 2 apart, as a small count's
  are. Where the marks alone tell more (two small counts whose total is small too), the bounds must be no closer than
  the marks alone make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from grantcalc.disclosure.bounds import UNBOUNDED, Bounds, FlowNetwork, fitted
from grantcalc.disclosure.tables import Release, TableCell
from grantcalc.errors import Finding, Place
from grantcalc.provenance import Word


@frozen
class Need:
    """What must stay possible for a withheld cell: as little as `low`, as much as `high`, if given,
    and a `width`.

    A growth may also be known to be none, or to be `width` and more.
    """

    width: int
    low: int | None = None
    high: int | None = None
    growth: bool = False


@frozen
class Inferred:
    """A withheld cell, and the least and the greatest that it can be; `most` is None where nothing
    bounds it."""

    cell: TableCell
    least: int
    most: int | None


def reader_bounds(counts: Sequence[int | None]) -> Bounds:
    """What the reader knows before any sum: no count is negative. What is shown can be moved too
    once it is opened."""
    return [0] * len(counts), [0 if n == 0 else UNBOUNDED for n in counts]


def insider_bounds(counts: Sequence[int | None], small: Sequence[bool], threshold: int) -> Bounds:
    """What the insider knows before any sum: small counts are from 1 to threshold - 1, other
    withheld ones more."""
    known = zip(counts, small, strict=True)
    ends = [(0, 0) if n == 0 else (1, threshold - 1) if few else (threshold, UNBOUNDED) for n, few in known]
    return [low for low, _ in ends], [high for _, high in ends]


def reader_need(small: bool, threshold: int) -> Need:
    """What the reader must not be able to exclude."""
    return Need(threshold, 0, threshold) if small else Need(threshold)


def insider_need(marks: FlowNetwork, at: int, small: bool, threshold: int) -> Need:
    """What the insider must not be able to exclude; `marks` is a network in which every count but
    the zeros is open."""
    if small:
        return Need(0, marks.least(at), marks.most(at, threshold - 1))
    return Need(marks.span(at, threshold - 2))


def infer(release: Release, insider: bool = False) -> tuple[Inferred, ...]:
    """What a reader, or the insider, can infer of each withheld cell; nothing where the figures
    shown contradict each other."""
    bounds = _insider(release) if insider else reader_bounds(release.counts)
    network = fitted(release.shape, release.counts, bounds)
    if network is None:
        return ()
    cells = [at for at, n in enumerate(release.counts) if n is None]
    ranges = [(at, network.least(at), network.most(at)) for at in cells]
    return tuple(Inferred(release.shape.cells[at], a, None if b >= UNBOUNDED // 2 else b) for at, a, b in ranges)


def audit(release: Release) -> tuple[Finding, ...]:
    """Every cell of which a reader could infer more than he may, as findings; empty when the
    release may go out.

    It knows what stands in the release and nothing of the table that it was made from. A release
    that does not say why a cell is withheld is judged against the reader alone.
    """
    return tuple(_audit(release))


def _audit(release: Release) -> Iterator[Finding]:
    cells, threshold, counts = release.shape.cells, release.threshold, release.counts
    for cell, n in zip(cells, counts, strict=True):
        if n is not None and 0 < n < threshold:
            yield finding(release, cell, "small", "a small count is shown", f"0, or {threshold} and more", str(n))
        if n is not None and n < 0:
            yield finding(release, cell, "negative", "a negative count is shown", "0 or more", str(n))
    network = fitted(release.shape, counts, reader_bounds(counts))
    if network is None:
        yield finding(release, cells[0], "contradiction", "the counts shown fit no table", "correct sums")
        return
    small = small_cells(release)
    yield from narrow(release, network, lambda at: reader_need(small[at], threshold), "a reader")
    if release.withheld:
        known = fitted(release.shape, counts, _insider(release))
        marks = fitted(release.shape, [0 if n == 0 else None for n in counts], _insider(release))
        if known is None or marks is None:
            yield finding(release, cells[0], "contradiction", "the counts shown contradict the reasons", "reasons")
            return
        who = "one who knows which counts are small"
        yield from narrow(release, known, lambda at: insider_need(marks, at, small[at], threshold), who)


def small_cells(release: Release) -> list[bool]:
    """Which cells are withheld since they are small."""
    primary = {w.cell for w in release.withheld if w.why == "primary"}
    return [cell in primary for cell in release.shape.cells]


def _insider(release: Release) -> Bounds:
    return insider_bounds(release.counts, small_cells(release), release.threshold)


def narrow(release: Release, network: FlowNetwork, needs: Callable[[int], Need], who: str) -> Iterator[Finding]:
    """A finding for each withheld cell that is bounded more closely than it needs."""
    for at, n in enumerate(release.counts):
        if n is not None:
            continue
        need = needs(at)
        least = network.least(at)
        most = network.most(at, max(least + need.width, need.high or 0))
        if most - least < need.width or (need.low is not None and least > need.low) or most < (need.high or 0):
            width = f"bounds {need.width} apart" if need.low is None else f"all from {need.low} to {need.high}"
            problem = f"{who} can infer this withheld count too closely"
            yield finding(release, release.shape.cells[at], "narrow", problem, width, f"{least} to {most}")


def finding(release: Release, cell: TableCell, cause: str, problem: str, expected: str, found: str = "") -> Finding:
    """A finding at one cell of a release."""
    return place(release, cell).finding(cause, problem, expected, Word(found))


def place(release: Release, cell: TableCell) -> Place:
    """Where a cell of a release stands: the row as the sheet, the column as the cell."""
    return Place(release.title, " / ".join(cell.path) or "All", cell.column)
