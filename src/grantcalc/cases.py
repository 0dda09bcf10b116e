"""Worked cases: a program's figures that a reader can follow with a pencil, kept beside its terms
and run as tests.

A case file is `programs/<id>.case.toml`. It is read strictly: a key that this module does not know
is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

from attrs import fields_dict, frozen

from grantcalc.awards import Award, BudgetPeriod, Organization, Subaward
from grantcalc.billing.caseload import (
    Absence,
    Caseload,
    Characteristic,
    Cost,
    Count,
    Enrollment,
    Household,
    OpeningBalance,
    PersonStatus,
    Registration,
    SiteFigure,
    UnitsUsed,
)
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.elsewhere import EnrolledElsewhere
from grantcalc.declared import checked
from grantcalc.eligibility import Letter, Participant
from grantcalc.errors import Unknown
from grantcalc.known import Fact, Series
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import request
from grantcalc.money import Cents, dollars, parse_amount, whole_cents
from grantcalc.network import Network
from grantcalc.periods import Interval, Month
from grantcalc.provenance import Authority
from grantcalc.terms import Filling, Terms, fill_terms, load_terms

__all__ = ["Case", "Worked", "worked_cases"]

SAYS = Authority("worked case, illustrative")
FAIN, ISSUER, PERIOD = "CASE-1", "SITE", "budget period"


@frozen(kw_only=True)
class Case:
    """One worked case of a program: what is known, to which month, and what must come out."""

    title: str
    terms: Terms
    network: Network
    caseload: Caseload
    through: Month
    known: date
    advanced: Cents
    expect: Mapping[str, Any]

    def claim(self) -> Claim:
        """The case billed, by the same code as everything else."""
        return bill(self.caseload, self.network, self.through, self.known)

    def differences(self) -> list[str]:
        """Where what came out is not what the case expects; nothing when all is to the cent."""
        claim = self.claim()
        ledger = Ledger().post(claim).with_request(self.known, FAIN, PERIOD, self.advanced)
        asked = request(ledger, self.network, FAIN, PERIOD, self.known)
        pairs = {
            "earned": claim.earned.amount,
            "held_back": -claim.held_back.amount,
            "total": claim.total.amount,
            "requested": asked.amount.amount,
        }
        wrong = [
            f"{self.title}: {name} is {pairs[name]}, should be {wanted}"
            for name, wanted in self.expect.items()
            if name != "lines" and pairs[name] != Decimal(str(wanted))
        ]
        if "lines" in self.expect:
            lines = sorted(claim.lines, key=lambda x: (x.subaward, x.month, x.service, x.pool, x.phase, x.category))
            said = [_said(line, wanted) for line, wanted in zip(lines, self.expect["lines"], strict=False)]
            if said != self.expect["lines"] or len(lines) != len(self.expect["lines"]):
                all_lines = [
                    {"month": str(x.month), "amount": str(dollars(x.amount)), "quantity": _quantity(x)} for x in lines
                ]
                wrong.append(f"{self.title}: lines are {all_lines}, should be {self.expect['lines']}")
        return wrong


@frozen
class Worked:
    """The worked cases of a program, how a reader follows them, and which figures are
    illustrative."""

    says: str
    illustrative: tuple[str, ...]
    cases: tuple[Case, ...]


@checked
def worked_cases(id: str) -> Worked:
    """The worked cases of a program that ships with the library; `Unknown` where there is none."""
    file = resources.files("grantcalc") / "programs" / f"{id}.case.toml"
    if not file.is_file():
        raise Unknown("worked case", "a program that ships with one", length=len(id))
    return worked_of(file.read_text("utf-8"), load_terms(id))


def worked_of(text: str, terms: Terms) -> Worked:
    """The worked cases that a file says of some terms."""
    document = tomllib.loads(text, parse_float=Decimal)
    return Worked(
        document["says"].strip(), tuple(document["illustrative"]), tuple(_case(c, terms) for c in document["case"])
    )


def _filled_terms(shipped: Terms, said: Mapping[str, Any], award: Mapping[str, Any]) -> Terms:
    """What the award fills in is known with the award, and holds as long as the terms do, or from
    the end of theirs."""
    since = max(award["awarded"], shipped.published)
    opened = {o.key: o.since or date.min for o in shipped.opens}
    fillings = [
        Filling(
            term=key,
            value=_filled(value),
            effective=max(min(award["start"], since), opened.get(key, date.min)),
            published=since,
            authority=SAYS,
        )
        for key, value in said.items()
    ]
    return fill_terms(shipped, fillings)


def _case(c: Mapping[str, Any], shipped: Terms) -> Case:
    _only(c, f"title through known award state fill subawards {' '.join(_ROWS)} advanced expect")
    known: date = c["known"]
    award = c["award"]
    days = Interval(award["start"], award["end"])
    terms = _filled_terms(shipped, c.get("fill", {}), award)
    obligated = _cents(award.get("amount", "999999999.00 USD"))
    period = BudgetPeriod(PERIOD, days, Series("amount", [Fact(Cents(obligated), days.start, award["awarded"], SAYS)]))

    def amount(s: Mapping[str, str]) -> Series[int]:
        obligated = [Fact[int](Cents(_cents(s["amount"])), days.start, award["awarded"], SAYS)] if "amount" in s else []
        return Series(f"amount of subaward {s['id']}", obligated)

    subawards = [
        Subaward(id=s["id"], parent=FAIN, subrecipient="SITE", period=days, amount=amount(s))
        for s in c.get("subawards", [{"id": "S-1"}])
    ]
    network = Network(
        report_date=award["awarded"],
        organizations=(
            Organization(id="RECIPIENT", name="Recipient"),
            Organization(id="SITE", name="Site", state=c.get("state", "")),
        ),
        awards=(
            Award(
                fain=FAIN,
                recipient="RECIPIENT",
                agency="HHS",
                listing="93.000",
                awarded=award["awarded"],
                period=days,
                terms=terms,
                budget_periods=(period,),
            ),
        ),
        subawards=tuple(subawards),
    )
    advanced = _cents(c["advanced"]) if "advanced" in c else Cents(0)
    return Case(
        title=c["title"],
        terms=terms,
        network=network,
        caseload=_caseload(c, known),
        through=Month.parse(c["through"]),
        known=known,
        advanced=advanced,
        expect=c["expect"],
    )


_ROWS: Mapping[str, tuple[type, str]] = {
    "participants": (Registration, "id age_group arrived eligible"),
    "statuses": (PersonStatus, "participant status effective published"),
    "letters": (Letter, "participant kind start end published"),
    "households": (Household, "participant start end family minors published"),
    "enrollments": (Enrollment, "participant subaward service start end restored published"),
    "costs": (Cost, "participant subaward service category amount month paid published"),
    "counts": (Count, "subaward service phase month quantity unit class published"),
    "units": (UnitsUsed, "participant subaward service day quantity unit class published"),
    "absences": (Absence, "participant kind start end hours published"),
    "figures": (SiteFigure, "subaward figure value effective published"),
    "elsewhere": (EnrolledElsewhere, "participant start end from published"),
    "characteristics": (Characteristic, "participant subaward characteristic word number effective published"),
    "openings": (OpeningBalance, "participant from window pool amount phase months published"),
}
"""What each kind of row of a worked case is, and the keys that it may have."""
_FIELDS = {"from": "given_by", "id": "participant", "class": "rate_class", "figure": "name"}
"""The keys of a worked case that are not the names of fields."""


def _caseload(c: Mapping[str, Any], known: date) -> Caseload:
    rows: dict[str, Any] = {}
    for name, (kind, keys) in _ROWS.items():
        for row in c.get(name, []):
            _only(row, keys)
        rows[name] = tuple(kind(**_facts(kind, n, row, known)) for n, row in enumerate(c.get(name, [])))
    return Caseload(issuer=ISSUER, report_date=known, **rows)


def _facts(kind: type, number: int, row: Mapping[str, Any], known: date) -> dict[str, Any]:
    """The fields of a row of a worked case: amounts as cents, months as months, and what goes
    without saying."""
    usual = {"published": known, "subaward": "S-1", "award": FAIN, "phase": "", "category": "", "participant": None}
    said: dict[str, Any] = {key: value for key, value in usual.items() if key in fields_dict(kind)}
    said |= {_FIELDS.get(key, key): value for key, value in row.items()}
    if said.get("participant"):
        said["participant"] = Participant(ISSUER, said["participant"])
    if "start" in said:
        said["days"] = Interval(said.pop("start"), said.pop("end", None))
    if "amount" in said:
        said["amount"] = _cents(said["amount"])
    for name in {"value", "number"} & said.keys():
        said[name] = Decimal(said[name])
    if kind is Characteristic and said["participant"]:
        said["subaward"] = ""
    if "month" in said:
        said["month"] = Month.parse(said["month"])
    if kind is Cost:
        month = said.pop("month")
        said |= {"months": (month,), "paid": said.get("paid") or month.first, "reference": str(number)}
    return said


def _filled(value: object) -> str | int | Decimal:
    """Money as the award workbook would hold it, a word, or a number."""
    if isinstance(value, str) and value.endswith(" USD"):
        return parse_amount(value)
    assert isinstance(value, str | int | Decimal)
    return value


def _cents(text: str) -> Cents:
    return Cents(whole_cents(parse_amount(text)))


def _only(table: Mapping[str, Any], keys: str) -> None:
    if unknown := set(table) - {*keys.split()}:
        raise Unknown("key of a worked case", keys, first := min(unknown), len(first))


def _quantity(line: Any) -> str:
    return str(line.quantity) if line.divisor == 1 else f"{line.quantity}/{line.divisor}"


def _said(line: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a line says of the things that a case speaks of."""
    says = {
        "month": str(line.month),
        "amount": str(dollars(line.amount)),
        "quantity": _quantity(line),
        "reason": str(line.reason or ""),
        "service": line.service,
        "subaward": line.subaward,
        "pool": line.pool,
        "phase": line.phase,
        "category": line.category,
    }
    return {key: says[key] for key in wanted}
