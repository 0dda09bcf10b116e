"""How a printed workbook looks: formats of numbers, fonts, borders and fills."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from grantcalc.xlsx.rows import Styles
from grantcalc.xlsx.sheets import (
    SHOWN,
    Formula,
    Role,
    WrittenValue,
)

if TYPE_CHECKING:
    from openpyxl import Workbook

NUMBER_FORMATS = {
    "text": "@",  # so that a typed 2012-09 or 0012 stays what was typed
    "money": "#,##0.00_);(#,##0.00)",
    "rate": "#,##0.00####",
    "count": "#,##0",
    "date": "yyyy-mm-dd",
}
LEAST_WIDTH = {"money": 14, "rate": 10, "count": 8, "date": 11, "month": 9}
_RIGHT = ("money", "rate", "count", "date")

_FONT = [b"b", b"i", b"strike", b"condense", b"extend", b"outline", b"shadow", b"u", b"vertAlign", b"sz", b"color"]
_FONT += [b"name", b"family", b"charset", b"scheme"]
_INK, _RULE, _FILL, _LINK = "1F3349", "C9D1DA", "E4EAF1", "0B5394"


def styles_of(workbook: Workbook) -> Styles:
    """Every style there is, registered with openpyxl whether it is used or not."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    lines: tuple[Role, ...] = ("title", "heading", "paragraph")
    cells: tuple[Role, ...] = ("header", "label", "row", "total")
    keys: list[tuple[Role, str, str]] = [(role, "text", "") for role in lines]
    for kind, shown in SHOWN.items():
        looks = sorted({*shown.values(), ""}) + ["linked"] * (kind == "link")
        keys += [(role, kind, look) for role in cells for look in looks]
    borders = {
        "header": Border(bottom=Side("medium", color=_INK)),
        "label": Border(bottom=Side("hair", color=_RULE)),
        "row": Border(bottom=Side("hair", color=_RULE)),
        "total": Border(top=Side("thin", color=_INK), bottom=Side("double", color=_INK)),
    }
    sheet = workbook.create_sheet("styles")
    styles: dict[tuple[Role, str, str], int] = {}
    for role, of, look in keys:
        cell = WriteOnlyCell(sheet)
        strong, linked, right = role not in ("paragraph", "row"), look == "linked", of in _RIGHT
        cell.font = Font(
            name="Calibri",
            size={"title": 16, "heading": 13}.get(role, 11),
            bold=strong,
            color=_LINK if linked else _INK if strong else "000000",
            underline="single" if linked else None,
        )
        cell.alignment = Alignment(
            horizontal="right" if right else "left",
            indent=0 if right or role in lines else 1,  # so that no text touches the number before it
            vertical="top" if role in ("row", "paragraph") else "bottom",
            wrap_text=of == "wrap" or role in ("paragraph", "header"),
        )
        if role == "header":
            cell.fill = PatternFill("solid", fgColor=_FILL)
        cell.border = borders.get(role, Border())
        cell.number_format = NUMBER_FORMATS.get(look, "General")
        styles[role, of, look] = cell.style_id
    workbook.remove(sheet)
    return styles


def fonts_in_order(styles: bytes) -> bytes:
    """The part of styles with what each font says in the order of the schema (ECMA-376, part 1,
    18.8.22), which openpyxl does not keep."""

    def ordered(font: re.Match[bytes]) -> bytes:
        said = re.findall(rb"<(\w+)[^>]*></\1>", font[0])
        elements = {name: re.search(rb"<%s[ >].*?</%s>" % (name, name), font[0]) for name in said}
        elements_in_order = [elements[name] for name in sorted(elements, key=_FONT.index)]
        return b"<font>" + b"".join(match[0] for match in elements_in_order if match) + b"</font>"

    return re.sub(rb"<font>.*?</font>", ordered, styles)


def as_shown(value: WrittenValue) -> str:
    """A value about as wide as its format shows it."""
    if isinstance(value, Formula):
        return as_shown(value.value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}()"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
