"""Values as plain records, out and in: what JSON documents, the ledger and its hashes are made of.

The same value gives the same record. Money is text of dollars with two decimals, a rate is text
with every decimal of its publication, days and months are text: no reader makes a binary fraction
of money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from grantcalc.billing.fields import ALWAYS, FieldKind, fields_but
from grantcalc.billing.lines import Draft, Line, Reduction
from grantcalc.billing.reasons import Reason
from grantcalc.eligibility import Participant
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import NOWHERE, Authority, Source

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")


def dollars_text(amount: int) -> str:
    """Cents as exact dollars, of any size and whatever the thread's decimal context: -5 is
    -0.05."""
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{part:02d}"


def cents_of_text(text: str) -> int:
    """The cents of an amount that the schema accepts: always two decimals."""
    return int(text.replace(".", ""))


def exact(rate: Rate) -> str:
    """A rate with every decimal that it was given, so that 600 stays 600 and 600.00 stays
    600.00."""
    return f"{rate.value:f}"


def _flat() -> Converter:
    """Records whose fields are what the format says: what is left at its default is left out."""
    converter = Converter(omit_if_default=True, detailed_validation=False)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: parse_date(text))
    converter.register_unstructure_hook(Decimal, "{:f}".format)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Decimal | Fraction, lambda text, _: (Fraction if "/" in text else Decimal)(text))
    converter.register_unstructure_hook(Month, str)
    converter.register_structure_hook(Month, lambda text, _: Month.parse(text))
    where = make_dict_unstructure_fn(Source, converter, _cattrs_omit_if_default=True, columns=override(omit=True))
    converter.register_unstructure_hook(Source, where)
    return converter


_FLAT = _flat()


def unstructure(value: Any) -> Any:
    """A flat record as an object, several as a list."""
    return _FLAT.unstructure(value)


def structure(row: Json, kind: type[T]) -> T:
    """The flat record of an object that the schema accepts."""
    return _FLAT.structure(row, kind)


def structure_all(rows: list[Json], kind: type[T]) -> tuple[T, ...]:
    """The flat records of a list."""
    return tuple(_FLAT.structure(row, kind) for row in rows)


def nonempty(**values: Any) -> Json:
    """A record of what says anything."""
    return {key: value for key, value in values.items() if value}


def rate_record(rate: Fact[Rate]) -> Json:
    """A rate with its dates and what says so."""
    return {
        "value": exact(rate.value),
        "effective": rate.effective.isoformat(),
        "published": rate.published.isoformat(),
        "authority": unstructure(rate.authority),
    }


def read_rate(row: Json, source: Source = NOWHERE) -> Fact[Rate]:
    """The rate of such a record."""
    published = parse_date(row["published"])
    authority = structure(row["authority"], Authority)
    return Fact(Rate.of(row["value"]), parse_date(row["effective"]), published, authority, source)


def line_record(line: Line, rate: Json | str | None, *without: str) -> Json:
    """A line by the names of its fields, what says nothing left out; `rate` as the document gives
    it."""
    values = dict(zip(_NAMES, _VALUES(line), strict=True)) | {"rate": rate}
    return {
        f.name: _WRITTEN[f.kind](value)
        for f in fields_but("source", *without)
        if (value := values[f.name]) != f.empty or f.empty is ALWAYS
    }


def read_line(row: Json, rate: Fact[Rate] | None, source: Source = NOWHERE, **figures: int) -> Line:
    """The line of such a record; `figures` are those that are written elsewhere."""
    values = {
        f.name: _READ[f.kind](row[f.name]) if f.name in row else f.empty for f in fields_but("rate", "source", *figures)
    }
    return Draft.of({**values, **figures, "rate": rate, "source": source})


def reduction_record(reduction: Reduction) -> Json:
    """What reduces a line, without figures."""
    return {
        "kind": reduction.kind,
        "id": reduction.id,
        "window": reduction.window,
        "room": dollars_text(reduction.room),
        "authority": unstructure(reduction.authority),
    }


def read_reduction(row: Json, line: Line, amount: int, count: int) -> Reduction:
    """The reduction of such a record."""
    authority = structure(row["authority"], Authority)
    return Reduction(
        kind=row["kind"],
        id=row["id"],
        window=row["window"],
        room=cents_of_text(row["room"]),
        authority=authority,
        line=line,
        amount=amount,
        count=count,
    )


def _itself(value: Any) -> Any:
    return value


_NAMES = tuple(f.name for f in fields_but("source"))
_VALUES = attrgetter(*_NAMES)
_WRITTEN: Mapping[FieldKind, Callable[[Any], Any]] = {
    "text": _itself,
    "count": _itself,
    "month": str,
    "rate": _itself,
    "money": dollars_text,
    "reason": Reason.record,
    "participant": unstructure,
    "day": date.isoformat,
}
_READ: Mapping[FieldKind, Callable[[Any], Any]] = {
    "text": _itself,
    "count": _itself,
    "month": Month.parse,
    "money": cents_of_text,
    "reason": Reason.of_record,
    "participant": lambda row: structure(row, Participant),
    "day": parse_date,
}
