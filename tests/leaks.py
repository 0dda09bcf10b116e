"""Workbooks that carry a participant's pseudonym where nobody looks: one for each place that could
be thought of."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO

import openpyxl

SECRET = "P-0417"
SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
Parts = dict[str, bytes]

AT_THE_END_OF_A_SHEET = (
    "<headerFooter><oddHeader>&amp;L{}</oddHeader></headerFooter>",
    "<headerFooter><firstFooter>{}</firstFooter></headerFooter>",
    '<headerFooter><evenFooter>&amp;R&amp;"Arial"&amp;9{}</evenFooter></headerFooter>',
    '<dataValidations><dataValidation prompt="{}" sqref="A1"/></dataValidations>',
    '<dataValidations><dataValidation sqref="A1"><formula1>"{},x"</formula1></dataValidation></dataValidations>',
    '<conditionalFormatting sqref="A1"><cfRule><formula>A1="{}"</formula></cfRule></conditionalFormatting>',
    '<conditionalFormatting sqref="A1"><cfRule type="containsText" text="{}"/></conditionalFormatting>',
    '<hyperlinks><hyperlink ref="A1" location="Counts!A1" tooltip="{}"/></hyperlinks>',
    '<hyperlinks><hyperlink ref="A1" location="Counts!A1" display="{}"/></hyperlinks>',
    '<autoFilter ref="A1"><filterColumn><filters><filter val="{}"/></filters></filterColumn></autoFilter>',
    '<scenarios><scenario name="{}"/></scenarios>',
    '<scenarios><scenario name="x" user="Maria Lopez"/></scenarios>',
    '<protectedRanges><protectedRange name="{}" sqref="A1"/></protectedRanges>',
    '<webPublishItems><webPublishItem title="{}"/></webPublishItems>',
    '<extLst><ext uri="x"><q xmlns="urn:x">{}</q></ext></extLst>',
    "<!-- anything -->",
    "<?anything else?>",
    " {} ",
)
AS_A_CELL = (
    '<c r="D3"><f>IF(FALSE,"{}",1)</f><v>1</v></c>',
    '<c r="D3"><f>HYPERLINK("https://example.org/?id={}","a")</f><v>0</v></c>',
    "<c r=\"D3\"><f>'{}'!A1</f><v>0</v></c>",
    '<c r="D3"><f>[1]Sheet1!A1</f><v>0</v></c>',
    '<c r="D3"><v>{}</v></c>',
    '<c r="D3" t="e"><v>{}</v></c>',
    '<c r="D3" t="b"><v>{}</v></c>',
    '<c r="D3" t="inlineStr"><is><t>ok</t></is><v>{}</v></c>',
    '<c r="D3" t="inlineStr"><is><t>ok</t><rPh sb="0" eb="1"><t>{}</t></rPh></is></c>',
    '<c r="D3" t="inlineStr"><is><r><t>P-0</t></r><r><t>417</t></r></is></c>',
    '<c r="D3" x="{}"><v>1</v></c>',
    '<c r="D3" t="str"><v>of {}.</v></c>',
    '<c r="D3" t="str"><v>of p-0417</v></c>',
    '<c r="D3" t="str"><v>x_{}_y</v></c>',
    '<c r="D3" t="str"><v>P\u200b-0417</v></c>',  # a space without width
    '<c r="D3" t="str"><v>P\u20110417</v></c>',  # a dash that does not break
    '<c r="D3" t="str"><v>\uff30-\uff10\uff14\uff11\uff17</v></c>',  # letters and digits as wide as Chinese ones
    '<c r="D3" t="str"><v>000\u201300\u20130000</v></c>',
    '<c r="D3" t="str"><v>SSN: 123456789</v></c>',
)
IN_THE_BOOK = (
    *(f'</sheets><definedNames><definedName name="K" {key}="{{}}">1</definedName></definedNames>'
      for key in ("comment", "description", "help", "statusBar", "customMenu")),
    "</sheets><definedNames><definedName name=\"K\">'{}'!A1</definedName></definedNames>",
    '</sheets><definedNames><definedName name="{}">1</definedName></definedNames>',
    '</sheets><customWorkbookViews><customWorkbookView name="Maria Lopez"/></customWorkbookViews>',
    '</sheets><fileSharing userName="Maria Lopez"/>',
    '</sheets><absPath url="C:\\Users\\Maria Lopez\\"/>',
)  # fmt: skip
CHANGED = (
    (SHEET, "<sheetPr>", '<sheetPr codeName="{}">'),
    (SHEET, "</sheetData>", '<c r="D3" t="str"><v>{}</v></c></sheetData>'),
    (BOOK, 'name="Counts"', 'name="{}"'),
    (BOOK, 'visibility="visible"', 'visibility="hidden"'),
    ("xl/styles.xml", 'name="Normal"', 'name="{}"'),
    ("xl/styles.xml", "<fonts", '<numFmts><numFmt numFmtId="200" formatCode="&quot;{}&quot;"/></numFmts><fonts'),
    ("xl/styles.xml", "<fonts", '<numFmts><numFmt numFmtId="200" formatCode="000\\-00\\-0000"/></numFmts><fonts'),
    ("xl/theme/theme1.xml", 'name="Office', 'name="{}'),
    ("[Content_Types].xml", "</Types>", '<Override PartName="/{}" ContentType="x/y"/></Types>'),
    (RELATIONS, "</Relationships>", '<Relationship Id="r9" Type="x" Target="mailto:a@example.org"/></Relationships>'),
    ("docProps/core.xml", "</cp:coreProperties>", "<cp:keywords>{}</cp:keywords></cp:coreProperties>"),
    ("docProps/core.xml", "</cp:coreProperties>", '<cp:keywords a="{}">x</cp:keywords></cp:coreProperties>'),
    ("docProps/app.xml", "</Properties>", "<HyperlinkBase>{}</HyperlinkBase></Properties>"),
)
ADDED = {
    "docProps/custom.xml": '<Properties><property name="{}"><x>1</x></property></Properties>',
    "docProps/thumbnail.jpeg": "x",
    "docMetadata/LabelInfo.xml": '<a b="{}"/>',
    "_xmlsignatures/sig1.xml": "<a/>",
    "P-0417.txt": "",
    "xl/foo/bar.xml": "<a/>",
    "xl/notes1.xml": "<comments/>",
    "xl/Comments1.xml": "<comments/>",
    "xl/worksheets/sheet9.xml": "<worksheet/>",
    "xl/drawings/drawing1.xml": '<a><cNvPr id="1" name="x" descr="{}"/></a>',
    "xl/drawings/drawing2.xml": '<a><cNvPr id="1" name="x" hidden="1"/></a>',
    "xl/drawings/vmlDrawing1.vml": '<xml><v alt="{}"/></xml>',
    "xl/charts/chart1.xml": "<c><strCache><pt><v>{}</v></pt></strCache></c>",
    "xl/diagrams/data1.xml": "<c/>",
    "xl/slicerCaches/slicerCache1.xml": "<c/>",
    "xl/pivotTables/pivotTable1.xml": "<c/>",
    "xl/pivotCache/pivotCacheDefinition1.xml": "<c/>",
    "xl/tables/table1.xml": '<table name="T" comment="{}"/>',
    "xl/printerSettings/printerSettings1.bin": "{}",
    "xl/customProperty1.bin": "x",
    "xl/ctrlProps/ctrlProp1.xml": "<a/>",
    "xl/activeX/activeX1.xml": "<a/>",
    "xl/metadata.xml": '<a b="{}"/>',
    "xl/calcChain.xml": '<a b="{}"/>',
    "xl/richData/rdrichvalue.xml": "<a/>",
    "xl/xmlMaps.xml": "<a/>",
    "xl/volatileDependencies.xml": "<a/>",
    "xl/webextensions/webextension1.xml": "<a/>",
    "xl/embeddings/sheet.xlsx": "x",
    "xl/media/image1.png": "x",
    "xl/model/item.data": "x",
}


@cache
def harmless() -> bytes:
    """A workbook that may go."""
    book, file = openpyxl.Workbook(), BytesIO()
    book.worksheets[0].title = "Counts"
    for row in (("Subaward", "Month", "Count"), ("S-A", "2012-09", 14), ("S-B1", "2012-09", 22)):
        book["Counts"].append(row)
    book.save(file)
    return file.getvalue()


def parts() -> Parts:
    with zipfile.ZipFile(BytesIO(harmless())) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(found: Mapping[str, bytes], info: Callable[[str], zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, data in found.items():
            package.writestr(info(name), data)
    return file.getvalue()


def changed(part: str, old: str, new: str) -> bytes:
    found = parts()
    text = found[part].decode()
    assert old in text
    return packed({**found, part: text.replace(old, new.replace("{}", SECRET), 1).encode()})


def workbooks() -> Iterator[tuple[str, bytes]]:
    """Each workbook, and where it carries what it should not."""
    for end in AT_THE_END_OF_A_SHEET:
        yield end, changed(SHEET, "</worksheet>", f"{end}</worksheet>")
    for cell in AS_A_CELL:
        yield ascii(cell), changed(SHEET, '<c r="C3"', f'{cell}<c r="C3"')
    for said in IN_THE_BOOK:
        yield said, changed(BOOK, "</sheets>", said)
    for part, old, new in CHANGED:
        yield f"{part}: {new}", changed(part, old, new)
    for part, said in ADDED.items():
        yield part, packed({**parts(), part: said.replace("{}", SECRET).encode()})
    yield "printer, in UTF-16", packed({**parts(), "xl/printerSettings/p.bin": SECRET.encode("utf-16-le")})
    yield from _packages()
    yield from _names()


def _packages() -> Iterator[tuple[str, bytes]]:
    """What lies in the file besides its parts."""
    yield "behind the package", harmless() + SECRET.encode()
    yield "before the package", SECRET.encode() + harmless()
    file = BytesIO(harmless())
    with zipfile.ZipFile(file, "a") as package:
        package.comment = SECRET.encode()
    yield "a comment of the package", file.getvalue()

    def commented(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.comment = SECRET.encode()
        return info

    def filled(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.extra = b"\x99\x99\x06\x00" + SECRET.encode()
        return info

    yield "a comment of an entry", packed(parts(), commented)
    yield "an extra field of an entry", packed(parts(), filled)
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/gone.txt", SECRET)
        for name, data in parts().items():
            package.writestr(name, data)
        del package.filelist[0]
    yield "an entry that the directory does not name", file.getvalue()
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in [(SHEET, parts()[SHEET].replace(b"S-A", SECRET.encode())), *parts().items()]:
            package.writestr(name, data)
    yield "a part twice", file.getvalue()


def _names() -> Iterator[tuple[str, bytes]]:
    """Parts that a program finds by another name than one expects, and in another character set."""
    found = parts()
    told = {**found, SHEET: found[SHEET].replace(b"S-A", SECRET.encode())}
    for name in ("/xl/worksheets/../worksheets/sheet1.xml", "/xl/worksheets/SHEET1.xml", "/xl/worksheets/sheet%31.xml"):
        yield name, packed({**told, RELATIONS: found[RELATIONS].replace(b"/xl/worksheets/sheet1.xml", name.encode())})
    relations = found["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/real.xml")
    real = {"xl/real.xml": found[BOOK].replace(b"Counts", SECRET.encode()), "xl/_rels/real.xml.rels": found[RELATIONS]}
    yield "another workbook part", packed({**found, "_rels/.rels": relations, **real})
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    more = b'<Relationship Id="r8" Type="%s" Target="/xl/strings.xml"/></Relationships>' % kind
    strings = f"<sst><si><t>{SECRET}</t></si></sst>".encode()
    named = found[RELATIONS].replace(b"</Relationships>", more)
    yield "texts in another part", packed({**found, RELATIONS: named, "xl/strings.xml": strings})
    for text in (told[SHEET], found[SHEET].replace(b"</worksheet>", b"<!-- x --></worksheet>")):
        whole = f'<?xml version="1.0" encoding="UTF-16"?>{text.decode()}'
        yield f"UTF-16, {len(text)}", packed({**found, SHEET: whole.encode("utf-16")})
