"""The draft of a layout file: what is certain by name is a line, and what is only likely is a
comment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from grantcalc.errors import shown
from grantcalc.io.intake.cells import CellValue, Misread, WorkbookRead
from grantcalc.io.intake.layout import key_of, opened
from grantcalc.io.intake.layout_parts import plain_name, said_by
from grantcalc.io.intake.likely_columns import LikelyTable, likely_table, pattern_of
from grantcalc.io.intake.likely_joins import LikelyJoin, likely_joins
from grantcalc.io.intake.patterns import ColumnPattern, column_pattern
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import (
    AWARD_SHEETS,
    CASELOAD_SHEETS,
    COSTS,
    DOCUMENT,
    ENROLLMENT,
    PARTICIPANTS,
    Column,
    header_key,
)
from grantcalc.money import Cents, dollars
from grantcalc.xlsx.reader import warn

_OFTEN_KEPT = (ENROLLMENT, COSTS)
"""What other systems mostly keep: of two sheets that are as likely, it is one of these."""
_MOST_TEXTS = 20
"""So many different texts of a column are offered to be mapped."""


def guess_layout(path: Path, encoding: str = "") -> str:
    """The draft of a layout file for a workbook, a CSV file or a folder of them; it reads back as a
    layout.

    A sheet, a column or a pattern is a line where its name, or every cell, says so; where only a
    likeness or the kind of its cells does, it is a comment with the reason. `WorkbookRejected` for
    what cannot be opened.
    """
    book = opened(path, encoding)
    warn(book.notes)
    lines = ["## A draft. Lines behind one # are guesses: take it away where they are right."]
    if encoding:
        lines += ["", f"encoding = {_quoted(encoding)}"]
    taken: set[str] = set()
    joins = dict(likely_joins(book))
    for name in book.sheets:
        title = book.titles.get(name, name)
        if any(join.name == name for join in joins.values()):
            lines += ["", f"## Sheet {_quoted(title)} continues the rows of another: see join."]
            continue
        table, certain = _best(name, book, taken)
        if table is None:
            lines += ["", f"## Sheet {_quoted(title)}: no sheet of ours is like it. It is not read."]
            continue
        if certain:
            taken.add(table.layout.sheet)
        drafted = [
            f"[{key_of(table.layout.sheet)}]",
            f"sheet = {_quoted(title)}",
            *_TableDraft(table, joins.get(name), text=book.text).lines(),
        ]
        if not certain:
            lines += ["", f"## Sheet {_quoted(title)}: perhaps {table.layout.sheet}, by its columns alone."]
            drafted = [line if line.startswith("#") or not line else f"# {line}" for line in drafted]
        lines += ["", *drafted, *_participants_of(book, name, table, taken)]
    if DOCUMENT.sheet not in taken:
        lines += [
            "",
            "## No sheet says whose workbook this is, and as of which day it is complete: say it here.",
            "# [document.values]",
        ]
        lines += [f"# {key_of(c.header)} = {_example(c)}" for c in DOCUMENT.columns if c.required]
    return "\n".join(lines) + "\n"


def _participants_of(book: WorkbookRead, name: str, table: LikelyTable, taken: set[str]) -> Iterator[str]:
    """The participants that a sheet of enrollments has too, one row each."""
    people = likely_table(PARTICIPANTS, book, name, by_kind=False)
    if table.layout is ENROLLMENT and PARTICIPANTS.sheet not in taken and people.needed(people.likely_too) == 2:
        title = book.titles.get(name, name)
        yield from ("", f"## Sheet {_quoted(title)} may have the participants too, if it has each of them once.", "")
        drafted = ("[participants]", f"sheet = {_quoted(title)}", *_TableDraft(people, None, text=book.text).lines())
        yield from (line if line.startswith("#") or not line else f"# {line}" for line in drafted)


def _best(name: str, book: WorkbookRead, taken: set[str]) -> tuple[LikelyTable | None, bool]:
    """The sheet of ours that is most like one of the user's, and whether that is certain: by its
    name, or since it has every column that must be there and no other sheet of ours has as many."""
    ours = [layout for layout in (*AWARD_SHEETS, *CASELOAD_SHEETS) if layout.sheet not in taken]
    named = next((layout for layout in ours if header_key(layout.sheet) == header_key(name)), None)
    if named:
        return likely_table(named, book, name), True
    tables = sorted(
        (likely_table(layout, book, name) for layout in ours), key=lambda t: (-t.weight, t.layout not in _OFTEN_KEPT)
    )
    best = next((t for t in tables if 2 * t.needed(t.likely_too) >= t.needed(t.layout.columns)), None)
    if best is None:
        return None, False
    alone = sum(len(t.certain) >= len(best.certain) for t in tables) == 1
    return best, alone and best.needed(best.certain.values()) == best.needed(best.layout.columns)


# --- the lines of a table ---


class _TableDraft:
    """The draft of one table."""

    def __init__(self, table: LikelyTable, join: LikelyJoin | None, *, text: bool) -> None:
        self.table, self.join, self.text = table, join, text
        self.prefix = key_of(table.layout.sheet)
        self.patterns: dict[str, ColumnPattern] = {}

    def lines(self) -> Iterator[str]:
        """Its columns, how they are written, what of them is likely, what is missing, and what is
        left over."""
        yield from self._left_over()
        yield from self._columns()
        yield from self._written()
        yield from self._maps()
        yield from self._missing()
        yield from self._rows_as_read()

    def _left_over(self) -> Iterator[str]:
        table, known = self.table, {*self.table.certain, *self.table.likely}
        known |= {cell.column for cell in (*table.pair, *table.wide[1])}
        unknown = [cell for cell in table.header if cell.column not in known]
        if unknown:
            yield "## None of our columns is like these; a column that is not read must be named:"
            yield f"# ignore = [{', '.join(_quoted(str(cell.value)) for cell in unknown)}]"
            yield '# ignore = "others"  # or every column that is not named here'
        for header, words in table.totals.items():
            yield "## Rows of totals are not read; they are reported by count and sum:"
            yield f"# leave_out = [{{ column = {_quoted(header)}, begins = {json.dumps(words, ensure_ascii=False)} }}]"
        if self.join:
            yield "## Each row goes on in another sheet, by the same key:"
            ends = next((c for c in table.layout.columns if c.key == "end"), None)
            column = key_of(ends.header) if ends else "end"
            yield (
                f"# join = {{ sheet = {_quoted(self.join.title)}, key = {_quoted(self.join.key)}, "
                f"columns = {{ {column} = {_quoted(self.join.ends)} }} }}"
            )
        if table.wide[1]:
            by, cells = (next(c for c in table.layout.columns if c.kind == kind) for kind in ("month", "count"))
            yield "## A column for each month:"
            named = f'by = "{key_of(by.header)}", cells = "{key_of(cells.header)}"'
            yield f'# wide = {{ headers = "{table.wide[0]}", {named} }}'

    def _columns(self) -> Iterator[str]:
        table = self.table
        if table.certain or table.likely or table.pair:
            yield ""
            yield f"[{self.prefix}.columns]"
        for cell in table.header:
            if cell.column in table.certain:
                yield f"{key_of(table.certain[cell.column].header)} = {_quoted(str(cell.value))}"
            elif cell.column in table.likely:
                column, why = table.likely[cell.column]
                yield f"# {key_of(column.header)} = {_quoted(str(cell.value))}  # {why}"
        if table.pair:
            one, other = (_quoted(str(cell.value)) for cell in table.pair)
            yield f"# amount = {{ less = [{one}, {other}] }}  # perhaps: the first less the second"

    def _named(self) -> Iterator[tuple[Column, list[CellValue], bool]]:
        """Each column, its cells, and whether it is certain."""
        for cell in self.table.header:
            if cell.column in self.table.certain:
                yield self.table.certain[cell.column], self.table.under(cell.column), True
            elif cell.column in self.table.likely:
                yield self.table.likely[cell.column][0], self.table.under(cell.column), False
        if self.table.pair:
            amount = next(c for c in self.table.layout.columns if c.header == "Amount")
            yield amount, [cell for head in self.table.pair for cell in self.table.under(head.column)], False

    def _written(self) -> Iterator[str]:
        lines = []
        for column, cells, certain in self._named():
            likely = pattern_of(cells, column, text=self.text)
            if column.kind == "money" and not self.table.pair and _mostly_negative(cells):
                reversed_words = json.dumps([*(likely.words if likely else ()), "reversed"], ensure_ascii=False)
                why = "perhaps: most amounts are negative, as payments are at a bank"
                lines.append(f"# {key_of(column.header)} = {reversed_words}  # {why}; instead of any line above")
            if likely is None:
                continue
            pattern = column_pattern(likely.words, column.kind)
            if isinstance(pattern, ColumnPattern):
                self.patterns[column.key] = pattern
            words = json.dumps(likely.words[0] if len(likely.words) == 1 else likely.words, ensure_ascii=False)
            line = f"{key_of(column.header)} = {words}"
            if likely.others:
                lines.append(f"# {line}  # or {' or '.join(likely.others)}: every cell below could be either")
            else:
                lines.append((line if certain else f"# {line}") + f"  # each of {len(cells)} cells is written so")
        if lines:
            yield ""
            yield f"[{self.prefix}.written]"
            yield from lines

    def _maps(self) -> Iterator[str]:
        """A map to fill in, of each column of words that has some which are none of ours."""
        for column, cells, _ in self._named():
            texts = list({plain_name(t): t for t in (said_by(c) for c in cells if c.value not in (None, ""))}.values())
            wanted = column.kind in ("word", "yes_no") and any(
                _read(c, column, None, text=self.text) == "" for c in cells
            )
            if (wanted or column.key == "category") and 0 < len(texts) <= _MOST_TEXTS:
                choices = f": one of {', '.join(column.choices)}" if column.choices else ""
                yield ""
                yield f"## What each text means{choices}"
                yield f"# [{self.prefix}.maps.{key_of(column.header)}]"
                yield from (f'# {_quoted(text)} = "…"' for text in texts)

    def _missing(self) -> Iterator[str]:
        missing = [c for c in self.table.layout.columns if c.required and c not in self.table.likely_too]
        if missing:
            yield ""
            yield "## No column is like these, which must be there: name one above, or give one value for every row."
            yield f"# [{self.prefix}.values]"
            yield from (f"# {key_of(c.header)} = {_example(c)}" for c in missing)

    def _letters(self) -> Iterator[tuple[Column, list[str]]]:
        """Each column with the letters of those that it is read from."""
        yield from ((column, [letter]) for letter, column in self.table.certain.items())
        yield from ((column, [letter]) for letter, (column, _) in self.table.likely.items())
        if self.table.pair:
            amount = next(c for c in self.table.layout.columns if c.header == "Amount")
            yield amount, [cell.column for cell in self.table.pair]

    def _rows_as_read(self) -> Iterator[str]:
        """How sure the draft is, and its first three rows as they are read if its guesses are
        right."""
        table = self.table
        needed = table.needed(table.layout.columns)
        certain, likely = table.needed(table.certain.values()), table.needed(table.likely_too)
        yield ""
        counts = f"certain {certain}, guessed {likely - certain}, missing {needed - likely}"
        yield f"## How sure this is: of {needed} columns that must be there, {counts}."
        for number, cells in table.rows[:3]:
            at = {cell.column: cell for cell in cells}
            said = []
            for column, heads in self._letters():
                for cell in (at[letter] for letter in heads if letter in at and at[letter].value not in (None, "")):
                    value = _read(cell, column, self.patterns.get(column.key), text=self.text) or "not read"
                    value = f"less {value}" if cell.column != heads[0] else value
                    said.append(f"{key_of(column.header)} {value}")
            yield f"## Row {number} is read as: {', '.join(said) or 'nothing'}"


def _read(cell: CellValue, column: Column, pattern: ColumnPattern | None, *, text: bool) -> str:
    """What a cell would be read as, with other text told only by its length; nothing where it would
    be refused."""
    value = pattern.read(cell.value)[0] if pattern else cell.value
    try:
        meant = worth(CellValue(cell.ref, value, cell.formula, cell.look), column, text=text)
    except Misread:
        return ""
    if isinstance(meant, Cents):
        return f"{dollars(meant):,.2f}"
    if isinstance(meant, tuple):
        return " to ".join(dict.fromkeys(map(str, (meant[0], meant[-1]))))
    return str(meant) if column.kind in ("word", "month", "count", "place") else shown(meant)


def _mostly_negative(cells: Sequence[CellValue]) -> bool:
    said = [said_by(cell) for cell in cells if cell.value not in (None, "")]
    return 2 * sum(text.startswith(("-", "(", "$-", "-$", "$(")) or text.endswith("-") for text in said) > len(said)


def _example(column: Column) -> str:
    """A value of a column as a layout file would give it, from the example of the column."""
    if column.kind in ("date", "money", "count", "number") and column.example:
        return str(column.example)
    return _quoted(str(column.example or (column.choices or ("…",))[0]))


def _quoted(text: str) -> str:
    """Text as TOML quotes it, on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
