"""Why a cell of a claim or request holds what it holds, from the workbook alone; with the inputs, the rows too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from attrs import frozen

from grantcalc.audit.dependencies import CellRange, precedents
from grantcalc.audit.reproduce import reproduce
from grantcalc.billing.claims import Claim, counted_key
from grantcalc.billing.lines import Line, Reduction
from grantcalc.declared import checked
from grantcalc.errors import Unknown
from grantcalc.io.intake.cells import CellValue, WorkbookRead, open_book
from grantcalc.io.issued.claimbook import RATES, TERMS_SHEET
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.summary import HELD, LINES
from grantcalc.money import plain
from grantcalc.xlsx.formulas import column_number
from grantcalc.xlsx.scan import ISSUED

_ADDRESS = re.compile(r"(?:'([^']+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})")


@frozen
class Explanation:
    """Why a cell holds what it holds, and whether the inputs support it, if they were given."""

    sentences: tuple[str, ...]
    supported: bool = True


@checked
def explain_cell(document: str | Path, address: str, inputs: str | Path | None = None) -> list[str]:
    """Sentences that say why one cell holds what it holds. `Unknown` for an address where nothing stands."""
    return [*explanation_of(document, address, inputs).sentences]


@checked
def explanation_of(document: str | Path, address: str, inputs: str | Path | None = None) -> Explanation:
    """The same, and whether the inputs in a folder support it: the line, its count, or the rate."""
    book = open_book(Path(document), ISSUED)
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        raise Unknown("address", "a cell like 'Lines!H14'", length=len(address))
    sheet, row = match[1] or match[2], int(match[4])
    cells = next((cells for at, cells in book.sheets.get(sheet, ()) if at == row), ())
    cell = next((c for c in cells if c.column == match[3]), None)
    if cell is None:
        found = f"{sheet}!{match[3]}{row}" if sheet in book.sheets else ""
        raise Unknown("cell", "a cell of the workbook that holds something", length=len(address), found=found)
    claim = claim_of_book(book, or_request=True)
    said, supported = [f"{sheet}!{cell.ref} says {_value(cell)}."], True
    if (item := _item(sheet, row, book, claim)) is not None:
        said += _of_reduction(item, claim) if isinstance(item, Reduction) else _of_line(item, claim)
        if inputs is not None:
            more, supported = _sources(item if isinstance(item, Line) else item.line, book, Path(inputs))
            said += more
    elif cell.formula:
        said += _of_formula(cell, sheet, book)
    elif sheet in (RATES, TERMS_SHEET):
        said.append(
            "It is a value of the terms: "
            + "; ".join(f"{h}: {_value(c)}" for h, c in _headed(book, sheet, row, cells))
            + "."
        )
        if sheet == RATES and inputs is not None:
            supported = _has_rate(_headed(book, sheet, row, cells), book, Path(inputs))
            said += [] if supported else ["Nothing in the inputs supports this rate."]
    else:
        said.append("It is a text or a figure that no formula computes.")
    return Explanation(tuple(said), supported)


def _item(sheet: str, row: int, book: WorkbookRead, claim: Claim) -> Line | Reduction | None:
    """The line or reduction of a row of its sheet."""
    items: Sequence[Line | Reduction] = claim.lines if sheet == LINES else claim.reductions if sheet == HELD else ()
    first = next((at for at, cells in book.sheets.get(sheet, ()) if cells[0].value == "Line"), 0)
    return items[row - first - 1] if first < row <= first + len(items) else None


def _of_line(line: Line, claim: Claim) -> list[str]:
    party = next((p for p in claim.parties if p.subaward == line.subaward), None)
    names = f" ({party.subrecipient}, under {party.recipient})" if party else ""
    what = f"Line of {line.service} ({line.pool}) in {line.month}, phase {line.phase or 'none'}"
    where = f"at subaward {line.subaward}{names}, award {line.award}, {line.budget_period}"
    said = [f"{what}, {where}.", line.explain() + "."]
    if line.count > 1:
        said.append(
            f"{line.count} equal lines are counted together; each was rounded before they were counted (Rulebook 5.1)."
        )
    held = [x for x in claim.reductions if x.line == line]
    said += [x.explain() + "." for x in held]
    if held:
        said.append(f"So {plain(line.amount + sum(x.amount for x in held))} of {plain(line.amount)} is allowed.")
    return said


def _of_reduction(reduction: Reduction, claim: Claim) -> list[str]:
    return [reduction.explain() + ".", "The line that it reduces:", *_of_line(reduction.line, claim)]


def _of_formula(cell: CellValue, sheet: str, book: WorkbookRead) -> list[str]:
    """What a sum adds up, and where it has conditions how many rows meet them; what else a formula reads."""
    said = [f"It is the formula {cell.formula}."]
    for name, inside in re.findall(r"(SUM|SUMIFS)\(([^()]*)\)", cell.formula):
        added, *conditions = precedents(inside, sheet)
        found = _column(added, book)
        where = ""
        for area, wanted in zip(conditions[::2], conditions[1::2], strict=True) if name == "SUMIFS" else ():
            tested, (value,) = _column(area, book), _column(wanted, book).values()
            found = {row: c for row, c in found.items() if row in tested and tested[row].value == value.value}
            where += f"{' and' if where else ', where'} {_header(area, book)} is {_value(value)}"
        number = sum(Decimal(repr(c.value)) for c in found.values() if isinstance(c.value, int | float))
        many = f"{len(found)} row{'' if len(found) == 1 else 's'}"
        said.append(f"{_header(added, book)} of the {added[0]} sheet{where}: {many}, in sum {number:,.2f}.")
    for area in precedents(re.sub(r"SUM(?:IFS)?\([^()]*\)", "", cell.formula), sheet):
        said += [f"{_header(area, book)} is {_value(c)}." for c in _column(area, book).values()]
    return said


def _column(area: CellRange, book: WorkbookRead) -> dict[int, CellValue]:
    """The cells of an area of one column, by row."""
    sheet, column, first, _, last = area
    rows = (row for row in book.sheets.get(sheet, ()) if first <= row[0] <= last)
    return {at: c for at, cells in rows for c in cells if column_number(c.column) == column}


def _header(area: CellRange, book: WorkbookRead) -> str:
    """The header over a cell or column: the nearest row above it that holds only text."""
    sheet, column, first, _, _ = area
    above = [cells for at, cells in book.sheets.get(sheet, ()) if at < first]
    headers = (cells for cells in reversed(above) if len(cells) > 1 and all(isinstance(c.value, str) for c in cells))
    return next((str(c.value) for cells in headers for c in cells if column_number(c.column) == column), "The cell")


def _sources(line: Line, book: WorkbookRead, folder: Path) -> tuple[list[str], bool]:
    """The rows that a line was made from, of the caseload workbooks or for a request the lines of the claims; and
    whether they support all that the line counts."""
    run, _, claims = reproduce(book, folder)
    wanted = counted_key(line)
    found = [
        (f"{x.source.file}, line {at} of its Lines sheet" if x.source.sheet == LINES else str(x.source), x.count)
        for claim in claims
        for at, x in enumerate(claim.lines, 1)
        if (x == line if line.participant else counted_key(x) == wanted)
    ]
    notes = [f"Note: {note}." for note in run.notes]
    count = sum(number for _, number in found)
    if claims and count != line.count:
        what = f"only {count} of these {line.count}" if found else "no such line: no row gives it with this rate"
        return [f"The inputs support {what}.", *notes], False
    return ["It depends on: " + "; ".join(dict.fromkeys(row for row, _ in found)) + ".", *notes], True


def _has_rate(row: list[tuple[str, CellValue]], book: WorkbookRead, folder: Path) -> bool:
    """Whether a line that the inputs give uses the rate of a row of the Rates sheet; a ledger alone gives no lines."""
    _, _, claims = reproduce(book, folder)
    said = {header: cell.value for header, cell in row}
    rates = {(x.rate.value.value, x.rate.effective) for claim in claims for x in claim.lines if x.rate}
    value, effective = said.get("Rate"), said.get("Effective")
    if not (isinstance(value, int | float) and isinstance(effective, datetime)):
        return False
    return not claims or (Decimal(repr(value)), effective.date()) in rates


def _headed(book: WorkbookRead, sheet: str, row: int, cells: tuple[CellValue, ...]) -> list[tuple[str, CellValue]]:
    header = next((found for at, found in book.sheets[sheet] if at < row and len(found) > 2), ())
    names = {c.column: str(c.value) for c in header}
    return [(names.get(c.column, c.column), c) for c in cells]


def _value(cell: CellValue) -> str:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if cell.formula:
            return f"{Decimal(repr(value)):,.2f}"
        whole, _, decimals = f"{Decimal(repr(value)):,f}".partition(".")
        return f"{whole}.{decimals:0<2}" if decimals.strip("0") else whole
    return str(value.date()) if hasattr(value, "date") and callable(value.date) else str(value)
