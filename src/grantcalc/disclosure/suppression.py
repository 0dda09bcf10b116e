"""Which cells to withhold, so that no small count can be inferred from what is shown.

A count from 1 to threshold - 1 is withheld, a total too: *primary*. Whatever would let a reader
find it again is withheld with it: *complementary*. A zero is always shown: it counts nobody, and
where a reader knows that it must be zero it would protect nothing. The same table gives the same
pattern; of two ways alike the one that comes first is taken.

Each withheld cell is moved as far as it must be able to move (see `audits`). Where the others do
not let it, the cheapest circle of cells is withheld that does. At last whatever is not needed is
shown again. It is not always the fewest cells: `benchmarks/disclosure.py` measures how many more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import define, field

from grantcalc.disclosure.audits import Need, audit, insider_bounds, insider_need, reader_bounds, reader_need
from grantcalc.disclosure.bounds import FlowNetwork, Up, marked, network
from grantcalc.disclosure.tables import MOST, TOTAL, Release, Shape, Table, TableCell, Why, Withheld
from grantcalc.errors import Inexact, refuse

THRESHOLD = 11
"""Counts from 1 to 10 are small, as the Centers for Medicare & Medicaid Services have it."""


def suppress(table: Table, threshold: int = THRESHOLD, also: Iterable[TableCell] = ()) -> Release:
    """What may be published of a table, with a reason for each cell that may not.

    `also` are cells to withhold in any case (a zero excepted). `Inexact` for a threshold below 2 or
    above 10^15. Before anything is returned it is audited from what is shown alone; a release that
    told too much would be `Rejected`.
    """
    check_threshold(threshold)
    asked = [at for at in (table.shape.at(cell.path, cell.column) for cell in also) if table.values[at]]
    guards = guards_of(table, threshold)
    reasons = small_counts(table, threshold)
    release = released(table, threshold, withhold(table.shape, {*asked, *reasons}, guards), reasons)
    refuse(audit(release))
    return release


def check_threshold(threshold: int) -> None:
    """TypeError for a threshold that is no int, `Inexact` for one below 2 or above 10^15."""
    if isinstance(threshold, bool) or not isinstance(threshold, int):
        raise TypeError(f"a threshold must be an int, not {type(threshold).__name__}")
    if threshold < 2:
        raise Inexact("a threshold below 2 protects nobody", str(threshold))
    if threshold > MOST:
        raise Inexact("a threshold is at most 10^15", f"a number of {len(str(threshold))} digits")


def small_counts(table: Table, threshold: int) -> dict[int, Why]:
    """The places of the small counts of a table, each with its reason."""
    return {at: "primary" for at, n in enumerate(table.values) if 0 < n < threshold}


def withhold(shape: Shape, asked: Iterable[int], guards: Sequence[Guard]) -> dict[int, tuple[int, ...]]:
    """The places to withhold with those that are asked, so that every guard holds; of each, which
    it protects.

    Found twice: a total as costly as all that it sums, and, from the last cell on, as costly as any
    other. The pattern of fewer cells is taken.
    """
    first = sorted(set(asked))
    plain, other = Pattern(shape, dict.fromkeys(first)), Pattern(shape, dict.fromkeys(reversed(first)))
    other.costs = [1 for _ in plain.costs]
    return min((_found(pattern, [guard.anew() for guard in guards]) for pattern in (plain, other)), key=len)


def _found(pattern: Pattern, guards: Sequence[Guard]) -> dict[int, tuple[int, ...]]:
    asked = set(pattern.withheld)
    _open(pattern, guards)
    _close(pattern, guards, asked)
    suppressed: dict[int, tuple[int, ...]] = {}
    for at in sorted(pattern.withheld):
        moved = {other for guard in guards for other, cells in guard.moved.items() if at in cells and other != at}
        suppressed[at] = tuple(sorted(moved & asked or moved))
    return suppressed


def released(
    table: Table, threshold: int, withheld: Mapping[int, tuple[int, ...]], reasons: Mapping[int, Why]
) -> Release:
    """The release of a table without some cells, each with its reason; one without a reason
    protects others."""
    cells, values = table.shape.cells, table.values

    def reason(at: int, protects: Iterable[int]) -> Withheld:
        why = reasons.get(at, "complementary")
        return Withheld(cells[at], why, [cells[k] for k in protects] if why == "complementary" else (), values[at])

    counts = (None if at in withheld else n for at, n in enumerate(values))
    return Release(
        title=table.title,
        shape=table.shape,
        threshold=threshold,
        counts=counts,
        withheld=(reason(*some) for some in withheld.items()),
    )


@define
class Pattern:
    """The cells withheld so far, in the order in which that was found, and what it costs to
    withhold each."""

    shape: Shape
    withheld: dict[int, None]
    costs: list[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        leaves = Counter(path[:k] for path in self.shape.leaves for k in range(len(path) + 1))
        wide = len(self.shape.columns)
        self.costs = [leaves[c.path] * (wide if c.column == TOTAL else 1) for c in self.shape.cells]


@define
class Guard:
    """One kind of reader, and what he must not be able to exclude of each cell."""

    net: FlowNetwork
    find: Callable[[int], Need]
    values: list[int] = field(init=False)
    """Where the network stands at first: what is true."""
    needs: dict[int, Need] = field(factory=dict)
    moved: dict[int, set[int]] = field(factory=dict)
    """Of each withheld cell, the cells that move with it: if another is shown again, it is as free
    as before."""

    def __attrs_post_init__(self) -> None:
        self.values = list(self.net.values)

    def anew(self) -> Guard:
        """The same, before anything is withheld."""
        net = self.net
        return Guard(FlowNetwork(net.leaves, net.enters, list(self.values), list(net.low), list(net.high)), self.need)

    def need(self, at: int) -> Need:
        """What must stay possible for a cell."""
        if at not in self.needs:
            self.needs[at] = self.find(at)
        return self.needs[at]

    def reset(self) -> None:
        self.net.values[:] = self.values

    def excused(self, at: int) -> bool:
        """Whether a cell that may be as far from zero as it is need not move: it tells of none, or
        of many."""
        least = self.net.least(at)
        return least >= self.need(at).width or (least == 0 and self.net.most(at, 1) == 0)

    def plan(self, at: int) -> tuple[tuple[Up, int], ...]:
        """How a small cell must be able to move, from where it is: down to the least, then up to
        the most."""
        need = self.need(at)
        if need.low is None or need.high is None:
            return ()
        most = max(need.high, need.low + need.width)
        return ((-1, self.net.values[at] - need.low), (1, most - need.low))

    def free(self, at: int) -> bool:
        """Whether a cell can move as it must; `moved` then says with which others."""
        self.reset()
        if self.need(at).growth and self.excused(at):
            self.moved[at] = set()
            return True
        self.reset()
        moved: set[int] = set()
        net, width = self.net, self.need(at).width

        def go(up: Up, far: int) -> bool:
            done = net.move(at, up, far)
            moved.update(other for other, value in enumerate(net.values) if value != self.values[other])
            return done == far

        plan = self.plan(at)
        if all(go(up, far) for up, far in plan) if plan else (go(1, width) or go(-1, width)):
            self.moved[at] = moved
            return True
        return False

    def widen(self, at: int, pattern: Pattern) -> None:
        """Withhold what is needed for a cell to move as it must."""
        self.reset()
        plan, width = self.plan(at), self.need(at).width
        if plan:
            moved = all(self._push(at, up, far, pattern) for up, far in plan)
        else:
            moved = self._push(at, 1, width, pattern) or self._push(at, -1, width, pattern)
        assert moved, "with all withheld but the zeros, every cell moves as it must"

    def _push(self, at: int, up: Up, far: int, pattern: Pattern) -> bool:
        """Move a cell so far, whatever must be withheld for it; False where nothing helps."""
        left = far - self.net.move(at, up, far)
        while left and (circle := self._circle(at, up, left, pattern)):
            more = [other for other, _ in circle if other not in pattern.withheld]
            pattern.withheld |= dict.fromkeys(more)
            self.net.open(more)
            left -= self.net.turn(circle, left)
        return not left

    def _circle(self, at: int, up: Up, far: int, pattern: Pattern) -> list[tuple[int, Up]] | None:
        net = self.net
        start, goal = (net.enters[at], net.leaves[at]) if up == 1 else (net.leaves[at], net.enters[at])

        def roomy(least: int) -> list[tuple[int, Up]] | None:
            def cost(other: int, way: Up) -> int | None:
                room = net.high[other] - net.values[other] if way == 1 else net.values[other] - net.low[other]
                return None if room < least else 0 if other in pattern.withheld else pattern.costs[other]

            return net.cheapest(start, goal, at, cost)

        way = roomy(far) or roomy(1)
        return way and [*way, (at, up)]


def guards_of(table: Table, threshold: int) -> list[Guard]:
    """The insider and the reader of one table alone."""
    shape, values = table.shape, table.values
    small = [0 < n < threshold for n in values]
    insider, marks = marked(shape, values, insider_bounds(values, small, threshold))
    return [
        Guard(insider, lambda at: insider_need(marks, at, small[at], threshold)),
        Guard(network(shape, values, reader_bounds(values), ()), lambda at: reader_need(small[at], threshold)),
    ]


def _open(pattern: Pattern, guards: Sequence[Guard]) -> None:
    """Withhold more until every withheld cell can move as it must, before every reader."""
    opened = [0 for _ in guards]
    before = -1
    while before < len(pattern.withheld):  # again, since what opens for one reader moves more for another
        before = len(pattern.withheld)
        for number, guard in enumerate(guards):
            cells, done = list(pattern.withheld), 0
            guard.net.open(cells[opened[number] :])
            while done < len(cells):
                if not guard.free(cells[done]):
                    guard.widen(cells[done], pattern)
                    cells = list(pattern.withheld)
                done += 1
            opened[number] = len(cells)


def _close(pattern: Pattern, guards: Sequence[Guard], asked: set[int]) -> None:
    """Show again what nobody needs withheld, the costliest first."""
    for at in sorted(set(pattern.withheld) - asked, key=lambda at: (-pattern.costs[at], -at)):
        kept = [(guard.net.low[at], guard.net.high[at], dict(guard.moved)) for guard in guards]
        for guard in guards:
            guard.net.low[at] = guard.net.high[at] = guard.values[at]
        if all(
            guard.free(other)
            for guard in guards
            for other in pattern.withheld
            if other != at and at in guard.moved[other]
        ):
            del pattern.withheld[at]
            for guard in guards:
                del guard.moved[at]
        else:
            for guard, (low, high, moved) in zip(guards, kept, strict=True):
                guard.net.low[at], guard.net.high[at], guard.moved = low, high, moved
