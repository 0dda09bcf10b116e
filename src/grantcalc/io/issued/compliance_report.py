"""Whether an award is in order, as a workbook and as a calendar file (docs/compliance.md)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from grantcalc.compliance.results import Order, Outcome
from grantcalc.io.issued.calendar import Event, write_calendar
from grantcalc.xlsx.sheets import Block, Book, Cell, Column, Sheet
from grantcalc.xlsx.writer import write_book

COLUMNS = (
    Column("Result", note="pass, finding, or not tested: a fact is missing, and that is no pass."),
    Column("Test", "wrap", "What is tested.", width=30),
    Column("Of", "wrap", "The award, subaward, organization or region.", width=22),
    Column("What it says", "wrap", "The figures and days that were compared.", width=60),
    Column("Due", "date", "The day by which something is to be done."),
    Column("Authority", "wrap", "What says so.", width=44),
    Column("Row", "wrap", "The row of the workbook that the facts come from.", width=22),
)


def write_order(order: Order, path: str | Path) -> str:
    """Write the list of tests as a workbook, passes included, and give the digest of its parts."""
    return write_book(order_book(order), Path(path))


def order_book(order: Order) -> Book:
    """The list of tests as sheets: how many of each result, every test, and what is due when."""
    title = f"Is the award in order? As known on {order.known}"
    label = (order.label,) if order.label else ()
    counts = [(result, n) for result, n in order.count().items()]
    summary = Block((Column("Result"), Column("Tests", "count")), counts, heading=title, text=label)
    tests = Block(COLUMNS, [row_of(o) for o in order.outcomes], table="Tests")
    due = Block(
        (
            Column("Due", "date"),
            Column("What", width=24),
            Column("Of", "wrap", width=22),
            Column("Says", "wrap", width=60),
        ),
        [(o.due, o.title, o.subject, o.says) for o in order.due],
    )
    sheets = (
        Sheet("Summary", (summary,)),
        Sheet("Tests", (tests,), landscape=True, freeze=True),
        Sheet("Due", (due,), landscape=True, freeze=True),
    )
    return Book(title, sheets, order.known)


def row_of(o: Outcome) -> tuple[Cell, ...]:
    """An outcome as a row of `COLUMNS`."""
    return (o.result, o.title, o.subject, o.says, o.due, str(o.authority), str(o.source))


def write_due(order: Order, path: str | Path) -> None:
    """Write what is due as a calendar file (.ics), the same bytes each time."""
    write_calendar([_event(o) for o in order.due], order.known, Path(path))


def _event(o: Outcome) -> Event:
    assert o.due is not None
    uid = sha256(f"{o.test}\0{o.subject}".encode()).hexdigest()[:32]
    return Event(f"{uid}@grantcalc", o.due, f"{o.title}: {o.subject}", f"{o.says}\n{o.authority}")
