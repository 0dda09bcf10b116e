"""What a workbook is: the kinds of input, how each is recognized by its sheets, and how it is
read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from grantcalc.errors import Finding, Place, WorkbookRejected
from grantcalc.io import schemas as sheets
from grantcalc.io.intake.award import award_of_book, network_of
from grantcalc.io.intake.award_terms import TermsFile
from grantcalc.io.intake.caseload import caseload_of, caseload_of_book
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.intake.directory import directory_of_book
from grantcalc.io.intake.letters import log_of_book, log_of_tables
from grantcalc.io.intake.outreach import outreach_of_book
from grantcalc.io.intake.tables import SheetTables
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.summary import LINES, SUMMARY
from grantcalc.io.schemas import SheetSchema
from grantcalc.io.schemas.letters import LETTER_LOG

KindName = Literal["award", "caseload", "letters", "outreach", "directory", "request", "claim"]


@frozen
class InputKind:
    """A kind of workbook: what messages call it, the sheets by any of which it is recognized, how
    its facts are read.

    What is billed can be `read_in_part`: what is wrong is gathered, and the facts are those of the
    rows that could be read. One that grantcalc has `issued` has all of the sheets, by exactly these
    names.
    """

    title: str
    sheets: tuple[str, ...]
    read: Callable[[WorkbookRead, TermsFile], Any]
    read_in_part: Callable[[SheetTables, TermsFile], Any] | None = None
    issued: bool = False

    def recognizes(self, book: WorkbookRead) -> bool:
        """Whether a workbook is of this kind."""
        if self.issued:
            return book.sheets.keys() >= {*self.sheets}
        return not {*map(sheets.header_key, book.sheets)}.isdisjoint(map(sheets.header_key, self.sheets))


def _named(*found: SheetSchema) -> tuple[str, ...]:
    return tuple(layout.sheet for layout in found if layout is not sheets.DOCUMENT)


SERVED = _named(sheets.ENROLLMENT, sheets.COUNTS, sheets.COSTS, sheets.UNITS)

INPUT_KINDS: Mapping[KindName, InputKind] = {
    "award": InputKind("an award workbook", _named(sheets.AWARDS), award_of_book, network_of),
    "caseload": InputKind(
        "a caseload workbook", SERVED, lambda book, _: caseload_of_book(book), lambda tables, _: caseload_of(tables)
    ),
    "letters": InputKind(
        "a letter log", _named(LETTER_LOG), lambda book, _: log_of_book(book), lambda tables, _: log_of_tables(tables)
    ),
    "outreach": InputKind(
        "an outreach workbook", _named(*sheets.OUTREACH_SHEETS), lambda book, _: outreach_of_book(book)
    ),
    "directory": InputKind(
        "a directory workbook", _named(*sheets.DIRECTORY_SHEETS), lambda book, _: directory_of_book(book)
    ),
    "request": InputKind(
        "a request", (SUMMARY, "SF-270"), lambda book, _: claim_of_book(book, or_request=True), issued=True
    ),
    "claim": InputKind("a claim", (SUMMARY, LINES), lambda book, _: claim_of_book(book), issued=True),
}
"""The one table of what a workbook may be. A request has the sheets of a claim too."""

BILLED: tuple[KindName, ...] = ("award", "caseload", "letters")
"""The kinds from which claims are billed."""


def kinds_of(book: WorkbookRead) -> tuple[KindName, ...]:
    """What a workbook is; one may hold the sheets of several kinds."""
    kinds = tuple(kind for kind, described in INPUT_KINDS.items() if described.recognizes(book))
    return tuple(kind for kind in kinds if kind != "claim" or "request" not in kinds)


def read_as(kind: KindName, book: WorkbookRead, terms_file: TermsFile) -> Any:
    """The facts of a workbook of one kind. `Rejected` for another kind, by what it is; what is of
    no kind is read, so that its findings tell what it lacks."""
    kinds = kinds_of(book)
    if kinds and kind not in kinds:
        raise WorkbookRejected([wrong_kind(Path(book.file), kinds, (kind,))])
    return INPUT_KINDS[kind].read(book, terms_file)


def wrong_kind(path: Path, kinds: Iterable[KindName], wanted: Iterable[KindName]) -> Finding:
    """That a workbook is not what is asked for, and what it is."""
    *others, last = (INPUT_KINDS[kind].title for kind in wanted)
    expected = f"{', '.join(others)} or {last}" if others else last
    what = " and ".join(INPUT_KINDS[kind].title for kind in kinds)
    problem = f"this is {what}" if what else "this workbook has none of the sheets that identify its kind"
    return whole([path]).finding("kind", problem, expected)


def whole(paths: Iterable[Path]) -> Place:
    """The place of a finding about whole files."""
    return Place(", ".join(p.name for p in paths))
