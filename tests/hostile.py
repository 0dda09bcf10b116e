"""Hostile and odd packages, each made by a function that is named for its fault, with what must
come of it.

What must come of it is either a refusal by its cause, with the cell where there is one (`refused:
cell_twice Lines!A1`); or what is read: each cell (`A1 1`, `B1 'text'`, `C1 None =SUM(A1)`; `?
cause` where it says nothing for sure), then each warning (`! hidden_row A2`), in one line. Where
`also` is set, another fixture guards the same check.
"""
# ruff: noqa: E501 (a row, and what comes of it, stand here on one line)

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from attrs import frozen

from grantcalc.xlsx.scan import Limits

OPEN = "http://schemas.openxmlformats.org"
MAIN, RELATION = f"{OPEN}/spreadsheetml/2006/main", f"{OPEN}/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PACKAGE = f"{OPEN}/package/2006"


@frozen
class Fixture:
    """One package: how it is made, what must come of it, and by which limits."""

    name: str
    make: Callable[[], bytes]
    expected: str
    limits: Limits
    also: bool


FIXTURES: list[Fixture] = []


def gives(expected: str, *, also: bool = False, **limits: int) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Enters a package among the fixtures."""

    def enter(make: Callable[[], bytes]) -> Callable[[], bytes]:
        FIXTURES.append(Fixture(make.__name__, make, expected, Limits(**limits), also))
        return make

    return enter


# --- how packages are made ---


def relations(*pairs: tuple[str, str], space: str = RELATION, more: str = "") -> str:
    """A part of relations: kind and target of each, by rId1, rId2 …"""
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{space}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(pairs, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}{more}</Relationships>'


def types(main: str = f"{KINDS}.sheet.main+xml") -> str:
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>'
    )


def book(sheets: str = '<sheet name="Lines" sheetId="1" r:id="rId1"/>', settings: str = "") -> str:
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}">{settings}<sheets>{sheets}</sheets></workbook>'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def styles(*codes: str, numbers: tuple[str, ...] = ()) -> str:
    """Style 0 is General; then one for each code, and one for each numbered format."""
    formats = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    ids = ["0", *(str(164 + n) for n in range(len(codes))), *numbers]
    xfs = "".join(f'<xf numFmtId="{n}"/>' for n in ids)
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>'


def strings(*items: str) -> str:
    return f'<sst xmlns="{MAIN}">' + "".join(f"<si>{item}</si>" for item in items) + "</sst>"


def inline(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


PLAIN = sheet('<row r="1"><c r="A1"><v>1</v></c></row>')


def parts(rows: str | None = None, **others: str) -> dict[str, str | bytes]:
    """The parts of a small workbook with these rows: styles and strings where they are given."""
    linked = [("worksheet", "worksheets/sheet1.xml")]
    linked += [("styles", "styles.xml")] if "styles" in others else []
    linked += [("sharedStrings", "sharedStrings.xml")] if "strings" in others else []
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": types(),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": others.get("book", book()),
        "xl/_rels/workbook.xml.rels": relations(*linked),
        "xl/worksheets/sheet1.xml": others.get("sheet", PLAIN if rows is None else sheet(rows)),
    }
    if "styles" in others:
        found["xl/styles.xml"] = others["styles"]
    if "strings" in others:
        found["xl/sharedStrings.xml"] = others["strings"]
    return found


def packed(content: Mapping[str, str | bytes], more: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Parts as a package; `more` may repeat names."""
    with BytesIO() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for name, text in (*content.items(), *more):
                package.writestr(entry := zipfile.ZipInfo(name), text, entry.compress_type or zipfile.ZIP_DEFLATED)
        return target.getvalue()


def workbook(rows: str | None = None, **others: str) -> bytes:
    return packed(parts(rows, **others))


def with_part(name: str, text: str | bytes, *, instead: str = "") -> bytes:
    """A small workbook with one part more, or with another instead of one."""
    content = parts()
    content.pop(instead or name, None)
    return packed({**content, name: text})


def without(name: str) -> bytes:
    content = parts()
    del content[name]
    return packed(content)


def changed(data: bytes, old: bytes, new: bytes, *, last: bool = False) -> bytes:
    """The bytes with one place of them changed."""
    at = data.rindex(old) if last else data.index(old)
    return data[:at] + new + data[at + len(old) :]


# --- no workbook, or one that is not read ---


@gives("refused: not_a_workbook")
def text_of_commas() -> bytes:
    return b"fain,recipient\n90ZV0101,PRIME\n"


@gives("refused: not_a_workbook", also=True)
def nothing_at_all() -> bytes:
    return b""


@gives("refused: not_a_workbook", also=True)
def page_of_a_browser() -> bytes:
    return b"<html><table><tr><td>1</td></tr></table></html>"


@gives("refused: not_a_workbook", also=True)
def workbook_behind_a_program() -> bytes:
    return b"MZ" + workbook()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@gives("refused: password")
def protected_by_a_password() -> bytes:
    return OLE + "EncryptionInfo\0EncryptedPackage\0".encode("utf-16-le") + bytes(512)


@gives("refused: xls")
def workbook_of_before_2007() -> bytes:
    return OLE + "Root Entry\0Workbook\0".encode("utf-16-le") + bytes(512)


@gives("refused: xls", also=True)
def workbook_of_1995() -> bytes:
    return OLE + "Root Entry\0Book\0".encode("utf-16-le") + bytes(512)


@gives("refused: ole")
def document_of_before_2007() -> bytes:
    return OLE + "Root Entry\0WordDocument\0".encode("utf-16-le") + bytes(512)


@gives("refused: opendocument")
def open_document() -> bytes:
    return packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})


@gives("refused: xlsb")
def binary_workbook() -> bytes:
    return with_part("[Content_Types].xml", types("application/vnd.ms-excel.sheet.binary.macroEnabled.main"))


@gives("refused: no_spreadsheet")
def letter_of_a_word_processor() -> bytes:
    return with_part("[Content_Types].xml", types(f"{KINDS[:-13]}wordprocessingml.document.main+xml"))


@gives("refused: no_sheets")
def workbook_without_sheets() -> bytes:
    return workbook(book=book(""))


# --- damaged packages ---


@gives("refused: truncated")
def cut_in_half() -> bytes:
    data = workbook()
    return data[: len(data) // 2]


@gives("refused: directory")
def flipped_in_the_list_of_parts() -> bytes:
    return changed(workbook(), b"PK\x01\x02", b"PK\x01\x09")


@gives("refused: header")
def flipped_in_a_name() -> bytes:
    return changed(workbook(), b"xl/workbook.xml", b"xl/workbooK.xml")


@gives("refused: deflate")
def flipped_in_a_part() -> bytes:
    data = workbook()
    at = data.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    return data[:at] + b"\xff\xff\xff" + data[at + 3 :]


@gives("refused: checksum")
def other_checksum() -> bytes:
    content = sheet('<row r="1"><c r="A1"><v>1</v></c></row>').encode()
    crc = zlib.crc32(content).to_bytes(4, "little")
    return changed(workbook(), crc, b"\1\2\3\4", last=True)


@gives("refused: size")
def larger_than_it_says() -> bytes:
    content = sheet('<row r="1"><c r="A1"><v>1</v></c></row>').encode()
    size = len(content).to_bytes(4, "little")
    return changed(workbook(), size, (100).to_bytes(4, "little"), last=True)


@gives("refused: checksum", also=True)
def smaller_than_it_says() -> bytes:
    content = sheet('<row r="1"><c r="A1"><v>1</v></c></row>').encode()
    size = len(content).to_bytes(4, "little")
    return changed(workbook(), size, (len(content) + 1).to_bytes(4, "little"), last=True)


@gives("refused: part_missing")
def no_workbook_part() -> bytes:
    return without("xl/workbook.xml")


@gives("refused: part_missing", also=True)
def no_types() -> bytes:
    return without("[Content_Types].xml")


@gives("refused: part_missing", also=True)
def no_relations() -> bytes:
    return without("_rels/.rels")


@gives("refused: part_missing", also=True)
def no_sheet_part() -> bytes:
    return without("xl/worksheets/sheet1.xml")


@gives("refused: part_missing", also=True)
def no_styles_part() -> bytes:
    content = parts(styles=styles())
    del content["xl/styles.xml"]
    return packed(content)


@gives("refused: part_missing", also=True)
def sheet_in_another_file() -> bytes:
    elsewhere = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATION}/worksheet" '
        'Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
    )
    return with_part("xl/_rels/workbook.xml.rels", elsewhere)


@gives("refused: part_missing", also=True)
def sheet_that_leads_nowhere() -> bytes:
    return with_part("xl/_rels/workbook.xml.rels", relations())


@gives("refused: relation_twice")
def two_relations_with_one_id() -> bytes:
    more = f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet2.xml"/>'
    return with_part("xl/_rels/workbook.xml.rels", relations(("worksheet", "worksheets/sheet1.xml"), more=more))


@gives("refused: sheet_twice")
def two_sheets_with_one_name() -> bytes:
    both = '<sheet name="Lines" sheetId="1" r:id="rId1"/><sheet name="LINES" sheetId="2" r:id="rId2"/>'
    linked = relations(("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml"))
    content = {**parts(), "xl/_rels/workbook.xml.rels": linked, "xl/worksheets/sheet2.xml": PLAIN}
    return packed({**content, "xl/workbook.xml": book(both)})


@gives("refused: part_twice")
def one_part_as_many_sheets() -> bytes:
    many = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 4))
    return workbook(book=book(many))


# --- packages that would cost too much ---


@gives("refused: packed", packed=100)
def large_file() -> bytes:
    return workbook()


@gives("refused: entries", entries=10)
def many_parts() -> bytes:
    return packed({**parts(), **{f"xl/media/{n}.xml": "" for n in range(10)}})


@gives("refused: unpacked", unpacked=1000)
def large_in_sum() -> bytes:
    return workbook()


@gives("refused: part", part=2_000)
def large_part() -> bytes:
    return with_part("xl/media/image1.png", bytes(2_001))


@gives("refused: ratio")
def bomb() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", b" " * 2**21)


@gives("refused: overlap")
def one_part_in_the_bytes_of_another() -> bytes:
    data = workbook()
    first, second = (data.index(b"PK\x01\x02", at) for at in (0, data.index(b"PK\x01\x02") + 1))
    offset = data[first + 42 : first + 46]
    return data[: second + 42] + offset + data[second + 46 :]


@gives("refused: tags", tags=200)
def many_elements() -> bytes:
    return workbook(sheet=sheet("", after="<extLst>" + "<ext/>" * 100 + "</extLst>"))


@gives("refused: depth", piece=64)
def deep_elements() -> bytes:
    return workbook(sheet=sheet("", after="<extLst>" + "<a>" * 150 + "</a>" * 150 + "</extLst>"))


@gives("refused: token", token=100, piece=64)
def long_text() -> bytes:
    return workbook('<row r="1">' + inline("A1", "a" * 300) + "</row>")


@gives("refused: token", also=True, token=100, piece=64)
def long_tag() -> bytes:
    return workbook('<row r="1" spans="' + "1 " * 300 + '"/>')


@gives("refused: cells", cells=3)
def many_cells() -> bytes:
    return workbook(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c></row>'
    )


@gives("refused: cells", also=True, cells=3)
def many_cells_under_a_prefix() -> bytes:
    rows = "".join(f'<x:row r="{n}"><x:c r="A{n}"><x:v>1</x:v></x:c></x:row>' for n in range(1, 6))
    text = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    return with_part("xl/worksheets/sheet1.xml", text)


@gives("refused: characters", characters=20)
def much_text() -> bytes:
    return workbook('<row r="1">' + inline("A1", "eleven char") + inline("B1", "eleven more") + "</row>")


@gives("refused: characters", also=True, characters=20)
def much_shared_text() -> bytes:
    return workbook(strings=strings("<t>eleven char</t>", "<t>eleven more</t>"))


@gives("refused: characters", also=True, characters=60)
def one_long_formula_for_many_cells() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><f t="shared" si="0"/><v>1</v></c></row>' for n in range(2, 9))
    first = '<row r="1"><c r="A1"><f t="shared" ref="A1:A8" si="0">SUM(B1:C1)</f><v>1</v></c></row>'
    return workbook(first + cells)


@gives("refused: merged Lines!", merged=20)
def many_merged_areas() -> bytes:
    areas = '<mergeCell ref="A1:A1048576"/>' * 11
    return workbook(sheet=sheet('<row r="1"><c r="A1"><v>1</v></c></row>', after=f"<mergeCells>{areas}</mergeCells>"))


@gives("A1 1 | B1 2")
def merged_column() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    return workbook(sheet=sheet(rows, after='<mergeCells><mergeCell ref="D1:D1048576"/></mergeCells>'))


@gives("A1 1 | C2 2", tags=100)
def columns_formatted_to_the_last_row() -> bytes:
    empty = '<c r="A9" s="0"/><c r="B9"/><c r="C9" s="0" />'
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="0"/></row><row r="2"><c r="A2" s="0"/><c r="C2"><v>2</v></c></row>'
    return workbook(rows + f'<row r="9">{empty * 100}</row>')


@gives('A1 \'<c r="A1"/><c r="B1"/>\'')
def what_looks_like_empty_cells_in_a_text() -> bytes:
    return workbook('<row r="1">' + inline("A1", '<![CDATA[<c r="A1"/><c r="B1"/>]]>') + "</row>")


@gives("refused: styles", styles=2)
def many_styles() -> bytes:
    return workbook(styles=styles("0", "0.0"))


# --- names, and how parts are packed ---


@gives("refused: name_twice")
def two_parts_with_one_name() -> bytes:
    return packed(parts(), (("XL/worksheets/Sheet1.xml", sheet("")),))


@gives("refused: unsafe_name")
def name_that_climbs() -> bytes:
    return with_part("xl/../../evil.xml", "<a/>")


@gives("refused: unsafe_name", also=True)
def name_from_the_root() -> bytes:
    return with_part("/etc/evil.xml", "<a/>")


@gives("A1 1")
def names_with_backslashes() -> bytes:
    content = parts()
    named = {name.replace("/", "\\"): text for name, text in content.items()}
    named["xl\\_rels\\workbook.xml.rels"] = relations(("worksheet", "worksheets\\sheet1.xml"))
    return packed(named)


@gives("refused: unsafe_name", also=True)
def name_that_climbs_with_backslashes() -> bytes:
    return with_part("xl\\..\\..\\evil.xml", "<a/>")


@gives("refused: unsafe_name", also=True)
def name_of_a_drive() -> bytes:
    return with_part("C:/evil.xml", "<a/>")


@gives("refused: unsafe_name", also=True)
def name_with_a_control_character() -> bytes:
    return changed(with_part("xl/evil!.xml", "<a/>"), b"xl/evil!.xml", b"xl/evil\x01.xml", last=True)


@gives("refused: encrypted")
def packed_with_a_password() -> bytes:
    data = workbook()
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + bytes([data[at] | 1]) + data[at + 1 :]


@gives("refused: compression")
def packed_in_another_way() -> bytes:
    with BytesIO() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as package:
            for name, text in parts().items():
                package.writestr(name, text)
        return target.getvalue()


# --- XML that is none, or should be none ---


@gives("refused: dtd")
def document_type() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", '<!DOCTYPE a [<!ENTITY b "c">]>' + PLAIN)


@gives("refused: dtd", also=True)
def document_type_in_utf_16() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "file:///etc/passwd">' + PLAIN
    return with_part("xl/worksheets/sheet1.xml", text.encode("utf-16"))


@gives("refused: dtd", also=True)
def billion_laughs_among_the_relations() -> bytes:
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    return with_part("_rels/.rels", laughs + relations(("officeDocument", "xl/workbook.xml")))


@gives("refused: encoding")
def strange_character_set() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", '<?xml version="1.0" encoding="cp1252"?>' + PLAIN)


@gives("refused: xml")
def cut_part() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", PLAIN[:-10])


@gives("refused: xml", also=True)
def unknown_entity() -> bytes:
    return workbook('<row r="1">' + inline("A1", "&nbsp;") + "</row>")


@gives("refused: content")
def element_within_a_value() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1<b>2</b>3</v></c></row>')


@gives("refused: no_cells Lines!")
def sheet_of_another_kind() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", '<worksheet xmlns="urn:x"><sheetData/></worksheet>')


@gives("refused: stranger Lines!")
def rows_within_a_choice() -> bytes:
    return workbook('<AlternateContent xmlns="urn:x"><row r="1"><c r="A1"><v>1</v></c></row></AlternateContent>')


@gives("refused: stranger Lines!", also=True)
def text_among_rows() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c>5</row>')


@gives("refused: strange_cell Lines!A1")
def value_that_stands_in_no_element() -> bytes:
    return workbook('<row r="1"><c r="A1">123</c></row>')


@gives("refused: strange_cell Lines!B1", also=True)
def unknown_element_in_a_cell() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v><w/></c></row>')


# --- alternatives, of which programs choose different ones ---


def alternatives(choice: str, fallback: str | None = None) -> str:
    space = f"{OPEN}/markup-compatibility/2006"
    other = "" if fallback is None else f"<mc:Fallback>{fallback}</mc:Fallback>"
    inside = f'<mc:Choice xmlns:zz="urn:zz" Requires="zz">{choice}</mc:Choice>{other}'
    return f'<mc:AlternateContent xmlns:mc="{space}">{inside}</mc:AlternateContent>'


@gives("refused: alternatives")
def alternative_values() -> bytes:
    return workbook(f'<row r="1"><c r="A1">{alternatives("<v>1</v>", "<v>2</v>")}</c></row>')


@gives("refused: alternatives", also=True)
def alternative_to_nothing() -> bytes:
    return workbook(f'<row r="1">{alternatives(PLAIN_CELL)}</row>')


@gives("refused: alternatives", also=True)
def alternative_texts() -> bytes:
    shared = f'<sst xmlns="{MAIN}">{alternatives("", "<si><t>A</t></si>")}<si><t>B</t></si></sst>'
    return workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=shared)


@gives("refused: alternatives", also=True)
def alternative_formats() -> bytes:
    one, two = (f'<numFmt numFmtId="164" formatCode="{code}"/>' for code in ("yyyy", "0"))
    content = f'<numFmts>{alternatives(one, two)}</numFmts><cellXfs><xf numFmtId="164"/></cellXfs>'
    return workbook(styles=f'<styleSheet xmlns="{MAIN}">{content}</styleSheet>')


@gives("refused: alternatives", also=True)
def alternative_date_systems() -> bytes:
    return workbook(book=book(settings=alternatives('<workbookPr date1904="1"/>', "<workbookPr/>")))


@gives("refused: alternatives", also=True)
def alternatives_within_alternatives() -> bytes:
    return workbook(f'<row r="1">{alternatives(alternatives(PLAIN_CELL), PLAIN_CELL)}</row>')


@gives("refused: alternatives", also=True)
def alternatives_without_end() -> bytes:
    return workbook(alternatives("<a>" * 11_000 + "</a>" * 11_000))


@gives("A1 1 | B1 2")
def alternatives_that_read_alike() -> bytes:
    cells = alternatives(PLAIN_CELL, f" {PLAIN_CELL}<extLst/> ".replace("<extLst/>", ""))
    return workbook(f'<row r="1">{cells}<c r="B1"><v>2</v></c></row>')


@gives("A1 1")
def alternatives_that_nobody_reads() -> bytes:
    """As each workbook has them that Excel saves: where the file was."""
    return workbook(book=book(settings=alternatives('<a:absPath xmlns:a="urn:a" url="/"/>')))


PLAIN_CELL = '<c r="A1"><v>1</v></c>'


@gives("refused: format")
def number_format_without_number() -> bytes:
    return workbook(styles=styles(numbers=("x",)))


# --- cells that stand nowhere, or twice ---


@gives("refused: cell_twice Lines!A1")
def cell_twice() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>')


@gives("refused: cell_twice Lines!A1", also=True)
def row_twice() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>')


@gives("refused: cell_twice Lines!A1", also=True)
def value_twice() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>')


@gives("refused: row_number Lines!")
def row_of_eleven_digits() -> bytes:
    return workbook('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')


@gives("refused: row_number Lines!", also=True)
def row_zero() -> bytes:
    return workbook('<row r="0"><c r="A0"><v>1</v></c></row>')


@gives("refused: outside_grid Lines!A1")
def column_outside_the_grid() -> bytes:
    return workbook('<row r="1"><c r="XFE1"><v>1</v></c></row>')


@gives("refused: outside_grid Lines!A1", also=True)
def reference_that_is_none() -> bytes:
    return workbook('<row r="1"><c r="total"><v>1</v></c></row>')


@gives("refused: wrong_row Lines!A7")
def cell_in_another_row() -> bytes:
    return workbook('<row r="1"><c r="A7"><v>1</v></c></row>')


@gives("refused: merge Lines!")
def merge_outside_the_grid() -> bytes:
    return workbook(sheet=sheet("", after='<mergeCells><mergeCell ref="A1:XFE2"/></mergeCells>'))


@gives("A1 1 | ! style Lines!A1")
def style_that_is_not_there() -> bytes:
    return workbook('<row r="1"><c r="A1" s="9"><v>1</v></c></row>', styles=styles())


# --- odd, and read rightly ---


@gives("A1 1")
def plain() -> bytes:
    return workbook()


@gives("A1 1")
def stored_as_it_is() -> bytes:
    with BytesIO() as target:
        with zipfile.ZipFile(target, "w") as package:
            for name, text in parts().items():
                package.writestr(name, text)
            package.comment = b"a comment"
        return target.getvalue()


@gives("A1 1")
def streamed_into_its_package() -> bytes:
    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *where: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts().items():
            package.writestr(name, text)
    return target.getvalue()


@gives("A1 1")
def folders_in_the_package() -> bytes:
    return packed({"xl/": "", "xl/worksheets/": "", **parts()})


@gives("A1 1")
def names_in_other_case_and_from_the_root() -> bytes:
    content = parts()
    content["XL/Worksheets/SHEET1.xml"] = content.pop("xl/worksheets/sheet1.xml")
    content["xl/_rels/workbook.xml.rels"] = relations(("worksheet", "/xl/worksheets/./sheet1.xml"))
    return packed(content)


@gives("A1 1 | B2 2 | ZZ3 3")
def dimension_that_lies() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row><row r="3"><c r="ZZ3"><v>3</v></c></row>'
    return workbook(sheet=sheet(rows, before='<dimension ref="A1:A1"/>'))


@gives("A1 1 | A2 2 | A3 3")
def rows_out_of_order() -> bytes:
    return workbook("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in (3, 1, 2)))


@gives("A1 1 | B1 2 | AA1 3")
def cells_out_of_order() -> bytes:
    return workbook('<row r="1"><c r="AA1"><v>3</v></c><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>')


@gives("A1 1 | B1 2 | A2 3 | C2 4 | D2 5")
def no_references() -> bytes:
    return workbook(
        '<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c r="C2"><v>4</v></c><c><v>5</v></c></row>'
    )


@gives("A1 1")
def names_with_prefixes() -> bytes:
    text = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    return with_part("xl/worksheets/sheet1.xml", text)


@gives("A1 1 | B1 'é'")
def utf_16() -> bytes:
    text = sheet('<row r="1"><c r="A1"><v>1</v></c>' + inline("B1", "é") + "</row>")
    return with_part("xl/worksheets/sheet1.xml", ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16"))


@gives("A1 12 | B1 'a<b&c'")
def comments_and_sections_of_characters() -> bytes:
    return workbook(
        '<row r="1"><!-- x --><c r="A1"><v>1<!-- x -->&#50;</v></c>' + inline("B1", "<![CDATA[a<b&c]]>") + "</row>"
    )


@gives("A1 1 | B1 datetime.datetime(2012, 10, 15, 0, 0) | C1 datetime.datetime(2012, 10, 15, 9, 30)")
def strict_open_xml() -> bytes:
    text = (
        f'<worksheet xmlns="{STRICT}/spreadsheetml/main"><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '<c r="B1" t="d"><v>2012-10-15</v></c><c r="C1" t="d"><v>2012-10-15T09:30:00</v></c></row></sheetData></worksheet>'
    )
    linked = f"{STRICT}/officeDocument/relationships"
    sheets = '<sheets><sheet name="Lines" sheetId="1" r:id="rId1"/></sheets>'
    return packed(
        {
            **parts(),
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml"), space=linked),
            "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml"), space=linked),
            "xl/workbook.xml": f'<workbook xmlns="{STRICT}/spreadsheetml/main" xmlns:r="{linked}">{sheets}</workbook>',
            "xl/worksheets/sheet1.xml": text,
        }
    )


# --- what cells hold ---


@gives("A1 'plain' | B1 'two runs' | C1 '東京' | D1 ' spaces ' | E1 ? no_text")
def shared_texts() -> bytes:
    rows = '<row r="1">' + "".join(f'<c r="{c}1" t="s"><v>{n}</v></c>' for n, c in enumerate("ABCDE")) + "</row>"
    spoken = "<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/>"
    runs = "<r><rPr><b/></rPr><t>two</t></r><r><t> runs</t></r>"
    return workbook(rows, strings=strings("<t>plain</t>", runs, spoken, '<t xml:space="preserve"> spaces </t>'))


@gives("A1 'two runs' | B1 '=1+1' | C1 '00012' | D1 'a\\x08b' | E1 '_x0041_' | F1 '_xD83D_'")
def texts_in_cells() -> bytes:
    first = '<c r="A1" t="inlineStr"><is><r><t>two</t></r><r><t> runs</t></r></is></c>'
    texts = {"B": "=1+1", "C": "00012", "D": "a_x0008_b", "E": "_x005F_x0041_", "F": "_xD83D_"}
    return workbook('<row r="1">' + first + "".join(inline(f"{c}1", text) for c, text in texts.items()) + "</row>")


@gives("A1 True | B1 False | C1 ? unknown_content | D1 ? unknown_content")
def booleans() -> bytes:
    cells = '<c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c><c r="C1" t="b"><v>2</v></c><c r="D1" t="q"><v>1</v></c>'
    return workbook(f'<row r="1">{cells}</row>')


@gives("A1 '#DIV/0!' | B1 ? error_cell")
def errors() -> bytes:
    return workbook('<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c><c r="B1" t="e"><v>#OOPS!</v></c></row>')


@gives("A1 ? empty_error | B1 ? empty_error")
def empty_errors() -> bytes:
    return workbook('<row r="1"><c r="A1" t="e"><v></v></c><c r="B1" t="e"/></row>')


@gives("A1 1000.0 | B1 0.1 | C1 0.30000000000000004 | D1 12 | E1 inf | F1 -0.005 | G1 1e+20")
def numbers() -> bytes:
    texts = ("1E3", "0.1", "0.30000000000000004", " 12 ", "1e999", "-.005", "100000000000000000000")
    cells = "".join(f'<c r="{c}1"><v>{text}</v></c>' for c, text in zip("ABCDEFG", texts, strict=True))
    return workbook(f'<row r="1">{cells}</row>')


@gives("A1 ? no_number | B1 ? no_number | C1 ? no_number | D1 ? no_number | E1 ? no_number")
def numbers_that_are_none() -> bytes:
    texts = ("NaN", "INF", "1_000", "١٢", "1,5")
    cells = "".join(f'<c r="{c}1"><v>{text}</v></c>' for c, text in zip("ABCDE", texts, strict=True))
    return workbook(f'<row r="1">{cells}</row>')


@gives("A1 ? two_contents | B1 ? two_contents")
def two_contents() -> bytes:
    cells = '<c r="A1" t="inlineStr"><v>1</v><is><t>2</t></is></c><c r="B1"><is><t>2</t></is></c>'
    return workbook(f'<row r="1">{cells}</row>')


def dated(*cells: tuple[str, int], settings: str = "") -> bytes:
    """Numbers in styles: 1 date, 2 time, 3 duration, 4 date of a number, 5 month, 6 in quotes, 7
    date in Asia."""
    rows = "".join(
        f'<c r="{c}1" s="{style}"><v>{text}</v></c>' for c, (text, style) in zip("ABCDEFGH", cells, strict=False)
    )
    codes = styles("yyyy\\-mm\\-dd", "h:mm AM/PM", "[h]:mm", "&quot;day&quot; 0", numbers=("14", "17", "27"))
    return workbook(f'<row r="1">{rows}</row>', styles=codes, book=book(settings=settings))


@gives(
    "A1 datetime.datetime(2012, 10, 15, 0, 0) | B1 datetime.datetime(2012, 10, 15, 9, 30) | C1 datetime.time(12, 0)"
    " | D1 datetime.timedelta(days=1, seconds=43200) | E1 41197 | F1 datetime.datetime(2012, 10, 15, 0, 0)"
    " | G1 datetime.datetime(2012, 10, 1, 0, 0) | H1 datetime.datetime(1900, 3, 1, 0, 0)"
)
def days() -> bytes:
    noon = ("0.5", 2)
    return dated(
        ("41197", 1), ("41197.395833333336", 1), noon, ("1.5", 3), ("41197", 4), ("41197", 5), ("41183", 6), ("61", 7)
    )


@gives("A1 ? early_day | B1 ? early_day | C1 ? early_day | D1 ? no_day | E1 ? no_day | F1 ? no_day")
def days_on_which_spreadsheets_do_not_agree() -> bytes:
    return dated(("60", 1), ("1", 1), ("0", 1), ("-1", 1), ("2958466", 1), ("1e999", 3))


@gives("A1 datetime.datetime(2012, 10, 15, 0, 0) | B1 datetime.datetime(1904, 1, 1, 0, 0) | C1 datetime.time(12, 0)")
def days_from_1904() -> bytes:
    return dated(("39735", 1), ("0", 1), ("0.5", 2), settings='<workbookPr date1904="1"/>')


# --- formulas ---


@gives("A1 3 =1+2 | B1 None =A1 | C1 '' =\"\" | D1 'x' =\"x\" | E1 True =1=1 | F1 '#N/A' =NA() | G1 None =G2")
def formulas() -> bytes:
    cells = (
        '<c r="A1"><f>1+2</f><v>3</v></c><c r="B1"><f>A1</f></c><c r="C1" t="str"><f>""</f><v></v></c>'
        '<c r="D1" t="str"><f>"x"</f><v>x</v></c><c r="E1" t="b"><f>1=1</f><v>1</v></c>'
        '<c r="F1" t="e"><f>NA()</f><v>#N/A</v></c><c r="G1"><f>G2</f><v/></c>'
    )
    return workbook(f'<row r="1">{cells}</row>')


@gives("A1 1 =B1+$C$1 | A2 2 =B2+$C$1 | B3 3 =C3+$C$1 | A4 4 = | A5 5 =TABLE(B1,)")
def formulas_for_many_cells() -> bytes:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B3" si="0">B1+$C$1</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row><row r="3"><c r="B3"><f t="shared" si="0"/><v>3</v></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="7"/><v>4</v></c></row>'
        '<row r="5"><c r="A5"><f t="dataTable" ref="A5:A6" r1="B1"/><v>5</v></c></row>'
    )
    return workbook(rows)


@gives("A1 6 =SUM(B1:B3*C1:C3)")
def formula_of_an_array() -> bytes:
    return workbook('<row r="1"><c r="A1"><f t="array" ref="A1">SUM(B1:B3*C1:C3)</f><v>6</v></c></row>')


# --- what is there and not seen ---


@gives("A1 1 | A2 2 | ! hidden_row Lines!A2")
def hidden_row() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row>')


@gives("A1 1 | ! hidden_row Lines!A1", also=True)
def row_without_height() -> bytes:
    return workbook('<row r="1" ht="0" customHeight="1"><c r="A1"><v>1</v></c></row>')


@gives("A1 1 | ! hidden_row Lines!A1", also=True)
def row_of_one_point() -> bytes:
    return workbook('<row r="1" ht="1.00" customHeight="1"><c r="A1"><v>1</v></c></row>')


@gives("A1 1 | B1 2 | B2 3 | ! hidden_column Lines!B1")
def hidden_column() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="B2"><v>3</v></c></row>'
    return workbook(sheet=sheet(rows, before='<cols><col min="2" max="3" hidden="1"/></cols>'))


@gives("A1 1 | B1 2 | ! hidden_column Lines!B1", also=True)
def column_as_narrow_as_a_line() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    return workbook(sheet=sheet(rows, before='<cols><col min="2" max="2" width="0.14" customWidth="1"/></cols>'))


@gives("A1 1 | ! hidden_sheet Lines!")
def hidden_sheet() -> bytes:
    return workbook(book=book('<sheet name="Lines" sheetId="1" state="veryHidden" r:id="rId1"/>'))


@gives(
    "A1 12.5 | B1 -3 | C1 'x' | D1 0 | E1 1 | ! hidden_value Lines!A1 | ! hidden_value Lines!B1 | ! hidden_value Lines!C1 | ! hidden_value Lines!E1"
)
def values_hidden_by_their_format() -> bytes:
    cells = '<c r="A1" s="1"><v>12.5</v></c><c r="B1" s="2"><v>-3</v></c><c r="C1" s="1" t="str"><v>x</v></c><c r="D1" s="1"><v>0</v></c>'
    shown = '<c r="E1" s="3"><v>1</v></c>'
    return workbook(f'<row r="1">{cells}{shown}</row>', styles=styles(";;;", "0.00;", "&quot;100.00&quot;"))


@gives("A1 1 | B2 2 | ! under_merge Lines!B2")
def value_under_a_merge() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
    return workbook(sheet=sheet(rows, after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'))


@gives("A1 1 | ! no_part Module1!")
def sheet_of_old_macros() -> bytes:
    module = '<sheet name="Module1" sheetId="2" state="veryHidden" r:id=""/>'
    return workbook(book=book('<sheet name="Lines" sheetId="1" r:id="rId1"/>' + module))


@gives("A1 1 | ! macros ")
def macros() -> bytes:
    return with_part("xl/vbaProject.bin", b"\0")


@gives("A1 1 | ! external_links ")
def links_to_other_files() -> bytes:
    return with_part("xl/externalLinks/externalLink1.xml", "<a/>")
