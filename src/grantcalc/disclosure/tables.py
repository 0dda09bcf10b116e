"""Tables of counts for publication, and what is published of them: rows as a tree of totals,
columns with a total."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Literal

from attrs import define, field, frozen

from grantcalc.display import Displayed
from grantcalc.errors import GrantcalcError, Inexact, Unknown

TOTAL = "Total"
"""The column that sums the others. No column of a table may have this name."""

Path = tuple[str, ...]
"""From the widest to the narrowest: ("Region 6", "TX", "SUB-B"). The empty path is the whole
table."""

MOST = 10**15
"""No count and no threshold is larger: more persons than have ever lived."""

Why = Literal["primary", "growth", "earlier", "complementary"]
"""A count is withheld because it is small, because few came since the release before, because an
earlier release withheld it, or because a reader could compute one of those from it."""


@define(eq=False)
class NotATable(GrantcalcError):
    """Rows and columns that do not make a table of counts."""

    problem: str

    def __str__(self) -> str:
        return self.problem


_PLAIN = {
    "primary": "a small count",
    "growth": "since it grew by few",
    "earlier": "as in an earlier release",
}


@frozen(order=True)
class TableCell:
    """One count of a table: a row, which may be a total of rows, and a column, which may be
    `TOTAL`."""

    path: Path
    column: str

    def __str__(self) -> str:
        return f"{' / '.join(self.path) or 'all'}, {self.column}"


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _path(path: Iterable[str]) -> Path:
    if isinstance(path, str):
        raise TypeError("a path must be several texts, as (text,), not one")
    return tuple(path)


def _paths(paths: Iterable[Iterable[str]]) -> tuple[Path, ...]:
    return tuple(map(_path, paths))


def _look(name: str) -> str:
    """A name as a reader sees it: without what has no width, and composed."""
    plain = unicodedata.normalize("NFKC", name)
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def check_names(names: Iterable[str]) -> None:
    """`NotATable` for a name that would not be printed as it is: with a line break or another
    control character."""
    for name in names:
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in name):
            raise NotATable(f"a name of {len(name)} characters has a line break or another control character")


@define(frozen=True, slots=False)
class Shape:
    """The rows and columns of a table without its counts: what stands under what, and which cells
    sum which.

    `leaves` are the paths of the rows that are counted, in order. A path above another is its
    total. A row that is counted cannot stand above another, no row stands twice, and a table has a
    row and a column: else `NotATable`.
    """

    columns: tuple[str, ...] = field(converter=_texts)
    leaves: tuple[Path, ...] = field(converter=_paths)

    def __attrs_post_init__(self) -> None:
        if not self.columns or not self.leaves:
            raise NotATable("a table has at least one row and one column")
        check_names((*self.columns, *dict.fromkeys(name for path in self.leaves for name in path)))
        if len({*map(_look, self.columns), TOTAL}) <= len(self.columns):
            raise NotATable(f"two columns have names that look alike, or one is named {TOTAL}, which sums the others")
        looks = {name: _look(name) for path in self.leaves for name in path}
        leaves = [tuple(looks[name] for name in path) for path in self.leaves]
        above = {path[:k] for path in leaves for k in range(len(path))}
        if len(set(leaves)) < len(leaves) or above & set(leaves):
            raise NotATable("a row appears twice, or is above another row whose total it would be")
        if len(above) < len({path[:k] for path in self.leaves for k in range(len(path))}):
            raise NotATable("two rows have names that look alike")

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every row, each total above what it sums, the whole table first."""
        paths, ahead = list[Path](), [Path()]
        while ahead:
            paths.append(ahead.pop())
            ahead += reversed(self.children.get(paths[-1], ()))
        return tuple(paths)

    @cached_property
    def children(self) -> dict[Path, tuple[Path, ...]]:
        """The rows that each total sums, in the order of the leaves."""
        rows_under: dict[Path, dict[Path, None]] = {}
        for path in self.leaves:
            for k in range(len(path)):
                rows_under.setdefault(path[:k], {})[path[: k + 1]] = None
        return {path: tuple(rows) for path, rows in rows_under.items()}

    @cached_property
    def cells(self) -> tuple[TableCell, ...]:
        """Every cell, row by row, the total of each row last."""
        return tuple(TableCell(path, column) for path in self.paths for column in (*self.columns, TOTAL))

    @cached_property
    def place(self) -> dict[TableCell, int]:
        """Where each cell stands in `cells`."""
        return {cell: at for at, cell in enumerate(self.cells)}

    def at(self, path: Iterable[str], column: str) -> int:
        """Where the cell of a row and column stands; `Unknown` where the table has none."""
        cell = TableCell(_path(path), column)
        if cell not in self.place:
            raise Unknown("cell of this table", "a row and a column that it has", length=len(str(cell)))
        return self.place[cell]


def _rows(rows: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in rows)


@define(frozen=True, slots=False)
class Table:
    """Counts of persons before anything is withheld: of each leaf of `shape` one for each column.
    Not for publication.

    Every person stands in one row and one column. TypeError for a count that is no int, `Inexact`
    for one below zero or above 10^15.
    """

    title: str
    shape: Shape
    counts: tuple[tuple[int, ...], ...] = field(converter=_rows)

    def __attrs_post_init__(self) -> None:
        check_names([self.title])
        if [len(row) for row in self.counts] != [len(self.shape.columns)] * len(self.shape.leaves):
            raise NotATable("each row has one count for each column")
        for count in (count for row in self.counts for count in row):
            if isinstance(count, bool) or not isinstance(count, int):
                raise TypeError(f"a count of persons must be an int, not {type(count).__name__}")
            if count < 0:
                raise Inexact("a count of persons cannot be negative", str(count))
            if count > MOST:
                raise Inexact("a count of persons is at most 10^15", f"a number of {len(str(count))} digits")

    @classmethod
    def of(cls, title: str, columns: Iterable[str], rows: Iterable[tuple[Iterable[str], Iterable[int]]]) -> Table:
        """From rows of a path and its counts."""
        rows_read = [(_path(path), tuple(counts)) for path, counts in rows]
        return cls(title, Shape(tuple(columns), tuple(p for p, _ in rows_read)), tuple(c for _, c in rows_read))

    @classmethod
    def counted(cls, title: str, columns: Iterable[str], persons: Iterable[tuple[Iterable[str], str]]) -> Table:
        """From one path and column for each person; the rows in the order of their paths."""
        columns = tuple(columns)
        tally = Counter((_path(path), column) for path, column in persons)
        if strange := {column for _, column in tally} - set(columns):
            raise Unknown("column of this table", "one of those that it is given", length=len(min(strange)))
        paths = sorted({path for path, _ in tally})
        return cls.of(title, columns, ((path, [tally[path, column] for column in columns]) for path in paths))

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The count of every cell of `shape.cells`, totals summed."""
        values = {path: [*row, sum(row)] for path, row in zip(self.shape.leaves, self.counts, strict=True)}
        for path in reversed(self.shape.paths):
            if path in self.shape.children:
                rows = [values[child] for child in self.shape.children[path]]
                values[path] = [sum(counts) for counts in zip(*rows, strict=True)]
        return tuple(count for path in self.shape.paths for count in values[path])


def _cells(cells: Iterable[TableCell]) -> tuple[TableCell, ...]:
    return tuple(cells)


@frozen
class Withheld:
    """A cell that is not shown, why, and which cells could be computed from it (`protects`).

    `count` is what is withheld, for the release that follows. All of this stays with the publisher.
    """

    cell: TableCell
    why: Why
    protects: tuple[TableCell, ...] = field(default=(), converter=_cells)
    count: int | None = field(default=None, repr=False)

    def __str__(self) -> str:
        if self.why != "complementary":
            return f"{self.cell}: withheld, {_PLAIN[self.why]}"
        told = "; ".join(str(cell) for cell in self.protects[:3])
        more = f"; and {len(self.protects) - 3} more" if len(self.protects) > 3 else ""
        return f"{self.cell}: withheld, to protect {told}{more}" if told else f"{self.cell}: withheld, as was asked"


def _counts(counts: Iterable[int | None]) -> tuple[int | None, ...]:
    return tuple(counts)


def _reasons(reasons: Iterable[Withheld]) -> tuple[Withheld, ...]:
    return tuple(reasons)


@define(kw_only=True, frozen=True, slots=False)
class Release(Displayed):
    """What is published of a table: each count, or None where it is withheld; all the Nones alike.

    `withheld` says why of each None, for the publisher's file. `threshold`: counts from 1 to
    threshold - 1 are small. `earlier` are the releases of the same persons before this one, the
    first of them first.
    """

    title: str
    shape: Shape
    threshold: int
    counts: tuple[int | None, ...] = field(converter=_counts)
    withheld: tuple[Withheld, ...] = field(default=(), converter=_reasons)
    earlier: tuple[Release, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_names([self.title])
        if len(self.counts) != len(self.shape.cells):
            raise NotATable("a release has a count, or None, for each cell")

    def count(self, path: Iterable[str], column: str = TOTAL) -> int | None:
        """The count of a cell, None where it is withheld; `Unknown` where there is none."""
        return self.counts[self.shape.at(path, column)]

    def share(self, path: Iterable[str], column: str) -> Decimal | None:
        """A cell in percent of its row, to one decimal, half up. None where either count is
        withheld, since the one and the share would tell the other; and where the row counts
        nobody."""
        path = _path(path)
        part, whole = self.count(path, column), self.count(path)
        if part is None or not whole:
            return None
        mille = (2000 * part + whole) // (2 * whole)  # in whole numbers: a thread's decimal context may round
        return Decimal(f"{mille}E-1")

    def rows(self) -> Iterator[tuple[Path, tuple[int | None, ...]]]:
        """Each row with its counts, the total last."""
        width = len(self.shape.columns) + 1
        for at, path in enumerate(self.shape.paths):
            yield path, self.counts[at * width : (at + 1) * width]

    def __str__(self) -> str:
        """The table as text, to be published: it says that something is withheld, and not why."""
        lines = [("", *self.shape.columns, TOTAL)]
        for path, counts in self.rows():
            lines.append((label_of(path), *("withheld" if n is None else f"{n:,}" for n in counts)))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = ("  ".join([a.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]).rstrip() for a, *rest in lines)
        return "\n".join([self.title, *texts])


def label_of(path: Path) -> str:
    """The name of a row, indented by its depth."""
    return "\u00a0\u00a0" * (len(path) - 1) + path[-1] if path else "All"
