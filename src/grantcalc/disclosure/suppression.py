"""Which cells to withhold, so that no small count can be reckoned from what is shown.

A count from 1 to threshold - 1 is withheld, a total too: *primary*. Whatever would let a reader find it again is
withheld with it: *complementary*. A zero is always shown: it counts nobody, and where a reader knows that it must be
zero it would protect nothing. The same table gives the same pattern; of two ways alike the one that comes first is
taken.

Each withheld cell is moved as far as it must be able to move (see `audits`). Where the others do not let it, the
cheapest circle of cells is withheld that does, a total costing as much as all that it sums. At last whatever is not
needed is shown again. It is not always the fewest cells: `benchmarks/disclosure.py` measures how many more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from attrs import define, field

from grantcalc.disclosure.audits import Need, audit, insider_bounds, insider_need, reader_bounds, reader_need
from grantcalc.disclosure.bounds import Bounds, FlowNetwork, Up, network
from grantcalc.disclosure.tables import TOTAL, Release, Shape, Table, TableCell, Withheld
from grantcalc.errors import Inexact, refuse

THRESHOLD = 11
"""Counts from 1 to 10 are small, as the Centers for Medicare & Medicaid Services have it."""


def suppress(table: Table, threshold: int = THRESHOLD, also: Iterable[TableCell] = ()) -> Release:
    """What may be published of a table, with a reason for each cell that may not.

    `also` are cells to withhold in any case (a zero excepted), such as those that an earlier release withheld.
    `Inexact` for a threshold below 2. Before anything is returned it is audited from what is shown alone; a release
    that told too much would be `Rejected`, and nothing returned.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int):
        raise TypeError(f"a threshold must be an int, not {type(threshold).__name__}")
    if threshold < 2:
        raise Inexact("a threshold below 2 protects nobody", str(threshold))
    shape, values = table.shape, table.values
    small = [0 < n < threshold for n in values]
    pattern = Pattern(shape, values, dict.fromkeys(at for at, few in enumerate(small) if few))
    wanted = [shape.at(cell.path, cell.column) for cell in also]
    pattern.withheld |= dict.fromkeys(at for at in wanted if values[at])
    asked = set(pattern.withheld)
    guards = _guards(shape, values, small, threshold)
    _open(pattern, guards)
    _close(pattern, guards, asked)
    reasons = (_reason(shape, at, small, guards) for at in sorted(pattern.withheld))
    counts = (None if at in pattern.withheld else n for at, n in enumerate(values))
    release = Release(table.title, shape, threshold, tuple(counts), tuple(reasons))
    refuse(audit(release))
    return release


def _reason(shape: Shape, at: int, small: Sequence[bool], guards: Sequence[Guard]) -> Withheld:
    if small[at]:
        return Withheld(shape.cells[at], "primary")
    others = sorted({other for guard in guards for other, moved in guard.moved.items() if at in moved and other != at})
    cells = [other for other in others if small[other]] or others
    return Withheld(shape.cells[at], "complementary", tuple(shape.cells[other] for other in cells))


@define
class Pattern:
    """The cells withheld so far, in the order in which that was found, and what it costs to withhold each."""

    shape: Shape
    values: tuple[int, ...]
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
    needs: dict[int, Need] = field(factory=dict)
    moved: dict[int, set[int]] = field(factory=dict)
    """Of each withheld cell, the cells that move with it: if another is shown again, it is as free as before."""

    def need(self, at: int) -> Need:
        """What must stay possible for a cell."""
        if at not in self.needs:
            self.needs[at] = self.find(at)
        return self.needs[at]

    def reset(self, values: Sequence[int]) -> None:
        self.net.values[:] = values

    def plan(self, at: int) -> tuple[tuple[Up, int], ...]:
        """How a small cell must be able to move, from where it is: down to the least, then up to the most."""
        need = self.need(at)
        if need.low is None or need.high is None:
            return ()
        most = max(need.high, need.low + need.width)
        return ((-1, self.net.values[at] - need.low), (1, most - need.low))

    def free(self, at: int, values: Sequence[int]) -> bool:
        """Whether a cell can move as it must; `moved` then says with which others."""
        self.reset(values)
        moved: set[int] = set()
        net, width = self.net, self.need(at).width

        def go(up: Up, far: int) -> bool:
            done = net.move(at, up, far)
            moved.update(other for other, value in enumerate(net.values) if value != values[other])
            return done == far

        plan = self.plan(at)
        if all(go(up, far) for up, far in plan) if plan else (go(1, width) or go(-1, width)):
            self.moved[at] = moved
            return True
        return False

    def widen(self, at: int, pattern: Pattern) -> None:
        """Withhold what is needed for a cell to move as it must."""
        self.reset(pattern.values)
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


def _guards(shape: Shape, values: Sequence[int], small: Sequence[bool], threshold: int) -> list[Guard]:
    reader, insider = reader_bounds(values), insider_bounds(values, small, threshold)
    marks = network(shape, values, _copy(insider), [at for at, n in enumerate(values) if n])
    return [
        Guard(network(shape, values, insider, ()), lambda at: insider_need(marks, at, small[at], threshold)),
        Guard(network(shape, values, reader, ()), lambda at: reader_need(small[at], threshold)),
    ]


def _copy(bounds: Bounds) -> Bounds:
    return list(bounds[0]), list(bounds[1])


def _open(pattern: Pattern, guards: Sequence[Guard]) -> None:
    """Withhold more until every withheld cell can move as it must, before every reader."""
    checked = [0 for _ in guards]
    opened = [0 for _ in guards]
    while min(checked) < len(pattern.withheld):
        for number, guard in enumerate(guards):
            while checked[number] < len(pattern.withheld):
                cells = list(pattern.withheld)
                guard.net.open(cells[opened[number] :])
                if not guard.free(cells[checked[number]], pattern.values):
                    guard.widen(cells[checked[number]], pattern)
                checked[number], opened[number] = checked[number] + 1, len(pattern.withheld)


def _close(pattern: Pattern, guards: Sequence[Guard], asked: set[int]) -> None:
    """Show again what nobody needs withheld, the costliest first."""
    for guard in guards:
        for at in pattern.withheld:
            guard.free(at, pattern.values)
    for at in sorted(set(pattern.withheld) - asked, key=lambda at: (-pattern.costs[at], -at)):
        kept = [(guard.net.low[at], guard.net.high[at], dict(guard.moved)) for guard in guards]
        for guard in guards:
            guard.net.low[at] = guard.net.high[at] = pattern.values[at]
        if all(
            guard.free(other, pattern.values)
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
