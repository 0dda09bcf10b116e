"""Lines and reductions as JSON objects, out and in, and the tables of rates and sources that they
share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, field

from grantcalc.billing.lines import Line, Reduction
from grantcalc.billing.records import (
    Json,
    cents_of_text,
    dollars_text,
    exact,
    line_record,
    nonempty,
    rate_record,
    read_line,
    read_rate,
    read_reduction,
    reduction_record,
)
from grantcalc.errors import Place, refuse
from grantcalc.known import Fact
from grantcalc.money import Rate
from grantcalc.provenance import Source


def is_detailed(lines: Iterable[Line]) -> bool:
    """Whether a line says anything that `Claim.counted` takes away."""
    return any(x.participant or x.day or x.reference or x.source.row for x in lines)


def identity(item: Line | Reduction) -> tuple[object, ...]:
    """What makes two items one: also what equality leaves out, sources and the decimals of a
    rate."""
    line = item.line if isinstance(item, Reduction) else item
    return item, line.source, (exact(line.rate.value), line.rate.source) if line.rate else None


def limited(lines: Sequence[Line], reductions: Sequence[Reduction]) -> list[int]:
    """The index of the line that each reduction holds back from; `Rejected` where that is not
    there."""
    at: dict[object, int] = {}
    for index, line in enumerate(lines if reductions else ()):
        at.setdefault(identity(line), index)
        at.setdefault(line, index)
    positions = [at.get(identity(x.line), at.get(x.line, -1)) for x in reductions]
    problem = "this holds back from a line that the document does not have"
    dangling = (Place(sheet=f"$.reductions[{i}].line") for i, index in enumerate(positions) if index < 0)
    refuse(place.finding("reference", problem) for place in dangling)
    return positions


@define
class DocumentTables:
    """Sources and rates by id, in order of first appearance, and the lines and reductions that
    refer to them."""

    detail: bool
    sources: dict[tuple[str, str], str] = field(factory=dict)
    rates: dict[tuple[object, ...], tuple[str, Json]] = field(factory=dict)

    def of(self, lines: Sequence[Line], reductions: Sequence[Reduction]) -> Json:
        """The keys of a document that its lines and reductions fill."""
        written = [self._line(x) for x in lines]
        return {
            "sources": {id: nonempty(file=file, sheet=sheet) for (file, sheet), id in self.sources.items()},
            "rates": dict(self.rates.values()),
            "lines": written,
            "reductions": [
                {
                    **reduction_record(x),
                    "line": index,
                    "amount": dollars_text(x.amount),
                    **({} if x.count == 1 else {"count": x.count}),
                }
                for x, index in zip(reductions, limited(lines, reductions), strict=True)
            ],
        }

    def _line(self, line: Line) -> Json:
        return line_record(line, self._rate(line.rate) if line.rate else None) | self._source(line.source)

    def _rate(self, rate: Fact[Rate]) -> str:
        read = rate.source
        row = read.row if self.detail else 0
        key = exact(rate.value), rate.effective, rate.published, rate.authority, read.file, read.sheet, row
        if key not in self.rates:
            fact = {**rate_record(rate), **self._source(read)}
            self.rates[key] = f"R{len(self.rates) + 1}", fact
        return self.rates[key][0]

    def _source(self, source: Source) -> Json:
        key = source.file, source.sheet
        id = self.sources.setdefault(key, f"S{len(self.sources) + 1}") if any(key) else ""
        return nonempty(source=id, row=source.row if self.detail else 0)


def lines_and_reductions(document: Json) -> tuple[tuple[Line, ...], tuple[Reduction, ...]]:
    """The lines and reductions of a document, each with its rate, its source and its line put
    back."""
    sources = document["sources"]
    rates = {id: read_rate(row, _read_source(row, sources)) for id, row in document["rates"].items()}
    lines = tuple(
        read_line(row, rates[row["rate"]] if "rate" in row else None, _read_source(row, sources))
        for row in document["lines"]
    )
    reductions = (
        read_reduction(row, lines[row["line"]], cents_of_text(row["amount"]), row.get("count", 1))
        for row in document["reductions"]
    )
    return lines, tuple(reductions)


def _read_source(row: Json, sources: Json) -> Source:
    source = sources[row["source"]] if "source" in row else {}
    return Source(source.get("file", ""), source.get("sheet", ""), row.get("row", 0))
