"""The run that made a document, as the document tells it: what was asked for, as known when, from
which inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import product
from typing import NoReturn, TypeVar

from attrs import define, field

from grantcalc.errors import Inexact, Place, Rejected
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.issued.claim_cells import ClaimSheet
from grantcalc.io.issued.claimbook import SOURCES, version_here
from grantcalc.io.issued.summary import LINES, SUMMARY, title_of
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import Input

T = TypeVar("T")
_TOLD_BY = {"Issuers": "bill", "Roster of": "roster", "Subaward": "statement"}
"""The command that made a document, by a label that only its cover has."""


@define
class Run:
    """What a document says of the run that made it, and what should be said of that besides the
    cells.

    `version` is the cell that names another version of grantcalc than this one, if it does; `terms`
    are the cells with the digests of terms that ship with such a version. `moved` says whether the
    folder holds an input under another name, or saved again, than the document states.
    """

    command: str
    through: Month
    known: date
    detail: bool
    inputs: Mapping[Input, tuple[str, ...]]  # with the cells of its digests
    version: str = ""
    terms: list[str] = field(factory=list)
    moved: bool = False
    advance: bool = False
    subaward: str = ""
    notes: list[str] = field(factory=list)


def run_of(document: WorkbookRead) -> Run:
    """The run that made a document. What it is, the month, the day and the detail each stand in
    three places, and the majority holds, so that one changed cell cannot hide. `Rejected` when this
    is no document of grantcalc's."""
    wanted = "a claim, request, statement or roster made by grantcalc"
    if not (document.sheets.get(SUMMARY) and document.sheets.get(SOURCES)):
        refuse_document(Place(document.file), "document", "this is no document that can be made again", wanted)
    title = str(document.sheets[SUMMARY][0][1][0].value)
    pairs = [{str(a.value): b for a, b in ClaimSheet(document, name).pairs()} for name in (SUMMARY, SOURCES)]
    cover, made = ({label: cell.value for label, cell in cells_of_page.items()} for cells_of_page in pairs)
    months = [_stated(v, Month.parse) for v in (cover.get("Service through"), made.get("Service through"))]
    days = [_stated(v, parse_date) for v in (cover.get("As known on"), made.get("As known on"))]
    headers = {c.value for _, cells in document.sheets.get(LINES, ()) for c in cells[-8:]}
    details = [cover.get("Detail") == "participants", made.get("Detail") == "participants", "Participant" in headers]
    commands = [str(made.get("Command", "")), next((c for label, c in _TOLD_BY.items() if label in cover), "request")]
    for command, month, day in product(commands, months, days):
        if month and day and title == title_of(command, month, day):  # the title confirms one of what the two say
            commands, months, days = [*commands, command], [*months, month], [*days, day]
            break
    through, known = _majority(months), _majority(days)
    if through is None or known is None:
        problem = "this document does not say which run made it"
        refuse_document(Place(document.file, SUMMARY), "document", problem, "its month and day")
    run = Run(str(_majority(commands)), through, known, bool(_majority(details)), _inputs_of(document))
    run.subaward = str(made.get("Subaward") or cover.get("Subaward") or "")
    run.advance = "advance" in (cover.get("Payment"), made.get("Payment"))
    if made.get("grantcalc") != version_here():
        run.version = f"{SOURCES}!{pairs[1]['grantcalc'].ref}" if "grantcalc" in made else ""
    return run


def _inputs_of(document: WorkbookRead) -> dict[Input, tuple[str, ...]]:
    sheet = ClaimSheet(document, SOURCES)
    digests = "SHA-256 of the file", "SHA-256 of the facts read"
    return {
        Input(
            r.text("Role"),
            r.text("File"),
            r.text(digests[0]),
            r.text(digests[1]),
            r.day("Report date"),
        ): tuple(f"{SOURCES}!{r[d].ref}" for d in digests if d in r)
        for r in sheet.table("Role") or sheet.table(digests[0])
    }


def refuse_document(place: Place, cause: str, problem: str, expected: str) -> NoReturn:
    """Refuse a document, or an input of it, with one finding."""
    raise Rejected([place.finding(cause, problem, expected)])


def _stated(value: object, parse: Callable[[str], T]) -> T | None:
    try:
        text = str(value.date()) if isinstance(value, datetime) else str(value)
        return parse(text)
    except Inexact:
        return None


def _majority(values: Sequence[T | None]) -> T | None:
    said = [v for v in values if v is not None]
    return Counter(said).most_common(1)[0][0] if said else None
