"""What a cell is worth in its column: its meaning, in the format that the column asks for."""

from __future__ import annotations

import re
from decimal import Decimal

from grantcalc.awards import SHAPES
from grantcalc.errors import shown
from grantcalc.io.intake.cells import CellValue, Misread, meaning
from grantcalc.io.schemas import Column

_NUMBERS = ("money", "count", "number", "ratio", "value")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
_IN_TEXT = {
    "number_as_text": "this number has a sign or a separator that is not read in text",
    "date_as_text": "this is not a date",
}
"""What is wrong with a text in a file where every cell is one."""


def worth(cell: CellValue, column: Column, *, text: bool = False) -> object:
    """What a cell means in its column, of the shape that the column asks for; `Misread` when it
    does not. The numbers of a file that holds only text are typed from it exactly."""
    if text and column.kind in _NUMBERS and _NUMBER.fullmatch(str(cell.value).strip()):
        cell = CellValue(cell.ref, Decimal(str(cell.value).strip()))
    try:
        value = meaning(cell, column)
    except Misread as wrong:
        if text:
            wrong.problem = _IN_TEXT.get(wrong.cause, wrong.problem)
        raise
    pattern, wanted = SHAPES.get(column.shape, (None, ""))
    if value is not None and pattern and not pattern.fullmatch(str(value)):
        problem = f"this is not in the format of {_an(column.shape)}"
        if pattern.fullmatch(str(value).upper()):
            problem, wanted = f"this {column.shape} has small letters", "capital letters"
        raise Misread("shape", problem, wanted, shown(str(value)))
    return value


def _an(shape: str) -> str:
    return f"an {shape}" if shape.startswith(("EIN", "Assistance")) else f"a {shape}"
