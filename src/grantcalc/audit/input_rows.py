"""The rows of the inputs behind a line, what ceilings hold back, and what was requested: each with
its amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from attrs import define, evolve

from grantcalc.audit.amount_tree import AmountTree, sum_of
from grantcalc.audit.reproduce import Reproduced, reproduce
from grantcalc.billing.claims import Claim, OpeningSum, counted_key
from grantcalc.billing.lines import Line, Reduction, told_apart
from grantcalc.errors import Rejected
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.issued.summary import HELD, LINES
from grantcalc.ledger.entries import Change, Held, Item, bare
from grantcalc.money import dollars
from grantcalc.xlsx.sheets import row_positions

InputKey: TypeAlias = tuple[object, ...]


@define(slots=False)
class InputRows:
    """The inputs of a document in a folder, as rows with amounts. `detailed` says that each line
    names its participant."""

    again: Reproduced
    folder: Path
    detailed: bool = False

    @classmethod
    def of(cls, book: WorkbookRead, folder: Path) -> InputRows:
        """The rows of the inputs of a document. Refused like `reproduce`."""
        again = reproduce(book, folder)
        return cls(again, folder, again.run.detail)

    @property
    def from_ledger(self) -> bool:
        """Whether the document was made from a ledger: its entries are the rows then."""
        return self.again.ledger is not None

    @property
    def ledger_file(self) -> str:
        """The name of the ledger, as the document states it."""
        return next((i.file for i in self.again.run.inputs if i.role == "ledger"), "ledger")

    def of_line(self, line: Line, place: int = 0) -> tuple[AmountTree, ...]:
        """The rows that give a line; of lines that are equal with their participant, the one at
        this place."""
        key = self._key(line)
        if self.from_ledger:
            return tuple(self._entries.get(key, ()))
        rows = self._of_lines.get(key, [])
        return tuple(self._row(*row) for row in (rows[place : place + 1] if line.participant else rows))

    def of_reduction(self, held: Reduction, place: int = 0) -> tuple[AmountTree, ...]:
        """The rows of which something is held back, each with what is."""
        key = self._held_key(held)
        if self.from_ledger:
            return tuple(self._entries.get(key, ()))
        rows = self._of_reductions.get(key, [])
        return tuple(self._row(*row) for row in (rows[place : place + 1] if held.line.participant else rows))

    def count_of(self, line: Line) -> int:
        """How many lines the inputs give that are equal to this."""
        return sum(self.again.claims[claim].lines[at].count for claim, at, _ in self._of_lines.get(self._key(line), ()))

    def made_here(self, held: Reduction) -> bool:
        """Whether a request makes this reduction itself, by a ceiling above its claims."""
        return any(self._held_key(x) == self._held_key(held) for r in self.again.requests for x in r.reductions)

    def of_opening(self, opening: OpeningSum) -> tuple[AmountTree, ...]:
        """The opening balances that an opening figure sums."""
        known, shown = self.again.run.known, []
        persons = {x.participant for c in self.again.claims for x in c.lines if x.subaward == opening.subaward}
        for load in (load.as_known(known) for load in self.again.caseloads if load.issuer == opening.issuer):
            for row in load.openings:
                if (row.window, row.pool) == (opening.window, opening.pool) and row.participant in persons:
                    shown.append(AmountTree(place=str(row.source), name="opening balance", amount=dollars(row.amount)))
        return tuple(shown) if sum_of(shown) == dollars(opening.amount) else ()

    @cached_property
    def figures(self) -> dict[str, Decimal]:
        """The amounts of the document made again, by cell."""
        found: dict[str, Decimal] = {}
        for sheet in self.again.draft.sheets:
            for block, span in zip(sheet.blocks, row_positions(sheet), strict=True):
                money = [at for at, column in enumerate(block.columns) if column.kind in ("money", "rate")]
                for row, values in enumerate(block.rows, span.first) if money else ():
                    for at in money:
                        value = values[at]
                        if isinstance(value, Decimal):
                            found[f"{sheet.title}!{span.letter(at + 1)}{row}"] = value
        return found

    # --- claims ---

    def _key(self, line: Line) -> InputKey:
        return ("line", line if line.participant else counted_key(line))

    def _held_key(self, held: Reduction) -> InputKey:
        what = told_apart(held.kind), held.id, held.window, held.room, str(held.authority)
        return (*what, *self._key(held.line))

    @cached_property
    def _of_lines(self) -> dict[InputKey, list[tuple[int, int, Item]]]:
        return self._placed((n, claim.lines) for n, claim in enumerate(self.again.claims))

    @cached_property
    def _of_reductions(self) -> dict[InputKey, list[tuple[int, int, Item]]]:
        return self._placed((n, claim.reductions) for n, claim in enumerate(self.again.claims))

    def _placed(self, items: Iterable[tuple[int, Iterable[Item]]]) -> dict[InputKey, list[tuple[int, int, Item]]]:
        """Lines or reductions by what the document says of them, each with the number of its claim
        and its place."""
        placed: dict[InputKey, list[tuple[int, int, Item]]] = defaultdict(list)
        for claim, several in items:
            for at, item in enumerate(several):
                line = item.line if isinstance(item, Reduction) else item
                shown = line if self.detailed else counted_key(line)
                if isinstance(item, Reduction):
                    placed[self._held_key(evolve(item, line=shown))].append((claim, at, item))
                else:
                    placed[self._key(shown)].append((claim, at, item))
        return placed

    def _row(self, claim: int, at: int, item: Item) -> AmountTree:
        """A row of a caseload; or a line or reduction of a claim workbook, with the rows that its
        own inputs give."""
        line = item.line if isinstance(item, Reduction) else item
        if claim >= len(self.again.claim_books):
            return AmountTree(place=str(line.source), name="", amount=dollars(item.amount))
        below = self._below(claim)
        if isinstance(item, Reduction):
            sheet, parts = HELD, below.of_reduction(item) if below and not item.line.participant else ()
        else:
            sheet, parts = LINES, below.of_line(item) if below and not item.participant else ()
        place = f"{_file(self.again.claims[claim])}, line {at + 1} of its {sheet} sheet"
        amount = dollars(item.amount)
        return AmountTree(place=place, name="", amount=amount, parts=parts if sum_of(parts) == amount else ())

    def _below(self, claim: int) -> InputRows | None:
        """The inputs of a claim workbook, where the folder holds them too."""
        if claim not in self._belows:
            try:
                self._belows[claim] = InputRows.of(self.again.claim_books[claim], self.folder)
            except Rejected:  # they are elsewhere, as where a subrecipient keeps them: the claim is the last row then
                self._belows[claim] = None
        return self._belows[claim]

    @cached_property
    def _belows(self) -> dict[int, InputRows | None]:
        return {}

    # --- a ledger ---

    @cached_property
    def _entries(self) -> dict[InputKey, list[AmountTree]]:
        """The entries of the ledger by the line or reduction that they change."""
        ledger = self.again.ledger
        if ledger is None:
            return {}
        changes: dict[Item, list[AmountTree]] = defaultdict(list)
        totals: dict[Item, int] = defaultdict(int)
        for entry in ledger.in_effect:
            act = entry.act
            if isinstance(act, Change) and not act.refused:
                changes[bare(act.item)].append(self.entry(entry.no, f"posted {entry.posted}", act.amount))
                totals[bare(act.item)] += act.amount
        entries: dict[InputKey, list[AmountTree]] = defaultdict(list)
        for item, rows in changes.items():
            if isinstance(item, Line):
                entries[self._key(evolve(item, amount=totals[item]))] += rows
            else:
                entries[self._held_key(evolve(item, line=counted_key(item.line)))] += rows
        return entries

    def entry(self, no: int, name: str, amount: int) -> AmountTree:
        """An entry of the ledger as a row."""
        return AmountTree(place=f"{self.ledger_file}, entry {no}", name=name, amount=dollars(amount))

    def hold_of(self, subaward: str) -> str:
        """The entry of the hold on a subaward, or on one above it."""
        ledger, network = self.again.ledger, self.again.network
        above = (subaward, *network.ancestors(subaward)) if network.knows_subaward(subaward) else (subaward,)
        held = [
            e.no for e in (ledger.in_effect if ledger else ()) if isinstance(e.act, Held) and e.act.subaward in above
        ]
        return f"{self.ledger_file}, entry {held[-1]}" if held else self.ledger_file


def _file(claim: Claim) -> str:
    return claim.inputs[0].file if claim.inputs else "claim"
