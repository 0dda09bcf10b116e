"""Issued workbooks, changed in one place as a hand can change them, and what must follow from
it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries

from grantcalc.audit import input_files, reproduce
from grantcalc.io.intake.cells import CellValue, book_of_bytes, open_book
from grantcalc.xlsx.sheets import WorkbookDraft as Printed
from grantcalc.xlsx.writer import book_bytes

DOCUMENTS = ("claim", "detailed", "request", "ledger")


@contextmanager
def read_once() -> Iterator[None]:
    """Inputs never change here, so each is read once; and what is printed anew, and read, is the
    same each time."""
    printed: dict[str, bytes] = {}

    def print_once(book: Printed) -> bytes:
        if (content := repr(book)) not in printed:
            printed[content] = book_bytes(book)
        return printed[content]

    with pytest.MonkeyPatch.context() as once:
        once.setattr(input_files, "open_book", cache(open_book))
        once.setattr(reproduce, "book_bytes", print_once)
        once.setattr(reproduce, "book_of_bytes", cache(book_of_bytes))
        yield


# --- changing a workbook ---


def rewritten(path: Path, out: Path, change: Callable[[str, str], str]) -> Path:
    """A copy of a workbook, each part as `change` gives it for the part's name and text."""
    with ZipFile(path) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name).decode()))
    return out


@cache
def part_of(path: Path, sheet: str) -> str:
    return f"xl/worksheets/sheet{list(open_book(path).sheets).index(sheet) + 1}.xml"


def with_cell(path: Path, out: Path, sheet: str, ref: str, inside: str, kind: str = "") -> Path:
    """A copy with other content in one cell: its XML inside `<c>`, and its type."""
    part = part_of(path, sheet)
    pattern = re.compile(rf'<c r="{ref}"( s="\d+")[^>]*>.*?</c>', re.DOTALL)

    def change(name: str, text: str) -> str:
        if name != part:
            return text
        assert len(pattern.findall(text)) == 1, ref
        return pattern.sub(lambda match: f'<c r="{ref}"{match[1]}{kind}>{inside}</c>', text)

    return rewritten(path, out, change)


CHANGES: Mapping[str, tuple[str, str]] = {
    "another number": ("", "<v>{other}</v>"),
    "the same number, but for a fraction of a cent": ("", "<v>{near}</v>"),
    "a date": ("", "<v>40910</v>"),
    "a text": (' t="inlineStr"', "<is><t>Maria</t></is>"),
    "a truth": (' t="b"', "<v>1</v>"),
    "an error": (' t="e"', "<v>#REF!</v>"),
    "nothing": ("", ""),
    "no formula": ("", "<v>{value}</v>"),
    "another formula": ("", "<f>1+1</f><v>{value}</v>"),
    "another stored value": ("", "<f>{formula}</f><v>{other}</v>"),
}


LOOKS: Mapping[str, tuple[str, bool]] = {
    "a format that shows nothing": (";;;", False),
    "a format that shows thousands": ("#,##0.00,", False),
    "a format with a figure of its own": ("0.00&quot;1&quot;", False),
    "white text": ("", True),
}
WAYS = (*CHANGES, *LOOKS)


def changed(path: Path, out: Path, sheet: str, cell: CellValue, how: str) -> Path:
    """A copy of a workbook in which one cell was changed in one of these ways, and nothing else."""
    if how in LOOKS:
        return styled(path, out, sheet, cell.ref, *LOOKS[how])
    kind, inside = CHANGES[how]
    value = cell.value if isinstance(cell.value, int | float) else 7
    formula = escape(cell.formula.lstrip("="))
    text = inside.format(other=value + 1, near=f"{value + 0.001:.4f}", value=value, formula=formula)
    return with_cell(path, out, sheet, cell.ref, text, kind)


def applies(how: str, cell: CellValue) -> bool:
    if how in ("a format that shows thousands", "a format with a figure of its own"):
        return isinstance(cell.value, int | float | datetime | date)
    if how in LOOKS:
        return cell.value != ""
    if "formula" in how or "stored" in how:
        return bool(cell.formula)
    if "fraction" in how:
        return isinstance(cell.value, int | float)
    return how != "nothing" or cell.value != ""


def styled(path: Path, out: Path, sheet: str, ref: str, code: str = "", white: bool = False) -> Path:
    """A copy in which one cell has a style of its own: another number format, or white text."""
    with ZipFile(path) as package:
        styles, found = package.read("xl/styles.xml").decode(), package.read(part_of(path, sheet)).decode()
    xfs = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
    old = re.search(rf'<c r="{ref}" s="(\d+)"', found)
    assert xfs
    assert old
    all_xfs = re.findall(r"<xf .*?</xf>|<xf [^>]*/>", xfs[0], re.DOTALL)
    mine = all_xfs[int(old[1])]
    if code:
        mine = re.sub(r'numFmtId="\d+"', 'numFmtId="999"', mine)
        styles = re.sub("(<numFmts[^>]*>)", rf'\1<numFmt formatCode="{code}" numFmtId="999"></numFmt>', styles)
    if white:
        mine = re.sub(r'fontId="\d+"', f'fontId="{styles.count("<font>")}"', mine)
        styles = styles.replace("</fonts>", '<font><color rgb="FFFFFFFF"></color></font></fonts>')
    styles = styles.replace("</cellXfs>", f"{mine}</cellXfs>")
    once = rewritten(path, out.with_name("styles.xlsx"), lambda n, t: styles if n == "xl/styles.xml" else t)
    cell = f'<c r="{ref}" s="{len(all_xfs)}"'
    return rewritten(once, out, lambda n, t: t.replace(old[0], cell) if n == part_of(path, sheet) else t)


# --- what must follow, by another road than the code's ---


def dependents(path: Path, ref: str) -> set[str]:
    """The formulas that read a cell, or one that reads it, and so on; by openpyxl's own tokenizer,
    naively."""
    reads = {f"{sheet}!{c.ref}": {*_read_by(c.formula, sheet)} for sheet, c in cells(path) if c.formula}
    reached = {ref}
    while more := {formula for formula, read in reads.items() if read & reached} - reached:
        reached |= more
    return reached - {ref}


@cache
def _read_by(formula: str, sheet: str) -> list[str]:
    found = []
    for token in Tokenizer(formula).items:
        if token.subtype == "RANGE":
            name, _, area = token.value.rpartition("!")
            left, top, right, bottom = range_boundaries(area.replace("$", ""))
            where = name.strip("'") or sheet
            found += [
                f"{where}!{openpyxl.utils.get_column_letter(column)}{row}"
                for column in range(left or 1, (right or 1) + 1)
                for row in range(top or 1, (bottom or 1) + 1)
            ]
    return found


@cache
def cells(path: Path) -> list[tuple[str, CellValue]]:
    return [(sheet, cell) for sheet, rows in open_book(path).sheets.items() for _, row in rows for cell in row]
