"""The lines of a claim or request as a CSV file beside its workbook, which states the file's
SHA-256."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from attrs import evolve, frozen

from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line
from grantcalc.billing.parties import Party
from grantcalc.files import file_digest
from grantcalc.io.intake.cells import WorkbookRead
from grantcalc.io.issued.linesheet import columns_of, line_rows
from grantcalc.io.issued.summary import LINES
from grantcalc.ledger.requests import Request
from grantcalc.progress import watched
from grantcalc.xlsx.package import save
from grantcalc.xlsx.sheets import Formula, WrittenValue

_NAME, _HOLDS, _DIGEST = "Lines file", "Lines file holds", "Lines file SHA-256"
_DETAILED, _COUNTS = "participants", "counts only"


@frozen
class LineFile:
    """A CSV file of lines that belongs to a workbook: its name, the SHA-256 of its bytes, and
    whether it names participants."""

    name: str
    digest: str
    detailed: bool


def write_lines(
    lines: Sequence[Line], parties: Iterable[Party], detailed: bool, name: str, target: BinaryIO | None = None
) -> LineFile:
    """Lines as CSV: UTF-8, RFC 4180, exact decimals, the columns of the Lines sheet; into `target`,
    or only to know the digest.

    A text that a spreadsheet program would take for a formula (it begins with = + - @, a tab or a
    line end), or that begins with an apostrophe, gets an apostrophe before it; whoever reads the
    file takes one away.
    """
    seen, buffer = sha256(), StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")

    def put() -> None:
        data = buffer.getvalue().encode()
        seen.update(data)
        if target is not None:
            target.write(data)
        buffer.seek(0)
        buffer.truncate()

    writer.writerow(column.header for column in columns_of(detailed))
    put()
    rows = iter(line_rows(lines, parties, detailed))
    for some in watched(iter(lambda: [*islice(rows, 1000)], []), f"Writing {name or LINES}", len(lines) // 1000, 50):
        writer.writerows([*map(guarded, row)] for row in some)
        put()
    return LineFile(name, seen.hexdigest(), detailed)


def guarded(value: WrittenValue) -> str:
    """A value as CSV text that no spreadsheet program computes."""
    if isinstance(value, Formula):
        return guarded(value.value)
    if isinstance(value, str):
        return f"'{value}" if value[:1] and value[0] in "=+-@\t\r\n'" else value
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def line_file_beside(
    path: Path, lines: Sequence[Line], parties: Iterable[Party], detailed: bool, workbook: Callable[[LineFile], str]
) -> str:
    """Write lines into the CSV file and then, with its digest, a workbook: both or neither. Gives
    what `workbook` gives."""

    def fill(target: BinaryIO) -> str:
        return workbook(write_lines(lines, parties, detailed, path.name, target))

    return save(path, fill, private=detailed)


def file_facts(file: LineFile | None) -> list[tuple[str, WrittenValue]]:
    """What a manifest says of the file."""
    if file is None:
        return []
    return [(_NAME, file.name), (_HOLDS, _DETAILED if file.detailed else _COUNTS), (_DIGEST, file.digest)]


# --- verified ---


def stated(document: WorkbookRead) -> LineFile | None:
    """The file that the Sources sheet of a document names, if it does."""
    rows = [cells for _, cells in document.sheets.get("Sources", ()) if len(cells) == 2]
    said = {str(label.value): str(cell.value) for label, cell in rows}
    if not {_NAME, _HOLDS, _DIGEST} & {*said}:
        return None
    return LineFile(said.get(_NAME, ""), said.get(_DIGEST, ""), said.get(_HOLDS) == _DETAILED)


def lines_again(document: WorkbookRead, *made: Claim | Request) -> LineFile | None:
    """The file that a document names, with the digest that it should have: of the lines of the
    claim, or of the requests, made again."""
    file = stated(document)
    if file is None:
        return None
    shown = [m.counted() if isinstance(m, Claim) and not file.detailed else m for m in made]
    lines = [line for m in shown for line in m.lines]
    return evolve(file, digest=write_lines(lines, [p for m in shown for p in m.parties], file.detailed, "").digest)


def check_line_file(
    expected: WorkbookRead, document: Path, inputs: Path
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Of the file that a true document names, beside it or among its inputs: where it says
    something else (place, what it says, what it should say), and what could not be checked."""
    file = stated(expected)
    if file is None:
        return [], []
    near = document.parent / Path(file.name).name
    digests = []
    for path in [*([near] if near.is_file() else []), *sorted(inputs.rglob("*.csv"))]:
        digests.append((path.name, file_digest(path)))
    if file.digest in (digest for _, digest in digests):
        return [], []
    other = next((digest for name, digest in digests if name == near.name), "")
    if other:
        return [("the lines file", f"SHA-256 {other}", f"SHA-256 {file.digest}")], []
    return [], ["the lines file is neither beside the workbook nor among the inputs, and was not checked"]
