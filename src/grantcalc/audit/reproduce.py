"""A claim or request made again: its inputs found by digest, whatever their names, and the same
code run on them."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from grantcalc.audit.input_files import InputFiles
from grantcalc.audit.run import Run, run_of
from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.roster import roster
from grantcalc.io.intake.cells import WorkbookRead, book_of_bytes
from grantcalc.io.issued.claimbook import claim_book
from grantcalc.io.issued.linefile import lines_again
from grantcalc.io.issued.requestbook import request_book
from grantcalc.io.issued.rosterbook import roster_book
from grantcalc.io.issued.statementbook import statement_book
from grantcalc.ledger.entries import RequestKind
from grantcalc.ledger.ledger import Ledger
from grantcalc.ledger.requests import Request, assemble, requests
from grantcalc.ledger.since import since_last
from grantcalc.ledger.statements import statement_of
from grantcalc.network import Network
from grantcalc.xlsx import sheets as out
from grantcalc.xlsx.package import DIGEST
from grantcalc.xlsx.reader import collect_warnings
from grantcalc.xlsx.scan import ISSUED
from grantcalc.xlsx.writer import book_bytes


@frozen(kw_only=True)
class Reproduced:
    """A document made again: its run, its sheets, and the values that it rests on.

    A claim itself is among the `claims`, with its participants; those of a request were read from
    `claim_books`, in order, before any that was billed for it.
    """

    run: Run
    draft: out.WorkbookDraft
    network: Network
    caseloads: tuple[Caseload, ...] = ()
    claims: tuple[Claim, ...] = ()
    claim_books: tuple[WorkbookRead, ...] = ()
    ledger: Ledger | None = None
    requests: tuple[Request, ...] = ()


def reproduce(document: WorkbookRead, folder: Path, *, as_stated: bool = True, other_terms: bool = False) -> Reproduced:
    """The same document made again from the inputs in a folder. Inputs have the names and digests
    that the document states, or else those that they have in the folder. With `other_terms` a terms
    file may be another version: one of the same name.

    `Rejected` when an input is not there: neither a file with its digest, nor one that says the
    same facts.
    """
    run = run_of(document)
    with collect_warnings():  # of whatever the folder holds, inputs or not: they were told when the document was made
        files = InputFiles(folder, run, as_stated, other_terms)
        inputs = files.read()
    network, loads = inputs["award"][0], tuple(inputs["caseload"])
    if run.command == "bill":
        claim = bill(loads, network, run.through, run.known, previous=inputs["previous"])
        since = None
        if inputs["claim"]:
            last = inputs["claim"][0]
            since = since_last(last, loads, network, run.through, run.known, previous=inputs["previous"])
        draft = claim_book(claim if run.detail else claim.counted(), lines_again(document, claim), since)
        return Reproduced(run=run, draft=draft, network=network, caseloads=loads, claims=(claim,))
    if run.command == "roster":
        draft = roster_book(roster(loads, network, run.through, run.known))
        return Reproduced(run=run, draft=draft, network=network, caseloads=loads)
    ledger, source = inputs["ledger"][0] if inputs["ledger"] else (None, None)
    claims = () if ledger else tuple(inputs["claim"])
    if run.command == "statement":
        draft = statement_book(statement_of(ledger or assemble(claims), network, run.subaward, run.known, source))
        return Reproduced(run=run, draft=draft, network=network, claims=claims, ledger=ledger)
    if loads and not ledger:
        claims = (*claims, bill(loads, network, run.through, run.known))
    kind: RequestKind = "advance" if ledger and run.advance else "reimbursement"
    asked = requests(ledger or assemble(claims), network, run.known, source, kind)
    return Reproduced(
        run=run,
        draft=request_book(asked, lines_again(document, *asked)),
        network=network,
        caseloads=loads,
        claims=claims,
        claim_books=tuple(files.claim_books),
        ledger=ledger,
        requests=asked,
    )


@frozen
class MadeAgain:
    """A document made again: its run, its cells, its bytes, and whether its parts are those that
    were issued."""

    run: Run
    book: WorkbookRead
    data: bytes
    as_issued: bool


def make_again(document: WorkbookRead, folder: Path, file: str = "", *, other_terms: bool = False) -> MadeAgain:
    """A document made again as the `file`, with the names and digests of inputs that it states;
    where these do not give what was issued, with those that the inputs have in the folder. Refused
    like `reproduce`."""
    stated = _made(document, folder, file, as_stated=True, other_terms=other_terms)
    if stated.as_issued or not stated.run.moved:
        return stated
    here = _made(document, folder, file, as_stated=False, other_terms=other_terms)
    return here if here.as_issued else stated


def _made(document: WorkbookRead, folder: Path, file: str, *, as_stated: bool, other_terms: bool) -> MadeAgain:
    again = reproduce(document, folder, as_stated=as_stated, other_terms=other_terms)
    data = book_bytes(again.draft)
    book = book_of_bytes(data, file or document.file, ISSUED)
    return MadeAgain(again.run, book, data, parts_stated(book) == parts_stated(document))


def parts_stated(book: WorkbookRead) -> str:
    """The digest of its parts that a workbook keeps, from the day on which it was issued, through
    any later change. If it is that of the workbook made again, then that is what was issued, to the
    byte."""
    return book.properties.get(DIGEST, "")
