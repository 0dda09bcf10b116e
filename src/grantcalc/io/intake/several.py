"""Several workbooks at once, whichever is which, with the findings of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from grantcalc.billing.caseload import Caseload, with_letters
from grantcalc.errors import Finding, Place, Rejected
from grantcalc.io.intake.award import award_of_book, beside
from grantcalc.io.intake.caseload import caseload_of_book
from grantcalc.io.intake.cells import Book
from grantcalc.io.intake.dated import is_award_book, is_caseload_book
from grantcalc.io.intake.layout import input_book, open_layout
from grantcalc.io.intake.letters import is_letter_book, log_of_book
from grantcalc.io.workbook.books import remark
from grantcalc.letters import Log, check_log
from grantcalc.network import Network
from grantcalc.progress import watched


def read_workbooks(
    workbooks: Iterable[str | Path], layouts: Iterable[str | Path] = ()
) -> tuple[Network, list[Caseload]]:
    """The network and the caseloads of some workbooks, whichever holds which; one may hold both sets of sheets.

    A letter log is a third kind: its letters are those of its issuer's caseload. A workbook is read by the one of the
    layout files that fits it, or else by the one beside it. Two that say the same count once. Warnings about letters
    are remarks. `Rejected` with the findings of all of them at once; there must be one award workbook and some
    caseload.
    """
    paths = [Path(workbook) for workbook in workbooks]
    findings: list[Finding] = []
    networks: list[Network] = []
    caseloads: list[Caseload] = []
    logs: list[Log] = []

    def read(path: Path, book: Book) -> list[Any]:
        kinds = is_award_book(book), is_caseload_book(book), is_letter_book(book)
        if not any(kinds):
            raise Rejected([no_kind(path)])
        if kinds[0]:
            networks.extend(_kept(findings, book, lambda b: award_of_book(b, beside(path))))
        if kinds[1]:
            caseloads.extend(_kept(findings, book, caseload_of_book))
        if kinds[2]:
            logs.extend(_kept(findings, book, log_of_book))
        return []

    _each(findings, paths, layouts, read)
    networks, caseloads = _once(networks), _once(caseloads)
    if len(networks) != 1 and not findings:
        findings.append(Finding(whole(paths), "awards", "there must be one award workbook", "one", str(len(networks))))
    if not caseloads and not findings:
        findings.append(Finding(whole(paths), "caseloads", "there is no caseload workbook", "one or more"))
    if findings:
        raise Rejected(dict.fromkeys(findings))  # a workbook with both sets of sheets tells of its Document once
    logs = _once(logs)
    announced = max(award.awarded for award in networks[0].awards)
    remark(f for log in logs for f in check_log(log, announced))
    return networks[0], [*with_letters(caseloads, logs)]


def read_all(
    paths: Iterable[Path], read: Callable[[Book], Any], layouts: Iterable[str | Path] = (), *, all_used: bool = True
) -> list[Any]:
    """Each workbook as `read` gives it; `Rejected` with the findings of all of them at once."""
    findings: list[Finding] = []
    found = _each(findings, paths, layouts, lambda _, book: [read(book)], all_used=all_used)
    if findings:
        raise Rejected(findings)
    return found


def _each(
    findings: list[Finding],
    paths: Iterable[Path],
    layouts: Iterable[str | Path],
    read: Callable[[Path, Book], list[Any]],
    *,
    all_used: bool = True,
) -> list[Any]:
    """What `read` finds in each workbook. A layout that fits none of them is a finding, where all are to be used."""
    given = [open_layout(Path(layout)) for layout in layouts]
    found: list[Any] = []
    used = set()
    every = [*paths]
    for path in watched(every, "Reading workbooks", len(every), least=3):
        try:
            book = input_book(path, given)
            used.add(book.layout)
            found += read(path, book)
        except Rejected as refused:
            findings += refused.findings
    for layout in given:
        if all_used and (layout.file, layout.digest) not in used and not findings:
            problem, expected = "this layout fits none of the workbooks", "a sheet of one of them in it"
            findings.append(Finding(Place(layout.file), "layout", problem, expected))
    return found


def _kept(findings: list[Finding], book: Book, read: Callable[[Book], Any]) -> list[Any]:
    try:
        return [read(book)]
    except Rejected as refused:
        findings += refused.findings
        return []


def _once(values: list[Any]) -> list[Any]:
    """Without those that say what another says: a workbook given twice counts once, and so does its copy. Of the two
    the one whose file comes first, in whatever order they were given."""
    ordered = sorted(values, key=lambda value: (value.origin.file, value.origin.digest))
    return [value for at, value in enumerate(ordered) if value not in ordered[:at]]


def no_kind(path: Path) -> Finding:
    """That a workbook is none from which anything is billed."""
    problem = "this is neither an award workbook nor a caseload workbook nor a letter log"
    return Finding(whole([path]), "kind", problem, "one of the three")


def whole(paths: Iterable[Path]) -> Place:
    """The place of a finding about whole files."""
    return Place(", ".join(p.name for p in paths))
