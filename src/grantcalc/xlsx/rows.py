"""The rows of a sheet as XML, one after the other, so that a sheet of any length takes no memory.

Numbers are exact decimal text, dates are days, text stays text whatever it begins with, and a
formula stands together with its stored value (ECMA-376, part 1, 18.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from textwrap import wrap
from typing import TypeAlias
from xml.sax.saxutils import escape

from attrs import evolve

from grantcalc.errors import Place, shown
from grantcalc.xlsx.package import Unwritable
from grantcalc.xlsx.sheets import (
    SHOWN,
    Block,
    CellSpan,
    Formula,
    Role,
    RowSource,
    Sheet,
    TableColumn,
    WrittenValue,
    letters,
    link_target,
    units,
)

Styles: TypeAlias = Mapping[tuple[Role, str, str], int]  # by role, kind of column, and look of the value
BlockPlaces: TypeAlias = Mapping[str, CellSpan]  # where the blocks that have a name stand

_REFERENCE = re.compile(r"\{(?P<column>[^{}]*?)(?P<rows>[:$]|#(?:total|[0-9]+(?::[0-9]+)?)|)\}")

_NOT_XML = "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]"
_UNSAFE = re.compile(f"[&<>]|{_NOT_XML}|_(?=x[0-9A-Fa-f]{{4}}(?:_|{_NOT_XML}))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_DECIMALS = {"money": 2, "rate": 6}
_FUNCTIONS = ("SUM", "SUMIFS", "ROUND", "IF", "INDEX", "MATCH", "MIN", "MAX")
_SUSPECT = re.compile(r""""[^"]*"|'[^']*'|([A-Za-z0-9_.]+)\(|^=|[\[\]|\x00-\x1f]""")
_TEXT = ' t="inlineStr"><is><t xml:space="preserve">'


# --- what stands in a cell ---


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0]) or f"_x{ord(match[0]):04X}_"


@lru_cache(maxsize=4096)
def text_xml(text: str) -> str:
    """Text as XML, where what XML cannot hold stands as `_x0008_`, and therefore a literal
    `_x0041_` as `_x005F_x0041_` (ECMA-376, part 1, 22.9.2.19). A text too long for a cell is
    `Unwritable`."""
    if len(text) > 16_383 and units(text) > 32_767:
        raise Unwritable(Place(), "more than the 32,767 characters that a cell holds", shown(text))
    return _UNSAFE.sub(_entity, str.__str__(text))


def number_xml(number: Decimal | int, decimals: int) -> str:
    """The exact digits of a number, never an exponent, and no zeros that end a fraction: who reads
    the workbook and prints it again has the same bytes.

    `Unwritable` when the format would hide a part of it, when it has more than the 15 significant
    digits that every spreadsheet keeps, and when it is not finite.
    """
    text = str(number) if number else "0"
    if "E" in text:
        text = format(number, "f")
    if text[0] > "9" or text[1:2] > "9":
        raise Unwritable(Place(), "not a finite number", text)
    fraction = text.partition(".")[2]
    if len(fraction) > decimals and fraction[decimals:].strip("0"):
        raise Unwritable(Place(), f"more decimals than the {decimals} that are shown here", text)
    if len(text) > 15 and len(text.replace(".", "").strip("-0")) > 15:
        raise Unwritable(Place(), "more than the 15 significant digits that spreadsheets keep", text)
    return text.rstrip("0").rstrip(".") if fraction else text


def day_xml(day: date) -> str:
    """A date as its number of days. Before 1900-03-01 spreadsheets disagree about it:
    `Unwritable`."""
    serial = day.toordinal() - 693_594
    if serial < 61:
        raise Unwritable(Place(), "a day before 1900-03-01, where spreadsheets do not agree", day.isoformat())
    return str(serial)


def addressed(text: str, blocks: BlockPlaces, own: CellSpan | None = None) -> str:
    """A formula with its references made addresses (see `Formula`), `{}` for the number of its row.
    `blocks` are those that have a name, `own` is the one in which it stands. `Unwritable` where
    there is no such block or column."""

    def address(match: re.Match[str]) -> str:
        if own and match["column"] in own.headers:
            letter, rows = own.letter(match["column"]), match["rows"]
            if rows in ("", "$"):
                return f"{letter}{{}}" if not rows else f"{letter}${own.first}"
            return _absolute(own, match["column"], rows).rpartition("!")[2]
        block, _, column = match["column"].partition(".")
        if block in blocks and column in blocks[block].headers and match["rows"] not in ("", "$"):
            return _absolute(blocks[block], column, match["rows"])
        raise Unwritable(Place(), "a formula names a column that its block does not have", match["column"])

    return _REFERENCE.sub(address, text)


def _absolute(block: CellSpan, column: str, rows: str) -> str:
    """The address of all rows of a column (`:`), of one (`#3`), of some (`#3:5`), or of the total
    (`#total`)."""
    if rows == ":":
        return block.column(column)
    if rows == "#total":
        return block.cell(column, block.total)
    first, _, last = rows[1:].partition(":")
    begins = block.first - 1 + int(first)
    return block.cells(column, begins, block.first - 1 + int(last)) if last else block.cell(column, begins)


def formula_xml(text: str, span: CellSpan, blocks: BlockPlaces) -> str:
    """A formula as XML, its references made addresses.

    `Unwritable` unless it is one that every spreadsheet computes, and reaches nothing outside the
    workbook.
    """
    text = addressed(text, blocks, span)
    if len(text) > 8_000:
        raise Unwritable(Place(), "more than the 8,192 characters of a formula", shown(text))
    for suspect in _SUSPECT.finditer(text):
        if suspect[0][0] not in "\"'" and suspect[1] not in _FUNCTIONS:
            raise Unwritable(Place(), f"a formula has no equals sign, and calls only {', '.join(_FUNCTIONS)}")
    return escape(text)


class _Pen:
    """Writes the cells of one column of one block, in one role."""

    def __init__(
        self, span: CellSpan, column: TableColumn, number: int, role: Role, styles: Styles, blocks: BlockPlaces
    ) -> None:
        looks = SHOWN[column.kind]
        forms = {look: f'" s="{styles[role, column.kind, look]}"' for look in {*looks.values(), ""}}
        self.kind, self.letter, self.start = column.kind, letters(number), f'<c r="{letters(number)}'
        self.text, self.linked = forms[looks[str]], f'" s="{styles[role, "link", "linked"]}"'
        self.blank = forms.get(column.kind, self.text)
        self.forms = {type_: (forms[look] + ">", _DECIMALS.get(look, 0)) for type_, look in looks.items()}
        self.forms[str] = (forms[""] + ' t="str">', 0)  # of a formula: in a format of text it would not live
        self.formula = lru_cache(maxsize=1024)(partial(formula_xml, span=span, blocks=blocks))

    def __call__(self, row: str, value: WrittenValue) -> str:
        if isinstance(value, str) and value:
            form = self.linked if self.kind in ("link", "sheet") and link_target(value, self.kind) else self.text
            return f"{self.start}{row}{form}{_TEXT}{text_xml(value)}</t></is></c>"
        if value is None or isinstance(value, str):
            return f"{self.start}{row}{self.blank}/>"
        if isinstance(value, Formula):
            formula = self.formula(value.text).replace("{}", row)
            return f"{self.start}{row}{self.stored(value.value, f'<f>{formula}</f>')}"
        return f"{self.start}{row}{self.stored(value)}"

    def stored(self, value: str | int | Decimal | date, formula: str = "") -> str:
        form, decimals = self.forms.get(type(value), ("", 0))
        if not form:
            takes = ", ".join(type_.__name__ for type_ in self.forms)
            raise TypeError(f"a {self.kind} column takes {takes}, found {type(value).__name__}")
        if isinstance(value, (int, Decimal)):
            return f"{form}{formula}<v>{number_xml(value, decimals)}</v></c>"
        return f"{form}{formula}<v>{text_xml(value) if isinstance(value, str) else day_xml(value)}</v></c>"


# --- rows ---


def rows_xml(
    sheet: Sheet, spans: Sequence[CellSpan], widths: Sequence[float], styles: Styles, blocks: BlockPlaces
) -> Iterator[str]:
    """The rows of a sheet from top to bottom. What cannot be written is refused with its cell's
    address."""
    role: Role = "title"
    for block, span in zip(sheet.blocks, spans, strict=True):
        yield from _words(block, span, widths, styles, role)
        role = "heading"
        if span.header:
            headers = [[column.header for column in block.columns]]
            yield from _cells(block, span, span.header, "header", headers, widths, styles, blocks)
        if span.first:
            first_blank = span.first + len(block.rows)
            blank = [[None] * len(block.columns)] * (span.last + 1 - first_blank)
            yield from _cells(block, span, span.first, "row", block.rows, widths, styles, blocks)
            yield from _cells(block, span, first_blank, "row", blank, widths, styles, blocks)
        if span.total and block.total is not None:
            yield from _cells(block, span, span.total, "total", [block.total], widths, styles, blocks)


def measure(widths: Sequence[float]) -> tuple[int, float]:
    """How many of the columns a paragraph runs across, and their width: no more than one reads
    easily."""
    across, wide = 1, widths[0]
    while across < len(widths) and wide + widths[across] <= 120:
        wide += widths[across]
        across += 1
    return across, wide


def _words(block: Block, span: CellSpan, widths: Sequence[float], styles: Styles, role: Role) -> Iterator[str]:
    wide = measure(widths)[1]
    words = [(block.heading, role, 24 if role == "title" else 20)] if block.heading else []
    words += [(text, "paragraph", 15 * _lines(text, wide) + 5) for text in block.text]
    for row, (text, part, height) in enumerate(words, span.top):
        start = f'<row r="{row}" ht="{height}" customHeight="1"><c r="A{row}" s="{styles[part, "text", ""]}"'
        yield f"{start}{_TEXT}{text_xml(text)}</t></is></c></row>"


def _lines(text: str, wide: float) -> int:
    """How many lines a text takes in a cell as wide as so many digits, which are wider than most
    letters."""
    return sum(max(1, len(wrap(line, max(1, int(1.15 * wide))))) for line in text.split("\n"))


def _cells(
    block: Block,
    span: CellSpan,
    first: int,
    role: Role,
    rows: RowSource,
    widths: Sequence[float],
    styles: Styles,
    blocks: BlockPlaces,
) -> Iterator[str]:
    labels: Role = "label" if role == "row" and not span.header else role
    pens = [_Pen(span, c, n, labels if n == 1 else role, styles, blocks) for n, c in enumerate(block.columns, 1)]
    wrapping = [at for at, column in enumerate(block.columns) if column.kind == "wrap" or role == "header"]
    written = 0
    for number, row in enumerate(rows, first):
        name = str(number)
        if len(row) != len(pens):
            problem = f"a row of {len(row)} cells under {len(pens)} columns"
            raise Unwritable(Place(sheet=span.sheet, cell=f"A{name}"), problem)
        tall = max((_lines(text, widths[at] - 1) for at in wrapping if isinstance(text := row[at], str)), default=1)
        if labels != role and {*row[1:]} <= {None, ""}:
            tall = 2  # a label and nothing else is a line to sign or to write on
        cells = [f'<row r="{name}" ht="{15 * tall}" customHeight="1">' if tall > 1 else f'<row r="{name}">']
        for pen, value in zip(pens, row, strict=True):
            try:
                cells.append(pen(name, value))
            except Unwritable as refusal:
                raise evolve(refusal, place=Place(sheet=span.sheet, cell=pen.letter + name)) from None
            except TypeError as refusal:
                raise TypeError(f"{span.sheet}!{pen.letter}{name}: {refusal}") from None
        cells.append("</row>")
        yield "".join(cells)
        written += 1
    if written != len(rows):
        raise Unwritable(Place(sheet=span.sheet), f"{written} rows came where {len(rows)} were announced")
