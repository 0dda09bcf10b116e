"""The reimbursement request as a workbook (docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grantcalc.billing.ended_terms import first_page_notes
from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.forms import sf270, sf425
from grantcalc.io.issued.claimbook import CONTENTS, held_sheet, notes_sheet, rates_sheet, sources_sheet, terms_sheet
from grantcalc.io.issued.forms import forms_sheet
from grantcalc.io.issued.linefile import LineFile, file_facts, line_file_beside
from grantcalc.io.issued.linesheet import lines_sheet
from grantcalc.io.issued.summary import (
    BilledSheets,
    contents,
    figure_names,
    months_sheet,
    signature,
    summary_sheet,
    title_of,
)
from grantcalc.ledger.requests import Request
from grantcalc.money import cents, dollars
from grantcalc.xlsx.sheets import (
    Block,
    CellSpan,
    Formula,
    Sheet,
    TableColumn,
    WorkbookDraft,
    WrittenValue,
    row_positions,
)
from grantcalc.xlsx.writer import write_book

FORMS = (
    ("SF-270", "Request for Advance or Reimbursement, to sign"),
    ("SF-425", "Federal Financial Report, to sign"),
)


@checked
def write_request(requests: Request | Sequence[Request], path: str | Path, *, lines: str | Path | None = None) -> str:
    """Write one request, or the requests of several awards and budget periods, and give the digest of the parts.

    It is looked through before it is written, as a claim is. With `lines` the lines go to that CSV file too, and its
    SHA-256 stands on the Sources sheet.
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
    """Requests as sheets: what each asks, its lines, what ceilings hold back, rates, terms, notes and sources."""
    known, through = max(r.known for r in requests), max(r.through for r in requests)
    lines = [line for r in requests for line in r.lines]
    reductions = [reduction for r in requests for reduction in r.reductions]
    parties = sorted({p for r in requests for p in r.parties})
    title = title_of("request", through, known)
    lines_page, held_page = lines_sheet(lines, parties, False), held_sheet(lines, reductions, parties)
    lines_at, held_at = row_positions(lines_page)[0], row_positions(held_page)[0]
    billed = BilledSheets(lines, reductions, parties, lines_at, held_at)
    label = next((r.label for r in requests if r.label), "")
    facts: tuple[tuple[str, WrittenValue], ...] = (
        ("Service through", str(through)),
        ("As known on", known),
        ("Detail", "counts only"),
    )
    first_page = *facts, *first_page_notes([n for r in requests for n in r.notes])
    after = signature("request", known), contents((*FORMS, *CONTENTS))
    summary = summary_sheet(title, label, first_page, billed, (_requested(requests, billed),), after)
    asked_at = row_positions(summary)[2]
    authorized = asked_at.cell("Authorized", asked_at.total), sum(r.authorized for r in requests)
    cells = [{name: asked_at.cell(name, asked_at.first + n) for name in _SUMS} for n in range(len(requests))]
    sheets = (
        summary,
        *_forms(requests, dict(enumerate(cells))),
        lines_page,
        held_page,
        months_sheet(billed, authorized),
        rates_sheet(lines),
        terms_sheet(dict.fromkeys(t for r in requests for t in r.terms)),
        notes_sheet(dict.fromkeys(n for r in requests for n in r.notes)),
        sources_sheet("request", sorted({i for r in requests for i in r.inputs}), (*facts, *file_facts(line_file))),
    )
    requested = {"Requested": asked_at.cell("Requested now", asked_at.total)}
    return WorkbookDraft(title, sheets, known, figure_names(summary) | requested)


_ASKED = (
    TableColumn("Award"),
    TableColumn("Recipient"),
    TableColumn("Budget period"),
    TableColumn("Authorized", "money", "Federal funds obligated for the budget period, as known."),
    TableColumn("Earned to date", "money", "Sum of the lines."),
    TableColumn("Held back", "money", "By ceilings of participants, subawards and the award."),
    TableColumn("Stands to date", "money"),
    TableColumn("On hold", "money", "Of what stands: not requested while its subaward is held."),
    TableColumn("Federal share", "money", "Of what is not on hold: line 11g of the SF-270."),
    TableColumn("Requested before", "money", "What the ledger says was requested before."),
    TableColumn("Requested now", "money", "Negative: a refund due. Nothing of a budget period that was closed out."),
    TableColumn("Remains", "money", "Authorized, less the federal share and what is on hold."),
)
_SUMS = tuple(column.header for column in _ASKED if column.kind == "money")


def _requested(requests: Sequence[Request], billed: BilledSheets) -> Block:
    """What each request asks for, one a row, with the totals."""

    def of_period(column: str, span: CellSpan) -> str:
        match = f"{span.column('Award')},{{Award}},{span.column('Budget period')},{{Budget period}}"
        return f"SUMIFS({span.column(column)},{match})"

    rows: list[tuple[WrittenValue, ...]] = []
    asked, _ = _forms(requests, {})
    for n, r in enumerate(requests):
        earned, held, stands, hold, federal, before, now = _figures(r)
        rows.append(
            (
                r.award,
                r.recipient,
                r.budget_period,
                dollars(r.authorized),
                Formula(of_period("Amount", billed.lines_at), dollars(earned)),
                Formula(of_period("Held back", billed.held_at), dollars(held)),
                Formula("{Earned to date}+{Held back}", dollars(stands)),
                dollars(hold),
                Formula(_at(asked, n, requests, "11g"), dollars(federal)),
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
    return Block(_ASKED, rows, heading="Requested, by award and budget period", total=total)


def _figures(r: Request) -> tuple[int, int, int, int, int, int, int]:
    """Earned to date, held back, what stands, on hold, the federal share, requested before, requested now; in cents."""
    earned, held = sum(x.amount for x in r.lines), sum(x.amount for x in r.reductions)
    federal = r.cost.federal
    return earned, held, earned + held, r.on_hold, federal, r.requested_before, cents(r.amount)


def _forms(requests: Sequence[Request], summary: Mapping[int, Mapping[str, str]]) -> tuple[Sheet, Sheet]:
    """The SF-270 and the SF-425 of each request; what they take from the Summary, and from one another, is live."""
    asked, reports = [sf270(r) for r in requests], [sf425(r) for r in requests]
    plain_report = forms_sheet(reports, {})
    elsewhere: dict[tuple[str, str, str], dict[str, str]] = {}
    for n, r in enumerate(requests):
        at, cost = summary.get(n), r.cost
        if at is None:
            continue
        outlays = f"{at['Stands to date']}-{at['On hold']}"
        outlays += f"+{_at(plain_report, n, requests, '11e')}" if cost.indirect else ""
        outlays += f"+{_at(plain_report, n, requests, '10j')}" if cost.recipient and cost.share is None else ""
        elsewhere["SF-270", r.award, r.budget_period] = {"11a": outlays, "11h": at["Requested before"]}
        spent = {} if cost.estimated else {"10e": _at(forms_sheet(asked, {}), n, requests, "11g")}
        elsewhere["SF-425", r.award, r.budget_period] = {"10d": at["Authorized"], **spent}
    return forms_sheet(asked, elsewhere), forms_sheet(reports, elsewhere)


def _at(sheet: Sheet, number: int, requests: Sequence[Request], line: str) -> str:
    """The cell of a line on the form of one request."""
    span = row_positions(sheet)[number * (len(sheet.blocks) // len(requests))]
    rows = [row[0] for row in sheet.blocks[number * (len(sheet.blocks) // len(requests))].rows]
    return span.cell("Amount", span.first + rows.index(line))
