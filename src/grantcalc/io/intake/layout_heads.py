"""The headers that a layout names: where a sheet has them; and the rows of another sheet that
continue its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from grantcalc.errors import Place
from grantcalc.io.intake.cells import CellValue, SheetRows, WorkbookRead
from grantcalc.io.intake.layout_file import MappedTable, key_of, the_sheet
from grantcalc.io.intake.layout_parts import plain_name, said_by
from grantcalc.io.intake.unread import header_row
from grantcalc.provenance import Word
from grantcalc.terms.parsing import Parser


@frozen
class SheetHeads:
    """The header row of a sheet: its number, and the letters of the columns by the user's
    headers."""

    number: int
    cells: tuple[CellValue, ...]
    letters: Mapping[str, Sequence[str]]

    def letter(self, header: str) -> str:
        """The letters of a column by its header, or nothing."""
        return next(iter(self.letters.get(plain_name(header), ())), "")


def used_headers(table: MappedTable) -> dict[str, str]:
    """The headers that a table names, as they are compared, each with the key that names it."""
    keys = {c.key: key_of(c.header) for c in table.layout.columns}
    used = {plain_name(header): f"columns.{keys[key]}" for key, header in table.headers.items()}
    used |= {plain_name(header): "ignore" for header in table.ignored}
    for key, made in table.made.items():
        used |= {plain_name(header): f"columns.{keys[key]}" for header in made.headers}
    if table.join:
        used.setdefault(plain_name(table.join.own_key), "join.key")
    for condition in table.leave_out:
        used.setdefault(plain_name(condition.header), f"{condition.key.partition('.')[2]}.column")
    return used


def heads_of(rows: SheetRows, names: Iterable[str]) -> SheetHeads:
    """The row that has the most of these headers."""
    wanted, best = set(names), SheetHeads(0, (), {})
    for number, cells in rows:
        heads: dict[str, list[str]] = {}
        for cell in cells:
            heads.setdefault(plain_name(str(cell.value)), []).append(cell.column)
        if len(heads.keys() & wanted) > len(best.letters.keys() & wanted):
            best = SheetHeads(number, cells, heads)
            if heads.keys() >= wanted:
                break
    return best


def our_heads(rows: SheetRows, table: MappedTable) -> SheetHeads | None:
    """The header row of a sheet by the names of our columns."""
    header = header_row(rows, table.layout)
    return SheetHeads(*header, {plain_name(str(c.value)): [c.column] for c in header[1]}) if header else None


def check_headers(told: Parser, at: str, used: Mapping[str, str], heads: SheetHeads) -> None:
    """A finding for each header that a layout names and the sheet has not, or has twice."""
    for name, key in used.items():
        columns = heads.letters.get(name, [])
        if not columns:
            problem = "the sheet has no such column"
            told.add(f"{at}{key}", "no_column", problem, f"a header of row {heads.number}", name)
        elif len(columns) > 1:
            problem = "the sheet has several columns of this header"
            where = " and ".join(f"{column}{heads.number}" for column in columns)
            told.add(f"{at}{key}", "column_twice", problem, "one", Word(where))


BroughtCell = tuple[str, CellValue, str]


def joined_rows(told: Parser, table: MappedTable, book: WorkbookRead) -> dict[str, list[BroughtCell]]:
    """What another sheet brings to each row, by the key: the column of ours, the cell, and the
    title of its sheet. Two rows of one key are a finding."""
    join = table.join
    if join is None:
        return {}
    at, name = f"{table.key}.join.", the_sheet(book, join.sheet)
    if name is None:
        told.add(f"{at}sheet", "no_sheet", "the workbook has no such sheet", "the name of one", join.sheet)
        return {}
    title = book.titles.get(name, name)
    keys = {c.key: key_of(c.header) for c in table.layout.columns}
    used = {plain_name(header): f"columns.{keys[key]}" for key, header in join.headers.items()}
    used[plain_name(join.other_key)] = "key"
    heads = heads_of(book.sheets[name], used)
    check_headers(told, at, used, heads)
    by_key: dict[str, list[BroughtCell]] = {}
    for number, cells in book.sheets[name]:
        row = {cell.column: cell for cell in cells}
        own = row.get(heads.letter(join.other_key))
        if number <= heads.number or own is None:
            continue
        if (key := plain_name(said_by(own))) in by_key:
            problem, place = "another row of this sheet has the same key", Place(book.file, title, own.ref)
            told.findings.append(place.finding("join", problem, "one row for each key"))
        brought = ((k, heads.letter(header)) for k, header in join.headers.items())
        by_key[key] = [(k, row[letter], title) for k, letter in brought if letter in row]
    return by_key
