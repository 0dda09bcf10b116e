"""Whether a claim workbook is as it was issued, before anything is requested or posted of it.

It is, if its parts have the digest that it states, or, where a program saved it again, if its
cells, printed anew, have that digest. So no cell is changed by accident. Whoever prints a workbook
with other figures and its digest is not found here: the counts of a claim are what its issuer
states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from grantcalc.awards import Award
from grantcalc.billing.claims import Claim
from grantcalc.errors import Finding, NotInForce, Place, WorkbookRejected, shown
from grantcalc.files import read_file
from grantcalc.io.intake.cells import CellValue, WorkbookRead, book_of_bytes
from grantcalc.io.issued.claim_cells import ClaimSheet
from grantcalc.io.issued.claimbook import DOCUMENT_FORMAT, RATES, SOURCES, claim_book, version_here
from grantcalc.io.issued.linefile import stated
from grantcalc.io.issued.linesheet import rate_numbers
from grantcalc.io.issued.summary import SIGNATURE_CELLS, SUMMARY
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.network import Network
from grantcalc.terms import rules_as_known
from grantcalc.xlsx.package import CUSTOM, DIGEST, digest_of
from grantcalc.xlsx.package_contents import part_digests
from grantcalc.xlsx.scan import ISSUED, Report, scan
from grantcalc.xlsx.writer import book_bytes

PRICING = {"lesser_of", "slope", "uplift", "floor", "carve"}
EXPECTED = "the file as it was issued, or one that was only saved again"


def check_issued(claim: Claim, book: WorkbookRead, path: Path) -> None:
    """Refuse a claim workbook that was changed after it was issued: the claim and the cells that
    were read from a file.

    `WorkbookRejected` with the cells that do not follow from its rows, or without a cell where none
    tells.
    """
    issued = book.properties.get(DIGEST, "")
    parts = part_digests(scan(read_file(path, ISSUED.packed, WorkbookRejected), Report(book.file, ISSUED)))
    if digest_of({name: digest for name, digest in parts.items() if name != CUSTOM}) == issued:
        return
    made = {str(label.value): str(cell.value) for label, cell in ClaimSheet(book, SOURCES).pairs()}
    if (made.get("grantcalc"), made.get("Format")) != (version_here(), str(DOCUMENT_FORMAT)):
        problem = "this claim of another version of grantcalc was saved again or changed after it was issued"
        raise WorkbookRejected(
            [
                Finding(
                    place=Place(book.file), cause="claim_changed", problem=problem, expected="the file as it was issued"
                )
            ]
        )
    again = book_of_bytes(book_bytes(claim_book(claim, stated(book))), book.file, ISSUED)
    if again.properties[DIGEST] != issued:
        raise WorkbookRejected([*_changed(book, again)] or [_unknown(book)])


def unknown_rates(claims: Iterable[Claim], network: Network) -> Iterator[Finding]:
    """The rates that claims use and their award does not have, as it was known on the day of the
    claim.

    Where a provision makes a price of a rate (`PRICING`), the rate of a line need not be one of the
    award's.
    """
    awards = {award.fain: award for award in network.awards}
    for claim in claims:
        numbers, told = rate_numbers(claim.lines), set[Fact[Rate]]()
        for line in claim.lines:
            if line.rate is None or line.rate in told or line.award not in awards:
                continue
            known = _rates_of(awards[line.award], line.service, claim.known)
            if known is not None and (line.rate.value, line.rate.effective) not in known:
                told.add(line.rate)
                file = claim.inputs[0].file if claim.inputs else ""
                place = Place(file, RATES, f"D{int(numbers[line.rate].lstrip('R')) + 1}")
                problem, expected = "the award has no such rate for this service", "a rate of the award as known then"
                yield Finding(
                    place=place, cause="unknown_rate", problem=problem, expected=expected, found=str(line.rate.value)
                )


def _rates_of(award: Award, service: str, known: date) -> set[tuple[Rate, date]] | None:
    """The rates of a service and from when they hold; None where they are not known then, or are
    made into prices."""
    with suppress(NotInForce):
        rules = next((s for s in rules_as_known(award.terms, known).services if s.service.id == service), None)
        if rules is not None and not PRICING & rules.provisions.keys():
            return {(fact.value, fact.effective) for steps in rules.rates.values() for fact in steps.facts}
    return None


def _unknown(book: WorkbookRead) -> Finding:
    problem = "this claim was changed after it was issued: its cells do not give the digest that it states"
    return Finding(place=Place(book.file), cause="claim_changed", problem=problem, expected=EXPECTED)


def _changed(book: WorkbookRead, again: WorkbookRead) -> Iterator[Finding]:
    """The cells that say something else than what follows from the rows of the claim."""
    for name, rows in again.sheets.items():
        stated = {cell.ref: cell for _, cells in book.sheets.get(name, ()) for cell in cells}
        for _, cells in rows:
            for cell in cells:
                actual = stated.pop(cell.ref, CellValue(cell.ref, None))
                if not _same(actual, cell):
                    place = Place(book.file, name, cell.ref)
                    problem = "this cell was changed after the claim was issued"
                    yield Finding(
                        place=place,
                        cause="claim_changed",
                        problem=problem,
                        expected=EXPECTED,
                        found=shown(actual.value),
                    )
        for cell in stated.values():
            if not (name == SUMMARY and cell.ref in _to_sign(again)):
                place = Place(book.file, name, cell.ref)
                yield Finding(
                    place=place,
                    cause="claim_changed",
                    problem="this cell was added after the claim was issued",
                    expected=EXPECTED,
                )


def _same(actual: CellValue, cell: CellValue) -> bool:
    if actual.value is None and cell.formula:
        return True  # its stored value was lost, and nothing else of it can be told
    if isinstance(actual.value, int | float) and isinstance(cell.value, int | float):
        return round(actual.value, 6) == round(cell.value, 6)
    return actual.value == cell.value


def _to_sign(again: WorkbookRead) -> set[str]:
    """The cells of the cover that somebody may have signed."""
    rows = again.sheets.get(SUMMARY, ())
    return {f"B{at}" for at, cells in rows if len(cells) == 1 and cells[0].value in SIGNATURE_CELLS}
