"""Does an issued workbook tell the truth? It is computed again from its inputs and compared cell by cell (law 8)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from itertools import starmap
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from grantcalc import html
from grantcalc.errors import shown
from grantcalc.io.appearance import unseen
from grantcalc.io.cells import Book, Cell, book_of_bytes, open_book
from grantcalc.io.claimbook import LINES, version_here
from grantcalc.io.linefile import check_line_file
from grantcalc.io.package import DIGEST
from grantcalc.io.press import book_bytes
from grantcalc.io.reproduce import Run, reproduce
from grantcalc.io.scan import ISSUED
from grantcalc.io.sheets import letters

_PRIVATE = ("Participant", "Reference", "Source")
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
    actual = open_book(Path(document), ISSUED)
    run, expected, made = _again(actual, Path(inputs), as_stated=True)
    issued = _digest(expected) == _digest(actual)
    if run.moved and not issued:  # perhaps the document was issued with the names and digests that the folder has
        other_run, other, other_made = _again(actual, Path(inputs), as_stated=False)
        if issued := _digest(other) == _digest(actual):
            run, expected, made = other_run, other, other_made
        else:
            run.notes.append("the names and digests of inputs on the Sources sheet could not be checked")
    if run.version and not issued:
        run.notes.append(f"made by another version of grantcalc than this one, which is {version_here()}")
    if not _digest(actual):
        run.notes.append(
            "the digest of the parts is not stated any more: the file was saved by a program that drops it"
        )
    lied, unread = check_line_file(expected, Path(document), Path(inputs))
    verdict = compare(actual, expected, () if issued else (run.version,), (*run.notes, *unread))
    lies = [
        *starmap(Difference, lied),
        *starmap(Difference, unseen(Path(document).read_bytes(), made, _alike(actual, expected))),
    ]
    if _digest(actual) and not (issued or run.moved or run.version):
        digest = _digest(actual)
        says = digest if re.fullmatch("[0-9a-f]{64}", digest) else shown(digest)
        lies.append(Difference(f"the property {DIGEST}", says, _digest(expected)))
    return evolve(verdict, differences=(*verdict.differences, *lies))


def _alike(actual: Book, expected: Book) -> dict[str, object]:
    """What each cell says that says the same in both workbooks."""
    should = dict(_cells(expected))
    return {
        ref: should[ref].value
        for ref, cell in _cells(actual)
        if ref in should and (cell.formula or _same(cell, should[ref]))
    }


def _again(document: Book, folder: Path, *, as_stated: bool) -> tuple[Run, Book, bytes]:
    run, book, _ = reproduce(document, folder, as_stated=as_stated)
    made = book_bytes(book)
    return run, book_of_bytes(made, document.file, ISSUED), made


def _digest(book: Book) -> str:
    """The digest of its parts that a workbook keeps, from the day on which it was issued, through any later change. If
    it is that of the workbook made again, then that is what was issued, to the byte."""
    return book.properties.get(DIGEST, "")


def compare(actual: Book, expected: Book, but: Collection[str] = (), notes: Iterable[str] = ()) -> Verdict:
    """Two workbooks cell by cell, but for some: the first as found, the second as it should be."""
    verdict = _compared(actual, expected, None, but, notes)
    for move in _moves(actual, expected):
        verdict = min(verdict, _compared(actual, expected, move, but, notes), key=lambda v: len(v.differences))
    return verdict


def _compared(actual: Book, expected: Book, move: _Move | None, but: Collection[str], notes: Iterable[str]) -> Verdict:
    told, words = list(notes), _words(expected)
    differences, following = list[Difference](), set[str]()
    if move:
        taken = move.taken_out(expected)
        differences = [move.difference(taken, words)] if taken else []
        reached = _consequences([f"{move.sheet}!{cell.ref}" for cell in taken], _reads(expected))
        following, expected = {*map(move.ref, reached)}, move.applied_to(expected)
    says, should, reads = dict(_cells(actual)), dict(_cells(expected)), _reads(expected)
    formulas = [cell for cell in says.values() if cell.formula]
    if formulas and all(cell.value is None for cell in formulas):
        told.append("the formulas have lost their stored values: the file was saved by a program that does not compute")
        says = {ref: _as_stored(cell, should.get(ref)) for ref, cell in says.items()}
    wrong = [ref for ref in {**should, **says} if ref not in but and not _same(says.get(ref), should.get(ref))]
    lies = {ref for ref in wrong if not _follows(says.get(ref), should.get(ref))}
    lies |= {*wrong} - _consequences(lies, reads) - following
    differences += [_difference(ref, says.get(ref), should.get(ref), words) for ref in sorted(lies, key=_order)]
    differences += [Difference(name, "hidden", "shown") for name in actual.hidden if name not in expected.hidden]
    following = (following | _consequences(lies, reads)) - lies
    return Verdict(tuple(differences), tuple(sorted(following, key=_order)), tuple(told))


def _reads(book: Book) -> dict[str, list[Area]]:
    """The areas that each formula reads."""
    return {ref: [*precedents(c.formula, ref.rpartition("!")[0])] for ref, c in _cells(book) if c.formula}


@frozen
class _Move:
    """Rows of a sheet that were taken out at one place (`by` is negative), or put in: a spreadsheet program moves the
    rows below them, and what formulas read."""

    sheet: str
    at: int
    by: int

    def row(self, row: int, last: bool = False) -> int:
        """Where a row is now. An area that began or ended in what was taken out begins after it, or ends before it."""
        return row if row < self.at else max(row + self.by, self.at - last)

    def ref(self, ref: str) -> str:
        sheet, column, row = _place(ref)
        return f"{sheet}!{letters(column)}{self.row(row)}" if sheet == self.sheet else ref

    def taken_out(self, book: Book) -> list[Cell]:
        return [c for row, cells in book.sheets[self.sheet] if self._is_taken(row, self.sheet) for c in cells]

    def _is_taken(self, row: int, sheet: str) -> bool:
        return sheet == self.sheet and self.at <= row < self.at - self.by

    def difference(self, taken: Sequence[Cell], words: Collection[object]) -> Difference:
        rows = f"row {self.at}" if self.by == -1 else f"rows {self.at} to {self.at - self.by - 1}"
        said = ", ".join(_said(cell, words) for cell in taken)
        return Difference(f"{self.sheet}, {rows}", "nothing: it was taken out", said)

    def applied_to(self, book: Book) -> Book:
        sheets = {}
        for name, rows in book.sheets.items():
            kept = ((row, cells) for row, cells in rows if not self._is_taken(row, name))
            sheets[name] = tuple(
                (self.row(row) if name == self.sheet else row, tuple(self._cell(c, name) for c in cells))
                for row, cells in kept
            )
        return evolve(book, sheets=sheets)

    def _cell(self, cell: Cell, sheet: str) -> Cell:
        def reference(match: re.Match[str]) -> str:
            name, column, row, last_column, last = match.groups()
            if _sheet_of(name, sheet) != self.sheet:
                return match[0]
            area = f":{last_column}{self.row(int(last), last=True)}" if last else ""
            return (f"{name}!" if name else "") + f"{column}{self.row(int(row))}{area}"

        ref = self.ref(f"{sheet}!{cell.ref}").rpartition("!")[2]
        return Cell(ref, cell.value, _REFERENCE.sub(reference, cell.formula))


def _moves(actual: Book, expected: Book) -> Iterator[_Move]:
    """Where a sheet has fewer or more rows than it should: from the first row on that says something else."""
    for name, rows in expected.sheets.items():
        found = actual.sheets.get(name, ())
        if rows and found and (by := found[-1][0] - rows[-1][0]):
            pairs = zip(map(_content, rows), map(_content, found), strict=False)
            at = next((one[0] for one, other in pairs if one != other), min(found[-1][0], rows[-1][0]) + 1)
            yield _Move(name, at, by)


def _content(row: tuple[int, tuple[Cell, ...]]) -> tuple[int, list[tuple[str, object]]]:
    """The number of a row and what it says, but for formulas."""
    return row[0], [(c.column, _plain(c.value)) for c in row[1] if not c.formula]


def _words(book: Book) -> set[object]:
    """The texts of a true workbook, which may be echoed; but not who a participant is, nor a row or a reference."""
    rows = book.sheets.get(LINES, ())
    headers = {cell.column: cell.value for _, cells in rows for cell in cells if cell.value in _PRIVATE}
    return {
        cell.value
        for name, rows in book.sheets.items()
        for _, cells in rows
        for cell in cells
        if isinstance(cell.value, str) and not (name == LINES and cell.column in headers)
    }


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
    if actual.formula != expected.formula and _formula(actual) != _formula(expected):
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
    """A value of which two are equal when they say the same: TRUE is not 1, and midnight is no time of day."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Decimal(repr(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return ("boolean", value) if isinstance(value, bool) else value


def _consequences(lies: Collection[str], sources: Mapping[str, Sequence[Area]]) -> set[str]:
    """The formula cells that reach a lying cell, through any chain of formulas; from the areas that each reads."""
    reached: set[str] = set()
    new: Collection[str] = lies
    while new:
        changed: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for sheet, column, row in sorted(map(_place, new)):
            changed[sheet][column].append(row)
        new = {ref for ref in sources.keys() - reached if any(_reaches(area, changed) for area in sources[ref])}
        reached |= new
    return reached.difference(lies)


def _reaches(area: Area, changed: Mapping[str, Mapping[int, list[int]]]) -> bool:
    sheet, first, top, last, bottom = area
    return any(
        first <= column <= last and bisect_left(rows, top) < bisect_right(rows, bottom)
        for column, rows in changed.get(sheet, {}).items()
    )


Area = tuple[str, int, int, int, int]
Place = tuple[str, int, int]


def precedents(formula: str, sheet: str) -> Iterator[Area]:
    """The areas that a formula reads: sheet, first column, first row, last column, last row."""
    for match in _REFERENCE.finditer(re.sub(r'"[^"]*"', "", formula)):
        name, column, row, last_column, last_row = match.groups()
        first = number(column)
        last = number(last_column) if last_column else first
        yield _sheet_of(name, sheet), first, int(row), last, int(last_row or row)


def _sheet_of(name: str | None, here: str) -> str:
    return name.strip("'").replace("''", "'") if name else here


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


def _order(ref: str) -> tuple[str, int, int]:
    sheet, column, row = _place(ref)
    return sheet, row, column


def _difference(ref: str, actual: Cell | None, expected: Cell | None, words: Collection[object]) -> Difference:
    says, should_say = _said(actual, words), _said(expected, words)
    if says == should_say and actual and expected:
        says, should_say = (
            f"{said} ({type(c.value).__name__})" for said, c in ((says, actual), (should_say, expected))
        )
    return Difference(ref, says, should_say)


def _said(cell: Cell | None, words: Collection[object]) -> str:
    """What a cell says, as far as it may be echoed: numbers, dates, and the words of the true workbook."""
    if cell is None:
        return "nothing"
    value = cell.value if isinstance(cell.value, bool) else _plain(cell.value)
    text = f"{value:f}" if isinstance(value, Decimal) else str(value) if value in words else shown(value)
    formula = re.sub(r'"[^"]*"', '"…"', cell.formula.lstrip("="))
    return f"{text} (={formula})" if formula else text
