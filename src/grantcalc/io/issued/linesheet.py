"""The lines of a claim or request as a sheet, its amounts live formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from attrs import frozen

from grantcalc.billing.fields import FIELDS, FieldKind
from grantcalc.billing.lines import Line
from grantcalc.billing.parties import Party
from grantcalc.errors import Place
from grantcalc.io.issued.summary import LINES
from grantcalc.known import Fact
from grantcalc.money import Rate, dollars
from grantcalc.xlsx.package import Unwritable
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, ValueKind, WrittenValue

_MOST = 1_048_576 - 3  # rows of a sheet, less a sentence, the headers and the total

_KINDS: Mapping[FieldKind, ValueKind] = {
    "count": "count",
    "month": "month",
    "rate": "rate",
    "money": "money",
    "reason": "wrap",
    "day": "date",
}
# What stands on the sheet beside a field of the line.
_BESIDE = {
    "subaward": TableColumn("Region", "count", "HHS region in which the subrecipient works."),
    "rate": TableColumn("Rate no.", note="Row of the Rates sheet."),
    "reason": TableColumn("Reason code", note="The same for a program: a code and its figures."),
}


def _columns(*, detail: bool) -> Iterator[TableColumn]:
    for f in FIELDS:
        if f.detail is detail:
            yield TableColumn(f.header, _KINDS.get(f.kind, "text"), f.note, 28 if f.kind == "reason" else None)
            if f.name in _BESIDE:
                yield _BESIDE[f.name]


LINE_COLUMNS = (TableColumn("Line", "count", "Number of the line on this sheet.", width=10), *_columns(detail=False))
DETAIL_COLUMNS = (*_columns(detail=True),)
_CELLS: Mapping[FieldKind, Callable[[Any], WrittenValue]] = {
    "month": str,
    "rate": lambda rate: rate.value.value,
    "money": dollars,
    "reason": str,
    "participant": lambda participant: participant.pseudonym,
    "source": str,
}


def rate_numbers(lines: Iterable[Line]) -> dict[Fact[Rate], str]:
    """R1, R2, … in the order of the lines."""
    numbers: dict[Fact[Rate], str] = {}
    for line in lines:
        if line.rate is not None and line.rate not in numbers:
            numbers[line.rate] = f"R{len(numbers) + 1}"
    return numbers


_QUANTITY, _DIVISOR, _AMOUNT = (
    [c.header for c in LINE_COLUMNS].index(header) for header in ("Quantity", "Divisor", "Amount")
)
_FORMULA = "{Count}*ROUND({Quantity}/{Divisor}*{Rate},2)"


@frozen
class LineRows:
    """The rows of lines, made one after the other, as often as they are asked for."""

    lines: Sequence[Line]
    regions: Mapping[str, int | None]
    rates: Mapping[Fact[Rate], str]
    detailed: bool

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[WrittenValue, ...]]:
        shown = [f for f in FIELDS if self.detailed or not f.detail]
        values_of = attrgetter(*(f.name for f in shown))
        cells = [(at, _CELLS[f.kind]) for at, f in enumerate(shown, 1) if f.kind in _CELLS]
        beside = [at for at, f in enumerate(shown, 2) if f.name in _BESIDE]
        for number, line in enumerate(self.lines, 1):
            rate, reason = line.rate, line.reason
            row: list[WrittenValue] = [number, *values_of(line)]
            for at, cell in cells:
                if (value := row[at]) is not None:
                    row[at] = cell(value)
            row.insert(beside[2], reason.cell() if reason else None)
            row.insert(beside[1], self.rates[rate] if rate else None)
            row.insert(beside[0], self.regions.get(line.subaward))
            if rate:
                row[_AMOUNT] = Formula(_FORMULA, dollars(line.amount))
            elif line.quantity:  # an actual cost: it is one, which goes without saying
                row[_QUANTITY] = row[_DIVISOR] = None
            yield tuple(row)


def line_rows(lines: Sequence[Line], parties: Iterable[Party], detailed: bool) -> LineRows:
    """Lines as rows under LINE_COLUMNS, and DETAIL_COLUMNS where they are detailed."""
    return LineRows(lines, {p.subaward: p.region for p in parties}, rate_numbers(lines), detailed)


def columns_of(detailed: bool) -> tuple[TableColumn, ...]:
    """The columns of lines."""
    return LINE_COLUMNS + DETAIL_COLUMNS if detailed else LINE_COLUMNS


def lines_sheet(lines: Sequence[Line], parties: Iterable[Party], detailed: bool) -> Sheet:
    """The Lines sheet: every line, its amount a live formula wherever its figures stand on the
    sheet. `Unwritable` for more lines than a sheet holds."""
    if len(lines) > _MOST:
        wanted = "write them as CSV beside a workbook of counts: --lines FILE.csv (lines= in Python)"
        raise Unwritable(Place(sheet=LINES), f"more than the {_MOST:,} lines of a sheet; {wanted}", f"{len(lines):,}")
    columns = columns_of(detailed)
    total: list[WrittenValue] = [None] * len(columns)
    total[0] = "Total"
    total[_AMOUNT] = Formula("SUM({Amount:})", dollars(sum(x.amount for x in lines)))
    text = ("Amount = Count × ROUND(Quantity ÷ Divisor × Rate, 2). Actual costs and credits are as reported.",)
    about = "Every line: who, where, what for, in which month, how many days at which rate, and the amount."
    rows = line_rows(lines, parties, detailed)
    block = Block(columns, rows, text=text, total=total, table="ClaimLines", about=about, name=LINES)
    return Sheet(LINES, (block,), landscape=True, freeze=True)
