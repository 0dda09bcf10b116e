"""What a request's forms say besides the amounts of one budget period: of the award, the recipient
and its entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from grantcalc.awards import Award, BudgetPeriod
from grantcalc.billing.lines import Line
from grantcalc.ledger.entries import Requested
from grantcalc.ledger.ledger import Ledger
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.provenance import Input

FormTexts = tuple[tuple[str, str], ...]
"""Texts and days of boxes, each by its name, in order; what nobody said is left out."""


def form_texts(
    ledger: Ledger,
    network: Network,
    award: Award,
    period: BudgetPeriod,
    lines: Iterable[Line],
    known: date,
    source: Input | None,
) -> FormTexts:
    """What the award workbook says for the boxes as known, and the ledger. A report ends with the
    last month of the claims, or with the award where that is earlier."""
    recipient = network.organization(award.recipient)
    through = max(p.through for _, p in ledger.bases)
    texts = {
        "agency": award.agency,
        "uei": recipient.uei,
        "ein": recipient.ein,
        "award_from": f"{award.period.start}",
        "award_to": f"{award.period.end or ''}",
        "report_end": f"{min(through.last, award.period.last)}",
        "number": _number(ledger, award.fain, period.label, source),
        **_days_of_costs(period, lines),
        **network.entries(award.fain, known),
    }
    return tuple((name, text) for name, text in texts.items() if text)


def _days_of_costs(period: BudgetPeriod, lines: Iterable[Line]) -> dict[str, str]:
    """The days over which the costs of a request lie: its first to its last service month, inside
    the budget period."""
    months = sorted(line.month for line in lines if line.amount)
    if not months:
        return {}
    first, last = max(months[0].first, period.days.start), min(months[-1].last, period.days.last)
    return {"costs_from": f"{first}", "costs_to": f"{last}"}


def _number(ledger: Ledger, award: str, budget_period: str, source: Input | None) -> str:
    """Which request of the budget period this is, where a ledger is kept that records requests;
    else nothing."""
    asked = [act for act in ledger.acts if isinstance(act, Requested)]
    before = sum((act.award, act.budget_period) == (award, budget_period) for act in asked)
    return f"{before + 1}" if source or asked else ""


def authorized_so_far(award: Award, through: Month, known: date) -> int:
    """Cents of federal funds authorized for the budget periods of an award that began by the end of
    a month, as known; a period of which no amount is in force yet has none."""
    began = (p for p in award.budget_periods if p.days.start <= through.last)
    obligated = (p.amount.find(p.days.last, known) for p in began)
    return sum(fact.value for fact in obligated if fact)
