"""A line, and a reduction of it (Rulebook 5, 7 and 8.4): each keeps what it was computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeAlias, get_args

from attrs import define, field, frozen

from grantcalc import html
from grantcalc.billing.reasons import Reason
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding, findings_html
from grantcalc.known import Fact
from grantcalc.money import Money, Rate, dollars, money, plain
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Authority, Source


@define
class Draft:
    """A line while it is made. attrs sets each field of a frozen value by a call of its own, which would cost a line
    more than all that it is computed from; so it is made open, and frozen whole."""

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


@frozen
class Line(Draft):
    """One participant, subaward, service, pool, phase, rate and service month, all its days together (Rulebook 5.1);
    or a bare count; or, without detail, `count` such lines that are equal.

    Each of them has the quantity `quantity` ÷ `divisor`. With a rate, amount = count × round(quantity ÷ divisor ×
    rate), in cents. Without one it is an actual cost: the reported amount (the sum of `count` amounts). `reason` says
    why a quantity is 0, or what of it is not paid.
    """

    @property
    def money(self) -> Money:
        """The amount as money in USD."""
        return money(self.amount)

    def explain(self) -> str:
        """Why this amount: a view of what the line keeps, so that it cannot drift from the number (Rulebook 5.4)."""
        if self.rate is None and self.reason and not self.quantity:
            return f"0, because of this: {self.reason} (Rulebook 3.2)"
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
    """Format 1 of the ledger does not tell a share from a ceiling: a reduction is the same, whichever it is called."""
    return "ceiling" if kind == "share" else kind


@frozen
class Reduction:
    """What is taken off a line: a negative amount that names what takes it, its authority and the line (7.1, 8.4).

    `id` is that of the ceiling or share in the terms, the subaward's number, the award's FAIN, the reference of the
    disallowance, or the number of persons of a capacity. `room` is how much it allows in its `window`, in cents.
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
        """What reduces the line, as a person reads it: a ceiling or share by its id, anything else with its kind."""
        if self.kind in ("ceiling", "share"):
            return self.id
        return f"capacity of {self.id}" if self.kind == "capacity" else f"{self.kind} {self.id}"

    def explain(self) -> str:
        """Why this much is held back."""
        if self.kind == "disallowance":
            return f"{plain(-self.amount)} of {self.window} not allowed: {self.authority} (Rulebook 8.4)"
        return (
            f"{plain(-self.amount)} held back by {self.name}, {self.window}, which lets {plain(self.room)} stand: "
            f"{self.authority} (Rulebook 7)"
        )


# --- as a notebook shows them ---


def how_many(items: Sized) -> str:
    """A long field in the repr of a value: a notebook saves that too, and it would be megabytes, with participants."""
    return f"<{len(items):,}>"


class Named(Protocol):
    """Who stands behind a subaward number (`claims.Party`)."""

    @property
    def subaward(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def subrecipient(self) -> str: ...
    @property
    def region(self) -> int | None: ...


def statement_html(
    title: str,
    label: str,
    lines: Sequence[Line],
    reductions: Sequence[Reduction],
    parties: Iterable[Named],
    notes: tuple[Finding, ...],
    *figures: str,
) -> str:
    """A claim or request: sums by subaward, what ceilings hold back, the first lines, and notes."""
    earned = ((x.subaward, x.amount) for x in lines)
    held = ((x.line.subaward, x.amount) for x in reductions)
    return html.page(
        title,
        html.paragraph(label),
        *figures,
        sums_html(earned, held, parties),
        _held_html(reductions),
        html.table("Lines, in US dollars", SHOWN_COLUMNS, lines, _line_row),
        findings_html("Notes", notes),
    )


def sums_html(earned: Iterable[tuple[str, int]], held: Iterable[tuple[str, int]], parties: Iterable[Named]) -> str:
    """What was earned, is held back and stands of each subaward, with the names behind it; from cents by subaward."""
    names = {p.subaward: (p.recipient, p.subrecipient, p.region or "") for p in parties}
    plus: Counter[str] = Counter()
    minus: Counter[str] = Counter()
    for sums, amounts in ((plus, earned), (minus, held)):
        for subaward, amount in amounts:
            sums[subaward] += amount

    def figures(more: int, less: int) -> tuple[html.Cell, ...]:
        return dollars(more), dollars(less), dollars(more + less)

    def row(subaward: str) -> tuple[html.Cell, ...]:
        return subaward, *names.get(subaward, ("", "", "")), *figures(plus[subaward], minus[subaward])

    columns = ("Subaward", "Recipient", "Subrecipient", "Region", "Earned", "Held back", "Stands")
    total = ("Total", "", "", "", *figures(plus.total(), minus.total()))
    return html.table("By subaward, in US dollars", columns, sorted({*plus, *minus}), row, total)


def _held_html(reductions: Iterable[Reduction]) -> str:
    counts: Counter[tuple[str, str, Authority]] = Counter()
    amounts: Counter[tuple[str, str, Authority]] = Counter()
    for reduction in reductions:
        key = reduction.name, reduction.window, reduction.authority
        counts[key] += reduction.count
        amounts[key] += reduction.amount

    def row(key: tuple[str, str, Authority]) -> tuple[html.Cell, ...]:
        ceiling, window, authority = key
        return ceiling, window, counts[key], dollars(amounts[key]), str(authority)

    columns = ("Ceiling", "Window", "Lines", "Held back", "Authority")
    total = ("Total", "", counts.total(), dollars(amounts.total()), "")
    return html.table("Held back by ceilings, in US dollars", columns, sorted(counts), row, total)


SHOWN_COLUMNS = ("Month", "Subaward", "Participant", "Service", "Phase", "Count", "Each", "Rate", "Amount", "Remark")


def _line_row(line: Line) -> tuple[html.Cell, ...]:
    each: html.Cell = line.quantity if line.divisor == 1 else f"{line.quantity}/{line.divisor}"
    return (
        str(line.month),
        line.subaward,
        line.participant.pseudonym if line.participant else "",
        line.service,
        line.phase,
        line.count if line.count > 1 else "",
        each if line.rate else "",
        Decimal(str(line.rate.value)) if line.rate else "",  # cents at the least
        dollars(line.amount),
        str(line.reason or line.category),
    )
