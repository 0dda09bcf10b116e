"""Figures of a workbook that tell of few persons, for one that is to be public.

A claim without detail names nobody, and still says that one person was certified on the 21st. Three
kinds of figures are looked for: counts from 1 to 10, parts of a month, and amounts that are a price
of the workbook times 1 to 10. They are warnings: whether a count is one of persons cannot be told
from a workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import define, field

from grantcalc.errors import Finding, Place

_WHOLE = re.compile(r"([1-9]|10)(\.0*)?")
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
_PRICE = re.compile(r"(unit )?(rate|price)s?|dollars( a .*)?", re.IGNORECASE)
_AMOUNT = re.compile(r".*\b(amount|total|requested|claimed|earned|paid|cost)s?\b.*", re.IGNORECASE)
_PART, _WHOLE_MONTH = ("quantity", "days"), ("divisor", "of")
_NO_COUNT = re.compile(
    r"(days?|quantity|divisor|of|month|quarter|year|no|number|line|row|region|phase|share|percent.*|%|hours|units)",
    re.IGNORECASE,
)
_TOTALS = "counts withheld as docs/disclosure.md says, or totals of many persons"


@define
class SmallFigures:
    """What the rows of a workbook told so far; each column is told of once, at the first cell."""

    file: str
    told: set[tuple[str, str, str]] = field(factory=set)
    prices: set[Decimal] = field(factory=set)
    amounts: dict[tuple[str, str, Decimal], Place] = field(factory=dict)

    def row(self, sheet: str, headers: Mapping[str, str], cells: Sequence[tuple[str, str]]) -> Iterator[Finding]:
        """The findings of one row: the references and the texts of its numbers, under the headers
        of their columns."""
        figures = dict[str, str]()
        for ref, text in cells:
            column = ref.rstrip("0123456789")
            header = headers.get(column, "").strip()
            figures.setdefault(header.casefold(), text)
            if not _NUMBER.fullmatch(text):
                continue
            if _PRICE.fullmatch(header):
                self.prices.add(Decimal(text))
            elif _AMOUNT.fullmatch(header):
                self.amounts.setdefault((sheet, column, Decimal(text)), Place(self.file, sheet, ref))
            if _WHOLE.fullmatch(text) and not _PRICE.fullmatch(header) and not _NO_COUNT.fullmatch(header):
                yield from self._once("few", "counts from 1 to 10 are in this column", Place(self.file, sheet, ref))
        parts, months = ([figures[name] for name in names if name in figures] for names in (_PART, _WHOLE_MONTH))
        if parts and months and _is_part(parts[0], months[0]):
            yield from self._once("part_month", "parts of a month are in this sheet", Place(self.file, sheet))

    def multiples(self) -> Iterator[Finding]:
        """Amounts that are a price of the workbook times 1 to 10, once it is read to its end."""
        for (_, _, amount), place in self.amounts.items():
            if any(price and amount in (price * n for n in range(1, 11)) for price in self.prices):
                yield from self._once("multiple", "amounts in this column are a price times 1 to 10", place)

    def _once(self, cause: str, problem: str, place: Place) -> Iterator[Finding]:
        told = (cause, place.sheet, place.cell.rstrip("0123456789"))
        if told not in self.told:
            self.told.add(told)
            yield Finding(place=place, cause=cause, problem=problem, expected=_TOTALS, severity="warning")


def _is_part(part: str, month: str) -> bool:
    if not (_NUMBER.fullmatch(part) and _NUMBER.fullmatch(month)):
        return False
    return 0 < Decimal(part) < Decimal(month) <= 31 and Decimal(month) >= 28
