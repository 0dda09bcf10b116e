"""How a sheet shows its cells: the style of each, what is hidden, how high and wide rows and
columns are, and all that the sheet says besides. Read by the same relations and places as the
cells' values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field, frozen

from grantcalc.audit.cell_styles import flag
from grantcalc.audit.part_facts import facts_of, joined_facts
from grantcalc.xlsx.elements import Element, elements_of, root_of
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.parts import relations
from grantcalc.xlsx.scan import Package

Spot = tuple[int, int]
"""Row and column of a cell."""

_REFERENCE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROW = {"r", "spans", "ht", "customHeight", "hidden", "s", "customFormat", "outlineLevel", "collapsed"}
_COLUMN = {"min", "max", "width", "customWidth", "hidden", "style", "outlineLevel", "collapsed", "bestFit"}
_CELL = {"r", "s", "t"}
_LAST = 16_384
_EMU_OF_CHARACTER, _EMU_OF_POINT = 7 * 9_525, 12_700


@frozen
class RowLook:
    """A row: its height in points, if it says one, the style of cells that are not there, and what
    is odd about it."""

    height: float | None = None
    style: int = 0
    odd: tuple[str, ...] = ()


@frozen
class ColumnLook:
    """Columns from the first to the last: their width in characters, their style, and what is odd
    about them."""

    first: int
    last: int
    width: float
    style: int = 0
    odd: tuple[str, ...] = ()


@define
class SheetLook:
    """How a sheet looks. `facts` are what it says besides its cells, by the place in its parts."""

    cells: dict[Spot, int] = field(factory=dict)
    odd: dict[Spot, str] = field(factory=dict)
    rows: dict[int, RowLook] = field(factory=dict)
    columns: list[ColumnLook] = field(factory=list)
    facts: dict[str, str] = field(factory=dict)
    width: float = 8.43
    height: float = 15.0

    def column(self, number: int) -> ColumnLook:
        """How a column looks, also one of which the sheet says nothing."""
        return next((c for c in self.columns if c.first <= number <= c.last), ColumnLook(number, number, self.width))

    def row(self, number: int) -> RowLook:
        """How a row looks, also one of which the sheet says nothing."""
        return self.rows.get(number, RowLook())

    def style(self, spot: Spot) -> int:
        """The style of a cell: its own, or that of its row or column."""
        return self.cells.get(spot, self.row(spot[0]).style or self.column(spot[1]).style)

    def add(self, facts: Iterable[tuple[str, str]]) -> None:
        """What another part says of the sheet."""
        self.facts = joined_facts((*self.facts.items(), *facts))


def look_of(package: Package, part: str, rich: frozenset[int]) -> SheetLook:
    """How a sheet looks; `rich` are the shared texts that have more looks than one."""
    look, linked, datas = SheetLook(), relations(package, part), 0
    number = 0
    root = Element("worksheet", {})
    for element in elements_of(package, part, apart="sheetData"):
        if element.name == "row":
            number = _row(look, element, number, rich)
        elif element.name == "cols":
            for column in element.inside:
                _columns(look, column)
        elif element.name == "sheetData":
            datas += 1
        elif element.name == "worksheet":
            root.attributes = element.attributes
        else:
            root.inside.append(element)
    if datas != 1 or root.attributes.keys() - {"http://schemas.openxmlformats.org/markup-compatibility/2006 Ignorable"}:
        look.facts["worksheet"] = "rows in several places"
    for e in _hyperlinks(root):
        if (key := e.attributes.pop("r:id", None)) is not None:
            e.attributes["target"] = linked[key].outside if key in linked else "missing"
    if (form := root.first("sheetFormatPr")) is not None:
        look.width = _size(form.attributes.get("defaultColWidth")) or look.width
        look.height = _size(form.attributes.get("defaultRowHeight")) or look.height
    look.add(facts_of(root))
    return look


def add_part(look: SheetLook, package: Package, kind: str, part: str) -> None:
    """What a part that the sheet names says of it: a table, a drawing, or a chart of the
    drawing."""
    root = root_of(package, part)
    if kind == "table":
        name = root.attributes.get("displayName", "")
        look.add((f"{name}:{place}", value) for place, value in facts_of(root))
    elif kind == "drawing":
        root.inside, anchors = [], root.inside
        for n, anchor in enumerate(anchors, 1):
            look.add((f"{n}:{place}", value) for place, value in _anchored(look, anchor))
    else:
        look.add(facts_of(root))


def _hyperlinks(root: Element) -> Iterator[Element]:
    for element in root.inside:
        if element.name == "hyperlinks":
            yield from element.inside


def _row(look: SheetLook, row: Element, before: int, rich: frozenset[int]) -> int:
    a = row.attributes
    number = int(a["r"]) if re.fullmatch("[0-9]{1,7}", a.get("r", "")) else before + 1
    odd = [key for key in ("hidden", "collapsed") if flag(a.get(key, "0")) != "0"]
    odd += [key for key in a if key not in _ROW or (key == "outlineLevel" and a[key] != "0")]
    odd += ["said twice"] if number in look.rows else []
    style = _whole(a.get("s")) if flag(a.get("customFormat", "0")) != "0" else 0
    look.rows[number] = RowLook(_size(a.get("ht")), style, tuple(odd))
    column = 0
    for cell in row.inside:
        match = _REFERENCE.fullmatch(cell.attributes.get("r", ""))
        column = column_number(match[1]) if match else column + 1
        spot = int(match[2]) if match else number, column
        look.cells[spot] = _whole(cell.attributes.get("s"))
        if cell.name != "c" or (said := _odd(cell, rich)):
            look.odd[spot] = said if cell.name == "c" else "something that is no cell"
    return number


def _odd(cell: Element, rich: frozenset[int]) -> str:
    """What a cell has that none has that was saved again: several looks of its text, a formula of
    many cells."""
    if cell.attributes.keys() - _CELL:
        return "a setting that is not known"
    for e in cell.inside:
        if e.name == "is" and is_rich(e):
            return "text in several looks"
        if e.name == "v" and cell.attributes.get("t") == "s" and _whole(e.text) in rich:
            return "text in several looks"
        if e.name == "f" and {k for k, v in e.attributes.items() if (k, flag(v)) != ("aca", "0")}:
            return "a formula of several cells"
        if e.name not in ("is", "v", "f"):
            return "something that is not known"
    return ""


def is_rich(text: Element) -> bool:
    """Whether a text has looks of its own, or something besides."""
    return [e.name for e in text.inside] not in (["t"], [])


def _columns(look: SheetLook, column: Element) -> None:
    a = column.attributes
    first, last = _whole(a.get("min")), min(_whole(a.get("max")), _LAST)
    odd = [key for key in ("hidden", "collapsed") if flag(a.get(key, "0")) != "0"]
    odd += [key for key in a if key not in _COLUMN or (key == "outlineLevel" and a[key] != "0")]
    odd += ["said twice"] if any(c.first <= last and first <= c.last for c in look.columns) else []
    width = _size(a.get("width"))
    look.columns.append(
        ColumnLook(first, last, look.width if width is None else width, _whole(a.get("style")), tuple(odd))
    )


def _anchored(look: SheetLook, anchor: Element) -> Iterator[tuple[str, str]]:
    """What stands over the cells, and where: from which cell on, and how wide and high in about a
    centimeter each."""
    ends = {e.name: _point(look, e) for e in anchor.inside if e.name in ("xdr:from", "xdr:to")}
    size = next((e.attributes for e in anchor.inside if e.name == "xdr:ext"), None)
    left, top = ends.get("xdr:from", (0, 0))
    right, bottom = ends.get("xdr:to", (left, top))
    wide, high = (_whole(size.get(k)) for k in ("cx", "cy")) if size else (right - left, bottom - top)
    yield "drawing@from", _cell(anchor)
    yield "drawing@wide", str(wide)
    yield "drawing@high", str(high)
    for e in anchor.inside:
        if e.name not in ("xdr:from", "xdr:to", "xdr:ext"):
            yield from facts_of(e, ("drawing",))
    if anchor.name not in ("xdr:oneCellAnchor", "xdr:twoCellAnchor"):
        yield "drawing@anchor", anchor.name


def _cell(anchor: Element) -> str:
    """The cell from which a drawing begins; with what it is moved by in it, if that is anything."""
    begin = anchor.first("xdr:from")
    said = {e.name: e.text for e in begin.inside} if begin else {}
    return " ".join(said.get(f"xdr:{name}", "") for name in ("col", "row", "colOff", "rowOff"))


def _point(look: SheetLook, corner: Element) -> Spot:
    said: Mapping[str, int] = {e.name: _whole(e.text) for e in corner.inside}
    column, row = said.get("xdr:col", 0), said.get("xdr:row", 0)
    x = sum(look.column(n).width * _EMU_OF_CHARACTER for n in range(1, min(column, 200) + 1))
    heights = (look.row(n).height or look.height for n in range(1, min(row, 10_000) + 1))
    y = sum(h * _EMU_OF_POINT for h in heights)
    return round(x) + said.get("xdr:colOff", 0), round(y) + said.get("xdr:rowOff", 0)


def _size(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,30})?", text) else None


def _whole(text: str | None) -> int:
    """A whole number; 0 for none, and what is none is a number that nothing has."""
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else 0 if text is None else 10**9
