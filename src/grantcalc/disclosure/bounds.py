"""The attacker: what a reader can infer of the cells that a release withholds, exactly, in whole
numbers.

The cells of a table whose rows are a tree and whose columns have one total are the arcs of a
network, in which every sum is a node where as much leaves as enters. So the least and the greatest
that a withheld count can be are found by moving it, and others with it around a circle, as far as
they go; bounds that are whole give answers that are whole. The attacker's linear program gives the
same numbers: the tests compare.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import Literal

from attrs import define, field

from grantcalc.disclosure.tables import TOTAL, Path, Shape, TableCell

UNBOUNDED = 10**30
"""No bound."""

Up = Literal[1, -1]
Bounds = tuple[list[int], list[int]]
Step = tuple[int, Up]
"""An arc, and whether it is raised or lowered."""


def ends(shape: Shape) -> tuple[list[int], list[int]]:
    """The node that each cell's arc leaves, and the one that it enters."""
    names: dict[tuple[Path | None, str], int] = {}

    def node(path: Path | None, column: str = "") -> int:
        return names.setdefault((path, column), len(names))

    def arc(cell: TableCell) -> tuple[int, int]:
        total = cell.column == TOTAL
        above = node(cell.path[:-1], "" if total else cell.column) if cell.path else node(None)
        own = node(cell.path, "" if total or cell.path not in shape.children else cell.column)
        return (own, above) if total else (above, own)

    arcs = [arc(cell) for cell in shape.cells]
    return [leaves for leaves, _ in arcs], [enters for _, enters in arcs]


@define
class FlowNetwork:
    """A table as a network: `values` fit every sum, and stay so however they are moved between
    `low` and `high`.

    Only cells that were opened move; the others are known to the reader.
    """

    leaves: list[int]
    enters: list[int]
    values: list[int]
    low: list[int]
    high: list[int]
    around: list[list[Step]] = field(init=False)
    """The steps from each node: an open arc that leaves it, raised, or one that enters it,
    lowered."""
    every: list[list[Step]] = field(init=False)
    """The same of every arc, open or not."""

    def __attrs_post_init__(self) -> None:
        nodes = range(1 + max(*self.leaves, *self.enters))
        self.around, self.every = [[] for _ in nodes], [[] for _ in nodes]
        self._step(self.every, range(len(self.values)))

    def open(self, cells: Iterable[int]) -> None:
        """Let these cells move."""
        self._step(self.around, cells)

    def _step(self, steps: list[list[Step]], cells: Iterable[int]) -> None:
        for cell in cells:
            steps[self.leaves[cell]].append((cell, 1))
            steps[self.enters[cell]].append((cell, -1))

    def _room(self, cell: int, up: Up) -> int:
        return self.high[cell] - self.values[cell] if up == 1 else self.values[cell] - self.low[cell]

    def move(self, cell: int, up: Up, most: int) -> int:
        """Move a cell as far as the others let it, at most so far; gives how far."""
        most = min(most, self._room(cell, up))
        start, goal = (self.enters, self.leaves) if up == 1 else (self.leaves, self.enters)
        done = 0
        while done < most:
            circle = self.path(start[cell], goal[cell], cell)
            if circle is None:
                break
            done += self.turn([*circle, (cell, up)], most - done)
        return done

    def span(self, cell: int, width: int) -> int:
        """How far apart the least and the most that a cell can be lie, at most so far."""
        return width if self.move(cell, 1, width) == width else self.move(cell, -1, width)

    def turn(self, circle: Sequence[Step], most: int) -> int:
        """Move every cell of a circle as far as all of them go, at most so far."""
        far = min(most, *(self._room(cell, up) for cell, up in circle))
        for cell, up in circle:
            self.values[cell] += up * far
        return far

    def path(self, start: int, goal: int, without: int = -1) -> list[Step] | None:
        """The fewest steps with room from one node to another, or None. Ties by the order of the
        cells."""
        values, low, high, leaves, enters = self.values, self.low, self.high, self.leaves, self.enters
        came: dict[int, Step] = {start: (-1, 1)}
        ahead = deque([start])
        while ahead and goal not in came:
            node = ahead.popleft()
            for step in self.around[node]:
                cell, up = step
                far = enters[cell] if up == 1 else leaves[cell]
                room = values[cell] < high[cell] if up == 1 else values[cell] > low[cell]
                if room and far not in came and cell != without:
                    came[far] = step
                    ahead.append(far)
        return self._back(came, start, goal) if goal in came else None

    def cheapest(self, start: int, goal: int, without: int, cost: Callable[[int, Up], int | None]) -> list[Step] | None:
        """The steps of least cost, open or not; a step that costs None is not taken."""
        came: dict[int, Step] = {}
        ahead: list[tuple[int, int, int, int, Up]] = [(0, 0, start, -1, 1)]
        while ahead:
            so_far, length, node, last, way = heappop(ahead)
            if node in came:
                continue
            came[node] = (last, way)
            if node == goal:
                return self._back(came, start, goal)
            for cell, up in self.every[node]:
                more = cost(cell, up) if cell != without and self._room(cell, up) > 0 else None
                if more is not None:
                    far = self.enters[cell] if up == 1 else self.leaves[cell]
                    heappush(ahead, (so_far + more, length + 1, far, cell, up))
        return None

    def _back(self, came: dict[int, Step], start: int, goal: int) -> list[Step]:
        steps: list[Step] = []
        while goal != start:
            cell, up = came[goal]
            steps.append((cell, up))
            goal = self.leaves[cell] if up == 1 else self.enters[cell]
        return steps

    def least(self, cell: int) -> int:
        """The least that a cell can be."""
        self.move(cell, -1, UNBOUNDED)
        return self.values[cell]

    def most(self, cell: int, enough: int = UNBOUNDED) -> int:
        """The most that a cell can be; some number from `enough` on where it can be as much as
        that."""
        if self.values[cell] < enough:
            self.move(cell, 1, enough - self.values[cell])
        return self.values[cell]


def network(shape: Shape, values: Sequence[int], bounds: Bounds, opened: Iterable[int]) -> FlowNetwork:
    """A network at values that fit every sum, in which some cells are open."""
    network = FlowNetwork(*ends(shape), list(values), *bounds)
    network.open(opened)
    return network


def marked(shape: Shape, values: Sequence[int], bounds: Bounds) -> tuple[FlowNetwork, FlowNetwork]:
    """Two networks within bounds that somebody knows before any sum: one in which nothing moves
    yet, and one in which everything does, which gives what the bounds alone tell."""
    low, high = bounds
    return network(shape, values, bounds, ()), network(shape, values, (list(low), list(high)), range(len(values)))


def fitted(shape: Shape, counts: Sequence[int | None], bounds: Bounds) -> FlowNetwork | None:
    """A network at some values that fit what is published and the bounds of the rest; None where
    nothing does.

    What a release shows may fit no table at all: then it was not made from one.
    """
    low, high = bounds
    leaves, enters = ends(shape)
    nodes = 1 + max(*leaves, *enters)
    source, sink, cells = nodes, nodes + 1, len(counts)
    values = [min(max(0, low[at]), high[at]) if n is None else n for at, n in enumerate(counts)]
    if any(a > b for a, b in zip(low, high, strict=True)):
        return None
    excess = [0] * nodes
    for at, value in enumerate(values):
        excess[leaves[at]] -= value
        excess[enters[at]] += value
    # One more arc for each node, from where too much enters or to where too much leaves; all must
    # be filled.
    more = [(source, node, n) if n > 0 else (node, sink, -n) for node, n in enumerate(excess) if n]
    candidate = FlowNetwork(
        [*leaves, *(a for a, _, _ in more)],
        [*enters, *(b for _, b, _ in more)],
        [*values, *[0] * len(more)],
        [*low, *[0] * len(more)],
        [*high, *(n for _, _, n in more)],
    )
    candidate.around += [[] for _ in range(sink + 1 - len(candidate.around))]  # where nothing is too much or too little
    candidate.open(at for at, n in enumerate(counts) if n is None)
    candidate.open(range(cells, cells + len(more)))
    while (way := candidate.path(source, sink)) is not None:
        candidate.turn(way, UNBOUNDED)
    if candidate.values[cells:] != candidate.high[cells:]:
        return None
    return network(shape, candidate.values[:cells], bounds, (at for at, n in enumerate(counts) if n is None))
