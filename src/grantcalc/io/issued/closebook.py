"""Journal entries as CSV, and the drawdown and the SEFA rows as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from pathlib import Path

from grantcalc.accounts import JournalLine
from grantcalc.closing import Drawdown, SefaRow
from grantcalc.declared import checked
from grantcalc.io.issued.linefile import guarded
from grantcalc.io.issued.statementbook import totals
from grantcalc.money import dollars
from grantcalc.xlsx.package import save
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

JOURNAL_COLUMNS = (
    "Number",
    "Date",
    "Account",
    "Debit",
    "Credit",
    "Award",
    "Budget period",
    "Subaward",
    "Memo",
)


@checked
def write_journal(lines: Iterable[JournalLine], path: str | Path) -> str:
    """Write journal entries as CSV (UTF-8, RFC 4180), a row for each side; gives how many rows were
    written. A text that a spreadsheet program would compute gets an apostrophe before it, as in a
    lines file."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(JOURNAL_COLUMNS)
    rows = [*map(_row, lines)]
    writer.writerows([*map(guarded, row)] for row in rows)

    def fill(target: object) -> str:
        target.write(buffer.getvalue().encode())  # type: ignore[attr-defined]
        return f"{len(rows)}"

    return save(Path(path), fill)


def _row(x: JournalLine) -> tuple[WrittenValue, ...]:
    debit, credit = (dollars(side) if side else None for side in (x.debit, x.credit))
    return x.number, x.booked, x.account, debit, credit, x.award, x.budget_period, x.subaward, x.memo


@checked
def write_close(draws: Sequence[Drawdown], rows: Sequence[SefaRow], known: date, path: str | Path) -> str:
    """Write the drawdown worksheet and the SEFA rows as a workbook, and give the digest of its
    parts."""
    sheets = (Sheet("Drawdown", (_drawdown(draws),), landscape=True), Sheet("SEFA", (_sefa(rows),), landscape=True))
    return write_book(WorkbookDraft(f"Drawdown and SEFA, as known on {known}", sheets, known), Path(path))


def _drawdown(draws: Sequence[Drawdown]) -> Block:
    columns = (
        TableColumn("Subaccount", width=20),
        TableColumn("Award", width=18),
        TableColumn("Budget period", width=18),
        TableColumn("Payment due date", "date", "The next business day, by hand.", width=18),
        TableColumn("Expected disbursement", "money", "Cash needed to pay invoices.", width=18),
        TableColumn("Cash on hand", "money", "Left of earlier payments.", width=18),
        TableColumn("Payment request", "money", "What the request asks for now.", width=18),
    )
    cells: list[tuple[WrittenValue, ...]] = []
    for d in draws:
        expected = None if d.expected is None else Formula("{Cash on hand}+{Payment request}", dollars(d.expected))
        on_hand = None if d.on_hand is None else dollars(d.on_hand)
        cells.append((d.subaccount or None, d.award, d.budget_period, None, expected, on_hand, dollars(d.payment)))
    total = totals(columns, {"Payment request": sum(d.payment for d in draws)})
    text = ("A blank is a figure that was not reported. A negative payment is a refund due.",)
    return Block(columns, cells, heading="Drawdown, by subaccount", text=text, total=total)


def _sefa(rows: Sequence[SefaRow]) -> Block:
    columns = (
        TableColumn("Federal agency prefix", width=14),
        TableColumn("ALN extension", width=14),
        TableColumn("Federal program name", "wrap", width=44),
        TableColumn("Award", width=18),
        TableColumn("Amount expended", "money", width=18),
        TableColumn("Direct award", width=12),
        TableColumn("Passed through to subrecipients", "money", width=22),
    )
    cells: list[tuple[WrittenValue, ...]] = [
        (
            r.prefix,
            r.extension,
            r.program or None,
            r.award,
            None if r.expended is None else dollars(r.expended),
            "Y",
            None if r.passed_through is None else dollars(r.passed_through),
        )
        for r in rows
    ]
    text = (
        "Of the fiscal year's service months, as allowed.",
        "Blank where indirect cost, program income or a recipient's share applies: the books give those by year.",
    )
    return Block(columns, cells, heading="Schedule of expenditures of federal awards", text=text)
