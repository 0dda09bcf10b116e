"""The claim as a workbook, and the sheets that a claim and a request have in common
(docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from grantcalc.billing.claims import Claim, OpeningSum
from grantcalc.billing.ended_terms import first_page_notes
from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.parties import Party
from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.errors import Finding
from grantcalc.io.issued.linefile import LineFile, file_facts, line_file_beside
from grantcalc.io.issued.linesheet import DETAIL_COLUMNS, LINE_COLUMNS, lines_sheet, rate_numbers
from grantcalc.io.issued.summary import (
    FIGURE_NAMES,
    HELD,
    LINES,
    MONTHS,
    SUMMARY,
    BilledSheets,
    contents,
    months_sheet,
    named_first,
    signature,
    sum_where,
    summary_sheet,
    title_of,
)
from grantcalc.io.issued.this_month import THIS_MONTH, since_sheet
from grantcalc.known import Fact
from grantcalc.ledger.since import SinceLast
from grantcalc.money import Rate, dollars
from grantcalc.periods import parse_date
from grantcalc.provenance import Input
from grantcalc.terms import TermUsed
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

RATES, TERMS_SHEET, NOTES, SOURCES = "Rates", "Terms", "Notes", "Sources"
DOCUMENT_FORMAT = 2
CONTENTS = (
    (LINES, "Every line with its amount as a live formula"),
    (HELD, "What ceilings hold back, and from which line"),
    (MONTHS, "Month by month, with a chart"),
    (RATES, "The rates that the lines use, and what says so"),
    (TERMS_SHEET, "The terms as they were used, with dates and sources"),
    (NOTES, "What a reader should know"),
    (SOURCES, "What this workbook was made from, and how to verify it"),
)

HELD_COLUMNS = (
    TableColumn("Line", "count", "The line of the Lines sheet that is reduced.", width=10),
    TableColumn("Award"),
    TableColumn("Subaward"),
    TableColumn("Region", "count"),
    TableColumn("Budget period"),
    TableColumn("Month", "month"),
    TableColumn("Pool"),
    TableColumn("Ceiling", note="As the terms or the award name it."),
    TableColumn("Window", note="The days over which the ceiling is measured.", width=16),
    TableColumn("Allowed", "money", "The ceiling's amount in the window."),
    TableColumn("Count", "count", "How many equal lines it reduces so."),
    TableColumn("Held back", "money", "Negative: what is not allowed."),
    TableColumn("Authority", "wrap", "What says so.", width=64),
    TableColumn("Kind", note="ceiling, share, capacity, subaward, award or disallowance."),
    TableColumn("Id", note="Of the ceiling or share, the subaward or award, the disallowance; or the capacity."),
)


def version_here() -> str:
    """The version of grantcalc that is running."""
    return version("grantcalc")


@checked
def write_claim(
    claim: Claim,
    path: str | Path,
    *,
    detail: bool = False,
    lines: str | Path | None = None,
    since: SinceLast | None = None,
) -> str:
    """Write a claim as a workbook and give the digest of its parts.

    Without `detail` no participant and no row address is in it: that is the claim that goes up. It
    is looked through before it is written, and `Rejected` where anything in it would identify a
    person. With `lines` all lines go to that CSV file too, as `detail` says, the workbook holds
    counts, and the file's SHA-256 stands on its Sources sheet. `since` gives the page *This month*:
    what is new since the last claim (`since_last`). `Unwritable` for more lines than a sheet holds.
    The same claim gives the same bytes.
    """
    shown, counted, path = claim if detail else claim.counted(), claim.counted(), Path(path)
    if not detail:
        refuse_leaks(claim_book(counted, None, since), {x.participant.pseudonym for x in claim.lines if x.participant})
    if lines is None:
        return write_book(claim_book(shown, None, since), path, private=shown.detailed)
    return line_file_beside(
        Path(lines),
        shown.lines,
        claim.parties,
        shown.detailed,
        lambda f: write_book(claim_book(counted, f, since), path),
    )


def claim_book(claim: Claim, line_file: LineFile | None = None, since: SinceLast | None = None) -> WorkbookDraft:
    """A claim as sheets; with detail where its lines name participants, and with a page of what is
    new since the claim before it where that is given."""
    title = title_of("bill", claim.through, claim.known)
    lines = lines_sheet(claim.lines, claim.parties, claim.detailed)
    held = held_sheet(claim.lines, claim.reductions, claim.parties)
    facts: tuple[tuple[str, WrittenValue], ...] = (
        ("Service through", str(claim.through)),
        ("As known on", claim.known),
        ("Detail", "participants" if claim.detailed else "counts only"),
        ("Issuers", ", ".join(claim.issuers)),
    )
    first_page = *named_first(claim.named), *facts, *first_page_notes(claim.notes)
    billed = BilledSheets(claim.lines, claim.reductions, claim.parties)
    awarded = [parse_date(day) for label, days in claim.named if label == "Awarded" for day in days.split("; ")]
    since_sheets = (since_sheet(since),) if since else ()
    after = signature("claim", claim.known, awarded), contents((*((THIS_MONTH,) if since else ()), *CONTENTS))
    summary = summary_sheet(title, claim.label, first_page, billed, after=after)
    sheets = (
        summary,
        *since_sheets,
        lines,
        held,
        months_sheet(billed),
        rates_sheet(claim.lines),
        terms_sheet(claim.terms),
        notes_sheet(claim.notes),
        sources_sheet(
            "bill",
            sorted({*claim.inputs, *(since.inputs if since else ())}),
            (*facts[:3], *file_facts(line_file)),
            claim.openings,
        ),
    )
    return WorkbookDraft(title, sheets, claim.known, FIGURE_NAMES)


def held_sheet(lines: Sequence[Line], reductions: Sequence[Reduction], parties: Iterable[Party]) -> Sheet:
    """The Held back sheet: what each ceiling takes from which line, and each ceiling's total."""
    regions = {p.subaward: p.region for p in parties}
    places = {id(line): number for number, line in enumerate(lines, 1)}
    equal = {line: number for number, line in enumerate(lines, 1)}
    rows: list[tuple[WrittenValue, ...]] = []
    for reduction in reductions:
        line = reduction.line
        rows.append(
            (
                places.get(id(line)) or equal[line],
                line.award,
                line.subaward,
                regions.get(line.subaward),
                line.budget_period,
                str(line.month),
                line.pool,
                reduction.name,
                reduction.window,
                dollars(reduction.room),
                reduction.count,
                dollars(reduction.amount),
                str(reduction.authority),
                reduction.kind,
                reduction.id,
            )
        )
    total: list[WrittenValue] = [None] * len(HELD_COLUMNS)
    total[0] = "Total"
    total[11] = Formula("SUM({Held back:})", dollars(sum(x.amount for x in reductions)))
    what = "What a ceiling holds back is a negative amount beside the line that it reduces; it changes no line."
    text = (what,) if reductions else (what, "Nothing is held back.")
    about = "What each ceiling holds back from which line, and what says so."
    block = Block(HELD_COLUMNS, rows, text=text, total=total, table="HeldBackLines", about=about, name=HELD)
    by_ceiling: dict[str, int] = {}
    for reduction in reductions:
        by_ceiling[reduction.name] = by_ceiling.get(reduction.name, 0) + reduction.amount
    keys = [reduction.name for reduction in reductions]
    ceilings = Block(
        (TableColumn("Ceiling"), TableColumn("Held back", "money")),
        [
            (name, Formula(sum_where(HELD, "Held back", "Ceiling", name, keys, by_ceiling), dollars(by_ceiling[name])))
            for name in sorted(by_ceiling)
        ],
        heading="By ceiling",
    )
    return Sheet(HELD, (block, ceilings) if reductions else (block,), landscape=True, freeze=True)


def rates_sheet(lines: Iterable[Line]) -> Sheet:
    """The rates that the lines use, each with both its dates and what says so."""
    uses: dict[Fact[Rate], set[tuple[str, str]]] = {}
    lines = list(lines)
    for line in lines:
        if line.rate is not None:
            uses.setdefault(line.rate, set()).add((line.service, line.phase))
    rows = [
        (
            number,
            ", ".join(sorted({s for s, _ in uses[fact]})),
            ", ".join(sorted({p for _, p in uses[fact]})),
            fact.value.value,
            fact.effective,
            fact.published,
            fact.authority.citation,
            fact.authority.note,
        )
        for fact, number in rate_numbers(lines).items()
    ]
    columns = (
        TableColumn("Rate no."),
        TableColumn("Service"),
        TableColumn("Phase"),
        TableColumn("Rate", "rate", "Dollars."),
        TableColumn("Effective", "date", "For service from this day."),
        TableColumn("Published", "date", "Nobody could know it before."),
        TableColumn("Authority", "wrap", "What says so.", width=60),
        TableColumn("Note", "wrap"),
    )
    text = () if rows else ("No line uses a rate.",)
    return Sheet(RATES, (Block(columns, rows, text=text),), landscape=True, freeze=True)


def terms_sheet(terms: Iterable[TermUsed]) -> Sheet:
    """Every value of the terms as it was used, with both its dates and its citation."""
    columns = (
        TableColumn("Award"),
        TableColumn("Term", width=44),
        TableColumn("Value", width=26),
        TableColumn("Effective", "date"),
        TableColumn("Published", "date"),
        TableColumn("Authority", "wrap", width=60),
    )
    rows = [(t.award, t.term, t.value, t.effective, t.published, t.citation) for t in terms]
    return Sheet(TERMS_SHEET, (Block(columns, rows),), landscape=True, freeze=True)


def notes_sheet(notes: Iterable[Finding]) -> Sheet:
    """What a reader should know and nobody need mend: warnings of the run."""
    rows = [(n.place.file, n.place.sheet, n.place.cell, n.cause, n.problem, n.expected, n.found) for n in notes]
    width = None if rows else 12  # of a table without rows the headers alone would be narrow, and wrap
    columns = (
        *(TableColumn(header, width=width) for header in ("File", "Sheet", "Cell", "Cause")),
        TableColumn("Note", "wrap", width=60),
        TableColumn("Expected", "wrap", width=40),
        TableColumn("Found", "wrap", width=24),
    )
    text = () if rows else ("There is nothing to note.",)
    return Sheet(NOTES, (Block(columns, rows, text=text),), landscape=True, freeze=True)


OPENINGS_HEADING = "Opening figures that a request goes by, in US dollars"


def sources_sheet(
    command: str,
    inputs: Iterable[Input],
    facts: Sequence[tuple[str, WrittenValue]],
    openings: Iterable[OpeningSum] = (),
) -> Sheet:
    """What the document was made from: each input with its two digests, and the version of
    grantcalc; and, where a request goes by any, the opening figures as sums."""
    run = Block(
        (TableColumn("", width=24), TableColumn("", width=40)),
        [("Command", command), ("grantcalc", version_here()), ("Format", str(DOCUMENT_FORMAT)), *facts],
        heading="How this workbook was made",
        text=("Run grantcalc verify on this workbook with a folder that holds the inputs, whatever their names.",),
    )
    rows = [(i.role, i.file, i.report_date, i.digest, i.facts) for i in inputs]
    columns = (
        TableColumn("Role", "wrap" if any(len(row[0]) > 48 for row in rows) else "text"),
        TableColumn("File"),
        TableColumn("Report date", "date"),
        TableColumn("SHA-256 of the file", width=66),
        TableColumn("SHA-256 of the facts read", width=66),
    )
    opened = [(o.issuer, o.subaward, o.window, o.pool, dollars(o.amount)) for o in openings]
    names = ("Issuer", "Subaward", "Window", "Pool")
    carried = Block(
        (*map(TableColumn, names), TableColumn("Opening figure", "money")), opened, heading=OPENINGS_HEADING
    )
    return Sheet(SOURCES, (run, Block(columns, rows, heading="Inputs"), *([carried] if opened else ())), landscape=True)


__all__ = ["DETAIL_COLUMNS", "LINES", "LINE_COLUMNS", "SUMMARY", "claim_book", "write_claim"]
