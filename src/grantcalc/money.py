"""Cents, rates, the one rounding, and splitting. The one place that imports moneyed.

Amounts are `moneyed.Money` in US dollars at the borders of the library and integers of cents inside it; a rate keeps
every decimal of its publication. Nothing here accepts a float.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation

from attrs import field, frozen
from moneyed import USD, Money

from grantcalc.errors import Inexact, shown

__all__ = [
    "EXACT",
    "USD",
    "Money",
    "Rate",
    "cents",
    "dollars",
    "money",
    "parse_amount",
    "plain",
    "round_half_away",
    "split",
    "whole_cents",
]

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Sums and products of decimals with every digit, whatever the context of the thread (Rulebook 5.2.2)."""

_AMOUNT = re.compile(r"^(-?\d{1,15}(?:\.\d{1,9})?) ([A-Z]{3})$")


def cents(amount: Money) -> int:
    """The whole cents of an amount of money.

    Refused with `Inexact`: another currency than USD, a fraction of a cent, NaN or infinity. TypeError for anything
    that is not Money (a bare number has no currency).
    """
    if not isinstance(amount, Money):
        raise TypeError(f"an amount must be moneyed.Money, not {type(amount).__name__}")
    if amount.currency != USD:
        raise Inexact("an amount must be in USD", str(amount.currency.code))
    return whole_cents(amount.amount)


def whole_cents(number: Decimal) -> int:
    """An exact number of dollars as whole cents; `Inexact` for a fraction of a cent, NaN or infinity."""
    if not number.is_finite():
        raise Inexact("an amount must be finite", str(number))
    numerator, denominator = number.as_integer_ratio()  # exact, whatever the thread's decimal context
    if 100 * numerator % denominator:
        raise Inexact("an amount must be in whole cents", str(number))
    return 100 * numerator // denominator


def money(amount: int) -> Money:
    """The Money of an integer of cents."""
    return Money(dollars(amount), USD)


def dollars(amount: int) -> Decimal:
    """Cents as an exact Decimal of dollars with two places. TypeError for anything but an int."""
    if type(amount) is not int:
        raise TypeError(f"cents must be an int, not {type(amount).__name__}")
    return Decimal(f"{amount}E-2")  # from text, since arithmetic would round to the thread's context


def plain(amount: int) -> str:
    """Cents as a person reads them, whatever the locale: 1234567 is `12,345.67`."""
    return f"{dollars(amount):,.2f}"


def parse_amount(text: str) -> Decimal:
    """The exact number of `600.00 USD`. `Inexact` for a missing or another currency, or anything but a plain
    decimal."""
    match = _AMOUNT.match(text)
    if match is None:
        raise Inexact("an amount must be written like 600.00 USD", shown(text))
    if match[2] != "USD":
        raise Inexact("an amount must be in USD", match[2])
    return Decimal(match[1])


def round_half_away(numerator: int, denominator: int) -> int:
    """The integer nearest to numerator ÷ denominator, halves away from zero (Rulebook 5.1). The denominator is
    positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


@frozen(order=True)
class Rate:
    """A price of one unit in dollars with every decimal of its publication: 600.00, 0.2375, 8.94125 (Rulebook 5.2).

    Refused: NaN and infinity (`Inexact`), a float (TypeError).
    """

    value: Decimal
    _per_cent: tuple[int, int] = field(init=False, repr=False, eq=False, order=False)

    @_per_cent.default
    def _ratio(self) -> tuple[int, int]:
        if type(self.value) is not Decimal:
            raise TypeError(f"a rate must be a Decimal, not {type(self.value).__name__}")
        if not self.value.is_finite():
            raise Inexact("a rate must be finite", str(self.value))
        numerator, denominator = self.value.as_integer_ratio()
        return 100 * numerator, denominator

    @classmethod
    def of(cls, number: str | int | Decimal) -> Rate:
        """A rate from exact text, an integer of dollars, or a Decimal. `Inexact` for text that is not a number."""
        if isinstance(number, float):
            raise TypeError("a rate must be exact, not a float")
        try:
            return cls(Decimal(number))
        except InvalidOperation:
            raise Inexact("a rate must be a decimal number", shown(number)) from None

    def extend(self, quantity: int, of: int = 1) -> int:
        """quantity ÷ of × rate, exact, rounded once, in cents (Rulebook 5.1): 22 of 31 × 600.00 is 42581."""
        numerator, denominator = self._per_cent
        return round_half_away(quantity * numerator, of * denominator)

    def __str__(self) -> str:
        """Every decimal, and cents at the least: 600.00, 0.2375."""
        whole, _, decimals = f"{self.value:f}".partition(".")
        return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def split(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Cents split in proportion to whole-number shares, by id (Rulebook 6).

    Exact shares, each cut to whole cents, the cents left over to the largest remainders, ties to the earlier by id.
    A negative total is the negated split. The parts sum to the whole. ValueError for a negative share or none above 0,
    TypeError for what is no whole number.
    """
    if any(type(number) is not int for number in (total, *shares.values())):
        raise TypeError("cents and shares are whole numbers")
    weight = sum(shares.values())
    if weight <= 0 or min(shares.values()) < 0:
        raise ValueError("shares must be 0 or more, and one of them above 0")
    sign = -1 if total < 0 else 1
    names = sorted(shares)
    cut = {name: abs(total) * shares[name] // weight for name in names}
    left = abs(total) - sum(cut.values())
    by_remainder = sorted(names, key=lambda name: (-(abs(total) * shares[name] % weight), name))
    for name in by_remainder[:left]:
        cut[name] += 1
    return {name: sign * cut[name] for name in names}
