"""What no schema can say of a document: references that lead nowhere, and amounts that do not
follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from grantcalc.awards import FINANCIALS, RATIOS, BooksFigure
from grantcalc.billing import format_1
from grantcalc.billing.records import Json, cents_of_text, dollars_text, structure_all
from grantcalc.errors import Finding, Rejected
from grantcalc.io.exchange.schema import FORMATS, DocumentKind, breaches, echo, under, wrong
from grantcalc.ledger.federal import cost_of
from grantcalc.money import Rate
from grantcalc.terms.vocabulary import one_of


def sums_of(document: Json) -> dict[str, int]:
    """The totals of a document, in cents, from its own lines and reductions."""
    earned = sum(cents_of_text(x["amount"]) for x in document["lines"])
    held_back = sum(cents_of_text(x["amount"]) for x in document["reductions"])
    allowed = earned + held_back
    if document["grantcalc"] == "claim":
        return {"earned": earned, "held_back": held_back, "total": allowed}
    books, obligated = structure_all(document["books"], BooksFigure), cents_of_text(document["authorized"])
    cost = cost_of(allowed, cents_of_text(document["on_hold"]), books, obligated)
    requested = 0 if document.get("closed_out") else cost.federal - cents_of_text(document["requested_before"])
    return {"to_date": allowed, "held_back": held_back, "requested": requested}


def refuse_wrong(document: Json, kind: DocumentKind, file: str) -> None:
    """`Rejected` for a document that breaks its schema, or else contradicts itself, with every
    finding at once."""
    findings = breaches(document, kind, document["format"])
    if not findings and kind == "order":
        findings = list(_miscounted(document))
    elif not findings and "lines" in document:
        newer = document["format"] == FORMATS[kind]
        findings = list(
            _contradictions(document if newer else format_1.document(document), "reductions" if newer else "limits")
        )
    if findings:
        raise Rejected(under("$", findings, file))


def _contradictions(document: Json, reductions: str) -> Iterator[Finding]:
    """What no schema can say: references that lead nowhere, amounts that do not follow from what is
    there. `reductions` is the key under which the document has them."""
    sources, rates = document["sources"], document["rates"]
    prices = {id: Rate.of(row["value"]) for id, row in rates.items()}
    for id, row in rates.items():
        yield from _leads(f".rates.{id}", row, "source", sources)
    for index, row in enumerate(document["lines"]):
        path = f".lines[{index}]"
        yield from _leads(path, row, "source", sources)
        yield from _leads(path, row, "rate", rates)
        if price := prices.get(row.get("rate")):
            due = row.get("count", 1) * price.extend(row["quantity"], row["divisor"])
            problem = "this does not follow from count, quantity and rate"
            yield from _equals(f"{path}.amount", "amount", problem, due, row["amount"])
    for index, row in enumerate(document["reductions"]):
        yield from _counts(f".{reductions}[{index}].line", row["line"], document["lines"])
    wrong_books = list(_not_amounts(document.get("books", ())))
    yield from wrong_books
    for name, due in () if wrong_books else sums_of(document).items():
        yield from _equals(f".totals.{name}", "total", "this is not the sum", due, document["totals"][name])


def _miscounted(document: Json) -> Iterator[Finding]:
    for result, count in document["counts"].items():
        due = sum(1 for row in document["outcomes"] if row["result"] == result)
        if due != count:
            yield wrong(f".counts.{result}", "total", "this is not the number of them", str(due), str(count))


def _not_amounts(books: list[Json]) -> Iterator[Finding]:
    for index, row in enumerate(books):
        if row["name"] not in FINANCIALS:
            expected = one_of(FINANCIALS)
            yield wrong(f".books[{index}].name", "word", "there is no such figure", expected, echo(row["name"]))
        elif row["name"] not in RATIOS and not re.fullmatch(r"[0-9]+(\.[0-9]{1,2}0*)?", row["value"]):
            problem, expected = "this is not an amount of whole cents", "like 1234.50"
            yield wrong(f".books[{index}].value", "amount", problem, expected, echo(row["value"]))


def _leads(path: str, row: Json, key: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    if key in row and row[key] not in table:
        problem = f"the document has no such {key}"
        yield wrong(f"{path}.{key}", "reference", problem, f"an id in {key}s", row[key])


def _counts(path: str, index: int, rows: list[Any]) -> Iterator[Finding]:
    if index >= len(rows):
        problem = "the document has no such row"
        yield wrong(path, "reference", problem, f"an index below {len(rows)}", str(index))


def _equals(path: str, cause: str, problem: str, due: int, text: str) -> Iterator[Finding]:
    if due != cents_of_text(text):
        yield wrong(path, cause, problem, dollars_text(due), text)
