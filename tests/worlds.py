"""Award worlds made by hand: one award of one recipient, its subawards, and caseloads of a few
rows.

Each builder takes what a test is about and fills in the rest: days are written like 2024-03-10,
amounts are cents, all is published long ago, and every figure is ILLUSTRATIVE. Terms are written as
in `tests/worked.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from grantcalc import Caseload, Claim, Interval, Ledger, Month, Network, Participant, Request, bill, requests
from grantcalc.awards import Award, BooksFigure, BudgetPeriod, Disallowance, Organization, Subaward
from grantcalc.billing import Absence, Cost, Enrollment, Registration, SiteFigure
from grantcalc.known import Fact, Series
from grantcalc.money import Cents
from grantcalc.provenance import Authority
from grantcalc.terms import Terms

FAIN = "90ZV0001"
SITES = ("SITE", "A", "B")
"""Organizations that may report; the first is the recipient, and reports unless others are
named."""
LONG_AGO = date(2000, 1, 1)
REPORT = date(2025, 12, 31)
RECORD = Authority("a record of the test")


def day(text: str) -> date:
    """A day written like 2024-03-10."""
    return date.fromisoformat(text)


def days(first: str, last: str | None) -> Interval:
    """The days from one to another, or without an end."""
    return Interval(day(first), day(last) if last else None)


def obligated(cents: int | None) -> Series[int]:
    """An amount obligated long ago; None is no amount at all."""
    return Series("amount", () if cents is None else (Fact(Cents(cents), LONG_AGO, LONG_AGO, RECORD),))


@frozen
class Sub:
    """A subaward: its number, what it stands under (the award, unless another is named), its
    amount, and who reports for it."""

    id: str = "S-1"
    cents: int | None = None
    parent: str = FAIN
    reporters: tuple[str, ...] = ("SITE",)


@frozen
class Period:
    """A budget period: its label, its days, and its amount."""

    label: str = "BP"
    first: str = "2024-01-01"
    last: str = "2024-12-31"
    cents: int = 10**9


def network(
    terms: Terms,
    subs: Sequence[Sub] = (Sub(),),
    periods: Sequence[Period] = (Period(),),
    awarded: date = LONG_AGO,
    **rows: Any,
) -> Network:
    """An award of these terms over its budget periods, with subawards for as long; `rows` are other
    rows of the award workbook."""
    span = days(periods[0].first, periods[-1].last)
    budget = tuple(BudgetPeriod(p.label, days(p.first, p.last), obligated(p.cents)) for p in periods)
    award = Award(
        fain=FAIN,
        recipient="SITE",
        agency="HHS",
        listing="93.598",
        awarded=awarded,
        period=span,
        terms=terms,
        budget_periods=budget,
    )
    organizations = tuple(Organization(id=name, name=f"{name.title()} (illustrative)", state="VA") for name in SITES)
    passed = tuple(
        Subaward(
            id=s.id,
            parent=s.parent,
            subrecipient="SITE",
            period=span,
            amount=obligated(s.cents),
            reported_by=s.reporters,
        )
        for s in subs
    )
    return Network(report_date=LONG_AGO, organizations=organizations, awards=(award,), subawards=passed, **rows)


def who(pseudonym: str, issuer: str = "SITE") -> Participant:
    """A participant."""
    return Participant(issuer, pseudonym)


def enrolled(person: Participant, first: str, last: str | None = None, sub: str = "S-1") -> Enrollment:
    """Days enrolled at a subaward."""
    return Enrollment(participant=person, subaward=sub, days=days(first, last), published=LONG_AGO)


def absent(person: Participant, first: str, last: str | None = None, kind: str = "other", hours: int = 0) -> Absence:
    """Days away."""
    return Absence(participant=person, kind=kind, days=days(first, last), published=LONG_AGO, hours=hours)


def cost(
    person: Participant | None,
    cents: int,
    month: str,
    sub: str = "S-1",
    service: str = "costs",
    reference: str = "V-1",
    published: date = LONG_AGO,
) -> Cost:
    """A cost of one service month, paid on its first day; a credit when negative."""
    months = (Month.parse(month),)
    return Cost(
        participant=person,
        subaward=sub,
        service=service,
        category="",
        amount=Cents(cents),
        paid=day(f"{month}-01"),
        months=months,
        reference=reference,
        published=published,
    )


def figure(name: str, value: str, sub: str = "S-1") -> SiteFigure:
    """A figure of the site, from long ago."""
    return SiteFigure(subaward=sub, name=name, value=Decimal(value), effective=LONG_AGO, published=LONG_AGO)


def books(name: str, value: str, label: str = "BP") -> BooksFigure:
    """A figure of the recipient's books."""
    return BooksFigure(
        award=FAIN, budget_period=label, name=name, value=Decimal(value), effective=LONG_AGO, published=LONG_AGO
    )


def disallowed(cents: int, month: str, service: str, sub: str = "S-1", reference: str = "D-1") -> Disallowance:
    """A part of what was billed that is not allowed."""
    return Disallowance(
        subaward=sub,
        service=service,
        month=Month.parse(month),
        amount=Cents(cents),
        reference=reference,
        published=LONG_AGO,
    )


def caseload(people: Iterable[Participant], issuer: str = "SITE", report: date = REPORT, **rows: Any) -> Caseload:
    """A caseload of these participants and rows."""
    registered = tuple(Registration(person) for person in people)
    given: dict[str, Any] = {kind: tuple(found) for kind, found in rows.items()}
    return Caseload(issuer=issuer, report_date=report, participants=registered, **given)


def asked(claim: Claim, of: Network) -> Request:
    """The one request that follows from a claim."""
    (found,) = requests(Ledger().post(claim), of)
    return found


def allowed_of(claim: Claim | Request) -> dict[str, int]:
    """What stands at each subaward, in cents."""
    sums: dict[str, int] = {}
    for line in claim.lines:
        sums[line.subaward] = sums.get(line.subaward, 0) + line.amount
    for reduction in claim.reductions:
        sums[reduction.line.subaward] += reduction.amount
    return sums


def billed(load: Caseload | Sequence[Caseload], of: Network, through: str, known: date | None = None) -> Claim:
    """The claim through a month."""
    return bill(load, of, Month.parse(through), known)
