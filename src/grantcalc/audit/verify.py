"""Does an issued workbook match its inputs? It is computed again from its inputs and compared cell by cell (law 8)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from grantcalc.audit.appearance import hidden_cells
from grantcalc.audit.cell_comparison import cells_of, follows, said, same, words_of
from grantcalc.audit.dependencies import consequences, in_order, reads_of
from grantcalc.audit.regenerate import changes_between, lines_named
from grantcalc.audit.reproduce import make_again, parts_stated
from grantcalc.audit.row_shifts import Move, moves
from grantcalc.declared import checked
from grantcalc.display import Displayed
from grantcalc.errors import WorkbookRejected, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, WorkbookRead, open_book
from grantcalc.io.issued import forms
from grantcalc.io.issued.claim_cells import ClaimSheet
from grantcalc.io.issued.claimbook import DOCUMENT_FORMAT, SOURCES, version_here
from grantcalc.io.issued.linefile import check_line_file
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.io.issued.requestbook import FORMS
from grantcalc.io.issued.summary import SIGNATURE_CELLS, SUMMARY
from grantcalc.money import plain
from grantcalc.xlsx.package import DIGEST
from grantcalc.xlsx.scan import ISSUED

_TO_SIGN = {SUMMARY: SIGNATURE_CELLS, **{name: forms.SIGNATURE_LINES for name, _ in FORMS}}


@frozen
class Difference:
    """One cell that does not say what it should: what it says, and what it should say."""

    cell: str
    says: str
    should_say: str

    def __str__(self) -> str:
        return f"{self.cell}: says {self.says}, should say {self.should_say}"


@frozen
class Verdict(Displayed):
    """What verification found. Nothing in `differences`: the workbook matches its inputs."""

    differences: tuple[Difference, ...]
    consequences: tuple[str, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether the workbook matches its inputs."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        return {
            "grantcalc": "verdict",
            "format": 1,
            "true": bool(self),
            "differences": [{"cell": d.cell, "says": d.says, "should_say": d.should_say} for d in self.differences],
            "consequences": list(self.consequences),
            "notes": list(self.notes),
        }


@checked
def verify(document: str | Path, inputs: str | Path) -> Verdict:
    """Compute a claim or request again from the inputs in a folder, and compare.

    Each cell that lies is named with what it says and what it should say; formulas that follow from one are its
    consequences. A file whose formulas lost their stored values is one note; so is each cell that was signed. Of a
    workbook of format 1, which 0.1.0 issued, the amounts of the lines are compared, and not each cell.
    `Rejected` when it is no document of grantcalc's, or an input is not there.
    """
    actual, signed = _unsigned(open_book(Path(document), ISSUED))
    if _format(actual) < DOCUMENT_FORMAT:
        return _by_amounts(actual, Path(inputs))
    again = make_again(actual, Path(inputs))
    run, expected, issued = again.run, again.book, again.as_issued
    if run.moved and not issued:
        run.notes.append("the names and digests of inputs on the Sources sheet could not be checked")
    if run.version and not issued:
        run.notes.append(f"made by another version of grantcalc than this one, which is {version_here()}")
    if not parts_stated(actual):
        run.notes.append(
            "the digest of the parts is not stated any more: the file was saved by a program that drops it"
        )
    lied, unread = check_line_file(expected, Path(document), Path(inputs))
    others = () if issued or not run.version else (run.version, *run.terms)
    verdict = compare_cells(actual, expected, others, (*run.notes, *unread, *signed))
    data = read_file(Path(document), ISSUED.packed, WorkbookRejected)
    lies = [
        *starmap(Difference, lied),
        *starmap(Difference, hidden_cells(data, again.data, _alike(actual, expected))),
    ]
    if parts_stated(actual) and not (issued or run.moved or run.version):
        digest = parts_stated(actual)
        says = digest if re.fullmatch("[0-9a-f]{64}", digest) else shown(digest)
        lies.append(Difference(f"the property {DIGEST}", says, parts_stated(expected)))
    return evolve(verdict, differences=(*verdict.differences, *lies))


def _format(book: WorkbookRead) -> int:
    """The format of the workbook, as its Sources sheet states it."""
    said = {str(label.value): str(cell.value) for label, cell in ClaimSheet(book, SOURCES).pairs()}.get("Format", "")
    return int(said) if said.isascii() and said.isdigit() else DOCUMENT_FORMAT


def _by_amounts(actual: WorkbookRead, folder: Path) -> Verdict:
    """Of a workbook of an earlier format, whose headers and texts were others: what each line comes to."""
    again = make_again(actual, folder)
    before, after = claim_of_book(actual, or_request=True), claim_of_book(again.book, or_request=True)
    known = lines_named(after)
    differences = (
        Difference(c.line if c.line in known else "a line that is not billed", plain(c.before), plain(c.after))
        for c in changes_between(before, after, "")
    )
    note = f"this workbook is of format {_format(actual)}: the amounts of its lines were compared, and not each cell"
    return Verdict(tuple(differences), (), (note, *again.run.notes))


def _unsigned(book: WorkbookRead) -> tuple[WorkbookRead, list[str]]:
    """A document as it was before somebody signed it, and what was typed where the cover and the forms ask for it. A
    formula there is no signature."""
    sheets, notes = dict(book.sheets), list[str]()
    for name, labels in _TO_SIGN.items():
        rows = list(book.sheets.get(name, ()))
        for at, (row, cells) in enumerate(rows):
            if len(cells) == 2 and cells[0].value in labels and cells[1].column == "B" and not cells[1].formula:
                rows[at] = row, cells[:1]
                notes.append(f"{name}!{cells[1].ref} ({cells[0].value}) is a cell to sign, and was filled in")
        sheets |= {name: tuple(rows)} if rows else {}
    return evolve(book, sheets=sheets), notes


def _alike(actual: WorkbookRead, expected: WorkbookRead) -> dict[str, object]:
    """What each cell says that says the same in both workbooks."""
    should = dict(cells_of(expected))
    return {
        ref: should[ref].value
        for ref, cell in cells_of(actual)
        if ref in should and (cell.formula or same(cell, should[ref]))
    }


def compare_cells(
    actual: WorkbookRead, expected: WorkbookRead, but: Collection[str] = (), notes: Iterable[str] = ()
) -> Verdict:
    """Two workbooks cell by cell, but for some: the first as found, the second as it should be."""
    verdict = _compared(actual, expected, None, but, notes)
    for move in moves(actual, expected):
        verdict = min(verdict, _compared(actual, expected, move, but, notes), key=lambda v: len(v.differences))
    return verdict


def _compared(
    actual: WorkbookRead, expected: WorkbookRead, move: Move | None, but: Collection[str], notes: Iterable[str]
) -> Verdict:
    told, words = list(notes), words_of(expected)
    differences, following = list[Difference](), set[str]()
    if move:
        taken = move.taken_out(expected)
        differences = [_taken_out(move, taken, words)] if taken else []
        reached = consequences([f"{move.sheet}!{cell.ref}" for cell in taken], reads_of(expected))
        following, expected = {*map(move.ref, reached)}, move.applied_to(expected)
    says, should, reads = dict(cells_of(actual)), dict(cells_of(expected)), reads_of(expected)
    formulas = [cell for cell in says.values() if cell.formula]
    if formulas and all(cell.value is None for cell in formulas):
        told.append("the formulas have lost their stored values: the file was saved by a program that does not compute")
        says = {ref: _as_stored(cell, should.get(ref)) for ref, cell in says.items()}
    wrong = [ref for ref in {**should, **says} if ref not in but and not same(says.get(ref), should.get(ref))]
    lies = {ref for ref in wrong if not follows(says.get(ref), should.get(ref))}
    lies |= {*wrong} - consequences(lies, reads) - following
    differences += [_difference(ref, says.get(ref), should.get(ref), words) for ref in sorted(lies, key=in_order)]
    differences += [Difference(name, "hidden", "shown") for name in actual.hidden if name not in expected.hidden]
    following = (following | consequences(lies, reads)) - lies
    return Verdict(tuple(differences), tuple(sorted(following, key=in_order)), tuple(told))


def _as_stored(cell: CellValue, expected: CellValue | None) -> CellValue:
    """A formula without its value, as if it had the value that it should have: only its text can then lie."""
    return (
        CellValue(cell.ref, expected.value, cell.formula) if cell.formula and cell.value is None and expected else cell
    )


def _difference(
    ref: str, actual: CellValue | None, expected: CellValue | None, words: Collection[object]
) -> Difference:
    says, should_say = said(actual, words), said(expected, words)
    if says == should_say and actual and expected:
        says, should_say = (f"{says} ({type(cell.value).__name__})" for cell in (actual, expected))
    return Difference(ref, says, should_say)


def _taken_out(move: Move, taken: Sequence[CellValue], words: Collection[object]) -> Difference:
    rows = f"row {move.at}" if move.by == -1 else f"rows {move.at} to {move.at - move.by - 1}"
    return Difference(
        f"{move.sheet}, {rows}", "nothing: it was taken out", ", ".join(said(cell, words) for cell in taken)
    )
