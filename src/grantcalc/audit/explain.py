"""Why a cell of a claim or request holds what it holds, from the workbook alone; with the inputs,
the rows too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from attrs import frozen

from grantcalc.audit.amount_tree import AmountTree
from grantcalc.audit.input_rows import InputRows
from grantcalc.audit.run import run_of
from grantcalc.audit.trace import AmountTracer, number_of
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line, Reduction
from grantcalc.declared import checked
from grantcalc.errors import Unknown
from grantcalc.io.intake.cells import CellValue, WorkbookRead, open_book
from grantcalc.io.issued.claimbook import RATES, SOURCES, TERMS_SHEET
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.summary import FIGURE_NAMES, LINES, SUMMARY
from grantcalc.money import plain
from grantcalc.xlsx.scan import ISSUED

_ADDRESS = re.compile(r"(?:'([^']+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})")
_LINE_OF_FORM = re.compile(r"(SF-\d+) (\d+[a-z])")
_ON_COVER = dict(zip(map(str.lower, FIGURE_NAMES), ("Earned", "Held back by ceilings", "Claimed"), strict=True))
_TOTALS = {"requested": "requested now"}
_MOST_NAMED = 20
"""So many rows of the inputs are named in a sentence; the tree lists them all."""


@frozen
class Explanation:
    """Why a cell holds what it holds: sentences, the tree of its amount where it has one, and
    whether the inputs support it, if they were given."""

    cell: str
    sentences: tuple[str, ...]
    tree: AmountTree | None = None
    supported: bool = True


@checked
def explain_cell(document: str | Path, address: str, inputs: str | Path | None = None) -> list[str]:
    """Sentences that say why one cell holds what it holds. `Unknown` for an address where nothing
    stands."""
    return [*explanation_of(document, address, inputs).sentences]


@checked
def explanation_of(document: str | Path, address: str, inputs: str | Path | None = None) -> Explanation:
    """Why one cell of a claim or request holds what it holds, with the tree of its amount; with a
    folder of the inputs, down to their rows, and whether they support it.

    `address` is a cell (`Lines!H14`), the name of a figure (`Claimed`, `Requested`), a column of
    the table of requests, for its total (`Federal share`), or a line of a form (`SF-270 11g`).
    `Unknown` for any other, or an empty cell.
    """
    book = open_book(Path(document), ISSUED)
    return Explained(book, lines_in(book), InputRows.of(book, Path(inputs)) if inputs is not None else None).at(address)


def lines_in(book: WorkbookRead) -> Claim:
    """What a claim or request has of a claim; of a statement or roster, which has no lines,
    nothing."""
    if LINES not in book.sheets and {SUMMARY, SOURCES} <= book.sheets.keys():
        run = run_of(book)
        return Claim(through=run.through, known=run.known, lines=(), reductions=(), parties=(), issuers=())
    return claim_of_book(book, or_request=True)


class Explained:
    """A document that is explained, cell by cell."""

    def __init__(self, book: WorkbookRead, claim: Claim, rows: InputRows | None) -> None:
        self.book, self.claim, self.rows = book, claim, rows
        self.tracer = AmountTracer(book, claim, rows)

    def at(self, address: str) -> Explanation:
        """Why the cell of an address or name holds what it holds."""
        sheet, row, cell = self._cell(address)
        place = f"{sheet}!{cell.ref}"
        said, tree = [f"{place} says {_value(cell)}."], self.tracer.tree(sheet, row, cell)
        supported = tree is None or tree.holds
        item = self.tracer.item(sheet, row)
        if isinstance(item, Line):
            said += self._of_line(item)
        elif isinstance(item, Reduction):
            said += [f"{item.explain()}.", "The line that it reduces:", *self._of_line(item.line)]
        elif sheet in (RATES, TERMS_SHEET) and (headed := self._headed(sheet, row)):
            said.append("It is a value of the terms: " + "; ".join(f"{h}: {_value(c)}" for h, c in headed) + ".")
            if sheet == RATES and self.rows is not None and not _has_rate(headed, self.rows):
                said.append("Nothing in the inputs supports this rate.")
                supported = False
        elif cell.formula:
            said.append(f"It is the formula {cell.formula}.")
            said += tree.says if tree else ()
        else:
            said.append("It is a figure that no formula computes." if tree else "It is a text, a day or a count.")
            said += tree.says if tree else ()
        if tree is not None and self.rows is not None:
            said += self._of_inputs(tree, item)
        return Explanation(place, tuple(said), tree, supported)

    def _cell(self, address: str) -> tuple[str, int, CellValue]:
        """The sheet, row and cell of an address or name."""
        match = _ADDRESS.fullmatch(address.strip())
        if match is None:
            named = next(self._named(" ".join(address.split())), None)
            if named is None:
                wanted = "a cell like 'Lines!H14', a name like Claimed, or a line like 'SF-270 11g'"
                raise Unknown("address", wanted, length=len(address))
            return named
        sheet, row = match[1] or match[2], int(match[4])
        cell = next((c for c in self.tracer.names.row(sheet, row) if c.column == match[3]), None)
        if cell is None:
            shown = f"{sheet}!{match[3]}{row}" if sheet in self.book.sheets else ""
            raise Unknown("cell", "a cell of the workbook that holds something", length=len(address), found=shown)
        return sheet, row, cell

    def _named(self, name: str) -> Iterator[tuple[str, int, CellValue]]:
        """The cells of a name: a figure of the cover, the total of a column of requests, or a line
        of a form."""
        form = _LINE_OF_FORM.fullmatch(name)
        sheet = form[1] if form else SUMMARY
        label = form[2] if form else _ON_COVER.get(name.lower(), "Total")
        header = "amount" if form else "usd" if label != "Total" else _TOTALS.get(name.lower(), name.lower())
        for row, cells in self.book.sheets.get(sheet, ()):
            for cell in cells if cells[0].value == label else ():
                if self.tracer.names.header(sheet, row, cell.column).lower() == header and number_of(cell) is not None:
                    yield sheet, row, cell

    def _of_line(self, line: Line) -> list[str]:
        party = next((p for p in self.claim.parties if p.subaward == line.subaward), None)
        names = f" ({party.subrecipient}, under {party.recipient})" if party else ""
        what = f"Line of {line.service} ({line.pool}) in {line.month}, phase {line.phase or 'none'}"
        where = f"at subaward {line.subaward}{names}, award {line.award}, {line.budget_period}"
        said = [f"{what}, {where}.", line.explain() + "."]
        if line.count > 1:
            equal = f"{line.count} equal lines are counted together"
            said.append(f"{equal}; each was rounded before they were counted (Rulebook 5.1).")
        held = [x for x in self.claim.reductions if x.line == line]
        said += [x.explain() + "." for x in held]
        if held:
            said.append(f"So {plain(line.amount + sum(x.amount for x in held))} of {plain(line.amount)} is allowed.")
        return said

    def _of_inputs(self, tree: AmountTree, item: Line | Reduction | None) -> Iterator[str]:
        """What the inputs do not support, or else the rows that it depends on."""
        assert self.rows is not None
        wrong = [*_unsupported(tree)]
        for one in wrong[:_MOST_NAMED]:
            yield one.says[-1] if one is tree else f"{one.place}: {one.says[-1]}"
        if len(wrong) > _MOST_NAMED:
            yield f"And {len(wrong) - _MOST_NAMED:,} more amounts."
        leaves = (leaf.place for leaf in tree.leaves() if leaf.place.rpartition("!")[0] not in self.book.sheets)
        places = [*dict.fromkeys(leaves)]
        if places and not wrong:
            more = f"; and {len(places) - _MOST_NAMED:,} more" if len(places) > _MOST_NAMED else ""
            yield f"It depends on: {'; '.join(places[:_MOST_NAMED])}{more}."
        yield from (f"Note: {note}." for note in self.rows.again.run.notes)

    def _headed(self, sheet: str, row: int) -> list[tuple[str, CellValue]]:
        """The cells of a row below the headers of its sheet, each with its header."""
        names = self.tracer.names
        return [
            (names.header(sheet, row, c.column), c) for c in names.row(sheet, row) if names.header(sheet, row, c.column)
        ]


def _unsupported(tree: AmountTree) -> Iterator[AmountTree]:
    if not tree.supported:
        yield tree
    for part in tree.parts:
        yield from _unsupported(part)


def _has_rate(headed: list[tuple[str, CellValue]], rows: InputRows) -> bool:
    """Whether a line that the inputs give uses the rate of a row of the Rates sheet; a ledger alone
    gives no lines."""
    said, claims = {header: cell.value for header, cell in headed}, rows.again.claims
    rates = {(x.rate.value.value, x.rate.effective) for claim in claims for x in claim.lines if x.rate}
    value, effective = said.get("Rate"), said.get("Effective")
    if not (isinstance(value, int | float) and isinstance(effective, datetime)):
        return False
    return not claims or (Decimal(repr(value)), effective.date()) in rates


def _value(cell: CellValue) -> str:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if cell.formula:
            return f"{Decimal(repr(value)):,.2f}"
        whole, _, decimals = f"{Decimal(repr(value)):,f}".partition(".")
        return f"{whole}.{decimals:0<2}" if decimals.strip("0") else whole
    return str(value.date()) if hasattr(value, "date") and callable(value.date) else str(value)
