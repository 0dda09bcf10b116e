"""One sheet in: where each cell stands, what it holds, and what of it is not seen.

A sheet is read in one pass, formulas and stored values together, in whatever order it stands in the
file; what the file says of its own size is not asked (ECMA-376, part 1, 18.3.1).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import TypeAlias

from grantcalc.xlsx.cell_values import TOO_MUCH, CellValue, Contents, Doubt, number
from grantcalc.xlsx.formats import PLAIN, Look
from grantcalc.xlsx.formulas import column_number, moved
from grantcalc.xlsx.grammar import Attributes, Node, parse
from grantcalc.xlsx.parts import COLUMN, ROW, is_slight, texts
from grantcalc.xlsx.scan import Package
from grantcalc.xlsx.sheets import letters

SheetRows: TypeAlias = tuple[tuple[int, tuple[CellValue, ...]], ...]
CellArea: TypeAlias = tuple[int, int, int, int]
"""First row and column, last row and column."""

TOO_MANY = "this workbook has too many cells"
EMPTY = re.compile(rb'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,9}")? ?/>)+(?=<c r="|</row>)')
"""Cells that have a format and hold nothing, of which a formatted column has a million."""
GRID = "a cell of the grid, A1 to XFD1048576"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Columns(dict[str, int]):
    """The number of each column by its letters, worked out once; 0 for letters outside the grid."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __missing__(self, name: str) -> int:
        if not re.fullmatch("[A-Z]{1,3}", name) or (number := column_number(name)) > self.most:
            return 0
        self[name] = number
        return number


class Worksheet:
    """A sheet while it is read."""

    def __init__(self, package: Package, title: str, contents: Contents) -> None:
        self.package, self.title, self.contents, self.counter = package, title, contents, contents.counter
        self.looks = contents.looks
        self.report = package.report
        self.limits = self.report.limits
        self.columns = Columns(self.limits.columns)
        self.rows: dict[int, tuple[CellValue, ...]] = {}
        self.merged: list[CellArea] = []
        self.hidden: list[range] = []
        self.masters: dict[str, tuple[str, int, int]] = {}
        self.parts = 0
        # of the row that is being read: its number and as text, its cells by column, the last
        # column
        self.number, self.tail, self.row, self.column = 0, "", dict[int, CellValue](), 0
        self.row_hidden, self.in_order = False, True
        # of the cell that is being read
        self.cell, self.sharing = Attributes(), Attributes()
        self.text: str | None = None
        self.formula: str | None = None
        self.inline: str | None = None
        self.twice = self.strange = False

    def read(self, part: str) -> tuple[SheetRows, tuple[CellArea, ...]]:
        """The rows that hold anything, from top to bottom, and the areas that are merged."""
        before, most = self.counter.counts["cells"], self.limits.cells
        if before + self.package.count(part, b"</v>", b"</is>") > most:
            self.report.refuse("cells", TOO_MANY, f"at most {most:,}")  # at once, and not when they are in memory
        parse(self.package, part, self._grammar(), EMPTY)
        if not self.parts:
            self._add("", "no_cells", "this sheet has no place for cells", "a sheet as a spreadsheet program saves it")
        rows: SheetRows = tuple(sorted(self.rows.items()))
        self._note_unseen(rows)
        return rows, tuple(self.merged)

    def _grammar(self) -> Node:
        stranger, passed = Node(self._stranger), Node()
        inline = texts(self._run)
        inline.begin = self._inline_begins
        inside = {"v": Node(None, self._value), "f": Node(self._shared, self._formula), "is": inline, "extLst": passed}
        cell = Node(self._cell_begins, None, self._cell_ends, Node(self._strange), **inside)
        row = Node(self._row_begins, None, self._row_ends, stranger, c=cell, extLst=passed)
        data = Node(self._data_begins, None, None, stranger, row=row)
        merges = Node(mergeCell=Node(self._merge))
        return Node(worksheet=Node(sheetData=data, cols=Node(col=Node(self._column)), mergeCells=merges))

    def _add(self, ref: str, cause: str, problem: str, expected: str, found: str = "") -> None:
        self.report.add(self.title, ref, cause, problem, expected, found)

    # --- rows ---

    def _data_begins(self, a: Attributes) -> None:
        self.parts += 1

    def _stranger(self, a: Attributes) -> None:
        self._add("", "stranger", "this sheet has something other than cells among its cells", "rows of cells")

    def _row_begins(self, a: Attributes) -> None:
        text = a.get("r")
        number = self.number + 1 if text is None else int(text) if re.fullmatch("[1-9][0-9]{0,6}", text) else 0
        if not 1 <= number <= self.limits.rows:
            found = f"a number of {len(text or '')} digits" if text and text.isdigit() else ""
            self._add("", "row_number", "a row of this sheet is outside the grid", GRID, found)
            number = 0
        self.number, self.tail, self.column, self.in_order = number, str(number), 0, True
        self.row_hidden = a.get("hidden") in ("1", "true") or is_slight(a.get("ht"), ROW)
        self.row = {column_number(c.column): c for c in self.rows.pop(number, ())}

    def _row_ends(self) -> None:
        if not self.row:
            return
        self.counter.add("cells", len(self.row), self.limits.cells, TOO_MANY)
        ordered = self.row.values() if self.in_order else [self.row[column] for column in sorted(self.row)]
        self.rows[self.number] = cells = tuple(ordered)
        if self.row_hidden:
            self.report.note(self.title, cells[0].ref, "hidden_row", "this row is hidden, and is read as the others")

    # --- cells ---

    def _cell_begins(self, a: Attributes) -> None:
        self.cell, self.text, self.formula, self.inline, self.twice, self.strange = a, None, None, None, False, False

    def _strange(self, a: Attributes) -> None:
        self.strange = True

    def _value(self, text: str) -> None:
        self.twice |= self.text is not None
        self.text = text

    def _inline_begins(self, a: Attributes) -> None:
        self.twice |= self.inline is not None
        self.inline = ""

    def _run(self, text: str) -> None:
        self.inline = (self.inline or "") + text

    def _shared(self, a: Attributes) -> None:
        self.sharing = a

    def _formula(self, text: str) -> None:
        self.twice |= self.formula is not None
        self.formula = text

    def _cell_ends(self) -> None:
        a, text, formula, inline = self.cell, self.text, self.formula, self.inline
        ref = a.get("r", "")
        if not ref.endswith(self.tail) or not (column := self.columns[ref[: -len(self.tail)]]) or not self.number:
            ref, column = self._placed(ref)
            if not column:
                return
        if column <= self.column:
            self.in_order = False
        self.column = column
        if self.strange:
            expected = "a value, a formula or a text, as a spreadsheet program writes it"
            self._add(ref, "strange_cell", "this cell holds something that is no value", expected)
            return
        if text is None and formula is None and inline is None and a.get("t") != "e":
            return
        if column in self.row or self.twice:
            self._add(ref, "cell_twice", "this cell appears twice in the file", "one cell each")
            return
        look = self.looks.get(a.get("s")) or self._look(ref, a.get("s"))
        value = self._content(a.get("t", "n"), text, inline, look)
        if look is not PLAIN and look.hidden(value):
            self.report.note(self.title, ref, "hidden_value", "the format of this cell hides what it holds")
        if formula is not None:
            self.row[column] = CellValue(ref, value, self._written(formula, column), look)
        elif value is not None:
            self.row[column] = CellValue(ref, value, "", look)

    def _look(self, ref: str, style: str | None) -> Look:
        """What a cell looks like without a style, or with one that the workbook does not list."""
        if style is not None and self.looks:
            problem = "this cell has a style that the workbook does not list: its value is read as it is stored"
            self.report.note(self.title, ref, "style", problem)
        return self.looks.get("0", PLAIN)

    def _placed(self, ref: str) -> tuple[str, int]:
        """Where a cell stands that has no reference of its own, or a strange one; column 0 if
        nowhere."""
        if not self.number:
            return "", 0  # its row is told already
        if not ref and self.column < self.limits.columns:
            return letters(self.column + 1) + self.tail, self.column + 1
        match = _REFERENCE.fullmatch(ref)
        if match and self.columns[match[1]] and int(match[2]) <= self.limits.rows:
            self._add(ref, "wrong_row", f"this cell stands in row {self.number} of the file", f"row {match[2]}")
        else:
            self._add(f"A{self.tail}", "outside_grid", "a cell of this row is outside the grid", GRID)
        return "", 0

    def _content(self, kind: str, text: str | None, inline: str | None, look: Look) -> object:
        if inline is not None or kind == "inlineStr":
            if inline is None or text is not None or kind != "inlineStr":
                return Doubt("two_contents", "this cell states one type and holds another")
            return self.contents.once(inline)
        if text:
            return number(text) if kind == "n" and look is PLAIN else self.contents.value(kind, text, look)
        if kind == "e":
            return Doubt("empty_error", "this cell shows an error, and does not say which")
        return "" if text is not None and kind == "str" else None  # calculated, and found to be empty

    def _written(self, text: str, column: int) -> str:
        """The formula of a cell, written out where it shares another's."""
        a, kind = self.sharing, self.sharing.get("t")
        if kind == "dataTable":
            text = f"TABLE({a.get('r1', '')},{a.get('r2', '')})"
        elif kind == "shared" and text:
            self.masters[a.get("si", "")] = text, self.number, column
        elif kind == "shared" and a.get("si", "") in self.masters:
            text, row, first = self.masters[a.get("si", "")]
            text = moved(text, self.number - row, column - first)
        self.counter.add("characters", len(text), self.limits.characters, TOO_MUCH)
        return "=" + text

    # --- what is not seen ---

    def _column(self, a: Attributes) -> None:
        first, last = (int(v) if re.fullmatch("[0-9]{1,5}", v := a.get(k, "")) else 0 for k in ("min", "max"))
        if a.get("hidden") in ("1", "true") or is_slight(a.get("width"), COLUMN):
            self.hidden.append(range(first, min(last, self.limits.columns) + 1))

    def _merge(self, a: Attributes) -> None:
        corners = [_REFERENCE.fullmatch(corner) for corner in a.get("ref", "").split(":")]
        places = [(int(c[2]), self.columns[c[1]]) for c in corners if c]
        if len(places) != 2 or not all(0 < row <= self.limits.rows and column for row, column in places):
            self._add("", "merge", "a merge of this sheet is outside the grid", GRID)
            return
        (top, left), (bottom, right) = places
        self.merged.append((top, left, bottom, right))

    def _note_unseen(self, rows: SheetRows) -> None:
        """Cells under a merge, and in hidden columns."""
        numbers, most = [number for number, _ in rows] if self.merged else [], self.limits.merged
        before = [*accumulate((len(cells) for _, cells in rows), initial=0)] if self.merged else []
        for top, left, bottom, right in self.merged:
            first, end = bisect_left(numbers, top), bisect_left(numbers, bottom + 1)
            self.counter.counts["merged"] += before[end] - before[first] + 1
            if self.counter.counts["merged"] > most:
                problem, expected = "this sheet has too many merged areas", f"at most {most:,} cells in their rows"
                self.report.refuse("merged", problem, expected, f"more in rows {top:,} to {bottom:,}", self.title)
            for row, cells in rows[first:end]:
                for cell in cells:
                    column = column_number(cell.column)
                    if left <= column <= right and (row, column) != (top, left):
                        self.report.note(self.title, cell.ref, "under_merge", "this cell is hidden under merged cells")
        for cell in self._first_of_columns(rows) if self.hidden else ():
            self.report.note(self.title, cell.ref, "hidden_column", "this column is hidden, and is read as the others")

    def _first_of_columns(self, rows: SheetRows) -> Iterator[CellValue]:
        """The first cell of each hidden column that holds any."""
        seen = set[str]()
        for _, cells in rows:
            for cell in cells:
                if cell.column not in seen:
                    seen.add(cell.column)
                    number = column_number(cell.column)
                    if any(number in columns for columns in self.hidden):
                        yield cell
