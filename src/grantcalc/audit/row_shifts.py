"""Rows that were put in or taken out of a sheet by a spreadsheet program, which moves all that
stands below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve, frozen

from grantcalc.audit.cell_comparison import comparable
from grantcalc.audit.dependencies import REFERENCE, address_of, sheet_of
from grantcalc.io.intake.cells import CellValue
from grantcalc.xlsx.reader import WorkbookRead
from grantcalc.xlsx.sheets import letters


@frozen
class Move:
    """Rows of a sheet that were taken out at one place (`by` is negative), or put in: a spreadsheet
    program moves the rows below them, and what formulas read."""

    sheet: str
    at: int
    by: int

    def row(self, row: int, last: bool = False) -> int:
        """Where a row is now. An area that began or ended in what was taken out begins after it, or
        ends before it."""
        return row if row < self.at else max(row + self.by, self.at - last)

    def ref(self, ref: str) -> str:
        sheet, column, row = address_of(ref)
        return f"{sheet}!{letters(column)}{self.row(row)}" if sheet == self.sheet else ref

    def taken_out(self, book: WorkbookRead) -> list[CellValue]:
        return [c for row, cells in book.sheets[self.sheet] if self._is_taken(row, self.sheet) for c in cells]

    def _is_taken(self, row: int, sheet: str) -> bool:
        return sheet == self.sheet and self.at <= row < self.at - self.by

    def applied_to(self, book: WorkbookRead) -> WorkbookRead:
        sheets = {}
        for name, rows in book.sheets.items():
            kept = ((row, cells) for row, cells in rows if not self._is_taken(row, name))
            sheets[name] = tuple(
                (self.row(row) if name == self.sheet else row, tuple(self._cell(c, name) for c in cells))
                for row, cells in kept
            )
        return evolve(book, sheets=sheets)

    def _cell(self, cell: CellValue, sheet: str) -> CellValue:
        def reference(match: re.Match[str]) -> str:
            name, column, row, last_column, last = match.groups()
            if sheet_of(name, sheet) != self.sheet:
                return match[0]
            area = f":{last_column}{self.row(int(last), last=True)}" if last else ""
            return (f"{name}!" if name else "") + f"{column}{self.row(int(row))}{area}"

        ref = self.ref(f"{sheet}!{cell.ref}").rpartition("!")[2]
        return CellValue(ref, cell.value, REFERENCE.sub(reference, cell.formula))


def moves(actual: WorkbookRead, expected: WorkbookRead) -> Iterator[Move]:
    """Where a sheet has fewer or more rows than it should: from the first row on that says
    something else."""
    for name, rows in expected.sheets.items():
        actual_rows = actual.sheets.get(name, ())
        if rows and actual_rows and (by := actual_rows[-1][0] - rows[-1][0]):
            pairs = zip(map(_content, rows), map(_content, actual_rows), strict=False)
            at = next((one[0] for one, other in pairs if one != other), min(actual_rows[-1][0], rows[-1][0]) + 1)
            yield Move(name, at, by)


def _content(row: tuple[int, tuple[CellValue, ...]]) -> tuple[int, list[tuple[str, object]]]:
    """The number of a row, and its cells but for formulas: the column of each and what it says."""
    return row[0], [(c.column, comparable(c.value)) for c in row[1] if not c.formula]
