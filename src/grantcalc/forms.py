"""The SF-270 and the SF-425, line by line, each with its formula and what it sums (Rulebook 9.1).

Amounts are cents. A line that neither the ledger nor the recipient's books give is None, and so is
what follows from it: a blank on the form, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from attrs import evolve, frozen

from grantcalc.declared import checked
from grantcalc.errors import Unknown
from grantcalc.form_boxes import FormBox, boxes_270, boxes_425, boxes_to_sign
from grantcalc.known import Fact, Series
from grantcalc.ledger.entries import RequestKind
from grantcalc.ledger.federal import Books
from grantcalc.ledger.requests import Request
from grantcalc.money import cents, round_half_away, share_of
from grantcalc.provenance import Authority

__all__ = ["Follows", "Form", "FormBox", "FormLine", "sf270", "sf425"]

BOOKS_SHEET = "the Books sheet"


@frozen
class Follows:
    """How a line follows from two others: their sum or difference."""

    one: str
    sign: Literal["+", "−"]
    other: str

    def __str__(self) -> str:
        return f"{self.one} {self.sign} {self.other}"


@frozen
class FormLine:
    """A line of a form: its letter, its caption, the amount, how it follows from other lines, and
    what it sums."""

    line: str
    caption: str
    amount: int | None
    formula: Follows | str = ""
    sums: str = ""


@frozen(kw_only=True)
class Form:
    """A federal form of an award, of one budget period or of several, with the certification that
    is to be signed.

    `boxes` hold no line of amounts; `to_sign` are those of the certifying official.
    """

    name: Literal["SF-270", "SF-425"]
    title: str
    award: str
    recipient: str
    budget_period: str
    through: str
    known: date
    lines: tuple[FormLine, ...]
    certification: str
    authority: Authority
    label: str = ""
    boxes: tuple[FormBox, ...] = ()
    to_sign: tuple[FormBox, ...] = ()

    def line(self, line: str) -> FormLine:
        """The line with this letter."""
        return next(x for x in self.lines if x.line == line)


_FORM = "2 CFR 200.415(a)"
_TEXT = (
    "By signing this report, I certify to the best of my knowledge and belief that the report is true, complete, and "
    "accurate, and the expenditures, disbursements and cash receipts are for the purposes and objectives set forth in "
    "the terms and conditions of the Federal award. I am aware that any false, fictitious, or fraudulent information, "
    "or the omission of any material fact, may subject me to criminal, civil or administrative penalties for fraud, "
    "false statements, false claims or otherwise. (U.S. Code Title 18, Section 1001 and Title 31, Sections 3729-3730 "
    "and 3801-3812)."
)
_SF270 = Authority("SF-270 (Rev. 7-97), item 13")
_OWN = "The certification that the award's own rules require; its text is not included here."
CERTIFICATIONS: Series[str] = Series(
    "certification",
    (
        Fact(_OWN, date(1, 1, 1), date(1, 1, 1), Authority("45 CFR 74 and 92", "to be checked against the award")),
        Fact(_TEXT, date(2014, 12, 26), date(2014, 12, 19), Authority("45 CFR 75.415(a)", "79 FR 75871, HHS awards")),
        Fact(_TEXT, date(2025, 10, 1), date(2024, 10, 1), Authority(_FORM, "2 CFR 300, for HHS awards")),
    ),
)
"""The certification of a fiscal report by the date of the award: which rules hold goes by award
date, for HHS awards (facts of 2 CFR 300)."""
PRINTED = (
    "I certify that to the best of my knowledge and belief the data on the reverse are correct and that all outlays "
    "were made in accordance with the grant conditions or other agreement and that payment is due and has not been "
    "previously requested."
)
"""The sentence that the SF-270 itself prints (Rev. 7-97), item 13."""


@checked
def sf270(request: Request, *, kind: RequestKind | None = None) -> Form:
    """Request for Advance or Reimbursement: line 11 of a reimbursement, or line 12 of an advance,
    not both.

    `kind` asks for line 11 or line 12; by default it is line 12 of a request for an advance of
    which line 12c is the amount that is requested, and else line 11, which holds an advance on its
    line d.
    """
    books = Books(request.books)
    line_12 = kind == "advance" or (
        kind is None and request.kind == "advance" and _advance(books) == cents(request.amount)
    )
    if line_12:
        estimated = books.cents("outlays_estimated")
        on_hand = _minus(books.cents("cash_receipts"), books.cents("cash_disbursements"))
        lines = [
            FormLine("12a", "Estimated Federal cash outlays for the advance period", estimated, "", BOOKS_SHEET),
            FormLine("12b", "Less: estimated Federal cash on hand", on_hand, "", "receipts less disbursements"),
            FormLine("12c", "Amount requested", _minus(estimated, on_hand), Follows("12a", "−", "12b")),
        ]
        boxes = boxes_270(evolve(request, kind="advance"), line_12)
        return evolve(_form("SF-270", "Request for Advance or Reimbursement", request, lines), boxes=boxes)
    cost = request.cost
    what = "Σ posted lines, less what ceilings hold back" + (", less holds" if request.on_hold else "")
    what += ", plus indirect cost" if cost.indirect else ""
    what += " as far as it is obligated" if cost.indirect and cost.indirect_cut else ""
    what += ", plus the recipient's share" if cost.recipient and cost.share is None else ""
    part = books.value("federal_share")
    share = "the recipient's share" if part is None else f"what a federal share of {part} leaves"
    now, asks = cost.federal - request.requested_before, ""
    follows: Follows | str = Follows("11g", "−", "11h")
    if request.closed_out:
        refund = cents(request.to_be_returned)
        asks = "to be returned, in no other request" if refund else "nothing"
        asks, now, follows = f"{asks}: the budget period was closed out", -refund, follows if now == -refund else ""
    ahead = _said(books, "outlays_estimated") + (", as far as it is obligated" if cost.estimated_cut else "")
    lines = [
        FormLine("11a", "Total program outlays to date", cost.outlays, "", what),
        FormLine("11b", "Less: cumulative program income", cost.income, "", _said(books, "program_income_deducted")),
        FormLine("11c", "Net program outlays", cost.net, Follows("11a", "−", "11b")),
        FormLine(
            "11d",
            "Estimated net cash outlays for advance period",
            cost.estimated,
            "",
            ahead,
        ),
        FormLine("11e", "Total", cost.whole, Follows("11c", "+", "11d")),
        FormLine("11f", "Non-Federal share of amount on line e", cost.non_federal, "", share),
        FormLine("11g", "Federal share of amount on line e", cost.federal, Follows("11e", "−", "11f")),
        FormLine("11h", "Federal payments previously requested", request.requested_before, "", "Σ requests posted"),
        FormLine("11i", "Federal share now requested", now, follows, asks),
    ]
    form = _form("SF-270", "Request for Advance or Reimbursement", request, lines)
    return evolve(form, boxes=boxes_270(request, line_12))


@checked
def sf425(request: Request | Sequence[Request]) -> Form:
    """Federal Financial Report: lines 10 a to o, and 11, cumulative.

    Of one request it reports one budget period. Of the requests of one award, one for each budget
    period, it reports the award: each line is the sum of the periods, and line 10d is what is
    authorized for every budget period that began. A line that is blank for one of them is blank.
    `Unknown` for requests of several awards.
    """
    several = (request,) if isinstance(request, Request) else tuple(request)
    if len({r.award for r in several}) != 1 or len({r.budget_period for r in several}) < len(several):
        raise Unknown("report", "requests of one award, one for each budget period", length=len(several))
    reports = [_report(r) for r in several]
    if len(several) == 1 and isinstance(request, Request):
        return reports[0]
    latest, authorized = several[-1], several[-1].authorized_in_all
    lines = [_summed(each, several) for each in zip(*(report.lines for report in reports), strict=True)]
    amounts = {line.line: line.amount for line in lines}
    amounts["10d"] = amounts["10d"] if authorized is None else authorized
    amounts["10h"] = _minus(amounts["10d"], amounts["10g"])
    told = {"10d": "obligated for the award, as known"}
    lines = [evolve(x, amount=amounts[x.line], sums=told.get(x.line, x.sums)) for x in lines]
    periods = ", ".join(r.budget_period for r in several)
    return evolve(reports[-1], lines=tuple(lines), budget_period=periods, through=str(latest.through))


def _summed(lines: Sequence[FormLine], several: Sequence[Request]) -> FormLine:
    """A line of the award: the sum of its budget periods, or a blank where one of them has none."""
    blank = [r.budget_period for x, r in zip(lines, several, strict=True) if x.amount is None]
    amount = None if blank else sum(x.amount or 0 for x in lines)
    sums = lines[-1].sums if len(lines) == 1 else "Σ budget periods"
    if blank and len(blank) < len(lines):
        sums = f"blank for {', '.join(blank)}"
    elif blank:
        sums = lines[-1].sums
    formulas = {x.formula for x in lines}
    formula = formulas.pop() if len(formulas) == 1 and isinstance(lines[0].formula, Follows) else ""
    return evolve(lines[-1], amount=amount, formula=formula, sums="" if formula and not blank else sums)


def _report(request: Request) -> Form:
    books, cost = Books(request.books), request.cost
    receipts, received_from = books.cents("cash_receipts"), BOOKS_SHEET
    if request.received is not None:
        receipts, received_from = request.received, "payments recorded in the ledger"
    paid = books.cents("cash_disbursements")
    owed, recipient = books.cents("unliquidated_obligations"), books.cents("recipient_share")
    total = None if owed is None else cost.spent + owed
    match = books.ratio("match")
    required = round_half_away(match.numerator * cost.spent, match.denominator) if match is not None else None
    if cost.share is not None:
        required = recipient = cost.outlays - cost.income - cost.spent
    income, deducted, added = (
        books.cents(name) for name in ("program_income", "program_income_deducted", "program_income_added")
    )
    spent = deducted if deducted is not None else added
    rate, base, charged = books.value("indirect_rate"), books.cents("indirect_base"), cost.indirect
    federal = share_of(cost.share, charged) if cost.share is not None else charged
    given = rate is not None and base is not None
    whole = given and not cost.indirect_cut
    said = f"{rate} × 11d, as far as it is obligated" if given and not whole else ""
    lines = [
        FormLine("10a", "Cash receipts", receipts, "", received_from),
        FormLine("10b", "Cash disbursements", paid, "", BOOKS_SHEET),
        FormLine("10c", "Cash on hand", _minus(receipts, paid), Follows("10a", "−", "10b")),
        FormLine("10d", "Total Federal funds authorized", request.authorized, "", "obligated, as known"),
        FormLine("10e", "Federal share of expenditures", cost.spent, "", "Σ posted lines, as on the SF-270"),
        FormLine("10f", "Federal share of unliquidated obligations", owed, "", BOOKS_SHEET),
        FormLine("10g", "Total Federal share", total, Follows("10e", "+", "10f")),
        FormLine(
            "10h", "Unobligated balance of Federal funds", _minus(request.authorized, total), Follows("10d", "−", "10g")
        ),
        FormLine("10i", "Total recipient share required", required, "", _required(books)),
        FormLine("10j", "Recipient share of expenditures", recipient, "", BOOKS_SHEET),
        FormLine(
            "10k", "Remaining recipient share to be provided", _minus(required, recipient), Follows("10i", "−", "10j")
        ),
        FormLine("10l", "Total Federal program income earned", income, "", BOOKS_SHEET),
        FormLine("10m", "Program income expended, deduction alternative", deducted, "", BOOKS_SHEET),
        FormLine("10n", "Program income expended, addition alternative", added, "", BOOKS_SHEET),
        FormLine(
            "10o",
            "Unexpended program income",
            _minus(income, spent),
            Follows("10l", "−", "10m" if added is None else "10n"),
        ),
        FormLine("11d", "Indirect cost: base", base, "", BOOKS_SHEET),
        FormLine(
            "11e", "Indirect cost: amount charged", charged if given else None, f"{rate} × 11d" if whole else "", said
        ),
        FormLine("11f", "Indirect cost: Federal share", federal if given else None, "", "of 11e"),
    ]
    return evolve(_form("SF-425", "Federal Financial Report", request, lines), boxes=boxes_425(request))


def _advance(books: Books) -> int | None:
    """Line 12c: estimated outlays less cash on hand."""
    on_hand = _minus(books.cents("cash_receipts"), books.cents("cash_disbursements"))
    return _minus(books.cents("outlays_estimated"), on_hand)


def _said(books: Books, name: str) -> str:
    return f"none on {BOOKS_SHEET}" if books.value(name) is None else BOOKS_SHEET


def _required(books: Books) -> str:
    if books.value("match") is not None:
        return f"{books.value('match')} for each federal dollar of 10e"
    return "what the federal share leaves" if books.value("federal_share") is not None else "no match is stated"


def _minus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def _form(name: Literal["SF-270", "SF-425"], title: str, request: Request, lines: Iterable[FormLine]) -> Form:
    says = CERTIFICATIONS.at(request.awarded, request.awarded)
    words, authority = (PRINTED, _SF270) if name == "SF-270" else (says.value, says.authority)
    return Form(
        name=name,
        title=title,
        award=request.award,
        recipient=request.recipient,
        budget_period=request.budget_period,
        through=str(request.through),
        known=request.known,
        lines=tuple(lines),
        certification=words,
        authority=authority,
        label=request.label,
        to_sign=boxes_to_sign(request),
    )
