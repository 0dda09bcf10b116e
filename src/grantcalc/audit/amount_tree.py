"""An amount and what it is made of, as a tree. Sentences, the printed tree and JSON are views of
it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from attrs import evolve, field, frozen

from grantcalc.money import dollars

MOST_SHOWN = 8
"""So many parts are written out in a step; of more it says how many they are, and the tree lists
them."""


@frozen(kw_only=True)
class AmountTree:
    """An amount, in dollars, and its parts: their sum, less those that are `subtracted`, is the
    amount.

    `place` is a cell of the document (`Lines!Q3`), cells that it adds (`Lines!Q3:Q24`), or a row of
    an input; `name` says what is there. A tree without parts is a leaf, and `step` is the
    computation that gives its amount, where one does. `says` has further sentences. `supported` is
    false where the inputs, or the cells that a formula adds, do not give the amount.
    """

    place: str
    name: str
    amount: Decimal
    parts: tuple[AmountTree, ...] = ()
    subtracted: bool = False
    step: str = ""
    says: tuple[str, ...] = ()
    supported: bool = field(default=True)

    @property
    def computation(self) -> str:
        """How the amount follows: by its step, or from its parts; empty for a given figure, and one
        of one part."""
        if self.step or not self.parts or (len(self.parts) == 1 and not self.parts[0].subtracted):
            return self.step
        if len(self.parts) > MOST_SHOWN:
            return f"the sum of {len(self.parts):,} amounts"
        return _joined(self.parts)

    @property
    def holds(self) -> bool:
        """Whether this amount and all below it are supported."""
        return self.supported and all(part.holds for part in self.parts)

    def leaves(self) -> Iterator[AmountTree]:
        """The amounts at the ends of the tree, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def printed(self, depth: int = 0) -> Iterator[str]:
        """The tree as lines of text, each part under what it is a part of."""
        less, computed = "less " if self.subtracted else "", self.computation
        follows = f" = {computed}" if computed else ""
        doubt = "" if self.supported else " (not supported)"
        name = f", {self.name}" if self.name else ""
        yield f"{'  ' * depth}{less}{self.place}{name}: {shown_amount(self.amount)}{follows}{doubt}"
        for part in self.parts:
            yield from part.printed(depth + 1)

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON (docs/json.md); keys without information are left out."""
        found: dict[str, Any] = {"place": self.place, "name": self.name, "amount": str(self.amount)}
        found |= {"subtracted": True} if self.subtracted else {}
        found |= {"step": self.computation} if self.computation else {}
        found |= {"says": [*self.says]} if self.says else {}
        found |= {} if self.supported else {"supported": False}
        return found | ({"parts": [part.as_json() for part in self.parts]} if self.parts else {})


def sum_of(parts: Iterable[AmountTree]) -> Decimal:
    """What parts come to."""
    cents = sum(int(part.amount.scaleb(2)) * (-1 if part.subtracted else 1) for part in parts)
    return dollars(cents)


def resting_on(tree: AmountTree, rows: tuple[AmountTree, ...], missing: str) -> AmountTree:
    """An amount with the rows of the inputs that give it; where they do not come to it, `missing`
    is said."""
    if sum_of(rows) == tree.amount and (rows or not tree.amount):
        return evolve(tree, parts=rows)
    return evolve(tree, parts=rows, says=(*tree.says, missing), supported=False)


def shown_amount(amount: Decimal) -> str:
    """An amount as a person reads it, with two decimals, or with more where it has them, as a rate
    may."""
    return f"{amount:,.2f}" if amount == amount.quantize(Decimal("0.01")) else f"{amount:,f}"


def _joined(parts: Iterable[AmountTree]) -> str:
    text = ""
    for part in parts:
        negative = (part.amount < 0) != part.subtracted
        sign = "-" if negative else "+"
        term = shown_amount(abs(part.amount))
        text += f" {sign} {term}" if text else f"-{term}" if negative else term
    return text
