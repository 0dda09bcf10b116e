"""Rows in: the table of a sheet by its layout, with every bad cell as a finding at its address."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from grantcalc.awards import shaped
from grantcalc.errors import Finding, Place, Unknown, shown
from grantcalc.io.cells import Book, Cell, Misread, meaning
from grantcalc.io.layouts import EXAMPLE_MARK, Column, Layout
from grantcalc.provenance import Source


_EXAMPLE = re.compile(rf"{EXAMPLE_MARK}\b")


@define
class Row:
    """One row of a table: what its cells mean by column key, where it was read, and whether a cell of it was bad."""

    source: Source
    values: dict[str, Any]
    columns: dict[str, str]
    bad: bool = False

    def get(self, key: str) -> Any:
        """The value of a column, or None where the cell is empty."""
        return self.values.get(key)

    def finding(self, key: str, cause: str, problem: str, expected: str = "", found: object = None) -> Finding:
        """A finding at one cell of this row."""
        return self.source.finding(cause, problem, expected, found, column=self.columns.get(key, ""))


@define
class Tables:
    """A workbook with the findings gathered while its tables are read."""

    book: Book
    findings: list[Finding] = field(factory=list)
    unknown: dict[str, set[str]] = field(factory=dict)
    """Columns that have a finding at their header already: what stands under them says nothing more."""

    def has(self, layout: Layout) -> bool:
        return self._sheet(layout) is not None

    def rows(self, layout: Layout) -> Iterator[Row]:
        """The rows of a sheet that hold anything; rows marked as examples say nothing. Findings are gathered."""
        name = self._sheet(layout)
        if name is None:
            if layout.required:
                self._missing_sheet(layout)
            return
        rows = self.book.sheets[name]
        header = next(((n, cells) for n, cells in rows if _known_headers(cells, layout) * 2 >= len(cells)), None)
        if header is None:
            if rows or layout.required:
                place = Place(self.book.file, name, "A1")
                wanted = ", ".join(c.header for c in layout.columns if c.required)
                self.findings.append(Finding(place, "no_header", "this sheet has no row of headers", wanted))
            return
        columns = self._columns(header, layout, name)
        seen_header = False
        for number, cells in rows:
            if number == header[0]:
                seen_header = True
            elif seen_header and not _EXAMPLE.match(str(cells[0].value)):
                row = self._row(number, cells, columns, name)
                if row is not None:
                    yield row

    def _sheet(self, layout: Layout) -> str | None:
        wanted = _plain(layout.sheet)
        return next((name for name in self.book.sheets if _plain(name) == wanted), None)

    def _missing_sheet(self, layout: Layout) -> None:
        near = difflib.get_close_matches(_plain(layout.sheet), [_plain(n) for n in self.book.sheets], n=1, cutoff=0.75)
        hint = next((n for n in self.book.sheets if near and _plain(n) == near[0]), "")
        problem = f"there is no sheet {layout.sheet}" + (
            f"; is it sheet {list(self.book.sheets).index(hint) + 1}?" if hint else ""
        )
        self.findings.append(Finding(Place(self.book.file), "no_sheet", problem, f"a sheet named {layout.sheet}"))

    def _columns(self, header: tuple[int, tuple[Cell, ...]], layout: Layout, name: str) -> dict[str, Column]:
        by_header = {_plain(c.header): c for c in layout.columns}
        found: dict[str, Column] = {}
        for cell in header[1]:
            column = by_header.get(_plain(str(cell.value)))
            place = Place(self.book.file, name, cell.ref)
            if column is None:
                self.unknown.setdefault(name, set()).add(cell.column)
                near = difflib.get_close_matches(_plain(str(cell.value)), list(by_header), n=1, cutoff=0.7)
                hint = f"; did you mean {by_header[near[0]].header}?" if near else ""
                text = shown(str(cell.value)) + hint
                wanted = "one of " + ", ".join(c.header for c in layout.columns)
                self.findings.append(Finding(place, "unknown_column", "this column is not known", wanted, text))
            elif column in found.values():
                self.findings.append(
                    Finding(place, "column_twice", "this column stands twice", f"one column {column.header}")
                )
            else:
                found[cell.column] = column
        for column in layout.columns:
            if column.required and column not in found.values():
                place = Place(self.book.file, name, f"A{header[0]}")
                self.findings.append(
                    Finding(
                        place, "no_column", f"there is no column {column.header}", f"a column headed {column.header}"
                    )
                )
        return found

    def _row(self, number: int, cells: tuple[Cell, ...], columns: dict[str, Column], name: str) -> Row | None:
        row = Row(Source(self.book.file, name, number), {}, {c.key: letters for letters, c in columns.items()})
        held = {cell.column: cell for cell in cells}
        count = len(self.findings)
        for letters, cell in held.items():
            column = columns.get(letters)
            if column is None:
                if cell.value not in (None, "") and letters not in self.unknown.get(name, ()):
                    place = Place(self.book.file, name, cell.ref)
                    self.findings.append(
                        Finding(
                            place, "outside_table", "this cell stands outside the table", "nothing", shown(cell.value)
                        )
                    )
                continue
            value = None
            try:
                value = meaning(cell, column)
                if value is not None and column.shape:
                    shaped(column.shape, value)  # type: ignore[arg-type]  # columns with a shape are text
            except Misread as wrong:
                place = Place(self.book.file, name, cell.ref)
                self.findings.append(Finding(place, wrong.cause, wrong.problem, wrong.expected, wrong.found))
            except Unknown as wrong_shape:
                place = Place(self.book.file, name, cell.ref)
                problem = f"this does not have the shape of a {column.shape}"
                self.findings.append(Finding(place, "shape", problem, wrong_shape.expected, shown(str(value))))
            else:
                if value is not None:
                    row.values[column.key] = value
        if not row.values and len(self.findings) == count:
            return None
        bad = {f.place.cell for f in self.findings[count:]}
        for letters, column in columns.items():
            if column.required and column.key not in row.values and f"{letters}{number}" not in bad:
                place = Place(self.book.file, name, f"{letters}{number}")
                self.findings.append(
                    Finding(place, "empty", f"{column.header} must not be empty", column.note.rstrip("."))
                )
        row.bad = len(self.findings) > count
        return row


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _known_headers(cells: tuple[Cell, ...], layout: Layout) -> int:
    wanted = {_plain(c.header) for c in layout.columns}
    return len({_plain(str(c.value)) for c in cells} & wanted)
