"""A marked copy: the user's own workbook with a comment and a color at each bad cell, and a sheet that lists them.

The copy is made by openpyxl, which carries values, formulas, formats and names, and drops what it does not know. What
is dropped is told. The stored values of formulas, which it drops too, are put back. The original is only read.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.sax.saxutils import escape

from attrs import define, field, frozen

from grantcalc.declared import checked
from grantcalc.errors import Finding, Place, WorkbookRejected, by_cause
from grantcalc.files import read_file
from grantcalc.io.intake.cells import book_of_bytes
from grantcalc.xlsx.grammar import Node, parse
from grantcalc.xlsx.package import Unwritable, save
from grantcalc.xlsx.parts import workbook as workbook_of
from grantcalc.xlsx.scan import Limits, Report, scan

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_FILTERS = Lock()  # the filters of warnings belong to the process: two threads would put back each other's
_FORMULA = re.compile(
    r'<c r="([A-Z]+\d+)"((?: s="\d+")?)(?: t="\w+")?>(<f\b[^>]*(?:/>|>[^<]*</f>))<v ?(?:/>|></v>)</c>'
)
_CELL = re.compile(r"([A-Z]{1,3})?([1-9]\d*)")
_FILL = {"error": "FFC7CE", "warning": "FFEB9C"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 2_000
_WHAT = {  # of the parts of a package, what a user calls them
    "macros": r"vbaProject\.bin$",
    "charts": r"xl/charts/chart\d+\.xml$",
    "images": r"xl/media/",
    "pivot tables": r"xl/pivotTables/",
    "form controls": r"xl/(ctrlProps|activeX)/",
    "threaded comments": r"xl/threadedComments/",
    "slicers": r"xl/(slicers|timelines)/",
    "embedded objects": r"xl/embeddings/",
    "data connections": r"xl/(connections\.xml|queryTables/)",
    "links to other workbooks": r"xl/externalLinks/externalLink",
    "custom XML": r"customXml/item\d",
}
_INSIDE = {  # and of what stands inside of sheets and drawings
    "sparklines and newer conditional formats": rb"<extLst\b",
    "shapes and text boxes": rb"<xdr:(sp|cxnSp|grpSp)\b",
}


@frozen
class Marked:
    """What became of a marked copy: how many cells have a mark, and what of the workbook it does not hold."""

    cells: int
    lost: tuple[str, ...]


@checked
def mark(findings: Iterable[Finding], source: str | Path, target: str | Path) -> Marked:
    """Write a copy of `source` to `target` in which each of the findings in that file is marked at its cell.

    A cell gets a color and a comment (after the comment that it has); the copy's first sheet, `Findings`, links to
    each. `WorkbookRejected` for a workbook that cannot be read safely: it has no marked copy. `Unwritable` where
    `target` is the source itself, by whatever name. The source is never written to.
    """
    source, target = Path(source), Path(target)
    try:
        data = read_file(source, Limits().packed, WorkbookRejected)
        book_of_bytes(data, source.name)
    except WorkbookRejected as refused:
        said = Finding(Place(source.name), "no_copy", "there is no marked copy of what cannot be read safely")
        raise WorkbookRejected((*refused.findings, said)) from None
    if target.exists() and source.samefile(target):
        raise Unwritable(Place(source.name), "a marked copy does not replace the workbook that it is a copy of")
    here = [f for f in findings if f.place.file in (source.name, "")]
    parts, cells = _copied(data, source.name, [f for cause in by_cause(here) for f in cause.findings])
    save(target, lambda file: _zip(parts, file), private=True)
    return Marked(cells, tuple(_lost(data, parts)))


def _copied(data: bytes, file: str, findings: list[Finding]) -> tuple[dict[str, bytes], int]:
    import warnings

    from openpyxl import load_workbook
    from openpyxl.writer.excel import ExcelWriter

    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it will not write again: `_lost` tells that of its own
        workbook = load_workbook(BytesIO(data), rich_text=True)
    titles = {_plain(title): title for title in reversed(workbook.sheetnames)}
    marks: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    targets: list[str] = []
    for f in findings:
        title = titles.get(_plain(f.place.sheet), "")
        ref = _anchor(workbook[title], f.place.cell) if title in [s.title for s in workbook.worksheets] else ""
        targets.append(f"'{title.replace(chr(39), chr(39) * 2)}'!{ref or 'A1'}" if title else "")
        if ref:
            marks[title, ref].append(f)
    for (title, ref), found in marks.items():
        _mark(workbook[title][ref], found)
    _list(workbook, findings, targets)
    if workbook.calculation is not None:
        workbook.calculation.fullCalcOnLoad = (
            True  # it may be mended, also by a program that computes only what changed
        )
    with BytesIO() as stream, zipfile.ZipFile(stream, "w") as package:
        ExcelWriter(workbook, package).write_data()
        parts = {name: package.read(name) for name in package.namelist()}
    for title, values in _stored(data, file):
        part = workbook[title].path.lstrip("/")
        parts[part] = _with_stored(parts[part], values)
    return parts, len(marks)


@define
class _Stored:
    """The stored values of the formulas of one sheet, by cell: type and text as they stand in the file."""

    values: dict[str, tuple[str, str]] = field(factory=dict)
    cell: str = ""
    kind: str = ""
    value: str = ""
    computed: bool = False

    def begin(self, a: Mapping[str, str]) -> None:
        self.cell, self.kind, self.value, self.computed = a.get("r", ""), a.get("t", "n"), "", False

    def formula(self, _: object) -> None:
        self.computed = True

    def text(self, text: str) -> None:
        self.value = text

    def end(self) -> None:
        if self.computed and self.cell and self.value and self.kind != "s":  # which counts texts of the file at hand
            self.values[self.cell] = self.kind, self.value


def _stored(data: bytes, file: str) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    package = scan(data, Report(file, Limits()))
    for sheet in workbook_of(package).sheets:
        if sheet.relation.kind == "worksheet":
            found = _Stored()
            cell = Node(found.begin, None, found.end, f=Node(found.formula), v=Node(None, found.text))
            parse(package, sheet.relation.part, Node(worksheet=Node(sheetData=Node(row=Node(c=cell)))))
            yield sheet.title, found.values


def _with_stored(part: bytes, values: Mapping[str, tuple[str, str]]) -> bytes:
    """A sheet as openpyxl wrote it, with the stored values of its formulas."""

    def cell(match: re.Match[str]) -> str:
        ref, style, formula = match.groups()
        kind, value = values.get(ref, ("", ""))
        return f'<c r="{ref}"{style} t="{kind}">{formula}<v>{escape(value)}</v></c>' if kind else match[0]

    return _FORMULA.sub(cell, part.decode()).encode()


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()


def _anchor(sheet: Worksheet, cell: str) -> str:
    """The cell at which a place is marked: of a row its first, of a merged area its corner; or nothing."""
    match = _CELL.fullmatch(cell)
    if not match or int(match[2]) > 1_048_576:
        return ""
    ref = f"{match[1] or 'A'}{match[2]}"
    return next((r.coord.partition(":")[0] for r in sheet.merged_cells.ranges if ref in r), ref)


def _mark(cell: Any, findings: list[Finding]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    worst = "error" if any(f.severity == "error" for f in findings) else "warning"
    cell.fill = PatternFill("solid", fgColor=_FILL[worst])
    text = "\n".join(_told(f) for f in findings)
    before = copy(cell.comment)
    comment = Comment(_text(f"{before.text}\n\n{text}" if before else text), before.author if before else "grantcalc")
    comment.width, comment.height = 320, 40 + 20 * (comment.text.count("\n") + len(comment.text) // 45)
    cell.comment = comment


def _told(f: Finding) -> str:
    expected, found = f", expected {f.expected}" if f.expected else "", f"; found {f.found}" if f.found else ""
    return f"{f.severity}: {f.problem}{expected}{found}"


def _list(workbook: Workbook, findings: list[Finding], targets: list[str]) -> None:
    """The sheet of findings, before all others, each with a link to its cell."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.hyperlink import Hyperlink

    taken = {title.casefold() for title in workbook.sheetnames}
    names = ["Findings", *(f"Findings {n}" for n in range(2, len(taken) + 3))]
    sheet: Worksheet = workbook.create_sheet(next(n for n in names if n.casefold() not in taken), 0)
    counts = {f: len(cause.findings) for cause in by_cause(findings) for f in cause.findings}
    rows = [(str(f.place), f.severity, f.problem, f.expected, f.found, str(counts[f])) for f in findings]
    headers = ("Place", "Severity", "What is wrong", "Expected", "Found", "Places of this cause")
    widths = (24, 10, 60, 44, 24, 10)
    for number, row in enumerate((headers, *rows), 1):
        lines = max(len(text) // (width - 4) + 1 for text, width in zip(row, widths, strict=True))
        sheet.row_dimensions[number].height = 15 * lines
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column, _text(text))
            cell.data_type = "s"  # a text that begins with = is no formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                cell.font = Font(name="Calibri", size=11, bold=True)
        if number > 1:
            place = sheet.cell(number, 1)
            sheet.cell(number, 2).fill = PatternFill("solid", fgColor=_FILL[row[1]])
            if targets[number - 2]:
                place.hyperlink = Hyperlink(ref=place.coordinate, location=targets[number - 2])
                place.font = Font(name="Calibri", size=11, color="0B5394", underline="single")
    for letter, width in zip("ABCDEF", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes, sheet.page_setup.orientation = "A2", "landscape"
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True  # type: ignore[union-attr]
    workbook.active = 0
    for other in workbook.worksheets:
        for view in other.views.sheetView:
            view.tabSelected = other is sheet  # two selected sheets are written to at once


def _text(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)[:_LONGEST]


def _zip(parts: Mapping[str, bytes], target: BinaryIO) -> str:
    """The parts as they are, with times that are always the same."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)  # of 1980-01-01
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return ""


def _lost(data: bytes, copied: Mapping[str, bytes]) -> Iterable[str]:
    """What the workbook has more of than its copy, in a user's words."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for what, pattern in _WHAT.items():
        before, after = (sum(1 for name in of if re.search(pattern, name)) for of in (parts, copied))
        if before > after:
            yield what
    for what, inside in _INSIDE.items():
        before, after = (
            sum(len(re.findall(inside, content)) for name, content in of.items() if name.startswith("xl/"))
            for of in (parts, copied)
        )
        if before > after:
            yield what
