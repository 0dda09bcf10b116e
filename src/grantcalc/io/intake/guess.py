"""The draft of a layout file: what is certain by name stands, and what is only likely stands as a comment."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import frozen

from grantcalc.io.intake.cells import CellValue, Misread, SheetRows, WorkbookRead
from grantcalc.io.intake.layout import key_of, opened
from grantcalc.io.intake.unread import header_row
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import AWARD_SHEETS, CASELOAD_SHEETS, DOCUMENT, Column, SheetSchema, header_key
from grantcalc.xlsx.reader import warn

_MANY = 50
"""So many cells under a header are looked at."""

_TELLING = ("date", "month", "months", "money", "count", "word", "yes_no", "place")
"""Kinds of cells that tell one column from another; anything may be text."""


_STARTS, _ENDS = ("intake", "intakedate", "entrydate", "enrolled"), ("exit", "exitdate", "dischargedate", "closed")
_OFTEN: Mapping[str, tuple[str, ...]] = {
    "Participant": ("client", "clientid", "clientcode", "participantid", "caseid", "id"),
    "Subaward": ("site", "siteid", "contract"),
    "Start": _STARTS,
    "From": _STARTS,
    "End": _ENDS,
    "To": _ENDS,
}
"""Headers that may mean a column of ours, and may mean another thing: a person decides."""


def guess_layout(path: Path, encoding: str = "") -> str:
    """The draft of a layout file for a workbook, a CSV file or a folder of them; it reads back as a layout.

    A sheet or column stands where its name, or a synonym of it, says so; where only a likeness or the kind of its cells
    does, it stands as a comment with the reason. `WorkbookRejected` for what cannot be opened.
    """
    book = opened(path, encoding)
    warn(book.notes)
    lines = ["## A draft. Lines behind one # are guesses: take it away where they are right."]
    if encoding:
        lines += ["", f"encoding = {_quoted(encoding)}"]
    taken: set[str] = set()
    for name in book.sheets:
        title = book.titles.get(name, name)
        table, certain = _best(name, book, taken)
        if table is None:
            lines += ["", f"## Sheet {_quoted(title)}: no sheet of ours is like it. It is not read."]
            continue
        if certain:
            taken.add(table.layout.sheet)
        drafted = [f"[{key_of(table.layout.sheet)}]", f"sheet = {_quoted(title)}", *_columns(table)]
        if not certain:
            lines += ["", f"## Sheet {_quoted(title)}: perhaps {table.layout.sheet}, by its columns alone."]
            drafted = [line if line.startswith("#") or not line else f"# {line}" for line in drafted]
        lines += ["", *drafted]
    if DOCUMENT.sheet not in taken:
        lines += [
            "",
            "## No sheet says whose workbook this is, and as of which day it is complete: say it here.",
            "# [document.values]",
        ]
        lines += [f"# {key_of(c.header)} = {_example(c)}" for c in DOCUMENT.columns if c.required]
    return "\n".join(lines) + "\n"


@frozen
class _Guess:
    """One of our sheets for one of the user's: its header row, and by letter the columns of ours that are certain, and
    those that are likely, with the reason."""

    layout: SheetSchema
    header: tuple[CellValue, ...]
    certain: Mapping[str, Column]
    likely: Mapping[str, tuple[Column, str]]

    @property
    def likely_too(self) -> list[Column]:
        return [*self.certain.values(), *(column for column, _ in self.likely.values())]

    @staticmethod
    def needed(columns: Iterable[Column]) -> int:
        """How many of these columns must be there."""
        return sum(column.required for column in columns)


def _best(name: str, book: WorkbookRead, taken: set[str]) -> tuple[_Guess | None, bool]:
    """The sheet of ours that is most like one of the user's, and whether that is certain: by its name, or since it has
    every column that must be there and no other sheet of ours has as many."""
    ours = [layout for layout in (*AWARD_SHEETS, *CASELOAD_SHEETS) if layout.sheet not in taken]
    named = next((layout for layout in ours if header_key(layout.sheet) == header_key(name)), None)
    if named:
        return _guess(named, book, name), True
    guesses = sorted((_guess(layout, book, name) for layout in ours), key=lambda g: (-len(g.certain), -len(g.likely)))
    best = next((g for g in guesses if 2 * g.needed(g.likely_too) >= g.needed(g.layout.columns)), None)
    if best is None:
        return None, False
    alone = sum(len(g.certain) >= len(best.certain) for g in guesses) == 1
    return best, alone and best.needed(best.certain.values()) == best.needed(best.layout.columns)


def _guess(layout: SheetSchema, book: WorkbookRead, name: str) -> _Guess:
    rows = book.sheets[name][: 2 * _MANY]
    number, header = header_row(rows, layout) or _first_of_texts(rows)
    below = tuple((row, cells) for row, cells in rows if row > number)[:_MANY]
    under: dict[str, list[CellValue]] = defaultdict(list)
    for _, cells in below:
        for cell in cells:
            under[cell.column].append(cell)
    named, certain = layout.named, dict[str, Column]()
    for cell in header:
        column = named.get(header_key(str(cell.value)))
        if column is not None and column not in certain.values():
            certain[cell.column] = column
    free = [c for c in layout.columns if c not in certain.values()]
    left = [cell for cell in header if cell.column not in certain]
    return _Guess(layout, header, certain, dict(_likely(left, free, under, book.text)))


def _first_of_texts(rows: SheetRows) -> tuple[int, tuple[CellValue, ...]]:
    """The first row of at least two cells that are all text: the likely header."""
    texts = ((n, cells) for n, cells in rows if len(cells) > 1 and all(isinstance(c.value, str) for c in cells))
    return next(texts, (rows[0] if rows else (0, ())))


# --- columns ---


def _columns(guess: _Guess) -> Iterator[str]:
    """The lines of a table: its columns, what of them is likely, what is missing, and what is left over."""
    prefix = key_of(guess.layout.sheet)
    unknown = [cell for cell in guess.header if cell.column not in guess.certain and cell.column not in guess.likely]
    if unknown:
        yield "## None of our columns is like these; a column that is not read must be named:"
        yield f"# ignore = [{', '.join(_quoted(str(cell.value)) for cell in unknown)}]"
    if guess.certain or guess.likely:
        yield ""
        yield f"[{prefix}.columns]"
    for cell in guess.header:
        if cell.column in guess.certain:
            yield f"{key_of(guess.certain[cell.column].header)} = {_quoted(str(cell.value))}"
        elif cell.column in guess.likely:
            column, why = guess.likely[cell.column]
            yield f"# {key_of(column.header)} = {_quoted(str(cell.value))}  # {why}"
    missing = [c for c in guess.layout.columns if c.required and c not in guess.likely_too]
    if missing:
        yield ""
        yield "## No column is like these, which must be there: name one above, or give one value for every row."
        yield f"# [{prefix}.values]"
        yield from (f"# {key_of(c.header)} = {_example(c)}" for c in missing)


def _likely(
    cells: Sequence[CellValue], free: Iterable[Column], below: Mapping[str, Sequence[CellValue]], text: bool
) -> Iterator[tuple[str, tuple[Column, str]]]:
    """Columns of ours for headers that are none: by a header that is nearly the same, else by the kind of the cells
    below, which are given by their letters."""
    open_columns, left = list(free), list(cells)
    for cell in cells:
        named = {header_key(name): c for c in open_columns for name in (*c.synonyms, c.header)}
        near = difflib.get_close_matches(header_key(str(cell.value))[:40], list(named), n=1, cutoff=0.7)
        often = next((c for c in open_columns if header_key(str(cell.value)) in _OFTEN.get(c.header, ())), None)
        if often:
            open_columns.remove(often)
            left.remove(cell)
            yield cell.column, (often, "perhaps: often called so, but not always the same")
        elif near:
            open_columns.remove(named[near[0]])
            left.remove(cell)
            yield cell.column, (named[near[0]], "likely: the headers are nearly the same")
    for cell in left:
        under = below.get(cell.column, ())
        fits = [c for c in open_columns if c.kind in _TELLING and under and all(_reads(u, c, text) for u in under)]
        fits.sort(key=lambda c: not c.required)
        if fits:
            open_columns.remove(fits[0])
            or_else = f"; or is it {' or '.join(key_of(c.header) for c in fits[1:])}?" if fits[1:] else ""
            yield cell.column, (fits[0], f"perhaps: each cell below is {_kind(fits[0])}{or_else}")


def _reads(cell: CellValue, column: Column, text: bool) -> bool:
    """Whether a cell would be read in a column. Any date is one of a month too, and any whole number is money."""
    if column.kind in ("month", "months") and isinstance(cell.value, date):
        return False
    try:
        return worth(cell, column, text=text) is not None
    except Misread:
        return False


def _kind(column: Column) -> str:
    return {"word": "one of its words", "yes_no": "yes or no"}.get(column.kind, f"a {column.kind.rstrip('s')}")


def _example(column: Column) -> str:
    """A value of a column as a layout file would give it, from the example of the column."""
    if column.kind in ("date", "money", "count", "number") and column.example:
        return str(column.example)
    return _quoted(str(column.example or (column.choices or ("…",))[0]))


def _quoted(text: str) -> str:
    """Text as TOML quotes it, on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
