"""Which cells a formula reads, and which formulas a changed cell reaches."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from grantcalc.audit.cell_comparison import cells_of
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.reader import WorkbookRead

REFERENCE = re.compile(r"(?:('(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
CellRange = tuple[str, int, int, int, int]
CellAddress = tuple[str, int, int]


def precedents(formula: str, sheet: str) -> Iterator[CellRange]:
    """The areas that a formula reads: sheet, first column, first row, last column, last row."""
    for match in REFERENCE.finditer(re.sub(r'"[^"]*"', "", formula)):
        name, column, row, last_column, last_row = match.groups()
        first = column_number(column)
        last = column_number(last_column) if last_column else first
        yield sheet_of(name, sheet), first, int(row), last, int(last_row or row)


def sheet_of(name: str | None, here: str) -> str:
    """The sheet that a reference names, or else the one on which it stands."""
    return name.strip("'").replace("''", "'") if name else here


def reads_of(book: WorkbookRead) -> dict[str, list[CellRange]]:
    """The areas that each formula reads."""
    return {ref: [*precedents(c.formula, ref.rpartition("!")[0])] for ref, c in cells_of(book) if c.formula}


def consequences(lies: Collection[str], sources: Mapping[str, Sequence[CellRange]]) -> set[str]:
    """The formula cells that reach a lying cell, through any chain of formulas; from the areas that
    each reads."""
    reached: set[str] = set()
    new: Collection[str] = lies
    while new:
        changed: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for sheet, column, row in sorted(map(address_of, new)):
            changed[sheet][column].append(row)
        new = {ref for ref in sources.keys() - reached if any(_reaches(area, changed) for area in sources[ref])}
        reached |= new
    return reached.difference(lies)


def _reaches(area: CellRange, changed: Mapping[str, Mapping[int, list[int]]]) -> bool:
    sheet, first, top, last, bottom = area
    return any(
        first <= column <= last and bisect_left(rows, top) < bisect_right(rows, bottom)
        for column, rows in changed.get(sheet, {}).items()
    )


def address_of(ref: str) -> CellAddress:
    """The sheet, column and row of a cell like `Lines!Q3`."""
    sheet, _, cell = ref.rpartition("!")
    letters = cell.rstrip("0123456789")
    return sheet, column_number(letters), int(cell[len(letters) :])


def in_order(ref: str) -> tuple[str, int, int]:
    """A key by which cells stand in the order of reading."""
    sheet, column, row = address_of(ref)
    return sheet, row, column
