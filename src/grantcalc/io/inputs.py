"""From files to facts: by which layout a workbook is read, and what it says. All commands go this
way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from grantcalc.billing.caseload import Caseload
from grantcalc.billing.claims import Claim
from grantcalc.billing.issuers import vanished_rows, with_letters
from grantcalc.compliance.record import ComplianceRecord
from grantcalc.declared import checked
from grantcalc.errors import Finding, Place, Rejected, WorkbookRejected
from grantcalc.io.gathered import Gathered
from grantcalc.io.input_kinds import BILLED, KindName, kinds_of, read_as, wrong_kind
from grantcalc.io.intake.award_terms import terms_beside
from grantcalc.io.intake.cells import WorkbookRead, open_book
from grantcalc.io.intake.layout import book_by_layout, input_book, open_layout
from grantcalc.io.intake.outreach import Outreach
from grantcalc.io.intake.record import record_of_book
from grantcalc.io.issued.claim_check import check_issued
from grantcalc.io.issued.read_claim import as_input
from grantcalc.letter_checks import check_log
from grantcalc.letters import Log
from grantcalc.network import Network
from grantcalc.outreach.directory import Directory
from grantcalc.progress import watched
from grantcalc.xlsx.reader import warn
from grantcalc.xlsx.scan import ISSUED

# --- files of kinds that are known before they are read ---


def read_inputs(
    wanted: Iterable[tuple[Path, KindName]], layouts: Iterable[Path] = (), *, all_used: bool = True
) -> list[Any]:
    """The facts of each file, read as the kind that is asked for: a workbook, a CSV file or a
    folder of them.

    It is read by the one of the layout files that fits it, or else by the one beside it. `Rejected`
    with the findings of all files at once; a layout that fits none is one, where `all_used`.
    """
    kinds = dict(wanted)
    return _read(kinds, layouts, lambda path, book: read_as(kinds[path], book, terms_beside(path)), all_used=all_used)


def read_claims(paths: Iterable[Path]) -> list[Claim]:
    """Claims as they were issued, each resting on its own workbook. `Rejected` with the findings of
    all of them at once, and for one that was changed after it was issued."""
    return _read(paths, (), lambda path, book: as_input(_issued(path, book), book))


def _issued(path: Path, book: WorkbookRead) -> Claim:
    claim: Claim = read_as("claim", book, terms_beside(path))
    check_issued(claim, book, path)
    return claim


def read_one_of(path: Path, wanted: tuple[KindName, ...], layouts: Iterable[Path] = ()) -> tuple[KindName, Any]:
    """What a file is, of the kinds wanted, and its facts."""

    def read(path: Path, book: WorkbookRead) -> tuple[KindName, Any]:
        kinds = kinds_of(book)
        kind = next((kind for kind in wanted if kind in kinds), None)
        if kind is None:
            raise WorkbookRejected([wrong_kind(path, kinds, wanted)])
        return kind, read_as(kind, book, terms_beside(path))

    result: tuple[KindName, Any] = _read([path], layouts, read)[0]
    return result


def _read(
    paths: Iterable[Path], layouts: Iterable[Path], read: Callable[[Path, WorkbookRead], Any], *, all_used: bool = True
) -> list[Any]:
    findings: list[Finding] = []
    values = [read_ for _, read_ in _each(findings, paths, layouts, read, all_used=all_used)]
    if findings:
        raise Rejected(findings)
    return values


def _each(
    findings: list[Finding],
    paths: Iterable[Path],
    layouts: Iterable[Path],
    read: Callable[[Path, WorkbookRead], Any],
    *,
    all_used: bool = True,
) -> list[tuple[Path, Any]]:
    """What `read` finds in each file that can be read. A layout that fits none of them is a
    finding, where all are to be used."""
    given = [open_layout(Path(layout)) for layout in layouts]
    values: list[tuple[Path, Any]] = []
    used = set()
    every = [*paths]
    for path in watched(every, "Reading workbooks", len(every), least=3):
        try:
            book = input_book(path, given)
            used.add(book.layout)
            values.append((path, read(path, book)))
        except Rejected as refused:
            findings += refused.findings
    for layout in given:
        if all_used and (layout.file, layout.digest) not in used and not findings:
            problem, expected = "this layout fits none of the workbooks", "a sheet of one of them in it"
            findings.append(Place(layout.file).finding("layout", problem, expected))
    return values


# --- what is billed, whichever file holds which ---


def gather(paths: Iterable[Path], layouts: Iterable[Path] = ()) -> Gathered:
    """The facts of award workbooks, caseloads and letter logs, whichever file holds which. Two that
    say the same count once."""
    gathered = Gathered()

    def read(path: Path, book: WorkbookRead) -> None:
        gathered.opened.add(path)
        kinds = kinds_of(book)
        if not set(kinds).intersection(BILLED):
            raise WorkbookRejected([wrong_kind(path, kinds, BILLED)])
        for kind in (kind for kind in BILLED if kind in kinds):
            gathered.add(kind, book, terms_beside(path))

    _each(gathered.findings, paths, layouts, read)
    gathered.findings = [*dict.fromkeys(gathered.findings)]  # of a workbook of two kinds its Document is told once
    for values in (gathered.networks, gathered.caseloads, gathered.logs):
        values[:] = _once(values)
    return gathered


@checked
def read_workbooks(
    workbooks: Iterable[str | Path], layouts: Iterable[str | Path] = (), known: date | None = None
) -> tuple[Network, list[Caseload]]:
    """The network and the caseloads of some workbooks, whichever holds which; one may hold both
    sets of sheets.

    A letter log is a third kind: its letters are those of its issuer's caseload. A workbook is read
    by the one of the layout files that fits it, or else by the one beside it. Two that say the same
    count once. Warnings about letters are told by `bill`. `Rejected` where a cell is bad or a
    workbook is missing, with all that is wrong with the workbooks and between them, as known on a
    day; there must be one award workbook and some caseload.
    """
    paths = [Path(workbook) for workbook in workbooks]
    gathered = gather(paths, map(Path, layouts))
    if gathered.findings or len(gathered.networks) != 1 or not gathered.caseloads:
        raise Rejected(gathered.wrong(paths, known, billed=True))
    return gathered.networks[0], [*with_letters(gathered.caseloads, gathered.logs)]


def read_previous(
    previous: Iterable[Path], caseloads: Iterable[Caseload], layouts: Iterable[Path] = ()
) -> list[Caseload]:
    """Earlier caseloads. Each row of one that is not in the new caseload of its issuer is a
    warning."""
    earlier: list[Caseload] = read_inputs(((path, "caseload") for path in previous), layouts, all_used=False)
    warn(vanished_rows(caseloads, earlier))
    return earlier


def _once(values: list[Any]) -> list[Any]:
    """Without those that say what another says: a workbook given twice counts once, and so does its
    copy. Of the two the one whose file comes first, in whatever order they were given."""
    ordered = sorted(values, key=lambda value: (value.origin.file, value.origin.digest))
    return [value for at, value in enumerate(ordered) if value not in ordered[:at]]


# --- one file, for those who import the library ---


@checked
def read_award(path: str | Path, layout: str | Path | None = None) -> Network:
    """The award workbook, or a folder of CSV files: organizations, awards with their terms,
    amendments, subawards and areas.

    It is read by the layout file given, or else by the one beside it, `award.xlsx.layout.toml`.
    `WorkbookRejected` with every bad cell at once; a terms file beside the workbook is read too.
    """
    network: Network = _one("award", path, layout)
    return network


@checked
def read_caseload(path: str | Path, layout: str | Path | None = None) -> Caseload:
    """One issuer's caseload workbook, or a CSV file or a folder of them (docs/workbooks.md).

    It is read by the layout file given, or else by the one beside it, `caseload.xlsx.layout.toml`.
    `WorkbookRejected` with every bad cell at once.
    """
    caseload: Caseload = _one("caseload", path, layout)
    return caseload


@checked
def read_letters(
    path: str | Path, announced: date | None = None, known: date | None = None, layout: str | Path | None = None
) -> tuple[Log, tuple[Finding, ...]]:
    """A letter log, and its warnings under an announcement of a day, as known on another; both are
    the report date by default. `WorkbookRejected` with every bad cell at once."""
    log: Log = _one("letters", path, layout)
    return log, check_log(log, announced, known)


@checked
def read_outreach(path: str | Path, layout: str | Path | None = None) -> Outreach:
    """An outreach workbook, or a folder of CSV files. `WorkbookRejected` with every bad cell at
    once."""
    outreach: Outreach = _one("outreach", path, layout)
    return outreach


@checked
def read_directory(path: str | Path, layout: str | Path | None = None) -> Directory:
    """A directory workbook, or a folder of CSV files named for its sheets. `WorkbookRejected` with
    every bad cell at once."""
    directory: Directory = _one("directory", path, layout)
    return directory


@checked
def read_record(path: str | Path, network: Network, layouts: Iterable[str | Path] = ()) -> ComplianceRecord:
    """The record sheets of an award workbook, for the network read from it: what `check_awards`
    asks beyond billing.

    `WorkbookRejected` with every bad cell at once; an empty record where the workbook has no such
    sheet.
    """
    return record_of_book(input_book(Path(path), [open_layout(Path(layout)) for layout in layouts]), network)


@checked
def read_claim(path: str | Path) -> Claim:
    """The claim of a workbook that `write_claim` made, with or without detail.

    `WorkbookRejected` for a workbook that is no claim, for every cell that does not hold what a
    claim holds there, an amount among them that does not follow from the cells of its line, and for
    a claim that was changed after it was issued. One that was only saved again, or signed, is read.
    """
    path = Path(path)
    return _issued(path, open_book(path, ISSUED))


def _one(kind: KindName, path: str | Path, layout: str | Path | None) -> Any:
    return read_as(kind, book_by_layout(path, layout), terms_beside(Path(path)))
