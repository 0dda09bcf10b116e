"""The cells of a claim workbook, read by the headers of its tables; wrong cells become findings of
their sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from grantcalc.errors import Finding, Inexact, Place, shown
from grantcalc.io.intake.cells import CellValue, WorkbookRead
from grantcalc.money import dollars, whole_cents


class ClaimRecord(Mapping[str, CellValue]):
    """One row of a table by its headers; wrong cells become findings of its sheet."""

    def __init__(self, sheet: ClaimSheet, number: int, cells: dict[str, CellValue], columns: dict[str, str]) -> None:
        self.sheet, self.number, self.cells, self.columns = sheet, number, cells, columns

    def __getitem__(self, header: str) -> CellValue:
        return self.cells[header]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def value(self, header: str) -> Any:
        cell = self.cells.get(header)
        value = cell.value if cell else None
        return value.strip() if isinstance(value, str) else value

    def wrong(self, header: str, problem: str, expected: str, found: object = "") -> None:
        place = Place(self.sheet.book.file, self.sheet.name, f"{self.columns.get(header, '')}{self.number}")
        echo = str(found) if isinstance(found, Decimal) else shown(found)
        self.sheet.findings.append(place.finding("claim", problem, expected, echo))

    def text(self, header: str) -> str:
        value = self.value(header)
        return "" if value is None else str(value)

    def day(self, header: str) -> date:
        value = self.value(header)
        if isinstance(value, datetime):
            return value.date()
        self.wrong(header, "this is not a date", "a date", value)
        return date.min

    def integer(self, header: str) -> int:
        value = self.value(header)
        if value is None:
            return 0
        if type(value) in (int, float) and isfinite(value) and value == int(value):
            return int(value)
        self.wrong(header, "this is not a whole number", "a whole number", value)
        return 0

    def number_(self, header: str) -> Decimal:
        value = self.value(header)
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return Decimal(int(value)) if value == int(value) else Decimal(repr(value))  # 600.0 is saved again as 600
        self.wrong(header, "this is not a number", "a number", value)
        return Decimal(0)

    def cents(self, header: str) -> int:
        number = self.number_(header)
        try:
            return whole_cents(number)
        except Inexact:
            self.wrong(header, "this amount is not in whole cents", "whole cents", number)
            return 0


class ClaimSheet:
    """One sheet of a claim workbook, with the findings gathered while it is read."""

    def __init__(self, book: WorkbookRead, name: str) -> None:
        self.book, self.name = book, name
        self.rows = book.sheets.get(name, ())
        self.findings: list[Finding] = []
        self.total: ClaimRecord | None = None

    def table(self, *headers: str) -> list[ClaimRecord]:
        """The rows under the first row that has all these headers, to the next gap or its row of
        totals."""
        start = next((i for i, (_, cells) in enumerate(self.rows) if {*headers} <= {str(c.value) for c in cells}), None)
        if start is None:
            place = Place(self.book.file, self.name)
            self.findings.append(
                place.finding("claim", "this sheet lacks a table", "one with the columns " + ", ".join(headers))
            )
            return []
        self.total = None
        number, header = self.rows[start]
        columns = {cell.column: str(cell.value) for cell in header}
        records: list[ClaimRecord] = []
        for at, cells in self.rows[start + 1 :]:
            by_header = {columns[c.column]: c for c in cells if c.column in columns}
            record = ClaimRecord(self, at, by_header, {h: letters for letters, h in columns.items()})
            if cells[0].value == "Total":
                self.total = record
            if self.total or at != number + 1:
                break
            number = at
            records.append(record)
        return records

    def has(self, header: str) -> bool:
        """Whether a table with this header is there."""
        return any(cell.value == header for _, cells in self.rows for cell in cells)

    def check_total(self, header: str, cents: int) -> None:
        """The total under the table read last is the sum of its rows, unless its value was lost."""
        if self.total is None:
            place = Place(self.book.file, self.name)
            self.findings.append(place.finding("claim", "the rows break off before their total", "a row of totals"))
        elif self.total.value(header) is not None and self.total.cents(header) != cents:
            value = self.total.number_(header)
            self.total.wrong(header, "this total does not follow from its rows", str(dollars(cents)), value)

    def pairs(self) -> Iterator[tuple[CellValue, CellValue]]:
        """The label and value of each row of the cover, up to the first gap."""
        previous = self.rows[0][0] if self.rows else 0
        for at, cells in self.rows:
            if at > previous + 1:
                return
            previous = at
            if len(cells) == 2:
                yield cells[0], cells[1]

    def paragraph(self) -> str:
        """The text under the title, if there is one."""
        if len(self.rows) > 1 and len(self.rows[1][1]) == 1:
            return str(self.rows[1][1][0].value)
        return ""
