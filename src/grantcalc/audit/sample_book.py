"""The auditor's sample as a workbook: each line drawn, why it is what it is, its rows, and room for
what is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from grantcalc.audit.added_cells import CellNames
from grantcalc.audit.input_rows import InputRows
from grantcalc.audit.sampling import (
    SAMPLE_METHODS,
    Sample,
    SampledLine,
    SampleMethod,
    SampleProjection,
    drawn_lines,
    project,
)
from grantcalc.audit.trace import AmountTracer
from grantcalc.billing.claims import Claim
from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.errors import Place, Rejected, Unknown, WorkbookRejected, refuse
from grantcalc.io.intake.cells import WorkbookRead, open_book
from grantcalc.io.issued.claim_cells import ClaimRecord, ClaimSheet
from grantcalc.io.issued.claim_check import check_issued
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.summary import LINES
from grantcalc.money import dollars, round_half_away
from grantcalc.xlsx.package import DIGEST
from grantcalc.xlsx.scan import ISSUED
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

SAMPLE_SHEET = "Sample"
_TO_FILL = ("Amount supported", "Deviates", "Support seen", "Remark")
_COLUMNS = (
    TableColumn("Line", "count", "The line of the Lines sheet of the document.", width=8),
    TableColumn("Award"),
    TableColumn("Subaward"),
    TableColumn("Month", "month"),
    TableColumn("Service"),
    TableColumn("Amount", "money"),
    TableColumn("Hits", "count", "How many selected cents fall into the line."),
    TableColumn("Explanation", "wrap", width=60),
    TableColumn("Rows of the inputs", "wrap", "From --inputs; else empty.", width=40),
    TableColumn("Amount supported", "money", "To fill in: the amount that the support gives, 0 where there is none."),
    TableColumn("Deviates", note="To fill in for a sample by attribute: yes or no.", choices=("yes", "no")),
    TableColumn("Support seen", "wrap", "To fill in: what was looked at.", width=40),
    TableColumn("Remark", "wrap", "To fill in.", width=30),
)
_ROWS_SHOWN = 20


@checked
def draw_sample(
    document: str | Path,
    items: int,
    seed: int,
    method: SampleMethod = "monetary unit",
    inputs: str | Path | None = None,
) -> Sample:
    """Draw a sample of the lines of a claim or request, the same for the same document and seed.

    By monetary unit a line is drawn in proportion to its amount, by attribute each line with the
    same chance. With a folder of the inputs each line names its rows. `Unknown` for less than one
    item, or a method that is not one of `SAMPLE_METHODS`; `Rejected` for a document with nothing to
    draw, and a claim that was changed after it was issued.
    """
    if method not in SAMPLE_METHODS:
        raise Unknown("method", " or ".join(SAMPLE_METHODS), length=len(method))
    book, claim = _read(Path(document))
    rows = InputRows.of(book, Path(inputs)) if inputs is not None else None
    return _drawn(book, claim, rows, (items, seed, method))


@checked
def write_sample(sample: Sample, path: str | Path) -> str:
    """Write a sample as a workbook to fill in, and give the digest of its parts. One that names
    participants, or rows of a caseload, is readable by its owner alone; any other is looked through
    as a claim is."""
    private = any(d.line.participant or d.rows for d in sample.drawn)
    book = sample_book(sample)
    if not private:
        refuse_leaks(book)
    return write_book(book, Path(path), private=private)


@checked
def project_sample(document: str | Path, filled: str | Path) -> SampleProjection:
    """What was found in a sample, read from the workbook that was filled in, and projected over the
    document.

    The sample is drawn again. `Rejected` where the workbook is of another document or of other
    lines, and for each line of which the answer is missing or makes no sense.
    """
    book, claim = _read(Path(document))
    sheet = ClaimSheet(open_book(Path(filled), ISSUED), SAMPLE_SHEET)
    facts = {str(label.value): value.value for label, value in sheet.pairs()}
    method = next((m for m in SAMPLE_METHODS if m == facts.get("Method")), None)
    items, seed = (facts.get(name) for name in ("Items", "Seed"))
    place = Place(sheet.book.file, SAMPLE_SHEET)
    if method is None or type(items) is not int or not str(seed).lstrip("-").isdecimal() or items < 1:
        problem = "this is no sample of grantcalc"
        raise WorkbookRejected([place.finding("sample", problem, "a workbook that `grantcalc sample` wrote")])
    sample = _drawn(book, claim, None, (items, int(str(seed)), method))
    if facts.get("SHA-256 of its parts") != sample.parts:
        refuse([place.finding("sample", "this sample was drawn from another document", "the document of the sample")])
    rows = {r.integer("Line"): r for r in sheet.table("Line", "Amount", "Amount supported")}
    supported, deviating = dict[int, int](), dict[int, bool]()
    for each in sample.drawn:
        row = rows.pop(each.number, None)
        if row is None or row.cents("Amount") != each.line.amount:
            problem = f"line {each.number} was drawn, and its row is missing or has another amount"
            sheet.findings.append(place.finding("sample", problem, "the rows as they were written"))
        else:
            _read_answer(row, each, sample.method, supported, deviating)
    sheet.findings += (place.finding("sample", f"line {number} was not drawn", "no other rows") for number in rows)
    refuse(sheet.findings, WorkbookRejected)
    return project(sample, supported, deviating)


def sample_book(sample: Sample) -> WorkbookDraft:
    """A sample as a sheet: how it was drawn, then a row for each line, with cells to fill in."""
    title = f"Sample of {sample.document}"
    interval = dollars(round_half_away(sample.amount, sample.items))
    facts: list[tuple[str, WrittenValue]] = [
        ("Document", sample.document),
        ("SHA-256 of its parts", sample.parts),
        ("Method", sample.method),
        ("Items", sample.items),
        ("Seed", str(sample.seed)),
        ("Lines of the population", sample.lines),
        ("Amount of the population", dollars(sample.amount)),
    ]
    if sample.method == "monetary unit":
        facts += [
            ("Interval", interval),
            ("Lines outside", sample.outside[0]),
            ("Amount outside", dollars(sample.outside[1])),
        ]
    cover = Block((TableColumn("", width=24), TableColumn("", width=40)), facts, heading=title)
    text = (
        "Amounts are as earned, before what ceilings hold back.",
        "Fill in for each line the amount that its support gives: the whole amount where all is supported.",
        "Fill in what was seen, and for a sample by attribute whether the line deviates. Then run grantcalc project.",
    )
    rows = [_row(d) for d in sample.drawn]
    table = Block(_COLUMNS, rows, text=text, table="SampledLines", about="Each line drawn.")
    day = max((d.line.month.last for d in sample.drawn), default=date(2012, 10, 15))
    return WorkbookDraft(title, (Sheet(SAMPLE_SHEET, (cover, table), landscape=True),), day)


def _row(each: SampledLine) -> tuple[WrittenValue, ...]:
    line = each.line
    more = f"; and {len(each.rows) - _ROWS_SHOWN:,} more" if len(each.rows) > _ROWS_SHOWN else ""
    rows = "; ".join(each.rows[:_ROWS_SHOWN]) + more
    what = line.award, line.subaward, str(line.month), line.service
    figures = dollars(line.amount), each.hits
    return (each.number, *what, *figures, line.explain(), rows, *[None] * len(_TO_FILL))


def _read(path: Path) -> tuple[WorkbookRead, Claim]:
    """A claim, which must be as issued, or a request."""
    book = open_book(path, ISSUED)
    claim = claim_of_book(book, or_request=True)
    if claim.issuers:
        check_issued(claim, book, path)
    return book, claim


def _drawn(book: WorkbookRead, claim: Claim, rows: InputRows | None, how: tuple[int, int, SampleMethod]) -> Sample:
    items, seed, method = how
    parts, tracer = book.properties.get(DIGEST, ""), AmountTracer(book, claim, rows)
    drawn = [*_places(tracer, claim, [*drawn_lines(claim.lines, parts, items, seed, method)])]
    if not drawn:
        problem = "there is no line that could be drawn"
        raise Rejected([Place(book.file, LINES).finding("sample", problem, "a document with an amount above zero")])
    outside = [x.amount for x in claim.lines if x.amount <= 0] if method == "monetary unit" else []
    return Sample(
        document=book.file,
        parts=parts,
        method=method,
        items=items,
        seed=seed,
        lines=len(claim.lines) - len(outside),
        amount=sum(x.amount for x in claim.lines) - sum(outside),
        outside=(len(outside), sum(outside)),
        drawn=tuple(drawn),
    )


def _places(tracer: AmountTracer, claim: Claim, numbers: list[tuple[int, int]]) -> Iterator[SampledLine]:
    """The lines of some numbers with their cells and, where the inputs are there, their rows."""
    names: CellNames = tracer.names
    first = next((at for at, cells in tracer.book.sheets[LINES] if cells[0].value == "Line"), 0)
    for number, hits in numbers:
        cells = names.row(LINES, first + number)
        tree = tracer.tree(LINES, first + number, cells[0])
        place = tree.place if tree else f"{LINES}!A{first + number}"
        rows = tuple(dict.fromkeys(leaf.place for leaf in tree.leaves())) if tree and tracer.rows else ()
        yield SampledLine(number=number, place=place, line=claim.lines[number - 1], hits=hits, rows=rows)


def _read_answer(
    row: ClaimRecord, each: SampledLine, method: SampleMethod, supported: dict[int, int], deviating: dict[int, bool]
) -> None:
    """What was filled in for a line: the amount supported, and by attribute whether it deviates."""
    given = row.value("Amount supported")
    if method == "monetary unit" and given is None:
        row.wrong("Amount supported", "this line has no answer", "the amount that its support gives")
    if given is not None:
        supported[each.number] = row.cents("Amount supported")
    if method == "attribute":
        answer = row.text("Deviates").casefold()
        if answer not in ("yes", "no"):
            row.wrong("Deviates", "this line has no answer", "yes or no")
        deviating[each.number] = answer == "yes"
        if answer == "no" and supported.get(each.number, each.line.amount) != each.line.amount:
            row.wrong("Deviates", "another amount is supported, and the line is said not to deviate", "yes")
