"""Which cells the formulas of our documents add, and how each cell is called."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from attrs import define, frozen

from grantcalc.audit.dependencies import CellRange, precedents
from grantcalc.io.intake.cells import CellValue, WorkbookRead
from grantcalc.io.issued.summary import LINES
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.sheets import letters

_CELL = r"(?:'[^']+'!|\w+!)?\$?[A-Z]{1,3}\$?\d+"
_TERM = re.compile(rf"\s*([+-]?)\s*(?:SUM\(([^()]*)\)|SUMIFS\(([^()]*)\)|({_CELL})|(\d+(?:\.\d+)?))\s*(?=[+-]|$)")
_FORMS = re.compile(r"SF-\d+")


@frozen
class AddedCells:
    """What one term of a formula adds: some cells, under a condition or not, or a cell by itself
    (`alone`); or a number (`constant`)."""

    sheet: str
    column: int
    cells: tuple[tuple[int, CellValue], ...]
    subtracted: bool
    alone: bool
    where: str = ""
    constant: Decimal | None = None

    @property
    def place(self) -> str:
        """The addresses of the cells: `Lines!Q3:Q24`, or `Lines!Q3, Q7:Q9`; of many areas the first
        few."""
        runs: list[list[int]] = []
        for row, _ in self.cells:
            if runs and runs[-1][1] == row - 1:
                runs[-1][1] = row
            else:
                runs.append([row, row])
        letter = letters(self.column)
        texts = [f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in runs]
        more = f" and {len(texts) - 5} more" if len(texts) > 6 else ""
        return f"{self.sheet}!" + ", ".join(texts[:5] if more else texts) + more if texts else self.sheet


@define(slots=False)
class CellNames:
    """The cells of a document by sheet and column, and how each is called."""

    book: WorkbookRead

    @cached_property
    def columns(self) -> dict[tuple[str, int], list[tuple[int, CellValue]]]:
        """The cells of each column, from the top."""
        columns: dict[tuple[str, int], list[tuple[int, CellValue]]] = {}
        for sheet, rows in self.book.sheets.items():
            for row, cells in rows:
                for cell in cells:
                    columns.setdefault((sheet, column_number(cell.column)), []).append((row, cell))
        return columns

    @cached_property
    def _headers(self) -> dict[str, list[tuple[int, dict[str, str]]]]:
        """The rows of each sheet that hold only texts, and more than one: those of headers are
        among them."""
        return {
            sheet: [
                (row, {c.column: str(c.value) for c in cells})
                for row, cells in rows
                if len(cells) > 1 and all(isinstance(c.value, str) for c in cells)
            ]
            for sheet, rows in self.book.sheets.items()
        }

    def area(self, area: CellRange) -> tuple[tuple[int, CellValue], ...]:
        """The cells of an area of one column that hold something."""
        sheet, column, first, _, last = area
        cells = self.columns.get((sheet, column), [])
        start = bisect_left(cells, first, key=lambda at: at[0])
        return tuple(cells[start : bisect_left(cells, last + 1, key=lambda at: at[0])])

    def row(self, sheet: str, row: int) -> tuple[CellValue, ...]:
        """The cells of a row."""
        rows = self.book.sheets.get(sheet, ())
        at = bisect_left(rows, row, key=lambda one: one[0])
        return rows[at][1] if at < len(rows) and rows[at][0] == row else ()

    def header(self, sheet: str, row: int, column: str) -> str:
        """The header over a cell: what the nearest row of headers above it has in its column."""
        rows = self._headers.get(sheet, [])
        before = rows[: bisect_left(rows, row, key=lambda one: one[0])]
        return next((names[column] for _, names in reversed(before) if column in names), "")

    def name(self, sheet: str, row: int, cell: CellValue) -> str:
        """What a cell is: its header and its row, such as `Federal share of 90ZV0101, FY2012`, or
        the line of a form."""
        cells, header = self.row(sheet, row), self.header(sheet, row, cell.column)
        first = next((c.value for c in cells if c.column == "A"), "")
        if _FORMS.fullmatch(sheet) and len(cells) > 1 and header.startswith(("Amount", "Budget period")):
            return f"line {first}, {cells[1].value}" + ("" if header == "Amount" else f", {header}")
        if header == "USD":
            return str(first)
        if first == "Total":
            return f"total of {header}"
        if sheet == LINES and header:
            return f"{header} of line {first}"
        period = next((c.value for c in cells if self.header(sheet, row, c.column) == "Budget period"), "")
        whose = ", ".join(str(text) for text in (first, period) if isinstance(text, str | int) and text != "")
        return f"{header} of {whose}" if header and whose and cell.column != "A" else header


def added_by(cell: CellValue, sheet: str, names: CellNames) -> tuple[AddedCells, ...] | None:
    """What a formula adds and subtracts, term by term; None for a formula that does something
    else."""
    formula, at, terms = cell.formula.lstrip("="), 0, list[AddedCells]()
    while at < len(formula):
        match = _TERM.match(formula, at)
        if match is None or (at and not match[1]):
            return None
        terms += [*_terms(match, sheet, names)]
        at = match.end()
    return tuple(terms)


def _terms(match: re.Match[str], sheet: str, names: CellNames) -> Iterator[AddedCells]:
    sign, plain, conditional, alone, number = match.groups()
    if conditional:
        added, *tests = conditional.split(",")
        cells, where = _area(added, sheet, names), ""
        for tested, wanted in zip(tests[::2], tests[1::2], strict=False):
            cells, said = _meeting(cells, tested, wanted, sheet, names)
            where += f"{' and' if where else 'where'} {said}"
        yield _added(added, cells, sheet, sign, where)
    for area in (plain or "").split(",") if plain else ():
        yield _added(area, _area(area, sheet, names), sheet, sign)
    if number:
        yield AddedCells(sheet, 1, (), sign == "-", False, constant=Decimal(number))
    if alone:
        yield _added(alone, _area(alone, sheet, names), sheet, sign, alone=True)


def _added(
    text: str, cells: tuple[tuple[int, CellValue], ...], sheet: str, sign: str, where: str = "", *, alone: bool = False
) -> AddedCells:
    where_from, column, *_ = next(precedents(text, sheet))
    return AddedCells(where_from, column, cells, sign == "-", alone, where)


def _area(text: str, sheet: str, names: CellNames) -> tuple[tuple[int, CellValue], ...]:
    return names.area(next(precedents(text, sheet)))


def _meeting(
    cells: tuple[tuple[int, CellValue], ...], tested: str, wanted: str, sheet: str, names: CellNames
) -> tuple[tuple[tuple[int, CellValue], ...], str]:
    """The cells in whose rows the tested column holds what is wanted, or begins with it; and that
    in words."""
    area = next(precedents(tested, sheet))
    wants = next((c.value for _, c in _area(wanted, sheet, names)), None)
    begins = wanted.endswith('&"*"')
    rows = {
        row
        for row, c in names.area(area)
        if c.value == wants or (begins and isinstance(c.value, str) and c.value.startswith(str(wants)))
    }
    header = names.header(area[0], area[2], letters(area[1]))
    return tuple(at for at in cells if at[0] in rows), f"{header} is {wants}"
