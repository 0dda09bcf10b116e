"""A marked copy: the user's own workbook with a comment and a color at each bad cell, and a sheet
that lists them.

Only the marks are new: every other part of the workbook, and every other byte of the parts that are
marked, is the original's. The original is only read.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from attrs import frozen

from grantcalc.declared import checked
from grantcalc.errors import Finding, Place, WorkbookRejected, by_cause
from grantcalc.files import read_file
from grantcalc.io.intake.cells import WorkbookRead, book_of_bytes
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.marks import Mark, Marking
from grantcalc.xlsx.package import Unwritable, save
from grantcalc.xlsx.part_edits import Unmarkable
from grantcalc.xlsx.scan import SOUND, Limits, Report, scan
from grantcalc.xlsx.sheets import letters

_CELL = re.compile(r"([A-Z]{1,3})?([1-9]\d*)")
_FILL = {"error": "FFC7CE", "warning": "FFEB9C"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 2_000
_COLUMNS = ("Place", "Severity", "What is wrong", "Expected", "Found", "Places of this cause")
_WIDTHS = (24, 10, 60, 44, 24, 10)


@frozen
class Marked:
    """What became of a marked copy: how many cells have a mark, and what of the workbook it does
    not hold."""

    cells: int
    lost: tuple[str, ...]


@checked
def mark(findings: Iterable[Finding], source: str | Path, target: str | Path) -> Marked:
    """Write a copy of `source` to `target` in which each of the findings in that file is marked at
    its cell.

    A cell gets a color and a comment (after the comment that it has); the copy's first sheet,
    `Findings`, links to each. `WorkbookRejected` for a workbook that cannot be read safely: it has
    no marked copy. `Unwritable` where `target` is the source itself, by whatever name, or has
    another ending. The source is never written to.
    """
    source, target = Path(source), Path(target)
    try:
        data = read_file(source, Limits().packed, WorkbookRejected)
        book = book_of_bytes(data, source.name)
    except WorkbookRejected as refused:
        said = Place(source.name).finding("no_copy", "there is no marked copy of what cannot be read safely")
        raise WorkbookRejected((*refused.findings, said)) from None
    if target.exists() and source.samefile(target):
        raise Unwritable(Place(source.name), "a marked copy does not replace the workbook that it is a copy of")
    if target.suffix.lower() != source.suffix.lower():
        raise Unwritable(Place(source.name), f"a marked copy has the ending of its workbook: name it {source.suffix}")
    here = [f for f in findings if f.place.file in (source.name, "")]
    try:
        parts, cells = _copied(data, book, [f for cause in by_cause(here) for f in cause.findings])
    except Unmarkable:
        problem = "there is no marked copy: a part of this workbook is not as a spreadsheet program writes it"
        raise WorkbookRejected(
            [Finding(place=Place(source.name), cause="no_copy", problem=problem, expected=SOUND)]
        ) from None
    save(target, lambda file: _zip(parts, file), private=True)
    signed = any(name.startswith("_xmlsignatures/") for name in parts)
    return Marked(cells, ("valid digital signature",) if signed else ())


def _copied(data: bytes, book: WorkbookRead, findings: list[Finding]) -> tuple[dict[str, bytes], int]:
    marking = Marking(scan(data, Report(book.file, Limits())))
    sheets = {s.title: s.relation.part for s in marking.book.sheets if s.title in book.sheets}
    titles = {_plain(s.title): s.title for s in reversed(marking.book.sheets)}
    by_cell: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    targets: list[str] = []
    for f in findings:
        title = titles.get(_plain(f.place.sheet), "")
        ref = _anchor(book, title, f.place.cell) if title in sheets else ""
        targets.append(f"'{title.replace(chr(39), chr(39) * 2)}'!{ref or 'A1'}" if title else "")
        if ref:
            by_cell[title][ref].append(f)
    for title, part in sheets.items():
        marking.unselect(part)
        if title in by_cell:
            marking.mark(part, {ref: _mark(of) for ref, of in by_cell[title].items()})
    taken = {sheet.title.casefold() for sheet in marking.book.sheets}
    names = ["Findings", *(f"Findings {n}" for n in range(2, len(taken) + 3))]
    marking.add_sheet(next(n for n in names if n.casefold() not in taken), _list(marking, findings, targets))
    return marking.made(), sum(map(len, by_cell.values()))


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()


def _anchor(book: WorkbookRead, title: str, cell: str) -> str:
    """The cell at which a place is marked: of a row its first, of a merged area its corner; or
    nothing."""
    match = _CELL.fullmatch(cell)
    if not match or int(match[2]) > 1_048_576:
        return ""
    column, row = column_number(match[1] or "A"), int(match[2])
    for top, left, bottom, right in book.merged.get(title, ()):
        if top <= row <= bottom and left <= column <= right:
            return f"{letters(left)}{top}"
    return f"{letters(column)}{row}"


def _mark(findings: list[Finding]) -> Mark:
    worst = "error" if any(f.severity == "error" for f in findings) else "warning"
    return Mark(_FILL[worst], _text("\n".join(_told(f) for f in findings)))


def _told(f: Finding) -> str:
    expected, found = f", expected {f.expected}" if f.expected else "", f"; found {f.found}" if f.found else ""
    return f"{f.severity}: {f.problem}{expected}{found}"


def _list(marking: Marking, findings: list[Finding], targets: list[str]) -> str:
    """The sheet of findings, before all others, each with a link to its cell."""
    styles, wrapped = marking.styles, '<{p}alignment vertical="top" wrapText="1"/>'
    size, name, blue = '<{p}sz val="11"/>', '<{p}name val="Calibri"/>', '<{p}color rgb="FF0B5394"/>'
    fonts = {
        "header": styles.add("fonts", "<{p}font><{p}b/>" + size + name + "</{p}font>"),
        "link": styles.add("fonts", "<{p}font><{p}u/>" + size + blue + name + "</{p}font>"),
        "text": styles.add("fonts", "<{p}font>" + size + name + "</{p}font>"),
    }

    def style(font: str, fill: int = 0) -> int:
        said = f'fontId="{fonts[font]}" fillId="{fill}" applyFont="1" applyFill="1" applyAlignment="1"'
        return styles.add("cellXfs", f'<{{p}}xf numFmtId="0" borderId="0" {said}>{wrapped}</{{p}}xf>')

    looks = {"header": style("header"), "link": style("link"), "text": style("text")}
    looks |= {severity: style("text", styles.fill(color)) for severity, color in _FILL.items()}
    counts = {f: len(cause.findings) for cause in by_cause(findings) for f in cause.findings}
    rows: list[tuple[str, ...]] = [_COLUMNS]
    rows += [(str(f.place), f.severity, f.problem, f.expected, f.found, str(counts[f])) for f in findings]
    lines, links = list[str](), list[str]()
    for number, row in enumerate(rows, 1):
        tall = 15 * max(len(text) // (width - 4) + 1 for text, width in zip(row, _WIDTHS, strict=True))
        lines.append(f'<row r="{number}" ht="{min(tall, 400)}" customHeight="1">')
        target = targets[number - 2] if number > 1 else ""
        for letter, text in zip("ABCDEF", row, strict=True):
            look = "header" if number == 1 else "link" if letter == "A" and target else "text"
            look = row[1] if number > 1 and letter == "B" else look
            cell = f'<c r="{letter}{number}" s="{looks[look]}" t="inlineStr"><is><t xml:space="preserve">'
            lines.append(f"{cell}{escape(_text(text))}</t></is></c>")
        lines.append("</row>")
        if target:
            links.append(f'<hyperlink ref="A{number}" location={quoteattr(target)}/>')
    columns = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(_WIDTHS, 1))
    frozen_row = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<worksheet xmlns="{marking.space}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView tabSelected="1" workbookViewId="0">{frozen_row}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{''.join(lines)}</sheetData>"
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>'
    )


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
