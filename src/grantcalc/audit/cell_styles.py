"""How the cells of a workbook look: each style as what a reader sees of it, whatever its parts are
numbered.

Two styles look the same when nothing of this differs: number format, font, color, fill, borders,
alignment. A color that the theme or a palette defines is taken from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from attrs import field, frozen

from grantcalc.xlsx.elements import Element, root_of
from grantcalc.xlsx.scan import Package

CellLook: TypeAlias = Mapping[str, str]
"""What differs from plain black text on white: `number format`, `color`, `fill`, and so on, each
with its value."""

_NUMBERED = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 39: "#,##0.00_);(#,##0.00)", 49: "@"}
_OWN = 164  # from here on formats are the workbook's own
_BASIC = "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF".split()
_PALETTE = {**dict(enumerate([*_BASIC, *_BASIC])), 64: "000000", 65: "FFFFFF"}  # of the others none is ours
_ACCENTS = [f"a:accent{n}" for n in range(1, 7)]
_THEME = ["a:lt1", "a:dk1", "a:lt2", "a:dk2", *_ACCENTS, "a:hlink", "a:folHlink"]  # in the order of their numbers
_UNSEEN = {"family", "pivotButton", "quotePrefix", "xfId"}
_LISTS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")
_SETTLED = {*_LISTS, "cellStyles", "dxfs", "tableStyles", "colors"}
_FALSE = ("0", "false")
_DEFAULTS = {
    "horizontal": "general",
    "vertical": "bottom",
    "locked": "1",
    **dict.fromkeys(("textRotation", "wrapText", "indent", "shrinkToFit", "hidden", "readingOrder"), "0"),
    **dict.fromkeys(("justifyLastLine", "relativeIndent"), "0"),
}


@frozen
class CellStyles:
    """The look of each style of a workbook by its number, and what the styles hold besides."""

    looks: tuple[CellLook, ...]
    besides: tuple[str, ...]

    def look(self, number: int) -> CellLook:
        """The look of a style; of one that is not there, that it is not."""
        return self.looks[number] if 0 <= number < len(self.looks) else {"style": "missing"}


PLAIN_STYLES = CellStyles(({"number format": "General"},), ())


def cell_styles_of(package: Package, part: str, theme: str = "") -> CellStyles:
    """The styles of a workbook, by its part of styles and its theme."""
    root = root_of(package, part)
    besides = [e.name for e in root.inside if e.name not in _SETTLED]
    lists = {e.name: e.inside for e in root.inside if e.name in _LISTS}
    besides += [e.name for e in root.inside if e.name in _LISTS and e.inside is not lists[e.name]]
    reader = _StylesReader(lists, _colors_of(root), _theme_of(package, theme))
    behind = [reader.look(xf) for xf in lists.get("cellStyleXfs", ())]
    for look in behind:
        if {*look} - {"number format", "font", "size"} or not {look.get("font", "")} <= {"Calibri", "Arial"}:
            besides.append("a style behind the cells")
    looks = tuple(reader.look(xf, behind) for xf in lists.get("cellXfs", ()))
    return CellStyles(looks or PLAIN_STYLES.looks, tuple(besides))


def _theme_of(package: Package, part: str) -> list[str]:
    """The colors of a theme, in the order in which styles number them."""
    if not part:
        return []
    scheme = next((s for e in root_of(package, part).inside for s in e.inside if s.name == "a:clrScheme"), None)
    colors = {e.name: e.inside[0].attributes for e in scheme.inside if e.inside} if scheme else {}
    return [(colors[n].get("lastClr") or colors[n].get("val", "")).upper() if n in colors else "" for n in _THEME]


def _colors_of(root: Element) -> dict[int, str]:
    """The palette: the usual one, or what the workbook has instead."""
    colors = root.first("colors")
    own = colors.first("indexedColors") if colors else None
    if own is None:
        return dict(_PALETTE)
    return {**_PALETTE, **{n: e.attributes.get("rgb", "")[-6:].upper() for n, e in enumerate(own.inside)}}


@frozen
class _StylesReader:
    """What the looks of the styles are read from."""

    lists: Mapping[str, list[Element]]
    palette: Mapping[int, str]
    theme: list[str]
    codes: dict[int, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for e in self.lists.get("numFmts", ()):
            number, code = _number(e.attributes.get("numFmtId")), normal_format(e.attributes.get("formatCode", ""))
            known = _NUMBERED.get(number, code) if number < _OWN else code
            self.codes[number] = code if code == known else f"{code} or {known}"

    def look(self, xf: Element, behind: Iterable[CellLook] = ()) -> CellLook:
        """The look of a style. Where it says that a part of it is not applied, programs differ:
        they may show the part of the style `behind` it."""
        a = xf.attributes
        number = _number(a.get("numFmtId"))
        groups: dict[str, dict[str, str]] = {
            "NumberFormat": {
                "number format": self.codes.get(number) or normal_format(_NUMBERED.get(number, f"number {number}"))
            },
            "Font": dict(self._font(_at(self.lists.get("fonts"), a.get("fontId")))),
            "Fill": dict(self._fill(_at(self.lists.get("fills"), a.get("fillId")))),
            "Border": dict(self._border(_at(self.lists.get("borders"), a.get("borderId")))),
            "Alignment": dict(_settings(xf, "alignment")),
            "Protection": dict(_settings(xf, "protection")),
        }
        known = {*_UNSEEN, "numFmtId", "fontId", "fillId", "borderId", *(f"apply{name}" for name in groups)}
        look = {key: value for group in groups.values() for key, value in group.items()}
        look |= {f"setting {key}": flag(a[key]) for key in a if key not in known}
        look |= {f"element {e.name}": "there" for e in xf.inside if e.name not in ("alignment", "protection")}
        styles = list(behind)
        style = styles[n] if (n := _number(a.get("xfId"))) < len(styles) else {}
        for name, group in groups.items():
            if a.get(f"apply{name}") in _FALSE:
                other = {key: value for key, value in style.items() if key in {*group, *_OF[name]}}
                look |= {f"{key} of the style behind": other[key] for key in other if other[key] != group.get(key)}
        return look

    def _font(self, font: Element | None) -> Iterator[tuple[str, str]]:
        if font is None:
            yield "font", "missing"
            return
        for name, elements in _by_name(font.inside).items():
            values = [self.color(e) if name == "color" else flag(e.attributes.get("val", "1")) for e in elements]
            value = " or ".join(values)
            if (name == "charset" and value in ("0", "1")) or name == "scheme":
                continue
            if name == "name":
                yield "font", value
            elif name == "sz":
                yield "size", value
            elif value not in ("0", "none", "000000", "baseline") and name not in _UNSEEN:
                yield {"b": "bold", "i": "italic", "u": "underline"}.get(name, name), value

    def _fill(self, fill: Element | None) -> Iterator[tuple[str, str]]:
        pattern = fill.inside[0] if fill and len(fill.inside) == 1 else None
        kind = pattern.attributes.get("patternType", "none") if pattern else "missing"
        if pattern is None or pattern.name != "patternFill":
            yield "fill", pattern.name if pattern else kind
        elif kind == "solid":
            yield "fill", " or ".join(self.color(e) for e in pattern.inside if e.name == "fgColor")
        elif kind != "none":
            yield "fill", kind

    def _border(self, border: Element | None) -> Iterator[tuple[str, str]]:
        if border is None:
            yield "border", "missing"
            return
        for key, value in border.attributes.items():
            if flag(value) != ("1" if key == "outline" else "0"):
                yield f"border {key}", flag(value)
        for side in border.inside:
            if (style := side.attributes.get("style", "none")) != "none":
                yield f"border {side.name}", " ".join([style, *map(self.color, side.inside)])

    def color(self, e: Element) -> str:
        """A color by its red, green and blue, two digits each, wherever that is defined."""
        a, colors = e.attributes, list[str]()
        if "rgb" in a:
            colors.append(a["rgb"][-6:].upper())
        if "indexed" in a:
            colors.append(self.palette.get(_number(a["indexed"]), f"indexed {a['indexed']}"))
        if "theme" in a:
            at = _number(a["theme"])
            colors.append(self.theme[at] if at < len(self.theme) else f"theme {a['theme']}")
        if flag(a.get("auto", "0")) != "0":
            colors.append("000000")
        tint = a.get("tint", "0")
        changed = f" with tint {tint}" if not re.fullmatch(r"-?0(\.0*)?", tint) else ""
        return " or ".join(colors or ["000000"]) + changed


_OF: Mapping[str, tuple[str, ...]] = {
    "NumberFormat": (),
    "Font": ("color", "bold", "italic", "underline", "strike", "vertAlign", "outline", "shadow"),
    "Fill": ("fill",),
    "Border": tuple(f"border {side}" for side in ("left", "right", "top", "bottom", "diagonal")),
    "Alignment": tuple(_DEFAULTS),
    "Protection": (),
}


def _settings(xf: Element, name: str) -> Iterator[tuple[str, str]]:
    for element in (e for e in xf.inside if e.name == name):
        for key, value in element.attributes.items():
            if flag(value) != _DEFAULTS.get(key):
                yield key, flag(value)


def normal_format(code: str) -> str:
    """A number format as programs write it that write it differently: a sign or a space needs no
    backslash, and a space as wide as a bracket is one."""
    return re.sub(r"\\([-/(): ])", r"\1", code).replace("_)", " ")


def flag(value: str) -> str:
    """A setting, however it says yes or no, and a number however many zeros end it."""
    if re.fullmatch(r"-?[0-9]+\.[0-9]+", value):
        return f"{float(value):.2f}".rstrip("0").rstrip(".")
    return {"true": "1", "false": "0"}.get(value, value)


def _by_name(elements: Iterable[Element]) -> dict[str, list[Element]]:
    by_name: dict[str, list[Element]] = {}
    for element in elements:
        by_name.setdefault(element.name, []).append(element)
    return by_name


def _number(text: str | None) -> int:
    """A number that an attribute gives: 0 for none, and for what is none, one that nothing has."""
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else 0 if text is None else 10**9


def _at(elements: list[Element] | None, number: str | None) -> Element | None:
    at = _number(number)
    return elements[at] if elements and at < len(elements) else None
