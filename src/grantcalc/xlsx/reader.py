"""Workbooks in: every cell that holds something, with its stored value and its formula, in one
pass. Nothing is run, nothing followed, and nothing lost in silence: what cannot be read rightly is
a finding at its cell."""

from __future__ import annotations

import gc
import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from attrs import field, frozen

from grantcalc.errors import Finding, WorkbookRejected
from grantcalc.files import read_file
from grantcalc.xlsx.cell_values import Contents, Counter
from grantcalc.xlsx.formats import looks
from grantcalc.xlsx.parts import properties, shared_strings, workbook
from grantcalc.xlsx.scan import Limits, Report, scan
from grantcalc.xlsx.worksheets import CellArea, SheetRows, Worksheet


@frozen
class WorkbookRead:
    """A workbook as read: the file's name, its SHA-256, and the rows of each sheet that hold
    anything.

    Where a sheet is called otherwise here than in the file, `titles` has the file's name for it.
    `text` says that all cells are text, as in CSV. A layout that the workbook is read by gives its
    file and digest (`layout`), and by sheet and column key the `values` that hold for every row.
    `merged` has the areas of each sheet that are merged (first row and column, last row and
    column); `notes` are warnings of what is there besides: macros, links, what is hidden. `stale`
    says that the workbook declares the stored values of its formulas out of date. `beside` has what
    stands in a folder beside what was read, and why it looks like input; `ignored` the sheets and
    files that a layout ignores, `converted` what was converted by it, and `codes` the form that it
    declares for the codes of participants.
    """

    file: str
    digest: str
    sheets: Mapping[str, SheetRows]
    properties: Mapping[str, str] = field(factory=dict)
    hidden: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(factory=dict)
    text: bool = False
    layout: tuple[str, str] = ("", "")
    values: Mapping[str, Mapping[str, object]] = field(factory=dict)
    merged: Mapping[str, tuple[CellArea, ...]] = field(factory=dict)
    notes: tuple[Finding, ...] = ()
    stale: bool = False
    beside: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    codes: str = ""
    from_1904: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a layout did to it, as the Sources sheet says it."""
        said = (("not read", ", ".join(self.ignored)), ("converted", "; ".join(self.converted)))
        return tuple(f"{what}: {listed}" for what, listed in said if listed)


_LOG = logging.getLogger(__name__)
_REMARKS: ContextVar[list[Finding] | None] = ContextVar("remarks", default=None)


@contextmanager
def collect_warnings() -> Iterator[list[Finding]]:
    """The warnings about all workbooks that are read meanwhile: what is hidden in them, merged
    over, a macro or a link.

    Nothing of it is lost in reading, and nobody need mend it, but a reader should know.
    """
    warnings: list[Finding] = []
    token = _REMARKS.set(warnings)
    try:
        yield warnings
    finally:
        _REMARKS.reset(token)


def warn(findings: Iterable[Finding]) -> None:
    """Tell whoever listens what should be known of a workbook, once."""
    if (heard := _REMARKS.get()) is not None:
        heard += [f for f in dict.fromkeys(findings) if f not in heard]


def open_book(path: Path, limits: Limits | None = None) -> WorkbookRead:
    """Read a workbook whole. `WorkbookRejected` for what is no workbook, is protected or broken, or
    past a limit."""
    limits = limits or Limits()
    return book_of_bytes(read_file(path, limits.packed, WorkbookRejected), path.name, limits)


def book_of_bytes(data: bytes, file: str, limits: Limits | None = None) -> WorkbookRead:
    """The same from the bytes of a file with this name."""
    report = Report(file, limits or Limits())
    package = scan(data, report)
    parts_read = workbook(package)
    sheets: dict[str, SheetRows] = {}
    merged: dict[str, tuple[CellArea, ...]] = {}
    with _without_searching_for_garbage():
        strings = (
            shared_strings(package, parts_read.parts["sharedStrings"]) if "sharedStrings" in parts_read.parts else []
        )
        styles = looks(package, parts_read.parts["styles"]) if "styles" in parts_read.parts else []
        contents = Contents(
            strings, {str(n): look for n, look in enumerate(styles)}, parts_read.from_1904, Counter(report)
        )
        for sheet in parts_read.sheets:
            if sheet.relation.kind == "worksheet":
                read = Worksheet(package, sheet.title, contents).read(sheet.relation.part)
                sheets[sheet.title], merged[sheet.title] = read
    hidden = tuple(sheet.title for sheet in parts_read.sheets if sheet.hidden)
    for title in hidden:
        if sheets.get(title):
            report.note(title, "", "hidden_sheet", "this sheet is hidden, and is read as the others")
    digest = hashlib.sha256(data).hexdigest()
    _LOG.debug("read %s (sheets: %d, rows: %d)", file, len(sheets), sum(map(len, sheets.values())))
    known, notes = dict(properties(package)), report.finish()
    days = parts_read.from_1904
    return WorkbookRead(
        file, digest, sheets, known, hidden, merged=merged, notes=notes, stale=parts_read.stale, from_1904=days
    )


@contextmanager
def _without_searching_for_garbage() -> Iterator[None]:
    """Millions of new cells, and none of them garbage: Python would search them again and again,
    half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
