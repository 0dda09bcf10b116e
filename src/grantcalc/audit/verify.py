"""Does an issued workbook match its inputs? It is computed again from its inputs and compared cell
by cell (law 8)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from grantcalc.audit.appearance import changed_looks
from grantcalc.audit.book_looks import same_parts
from grantcalc.audit.cell_comparison import cells_of, follows, said, same, words_of
from grantcalc.audit.dependencies import consequences, in_order, reads_of
from grantcalc.audit.regenerate import changes_between, lines_named
from grantcalc.audit.reproduce import MadeAgain, make_again, parts_stated
from grantcalc.audit.row_shifts import Move, moves
from grantcalc.declared import checked
from grantcalc.display import Displayed
from grantcalc.errors import WorkbookRejected, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, WorkbookRead, book_of_bytes
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

_TO_SIGN = {SUMMARY: SIGNATURE_CELLS, **{name: forms.BOX_LABELS for name, _ in FORMS}}


@frozen
class Difference:
    """One cell that does not say what it should: what it says, and what it should say."""

    cell: str
    says: str
    should_say: str

    def __str__(self) -> str:
        return f"{self.cell}: says {self.says}, should say {self.should_say}"


VerdictAnswer: TypeAlias = Literal["as issued", "re-saved", "altered", "not checked here", "values agree"]
RESAVED = "the file was saved again by another program: it is not the file that was issued, and shows the same"


@frozen
class Verdict(Displayed):
    """What verification found, and the answer in short. Nothing in `differences`: the workbook
    tells the truth, if it could be checked here."""

    differences: tuple[Difference, ...]
    consequences: tuple[str, ...]
    notes: tuple[str, ...]
    answer: VerdictAnswer = "as issued"

    def __bool__(self) -> bool:
        """Whether the workbook tells the truth."""
        return not self.differences and self.answer != "not checked here"

    def as_json(self) -> dict[str, Any]:
        return {
            "grantcalc": "verdict",
            "format": 1,
            "true": bool(self),
            "answer": self.answer,
            "differences": [{"cell": d.cell, "says": d.says, "should_say": d.should_say} for d in self.differences],
            "consequences": list(self.consequences),
            "notes": list(self.notes),
        }


@checked
def verify(document: str | Path, inputs: str | Path, *, values_only: bool = False) -> Verdict:
    """Compute a claim or request again from the inputs in a folder, and compare the whole file with
    it.

    The file is *as issued* if it has the parts of the document made again. Otherwise its cells and
    its looks are compared: it is *re-saved* if they are the same, but for what LibreOffice and
    openpyxl change as they save a file again, and else *altered*. Each cell that differs is named
    with what it says and what it should say; formulas that follow from one are its consequences.
    Cells that were signed, and stored values that were lost, are notes.

    A document of another version of grantcalc is *not checked here*. With `values_only` its values
    are compared nevertheless, and no looks; of a workbook of format 1, which 0.1.0 issued, the
    amounts of the lines. `Rejected` when it is no document of grantcalc's, or an input is not
    there.
    """
    path, folder = Path(document), Path(inputs)
    data = read_file(path, ISSUED.packed, WorkbookRejected)
    actual = book_of_bytes(data, path.name, ISSUED)
    if _format(actual) < DOCUMENT_FORMAT:
        return _by_amounts(actual, folder) if values_only else _not_checked(actual)
    again = make_again(actual, folder)
    run, expected, issued = again.run, again.book, again.as_issued
    actual, signed = _unsigned(actual, expected)
    if run.version and not issued and not values_only:
        return _not_checked(actual)
    if run.moved and not issued:
        run.notes.append("the names and digests of inputs on the Sources sheet could not be checked")
    if run.version and not issued:
        run.notes.append(f"made by another version of grantcalc than this one, which is {version_here()}")
    lied, unread = check_line_file(expected, path, folder)
    notes, file_lies = [*run.notes, *unread], [*starmap(Difference, lied)]
    if not values_only and same_parts(data, again.data):
        return Verdict(tuple(file_lies), (), tuple(notes), "altered" if file_lies else "as issued")
    others = () if issued or not run.version else (run.version, *run.terms)
    verdict, move = _closest(actual, expected, others, (*notes, *signed.values()))
    lies = [*verdict.differences, *file_lies]
    if not values_only:
        lies += _of_the_file(again, actual)
        lies += _of_the_looks(data, again, signed, move, {d.cell for d in lies})
    answer: VerdictAnswer = "altered" if lies else "values agree" if values_only else "re-saved"
    told = (*verdict.notes, RESAVED) if answer == "re-saved" else verdict.notes
    return evolve(verdict, differences=tuple(lies), notes=told, answer=answer)


def _of_the_file(again: MadeAgain, actual: WorkbookRead) -> Iterator[Difference]:
    """Whether the file states the digest of the document made again. LibreOffice and openpyxl keep
    it."""
    if not again.as_issued:
        digest = parts_stated(actual)
        says = digest if re.fullmatch("[0-9a-f]{64}", digest) else shown(digest)
        yield Difference(f"the property {DIGEST}", says, parts_stated(again.book))


def _of_the_looks(
    data: bytes, again: MadeAgain, signed: Collection[str], move: Move | None, named: Collection[str]
) -> Iterator[Difference]:
    """Where the file looks otherwise than the document made again. Where rows moved, none of it is
    where it was."""
    if move is not None:
        if move.by > 0:
            rows = f"row {move.at}" if move.by == 1 else f"rows {move.at} to {move.at + move.by - 1}"
            yield Difference(f"{move.sheet}, {rows}", "put in", "none")
        return
    for place, says, due in changed_looks(data, again.data, again.book.merged, signed):
        if place not in named:
            yield Difference(place, says, due)


def _not_checked(document: WorkbookRead) -> Verdict:
    """A document that another version of grantcalc made, and which one, as far as it may be
    repeated."""
    made = {str(label.value): str(cell.value) for label, cell in ClaimSheet(document, SOURCES).pairs()}
    version = made.get("grantcalc", "")
    named = f"grantcalc {version}" if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){1,3}", version) else "another version"
    form = "" if (number := _format(document)) == DOCUMENT_FORMAT else f" in format {number}"
    note = (
        f"made by {named}{form}, and this is {version_here()} with format {DOCUMENT_FORMAT}: install that version to "
        "check the file, or compare its values alone with --values-only"
    )
    return Verdict((), (), (note,), "not checked here")


def _format(book: WorkbookRead) -> int:
    """The format of the workbook, as its Sources sheet states it."""
    said = {str(label.value): str(cell.value) for label, cell in ClaimSheet(book, SOURCES).pairs()}.get("Format", "")
    return int(said) if said.isascii() and said.isdigit() else DOCUMENT_FORMAT


def _by_amounts(actual: WorkbookRead, folder: Path) -> Verdict:
    """Of a workbook of an earlier format, whose headers and texts were others: what each line comes
    to."""
    again = make_again(actual, folder)
    before, after = claim_of_book(actual, or_request=True), claim_of_book(again.book, or_request=True)
    known = lines_named(after)
    differences = (
        Difference(c.line if c.line in known else "a line that is not billed", plain(c.before), plain(c.after))
        for c in changes_between(before, after, "")
    )
    note = f"this workbook is of format {_format(actual)}: the amounts of its lines were compared, and not each cell"
    verdicts = tuple(differences)
    return Verdict(verdicts, (), (note, *again.run.notes), "altered" if verdicts else "values agree")


def _unsigned(book: WorkbookRead, issued: WorkbookRead) -> tuple[WorkbookRead, dict[str, str]]:
    """A document as it was before somebody signed it; and of each cell that the cover and the forms
    leave to be filled in, and that was, a note. A formula there is no signature, and a box that was
    issued with a value is none either."""
    sheets, notes = dict(book.sheets), dict[str, str]()
    for name, labels in _TO_SIGN.items():
        rows, blanks = list(book.sheets.get(name, ())), _blanks(issued, name)
        seen = Counter[object]()
        for at, (row, cells) in enumerate(rows):
            label = cells[0].value if cells else None
            if label not in labels:
                continue
            seen[label] += 1
            filled = len(cells) == 2 and cells[1].column == "B" and not cells[1].formula
            if filled and (label, seen[label]) in blanks:
                rows[at] = row, cells[:1]
                ref = f"{name}!{cells[1].ref}"
                notes[ref] = f"{ref} ({label}) is a cell to sign, and was filled in"
        sheets |= {name: tuple(rows)} if rows else {}
    return evolve(book, sheets=sheets), notes


def _blanks(issued: WorkbookRead, sheet: str) -> set[tuple[object, int]]:
    """The labels beside which a sheet was issued with a blank, each with the how-manieth of its
    text it is."""
    seen, blanks = Counter[object](), set[tuple[object, int]]()
    for _, cells in issued.sheets.get(sheet, ()):
        if cells:
            seen[cells[0].value] += 1
            if len(cells) == 1:
                blanks.add((cells[0].value, seen[cells[0].value]))
    return blanks


def compare_cells(
    actual: WorkbookRead, expected: WorkbookRead, but: Collection[str] = (), notes: Iterable[str] = ()
) -> Verdict:
    """Two workbooks cell by cell, but for some: the first as found, the second as it should be."""
    return _closest(actual, expected, but, notes)[0]


def _closest(
    actual: WorkbookRead, expected: WorkbookRead, but: Collection[str], notes: Iterable[str]
) -> tuple[Verdict, Move | None]:
    """What differs by the fewest differences, and the rows that were put in or taken out, if that
    explains some."""
    verdicts: list[tuple[Verdict, Move | None]] = [(_compared(actual, expected, None, but, notes), None)]
    verdicts += [(_compared(actual, expected, move, but, notes), move) for move in moves(actual, expected)]
    return min(verdicts, key=lambda each: len(each[0].differences))


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
    """A formula without its value, as if it had the value that it should have: only its text can
    then lie."""
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
