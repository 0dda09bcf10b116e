"""The attacker as a linear program, from what a release shows and nothing of ours: the oracle of
test_disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

from grantcalc.disclosure import TOTAL, Release, Shape, Table

Range = tuple[int, int | None]
FAR = 10**6
"""More than any table of the tests counts: what comes near it has no bound."""


def sums(shape: Shape) -> list[dict[int, int]]:
    """Each sum of a table as factors that come to zero: of every row across, and of every column
    down the tree."""
    found: list[dict[int, int]] = []
    for path in {leaf[:k] for leaf in shape.leaves for k in range(len(leaf) + 1)}:
        across = {shape.at(path, column): -1 for column in shape.columns}
        found.append({shape.at(path, TOTAL): 1, **across})
        below = sorted({leaf[: len(path) + 1] for leaf in shape.leaves if leaf[: len(path)] == path and leaf != path})
        for column in (*shape.columns, TOTAL) if below else ():
            found.append({shape.at(path, column): 1, **{shape.at(child, column): -1 for child in below}})
    return found


def program(
    rows: Sequence[dict[int, int]],
    bounds: Sequence[Range],
    aims: Sequence[dict[int, int]],
    less: Sequence[dict[int, int]] = (),
) -> list[Range]:
    """The least and the most of each aim where each of `rows` comes to 0, and each of `less` to 0
    or less; (1, 0) for all where nothing fits. One program finds the least of all aims: a copy of
    the table for each."""
    known = np.array([low if low == high else 0 for low, high in bounds], dtype=float)
    free = [at for at, (low, high) in enumerate(bounds) if low != high]
    limits = [(bounds[at][0], FAR if bounds[at][1] is None else bounds[at][1]) for at in free]
    equal, below, wanted = (_matrix(some, len(bounds)) for some in (rows, less, aims))
    copies = eye_array(len(aims), format="csr")
    each = np.ones(len(aims))
    ends: list[list[int]] = []
    if not aims or not free:
        return [(round(n), round(n)) for n in wanted @ known]
    for sign in (1, -1):
        answer = linprog(
            sign * wanted[:, free].toarray().ravel(),
            kron(copies, below[:, free], "csr") if less else None,
            np.kron(each, -(below @ known)) if less else None,
            kron(copies, equal[:, free], "csr"),
            np.kron(each, -(equal @ known)),
            limits * len(aims),
            method="highs",
        )
        if answer.status == 2:
            return [(1, 0)] * len(aims)
        assert answer.status == 0, answer.message
        found = answer.x.reshape(len(aims), len(free))
        ends.append([round(n) for n in (wanted[:, free].toarray() * found).sum(axis=1) + wanted @ known])
    return [(least, None if most > FAR // 2 else most) for least, most in zip(*ends, strict=True)]


def _matrix(rows: Sequence[dict[int, int]], width: int) -> Any:
    entries = [(at, column, factor) for at, factors in enumerate(rows) for column, factor in factors.items()]
    lines, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((np.array(factors, dtype=float), (lines, columns)), shape=(len(rows), width))


def reader(release: Release) -> list[Range]:
    """What somebody can say of each withheld cell who knows the counts shown, the sums, and that
    none is negative."""
    bounds: list[Range] = [(0, None) if n is None else (n, n) for n in release.counts]
    return program(sums(release.shape), bounds, [{at: 1} for at, n in enumerate(release.counts) if n is None])


def insider(release: Release, shown: bool = True) -> list[Range]:
    """What somebody can say who also knows which counts are small, so that any other withheld count
    is the threshold or more; or who knows only that, and none of the counts shown but the zeros."""
    aims = [{at: 1} for at, n in enumerate(release.counts) if n is None]
    return program(sums(release.shape), insider_knows(release, shown), aims)


def insider_knows(release: Release, shown: bool) -> list[Range]:
    """What the insider knows of each count before any sum."""
    small = {release.shape.at(w.cell.path, w.cell.column) for w in release.withheld if w.why == "primary"}
    least = release.threshold
    return [
        (1, least - 1) if at in small else (least, None) if n is None or (n and not shown) else (n, n)
        for at, n in enumerate(release.counts)
    ]


def kind(n: int, threshold: int) -> Range:
    """None, a small count, or more: what somebody knows of a count who knows which are small."""
    return (0, 0) if n == 0 else (1, threshold - 1) if n < threshold else (threshold, None)


def both(a: Range, b: Range) -> Range:
    """What two ranges have in common."""
    return max(a[0], b[0]), min((end for end in (a[1], b[1]) if end is not None), default=None)


def growth_insider(then: Table, now: Table, release: Release, shown: bool = True) -> list[Range]:
    """What somebody can say of each withheld count of a release who knows every earlier count, and
    which counts and which growths are none, small or more; or who knows only that, and nothing of
    what the release shows."""
    threshold, bounds = release.threshold, list[Range]()
    for first, last, n in zip(then.values, now.values, release.counts, strict=True):
        low, high = kind(last - first, threshold)
        grown = both((first + low, None if high is None else first + high), kind(last, threshold))
        bounds.append((n, n) if n is not None and shown else grown)
    return program(sums(release.shape), bounds, [{at: 1} for at, n in enumerate(release.counts) if n is None])


def series(releases: Sequence[Release], tables: Sequence[Table], aim: int, shown: bool = True) -> list[Range]:
    """What somebody can say of each small count of one of several cumulative releases who knows
    what all of them show (or only the first of them, and none of the others), and which counts of
    each are small."""
    shape, size = releases[0].shape, len(releases[0].counts)
    rows = [{at + k * size: f for at, f in row.items()} for row in sums(shape) for k in range(len(releases))]
    bounds = [
        (n, n) if n is not None and (shown or not k) else kind(value, release.threshold)
        for k, (release, table) in enumerate(zip(releases, tables, strict=True))
        for n, value in zip(release.counts, table.values, strict=True)
    ]
    growing = [{at: 1, at + size: -1} for at in range(size * (len(releases) - 1))]
    small = [at for at, n in enumerate(tables[aim].values) if 0 < n < releases[aim].threshold]
    return program(rows, bounds, [{at + aim * size: 1} for at in small], growing)


def linked(releases: Sequence[Release]) -> list[list[Range]]:
    """What a reader can say of each withheld count of several tables of the same persons, whose
    totals are the same."""
    return _linked(releases, [(0, None) if n is None else (n, n) for release in releases for n in release.counts])


def linked_insider(releases: Sequence[Release], shown: bool = True) -> list[list[Range]]:
    """The same of somebody who knows which counts are small; or who knows only that, and none of
    the counts shown."""
    return _linked(releases, [known for release in releases for known in insider_knows(release, shown)])


def _linked(releases: Sequence[Release], bounds: list[Range]) -> list[list[Range]]:
    starts = [sum(len(release.counts) for release in releases[:k]) for k in range(len(releases))]
    rows = [
        {at + start: f for at, f in row.items()}
        for start, release in zip(starts, releases, strict=True)
        for row in sums(release.shape)
    ]
    for start, release in zip(starts[1:], releases[1:], strict=True):
        for path in release.shape.paths:
            rows.append({releases[0].shape.at(path, TOTAL): 1, start + release.shape.at(path, TOTAL): -1})
    return [
        program(rows, bounds, [{start + at: 1} for at, n in enumerate(release.counts) if n is None])
        for start, release in zip(starts, releases, strict=True)
    ]
