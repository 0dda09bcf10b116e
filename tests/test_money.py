"""Cents, rates, rounding and splitting, figure by figure (Rulebook 5.1, 5.2 and 6)."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import moneyed
import pytest
from moneyed import EUR, USD

from grantcalc.errors import Inexact
from grantcalc.money import (
    Money,
    Rate,
    cents,
    dollars,
    money,
    parse_amount,
    plain,
    round_half_away,
    share_of,
    share_up,
    split,
    whole_cents,
)


class TestCents:
    """Money is an integer of cents inside and Money at the borders; nothing between them is
    lost."""

    @pytest.mark.parametrize(
        ("text", "amount"), [("600.00", 60000), ("0.01", 1), ("-12.34", -1234), ("0", 0), ("1E+3", 100000)]
    )
    def test_there_and_back(self, text: str, amount: int) -> None:
        assert cents(Money(text, USD)) == whole_cents(Decimal(text)) == amount
        assert money(amount) == Money(text, USD)
        assert dollars(amount) == Decimal(text)

    def test_two_places_always(self) -> None:
        assert str(dollars(60000)) == "600.00"
        assert str(money(60000).amount) == "600.00"

    def test_as_a_person_reads_it(self) -> None:
        assert [plain(n) for n in (1234567, 5, -100)] == ["12,345.67", "0.05", "-1.00"]

    @pytest.mark.parametrize("number", [5, "5.00", Decimal("5.00")])
    def test_a_bare_number_has_no_currency(self, number: object) -> None:
        with pytest.raises(TypeError, match=r"an amount must be moneyed\.Money"):
            cents(number)  # type: ignore[arg-type]

    def test_another_currency(self) -> None:
        with pytest.raises(Inexact) as refused:
            cents(Money("5.00", EUR))
        assert refused.value == Inexact("an amount must be in USD", "EUR")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_what_is_not_finite(self, number: str) -> None:
        with pytest.raises(Inexact) as refused:
            whole_cents(Decimal(number))
        assert refused.value == Inexact("an amount must be finite", number)

    def test_a_fraction_of_a_cent(self) -> None:
        with pytest.raises(Inexact) as refused:
            whole_cents(Decimal("0.015"))
        assert refused.value == Inexact("an amount must be in whole cents", "0.015")

    @pytest.mark.parametrize("number", [True, 1.0, Decimal(1), "1"])
    def test_cents_are_an_int(self, number: object) -> None:
        with pytest.raises(TypeError, match="cents must be an int"):
            dollars(number)  # type: ignore[arg-type]


OURS, THEIRS = Money("1234.50", USD), moneyed.Money("0.50", USD)
PRINT = """
from datetime import date
import moneyed
from moneyed.l10n import format_money
from grantcalc import Claim, Money, Month
amount, claim = Money("-1234.50", "USD"), Claim(
    through=Month(2012, 9), known=date(2012, 10, 15), lines=(), reductions=(), parties=(), issuers=()
)
print(amount, f"{amount}", moneyed.Money(5, "USD") + amount, claim.total, sep="|")
print(format_money(amount))
"""


class TestPrinted:
    """An amount prints the same in every locale, with every decimal and cents at the least."""

    @pytest.mark.parametrize("locale", ["de_DE.UTF-8", "fr_FR.UTF-8", "C", "en_US.UTF-8"])
    def test_in_every_locale(self, locale: str) -> None:
        path = str(Path(__file__).resolve().parent.parent / "src")
        env = {**os.environ, "LC_ALL": locale, "LC_NUMERIC": locale, "LANGUAGE": locale, "PYTHONPATH": path}
        env["PYTHONIOENCODING"] = "utf-8"
        command = [sys.executable, "-W", "error", "-c", PRINT]
        run = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=True)
        printed, theirs = run.stdout.splitlines()
        assert printed == "-1,234.50 USD|-1,234.50 USD|-1,229.50 USD|0.00 USD"
        if locale.startswith("de"):
            assert theirs == "-1.234,50\N{NO-BREAK SPACE}$"  # what moneyed alone would print

    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            (OURS, "1,234.50 USD"),
            (Money(5, EUR), "5.00 EUR"),
            (Money("1.005", USD), "1.005 USD"),
            (Money("1E+3", USD), "1,000.00 USD"),
            (Money(0, USD) * -1, "0.00 USD"),
            (money(-5), "-0.05 USD"),
        ],
    )
    def test_every_decimal_and_cents_at_the_least(self, amount: Money, text: str) -> None:
        assert str(amount) == text


class TestOurs:
    """An amount stays ours from either side of an operator, and is equal to any other of the same
    amount."""

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (OURS + THEIRS, "1235.00"),
            (THEIRS + OURS, "1235.00"),
            (OURS - THEIRS, "1234.00"),
            (THEIRS - OURS, "-1234.00"),
            (sum([OURS, THEIRS]), "1235.00"),
            (sum([THEIRS, OURS]), "1235.00"),
            (OURS - 0, "1234.50"),
            (0 - OURS, "-1234.50"),
            (-OURS, "-1234.50"),
            (+OURS, "1234.50"),
            (abs(-OURS), "1234.50"),
            (OURS * 2, "2469.00"),
            (Decimal("0.1") * OURS, "123.45"),
            (OURS / 2, "617.25"),
            (5 % OURS, "61.725"),
            (OURS.round(0), "1234"),
            (pickle.loads(pickle.dumps(OURS)), "1234.50"),
            (copy.deepcopy(OURS), "1234.50"),
            (copy.copy(OURS), "1234.50"),
        ],
    )
    def test_after_an_operator(self, answer: Any, expected: str) -> None:
        assert type(answer) is Money
        assert answer == Money(expected, USD)

    def test_beside_other_money(self) -> None:
        ours, same = money(123450), moneyed.Money("1234.5", USD)
        assert ours == same
        assert same == ours
        assert hash(ours) == hash(same)
        assert ours > THEIRS
        assert ours >= same
        assert ours != money(123451)
        assert ours / THEIRS == Decimal(2469)
        assert cents(THEIRS) == 50

    def test_a_sum_starts_at_0_and_at_no_other_number(self) -> None:
        assert sum([OURS, THEIRS]) == money(123500)
        for number in (-1, 1):
            with pytest.raises(TypeError):
                sum([OURS, THEIRS], number)

    def test_sums_and_products_are_exact_in_any_decimal_context(self) -> None:
        with localcontext() as context:
            context.prec = 3
            answers = OURS + THEIRS, THEIRS - OURS, -OURS, abs(OURS), 3 * OURS, 5 % OURS, OURS - money(1)
        found = [str(x.amount) for x in answers]
        assert found == ["1235.00", "-1234.00", "-1234.50", "1234.50", "3703.50", "61.7250", "1234.49"]

    @pytest.mark.parametrize(
        "misuse",
        [
            lambda: Money(1.5, USD),  # type: ignore[arg-type]
            lambda: OURS * 1.5,
            lambda: 1.5 * OURS,
            lambda: OURS / 1.5,
            lambda: 1.5 % OURS,
            lambda: OURS + 0.0,
            lambda: sum([OURS], 0.0),
            lambda: OURS - 1,
            lambda: 1 - OURS,
            lambda: OURS * OURS,
            lambda: THEIRS * OURS,
            lambda: OURS + Money(1, EUR),
            lambda: moneyed.Money(1, EUR) - OURS,
        ],
    )
    def test_never_a_float_nor_a_bare_number_nor_another_currency(self, misuse: Callable[[], object]) -> None:
        with pytest.raises(TypeError):
            misuse()

    def test_what_is_not_finite(self) -> None:
        with pytest.raises(Inexact) as refused:
            Money("NaN", USD)
        assert refused.value == Inexact("an amount must be finite", "NaN")


class TestAmountsInText:
    """`600.00 USD` is an amount; without its currency, or in another, it is none."""

    def test_exact(self) -> None:
        assert parse_amount("600.00 USD") == Decimal("600.00")
        assert parse_amount("-0.2375 USD") == Decimal("-0.2375")

    @pytest.mark.parametrize("text", ["600.00", "600.00 usd", "six USD", "1e3 USD", "6,000.00 USD", ".5 USD", ""])
    def test_anything_else(self, text: str) -> None:
        with pytest.raises(Inexact, match=r"an amount must be written like 600\.00 USD"):
            parse_amount(text)

    def test_another_currency(self) -> None:
        with pytest.raises(Inexact) as refused:
            parse_amount("600.00 EUR")
        assert refused.value == Inexact("an amount must be in USD", "EUR")


@pytest.mark.parametrize(
    ("numerator", "denominator", "nearest"),
    [
        (0, 4, 0),
        (1, 4, 0),
        (2, 4, 1),  # one half, away from zero
        (3, 4, 1),
        (4, 4, 1),
        (6, 4, 2),  # one and a half
        (1, 3, 0),
        (2, 3, 1),
        (-1, 2, -1),
        (-1, 4, 0),
        (-2, 4, -1),
        (-3, 4, -1),
        (-6, 4, -2),
        (-1, 3, 0),
        (-2, 3, -1),
        (-5, 3, -2),
    ],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, nearest: int) -> None:
    """5.1: rounded once, half away from zero."""
    assert round_half_away(numerator, denominator) == nearest


class TestRate:
    """5.2: rates have as many decimals as their publication."""

    @pytest.mark.parametrize(
        ("number", "text"),
        [("600", "600.00"), ("600.5", "600.50"), ("0.2375", "0.2375"), ("8.94125", "8.94125"), ("1E+3", "1000.00")],
    )
    def test_it_shows_every_decimal_and_cents_at_the_least(self, number: str, text: str) -> None:
        assert str(Rate.of(number)) == text

    def test_one_unit_is_the_default(self) -> None:
        """5 × 8.94125 = 44.70625."""
        assert Rate.of("8.94125").extend(5) == 4471
        assert Rate.of(600).extend(22, 31) == 42581

    def test_rates_are_equal_and_ordered_by_their_value_alone(self) -> None:
        assert Rate.of("600") == Rate.of("600.00")
        assert sorted([Rate.of("10"), Rate.of("-3"), Rate.of("9.5")]) == [Rate.of(n) for n in ("-3", "9.5", "10")]
        assert hash(Rate.of("600")) == hash(Rate.of("600.00"))

    @pytest.mark.parametrize("value", [600.0, 600, "600"])
    def test_a_value_is_a_decimal(self, value: object) -> None:
        with pytest.raises(TypeError, match="a rate must be a Decimal"):
            Rate(value)  # type: ignore[arg-type]

    def test_what_is_worked_out_is_not_given(self) -> None:
        with pytest.raises(TypeError):
            Rate(Decimal(1), (1, 1))  # type: ignore[call-arg]

    def test_a_float_is_not_exact(self) -> None:
        with pytest.raises(TypeError, match="a rate must be exact, not a float"):
            Rate.of(600.0)  # type: ignore[arg-type]

    @pytest.mark.parametrize("number", ["NaN", "Infinity"])
    def test_what_is_not_finite(self, number: str) -> None:
        with pytest.raises(Inexact) as refused:
            Rate.of(number)
        assert refused.value == Inexact("a rate must be finite", number)

    def test_what_is_not_a_number(self) -> None:
        with pytest.raises(Inexact) as refused:
            Rate.of("six hundred")
        assert refused.value == Inexact("a rate must be a decimal number", "text of 11 characters")


class TestSplit:
    """6: exact shares, each cut to whole cents, the cents left over to the largest remainders, ties
    to the earlier."""

    @pytest.mark.parametrize(
        ("total", "shares", "parts"),
        [
            (10000, {"c": 1, "b": 1, "a": 1}, {"a": 3334, "b": 3333, "c": 3333}),
            (5, {"a": 3, "b": 3, "c": 1}, {"a": 2, "b": 2, "c": 1}),  # remainders 1/7, 1/7, 5/7
            (-5, {"a": 3, "b": 3, "c": 1}, {"a": -2, "b": -2, "c": -1}),
            (10, {"a": 1, "b": 2}, {"a": 3, "b": 7}),  # 3 1/3 and 6 2/3
            (1, {"b": 1, "a": 1}, {"a": 1, "b": 0}),
            (0, {"a": 1, "b": 1}, {"a": 0, "b": 0}),
            (-1, {"a": 1, "b": 1}, {"a": -1, "b": 0}),
            (7, {"a": 0, "b": 1}, {"a": 0, "b": 7}),
            (5, {"a": 1}, {"a": 5}),
        ],
    )
    def test_figures(self, total: int, shares: dict[str, int], parts: dict[str, int]) -> None:
        assert split(total, shares) == parts
        assert list(split(total, shares)) == sorted(shares)

    @pytest.mark.parametrize("shares", [{"a": 0}, {"a": 0, "b": 0}, {"a": 3, "b": -1}, {"a": 1, "b": -1}, {"a": -1}])
    def test_shares_that_are_none(self, shares: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="shares must be 0 or more, and one of them above 0"):
            split(100, shares)

    @pytest.mark.parametrize(("total", "share"), [(1.0, 1), (100, 1.0), (Decimal(100), 1), (100, True)])
    def test_no_float_meets_money(self, total: Any, share: Any) -> None:
        with pytest.raises(TypeError, match=r"cents and shares are whole numbers|total of split must be int"):
            split(total, {"a": share})


class TestShares:
    """A share of an amount is cut to whole cents, or raised to the next where it is a least
    amount."""

    @pytest.mark.parametrize(
        ("share", "cents", "cut", "up"),
        [("3/4", 133334, 100000, 100001), ("3/4", -133334, -100000, -100000), ("1/2", 4, 2, 2), ("1", 7, 7, 7)],
    )
    def test_figures(self, share: str, cents: int, cut: int, up: int) -> None:
        assert (share_of(Fraction(share), cents), share_up(Fraction(share), cents)) == (cut, up)
