"""Values as plain records, out and in: what JSON documents, the ledger and its hashes are made of.

The same value gives the same record. Money is text of dollars with two decimals, a rate is text with every decimal of
its publication, days and months are text: no reader makes a binary fraction of money.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from grantcalc.billing.lines import Line
from grantcalc.eligibility import Participant
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import NOWHERE, Authority, Source

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")


def dollars(amount: int) -> str:
    """Cents as exact dollars, of any size and whatever the thread's decimal context: -5 is -0.05."""
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{part:02d}"


def cents(text: str) -> int:
    """The cents of an amount that the schema lets stand: always two decimals."""
    return int(text.replace(".", ""))


def exact(rate: Rate) -> str:
    """A rate with every decimal that it was given, so that 600 stays 600 and 600.00 stays 600.00."""
    return f"{rate.value:f}"


def _flat() -> Converter:
    """Records whose fields are what the format says: what is left at its default is left out."""
    found = Converter(omit_if_default=True, detailed_validation=False)
    found.register_unstructure_hook(date, date.isoformat)
    found.register_structure_hook(date, lambda text, _: parse_date(text))
    found.register_unstructure_hook(Decimal, "{:f}".format)
    found.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    found.register_unstructure_hook(Fraction, str)
    found.register_structure_hook(Decimal | Fraction, lambda text, _: (Fraction if "/" in text else Decimal)(text))
    found.register_unstructure_hook(Month, str)
    found.register_structure_hook(Month, lambda text, _: Month.parse(text))
    where = make_dict_unstructure_fn(Source, found, _cattrs_omit_if_default=True, columns=override(omit=True))
    found.register_unstructure_hook(Source, where)
    return found


_FLAT = _flat()


def plain(value: Any) -> Any:
    """A flat record as an object, several as a list."""
    return _FLAT.unstructure(value)


def record(row: Json, kind: type[T]) -> T:
    """The flat record of an object that the schema lets stand."""
    return _FLAT.structure(row, kind)


def records(rows: list[Json], kind: type[T]) -> tuple[T, ...]:
    """The flat records of a list."""
    return tuple(_FLAT.structure(row, kind) for row in rows)


def given(**values: Any) -> Json:
    """A record of what says anything."""
    return {key: value for key, value in values.items() if value}


def rate_record(rate: Fact[Rate]) -> Json:
    """A rate with its dates and what says so."""
    return {
        "value": exact(rate.value),
        "effective": rate.effective.isoformat(),
        "published": rate.published.isoformat(),
        "authority": plain(rate.authority),
    }


def read_rate(row: Json, source: Source = NOWHERE) -> Fact[Rate]:
    """The rate of such a record."""
    published = parse_date(row["published"])
    authority = record(row["authority"], Authority)
    return Fact(Rate.of(row["value"]), parse_date(row["effective"]), published, authority, source)


def line_record(line: Line, rate: Json | str, **figures: Any) -> Json:
    """A line: what it is, then its figures, then what only some lines have; `rate` as the document gives it."""
    return {
        "issuer": line.issuer,
        "award": line.award,
        "subaward": line.subaward,
        "service": line.service,
        "pool": line.pool,
        "phase": line.phase,
        "month": str(line.month),
        "budget_period": line.budget_period,
        "days": line.days,
        "of": line.of,
        **figures,
        **given(
            rate=rate,
            participant=plain(line.participant) if line.participant else "",
            day=line.day.isoformat() if line.day else "",
            category=line.category,
            reference=line.reference,
            reason=line.reason,
        ),
    }


def read_line(row: Json, rate: Fact[Rate] | None, n: int, amount: int, source: Source = NOWHERE) -> Line:
    """The line of such a record."""
    return Line(
        row["issuer"],
        record(row["participant"], Participant) if "participant" in row else None,
        row["award"],
        row["subaward"],
        row["service"],
        row["pool"],
        row["phase"],
        Month.parse(row["month"]),
        row["budget_period"],
        row["days"],
        row["of"],
        rate,
        amount,
        n,
        parse_date(row["day"]) if "day" in row else None,
        row.get("category", ""),
        row.get("reference", ""),
        row.get("reason", ""),
        source,
    )
