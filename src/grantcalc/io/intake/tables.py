"""Rows in: the table of a sheet by its layout, with every bad cell as a finding at its address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from attrs import define, field

from grantcalc.errors import Finding, Place, WorkbookRejected, refuse, shown
from grantcalc.io.intake.cells import CellValue, Misread, WorkbookRead
from grantcalc.io.intake.unread import (
    alike,
    besides,
    header_row,
    is_total,
    misnamed,
    nearly_named,
    passed_over,
    titles_of,
    within,
)
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import EXAMPLE_MARK, Column, SheetSchema, header_key
from grantcalc.provenance import Source
from grantcalc.xlsx.cell_values import MovedCell
from grantcalc.xlsx.formats import moment
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.reader import warn
from grantcalc.xlsx.sheets import letters as lettered

T = TypeVar("T")

_RECALCULATED = "a recalculated value: open the workbook in a spreadsheet program, recalculate and save"
_EXAMPLE = re.compile(rf"{EXAMPLE_MARK}\b")


@define
class TableRow:
    """One row of a table: what its cells mean by column key, where it was read, and whether a cell of it was bad."""

    source: Source
    values: dict[str, Any]
    bad: bool = False

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a column, or `default` where the cell is empty."""
        return self.values.get(key, default)

    def make(self, kind: Callable[..., T], *without: str, **facts: object) -> T:
        """The value that this row says: its columns are the fields of their keys, but for those that it is made
        `without`. `facts` are fields that a column does not say as they are; `days` and `period` stand for the columns
        start and end."""
        covered = {*without, *(("start", "end") if {"days", "period"} & facts.keys() else ())}
        said = {key: value for key, value in self.values.items() if key not in covered}
        return kind(**{**said, **facts, "source": self.source})

    def finding(self, key: str, cause: str, problem: str, expected: str = "", found: object = None) -> Finding:
        """A finding at one cell of this row."""
        return self.source.finding(cause, problem, expected, found, column=key)


@define
class SheetTables:
    """A workbook with the findings gathered while its tables are read."""

    book: WorkbookRead
    findings: list[Finding] = field(factory=list)
    unknown: dict[str, set[str]] = field(factory=dict)
    """Columns that have a finding at their header already: what stands under them says nothing more."""
    listed: dict[str, set[Any]] = field(factory=dict)
    """What stands in the first column of each sheet read, None where it could not be read: what rows may refer to."""
    bad_rows: dict[str, list[TableRow]] = field(factory=dict)
    """The rows of each sheet, by its name in the file, that say more than could be read."""

    def __attrs_post_init__(self) -> None:
        warn(besides(self.book))
        self.findings += passed_over(self.book)

    def add(self, row: TableRow, key: str, cause: str, problem: str, expected: str, found: object = None) -> None:
        """A finding at one cell of a row."""
        self.findings.append(row.finding(key, cause, problem, expected, found))

    def spoil(self, row: TableRow) -> None:
        """A row says more than could be read."""
        row.bad = True
        self.bad_rows.setdefault(row.source.sheet, []).append(row)

    def incomplete(self, layout: SheetSchema) -> bool:
        """Whether a sheet says more than could be read."""
        name = self._sheet(layout) or ""
        return self.book.titles.get(name, name) in self.bad_rows or None in self.listed.get(layout.sheet, ())

    def refuse(self) -> None:
        """Refuse the workbook with every finding, if any of them is an error."""
        refuse(self.in_order(), WorkbookRejected)

    def whole(self, value: T) -> T:
        """What a workbook says, where all of it could be read; else it is refused with every finding."""
        self.refuse()
        return value

    def in_order(self) -> list[Finding]:
        """Every finding, once each, in the order of the sheets, rows and columns."""
        sheets = titles_of(self.book)

        def order(finding: Finding) -> tuple[int, int, int, str]:
            place = finding.place
            row = place.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            letters = place.cell.removesuffix(row)
            return sheets.index(place.sheet) if place.sheet in sheets else -1, int(row or 0), len(letters), letters

        return sorted(dict.fromkeys(self.findings), key=order)

    def has(self, layout: SheetSchema) -> bool:
        return self._sheet(layout) is not None

    def refers(self, row: TableRow, key: str, problem: str, expected: str, *layouts: SheetSchema) -> bool:
        """Whether a cell names a row of these sheets, read before. If not that is a finding, except where the row that
        it names may be one that could not be read, and has its own finding."""
        ids = set[Any]().union(*(self.listed.get(layout.sheet, ()) for layout in layouts))
        if row.get(key) in ids:
            return True
        if not any(self.has(layout) for layout in layouts):
            self._no_sheet(layouts[0])
        elif None not in ids and row.get(key) is not None:
            self.add(row, key, "reference", problem, expected)
        return False

    def distinct(self, layout: SheetSchema) -> Iterator[TableRow]:
        """The rows of a sheet; one whose first column repeats an earlier one is a finding, and says nothing."""
        key, header, seen = layout.columns[0].key, layout.columns[0].header, set[Any]()
        what = header if header.isupper() else header.lower()
        for row in self.rows(layout):
            if row.get(key) in seen and not row.bad:
                self.add(row, key, "twice", f"this {what} is listed twice", "one row each")
                continue
            seen.add(row.get(key))
            yield row

    def rows(self, layout: SheetSchema) -> Iterator[TableRow]:
        """The rows of a sheet that hold anything; rows marked as examples say nothing. Findings are gathered."""
        name, first, listed = self._sheet(layout), layout.columns[0], self.listed.setdefault(layout.sheet, set())
        self._strangers(layout, name)
        if name is None:
            values = self.book.values.get(layout.sheet, {})
            if values:  # the layout says what the sheet would
                yield TableRow(Source(self.book.layout[0], layout.sheet), dict(values))
            return
        rows, values = self.book.sheets[name], self.book.values.get(name, {})
        name = self.book.titles.get(name, name)
        header = header_row(rows, layout)
        if header is None:
            listed.add(None)
            if rows or layout.required:
                wanted = ", ".join(c.header for c in layout.columns if c.required)
                self._at(name, "A1", "no_header", "this sheet has no row of headers", wanted)
            return
        columns = self._columns(header, layout, name, values)
        places = {columns[cell.column].key: _home(cell) for cell in header[1] if cell.column in columns}
        self._merged(name, header[0], columns)
        above = [cells[0].ref for number, cells in rows if number < header[0] and len(cells) > 1]  # one is a title
        if above:
            problem, found = "there are rows above the headers", f"{len(above)} row{'s' * (len(above) > 1)}"
            self._at(name, above[0], "above_headers", problem, "all rows below them", found)
        for number, cells in rows:
            if number > header[0] and not _EXAMPLE.match(str(cells[0].value)):
                moved = {columns[c.column].key: c.ref for c in cells if type(c) is MovedCell and c.column in columns}
                source = Source(self.book.file, name, number, {**places, **moved} if moved else places)
                row = self._row(source, cells, columns, layout, values)
                if row is not None:
                    if row.bad or first.required or first.key in row.values:
                        listed.add(row.get(first.key))
                    if row.bad:
                        self.spoil(row)
                    yield row

    def _merged(self, name: str, header: int, columns: Mapping[str, Column]) -> None:
        """Merged cells in a table: all but one of them are empty, though they do not look it."""
        for top, left, bottom, right in self.book.merged.get(self.book.titles.get(name, name), ()):
            if bottom > header and any(left <= column_number(name) <= right for name in columns):
                found = f"{lettered(left)}{top} to {lettered(right)}{bottom}"
                problem, wanted = "cells of this table are merged", "a cell for each row and column"
                self._at(name, f"{lettered(left)}{top}", "merged", problem, wanted, found)

    def _at(self, sheet: str, ref: str, cause: str, problem: str, expected: str, found: str = "") -> None:
        other, _, cell = ref.rpartition("!")  # a cell that a layout brings from another sheet
        self.findings.append(Place(self.book.file, other or sheet, cell).finding(cause, problem, expected, found))

    def _sheet(self, layout: SheetSchema) -> str | None:
        return next((name for name in self.book.sheets if header_key(name) == header_key(layout.sheet)), None)

    def _strangers(self, layout: SheetSchema, name: str | None) -> None:
        """A sheet that must be there and is not; and one that nobody reads, though its name is nearly a known one, or
        the same as that of another."""
        near = nearly_named(self.book, layout)
        self.findings += misnamed(self.book, layout)
        if name is None and (near or layout.required):
            self.listed[layout.sheet] = {None}
        if name is None and layout.required and not near and layout.sheet not in self.book.values:
            self._no_sheet(layout)

    def _no_sheet(self, layout: SheetSchema) -> None:
        self._at("", "", "no_sheet", f"there is no sheet {layout.sheet}", f"a sheet named {layout.sheet}")

    def _columns(
        self, header: tuple[int, tuple[CellValue, ...]], layout: SheetSchema, name: str, values: Mapping[str, object]
    ) -> dict[str, Column]:
        named = layout.named
        columns: dict[str, Column] = {}
        hinted: list[Column] = []
        for cell in header[1]:
            if self._stale(cell, name):
                self.unknown.setdefault(name, set()).add(cell.column)
            column = named.get(header_key(str(cell.value)))
            if column is None:
                self.unknown.setdefault(name, set()).add(cell.column)
                near = [named[n] for n in alike(header_key(str(cell.value)), list(named), 0.7)]
                hinted += near
                wanted = "one of " + ", ".join(c.header for c in layout.columns)
                wanted += "" if near else ", or a layout that ignores it"
                hint = shown(str(cell.value)) + (f"; did you mean {near[0].header}?" if near else "")
                self._at(name, cell.ref, "unknown_column", "this column is not known", wanted, hint)
            elif column in columns.values():
                other = next(_home(c) for c in header[1] if columns.get(c.column) is column)
                also, wanted = f"{column.header} in column {other} already", f"one column {column.header}"
                self._at(name, cell.ref, "column_twice", "this column appears twice", wanted, also)
            elif column.key in values:
                problem, said = "the layout gives one value for this column", f"no value of {column.header} there"
                self._at(name, cell.ref, "column_twice", problem, f"{said}, or no such column")
            else:
                columns[cell.column] = column
        for column in layout.columns:
            if column.required and column not in (*columns.values(), *hinted) and column.key not in values:
                wanted = f"a column headed {column.header}"
                self._at(name, f"A{header[0]}", "no_column", f"there is no column {column.header}", wanted)
        return columns

    def _row(
        self,
        source: Source,
        cells: tuple[CellValue, ...],
        columns: dict[str, Column],
        layout: SheetSchema,
        values: Mapping[str, object],
    ) -> TableRow | None:
        row, name, count = TableRow(source, {}), source.sheet, len(self.findings)
        for cell in cells:
            column = columns.get(cell.column)
            if column is not None:
                self._cell(cell, column, row, name)
            elif cell.value not in (None, "") and cell.column not in self.unknown.get(name, ()):
                found = shown(cell.value)
                self._at(name, cell.ref, "outside_table", "this cell is outside the table", "nothing", found)
        if not row.values and len(self.findings) == count:
            return None
        missing = any(c.required and c.key not in row.values for c in columns.values())
        if missing and is_total(cells, columns):
            del self.findings[count:]
            problem, wanted = "this looks like a row of totals", "rows of single entries: take the totals out"
            self._at(name, cells[0].ref, "totals", problem, wanted)
            row.bad = True
            return row
        bad = {f.place.cell for f in self.findings[count:]}
        for column in columns.values():
            place = source.place(column.key)
            if column.required and column.key not in row.values and place.cell not in bad:
                problem = f"{column.header} must not be empty"
                self.findings.append(place.finding("empty", problem, within(column.note)))
        row.values.update(values)
        known = source.columns.keys() | values.keys()
        row.bad = len(self.findings) > count or any(c.required and c.key not in known for c in layout.columns)
        return row

    def _cell(self, cell: CellValue, column: Column, row: TableRow, name: str) -> None:
        """What one cell says, into its row; or a finding."""
        if self._stale(cell, name):
            return
        try:
            value = worth(cell, column, text=self.book.text)
        except Misread as wrong:
            if wrong.cause == "serial":
                wrong.found += f", which may be {moment(int(wrong.found), 'date', self.book.from_1904):%Y-%m-%d}"
            self._at(name, cell.ref, wrong.cause, wrong.problem, wrong.expected, wrong.found)
            return
        if value is not None:
            row.values[column.key] = value

    def _stale(self, cell: CellValue, name: str) -> bool:
        """Whether a cell is a formula whose stored value the workbook declares out of date. That is a finding."""
        if stale := self.book.stale and bool(cell.formula) and cell.value is not None:
            problem = "the stored value of this formula is out of date, as the workbook says"
            self._at(name, cell.ref, "stale", problem, _RECALCULATED, "a formula")
        return stale


def _home(cell: CellValue) -> str:
    """The letters of the column that a header has in the file."""
    return cell.ref.rpartition("!")[2].rstrip("0123456789")
