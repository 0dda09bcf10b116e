"""How many more cells are withheld than the fewest that would do, what running the method backwards
tells, and how long large tables take: see README.md."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from time import process_time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from grantcalc.disclosure import Release, Table, suppress, suppress_again, suppress_linked
from grantcalc.disclosure.audits import insider_bounds
from grantcalc.disclosure.bounds import fitted, network
from grantcalc.disclosure.suppression import Guard, guards_of
from grantcalc.errors import Rejected

FLAT_MORE, TREE_MORE, INVERTED, LINKED_MORE, SECONDS, REFUSED = 1.05, 1.05, 0.02, 1.45, 60.0, 1.0
"""Limits of cells withheld ÷ the fewest, of flat tables and of trees; of the small counts for which
no other value was found by running the method backwards; of cells withheld of two breakdowns
together ÷ of each alone; of CPU seconds for the large table and the release after it, and to refuse
one with a row renamed."""


def counts(chance: random.Random, columns: int) -> list[int]:
    """A quarter nobody, a quarter small, the rest up to 60 or 200."""
    return [
        chance.choice((0, chance.randint(1, 10), chance.randint(11, 60), chance.randint(11, 200)))
        for _ in range(columns)
    ]


def flat(chance: random.Random, rows: int, columns: int) -> Table:
    named = (((f"row {at}",), counts(chance, columns)) for at in range(rows))
    return Table.of("Small", [f"column {at}" for at in range(columns)], named)


def tree(chance: random.Random) -> Table:
    """Three levels below the whole: regions, States, subrecipients."""
    columns = chance.randint(1, 3)
    paths = [
        (f"region {a}", f"State {a}.{b}", f"site {a}.{b}.{c}")
        for a in range(chance.randint(1, 3))
        for b in range(chance.randint(1, 2))
        for c in range(chance.randint(1, 3))
    ]
    return Table.of("Tree", [f"column {at}" for at in range(columns)], [(p, counts(chance, columns)) for p in paths])


def fewest(made: Table) -> int:
    """The size of the smallest pattern that protects: an integer program, to which each pattern
    that does not protect adds a rule, that whoever withholds this cell withholds one of those cells
    too."""
    values, some = made.values, [at for at, n in enumerate(made.values) if n]
    guards = guards_of(made, 11)
    rules = list[tuple[int, list[int]]]()

    def free(guard: Guard, hidden: Sequence[int], at: int) -> bool:
        bounds = (list(guard.net.low), list(guard.net.high))
        return Guard(network(made.shape, values, bounds, hidden), guard.need).free(at)

    def broken(hidden: list[int]) -> bool:
        before = len(rules)
        for guard in guards:
            for at in hidden:
                if not free(guard, hidden, at):
                    most = list(hidden)
                    for other in some:
                        if other not in most and not free(guard, [*most, other], at):
                            most.append(other)
                    rules.append((at, [other for other in some if other not in most]))
        return len(rules) > before

    hidden = _solved(made, rules)
    while broken(hidden):
        hidden = _solved(made, rules)
    return len(hidden)


def _solved(made: Table, rules: Sequence[tuple[int, list[int]]]) -> list[int]:
    values = np.array(made.values)
    matrix = np.zeros((len(rules) + 1, len(values)))
    for row, (at, cells) in enumerate(rules):
        matrix[row, cells] = 1
        matrix[row, at] -= 1
    found = milp(
        np.ones(len(values)),
        constraints=LinearConstraint(matrix, 0, np.inf),
        integrality=np.ones(len(values)),
        bounds=Bounds(((values > 0) & (values < 11)).astype(float), (values > 0).astype(float)),
    )
    return [at for at, n in enumerate(found.x) if n > 0.5]


def against_the_fewest(name: str, many: int, make: Callable[[random.Random], Table]) -> float:
    chance = random.Random(7)
    cells = small = ours = best = alike = 0
    worst = 1.0
    for _ in range(many):
        made = make(chance)
        found, least = len(suppress(made).withheld), fewest(made)
        cells, small = cells + len(made.values), small + sum(0 < n < 11 for n in made.values)
        ours, best, alike = ours + found, best + least, alike + (found == least)
        worst = max(worst, found / least if least else 1.0)
    print(f"{many} {name}: {cells:,} cells, {small:,} of them small; withheld {ours:,}, the fewest {best:,}:")
    print(f"  {ours / best:.3f} times, at worst {worst:.2f}; {alike} as few as can be")
    return ours / best


def other_value(made: Table, release: Release, at: int) -> bool:
    """Whether some other table, in which a small count has another value, gives the same release.
    For each value two are tried: the one nearest to the true table, and one that is found from the
    release alone."""
    small = [0 < n < 11 for n in made.values]
    hidden = [k for k, n in enumerate(release.counts) if n is None]
    for value in (n for n in range(1, 11) if n != made.values[at]):
        near = network(made.shape, made.values, insider_bounds(release.counts, small, 11), hidden)
        near.move(at, 1 if value > made.values[at] else -1, abs(value - made.values[at]))
        shown = [*release.counts[:at], value, *release.counts[at + 1 :]]
        far = fitted(made.shape, shown, insider_bounds(shown, small, 11))
        for found in (near, far):
            if found is not None and found.values[at] == value and _again(made, found.values) == release.counts:
                return True
    return False


def _again(made: Table, values: Sequence[int]) -> tuple[int | None, ...]:
    """The release of a table with other counts in the same rows and columns."""
    wide = len(made.shape.columns) + 1
    places = [made.shape.paths.index(path) * wide for path in made.shape.leaves]
    return suppress(Table(made.title, made.shape, [values[k : k + wide - 1] for k in places])).counts


def backwards(many: int) -> float:
    """The share of small counts of flat tables for which running the method on other tables finds
    no other value."""
    chance = random.Random(11)
    small = told = 0
    for _ in range(many):
        made = flat(chance, chance.randint(1, 4), chance.randint(2, 4))
        release = suppress(made)
        cells = [at for at, n in enumerate(made.values) if 0 < n < 11]
        small, told = small + len(cells), told + sum(not other_value(made, release, at) for at in cells)
    print(f"backwards: of {small:,} small counts in {many} tables, no other value was found for {told}")
    return told / small


def together(many: int) -> float:
    """Cells withheld of two breakdowns of the same persons together ÷ those withheld of each
    alone."""
    chance = random.Random(5)
    alone = both = 0
    for _ in range(many):
        first = flat(chance, chance.randint(1, 5), chance.randint(1, 4))
        parts = [[chance.randint(0, n) for n in row] for row in first.counts]
        rows = [[sum(some), sum(row) - sum(some)] for some, row in zip(parts, first.counts, strict=True)]
        pair = [first, Table.of("Other", ["a", "b"], zip(first.shape.leaves, rows, strict=True))]
        alone += sum(len(suppress(one).withheld) for one in pair)
        both += sum(len(release.withheld) for release in suppress_linked(pair))
    print(f"{many} pairs of breakdowns: withheld {alone:,} of each alone, {both:,} together")
    return both / alone


PATHS = [(f"Region {at % 59 % 10 + 1}", f"State {at % 59}", f"subrecipient {at}") for at in range(200)]
"""Ten regions, 59 States, 200 subrecipients."""


def renamed() -> float:
    """The seconds until a release of the large table is refused, since a row has another name."""
    chance = random.Random(7)
    rows, columns = [counts(chance, 8) for _ in PATHS], [f"column {at}" for at in range(8)]
    release = suppress(Table.of("Large", columns, zip(PATHS, rows, strict=True)))
    other = Table.of("Large", columns, zip([(*PATHS[0][:2], "other"), *PATHS[1:]], rows, strict=True))
    start = process_time()
    try:
        suppress_again(other, release)
    except Rejected as refusal:
        print(f"a row renamed: refused after {process_time() - start:.2f} s: {refusal}")
    return process_time() - start


def large() -> float:
    """The large table with eight columns, and the release after it."""
    chance, paths = random.Random(7), PATHS
    rows = [counts(chance, 8) for _ in paths]
    more = [[n + chance.choice((0, chance.randint(1, 10), chance.randint(11, 60))) for n in row] for row in rows]
    first, second = (
        Table.of("Large", [f"column {at}" for at in range(8)], zip(paths, some, strict=True)) for some in (rows, more)
    )
    start = process_time()
    release = suppress(first)
    between = process_time()
    again = suppress_again(second, release)
    took = process_time() - start
    small, some = sum(0 < n < 11 for n in first.values), sum(n > 0 for n in second.values)
    print(f"large table: {len(first.values):,} cells, {small:,} small, {len(release.withheld):,} withheld", end="")
    print(
        f", {between - start:.1f} s; the release after it: {len(again.withheld):,} of {some:,} that are not zero",
        end="",
    )
    print(f", {took - (between - start):.1f} s")
    return took


if __name__ == "__main__":
    figures = (
        against_the_fewest("tables of 2 or 3 by 2 or 3", 300, lambda c: flat(c, c.randint(2, 3), c.randint(2, 3))),
        against_the_fewest("trees of three levels", 40, tree),
        backwards(150),
        together(200),
        large(),
        renamed(),
    )
    limits = (FLAT_MORE, TREE_MORE, INVERTED, LINKED_MORE, SECONDS, REFUSED)
    sys.exit(any(figure > limit for figure, limit in zip(figures, limits, strict=True)))
