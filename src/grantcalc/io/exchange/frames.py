"""The lines of a claim or request as a data frame of pandas or polars; neither is required."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from typing import Any, Literal

from grantcalc.billing.claims import Claim
from grantcalc.billing.requests import Request
from grantcalc.errors import Unknown
from grantcalc.io.exchange.records import limited
from grantcalc.money import dollars
from grantcalc.terms.vocabulary import one_of

Library = Literal["pandas", "polars"]

COLUMNS: Mapping[str, Literal["text", "number", "date", "dollars"]] = {
    "issuer": "text",
    "participant": "text",
    "award": "text",
    "recipient": "text",
    "subaward": "text",
    "subrecipient": "text",
    "region": "number",
    "service": "text",
    "pool": "text",
    "phase": "text",
    "month": "text",
    "budget_period": "text",
    "day": "date",
    "n": "number",
    "days": "number",
    "of": "number",
    "rate": "dollars",
    "rate_effective": "date",
    "rate_published": "date",
    "citation": "text",
    "amount": "dollars",
    "held_back": "dollars",
    "stands": "dollars",
    "category": "text",
    "reference": "text",
    "reason": "text",
}
"""In order. Dollars are Decimals; a month is text like 2012-09; what a line does not have is missing."""


def to_frame(document: Claim | Request, library: Library | None = None) -> Any:
    """A data frame with a row for each line, in order: of pandas where installed, else of polars.

    `amount` is what the line earned, `held_back` what ceilings take from it (negative or zero), `stands` the
    sum; all in US dollars. ImportError, naming both libraries, where the one asked for, or both, are missing;
    `Rejected` where a limit holds back from a line that the document does not have.
    """
    if not isinstance(document, Claim | Request):
        raise TypeError(f"lines are those of a claim or a request, not of a {type(document).__name__}")
    if library not in (None, "pandas", "polars"):
        raise Unknown("data frame library", one_of(("pandas", "polars")), length=len(library))
    rows = _rows(document)
    for name in (library,) if library else ("pandas", "polars"):
        try:
            module = import_module(name)
        except ModuleNotFoundError as refusal:
            if refusal.name != name:
                raise  # it is installed, and lacks something of its own
        else:
            return _pandas(module, rows) if name == "pandas" else _polars(module, rows)
    missing = f"{library} is not" if library else "neither is"
    raise ImportError(f"a data frame needs pandas or polars, and {missing} installed")


def _rows(document: Claim | Request) -> dict[str, list[Any]]:
    """The columns, each with a value or None for every line."""
    parties = {p.subaward: p for p in document.parties}
    held: dict[int, int] = defaultdict(int)
    for limit, index in zip(document.limits, limited(document.lines, document.limits), strict=True):
        held[index] += limit.amount
    found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for index, line in enumerate(document.lines):
        party, rate = parties.get(line.subaward), line.rate
        values = {
            "issuer": line.issuer,
            "participant": line.participant and line.participant.pseudonym,
            "award": line.award,
            "recipient": party and party.recipient,
            "subaward": line.subaward,
            "subrecipient": party and party.subrecipient,
            "region": party and party.region,
            "service": line.service,
            "pool": line.pool,
            "phase": line.phase or None,
            "month": str(line.month),
            "budget_period": line.budget_period,
            "day": line.day,
            "n": line.n,
            "days": line.days,
            "of": line.of,
            "rate": rate and rate.value.value,
            "rate_effective": rate and rate.effective,
            "rate_published": rate and rate.published,
            "citation": rate and str(rate.authority),
            "amount": dollars(line.amount),
            "held_back": dollars(held[index]),
            "stands": dollars(line.amount + held[index]),
            "category": line.category or None,
            "reference": line.reference or None,
            "reason": line.reason or None,
        }
        for name, value in values.items():
            found[name].append(value)
    return found


def _pandas(pandas: Any, rows: dict[str, list[Any]]) -> Any:
    kinds = {"text": "string", "number": "Int64", "date": object, "dollars": object}
    return pandas.DataFrame({name: pandas.Series(values, dtype=kinds[COLUMNS[name]]) for name, values in rows.items()})


def _polars(polars: Any, rows: dict[str, list[Any]]) -> Any:
    kinds = {"text": polars.String, "number": polars.Int64, "date": polars.Date}
    types = {
        name: polars.Decimal(38, _places(rows[name])) if kind == "dollars" else kinds[kind]
        for name, kind in COLUMNS.items()
    }
    return polars.DataFrame(rows, schema=types)


def _places(values: list[Decimal | None]) -> int:
    """The most decimals of any value, at least those of a cent: a column of polars has one number of them."""
    return max([2, *(-int(v.as_tuple().exponent) for v in values if v is not None)])
