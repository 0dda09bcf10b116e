"""Does an issued workbook tell the truth? It is computed again from its inputs and compared cell by cell (law 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen

from grantcalc import html
from grantcalc.errors import shown
from grantcalc.io.cells import Book, Cell, book_of_bytes, open_book
from grantcalc.io.press import book_bytes
from grantcalc.io.reproduce import reproduce

_REFERENCE = re.compile(r"(?:('(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@frozen
class Difference:
    """One cell that does not say what it should: what it says, and what it should say."""

    cell: str
    says: str
    should_say: str

    def __str__(self) -> str:
        return f"{self.cell}: says {self.says}, should say {self.should_say}"


@frozen
class Verdict:
    """What verification found. Nothing in `differences`: the workbook tells the truth."""

    differences: tuple[Difference, ...]
    consequences: tuple[str, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether the workbook tells the truth."""
        return not self.differences

    def _repr_html_(self) -> str:
        lies = html.table(
            "Cells that lie",
            ("Cell", "Says", "Should say"),
            self.differences,
            lambda d: (d.cell, d.says, d.should_say),
            most=500,
        )
        return html.page(
            "The workbook tells the truth." if self else "The workbook does not tell the truth.",
            lies,
            html.table("Formulas that follow from them", ("Cell",), self.consequences, lambda cell: (cell,)),
            *map(html.paragraph, self.notes),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "grantcalc": "verdict",
            "format": 1,
            "true": bool(self),
            "differences": [{"cell": d.cell, "says": d.says, "should_say": d.should_say} for d in self.differences],
            "consequences": list(self.consequences),
            "notes": list(self.notes),
        }


def verify(document: str | Path, inputs: str | Path) -> Verdict:
    """Compute a claim or request again from the inputs in a folder, and compare.

    Each cell that lies is named with what it says and what it should say; formulas that follow from one are its
    consequences. A file whose formulas lost their stored values is one note. `Rejected` when it is no document of
    grantcalc's, or an input is not there.
    """
    actual = open_book(Path(document))
    run, book, _ = reproduce(actual, Path(inputs))
    expected = book_of_bytes(book_bytes(book), actual.file)
    return compare(actual, expected, run.notes)


def compare(actual: Book, expected: Book, notes: list[str]) -> Verdict:
    """Two workbooks cell by cell: the first as found, the second as it should be."""
    says, should = dict(_cells(actual)), dict(_cells(expected))
    lost = [ref for ref, cell in says.items() if cell.formula and cell.value is None]
    formulas = sum(1 for cell in should.values() if cell.formula)
    told = list(notes)
    if lost and len(lost) == formulas:
        told.append("the formulas have lost their stored values: the file was saved by a program that does not compute")
        says = {ref: _as_stored(cell, should.get(ref)) for ref, cell in says.items()}
    wrong = [ref for ref in {**should, **says} if not _same(says.get(ref), should.get(ref))]
    lies = [ref for ref in wrong if not _follows(says.get(ref), should.get(ref))]
    following = _consequences(lies, should)
    lies += [ref for ref in wrong if ref not in lies and ref not in following]
    differences = [Difference(ref, _said(says.get(ref)), _said(should.get(ref))) for ref in sorted(lies, key=_order)]
    for name in actual.hidden:
        if name not in expected.hidden:
            differences.append(Difference(name, "hidden", "shown"))
    following = _consequences([d.cell for d in differences], should)
    return Verdict(tuple(differences), tuple(sorted(following - {*lies}, key=_order)), tuple(told))


def _cells(book: Book) -> Iterator[tuple[str, Cell]]:
    for name, rows in book.sheets.items():
        for _, cells in rows:
            for cell in cells:
                yield f"{name}!{cell.ref}", cell


def _as_stored(cell: Cell, expected: Cell | None) -> Cell:
    """A formula without its value, as if it had the value that it should have: only its text can then lie."""
    return Cell(cell.ref, expected.value, cell.formula) if cell.formula and cell.value is None and expected else cell


def _same(actual: Cell | None, expected: Cell | None) -> bool:
    if actual is None or expected is None:
        return actual is expected
    if _formula(actual) != _formula(expected):
        return False
    if expected.formula and isinstance(actual.value, int | float) and isinstance(expected.value, int | float):
        return round(Decimal(repr(actual.value)), 6) == round(Decimal(repr(expected.value)), 6)  # others sum floats
    return _plain(actual.value) == _plain(expected.value)


def _follows(actual: Cell | None, expected: Cell | None) -> bool:
    """Whether a cell has the right formula and only its value differs: it may follow from another cell."""
    return (
        actual is not None
        and expected is not None
        and bool(expected.formula)
        and _formula(actual) == _formula(expected)
    )


def _formula(cell: Cell) -> str:
    return re.sub(r"[\s$]", "", cell.formula).lstrip("=").upper()


def _plain(value: object) -> object:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value.date() if isinstance(value, datetime) else value


def _consequences(lies: list[str], cells: Mapping[str, Cell]) -> set[str]:
    """The formula cells that reach a lying cell, through any chain of formulas."""
    reached: set[str] = set()
    sources = {
        ref: list(precedents(cell.formula, ref.rpartition("!")[0])) for ref, cell in cells.items() if cell.formula
    }
    changed = {_place(ref) for ref in lies if "!" in ref}
    while changed:
        new = {
            ref
            for ref, areas in sources.items()
            if ref not in reached and any(_inside(place, area) for place in changed for area in areas)
        }
        reached |= new
        changed = {_place(ref) for ref in new}
    return reached - {*lies}


Area = tuple[str, int, int, int, int]
Place = tuple[str, int, int]


def precedents(formula: str, sheet: str) -> Iterator[Area]:
    """The areas that a formula reads: sheet, first column, first row, last column, last row."""
    for match in _REFERENCE.finditer(re.sub(r'"[^"]*"', "", formula)):
        name, column, row, last_column, last_row = match.groups()
        where = name.strip("'").replace("''", "'") if name else sheet
        first = number(column)
        yield where, first, int(row), number(last_column) if last_column else first, int(last_row or row)


def number(letters: str) -> int:
    """A column's number by its letters: A is 1."""
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value


def _place(ref: str) -> Place:
    sheet, _, cell = ref.rpartition("!")
    letters = cell.rstrip("0123456789")
    return sheet, number(letters), int(cell[len(letters) :])


def _inside(place: Place, area: Area) -> bool:
    return place[0] == area[0] and area[1] <= place[1] <= area[3] and area[2] <= place[2] <= area[4]


def _order(ref: str) -> tuple[str, int, int]:
    sheet, column, row = _place(ref)
    return sheet, row, column


def _said(cell: Cell | None) -> str:
    if cell is None:
        return "nothing"
    value = _plain(cell.value)
    text = f"{value:f}" if isinstance(value, Decimal) else shown(value)
    return f"{text} (={cell.formula.lstrip('=')})" if cell.formula else text
