"""What a ledger records, entry by entry: the events, and the entries that hold them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Literal, TypeAlias, get_args

from attrs import define, evolve, field, frozen

from grantcalc.billing.claims import OpeningSum
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.parties import Party, awards_of
from grantcalc.errors import GrantcalcError
from grantcalc.periods import Month
from grantcalc.provenance import NOWHERE, Input

Item: TypeAlias = Line | Reduction
ChangeReason = Literal["", "rate", "enrollment", "letter", "household", "cost", "disallowance", "ceiling", "correction"]
CHANGE_REASONS: tuple[ChangeReason, ...] = get_args(ChangeReason)
"""Why an amount changed, in the order in which reasons are told apart (Rulebook 8.1); empty for a
first claim."""


RequestKind = Literal["reimbursement", "advance"]


@define(eq=False)
class Unpostable(GrantcalcError):
    """What a ledger does not take, with the reason in a sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@frozen(kw_only=True)
class Posting:
    """A claim was posted: whose, up to which service month, from which inputs. Its `changes` are
    the entries after it.

    `period` is the posting period, the month to which they belong: that of the day posted. It is
    open, for a period is closed after its last day only, and days posted never go back (Rulebook
    8.2). `known` is the day of knowledge of the claim, None where that is the day posted. `awards`
    are those that the claim covers, empty where its parties name them.
    """

    issuers: tuple[str, ...]
    through: Month
    period: Month
    changes: int
    parties: tuple[Party, ...]
    inputs: tuple[Input, ...]
    known: date | None = None
    awards: tuple[str, ...] = ()
    openings: tuple[OpeningSum, ...] = ()

    def overlaps(self, issuers: Iterable[str], awards: Collection[str]) -> bool:
        """Whether this posting tells of any of these issuers, and of any of these awards; no awards
        are all."""
        same = not (self.covers and awards) or not self.covers.isdisjoint(awards)
        return same and not set(self.issuers).isdisjoint(issuers)

    @property
    def covers(self) -> frozenset[str]:
        """The awards that it tells of; empty where that is not known, as of a claim of nothing."""
        return frozenset(self.awards or awards_of(self.parties))


@frozen
class Change:
    """One item, without figures, and by how many lines and cents it changed, and why.

    `refused` names what forbids it: such a change is shown, and not allowed (Rulebook 8.3).
    """

    item: Item
    count: int
    amount: int
    reason: ChangeReason = ""
    refused: str = ""


@frozen
class Part:
    """What a request asks for one subaward's own service, and what a hold keeps from being asked.
    Cents of program cost: without indirect cost, and before a federal share."""

    subaward: str
    amount: int
    on_hold: int = 0


@frozen(kw_only=True)
class Requested:
    """Cents were requested of an award for a budget period: for what was earned, or in advance of
    it.

    `by_subaward` has the cost that the request asked for, subaward by subaward; it is empty in
    older entries. `inputs` are the award workbook and terms from which it was made.
    """

    award: str
    budget_period: str
    amount: int
    kind: RequestKind = "reimbursement"
    by_subaward: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()


@frozen
class Received:
    """Cents were received of an award for a budget period on a day, by a reference; negative for
    money returned."""

    award: str
    budget_period: str
    amount: int
    received: date
    reference: str


@frozen
class Closed:
    """A posting period was closed, and with it every earlier one: it takes nothing more (Rulebook
    8.2)."""

    month: Month


@frozen
class ClosedOut:
    """A budget period of an award was closed out: what changes in it later is refused by name
    (Rulebook 8.3)."""

    award: str
    budget_period: str


@frozen
class Held:
    """From this day on, what a subaward earned is computed and shown, and not requested."""

    subaward: str
    why: str


@frozen
class Released:
    """A hold on a subaward was lifted."""

    subaward: str


@frozen
class Voided:
    """An earlier entry was made by mistake and counts no more; both stay visible. The voided entry
    of a posting is followed by `changes` entries that take back its own."""

    entry: int
    why: str
    changes: int = 0


ApprovalStep = Literal["prepared", "reviewed", "approved"]


@frozen
class Approved:
    """A document was prepared, reviewed or approved by somebody, as the office names them. It is
    named by its file and its digest: that which it states of its parts, which a signature in its
    cells leaves as it is, or else the SHA-256 of the file."""

    step: ApprovalStep
    by: str
    document: str
    digest: str


LedgerEvent: TypeAlias = (
    Posting | Change | Requested | Received | Closed | ClosedOut | Held | Released | Voided | Approved
)

EVENTS: Mapping[str, type[LedgerEvent]] = {
    "posting": Posting,
    "change": Change,
    "requested": Requested,
    "closed": Closed,
    "closed_out": ClosedOut,
    "held": Held,
    "released": Released,
    "received": Received,
    "voided": Voided,
    "approved": Approved,
}


@frozen
class Entry:
    """One entry: its number, counted from 1, the day posted, what was done, and the head of the
    chain up to it.

    `text` is the entry as one line of JSON, without its head: what the head is computed from. An
    entry that was read keeps the text in which it was stored, whatever the format of that time.
    """

    no: int
    posted: date
    act: LedgerEvent
    head: str
    text: str = field(repr=False)

    @property
    def line(self) -> str:
        """The entry as one line of JSON, with its head at the end."""
        return f'{self.text[:-1]},"head":"{self.head}"}}'


def bare(item: Item) -> Item:
    """An item without its figures: what identifies it when a later claim is compared with it."""
    if isinstance(item, Reduction):
        return evolve(item, line=_bare(item.line), count=0, amount=0)
    return _bare(item)


def _bare(line: Line) -> Line:
    return evolve(line, count=0, amount=0, source=NOWHERE)


def line_of(item: Item | Change) -> Line:
    """The line that an item is, or reductions, or that changed."""
    if isinstance(item, Change):
        item = item.item
    return item.line if isinstance(item, Reduction) else item
