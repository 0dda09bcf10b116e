"""The boxes of the SF-270 and the SF-425 that hold no line of amounts: numbered and captioned as
the forms print them.

A box that neither the award workbook nor the ledger fills is empty: a blank to be filled in by
hand, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from grantcalc.ledger.requests import Request
from grantcalc.periods import parse_date


@frozen
class FormBox:
    """A box of a form: its number, its caption, and what stands in it, a text or a day. An empty
    one is a blank."""

    box: str
    caption: str
    value: str | date = ""

    @property
    def label(self) -> str:
        """The number and the caption, as a person reads them."""
        return f"{self.box}. {self.caption}"


_SF270 = (
    ("1a", "Type of payment requested"),
    ("1b", "Final or partial"),
    ("2", "Basis of request"),
    ("3", "Federal sponsoring agency and element"),
    ("4", "Federal grant or other identifying number"),
    ("5", "Partial payment request number"),
    ("6", "Employer identification number"),
    ("7", "Recipient's account or identifying number"),
    ("8a", "Period covered by this request, from"),
    ("8b", "Period covered by this request, to"),
    ("9a", "Recipient organization"),
    ("9b", "Recipient's address"),
    ("10", "Payee, if not the recipient"),
    ("11 or 12", "Computation"),
)

_SF425 = (
    ("1", "Federal agency and organizational element"),
    ("2", "Federal grant or other identifying number"),
    ("3a", "Recipient organization"),
    ("3b", "Recipient's address, with ZIP code"),
    ("4a", "UEI"),
    ("4b", "EIN"),
    ("5", "Recipient's account or identifying number"),
    ("6", "Report type"),
    ("7", "Basis of accounting"),
    ("8a", "Project or grant period, from"),
    ("8b", "Project or grant period, to"),
    ("9", "Reporting period end date"),
    ("11a", "Indirect expense: type"),
    ("11b", "Indirect expense: rate"),
    ("11c", "Indirect expense: period from"),
    ("11c", "Indirect expense: period to"),
    ("12", "Remarks"),
)

_TO_SIGN = (
    ("13a", "Name and title of certifying official"),
    ("13b", "Signature of certifying official"),
    ("13c", "Telephone"),
    ("13d", "E-mail address"),
    ("13e", "Date submitted"),
)

BOX_NAMES = tuple(f"{box}. {caption}" for each in (_SF270, _SF425, _TO_SIGN) for box, caption in each)
"""What every box is called, with its number."""


def _filled(boxes: Iterable[tuple[str, str]], values: Iterable[str | date]) -> tuple[FormBox, ...]:
    return tuple(FormBox(box, caption, value) for (box, caption), value in zip(boxes, values, strict=True))


def boxes_270(request: Request, line_12: bool) -> tuple[FormBox, ...]:
    """Boxes 1 to 10 of a Request for Advance or Reimbursement. All requests for advances are on a
    cash basis."""
    said = dict(request.boxes)
    advance, both = request.kind == "advance", request.kind == "reimbursement" and request.cost.estimated > 0
    asked = "Advance" if advance else "Advance and reimbursement" if both else "Reimbursement"
    covered = ("advance_from", "advance_to") if advance or both else ("costs_from", "costs_to")
    first, last = (_day(said.get(name, "")) for name in covered)
    values = (
        asked,
        said.get("payment", "").capitalize(),
        "Cash" if advance or both else said.get("basis", "").capitalize(),
        said.get("agency", ""),
        request.award,
        said.get("number", ""),
        said.get("ein", ""),
        said.get("account", ""),
        first,
        last,
        request.recipient,
        said.get("address", ""),
        said.get("payee", ""),
        "Item 12, for an advance" if line_12 else "Item 11",
    )
    return _filled(_SF270, values)


def boxes_425(request: Request) -> tuple[FormBox, ...]:
    """Boxes 1 to 9, 11a to c and 12 of a Federal Financial Report, of the latest request of the
    award."""
    said = dict(request.boxes)
    values = (
        said.get("agency", ""),
        request.award,
        request.recipient,
        said.get("address", ""),
        said.get("uei", ""),
        said.get("ein", ""),
        said.get("account", ""),
        said.get("report_type", "").capitalize(),
        said.get("basis", "").capitalize(),
        _day(said.get("award_from", "")),
        _day(said.get("award_to", "")),
        _day(said.get("report_end", "")),
        said.get("indirect_type", ""),
        _rate(request),
        _day(said.get("indirect_from", "")),
        _day(said.get("indirect_to", "")),
        said.get("remarks", ""),
    )
    return _filled(_SF425, values)


def boxes_to_sign(request: Request) -> tuple[FormBox, ...]:
    """Box 13: who signs. Signature, e-mail address and day are written by hand."""
    said = dict(request.boxes)
    values = (
        said.get("official", ""),
        "",
        said.get("telephone", ""),
        "",
        "",
    )
    return _filled(_TO_SIGN, values)


def _day(text: str) -> str | date:
    return parse_date(text) if text else ""


def _rate(request: Request) -> str:
    return next((f"{f.value}" for f in request.books if f.name == "indirect_rate"), "")
