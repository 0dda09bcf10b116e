"""Sheets: the row of their headers, and what of a workbook nobody reads, though it looks like
input."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from grantcalc.errors import Finding, Place
from grantcalc.io.intake.cells import CellValue, SheetRows, WorkbookRead
from grantcalc.io.schemas import ALL_SHEETS, DOCUMENT, Column, SheetSchema, header_key

KNOWN_SHEETS = {header_key(layout.sheet) for layout in ALL_SHEETS}
_TOTAL = re.compile(r"(grand |sub-?)?(total|sum)s?( [\w ]{1,30})?:?", re.IGNORECASE)
_LOOKED_AT = 50
"""So many rows of a sheet may stand above its headers."""


def alike(text: str, names: list[str], cutoff: float) -> list[str]:
    """The one of these names that is nearly a text, if any."""
    return difflib.get_close_matches(text[:40], names, n=1, cutoff=cutoff)


def besides(book: WorkbookRead) -> tuple[Finding, ...]:
    """The warnings about an input workbook: what concerns it as a whole, or a sheet that is
    read."""
    return tuple(note for note in book.notes if not note.place.sheet or header_key(note.place.sheet) in KNOWN_SHEETS)


def titles_of(book: WorkbookRead) -> list[str]:
    """The sheets as the file names them; one that a layout reads as two is one."""
    return list(dict.fromkeys(book.titles.get(name, name) for name in book.sheets))


def within(note: str) -> str:
    """A note as it reads in the middle of a sentence."""
    text = note.rstrip(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# --- headers ---


def header_row(rows: SheetRows, layout: SheetSchema) -> tuple[int, tuple[CellValue, ...]] | None:
    """The first row of which half the cells, or two, are headers of a sheet."""
    return next(((n, cells) for n, cells in rows if len(_headed(cells, layout)) * 2 >= min(len(cells), 4)), None)


def _headed(cells: tuple[CellValue, ...], layout: SheetSchema) -> set[str]:
    """The columns of a sheet of ours that these cells head, by their keys."""
    named = layout.named
    return {named[name].key for name in (header_key(str(c.value)) for c in cells) if name in named}


def _has_headers(name: str, rows: SheetRows, layout: SheetSchema) -> bool:
    """Whether a sheet has the headers of ours: all that must be there, or two of them if its name
    contains ours."""
    required = {column.key for column in layout.columns if column.required}
    called = header_key(layout.sheet) in header_key(name)
    least = 2 if called or len(required) > 1 else 3  # FAIN and one word more say little
    for _, cells in rows[:_LOOKED_AT]:
        headed = _headed(cells, layout)
        if len(headed) >= least and (called or headed >= required):
            return True
    return False


# --- rows that are none ---


def is_total(cells: tuple[CellValue, ...], columns: Mapping[str, Column]) -> bool:
    """Whether a row in which something is missing has the totals of those above: it says so, or has
    nothing but numbers. The columns are given by their letters."""
    held = [cell for cell in cells if cell.value not in (None, "")]
    if any(isinstance(cell.value, str) and _TOTAL.fullmatch(cell.value.strip()) for cell in held):
        return True
    kinds = [columns[cell.column].kind if cell.column in columns else "" for cell in held]
    only_numbers = all(type(cell.value) in (int, float) for cell in held)
    return only_numbers and len(columns) > len(held) and all(kind in ("money", "count") for kind in kinds)


# --- what is not read ---


def nearly_named(book: WorkbookRead, layout: SheetSchema) -> list[str]:
    """The sheets that nobody reads, though their name is nearly that of a sheet of ours."""
    names = (name for name in book.sheets if header_key(name) not in KNOWN_SHEETS)
    return [name for name in names if alike(header_key(name), [header_key(layout.sheet)], 0.85)]


def misnamed(book: WorkbookRead, layout: SheetSchema) -> Iterator[Finding]:
    """A finding for each sheet that is not read because its name is nearly a known one, or that of
    another sheet."""
    same = [name for name in book.sheets if header_key(name) == header_key(layout.sheet)][1:]
    for name in nearly_named(book, layout):
        problem = f"{_place(book, name)} is not read, though its name is nearly {layout.sheet}"
        yield Place(book.file).finding("sheet_name", problem, f"the name {layout.sheet}, or quite another")
    for name in same:
        problem = f"{_place(book, name)} is not read: another sheet has the name {layout.sheet}"
        yield Place(book.file).finding("sheet_name", problem, "one sheet of this name")


def passed_over(book: WorkbookRead) -> Iterator[Finding]:
    """A finding for each sheet or file that has our headers or our name and is not read, unless a
    layout ignores it."""
    for name, rows in book.sheets.items():
        if header_key(name) in KNOWN_SHEETS:
            if book.text and not rows:
                place = Place(book.file, book.titles.get(name, name))
                expected = "a line of headers, or a layout that ignores the file"
                yield place.finding("empty_file", "this file is empty", expected)
        elif not any(nearly_named(book, layout) == [name] for layout in ALL_SHEETS):
            ours = next((layout for layout in _LIKELIEST if _has_headers(name, rows, layout)), None)
            if ours is not None:
                problem = f"{_place(book, name)} is not read, though it has the headers of {ours.sheet}"
                expected = f"the name {ours.sheet}, or a layout that names or ignores it"
                yield Place(book.file).finding("not_read", problem, expected)
    for name, problem in book.beside:
        expected = "CSV files named for their sheets, or a layout that ignores it"
        yield Place(book.file, name).finding("not_read", problem, expected)


_LIKELIEST = sorted((x for x in ALL_SHEETS if x is not DOCUMENT), key=lambda x: -sum(c.required for c in x.columns))
"""Our sheets, those first of which the most columns must be there."""


def _place(book: WorkbookRead, name: str) -> str:
    """A sheet by its number: its name may tell of a person."""
    return f"sheet {titles_of(book).index(book.titles.get(name, name)) + 1}"
