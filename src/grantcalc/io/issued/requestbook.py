"""The reimbursement request as a workbook (docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from grantcalc.billing.ended_terms import first_page_notes
from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.errors import Unknown
from grantcalc.forms import Form, sf270, sf425
from grantcalc.io.issued.claimbook import CONTENTS, held_sheet, notes_sheet, rates_sheet, sources_sheet, terms_sheet
from grantcalc.io.issued.forms import FormSheet, amount_of, forms_sheet, period_amount
from grantcalc.io.issued.linefile import LineFile, file_facts, line_file_beside
from grantcalc.io.issued.linesheet import lines_sheet
from grantcalc.io.issued.summary import (
    FIGURE_NAMES,
    HELD,
    LINES,
    BilledSheets,
    contents,
    months_sheet,
    signature,
    summary_sheet,
    title_of,
)
from grantcalc.ledger.requests import Request
from grantcalc.money import cents, dollars
from grantcalc.xlsx.sheets import Block, Formula, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

FORMS = (
    ("SF-270", "Request for Advance or Reimbursement, to sign"),
    ("SF-425", "Federal Financial Report, to sign"),
)


@checked
def write_request(requests: Request | Sequence[Request], path: str | Path, *, lines: str | Path | None = None) -> str:
    """Write one request, or the requests of several awards and budget periods, and give the digest
    of the parts.

    It is looked through before it is written, as a claim is. With `lines` the lines go to that CSV
    file too, and its SHA-256 stands on the Sources sheet.
    """
    several, path = (requests,) if isinstance(requests, Request) else tuple(requests), Path(path)
    if lines is None:
        refuse_leaks(book := request_book(several))
        return write_book(book, path)
    all_lines = [line for r in several for line in r.lines]
    parties = [p for r in several for p in r.parties]
    return line_file_beside(
        Path(lines), all_lines, parties, False, lambda f: write_book(request_book(several, f), path)
    )


def request_book(requests: Sequence[Request], line_file: LineFile | None = None) -> WorkbookDraft:
    """Requests as sheets: what each asks, its lines, what ceilings hold back, rates, terms, notes
    and sources."""
    known, through = max(r.known for r in requests), max(r.through for r in requests)
    lines = [line for r in requests for line in r.lines]
    reductions = [reduction for r in requests for reduction in r.reductions]
    parties = sorted({p for r in requests for p in r.parties})
    title = title_of("request", through, known)
    billed = BilledSheets(lines, reductions, parties)
    label = next((r.label for r in requests if r.label), "")
    facts: tuple[tuple[str, WrittenValue], ...] = (
        ("Service through", str(through)),
        ("As known on", known),
        ("Detail", "counts only"),
        *((("Payment", "advance"),) if any(r.kind == "advance" for r in requests) else ()),
    )
    first_page = *facts, *first_page_notes([n for r in requests for n in r.notes])
    after = (
        signature("request", known, [r.awarded for r in requests if r.awarded > date.min]),
        contents((*FORMS, *CONTENTS)),
    )
    numbers = range(1, len(requests) + 1)
    places = [_place(r, requests) for r in requests]
    asked, reports = [sf270(r) for r in requests], _reports(requests)
    sheets = (
        summary_sheet(title, label, first_page, billed, (_requested(requests, asked),), after),
        forms_sheet([FormSheet(*each) for each in zip(asked, map(_of_sf270, numbers, requests, places), strict=True)]),
        forms_sheet(reports),
        lines_sheet(lines, parties, False),
        held_sheet(lines, reductions, parties),
        months_sheet(billed, sum(r.authorized for r in requests)),
        rates_sheet(lines),
        terms_sheet(dict.fromkeys(t for r in requests for t in r.terms)),
        notes_sheet(dict.fromkeys(n for r in requests for n in r.notes)),
        sources_sheet("request", sorted({i for r in requests for i in r.inputs}), (*facts, *file_facts(line_file))),
    )
    return WorkbookDraft(title, sheets, known, FIGURE_NAMES | {"Requested": "{Requested.Requested now#total}"})


_ASKED = (
    TableColumn("Award"),
    TableColumn("Recipient"),
    TableColumn("Budget period"),
    TableColumn("Authorized", "money", "Federal funds obligated for the budget period, as known."),
    TableColumn("Earned to date", "money", "Sum of the lines."),
    TableColumn("Held back", "money", "By ceilings of participants, subawards and the award."),
    TableColumn("Allowed to date", "money"),
    TableColumn("On hold", "money", "Of what is allowed: not requested while its subaward is held."),
    TableColumn("Federal share", "money", "Of what is not on hold: line 11g of the SF-270."),
    TableColumn("Requested before", "money", "What the ledger says was requested before."),
    TableColumn("Requested now", "money", "Negative: a refund due. Nothing of a budget period that was closed out."),
    TableColumn("Remains", "money", "Authorized, less the federal share and what is on hold."),
)
_SUMS = tuple(column.header for column in _ASKED if column.kind == "money")


_IN_PERIOD = "{{{0}.Award:}},{{Award}},{{{0}.Budget period:}},{{Budget period}}"


def _requested(requests: Sequence[Request], asked: Sequence[Form]) -> Block:
    """What each request asks for, one a row, with the totals."""
    rows: list[tuple[WrittenValue, ...]] = []
    for n, (r, form) in enumerate(zip(requests, asked, strict=True), 1):
        earned, held, allowed, hold, federal, before, now = _figures(r)
        rows.append(
            (
                r.award,
                r.recipient,
                r.budget_period,
                dollars(r.authorized),
                Formula(f"SUMIFS({{Lines.Amount:}},{_IN_PERIOD.format(LINES)})", dollars(earned)),
                Formula(f"SUMIFS({{Held back.Held back:}},{_IN_PERIOD.format(HELD)})", dollars(held)),
                Formula("{Earned to date}+{Held back}", dollars(allowed)),
                dollars(hold),
                Formula(amount_of(form, n, "11g"), dollars(federal)) if _has(form, "11g") else dollars(federal),
                dollars(before),
                dollars(0) if r.closed_out else Formula("{Federal share}-{Requested before}", dollars(now)),
                Formula("{Authorized}-{Federal share}-{On hold}", dollars(r.authorized - federal - hold)),
            )
        )
    authorized = sum(r.authorized for r in requests)
    sums = [authorized, *(sum(figures) for figures in zip(*map(_figures, requests), strict=True))]
    sums.append(authorized - sums[5] - sums[4])
    total: list[WrittenValue] = ["Total", None, None]
    total += [Formula(f"SUM({{{name}:}})", dollars(amount)) for name, amount in zip(_SUMS, sums, strict=True)]
    return Block(_ASKED, rows, heading="Requested, by award and budget period", total=total, name="Requested")


def _figures(r: Request) -> tuple[int, int, int, int, int, int, int]:
    """Earned to date, held back, allowed, on hold, the federal share, requested before, requested
    now; in cents."""
    earned, held = sum(x.amount for x in r.lines), sum(x.amount for x in r.reductions)
    federal = r.cost.federal
    return earned, held, earned + held, r.on_hold, federal, r.requested_before, cents(r.amount)


def _of_sf270(number: int, r: Request, place: Callable[[str], str]) -> dict[str, str]:
    """The lines of the SF-270 that come from elsewhere in the workbook, as formulas; `place` is
    that of a line of the SF-425."""
    outlays = f"{{Requested.Allowed to date#{number}}}-{{Requested.On hold#{number}}}"
    outlays += f"+{place('11e')}" if r.cost.indirect else ""
    outlays += f"+{place('10j')}" if r.cost.recipient and r.cost.share is None else ""
    return {"11a": outlays, "11h": f"{{Requested.Requested before#{number}}}"}


def _reports(requests: Sequence[Request]) -> list[FormSheet]:
    """The SF-425 of each award, cumulative; of several budget periods with each of them beside
    it."""
    reports = []
    for number, (_, group) in enumerate(_by_award(requests), 1):
        periods = [FormSheet(sf425(r), _of_sf425(n, r)) for n, r in group]
        if len(periods) == 1:
            reports += periods
            continue
        several = tuple(r for _, r in group)
        sums = sum(r.authorized for r in several)
        cells = "+".join(f"{{Requested.Authorized#{n}}}" for n, _ in group)
        in_all = several[-1].authorized_in_all
        form = sf425(several)
        rest = {"10d": cells if in_all in (None, sums) else f"{cells}+{dollars(in_all - sums)}"}
        if form.line("10h").amount is not None:
            rest["10h"] = f"{amount_of(form, number, '10d')}-{amount_of(form, number, '10g')}"
        reports.append(FormSheet(form, rest, tuple(periods)))
    return reports


def _by_award(requests: Sequence[Request]) -> list[tuple[str, list[tuple[int, Request]]]]:
    """The requests of each award, each with its number among all."""
    groups: dict[str, list[tuple[int, Request]]] = {}
    for n, r in enumerate(requests, 1):
        groups.setdefault(r.award, []).append((n, r))
    return [*groups.items()]


def _place(request: Request, requests: Sequence[Request]) -> Callable[[str], str]:
    """Where the SF-425 has the amount of a line in the budget period of a request."""
    for number, (award, group) in enumerate(_by_award(requests), 1):
        if award == request.award:
            report, at = sf425(request), [r for _, r in group].index(request) + 1
            if len(group) == 1:
                return lambda line: amount_of(report, number, line)
            return lambda line: period_amount(report, number, at, line)
    raise Unknown("request", "one of the requests")


def _has(form: Form, line: str) -> bool:
    """Whether a form has a line: an SF-270 has item 11 or item 12."""
    return any(x.line == line for x in form.lines)


def _of_sf425(number: int, r: Request) -> dict[str, str]:
    """The lines of the SF-425 of a request that come from elsewhere in the workbook, as
    formulas."""
    form = sf270(r)
    spent = {} if r.cost.estimated or not _has(form, "11g") else {"10e": amount_of(form, number, "11g")}
    return {"10d": f"{{Requested.Authorized#{number}}}", **spent}
