"""The record sheets of the award workbook in: what tests of the award ask beyond what billing
needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import TypeVar

from grantcalc.awards import wrong_figure
from grantcalc.compliance.record import AwardRecord, BudgetLine, ComplianceRecord, FiscalYear, SubawardRecord, Transfer
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.io.schemas.columns import SheetSchema
from grantcalc.io.schemas.record import AWARD_RECORD, BUDGET, FISCAL_YEARS, SUBAWARD_RECORD, TRANSFERS
from grantcalc.keys import KEYS, repeated
from grantcalc.money import dollars
from grantcalc.network import Network
from grantcalc.xlsx.reader import warn

T = TypeVar("T")

HAPPENED = ("made", "uei_on", "approved", "reported", "final_report", "on", "audited", "submitted")
"""Days that cannot lie after the day as of which the workbook is complete."""


def record_of_book(book: WorkbookRead, network: Network) -> ComplianceRecord:
    """The record of a workbook already opened, for the network read from it; empty where it has no
    such sheet.

    `WorkbookRejected` with every bad cell at once: also a row of an award, subaward or organization
    that is not there.
    """
    tables, day = SheetTables(book), network.report_date
    fains = {a.fain for a in network.awards}
    record = ComplianceRecord(
        tuple(_made(AwardRecord, row) for row in _rows(tables, AWARD_RECORD, fains, "award", day)),
        tuple(
            _made(SubawardRecord, row)
            for row in _rows(tables, SUBAWARD_RECORD, {s.id for s in network.subawards}, "subaward", day)
        ),
        tuple(
            row.make(BudgetLine, published=row.get("published", day))
            for row in _rows(tables, BUDGET, fains, "award", day)
        ),
        tuple(row.make(Transfer) for row in _rows(tables, TRANSFERS, fains, "award", day)),
        tuple(
            row.make(FiscalYear)
            for row in _rows(tables, FISCAL_YEARS, {o.id for o in network.organizations}, "organization", day)
        ),
    )
    for rows, sheet in ((record.budget, BUDGET), (record.transfers, TRANSFERS), (record.fiscal_years, FISCAL_YEARS)):
        told = tuple(repeated(rows, KEYS[sheet.sheet]))
        tables.findings.extend(f for f in told if f.severity == "error")
        warn(f for f in told if f.severity == "warning")
    tables.refuse()
    return record


def _rows(tables: SheetTables, layout: SheetSchema, ids: set[str], what: str, reported: date) -> Iterator[TableRow]:
    """The rows of a sheet that could be read, each about something that the workbook lists."""
    once = layout in (AWARD_RECORD, SUBAWARD_RECORD)
    for row in tables.distinct(layout) if once else tables.rows(layout):
        key = layout.columns[0].key
        if row.get(key) is not None and row.get(key) not in ids:
            tables.add(row, key, "reference", f"no such {what} is listed", f"one that the workbook lists as {what}")
            continue
        rate, amount = row.get("indirect_rate"), row.get("amount")
        for key in HAPPENED:
            if row.get(key) is not None and row.get(key) > reported:
                tables.add(
                    row, key, "later", "this day is after the report date", f"{reported} or before", row.get(key)
                )
                row.bad = True
        if rate is not None and (wrong := wrong_figure("indirect_rate", rate)):
            tables.add(row, "indirect_rate", "rate", *wrong, rate)
        elif amount is not None and amount < 0:
            tables.add(row, "amount", "amount", "this amount cannot be below zero", "0 or more", dollars(amount))
        elif not row.bad:
            yield row


def _made(kind: Callable[..., T], row: TableRow) -> T:
    """The value of a row, its rate of indirect cost as an exact fraction."""
    rate = row.get("indirect_rate")
    return row.make(kind, **({} if rate is None else {"indirect_rate": Fraction(rate)}))
