"""Ways to forge an issued workbook, by its looks, its package or its figures: classes of tampering,
each at a place that a random number chooses. No part of this knows how verification finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from attrs import define, field

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOOK, _STYLES, _THEME, _CHART = "xl/workbook.xml", "xl/styles.xml", "xl/theme/theme1.xml", "xl/charts/chart1.xml"
_SHOWN = ("Summary", "Lines", "Held back", "Months")


@define
class Forged:
    """A workbook that is being forged: its parts, and what chooses the place."""

    parts: dict[str, str]
    random: Random
    sheets: dict[str, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        names = re.findall(r'<sheet [^>]*name="([^"]*)"', self.parts[_BOOK])
        self.sheets = {name: f"xl/worksheets/sheet{n}.xml" for n, name in enumerate(names, 1)}

    def sheet(self) -> str:
        """The part of a sheet that shows amounts."""
        return self.sheets[self.random.choice([name for name in _SHOWN if name in self.sheets])]

    def replace(self, part: str, old: str, new: str, count: int = 0) -> None:
        """Change a part; it is a fault of this file if nothing changes."""
        text = re.sub(old, new, self.parts[part], count=count, flags=re.DOTALL)
        assert text != self.parts[part], (part, old)
        self.parts[part] = text

    def figure(self, pattern: str = r"<c [^>]*>(?:<f>[^<]*</f>)?<v>") -> tuple[str, str]:
        """A cell with a figure: the part of its sheet, and its reference."""
        cells = {name: re.findall(pattern, self.parts[part]) for name, part in self.sheets.items() if name in _SHOWN}
        figures = {
            name: plain for name, all_cells in cells.items() if (plain := [c for c in all_cells if " t=" not in c])
        }
        sheet = self.random.choice([*figures])
        part, found = self.sheets[sheet], figures[sheet]
        return part, re.findall(r'r="([A-Z]+\d+)"', self.random.choice(found))[0]

    def cell(self, part: str, ref: str) -> str:
        match = re.search(rf'<c r="{ref}"[^>]*?(/>|>.*?</c>)', self.parts[part], re.DOTALL)
        assert match, ref
        return match[0]

    def put(self, part: str, ref: str, change: Callable[[str], str]) -> None:
        """Change one cell."""
        old = self.cell(part, ref)
        new = change(old)
        assert new != old, old
        self.parts[part] = self.parts[part].replace(old, new)

    def restyle(
        self, xf: Callable[[str], str] = str, font: str | None = None, fill: str = "", border: str = "", code: str = ""
    ) -> None:
        """Give a cell a style of its own: that which it has, with another font, fill, border,
        number format, or other settings. `font` stands within the font that it has, in place of
        elements of the same names."""
        part, ref = self.figure()
        self.restyle_cell(part, ref, xf, font, fill, border, code)

    def restyle_cell(
        self,
        part: str,
        ref: str,
        xf: Callable[[str], str] = str,
        font: str | None = None,
        fill: str = "",
        border: str = "",
        code: str = "",
    ) -> None:
        number = int(re.findall(r' s="(\d+)"', self.cell(part, ref))[0])
        xfs = re.findall(r"<xf .*?</xf>|<xf [^>]*/>", self.list("cellXfs"), re.DOTALL)
        mine = xfs[number]
        for name, new in (("font", font), ("fill", fill), ("border", border)):
            if new:
                entries = re.findall(
                    rf"<{name}>.*?</{name}>|<{name}/>|<{name} .*?</{name}>", self.list(f"{name}s"), re.DOTALL
                )
                added = new
                if name == "font":
                    old = entries[int(re.findall(r'fontId="(\d+)"', mine)[0])]
                    for element in re.findall(r"<(\w+)", new):
                        old = re.sub(rf"<{element} [^>]*?(/>|></{element}>)", "", old)
                    added = old.replace("<font>", f"<font>{new}")
                self.replace(_STYLES, f"</{name}s>", f"{added}</{name}s>")
                mine = re.sub(rf'{name}Id="\d+"', f'{name}Id="{len(entries)}" apply{name.title()}="1"', mine)
        if code:
            new = f'<numFmt formatCode="{code}" numFmtId="999"></numFmt>'.replace("\\", r"\\")
            self.replace(_STYLES, "(<numFmts[^>]*>)", rf"\1{new}")
            mine = re.sub(r'numFmtId="\d+"', 'numFmtId="999" applyNumberFormat="1"', mine)
        mine = xf(mine)
        self.replace(_STYLES, "</cellXfs>", f"{mine}</cellXfs>".replace("\\", r"\\"))
        self.put(part, ref, lambda cell: re.sub(r' s="\d+"', f' s="{len(xfs)}"', cell))

    def list(self, name: str) -> str:
        found = re.search(rf"<{name}[ >].*?</{name}>", self.parts[_STYLES], re.DOTALL)
        assert found, name
        return found[0]

    def align(self, setting: str) -> None:
        """A cell with another alignment."""
        name = setting.partition("=")[0]
        self.restyle(lambda xf: re.sub("<alignment", f"<alignment {setting}", re.sub(rf' {name}="[^"]*"', "", xf)))

    def row(self, change: Callable[[str], str]) -> None:
        """A row that holds figures, with other settings."""
        part, ref = self.figure()
        number = re.findall(r"\d+", ref)[0]
        self.replace(part, rf'<row r="{number}"[^>]*>', change(f'<row r="{number}">').replace("\\", r"\\"))

    def column(self, change: Callable[[int], str]) -> None:
        """The column of a figure, as `change` gives it for its number."""
        part, ref = self.figure()
        number = sum((ord(c) - 64) * 26**n for n, c in enumerate(reversed(re.sub(r"\d", "", ref))))
        self.replace(part, rf'<col [^>]*min="{number}"[^>]*?(/>|></col>)', change(number))

    def insert(self, xml: str, *after: str, part: str = "") -> None:
        """Put an element into a sheet, behind the last of those that are there."""
        where = part or self.sheet()
        for name in after:
            ends = [m.end() for m in re.finditer(rf"</{name}>|<{name}[^>]*/>", self.parts[where])]
            if ends:
                text = self.parts[where]
                self.parts[where] = text[: ends[-1]] + xml + text[ends[-1] :]
                return
        raise AssertionError(after)

    def relate(self, part: str, kind: str, target: str, more: str = "") -> str:
        """Have a part name another, and give the id."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels" if part else "_rels/.rels"
        empty = f'<Relationships xmlns="{_PACKAGE}"></Relationships>'
        new = f'<Relationship Id="rIdForged" Type="{_RELATED}/{kind}" Target="{target}"{more}></Relationship>'
        self.parts[rels] = self.parts.get(rels, empty).replace("</Relationships>", f"{new}</Relationships>")
        return "rIdForged"

    def typed(self, part: str, content: str) -> None:
        """Say what a new part is."""
        self.replace(
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/{part}" ContentType="{content}"></Override></Types>',
        )

    def save(self, path: Path) -> Path:
        with ZipFile(path, "w", ZIP_DEFLATED) as package:
            for name, text in self.parts.items():
                package.writestr(name, text)
        return path


def opened(path: Path, seed: int) -> Forged:
    """A workbook to forge."""
    with ZipFile(path) as package:
        return Forged({name: package.read(name).decode() for name in package.namelist()}, Random(seed))


Forge: TypeAlias = Callable[[Forged], object]

# --- figures ---


def _value(inside: str, kind: str = "") -> Forge:
    def forge(f: Forged) -> None:
        part, ref = f.figure()
        f.put(part, ref, lambda c: re.sub(r">.*</c>", f"{kind}>{inside}</c>", c, flags=re.DOTALL))

    return forge


def _changed(change: Callable[[float], float]) -> Forge:
    def forge(f: Forged) -> None:
        part, ref = f.figure(r"<c [^>]*><v>[1-9]")
        f.put(part, ref, lambda c: re.sub(r"<v>([^<]*)", lambda m: f"<v>{change(float(m[1])):.6f}", c))

    return forge


def _formula(new: str) -> Forge:
    def forge(f: Forged) -> None:
        part, ref = f.figure(r"<c [^>]*><f>[^<]*</f><v>")
        f.put(part, ref, lambda c: re.sub("<f>.*?</f>", new, c))

    return forge


def _words(f: Forged) -> None:
    part = f.sheets["Summary"]
    f.replace(part, r"(<t xml:space=\"preserve\">)(Earned|Claim to [^<]*|Requested[^<]*)<", r"\1Approved<", 1)


def _beside(f: Forged) -> None:
    part, ref = f.figure()
    row = re.findall(r"\d+", ref)[0]
    f.replace(part, rf'(<row r="{row}".*?)</row>', rf'\1<c r="Z{row}"><v>1</v></c></row>', 1)


def _below(f: Forged) -> None:
    f.replace(f.sheet(), "</sheetData>", '<row r="999"><c r="B999"><v>5</v></c></row></sheetData>')


def _no_row(f: Forged) -> None:
    part = f.sheets["Lines"]
    rows = re.findall(r'<row r="(\d+)"', f.parts[part])[3:-1]
    f.replace(part, rf'<row r="{f.random.choice(rows)}".*?</row>', "", 1)


FIGURES: Mapping[str, Forge] = {
    "another number": _changed(lambda n: n + 1),
    "a number of other sign": _changed(lambda n: -n),
    "a number and a fraction of a cent": _changed(lambda n: n + 0.001),
    "ten times a number": _changed(lambda n: n * 10),
    "a text for a figure": _value("<is><t>paid</t></is>", ' t="inlineStr"'),
    "a figure as text": _value("<is><t>600.00</t></is>", ' t="inlineStr"'),
    "a truth for a figure": _value("<v>1</v>", ' t="b"'),
    "an error for a figure": _value("<v>#REF!</v>", ' t="e"'),
    "no figure": _value(""),
    "a value for a formula": _formula(""),
    "another formula": _formula("<f>1+1</f>"),
    "a formula of several cells": _formula('<f t="array" ref="B1:B9">SUM(B1:B2)</f>'),
    "another word": _words,
    "a cell beside the table": _beside,
    "a row below": _below,
    "a row taken out": _no_row,
}

# --- the look of a cell ---

CODES = (
    *(";;;", "-#,##0.00", "-#,##0.00####", "&quot;l&quot;#,##0.00", "#,##0.00&quot; million&quot;", "[White]#,##0.00"),
    *("0", "0.0", "0.000", "#,##0.00,", "0.00%", "&quot;999.00&quot;", "[&gt;100]0.00;;", "#,##0.00;#,##0.00"),
    *("0.00E+00", "mmm yyyy", "[h]:mm", "0.00_);[White](0.00)", "$#,##0.00", "#,##0.00\\0", "00000000.00", "# ?/?"),
    *("[$€-2] #,##0.00", "[Color2]#,##0.00", "#,##0.00* ", "0.00&quot;&#10;&quot;", "[=0]0.00;0.00", "#,##0.00\\,000"),
)


def _code(code: str) -> Forge:
    return lambda f: f.restyle(code=code)


def _font(font: str) -> Forge:
    return lambda f: f.restyle(font=font)


def _fill(fill: str) -> Forge:
    return lambda f: f.restyle(fill=f"<fill>{fill}</fill>")


def _solid(color: str) -> Forge:
    return _fill(f'<patternFill patternType="solid"><fgColor {color}/></patternFill>')


def _setting(old: str, new: str) -> Forge:
    return lambda f: f.restyle(lambda xf: re.sub(old, new, xf))


def _palette(f: Forged) -> None:
    f.restyle(font='<color indexed="20"/>')
    colors = "".join(f'<rgbColor rgb="00{"FFFFFF" if n == 20 else "000000"}"/>' for n in range(64))
    f.replace(_STYLES, "</styleSheet>", f"<colors><indexedColors>{colors}</indexedColors></colors></styleSheet>")


def _theme(f: Forged) -> None:
    f.restyle(font='<color theme="1"/>')
    f.replace(_THEME, r"(<a:dk1[^>]*>).*?(</a:dk1>)", r'\1<a:srgbClr val="FFFFFF"></a:srgbClr>\2')


def _behind(f: Forged) -> None:
    f.replace(_STYLES, "</fonts>", '<font><color rgb="FFFFFFFF"/><sz val="11"/><name val="Calibri"/></font></fonts>')
    count = len(re.findall("<font>", f.list("fonts")))
    f.replace(
        _STYLES, r"</cellStyleXfs>", f'<xf borderId="0" fillId="0" fontId="{count - 1}" numFmtId="0"/></cellStyleXfs>'
    )
    f.restyle(lambda xf: re.sub('xfId="0"', 'xfId="1" applyFont="0"', xf))


LOOKS: Mapping[str, Forge] = {
    **{f"number format {code}": _code(code) for code in CODES},
    "white text": _font('<color rgb="FFFFFFFF"/>'),
    "white text by theme": _font('<color theme="0"/>'),
    "tinted text": _font('<color theme="1" tint="0.99"/>'),
    "white text by index": _font('<color indexed="9"/>'),
    "text in the color of the header": _font('<color rgb="00E4EAF1"/>'),
    "text of size 1": _font('<sz val="1"/>'),
    "struck text": _font("<strike/>"),
    "a font of signs": _font('<name val="Wingdings"/>'),
    "a font of another alphabet": _font('<charset val="2"/>'),
    "raised text": _font('<vertAlign val="superscript"/>'),
    "outlined text": _font("<outline/>"),
    "underlined text": _font('<u val="double"/>'),
    "italic text": _font("<i/>"),
    "a recolored palette": _palette,
    "a recolored theme": _theme,
    "a style behind, not applied": _behind,
    "a black fill": _solid('rgb="FF000000"'),
    "a fill by theme": _solid('theme="1"'),
    "a fill by index": _solid('indexed="8"'),
    "a yellow fill": _solid('rgb="FFFFFF00"'),
    "a pattern": _fill('<patternFill patternType="darkUp"><fgColor rgb="FF000000"/></patternFill>'),
    "a gradient": _fill(
        '<gradientFill degree="90"><stop position="0"><color rgb="FF000000"/></stop>'
        '<stop position="1"><color rgb="FF000000"/></stop></gradientFill>'
    ),
    "a crossed cell": lambda f: f.restyle(
        border='<border diagonalUp="1" diagonalDown="1"><left/><right/><top/><bottom/><diagonal style="thick">'
        '<color rgb="FFFF0000"/></diagonal></border>'
    ),
    "a framed cell": lambda f: f.restyle(
        border='<border><left style="thick"><color rgb="FFFF0000"/></left><right/><top/><bottom/><diagonal/></border>'
    ),
    "turned text": lambda f: f.align('textRotation="90"'),
    "text that fills": lambda f: f.align('horizontal="fill"'),
    "text across": lambda f: f.align('horizontal="centerContinuous"'),
    "shrunk text": lambda f: f.align('shrinkToFit="1"'),
    "text far in": lambda f: f.align('indent="200"'),
    "text from the right": lambda f: f.align('readingOrder="2"'),
    "text at the top": lambda f: f.align('vertical="justify"'),
    "a hidden formula": _setting("</xf>", '<protection hidden="1"></protection></xf>'),
}

# --- rows, columns and sheets ---


def _row(settings: str, number: str = 'r="{}" ') -> Forge:
    return lambda f: f.row(lambda row: f"<row {number.format(re.findall(r'[0-9]+', row)[0])}{settings}>")


def _column(settings: str, last: int = 0) -> Forge:
    return lambda f: f.column(lambda n: f'<col min="{n}" max="{last or n}" {settings}/>')


def _all_rows(f: Forged) -> None:
    f.replace(f.sheet(), "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" ')


def _row_style(f: Forged) -> None:
    f.replace(
        _STYLES, "</cellXfs>", '<xf borderId="0" fillId="2" fontId="0" numFmtId="0" xfId="0" applyFill="1"/></cellXfs>'
    )
    count = len(re.findall("<xf ", f.list("cellXfs")))
    f.row(lambda row: row.replace(">", f' s="{count - 1}" customFormat="1">'))


ROWS: Mapping[str, Forge] = {
    "a hidden row": _row('hidden="1"'),
    "a row hidden by true": _row('hidden="true"'),
    "a row hidden by on": _row('hidden="on"'),
    "a hidden row without a number": _row('hidden="1"', ""),
    "a row of no height": _row('ht="0" customHeight="1"'),
    "a row of a pixel": _row('ht="0.75" customHeight="1"'),
    "a row of three points": _row('ht="3.5" customHeight="1"'),
    "a row as high as a page": _row('ht="409" customHeight="1"'),
    "rows hidden by default": _all_rows,
    "a row with a style": _row_style,
    "a hidden column": _column('hidden="1" width="14"'),
    "a column of no width": _column('width="0" customWidth="1"'),
    "a column of 0.1": _column('width="0.1" customWidth="1"'),
    "a column of 0.6": _column('width="0.6" customWidth="1"'),
    "a column of 3": _column('width="3" customWidth="1"'),
    "a very wide column": _column('width="255" customWidth="1"'),
    "a collapsed column": _column('width="14" outlineLevel="1" hidden="1" collapsed="1"'),
}


def _merge(f: Forged) -> None:
    part, ref = f.figure()
    row = int(re.findall(r"\d+", ref)[0])
    merge = f'<mergeCell ref="A{row}:{re.sub(chr(92) + "d", "", ref)}{row}"></mergeCell>'
    if "<mergeCells" in f.parts[part]:
        f.replace(part, "</mergeCells>", f"{merge}</mergeCells>")
    else:
        f.insert(f"<mergeCells>{merge}</mergeCells>", "sheetData", part=part)


_WHITE = '<dxfs count="1"><dxf><font><color rgb="FFFFFFFF"/></font></dxf></dxfs>'


def _condition(rule: str) -> Forge:
    def forge(f: Forged) -> None:
        f.replace(_STYLES, r"(<dxfs[^>]*/>|<dxfs.*?</dxfs>)?(?=<tableStyles)", _WHITE, 1)
        part, ref = f.figure()
        xml = f'<conditionalFormatting sqref="{ref}"><cfRule priority="1" {rule}</cfRule></conditionalFormatting>'
        f.insert(xml, "mergeCells", "sheetData", part=part)

    return forge


def _validation(f: Forged) -> None:
    part, ref = f.figure()
    rule = (
        f'<dataValidation sqref="{ref}" showInputMessage="1" promptTitle="Approved" prompt="This was approved.">'
        "</dataValidation>"
    )
    if "<dataValidations" in f.parts[part]:
        f.replace(part, "</dataValidations>", f"{rule}</dataValidations>")
    else:
        f.insert(f"<dataValidations>{rule}</dataValidations>", "mergeCells", "sheetData", part=part)


def _link(f: Forged) -> None:
    f.replace(f.sheets["Summary"], 'location="[^"]*"', 'location="Notes!A1"', 1)


def _view(settings: str) -> Forge:
    return lambda f: f.replace(f.sheet(), "<sheetView ", f"<sheetView {settings} ")


def _pane(f: Forged) -> None:
    part = f.sheets["Lines"]
    pane = '<pane ySplit="1" topLeftCell="A21" activePane="bottomLeft" state="frozen"/>'
    f.replace(
        part, r"<sheetView [^>]*>.*?</sheetView>", f'<sheetView workbookViewId="0" topLeftCell="A20">{pane}</sheetView>'
    )


def _page(settings: str) -> Forge:
    name = settings.partition("=")[0]

    def forge(f: Forged) -> None:
        part = f.sheet()
        f.replace(part, rf'(<pageSetup[^>]*) {name}="[^"]*"', r"\1") if f" {name}=" in re.findall(
            "<pageSetup[^>]*>", f.parts[part]
        )[0] else None
        f.replace(part, "<pageSetup ", f"<pageSetup {settings} ")

    return forge


def _footer(old: str, new: str) -> Forge:
    return lambda f: f.replace(f.sheet(), old, new)


def _name(old: str, new: str) -> Forge:
    return lambda f: f.replace(_BOOK, old, new, 1)


def _background(f: Forged) -> None:
    part = f.sheet()
    f.parts["xl/media/image1.png"] = "picture"
    f.replace("[Content_Types].xml", "<Types([^>]*)>", r'<Types\1><Default Extension="png" ContentType="image/png"/>')
    key = f.relate(part, "image", "/xl/media/image1.png")
    f.insert(f'<picture xmlns:r="{_RELATED}" r:id="{key}"/>', "drawing", "rowBreaks", "headerFooter", part=part)


def _state(state: str) -> Forge:
    return lambda f: f.replace(_BOOK, r'(<sheet [^>]*name="Held back"[^>]*state=")visible', rf"\1{state}")


def _swap_sheets(f: Forged) -> None:
    one, two = re.findall(r"<sheet .*?(?:/>|</sheet>)", f.parts[_BOOK])[-2:]
    f.parts[_BOOK] = f.parts[_BOOK].replace(one, "@").replace(two, one).replace("@", two)


SHEETS: Mapping[str, Forge] = {
    "merged cells over a figure": _merge,
    "white text by condition": _condition('type="expression" dxfId="0"><formula>TRUE</formula>'),
    "a scale of colors": _condition(
        'type="colorScale"><colorScale><cfvo type="min"/><cfvo type="max"/><color rgb="FF000000"/>'
        '<color rgb="FF000000"/></colorScale>'
    ),
    "bars over figures": _condition(
        'type="dataBar"><dataBar showValue="0"><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar>'
    ),
    "a note that appears at a figure": _validation,
    "a link to another sheet": _link,
    "zeros that are not shown": _view('showZeros="0"'),
    "formulas that are shown": _view('showFormulas="1"'),
    "a sheet from the right": _view('rightToLeft="1"'),
    "a sheet of a tenth": _view('zoomScale="10"'),
    "rows above a frozen pane": _pane,
    "a protected sheet": lambda f: f.insert('<sheetProtection sheet="1"/>', "sheetData"),
    "a background picture": _background,
    "a smaller print area": _name(r"('Lines'!\$A\$1:\$)S(\$\d+)|('Lines'!\$A\$1:\$)[A-Z]+(\$\d+)", "'Lines'!$A$1:$C$9"),
    "no print area": _name(r'<definedName [^>]*Print_Area"[^>]*>[^<]*</definedName>', ""),
    "no print titles": _name(r'<definedName [^>]*Print_Titles"[^>]*>[^<]*</definedName>', ""),
    "a page of a tenth": _page('scale="10"'),
    "another paper": _page('paperSize="11"'),
    "a page that is turned": lambda f: f.replace(
        f.sheets["Lines"], 'orientation="landscape"', 'orientation="portrait"'
    ),
    "one page high": lambda f: f.replace(f.sheets["Lines"], 'fitToHeight="0"', 'fitToHeight="1"'),
    "pages from 7 on": _page('firstPageNumber="7" useFirstPageNumber="1"'),
    "a header": _footer(r"<oddHeader></oddHeader>", r"<oddHeader>&amp;CApproved</oddHeader>"),
    "another footer": _footer(r"<oddFooter>[^<]*", "<oddFooter>&amp;LApproved"),
    "no footer": _footer(r"<oddFooter>[^<]*", "<oddFooter>"),
    "another first footer": _footer(
        r"<headerFooter>(.*?)<firstFooter></firstFooter>",
        r'<headerFooter differentFirst="1">\1<firstFooter>Approved</firstFooter>',
    ),
    "wide margins": lambda f: f.replace(f.sheet(), r'left="0.5"', 'left="6"'),
    "a break of the page": lambda f: f.insert(
        '<rowBreaks count="1" manualBreakCount="1"><brk id="3" man="1" max="16383"/></rowBreaks>',
        "headerFooter",
        part=f.sheets["Lines"],
    ),
    "a hidden sheet": _state("hidden"),
    "a sheet that is very hidden": _state("veryHidden"),
    "sheets in another order": _swap_sheets,
    "a sheet by another title": _name('name="Rates"', 'name="Rates paid"'),
    "a colored tab": lambda f: f.replace(f.sheet(), "<sheetPr>", '<sheetPr><tabColor rgb="FF00B050"/>'),
}

# --- the workbook ---

BOOK: Mapping[str, Forge] = {
    "another name": _name("</definedNames>", '<definedName name="Approved">Summary!$B$3</definedName></definedNames>'),
    "a name that means another cell": _name(r'(<definedName name="Earned">)[^<]*', r"\1Summary!$B$3"),
    "no name": _name(r'<definedName name="Earned">[^<]*</definedName>', ""),
    "a hidden name": _name('<definedName name="Earned"', '<definedName name="Earned" hidden="1"'),
    "days from 1904": _name(r"<workbookPr", '<workbookPr date1904="1"'),
    "figures as they are shown": _name("<calcPr ", '<calcPr fullPrecision="0" '),
    "formulas that are not computed": _name("<calcPr ", '<calcPr calcMode="manual" '),
    "formulas in a circle": _name("<calcPr ", '<calcPr iterate="1" '),
    "a protected workbook": _name(r"<workbookProtection>", '<workbookProtection lockStructure="1">'),
    "a hidden window": _name('visibility="visible"', 'visibility="hidden"'),
    "no tabs": _name('showSheetTabs="1"', 'showSheetTabs="0"'),
    "tabs from the last on": _name('firstSheet="0"', 'firstSheet="3"'),
}

# --- what lies over the cells ---


def _shape(inside: str) -> Forge:
    """A shape over the figures of the sheet with the chart."""

    def forge(f: Forged) -> None:
        corner = "<from><col>0</col><colOff>0</colOff><row>{}</row><rowOff>0</rowOff></from>"
        anchor = (
            f"<oneCellAnchor>{corner.format(2)}<ext cx='9000000' cy='900000'/>{inside}<clientData/></oneCellAnchor>"
        )
        f.replace("xl/drawings/drawing1.xml", "</wsDr>", f"{anchor}</wsDr>")

    return forge


_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_TEXT_BOX = (
    f'<sp xmlns:a="{_A}"><nvSpPr><cNvPr id="9" name="Text 1"/><cNvSpPr txBox="1"/></nvSpPr><spPr>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></spPr>'
    "<txBody><a:bodyPr/><a:lstStyle/>"
    "<a:p><a:r><a:t>99,999.00</a:t></a:r></a:p></txBody></sp>"
)


def _comment(f: Forged) -> None:
    part, ref = f.figure()
    f.parts["xl/comments1.xml"] = (
        f'<comments xmlns="{_SPREADSHEET}"><authors><author>A</author></authors><commentList><comment ref="{ref}" '
        'authorId="0"><text><t>Approved</t></text></comment></commentList></comments>'
    )
    f.typed("xl/comments1.xml", f"{_MAIN}.comments+xml")
    f.relate(part, "comments", "/xl/comments1.xml")


def _moved_chart(old: str, new: str) -> Forge:
    return lambda f: f.replace("xl/drawings/drawing1.xml", old, new)


def _chart(old: str, new: str, count: int = 1) -> Forge:
    return lambda f: f.replace(_CHART, old, new, count)


def _colors(f: Forged) -> None:
    for old, new in (("9DB8D2", "@"), ("0B5394", "9DB8D2"), ("@", "0B5394")):
        f.replace(_CHART, old, new)


def _no_series(f: Forged) -> None:
    f.replace(_CHART, r"<lineChart>.*</lineChart>", "")


OVER: Mapping[str, Forge] = {
    "a comment": _comment,
    "a text box": _shape(_TEXT_BOX),
    "a white shape": _shape(_TEXT_BOX.replace("99,999.00", "")),
    "a line": _shape(
        f'<cxnSp xmlns:a="{_A}"><nvCxnSpPr><cNvPr id="9" name="Line 1"/><cNvCxnSpPr/></nvCxnSpPr><spPr><a:prstGeom '
        'prst="line"><a:avLst/></a:prstGeom><a:ln w="90000"><a:solidFill><a:srgbClr val="FF0000"/></a:solidFill></a:ln>'
        "</spPr></cxnSp>"
    ),
    "a chart over the figures": _moved_chart("<row>7</row>|<row>[0-9]+</row>", "<row>1</row>"),
    "a chart twice as large": _moved_chart("<to><col>[0-9]+</col>", "<to><col>12</col>"),
    "a chart of no size": _moved_chart("(</colOff><row>)27(</row>)", r"\g<1>7\2"),
    "a chart of other cells": _chart(r"(<val>.*?<f>Months!\$)[A-Z](\$3:\$)[A-Z]", r"\1B\2B"),
    "other figures in a chart": _chart(r"(<val>.*?<pt idx=\"0\">\s*<v>)[^<]*", r"\g<1>99999"),
    "other months in a chart": _chart(r"(<cat>.*?<pt idx=\"0\">\s*<v>)[^<]*", r"\g<1>1999-01"),
    "a white series": _chart('val="9DB8D2"', 'val="FFFFFF"'),
    "series that change colors": _colors,
    "a series less": _no_series,
    "another title of a chart": _chart("Claimed by month[^<]*|Requested[^<]*", "Approved by month"),
    "another name of a series": _chart(r"(<tx>\s*<strRef>.*?<v>)[^<]*", r"\1Approved"),
    "an axis from 500 on": _chart(r"(<valAx>.*?<scaling>)", r'\1<max val="600"></max><min val="500"></min>'),
    "an axis by powers of ten": _chart(r"(<valAx>.*?<scaling>)", r'\1<logBase val="10"></logBase>'),
    "an axis upside down": _chart(r'(<valAx>.*?<orientation val=")minMax', r"\1maxMin"),
    "no axis": _chart(r'(<valAx>.*?<delete val=")0', r"\g<1>1"),
    "an axis in thousands": _chart('formatCode="#,##0"', 'formatCode="#,##0,"'),
    "bars one on the other": _chart('<grouping val="clustered">', '<grouping val="percentStacked">'),
    "bars that lie": _chart('<barDir val="col">', '<barDir val="bar">'),
    "figures over the bars": _chart(
        r"(</spPr>)(\s*<cat>)",
        r'\1<dLbls><showVal val="1"></showVal></dLbls>\2',
    ),
    "a chart of hidden rows": _chart('<plotVisOnly val="1">', '<plotVisOnly val="0">'),
}

# --- texts ---


def _rich(f: Forged) -> None:
    part = f.sheets[f.random.choice(["Summary", "Lines"])]
    white = '<rPr><color rgb="FFFFFFFF"/><sz val="11"/><rFont val="Calibri"/></rPr>'
    texts = re.findall(r"<is><t[^>]*>[^<]+</t></is>", f.parts[part])
    old = f.random.choice(texts)
    said = re.sub("<[^>]*>", "", old)
    f.parts[part] = f.parts[part].replace(old, f'<is><r>{white}<t xml:space="preserve">{said}</t></r></is>', 1)


def _phonetic(f: Forged) -> None:
    part = f.sheets["Summary"]
    f.replace(part, r"(<is><t[^>]*>[^<]+</t>)(</is>)", r'\1<rPh sb="0" eb="1"><t>99</t></rPh>\2', 1)


def _no_reference(f: Forged) -> None:
    """A white figure without its reference, behind the cell before it."""
    part, ref = f.figure()
    f.restyle_cell(part, ref, font='<color rgb="FFFFFFFF"/>')
    f.put(part, ref, lambda c: c.replace(f' r="{ref}"', ""))


TEXTS: Mapping[str, Forge] = {
    "white runs of a text": _rich,
    "a text with its sounds": _phonetic,
    "a white cell without its reference": _no_reference,
}

# --- the package ---


def _decoy(name: str, kind: str) -> Forge:
    """The true part, changed, stands elsewhere, and one under the usual name is as it was
    issued."""

    def forge(f: Forged) -> None:
        decoy = dict(f.parts)
        f.restyle(font='<color rgb="FFFFFFFF"/>')
        if kind == "officeDocument":
            f.parts["xl/true.xml"], f.parts["xl/_rels/true.xml.rels"] = (
                f.parts[_BOOK],
                f.parts["xl/_rels/workbook.xml.rels"],
            )
            f.replace("_rels/.rels", "xl/workbook.xml", "xl/true.xml")
            f.typed("xl/true.xml", f"{_MAIN}.sheet.main+xml")
        else:
            f.parts["xl/true.xml"] = f.parts[_STYLES]
            f.parts[_STYLES] = decoy[_STYLES]
            f.replace("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="true.xml"')
            f.typed("xl/true.xml", f"{_MAIN}.styles+xml")

    return forge


def _two(kind: str) -> Forge:
    def forge(f: Forged) -> None:
        part = "" if kind == "officeDocument" else _BOOK
        target = "/xl/workbook2.xml" if not part else "/xl/styles2.xml"
        f.parts[target[1:]] = f.parts[_BOOK if not part else _STYLES]
        f.parts["xl/_rels/workbook2.xml.rels"] = f.parts["xl/_rels/workbook.xml.rels"]
        f.typed(target[1:], f"{_MAIN}.{'sheet.main' if not part else 'styles'}+xml")
        f.relate(part, kind, target)

    return forge


def _add(name: str, kind: str, content: str, part: str = _BOOK) -> Forge:
    def forge(f: Forged) -> None:
        f.parts[name] = "<x/>"
        f.typed(name, content)
        if kind:
            f.relate(part, kind, f"/{name}")

    return forge


def _alternate(f: Forged) -> None:
    part, ref = f.figure()
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    row = re.findall(r"\d+", ref)[0]
    inside = f'<row r="{row}" hidden="1"/>'
    choice = (
        f'<mc:AlternateContent xmlns:mc="{space}"><mc:Choice Requires="x14">{inside}</mc:Choice></mc:AlternateContent>'
    )
    f.replace(part, "</sheetData>", f"{choice}</sheetData>")


def _property(old: str, new: str, part: str = "docProps/core.xml") -> Forge:
    return lambda f: f.replace(part, old, new)


_PROPERTY = '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" name="Status" pid="3"><vt:lpwstr xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">Approved</vt:lpwstr></property>'

PACKAGE: Mapping[str, Forge] = {
    "a decoy of the workbook": _decoy("workbook.xml", "officeDocument"),
    "a decoy of the styles": _decoy("styles.xml", "styles"),
    "two workbooks": _two("officeDocument"),
    "two parts of styles": _two("styles"),
    "a part that nothing names": _add("xl/worksheets/sheet99.xml", "", f"{_MAIN}.worksheet+xml"),
    "macros": _add("xl/vbaProject.bin", "vbaProject", "application/vnd.ms-office.vbaProject"),
    "a part of another program": _add("customXml/item1.xml", "customXml", "application/xml"),
    "a link to another workbook": lambda f: f.relate(
        _BOOK, "externalLinkPath", "file:///other.xlsx", ' TargetMode="External"'
    ),
    "another content": lambda f: f.replace(
        "[Content_Types].xml", r"spreadsheetml\.styles\+xml", "spreadsheetml.styles2+xml"
    ),
    "other content for other programs": _alternate,
    "another title": _property(r"(<dc:title[^>]*>)[^<]*", r"\1Approved claim"),
    "another author": _property(r"(<dc:creator[^>]*>)[^<]*", r"\1The auditor"),
    "another day": _property("2012-01-15T00:00:00Z", "2013-01-15T00:00:00Z"),
    "a description": _property(
        "</cp:coreProperties>",
        '<dc:description xmlns:dc="http://purl.org/dc/elements/1.1/">Approved</dc:description></cp:coreProperties>',
    ),
    "another digest": _property(">[0-9a-f]{64}<", f">{'0' * 64}<", "docProps/custom.xml"),
    "no digest": _property(r"<property .*?</property>", "", "docProps/custom.xml"),
    "another property": _property("</Properties>", f"{_PROPERTY}</Properties>", "docProps/custom.xml"),
    "a company": _property("</Properties>", "<Company>Approved</Company></Properties>", "docProps/app.xml"),
    "another table": _property('name="ClaimLines"', 'name="ApprovedLines"', "xl/tables/table1.xml"),
    "a smaller table": _property(r'ref="A2:([A-Z])(\d+)"', r'ref="A2:\g<1>9"', "xl/tables/table1.xml"),
    "a filter of a table": lambda f: f.replace(
        "xl/tables/table1.xml",
        r"<autoFilter ([^>]*)></autoFilter>",
        r'<autoFilter \1><filterColumn colId="0"><filters><filter val="1"/></filters></filterColumn></autoFilter>',
    ),
    "a table with a style": lambda f: f.replace(
        "xl/tables/table1.xml",
        "</tableColumns>",
        '</tableColumns><tableStyleInfo name="TableStyleDark1" showRowStripes="1"/>',
    ),
}

FORGERIES: Mapping[str, Forge] = {**FIGURES, **LOOKS, **ROWS, **SHEETS, **BOOK, **OVER, **TEXTS, **PACKAGE}
