"""How a notebook shows each value: a page or a table of text, made from what the value says of
itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import singledispatch

from grantcalc.audit.verify import Verdict
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.parties import Party
from grantcalc.compliance.results import CheckResult, ComplianceReport
from grantcalc.disclosure.tables import TOTAL, Path, Release, label_of
from grantcalc.errors import MOST_PLACES, Cause, Finding, Rejected, by_cause, joined
from grantcalc.html import MOST_ROWS, Cell, page, paragraph, table
from grantcalc.ledger.entries import Change, Received, Requested, line_of
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request
from grantcalc.ledger.rollup import Total
from grantcalc.money import dollars
from grantcalc.outreach.figures import FIGURE_KINDS, Figures, Restated
from grantcalc.outreach.referral import Referral, Server
from grantcalc.outreach.search import Answer, Hit
from grantcalc.provenance import Authority

FULL = 500
"""The rows of a table that is shown whole unless it is very long."""


@singledispatch
def show(value: object) -> str:
    """A value as HTML. Each class that a notebook shows is registered below."""
    raise TypeError(f"a notebook shows no {type(value).__name__} as HTML")


@show.register
def _(refusal: Rejected) -> str:
    many = "1 finding" if len(refusal.findings) == 1 else f"{len(refusal.findings):,} findings"
    files = {f.place.file for f in refusal.findings} - {""}
    where = f" in {files.pop()}" if len(files) == 1 else ""
    title = f"{type(refusal).__name__}: {many}{where}"
    return page(title, _findings("Nothing was written.", refusal.findings, most=FULL))


@show.register
def _(claim: Claim) -> str:
    return _statement(f"Claim through {claim.through}, as known on {claim.known}", claim)


@show.register
def _(request: Request) -> str:
    figures = {
        "Authorized": dollars(request.authorized),
        "Held back": request.held_back.amount,
        "Allowed to date": request.to_date.amount,
        "On hold": dollars(request.on_hold),
        "Federal share": dollars(request.cost.federal),
        "Requested before": dollars(request.requested_before),
        "Requested now": request.amount.amount,
    }
    if request.closed_out:
        figures["To be returned"] = request.to_be_returned.amount
    if request.received is not None:
        figures["Received"] = dollars(request.received)
        figures["Not yet received"] = dollars(request.requested_before - request.received)
    asked = table(f"{request.recipient}, in US dollars", tuple(figures), [tuple(figures.values())], tuple)
    title = f"Request of {request.award}, {request.budget_period}, through {request.through}"
    return _statement(f"{title}, as known on {request.known}", request, asked)


@show.register
def _(ledger: Ledger) -> str:
    """What was posted by subaward and by day, and what was requested and received."""
    entries = ledger.in_effect
    changes = [(e.posted, e.act) for e in entries if isinstance(e.act, Change)]
    days = sorted({day for day, _ in changes})
    counts, amounts = Counter(day for day, _ in changes), Counter[date]()
    earned, held = Counter[str](), Counter[str]()
    for day, change in changes:
        amounts[day] += change.amount
        by_subaward = held if isinstance(change.item, Reduction) else earned
        by_subaward[line_of(change).subaward] += change.amount

    def posting(day: date) -> tuple[Cell, ...]:
        return str(day), counts[day], dollars(amounts[day])

    def of_period(r: tuple[date, Requested | Received]) -> tuple[Cell, ...]:
        return str(r[0]), r[1].award, r[1].budget_period, dollars(r[1].amount)

    requested = [(e.posted, e.act) for e in entries if isinstance(e.act, Requested)]
    received = [(e.act.received, e.act) for e in entries if isinstance(e.act, Received)]
    columns = ("Day", "Award", "Budget period", "Amount")
    return page(
        f"Ledger, known to {ledger.known}" if ledger.entries else "Ledger, empty",
        _sums(earned.items(), held.items(), ledger.parties),
        table("Posted, in US dollars", ("Day", "Entries", "Amount"), days, posting),
        table("Requested", columns, requested, of_period),
        table("Received", columns, received, of_period),
    )


@show.register
def _(total: Total) -> str:
    def nodes(node: Total, depth: int) -> Iterator[tuple[int, Total]]:
        yield depth, node
        for child in node.children:
            yield from nodes(child, depth + 1)

    def row(at: tuple[int, Total]) -> tuple[Cell, ...]:
        depth, x = at
        names = "\u2003" * depth + x.level, x.id, x.name
        return *names, dollars(x.earned), dollars(x.held_back), dollars(x.allowed), dollars(x.on_hold)

    columns = ("Level", "Id", "Name", "Earned", "Held back", "Allowed", "On hold")
    return page("Roll-up, in US dollars", table("", columns, [*nodes(total, 0)], row))


@show.register
def _(report: ComplianceReport) -> str:
    def row(o: CheckResult) -> tuple[str, ...]:
        return o.result, o.title, o.subject, o.says, str(o.due or ""), str(o.authority)

    counts = ", ".join(f"{result} {n}" for result, n in report.count().items())
    title = f"Is the award in order? As known on {report.known}: {counts}"
    columns = ("Result", "Test", "Of", "What it says", "Due", "Authority")
    return page(title, paragraph(report.label), table("Tests", columns, report.outcomes, row, most=200))


@show.register
def _(verdict: Verdict) -> str:
    differences = table(
        "Cells that differ",
        ("Cell", "Says", "Should say"),
        verdict.differences,
        lambda d: (d.cell, d.says, d.should_say),
        most=FULL,
    )
    return page(
        "The workbook matches its inputs." if verdict else "The workbook does not match its inputs.",
        differences,
        table("Formulas that depend on them", ("Cell",), verdict.consequences, lambda cell: (cell,)),
        *map(paragraph, verdict.notes),
    )


@show.register
def _(answer: Answer) -> str:
    def row(hit: Hit) -> tuple[str, ...]:
        entry = hit.entry
        return entry.name, f"{entry.city}, {entry.state.code}", "; ".join(hit.why), str(entry.verified)

    answer_table = table("", ("Name", "Place", "Why", "Verified"), answer.hits, row, most=FULL)
    return answer_table or paragraph(f"Nothing found: {answer.hint}")


@show.register
def _(referral: Referral) -> str:
    def row(server: Server) -> tuple[str, ...]:
        return server.organization.name, ", ".join(server.holders), "; ".join(server.why)

    servers = table("Network", ("Name", "Award or subaward", "Why"), referral.servers, row, most=FULL)
    return page(f"{referral.where}, {referral.day}", paragraph(referral.says), servers, show(referral.directory))


@show.register
def _(figures: Figures) -> str:
    def row(one: Restated) -> tuple[Cell, ...]:
        later: tuple[Cell, ...] = (one.last.value, one.difference) if one.first != one.last else ("", "")
        return FIGURE_KINDS[one.kind], str(one.year), one.first.value, *later

    columns = ("", "Year", "First published", "Later published", "Difference")
    return table(figures.title, columns, figures.restated(), row, most=FULL)


@show.register
def _(release: Release) -> str:
    def row(item: tuple[Path, tuple[int | None, ...]]) -> tuple[Cell, ...]:
        return label_of(item[0]), *("withheld" if n is None else n for n in item[1])

    return table(release.title, ("", *release.shape.columns, TOTAL), tuple(release.rows()), row, most=FULL)


# --- the tables that several of them have ---


def _statement(title: str, value: Claim | Request, *figures: str) -> str:
    """A claim or request: sums by subaward, what ceilings hold back, the first lines, and notes."""
    earned = ((x.subaward, x.amount) for x in value.lines)
    held = ((x.line.subaward, x.amount) for x in value.reductions)
    return page(
        title,
        paragraph(value.label),
        *figures,
        _sums(earned, held, value.parties),
        _reductions(value.reductions),
        _lines(value.lines),
        _findings("Notes", value.notes),
    )


def _sums(earned: Iterable[tuple[str, int]], held: Iterable[tuple[str, int]], parties: Iterable[Party]) -> str:
    """What each subaward earned, what is held back and what is allowed, with the names behind it;
    from cents."""
    names = {p.subaward: (p.recipient, p.subrecipient, p.region or "") for p in parties}
    plus: Counter[str] = Counter()
    minus: Counter[str] = Counter()
    for sums, amounts in ((plus, earned), (minus, held)):
        for subaward, amount in amounts:
            sums[subaward] += amount

    def figures(more: int, less: int) -> tuple[Cell, ...]:
        return dollars(more), dollars(less), dollars(more + less)

    def row(subaward: str) -> tuple[Cell, ...]:
        return subaward, *names.get(subaward, ("", "", "")), *figures(plus[subaward], minus[subaward])

    columns = ("Subaward", "Recipient", "Subrecipient", "Region", "Earned", "Held back", "Allowed")
    total = ("Total", "", "", "", *figures(plus.total(), minus.total()))
    return table("By subaward, in US dollars", columns, sorted({*plus, *minus}), row, total)


def _reductions(reductions: Iterable[Reduction]) -> str:
    """What is held back by each ceiling in each window."""
    counts: Counter[tuple[str, str, Authority]] = Counter()
    amounts: Counter[tuple[str, str, Authority]] = Counter()
    for reduction in reductions:
        key = reduction.name, reduction.window, reduction.authority
        counts[key] += reduction.count
        amounts[key] += reduction.amount

    def row(key: tuple[str, str, Authority]) -> tuple[Cell, ...]:
        ceiling, window, authority = key
        return ceiling, window, counts[key], dollars(amounts[key]), str(authority)

    columns = ("Ceiling", "Window", "Lines", "Held back", "Authority")
    total = ("Total", "", counts.total(), dollars(amounts.total()), "")
    return table("Held back by ceilings, in US dollars", columns, sorted(counts), row, total)


def _lines(lines: Sequence[Line]) -> str:
    """The first lines."""

    def row(line: Line) -> tuple[Cell, ...]:
        each: Cell = line.quantity if line.divisor == 1 else f"{line.quantity}/{line.divisor}"
        return (
            str(line.month),
            line.subaward,
            line.participant.pseudonym if line.participant else "",
            line.service,
            line.phase,
            line.count if line.count > 1 else "",
            each if line.rate else "",
            Decimal(str(line.rate.value)) if line.rate else "",  # cents at the least
            dollars(line.amount),
            str(line.reason or line.category),
        )

    columns = ("Month", "Subaward", "Participant", "Service", "Phase", "Count", "Each", "Rate", "Amount", "Remark")
    return table("Lines, in US dollars", columns, lines, row)


def _findings(caption: str, findings: tuple[Finding, ...], most: int = MOST_ROWS) -> str:
    """One row a cause with its places first; the file where there are several."""
    files = dict.fromkeys(f.place.file for f in findings)
    causes = [cause for file in files for cause in by_cause(f for f in findings if f.place.file == file)]

    def row(cause: Cause) -> tuple[Cell, ...]:
        first, count = cause.findings[0], len(cause.findings)
        places = joined([str(f.place) for f in cause.findings[:MOST_PLACES]], count)
        found = first.found if count == 1 else joined([f.found for f in cause.findings[:MOST_PLACES] if f.found], 0)
        file, number = first.place.file if len(files) > 1 else "", count if count > 1 else ""
        return places, file, number, first.severity, first.problem, first.expected, found

    columns = ("Place", "File", "Places", "Severity", "What is wrong", "Expected", "Found")
    return table(caption, columns, causes, row, most=most)
