"""Recipients, awards, amendments and subawards (2 CFR 200.1), and the shapes of their
identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen
from attrs.converters import optional

from grantcalc.declared import declared
from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.money import Cents, as_cents
from grantcalc.periods import Interval, Month
from grantcalc.provenance import ADDED_LATER, NOWHERE, Source
from grantcalc.terms import Terms

__all__ = [
    "Amendment",
    "Award",
    "BooksFigure",
    "BudgetPeriod",
    "Disallowance",
    "FormEntry",
    "Organization",
    "Subaward",
]

SHAPES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "UEI": (
        re.compile(r"(?!.*[0-9]{9})[1-9A-HJ-NP-Z][0-9A-HJ-NP-Z]{11}"),
        "12 letters and digits, no O or I, not beginning with 0, no run of nine digits",
    ),
    "EIN": (re.compile(r"[0-9]{2}-?[0-9]{7}"), "9 digits, like 12-3456789"),
    "FAIN": (
        re.compile(r"[0-9A-Z][0-9A-Z-]{0,28}[0-9A-Z]"),
        "2 to 30 capital letters, digits and hyphens, like 90ZV0101",
    ),
    "Assistance Listing": (re.compile(r"[0-9]{2}\.[0-9]{3}"), "text like 93.598"),
    "subaward number": (
        re.compile(r"[0-9A-Z][0-9A-Z./-]{0,29}"),
        "1 to 30 capital letters, digits, dots, slashes and hyphens",
    ),
}
"""Identifiers by shape only: the checksum of a UEI is not published (facts 4)."""


def shaped(kind: str, text: str) -> str:
    """`text` when it has the shape of such an identifier; otherwise `Unknown`."""
    pattern, expected = SHAPES[kind]
    if not pattern.fullmatch(text):
        raise Unknown(kind, expected, length=len(text))
    return text


@frozen(kw_only=True, field_transformer=declared)
class Organization:
    """A legal entity. Recipient and subrecipient are roles that it has in an award, not kinds of
    it.

    `state` is the postal code of the jurisdiction in which it works; it places its lines in an HHS
    region. `contact` is an office with its telephone, as documents show it.
    """

    id: str
    name: str
    uei: str = ""
    ein: str = ""
    state: str = ""
    contact: str = field(default="", metadata=ADDED_LATER)
    source: Source = field(default=NOWHERE, eq=False)


def amounts(series: Series[Any]) -> Series[int]:
    """A series of amounts that a caller gives, in the cents that are kept. TypeError for a bare
    number."""
    if not isinstance(series, Series):
        return series  # the field says so
    return Series(series.what, [evolve(fact, value=as_cents(fact.value)) for fact in series.facts])


@frozen(field_transformer=declared)
class BudgetPeriod:
    """A budget period of an award and the federal funds obligated for it, as amended.

    `amount` is given as a series of `Money`, or of `Cents`, and kept in cents; TypeError for bare
    numbers.
    """

    label: str
    days: Interval
    amount: Series[int] = field(converter=amounts)
    source: Source = field(default=NOWHERE, eq=False)

    def obligated(self, known: date) -> Fact[int]:
        """The federal funds obligated on its last day, as known, in cents (Rulebook 9.2);
        `NotInForce` where none."""
        return self.amount.at(self.days.last, known)


@frozen(kw_only=True, field_transformer=declared)
class Award:
    """A federal award to a recipient: its number (FAIN), period of performance, budget periods and
    terms.

    Awards that are `nationwide` cover every HHS region together. The budget periods need not reach
    the award's end: of an incrementally funded award later ones follow.
    """

    fain: str
    recipient: str
    agency: str
    listing: str
    awarded: date
    period: Interval
    terms: Terms
    budget_periods: tuple[BudgetPeriod, ...]
    source: Source = field(default=NOWHERE, eq=False)
    nationwide: bool = field(default=False, metadata=ADDED_LATER)


AMENDMENT_KINDS = ("continuation", "supplement", "carry_over", "extension", "reduction")


@frozen(kw_only=True, field_transformer=declared)
class Amendment:
    """A later total for a budget period of an award, or for a subaward (then `budget_period` is
    empty); or a later last day of one of these, or of the award itself; or both. The amount is
    given as Money or Cents, and kept as Cents.

    `kind` is one of `AMENDMENT_KINDS`, or empty. The new totals of a carry-over leave the sum of
    the budget periods unchanged: what one gains, another loses.
    """

    of: str
    budget_period: str
    reference: str
    amount: Cents | None = field(converter=optional(as_cents))
    effective: date
    published: date
    source: Source = field(default=NOWHERE, eq=False)
    end: date | None = field(default=None, metadata=ADDED_LATER)
    kind: str = field(default="", metadata=ADDED_LATER)


@frozen(kw_only=True, field_transformer=declared)
class Disallowance:
    """A part of what was billed that is not allowed (2 CFR 200.1): a dated fact that billing reads
    (Rulebook 8.4).

    The amount is given as Money or Cents, and kept as Cents. A negative one with the same reference
    takes it back, in whole or in part.
    """

    subaward: str
    service: str
    month: Month
    amount: Cents = field(converter=as_cents)
    reference: str
    published: date
    source: Source = field(default=NOWHERE, eq=False)


FINANCIALS: Mapping[str, str] = {
    "federal_share": "The federal share of the cost, like 0.75. Without one the whole cost is federal.",
    "match": "What the recipient matches for each federal dollar, like 0.5, 3 or 1/2.2.",
    "recipient_share": "The recipient's share of expenditures to date, in dollars.",
    "program_income": "Federal program income earned to date, in dollars.",
    "program_income_deducted": "Program income spent to date under the deduction alternative, in dollars.",
    "program_income_added": "Program income spent to date under the addition alternative, in dollars.",
    "indirect_rate": "The rate of indirect cost, like 0.15 or 15%.",
    "indirect_base": "The base to date to which that rate applies, in dollars.",
    "cash_receipts": "Federal cash received to date, in dollars.",
    "cash_disbursements": "Federal cash disbursed to date, in dollars.",
    "unliquidated_obligations": "The federal share of unliquidated obligations, in dollars.",
    "outlays_estimated": "Net outlays estimated for the period of an advance, in dollars.",
}
"""The figures that a recipient's books give to a request and a financial report (SF-270, SF-425),
and what each is."""

RATIOS: Mapping[str, int] = {"federal_share": 1, "match": 9, "indirect_rate": 3}
"""Those of them that are no amount of money, and the most that each may be. A federal share is a
part of the cost. A match of more than 9 for each federal dollar, and a rate of more than three
times its base, are percentages typed without the sign: 15 for 0.15. Our own choice, of no
source."""


def wrong_figure(name: str, value: Decimal | Fraction) -> tuple[str, str] | None:
    """What is wrong with a figure of the books, and what was expected; None where nothing is."""
    if name in RATIOS:
        if 0 <= value <= RATIOS[name]:
            return None
        problem = "this share is more than the whole" if RATIOS[name] == 1 else "this ratio is too large"
        problem = "this ratio is below zero" if value < 0 else problem
        return problem, f"a number from 0 to {RATIOS[name]}; fifteen percent is 0.15 or 15%"
    if isinstance(value, Fraction) or value != value.quantize(Decimal("0.01"), context=_WIDE):
        return "this is not an amount of dollars and whole cents", "like 1234.50"
    return ("this figure cannot be negative", "0.00 or more") if value < 0 else None


_WIDE = Context(prec=60)  # more digits than any figure has, so that only a fraction of a cent is lost


@frozen(kw_only=True, field_transformer=declared)
class BooksFigure:
    """A figure of the recipient's books, to date, for one budget period of an award: dollars, or a
    ratio, which may be a fraction that no decimal is."""

    award: str
    budget_period: str
    name: str
    value: Decimal | Fraction
    effective: date
    published: date
    source: Source = field(default=NOWHERE, eq=False)


FORM_ENTRIES: Mapping[str, str] = {
    "account": "The recipient's own account or identifying number (SF-270 box 7, SF-425 box 5).",
    "address": "The recipient's address, with ZIP code.",
    "payee": "Who is paid, with address, if not the recipient (SF-270 box 10).",
    "subaccount": "The subaccount of the payment system.",
    "basis": "The basis of accounting: cash or accrual.",
    "payment": "partial or final (SF-270 box 1b).",
    "advance_from": "First day of the period that an advance covers, like 2012-01-31.",
    "advance_to": "Last day of the period that an advance covers.",
    "report_type": "quarterly, semi-annual, annual or final (SF-425 box 6).",
    "indirect_type": "The type of the indirect rate, such as provisional (SF-425 box 11a).",
    "indirect_from": "First day for which that rate holds.",
    "indirect_to": "Last day for which that rate holds.",
    "remarks": "Remarks (SF-425 box 12).",
    "official": "Name and title of the authorized certifying official.",
    "telephone": "Telephone of that official.",
}
"""What a recipient enters into the boxes of a form besides amounts, and what each is. E-mail
addresses, signatures and the day of signing are written by hand."""

FORM_WORDS: Mapping[str, tuple[str, ...]] = {
    "basis": ("cash", "accrual"),
    "payment": ("partial", "final"),
    "report_type": ("quarterly", "semi-annual", "annual", "final"),
}
FORM_DAYS = ("advance_from", "advance_to", "indirect_from", "indirect_to")
MOST_REMARKS = 2000


def wrong_entry(name: str, value: str) -> tuple[str, str] | None:
    """What is wrong with an entry of a form, and what was expected; None where nothing is."""
    if name in FORM_WORDS and value not in FORM_WORDS[name]:
        return "this box takes one of a few words", " or ".join(FORM_WORDS[name])
    if name in FORM_DAYS and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return "this box takes a day", "a day like 2012-01-31"
    if len(value) > MOST_REMARKS:
        return "this text does not fit into the box", f"at most {MOST_REMARKS} characters"
    return None


@frozen(kw_only=True, field_transformer=declared)
class FormEntry:
    """What a recipient enters into a box of the SF-270 or SF-425 of an award; the one published
    last holds."""

    award: str
    entry: str
    value: str
    published: date


@frozen(kw_only=True, field_transformer=declared)
class Subaward:
    """A subaward under an award, or under another subaward; `amount` is what is obligated, as
    amended: a series of `Money`, or of `Cents`, kept in cents; TypeError for bare numbers.

    A series without facts is a subaward without a ceiling of its own. `reported_by` names the
    organizations whose caseloads may report for it; empty means the subrecipient alone (Rulebook
    5.5).
    """

    id: str
    parent: str
    subrecipient: str
    period: Interval
    amount: Series[int] = field(converter=amounts)
    source: Source = field(default=NOWHERE, eq=False)
    reported_by: tuple[str, ...] = ()

    def obligated(self, known: date) -> Fact[int] | None:
        """What is obligated on the last day of its period, as known, in cents (Rulebook 7.4). None
        where no amount is published; `NotInForce` where one is that is not in force by then."""
        obligated = self.amount.as_known(known)
        return obligated.at(self.period.last.toordinal()) if obligated.facts else None
