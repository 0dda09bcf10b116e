"""A workbook before it leaves a hand: everything that it carries, seen or not, is looked through.

Read from the package itself (ECMA-376), since what matters is what a spreadsheet program does not show: hidden sheets,
rows and columns, stored values behind formulas, texts that no cell shows any more, comments, names, properties, caches
of other workbooks and embedded files.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define, field

from grantcalc.errors import Finding, Place, WorkbookRejected, shown
from grantcalc.io.identifiers import in_column, in_text

Element: TypeAlias = Any

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, LookupError, ValueError, RuntimeError)
_LARGEST = 2**31  # bytes unpacked: more than any workbook that this library writes or reads
_OURS = {"grantcalc", "openpyxl", ""}
_PARTS: tuple[tuple[str, str, str], ...] = (
    (r"xl/(comments|threadedComments)[^/]*(/.*)?\.xml", "comment", "comments stand in this workbook"),
    (r"xl/persons/.*\.xml", "property", "the names of commenting persons stand in this workbook"),
    (r"xl/externalLinks/[^/]*\.xml", "stored", "values of another workbook are stored in this one"),
    (r"xl/pivotCache/.*Records.*\.xml", "stored", "the rows behind a pivot table are stored in this workbook"),
    (r"xl/(connections|queryTables/.*)\.xml", "stored", "this workbook is connected to data elsewhere"),
    (r"(xl/(embeddings|media)|customXml)/.*", "embedded", "another file stands in this workbook"),
    (r"xl/vbaProject\.bin", "embedded", "macros stand in this workbook"),
    (r"xl/revisions/.*|xl/userNames\.xml", "stored", "earlier states of this workbook are stored in it"),
)
_PERSONAL = {"creator", "lastModifiedBy", "Manager", "Company", "manager", "company"}
_BUILT_IN = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")


def check_export(path: str | Path, pseudonyms: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Whatever a workbook would tell that it should not, as findings; empty when it may go. `pseudonyms` that are
    known are looked for too.

    `WorkbookRejected` for what is no workbook, or a broken one. Nothing that is found is repeated.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as package:
            if sum(info.file_size for info in package.infolist()) > _LARGEST:
                raise ValueError("too large")
            found = _Package(path.name, package, frozenset(pseudonyms))
            return tuple(dict.fromkeys(found.findings()))
    except _DAMAGE:
        problem = "this is not a workbook, or a broken one"
        raise WorkbookRejected((Finding(Place(path.name), "package", problem, "an .xlsx workbook"),)) from None


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _hidden(element: Element) -> bool:
    """Whether a row or column is hidden, or has no size, which is the same to a reader."""
    flag = element.get("hidden") in ("1", "true")
    size = element.get("ht" if _local(element) == "row" else "width")
    return flag or (size is not None and float(size) == 0)


def _text(element: Element) -> str:
    return "".join(part.text or "" for part in element.iter() if _local(part) == "t")


@define
class _Package:
    file: str
    package: zipfile.ZipFile
    pseudonyms: frozenset[str]
    shared: list[str] = field(factory=list)
    used: set[int] = field(factory=set)

    def findings(self) -> Iterator[Finding]:
        names = self.package.namelist()
        book = self.parse("xl/workbook.xml")
        if "xl/sharedStrings.xml" in names:
            self.shared = [_text(item) for item in self.parse("xl/sharedStrings.xml") if _local(item) == "si"]
        for title, part, state in self.sheets(book):
            if state != "visible":
                yield self.at("hidden", "this sheet is hidden", "nothing hidden", sheet=title)
            yield from in_text(title, Place(self.file, title), self.pseudonyms)
            if part in names:
                yield from self.sheet(title, part)
        yield from self.unseen()
        yield from self.names(book)
        for name in names:
            for pattern, cause, problem in _PARTS:
                if re.fullmatch(pattern, name):
                    yield self.at(cause, problem, "none", sheet=name)
            if re.fullmatch(r"docProps/(core|app|custom)\.xml", name):
                yield from self.properties(name)
            if re.fullmatch(r"xl/(drawings|charts)/[^/]*\.xml", name):
                yield from in_text(_text(self.parse(name)), Place(self.file, name), self.pseudonyms)

    def parse(self, part: str) -> Element:
        from defusedxml.ElementTree import fromstring

        return fromstring(self.package.read(part))

    def each(self, part: str) -> Iterator[Element]:
        """Every element of a part, once it is whole; of a row nothing is kept, so that a sheet may be long."""
        from defusedxml.ElementTree import iterparse

        with self.package.open(part) as stream:
            for _, element in iterparse(stream):
                yield element
                if _local(element) == "row":
                    element.clear()

    def at(
        self, cause: str, problem: str, expected: str, *, sheet: str = "", cell: str = "", found: str = ""
    ) -> Finding:
        return Finding(Place(self.file, sheet, cell), cause, problem, expected, found)

    def sheets(self, book: Element) -> Iterator[tuple[str, str, str]]:
        """The title, the part and the state of each sheet."""
        targets = {e.get("Id"): str(e.get("Target")) for e in self.parse("xl/_rels/workbook.xml.rels")}
        for element in book.iter():
            if _local(element) == "sheet":
                id = next(value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id")
                target = targets[id]
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                yield str(element.get("name")), part, element.get("state", "visible")

    def sheet(self, title: str, part: str) -> Iterator[Finding]:
        """The cells of a sheet, a header being the last text above a cell that stood in a row of texts alone."""
        headers, told = dict[str, str](), set[str]()
        for element in self.each(part):
            kind = _local(element)
            if kind == "row":
                if _hidden(element):
                    yield self.at(
                        "hidden", "this row is hidden", "nothing hidden", sheet=title, cell=str(element.get("r"))
                    )
                cells = [(str(c.get("r", "")), *self.value(c)) for c in element if _local(c) == "c"]
                filled = [(ref, text, is_text) for ref, text, is_text in cells if text]
                for ref, text, is_text in filled:
                    place, column = Place(self.file, title, ref), ref.rstrip("0123456789")
                    if is_text:
                        yield from in_text(text, place, self.pseudonyms)
                    if column in headers and column not in told:
                        told.add(column)
                        yield from in_column(headers[column], place)
                if filled and all(is_text for _, _, is_text in filled):
                    headers.update({ref.rstrip("0123456789"): text for ref, text, _ in filled})
                    told = {column for column in told if column not in headers}
            elif kind == "sheetFormatPr" and element.get("zeroHeight") in ("1", "true"):
                yield self.at("hidden", "rows are hidden unless they say otherwise", "nothing hidden", sheet=title)
            elif kind == "col" and _hidden(element):
                columns = f"columns {element.get('min')} to {element.get('max')}"
                yield self.at("hidden", "these columns are hidden", "nothing hidden", sheet=title, found=columns)
            elif kind in ("formula1", "formula2", "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader"):
                yield from in_text(element.text or "", Place(self.file, title, kind), self.pseudonyms)

    def value(self, cell: Element) -> tuple[str, bool]:
        """What is stored in a cell, the value behind a formula too; and whether it is text."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(cell), True
        stored = next((str(part.text or "") for part in cell if _local(part) == "v"), "")
        if kind == "s" and stored:
            self.used.add(int(stored))
            return self.shared[int(stored)], True
        return stored, kind == "str"

    def unseen(self) -> Iterator[Finding]:
        """Texts that are stored and that no cell shows: what a deleted cell once held, say."""
        for number, text in enumerate(self.shared):
            if number not in self.used and text.strip():
                yield self.at("stored", "a text is stored that no cell shows", "none", found=shown(text))
                yield from in_text(text, Place(self.file, "stored texts"), self.pseudonyms)

    def names(self, book: Element) -> Iterator[Finding]:
        """Defined names: hidden ones, ones that reach into another workbook, and what they say."""
        for element in book.iter():
            if _local(element) != "definedName" or element.get("name") in _BUILT_IN:
                continue
            place = "a defined name"
            if element.get("hidden") in ("1", "true"):
                yield self.at("hidden", "a defined name is hidden", "nothing hidden", sheet=place)
            if re.search(r"\[[^\]]*\]", element.text or ""):
                yield self.at("stored", "a defined name reaches into another workbook", "none", sheet=place)
            quoted = re.findall('"([^"]*)"', element.text or "")
            for said in (element.get("name", ""), element.get("comment", ""), *quoted):
                yield from in_text(said, Place(self.file, place), self.pseudonyms)

    def properties(self, name: str) -> Iterator[Finding]:
        """Document properties: who made it, and what else they say."""
        for element in self.parse(name).iter():
            text, place = (element.text or "").strip(), Place(self.file, f"property {_local(element)}")
            if _local(element) in _PERSONAL and text not in _OURS:
                yield Finding(place, "property", "this property says who made the workbook", "nothing", shown(text))
            elif text and _local(element) not in ("created", "modified", "lastPrinted"):
                yield from in_text(text, place, self.pseudonyms)
