"""Several workbooks at once, whichever is which, with the findings of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from grantcalc.billing.caseload import Caseload
from grantcalc.errors import Finding, Place, Rejected
from grantcalc.io.awardread import award_of_book, beside
from grantcalc.io.caseloadread import caseload_of_book
from grantcalc.io.cells import Book, open_book
from grantcalc.io.intake import is_award_book, is_caseload_book
from grantcalc.io.tables import besides
from grantcalc.network import Network


def read_workbooks(
    workbooks: Iterable[str | Path], notes: list[Finding] | None = None
) -> tuple[Network, list[Caseload]]:
    """The network and the caseloads of some workbooks, whichever holds which; one may hold both sets of sheets.

    Warnings about what they have besides (macros, links, what is hidden) are added to `notes`.
    `Rejected` with the findings of all of them at once; there must be one award workbook and some caseload.
    """
    paths = [Path(workbook) for workbook in workbooks]
    findings: list[Finding] = []
    networks: list[Network] = []
    caseloads: list[Caseload] = []
    for path in paths:
        try:
            book = open_book(path)
            if notes is not None:
                notes += besides(book)
            kinds = is_award_book(book), is_caseload_book(book)
            if not any(kinds):
                place = Finding(
                    whole([path]),
                    "kind",
                    "this is neither an award workbook nor a caseload workbook",
                    "one of the two",
                )
                raise Rejected([place])
            if kinds[0]:
                networks += _kept(findings, book, lambda b, p=path: award_of_book(b, beside(p)))  # type: ignore[misc]
            if kinds[1]:
                caseloads += _kept(findings, book, caseload_of_book)
        except Rejected as refused:
            findings += refused.findings
    if len(networks) != 1 and not findings:
        findings.append(Finding(whole(paths), "awards", "there must be one award workbook", "one", str(len(networks))))
    if not caseloads and not findings:
        findings.append(Finding(whole(paths), "caseloads", "there is no caseload workbook", "one or more"))
    if findings:
        raise Rejected(dict.fromkeys(findings))  # a workbook with both sets of sheets tells of its Document once
    return networks[0], caseloads


def _kept(findings: list[Finding], book: Book, read: Callable[[Book], Any]) -> list[Any]:
    try:
        return [read(book)]
    except Rejected as refused:
        findings += refused.findings
        return []


def read_all(paths: Iterable[Path], read: Callable[[Book], Any]) -> list[Any]:
    """Each workbook as `read` gives it; `Rejected` with the findings of all of them at once."""
    findings: list[Finding] = []
    found = []
    for path in paths:
        try:
            found += _kept(findings, open_book(path), read)
        except Rejected as refused:
            findings += refused.findings
    if findings:
        raise Rejected(findings)
    return found


def whole(paths: Iterable[Path]) -> Place:
    """The place of a finding about whole files."""
    return Place(", ".join(p.name for p in paths))
