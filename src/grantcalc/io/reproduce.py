"""A claim or request made again: its inputs found by digest, whatever their names, and the same code run on them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from attrs import define, evolve, field

from grantcalc.billing.claims import Claim, bill
from grantcalc.billing.requests import assemble, requests
from grantcalc.errors import Finding, Inexact, Place, Rejected
from grantcalc.io import sheets as out
from grantcalc.io.cells import Book, open_book
from grantcalc.io.claimbook import SOURCES, SUMMARY, claim_book, version_here
from grantcalc.io.claimread import Sheet, as_input, claim_of_book
from grantcalc.io.intake import award_of_book, caseload_of_book
from grantcalc.io.requestbook import request_book
from grantcalc.network import Network
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import Input, facts_digest

T = TypeVar("T")


@define
class Run:
    """What a document says of the run that made it, and what should be said of that besides the cells."""

    command: str
    through: Month
    known: date
    detail: bool
    inputs: list[Input]
    notes: list[str] = field(factory=list)


def run_of(document: Book) -> Run:
    """The run that made a document. The month, the day and the detail each stand in three places, and the majority
    holds, so that one changed cell cannot hide. `Rejected` when this is no document of grantcalc's."""
    missing = [name for name in (SUMMARY, SOURCES) if not document.sheets.get(name)]
    if missing:
        raise Rejected(
            [
                Finding(
                    Place(document.file), "document", "this is neither a claim nor a request", "one made by grantcalc"
                )
            ]
        )
    title = str(document.sheets[SUMMARY][0][1][0].value)
    covers = [{str(a.value): b.value for a, b in Sheet(document, name).pairs()} for name in (SUMMARY, SOURCES)]
    stated = re.search(r"to (\S{7}), as known on (\S{10})", title)
    months = [
        _stated(stated[1], Month.parse) if stated else None,
        *(_stated(c.get("Service through"), Month.parse) for c in covers),
    ]
    days = [
        _stated(stated[2], parse_date) if stated else None,
        *(_stated(c.get("As known on"), parse_date) for c in covers),
    ]
    details = [c.get("Detail") for c in covers]
    if "Participant" in {str(c.value) for _, cells in document.sheets.get("Lines", ()) for c in cells[-8:]}:
        details.append("participants")
    command = str(covers[1].get("Command"))
    inputs = [
        Input(
            r.text("Role"),
            r.text("File"),
            r.text("SHA-256 of the file"),
            r.text("SHA-256 of the facts read"),
            r.day("Report date"),
        )
        for r in Sheet(document, SOURCES).table("Role", "SHA-256 of the file")
    ]
    through, known = _majority(months), _majority(days)
    if through is None or known is None or command not in ("bill", "request"):
        raise Rejected(
            [
                Finding(
                    Place(document.file, SUMMARY),
                    "document",
                    "this document does not say which run made it",
                    "its month and day",
                )
            ]
        )
    run = Run(command, through, known, _majority(details) == "participants", inputs)
    made_by = covers[1].get("grantcalc")
    if made_by != version_here():
        run.notes.append(f"made by another version of grantcalc than this one, which is {version_here()}")
    return run


def reproduce(document: Book, folder: Path) -> tuple[Run, out.Book, Claim | None]:
    """The same document made again from the inputs in a folder; a claim is given too, with its participants.

    `Rejected` when an input is not there: neither a file with its digest, nor one that says the same facts.
    """
    run = run_of(document)
    found = Inputs(folder, run)
    network = found.network()
    if run.command == "bill":
        claim = bill(found.all("caseload", caseload_of_book), network, run.through, run.known)
        return run, claim_book(claim if run.detail else claim.counted()), claim
    caseloads = found.all("caseload", caseload_of_book)
    claims = [as_input(claim, book) for claim, book in found.claims()]
    if caseloads:
        claims.append(bill(caseloads, network, run.through, run.known))
    return run, request_book(requests(assemble(claims), network, run.known)), None


class Inputs:
    """The files of a folder, by what the document says of its inputs."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self.run = folder, run
        self.files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".xlsx", ".toml") and p.is_file())
        self.digests = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in reversed(self.files)}

    def network(self) -> Network:
        """The award workbook, with the terms files that it names found by digest beside it or anywhere in the folder."""
        terms = {
            i.file: self.digests[i.digest] for i in self.run.inputs if i.role == "terms" and i.digest in self.digests
        }

        def terms_file(name: str) -> bytes | None:
            return terms[name].read_bytes() if name in terms else None

        found = self.all("award", lambda book: award_of_book(book, terms_file))
        if len(found) != 1:
            self._missing("award", "an award workbook", 0)
        return found[0]

    def claims(self) -> list[tuple[Claim, Book]]:
        """The claims of a request, each with its workbook."""
        return self._find("claim", claim_of_book)

    def all(self, role: str, read: Callable[[Book], T]) -> list[T]:
        """Every input of a role, read."""
        return [value for value, _ in self._find(role, read)]

    def _find(self, role: str, read: Callable[[Book], T]) -> list[tuple[T, Book]]:
        found: list[tuple[T, Book]] = []
        missing = 0
        for wanted in (i for i in self.run.inputs if i.role == role):
            path = self.digests.get(wanted.digest)
            if path is not None:
                book = _named(open_book(path), wanted)
                found.append((read(book), book))
                continue
            again = self._by_facts(wanted, read)
            if again is None:
                missing += 1
            else:
                found.append(again)
                self.run.notes.append(
                    f"an input of role {role} was saved again since: its file differs, its facts do not"
                )
        if missing:
            self._missing(role, f"every {role} workbook that the Sources sheet names", missing)
        return found

    def _by_facts(self, wanted: Input, read: Callable[[Book], T]) -> tuple[T, Book] | None:
        for path in self.files:
            if path.suffix.lower() == ".xlsx":
                try:
                    book = _named(open_book(path), wanted)
                    value = read(book)
                except Rejected:  # a file of another kind, or one that cannot be read, is not the one sought
                    continue
                if facts_digest(value) == wanted.facts and wanted.facts:
                    return value, book
        return None

    def _missing(self, role: str, expected: str, count: int) -> None:
        problem = f"{count or 'an'} input{'s' if count > 1 else ''} of role {role} could not be found by digest"
        raise Rejected([Finding(Place(self.folder.name), "no_input", problem, expected)])


def _named(book: Book, wanted: Input) -> Book:
    """A workbook that was renamed, or saved again, stands for the file that the document names."""
    return evolve(book, file=wanted.file, digest=wanted.digest)


def _stated(value: object, parse: Callable[[str], T]) -> T | None:
    try:
        text = str(value.date()) if isinstance(value, datetime) else str(value)
        return parse(text)
    except Inexact:
        return None


def _majority(values: list[T | None]) -> T | None:
    said = [v for v in values if v is not None]
    return Counter(said).most_common(1)[0][0] if said else None
