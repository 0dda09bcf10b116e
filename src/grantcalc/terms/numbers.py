"""The numbers of a terms file: money, shares, multiples and whole numbers; a wrong one is a finding
at its key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from grantcalc.errors import Inexact
from grantcalc.money import Rate, parse_amount, whole_cents
from grantcalc.terms.parsing import Parser


def _number(value: object) -> Decimal | None:
    """A finite number of the file, or nothing: TOML allows truth values, inf and nan in a number's
    place."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


class Numbers(Parser):
    """Reads the value of a dated entry, by what kind of number it must be."""

    def rate(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        number = self.number(entry, where)
        if number is not None and number < 0:
            self.value_finding(entry, where, "a rate cannot be below zero", "0 or more")
            return None
        return None if number is None else Rate(number)

    def amount(self, entry: Mapping[str, Any], where: str) -> int | None:
        number = self.number(entry, where)
        if number is not None and number < 0:
            self.value_finding(entry, where, "a ceiling cannot be below zero", "0 or more")
            return None
        try:
            return None if number is None else whole_cents(number)
        except Inexact:
            self.value_finding(entry, where, "a ceiling must be in whole cents", "two decimals")
            return None

    def number(self, entry: Mapping[str, Any], where: str) -> Decimal | None:
        """Dollars: `600.00 USD` in a terms file; in the award workbook a number, which is in
        dollars."""
        value = entry.get("value")
        if "filled" in entry and isinstance(value, int | Decimal):
            return Decimal(value)
        try:
            return parse_amount(value if isinstance(value, str) else "")
        except Inexact:
            self.value_finding(
                entry, where, "this is not an amount of money", "a number with its currency, like 600.00 USD"
            )
            return None

    def whole(self, entry: Mapping[str, Any], where: str) -> int | None:
        number = _number(entry.get("value"))
        whole = int(number) if number is not None and number == int(number) else None
        if whole is None or whole < 1:
            self.value_finding(entry, where, "a number of months must be a whole number", "1 or more")
            return None
        return whole

    def number_rate(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        """A whole number of months, days, hours or units, 0 or more."""
        value = _number(entry.get("value"))
        if value is None or value != int(value) or value < 0:
            self.value_finding(entry, where, "this must be a whole number", "0 or more")
            return None
        return Rate(Decimal(int(value)))

    def step(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        """What an amount is rounded to a multiple of, in dollars."""
        rate = self.rate(entry, where)
        if rate is not None and not rate.value:
            self.value_finding(entry, where, "an amount is rounded to a multiple of more than zero", "0.01 USD or more")
            return None
        return rate

    def share_rate(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        """A share of something else, which may be the whole of it: 0.50, 1.00."""
        value = _number(entry.get("value"))
        if value is None or not 0 <= value <= 1:
            self.value_finding(entry, where, "a share must be a number", "0 to 1, like 0.50")
            return None
        return Rate(Decimal(value))

    def multiple(self, entry: Mapping[str, Any], where: str) -> Rate | None:
        """A multiple of something else, which may be more than the whole of it: 1.15."""
        value = _number(entry.get("value"))
        if value is None or value < 0:
            self.value_finding(entry, where, "a multiple must be a number", "0 or more, like 1.15")
            return None
        return Rate(value)

    def fraction(self, entry: Mapping[str, Any], where: str) -> Fraction | None:
        text = _number(entry.get("value"))
        number = None if text is None else Fraction(text)
        if number is None or not 0 <= number <= 1:
            self.value_finding(entry, where, "a share of a pool must be a number", "0 to 1, like 0.40")
            return None
        return number
