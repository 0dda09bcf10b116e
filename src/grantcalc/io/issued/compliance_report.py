"""Whether an award is in order, as a workbook and as a calendar file (docs/compliance.md)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from grantcalc.compliance.results import CheckResult, ComplianceReport
from grantcalc.declared import checked
from grantcalc.io.issued.calendar import CalendarEvent, write_calendar
from grantcalc.xlsx.sheets import Block, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

REPORT_COLUMNS = (
    TableColumn("Result", note="pass, finding, or not tested: a fact is missing, and that is no pass."),
    TableColumn("Test", "wrap", "What is tested.", width=30),
    TableColumn("Of", "wrap", "The award, subaward, organization or region.", width=22),
    TableColumn("What it says", "wrap", "The figures and days that were compared.", width=60),
    TableColumn("Due", "date", "The day by which something is to be done."),
    TableColumn("Authority", "wrap", "What says so.", width=44),
    TableColumn("Row", "wrap", "The row of the workbook that the facts come from.", width=22),
)


@checked
def write_order(order: ComplianceReport, path: str | Path) -> str:
    """Write the list of tests as a workbook, passes included, and give the digest of its parts."""
    return write_book(order_book(order), Path(path))


def order_book(order: ComplianceReport) -> WorkbookDraft:
    """The list of tests as sheets: how many of each result, every test, and what is due when."""
    title = f"Is the award in order? As known on {order.known}"
    label = (order.label,) if order.label else ()
    counts = [(result, n) for result, n in order.count().items()]
    summary = Block((TableColumn("Result"), TableColumn("Tests", "count")), counts, heading=title, text=label)
    tests = Block(REPORT_COLUMNS, [row_of(o) for o in order.outcomes], table="Tests")
    due = Block(
        (
            TableColumn("Due", "date"),
            TableColumn("What", width=24),
            TableColumn("Of", "wrap", width=22),
            TableColumn("Says", "wrap", width=60),
        ),
        [(o.due, o.title, o.subject, o.says) for o in order.due],
    )
    sheets = (
        Sheet("Summary", (summary,)),
        Sheet("Tests", (tests,), landscape=True, freeze=True),
        Sheet("Due", (due,), landscape=True, freeze=True),
    )
    return WorkbookDraft(title, sheets, order.known)


def row_of(o: CheckResult) -> tuple[WrittenValue, ...]:
    """An outcome as a row of `REPORT_COLUMNS`."""
    return (o.result, o.title, o.subject, o.says, o.due, str(o.authority), str(o.source))


@checked
def write_due(order: ComplianceReport, path: str | Path) -> None:
    """Write what is due as a calendar file (.ics), the same bytes each time."""
    write_calendar([_event(o) for o in order.due], order.known, Path(path))


def _event(o: CheckResult) -> CalendarEvent:
    assert o.due is not None
    uid = sha256(f"{o.test}\0{o.subject}".encode()).hexdigest()[:32]
    return CalendarEvent(f"{uid}@grantcalc", o.due, f"{o.title}: {o.subject}", f"{o.says}\n{o.authority}")
