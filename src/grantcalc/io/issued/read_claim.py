"""A claim workbook in: the same claim, read from its cells alone; or every finding at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import evolve

from grantcalc.billing import format_1
from grantcalc.billing.claims import Claim, OpeningSum
from grantcalc.billing.fields import FIELDS, FieldKind, fields_but
from grantcalc.billing.lines import REDUCTION_KINDS, Draft, Line, Reducer, Reduction
from grantcalc.billing.parties import Party
from grantcalc.billing.reasons import CODES, Reason
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding, Inexact, Place, WorkbookRejected, refuse
from grantcalc.io.intake.cells import CellValue, WorkbookRead
from grantcalc.io.issued.claim_cells import ClaimRecord, ClaimSheet
from grantcalc.io.issued.claimbook import NOTES, RATES, SOURCES, TERMS_SHEET
from grantcalc.io.issued.summary import AWARDED, COVER_NAMES, HELD, LINES, SUMMARY
from grantcalc.known import Fact
from grantcalc.money import Rate, dollars
from grantcalc.periods import Month
from grantcalc.provenance import Authority, Input, Source, facts_digest
from grantcalc.terms import TermUsed
from grantcalc.terms.vocabulary import one_of
from grantcalc.xlsx.reader import warn


def claim_of_book(book: WorkbookRead, *, or_request: bool = False) -> Claim:
    """The claim of a workbook already opened; of a request, what it has in common with one."""
    sheets = {name: ClaimSheet(book, name) for name in (SUMMARY, LINES, HELD, RATES, TERMS_SHEET, NOTES, SOURCES)}
    missing = [name for name in sheets if name not in book.sheets]
    if missing:
        place = Place(book.file)
        wanted = "the sheets " + ", ".join(sheets)
        raise WorkbookRejected((place.finding("not_a_claim", "this is not a claim workbook", wanted),))
    warn(book.notes)
    findings: list[Finding] = []
    cover = {str(r[0].value): r for r in sheets[SUMMARY].pairs()}
    if "Issuers" not in cover and not or_request:
        findings.append(Place(book.file, SUMMARY).finding("claim", "there is no Issuers", "the issuers of a claim"))
    rates = {r.text("Rate no."): _rate(r) for r in sheets[RATES].table("Rate no.", "Rate", "Effective")}
    records = sheets[LINES].table("Line", "Subaward", "Amount")
    lines = [_line(r, rates) for r in records]
    held = sheets[HELD].table("Line", "Ceiling", "Held back")
    reductions = [_reduction(r, lines) for r in held if lines]
    _check_numbers(records)
    sheets[LINES].check_total("Amount", sum(x.amount for x in lines))
    sheets[HELD].check_total("Held back", sum(x.amount for x in reductions))
    parties = _parties(sheets[SUMMARY], lines, records)
    terms, inputs, openings = _terms(sheets[TERMS_SHEET]), _inputs(sheets[SOURCES]), _openings(sheets[SOURCES])
    notes = _notes(sheets[NOTES])
    through, known = _month(cover, "Service through", findings, book), _day(cover, "As known on", findings, book)
    label = sheets[SUMMARY].paragraph()
    for sheet in sheets.values():
        findings += sheet.findings
    refuse(findings, WorkbookRejected)
    issuers = tuple(x for x in _text(cover, "Issuers").split(", ") if x)
    return Claim(
        through=through,
        known=known,
        lines=tuple(lines),
        reductions=tuple(reductions),
        parties=tuple(parties),
        issuers=issuers,
        terms=tuple(terms),
        inputs=tuple(inputs),
        notes=tuple(notes),
        label=label,
        openings=tuple(openings),
        named=tuple(_named(cover)),
    )


def _named(cover: Mapping[str, tuple[CellValue, CellValue]]) -> Iterator[tuple[str, str]]:
    """Who claims, as the first page says it."""
    for label in (name for name in COVER_NAMES if name in cover):
        text, _, days = str(cover[label][1].value).partition(AWARDED)
        yield label, text
        if days:
            yield "Awarded", days


def _parties(summary: ClaimSheet, lines: list[Line], records: list[ClaimRecord]) -> list[Party]:
    """Who stands behind each subaward of the summary; a line of any other subaward is a finding."""
    regions = {line.subaward: r.integer("Region") for line, r in zip(lines, records, strict=True)}
    recipients = {r.text("Award"): r.text("Recipient") for r in summary.table("Award", "Recipient")}
    parties = [
        Party(
            r.text("Subaward"),
            r.text("Under award"),
            recipients.get(r.text("Under award"), ""),
            r.text("Subrecipient"),
            regions.get(r.text("Subaward")) or None,
        )
        for r in summary.table("Subaward", "Under award")
    ]
    for subaward in {*regions} - {p.subaward for p in parties}:
        first = next(r for line, r in zip(lines, records, strict=True) if line.subaward == subaward)
        first.wrong("Subaward", "the summary has no such subaward", "one of its own")
    return parties


def _terms(sheet: ClaimSheet) -> list[TermUsed]:
    return [
        TermUsed(
            award=r.text("Award"),
            term=r.text("Term"),
            value=r.text("Value"),
            effective=r.day("Effective"),
            published=r.day("Published"),
            citation=r.text("Authority"),
        )
        for r in sheet.table("Term", "Value")
    ]


def _inputs(sheet: ClaimSheet) -> list[Input]:
    return [
        Input(
            r.text("Role"),
            r.text("File"),
            r.text("SHA-256 of the file"),
            r.text("SHA-256 of the facts read"),
            r.day("Report date"),
        )
        for r in sheet.table("Role", "SHA-256 of the file")
    ]


def _openings(sheet: ClaimSheet) -> list[OpeningSum]:
    return [
        OpeningSum(r.text("Issuer"), r.text("Subaward"), r.text("Window"), r.text("Pool"), r.cents("Opening figure"))
        for r in (sheet.table("Pool", "Opening figure") if sheet.has("Opening figure") else [])
    ]


def _notes(sheet: ClaimSheet) -> list[Finding]:
    return [
        Place(r.text("File"), r.text("Sheet"), r.text("Cell")).finding(
            r.text("Cause"),
            r.text("Note"),
            r.text("Expected"),
            r.text("Found"),
            "warning",
        )
        for r in sheet.table("Cause", "Note")
    ]


def as_input(claim: Claim, book: WorkbookRead) -> Claim:
    """A claim that was read, resting on its own workbook: the source of a request from it."""
    own = Input("claim", book.file, book.digest, facts_digest(claim), claim.known)
    return evolve(claim, inputs=(own,))


def _text(cover: Mapping[str, tuple[CellValue, CellValue]], label: str) -> str:
    return str(cover[label][1].value) if label in cover else ""


def _month(
    cover: Mapping[str, tuple[CellValue, CellValue]], label: str, findings: list[Finding], book: WorkbookRead
) -> Month:
    try:
        return Month.parse(_text(cover, label))
    except Inexact:
        findings.append(Place(book.file, SUMMARY).finding("claim", f"there is no {label}", "a month like 2012-09"))
        return Month(1, 1)


def _day(
    cover: Mapping[str, tuple[CellValue, CellValue]], label: str, findings: list[Finding], book: WorkbookRead
) -> date:
    value = cover[label][1].value if label in cover else None
    if isinstance(value, datetime):
        return value.date()
    findings.append(Place(book.file, SUMMARY).finding("claim", f"there is no {label}", "a date"))
    return date.min


def _rate(r: ClaimRecord) -> Fact[Rate]:
    return Fact(
        Rate(r.number_("Rate")), r.day("Effective"), r.day("Published"), Authority(r.text("Authority"), r.text("Note"))
    )


def _line(r: ClaimRecord, rates: Mapping[str, Fact[Rate]]) -> Line:
    rate = rates.get(r.text("Rate no."))
    if r.text("Rate no.") and rate is None:
        r.wrong("Rate no.", "the Rates sheet has no such rate", "one of the Rates sheet", r.text("Rate no."))
    participant = Participant(r.text("Issuer"), r.text("Participant")) if r.text("Participant") else None
    day = r.day("Day") if participant or r.value("Day") else None
    apart = {"rate": rate, "participant": participant, "day": day, "source": _source(r), "reason": _reason(r)}
    quantity, divisor, amount = _figures(r, rate)
    values: dict[str, Any] = apart | {"quantity": quantity, "divisor": divisor, "amount": amount}
    values |= {f.name: _READ[f.kind](r, f.header) for f in fields_but(*values)}
    return Draft.of(values)


def _figures(r: ClaimRecord, rate: Fact[Rate] | None) -> tuple[int, int, int]:
    """The quantity and divisor of a line, and its cents, which must follow from its rate."""
    quantity, divisor = (
        f.header if f.header in r.columns else f.header_1 for f in FIELDS if f.name in ("quantity", "divisor")
    )
    days, of = r.integer(quantity), r.integer(divisor)
    if rate is None:  # an actual cost is one; what was refused by name says that it is none
        days, of = (days, of) if r.value(divisor) is not None else (1, 1)
        return days, of, r.cents("Amount")
    if of < 1:
        r.wrong(divisor, "a quantity must be divided by 1 or more", "1 or more", of)
        return days, of, 0
    amount = r.integer("Count") * rate.value.extend(days, of)
    if Decimal(rate.value.value) != r.number_("Rate"):
        r.wrong("Rate", "this is not the rate of the Rates sheet", str(rate.value), r.number_("Rate"))
    elif r.value("Amount") is not None and r.cents("Amount") != amount:
        problem = "this amount does not follow from its line"
        r.wrong("Amount", problem, str(dollars(amount)), r.number_("Amount"))
    return days, of, amount


def _reason(r: ClaimRecord) -> Reason | None:
    """The reason of a line, from its code and figures; in a workbook of 0.1.0, which has no code,
    from its words."""
    if "Reason code" not in r.columns:
        return format_1.reason(r.text("Reason"))
    reason = Reason.of_cell(r.text("Reason code"))
    if reason is None and r.text("Reason code"):
        r.wrong("Reason code", "this is not the code of a reason and its figures", one_of(CODES))
    return reason


def _month_of_line(r: ClaimRecord, header: str) -> Month:
    try:
        return Month.parse(r.text(header))
    except Inexact:
        r.wrong(header, "this is not a month", "a month like 2012-09", r.text(header))
        return Month(1, 1)


_READ: Mapping[FieldKind, Callable[[ClaimRecord, str], Any]] = {
    "text": ClaimRecord.text,
    "count": ClaimRecord.integer,
    "month": _month_of_line,
}


def _source(r: ClaimRecord) -> Source:
    """The row of the caseload that a line of a detailed claim names; of any other line, this
    sheet."""
    match = re.fullmatch(r"(?:(.+) )?(\S+)!(\d+)", r.text("Source"))
    return Source(match[1] or "", match[2], int(match[3])) if match else Source(r.sheet.book.file, LINES)


def _check_numbers(records: list[ClaimRecord]) -> None:
    """Lines are numbered from 1 without a gap, so that a row that was taken out is missed."""
    expected = 1
    for r in records:
        number = r.integer("Line")
        if number != expected:
            r.wrong("Line", "a line before this one is missing", str(expected), Decimal(number))
        expected = number + 1


def _reduction(r: ClaimRecord, lines: list[Line]) -> Reduction:
    number = r.integer("Line")
    if not 1 <= number <= len(lines):
        r.wrong("Line", "there is no such line", f"1 to {len(lines)}", Decimal(number))
        number = 1
    amount = r.cents("Held back")
    if amount > 0:
        r.wrong("Held back", "a ceiling holds back a negative amount", "0 or less", r.number_("Held back"))
    line = lines[number - 1]
    kind, id = _reducer(r, line)
    return Reduction(
        kind=kind,
        id=id,
        window=r.text("Window"),
        room=r.cents("Allowed" if "Allowed" in r.columns else format_1.ALLOWED),
        authority=Authority(r.text("Authority")),
        line=line,
        amount=amount,
        count=r.integer("Count"),
    )


def _reducer(r: ClaimRecord, line: Line) -> Reducer:
    """What reduces a line: by its kind and id, or in a workbook of 0.1.0, which has neither, by its
    words."""
    if "Kind" not in r.columns:
        said = r.text("Ceiling"), r.text("Window"), r.text("Authority")
        return format_1.reducer(*said, str(line.month), line.budget_period)
    kind = next((k for k in REDUCTION_KINDS if k == r.text("Kind")), None)
    if kind is None:
        r.wrong("Kind", "there is no such kind of reduction", one_of(REDUCTION_KINDS), r.text("Kind"))
    return kind or "ceiling", r.text("Id")
