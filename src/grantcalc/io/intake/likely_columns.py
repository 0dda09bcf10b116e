"""Which column of ours a user's column may be: by its header, by what the field often calls it, by
its cells."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from attrs import field, frozen

from grantcalc.io.intake.cells import CellValue, SheetRows, WorkbookRead
from grantcalc.io.intake.layout_file import key_of
from grantcalc.io.intake.likely_patterns import LikelyPattern, likely_pattern, month_headers, reads
from grantcalc.io.intake.unread import header_row, is_total
from grantcalc.io.schemas import Column, SheetSchema, header_key

MANY = 50
"""So many cells under a header are looked at."""
_TELLING = ("date", "month", "months", "money", "count", "word", "yes_no", "place")
"""Kinds of cells that tell one column from another; anything may be text."""

_STARTS = ("intake", "intakedate", "entry", "entrydate", "enrolled", "enrollmentdate", "admitted", "programstart")
_ENDS = ("exit", "exitdate", "dischargedate", "discharged", "closed", "programexit", "programend")
_OFTEN: Mapping[str, tuple[str, ...]] = {
    "Participant": ("client", "clientid", "clientcode", "participantid", "personalid", "caseid", "caseno", "id"),
    "Age group": ("adult", "adultchild", "isadult", "agecategory"),
    "Subaward": ("site", "siteid", "contract", "project", "projectid", "grant", "fund"),
    "Start": _STARTS,
    "From": _STARTS,
    "End": _ENDS,
    "To": _ENDS,
    "Paid on": ("date", "postingdate", "postdate", "posted", "transactiondate", "checkdate", "gldate"),
    "Category": ("account", "glaccount", "accountname", "accounttitle", "expensetype", "costtype"),
    "Reference": ("document", "documentno", "docno", "ref", "voucher", "invoice", "checknumber", "transactionid"),
    "Amount": ("amountusd", "netamount", "expense", "total", "transactionamount"),
}
"""Headers that may mean a column of ours, and may mean another thing: a person decides."""
_PAIRS = (("debit", "credit"), ("withdrawal", "deposit"), ("withdrawals", "deposits"), ("debits", "credits"))


@frozen
class LikelyTable:
    """One of our sheets for one of the user's: its header row, and by letter the columns of ours
    that are certain, and those that are likely, with the reason; `by_name` are those whose headers
    say so.

    `pair` are two headers whose difference is the amount, `wide` the pattern and the headers that
    are months or days, `totals` the headers of texts that begin rows of totals."""

    layout: SheetSchema
    header: tuple[CellValue, ...]
    rows: SheetRows
    certain: Mapping[str, Column]
    likely: Mapping[str, tuple[Column, str]]
    by_name: frozenset[str]
    pair: tuple[CellValue, ...] = ()
    wide: tuple[str, tuple[CellValue, ...]] = ("", ())
    totals: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @property
    def likely_too(self) -> list[Column]:
        """Every column that is certain or likely."""
        columns = [*self.certain.values(), *(column for column, _ in self.likely.values())]
        more = [c for c in self.layout.columns if c.header == "Amount"] if self.pair else []
        kinds = ("month", "months", "count") if self.wide[1] else ()
        return columns + more + [c for c in self.layout.columns if c.kind in kinds and c not in columns]

    def needed(self, columns: Iterable[Column]) -> int:
        """How many of these columns must be there."""
        return sum(column.required for column in columns)

    @property
    def weight(self) -> int:
        """How much speaks for it: a header that is ours more than one that is often called so, and
        that more than the kind of its cells; what must be there and is not speaks against it."""
        missing = self.needed(self.layout.columns) - self.needed(self.likely_too)
        by_kind = self.needed(column for letter, (column, _) in self.likely.items() if letter not in self.by_name)
        return 4 * len(self.certain) + 3 * len(self.by_name) + 4 * bool(self.pair) + by_kind - 2 * missing

    def under(self, letter: str) -> list[CellValue]:
        """The cells below a header."""
        return self._by_letter.get(letter, [])

    @cached_property
    def _by_letter(self) -> dict[str, list[CellValue]]:
        """The cells of each column, gone through once: a wide sheet takes no longer for each of its
        columns."""
        columns: dict[str, list[CellValue]] = {}
        for _, cells in self.rows:
            for cell in cells:
                columns.setdefault(cell.column, []).append(cell)
        return columns


def likely_table(layout: SheetSchema, book: WorkbookRead, name: str, *, by_kind: bool = True) -> LikelyTable:
    """One of our sheets for a sheet of the user's, by its headers, and by the kind of its cells
    too."""
    rows = book.sheets[name][: 2 * MANY]
    number, header = header_row(rows, layout) or _first_of_texts(rows)
    below = tuple((row, cells) for row, cells in rows if row > number)[:MANY]
    totals = {cells[0].ref: cells for _, cells in below if _is_total(cells)}
    below = tuple((row, cells) for row, cells in below if not cells or cells[0].ref not in totals)
    certain: dict[str, Column] = {}
    for cell in header:
        column = layout.named.get(header_key(str(cell.value)))
        if column is not None and column not in certain.values():
            certain[cell.column] = column
    wide = month_headers([c for c in header if c.column not in certain])
    wide = wide if {"month", "count"} <= {c.kind for c in layout.columns} else ("", ())
    pair = _pair(header) if any(c.header == "Amount" and c not in certain.values() for c in layout.columns) else ()
    taken = {cell.column for cell in (*pair, *wide[1])}
    free = [c for c in layout.columns if c not in certain.values() and not (pair and c.header == "Amount")]
    left = [cell for cell in header if cell.column not in certain and cell.column not in taken]
    table = LikelyTable(layout, header, below, certain, {}, frozenset())
    named = dict(_by_header(left, free))
    free = [c for c in free if c not in [column for column, _ in named.values()]]
    rest = [cell for cell in left if cell.column not in named]
    likely = {**named, **(dict(_by_kind(rest, free, table, text=book.text)) if by_kind else {})}
    likely = {cell.column: likely[cell.column] for cell in header if cell.column in likely}
    return LikelyTable(
        layout, header, below, certain, likely, frozenset(named), pair, wide, _totals(header, totals.values())
    )


def _first_of_texts(rows: SheetRows) -> tuple[int, tuple[CellValue, ...]]:
    """The first row of at least two cells that are all text: the likely header."""
    texts = ((n, cells) for n, cells in rows if len(cells) > 1 and all(isinstance(c.value, str) for c in cells))
    return next(texts, (rows[0] if rows else (0, ())))


def _is_total(cells: Sequence[CellValue]) -> bool:
    return any(isinstance(c.value, str) and is_total((c,), {}) for c in cells)


def _totals(header: Sequence[CellValue], rows: Iterable[Sequence[CellValue]]) -> Mapping[str, tuple[str, ...]]:
    """The headers under which texts say that a row is a total, with the first word of each."""
    heads = {cell.column: str(cell.value) for cell in header}
    texts: dict[str, tuple[str, ...]] = {}
    for cells in rows:
        said = next(c for c in cells if isinstance(c.value, str) and is_total((c,), {}))
        word = " ".join(str(said.value).split()).split(" ")[0].rstrip(":")
        word = " ".join(str(said.value).split()[:2]) if word.lower() == "grand" else word
        if said.column in heads:
            texts[heads[said.column]] = tuple(dict.fromkeys((*texts.get(heads[said.column], ()), word)))
    return texts


def _pair(header: Sequence[CellValue]) -> tuple[CellValue, ...]:
    """Two headers whose difference is an amount."""
    heads = {header_key(str(cell.value)): cell for cell in header}
    return next(((heads[one], heads[other]) for one, other in _PAIRS if one in heads and other in heads), ())


def _by_header(cells: Sequence[CellValue], free: Iterable[Column]) -> Iterator[tuple[str, tuple[Column, str]]]:
    """Columns of ours for headers that are none, by what the field calls them, or by a header that
    is nearly the same."""
    open_columns = list(free)
    for cell in cells:
        name = header_key(str(cell.value))
        named = {header_key(known): c for c in open_columns for known in (*c.synonyms, c.header)}
        often = next((c for c in open_columns if name in _OFTEN.get(c.header, ())), None)
        near = difflib.get_close_matches(name[:40], list(named), n=1, cutoff=0.7)
        if often or near:
            column = often or named[near[0]]
            why = "perhaps: often called so, but not always the same"
            why = why if often else "likely: the headers are nearly the same"
            open_columns.remove(column)
            yield cell.column, (column, why)


def _by_kind(
    cells: Sequence[CellValue], free: Iterable[Column], table: LikelyTable, *, text: bool
) -> Iterator[tuple[str, tuple[Column, str]]]:
    """Columns of ours by the kind of the cells below."""
    open_columns = list(free)
    for cell in cells:
        under = table.under(cell.column)
        telling = (c for c in open_columns if c.kind in _TELLING and (c.required or c.kind != "yes_no"))
        fits = [c for c in telling if under and _fits(under, c, text=text)]
        fits.sort(key=lambda c: not c.required)
        if fits:
            open_columns.remove(fits[0])
            or_else = f"; or is it {' or '.join(key_of(c.header) for c in fits[1:])}?" if fits[1:] else ""
            yield cell.column, (fits[0], f"perhaps: each cell below is {_kind(fits[0])}{or_else}")


def _fits(cells: Sequence[CellValue], column: Column, *, text: bool) -> bool:
    """Whether every cell would be read in a column, as it is or by a pattern. Any date is one of a
    month too, and any whole number is money."""
    if column.kind in ("month", "months") and any(isinstance(cell.value, date) for cell in cells):
        return False
    plainly = all(reads(cell, column, text=text) for cell in cells)
    return plainly or pattern_of(cells, column, text=text) is not None


def pattern_of(cells: Sequence[CellValue], column: Column, *, text: bool) -> LikelyPattern | None:
    """The likely pattern of a column's cells."""
    held = [cell for cell in cells if cell.value not in (None, "")]
    return likely_pattern(held, column, text=text)


def _kind(column: Column) -> str:
    return {"word": "one of its words", "yes_no": "yes or no"}.get(column.kind, f"a {column.kind.rstrip('s')}")
