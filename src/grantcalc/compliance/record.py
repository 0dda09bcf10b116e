"""What the tests of an award need to know beyond what billing needs: the record sheets of the award
workbook.

Every fact may be missing. A test that needs one says then that it was not made; a missing fact is
never a pass.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from attrs import evolve, field, frozen

from grantcalc.declared import declared
from grantcalc.keys import KEYS, in_force
from grantcalc.provenance import ADDED_LATER, NOWHERE, Source

INDIRECT = ("negotiated", "de_minimis", "none")
AGREEMENTS = ("fixed_amount", "cost_reimbursement", "both")


@frozen(kw_only=True, field_transformer=declared)
class AwardRecord:
    """Of an award: what a subaward must say of it, how indirect cost is charged, and what the
    agency requires.

    `final_report` is the day on which the final financial report went in, None while it has not.
    `gross_income` is the recipient's in its previous tax year. Amounts are cents.
    """

    fain: str
    description: str = ""
    listing_title: str = ""
    research: bool | None = None
    contact: str = ""
    indirect: str = ""
    indirect_rate: Fraction | None = None
    cost_sharing: bool | None = None
    transfers_restricted: bool | None = None
    total_budget: int | None = None
    final_report: date | None = None
    gross_income: int | None = field(default=None, kw_only=True)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class SubawardRecord:
    """Of a subaward: when it was made and reported, what kind of agreement it is, and what it says.
    Amounts are cents.

    `fixed` is the part of it that is a fixed amount. `reported` and `final_report` are None while
    they have not happened.
    """

    subaward: str
    made: date | None = None
    uei_on: date | None = None
    agreement: str = ""
    fixed: int | None = None
    approved: date | None = None
    reported: date | None = None
    budget_start: date | None = None
    budget_end: date | None = None
    obligated_in_all: int | None = None
    committed: int | None = None
    indirect: str = ""
    indirect_rate: Fraction | None = None
    final_report: date | None = None
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class BudgetLine:
    """A category of the approved budget of an award, in cents, and whether modified total direct
    cost counts it.

    The category `indirect` is the indirect cost itself. Subawards are not among the categories:
    they are known.
    """

    fain: str
    category: str
    amount: int
    in_mtdc: bool
    published: date = field(default=date.min, metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class Transfer:
    """Funds moved among direct cost categories of an award's budget, in cents, and when that was
    approved, if it was."""

    fain: str
    on: date
    amount: int
    approved: date | None = None
    reference: str = field(default="", metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


@frozen(kw_only=True, field_transformer=declared)
class FiscalYear:
    """What an organization expended of federal awards in its fiscal year, in cents, the day of the
    audit report, the day on which the reporting package was submitted, and whether it is a
    for-profit organization."""

    organization: str
    start: date
    expended: int
    audited: date | None = None
    submitted: date | None = None
    for_profit: bool | None = None
    source: Source = field(default=NOWHERE, eq=False)


@frozen(field_transformer=declared)
class ComplianceRecord:
    """The record sheets of an award workbook."""

    awards: tuple[AwardRecord, ...] = ()
    subawards: tuple[SubawardRecord, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    fiscal_years: tuple[FiscalYear, ...] = ()

    def as_known(self, known: date) -> ComplianceRecord:
        """The record with the rows of budget and fiscal years that hold as known on a day (Rulebook
        2.6)."""
        budget = in_force(self.budget, KEYS["Budget"], known)
        return evolve(self, budget=budget, fiscal_years=in_force(self.fiscal_years, KEYS["Fiscal years"], known))

    def of_award(self, fain: str) -> AwardRecord | None:
        """The record of an award, or None where there is no row for it."""
        return next((a for a in self.awards if a.fain == fain), None)

    def of_subaward(self, id: str) -> SubawardRecord | None:
        """The record of a subaward, or None where there is no row for it."""
        return next((s for s in self.subawards if s.subaward == id), None)
