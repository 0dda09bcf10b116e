"""The next month of a folder: its workbooks billed, what that adds to its ledger and why, and the
documents of it.

It is what `bill`, `post` and `request` do one after the other, in one turn of the ledger: the
documents are put in place first, then the entries are appended, and where anything fails there is
neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.lines import how_many
from grantcalc.declared import checked
from grantcalc.errors import Finding, Place, Rejected, refuse
from grantcalc.forms import sf270, sf425
from grantcalc.io.exchange.journal import as_ledger_input
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_claims, read_inputs, read_workbooks
from grantcalc.io.issued.claim_check import unknown_rates
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.io.issued.forms import forms_page
from grantcalc.io.issued.requestbook import write_request
from grantcalc.io.monthly_files import MONTHS_FILE, MonthlyFiles, read_monthly_files
from grantcalc.ledger.adjustments import Adjustments, adjust_to_previous
from grantcalc.ledger.asking import ask
from grantcalc.ledger.entries import Entry
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.log import describe_posting, describe_refused
from grantcalc.ledger.requests import Request
from grantcalc.network import Network
from grantcalc.periods import Month
from grantcalc.xlsx.package import save, together


@frozen(kw_only=True)
class NextMonth:
    """A month billed: the claims, the sentences that say what would be posted and why, the
    requests, and the ledger with all of it. `inputs` are the workbooks, and `previous` the
    caseloads of last time."""

    files: MonthlyFiles
    month: Month
    inputs: tuple[Path, ...]
    previous: tuple[Path, ...]
    claims: tuple[Claim, ...]
    sentences: tuple[str, ...]
    requests: tuple[Request, ...]
    entries: tuple[Entry, ...] = field(repr=how_many)
    ledger: Ledger

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What a person should read of it first: rows that vanished, and what is unlikely."""
        of_all: tuple[Claim | Request, ...] = (*self.claims, *self.requests)
        return tuple(dict.fromkeys(note for one in of_all for note in one.notes))


@checked
def next_month(folder: str | Path, month: Month, ledger: Ledger | None = None) -> NextMonth:
    """Bill a month of a folder that has a `months.toml` (docs/months.md), and tell what would be
    posted and why.

    Nothing is written. `ledger` is by default the one that the folder keeps, or an empty one before
    the first month. The caseloads of last month are read as those of last time: each row of them
    that is missing now is noted. `Rejected` for every bad cell, every file that is not there, and
    an earlier month that was not posted.
    """
    files = read_monthly_files(Path(folder))
    before = Store(files.store, create=True).load() if ledger is None else ledger
    refuse(_not_posted(files, month, before), Rejected)
    inputs, previous, layouts = files.inputs(month), files.previous(month), files.layouts_of(month)
    network: Network = read_inputs([(files.award_of(month), "award")], layouts, all_used=False)[0]
    if files.claims:
        claims = tuple(sorted(read_claims(inputs), key=lambda c: (c.known, c.issuers)))
        refuse(unknown_rates(claims, network))
        after, sentences = _posted_as_they_came(claims, before, detail=files.detail)
    else:
        network, caseloads = read_workbooks(inputs, layouts)
        earlier = read_inputs(((path, "caseload") for path in previous), layouts, all_used=False)
        claims = (bill(caseloads, network, month, previous=earlier),)
        changes = adjust_to_previous(before, caseloads, network, month, previous=earlier, detail=files.detail)
        refuse(_posted_otherwise(month, before, changes), Rejected)
        after = before.post(changes.claim if files.detail else changes.claim.counted(), changes.changes)
        new = after.entries[len(before.entries) :]
        told = changes.sentences() if changes.changes else describe_posting(changes.claim, ())
        sentences = (*told, *describe_refused(new))
    asked: tuple[Request, ...] = ()
    if files.request:
        outcome = ask(after, network, source_of=lambda at: as_ledger_input(at, files.store))
        asked, after = outcome.requests, outcome.ledger
        refuse(_nothing_to_request(asked), Rejected)
    return NextMonth(
        files=files,
        month=month,
        inputs=inputs,
        previous=previous,
        claims=claims,
        sentences=sentences,
        requests=asked,
        entries=after.entries[len(before.entries) :],
        ledger=after,
    )


@checked
def post_next_month(folder: str | Path, month: Month) -> NextMonth:
    """Bill a month as `next_month` does, write its documents, and post it to the ledger that the
    folder keeps.

    Nobody else appends meanwhile. Where anything fails no document is left, and nothing is posted.
    Refused like `next_month`.
    """
    store = Store(read_monthly_files(Path(folder)).store, create=True)
    with together(), store.turn() as turn:
        made = next_month(folder, month, turn.ledger)
        write_documents(made)
        turn.entries = made.entries
    return made


def write_documents(made: NextMonth) -> None:
    """Write each document of a month that has a name."""
    paths, detail = made.files.documents(made.month), made.files.detail
    if "claim" in paths:
        write_claim(made.claims[0], paths["claim"], detail=detail)
    if "request" in paths:
        write_request(made.requests, paths["request"])
    if "page" in paths:
        page = forms_page(form for r in made.requests for form in (sf270(r), sf425(r)))
        save(paths["page"], lambda file: f"{file.write(page.encode())}")


def _posted_as_they_came(claims: tuple[Claim, ...], before: Ledger, *, detail: bool) -> tuple[Ledger, tuple[str, ...]]:
    sentences: list[str] = []
    for claim in claims:
        after = before.post(claim if detail else claim.counted())
        sentences += describe_posting(claim, after.entries[len(before.entries) :])
        before = after
    return before, tuple(sentences)


def _not_posted(files: MonthlyFiles, month: Month, ledger: Ledger) -> Iterator[Finding]:
    """The month that comes first, where an earlier one with a folder was not posted."""
    if month not in files.months:
        problem = f"there is no folder {month}"
        yield Place(MONTHS_FILE).finding("missing", problem, "a folder with the workbooks of that month")
    posted = max((p.through for _, p in ledger.bases), default=None)
    waiting = [m for m in files.months if m < month and (posted is None or m > posted)]
    if waiting:
        problem = f"{waiting[0]} has a folder and was not posted"
        yield Place(MONTHS_FILE).finding("order", problem, f"first --month {waiting[0]}")


def _posted_otherwise(month: Month, ledger: Ledger, changes: Adjustments) -> Iterator[Finding]:
    """That a month was posted already, from workbooks that said something else."""
    if changes.changes and any(p.through >= month for _, p in ledger.bases):
        expected = "the change in the workbooks of the next month, or first `grantcalc ledger void` of that posting"
        yield Place(MONTHS_FILE).finding("posted", f"{month} was posted from other workbooks", expected)


def _nothing_to_request(asked: tuple[Request, ...]) -> Iterator[Finding]:
    if not asked:
        yield Place(MONTHS_FILE).finding("no_lines", "there is no line to request", "at least one line")
