"""What an empty cell of the award workbook means: the only award, the days of the award, its
notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grantcalc.io import schemas
from grantcalc.io.intake.tables import SheetTables, TableRow
from grantcalc.periods import Interval

AwardRows = Sequence[tuple[TableRow, Interval]]


def of_the_only_award(tables: SheetTables, rows: Iterable[TableRow], key: str) -> Iterator[TableRow]:
    """Rows that name an award: an empty cell means the only one of the workbook. Where it has
    several, that is a finding."""
    listed = tables.listed[schemas.AWARDS.sheet]
    for row in rows:
        if row.get(key) is None and not row.bad and None not in listed:
            if len(listed) == 1:
                (row.values[key],) = listed
            elif listed:
                problem, wanted = "this may be empty only where the workbook has one award", "a FAIN"
                tables.add(row, key, "empty", problem, wanted)
                tables.spoil(row)
        yield row


def kept_by(rows: Iterable[TableRow], issuer: str | None) -> Iterator[TableRow]:
    """Awards: an empty recipient means the organization that keeps the workbook."""
    for row in rows:
        if issuer and not row.bad:
            row.values.setdefault("recipient", issuer)
        yield row


def whole_award(tables: SheetTables, rows: Sequence[TableRow], awards: AwardRows) -> Sequence[TableRow]:
    """Budget periods: without days, the only one of its award has those of the award."""
    days, counts = {row.get("fain"): period for row, period in awards}, Counter(row.get("fain") for row in rows)
    for row in rows:
        missing = [key for key in ("start", "end") if row.get(key) is None]
        if missing and not row.bad and row.get("fain") in days:
            if counts[row.get("fain")] == 1:
                _fill(row, days[row.get("fain")])
            else:
                problem = "this may be empty only where the award has one budget period"
                tables.add(row, missing[0], "empty", problem, "a date like 2012-10-15")
                tables.spoil(row)
    return rows


def within_award(rows: Sequence[TableRow], awards: AwardRows) -> Sequence[TableRow]:
    """Subawards: without days, a subaward has those of the award under which it is made, through
    however many others."""
    days: Mapping[str, Interval] = {row.get("fain"): period for row, period in awards}
    parents = {row.get("id"): row.get("parent") for row in rows}
    for row in rows:
        above, seen = row.get("parent"), set[str]()
        while above in parents and above not in days and above not in seen:
            seen.add(above)
            above = parents[above]
        if above in days and not row.bad:
            _fill(row, days[above])
    return rows


def _fill(row: TableRow, days: Interval) -> None:
    row.values.setdefault("start", days.start)
    if days.end is not None:
        row.values.setdefault("end", days.end)


def of_its_notice(rows: Iterable[TableRow], awards: AwardRows) -> Iterator[TableRow]:
    """Terms: without dates, what the award fills in holds from its first day, and is known from the
    date of the award; without a source, the award says what does."""
    by_fain = {row.get("fain"): (row, days) for row, days in awards}
    for row in rows:
        if row.get("fain") in by_fain and not row.bad:
            award, days = by_fain[row.get("fain")]
            row.values.setdefault("effective", days.start)
            row.values.setdefault("published", award.get("awarded", days.start))
            if award.get("terms_source"):
                row.values.setdefault("source", award.get("terms_source"))
        yield row
