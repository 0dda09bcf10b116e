"""What of the cost is federal: holds, indirect cost, match and program income, to date (Rulebook
9.1, 9.2). Cents."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import evolve, frozen

from grantcalc.awards import BooksFigure
from grantcalc.money import round_half_away, share_of, whole_cents


@frozen
class Books:
    """The figures that a recipient's books give for one budget period; None for what they do not
    say."""

    figures: tuple[BooksFigure, ...]

    def value(self, name: str) -> Decimal | Fraction | None:
        return next((f.value for f in self.figures if f.name == name), None)

    def cents(self, name: str) -> int | None:
        """An amount of the books, in cents."""
        value = self.value(name)
        return whole_cents(value) if isinstance(value, Decimal) else None

    def ratio(self, name: str) -> Fraction | None:
        value = self.value(name)
        return None if value is None else Fraction(value)


@frozen(kw_only=True)
class FederalShare:
    """What a budget period cost to date, line by line of the SF-270: lines a to g are computed from
    these.

    `indirect` and `estimated` are what is left of them when the federal share is held to what is
    obligated; `indirect_cut` and `estimated_cut` are what was taken (Rulebook 9.2.1).
    """

    program: int
    indirect: int
    recipient: int
    income: int
    estimated: int
    share: Fraction | None
    indirect_cut: int = 0
    estimated_cut: int = 0

    @property
    def outlays(self) -> int:
        """a: what the program and its indirect cost came to, and what the recipient spent of its
        own beside it."""
        return self.program + self.indirect + (self.recipient if self.share is None else 0)

    @property
    def net(self) -> int:
        """c = a − b."""
        return self.outlays - self.income

    @property
    def whole(self) -> int:
        """e = c + d."""
        return self.net + self.estimated

    @property
    def non_federal(self) -> int:
        """f: the recipient's own, or what the federal share leaves."""
        return self.recipient if self.share is None else self.whole - share_of(self.share, self.whole)

    @property
    def federal(self) -> int:
        """g = e − f: a federal share is cut to whole cents."""
        return self.whole - self.non_federal

    @property
    def spent(self) -> int:
        """The federal share of expenditures: g without what is only estimated."""
        return evolve(self, estimated=0).federal


def cost_of(allowed: int, on_hold: int, figures: Iterable[BooksFigure], obligated: int) -> FederalShare:
    """The cost of a budget period, from what is allowed of its lines, what of it is on hold, and
    the recipient's books.

    It is held to what is obligated: estimated outlays are cut first, then indirect cost. Lines on
    hold use room too.
    """
    books = Books(tuple(figures))
    indirect, estimated = indirect_cost(books), books.cents("outlays_estimated") or 0
    most = room_for_lines(obligated, books)
    if most is not None:
        indirect = min(indirect, max(0, most - allowed))
        estimated = min(estimated, max(0, most - allowed - indirect))
    return FederalShare(
        program=allowed - on_hold,
        indirect=indirect,
        recipient=books.cents("recipient_share") or 0,
        income=books.cents("program_income_deducted") or 0,
        estimated=estimated,
        share=books.ratio("federal_share"),
        indirect_cut=indirect_cost(books) - indirect,
        estimated_cut=(books.cents("outlays_estimated") or 0) - estimated,
    )


def room_for_lines(obligated: int, books: Books) -> int | None:
    """The most that lines may come to, so that the federal share of their cost, less the program
    income deducted, is no more than what is obligated (Rulebook 9.2.1); None where the federal
    share is 0, which uses up nothing."""
    share, income = books.ratio("federal_share"), books.cents("program_income_deducted") or 0
    if share is None:
        return obligated + income
    if share == 0:
        return None
    most = -(-(obligated + 1) * share.denominator // share.numerator) - 1  # the share is cut to whole cents
    return most + income


def indirect_cost(books: Books) -> int:
    """Rate × base to date, rounded once; 0 where the books do not give both."""
    rate, base = books.ratio("indirect_rate"), books.cents("indirect_base")
    if rate is None or base is None:
        return 0
    return round_half_away(rate.numerator * base, rate.denominator)
