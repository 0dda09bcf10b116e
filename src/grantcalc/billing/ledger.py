"""The ledger: what was posted and what was requested, in order, never changed (Rulebook 8).

A ledger is a value: posting gives a new one. What is posted is the difference between a claim and what stands posted of
its issuers, so that posting the same claim again posts nothing, and posted + adjustments = billed afresh, always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from attrs import define, evolve, field, frozen

from grantcalc import html
from grantcalc.billing.claims import Claim, Party
from grantcalc.billing.lines import Limit, Line, how_many, sums_html
from grantcalc.errors import GrantcalcError
from grantcalc.money import Money, dollars, money
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Input

Item = Line | Limit


@define(eq=False)
class Unpostable(GrantcalcError):
    """A claim that a ledger does not take, with the reason in a sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@frozen
class Entry:
    """One posted difference: an item without figures, the number of lines and the cents by which it changed, and
    when."""

    posted: date
    item: Item
    n: int
    amount: int


@frozen
class Requested:
    """What was requested of one award for one budget period, in cents, as known on a day."""

    on: date
    award: str
    budget_period: str
    amount: int


@frozen
class Basis:
    """What the latest claim of some issuers rests on: its month and its inputs."""

    issuers: tuple[str, ...]
    through: Month
    inputs: tuple[Input, ...]


@frozen
class Ledger:
    """Entries in the order in which they were posted. The empty ledger is `Ledger()`."""

    entries: tuple[Entry, ...] = field(default=(), repr=how_many)
    requests: tuple[Requested, ...] = ()
    parties: tuple[Party, ...] = ()
    bases: tuple[Basis, ...] = ()

    @property
    def known(self) -> date:
        """The day up to which this ledger knows: that of its latest entry or request."""
        return max([date.min, *(e.posted for e in self.entries[-1:]), *(r.on for r in self.requests[-1:])])

    def post(self, claim: Claim) -> Ledger:
        """A new ledger with what this claim adds to, or takes from, what its issuers have posted.

        The day posted is the claim's `known`; the clock is never read. `Unpostable` when `known` would go back (8.2).
        """
        if claim.known < self.known:
            raise Unpostable(f"known never goes back in one ledger: it stands at {self.known}; found {claim.known}")
        billed = totals((*claim.lines, *claim.limits))
        issuers = set(claim.issuers)
        posted = {
            item: figures
            for item, figures in self.standing().items()
            if line_of(item).issuer in issuers and line_of(item).month <= claim.through
        }
        entries = []
        for item in (*billed, *(i for i in posted if i not in billed)):
            n, amount = billed.get(item, (0, 0))
            had_n, had_amount = posted.get(item, (0, 0))
            if (n, amount) != (had_n, had_amount):
                entries.append(Entry(claim.known, item, n - had_n, amount - had_amount))
        known_parties = {p.subaward: p for p in (*self.parties, *claim.parties)}
        kept = (b for b in self.bases if not issuers.intersection(b.issuers))
        basis = Basis(claim.issuers, claim.through, claim.inputs)
        return evolve(
            self,
            entries=(*self.entries, *entries),
            parties=tuple(known_parties[s] for s in sorted(known_parties)),
            bases=tuple(sorted((*kept, basis), key=lambda b: b.issuers)),
        )

    def standing(self) -> dict[Item, tuple[int, int]]:
        """What stands posted: each item with its number of lines and its cents; nothing that came back to zero."""
        sums: dict[Item, tuple[int, int]] = {}
        for entry in self.entries:
            n, amount = sums.get(entry.item, (0, 0))
            sums[entry.item] = (n + entry.n, amount + entry.amount)
        return {item: figures for item, figures in sums.items() if figures != (0, 0)}

    def with_request(self, on: date, award: str, budget_period: str, amount: int) -> Ledger:
        """A new ledger that remembers a request of so many cents."""
        return evolve(self, requests=(*self.requests, Requested(on, award, budget_period, amount)))

    def requested(self, award: str, budget_period: str) -> int:
        """Cents requested so far of an award for a budget period."""
        return sum(r.amount for r in self.requests if (r.award, r.budget_period) == (award, budget_period))

    @property
    def total(self) -> Money:
        """Σ of everything posted."""
        return money(sum(e.amount for e in self.entries))

    def _repr_html_(self) -> str:
        days = sorted({e.posted for e in self.entries})
        counts, amounts = Counter(e.posted for e in self.entries), Counter[date]()
        earned, held = Counter[str](), Counter[str]()
        for entry in self.entries:
            amounts[entry.posted] += entry.amount
            sums = held if isinstance(entry.item, Limit) else earned
            sums[line_of(entry.item).subaward] += entry.amount

        def posting(day: date) -> tuple[html.Cell, ...]:
            return str(day), counts[day], dollars(amounts[day])

        def asked(r: Requested) -> tuple[html.Cell, ...]:
            return str(r.on), r.award, r.budget_period, dollars(r.amount)

        return html.page(
            f"Ledger, known to {self.known}" if self.entries or self.requests else "Ledger, empty",
            sums_html(earned.items(), held.items(), self.parties),
            html.table("Posted, in US dollars", ("Day", "Entries", "Amount"), days, posting),
            html.table("Requested", ("Day", "Award", "Budget period", "Amount"), self.requests, asked),
        )


def totals(items: Iterable[Item]) -> dict[Item, tuple[int, int]]:
    """Items without figures, each with the number of lines and the cents of all that are equal but for those."""
    sums: dict[Item, tuple[int, int]] = {}
    for item in items:
        bare = without_figures(item)
        n, amount = sums.get(bare, (0, 0))
        sums[bare] = (n + item.n, amount + item.amount)
    return sums


def without_figures(item: Item) -> Item:
    """What identifies an item when a later claim is compared with it."""
    if isinstance(item, Limit):
        return evolve(item, line=_bare(item.line), n=0, amount=0)
    return _bare(item)


def _bare(line: Line) -> Line:
    return evolve(line, n=0, amount=0, source=NOWHERE)


def line_of(item: Item) -> Line:
    """The line that an item is, or limits."""
    return item.line if isinstance(item, Limit) else item
