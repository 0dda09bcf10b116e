"""What writing costs: 100,000 lines of 12 columns, each with a live formula and its stored value,
beside other writers.

    python benchmarks/writing.py          some minutes; memory up to 500,000 lines

CPU time, run in turns in one process; the median of the ratios of the rounds stands. Memory is the
peak of a fresh process for each. Past a limit the exit status is 1. A writer that is not installed
is named and left out.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time

from attrs import frozen

from grantcalc.money import Rate, dollars
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft, WrittenValue
from grantcalc.xlsx.writer import write_book

# The aim: three times faster than XlsxWriter and under 100 MB, and the memory flat from 10,000 to
# 500,000 rows.
TIMES_XLSXWRITER = 1 / 3
MEGABYTES = 100
FLAT = 1.1  # the peak with 500,000 rows ÷ that with 10,000

LINES, ROUNDS, SIZES = 100_000, 3, (10_000, 100_000, 500_000)
COLUMNS = (
    TableColumn("Line", "count"),
    TableColumn("Award"),
    TableColumn("Subaward"),
    TableColumn("Budget period"),
    TableColumn("Month", "month"),
    TableColumn("Service"),
    TableColumn("Phase"),
    TableColumn("Known", "date"),
    TableColumn("Days", "count"),
    TableColumn("Of", "count"),
    TableColumn("Rate", "rate"),
    TableColumn("Amount", "money"),
)
FORMULA = "ROUND({Days}/{Of}*{Rate},2)"
RATES = [Rate(Decimal(text)) for text in ("190.00", "195.5", "201.25", "513.333333")]
DAY = date(2019, 10, 15)


@frozen
class Lines:
    """So many lines, made one after the other for whoever writes them: none of them stands in
    memory."""

    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Sequence[WrittenValue]]:
        for k in range(self.count):
            days, of, rate = 1 + k % 31, 31, RATES[k % 4]
            yield (
                k + 1,
                "90ZV0101",
                f"S-{k % 40}",
                "FY2019",
                f"2019-{1 + k % 12:02d}",
                "case_management",
                ("certified", "interim", "pre_certification")[k % 3],
                DAY,
                days,
                of,
                rate.value,
                Formula(FORMULA, dollars(rate.extend(days, of))),
            )


# --- the writers ---


def grantcalc(rows: Lines, path: Path) -> None:
    total: list[WrittenValue] = ["Total", *[None] * 10, Formula("SUM({Amount:})", sum(row[-1].value for row in rows))]  # type: ignore[union-attr]
    block = Block(COLUMNS, rows, total=total, table="ClaimLines")
    write_book(WorkbookDraft("Lines", (Sheet("Lines", (block,), freeze=True),), DAY), path)


def xlsxwriter(rows: Lines, path: Path) -> None:
    _xlsxwriter(rows, path, constant_memory=False)


def xlsxwriter_constant_memory(rows: Lines, path: Path) -> None:
    _xlsxwriter(rows, path, constant_memory=True)


def _xlsxwriter(rows: Lines, path: Path, *, constant_memory: bool) -> None:
    from xlsxwriter import Workbook

    book = Workbook(path, {"constant_memory": constant_memory})
    sheet = book.add_worksheet("Lines")
    text, day, rate, money = (book.add_format({"num_format": f}) for f in ("@", "yyyy-mm-dd", "0.00####", "#,##0.00"))
    for at, column in enumerate(COLUMNS):
        sheet.write_string(0, at, column.header)
    for at, row in enumerate(rows, 1):
        sheet.write_number(at, 0, row[0])
        for k in range(1, 7):
            sheet.write_string(at, k, row[k], text)
        sheet.write_datetime(at, 7, row[7], day)
        sheet.write_number(at, 8, row[8])
        sheet.write_number(at, 9, row[9])
        sheet.write_number(at, 10, row[10], rate)
        sheet.write_formula(at, 11, f"=ROUND(I{at + 1}/J{at + 1}*K{at + 1},2)", money, row[11].value)
    book.close()


def openpyxl_write_only(rows: Lines, path: Path) -> None:
    """It stores no values beside the formulas."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lines")
    sheet.append([column.header for column in COLUMNS])
    formats = {7: "yyyy-mm-dd", 10: "0.00####", 11: "#,##0.00"}
    for at, row in enumerate(rows, 2):
        cells = [*row[:11], f"=ROUND(I{at}/J{at}*K{at},2)"]
        for k, format_ in formats.items():
            cells[k] = WriteOnlyCell(sheet, cells[k])
            cells[k].number_format = format_
        sheet.append(cells)
    book.save(path)


OTHERS: dict[str, Callable[[Lines, Path], None]] = {
    "XlsxWriter": xlsxwriter,
    "XlsxWriter, constant memory": xlsxwriter_constant_memory,
    "openpyxl write-only": openpyxl_write_only,
}


# --- measuring ---


def cpu(write: Callable[[Lines, Path], None], rows: Lines, path: Path) -> float:
    gc.collect()
    begin = process_time()
    write(rows, path)
    return process_time() - begin


def peak(write: Callable[[Lines, Path], None], count: int, path: Path) -> float:
    """The most memory that a fresh process held while it wrote so many lines, in MB."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_peak, write, count, path).result()


def _peak(write: Callable[[Lines, Path], None], count: int, path: Path) -> float:
    write(Lines(count), path)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def memory(folder: Path) -> Iterator[bool]:
    print("peak memory of a process that writes")
    ours = [peak(grantcalc, size, folder / "ours.xlsx") for size in SIZES]
    for size, most in zip(SIZES, ours, strict=True):
        print(f"  grantcalc                   {size:9,} lines {most:7.1f} MB")
    for name, write in others():
        print(f"  {name:28}{LINES:9,} lines {peak(write, LINES, folder / 'other.xlsx'):7.1f} MB")
    yield within(f"MB for {LINES:,} lines", ours[SIZES.index(LINES)], MEGABYTES)
    yield within(f"{SIZES[-1]:,} lines ÷ {SIZES[0]:,} lines", ours[-1] / ours[0], FLAT)


def beside_others(folder: Path) -> Iterator[bool]:
    writers = [("grantcalc", grantcalc), *(each for each in others() if "memory" not in each[0])]  # that is slower yet
    took: dict[str, list[float]] = {name: [] for name, _ in writers}
    for _ in range(ROUNDS):
        for name, write in writers:
            took[name].append(cpu(write, Lines(LINES), folder / "book.xlsx"))
    print(f"{LINES:,} lines of {len(COLUMNS)} columns, CPU seconds, {ROUNDS} rounds")
    for name, seconds in took.items():
        ratio = median(a / b for a, b in zip(took["grantcalc"], seconds, strict=True))
        print(f"  {name:28}{median(seconds):6.2f} s   grantcalc ÷ it {ratio:.2f}")
        if name.startswith("XlsxWriter"):
            yield within(f"grantcalc ÷ {name}", ratio, TIMES_XLSXWRITER)


def others() -> list[tuple[str, Callable[[Lines, Path], None]]]:
    return [(name, write) for name, write in OTHERS.items() if find_spec(name.split()[0].strip(",").lower())]


def within(what: str, figure: float, limit: float) -> bool:
    print(f"  {what} {figure:.2f}, at most {limit:.2f}{'' if figure <= limit else ': PAST ITS LIMIT'}")
    return figure <= limit


def main() -> int:
    for name in OTHERS.keys() - dict(others()).keys():
        print(f"{name} is not installed: left out")
    with tempfile.TemporaryDirectory() as folder:
        # memory comes first: a new process counts its parent's memory of that moment as a peak of
        # its own
        held = [*memory(Path(folder)), *beside_others(Path(folder))]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
