"""The lines of a claim or request as a data frame of pandas or polars; neither is required."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib import import_module
from operator import attrgetter
from typing import Any, Literal

from grantcalc.billing.claims import Claim
from grantcalc.billing.fields import FieldKind, fields_but
from grantcalc.errors import Unknown
from grantcalc.io.exchange.records import limited
from grantcalc.ledger.requests import Request
from grantcalc.money import dollars
from grantcalc.terms.vocabulary import one_of

Library = Literal["pandas", "polars"]

FrameColumnKind = Literal["text", "number", "date", "dollars"]
_KINDS: Mapping[FieldKind, FrameColumnKind] = {"count": "number", "day": "date", "rate": "dollars", "money": "dollars"}
# What stands in the frame beside a field of the line.
_BESIDE: Mapping[str, Mapping[str, FrameColumnKind]] = {
    "award": {"recipient": "text"},
    "subaward": {"subrecipient": "text", "region": "number"},
    "rate": {"rate_effective": "date", "rate_published": "date", "citation": "text"},
    "amount": {"held_back": "dollars", "allowed": "dollars"},
    "reason": {"reason_code": "text"},
}
FRAME_COLUMNS: Mapping[str, FrameColumnKind] = {
    name: kind
    for f in fields_but("source")
    for name, kind in {f.name: _KINDS.get(f.kind, "text"), **_BESIDE.get(f.name, {})}.items()
}
"""In order. Dollars are Decimals; a month is text like 2012-09; what a line does not have is
missing."""

_NAMES = tuple(f.name for f in fields_but("source"))
_VALUES = attrgetter(*_NAMES)
# How a frame shows what says something; text that says nothing is missing.
_OF_KIND: Mapping[FieldKind, Callable[[Any], Any]] = {
    "text": str,
    "month": str,
    "rate": lambda rate: rate.value.value,
    "money": dollars,
    "reason": str,
    "participant": lambda participant: participant.pseudonym,
}
_SHOWN = tuple((f.name, _OF_KIND[f.kind]) for f in fields_but("source") if f.kind in _OF_KIND)


def to_frame(document: Claim | Request, library: Library | None = None) -> Any:
    """A data frame with a row for each line, in order: of pandas where installed, else of polars.

    `amount` is what the line earned, `held_back` what ceilings take from it (negative or zero),
    `allowed` the sum; all in US dollars. ImportError, naming both libraries, where the one asked
    for, or both, are missing; `Rejected` where a reduction holds back from a line that the document
    does not have.
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
    for reduction, index in zip(document.reductions, limited(document.lines, document.reductions), strict=True):
        held[index] += reduction.amount
    columns: dict[str, list[Any]] = {name: [] for name in FRAME_COLUMNS}
    for index, line in enumerate(document.lines):
        party, rate = parties.get(line.subaward), line.rate
        values = dict(zip(_NAMES, _VALUES(line), strict=True))
        for name, shown in _SHOWN:
            values[name] = shown(values[name]) if values[name] or name == "amount" else None
        values |= {
            "recipient": party and party.recipient,
            "subrecipient": party and party.subrecipient,
            "region": party and party.region,
            "rate_effective": rate and rate.effective,
            "rate_published": rate and rate.published,
            "citation": rate and str(rate.authority),
            "held_back": dollars(held[index]),
            "allowed": dollars(line.amount + held[index]),
            "reason_code": line.reason and line.reason.code,
        }
        for name, value in values.items():
            columns[name].append(value)
    return columns


def _pandas(pandas: Any, rows: dict[str, list[Any]]) -> Any:
    kinds = {"text": "string", "number": "Int64", "date": object, "dollars": object}
    return pandas.DataFrame(
        {name: pandas.Series(values, dtype=kinds[FRAME_COLUMNS[name]]) for name, values in rows.items()}
    )


def _polars(polars: Any, rows: dict[str, list[Any]]) -> Any:
    kinds = {"text": polars.String, "number": polars.Int64, "date": polars.Date}
    types = {
        name: polars.Decimal(38, _places(rows[name])) if kind == "dollars" else kinds[kind]
        for name, kind in FRAME_COLUMNS.items()
    }
    return polars.DataFrame(rows, schema=types)


def _places(values: list[Decimal | None]) -> int:
    """The most decimals of any value, at least those of a cent: a column of polars has one number
    of them."""
    return max([2, *(-int(v.as_tuple().exponent) for v in values if v is not None)])
