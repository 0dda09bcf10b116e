"""The claim as a workbook, and the sheets that a claim and a request have in common (docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from grantcalc.billing.claims import Claim, Party
from grantcalc.billing.lines import Limit, Line
from grantcalc.errors import Finding, refuse
from grantcalc.io.identifiers import check_book
from grantcalc.io.press import write_book
from grantcalc.io.sheets import Block, Book, Cell, Column, Formula, Sheet, Span, layout
from grantcalc.known import Fact
from grantcalc.money import Rate, dollars
from grantcalc.provenance import Input
from grantcalc.terms import TermUsed

LINES, HELD, RATES, TERMS, NOTES, SOURCES, SUMMARY = (
    "Lines",
    "Held back",
    "Rates",
    "Terms",
    "Notes",
    "Sources",
    "Summary",
)
FORMAT = 1

LINE_COLUMNS = (
    Column("Line", "count", "Number of the line on this sheet."),
    Column("Award", note="FAIN."),
    Column("Subaward", note="Subaward number; the FAIN for the recipient's own service.", width=12),
    Column("Region", "count", "HHS region in which the subrecipient works."),
    Column("Issuer", note="The organization that keeps the caseload."),
    Column("Budget period", note="Of the award; by day of service."),
    Column("Month", "month", "Service month."),
    Column("Service", note="As the terms name it."),
    Column("Pool", note="direct or administration."),
    Column("Phase", note="Of eligibility, by letters."),
    Column("Category", note="Of an actual cost."),
    Column("Count", "count", "n: how many equal lines are counted together."),
    Column("Days", "count", "Quantity of each: days of service, or 1 of 1 month, or units."),
    Column("Of", "count", "Days of the month, or 1."),
    Column("Rate", "rate", "Dollars for a whole month, or for a unit."),
    Column("Rate no.", note="Row of the Rates sheet."),
    Column("Amount", "money", "n × ROUND(days ÷ of × rate, 2); for actual costs, what was reported."),
    Column("Reason", "wrap", "Why a quantity is 0; or that these are credits.", width=28),
)
DETAIL_COLUMNS = (
    Column("Participant", note="The issuer's pseudonym. This workbook stays with the subrecipient."),
    Column("Day", "date", "Day of service."),
    Column("Reference", note="Of the issuer's document."),
    Column("Source", note="Row of the caseload workbook."),
)
HELD_COLUMNS = (
    Column("Line", "count", "The line of the Lines sheet that is limited."),
    Column("Award"),
    Column("Subaward", width=12),
    Column("Region", "count"),
    Column("Budget period"),
    Column("Month", "month"),
    Column("Pool"),
    Column("Ceiling", note="As the terms or the award name it."),
    Column("Window", note="The days over which the ceiling is reckoned.", width=16),
    Column("Lets stand", "money", "The ceiling's amount in the window."),
    Column("Count", "count", "How many equal lines it limits so."),
    Column("Held back", "money", "Negative: what does not stand."),
    Column("Authority", "wrap", "What says so.", width=44),
)


def version_here() -> str:
    """The version of grantcalc that is running."""
    return version("grantcalc")


def write_claim(claim: Claim, path: str | Path, *, detail: bool = False) -> str:
    """Write a claim as a workbook and give the digest of its parts.

    Without `detail` no participant and no row address is in it: that is the claim that goes up. It is looked through
    before it is written, and `Rejected` where anything in it would identify a person. The same claim gives the same
    bytes.
    """
    book = claim_book(claim if detail else claim.counted())
    if not detail:
        refuse(check_book(book, {line.participant.pseudonym for line in claim.lines if line.participant}))
    return write_book(book, Path(path))


def claim_book(claim: Claim) -> Book:
    """A claim as sheets; with detail where its lines name participants."""
    title = f"Claim to {claim.through}, as known on {claim.known}"
    lines, held = (
        lines_sheet(claim.lines, claim.parties, claim.detailed),
        held_sheet(claim.lines, claim.limits, claim.parties),
    )
    facts = (
        ("Service through", str(claim.through)),
        ("As known on", claim.known),
        ("Detail", "participants" if claim.detailed else "counts only"),
        ("Issuers", ", ".join(claim.issuers)),
    )
    sheets = (
        summary_sheet(
            title, claim.label, facts, claim.lines, claim.limits, claim.parties, layout(lines)[0], layout(held)[0]
        ),
        lines,
        held,
        rates_sheet(claim.lines),
        terms_sheet(claim.terms),
        notes_sheet(claim.notes),
        sources_sheet("bill", claim.inputs, facts[:3]),
    )
    return Book(title, sheets, claim.known)


def rate_numbers(lines: Iterable[Line]) -> dict[Fact[Rate], str]:
    """R1, R2, … in the order of the lines."""
    found: dict[Fact[Rate], str] = {}
    for line in lines:
        if line.rate is not None and line.rate not in found:
            found[line.rate] = f"R{len(found) + 1}"
    return found


def lines_sheet(lines: Sequence[Line], parties: Iterable[Party], detailed: bool) -> Sheet:
    """The Lines sheet: every line, its amount a live formula wherever its figures stand on the sheet."""
    regions = {p.subaward: p.region for p in parties}
    numbers = rate_numbers(lines)
    columns = LINE_COLUMNS + DETAIL_COLUMNS if detailed else LINE_COLUMNS

    rows: list[tuple[Cell, ...]] = []
    for number, line in enumerate(lines, 1):
        amount = dollars(line.amount)
        row: tuple[Cell, ...] = (
            number,
            line.award,
            line.subaward,
            regions.get(line.subaward),
            line.issuer,
            line.budget_period,
            str(line.month),
            line.service,
            line.pool,
            line.phase,
            line.category,
            line.n,
            line.days if line.rate or not line.days else None,
            line.of if line.rate or not line.days else None,
            line.rate.value.value if line.rate else None,
            numbers[line.rate] if line.rate else None,
            Formula("{Count}*ROUND({Days}/{Of}*{Rate},2)", amount) if line.rate else amount,
            line.reason,
        )
        if detailed:
            pseudonym = line.participant.pseudonym if line.participant else None
            row += (pseudonym, line.day, line.reference, str(line.source))
        rows.append(row)
    total: list[Cell] = [None] * len(columns)
    total[0] = "Total"
    total[16] = Formula("SUM({Amount:})", dollars(sum(x.amount for x in lines)))
    text = ("Amount = Count × ROUND(Days ÷ Of × Rate, 2). Actual costs and credits stand as reported.",)
    return Sheet(LINES, (Block(columns, rows, text=text, total=total),), landscape=True, freeze=True)


def held_sheet(lines: Sequence[Line], limits: Sequence[Limit], parties: Iterable[Party]) -> Sheet:
    """The Held back sheet: what each ceiling takes from which line, and each ceiling's total."""
    regions = {p.subaward: p.region for p in parties}
    places = {id(line): number for number, line in enumerate(lines, 1)}
    equal = {line: number for number, line in enumerate(lines, 1)}
    rows: list[tuple[Cell, ...]] = []
    for limit in limits:
        line = limit.line
        rows.append(
            (
                places.get(id(line)) or equal[line],
                line.award,
                line.subaward,
                regions.get(line.subaward),
                line.budget_period,
                str(line.month),
                line.pool,
                limit.ceiling,
                limit.window,
                dollars(limit.room),
                limit.n,
                dollars(limit.amount),
                str(limit.authority),
            )
        )
    total: list[Cell] = [None] * len(HELD_COLUMNS)
    total[0] = "Total"
    total[11] = Formula("SUM({Held back:})", dollars(sum(x.amount for x in limits)))
    text = ("What a ceiling holds back is a negative amount beside the line that it limits; it changes no line.",)
    block = Block(HELD_COLUMNS, rows, text=text, total=total)
    span = layout(Sheet(HELD, (block,)))[0]
    by_ceiling: dict[str, int] = {}
    for limit in limits:
        by_ceiling[limit.ceiling] = by_ceiling.get(limit.ceiling, 0) + limit.amount
    ceilings = Block(
        (Column("Ceiling"), Column("Held back", "money")),
        [
            (
                name,
                Formula(
                    f"SUMIFS({span.column('Held back')},{span.column('Ceiling')},{{Ceiling}})",
                    dollars(by_ceiling[name]),
                ),
            )
            for name in sorted(by_ceiling)
        ],
        heading="By ceiling",
    )
    return Sheet(HELD, (block, ceilings), landscape=True, freeze=True)


def summary_sheet(
    title: str,
    label: str,
    facts: Sequence[tuple[str, Cell]],
    lines: Sequence[Line],
    limits: Sequence[Limit],
    parties: Sequence[Party],
    lines_at: Span,
    held_at: Span,
    more: tuple[Block, ...] = (),
) -> Sheet:
    """The cover: what it is, its figures, and the sums by recipient, subaward, region and pool, all live."""
    earned, held = sum(x.amount for x in lines), sum(x.amount for x in limits)
    figures: list[tuple[Cell, ...]] = [
        ("Earned", Formula(f"SUM({lines_at.column('Amount')})", dollars(earned))),
        ("Held back by ceilings", Formula(f"SUM({held_at.column('Held back')})", dollars(held))),
        (
            "Claimed",
            Formula(f"SUM({lines_at.column('Amount')})+SUM({held_at.column('Held back')})", dollars(earned + held)),
        ),
    ]
    by = {p.subaward: p for p in parties}
    cover = Block((Column("", width=28), Column("", width=40)), [*facts], heading=title, text=(label,) if label else ())
    money = Block((Column("Figure", width=28), Column("USD", "money")), figures)

    def sums(
        heading: str, header: str, key: str, names: Mapping[Cell, Sequence[Cell]], columns: tuple[Column, ...] = ()
    ) -> Block:
        of = {name: [0, 0] for name in names}
        for line in lines:
            of[_key(line, key, by)][0] += line.amount
        for limit in limits:
            of[_key(limit.line, key, by)][1] += limit.amount
        match = f"{{{header}}}"
        rows: list[tuple[Cell, ...]] = []
        for name, more_cells in names.items():
            one = f"SUMIFS({lines_at.column('Amount')},{lines_at.column(key)},{match})"
            two = f"SUMIFS({held_at.column('Held back')},{held_at.column(key)},{match})"
            a, b = of[name]
            rows.append(
                (
                    name,
                    *more_cells,
                    Formula(one, dollars(a)),
                    Formula(two, dollars(b)),
                    Formula(f"{one}+{two}", dollars(a + b)),
                )
            )
        total: list[Cell] = ["Total", *([None] * len(columns))]
        for column, value in (("Earned", earned), ("Held back", held), ("Claimed", earned + held)):
            total.append(Formula(f"SUM({{{column}:}})", dollars(value)))
        figures = (Column("Earned", "money"), Column("Held back", "money"), Column("Claimed", "money"))
        kind = Column(header, "count" if header == "Region" else "text")
        return Block((kind, *columns, *figures), rows, heading=heading, total=total)

    awards: dict[Cell, Sequence[Cell]] = {p.award: (p.recipient,) for p in sorted(parties, key=lambda p: p.award)}
    subawards: dict[Cell, Sequence[Cell]] = {p.subaward: (p.subrecipient, p.award) for p in sorted(parties)}
    blocks = [cover, money, *more]
    blocks.append(sums("By recipient", "Award", "Award", awards, (Column("Recipient"),)))
    blocks.append(
        sums("By subaward", "Subaward", "Subaward", subawards, (Column("Subrecipient"), Column("Under award")))
    )
    if parties and all(p.region for p in parties):
        regions: dict[Cell, Sequence[Cell]] = dict.fromkeys(sorted({p.region for p in parties if p.region}), ())
        blocks.append(sums("By HHS region", "Region", "Region", regions))
    pools: dict[Cell, Sequence[Cell]] = dict.fromkeys(sorted({x.pool for x in lines}), ())
    blocks.append(sums("By cost pool", "Pool", "Pool", pools))
    return Sheet(SUMMARY, tuple(blocks), landscape=True)


def _key(line: Line, key: str, parties: Mapping[str, Party]) -> Cell:
    match key:
        case "Award":
            return line.award
        case "Subaward":
            return line.subaward
        case "Region":
            return parties[line.subaward].region
        case _:
            return line.pool


def rates_sheet(lines: Iterable[Line]) -> Sheet:
    """The rates that the lines use, each with both its dates and what says so."""
    found: dict[Fact[Rate], set[tuple[str, str]]] = {}
    lines = list(lines)
    for line in lines:
        if line.rate is not None:
            found.setdefault(line.rate, set()).add((line.service, line.phase))
    rows = [
        (
            number,
            ", ".join(sorted({s for s, _ in found[fact]})),
            ", ".join(sorted({p for _, p in found[fact]})),
            fact.value.value,
            fact.effective,
            fact.published,
            fact.authority.citation,
            fact.authority.note,
        )
        for fact, number in rate_numbers(lines).items()
    ]
    columns = (
        Column("Rate no."),
        Column("Service"),
        Column("Phase"),
        Column("Rate", "rate", "Dollars."),
        Column("Effective", "date", "For service from this day."),
        Column("Published", "date", "Nobody could know it before."),
        Column("Authority", "wrap", "What says so.", width=60),
        Column("Note", "wrap"),
    )
    return Sheet(RATES, (Block(columns, rows),), landscape=True, freeze=True)


def terms_sheet(terms: Iterable[TermUsed]) -> Sheet:
    """Every value of the terms as it was used, with both its dates and its citation."""
    columns = (
        Column("Award"),
        Column("Term", width=44),
        Column("Value", width=26),
        Column("Effective", "date"),
        Column("Published", "date"),
        Column("Authority", "wrap", width=60),
    )
    rows = [(t.award, t.term, t.value, t.effective, t.published, t.citation) for t in terms]
    return Sheet(TERMS, (Block(columns, rows),), landscape=True, freeze=True)


def notes_sheet(notes: Iterable[Finding]) -> Sheet:
    """What a reader should know and nobody need mend: warnings of the run."""
    columns = (
        Column("File"),
        Column("Sheet"),
        Column("Cell"),
        Column("Cause"),
        Column("Note", "wrap", width=60),
        Column("Expected", "wrap", width=40),
        Column("Found", "wrap", width=24),
    )
    rows = [(n.place.file, n.place.sheet, n.place.cell, n.cause, n.problem, n.expected, n.found) for n in notes]
    return Sheet(NOTES, (Block(columns, rows),), landscape=True, freeze=True)


def sources_sheet(command: str, inputs: Iterable[Input], facts: Sequence[tuple[str, Cell]]) -> Sheet:
    """What the document was made from: each input with its two digests, and the version of grantcalc."""
    run = Block(
        (Column("", width=24), Column("", width=40)),
        [("Command", command), ("grantcalc", version_here()), ("Format", str(FORMAT)), *facts],
        heading="How this workbook was made",
        text=("Run grantcalc verify on this workbook with a folder that holds the inputs, whatever their names.",),
    )
    columns = (
        Column("Role"),
        Column("File"),
        Column("Report date", "date"),
        Column("SHA-256 of the file", width=66),
        Column("SHA-256 of the facts read", width=66),
    )
    rows = [(i.role, i.file, i.report_date, i.digest, i.facts) for i in inputs]
    return Sheet(SOURCES, (run, Block(columns, rows, heading="Inputs")), landscape=True)


__all__ = ["claim_book", "write_claim"]
