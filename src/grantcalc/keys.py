"""Which rows of a sheet are about the same thing, and what a second one of them means (Rulebook
2.6).

A *transaction* happened once: rows add up, and a credit corrects one. A *fact* is restated: of the
rows with one key, the one published last says what is so. What is *listed* has one row. `KEYS`
declares for each sheet what it holds, and its key; the readers, `bill` and the table in
docs/rulebook.md go by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Literal

from attrs import field, frozen

from grantcalc.errors import Finding

_WORDS = {
    "days.start": "first day",
    "rate_class": "class",
    "given_by": "from",
    "of": "award or subaward",
    "holder": "award or subaward",
    "effective": "effective day",
    "id": "number",
    "label": "budget period",
    "fain": "award",
    "name": "figure",
    "on": "day",
    "service_months": "service months",
    "budget_period": "budget period",
}
"""What a person calls a field that is not called by its own name."""


@frozen
class RowKey:
    """The key of the rows of one sheet: the fields that tell rows apart.

    `amounts` are the fields whose 0 takes a fact back; `at` is the column at which a second row is
    told.
    """

    kind: Literal["listed", "fact", "transaction"]
    fields: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    at: str = "published"
    of: Callable[[Any], object] = field(init=False, eq=False, repr=False)

    @of.default
    def _getter(self) -> Callable[[Any], object]:
        return attrgetter(*self.fields)

    @property
    def words(self) -> str:
        """The fields as a sentence names them: `participant, subaward, service and first day`."""
        named = [_WORDS.get(name, name) for name in self.fields]
        return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]

    def taken_back(self, row: Any) -> bool:
        """Whether a fact says that there is nothing: it is void, or 0."""
        return getattr(row, "void", False) or (bool(self.amounts) and not any(getattr(row, a) for a in self.amounts))


def _listed(*fields: str) -> RowKey:
    return RowKey("listed", fields, at=fields[0])


def _fact(*fields: str, amounts: tuple[str, ...] = (), at: str = "published") -> RowKey:
    return RowKey("fact", fields, amounts, amounts[0] if amounts else at)


KEYS: Mapping[str, RowKey] = {
    "Organizations": _listed("id"),
    "Awards": _listed("fain"),
    "Budget periods": _listed("fain", "label"),
    "Subawards": _listed("id"),
    "Amendments": _fact("of", "budget_period", "effective"),
    "Areas": _fact("holder", "place", "effective"),
    "Terms": _fact("award", "term", "effective"),
    "Books": _fact("award", "budget_period", "name", "effective"),
    "Form entries": _fact("award", "entry"),
    "Disallowances": RowKey("transaction", ("subaward", "service", "month", "reference"), ("amount",)),
    "Award record": _listed("fain"),
    "Subaward record": _listed("subaward"),
    "Budget": _fact("fain", "category", amounts=("amount",)),
    "Transfers": RowKey("transaction", ("fain", "reference"), ("amount",)),
    "Fiscal years": _fact("organization", "start", at="expended"),
    "Participants": _listed("participant"),
    "Statuses": _fact("participant", "effective", at="status"),
    "Letters": _fact("participant", "kind", "days.start"),
    "Households": _fact("participant", "days.start", amounts=("family",)),
    "Enrollment": _fact("participant", "subaward", "service", "days.start"),
    "Costs": RowKey(
        "transaction", ("participant", "subaward", "service", "category", "service_months", "reference"), ("amount",)
    ),
    "Counts": _fact("subaward", "service", "phase", "month", "unit", "rate_class", amounts=("quantity",)),
    "Units": _fact("participant", "subaward", "service", "day", "unit", "rate_class", amounts=("quantity",)),
    "Absences": _fact("participant", "kind", "days.start"),
    "Figures": _fact("subaward", "name", "effective", at="value"),
    "Characteristics": _fact("participant", "subaward", "characteristic", "effective", at="characteristic"),
    "Openings": _fact(
        "participant", "award", "given_by", "window", "pool", "phase", amounts=("amount", "months")
    ),
    "Elsewhere": _fact("participant", "award", "given_by", "days.start"),
    "Disallowed costs": _fact("number"),
    "Measures": _fact("award", "quarter", "measure", "member"),
}  # fmt: skip
"""The key of each sheet of the award workbook and the caseload workbook, and of the measures of
regional partners."""

REPEATED = "this row repeats another row and counts once"


def disagrees(key: RowKey) -> tuple[str, str]:
    """What is wrong with a second row of a fact that was published on the same day, and what was
    expected."""
    problem = f"another row of the same {key.words} has the same Published and differs"
    return problem, "a later Published, if this row restates the other"


def published(row: object) -> date:
    """The day on which a row could first be known; of a sheet without that column, always."""
    return getattr(row, "published", date.min)


def in_force(rows: Iterable[Any], key: RowKey, known: date) -> tuple[Any, ...]:
    """The facts as known on a day: of each key the row published last, unless that takes it back;
    of equal rows the one that stands higher."""
    latest: dict[object, Any] = {}
    for row in rows:
        if (day := published(row)) <= known:
            other = latest.setdefault(key.of(row), row)
            if other is not row and (published(other) < day or (row == other and row.source < other.source)):
                latest[key.of(row)] = row
    return tuple(row for row in latest.values() if not key.taken_back(row))


def repeated(rows: Iterable[Any], key: RowKey) -> Iterator[Finding]:
    """What is wrong with rows that have the same key."""
    if key.kind == "transaction":
        return _repeated_transactions(rows, key)
    return _repeated_facts(rows, key) if key.kind == "fact" else _listed_twice(rows, key)


def _listed_twice(rows: Iterable[Any], key: RowKey) -> Iterator[Finding]:
    seen = set[object]()
    for row in rows:
        if key.of(row) in seen:
            yield row.source.finding("twice", f"this {key.words} is listed twice", "one row each", column=key.at)
        seen.add(key.of(row))


def _repeated_facts(rows: Iterable[Any], key: RowKey) -> Iterator[Finding]:
    """A fact told twice on one day counts once, which is told; two that differ have no order
    (2.3)."""
    seen: dict[object, Any] = {}
    for row in rows:
        other = seen.setdefault((key.of(row), published(row)), row)
        if other is row:
            continue
        if other == row:
            yield row.source.finding("repeated", REPEATED, "one row each", column=key.at, severity="warning")
        else:
            yield row.source.finding("same_dates", *disagrees(key), column=key.at)


def _repeated_transactions(rows: Iterable[Any], key: RowKey) -> Iterator[Finding]:
    """Equal rows, and two amounts of one key under one reference, are errors; one reference for
    several things is told, since one document may be shared out."""
    equal, keys, shared = set[object](), set[object](), set[str]()
    column = key.amounts[0]
    for row in rows:
        added = bool(row.reference) and getattr(row, column) > 0
        if row in equal:
            wanted = "a unique reference, if both are real"
            yield row.source.finding("equal_costs", "this row equals another row of the sheet", wanted, column=column)
        elif added and key.of(row) in keys:
            problem = "another row has this reference; amounts add up, and a credit corrects one"
            yield row.source.finding("reference", problem, "a unique reference", column="reference")
        elif added and key is KEYS["Costs"] and row.reference in shared:
            problem = "a different cost has this reference too"
            wanted = "a unique reference, unless one document was split"
            yield row.source.finding("reference", problem, wanted, column="reference", severity="warning")
        equal.add(row)
        if added:
            keys.add(key.of(row))
            shared.add(row.reference)
