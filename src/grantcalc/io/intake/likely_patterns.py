"""How the cells of a column are probably written: the patterns of dates and numbers that all of
them have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from attrs import frozen

from grantcalc.io.intake.cells import CellValue, Doubt, Misread
from grantcalc.io.intake.patterns import DIGITS, SIGNS, TIME, ColumnPattern, column_pattern
from grantcalc.io.intake.worth import worth
from grantcalc.io.schemas import Column

DATE_TEXTS = (
    *("MM/DD/YYYY", "DD/MM/YYYY", "MM/DD/YY", "DD/MM/YY", "DD.MM.YYYY", "DD.MM.YY", "MM-DD-YYYY", "DD-MM-YYYY"),
    *("YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "DD-MMM-YYYY", "DD-MMM-YY", "DD MMM YYYY", "MMM DD, YYYY"),
    *("MMMM DD, YYYY", "DD MMMM YYYY"),
)
MONTH_TEXTS = ("MMM YYYY", "MMMM YYYY", "MMM-YY", "MMM YY", "MM/YYYY", "YYYY/MM", "YYYYMM")
_DIGIT = re.compile("[0-9]")
_NUMERIC = ("money", "count", "number", "ratio", "value")
_READ_AS_TEXT = {kind: word for word, kind in SIGNS.items()}


@frozen
class LikelyPattern:
    """The words of a pattern that every cell has, and those of others that every cell has too, with
    another meaning."""

    words: tuple[str, ...]
    others: tuple[str, ...] = ()


def reads(cell: CellValue, column: Column, *, text: bool) -> bool:
    """Whether a cell would be read in a column as it is."""
    try:
        return worth(cell, column, text=text) is not None
    except Misread:
        return False


def likely_pattern(cells: Sequence[CellValue], column: Column, *, text: bool) -> LikelyPattern | None:
    """The pattern by which every cell is read in a column; None where no pattern is needed, or none
    is enough."""
    if not cells or all(reads(cell, column, text=text) for cell in cells):
        return None
    return _of_values(tuple(dict.fromkeys(cell.value for cell in cells)), column.kind)


@lru_cache(maxsize=1024)
def _of_values(values: tuple[object, ...], kind: str) -> LikelyPattern | None:
    """A column of a user's is tried for many of ours, of few kinds."""
    if not all(isinstance(value, str) and _DIGIT.search(value) for value in values[:2]):
        return None
    if kind in ("date", "month", "months"):
        return _of_dates(values, DATE_TEXTS if kind == "date" else (*MONTH_TEXTS, *DATE_TEXTS), kind)
    return _of_numbers(values, kind) if kind in _NUMERIC else None


def month_headers(cells: Sequence[CellValue]) -> tuple[str, tuple[CellValue, ...]]:
    """The pattern of headers that are months or days, and those that have it: three or more; or
    nothing."""
    for text in (*MONTH_TEXTS, *DATE_TEXTS):
        pattern = column_pattern([text], "months")
        assert isinstance(pattern, ColumnPattern)
        heads = tuple(c for c in cells if isinstance(c.value, str) and pattern.read(c.value)[1])
        if len(heads) > 2:
            return text, heads
    return "", ()


def _read(pattern: ColumnPattern, values: Iterable[object]) -> list[object] | None:
    """The values by a pattern; None where one is not read by it."""
    read = []
    for value in values:
        meant = pattern.read(value)[0]
        if isinstance(meant, Doubt | str) and not _month(meant):
            return None
        read.append(meant)
    return read


def _month(value: object) -> bool:
    return isinstance(value, str) and len(value) == 7 and value[4] == "-"


def _of_dates(values: Sequence[object], texts: Sequence[str], kind: str) -> LikelyPattern | None:
    fits: list[tuple[str, list[object]]] = []
    for text in texts:
        for words in ([text], [text, TIME]):
            pattern = column_pattern(words, kind)
            if isinstance(pattern, ColumnPattern) and (read := _read(pattern, values)):
                fits.append((text, read))
                break
    if not fits:
        return None
    text, read = fits[0]
    others = tuple(other for other, said in fits[1:] if said != read)
    time = column_pattern([text], kind)
    assert isinstance(time, ColumnPattern)
    return LikelyPattern((text,) if _read(time, values) else (text, TIME), others)


def _of_numbers(values: Sequence[object], kind: str) -> LikelyPattern | None:
    signs = [word for word in SIGNS if word != "reversed"]
    fits: list[tuple[tuple[str, ...], list[object]]] = []
    for digits in DIGITS:
        pattern = column_pattern([digits, *signs], kind)
        assert isinstance(pattern, ColumnPattern)
        read = _read(pattern, values)
        if read:
            kinds = {kind for value in values for kind in pattern.read(value)[1]}
            fits.append(((digits, *(_READ_AS_TEXT[kind] for kind in sorted(kinds) if kind in _READ_AS_TEXT)), read))
    if not fits:
        return None
    words, read = fits[0]
    return LikelyPattern(words, tuple(other[0] for other, said in fits[1:] if said != read))
