"""A user's workbook by its layout file: whose sheets and columns are which of ours, and how their
cells are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve

from grantcalc.errors import Place, WorkbookRejected, refuse
from grantcalc.io.intake.cells import SheetRows, WorkbookRead, open_book
from grantcalc.io.intake.csvbook import is_csv, open_csv
from grantcalc.io.intake.layout_file import (
    SHEETS,
    MappedTable,
    WorkbookLayout,
    key_of,
    layout_of_bytes,
    open_layout,
    stands_alone,
    the_sheet,
)
from grantcalc.io.intake.layout_parts import plain_name
from grantcalc.io.intake.layout_rows import Conversions, rows_by
from grantcalc.io.schemas import header_key
from grantcalc.terms.parsing import Parser
from grantcalc.xlsx.reader import warn

__all__ = [
    "BESIDE",
    "SHEETS",
    "WorkbookLayout",
    "book_by",
    "book_by_layout",
    "input_book",
    "key_of",
    "layout_beside",
    "layout_of_bytes",
    "open_layout",
    "opened",
]

BESIDE = ".layout.toml"
"""What follows the name of a workbook in the name of the layout that is found beside it."""


# --- opening what is read by a layout ---


def input_book(path: Path, layouts: Iterable[WorkbookLayout] = ()) -> WorkbookRead:
    """An input workbook, a CSV file or a folder of them, by the one of these layouts that fits it,
    or else by the one beside it. `WorkbookRejected` where two fit."""
    given, beside = tuple(layouts), layout_beside(path)
    book = opened(path, next((each.encoding for each in (*given, *beside) if each.encoding), ""))
    fitting = [layout for layout in given if layout.fits(book)]
    if len(fitting) > 1:
        problem = "more than one of the layouts fits this workbook"
        raise WorkbookRejected([Place(book.file).finding("layout", problem, "one", str(len(fitting)))])
    for layout in fitting or beside:
        book = book_by(book, layout)
    return book


def book_by_layout(path: str | Path, layout: str | Path | None) -> WorkbookRead:
    """An input workbook by the layout of a file, whether it fits or not; without one, by the one
    beside it."""
    path = Path(path)
    if layout is None:
        return input_book(path)
    read = open_layout(Path(layout))
    return book_by(opened(path, read.encoding), read)


def opened(path: Path, encoding: str = "") -> WorkbookRead:
    """An input workbook, a CSV file in this encoding, or a folder of them, as it stands."""
    if is_csv(path):
        return open_csv(path, encoding)
    if path.is_dir():
        raise WorkbookRejected([Place(path.name).finding("package", "this folder holds no CSV file", "one or more")])
    return open_book(path)


def layout_beside(path: Path) -> tuple[WorkbookLayout, ...]:
    """The layout in the folder of a workbook that is named for it: `caseload.xlsx.layout.toml`; or
    none."""
    beside = Path(f"{path.absolute()}{BESIDE}")
    return (open_layout(beside),) if beside.is_file() else ()


# --- reading a workbook by it ---


def book_by(book: WorkbookRead, layout: WorkbookLayout) -> WorkbookRead:
    """The workbook with our names for its sheets and columns; each cell keeps its place, and each
    sheet its title.

    `WorkbookRejected` for a sheet or column that the layout names and the workbook has not, at its
    line of the layout.
    """
    told, counts = Parser(layout.file, layout.text, []), Conversions()
    book = _without_ignored(told, book, layout.ignored)
    by_sheet: dict[str, list[tuple[MappedTable, SheetRows]]] = {}
    values: dict[str, Mapping[str, object]] = {}
    for table in layout.tables:
        theirs = the_sheet(book, table.sheet)
        if theirs is not None:
            by_sheet.setdefault(theirs, []).append((table, rows_by(told, table, book, theirs, counts)))
            values[table.layout.sheet] = table.values
        elif stands_alone(table):
            values[table.layout.sheet] = table.values
            for column in (c for c in table.layout.columns if c.required and c.key not in table.values):
                problem, wanted = f"{column.header} must be given here, where no sheet gives it", "a value"
                told.add(f"{table.key}.values", "no_value", problem, wanted)
        else:
            count = len(book.sheets)
            wanted = "the name of its sheet" if count == 1 else f"the name of one of its {count} sheets"
            told.add(f"{table.key}.sheet", "no_sheet", "the workbook has no such sheet", wanted, table.sheet)
    sheets: dict[str, SheetRows] = {}
    titles: dict[str, str] = {}
    for name, rows in book.sheets.items():
        for table, renamed in by_sheet.get(name, ()):
            sheets[table.layout.sheet], titles[table.layout.sheet] = renamed, book.titles.get(name, name)
            ours = header_key(table.layout.sheet)
            if any(header_key(other) == ours and other not in by_sheet for other in book.sheets):
                problem = f"another sheet of the workbook is named {table.layout.sheet}, and would not be read"
                told.add(f"{table.key}.sheet", "sheet_name", problem, "another name there")
        if name not in by_sheet:
            sheets[name], titles[name] = rows, book.titles.get(name, name)
    for table in layout.tables:  # what continues the rows of another sheet is read with them
        if table.join and (joined := the_sheet(book, table.join.sheet)) and joined not in by_sheet:
            sheets.pop(joined, None)
    refuse(told.findings, WorkbookRejected)
    warn(counts.told(book.file, layout.file))
    given = (layout.file, layout.digest)
    read = evolve(book, sheets=sheets, titles=titles, values=values, layout=given, codes=layout.codes)
    return evolve(read, converted=counts.stated)


def _without_ignored(told: Parser, book: WorkbookRead, names: Iterable[str]) -> WorkbookRead:
    """The workbook without the sheets and files that a layout ignores."""
    sheets, beside, ignored = dict(book.sheets), list(book.beside), list[str]()
    for name in names:
        theirs = the_sheet(book, name)
        files = [each for each in beside if plain_name(each[0]) == plain_name(name)]
        if theirs in sheets:
            del sheets[theirs]
        elif files:
            beside.remove(files[0])
        else:
            told.add("ignore", "no_sheet", "the workbook has no such sheet or file", "the name of one", name)
            continue
        ignored.append(files[0][0] if files else book.titles.get(theirs or "", theirs or ""))
    return evolve(book, sheets=sheets, beside=tuple(beside), ignored=tuple(ignored))
