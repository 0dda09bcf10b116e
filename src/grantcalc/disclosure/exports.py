"""A workbook before it leaves a hand: everything that it carries, seen or not, is looked through.

Read from the package itself (ECMA-376), since what matters is what a spreadsheet program does not
show: hidden sheets, rows and columns, formulas and the values stored behind them, texts that no
cell shows any more, comments, names, properties, alternative texts, caches and embedded files.
Every text and every attribute of every part is looked at, and a part that no sheet needs is a
finding by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import define, evolve, field

from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import in_attribute, in_column, in_formula, in_number, in_text
from grantcalc.disclosure.publication import DO_NOT_PUBLISH
from grantcalc.disclosure.small_figures import SmallFigures
from grantcalc.errors import Finding, Place, Severity, WorkbookRejected, shown
from grantcalc.files import read_file
from grantcalc.xlsx.package_contents import PackageContents, contents_of, outside
from grantcalc.xlsx.parts import WorkbookPart, workbook
from grantcalc.xlsx.scan import ISSUED, Package, Report, scan

_NEEDED = re.compile(
    r"\[content_types]\.xml|(.*/)?_rels/[^/]*\.rels|docprops/(core|app|custom)\.xml|"
    r"xl/((workbook|styles|sharedstrings|calcchain|metadata)|(theme|worksheets|chartsheets|tables|drawings|charts)/[^/]*)\.xml"
)
_PARTS: tuple[tuple[str, str, str, Severity], ...] = (
    (r"xl/(comments|threadedcomments)[^/]*(/.*)?\.xml", "comment", "this workbook has comments", "error"),
    (r"xl/persons/.*\.xml", "property", "this workbook has the names of persons who commented", "error"),
    (r"xl/externallinks/[^/]*\.xml", "stored", "values of another workbook are stored in this one", "error"),
    (r"xl/pivotcache/.*\.xml", "stored", "the rows behind a pivot table are stored in this workbook", "error"),
    (r"xl/(connections|querytables/.*)\.xml", "stored", "this workbook is connected to data elsewhere", "error"),
    (r"(xl/(embeddings|media)|customxml)/.*", "embedded", "another file is embedded in this workbook", "error"),
    (r"xl/vbaproject\.bin", "embedded", "this workbook has macros", "error"),
    (r"xl/revisions/.*|xl/usernames\.xml", "stored", "earlier states of this workbook are stored in it", "error"),
    (r"xl/printersettings/.*\.bin", "stored", "the settings of a printer are stored, with its name", "warning"),
    (r"docprops/thumbnail\..*", "embedded", "this workbook has a preview picture", "error"),
    (r"_xmlsignatures/.*", "property", "a signature names who signed this workbook", "error"),
    (r".*", "stored", "this workbook has a part that no sheet needs", "error"),
)
_XML = (".xml", ".rels", ".vml")
_PERSONAL = {"creator", "lastModifiedBy", "Manager", "Company", "manager", "company"}
_WORKERS = {("fileSharing", "userName"), ("absPath", "url"), ("customWorkbookView", "name"), ("scenario", "user")}
_TIMES = {"created", "modified", "lastPrinted"}
_OURS = {"grantcalc", "openpyxl", ""}
_BUILT_IN = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")
_FORMULAS = re.compile("f|formula[12]?|definedName|(calculatedColumn|totalsRow)Formula|Fmla.*|sqref")
_ELSEWHERE = re.compile(r"\[[^\]\[#@]*\][^\]\[!]*!")  # [1]Sheet!A1, but not a column of a table: T[Count]
_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]*([eE][-+]?[0-9]+)?")
_CODES = re.compile(r'&("[^"]*"|[0-9]+|[A-Za-z])')  # of a header or footer: where it stands, and how it looks
_HIDING = {
    "row": "this row is hidden",
    "col": "these columns are hidden",
    "definedName": "a defined name is hidden",
    "cNvPr": "a picture or drawing is hidden",
}
_LETTERS = str.maketrans("", "", "0123456789")
Texts: TypeAlias = tuple[str, ...]
"""A text as a cell shows it, and each of the runs that it is made of, how to pronounce it among
them."""


@checked
def check_export(path: str | Path, pseudonyms: tuple[str, ...] = (), *, public: bool = False) -> tuple[Finding, ...]:
    """Whatever a workbook would tell that it should not, as findings; empty when it may go.
    `pseudonyms` that are known are looked for too. One that is to be `public` is also looked
    through for figures of few persons, and for the sentence of a report that must not be published.

    `WorkbookRejected` for what is no workbook, or a broken one. Nothing that is found is repeated.
    """
    path = Path(path)
    package = scan(read_file(path, ISSUED.packed, WorkbookRejected), Report(path.name, ISSUED))
    figures = SmallFigures(path.name) if public else None
    export = _Export(path.name, package, frozenset(pseudonyms), workbook(package), figures)
    return tuple(dict.fromkeys(export.findings()))


def _zero(size: str) -> bool:
    return re.fullmatch(r"0*\.?0*", size) is not None


def _margin(element: str) -> str:
    return element if element.endswith(("Header", "Footer")) else ""


def _texts(runs: list[str]) -> Texts:
    return tuple(dict.fromkeys(("".join(runs), *runs)))


@define
class _Export:
    file: str
    package: Package
    pseudonyms: frozenset[str]
    book: WorkbookPart
    figures: SmallFigures | None
    shared: list[Texts] = field(factory=list)
    used: set[int] = field(factory=set)

    def findings(self) -> Iterator[Finding]:
        yield from in_text(self.file.rpartition(".")[0], Place("", "name of the file"), self.pseudonyms)
        for problem in outside(self.package):
            yield self.at("stored", problem, "nothing besides the parts of a workbook")
        strings = self.book.parts.get("sharedStrings", "xl/sharedStrings.xml").lower()
        if strings in self.package:
            yield from self.strings(strings)
        sheets = dict[str, str]()
        for number, sheet in enumerate(self.book.sheets, 1):
            told = [*in_text(sheet.title, Place(self.file, f"sheet {number}"), self.pseudonyms)]
            yield from told
            title = sheets[sheet.relation.part.lower()] = f"sheet {number}" if told else sheet.title
            if sheet.hidden:
                yield self.at("hidden", "this sheet is hidden", "nothing hidden", title)
        for number, (name, info) in enumerate(self.package.entries.items(), 1):
            told = [*in_text(name, Place(self.file, f"part {number}"), self.pseudonyms)]
            yield from told
            if name in sheets:
                yield from self.sheet(sheets[name], name)
            elif name != strings:
                yield from self.part(name, f"part {number}" if told else info.orig_filename)
        yield from self.unseen()
        if self.figures is not None:
            yield from self.figures.multiples()

    def at(self, cause: str, problem: str, expected: str, sheet: str = "", cell: str = "", found: str = "") -> Finding:
        return Place(self.file, sheet, cell).finding(cause, problem, expected, found)

    # --- any part ---

    def part(self, name: str, title: str) -> Iterator[Finding]:
        """A part that is no sheet: whether it is needed, and all that it says."""
        if not _NEEDED.fullmatch(name) or re.match("xl/(worksheets|chartsheets)/[^/]*$", name):
            cause, problem, severity = next((c, p, s) for pattern, c, p, s in _PARTS if re.fullmatch(pattern, name))
            yield evolve(self.at(cause, problem, "none", title), severity=severity)
        if not name.endswith(_XML):
            data = b"".join(self.package.pieces(name))
            for text in (data.decode("latin-1"), data.decode("utf-16-le", "replace")):
                yield from in_attribute(text, Place(self.file, title), self.pseudonyms)
        elif re.fullmatch(r"docprops/(core|app|custom)\.xml", name):
            for thing in contents_of(self.package, name):
                yield from self.property(thing)
        else:
            for thing in contents_of(self.package, name):
                yield from self.thing(thing, Place(self.file, title))

    def thing(self, thing: PackageContents, place: Place) -> Iterator[Finding]:
        """One thing in a part: its attributes, its text, or a comment, which no spreadsheet program
        writes."""
        if thing.element == "definedName":
            place = Place(self.file, "a defined name")
        if thing.kind == "comment":
            yield place.finding("stored", "the XML of this part has a comment", "none", shown(thing.text))
        elif thing.kind == "start":
            yield from self.attributes(thing.element, thing.attributes, place)
        elif thing.kind == "text" and not _FORMULAS.fullmatch(thing.element):
            text = _CODES.sub(" ", thing.text) if thing.element.endswith(("Header", "Footer")) else thing.text
            yield from in_text(text, evolve(place, cell=place.cell or _margin(thing.element)), self.pseudonyms)
        elif thing.kind == "text":
            yield from self.formula(thing.text, place, thing.element == "definedName")

    def formula(self, text: str, place: Place, name: bool = False) -> Iterator[Finding]:
        """A formula: the texts in it, and whether it reaches into another workbook."""
        if _ELSEWHERE.search(text):
            problem = "a defined name reaches into another workbook" if name else "a formula reads another workbook"
            yield place.finding("stored", problem, "none")
        yield from in_formula(text, place, self.pseudonyms)

    def attributes(self, element: str, attributes: Mapping[str, str], place: Place) -> Iterator[Finding]:
        """What the attributes of an element say, and what they hide."""
        if element == "definedName" and attributes.get("name") in _BUILT_IN:
            return
        flag = attributes.get("hidden") in ("1", "true")
        size = attributes.get("ht" if element == "row" else "width")
        if element in _HIDING and (flag or (size is not None and _zero(size))):
            where = f"columns {attributes.get('min')} to {attributes.get('max')}" if element == "col" else ""
            cell = attributes.get("r", "") if element == "row" else ""
            yield evolve(place, cell=cell).finding("hidden", _HIDING[element], "nothing hidden", where)
        if element == "sheetFormatPr" and attributes.get("zeroHeight") in ("1", "true"):
            yield place.finding("hidden", "rows are hidden unless they say otherwise", "nothing hidden")
        if element == "workbookView" and attributes.get("visibility", "visible") != "visible":
            yield place.finding("hidden", "the window of this workbook is hidden", "nothing hidden")
        for key, value in attributes.items():
            if (element, key) in _WORKERS and value:
                yield place.finding("property", "this says who worked on the workbook", "nothing", shown(value))
            yield from in_attribute(value, place, self.pseudonyms)

    def property(self, thing: PackageContents) -> Iterator[Finding]:
        """Document properties: who made it, and what else they say."""
        text, place = thing.text.strip(), Place(self.file, f"property {thing.element}")
        if thing.kind == "text" and thing.element in _PERSONAL:
            if text not in _OURS:
                yield place.finding("property", "this property says who made the workbook", "nothing", shown(text))
        elif thing.kind != "text" or thing.element not in _TIMES:
            yield from self.thing(thing, place)

    # --- texts and cells ---

    def strings(self, part: str) -> Iterator[Finding]:
        """The texts that cells refer to by number are kept; what else their part says is told."""
        runs = list[str]()
        for thing in contents_of(self.package, part):
            if thing.kind == "text" and thing.element == "t":
                runs.append(thing.text)
                continue
            if (thing.kind, thing.element) == ("end", "si"):
                self.shared.append(_texts(runs))
                runs.clear()
            yield from self.thing(thing, Place(self.file, "stored texts"))

    def unseen(self) -> Iterator[Finding]:
        """Texts that are stored and that no cell shows: what a deleted cell once held, say."""
        for number, texts in enumerate(self.shared):
            if number not in self.used and texts[0].strip():
                yield self.at("stored", "a text is stored that no cell shows", "none", found=shown(texts[0]))
                for text in texts:
                    yield from in_text(text, Place(self.file, "stored texts"), self.pseudonyms)

    def sheet(self, title: str, part: str) -> Iterator[Finding]:
        """A sheet: its cells row by row, and what else its part says."""
        columns = _ColumnHeaders(self.file, title)
        row, runs = list[tuple[str, str, bool]](), list[str]()
        ref, kind, whole = "", "", Place(self.file, title)
        for thing in contents_of(self.package, part):
            begins, element = thing.kind == "start", thing.element
            if begins and element == "c":
                ref, kind = thing.attributes.get("r", "?"), thing.attributes.get("t", "n")
                runs.clear()
            place = Place(self.file, title, ref) if ref else whole
            if thing.kind == "text" and ref and element in ("v", "t"):
                runs.append(thing.text)
                continue
            yield from self.thing(thing, place)
            if thing.kind == "end" and element == "c":
                texts, is_text = self.worth(kind, runs)
                for text in texts:
                    yield from (in_text if is_text else in_number)(text, place, self.pseudonyms)
                row += [(ref, texts[0], is_text)] if texts and texts[0] else []
                ref = ""
            elif thing.kind == "end" and element == "row":
                if self.figures is not None:
                    yield from self.says_not_to_publish(title, row)
                    numbers = [(ref, text) for ref, text, is_text in row if not is_text]
                    yield from self.figures.row(title, columns.headers, numbers)
                yield from columns.judge(row)
                row.clear()
        yield from columns.judge(row)

    def says_not_to_publish(self, title: str, row: list[tuple[str, str, bool]]) -> Iterator[Finding]:
        """A report that is exact says so in a cell of its own."""
        for ref, text, _ in row:
            if text == DO_NOT_PUBLISH.says:
                yield self.at("exact", "this report says not to publish it", "a report made with --publish", title, ref)

    def worth(self, kind: str, runs: list[str]) -> tuple[Texts, bool]:
        """What is stored in a cell, the value behind a formula too; and whether it is text."""
        texts = _texts(runs) if runs else ()
        if kind == "s" and len(runs) == 1 and runs[0].isdecimal() and int(runs[0]) < len(self.shared):
            self.used.add(int(runs[0]))
            return self.shared[int(runs[0])], True
        return texts, not all(_NUMBER.fullmatch(text) for text in texts) or kind in ("str", "inlineStr")


@define
class _ColumnHeaders:
    """The header of each column of a sheet so far: the last text above that stood in a row of texts
    alone."""

    file: str
    title: str
    headers: dict[str, str] = field(factory=dict)
    told: set[str] = field(factory=set)

    def judge(self, row: list[tuple[str, str, bool]]) -> Iterator[Finding]:
        """The columns that a row is the first to fill; it may be a row of headers itself."""
        for ref, _, _ in row:
            column = ref.translate(_LETTERS)
            if column in self.headers and column not in self.told:
                self.told.add(column)
                yield from in_column(self.headers[column], Place(self.file, self.title, ref))
        if row and all(is_text for _, _, is_text in row):
            self.headers.update({ref.translate(_LETTERS): text for ref, text, _ in row})
            self.told -= self.headers.keys()
