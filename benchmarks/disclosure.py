"""How many more cells are withheld than the fewest that would do, and how long a large table takes: see README.md."""

from __future__ import annotations

import random
import sys
from itertools import combinations
from time import process_time

from grantcalc.disclosure import Release, Table, Withheld, audit, suppress

SMALL_TABLES, MORE, SECONDS = 300, 1.25, 60.0
"""Tables of at most 3 by 3; limit of cells withheld ÷ the fewest; limit of CPU seconds for the large table."""


def counts(chance: random.Random, columns: int) -> list[int]:
    """A quarter nobody, a quarter small, the rest up to 60 or 200."""
    return [
        chance.choice((0, chance.randint(1, 10), chance.randint(11, 60), chance.randint(11, 200)))
        for _ in range(columns)
    ]


def table(chance: random.Random, rows: int, columns: int) -> Table:
    named = (((f"row {at}",), counts(chance, columns)) for at in range(rows))
    return Table.of("Small", [f"column {at}" for at in range(columns)], named)


def fewest(made: Table, most: int) -> int:
    """The size of the smallest pattern that the audit lets pass, every smaller one tried; at most `most`."""
    cells, values = made.shape.cells, made.values
    primary = {cell for cell, n in zip(cells, values, strict=True) if 0 < n < 11}
    others = [cell for cell, n in zip(cells, values, strict=True) if n >= 11]
    for size in range(most - len(primary)):
        for chosen in combinations(others, size):
            hidden = primary.union(chosen)
            shown = [None if cell in hidden else n for cell, n in zip(cells, values, strict=True)]
            why = [Withheld(cell, "primary" if cell in primary else "complementary") for cell in sorted(hidden)]
            if not audit(Release(title="Small", shape=made.shape, threshold=11, counts=shown, withheld=why)):
                return len(hidden)
    return most


def against_the_fewest() -> float:
    chance = random.Random(7)
    cells = small = ours = best = alike = 0
    for _ in range(SMALL_TABLES):
        made = table(chance, chance.randint(2, 3), chance.randint(2, 3))
        found = len(suppress(made).withheld)
        least = fewest(made, found)
        cells, small = cells + len(made.values), small + sum(0 < n < 11 for n in made.values)
        ours, best, alike = ours + found, best + least, alike + (found == least)
    print(f"{SMALL_TABLES} tables of at most 3 by 3: {cells:,} cells, {small:,} of them small")
    print(f"withheld {ours:,}, the fewest {best:,}: {ours / best:.3f} times; {alike} tables as few as can be")
    return ours / best


def large() -> float:
    """Ten regions, 59 States, 200 subrecipients, eight columns."""
    chance = random.Random(7)
    paths = [(f"Region {at % 59 % 10 + 1}", f"State {at % 59}", f"subrecipient {at}") for at in range(200)]
    made = Table.of("Large", [f"column {at}" for at in range(8)], [(path, counts(chance, 8)) for path in paths])
    start = process_time()
    release = suppress(made)
    took = process_time() - start
    small = sum(0 < n < 11 for n in made.values)
    print(f"large table: {len(made.values):,} cells, {small:,} small, {len(release.withheld):,} withheld, {took:.1f} s")
    return took


if __name__ == "__main__":
    more, took = against_the_fewest(), large()
    sys.exit(more > MORE or took > SECONDS)
