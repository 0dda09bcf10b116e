"""Does a ledger record a request? A request states the ledger that it was made from, and its
entries come next there.

A process that is killed after it wrote a request and before it appended to the ledger leaves a
workbook that no entry records. Whoever submits it would ask for money that the ledger does not know
of.
"""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from grantcalc.audit.run import Run, run_of
from grantcalc.audit.verify import Difference, Verdict
from grantcalc.declared import checked
from grantcalc.io.intake.cells import WorkbookRead, open_book
from grantcalc.io.issued.claim_cells import ClaimSheet
from grantcalc.io.issued.claimbook import SUMMARY
from grantcalc.ledger.chain import NOTHING
from grantcalc.ledger.entries import Requested
from grantcalc.ledger.ledger import Ledger
from grantcalc.money import plain
from grantcalc.xlsx.scan import ISSUED


@frozen
class Unrecorded:
    """An amount, in cents, that a request asks for and that no entry of a ledger records."""

    award: str
    budget_period: str
    amount: int

    def __str__(self) -> str:
        return f"no entry of the ledger records this {self.request}"

    @property
    def request(self) -> str:
        """The request in words."""
        return f"request of {plain(self.amount)} for {self.award}, {self.budget_period}"


@checked
def unrecorded(document: str | Path, ledger: Ledger) -> tuple[Unrecorded, ...]:
    """What a request asks for and this ledger does not record; nothing where it records every
    amount.

    A claim, and a request that was made from claims, is recorded nowhere: nothing is said of it.
    `Rejected` where the file is no document of grantcalc's.
    """
    book = open_book(Path(document), ISSUED)
    run = run_of(book)
    heads = [i.facts for i in run.inputs if i.role == "ledger"]
    if not heads:
        return ()
    at = next((n for n, head in enumerate((NOTHING, *(e.head for e in ledger.entries))) if head in heads), None)
    recorded = {} if at is None else _recorded(run, ledger, at)
    return tuple(
        asked
        for asked in _asked(book)
        if asked.amount and recorded.get((asked.award, asked.budget_period)) != asked.amount
    )


def against_ledger(verdict: Verdict, document: Path, ledger: Ledger, name: str) -> Verdict:
    """The verdict on a request, with what the ledger of this name does not record of it."""
    missing = (
        Difference(f"the ledger {name}", "no entry of this request", f"a {one.request}")
        for one in unrecorded(document, ledger)
    )
    return evolve(verdict, differences=(*verdict.differences, *missing))


def _recorded(run: Run, ledger: Ledger, at: int) -> dict[tuple[str, str], int]:
    """What the entries behind entry number `at` record of the requests of this run."""
    entries: dict[tuple[str, str], int] = {}
    for entry in ledger.entries[at:]:
        act = entry.act
        if not (isinstance(act, Requested) and entry.posted == run.known and run.inputs.keys() >= {*act.inputs}):
            break
        entries[act.award, act.budget_period] = act.amount
    return entries


def _asked(book: WorkbookRead) -> list[Unrecorded]:
    """What a request asks of each award and budget period, as its Summary says."""
    sheet = ClaimSheet(book, SUMMARY)
    rows = sheet.table("Award", "Budget period", "Requested now")
    return [Unrecorded(r.text("Award"), r.text("Budget period"), r.cents("Requested now")) for r in rows]
