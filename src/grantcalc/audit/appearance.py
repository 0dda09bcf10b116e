"""Where a workbook looks otherwise than the same one made again: formats and colors, what is
hidden, merged or laid over the cells, print and package. What LibreOffice and openpyxl change as
they save it again is no difference."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from grantcalc.audit.book_looks import BookLook, look_of_book
from grantcalc.audit.cell_styles import CellLook
from grantcalc.audit.part_facts import MAY_GO
from grantcalc.audit.sheet_looks import ColumnLook, RowLook, SheetLook, Spot
from grantcalc.errors import shown
from grantcalc.xlsx.parts import COLUMN, ROW
from grantcalc.xlsx.sheets import letters
from grantcalc.xlsx.worksheets import CellArea

Told = tuple[str, str, str]  # where, what it says, what it should say

_AUTOMATIC = (12.0, 20.0)  # points of a row whose height a program chooses
_USUAL = (7.0, 11.0)  # characters of a column whose width nobody chose
_LAST = 16_384
_NAMES = {
    "conditionalFormatting": "a format that goes by a condition",
    "legacyDrawing": "comments or controls",
    "extLst": "an extension",
    "mergeCells": "merged cells",
    "picture": "a background picture",
    "sheetProtection": "protection",
}
_CODE = re.compile(r"([0#?.,;%()@$_* \-+/:ymdhsE]|General|\"…\"|\[[A-Za-z0-9=<>.$-]{0,20}\])*")


def changed_looks(
    actual: bytes, expected: bytes, merged: Mapping[str, Collection[CellArea]], signed: Collection[str] = ()
) -> Iterator[Told]:
    """Where the first of two workbooks looks otherwise than the second: where, what it says, what
    it should say.

    `merged` has the areas of each sheet that the second merges: what stands under one is not seen.
    In the cells that are `signed` a number format is no difference, since a day that is typed
    brings its own.
    """
    one, other = look_of_book(actual, "actual"), look_of_book(expected, "expected")
    for what in dict.fromkeys(one.strange):
        yield "the workbook", f"it holds {what}", "none"
    if one.theme not in ("", other.theme):
        yield "the workbook", "another theme", "the theme of the document"
    yield from _facts("the workbook", one.facts, other.facts)
    for title, wanted in other.sheets.items():
        if (looks := one.sheets.get(title)) is not None:
            yield from _facts(title, looks.facts, wanted.facts)
            yield from _rows(title, one, other)
            yield from _columns(title, one, other)
            yield from _cells(title, one, other, {*_covered(merged.get(title, ()))}, signed)


def _covered(areas: Collection[CellArea]) -> Iterator[Spot]:
    for top, left, bottom, right in areas:
        for row in range(top, bottom + 1):
            yield from ((row, c) for c in range(left, right + 1) if (row, c) != (top, left))


# --- what stands beside the cells ---


def _facts(place: str, actual: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[Told]:
    known = {_kind(at) for at in wanted}
    strangers = dict.fromkeys(kind for at in actual if (kind := _kind(at)) not in known)
    for kind in strangers:
        yield place, _NAMES.get(kind, _echo(kind)), "none"
    for at in dict.fromkeys((*wanted, *actual)):
        says, due = actual.get(at), wanted.get(at)
        if says == due or _kind(at) in strangers or (says is None and MAY_GO.fullmatch(at)) or _about(at, says, due):
            continue
        if (name := re.fullmatch(r"workbook/definedNames/definedName\[(.*)\]#", at)) is not None:
            known_name = name[1] if due is not None else shown(name[1])
            yield f"the name {known_name}", _meaning(says, due), _meaning(due, due)
        elif not re.match(r"workbook/definedNames/.*@name$", at):
            yield place, _fact(at, says, due), _fact(at, due, due)


def _kind(at: str) -> str:
    """Which of the things that stand in a part a fact is about."""
    steps = re.sub(r"\[[^\]]*\]", "", at).partition("@")[0].split("/")
    return steps[1].rstrip("#") if len(steps) > 1 else steps[0].rstrip("#")


def _about(at: str, says: str | None, due: str | None) -> bool:
    """Whether a drawing is about as large as it should be: columns are wider where another font is
    at hand."""
    if says is None or due is None or not re.search("drawing@(wide|high)$", at):
        return False
    least, most = (0.6, 1.15) if at.endswith("wide") else (0.85, 1.15)
    return says.isdecimal() and int(due) * least <= int(says) <= int(due) * most


def _fact(at: str, value: str | None, due: str | None) -> str:
    where, _, key = at.partition("@")
    element = re.sub(r"\[[^\]]*\]", "", where).split("/")[-1].rstrip("#").rpartition(":")[2]
    what = " ".join(filter(None, (element, key)))
    return f"no {what}" if value is None else f"{what} {value if value == due else _echo(value)}"


def _meaning(value: str | None, due: str | None) -> str:
    return "nothing" if value is None else f"it means {value}" if value == due else "it means something else"


def _echo(value: str) -> str:
    """A value, as far as it may be echoed: numbers, names of elements and colors, and no text."""
    return value if re.fullmatch(r"[0-9.,%A-F -]{1,40}|[a-z]{1,12}[A-Z][A-Za-z]{1,20}|there", value) else shown(value)


# --- rows and columns ---


def _rows(title: str, one: BookLook, other: BookLook) -> Iterator[Told]:
    actual, wanted = one.sheets[title], other.sheets[title]
    for number in sorted({*actual.rows, *wanted.rows}):
        row, due = actual.row(number), wanted.row(number)
        place = f"{title}, row {number}"
        if row.odd != due.odd or (height := _height(actual, row)) < ROW:
            yield place, _oddity(row.odd or ("hidden",)), _oddity(due.odd)
        elif not _as_high(height, due.height):
            yield place, f"height {height:g}", f"height {due.height or wanted.height:g}"
        if one.styles.look(row.style) != other.styles.look(due.style):
            yield place, "a style of its own", "none"


def _height(sheet: SheetLook, row: RowLook) -> float:
    return sheet.height if row.height is None else row.height


def _as_high(height: float, due: float | None) -> bool:
    return _AUTOMATIC[0] <= height <= _AUTOMATIC[1] if due is None else abs(height - due) < 0.6


def _columns(title: str, one: BookLook, other: BookLook) -> Iterator[Told]:
    actual, wanted = one.sheets[title], other.sheets[title]
    starts = {1, *(n for c in (*actual.columns, *wanted.columns) for n in (c.first, c.last + 1))}
    ends = sorted(n for n in starts if 0 < n <= _LAST)
    for first, after in zip(ends, [*ends[1:], _LAST + 1], strict=True):
        column, due = actual.column(first), wanted.column(first)
        place = f"{title}, column{_span(first, after - 1)}"
        if column.odd != due.odd or column.width < COLUMN:
            yield place, _oddity(column.odd or ("hidden",)), _oddity(due.odd)
        elif not _as_wide(column, due, due in wanted.columns):
            yield place, f"width {column.width:g}", f"width {due.width:g}"
        if one.styles.look(column.style) != other.styles.look(due.style):
            yield place, "a style of its own", "none"


def _as_wide(column: ColumnLook, due: ColumnLook, chosen: bool) -> bool:
    if not chosen:
        return _USUAL[0] <= column.width <= _USUAL[1]
    return abs(column.width - due.width) <= max(0.2, due.width / 50)


def _oddity(odd: tuple[str, ...]) -> str:
    return ", ".join(o if o in ("hidden", "collapsed", "said twice") else "a setting" for o in odd) or "shown"


def _span(first: int, last: int) -> str:
    return f" {letters(first)}" if first == last else f"s {letters(first)} to {letters(min(last, _LAST))}"


# --- cells ---


def _cells(
    title: str, one: BookLook, other: BookLook, covered: Collection[Spot], signed: Collection[str]
) -> Iterator[Told]:
    actual, wanted = one.sheets[title], other.sheets[title]
    alike: dict[tuple[int, int], list[str]] = {}
    for spot in sorted({*actual.cells, *wanted.cells}):
        ref = f"{title}!{letters(spot[1])}{spot[0]}"
        if (odd := actual.odd.get(spot, "")) != wanted.odd.get(spot, ""):
            yield ref, odd, "none"
        if spot in covered:
            continue
        styles = actual.style(spot), wanted.style(spot)
        if styles not in alike:
            look, due = one.styles.look(styles[0]), other.styles.look(styles[1])
            alike[styles] = [key for key in (*due, *look) if look.get(key) != due.get(key)]
        if keys := [key for key in dict.fromkeys(alike[styles]) if ref not in signed or key != "number format"]:
            look, due = one.styles.look(styles[0]), other.styles.look(styles[1])
            yield ref, _aspects(keys, look, due), _aspects(keys, due, due)


def _aspects(keys: list[str], look: CellLook, due: CellLook) -> str:
    """What of a look differs, in words; the text of a number format is not repeated."""
    said = []
    for key in keys:
        value = look.get(key)
        if value is None:
            said.append(f"no {key}")
        elif value == due.get(key):
            said.append(f"{key} {value}")
        elif key == "number format":
            code = re.sub(r'"[^"]*"?|\\.', '"…"', value)
            said.append(f"{key} {code if _CODE.fullmatch(code) else shown(value)}")
        else:
            said.append(f"{key if re.fullmatch('[A-Za-z ]{1,40}', key) else 'a setting'} {_echo(value)}")
    return ", ".join(said)
