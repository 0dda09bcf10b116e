"""The XML of a part as elements, each with all that it holds, by which two parts can be compared.

A name keeps its namespace: `numFmt` is one of a spreadsheet's own, `a:ln` one of a drawing, `c:ser`
one of a chart. A name of any other namespace stands with that namespace in full, and is never taken
for one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from attrs import define, field

from grantcalc.xlsx.grammar import PART_ENCODINGS
from grantcalc.xlsx.parts import unescaped
from grantcalc.xlsx.scan import SAFE, SOUND, Package

_OPEN, _STRICT = "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"
_SHORT = {
    f"{_OPEN}/spreadsheetml/2006/main": "",
    f"{_STRICT}/spreadsheetml/main": "",
    f"{_OPEN}/officeDocument/2006/relationships": "r:",
    f"{_STRICT}/officeDocument/relationships": "r:",
    f"{_OPEN}/drawingml/2006/main": "a:",
    f"{_STRICT}/drawingml/main": "a:",
    f"{_OPEN}/drawingml/2006/chart": "c:",
    f"{_STRICT}/drawingml/chart": "c:",
    f"{_OPEN}/drawingml/2006/spreadsheetDrawing": "xdr:",
    f"{_STRICT}/drawingml/spreadsheetDrawing": "xdr:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}


@define(eq=False)
class Element:
    """An element: its name, its attributes, the text that stands in it, and the elements that
    do."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Element] = field(factory=list)

    def first(self, name: str) -> Element | None:
        """The first element in it that has a name."""
        return next((e for e in self.inside if e.name == name), None)


def elements_of(package: Package, part: str, apart: str = "") -> Iterator[Element]:
    """What a part holds: each element in its root as it ends, and last the root, without what was
    given already.

    Of the element `apart`, which may be long, each element in it is given as it ends, and then
    itself without them. `WorkbookRejected` for what is no XML, has a document type, or is too deep.
    """
    elements, words, stack = list[Element](), list[str](), list[Element]()
    parser, refuse = expat.ParserCreate(namespace_separator=" "), package.report.refuse

    def said() -> None:
        if words:
            stack[-1].text += "".join(words)
            words.clear()

    def start(tag: str, attributes: dict[str, str]) -> None:
        said()
        stack.append(Element(_short(tag, "?"), {_short(key): value for key, value in attributes.items()}))

    def end(_: str) -> None:
        said()
        element = stack.pop()
        element.text = unescaped(element.text)
        if len(stack) < 2 or (apart and len(stack) == 2 and stack[1].name == apart):
            elements.append(element)
        else:
            stack[-1].inside.append(element)

    def doctype(*_: object) -> None:
        refuse("dtd", "a part of this workbook has a document type, as none may have", SAFE)

    def declaration(_: str, encoding: str | None, __: int) -> None:
        if (encoding.lower() if encoding else None) not in PART_ENCODINGS:
            refuse("encoding", "a part of this workbook is in a character set that workbooks do not use", SAFE)

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words.append
    parser.StartDoctypeDeclHandler, parser.XmlDeclHandler = doctype, declaration
    try:
        for piece in package.pieces(part):
            parser.Parse(piece)
            if len(stack) > package.report.limits.depth or sum(map(len, words)) > package.report.limits.token:
                refuse("depth", "a part of this workbook has a text that is too long, or elements too deep", SAFE)
            yield from elements
            elements.clear()
        parser.Parse(b"", True)
        yield from elements
    except expat.ExpatError:
        refuse("xml", "this workbook is broken: a part is not sound XML", SOUND)


def root_of(package: Package, part: str) -> Element:
    """The root of a part that is not long, with all that it holds."""
    *inside, root = elements_of(package, part)
    root.inside = inside
    return root


def _short(name: str, without: str = "") -> str:
    """A name with its namespace in short; `without` stands before one that has none."""
    space, _, local = name.rpartition(" ")
    return f"{without}{local}" if not space else f"{_SHORT[space]}{local}" if space in _SHORT else name
