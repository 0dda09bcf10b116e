"""Lines and limits as JSON objects, out and in, and the tables of rates and sources that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias, TypeVar

from attrs import define, field
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from grantcalc.billing.ledger import Requested
from grantcalc.billing.lines import Limit, Line
from grantcalc.eligibility import Participant
from grantcalc.errors import Finding, Place, refuse
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.periods import Month, parse_date
from grantcalc.provenance import Authority, Source

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
    found.register_unstructure_hook(Month, str)
    found.register_structure_hook(Month, lambda text, _: Month.parse(text))
    out = make_dict_unstructure_fn(Requested, found, amount=override(unstruct_hook=dollars))
    found.register_unstructure_hook(Requested, out)
    in_ = make_dict_structure_fn(Requested, found, amount=override(struct_hook=lambda text, _: cents(text)))
    found.register_structure_hook(Requested, in_)
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


def is_detailed(lines: Iterable[Line]) -> bool:
    """Whether a line says anything that `Claim.counted` takes away."""
    return any(x.participant or x.day or x.reference or x.source.row for x in lines)


def identity(item: Line | Limit) -> tuple[object, ...]:
    """What makes two items one: also what equality leaves out, sources and the decimals of a rate."""
    line = item.line if isinstance(item, Limit) else item
    return item, line.source, (exact(line.rate.value), line.rate.source) if line.rate else None


def limited(lines: Sequence[Line], limits: Sequence[Limit]) -> list[int]:
    """The index of the line that each limit holds back from; `Rejected` where that is not there."""
    at: dict[object, int] = {}
    for index, line in enumerate(lines if limits else ()):
        at.setdefault(identity(line), index)
        at.setdefault(line, index)
    found = [at.get(identity(x.line), at.get(x.line, -1)) for x in limits]
    problem = "this holds back from a line that the document does not have"
    dangling = (Place(sheet=f"$.limits[{i}].line") for i, index in enumerate(found) if index < 0)
    refuse(Finding(place, "reference", problem) for place in dangling)
    return found


@define
class Tables:
    """Sources and rates by id, in order of first appearance, and the lines and limits that refer to them."""

    detail: bool
    sources: dict[tuple[str, str], str] = field(factory=dict)
    rates: dict[tuple[object, ...], tuple[str, Json]] = field(factory=dict)

    def of(self, lines: Sequence[Line], limits: Sequence[Limit]) -> Json:
        """The keys of a document that its lines and limits fill."""
        written = [self._line(x) for x in lines]
        return {
            "sources": {id: _given(file=file, sheet=sheet) for (file, sheet), id in self.sources.items()},
            "rates": dict(self.rates.values()),
            "lines": written,
            "limits": [
                {
                    "ceiling": x.ceiling,
                    "window": x.window,
                    "room": dollars(x.room),
                    "authority": plain(x.authority),
                    "line": index,
                    "amount": dollars(x.amount),
                    **({} if x.n == 1 else {"n": x.n}),
                }
                for x, index in zip(limits, limited(lines, limits), strict=True)
            ],
        }

    def _line(self, line: Line) -> Json:
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
            "amount": dollars(line.amount),
            **({} if line.n == 1 else {"n": line.n}),
            **_given(
                rate=self._rate(line.rate) if line.rate else "",
                participant=plain(line.participant) if line.participant else "",
                day=line.day.isoformat() if line.day else "",
                category=line.category,
                reference=line.reference,
                reason=line.reason,
            ),
            **self._source(line.source),
        }

    def _rate(self, rate: Fact[Rate]) -> str:
        read = rate.source
        row = read.row if self.detail else 0
        key = exact(rate.value), rate.effective, rate.published, rate.authority, read.file, read.sheet, row
        if key not in self.rates:
            fact = {
                "value": exact(rate.value),
                "effective": rate.effective.isoformat(),
                "published": rate.published.isoformat(),
                "authority": plain(rate.authority),
                **self._source(read),
            }
            self.rates[key] = f"R{len(self.rates) + 1}", fact
        return self.rates[key][0]

    def _source(self, source: Source) -> Json:
        key = source.file, source.sheet
        id = self.sources.setdefault(key, f"S{len(self.sources) + 1}") if any(key) else ""
        return _given(source=id, row=source.row if self.detail else 0)


def _given(**values: Any) -> Json:
    return {key: value for key, value in values.items() if value}


def lines_and_limits(found: Json) -> tuple[tuple[Line, ...], tuple[Limit, ...]]:
    """The lines and limits of a document, each with its rate, its source and its line put back."""
    sources = found["sources"]
    rates = {id: _read_rate(row, sources) for id, row in found["rates"].items()}
    lines = tuple(_read_line(row, rates, sources) for row in found["lines"])
    limits = (
        Limit(
            row["ceiling"],
            row["window"],
            cents(row["room"]),
            record(row["authority"], Authority),
            lines[row["line"]],
            cents(row["amount"]),
            row.get("n", 1),
        )
        for row in found["limits"]
    )
    return lines, tuple(limits)


def _read_rate(row: Json, sources: Json) -> Fact[Rate]:
    return Fact(
        Rate.of(row["value"]),
        parse_date(row["effective"]),
        parse_date(row["published"]),
        record(row["authority"], Authority),
        _read_source(row, sources),
    )


def _read_line(row: Json, rates: Mapping[str, Fact[Rate]], sources: Json) -> Line:
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
        rates[row["rate"]] if "rate" in row else None,
        cents(row["amount"]),
        row.get("n", 1),
        parse_date(row["day"]) if "day" in row else None,
        row.get("category", ""),
        row.get("reference", ""),
        row.get("reason", ""),
        _read_source(row, sources),
    )


def _read_source(row: Json, sources: Json) -> Source:
    found = sources[row["source"]] if "source" in row else {}
    return Source(found.get("file", ""), found.get("sheet", ""), row.get("row", 0))
