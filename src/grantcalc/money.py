"""Cents, rates, the one rounding, and splitting. The one place that imports moneyed.

Amounts are `Money` in US dollars at the borders of the library and integers of cents inside it; a
rate keeps every decimal of its publication. Nothing here accepts a float.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import TypeAlias, final

import moneyed
from attrs import field, frozen
from moneyed import USD, Currency

from grantcalc.declared import checked
from grantcalc.errors import Inexact, shown

__all__ = [
    "EXACT",
    "USD",
    "AnyMoney",
    "Cents",
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

AnyMoney: TypeAlias = moneyed.Money
"""What is accepted as an amount: `Money`, and any other `moneyed.Money`."""

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Sums and products of decimals with every digit, whatever the context of the thread (Rulebook
5.2.2)."""

_AMOUNT = re.compile(r"^(-?\d{1,15}(?:\.\d{1,9})?) ([A-Z]{3})$")


@final
class Money(moneyed.Money):
    """An amount of money that prints the same in every locale: `1,234.50 USD`.

    It is a `moneyed.Money`, equal to any other of the same amount and currency. Sums, differences
    and products by a whole number or Decimal are exact and are of this class, whichever side the
    other amount stands on. Refused: a float (TypeError), NaN and infinity (`Inexact`), sums of
    different currencies (TypeError).
    """

    def __init__(self, amount: Decimal | int | str, currency: Currency | str) -> None:
        if not isinstance(amount, Decimal | int | str):
            raise TypeError(f"an amount must be text, an int or a Decimal, not {type(amount).__name__}")
        if not isinstance(currency, Currency | str):
            raise TypeError(f"a currency must be text like USD, not {type(currency).__name__}")
        try:
            moneyed.Money.__init__(self, amount, currency)
        except (InvalidOperation, moneyed.CurrencyDoesNotExist):
            raise Inexact("an amount must be a decimal number in a known currency", shown(str(amount))) from None
        if not self.amount.is_finite():
            raise Inexact("an amount must be finite", str(self.amount))

    def __str__(self) -> str:
        """Every decimal, and cents at the least: `1,234.50 USD`."""
        return f"{_cents_at_least(f'{self.amount:z,f}')} {self.currency.code}"

    def __add__(self, other: object) -> Money:
        if isinstance(other, int) and other == 0:  # where `sum` starts
            return self
        if not isinstance(other, moneyed.Money):
            return NotImplemented
        if self.currency != other.currency:
            raise TypeError(f"{self.currency.code} and {other.currency.code} cannot be added or subtracted")
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    __radd__ = __add__

    def __neg__(self) -> Money:
        return Money(EXACT.minus(self.amount), self.currency)

    def __sub__(self, other: object) -> Money:
        if isinstance(other, moneyed.Money):
            return self + Money(EXACT.minus(other.amount), other.currency)
        return self + other  # nothing but 0 is taken from an amount

    def __rsub__(self, other: object) -> Money:
        return -self + other

    def __abs__(self) -> Money:
        return Money(EXACT.abs(self.amount), self.currency)

    def __mul__(self, other: object) -> Money:
        if not isinstance(other, int | Decimal):
            return NotImplemented
        return Money(EXACT.multiply(self.amount, other), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Money | Decimal:
        """An amount over a number, or over another amount, to the digits of the thread's decimal
        context."""
        if not isinstance(other, int | Decimal | moneyed.Money):
            return NotImplemented
        return moneyed.Money.__truediv__(self, other)

    def __rmod__(self, other: object) -> Money:
        """So many percent of an amount: `5 % amount`, exact."""
        if not isinstance(other, int | Decimal):
            return NotImplemented
        return Money(EXACT.scaleb(EXACT.multiply(self.amount, other), -2), self.currency)


def _cents_at_least(number: str) -> str:
    """A decimal number without the zeros at its end, but with two decimals: 600.00, 0.2375."""
    whole, _, decimals = number.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def cents(amount: AnyMoney) -> int:
    """The whole cents of an amount of money.

    Refused with `Inexact`: another currency than USD, a fraction of a cent, NaN or infinity.
    TypeError for anything that is not Money (a bare number has no currency).
    """
    if not isinstance(amount, moneyed.Money):
        raise TypeError(f"an amount must be moneyed.Money, not {type(amount).__name__}")
    if amount.currency != USD:
        raise Inexact("an amount must be in USD", str(amount.currency.code))
    return whole_cents(amount.amount)


class Cents(int):
    """Whole cents of US dollars, where a value is asked for as an amount: `Cents(1000)` is
    `Money("10.00", USD)`.

    A bare int does not say whether it counts dollars or cents, and is refused there.
    """

    __slots__ = ()


def as_cents(amount: AnyMoney | Cents) -> Cents:
    """An amount that a caller gives, as the cents that are kept. TypeError for a bare number; else
    as `cents`."""
    if isinstance(amount, Cents):
        return amount
    if isinstance(amount, int):
        raise TypeError(f"an amount must be Money, or Cents(...), not {type(amount).__name__}")
    return Cents(cents(amount))


def whole_cents(number: Decimal) -> int:
    """An exact number of dollars as whole cents; `Inexact` for a fraction of a cent, NaN or
    infinity."""
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
    if type(amount) not in (int, Cents):
        raise TypeError(f"cents must be an int, not {type(amount).__name__}")
    return Decimal(f"{amount}E-2")  # from text, since arithmetic would round to the thread's context


def plain(amount: int) -> str:
    """Cents as a person reads them, whatever the locale: 1234567 is `12,345.67`."""
    return f"{dollars(amount):,.2f}"


def parse_amount(text: str) -> Decimal:
    """The exact number of `600.00 USD`. `Inexact` for a missing or another currency, or anything
    but a plain decimal."""
    match = _AMOUNT.match(text)
    if match is None:
        raise Inexact("an amount must be written like 600.00 USD", shown(text))
    if match[2] != "USD":
        raise Inexact("an amount must be in USD", match[2])
    return Decimal(match[1])


def round_half_away(numerator: int, denominator: int) -> int:
    """The integer nearest to numerator ÷ denominator, halves away from zero (Rulebook 5.1). The
    denominator is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def to_multiple(exact: Fraction, step: Decimal, how: str) -> Decimal:
    """An exact number that is not below zero, as a multiple of a step above zero: `down`, `up`, or
    the `nearest`, halves up (Rulebook 5.2.16)."""
    steps = exact / Fraction(step)
    whole = round_half_away(steps.numerator, steps.denominator)
    if how != "nearest":
        whole = steps.__floor__() if how == "down" else steps.__ceil__()
    return EXACT.multiply(step, whole)


@frozen(order=True)
class Rate:
    """A price of one unit in dollars with every decimal of its publication: 600.00, 0.2375, 8.94125
    (Rulebook 5.2).

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
        """A rate from exact text, an integer of dollars, or a Decimal. `Inexact` for text that is
        not a number."""
        if isinstance(number, float):
            raise TypeError("a rate must be exact, not a float")
        try:
            return cls(Decimal(number))
        except InvalidOperation:
            raise Inexact("a rate must be a decimal number", shown(number)) from None

    def extend(self, quantity: int, of: int = 1) -> int:
        """quantity ÷ of × rate, exact, rounded once, in cents (Rulebook 5.1): 22 of 31 × 600.00 is
        42581."""
        numerator, denominator = self._per_cent
        return round_half_away(quantity * numerator, of * denominator)

    def __str__(self) -> str:
        """Every decimal, and cents at the least: 600.00, 0.2375."""
        return _cents_at_least(f"{self.value:f}")


def share_of(share: Fraction, cents: int) -> int:
    """A share of an amount, cut to whole cents; of a negative amount, the negated share."""
    return share.numerator * cents // share.denominator if cents >= 0 else -share_of(share, -cents)


def share_up(share: Fraction, cents: int) -> int:
    """A share of an amount, up to the whole cent: what is at least so much is not a fraction of a
    cent less."""
    return -(-cents * share.numerator // share.denominator)


@checked
def split(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Cents split in proportion to whole-number shares, by id (Rulebook 6).

    Exact shares, each cut to whole cents, the cents left over to the largest remainders, ties to
    the earlier by id. A negative total is the negated split. The parts sum to the whole. ValueError
    for a negative share or none above 0, TypeError for what is no whole number.
    """
    if any(type(number) not in (int, Cents) for number in (total, *shares.values())):
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
