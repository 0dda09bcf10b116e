"""The amount of a cell as a tree: the cells that it adds, down to lines and figures, and the rows
of the inputs."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import cached_property

from attrs import define, evolve, field

from grantcalc.audit.added_cells import AddedCells, CellNames, added_by
from grantcalc.audit.amount_tree import MOST_SHOWN, AmountTree, resting_on, shown_amount, sum_of
from grantcalc.audit.input_figures import with_figure, with_room
from grantcalc.audit.input_rows import InputRows
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line, Reduction
from grantcalc.io.intake.cells import CellValue, WorkbookRead
from grantcalc.io.issued.claimbook import RATES, SOURCES, TERMS_SHEET
from grantcalc.io.issued.summary import HELD, LINES, SUMMARY
from grantcalc.ledger.requests import Request
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import letters

DEEPEST = 30
"""Formulas of a document refer to each other over fewer steps; deeper ones were put in by somebody
else."""

_GIVEN = re.compile(
    r"Authorized|On hold|Requested before|Requested now|Federal share|Amount|USD|Opening figure|Allowed|"
    r"Allowed to date|Earned|Held back|Disallowed|Added|Recovered|Used|Limit|Left|Budget period \d+"
)
"""The headers over amounts that may be figures of their own, which no formula computes."""

_AT_LEAST_0 = re.compile(r"=MAX\(0,(.*)\)")
_NO_LESS = "0.00"


@define(slots=False)
class AmountTracer:
    """The amounts of a document; with the inputs, down to their rows."""

    book: WorkbookRead
    claim: Claim
    rows: InputRows | None = None
    _trees: dict[tuple[str, str], AmountTree | None] = field(factory=dict)
    _open: list[tuple[str, str]] = field(factory=list)

    @cached_property
    def names(self) -> CellNames:
        """The cells by column, and how they are called."""
        return CellNames(self.book)

    @cached_property
    def _first_rows(self) -> dict[str, int]:
        """The row of the headers of the Lines and the Held back sheet."""
        return {
            sheet: next((at for at, cells in self.book.sheets.get(sheet, ()) if cells[0].value == "Line"), 0)
            for sheet in (LINES, HELD)
        }

    def item(self, sheet: str, row: int) -> Line | Reduction | None:
        """The line or reduction of a row of its sheet."""
        items: tuple[Line | Reduction, ...] = (
            self.claim.lines if sheet == LINES else self.claim.reductions if sheet == HELD else ()
        )
        place = row - self._first_rows.get(sheet, 0) - 1
        return items[place] if 0 <= place < len(items) else None

    def tree(self, sheet: str, row: int, cell: CellValue) -> AmountTree | None:
        """The tree of a cell's amount; of any other cell of a line or reduction, that of its
        amount. None for a cell that is neither."""
        key = sheet, cell.ref
        if key in self._open or len(self._open) > DEEPEST:
            value = number_of(cell) or Decimal(0)
            says = ("Its formulas refer to each other in a circle, or over too many steps.",)
            return AmountTree(place=f"{sheet}!{cell.ref}", name="", amount=value, says=says, supported=False)
        if key not in self._trees:
            self._open.append(key)
            self._trees[key] = self._tree(sheet, row, cell)
            self._open.pop()
        return self._trees[key]

    def _tree(self, sheet: str, row: int, cell: CellValue) -> AmountTree | None:
        item = self.item(sheet, row)
        header = self.names.header(sheet, row, cell.column)
        if isinstance(item, Reduction) and header != "Allowed":
            return self._of_reduction(item, row)
        if isinstance(item, Line):
            return self._of_line(item, row)
        place, name = f"{sheet}!{cell.ref}", self.names.name(sheet, row, cell)
        more = _AT_LEAST_0.fullmatch(cell.formula)
        terms = added_by(evolve(cell, formula=more[1]) if more else cell, sheet, self.names) if cell.formula else None
        if terms is not None:
            tree = self._of_formula(terms, place, name, None if more else number_of(cell))
            return evolve(tree, amount=Decimal("0.00"), parts=(), step=_NO_LESS) if more and tree.amount < 0 else tree
        if sheet == TERMS_SHEET and header == "Value":
            amount = str(cell.value).removesuffix(" USD").replace(",", "")
            given = str(cell.value).endswith(" USD") and amount.replace(".", "", 1).isdecimal()
            return AmountTree(place=place, name=self._term(row), amount=Decimal(amount)) if given else None
        number = number_of(cell)
        if number is None or not (_GIVEN.fullmatch(header) or (sheet == RATES and header == "Rate")):
            return None
        last = self.names.row(sheet, row)[-1].value
        says = f"What it sums: {last}." if sheet.startswith("SF-") and isinstance(last, str) else ""
        tree = AmountTree(place=place, name=name, amount=number, says=(says,) if says else ())
        return self._with_inputs(tree, sheet, row, header) if self.rows and sheet != RATES else tree

    def _term(self, row: int) -> str:
        return next((str(c.value) for c in self.names.row(TERMS_SHEET, row) if c.column == "B"), "")

    # --- formulas ---

    def _of_formula(self, terms: tuple[AddedCells, ...], place: str, name: str, stored: Decimal | None) -> AmountTree:
        parts = tuple(self._of_term(term) for term in terms)
        tree = AmountTree(place=place, name=name, amount=sum_of(parts), parts=parts)
        says = [f"It is {tree.computation}."] if tree.computation else []
        says += (f"{shown_amount(part.amount)} is {part.place}, {part.name}." for part in parts[:MOST_SHOWN])
        says += [f"And {len(parts) - MOST_SHOWN:,} more."] if len(parts) > MOST_SHOWN else []
        if len(parts) == 1 and not (terms[0].alone or terms[0].subtracted):
            tree = evolve(tree, parts=parts[0].parts)
            says = [f"It is {tree.computation or shown_amount(tree.amount)}: {parts[0].place}, {parts[0].name}."]
        if stored is None or stored == tree.amount:
            return evolve(tree, says=tuple(says))
        says.append(f"The cell holds {shown_amount(stored)}, and its formula gives {shown_amount(tree.amount)}.")
        return evolve(tree, amount=stored, says=tuple(says), supported=False)

    def _of_term(self, term: AddedCells) -> AmountTree:
        if term.constant is not None:
            number, name = term.constant.quantize(Decimal("0.01")), "a number of the formula itself"
            return AmountTree(place=term.sheet, name=name, amount=number, subtracted=term.subtracted)
        found = (self.tree(term.sheet, row, cell) or self._plain(term.sheet, cell) for row, cell in term.cells)
        parts = tuple(tree for tree in found if tree is not None)
        if term.alone and parts:
            return evolve(parts[0], subtracted=term.subtracted)
        header = self.names.header(term.sheet, term.cells[0][0], letters(term.column)) if term.cells else ""
        many = f"{len(parts):,} cell{'' if len(parts) == 1 else 's'}"
        name = ", ".join(text for text in (f"{header} {term.where}".strip(), many) if text)
        return AmountTree(place=term.place, name=name, amount=sum_of(parts), parts=parts, subtracted=term.subtracted)

    def _plain(self, sheet: str, cell: CellValue) -> AmountTree | None:
        number = number_of(cell)
        return None if number is None else AmountTree(place=f"{sheet}!{cell.ref}", name="", amount=number)

    # --- lines, and what is held back ---

    def _place(self, sheet: str, row: int, header: str) -> str:
        cell = next(
            (c for c in self.names.row(sheet, row) if self.names.header(sheet, row, c.column) == header),
            self.names.row(sheet, row)[0],
        )
        return f"{sheet}!{cell.ref}"

    @cached_property
    def _ranks(self) -> dict[tuple[str, int], int]:
        """Of each line and reduction that names its participant, how many before it are equal."""
        items = {LINES: self.claim.lines, HELD: self.claim.reductions} if self.claim.detailed else {}
        ranks: dict[tuple[str, int], int] = {}
        for sheet, several in items.items():
            seen = Counter[object]()
            for at, item in enumerate(several):
                ranks[sheet, at] = seen[item]
                seen[item] += 1
        return ranks

    def _of_line(self, line: Line, row: int) -> AmountTree:
        at = row - self._first_rows[LINES] - 1
        many = f"{line.count} × " if line.count > 1 else ""
        share = f"{line.quantity}" if line.divisor == 1 else f"{line.quantity}/{line.divisor}"
        step = f"{many}ROUND({share} × {line.rate.value}, 2)" if line.rate else ""
        name = f"line {at + 1}, {line.service} of {line.month}"
        place = self._place(LINES, row, "Amount")
        tree = AmountTree(place=place, name=name, amount=dollars(line.amount), step=step, says=(f"{line.explain()}.",))
        if self.rows is None:
            return tree
        given = self.rows.of_line(line, self._ranks.get((LINES, at), 0))
        if self.rows.from_ledger:
            return resting_on(tree, given, "The entries of the ledger do not give this line.")
        count = 1 if line.participant and given else self.rows.count_of(line)
        what = "no such line: no row gives it with this rate"
        what = f"only {count} of these {line.count}" if given else what
        missing = f"The inputs support {what}."
        if count != line.count:
            return evolve(tree, parts=given, says=(*tree.says, missing), supported=False)
        return resting_on(tree, given, "The rows of the inputs do not come to this amount.")

    def _of_reduction(self, held: Reduction, row: int) -> AmountTree:
        name = f"held back by {held.name}, {held.window}"
        place = self._place(HELD, row, "Held back")
        tree = AmountTree(place=place, name=name, amount=dollars(held.amount), says=(f"{held.explain()}.",))
        if self.rows is None:
            return tree
        at = row - self._first_rows[HELD] - 1
        given = self.rows.of_reduction(held, self._ranks.get((HELD, at), 0))
        if not given and self.rows.made_here(held):
            return evolve(tree, says=(*tree.says, "The request itself holds it back, by a ceiling above its claims."))
        return resting_on(tree, given, "The inputs do not hold this back.")

    # --- figures ---

    def _with_inputs(self, tree: AmountTree, sheet: str, row: int, header: str) -> AmountTree:
        assert self.rows is not None
        if self.rows.figures.get(tree.place) != tree.amount:
            return evolve(tree, says=(*tree.says, "The inputs do not give this figure."), supported=False)
        if sheet == SOURCES:
            opening = next((o for o in self.claim.openings if self._row_of(o.amount, o.pool, o.window, row)), None)
            return evolve(tree, parts=self.rows.of_opening(opening)) if opening else tree
        if isinstance(held := self.item(sheet, row), Reduction):
            return with_room(tree, self.rows, held)
        request = self._request(sheet, row, header)
        if request is None:
            return tree
        first = str(self.names.row(sheet, row)[0].value)
        form, line = (sheet, first) if sheet.startswith("SF-") else ("", header)
        return with_figure(tree, self.rows, form, line, request)

    def _row_of(self, amount: int, pool: str, window: str, row: int) -> bool:
        values = [c.value for c in self.names.row(SOURCES, row)]
        return pool in values and window in values and number_of(self.names.row(SOURCES, row)[-1]) == dollars(amount)

    def _request(self, sheet: str, row: int, header: str) -> Request | None:
        """The request of a row of the table of requests, or of a form; an SF-425 is of all requests
        of its award, and has a column for each where there are several."""
        asked = self.rows.again.requests if self.rows else ()
        if sheet == SUMMARY:
            values = [c.value for c in self.names.row(sheet, row)]
            return next((r for r in asked if {r.award, r.budget_period} <= {*values}), None)
        number = sum(
            self.names.header(sheet, at + 1, "C") == "Amount"
            for at, cells in self.book.sheets.get(sheet, ())
            if at < row and cells[0].value == "Line"
        )
        groups = [[r] for r in asked]
        if sheet == "SF-425":
            groups = [[r for r in asked if r.award == award] for award in dict.fromkeys(r.award for r in asked)]
        of = groups[number - 1] if 0 < number <= len(groups) else []
        period = int(header.removeprefix("Budget period ")) if header.startswith("Budget period ") else 1
        return of[period - 1] if 0 < period <= len(of) else None


def number_of(cell: CellValue) -> Decimal | None:
    """The number of a cell, exact; with two decimals where it has no more."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(repr(value))
    cents = number.quantize(Decimal("0.01"))
    close = abs(number - cents) < Decimal("0.000001")  # programs that compute again keep sums of binary fractions
    return cents if close else number
