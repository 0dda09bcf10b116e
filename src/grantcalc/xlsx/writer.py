"""Prints a `WorkbookDraft` into a file, the same bytes each time, in a few seconds for 100,000
lines.

openpyxl builds the shell around empty sheets (styles, widths, frozen panes, page set-up,
drop-downs, tables, names), and the rows are streamed into it while it is zipped. openpyxl alone
would take several times as long, and store no values beside the formulas, without which a previewer
shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from attrs import evolve

from grantcalc.progress import watched
from grantcalc.xlsx.charts import described, draw
from grantcalc.xlsx.package import DIGEST, STYLES, pack, save, shell
from grantcalc.xlsx.rows import BlockPlaces, addressed, measure, rows_xml
from grantcalc.xlsx.sheets import (
    CHART_ROWS,
    Block,
    CellSpan,
    Sheet,
    TableColumn,
    WorkbookDraft,
    letters,
    link_target,
    row_positions,
)
from grantcalc.xlsx.styles import LEAST_WIDTH, as_shown, fonts_in_order, styles_of

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Lists: TypeAlias = Mapping[tuple[str, ...], str]  # where choices stand that are too long for a rule

_LETTER, _TABLOID, _WIDEST = 1, 3, 200  # paper sizes, and the most characters that are read on the smaller one
_TALLEST = 80  # so many rows, with a chart, are kept on one page


def write_book(book: WorkbookDraft, path: Path, *, private: bool = False) -> str:
    """Write a workbook, whole or not at all, and return the digest of its parts (see
    `package.parts_digest`). A new file that is `private` is readable by its owner alone.

    `Unwritable` is what a workbook cannot hold or would not show as it is; a float, a bool, or an
    int where dollars are meant is a TypeError. Then a file that was at `path` is untouched.
    """
    return save(path, partial(_print, book), private=private)


def book_bytes(book: WorkbookDraft) -> bytes:
    """The same file in memory."""
    with BytesIO() as target:
        _print(book, target)
        return target.getvalue()


def _print(book: WorkbookDraft, target: BinaryIO) -> str:
    book, lists = _with_lists(book)
    spans_of = {sheet.title: row_positions(sheet) for sheet in book.sheets}
    named = (each for sheet in book.sheets for each in zip(sheet.blocks, spans_of[sheet.title], strict=True))
    blocks = {block.name: span for block, span in named if block.name}
    workbook = _workbook(book, blocks)
    styles = styles_of(workbook)
    said = [block.about or block.heading for sheet in book.sheets for block in sheet.blocks if block.table]
    rows: dict[str, tuple[Iterator[str], str]] = {}
    for number, sheet in enumerate(book.sheets, 1):
        spans, widths = spans_of[sheet.title], _widths(sheet)
        worksheet = workbook.create_sheet(sheet.title)
        _view(worksheet, sheet, spans, widths)
        _page(worksheet, sheet, spans, widths, book.title)
        for block, span in zip(sheet.blocks, spans, strict=True):
            _rules(worksheet, block, span, lists)
            _links(worksheet, block, span)
            _table(worksheet, block, span)
        if sheet.chart:
            draw(worksheet, sheet.chart, sheet.blocks[-1], spans[-1], len(widths))
        part = f"xl/worksheets/sheet{number}.xml"
        rows[part] = rows_xml(sheet, spans, widths, styles, blocks), _merged(sheet, spans, widths)
    pictures = [sheet.chart.about for sheet in book.sheets if sheet.chart]
    made = described(shell(workbook), said, pictures)
    made[STYLES] = fonts_in_order(made[STYLES])
    parts: dict[str, Iterable[bytes]] = {part: [xml] for part, xml in made.items()}
    for (part, (lines, merged)), sheet in zip(rows.items(), book.sheets, strict=True):
        parts[part] = _filled(made[part], lines, merged, sheet)
    return pack(parts, target)


def _filled(xml: bytes, rows: Iterator[str], merged: str, sheet: Sheet) -> Iterator[bytes]:
    """A sheet's part, with the rows, some hundred at a time, where openpyxl left empty ones."""
    some = iter(lambda: "".join(islice(rows, 200)), "")
    count = sum(len(block.rows) for block in sheet.blocks) // 200
    head, _, rest = xml.partition(b"<sheetData>")
    _, _, tail = rest.partition(b"</sheetData>")
    yield head + b"<sheetData>"
    for xml_of_rows in watched(some, f"Writing {sheet.title}", count, least=100):
        yield xml_of_rows.encode()
    yield b"</sheetData>" + merged.encode() + tail


# --- the shell ---


def _workbook(book: WorkbookDraft, blocks: BlockPlaces) -> Workbook:
    from openpyxl import Workbook
    from openpyxl.packaging.custom import CustomPropertyList, StringProperty
    from openpyxl.workbook.defined_name import DefinedName

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator, workbook.properties.title = "grantcalc", book.title
    workbook.properties.language = "en-US"
    if workbook.calculation is not None:
        workbook.calculation.fullCalcOnLoad = None  # the stored values are right, and a flag would say otherwise
    midnight = datetime(book.created.year, book.created.month, book.created.day, tzinfo=UTC)
    workbook.properties.created = workbook.properties.modified = midnight.replace(tzinfo=None)
    properties: CustomPropertyList[StringProperty] = workbook.custom_doc_props  # type: ignore[attr-defined]
    properties.append(StringProperty(name=DIGEST, value=""))  # its value comes when the parts are packed
    for name, reference in sorted(book.names.items()):
        workbook.defined_names[name] = DefinedName(name, attr_text=addressed(reference, blocks))
    return workbook


def _widths(sheet: Sheet) -> list[float]:
    """Each column's width in characters: as asked for, or from the header, the first rows and the
    totals."""
    widths: list[float] = []
    for block in sheet.blocks:
        rows = [*islice(block.rows, 500), *([] if block.total is None else [block.total])]
        for at, column in enumerate(block.columns):
            words = [len(word) for word in column.header.split()]
            header = max([*words, len(column.header) // 2]) + 2 if words else 0  # at most about two lines
            lines = chain.from_iterable(as_shown(row[at]).splitlines() for row in rows if at < len(row))
            content = max(map(len, chain(lines, column.choices)), default=0)
            header += 2 * bool(block.table)  # the filter's button
            least = max(LEAST_WIDTH.get(column.kind, 6), header)
            width = column.width or max(least, min(content, 48) + 1) * 1.05
            widths[at : at + 1] = [max([width, *widths[at : at + 1]])]
    if any(block.text for block in sheet.blocks):
        while sum(widths) < 80:  # room for the paragraphs beside a narrow table
            widths.append(10 if widths else 80)
    return [round(width, 1) for width in widths or [10]]


def _view(worksheet: Worksheet, sheet: Sheet, spans: Sequence[CellSpan], widths: Sequence[float]) -> None:
    """What is seen on the screen."""
    worksheet.sheet_state = "hidden" if sheet.hidden else "visible"
    worksheet.sheet_view.showGridLines = _to_fill_in(sheet)
    for number, width in enumerate(widths, 1):
        worksheet.column_dimensions[letters(number)].width = width
    headers = [span.header for span in spans if span.header]
    if sheet.freeze and headers:
        worksheet.freeze_panes = f"A{headers[0] + 1}"


def _page(worksheet: Worksheet, sheet: Sheet, spans: Sequence[CellSpan], widths: Sequence[float], title: str) -> None:
    """What is seen on paper (US letter, tabloid for many columns): as wide as the page, numbered,
    the only header repeated."""
    from openpyxl.worksheet.pagebreak import Break

    last = max((max(span.top, span.last, span.total) for span in spans), default=1)
    last += CHART_ROWS if sheet.chart else 0
    for row, column in ((1, 1), (last, len(widths))):
        worksheet.cell(row, column)  # an empty corner, by which openpyxl tells the sheet's extent
    if not (sheet.hidden or _to_fill_in(sheet)):
        worksheet.print_area = f"A1:{letters(len(widths))}{last}"
    headers = [span.header for span in spans if span.header]
    if len(headers) == 1:
        worksheet.print_title_rows = f"{headers[0]}:{headers[0]}"
    page, margins = worksheet.page_setup, worksheet.page_margins
    page.orientation = "landscape" if sheet.landscape else "portrait"
    page.paperSize = _LETTER if sum(widths) <= _WIDEST else _TABLOID
    page.fitToWidth, page.fitToHeight = 1, 1 if sheet.chart and last < _TALLEST else 0
    for block, span in zip(sheet.blocks, spans, strict=True):
        if block.new_page:
            worksheet.row_breaks.append(Break(id=span.top - 1))
    fit, footer = worksheet.sheet_properties.pageSetUpPr, worksheet.oddFooter
    assert fit is not None
    assert footer is not None
    fit.fitToPage = True
    margins.left, margins.right, margins.top, margins.bottom = 0.5, 0.5, 0.6, 0.75
    footer.left.text, name = title[:80].replace("&", "&&"), sheet.title.replace("&", "&&")
    footer.right.text = f"{name}, page &P of &N"


def _to_fill_in(sheet: Sheet) -> bool:
    return any(block.blank_rows for block in sheet.blocks)


def _merged(sheet: Sheet, spans: Sequence[CellSpan], widths: Sequence[float]) -> str:
    """The paragraphs' cells, each merged into one. (openpyxl would list them in the order of a
    set.)"""
    last = letters(measure(widths)[0])
    rows: list[int] = []
    for block, span in zip(sheet.blocks, spans, strict=True):
        first = span.top + bool(block.heading)
        rows += range(first, first + len(block.text))
    cells = "".join(f'<mergeCell ref="A{row}:{last}{row}"></mergeCell>' for row in rows)
    return f'<mergeCells count="{len(rows)}">{cells}</mergeCells>' if rows and last != "A" else ""


def _rules(worksheet: Worksheet, block: Block, span: CellSpan, lists: Lists) -> None:
    """Drop-downs for the choices, and notes that appear when a header or a cell to fill in is
    selected."""
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, column in enumerate(block.columns, 1):
        letter, choices = letters(number), column.choices
        header, cells = f"{letter}{span.header}", f"{letter}{span.first}:{letter}{span.last}"
        rules = []
        if column.note and span.header:
            rules.append(DataValidation(sqref=header))
        if choices or (column.note and block.blank_rows):
            rules.append(DataValidation(sqref=cells, allow_blank=True))
        if choices:
            rules[-1].type, rules[-1].showErrorMessage = "list", True
            rules[-1].formula1 = lists.get(choices) or '"' + ",".join(choices) + '"'
            rules[-1].errorTitle, rules[-1].error = "Not one of the choices", "Please choose from the list."
        for rule in rules:
            if column.note and (block.blank_rows or rule is rules[0]):
                rule.promptTitle, rule.prompt, rule.showInputMessage = column.header[:32], column.note, True
            worksheet.add_data_validation(rule)


def _links(worksheet: Worksheet, block: Block, span: CellSpan) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    columns = [(n, column.kind) for n, column in enumerate(block.columns, 1) if column.kind in ("link", "sheet")]
    if columns:
        for at, row in enumerate(block.rows, span.first):
            for number, kind in columns:
                value = row[number - 1]
                target = link_target(value, kind) if isinstance(value, str) else ""
                if target.startswith("#"):
                    worksheet.cell(at, number).hyperlink = Hyperlink(ref="", location=target[1:])
                elif target:
                    worksheet.cell(at, number).hyperlink = target


def _table(worksheet: Worksheet, block: Block, span: CellSpan) -> None:
    from openpyxl.worksheet.filters import AutoFilter
    from openpyxl.worksheet.table import Table, TableColumn

    if block.table:
        reference = f"A{span.header}:{letters(len(block.columns))}{span.last}"
        columns = [TableColumn(id=number, name=column.header) for number, column in enumerate(block.columns, 1)]
        table = Table(displayName=block.table, ref=reference, tableColumns=columns)
        table.autoFilter = AutoFilter(ref=reference)
        worksheet.add_table(table)


def _with_lists(book: WorkbookDraft) -> tuple[WorkbookDraft, Lists]:
    """The book, and a hidden sheet for choices that no rule holds: 255 characters, and no comma in
    one."""
    columns = chain.from_iterable(block.columns for sheet in book.sheets for block in sheet.blocks)
    choices = dict.fromkeys(column.choices for column in columns)
    long = [each for each in choices if len(",".join(each)) > 250 or any(set(',"') & set(c) for c in each)]
    if not long:
        return book, {}
    headers = tuple(TableColumn(f"List {number}") for number, _ in enumerate(long, 1))
    hidden = Sheet("Lists", (Block(headers, tuple(zip_longest(*long))),), hidden=True)
    (span,) = row_positions(hidden)
    ends = [evolve(span, last=span.header + len(each)) for each in long]
    lists = {each: end.column(number) for number, (each, end) in enumerate(zip(long, ends, strict=True), 1)}
    return evolve(book, sheets=(*book.sheets, hidden)), lists
