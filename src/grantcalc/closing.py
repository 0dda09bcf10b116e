"""What a month's close needs besides the forms: the drawdown by subaccount, and the row of the
SEFA.

A figure that neither the ledger nor the award workbook gives is None: a blank, never a zero.
Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from grantcalc.billing.lines import Line, Reduction
from grantcalc.declared import checked
from grantcalc.ledger.entries import line_of
from grantcalc.ledger.federal import Books
from grantcalc.ledger.requests import Request
from grantcalc.money import cents
from grantcalc.network import Network
from grantcalc.periods import Month

__all__ = ["Drawdown", "SefaRow", "drawdown", "sefa"]


@frozen(kw_only=True)
class Drawdown:
    """What to enter into the payment system for one award and budget period. The payment requested
    is what the request asks for; the expected disbursement is that and the cash on hand, None where
    cash on hand was not reported."""

    subaccount: str
    award: str
    budget_period: str
    payment: int
    on_hand: int | None

    @property
    def expected(self) -> int | None:
        """Cash needed to pay invoices: the payment requested, and what is on hand."""
        return None if self.on_hand is None else self.payment + self.on_hand


@frozen(kw_only=True)
class SefaRow:
    """A row of the schedule of expenditures of federal awards for one award and fiscal year (2 CFR
    200.510(b)).

    `expended` is the federal share of what is allowed of the year's service months, and
    `passed_through` what of that went to subrecipients. Both are None where indirect cost, program
    income, a federal share or a recipient's share applies: these are not told by month, and the
    books must give the figures.
    """

    prefix: str
    extension: str
    award: str
    program: str
    expended: int | None
    passed_through: int | None


@checked
def drawdown(requests: Iterable[Request]) -> tuple[Drawdown, ...]:
    """The drawdown of each request, by subaccount as the award workbook's Form entries name it."""
    rows = []
    for r in requests:
        books = Books(r.books)
        received = books.cents("cash_receipts") if r.received is None else r.received
        paid = books.cents("cash_disbursements")
        on_hand = None if received is None or paid is None else received - paid
        rows.append(
            Drawdown(
                subaccount=dict(r.boxes).get("subaccount", ""),
                award=r.award,
                budget_period=r.budget_period,
                payment=cents(r.amount),
                on_hand=on_hand,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.subaccount, row.award, row.budget_period)))


@checked
def sefa(
    requests: Iterable[Request], network: Network, first: date, titles: dict[str, str] | None = None
) -> tuple[SefaRow, ...]:
    """The rows of a fiscal year that begins on `first`, award by award; `titles` are programs by
    FAIN."""
    months = range(Month.of(first).number, Month.of(first).number + 12)
    by_award: dict[str, list[Request]] = {}
    for r in requests:
        by_award.setdefault(r.award, []).append(r)
    rows = []
    for fain, several in sorted(by_award.items()):
        listing, told = network.award(fain).listing, all(map(_plainly_federal, several))
        items: list[Line | Reduction] = []
        for r in several:
            items += [*r.lines, *r.reductions]
        year = [x for x in items if line_of(x).month.number in months]
        passed = sum(x.amount for x in year if line_of(x).subaward != fain)
        rows.append(
            SefaRow(
                prefix=listing.partition(".")[0],
                extension=listing.partition(".")[2],
                award=fain,
                program=(titles or {}).get(fain, ""),
                expended=sum(x.amount for x in year) if told else None,
                passed_through=passed if told else None,
            )
        )
    return tuple(rows)


def _plainly_federal(r: Request) -> bool:
    """Whether all that is allowed is federal cost, and no other is."""
    cost = r.cost
    return cost.share is None and not (cost.indirect or cost.recipient or cost.income)
