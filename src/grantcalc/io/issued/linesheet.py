"""The lines of a claim or request as a sheet, its amounts live formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from grantcalc.billing.claims import Party
from grantcalc.billing.lines import Line
from grantcalc.errors import Place
from grantcalc.io.workbook.package import Unwritable
from grantcalc.io.workbook.sheets import Block, Cell, Column, Formula, Sheet
from grantcalc.known import Fact
from grantcalc.money import Rate, dollars

LINES = "Lines"
_MOST = 1_048_576 - 3  # rows of a sheet, less a sentence, the headers and the total

LINE_COLUMNS = (
    Column("Line", "count", "Number of the line on this sheet.", width=10),
    Column("Award", note="FAIN."),
    Column("Subaward", note="Subaward number; the FAIN for the recipient's own service."),
    Column("Region", "count", "HHS region in which the subrecipient works."),
    Column("Issuer", note="The organization that keeps the caseload."),
    Column("Budget period", note="Of the award; by day of service."),
    Column("Month", "month", "Service month."),
    Column("Service", note="As the terms name it."),
    Column("Pool", note="direct or administration."),
    Column("Phase", note="Of eligibility, by letters."),
    Column("Category", note="Of an actual cost."),
    Column("Count", "count", "n: how many equal lines are counted together."),
    Column("Days", "count", "Quantity of each: days of service, or 1 of 1 month, or units."),
    Column("Of", "count", "Days of the month, or 1."),
    Column("Rate", "rate", "Dollars for a whole month, or for a unit."),
    Column("Rate no.", note="Row of the Rates sheet."),
    Column("Amount", "money", "n × ROUND(days ÷ of × rate, 2); for actual costs, what was reported."),
    Column("Reason", "wrap", "Why a quantity is 0; or that these are credits.", width=28),
)
DETAIL_COLUMNS = (
    Column("Participant", note="The issuer's pseudonym. This workbook stays with the subrecipient."),
    Column("Day", "date", "Day of service."),
    Column("Reference", note="Of the issuer's document."),
    Column("Source", note="Row of the caseload workbook."),
)


def rate_numbers(lines: Iterable[Line]) -> dict[Fact[Rate], str]:
    """R1, R2, … in the order of the lines."""
    found: dict[Fact[Rate], str] = {}
    for line in lines:
        if line.rate is not None and line.rate not in found:
            found[line.rate] = f"R{len(found) + 1}"
    return found


@frozen
class LineRows:
    """The rows of lines, made one after the other, as often as they are asked for."""

    lines: Sequence[Line]
    regions: Mapping[str, int | None]
    rates: Mapping[Fact[Rate], str]
    detailed: bool

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        for number, line in enumerate(self.lines, 1):
            amount, rate = dollars(line.amount), line.rate
            row: tuple[Cell, ...] = (
                number,
                line.award,
                line.subaward,
                self.regions.get(line.subaward),
                line.issuer,
                line.budget_period,
                str(line.month),
                line.service,
                line.pool,
                line.phase,
                line.category,
                line.n,
                line.days if rate or not line.days else None,
                line.of if rate or not line.days else None,
                rate.value.value if rate else None,
                self.rates[rate] if rate else None,
                Formula("{Count}*ROUND({Days}/{Of}*{Rate},2)", amount) if rate else amount,
                line.reason,
            )
            if self.detailed:
                pseudonym = line.participant.pseudonym if line.participant else None
                row += (pseudonym, line.day, line.reference, str(line.source))
            yield row


def line_rows(lines: Sequence[Line], parties: Iterable[Party], detailed: bool) -> LineRows:
    """Lines as rows under LINE_COLUMNS, and DETAIL_COLUMNS where they are detailed."""
    return LineRows(lines, {p.subaward: p.region for p in parties}, rate_numbers(lines), detailed)


def columns_of(detailed: bool) -> tuple[Column, ...]:
    """The columns of lines."""
    return LINE_COLUMNS + DETAIL_COLUMNS if detailed else LINE_COLUMNS


def lines_sheet(lines: Sequence[Line], parties: Iterable[Party], detailed: bool) -> Sheet:
    """The Lines sheet: every line, its amount a live formula wherever its figures stand on the sheet. `Unwritable` for
    more lines than a sheet holds."""
    if len(lines) > _MOST:
        wanted = "write them as CSV beside a workbook of counts: --lines FILE.csv (lines= in Python)"
        raise Unwritable(Place(sheet=LINES), f"more than the {_MOST:,} lines of a sheet; {wanted}", f"{len(lines):,}")
    columns = columns_of(detailed)
    total: list[Cell] = [None] * len(columns)
    total[0] = "Total"
    total[16] = Formula("SUM({Amount:})", dollars(sum(x.amount for x in lines)))
    text = ("Amount = Count × ROUND(Days ÷ Of × Rate, 2). Actual costs and credits stand as reported.",)
    about = "Every line: who, where, what for, in which month, how many days at which rate, and the amount."
    rows = line_rows(lines, parties, detailed)
    block = Block(columns, rows, text=text, total=total, table="ClaimLines", about=about)
    return Sheet(LINES, (block,), landscape=True, freeze=True)
