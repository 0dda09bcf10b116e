"""A claim or request made again as a file: the same one; or, by other versions, which amounts
change and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen

from grantcalc.audit.reproduce import make_again, parts_stated
from grantcalc.billing.claims import Claim
from grantcalc.billing.lines import Line, Reduction
from grantcalc.declared import checked
from grantcalc.errors import Place, Rejected, WorkbookRejected
from grantcalc.files import read_file
from grantcalc.io.intake.cells import WorkbookRead, book_of_bytes
from grantcalc.io.issued.claim_cells import ClaimSheet
from grantcalc.io.issued.claimbook import SOURCES, version_here
from grantcalc.io.issued.read_claim import claim_of_book
from grantcalc.money import plain
from grantcalc.terms import TermUsed
from grantcalc.xlsx.package import Unwritable, save
from grantcalc.xlsx.scan import ISSUED

AmountKey = tuple[str, ...]


@frozen
class AmountChange:
    """What is allowed of one subaward, month, service, pool, phase and category: before and after
    in cents, and why."""

    line: str
    before: int
    after: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.line}: {plain(self.before)} -> {plain(self.after)}, because {'; '.join(self.reasons)}"


@frozen(kw_only=True)
class Regenerated:
    """What came of it: the digest of the parts; whether they are those that were issued, and the
    file the same to the byte; the amounts that changed, and the terms."""

    digest: str
    same_parts: bool
    same_bytes: bool
    changes: tuple[AmountChange, ...]
    terms: tuple[str, ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """All of it as a person reads it."""
        if self.same_bytes:
            yield "the same file, byte for byte"
        elif self.same_parts:
            yield "the same parts as were issued; the file at hand was saved or changed since: see grantcalc verify"
        else:
            yield "not the parts that were issued"
        yield from (f"terms: {said}" for said in self.terms)
        yield from (f"changed amount: {change}" for change in self.changes)
        if not self.changes:
            yield "changed amounts: none"
        yield f"parts sha256 {self.digest}"

    def as_json(self) -> dict[str, Any]:
        def change(c: AmountChange) -> dict[str, Any]:
            return {"line": c.line, "before": plain(c.before), "after": plain(c.after), "reasons": list(c.reasons)}

        return {
            "grantcalc": "regenerated",
            "format": 1,
            "parts": self.digest,
            "same_parts": self.same_parts,
            "same_bytes": self.same_bytes,
            "changes": [change(c) for c in self.changes],
            "terms": list(self.terms),
            "notes": list(self.notes),
        }


@checked
def regenerate(document: str | Path, inputs: str | Path, target: str | Path) -> Regenerated:
    """Make a claim or request again from what it says of itself and from the inputs in a folder,
    and write it.

    With the versions of grantcalc and of the terms with which it was made that is the same file. A
    terms file of the folder that has its name and other content takes its place. `Rejected` when it
    is no document of grantcalc's, or an input is not there; `Unwritable` where `target` is the
    document or one of the inputs.
    """
    document, inputs, target = Path(document), Path(inputs), Path(target)
    if target.exists() and any(target.samefile(p) for p in (document, *inputs.rglob("*")) if p.exists()):
        raise Unwritable(Place(target.name), "the document and its inputs are left as they are: name another file")
    data = read_file(document, ISSUED.packed, WorkbookRejected)
    issued = book_of_bytes(data, document.name, ISSUED)
    made = make_again(issued, inputs, target.name, other_terms=True)
    same, notes = made.as_issued, list(made.run.notes)
    changes: tuple[AmountChange, ...] = ()
    terms: tuple[str, ...] = ()
    if not same:
        try:
            before = claim_of_book(issued, or_request=True)
        except Rejected:
            notes.append("the amounts of the document do not follow from its cells: see grantcalc verify")
        else:
            after = claim_of_book(made.book, or_request=True)
            changes, terms = tuple(changes_between(before, after, _versions(issued))), tuple(_terms(before, after))

    def write(file: BinaryIO) -> str:
        file.write(made.data)
        return parts_stated(made.book)

    return Regenerated(
        digest=save(target, write),
        same_parts=same,
        same_bytes=made.data == data,
        changes=changes,
        terms=terms,
        notes=tuple(notes),
    )


def _versions(issued: WorkbookRead) -> str:
    made = {str(label.value): str(cell.value) for label, cell in ClaimSheet(issued, SOURCES).pairs()}.get(
        "grantcalc", ""
    )
    here = version_here()
    return f"grantcalc {here} and not {made} computed it" if made != here else "the inputs or the document changed"


def changes_between(before: Claim, after: Claim, otherwise: str) -> Iterator[AmountChange]:
    """Each line whose amount differs, and what of it differs besides."""
    old, new = _by_line(before), _by_line(after)
    for key in sorted({**old, **new}):
        (lines, reductions), (lines_now, reductions_now) = old[key], new[key]
        then, now = (_stands(*of) for of in (old[key], new[key]))
        if then != now:
            reasons = (*_line_reasons(lines, lines_now), *_reduction_reasons(reductions, reductions_now))
            yield AmountChange(_named(key), then, now, reasons or (otherwise,))


def lines_named(claim: Claim) -> set[str]:
    """The lines of a claim, as a change names them."""
    return {*map(_named, _by_line(claim))}


def _named(key: AmountKey) -> str:
    return " ".join(filter(None, key))


def _stands(lines: Iterable[Line], reductions: Iterable[Reduction]) -> int:
    return sum(x.amount for x in lines) + sum(x.amount for x in reductions)


def _by_line(claim: Claim) -> dict[AmountKey, tuple[list[Line], list[Reduction]]]:
    items: dict[AmountKey, tuple[list[Line], list[Reduction]]] = defaultdict(lambda: ([], []))
    for line in claim.lines:
        items[_key(line)][0].append(line)
    for reduction in claim.reductions:
        items[_key(reduction.line)][1].append(reduction)
    return items


def _key(line: Line) -> AmountKey:
    period = line.budget_period
    return line.subaward, str(line.month), line.service, line.pool, line.phase, line.category, line.issuer, period


def _line_reasons(before: Iterable[Line], after: Iterable[Line]) -> Iterator[str]:
    old, new = list(before), list(after)
    if not old or not new:
        yield "there is no such line any more" if old else "there was no such line"
        return
    rates, rates_now = ({x.rate for x in lines if x.rate} for lines in (old, new))
    if {r.value for r in rates} != {r.value for r in rates_now}:
        said = "; ".join(sorted({str(r.authority) for r in rates_now - rates}))
        yield f"rate {_listed(rates)} -> {_listed(rates_now)}" + (f" ({said})" if said else "")
    for what, count in (("persons or units", _count), ("days or units of each", _days)):
        if count(old) != count(new):
            yield f"{what} {count(old)} -> {count(new)}"
    costs, costs_now = (sum(x.amount for x in lines if not x.rate) for lines in (old, new))
    if costs != costs_now:
        yield f"costs reported {plain(costs)} -> {plain(costs_now)}"
    why = sorted({x.reason for x in new if x.reason} - {x.reason for x in old if x.reason})
    yield from (f"now: {reason}" for reason in why)


def _listed(rates: Iterable[Any]) -> str:
    return " and ".join(sorted({str(r.value.value) for r in rates})) or "none"


def _count(lines: Iterable[Line]) -> int:
    return sum(x.count for x in lines if x.rate)


def _days(lines: Iterable[Line]) -> str:
    """How many have how many days of how many, such as 2 × 20/31."""
    counts = Counter[tuple[int, int]]()
    for x in lines:
        if x.rate:
            counts[x.quantity, x.divisor] += x.count
    return " + ".join(f"{n} × {days}/{of}" for (days, of), n in sorted(counts.items())) or "none"


def _reduction_reasons(before: Iterable[Reduction], after: Iterable[Reduction]) -> Iterator[str]:
    old, new = Counter[str](), Counter[str]()
    for reductions, sums in ((before, old), (after, new)):
        for reduction in reductions:
            sums[reduction.name] += reduction.amount
    for ceiling in sorted({*old, *new}):
        if old[ceiling] != new[ceiling]:
            yield f"held back by {ceiling} {plain(-old[ceiling])} -> {plain(-new[ceiling])}"


def _terms(before: Claim, after: Claim) -> Iterator[str]:
    """Which values of the terms differ."""

    def values(terms: Iterable[TermUsed]) -> dict[tuple[str, str, str], tuple[str, str]]:
        return {(t.award, t.term, f"from {t.effective}"): (t.value, t.citation) for t in terms}

    old, new = values(before.terms), values(after.terms)
    for key in sorted({**old, **new}):
        (value, _), (value_now, cite) = old.get(key, ("none", "")), new.get(key, ("none", ""))
        if value != value_now:
            yield f"{' '.join(key)}: {value} -> {value_now}" + (f" ({cite})" if cite else "")
