"""What a workbook shows of what it holds: formats and colors that hide a figure, hidden rows and columns, names, and
what lies over the cells. Two workbooks are compared, the one at hand with the same one made again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from attrs import define, field

from grantcalc.errors import shown
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.parts import COLUMN, ROW, is_slight
from grantcalc.xlsx.sheets import letters

_SECTION = re.compile(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]?|(;)|([^"\\_*\[;]+)', re.DOTALL)
_NUMBERED = {
    **dict(enumerate(("General", "0", "0.00", "#,##0", "#,##0.00"))),
    **dict.fromkeys((9, 10), "0.00%"),
    **dict.fromkeys((14, 15, 16, 17, 22), "yyyy-mm-dd"),
    **dict.fromkeys((37, 38), "#,##0_);(#,##0)"),
    **dict.fromkeys((39, 40), "#,##0.00_);(#,##0.00)"),
    49: "@",
}  # the formats that a workbook names by number alone
_OVER = {
    "pictures or drawings": r"xl/(media/|charts/chart\d|drawings/drawing\d)",
    "macros": r"vbaProject\.bin$",
    "links to other workbooks": r"xl/externalLinks/externalLink\d",
}
_DIGITS = "0123456789"
Told = tuple[str, str, str]  # where, what it says, what it should say


@define
class _SheetAppearance:
    """How one sheet shows its cells: the style of each, what is hidden, and where conditions change the look."""

    styles: dict[str, int] = field(factory=dict)
    rows: list[int] = field(factory=list)
    columns: list[tuple[int, int]] = field(factory=list)
    conditions: set[str] = field(factory=set)


class _WorkbookAppearance:
    """The parts of a workbook that has been read already, and is thus sound."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(BytesIO(data))
        self.names: dict[str, str] = {}
        self.sheets: dict[str, str] = {}
        self.date_1904 = False
        related, name = dict[str, str](), [""]

        def relation(tag: str, a: Mapping[str, str]) -> None:
            if tag == "Relationship":
                related[a["Id"]] = normpath(join("xl", a["Target"])).lstrip("/")

        def begin(tag: str, a: Mapping[str, str]) -> None:
            name[0] = ""
            if tag == "sheet":
                self.sheets[a["name"]] = related.get(next((v for k, v in a.items() if k.endswith("}id")), ""), "")
            elif tag == "definedName" and not a["name"].startswith("_xlnm."):
                name[0] = a["name"]

        def text(said: str) -> None:
            if name[0]:
                self.names[name[0]] = self.names.get(name[0], "") + re.sub(r"[$'\s]", "", said)

        self.parse("xl/_rels/workbook.xml.rels", relation)
        self.parse("xl/workbook.xml", begin, text)

    def bytes_of(self, part: str) -> bytes:
        return self.zip.read(part) if part in self.zip.namelist() else b""

    def parse(self, part: str, begin: Any, text: Any = None) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, a: begin(tag.rpartition("}")[2], a)
        parser.CharacterDataHandler = text
        if data := self.bytes_of(part):
            parser.Parse(data, True)

    def look(self, title: str) -> _SheetAppearance:
        found = _SheetAppearance()

        def begin(tag: str, a: Mapping[str, str]) -> None:
            if tag == "c" and "r" in a:
                found.styles[a["r"]] = int(a.get("s", "0"))
            elif tag == "row" and (_is(a, "hidden") or is_slight(a.get("ht"), ROW)):
                found.rows.append(int(a.get("r", "0")))
            elif tag == "col" and (_is(a, "hidden") or is_slight(a.get("width"), COLUMN)):
                found.columns.append((int(a["min"]), int(a["max"])))
            elif tag == "conditionalFormatting":
                found.conditions.add(a.get("sqref", ""))

        self.parse(self.sheets.get(title, ""), begin)
        return found

    def styles(self) -> list[tuple[str, bool]]:
        """The number format of each style, and whether its text has about the color of its ground."""
        codes, fonts, fills = dict(_NUMBERED), list[str](), list[str]()
        found: list[tuple[str, bool]] = []
        inside = [""]

        def begin(tag: str, a: Mapping[str, str]) -> None:
            if tag in ("fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs", "borders"):
                inside[0] = tag
            elif tag == "numFmt" and inside[0] != "dxfs":
                codes[int(a["numFmtId"])] = a.get("formatCode", "")
            elif tag == "font" and inside[0] == "fonts":
                fonts.append("")
            elif tag == "fill" and inside[0] == "fills":
                fills.append("")
            elif tag == "color" and inside[0] == "fonts":
                fonts[-1] = _color(a)
            elif tag == "fgColor" and inside[0] == "fills":
                fills[-1] = _color(a)
            elif tag == "xf" and inside[0] == "cellXfs":
                font, fill = (_at(of, int(a.get(key, "0"))) for of, key in ((fonts, "fontId"), (fills, "fillId")))
                code = codes.get(int(a.get("numFmtId", "0")), "General")
                found.append((code, _alike(font or "000000", fill or "FFFFFF")))

        self.parse("xl/styles.xml", begin)
        return found


def _is(a: Mapping[str, str], name: str) -> bool:
    return a.get(name) in ("1", "true")


_NAMED = {"theme 0": "FFFFFF", "theme 1": "000000", **dict.fromkeys(("indexed 1", "indexed 9"), "FFFFFF")}
_NAMED |= dict.fromkeys(("indexed 0", "indexed 8"), "000000")


def _color(a: Mapping[str, str]) -> str:
    """A color by its red, green and blue, two digits each; nothing for one that a program chooses by itself."""
    name = next((f"{by} {a[by]}" for by in ("theme", "indexed") if by in a), "")
    return _NAMED.get(name, "") if name else a.get("rgb", "")[-6:].upper()


def _alike(color: str, ground: str) -> bool:
    """Whether two colors can hardly be told from one another: no part of them differs by a fifth."""
    if not (re.fullmatch("[0-9A-F]{6}", color) and re.fullmatch("[0-9A-F]{6}", ground)):
        return False
    return all(abs(int(color[at : at + 2], 16) - int(ground[at : at + 2], 16)) < 51 for at in (0, 2, 4))


def _at(found: list[str], number: int) -> str:
    return found[number] if number < len(found) else ""


def hidden_cells(actual: bytes, expected: bytes, same: Mapping[str, object]) -> Iterator[Told]:
    """What the first of two workbooks hides that the second shows: where, what it says, what it should say.

    `same` has the value of each cell (`Lines!Q3`) that holds the same in both: of those the looks are compared.
    """
    one, other = _WorkbookAppearance(actual), _WorkbookAppearance(expected)
    looks, should = one.styles(), other.styles()
    for title, part in other.sheets.items():
        if one.bytes_of(one.sheets.get(title, "")) == other.bytes_of(part) and looks == should:
            continue
        found, wanted = one.look(title), other.look(title)
        used = {int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for ref in found.styles}
        for row in sorted({*found.rows} & used - {*wanted.rows}):
            yield f"{title}, row {row}", "hidden", "shown"
        widest = max((column_number(ref.rstrip(_DIGITS)) for ref in found.styles), default=0)
        for first, last in found.columns:
            if first <= widest and (first, last) not in wanted.columns:
                yield f"{title}, column{_span(first, last)}", "hidden", "shown"
        for area in sorted(found.conditions - wanted.conditions):
            yield f"{title}!{area}", "a format that goes by a condition", "none"
        for ref, style in found.styles.items():
            value = same.get(f"{title}!{ref}")
            if value is not None and ref in wanted.styles:
                yield from _look_of(f"{title}!{ref}", looks[style], should[wanted.styles[ref]], value)
    for name in sorted({*one.names, *other.names}):
        if one.names.get(name) != other.names.get(name):
            says, due = (f"it means {n[name]}" if name in n else "nothing" for n in (one.names, other.names))
            known = says if name in other.names else "a name"
            yield f"the name {name if name in other.names else shown(name)}", known, due
    for what, pattern in _OVER.items():
        if _many(one.zip.namelist(), pattern) > _many(other.zip.namelist(), pattern):
            yield "the workbook", f"it holds {what}", "none" if not _many(other.zip.namelist(), pattern) else "fewer"


def _many(names: Iterable[str], pattern: str) -> int:
    return sum(1 for name in names if re.search(pattern, name))


def _span(first: int, last: int) -> str:
    return f" {letters(first)}" if first == last else f"s {letters(first)} to {letters(min(last, 16_384))}"


def _look_of(ref: str, look: tuple[str, bool], should: tuple[str, bool], value: object) -> Iterator[Told]:
    (code, invisible), (wanted, faint) = look, should
    if invisible and not faint:
        yield ref, "text in its background color", "text that is seen"
    elif code != wanted and (face := _face(code, value)) not in (_face(wanted, value), "all of it"):
        yield ref, f"a format that shows {face}", f"the format {wanted}"


def _face(code: str, value: object) -> str:
    """What a number format shows of a value, in words of which two are equal when it shows the same."""
    sections, literals = [""], [""]
    for quoted, escaped, bracket, end, plain in _SECTION.findall(code):
        if end:
            sections.append("")
            literals.append("")
        elif re.match("[<>=]", bracket):
            return "what a condition says"
        elif re.fullmatch("[hms]+", bracket, re.IGNORECASE):
            sections[-1] += bracket
        literals[-1] += re.sub(r"\D", "", quoted + escaped)
        sections[-1] += plain
    at = _section(len(sections), value, "@" in code)
    if at is None:
        return "all of it"
    return "digits that the format itself has" if literals[at] else _shown_by(sections[at].lower())


def _section(count: int, value: object, for_text: bool) -> int | None:
    """Which section of a format a value falls under; None for a text that none speaks of."""
    if isinstance(value, str):
        return 3 if count > 3 else 0 if for_text else None
    if isinstance(value, int | float) and value <= 0:
        return 1 if value < 0 and count > 1 else 2 if value == 0 and count > 2 else 0
    return 0


def _shown_by(section: str) -> str:
    if "general" in section or "@" in section:
        return "all of it"
    if letters := "".join(c for c in "ymdhs" if c in section):
        return f"a day or time ({letters})"
    if not re.search("[0#?]", section):
        return "nothing"
    whole, _, fraction = section.partition(".")
    thousands = " in thousands" if re.search(r"[0#?],+([^0#?,]|$)", f"{whole} {fraction}") else ""
    share = "".join(c for c in "%e" if c in section)
    return f"a number with {len(re.findall('[0#?]', fraction))} decimals{thousands}" + (f" ({share})" if share else "")
