"""The rows of a user's sheet as a layout has them: renamed, left out, joined, made, spread and
converted. Each cell keeps its place, and whatever is converted is counted by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from grantcalc.errors import Finding, Place
from grantcalc.io.intake.cells import CellValue, Doubt, Misread, SheetRows, WorkbookRead
from grantcalc.io.intake.layout_file import MappedTable
from grantcalc.io.intake.layout_heads import SheetHeads, check_headers, heads_of, joined_rows, our_heads, used_headers
from grantcalc.io.intake.layout_parts import MadeColumn, plain_name, said_by
from grantcalc.io.intake.patterns import ColumnPattern
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import Column, header_key
from grantcalc.money import dollars
from grantcalc.terms.parsing import Parser
from grantcalc.toml import line_of_key
from grantcalc.xlsx.cell_values import MovedCell
from grantcalc.xlsx.sheets import letters

Cells = tuple[CellValue, ...]
_BEYOND = 16_385
"""The first column that no sheet has: there and further are the columns that a layout makes."""


@frozen
class Conversions:
    """What a layout converted in a workbook: how many cells or rows of each kind, and what is told
    of rows left out."""

    kinds: Counter[str] = field(factory=Counter)
    left_out: list[Finding] = field(factory=list)
    rows_left_out: Counter[str] = field(factory=Counter)

    @property
    def stated(self) -> tuple[str, ...]:
        """What the Sources sheet of a claim says: kinds and counts. The sum of what was left out is
        not for others."""
        return tuple(f"{kind}: {count:,}" for kind, count in sorted((self.kinds + self.rows_left_out).items()))

    def told(self, file: str, layout: str) -> Iterator[Finding]:
        """What is told of a file that was read by a layout."""
        for kind, count in sorted((+self.kinds).items()):
            yield Place(file).finding("converted", f"{kind}: {count:,} ({layout})", severity="warning")
        yield from self.left_out


def rows_by(told: Parser, table: MappedTable, book: WorkbookRead, name: str, counts: Conversions) -> SheetRows:
    """The rows of a sheet, with our headers in place of the user's, as a table of the layout has
    them."""
    used = used_headers(table)
    rows = book.sheets[name]
    heads = heads_of(rows, used.keys()) if used else our_heads(rows, table)
    if heads is None or not (used or table.patterns or table.maps or table.wide or table.only):
        return rows
    check_headers(told, f"{table.key}.", used, heads)
    sheet = _TableRows(told, table, book, heads, counts)
    above = [(number, cells) for number, cells in rows if number < heads.number]
    if used:  # the layout says which headers are meant, so that what is above them is none of the table
        counts.kinds["rows above the headers"] += sum(len(cells) > 1 for _, cells in above)
        above = []
    below = [(number, cells) for number, cells in rows if number > heads.number]
    return (*above, (heads.number, sheet.header), *sheet.read(below))


class _TableRows:
    """One table of a layout, over the rows of its sheet."""

    def __init__(
        self, told: Parser, table: MappedTable, book: WorkbookRead, heads: SheetHeads, counts: Conversions
    ) -> None:
        self.told, self.table, self.book, self.heads, self.counts = told, table, book, heads, counts
        self.by_key = {c.key: c for c in table.layout.columns}
        self.wide = dict(self._wide_cells())
        self.columns = dict(self._own_columns())
        made = [*table.made, *(table.join.headers if table.join else ())]
        made += [table.wide.by, table.wide.holds] if table.wide else []
        self.under = {key: letters(_BEYOND + n) for n, key in enumerate(made)}
        self.joined = joined_rows(told, table, book)

    def _wide_cells(self) -> Iterator[tuple[str, MovedCell]]:
        """The headers that are months or days, by their letters, as cells of our column."""
        if self.table.wide:
            named = used_headers(self.table)
            for cell in self.heads.cells:
                value, kinds = self.table.wide.pattern.read(cell.value)
                ours = not isinstance(value, Doubt) and (kinds or not isinstance(value, str))
                if ours and plain_name(str(cell.value)) not in named:
                    yield cell.column, MovedCell(cell.ref, value)

    def _own_columns(self) -> Iterator[tuple[str, Column]]:
        """The columns of ours that the user's columns are, by their letters: those that are named,
        and those that have our header and are not used otherwise."""
        table, taken = self.table, {*self.table.headers, *self.table.made}
        ours = {plain_name(header): self.by_key[key] for key, header in table.headers.items()}
        parts = {plain_name(header) for made in table.made.values() for header in made.headers}
        parts |= {plain_name(header) for header in table.ignored}
        for cell in self.heads.cells:
            name = plain_name(str(cell.value))
            column = table.layout.named.get(header_key(str(cell.value)))
            if name in ours:
                yield cell.column, ours[name]
            elif not table.only and name not in parts and column and column.key not in taken:
                yield cell.column, column

    def _gone(self) -> set[str]:
        """The letters of the columns that are not read any more."""
        used = {letter for name in used_headers(self.table) for letter in self.heads.letters.get(name, ())}
        every = {cell.column for cell in self.heads.cells}
        return ((every if self.table.only else used) | self.wide.keys()) - self.columns.keys()

    @property
    def header(self) -> Cells:
        """The header row in our words."""
        gone = self._gone()
        cells = [
            CellValue(c.ref, self.columns[c.column].header) if c.column in self.columns else c
            for c in self.heads.cells
            if c.column not in gone
        ]
        for key, under in self.under.items():
            cells.append(MovedCell(self._home(key), self.by_key[key].header, under=under))
        return tuple(cells)

    def _home(self, key: str) -> str:
        """Where the header of a made column is: that of its first part."""
        if key in self.table.made:
            letter = self.heads.letter(next(iter(self.table.made[key].headers), ""))
        elif self.table.join and key in self.table.join.headers:
            letter = self.heads.letter(self.table.join.own_key)
        else:
            letter = next(iter(self.wide), "")
        return f"{letter or 'A'}{self.heads.number}"

    # --- rows ---

    def read(self, rows: SheetRows | Sequence[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """The rows below the header, as they are read."""
        gone, left = self._gone(), dict.fromkeys((c.key for c in self.table.leave_out), (0, 0))
        kinds, unused = self.counts.kinds, Counter[str]()
        continued = set[str]()
        for number, cells in rows:
            at = {cell.column: cell for cell in cells}
            why = next((c for c in self.table.leave_out if c.holds(at.get(self.heads.letter(c.header)))), None)
            if why:
                count, amount = left[why.key]
                left[why.key] = count + 1, amount + self._amount(self._whole(at, gone, unused, continued))
                continue
            for whole in self._spread(self._whole(at, gone, kinds, continued), at):
                yield number, whole
        self._tell(left, continued)

    def _whole(self, at: Mapping[str, CellValue], gone: set[str], kinds: Counter[str], continued: set[str]) -> Cells:
        """The cells of one row: its own, those of the row that continues it, and those made of
        several."""
        cells = [self._converted(c, self.columns.get(c.column), kinds) for c in at.values() if c.column not in gone]
        if self.table.join:
            key = plain_name(said_by(own)) if (own := at.get(self.heads.letter(self.table.join.own_key))) else ""
            if key and key in self.joined and kinds is self.counts.kinds:
                continued.add(key)
            for brought, cell, title in self.joined.get(key, ()):
                moved = _moved(cell, self.under[brought], f"{title}!{cell.ref}")
                cells.append(self._converted(moved, self.by_key[brought], kinds))
        for key, made in self.table.made.items():
            parts = [at[letter] for header in made.headers if (letter := self.heads.letter(header)) in at]
            if parts:
                cells.append(self._made(self.by_key[key], made, parts, at, kinds))
        return tuple(cells)

    def _spread(self, cells: Cells, at: Mapping[str, CellValue]) -> Iterator[Cells]:
        """A row for each month or day of a wide sheet; the row itself where it is not wide."""
        wide = self.table.wide
        if wide is None:
            if cells:
                yield cells
            return
        for letter, header in self.wide.items():
            if letter in at and at[letter].value not in (None, ""):
                self.counts.kinds["cells of months or days as rows"] += 1
                cell = _moved(at[letter], self.under[wide.holds])
                held = self._converted(cell, self.by_key[wide.holds], self.counts.kinds)
                yield (*cells, evolve(header, under=self.under[wide.by]), held)

    # --- cells ---

    def _converted(self, cell: CellValue, column: Column | None, kinds: Counter[str]) -> CellValue:
        """A cell by the map of its column, or else by its pattern."""
        if column is None or cell.value is None or isinstance(cell.value, Doubt):
            return cell
        if column.key in self.table.maps and (text := said_by(cell)):
            known, meant = self.table.maps[column.key].meaning_of(text)
            if not known:
                doubt = Doubt("unmapped", "the layout does not map this", f"text of {len(text)} characters")
                return evolve(cell, value=doubt)
            kinds["values mapped"] += 1
            return evolve(cell, value=meant)
        if column.key in self.table.patterns:
            value, converted = self.table.patterns[column.key].read(cell.value)
            kinds.update(converted)
            return evolve(cell, value=value)
        return cell

    def _made(
        self,
        column: Column,
        made: MadeColumn,
        parts: Sequence[CellValue],
        at: Mapping[str, CellValue],
        kinds: Counter[str],
    ) -> CellValue:
        """One cell of several: their texts joined, or the first number less the others."""
        whole = _moved(parts[0], self.under[column.key])
        whole = evolve(whole, formula=next((part.formula for part in parts if part.formula), ""))
        if len(made.headers) > 1:
            kinds["cells made of several columns"] += 1
        if doubt := next((part.value for part in parts if isinstance(part.value, Doubt)), None):
            return evolve(whole, value=doubt)
        if not made.difference:
            value = parts[0].value if len(made.headers) == 1 else made.by.join(map(said_by, parts))
            return self._converted(evolve(whole, value=value), column, kinds)
        total = 0
        for header in made.headers:
            part = at.get(self.heads.letter(header))
            if part is None:
                continue
            pattern = self.table.patterns.get(column.key, ColumnPattern())
            value, converted = pattern.read(part.value) if pattern.numbers else (part.value, ())
            kinds.update(converted)
            try:
                number = worth(evolve(part, value=value), column, text=self.book.text)
            except Misread as wrong:
                return evolve(whole, ref=part.ref, value=Doubt(wrong.cause, wrong.problem, wrong.found))
            signed = number if isinstance(number, int) else 0  # cents, or a count
            total += signed if header is made.headers[0] else -signed
        return evolve(whole, value=dollars(total) if column.kind == "money" else total)

    # --- what is told ---

    def _amount(self, cells: Cells) -> int:
        """The amount of a row that is left out, in cents; 0 where it has none that can be read."""
        for cell in cells:
            key = next((k for k, u in self.under.items() if u == cell.column), "")
            column = self.by_key[key] if key else self.columns.get(cell.column)
            if column is not None and column.kind == "money":
                return self._cents(cell, column)
        return 0

    def _cents(self, cell: CellValue, column: Column) -> int:
        try:
            cents = worth(cell, column, text=self.book.text)
        except Misread:
            return 0
        return cents if isinstance(cents, int) else 0

    def _tell(self, left: Mapping[str, tuple[int, int]], continued: set[str]) -> None:
        """Count the rows that were joined and left out."""
        if self.table.join:
            self.counts.kinds["rows joined"] += len(continued)
            self.counts.kinds["rows of a joined sheet not used"] += len(self.joined.keys() - continued)
        for key, (count, amount) in left.items():
            self.counts.rows_left_out["rows left out"] += count
            total = f", with a total of {dollars(amount):,.2f}" if amount else ""
            place = Place(self.told.file, key, "", line_of_key(self.told.content, key))
            problem = f"{count:,} row{'' if count == 1 else 's'} of the sheet left out{total}"
            self.counts.left_out.append(place.finding("left_out", problem, severity="warning"))


def _moved(cell: CellValue, under: str, ref: str = "") -> MovedCell:
    return MovedCell(ref or cell.ref, cell.value, cell.formula, cell.look, under)
