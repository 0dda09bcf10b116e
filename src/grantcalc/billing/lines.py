"""A line, and what a ceiling takes from it (Rulebook 5 and 7): each keeps what it was computed from."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from grantcalc.eligibility import Participant
from grantcalc.known import Fact
from grantcalc.money import Money, Rate, money, plain
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Authority, Source


@frozen
class Line:
    """One participant, subaward, service, pool, phase, rate and service month, all its days together (Rulebook 5.1);
    or a bare count; or, without detail, `n` such lines that are equal.

    Each of the n has the quantity `days` ÷ `of`. With a rate, amount = n × round(days ÷ of × rate), in cents. Without
    one it is an actual cost: the reported amount (the sum of n amounts). `reason` says why a quantity is 0.
    """

    issuer: str
    participant: Participant | None
    award: str
    subaward: str
    service: str
    pool: str
    phase: str
    month: Month
    budget_period: str
    days: int
    of: int
    rate: Fact[Rate] | None
    amount: int
    n: int = 1
    day: date | None = None
    category: str = ""
    reference: str = ""
    reason: str = ""
    source: Source = field(default=NOWHERE, eq=False)

    @property
    def money(self) -> Money:
        """The amount as money in USD."""
        return money(self.amount)

    def explain(self) -> str:
        """Why this amount: a view of what the line keeps, so that it cannot drift from the number (Rulebook 5.4)."""
        if self.rate is None:
            kind = "credit" if self.amount < 0 else "actual cost"
            many = f"{self.n} {kind}s" if self.n > 1 else f"1 {kind}"
            return f"{many} reported for {self.month}: {plain(self.amount)} (Rulebook 5.3)"
        rate = self.rate
        cited = f"rate {rate.value} in force from {rate.effective}, published {rate.published}: {rate.authority}"
        if self.reason:
            return f"0 of 1 × {rate.value} = 0.00, because {self.reason}; {cited}"
        each = rate.value.extend(self.days, self.of)
        share = f"{self.days}" if self.of == 1 else f"{self.days}/{self.of}"
        total = f"{self.n} × " if self.n > 1 else ""
        return f"{total}ROUND({share} × {rate.value}, 2) = {total}{plain(each)} = {plain(self.amount)} (Rulebook 5.1); {cited}"


@frozen
class Limit:
    """What a ceiling holds back from a line: a negative amount that names the ceiling, its authority and the line (7.1)."""

    ceiling: str
    window: str
    room: int
    authority: Authority
    line: Line
    amount: int
    n: int = 1

    @property
    def money(self) -> Money:
        return money(self.amount)

    def explain(self) -> str:
        """Why this much is held back."""
        return (
            f"{plain(-self.amount)} held back by {self.ceiling}, {self.window}, which lets {plain(self.room)} stand: "
            f"{self.authority} (Rulebook 7)"
        )
