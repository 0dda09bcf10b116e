"""A small program from real workbooks: one award, two subrecipients with a caseload each, terms
beside the award.

Invented throughout. It has what a document can have: counted lines, a new rate, paid months that
run out, costs and a credit, a bare count, ceilings that hold back, notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import frozen

from grantcalc.billing.claims import Claim, bill
from grantcalc.io.exchange.journal import as_ledger_input, to_lines
from grantcalc.io.inputs import read_award, read_caseload, read_claim
from grantcalc.io.intake.cells import open_book
from grantcalc.io.intake.templates import write_input
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.read_claim import as_input
from grantcalc.io.issued.requestbook import write_request
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import assemble, requests
from grantcalc.money import Cents
from grantcalc.network import Network
from grantcalc.periods import Month

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

TERMS = """
format = 1
id = "small"
title = "ILLUSTRATIVE: a small program"
status = "illustrative"
effective = 2011-10-01
published = 2011-09-30
[cite]
manual = "ILLUSTRATIVE: Manual, section 4"
[phases]
certified = ["certification_letter", "eligibility_letter"]
waiting = []
[services.care]
title = "Care"
pool = "administration"
cite = "manual"
count = { open = "count", cite = "manual" }
rates = [
    { phase = "certified", open = "rate.certified", cite = "manual" },
    { phase = "waiting", value = "200.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
]
months = [{ phase = "waiting", value = 1, effective = 2011-10-01, published = 2011-09-30, cite = "manual" }]
[services.expenses]
title = "Expenses"
pool = "direct"
cite = "manual"
count = "actual_cost"
categories = ["food", "rent"]
[services.meals]
title = "Meals"
pool = "direct"
cite = "manual"
count = "any_day"
rates = [{ value = "0.2375 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" }]
[ceilings.person]
title = "Ceiling of a participant"
cite = "manual"
window = "budget_period"
amounts = [
    { tier = "alone", value = "700.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
    { tier = "with_family", value = "900.00 USD", effective = 2011-10-01, published = 2011-09-30, cite = "manual" },
]
"""

FIRST, LAST, REPORT = date(2011, 10, 1), date(2012, 9, 30), date(2012, 1, 15)
KNOWN_FIRST = date(2011, 9, 30)
THROUGH = Month(2011, 12)
FAIN = "90ZV0101"

AWARD: Rows = {
    "Document": [{"issuer": "PRIME", "report_date": REPORT, "label": "ILLUSTRATIVE"}],
    "Organizations": [
        {"id": "PRIME", "name": "Prime & Daughters (illustrative)", "uei": "ABCDEFGH1JK2", "state": "VA"},
        {"id": "SUB-A", "name": "Subrecipient A (illustrative)", "ein": "12-3456789", "state": "TX"},
        {"id": "SUB-B", "name": "Subrecipient B (illustrative)", "state": "Georgia"},
    ],
    "Awards": [
        {
            "fain": FAIN,
            "recipient": "PRIME",
            "agency": "HHS/ACF",
            "listing": "93.598",
            "awarded": KNOWN_FIRST,
            "start": FIRST,
            "end": LAST,
            "terms": "small.toml",
        }
    ],
    "Budget periods": [{"fain": FAIN, "label": "Year 1", "start": FIRST, "end": LAST, "amount": Decimal("2500.00")}],
    "Subawards": [
        {
            "id": "S-A",
            "parent": FAIN,
            "subrecipient": "SUB-A",
            "start": FIRST,
            "end": LAST,
            "amount": Decimal("2000.00"),
        },
        {"id": "S-B", "parent": FAIN, "subrecipient": "SUB-B", "start": FIRST, "end": LAST},
    ],
    "Amendments": [
        {"of": FAIN, "label": "Year 1", "reference": "1", "amount": Decimal("2750.00"), "effective": date(2011, 12, 1)}
    ],
    "Areas": [{"holder": FAIN, "place": "Region 6", "serves": "yes", "effective": FIRST}],
    "Terms": [
        {
            "fain": FAIN,
            "term": term,
            "value": value,
            "effective": effective,
            "published": published,
            "source": "Award letter (illustrative)",
        }
        for term, value, effective, published in (
            ("count", "actual_days", FIRST, KNOWN_FIRST),
            ("rate.certified", Decimal("310.50"), FIRST, KNOWN_FIRST),
            ("rate.certified", Decimal("333.33"), date(2011, 12, 1), date(2011, 11, 15)),
        )
    ],
    # known only years later: no document of these tests sees it
    "Disallowances": [
        {
            "subaward": "S-A",
            "service": "care",
            "month": "2011-11",
            "amount": Decimal("1.00"),
            "reference": "D-1",
            "published": date(2013, 1, 2),
        }
    ],
    "Books": [
        {
            "fain": FAIN,
            "label": "Year 1",
            "figure": "cash_receipts",
            "value": Decimal("100.00"),
            "effective": date(2012, 12, 31),
            "published": date(2013, 1, 2),
        }
    ],
    "Form entries": [{"fain": FAIN, "entry": "basis", "value": "cash", "published": date(2013, 1, 2)}],
}

PSEUDONYMS = ("P-7731", "P-7732", "P-7733")
REFERENCES = ("V-5512", "V-5513", "V-5514", "V-5515")


def _cost(participant: str, category: str, amount: str, paid: date, reference: str, months: str = "") -> dict[str, Any]:
    return {
        "participant": participant,
        "subaward": "S-A",
        "service": "expenses",
        "category": category,
        "amount": Decimal(amount),
        "paid": paid,
        "months": months or None,
        "reference": reference,
    }


CASELOAD_A: Rows = {
    "Document": [{"issuer": "SUB-A", "report_date": REPORT, "label": "ILLUSTRATIVE"}],
    "Participants": [
        {"participant": "P-7731", "age_group": "adult"},
        {"participant": "P-7732", "age_group": "child", "arrived": date(2011, 10, 3), "eligible": date(2011, 11, 2)},
        {"participant": "P-7733", "age_group": "adult"},
    ],
    "Letters": [
        {"participant": "P-7731", "kind": "certification_letter", "start": date(2011, 10, 12)},
        {"participant": "P-7732", "kind": "eligibility_letter", "start": date(2011, 10, 12)},
    ],
    "Households": [{"participant": "P-7732", "start": FIRST, "end": date(2011, 11, 30), "family": 2}],
    "Enrollment": [
        {"participant": "P-7731", "subaward": "S-A", "start": date(2011, 10, 12)},
        {"participant": "P-7732", "subaward": "S-A", "start": date(2011, 10, 12), "restored": "no"},
        {"participant": "P-7733", "subaward": "S-A", "start": date(2011, 10, 20), "end": date(2011, 12, 7)},
    ],
    "Costs": [
        _cost("P-7731", "food", "84.15", date(2011, 12, 2), "V-5512"),
        _cost("P-7731", "food", "-4.15", date(2011, 12, 9), "V-5513", "2011-12"),
        _cost("P-7732", "rent", "100.00", date(2011, 12, 2), "V-5514", "2011-10 to 2011-12"),
        _cost("P-7732", "food", "15.85", date(2011, 12, 2), "V-5515"),
    ],
    "Counts": [{"subaward": "S-A", "service": "meals", "month": "2011-11", "quantity": 154}],
}

CASELOAD_B: Rows = {
    "Document": [{"issuer": "SUB-B", "report_date": date(2012, 1, 10)}],
    "Participants": [{"participant": "Q-1", "age_group": "adult"}],
    "Enrollment": [{"participant": "Q-1", "subaward": "S-B", "start": date(2011, 11, 16)}],
}


def write(folder: Path, kind: Literal["award", "caseload"], rows: Rows, name: str = "") -> Path:
    """An input workbook in a folder, with the terms file beside it."""
    (folder / "small.toml").write_text(TERMS, "utf-8", newline="\n")
    write_input(kind, rows, path := folder / (name or f"{kind}.xlsx"))
    return path


def inputs(folder: Path) -> Path:
    """The folder, filled with the inputs of a claim."""
    folder.mkdir(exist_ok=True)
    write(folder, "award", AWARD)
    write(folder, "caseload", CASELOAD_A, "caseload-a.xlsx")
    write(folder, "caseload", CASELOAD_B, "caseload-b.xlsx")
    return folder


def network(folder: Path) -> Network:
    """The award workbook of the folder."""
    return read_award(folder / "award.xlsx")


def claim(folder: Path, *names: str) -> Claim:
    """What the caseloads of the folder earn: of those named, or of both."""
    loads = [read_caseload(folder / f"caseload-{name}.xlsx") for name in names or ("a", "b")]
    return bill(loads, network(folder), THROUGH)


def request(folder: Path, out: Path) -> None:
    """A request from a claim of each caseload; the claims go into the folder."""
    claims = []
    for name in ("a", "b"):
        write_claim(claim(folder, name), path := folder / f"claim-{name}.xlsx")
        claims.append(as_input(read_claim(path), open_book(path)))
    write_request(requests(assemble(claims), network(folder)), out)


def ask(folder: Path, out: Path) -> None:
    """A request from a ledger in which one stands already and a subaward is held; its export goes
    into the folder."""
    ledger = Ledger().post(claim(folder).counted()).with_request(REPORT, FAIN, "Year 1", Cents(12_345))
    ledger = ledger.hold("S-B", "A visit (illustrative)", REPORT)
    (folder / "ledger.jsonl").write_text(to_lines(ledger), "utf-8", newline="\n")
    write_request(requests(ledger, network(folder), source=as_ledger_input(ledger, "ledger.db")), out)


@frozen
class World:
    """A folder of inputs; and what was issued from them: a claim that goes up, one with
    participants, a request, and one from a ledger."""

    inputs: Path
    documents: Mapping[str, Path]


def world(made: pytest.TempPathFactory) -> World:
    """The small program, issued once for all tests: none of them changes it."""
    base = made.getbasetemp() / "small"
    found = World(base / "inputs", {name: base / f"{name}.xlsx" for name in ("claim", "detailed", "request", "ledger")})
    if not base.exists():
        base.mkdir()
        earned = claim(inputs(found.inputs))
        write_claim(earned, found.documents["claim"])
        write_claim(earned, found.documents["detailed"], detail=True)
        request(found.inputs, found.documents["request"])
        ask(found.inputs, found.documents["ledger"])
    return found
