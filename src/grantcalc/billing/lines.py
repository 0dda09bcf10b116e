"""A line, and a reduction of it (Rulebook 5, 7 and 8.4): each keeps what it was computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from datetime import date
from typing import Any, Literal, TypeAlias, get_args

from attrs import Attribute, define, field, frozen

from grantcalc.billing.reasons import Reason
from grantcalc.eligibility import Participant
from grantcalc.known import Fact
from grantcalc.money import Money, Rate, money, plain
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Authority, Source


@define
class Draft:
    """A line while it is made. attrs sets each field of a frozen value by a call of its own, which
    would cost a line more than all that it is computed from; so it is made open, by position, and
    frozen whole."""

    issuer: str
    participant: Participant | None
    award: str
    subaward: str
    service: str
    pool: str
    phase: str
    month: Month
    budget_period: str
    quantity: int
    divisor: int
    rate: Fact[Rate] | None
    amount: int
    count: int = 1
    day: date | None = None
    category: str = ""
    reference: str = ""
    reason: Reason | None = None
    source: Source = field(default=NOWHERE, eq=False)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Line:
        """The line of values by name, as a reader finds them."""
        return cls(**values).frozen()

    def frozen(self) -> Line:
        """This, from now on a line."""
        self.__class__ = Line
        return self  # type: ignore[return-value]


def _by_keyword(_: type, fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    return [each.evolve(kw_only=True) for each in fields]


@frozen(kw_only=True, field_transformer=_by_keyword)  # of inherited fields, not every attrs takes the first to say so
class Line(Draft):
    """One participant, subaward, service, pool, phase, rate and service month, all its days
    together (Rulebook 5.1); or a bare count; or, without detail, `count` such lines that are equal.

    Each of them has the quantity `quantity` ÷ `divisor`. With a rate, amount = count ×
    round(quantity ÷ divisor × rate), in cents. Without one it is an actual cost: the reported
    amount (the sum of `count` amounts). `reason` says why a quantity is 0, or what of it is not
    paid.
    """

    @property
    def money(self) -> Money:
        """The amount as money in USD."""
        return money(self.amount)

    def explain(self) -> str:
        """Why this amount: a view of what the line keeps, so that it cannot drift from the number
        (Rulebook 5.4)."""
        if self.rate is None and self.reason and not self.quantity:
            return f"0.00, because {self.reason} (Rulebook 3.2)"
        if self.rate is None:
            kind = "credit" if self.amount < 0 else "actual cost"
            many = f"{self.count} {kind}s" if self.count > 1 else f"1 {kind}"
            return f"{many} reported for {self.month}: {plain(self.amount)} (Rulebook 5.3)"
        rate = self.rate
        cited = f"rate {rate.value} in force from {rate.effective}, published {rate.published}: {rate.authority}"
        if self.reason and not self.quantity:
            return f"0 of 1 × {rate.value} = 0.00, because {self.reason}; {cited}"
        each = rate.value.extend(self.quantity, self.divisor)
        share = f"{self.quantity}" if self.divisor == 1 else f"{self.quantity}/{self.divisor}"
        total = f"{self.count} × " if self.count > 1 else ""
        result = f"{self.count} × {plain(each)} = {plain(self.amount)}" if self.count > 1 else plain(self.amount)
        also = f"; {self.reason}" if self.reason else ""
        return f"{total}ROUND({share} × {rate.value}, 2) = {result} (Rulebook 5.1); {cited}{also}"


ReductionKind = Literal["ceiling", "share", "capacity", "subaward", "award", "disallowance"]
REDUCTION_KINDS: tuple[ReductionKind, ...] = get_args(ReductionKind)
Reducer: TypeAlias = tuple[ReductionKind, str]
"""What reduces a line: its kind, and its id in the terms or in the award workbook."""


def told_apart(kind: ReductionKind) -> str:
    """Format 1 of the ledger does not tell a share from a ceiling: a reduction is the same,
    whichever it is called."""
    return "ceiling" if kind == "share" else kind


@frozen(kw_only=True)
class Reduction:
    """What is taken off a line: a negative amount that names what takes it, its authority and the
    line (7.1, 8.4).

    `id` is that of the ceiling or share in the terms, the subaward's number, the award's FAIN, the
    reference of the disallowance, or the number of persons of a capacity. `room` is how much it
    allows in its `window`, in cents.
    """

    kind: ReductionKind = field(eq=told_apart)
    id: str
    window: str
    room: int
    authority: Authority
    line: Line
    amount: int
    count: int = 1

    @property
    def money(self) -> Money:
        return money(self.amount)

    @property
    def name(self) -> str:
        """What reduces the line, as a person reads it: a ceiling or share by its id, anything else
        with its kind."""
        if self.kind in ("ceiling", "share"):
            return self.id
        return f"capacity of {self.id}" if self.kind == "capacity" else f"{self.kind} {self.id}"

    def explain(self) -> str:
        """Why this much is held back."""
        if self.kind == "disallowance":
            return f"{plain(-self.amount)} of {self.window} disallowed: {self.authority} (Rulebook 8.4)"
        return (
            f"{plain(-self.amount)} held back by {self.name}, {self.window}, which allows {plain(self.room)}: "
            f"{self.authority} (Rulebook 7)"
        )


def how_many(items: Sized) -> str:
    """A long field in the repr of a value: a notebook saves that too, and it would be megabytes,
    with participants."""
    return f"<{len(items):,}>"
