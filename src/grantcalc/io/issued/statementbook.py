"""The statement of a subaward as a workbook: what goes back to a subrecipient
(docs/workbooks.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grantcalc.declared import checked
from grantcalc.disclosure.identifiers import refuse_leaks
from grantcalc.io.issued.claimbook import sources_sheet
from grantcalc.io.issued.summary import SUMMARY, title_of
from grantcalc.ledger.statements import Statement
from grantcalc.money import cents, dollars
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

MONTH_COLUMNS = (
    TableColumn("Month", "month", width=14),
    TableColumn("Budget period", width=20),
    TableColumn("Earned", "money", "Sum of the lines of the month."),
    TableColumn("Held back", "money", "By ceilings; the sheet below says by which."),
    TableColumn("Disallowed", "money", "By decision."),
    TableColumn("Allowed", "money", "Earned, less what is held back and disallowed."),
)


@checked
def write_statement(statement: Statement, path: str | Path) -> str:
    """Write the statement of a subaward and give the digest of its parts. It is looked through
    before it is written, as a claim is; the same statement gives the same bytes."""
    refuse_leaks(book := statement_book(statement))
    return write_book(book, Path(path))


def statement_book(s: Statement) -> WorkbookDraft:
    """A statement as sheets: what is allowed, requested, on hold and left; why; and what it was
    made from."""
    title = title_of("statement", s.through, s.known)
    facts: tuple[tuple[str, WrittenValue], ...] = (
        ("Service through", str(s.through)),
        ("As known on", s.known),
        ("Subaward", s.subaward),
    )
    named: tuple[tuple[str, WrittenValue], ...] = (
        ("Subrecipient", s.subrecipient),
        ("Contact", s.contact or None),
        ("Period of the subaward", str(s.period)),
        ("Award", s.award),
        ("Recipient", s.recipient),
    )
    cover = Block(
        (TableColumn("", width=34), TableColumn("", "wrap", width=48)),
        [*facts, *((label, value) for label, value in named if value)],
        heading=title,
        text=(s.label,) if s.label else (),
    )
    pages = (
        Sheet(SUMMARY, (cover, _figures(s), _requests(s)), landscape=True),
        Sheet("Months", (_months(s),), landscape=True, freeze=True),
        Sheet("Adjustments", (_adjustments(s),), landscape=True, freeze=True),
        Sheet("Held back", (_held(s),), landscape=True, freeze=True),
        sources_sheet("statement", s.inputs, facts),
    )
    return WorkbookDraft(title, pages, s.known, {"Allowed": "{Figures.USD#1}", "Requested": "{Figures.USD#2}"})


def _figures(s: Statement) -> Block:
    """What is allowed, and what became of it: requested, on hold, or to be requested next; and the
    balance."""
    allowed, requested = cents(s.allowed), cents(s.requested)
    rows: list[tuple[WrittenValue, ...]] = [
        ("Allowed to date", Formula("{Months.Allowed#total}", dollars(allowed))),
        ("Requested to date", Formula("{Requests.Amount#total}", dollars(requested))),
        ("On hold" + (f": {s.hold_reason}" if s.hold_reason and s.on_hold else ""), dollars(s.on_hold)),
        ("To be requested next", Formula("{USD#1}-{USD#2}-{USD#3}", dollars(allowed - requested - s.on_hold))),
    ]
    if s.obligated is not None:
        left = s.obligated - s.below - allowed
        rows.append(("Obligated for the subaward", dollars(s.obligated)))
        rows.append(("Allowed of subawards below it", dollars(s.below)))
        rows.append(("Balance of the subaward", Formula("{USD#5}-{USD#6}-{USD#1}", dollars(left))))
    columns = (TableColumn("Figure", "wrap", width=34), TableColumn("USD", "money"))
    text = () if s.obligated is not None else ("The subaward has no amount of its own.",)
    return Block(columns, rows, heading="Where the subaward is", text=text, name="Figures")


def _requests(s: Statement) -> Block:
    """Each request, and what it asked for the subaward."""
    columns = (
        TableColumn("Requested on", "date"),
        TableColumn("Budget period"),
        TableColumn("For"),
        TableColumn("Amount", "money", "Cost of the subaward, before a federal share."),
    )
    rows = [(a.posted or "earlier", a.budget_period, a.kind, dollars(a.amount)) for a in s.asked]
    heading = "What was requested of the federal agency for this subaward"
    text = () if rows else ("Nothing was requested yet.",)
    return Block(
        columns,
        rows,
        heading=heading,
        text=text,
        total=totals(columns, {"Amount": cents(s.requested)}),
        name="Requests",
    )


def _months(s: Statement) -> Block:
    """Month by month; the last row is the sum."""
    rows: list[tuple[WrittenValue, ...]] = [
        (
            str(m.month),
            m.budget_period,
            dollars(m.earned),
            dollars(m.held_back),
            dollars(m.disallowed),
            Formula("{Earned}+{Held back}+{Disallowed}", dollars(m.allowed)),
        )
        for m in s.months
    ]
    sums = {
        "Earned": sum(m.earned for m in s.months),
        "Held back": sum(m.held_back for m in s.months),
        "Disallowed": sum(m.disallowed for m in s.months),
        "Allowed": cents(s.allowed),
    }
    total = totals(MONTH_COLUMNS, sums)
    return Block(MONTH_COLUMNS, rows, heading="By service month", total=total, name="Months")


def _adjustments(s: Statement) -> Block:
    """What each posting added and recovered, with the reason in a sentence."""
    columns = (
        TableColumn("Posted on", "date"),
        TableColumn("Added", "money"),
        TableColumn("Recovered", "money"),
        TableColumn("Why", "wrap", width=76),
    )
    rows = [(a.posted, dollars(a.added), dollars(a.recovered), a.sentence) for a in s.adjustments]
    text = (
        "What was posted under the ceilings of participants and of the subaward.",
        "Ceilings of the award and of subawards above are on the sheet Held back.",
    )
    sums = {"Added": sum(a.added for a in s.adjustments), "Recovered": sum(a.recovered for a in s.adjustments)}
    total = totals(columns, sums)
    return Block(columns, rows, heading="What was posted, and why", text=text, total=total)


def _held(s: Statement) -> Block:
    """What each ceiling holds back in each window, and what each decision disallows."""
    columns = (
        TableColumn("What", width=14),
        TableColumn("By", "wrap", width=34),
        TableColumn("Window", width=20),
        TableColumn("Amount", "money"),
        TableColumn("Authority", "wrap", width=64),
    )
    rows = [
        ("disallowed" if h.disallowed else "held back", h.name, h.window, dollars(h.amount), h.citation) for h in s.held
    ]
    text = () if rows else ("Nothing is held back or disallowed.",)
    heading = "What is held back, and by what"
    return Block(
        columns, rows, heading=heading, text=text, total=totals(columns, {"Amount": sum(h.amount for h in s.held)})
    )


def totals(columns: Sequence[TableColumn], sums: Mapping[str, int]) -> list[WrittenValue]:
    """A row of totals: of each column named, its sum in cents as a live formula."""
    total: list[WrittenValue] = ["Total", *([None] * (len(columns) - 1))]
    for at, column in enumerate(columns):
        if column.header in sums:
            total[at] = Formula(f"SUM({{{column.header}:}})", dollars(sums[column.header]))
    return total
