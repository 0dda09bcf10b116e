"""Workbooks as documents: blocks of columns and rows on sheets, written so that a finance officer
can print them.

A `WorkbookDraft` says what stands where, without a byte of it being written: the module `writer`
makes it a file. Formulas refer to columns and rows by name, and the writer turns the names into
addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from attrs import field, frozen

from grantcalc.errors import Place
from grantcalc.xlsx.package import Unwritable

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def units(text: str) -> int:
    """The length of a text as spreadsheets count it: in units of UTF-16, of which a character may
    take two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


ValueKind = Literal["text", "wrap", "money", "rate", "count", "date", "month", "link", "sheet"]
Role = Literal["title", "heading", "paragraph", "header", "label", "row", "total"]
Scalar: TypeAlias = str | int | Decimal | date | None

# What each kind of column takes, and the look that it gives it. Only these types, no bool and no
# datetime.
_ANY: Mapping[type, str] = {str: "", int: "count", Decimal: "rate", date: "date"}
SHOWN: Mapping[ValueKind, Mapping[type, str]] = {
    "text": {**_ANY, str: "text"},
    "wrap": _ANY,
    "link": _ANY,
    "sheet": {str: ""},
    "month": {str: "text"},
    "money": {str: "", Decimal: "money"},
    "rate": {str: "", int: "rate", Decimal: "rate"},
    "count": {str: "", int: "count", Decimal: "count"},
    "date": {str: "", date: "date"},
}


@frozen
class Formula:
    """A live formula, without its `=`, and the value that it has now, stored beside it.

    `{Rate}` is the cell of this row in the column headed Rate. `{Amount:}` is all rows of the
    column headed Amount in this block, `{Amount#3}` its third row, and `{Amount$}` its first row,
    fixed, where a running sum begins. Of a block elsewhere that has a name, these are
    `{Lines.Amount:}` and `{Lines.Amount#3}`; `{Lines.Amount#3:5}` is its third to fifth row, and
    `{Lines.Amount#total}` its total. The functions are those of the oldest spreadsheets: SUM,
    SUMIFS, ROUND, IF, INDEX, MATCH, MIN, MAX.
    """

    text: str
    value: int | Decimal | str


WrittenValue: TypeAlias = Scalar | Formula


class RowSource(Protocol):
    """Rows that can be counted and gone through more than once; they need not all be in memory."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Sequence[WrittenValue]]: ...


@frozen
class TableColumn:
    """A column of a block.

    money is a Decimal of dollars (an int is refused, since inside this package an int of money is
    cents); rate a number of up to six decimals; count a whole number; date a day; month a text such
    as 2012-09. A link is a web address or a reference such as Lines!H14, and can be clicked, as can
    the title of a sheet in a column of that kind. text and wrap take anything, shown as what it is;
    wrap may run over several lines. `width` is in characters, and otherwise taken from the content.
    `note` appears when the header is selected, and `choices` are the only texts that may be typed
    into the column.
    """

    header: str
    kind: ValueKind = "text"
    note: str = ""
    width: int | None = None
    choices: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for text in (self.header, self.note, *self.choices):
            if len(text) > 255 or _CONTROL.search(text):
                raise Unwritable(Place(), "a header, a note or a choice is one line of 255 characters at most")


@frozen
class Block:
    """A heading, paragraphs of text, and a table: header, rows, empty rows to fill in, and a row of
    totals.

    Any of them may be missing. Without any header the first column holds labels, as on a cover, and
    a label with nothing beside it is a line to sign on. `table` names a table object, with filters,
    over the rows, and `about` is what is read aloud of it to who cannot see it. `new_page` has the
    block begin a page on paper. By its `name`, which is not shown, formulas elsewhere refer to the
    block.
    """

    columns: tuple[TableColumn, ...] = ()
    rows: RowSource = ()
    heading: str = ""
    text: tuple[str, ...] = ()
    total: Sequence[WrittenValue] | None = None
    table: str = ""
    blank_rows: int = 0
    about: str = ""
    new_page: bool = False
    name: str = ""

    def __attrs_post_init__(self) -> None:
        headers = [column.header.casefold() for column in self.columns if column.header]
        if len(set(headers)) < len(headers):
            raise Unwritable(Place(), "two columns of a block have the same header")
        if self.table and not (headers and len(headers) == len(self.columns)):
            raise Unwritable(Place(), "a table has a header on each of its columns")

    @property
    def headed(self) -> bool:
        """Whether there is a row of headers."""
        return any(column.header for column in self.columns)


@frozen
class Chart:
    """A picture of the rows of a block with headers: some columns as bars, others as lines, over
    the first column.

    `about` says in words what it shows, for who cannot see it; `across` and `up` are the titles of
    its axes.
    """

    title: str
    about: str
    bars: tuple[str, ...]
    lines: tuple[str, ...]
    across: str
    up: str


CHART_ROWS = 22  # so many rows stand free for it under the last block


@frozen
class Sheet:
    """Blocks, one under the other, and a chart of the last one beneath it. `freeze` keeps the first
    header, and what is above it, in view."""

    title: str = field()
    blocks: tuple[Block, ...]
    hidden: bool = False
    landscape: bool = False
    freeze: bool = False
    chart: Chart | None = None

    @title.validator
    def _usable(self, _: object, title: str) -> None:
        if (
            _CONTROL.search(title)
            or not re.fullmatch(r"(?![' ])[^\[\]:*?/\\]{1,31}(?<![' ])", title)
            or units(title) > 31
        ):
            raise Unwritable(Place(), "a sheet's title has 1 to 31 characters, and none of [ ] : * ? / \\")


@frozen
class WorkbookDraft:
    """A workbook. `created` is a day of what it reports, not of the clock; `names` are names of
    cells, each with a reference as formulas have it, such as `{Lines.Amount#total}`."""

    title: str
    sheets: tuple[Sheet, ...]
    created: date
    names: Mapping[str, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        titles = {sheet.title.casefold() for sheet in self.sheets}
        tables = [block.table for sheet in self.sheets for block in sheet.blocks if block.table]
        names = [*tables, *self.names]
        if len(titles) < len(self.sheets) or all(sheet.hidden for sheet in self.sheets):
            raise Unwritable(Place(), "a workbook has a sheet to show, and no two of one title")
        blocks = [block.name for sheet in self.sheets for block in sheet.blocks if block.name]
        if len({name.casefold() for name in names}) < len(names) or len(set(blocks)) < len(blocks):
            raise Unwritable(Place(), "two tables, blocks or names of a workbook have the same name")
        if not all(re.fullmatch("[A-Za-z_]{4,60}", name) for name in names):  # nothing that could be a cell
            raise Unwritable(Place(), "the name of a table or a cell is of 4 to 60 letters")
        if _CONTROL.search(self.title):
            raise Unwritable(Place(), "a workbook's title is one line")


# --- where things stand ---


@frozen
class CellSpan:
    """Where a block stands on its sheet, as row numbers, 0 for what it has not; `top` is its first
    of all.

    `last` counts the empty rows too, and a table without any row keeps one, so that no range runs
    backwards.
    """

    sheet: str
    headers: tuple[str, ...]
    top: int
    header: int
    first: int
    last: int
    total: int

    def cell(self, column: str | int, row: int) -> str:
        """The absolute reference of one cell, of a column by its header or its number:
        Lines!$H$14."""
        return f"{_quoted(self.sheet)}!${self.letter(column)}${row}"

    def cells(self, column: str | int, first: int, last: int) -> str:
        """The absolute reference of some cells of a column: Lines!$H$14:$H$20."""
        return f"{self.cell(column, first)}:${self.letter(column)}${last}"

    def column(self, column: str | int) -> str:
        """The absolute reference of all rows of a column: Lines!$H$6:$H$120."""
        return self.cells(column, self.first, self.last)

    def letter(self, column: str | int) -> str:
        """The letter of a column, by its header or its number."""
        return letters(column if isinstance(column, int) else self.headers.index(column) + 1)


def row_positions(sheet: Sheet) -> tuple[CellSpan, ...]:
    """Where each block will stand. `Unwritable` when the sheet is longer or wider than a sheet can
    be."""
    spans: list[CellSpan] = []
    row = 1
    for block in sheet.blocks:
        top = row
        row += bool(block.heading) + len(block.text)
        header = first = last = total = 0
        if block.columns:
            if block.headed:
                header, row = row, row + 1
            first, last = row, row + max(1, len(block.rows) + block.blank_rows) - 1
            row = last + 1
            if block.total is not None:
                total, row = row, row + 1
        headers = tuple(column.header for column in block.columns)
        spans.append(CellSpan(sheet.title, headers, top, header, first, last, total))
        if row - 1 > 1_048_576 or len(headers) > 16_384:
            found = f"{row - 1} rows, {len(headers)} columns"
            raise Unwritable(Place(sheet=sheet.title), "more than 1,048,576 rows or 16,384 columns", found)
        row += 1
    return tuple(spans)


def letters(number: int) -> str:
    """A column's name by its number: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _quoted(title: str) -> str:
    """A sheet's title as a reference has it: quoted, unless nothing could take it for a cell."""
    return title if re.fullmatch("[A-Z][a-z]{3,}", title) else "'" + title.replace("'", "''") + "'"


def link_target(text: str, kind: ValueKind = "link") -> str:
    """Where a text leads: a web address, or a cell of this workbook behind a #; other texts lead
    nowhere. The title of a sheet leads to its first cell, in a column of titles."""
    if kind == "sheet":
        return f"#{_quoted(text)}!A1"
    if re.fullmatch(r"https?://[^\s\"<>]{1,2000}", text):
        return text
    return "#" + text if re.fullmatch(r"('[^'!]+'|[A-Za-z]\w*)!\$?[A-Z]{1,3}\$?[1-9]\d{0,6}", text) else ""
