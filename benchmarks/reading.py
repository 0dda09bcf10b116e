"""What reading costs: `open_book`, its pre-scan and all, beside the readers that are common; and
what refusals cost.

    python benchmarks/reading.py          100,000 rows of 12 columns
    python benchmarks/reading.py --few    10,000

All figures are CPU time. What is compared is run in turns, and the median of the ratios stands.
Each peak of memory is that of a process of its own. Past a limit the exit status is 1.
"""

from __future__ import annotations

import argparse
import gc
import io
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import openpyxl

from grantcalc.errors import WorkbookRejected
from grantcalc.io.intake.cells import book_of_bytes, open_book
from grantcalc.io.intake.layout import opened
from grantcalc.xlsx.sheets import Block, Formula, Sheet, TableColumn, WorkbookDraft
from grantcalc.xlsx.writer import write_book

# "reading 100k × 12 with pre-scan against bare openpyxl read-only (aim: no slower)": it reads
# formulas or values, and we read both.
TIMES_OPENPYXL = 1
# "reading is linear in the cells": each further row between the two largest sizes costs at most so
# many times one between the two smallest.
LINEAR = 2
# "A small hostile file is refused in about 10 ms; nothing costs more than 10 s and 500 MB before
# its refusal"
SMALL, SECONDS, MEMORY = 0.010, 10, 500

DAY = date(2019, 10, 1)
COLUMNS = (
    *(
        TableColumn("Line", "count"),
        TableColumn("Participant"),
        TableColumn("Award"),
        TableColumn("Service"),
        TableColumn("Day", "date"),
    ),
    *(TableColumn("Month"), TableColumn("Days", "count"), TableColumn("Of", "count"), TableColumn("Rate", "money")),
    *(TableColumn("Amount", "money"), TableColumn("Phase"), TableColumn("Reference")),
)


# --- what is read ---


def write(rows: int, path: Path) -> None:
    """A sheet of illustrative lines: text, counts, days, money, and a formula with its stored value
    in each."""
    lines = [
        (
            *(k + 1, f"P-{k:06d}", "90ZV0101", "case management", DAY + timedelta(k % 365), "2019-10", k % 31 + 1, 31),
            *(Decimal(19000 + k % 97) / 100, Formula("ROUND({Days}/{Of}*{Rate},2)", Decimal(k % 100_000) / 100)),
            *("certified", f"V-{k % 1000}"),
        )
        for k in range(rows)
    ]
    write_book(WorkbookDraft("Lines", (Sheet("Lines", (Block(COLUMNS, lines),)),), DAY), path)


# --- what it is compared with ---


def ours(path: Path) -> int:
    return sum(len(cells) for _, cells in open_book(path).sheets["Lines"])


def with_openpyxl(path: Path) -> int:
    """What its documentation advises for large workbooks, and nothing kept."""
    workbook = openpyxl.load_workbook(path, read_only=True)
    found = sum(value is not None for row in workbook["Lines"].iter_rows(values_only=True) for value in row)
    workbook.close()
    return found


def with_calamine(path: Path) -> int:
    """A reader in Rust: values only; it sees no formulas, and takes error cells for empty ones."""
    from python_calamine import CalamineWorkbook

    return sum(
        value != ""
        for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Lines").to_python()
        for value in row
    )


def readers() -> dict[str, Callable[[Path], int]]:
    found = {"open_book": ours, "openpyxl read-only": with_openpyxl}
    try:
        import python_calamine  # noqa: F401
    except ImportError:
        return found
    return found | {"python-calamine": with_calamine}


# --- measuring ---


def cpu(task: Callable[[], Any]) -> float:
    """Seconds of CPU of one run, with no garbage of others to collect meanwhile."""
    gc.collect()
    begin = process_time()
    task()
    return process_time() - begin


def beside_others(path: Path, rows: int, rounds: int = 5) -> Iterator[bool]:
    tasks = {name: partial(reader, path) for name, reader in readers().items()}
    assert len({task() for task in tasks.values()}) == 1
    took: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            took[name].append(cpu(task))
    print(f"{rows:,} rows of {len(COLUMNS)} columns, {path.stat().st_size:,} bytes")
    for name, seconds in took.items():
        print(f"  {name:20}{median(seconds):7.2f} s")
    for name in [*tasks][1:]:
        ratio = median(a / b for a, b in zip(took["open_book"], took[name], strict=True))
        limit = TIMES_OPENPYXL if name.startswith("openpyxl") else None
        yield within(f"open_book ÷ {name}", ratio, limit)


def growth(sizes: list[int], folder: Path) -> Iterator[bool]:
    """Each run in a process of its own, since a process never gives its peak back."""
    print("growth with the number of rows")
    runs: list[tuple[float, int]] = []
    for size in sizes:
        write(size, path := folder / f"{size}.xlsx")
        runs.append(min(alone(cost, path) for _ in range(3)))
        print(f"  {size:9,} rows: {1e6 * runs[-1][0] / size:6.1f} µs a row, peak {runs[-1][1] / 2**20:6.1f} MiB")
    for what, k in (("CPU time", 0), ("peak memory", 1)):
        further = [(runs[i + 1][k] - runs[i][k]) / (sizes[i + 1] - sizes[i]) for i in range(len(sizes) - 1)]
        yield within(f"{what} of a further row, largest ÷ smallest sizes", further[-1] / further[0], LINEAR)


def alone(task: Callable[[Path], tuple[float, int]], path: Path) -> tuple[float, int]:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(task, path).result()


def cost(path: Path) -> tuple[float, int]:
    """Of reading a file, or refusing it: seconds of CPU, and the peak of resident memory in
    bytes."""
    book: object = None

    def read() -> None:
        nonlocal book
        try:
            book = opened(path)
        except WorkbookRejected as refused:
            book = refused

    return cpu(read), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# --- refusals ---

HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def hostile(folder: Path) -> Iterator[tuple[str, Path]]:
    """Workbooks that cost as much as they can before they are refused, each by another limit."""
    write(1, base := folder / "base.xlsx")
    number, text = '<c r="{}#"><v>#.{}</v></c>', '<c r="{}#" t="inlineStr"><is><t>text # of column {} é</t></is></c>'
    yield "too many cells", repacked(base, folder / "cells.xlsx", cells(number, 175_000))
    yield "too many cells of text", repacked(base, folder / "texts.xlsx", cells(text, 175_000))
    hidden = number.replace("c ", "x:c ").replace("/c", "/x:c").replace("v>", "x:v>")
    yield "too many cells under a prefix", repacked(base, folder / "prefix.xlsx", cells(hidden, 175_000, "x:"))
    yield "a bomb", repacked(base, folder / "bomb.xlsx", (b" " * 2**20 for _ in range(255)))
    yield "too many elements", repacked(base, folder / "tags.xlsx", joined(HEAD, elements(200)))
    yield "a text without end", repacked(base, folder / "text.xlsx", joined(HEAD + b'<row><c t="str"><v>', noise(800)))
    yield "too many cells of CSV", lines(folder / "lines.csv", 700_000)
    yield "a tag without end", repacked(base, folder / "tag.xlsx", joined(HEAD + b'<row x="', noise(800)))


def lines(path: Path, rows: int) -> Path:
    """A CSV file of rows of twelve fields, some 60 MB."""
    with path.open("w") as file:
        row = "{0},P-{0:06},90ZV0101,case management,2019-10-01,2019-10,31,31,190.00,{0}.50,certified,V\n"
        file.writelines(map(row.format, range(rows)))
    return path


def cells(form: str, rows: int, prefix: str = "") -> Iterator[bytes]:
    """Rows of twelve cells, no two of which are alike."""
    row = "".join(form.format(letter, n) for n, letter in enumerate("ABCDEFGHIJKL"))
    row = f'<{prefix}row r="#">{row}</{prefix}row>'
    head = HEAD.replace(b"<", b"<x:").replace(b"xmlns", b"xmlns:x") if prefix else HEAD
    yield from joined(head, (row.replace("#", str(n)).encode() for n in range(1, rows + 1)))


def noise(blocks: int) -> Iterator[bytes]:
    """Hexadecimal digits that hardly pack, 128 KiB at a time, always the same."""
    seeded = Random(1)
    yield from (seeded.randbytes(2**16).hex().encode() for _ in range(blocks))


def elements(blocks: int) -> Iterator[bytes]:
    """Empty elements of sixteen names."""
    for block in noise(blocks):
        yield b"".join(b"<%c/>" % (97 + digit % 16) for digit in block)


def joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def repacked(base: Path, path: Path, sheet: Iterator[bytes]) -> Path:
    """A workbook with another sheet."""
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name.endswith("sheet1.xml"):
                with new.open(name, "w") as part:
                    for piece in sheet:
                        part.write(piece)
            else:
                new.writestr(name, old.read(name))
    return path


def refusals(folder: Path, rounds: int = 50) -> Iterator[bool]:
    print("refusals")
    for name, path in hostile(folder):
        seconds, memory = alone(cost, path)
        try:
            opened(path)
        except WorkbookRejected as refused:
            print(f"  {name}: {refused.findings[-1].problem}")
        yield within(f"  {name}, seconds", seconds, SECONDS)
        yield within(f"  {name}, peak in MiB", memory / 2**20, MEMORY)
    write(1, path := folder / "small.xlsx")
    data = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("../evil.xml", b"<a/>")

    def refuse() -> None:
        try:
            book_of_bytes(data.getvalue(), "small.xlsx")
        except WorkbookRejected:
            return
        raise AssertionError

    yield within("a small hostile file, in ms", 1000 * median(cpu(refuse) for _ in range(rounds)), 1000 * SMALL)


def within(what: str, figure: float, limit: float | None) -> bool:
    held = limit is None or figure <= limit
    said = "no limit" if limit is None else f"at most {limit:g}{'' if held else ': PAST ITS LIMIT'}"
    print(f"  {what} {figure:.2f}, {said}")
    return held


def main() -> int:
    arguments = argparse.ArgumentParser(description="What reading costs.")
    arguments.add_argument("--few", action="store_true", help="10,000 rows instead of 100,000")
    rows = 10_000 if arguments.parse_args().few else 100_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        # growth comes first: a new process counts its parent's memory of that moment as a peak of
        # its own
        held = [*growth([rows // 100, rows // 10, rows], folder), *refusals(folder)]
        held += beside_others(folder / f"{rows}.xlsx", rows)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
