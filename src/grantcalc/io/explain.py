"""Why a cell of a claim or request holds what it holds, from the workbook alone; with the inputs, the source rows too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from grantcalc.billing.claims import Claim, counted_key
from grantcalc.billing.lines import Limit, Line
from grantcalc.errors import Unknown
from grantcalc.io.cells import Book, Cell, open_book
from grantcalc.io.claimbook import HELD, LINES, RATES, TERMS
from grantcalc.io.claimread import claim_of_book
from grantcalc.io.reproduce import reproduce
from grantcalc.io.verify import Area, precedents
from grantcalc.money import plain

_ADDRESS = re.compile(r"(?:'([^']+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})")


def explain_cell(document: str | Path, address: str, inputs: str | Path | None = None) -> list[str]:
    """Sentences that say why one cell holds what it holds. `Unknown` for an address where nothing stands."""
    book = open_book(Path(document))
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        raise Unknown("address", "a cell like 'Lines!H14'", length=len(address))
    sheet, row = match[1] or match[2], int(match[4])
    cells = next((cells for at, cells in book.sheets.get(sheet, ()) if at == row), ())
    cell = next((c for c in cells if c.column == match[3]), None)
    if cell is None:
        raise Unknown("cell", "one of the workbook that holds something", length=len(address))
    claim = claim_of_book(book)
    said = [f"{address} says {_value(cell)}."]
    if (item := _item(sheet, row, book, claim)) is not None:
        said += _of_limit(item, claim) if isinstance(item, Limit) else _of_line(item, claim)
        if inputs is not None:
            said += _sources(item if isinstance(item, Line) else item.line, book, Path(inputs))
    elif cell.formula:
        said += _of_formula(cell, sheet, book)
    elif sheet in (RATES, TERMS):
        said.append(
            "It is a value of the terms: "
            + "; ".join(f"{h}: {_value(c)}" for h, c in _headed(book, sheet, row, cells))
            + "."
        )
    else:
        said.append("It is text or a figure that stands on its own: no formula gives it.")
    return said


def _item(sheet: str, row: int, book: Book, claim: Claim) -> Line | Limit | None:
    """The line or limit of a row of its sheet."""
    items: Sequence[Line | Limit] = claim.lines if sheet == LINES else claim.limits if sheet == HELD else ()
    first = next((at for at, cells in book.sheets.get(sheet, ()) if cells[0].value == "Line"), 0)
    return items[row - first - 1] if first < row <= first + len(items) else None


def _of_line(line: Line, claim: Claim) -> list[str]:
    party = next((p for p in claim.parties if p.subaward == line.subaward), None)
    names = f" ({party.subrecipient}, under {party.recipient})" if party else ""
    said = [
        f"Line of {line.service} ({line.pool}) in {line.month}, phase {line.phase or 'none'}, at subaward {line.subaward}{names}, "
        f"award {line.award}, {line.budget_period}.",
        line.explain() + ".",
    ]
    if line.n > 1:
        said.append(
            f"{line.n} equal lines are counted together; each was rounded before they were counted (Rulebook 5.1)."
        )
    held = [x for x in claim.limits if x.line == line]
    said += [x.explain() + "." for x in held]
    if held:
        said.append(f"So {plain(line.amount + sum(x.amount for x in held))} of {plain(line.amount)} stands.")
    return said


def _of_limit(limit: Limit, claim: Claim) -> list[str]:
    return [limit.explain() + ".", "The line that it limits:", *_of_line(limit.line, claim)]


def _of_formula(cell: Cell, sheet: str, book: Book) -> list[str]:
    said = [f"It is the formula {cell.formula}."]
    for area in precedents(cell.formula, sheet):
        values = [c.value for c in _cells_of(area, book)]
        numbers = [Decimal(repr(v)) for v in values if isinstance(v, int | float)]
        where = f"{area[0]} rows {area[2]} to {area[4]}" if area[4] > area[2] else f"{area[0]} row {area[2]}"
        if numbers:
            said.append(
                f"{where}: {len(numbers)} number{'s' if len(numbers) > 1 else ''} that add up to {sum(numbers):,.2f}."
            )
        elif values:
            said.append(f"{where}: {len(values)} cell{'s' if len(values) > 1 else ''} of text to match.")
    return said


def _cells_of(area: Area, book: Book) -> Iterable[Cell]:
    from grantcalc.io.verify import number

    sheet, first_column, first_row, last_column, last_row = area
    for at, cells in book.sheets.get(sheet, ()):
        if first_row <= at <= last_row:
            yield from (c for c in cells if first_column <= number(c.column) <= last_column)


def _sources(line: Line, book: Book, folder: Path) -> list[str]:
    """The rows that a line was made from: of the caseload workbooks, or for a request of the claims."""
    run, _, claim = reproduce(book, folder)
    if claim is None:
        return ["Its source is a line of the claims: explain the same line there."]
    wanted = counted_key(line)
    rows = sorted({str(x.source) for x in claim.lines if counted_key(x) == wanted})
    return ["It rests on: " + "; ".join(rows) + ".", *(f"Note: {note}." for note in run.notes)]


def _headed(book: Book, sheet: str, row: int, cells: tuple[Cell, ...]) -> list[tuple[str, Cell]]:
    header = next((found for at, found in book.sheets[sheet] if at < row and len(found) > 2), ())
    names = {c.column: str(c.value) for c in header}
    return [(names.get(c.column, c.column), c) for c in cells]


def _value(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        return f"{number:,f}" if number != number.to_integral_value() else f"{number:,.0f}"
    return str(value.date()) if hasattr(value, "date") and callable(value.date) else str(value)
